/**
 * The named questions: one text for DuckDB and for ClickHouse, with equal rows from both.
 *
 * Kept out of the texts is what the two do differently: time zones (`local_ts` has the asked one), LEFT JOIN (no
 * partner: NULL or default values), arithmetic of addresses, arrays, JSON. Every text ends with an order that leaves
 * nothing open. `exchanges` has a logon once, whoever saw it.
 */
import { StoreError } from '../store/store.ts'
import type { FactTable } from '../store/tables.ts'

/** What a question is asked with. */
export interface About {
  /** a text as the engine wants it between quotes */
  readonly literal: (text: string) => string
  /** divides before from since, microseconds since 1970 */
  readonly pivot: number
  /** of a question that `tellsSensors`: all there are; null: too many to name */
  readonly sensors: readonly string[] | null
}

export interface Question {
  readonly name: string
  readonly says: string
  /** what it needs besides a store */
  readonly needs: readonly ('client' | 'server' | 'policy')[]
  /** `--since` divides the time, instead of leaving out what was before */
  readonly pivots: boolean
  /** it counts sensors, and is cheaper where they are known */
  readonly tellsSensors?: true
  readonly sql: (about: About) => string
}

export const NTLM = `mechanism = 'ntlm'`
export const KERBEROS = `mechanism in ('kerberos', 'iakerb')`
/** How many rows meet it. A sum would be of 128 bits with DuckDB, which this process reads slowly. */
export const countOf = (condition: string) => `count(case when ${condition} then 1 end)`
/** With one digit. The two round halves differently. */
const percent = (part: string, whole: string) => `floor(1000.0 * ${part} / ${whole} + 0.5) / 10.0`
const WEEK = `cast(date_trunc('week', local_ts) as date)`

export const QUESTIONS: readonly Question[] = [
  {
    name: 'ntlm-hosts',
    says: 'by week: how many hosts authenticate, and how many of them with NTLM',
    needs: [],
    pivots: false,
    sql: () => `select ${WEEK} as week, count(distinct client_ip) as clients,
  count(distinct case when ${NTLM} then client_ip end) as ntlm_clients,
  ${percent(`count(distinct case when ${NTLM} then client_ip end)`, 'count(distinct client_ip)')} as ntlm_percent
from exchanges group by 1 order by 1`,
  },
  {
    name: 'kerberos-success',
    says: 'by week: how many Kerberos logons with a known result were accepted',
    needs: [],
    pivots: false,
    sql: () => `select ${WEEK} as week, ${countOf(`result = 'success'`)} as accepted, ${countOf(`result = 'failure'`)} as refused,
  ${countOf(`result = 'unknown'`)} as not_known,
  case when ${countOf(`result in ('success', 'failure')`)} = 0 then null
    else ${percent(countOf(`result = 'success'`), countOf(`result in ('success', 'failure')`))} end as success_percent
from exchanges where ${KERBEROS} group by 1 order by 1`,
  },
  {
    name: 'causes-by-subnet',
    says: 'by subnet of the client: why Kerberos was not used',
    needs: [],
    pivots: false,
    sql: () => `select client_net, cause, count(*) as logons, count(distinct client_ip) as clients, count(distinct server_ip) as servers
from exchanges where cause is not null and ${NTLM} group by client_net, cause order by logons desc, client_net, cause`,
  },
  {
    name: 'wrong-names',
    says: 'per line that gives a wrong name (DFS link, redirect, alias, script, policy): the logons that end with it',
    needs: [],
    pivots: false,
    sql: () => `select name_from, name_from_where, ${countOf('name_from_named')} as named, count(*) as logons,
  count(distinct client_ip) as clients, count(distinct server_ip) as servers, min(ts) as first_seen, max(ts) as last_seen
from exchanges where name_from is not null and ${NTLM} group by name_from, name_from_where
order by logons desc, name_from, name_from_where`,
  },
  {
    name: 'pairs-seen',
    says: 'per client, server and service: first and last seen, and with what',
    needs: [],
    pivots: false,
    tellsSensors: true,
    sql: pairsSeen,
  },
  {
    name: 'new-ntlm-pairs',
    says: 'pairs that use NTLM since --since, and did not before',
    needs: [],
    pivots: true,
    sql: (
      about,
    ) => `select client_ip, server_ip, service, min(case when ${NTLM} then ts end) as first_ntlm, ${countOf(NTLM)} as ntlm,
  ${countOf(`${KERBEROS} and ts < ${time(about)}`)} as kerberos_before
from exchanges where ${ofNtlmSince(about)} group by client_ip, server_ip, service
having min(case when ${NTLM} then ts end) >= ${time(about)} order by client_ip, server_ip, service`,
  },
  {
    name: 'regressed-pairs',
    says: 'pairs with Kerberos and no NTLM before --since, and NTLM since',
    needs: [],
    pivots: true,
    sql: (
      about,
    ) => `select client_ip, server_ip, service, max(case when ${KERBEROS} and ts < ${time(about)} then ts end) as last_kerberos_before,
  min(case when ${NTLM} then ts end) as first_ntlm, ${countOf(`${NTLM} and ts >= ${time(about)}`)} as ntlm_since
from exchanges where ${ofNtlmSince(about)} group by client_ip, server_ip, service
having ${countOf(`${KERBEROS} and ts < ${time(about)}`)} > 0 and ${countOf(`${NTLM} and ts < ${time(about)}`)} = 0
  and ${countOf(`${NTLM} and ts >= ${time(about)}`)} > 0 order by client_ip, server_ip, service`,
  },
  {
    name: 'gone-ntlm-pairs',
    says: 'pairs with NTLM before --since and none since: Kerberos now, or not seen at all',
    needs: [],
    pivots: true,
    sql: (about) => `select client_ip, server_ip, service, max(case when ${NTLM} then ts end) as last_ntlm,
  ${countOf(`${KERBEROS} and ts >= ${time(about)}`)} as kerberos_since, ${countOf(`ts >= ${time(about)}`)} as logons_since
from exchanges group by client_ip, server_ip, service
having ${countOf(`${NTLM} and ts < ${time(about)}`)} > 0 and ${countOf(`${NTLM} and ts >= ${time(about)}`)} = 0
order by client_ip, server_ip, service`,
  },
  {
    name: 'policy-deviations',
    says: 'NTLM that no entry of --policy allows: per client, server, service, account and version',
    needs: ['policy'],
    pivots: false,
    sql: () => `select client_ip, client_name, server_ip, server_port, server_name, service, user_domain, user_name, ntlm_version,
  count(*) as logons, min(ts) as first_seen, max(ts) as last_seen
from exchanges where ${NTLM}
group by client_ip, client_name, server_ip, server_port, server_name, service, user_domain, user_name, ntlm_version
order by client_ip, server_ip, server_port, service, user_domain nulls first, user_name nulls first, ntlm_version nulls first,
  client_name nulls first, server_name nulls first`,
  },
  {
    name: 'readiness',
    says: 'per server: how many clients would break without NTLM, without RC4, without unsigned SMB',
    needs: [],
    pivots: false,
    sql: () => `with pair as (select server_ip, service, client_ip, ${countOf(`${NTLM} and result = 'success'`)} as ntlm,
    ${countOf(`${KERBEROS} and result = 'success'`)} as kerberos,
    ${countOf('ticket_etype in (1, 3, 23, 24)')} as weak, ${countOf('ticket_etype in (17, 18, 19, 20)')} as strong,
    ${countOf(`smb_effective = 'unsigned'`)} as unsigned_smb,
    ${countOf(`smb_client_policy = 'disabled' or smb_server_policy = 'disabled' or smb_effective in ('guest', 'anonymous')`)} as cannot_sign
  from exchanges group by server_ip, service, client_ip)
select server_ip, service, count(*) as clients, ${countOf('ntlm > 0')} as with_ntlm,
  ${countOf('ntlm > 0 and kerberos = 0')} as break_without_ntlm, ${countOf('weak > 0')} as with_rc4,
  ${countOf('weak > 0 and strong = 0')} as break_without_rc4, ${countOf('unsigned_smb > 0')} as with_unsigned_smb,
  ${countOf('cannot_sign > 0')} as break_with_signing
from pair group by server_ip, service order by server_ip, service`,
  },
  {
    name: 'one-pair',
    says: 'the logons of --client at --server, each with its capture and frames',
    needs: ['client', 'server'],
    pivots: false,
    sql: () => `select ts as seen_at, sensor, client_ip, server_ip, service, mechanism, result, status_name, user_domain, user_name, ntlm_version,
  spn, origin, cause, cause_sensor, channel_binding, smb_effective, capture, frames
from exchanges order by ts, key`,
  },
  {
    name: 'ntlm-accounts',
    says: 'which accounts use NTLM, in which version, from how many clients',
    needs: [],
    pivots: false,
    sql: () => `select user_domain, user_name, ntlm_version, count(*) as logons, count(distinct client_ip) as clients,
  count(distinct server_ip) as servers, max(ts) as last_seen
from exchanges where ${NTLM} group by user_domain, user_name, ntlm_version
order by logons desc, user_domain nulls first, user_name nulls first, ntlm_version nulls first`,
  },
  {
    name: 'findings-seen',
    says: 'per finding: how many pairs, first and last seen',
    needs: [],
    pivots: false,
    sql: () => `select finding, severity, title, count(distinct uid) as places, min(ts) as first_seen, max(ts_end) as last_seen
from findings group by finding, severity, title order by places desc, finding, severity, title`,
  },
  {
    name: 'turned-away',
    says: 'per client, server and service: attempts that ended without authentication, first and last, and how',
    needs: [],
    pivots: false,
    sql: () => `select client_ip, server_ip, service, class, pattern, status, kdc_error, sum(times) as attempts, min(ts) as first_seen,
  max(ts_end) as last_seen, count(distinct sensor) as sensors
from turned_away group by client_ip, server_ip, service, class, pattern, status, kdc_error
order by client_ip, server_ip, service, class, pattern, status nulls first, kdc_error nulls first`,
  },
  {
    name: 'sensors',
    says: 'per sensor: from when to when it was loaded, and how much was not readable to its end',
    needs: [],
    pivots: false,
    sql: () => `select sensor, count(*) as captures, min(ts) as first_seen, max(ts_end) as last_seen, sum(packets) as packets,
  sum(bytes) as bytes, ${countOf('damage is not null')} as damaged
from captures group by sensor order by sensor`,
  },
]

/** Of a pair with NTLM since: few are, and only these have to be gathered. */
const ofNtlmSince = (about: About) => `(client_ip, server_ip, service) in
  (select client_ip, server_ip, service from exchanges where ${NTLM} and ts >= ${time(about)})`

/** A logon that two sensors saw counts once; how many saw the pair is told by what each of them saw. */
function pairsSeen({ sensors, literal }: About): string {
  const figuresOf = (isCounted: string, also: string) => `min(ts) as first_seen, max(ts) as last_seen,
  ${isCounted} as logons, ${countOf(`${also}${NTLM}`)} as ntlm, ${countOf(`${also}${KERBEROS}`)} as kerberos`
  if (sensors !== null && sensors.length < 2)
    return `select client_ip, server_ip, service, ${figuresOf('count(*)', '')}, 1 as sensors
from exchanges group by client_ip, server_ip, service order by client_ip, server_ip, service`
  const figures = figuresOf(countOf('counted'), 'counted and ')
  if (sensors !== null) {
    const seenBy = sensors.map((sensor) => `max(case when sensor = '${literal(sensor)}' then 1 else 0 end)`)
    return `select client_ip, server_ip, service, ${figures}, ${seenBy.join(' + ')} as sensors
from sightings group by client_ip, server_ip, service order by client_ip, server_ip, service`
  }
  // by sensor first: to count different ones in each of many pairs is the dearer way
  return `with seen as (select client_ip, server_ip, service, sensor, ${figures}
  from sightings group by client_ip, server_ip, service, sensor)
select client_ip, server_ip, service, min(first_seen) as first_seen, max(last_seen) as last_seen,
  cast(sum(logons) as bigint) as logons, cast(sum(ntlm) as bigint) as ntlm, cast(sum(kerberos) as bigint) as kerberos,
  count(*) as sensors
from seen group by client_ip, server_ip, service order by client_ip, server_ip, service`
}

export function questionNamed(name: string): Question {
  const found = QUESTIONS.find((question) => question.name === name)
  if (found === undefined)
    throw new StoreError(`no question is named '${name}'; there are ${QUESTIONS.map((one) => one.name).join(', ')}`)
  return found
}

/** `'2026-10-26 00:00:00.000000'`: both engines compare it with a time as UTC. */
export function timeLiteral(micros: number): string {
  const date = new Date(Math.floor(micros / 1000)).toISOString()
  return `'${date.slice(0, 10)} ${date.slice(11, 19)}.${String(micros % 1e6).padStart(6, '0')}'`
}

const time = ({ pivot }: About) => timeLiteral(pivot)

// --- what a question is limited to
// -----------------------------------------------------------------------------------------------

/** Which facts count: of these ends, of that time. Several words of a kind are alternatives. */
export interface Limits {
  readonly client: readonly string[]
  readonly server: readonly string[]
  readonly service: readonly string[]
  readonly sensor: readonly string[]
  readonly since: number | null
  readonly until: number | null
}

/** What a question is about, and in which zone (IANA name) its times and weeks are. */
export interface Scoped {
  readonly limits: Limits
  readonly zone: string
}

export const NO_LIMITS: Limits = { client: [], server: [], service: [], sensor: [], since: null, until: null }

/** How a view tells what counts. */
export interface Sight {
  /** rows of each sensor stay, whoever else saw the same */
  readonly all: boolean
  /** of several rows of one logon the first in this window stays; null: nothing is left out */
  readonly once: string | null
  /** what tells of each sighting whether it counts; null: its row does (`twin_of`), and what became of it since */
  readonly countedBy: string | null
}

/**
 * Of all sensors the row counts that the loader chose. Where some are asked about another sensor's row may be that
 * one, and what these saw would be missing: then it is chosen among theirs.
 */
export function sightOf(table: FactTable, { sensor }: Limits, counted: boolean): Sight {
  if (sensor.length === 0) return { all: !counted, once: null, countedBy: null }
  if (new Set(sensor).size === 1) return { all: true, once: null, countedBy: 'true' }
  // what is a sum over a run has one `uid` however often it was told
  const same = table === 'exchanges' || table === 'kdc' ? 'uid' : 'key'
  const window = `partition by ${same} order by rank desc, key`
  return { all: true, once: counted ? window : null, countedBy: `row_number() over (${window}) = 1` }
}

/** The condition that rows of `table` meet; null: all do. Throws a StoreError. */
export function conditionOf(table: FactTable, limits: Limits, literal: About['literal']): string | null {
  const parts: string[] = []
  if (limits.since !== null) parts.push(`ts >= ${timeLiteral(limits.since)}`)
  if (limits.until !== null) parts.push(`ts < ${timeLiteral(limits.until)}`)
  const ends: [keyof Limits, string | null][] =
    table === 'captures'
      ? []
      : [
          ['client', 'client'],
          ['server', table === 'kdc' ? 'kdc' : 'server'],
        ]
  for (const [name, column] of ends) {
    const words = limits[name] as readonly string[]
    if (words.length > 0) parts.push(`(${words.map((word) => end(table, column!, word, literal)).join(' or ')})`)
  }
  if (limits.service.length > 0 && table !== 'captures' && table !== 'kdc')
    parts.push(`service in (${limits.service.map((word) => `'${literal(word)}'`).join(', ')})`)
  if (limits.sensor.length > 0)
    parts.push(`sensor in (${limits.sensor.map((word) => `'${literal(word)}'`).join(', ')})`)
  return parts.length === 0 ? null : parts.join(' and ')
}

function end(table: FactTable, column: string, word: string, literal: About['literal']): string {
  const text = literal(word)
  const prefix = /^(\d+(?:\.\d+){3})\/(8|16|24)$/.exec(word)
  if (prefix !== null) {
    const kept = prefix[1]!.split('.').slice(0, Number(prefix[2]) / 8)
    return `${column}_ip like '${kept.join('.')}.%'`
  }
  const isNet = word.includes('/')
  if (isNet && column !== 'client')
    throw new StoreError(`'${word}': servers are chosen by address, name, or an IPv4 prefix of 8, 16 or 24 bits`)
  if (isNet) return table === 'findings' ? 'false' : `client_net = '${text}'`
  if (/^[\d.]+$/.test(word) || word.includes(':')) return `${column}_ip = '${text}'`
  const named = table === 'exchanges' || table === 'kdc'
  if (!named) return `${column}_ip = '${text}'`
  const name = text.toLowerCase()
  return `(lower(${column}_name) = '${name}' or lower(${column}_name) like '${name}.%')`
}
