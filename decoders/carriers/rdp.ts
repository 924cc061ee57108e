/**
 * The RDP carrier: which security protocols a client asks for, and which one the server chooses, before anything is
 * encrypted.
 *
 * Specification: MS-RDPBCGR 2.2.1.1 (X.224 Connection Request), 2.2.1.2 (X.224 Connection Confirm), RFC 1006 6 (TPKT),
 * X.224 13.3 and 13.4. The logon itself is not here: CredSSP is inside TLS, which is given back (`lost`) at its first
 * byte, and the standard security of RDP encrypts it with RC4. The cookie names a user and is no secret. All values are
 * fresh copies.
 */

import type { AuthStep, Carrier, CarrierMessage, Framing, Side } from '../carrier.ts'
import { type Fault, failed, type Outcome, read } from '../outcome.ts'
import { some } from '../parts/byte-class.ts'
import { Cursor } from '../parts/cursor.ts'
import { latin1 } from '../parts/text.ts'

export const rdp: Carrier = {
  name: 'rdp',
  transport: 'tcp',
  ports: [3389],
  toldBySizes: true,
  begins: [[3, 0, ...some(3), [0xe0, 0xd0]]],
  probe,
  frame,
  decode,
}

/**
 * ```
 * TPKT   version 1 (3), reserved 1 (0), length 2 big-endian, this header included
 * X.224  LI 1, code 1, DST-REF 2, SRC-REF 2, class 1; then what RDP puts there
 * ```
 */
const TPKT_VERSION = 3
const TPKT_BYTES = 4
const NEGOTIATION_AT = 11
const CONNECTION_REQUEST = 0xe0
const CONNECTION_CONFIRM = 0xd0
/** the two above, disconnect request, data, error: the codes of class 0 */
const CODES: readonly number[] = [CONNECTION_REQUEST, CONNECTION_CONFIRM, 0x80, 0xf0, 0x70]
/** a cookie or a routing token and the negotiation */
const CONNECTION_BYTES_MAX = 512

const NEG_REQ = 1
const NEG_RSP = 2
const NEG_FAILURE = 3
const NEG_BYTES = 8

/** Other protocols have TPKT and X.224 as well: a cookie, the negotiation or its absence make it RDP. */
function probe(head: Uint8Array): 'mine' | 'other' | 'more' {
  for (let at = 0; at < Math.min(head.length, 2); at++) if (head[at] !== (at === 0 ? TPKT_VERSION : 0)) return 'other'
  if (head.length < 6) return 'more'
  const length = tpktLength(head)
  const code = head[5]!
  if (code !== CONNECTION_REQUEST && code !== CONNECTION_CONFIRM) return 'other'
  if (length > CONNECTION_BYTES_MAX || head[4]! + TPKT_BYTES + 1 !== length) return 'other'
  if (length === NEGOTIATION_AT) return 'mine'
  if (head.length <= NEGOTIATION_AT) return 'more'
  const first = head[NEGOTIATION_AT]!
  if (code === CONNECTION_REQUEST && first === UPPER_C) return matches(head, NEGOTIATION_AT, COOKIE)
  if (code === CONNECTION_REQUEST ? first !== NEG_REQ : first !== NEG_RSP && first !== NEG_FAILURE) return 'other'
  if (head.length < NEGOTIATION_AT + 4) return 'more'
  return head[NEGOTIATION_AT + 2] === NEG_BYTES && head[NEGOTIATION_AT + 3] === 0 ? 'mine' : 'other'
}

function matches(head: Uint8Array, from: number, text: string): 'mine' | 'other' | 'more' {
  for (let i = 0; i < text.length; i++) {
    if (from + i >= head.length) return 'more'
    if (head[from + i] !== text.charCodeAt(i)) return 'other'
  }
  return 'mine'
}

function frame(head: Uint8Array, _side: Side, out: Framing): 'ready' | 'more' | 'lost' {
  out.more = false
  out.keep = 0
  if (head.length < 2)
    return head.length === 1 && head[0] !== TPKT_VERSION && (head[0]! & FASTPATH_ACTION) !== 0 ? 'lost' : 'more'
  if (head[0] !== TPKT_VERSION) return frameFastPath(head, out)
  if (head[1] !== 0) return 'lost'
  if (head.length < 6) return 'more'
  const length = tpktLength(head)
  const code = head[5]!
  if (length < 7 || !CODES.includes(code)) return 'lost'
  out.length = length
  if ((code === CONNECTION_REQUEST || code === CONNECTION_CONFIRM) && length <= CONNECTION_BYTES_MAX) out.keep = length
  return 'ready'
}

/**
 * MS-RDPBCGR 2.2.8.1.2 and 2.2.9.1.2: action 0 in the low bits, then a length of one or two bytes. Only standard
 * security shows it.
 */
const FASTPATH_ACTION = 0x03

function frameFastPath(head: Uint8Array, out: Framing): 'ready' | 'more' | 'lost' {
  if ((head[0]! & FASTPATH_ACTION) !== 0) return 'lost'
  const long = (head[1]! & 0x80) !== 0
  if (long && head.length < 3) return 'more'
  out.length = long ? ((head[1]! & 0x7f) << 8) | head[2]! : head[1]!
  return out.length >= 2 ? 'ready' : 'lost'
}

function tpktLength(head: Uint8Array): number {
  return (head[2]! << 8) | head[3]!
}

// --- cold
// ---------------------------------------------------------------------------------------------------------------------

function decode(pdu: Uint8Array): Outcome<readonly CarrierMessage[]> {
  if (pdu.length < NEGOTIATION_AT) return failed('cut', 'TPKT')
  const fault: Fault | null = pdu.length < tpktLength(pdu) ? { reason: 'cut', where: 'X.224' } : null
  if (pdu[5] === CONNECTION_REQUEST) return request(pdu.subarray(NEGOTIATION_AT), fault)
  if (pdu[5] === CONNECTION_CONFIRM) return confirm(pdu.subarray(NEGOTIATION_AT), fault)
  return read([])
}

/** requestedProtocols and selectedProtocol; 0 is the standard security of RDP */
const PROTOCOLS: readonly (readonly [number, string])[] = [
  [0x01, 'SSL'],
  [0x02, 'HYBRID'],
  [0x04, 'RDSTLS'],
  [0x08, 'HYBRID_EX'],
  [0x10, 'RDSAAD'],
]

/** RDP_NEG_REQ.flags */
const REQUEST_FLAGS: readonly (readonly [number, string])[] = [
  [0x01, 'RESTRICTED_ADMIN_MODE_REQUIRED'],
  [0x02, 'REDIRECTED_AUTHENTICATION_MODE_REQUIRED'],
  [0x08, 'CORRELATION_INFO_PRESENT'],
]

/** RDP_NEG_FAILURE.failureCode */
const FAILURES: ReadonlyMap<number, string> = new Map([
  [1, 'SSL_REQUIRED_BY_SERVER'],
  [2, 'SSL_NOT_ALLOWED_BY_SERVER'],
  [3, 'SSL_CERT_NOT_ON_SERVER'],
  [4, 'INCONSISTENT_FLAGS'],
  [5, 'HYBRID_REQUIRED_BY_SERVER'],
  [6, 'SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER'],
])

/**
 * ```
 * "Cookie: mstshash=" identifier CRLF, or "Cookie: msts=" routing token CRLF, or nothing
 * RDP_NEG_REQ      type 1 (1), flags 1, length 2 (8), requestedProtocols 4, little-endian; absent in old clients
 * ```
 */
function request(rest: Uint8Array, fault: Fault | null): Outcome<readonly CarrierMessage[]> {
  const cookie = /^Cookie: ([A-Za-z]{1,32})=?([^\r\n]*)\r\n/.exec(latin1(rest))
  const { flags, value } = negotiation(rest.subarray(cookie === null ? 0 : cookie[0].length), NEG_REQ)
  const fields = {
    user: cookie !== null && cookie[1] === 'mstshash' ? cookie[2] : null,
    requestedProtocols: value === null ? null : protocolNames(value),
    flags: names(flags, REQUEST_FLAGS),
  }
  const steps: AuthStep[] = [{ kind: 'facts', facts: { service: 'rdp' } }]
  if (fault === null) steps.push(security('client', value === null ? [STANDARD] : protocolNames(value), null))
  return read([message('X224_CONNECTION_REQUEST', 'client', fields, steps)], fault)
}

/**
 * ```
 * RDP_NEG_RSP      type 1 (2), flags 1, length 2 (8), selectedProtocol 4
 * RDP_NEG_FAILURE  type 1 (3), flags 1, length 2 (8), failureCode 4
 * ```
 * A server that answers without either chose the standard security.
 */
function confirm(rest: Uint8Array, fault: Fault | null): Outcome<readonly CarrierMessage[]> {
  const { value: selected } = negotiation(rest, NEG_RSP)
  const { value: failure } = negotiation(rest, NEG_FAILURE)
  const fields = {
    selectedProtocol:
      selected !== null ? protocolNames(selected)[0]! : rest.length === 0 && fault === null ? STANDARD : null,
    failure: failure === null ? null : (FAILURES.get(failure) ?? String(failure)),
  }
  // from here on TLS hides who logs on, and how
  const desktop = fields.selectedProtocol ?? STANDARD
  const steps: AuthStep[] = selected ? [{ kind: 'facts', facts: { service: 'rdp', hidden: 'rdp', desktop } }] : []
  if (fields.selectedProtocol !== null) steps.push(security('server', null, fields.selectedProtocol))
  return read([message('X224_CONNECTION_CONFIRM', 'server', fields, steps)], fault)
}

function security(from: Side, asked: readonly string[] | null, chosen: string | null): AuthStep {
  return { kind: 'context', from, fact: { fact: 'rdp-security', asked, chosen } }
}

function negotiation(bytes: Uint8Array, type: number): { flags: number; value: number | null } {
  const cursor = new Cursor(bytes)
  if (cursor.u8() !== type) return { flags: 0, value: null }
  const flags = cursor.u8()
  cursor.skip(2)
  const value = cursor.u32le()
  return cursor.failed ? { flags: 0, value: null } : { flags, value }
}

const STANDARD = 'RDP'

function protocolNames(bits: number): string[] {
  return bits === 0 ? [STANDARD] : names(bits, PROTOCOLS)
}

/** The names of the bits; those without one by their value. */
function names(bits: number, known: readonly (readonly [number, string])[]): string[] {
  const found = known.filter(([bit]) => (bits & bit) !== 0)
  const rest = found.reduce((left, [bit]) => left & ~bit, bits) >>> 0
  return [...found.map(([, name]) => name), ...(rest === 0 ? [] : [`0x${rest.toString(16)}`])]
}

function message(
  type: string,
  from: Side,
  fields: CarrierMessage['fields'],
  steps: readonly AuthStep[],
): CarrierMessage {
  return { protocol: 'rdp', type, from, service: 'rdp', fields, steps }
}

const UPPER_C = 0x43
const COOKIE = 'Cookie: '
