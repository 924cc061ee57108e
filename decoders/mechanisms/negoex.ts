/**
 * The NEGOEX mechanism: which messages of the SPNEGO Extended Negotiation a token holds and which schemes they name
 * (draft-zhu-negoex-04 6; the layout in MS-SPNG 4). One token is a row of messages, one after the other.
 *
 * Does not look into the exchanged tokens or the metadata, and checks no VERIFY checksum. Nothing is borrowed.
 */

import type { Mechanism, MechanismMessage } from '../mechanism.ts'
import { type Fault, failed, type Outcome, read } from '../outcome.ts'
import { Cursor } from '../parts/cursor.ts'
import { hex } from '../parts/text.ts'

export interface NegoexMessage extends MechanismMessage {
  readonly protocol: 'negoex'
  readonly type: 'NEGOEX'
  /** in the order of the token: `INITIATOR_NEGO`, `AP_REQUEST`... */
  readonly messageTypes: readonly string[]
  /** of the first message, as a GUID in lower case */
  readonly conversationId: string
  /** the schemes that the first NEGO message offers: `pku2u`, or the GUID of another */
  readonly authSchemes: readonly string[]
}

/** `NEGOEXTS` */
const SIGNATURE = [0x4e, 0x45, 0x47, 0x4f, 0x45, 0x58, 0x54, 0x53]
const MESSAGE_HEADER_BYTES = 40
const NEGO_MESSAGE_BYTES = 96
const GUID_BYTES = 16

const MESSAGE_TYPES = [
  'INITIATOR_NEGO',
  'ACCEPTOR_NEGO',
  'INITIATOR_META_DATA',
  'ACCEPTOR_META_DATA',
  'CHALLENGE',
  'AP_REQUEST',
  'VERIFY',
  'ALERT',
]
const ACCEPTOR_NEGO = 1

const AUTH_SCHEMES: ReadonlyMap<string, string> = new Map([['235f69ad-73fb-4dbc-8203-0629e739339b', 'pku2u']])

/** A token has at most one NEGO, one META_DATA a scheme, and a few more. */
const MESSAGES_MAX = 32
const AUTH_SCHEMES_MAX = 64

export const negoex: Mechanism<NegoexMessage> = {
  name: 'negoex',

  claims(token) {
    return token.length >= MESSAGE_HEADER_BYTES && SIGNATURE.every((byte, at) => token[at] === byte)
  },

  decode(token) {
    const first = readHeader(token)
    if (first.value === null) return first
    const messageTypes: string[] = []
    let authSchemes: readonly string[] = []
    let fault: Fault | null = null
    for (let at = 0; at < token.length && fault === null; ) {
      const header = readHeader(token.subarray(at))
      fault = header.fault
      if (header.value === null) break
      if (messageTypes.length === MESSAGES_MAX) {
        fault = { reason: 'limit', where: 'MESSAGE_HEADER' }
        break
      }
      const { MessageType, cbMessageLength } = header.value
      messageTypes.push(MESSAGE_TYPES[MessageType] ?? `unknown (${MessageType})`)
      if (MessageType <= ACCEPTOR_NEGO && authSchemes.length === 0) {
        authSchemes = readAuthSchemes(token.subarray(at, at + cbMessageLength))
      }
      at += cbMessageLength
    }
    const { ConversationId: conversationId } = first.value
    return read({ protocol: 'negoex', type: 'NEGOEX', messageTypes, conversationId, authSchemes }, fault)
  },
}

interface MessageHeader {
  readonly MessageType: number
  readonly cbMessageLength: number
  readonly ConversationId: string
}

/**
 *     MESSAGE_HEADER: Signature 8, MessageType u32, SequenceNum u32, cbHeaderLength u32, cbMessageLength u32,
 *         ConversationId GUID
 */
function readHeader(message: Uint8Array): Outcome<MessageHeader> {
  if (message.length < MESSAGE_HEADER_BYTES) return failed('cut', 'MESSAGE_HEADER')
  if (!negoex.claims(message)) return failed('malformed', 'MESSAGE_HEADER.Signature')
  const cursor = new Cursor(message, SIGNATURE.length)
  const MessageType = cursor.u32le()
  cursor.skip(8)
  const cbMessageLength = cursor.u32le()
  const header: MessageHeader = { MessageType, cbMessageLength, ConversationId: guid(cursor.take(GUID_BYTES)) }
  const where = 'MESSAGE_HEADER.cbMessageLength'
  if (cbMessageLength < MESSAGE_HEADER_BYTES) return read(header, { reason: 'malformed', where })
  return read(header, cbMessageLength > message.length ? { reason: 'cut', where } : null)
}

/**
 *     NEGO_MESSAGE: MESSAGE_HEADER 40, Random 32, ProtocolVersion u64, AuthSchemes AUTH_SCHEME_VECTOR,
 *         Extensions EXTENSION_VECTOR
 *     AUTH_SCHEME_VECTOR: AuthSchemeArrayOffset u32 (from the start of the message), AuthSchemeCount u16,
 *         2 bytes of padding
 */
function readAuthSchemes(message: Uint8Array): string[] {
  const cursor = new Cursor(message, MESSAGE_HEADER_BYTES + 32 + 8)
  const arrayOffset = cursor.u32le()
  const count = cursor.u16le()
  if (cursor.failed || arrayOffset < NEGO_MESSAGE_BYTES) return []
  const array = new Cursor(message, arrayOffset)
  const schemes: string[] = []
  while (schemes.length < Math.min(count, AUTH_SCHEMES_MAX) && array.remaining >= GUID_BYTES) {
    const scheme = guid(array.take(GUID_BYTES))
    schemes.push(AUTH_SCHEMES.get(scheme) ?? scheme)
  }
  return schemes
}

/** A GUID as text: the first three groups are little-endian integers (MS-DTYP 2.3.4). */
function guid(bytes: Uint8Array): string {
  const part = (...order: number[]) => hex(Uint8Array.from(order, (at) => bytes[at] ?? 0))
  return `${part(3, 2, 1, 0)}-${part(5, 4)}-${part(7, 6)}-${part(8, 9)}-${part(10, 11, 12, 13, 14, 15)}`
}
