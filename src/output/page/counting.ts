/**
 * Counting for reports: records of counts, groups, the largest first.
 */
import { compareText } from '../../facts/words/text-order.ts'

/** By how much `value` counts each element. */
export function total<T>(list: readonly T[], value: (element: T) => number): number {
  return list.reduce((sum, element) => sum + value(element), 0)
}

export function distinct(names: readonly string[]): string[] {
  return [...new Set(names)]
}

/** How many elements have each key; null is not counted. `order` puts the known keys first. */
export function countBy<T>(list: readonly T[], key: (element: T) => string | null, order: readonly string[] = []) {
  const counts: Record<string, number> = {}
  for (const name of order) counts[name] = 0
  for (const element of list) {
    const name = key(element)
    if (name !== null) counts[name] = (counts[name] ?? 0) + 1
  }
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
}

export function groupBy<T>(list: readonly T[], key: (element: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const element of list) {
    const group = groups.get(key(element))
    if (group === undefined) groups.set(key(element), [element])
    else group.push(element)
  }
  return [...groups.values()]
}

export function sumRecords(records: readonly Readonly<Record<string, number | undefined>>[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const record of records) {
    for (const [name, count] of Object.entries(record)) if (count) sums[name] = (sums[name] ?? 0) + count
  }
  return sums
}

/** Largest first, then by name. */
export function byCount(counts: Readonly<Record<string, number | undefined>>): [string, number][] {
  return Object.entries(counts)
    .filter((entry): entry is [string, number] => (entry[1] ?? 0) > 0)
    .sort(([nameA, a], [nameB, b]) => b - a || compareText(nameA, nameB))
}
