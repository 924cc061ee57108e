/**
 * Attempts that ended without authentication, from captures to reports, verdicts and differences: what is one, and what
 * only looks like one.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import schema from '../../schema/report.schema.json' with { type: 'json' }
import { hostPattern } from '../../src/facts/filter.ts'
import { diff } from '../../src/judge/diff.ts'
import { expectationNamed } from '../../src/judge/expectations.ts'
import { judgeFlow } from '../../src/judge/flow.ts'
import { htmlWriter } from '../../src/output/html/writer.ts'
import { reportJsonText } from '../../src/output/json.ts'
import { renderText } from '../../src/output/text/report.ts'
import { readSaved } from '../../src/report/saved.ts'
import { analyze } from '../../src/run/analyze.ts'
import { pcap } from '../builders/capture.ts'
import { httpRequest, httpResponse } from '../builders/http.ts'
import { type Message, tcpConversation } from '../builders/net.ts'
import { kerberosSetup, negotiate, ntlmSetup } from '../builders/smb-talk.ts'
import { BUNDLED, capturesBelow } from '../captures/folders.ts'
import { temporaryFolder } from '../captures/packets.ts'

const folder = temporaryFolder()
const CLIENT = '10.77.0.101'
const SERVER = '10.77.0.20'
const START = 1e15
let files = 0

interface Talked {
  readonly messages: readonly Message[]
  readonly server?: string
  readonly port?: number
  readonly close?: boolean
  readonly handshake?: boolean
  /** seconds after the first */
  readonly at?: number
}

function written(...talks: readonly Talked[]): string {
  const packets = talks.flatMap(({ messages, server = SERVER, port = 445, at, ...rest }, number) =>
    tcpConversation(messages, {
      client: { address: CLIENT, port: 49_152 + number },
      server: { address: server, port },
      ...rest,
    }).map((bytes, index) => ({ time: START + (at ?? number) * 1e6 + index * 1000, bytes })),
  )
  const path = join(folder, `${++files}.pcap`)
  writeFileSync(path, pcap(packets))
  return path
}

const read = (...talks: readonly Talked[]) => analyze([written(...talks)], { rethrow: true })
const negotiated: Talked = { messages: negotiate() }
const refused = (scheme: string): Talked => ({
  port: 80,
  messages: [
    { from: 'client', data: httpRequest() },
    { from: 'server', data: httpResponse({ status: 401, headers: { 'WWW-Authenticate': scheme }, body: 'no' }) },
  ],
})
const ANY = { client: [], server: [], port: null, service: null }
const judged = (report: Awaited<ReturnType<typeof read>>, name: string) =>
  judgeFlow(report, ANY, [expectationNamed(name)!], null).expectations[0]!

describe('turned away', () => {
  it('SMB that is negotiated and closed, with the frames of the offers', async () => {
    const report = await read(negotiated, negotiated, negotiated)
    const frames = 3 + 4 + 3
    expect(report.turnedAway).toEqual([
      {
        client: CLIENT,
        server: SERVER,
        service: 'smb',
        ports: [445],
        class: 'client-gave-up',
        pattern: 'repeated',
        status: null,
        kdc: null,
        count: 3,
        first: START + 3000,
        last: START + 2e6 + 3000,
        capture: report.captures[0]!.name,
        frames: [6, 6 + frames, 6 + 2 * frames],
      },
    ])
    expect(renderText(report, { columns: 100, color: false })).toMatch(/Turned away[\s\S]*tried 3 times, never/)
  })

  it('stands in the page', async () => {
    const report = await read(negotiated, negotiated)
    const page = [...htmlWriter({ version: '1' }).end(report)].join('')
    expect(page).toMatch(/id="turned-away"[\s\S]*tried 2 times, never authenticated/)
  })

  it('a 401 that is never answered', async () => {
    const report = await read(refused('Negotiate'), refused('Negotiate'))
    expect(report.turnedAway).toMatchObject([{ service: 'http', ports: [80], count: 2 }])
  })

  it('the same in two threads, in JSON as its schema says, and in a saved report', async () => {
    const path = written(negotiated, negotiated)
    const report = await analyze([path], { rethrow: true })
    const threaded = await analyze([path], { rethrow: true, threads: 2 })
    expect(threaded.turnedAway).toEqual(report.turnedAway)
    const text = [...reportJsonText(report)].join('')
    const ajv = new Ajv2020({ strict: false })
    addFormats.default(ajv)
    expect(ajv.validate(schema, JSON.parse(text)), ajv.errorsText()).toBe(true)
    const saved = join(folder, 'saved.json')
    writeFileSync(saved, text)
    expect(readSaved(saved).turnedAway).toEqual(report.turnedAway)
  })
})

describe('is none', () => {
  const logon: Talked = { messages: [...negotiate(), ...ntlmSetup({ session: 7 })] }
  it.each<[string, Talked[]]>([
    ['spare connections beside a logon', [negotiated, logon, negotiated]],
    ['connections before a logon that comes minutes later', [negotiated, negotiated, { ...logon, at: 400 }]],
    ['a connection that goes on at the end of the capture', [1, 2].map(() => ({ ...negotiated, close: false }))],
    ['one that began before the capture', [1, 2].map(() => ({ ...negotiated, handshake: false }))],
    ['a 401 for a password alone', [refused('Basic realm="x"'), refused('Basic realm="x"')]],
    ['connections without a word', [1, 2, 3].map(() => ({ messages: [] }))],
    [
      'a scanner of many servers',
      Array.from({ length: 40 }, (_, at) => ({ ...negotiated, server: `10.77.1.${1 + (at >> 1)}` })),
    ],
  ])('%s', async (_, talks) => {
    expect((await read(...talks)).turnedAway).toEqual([])
  })
})

describe('of the bundled captures', () => {
  const REFUSED = ['http/browser-no-fallback', 'http/negotiate-ip-fails']

  it.each(REFUSED)('%s: a ticket was refused, and nothing followed', async (name) => {
    const { turnedAway } = await analyze([join(BUNDLED, `${name}.pcap`)])
    expect(turnedAway).toMatchObject([{ class: 'kdc-refused', kdc: { error: 'KDC_ERR_S_PRINCIPAL_UNKNOWN' } }])
  })

  it.skipIf(!process.env.NIGHTLY)('no other', async () => {
    // what became of switches stands in switches.test.ts
    const isRefused = (path: string) => REFUSED.some((name) => path.includes(name)) || /switches.*-after/.test(path)
    for (const path of capturesBelow(BUNDLED).filter((one) => !isRefused(one)))
      expect([path, (await analyze([path])).turnedAway]).toEqual([path, []])
  })
})

describe('how much it weighs', () => {
  it('the same attempt over port 139 and by WebDAV is one outage, of which each port tells', async () => {
    const attempt = (at: number): Talked[] => [
      { ...negotiated, at },
      { ...negotiated, port: 139, at: at + 0.02 },
      { ...refused('Negotiate, NTLM'), at: at + 2 },
    ]
    const { turnedAway } = await read(...attempt(0), ...attempt(100))
    expect(turnedAway).toMatchObject([{ service: 'smb', ports: [80, 139, 445], count: 2, pattern: 'repeated' }])
    expect(turnedAway[0]!.frames.length).toBeGreaterThan(4)
    expect((await read(...attempt(0))).turnedAway).toMatchObject([{ service: 'smb', count: 1, pattern: 'single' }])
    const report = await read(...attempt(0), ...attempt(100))
    for (const flow of [{ port: 445 }, { port: 139 }, { port: 80 }, { service: 'http' as const }])
      expect(
        judgeFlow(report, { ...ANY, ...flow }, [expectationNamed('kerberos')!], null).state,
        JSON.stringify(flow),
      ).toBe('not-met')
  })

  it('a web site that turns away by itself is an outage of its own', async () => {
    const before = await read({ ...refused('Negotiate'), at: 0 }, { ...negotiated, at: 5 }, { ...negotiated, at: 9 })
    expect(before.turnedAway.map(({ service }) => service)).toEqual(['http', 'smb'])
    const more = await read(
      { ...negotiated, at: 0 },
      { ...refused('Negotiate'), at: 3 },
      { ...refused('Negotiate'), at: 9 },
    )
    expect(more.turnedAway.map(({ service }) => service)).toEqual(['http', 'smb'])
    const elsewhere = await read({ ...negotiated, at: 0 }, { ...refused('Negotiate'), port: 8080, at: 3 })
    expect(elsewhere.turnedAway.map(({ service }) => service)).toEqual(['http', 'smb'])
  })

  it('one attempt alone is told, and proves nothing', async () => {
    const report = await read(negotiated)
    expect(report.turnedAway).toMatchObject([{ pattern: 'single', count: 1 }])
    expect(judged(report, 'kerberos').state).toBe('not-observed')
    expect(renderText(report, { columns: 100, color: false })).toMatch(
      /But 1 attempt ended without one[\s\S]*tried once/,
    )
  })

  it('a thousand probes at even intervals are a monitor, and no finding', async () => {
    const report = await read(...Array.from({ length: 1000 }, (_, at) => ({ ...negotiated, at: at * 60 })))
    expect(report.turnedAway).toMatchObject([{ pattern: 'steady', count: 1000 }])
    expect(report.findings).toEqual([])
    expect(judged(report, 'kerberos').state).toBe('not-observed')
    expect(diff(report, report)).toMatchObject({ regressed: false, changes: [] })
  })

  it('a flow that somebody names demands a logon of a steady client as well', async () => {
    const report = await read(...Array.from({ length: 12 }, (_, at) => ({ ...negotiated, at: at * 60 })))
    const flow = { ...ANY, client: [hostPattern(CLIENT)] }
    const [outcome] = judgeFlow(report, flow, [expectationNamed('kerberos')!], null).expectations
    expect(outcome).toMatchObject({
      state: 'not-met',
      reasons: [{ detail: expect.stringContaining('tried 12 times') }],
    })
  })

  it('authenticated before and after: intermittent, and worse than before', async () => {
    const logon: Talked = { messages: [...negotiate(), ...ntlmSetup({ session: 7 })] }
    const away = [2000, 2010, 2020].map((at) => ({ ...negotiated, at }))
    const report = await read(logon, ...away, { ...logon, at: 5000 })
    expect(report.turnedAway).toMatchObject([{ class: 'intermittent', count: 3 }])
    expect(diff(await read(logon), report)).toMatchObject({
      regressed: true,
      changes: [{ change: 'intermittent' }],
    })
  })
})

describe('verdicts', () => {
  const logon: Talked = { messages: [...negotiate(), ...kerberosSetup({ session: 7 })] }

  it('what demands a logon is not met; the rest was not observed, and is not told to start earlier', async () => {
    const report = await read(negotiated, negotiated)
    for (const name of ['kerberos', 'success'])
      expect(judged(report, name)).toMatchObject({
        state: 'not-met',
        reasons: [{ detail: expect.stringContaining('tried 2 times, never authenticated'), frames: [6, 16] }],
      })
    const { state, observe } = judged(report, 'no-ntlm')
    expect(state).toBe('not-observed')
    expect(observe).not.toContain('before the client connects')
  })

  it('a conversation out of sight may have been the logon', async () => {
    const report = await read(negotiated, negotiated, { messages: negotiate(), handshake: false })
    expect(judged(report, 'kerberos').state).toBe('not-observed')
  })

  it('a pair that authenticated and only tries now is broken; one that is silent is gone', async () => {
    const before = await read(logon)
    const after = await read(negotiated, negotiated)
    const broken = diff(before, after)
    expect(broken).toMatchObject({ regressed: true, changes: [{ change: 'broken', service: 'smb' }] })
    expect(broken.changes[0]!.detail).toMatch(/tried 2 times, never authenticated.*frames 6, 16/)
    // one attempt is enough where logons were seen before
    expect(diff(before, await read(negotiated))).toMatchObject({ regressed: true, changes: [{ change: 'broken' }] })
    expect(diff(before, await read(refused('Basic')))).toMatchObject({
      regressed: false,
      changes: [{ change: 'gone' }],
    })
    expect(diff(after, after)).toMatchObject({ regressed: false, changes: [] })
  })
})
