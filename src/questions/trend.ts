/**
 * The figures of a migration over time, and what moved: pairs that are new, that regressed, that are gone. All of it is
 * questions to stored facts.
 */
import { pairUid } from '../facts/identity.ts'
import { StoreError } from '../store/store.ts'
import type { Answerer } from './answerer.ts'
import { askingSql, askSql, newest } from './asking.ts'
import { countOf, KERBEROS, NTLM, type Scoped, timeLiteral } from './catalogue.ts'
import { rowsOfBatch } from './columns.ts'

export const TREND_BUCKETS = ['day', 'week', 'month'] as const
export type Bucket = (typeof TREND_BUCKETS)[number]

/** One stretch of time. */
export interface TrendRow {
  /** its first day, in the asked zone */
  readonly from: string
  readonly logons: number
  readonly clients: number
  readonly ntlmClients: number
  /** percent, one digit */
  readonly ntlmPercent: number
  /** percent points less than in the stretch before; null: there is none */
  readonly drop: number | null
  readonly fallbacks: number
  readonly kerberosAccepted: number
  readonly kerberosRefused: number
  /** percent; null: no result is known */
  readonly kerberosSuccess: number | null
}

export interface TrendPair {
  readonly client: string
  readonly server: string
  readonly service: string
  /** when NTLM was seen: first (new, regressed) or last (gone) */
  readonly at: string
}

export interface Trend {
  readonly bucket: Bucket
  readonly zone: string
  /** what is new, regressed or gone is so since then */
  readonly against: string
  readonly rows: readonly TrendRow[]
  readonly fresh: readonly TrendPair[]
  readonly regressed: readonly TrendPair[]
  readonly gone: readonly TrendPair[]
}

const tenth = (part: number, whole: number) => Math.floor((1000 * part) / whole + 0.5) / 10

/** `against` null: seven days before the newest fact. Rejects with a StoreError where there is nothing. */
export async function trendOf(
  answerer: Answerer,
  scope: Scoped,
  bucket: Bucket,
  against: number | null,
): Promise<Trend> {
  const last = await newest(answerer)
  if (last === null) throw new StoreError('there are no facts yet')
  const pivot = against ?? last - WEEK_MICROS
  const figures = await askSql(answerer, figuresSql(bucket), scope)
  const rows: TrendRow[] = []
  for (const row of figures.rows) {
    const [from, logons, clients, ntlmClients, fallbacks, accepted, refused] = row as [string, ...number[]]
    const ntlmPercent = tenth(ntlmClients!, clients!)
    const before = rows.at(-1)
    rows.push({
      from,
      logons: logons!,
      clients: clients!,
      ntlmClients: ntlmClients!,
      ntlmPercent,
      drop: before === undefined ? null : Math.round((before.ntlmPercent - ntlmPercent) * 10) / 10,
      fallbacks: fallbacks!,
      kerberosAccepted: accepted!,
      kerberosRefused: refused!,
      kerberosSuccess: accepted! + refused! === 0 ? null : tenth(accepted!, accepted! + refused!),
    })
  }
  const moved = await pairsMoved(answerer, scope, pivot)
  return { bucket, zone: scope.zone, against: new Date(pivot / 1000).toISOString(), rows, ...moved }
}

/** New, regressed and gone since `pivot` (microseconds since 1970), as the questions of these names say it. */
async function pairsMoved(
  answerer: Answerer,
  scope: Scoped,
  pivot: number,
): Promise<Pick<Trend, 'fresh' | 'regressed' | 'gone'>> {
  const all: Scoped = { ...scope, limits: { ...scope.limits, since: null } }
  const fresh: TrendPair[] = []
  const regressed: TrendPair[] = []
  const gone: TrendPair[] = []
  const { batches } = await askingSql(answerer, movedSql(timeLiteral(pivot)), all)
  for await (const batch of batches)
    for (const [client, server, service, since, kerberosBefore, first, last] of rowsOfBatch(batch)) {
      const isGone = Number(since) === 0
      const at = String(isGone ? last : first)
      const pair = { client: String(client), server: String(server), service: String(service), at }
      // whoever had Kerberos before is worse than new
      if (isGone) gone.push(pair)
      else if (Number(kerberosBefore) > 0) regressed.push(pair)
      else fresh.push(pair)
    }
  return { fresh, regressed, gone }
}

/** Each pair with NTLM before or since, and not both. */
function movedSql(time: string): string {
  const [before, since] = [countOf(`${NTLM} and ts < ${time}`), countOf(`${NTLM} and ts >= ${time}`)]
  return `select client_ip, server_ip, service, ${since} as ntlm_since, ${countOf(`${KERBEROS} and ts < ${time}`)} as kerberos_before,
  min(case when ${NTLM} then ts end) as first_ntlm, max(case when ${NTLM} then ts end) as last_ntlm
from exchanges group by client_ip, server_ip, service
having ${countOf(NTLM)} > 0 and (${before} = 0 or ${since} = 0) order by client_ip, server_ip, service`
}

function figuresSql(bucket: Bucket): string {
  return `select cast(date_trunc('${bucket}', local_ts) as date) as bucket, count(*) as logons,
  count(distinct client_ip) as clients, count(distinct case when ${NTLM} then client_ip end) as ntlm_clients,
  ${countOf('fallback = true')} as fallbacks, ${countOf(`${KERBEROS} and result = 'success'`)} as accepted,
  ${countOf(`${KERBEROS} and result = 'failure'`)} as refused
from exchanges group by 1 order by 1`
}

const WEEK_MICROS = 7 * 86_400e6

// --- since the last run
// ----------------------------------------------------------------------------------------------------------

/** Something that ought to go: a pair that uses NTLM, a finding at a place. */
export interface Standing {
  readonly uid: string
  readonly what: string
  readonly first: string
  readonly last: string
}

export interface Moved {
  readonly fresh: readonly Standing[]
  readonly still: readonly Standing[]
  readonly gone: readonly Standing[]
}

/** Everything that stands in the time of `scope`; without a beginning, in the seven days before the newest fact. */
export async function standing(answerer: Answerer, scope: Scoped): Promise<Standing[]> {
  const since = scope.limits.since ?? ((await newest(answerer)) ?? 0) - WEEK_MICROS
  const limited: Scoped = { ...scope, limits: { ...scope.limits, since } }
  const pairs = await answerer.ask(
    `select client_ip, server_ip, service, min(ts), max(ts), count(*) from exchanges where mechanism = 'ntlm'
group by client_ip, server_ip, service order by client_ip, server_ip, service`,
    limited,
  )
  const findings = await answerer.ask(
    `select uid, finding, severity, title, client_ip, server_ip, service, min(ts), max(ts_end) from findings
where severity in ('critical', 'high', 'medium') group by uid, finding, severity, title, client_ip, server_ip, service
order by finding, uid`,
    limited,
  )
  return [
    ...pairs.rows.map(([client, server, service, first, last, count]) => ({
      uid: pairUid(String(client), String(server), String(service)),
      what: `NTLM ${client} -> ${server} ${service}, ${count} ${count === 1 ? 'logon' : 'logons'}`,
      first: String(first),
      last: String(last),
    })),
    ...findings.rows.map(([uid, id, severity, title, client, server, service, first, last]) => ({
      uid: String(uid),
      what: `${id} ${severity} ${title}: ${client === null ? '' : `${client} -> `}${server ?? 'several'}${service === null ? '' : ` ${service}`}`,
      first: String(first),
      last: String(last),
    })),
  ]
}

export function movedSince(before: readonly Standing[], now: readonly Standing[]): Moved {
  const known = new Set(before.map(({ uid }) => uid))
  const there = new Set(now.map(({ uid }) => uid))
  return {
    fresh: now.filter(({ uid }) => !known.has(uid)),
    still: now.filter(({ uid }) => known.has(uid)),
    gone: before.filter(({ uid }) => !there.has(uid)),
  }
}
