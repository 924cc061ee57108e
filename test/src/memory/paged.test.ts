/** Values by numbers that lie close together. */
import { describe, expect, it } from 'vitest'
import { Paged } from '../../../src/memory/paged.ts'
import { seededRandom } from '../../hostile.ts'

describe('paged values', () => {
  it('are what a Map has, in the order of their numbers', () => {
    const random = seededRandom(7)
    const paged = new Paged<{ readonly of: number }>()
    const map = new Map<number, { readonly of: number }>()
    for (let at = 0; at < 20_000; at++) {
      const number = (at >> 2) + (random() % 700)
      if (random() % 2 === 0) {
        const value = { of: at }
        paged.set(number, value)
        map.set(number, value)
      } else {
        paged.delete(number)
        map.delete(number)
      }
      expect(paged.get(number)).toBe(map.get(number) ?? null)
    }
    expect(paged.get(1 << 20)).toBeNull()
    const wanted = [...map].sort(([one], [other]) => one - other).map(([, value]) => value)
    expect([...paged]).toEqual(wanted)
  })
})
