/**
 * Attempts that ended without authentication: a server said how it wants to be authenticated to, and the connection was
 * closed before anybody tried, or the server or a KDC refused by policy. It is what is left of a logon on the wire once
 * its only mechanism is switched off: the client sends nothing more.
 *
 * A fold over connections that end, over exchanges and over refusals of KDCs. Told is what cannot be something else:
 * connections that were seen whole, over carriers whose clients ask for an offer to answer it (SMB, HTTP; a rootDSE or
 * the capabilities of a mail server are read by anybody). Not told: those of a client that authenticated to the same
 * service at about that time (spare connections, a second connection for the logon); those of a client that was turned
 * away by many servers and authenticated nowhere (a scanner). `pattern` says how much it weighs: one attempt alone may
 * be a user who cancelled, attempts at steady intervals of a client that did nothing else a monitor. Refused
 * connections (RST to a SYN) are not seen here.
 */
import type { Service } from '../../../decoders/carrier.ts'
import { factsOf } from '../../../decoders/services.ts'
import { isKerberosLike } from '../../causes/origin.ts'
import type { Offered } from '../../exchange/conversation-state.ts'
import type { AuthExchange, KdcExchange } from '../../facts/exchange.ts'
import { type FrameRef, refIn } from '../../facts/frames.ts'
import { serviceClass } from '../../facts/target-name.ts'
import { compareText } from '../../facts/words/text-order.ts'
import { withLatest } from '../../memory/bounded-map.ts'
import { clientOfKey, pairKey } from '../../memory/flat-key.ts'
import { LIMITS } from '../../memory/limits.ts'
import { SharedLists } from '../../memory/shared-lists.ts'
import { isInRuns, NO_RUNS, withNumber } from './runs.ts'

/**
 * `client-gave-up`: it had nothing to answer the offer with. `server-closed`: it waited in vain. `kdc-refused`: the KDC
 * refused the ticket, and nothing else was tried. `server-refused`: by a status that a policy gives. `loop`: HTTP asked
 * again and again. `intermittent`: the same flow authenticated before and after.
 */
export const TURNED_AWAY = [
  'client-gave-up',
  'server-closed',
  'kdc-refused',
  'server-refused',
  'loop',
  'intermittent',
] as const
export type TurnedAwayClass = (typeof TURNED_AWAY)[number]

/** `single`: one attempt, which proves little. `steady`: at even intervals, by a client that authenticated nowhere. */
export type TurnedAwayPattern = 'single' | 'repeated' | 'steady'

/** A ticket for this server that a KDC refused shortly before. */
export interface RefusedTicket {
  readonly sname: string
  readonly error: string
  readonly code: number
  readonly capture: string
  readonly frames: readonly FrameRef[]
}

export interface TurnedAway {
  readonly client: string
  readonly server: string
  readonly service: Service
  /** of the server: of SMB those of WebDAV too, where the client tried that next */
  readonly ports: readonly number[]
  /** of most attempts */
  readonly class: TurnedAwayClass
  readonly pattern: TurnedAwayPattern
  /** what the server said, where it refused; null: it said nothing */
  readonly status: string | null
  /** null: none was seen */
  readonly kdc: RefusedTicket | null
  /** connections, or refused logons; what a client tried over another port as well (139, WebDAV) counts once */
  readonly count: number
  /** microseconds since 1970: the beginning of the first and of the last of them */
  readonly first: number
  readonly last: number
  readonly capture: string
  /** the offers of the first ones */
  readonly frames: readonly FrameRef[]
}

/** One connection that ended, with what its server had offered. */
export interface EndedOffer {
  readonly client: string
  readonly server: string
  readonly port: number
  readonly carrier: string
  readonly offer: Pick<Offered, 'names' | 'service'>
  readonly endedBy: 'client' | 'server'
  readonly start: number
  readonly capture: string
  /** of the offer */
  readonly frame: FrameRef
}

interface Attempts {
  clientGaveUp: number
  /** of those that the client or the server closed, at port 139 */
  netbios: number
  refused: number
  looped: number
  serverClosed: number
  status: string | null
  kdc: RefusedTicket | null
  first: number
  last: number
  readonly capture: string
  readonly frames: FrameRef[]
}

interface Pair {
  readonly client: string
  readonly server: string
  readonly service: Service
  readonly ports: Set<number>
  /** by stretch of time */
  readonly attempts: Map<number, Attempts>
  /** of the first attempts */
  readonly starts: number[]
}

/** a logon in the same or the next stretch explains an attempt */
export const STRETCH_MICROS = 900e6
/** HTTP that asks so often for credentials which it was given is a loop, and no mistyped password */
const LOOP_MIN = 3
/** so many attempts with even gaps between them are steady; a gap may differ from the usual one by this share */
const STEADY_MIN = 10
const STEADY_SHARE = 0.25
const GAPS_MAX = 64
/** policy, and no password: NTLM_BLOCKED, NOT_SUPPORTED, ACCOUNT_RESTRICTION, AUTHENTICATION_FIREWALL_FAILED */
const POLICY_STATUS: ReadonlySet<number> = new Set([0xc0000418, 0xc00000bb, 0xc000006e, 0xc0000413])
/** a refusal explains an attempt that follows within this time */
const KDC_MICROS = 900e6
/** who is turned away by more servers, and authenticates to none, looks for something */
export const SERVERS_MAX = 16
const STRETCHES_MAX = 4096

export class TurnedAwayFold {
  /** attempts that were not counted; or authentications, and then nothing can be told */
  overflow = 0
  #isTold = true
  readonly #pairs = new Map<string, Pair>()
  /** runs of stretches of time with an authentication, by pair: lists that many share */
  readonly #authenticated = new Map<string, readonly number[]>()
  readonly #runs = new SharedLists()
  /** refused tickets by client, the oldest first */
  readonly #refused = new Map<string, readonly (RefusedTicket & { readonly time: number })[]>()
  /** of all clients */
  #refusedCount = 0

  /** A whole connection without any authentication. */
  ended({ client, server, port, carrier, offer, endedBy, start, capture, frame }: EndedOffer): void {
    if (!this.#isTold || !CARRIERS_ASKED.has(carrier) || !offersLogon(carrier, offer)) return
    const attempts = this.#attempts({ client, server, service: offer.service, port, start, capture })
    if (attempts === null) return
    if (endedBy === 'client') attempts.clientGaveUp++
    else attempts.serverClosed++
    if (port === NETBIOS_PORT) attempts.netbios++
    if (attempts.frames.length < LIMITS.framesPerFindingMax)
      attempts.frames.push(refIn(attempts.capture, frame, capture))
    attempts.kdc ??= this.#refusedBefore(client, offer.service, start)
  }

  /** What a KDC answered to the request for a ticket of a service. */
  kdc({ client, request, sname, error, time, capture, frames }: KdcExchange): void {
    if (!this.#isTold || error === null || sname === null || request !== 'TGS') return
    let list = this.#refused.get(client.ip)
    if (list === undefined) {
      if (this.#refused.size >= LIMITS.refusalsMax) return
      list = NOTHING
    }
    const ticket = { sname, error: error.name, code: error.code, capture, frames: frames.slice(0, 2), time }
    const isFull = this.#refusedCount >= LIMITS.evidenceNotesMax
    if (isFull && list.length === 0) return
    const latest = withLatest(list, ticket, isFull ? list.length : LIMITS.refusalsPerClientMax)
    this.#refusedCount += latest.length - list.length
    this.#refused.set(client.ip, latest)
  }

  /** The last refusal of a ticket of this kind of service: by its class, since an alias may be any name. */
  #refusedBefore(client: string, service: Service, start: number): RefusedTicket | null {
    const { ticketClasses } = factsOf(service)
    const found = this.#refused
      .get(client)
      ?.findLast(
        ({ sname, time }) =>
          time >= start - KDC_MICROS && time <= start + KDC_MICROS && ticketClasses.includes(serviceClass(sname)),
      )
    if (found === undefined) return null
    const { time: _time, ...ticket } = found
    return ticket
  }

  #attempts(
    of: Pick<EndedOffer, 'client' | 'server' | 'port' | 'start' | 'capture'> & { readonly service: Service },
  ): Attempts | null {
    const { client, server, service, port, start, capture } = of
    const key = pairKey(client, server, service)
    let pair = this.#pairs.get(key)
    if (pair === undefined) {
      if (this.#pairs.size >= LIMITS.conversationsMax) {
        this.overflow++
        return null
      }
      pair = { client, server, service, ports: new Set(), attempts: new Map(), starts: [] }
      this.#pairs.set(key, pair)
    }
    if (pair.ports.size < LIMITS.framesPerFindingMax) pair.ports.add(port)
    if (pair.starts.length < GAPS_MAX && (port !== NETBIOS_PORT || pair.ports.size === 1)) pair.starts.push(start)
    const stretch = stretchOf(start)
    let attempts = pair.attempts.get(stretch)
    if (attempts === undefined) {
      if (pair.attempts.size >= STRETCHES_MAX) {
        this.overflow++
        return null
      }
      attempts = {
        clientGaveUp: 0,
        serverClosed: 0,
        netbios: 0,
        refused: 0,
        looped: 0,
        status: null,
        kdc: null,
        first: start,
        last: start,
        capture,
        frames: [],
      }
      pair.attempts.set(stretch, attempts)
    }
    attempts.first = Math.min(attempts.first, start)
    attempts.last = Math.max(attempts.last, start)
    return attempts
  }

  /** A refusal by policy is an attempt as well; HTTP that asks again and again becomes one. */
  #refusal(exchange: AuthExchange): void {
    const { client, server, service, start, capture, frames, status, result, mechanism } = exchange
    if (result !== 'failure' || mechanism === 'anonymous') return
    const isPolicy = status !== null && (POLICY_STATUS.has(status.code >>> 0) || isLdapPolicy(exchange))
    const isHttp = exchange.http !== null && (mechanism === 'ntlm' || mechanism === 'kerberos')
    if (!isPolicy && !isHttp) return
    const attempts = this.#attempts({
      client: client.ip,
      server: server.ip,
      service,
      port: server.port,
      start,
      capture,
    })
    if (attempts === null) return
    if (isPolicy) attempts.refused++
    else attempts.looped++
    attempts.status ??= status?.name ?? null
    const frame = frames.at(-1)
    if (frame !== undefined && attempts.frames.length < LIMITS.framesPerFindingMax)
      attempts.frames.push(refIn(attempts.capture, frame, capture))
  }

  /** Any authentication stands in the report by itself; one that a policy refused is an attempt, too. */
  exchange(exchange: AuthExchange): void {
    if (!this.#isTold) return
    this.#refusal(exchange)
    const { client, server, service, start, end, result } = exchange
    const key = pairKey(client.ip, server.ip, service)
    const before = this.#authenticated.get(key)
    if (before === undefined && this.#authenticated.size >= LIMITS.conversationsMax) {
      this.#tellNothing()
      return
    }
    const isRefused = result === 'failure' && this.#pairs.get(key)?.attempts.has(stretchOf(start)) === true
    const runs = isRefused ? (before ?? NO_RUNS) : [start, end].map(stretchOf).reduce(withNumber, before ?? NO_RUNS)
    if (runs === before) return
    if (runs.length > 2 * STRETCHES_MAX) this.#tellNothing()
    else this.#authenticated.set(key, this.#runs.of(runs))
  }

  /** Who authenticated when is not known of all any more: nothing else is kept either. */
  #tellNothing(): void {
    this.#isTold = false
    this.overflow++
    for (const known of [this.#authenticated, this.#pairs, this.#refused]) known.clear()
  }

  /** By client, server and service. */
  turnedAway(): TurnedAway[] {
    if (!this.#isTold) return []
    const servers = new Map<string, number>()
    for (const { client } of this.#pairs.values()) servers.set(client, (servers.get(client) ?? 0) + 1)
    const clients = new Set(Array.from(this.#authenticated.keys(), clientOfKey))
    const isScanner = (client: string) => servers.get(client)! > SERVERS_MAX && !clients.has(client)
    // it authenticated somewhere, or asked a KDC
    const isKnown = (client: string) => clients.has(client) || this.#refused.has(client)
    const rows = [...this.#pairs].flatMap(([key, pair]) =>
      isScanner(pair.client) ? [] : summary(pair, this.#authenticated.get(key) ?? NO_RUNS, isKnown(pair.client)),
    )
    return withoutRetries(rows).sort(
      (a, b) => compareText(a.client, b.client) || compareText(a.server, b.server) || compareText(a.service, b.service),
    )
  }
}

function summary(
  { client, server, service, ports, attempts, starts }: Pair,
  authenticated: readonly number[],
  isKnown: boolean,
): TurnedAway[] {
  const isNear = (stretch: number) => [stretch - 1, stretch, stretch + 1].some((one) => isInRuns(authenticated, one))
  const left = [...attempts]
    .filter(([stretch, one]) => one.refused > 0 || !isNear(stretch))
    .map(([, one]) => (one.looped < LOOP_MIN ? { ...one, looped: 0 } : one))
    .filter(({ clientGaveUp, serverClosed, refused, looped }) => clientGaveUp + serverClosed + refused + looped > 0)
    .sort((a, b) => a.first - b.first)
  if (left.length === 0) return []
  const sum = (count: (one: Attempts) => number) => left.reduce((all, one) => all + count(one), 0)
  const counts = {
    'client-gave-up': sum(({ clientGaveUp }) => clientGaveUp),
    'server-closed': sum(({ serverClosed }) => serverClosed),
    'server-refused': sum(({ refused }) => refused),
    loop: sum(({ looped }) => looped),
  }
  // the same attempt, once over each port
  const retried = sum(({ netbios, clientGaveUp, serverClosed }) =>
    Math.min(netbios, clientGaveUp + serverClosed - netbios),
  )
  const count = Object.values(counts).reduce((all, one) => all + one, 0) - retried
  const last = Math.max(...left.map((one) => one.last))
  const kdc = left.find((one) => one.kdc !== null)?.kdc ?? null
  const { first, capture } = left[0]!
  const most = (Object.keys(counts) as (keyof typeof counts)[]).reduce((a, b) => (counts[b] > counts[a] ? b : a))
  const isBetween =
    authenticated.some((stretch) => stretch <= stretchOf(first)) &&
    authenticated.some((stretch) => stretch >= stretchOf(last))
  return [
    {
      client,
      server,
      service,
      ports: [...ports].sort((a, b) => a - b),
      class: isBetween ? 'intermittent' : kdc !== null && most === 'client-gave-up' ? 'kdc-refused' : most,
      pattern:
        count === 1 && kdc === null && counts['server-refused'] === 0
          ? 'single'
          : !isKnown && isSteady(starts)
            ? 'steady'
            : 'repeated',
      status: left.find((one) => one.status !== null)?.status ?? null,
      kdc,
      count,
      first,
      last,
      capture,
      frames: left[0]!.frames,
    },
  ]
}

/**
 * One outage is one row: a client of Windows that cannot log on over SMB asks the same server for WebDAV at once. Such
 * attempts, no more than those over SMB and within their time, stand in the row of SMB, with their port.
 */
export function withoutRetries(rows: readonly TurnedAway[]): TurnedAway[] {
  const overSmb = new Map<string, TurnedAway>()
  for (const one of rows) if (one.service === 'smb') overSmb.set(JSON.stringify([one.client, one.server]), one)
  const left: TurnedAway[] = []
  const web: TurnedAway[] = []
  for (const one of rows) {
    const smb = one.service === 'http' ? overSmb.get(JSON.stringify([one.client, one.server])) : undefined
    const isRetry =
      smb !== undefined &&
      one.ports.every((port) => WEB_PORTS.has(port)) &&
      one.count <= smb.count &&
      one.first >= smb.first &&
      one.last <= smb.last + RETRY_MICROS &&
      (one.class === 'client-gave-up' || one.class === 'server-closed' || one.class === 'kdc-refused')
    if (isRetry) web.push(one)
    else left.push(one)
  }
  if (web.length === 0) return left
  return left.map((one) => {
    const retries =
      one.service === 'smb' ? web.filter((of) => of.client === one.client && of.server === one.server) : []
    if (retries.length === 0) return one
    const frames = retries.flatMap((of) => of.frames.map((frame) => refIn(one.capture, frame, of.capture)))
    return {
      ...one,
      ports: [...new Set([...one.ports, ...retries.flatMap(({ ports }) => ports)])].sort((a, b) => a - b),
      frames: [...one.frames, ...frames].slice(0, LIMITS.framesPerFindingMax),
    }
  })
}

/** Is this row about that service? What was tried over WebDAV as well stands in the row of SMB. */
export function isAwayFrom({ service, ports }: TurnedAway, asked: string): boolean {
  return service === asked || (asked === 'http' && service === 'smb' && ports.some((port) => WEB_PORTS.has(port)))
}

const NETBIOS_PORT = 139
const WEB_PORTS: ReadonlySet<number> = new Set([80, 443])
const RETRY_MICROS = 60e6

/** Many, with the same time between them. */
export function isSteady(starts: readonly number[]): boolean {
  if (starts.length < STEADY_MIN) return false
  const sorted = starts.toSorted((a, b) => a - b)
  const gaps = sorted.slice(1).map((start, at) => start - sorted[at]!)
  const usual = gaps.toSorted((a, b) => a - b)[gaps.length >> 1]!
  return gaps.every((gap) => Math.abs(gap - usual) <= usual * STEADY_SHARE)
}

/** strongerAuthRequired, and what Active Directory says of a logon that is not bound to its channel. */
function isLdapPolicy({ ldap, status }: AuthExchange): boolean {
  return ldap !== null && (ldap.resultCode === 8 || /80090346/.test(status?.detail ?? ''))
}

/** It says something: more than one attempt, and no monitor. */
export function isSignificant({ pattern }: Pick<TurnedAway, 'pattern'>): boolean {
  return pattern === 'repeated'
}

/** Blind spot of a report that cannot tell who was turned away: facts and reports that an older version saved. */
export const UNTOLD = {
  kind: 'turned-away-untold',
  code: 'turned-away-untold',
  detail: 'attempts that ended without authentication are not in reports and facts of older versions',
  count: 1,
} as const

/** Turned away, of a report; saved reports of old versions have none. */
export function turnedAwayOf(report: { readonly turnedAway?: readonly TurnedAway[] }): readonly TurnedAway[] {
  return report.turnedAway ?? []
}

/** `tried 7 times, never authenticated: the client gave up after the offer of the server` */
export function turnedAwayText(one: Pick<TurnedAway, 'count' | 'class' | 'kdc' | 'status'>): string {
  const { count } = one
  if (one.class === 'intermittent') return `turned away ${count} times, and authenticated before and after`
  const how = howText(one)
  return count === 1 ? `tried once, never authenticated: ${how}` : `tried ${count} times, never authenticated: ${how}`
}

function howText({ class: kind, kdc, status }: Pick<TurnedAway, 'class' | 'kdc' | 'status'>): string {
  if (kind === 'kdc-refused' && kdc !== null)
    return `nothing followed after the KDC had refused ${kdc.sname} (${kdc.error})`
  if (kind === 'server-refused') return `the server refused by policy (${status ?? 'no status'})`
  if (kind === 'loop') return `the server asked again and again (${status ?? 'no status'})`
  return kind === 'server-closed'
    ? 'the server closed the connection after its offer had no answer'
    : 'the client closed the connection after what the server offered'
}

/** Events of Windows that tell of it, and where. */
export function turnedAwayEvents({ class: kind }: Pick<TurnedAway, 'class'>): string {
  return kind === 'server-refused' || kind === 'loop'
    ? '4002 and 4003 of NTLM/Operational on the server, 4004 on the domain controller'
    : '4001 of NTLM/Operational on the client'
}

/** A 401 for a password alone (Basic, Digest) is none that a domain account is asked by; SMB has no other way. */
function offersLogon(carrier: string, { names }: EndedOffer['offer']): boolean {
  return carrier === 'smb' || names.some((name) => isKerberosLike(name) || /^ntlm/i.test(name))
}

function stretchOf(time: number): number {
  return Math.floor(time / STRETCH_MICROS)
}

const CARRIERS_ASKED: ReadonlySet<string> = new Set(['smb', 'http'])
const NOTHING: readonly never[] = Object.freeze([])
