import { describe, expect, it } from 'vitest'
import { NoteLists } from '../../../src/memory/bounded-notes.ts'

describe('notes of hosts', () => {
  it('holds so many of one host, and of so many hosts', () => {
    const notes = new NoteLists<number>({ hosts: 3, notes: 100 }, 2)
    for (const host of ['a', 'b', 'c']) for (const note of [1, 2, 3]) notes.add(host, note)
    expect(Object.fromEntries(notes)).toEqual({ a: [1, 2], b: [1, 2], c: [1, 2] })
    notes.add('d', 1)
    expect([...notes].map(([host]) => host)).toEqual(['b', 'c', 'd'])
  })

  it('holds so many in all: the host that was noted first leaves', () => {
    const notes = new NoteLists<number>({ hosts: 100, notes: 10 }, 4)
    for (let host = 0; host < 50; host++) for (let note = 0; note < 4; note++) notes.add(`host ${host}`, note)
    const all = [...notes].map(([, list]) => list.length)
    expect(all.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(10)
    expect(notes.get('host 49')).toEqual([0, 1, 2, 3])
    expect(notes.get('host 0')).toBeUndefined()
  })

  it('is no host that left', () => {
    const notes = new NoteLists<number>({ hosts: 100, notes: 3 }, 10)
    for (let note = 0; note < 9; note++) notes.add('one', note)
    expect([...notes].flatMap(([, list]) => list).length).toBeLessThanOrEqual(3)
  })
})
