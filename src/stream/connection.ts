/**
 * One followed TCP conversation, or the datagrams between two endpoints: its ends, its two halves, and what is known of who is who.
 *
 * Made at the first payload, let go when the conversation ends or proves foreign. Owned by the stream; the addresses are text, made once.
 */
import type { Carrier, Side } from '../../decoders/carrier.ts'
import { addressText, type Segment } from '../net/segment.ts'
import { Conversation, type Ends } from './conversation.ts'
import { Half } from './half.ts'

/** One followed conversation, and what the stream needs to follow it. */
export class Connection extends Conversation {
  readonly index: number
  readonly low = new Half(this, 0)
  readonly high = new Half(this, 1)
  /** when a PDU was last wanted: younger ones than a minute are alive, and spared by eviction */
  lastPduTime = Number.NEGATIVE_INFINITY
  /** when it was last moved to the young end of the list of followed connections */
  touched: number
  /** its neighbours in a `ConnectionList` */
  older: Connection | null = null
  newer: Connection | null = null

  constructor(index: number, segment: Segment, fromLow: boolean, time: number, frame: number) {
    super(endsOf(segment, fromLow), time, frame)
    this.index = index
    this.low.peer = this.high
    this.high.peer = this.low
    this.touched = time
  }

  half(number: 0 | 1): Half {
    return number === 0 ? this.low : this.high
  }

  carrierOf(half: 0 | 1): Carrier | null {
    return this.half(half).carrier
  }

  /**
   * The side as framing is told it: by the handshake, else by the port numbers. What dissection learns from the content of messages comes later
   * (in another thread), and must not change where PDUs end.
   */
  hint(half: 0 | 1): Side {
    const client = this.sawStart ? this.clientHalf : this.lowPort > this.highPort ? 0 : 1
    return client === half ? 'client' : 'server'
  }
}

function endsOf(segment: Segment, fromLow: boolean): Ends {
  const { source0, source1, source2, source3, destination0, destination1, destination2, destination3 } = segment
  const source = addressText(source0, source1, source2, source3)
  const destination = addressText(destination0, destination1, destination2, destination3)
  const { protocol, sourcePort, destinationPort } = segment
  return fromLow
    ? { protocol, lowAddress: source, highAddress: destination, lowPort: sourcePort, highPort: destinationPort }
    : { protocol, lowAddress: destination, highAddress: source, lowPort: destinationPort, highPort: sourcePort }
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
