/**
 * Whole numbers (stretches of time) as runs of numbers that follow each other: first and last of each, in one list. Who
 * authenticates all day has one run, and many have the same one.
 */

export const NO_RUNS: readonly number[] = Object.freeze([])

export function isInRuns(runs: readonly number[], number: number): boolean {
  // what is asked for is mostly what came last
  for (let at = runs.length - 2; at >= 0; at -= 2) if (number >= runs[at]! && number <= runs[at + 1]!) return true
  return false
}

/** The runs with this number: the same list where they hold it. */
export function withNumber(runs: readonly number[], number: number): readonly number[] {
  if (isInRuns(runs, number)) return runs
  for (let at = runs.length - 2; at >= 0; at -= 2) {
    if (runs[at + 1] === number - 1) return runs.with(at + 1, number)
    if (runs[at] === number + 1) return runs.with(at, number)
  }
  return runs.concat([number, number])
}
