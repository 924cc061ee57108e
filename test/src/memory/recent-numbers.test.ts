/** Beside a Map in which what is set again is deleted before. */
import { describe, expect, it } from 'vitest'
import { Random } from '../../../bench/random.ts'
import { RecentNumbers } from '../../../src/memory/recent-numbers.ts'

class Plain {
  readonly entries = new Map<number, number>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  set(key: number, value: number): number | undefined {
    const before = this.entries.get(key)
    this.entries.delete(key)
    this.entries.set(key, value)
    if (this.entries.size <= this.#max) return before
    const [oldest] = this.entries
    this.entries.delete(oldest![0])
    return oldest![1]
  }
}

describe('the entry that was set longest ago leaves', () => {
  it.each([1, 2, 16, 17, 100])('of at most %i', (max) => {
    const random = new Random(max)
    const ours = new RecentNumbers<number>(max)
    const plain = new Plain(max)
    for (let step = 0; step < 5000; step++) {
      // some are alike in their lower 32 bits
      const key = random.below(max * 2) + 2 ** 32 * random.below(3)
      expect(ours.get(key)).toBe(plain.entries.get(key))
      if (random.below(3) > 0) expect(ours.set(key, step)).toBe(plain.set(key, step))
      expect(ours.size).toBe(plain.entries.size)
    }
    for (const [key, value] of plain.entries) expect(ours.get(key)).toBe(value)
  })

  it('none is kept where there is no room', () => {
    const ours = new RecentNumbers<string>(0)
    expect(ours.set(1, 'one')).toBe('one')
    expect(ours.get(1)).toBeUndefined()
  })
})
