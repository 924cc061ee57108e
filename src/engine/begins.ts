/**
 * How conversations may begin, as one automaton for all carriers: a bit for each place of each beginning, in words of
 * 64 bits; the places of one beginning stand in one word, in their order. layout.ts says where what is written,
 * engine/begins.ts runs it.
 */
import { END, type Opening, type Run } from '../../decoders/parts/byte-class.ts'
import {
  BEGIN_ACCEPT,
  BEGIN_BYTE_BYTES,
  BEGIN_CARRIERS,
  BEGIN_CARRIERS_MAX,
  BEGIN_LOOP,
  BEGIN_MASKS,
  BEGIN_START,
  BEGIN_STEPS,
  BEGIN_STEPS_MAX,
  BEGIN_WORDS,
} from './layout.ts'

const WORD_BITS = 64

/** Writes the automaton of carriers into `bytes`, which begins at BEGINS and is empty; false where it does not fit. */
export function writeBegins(bytes: Uint8Array, carriers: readonly (readonly Opening[])[]): boolean {
  if (carriers.length > BEGIN_CARRIERS_MAX) return false
  const set = (part: number, bit: number) => (bytes[part + (bit >> 3)]! |= 1 << (bit & 7))
  const used = new Array<number>(BEGIN_WORDS).fill(0)
  /** places that every byte may fill */
  const any = new Uint8Array(BEGIN_BYTE_BYTES)
  for (const { beginning, of } of distinct(carriers)) {
    const places = beginning.filter((place) => place !== END)
    const word = used.findIndex((bits) => bits + places.length <= WORD_BITS)
    if (word < 0) return false
    const first = word * WORD_BITS + used[word]!
    used[word]! += places.length
    set(BEGIN_START, first)
    if (beginning.at(-1) !== END) set(BEGIN_ACCEPT, first + places.length - 1)
    let earliest = 0
    let latest = 0
    for (const [index, place] of places.entries()) {
      const bit = first + index
      for (const carrier of of) set(BEGIN_CARRIERS + carrier * BEGIN_BYTE_BYTES, bit)
      const run = isRun(place) ? place : null
      if (run !== null) set(BEGIN_LOOP, bit)
      const most = run?.most ?? 1
      for (let step = earliest; step < Math.min(latest + most, BEGIN_STEPS_MAX); step++)
        set(BEGIN_STEPS + step * BEGIN_BYTE_BYTES, bit)
      earliest++
      latest += most
      const allowed = isRun(place) ? place.many : place
      if (allowed === null) any[bit >> 3]! |= 1 << (bit & 7)
      else if (typeof allowed === 'number') set(BEGIN_MASKS + allowed * BEGIN_BYTE_BYTES, bit)
      else for (const byte of allowed) set(BEGIN_MASKS + byte * BEGIN_BYTE_BYTES, bit)
    }
  }
  // a run may be short: most of what stands here is done for each place once, not for each byte
  for (let place = 0; place < any.length; place++) {
    if (any[place] === 0) continue
    for (let byte = 0; byte < 256; byte++) bytes[BEGIN_MASKS + byte * BEGIN_BYTE_BYTES + place]! |= any[place]!
  }
  return true
}

function isRun(place: Opening[number]): place is Run {
  return typeof place === 'object' && place !== null && 'many' in place
}

interface Shared {
  readonly beginning: Opening
  /** numbers of the carriers that may begin so */
  readonly of: number[]
}

function distinct(carriers: readonly (readonly Opening[])[]): readonly Shared[] {
  const shared = new Map<string, Shared>()
  for (const [carrier, beginnings] of carriers.entries())
    for (const beginning of beginnings) {
      const key = JSON.stringify(beginning)
      const known = shared.get(key)
      if (known === undefined) shared.set(key, { beginning, of: [carrier] })
      else known.of.push(carrier)
    }
  return [...shared.values()].sort((a, b) => b.beginning.length - a.beginning.length)
}
