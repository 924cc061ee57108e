/**
 * The TLS carrier: what a bystander may read of a handshake. Hellos of every version; up to TLS 1.2 the certificates
 * and the ticket of the server as well.
 *
 * Specification: RFC 8446 4 and 5.1, RFC 5246 6.2.1 and 7.4, RFC 6066 3 (server_name), RFC 7301 (ALPN), RFC 5077
 * (tickets), RFC 8879 (compressed certificates). It decrypts nothing, and does not read the hello of SSLv2; messages
 * that somebody with the keys has opened are read in the same way. Certificates and tickets borrow the PDU where a
 * message is one record; all other values are fresh copies.
 */

import {
  type Carrier,
  type CarrierMessage,
  type ConnectionFacts,
  type Framing,
  type HandshakeStep,
  type Side,
  type TlsFacts,
  UNTIL_CLOSE,
} from '../carrier.ts'
import { type Fault, failed, type Outcome, read } from '../outcome.ts'
import { range } from '../parts/byte-class.ts'
import { suiteName } from '../parts/cipher-suites.ts'
import { Cursor } from '../parts/cursor.ts'
import { interned, internedAscii } from '../parts/interned.ts'
import { hex, latin1 } from '../parts/text.ts'

export const tls: Carrier = {
  name: 'tls',
  transport: 'tcp',
  ports: [443, 636, 3269, 8443, 5986, 465, 993, 995, 4443, 9443, 10443],
  begins: [[range(20, 23), 3, range(0, 4)]],
  probe,
  frame,
  decode,
  // a Certificate may be among what is missing
  resumed: (state) => state & ~ABBREVIATED,
}

/**
 * ```
 * struct {
 *   ContentType type;            1 byte: 20 change_cipher_spec, 21 alert, 22 handshake, 23 application_data
 *   ProtocolVersion version;     2 bytes: 03 00 (SSL 3.0) to 03 04
 *   uint16 length;               at most 2^14 + 2048
 *   opaque fragment[length];
 * } TLSPlaintext;
 * ```
 */
const RECORD_HEADER_BYTES = 5
const FRAGMENT_BYTES_MAX = 16_384 + 2048
const CHANGE_CIPHER_SPEC = 20
const ALERT = 21
const HANDSHAKE = 22
const APPLICATION_DATA = 23

/** `Framing.state`: this half has begun to encrypt, so that what calls itself a handshake is no longer readable. */
const ENCRYPTED = 1

/** The rest of a message that goes on in the next record is wanted. */
const WANTED = 2
/**
 * Nothing but a ServerHello without a session id, and perhaps a new ticket behind it, has come of this handshake: a
 * ChangeCipherSpec that follows says that it goes on with an earlier one, RFC 5077 3.4. Told only here, where nothing
 * else tells it.
 */
const ABBREVIATED = 4
/**
 * Of the header of a message that goes on in the next record: how many of its bytes have come (1 to 3), and above them
 * these bytes.
 */
const HEADER_COUNT_SHIFT = 3
const HEADER_COUNT = 3
const HEADER_BYTES_SHIFT = 5

/** HandshakeType */
const CLIENT_HELLO = 1
const SERVER_HELLO = 2
const NEW_SESSION_TICKET = 4
const ENCRYPTED_EXTENSIONS = 8
const CERTIFICATE = 11
const CERTIFICATE_REQUEST = 13
const COMPRESSED_CERTIFICATE = 25
/**
 * ContentType of what was opened and told by somebody with the keys (`openedRecord`): none that a record on the wire
 * may have
 */
const OPENED = 0

function probe(head: Uint8Array): 'mine' | 'other' | 'more' {
  const length = head.length
  if (length === 0) return 'more'
  const type = head[0]!
  if (type < CHANGE_CIPHER_SPEC || type > APPLICATION_DATA) return 'other'
  if (length > 1 && head[1] !== 3) return 'other'
  if (length > 2 && head[2]! > 4) return 'other'
  if (length < RECORD_HEADER_BYTES) return 'more'
  const fragment = fragmentLength(head)
  if (type === CHANGE_CIPHER_SPEC) return fragment === 1 ? 'mine' : 'other'
  if (type === ALERT) return fragment >= 2 && fragment <= ALERT_BYTES_MAX ? 'mine' : 'other'
  if (type === APPLICATION_DATA) return fragment <= FRAGMENT_BYTES_MAX ? 'mine' : 'other'
  if (fragment === 0 || fragment > FRAGMENT_BYTES_MAX) return 'other'
  if (length === RECORD_HEADER_BYTES) return 'more'
  return HANDSHAKE_TYPES.includes(head[RECORD_HEADER_BYTES]!) ? 'mine' : 'other'
}

/** Level and description, or their encrypted form with explicit IV, MAC and padding. */
const ALERT_BYTES_MAX = 128
const HANDSHAKE_HEADER_BYTES = 4
/**
 * The messages that travel in clear up to TLS 1.2; an encrypted one in the middle is recognised by the records after
 * it.
 */
const HANDSHAKE_TYPES = [0, CLIENT_HELLO, SERVER_HELLO, 4, 11, 12, 13, 14, 15, 16, 22]

function frame(head: Uint8Array, _side: Side, out: Framing): 'ready' | 'more' | 'lost' {
  const length = head.length
  if (length > 0 && (head[0]! < CHANGE_CIPHER_SPEC || head[0]! > APPLICATION_DATA)) return 'lost'
  if ((length > 1 && head[1] !== 3) || (length > 2 && head[2]! > 4)) return 'lost'
  if (length < RECORD_HEADER_BYTES) return 'more'
  const fragment = fragmentLength(head)
  if (fragment > FRAGMENT_BYTES_MAX) return 'lost'
  const type = head[0]!
  out.keep = 0
  out.more = false
  if (type === HANDSHAKE && fragment > 0 && (out.state & ENCRYPTED) === 0) {
    if (!frameMessages(head, RECORD_HEADER_BYTES + fragment, out)) return 'more'
  } else {
    out.pending = 0
    if (type === CHANGE_CIPHER_SPEC && (out.state & ABBREVIATED) !== 0) out.keep = RECORD_HEADER_BYTES + fragment
    out.state &= ENCRYPTED
    if (type === ALERT && fragment === CLEAR_ALERT_BYTES && (out.state & ENCRYPTED) === 0)
      out.keep = RECORD_HEADER_BYTES + fragment
  }
  if (type === CHANGE_CIPHER_SPEC || type === APPLICATION_DATA) out.state |= ENCRYPTED
  // nothing in clear follows application data: the conversation is stepped over from here, without a look at its
  // records
  out.length = type === APPLICATION_DATA ? UNTIL_CLOSE : RECORD_HEADER_BYTES + fragment
  return 'ready'
}

/**
 * Walks over the messages of a record, which may hold several, or a part of one (`pending` is the rest of it): is one
 * of them wanted, does the last one go on? Its header may be cut by the end of a record as well. False: a message
 * header is not there yet.
 */
function frameMessages(head: Uint8Array, end: number, out: Framing): boolean {
  let at = RECORD_HEADER_BYTES + out.pending
  let isWanted = (out.state & WANTED) !== 0
  let goesOn = isWanted
  let count = (out.state >> HEADER_COUNT_SHIFT) & HEADER_COUNT
  let header = out.state >> HEADER_BYTES_SHIFT
  let flags = out.state & (ENCRYPTED | ABBREVIATED)
  while (at < end) {
    const next = Math.min(end, at + HANDSHAKE_HEADER_BYTES - count)
    if (next > head.length) return false
    if (next - at + count < HANDSHAKE_HEADER_BYTES) {
      // who knows what it will be
      for (; at < next; at++, count++) header = (header << 8) | head[at]!
      isWanted = true
      goesOn = true
      break
    }
    for (; at < next; at++) header = (header << 8) | head[at]!
    const length = header & 0xff_ffff
    const type = header >>> 24
    count = 0
    header = 0
    if (length > MESSAGE_BYTES_MAX) {
      flags = ENCRYPTED
      break
    }
    goesOn = isRead(type)
    isWanted ||= goesOn
    if (type === SERVER_HELLO) flags |= namesNoSession(head, at, end) ? ABBREVIATED : 0
    else if (type !== NEW_SESSION_TICKET) flags &= ~ABBREVIATED
    at += length
  }
  out.pending = Math.max(0, at - end)
  out.more = count > 0 || (goesOn && out.pending > 0)
  out.state = flags | (out.more ? WANTED : 0) | (count << HEADER_COUNT_SHIFT) | (header << HEADER_BYTES_SHIFT)
  out.keep = isWanted ? end : 0
  return true
}

/** Of a ServerHello with its body at `at`: true as well where its session id is not there yet. */
function namesNoSession(head: Uint8Array, at: number, end: number): boolean {
  const place = at + SESSION_AT
  return place >= end || place >= head.length || head[place] === 0
}

/** legacy_session_id, behind the version and the random */
const SESSION_AT = 34

/** Has a half of this `Framing.state` begun to encrypt? */
export function isEncrypted(state: number): boolean {
  return (state & ENCRYPTED) !== 0
}

/** Two bytes in clear: level and description. */
const CLEAR_ALERT_BYTES = 2
/** a chain of certificates seldom has 16 kB */
const MESSAGE_BYTES_MAX = 131_072

function isRead(type: number): boolean {
  return (
    type === CLIENT_HELLO ||
    type === SERVER_HELLO ||
    type === CERTIFICATE ||
    type === NEW_SESSION_TICKET ||
    type === CERTIFICATE_REQUEST
  )
}

function fragmentLength(head: Uint8Array): number {
  return (head[3]! << 8) | head[4]!
}

/**
 * ```
 * struct {
 *   HandshakeType msg_type;      1 byte
 *   uint24 length;
 *   opaque body[length];
 * } Handshake;
 * ```
 * The records of a PDU hold whole messages one behind the other; the last one may be cut.
 */
function decode(pdu: Uint8Array, side: Side): Outcome<readonly CarrierMessage[]> {
  const type = pdu[0]
  if (pdu.length < RECORD_HEADER_BYTES) return failed('cut', 'TLSPlaintext')
  if (type === OPENED) return decodeOpened(pdu.subarray(RECORD_HEADER_BYTES), side)
  if (type === ALERT) return read(alertIn(pdu.subarray(RECORD_HEADER_BYTES), side))
  if (type === APPLICATION_DATA) return read([told(side, 'sealed', { sealedBytes: fragmentLength(pdu) })])
  if (type === CHANGE_CIPHER_SPEC) return read([told(side, 'ChangeCipherSpec', {})])
  if (type !== HANDSHAKE) return read([])
  // of one record the fragment stands where it is
  const isOne = RECORD_HEADER_BYTES + fragmentLength(pdu) >= pdu.length
  const bytes = isOne ? pdu : fragmentsOf(pdu)
  const first = isOne ? RECORD_HEADER_BYTES : 0
  // a list to which is pushed has room for sixteen more: most PDUs hold one message
  let messages: CarrierMessage[] | null = null
  let fault: Fault | null = null
  for (let at = first; at < bytes.length && fault === null; ) {
    if (bytes.length - at < HANDSHAKE_HEADER_BYTES) {
      fault = { reason: 'cut', where: 'Handshake' }
      break
    }
    const length = (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
    const start = at + HANDSHAKE_HEADER_BYTES
    const isWhole = start + length <= bytes.length
    const body = new Cursor(bytes, start, Math.min(start + length, bytes.length))
    const hello = helloIn(bytes[at]!, body, isWhole)
    const one = hello === null ? messageIn(bytes[at]!, body, length, side) : helloMessage(hello)
    if (one !== null && messages === null) messages = [one]
    else if (one !== null) messages!.push(one)
    if (hello !== null && hello.broken !== null)
      fault = { reason: isWhole ? 'malformed' : 'cut', where: `${helloName(hello)}.${hello.broken}` }
    else if (!isWhole && isRead(bytes[at]!)) fault = { reason: 'cut', where: 'Handshake' }
    at = start + length
  }
  if (bytes.length === first) fault = { reason: 'cut', where: 'Handshake' }
  return messages === null && fault !== null ? { value: null, fault } : read(messages ?? [], fault)
}

/** The contents of several records: a copy. */
function fragmentsOf(pdu: Uint8Array): Uint8Array {
  const joined = new Uint8Array(pdu.length)
  let length = 0
  for (let at = 0; at + RECORD_HEADER_BYTES <= pdu.length; ) {
    const end = at + RECORD_HEADER_BYTES + fragmentLength(pdu.subarray(at))
    const fragment = pdu.subarray(at + RECORD_HEADER_BYTES, end)
    joined.set(fragment, length)
    length += fragment.length
    at = end
  }
  return joined.subarray(0, length)
}

/** null: the message is none. */
function helloIn(type: number, body: Cursor, isWhole: boolean): Hello | null {
  if (type === CLIENT_HELLO) return readClientHello(body, isWhole)
  return type === SERVER_HELLO ? readServerHello(body, isWhole) : null
}

function helloName({ from }: Hello): 'ClientHello' | 'ServerHello' {
  return from === 'client' ? 'ClientHello' : 'ServerHello'
}

function helloMessage(hello: Hello): CarrierMessage {
  const { from, facts, session, tickets, selected, mayResumeUnnamed } = hello
  const { serverName } = facts
  const told: ConnectionFacts = { tls: facts, ...(serverName !== undefined && { serverName }) }
  const name = helloName(hello)
  const step = handshake(from, name, { session, tickets, selected, mayResumeUnnamed })
  return message(name, from, [{ kind: 'facts', facts: told }, step])
}

/** What a message of this length says that is no hello; null: nothing here. */
function messageIn(type: number, body: Cursor, length: number, side: Side): CarrierMessage | null {
  const isWhole = body.remaining >= length
  switch (type) {
    case CERTIFICATE:
      return certificateMessage(body, length, side)
    case COMPRESSED_CERTIFICATE:
      return isWhole ? told(side, 'CompressedCertificate', { compressed: readCompressed(body), isSealed: true }) : null
    case NEW_SESSION_TICKET:
      return isWhole ? told('server', 'NewSessionTicket', { tickets: readTicket(body) }) : null
    case CERTIFICATE_REQUEST:
      return message('CertificateRequest', 'server', [{ kind: 'facts', facts: { tls: { asksForCertificate: true } } }])
    case ENCRYPTED_EXTENSIONS: {
      const found: HelloFacts = {}
      eachExtension(body, isWhole, (extension, bytes, start, end) =>
        extension === ALPN ? readProtocolNames(bytes, start, end, found, 'alpn') : true,
      )
      return message('EncryptedExtensions', 'server', [{ kind: 'facts', facts: { tls: found } }])
    }
    default:
      return null
  }
}

function told(from: Side, name: HandshakeStep['message'], parts: Partial<HandshakeStep>): CarrierMessage {
  return message(name, from, [handshake(from, name, parts)])
}

/** Member by member: there are several in each connection, and a copy of others costs four times as much. */
function handshake(from: Side, name: HandshakeStep['message'], parts: Partial<HandshakeStep>): HandshakeStep {
  return {
    kind: 'handshake',
    from,
    message: name,
    certificate: parts.certificate ?? null,
    chain: parts.chain ?? NOTHING,
    compressed: parts.compressed ?? null,
    session: parts.session ?? NOTHING,
    tickets: parts.tickets ?? NO_BYTES,
    selected: parts.selected ?? null,
    mayResumeUnnamed: parts.mayResumeUnnamed ?? false,
    isSealed: parts.isSealed ?? false,
    bindings: parts.bindings ?? null,
    sealedBytes: parts.sealedBytes ?? 0,
  }
}

const NOTHING = new Uint8Array(0)
const NO_BYTES: readonly Uint8Array[] = []

function message(type: string, from: Side, steps: CarrierMessage['steps']): CarrierMessage {
  return { protocol: 'tls', type, from, service: 'unknown', fields: null, steps }
}

/** Alerts that end a handshake, RFC 8446 6 and RFC 5246 7.2 */
const ALERTS: Readonly<Record<number, string>> = {
  10: 'unexpected_message',
  20: 'bad_record_mac',
  40: 'handshake_failure',
  41: 'no_certificate',
  42: 'bad_certificate',
  43: 'unsupported_certificate',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  46: 'certificate_unknown',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  49: 'access_denied',
  50: 'decode_error',
  51: 'decrypt_error',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  86: 'inappropriate_fallback',
  90: 'user_canceled',
  109: 'missing_extension',
  110: 'unsupported_extension',
  112: 'unrecognized_name',
  116: 'certificate_required',
  120: 'no_application_protocol',
}

/** `AlertLevel level; AlertDescription description`: a fatal one, or close_notify. Other warnings end nothing. */
function alertIn(fragment: Uint8Array, side: Side): CarrierMessage[] {
  const [level, description] = fragment
  // in clear nobody closes; it is told by who has the keys
  if (fragment.length === CLEAR_ALERT_BYTES && level === 1 && description === 0)
    return [message('Alert', side, [{ kind: 'facts', facts: { tls: { closedBy: side } } }])]
  const name = fragment.length === CLEAR_ALERT_BYTES && level === 2 ? ALERTS[description!] : undefined
  if (name === undefined) return []
  const facts: ConnectionFacts = { tls: { alert: name, alertFrom: side } }
  return [message('Alert', side, [{ kind: 'facts', facts }])]
}

/**
 * ```
 * opaque ASN.1Cert<1..2^24-1>; struct { ASN.1Cert certificate_list<0..2^24-1>; } Certificate;
 *     up to TLS 1.2
 * struct { opaque certificate_request_context<0..2^8-1>; CertificateEntry certificate_list<0..2^24-1>; }
 *     TLS 1.3: extensions<2> behind each
 * ```
 * The length of the list tells them apart: it fills the message, which has this length, from its first byte, or from
 * behind the context. The sender's own comes first, and is read where the rest of the message is missing.
 */
function readCertificate(body: Cursor, length: number): ShownCertificates {
  const isOld = body.remaining >= 3 && lengthAt(body.bytes, body.pos) === length - 3
  if (!isOld) body.skip(body.u8())
  const listBytes = u24(body)
  const bytes = listBytes < 3 ? 0 : u24(body)
  const left = listBytes - 3 - bytes
  const certificate = bytes === 0 || left < 0 ? null : body.take(bytes)
  if (certificate === null || body.failed) return { certificate: null, chain: NOTHING, isSealed: !isOld }
  return { certificate, chain: chainBehind(body, left, isOld), isSealed: !isOld }
}

type ShownCertificates = Pick<HandshakeStep, 'certificate' | 'chain' | 'isSealed'>

/** What is there of the list, of which these bytes are left. */
function chainBehind(body: Cursor, left: number, isOld: boolean): Uint8Array {
  const { bytes, pos, remaining } = body
  // extensions of the sender's own
  const start = isOld ? 0 : remaining < 2 ? left : 2 + u16At(bytes, pos)
  const end = Math.min(left, remaining)
  return start < end ? bytes.subarray(pos + start, pos + end) : NOTHING
}

/** The certificates of a chain that are whole, in their order, so many at most; `isSealed`: with extensions. */
export function chainIn(chain: Uint8Array, isSealed: boolean, most: number): readonly Uint8Array[] {
  const found: Uint8Array[] = []
  for (let at = 0; at + 3 <= chain.length && found.length < most; ) {
    const start = at + 3
    const end = start + lengthAt(chain, at)
    if (end > chain.length) break
    found.push(chain.subarray(start, end))
    at = isSealed && end + 2 <= chain.length ? end + 2 + u16At(chain, end) : end
  }
  return found
}

/** null: the message is cut before the end of the sender's own certificate. */
function certificateMessage(body: Cursor, length: number, side: Side): CarrierMessage | null {
  const isWhole = body.remaining >= length
  const read = readCertificate(body, length)
  return isWhole || read.certificate !== null ? told(side, 'Certificate', read) : null
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
}

function u24(cursor: Cursor): number {
  return (cursor.u8() << 16) | cursor.u16be()
}

/**
 * `CertificateCompressionAlgorithm algorithm; uint24 uncompressed_length; opaque
 * compressed_certificate_message<1..2^24-1>`
 */
function readCompressed(body: Cursor): HandshakeStep['compressed'] {
  const algorithm = body.u16be()
  body.skip(3)
  const data = body.take(u24(body))
  return body.failed ? null : { algorithm, data }
}

/** What a compressed one was made of, inflated. */
export function certificatesIn(message: Uint8Array): ShownCertificates {
  return readCertificate(new Cursor(message), message.length)
}

/**
 * ```
 * uint32 ticket_lifetime_hint; opaque ticket<0..2^16-1>;
 *     up to TLS 1.2
 * uint32 ticket_lifetime; uint32 ticket_age_add; opaque ticket_nonce<0..255>; opaque ticket<1..2^16-1>;
 *     Extension extensions<0..2^16-2>   TLS 1.3
 * ```
 */
function readTicket(body: Cursor): readonly Uint8Array[] {
  body.skip(4)
  const { bytes, pos, remaining, end } = body
  if (remaining >= 2 && u16At(bytes, pos) === remaining - 2)
    return remaining === 2 ? NO_BYTES : [bytes.subarray(pos + 2, end)]
  body.skip(4)
  body.skip(body.u8())
  const identity = body.take(body.u16be())
  return body.failed || identity.length === 0 ? NO_BYTES : [identity]
}

/**
 * What a channel may be bound to, as `openedRecord` writes it: `unique` and the exporters, each of 32 hexadecimal
 * digits or nothing, by commas.
 */
function decodeOpened(text: Uint8Array, side: Side): Outcome<readonly CarrierMessage[]> {
  const [unique, ...exporters] = latin1(text).split(',')
  const bindings = { unique: unique || null, exporters: exporters.filter((value) => value !== '') }
  return read([message('opened', side, [handshake(side, 'opened', { bindings })])])
}

/** The PDU by which somebody with the keys tells that the connection is open: no record of the wire has its type. */
export function openedRecord(unique: string | null, exporters: readonly string[]): Uint8Array {
  const text = [unique ?? '', ...exporters].join(',')
  const record = new Uint8Array(RECORD_HEADER_BYTES + text.length)
  record.set([OPENED, 3, 0, 0, text.length])
  for (let at = 0; at < text.length; at++) record[RECORD_HEADER_BYTES + at] = text.charCodeAt(at)
  return record
}

/** The header of a sealed record: all that is told of it. */
export const SEALED_BYTES = RECORD_HEADER_BYTES

/** A sealed record that is told where the place of the next one is lost. */
export const LOST_RECORD: Uint8Array = Uint8Array.of(APPLICATION_DATA, 3, 3, 0, 0)

/** Where LDAP stands in TLS from the first byte on: `Carrier.toldBySizes`. */
export const PORTS_TOLD_BY_SIZES: readonly number[] = [636, 3269, 1636]

/** What a hello said before its bytes ended; `broken` names the field that could not be read. */
interface Hello {
  readonly from: Side
  readonly facts: HelloFacts
  readonly broken: string | null
  /** by which it goes on, or may be gone on with: `HandshakeStep` */
  readonly session: Uint8Array
  readonly tickets: readonly Uint8Array[]
  readonly selected: number | null
  readonly mayResumeUnnamed: boolean
}

function brokenHello(from: Side, broken: string): Hello {
  return { from, facts: {}, broken, session: NOTHING, tickets: NO_BYTES, selected: null, mayResumeUnnamed: false }
}

/** `TlsFacts`, to be filled one by one */
type HelloFacts = { -readonly [Name in keyof TlsFacts]?: TlsFacts[Name] }

/**
 * ```
 * struct {
 *   ProtocolVersion legacy_version;
 *   Random random;                                 32 bytes
 *   opaque legacy_session_id<0..32>;
 *   CipherSuite cipher_suites<2..2^16-2>;
 *   opaque legacy_compression_methods<1..2^8-1>;
 *   Extension extensions<8..2^16-1>;               absent in old clients
 * } ClientHello;
 * ```
 * Versions offered are not facts of the connection: the ServerHello names the one that was chosen.
 */
function readClientHello(body: Cursor, whole: boolean): Hello {
  body.skip(2 + 32)
  const session = body.take(body.u8())
  body.skip(body.u16be())
  body.skip(body.u8())
  if (body.failed) return brokenHello('client', 'legacy_compression_methods')
  const facts: HelloFacts = {}
  let tickets = NO_BYTES
  const broken = eachExtension(body, whole, (type, bytes, start, end) => {
    switch (type) {
      case SERVER_NAME:
        return readServerName(bytes, start, end, facts)
      case ALPN:
        return readProtocolNames(bytes, start, end, facts, 'alpnOffered')
      case SESSION_TICKET:
        if (end > start) tickets = [...tickets, bytes.subarray(start, end)]
        return true
      case PRE_SHARED_KEY: {
        const data = new Cursor(bytes, start, end)
        // a server names one of these by its place: what it may take in TLS 1.2 comes behind them
        tickets = [...readIdentities(data), ...tickets]
        return !data.failed
      }
      case ENCRYPTED_CLIENT_HELLO:
        facts.hasEncryptedHello = true
        return true
      default:
        return true
    }
  })
  return { from: 'client', facts, broken, session, tickets, selected: null, mayResumeUnnamed: false }
}

/** `PskIdentity identities<7..2^16-1>`, each `opaque identity<1..2^16-1>; uint32 obfuscated_ticket_age` */
function readIdentities(data: Cursor): Uint8Array[] {
  const list = data.sub(data.u16be())
  const found: Uint8Array[] = []
  while (list.remaining > 0 && found.length < IDENTITIES_MAX) {
    const identity = list.take(list.u16be())
    list.skip(4)
    if (list.failed) break
    found.push(identity)
  }
  return found
}

const IDENTITIES_MAX = 8

/**
 * ```
 * struct {
 *   ProtocolVersion legacy_version;
 *   Random random;                                 32 bytes
 *   opaque legacy_session_id_echo<0..32>;
 *   CipherSuite cipher_suite;
 *   uint8 legacy_compression_method;
 *   Extension extensions<6..2^16-1>;               absent in old servers
 * } ServerHello;
 * ```
 * Drafts of TLS 1.3 up to 21 had neither the session nor the compression.
 */
function readServerHello(body: Cursor, whole: boolean): Hello {
  let version = body.u16be()
  body.skip(32)
  const isShort = version > 0x7f00 && version <= 0x7f15
  const sessionBytes = isShort ? 0 : body.u8()
  const sessionStart = body.pos
  body.skip(sessionBytes)
  const suite = body.u16be()
  if (!isShort) body.skip(1)
  if (body.failed) return brokenHello('server', 'legacy_compression_method')
  const facts: HelloFacts = {}
  let selected: number | null = null
  const broken = eachExtension(body, whole, (type, bytes, start, end) => {
    if (type === ALPN) return readProtocolNames(bytes, start, end, facts, 'alpn')
    if (type !== SUPPORTED_VERSIONS && type !== PRE_SHARED_KEY) return true
    if (end - start < 2) return false
    const value = u16At(bytes, start)
    if (type === PRE_SHARED_KEY) selected = value
    else version = value || version
    return true
  })
  facts.cipherSuite = suiteName(suite)
  // a hello that lost its extensions may have chosen 1.3 in one of them
  if (broken === null || version !== TLS_1_2) facts.version = versionName(version)
  // TLS 1.3 repeats whatever the client sent, and means nothing by it
  const isOlder = facts.version !== undefined && facts.version !== '1.3'
  const session = isOlder && sessionBytes > 0 ? body.bytes.subarray(sessionStart, sessionStart + sessionBytes) : NOTHING
  const mayResumeUnnamed = isOlder && sessionBytes === 0
  return { from: 'server', facts, broken, session, tickets: NO_BYTES, selected, mayResumeUnnamed }
}

function u16At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}

const SERVER_NAME = 0
const ALPN = 16
const SESSION_TICKET = 35
const PRE_SHARED_KEY = 41
const SUPPORTED_VERSIONS = 43
const ENCRYPTED_CLIENT_HELLO = 0xfe0d
const TLS_1_2 = 0x0303

/**
 * ```
 * struct {
 *   ExtensionType extension_type;     2 bytes
 *   opaque extension_data<0..2^16-1>;
 * } Extension;
 * ```
 * `whole`: the message was not cut, so that no extensions means that there are none. Answers what could not be read, or
 * null.
 */
function eachExtension(
  body: Cursor,
  whole: boolean,
  visit: (type: number, bytes: Uint8Array, start: number, end: number) => boolean,
): string | null {
  if (body.remaining === 0) return whole ? null : 'extensions'
  const promised = body.u16be()
  if (body.failed) return 'extensions'
  const { bytes, pos, remaining } = body
  const last = pos + Math.min(promised, remaining)
  for (let at = pos; at < last; ) {
    if (at + 4 > last) return 'extensions'
    const start = at + 4
    const end = start + u16At(bytes, at + 2)
    if (end > last || !visit(u16At(bytes, at), bytes, start, end)) return 'extensions'
    at = end
  }
  return whole && remaining >= promised ? null : 'extensions'
}

/**
 * ```
 * struct {
 *   NameType name_type;               0 host_name, the only one there is
 *   opaque HostName<1..2^16-1>;
 * } ServerName;
 * ServerName server_name_list<1..2^16-1>
 * ```
 */
function readServerName(bytes: Uint8Array, start: number, end: number, facts: HelloFacts): boolean {
  const last = start + 2 + u16At(bytes, start)
  const name = start + 5
  const nameEnd = name + u16At(bytes, start + 3)
  if (end - start < 2 || last > end || name > last || nameEnd > last) return false
  if (bytes[start + 2] === 0 && nameEnd > name)
    facts.serverName = internedAscii(bytes, name, nameEnd) ?? interned(latin1(bytes.subarray(name, nameEnd)))
  return true
}

/** `opaque ProtocolName<1..2^8-1>; ProtocolName protocol_name_list<2..2^16-1>`: joined by commas, in order. */
function readProtocolNames(
  bytes: Uint8Array,
  start: number,
  end: number,
  facts: HelloFacts,
  member: 'alpn' | 'alpnOffered',
): boolean {
  const first = start + 2
  const last = first + u16At(bytes, start)
  if (first > end || last > end) return false
  for (let at = first; at < last; at += 1 + bytes[at]!) if (at + 1 + bytes[at]! > last) return false
  if (last === first) return true
  // the length of each stands where a comma does
  const length = last - first - 1
  const joined = length <= names.length ? names : new Uint8Array(length)
  for (let at = 0; at < length; at++) joined[at] = bytes[first + 1 + at]!
  for (let at = first + 1 + bytes[first]!; at < last; at += 1 + bytes[at]!) joined[at - first - 1] = COMMA
  facts[member] = internedAscii(joined, 0, length) ?? latin1(joined.subarray(0, length))
  return true
}

const COMMA = 0x2c
/** for `readProtocolNames` alone */
const names = new Uint8Array(128)

function versionName(version: number): string {
  if (version === 0x0300) return 'SSL 3.0'
  // drafts of TLS 1.3 were numbered 7f 00 + draft; fizz has numbers of its own
  if (version >> 8 === 0x7f || version >> 8 === 0xfb) return '1.3'
  if (version > 0x0300 && version <= 0x0304) return `1.${version - 0x0301}`
  return `0x${hex(Uint8Array.of(version >> 8, version & 0xff))}`
}
