import { describe, expect, test } from 'vitest'
import { CSV_HEADER, CSV_TABLES, csvWriter, pairsCsv } from '../../../src/output/csv.ts'
import { crowdedReport, emptyReport, HOSTILE_NAMES, hostileReport, officeReport } from '../../builders/report.ts'

/** RFC 4180, to read back what was written. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]]
  let cell = ''
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (quoted) {
      if (character !== '"') cell += character
      else if (text[at + 1] === '"') cell += text[at++]
      else quoted = false
    } else if (character === '"') quoted = true
    else if (character === ',' || character === '\n') {
      rows.at(-1)!.push(cell)
      cell = ''
      if (character === '\n') rows.push([])
    } else cell += character
  }
  expect(quoted).toBe(false)
  expect(cell).toBe('')
  expect(rows.pop()).toEqual([])
  return rows
}

function records(report: Parameters<typeof pairsCsv>[0]): Record<string, string>[] {
  const [header, ...rows] = parseCsv([...pairsCsv(report)].join(''))
  expect(header).toEqual(CSV_HEADER)
  return rows.map((row) => {
    expect(row).toHaveLength(CSV_HEADER.length)
    return Object.fromEntries(row.map((cell, at) => [CSV_HEADER[at]!, cell]))
  })
}

describe('pairs as CSV', () => {
  test('one row a pair, with every fact', () => {
    const rows = records(officeReport())
    expect(rows).toHaveLength(6)
    expect(rows[1]).toEqual({
      client: '10.1.2.34',
      clientName: 'WS-045',
      server: '10.1.2.6',
      serverName: 'nas02',
      serverPorts: '445',
      service: 'smb',
      verdict: 'ntlm-fallback',
      start: '2026-03-02T08:00:01.250000Z',
      end: '2026-03-02T08:00:01.500000Z',
      exchanges: '12',
      kerberos: '0',
      iakerb: '0',
      ntlm: '12',
      anonymous: '0',
      simple: '0',
      plain: '0',
      other: '0',
      unknown: '0',
      success: '12',
      failure: '0',
      resultUnknown: '0',
      continued: '',
      fallback: '12',
      ntlmVersions: 'NTLMv2=12',
      origins: 'client-veto=12',
      causes: 'RC04=12',
      users: 'CORP\\alice',
      spns: 'cifs/10.1.2.6',
      applications: '',
      tunnels: '',
      smbDialects: '3.1.1',
      smbClientPolicy: 'enabled',
      smbServerPolicy: 'enabled',
      smbEffective: 'unsigned=12',
      ldapLayers: '',
      ldapTls: '',
      channelBinding: 'not-applicable=12',
      breaksNtlmOff: 'yes',
      breaksSigningRequired: 'no',
      breaksRc4Off: 'unknown',
      findings: 'NS-SG-001 | NS-SG-002 | NS-FB-003',
      blindSpots: '',
      capture: 'lab.pcapng',
      frames: '38 | 40 | 41',
      uid: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
    expect(rows[4]).toMatchObject({ ldapLayers: 'none=2', ldapTls: 'false', smbDialects: '', verdict: 'other' })
  })

  test('many pairs, in pieces', () => {
    expect(records(crowdedReport(1234))).toHaveLength(1234)
    expect(records(emptyReport())).toEqual([])
  })

  test('no cell of a hostile capture is a formula or a control character, and each pair is one line', () => {
    const text = [...pairsCsv(hostileReport())].join('')
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u200b]/)
    expect(text.split('\n')).toHaveLength(1 + HOSTILE_NAMES.length + 1)
    const rows = records(hostileReport())
    expect(rows).toHaveLength(HOSTILE_NAMES.length)
    for (const row of rows) for (const cell of Object.values(row)) expect(cell).not.toMatch(/^[=+\-@]/)
    expect(rows[5]!.clientName).toBe(`'${HOSTILE_NAMES[5]}`)
    expect(rows[6]!.clientName).toBe(`'${HOSTILE_NAMES[6]}`)
    expect(rows[0]!.clientName).toBe('\\x1b[2J\\x1b[31mroot')
    expect(rows[11]!.clientName).toBe('"quoted", and, comma')
  })
})

describe('--bom', () => {
  test('puts a byte order mark before the header, and only where it is asked for', () => {
    expect(csvWriter({ table: 'pairs', bom: true }).begin!()).toBe(`\ufeff${CSV_TABLES.pairs}`)
    expect(csvWriter({ table: 'pairs' }).begin!()).toBe(CSV_TABLES.pairs)
  })
})
