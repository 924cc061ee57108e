/**
 * How often an exchange was told while it was not over, and whether there is anything new in it. Bounded: of the oldest
 * ones it is forgotten what was said, and they may be told once more.
 */
import { hash } from 'node:crypto'
import type { AuthExchange } from '../facts/exchange.ts'
import { deleteOldest } from '../memory/bounded-map.ts'

/** open and waiting ones of a busy domain controller, with room; about 200 bytes each */
const TOLD_MAX = 32_768

export interface Told {
  readonly revision: number
  /** of what was said */
  readonly digest: string
  /** how far the packets were read, microseconds since 1970 */
  readonly at: number
}

export class Revisions {
  readonly #told: Map<string, Told>

  /** `told`: by `key`, of a run before this one */
  constructor(told: Iterable<readonly [string, Told]> = []) {
    this.#told = new Map(told)
  }

  get size(): number {
    return this.#told.size
  }

  entries(): Iterable<[string, Told]> {
    return this.#told.entries()
  }

  /**
   * The number of the next telling; null: nothing has changed since the last one, or what was read then is only being
   * read again. `at`: how far the packets were read.
   */
  provisional(exchange: AuthExchange, key: string, at: number): number | null {
    const digest = digestOfSaid(exchange)
    const before = this.#told.get(key)
    if (before !== undefined && (before.digest === digest || at < before.at)) return null
    const revision = (before?.revision ?? 0) + 1
    if (before === undefined && this.#told.size >= TOLD_MAX) deleteOldest(this.#told)
    this.#told.set(key, { revision, digest, at })
    return revision
  }

  /** The number of the last telling of all. */
  final(key: string): number {
    const revision = (this.#told.get(key)?.revision ?? 0) + 1
    this.#told.delete(key)
    return revision
  }
}

/** All but its end, which moves with every packet. */
function digestOfSaid(exchange: AuthExchange): string {
  return hash('sha256', JSON.stringify({ ...exchange, end: 0 }), 'hex').slice(0, 16)
}
