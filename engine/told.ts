/**
 * What TypeScript has to hear of conversations that stay in the engine, in its order: it is told before the next packet
 * that it sees, and before the block is read over.
 */
import {
  CONTROL,
  TOLD_AT,
  TOLD_BYTES,
  TOLD_BYTES_AT,
  TOLD_COUNT,
  TOLD_FRAME,
  TOLD_HALF,
  TOLD_MAX,
  TOLD_PDU,
  TOLD_TIME,
} from '../src/engine/layout'

/* The segment whose PDUs may be told. */
let ofHalf: u32 = 0
let ofTime: f64 = 0
let ofFrame: f64 = 0
let isAllowed: bool = false

/** PDUs that come are of this half and segment; `allowed`: nothing is held of its peer, which would come first. */
export function tellsOf(half: u32, time: f64, frame: f64, allowed: bool): void {
  ofHalf = half
  ofTime = time
  ofFrame = frame
  isAllowed = allowed
}

/** Where it was written; there must be room. */
export function tells(what: u32, half: u32, time: f64, frame: f64): usize {
  const count = load<u32>(CONTROL, TOLD_COUNT << 2)
  const at = TOLD_AT + <usize>count * TOLD_BYTES
  store<f64>(at, <f64>what)
  store<f64>(at, <f64>half, TOLD_HALF << 3)
  store<f64>(at, time, TOLD_TIME << 3)
  store<f64>(at, frame, TOLD_FRAME << 3)
  store<u32>(CONTROL, count + 1, TOLD_COUNT << 2)
  return at
}

/** The first bytes of a PDU; false: it is for `frame`. There is room for what may have to be told after it. */
export function tellsPdu(start: usize, bytes: u32): bool {
  if (!isAllowed || load<u32>(CONTROL, TOLD_COUNT << 2) >= <u32>(TOLD_MAX - 1)) return false
  tellsBytes(tells(TOLD_PDU, ofHalf, ofTime, ofFrame), start, bytes)
  return true
}

/** With what was written at `at`: these bytes. */
export function tellsBytes(at: usize, start: usize, bytes: u32): void {
  store<u32>(at, <u32>start, TOLD_BYTES_AT << 2)
  store<u32>(at, bytes, (TOLD_BYTES_AT + 1) << 2)
}
