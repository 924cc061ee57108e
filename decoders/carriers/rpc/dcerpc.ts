/**
 * The DCE/RPC carrier: connection-oriented RPC over TCP (C706 12.6, MS-RPCE 2.2.2), on the endpoint mapper's port and
 * any other.
 *
 * A bind or alter_context names interfaces and may begin a security context; auth3 and further alter_contexts go on
 * with it; requests, responses and faults run under it. Calls are read for their headers and security trailers alone,
 * as evidence of protection and of how an authentication went that has no answer of its own. Stub data is never looked
 * at. Connectionless RPC (UDP), the tunnel of RPC over HTTP and fragments of binds are not read. Tokens borrow the PDU.
 *
 * The same PDUs inside named pipes come through `frameRpc` and `decodeRpc` as well; which pipe it was, the one who
 * unpacks them knows.
 */
import {
  type AuthStep,
  type Bulk,
  type CallStep,
  type Carrier,
  type CarrierMessage,
  EMPTY_LEG,
  type Framing,
  type LegStep,
  type RpcFacts,
  type Side,
  type TrafficStep,
} from '../../carrier.ts'
import { type Fault, failed, type Outcome, read } from '../../outcome.ts'
import { range } from '../../parts/byte-class.ts'
import { Cursor } from '../../parts/cursor.ts'
import { hex, latin1, untilNul } from '../../parts/text.ts'
import { interfaceName, isTelling, tellingInterface } from './dcerpc-interfaces.ts'
import { faultName, outcomeOfFault, rejectReasonName } from './dcerpc-status.ts'

/*
 * Common header, C706 12.6.3.1
 *   0 rpc_vers (1)   1 rpc_vers_minor (1)   2 PTYPE (1)   3 pfc_flags (1)   4 packed_drep (4)   8 frag_length (2)
 *       10 auth_length (2)
 *  12 call_id (4)
 * packed_drep, C706 14.1: the high half of its first byte is 1 where integers are little-endian.
 */
export const RPC_HEADER_BYTES = 16

const REQUEST = 0
const RESPONSE = 2
const FAULT = 3
const BIND = 11
const BIND_ACK = 12
const BIND_NAK = 13
const ALTER_CONTEXT = 14
const ALTER_CONTEXT_RESP = 15
const AUTH3 = 16

/** PTYPE of the connection-oriented protocol, C706 12.6.1 and MS-RPCE 2.2.2.1, and who sends it. */
const TYPES: readonly (readonly [name: string, from: Side] | undefined)[] = [
  ['request', 'client'],
  undefined,
  ['response', 'server'],
  ['fault', 'server'],
  ...new Array<undefined>(7).fill(undefined),
  ['bind', 'client'],
  ['bind_ack', 'server'],
  ['bind_nak', 'server'],
  ['alter_context', 'client'],
  ['alter_context_resp', 'server'],
  ['rpc_auth_3', 'client'],
  ['shutdown', 'server'],
  ['co_cancel', 'client'],
  ['orphaned', 'client'],
  ['rts', 'client'],
]
/** A bit for each of them. */
const KNOWN_TYPES = 0b1_1111_1111_1000_0000_1101
/** Those that negotiate. */
const NEGOTIATING_TYPES = 0b1_1111_1000_0000_0000

const PFC_FIRST_FRAG = 0x01
const PFC_DID_NOT_EXECUTE = 0x20

/**
 * sec_trailer, MS-RPCE 2.2.2.11: auth_type (1), auth_level (1), auth_pad_length (1), auth_reserved (1), auth_context_id
 * (4)
 */
const TRAILER_BYTES = 8

/**
 * After each negotiation so many calls of a half are evidence, and then one in EVIDENCE_INTERVAL: each says by itself
 * how it is protected, and the first of them how the authentication went. With 8 they were a seventh of all decoded
 * PDUs of a domain controller.
 */
const EVIDENCE_FIRST = 4
const EVIDENCE_INTERVAL = 256
/** Of a longer call only the header is read: its trailer stands at the very end. */
const CALL_BYTES_MAX = 8192
/** header, alloc_hint, p_cont_id and opnum; of a fault the status follows */
const CALL_HEAD_BYTES = 32

/**
 * `Framing.state`, 13 bits: calls since the last negotiation, and above them the number of the telling interface that
 * was negotiated, or 0.
 */
const COUNT_MASK = 0x1ff
const TELLING_AT = 9
const TELLING_MASK = 15 << TELLING_AT

const COUNTED = {
  mask: COUNT_MASK,
  first: EVIDENCE_FIRST,
  interval: EVIDENCE_INTERVAL,
  keep: CALL_HEAD_BYTES,
  keepWhole: CALL_BYTES_MAX,
} as const

/** Calls and answers that are not sampled: what stands where in the common header, for both byte orders. */
const BULK: readonly Bulk[] = ([true, false] as const).flatMap((isLittle) =>
  ([[0], [2, 3]] as const).map((types) => ({
    head: 16,
    bytes: [
      [0, 5],
      [2, types],
      [4, isLittle ? [0x10, 0x11] : [0, 1]],
      [1, [0, 1]],
      [5, range(0, 3)],
      [6, 0],
      [7, 0],
    ] as const,
    length: { at: 8, octets: 2, ...(isLittle && { little: true }), add: 0, min: 16, max: 0xffff } as const,
    part: { at: 10, octets: 2, ...(isLittle && { little: true }), add: 24 } as const,
    sampled: COUNTED,
    // a request of a telling interface may be wanted all the same
    clear: types[0] === 0 ? TELLING_MASK : 0,
  })),
)

/** MS-RPCH 2.2.3.2: what the channels of RPC over HTTP tell each other */
const RTS = 20

export const dcerpc: Carrier = {
  name: 'dcerpc',
  transport: 'tcp',
  ports: [135],
  bulk: BULK,
  begins: [
    [
      5,
      [0, 1],
      range(0, RTS).filter((type) => ((KNOWN_TYPES >> type) & 1) !== 0),
      null,
      [0, 1, 0x10, 0x11],
      range(0, 3),
      0,
      0,
    ],
  ],

  probe(head) {
    return probeRpc(head, 0)
  },

  frame(head, _side, out) {
    out.more = false
    out.keep = 0
    const answer = probeRpc(head, 0)
    if (answer !== 'mine') return answer === 'more' ? 'more' : 'lost'
    return frameRpc(head, out)
  },

  decode(pdu) {
    return decodeRpc(pdu)
  },
}

/** Does a PDU begin at `at`? The bytes there must be those of a header, and reserved ones must be zero. Hot. */
export function probeRpc(head: Uint8Array, at: number): 'mine' | 'other' | 'more' {
  const there = head.length - at
  if (there > 0 && head[at] !== 5) return 'other'
  if (there > 1 && head[at + 1]! > 1) return 'other'
  if (there > 2 && (head[at + 2]! > RTS || ((KNOWN_TYPES >> head[at + 2]!) & 1) === 0)) return 'other'
  if (there > 4 && (head[at + 4]! & 0xee) !== 0) return 'other'
  if (there > 5 && head[at + 5]! > 3) return 'other'
  if ((there > 6 && head[at + 6] !== 0) || (there > 7 && head[at + 7] !== 0)) return 'other'
  if (there < RPC_HEADER_BYTES) return 'more'
  const length = u16At(head, at, 8)
  const authLength = u16At(head, at, 10)
  if (length < RPC_HEADER_BYTES || (authLength > 0 && RPC_HEADER_BYTES + TRAILER_BYTES + authLength > length))
    return 'other'
  return 'mine'
}

export function isNegotiation(type: number): boolean {
  return ((NEGOTIATING_TYPES >> type) & 1) !== 0
}

export function fragLengthAt(head: Uint8Array, at: number): number {
  return u16At(head, at, 8)
}

/** Frames the PDU whose header `probeRpc` has found at the start of `head`. Hot. */
export function frameRpc(head: Uint8Array, out: Framing): 'ready' | 'more' {
  out.length = u16At(head, 0, 8)
  const type = head[2]!
  if (isNegotiation(type)) {
    out.state &= TELLING_MASK
    if (type === BIND || type === ALTER_CONTEXT) {
      if (head.length < UUID_END && out.length >= UUID_END) return 'more'
      const telling = head.length < UUID_END ? 0 : tellingInterface(head, UUID_AT, (head[4]! & 0x10) === 0)
      if (telling !== 0) out.state = telling << TELLING_AT
    }
    out.keep = out.length
    return 'ready'
  }
  if (type > FAULT) return 'ready'
  if (isSampled(out)) out.keep = out.length <= CALL_BYTES_MAX ? out.length : CALL_HEAD_BYTES
  else if (type === REQUEST && (out.state & TELLING_MASK) !== 0) {
    if (head.length < OPNUM_END) return out.length < OPNUM_END ? 'ready' : 'more'
    if (isTelling((out.state & TELLING_MASK) >> TELLING_AT, u16At(head, 0, 22)))
      out.keep = Math.min(out.length, CALL_HEAD_BYTES)
  }
  return 'ready'
}

/** Counts one call; the count runs to EVIDENCE_FIRST and then in a circle, so that it never grows. */
function isSampled(out: Framing): boolean {
  const count = out.state & COUNT_MASK
  const watched = out.state & ~COUNT_MASK
  if (count < EVIDENCE_FIRST) {
    out.state = watched | (count + 1)
    return true
  }
  const last = EVIDENCE_FIRST + EVIDENCE_INTERVAL - 1
  out.state = watched | (count >= last ? EVIDENCE_FIRST : count + 1)
  return count >= last
}

const OPNUM_END = 24
/**
 * the interface's UUID in the first presentation context of a bind: a client offers one interface in several transfer
 * syntaxes
 */
const UUID_AT = 32
const UUID_END = 48

/** A PDU as far as it was captured and kept. */
interface Pdu {
  readonly bytes: Uint8Array
  readonly type: number
  readonly from: Side
  readonly flags: number
  readonly big: boolean
  /** on the wire */
  readonly length: number
  readonly authLength: number
  readonly callId: string
  readonly trailer: Trailer | null
}

interface Trailer {
  readonly authType: number
  readonly authLevel: number
  readonly contextId: number
  readonly token: Uint8Array | null
}

/** The messages of one PDU: none for what is not about authentication. */
export function decodeRpc(bytes: Uint8Array): Outcome<readonly CarrierMessage[]> {
  const form = probeRpc(bytes, 0)
  if (form !== 'mine') return failed(form === 'more' ? 'cut' : 'malformed', 'RPC header')
  const pdu = readHeader(bytes)
  switch (pdu.type) {
    case BIND:
    case ALTER_CONTEXT:
      return bind(pdu)
    case BIND_ACK:
    case ALTER_CONTEXT_RESP:
      return bindAck(pdu)
    case BIND_NAK:
      return bindNak(pdu)
    case AUTH3:
      return auth3(pdu)
    case REQUEST:
    case RESPONSE:
    case FAULT:
      return call(pdu)
    default:
      return read([])
  }
}

function readHeader(bytes: Uint8Array): Pdu {
  const big = (bytes[4]! & 0x10) === 0
  const length = u16At(bytes, 0, 8)
  const authLength = u16At(bytes, 0, 10)
  return {
    bytes,
    type: bytes[2]!,
    from: TYPES[bytes[2]!]![1],
    flags: bytes[3]!,
    big,
    length,
    authLength,
    callId: String(u32At(bytes, 12, big)),
    trailer: authLength === 0 ? null : readTrailer(bytes, length - authLength - TRAILER_BYTES, authLength, big),
  }
}

/** Null where the capture does not have it. */
function readTrailer(bytes: Uint8Array, at: number, authLength: number, big: boolean): Trailer | null {
  if (at + TRAILER_BYTES > bytes.length) return null
  const token = bytes.subarray(at + TRAILER_BYTES, at + TRAILER_BYTES + authLength)
  return {
    authType: bytes[at]!,
    authLevel: bytes[at + 1]!,
    contextId: u32At(bytes, at + 4, big),
    token: token.length === 0 ? null : token,
  }
}

/** One presentation context that a client offers. */
interface Presentation {
  readonly id: number
  readonly interface: string
  readonly version: string
}

/*
 * bind and alter_context, C706 12.6.4.3 and 12.6.4.1
 *   16 max_xmit_frag (2)   18 max_recv_frag (2)   20 assoc_group_id (4)   24 n_context_elem (1)   25 reserved (3)
 *       28 p_cont_elem[]
 * p_cont_elem: p_cont_id (2), n_transfer_syn (1), reserved (1), abstract_syntax (UUID 16, version 4), transfer_syntaxes
 * (20 each)
 */
function bind(pdu: Pdu): Outcome<readonly CarrierMessage[]> {
  const c = new Cursor(pdu.bytes, RPC_HEADER_BYTES + 8, pdu.length - trailerBytes(pdu))
  const count = c.u8()
  c.skip(3)
  const presentations: Presentation[] = []
  for (let i = 0; i < count && !c.failed; i++) {
    const id = u16(c, pdu.big)
    const transferSyntaxes = c.u8()
    c.skip(1)
    const uuid = c.take(16)
    const major = u16(c, pdu.big)
    const minor = u16(c, pdu.big)
    c.skip(transferSyntaxes * 20)
    if (!c.failed) presentations.push({ id, interface: uuidText(uuid, pdu.big), version: `${major}.${minor}` })
  }
  const first = presentations[0] ?? null
  const rpc = first && { interface: first.interface, interfaceName: interfaceName(first.interface) }
  const fields = {
    callId: pdu.callId,
    interfaces: [...new Set(presentations.map((one) => interfaceName(one.interface) ?? one.interface))],
    ...authFields(pdu),
  }
  const interfaces = presentations.map((one) => ({ context: one.id, interface: one.interface }))
  const steps: AuthStep[] = [{ kind: 'interfaces', association: '', interfaces }, ...legOf(pdu, rpc)]
  return read([line(pdu, fields, steps)], faultOf(pdu, c.failed))
}

/*
 * bind_ack and alter_context_resp, C706 12.6.4.4 and 12.6.4.2
 *   16 max_xmit_frag (2)   18 max_recv_frag (2)   20 assoc_group_id (4)
 *       24 sec_addr: length (2), port_spec (length, with its NUL)
 *   on the next boundary of 4: n_results (1), reserved (3), p_results: result (2), reason (2), transfer_syntax (20)
 */
function bindAck(pdu: Pdu): Outcome<readonly CarrierMessage[]> {
  const c = new Cursor(pdu.bytes, RPC_HEADER_BYTES + 8, pdu.length - trailerBytes(pdu))
  const address = untilNul(latin1(c.take(u16(c, pdu.big))))
  if (c.pos % 4 !== 0) c.skip(4 - (c.pos % 4))
  const count = c.u8()
  c.skip(3)
  const results: string[] = []
  for (let i = 0; i < count && !c.failed; i++) {
    const result = u16(c, pdu.big)
    c.skip(22)
    if (!c.failed) results.push(RESULTS[result] ?? String(result))
  }
  const fields = { callId: pdu.callId, secondaryAddress: address === '' ? null : address, results, ...authFields(pdu) }
  return read([line(pdu, fields, legOf(pdu, null))], faultOf(pdu, c.failed))
}

/** p_cont_def_result_t, C706 12.6.3.1; negotiate_ack MS-RPCE 2.2.2.4 */
const RESULTS = ['acceptance', 'user_rejection', 'provider_rejection', 'negotiate_ack']

/*
 * bind_nak, C706 12.6.4.5
 *   16 provider_reject_reason (2)   18 n_protocols (1), versions
 */
function bindNak(pdu: Pdu): Outcome<readonly CarrierMessage[]> {
  const c = new Cursor(pdu.bytes, RPC_HEADER_BYTES, pdu.length)
  const code = u16(c, pdu.big)
  if (c.failed) return read([], faultOf(pdu, true))
  const status = { code, name: rejectReasonName(code), detail: null }
  const step: CallStep = { ...callStep(pdu), protection: null, outcome: 'failure', status }
  return read([line(pdu, { callId: pdu.callId, reason: status.name }, [step])])
}

/** rpc_auth_3, MS-RPCE 2.2.2.10: a pad of 4 bytes and the trailer. It has no answer. */
function auth3(pdu: Pdu): Outcome<readonly CarrierMessage[]> {
  const steps = legOf(pdu, null).map((leg) => ({ ...leg, message: null }))
  return read([line(pdu, { callId: pdu.callId, ...authFields(pdu) }, steps)], faultOf(pdu, false))
}

/*
 * request, response, fault: C706 12.6.4.9, 12.6.4.10, 12.6.4.7
 *   16 alloc_hint (4)   20 p_cont_id (2)   request: 22 opnum (2)
 *       response, fault: 22 cancel_count (1), 23 reserved (1)   fault: 24 status (4)
 */
function call(pdu: Pdu): Outcome<readonly CarrierMessage[]> {
  const step = callStep(pdu)
  if (pdu.type === FAULT) return faultPdu(pdu, step)
  // a trailer that was not kept names the security context: without it the call belongs to none
  const nameless = pdu.authLength > 0 && pdu.trailer === null
  if (nameless && step.called === null) return read([line(pdu, null, [])])
  return read([line(pdu, null, [nameless ? { ...step, slot: NO_SLOT, protection: null } : step])])
}

function faultPdu(pdu: Pdu, step: CallStep): Outcome<readonly CarrierMessage[]> {
  if (pdu.bytes.length < 28) return read([line(pdu, null, [step])], { reason: 'cut', where: 'fault.status' })
  const code = u32At(pdu.bytes, 24, pdu.big)
  const didNotExecute = (pdu.flags & PFC_DID_NOT_EXECUTE) !== 0
  const status = { code, name: faultName(code), detail: null }
  const fields = { callId: pdu.callId, status: status.name, didNotExecute }
  return read([line(pdu, fields, [{ ...step, outcome: outcomeOfFault(code, didNotExecute), status }])])
}

/** How the PDU itself stands under its security context. */
function callStep(pdu: Pdu): CallStep {
  return {
    kind: 'call',
    from: pdu.from,
    slot: pdu.trailer === null ? '' : slotOf(pdu.trailer),
    message: pdu.callId,
    protection: protectionOf(pdu.trailer),
    outcome: pdu.type === RESPONSE ? 'success' : null,
    status: null,
    called: calledBy(pdu),
  }
}

/** The security context is not known: it is none of those that have a name. */
const NO_SLOT = '?'

/** Of a call in fragments the first one says it. */
function calledBy({ bytes, type, flags, big }: Pdu): CallStep['called'] {
  if (type !== REQUEST || (flags & PFC_FIRST_FRAG) === 0 || bytes.length < OPNUM_END) return null
  const c = new Cursor(bytes, RPC_HEADER_BYTES + 4)
  return { association: '', context: u16(c, big), opnum: u16(c, big) }
}

/** auth_level, MS-RPCE 2.2.1.1.8: only the two highest protect what is called for. */
function protectionOf(trailer: Trailer | null): TrafficStep['protection'] {
  if (trailer === null || trailer.authLevel < 5) return 'clear'
  return trailer.authLevel === 5 ? 'signed' : 'sealed'
}

/** The leg of a security context, where the PDU has one. */
function legOf(pdu: Pdu, rpc: Partial<RpcFacts> | null): LegStep[] {
  const { trailer } = pdu
  if (trailer === null) return []
  const { authType, authLevel } = trailer
  return [
    {
      ...EMPTY_LEG,
      from: pdu.from,
      slot: slotOf(trailer),
      message: pdu.callId,
      method: authTypeName(authType),
      direct: authType === WINNT || authType === DEFAULT,
      token: trailer.token,
      rpc: { authType, authLevel, ...rpc },
    },
  ]
}

function slotOf(trailer: Trailer): string {
  return `auth ${trailer.contextId}`
}

const WINNT = 10
const DEFAULT = 0xff

/** auth_type, MS-RPCE 2.2.1.1.7, as methods are called elsewhere. */
function authTypeName(authType: number): string {
  switch (authType) {
    case 9:
      return 'SPNEGO'
    case WINNT:
    case DEFAULT:
      return 'NTLM'
    case 14:
      return 'Schannel'
    case 16:
      return 'Kerberos'
    case 0x44:
      return 'Netlogon'
    default:
      return `auth type ${authType}`
  }
}

/** `connect`; a level that MS-RPCE 2.2.1.1.8 does not have as its number. */
export function authLevelName(authLevel: number): string {
  return AUTH_LEVELS[authLevel] ?? String(authLevel)
}

const AUTH_LEVELS = ['default', 'none', 'connect', 'call', 'packet', 'integrity', 'privacy']

function authFields({ trailer }: Pdu): Readonly<Record<string, unknown>> {
  return trailer === null
    ? { authType: null, authLevel: null, authContextId: null }
    : {
        authType: authTypeName(trailer.authType),
        authLevel: authLevelName(trailer.authLevel),
        authContextId: trailer.contextId,
      }
}

function line(pdu: Pdu, fields: CarrierMessage['fields'], steps: readonly AuthStep[]): CarrierMessage {
  return { protocol: 'dcerpc', type: TYPES[pdu.type]![0], from: pdu.from, service: 'rpc', fields, steps }
}

function trailerBytes(pdu: Pdu): number {
  return pdu.authLength === 0 ? 0 : pdu.authLength + TRAILER_BYTES
}

/** Bytes that the PDU should have: lost by the capture, or never there. */
function faultOf(pdu: Pdu, failed: boolean): Fault | null {
  const where = TYPES[pdu.type]![0]
  if (pdu.bytes.length < pdu.length) return { reason: 'cut', where }
  return failed ? { reason: 'malformed', where } : null
}

/** UUID as text, C706 appendix A; its first three fields have the byte order of the PDU. */
function uuidText(bytes: Uint8Array, big: boolean): string {
  const order = big ? BIG_ORDER : LITTLE_ORDER
  const digits = hex(Uint8Array.from(order, (at) => bytes[at]!))
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12, 16)}-${digits.slice(16, 20)}-${digits.slice(20)}`
}

const LITTLE_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
const BIG_ORDER = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]

function u16(c: Cursor, big: boolean): number {
  return big ? c.u16be() : c.u16le()
}

/** A number of the header that begins at `at`, in its byte order. */
function u16At(bytes: Uint8Array, at: number, offset: number): number {
  const low = bytes[at + offset]!
  const high = bytes[at + offset + 1]!
  return (bytes[at + 4]! & 0x10) === 0 ? (low << 8) | high : low | (high << 8)
}

function u32At(bytes: Uint8Array, at: number, big: boolean): number {
  const [a, b, c, d] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!]
  return (big ? (a << 24) | (b << 16) | (c << 8) | d : a | (b << 8) | (c << 16) | (d << 24)) >>> 0
}
