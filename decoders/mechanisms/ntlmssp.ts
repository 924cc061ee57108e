/**
 * The NTLMSSP mechanism: NEGOTIATE_MESSAGE, CHALLENGE_MESSAGE and AUTHENTICATE_MESSAGE (MS-NLMP 2.2.1), in the forms of
 * every Windows since NT 4 and of the stacks that copied them.
 *
 * A message is a head of fixed fields and a payload into which the head points. Older forms end their head early and
 * let the payload begin there: which fields of the head exist is told by the lowest offset into the payload. The pieces
 * of the payload may come in any order, overlap, or be empty with any offset.
 *
 * Does not verify responses or MICs, knows no earlier message of the exchange, reads no NTLMSSP signatures (MS-NLMP
 * 2.2.2.9). Byte fields borrow the token; responses are there to be compared, never to be printed.
 */
import { blob, struct, u8, u16, u32 } from 'buffer-layout'
import type { Mechanism, MechanismMessage } from '../mechanism.ts'
import { type Fault, type FaultReason, failed, type Outcome, read } from '../outcome.ts'
import { keptName } from '../parts/interned.ts'
import { filetimeMicros, isUtf8, nameIn16, oemText, withoutTrailingNuls } from '../parts/text.ts'
import { readAvPairs, type TargetInfo } from './avpairs.ts'

export type { SingleHost, TargetInfo } from './avpairs.ts'

export type NtlmVersion = 'anonymous' | 'LM' | 'NTLMv1' | 'NTLMv1-ESS' | 'NTLMv2'

export interface NtlmVersionField {
  readonly major: number
  readonly minor: number
  readonly build: number
}

export interface NegotiateMessage extends MechanismMessage {
  readonly protocol: 'ntlmssp'
  readonly type: 'NEGOTIATE_MESSAGE'
  readonly negotiateFlags: number
  readonly domainName: string | null
  readonly workstation: string | null
  readonly version: NtlmVersionField | null
}

export interface ChallengeMessage extends MechanismMessage {
  readonly protocol: 'ntlmssp'
  readonly type: 'CHALLENGE_MESSAGE'
  readonly negotiateFlags: number
  readonly targetName: string | null
  /** 8 bytes, borrowed: compared, never printed */
  readonly serverChallenge: Uint8Array
  readonly targetInfo: TargetInfo | null
  readonly version: NtlmVersionField | null
}

export interface AuthenticateMessage extends MechanismMessage {
  readonly protocol: 'ntlmssp'
  readonly type: 'AUTHENTICATE_MESSAGE'
  /** 0 in the oldest form, which has none */
  readonly negotiateFlags: number
  /** '' where it is empty, and where the bytes end inside it (then there is a fault): half a name is a wrong name */
  readonly userName: string
  readonly domainName: string
  readonly workstation: string
  readonly ntlmVersion: NtlmVersion
  /** an LM or LMv2 response that is not empty and not all zero stands beside the NT response */
  readonly lmResponsePresent: boolean
  /** borrowed: compared (relay detection), never printed */
  readonly ntResponse: Uint8Array
  /** AV_PAIRs of the NTLMv2 client challenge; null where the response is not NTLMv2 */
  readonly targetInfo: TargetInfo | null
  /** MsvAvTargetName; null: absent, '' : the caller gave none */
  readonly targetSpn: string | null
  /** 16 bytes, borrowed; null: the AV pair is absent */
  readonly channelBindings: Uint8Array | null
  /**
   * NTLMv2 TimeStamp, microseconds since 1970: the server's MsvAvTimestamp where it sent one, else the client's clock
   */
  readonly clientTimestamp: number | null
  /** a MIC stands in the message and is not all zero */
  readonly mic: boolean
  readonly avFlags: number | null
  /** how the three names were written; null where there are none */
  readonly nameEncoding: NameEncoding | null
  readonly encryptedRandomSessionKey: boolean
  readonly version: NtlmVersionField | null
}

/**
 * Of names in the OEM character set nothing says which code page it is: where they are not ASCII and valid UTF-8, that
 * is a guess; where they are neither, `unknown`, and U+FFFD stands for what cannot be told.
 */
export const NAME_ENCODINGS = ['utf-16', 'ascii', 'utf-8', 'unknown'] as const
export type NameEncoding = (typeof NAME_ENCODINGS)[number]

export type NtlmMessage = NegotiateMessage | ChallengeMessage | AuthenticateMessage

/** `NTLMSSP\0` */
const SIGNATURE = [0x4e, 0x54, 0x4c, 0x4d, 0x53, 0x53, 0x50, 0x00]
const MESSAGE_TYPE_AT = 8
const MESSAGE_TYPE_END = 12

/**
 * MS-NLMP 2.2.2.5: the names after NTLMSSP_NEGOTIATE_, NTLMSSP_REQUEST_ or NTLMSSP_. LOCAL_CALL is historic: the
 * specification says reserved.
 */
const NEGOTIATE_FLAGS: ReadonlyMap<number, string> = new Map([
  [0x00000001, 'UNICODE'],
  [0x00000002, 'OEM'],
  [0x00000004, 'REQUEST_TARGET'],
  [0x00000010, 'SIGN'],
  [0x00000020, 'SEAL'],
  [0x00000040, 'DATAGRAM'],
  [0x00000080, 'LM_KEY'],
  [0x00000200, 'NTLM'],
  [0x00000800, 'ANONYMOUS'],
  [0x00001000, 'OEM_DOMAIN_SUPPLIED'],
  [0x00002000, 'OEM_WORKSTATION_SUPPLIED'],
  [0x00004000, 'LOCAL_CALL'],
  [0x00008000, 'ALWAYS_SIGN'],
  [0x00010000, 'TARGET_TYPE_DOMAIN'],
  [0x00020000, 'TARGET_TYPE_SERVER'],
  [0x00080000, 'EXTENDED_SESSIONSECURITY'],
  [0x00100000, 'IDENTIFY'],
  [0x00400000, 'NON_NT_SESSION_KEY'],
  [0x00800000, 'TARGET_INFO'],
  [0x02000000, 'VERSION'],
  [0x20000000, '128'],
  [0x40000000, 'KEY_EXCH'],
  [0x80000000, '56'],
])
const FLAG_UNICODE = 0x00000001
const FLAG_OEM = 0x00000002
const FLAG_EXTENDED_SESSIONSECURITY = 0x00080000
const FLAG_TARGET_INFO = 0x00800000
const FLAG_VERSION = 0x02000000

/** MsvAvFlags: the client computed a MIC, MS-NLMP 2.2.2.1. */
const AV_FLAG_MIC = 0x00000002

export const ntlmssp: Mechanism<NtlmMessage> = {
  name: 'ntlmssp',

  claims(token) {
    return messageType(token) !== null
  },

  decode(token) {
    switch (messageType(token)) {
      case 1:
        return negotiate(token)
      case 2:
        return challenge(token)
      case 3:
        return authenticate(token)
      default:
        return token.length < MESSAGE_TYPE_END ? failed('cut', 'MessageType') : failed('malformed', 'MessageType')
    }
  },
}

/** The names of the flags that are set, lowest bit first; a bit without a name as `0x00000008`. */
export function negotiateFlagNames(flags: number): string[] {
  const names: string[] = []
  for (let bit = 0; bit < 32; bit++) {
    const mask = (1 << bit) >>> 0
    if ((flags & mask) !== 0) names.push(NEGOTIATE_FLAGS.get(mask) ?? `0x${mask.toString(16).padStart(8, '0')}`)
  }
  return names
}

/** MessageType 1, 2 or 3 behind the signature; null for anything else. */
function messageType(token: Uint8Array): number | null {
  if (token.length < MESSAGE_TYPE_END || SIGNATURE.some((byte, at) => token[at] !== byte)) return null
  const type = token[MESSAGE_TYPE_AT]!
  const rest = token[9]! | token[10]! | token[11]!
  return rest === 0 && type >= 1 && type <= 3 ? type : null
}

/** DomainNameFields and the like: how long a piece of the payload is, and where in the message it begins. */
const fields = <Name extends string>(name: Name) => struct([u16('Len'), u16('MaxLen'), u32('BufferOffset')], name)

interface Fields {
  readonly Len: number
  readonly BufferOffset: number
}

/** VERSION, MS-NLMP 2.2.2.10. */
const version = struct(
  [u8('ProductMajorVersion'), u8('ProductMinorVersion'), u16('ProductBuild'), blob(3, 'Reserved'), u8('Revision')],
  'Version',
)

const NEGOTIATE_MESSAGE = struct([
  blob(8, 'Signature'),
  u32('MessageType'),
  u32('NegotiateFlags'), // 12; the shortest form ends after it
  fields('DomainNameFields'), // 16
  fields('WorkstationFields'), // 24
  version, // 32, since Windows XP
])
const NEGOTIATE_HEAD_MIN = 16
const WORKSTATION_FIELDS_END = 32
const NEGOTIATE_VERSION_END = 40

function negotiate(token: Uint8Array): Outcome<NegotiateMessage> {
  if (token.length < NEGOTIATE_HEAD_MIN) return failed('cut', 'NEGOTIATE_MESSAGE')
  const head = NEGOTIATE_MESSAGE.decode(padded(token, NEGOTIATE_MESSAGE.span))
  const message = new Message('NEGOTIATE_MESSAGE', token, NEGOTIATE_HEAD_MIN)
  if (token.length > NEGOTIATE_HEAD_MIN && token.length < WORKSTATION_FIELDS_END) message.cut('WorkstationFields')
  // Nothing is negotiated yet: both names are OEM text whatever the flags say. They are read even where their flags are
  // clear.
  const { DomainNameFields, WorkstationFields } = head
  const value: NegotiateMessage = {
    protocol: 'ntlmssp',
    type: 'NEGOTIATE_MESSAGE',
    negotiateFlags: head.NegotiateFlags,
    domainName: message.text(DomainNameFields, 'DomainName', false),
    workstation: message.text(WorkstationFields, 'Workstation', false),
    version: message.version(head, NEGOTIATE_VERSION_END, [DomainNameFields, WorkstationFields]),
  }
  return read(value, message.firstFault)
}

const CHALLENGE_MESSAGE = struct([
  blob(8, 'Signature'),
  u32('MessageType'),
  fields('TargetNameFields'), // 12
  u32('NegotiateFlags'), // 20
  blob(8, 'ServerChallenge'), // 24; the shortest form ends after it
  blob(8, 'Reserved'), // 32
  fields('TargetInfoFields'), // 40, since Windows 2000
  version, // 48, since Windows XP
])
const SERVER_CHALLENGE_AT = 24
const CHALLENGE_HEAD_MIN = 32
const RESERVED_END = 40
const TARGET_INFO_FIELDS_END = 48
const CHALLENGE_VERSION_END = 56

function challenge(token: Uint8Array): Outcome<ChallengeMessage> {
  if (token.length < CHALLENGE_HEAD_MIN) return failed('cut', 'CHALLENGE_MESSAGE')
  const head = CHALLENGE_MESSAGE.decode(padded(token, CHALLENGE_MESSAGE.span))
  const message = new Message('CHALLENGE_MESSAGE', token, CHALLENGE_HEAD_MIN)
  const { TargetNameFields, TargetInfoFields, NegotiateFlags } = head
  const payload: Fields[] = [TargetNameFields]
  if (message.headReaches(TARGET_INFO_FIELDS_END, payload)) {
    const wholeOldForm = token.length === CHALLENGE_HEAD_MIN || token.length === RESERVED_END
    if (token.length >= TARGET_INFO_FIELDS_END) payload.push(TargetInfoFields)
    else if (!wholeOldForm || (NegotiateFlags & FLAG_TARGET_INFO) !== 0) message.cut('TargetInfoFields')
  }
  const hasTargetInfo = payload.includes(TargetInfoFields) && TargetInfoFields.Len > 0
  const targetInfo = hasTargetInfo ? message.avPairs(message.bytes(TargetInfoFields, 'TargetInfo'), 'TargetInfo') : null
  const value: ChallengeMessage = {
    protocol: 'ntlmssp',
    type: 'CHALLENGE_MESSAGE',
    negotiateFlags: NegotiateFlags,
    targetName: message.text(TargetNameFields, 'TargetName', (NegotiateFlags & FLAG_UNICODE) !== 0),
    serverChallenge: token.subarray(SERVER_CHALLENGE_AT, CHALLENGE_HEAD_MIN),
    targetInfo,
    version: message.version(head, CHALLENGE_VERSION_END, payload),
  }
  return read(value, message.firstFault)
}

const AUTHENTICATE_MESSAGE = struct([
  blob(8, 'Signature'),
  u32('MessageType'),
  fields('LmChallengeResponseFields'), // 12
  fields('NtChallengeResponseFields'), // 20
  fields('DomainNameFields'), // 28
  fields('UserNameFields'), // 36
  fields('WorkstationFields'), // 44; the shortest form ends after it
  fields('EncryptedRandomSessionKeyFields'), // 52
  u32('NegotiateFlags'), // 60
  version, // 64, since Windows XP
  blob(16, 'MIC'), // 72, since Windows Vista
])
const AUTHENTICATE_HEAD_MIN = 52
const SESSION_KEY_FIELDS_END = 60
const FLAGS_END = 64
const AUTHENTICATE_VERSION_END = 72
const MIC_BYTES = 16

function authenticate(token: Uint8Array): Outcome<AuthenticateMessage> {
  if (token.length < AUTHENTICATE_HEAD_MIN) return failed('cut', 'AUTHENTICATE_MESSAGE')
  const head = AUTHENTICATE_MESSAGE.decode(padded(token, AUTHENTICATE_MESSAGE.span))
  const message = new Message('AUTHENTICATE_MESSAGE', token, AUTHENTICATE_HEAD_MIN)
  const lmFields = head.LmChallengeResponseFields
  const ntFields = head.NtChallengeResponseFields
  const payload: Fields[] = [lmFields, ntFields, head.DomainNameFields, head.UserNameFields, head.WorkstationFields]
  const hasSessionKey = message.headReaches(SESSION_KEY_FIELDS_END, payload)
  if (hasSessionKey) payload.push(head.EncryptedRandomSessionKeyFields)
  const hasFlags = message.headReaches(FLAGS_END, payload)
  if (hasFlags && token.length < FLAGS_END) return failed('cut', 'AUTHENTICATE_MESSAGE.NegotiateFlags')
  const flags = hasFlags ? head.NegotiateFlags : 0

  const lm = message.bytes(lmFields, 'LmChallengeResponse')
  const nt = message.bytes(ntFields, 'NtChallengeResponse')
  if (ntFields.Len > 0 && ntFields.Len < NTLMV1_RESPONSE_BYTES) message.malformed('NtChallengeResponse')
  const ntlmVersion = ntlmVersionOf(lmFields.Len, lm, ntFields.Len, flags)
  const client = ntlmVersion === 'NTLMv2' ? readClientChallenge(nt, message) : null
  const avFlags = client?.targetInfo.avFlags ?? null

  // Without these flags the bytes must tell: OEM text holds no NUL, and nearly every UTF-16 name does.
  const names = [message.bytes(head.DomainNameFields, 'DomainName'), message.bytes(head.UserNameFields, 'UserName')]
  const charsetKnown = (flags & (FLAG_UNICODE | FLAG_OEM)) !== 0
  const unicode = charsetKnown ? (flags & FLAG_UNICODE) !== 0 : names.some((name) => name.includes(0))
  const nameFields = [head.DomainNameFields, head.UserNameFields, head.WorkstationFields]
  const named = nameFields.some(({ Len }) => Len > 0)
  const value: AuthenticateMessage = {
    protocol: 'ntlmssp',
    type: 'AUTHENTICATE_MESSAGE',
    negotiateFlags: flags,
    userName: message.text(head.UserNameFields, 'UserName', unicode) ?? '',
    domainName: message.text(head.DomainNameFields, 'DomainName', unicode) ?? '',
    workstation: message.text(head.WorkstationFields, 'Workstation', unicode) ?? '',
    ntlmVersion,
    lmResponsePresent: isLmResponse(lm, nt, ntlmVersion),
    ntResponse: nt,
    targetInfo: client?.targetInfo ?? null,
    targetSpn: client?.targetInfo.targetName ?? null,
    channelBindings: client?.targetInfo.channelBindings ?? null,
    clientTimestamp: client?.timestamp ?? null,
    mic: hasMic(message, payload, flags, avFlags),
    avFlags,
    nameEncoding: unicode ? (named ? 'utf-16' : null) : message.oemEncoding(nameFields),
    encryptedRandomSessionKey: hasSessionKey && head.EncryptedRandomSessionKeyFields.Len > 0,
    version: hasFlags ? message.version(head, AUTHENTICATE_VERSION_END, payload) : null,
  }
  if (hasSessionKey) message.bytes(head.EncryptedRandomSessionKeyFields, 'EncryptedRandomSessionKey')
  return read(value, message.firstFault)
}

/** The responses of LM and NTLMv1 are exactly so long, MS-NLMP 2.2.2.3 and 2.2.2.6. */
const NTLMV1_RESPONSE_BYTES = 24

/** By length first, as MS-NLMP 3.2.5.1.2 does it; lengths are known even where the responses themselves are cut. */
function ntlmVersionOf(lmLength: number, lm: Uint8Array, ntLength: number, flags: number): NtlmVersion {
  if (ntLength > NTLMV1_RESPONSE_BYTES) return 'NTLMv2'
  const lmCut = lm.length < lmLength
  // Anonymous is LM empty or one zero byte, whatever the user name says; a longer run of zeros proves no password
  // either.
  if (ntLength === 0) return lmLength <= 1 || (!lmCut && isZero(lm)) ? 'anonymous' : 'LM'
  // Extended session security replaces the LM response by the client's challenge of 8 bytes and zeros.
  const ess = (flags & FLAG_EXTENDED_SESSIONSECURITY) !== 0 && ntLength === NTLMV1_RESPONSE_BYTES
  if (ess && lmLength === NTLMV1_RESPONSE_BYTES && isZero(lm.subarray(8))) return 'NTLMv1-ESS'
  return 'NTLMv1'
}

/**
 * With NTLMv1 the LM field may repeat the NT response (NoLMResponseNTLMv1), with ESS it holds a challenge: neither is
 * an LM response.
 */
function isLmResponse(lm: Uint8Array, nt: Uint8Array, ntlmVersion: NtlmVersion): boolean {
  if (ntlmVersion === 'anonymous' || ntlmVersion === 'NTLMv1-ESS' || isZero(lm)) return false
  return lm.length !== nt.length || lm.some((byte, at) => byte !== nt[at])
}

// NTLMv2_RESPONSE with the fixed part of its NTLMv2_CLIENT_CHALLENGE, MS-NLMP 2.2.2.7 and 2.2.2.8; AvPairs follow up to
// the end.
const NTLMV2_RESPONSE = struct([
  blob(16, 'Response'),
  u8('RespType'),
  u8('HiRespType'),
  u16('Reserved1'),
  u32('Reserved2'),
  blob(8, 'TimeStamp'),
  blob(8, 'ChallengeFromClient'),
  u32('Reserved3'),
])

function readClientChallenge(
  nt: Uint8Array,
  message: Message,
): { targetInfo: TargetInfo; timestamp: number | null } | null {
  if (nt.length < NTLMV2_RESPONSE.span) {
    message.malformed('NTLMv2_CLIENT_CHALLENGE')
    return null
  }
  const { TimeStamp } = NTLMV2_RESPONSE.decode(asBuffer(nt))
  const avPairs = nt.subarray(NTLMV2_RESPONSE.span)
  return { targetInfo: message.avPairs(avPairs, 'AvPairs'), timestamp: filetimeMicros(TimeStamp, 0) }
}

/**
 * MsvAvFlags decide where there are any. NTLMv1 and anonymous messages have none, and there the room before the payload
 * does. Some stacks leave Version out but send a MIC, which then stands in its place.
 */
function hasMic(message: Message, payload: readonly Fields[], flags: number, avFlags: number | null): boolean {
  if (avFlags !== null && (avFlags & AV_FLAG_MIC) === 0) return false
  const micAt = (at: number) => {
    const mic = message.token.subarray(at, at + MIC_BYTES)
    return message.headReaches(at + MIC_BYTES, payload) && mic.length === MIC_BYTES && !isZero(mic)
  }
  const versionLeftOut =
    avFlags !== null && (flags & FLAG_VERSION) === 0 && !message.headReaches(AUTHENTICATE_MESSAGE.span, payload)
  return micAt(versionLeftOut ? FLAGS_END : AUTHENTICATE_VERSION_END)
}

/** A message while it is read: its payload, and the faults met in it. */
class Message {
  readonly token: Uint8Array
  readonly faults: Fault[] = []
  readonly #type: string
  readonly #headMin: number

  constructor(type: string, token: Uint8Array, headMin: number) {
    this.token = token
    this.#type = type
    this.#headMin = headMin
  }

  get firstFault(): Fault | null {
    return this.faults[0] ?? null
  }

  cut(where: string): void {
    this.#fault('cut', where)
  }

  malformed(where: string): void {
    this.#fault('malformed', where)
  }

  /**
   * No piece of the payload begins before `end`, so that the head may have fields up to there. Empty pieces say
   * nothing.
   */
  headReaches(end: number, payload: readonly Fields[]): boolean {
    return payload.every(({ Len, BufferOffset }) => Len === 0 || BufferOffset >= end || BufferOffset < this.#headMin)
  }

  /** A piece of the payload, borrowed, as far as the token has it. */
  bytes({ Len, BufferOffset }: Fields, where: string): Uint8Array {
    if (Len === 0) return NOTHING
    if (BufferOffset < this.#headMin) {
      this.malformed(where)
      return NOTHING
    }
    if (BufferOffset + Len > this.token.length) this.cut(where)
    return this.token.subarray(BufferOffset, BufferOffset + Len)
  }

  /** A name; null where it is empty or cut. Some stacks count terminating NULs in. */
  text(field: Fields, where: string, unicode: boolean): string | null {
    const bytes = this.bytes(field, where)
    if (field.Len === 0 || bytes.length < field.Len) return null
    return unicode ? nameIn16(bytes) : keptName(withoutTrailingNuls(oemText(bytes)))
  }

  /** What can be told of names in the OEM character set; null where there are none. */
  oemEncoding(names: readonly Fields[]): NameEncoding | null {
    let encoding: NameEncoding | null = null
    for (const { Len, BufferOffset } of names) {
      if (Len === 0 || BufferOffset < this.#headMin) continue
      const bytes = this.token.subarray(BufferOffset, BufferOffset + Len)
      if (bytes.every((byte) => byte < 0x80)) encoding ??= 'ascii'
      else if (!isUtf8(bytes)) return 'unknown'
      else encoding = 'utf-8'
    }
    return encoding
  }

  avPairs(bytes: Uint8Array, where: string): TargetInfo {
    return readAvPairs(bytes, `${this.#type}.${where}`, this.faults)
  }

  /** Version, where the flag announces it and the payload leaves room for it. */
  version(head: VersionedHead, end: number, payload: readonly Fields[]): NtlmVersionField | null {
    if ((head.NegotiateFlags & FLAG_VERSION) === 0 || !this.headReaches(end, payload)) return null
    if (this.token.length < end) {
      this.cut('Version')
      return null
    }
    const { ProductMajorVersion, ProductMinorVersion, ProductBuild } = head.Version
    return { major: ProductMajorVersion, minor: ProductMinorVersion, build: ProductBuild }
  }

  #fault(reason: FaultReason, where: string): void {
    this.faults.push({ reason, where: `${this.#type}.${where}` })
  }
}

interface VersionedHead {
  readonly NegotiateFlags: number
  readonly Version: { ProductMajorVersion: number; ProductMinorVersion: number; ProductBuild: number }
}

/** The first `length` bytes for a layout, which throws past its end: a shorter form reads as zeros there. */
function padded(token: Uint8Array, length: number): Buffer {
  if (token.length >= length) return asBuffer(token)
  const copy = Buffer.alloc(length)
  copy.set(token)
  return copy
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}

const NOTHING = new Uint8Array(0)
