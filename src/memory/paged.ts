/**
 * Values by small whole numbers, of which those that are there at a time lie close together. A Map of 20,000 takes 1.8
 * MB, and doubles whenever half of what it has room for was deleted; an array as long as the largest number 2 MB.
 */
const PAGE_BITS = 8
const PAGE = 1 << PAGE_BITS

interface Page<Value> {
  readonly values: (Value | null)[]
  count: number
}

export class Paged<Value extends object> {
  readonly #pages: (Page<Value> | null)[] = []

  get(number: number): Value | null {
    return this.#pages[number >> PAGE_BITS]?.values[number & (PAGE - 1)] ?? null
  }

  set(number: number, value: Value): void {
    const at = number >> PAGE_BITS
    while (this.#pages.length <= at) this.#pages.push(null)
    this.#pages[at] ??= { values: new Array<Value | null>(PAGE).fill(null), count: 0 }
    const page = this.#pages[at]
    const place = number & (PAGE - 1)
    if (page.values[place] === null) page.count++
    page.values[place] = value
  }

  delete(number: number): void {
    const at = number >> PAGE_BITS
    const page = this.#pages[at] ?? null
    const place = number & (PAGE - 1)
    if (page === null || page.values[place] === null) return
    page.values[place] = null
    page.count--
    if (page.count === 0) this.#pages[at] = null
  }

  *[Symbol.iterator](): Generator<Value> {
    for (const page of this.#pages) {
      if (page === null) continue
      for (const value of page.values) if (value !== null) yield value
    }
  }
}
