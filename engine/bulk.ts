/**
 * Framing by description: PDUs that nobody wants, told by the shapes that their carrier gives as data (`Bulk` in
 * decoders/carrier.ts).
 *
 * What it does to a half is what src/stream/framer.ts does with such PDUs; a PDU without a shape is left to that, with
 * the whole segment.
 */
import {
  BULK,
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
  CONTROL,
  HEADS_CARRIER,
} from '../src/engine/layout'
import { be16, be32 } from './bytes'
import { headState, messageLength } from './heads'
import { endsInSignature } from './signature'
import { tellsPdu } from './told'

/* What `steps` has found. */
/** bytes of the last PDU that are still to come */
export let leftOfPdu: f64 = 0
/** `Framing.state` of the half */
export let framingState: u32 = 0
/** PDUs that began, and of which nothing is kept */
export let framed: u32 = 0

/**
 * Steps over the PDUs in a payload, of which the first `begun` bytes belong to one that is under way. False: something
 * is for `frame`.
 */
export function steps(start: usize, end: usize, begun: f64, carrier: u32, before: u32, peerState: u32): bool {
  leftOfPdu = begun
  framingState = before
  framed = 0
  let at = start
  while (at < end) {
    if (leftOfPdu === 0) {
      const length = lengthOf(at, <u32>(end - at), carrier, peerState)
      if (length === 0) return false
      leftOfPdu = <f64>length
      if (!isTold) framed++
    }
    const there = <f64>(end - at)
    const step = leftOfPdu < there ? leftOfPdu : there
    const next = at + <usize>step
    // a token may begin at the end of what is stepped over
    if (endsInSignature(at, next, 1)) return false
    leftOfPdu -= step
    at = next
  }
  return true
}

/** the PDU that `lengthOf` has found is wanted, and was told */
let isTold: bool = false

/**
 * The length of the PDU at `at`, of which `there` bytes are there; 0: it has none of the shapes, or is one of the
 * sampled ones.
 */
function lengthOf(at: usize, there: u32, carrier: u32, peerState: u32): u32 {
  isTold = false
  if (carrier === load<u32>(CONTROL, HEADS_CARRIER << 2)) {
    const length = messageLength(at, at + there, framingState, peerState)
    if (length !== 0) framingState = headState
    return length
  }
  let shape: usize = BULK + <usize>load<u32>(BULK + ((<usize>carrier) << 2))
  let next = load<u32>(shape, BULK_NEXT << 2)
  for (; next !== 0; shape += next, next = load<u32>(shape, BULK_NEXT << 2)) {
    if (there < load<u32>(shape, BULK_HEAD << 2) || !hasPlaces(at, shape)) continue
    if ((framingState & load<u32>(shape, BULK_CLEAR << 2)) !== 0) return 0
    if ((peerState & load<u32>(shape, BULK_PEER_CLEAR << 2)) !== 0) return 0
    const set = load<u32>(shape, BULK_SET << 2)
    const peerSet = load<u32>(shape, BULK_PEER_SET << 2)
    if ((framingState & set) !== set || (peerState & peerSet) !== peerSet) return 0
    const length =
      number(at + load<u32>(shape, BULK_LENGTH_AT << 2), load<u32>(shape, BULK_LENGTH_OCTETS << 2)) +
      load<u32>(shape, BULK_LENGTH_ADD << 2)
    if (length < load<u32>(shape, BULK_LENGTH_MIN << 2) || length > load<u32>(shape, BULK_LENGTH_MAX << 2)) return 0
    const partOctets = load<u32>(shape, BULK_PART_OCTETS << 2)
    if (partOctets !== 0) {
      const part = number(at + load<u32>(shape, BULK_PART_AT << 2), partOctets)
      if (part > 0 && part + load<u32>(shape, BULK_PART_ADD << 2) > length) return 0
    }
    return isCounted(shape, at, length, there) ? length : 0
  }
  return 0
}

function hasPlaces(at: usize, shape: usize): bool {
  let place = shape + (BULK_HEAD_BYTES as usize)
  const end = place + <usize>load<u32>(shape, BULK_PLACES << 2) * BULK_PLACE_BYTES
  for (; place < end; place += BULK_PLACE_BYTES) {
    const byte = <u32>load<u8>(at + load<u32>(place))
    if (((load<u32>(place + ((<usize>byte >> 5) << 2), 4) >>> (byte & 31)) & 1) === 0) return false
  }
  return true
}

/** Counts the message, and tells one that is wanted where all of it is there; false: it is for `frame`. */
function isCounted(shape: usize, at: usize, length: u32, there: u32): bool {
  const mask = load<u32>(shape, BULK_MASK << 2)
  if (mask === 0) return true
  const first = load<u32>(shape, BULK_FIRST << 2)
  const count = framingState & mask
  const isTurned = count >= first + load<u32>(shape, BULK_INTERVAL << 2) - 1
  if (count < first || isTurned) {
    const keep = load<u32>(shape, BULK_KEEP << 2)
    if (keep === 0 || length > there) return false
    const isWhole = length <= keep || length <= load<u32>(shape, BULK_KEEP_WHOLE << 2)
    if (!tellsPdu(at, isWhole ? length : keep)) return false
    isTold = true
  }
  framingState = (framingState & ~mask) | (isTurned ? first : count + 1)
  return true
}

/** `octets`: 2, 3 or 4, and 0x100 where it is little-endian. */
function number(at: usize, octets: u32): u32 {
  switch (octets) {
    case 2:
      return be16(at)
    case 3:
      return be32(at) >>> 8
    case 0x102:
      return <u32>load<u16>(at)
    default:
      return be32(at)
  }
}
