import { describe, expect, it } from 'vitest'
import { appended, deleteOldest, oldestKey, withLatest } from '../../../src/memory/bounded-map.ts'

describe('deleteOldest', () => {
  it('takes entries in the order in which they were set, whatever happens to the map meanwhile', () => {
    const map = new Map<number, number>()
    const order: number[] = []
    let next = 0
    // a generator with a small state: the same steps in every run
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31
      return seed % below
    }
    for (let step = 0; step < 20_000; step++) {
      const what = random(10)
      if (what < 5) {
        map.set(next, next)
        order.push(next++)
      } else if (what < 8) {
        const expected = order.shift()
        expect(deleteOldest(map)).toBe(expected)
      } else if (what === 8 && order.length > 0) {
        const [gone] = order.splice(random(order.length), 1)
        map.delete(gone!)
      } else if (order.length > 0) {
        // set anew: it is the youngest now
        const [moved] = order.splice(random(order.length), 1)
        map.delete(moved!)
        map.set(moved!, moved!)
        order.push(moved!)
      }
      if (step % 5000 === 4999) {
        map.clear()
        order.length = 0
      }
    }
    expect([...map.keys()]).toEqual(order)
  })

  it('finds nothing in an empty map, and what is set after that', () => {
    const map = new Map<string, number>()
    expect(deleteOldest(map)).toBeUndefined()
    map.set('a', 1)
    expect(deleteOldest(map)).toBe(1)
    expect(deleteOldest(map)).toBeUndefined()
    map.set('b', 2).set('c', 3)
    expect(deleteOldest(map)).toBe(2)
    expect(map.size).toBe(1)
  })
})

describe('oldestKey', () => {
  it('is the key that deleteOldest takes next, however often it is asked, and what is set anew is the youngest', () => {
    const map = new Map<string, number>()
    expect(oldestKey(map)).toBeUndefined()
    map.set('a', 1).set('b', 2).set('c', 3)
    expect([oldestKey(map), oldestKey(map)]).toEqual(['a', 'a'])
    expect(deleteOldest(map)).toBe(1)
    map.set('a', 4)
    expect([oldestKey(map), deleteOldest(map), deleteOldest(map)]).toEqual(['b', 2, 3])
    expect([oldestKey(map), deleteOldest(map), oldestKey(map)]).toEqual(['a', 4, undefined])
  })
})

describe('appended', () => {
  it('gives another list with one more, of whatever length', () => {
    let list: readonly (number | string)[] = Object.freeze([])
    for (let count = 1; count <= 9; count++) {
      const before = [...list]
      const more = appended(list, count % 3 === 0 ? `${count}` : count)
      expect(list).toEqual(before)
      expect(more).toEqual([...before, count % 3 === 0 ? `${count}` : count])
      list = more
    }
    expect(appended<readonly number[]>([[1]], [2, 3])).toEqual([[1], [2, 3]])
    for (let max = 1; max < 6; max++) expect(withLatest([1, 2, 3, 4], 5, max)).toEqual([1, 2, 3, 4, 5].slice(-max))
  })
})
