/**
 * Attempts that ended without authentication, of many runs and sensors: what the runs told of one pair becomes one row.
 *
 * A run knows what it read. What another sensor saw, or the run before, is held against it here: a logon at the time of
 * the attempt explains it, a logon before and one after make it intermittent, and a client that was turned away by many
 * servers and authenticated nowhere is a scanner, over all runs.
 */
import type { AuthExchange, KdcExchange } from '../../facts/exchange.ts'
import { compareText } from '../../facts/words/text-order.ts'
import { pairKey } from '../../memory/flat-key.ts'
import { isSteady, SERVERS_MAX, STRETCH_MICROS, type TurnedAway, withoutRetries } from './turned-away.ts'

/** What one run told of one pair. */
export interface StoredAttempts {
  readonly sensor: string
  readonly away: TurnedAway
}

/** Accepted or undecided logons of one pair: when the first began, when the last ended, and each. */
interface Logons {
  first: number
  last: number
  readonly times: [start: number, end: number][]
}

/** By client, server and service, as one run gives them. */
export function turnedAwayTogether(
  stored: readonly StoredAttempts[],
  exchanges: readonly AuthExchange[],
  kdc: readonly KdcExchange[],
): TurnedAway[] {
  if (stored.length === 0) return []
  const logons = logonsOf(exchanges)
  const authenticated = new Set(exchanges.map(({ client }) => client.ip))
  const known = new Set([...authenticated, ...kdc.map(({ client }) => client.ip)])
  const byPair = new Map<string, StoredAttempts[]>()
  for (const one of stored) {
    const key = pairKey(one.away.client, one.away.server, one.away.service)
    if (isExplained(one.away, logons.get(key))) continue
    const list = byPair.get(key)
    if (list === undefined) byPair.set(key, [one])
    else list.push(one)
  }
  const servers = new Map<string, Set<string>>()
  for (const [{ away }] of byPair.values() as Iterable<[StoredAttempts]>) {
    const list = servers.get(away.client)
    if (list === undefined) servers.set(away.client, new Set([away.server]))
    else list.add(away.server)
  }
  const rows = [...byPair]
    .filter(([, [one]]) => servers.get(one!.away.client)!.size <= SERVERS_MAX || authenticated.has(one!.away.client))
    .map(([key, list]) => ofPair(list, logons.get(key), known.has(list[0]!.away.client)))
  return withoutRetries(rows).sort(
    (a, b) => compareText(a.client, b.client) || compareText(a.server, b.server) || compareText(a.service, b.service),
  )
}

function logonsOf(exchanges: readonly AuthExchange[]): Map<string, Logons> {
  const logons = new Map<string, Logons>()
  for (const { client, server, service, start, end, result } of exchanges) {
    if (result === 'failure') continue
    const key = pairKey(client.ip, server.ip, service)
    const before = logons.get(key)
    if (before === undefined) logons.set(key, { first: start, last: end, times: [[start, end]] })
    else {
      before.first = Math.min(before.first, start)
      before.last = Math.max(before.last, end)
      before.times.push([start, end])
    }
  }
  return logons
}

/** A connection beside a logon, that another sensor may have seen: attempts of a short time alone can be told so. */
function isExplained({ class: kind, first, last }: TurnedAway, logons: Logons | undefined): boolean {
  if (logons === undefined || kind === 'server-refused' || last - first > STRETCH_MICROS) return false
  return logons.times.some(([start, end]) => start <= last + STRETCH_MICROS && end >= first - STRETCH_MICROS)
}

function ofPair(list: readonly StoredAttempts[], logons: Logons | undefined, isKnown: boolean): TurnedAway {
  // two taps see the same attempts: who saw more of them counts
  const sums = new Map<string, number>()
  for (const { sensor, away } of list) sums.set(sensor, (sums.get(sensor) ?? 0) + away.count)
  const rows = list.map(({ away }) => away).sort((a, b) => a.first - b.first)
  const count = Math.max(...sums.values())
  const first = rows[0]!
  const last = Math.max(...rows.map((one) => one.last))
  const most = rows.reduce((a, b) => (b.count > a.count ? b : a))
  const kdc = rows.find((one) => one.kdc !== null)?.kdc ?? null
  const isBetween = logons !== undefined && logons.first <= first.first && logons.last >= last
  return {
    ...first,
    ports: [...new Set(rows.flatMap(({ ports }) => ports))].sort((a, b) => a - b),
    class: isBetween ? 'intermittent' : most.class,
    pattern: patternOf(rows, count, isKnown),
    status: rows.find(({ status }) => status !== null)?.status ?? null,
    kdc,
    count,
    last,
  }
}

/** One attempt in each of many runs may be a monitor's as well. */
function patternOf(rows: readonly TurnedAway[], count: number, isKnown: boolean): TurnedAway['pattern'] {
  if (rows.length === 1 && !(isKnown && rows[0]!.pattern === 'steady')) return rows[0]!.pattern
  if (rows.every(({ pattern }) => pattern === 'steady') && !isKnown) return 'steady'
  if (count === 1) return rows.every(({ pattern }) => pattern === 'single') ? 'single' : 'repeated'
  const areSingle = rows.every((one) => one.count === 1)
  return areSingle && !isKnown && isSteady(rows.map((one) => one.first)) ? 'steady' : 'repeated'
}
