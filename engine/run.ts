/**
 * The loop over packets: runs over a block of a capture until a packet comes that TypeScript must see.
 *
 * What passes here changes what src/reading, src/net and src/stream would have changed, and nothing else: the table,
 * the numbers of halves, the counts in CONTROL. What is uncommon in any way is left to them.
 */
import {
  CLOSED,
  CONTACT_PORT,
  CONTROL,
  FIRST_BYTES,
  FOLLOWED,
  FOREIGN,
  FORM,
  FORM_BIG,
  FORM_CAPTURED_MAX,
  FORM_HEADER,
  FORM_INTERFACES,
  FORM_LINK,
  FORM_PCAP,
  FORM_UNITS,
  FRAME,
  INTERFACE_BYTES,
  INTERFACE_LINK,
  INTERFACE_OFFSET,
  INTERFACE_PER_TICK,
  INTERFACE_REST,
  INTERFACE_WHOLE,
  INTERFACES,
  LAST_SEGMENT_FRAME,
  LAST_SEGMENT_TIME,
  LIMIT_CLOSED,
  LIMIT_TIME,
  MARKED,
  PASSED,
  PASSED_CAPTURED,
  PASSED_CUT,
  PASSED_DATAGRAMS_FOREIGN,
  PASSED_END,
  PASSED_IDLE,
  PASSED_ORIGINAL,
  PASSED_REPEATED,
  PASSED_START,
  PASSED_TCP,
  PASSED_UDP,
  PORT_LOCAL,
  PORTS_AT,
  SLOT_SHIFT,
  STATE,
  STATE_MASK,
  STATE_SHIFT,
  SYN_ACK_SEEN,
  TURNED,
  UNCLAIMED,
} from '../src/engine/layout'
import { add } from './counts'
import { follows } from './follow'
import { ends, mayGoOn, passes } from './halves'
import { beginsConnection } from './handshake'
import {
  destinationPort,
  flags,
  payloadLength,
  payloadMissing,
  payloadStart,
  readFrame,
  sourcePort,
  TCP,
  UDP,
} from './segment'
import { hasSignature } from './signature'
import { entryOf, find, fromLow } from './table'
import { mayHoldPacket } from './wrapped'

const TCP_FIN: u32 = 0x01
const TCP_SYN: u32 = 0x02
const TCP_RST: u32 = 0x04

const PACKET_BYTES_MIN: u32 = 32
const ENHANCED_PACKET: u32 = 6
const OPT_ENDOFOPT: u32 = 0
const EPB_DROPCOUNT: u32 = 4
/** in the year 2255: src/capture/pcapng.ts */
const TIME_MAX: f64 = 9_007_199_254_740_991

/* The record that `readRecord` has found. */
let data: usize = 0
let next: usize = 0
let captured: u32 = 0
let original: u32 = 0
let link: u32 = 0
let time: f64 = 0

/** No whole record follows, or one that TypeScript must read. */
const NO_RECORD: u32 = 0
const RECORD: u32 = 1

/**
 * Runs from `start`, where a record begins, towards `end`, where the bytes of the block do; where it stopped: at the
 * record of a packet for TypeScript.
 */
export function run(start: usize, end: usize): usize {
  const isPcap = load<u32>(CONTROL, FORM << 2) === FORM_PCAP
  const limit = load<f64>(CONTROL, LIMIT_TIME)
  const isClosed = load<u32>(CONTROL, LIMIT_CLOSED << 2) !== 0
  let frame = load<f64>(CONTROL, FRAME)
  let at = start
  let marked: i32 = -1
  while ((isPcap ? readPcap(at, end) : readPcapng(at, end)) === RECORD) {
    if (!(time <= limit) || (isClosed && time === limit)) break
    marked = hasSignature(data, data + captured, end) ? 1 : 0
    if (marked !== 0 || !takes(frame + 1)) break
    frame++
    count()
    at = next
    marked = -1
  }
  store<f64>(CONTROL, frame, FRAME)
  store<i32>(CONTROL, marked, MARKED << 2)
  return at
}

/** For a packet of which nobody has asked yet. */
export function isMarked(start: usize, end: usize, blockEnd: usize): bool {
  return hasSignature(start, end, blockEnd)
}

function readPcap(at: usize, end: usize): u32 {
  const header = load<u32>(CONTROL, FORM_HEADER << 2)
  if (at + header > end) return NO_RECORD
  const isBig = load<u32>(CONTROL, FORM_BIG << 2) !== 0
  captured = word(at + 8, isBig)
  if (captured > load<u32>(CONTROL, FORM_CAPTURED_MAX << 2) || at + header + captured > end) return NO_RECORD
  const said = word(at + 12, isBig)
  original = said > captured ? said : captured
  // whole quarters of a microsecond: src/capture/pcapng.ts
  time = <f64>word(at, isBig) * 1e6 + Math.floor((<f64>word(at + 4, isBig) * 4) / load<f64>(CONTROL, FORM_UNITS)) / 4
  link = load<u32>(CONTROL, FORM_LINK << 2)
  data = at + header
  next = data + captured
  return RECORD
}

/** Enhanced Packet Blocks; every other one is for TypeScript. */
function readPcapng(at: usize, end: usize): u32 {
  if (at + PACKET_BYTES_MIN > end) return NO_RECORD
  const isBig = load<u32>(CONTROL, FORM_BIG << 2) !== 0
  if (word(at, isBig) !== ENHANCED_PACKET) return NO_RECORD
  const length = word(at + 4, isBig)
  if (length < PACKET_BYTES_MIN || (length & 3) !== 0 || length > <u32>(end - at)) return NO_RECORD
  const id = word(at + 8, isBig)
  captured = word(at + 20, isBig)
  if (id >= load<u32>(CONTROL, FORM_INTERFACES << 2) || captured > length - PACKET_BYTES_MIN) return NO_RECORD
  if (word(at + length - 4, isBig) !== length) return NO_RECORD
  if (saysDropped(at + 28 + ((captured + 3) & ~3), at + length - 4, isBig)) return NO_RECORD
  const described = INTERFACES + <usize>id * INTERFACE_BYTES
  const upper = <f64>word(at + 12, isBig)
  const lower = <f64>word(at + 16, isBig)
  time =
    upper * load<f64>(described, INTERFACE_WHOLE) +
    Math.floor((upper * load<f64>(described, INTERFACE_REST) + lower) * load<f64>(described, INTERFACE_PER_TICK) * 4) /
      4 +
    load<f64>(described, INTERFACE_OFFSET)
  if (!(time >= 0 && time <= TIME_MAX)) return NO_RECORD
  const said = word(at + 24, isBig)
  original = said > captured ? said : captured
  link = load<u32>(described, INTERFACE_LINK)
  data = at + 28
  next = at + length
  return RECORD
}

/** Does one of these options count packets that were dropped before this one? Nothing, or all ones, is no count. */
function saysDropped(start: usize, end: usize, isBig: bool): bool {
  for (let at = start; at + 4 < end; ) {
    const code = half(at, isBig)
    const length = half(at + 2, isBig)
    if (code === OPT_ENDOFOPT || at + 4 + length > end) return false
    if (code === EPB_DROPCOUNT && length >= 8) {
      const upper = word(at + (isBig ? 4 : 8), isBig)
      return upper !== 0xffff_ffff && (upper | word(at + (isBig ? 8 : 4), isBig)) !== 0
    }
    at += 4 + ((length + 3) & ~3)
  }
  return false
}

function half(at: usize, isBig: bool): u32 {
  const value = load<u16>(at)
  return <u32>(isBig ? bswap<u16>(value) : value)
}

function word(at: usize, isBig: bool): u32 {
  const value = load<u32>(at)
  return isBig ? bswap<u32>(value) : value
}

/** Is nothing to be done about this packet but to count it? Then it is counted as what it is. */
function takes(frame: f64): bool {
  const transport = readFrame(link, data, captured)
  if (transport === TCP) {
    if (!takesTcp(frame)) return false
    add(PASSED_TCP)
  } else if (transport === UDP) {
    if (!takesUdp()) return false
    add(PASSED_UDP)
  } else return false
  store<f64>(CONTROL, time, LAST_SEGMENT_TIME)
  store<f64>(CONTROL, frame, LAST_SEGMENT_FRAME)
  return true
}

function takesTcp(frame: f64): bool {
  const second = <i32>(<i64>Math.floor(time / 1e6))
  if ((flags & TCP_SYN) !== 0) return beginsConnection(second)
  const length = payloadLength + payloadMissing
  const index = find(TCP, second)
  if (index < 0) {
    if (length > 0) return follows(index, second, time, frame)
    if ((flags & TCP_RST) !== 0 && sourcePort === CONTACT_PORT) return false
    add(PASSED_IDLE)
    return true
  }
  const entry = entryOf(index)
  const word = load<u32>(entry, STATE << 2)
  const state = (word & STATE_MASK) >>> STATE_SHIFT
  if (state === FOLLOWED) {
    if ((flags & TCP_RST) !== 0) return false
    const slot = word >>> SLOT_SHIFT
    return (flags & TCP_FIN) !== 0 ? ends(slot, fromLow, time, frame) : passes(slot, fromLow, time, frame)
  }
  if (state === FOREIGN) return length === 0 || (word & UNCLAIMED) === 0 || !mayGoOn()
  if (state === CLOSED) {
    if (length > 0) add(PASSED_REPEATED)
    return true
  }
  if (length > 0) return follows(index, second, time, frame)
  // nobody has spoken yet: a KDC that resets what was to begin, or a client that goes on as if it was answered, is told
  const isTold =
    sourcePort === CONTACT_PORT
      ? (flags & TCP_RST) !== 0
      : destinationPort === CONTACT_PORT && (flags & TCP_RST) === 0 && (word & SYN_ACK_SEEN) === 0
  if (isTold) return false
  if ((flags & (TCP_FIN | TCP_RST)) !== 0) store<u32>(entry, word | TURNED, STATE << 2)
  return true
}

/** A datagram of which the first byte says that it is nobody's, and in which no packet stands. */
function takesUdp(): bool {
  const ports = load<u8>(PORTS_AT + <usize>sourcePort) | load<u8>(PORTS_AT + <usize>destinationPort)
  if ((ports & PORT_LOCAL) !== 0) return false
  if (payloadLength > 0 && load<u8>(FIRST_BYTES + <usize>load<u8>(payloadStart)) !== 0) return false
  if (mayHoldPacket(payloadStart, payloadLength, payloadMissing)) return false
  add(PASSED_DATAGRAMS_FOREIGN)
  return true
}

function count(): void {
  add(PASSED)
  if (captured < original) add(PASSED_CUT)
  addNumber(PASSED_CAPTURED, <f64>captured)
  addNumber(PASSED_ORIGINAL, <f64>original)
  if (time < load<f64>(CONTROL, PASSED_START)) store<f64>(CONTROL, time, PASSED_START)
  if (time > load<f64>(CONTROL, PASSED_END)) store<f64>(CONTROL, time, PASSED_END)
}

function addNumber(offset: usize, value: f64): void {
  store<f64>(CONTROL + offset, load<f64>(CONTROL + offset) + value)
}

export { candidates, mayBeGss, mayBegin } from './begins'
