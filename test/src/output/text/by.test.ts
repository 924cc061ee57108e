/**
 * Lists of the report as text and CSV, and a saved report reprinted: the numbers are those of the report.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import stringWidth from 'string-width'
import { afterAll, describe, expect, test } from 'vitest'
import { CaptureError } from '../../../../src/capture/open.ts'
import { EXIT } from '../../../../src/cli/exit.ts'
import { run } from '../../../../src/cli.ts'
import { CSV_TABLES, tableCsv } from '../../../../src/output/csv.ts'
import { reportJsonText } from '../../../../src/output/json.ts'
import { renderText } from '../../../../src/output/text/report.ts'
import { LISTS } from '../../../../src/output/writer.ts'
import type { Report } from '../../../../src/report/report.ts'
import { blindSpot, crowdedReport, emptyReport, hostileReport, officeReport } from '../../../builders/report.ts'

const REPORTS: [name: string, report: Report][] = [
  ['empty', emptyReport()],
  ['office', officeReport()],
  ['crowded', crowdedReport(300)],
  ['hostile', hostileReport()],
]

describe.each(REPORTS)('lists of a report: %s', (_name, report) => {
  test.each(LISTS)('--by %s fits 80 columns, and is safe on a terminal', (by) => {
    const text = renderText(report, { columns: 80, color: false, by })
    expect(text).toContain(`By ${by}`)
    for (const line of text.split('\n')) {
      expect(stringWidth(line)).toBeLessThanOrEqual(80)
      expect(line).not.toMatch(/[\u0000-\u001f\u202e\u200b]/)
    }
  })
})

test('places: cause, server, count and share are those of the report, with fix and frames', () => {
  const report = officeReport()
  const text = renderText(report, { columns: 100, color: false, by: 'cause' })
  const [first] = report.places
  expect(text).toMatch(/RC04 +10\.1\.2\.6.* smb +12 /)
  expect(text).toContain(first!.fix.slice(0, 40))
  expect(text).toContain('lab.pcapng: frames 38, 40, 41')
})

test('--top says how many are left', () => {
  const report = officeReport()
  const text = renderText(report, { columns: 80, color: false, by: 'client', top: 1 })
  const all = report.clients.length
  expect(all).toBeGreaterThan(1)
  expect(text).toContain(`and ${all - 1} more; --top ${all} or --format csv --table clients for all`)
})

test('a filtered list says so first', () => {
  const text = renderText(officeReport({ filter: ['--server 10.1.2.6'] }), { columns: 80, color: false, by: 'server' })
  expect(text.split('\n')[0]).toContain('Only --server 10.1.2.6')
})

test('--summary is the beginning of the report, and no more', () => {
  const options = { columns: 80, color: false }
  const summary = renderText(officeReport(), { ...options, summary: true })
  const report = renderText(officeReport(), options)
  // what is cut there stands below; here nothing does
  // nor what to type
  const labels = (text: string) => text.match(/^ {2}(?!Next)\S+( seen)? /gm)
  expect(labels(report)!.slice(0, labels(summary)!.length)).toEqual(labels(summary))
  expect(summary.split('\n')[0]).toBe(report.split('\n')[0])
  expect(summary).not.toContain('below')
  expect(summary.split('\n').length).toBeLessThanOrEqual(30)
})

test.each(['places', 'servers', 'clients', 'accounts'] as const)(
  '--table %s has a row for each, and its numbers',
  (name) => {
    const report = officeReport()
    const rows = parse(CSV_TABLES[name] + [...tableCsv(report, name)].join(''), { columns: true }) as Record<
      string,
      string
    >[]
    const wanted: readonly { readonly count?: number; readonly ntlm?: number }[] = report[name]
    expect(wanted.length).toBeGreaterThan(0)
    expect(rows.map(({ ntlm }) => Number(ntlm))).toEqual(wanted.map(({ count, ntlm }) => count ?? ntlm))
  },
)

describe('a saved report is reprinted', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-saved-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  let files = 0

  function saved(report: Report): string {
    const path = join(folder, `${++files}.json`)
    writeFileSync(path, [...reportJsonText(report)].join(''))
    return path
  }

  async function cli(...words: string[]) {
    const printed = { out: '', err: '' }
    const stream = (name: 'out' | 'err') =>
      ({
        write: (text: string) => {
          printed[name] += text
          return true
        },
      }) as unknown as NodeJS.WriteStream
    const never = async (): Promise<never> => {
      throw new CaptureError('captures are not read again')
    }
    const code = await run(
      words,
      { out: stream('out'), err: stream('err'), env: {} },
      {
        analyze: async () => ({ analyze: never }),
        captures: async () => ({ CaptureError, expandInputs: async (args) => [...args], openCapture: never }),
        show: async () => ({ show: never }),
      },
    )
    return { code, ...printed }
  }

  test('in every format the same as at first', async () => {
    const report = officeReport()
    const path = saved(report)
    const json = await cli('analyze', path, '--format', 'json')
    expect(json).toMatchObject({ code: EXIT.ok, err: '' })
    expect(json.out).toBe([...reportJsonText(report)].join(''))
    expect((await cli('analyze', path)).out).toContain('3 of 6 pairs (client, server, service) use NTLM.')
    expect((await cli('analyze', path, '--by', 'cause')).out).toContain('RC04')
    expect((await cli('analyze', path, '--format', 'html')).out).toContain('id="work"')
    const rows = (await cli('analyze', path, '--format', 'ndjson')).out.trim().split('\n')
    expect(rows.filter((row) => row.includes('"record":"exchange"')).length).toBe(report.exchanges.length)
  })

  test('what was cut when it was saved is said where it is asked for', async () => {
    const path = saved(
      officeReport({ blindSpots: [blindSpot({ kind: 'overflow', code: 'exchanges-not-listed', count: 7 })] }),
    )
    expect(await cli('analyze', path, '--format', 'csv', '--table', 'exchanges')).toMatchObject({
      code: EXIT.unreadable,
      err: expect.stringContaining('7 of its exchanges were not saved'),
    })
    expect((await cli('analyze', path, '--by', 'server')).code).toBe(EXIT.ok)
  })

  test('a part of it: said first', async () => {
    const { code, out } = await cli('analyze', saved(officeReport()), '--server', '10.1.2.6')
    expect(code).toBe(EXIT.ok)
    expect(out).toMatch(/^Only --server 10\.1\.2\.6: /)
  })
})

describe('on a terminal', () => {
  const look = { columns: 80, color: false }

  test('the answer stands at the end too, where it has scrolled away', () => {
    const plain = renderText(officeReport(), look)
    const answer = renderText(officeReport(), { ...look, summary: true })
    expect(renderText(officeReport(), { ...look, rows: 20 })).toBe(`${plain}\nOnce more\n\n${answer}`)
    expect(renderText(officeReport(), { ...look, rows: 5_000 })).toBe(plain)
  })

  test('columns that have no room are named, and wide tables have them', () => {
    const narrow = renderText(officeReport(), look)
    expect(narrow.replaceAll(/\s+/g, ' ')).toMatch(
      /not shown for want of room: [A-Z, ]*BINDING[A-Z, ]*; --wide shows all/,
    )
    const wide = renderText(officeReport(), { ...look, wide: true })
    expect(wide).not.toContain('for want of room')
    expect(wide).toMatch(/CLIENT .* SERVER .* BINDING .* BREAKS WITHOUT/)
    for (const by of LISTS)
      expect(renderText(officeReport(), { ...look, by, wide: true })).not.toContain('want of room')
  })
})
