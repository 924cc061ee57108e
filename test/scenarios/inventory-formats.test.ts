/**
 * Whose hosts they are, in what machines read and in the page: the numbers are those of the report.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { beforeAll, describe, expect, it } from 'vitest'
import schema from '../../schema/report.schema.json' with { type: 'json' }
import { Inventory } from '../../src/judge/inventory/inventory.ts'
import { htmlWriter } from '../../src/output/html/writer.ts'
import { jsonWriter, ndjsonWriter } from '../../src/output/json.ts'
import type { Report } from '../../src/report/report.ts'
import { readSaved } from '../../src/report/saved.ts'
import { analyze } from '../../src/run/analyze.ts'
import { BUNDLED } from '../captures/folders.ts'
import { temporaryFolder } from '../captures/packets.ts'

const HOSTS =
  'host,owner,ou,site,criticality,wave\n192.0.2.20,<b>Files & co</b>,Servers,North,high,1\n192.0.2.40,Web,Servers,North,low,2\n'
const ajv = new Ajv2020({ strict: false })
addFormats.default(ajv)
const valid = ajv.compile(schema)
const folder = temporaryFolder()

describe('an inventory', () => {
  const inventory = new Inventory(HOSTS, 'hosts.csv')
  let report: Report
  beforeAll(async () => {
    report = await analyze([join(BUNDLED, 'office/office.pcap')], { rethrow: true })
  })

  it('stands in JSON as the schema says, sums to the report, and the report is read again', () => {
    const text = [...jsonWriter({ inventory }).end(report)].join('')
    const json = JSON.parse(text)
    expect(valid(json), JSON.stringify(valid.errors)).toBe(true)
    expect(json.inventory.file).toBe('hosts.csv')
    const ntlm = report.pairs.reduce((sum, { counts }) => sum + (counts.mechanism.ntlm ?? 0), 0)
    for (const by of ['owner', 'ou', 'site', 'criticality', 'wave'])
      expect(json.inventory[by].reduce((sum: number, row: { ntlm: number }) => sum + row.ntlm, 0)).toBe(ntlm)
    expect(json.inventory.owner.map(({ value }: { value: string }) => value)).toContain('Web')
    expect(json.inventory.owner[0].value).toBe('nobody')
    const file = join(folder, 'report.json')
    writeFileSync(file, text)
    expect(readSaved(file).pairs).toEqual(report.pairs)
  })

  it('is a record for each row of ndjson', () => {
    const records = [...ndjsonWriter({ inventory }).end(report)].map((line) => JSON.parse(line))
    const rows = records.filter(({ record }) => record === 'belonging')
    expect(rows.filter(({ by }) => by === 'wave').map(({ value }) => value)).toEqual(expect.arrayContaining(['1', '2']))
    const record = ajv.compile({ $ref: '#/$defs/record', $defs: schema.$defs })
    for (const row of rows) expect(record(row), JSON.stringify(record.errors)).toBe(true)
  })

  it('stands in the page, names are text', () => {
    const page = htmlWriter({ version: '0', inventory }).end(report)
    const html = [...page].join('')
    expect(html).toContain('id="owners"')
    expect(html).toContain('&lt;b>Files &amp; co&lt;/b>')
    expect(html).not.toContain('<b>Files')
    expect([...htmlWriter({ version: '0' }).end(report)].join('')).not.toContain('id="owners"')
  })
})
