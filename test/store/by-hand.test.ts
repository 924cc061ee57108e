/**
 * Each named question about exchanges against a fold of the stored rows that knows no SQL: two sensors that see much of
 * the same, versions that replace others, weeks around a change of clocks, columns without values, facts of an older
 * version, one row, none.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { AuthExchange } from '../../src/facts/exchange.ts'
import { digestOf } from '../../src/facts/identity.ts'
import { zonedTime } from '../../src/questions/answerer.ts'
import { ask } from '../../src/questions/asking.ts'
import { NO_LIMITS, QUESTIONS, type Scoped } from '../../src/questions/catalogue.ts'
import { DuckDb } from '../../src/questions/duckdb.ts'
import { trendOf } from '../../src/questions/trend.ts'
import { Folder } from '../../src/store/folder.ts'
import { Loader } from '../../src/store/loader.ts'
import { FactFile } from '../../src/store/parquet.ts'
import { exchangeFact } from '../../src/store/rows.ts'
import { COLUMNS, type FactRow } from '../../src/store/tables.ts'
import { rowsIn } from '../builders/facts.ts'
import { cause, exchange, ntlmByAddress } from '../builders/report.ts'
import { temporaryFolder } from '../captures/packets.ts'

/** 2026-10-25 01:00 UTC: clocks in Berlin go back; a Sunday */
const CHANGE = Date.UTC(2026, 9, 25, 1) * 1000
const PIVOT = CHANGE + 3 * 86_400e6
const SERVICES = ['smb', 'http', 'ldap'] as const

/** Some hundred logons of three weeks, many of them near the change and the midnights about it. */
function* logons(): Generator<AuthExchange> {
  for (let at = 0; at < 400; at++) {
    const dice = (sides: number, what: string) => Number.parseInt(digestOf('dice', what, at).slice(0, 8), 16) % sides
    const near = dice(3, 'near') === 0
    const start = near
      ? CHANGE + (dice(28_800, 'second') - 18_000) * 1e6 + dice(1e6, 'micros')
      : CHANGE + (dice(1_814_400, 'second') - 907_200) * 1e6 + dice(1e6, 'micros')
    const isNtlm = dice(5, 'mechanism') < 2
    const base = isNtlm ? ntlmByAddress() : exchange()
    const client = dice(6, 'client')
    yield {
      ...base,
      id: `1.${at}`,
      uid: digestOf('hand', at),
      uidOf: 'token',
      communityId: `1:${digestOf('flow', at).slice(0, 27)}=`,
      start,
      end: start + 1000,
      client: {
        ip: `10.0.${client % 2}.${client}`,
        port: 50_000 + at,
        name: dice(3, 'name') === 0 ? null : `ws${client}`,
      },
      server: { ip: dice(4, 'server') === 0 ? '2001:db8::a' : `10.9.0.${dice(3, 'at')}`, port: 445, name: null },
      service: SERVICES[dice(3, 'service')]!,
      result: (['success', 'failure', 'unknown'] as const)[dice(3, 'result')]!,
      principal: { user: dice(3, 'user') === 0 ? null : `u${dice(2, 'who')}`, domain: null, workstation: null },
      cause: isNtlm && dice(2, 'cause') === 0 ? cause() : null,
      kerberos: base.kerberos && { ...base.kerberos, ticketEtype: [17, 18, 23, null][dice(4, 'etype')]! },
      smb: dice(2, 'smb') === 0 ? null : base.smb,
    }
  }
}

async function load(folder: string, sensor: string, facts: Iterable<AuthExchange>): Promise<void> {
  const loader = new Loader(await Folder.openOrMake(folder).begin(sensor, digestOf(sensor).slice(0, 12)))
  const maker = { sensor, netOf: (ip: string) => ip.replace(/[^.:]+$/, '0/24') }
  const rows = [...facts].sort((a, b) => a.start - b.start)
  for (const one of rows) await loader.add('exchanges', exchangeFact(maker, one))
  await loader.commit({ sensor, inputs: [], version: 'test' })
}

/** As an older version left them: without some columns, and without saying which there are. */
function olderVersion(folder: string, lacking: readonly string[], rows: readonly FactRow[]): void {
  const days = join(folder, 'exchanges')
  const columns = COLUMNS.exchanges.filter(({ name }) => !lacking.includes(name))
  for (const day of readdirSync(days))
    for (const name of readdirSync(join(days, day))) {
      const path = join(days, day, name)
      const file = new FactFile(path, `${path}.new`, columns)
      for (const row of rows)
        if (`day=${new Date(Number(row.ts) / 1000).toISOString().slice(0, 10)}` === day) file.add(row)
      file.finish()
    }
  for (const name of readdirSync(join(folder, 'loads')).filter((one) => one.endsWith('.json'))) {
    const path = join(folder, 'loads', name)
    const { columns: _, digests: __, goneOf: ___, ...record } = JSON.parse(readFileSync(path, 'utf8'))
    writeFileSync(path, JSON.stringify(record))
  }
}

const scope = (zone: string, limits: Partial<Scoped['limits']> = {}): Scoped => ({
  zone,
  limits: { ...NO_LIMITS, client: [], server: [], ...limits },
})

// --- the same by hand
// ------------------------------------------------------------------------------------------------------------------

type Row = Readonly<Record<string, string | number | boolean | null>>

const isNtlm = (row: Row) => row.mechanism === 'ntlm'
const isKerberos = (row: Row) => row.mechanism === 'kerberos' || row.mechanism === 'iakerb'
const count = (rows: readonly Row[], is: (row: Row) => boolean) => rows.filter(is).length
const different = (rows: readonly Row[], name: string) => new Set(rows.map((row) => row[name])).size
const tenth = (part: number, all: number) => Math.floor((1000 * part) / all + 0.5) / 10

function groups(rows: readonly Row[], names: readonly string[] | ((row: Row) => string)): Row[][] {
  const found = new Map<string, Row[]>()
  for (const row of rows) {
    const key = typeof names === 'function' ? names(row) : JSON.stringify(names.map((name) => row[name] ?? null))
    found.set(key, [...(found.get(key) ?? []), row])
  }
  return [...found.values()]
}

/** The Monday of its week where the clock of the zone says so. */
function weekOf(row: Row, zone: string): string {
  const day = new Date(`${zonedTime(Number(row.ts), zone).slice(0, 10)}T00:00:00Z`)
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7))
  return day.toISOString().slice(0, 10)
}

const PAIR = ['client_ip', 'server_ip', 'service']
const USE = [...PAIR, 'client_name', 'server_port', 'server_name', 'user_domain', 'user_name', 'ntlm_version']

/** Lists of values in any order: the order is looked at by itself. */
function byHand(name: string, rows: readonly Row[], sightings: readonly Row[], zone: string): unknown[][] {
  const first = (some: readonly Row[], is = (_: Row) => true) => timeOf(Math.min, some.filter(is))
  const last = (some: readonly Row[], is = (_: Row) => true) => timeOf(Math.max, some.filter(is))
  const timeOf = (pick: (...times: number[]) => number, some: readonly Row[]) =>
    some.length === 0 ? null : zonedTime(pick(...some.map(({ ts }) => Number(ts))), zone)
  const value = (some: readonly Row[], names: readonly string[]) => names.map((one) => some[0]![one] ?? null)
  const before = (row: Row) => Number(row.ts) < PIVOT
  const since = (row: Row) => !before(row)
  const ntlm = rows.filter(isNtlm)
  const pairs = groups(rows, PAIR)
  switch (name) {
    case 'ntlm-hosts':
      return groups(rows, (row) => weekOf(row, zone)).map((some) => {
        const [all, those] = [different(some, 'client_ip'), different(some.filter(isNtlm), 'client_ip')]
        return [weekOf(some[0]!, zone), all, those, tenth(those, all)]
      })
    case 'kerberos-success':
      return groups(rows.filter(isKerberos), (row) => weekOf(row, zone)).map((some) => {
        const of = (result: string) => count(some, (row) => row.result === result)
        const known = of('success') + of('failure')
        const percent = known === 0 ? null : tenth(of('success'), known)
        return [weekOf(some[0]!, zone), of('success'), of('failure'), of('unknown'), percent]
      })
    case 'causes-by-subnet':
      return groups(
        ntlm.filter((row) => row.cause !== null),
        ['client_net', 'cause'],
      ).map((some) => [
        ...value(some, ['client_net', 'cause']),
        some.length,
        different(some, 'client_ip'),
        different(some, 'server_ip'),
      ])
    case 'pairs-seen': {
      const seen = new Map(groups(sightings, PAIR).map((some) => [JSON.stringify(value(some, PAIR)), some]))
      return pairs.map((some) => {
        const all = seen.get(JSON.stringify(value(some, PAIR)))!
        const figures = [some.length, count(some, isNtlm), count(some, isKerberos), different(all, 'sensor')]
        return [...value(some, PAIR), first(all), last(all), ...figures]
      })
    }
    case 'new-ntlm-pairs':
      return pairs
        .filter((some) => some.some(isNtlm) && !some.some((row) => isNtlm(row) && before(row)))
        .map((some) => {
          const kerberos = count(some, (row) => isKerberos(row) && before(row))
          return [...value(some, PAIR), first(some, isNtlm), count(some, isNtlm), kerberos]
        })
    case 'regressed-pairs':
      return pairs
        .filter(
          (some) =>
            some.some((row) => isKerberos(row) && before(row)) &&
            some.some(isNtlm) &&
            !some.some((row) => isNtlm(row) && before(row)),
        )
        .map((some) => [
          ...value(some, PAIR),
          last(some, (row) => isKerberos(row) && before(row)),
          first(some, isNtlm),
          count(some, isNtlm),
        ])
    case 'gone-ntlm-pairs':
      return pairs
        .filter((some) => some.some(isNtlm) && !some.some((row) => isNtlm(row) && since(row)))
        .map((some) => {
          const kerberos = count(some, (row) => isKerberos(row) && since(row))
          return [...value(some, PAIR), last(some, isNtlm), kerberos, count(some, since)]
        })
    case 'policy-deviations':
      return groups(ntlm, USE).map((some) => [
        ...value(some, ['client_ip', 'client_name', 'server_ip', 'server_port', 'server_name', 'service']),
        ...value(some, ['user_domain', 'user_name', 'ntlm_version']),
        some.length,
        first(some),
        last(some),
      ])
    case 'readiness':
      return groups(rows, ['server_ip', 'service']).map((all) => {
        const clients = groups(all, ['client_ip']).map((some) => {
          const has = (is: (row: Row) => boolean) => some.some(is)
          const etype = (row: Row, ...which: number[]) => which.includes(Number(row.ticket_etype ?? -1))
          return {
            ntlm: has((row) => isNtlm(row) && row.result === 'success'),
            kerberos: has((row) => isKerberos(row) && row.result === 'success'),
            weak: has((row) => etype(row, 1, 3, 23, 24)),
            strong: has((row) => etype(row, 17, 18, 19, 20)),
            unsigned: has((row) => row.smb_effective === 'unsigned'),
            cannot: has(
              (row) =>
                row.smb_client_policy === 'disabled' ||
                row.smb_server_policy === 'disabled' ||
                row.smb_effective === 'guest' ||
                row.smb_effective === 'anonymous',
            ),
          }
        })
        const of = (is: (one: (typeof clients)[number]) => boolean) => clients.filter(is).length
        return [
          ...value(all, ['server_ip', 'service']),
          clients.length,
          of(({ ntlm }) => ntlm),
          of(({ ntlm, kerberos }) => ntlm && !kerberos),
          of(({ weak }) => weak),
          of(({ weak, strong }) => weak && !strong),
          of(({ unsigned }) => unsigned),
          of(({ cannot }) => cannot),
        ]
      })
    case 'ntlm-accounts':
      return groups(ntlm, ['user_domain', 'user_name', 'ntlm_version']).map((some) => [
        ...value(some, ['user_domain', 'user_name', 'ntlm_version']),
        some.length,
        different(some, 'client_ip'),
        different(some, 'server_ip'),
        last(some),
      ])
    case 'one-pair':
      return rows.map((row) => [
        zonedTime(Number(row.ts), zone),
        ...['sensor', 'client_ip', 'server_ip', 'service', 'mechanism', 'result', 'status_name', 'user_domain'].map(
          (one) => row[one] ?? null,
        ),
        ...['user_name', 'ntlm_version', 'spn', 'origin', 'cause', 'cause_sensor', 'channel_binding'].map(
          (one) => row[one] ?? null,
        ),
        ...['smb_effective', 'capture', 'frames'].map((one) => row[one] ?? null),
      ])
    default:
      return []
  }
}

const NOT_OF_EXCHANGES = ['wrong-names', 'findings-seen', 'turned-away', 'sensors']
const sorted = (rows: readonly (readonly unknown[])[]) => rows.map((row) => JSON.stringify(row)).sort()

async function compare(facts: string, zone: string): Promise<void> {
  const [rows, sightings] = [await rowsIn(facts, 'exchanges'), await rowsIn(facts, 'exchanges', { sightings: true })]
  const duck = await DuckDb.open(facts)
  try {
    for (const { name, pivots, needs } of QUESTIONS) {
      if (NOT_OF_EXCHANGES.includes(name)) continue
      const ends = needs.includes('client') ? { client: ['10.0.0.0/16'], server: ['10.9.0.0/24', '2001:db8::a'] } : {}
      const asked = scope(zone, { ...(pivots ? { since: PIVOT } : {}), ...ends })
      const { rows: answer } = await ask(duck, name, asked, true)
      expect(sorted(answer), name).toEqual(sorted(byHand(name, rows, sightings, zone)))
    }
    if (rows.length === 0) {
      await expect(trendOf(duck, scope(zone), 'week', PIVOT)).rejects.toThrow(/no facts yet/)
      return
    }
    const trend = await trendOf(duck, scope(zone), 'week', PIVOT)
    const hand = (name: string, at: number) =>
      byHand(name, rows, sightings, zone).map((row) => [...row.slice(0, 3), row[at]])
    const told = (pairs: typeof trend.gone) =>
      pairs.map(({ client, server, service, at }) => [client, server, service, at])
    const regressed = sorted(hand('regressed-pairs', 4))
    expect(sorted(told(trend.regressed))).toEqual(regressed)
    expect(sorted(told(trend.fresh))).toEqual(
      sorted(hand('new-ntlm-pairs', 3)).filter((one) => !regressed.includes(one)),
    )
    expect(sorted(told(trend.gone))).toEqual(sorted(hand('gone-ntlm-pairs', 3)))
    const weeks = byHand('ntlm-hosts', rows, sightings, zone)
    expect(sorted(trend.rows.map((row) => [row.from, row.clients, row.ntlmClients, row.ntlmPercent]))).toEqual(
      sorted(weeks),
    )
  } finally {
    await duck.close()
  }
}

describe('the named questions by hand', { timeout: 120_000 }, () => {
  const folder = temporaryFolder()
  const facts = join(folder, 'facts')
  const all = [...logons()]
  beforeAll(async () => {
    await load(
      facts,
      'tap1',
      all.filter((_, at) => at % 3 !== 0),
    )
    // seen there as well, a few milliseconds later; some in no more than half, which a later load completes
    const other = all
      .filter((_, at) => at % 2 === 0)
      .map((one) => ({ ...one, start: one.start + 3000, end: one.end + 3000 }))
    await load(
      facts,
      'tap2',
      other.map((one, at) =>
        at % 5 === 0 ? { ...one, visibility: 'client' as const, result: 'unknown' as const } : one,
      ),
    )
    await load(facts, 'tap2', other.slice(0, 120))
  })

  it.each(['UTC', 'Europe/Berlin', 'Australia/Lord_Howe'])('two sensors, in %s', (zone) => compare(facts, zone))

  it('sees rows that were replaced, and rows of two sensors', async () => {
    const [rows, sightings] = [await rowsIn(facts, 'exchanges'), await rowsIn(facts, 'exchanges', { sightings: true })]
    expect(rows.length).toBeLessThan(all.length)
    expect(sightings.length).toBeGreaterThan(rows.length)
    expect(readdirSync(join(facts, 'gone')).length).toBeGreaterThan(0)
  })

  it('one row', async () => {
    await load(join(folder, 'one'), 'tap1', all.slice(0, 1))
    await compare(join(folder, 'one'), 'Europe/Berlin')
  })

  it('no row', async () => {
    await load(join(folder, 'none'), 'tap1', [])
    await compare(join(folder, 'none'), 'Europe/Berlin')
    const duck = await DuckDb.open(join(folder, 'none'))
    for (const name of NOT_OF_EXCHANGES) expect((await ask(duck, name, scope('UTC'))).rows).toEqual([])
    await duck.close()
  })

  it('facts of an older version, alone and beside newer ones', async () => {
    const older = join(folder, 'older')
    await load(older, 'tap1', all.slice(0, 60))
    const lacking = ['smb_setup', 'name_from', 'name_from_where', 'name_from_named', 'cause_sensor', 'ticket_etype']
    olderVersion(older, lacking, await rowsIn(older, 'exchanges'))
    expect((await rowsIn(older, 'exchanges')).every((row) => row.ticket_etype === null)).toBe(true)
    await compare(older, 'Europe/Berlin')
    await load(older, 'tap2', all.slice(40, 120))
    await compare(older, 'Europe/Berlin')
  })
})
