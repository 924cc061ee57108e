/**
 * Heads of HTTP/1.x that say nothing about authentication, and how long their bodies are: what `frame` of
 * decoders/carriers/http/http.ts says of them, and what they leave in the memory of its half. Every head that is less
 * plain than that is left to it: credentials, challenges, redirects, chunks, tunnels, HEAD, bodies until the end of the
 * connection, white space where it is unusual.
 */
import {
  ANSWERS_AT,
  ANSWERS_MASK,
  COUNT_AT,
  COUNT_MASK,
  HTTP_MODE,
  KIND_BITS,
  KINDS_AT,
  SAMPLES,
  TUNNEL,
  WAITING_MAX,
} from '../decoders/carriers/http/http-bits'

/** `Framing.state` behind the message that `messageLength` has found */
export let headState: u32 = 0

const KIND_MASK: u32 = (1 << KIND_BITS) - 1
/** "HTTP/1." in the order of memory, and the bytes that are compared */
const HTTP_1: u64 = 0x002e_312f_5054_5448
const SEVEN_BYTES: u64 = 0x00ff_ffff_ffff_ffff
/** makes lower case of letters, and changes neither digits nor hyphens nor colons */
const LOWER: u64 = 0x2020_2020_2020_2020
/* Beginnings of the names that matter, in lower case: eight bytes each, in the order of memory. */
const AUTHORIZ: u64 = 0x7a69_726f_6874_7561
const PROXY_AU: u64 = 0x7561_2d79_786f_7270
const PERSISTE: u64 = 0x6574_7369_7372_6570
const WWW_AUTH: u64 = 0x6874_7561_2d77_7777
const TRANSFER: u64 = 0x7265_6673_6e61_7274
const EXPECT: u64 = 0x0000_7463_6570_7865
const SIX_BYTES: u64 = 0x0000_ffff_ffff_ffff
const CONTENT: u64 = 0x2d74_6e65_746e_6f63
/** `length:`, `type:` */
const LENGTH: u64 = 0x003a_6874_676e_656c
const TYPE: u64 = 0x0000_003a_6570_7974
const FIVE_BYTES: u64 = 0x0000_00ff_ffff_ffff
/** `applicat`, `ion/soap`; `multipar`, `t/encryp` */
const APPLICAT: u64 = 0x7461_6369_6c70_7061
const ION_SOAP: u64 = 0x7061_6f73_2f6e_6f69
const MULTIPAR: u64 = 0x7261_7069_746c_756d
const T_ENCRYP: u64 = 0x7079_7263_6e65_2f74

const LF: u32 = 0x0a
const CR: u32 = 0x0d
const SP: u32 = 0x20
const DEL: u32 = 0x7f
const METHOD_BYTES_MIN: usize = 3
const METHOD_BYTES_MAX: usize = 20
/** a Content-Length with more digits is for `frame` */
const DIGITS_MAX: u32 = 8

/** The bytes of the message, head and body, whose head stands at `start`, before `end`; 0: it is for `frame`. */
export function messageLength(start: usize, end: usize, state: u32, peerState: u32): u32 {
  if ((state & HTTP_MODE) !== 0 || (peerState & HTTP_MODE) === TUNNEL || (state & (SAMPLES as u32)) !== 0) return 0
  const isResponse = (load<u64>(start) & SEVEN_BYTES) === HTTP_1
  const fields = isResponse ? statusLine(start, end) : requestLine(start, end)
  if (fields === 0) return 0
  const headEnd = headersEnd(fields, end, isResponse)
  if (headEnd === 0) return 0
  const headLength = <u32>(headEnd - start)
  if (!isResponse) {
    headState = asked(state, peerState)
    return headLength + (contentLength < 0 ? 0 : <u32>contentLength)
  }
  if (!answersPlain(peerState, state) || status === 101 || status === 401 || status === 407) return 0
  if (status < 200) {
    headState = state
    return headLength
  }
  headState = answered(state)
  if (status === 204 || status === 304) return headLength
  // it may say where to
  if (status >= 300 && status < 400) return 0
  return contentLength < 0 ? 0 : headLength + <u32>contentLength
}

/** of the status line that was read last */
let status: u32 = 0

/** Where the fields begin; 0: no status line, or an unusual one. */
function statusLine(start: usize, end: usize): usize {
  if (start + 14 > end || !isDigit(load<u8>(start, 7)) || load<u8>(start, 8) !== SP) return 0
  for (let at = start + 9; at < start + 12; at++) if (!isDigit(load<u8>(at))) return 0
  status = (<u32>load<u8>(start, 9) - 48) * 100 + (<u32>load<u8>(start, 10) - 48) * 10 + load<u8>(start, 11) - 48
  if (status < 100 || load<u8>(start, 12) > SP) return 0
  return lineEnd(start + 12, end)
}

/** `GET /path HTTP/1.1` and the like; HEAD, CONNECT and those of RPC over HTTP are left out by their first letters. */
function requestLine(start: usize, end: usize): usize {
  const first = <u32>load<u8>(start)
  if (first === 0x48 || first === 0x43 || first === 0x52) return 0
  let at = start
  for (; at < end && <u32>load<u8>(at) !== SP; at++) {
    const letter = <u32>load<u8>(at)
    if (at - start === METHOD_BYTES_MAX || !((letter >= 0x41 && letter <= 0x5a) || letter === 0x5f || letter === 0x2d))
      return 0
  }
  if (at - start < METHOD_BYTES_MIN || at + 2 > end) return 0
  at++
  // SLASH, ASTERISK
  if (load<u8>(at) !== 0x2f && load<u8>(at) !== 0x2a) return 0
  for (; at < end && <u32>load<u8>(at) !== SP; at++) if (<u32>load<u8>(at) < SP || <u32>load<u8>(at) === DEL) return 0
  if (at + 11 > end || (load<u64>(at + 1) & SEVEN_BYTES) !== HTTP_1 || !isDigit(load<u8>(at, 8))) return 0
  const after = at + 9
  if (<u32>load<u8>(after) === LF) return after + 1
  return <u32>load<u8>(after) === CR && <u32>load<u8>(after, 1) === LF ? after + 2 : 0
}

/** of the head that was read last; -1: it has none */
let contentLength: i64 = -1

/** Behind the first empty line; 0: it is not there, or a field is for `frame`. */
function headersEnd(fields: usize, end: usize, isResponse: bool): usize {
  contentLength = -1
  for (let at = fields; at < end; ) {
    const first = <u32>load<u8>(at)
    if (first === LF) return at + 1
    if (first === CR && at + 1 < end && <u32>load<u8>(at, 1) === LF) return at + 2
    const letter = first | 0x20
    if (
      letter === 0x61 ||
      letter === 0x63 ||
      letter === 0x65 ||
      letter === 0x70 ||
      letter === 0x74 ||
      letter === 0x77
    ) {
      const name = load<u64>(at) | LOWER
      if (name === AUTHORIZ || name === PROXY_AU || name === PERSISTE || name === WWW_AUTH || name === TRANSFER)
        return 0
      if ((name & SIX_BYTES) === EXPECT) return 0
      if (name === CONTENT) {
        const rest = load<u64>(at, 8) | LOWER
        if ((rest & SEVEN_BYTES) === (LENGTH | (LOWER & SEVEN_BYTES))) {
          if (!readLength(at + 15, end)) return 0
        } else if (!isResponse && (rest & FIVE_BYTES) === (TYPE | (LOWER & FIVE_BYTES)) && isTelling(at + 13, end))
          return 0
      }
    }
    const next = lineEnd(at, end)
    if (next === 0) return 0
    at = next
  }
  return 0
}

/** A number and nothing else in the line. */
function readLength(start: usize, end: usize): bool {
  let at = start
  while (at < end && (<u32>load<u8>(at) === SP || load<u8>(at) === 9)) at++
  let value: i64 = 0
  let digits: u32 = 0
  for (; at < end && isDigit(load<u8>(at)); at++, digits++) {
    if (digits === DIGITS_MAX) return false
    value = value * 10 + <i64>load<u8>(at) - 48
  }
  if (digits === 0 || at >= end || (<u32>load<u8>(at) !== CR && <u32>load<u8>(at) !== LF)) return false
  if (<u32>load<u8>(at) === CR && (at + 1 >= end || <u32>load<u8>(at, 1) !== LF)) return false
  contentLength = value
  return true
}

/** May the bodies be those of WS-Management? */
function isTelling(start: usize, end: usize): bool {
  let at = start
  while (at < end && (<u32>load<u8>(at) === SP || load<u8>(at) === 9)) at++
  const type = load<u64>(at) | LOWER
  const rest = load<u64>(at, 8) | LOWER
  return (type === APPLICAT && rest === ION_SOAP) || (type === MULTIPAR && rest === T_ENCRYP)
}

/** Behind the next LF; 0: there is none. */
function lineEnd(start: usize, end: usize): usize {
  const feed = i8x16.splat(0x0a)
  for (let at = start; at < end; at += 16) {
    const hits = <u32>i8x16.bitmask(i8x16.eq(v128.load(at), feed))
    if (hits === 0) continue
    const place = at + <usize>ctz<u32>(hits)
    return place < end ? place + 1 : 0
  }
  return 0
}

function isDigit(byte: u8): bool {
  return byte >= 48 && byte <= 57
}

/* The same as in decoders/carriers/http/http-requests.ts, for a request without credentials. */

function asked(client: u32, server: u32): u32 {
  const answers = (server >>> ANSWERS_AT) & ANSWERS_MASK
  let count = (client >>> COUNT_AT) & COUNT_MASK
  const isLost = answers === 0 && ((client >>> ANSWERS_AT) & ANSWERS_MASK) !== 0
  const since = answersSince(client, server)
  const done = isLost || since > count ? count : since
  const kinds = (client >>> KINDS_AT) >>> (KIND_BITS * done)
  count -= done
  if (count === WAITING_MAX) count--
  return (answers << ANSWERS_AT) | ((count + 1) << COUNT_AT) | (kinds << KINDS_AT)
}

function answered(server: u32): u32 {
  const answers = (server >>> ANSWERS_AT) & ANSWERS_MASK
  return (answers === ANSWERS_MASK ? 1 : answers + 1) << ANSWERS_AT
}

/** Is the request that the next response answers known, and plain? */
function answersPlain(client: u32, server: u32): bool {
  const count = (client >>> COUNT_AT) & COUNT_MASK
  if (count === 0) return false
  const since = answersSince(client, server)
  const at = since < count - 1 ? since : count - 1
  return ((client >>> (KINDS_AT + KIND_BITS * at)) & KIND_MASK) === 0
}

function answersSince(client: u32, server: u32): u32 {
  const before = (client >>> ANSWERS_AT) & ANSWERS_MASK
  const now = (server >>> ANSWERS_AT) & ANSWERS_MASK
  if (now === 0 || before === 0) return now
  return (now + ANSWERS_MASK - before) % ANSWERS_MASK
}
