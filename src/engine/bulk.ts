/**
 * Shapes of PDUs that nobody wants, written down for the engine: layout.ts says where what stands.
 */
import type { Bulk } from '../../decoders/carrier.ts'
import { bitsOf } from '../../decoders/parts/byte-class.ts'
import {
  BULK_BYTES,
  BULK_CARRIERS_MAX,
  BULK_CLEAR,
  BULK_FIRST,
  BULK_HEAD,
  BULK_HEAD_BYTES,
  BULK_INTERVAL,
  BULK_KEEP,
  BULK_KEEP_WHOLE,
  BULK_LENGTH_ADD,
  BULK_LENGTH_AT,
  BULK_LENGTH_MAX,
  BULK_LENGTH_MIN,
  BULK_LENGTH_OCTETS,
  BULK_MASK,
  BULK_NEXT,
  BULK_PART_ADD,
  BULK_PART_AT,
  BULK_PART_OCTETS,
  BULK_PEER_CLEAR,
  BULK_PEER_SET,
  BULK_PLACE_BYTES,
  BULK_PLACES,
  BULK_SET,
} from './layout.ts'

const LITTLE = 0x100

/** Fills `words`, of BULK_BYTES; false where the shapes of so many carriers do not fit. */
export function writeBulk(words: Int32Array, carriers: readonly (readonly Bulk[])[]): boolean {
  const places = carriers.flat().reduce((sum, { bytes }) => sum + bytes.length, 0)
  const bytes = carriers.length * 4 + carriers.flat().length * BULK_HEAD_BYTES + places * BULK_PLACE_BYTES
  if (carriers.length > BULK_CARRIERS_MAX || bytes + (BULK_CARRIERS_MAX + 1) * 4 > BULK_BYTES) return false
  let at = BULK_CARRIERS_MAX + 1
  for (const [index, shapes] of carriers.entries()) {
    words[index + 1] = at * 4
    for (const shape of shapes) at = writeShape(words, at, shape)
    words[at++] = 0
  }
  return true
}

function writeShape(words: Int32Array, at: number, shape: Bulk): number {
  const { length, part, sampled } = shape
  words[at + BULK_NEXT] = BULK_HEAD_BYTES + shape.bytes.length * BULK_PLACE_BYTES
  words[at + BULK_HEAD] = shape.head
  words[at + BULK_LENGTH_AT] = length.at
  words[at + BULK_LENGTH_OCTETS] = length.octets + (length.little ? LITTLE : 0)
  words[at + BULK_LENGTH_ADD] = length.add
  words[at + BULK_LENGTH_MIN] = length.min
  words[at + BULK_LENGTH_MAX] = length.max
  words[at + BULK_PART_AT] = part?.at ?? 0
  words[at + BULK_PART_OCTETS] = part === undefined ? 0 : part.octets + (part.little ? LITTLE : 0)
  words[at + BULK_PART_ADD] = part?.add ?? 0
  words[at + BULK_CLEAR] = shape.clear ?? 0
  words[at + BULK_PEER_CLEAR] = shape.peerClear ?? 0
  words[at + BULK_SET] = shape.set ?? 0
  words[at + BULK_PEER_SET] = shape.peerSet ?? 0
  words[at + BULK_MASK] = sampled?.mask ?? 0
  words[at + BULK_FIRST] = sampled?.first ?? 0
  words[at + BULK_INTERVAL] = sampled?.interval ?? 0
  words[at + BULK_KEEP] = sampled?.keep ?? 0
  words[at + BULK_KEEP_WHOLE] = sampled?.keepWhole ?? 0
  words[at + BULK_PLACES] = shape.bytes.length
  let place = at + BULK_HEAD_BYTES / 4
  for (const [offset, bytes] of shape.bytes) {
    words[place] = offset
    words.set(bitsOf(bytes), place + 1)
    place += BULK_PLACE_BYTES / 4
  }
  return place
}
