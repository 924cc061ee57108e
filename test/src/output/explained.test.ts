/** `explain` has a page of whatever the program prints as a name: found in the sources and the headers, not listed. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { CAUSES } from '../../../src/causes/catalogue.ts'
import { EXIT } from '../../../src/cli/exit.ts'
import { RULES } from '../../../src/findings/catalogue.ts'
import { CHANGES } from '../../../src/judge/diff.ts'
import { EXPECTATION_NAMES } from '../../../src/judge/expectations.ts'
import { CSV_TABLES } from '../../../src/output/csv.ts'
import { pageText, TOPICS } from '../../../src/output/explain.ts'
import { ANSWER_WORDS, REQUIREMENT_WORDS } from '../../../src/output/html/states.ts'
import { BINDING_KIND_WORDS, BINDING_WORDS, ORIGIN_WORDS, VERDICT_WORDS } from '../../../src/output/terms.ts'
import { CAUSE_PAGES } from '../../../src/output/words/cause-pages.ts'
import { OVERFLOWS } from '../../../src/report/coverage.ts'
import { NOT_NARROWED } from '../../../src/report/narrowing/narrow.ts'
import { sourceTexts } from '../../texts/source-texts.ts'

const SCHEMA = fileURLToPath(new URL('../../../schema/report.schema.json', import.meta.url))
const REPORT = fileURLToPath(new URL('../../../src/report', import.meta.url))

function withoutPage(names: readonly string[]): string[] {
  const known = new Set(TOPICS.map(({ id }) => id))
  return [...new Set(names)].filter((name) => !known.has(name)).sort()
}

describe('explain has a page of', () => {
  it('each blind spot that a report can hold', () => {
    const sources = readdirSync(REPORT, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(REPORT, name), 'utf8'))
    const codes = sources.flatMap((source) =>
      [...source.matchAll(/\badd\(\s*'([^']+)'|\bkind(?: =|:) '([^']+)'/g)].map(([, added, kind]) => (added ?? kind)!),
    )
    expect(codes).toEqual(expect.arrayContaining(['input', 'ethertype', 'mirror', 'tls', 'pass-through']))
    expect(withoutPage([...codes, ...Object.keys(OVERFLOWS), NOT_NARROWED])).toEqual([])
  })

  it('each finding, cause, origin, verdict, state and kind of a binding, expectation and change', () => {
    const names = [...RULES.map(({ id }) => id), ...Object.keys(CAUSES), ...EXPECTATION_NAMES, ...CHANGES]
    const words = [ORIGIN_WORDS, VERDICT_WORDS, BINDING_WORDS, BINDING_KIND_WORDS].flatMap(Object.keys)
    expect(withoutPage([...names, ...words])).toEqual([])
    expect(Object.keys(CAUSE_PAGES)).toEqual(Object.keys(CAUSES))
  })

  it('each column of text and of CSV', () => {
    const titles = sourceTexts()
      .filter(({ path, isFact }) => path.startsWith('src/output/') && !isFact)
      .map(({ key }) => key)
      .filter((key) => /^[A-Z]+([ ,>-]+[A-Z]+)*$/.test(key) && !['TLS', 'KDC'].includes(key))
    expect(titles).toEqual(
      expect.arrayContaining(['VERDICT', 'SUMMED', 'USER, SPN', 'BREAKS WITHOUT', 'CLIENT -> SERVER']),
    )
    const headers = Object.values(CSV_TABLES).flatMap((line) => line.trim().split(','))
    expect(headers.length).toBeGreaterThan(100)
    expect(withoutPage([...titles, ...headers])).toEqual([])
  })

  it('each exit code', () => {
    expect(withoutPage(Object.values(EXIT).map(String))).toEqual([])
  })

  it('each protection, demand and form of NTLM that a report can hold, and each mark of the page', () => {
    const text = readFileSync(SCHEMA, 'utf8')
    const held = (member: string) =>
      [...text.matchAll(new RegExp(`"${member}": \\{\\s*"(?:propertyNames": \\{\\s*")?enum": \\[([^\\]]*)\\]`, 'g'))]
        .flatMap(([, list]) => [...list!.matchAll(/"([^"]+)"/g)].map(([, one]) => one!))
        .filter((one) => one !== 'unknown')
    const names = ['effective', 'layer', 'ntlmVersion', 'smbEffective'].flatMap(held)
    expect(names).toEqual(expect.arrayContaining(['guest', 'seal', 'NTLMv1-ESS']))
    expect(withoutPage([...names, ...Object.values(ANSWER_WORDS)])).toEqual([])
    for (const demand of Object.keys(REQUIREMENT_WORDS)) expect(pageText(demand, 80), demand).not.toBeNull()
  })
})

describe('a page', () => {
  it('is found by the word as it is printed or typed', () => {
    expect(pageText('Not required', 80)).toBe(pageText('not-required', 80))
    expect(pageText('exit 3', 80)).toBe(pageText('3', 80))
    expect(pageText('exit', 80)).toBeNull()
  })

  it('of a cause says what decides it, what is ruled out and how to make sure', () => {
    const page = pageText('rc04', 80)!
    for (const label of ['Decided by', 'Ruled out', 'Confirm', 'Fix']) expect(page).toContain(label)
  })

  it('is that of the very name, where another differs only in its letters', () => {
    expect(pageText('FALLBACK', 80)).not.toBe(pageText('fallback', 80))
    expect(pageText('ethertype', 80)).toContain('blind spot')
  })
})
