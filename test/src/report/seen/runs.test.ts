import { describe, expect, it } from 'vitest'
import { isInRuns, NO_RUNS, withNumber } from '../../../../src/report/seen/runs.ts'

describe('runs of numbers', () => {
  it('holds the numbers that were given, and no others', () => {
    const given = [7, 8, 3, 9, 2, 12, 10, 8, 20]
    const runs = given.reduce(withNumber, NO_RUNS)
    for (let number = 0; number < 25; number++) expect(isInRuns(runs, number)).toBe(given.includes(number))
  })

  it('is one run where each number follows the last', () => {
    const runs = Array.from({ length: 1000 }, (_, at) => at).reduce(withNumber, NO_RUNS)
    expect(runs).toEqual([0, 999])
    expect(withNumber(runs, 5)).toBe(runs)
  })
})
