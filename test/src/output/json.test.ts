import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { beforeAll, describe, expect, test } from 'vitest'
import { closingRecords, exchangeRecord, kdcRecord, reportJson, reportJsonText } from '../../../src/output/json.ts'
import { jsonText } from '../../../src/output/page/json-text.ts'
import type { Report } from '../../../src/report/report.ts'
import { crowdedReport, emptyReport, hostileReport, MORNING, officeReport } from '../../builders/report.ts'

const REPORTS: [name: string, report: Report][] = [
  ['empty', emptyReport()],
  ['office', officeReport()],
  ['crowded', crowdedReport(300)],
  ['hostile', hostileReport()],
]

function schemas(): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true })
  ;(addFormats as unknown as { default: typeof addFormats }).default
    ? (addFormats as unknown as { default: (ajv: Ajv2020) => void }).default(ajv)
    : (addFormats as unknown as (ajv: Ajv2020) => void)(ajv)
  for (const name of ['report', 'messages']) {
    ajv.addSchema(JSON.parse(readFileSync(new URL(`../../../schema/${name}.schema.json`, import.meta.url), 'utf8')))
  }
  return ajv
}

let validReport: ValidateFunction
let validRecord: ValidateFunction
let validMessage: ValidateFunction
beforeAll(() => {
  const ajv = schemas()
  validReport = ajv.getSchema('urn:ntlmscope:report-1')!
  validRecord = ajv.getSchema('urn:ntlmscope:report-1#/$defs/record')!
  validMessage = ajv.getSchema('urn:ntlmscope:messages-1')!
})

/** Every string, number... of a JSON value by its path; list positions are not told apart. */
function* leaves(value: unknown, path = ''): Generator<string> {
  if (Array.isArray(value)) for (const element of value) yield* leaves(element, `${path}[]`)
  else if (value !== null && typeof value === 'object') {
    for (const [name, part] of Object.entries(value)) yield* leaves(part, `${path}.${name}`)
  } else yield path
}

describe('the report', () => {
  for (const [name, report] of REPORTS) {
    test(`${name}: fits its schema`, () => {
      expect(validReport(reportJson(report)), JSON.stringify(validReport.errors?.slice(0, 3))).toBe(true)
    })

    test(`${name}: the pieces of text are the same JSON`, () => {
      expect(JSON.parse([...reportJsonText(report)].join(''))).toEqual(reportJson(report))
    })

    test(`${name}: every ndjson record fits its schema`, () => {
      for (const record of [
        ...report.exchanges.map(exchangeRecord),
        ...report.kdc.map(kdcRecord),
        ...closingRecords(report),
      ]) {
        expect(validRecord(record), JSON.stringify(validRecord.errors?.slice(0, 3))).toBe(true)
      }
    })
  }

  test('times are ISO 8601 with microseconds, everything else is as it was', () => {
    const report = officeReport()
    const json = JSON.parse([...reportJsonText(report)].join(''))
    expect(json.coverage.start).toBe('2026-03-02T08:00:00.000000Z')
    expect(json.exchanges[0].start).toBe('2026-03-02T08:00:01.250000Z')
    expect(json.kdc[0].time).toBe('2026-03-02T08:00:01.000000Z')
    expect(json.pairs[0].end).toBe('2026-03-02T08:00:01.500000Z')
    expect(json.captures[0].end).toBe('2026-03-02T16:30:00.000000Z')
    expect(json.exchanges[0].frames).toEqual([12, 14])
    expect(json.findings[0]).toEqual({
      ...report.findings[0],
      start: '2026-03-02T08:00:00.000000Z',
      end: '2026-03-02T08:00:01.000000Z',
    })
    expect(MORNING).toBe(Date.parse('2026-03-02T08:00:00Z') * 1000)
  })

  test('members keep their order', () => {
    expect(Object.keys(JSON.parse([...reportJsonText(officeReport())].join('')))).toEqual([
      'schema',
      'filter',
      'unfiltered',
      'coverage',
      'captures',
      'unread',
      'pairs',
      'places',
      'servers',
      'clients',
      'accounts',
      'exchanges',
      'kdc',
      'conversations',
      'findings',
      'figures',
      'blindSpots',
      'hosts',
      'passThrough',
      'turnedAway',
      'eventCoverage',
      'tls',
      'keys',
      'tally',
    ])
  })

  test('each element of a list is one line', () => {
    const report = crowdedReport(300)
    const lines = [...reportJsonText(report)].join('').split('\n')
    expect(lines.filter((line) => line.includes('"verdict":'))).toHaveLength(300)
  })

  test('ndjson records come in their order', () => {
    const report = officeReport()
    const kinds = [...closingRecords(report)].map(({ record }) => record)
    const rows = [report.places, report.servers, report.clients, report.accounts].flat().length
    expect([...new Set(kinds)]).toEqual([
      'pair',
      'place',
      'server',
      'client',
      'account',
      'conversation',
      'finding',
      'figures',
      'blindSpot',
      'capture',
      'unread',
      'coverage',
      'tally',
    ])
    expect(kinds).toHaveLength(6 + rows + 2 + 4 + 1 + 2 + 1 + 1 + 1 + 1)
  })

  test('nothing is left out of the schema: a name that it does not know is refused at every level', () => {
    const strays: [string, (json: ReturnType<typeof JSON.parse>) => void][] = [
      ['report', (json) => (json.stray = 1)],
      ['coverage', (json) => (json.coverage.stray = 1)],
      ['capture', (json) => (json.captures[0].stray = 1)],
      ['pair', (json) => (json.pairs[0].stray = 1)],
      ['pair.counts', (json) => (json.pairs[0].counts.stray = 1)],
      ['pair mechanism', (json) => (json.pairs[0].counts.mechanism.stray = 1)],
      ['exchange', (json) => (json.exchanges[0].stray = 1)],
      ['exchange.smb', (json) => (json.exchanges[0].smb.stray = 1)],
      ['kdc', (json) => (json.kdc[0].stray = 1)],
      ['finding', (json) => (json.findings[0].stray = 1)],
      ['blindSpot', (json) => (json.blindSpots[0].stray = 1)],
      ['tally', (json) => (json.tally.stray = 1)],
      ['service', (json) => (json.pairs[0].service = 'cifs')],
      ['mechanism', (json) => (json.exchanges[0].mechanism = 'digest')],
      ['verdict', (json) => (json.pairs[0].verdict = 'fine')],
      ['severity', (json) => (json.findings[0].severity = 'bad')],
      ['time', (json) => (json.exchanges[0].start = 1)],
      ['frame', (json) => (json.exchanges[0].frames = [0])],
      ['address', (json) => (json.exchanges[0].client.ip = '10.0.0')],
    ]
    for (const [what, spoil] of strays) {
      const json = JSON.parse([...reportJsonText(officeReport())].join(''))
      spoil(json)
      expect(validReport(json), what).toBe(false)
    }
  })

  test('every member is required', () => {
    const whole = reportJson(officeReport())
    for (const path of new Set(leaves(whole))) {
      const [, member, name] = /^\.(\w+)\[\]\.(\w+)/.exec(path) ?? []
      if (member === undefined || name === undefined || member === 'tally') continue
      const json = JSON.parse(JSON.stringify(whole))
      for (const element of json[member]) delete element[name]
      expect(validReport(json), path).toBe(false)
    }
  })
})

describe('jsonText', () => {
  test('what a terminal might obey is escaped, and means the same', () => {
    const text = '\x1b[2J \u009b31m \u202e \u2066 \u200b \ufeff \u2028 \x7f Zoë 部署 😀'
    const json = jsonText({ text })
    expect(json).not.toMatch(/[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/)
    expect(json).toContain('Zoë 部署 😀')
    expect(JSON.parse(json)).toEqual({ text })
  })
})

describe('messages.schema.json', () => {
  const common = {
    capture: 'lab.pcapng',
    frame: 38,
    time: '2026-03-02T08:00:00.000000Z',
    source: { ip: '10.1.2.34', port: 50_022 },
    destination: { ip: '2001:db8::5', port: 445 },
    carrier: 'smb',
  }
  const version = { major: 10, minor: 0, build: 26_100 }
  const targetInfo = {
    nbComputerName: 'NAS02',
    nbDomainName: 'CORP',
    dnsComputerName: null,
    dnsDomainName: null,
    dnsTreeName: null,
    timestamp: '2026-03-02T08:00:00.000000Z',
  }
  const lines: [name: string, fields: Record<string, unknown>, required: string[]][] = [
    [
      'NEGOTIATE_MESSAGE',
      {
        protocol: 'ntlmssp',
        negotiateFlags: ['NTLMSSP_NEGOTIATE_UNICODE'],
        domainName: null,
        workstation: null,
        version,
      },
      ['negotiateFlags', 'version'],
    ],
    [
      'CHALLENGE_MESSAGE',
      { protocol: 'ntlmssp', negotiateFlags: [], targetName: 'CORP', targetInfo, version: null },
      ['negotiateFlags', 'targetName', 'targetInfo', 'version'],
    ],
    [
      'AUTHENTICATE_MESSAGE',
      {
        protocol: 'ntlmssp',
        negotiateFlags: [],
        userName: 'alice',
        domainName: 'CORP',
        workstation: '',
        ntlmVersion: 'NTLMv2',
        targetSpn: 'cifs/10.1.2.6',
        channelBindings: '0'.repeat(32),
        mic: true,
        avFlags: 2,
        nameEncoding: 'utf-16',
        version,
      },
      [
        'negotiateFlags',
        'userName',
        'domainName',
        'workstation',
        'ntlmVersion',
        'targetSpn',
        'channelBindings',
        'mic',
        'avFlags',
        'nameEncoding',
      ],
    ],
    [
      'AS-REQ',
      {
        protocol: 'kerberos',
        realm: 'CORP',
        cname: 'alice',
        etypes: [18, 17],
        padata: [2],
        kdcOptions: ['forwardable'],
      },
      [],
    ],
    [
      'KRB-ERROR',
      { protocol: 'kerberos', errorCode: 7, errorName: 'KDC_ERR_S_PRINCIPAL_UNKNOWN', sname: 'cifs/x' },
      [],
    ],
    ['NegTokenInit', { protocol: 'spnego', mechTypes: ['NTLMSSP'], hintName: null, mechListMic: null }, ['mechTypes']],
    ['NegTokenInit2', { protocol: 'spnego', mechTypes: ['NTLMSSP'] }, ['mechTypes']],
    [
      'NegTokenResp',
      { protocol: 'spnego', negState: 'unknown (9)', supportedMech: null },
      ['negState', 'supportedMech'],
    ],
    [
      'NEGOEX',
      { protocol: 'negoex', messageTypes: ['INITIATOR_NEGO'], conversationId: 'x', authSchemes: ['pku2u'] },
      ['messageTypes', 'conversationId', 'authSchemes'],
    ],
  ]

  for (const [type, fields, required] of lines) {
    const line = { ...common, type, ...fields }
    test(`${type}: closed, and complete`, () => {
      expect(validMessage(line), JSON.stringify(validMessage.errors)).toBe(true)
      expect(validMessage({ ...line, faults: [{ reason: 'cut', where: 'AUTHENTICATE_MESSAGE.UserName' }] })).toBe(true)
      expect(validMessage({ ...line, faults: [{ reason: 'odd', where: 'x' }] })).toBe(false)
      expect(validMessage({ ...line, stray: 1 })).toBe(false)
      for (const name of [...Object.keys(common), 'type', 'protocol', ...required]) {
        const { [name]: _, ...rest } = line as Record<string, unknown>
        expect(validMessage(rest), `without ${name}`).toBe(false)
      }
    })
  }

  test('secrets have no field', () => {
    const [, fields] = lines[2]!
    for (const secret of ['ntResponse', 'lmResponse', 'serverChallenge', 'password']) {
      expect(validMessage({ ...common, type: 'AUTHENTICATE_MESSAGE', ...fields, [secret]: '00' })).toBe(false)
    }
  })

  test('messages of carriers bring their own fields', () => {
    const negotiate = { ...common, protocol: 'smb2', type: 'NEGOTIATE', request: true, dialects: ['3.1.1'] }
    expect(validMessage(negotiate)).toBe(true)
    expect(validMessage({ ...negotiate, frame: 0 })).toBe(false)
    expect(validMessage({ ...negotiate, protocol: 'kerberos' })).toBe(false)
  })
})
