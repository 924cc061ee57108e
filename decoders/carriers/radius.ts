/**
 * The RADIUS carrier: logons that a network device hands to a server, as far as they are NTLM by another name.
 *
 * Specification: RFC 2865 3 to 5 (packets, attributes), RFC 2548 2 (MS-CHAP attributes), RFC 2433 and 2759 (MS-CHAP,
 * MS-CHAPv2), RFC 3579 (EAP), RFC 3748; LEAP of Cisco as others describe it. The response of MS-CHAP is DES over the
 * NT hash, as that of NTLMv1 is; it dies with NTLM. What a device puts into EAP methods with TLS (PEAP, TTLS; RFC 5216)
 * is not visible but for the handshake, whose parts are handed over. User-Password is hidden with the shared secret,
 * and neither it nor a response or a key leaves this file. All values are fresh copies.
 */
import {
  type AuthStep,
  type Carrier,
  type CarrierMessage,
  type EapStep,
  EMPTY_LEG,
  type Framing,
  type LegStep,
  type Side,
} from '../carrier.ts'
import { type Fault, failed, type Outcome, read } from '../outcome.ts'
import {
  attributeResponse,
  MICROSOFT,
  MS_CHAP_ERROR,
  MS_CHAP_RESPONSE,
  MS_CHAP2_RESPONSE,
  MS_CHAP2_SUCCESS,
} from '../parts/ms-chap.ts'
import { typedPrincipal } from '../parts/sasl.ts'
import { utf8Text } from '../parts/text.ts'
import { decodeInside, EAP_MESSAGE, EAP_METHODS, EAP_MSCHAPV2, isInside, LEAP, TUNNELS } from './eap-inside.ts'

const ACCESS_REQUEST = 1
const ACCESS_ACCEPT = 2
const ACCESS_REJECT = 3
const ACCESS_CHALLENGE = 11
const CODES: ReadonlyMap<number, string> = new Map([
  [ACCESS_REQUEST, 'Access-Request'],
  [ACCESS_ACCEPT, 'Access-Accept'],
  [ACCESS_REJECT, 'Access-Reject'],
  [ACCESS_CHALLENGE, 'Access-Challenge'],
])

export const radius: Carrier = {
  name: 'radius',
  transport: 'udp',
  ports: [1812, 1645],
  firstBytes: [ACCESS_REQUEST, ACCESS_ACCEPT, ACCESS_REJECT, ACCESS_CHALLENGE],
  probe: (head) => (isPacket(head) ? 'mine' : 'other'),
  frame,
  decode: (pdu) =>
    pdu[0] === FOLLOWED ? decode(pdu.subarray(1), true) : isInside(pdu) ? decodeInside(pdu) : decode(pdu, false),
  followed,
}

/**
 * In front of a packet where somebody opens what EAP puts into TLS, and says himself what could not be opened. No code
 * of a packet: `frame` lets none through that begins so, nor what was opened (eap-inside.ts).
 */
const FOLLOWED = 0x80

function followed(packet: Uint8Array): Uint8Array {
  const pdu = new Uint8Array(1 + packet.length)
  pdu[0] = FOLLOWED
  pdu.set(packet, 1)
  return pdu
}

/**
 * ```
 * Code 1, Identifier 1, Length 2 big-endian (this header included), Authenticator 16, then attributes:
 * Type 1, Length 1 (both included), Value
 * ```
 */
const HEADER_BYTES = 20
const PACKET_BYTES_MAX = 4096

/**
 * The attributes fill the packet: that tells it from any other datagram. Hot for datagrams of these first bytes only.
 */
function isPacket(head: Uint8Array): boolean {
  if (head.length < HEADER_BYTES || !isCode(head[0]!)) return false
  const length = packetLength(head)
  if (length < HEADER_BYTES || length > PACKET_BYTES_MAX || length > head.length) return false
  let at = HEADER_BYTES
  while (at + 2 <= length && head[at + 1]! >= 2) at += head[at + 1]!
  return at === length && (length > HEADER_BYTES || head.length === HEADER_BYTES)
}

function isCode(code: number): boolean {
  return code === ACCESS_REQUEST || code === ACCESS_ACCEPT || code === ACCESS_REJECT || code === ACCESS_CHALLENGE
}

function packetLength(head: Uint8Array): number {
  return (head[2]! << 8) | head[3]!
}

function frame(head: Uint8Array, _side: Side, out: Framing): 'ready' | 'lost' {
  if (!isPacket(head)) return 'lost'
  out.length = head.length
  out.keep = packetLength(head)
  out.more = false
  return 'ready'
}

// --- cold
// ---------------------------------------------------------------------------------------------------------------------

const USER_NAME = 1
const USER_PASSWORD = 2
const CHAP_PASSWORD = 3
const VENDOR_SPECIFIC = 26
const STATE = 24

/** What the attributes of a packet say. */
interface Attributes {
  userName: string | null
  method: string | null
  plainNtlm: LegStep['plainNtlm']
  /** what a server's attributes say that they answer */
  answers: string | null
  /** EAP-Message attributes, joined */
  eap: number[]
  state: Uint8Array | null
  fault: Fault | null
}

function decode(pdu: Uint8Array, isFollowed: boolean): Outcome<readonly CarrierMessage[]> {
  if (pdu.length < HEADER_BYTES) return failed('cut', 'RADIUS.Authenticator')
  const type = CODES.get(pdu[0]!)
  if (type === undefined) return failed('unsupported', 'RADIUS.Code')
  const attributes = attributesOf(pdu.subarray(0, packetLength(pdu)), pdu.length < packetLength(pdu))
  const message = String(pdu[1])
  return pdu[0] === ACCESS_REQUEST
    ? request(type, message, attributes, isFollowed)
    : answer(pdu[0]!, type, message, attributes, isFollowed)
}

function attributesOf(packet: Uint8Array, cut: boolean): Attributes {
  const found: Attributes = {
    userName: null,
    method: null,
    plainNtlm: null,
    answers: null,
    eap: [],
    state: null,
    fault: null,
  }
  if (cut) found.fault = { reason: 'cut', where: 'RADIUS.Attributes' }
  for (let at = HEADER_BYTES; at + 2 <= packet.length; ) {
    const size = packet[at + 1]!
    if (size < 2 || at + size > packet.length) {
      found.fault ??= { reason: 'malformed', where: 'RADIUS.Attributes' }
      break
    }
    attribute(packet[at]!, packet.subarray(at + 2, at + size), found)
    at += size
  }
  return found
}

function attribute(type: number, value: Uint8Array, found: Attributes): void {
  if (type === USER_NAME) found.userName = utf8Text(value)
  else if (type === USER_PASSWORD) found.method = 'PAP'
  else if (type === CHAP_PASSWORD) found.method = 'CHAP'
  else if (type === EAP_MESSAGE) found.eap.push(...value)
  else if (type === STATE) found.state = value.slice()
  else if (type === VENDOR_SPECIFIC) vendorAttributes(value, found)
}

/** Vendor-Id 4, then Vendor-Type 1, Vendor-Length 1 (both included), value */
function vendorAttributes(value: Uint8Array, found: Attributes): void {
  if (value.length < 4 || ((value[0]! << 24) | (value[1]! << 16) | (value[2]! << 8) | value[3]!) !== MICROSOFT) return
  for (let at = 4; at + 2 <= value.length && value[at + 1]! >= 2; at += value[at + 1]!) {
    const type = value[at]!
    // of the server: what it answers
    if (type === MS_CHAP_ERROR || type === MS_CHAP2_SUCCESS) found.answers = 'MS-CHAP'
    if (type !== MS_CHAP_RESPONSE && type !== MS_CHAP2_RESPONSE) continue
    const response = attributeResponse(type, value.subarray(at + 2, at + value[at + 1]!))
    if (response === null) found.fault ??= { reason: 'malformed', where: 'RADIUS.MS-CHAP-Response' }
    else Object.assign(found, response)
  }
}

/**
 * EAP packet, RFC 3748 4: Code 1 (2: Response), Identifier 1, Length 2, Type 1. Its method; EAP-MSCHAPv2 outside of TLS
 * holds the same response: OpCode 2 of a Response.
 */
function eapMethod(eap: readonly number[]): string | null {
  if (eap.length < 5 || eap[0] !== 2) return null
  return EAP_METHODS.get(eap[4]!) ?? null
}

/**
 * Methods of which the data is that of EAP-TLS, RFC 5216 3.1: flags 1 (0x80: a length of four octets follows, 0x40: the
 * message goes on), then a part of TLS.
 */
const METHODS_OF_TLS: ReadonlySet<number> = new Set([13, 21, 25, 43, 55])
const EAP_HEADER_BYTES = 6

/** Clients of RADIUS give up after three times five to ten seconds. */
export const SENT_AGAIN_MICROS = 30e6

/**
 * What joins the rounds of one logon by EAP: the request that this is, or answers (RFC 2865 3), and the State of the
 * server that it has, which goes back unchanged (RFC 3579 2.6.1). Between the same two hosts.
 */
export function roundNames(
  ends: {
    readonly lowAddress: string
    readonly highAddress: string
    readonly lowPort: number
    readonly highPort: number
  },
  { message, state }: EapStep,
): { readonly asked: string; readonly state: string } {
  const place = `${ends.lowAddress} ${ends.highAddress}`
  return {
    asked: `${place} ${ends.lowPort} ${ends.highPort} ${message}`,
    state: state === null ? '-' : `${place} ${Buffer.from(state).toString('latin1')}`,
  }
}

const TLS_HANDSHAKE = 22
const TLS_HEADER_BYTES = 5
const CLIENT_HELLO = 1

/** Does TLS begin in the data of this round? */
export function startsHello(data: Uint8Array): boolean {
  return (
    data.length > TLS_HEADER_BYTES &&
    data[0] === TLS_HANDSHAKE &&
    data[1] === 3 &&
    data[TLS_HEADER_BYTES] === CLIENT_HELLO
  )
}

/** null: no TLS in it */
function eapStep(from: Side, message: string, { eap, state }: Attributes, isFollowed: boolean): EapStep | null {
  if (eap.length < EAP_HEADER_BYTES || !METHODS_OF_TLS.has(eap[4]!)) return null
  const flags = eap[5]!
  const data = Uint8Array.from(eap.slice(EAP_HEADER_BYTES + ((flags & 0x80) !== 0 ? 4 : 0)))
  const method = EAP_METHODS.get(eap[4]!)!
  const goesOn = (flags & 0x40) !== 0
  const isFollowedHere = isFollowed && TUNNELS.has(method)
  return {
    kind: 'eap',
    method,
    from,
    message,
    state,
    identifier: eap[1]!,
    goesOn,
    data,
    ends: false,
    isFollowed: isFollowedHere,
  }
}

const OPCODE_RESPONSE = 2

/**
 * Does the client answer a challenge with its NT hash? LEAP of Cisco: Version 1 (1), unused (1), Count (1): 24, and as
 * many octets that are made as those of MS-CHAP; then the name.
 */
function isResponse(method: string | null, eap: readonly number[]): boolean {
  if (method === EAP_MSCHAPV2) return eap[5] === OPCODE_RESPONSE
  return method === LEAP && eap[5] === 1 && eap[7] === LEAP_RESPONSE_BYTES
}

const LEAP_RESPONSE_BYTES = 24

/**
 * Does the client go on behind its response? With EAP-MSCHAPv2 it says that it has read the server's success or failure
 * (OpCode 3 and 4, draft-kamath-pppext-eap-mschapv2 2.3 and 2.5), with LEAP it asks in its turn.
 */
function isBehindResponse(eap: readonly number[]): boolean {
  if (eap.length < 6) return false
  return eap[0] === 2 ? eap[4] === 26 && (eap[5] === 3 || eap[5] === 4) : eap[0] === 1 && eap[4] === 17
}

/** What an answer of the server is to, where it can be to nothing else; null: to anything. */
function answeredMethod({ eap, answers }: Attributes): string | null {
  if (eap.length < 6) return answers
  if (eap[0] === 1) return eap[4] === 26 && (eap[5] === 3 || eap[5] === 4) ? EAP_MSCHAPV2 : answers
  return eap[0] === 2 && eap[4] === 17 ? LEAP : answers
}

function request(
  type: string,
  message: string,
  found: Attributes,
  isFollowed: boolean,
): Outcome<readonly CarrierMessage[]> {
  const eap = eapMethod(found.eap)
  const responds = isResponse(eap, found.eap)
  const method = found.method ?? eap
  const principal = found.userName === null ? null : typedPrincipal(found.userName)
  const fields = { identifier: Number(message), userName: found.userName, method }
  const steps: AuthStep[] = []
  if (eap !== null && TUNNELS.has(eap)) {
    if (!isFollowed) steps.push({ kind: 'facts', facts: { hidden: 'radius' } })
  }
  // the other rounds of EAP are no logons of their own
  else if (found.method !== null || responds) {
    const plainNtlm = responds ? 'NTLMv1' : found.plainNtlm
    steps.push({
      ...EMPTY_LEG,
      from: 'client',
      message,
      method,
      direct: plainNtlm !== null,
      plainNtlm,
      principal,
    })
  }
  if (isBehindResponse(found.eap)) steps.push({ kind: 'facts', facts: { loggedOn: principal ?? typedPrincipal('') } })
  const part = eapStep('client', message, found, isFollowed)
  if (part !== null) steps.push(part)
  return read([radiusMessage(type, 'client', fields, steps)], found.fault)
}

function answer(
  code: number,
  type: string,
  message: string,
  found: Attributes,
  isFollowed: boolean,
): Outcome<readonly CarrierMessage[]> {
  const leg: LegStep = {
    ...EMPTY_LEG,
    from: 'server',
    method: answeredMethod(found),
    outcome: code === ACCESS_ACCEPT ? 'success' : code === ACCESS_REJECT ? 'failure' : 'continue',
    status: code === ACCESS_CHALLENGE ? null : { code, name: type, detail: null },
    message,
  }
  const part = eapStep('server', message, found, isFollowed)
  const end: EapStep | null =
    code !== ACCESS_CHALLENGE && found.eap.length > 0
      ? {
          kind: 'eap',
          method: '',
          from: 'server',
          message,
          state: null,
          identifier: -1,
          goesOn: false,
          data: NOTHING,
          ends: true,
          isFollowed,
        }
      : null
  const steps: AuthStep[] = [leg, ...(part === null ? [] : [part]), ...(end === null ? [] : [end])]
  return read([radiusMessage(type, 'server', { identifier: Number(message) }, steps)], found.fault)
}

const NOTHING = new Uint8Array(0)

function radiusMessage(
  type: string,
  from: Side,
  fields: CarrierMessage['fields'],
  steps: readonly AuthStep[],
): CarrierMessage {
  return { protocol: 'radius', type, from, service: 'radius', fields, steps }
}
