/**
 * Lists that many authentications repeat (what was offered, the names of flags), each kept once: exchanges that wait
 * for their cause or are listed hold five of 150 bytes each otherwise. Bounded; a list for which there is no room stays
 * its owner's.
 */
import { LIMITS } from './limits.ts'

/** Offers and flags have at most a few dozen short names; what a stranger makes longer is not kept here. */
const NAMES_MAX = 40
const LENGTH_MAX = 1024

export class SharedLists {
  readonly #known = new Map<string, readonly (string | number)[]>()

  /** The same names (or numbers) in the same order: `list`, or one that was seen before. */
  of<T extends string | number>(list: readonly T[]): readonly T[] {
    if (list.length > NAMES_MAX) return list
    const key = list.join(' ')
    if (key.length > LENGTH_MAX) return list
    const known = this.#known.get(key) as readonly T[] | undefined
    if (known === undefined) {
      if (this.#known.size < LIMITS.sharedListsMax) this.#known.set(key, list)
      return list
    }
    // names from the wire may hold the blank that joins them
    return known.length === list.length && known.every((name, at) => name === list[at]) ? known : list
  }
}
