import { expect, it } from 'vitest'
import { Few } from '../../../src/memory/few.ts'

it('is a map, with few entries and with many', () => {
  let seed = 7
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return (seed >>> 8) % below
  }
  for (const keys of [2, 4, 5, 12]) {
    const few = new Few<number>()
    const map = new Map<string, number>()
    for (let round = 0; round < 2000; round++) {
      const key = `k${random(keys)}`
      const value = random(3)
      switch (random(6)) {
        case 0:
        case 1:
          few.set(key, value)
          map.set(key, value)
          break
        case 2:
          few.delete(key)
          map.delete(key)
          break
        case 3:
          few.deleteOldest()
          for (const first of map.keys()) {
            map.delete(first)
            break
          }
          break
        case 4:
          few.deleteAll(value)
          for (const [one, its] of map) if (its === value) map.delete(one)
          break
      }
      expect(few.size).toBe(map.size)
      for (let at = 0; at < keys; at++) expect(few.get(`k${at}`)).toBe(map.get(`k${at}`))
      expect(few.has(value)).toBe([...map.values()].includes(value))
    }
  }
})
