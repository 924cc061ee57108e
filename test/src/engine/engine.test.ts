/**
 * Probing without code: what the automaton refuses, every carrier refuses. Over the first bytes of real segments, cut
 * everywhere and changed, and over bytes made from what carriers say themselves.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { beginsInGss } from '../../../decoders/carriers/unclaimed/unclaimed.ts'
import { END, type Opening, type Place } from '../../../decoders/parts/byte-class.ts'
import { CARRIERS } from '../../../decoders/registry.ts'
import { openCapture } from '../../../src/capture/open.ts'
import { Engine } from '../../../src/engine/engine.ts'
import { frameKey } from '../../../src/facts/frames.ts'
import { Network } from '../../../src/net/net.ts'
import { Segment } from '../../../src/net/segment.ts'
import { BUNDLED, capturesBelow } from '../../captures/folders.ts'
import { seededRandom } from '../../hostile.ts'

const SHOWN = 96
const probed = CARRIERS.filter(({ transport, context, unclaimed }) => transport === 'tcp' && !context && !unclaimed)
const engine = Engine.load(frameKey)!
const block = engine.block(4096)!
/** first bytes of TCP segments, each once */
const heads = new Map<string, Uint8Array>()

beforeAll(async () => {
  expect(engine.begins(probed.map(({ begins }) => begins ?? []))).toBe(true)
  for (const path of capturesBelow(BUNDLED)) {
    const { reader } = await openCapture(path, 0)
    const network = new Network()
    const segment = new Segment()
    for (let state = reader.next(); state !== 'end'; state = reader.next()) {
      if (state === 'starved') await reader.fill()
      else if (network.decode(reader.packet, segment) === 1 && segment.payloadLength > 0) {
        const { bytes, payloadStart, payloadLength } = segment
        const head = bytes.slice(payloadStart, payloadStart + Math.min(payloadLength, SHOWN))
        if (heads.size < 4000) heads.set(Buffer.from(head.subarray(0, 24)).toString('latin1'), head)
      }
    }
    await reader.close()
  }
})

function shown(bytes: Uint8Array): Uint8Array {
  block.fill(0x20)
  block.set(bytes)
  return block.subarray(0, bytes.length)
}

/** What contradicts the automaton, or null. */
function wronged(bytes: Uint8Array): string | null {
  const view = shown(bytes)
  const candidates = engine.candidates(view)
  if (candidates !== engine.candidates(Uint8Array.from(bytes)))
    return 'other candidates where the bytes stand elsewhere'
  if (engine.mayBegin(view) !== (candidates !== 0))
    return `${candidates} candidates: ${Buffer.from(bytes).toString('hex')}`
  for (const [number, { name, probe }] of probed.entries()) {
    if (((candidates >>> number) & 1) === 1) continue
    for (const side of ['client', 'server'] as const) {
      const answer = probe(bytes, side)
      if (answer !== 'other' && !(bytes.length >= 64 && answer === 'more'))
        return `${name} ${answer}: ${Buffer.from(bytes).toString('hex')}`
    }
  }
  if (beginsInGss(bytes, 0, bytes.length) && !engine.mayBeGss(view)) return `gss: ${Buffer.from(bytes).toString('hex')}`
  return null
}

describe('what cannot begin a conversation', () => {
  it('every carrier of TCP says how it may begin', () => {
    expect(probed.filter(({ begins }) => begins === undefined).map(({ name }) => name)).toEqual([])
  })

  it('is refused by every carrier: first bytes of real segments, cut and changed', () => {
    const random = seededRandom(5)
    let refused = 0
    for (const head of heads.values()) {
      for (let length = 1; length <= head.length; length += length < 24 ? 1 : 9)
        expect(wronged(head.subarray(0, length))).toBeNull()
      for (let round = 0; round < 12; round++) {
        const changed = head.slice(0, 1 + (random() % head.length))
        for (let i = 0; i <= random() % 3; i++) changed[random() % Math.min(changed.length, 20)] = random() & 255
        expect(wronged(changed)).toBeNull()
        if (!engine.mayBegin(shown(changed))) refused++
      }
    }
    expect(heads.size).toBeGreaterThan(500)
    expect(refused).toBeGreaterThan(1000)
  })

  it('is refused by every carrier: bytes made of what they say, with one off', () => {
    const random = seededRandom(6)
    for (const beginning of probed.flatMap(({ begins }) => begins ?? [])) {
      for (let round = 0; round < 400; round++) {
        const bytes = made(beginning, random)
        if (round % 2 === 1 && bytes.length > 0) bytes[random() % bytes.length] = random() & 255
        const rest = Array.from({ length: random() % 3 === 0 ? 0 : random() % 80 }, () => random() & 255)
        if (bytes.length + rest.length > 0) expect(wronged(Uint8Array.from([...bytes, ...rest]))).toBeNull()
      }
    }
  })

  it.each([
    ['random', (random: () => number) => random() & 255],
    ['zeros', () => 0],
    [
      'base64',
      (random: () => number) =>
        'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'.charCodeAt(random() % 64),
    ],
    [
      'text',
      (random: () => number) =>
        'the quick brown fox jumps over a lazy dog and so it goes on  '.charCodeAt(random() % 60),
    ],
  ] as const)('%s is refused nearly always', (_, next) => {
    const random = seededRandom(9)
    let refused = 0
    for (let round = 0; round < 2000; round++)
      if (!engine.mayBegin(shown(Uint8Array.from({ length: 200 }, () => next(random))))) refused++
    expect(refused).toBeGreaterThan(1900)
  })
})

function made(beginning: Opening, random: () => number): number[] {
  return beginning.flatMap((place: Place) => {
    if (place === END) return []
    if (typeof place === 'object' && place !== null && 'many' in place)
      return Array.from({ length: 1 + (random() % place.most) }, () => place.many[random() % place.many.length]!)
    const choice = place === null ? [random() & 255] : typeof place === 'number' ? [place] : place
    return [choice[random() % choice.length]!]
  })
}
