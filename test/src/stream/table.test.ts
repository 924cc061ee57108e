/**
 * The table of connections against what a Map would do: both directions, growth, eviction by age, removal and reuse.
 */
import { describe, expect, it } from 'vitest'
import { CLOSED, FOLLOWED, FOREIGN, NEW } from '../../../src/engine/layout.ts'
import type { Segment } from '../../../src/net/segment.ts'
import { ConnectionTable } from '../../../src/stream/table.ts'
import { type End, segment } from '../../builders/segment.ts'
import { seededRandom } from '../../hostile.ts'

const SECOND = 1e6

function between(source: End, destination: End, protocol = 6): Segment {
  return segment({ source, destination, protocol })
}

function v4(number: number, port = 445): Segment {
  const ip = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`
  return between({ ip, port: 50_000 }, { ip: '192.0.2.1', port })
}

/** A table whose callback says yes and remembers who left. */
function tableOf(max: number, refuse: (index: number) => boolean = () => false) {
  const evicted: { index: number; forced: boolean }[] = []
  const table = new ConnectionTable(max, (index, forced) => {
    if (!forced && refuse(index)) return false
    evicted.push({ index, forced })
    return true
  })
  return { table, evicted }
}

function seen(table: ConnectionTable, index: number): unknown[] {
  return [
    table.state(index),
    table.sawSyn(index),
    table.sawSynAck(index),
    table.clientIsLow(index),
    table.clientSeq(index),
    table.serverSeq(index),
  ]
}

describe('lookup', () => {
  const PAIRS: readonly [name: string, low: End, high: End][] = [
    ['IPv4', { ip: '10.0.0.1', port: 50_000 }, { ip: '10.0.0.2', port: 445 }],
    ['IPv4 with the highest bit set', { ip: '9.0.0.1', port: 1 }, { ip: '200.0.0.2', port: 2 }],
    ['one address, two ports', { ip: '127.0.0.1', port: 445 }, { ip: '127.0.0.1', port: 50_000 }],
    ['one address, one port', { ip: '127.0.0.1', port: 445 }, { ip: '127.0.0.1', port: 445 }],
    ['IPv6, last word differs', { ip: 'fd00::1', port: 445 }, { ip: 'fd00::2', port: 50_000 }],
    ['IPv6, first word differs', { ip: '2001:db8::9', port: 445 }, { ip: 'fe80::1', port: 445 }],
    ['IPv6, second word differs', { ip: 'fe80:0:1::9', port: 445 }, { ip: 'fe80:0:2::1', port: 445 }],
    ['IPv6, third word differs', { ip: 'fe80::1:0:0:9', port: 445 }, { ip: 'fe80::2:0:0:1', port: 445 }],
    ['IPv4 and IPv6', { ip: '10.0.0.1', port: 445 }, { ip: 'fd00::1', port: 445 }],
  ]

  it.each(PAIRS)('finds one entry in both directions: %s', (_name, low, high) => {
    const { table } = tableOf(10)
    const index = table.find(between(low, high), 0, true)
    expect([index, table.created, table.fromLow]).toEqual([0, true, true])
    const back = table.find(between(high, low), 0, true)
    const same = low.ip === high.ip && low.port === high.port
    expect([back, table.created, table.fromLow]).toEqual([0, false, same])
    expect(table.count).toBe(1)
  })

  it('makes an entry only when told to', () => {
    const { table } = tableOf(10)
    expect(table.find(v4(1), 0, false)).toBe(-1)
    expect(table.created).toBe(false)
    expect(table.count).toBe(0)
  })

  it('tells apart what differs in one place', () => {
    const { table } = tableOf(100)
    const base = { ip: '2001:db8::1', port: 445 }
    const ends: End[] = ['2001:db9::2', '2001:db8:0:1::2', '2001:db8::1:0:0:2', '2001:db8::3', '2001:db8::2'].map(
      (ip) => ({ ip, port: 50_000 }),
    )
    const found = ends.map((end) => table.find(between(base, end), 0, true))
    found.push(table.find(between(base, { ip: '2001:db8::2', port: 50_001 }), 0, true))
    found.push(table.find(between({ ...base, port: 446 }, { ip: '2001:db8::2', port: 50_000 }), 0, true))
    found.push(table.find(between(base, { ip: '2001:db8::2', port: 50_000 }, 17), 0, true))
    // the ports of both ends exchanged: not the other direction
    found.push(table.find(between({ ...base, port: 50_000 }, { ip: '2001:db8::2', port: 445 }), 0, true))
    expect(new Set(found).size).toBe(found.length)
  })

  it('keeps state and handshake of each entry apart', () => {
    const { table } = tableOf(10)
    const a = table.find(v4(1), 0, true)
    const b = table.find(v4(2), 0, true)
    expect([table.state(a), table.sawHandshake(a)]).toEqual([NEW, false])
    table.setSyn(a, true, 0xfffffff0)
    table.setState(a, FOLLOWED)
    expect(seen(table, a)).toEqual([FOLLOWED, true, false, true, 0xfffffff0, 0])
    table.setSynAck(a, false, 7, 0xffffffff)
    for (const state of [FOREIGN, CLOSED, NEW]) {
      table.setState(a, state)
      expect(seen(table, a)).toEqual([state, true, true, false, 7, 0xffffffff])
    }
    table.forgetHandshake(a)
    expect(table.sawHandshake(a)).toBe(false)
    expect([table.state(b), table.sawHandshake(b), table.clientSeq(b)]).toEqual([NEW, false, 0])
    // the protocol shares a word with the state
    expect(table.find(v4(1), 0, false)).toBe(a)
  })
})

describe('growth', () => {
  it('keeps every entry, its index and its state beyond 4096', () => {
    const { table, evicted } = tableOf(20_000)
    for (let number = 0; number < 20_000; number++) {
      expect(table.find(v4(number), number, true)).toBe(number)
      table.setState(number, number & 3)
    }
    expect(table.count).toBe(20_000)
    for (let number = 0; number < 20_000; number++) {
      expect(table.find(v4(number), number, false)).toBe(number)
      expect(table.state(number)).toBe(number & 3)
    }
    expect(evicted).toEqual([])
  })
})

describe('eviction', () => {
  it('takes the one longest idle first', () => {
    const { table, evicted } = tableOf(3)
    for (const [number, time] of [
      [1, 0],
      [2, 1],
      [3, 2],
      [1, 3],
    ] as const)
      table.find(v4(number), time * SECOND, true)
    table.find(v4(4), 4 * SECOND, true)
    expect(table.find(v4(2), 4 * SECOND, false)).toBe(-1)
    table.find(v4(5), 5 * SECOND, true)
    expect(table.find(v4(3), 5 * SECOND, false)).toBe(-1)
    for (const number of [1, 4, 5]) expect(table.find(v4(number), 5 * SECOND, false)).toBeGreaterThanOrEqual(0)
    expect(evicted).toEqual([
      { index: 1, forced: false },
      { index: 2, forced: false },
    ])
    expect(table.count).toBe(3)
  })

  it('passes over what the callback keeps', () => {
    const kept = new Set([0, 1])
    const { table, evicted } = tableOf(4, (index) => kept.has(index))
    for (let number = 0; number < 4; number++) table.find(v4(number), number * SECOND, true)
    table.find(v4(9), 9 * SECOND, true)
    expect(evicted).toEqual([{ index: 2, forced: false }])
    expect(table.find(v4(0), 10 * SECOND, false)).toBe(0)
    expect(table.find(v4(2), 10 * SECOND, false)).toBe(-1)
  })

  it('takes the oldest by force when all are kept, and stays bounded', () => {
    const { table, evicted } = tableOf(200, () => true)
    for (let number = 0; number < 1000; number++) table.find(v4(number), number * SECOND, true)
    expect(table.count).toBe(200)
    expect(evicted).toHaveLength(800)
    expect(evicted.every(({ forced }) => forced)).toBe(true)
    for (let number = 0; number < 1000; number++) expect(table.find(v4(number), 0, false) >= 0).toBe(number >= 800)
  })

  it('works with a single entry', () => {
    const { table } = tableOf(1)
    for (let number = 0; number < 5; number++) {
      expect(table.find(v4(number), number * SECOND, true)).toBe(0)
      expect([table.created, table.state(0)]).toEqual([true, NEW])
      table.setState(0, CLOSED)
      table.setSynAck(0, true, 1, 2)
    }
    table.find(v4(9), 9 * SECOND, true)
    expect(table.sawHandshake(0)).toBe(false)
  })
})

describe('removal', () => {
  it('forgets one entry and gives its place to the next', () => {
    const { table, evicted } = tableOf(10)
    for (let number = 0; number < 5; number++) table.find(v4(number), 0, true)
    table.setState(2, FOLLOWED)
    table.setSyn(2, true, 5)
    table.remove(2)
    expect(table.count).toBe(4)
    expect(table.find(v4(2), 0, false)).toBe(-1)
    for (const number of [0, 1, 3, 4]) expect(table.find(v4(number), 0, false)).toBe(number)
    expect(table.find(v4(7), 0, true)).toBe(2)
    expect([table.state(2), table.sawHandshake(2)]).toEqual([NEW, false])
    expect(evicted).toEqual([])
  })

  it('can empty the table from either end', () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ]) {
      const { table } = tableOf(3)
      for (const number of [0, 1, 2]) table.find(v4(number), number * SECOND, true)
      for (const index of order) table.remove(index)
      expect(table.count).toBe(0)
      for (const number of [5, 6, 7, 8]) expect(table.find(v4(number), number * SECOND, true)).toBeGreaterThanOrEqual(0)
      expect(table.count).toBe(3)
      expect(table.find(v4(5), 9 * SECOND, false)).toBe(-1)
    }
  })
})

describe('against a model', () => {
  /** The same contract, as slow and as plain as can be: a Map in order of age. */
  class Model {
    readonly entries = new Map<string, { state: number; second: number }>()
    readonly max: number

    constructor(max: number) {
      this.max = max
    }

    find(key: string, second: number, make: boolean): boolean {
      const known = this.entries.get(key)
      if (known) {
        if (known.second !== second) {
          known.second = second
          this.entries.delete(key)
          this.entries.set(key, known)
        }
        return true
      }
      if (!make) return false
      if (this.entries.size >= this.max) {
        const old = [...this.entries].find(([, { state }]) => state !== FOLLOWED) ?? [...this.entries][0]!
        this.entries.delete(old[0])
      }
      this.entries.set(key, { state: NEW, second })
      return true
    }
  }

  it.each([1, 2, 3])('does the same after thousands of random operations (seed %i)', (seed) => {
    const random = seededRandom(seed)
    const max = 50
    const model = new Model(max)
    const { table } = tableOf(max, (index) => table.state(index) === FOLLOWED)
    const ips = ['10.0.0.1', '10.0.0.2', '200.0.0.1', 'fd00::1', 'fd00::2', '2001:db8::1']
    let now = 0
    for (let round = 0; round < 20_000; round++) {
      if (random() % 20 === 0) now += SECOND
      const one = { ip: ips[random() % ips.length]!, port: 1 + (random() % 3) }
      const two = { ip: ips[random() % ips.length]!, port: 1 + (random() % 3) }
      const key = [`${one.ip} ${one.port}`, `${two.ip} ${two.port}`].sort().join(' ')
      const make = random() % 3 > 0
      const index = table.find(between(one, two), now, make)
      expect(index >= 0).toBe(model.find(key, now / SECOND, make))
      expect(table.count).toBe(model.entries.size)
      if (index < 0) continue
      const known = model.entries.get(key)!
      expect(table.state(index)).toBe(known.state)
      switch (random() % 6) {
        case 0:
          table.remove(index)
          model.entries.delete(key)
          break
        case 1:
        case 2:
          known.state = random() & 3
          table.setState(index, known.state)
          break
      }
    }
    expect(table.count).toBeGreaterThan(10)
  })
})
