/**
 * A conversation as those above the stream know it: its ends, who is who, and what they remember of it.
 *
 * Framing has its own part of it (`Connection`), which is never asked here: the two may live in different threads.
 */
import type { Carrier, Side } from '../../decoders/carrier.ts'

/** The two ends in canonical order: half 0 is sent by the low endpoint, half 1 by the high one. */
export interface Ends {
  /** 6 TCP, 17 UDP */
  readonly protocol: number
  readonly lowAddress: string
  readonly highAddress: string
  readonly lowPort: number
  readonly highPort: number
}

export abstract class Conversation implements Ends {
  readonly protocol: number
  readonly lowAddress: string
  readonly highAddress: string
  readonly lowPort: number
  readonly highPort: number
  readonly startTime: number
  /** frame of its first payload */
  readonly startFrame: number
  /** which half the client sends: 0, 1, or -1 while nothing tells */
  clientHalf: -1 | 0 | 1 = -1
  /** how we know: a handshake, the content of a message, or only port numbers */
  clientKnown: 'handshake' | 'content' | 'ports' = 'ports'
  sawStart = false
  /** which half ended it, by the first FIN or RST; -1: neither, as far as was seen */
  endedBy: -1 | 0 | 1 = -1
  /** the captures ended before it did; and packets of both ends were seen until then, with payload or without */
  isOpen = false
  isTwoSided = false
  /**
   * holes in either half, but for those in bytes that nobody wants: something was said that the capture does not show
   */
  gaps = 0
  /**
   * NTLMSSP signatures in its bytes, as far as known; messages that were decoded; and tokens inside it that were told,
   * but are no part of an authentication
   */
  signatures = 0
  ntlmMessages = 0
  contents = 0
  /** which half sent the latest CHALLENGE_MESSAGE; -1: none */
  challenger: -1 | 0 | 1 = -1
  /** the fold's own state for this conversation, opaque here */
  context: unknown = null
  /** dissection's own: the conversations inside this one */
  inner: unknown = null
  /** dissection's own: what is known of its TLS channel */
  channel: unknown = null
  /**
   * fragments of the sealed records that were told, in their order: positive of the client, negative of the
   * server; 0 where it is lost
   */
  sealed: readonly number[] = NO_RECORDS
  /** dissection's own: tokens that wait for their counterparts */
  strays: unknown = null
  /** carriers whose conversation led into the present one (a tunnel), each once */
  outer: readonly Carrier[] = NONE

  constructor(ends: Ends, startTime: number, startFrame: number) {
    this.protocol = ends.protocol
    this.lowAddress = ends.lowAddress
    this.highAddress = ends.highAddress
    this.lowPort = ends.lowPort
    this.highPort = ends.highPort
    this.startTime = startTime
    this.startFrame = startFrame
  }

  /** The carrier of a half; null: not known (yet). */
  abstract carrierOf(half: 0 | 1): Carrier | null

  /** Its SYN or SYN-ACK was seen. */
  handshake(clientIsLow: boolean): void {
    this.sawStart = true
    this.clientKnown = 'handshake'
    this.clientHalf = clientIsLow ? 0 : 1
  }

  /** The side that sends this half, as far as known; the port numbers decide until something better does. */
  side(half: 0 | 1): Side {
    const client = this.clientHalf >= 0 ? this.clientHalf : this.lowPort > this.highPort ? 0 : 1
    return client === half ? 'client' : 'server'
  }
}

const NONE: readonly Carrier[] = []
const NO_RECORDS: readonly number[] = []

/** A datagram that belongs to no conversation: its sender is low, its receiver high. */
export class Standalone extends Conversation {
  carrierOf(): null {
    return null
  }
}
