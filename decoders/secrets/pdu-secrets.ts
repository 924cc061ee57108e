/**
 * Where the secrets stand that a carrier carries itself, without a security token: passwords, the responses of SMB1,
 * MS-CHAP and RADIUS, and what a decoder steps over because it is one.
 *
 * `maskedPdu` is for what a carrier's `decode` is given, `maskedRest` for what its `frame` leaves out. Both return a
 * copy of the same length. Layouts stand in the carriers. Pure.
 */
import { probeRpc } from '../carriers/rpc/dcerpc.ts'
import { pieceIn } from '../carriers/smb/smb-names.ts'
import { type DerElement, derAt, derChildren, derOctets, OCTET_STRING } from '../parts/der.ts'
import { blankedButHosts } from '../parts/host-mentions.ts'
import { maskedElement, maskedHead, maskedLines, maskedStanza, maskedUnread, textOf, zeros } from './text-secrets.ts'
import { cipherTexts, ntResponseSecrets, type Span } from './token-secrets.ts'

/** What of it must not be seen has become zeros; null: there is nothing of that kind. */
export function maskedPdu(carrier: string, pdu: Uint8Array): Uint8Array | null {
  switch (carrier) {
    case 'http':
    case 'sip':
      return ofText(pdu, maskedHead(textOf(pdu)))
    case 'smtp':
    case 'imap':
    case 'pop3':
    case 'nntp':
    case 'ftp':
      return ofText(pdu, maskedLines(textOf(pdu)))
    case 'smb':
      return maskedPieces(pdu) ?? withZeros(pdu, smb1Secrets(pdu))
    case 'ldap':
      return maskedBind(pdu)
    case 'tds':
      return withZeros(pdu, loginSecrets(pdu))
    case 'dcerpc':
      return withZeros(pdu, logonArguments(pdu))
    case 'kpasswd':
      return withZeros(pdu, kpasswdSecrets(pdu))
    case 'ppp':
      return withZeros(pdu, pppSecrets(pdu))
    case 'radius':
      return withZeros(pdu, radiusSecrets(pdu))
    case 'xmpp':
      return ofText(pdu, maskedElement(textOf(pdu)))
    default:
      return NO_SECRETS.has(carrier) ? null : withZeros(pdu, [{ start: 0, end: pdu.length }])
  }
}

/** Carriers whose secrets stand in tokens alone, or in what `maskedRest` is given; of any other all is a secret. */
const NO_SECRETS: ReadonlySet<string> = new Set([
  ...[
    'cldap',
    'contact',
    'credssp',
    'dns',
    'http2',
    'kdc',
    'llmnr',
    'mdns',
    'nbns',
    'nfs',
    'postgresql',
    'quic',
    'rdp',
    'socks',
  ],
  ...['tls', 'unknown'],
])

const HTTP2_HEADER_BYTES = 9

/** `pdu` is framed with this carrier, which wants its first `keep` bytes; null: the rest may stay. */
export function maskedRest(carrier: string, pdu: Uint8Array, keep: number, fromClient: boolean): Uint8Array | null {
  switch (carrier) {
    case 'smtp':
    case 'imap':
    case 'pop3':
    case 'nntp':
    case 'ftp': {
      if (!fromClient) return null
      const text = textOf(pdu)
      if (keep === 0) return ofText(pdu, maskedUnread(text))
      return ofText(pdu, text.slice(0, keep) + text.slice(keep).replace(/[^\r\n ]+/g, zeros))
    }
    case 'postgresql':
      return keep > 0 && pdu[0] === POSTGRESQL_PASSWORD ? withZeros(pdu, [{ start: keep, end: pdu.length }]) : null
    case 'socks':
      // the name, the length of the password, the password
      return keep > 0 && pdu[0] === 1 ? withZeros(pdu, [{ start: keep + 1, end: pdu.length }]) : null
    case 'tls':
      return pdu[0] === APPLICATION_DATA ? withZeros(pdu, recordBodies(pdu)) : null
    case 'xmpp':
      return keep > 0 ? null : ofText(pdu, maskedStanza(textOf(pdu)))
    case 'http':
      return maskedHttpRest(pdu, keep)
    case 'http2':
      // headers of requests may hold a token or a password, compressed
      return withZeros(pdu, [{ start: Math.min(pdu.length, Math.max(keep, HTTP2_HEADER_BYTES)), end: pdu.length }])
    case 'smb':
      return pdu.length >= BULK_BYTES_MIN ? withZeros(pdu, [{ start: BULK_HEAD_BYTES, end: pdu.length }]) : null
    case 'ldap':
      return withZeros(pdu, directoryValues(pdu))
    case 'dcerpc':
      return withZeros(pdu, logonArguments(pdu))
    default:
      return null
  }
}

/** ContentType 1, version 2, length 2, RFC 8446 5.1: whoever had the keys could read what follows. */
function recordBodies(pdu: Uint8Array): Span[] {
  const spans: Span[] = []
  for (let at = 0; at < pdu.length; ) {
    const isRecord = pdu[at]! >= 20 && pdu[at]! <= 24 && pdu[at + 1] === 3
    // behind a hole nobody knows where a record begins
    const end = isRecord ? Math.min(pdu.length, at + 5 + (((pdu[at + 3] ?? 0) << 8) | (pdu[at + 4] ?? 0))) : pdu.length
    spans.push({ start: isRecord ? at + 5 : at, end })
    at = end
  }
  return spans
}

const POSTGRESQL_PASSWORD = 0x70
const APPLICATION_DATA = 23
/** a read or a write of a file, and the heads of all that is in its place */
const BULK_BYTES_MIN = 1400
const BULK_HEAD_BYTES = 512

/**
 * Heads stay, without what is secret in them, and so do the lines between chunks; bodies say nothing about
 * authentication.
 */
function maskedHttpRest(pdu: Uint8Array, keep: number): Uint8Array | null {
  const text = textOf(pdu)
  const line = /^[0-9A-Fa-f]+(?:;[^\r\n]*)?\r?\n/.exec(text)
  const isHead = /^(?:HTTP\/\d|[A-Z_-]+ \S+ HTTP\/\d)/.test(text)
  const headEnd = isHead ? /\r?\n\r?\n/.exec(text) : null
  const start = headEnd !== null ? headEnd.index + headEnd[0].length : isHead ? text.length : (line?.[0].length ?? 0)
  const end = line !== null && text.endsWith('\r\n') ? text.length - 2 : text.length
  const from = Math.max(start, keep)
  const body = from < end ? '\0'.repeat(end - from) : ''
  return ofText(pdu, maskedHead(text.slice(0, from)) + body + text.slice(from + body.length))
}

function ofText(pdu: Uint8Array, text: string): Uint8Array | null {
  const masked = Buffer.from(text, 'latin1')
  return masked.length !== pdu.length || masked.equals(pdu) ? null : masked
}

function withZeros(pdu: Uint8Array, spans: readonly Span[]): Uint8Array | null {
  const masked = new Uint8Array(pdu)
  for (const { start, end } of spans) masked.fill(0, start, end)
  return masked.some((byte, at) => byte !== pdu[at]) ? masked : null
}

// --- SMB1, MS-CIFS 2.2.4.53.1 and 2.2.4.55.1: passwords stand first in the bytes of their commands
// ----------------------------------------------------------------------------------------------------

const NETBIOS_BYTES = 4
const SMB1_SIGNATURE = [0xff, 0x53, 0x4d, 0x42]
const SESSION_SETUP = 0x73
const TREE_CONNECT = 0x75
const NO_MORE_COMMANDS = 0xff
const REPLY = 0x80

function smb1Secrets(pdu: Uint8Array): Span[] {
  // framing may have left the head of NetBIOS out
  const base = isSmb1At(pdu, 0) ? 0 : isSmb1At(pdu, NETBIOS_BYTES) ? NETBIOS_BYTES : -1
  if (base < 0 || (pdu[base + 9]! & REPLY) !== 0) return []
  const spans: Span[] = []
  let command = pdu[base + 4]!
  for (let at = base + 32, turns = 0; at + 3 < pdu.length && turns < 8; turns++) {
    const wordCount = pdu[at]!
    const words = at + 1
    const data = words + 2 * wordCount + 2
    const length = (offset: number) => (pdu[words + offset] ?? 0) | ((pdu[words + offset + 1] ?? 0) << 8)
    if (command === SESSION_SETUP && (wordCount === 13 || wordCount === 10)) {
      const oem = length(14)
      const unicode = wordCount === 13 ? length(16) : 0
      spans.push({ start: data, end: Math.min(data + oem, pdu.length) })
      const second = { start: Math.min(data + oem, pdu.length), end: Math.min(data + oem + unicode, pdu.length) }
      if (second.end > second.start) spans.push(...ntResponseSecrets(pdu, second))
    } else if (command === TREE_CONNECT && wordCount === 4) {
      spans.push({ start: data, end: Math.min(data + length(6), pdu.length) })
    } else if (command !== SESSION_SETUP) break
    command = pdu[words]!
    const next = base + length(2)
    if (command === NO_MORE_COMMANDS || next <= at) break
    at = next
  }
  return spans
}

// --- SMB2, MS-SMB2 2.2.20: a script or a policy that was read may hold a password
// ----------------------------------------------------------------------------------------------------

const SMB2_SIGNATURE = [0xfe, 0x53, 0x4d, 0x42]
const READ = 8
const ELEMENTS_MAX = 16
/** parts of a message in a pipe, which has tokens, are kept up to this length */
const PIPE_BYTES_MAX = 8192

/** null: no READ response that is not of a pipe. */
function maskedPieces(pdu: Uint8Array): Uint8Array | null {
  let at = isSmb2At(pdu, 0) ? 0 : isSmb2At(pdu, NETBIOS_BYTES) ? NETBIOS_BYTES : -1
  if (at < 0) return null
  let masked: Uint8Array | null = null
  for (let turns = 0; turns < ELEMENTS_MAX && at + 64 <= pdu.length; turns++) {
    const next = (pdu[at + 20]! | (pdu[at + 21]! << 8) | (pdu[at + 22]! << 16) | (pdu[at + 23]! << 24)) >>> 0
    const piece = pdu[at + 12] === READ && (pdu[at + 16]! & 1) !== 0 ? pieceIn(pdu, at) : null
    if (piece !== null && probeRpc(piece, 0) !== 'mine') {
      const start = piece.byteOffset - pdu.byteOffset
      const blanked = blankedButHosts(piece)
      masked ??= new Uint8Array(pdu)
      if (blanked !== null) masked.set(blanked, start)
      else if (pdu.length > PIPE_BYTES_MAX) masked.fill(0, BULK_HEAD_BYTES, pdu.length)
    }
    if (next < 64) break
    at += next
  }
  return masked
}

function isSmb2At(pdu: Uint8Array, at: number): boolean {
  return SMB2_SIGNATURE.every((byte, index) => pdu[at + index] === byte)
}

function isSmb1At(pdu: Uint8Array, at: number): boolean {
  return SMB1_SIGNATURE.every((byte, index) => pdu[at + index] === byte)
}

// --- LDAP, RFC 4511 4.2
// ----------------------------------------------------------------------------------------------------

const BIND_REQUEST = 0x60
const EXTENDED_REQUEST = 0x77
/** SearchResultEntry, ModifyRequest, AddRequest */
const WITH_VALUES: ReadonlySet<number> = new Set([0x64, 0x66, 0x68])
const SIMPLE = 0x80
const SASL = 0xa3
const GSS_MECHANISMS = /^(?:GSSAPI|GSS-SPNEGO|NTLM|GS2-KRB5(?:-PLUS)?|EXTERNAL)$/i

function maskedBind(pdu: Uint8Array): Uint8Array | null {
  const message = derAt(pdu)
  const operation = message === null ? undefined : derChildren(message)[1]
  if (operation?.tag !== BIND_REQUEST) return null
  const choice = derChildren(operation)[2]
  if (choice?.tag === SIMPLE) return withZeros(pdu, [choice])
  if (choice?.tag !== SASL) return null
  const [name, credentials] = derChildren(choice)
  if (name?.tag !== OCTET_STRING || credentials?.tag !== OCTET_STRING) return null
  const mechanism = textOf(derOctets(name))
  if (GSS_MECHANISMS.test(mechanism)) return null
  const octets = derOctets(credentials)
  if (/^PLAIN$/i.test(mechanism)) {
    const second = octets.indexOf(0, octets.indexOf(0) + 1)
    return withZeros(pdu, [{ start: credentials.start + second + 1, end: credentials.end }])
  }
  // CRAM-MD5 and DIGEST-MD5 begin with, or name, the user
  const text = textOf(octets)
  const digest = /^CRAM-MD5$/i.test(mechanism)
    ? text.replace(/^(\S* )(.*)$/s, (_, user: string, rest: string) => user + zeros(rest))
    : /^DIGEST-MD5$/i.test(mechanism)
      ? text.replace(/((?:response|cnonce)="?)([^",]+)/g, (_, key: string, value: string) => key + zeros(value))
      : zeros(text)
  const masked = new Uint8Array(pdu)
  masked.set(Buffer.from(digest, 'latin1'), credentials.start)
  return withZerosIn(pdu, masked)
}

function withZerosIn(pdu: Uint8Array, masked: Uint8Array): Uint8Array | null {
  return masked.some((byte, at) => byte !== pdu[at]) ? masked : null
}

/**
 * What an extended request holds (RFC 3062: a new password), and the values of entries, which may be secrets: octets
 * inside their structure, so that it can still be read.
 */
function directoryValues(pdu: Uint8Array): Span[] {
  const message = derAt(pdu)
  const operation = message === null ? undefined : derChildren(message)[1]
  if (operation?.tag === EXTENDED_REQUEST) return derChildren(operation).filter(({ tag }) => tag === 0x81)
  return operation !== undefined && WITH_VALUES.has(operation.tag) ? valuesIn(operation, 0) : []
}

/** Attributes are SEQUENCE { type, SET OF value }, RFC 4511 4.1.7: what stands in sets. */
function valuesIn(element: DerElement, depth: number): Span[] {
  if (depth > VALUE_DEPTH_MAX) return []
  return derChildren(element).flatMap((child) => {
    if (child.tag === OCTET_STRING) return element.tag === SET ? [child] : []
    return (child.tag & CONSTRUCTED) !== 0 ? valuesIn(child, depth + 1) : []
  })
}

const SET = 0x31
const CONSTRUCTED = 0x20
const VALUE_DEPTH_MAX = 8

// --- RPC, C706 12.6.4.9 and MS-NRPC 3.5.4.5: what NetrLogonSamLogon and its like ask holds the responses of a logon
// ----------------------------------------------------------------------------------------------------

const RPC_REQUEST = 0
const OBJECT_UUID = 0x80
const LITTLE_ENDIAN = 0x10
/** NetrLogonSamLogon, -Ex, -WithFlags; the interface is not named in a request */
const LOGON_OPNUMS: ReadonlySet<number> = new Set([2, 39, 45])
const TRAILER_BYTES = 8
/** auth_type, MS-RPCE 2.2.1.1.7 */
const NETLOGON = 68
const SCHANNEL = 14

function logonArguments(pdu: Uint8Array): Span[] {
  if (pdu[0] !== 5 || pdu[2] !== RPC_REQUEST || pdu.length < 24) return []
  const u16 = (at: number) =>
    (pdu[4]! & LITTLE_ENDIAN) !== 0 ? pdu[at]! | (pdu[at + 1]! << 8) : (pdu[at]! << 8) | pdu[at + 1]!
  if (!LOGON_OPNUMS.has(u16(22))) return []
  const start = (pdu[3]! & OBJECT_UUID) !== 0 ? 40 : 24
  const trailer = u16(8) - u16(10) - TRAILER_BYTES
  // whoever asks for logons does it through a secure channel
  const isOther = trailer < pdu.length && pdu[trailer] !== NETLOGON && pdu[trailer] !== SCHANNEL
  return u16(10) === 0 || isOther ? [] : [{ start, end: Math.min(pdu.length, trailer) }]
}

// --- TDS LOGIN7, MS-TDS 2.2.6.4: ibPassword, cchPassword; ibChangePassword, cchChangePassword
// ----------------------------------------------------------------------------------------------------

const LOGIN7 = 0x10
const TDS_HEADER_BYTES = 8
const PASSWORDS_AT = [44, 86]

function loginSecrets(pdu: Uint8Array): Span[] {
  if (pdu[0] !== LOGIN7) return []
  const base = TDS_HEADER_BYTES
  const u16 = (at: number) => (pdu[base + at] ?? 0) | ((pdu[base + at + 1] ?? 0) << 8)
  return PASSWORDS_AT.filter((at) => at < 80 || u16(36) >= 94).map((at) => {
    const start = base + u16(at)
    return { start, end: Math.min(pdu.length, start + 2 * u16(at + 2)) }
  })
}

// --- Kerberos passwords, RFC 3244: AP-REQ and KRB-PRIV stand behind a head of 6, over TCP of 10
// ----------------------------------------------------------------------------------------------------

function kpasswdSecrets(pdu: Uint8Array): Span[] {
  const at = [6, 10].find((offset) => (pdu[offset]! & 0xe0) === 0x60)
  return at === undefined ? [] : cipherTexts(pdu, at)
}

// --- CHAP and EAP, RFC 1994, RFC 2759 4, RFC 3748 4
// ----------------------------------------------------------------------------------------------------

const CHAP_PROTOCOL = 0xc223
const RESPONSE = 2
const SUCCESS = 3
const EAP_MD5 = 4
const LEAP = 17
const EAP_MSCHAPV2 = 26
const MS_CHAP_BYTES = 49

function pppSecrets(pdu: Uint8Array): Span[] {
  const protocol = (pdu[0]! << 8) | pdu[1]!
  return protocol === CHAP_PROTOCOL ? chapSecrets(pdu, 2) : eapSecrets(pdu, 2)
}

/** The value of a response without the flags behind it; what a server proves itself with. */
function chapSecrets(bytes: Uint8Array, at: number): Span[] {
  if (bytes[at] === SUCCESS) return proofSpans(bytes, at + 4)
  if (bytes[at] !== RESPONSE) return []
  const size = bytes[at + 4] ?? 0
  const end = Math.min(bytes.length, at + 5 + (size === MS_CHAP_BYTES ? size - 1 : size))
  return [{ start: at + 5, end }]
}

/** `S=` and 40 hexadecimal digits */
function proofSpans(bytes: Uint8Array, at: number): Span[] {
  return bytes[at] === 0x53 && bytes[at + 1] === 0x3d ? [{ start: at + 2, end: Math.min(bytes.length, at + 42) }] : []
}

function eapSecrets(bytes: Uint8Array, at: number): Span[] {
  const [code, type] = [bytes[at], bytes[at + 4]]
  if (type === EAP_MSCHAPV2) return chapSecrets(bytes, at + 5)
  // Version (1), unused (1), Count (1), and as many octets
  if (type === LEAP && code === RESPONSE)
    return [{ start: at + 8, end: Math.min(bytes.length, at + 8 + (bytes[at + 7] ?? 0)) }]
  if (type !== EAP_MD5 || code !== RESPONSE) return []
  return [{ start: at + 6, end: Math.min(bytes.length, at + 6 + (bytes[at + 5] ?? 0)) }]
}

// --- RADIUS, RFC 2865, RFC 2548, RFC 3579
// ----------------------------------------------------------------------------------------------------

const ACCESS_REQUEST = 1
const RADIUS_HEADER_BYTES = 20
const USER_PASSWORD = 2
const CHAP_PASSWORD = 3
const VENDOR_SPECIFIC = 26
const EAP_MESSAGE = 79
const MESSAGE_AUTHENTICATOR = 80
const MICROSOFT = 311
/** MS-CHAP-Response, MS-CHAP-MPPE-Keys, MS-MPPE-Send-Key, -Recv-Key, MS-CHAP2-Response, MS-CHAP2-Success */
const MS_CHAP_RESPONSES: ReadonlySet<number> = new Set([1, 25])
const MS_CHAP_KEYS: ReadonlySet<number> = new Set([12, 16, 17, 26])

function radiusSecrets(pdu: Uint8Array): Span[] {
  const spans: Span[] = []
  // an answer is signed with the shared secret
  if (pdu[0] !== ACCESS_REQUEST) spans.push({ start: 4, end: RADIUS_HEADER_BYTES })
  for (let at = RADIUS_HEADER_BYTES; at + 2 <= pdu.length && pdu[at + 1]! >= 2; at += pdu[at + 1]!) {
    const start = at + 2
    const end = Math.min(pdu.length, at + pdu[at + 1]!)
    const type = pdu[at]
    if (type === USER_PASSWORD || type === MESSAGE_AUTHENTICATOR) spans.push({ start, end })
    else if (type === CHAP_PASSWORD) spans.push({ start: start + 1, end })
    else if (type === EAP_MESSAGE) spans.push(...eapSecrets(pdu.subarray(0, end), start))
    else if (type === VENDOR_SPECIFIC && vendorOf(pdu, start) === MICROSOFT) {
      for (let inner = start + 4; inner + 2 <= end && pdu[inner + 1]! >= 2; inner += pdu[inner + 1]!) {
        const innerEnd = Math.min(end, inner + pdu[inner + 1]!)
        if (MS_CHAP_RESPONSES.has(pdu[inner]!)) spans.push({ start: inner + 4, end: innerEnd })
        else if (MS_CHAP_KEYS.has(pdu[inner]!)) spans.push({ start: inner + 3, end: innerEnd })
      }
    }
  }
  return spans
}

function vendorOf(pdu: Uint8Array, at: number): number {
  return (((pdu[at] ?? 0) << 24) | ((pdu[at + 1] ?? 0) << 16) | ((pdu[at + 2] ?? 0) << 8) | (pdu[at + 3] ?? 0)) >>> 0
}
