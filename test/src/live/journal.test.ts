import { describe, expect, it } from 'vitest'
import type { AuthExchange } from '../../../src/facts/exchange.ts'
import { CONCERNING_MAX, entryOf, Journal, RECENT_MAX } from '../../../src/live/journal.ts'
import { Revisions } from '../../../src/live/revisions.ts'

const exchange = (at: number, ip: string) => ({ id: `1.${at}`, client: { ip } }) as AuthExchange
const ipOf = (entry: ReturnType<typeof entryOf>) => (entry.kind === 'exchange' ? entry.exchange.client.ip : '')
const idsOf = (journal: Journal) =>
  [...journal.entries()].map((entry) => (entry.kind === 'exchange' ? Number(entry.exchange.id.slice(2)) : -1))

describe('what is kept of a long run', () => {
  const often = 20 * RECENT_MAX

  it('is so much and no more, the last ones whole, and of those that are asked for more', () => {
    const journal = new Journal((entry) => ipOf(entry) === 'printer')
    let most = 0
    for (let at = 0; at < often; at++) {
      journal.add(entryOf(exchange(at, at % 50 === 0 ? 'printer' : 'other')))
      most = Math.max(most, journal.length)
    }
    expect(most).toBeLessThan(2 * RECENT_MAX + often / 50)
    const ids = idsOf(journal)
    expect(ids.slice(-RECENT_MAX)).toEqual(Array.from({ length: RECENT_MAX }, (_, at) => often - RECENT_MAX + at))
    // all of the printer's, in the order in which they came
    expect(ids.filter((at) => at % 50 === 0)).toEqual(Array.from({ length: often / 50 }, (_, at) => at * 50))
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
  })

  it('is bounded where everything is asked for, and where nothing of it ends', () => {
    const journal = new Journal(() => true)
    const most = CONCERNING_MAX + 2 * RECENT_MAX
    for (let at = 0; at < often; at++) {
      journal.add(entryOf(exchange(at, 'printer')))
      journal.told(exchange(at + often, 'printer'))
      if (journal.length > 2 * most) throw new Error(`${journal.length} after ${at}`)
    }
    expect(idsOf(journal).filter((at) => at < often).length).toBeGreaterThanOrEqual(CONCERNING_MAX + RECENT_MAX)
    for (let at = 0; at < often; at++) journal.over(exchange(at + often, 'printer'))
    expect(idsOf(journal).every((at) => at < often)).toBe(true)
  })

  it('is told once more where it was forgotten, and never grows', () => {
    const revisions = new Revisions()
    for (let at = 0; at < 40_000; at++) revisions.provisional(exchange(at, 'printer'), `1.${at}`, at)
    expect(revisions.size).toBeLessThanOrEqual(32_768)
    expect(revisions.provisional(exchange(39_999, 'printer'), '1.39999', 40_000)).toBeNull()
    expect(revisions.provisional(exchange(0, 'printer'), '1.0', 40_000)).toBe(1)
  })
})
