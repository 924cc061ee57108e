/**
 * The part of the RADIUS carrier that reads what TLS in EAP holds (PEAP, EAP-TTLS, EAP-FAST, TEAP), where somebody has
 * opened it: the logon of another method, told as where it stands in clear.
 *
 * Specification: draft-kamath-pppext-peapv0 (EAP without its header; with it in later versions), RFC 5281 10 and 11
 * (attributes of TTLS), RFC 4851 4.2 and RFC 7170 4.2 (TLVs of EAP-FAST and TEAP), RFC 3748,
 * draft-kamath-pppext-eap-mschapv2, RFC 9427 (an octet of zero behind a session that is resumed). Nobody speaks it on a
 * wire: its PDUs are made where TLS is opened, and stand in the place of the packet that carried them. No challenge,
 * response or password leaves this file. All values are fresh copies.
 */
import { type AuthStep, type CarrierMessage, EMPTY_LEG, type LegStep, type Principal, type Side } from '../carrier.ts'
import { type Fault, failed, type Outcome, read } from '../outcome.ts'
import {
  attributeResponse,
  errorOf,
  failureOf,
  MICROSOFT,
  MS_CHAP_ERROR,
  MS_CHAP_RESPONSE,
  MS_CHAP2_RESPONSE,
  MS_CHAP2_SUCCESS,
  SUCCEEDED,
} from '../parts/ms-chap.ts'
import { typedPrincipal } from '../parts/sasl.ts'
import { utf8Text } from '../parts/text.ts'

export const EAP_MSCHAPV2 = 'EAP-MSCHAPv2'
export const LEAP = 'LEAP'
/** Methods of EAP by their types, outside of TLS or inside of it. */
export const EAP_METHODS: ReadonlyMap<number, string> = new Map([
  [4, 'EAP-MD5'],
  [13, 'EAP-TLS'],
  [17, LEAP],
  [21, 'EAP-TTLS'],
  [25, 'PEAP'],
  [26, EAP_MSCHAPV2],
  [43, 'EAP-FAST'],
  [55, 'TEAP'],
])
/** methods that carry another one inside TLS, which may be MS-CHAPv2 */
export const TUNNELS: ReadonlySet<string> = new Set(['EAP-TTLS', 'PEAP', 'EAP-FAST', 'TEAP'])

/** What was opened of one message of EAP, and whose it is. */
export interface InsidePlain {
  readonly kind: 'plain'
  readonly from: Side
  /** EAP-TTLS...: the method around it */
  readonly method: string
  /** of several logons in one conversation */
  readonly number: number
  /** as who the client has named itself inside: not every method says it again; '' it has not */
  readonly user: string
  readonly bytes: Uint8Array
}

/** The server has decided about a logon of which everything was opened. */
export interface InsideEnd {
  readonly kind: 'ended'
  readonly method: string
  readonly number: number
  /** of RADIUS: 2 Access-Accept, 3 Access-Reject */
  readonly code: number
}

/** All of it was opened, and nothing inside was a logon: an earlier one was enough. */
export interface InsideResumed {
  readonly kind: 'resumed'
  readonly method: string
}

/** Not all of it was opened: it hides a logon. */
export interface InsideHidden {
  readonly kind: 'hidden'
  readonly method: string
  /** its beginning is here: it is counted */
  readonly isCounted: boolean
}

/*
 * Kind 1, From 1 (0: client), Code 1, Flag 1, Number 4, length of the method 1, length of the user 2, both, the bytes
 */
const HEAD_BYTES = 11
const PLAIN = 0x81
const ENDED = 0x82
const HIDDEN = 0x83
const RESUMED = 0x84
const KINDS = { plain: PLAIN, ended: ENDED, hidden: HIDDEN, resumed: RESUMED } as const
const USER_BYTES_MAX = 1024

export function insidePdu(what: InsidePlain | InsideEnd | InsideResumed | InsideHidden): Uint8Array {
  const method = Buffer.from(what.method, 'latin1').subarray(0, 255)
  const user = Buffer.from(what.kind === 'plain' ? what.user : '').subarray(0, USER_BYTES_MAX)
  const bytes = what.kind === 'plain' ? what.bytes : NOTHING
  const pdu = Buffer.alloc(HEAD_BYTES + method.length + user.length + bytes.length)
  pdu[0] = KINDS[what.kind]
  pdu[1] = what.kind === 'plain' && what.from === 'client' ? 0 : 1
  pdu[2] = what.kind === 'ended' ? what.code : 0
  pdu[3] = what.kind === 'hidden' && what.isCounted ? 1 : 0
  pdu.writeUInt32LE('number' in what ? what.number : 0, 4)
  pdu[8] = method.length
  pdu.writeUInt16LE(user.length, 9)
  pdu.set(method, HEAD_BYTES)
  pdu.set(user, HEAD_BYTES + method.length)
  pdu.set(bytes, HEAD_BYTES + method.length + user.length)
  return new Uint8Array(pdu.buffer, pdu.byteOffset, pdu.length)
}

const NOTHING = new Uint8Array(0)
const ACCEPT = 2
const CODES: Readonly<Record<number, string>> = { [ACCEPT]: 'Access-Accept', 3: 'Access-Reject' }

/** Where what is read stands. */
interface Place {
  readonly from: Side
  readonly outer: string
  readonly slot: string
  readonly user: string
}

/** Was it made here, and is no packet of RADIUS? */
export function isInside(pdu: Uint8Array): boolean {
  return pdu[0]! >= PLAIN && pdu[0]! <= RESUMED
}

export function decodeInside(pdu: Uint8Array): Outcome<readonly CarrierMessage[]> {
  if (pdu.length < HEAD_BYTES) return failed('cut', 'EAP.Inside')
  const view = new DataView(pdu.buffer, pdu.byteOffset, pdu.length)
  const userAt = HEAD_BYTES + pdu[8]!
  const bytesAt = userAt + view.getUint16(9, true)
  if (bytesAt > pdu.length) return failed('cut', 'EAP.Inside')
  const outer = utf8Text(pdu.subarray(HEAD_BYTES, userAt))
  const from: Side = pdu[1] === 0 ? 'client' : 'server'
  const slot = `eap ${view.getUint32(4, true)}`
  if (pdu[0] === HIDDEN) {
    const hidden: AuthStep = { kind: 'facts', facts: { hidden: 'radius' } }
    return read([silent('client', pdu[3] === 1 ? [hidden, { kind: 'network', method: outer }] : [hidden])])
  }
  if (pdu[0] === RESUMED) return read([silent('client', [{ kind: 'network', method: `${outer}, resumed` }])])
  if (pdu[0] === ENDED) return read([silent('server', [ended(pdu[2]!, slot)])])
  const place: Place = { from, outer, slot, user: utf8Text(pdu.subarray(userAt, bytesAt)) }
  const bytes = pdu.subarray(bytesAt)
  // the server's word that nothing more comes
  if (bytes.length === 1 && bytes[0] === 0 && from === 'server') return read([])
  switch (outer) {
    case 'PEAP':
      return eap(bytes, place)
    case 'EAP-TTLS':
      return attributes(bytes, place)
    default:
      return tlvs(bytes, place)
  }
}

function ended(code: number, slot: string): LegStep {
  return {
    ...EMPTY_LEG,
    from: 'server',
    slot,
    outcome: code === ACCEPT ? 'success' : 'failure',
    status: { code, name: CODES[code] ?? String(code), detail: null },
  }
}

// --- EAP
// ---------------------------------------------------------------------------------------------------------------------

/** types of EAP that are no logon: Identity, Notification, Nak, TLVs of PEAP, and what vendors ask about a client */
const IDENTITY = 1
const NAK = 3
const EAP_TLV = 33
const EXPANDED = 254
const MS_CHAPV2 = 26
const FURTHER_METHODS: ReadonlyMap<number, string> = new Map([
  [5, 'EAP-OTP'],
  [6, 'EAP-GTC'],
  [18, 'EAP-SIM'],
  [23, 'EAP-AKA'],
  [50, "EAP-AKA'"],
  [52, 'EAP-PWD'],
])

/**
 * Code 1, Identifier 1, Length 2, Type 1, and what the type has. In PEAPv0 it begins with Type: the rest is that of the
 * packet around it. TLVs have it always (draft-kamath-pppext-peapv0 1.1).
 */
function eap(bytes: Uint8Array, place: Place): Outcome<readonly CarrierMessage[]> {
  if (bytes.length === 0) return failed('cut', 'EAP.Type')
  const isWhole = bytes.length >= 4 && bytes[0]! >= 1 && bytes[0]! <= 4 && big16(bytes, 2) === bytes.length
  if (isWhole && (bytes[0]! > 2 || bytes.length < 5)) return read([])
  const body = isWhole ? bytes.subarray(4) : bytes
  const type = body[0]!
  if (type === IDENTITY) {
    const userName = place.from === 'client' ? utf8Text(body.subarray(1)) : null
    return read([message('EAP-Identity', place, { userName, method: null }, [])])
  }
  if (type <= NAK || type === EAP_TLV) return read([])
  if (type === EXPANDED) return expanded(body)
  if (type === MS_CHAPV2) return msChapv2(body.subarray(1), place)
  const name = EAP_METHODS.get(type) ?? FURTHER_METHODS.get(type) ?? `EAP type ${type}`
  const steps = logon(name, null, namedUser(place), place)
  // another one that is in TLS once more is not opened
  if (TUNNELS.has(name)) steps.push({ kind: 'facts', facts: { hidden: 'radius' } })
  return read([message(name, place, { userName: place.user === '' ? null : place.user, method: name }, steps)])
}

/** Type 1, Vendor-Id 3, Vendor-Type 4: the health of a Windows (MS-SOH in PEAP) is no logon. */
function expanded(body: Uint8Array): Outcome<readonly CarrierMessage[]> {
  const isHealth = body.length >= 8 && body[1] === 0 && big16(body, 2) === MICROSOFT && body[7] === STATEMENT_OF_HEALTH
  return isHealth ? read([]) : failed('unsupported', 'EAP.Expanded')
}

const STATEMENT_OF_HEALTH = 0x21

/*
 *   OpCode (1), MS-CHAPv2-ID (1), MS-Length (2)
 *   Response: Value-Size (1): 49, Value, Name. Failure: Message
 *   of the client alone: OpCode
 */
const CHALLENGE = 1
const RESPONSE = 2
const SUCCESS = 3
const FAILURE = 4
const CHANGE_PASSWORD = 7
const OPCODES: Readonly<Record<number, string>> = {
  [CHALLENGE]: 'Challenge',
  [RESPONSE]: 'Response',
  [SUCCESS]: 'Success',
  [FAILURE]: 'Failure',
  [CHANGE_PASSWORD]: 'Change-Password',
}
const OPCODE_HEAD_BYTES = 4
const VALUE_BYTES = 49

function msChapv2(packet: Uint8Array, place: Place): Outcome<readonly CarrierMessage[]> {
  const method = EAP_MSCHAPV2
  const name = OPCODES[packet[0] ?? 0]
  if (name === undefined) return failed('malformed', 'EAP.OpCode')
  const opcode = packet[0]!
  const type = `${method} ${name}`
  if (place.from === 'client' && opcode === RESPONSE) {
    const nameAt = OPCODE_HEAD_BYTES + 1 + VALUE_BYTES
    if (packet.length < nameAt) return failed('cut', 'EAP.MS-CHAPv2')
    if (packet[OPCODE_HEAD_BYTES] !== VALUE_BYTES) return failed('malformed', 'EAP.MS-CHAPv2')
    const userName = utf8Text(packet.subarray(nameAt))
    return read([message(type, place, { userName, method }, logon(method, 'NTLMv1', typedPrincipal(userName), place))])
  }
  const steps: AuthStep[] = []
  if (place.from === 'server' && opcode === SUCCESS) steps.push(decided(null, place))
  if (place.from === 'server' && opcode === FAILURE)
    steps.push(decided({ error: errorOf(packet.subarray(OPCODE_HEAD_BYTES)) }, place))
  return read([message(type, place, { userName: null, method }, steps)])
}

// --- attributes
// ---------------------------------------------------------------------------------------------------------------------

const USER_NAME = 1
const USER_PASSWORD = 2
const CHAP_PASSWORD = 3
/** as in RADIUS */
export const EAP_MESSAGE = 79

/** What the attributes of one message say. */
interface Said {
  userName: string | null
  method: string | null
  plainNtlm: LegStep['plainNtlm']
  decided: AuthStep | null
  eap: Uint8Array[]
  fault: Fault | null
}

/**
 * AVP Code 4, Flags 1 (0x80: a vendor is named), AVP Length 3 (all of it), Vendor-ID 4 where it is named, Data; then
 * zeros until the next multiple of four
 */
const AVP_HEAD_BYTES = 8
const IS_VENDORS = 0x80

function attributes(bytes: Uint8Array, place: Place): Outcome<readonly CarrierMessage[]> {
  const said: Said = { userName: null, method: null, plainNtlm: null, decided: null, eap: [], fault: null }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < bytes.length; ) {
    const length = at + AVP_HEAD_BYTES > bytes.length ? 0 : view.getUint32(at + 4) & 0xff_ff_ff
    const isVendors = length > 0 && (bytes[at + 4]! & IS_VENDORS) !== 0
    const dataAt = at + AVP_HEAD_BYTES + (isVendors ? 4 : 0)
    if (at + length > bytes.length || dataAt > at + length) {
      said.fault = { reason: 'malformed', where: 'TTLS.AVP' }
      break
    }
    attribute(
      isVendors ? view.getUint32(at + 8) : 0,
      view.getUint32(at),
      bytes.subarray(dataAt, at + length),
      said,
      place,
    )
    at += (length + 3) & ~3
  }
  const { userName, method, plainNtlm, fault } = said
  const user = userName ?? (place.user === '' ? null : place.user)
  const steps: AuthStep[] = []
  if (place.from === 'client' && method !== null)
    steps.push(...logon(method, plainNtlm, user === null ? null : typedPrincipal(user), place))
  if (said.decided !== null) steps.push(said.decided)
  const told = steps.length > 0 ? [message('AVP', place, { userName: user, method }, steps)] : []
  if (said.eap.length === 0) return read(told, fault)
  const inner = eap(Buffer.concat(said.eap), place)
  return inner.value === null ? inner : read([...told, ...inner.value], fault ?? inner.fault)
}

function attribute(vendor: number, code: number, data: Uint8Array, said: Said, place: Place): void {
  const isClient = place.from === 'client'
  if (vendor === 0) {
    if (code === USER_NAME) said.userName = utf8Text(data)
    else if (code === USER_PASSWORD) said.method = 'PAP'
    else if (code === CHAP_PASSWORD) said.method = 'CHAP'
    else if (code === EAP_MESSAGE) said.eap.push(data)
  } else if (vendor === MICROSOFT) {
    if (isClient && (code === MS_CHAP_RESPONSE || code === MS_CHAP2_RESPONSE)) {
      const response = attributeResponse(code, data)
      if (response === null) said.fault = { reason: 'malformed', where: 'TTLS.MS-CHAP-Response' }
      else Object.assign(said, response)
    } else if (!isClient && code === MS_CHAP2_SUCCESS) said.decided = decided(null, place)
    // Ident 1, then the message
    else if (!isClient && code === MS_CHAP_ERROR) said.decided = decided({ error: errorOf(data.subarray(1)) }, place)
  }
}

// --- TLVs
// ---------------------------------------------------------------------------------------------------------------------

/**
 * M 1 bit, R 1 bit, TLV Type 14 bits, Length 2, Value: of EAP-FAST and TEAP
 */
const EAP_PAYLOAD = 9
const PASSWORD_REQUEST = 13
const PASSWORD_RESPONSE = 14

function tlvs(bytes: Uint8Array, place: Place): Outcome<readonly CarrierMessage[]> {
  const messages: CarrierMessage[] = []
  let fault: Fault | null = null
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 > bytes.length ? Number.POSITIVE_INFINITY : at + 4 + big16(bytes, at + 2)
    if (end > bytes.length) {
      fault ??= { reason: 'malformed', where: 'EAP.TLV' }
      break
    }
    const type = big16(bytes, at) & 0x3fff
    const value = bytes.subarray(at + 4, end)
    at = end
    if (type === EAP_PAYLOAD) {
      const inner = eap(value, place)
      messages.push(...(inner.value ?? []))
      fault ??= inner.fault
    } else if (type === PASSWORD_RESPONSE && place.from === 'client') messages.push(passwordLogon(value, place))
    else if (type === PASSWORD_REQUEST && place.from === 'server')
      messages.push(
        message(
          BASIC_PASSWORD,
          place,
          { userName: null, method: BASIC_PASSWORD },
          logon(BASIC_PASSWORD, null, null, place),
        ),
      )
  }
  return read(messages, fault)
}

const BASIC_PASSWORD = 'Basic-Password'

/** RFC 7170 4.2.15: Userlen 1, Username, Passlen 1, Password */
function passwordLogon(value: Uint8Array, place: Place): CarrierMessage {
  const userName = utf8Text(value.subarray(1, 1 + (value[0] ?? 0)))
  const steps = logon(BASIC_PASSWORD, null, typedPrincipal(userName), place)
  return message(BASIC_PASSWORD, place, { userName, method: BASIC_PASSWORD }, steps)
}

// --- all of them
// ---------------------------------------------------------------------------------------------------------------------

/** A client logs on, or goes on with it; a server asks for more. */
function logon(
  method: string,
  plainNtlm: LegStep['plainNtlm'],
  principal: Principal | null,
  { from, outer, slot }: Place,
): AuthStep[] {
  const isClient = from === 'client'
  const leg: LegStep = {
    ...EMPTY_LEG,
    from,
    slot,
    method: isClient ? `${outer}/${method}` : null,
    direct: plainNtlm !== null,
    plainNtlm,
    principal: isClient ? principal : null,
    outcome: isClient ? null : 'continue',
  }
  return [leg]
}

/** null: it is taken */
function decided(failure: { readonly error: number | null } | null, { slot }: Place): LegStep {
  return {
    ...EMPTY_LEG,
    from: 'server',
    slot,
    outcome: failure === null ? 'success' : 'failure',
    status: failure === null ? SUCCEEDED : failureOf(failure.error),
  }
}

function namedUser({ user }: Place): Principal | null {
  return user === '' ? null : typedPrincipal(user)
}

function big16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}

function message(
  type: string,
  { from, outer }: Place,
  fields: { readonly userName: string | null; readonly method: string | null },
  steps: readonly AuthStep[],
): CarrierMessage {
  return { protocol: 'radius', type, from, service: 'radius', fields: { inside: outer, ...fields }, steps }
}

/** It feeds the fold alone. */
function silent(from: Side, steps: readonly AuthStep[]): CarrierMessage {
  return { protocol: 'radius', type: 'EAP', from, service: 'radius', fields: null, steps }
}
