/**
 * What a run has entered so far and what of it is not over, so that it can be looked at before its end. Bounded: of a
 * long run it holds the last ones, and more of those that somebody asks for; what was found before is told by the run.
 */
import type { AuthExchange } from '../facts/exchange.ts'
import type { BookEntry } from '../run/book.ts'

/** the last entries, and the last exchanges that are not over: between so many and twice as many, 1 to 3 kB each */
export const RECENT_MAX = 1000
/** older ones of those that somebody asks for */
export const CONCERNING_MAX = 4000

export class Journal {
  #entries: BookEntry[] = []
  #older = 0
  #provisional = new Map<string, AuthExchange>()
  #olderProvisional = 0
  readonly #concerns: (entry: BookEntry) => boolean

  /** `concerns`: is it one that somebody asks for? Asked when it gets old: names may be known by then */
  constructor(concerns: (entry: BookEntry) => boolean) {
    this.#concerns = concerns
  }

  add(entry: BookEntry): void {
    this.#entries.push(entry)
    if (this.#entries.length < this.#older + 2 * RECENT_MAX) return
    const older = this.#entries.slice(0, -RECENT_MAX).filter(this.#concerns).slice(-CONCERNING_MAX)
    this.#older = older.length
    this.#entries = older.concat(this.#entries.slice(-RECENT_MAX))
  }

  /** It is not over. */
  told(exchange: AuthExchange): void {
    this.#provisional.set(exchange.id, exchange)
    if (this.#provisional.size < this.#olderProvisional + 2 * RECENT_MAX) return
    const all = [...this.#provisional]
    const older = all.slice(0, -RECENT_MAX).filter(([, one]) => this.#concerns(entryOf(one)))
    const kept = older.slice(-CONCERNING_MAX)
    this.#olderProvisional = kept.length
    this.#provisional = new Map(kept.concat(all.slice(-RECENT_MAX)))
  }

  over({ id }: AuthExchange): void {
    this.#provisional.delete(id)
  }

  get length(): number {
    return this.#entries.length + this.#provisional.size
  }

  *entries(): Generator<BookEntry> {
    yield* this.#entries
    for (const exchange of this.#provisional.values()) yield entryOf(exchange)
  }
}

/** One that is not over: nobody can tell yet whether its challenge was another's. */
export const entryOf = (exchange: AuthExchange): BookEntry => ({ kind: 'exchange', exchange, marks: NO_MARKS })
const NO_MARKS = { challenge: null, response: null, machine: null }
