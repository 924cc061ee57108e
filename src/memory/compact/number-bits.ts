/**
 * Five bits for each of many numbers below 2^26, in one array of four bytes each: a map of small numbers takes 46 bytes
 * an entry.
 *
 * Open addressing: where the place of a number is taken, it stands in the next one that is free. Nothing is deleted.
 */

/** bits of one number */
const BITS = 5
const BITS_MASK = (1 << BITS) - 1
const PLACES_MIN = 8
/** spreads numbers that follow each other, 2^32 by the golden ratio */
const SPREAD = 0x9e3779b1

export class NumberBits {
  size = 0
  #places = new Uint32Array(PLACES_MIN)

  /** Undefined: it has none, not even 0. */
  get(number: number): number | undefined {
    const word = this.#places[this.#placeOf(number)]!
    return word === 0 ? undefined : word & BITS_MASK
  }

  /** Gives it these bits besides those that it has, 0 to 31. */
  add(number: number, bits: number): void {
    const at = this.#placeOf(number)
    const word = this.#places[at]!
    if (word !== 0) {
      this.#places[at] = word | bits
      return
    }
    this.#places[at] = (((number + 1) << BITS) | bits) >>> 0
    this.size++
    if (this.size * 4 > this.#places.length * 3) this.#grow()
  }

  /** Each number with its bits, in no order. */
  *[Symbol.iterator](): Generator<readonly [number: number, bits: number]> {
    for (const word of this.#places) if (word !== 0) yield [(word >>> BITS) - 1, word & BITS_MASK]
  }

  /** Where it stands, or where it would. */
  #placeOf(number: number): number {
    const mask = this.#places.length - 1
    let at = (Math.imul(number, SPREAD) >>> 8) & mask
    while (this.#places[at] !== 0 && this.#places[at]! >>> BITS !== number + 1) at = (at + 1) & mask
    return at
  }

  #grow(): void {
    const before = this.#places
    this.#places = new Uint32Array(before.length * 2)
    for (const word of before) if (word !== 0) this.#places[this.#placeOf((word >>> BITS) - 1)] = word
  }
}
