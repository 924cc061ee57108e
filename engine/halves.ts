/**
 * The numbers of a half of a conversation that is followed: what a packet changes that only goes on with what nobody wants.
 *
 * The same as `#passes` of src/stream/stream.ts; what it does not take is left to that.
 */
import {
  ACK_SENT,
  BYTES_SEEN,
  CONTROL,
  FAST_PATH_UNTIL,
  FRAMING_STATE,
  HALF_NUMBERS,
  KEEP_LEFT,
  LAST_FRAME,
  LAST_TIME,
  MODE,
  MODE_ALONE,
  MODE_CARRIER_MASK,
  MODE_NONE,
  NEXT_SEQ,
  NUMBERS,
  PASSED_FRAMED,
  PDU_LEFT,
} from '../src/engine/layout'
import { framed, framingState, leftOfPdu, steps } from './bulk'
import { ack, flags, payloadLength, payloadMissing, payloadStart, seq } from './segment'
import { endsInSignature } from './signature'

const TCP_ACK: u32 = 0x10
/** as much of a signature at the end of a segment is no accident any more */
const TAIL_BYTES_MIN: usize = 2

/** True when the numbers of this half have taken the segment; else nothing has changed. */
export function passes(slot: u32, isLow: bool, time: f64, frame: f64): bool {
  const half = NUMBERS + (((<usize>slot) << 1) + (isLow ? 0 : 1)) * (HALF_NUMBERS << 3)
  if (!(time < load<f64>(half, FAST_PATH_UNTIL << 3))) return false
  const length = payloadLength + payloadMissing
  if (length > 0) {
    const left = load<f64>(half, PDU_LEFT << 3)
    if (<f64>seq !== load<f64>(half, NEXT_SEQ << 3)) return false
    if (load<f64>(half, KEEP_LEFT << 3) > 0) return false
    if (<f64>length < left) {
      if (endsInSignature(payloadStart, payloadStart + payloadLength, TAIL_BYTES_MIN)) return false
      store<f64>(half, left - <f64>length, PDU_LEFT << 3)
    } else {
      const peer = isLow ? half + (HALF_NUMBERS << 3) : half - (HALF_NUMBERS << 3)
      const mode = load<u32>(half, MODE << 2)
      if (mode === MODE_NONE || payloadMissing > 0 || !((mode & MODE_ALONE) !== 0 || isInOrder(peer))) return false
      const carrier = mode & MODE_CARRIER_MASK
      const state = load<u32>(half, FRAMING_STATE << 2)
      const end = payloadStart + payloadLength
      if (!steps(payloadStart, end, left, carrier, state, load<u32>(peer, FRAMING_STATE << 2))) return false
      store<f64>(half, leftOfPdu, PDU_LEFT << 3)
      store<u32>(half, framingState, FRAMING_STATE << 2)
      store<u32>(CONTROL, load<u32>(CONTROL, PASSED_FRAMED << 2) + framed, PASSED_FRAMED << 2)
    }
    store<f64>(half, <f64>(seq + length), NEXT_SEQ << 3)
    store<f64>(half, time, LAST_TIME << 3)
    store<f64>(half, frame, LAST_FRAME << 3)
    store<f64>(half, load<f64>(half, BYTES_SEEN << 3) + <f64>payloadLength, BYTES_SEEN << 3)
  }
  if ((flags & TCP_ACK) !== 0) {
    const before = load<f64>(half, ACK_SENT << 3)
    if (before < 0 || <i32>(ack - <u32>before) > 0) store<f64>(half, <f64>ack, ACK_SENT << 3)
  }
  return true
}

/** Was everything of the opposite half seen that the segment acknowledges, or does what is missing lie in what nobody wants? See `isEarly` in sequence.ts. */
function isInOrder(peer: usize): bool {
  if ((flags & TCP_ACK) === 0) return true
  const next = load<f64>(peer, NEXT_SEQ << 3)
  if (next < 0) return true
  const missing = <i32>(ack - <u32>next)
  if (missing <= 1) return true
  if (load<u32>(peer, MODE << 2) === MODE_NONE || load<f64>(peer, KEEP_LEFT << 3) > 0) return false
  return load<f64>(peer, PDU_LEFT << 3) >= <f64>missing
}
