/** Counts by name of a closed list, as tens of thousands of rows have them: most count one thing once. */
import { LIMITS } from '../../memory/limits.ts'

export type Counts<K extends string = string> = Readonly<Record<string, number>> & { readonly [key in K]?: number }

export const NO_COUNTS: Counts<never> = Object.freeze({})

/**
 * `{ key: 1 }`, once for all: most pairs have one exchange, and six such objects of 56 bytes. The keys are those of
 * closed lists, or numbers that a server may choose (cipher suites): so many are kept.
 */
const ONCE = new Map<string, Counts>()

/** `counts` with one more of `key`: the same object unless that is a shared one. */
export function withCount<K extends string>(counts: Counts<K>, key: K): Counts<K> {
  if (counts === NO_COUNTS) return once(key) as Counts<K>
  const mine = (Object.isFrozen(counts) ? { ...counts } : counts) as Record<string, number>
  mine[key] = (mine[key] ?? 0) + 1
  return mine as Counts<K>
}

function once(key: string): Counts {
  let counts = ONCE.get(key)
  if (counts === undefined) {
    counts = Object.freeze({ [key]: 1 })
    if (ONCE.size < LIMITS.sharedListsMax) ONCE.set(key, counts)
  }
  return counts
}
