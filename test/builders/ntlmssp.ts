/**
 * Builds NTLMSSP messages (MS-NLMP 2.2.1) for tests: NEGOTIATE, CHALLENGE and AUTHENTICATE as a current Windows sends
 * them, unless the options say otherwise. Written without the decoder's layouts, so that the two can disagree.
 *
 * The responses are made-up bytes: nothing here computes cryptography. Every function returns fresh bytes.
 */
import { concat } from './der.ts'

/** MS-NLMP 2.2.2.5, as far as tests name them. */
export const FLAG = {
  UNICODE: 0x00000001,
  OEM: 0x00000002,
  REQUEST_TARGET: 0x00000004,
  SIGN: 0x00000010,
  SEAL: 0x00000020,
  NTLM: 0x00000200,
  ANONYMOUS: 0x00000800,
  OEM_DOMAIN_SUPPLIED: 0x00001000,
  OEM_WORKSTATION_SUPPLIED: 0x00002000,
  ALWAYS_SIGN: 0x00008000,
  TARGET_TYPE_DOMAIN: 0x00010000,
  TARGET_TYPE_SERVER: 0x00020000,
  EXTENDED_SESSIONSECURITY: 0x00080000,
  TARGET_INFO: 0x00800000,
  VERSION: 0x02000000,
  KEY_128: 0x20000000,
  KEY_EXCH: 0x40000000,
  KEY_56: 0x80000000,
} as const

/** What Windows 10 and later negotiate for SMB. */
export const NEGOTIATE_FLAGS = 0xe2088297
export const CHALLENGE_FLAGS = 0xe2898215
export const AUTHENTICATE_FLAGS = 0xe2888215

/** AvId, MS-NLMP 2.2.2.1. */
export const AV = {
  NbComputerName: 1,
  NbDomainName: 2,
  DnsComputerName: 3,
  DnsDomainName: 4,
  DnsTreeName: 5,
  Flags: 6,
  Timestamp: 7,
  SingleHost: 8,
  TargetName: 9,
  ChannelBindings: 10,
} as const

/** AvId and Value; a text stands for its UTF-16LE bytes. */
export type AvPair = readonly [id: number, value: Uint8Array | string]

/** ProductMajorVersion, ProductMinorVersion, ProductBuild. */
export type Version = readonly [major: number, minor: number, build: number]

/** A text is encoded as the flags say (UTF-16LE, or one byte a character); bytes are taken as they are. */
type Name = Uint8Array | string

export const WINDOWS_10: Version = [10, 0, 19041]

const NOTHING = new Uint8Array(0)

export interface NegotiateOptions {
  flags?: number
  domain?: Name
  workstation?: Name
  /** null leaves the field out of the head */
  version?: Version | null
  /** where the payload begins: 16, 32 or 40; follows from the version */
  headBytes?: number
}

export function negotiateMessage(options: NegotiateOptions = {}): Uint8Array {
  const { flags = NEGOTIATE_FLAGS, domain = '', workstation = '', version = WINDOWS_10 } = options
  const headBytes = options.headBytes ?? (version ? 40 : 32)
  const head = messageHead(1, headBytes)
  u32(head, 12, flags)
  if (version) setVersion(head, 32, version)
  return withPayload(head, [
    [16, nameBytes(domain, 0)],
    [24, nameBytes(workstation, 0)],
  ])
}

export interface ChallengeOptions {
  flags?: number
  targetName?: Name
  serverChallenge?: Uint8Array
  /** null: no TargetInfo field; a list of pairs is ended with MsvAvEOL */
  targetInfo?: readonly AvPair[] | Uint8Array | null
  version?: Version | null
  /** where the payload begins: 32, 40, 48 or 56; follows from what is there */
  headBytes?: number
}

export const TARGET_INFO: readonly AvPair[] = [
  [AV.NbDomainName, 'CORP'],
  [AV.NbComputerName, 'FILES'],
  [AV.DnsDomainName, 'corp.example'],
  [AV.DnsComputerName, 'files.corp.example'],
  [AV.DnsTreeName, 'corp.example'],
  [AV.Timestamp, filetime(1_700_000_000_000_000)],
]

export function challengeMessage(options: ChallengeOptions = {}): Uint8Array {
  const { flags = CHALLENGE_FLAGS, targetName = 'CORP', targetInfo = TARGET_INFO, version = WINDOWS_10 } = options
  const serverChallenge = options.serverChallenge ?? Uint8Array.from([1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef])
  const headBytes = options.headBytes ?? (version ? 56 : targetInfo ? 48 : 32)
  const head = messageHead(2, headBytes)
  u32(head, 20, flags)
  head.set(serverChallenge, 24)
  if (version) setVersion(head, 48, version)
  const info = targetInfo === null || targetInfo instanceof Uint8Array ? targetInfo : avPairs(targetInfo)
  return withPayload(head, [
    [12, nameBytes(targetName, flags)],
    [40, info ?? NOTHING],
  ])
}

export interface AuthenticateOptions {
  flags?: number
  /** LmChallengeResponse; 24 zero bytes as Windows sends beside NTLMv2 */
  lm?: Uint8Array
  /** NtChallengeResponse; an NTLMv2 response with TARGET_INFO, a target name and zero channel bindings */
  nt?: Uint8Array
  domain?: Name
  user?: Name
  workstation?: Name
  sessionKey?: Uint8Array
  version?: Version | null
  /** null leaves the field out of the head */
  mic?: Uint8Array | null
  /** where the payload begins: 52, 60, 64, 72 or 88; follows from what is there */
  headBytes?: number
  /** in which order the payload has its pieces */
  order?: readonly Piece[]
}

type Piece = 'domain' | 'user' | 'workstation' | 'lm' | 'nt' | 'sessionKey'

export function authenticateMessage(options: AuthenticateOptions = {}): Uint8Array {
  const { flags = AUTHENTICATE_FLAGS, lm = new Uint8Array(24), nt = ntlmv2Response() } = options
  const { domain = 'CORP', user = 'alice', workstation = 'WS1', sessionKey = new Uint8Array(16).fill(0x5e) } = options
  const { version = WINDOWS_10, mic = new Uint8Array(16).fill(0x3c) } = options
  const { order = ['domain', 'user', 'workstation', 'lm', 'nt', 'sessionKey'] } = options
  const headBytes = options.headBytes ?? (mic ? 88 : version ? 72 : 64)
  const head = messageHead(3, headBytes)
  u32(head, 60, flags)
  if (version) setVersion(head, 64, version)
  if (mic) setBytes(head, 72, mic)
  const pieces: Record<Piece, readonly [number, Uint8Array]> = {
    lm: [12, lm],
    nt: [20, nt],
    domain: [28, nameBytes(domain, flags)],
    user: [36, nameBytes(user, flags)],
    workstation: [44, nameBytes(workstation, flags)],
    sessionKey: [52, sessionKey],
  }
  return withPayload(
    head,
    order.map((piece) => pieces[piece]),
  )
}

export interface Ntlmv2Options {
  /** NTProofStr */
  response?: Uint8Array
  /** microseconds since 1970 */
  timestamp?: number
  clientChallenge?: Uint8Array
  pairs?: readonly AvPair[]
  /** what follows the AV_PAIRs: MsvAvEOL and the 4 zero bytes of Windows */
  tail?: Uint8Array
}

/** What Windows appends to the server's TargetInfo, in its order. */
export const CLIENT_PAIRS: readonly AvPair[] = [
  [AV.Flags, Uint8Array.of(2, 0, 0, 0)],
  [AV.SingleHost, singleHostData()],
  [AV.ChannelBindings, new Uint8Array(16)],
  [AV.TargetName, 'cifs/files.corp.example'],
]

/** NTLMv2_RESPONSE with its NTLMv2_CLIENT_CHALLENGE, MS-NLMP 2.2.2.7 and 2.2.2.8. */
export function ntlmv2Response(options: Ntlmv2Options = {}): Uint8Array {
  const { response = new Uint8Array(16).fill(0xa5), timestamp = 1_700_000_000_000_000 } = options
  const { clientChallenge = new Uint8Array(8).fill(0xaa), pairs = [...TARGET_INFO, ...CLIENT_PAIRS] } = options
  const { tail = new Uint8Array(8) } = options
  const versions = Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 0)
  return concat(response, versions, filetime(timestamp), clientChallenge, new Uint8Array(4), rawAvPairs(pairs), tail)
}

/** AV_PAIRs with MsvAvEOL. */
export function avPairs(pairs: readonly AvPair[]): Uint8Array {
  return concat(rawAvPairs(pairs), new Uint8Array(4))
}

/** AV_PAIRs without an end. */
export function rawAvPairs(pairs: readonly AvPair[]): Uint8Array {
  return concat(...pairs.flatMap(([id, value]) => onePair(id, typeof value === 'string' ? utf16(value) : value)))
}

export interface SingleHostOptions {
  flags?: number
  tokenIntegrityLevel?: number
  machineId?: Uint8Array
  /** null: the form before August 2025, 48 bytes */
  permanentMachineId?: Uint8Array | null
}

/** Single_Host_Data, MS-NLMP 2.2.2.2. */
export function singleHostData(options: SingleHostOptions = {}): Uint8Array {
  const {
    flags = 1,
    tokenIntegrityLevel = 0x2000,
    machineId = new Uint8Array(32).fill(0x11),
    permanentMachineId = null,
  } = options
  const data = concat(new Uint8Array(16), machineId, permanentMachineId ?? NOTHING)
  u32(data, 0, data.length)
  u32(data, 8, flags)
  u32(data, 12, tokenIntegrityLevel)
  return data
}

/** FILETIME from microseconds since 1970. */
export function filetime(micros: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, (BigInt(micros) + 11_644_473_600_000_000n) * 10n, true)
  return bytes
}

export function utf16(value: string): Uint8Array {
  return Uint8Array.from(Buffer.from(value, 'utf16le'))
}

/** Overwrites a u16 / u32, little-endian, for messages that nobody should send. */
export function u16(bytes: Uint8Array, at: number, value: number): void {
  setBytes(bytes, at, Uint8Array.of(value, value >>> 8))
}

export function u32(bytes: Uint8Array, at: number, value: number): void {
  setBytes(bytes, at, Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24))
}

function messageHead(type: number, bytes: number): Uint8Array {
  const head = new Uint8Array(bytes)
  head.set(new TextEncoder().encode('NTLMSSP\0'))
  head[8] = type
  return head
}

/** The pieces one after the other behind the head, and their Fields where the head has room for them. */
function withPayload(
  head: Uint8Array,
  pieces: readonly (readonly [fieldsAt: number, bytes: Uint8Array])[],
): Uint8Array {
  let offset = head.length
  for (const [fieldsAt, { length }] of pieces) {
    if (fieldsAt + 8 <= head.length) {
      u16(head, fieldsAt, length)
      u16(head, fieldsAt + 2, length)
      u32(head, fieldsAt + 4, offset)
    }
    offset += length
  }
  return concat(head, ...pieces.map(([, bytes]) => bytes))
}

function setVersion(head: Uint8Array, at: number, [major, minor, build]: Version): void {
  setBytes(head, at, Uint8Array.of(major, minor, build, build >>> 8, 0, 0, 0, 0x0f))
}

/** As far as the bytes reach: a short head has no room for the later fields. */
function setBytes(target: Uint8Array, at: number, bytes: Uint8Array): void {
  if (at < target.length) target.set(bytes.subarray(0, target.length - at), at)
}

function nameBytes(name: Name, flags: number): Uint8Array {
  if (typeof name !== 'string') return name
  return (flags & FLAG.UNICODE) !== 0 ? utf16(name) : Uint8Array.from(Buffer.from(name, 'latin1'))
}

function onePair(id: number, value: Uint8Array): Uint8Array[] {
  return [Uint8Array.of(id, id >>> 8, value.length, value.length >>> 8), value]
}
