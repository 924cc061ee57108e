/**
 * Which conversations are followed, from the one touched longest ago to the youngest, and the places of their numbers.
 *
 * All of it stands in memory that the engine reads and writes too: it follows conversations in which nothing is said
 * that anybody claims, and of these there is no object before somebody needs one.
 */
import { beginningOf } from '../../decoders/carriers/unclaimed/unclaimed.ts'
import {
  FAST_PATH_UNTIL,
  FOLLOWED_DATAGRAMS,
  FOLLOWED_TCP,
  HALF_NUMBERS,
  HELD_ANY,
  HELD_BITS,
  HELD_MASK,
  HELD_SHIFT,
  HELD_TEXT,
  LIST_COUNT,
  LIST_NEWEST,
  LIST_OLDEST,
  MODE_NONE,
  NEWER_SLOT,
  OLDER_SLOT,
  SLOT_CLIENT_IS_LOW,
  SLOT_ENDED,
  SLOT_ENTRY,
  SLOT_FLAGS,
  SLOT_FREE,
  SLOT_HAS_OBJECT,
  SLOT_NUMBERS,
  SLOT_SAW_START,
  SLOT_WORDS,
  SLOTS_USED,
  START_FRAME,
  START_TIME,
  TOUCH_MICROS,
  TOUCHED,
} from '../engine/layout.ts'
import type { FlowMemory } from '../engine/memory.ts'
import { Connection, FollowedNumbers } from './connection.ts'
import type { Ends } from './conversation.ts'

/**
 * Slots in order of age, linked through their words: a Set does the same, but to find its first member it walks over
 * all those that have left since it was last made anew (25 microseconds for each new connection, instead of 5).
 */
export class SlotList {
  readonly #control: Int32Array
  readonly #head: number
  readonly #words: Int32Array

  /** Its heads stand at `head` of `control`. */
  constructor(control: Int32Array, head: number, words: Int32Array) {
    this.#control = control
    this.#head = head
    this.#words = words
    control[head + LIST_OLDEST] = -1
    control[head + LIST_NEWEST] = -1
    control[head + LIST_COUNT] = 0
  }

  get count(): number {
    return this.#control[this.#head + LIST_COUNT]!
  }

  /** -1: it is empty */
  get oldest(): number {
    return this.#control[this.#head + LIST_OLDEST]!
  }

  /** -1: there is none */
  newer(slot: number): number {
    return this.#words[slot * SLOT_WORDS + NEWER_SLOT]!
  }

  append(slot: number): void {
    const words = this.#words
    const newest = this.#control[this.#head + LIST_NEWEST]!
    words[slot * SLOT_WORDS + OLDER_SLOT] = newest
    words[slot * SLOT_WORDS + NEWER_SLOT] = -1
    if (newest >= 0) words[newest * SLOT_WORDS + NEWER_SLOT] = slot
    else this.#control[this.#head + LIST_OLDEST] = slot
    this.#control[this.#head + LIST_NEWEST] = slot
    this.#control[this.#head + LIST_COUNT]!++
  }

  remove(slot: number): void {
    const words = this.#words
    const older = words[slot * SLOT_WORDS + OLDER_SLOT]!
    const newer = words[slot * SLOT_WORDS + NEWER_SLOT]!
    if (older >= 0) words[older * SLOT_WORDS + NEWER_SLOT] = newer
    else this.#control[this.#head + LIST_OLDEST] = newer
    if (newer >= 0) words[newer * SLOT_WORDS + OLDER_SLOT] = older
    else this.#control[this.#head + LIST_NEWEST] = older
    this.#control[this.#head + LIST_COUNT]!--
  }
}

/**
 * The conversations that are followed: each has a slot, which holds its numbers, and a place in the order of age,
 * datagrams apart from TCP.
 */
export class Followed {
  readonly tcp: SlotList
  readonly datagrams: SlotList
  /** of all halves: HALF_NUMBERS each, those of slot n at 2n and 2n + 1 */
  readonly numbers: Float64Array
  /** the same memory, as integers of 32 bits */
  readonly words: Int32Array
  readonly #all: FollowedNumbers
  readonly #control: Int32Array
  readonly #objects: (Connection | null)[] = []
  readonly #endsOf: (index: number) => Ends

  /** For so many at a time; `endsOf`: of an entry of the table. */
  constructor(memory: FlowMemory, max: number, endsOf: (index: number) => Ends) {
    const { control } = memory
    this.#all = new FollowedNumbers(memory.numbers(max), memory.slots(max))
    this.numbers = this.#all.numbers
    this.words = this.#all.words
    this.#control = control
    this.#endsOf = endsOf
    this.tcp = new SlotList(control, FOLLOWED_TCP, this.#all.slotWords)
    this.datagrams = new SlotList(control, FOLLOWED_DATAGRAMS, this.#all.slotWords)
    control[SLOT_FREE] = -1
    control[SLOTS_USED] = 0
  }

  get count(): number {
    return this.tcp.count + this.datagrams.count
  }

  /** Where the first of them has begun; Infinity: there is none. */
  get oldestFrame(): number {
    let oldest = Number.POSITIVE_INFINITY
    for (const slot of this.#slots()) oldest = Math.min(oldest, this.#all.slots[slot * SLOT_NUMBERS + START_FRAME]!)
    return oldest
  }

  /** In the order of their places in the table. */
  all(): Connection[] {
    return this.#slots()
      .map((slot) => this.at(slot))
      .sort((a, b) => a.index - b.index)
  }

  /** The object of a conversation that is followed. */
  at(slot: number): Connection {
    const connection = this.#objects[slot] ?? this.#make(slot)
    if ((this.#all.slotWords[slot * SLOT_WORDS + SLOT_FLAGS]! & HELD_ANY) !== 0) this.#takeHeld(connection)
    return connection
  }

  /** What the engine holds of its halves: from now on they do, and nothing passes by them. */
  #takeHeld({ slot, low, high }: Connection): void {
    const { slotWords } = this.#all
    const at = slot * SLOT_WORDS + SLOT_FLAGS
    for (const half of [low, high]) {
      const held = (slotWords[at]! >> (HELD_SHIFT + HELD_BITS * half.from)) & HELD_MASK
      if (held !== 0) {
        const bytes = beginningOf((held & HELD_TEXT) !== 0, held & ~HELD_TEXT)
        half.holdStray(bytes, 0, bytes.length)
        half.strayWanted = 0
      }
      half.fastPathUntil = Number.NEGATIVE_INFINITY
      half.mode = MODE_NONE
    }
    slotWords[at]! &= ~HELD_ANY
  }

  /** The same, where there is one already. */
  known(slot: number): Connection | null {
    return this.#objects[slot] ?? null
  }

  touched(slot: number): number {
    return this.#all.slots[slot * SLOT_NUMBERS + TOUCHED]!
  }

  /** At most as many as there was room asked for are open at a time: the caller sees to it. */
  open(index: number, protocol: number, time: number, frame: number): Connection {
    const slot = this.#take()
    const { slots, slotWords } = this.#all
    this.#all.clear(slot)
    slots[slot * SLOT_NUMBERS + TOUCHED] = time
    slots[slot * SLOT_NUMBERS + START_TIME] = time
    slots[slot * SLOT_NUMBERS + START_FRAME] = frame
    slotWords[slot * SLOT_WORDS + SLOT_ENTRY] = index
    this.#listOf(protocol).append(slot)
    return this.#make(slot)
  }

  /** It is the youngest now; halves on their fast path stay there for as long again. */
  touch(slot: number, protocol: number, time: number): void {
    this.#all.slots[slot * SLOT_NUMBERS + TOUCHED] = time
    const list = this.#listOf(protocol)
    list.remove(slot)
    list.append(slot)
    const { numbers } = this
    const low = 2 * slot * HALF_NUMBERS + FAST_PATH_UNTIL
    for (const at of [low, low + HALF_NUMBERS]) if (numbers[at]! >= 0) numbers[at] = time + TOUCH_MICROS
  }

  close({ slot, protocol }: Connection): void {
    this.#listOf(protocol).remove(slot)
    this.#objects[slot] = null
    this.#all.slotWords[slot * SLOT_WORDS + NEWER_SLOT] = this.#control[SLOT_FREE]!
    this.#control[SLOT_FREE] = slot
  }

  #take(): number {
    const control = this.#control
    const free = control[SLOT_FREE]!
    if (free < 0) return control[SLOTS_USED]!++
    control[SLOT_FREE] = this.#all.slotWords[free * SLOT_WORDS + NEWER_SLOT]!
    return free
  }

  /** What its slot says of it, as an object. */
  #make(slot: number): Connection {
    const { slots, slotWords } = this.#all
    const words = slot * SLOT_WORDS
    const numbers = slot * SLOT_NUMBERS
    const index = slotWords[words + SLOT_ENTRY]!
    const ends = this.#endsOf(index)
    const connection = new Connection(
      index,
      ends,
      slots[numbers + START_TIME]!,
      slots[numbers + START_FRAME]!,
      this.#all,
      slot,
    )
    const flags = slotWords[words + SLOT_FLAGS]!
    if ((flags & SLOT_SAW_START) !== 0) connection.handshake((flags & SLOT_CLIENT_IS_LOW) !== 0)
    if ((flags & SLOT_ENDED) !== 0) connection.endedBy = 0
    else if ((flags & (SLOT_ENDED << 1)) !== 0) connection.endedBy = 1
    slotWords[words + SLOT_FLAGS] = flags | SLOT_HAS_OBJECT
    this.#objects[slot] = connection
    return connection
  }

  #slots(): number[] {
    const slots: number[] = []
    for (const list of [this.tcp, this.datagrams])
      for (let slot = list.oldest; slot >= 0; slot = list.newer(slot)) slots.push(slot)
    return slots
  }

  #listOf(protocol: number): SlotList {
    return protocol === 6 ? this.tcp : this.datagrams
  }
}
