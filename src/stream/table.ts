/**
 * The table of connections: endpoints to a small index, in typed arrays, bounded, oldest idle one out first.
 *
 * Hot: one lookup a packet, no allocation. A connection is known by its protocol and its two endpoints in canonical
 * order (the lower address and port is "low", the other "high"), so that both directions find the same entry. VLAN and
 * tunnel are not part of the key: a mirror of two ports shows one conversation under two tags. What a connection means
 * is not known here.
 */
import {
  BUCKET_SHIFT,
  BUCKETS_MAX,
  CLIENT_IS_LOW,
  CLIENT_SEQ,
  FOLLOWED,
  HIGH_0,
  LOW_0,
  NEW,
  NEWER,
  NEXT_IN_BUCKET,
  OLDER,
  PORTS,
  PROTOCOL_MASK,
  SECOND,
  SECRET_PROTOCOL,
  SERVER_SEQ,
  SLOT_SHIFT,
  STATE,
  STATE_MASK,
  STATE_SHIFT,
  SYN_ACK_SEEN,
  SYN_SEEN,
  TABLE_CAPACITY,
  TABLE_COUNT,
  TABLE_FREE,
  TABLE_MAX,
  TABLE_NEWEST,
  TABLE_OLDEST,
  TABLE_USED,
  TURNED,
  UNCLAIMED,
  ENTRY_WORDS as WORDS,
} from '../engine/layout.ts'
import { type FlowMemory, OwnMemory } from '../engine/memory.ts'
import { addressText, type Segment } from '../net/segment.ts'
import type { Ends } from './conversation.ts'

const BELOW_SLOT = (1 << SLOT_SHIFT) - 1
/** slots of conversations that are followed: 0 to here */
export const SLOTS_MAX = 1 << 15

export class ConnectionTable {
  readonly max: number
  /** set by `find`: the segment travels from the low to the high endpoint */
  fromLow = true
  /** set by `find`: the entry was made by this call */
  created = false
  readonly #memory: FlowMemory
  /** heads of the lists: the engine makes entries, and moves them in the list of ages, as well */
  readonly #heads: Int32Array
  readonly #secrets: Int32Array
  #words: Int32Array
  /** the first entry of each and 1, or 0 */
  #buckets: Int32Array
  #bucketShift: number
  #capacity: number
  readonly #evicted: (index: number, forced: boolean) => boolean

  /**
   * `evicted` is told which entry leaves; unless `forced` it may answer false to keep it (a live authentication), and
   * the next oldest is asked.
   */
  constructor(max: number, evicted: (index: number, forced: boolean) => boolean, memory: FlowMemory = new OwnMemory()) {
    this.max = max
    this.#evicted = evicted
    this.#memory = memory
    this.#heads = memory.control
    this.#secrets = memory.secrets
    this.#capacity = Math.min(max, 4096)
    this.#words = memory.entries(this.#capacity, new Int32Array(0))
    this.#buckets = this.#empty(bucketsFor(this.#capacity))
    for (const list of [TABLE_FREE, TABLE_OLDEST, TABLE_NEWEST]) this.#heads[list] = -1
    this.#heads[TABLE_MAX] = max
    this.#heads[TABLE_CAPACITY] = this.#capacity
    this.#heads[TABLE_USED] = 0
    this.#heads[TABLE_COUNT] = 0
    this.#bucketShift = this.#heads[BUCKET_SHIFT]!
  }

  get count(): number {
    return this.#heads[TABLE_COUNT]!
  }

  /**
   * The entry of the segment's connection, made when it is new and `make` is true; -1 when it is unknown and must not
   * be made.
   */
  find(segment: Segment, time: number, make: boolean): number {
    this.fromLow = sourceIsLow(segment)
    this.created = false
    const low = this.fromLow
    const low0 = (low ? segment.source0 : segment.destination0) | 0
    const low1 = (low ? segment.source1 : segment.destination1) | 0
    const low2 = (low ? segment.source2 : segment.destination2) | 0
    const low3 = (low ? segment.source3 : segment.destination3) | 0
    const high0 = (low ? segment.destination0 : segment.source0) | 0
    const high1 = (low ? segment.destination1 : segment.source1) | 0
    const high2 = (low ? segment.destination2 : segment.source2) | 0
    const high3 = (low ? segment.destination3 : segment.source3) | 0
    const ports = low
      ? (segment.sourcePort << 16) | segment.destinationPort
      : (segment.destinationPort << 16) | segment.sourcePort
    const protocol = segment.protocol
    const second = Math.floor(time / 1e6) | 0
    const hash = this.#hash(low0, low1, low2, low3, high0, high1, high2, high3, ports, protocol)
    const words = this.#words
    let index = this.#buckets[hash >>> this.#bucketShift]! - 1
    while (index >= 0) {
      const at = index * WORDS
      if (
        words[at + LOW_0 + 3] === low3 &&
        words[at + HIGH_0 + 3] === high3 &&
        words[at + PORTS] === ports &&
        (words[at + STATE]! & PROTOCOL_MASK) === protocol &&
        words[at + LOW_0 + 2] === low2 &&
        words[at + HIGH_0 + 2] === high2 &&
        words[at + LOW_0 + 1] === low1 &&
        words[at + HIGH_0 + 1] === high1 &&
        words[at + LOW_0] === low0 &&
        words[at + HIGH_0] === high0
      ) {
        // the list of ages moves at most once a second for each connection: exact enough, and most packets write
        // nothing
        if (words[at + SECOND] !== second) {
          words[at + SECOND] = second
          this.#unlink(index)
          this.#append(index)
        }
        return index
      }
      index = words[at + NEXT_IN_BUCKET]!
    }
    return make ? this.#make(hash, low0, low1, low2, low3, high0, high1, high2, high3, ports, protocol, second) : -1
  }

  state(index: number): number {
    return (this.#words[index * WORDS + STATE]! & STATE_MASK) >> STATE_SHIFT
  }

  setState(index: number, state: number): void {
    const at = index * WORDS + STATE
    this.#words[at] = (this.#words[at]! & ~STATE_MASK) | (state << STATE_SHIFT)
  }

  /** Where the stream keeps what it follows of this entry. */
  slot(index: number): number {
    return this.#words[index * WORDS + STATE]! >>> SLOT_SHIFT
  }

  follow(index: number, slot: number): void {
    const at = index * WORDS + STATE
    this.#words[at] = (this.#words[at]! & BELOW_SLOT) | (slot << SLOT_SHIFT)
    this.setState(index, FOLLOWED)
  }

  /** Who they are. */
  ends(index: number): Ends {
    const words = this.#words
    const at = index * WORDS
    const ports = words[at + PORTS]!
    return {
      protocol: words[at + STATE]! & PROTOCOL_MASK,
      lowAddress: this.#address(at + LOW_0),
      highAddress: this.#address(at + HIGH_0),
      lowPort: ports >>> 16,
      highPort: ports & 0xffff,
    }
  }

  #address(at: number): string {
    const words = this.#words
    return addressText(words[at]! >>> 0, words[at + 1]! >>> 0, words[at + 2]! >>> 0, words[at + 3]! >>> 0)
  }

  /** Remembers a SYN: who the client is, and its initial sequence number. */
  setSyn(index: number, clientIsLow: boolean, clientSeq: number): void {
    const at = index * WORDS
    this.#words[at + STATE] = (this.#words[at + STATE]! & ~CLIENT_IS_LOW) | SYN_SEEN | (clientIsLow ? CLIENT_IS_LOW : 0)
    this.#words[at + CLIENT_SEQ] = clientSeq | 0
  }

  /** Remembers a SYN-ACK, which tells the initial sequence numbers of both. */
  setSynAck(index: number, clientIsLow: boolean, clientSeq: number, serverSeq: number): void {
    const at = index * WORDS
    this.#words[at + STATE] =
      (this.#words[at + STATE]! & ~CLIENT_IS_LOW) | SYN_ACK_SEEN | (clientIsLow ? CLIENT_IS_LOW : 0)
    this.#words[at + CLIENT_SEQ] = clientSeq | 0
    this.#words[at + SERVER_SEQ] = serverSeq | 0
  }

  /** The entry stays, as a conversation of which nothing is known but its ends. */
  forgetHandshake(index: number): void {
    const at = index * WORDS + STATE
    this.#words[at] = (this.#words[at]! & PROTOCOL_MASK) | (NEW << STATE_SHIFT)
  }

  /** No carrier was ever recognised in it. */
  setUnclaimed(index: number): void {
    const at = index * WORDS + STATE
    this.#words[at] = this.#words[at]! | UNCLAIMED
  }

  isUnclaimed(index: number): boolean {
    return (this.#words[index * WORDS + STATE]! & UNCLAIMED) !== 0
  }

  /** It is given up, although nobody has spoken. */
  setTurned(index: number): void {
    const at = index * WORDS + STATE
    this.#words[at] = this.#words[at]! | TURNED
  }

  /** Connections to the ports that `isAsked` knows, begun since `second`, in which nobody has said anything yet. */
  silentSince(second: number, isAsked: (port: number) => boolean): number {
    const words = this.#words
    let count = 0
    for (let index = this.#heads[TABLE_NEWEST]!; index >= 0; index = words[index * WORDS + OLDER]!) {
      const at = index * WORDS
      if (words[at + SECOND]! < second) break
      const ports = words[at + PORTS]!
      const isSilent = this.state(index) === NEW && this.sawHandshake(index) && (words[at + STATE]! & TURNED) === 0
      if (isSilent && isAsked(this.clientIsLow(index) ? ports & 0xffff : ports >>> 16)) count++
    }
    return count
  }

  sawSyn(index: number): boolean {
    return (this.#words[index * WORDS + STATE]! & SYN_SEEN) !== 0
  }

  sawSynAck(index: number): boolean {
    return (this.#words[index * WORDS + STATE]! & SYN_ACK_SEEN) !== 0
  }

  /** One of the two is enough to know the client. */
  sawHandshake(index: number): boolean {
    return (this.#words[index * WORDS + STATE]! & (SYN_SEEN | SYN_ACK_SEEN)) !== 0
  }

  clientIsLow(index: number): boolean {
    return (this.#words[index * WORDS + STATE]! & CLIENT_IS_LOW) !== 0
  }

  clientSeq(index: number): number {
    return this.#words[index * WORDS + CLIENT_SEQ]! >>> 0
  }

  serverSeq(index: number): number {
    return this.#words[index * WORDS + SERVER_SEQ]! >>> 0
  }

  /** Forgets an entry. */
  remove(index: number): void {
    const words = this.#words
    const at = index * WORDS
    const bucket = this.#bucketOf(index)
    let walk = this.#buckets[bucket]! - 1
    if (walk === index) this.#buckets[bucket] = words[at + NEXT_IN_BUCKET]! + 1
    else {
      while (words[walk * WORDS + NEXT_IN_BUCKET] !== index) walk = words[walk * WORDS + NEXT_IN_BUCKET]!
      words[walk * WORDS + NEXT_IN_BUCKET] = words[at + NEXT_IN_BUCKET]!
    }
    this.#unlink(index)
    words[at + NEXT_IN_BUCKET] = this.#heads[TABLE_FREE]!
    this.#heads[TABLE_FREE] = index
    this.#heads[TABLE_COUNT]!--
  }

  #make(
    hash: number,
    low0: number,
    low1: number,
    low2: number,
    low3: number,
    high0: number,
    high1: number,
    high2: number,
    high3: number,
    ports: number,
    protocol: number,
    second: number,
  ): number {
    const heads = this.#heads
    if (this.count >= this.max) this.#evict()
    if (heads[TABLE_FREE]! < 0 && heads[TABLE_USED] === this.#capacity) this.#grow()
    let index = heads[TABLE_FREE]!
    if (index >= 0) heads[TABLE_FREE] = this.#words[index * WORDS + NEXT_IN_BUCKET]!
    else index = heads[TABLE_USED]!++
    const words = this.#words
    const at = index * WORDS
    words[at] = low0
    words[at + 1] = low1
    words[at + 2] = low2
    words[at + 3] = low3
    words[at + 4] = high0
    words[at + 5] = high1
    words[at + 6] = high2
    words[at + 7] = high3
    words[at + PORTS] = ports
    words[at + SECOND] = second
    words[at + STATE] = protocol
    const bucket = hash >>> this.#bucketShift
    words[at + NEXT_IN_BUCKET] = this.#buckets[bucket]! - 1
    this.#buckets[bucket] = index + 1
    this.#append(index)
    heads[TABLE_COUNT]!++
    this.created = true
    return index
  }

  #evict(): void {
    let index = this.#heads[TABLE_OLDEST]!
    for (let asked = 0; asked < ASK_MAX && index >= 0; asked++) {
      const newer = this.#words[index * WORDS + NEWER]!
      if (this.#evicted(index, false)) {
        this.remove(index)
        return
      }
      index = newer
    }
    // everything old is alive: the oldest leaves all the same, since the table is bounded
    const oldest = this.#heads[TABLE_OLDEST]!
    this.#evicted(oldest, true)
    this.remove(oldest)
  }

  #grow(): void {
    this.#capacity = Math.min(this.max, this.#capacity * 2)
    this.#heads[TABLE_CAPACITY] = this.#capacity
    const words = this.#memory.entries(this.#capacity, this.#words)
    this.#words = words
    const buckets = this.#empty(bucketsFor(this.#capacity))
    this.#bucketShift = this.#heads[BUCKET_SHIFT]!
    for (let index = 0; index < this.#heads[TABLE_USED]!; index++) {
      const bucket = this.#bucketOf(index)
      words[index * WORDS + NEXT_IN_BUCKET] = buckets[bucket]! - 1
      buckets[bucket] = index + 1
    }
    this.#buckets = buckets
  }

  /** Empty buckets, and what the hash has to be shifted by to be the number of one. */
  #empty(count: number): Int32Array {
    this.#heads[BUCKET_SHIFT] = Math.clz32(count) + 1
    return this.#memory.buckets(count)
  }

  /** Of an entry: made again where it is needed, which is seldom. */
  #bucketOf(index: number): number {
    const words = this.#words
    const at = index * WORDS
    const hash = this.#hash(
      words[at + LOW_0]!,
      words[at + LOW_0 + 1]!,
      words[at + LOW_0 + 2]!,
      words[at + LOW_0 + 3]!,
      words[at + HIGH_0]!,
      words[at + HIGH_0 + 1]!,
      words[at + HIGH_0 + 2]!,
      words[at + HIGH_0 + 3]!,
      words[at + PORTS]!,
      words[at + STATE]! & PROTOCOL_MASK,
    )
    return hash >>> this.#bucketShift
  }

  /**
   * Multiply and shift: each half of each word has a secret multiplier, so that nobody who writes packets finds ends
   * that share a bucket.
   */
  #hash(
    low0: number,
    low1: number,
    low2: number,
    low3: number,
    high0: number,
    high1: number,
    high2: number,
    high3: number,
    ports: number,
    protocol: number,
  ): number {
    const secrets = this.#secrets
    const sum =
      mixed(secrets, low3, 0) +
      mixed(secrets, high3, 2) +
      mixed(secrets, ports, 4) +
      Math.imul(protocol, secrets[SECRET_PROTOCOL]!)
    // the other words of IPv4 addresses are all alike
    if ((low0 | low1 | high0 | high1) === 0 && low2 === 0xffff && high2 === 0xffff) return sum | 0
    const rest =
      mixed(secrets, low0, 6) +
      mixed(secrets, low1, 8) +
      mixed(secrets, low2, 10) +
      mixed(secrets, high0, 12) +
      mixed(secrets, high1, 14) +
      mixed(secrets, high2, 16)
    return (sum + rest) | 0
  }

  #append(index: number): void {
    const words = this.#words
    const newest = this.#heads[TABLE_NEWEST]!
    words[index * WORDS + OLDER] = newest
    words[index * WORDS + NEWER] = -1
    if (newest >= 0) words[newest * WORDS + NEWER] = index
    else this.#heads[TABLE_OLDEST] = index
    this.#heads[TABLE_NEWEST] = index
  }

  #unlink(index: number): void {
    const words = this.#words
    const older = words[index * WORDS + OLDER]!
    const newer = words[index * WORDS + NEWER]!
    if (older >= 0) words[older * WORDS + NEWER] = newer
    else this.#heads[TABLE_OLDEST] = newer
    if (newer >= 0) words[newer * WORDS + OLDER] = older
    else this.#heads[TABLE_NEWEST] = older
  }
}

/** live authentications that one eviction steps over before it gives up sparing them */
const ASK_MAX = 64

function mixed(secrets: Int32Array, word: number, at: number): number {
  return Math.imul(word & 0xffff, secrets[at]!) + Math.imul(word >>> 16, secrets[at + 1]!)
}

function sourceIsLow(segment: Segment): boolean {
  if (segment.source3 !== segment.destination3 && segment.source2 === 0xffff && segment.destination2 === 0xffff) {
    return segment.source3 < segment.destination3
  }
  if (segment.source0 !== segment.destination0) return segment.source0 < segment.destination0
  if (segment.source1 !== segment.destination1) return segment.source1 < segment.destination1
  if (segment.source2 !== segment.destination2) return segment.source2 < segment.destination2
  if (segment.source3 !== segment.destination3) return segment.source3 < segment.destination3
  return segment.sourcePort <= segment.destinationPort
}

/** Two for each entry, as far as there is room. */
function bucketsFor(entries: number): number {
  let count = 2
  while (count < entries * 2 && count < BUCKETS_MAX) count *= 2
  return count
}
