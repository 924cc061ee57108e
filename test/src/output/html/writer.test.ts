/**
 * The page: complete without scripts, one file without a request, only text of the wire in text nodes, green only where
 * something is proven.
 */
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { hostPattern } from '../../../../src/facts/filter.ts'
import { deviceCard } from '../../../../src/judge/device.ts'
import { diff } from '../../../../src/judge/diff.ts'
import { barsOf } from '../../../../src/output/html/charts/timeline.tsx'
import { changesText, zonedText } from '../../../../src/output/html/extras.ts'
import { pageModel } from '../../../../src/output/html/model.ts'
import { doubts, statesOf } from '../../../../src/output/html/states.ts'
import { reportPage } from '../../../../src/output/html/writer.ts'
import type { Report } from '../../../../src/report/report.ts'
import { NOTHING_UNREAD } from '../../../../src/report/seen/unread.ts'
import {
  blindSpot,
  captureSummary,
  coverage,
  crowdedReport,
  emptyReport,
  everyText,
  exchange,
  figures,
  finding,
  HOSTILE_TEXT,
  hostileReport,
  httpNtlmOnly,
  MORNING,
  ntlmByAddress,
  officeReport,
  pair,
  rollUps,
  tlsPair,
} from '../../../builders/report.ts'

const REPORTS: [name: string, report: Report][] = [
  ['empty', emptyReport()],
  ['office', officeReport()],
  ['crowded', crowdedReport(300)],
  ['hostile', hostileReport()],
  ['hostile in every text', everyText(officeReport())],
]

const TAGS =
  /^\/?(!doctype|html|head|meta|title|style|script|body|a|header|main|nav|div|section|article|h1|h2|h3|small|p|b|bdi|span|dl|dt|dd|ul|li|table|thead|tbody|tr|th|td|code|details|summary|figure|figcaption|svg|g|rect|path|line|text|template)$/
const ATTRIBUTES =
  /^(lang|charset|http-equiv|content|name|class|href|id|scope|viewBox|viewbox|role|aria-label|aria-hidden|tabindex|data-copy|data-filter|data-label|data-sort|d|x|x1|x2|y|y1|y2|width|height|text-anchor|preserveAspectRatio|type|hidden)$/

/** Every tag with its attributes, read as a browser does: outside of style and script. */
function tagsOf(page: string): { name: string; attributes: [string, string][] }[] {
  const markup = page
    .replace(/(<style>)[\s\S]*?(<\/style>)/g, '$1$2')
    .replace(/(<script[^>]*>)[\s\S]*?(<\/script>)/g, '$1$2')
  return [...markup.matchAll(/<([^\s>]+)((?:\s+[^\s=>]+(?:="[^"]*")?)*)\s*\/?>|<[^>]*>?/g)].map(
    ([whole, name, rest]) => ({
      name: name ?? whole,
      attributes: [...(rest ?? '').matchAll(/([^\s=]+)(?:="([^"]*)")?/g)].map(([, key, value]) => [key!, value ?? '']),
    }),
  )
}

describe.each(REPORTS)('the page of a report: %s', (_name, report) => {
  const page = reportPage(report, '1.2.3')

  test('has known tags and attributes only, no style of an element, no handler, no address but places in it', () => {
    for (const { name, attributes } of tagsOf(page)) {
      expect(name).toMatch(TAGS)
      if (name === '!doctype') continue
      for (const [key, value] of attributes) {
        expect(`${name} ${key}`).toMatch(/ /)
        expect(key).toMatch(ATTRIBUTES)
        if (key === 'href') expect(value).toMatch(/^#[a-z]+$/)
      }
    }
  })

  test('allows nothing but its own style and script, by their hashes', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
    const blocks = [...page.matchAll(/<(style|script)>([\s\S]*?)<\/\1>/g)]
    expect(blocks.length).toBeGreaterThan(0)
    for (const [, , text] of blocks)
      expect(policy).toContain(`'sha256-${createHash('sha256').update(text!).digest('base64')}'`)
  })

  test('hides and reorders nothing, and looks like no smuggled code', () => {
    expect(/[\u202a-\u202e\u2066-\u2069\u200b-\u200f]/.exec(page)?.[0]).toBeUndefined()
    expect(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.exec(page)?.[0]).toBeUndefined()
    expect(/(\d{2,3},){60,}/.exec(page)?.[0]).toBeUndefined()
    expect(/\batob\b|\beval\b|new Function|new Blob/.exec(page)?.[0]).toBeUndefined()
  })

  test('is the same bytes again, and has every section', () => {
    expect(reportPage(structuredClone(report), '1.2.3') === page).toBe(true)
    for (const id of ['answer', 'work', 'relay', 'pairs', 'findings', 'unseen'])
      expect(page.includes(`id="${id}"`)).toBe(true)
  })
})

test('the answer, places with fix, proof and command, and pairs are in the page itself', () => {
  const report = officeReport()
  const page = reportPage(report, '1.2.3')
  expect(page).toContain('3 of 6 pairs (client, server, service) use NTLM.')
  expect(page).toContain('Use the name of the server, or allow IP SPNs')
  expect(page).toContain('lab.pcapng: frames 38, 40, 41')
  expect(page).toContain('frame.number in {38, 40, 41}')
  expect(page).toContain('ntlmscope verify NEW.pcapng --server 10.1.2.6 --service smb --expect kerberos')
  const { places } = pageModel(report, '')
  expect(places[0]).toMatchObject({ cause: 'RC04', count: 12, clients: 1 })
  expect(places.map(({ count }) => count)).toEqual(report.places.map(({ count }) => count))
})

test('no folder of the machine that made it is in it', () => {
  const secret = '/home/alice/customer-x/lab.pcapng'
  const report = officeReport({
    captures: [
      captureSummary({ name: secret, damage: `${secret}: cut after 12 bytes` }),
      captureSummary({ name: '/home/alice/other/lab.pcapng' }),
    ],
    unread: { ...NOTHING_UNREAD, inputs: [{ name: '/home/alice/x.log', reason: 'no capture', isCapture: true }] },
    blindSpots: [blindSpot({ kind: 'input', detail: 'inputs that could not be read (/home/alice/x.log)' })],
    pairs: [pair([ntlmByAddress({ capture: secret, frames: [1, '/home/alice/other/lab.pcapng:9'] })])],
    findings: [finding({ capture: secret, detail: `seen in ${secret}` })],
    ...rollUps([ntlmByAddress({ capture: secret })]),
  })
  const page = reportPage(report, '1.2.3')
  expect(page).not.toMatch(/home|alice\/|customer-x/)
  expect(page).toContain('lab.pcapng: frame 1; lab.pcapng (2): frame 9')
  expect(page).toContain('x.log')
})

test('a state of a channel binding stands beside what it proves, and what not', () => {
  const exchanges = (['mismatch', 'verified'] as const).map((channelBinding) => httpNtlmOnly({ channelBinding }))
  const [row] = pageModel(emptyReport({ pairs: [pair(exchanges)], ...rollUps(exchanges) }), '1.2.3').pairs
  const facts = row!.facts.join('\n')
  expect(facts).toContain('mismatch 1: the token was made for another TLS channel')
  expect(facts).toContain('which of them is not shown. verified 1: the token was made for this TLS channel')
})

test('a filtered report says so first', () => {
  const page = reportPage(officeReport({ filter: ['--server 10.1.2.6'] }), '1.2.3')
  expect(page.indexOf('Only --server 10.1.2.6')).toBeGreaterThan(0)
  expect(page.indexOf('Only --server 10.1.2.6')).toBeLessThan(page.indexOf('class="head"'))
})

describe('green is what is proven', () => {
  /** Kerberos to one server that requires signing, and a capture that saw everything. */
  function proven(part: Partial<Report> = {}, exchanges = [exchange()]): Report {
    return emptyReport({
      coverage: coverage({ oneSided: 0, midstream: 0, lostBytes: 0, gaps: 0, dropped: 0 }),
      captures: [captureSummary({ dropped: 0 })],
      pairs: [pair(exchanges)],
      figures: figures(exchanges),
      ...rollUps(exchanges),
      ...part,
    })
  }
  const seen = proven().coverage

  test('no NTLM and nothing hidden', () => {
    expect(doubts(proven())).toEqual([])
    expect(statesOf(proven())).toEqual({ who: 'ok', why: 'ok', relay: 'ok', fixed: 'note' })
  })

  test.each<[string, Report]>([
    ['TLS', proven({ blindSpots: [blindSpot()] })],
    ['TLS of one pair', proven({ pairs: [...proven().pairs, tlsPair()] })],
    ['loss', proven({ coverage: { ...seen, lostBytes: 1 } })],
    ['drops', proven({ coverage: { ...seen, dropped: 1 } })],
    ['unknown drops', proven({ coverage: { ...seen, dropped: null } })],
    ['no KDC', proven({ coverage: { ...seen, kdcs: [] } })],
    ['damage', proven({ captures: [captureSummary({ damage: 'cut' })] })],
    ['a filter', proven({ filter: ['--server x'] })],
    ['nothing at all', emptyReport()],
  ])('%s: out of sight, not green', (_case, report) => {
    expect(statesOf(report)).toMatchObject({ who: 'unseen', why: 'unseen', relay: 'unseen' })
    expect(reportPage(report, '')).not.toContain('class="ok"')
  })

  test('what all had proves no requirement', () => {
    const sealed = exchange({ service: 'ldap', smb: null, ldap: { layer: 'seal', tls: false, resultCode: 0 } })
    expect(statesOf(proven({}, [sealed]))).toMatchObject({ who: 'ok', relay: 'unseen' })
  })

  test('NTLM, and a way open', () => {
    expect(statesOf(proven({}, [ntlmByAddress()]))).toMatchObject({ who: 'bad', why: 'warn', relay: 'bad' })
    expect(statesOf(proven({}, [httpNtlmOnly()]))).toMatchObject({ who: 'bad', why: 'warn' })
  })
})

test('bars of time are few, and hold everything', () => {
  const minute = 60e6
  const many = Array.from({ length: 300 }, (_, at) =>
    (at % 3 === 0 ? ntlmByAddress : exchange)({ start: MORNING + at * 7 * minute, end: MORNING + at * 7 * minute }),
  )
  const data = barsOf(figures(many))!
  expect(data.bars.length).toBeLessThanOrEqual(96)
  const sum = (key: 'fallback' | 'ntlm' | 'other' | 'kerberos') => data.bars.reduce((all, bar) => all + bar[key], 0)
  expect([sum('fallback'), sum('ntlm'), sum('other'), sum('kerberos')]).toEqual([100, 0, 0, 200])
  expect(reportPage(officeReport({ figures: figures(many) }), '')).toMatch(/<title>[\d :-]+: NTLM as a fallback \d/)
})

describe('beside the report', () => {
  const kerberos = () => {
    const exchanges = [exchange()]
    return emptyReport({
      coverage: coverage({ oneSided: 0, midstream: 0, lostBytes: 0, gaps: 0, dropped: 0 }),
      captures: [captureSummary({ name: '/secret/new.pcapng', dropped: 0 })],
      pairs: [pair(exchanges)],
      exchanges,
      ...rollUps(exchanges),
    })
  }
  const since = (report: Report, after: Report) => {
    const change = diff(report, after)
    return changesText({ report, diff: change }, after, doubts(after))
  }

  test('what changed: green where all that used NTLM is proven fixed, and nothing is hidden', () => {
    const before = officeReport({ captures: [captureSummary({ name: '/secret/old.pcapng' })] })
    // of other pairs nothing is known any more: gone is not fixed
    expect(since(before, kerberos()).card.state).toBe('unseen')
    expect(since(before, before).card.state).toBe('warn')
    expect(since(kerberos(), before)).toMatchObject({ card: { state: 'warn', big: '0' } })
    const same = [exchange()]
    const fell = [ntlmByAddress({ client: same[0]!.client, server: same[0]!.server })]
    const worse = emptyReport({ pairs: [pair(fell)], exchanges: fell, ...rollUps(fell) })
    expect(since(kerberos(), worse).card.state).toBe('bad')
    const page = reportPage(before, '1', { before: { report: kerberos(), diff: diff(kerberos(), before) } })
    expect(page).toContain('id="changes"')
    expect(page).toContain('new.pcapng')
    expect(page).not.toContain('/secret')
  })

  test('a head, devices and the zone of times; what is hostile in them is text', () => {
    const report = officeReport()
    const client = report.pairs[0]!.client.ip
    const page = reportPage(report, '1', {
      devices: [deviceCard(report, hostPattern(client)), deviceCard(everyText(report), hostPattern('no-such'))],
      cover: { title: `</title><script>${HOSTILE_TEXT}`, author: HOSTILE_TEXT },
      zone: 'Asia/Tokyo',
    })
    for (const id of ['cover', 'devices']) expect(page).toContain(`id="${id}"`)
    expect(page).toContain('+09:00')
    for (const { name, attributes } of tagsOf(page)) {
      expect(name).toMatch(TAGS)
      for (const [key] of attributes) if (name !== '!doctype') expect(key).toMatch(ATTRIBUTES)
    }
    expect(page.match(/<script/g)).toHaveLength(2)
    expect(/[\u202a-\u202e]/.test(page)).toBe(false)
  })

  test('times of zones, before and after midnight, with half hours and in summer', () => {
    const at = Date.UTC(2026, 0, 31, 20, 0, 5) * 1000
    expect(zonedText(at, undefined)).toBe('2026-01-31T20:00:05Z')
    expect(zonedText(at, 'Asia/Tokyo')).toBe('2026-02-01T05:00:05+09:00')
    expect(zonedText(at, 'Asia/Kolkata')).toBe('2026-02-01T01:30:05+05:30')
    expect(zonedText(at, 'America/New_York')).toBe('2026-01-31T15:00:05-05:00')
    expect(zonedText(Date.UTC(2026, 6, 1) * 1000, 'Europe/Berlin')).toBe('2026-07-01T02:00:00+02:00')
  })
})
