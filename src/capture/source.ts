/**
 * Where the bytes of a capture come from: a file or a stream, and the buffer through which the readers see them.
 *
 * A file is read when its bytes are needed, into one buffer that stays in the cache of the processor. Of what may keep
 * us waiting `BlockBuffer` reads ahead: while a reader works on one buffer, the next read goes into the other. An
 * incomplete record at the end of the old bytes is copied in front of the new ones, into room reserved there, so that
 * the read itself needs no copy.
 *
 * Does not know formats; decompression is in gzip.ts. What `bytes` shows between `pos` and `end` is valid until the
 * next `fill`.
 */
import * as fs from 'node:fs'
import type { Readable } from 'node:stream'
import { LIMITS } from '../memory/limits.ts'
import type { FastPath } from './packet.ts'

/** A run of bytes that ends once. Its methods do not throw and do not reject: what goes wrong becomes `fault`. */
export interface ByteSource {
  /** Puts up to `length` bytes at `offset` as soon as there are any; 0: the end, or a fault. */
  read(target: Uint8Array, offset: number, length: number): Promise<number>
  /** The same at once, where it waits for nobody; null: it may wait */
  readonly readNow: ((target: Uint8Array, offset: number, length: number) => number) | null
  /** why the bytes ended early, as one line; null: they did not */
  readonly fault: string | null
  /** bytes taken out of the capture file itself (compressed ones, if it is compressed) */
  readonly consumed: number
  /** The same bytes once more, from `offset` on; null where they come only once. Valid until `close`. */
  again(offset: number): ByteSource | null
  close(): Promise<void>
}

/** The longest record plus its headers: more is never asked of a buffer. */
const ROOM_MAX = LIMITS.recordBytesMax + 4096

const NOTHING = new Uint8Array(0)

export class BlockBuffer {
  bytes: Uint8Array
  /** first byte not yet used, and the end of what has been read */
  pos: number
  end: number
  /** nothing comes after `end` any more */
  ended = false
  /** how often bytes came in: what stood in `bytes` before is not what stands there now */
  block = 0
  readonly source: ByteSource
  readonly #readBytes: number
  /** room in front of where a read goes, for the incomplete record before it */
  #reserve: number
  /** offset in the stream of `bytes[0]`; below zero as long as nothing stands in the reserve */
  #base: number
  #other: Uint8Array | null = null
  #ahead: Promise<number> | null = null
  /** whose memory the bytes stand in, as long as it has some of the right size */
  readonly #fast: FastPath | null

  constructor(source: ByteSource, readBytes: number = LIMITS.readBytes, fast: FastPath | null = null) {
    this.source = source
    this.#fast = fast
    this.#readBytes = readBytes
    this.#reserve = readBytes >> 2
    this.bytes = NOTHING
    this.pos = 0
    this.end = 0
    this.#base = 0
  }

  /** offset in the (decompressed) stream of the byte at `pos` */
  get offset(): number {
    return this.#base + this.pos
  }

  /**
   * Reads until `wanted` bytes follow `pos` or the stream ends; true: they are there. `wanted` is at most
   * LIMITS.recordBytesMax and a header. A promise only where the source may wait.
   */
  fill(wanted: number): boolean | Promise<boolean> {
    // what is there must not wait for what comes: a pipe may be silent for hours
    if (this.ended || this.end - this.pos >= wanted) return this.end - this.pos >= wanted
    const { readNow } = this.source
    return readNow === null ? this.#fillLater(wanted) : this.#fillNow(readNow, wanted)
  }

  /**
   * Measured on 1 GB in the page cache, reading and walking the records, processor time: 0.52 s with 256 KiB at once,
   * 0.54 s with 1 MiB, 0.66 s with 64 KiB; read ahead in another thread the same bytes cost 0.2 s more, and the time of
   * a core that the other half of a run needs.
   */
  #fillNow(readNow: NonNullable<ByteSource['readNow']>, wanted: number): boolean {
    while (!this.ended && this.end - this.pos < wanted) {
      const tail = this.end - this.pos
      if (tail > this.#reserve || this.bytes.length < this.#reserve + this.#readBytes) this.#enlarge(tail, wanted)
      const start = this.#reserve - tail
      this.#base = this.offset - start
      this.bytes.copyWithin(start, this.pos, this.end)
      const count = readNow(this.bytes, this.#reserve, this.#readBytes)
      if (count === 0) this.ended = true
      this.pos = start
      this.end = this.#reserve + count
      this.block++
    }
    return this.end - this.pos >= wanted
  }

  /** Room in front for a longer incomplete record; what is there keeps its place. */
  #enlarge(tail: number, wanted: number): void {
    if (tail > this.#reserve) this.#reserve = Math.min(Math.max(2 * this.#reserve, tail, wanted), ROOM_MAX)
    const larger = this.#room(Math.max(this.#reserve + this.#readBytes, this.end))
    larger.set(this.bytes.subarray(this.pos, this.end), this.pos)
    this.#fast?.freeBlock(this.bytes)
    this.bytes = larger
  }

  async #fillLater(wanted: number): Promise<boolean> {
    if (!this.ended && this.end - this.pos < wanted) {
      const fresh = this.#other ?? this.#room(this.#reserve + this.#readBytes)
      const count = await (this.#ahead ?? this.source.read(fresh, this.#reserve, this.#readBytes))
      this.#ahead = null
      this.#join(fresh, count, Math.min(wanted, ROOM_MAX))
      if (count === 0) this.ended = true
      while (!this.ended && this.end - this.pos < wanted && this.end < this.bytes.length) {
        const more = await this.source.read(this.bytes, this.end, this.bytes.length - this.end)
        if (more === 0) this.ended = true
        this.end += more
        this.block++
      }
      if (!this.ended) this.#readAhead()
    }
    return this.end - this.pos >= wanted
  }

  /** Drops everything: the reader has met damage and wants no more. */
  stop(): void {
    this.#base += this.pos
    this.pos = 0
    this.end = 0
    this.ended = true
  }

  async close(): Promise<void> {
    this.stop()
    await this.source.close()
    // a read that nobody waits for any more may still write into them
    if (this.#ahead !== null) return
    for (const bytes of [this.bytes, this.#other]) if (bytes !== null) this.#fast?.freeBlock(bytes)
    this.bytes = NOTHING
    this.#other = null
  }

  #room(bytes: number): Uint8Array {
    return this.#fast?.block(bytes) ?? new Uint8Array(bytes)
  }

  /** Puts the unused tail of `bytes` in front of the `count` new bytes in `fresh`, and makes that the buffer. */
  #join(fresh: Uint8Array, count: number, wanted: number): void {
    const tail = this.end - this.pos
    const offset = this.offset
    const old = this.bytes
    let start = this.#reserve - tail
    let joined = fresh
    if (start < 0 || start + wanted > fresh.length) {
      // A record longer than the room: one larger buffer, and all later ones of that size.
      const reserve = Math.min(Math.max(2 * this.#reserve, tail, wanted), ROOM_MAX)
      joined = this.#room(Math.max(reserve, tail) + this.#readBytes)
      joined.set(fresh.subarray(this.#reserve, this.#reserve + count), tail)
      this.#fast?.freeBlock(fresh)
      start = 0
      this.#reserve = reserve
    }
    joined.set(old.subarray(this.pos, this.end), start)
    this.#base = offset - start
    this.bytes = joined
    this.pos = start
    this.end = start + tail + count
    this.block++
    this.#other = old
  }

  #readAhead(): void {
    if (this.#other === null || this.#other.length < this.#reserve + this.#readBytes) {
      if (this.#other !== null) this.#fast?.freeBlock(this.#other)
      this.#other = this.#room(this.#reserve + this.#readBytes)
    }
    this.#ahead = this.source.read(this.#other, this.#reserve, this.#readBytes)
  }
}

/** A file by its descriptor: measured faster than a stream of it, and the bytes arrive where they are wanted. */
export class FileSource implements ByteSource {
  fault: string | null = null
  consumed = 0
  readonly readNow: ByteSource['readNow']
  readonly #file: Descriptor
  /** null: the descriptor keeps the position (a pipe, standard input) */
  #position: number | null

  /** `isRegular`: a file on a disk, and no pipe, terminal or device that may keep us waiting */
  constructor(file: Descriptor, position: number | null, isRegular: boolean) {
    this.#file = file
    this.#position = position
    this.readNow = isRegular
      ? (target, offset, length) => this.#took(this.#file.readNow(target, offset, length, this.#position))
      : null
  }

  async read(target: Uint8Array, offset: number, length: number): Promise<number> {
    return this.#took(await this.#file.read(target, offset, length, this.#position))
  }

  #took({ count, error }: ReadResult): number {
    if (error !== null) this.fault = `reading failed (${error})`
    this.consumed += count
    if (this.#position !== null) this.#position += count
    return count
  }

  again(offset: number): ByteSource | null {
    return this.#position === null ? null : new FileSource(this.#file, offset, this.readNow !== null)
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

/** An open file, closed once no read of it is under way: its number may belong to another file a moment later. */
export class Descriptor {
  readonly #number: number
  readonly #owned: boolean
  #reads = 0
  #closing: (() => void) | null = null
  #closed: Promise<void> | null = null

  /** `owned`: to be closed by us, unlike standard input */
  constructor(number: number, owned: boolean) {
    this.#number = number
    this.#owned = owned
  }

  read(target: Uint8Array, offset: number, length: number, position: number | null): Promise<ReadResult> {
    if (this.#closed !== null) return Promise.resolve({ count: 0, error: null })
    this.#reads++
    return new Promise((resolve) => {
      fs.read(this.#number, target, offset, length, position, (error, count) => {
        if (--this.#reads === 0) this.#closing?.()
        resolve(error === null ? { count, error: null } : failedRead(error))
      })
    })
  }

  readNow(target: Uint8Array, offset: number, length: number, position: number | null): ReadResult {
    if (this.#closed !== null) return { count: 0, error: null }
    try {
      return { count: fs.readSync(this.#number, target, offset, length, position), error: null }
    } catch (error) {
      return failedRead(error as NodeJS.ErrnoException)
    }
  }

  close(): Promise<void> {
    if (this.#closed !== null) return this.#closed
    if (!this.#owned) {
      this.#closed = Promise.resolve()
      return this.#closed
    }
    this.#closed = new Promise((resolve) => {
      this.#closing = () => fs.close(this.#number, () => resolve())
      if (this.#reads === 0) this.#closing()
    })
    return this.#closed
  }
}

interface ReadResult {
  readonly count: number
  readonly error: string | null
}

/** Windows says EOF where others give 0 bytes. */
function failedRead({ code, message }: NodeJS.ErrnoException): ReadResult {
  return { count: 0, error: code === 'EOF' ? null : (code ?? message) }
}

/** A pipe or socket: gives what has arrived, when it arrives. */
export class StreamSource implements ByteSource {
  fault: string | null = null
  consumed = 0
  readonly readNow = null
  readonly #stream: Readable
  readonly #chunks: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array(0)
  #closed = false

  constructor(stream: Readable) {
    this.#stream = stream
    this.#chunks = stream[Symbol.asyncIterator]()
  }

  async read(target: Uint8Array, offset: number, length: number): Promise<number> {
    try {
      while (this.#chunk.length === 0) {
        const { value, done } = await this.#chunks.next()
        if (done === true) return 0
        this.#chunk = value
      }
    } catch (error) {
      if (!this.#closed) this.fault = `reading failed (${(error as NodeJS.ErrnoException).code ?? String(error)})`
      return 0
    }
    const count = Math.min(length, this.#chunk.length)
    target.set(this.#chunk.subarray(0, count), offset)
    this.#chunk = this.#chunk.subarray(count)
    this.consumed += count
    return count
  }

  again(): null {
    return null
  }

  /** Also ends a read that waits for a silent pipe. */
  close(): Promise<void> {
    this.#closed = true
    this.#stream.destroy()
    return Promise.resolve()
  }
}
