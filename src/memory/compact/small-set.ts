/**
 * A set of texts that mostly has one or two: a list until it has more. A set of one takes 150 bytes, this 50; none is
 * shared by all.
 */
import { appended } from '../bounded-map.ts'

/** Only `withOne` changes one. */
export type SmallSet = readonly string[] | ReadonlySet<string>

const FEW = 8

export const NO_ONE: SmallSet = Object.freeze([])

export function isIn(set: SmallSet, one: string): boolean {
  return set instanceof Set ? set.has(one) : (set as readonly string[]).includes(one)
}

/** The set with this text, which is not in it; the one that was given is over. */
export function withOne(set: SmallSet, one: string): SmallSet {
  if (set instanceof Set) return set.add(one)
  const list = set as readonly string[]
  return list.length < FEW ? appended(list, one) : new Set(list).add(one)
}

export function sizeOf(set: SmallSet): number {
  return set instanceof Set ? set.size : (set as readonly string[]).length
}
