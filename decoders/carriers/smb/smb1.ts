/**
 * SMB1 messages as they stand behind the NetBIOS header (MS-CIFS 2.2, MS-SMB 2.2): NEGOTIATE, SESSION_SETUP_ANDX with
 * and without extended security, and the name in TREE_CONNECT_ANDX; of all others the header alone, as evidence of
 * signing.
 *
 * Without extended security the responses to the challenge stand bare in the message: they are classified here, by
 * length and content, and go no further. Does not look into security blobs, verifies nothing, and knows no earlier
 * message, so that a dialect index stays an index where the form of the response does not name the dialect. Tokens
 * borrow the message.
 */
import {
  type AuthStep,
  type CarrierMessage,
  EMPTY_LEG,
  type LegStep,
  type Principal,
  type Side,
  type SmbFacts,
  type Status,
} from '../../carrier.ts'
import { type Fault, failed, type Outcome, read } from '../../outcome.ts'
import { Cursor } from '../../parts/cursor.ts'
import {
  dosErrorName,
  ERRDOS_MOREDATA,
  ERRDOS_NOACCESS,
  ERRSRV_ACCESS,
  ERRSRV_BADUID,
  ntstatusName,
  STATUS_ACCESS_DENIED,
  STATUS_NETWORK_SESSION_EXPIRED,
  STATUS_SMB_BAD_UID,
  STATUS_USER_SESSION_DELETED,
} from '../../parts/ntstatus.ts'
import { latin1, utf16le } from '../../parts/text.ts'
import { namesOfSmb1 } from './smb-names.ts'
import { pipeOfSmb1 } from './smb-pipe.ts'
import { bitNames, guidText, outcomeOf, signingPolicy, timeText, uncHost } from './smb2.ts'

export const SMB1_HEADER_BYTES = 32

export const SMB1_NEGOTIATE = 0x72
export const SESSION_SETUP_ANDX = 0x73
export const TREE_CONNECT_ANDX = 0x75
const ECHO = 0x2b
const TREE_CONNECT = 0x70
const NT_CANCEL = 0xa4

/** Flags and Flags2, MS-CIFS 2.2.3.1 and MS-SMB 2.2.3.1. */
const FLAGS_REPLY = 0x80
const FLAGS2 = [
  'LONG_NAMES',
  'EAS',
  'SECURITY_SIGNATURE',
  'COMPRESSED',
  'SECURITY_SIGNATURE_REQUIRED',
  undefined,
  'IS_LONG_NAME',
  undefined,
  undefined,
  undefined,
  'REPARSE_PATH',
  'EXTENDED_SECURITY',
  'DFS',
  'PAGING_IO',
  'NT_STATUS',
  'UNICODE',
]
const FLAGS2_SECURITY_SIGNATURE = 0x0004
const FLAGS2_SECURITY_SIGNATURE_REQUIRED = 0x0010
const FLAGS2_NT_STATUS = 0x4000
const FLAGS2_UNICODE = 0x8000

export function smb1CommandOf(bytes: Uint8Array, at: number): number {
  return bytes[at + 4]!
}

/**
 * Does the header at `at` (HEADER_BYTES are there) tell whether its session signs? Not those that come before a session
 * or need none, and not the oplock break of the server, which is unsigned and has MID 0xffff. Hot.
 */
export function isOrdinarySmb1(bytes: Uint8Array, at: number): boolean {
  const command = bytes[at + 4]!
  if (command >= SMB1_NEGOTIATE && command <= TREE_CONNECT_ANDX) return command === LOGOFF_ANDX
  if (command === ECHO || command === TREE_CONNECT || command === NT_CANCEL) return false
  return bytes[at + 30] !== 0xff || bytes[at + 31] !== 0xff
}

/** Does the header at `at` say that its session has expired (MS-SMB 3.3.5.1)? Hot. */
export function isSmb1Expiry(bytes: Uint8Array, at: number): boolean {
  const status = (bytes[at + 5]! | (bytes[at + 6]! << 8) | (bytes[at + 7]! << 16) | (bytes[at + 8]! << 24)) >>> 0
  return status === STATUS_NETWORK_SESSION_EXPIRED && (bytes[at + 9]! & FLAGS_REPLY) !== 0
}

const LOGOFF_ANDX = 0x74

interface Message {
  /** from its header on, as far as it was captured and kept */
  readonly bytes: Uint8Array
  /** its length on the wire */
  readonly length: number
  readonly command: number
  readonly statusCode: number
  readonly ntStatus: boolean
  readonly response: boolean
  readonly from: Side
  readonly flags2: number
  readonly unicode: boolean
  readonly uid: string
  readonly mid: string
}

/** `pdu` begins with the SMB1 header; `length` is what the NetBIOS header promised. */
export function decodeSmb1(pdu: Uint8Array, length: number): Outcome<readonly CarrierMessage[]> {
  if (pdu.length < SMB1_HEADER_BYTES) return failed('cut', 'SMB Header')
  const message = readHeader(pdu, length)
  const messages: CarrierMessage[] = []
  let fault: Fault | null = null
  if (message.command === SMB1_NEGOTIATE) fault = negotiate(message, messages)
  else if (message.command === SESSION_SETUP_ANDX || message.command === TREE_CONNECT_ANDX) {
    fault = andXChain(message, messages)
  } else if (isOrdinarySmb1(pdu, 0) && !isErrorWithoutSession(message)) {
    const steps: AuthStep[] = [traffic(message)]
    const named = namesOfSmb1(pdu)
    if (named !== null) steps.push(named)
    if (isSmb1Expiry(pdu, 0)) steps.push({ kind: 'facts', facts: { smb: { expiredSession: message.uid } } })
    messages.push(line(message, `0x${message.command.toString(16).padStart(2, '0')}`, null, steps))
  }
  const pipe =
    pdu.length <= SMB1_HEADER_BYTES ? null : pipeOfSmb1({ ...message, session: message.uid, message: message.mid })
  if (pipe !== null) messages.push(line(message, 'pipe', null, [pipe]))
  return read(messages, fault)
}

/*
 * SMB Header, MS-CIFS 2.2.3.1
 *    0 Protocol (4)    4 Command (1)    5 Status (4)    9 Flags (1)   10 Flags2 (2)   12 PIDHigh (2)
 *        14 SecurityFeatures (8)
 *   22 Reserved (2)   24 TID (2)       26 PIDLow (2)   28 UID (2)     30 MID (2)
 */
function readHeader(bytes: Uint8Array, length: number): Message {
  const c = new Cursor(bytes, 4)
  const command = c.u8()
  const statusCode = c.u32le()
  const response = (c.u8() & FLAGS_REPLY) !== 0
  const flags2 = c.u16le()
  c.skip(16)
  const uid = c.u16le()
  const mid = c.u16le()
  return {
    bytes,
    length,
    command,
    statusCode,
    ntStatus: (flags2 & FLAGS2_NT_STATUS) !== 0,
    response,
    from: response ? 'server' : 'client',
    flags2,
    unicode: (flags2 & FLAGS2_UNICODE) !== 0,
    uid: String(uid),
    mid: String(mid),
  }
}

/** UID 0 is a session like any other with servers of LAN Manager, but an error with it belongs to none. */
function isErrorWithoutSession(message: Message): boolean {
  return message.response && message.uid === '0' && message.statusCode !== 0
}

function traffic(message: Message): AuthStep {
  const signed = isSigned(message.bytes)
  const code = message.statusCode
  const refusal = message.ntStatus
    ? code === STATUS_ACCESS_DENIED ||
      code === STATUS_USER_SESSION_DELETED ||
      code === STATUS_NETWORK_SESSION_EXPIRED ||
      code === STATUS_SMB_BAD_UID
    : code === ERRDOS_NOACCESS || code === ERRSRV_ACCESS || code === ERRSRV_BADUID
  return {
    kind: 'traffic',
    from: message.from,
    slot: message.uid,
    protection: signed ? 'signed' : 'clear',
    refused: message.response && !signed && refusal,
    how: null,
  }
}

/**
 * SecuritySignature is zero, or `BSRSPYL ` until signing begins. Flags2 does not tell: Samba signs without
 * SECURITY_SIGNATURE, others set it and do not sign.
 */
function isSigned(bytes: Uint8Array): boolean {
  const signature = bytes.subarray(14, 22)
  return signature.some((byte) => byte !== 0) && signature.some((byte, at) => byte !== SIGNATURE_PLACEHOLDER[at])
}

const SIGNATURE_PLACEHOLDER = [0x42, 0x53, 0x52, 0x53, 0x50, 0x59, 0x4c, 0x20]

/** Parameters and data of one command, MS-CIFS 2.2.3.2: WordCount (1), Words (2 each), ByteCount (2), Bytes. */
interface Block {
  readonly wordCount: number
  readonly words: Cursor
  /** over the whole message, at the first and up to the last of Bytes: strings are aligned to the header */
  readonly data: Cursor
  /** Words are not all there */
  readonly wordsMissing: boolean
  /** Bytes are not all there, or not as many as ByteCount says */
  readonly dataMissing: boolean
}

function readBlock(message: Message, at: number): Block {
  const c = new Cursor(message.bytes, at)
  const wordCount = c.u8()
  const words = c.sub(wordCount * 2)
  const wordsMissing = c.failed
  const byteCount = c.u16le()
  const start = c.pos
  return {
    wordCount,
    words,
    data: new Cursor(message.bytes, start, start + byteCount),
    wordsMissing,
    dataMissing: c.failed || start + byteCount > message.bytes.length,
  }
}

function negotiate(message: Message, messages: CarrierMessage[]): Fault | null {
  const block = readBlock(message, SMB1_HEADER_BYTES)
  if (block.wordsMissing) return incomplete(message, 'NEGOTIATE')
  if (!message.response) return negotiateRequest(message, block, messages)
  switch (block.wordCount) {
    case 17:
      return negotiateResponse(message, block, messages)
    case 13:
      return lanmanNegotiateResponse(message, block, messages)
    case 1:
      return coreNegotiateResponse(message, block, messages)
    case 0:
      messages.push(line(message, 'NEGOTIATE', { direction: 'response', status: statusOf(message).name }, []))
      return null
    default:
      return { reason: 'unsupported', where: 'NEGOTIATE Response.WordCount' }
  }
}

/*
 * SMB_COM_NEGOTIATE Request, MS-CIFS 2.2.4.52.1
 *   Words: none   Bytes: Dialects, each BufferFormat (1, 0x02), DialectName (OEM, NUL)
 */
function negotiateRequest(message: Message, block: Block, messages: CarrierMessage[]): Fault | null {
  const { data } = block
  const dialects: string[] = []
  while (data.remaining > 0 && data.u8() === DIALECT_BUFFER_FORMAT) {
    const name = oemText(data)
    if (name === null) break
    dialects.push(name)
  }
  const smb = clientPolicy(message)
  const fields = { direction: 'request', dialects, flags2: bitNames(message.flags2, FLAGS2) }
  messages.push(line(message, 'NEGOTIATE', fields, smb === null ? [] : [{ kind: 'facts', facts: { smb } }]))
  return block.dataMissing ? incomplete(message, 'NEGOTIATE Request.Dialects') : null
}

const DIALECT_BUFFER_FORMAT = 2

/** That neither bit is set says nothing: Samba signs without them. */
function clientPolicy(message: Message): Partial<SmbFacts> | null {
  if ((message.flags2 & FLAGS2_SECURITY_SIGNATURE_REQUIRED) !== 0) return { clientPolicy: 'required' }
  return (message.flags2 & FLAGS2_SECURITY_SIGNATURE) !== 0 ? { clientPolicy: 'enabled' } : null
}

/*
 * SMB_COM_NEGOTIATE Response of NT LM 0.12, MS-CIFS 2.2.4.52.2 and MS-SMB 2.2.4.5.2
 *   Words: DialectIndex (2)   SecurityMode (1)   MaxMpxCount (2)   MaxNumberVcs (2)   MaxBufferSize (4)
 *       MaxRawSize (4)
 *          SessionKey (4)   Capabilities (4)   SystemTime (8)   ServerTimeZone (2)   ChallengeLength (1)
 *   Bytes: with extended security ServerGUID (16), SecurityBlob; else Challenge, DomainName, ServerName (not aligned)
 */
function negotiateResponse(message: Message, block: Block, messages: CarrierMessage[]): Fault | null {
  const { words, data } = block
  const dialectIndex = words.u16le()
  const securityMode = words.u8()
  words.skip(16)
  const capabilities = words.u32le()
  const systemTime = timeText(words.take(8))
  words.skip(2)
  const challengeLength = words.u8()

  const dialect = dialectIndex === NO_DIALECT ? null : 'NT LM 0.12'
  const extendedSecurity = (capabilities & CAP_EXTENDED_SECURITY) !== 0
  let serverGuid: string | null = null
  let domainName: string | null = null
  let serverName: string | null = null
  const steps: AuthStep[] = []
  if (extendedSecurity) {
    const guid = data.take(16)
    if (!data.failed) serverGuid = guidText(guid)
    steps.push({ kind: 'offer', methods: [], token: tokenOf(data.rest()), slot: '' })
  } else {
    data.skip(challengeLength)
    // The flag of the header answers the client's; what the server writes here is told by its capability (Windows, to
    // Windows 98).
    const unicode = (capabilities & CAP_UNICODE) !== 0
    domainName = text(data, block, unicode, false)
    // older servers end here
    serverName = text(data, block, unicode, false)
  }
  const smb: Partial<SmbFacts> = {
    serverPolicy: signingPolicy(securityMode >> SIGNING_BITS_AT),
    ...(dialect === null ? {} : { dialect }),
    ...(serverGuid === null ? {} : { serverGuid }),
  }
  const fields = {
    direction: 'response',
    status: statusOf(message).name,
    dialectIndex,
    dialect,
    securityMode: bitNames(securityMode, SECURITY_MODE),
    extendedSecurity,
    serverGuid,
    systemTime,
    domainName,
    serverName,
  }
  messages.push(line(message, 'NEGOTIATE', fields, [{ kind: 'facts', facts: { smb } }, ...steps]))
  return block.dataMissing ? incomplete(message, 'NEGOTIATE Response.Bytes') : null
}

/*
 * SMB_COM_NEGOTIATE Response of the LAN Manager dialects, MS-CIFS 2.2.4.52.2
 *   Words: DialectIndex (2)   SecurityMode (2)   MaxBufferSize (2)   MaxMpxCount (2)   MaxNumberVcs (2)
 *       RawMode (2)   SessionKey (4)
 *          ServerTime (2)   ServerDate (2)   ServerTimeZone (2)   EncryptionKeyLength (2)   Reserved (2)
 *   Bytes: EncryptionKey, PrimaryDomain (OEM)
 */
function lanmanNegotiateResponse(message: Message, block: Block, messages: CarrierMessage[]): Fault | null {
  const { words, data } = block
  const dialectIndex = words.u16le()
  const securityMode = words.u16le()
  words.skip(18)
  const keyLength = words.u16le()
  data.skip(keyLength)
  const domainName = text(data, block, false, false)
  pushOldNegotiateResponse(message, messages, dialectIndex, 'LANMAN', {
    securityMode: bitNames(securityMode, SECURITY_MODE),
    domainName,
  })
  return block.dataMissing ? incomplete(message, 'NEGOTIATE Response.Bytes') : null
}

/** Core protocol, or no dialect at all. Words: DialectIndex (2) */
function coreNegotiateResponse(message: Message, block: Block, messages: CarrierMessage[]): Fault | null {
  pushOldNegotiateResponse(message, messages, block.words.u16le(), 'PC NETWORK PROGRAM 1.0', {})
  return null
}

/** Signing came with NT LM 0.12. */
function pushOldNegotiateResponse(
  message: Message,
  messages: CarrierMessage[],
  dialectIndex: number,
  oldDialect: string,
  more: Readonly<Record<string, unknown>>,
): void {
  const dialect = dialectIndex === NO_DIALECT ? null : oldDialect
  const fields = { direction: 'response', status: statusOf(message).name, dialectIndex, dialect, ...more }
  // of none of the client's dialects is an offer, too: it has no answer
  const steps: AuthStep[] =
    dialect === null
      ? [{ kind: 'offer', methods: ['no common dialect'], token: null, slot: '' }]
      : [{ kind: 'facts', facts: { smb: { dialect, serverPolicy: 'disabled' } } }]
  messages.push(line(message, 'NEGOTIATE', fields, steps))
}

const NO_DIALECT = 0xffff
const CAP_UNICODE = 0x0000_0004
const CAP_EXTENDED_SECURITY = 0x8000_0000
/** SecurityMode; its bits 2 and 3 are what bits 0 and 1 are in SMB2, and have their names. */
const SECURITY_MODE = ['userSecurity', 'encryptPasswords', 'enabled', 'required']
const SIGNING_BITS_AT = 2

/**
 * Commands that are batched in one message, MS-CIFS 2.2.3.4: the first two words are AndXCommand (1), AndXReserved (1),
 * AndXOffset (2, from the header). Offsets must grow, so that the chain ends.
 */
function andXChain(message: Message, messages: CarrierMessage[]): Fault | null {
  let firstFault: Fault | null = null
  let command = message.command
  let at = SMB1_HEADER_BYTES
  while (command === SESSION_SETUP_ANDX || command === TREE_CONNECT_ANDX) {
    const block = readBlock(message, at)
    const fault =
      command === SESSION_SETUP_ANDX ? sessionSetup(message, block, messages) : treeConnect(message, block, messages)
    firstFault ??= fault
    if (block.wordCount < 2 || block.wordsMissing) break
    const head = new Cursor(message.bytes, at + 1)
    command = head.u8()
    head.skip(1)
    const offset = head.u16le()
    if (offset <= at) break
    at = offset
  }
  return firstFault
}

function sessionSetup(message: Message, block: Block, messages: CarrierMessage[]): Fault | null {
  if (message.response) return sessionSetupResponse(message, block, messages)
  if (block.wordsMissing) {
    const fields = { direction: 'request', uid: message.uid, mid: message.mid }
    messages.push(line(message, 'SESSION_SETUP', fields, [leg(message)]))
    return incomplete(message, 'SESSION_SETUP_ANDX Request')
  }
  switch (block.wordCount) {
    case 12:
      return extendedSessionSetup(message, block, messages)
    case 13:
    case 10:
      return bareSessionSetup(message, block, messages)
    default:
      return { reason: 'unsupported', where: 'SESSION_SETUP_ANDX Request.WordCount' }
  }
}

/*
 * SMB_COM_SESSION_SETUP_ANDX Request with extended security, MS-SMB 2.2.4.6.1
 *   Words: AndX (4)   MaxBufferSize (2)   MaxMpxCount (2)   VcNumber (2)   SessionKey (4)   SecurityBlobLength (2)
 *       Reserved (4)
 *          Capabilities (4)
 *   Bytes: SecurityBlob, NativeOS, NativeLanMan, PrimaryDomain
 */
function extendedSessionSetup(message: Message, block: Block, messages: CarrierMessage[]): Fault | null {
  const { words, data } = block
  words.skip(14)
  const blob = available(data, words.u16le())
  const fields = {
    direction: 'request',
    uid: message.uid,
    mid: message.mid,
    extendedSecurity: true,
    flags2: bitNames(message.flags2, FLAGS2),
    nativeOS: text(data, block, message.unicode),
    nativeLanMan: text(data, block, message.unicode),
    primaryDomain: text(data, block, message.unicode),
  }
  messages.push(
    line(message, 'SESSION_SETUP', fields, [{ ...leg(message), method: 'SPNEGO', token: tokenOf(blob.bytes) }]),
  )
  return blob.missing || block.dataMissing ? incomplete(message, 'SESSION_SETUP_ANDX Request.SecurityBlob') : null
}

/*
 * SMB_COM_SESSION_SETUP_ANDX Request without extended security, MS-CIFS 2.2.4.53.1
 *   Words: AndX (4)   MaxBufferSize (2)   MaxMpxCount (2)   VcNumber (2)   SessionKey (4)
 *          WordCount 13: OEMPasswordLen (2)   UnicodePasswordLen (2)   Reserved (4)   Capabilities (4)
 *          WordCount 10, LAN Manager: PasswordLength (2)   Reserved (4)
 *   Bytes: OEMPassword, UnicodePassword, AccountName, PrimaryDomain, NativeOS, NativeLanMan
 */
function bareSessionSetup(message: Message, block: Block, messages: CarrierMessage[]): Fault | null {
  const { words, data } = block
  words.skip(14)
  const oemPasswordLen = words.u16le()
  const unicodePasswordLen = block.wordCount === 13 ? words.u16le() : 0
  const oemPassword = available(data, oemPasswordLen)
  const unicodePassword = available(data, unicodePasswordLen)
  const plainNtlm = classify(oemPassword, unicodePassword)
  const user = text(data, block, message.unicode)
  const domain = text(data, block, message.unicode)
  const principal: Principal | null = user === null || domain === null ? null : { user, domain, workstation: '' }
  const fields = {
    direction: 'request',
    uid: message.uid,
    mid: message.mid,
    extendedSecurity: false,
    flags2: bitNames(message.flags2, FLAGS2),
    ntlmVersion: plainNtlm,
    userName: user,
    domainName: domain,
    nativeOS: text(data, block, message.unicode),
    nativeLanMan: text(data, block, message.unicode),
  }
  messages.push(
    line(message, 'SESSION_SETUP', fields, [
      { ...leg(message), method: 'LM/NTLM', direct: true, principal, plainNtlm },
    ]),
  )
  const missing = oemPassword.missing || unicodePassword.missing || block.dataMissing
  return missing ? incomplete(message, 'SESSION_SETUP_ANDX Request.Bytes') : null
}

/**
 * What was sent for a password. Whether the server asked for a response or for the password itself was said in
 * NEGOTIATE, so here the content decides: a response of 24 or more bytes looks like noise, a password like text. A NUL
 * or nothing is a null session (or a share-level server, which asks for no user's password).
 */
function classify(oem: Piece, unicode: Piece): NonNullable<LegStep['plainNtlm']> {
  if (isBlank(oem) && isBlank(unicode)) return 'anonymous'
  if (!isBlank(unicode)) {
    if (unicode.length === RESPONSE_BYTES) return isUtf16Password(unicode) ? 'plaintext' : 'NTLMv1'
    return unicode.length >= NTLMV2_RESPONSE_BYTES_MIN && !isUtf16Password(unicode) ? 'NTLMv2' : 'plaintext'
  }
  return oem.length === RESPONSE_BYTES && !isOemPassword(oem) ? 'LM' : 'plaintext'
}

/** LM_RESPONSE and NTLM_RESPONSE, MS-NLMP 2.2.2.3 and 2.2.2.6. */
const RESPONSE_BYTES = 24
/** NTLMv2_RESPONSE, MS-NLMP 2.2.2.8: Response (16) and the fixed part of NTLMv2_CLIENT_CHALLENGE (28). */
const NTLMV2_RESPONSE_BYTES_MIN = 44

function isBlank(piece: Piece): boolean {
  return piece.length <= 2 && piece.bytes.every((byte) => byte === 0)
}

function isOemPassword(piece: Piece): boolean {
  return !piece.missing && piece.bytes.every((byte, at) => (byte >= 0x20 && byte < 0x7f) || (byte === 0 && at > 0))
}

/** Western text: every other byte is zero, which no response has twelve times. */
function isUtf16Password(piece: Piece): boolean {
  return !piece.missing && piece.length % 2 === 0 && piece.bytes.every((byte, at) => at % 2 === 0 || byte === 0)
}

/*
 * SMB_COM_SESSION_SETUP_ANDX Response, MS-CIFS 2.2.4.53.2 (WordCount 3) and MS-SMB 2.2.4.6.2 (4); an error has no words
 *   Words: AndX (4)   Action (2)   WordCount 4: SecurityBlobLength (2)
 *   Bytes: WordCount 4: SecurityBlob; NativeOS, NativeLanMan, PrimaryDomain
 */
function sessionSetupResponse(message: Message, block: Block, messages: CarrierMessage[]): Fault | null {
  const { words, data } = block
  const { outcome, ...status } = statusOf(message)
  const extended = block.wordCount === 4
  const known = !block.wordsMissing && (extended || block.wordCount === 3)
  words.skip(4)
  const action = known ? words.u16le() : 0
  const blob = known && extended ? available(data, words.u16le()) : NO_PIECE
  const guest = (action & ACTION_GUEST) !== 0
  const fields = {
    direction: 'response',
    uid: message.uid,
    mid: message.mid,
    status: status.name,
    guest,
    nativeOS: known ? text(data, block, message.unicode) : null,
    nativeLanMan: known ? text(data, block, message.unicode) : null,
    primaryDomain: known ? text(data, block, message.unicode) : null,
  }
  const step: LegStep = {
    ...leg(message),
    method: !known ? null : extended ? 'SPNEGO' : 'LM/NTLM',
    direct: known && !extended,
    token: tokenOf(blob.bytes),
    outcome,
    status,
    session: guest && outcome === 'success' ? 'guest' : null,
  }
  messages.push(line(message, 'SESSION_SETUP', fields, [step]))
  if (block.wordsMissing || blob.missing || (known && block.dataMissing)) {
    return incomplete(message, 'SESSION_SETUP_ANDX Response')
  }
  return known || block.wordCount === 0
    ? null
    : { reason: 'unsupported', where: 'SESSION_SETUP_ANDX Response.WordCount' }
}

const ACTION_GUEST = 1

/*
 * SMB_COM_TREE_CONNECT_ANDX Request, MS-CIFS 2.2.4.55.1
 *   Words: AndX (4)   Flags (2)   PasswordLength (2)   Bytes: Password, Path, Service (OEM)
 */
function treeConnect(message: Message, block: Block, messages: CarrierMessage[]): Fault | null {
  if (message.response) return null
  const { words, data } = block
  words.skip(6)
  const passwordLength = words.u16le()
  if (block.wordsMissing || words.failed) return incomplete(message, 'TREE_CONNECT_ANDX Request')
  data.skip(passwordLength)
  const path = text(data, block, message.unicode)
  const serverName = path === null ? null : uncHost(path)
  const steps: AuthStep[] = serverName === null ? [] : [{ kind: 'facts', facts: { serverName } }]
  messages.push(line(message, 'TREE_CONNECT', null, steps))
  return block.dataMissing ? incomplete(message, 'TREE_CONNECT_ANDX Request.Bytes') : null
}

function line(
  message: Message,
  type: string,
  fields: CarrierMessage['fields'],
  steps: readonly AuthStep[],
): CarrierMessage {
  return { protocol: 'smb1', type, from: message.from, service: 'smb', fields, steps }
}

function leg(message: Message): LegStep {
  return {
    ...EMPTY_LEG,
    from: message.from,
    slot: message.uid,
    message: message.mid,
  }
}

/** Bytes that the message should have: lost by the capture, or never there. */
function incomplete(message: Message, where: string): Fault {
  return { reason: message.bytes.length < message.length ? 'cut' : 'malformed', where }
}

/** A field of known length, as far as its bytes are there. */
interface Piece {
  readonly length: number
  readonly bytes: Uint8Array
  readonly missing: boolean
}

function available(data: Cursor, length: number): Piece {
  const there = Math.min(length, data.remaining)
  const bytes = data.take(there)
  if (there < length) data.failed = true
  return { length, bytes, missing: there < length }
}

const NO_PIECE: Piece = { length: 0, bytes: new Uint8Array(0), missing: false }

function tokenOf(bytes: Uint8Array): Uint8Array | null {
  return bytes.length === 0 ? null : bytes
}

/**
 * The next string, up to its NUL or the end of the data; Unicode begins at an even offset from the header unless told
 * otherwise. Null where the message is cut before it ends: half a name is a wrong name.
 */
function text(data: Cursor, block: Block, unicode: boolean, aligned = true): string | null {
  if (data.failed) return null
  if (unicode && aligned && data.pos % 2 !== 0) data.skip(1)
  const width = unicode ? 2 : 1
  const { bytes } = data
  let end = data.pos
  while (end + width <= data.end && (bytes[end] !== 0 || (unicode && bytes[end + 1] !== 0))) end += width
  const terminated = end + width <= data.end
  if (!terminated && block.dataMissing) {
    data.skip(data.remaining)
    return null
  }
  const view = bytes.subarray(data.pos, end)
  data.skip(terminated ? end + width - data.pos : data.remaining)
  return unicode ? utf16le(view) : latin1(view)
}

/** A string of NEGOTIATE: OEM, with its NUL. */
function oemText(data: Cursor): string | null {
  const end = data.bytes.indexOf(0, data.pos)
  if (end < 0 || end >= data.end) return null
  const view = data.take(end - data.pos)
  data.skip(1)
  return latin1(view)
}

/** An NTSTATUS, or a DOS error: class in the low byte, code in the high half. */
function statusOf(message: Message): Status & { readonly outcome: 'continue' | 'success' | 'failure' } {
  const code = message.statusCode
  if (message.ntStatus || code === 0) return { code, name: ntstatusName(code), detail: null, outcome: outcomeOf(code) }
  const outcome = code === ERRDOS_MOREDATA ? 'continue' : 'failure'
  return { code, name: dosErrorName(code), detail: null, outcome }
}
