/**
 * The TDS carrier: how a client of SQL Server logs on, in clear or with only the LOGIN7 packet in TLS.
 *
 * Specification: MS-TDS 2.2.3.1 (packet header), 2.2.6.4 (LOGIN7), 2.2.6.5 (PRELOGIN), 2.2.7 (tokens: ERROR, LOGINACK,
 * SSPI), 3.2.5.1 (encryption). It reads no query and no result: their packets are stepped over by their length. It does
 * not read the login of TDS 4.2 and Sybase, and it opens no TLS: of a handshake the carrier of TLS reads what is in
 * clear; where the whole session is encrypted the rest is given back (`lost`), where only LOGIN7 is, its records are
 * stepped over. Of a SQL login only the user name leaves this file; its password is as good as clear. Tokens borrow the
 * PDU where a message is one packet.
 */

import {
  type AuthStep,
  type Carrier,
  type CarrierMessage,
  EMPTY_LEG,
  type Framing,
  type LegStep,
  type Principal,
  type Side,
} from '../carrier.ts'
import { type Fault, failed, type Outcome, read } from '../outcome.ts'
import { range, some } from '../parts/byte-class.ts'
import { Cursor } from '../parts/cursor.ts'
import { latin1, until, untilNul, utf16le } from '../parts/text.ts'
import { tls } from './tls.ts'

export const tds: Carrier = {
  name: 'tds',
  transport: 'tcp',
  ports: [1433, 1434],
  begins: [[range(0x01, 0x12).filter(isType), range(0, 0x1f), ...some(5), 0]],
  probe,
  frame,
  decode,
  wrapsTls,
}

/**
 * ```
 * Type      1 byte
 * Status    1 byte   0x01: the last packet of the message
 * Length    2 bytes  big-endian, this header included
 * SPID      2 bytes
 * PacketID  1 byte
 * Window    1 byte   0
 * ```
 */
const HEADER_BYTES = 8
const END_OF_MESSAGE = 0x01
const STATUS_BITS = 0x1f
const SQL_BATCH = 0x01
const RPC = 0x03
const TABULAR_RESULT = 0x04
const FEDERATED_TOKEN = 0x08
const TRANSACTION = 0x0e
const LOGIN7 = 0x10
const SSPI = 0x11
const PRELOGIN = 0x12
/** ContentType handshake of TLS */
const HANDSHAKE_RECORD = 22

/** PL_OPTION_TOKEN */
const VERSION = 0x00
const ENCRYPTION = 0x01
const INSTANCE = 0x02
const FED_AUTH_REQUIRED = 0x06
const TERMINATOR = 0xff
const OPTION_BYTES = 5
const OPTIONS_MAX = 16

const ENCRYPT_OFF = 0
const ENCRYPT_ON = 1
const ENCRYPT_REQ = 3
const ENCRYPTION_NAMES: readonly string[] = ['ENCRYPT_OFF', 'ENCRYPT_ON', 'ENCRYPT_NOT_SUP', 'ENCRYPT_REQ']

/** Token types */
const ERROR = 0xaa
const INFO = 0xab
const LOGINACK = 0xad
const FEATUREEXTACK = 0xae
const ENVCHANGE = 0xe3
const SSPI_TOKEN = 0xed
const FEDAUTHINFO = 0xee
/** With these a response to a login may begin. */
const LOGIN_TOKENS: readonly number[] = [ERROR, INFO, LOGINACK, FEATUREEXTACK, ENVCHANGE, SSPI_TOKEN, FEDAUTHINFO]
/** COLMETADATA, TABNAME, ORDER, RETURNSTATUS, RETURNVALUE, DONE, DONEPROC, DONEINPROC: with these the others do */
const RESULT_TOKENS: readonly number[] = [0x81, 0xa4, 0xa9, 0x79, 0xac, 0xfd, 0xfe, 0xff]

/**
 * `Framing.state`. Of the client: what it sent last. Of the server: which encryption it answered (plus one), and how
 * many packets of the present response were kept.
 */
const LOGGING_ON = 0x01
const WORKING = 0x02
const ENCRYPTION_SHIFT = 4
const ENCRYPTION_MASK = 0x70
/** the next packet goes on with a flight of the TLS handshake */
const HANDSHAKING = 0x1000
const KEPT_SHIFT = 8
const KEPT_MASK = 0xf00
/** A response to a login is one packet, seldom two. */
const RESPONSE_PACKETS_MAX = 4
/** A LOGIN7 with the largest Kerberos token, or a federated one. */
const MESSAGE_BYTES_MAX = 131_072

/** The handshake of TLS comes in packets of type 0x12. */
function wrapsTls(head: Uint8Array): boolean {
  return (
    head.length > HEADER_BYTES + 1 && head[0] === PRELOGIN && head[HEADER_BYTES] === 22 && head[HEADER_BYTES + 1] === 3
  )
}

function probe(head: Uint8Array): 'mine' | 'other' | 'more' {
  const { length } = head
  if (length > 0 && !isType(head[0]!)) return 'other'
  if (length > 1 && (head[1]! & ~STATUS_BITS) !== 0) return 'other'
  if (length < HEADER_BYTES) return 'more'
  const size = packetLength(head)
  if (size < HEADER_BYTES || head[7] !== 0) return 'other'
  if (length < HEADER_BYTES + 2) return size === HEADER_BYTES ? 'other' : 'more'
  const first = head[HEADER_BYTES]!
  if ((head[0] === PRELOGIN || head[0] === TABULAR_RESULT) && first === VERSION && length < PRELOGIN_HEAD_BYTES)
    return size < PRELOGIN_HEAD_BYTES ? 'other' : 'more'
  switch (head[0]) {
    case PRELOGIN:
      // options, or a handshake record of TLS
      return isPrelogin(head, size) || (first === 22 && head[9] === 3) ? 'mine' : 'other'
    case LOGIN7:
      if (length < HEADER_BYTES + 8) return 'more'
      return head[HEADER_BYTES + 2]! < 2 && head[HEADER_BYTES + 3] === 0 && isLoginVersion(head) ? 'mine' : 'other'
    case SSPI:
      // NTLMSSP, or a GSS token: no two letters more are needed after a header like this
      return (first === 0x4e && head[9] === 0x54) || first === 0x60 || first === 0xa1 ? 'mine' : 'other'
    case TABULAR_RESULT:
      if (first === VERSION) return isPrelogin(head, size) ? 'mine' : 'other'
      return LOGIN_TOKENS.includes(first) || RESULT_TOKENS.includes(first) ? 'mine' : 'other'
    case SQL_BATCH:
    case RPC:
    case TRANSACTION:
      if (length < HEADER_BYTES + ALL_HEADERS.length) return matches(head, length) ? 'more' : 'other'
      return matches(head, HEADER_BYTES + ALL_HEADERS.length) ? 'mine' : 'other'
    default:
      return 'other'
  }
}

/** ALL_HEADERS of a request in TDS 7.2 and later: 22 bytes in all, one header of 18, a transaction descriptor. */
const ALL_HEADERS: readonly number[] = [22, 0, 0, 0, 18, 0, 0, 0, 2, 0]

function matches(head: Uint8Array, end: number): boolean {
  for (let at = HEADER_BYTES; at < end; at++) if (head[at] !== ALL_HEADERS[at - HEADER_BYTES]) return false
  return true
}

function isType(byte: number): boolean {
  return byte >= 1 && byte <= 0x12 && byte !== 5 && (byte <= 8 || byte >= 0x0e) && byte !== 2 && byte !== 0x0f
}

/** the header, the first option, and the beginning of the next one */
const PRELOGIN_HEAD_BYTES = HEADER_BYTES + OPTION_BYTES + 1

/** The first option is VERSION, and stands right behind the list of options. */
function isPrelogin(head: Uint8Array, size: number): boolean {
  if (head[HEADER_BYTES] !== VERSION || head.length < PRELOGIN_HEAD_BYTES) return false
  const offset = (head[9]! << 8) | head[10]!
  return offset % OPTION_BYTES === 1 && offset < size && head[11] === 0 && head[12] === 6
}

/** TDSVersion 7.0 to 7.4, little-endian: its last byte is 0x70 to 0x74. */
function isLoginVersion(head: Uint8Array): boolean {
  const major = head[HEADER_BYTES + 7]!
  return major >= 0x70 && major <= 0x74
}

function packetLength(head: Uint8Array): number {
  return (head[2]! << 8) | head[3]!
}

function frame(head: Uint8Array, side: Side, out: Framing): 'ready' | 'more' | 'lost' {
  if (head.length === 0) return 'more'
  const type = head[0]!
  out.more = false
  out.keep = 0
  if (type >= 0x14 && type <= 0x17) return frameRecord(head, side, out)
  if (!isType(type) || (head.length > 1 && (head[1]! & ~STATUS_BITS) !== 0)) return 'lost'
  if (head.length < HEADER_BYTES) return 'more'
  const size = packetLength(head)
  if (size < HEADER_BYTES || head[7] !== 0) return 'lost'
  out.length = size
  if (type === TABULAR_RESULT) return frameResponse(head, size, out)
  if (type === PRELOGIN && head.length === HEADER_BYTES && size > HEADER_BYTES) return 'more'
  const first = head[HEADER_BYTES]
  const isHandshake = type === PRELOGIN && (first === HANDSHAKE_RECORD || (out.state & HANDSHAKING) !== 0)
  const wanted = type === LOGIN7 || type === SSPI || (type === PRELOGIN && first === VERSION) || isHandshake
  if (wanted) out.keep = size
  out.more = wanted && (head[1]! & END_OF_MESSAGE) === 0
  // a server sends PRELOGIN packets too, with its part of the TLS handshake
  const step = wanted || type === FEDERATED_TOKEN || type === PRELOGIN ? LOGGING_ON : WORKING
  out.state = (out.state & ENCRYPTION_MASK) | step | (isHandshake && out.more ? HANDSHAKING : 0)
  return 'ready'
}

/**
 * The server's packets: kept while they may answer a login. Without the client's direction the first token tells.
 * Its answer to PRELOGIN says what TLS will cover, and must be read whole.
 */
function frameResponse(head: Uint8Array, size: number, out: Framing): 'ready' | 'more' | 'lost' {
  if (size === HEADER_BYTES) return 'ready'
  if (head.length === HEADER_BYTES) return 'more'
  const first = head[HEADER_BYTES]!
  if (first === VERSION && (out.state & ENCRYPTION_MASK) === 0 && size < 256) {
    if (head.length < size) return 'more'
    const encryption = encryptionOf(head.subarray(HEADER_BYTES, size))
    if (encryption >= 0) out.state |= ((encryption & 3) + 1) << ENCRYPTION_SHIFT
    out.keep = size
    return 'ready'
  }
  const ended = (head[1]! & END_OF_MESSAGE) !== 0
  const kept = (out.state & KEPT_MASK) >> KEPT_SHIFT
  const expected = (out.peerState & LOGGING_ON) !== 0 || out.peerState === 0
  const wanted = expected && kept < RESPONSE_PACKETS_MAX && (kept > 0 || LOGIN_TOKENS.includes(first))
  if (wanted) out.keep = size
  out.more = wanted && !ended && kept + 1 < RESPONSE_PACKETS_MAX
  out.state = (out.state & ~KEPT_MASK) | (ended ? 0 : (wanted ? kept + 1 : RESPONSE_PACKETS_MAX) << KEPT_SHIFT)
  return 'ready'
}

/**
 * A TLS record outside of any packet. With ENCRYPT_OFF it holds LOGIN7 and what follows is clear; with the whole
 * session encrypted nothing of it is ours any more.
 */
function frameRecord(head: Uint8Array, side: Side, out: Framing): 'ready' | 'more' | 'lost' {
  if (head.length > 1 && head[1] !== 3) return 'lost'
  const agreed = (((side === 'server' ? out.state : out.peerState) & ENCRYPTION_MASK) >> ENCRYPTION_SHIFT) - 1
  if (agreed === ENCRYPT_ON || agreed === ENCRYPT_REQ) return 'lost'
  if (head.length < 5) return 'more'
  out.length = 5 + ((head[3]! << 8) | head[4]!)
  if (side === 'client') out.state = LOGGING_ON
  return 'ready'
}

/** The ENCRYPTION option of a PRELOGIN message, or -1. */
function encryptionOf(message: Uint8Array): number {
  for (let at = 0, seen = 0; at + OPTION_BYTES <= message.length && seen < OPTIONS_MAX; at += OPTION_BYTES, seen++) {
    if (message[at] === TERMINATOR) return -1
    if (message[at] === ENCRYPTION) return message[(message[at + 1]! << 8) | message[at + 2]!] ?? -1
  }
  return -1
}

// --- cold
// ---------------------------------------------------------------------------------------------------------------------

function decode(pdu: Uint8Array, side: Side): Outcome<readonly CarrierMessage[]> {
  if (pdu.length < HEADER_BYTES) return failed('cut', 'PacketHeader')
  const { bytes, whole } = message(pdu)
  switch (pdu[0]) {
    case PRELOGIN:
      if (bytes[0] === HANDSHAKE_RECORD) return handshake(bytes, side)
      return prelogin(bytes, whole, 'client')
    case LOGIN7:
      return login7(bytes, whole)
    case SSPI:
      return read([sspi('client', bytes)], whole ? null : { reason: 'cut', where: 'SSPI' })
    case TABULAR_RESULT:
      return bytes[0] === VERSION ? prelogin(bytes, whole, 'server') : response(bytes, whole)
    default:
      return read([])
  }
}

/** The records in clear with which a flight of the TLS handshake begins. */
function handshake(bytes: Uint8Array, side: Side): Outcome<readonly CarrierMessage[]> {
  let end = 0
  while (end + 5 <= bytes.length && bytes[end] === HANDSHAKE_RECORD && bytes[end + 1] === 3)
    end += 5 + ((bytes[end + 3]! << 8) | bytes[end + 4]!)
  return end === 0 ? read([]) : tls.decode(bytes.subarray(0, end), side)
}

/** The data of a message without the headers of its packets; a view where it is one packet. */
function message(pdu: Uint8Array): { bytes: Uint8Array; whole: boolean } {
  const first = packetLength(pdu)
  if (first >= pdu.length) return { bytes: pdu.subarray(HEADER_BYTES), whole: first === pdu.length }
  const bytes = new Uint8Array(Math.min(pdu.length, MESSAGE_BYTES_MAX))
  let length = 0
  let whole = false
  for (let at = 0; at + HEADER_BYTES <= pdu.length && length < bytes.length; ) {
    const size = packetLength(pdu.subarray(at))
    if (size < HEADER_BYTES) break
    const data = pdu.subarray(at + HEADER_BYTES, Math.min(at + size, pdu.length)).subarray(0, bytes.length - length)
    bytes.set(data, length)
    length += data.length
    at += size
    whole = at === pdu.length
  }
  return { bytes: bytes.subarray(0, length), whole }
}

/**
 * ```
 * PL_OPTION_TOKEN 1 byte, PL_OFFSET 2 bytes big-endian, PL_OPTION_LENGTH 2 bytes big-endian; 0xff ends the list
 * ```
 * `fields`: direction, version (of the sender's software), encryption, instance, federated.
 */
function prelogin(bytes: Uint8Array, whole: boolean, from: Side): Outcome<readonly CarrierMessage[]> {
  let version: string | null = null
  let encryption: number | null = null
  let instance: string | null = null
  let federated = false
  let fault: Fault | null = whole ? null : { reason: 'cut', where: 'PRELOGIN' }
  const list = new Cursor(bytes)
  for (let seen = 0; seen < OPTIONS_MAX; seen++) {
    const token = list.u8()
    if (list.failed || token === TERMINATOR) break
    const offset = list.u16be()
    const length = list.u16be()
    if (list.failed) break
    const data = bytes.subarray(offset, offset + length)
    if (data.length < length) {
      fault ??= { reason: 'malformed', where: 'PRELOGIN.PL_OFFSET' }
      continue
    }
    if (token === VERSION && length >= 4) version = `${data[0]}.${data[1]}.${(data[2]! << 8) | data[3]!}`
    else if (token === ENCRYPTION && length > 0) encryption = data[0]!
    else if (token === INSTANCE) instance = untilNul(latin1(data.subarray(0, 64)))
    else if (token === FED_AUTH_REQUIRED && length > 0) federated = data[0] === 1
  }
  if (list.failed) fault ??= { reason: 'malformed', where: 'PRELOGIN.PL_OPTION_TOKEN' }
  const fields = {
    direction: from === 'client' ? 'request' : 'response',
    version,
    encryption: encryption === null ? null : (ENCRYPTION_NAMES[encryption] ?? String(encryption)),
    instance: instance === '' ? null : instance,
    federated,
  }
  // what the server answers is in force: with anything but NOT_SUP at least the login goes through TLS
  const hidden =
    from === 'server' && (encryption === ENCRYPT_OFF || encryption === ENCRYPT_ON || encryption === ENCRYPT_REQ)
  const steps: AuthStep[] = hidden ? [{ kind: 'facts', facts: { hidden: 'mssql' } }] : []
  return read([tdsMessage('PRELOGIN', from, fields, steps)], fault)
}

/**
 * ```
 * Length 4, TDSVersion 4, PacketSize 4, ClientProgVer 4, ClientPID 4, ConnectionID 4,
 * OptionFlags1 1, OptionFlags2 1 (0x80 fIntSecurity), TypeFlags 1, OptionFlags3 1, ClientTimeZone 4, ClientLCID 4,
 * ibHostName 2 cchHostName 2, UserName, Password, AppName, ServerName, Extension, CltIntName, Language, Database (4
 * each), ClientID 6, ibSSPI 2 cbSSPI 2, AtchDBFile 4; from 7.2 on ChangePassword 4, cbSSPILong 4 ``` Offsets count from
 * Length, texts are UTF-16LE and their lengths are characters. The password is passed over.
 */
function login7(bytes: Uint8Array, whole: boolean): Outcome<readonly CarrierMessage[]> {
  if (bytes.length < SSPI_AT + 4) return failed(whole ? 'malformed' : 'cut', 'LOGIN7')
  const notes: { fault: Fault | null } = { fault: whole ? null : { reason: 'cut', where: 'LOGIN7' } }
  const workstation = loginText(bytes, 36, 'LOGIN7.HostName', notes)
  const user = loginText(bytes, 40, 'LOGIN7.UserName', notes)
  const application = loginText(bytes, 48, 'LOGIN7.AppName', notes)
  const serverName = loginText(bytes, 52, 'LOGIN7.ServerName', notes)
  const database = loginText(bytes, 68, 'LOGIN7.Database', notes)
  // some stacks leave fIntSecurity out
  const integrated = (bytes[25]! & 0x80) !== 0 || new Cursor(bytes, SSPI_AT + 2).u16le() > 0
  const token = integrated ? sspiOf(bytes, notes) : null
  const principal: Principal | null = integrated || user === '' ? null : { user, domain: '', workstation }
  const method = integrated ? 'SSPI' : user === '' ? 'federated' : 'SQL login'
  const fields = {
    direction: 'request',
    tdsVersion: `${bytes[7]! >> 4}.${bytes[7]! & 15}`,
    workstation,
    userName: integrated ? null : user,
    application,
    serverName,
    database,
    method,
  }
  const host = serverHost(serverName)
  const leg: LegStep = {
    ...EMPTY_LEG,
    from: 'client',
    method,
    token,
    principal,
    facts: host === '' ? null : { serverName: host },
  }
  return read([tdsMessage('LOGIN7', 'client', fields, [leg])], notes.fault)
}

const SSPI_AT = 78
const SSPI_LONG_AT = 90
const TEXT_CHARACTERS_MAX = 256

function loginText(bytes: Uint8Array, at: number, where: string, notes: { fault: Fault | null }): string {
  const field = new Cursor(bytes, at)
  const offset = field.u16le()
  const length = Math.min(field.u16le(), TEXT_CHARACTERS_MAX) * 2
  // half a name is a wrong name
  if (offset + length > bytes.length) {
    notes.fault ??= { reason: 'malformed', where }
    return ''
  }
  return utf16le(bytes.subarray(offset, offset + length))
}

/** cbSSPI 0xffff: the length is in cbSSPILong. */
function sspiOf(bytes: Uint8Array, notes: { fault: Fault | null }): Uint8Array {
  const field = new Cursor(bytes, SSPI_AT)
  const offset = field.u16le()
  const short = field.u16le()
  const long = short === 0xffff && bytes.length >= SSPI_LONG_AT + 4 ? new Cursor(bytes, SSPI_LONG_AT).u32le() : 0
  const length = long || short
  if (offset + length > bytes.length) notes.fault ??= { reason: 'malformed', where: 'LOGIN7.SSPI' }
  return bytes.subarray(offset, offset + length)
}

/** `tcp:host\instance,port` as it was typed: the host alone. */
function serverHost(typed: string): string {
  return until(until(typed.replace(/^(?:tcp|np|lpc|admin):/i, ''), '\\'), ',')
}

/**
 * ```
 * TokenType 1, Length 2 little-endian, data                        ERROR, INFO, LOGINACK, ENVCHANGE, SSPI
 * TokenType 1, { FeatureId 1, FeatureAckDataLen 4, data } 0xff     FEATUREEXTACK
 * TokenType 1, TokenLength 4, data                                 FEDAUTHINFO
 * ```
 * Any other token ends what a login is answered with.
 */
function response(bytes: Uint8Array, whole: boolean): Outcome<readonly CarrierMessage[]> {
  const messages: CarrierMessage[] = []
  const tokens = new Cursor(bytes)
  while (tokens.remaining > 0) {
    const type = tokens.u8()
    if (type === FEATUREEXTACK) {
      skipFeatures(tokens)
      continue
    }
    if (!LOGIN_TOKENS.includes(type)) break
    const length = type === FEDAUTHINFO ? tokens.u32le() : tokens.u16le()
    if (type === SSPI_TOKEN && !tokens.failed)
      messages.push(sspi('server', tokens.take(Math.min(length, tokens.remaining))))
    else {
      const data = tokens.take(length)
      if (tokens.failed) break
      if (type === LOGINACK) messages.push(loginAck(data))
      else if (type === ERROR) messages.push(...loginError(data))
    }
  }
  const broken: Fault | null = tokens.failed ? { reason: whole ? 'malformed' : 'cut', where: 'TabularResult' } : null
  return read(messages, broken ?? (whole ? null : { reason: 'cut', where: 'TabularResult' }))
}

function skipFeatures(tokens: Cursor): void {
  while (!tokens.failed && tokens.u8() !== TERMINATOR) tokens.skip(tokens.u32le())
}

function sspi(from: Side, token: Uint8Array): CarrierMessage {
  const leg: LegStep = {
    ...EMPTY_LEG,
    from,
    method: 'SSPI',
    token,
    outcome: from === 'server' ? 'continue' : null,
  }
  return tdsMessage('SSPI', from, null, [leg])
}

/** `Interface 1, TDSVersion 4 big-endian, ProgName B_VARCHAR, MajorVer, MinorVer, BuildNumHi, BuildNumLow` */
function loginAck(data: Uint8Array): CarrierMessage {
  const ack = new Cursor(data)
  ack.skip(1)
  const version = ack.u8()
  ack.skip(3)
  const program = utf16le(ack.take(ack.u8() * 2))
  const fields = {
    direction: 'response',
    tdsVersion: `${version >> 4}.${version & 15}`,
    program: program.replace(/\0/g, ''),
  }
  const leg: LegStep = {
    ...EMPTY_LEG,
    from: 'server',
    outcome: 'success',
    status: { code: 0, name: 'LOGINACK', detail: null },
  }
  return tdsMessage('LOGINACK', 'server', fields, [leg])
}

/**
 * `Number 4, State 1, Class 1, MsgText...`; the text is left out. Errors that are no refusal of a login say nothing
 * here.
 */
function loginError(data: Uint8Array): CarrierMessage[] {
  const error = new Cursor(data)
  const number = error.u32le()
  const state = error.u8()
  const name = LOGIN_ERRORS.get(number)
  if (error.failed || name === undefined) return []
  const leg: LegStep = {
    ...EMPTY_LEG,
    from: 'server',
    outcome: 'failure',
    status: { code: number, name, detail: `state ${state}` },
  }
  return [tdsMessage('ERROR', 'server', { direction: 'response', number, name, state }, [leg])]
}

/** Refusals of a login among the errors of SQL Server, in words of ours: its own texts hold names. */
const LOGIN_ERRORS: ReadonlyMap<number, string> = new Map([
  [17806, 'SSPI handshake failed'],
  [18450, 'login failed, not a trusted connection'],
  [18451, 'login failed, administrators only'],
  [18452, 'login failed, untrusted domain'],
  [18456, 'login failed'],
  [18461, 'login failed, single user mode'],
  [18470, 'login failed, account disabled'],
  [18486, 'login failed, account locked'],
  [18487, 'login failed, password expired'],
  [18488, 'login failed, password must be changed'],
])

function tdsMessage(
  type: string,
  from: Side,
  fields: CarrierMessage['fields'],
  steps: readonly AuthStep[],
): CarrierMessage {
  return { protocol: 'tds', type, from, service: 'mssql', fields, steps }
}
