/**
 * What a run has entered so far, so that it can be looked at before its end. Bounded: of a long run it holds the last
 * entries alone, and says how many it lacks.
 */
import type { BookEntry } from '../run/book.ts'

const ENTRIES_MAX = 10_000

export class Journal {
  #entries: BookEntry[] = []
  /** entries that are not held any more */
  forgotten = 0

  add(entry: BookEntry): void {
    this.#entries.push(entry)
    if (this.#entries.length < 2 * ENTRIES_MAX) return
    this.forgotten += ENTRIES_MAX
    this.#entries = this.#entries.slice(ENTRIES_MAX)
  }

  get entries(): readonly BookEntry[] {
    return this.#entries
  }
}
