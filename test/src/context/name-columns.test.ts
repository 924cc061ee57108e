/**
 * Names in columns: what comes out is what went in, also after places were given away again and the columns have grown.
 */
import { describe, expect, it } from 'vitest'
import { NameList, NO_NAME } from '../../../src/context/name-columns.ts'

describe('a list of names', () => {
  it('gives the places of those that left to new ones', () => {
    const names = new NameList()
    const a = names.add('a', 1, 10, 100)
    const b = names.add('b', 2, 20, 200)
    names.append(a, b)
    expect(names.remove(a)).toBe(b)
    const c = names.add('c', 3, 30, 300)
    expect(c).toBe(a)
    expect(names.next(c)).toBe(NO_NAME)
    expect([names.text(b), names.text(c), names.rank(c), names.first(c), names.last(c), names.frame(c)]).toEqual([
      'b',
      'c',
      3,
      30,
      30,
      300,
    ])
  })

  it('holds thousands, each with its own values', () => {
    const names = new NameList()
    const places = Array.from({ length: 5000 }, (_, at) => names.add(`h${at}`, at % 256, at * 1.5, at * 1e9))
    expect(new Set(places).size).toBe(5000)
    for (const [at, place] of places.entries()) {
      expect(names.text(place)).toBe(`h${at}`)
      expect(names.rank(place)).toBe(at % 256)
      expect(names.first(place)).toBe(at * 1.5)
      expect(names.frame(place)).toBe(at * 1e9)
    }
  })

  it('remembers the first frame, however late it is seen', () => {
    const names = new NameList()
    const at = names.add('a', 0, 20, 2)
    names.seen(at, 30, 3)
    names.seen(at, 10, 1)
    names.seen(at, 10, 9)
    expect([names.first(at), names.last(at), names.frame(at)]).toEqual([10, 30, 1])
  })
})
