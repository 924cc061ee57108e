/**
 * Saved reports: checked against the schema, in one line; what later versions added may be absent, and whatever is
 * changed in one, nothing throws.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CaptureError } from '../../../src/capture/open.ts'
import { hostPattern } from '../../../src/facts/filter.ts'
import { deviceCard } from '../../../src/judge/device.ts'
import { diff } from '../../../src/judge/diff.ts'
import { EXPECTATIONS } from '../../../src/judge/expectations.ts'
import { judgeFlow } from '../../../src/judge/flow.ts'
import { cardText } from '../../../src/output/card.ts'
import { diffText } from '../../../src/output/changes.ts'
import { reportPage } from '../../../src/output/html/writer.ts'
import { reportJsonText } from '../../../src/output/json.ts'
import { renderText } from '../../../src/output/text/report.ts'
import { verificationText } from '../../../src/output/verification.ts'
import { type NarrowTo, NOTHING_ASKED, userPattern } from '../../../src/report/narrowing/asked.ts'
import { Narrowing } from '../../../src/report/narrowing/narrow.ts'
import { readSaved } from '../../../src/report/saved.ts'
import { analyze } from '../../../src/run/analyze.ts'
import { BUNDLED } from '../../captures/folders.ts'
import { temporaryFolder } from '../../captures/packets.ts'

const temporary = temporaryFolder()
const path = join(temporary, 'saved.json')
const report = await analyze([join(BUNDLED, 'office', 'office.pcap')])
const text = [...reportJsonText(report)].join('')
const PAGE = { columns: 80, color: false }
const NARROW: NarrowTo = { ...NOTHING_ASKED, severity: 'high', user: [userPattern('scan')] }

function readBack(value: unknown) {
  writeFileSync(path, JSON.stringify(value))
  return readSaved(path)
}

describe('a saved report', () => {
  it('is read as it was', () => {
    const { exchanges, pairs } = readBack(JSON.parse(text))
    expect(exchanges).toEqual(JSON.parse(JSON.stringify(report.exchanges)))
    expect(pairs).toEqual(JSON.parse(JSON.stringify(report.pairs)))
  })

  it('may lack what later versions added, and have what they will add', () => {
    const value = JSON.parse(text)
    const later = ['unfiltered', 'unread', 'eventCoverage', 'turnedAway', 'tls', 'keys']
    for (const name of [...later, 'places', 'servers', 'clients', 'accounts']) delete value[name]
    for (const exchange of value.exchanges) for (const name of ['uid', 'windows', 'events']) delete exchange[name]
    for (const spot of value.blindSpots) delete spot.code
    const read = readBack({ ...value, later: { anything: 1 } })
    expect(read.unfiltered).toBeNull()
    // made of the exchanges once more
    for (const name of ['places', 'servers', 'clients', 'accounts'] as const)
      expect(read[name]).toEqual(JSON.parse(JSON.stringify(report[name])))
    expect(read.exchanges).toHaveLength(report.exchanges.length)
  })

  it('is refused in one line with the place where something is missing or wrong', () => {
    const without = JSON.parse(text)
    delete without.pairs[1].client
    expect(() => readBack(without)).toThrow(/saved\.json: a report .*client/)
    const wrong = JSON.parse(text)
    wrong.exchanges[0].server.ip = 5
    expect(() => readBack(wrong)).toThrow(/saved\.json: a report /)
    for (const value of [null, 5, [], {}, { schema: report.schema }])
      expect(() => readBack(value)).toThrow(CaptureError)
  })

  it('whatever is changed in it: refused, or judged and printed', () => {
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % below
    }
    const values: unknown[] = [null, 0, -1, 1e300, '', 'x', [], {}, true, '2026-01-01T00:00:00.000000Z']
    let judged = 0
    for (let round = 0; round < 300; round++) {
      const value = JSON.parse(text)
      let at = value
      for (;;) {
        const keys = Object.keys(at)
        const key = keys[random(keys.length)]!
        if (typeof at[key] === 'object' && at[key] !== null && Object.keys(at[key]).length > 0 && random(4) > 0) {
          at = at[key]
          continue
        }
        const changed = values[random(values.length)]
        if (random(3) === 0) delete at[key]
        else at[key] = changed
        break
      }
      try {
        const read = readBack(value)
        const flow = { client: [], server: [], port: null, service: null }
        const parts = [judgeFlow(read, flow, EXPECTATIONS, null)]
        verificationText({ state: 'met', captures: [], policy: null, parts }, PAGE)
        cardText(deviceCard(read, hostPattern('files1'), report), PAGE)
        diffText(diff(report, read), PAGE)
        renderText(read, PAGE)
        reportPage(read, '')
        new Narrowing(read, NARROW).report()
        judged++
      } catch (error) {
        if (!(error instanceof CaptureError)) throw error
      }
    }
    expect(judged).toBeGreaterThan(20)
  })
})
