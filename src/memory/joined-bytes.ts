/**
 * Bytes that come in pieces and are wanted as one: a piece of one byte costs one byte, where a buffer of its own costs
 * a hundred. Room is made for twice as many as are there.
 */
export class JoinedBytes {
  length = 0
  #bytes: Buffer = NOTHING

  /** Bytes of memory that it holds. */
  get room(): number {
    return this.#bytes.length
  }

  /** All of them: borrowed until the next change. */
  get view(): Buffer {
    return this.#bytes.subarray(0, this.length)
  }

  add(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const needed = this.length + end - start
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length, BYTES_MIN))
      this.#bytes.copy(larger, 0, 0, this.length)
      this.#bytes = larger
    }
    this.#bytes.set(bytes.subarray(start, end), this.length)
    this.length = needed
  }

  /** `count` bytes at the start are done with. */
  shift(count: number): void {
    if (count >= this.length) {
      this.clear()
      return
    }
    this.#bytes.copyWithin(0, count, this.length)
    this.length -= count
  }

  /** All of them, which leaves none here. */
  take(): Buffer {
    const { view } = this
    this.clear()
    return view
  }

  clear(): void {
    this.#bytes = NOTHING
    this.length = 0
  }
}

const NOTHING = Buffer.alloc(0)
/** half a hello */
const BYTES_MIN = 256
