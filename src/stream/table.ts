/**
 * The table of connections: endpoints to a small index, in typed arrays, bounded, oldest idle one out first.
 *
 * Hot: one lookup a packet, no allocation. A connection is known by its protocol and its two endpoints in canonical order (the lower address and port
 * is "low", the other "high"), so that both directions find the same entry. VLAN and tunnel are not part of the key: a mirror of two
 * ports shows one conversation under two tags. What a connection means is not known here.
 */
import type { Segment } from '../net/segment.ts'

/** 32-bit words of one entry: 16 make one cache line. */
const WORDS = 16
const LOW_0 = 0
const HIGH_0 = 4
const PORTS = 8
const NEXT_IN_BUCKET = 9
const OLDER = 10
const NEWER = 11
const SECOND = 12
/** protocol in the low byte, then the state, then what the handshake told, then the slot of one that is followed */
const STATE = 13
const CLIENT_SEQ = 14
const SERVER_SEQ = 15

const PROTOCOL_MASK = 0xff
const STATE_SHIFT = 8
const STATE_MASK = 3 << STATE_SHIFT
const SYN = 1 << 10
const SYN_ACK = 1 << 11
const CLIENT_IS_LOW = 1 << 12
const UNCLAIMED = 1 << 13
const SLOT_SHIFT = 16
const BELOW_SLOT = (1 << SLOT_SHIFT) - 1
/** slots of conversations that are followed: 0 to here */
export const SLOTS_MAX = 1 << 15

/** What the stream knows of an entry without looking at any object. */
export const NEW = 0
/** a conversation that we follow */
export const FOLLOWED = 1
/** not ours: every further packet costs this lookup and nothing else */
export const FOREIGN = 2
/** ended; a SYN opens it again */
export const CLOSED = 3

export class ConnectionTable {
  readonly max: number
  count = 0
  /** set by `find`: the segment travels from the low to the high endpoint */
  fromLow = true
  /** set by `find`: the entry was made by this call */
  created = false
  #words: Int32Array
  #buckets: Int32Array
  #capacity: number
  #free = -1
  #used = 0
  #oldest = -1
  #newest = -1
  readonly #evicted: (index: number, forced: boolean) => boolean

  /**
   * `evicted` is told which entry leaves; unless `forced` it may answer false to keep it (a live authentication), and the next oldest is
   * asked.
   */
  constructor(max: number, evicted: (index: number, forced: boolean) => boolean) {
    this.max = max
    this.#evicted = evicted
    this.#capacity = Math.min(max, 4096)
    this.#words = new Int32Array(this.#capacity * WORDS)
    this.#buckets = new Int32Array(powerOfTwoAbove(this.#capacity * 2)).fill(-1)
  }

  /** The entry of the segment's connection, made when it is new and `make` is true; -1 when it is unknown and must not be made. */
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
    const hash = hashOf(low0, low1, low2, low3, high0, high1, high2, high3, ports, protocol)
    const words = this.#words
    let index = this.#buckets[hash & (this.#buckets.length - 1)]!
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
        // the list of ages moves at most once a second for each connection: exact enough, and most packets write nothing
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

  /** Remembers a SYN: who the client is, and its initial sequence number. */
  setSyn(index: number, clientIsLow: boolean, clientSeq: number): void {
    const at = index * WORDS
    this.#words[at + STATE] = (this.#words[at + STATE]! & ~CLIENT_IS_LOW) | SYN | (clientIsLow ? CLIENT_IS_LOW : 0)
    this.#words[at + CLIENT_SEQ] = clientSeq | 0
  }

  /** Remembers a SYN-ACK, which tells the initial sequence numbers of both. */
  setSynAck(index: number, clientIsLow: boolean, clientSeq: number, serverSeq: number): void {
    const at = index * WORDS
    this.#words[at + STATE] = (this.#words[at + STATE]! & ~CLIENT_IS_LOW) | SYN_ACK | (clientIsLow ? CLIENT_IS_LOW : 0)
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

  sawSyn(index: number): boolean {
    return (this.#words[index * WORDS + STATE]! & SYN) !== 0
  }

  sawSynAck(index: number): boolean {
    return (this.#words[index * WORDS + STATE]! & SYN_ACK) !== 0
  }

  /** One of the two is enough to know the client. */
  sawHandshake(index: number): boolean {
    return (this.#words[index * WORDS + STATE]! & (SYN | SYN_ACK)) !== 0
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
    let walk = this.#buckets[bucket]!
    if (walk === index) this.#buckets[bucket] = words[at + NEXT_IN_BUCKET]!
    else {
      while (words[walk * WORDS + NEXT_IN_BUCKET] !== index) walk = words[walk * WORDS + NEXT_IN_BUCKET]!
      words[walk * WORDS + NEXT_IN_BUCKET] = words[at + NEXT_IN_BUCKET]!
    }
    this.#unlink(index)
    words[at + NEXT_IN_BUCKET] = this.#free
    this.#free = index
    this.count--
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
    if (this.count >= this.max) this.#evict()
    if (this.#free < 0 && this.#used === this.#capacity) this.#grow()
    let index = this.#free
    if (index >= 0) this.#free = this.#words[index * WORDS + NEXT_IN_BUCKET]!
    else index = this.#used++
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
    const bucket = hash & (this.#buckets.length - 1)
    words[at + NEXT_IN_BUCKET] = this.#buckets[bucket]!
    this.#buckets[bucket] = index
    this.#append(index)
    this.count++
    this.created = true
    return index
  }

  #evict(): void {
    let index = this.#oldest
    for (let asked = 0; asked < ASK_MAX && index >= 0; asked++) {
      const newer = this.#words[index * WORDS + NEWER]!
      if (this.#evicted(index, false)) {
        this.remove(index)
        return
      }
      index = newer
    }
    // everything old is alive: the oldest leaves all the same, since the table is bounded
    this.#evicted(this.#oldest, true)
    this.remove(this.#oldest)
  }

  #grow(): void {
    this.#capacity = Math.min(this.max, this.#capacity * 2)
    const words = new Int32Array(this.#capacity * WORDS)
    words.set(this.#words)
    this.#words = words
    const buckets = new Int32Array(powerOfTwoAbove(this.#capacity * 2)).fill(-1)
    for (let index = 0; index < this.#used; index++) {
      const bucket = hashAt(words, index) & (buckets.length - 1)
      words[index * WORDS + NEXT_IN_BUCKET] = buckets[bucket]!
      buckets[bucket] = index
    }
    this.#buckets = buckets
  }

  #bucketOf(index: number): number {
    return hashAt(this.#words, index) & (this.#buckets.length - 1)
  }

  #append(index: number): void {
    const words = this.#words
    words[index * WORDS + OLDER] = this.#newest
    words[index * WORDS + NEWER] = -1
    if (this.#newest >= 0) words[this.#newest * WORDS + NEWER] = index
    else this.#oldest = index
    this.#newest = index
  }

  #unlink(index: number): void {
    const words = this.#words
    const older = words[index * WORDS + OLDER]!
    const newer = words[index * WORDS + NEWER]!
    if (older >= 0) words[older * WORDS + NEWER] = newer
    else this.#oldest = newer
    if (newer >= 0) words[newer * WORDS + OLDER] = older
    else this.#newest = older
  }
}

/** live authentications that one eviction steps over before it gives up sparing them */
const ASK_MAX = 64

function hashOf(
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
  let hash = Math.imul(low3 ^ Math.imul(high3, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(ports, 0xc2b2ae35) ^ protocol
  // the other words of IPv4 addresses are all alike
  if (low2 !== 0xffff) hash ^= Math.imul(low0 ^ low1 ^ high0, 0x27d4eb2f) ^ Math.imul(low2 ^ high1 ^ high2, 0x165667b1)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b3c6d)
  return hash ^ (hash >>> 13)
}

/** The hash of an entry: made again where it is needed, which is seldom. */
function hashAt(words: Int32Array, index: number): number {
  const at = index * WORDS
  return hashOf(
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

function powerOfTwoAbove(count: number): number {
  let power = 1
  while (power < count) power *= 2
  return power
}
