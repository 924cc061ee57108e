/**
 * A bounded, sticky reader over borrowed bytes.
 *
 * A read past the end does not throw: it returns 0 or an empty view, parks the cursor at the end and sets `failed`. The
 * decoder reads a whole structure and asks `failed` once. `sub(n)` gives a cursor over exactly n bytes, so that a
 * decoder cannot wander into the next structure. Views returned by `take` and `rest` are borrowed: valid as long as the
 * input is.
 */
export class Cursor {
  readonly bytes: Uint8Array
  readonly end: number
  pos: number
  failed: boolean

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes
    this.end = Math.min(end, bytes.length)
    this.pos = Math.min(start, this.end)
    // here, and not beside its type: V8 calls what stands there as a function of its own
    this.failed = false
  }

  get remaining(): number {
    return this.end - this.pos
  }

  u8(): number {
    const at = this.#advance(1)
    return at < 0 ? 0 : this.bytes[at]!
  }

  u16le(): number {
    const at = this.#advance(2)
    return at < 0 ? 0 : this.bytes[at]! | (this.bytes[at + 1]! << 8)
  }

  u16be(): number {
    const at = this.#advance(2)
    return at < 0 ? 0 : (this.bytes[at]! << 8) | this.bytes[at + 1]!
  }

  u32le(): number {
    const at = this.#advance(4)
    if (at < 0) return 0
    const b = this.bytes
    return (b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24)) >>> 0
  }

  u32be(): number {
    const at = this.#advance(4)
    if (at < 0) return 0
    const b = this.bytes
    return ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0
  }

  skip(count: number): void {
    this.#advance(count)
  }

  /** A borrowed view of the next `count` bytes; empty when they are not there. */
  take(count: number): Uint8Array {
    const at = this.#advance(count)
    return at < 0 ? NOTHING : this.bytes.subarray(at, at + count)
  }

  /** A cursor over exactly the next `count` bytes; an empty, failed one when they are not there. */
  sub(count: number): Cursor {
    const at = this.#advance(count)
    if (at >= 0) return new Cursor(this.bytes, at, at + count)
    const empty = new Cursor(NOTHING)
    empty.failed = true
    return empty
  }

  rest(): Uint8Array {
    return this.take(this.remaining)
  }

  #advance(count: number): number {
    const at = this.pos
    if (this.failed || count < 0 || at + count > this.end) {
      this.failed = true
      this.pos = this.end
      return -1
    }
    this.pos = at + count
    return at
  }
}

/** Four bytes in network order where they are known to be there: for `probe` and `frame`, which make no Cursor. */
export function u32beAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

const NOTHING = new Uint8Array(0)
