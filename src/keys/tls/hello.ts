/**
 * What following a TLS connection needs of its bytes: where a record begins, and what a hello says that keys depend on.
 *
 * Specification: RFC 5246 6.2.1 and 7.4.1, RFC 8446 4.1. What a hello says to people is read by the carrier of TLS.
 * Values are fresh copies.
 */
import { TLS_1_3 } from '../key-schedule.ts'

export const CHANGE_CIPHER_SPEC = 20
export const ALERT = 21
export const HANDSHAKE = 22
export const APPLICATION_DATA = 23
const HEARTBEAT = 24
export const RECORD_HEADER_BYTES = 5
/** HandshakeType, RFC 8446 4 and RFC 5246 7.4 */
export const MESSAGE = {
  CLIENT_HELLO: 1,
  SERVER_HELLO: 2,
  NEW_SESSION_TICKET: 4,
  END_OF_EARLY_DATA: 5,
  ENCRYPTED_EXTENSIONS: 8,
  CERTIFICATE: 11,
  CERTIFICATE_REQUEST: 13,
  SERVER_HELLO_DONE: 14,
  CLIENT_KEY_EXCHANGE: 16,
  FINISHED: 20,
  KEY_UPDATE: 24,
  COMPRESSED_CERTIFICATE: 25,
} as const
/** what is told of a handshake */
export const TOLD: ReadonlySet<number> = new Set([
  MESSAGE.CLIENT_HELLO,
  MESSAGE.SERVER_HELLO,
  MESSAGE.NEW_SESSION_TICKET,
  MESSAGE.ENCRYPTED_EXTENSIONS,
  MESSAGE.CERTIFICATE,
  MESSAGE.CERTIFICATE_REQUEST,
  MESSAGE.COMPRESSED_CERTIFICATE,
])
const FRAGMENT_BYTES_MAX = 16_384 + 2048

/** type 20 to 24, version 03 00 to 03 04, a length that may be */
export function isHeader(bytes: Uint8Array, at: number): boolean {
  const type = bytes[at]!
  if (type < CHANGE_CIPHER_SPEC || type > HEARTBEAT || bytes[at + 1] !== 3 || bytes[at + 2]! > 4) return false
  const length = (bytes[at + 3]! << 8) | bytes[at + 4]!
  return length <= FRAGMENT_BYTES_MAX
}

export function isHeaderStart(bytes: Uint8Array, at: number, end: number): boolean {
  if (bytes[at]! < CHANGE_CIPHER_SPEC || bytes[at]! > HEARTBEAT) return false
  return end - at < 2 || bytes[at + 1] === 3
}

/** The first handshake message in a record in clear; -1: none. */
export function messageTypeOf(record: Uint8Array): number {
  return record[0] === HANDSHAKE && record.length > RECORD_HEADER_BYTES ? record[RECORD_HEADER_BYTES]! : -1
}

/** What a hello says that keys depend on. */
export interface Hello {
  readonly version: number
  readonly random: Buffer
  readonly session: Buffer
  /** of the server */
  readonly suite: number
  readonly ticket: Buffer
  readonly hasEarlyData: boolean
  readonly hasExtendedMaster: boolean
  readonly hasEncryptThenMac: boolean
}

const ENCRYPT_THEN_MAC = 22
const EXTENDED_MASTER_SECRET = 23
const SESSION_TICKET = 35
const EARLY_DATA = 42
const SUPPORTED_VERSIONS = 43

/**
 * A hello with its four bytes of handshake header: version 2, random 32, session id, suites or suite, compression,
 * extensions.
 */
export function readHello(message: Buffer, isClient: boolean): Hello | null {
  const { length } = message
  if (length < 4 + 2 + 32 + 1) return null
  let version = message.readUInt16BE(4)
  const random = Buffer.from(message.subarray(6, 38))
  let at = 39 + message[38]!
  const session = Buffer.from(message.subarray(39, at))
  if (at + 3 > length) return null
  const suite = message.readUInt16BE(at)
  if (isClient) {
    at += 2 + suite
    if (at + 1 > length) return null
    at += 1 + message[at]!
  } else at += 3
  let ticket: Buffer = NOTHING
  const seen = new Set<number>()
  for (let end = extensionsEnd(message, at), next = at + 2; next + 4 <= end; ) {
    const type = message.readUInt16BE(next)
    const size = message.readUInt16BE(next + 2)
    const start = next + 4
    next = start + size
    if (next > end) break
    seen.add(type)
    if (type === SUPPORTED_VERSIONS && !isClient && size === 2) version = message.readUInt16BE(start)
    if (type === SESSION_TICKET) ticket = Buffer.from(message.subarray(start, next))
  }
  // drafts of TLS 1.3 have numbers of their own
  if (version >> 8 === 0x7f) version = TLS_1_3
  return {
    version,
    random,
    session,
    suite,
    ticket,
    hasEarlyData: seen.has(EARLY_DATA),
    hasExtendedMaster: seen.has(EXTENDED_MASTER_SECRET),
    hasEncryptThenMac: seen.has(ENCRYPT_THEN_MAC),
  }
}

function extensionsEnd(message: Buffer, at: number): number {
  return at + 2 > message.length ? 0 : Math.min(at + 2 + message.readUInt16BE(at), message.length)
}

/** EncryptedExtensions: does it accept 0-RTT data? */
export function hasEarlyData(message: Buffer): boolean {
  for (let end = extensionsEnd(message, 4), next = 6; next + 4 <= end; next += 4 + message.readUInt16BE(next + 2)) {
    if (message.readUInt16BE(next) === EARLY_DATA) return true
  }
  return false
}

const NOTHING = Buffer.alloc(0)
