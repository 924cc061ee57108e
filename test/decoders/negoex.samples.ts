/**
 * NEGOEX tokens, built by hand after draft-zhu-negoex-04 6. The scheme 0d53335c-... and its bytes are those of the
 * example in MS-SPNG 4.
 */
import type { NegoexMessage } from '../../decoders/mechanisms/negoex.ts'
import { concat } from '../builders/der.ts'
import { u16, u32 } from '../builders/ntlmssp.ts'
import { fromHex } from '../hostile.ts'

export interface NegoexSample {
  readonly name: string
  readonly bytes: Uint8Array
  readonly message: NegoexMessage
}

const CONVERSATION = fromHex('7eb23ba7 cacc 4e21 6323ca8472061efb')
const CONVERSATION_ID = 'a73bb27e-ccca-214e-6323-ca8472061efb'
const PKU2U = fromHex('ad695f23 fb73 bc4d 82030629e739339b')
const OTHER_SCHEME = fromHex('5c33530d eaf9 0d4d b2ec4ae3786ec308')

/** MESSAGE_HEADER and the rest of one message. */
export function negoexMessage(type: number, rest: Uint8Array, headerBytes = 40): Uint8Array {
  const message = concat('NEGOEXTS', new Uint8Array(32), rest)
  u32(message, 8, type)
  u32(message, 16, headerBytes)
  u32(message, 20, message.length)
  message.set(CONVERSATION, 24)
  return message
}

/** NEGO_MESSAGE: Random, ProtocolVersion, AuthSchemes, Extensions, and the array behind it. */
export function negoMessage(type: number, schemes: readonly Uint8Array[]): Uint8Array {
  const message = negoexMessage(type, concat(new Uint8Array(56), ...schemes), 96)
  u32(message, 80, 96)
  u16(message, 84, schemes.length)
  return message
}

/** EXCHANGE_MESSAGE: AuthScheme and a vector. */
function exchangeMessage(type: number): Uint8Array {
  const message = negoexMessage(type, concat(PKU2U, new Uint8Array(8), fromHex('deadbeef')), 64)
  u32(message, 56, 64)
  u32(message, 60, 4)
  return message
}

const common = { protocol: 'negoex', type: 'NEGOEX', conversationId: CONVERSATION_ID } as const

export const SAMPLES: readonly NegoexSample[] = [
  {
    name: 'INITIATOR_NEGO and metadata',
    bytes: concat(negoMessage(0, [PKU2U, OTHER_SCHEME]), exchangeMessage(2)),
    message: {
      ...common,
      messageTypes: ['INITIATOR_NEGO', 'INITIATOR_META_DATA'],
      authSchemes: ['pku2u', '0d53335c-f9ea-4d0d-b2ec-4ae3786ec308'],
    },
  },
  {
    name: 'ACCEPTOR_NEGO, metadata, CHALLENGE and VERIFY',
    bytes: concat(negoMessage(1, [OTHER_SCHEME]), exchangeMessage(3), exchangeMessage(4), exchangeMessage(6)),
    message: {
      ...common,
      messageTypes: ['ACCEPTOR_NEGO', 'ACCEPTOR_META_DATA', 'CHALLENGE', 'VERIFY'],
      authSchemes: ['0d53335c-f9ea-4d0d-b2ec-4ae3786ec308'],
    },
  },
  {
    name: 'AP_REQUEST, ALERT and a type that has no name',
    bytes: concat(exchangeMessage(5), exchangeMessage(7), exchangeMessage(9)),
    message: { ...common, messageTypes: ['AP_REQUEST', 'ALERT', 'unknown (9)'], authSchemes: [] },
  },
]
