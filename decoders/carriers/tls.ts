/**
 * The TLS carrier: the two hello messages, which are all that a bystander may read of every version.
 *
 * Specification: RFC 8446 4.1 and 5.1, RFC 5246 6.2.1 and 7.4.1, RFC 6066 3 (server_name), RFC 7301 (ALPN).
 * It decrypts nothing and does not read the Certificate of TLS 1.2 and earlier (its record has its place in `frame`), nor the hello of
 * SSLv2. A handshake message that goes on in a second record is read as far as its first one. All values are fresh copies.
 */

import {
  type Carrier,
  type CarrierMessage,
  type ConnectionFacts,
  type Framing,
  type Side,
  type TlsFacts,
  UNTIL_CLOSE,
} from '../carrier.ts'
import { type Fault, failed, type Outcome, read } from '../outcome.ts'
import { range } from '../parts/byte-class.ts'
import { Cursor } from '../parts/cursor.ts'
import { interned } from '../parts/interned.ts'
import { hex, latin1 } from '../parts/text.ts'

export const tls: Carrier = {
  name: 'tls',
  transport: 'tcp',
  ports: [443, 636, 3269, 8443, 5986, 465, 993, 995, 4443, 9443, 10443],
  begins: [[range(20, 23), 3, range(0, 4)]],
  probe,
  frame,
  decode,
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

/** HandshakeType */
const CLIENT_HELLO = 1
const SERVER_HELLO = 2

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
  if (fragment < HANDSHAKE_HEADER_BYTES || fragment > FRAGMENT_BYTES_MAX) return 'other'
  if (length === RECORD_HEADER_BYTES) return 'more'
  return HANDSHAKE_TYPES.includes(head[RECORD_HEADER_BYTES]!) ? 'mine' : 'other'
}

/** Level and description, or their encrypted form with explicit IV, MAC and padding. */
const ALERT_BYTES_MAX = 128
const HANDSHAKE_HEADER_BYTES = 4
/** The messages that travel in clear up to TLS 1.2; an encrypted one in the middle is recognised by the records after it. */
const HANDSHAKE_TYPES = [0, CLIENT_HELLO, SERVER_HELLO, 4, 11, 12, 13, 14, 15, 16, 22]

function frame(head: Uint8Array, _side: Side, out: Framing): 'ready' | 'more' | 'lost' {
  const length = head.length
  if (length > 0 && (head[0]! < CHANGE_CIPHER_SPEC || head[0]! > APPLICATION_DATA)) return 'lost'
  if ((length > 1 && head[1] !== 3) || (length > 2 && head[2]! > 4)) return 'lost'
  if (length < RECORD_HEADER_BYTES) return 'more'
  const fragment = fragmentLength(head)
  if (fragment > FRAGMENT_BYTES_MAX) return 'lost'
  const type = head[0]!
  let keep = 0
  if (type === HANDSHAKE && fragment > 0 && (out.state & ENCRYPTED) === 0) {
    if (length === RECORD_HEADER_BYTES) return 'more'
    const message = head[RECORD_HEADER_BYTES]!
    // 11, Certificate, is to be kept here once somebody reads it
    if (message === CLIENT_HELLO || message === SERVER_HELLO) keep = RECORD_HEADER_BYTES + fragment
  }
  if (type === CHANGE_CIPHER_SPEC || type === APPLICATION_DATA) out.state |= ENCRYPTED
  // nothing in clear follows application data: the conversation is stepped over from here, without a look at its records
  out.length = type === APPLICATION_DATA ? UNTIL_CLOSE : RECORD_HEADER_BYTES + fragment
  out.keep = keep
  out.more = false
  return 'ready'
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
 */
function decode(pdu: Uint8Array): Outcome<readonly CarrierMessage[]> {
  const record = new Cursor(pdu)
  const type = record.u8()
  record.skip(4)
  if (record.failed) return failed('cut', 'TLSPlaintext')
  if (type !== HANDSHAKE) return read([])
  const messageType = record.u8()
  const length = (record.u8() << 16) | record.u16be()
  if (record.failed) return failed('cut', 'Handshake')
  if (messageType !== CLIENT_HELLO && messageType !== SERVER_HELLO) return read([])
  const whole = record.remaining >= length
  const body = record.sub(Math.min(length, record.remaining))
  const hello = messageType === CLIENT_HELLO ? readClientHello(body, whole) : readServerHello(body, whole)
  const name = messageType === CLIENT_HELLO ? 'ClientHello' : 'ServerHello'
  const fault: Fault | null =
    hello.broken === null ? null : { reason: whole ? 'malformed' : 'cut', where: `${name}.${hello.broken}` }
  const { serverName } = hello.facts
  const facts: ConnectionFacts = { tls: hello.facts, ...(serverName !== undefined && { serverName }) }
  return read(
    [
      {
        protocol: 'tls',
        type: name,
        from: messageType === CLIENT_HELLO ? 'client' : 'server',
        service: 'unknown',
        fields: null,
        steps: [{ kind: 'facts', facts }],
      },
    ],
    fault,
  )
}

/** What a hello said before its bytes ended; `broken` names the field that could not be read. */
interface Hello {
  readonly facts: HelloFacts
  readonly broken: string | null
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
  body.skip(body.u8())
  body.skip(body.u16be())
  body.skip(body.u8())
  if (body.failed) return { facts: {}, broken: 'legacy_compression_methods' }
  const facts: HelloFacts = {}
  const broken = eachExtension(body, whole, (type, data) => {
    if (type === SERVER_NAME) readServerName(data, facts)
    else if (type === ALPN) readProtocolNames(data, facts)
    return !data.failed
  })
  return { facts, broken }
}

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
 */
function readServerHello(body: Cursor, whole: boolean): Hello {
  let version = body.u16be()
  body.skip(32)
  body.skip(body.u8())
  body.skip(2 + 1)
  if (body.failed) return { facts: {}, broken: 'legacy_compression_method' }
  const facts: HelloFacts = {}
  const broken = eachExtension(body, whole, (type, data) => {
    if (type === SUPPORTED_VERSIONS) version = data.u16be() || version
    else if (type === ALPN) readProtocolNames(data, facts)
    return !data.failed
  })
  // a hello that lost its extensions may have chosen 1.3 in one of them
  if (broken === null || version !== TLS_1_2) facts.version = versionName(version)
  return { facts, broken }
}

const SERVER_NAME = 0
const ALPN = 16
const SUPPORTED_VERSIONS = 43
const TLS_1_2 = 0x0303

/**
 * ```
 * struct {
 *   ExtensionType extension_type;     2 bytes
 *   opaque extension_data<0..2^16-1>;
 * } Extension;
 * ```
 * `whole`: the message was not cut, so that no extensions means that there are none. Answers what could not be read, or null.
 */
function eachExtension(body: Cursor, whole: boolean, visit: (type: number, data: Cursor) => boolean): string | null {
  if (body.remaining === 0) return whole ? null : 'extensions'
  const promised = body.u16be()
  const complete = whole && !body.failed && body.remaining >= promised
  const extensions = body.sub(Math.min(promised, body.remaining))
  while (extensions.remaining > 0) {
    const type = extensions.u16be()
    const data = extensions.sub(extensions.u16be())
    if (extensions.failed || !visit(type, data)) return 'extensions'
  }
  return complete ? null : 'extensions'
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
function readServerName(data: Cursor, facts: HelloFacts): void {
  const list = data.sub(data.u16be())
  const type = list.u8()
  const name = list.take(list.u16be())
  if (list.failed) data.failed = true
  else if (type === 0 && name.length > 0) facts.serverName = interned(latin1(name))
}

/** `opaque ProtocolName<1..2^8-1>; ProtocolName protocol_name_list<2..2^16-1>`: joined by commas, in order. */
function readProtocolNames(data: Cursor, facts: HelloFacts): void {
  const list = data.sub(data.u16be())
  const names: string[] = []
  while (list.remaining > 0) names.push(latin1(list.take(list.u8())))
  if (list.failed) data.failed = true
  else if (names.length > 0) facts.alpn = names.join(',')
}

function versionName(version: number): string {
  if (version === 0x0300) return 'SSL 3.0'
  // drafts of TLS 1.3 were numbered 7f 00 + draft
  if (version >> 8 === 0x7f) return '1.3'
  if (version > 0x0300 && version <= 0x0304) return `1.${version - 0x0301}`
  return `0x${hex(Uint8Array.of(version >> 8, version & 0xff))}`
}
