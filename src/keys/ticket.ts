/**
 * What a keytab opens: the ticket and the authenticator of an AP-REQ, and the proof of an NTLM logon.
 *
 * Specification: RFC 4120 5.3 and 5.5.1, RFC 4121 4.1.1 (checksum 0x8003), MS-KILE 2.2, MS-PAC 2, MS-NLMP 3.3.2 and
 * 3.4. Keys that are met inside are used and forgotten: what this file gives away holds names, flags and hashes that
 * are public. It does not verify signatures of a PAC, which need other keys.
 */
import { timingSafeEqual } from 'node:crypto'
import { Cursor } from '../../decoders/parts/cursor.ts'
import {
  type DerElement,
  derAt,
  derChildren,
  derField,
  derFlags,
  derInteger,
  derOctets,
  derText,
} from '../../decoders/parts/der.ts'
import { utf16le } from '../../decoders/parts/text.ts'
import type { NtlmProof, OpenedTicket, TicketAuthorization } from '../facts/channel.ts'
import { decryptKerberos, hmac } from './kerberos-cipher.ts'
import type { KeytabKey } from './keytab.ts'
import { Rc4 } from './rc4.ts'

/** Key usage numbers, RFC 4120 7.5.1. */
const TICKET = 2
const AP_REQ_AUTHENTICATOR = 11

/** What was seen of tickets in a run. */
export interface TicketCounters {
  tickets: number
  opened: number
  /** those that no key of the file opens, by etype, version and service */
  readonly noKey: Map<string, MissingKey>
}

export interface MissingKey {
  readonly etype: number
  readonly kvno: number | null
  readonly sname: string
  count: number
}

const NO_KEY_MAX = 256

export class Tickets {
  readonly counters: TicketCounters = { tickets: 0, opened: 0, noKey: new Map() }
  readonly #keys: readonly KeytabKey[]

  constructor(keys: readonly KeytabKey[]) {
    this.#keys = keys
  }

  /**
   * Opens the AP-REQ in a security token, wherever it stands in it; null: there is none, or no key opens it. `time`: of
   * the frame, microseconds.
   */
  open(token: Uint8Array, time: number): OpenedTicket | null {
    const request = apReqIn(token)
    const ticket = request && derField(request, 3)
    const sealed = ticket && encryptedIn(ticket, 3)
    if (request === null || !sealed) return null
    this.counters.tickets++
    const opened = this.#decrypt(sealed)
    const part = opened && sequenceIn(opened, 0x63)
    if (part === null) {
      this.#missed(ticket!, sealed)
      return null
    }
    this.counters.opened++
    return describe(part, request, sealed.etype, time)
  }

  #decrypt({ etype, kvno, bytes }: Encrypted): Buffer | null {
    // the version first; another one may have been given to the file
    const likely = this.#keys.filter((key) => key.etype === etype && isVersion(key, kvno))
    const others = this.#keys.filter((key) => key.etype === etype && !likely.includes(key))
    for (const { key } of [...likely, ...others]) {
      const plain = decryptKerberos(etype, key, TICKET, bytes)
      if (plain !== null) return plain
    }
    return null
  }

  #missed(ticket: DerElement, { etype, kvno }: Encrypted): void {
    const sequence = ticket.tag === 0x61 ? derChildren(ticket)[0] : ticket
    const name = (sequence && principalIn(derField(sequence, 2))) ?? '?'
    const key = `${etype} ${kvno} ${name}`
    const known = this.counters.noKey.get(key)
    if (known !== undefined) known.count++
    else if (this.counters.noKey.size < NO_KEY_MAX) this.counters.noKey.set(key, { etype, kvno, sname: name, count: 1 })
  }
}

function isVersion({ kvno, isShortVersion }: KeytabKey, wanted: number | null): boolean {
  return wanted === null || kvno === (isShortVersion ? wanted & 0xff : wanted)
}

interface Encrypted {
  readonly etype: number
  readonly kvno: number | null
  readonly bytes: Uint8Array
}

/**
 * `AP-REQ ::= [APPLICATION 14] SEQUENCE { pvno [0], msg-type [1], ap-options [2], ticket [3], authenticator [4] }`: GSS
 * and SPNEGO hide where it begins.
 */
function apReqIn(token: Uint8Array): DerElement | null {
  for (let at = token.indexOf(0x6e); at >= 0; at = token.indexOf(0x6e, at + 1)) {
    const element = derAt(token, at)
    if (element === null || element.cut) continue
    const [sequence] = derChildren(element)
    if (sequence?.tag !== 0x30 || sequence.end !== element.end) continue
    const type = derField(sequence, 1)
    if (type !== null && derInteger(type) === 14) return sequence
  }
  return null
}

/**
 * `EncryptedData ::= SEQUENCE { etype [0], kvno [1] OPTIONAL, cipher [2] OCTET STRING }` in the field of this number.
 */
function encryptedIn(parent: DerElement, field: number): Encrypted | null {
  const sequence = parent.tag === 0x61 ? derChildren(parent)[0] : parent
  const data = sequence && derField(sequence, field)
  const cipher = data && derField(data, 2)
  const etypeField = data && derField(data, 0)
  const etype = etypeField && derInteger(etypeField)
  if (!cipher || cipher.cut || etype == null) return null
  const kvno = derField(data, 1)
  return { etype, kvno: kvno && derInteger(kvno), bytes: derOctets(cipher) }
}

/** The SEQUENCE inside an application tag; what is behind it is padding. */
function sequenceIn(bytes: Uint8Array, tag: number): DerElement | null {
  const outer = derAt(bytes)
  if (outer === null || outer.tag !== tag) return null
  return derChildren(outer)[0] ?? null
}

/** `PrincipalName ::= SEQUENCE { name-type [0], name-string [1] SEQUENCE OF KerberosString }` */
function principalIn(name: DerElement | null): string | null {
  const strings = name && derField(name, 1)
  return strings ? derChildren(strings).map(derText).join('/') : null
}

/**
 * ```
 * EncTicketPart ::= [APPLICATION 3] SEQUENCE { flags [0], key [1] EncryptionKey, crealm [2], cname [3], transited [4],
 * authtime [5], ...,
 *                                              authorization-data [10] }
 * Authenticator ::= [APPLICATION 2] SEQUENCE { authenticator-vno [0], crealm [1], cname [2], cksum [3], cusec [4],
 * ctime [5], subkey [6], seq-number [7],
 *                                              authorization-data [8] }
 * ```
 */
function describe(part: DerElement, request: DerElement, etype: number, time: number): OpenedTicket {
  const session = keyIn(derField(part, 1))
  const flags = derField(part, 0)
  const sealed = encryptedIn(request, 4)
  const plain =
    session === null || sealed === null
      ? null
      : decryptKerberos(session.etype, session.key, AP_REQ_AUTHENTICATOR, sealed.bytes)
  const authenticator = plain && sequenceIn(plain, 0x62)
  const checksum = authenticator && gssChecksum(derField(authenticator, 3))
  const restrictions = authenticator && derField(authenticator, 8)
  const entries = restrictions ? authorizationIn(restrictions) : []
  const options = entries.find(([type]) => type === AD_AP_OPTIONS)?.[1]
  const target = entries.find(([type]) => type === AD_TARGET_PRINCIPAL)?.[1]
  const crealm = derField(part, 2)
  const pac = pacIn(derField(part, 10))
  const subkey = authenticator && keyIn(derField(authenticator, 6))
  const described: OpenedTicket = {
    etype,
    sessionKeyEtype: session?.etype ?? 0,
    subkeyEtype: subkey?.etype ?? null,
    flags: namesOf(flags === null ? 0 : (derFlags(flags) ?? 0), TICKET_FLAGS),
    client: { name: principalIn(derField(part, 3)) ?? '', realm: crealm === null ? '' : derText(crealm) },
    skewSeconds: authenticator ? skewOf(authenticator, time) : null,
    channelBindings: checksum?.bindings ?? null,
    contextFlags: checksum?.flags ?? [],
    delegatesCredentials: checksum?.delegates ?? false,
    knowsChannelBindings: options === undefined ? null : (new Cursor(options).u32le() & KERB_AP_OPTIONS_CBT) !== 0,
    targetPrincipal: target === undefined ? null : utf16le(target),
    authorization: pac === null ? null : readPac(pac),
  }
  session?.key.fill(0)
  plain?.fill(0)
  return described
}

/** `EncryptionKey ::= SEQUENCE { keytype [0], keyvalue [1] }` */
function keyIn(element: DerElement | null): { etype: number; key: Buffer } | null {
  const type = element && derField(element, 0)
  const value = element && derField(element, 1)
  const etype = type && derInteger(type)
  return etype == null || !value ? null : { etype, key: Buffer.from(derOctets(value)) }
}

const KERB_AP_OPTIONS_CBT = 0x4000
const AD_IF_RELEVANT = 1
const AD_WIN2K_PAC = 128
const AD_AP_OPTIONS = 143
const AD_TARGET_PRINCIPAL = 144

const TICKET_FLAGS: readonly (readonly [number, string])[] = [
  [0x40000000, 'forwardable'],
  [0x20000000, 'forwarded'],
  [0x10000000, 'proxiable'],
  [0x08000000, 'proxy'],
  [0x04000000, 'may-postdate'],
  [0x02000000, 'postdated'],
  [0x01000000, 'invalid'],
  [0x00800000, 'renewable'],
  [0x00400000, 'initial'],
  [0x00200000, 'pre-authent'],
  [0x00100000, 'hw-authent'],
  [0x00080000, 'transited-policy-checked'],
  [0x00040000, 'ok-as-delegate'],
  [0x00010000, 'enc-pa-rep'],
  [0x00008000, 'anonymous'],
]

/** RFC 4121 4.1.1.1; DCE_STYLE of RFC 4757 */
const CONTEXT_FLAGS: readonly (readonly [number, string])[] = [
  [0x0001, 'delegation'],
  [0x0002, 'mutual'],
  [0x0004, 'replay'],
  [0x0008, 'sequence'],
  [0x0010, 'confidentiality'],
  [0x0020, 'integrity'],
  [0x1000, 'DCE'],
  [0x2000, 'identify'],
  [0x4000, 'extended-error'],
]

function namesOf(bits: number, known: readonly (readonly [number, string])[]): string[] {
  return known.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name)
}

/**
 * ```
 * Checksum ::= SEQUENCE { cksumtype [0], checksum [1] }       of type 0x8003:
 *   Lgth 4 (16)   Bnd 16   Flags 4   DlgOpt 2 (1)   Dlgth 2   Deleg
 * ```
 */
function gssChecksum(checksum: DerElement | null) {
  const type = checksum && derField(checksum, 0)
  const value = checksum && derField(checksum, 1)
  if (!type || !value || derInteger(type) !== 0x8003) return null
  const cursor = new Cursor(derOctets(value))
  if (cursor.u32le() !== 16) return null
  const bindings = Buffer.from(cursor.take(16)).toString('hex')
  const flags = cursor.u32le()
  if (cursor.failed) return null
  const delegates = (flags & 1) !== 0 && cursor.u16le() === 1 && cursor.u16le() > 0
  return { bindings, flags: namesOf(flags, CONTEXT_FLAGS), delegates }
}

/** ctime [5] `YYYYMMDDhhmmssZ` and cusec [4]; positive: the client's clock is ahead. */
function skewOf(authenticator: DerElement, time: number): number | null {
  const ctime = derField(authenticator, 5)
  const cusec = derField(authenticator, 4)
  const match = ctime && /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(derText(ctime))
  if (!match) return null
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number)
  const said = Date.UTC(year!, month! - 1, day, hour, minute, second) * 1000 + ((cusec && derInteger(cusec)) ?? 0)
  return Math.round((said - time) / 1000) / 1000
}

/**
 * `AuthorizationData ::= SEQUENCE OF SEQUENCE { ad-type [0], ad-data [1] OCTET STRING }`; those that may be passed over
 * are opened.
 */
function authorizationIn(data: DerElement, depth = 0): [number, Uint8Array][] {
  const found: [number, Uint8Array][] = []
  for (const entry of derChildren(data)) {
    const typeField = derField(entry, 0)
    const value = derField(entry, 1)
    const type = typeField && derInteger(typeField)
    if (type == null || !value) continue
    const inner = type === AD_IF_RELEVANT && depth < 4 ? derAt(derOctets(value)) : null
    if (inner !== null) found.push(...authorizationIn(inner, depth + 1))
    else found.push([type, derOctets(value)])
  }
  return found
}

function pacIn(data: DerElement | null): Uint8Array | null {
  return (data && authorizationIn(data).find(([type]) => type === AD_WIN2K_PAC)?.[1]) ?? null
}

const LOGON_INFO = 1
const CLIENT_INFO = 10
const DELEGATION_INFO = 11
const UPN_DNS = 12
const DEVICE_INFO = 14
const BUFFERS_MAX = 64

/**
 * ```
 * PACTYPE   cBuffers 4   Version 4 (0)   { ulType 4   cbBufferSize 4   Offset 8 } ...
 * ```
 */
function readPac(pac: Uint8Array): TicketAuthorization | null {
  const cursor = new Cursor(pac)
  const count = cursor.u32le()
  cursor.skip(4)
  if (count > BUFFERS_MAX) return null
  const buffers = new Map<number, Uint8Array>()
  for (let at = 0; at < count; at++) {
    const type = cursor.u32le()
    const size = cursor.u32le()
    const offset = cursor.u32le()
    cursor.skip(4)
    if (cursor.failed || offset + size > pac.length) return null
    buffers.set(type, pac.subarray(offset, offset + size))
  }
  const logon = buffers.get(LOGON_INFO)
  const facts = logon === undefined ? null : readLogonInfo(logon)
  const client = buffers.get(CLIENT_INFO)
  const delegation = buffers.get(DELEGATION_INFO)
  const through = delegation === undefined ? null : readDelegation(delegation)
  return {
    user: facts?.user ?? (client === undefined ? null : clientName(client)),
    domain: facts?.domain ?? null,
    upn: upnIn(buffers.get(UPN_DNS)),
    groups: facts?.groups ?? [],
    delegatedThrough: through?.services ?? [],
    delegationTarget: through?.target ?? null,
    hasDevice: buffers.has(DEVICE_INFO),
    buffers: [...buffers.keys()].sort((a, b) => a - b),
  }
}

/** `ClientId 8   NameLength 2   Name` */
function clientName(bytes: Uint8Array): string | null {
  const cursor = new Cursor(bytes, 8)
  const name = cursor.take(cursor.u16le())
  return cursor.failed ? null : utf16le(name)
}

/** `UpnLength 2   UpnOffset 2 ...` */
function upnIn(bytes: Uint8Array | undefined): string | null {
  if (bytes === undefined) return null
  const head = new Cursor(bytes)
  const length = head.u16le()
  const cursor = new Cursor(bytes, head.u16le())
  const name = cursor.take(length)
  return head.failed || cursor.failed || length === 0 ? null : utf16le(name)
}

/** Well-known groups by the last part of their identifier: built-in domain groups have the same in every domain. */
const GROUPS: Readonly<Record<number, string>> = {
  512: 'Domain Admins',
  513: 'Domain Users',
  514: 'Domain Guests',
  515: 'Domain Computers',
  516: 'Domain Controllers',
  517: 'Cert Publishers',
  518: 'Schema Admins',
  519: 'Enterprise Admins',
  520: 'Group Policy Creator Owners',
  521: 'Read-only Domain Controllers',
  525: 'Protected Users',
  526: 'Key Admins',
  527: 'Enterprise Key Admins',
  553: 'RAS and IAS Servers',
}

/** Where NDR begins: behind the headers of type serialisation (MS-RPCE 2.2.6) and the pointer to the structure. */
const NDR_AT = 20
const GROUPS_MAX = 1024

/** RPC_UNICODE_STRING in a fixed part: Length 2, MaximumLength 2, pointer 4. */
function hasString(cursor: Cursor): boolean {
  cursor.skip(4)
  return cursor.u32le() !== 0
}

/**
 * The text of a string where it stands, behind the fixed part: maximum 4, offset 4, actual 4, characters, to a multiple
 * of four.
 */
function ndrString(cursor: Cursor): string {
  cursor.skip(8)
  const characters = cursor.u32le()
  const text = utf16le(cursor.take(characters * 2))
  if ((cursor.pos - NDR_AT) % 4 !== 0) cursor.skip(4 - ((cursor.pos - NDR_AT) % 4))
  return text
}

/** KERB_VALIDATION_INFO, MS-PAC 2.5: six times, six strings, counts, identifiers, ... */
function readLogonInfo(bytes: Uint8Array): { user: string; domain: string | null; groups: string[] } | null {
  const cursor = new Cursor(bytes, NDR_AT)
  cursor.skip(48)
  const strings = Array.from({ length: 6 }, () => hasString(cursor))
  cursor.skip(4)
  cursor.skip(8)
  cursor.skip(4)
  const hasGroups = cursor.u32le() !== 0
  cursor.skip(4 + 16)
  const hasServer = hasString(cursor)
  const hasDomain = hasString(cursor)
  cursor.skip(4 + 8 + 4 + 28 + 8 + 12)
  const texts = strings.map((has) => (has ? ndrString(cursor) : ''))
  const groups: string[] = []
  if (hasGroups) {
    const count = cursor.u32le()
    if (count > GROUPS_MAX) return null
    for (let at = 0; at < count; at++) {
      const identifier = cursor.u32le()
      cursor.skip(4)
      groups.push(GROUPS[identifier] ?? String(identifier))
    }
  }
  if (hasServer) ndrString(cursor)
  const domain = hasDomain ? ndrString(cursor) : null
  return cursor.failed ? null : { user: texts[0]!, domain, groups }
}

/** S4U_DELEGATION_INFO, MS-PAC 2.9: the target, how many services, pointer; then what they point to. */
function readDelegation(bytes: Uint8Array): { target: string | null; services: string[] } | null {
  const cursor = new Cursor(bytes, NDR_AT)
  const hasTarget = hasString(cursor)
  cursor.skip(4)
  const hasServices = cursor.u32le() !== 0
  const target = hasTarget ? ndrString(cursor) : null
  const services: string[] = []
  if (hasServices) {
    const count = cursor.u32le()
    if (count > GROUPS_MAX) return null
    const present = Array.from({ length: count }, () => hasString(cursor))
    for (const has of present) if (has) services.push(ndrString(cursor))
  }
  return cursor.failed ? null : { target, services }
}

/** The three messages of an NTLM logon, whole. */
export interface NtlmMessages {
  readonly negotiate: Uint8Array | null
  readonly challenge: Uint8Array
  readonly authenticate: Uint8Array
}

const MIC_AT = 72
const MIC_BYTES = 16
const KEY_EXCHANGE = 0x40000000
const PROOF_BYTES = 16
/** what the NTLMv2 response must have in front of its AV pairs */
const RESPONSE_BYTES_MIN = 44

/**
 * NTLMv2 with the account's key (etype 23 is its NT hash), MS-NLMP 3.3.2; null: no key of the file made this response.
 */
export function proveNtlm(
  keys: readonly KeytabKey[],
  messages: NtlmMessages,
  names: { user: string; domain: string },
  hasMic: boolean,
): NtlmProof | null {
  const { negotiate, challenge, authenticate } = messages
  const response = fieldAt(authenticate, 20)
  const serverChallenge = challenge.subarray(24, 32)
  if (response === null || response.length < RESPONSE_BYTES_MIN || serverChallenge.length < 8) return null
  const proof = response.subarray(0, PROOF_BYTES)
  const identity = Buffer.from(names.user.toUpperCase() + names.domain, 'utf16le')
  for (const { etype, key } of keys) {
    if (etype !== 23) continue
    const responseKey = hmac('md5', key, identity)
    const expected = hmac('md5', responseKey, serverChallenge, response.subarray(PROOF_BYTES))
    if (!timingSafeEqual(expected, proof)) continue
    const mic =
      hasMic && negotiate !== null ? micOf(hmac('md5', responseKey, proof), negotiate, challenge, authenticate) : null
    return { response: 'verified', mic }
  }
  return null
}

function micOf(
  sessionBase: Buffer,
  negotiate: Uint8Array,
  challenge: Uint8Array,
  authenticate: Uint8Array,
): NtlmProof['mic'] {
  const flags = new Cursor(authenticate, 60).u32le()
  const exchanged = fieldAt(authenticate, 52)
  if (authenticate.length < MIC_AT + MIC_BYTES) return null
  const exported =
    (flags & KEY_EXCHANGE) !== 0 && exchanged?.length === 16 ? new Rc4(sessionBase).apply(exchanged) : sessionBase
  const blank = Buffer.from(authenticate)
  blank.fill(0, MIC_AT, MIC_AT + MIC_BYTES)
  const expected = hmac('md5', exported, negotiate, challenge, blank)
  return timingSafeEqual(expected, authenticate.subarray(MIC_AT, MIC_AT + MIC_BYTES)) ? 'verified' : 'wrong'
}

/** `Len 2   MaxLen 2   BufferOffset 4` */
function fieldAt(message: Uint8Array, at: number): Uint8Array | null {
  const head = new Cursor(message, at)
  const length = head.u16le()
  head.skip(2)
  const offset = head.u32le()
  return head.failed || offset + length > message.length ? null : message.subarray(offset, offset + length)
}
