/**
 * One followed TCP conversation, or the datagrams between two endpoints: its ends, its two halves, and what is known of
 * who is who.
 *
 * Made at the first payload, let go when the conversation ends or proves foreign. Owned by the stream; the addresses
 * are text, made once.
 */
import type { Carrier, More, Side } from '../../decoders/carrier.ts'
import {
  ACK_SENT,
  BYTES_SEEN,
  END_SEQ,
  FAST_PATH_UNTIL,
  FRAMING_STATE,
  HALF_NUMBERS,
  KEEP_LEFT,
  LAST_FRAME,
  LAST_TIME,
  MISSED_TO,
  MODE,
  MODE_MASK,
  NEXT_SEQ,
  PDU_LEFT,
  PROBED_MAX,
  PROBED_SHIFT,
  SLOT_FLAGS,
  SLOT_SEEN,
  SLOT_UNCLAIMED,
  SLOT_WORDS,
  START_SEQ,
} from '../engine/layout.ts'
import { addressText, type Segment, seqDistance } from '../net/segment.ts'
import { NOTHING, pool, roomFor } from './buffers.ts'
import { Conversation, type Ends } from './conversation.ts'
import type { OpenedConversation } from './opener.ts'

/** TLS of a connection. */
export class TlsLayer {
  /** what opens it; null: nobody, or there is none */
  opened: OpenedConversation | null = null
  /** nobody has its keys */
  isRefused = false
  /** plain text of it was framed */
  isTunnelled = false
  /** sealed records of which the sizes are still to be told */
  recordsToTell = 0
}

/** One followed conversation, and what the stream needs to follow it. */
export class Connection extends Conversation {
  /** place in the table, and among those that are followed */
  readonly index: number
  readonly slot: number
  readonly low: Half
  readonly high: Half
  /** a token in it was handed over that no carrier read */
  hasStrays = false
  /** made when they are first asked for: most conversations have no TLS */
  #layers: readonly [TlsLayer, TlsLayer] | null = null
  /** when a PDU was last wanted: younger ones than a minute are alive, and spared by eviction */
  lastPduTime = Number.NEGATIVE_INFINITY

  /** Its numbers, and those of its halves, stand in `numbers`, where `slot` says. */
  constructor(index: number, ends: Ends, time: number, frame: number, numbers: FollowedNumbers, slot: number) {
    super(ends, time, frame)
    this.index = index
    this.slot = slot
    this.low = new Half(this, 0, numbers, slot)
    this.high = new Half(this, 1, numbers, slot)
    this.low.peer = this.high
    this.high.peer = this.low
  }

  /** Its TLS, and one that begins in what was opened of it: behind a proxy that is spoken to in TLS. */
  get layers(): readonly [TlsLayer, TlsLayer] {
    this.#layers ??= [new TlsLayer(), new TlsLayer()]
    return this.#layers
  }

  get hasLayers(): boolean {
    return this.#layers !== null
  }

  /** Sealed records of which the sizes are still to be told: mostly none, for which no layer is made. */
  get recordsToTell(): number {
    return this.#layers === null ? 0 : this.#layers[0].recordsToTell
  }

  half(number: 0 | 1): Half {
    return number === 0 ? this.low : this.high
  }

  carrierOf(half: 0 | 1): Carrier | null {
    return this.half(half).carrier
  }

  /**
   * The side as framing is told it: by the handshake, else by the port numbers. What dissection learns from the content
   * of messages comes later (in another thread), and must not change where PDUs end.
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

/** A segment that came before its turn, or before what it answers; its bytes are our copy. */
export interface WaitingSegment {
  readonly seq: number
  /** what its sender had of the opposite half; -1: it does not say */
  readonly ack: number
  readonly bytes: Uint8Array
  /** bytes behind `bytes` that the snap length cut off */
  readonly missing: number
  readonly hasSignature: boolean
  readonly time: number
  readonly frame: number
}

/*
 * The numbers of a half, in an array that all halves share: what the usual packet needs stands in one cache line, and
 * no object is touched for it. An object would also hold each number above 2^31 in a box of its own, and change its
 * shape when the first one comes.
 */
/* Needed for few packets: see the accessors. */
const HOLE_SEQ = 10
const HOLE_BYTES = 11
const WAITING_SINCE = 12
const PENDING = 13

/** The numbers of all conversations that are followed: of their halves, and of their slots. */
export class FollowedNumbers {
  readonly numbers: Float64Array
  /** the same memory, as integers of 32 bits: FRAMING_STATE and MODE of the half at `at` stand behind 2 `at` */
  readonly words: Int32Array
  readonly slots: Float64Array
  readonly slotWords: Int32Array

  constructor(numbers: Float64Array, slots: Float64Array) {
    this.numbers = numbers
    this.words = new Int32Array(numbers.buffer, numbers.byteOffset, 2 * numbers.length)
    this.slots = slots
    this.slotWords = new Int32Array(slots.buffer, slots.byteOffset, 2 * slots.length)
  }

  /** Of a conversation of which nothing was seen so far. */
  clear(slot: number): void {
    const { numbers } = this
    for (const at of [2 * slot * HALF_NUMBERS, (2 * slot + 1) * HALF_NUMBERS]) {
      numbers.fill(0, at, at + HALF_NUMBERS)
      for (const unknown of [NEXT_SEQ, ACK_SENT, START_SEQ, END_SEQ, MISSED_TO]) numbers[at + unknown] = -1
      numbers[at + FAST_PATH_UNTIL] = Number.NEGATIVE_INFINITY
    }
    this.slotWords[slot * SLOT_WORDS + SLOT_FLAGS] = 0
  }
}

/** Bytes that nobody claims, from where a token in clear begins or may begin. */
interface Stray {
  bytes: Uint8Array
  length: number
  /** a token among them is not whole before there are so many */
  wanted: number
}

/** Bits of a half; eight bytes a half for each would be a twelfth of what 20,000 conversations take. */
const SEARCHING = 1
const OPENED = 2
const OPENED_TWICE = 4
const ALONE = 8
const UNWANTED = 16

export class Half {
  readonly connection: Connection
  /** 0: sent by the low endpoint, 1: by the high one */
  readonly from: 0 | 1
  /** the opposite half, set by the connection */
  peer!: Half
  /** carrier of this half once known */
  carrier: Carrier | null = null
  #bits = SEARCHING

  /** the PDU's last bytes do not end its message */
  more: More = false
  scanned = 0
  /** bytes of a PDU whose length is not known yet */
  head: Uint8Array = NOTHING
  headLength = 0
  /** null: there are none, as in most halves */
  #stray: Stray | null = null
  /** kept bytes of the message in progress */
  kept: Uint8Array = NOTHING
  keptLength = 0

  /** bytes of head and kept that the stream has counted */
  accounted = 0

  /** the same empty list for all until something waits: 32 bytes a half */
  waiting: WaitingSegment[] = NOBODY
  waitingBytes = 0
  /** its place in a `WaitingList`, as long as it is in one */
  waits: Place | null = null

  readonly #numbers: Float64Array
  /** the same memory */
  readonly #words: Int32Array
  readonly #at: number
  readonly #slotWords: Int32Array

  constructor(connection: Connection, from: 0 | 1, { numbers, words, slotWords }: FollowedNumbers, slot: number) {
    this.connection = connection
    this.from = from
    this.#numbers = numbers
    this.#words = words
    this.#at = (2 * slot + from) * HALF_NUMBERS
    this.#slotWords = slotWords
  }

  get #flags(): number {
    return this.connection.slot * SLOT_WORDS + SLOT_FLAGS
  }

  #setBit(bit: number, value: boolean): void {
    this.#bits = value ? this.#bits | bit : this.#bits & ~bit
  }

  /** no PDU boundary is known: the next segment's start is probed */
  get searching(): boolean {
    return (this.#bits & SEARCHING) !== 0
  }

  set searching(value: boolean) {
    this.#setBit(SEARCHING, value)
  }

  /** its bytes go to the first of `Connection.layers`, and what that opens is framed, or goes to the second one */
  get isOpened(): boolean {
    return (this.#bits & OPENED) !== 0
  }

  set isOpened(value: boolean) {
    this.#setBit(OPENED, value)
  }

  get isOpenedTwice(): boolean {
    return (this.#bits & OPENED_TWICE) !== 0
  }

  set isOpenedTwice(value: boolean) {
    this.#setBit(OPENED_TWICE, value)
  }

  /** it has waited in vain for a first packet of the opposite half, which may not be captured */
  get isAlone(): boolean {
    return (this.#bits & ALONE) !== 0
  }

  set isAlone(value: boolean) {
    this.#setBit(ALONE, value)
  }

  /** the beginning of the message was handed over or given up: nothing more of it is kept */
  get unwanted(): boolean {
    return (this.#bits & UNWANTED) !== 0
  }

  set unwanted(value: boolean) {
    this.#setBit(UNWANTED, value)
  }

  /** see `Stray` */
  get stray(): Uint8Array {
    return this.#stray === null ? NOTHING : this.#stray.bytes
  }

  get strayLength(): number {
    return this.#stray === null ? 0 : this.#stray.length
  }

  get strayWanted(): number {
    return this.#stray === null ? 0 : this.#stray.wanted
  }

  set strayWanted(value: number) {
    if (this.#stray !== null) this.#stray.wanted = value
  }

  /** Nothing of them is held any more; `stray` is borrowed until more comes. */
  clearStray(): void {
    if (this.#stray !== null) this.#stray.length = 0
  }

  /** any packet of it was seen, with payload or without */
  get seen(): boolean {
    return (this.#slotWords[this.#flags]! & (SLOT_SEEN << this.from)) !== 0
  }

  set seen(value: boolean) {
    this.#flag(SLOT_SEEN, value)
  }

  /** the carriers have seen enough of it: none wants it */
  get unclaimed(): boolean {
    return (this.#slotWords[this.#flags]! & (SLOT_UNCLAIMED << this.from)) !== 0
  }

  set unclaimed(value: boolean) {
    this.#flag(SLOT_UNCLAIMED, value)
  }

  #flag(flag: number, value: boolean): void {
    const mine = flag << this.from
    const before = this.#slotWords[this.#flags]!
    this.#slotWords[this.#flags] = value ? before | mine : before & ~mine
  }

  get nextSeq(): number {
    return this.#numbers[this.#at + NEXT_SEQ]!
  }

  set nextSeq(value: number) {
    this.#numbers[this.#at + NEXT_SEQ] = value
  }

  get pduLeft(): number {
    return this.#numbers[this.#at + PDU_LEFT]!
  }

  set pduLeft(value: number) {
    this.#numbers[this.#at + PDU_LEFT] = value
  }

  get keepLeft(): number {
    return this.#numbers[this.#at + KEEP_LEFT]!
  }

  set keepLeft(value: number) {
    this.#numbers[this.#at + KEEP_LEFT] = value
  }

  get ackSent(): number {
    return this.#numbers[this.#at + ACK_SENT]!
  }

  set ackSent(value: number) {
    this.#numbers[this.#at + ACK_SENT] = value
  }

  get lastTime(): number {
    return this.#numbers[this.#at + LAST_TIME]!
  }

  set lastTime(value: number) {
    this.#numbers[this.#at + LAST_TIME] = value
  }

  get lastFrame(): number {
    return this.#numbers[this.#at + LAST_FRAME]!
  }

  set lastFrame(value: number) {
    this.#numbers[this.#at + LAST_FRAME] = value
  }

  get bytesSeen(): number {
    return this.#numbers[this.#at + BYTES_SEEN]!
  }

  set bytesSeen(value: number) {
    this.#numbers[this.#at + BYTES_SEEN] = value
  }

  get fastPathUntil(): number {
    return this.#numbers[this.#at + FAST_PATH_UNTIL]!
  }

  set fastPathUntil(value: number) {
    this.#numbers[this.#at + FAST_PATH_UNTIL] = value
  }

  /** next sequence number when the conversation was first followed; -1 unknown */
  get startSeq(): number {
    return this.#numbers[this.#at + START_SEQ]!
  }

  set startSeq(value: number) {
    this.#numbers[this.#at + START_SEQ] = value
  }

  /** sequence number of its FIN; -1 none yet */
  get endSeq(): number {
    return this.#numbers[this.#at + END_SEQ]!
  }

  set endSeq(value: number) {
    this.#numbers[this.#at + END_SEQ] = value
  }

  /**
   * the latest hole that was stepped over without waiting, as far as it has not been filled: its start and its bytes
   */
  get holeSeq(): number {
    return this.#numbers[this.#at + HOLE_SEQ]!
  }

  set holeSeq(value: number) {
    this.#numbers[this.#at + HOLE_SEQ] = value
  }

  get holeBytes(): number {
    return this.#numbers[this.#at + HOLE_BYTES]!
  }

  set holeBytes(value: number) {
    this.#numbers[this.#at + HOLE_BYTES] = value
  }

  get waitingSince(): number {
    return this.#numbers[this.#at + WAITING_SINCE]!
  }

  set waitingSince(value: number) {
    this.#numbers[this.#at + WAITING_SINCE] = value
  }

  /**
   * nothing waits any more for its bytes before this sequence number: the opposite half has them, and we may have lost
   * them; -1 none
   */
  get missedTo(): number {
    return this.#numbers[this.#at + MISSED_TO]!
  }

  set missedTo(value: number) {
    this.#numbers[this.#at + MISSED_TO] = value
  }

  /** `Framing.state` */
  get framingState(): number {
    return this.#words[2 * this.#at + FRAMING_STATE]!
  }

  set framingState(value: number) {
    this.#words[2 * this.#at + FRAMING_STATE] = value
  }

  /** what the engine may do where a PDU may begin: MODE_ */
  set mode(value: number) {
    const at = 2 * this.#at + MODE
    this.#words[at] = (this.#words[at]! & ~MODE_MASK) | value
  }

  /** segments with payload that were probed in vain */
  get probed(): number {
    return this.#words[2 * this.#at + MODE]! >> PROBED_SHIFT
  }

  set probed(value: number) {
    const at = 2 * this.#at + MODE
    this.#words[at] = (this.#words[at]! & MODE_MASK) | (Math.min(value, PROBED_MAX) << PROBED_SHIFT)
  }

  /** `Framing.pending` */
  get pending(): number {
    return this.#numbers[this.#at + PENDING]!
  }

  set pending(value: number) {
    this.#numbers[this.#at + PENDING] = value
  }

  /**
   * Its FIN was seen and nothing before it can still come: the opposite half has acknowledged it, or all of it is here.
   */
  get isOver(): boolean {
    if (this.endSeq < 0) return false
    if (this.unclaimed || this.nextSeq < 0 || seqDistance(this.nextSeq, this.endSeq) <= 0) return true
    const { ackSent } = this.peer
    return ackSent >= 0 && seqDistance(this.endSeq, ackSent) > 0
  }

  /** Who sends it, as far as framing knows. */
  get side(): Side {
    return this.connection.hint(this.from)
  }

  /** Drops every byte held for a message that is not complete. */
  release(): void {
    this.clearPdu()
    this.clearKept()
    this.clearStray()
    this.giveBack()
  }

  clearPdu(): void {
    this.pduLeft = 0
    this.keepLeft = 0
    this.more = false
    this.unwanted = false
    this.scanned = 0
    this.headLength = 0
  }

  clearKept(): void {
    this.keptLength = 0
  }

  /** Returns the buffers that hold nothing: only a message in progress needs one. */
  giveBack(): void {
    if (this.headLength === 0 && this.head !== NOTHING) {
      pool(this.head)
      this.head = NOTHING
    }
    if (this.#stray?.length === 0) {
      if (this.#stray.bytes !== NOTHING) pool(this.#stray.bytes)
      this.#stray = null
    }
    if (this.keptLength === 0 && this.kept !== NOTHING) {
      pool(this.kept)
      this.kept = NOTHING
    }
  }

  /** Remembers that the next `count` bytes were taken for lost. */
  steppedOver(count: number): void {
    this.holeSeq = this.nextSeq
    this.holeBytes = count
  }

  /** How many of `length` bytes, `old` bytes behind, fill that hole in its order: they were late, not lost. */
  lateBytes(old: number, length: number): number {
    if (this.holeBytes === 0 || (this.nextSeq - old) >>> 0 !== this.holeSeq) return 0
    const late = Math.min(length, this.holeBytes)
    this.holeSeq = (this.holeSeq + late) >>> 0
    this.holeBytes -= late
    return late
  }

  appendHead(bytes: Uint8Array, start: number, end: number): void {
    this.head = roomFor(this.head, this.headLength, end - start)
    this.head.set(bytes.subarray(start, end), this.headLength)
    // numbers of an array of 64 bits would make a field of 64 bits of it, and all code around it anew
    this.headLength = (this.headLength + end - start) | 0
  }

  appendStray(bytes: Uint8Array, start: number, end: number): void {
    this.#stray ??= { bytes: NOTHING, length: 0, wanted: 0 }
    const stray = this.#stray
    stray.bytes = roomFor(stray.bytes, stray.length, end - start)
    stray.bytes.set(bytes.subarray(start, end), stray.length)
    stray.length = (stray.length + end - start) | 0
  }

  /** Holds these and no others; they may be a part of those that are held. */
  holdStray(bytes: Uint8Array, start: number, end: number): void {
    if (bytes === this.#stray?.bytes) {
      bytes.copyWithin(0, start, end)
      this.#stray.length = (end - start) | 0
    } else {
      this.clearStray()
      this.appendStray(bytes, start, end)
    }
  }

  appendKept(bytes: Uint8Array, start: number, end: number): void {
    this.kept = roomFor(this.kept, this.keptLength, end - start)
    // a view of its own is as large as a small message
    const isWhole = start === 0 && end === bytes.length
    this.kept.set(isWhole ? bytes : bytes.subarray(start, end), this.keptLength)
    this.keptLength = (this.keptLength + end - start) | 0
  }
}

/** Neighbours of a half in a `WaitingList`. */
interface Place {
  behind: Half | null
  before: Half | null
}

/**
 * Halves in the order in which they began to wait. A Set would walk over all that have left it, each time that somebody
 * asks who is the first.
 */
export class WaitingList {
  first: Half | null = null
  #last: Half | null = null

  /** Behind all others; one that is in it keeps its place. */
  add(half: Half): void {
    if (half.waits !== null) return
    half.waits = { behind: this.#last, before: null }
    if (this.#last === null) this.first = half
    else this.#last.waits!.before = half
    this.#last = half
  }

  delete(half: Half): void {
    if (half.waits === null) return
    const { behind, before } = half.waits
    if (behind === null) this.first = before
    else behind.waits!.before = before
    if (before === null) this.#last = behind
    else before.waits!.behind = behind
    half.waits = null
  }
}

const NOBODY: WaitingSegment[] = []
