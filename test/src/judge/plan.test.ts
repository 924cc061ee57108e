/**
 * Plans, gates and completeness, of reports made by hand and of generated networks.
 */
import { describe, expect, it } from 'vitest'
import type { AuthExchange } from '../../../src/facts/exchange.ts'
import { Inventory } from '../../../src/judge/inventory/inventory.ts'
import { completenessOf, completenessText, leastOf } from '../../../src/judge/switching/completeness.ts'
import { gateNamed } from '../../../src/judge/switching/gate.ts'
import { judgeGate } from '../../../src/judge/switching/gates.ts'
import { monthsAfter, planOf } from '../../../src/judge/switching/plan.ts'
import { planCsv, planHtml, planMarkdown } from '../../../src/output/switching/plan.ts'
import { PairFold } from '../../../src/report/pairs.ts'
import type { Report } from '../../../src/report/report.ts'
import { UNTOLD } from '../../../src/report/seen/turned-away.ts'
import {
  emptyReport,
  endpoint,
  exchange,
  hostileReport,
  MORNING,
  ntlmByAddress,
  officeReport,
} from '../../builders/report.ts'

const DAY = 86_400e6

function reportOf(exchanges: readonly AuthExchange[], part: Partial<Report> = {}): Report {
  const fold = new PairFold()
  for (const one of exchanges) fold.add(one)
  return emptyReport({ exchanges, pairs: fold.verdicts(() => []), ...part })
}

const onDay = (day: number, host: number, make = ntlmByAddress) =>
  make({ client: endpoint(`10.1.2.${host}`, 50_000), start: MORNING + day * DAY, end: MORNING + day * DAY + 1e6 })

describe('completeness', () => {
  it('one day says nothing; five days say how much is missing at least', () => {
    expect(completenessText(completenessOf(reportOf([onDay(0, 1)])))).toBe('one day: nothing can be said')
    const found = completenessOf(reportOf([0, 1, 2, 3, 4].map((day) => onDay(day, day < 3 ? 1 : 2))))
    expect(found).toMatchObject({ days: 5, workdays: 5, pairs: 2, daysSinceNew: 1, lastNew: '2026-03-05' })
    expect(found.byDay.map(({ fresh }) => fresh)).toEqual([1, 0, 0, 1, 0])
  })

  it('is a lower bound on generated networks, and near the truth on day 20', () => {
    let below = 0
    for (let seed = 1; seed <= 20; seed++) {
      let state = seed * 7919
      const random = () => {
        state = (state * 48_271) % 2_147_483_647
        return state / 2_147_483_647
      }
      // 1,000 pairs, the use of which falls off as that of names and words does
      const times = Array.from({ length: 1000 }, (_, rank) => {
        const daily = Math.min(0.95, 12 / (rank + 1) ** 0.75)
        return Array.from({ length: 20 }, random).filter((one) => one < daily).length
      }).filter((count) => count > 0)
      const least = leastOf(times)
      if (least <= 1000) below++
      expect(least).toBeGreaterThan(700)
      expect(least).toBeGreaterThanOrEqual(times.length)
    }
    expect(below).toBeGreaterThanOrEqual(19)
  })
})

describe('gates', () => {
  const workdays = [0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18]
  const state = (report: Report, text: string) => judgeGate(report, gateNamed(text)!).state
  const whole = (exchanges: readonly AuthExchange[]) => reportOf(exchanges)

  it('inventory: met after so many days without a new pair, not met before, not observed in an afternoon', () => {
    const same = workdays.map((day) => onDay(day, 1))
    expect(state(whole(same), 'inventory=10d')).toBe('met')
    expect(state(whole([...same, onDay(18, 2)]), 'inventory=10d')).toBe('not-met')
    expect(state(whole(same.slice(0, 1)), 'inventory=10d')).toBe('not-observed')
    const lost = { ...emptyReport().coverage, gaps: 2, lostBytes: 900 }
    expect(state(reportOf(same, { coverage: lost }), 'inventory=10d')).toBe('not-observed')
  })

  it('turned away: in the last hours, and not before', () => {
    const end = MORNING + 5 * DAY
    const coverage = { ...emptyReport().coverage, start: MORNING, end }
    const away = (last: number) => ({
      client: '10.1.2.3',
      server: '10.1.2.6',
      service: 'smb' as const,
      ports: [445],
      class: 'client-gave-up' as const,
      pattern: 'repeated' as const,
      status: null,
      kdc: null,
      count: 3,
      first: last - 1e6,
      last,
      capture: 'a.pcap',
      frames: [4],
    })
    expect(state(reportOf([], { coverage, turnedAway: [away(end - DAY)] }), 'turned-away=48h')).toBe('not-met')
    expect(state(reportOf([], { coverage, turnedAway: [away(end - 3 * DAY)] }), 'turned-away=48h')).toBe('met')
    expect(state(reportOf([], { coverage: { ...coverage, start: end - DAY } }), 'turned-away=48h')).toBe('not-observed')
    // who does not know it does not say that nobody was
    expect(state(reportOf([], { coverage, blindSpots: [UNTOLD] }), 'turned-away=48h')).toBe('not-observed')
  })

  it.each(['inventory', 'inventory=0d', 'turned-away=2w', 'all=1d'])('%s is none', (text) => {
    expect(gateNamed(text)).toBeNull()
  })
})

describe('the plan', () => {
  const inventory = new Inventory('host,owner,wave\n10.1.2.6,NAS team,2\n10.1.2.0/24,Desks,1\n', 'hosts.csv')

  it('every NTLM pair stands in one stage and one wave; sums are those of the report', () => {
    for (const report of [officeReport(), reportOf([onDay(0, 1), onDay(0, 2), exchange()])]) {
      for (const by of [null, inventory]) {
        const plan = planOf(report, by, '2026-12-01')
        const ntlm = report.pairs.filter(({ counts }) => (counts.mechanism.ntlm ?? 0) > 0)
        expect(plan.pairs.length).toBe(ntlm.length)
        expect(plan.stages.reduce((sum, { pairs }) => sum + pairs, 0)).toBe(ntlm.length)
        expect(plan.ntlm).toBe(ntlm.reduce((sum, { counts }) => sum + counts.mechanism.ntlm!, 0))
        expect(plan.stages.reduce((sum, one) => sum + one.ntlm, 0)).toBe(plan.ntlm)
      }
    }
  })

  it('after half the pairs are mended, stages shrink and nothing returns', () => {
    const logons = Array.from({ length: 10 }, (_, at) => onDay(0, at + 1))
    const before = planOf(reportOf(logons), inventory, null)
    const after = planOf(
      reportOf(logons.map((one, at) => (at % 2 ? one : { ...exchange(), client: one.client, server: one.server }))),
      inventory,
      null,
    )
    for (const [at, { pairs }] of after.stages.entries()) expect(pairs).toBeLessThanOrEqual(before.stages[at]!.pairs)
    const key = (one: (typeof before.pairs)[number]) => `${one.client.ip} ${one.server.ip} ${one.service}`
    const known = new Set(before.pairs.map(key))
    expect(after.pairs.length).toBe(5)
    for (const pair of after.pairs) expect(known.has(key(pair))).toBe(true)
  })

  it('waves and owners of the inventory; hosts that nobody owns; dates are arithmetic', () => {
    const plan = planOf(
      reportOf([
        onDay(0, 1),
        ntlmByAddress({ server: endpoint('172.16.0.9', 445), client: endpoint('172.16.0.8', 1) }),
      ]),
      inventory,
      '2026-12-01',
    )
    expect(plan.pairs.map(({ wave, owner }) => [wave, owner])).toEqual([
      ['nobody', 'nobody'],
      ['2', 'NAS team'],
    ])
    expect(plan.unknown.map(({ ip }) => ip)).toEqual(['172.16.0.8', '172.16.0.9'])
    expect(plan.stages[1]).toMatchObject({ stage: 'paths', from: '2027-01-01', to: '2027-04-01' })
    expect(monthsAfter('2026-11-30', 3)).toBe('2027-02-28')
  })

  it('hostile names are text in every form', () => {
    const plan = planOf(hostileReport(), null, null)
    expect(planHtml(plan)).not.toMatch(/<script|<img|onerror=[^&]*>/i)
    for (const text of [planHtml(plan), planMarkdown(plan), planCsv(plan)])
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    for (const cell of planCsv(plan).split(/[,\n]/)) expect(cell).not.toMatch(/^"?[=+@]/)
  })
})
