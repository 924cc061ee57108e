/**
 * The HTTP carrier: requests and responses of HTTP/1.x, and the authentication in their heads.
 *
 * Specification: RFC 9112 (message syntax, lengths, chunks), RFC 9110 (methods, status codes, authentication), RFC 4559
 * and MS-NTHT (Negotiate and NTLM). It does not read HTTP/2 (`http2`) and HTTP/3 (NTLM cannot travel there), keeps no
 * body byte, and never looks into tokens. A connection that CONNECT or 101 turns into a tunnel is given back: frame
 * answers 'tunnel'. Of RPC over HTTP (MS-RPCH) one half is, where a channel begins: 'lost'. All values are fresh
 * copies; the tokens are decoded from base64 and borrow nothing.
 */

import {
  type Carrier,
  FRAME_BYTES_MAX,
  type Framed,
  type Framing,
  PROBE_BYTES_MAX,
  type Side,
  UNTIL_CLOSE,
} from '../../carrier.ts'
import { CAPITALS, letters, type Opening } from '../../parts/byte-class.ts'
import { ascii, decimal, isDigit, isField, matching, startsWith, throughBlankLine } from '../../parts/lines.ts'
import { CHANNEL, CHUNKS, HTTP_MODE, SAMPLE, SAMPLES, TUNNEL, UNSURE } from './http-bits.ts'
import { httpMessage } from './http-message.ts'
import {
  ASKED_CHANNEL,
  ASKED_HEAD,
  ASKED_TUNNEL,
  ASKED_WITH_CREDENTIALS,
  afterHole,
  answered,
  asked,
  isAnswered,
  kindAnswered,
  latest,
  NOT_SEEN,
  PLAIN,
} from './http-requests.ts'

const METHOD_BYTES_MIN = 3
const METHOD_BYTES_MAX = 20
const UNDERSCORE = 0x5f
const HYPHEN = 0x2d
const SP = 0x20
const METHOD_LETTERS = [...CAPITALS, UNDERSCORE, HYPHEN]
/** a method, and the blank behind it */
export const REQUEST_BEGINS: Opening = [
  METHOD_LETTERS,
  METHOD_LETTERS,
  { many: METHOD_LETTERS, most: METHOD_BYTES_MAX - 2 },
  SP,
]

export const http: Carrier = {
  name: 'http',
  // a target and a version follow the method
  begins: [letters('HTTP/1.'), REQUEST_BEGINS],
  heads: 'http',
  transport: 'tcp',
  ports: [80, 8080, 3128, 5985, 47001, 8000, 8008, 8081, 8088, 8888, 8530, 9080],
  probe,
  frame,
  decode: httpMessage,
  resumed: (state) =>
    (state & HTTP_MODE) === TUNNEL || isKind(latest(state), ASKED_TUNNEL) ? state : afterHole(state),
}

/**
 * MS-RPCH 3.2.1.1.5, 3.2.2.1.5: a channel of RPC over HTTP says that it will be so long at least; what only carries the
 * authentication is shorter.
 */
const CHANNEL_BYTES_MIN = 131_072

/**
 * ```
 * request-line = method SP request-target SP HTTP-version CRLF
 * status-line  = HTTP-version SP status-code SP [ reason-phrase ] CRLF
 * HTTP-version = "HTTP/1." DIGIT
 * ```
 * Methods are any upper-case token, since WebDAV, RPC over HTTP and management agents have their own. A target longer
 * than the probe must show its form: `/path`, `*`, `scheme://`, or anything after CONNECT.
 */
function probe(head: Uint8Array): 'mine' | 'other' | 'more' {
  const end = Math.min(head.length, PROBE_BYTES_MAX)
  const version = matching(head, 0, HTTP_1)
  if (version === HTTP_1.length) return 'mine'
  if (version === end) return 'more'

  const method = methodLength(head, end)
  if (method < 0) return 'other'
  if (method === end) return 'more'
  const target = method + 1
  let at = target
  let form = target < end && (head[target] === SLASH || head[target] === ASTERISK || startsWith(head, CONNECT))
  for (; at < end && head[at] !== SP; at++) {
    if (head[at]! < SP || head[at] === DEL) return 'other'
    if (head[at] === SLASH && head[at - 1] === SLASH && head[at - 2] === COLON) form = true
  }
  if (at === end) return end < PROBE_BYTES_MAX ? 'more' : form ? 'mine' : 'other'
  if (at === target) return 'other'
  const seen = matching(head, at + 1, HTTP_1)
  if (seen === HTTP_1.length) return 'mine'
  if (at + 1 + seen < end) return 'other'
  return end < PROBE_BYTES_MAX ? 'more' : 'mine'
}

function frame(head: Uint8Array, _side: Side, out: Framing): Framed {
  const mode = out.state & HTTP_MODE
  // the end that asked for the tunnel knows of it only from its peer
  if (mode === TUNNEL || (out.peerState & HTTP_MODE) === TUNNEL) return 'tunnel'
  if (mode === CHANNEL) return lost(out)
  if (mode === CHUNKS) return frameChunk(head, out)
  if (head.length === 0) return 'more'
  if (mode === UNSURE) {
    const begins = beginsMessage(head, out)
    if (begins === 'more') return 'more'
    out.state &= ~HTTP_MODE
    if (begins === 'other') return frameBody(out)
  }
  if (head[0] === CR || head[0] === LF) return frameBlankLine(head, out)
  // who asked for a tunnel and speaks otherwise has it, whether its answer was seen or not
  if (probe(head) === 'other') return isKind(latest(out.state), ASKED_TUNNEL) ? 'tunnel' : 'lost'
  return frameHead(head, out)
}

/** Where a body is in doubt: is this the next message instead? */
function beginsMessage(head: Uint8Array, out: Framing): 'mine' | 'other' | 'more' {
  if (latest(out.state) !== NOT_SEEN) return isAnswered(out.state, out.peerState) ? probe(head) : 'other'
  const seen = matching(head, 0, HTTP_1)
  return seen === HTTP_1.length ? 'mine' : seen === head.length ? 'more' : 'other'
}

/** The body that was in doubt. */
function frameBody(out: Framing): 'ready' {
  out.length = out.pending
  out.keep = 0
  out.more = false
  return 'ready'
}

/**
 * ```
 * HTTP-message = start-line CRLF *( field-line CRLF ) CRLF [ message-body ]
 * ```
 * The end of the head is looked for first, so that its lines are read once: how long the body is (RFC 9112 6.3), and
 * whether authentication is in it.
 */
function frameHead(head: Uint8Array, out: Framing): 'ready' | 'more' | 'lost' {
  const headLength = throughBlankLine(head, out)
  if (headLength < 0) return moreOf(head)
  if (headLength > FRAME_BYTES_MAX) return 'lost'
  const startLineEnd = head.indexOf(LF)
  const isResponse = startsWith(head, HTTP_1)
  const status = isResponse ? statusCode(head, startLineEnd) : 0
  if (isResponse ? status < 0 : !isRequestLine(head, startLineEnd)) return 'lost'

  let contentLength = -1
  let typed = false
  let telling = false
  let chunked = false
  let authorised = false
  let expects = false
  let challenged = false
  let locationEnd = 0
  for (let at = startLineEnd + 1; at < headLength; at = head.indexOf(LF, at) + 1) {
    // by the first letter in lower case, since most lines are of no concern
    switch (head[at]! | 0x20) {
      case LOWER_A:
        if (isField(head, at, AUTHORIZATION)) authorised = true
        break
      case LOWER_C:
        if (isField(head, at, CONTENT_LENGTH)) contentLength = decimal(head, at + CONTENT_LENGTH.length)
        else if (isField(head, at, CONTENT_TYPE)) {
          typed = true
          telling = !isResponse && isTelling(head, at + CONTENT_TYPE.length)
        }
        break
      case LOWER_E:
        if (isField(head, at, EXPECT)) expects = true
        break
      case LOWER_L:
        if (isField(head, at, LOCATION)) locationEnd = head.indexOf(LF, at) + 1
        break
      case LOWER_P:
        if (isField(head, at, PROXY_AUTHORIZATION)) authorised = true
        else if (isField(head, at, PROXY_AUTHENTICATE) || isField(head, at, PERSISTENT_AUTH)) challenged = true
        break
      case LOWER_T:
        if (isField(head, at, TRANSFER_ENCODING)) chunked = endsWithChunked(head, head.indexOf(LF, at))
        break
      case LOWER_W:
        if (isField(head, at, WWW_AUTHENTICATE)) challenged = true
        break
    }
  }

  out.length = headLength
  out.more = false
  const kind = isResponse ? kindAnswered(out.peerState, out.state) : requestKind(head, authorised)
  const sampled = out.state & SAMPLES
  const hasBody = isResponse ? responseHead(status, challenged, kind, out) : requestHead(kind, out)
  out.state |= sampled
  // as much of it as says where to
  if (isResponse && out.keep === 0 && locationEnd > 0 && isRedirect(status)) out.keep = locationEnd
  if (!hasBody) return 'ready'
  if (telling && sampled !== SAMPLES && (contentLength > 0 || chunked)) {
    out.keep = headLength
    out.state += SAMPLE
  }
  if (
    contentLength >= CHANNEL_BYTES_MIN &&
    (isResponse ? status === 200 && isKind(kind, ASKED_CHANNEL) : startsWith(head, RPC_IN))
  ) {
    // its RPC is told apart at once, and the credentials in the head do not wait for an end that may never come
    out.state = CHANNEL
    return 'ready'
  }
  const isUnasked = isResponse && kind === NOT_SEEN
  if (chunked) {
    out.more = 'unwanted'
    out.state |= CHUNKS
  } else if (contentLength > 0 && (expects || (isUnasked && mayEndHere(head, headLength)))) {
    out.state |= UNSURE
    out.pending = contentLength
    // a response may be the last word of the server for long, a request that asks for leave is answered at once
    out.more = isResponse ? false : 'unwanted'
  } else if (contentLength >= 0) {
    out.length += contentLength
  } else if (isUnasked && !typed && isSuccess(status)) {
    // a body without type or length is no body: the answer to CONNECT
    out.state |= TUNNEL
  } else if (isResponse) {
    out.length = UNTIL_CLOSE
  }
  return 'ready'
}

/**
 * MS-WSMV 2.2.9.1: the bodies of WS-Management, in clear and encrypted, the latter with the protocol of its session.
 */
function isTelling(head: Uint8Array, start: number): boolean {
  let at = start
  while (head[at] === SP || head[at] === TAB) at++
  return isField(head, at, SOAP) || isField(head, at, ENCRYPTED)
}

/** Nothing, or another response, follows the head: it may answer HEAD. */
function mayEndHere(head: Uint8Array, headLength: number): boolean {
  const seen = matching(head, headLength, HTTP_1)
  return seen === HTTP_1.length || headLength + seen === head.length
}

/** RFC 9110 15.4, but for 304 and 300 */
function isRedirect(status: number): boolean {
  return status > 300 && status < 309 && status !== 304
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

function requestKind(head: Uint8Array, authorised: boolean): number {
  let kind = authorised ? ASKED_WITH_CREDENTIALS : PLAIN
  if (startsWith(head, HEAD_)) kind |= ASKED_HEAD
  else if (startsWith(head, CONNECT)) kind |= ASKED_TUNNEL
  else if (startsWith(head, RPC_OUT)) kind |= ASKED_CHANNEL
  return kind
}

function isKind(kind: number, wanted: number): boolean {
  return kind !== NOT_SEEN && (kind & wanted) !== 0
}

/** Keeps the credentials and the names of tunnels, and remembers what the response must know. */
function requestHead(kind: number, out: Framing): true {
  out.keep = kind & (ASKED_WITH_CREDENTIALS | ASKED_TUNNEL) ? out.length : 0
  out.state = asked(out.state, out.peerState, kind)
  return true
}

/**
 * Keeps offers, challenges and every answer to credentials; interim responses answer nothing. False: it has no body.
 */
function responseHead(status: number, challenged: boolean, kind: number, out: Framing): boolean {
  const interim = status < 200 && status !== 101
  out.keep = 0
  if (interim) return false
  const answers = challenged || status === 401 || status === 407 || isKind(kind, ASKED_WITH_CREDENTIALS)
  const tunnel = status === 101 || (isSuccess(status) && isKind(kind, ASKED_TUNNEL))
  if (answers) out.keep = out.length
  out.state = answered(out.state)
  if (tunnel) out.state |= TUNNEL
  return !tunnel && status !== 204 && status !== 304 && !isKind(kind, ASKED_HEAD)
}

/**
 * ```
 * chunk        = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
 * last-chunk   = 1*("0") [ chunk-ext ] CRLF
 * chunked-body = *chunk last-chunk *( field-line CRLF ) CRLF
 * ```
 * The end of the data is taken to be written as the end of the size line is.
 */
function frameChunk(head: Uint8Array, out: Framing): 'ready' | 'more' | 'lost' {
  let size = 0
  let digits = 0
  while (digits < head.length && digits < CHUNK_DIGITS_MAX && hexDigit(head[digits]!) >= 0) {
    size = size * 16 + hexDigit(head[digits]!)
    digits++
  }
  // digits, then white space, an extension or the end of the line: anything else is not a chunk
  if (digits < head.length && (digits === 0 || !endsChunkSize(head[digits]!))) return lost(out)
  out.keep = 0
  if (size > 0) {
    const end = head.indexOf(LF, Math.max(digits, out.scanned))
    out.scanned = head.length
    if (end < 0) return head.length < FRAME_BYTES_MAX ? 'more' : lost(out)
    out.length = end + 1 + size + (head[end - 1] === CR ? 2 : 1)
    out.more = 'unwanted'
    return 'ready'
  }
  const end = throughBlankLine(head, out)
  if (end < 0) return head.length < FRAME_BYTES_MAX ? 'more' : lost(out)
  out.length = end
  out.more = false
  out.state &= ~HTTP_MODE
  return 'ready'
}

/** RFC 9112 2.2: an empty line before a message means nothing (old clients end a POST with one too many). */
function frameBlankLine(head: Uint8Array, out: Framing): 'ready' | 'more' | 'lost' {
  if (head[0] === CR && head[1] !== LF) return head.length === 1 ? 'more' : 'lost'
  out.length = head[0] === CR ? 2 : 1
  out.keep = 0
  out.more = false
  return 'ready'
}

/** A half that lost its place among chunks, or is RPC now, begins anew with a head. */
function lost(out: Framing): 'lost' {
  out.state &= ~HTTP_MODE
  return 'lost'
}

function moreOf(head: Uint8Array): 'more' | 'lost' {
  return head.length < FRAME_BYTES_MAX ? 'more' : 'lost'
}

/** Bytes of the method at the start of `head`; `end` where it may go on, -1 where it is none. */
function methodLength(head: Uint8Array, end: number): number {
  for (let at = 0; at < end; at++) {
    const byte = head[at]!
    if (byte === SP) return at >= METHOD_BYTES_MIN ? at : -1
    if (at === METHOD_BYTES_MAX || !((byte >= UPPER_A && byte <= UPPER_Z) || byte === UNDERSCORE || byte === HYPHEN))
      return -1
  }
  return end
}

/** The probe has seen the method; the line must end with a version. */
function isRequestLine(head: Uint8Array, lineEnd: number): boolean {
  const end = head[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd
  const version = end - HTTP_1.length - 1
  return (
    version > METHOD_BYTES_MIN &&
    head[version - 1] === SP &&
    matching(head, version, HTTP_1) === HTTP_1.length &&
    isDigit(head[end - 1]!)
  )
}

/** The status code of the line that starts at 0, or -1. */
function statusCode(head: Uint8Array, lineEnd: number): number {
  const at = HTTP_1.length + 2
  if (lineEnd < at + 3 || !isDigit(head[at - 2]!) || head[at - 1] !== SP) return -1
  if (!isDigit(head[at]!) || !isDigit(head[at + 1]!) || !isDigit(head[at + 2]!) || head[at + 3]! > SP) return -1
  const code = (head[at]! - ZERO) * 100 + (head[at + 1]! - ZERO) * 10 + head[at + 2]! - ZERO
  return code >= 100 ? code : -1
}

/** RFC 9112 6.1: chunked is always the last coding of Transfer-Encoding. */
function endsWithChunked(head: Uint8Array, lineEnd: number): boolean {
  let end = lineEnd
  while (end > 0 && head[end - 1]! <= SP) end--
  return isField(head, end - CHUNKED.length, CHUNKED)
}

function hexDigit(byte: number): number {
  if (isDigit(byte)) return byte - ZERO
  const letter = byte | 0x20
  return letter >= LOWER_A && letter <= LOWER_F ? letter - LOWER_A + 10 : -1
}

function endsChunkSize(byte: number): boolean {
  return byte === CR || byte === LF || byte === SEMICOLON || byte === SP || byte === TAB
}

/** Lengths stay exact in a double: 12 hexadecimal digits. */
const CHUNK_DIGITS_MAX = 12

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const ASTERISK = 0x2a
const SLASH = 0x2f
const ZERO = 0x30
const COLON = 0x3a
const SEMICOLON = 0x3b
const UPPER_A = 0x41
const UPPER_Z = 0x5a
const LOWER_A = 0x61
const LOWER_C = 0x63
const LOWER_E = 0x65
const LOWER_F = 0x66
const LOWER_L = 0x6c
const LOWER_P = 0x70
const LOWER_T = 0x74
const LOWER_W = 0x77
const DEL = 0x7f

const HTTP_1 = ascii('HTTP/1.')
const HEAD_ = ascii('HEAD ')
const CONNECT = ascii('CONNECT ')
const RPC_IN = ascii('RPC_IN_DATA ')
const RPC_OUT = ascii('RPC_OUT_DATA ')
const CONTENT_LENGTH = ascii('content-length:')
const CONTENT_TYPE = ascii('content-type:')
const TRANSFER_ENCODING = ascii('transfer-encoding:')
const SOAP = ascii('application/soap+xml')
const ENCRYPTED = ascii('multipart/encrypted')
const EXPECT = ascii('expect:')
const LOCATION = ascii('location:')
const AUTHORIZATION = ascii('authorization:')
const PROXY_AUTHORIZATION = ascii('proxy-authorization:')
const WWW_AUTHENTICATE = ascii('www-authenticate:')
const PROXY_AUTHENTICATE = ascii('proxy-authenticate:')
const PERSISTENT_AUTH = ascii('persistent-auth:')
const CHUNKED = ascii('chunked')
