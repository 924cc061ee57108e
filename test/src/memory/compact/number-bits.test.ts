import { describe, expect, it } from 'vitest'
import { NumberBits } from '../../../../src/memory/compact/number-bits.ts'

describe('bits of numbers', () => {
  it('holds what a map would hold', () => {
    const bits = new NumberBits()
    const expected = new Map<number, number>()
    let seed = 1
    for (let step = 0; step < 20_000; step++) {
      seed = Math.imul(seed, 1_103_515_245) + 12_345
      const number = (seed >>> 6) % (step % 2 === 0 ? 5000 : 1 << 26)
      const more = seed & 31
      expect(bits.get(number)).toBe(expected.get(number))
      bits.add(number, more)
      expected.set(number, (expected.get(number) ?? 0) | more)
    }
    expect(bits.size).toBe(expected.size)
    expect(new Map(bits)).toEqual(expected)
  })

  it('knows the first number and the last one, with no bits too', () => {
    const bits = new NumberBits()
    expect(bits.get(0)).toBeUndefined()
    bits.add(0, 0)
    bits.add((1 << 26) - 1, 31)
    expect([...bits].sort(([a], [b]) => a - b)).toEqual([
      [0, 0],
      [(1 << 26) - 1, 31],
    ])
    expect(bits.get(0)).toBe(0)
  })
})
