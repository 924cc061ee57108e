/**
 * The HTTP/2 carrier: that it is spoken, and that a server wants HTTP/1.1 instead.
 *
 * Specification: RFC 9113 3.4 (preface), 4.1 (frames), 6.4 (RST_STREAM), 6.8 (GOAWAY), 7 (error codes). Headers are
 * compressed with a memory of all headers before them (HPACK), and are not read: a logon in them, which can be Kerberos
 * or a password, is hidden. NTLM cannot be in them, as it authenticates a connection: servers that want it answer
 * HTTP_1_1_REQUIRED, and the client comes again with HTTP/1.1.
 */
import type { AuthStep, Carrier, CarrierMessage, Framing, Side } from '../../carrier.ts'
import { failed, type Outcome, read } from '../../outcome.ts'
import { range } from '../../parts/byte-class.ts'
import { ascii, matching } from '../../parts/lines.ts'
import { REQUEST_BEGINS } from './http.ts'

const PREFACE = ascii('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
/**
 * ```
 * Length 3, Type 1, Flags 1, Stream Identifier 4, of which the first bit is reserved; then the payload
 * ```
 */
const FRAME_HEADER_BYTES = 9
const RST_STREAM = 3
const SETTINGS = 4
const GOAWAY = 7
/** SETTINGS_MAX_FRAME_SIZE may be 2^24 - 1; nobody sends more than this */
const PAYLOAD_BYTES_MAX = 1 << 20
/** a setting has 6 bytes; servers begin with a handful of them */
const SETTING_BYTES = 6
const SETTINGS_BYTES_MAX = 252
/** RST_STREAM has an error code alone, GOAWAY the last stream before it, and words for people behind it */
const ERROR_CODE_AT: Readonly<Record<number, number>> = { [RST_STREAM]: 9, [GOAWAY]: 13 }
const HTTP_1_1_REQUIRED = 13

export const http2: Carrier = {
  name: 'http2',
  transport: 'tcp',
  ports: [],
  // what begins as the preface begins as a request does, and costs nothing more
  begins: [REQUEST_BEGINS, [0, 0, range(0, SETTINGS_BYTES_MAX), SETTINGS]],
  probe,
  frame,
  decode,
}

/** A client begins with the preface, a server with its settings. */
function probe(head: Uint8Array, side: Side): 'mine' | 'other' | 'more' {
  const same = matching(head, 0, PREFACE)
  if (same === PREFACE.length) return 'mine'
  if (same === head.length) return 'more'
  if (side === 'client') return 'other'
  for (let at = 0; at < Math.min(head.length, FRAME_HEADER_BYTES); at++) {
    if (at === 2 ? head[at]! > SETTINGS_BYTES_MAX : head[at] !== (at === 3 ? SETTINGS : 0)) return 'other'
  }
  if (head.length < FRAME_HEADER_BYTES) return 'more'
  return head[2]! % SETTING_BYTES === 0 ? 'mine' : 'other'
}

function frame(head: Uint8Array, _side: Side, out: Framing): 'ready' | 'more' | 'lost' {
  out.more = false
  out.keep = 0
  const same = matching(head, 0, PREFACE)
  if (same === PREFACE.length) {
    out.length = PREFACE.length
    out.keep = PREFACE.length
    return 'ready'
  }
  if (head.length < FRAME_HEADER_BYTES || same === head.length) return 'more'
  const payload = (head[0]! << 16) | (head[1]! << 8) | head[2]!
  if (payload > PAYLOAD_BYTES_MAX) return 'lost'
  out.length = FRAME_HEADER_BYTES + payload
  const code = ERROR_CODE_AT[head[3]!]
  if (code !== undefined && out.length >= code + 4) out.keep = code + 4
  return 'ready'
}

// --- cold
// ---------------------------------------------------------------------------------------------------------------------

function decode(pdu: Uint8Array, side: Side): Outcome<readonly CarrierMessage[]> {
  if (matching(pdu, 0, PREFACE) === PREFACE.length)
    return read([message('PREFACE', 'client', {}, [{ kind: 'facts', facts: { service: 'http', http2: 'hidden' } }])])
  if (pdu.length < FRAME_HEADER_BYTES) return failed('cut', 'HTTP/2 frame')
  const at = ERROR_CODE_AT[pdu[3]!]
  if (at === undefined) return read([])
  if (pdu.length < at + 4) return failed('cut', 'HTTP/2 frame')
  const error = ((pdu[at]! << 24) | (pdu[at + 1]! << 16) | (pdu[at + 2]! << 8) | pdu[at + 3]!) >>> 0
  if (error !== HTTP_1_1_REQUIRED) return read([])
  const type = pdu[3] === RST_STREAM ? 'RST_STREAM' : 'GOAWAY'
  const steps: AuthStep[] = [{ kind: 'facts', facts: { service: 'http', http2: 'refused' } }]
  return read([message(type, side, { error: 'HTTP_1_1_REQUIRED' }, steps)])
}

function message(
  type: string,
  from: Side,
  fields: CarrierMessage['fields'],
  steps: readonly AuthStep[],
): CarrierMessage {
  return { protocol: 'http2', type, from, service: 'http', fields, steps }
}
