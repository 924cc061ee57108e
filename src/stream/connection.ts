/**
 * One followed TCP conversation, or the datagrams between two endpoints: its ends, its two halves, and what is known of who is who.
 *
 * Made at the first payload, let go when the conversation ends or proves foreign. Owned by the stream; the addresses are text, made once.
 */
import type { Carrier, Side } from '../../decoders/carrier.ts'
import { addressText, type Segment } from '../net/segment.ts'
import { Conversation, type Ends } from './conversation.ts'
import { HALF_NUMBERS, Half } from './half.ts'

/** One followed conversation, and what the stream needs to follow it. */
export class Connection extends Conversation {
  /** place in the table, and among those that are followed */
  readonly index: number
  readonly slot: number
  readonly low: Half
  readonly high: Half
  /** a token in it was handed over that no carrier read */
  hasStrays = false
  /** when a PDU was last wanted: younger ones than a minute are alive, and spared by eviction */
  lastPduTime = Number.NEGATIVE_INFINITY
  /** when it was last moved to the young end of the list of followed connections */
  touched: number
  /** its neighbours in a `ConnectionList` */
  older: Connection | null = null
  newer: Connection | null = null

  /** The numbers of its halves stand in `numbers`, where `slot` says. */
  constructor(
    index: number,
    segment: Segment,
    fromLow: boolean,
    time: number,
    frame: number,
    numbers: Float64Array = new Float64Array(2 * HALF_NUMBERS),
    slot = 0,
  ) {
    super(endsOf(segment, fromLow), time, frame)
    this.index = index
    this.slot = slot
    this.low = new Half(this, 0, numbers, 2 * slot * HALF_NUMBERS)
    this.high = new Half(this, 1, numbers, (2 * slot + 1) * HALF_NUMBERS)
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

/** `fromLow`: the sender is the low end. */
export function endsOf(segment: Segment, fromLow: boolean): Ends {
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

/** The conversations that are followed: each has a slot, which holds its numbers, and a place in the order of age, datagrams apart from TCP. */
export class Followed {
  readonly tcp = new ConnectionList()
  readonly datagrams = new ConnectionList()
  /** of all halves: HALF_NUMBERS each, those of slot n at 2n and 2n + 1 */
  readonly numbers: Float64Array
  readonly #bySlot: (Connection | null)[] = []
  readonly #free: number[] = []

  constructor(max: number) {
    this.numbers = new Float64Array(2 * max * HALF_NUMBERS)
  }

  get count(): number {
    return this.tcp.count + this.datagrams.count
  }

  /** In the order of their places in the table. */
  all(): Connection[] {
    return this.#bySlot.filter((connection) => connection !== null).sort((a, b) => a.index - b.index)
  }

  at(slot: number): Connection {
    return this.#bySlot[slot]!
  }

  /** At most `max` are open at a time: the caller sees to it. */
  open(index: number, segment: Segment, fromLow: boolean, time: number, frame: number): Connection {
    const slot = this.#free.pop() ?? this.#bySlot.length
    const connection = new Connection(index, segment, fromLow, time, frame, this.numbers, slot)
    this.#bySlot[slot] = connection
    this.#listOf(connection).append(connection)
    return connection
  }

  touch(connection: Connection, time: number): void {
    connection.touched = time
    const list = this.#listOf(connection)
    list.remove(connection)
    list.append(connection)
  }

  close(connection: Connection): void {
    this.#listOf(connection).remove(connection)
    this.#bySlot[connection.slot] = null
    this.#free.push(connection.slot)
  }

  #listOf({ protocol }: Connection): ConnectionList {
    return protocol === 6 ? this.tcp : this.datagrams
  }
}
