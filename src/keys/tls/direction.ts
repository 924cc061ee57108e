/**
 * One direction of a TLS connection that is being followed: its bytes, its keys, and what waits.
 */
import { JoinedBytes } from '../../memory/joined-bytes.ts'
import type { RecordKeys } from './records.ts'
import type { Rooms } from './rooms.ts'

/** Which keys a direction has. TLS up to 1.2 knows `clear` and `traffic`. */
export type Phase = 'clear' | 'early' | 'handshake' | 'traffic'

/** One direction. */
export class Direction {
  readonly from: 0 | 1
  /** bytes of a record that is not whole, or in which the next one is looked for */
  buffer: Buffer = NOTHING
  length = 0
  /** bytes of a record that has a hole, still to be stepped over */
  skip = 0
  keys: RecordKeys | null = null
  phase: Phase = 'clear'
  /** TLS 1.3: of the present keys */
  secret: Buffer | null = null
  /** keys to come with ChangeCipherSpec, up to TLS 1.2 */
  pending: RecordKeys | null = null
  /** the rest of this record is under the present keys, what follows under the next ones */
  nextPhase: Phase | 'update' | null = null
  /** null: none ever waited */
  held: HeldRecords | null = null
  /** of a handshake message that goes on in the next record */
  readonly message = new JoinedBytes()
  searching = false
  /** bytes from the end of the last record that opened to the start of `buffer`; UNCOUNTED_BYTES */
  lost = 0
  trials = 0
  /** in `buffer`, bytes that were looked at, and places where a record may begin that is not whole yet */
  scanned = 0
  places: number[] = []
  hadGap = false
  /** its first handshake message was seen */
  hasBegun = false
  dead = false
  /** plain text was given */
  hasSpoken = false
  /** bytes of plain text to come that nobody wants, and those of the same message that came before them */
  idle = 0
  passed = 0
  /** bytes of the latest record of data that was opened: those of a long message are alike */
  usual = 0

  readonly #rooms: Rooms

  constructor(from: 0 | 1, rooms: Rooms) {
    this.from = from
    this.#rooms = rooms
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.length + end - start
    const before = this.buffer
    if (needed > before.length) {
      this.buffer = this.#rooms.take(Math.max(needed, 2 * before.length))
      before.copy(this.buffer, 0, 0, this.length)
    }
    this.buffer.set(bytes.subarray(start, end), this.length)
    // what is appended may have stood in it
    if (this.buffer !== before) this.#rooms.give(before)
    this.length = needed
  }

  /** Bytes of memory that it holds. */
  get room(): number {
    return this.buffer.length + this.message.room + (this.held?.room ?? 0)
  }

  /** Gives back what is empty. */
  trim(): void {
    if (this.length === 0) this.buffer = NOTHING
    else this.buffer = Buffer.from(this.buffer.subarray(0, this.length))
  }

  /** The bytes in the buffer are of no use. */
  forget(): void {
    this.length = 0
    this.scanned = 0
    this.places = []
  }

  /** `count` bytes at the start of the buffer are done with. */
  shift(count: number): void {
    if (count === 0) return
    this.buffer.copyWithin(0, count, this.length)
    this.length -= count
    if (this.length === 0) this.leave()
  }

  /** Its room is for others. */
  leave(): void {
    this.#rooms.give(this.buffer)
    this.buffer = NOTHING
    this.length = 0
  }
}

/** A record that waits, and where it stood. */
export interface HeldRecord {
  readonly bytes: Buffer
  readonly time: number
  readonly frame: number
}

/** Records that wait, the first one first: as bytes behind each other, since the shortest have five. */
export class HeldRecords {
  readonly #bytes = new JoinedBytes()
  /** of each length, time and frame */
  readonly #places: number[] = []
  #first = 0
  #firstAt = 0

  get count(): number {
    return (this.#places.length - this.#first) / PLACE_NUMBERS
  }

  /** Bytes that wait. */
  get length(): number {
    return this.#bytes.length - this.#firstAt
  }

  /** Bytes of memory that they take. */
  get room(): number {
    return this.#bytes.room + 8 * this.#places.length
  }

  /** Frame of the first one. */
  get firstFrame(): number {
    return this.#places[this.#first + 2]!
  }

  /** The first one, borrowed. */
  get firstBytes(): Buffer {
    return this.#bytes.view.subarray(this.#firstAt, this.#firstAt + this.#places[this.#first]!)
  }

  add(bytes: Uint8Array, time: number, frame: number): void {
    this.#bytes.add(bytes)
    this.#places.push(bytes.length, time, frame)
  }

  /** A copy: others may come while it is read. */
  shift(): HeldRecord {
    const bytes = Buffer.from(this.firstBytes)
    const time = this.#places[this.#first + 1]!
    const frame = this.firstFrame
    this.#first += PLACE_NUMBERS
    this.#firstAt += bytes.length
    if (this.count === 0) this.clear()
    return { bytes, time, frame }
  }

  clear(): void {
    this.#bytes.clear()
    this.#places.length = 0
    this.#first = 0
    this.#firstAt = 0
  }
}

const PLACE_NUMBERS = 3

const NOTHING = Buffer.alloc(0)
