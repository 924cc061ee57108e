/** Seeded numbers (xorshift32) and bytes: the same mix on every machine. */

export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0 || 1
  }

  /** 0 to 2^32 - 1 */
  next(): number {
    let state = this.#state
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state
    return state >>> 0
  }

  below(count: number): number {
    return this.next() % count
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  /** 0 to 1 */
  unit(): number {
    return this.next() / 4_294_967_296
  }

  /** Exponential, mean 1, at most 6: a few long flows and many short ones. */
  exponential(): number {
    return Math.min(6, -Math.log(1 - this.unit()))
  }
}

/** What stands for encrypted, compressed and other content: a megabyte from which every packet takes another piece. */
export function contentPool(seed: number): Uint8Array {
  const random = new Random(seed)
  const words = new Uint32Array(1 << 18)
  for (let at = 0; at < words.length; at++) words[at] = random.next()
  return new Uint8Array(words.buffer)
}
