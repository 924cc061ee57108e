/**
 * A report of stored facts: what several sensors saw over months, in the form that policies are judged by.
 *
 * Exchanges and KDC exchanges are those that were stored, each event once; pairs and figures are folded anew. Findings,
 * names and figures by capture are not needed to judge, and are left out. Bounded: more facts than `STORED_MAX` are
 * refused, with what to do.
 */

import type { CaptureSummary } from '../capture/merge.ts'
import type { AuthExchange, KdcExchange } from '../facts/exchange.ts'
import type { Answerer } from '../questions/answerer.ts'
import { askSql } from '../questions/asking.ts'
import type { Scoped } from '../questions/catalogue.ts'
import { FigureFold } from '../report/figures.ts'
import { PairFold } from '../report/pairs.ts'
import { type BlindSpot, type Coverage, REPORT_SCHEMA, type Report } from '../report/report.ts'
import { RollUpFold } from '../report/roll-ups.ts'
import { type ConversationRow, isOpaque } from '../report/seen/conversations.ts'
import { type TurnedAway, UNTOLD } from '../report/seen/turned-away.ts'
import { type StoredAttempts, turnedAwayTogether } from '../report/seen/turned-away-stored.ts'
import { NOTHING_UNREAD } from '../report/seen/unread.ts'
import { StoreError } from '../store/store.ts'

/** an exchange is 3 kB here */
const STORED_MAX = 100_000

/** Rejects with a StoreError where there are too many facts, or none that can be judged. */
export async function storedReport(answerer: Answerer, scope: Scoped): Promise<Report> {
  const count = async (table: string) =>
    Number((await askSql(answerer, `select count(*) as n from ${table}`, scope)).rows[0]?.[0])
  if ((await count('exchanges')) > STORED_MAX || (await count('kdc')) > STORED_MAX)
    throw new StoreError(
      `more than ${STORED_MAX} facts to judge at a time: give --since, --until, --server or --service`,
    )
  const details = async <T>(table: string) =>
    (await askSql(answerer, `select detail from ${table} order by ts, key`, scope)).rows.map(
      ([text]) => JSON.parse(String(text)) as T,
    )
  const exchanges = await details<AuthExchange>('exchanges')
  const kdc = await details<KdcExchange>('kdc')
  const attempts = await attemptsOf(answerer, scope)
  if ([...exchanges, ...kdc, ...attempts.map(({ away }) => away)].some(({ client }) => client === undefined))
    throw new StoreError(
      'these facts were stored with pseudonyms: a policy names hosts and people that are not in them',
    )
  const conversations = await conversationsOf(answerer, scope)
  const pairs = new PairFold()
  const figures = new FigureFold(null)
  const rollUps = new RollUpFold()
  for (const one of exchanges) {
    pairs.add(one)
    figures.add(one)
    rollUps.add(one)
  }
  for (const one of conversations) {
    if (!isOpaque(one)) continue
    const opaque = {
      client: { ...one.client, port: 0, name: null },
      server: { ...one.server, name: null },
      service: one.service,
      tunnel: null,
      start: one.start,
      end: one.end,
      capture: one.capture,
      frames: [one.frame],
    }
    pairs.addOpaque(opaque)
    figures.addOpaque(opaque)
  }
  const runs = await runsOf(answerer, scope)
  return {
    schema: REPORT_SCHEMA,
    filter: [],
    unfiltered: null,
    coverage: coverageOfRuns(runs.map(({ coverage }) => coverage)),
    captures: await capturesOf(answerer, scope),
    unread: NOTHING_UNREAD,
    pairs: pairs.verdicts(() => []),
    exchanges,
    kdc,
    conversations,
    findings: [],
    figures: figures.figures(),
    ...rollUps.rollUps(exchanges.filter(({ mechanism }) => mechanism === 'ntlm').length),
    blindSpots: [
      ...together(runs.flatMap(({ blindSpots }) => blindSpots).filter(({ code }) => code !== UNTOLD.code)),
      ...((await isAwayTold(answerer, scope)) ? [] : [UNTOLD]),
    ],
    hosts: [],
    passThrough: [],
    turnedAway: turnedAwayTogether(attempts, exchanges, kdc),
    eventCoverage: null,
    tls: { servers: [], certificates: [] },
    keys: { tls: null, kerberos: null },
    tally: { packets: {}, pdus: {}, tokens: {}, faults: {} },
  }
}

const micros = (text: unknown) =>
  Date.parse(`${String(text).slice(0, 23)}Z`) * 1000 + Number(String(text).slice(23, 26))

async function conversationsOf(answerer: Answerer, scope: Scoped): Promise<ConversationRow[]> {
  const { rows } = await askSql(
    answerer,
    `select client_ip, server_ip, server_port, service, carrier, sum(connections) as a, sum(authenticated) as b, sum(midstream) as c,
  sum(one_sided) as d, sum(lossy) as e, sum(whole) as f, min(ts) as g, max(ts_end) as h, min(capture) as i, min(first_frame) as j
from conversations group by client_ip, server_ip, server_port, service, carrier
order by client_ip, server_ip, server_port, carrier, service`,
    { ...scope, zone: 'UTC' },
  )
  return rows.map((row) => ({
    client: { ip: String(row[0]) },
    server: { ip: String(row[1]), port: Number(row[2]) },
    service: row[3] as ConversationRow['service'],
    carrier: String(row[4]),
    connections: Number(row[5]),
    authenticated: Number(row[6]),
    midstream: Number(row[7]),
    oneSided: Number(row[8]),
    lossy: Number(row[9]),
    whole: Number(row[10]),
    start: micros(row[11]),
    end: micros(row[12]),
    capture: String(row[13]),
    frame: Number(row[14]),
  }))
}

/** Did every load look for them? Facts of an older version do not say. */
async function isAwayTold(answerer: Answerer, scope: Scoped): Promise<boolean> {
  const sql = 'select count(*) as n, count(away_told) as told from captures'
  const [row] = (await askSql(answerer, sql, scope)).rows
  return Number(row![0]) > 0 && Number(row![0]) === Number(row![1])
}

async function attemptsOf(answerer: Answerer, scope: Scoped): Promise<StoredAttempts[]> {
  const { rows } = await askSql(answerer, 'select sensor, detail from turned_away order by ts, key', scope)
  return rows.map(([sensor, detail]) => ({ sensor: String(sensor), away: JSON.parse(String(detail)) as TurnedAway }))
}

async function capturesOf(answerer: Answerer, scope: Scoped): Promise<CaptureSummary[]> {
  const { rows } = await askSql(
    answerer,
    'select sensor, capture, format, packets, bytes, ts, ts_end, snap_length, link_types, damage, dropped, filters from captures order by sensor, ts, capture',
    { ...scope, zone: 'UTC' },
  )
  return rows.map((row) => ({
    name: `${row[0]}: ${row[1]}`,
    format: String(row[2]),
    compressed: false,
    packets: Number(row[3]),
    bytes: Number(row[4]),
    start: micros(row[5]),
    end: micros(row[6]),
    snapLength: row[7] === null ? null : Number(row[7]),
    linkTypes: String(row[8]).split(' '),
    damage: row[9] === null ? null : String(row[9]),
    dropped: row[10] === null ? null : Number(row[10]),
    droppedAtLeast: Number(row[10] ?? 0),
    filters: row[11] === null ? [] : String(row[11]).split(' | '),
  }))
}

/** What each load told of all its captures together: it stands in every one of their rows. */
async function runsOf(answerer: Answerer, scope: Scoped): Promise<{ coverage: Coverage; blindSpots: BlindSpot[] }[]> {
  const { rows } = await askSql(
    answerer,
    'select load_id, min(coverage) as coverage, min(blind_spots) as blind_spots from captures group by load_id order by load_id',
    scope,
  )
  return rows.flatMap(([, coverage, blindSpots]) => {
    const told = JSON.parse(String(coverage)) as Coverage | null
    return told === null ? [] : [{ coverage: told, blindSpots: (JSON.parse(String(blindSpots)) as BlindSpot[]) ?? [] }]
  })
}

function together(spots: readonly BlindSpot[]): BlindSpot[] {
  const sums = new Map<string, BlindSpot>()
  for (const spot of spots) {
    const key = `${spot.kind} ${spot.code}`
    const before = sums.get(key)
    sums.set(key, before === undefined ? spot : { ...before, count: before.count + spot.count })
  }
  return [...sums.values()]
}

function coverageOfRuns(runs: readonly Coverage[]): Coverage {
  const sum = (name: NumberName) => runs.reduce((total, run) => total + run[name], 0)
  const all = <T>(name: 'kdcs' | 'vlans' | 'tunnels') => [...new Set(runs.flatMap((run) => run[name] as readonly T[]))]
  const times = (name: 'start' | 'end') => runs.map((run) => run[name]).filter((time) => time !== null)
  const counts = (name: 'carriers' | 'withoutIp') => {
    const sums: Record<string, number> = {}
    // stored by an older version it may lack some
    for (const run of runs)
      for (const [key, count] of Object.entries(run[name] ?? {})) sums[key] = (sums[key] ?? 0) + count
    return sums
  }
  const [starts, ends] = [times('start'), times('end')]
  // what is not summed here is that of the last run
  const told = {
    ...runs.at(-1),
    start: starts.length === 0 ? null : Math.min(...starts),
    end: ends.length === 0 ? null : Math.max(...ends),
    packets: sum('packets'),
    bytes: sum('bytes'),
    connections: sum('connections'),
    oneSided: sum('oneSided'),
    midstream: sum('midstream'),
    repeatedSegments: sum('repeatedSegments'),
    lostBytes: sum('lostBytes'),
    gaps: sum('gaps'),
    cutPackets: sum('cutPackets'),
    carriers: counts('carriers'),
    clientsWithKdcTraffic: Math.max(0, ...runs.map((run) => run.clientsWithKdcTraffic)),
    clientsAuthenticating: Math.max(0, ...runs.map((run) => run.clientsAuthenticating)),
    kdcs: all<string>('kdcs'),
    vlans: all<number>('vlans'),
    tunnels: all<string>('tunnels'),
    withoutIp: counts('withoutIp'),
    dropped: runs.some((run) => run.dropped == null) ? null : runs.reduce((sum, run) => sum + run.dropped!, 0),
  }
  return told as Coverage
}

type NumberName =
  | 'packets'
  | 'bytes'
  | 'connections'
  | 'oneSided'
  | 'midstream'
  | 'repeatedSegments'
  | 'lostBytes'
  | 'gaps'
  | 'cutPackets'
