/**
 * Conversations in which nothing was said that anybody claims: they are followed here, from their first payload until
 * they are given up, and TypeScript makes an object of one only where it has to look at it.
 *
 * The same as `#follow` and `#giveUp` of src/stream/stream.ts, to which everything is left that is more than that.
 */
import {
  ACK_SENT,
  BYTES_SEEN,
  CLIENT_IS_LOW,
  CLIENT_SEQ,
  CONTROL,
  END_SEQ,
  FAST_PATH_UNTIL,
  FOLLOWED,
  FOLLOWED_ROOM,
  FOLLOWED_TCP,
  FOREIGN,
  HALF_NUMBERS,
  HELD_BITS,
  HELD_MASK,
  HELD_SHIFT,
  LAST_FRAME,
  LAST_TIME,
  LIST_COUNT,
  LIST_NEWEST,
  LIST_OLDEST,
  MISSED_TO,
  MODE,
  MODE_GSS,
  MODE_PATIENT,
  MODE_SEARCHING,
  NEWER_SLOT,
  NEXT_SEQ,
  NUMBERS,
  OLDER_SLOT,
  PASSED_CONNECTIONS,
  PASSED_FOREIGN_CONNECTIONS,
  PASSED_MIDSTREAM,
  PASSED_ONE_SIDED,
  PORT_KNOWN,
  PORTS_AT,
  PROBED_SHIFT,
  SERVER_SEQ,
  SLOT_CLIENT_IS_LOW,
  SLOT_ENTRY,
  SLOT_FLAGS,
  SLOT_FREE,
  SLOT_HAS_OBJECT,
  SLOT_NUMBERS,
  SLOT_SAW_START,
  SLOT_SEEN,
  SLOT_SHIFT,
  SLOTS,
  SLOTS_USED,
  START_FRAME,
  START_SEQ,
  START_TIME,
  STATE,
  STATE_MASK,
  STATE_SHIFT,
  SYN_ACK_SEEN,
  SYN_SEEN,
  TOUCH_MICROS,
  TOUCHED,
  UNCLAIMED,
} from '../src/engine/layout'
import { mayBeGss, mayBegin } from './begins'
import { add } from './counts'
import {
  ack,
  destinationPort,
  flags,
  payloadLength,
  payloadMissing,
  payloadStart,
  seq,
  sourcePort,
  TCP,
} from './segment'
import { endsInSignature } from './signature'
import { entryOf, fromLow, make } from './table'

const TCP_ACK: u32 = 0x10
/** what begins or ends something */
const TURNING: u32 = 0x07

export function slotAt(slot: u32): usize {
  return SLOTS + <usize>slot * (SLOT_NUMBERS << 3)
}

export function flagsOf(slot: u32): u32 {
  return load<u32>(slotAt(slot), SLOT_FLAGS << 2)
}

export function addFlag(slot: u32, flag: u32): void {
  const at = slotAt(slot)
  store<u32>(at, load<u32>(at, SLOT_FLAGS << 2) | flag, SLOT_FLAGS << 2)
}

/** What is held of a half (0: the lower one): see HELD_SHIFT. */
export function heldOf(slot: u32, upper: u32): u32 {
  return (flagsOf(slot) >>> (HELD_SHIFT + HELD_BITS * upper)) & HELD_MASK
}

export function holds(slot: u32, upper: u32, tail: u32): void {
  const at = slotAt(slot)
  const shift: u32 = HELD_SHIFT + HELD_BITS * upper
  store<u32>(at, (load<u32>(at, SLOT_FLAGS << 2) & ~((<u32>HELD_MASK) << shift)) | (tail << shift), SLOT_FLAGS << 2)
}

/** Of a flag of the lower half: the same one of this half. */
export function ofHalf(flag: u32, isLow: bool): u32 {
  return isLow ? flag : flag << 1
}

export function hasObject(slot: u32): bool {
  return (flagsOf(slot) & SLOT_HAS_OBJECT) !== 0
}

/**
 * The first payload of a conversation, of which nobody wants anything. `index`: of its entry, in which nobody has
 * spoken; -1: it has none. False: it is for TypeScript, and nothing has changed.
 */
export function follows(index: i32, second: i32, time: f64, frame: f64): bool {
  if (payloadLength === 0 || payloadMissing > 0 || (flags & TURNING) !== 0) return false
  if (load<i32>(CONTROL, (FOLLOWED_TCP + LIST_COUNT) << 2) >= load<i32>(CONTROL, FOLLOWED_ROOM << 2)) return false
  const word = index < 0 ? TCP : load<u32>(entryOf(index), STATE << 2)
  const sawStart = (word & (SYN_SEEN | SYN_ACK_SEEN)) !== 0
  const clientIsLow = (word & CLIENT_IS_LOW) !== 0
  let own: f64 = <f64>seq
  let other: f64 = -1
  let seen: u32 = 0
  if (sawStart) {
    const entry = entryOf(index)
    const isClient = fromLow === clientIsLow
    const client = <f64>(load<u32>(entry, CLIENT_SEQ << 2) + 1)
    const server = (word & SYN_ACK_SEEN) !== 0 ? <f64>(load<u32>(entry, SERVER_SEQ << 2) + 1) : -1
    own = isClient ? client : server
    other = isClient ? server : client
    if (own >= 0 && own !== <f64>seq) return false
    if ((word & SYN_SEEN) !== 0) seen |= ofHalf(SLOT_SEEN, clientIsLow)
    if ((word & SYN_ACK_SEEN) !== 0) seen |= ofHalf(SLOT_SEEN, !clientIsLow)
  }
  if ((flags & TCP_ACK) !== 0) {
    if (other < 0) {
      if (own >= 0) other = <f64>ack
    } else if (<i32>(ack - <u32>other) > 1) return false
  }
  const isPatient =
    ((load<u8>(PORTS_AT + <usize>sourcePort) | load<u8>(PORTS_AT + <usize>destinationPort)) & PORT_KNOWN) !== 0
  const mayBeInside = isPatient && !sawStart
  const end = payloadStart + payloadLength
  if (endsInSignature(payloadStart, end, 1) || (!mayBeInside && mayBeGss(payloadStart, end))) return false
  if (mayBegin(payloadStart, end)) return false
  const made = index < 0 ? make(TCP, second) : index
  if (made < 0) return false
  const slot = takeSlot()
  if (!sawStart) {
    add(PASSED_CONNECTIONS)
    add(PASSED_MIDSTREAM)
  }
  const below = word & ((1 << SLOT_SHIFT) - 1) & ~STATE_MASK
  store<u32>(entryOf(made), below | (FOLLOWED << STATE_SHIFT) | (slot << SLOT_SHIFT), STATE << 2)
  const mode: u32 = MODE_SEARCHING | (isPatient ? MODE_PATIENT : 0) | (mayBeInside ? 0 : MODE_GSS)
  const half = halfOf(slot, fromLow)
  const peer = halfOf(slot, !fromLow)
  const mine = ofHalf(SLOT_SEEN, fromLow)
  clear(half, mode | (1 << PROBED_SHIFT), own)
  clear(peer, mode, other)
  const until = time + <f64>TOUCH_MICROS
  store<f64>(half, until, FAST_PATH_UNTIL << 3)
  store<f64>(peer, (seen & ~mine) !== 0 ? until : -Infinity, FAST_PATH_UNTIL << 3)
  store<f64>(half, <f64>(seq + payloadLength), NEXT_SEQ << 3)
  store<f64>(half, time, LAST_TIME << 3)
  store<f64>(half, frame, LAST_FRAME << 3)
  store<f64>(half, <f64>payloadLength, BYTES_SEEN << 3)
  if ((flags & TCP_ACK) !== 0) store<f64>(half, <f64>ack, ACK_SENT << 3)
  const at = slotAt(slot)
  store<f64>(at, time, TOUCHED << 3)
  store<f64>(at, time, START_TIME << 3)
  store<f64>(at, frame, START_FRAME << 3)
  store<i32>(at, made, SLOT_ENTRY << 2)
  const start: u32 = sawStart ? SLOT_SAW_START | (clientIsLow ? SLOT_CLIENT_IS_LOW : 0) : 0
  store<u32>(at, seen | mine | start, SLOT_FLAGS << 2)
  append(slot)
  return true
}

/** It is the youngest now; halves on their fast path stay there for as long again. */
export function touches(slot: u32, time: f64): void {
  store<f64>(slotAt(slot), time, TOUCHED << 3)
  remove(slot)
  append(slot)
  for (let i = 0; i < 2; i++) {
    const half = halfOf(slot, i === 0)
    if (load<f64>(half, FAST_PATH_UNTIL << 3) >= 0) store<f64>(half, time + <f64>TOUCH_MICROS, FAST_PATH_UNTIL << 3)
  }
}

/** Nobody wants either half: of one without an object nothing is left but its entry. */
export function givesUp(slot: u32): void {
  const seen = flagsOf(slot) & (SLOT_SEEN | (SLOT_SEEN << 1))
  if (seen !== (SLOT_SEEN | (SLOT_SEEN << 1))) add(PASSED_ONE_SIDED)
  add(PASSED_FOREIGN_CONNECTIONS)
  const entry = entryOf(load<i32>(slotAt(slot), SLOT_ENTRY << 2))
  const word = load<u32>(entry, STATE << 2)
  store<u32>(entry, (word & ~STATE_MASK) | (FOREIGN << STATE_SHIFT) | UNCLAIMED, STATE << 2)
  remove(slot)
  store<i32>(slotAt(slot), load<i32>(CONTROL, SLOT_FREE << 2), NEWER_SLOT << 2)
  store<i32>(CONTROL, <i32>slot, SLOT_FREE << 2)
}

export function halfOf(slot: u32, isLow: bool): usize {
  return NUMBERS + (((<usize>slot) << 1) + (isLow ? 0 : 1)) * (HALF_NUMBERS << 3)
}

function clear(half: usize, mode: u32, next: f64): void {
  memory.fill(half, 0, HALF_NUMBERS << 3)
  store<f64>(half, next, NEXT_SEQ << 3)
  store<f64>(half, next, START_SEQ << 3)
  store<f64>(half, -1, ACK_SENT << 3)
  store<f64>(half, -1, END_SEQ << 3)
  store<f64>(half, -1, MISSED_TO << 3)
  store<u32>(half, mode, MODE << 2)
}

function takeSlot(): u32 {
  const free = load<i32>(CONTROL, SLOT_FREE << 2)
  if (free >= 0) {
    store<i32>(CONTROL, load<i32>(slotAt(<u32>free), NEWER_SLOT << 2), SLOT_FREE << 2)
    return <u32>free
  }
  const used = load<i32>(CONTROL, SLOTS_USED << 2)
  store<i32>(CONTROL, used + 1, SLOTS_USED << 2)
  return <u32>used
}

const OLDEST: usize = CONTROL + ((FOLLOWED_TCP + LIST_OLDEST) << 2)
const NEWEST: usize = CONTROL + ((FOLLOWED_TCP + LIST_NEWEST) << 2)
const COUNT: usize = CONTROL + ((FOLLOWED_TCP + LIST_COUNT) << 2)

function append(slot: u32): void {
  const newest = load<i32>(NEWEST)
  store<i32>(slotAt(slot), newest, OLDER_SLOT << 2)
  store<i32>(slotAt(slot), -1, NEWER_SLOT << 2)
  if (newest >= 0) store<i32>(slotAt(<u32>newest), <i32>slot, NEWER_SLOT << 2)
  else store<i32>(OLDEST, <i32>slot)
  store<i32>(NEWEST, <i32>slot)
  store<i32>(COUNT, load<i32>(COUNT) + 1)
}

function remove(slot: u32): void {
  const older = load<i32>(slotAt(slot), OLDER_SLOT << 2)
  const newer = load<i32>(slotAt(slot), NEWER_SLOT << 2)
  if (older >= 0) store<i32>(slotAt(<u32>older), newer, NEWER_SLOT << 2)
  else store<i32>(OLDEST, newer)
  if (newer >= 0) store<i32>(slotAt(<u32>newer), older, OLDER_SLOT << 2)
  else store<i32>(NEWEST, older)
  store<i32>(COUNT, load<i32>(COUNT) - 1)
}
