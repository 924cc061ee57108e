/**
 * Who was turned away, in stored facts: attempts of several runs and sensors, what explains them, and facts of an older
 * version, which do not say.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AuthExchange } from '../../src/facts/exchange.ts'
import { gateNamed } from '../../src/judge/switching/gate.ts'
import { judgeGate } from '../../src/judge/switching/gates.ts'
import { reportJsonText } from '../../src/output/json.ts'
import { ask } from '../../src/questions/asking.ts'
import { NO_LIMITS } from '../../src/questions/catalogue.ts'
import { DuckDb } from '../../src/questions/duckdb.ts'
import type { TurnedAway } from '../../src/report/seen/turned-away.ts'
import { type StoredAttempts, turnedAwayTogether } from '../../src/report/seen/turned-away-stored.ts'
import { analyze } from '../../src/run/analyze.ts'
import { storedReport } from '../../src/run/stored-report.ts'
import { pcap } from '../builders/capture.ts'
import { loadInto, rowsIn } from '../builders/facts.ts'
import { tcpConversation } from '../builders/net.ts'
import { exchange } from '../builders/report.ts'
import { negotiate } from '../builders/smb-talk.ts'
import { temporaryFolder } from '../captures/packets.ts'

const CLIENT = '10.77.0.101'
const SERVER = '10.77.0.20'
const START = Date.UTC(2026, 10, 23, 8) * 1000
const HOUR = 3600e6
const SCOPE = { zone: 'UTC', limits: NO_LIMITS }

const folder = temporaryFolder()

/** A client that asks what the server offers, and goes: so often, from that hour on. */
function capture(hour: number, times: number): string {
  const packets = Array.from({ length: times }, (_, at) =>
    tcpConversation(negotiate(), {
      client: { address: CLIENT, port: 49_152 + hour * 100 + at },
      server: { address: SERVER, port: 445 },
    }).map((bytes, index) => ({ time: START + hour * HOUR + at * 60e6 + index * 1000, bytes })),
  ).flat()
  const path = join(folder, `${hour}-${times}.pcap`)
  writeFileSync(path, pcap(packets))
  return path
}

async function stored(facts: string) {
  const duck = await DuckDb.open(facts)
  try {
    return { report: await storedReport(duck, SCOPE), answer: await ask(duck, 'turned-away', SCOPE) }
  } finally {
    await duck.close()
  }
}

const gate = (report: Awaited<ReturnType<typeof stored>>['report']) =>
  judgeGate(report, gateNamed('turned-away=48h')!).expectations

describe('stored attempts', () => {
  it('of two runs are one row, counted once though two taps saw them, and fail the gate', async () => {
    const facts = join(folder, 'facts')
    const [first, second] = [capture(0, 3), capture(5, 2)]
    await loadInto(facts, [first], { sensor: 'tap1' })
    await loadInto(facts, [second], { sensor: 'tap1' })
    await loadInto(facts, [first, second], { sensor: 'tap2' })
    await loadInto(facts, [first, second], { sensor: 'tap2' })
    const { report, answer } = await stored(facts)
    expect(report.turnedAway).toMatchObject([
      { client: CLIENT, server: SERVER, service: 'smb', class: 'client-gave-up', pattern: 'repeated', count: 5 },
    ])
    expect(report.turnedAway[0]!.last - report.turnedAway[0]!.first).toBeGreaterThan(4 * HOUR)
    expect(report.blindSpots.map(({ code }) => code)).not.toContain('turned-away-untold')
    expect(gate(report)).toMatchObject([{ state: 'not-met', reasons: [{ frames: expect.arrayContaining([]) }] }])
    const rows = answer.rows.map((row) => Object.fromEntries(answer.columns.map((name, at) => [name, row[at]])))
    expect(rows.map(({ attempts, sensors }) => [attempts, sensors])).toEqual([[10, 2]])
  })

  it('of a report are those of the captures; an older report does not tell, and the gate says so', async () => {
    const report = await analyze([capture(0, 3)], { rethrow: true })
    const [whole, older] = [join(folder, 'whole.json'), join(folder, 'older.json')]
    writeFileSync(whole, [...reportJsonText(report)].join(''))
    const { turnedAway: _none, ...rest } = JSON.parse(readFileSync(whole, 'utf8'))
    writeFileSync(older, JSON.stringify(rest))
    await loadInto(join(folder, 'told'), [whole])
    expect((await rowsIn(join(folder, 'told'), 'turned_away')).map(({ times }) => times)).toEqual([3])
    await loadInto(join(folder, 'untold'), [older])
    const untold = (await stored(join(folder, 'untold'))).report
    expect(untold.turnedAway).toEqual([])
    expect(untold.blindSpots.map(({ code }) => code)).toContain('turned-away-untold')
    expect(gate(untold)).toMatchObject([{ state: 'not-observed' }])
  })
})

describe('attempts of many runs together', () => {
  const away = (part: Partial<TurnedAway>, sensor = 'tap1'): StoredAttempts => ({
    sensor,
    away: {
      ...{ client: CLIENT, server: SERVER, service: 'smb', ports: [445], class: 'client-gave-up', pattern: 'single' },
      ...{ status: null, kdc: null, count: 1, first: START, last: START, capture: 'a', frames: [4] },
      ...part,
    },
  })
  const logon = (start: number): AuthExchange => ({
    ...exchange(),
    client: { ip: CLIENT, port: 1, name: null },
    server: { ip: SERVER, port: 445, name: null },
    ...{ service: 'smb', start, end: start, result: 'success' },
  })

  it('a logon that another sensor saw at that time explains an attempt; one hours away does not', () => {
    expect(turnedAwayTogether([away({})], [logon(START + 60e6)], [])).toEqual([])
    expect(turnedAwayTogether([away({})], [logon(START + 3 * HOUR)], [])).toHaveLength(1)
    expect(turnedAwayTogether([away({ class: 'server-refused' })], [logon(START + 60e6)], [])).toHaveLength(1)
  })

  it('logons before and after make it intermittent', () => {
    const [one] = turnedAwayTogether([away({})], [logon(START - 3 * HOUR), logon(START + 3 * HOUR)], [])
    expect(one!.class).toBe('intermittent')
  })

  it('one an hour, by a client that did nothing else, is a monitor; of a client that logs on it is not', () => {
    const each = Array.from({ length: 12 }, (_, at) => away({ first: START + at * HOUR, last: START + at * HOUR }))
    expect(turnedAwayTogether(each, [], [])[0]).toMatchObject({ pattern: 'steady', count: 12 })
    const elsewhere = { ...logon(START), server: { ip: '10.77.0.9', port: 445, name: null } }
    expect(turnedAwayTogether(each, [elsewhere], [])[0]).toMatchObject({ pattern: 'repeated', count: 12 })
  })

  it('a client that was turned away by many servers, a few in each run, is a scanner', () => {
    const each = Array.from({ length: 20 }, (_, at) => away({ server: `10.77.1.${at}` }))
    expect(turnedAwayTogether(each, [], [])).toEqual([])
    expect(turnedAwayTogether(each.slice(0, 10), [], [])).toHaveLength(10)
  })
})
