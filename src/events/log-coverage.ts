/**
 * What the logs could show at all, and both ways: NTLM logons of a log that the captures do not show, and NTLM on the
 * wire that the log of its server does not have. "No event" is never a contradiction; it is told with the policy that
 * may be off.
 */

import type { WindowsFacts } from '../facts/windows-facts.ts'
import type { EventFact, FactKind } from './fact.ts'
import type { EventFileSummary } from './forms/open.ts'
import type { JoinResult } from './join.ts'
import { type HostLog, isUnshown } from './logs.ts'
import type { JoinSubject } from './subject.ts'

/** Events that the wire shows to be due, and none in the log: the audit is off, or they were not exported. */
export interface MissingAudit {
  readonly code: 'logon' | 'connection' | 'authentication-ticket' | 'service-ticket' | 'ntlm-incoming' | 'ntlm-outgoing'
  readonly detail: string
  readonly fix: string
}

export interface HostLogCoverage {
  readonly name: string
  readonly addresses: readonly string[]
  /** what its clock is ahead of that of the captures; null: nothing tells */
  readonly clockOffsetSeconds: number | null
  /** `unknown`: local times of a zone that nothing tells: its events are joined to nothing */
  readonly zone: 'known' | 'unknown'
  readonly channels: readonly {
    readonly channel: string
    /** by the clock of the host */
    readonly first: number
    readonly last: number
    readonly events: number
    readonly ids: Readonly<Record<string, number>>
    /** the longest time without an event, from ten minutes on */
    readonly silence: { readonly start: number; readonly end: number } | null
  }[]
  /** events that Windows says it lost; times that the log was cleared */
  readonly lost: number
  readonly cleared: number
  readonly off: readonly MissingAudit[]
}

/** One flow of NTLM logons that only a log shows. */
export interface UnseenFlow {
  /** address or workstation, as the event has it; null: it does not say */
  readonly client: string | null
  readonly server: string
  readonly ids: readonly number[]
  readonly users: readonly string[]
  readonly count: number
  readonly first: number
  readonly last: number
}

/** NTLM logons of the captures that the log of their server should have. */
export interface UnloggedHost {
  readonly host: string
  readonly server: string
  readonly count: number
  /** ids of the first exchanges */
  readonly exchanges: readonly string[]
  readonly fix: string
}

/** A program that authenticated, as whom and where to. */
export interface Asker {
  /** null: no log tells */
  readonly process: string | null
  readonly user: string | null
  readonly client: string
  readonly server: string
  readonly service: string
  readonly mechanism: string
  /** why NTLM, in the words of the log; null: it does not say */
  readonly reason: string | null
  /** the cause that this reason means; `completes`: the wire alone does not decide it */
  readonly cause: string | null
  readonly completes: boolean
  readonly count: number
}

/** A file of logs, or why it was not read. */
export type EventFileRead =
  | (EventFileSummary & { readonly fault: null })
  | { readonly name: string; readonly fault: string }

/** Something that the logs or the captures do not show of each other. */
export interface EventBlindSpot {
  readonly code:
    | 'log-not-on-wire'
    | 'wire-not-in-log'
    | 'log-damaged'
    | 'log-zone-unknown'
    | 'log-ambiguous'
    | 'log-lost'
    | 'log-overflow'
  readonly detail: string
  readonly count: number
}

export interface EventCoverage {
  readonly files: readonly EventFileRead[]
  readonly hosts: readonly HostLogCoverage[]
  /**
   * events of use; of those, joined to something; fitting several things alike; not compared because there were too
   * many
   */
  readonly events: number
  readonly joined: number
  readonly ambiguous: number
  readonly overflow: number
  /**
   * exchanges that are listed; of those with an event, with a user and with a process from the logs, and with a log
   * that says otherwise
   */
  readonly exchanges: number
  readonly exchangesJoined: number
  readonly exchangesWithUser: number
  readonly exchangesWithProcess: number
  readonly exchangesContradicted: number
  /** NTLM first, then by count */
  readonly askers: readonly Asker[]
  readonly unseen: readonly UnseenFlow[]
  readonly unlogged: readonly UnloggedHost[]
}

export function eventCoverageOf(
  result: JoinResult,
  files: readonly EventFileRead[],
  windows: ReadonlyMap<JoinSubject, WindowsFacts | null>,
  isWhole: boolean,
): EventCoverage {
  const exchanges = result.subjects.filter(({ exchange }) => exchange !== null)
  const count = (test: (facts: WindowsFacts, subject: JoinSubject) => boolean) =>
    exchanges.filter((subject) => {
      const facts = windows.get(subject)
      return facts != null && test(facts, subject)
    }).length
  return {
    files,
    hosts: result.hosts.map((host) => hostCoverage(host, result.subjects)),
    events: files.reduce((sum, file) => sum + (file.fault === null ? file.used : 0), 0),
    joined: result.joined,
    ambiguous: result.ambiguous,
    overflow: result.overflow,
    exchanges: exchanges.length,
    exchangesJoined: count((_facts, { joined }) => joined.length > 0),
    exchangesWithUser: count(({ user }) => user !== null),
    exchangesWithProcess: count(({ process }) => process !== null),
    exchangesContradicted: count(({ contradictions }) => contradictions.includes('mechanism')),
    askers: askersOf(exchanges, windows),
    // a part of the captures cannot say what they do not show
    unseen: isWhole ? unseenFlows(result.alone) : [],
    unlogged: unloggedHosts(exchanges, result.hosts),
  }
}

function askersOf(subjects: readonly JoinSubject[], windows: ReadonlyMap<JoinSubject, WindowsFacts | null>): Asker[] {
  const askers = new Map<string, { -readonly [name in keyof Asker]: Asker[name] }>()
  for (const subject of subjects) {
    const facts = windows.get(subject)
    const { exchange } = subject
    if (exchange === null || facts == null || (facts.process === null && facts.reason === null)) continue
    const { process, user, reason, cause } = facts
    const { client, server, service, mechanism } = exchange
    const said = { process, user, client: client.ip, server: server.ip, service, mechanism, reason }
    const key = Object.values(said).join('\n').toLowerCase()
    const known = askers.get(key)
    if (known !== undefined) known.count++
    else if (askers.size < ASKERS_MAX)
      askers.set(key, { ...said, cause: cause?.code ?? null, completes: cause?.completes === true, count: 1 })
  }
  const rank = ({ mechanism }: Asker) => (mechanism === 'ntlm' ? 0 : 1)
  return [...askers.values()].sort((a, b) => rank(a) - rank(b) || b.count - a.count)
}

const ASKERS_MAX = 1000

function hostCoverage(host: HostLog, subjects: readonly JoinSubject[]): HostLogCoverage {
  return {
    name: host.name,
    addresses: host.addresses,
    clockOffsetSeconds: host.skew === null ? null : Math.round(host.skew / 1e3) / 1e3,
    zone: host.isZoneUnknown ? 'unknown' : 'known',
    channels: [...host.channels.values()].map(({ channel, first, last, events, ids, silence }) => ({
      channel,
      first,
      last,
      events,
      ids: Object.fromEntries([...ids].sort((a, b) => a[0] - b[0])),
      silence: silence === null ? null : { start: silence.from, end: silence.to },
    })),
    lost: host.lost,
    cleared: host.cleared,
    off: missingAudits(host, subjects),
  }
}

const isSecurity = (channel: string) => channel === 'Security'
const isNtlmLog = (channel: string) => channel === 'Microsoft-Windows-NTLM/Operational'

/** By GUID: the names of subcategories are translated. */
function auditpol(guid: string): string {
  return `auditpol /set /subcategory:"{${guid}-69AE-11D9-BED3-505054503030}" /success:enable /failure:enable`
}

/** Only what the wire shows to have happened while the log was written can be missing in it. */
function missingAudits(host: HostLog, subjects: readonly JoinSubject[]): MissingAudit[] {
  let [accepted, asClient, authentications, services, ntlmIn, ntlmOut] = [0, 0, 0, 0, 0, 0]
  for (const { exchange, kdc, serverIp, clientIp, start } of subjects) {
    if (!host.covers(start, isSecurity)) continue
    const isServer = host.has(serverIp)
    const isClient = host.has(clientIp)
    if (exchange !== null) {
      if (isServer && exchange.result === 'success') accepted++
      if (isClient) asClient++
      if (isServer && exchange.ntlm !== null) ntlmIn++
      if (isClient && exchange.ntlm !== null) ntlmOut++
    } else if (kdc !== null && isServer && kdc.answered && kdc.error === null) {
      if (kdc.request === 'AS') authentications++
      else services++
    }
  }
  const off: MissingAudit[] = []
  const miss = (code: MissingAudit['code'], count: number, ids: readonly number[], detail: string, fix: string) => {
    if (count > 0 && ids.every((id) => host.count(id) === 0)) off.push({ code, detail, fix })
  }
  miss(
    'logon',
    accepted,
    [4624],
    'no logon (4624) in the log given: not audited, or not exported',
    auditpol('0CCE9215'),
  )
  miss(
    'connection',
    asClient,
    [5156, 3],
    'no connection (5156, Sysmon 3) in the logs given, so no process: not audited, or not exported',
    auditpol('0CCE9226'),
  )
  miss(
    'authentication-ticket',
    authentications,
    [4768, 4771],
    'no AS exchange (4768, 4771) in the log given: not audited, or not exported',
    auditpol('0CCE9242'),
  )
  miss(
    'service-ticket',
    services,
    [4769],
    'no TGS exchange (4769) in the log given: not audited, or not exported',
    auditpol('0CCE9240'),
  )
  // a channel of its own, that may not have been exported
  const given = [...host.channels.keys()].some(isNtlmLog)
    ? ''
    : ', or its log Microsoft-Windows-NTLM/Operational was not given'
  miss(
    'ntlm-incoming',
    ntlmIn,
    [8002, 8003, 4022, 4023, 4002, 4003],
    `no incoming NTLM (8002, 8003, 4022): not audited${given}`,
    `${NTLM_POLICY} Audit Incoming NTLM Traffic: Enable auditing for all accounts`,
  )
  miss(
    'ntlm-outgoing',
    ntlmOut,
    [8001, 4020, 4021, 4001],
    `no outgoing NTLM (8001, 4020), so no reason: not audited${given}`,
    `${NTLM_POLICY} Outgoing NTLM traffic to remote servers: Audit all`,
  )
  return off
}

const NTLM_POLICY = 'Security Options, Network security: Restrict NTLM:'

/** The log that says most about a logon first: the same one may stand in several. */
const KINDS: readonly FactKind[] = ['logon', 'ntlm-server', 'ntlm-client', 'ntlm-domain', 'validation']
const SAME_MICROS = 3e6

function unseenFlows(alone: readonly EventFact[]): UnseenFlow[] {
  const flows = new Map<string, { -readonly [name in keyof UnseenFlow]: UnseenFlow[name] }>()
  const taken = new Map<string, number[]>()
  for (const kind of KINDS) {
    for (const fact of alone) {
      if (fact.kind !== kind || fact.mechanism !== 'ntlm' || (fact.from !== null && isUnshown(fact.from.ip))) continue
      const user = fact.user?.toLowerCase() ?? ''
      const times = taken.get(user) ?? []
      const isTold = kind !== 'logon' && times.some((time) => Math.abs(time - fact.time) <= SAME_MICROS)
      if (isTold) continue
      if (times.length < TIMES_MAX) times.push(fact.time)
      taken.set(user, times)
      const isClient = kind === 'ntlm-client'
      const client = isClient ? fact.host : (fact.from?.ip ?? fact.workstation)
      const server = isClient || kind === 'ntlm-domain' ? (fact.target ?? fact.host) : fact.host
      // a logon of the host at itself is on no wire
      if (client !== null && sameName(client, server)) continue
      const key = `${client ?? ''} ${server}`.toLowerCase()
      const flow = flows.get(key)
      const account = fact.user
      if (flow === undefined) {
        if (flows.size >= FLOWS_MAX) continue
        const users = account === null ? [] : [account]
        flows.set(key, { client, server, ids: [fact.id], users, count: 1, first: fact.time, last: fact.time })
        continue
      }
      flow.count++
      if (!flow.ids.includes(fact.id)) flow.ids = [...flow.ids, fact.id]
      if (account !== null && flow.users.length < USERS_MAX && !flow.users.includes(account))
        flow.users = [...flow.users, account]
      flow.first = Math.min(flow.first, fact.time)
      flow.last = Math.max(flow.last, fact.time)
    }
  }
  return [...flows.values()].sort((a, b) => b.count - a.count || (a.server < b.server ? -1 : 1))
}

function sameName(one: string, two: string): boolean {
  return one.toLowerCase().split('.', 1)[0] === two.toLowerCase().split('.', 1)[0] && !/^\d/.test(one)
}

const TIMES_MAX = 4096
const FLOWS_MAX = 1000
const USERS_MAX = 8
const LISTED_MAX = 8

function unloggedHosts(subjects: readonly JoinSubject[], hosts: readonly HostLog[]): UnloggedHost[] {
  const found: UnloggedHost[] = []
  for (const host of hosts) {
    const missing = subjects.filter((subject) => isUnlogged(subject, host))
    if (missing.length === 0) continue
    const hasLogons = host.count(4624) > 0
    found.push({
      host: host.name,
      server: missing[0]!.serverIp,
      count: missing.length,
      exchanges: missing.slice(0, LISTED_MAX).map(({ exchange }) => exchange!.id),
      fix: hasLogons
        ? `see that the Security log was not too small (wevtutil sl Security /ms:1073741824) and ${NTLM_POLICY} Audit Incoming NTLM Traffic`
        : auditpol('0CCE9215'),
    })
  }
  return found.sort((a, b) => b.count - a.count)
}

const INCOMING = [8002, 8003, 4022, 4023]

function isUnlogged({ exchange, serverIp, start, end, joined, ambiguous }: JoinSubject, host: HostLog): boolean {
  if (exchange === null || exchange.ntlm === null || exchange.result !== 'success' || ambiguous > 0) return false
  if (!host.has(serverIp) || host.isZoneUnknown) return false
  // a log that never names an incoming logon says nothing of one: what it was exported for is another thing
  const hasIncoming = INCOMING.some((id) => host.count(id) > 0)
  const isOf = (channel: string) => isSecurity(channel) || (hasIncoming && isNtlmLog(channel))
  if (!host.covers(start, isOf) || !host.covers(end, isOf)) return false
  return !joined.some(({ side, fact }) => side === 'server' && (fact.kind === 'logon' || fact.kind === 'ntlm-server'))
}

/** What the logs and the captures do not show of each other. */
export function eventBlindSpots(coverage: EventCoverage): EventBlindSpot[] {
  const spots: EventBlindSpot[] = []
  const add = (code: EventBlindSpot['code'], count: number, detail: string) => {
    if (count > 0) spots.push({ code, detail, count })
  }
  const { unseen, unlogged, files, hosts } = coverage
  add(
    'log-not-on-wire',
    unseen.reduce((sum, { count }) => sum + count, 0),
    `NTLM logons in the logs that the captures do not show; capture next: ${listed(unseen.map(({ client, server, count }) => `${client ?? 'an unnamed client'} -> ${server} ${count}`))}`,
  )
  for (const { host, server, count, fix } of unlogged)
    add('wire-not-in-log', count, `NTLM logons to ${server} that the log given of ${host} does not have; ${fix}`)
  const damaged = files.filter((file) => file.fault === null && file.damaged + file.damagedChunks > 0)
  add(
    'log-damaged',
    damaged.reduce((sum, file) => sum + (file.fault === null ? file.damaged + file.damagedChunks : 0), 0),
    `events or parts of log files that could not be read: ${listed(damaged.map(({ name }) => name))}`,
  )
  const unzoned = hosts.filter(({ zone }) => zone === 'unknown')
  add(
    'log-zone-unknown',
    unzoned.length,
    `hosts whose events are in local time of a zone that nothing tells, and were joined to nothing: ${listed(unzoned.map(({ name }) => name))}`,
  )
  add('log-ambiguous', coverage.ambiguous, 'events that fit several authentications alike, and were joined to none')
  add(
    'log-lost',
    hosts.reduce((sum, { lost }) => sum + lost, 0),
    'times that Windows said that it lost events of a log',
  )
  add('log-overflow', coverage.overflow, 'events that were not compared because too many were held')
  return spots
}

function listed(all: readonly string[]): string {
  const rest = all.length - LISTED_MAX
  return all.slice(0, LISTED_MAX).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}
