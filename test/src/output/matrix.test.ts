/**
 * Devices side by side: the same grades as each card, every proof kept, safe in a spreadsheet and on a terminal.
 */
import { parse } from 'csv-parse/sync'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { hostPattern } from '../../../src/facts/filter.ts'
import { deviceCard, deviceMatrix } from '../../../src/judge/device.ts'
import { matrixCsv, matrixJson, matrixMarkdown, matrixText } from '../../../src/output/matrix.ts'
import { emptyReport, hostileReport, officeReport } from '../../builders/report.ts'

const LOOK = { columns: 80, color: false }

test('a row for each host, with the grades of its card', () => {
  const report = officeReport()
  const matrix = deviceMatrix(report)
  const hosts = new Set([
    ...report.servers.map(({ server }) => server.ip),
    ...report.clients.map(({ client }) => client.ip),
  ])
  expect(new Set(matrix.devices.map(({ device }) => device))).toEqual(hosts)
  for (const { device, scorecard, state } of matrix.devices) {
    const card = deviceCard(report, hostPattern(device))
    expect(scorecard).toEqual(card.scorecard)
    expect(state).toBe(card.state)
  }
  // the worst decides
  expect(matrix.state).toBe('not-met')
  expect(matrix.devices.find(({ device }) => device === '10.1.2.34')!.scorecard[0]).toMatchObject({
    name: 'no NTLM',
    grade: 'fail',
    proven: 'used',
  })
})

test('the hosts that were asked for, also those that nobody saw', () => {
  const matrix = deviceMatrix(officeReport(), [hostPattern('10.1.2.34'), hostPattern('192.0.2.99')])
  expect(matrix.devices.map(({ device }) => device)).toEqual(['10.1.2.34', '192.0.2.99'])
  expect(matrix.devices[1]!.scorecard.every(({ grade }) => grade === 'not tested')).toBe(true)
})

test('nobody seen is not a pass', () => {
  const matrix = deviceMatrix(emptyReport())
  expect(matrix.state).toBe('not-observed')
  expect(matrixText(matrix, LOOK)).toContain('no proof that nobody did')
})

test('CSV has a column for each question, and the frames', () => {
  const matrix = deviceMatrix(officeReport())
  const rows = parse(matrixCsv(matrix), { columns: true }) as Record<string, string>[]
  expect(rows).toHaveLength(matrix.devices.length)
  const row = rows.find(({ device }) => device === '10.1.2.34')!
  expect(row['no NTLM']).toBe('fail: used')
  expect(row.proofs).toContain('lab.pcapng: frames 38, 40, 41')
})

describe.each([
  ['office', officeReport()],
  ['hostile', hostileReport()],
])('%s', (_name, report) => {
  const matrix = deviceMatrix(report)

  test.each([64, 80, 120])('text of %i columns fits and hides nothing', (columns) => {
    for (const line of matrixText(matrix, { columns, color: false }).split('\n')) {
      expect(stringWidth(line)).toBeLessThanOrEqual(columns)
      expect(line).not.toMatch(/[\u0000-\u001f\u202e]/)
    }
  })

  test('Markdown is one table, JSON the value', () => {
    const lines = matrixMarkdown(matrix).trim().split('\n')
    expect(lines).toHaveLength(matrix.devices.length + 2)
    for (const line of lines) expect(line.startsWith('| ') && line.endsWith(' |')).toBe(true)
    expect(JSON.parse(matrixJson(matrix))).toEqual(JSON.parse(JSON.stringify(matrix)))
  })
})
