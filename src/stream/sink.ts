/**
 * What the stream gives, and to whom: the contract between framing and those above it, and what framing counts.
 */
import type { Carrier, Framing, More } from '../../decoders/carrier.ts'
import type { Connection } from './connection.ts'
import type { Conversation, Standalone } from './conversation.ts'

/** The struct that every `frame` call of the stream fills: one for all halves. */
export class FramingOut implements Framing {
  length = 0
  keep = 0
  more: More = false
  state = 0
  pending = 0
  scanned = 0
  peerState = 0

  /** A carrier begins here and remembers nothing. */
  begin(): void {
    this.state = 0
    this.pending = 0
    this.scanned = 0
    this.peerState = 0
  }
}

/**
 * What took the rest of a message: nothing; the snap length, so that the message stands in its frame all the same; or a
 * hole or the end of the capture, so that no frame completes it.
 */
export type Cut = 'whole' | 'snap-length' | 'lost'

/** Who receives what the stream finds. */
export interface StreamSink<C extends Conversation = Connection> {
  /** The kept bytes of one PDU or message, as far as they are there. */
  pdu(conversation: C, from: 0 | 1, carrier: Carrier, bytes: Uint8Array, cut: Cut): void
  /** A datagram of a carrier of context. */
  standalone(datagram: Standalone, carrier: Carrier, bytes: Uint8Array, cut: Cut): void
  /**
   * What was spoken is over (`frame`): the PDUs that follow are those of another conversation in its place, a tunnel.
   */
  tunnel(conversation: C): void
  /**
   * The conversation ended, was evicted, or the capture did. Called once, if a carrier was recognised or may have been
   * missed.
   */
  closed(conversation: C): void
}

/** Where the bytes stood that the sink is being given: capture time and frame key. */
export interface Clock {
  readonly time: number
  readonly frame: number
}

/** What framing counts; every PDU framed is skipped or kept. */
export interface FramingCounters {
  gaps: number
  lostBytes: number
  lostBytesSkipped: number
  pdusFramed: number
  pdusSkipped: number
  pdusKept: number
  pdusCut: number
  pdusTooLong: number
  framesLost: number
}

/** Where the bytes being delivered stand, and whether a signature of NTLMSSP is in their packet, or what it sealed. */
export interface FramingClock {
  time: number
  frame: number
  hasSignature: boolean
}
