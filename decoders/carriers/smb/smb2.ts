/**
 * SMB 2 and 3 messages as they stand behind the NetBIOS header (MS-SMB2 2.2): NEGOTIATE, SESSION_SETUP and the name in
 * TREE_CONNECT; of all others the header alone, as evidence of signing, and of encrypted ones the TRANSFORM_HEADER.
 *
 * Does not look into security buffers, decrypts, decompresses and verifies nothing, and knows no earlier message of the
 * connection. Tokens borrow the message.
 */
import {
  type AuthStep,
  type CarrierMessage,
  type ConnectionFacts,
  EMPTY_LEG,
  type LegStep,
  type PipeStep,
  type Side,
  type SigningPolicy,
  type SmbFacts,
  type SmbSetup,
  type TrafficStep,
} from '../../carrier.ts'
import { type Fault, failed, type Outcome, read } from '../../outcome.ts'
import { Cursor } from '../../parts/cursor.ts'
import { interned } from '../../parts/interned.ts'
import {
  ntstatusName,
  STATUS_ACCESS_DENIED,
  STATUS_MORE_PROCESSING_REQUIRED,
  STATUS_NETWORK_SESSION_EXPIRED,
  STATUS_PENDING,
  STATUS_SUCCESS,
  STATUS_USER_SESSION_DELETED,
} from '../../parts/ntstatus.ts'
import { filetimeMicros, isoTime, latin1, nameIn16, utf16le, writeHex } from '../../parts/text.ts'
import { namesSaidBy } from './smb-names.ts'
import { pipeOfSmb2 } from './smb-pipe.ts'

export const SMB2_HEADER_BYTES = 64
/**
 * What must be there of it: all but the Signature, so that a short snap length still leaves commands, status and
 * evidence.
 */
export const HEADER_READ_BYTES = 48
/** IOCTL is judged with its CtlCode, which ends here. */
export const IOCTL_HEAD_BYTES = SMB2_HEADER_BYTES + 8
export const TRANSFORM_HEADER_BYTES = 52
/** A longer compound is read as its first header alone. */
export const COMPOUND_BYTES_MAX = 65_536

export const SMB2_NEGOTIATE = 0
export const SESSION_SETUP = 1
export const TREE_CONNECT = 3
const CREATE = 5
export const IOCTL = 11

/** Command, MS-SMB2 2.2.1.2, by its number. */
const COMMANDS = [
  'NEGOTIATE',
  'SESSION_SETUP',
  'LOGOFF',
  'TREE_CONNECT',
  'TREE_DISCONNECT',
  'CREATE',
  'CLOSE',
  'FLUSH',
  'READ',
  'WRITE',
  'LOCK',
  'IOCTL',
  'CANCEL',
  'ECHO',
  'QUERY_DIRECTORY',
  'CHANGE_NOTIFY',
  'QUERY_INFO',
  'SET_INFO',
  'OPLOCK_BREAK',
]

/**
 * A bit for each command that is signed whenever its session signs, and only then. NEGOTIATE is never signed,
 * SESSION_SETUP and the TREE_CONNECT of 3.1.1 also where nothing else is; CANCEL and ECHO need no session.
 */
const ORDINARY_COMMANDS = 0b111_1100_1111_1111_0100

const SERVER_TO_REDIR = 0x1
const RELATED_OPERATIONS = 0x4
const SIGNED = 0x8

/** IOCTLs that Windows signs in sessions that do not sign: the second one is seen, not specified. */
const FSCTL_VALIDATE_NEGOTIATE_INFO = 0x0014_0204
const FSCTL_QUERY_NETWORK_INTERFACE_INFO = 0x0014_01fc

/**
 * Does the header at `at` (HEADER_READ_BYTES are there) tell whether its session signs? Not the interim answers, which
 * are unsigned in signed sessions, and not the unsolicited OPLOCK_BREAK, whose MessageId is all ones. Hot.
 */
export function isOrdinarySmb2(bytes: Uint8Array, at: number): boolean {
  const command = bytes[at + 12]! | (bytes[at + 13]! << 8)
  if (command >= COMMANDS.length || ((ORDINARY_COMMANDS >> command) & 1) === 0) return false
  if ((bytes[at + 16]! & SERVER_TO_REDIR) !== 0 && u32(bytes, at + 8) === STATUS_PENDING) return false
  return u32(bytes, at + 24) !== 0xffff_ffff || u32(bytes, at + 28) !== 0xffff_ffff
}

/** Does the header at `at` say that its session has expired (3.3.5.2.9)? Hot. */
export function isSmb2Expiry(bytes: Uint8Array, at: number): boolean {
  return u32(bytes, at + 8) === STATUS_NETWORK_SESSION_EXPIRED && (bytes[at + 16]! & SERVER_TO_REDIR) !== 0
}

export function smb2CommandOf(bytes: Uint8Array, at: number): number {
  return bytes[at + 12]! | (bytes[at + 13]! << 8)
}

export function isCompound(bytes: Uint8Array, at: number): boolean {
  return u32(bytes, at + 20) !== 0
}

/**
 * The command of a compound: that of its first element, or SESSION_SETUP where one stands behind it. Nobody has reason
 * to put it there, and only elements are seen that are in `bytes` already: to wait for more would lose what a short
 * snap length leaves. Hot.
 */
export function commandOfCompound(bytes: Uint8Array, at: number, length: number): number {
  let element = at
  for (let walked = 0; walked < COMPOUND_WALK_MAX; walked++) {
    const next = u32(bytes, element + 20)
    element += next
    if (next < SMB2_HEADER_BYTES || element + SMB2_HEADER_BYTES > at + length || element + 24 > bytes.length) break
    if (smb2CommandOf(bytes, element) === SESSION_SETUP) return SESSION_SETUP
  }
  return smb2CommandOf(bytes, at)
}

const COMPOUND_WALK_MAX = 8

/** One message of a PDU: itself, or one element of a compound. */
interface Message {
  /** from its header on, as far as it was captured and kept */
  readonly bytes: Uint8Array
  /** its length on the wire */
  readonly length: number
  readonly command: number
  readonly status: number
  readonly response: boolean
  readonly from: Side
  readonly signed: boolean
  readonly sessionId: string
}

/** `pdu` begins with the first SMB2 header; `length` is what the NetBIOS header promised. */
export function decodeSmb2(pdu: Uint8Array, length: number): Outcome<readonly CarrierMessage[]> {
  const messages: CarrierMessage[] = []
  let firstFault: Fault | null = null
  let sessionId: string | null = null
  let opens: string | null = null
  let at = 0
  for (;;) {
    // Of a compound too long to be kept there is only the first header, and that is no fault of the capture.
    if (at > 0 && length > COMPOUND_BYTES_MAX && pdu.length <= IOCTL_HEAD_BYTES) break
    if (at + HEADER_READ_BYTES > pdu.length) {
      firstFault ??= { reason: 'cut', where: 'SMB2 Packet Header' }
      break
    }
    const nextCommand = u32(pdu, at + 20)
    const misplaced =
      nextCommand !== 0 && (nextCommand < SMB2_HEADER_BYTES || at + nextCommand + SMB2_HEADER_BYTES > length)
    const end = nextCommand === 0 || misplaced ? length : at + nextCommand
    const message = readHeader(pdu.subarray(at, end), end - at, sessionId)
    const fault = decodeMessage(message, messages, opens)
    firstFault ??= fault
    const pipe = pipeOf(message, opens)
    if (pipe !== null) messages.push(line(message, null, [pipe]))
    if (misplaced) firstFault ??= { reason: 'malformed', where: 'SMB2 Packet Header.NextCommand' }
    if (nextCommand === 0 || misplaced) break
    if (message.command === CREATE) opens = messageId(message)
    sessionId = message.sessionId
    at += nextCommand
  }
  return read(messages, firstFault)
}

/*
 * SMB2 Packet Header, MS-SMB2 2.2.1
 *    0 ProtocolId (4)   4 StructureSize (2)   6 CreditCharge (2)   8 Status (4)    12 Command (2)
 *        14 CreditRequest (2)
 *   16 Flags (4)       20 NextCommand (4)    24 MessageId (8)     32 Reserved (4), TreeId (4) | AsyncId (8)
 *   40 SessionId (8)   48 Signature (16)
 */
function readHeader(bytes: Uint8Array, length: number, previousSessionId: string | null): Message {
  const flags = u32(bytes, 16)
  const response = (flags & SERVER_TO_REDIR) !== 0
  return {
    bytes,
    length,
    command: smb2CommandOf(bytes, 0),
    status: u32(bytes, 8),
    response,
    from: response ? 'server' : 'client',
    signed: (flags & SIGNED) !== 0 && !isWithoutSignature(bytes),
    // a related element may carry all ones, or nothing, instead of the session of the one before it
    sessionId: ((flags & RELATED_OPERATIONS) !== 0 ? previousSessionId : null) ?? hexNumber(bytes, 40),
  }
}

/**
 * SMB2_FLAGS_SIGNED over sixteen zeros signs nothing: no receiver that verifies it (3.3.5.2.4, 3.2.5.1.3) goes on. Of
 * one that was cut off the flag tells.
 */
function isWithoutSignature(bytes: Uint8Array): boolean {
  if (bytes.length < SMB2_HEADER_BYTES) return false
  return (u32(bytes, 48) | u32(bytes, 52) | u32(bytes, 56) | u32(bytes, 60)) === 0
}

function decodeMessage(message: Message, messages: CarrierMessage[], opens: string | null): Fault | null {
  if (message.command === SMB2_NEGOTIATE) {
    return message.response ? negotiateResponse(message, messages) : negotiateRequest(message, messages)
  }
  if (message.command === SESSION_SETUP) {
    return message.response ? sessionSetupResponse(message, messages) : sessionSetupRequest(message, messages)
  }
  if (message.command === TREE_CONNECT && !message.response) return treeConnectRequest(message, messages)
  const steps: AuthStep[] = message.command !== TREE_CONNECT && isEvidence(message) ? [traffic(message)] : []
  if (message.response && message.status === STATUS_NETWORK_SESSION_EXPIRED)
    steps.push({ kind: 'facts', facts: { smb: { expiredSession: message.sessionId } } })
  const named = namesSaidBy(message, () => messageId(message), opens)
  if (named !== null) steps.push(named)
  if (steps.length > 0) messages.push(line(message, null, steps))
  return null
}

function pipeOf(message: Message, opens: string | null): PipeStep | null {
  const { bytes, from, sessionId: session } = message
  return bytes.length <= SMB2_HEADER_BYTES
    ? null
    : pipeOfSmb2({ bytes, from, session, message: messageId(message) }, opens)
}

/** What frame could not see: the session, which an element of a compound inherits, and the CtlCode of IOCTL. */
function isEvidence(message: Message): boolean {
  if (message.sessionId === '0' || !isOrdinarySmb2(message.bytes, 0)) return false
  if (message.command !== IOCTL) return true
  // An ERROR response has no CtlCode, so that it may be the answer to one of those two.
  if (message.bytes.length < IOCTL_HEAD_BYTES || message.bytes[SMB2_HEADER_BYTES] === ERROR_STRUCTURE_SIZE) return false
  const ctlCode = u32(message.bytes, 68)
  return ctlCode !== FSCTL_VALIDATE_NEGOTIATE_INFO && ctlCode !== FSCTL_QUERY_NETWORK_INTERFACE_INFO
}

const ERROR_STRUCTURE_SIZE = 9

function traffic(message: Message): TrafficStep {
  const refused =
    message.response &&
    !message.signed &&
    (message.status === STATUS_ACCESS_DENIED ||
      message.status === STATUS_USER_SESSION_DELETED ||
      message.status === STATUS_NETWORK_SESSION_EXPIRED)
  return {
    kind: 'traffic',
    from: message.from,
    slot: message.sessionId,
    protection: message.signed ? 'signed' : 'clear',
    refused,
    how: null,
  }
}

/*
 * NEGOTIATE Request, MS-SMB2 2.2.3
 *   64 StructureSize (2)   66 DialectCount (2)   68 SecurityMode (2)   70 Reserved (2)   72 Capabilities (4)
 *       76 ClientGuid (16)
 *   92 NegotiateContextOffset (4), NegotiateContextCount (2), Reserved2 (2) | ClientStartTime (8)
 *  100 Dialects (2 each), NegotiateContextList
 */
function negotiateRequest(message: Message, messages: CarrierMessage[]): Fault | null {
  const c = new Cursor(message.bytes, SMB2_HEADER_BYTES)
  c.skip(2)
  const dialectCount = c.u16le()
  const securityMode = c.u16le()
  c.skip(2)
  const capabilities = c.u32le()
  const clientGuid = guidText(c.take(16))
  const contextOffset = c.u32le()
  const contextCount = c.u16le()
  c.skip(2)
  if (c.failed) return incomplete(message, 'NEGOTIATE Request')
  const dialects: number[] = []
  while (dialects.length < dialectCount && c.remaining >= 2) dialects.push(c.u16le())
  const dialectsFault = dialects.length < dialectCount ? incomplete(message, 'NEGOTIATE Request.Dialects') : null
  const contexts = new NegotiateContexts()
  const contextsFault = contexts.read(message, contextOffset, dialects.includes(DIALECT_3_1_1) ? contextCount : 0)

  const smb: Partial<SmbFacts> = {
    clientPolicy: signingPolicy(securityMode),
    ...(clientGuid === NO_GUID ? {} : { clientGuid }),
  }
  const fields = {
    direction: 'request',
    dialects: dialects.map(dialectName),
    securityMode: bitNames(securityMode, SECURITY_MODE),
    capabilities: bitNames(capabilities, CAPABILITIES),
    clientGuid,
    negotiateContexts: contexts.types,
    netName: contexts.netName,
    ciphers: contexts.ciphers,
    signingAlgorithms: contexts.signingAlgorithms,
    compressionAlgorithms: contexts.compressionAlgorithms,
  }
  const named = contexts.netName === null || contexts.netName === '' ? {} : { serverName: contexts.netName }
  messages.push(line(message, fields, [{ kind: 'facts', facts: { smb, ...named } }]))
  return dialectsFault ?? contextsFault
}

/*
 * NEGOTIATE Response, MS-SMB2 2.2.4
 *   64 StructureSize (2)   66 SecurityMode (2)   68 DialectRevision (2)   70 NegotiateContextCount (2)
 *       72 ServerGuid (16)
 *   88 Capabilities (4)    92 MaxTransactSize (4)   96 MaxReadSize (4)   100 MaxWriteSize (4)   104 SystemTime (8)
 *  112 ServerStartTime (8)   120 SecurityBufferOffset (2)   122 SecurityBufferLength (2)
 *      124 NegotiateContextOffset (4)
 *  128 Buffer, NegotiateContextList
 */
function negotiateResponse(message: Message, messages: CarrierMessage[]): Fault | null {
  const status = ntstatusName(message.status)
  if (message.status !== STATUS_SUCCESS) {
    // MS-SMB2 3.3.5.4: none of the client's dialects is an offer, too: it has no answer
    const steps: AuthStep[] =
      message.status === STATUS_NOT_SUPPORTED
        ? [{ kind: 'offer', methods: ['no common dialect'], token: null, slot: '' }]
        : []
    messages.push(line(message, { direction: 'response', status }, steps))
    return null
  }
  const c = new Cursor(message.bytes, SMB2_HEADER_BYTES)
  c.skip(2)
  const securityMode = c.u16le()
  const dialect = c.u16le()
  const contextCount = c.u16le()
  const serverGuid = guidText(c.take(16))
  const capabilities = c.u32le()
  c.skip(12)
  const systemTime = timeText(c.take(8))
  const startTime = timeText(c.take(8))
  const bufferOffset = c.u16le()
  const bufferLength = c.u16le()
  const contextOffset = c.u32le()
  if (c.failed) return incomplete(message, 'NEGOTIATE Response')
  const buffer = securityBuffer(message, bufferOffset, bufferLength, 'NEGOTIATE Response.Buffer')
  const contexts = new NegotiateContexts()
  const contextsFault = contexts.read(message, contextOffset, dialect === DIALECT_3_1_1 ? contextCount : 0)

  const cipher = agreedCipher(dialect, capabilities, contexts)
  const signingAlgorithm = agreedSigningAlgorithm(dialect, contexts)
  const smb: Partial<SmbFacts> = {
    serverPolicy: signingPolicy(securityMode),
    serverGuid,
    ...(dialect === DIALECT_WILDCARD ? {} : { dialect: dialectName(dialect), cipher, signingAlgorithm }),
  }
  const fields = {
    direction: 'response',
    status,
    dialect: dialectName(dialect),
    securityMode: bitNames(securityMode, SECURITY_MODE),
    capabilities: bitNames(capabilities, CAPABILITIES),
    serverGuid,
    systemTime,
    startTime,
    negotiateContexts: contexts.types,
    cipher,
    signingAlgorithm,
    compressionAlgorithms: contexts.compressionAlgorithms,
  }
  messages.push(
    line(message, fields, [
      { kind: 'facts', facts: { smb } },
      { kind: 'offer', methods: [], token: buffer.token, slot: '' },
    ]),
  )
  return buffer.fault ?? contextsFault
}

/** 3.1.1 names it; 3.0 and 3.0.2 know one cipher, which the capability agrees upon. */
function agreedCipher(dialect: number, capabilities: number, contexts: NegotiateContexts): string | null {
  if (dialect === DIALECT_3_1_1) return contexts.ciphers?.find((cipher) => cipher !== NO_CIPHER) ?? null
  const capable = (capabilities & CAP_ENCRYPTION) !== 0
  return capable && (dialect === DIALECT_3_0 || dialect === DIALECT_3_0_2) ? 'AES-128-CCM' : null
}

function agreedSigningAlgorithm(dialect: number, contexts: NegotiateContexts): string | null {
  if (dialect === DIALECT_WILDCARD) return null
  return contexts.signingAlgorithms?.[0] ?? (dialect >= DIALECT_3_0 ? 'AES-CMAC' : 'HMAC-SHA256')
}

/**
 * NegotiateContextList, MS-SMB2 2.2.3.1: entries on 8-byte boundaries of ContextType (2), DataLength (2), Reserved (4),
 * Data. A list is null where its context is absent.
 */
class NegotiateContexts {
  readonly types: string[] = []
  netName: string | null = null
  ciphers: readonly string[] | null = null
  signingAlgorithms: readonly string[] | null = null
  compressionAlgorithms: readonly string[] | null = null

  read(message: Message, offset: number, count: number): Fault | null {
    if (count === 0) return null
    if (offset < SMB2_HEADER_BYTES || offset > message.length)
      return { reason: 'malformed', where: 'NegotiateContextOffset' }
    const c = new Cursor(message.bytes, offset)
    for (let i = 0; i < count; i++) {
      if (i > 0 && c.pos % 8 !== 0) c.skip(8 - (c.pos % 8))
      const type = c.u16le()
      const dataLength = c.u16le()
      c.skip(4)
      const data = c.sub(dataLength)
      if (c.failed) return incomplete(message, 'NegotiateContextList')
      this.types.push(CONTEXT_TYPES.get(type) ?? `0x${type.toString(16).padStart(4, '0')}`)
      this.#readData(type, data)
      if (data.failed) return { reason: 'malformed', where: `NegotiateContextList.${this.types.at(-1)}` }
    }
    return null
  }

  #readData(type: number, data: Cursor): void {
    if (type === NETNAME) {
      this.netName = nameIn16(data.rest())
    } else if (type === ENCRYPTION) {
      this.ciphers = listed(data, data.u16le(), CIPHERS)
    } else if (type === SIGNING) {
      this.signingAlgorithms = listed(data, data.u16le(), SIGNING_ALGORITHMS)
    } else if (type === COMPRESSION) {
      const count = data.u16le()
      data.skip(6) // Padding, Flags
      this.compressionAlgorithms = listed(data, count, COMPRESSION_ALGORITHMS)
    }
  }
}

function listed(data: Cursor, count: number, names: readonly string[]): readonly string[] {
  const found: string[] = []
  for (let i = 0; i < count; i++) {
    const value = data.u16le()
    if (data.failed) break
    found.push(names[value] ?? `0x${value.toString(16).padStart(4, '0')}`)
  }
  return found
}

const ENCRYPTION = 2
const COMPRESSION = 3
const NETNAME = 5
const SIGNING = 8
const CONTEXT_TYPES: ReadonlyMap<number, string> = new Map([
  [1, 'PREAUTH_INTEGRITY_CAPABILITIES'],
  [ENCRYPTION, 'ENCRYPTION_CAPABILITIES'],
  [COMPRESSION, 'COMPRESSION_CAPABILITIES'],
  [NETNAME, 'NETNAME_NEGOTIATE_CONTEXT_ID'],
  [6, 'TRANSPORT_CAPABILITIES'],
  [7, 'RDMA_TRANSFORM_CAPABILITIES'],
  [SIGNING, 'SIGNING_CAPABILITIES'],
  // not Microsoft's: the POSIX extensions of Linux and Samba
  [0x100, 'POSIX_EXTENSIONS'],
])
/** Cipher 0: the server shares none with the client. */
const NO_CIPHER = 'none'
const CIPHERS = [NO_CIPHER, 'AES-128-CCM', 'AES-128-GCM', 'AES-256-CCM', 'AES-256-GCM']
const SIGNING_ALGORITHMS = ['HMAC-SHA256', 'AES-CMAC', 'AES-GMAC']
const COMPRESSION_ALGORITHMS = ['NONE', 'LZNT1', 'LZ77', 'LZ77+Huffman', 'Pattern_V1', 'LZ4']

/*
 * SESSION_SETUP Request, MS-SMB2 2.2.5
 *   64 StructureSize (2)   66 Flags (1)   67 SecurityMode (1)   68 Capabilities (4)   72 Channel (4)
 *       76 SecurityBufferOffset (2)
 *   78 SecurityBufferLength (2)   80 PreviousSessionId (8)   88 Buffer
 */
function sessionSetupRequest(message: Message, messages: CarrierMessage[]): Fault | null {
  const c = new Cursor(message.bytes, SMB2_HEADER_BYTES)
  c.skip(2)
  const flags = c.u8()
  const securityMode = c.u8()
  const capabilities = c.u32le()
  c.skip(4)
  const bufferOffset = c.u16le()
  const bufferLength = c.u16le()
  const previousSessionId = c.take(8)
  if (c.failed) {
    const fields = { direction: 'request', messageId: messageId(message), sessionId: message.sessionId }
    messages.push(line(message, fields, [leg(message, null)]))
    return incomplete(message, 'SESSION_SETUP Request')
  }
  const buffer = securityBuffer(message, bufferOffset, bufferLength, 'SESSION_SETUP Request.Buffer')
  const previous = hexNumber(previousSessionId, 0)
  const setup: SmbSetup = {
    // without a session to bind to it is a logon like any other
    binding: (flags & SESSION_FLAG_BINDING) !== 0 && message.sessionId !== '0',
    signed: message.signed,
    previousId: previous === '0' ? null : previous,
  }
  const fields = {
    direction: 'request',
    messageId: messageId(message),
    sessionId: message.sessionId,
    securityMode: bitNames(securityMode, SECURITY_MODE),
    capabilities: bitNames(capabilities, CAPABILITIES),
    binding: (flags & SESSION_FLAG_BINDING) !== 0,
    previousSessionId: setup.previousId,
    signed: message.signed,
  }
  const facts: ConnectionFacts = { smb: { sessionPolicy: signingPolicy(securityMode) } }
  messages.push(line(message, fields, [{ ...leg(message, buffer.token), facts, smb: setup }]))
  return buffer.fault
}

/*
 * SESSION_SETUP Response, MS-SMB2 2.2.6
 *   64 StructureSize (2)   66 SessionFlags (2)   68 SecurityBufferOffset (2)   70 SecurityBufferLength (2)   72 Buffer
 * A failure is an ERROR Response (2.2.2) of the same StructureSize, in which 66 is ErrorContextCount and Reserved and
 * 68 is ByteCount.
 */
function sessionSetupResponse(message: Message, messages: CarrierMessage[]): Fault | null {
  if (message.status === STATUS_PENDING) return null
  const outcome = outcomeOf(message.status)
  const c = new Cursor(message.bytes, SMB2_HEADER_BYTES)
  c.skip(2)
  const flagsField = c.u16le()
  const bufferOffset = c.u16le()
  const bufferLength = c.u16le()
  // Status and session stand in the header: a response that is cut behind it still tells how it went.
  let fault = c.failed && outcome !== 'failure' ? incomplete(message, 'SESSION_SETUP Response') : null
  const sessionFlags = c.failed || outcome === 'failure' ? 0 : flagsField
  // ErrorData of one byte reads as offset 1, length 0.
  const buffer = c.failed
    ? { token: null, fault: null }
    : securityBuffer(message, bufferOffset, bufferLength, 'SESSION_SETUP Response.Buffer')
  if (outcome !== 'failure') fault ??= buffer.fault

  const status = { code: message.status, name: ntstatusName(message.status), detail: null }
  const fields = {
    direction: 'response',
    messageId: messageId(message),
    sessionId: message.sessionId,
    status: status.name,
    sessionFlags: bitNames(sessionFlags, SESSION_FLAGS),
    signed: message.signed,
  }
  const session = outcome === 'success' ? sessionKind(sessionFlags) : null
  messages.push(line(message, fields, [{ ...leg(message, buffer.token), outcome, status, session }]))
  return fault
}

function messageId(message: Message): string {
  const { bytes } = message
  const high = u32(bytes, 28)
  // all of them fit into a number but those of ends that say nonsense
  if (high <= HIGH_MAX) return String(high * 2 ** 32 + u32(bytes, 24))
  return BigInt(`0x${hexNumber(bytes, 24)}`).toString()
}

const HIGH_MAX = 0x1f_ffff

export function outcomeOf(status: number): 'continue' | 'success' | 'failure' {
  if (status === STATUS_SUCCESS) return 'success'
  return status === STATUS_MORE_PROCESSING_REQUIRED ? 'continue' : 'failure'
}

/** A guest has no key: what the server wants encrypted cannot be. */
function sessionKind(flags: number): LegStep['session'] {
  if ((flags & SESSION_FLAG_IS_GUEST) !== 0) return 'guest'
  if ((flags & SESSION_FLAG_IS_NULL) !== 0) return 'anonymous'
  return (flags & SESSION_FLAG_ENCRYPT_DATA) !== 0 ? 'encrypted' : null
}

function leg(message: Message, token: Uint8Array | null): LegStep {
  return {
    ...EMPTY_LEG,
    from: message.from,
    slot: message.sessionId,
    message: messageId(message),
    method: 'SPNEGO',
    token,
  }
}

/*
 * TREE_CONNECT Request, MS-SMB2 2.2.9
 *   64 StructureSize (2)   66 Flags (2)   68 PathOffset (2)   70 PathLength (2)   72 Buffer
 */
function treeConnectRequest(message: Message, messages: CarrierMessage[]): Fault | null {
  const c = new Cursor(message.bytes, SMB2_HEADER_BYTES + 4)
  const offset = c.u16le()
  const length = c.u16le()
  if (c.failed) return incomplete(message, 'TREE_CONNECT Request')
  const path = new Cursor(message.bytes, offset)
  const serverName = offset < SMB2_HEADER_BYTES ? null : uncHost(utf16le(path.take(length)))
  const steps: AuthStep[] = serverName === null ? [] : [{ kind: 'facts', facts: { serverName } }]
  const named = namesSaidBy(message, () => messageId(message), null)
  messages.push(line(message, null, named === null ? steps : [...steps, named]))
  return path.failed ? incomplete(message, 'TREE_CONNECT Request.PathName') : null
}

/** `\\server\share`: the server as the user typed it. */
export function uncHost(path: string): string | null {
  const name = /^\\\\([^\\\0]+)\\/.exec(path)?.[1]
  return name === undefined ? null : interned(name)
}

/*
 * TRANSFORM_HEADER, MS-SMB2 2.2.41
 *    0 ProtocolId (4)   4 Signature (16)   20 Nonce (16)   36 OriginalMessageSize (4)   40 Reserved (2)
 *   42 Flags | EncryptionAlgorithm (2)   44 SessionId (8)
 * It does not say who sent it: that is the stream's knowledge.
 */
export function decodeTransform(pdu: Uint8Array, side: Side): Outcome<readonly CarrierMessage[]> {
  if (pdu.length < TRANSFORM_HEADER_BYTES) return failed('cut', 'SMB2 TRANSFORM_HEADER')
  const flags = pdu[42]! | (pdu[43]! << 8)
  if (flags !== TRANSFORM_ENCRYPTED) return failed('unsupported', 'SMB2 TRANSFORM_HEADER.Flags')
  const step: AuthStep = {
    kind: 'traffic',
    from: side,
    slot: hexNumber(pdu, 44),
    protection: 'sealed',
    refused: false,
    how: 'SMB2 TRANSFORM',
  }
  return read([{ protocol: 'smb2', type: 'TRANSFORM_HEADER', from: side, service: 'smb', fields: null, steps: [step] }])
}

/** In 3.1.1 a flag, in 3.0 and 3.0.2 the number of AES-128-CCM. */
const TRANSFORM_ENCRYPTED = 1

/*
 * COMPRESSION_TRANSFORM_HEADER, MS-SMB2 2.2.42.1 unchained, 2.2.42.2 chained with its first payload header
 *    0 ProtocolId (4)   4 OriginalCompressedSegmentSize (4)   8 CompressionAlgorithm (2)   10 Flags (2)
 *        12 Offset | Length (4)
 * In the one form Offset bytes follow that are not compressed, in the other a first payload of algorithm NONE has
 * Length bytes.
 */
export function decodeCompressed(pdu: Uint8Array): Outcome<readonly CarrierMessage[]> {
  if (pdu.length < COMPRESSION_HEADER_BYTES) return failed('cut', 'SMB2 COMPRESSION_TRANSFORM_HEADER')
  const hidden: Fault = { reason: 'unsupported', where: 'SMB2 COMPRESSION_TRANSFORM_HEADER' }
  const clear = clearBytesOf(pdu, 0)
  const inner = pdu.subarray(COMPRESSION_HEADER_BYTES, COMPRESSION_HEADER_BYTES + clear)
  const isMessage = inner[0] === 0xfe && inner[1] === 0x53 && inner[2] === 0x4d && inner[3] === 0x42
  if (!isMessage || inner.length < HEADER_READ_BYTES) return read([], hidden)
  const { value, fault } = decodeSmb2(inner, clear + u32(pdu, 4))
  return read(value ?? [], fault && hidden)
}

const COMPRESSION_HEADER_BYTES = 16

/** How much behind the header at `at` is not compressed. Hot. */
export function clearBytesOf(bytes: Uint8Array, at: number): number {
  const algorithm = bytes[at + 8]! | (bytes[at + 9]! << 8)
  const chained = (bytes[at + 10]! & 1) !== 0
  return chained && algorithm !== 0 ? 0 : u32(bytes, at + 12)
}

function line(message: Message, fields: CarrierMessage['fields'], steps: readonly AuthStep[]): CarrierMessage {
  const type = COMMANDS[message.command] ?? `0x${message.command.toString(16).padStart(4, '0')}`
  return { protocol: 'smb2', type, from: message.from, service: 'smb', fields, steps }
}

/** Bytes that the message should have: lost by the capture, or never there. */
function incomplete(message: Message, where: string): Fault {
  return { reason: message.bytes.length < message.length ? 'cut' : 'malformed', where }
}

/** As much of a security buffer as there is: half a token still tells its mechanism. */
function securityBuffer(
  message: Message,
  offset: number,
  length: number,
  where: string,
): { token: Uint8Array | null; fault: Fault | null } {
  if (length === 0) return { token: null, fault: null }
  if (offset < SMB2_HEADER_BYTES || offset >= message.length)
    return { token: null, fault: { reason: 'malformed', where } }
  const token = message.bytes.subarray(offset, offset + length)
  return {
    token: token.length === 0 ? null : token,
    fault: token.length < length ? incomplete(message, where) : null,
  }
}

const STATUS_NOT_SUPPORTED = 0xc000_00bb
const DIALECT_3_0 = 0x0300
const DIALECT_3_0_2 = 0x0302
const DIALECT_3_1_1 = 0x0311
/** The answer to an SMB1 NEGOTIATE with `SMB 2.???`: an SMB2 NEGOTIATE follows. */
const DIALECT_WILDCARD = 0x02ff
const DIALECTS: ReadonlyMap<number, string> = new Map([
  [0x0202, '2.0.2'],
  [0x0210, '2.1'],
  [DIALECT_WILDCARD, '2.???'],
  [DIALECT_3_0, '3.0'],
  [DIALECT_3_0_2, '3.0.2'],
  [DIALECT_3_1_1, '3.1.1'],
])

function dialectName(dialect: number): string {
  return DIALECTS.get(dialect) ?? `0x${dialect.toString(16).padStart(4, '0')}`
}

/** SecurityMode without SMB2_NEGOTIATE_SIGNING_. */
const SECURITY_MODE = ['enabled', 'required']

export function signingPolicy(securityMode: number): SigningPolicy {
  if ((securityMode & 2) !== 0) return 'required'
  return (securityMode & 1) !== 0 ? 'enabled' : 'disabled'
}

/** Capabilities without SMB2_GLOBAL_CAP_. */
const CAPABILITIES = [
  'DFS',
  'LEASING',
  'LARGE_MTU',
  'MULTI_CHANNEL',
  'PERSISTENT_HANDLES',
  'DIRECTORY_LEASING',
  'ENCRYPTION',
  'NOTIFICATIONS',
]
const CAP_ENCRYPTION = 0x40

const SESSION_FLAG_BINDING = 0x01
/** SessionFlags without SMB2_SESSION_FLAG_. */
const SESSION_FLAGS = ['IS_GUEST', 'IS_NULL', 'ENCRYPT_DATA']
const SESSION_FLAG_IS_GUEST = 1
const SESSION_FLAG_IS_NULL = 2
const SESSION_FLAG_ENCRYPT_DATA = 4

/** The names of the bits that are set, lowest first; a bit without a name as `0x100`. */
export function bitNames(value: number, names: readonly (string | undefined)[]): readonly string[] {
  const found: string[] = []
  for (let bit = 0; bit < 32; bit++) {
    if (((value >>> bit) & 1) !== 0) found.push(names[bit] ?? `0x${(2 ** bit).toString(16)}`)
  }
  return found
}

const NO_GUID = '00000000-0000-0000-0000-000000000000'

/**
 * GUID, MS-DTYP 2.3.4: the first three fields are little-endian. Made in one piece: each connection keeps two, and a
 * chain of parts is 110 bytes.
 */
export function guidText(bytes: Uint8Array): string {
  if (bytes.length < 16) return NO_GUID
  const text = new Uint8Array(36).fill(HYPHEN)
  let to = 0
  for (const at of GUID_ORDER) {
    if (to === 8 || to === 13 || to === 18 || to === 23) to++
    writeHex(text, to, bytes[at]!)
    to += 2
  }
  return interned(latin1(text))
}

const GUID_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
const HYPHEN = 0x2d

/** FILETIME as text; null for 0. */
export function timeText(bytes: Uint8Array): string | null {
  const micros = filetimeMicros(bytes, 0)
  return micros === null ? null : isoTime(micros)
}

/** A 64-bit little-endian number in hexadecimal without leading zeros; more than fits a number, so text. */
function hexNumber(bytes: Uint8Array, at: number): string {
  const high = u32(bytes, at + 4)
  const low = u32(bytes, at)
  return high === 0 ? low.toString(16) : high.toString(16) + low.toString(16).padStart(8, '0')
}

function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}
