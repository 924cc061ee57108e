/**
 * The numbers of a half of a conversation that is followed: what a packet changes that only goes on with what nobody wants.
 *
 * The same as `#passes` of src/stream/stream.ts; what it does not take is left to that.
 */
import {
  ACK_SENT,
  BYTES_SEEN,
  FAST_PATH_UNTIL,
  HALF_NUMBERS,
  KEEP_LEFT,
  LAST_FRAME,
  LAST_TIME,
  NEXT_SEQ,
  NUMBERS,
  PDU_LEFT,
} from '../src/engine/layout'
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
    if (<f64>length >= left || load<f64>(half, KEEP_LEFT << 3) > 0) return false
    if (endsInSignature(payloadStart, payloadStart + payloadLength, TAIL_BYTES_MIN)) return false
    store<f64>(half, <f64>(seq + length), NEXT_SEQ << 3)
    store<f64>(half, left - <f64>length, PDU_LEFT << 3)
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
