/**
 * `--events` as people run it: a bundled capture, and logs that a writer of our own makes for its hosts.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import type { AuthExchange } from '../../src/facts/exchange.ts'
import type { Report } from '../../src/report/report.ts'
import { analyze } from '../../src/run/analyze.ts'
import { evtxFile, type SampleEvent } from '../builders/evtx.ts'
import { BUNDLED } from '../captures/folders.ts'
import { temporaryFolder } from '../captures/packets.ts'

const OFFICE = join(BUNDLED, 'office/office.pcap')
const temporary = temporaryFolder()
const PROVIDER = 'Microsoft-Windows-Security-Auditing'

function run(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/src/cli.js', ...words], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    env: { ...process.env, COLUMNS: '100' },
  })
  return { code: status, out: stdout, err: stderr }
}

/** 4624 of the server, 5156 of the client, and 8001 with the target name, of every NTLM logon of the capture. */
function logsOf(exchanges: readonly AuthExchange[], mechanism: string): SampleEvent[] {
  let record = 100
  return exchanges.flatMap(({ client, server, end, principal }): SampleEvent[] => {
    const host = { channel: 'Security', provider: PROVIDER, time: end }
    const ends = [
      ['SourceAddress', client.ip],
      ['SourcePort', String(client.port)],
      ['DestAddress', server.ip],
      ['DestPort', String(server.port)],
    ] as const
    const [pc, name] = [`PC-${client.ip.split('.')[3]}.corp.example`, `SRV-${server.ip.split('.')[3]}.corp.example`]
    const address = `\\device\\harddiskvolume3\\apps\\scan.exe`
    return [
      {
        ...host,
        id: 5156,
        computer: pc,
        record: ++record,
        data: [['Application', address], ['Direction', '%%14593'], ...ends],
      },
      {
        ...host,
        id: 5156,
        computer: name,
        record: ++record,
        data: [
          ['Application', 'System'],
          ['Direction', '%%14593'],
          ['SourceAddress', server.ip],
          ['SourcePort', '50000'],
        ],
      },
      {
        ...host,
        id: 4624,
        computer: name,
        record: ++record,
        data: [
          ['TargetUserName', principal.user ?? 'someone'],
          ['TargetDomainName', 'CORP'],
          ['LogonType', { type: 'uint32', value: 3 }],
          ['AuthenticationPackageName', mechanism],
          ['LmPackageName', mechanism === 'NTLM' ? 'NTLM V2' : '-'],
          ['IpAddress', client.ip],
          ['IpPort', String(client.port)],
        ],
      },
    ]
  })
}

async function ntlmOfOffice(): Promise<AuthExchange[]> {
  const { exchanges } = await analyze([OFFICE])
  return exchanges.filter(({ mechanism }) => mechanism === 'ntlm')
}

const strange: SampleEvent = {
  id: 4624,
  channel: 'Security',
  provider: PROVIDER,
  computer: 'SRV-77.corp.example',
  record: 5,
  time: 0,
  data: [
    ['TargetUserName', 'carol'],
    ['LogonType', '3'],
    ['AuthenticationPackageName', 'NTLM'],
    ['LmPackageName', 'NTLM V1'],
    ['IpAddress', '192.0.2.222'],
    ['IpPort', '50001'],
  ],
}

describe('a capture with the logs of its hosts', () => {
  it('JSON, ndjson and text say what is joined, and fit the schema', async () => {
    const ntlm = await ntlmOfOffice()
    expect(ntlm.length).toBeGreaterThan(2)
    const path = join(temporary, 'logs.evtx')
    writeFileSync(path, evtxFile([...logsOf(ntlm, 'NTLM'), { ...strange, time: ntlm[0]!.end }]))

    const json = run('analyze', OFFICE, '--events', path, '--format', 'json')
    expect(json.code, json.err).toBe(0)
    const report = JSON.parse(json.out) as Report
    const ajv = new Ajv2020({ strict: false, allErrors: true })
    ;(addFormats as unknown as { default: (ajv: Ajv2020) => void }).default?.(ajv)
    const schema: unknown = JSON.parse(readFileSync('schema/report.schema.json', 'utf8'))
    const valid = ajv.compile(schema as object)
    expect(valid(report), JSON.stringify(valid.errors?.slice(0, 3))).toBe(true)

    for (const { id } of ntlm) {
      const found = report.exchanges.find((one) => one.id === id)!
      expect(found.events.map((event) => event.id).sort()).toEqual([4624, 5156])
      expect(found.windows).toMatchObject({ process: '\\device\\harddiskvolume3\\apps\\scan.exe', agrees: true })
    }
    const others = report.exchanges.filter(({ mechanism }) => mechanism !== 'ntlm')
    expect(others.every(({ events, windows }) => events.length === 0 && windows === null)).toBe(true)
    expect(report.eventCoverage).toMatchObject({ exchangesJoined: ntlm.length, exchangesContradicted: 0 })
    expect(report.eventCoverage!.unseen).toMatchObject([{ client: '192.0.2.222', users: ['carol'], count: 1 }])
    expect(report.blindSpots.map(({ code }) => code)).toContain('log-not-on-wire')

    const lines = run('analyze', '--events', path, OFFICE, '--format', 'ndjson').out.trim().split('\n')
    const records = lines.map((line) => JSON.parse(line) as { record: string; id: string; events: unknown[] })
    const told = records.filter(({ record }) => record === 'exchange')
    expect(told.map(({ id, events }) => [id, events.length]).sort()).toEqual(
      report.exchanges.map(({ id, events }) => [id, events.length]).sort(),
    )
    expect(records.filter(({ record }) => record === 'eventCoverage')).toHaveLength(1)

    const { out } = run('analyze', OFFICE, '--events', path)
    expect(out).toContain('Windows logs')
    expect(out).toMatch(new RegExp(`Logs +${ntlm.length} of ${report.exchanges.length} exchanges`))
    expect(out).toContain('192.0.2.222 -> SRV-77.corp.example: 1 NTLM logon of carol')
    const csv = run('analyze', OFFICE, '--events', path, '--format', 'csv', '--table', 'exchanges').out
    expect(csv.split('\n')[0]).toMatch(/,process,windowsUser,windowsReason,windowsAgrees,events,/)
    expect(csv.match(/scan\.exe/g)).toHaveLength(ntlm.length)
  })

  it('without logs nothing is said of them', () => {
    const report = JSON.parse(run('analyze', OFFICE, '--format', 'json').out) as Report
    expect(report.eventCoverage).toBeNull()
    expect(report.exchanges.every(({ events, windows }) => events.length === 0 && windows === null)).toBe(true)
  })

  it('a log that names another mechanism is a finding of its own', async () => {
    const path = join(temporary, 'other.evtx')
    writeFileSync(path, evtxFile(logsOf(await ntlmOfOffice(), 'Kerberos')))
    const { findings, pairs } = JSON.parse(run('analyze', OFFICE, '--events', path, '-f', 'json').out) as Report
    expect(findings.map(({ id }) => id)).toContain('NS-EV-001')
    expect(pairs.some((pair) => pair.findings.includes('NS-EV-001'))).toBe(true)
    expect(run('analyze', OFFICE, '--events', path, '--fail-on', 'NS-EV-001', '-o', join(temporary, 'x')).code).toBe(1)
  })

  it('a log that cannot be read ends with 2 and one line; the rest is reported', async () => {
    const bad = join(temporary, 'viewer.csv')
    writeFileSync(bad, '"Ebene","Datum und Uhrzeit","Quelle","Ereignis-ID"\n"Information","1.1.2026","x","4624"\n')
    const { code, out, err } = run('analyze', OFFICE, '--events', bad)
    expect(code).toBe(2)
    expect(err.trim().split('\n')).toHaveLength(1)
    expect(err).toContain('wevtutil epl')
    expect(out).toContain('Pairs')
    expect(run('analyze', OFFICE, '--events', join(temporary, 'nowhere')).code).toBe(2)
  })

  it('a log is not overwritten, and a saved report has been joined or not', async () => {
    const path = join(temporary, 'keep.evtx')
    const content = evtxFile(logsOf(await ntlmOfOffice(), 'NTLM'))
    writeFileSync(path, content)
    expect(run('analyze', OFFICE, '--events', path, '-o', path).code).toBe(64)
    expect(readFileSync(path).equals(content)).toBe(true)
    const saved = join(temporary, 'saved.json')
    run('analyze', OFFICE, '--events', path, '-f', 'json', '-o', saved)
    expect(run('device', '192.0.2.102', saved).out).toContain('programs, by the logs')
    expect(run('device', '192.0.2.102', saved, '--events', path).code).toBe(2)
  })

  it('verify names the program', async () => {
    const path = join(temporary, 'keep.evtx')
    writeFileSync(path, evtxFile(logsOf(await ntlmOfOffice(), 'NTLM')))
    const { code, out } = run('verify', OFFICE, '--server', '192.0.2.20', '--expect', 'no-ntlm', '--events', path)
    expect(code).toBe(1)
    expect(out.replace(/\s+/g, ' ')).toContain('apps\\scan.exe as CORP\\')
  })
})
