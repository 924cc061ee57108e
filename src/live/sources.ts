/**
 * Bytes that come while they are read: those of a pipe or of a child, and those that we write ourselves as they come.
 */
import type { Readable } from 'node:stream'
import { type ByteSource, StreamSource } from '../capture/source.ts'

/** How much may wait to be read before whoever writes is asked to stop for a moment. */
const WAITING_MAX = 8 << 20

/** What is put in comes out. */
export class QueueSource implements ByteSource {
  readonly fault = null
  readonly readNow = null
  consumed = 0
  #chunks: Uint8Array[] = []
  #waiting = 0
  #isEnded = false
  #wake = () => {}
  #drained = () => {}

  put(bytes: Uint8Array): void {
    if (this.#isEnded || bytes.length === 0) return
    this.#chunks.push(bytes)
    this.#waiting += bytes.length
    this.#wake()
  }

  /** Nothing comes any more. */
  end(): void {
    this.#isEnded = true
    this.#wake()
  }

  /** Resolves when there is room. */
  async room(): Promise<void> {
    if (this.#waiting <= WAITING_MAX) return
    await new Promise<void>((done) => {
      this.#drained = done
    })
  }

  async read(target: Uint8Array, offset: number, length: number): Promise<number> {
    while (this.#chunks.length === 0) {
      if (this.#isEnded) return 0
      await new Promise<void>((done) => {
        this.#wake = done
      })
    }
    let count = 0
    while (count < length && this.#chunks.length > 0) {
      const chunk = this.#chunks[0]!
      const taken = chunk.subarray(0, length - count)
      target.set(taken, offset + count)
      count += taken.length
      if (taken.length === chunk.length) this.#chunks.shift()
      else this.#chunks[0] = chunk.subarray(taken.length)
    }
    this.#waiting -= count
    this.consumed += count
    if (this.#waiting <= WAITING_MAX) this.#drained()
    return count
  }

  again(): null {
    return null
  }

  close(): Promise<void> {
    this.#chunks = []
    this.#waiting = 0
    this.end()
    this.#drained()
    return Promise.resolve()
  }
}

/** A stream whose end is told when what closes it has been said as well. */
export class ClosingSource implements ByteSource {
  readonly readNow = null
  readonly #stream: Readable
  readonly #source: StreamSource
  readonly #closed: Promise<unknown>

  constructor(stream: Readable, closed: Promise<unknown>) {
    this.#stream = stream
    this.#source = new StreamSource(stream)
    this.#closed = closed
  }

  /** a stream that was cut, and did not fail, has only ended */
  get fault(): string | null {
    return this.#stream.errored === null ? null : this.#source.fault
  }

  get consumed(): number {
    return this.#source.consumed
  }

  async read(target: Uint8Array, offset: number, length: number): Promise<number> {
    const count = await this.#source.read(target, offset, length)
    if (count === 0) await this.#closed
    return count
  }

  again(): null {
    return null
  }

  close(): Promise<void> {
    return this.#source.close()
  }
}
