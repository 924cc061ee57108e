/**
 * What a report cannot vouch for is told by codes, never by words: the words of a report may change, and be in another
 * language.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { doubtsOf, evidenceOf } from '../../../src/judge/flow.ts'
import { reportJson } from '../../../src/output/json.ts'
import { OVERFLOWS } from '../../../src/report/coverage.ts'
import type { Report } from '../../../src/report/report.ts'
import { readSaved } from '../../../src/report/saved.ts'
import { officeReport } from '../../builders/report.ts'

const ANYTHING = { client: [], server: [], port: null, service: null }
const withSpot = (code: string, detail = 'words in any language'): Report => ({
  ...officeReport(),
  blindSpots: [{ kind: 'overflow', code, detail, count: 3 }],
})

describe('a list that was cut', () => {
  it('of exchanges or tickets is no doubt of its own, every other overflow is', () => {
    for (const code of Object.keys(OVERFLOWS))
      expect([code, doubtsOf(withSpot(code)).length]).toEqual([code, code.endsWith('-not-listed') ? 0 : 1])
  })

  it('of tickets is asked about by its code', () => {
    expect(evidenceOf(withSpot('kdc-not-listed'), ANYTHING).ticketsListed).toBe(false)
    expect(evidenceOf(withSpot('exchanges-not-listed'), ANYTHING).ticketsListed).toBe(true)
    expect(evidenceOf(withSpot('pairs', OVERFLOWS['kdc-not-listed']), ANYTHING).ticketsListed).toBe(true)
  })
})

it('a saved report of a version without codes is read, and its overflows are doubts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-'))
  try {
    const json = reportJson(withSpot('kdc-not-listed', OVERFLOWS['kdc-not-listed'])) as {
      blindSpots: Record<string, unknown>[]
    }
    const old = { ...json, blindSpots: json.blindSpots.map(({ code: _code, ...rest }) => rest) }
    const file = join(folder, 'old.json')
    writeFileSync(file, JSON.stringify(old))
    const report = readSaved(file)
    expect(report.blindSpots).toMatchObject([{ kind: 'overflow', code: 'overflow' }])
    expect(doubtsOf(report)).toHaveLength(1)
    expect(evidenceOf(report, ANYTHING).ticketsListed).toBe(false)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
