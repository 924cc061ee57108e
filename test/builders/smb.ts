/**
 * Writers of SMB messages (MS-SMB2 2.2, MS-CIFS 2.2, MS-SMB 2.2) for tests that need a whole conversation.
 *
 * Every `smb1...` and `smb2...` function returns one bare message; `nbss` puts the NetBIOS header in front, `compound`
 * makes one of several SMB2 messages. They check nothing. All bytes are fresh.
 *
 *     nbss(smb2SessionSetupRequest({ messageId: 1, token }))
 *     nbss(compound(smb2Message('CREATE', { sessionId: 7n }), smb2Message('CLOSE', { sessionId: 7n, related: true })))
 */

export const SMB2_COMMANDS = {
  NEGOTIATE: 0,
  SESSION_SETUP: 1,
  LOGOFF: 2,
  TREE_CONNECT: 3,
  TREE_DISCONNECT: 4,
  CREATE: 5,
  CLOSE: 6,
  READ: 8,
  WRITE: 9,
  IOCTL: 11,
  CANCEL: 12,
  ECHO: 13,
  QUERY_DIRECTORY: 14,
  CHANGE_NOTIFY: 15,
  QUERY_INFO: 16,
  OPLOCK_BREAK: 18,
} as const
export type Smb2Command = keyof typeof SMB2_COMMANDS

/** SESSION MESSAGE, or another packet of the session service (RFC 1002 4.3.1). */
export function nbss(message: Uint8Array, type = 0): Uint8Array {
  return concat(Uint8Array.of(type, message.length >>> 16, message.length >>> 8, message.length), message)
}

/** SESSION REQUEST with first-level encoded names (RFC 1001 14.1), suffix 0x20 for the called one. */
export function netbiosSessionRequest(called: string, calling: string): Uint8Array {
  return nbss(concat(netbiosName(called, 0x20), netbiosName(calling, 0x00)), 0x81)
}

function netbiosName(name: string, suffix: number): Uint8Array {
  const octets = [...latin(name.toUpperCase().padEnd(15, ' ').slice(0, 15)), suffix]
  return Uint8Array.from([32, ...octets.flatMap((octet) => [0x41 + (octet >> 4), 0x41 + (octet & 15)]), 0])
}

export interface Smb2Header {
  readonly messageId?: number | bigint
  readonly sessionId?: number | bigint
  readonly treeId?: number
  readonly status?: number
  readonly response?: boolean
  readonly signed?: boolean
  readonly related?: boolean
  readonly async?: boolean
}

/** Any SMB2 message; without a body it has one of four bytes, which no decoder of this project reads. */
export function smb2Message(
  command: Smb2Command | number,
  header: Smb2Header = {},
  body: Uint8Array = Uint8Array.of(4, 0, 0, 0),
): Uint8Array {
  const flags = (header.response ? 1 : 0) | (header.async ? 2 : 0) | (header.related ? 4 : 0) | (header.signed ? 8 : 0)
  return concat(
    Uint8Array.of(0xfe, 0x53, 0x4d, 0x42),
    u16(64),
    u16(1), // CreditCharge
    u32(header.status ?? 0),
    u16(typeof command === 'number' ? command : SMB2_COMMANDS[command]),
    u16(1), // CreditRequest
    u32(flags),
    u32(0), // NextCommand
    u64(header.messageId ?? 0),
    u32(0xfeff), // Reserved, or the low half of AsyncId
    u32(header.treeId ?? 0),
    u64(header.sessionId ?? 0),
    header.signed ? new Uint8Array(16).fill(0x5a) : new Uint8Array(16),
    body,
  )
}

/** One PDU of several SMB2 messages, each but the last padded to 8 bytes. */
export function compound(...messages: Uint8Array[]): Uint8Array {
  const padded = messages.map((message, at) => (at === messages.length - 1 ? message.slice() : padTo8(message)))
  for (const message of padded.slice(0, -1)) message.set(u32(message.length), 20)
  return concat(...padded)
}

export interface Smb2NegotiateRequest extends Smb2Header {
  readonly dialects?: readonly number[]
  readonly securityMode?: number
  readonly capabilities?: number
  readonly clientGuid?: Uint8Array
  /** negotiate contexts, written when 3.1.1 is among the dialects */
  readonly ciphers?: readonly number[]
  readonly signingAlgorithms?: readonly number[]
  readonly netName?: string
}

export function smb2NegotiateRequest(options: Smb2NegotiateRequest = {}): Uint8Array {
  const dialects = options.dialects ?? [0x0202, 0x0210, 0x0300, 0x0302, 0x0311]
  const contexts = dialects.includes(0x0311) ? negotiateContexts(options) : []
  const dialectsEnd = 100 + 2 * dialects.length
  const contextOffset = contexts.length === 0 ? 0 : Math.ceil(dialectsEnd / 8) * 8
  const body = concat(
    u16(36),
    u16(dialects.length),
    u16(options.securityMode ?? 1),
    u16(0),
    u32(options.capabilities ?? 0x7f),
    options.clientGuid ?? new Uint8Array(16).fill(0xc1),
    u32(contextOffset),
    u16(contexts.length),
    u16(0),
    ...dialects.map(u16),
    new Uint8Array(Math.max(0, contextOffset - dialectsEnd)),
    joinContexts(contexts),
  )
  return smb2Message('NEGOTIATE', options, body)
}

export interface Smb2NegotiateResponse extends Smb2Header {
  readonly dialect?: number
  readonly securityMode?: number
  readonly capabilities?: number
  readonly serverGuid?: Uint8Array
  /** FILETIME */
  readonly systemTime?: bigint
  readonly token?: Uint8Array
  readonly cipher?: number
  readonly signingAlgorithm?: number
}

export function smb2NegotiateResponse(options: Smb2NegotiateResponse = {}): Uint8Array {
  const dialect = options.dialect ?? 0x0311
  const token = options.token ?? new Uint8Array(0)
  const contexts =
    dialect === 0x0311
      ? negotiateContexts({
          ...(options.cipher === undefined ? {} : { ciphers: [options.cipher] }),
          ...(options.signingAlgorithm === undefined ? {} : { signingAlgorithms: [options.signingAlgorithm] }),
        })
      : []
  const tokenEnd = 128 + token.length
  const contextOffset = contexts.length === 0 ? 0 : Math.ceil(tokenEnd / 8) * 8
  const body = concat(
    u16(65),
    u16(options.securityMode ?? 1),
    u16(dialect),
    u16(contexts.length),
    options.serverGuid ?? new Uint8Array(16).fill(0x5e),
    u32(options.capabilities ?? 0x2f),
    u32(0x80_0000),
    u32(0x80_0000),
    u32(0x80_0000),
    u64(options.systemTime ?? 0),
    u64(0), // ServerStartTime
    u16(128),
    u16(token.length),
    u32(contextOffset),
    token,
    new Uint8Array(Math.max(0, contextOffset - tokenEnd)),
    joinContexts(contexts),
  )
  return smb2Message('NEGOTIATE', { ...options, response: true }, body)
}

function negotiateContexts(options: Smb2NegotiateRequest): Uint8Array[] {
  const { ciphers, signingAlgorithms, netName } = options
  const contexts = [context(1, concat(u16(1), u16(4), u16(1), Uint8Array.of(0x5a, 0x17, 0x00, 0x01)))]
  if (ciphers !== undefined) contexts.push(context(2, concat(u16(ciphers.length), ...ciphers.map(u16))))
  if (signingAlgorithms !== undefined) {
    contexts.push(context(8, concat(u16(signingAlgorithms.length), ...signingAlgorithms.map(u16))))
  }
  if (netName !== undefined) contexts.push(context(5, utf16(netName)))
  return contexts
}

function context(type: number, data: Uint8Array): Uint8Array {
  return concat(u16(type), u16(data.length), u32(0), data)
}

function joinContexts(contexts: readonly Uint8Array[]): Uint8Array {
  return concat(...contexts.map((one, at) => (at === contexts.length - 1 ? one : padTo8(one))))
}

export interface Smb2SessionSetupRequest extends Smb2Header {
  readonly securityMode?: number
  readonly binding?: boolean
  readonly previousSessionId?: number | bigint
  readonly token?: Uint8Array
}

export function smb2SessionSetupRequest(options: Smb2SessionSetupRequest = {}): Uint8Array {
  const token = options.token ?? new Uint8Array(0)
  const body = concat(
    u16(25),
    Uint8Array.of(options.binding ? 1 : 0, options.securityMode ?? 1),
    u32(1), // Capabilities: DFS
    u32(0),
    u16(88),
    u16(token.length),
    u64(options.previousSessionId ?? 0),
    token,
  )
  return smb2Message('SESSION_SETUP', options, body)
}

export interface Smb2SessionSetupResponse extends Smb2Header {
  readonly sessionFlags?: number
  readonly token?: Uint8Array
}

/** A status other than success and more-processing-required makes it an ERROR response. */
export function smb2SessionSetupResponse(options: Smb2SessionSetupResponse = {}): Uint8Array {
  const status = options.status ?? 0
  if (status !== 0 && status !== 0xc000_0016) return smb2Error('SESSION_SETUP', options)
  const token = options.token ?? new Uint8Array(0)
  const body = concat(u16(9), u16(options.sessionFlags ?? 0), u16(72), u16(token.length), token)
  return smb2Message('SESSION_SETUP', { ...options, response: true }, body)
}

/** ERROR Response, MS-SMB2 2.2.2, with one byte of ErrorData as Windows sends it. */
export function smb2Error(command: Smb2Command, header: Smb2Header): Uint8Array {
  return smb2Message(command, { ...header, response: true }, concat(u16(9), u16(0), u32(0), Uint8Array.of(0)))
}

export function smb2TreeConnectRequest(path: string, header: Smb2Header = {}): Uint8Array {
  const name = utf16(path)
  return smb2Message('TREE_CONNECT', header, concat(u16(9), u16(0), u16(72), u16(name.length), name))
}

export function smb2TreeConnectResponse(header: Smb2Header = {}): Uint8Array {
  return smb2Message(
    'TREE_CONNECT',
    { ...header, response: true },
    concat(u16(16), u16(1), u32(0), u32(0), u32(0x1f01ff)),
  )
}

export function smb2Ioctl(ctlCode: number, header: Smb2Header = {}): Uint8Array {
  const structureSize = header.response ? 49 : 57
  return smb2Message('IOCTL', header, concat(u16(structureSize), u16(0), u32(ctlCode), new Uint8Array(48)))
}

/** An encrypted message, MS-SMB2 2.2.41; the `length` bytes behind the header stand for the cipher text. */
export function smb2Transform(sessionId: number | bigint, length = 100): Uint8Array {
  return concat(
    Uint8Array.of(0xfd, 0x53, 0x4d, 0x42),
    new Uint8Array(16).fill(0x51), // Signature
    new Uint8Array(16).fill(0x0e), // Nonce
    u32(length),
    u16(0),
    u16(1),
    u64(sessionId),
    new Uint8Array(length).fill(0xee),
  )
}

/** COMPRESSION_TRANSFORM_HEADER, unchained, MS-SMB2 2.2.42.1. */
export function smb2Compressed(length = 100): Uint8Array {
  return concat(
    Uint8Array.of(0xfc, 0x53, 0x4d, 0x42),
    u32(4096),
    u16(2),
    u16(0),
    u32(0),
    new Uint8Array(length).fill(0xcc),
  )
}

export interface Smb1Header {
  readonly status?: number
  readonly response?: boolean
  readonly flags2?: number
  readonly signature?: Uint8Array
  readonly tid?: number
  readonly uid?: number
  readonly mid?: number
}

/** UNICODE, NT_STATUS, EXTENDED_SECURITY, LONG_NAMES: what everybody sends. */
export const SMB1_FLAGS2 = 0xc801

/** Any SMB1 message of one command: its words and its bytes. */
export function smb1Message(command: number, header: Smb1Header, words: Uint8Array, bytes: Uint8Array): Uint8Array {
  return concat(
    Uint8Array.of(0xff, 0x53, 0x4d, 0x42, command),
    u32(header.status ?? 0),
    Uint8Array.of(header.response ? 0x98 : 0x18),
    u16(header.flags2 ?? SMB1_FLAGS2),
    u16(0), // PIDHigh
    header.signature ?? new Uint8Array(8),
    u16(0),
    u16(header.tid ?? 0),
    u16(0xfeff), // PIDLow
    u16(header.uid ?? 0),
    u16(header.mid ?? 0),
    Uint8Array.of(words.length / 2),
    words,
    u16(bytes.length),
    bytes,
  )
}

const NO_ANDX = Uint8Array.of(0xff, 0, 0, 0)

export function smb1NegotiateRequest(dialects: readonly string[], header: Smb1Header = {}): Uint8Array {
  const bytes = concat(...dialects.map((dialect) => concat(Uint8Array.of(2), latin(dialect), Uint8Array.of(0))))
  return smb1Message(0x72, header, new Uint8Array(0), bytes)
}

export interface Smb1NegotiateResponse extends Smb1Header {
  readonly dialectIndex?: number
  readonly securityMode?: number
  /** the SPNEGO token of extended security; without it, a challenge and the two names */
  readonly token?: Uint8Array
  readonly serverGuid?: Uint8Array
  readonly domainName?: string
  readonly serverName?: string
  /** FILETIME */
  readonly systemTime?: bigint
}

/** NT LM 0.12. */
export function smb1NegotiateResponse(options: Smb1NegotiateResponse = {}): Uint8Array {
  const extended = options.token !== undefined
  const words = concat(
    u16(options.dialectIndex ?? 0),
    Uint8Array.of(options.securityMode ?? 0x03),
    u16(50),
    u16(1),
    u32(16644),
    u32(65536),
    u32(0),
    u32(extended ? 0x8000_e3fd : 0x0000_e3fd),
    u64(options.systemTime ?? 0),
    u16(0),
    Uint8Array.of(extended ? 0 : 8),
  )
  const bytes = extended
    ? concat(options.serverGuid ?? new Uint8Array(16).fill(0x5e), options.token)
    : concat(
        new Uint8Array(8).fill(0xc4),
        utf16(`${options.domainName ?? 'WORKGROUP'}\0`),
        utf16(`${options.serverName ?? 'SERVER'}\0`),
      )
  return smb1Message(0x72, { ...options, response: true }, words, bytes)
}

/** The LAN Manager dialects. */
export function smb1LanmanNegotiateResponse(dialectIndex: number, securityMode = 0x03): Uint8Array {
  const words = concat(u16(dialectIndex), u16(securityMode), new Uint8Array(18), u16(8), u16(0))
  const bytes = concat(new Uint8Array(8).fill(0xc4), latin('WORKGROUP\0'))
  return smb1Message(0x72, { response: true, flags2: 0x0001 }, words, bytes)
}

export interface Smb1SessionSetupRequest extends Smb1Header {
  readonly token?: Uint8Array
}

/** Extended security. */
export function smb1SessionSetupRequest(options: Smb1SessionSetupRequest = {}): Uint8Array {
  const token = options.token ?? new Uint8Array(0)
  const words = concat(NO_ANDX, u16(16644), u16(50), u16(1), u32(0), u16(token.length), u32(0), u32(0x8000_00d4))
  const strings = smb1Strings(59 + token.length, ['Test OS', 'Test LM', ''])
  return smb1Message(0x73, options, words, concat(token, strings))
}

export interface Smb1BareSessionSetupRequest extends Smb1Header {
  readonly oemPassword?: Uint8Array
  readonly unicodePassword?: Uint8Array
  readonly user?: string
  readonly domain?: string
}

/** Without extended security: LM and NT responses, or a password. */
export function smb1BareSessionSetupRequest(options: Smb1BareSessionSetupRequest = {}): Uint8Array {
  const oem = options.oemPassword ?? new Uint8Array(0)
  const unicode = options.unicodePassword ?? new Uint8Array(0)
  const words = concat(
    NO_ANDX,
    u16(16644),
    u16(50),
    u16(1),
    u32(0),
    u16(oem.length),
    u16(unicode.length),
    u32(0),
    u32(0xd4),
  )
  const names = [options.user ?? '', options.domain ?? '', 'Test OS', 'Test LM']
  const strings = smb1Strings(61 + oem.length + unicode.length, names)
  return smb1Message(0x73, { flags2: 0xc001, ...options }, words, concat(oem, unicode, strings))
}

/** LAN Manager: one password, OEM strings. */
export function smb1LanmanSessionSetupRequest(password: Uint8Array, user: string, domain: string): Uint8Array {
  const words = concat(NO_ANDX, u16(16644), u16(2), u16(1), u32(0), u16(password.length), u32(0))
  const bytes = concat(password, latin(`${user}\0${domain}\0Test OS\0Test LM\0`))
  return smb1Message(0x73, { flags2: 0x0001 }, words, bytes)
}

export interface Smb1SessionSetupResponse extends Smb1Header {
  readonly guest?: boolean
  /** of extended security; without it the response has three words */
  readonly token?: Uint8Array
}

/** A status other than success and more-processing-required leaves neither words nor bytes. */
export function smb1SessionSetupResponse(options: Smb1SessionSetupResponse = {}): Uint8Array {
  const header = { ...options, response: true }
  const status = options.status ?? 0
  if (status !== 0 && status !== 0xc000_0016) return smb1Message(0x73, header, new Uint8Array(0), new Uint8Array(0))
  const action = u16(options.guest ? 1 : 0)
  const names = ['Test OS', 'Test LM', 'WORKGROUP']
  if (options.token === undefined) return smb1Message(0x73, header, concat(NO_ANDX, action), smb1Strings(41, names))
  const words = concat(NO_ANDX, action, u16(options.token.length))
  return smb1Message(0x73, header, words, concat(options.token, smb1Strings(43 + options.token.length, names)))
}

export function smb1TreeConnectRequest(path: string, header: Smb1Header = {}): Uint8Array {
  const words = concat(NO_ANDX, u16(8), u16(1))
  // Password of one NUL makes the offset even
  return smb1Message(0x75, header, words, concat(Uint8Array.of(0), utf16(`${path}\0`), latin('?????\0')))
}

/** Strings of an SMB1 message in Unicode, from this offset of the header on. */
function smb1Strings(offset: number, strings: readonly string[]): Uint8Array {
  return concat(new Uint8Array(offset % 2), ...strings.map((string) => utf16(`${string}\0`)))
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8)
}

export function u32(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24)
}

export function u64(value: number | bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true)
  return bytes
}

export function utf16(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'utf16le'))
}

function latin(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'))
}

function padTo8(bytes: Uint8Array): Uint8Array {
  return concat(bytes, new Uint8Array((8 - (bytes.length % 8)) % 8))
}

function concat(...parts: (Uint8Array | undefined)[]): Uint8Array {
  const there = parts.filter((part) => part !== undefined)
  const bytes = new Uint8Array(there.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of there) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
