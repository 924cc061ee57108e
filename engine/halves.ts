/**
 * The numbers of a half of a conversation that is followed: what a packet changes that only goes on with what nobody
 * wants.
 *
 * The same as `#passes` of src/stream/stream.ts; what it does not take is left to that.
 */
import {
  ACK_SENT,
  BYTES_SEEN,
  CONTROL,
  END_SEQ,
  FAST_PATH_UNTIL,
  FRAMING_STATE,
  HALF_NUMBERS,
  HELD_ANY,
  KEEP_LEFT,
  LAST_FRAME,
  LAST_TIME,
  MODE,
  MODE_ALONE,
  MODE_CARRIER_MASK,
  MODE_GSS,
  MODE_MASK,
  MODE_NONE,
  MODE_OPENED,
  MODE_PATIENT,
  MODE_SEARCHING,
  MODE_UNCLAIMED,
  NEXT_SEQ,
  PASSED_FRAMED,
  PASSED_LOST_SKIPPED,
  PDU_LEFT,
  PROBE_SEGMENTS_MAX,
  PROBED_MAX,
  PROBED_SHIFT,
  SLOT_ENDED,
  SLOT_SEEN,
  SLOT_UNCLAIMED,
  TOLD_COUNT,
  TOLD_END,
  TOLD_MAX,
  TOLD_SEALED,
} from '../src/engine/layout'
import { mayBeGss, mayBegin } from './begins'
import { framed, framingState, leftOfPdu, steps } from './bulk'
import { addFlag, flagsOf, givesUp, halfOf, hasObject, heldOf, holds, ofHalf, touches } from './follow'
import { ack, flags, payloadLength, payloadMissing, payloadStart, seq } from './segment'
import { endsInSignature, goesOn, TOO_LONG, tailOf } from './signature'
import { tells, tellsBytes, tellsOf } from './told'

const TCP_ACK: u32 = 0x10
/** as much of a signature at the end of a segment is no accident any more */
const TAIL_BYTES_MIN: usize = 2
const SMALL_BYTES: u32 = 16

/** True when the numbers of this half have taken the segment; else nothing has changed. */
export function passes(slot: u32, isLow: bool, time: f64, frame: f64): bool {
  const half = halfOf(slot, isLow)
  let until = load<f64>(half, FAST_PATH_UNTIL << 3)
  const isFirst = until < 0
  if (isFirst) {
    // the first packet of a half of which none was seen, where nothing else is in the way
    until = load<f64>(halfOf(slot, !isLow), FAST_PATH_UNTIL << 3)
    if (until < 0 || (flagsOf(slot) & ofHalf(SLOT_SEEN, isLow)) !== 0) return false
  }
  const length = payloadLength + payloadMissing
  if (length === 0) {
    acknowledges(half)
    if (isFirst) meets(slot, isLow, until)
    return true
  }
  const index = (slot << 1) + (isLow ? 0 : 1)
  isGivenUp = false
  if (!said(half, index, length, time, frame)) return false
  if (isGivenUp) return true
  if (isFirst) meets(slot, isLow, until)
  if (time > until) touches(slot, time)
  return true
}

/** A packet of this half was seen: it has its fast path too, and the opposite one is not alone. */
function meets(slot: u32, isLow: bool, until: f64): void {
  const peer = halfOf(slot, !isLow)
  addFlag(slot, ofHalf(SLOT_SEEN, isLow))
  store<f64>(halfOf(slot, isLow), until, FAST_PATH_UNTIL << 3)
  store<u32>(peer, load<u32>(peer, MODE << 2) & ~MODE_ALONE, MODE << 2)
}

/**
 * The first FIN of a conversation, without payload: nothing is over yet, but nothing passes here any more. Its object
 * is told by TypeScript.
 */
export function ends(slot: u32, isLow: bool, time: f64, frame: f64): bool {
  const half = halfOf(slot, isLow)
  if (payloadLength + payloadMissing > 0 || load<f64>(half, FAST_PATH_UNTIL << 3) < 0) return false
  if ((load<u32>(half, MODE << 2) & MODE_UNCLAIMED) !== 0 || (flagsOf(slot) & HELD_ANY) !== 0) return false
  if (hasObject(slot)) {
    if (load<u32>(CONTROL, TOLD_COUNT << 2) === TOLD_MAX) return false
    tells(TOLD_END, (slot << 1) + (isLow ? 0 : 1), time, frame)
  } else addFlag(slot, ofHalf(SLOT_ENDED, isLow))
  acknowledges(half)
  store<f64>(half, <f64>seq, END_SEQ << 3)
  for (let i = 0; i < 2; i++) {
    const each = halfOf(slot, i === 0)
    store<f64>(each, -Infinity, FAST_PATH_UNTIL << 3)
    store<u32>(each, load<u32>(each, MODE << 2) & ~MODE_MASK, MODE << 2)
  }
  return true
}

/** The same of a segment with payload, whenever it comes. */
function said(half: usize, index: u32, length: u32, time: f64, frame: f64): bool {
  const left = load<f64>(half, PDU_LEFT << 3)
  const mode = load<u32>(half, MODE << 2)
  const next = load<f64>(half, NEXT_SEQ << 3)
  if ((mode & MODE_OPENED) !== 0) return saidSealed(half, index, mode, time, frame)
  const isNext = (<f64>seq === next || next < 0) && !(load<f64>(half, KEEP_LEFT << 3) > 0)
  if (isNext && <f64>length < left && !endsInSignature(payloadStart, payloadStart + payloadLength, TAIL_BYTES_MIN)) {
    store<f64>(half, left - <f64>length, PDU_LEFT << 3)
    if (payloadMissing > 0) {
      const lost = CONTROL + PASSED_LOST_SKIPPED
      store<f64>(lost, load<f64>(lost) + <f64>payloadMissing)
    }
    took(half, time, frame)
    return true
  }
  if ((mode & MODE_UNCLAIMED) !== 0) {
    if (mayGoOn()) return false
    acknowledges(half)
    return true
  }
  const peer = peerOf(half, index)
  if (!isNext || <f64>length < left || payloadMissing > 0 || (mode & MODE_MASK) === MODE_NONE) return false
  if ((mode & MODE_ALONE) === 0 && !isInOrder(peer)) return false
  if ((mode & MODE_SEARCHING) !== 0) {
    const tail = tailOf(payloadStart, payloadStart + payloadLength)
    const held = heldOf(index >>> 1, index & 1)
    if (!isNobodys(mode, held, tail)) return false
    if (tail === 0) {
      const isLast = (mode & MODE_PATIENT) === 0 && (<i32>mode >> PROBED_SHIFT) + 1 >= PROBE_SEGMENTS_MAX
      if (isLast && (hasObject(index >>> 1) || !endsHere(half, peer, index))) return false
      store<u32>(half, probedOnce(load<u32>(half, MODE << 2)), MODE << 2)
      if (held !== 0 && !isGivenUp) holds(index >>> 1, index & 1, 0)
    } else holds(index >>> 1, index & 1, tail)
  } else {
    const state = load<u32>(half, FRAMING_STATE << 2)
    const peerState = load<u32>(peer, FRAMING_STATE << 2)
    const end = payloadStart + payloadLength
    const told = load<u32>(CONTROL, TOLD_COUNT << 2)
    // of a peer with a carrier and at the end of a PDU nothing is held
    const peerMode = load<u32>(peer, MODE << 2)
    const isFree = (peerMode & MODE_CARRIER_MASK) !== 0 && (peerMode & (MODE_SEARCHING | MODE_UNCLAIMED)) === 0
    tellsOf(index, time, frame, isFree)
    if (!steps(payloadStart, end, left, mode & MODE_CARRIER_MASK, state, peerState)) {
      store<u32>(CONTROL, told, TOLD_COUNT << 2)
      return false
    }
    store<f64>(half, leftOfPdu, PDU_LEFT << 3)
    store<u32>(half, framingState, FRAMING_STATE << 2)
    store<u32>(CONTROL, load<u32>(CONTROL, PASSED_FRAMED << 2) + framed, PASSED_FRAMED << 2)
  }
  took(half, time, frame)
  return true
}

/** The same of a half that somebody opens: its next bytes are told, in the order of both halves. */
function saidSealed(half: usize, index: u32, mode: u32, time: f64, frame: f64): bool {
  if (<f64>seq !== load<f64>(half, NEXT_SEQ << 3) || payloadMissing > 0) return false
  if ((mode & MODE_ALONE) === 0 && !isInOrder(peerOf(half, index))) return false
  if (load<u32>(CONTROL, TOLD_COUNT << 2) === TOLD_MAX) return false
  tellsBytes(tells(TOLD_SEALED, index, time, frame), payloadStart, payloadLength)
  store<f64>(half, <f64>(seq + payloadLength), NEXT_SEQ << 3)
  acknowledges(half)
  return true
}

function peerOf(half: usize, index: u32): usize {
  return (index & 1) === 0 ? half + (HALF_NUMBERS << 3) : half - (HALF_NUMBERS << 3)
}

/**
 * A signature may begin at the end of this segment: in small ones its first byte is enough, since it may span several.
 */
export function mayGoOn(): bool {
  const least: usize = payloadLength <= SMALL_BYTES ? 1 : TAIL_BYTES_MIN
  return endsInSignature(payloadStart, payloadStart + payloadLength, least)
}

function took(half: usize, time: f64, frame: f64): void {
  store<f64>(half, <f64>(seq + payloadLength + payloadMissing), NEXT_SEQ << 3)
  store<f64>(half, time, LAST_TIME << 3)
  store<f64>(half, frame, LAST_FRAME << 3)
  store<f64>(half, load<f64>(half, BYTES_SEEN << 3) + <f64>payloadLength, BYTES_SEEN << 3)
  acknowledges(half)
}

function acknowledges(half: usize): void {
  if ((flags & TCP_ACK) === 0) return
  const before = load<f64>(half, ACK_SENT << 3)
  if (before < 0 || <i32>(ack - <u32>before) > 0) store<f64>(half, <f64>ack, ACK_SENT << 3)
}

/** shorter segments are for TypeScript where something is held: a signature may span several */
const HELD_BYTES_MIN: u32 = 32

/**
 * Bytes where a PDU may begin, and none does: see `#search` in src/stream/framer.ts. `held`: what the half held before
 * them, which they do not go on with; `tail`: what it holds of them from now on.
 */
function isNobodys(mode: u32, held: u32, tail: u32): bool {
  const end = payloadStart + payloadLength
  if (tail === TOO_LONG || ((held | tail) !== 0 && payloadLength < HELD_BYTES_MIN)) return false
  if (held !== 0 && goesOn(held, payloadStart)) return false
  if ((mode & MODE_GSS) !== 0 && mayBeGss(payloadStart, end)) return false
  return !mayBegin(payloadStart, end)
}

/** `said` has given the conversation up: its numbers are nobody's any more. */
let isGivenUp: bool = false

/**
 * The last segment in which a beginning is looked for: the half is given up, and where nobody wants the opposite one
 * either, the conversation. False: that is for TypeScript, and nothing has changed.
 */
function endsHere(half: usize, peer: usize, index: u32): bool {
  const slot = index >>> 1
  const seen = flagsOf(slot)
  const mine: u32 = index & 1
  const isPeerGivenUp = (seen & (SLOT_UNCLAIMED << (1 - mine))) !== 0
  const isOver = isPeerGivenUp || load<f64>(peer, BYTES_SEEN << 3) === 0
  // what the opposite half has said, and nobody has seen, is a hole
  if (isOver && !isPeerGivenUp && (seen & (SLOT_SEEN << (1 - mine))) !== 0) {
    const next = load<f64>(peer, NEXT_SEQ << 3)
    const sent = load<f64>(half, ACK_SENT << 3)
    if (next >= 0 && sent >= 0 && <i32>(<u32>sent - <u32>next) > 1) return false
    if (next >= 0 && (flags & TCP_ACK) !== 0 && <i32>(ack - <u32>next) > 1) return false
  }
  addFlag(slot, SLOT_UNCLAIMED << mine)
  store<u32>(half, (load<u32>(half, MODE << 2) & ~MODE_MASK) | MODE_UNCLAIMED, MODE << 2)
  if (!isOver) return true
  isGivenUp = true
  if ((seen & (SLOT_SEEN << mine)) === 0) addFlag(slot, SLOT_SEEN << mine)
  givesUp(slot)
  return true
}

function probedOnce(mode: u32): u32 {
  const probed = <i32>mode >> PROBED_SHIFT
  return probed < PROBED_MAX ? mode + (1 << PROBED_SHIFT) : mode
}

/**
 * Was everything of the opposite half seen that the segment acknowledges, or does what is missing lie in what nobody
 * wants? See `isEarly` in sequence.ts.
 */
function isInOrder(peer: usize): bool {
  if ((flags & TCP_ACK) === 0) return true
  const next = load<f64>(peer, NEXT_SEQ << 3)
  if (next < 0) return true
  const missing = <i32>(ack - <u32>next)
  if (missing <= 1) return true
  const mode = load<u32>(peer, MODE << 2)
  if ((mode & MODE_UNCLAIMED) !== 0) return true
  if ((mode & MODE_CARRIER_MASK) === MODE_NONE || load<f64>(peer, KEEP_LEFT << 3) > 0) return false
  return load<f64>(peer, PDU_LEFT << 3) >= <f64>missing
}
