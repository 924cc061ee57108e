/**
 * One followed TCP conversation, or the datagrams between two endpoints: its ends, its two halves, and what is known of who is who.
 *
 * Made at the first payload, let go when the conversation ends or proves foreign. Owned by the stream; the addresses are text, made once.
 */
import type { Side } from '../../decoders/carrier.ts'
import { addressText, type Segment } from '../net/segment.ts'
import { Half } from './half.ts'

/** One followed conversation. Half 0 is sent by the low endpoint, half 1 by the high one. */
export class Connection {
  readonly index: number
  readonly protocol: number
  readonly lowAddress: string
  readonly highAddress: string
  readonly lowPort: number
  readonly highPort: number
  readonly low = new Half(this, 0)
  readonly high = new Half(this, 1)
  /** which half the client sends: 0, 1, or -1 while nothing tells */
  clientHalf: -1 | 0 | 1 = -1
  /** how we know: a handshake, the content of a message, or only port numbers */
  clientKnown: 'handshake' | 'content' | 'ports' = 'ports'
  sawStart = false
  /** holes in either half, but for those in bytes that nobody wants: something was said that the capture does not show */
  gaps = 0
  /** the fold's own state for this conversation, opaque here */
  context: unknown = null
  readonly startTime: number
  /** frame of its first payload */
  readonly startFrame: number
  /** bounds a live authentication for eviction: when the last PDU was wanted */
  lastPduTime: number
  /** when it was last moved to the young end of the list of followed connections */
  touched: number
  /** its neighbours in a `ConnectionList` */
  older: Connection | null = null
  newer: Connection | null = null

  constructor(index: number, segment: Segment, fromLow: boolean, time: number, frame: number) {
    this.index = index
    this.low.peer = this.high
    this.high.peer = this.low
    this.protocol = segment.protocol
    const source = addressText(segment.source0, segment.source1, segment.source2, segment.source3)
    const destination = addressText(
      segment.destination0,
      segment.destination1,
      segment.destination2,
      segment.destination3,
    )
    this.lowAddress = fromLow ? source : destination
    this.highAddress = fromLow ? destination : source
    this.lowPort = fromLow ? segment.sourcePort : segment.destinationPort
    this.highPort = fromLow ? segment.destinationPort : segment.sourcePort
    this.startTime = time
    this.startFrame = frame
    this.lastPduTime = time
    this.touched = time
  }

  /** Its SYN or SYN-ACK was seen. */
  handshake(clientIsLow: boolean): void {
    this.sawStart = true
    this.clientKnown = 'handshake'
    this.clientHalf = clientIsLow ? 0 : 1
  }

  half(number: 0 | 1): Half {
    return number === 0 ? this.low : this.high
  }

  /** The side that sends this half, as far as known; the port numbers decide until something better does. */
  side(number: 0 | 1): Side {
    const client = this.clientHalf >= 0 ? this.clientHalf : this.lowPort > this.highPort ? 0 : 1
    return client === number ? 'client' : 'server'
  }
}

/**
 * Connections in order of age, linked through themselves: a Set does the same, but to find its first member it walks over all those that
 * have left since it was last made anew (25 microseconds for each new connection, instead of 5).
 */
export class ConnectionList {
  count = 0
  oldest: Connection | null = null
  #newest: Connection | null = null

  append(connection: Connection): void {
    connection.older = this.#newest
    if (this.#newest !== null) this.#newest.newer = connection
    else this.oldest = connection
    this.#newest = connection
    this.count++
  }

  remove(connection: Connection): void {
    const { older, newer } = connection
    if (older !== null) older.newer = newer
    else this.oldest = newer
    if (newer !== null) newer.older = older
    else this.#newest = older
    connection.older = null
    connection.newer = null
    this.count--
  }
}
