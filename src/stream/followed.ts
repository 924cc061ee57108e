/**
 * Which connections are followed, from the one touched longest ago to the youngest, and the places of their numbers.
 */

import type { Segment } from '../net/segment.ts'
import { Connection, HalfNumbers } from './connection.ts'

/**
 * Connections in order of age, linked through themselves: a Set does the same, but to find its first member it walks
 * over all those that have left since it was last made anew (25 microseconds for each new connection, instead of 5).
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

/**
 * The conversations that are followed: each has a slot, which holds its numbers, and a place in the order of age,
 * datagrams apart from TCP.
 */
export class Followed {
  readonly tcp = new ConnectionList()
  readonly datagrams = new ConnectionList()
  /** of all halves: HALF_NUMBERS each, those of slot n at 2n and 2n + 1 */
  readonly numbers: Float64Array
  readonly #halves: HalfNumbers
  readonly #bySlot: (Connection | null)[] = []
  readonly #free: number[] = []

  constructor(numbers: Float64Array) {
    this.numbers = numbers
    this.#halves = new HalfNumbers(numbers)
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

  /** At most as many as `numbers` has room for are open at a time: the caller sees to it. */
  open(index: number, segment: Segment, fromLow: boolean, time: number, frame: number): Connection {
    const slot = this.#free.pop() ?? this.#bySlot.length
    const connection = new Connection(index, segment, fromLow, time, frame, this.#halves, slot)
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
