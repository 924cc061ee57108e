/**
 * Somebody who has the keys of what conversations encrypt: stands between the order of their bytes and their framing.
 * What is opened is framed in the place of what was sealed. Shapes only: who has keys stands elsewhere, and keeps them.
 */
import type { Carrier } from '../../decoders/carrier.ts'
import type { Conversation } from './conversation.ts'

export interface Opener {
  /** has anything to open with; asked where TLS begins */
  readonly isActive: boolean
  /** A connection with this ClientHello.random begins while there is nothing to open it with. */
  missed(random: Uint8Array): void
  /** TLS begins. `wrapping`: its records come in packets of this carrier until the handshake is over; null: bare. */
  open(output: OpenerOutput, clock: FramingPlace, wrapping: Carrier | null): OpenedConversation
  /** Who follows TLS that datagrams carry in rounds; what is found is given to `give` as PDUs. */
  rounds<C extends Conversation>(give: GiveInside<C>, clock: FramingPlace): OpenedRounds<C>
}

/** A PDU that stands in the place of what the packets of a conversation have sealed. */
export type GiveInside<C extends Conversation> = (
  conversation: C,
  from: 0 | 1,
  carrier: Carrier,
  bytes: Uint8Array,
) => void

/** TLS that comes in rounds of datagrams, of which each may be in a conversation of its own (EAP in RADIUS). */
export interface OpenedRounds<C extends Conversation> {
  /** A whole packet of a carrier that has `followed`; borrowed. */
  take(conversation: C, from: 0 | 1, packet: Uint8Array): void
  /** Nothing more of this conversation comes. */
  end(conversation: C): void
}

/** Time and frame of the bytes that are given; set back for what had to wait. */
export interface FramingPlace {
  time: number
  frame: number
}

export interface OpenedConversation {
  feed(from: 0 | 1, bytes: Uint8Array, start: number, end: number): void
  gap(from: 0 | 1, count: number): void
  /** The connection is over: nothing more comes, and what is held is given back or let go. */
  end(): void
}

/** Bytes are borrowed for the call. */
export interface OpenerOutput {
  /** a whole handshake message that may be told */
  handshake(from: 0 | 1, message: Uint8Array): void
  /** the server goes on with a ticket, and no session id says so */
  resumed(from: 0 | 1): void
  /** what the channel may be bound to: public values */
  bindings(bindings: { readonly unique: string | null; readonly exporters: readonly string[] }): void
  /** one end closes the conversation */
  closed(from: 0 | 1): void
  /** what comes next of this direction that nobody wants, as far as it is known: bytes; 0: all is wanted */
  plain(from: 0 | 1, bytes: Uint8Array): number
  /** `count` of those bytes have passed: nobody opened them */
  passed(from: 0 | 1, count: number): void
  gap(from: 0 | 1, count: number): void
  /**
   * there are no keys for this conversation: these bytes of a direction, all that was given of it, are as if nobody had
   * been asked
   */
  refused(from: 0 | 1, bytes: Uint8Array): void
  /** what follows in this direction is in clear again */
  left(from: 0 | 1, bytes: Uint8Array): void
  /** nothing more of this direction can be opened */
  sealed(from: 0 | 1): void
}

/** A handshake message as records in clear, which the carrier of TLS reads. */
export function recordsOf(message: Uint8Array): Uint8Array {
  const count = Math.ceil(message.length / RECORD_BYTES_MAX)
  const records = new Uint8Array(message.length + 5 * count)
  for (let at = 0, to = 0; at < message.length; at += RECORD_BYTES_MAX) {
    const part = message.subarray(at, at + RECORD_BYTES_MAX)
    records.set([22, 3, 3, part.length >> 8, part.length & 0xff], to)
    records.set(part, to + 5)
    to += 5 + part.length
  }
  return records
}

const RECORD_BYTES_MAX = 16_384
