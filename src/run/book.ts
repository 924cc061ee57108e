/**
 * What is gathered over a stretch of a run and becomes one report: pairs, findings, figures and all the rest. It is fed
 * entries, which are plain values, so that the same stretch can be gathered once more (a look at what is not over yet),
 * or one stretch after another, each with a report of its own.
 */
import type { HostNames } from '../context/host-names.ts'
import type { EventsJoined } from '../events/joining.ts'
import { isContinuation, isWithoutLogon } from '../facts/continuation.ts'
import type {
  AuthExchange,
  ContextNote,
  Endpoint,
  KdcExchange,
  OpaqueConversation,
  TlsConversation,
} from '../facts/exchange.ts'
import { type Filter, filterWords, isInTime, matches, NO_FILTER } from '../facts/filter.ts'
import { splitFrameKey } from '../facts/frames.ts'
import type { Marks } from '../facts/marks.ts'
import { isOfOne } from '../findings/catalogue.ts'
import type { Finding } from '../findings/finding.ts'
import { FindingFold } from '../findings/fold.ts'
import { contradictionSighting } from '../findings/rules/events.ts'
import { LIMITS } from '../memory/limits.ts'
import type { Neighbour } from '../net/arp/neighbours.ts'
import { ClientCounts } from '../report/counting/client-counts.ts'
import {
  blindSpotsOf,
  coverageOf,
  packetIdentity,
  pduIdentity,
  type RunCounters,
  tallyOf,
  unseenSpots,
} from '../report/coverage.ts'
import { FigureFold } from '../report/figures.ts'
import { Concern, Places } from '../report/narrowing/concern.ts'
import type { Taking } from '../report/narrowing/narrow.ts'
import { PairFold } from '../report/pairs.ts'
import { PassThroughFold } from '../report/pass-through.ts'
import { type Host, REPORT_SCHEMA, type Report, type Unread } from '../report/report.ts'
import { RollUpFold } from '../report/roll-ups.ts'
import { ConversationFold, type Ended, type Missing } from '../report/seen/conversations.ts'
import { likelyIn } from '../report/seen/likely.ts'
import { NetworkAccessFold, type NetworkLogon } from '../report/seen/network-access.ts'
import { TurnedAwayFold } from '../report/seen/turned-away.ts'
import { UnfilteredFold } from '../report/seen/unfiltered.ts'
import { TlsFold } from '../report/tls-servers.ts'

/** What hides logons: TLS, QUIC, and the compressed headers of HTTP/2. */
export type OpaqueKind = 'tls' | 'quic' | 'http2'

/** A conversation that has ended, as far as reports speak of it. */
export interface EndedConversation {
  /** of its carriers */
  readonly names: readonly string[]
  /** what authenticates inside is not visible; its server is counted, whatever the filter says */
  readonly opaque: { readonly kind: OpaqueKind; readonly conversation: OpaqueConversation } | null
  readonly rows: readonly {
    readonly row: Ended
    readonly missing: Missing
    readonly start: number
  }[]
  /** it ended after an offer that nobody answered, and the filter asks for it */
  readonly turnedAway: Parameters<TurnedAwayFold['ended']>[0] | null
  /** whatever the filter says */
  readonly tls: TlsConversation | null
  /** signatures of NTLMSSP that no decoded message has */
  readonly unread: { readonly server: Endpoint; readonly count: number } | null
  /** the captures end in the middle of a logon, or where one was to come */
  readonly unfinished: boolean
  /** datagrams that go on with a logon whose beginning is not in the captures */
  readonly begunBefore: boolean
}

/** What a book is fed. */
export type BookEntry =
  | { readonly kind: 'exchange'; readonly exchange: AuthExchange; readonly marks: Marks }
  | { readonly kind: 'kdc'; readonly exchange: KdcExchange }
  | { readonly kind: 'context'; readonly note: ContextNote }
  | { readonly kind: 'network'; readonly logon: NetworkLogon }
  | { readonly kind: 'ended'; readonly ended: EndedConversation }

/** What stands in a report besides, and is known to the run. */
export interface Surrounding {
  readonly read: Omit<RunCounters, keyof BookCounters | 'overflow'>
  readonly foreignConnections: number
  readonly unread: Unread
  readonly captures: Report['captures']
  readonly keys: Report['keys']
  readonly overflow: Readonly<Record<string, number>>
  readonly joined: EventsJoined | null
}

type BookCounters = Pick<
  RunCounters,
  | 'carriers'
  | 'kdcs'
  | 'clientsWithKdcTraffic'
  | 'clientsAuthenticating'
  | 'tls'
  | 'quic'
  | 'http2'
  | 'unreadSignatures'
  | 'encryptedSmbSessions'
  | 'sessionsWithoutLogon'
  | 'unfinished'
  | 'begunBefore'
>

export interface BookWords {
  readonly filter: Filter
  /** null: chosen by what is read */
  readonly bucketSeconds: number | null
  readonly names: HostNames
  readonly captures: readonly { readonly name: string }[]
  /** of what the filter takes, which is reported; null: all */
  readonly only: Taking | null
  /** of pairs, too */
  readonly uids: boolean
}

export class ReportBuilder {
  readonly #filter: Filter
  readonly #only: Taking | null
  readonly #uids: boolean
  readonly #names: HostNames
  readonly #captures: readonly { readonly name: string }[]
  /** null: without a filter */
  readonly #unfiltered: UnfilteredFold | null
  /** likewise */
  readonly #places: Places | null
  readonly #pairs = new PairFold()
  readonly #findings = new FindingFold()
  readonly #conversations = new ConversationFold()
  readonly #passThrough = new PassThroughFold()
  readonly #turnedAway = new TurnedAwayFold()
  readonly #figures: FigureFold
  readonly #tlsServers = new TlsFold()
  readonly #rollUps = new RollUpFold()
  readonly #exchanges: AuthExchange[] = []
  readonly #kdc: KdcExchange[] = []
  readonly #carriers: Record<string, number> = {}
  readonly #kdcs = new Set<string>()
  readonly #clients = new ClientCounts()
  readonly #opaque: Readonly<Record<OpaqueKind, Map<string, number>>> = {
    tls: new Map(),
    quic: new Map(),
    http2: new Map(),
  }
  #encryptedSmb = 0
  #withoutLogon = 0
  #unfinished = 0
  #begunBefore = 0
  readonly #network = new NetworkAccessFold()
  /** signatures of NTLMSSP that no decoded message has, by server and port */
  readonly #unread = new Map<string, number>()
  #exchangesOmitted = 0
  #kdcOmitted = 0

  constructor({ filter, bucketSeconds, names, captures, only, uids }: BookWords) {
    this.#only = only
    this.#uids = uids
    this.#filter = filter
    this.#names = names
    this.#captures = captures
    this.#unfiltered = filter === NO_FILTER ? null : new UnfilteredFold(filter)
    this.#places = filter === NO_FILTER ? null : new Places(filter)
    this.#figures = new FigureFold(bucketSeconds)
  }

  /** The exchanges that the report lists, by their beginning. */
  exchangesInOrder(): AuthExchange[] {
    return this.#exchanges.toSorted(byBeginning)
  }

  get kdc(): readonly KdcExchange[] {
    return this.#kdc
  }

  /** All that the filter asks for is listed. */
  get isWhole(): boolean {
    return this.#filter === NO_FILTER && this.#exchangesOmitted === 0
  }

  /** Is it what the filter asks for? Of an exchange, 'listed' where the report lists it one by one. */
  add(entry: BookEntry): 'listed' | 'counted' | 'no' {
    switch (entry.kind) {
      case 'exchange':
        return this.#exchange(entry.exchange, entry.marks)
      case 'kdc':
        return this.#kdcExchange(entry.exchange)
      case 'context':
        this.#findings.context(entry.note)
        this.#passThrough.context(entry.note)
        return 'counted'
      case 'network':
        this.#network.tunnel(entry.logon)
        return 'counted'
      case 'ended':
        this.#ended(entry.ended)
        return 'counted'
    }
  }

  /** See `FindingFold`. */
  findingsSoFar(asksFor: (uid: string) => boolean): Finding[] {
    return this.#concerned(this.#findings.soFar(asksFor))
  }

  /** One exchange was asked about the filter before it fired a rule; what several tell is asked about it here. */
  #concerned(findings: Finding[]): Finding[] {
    if (this.#places === null || findings.every(({ id }) => isOfOne(id))) return findings
    const concern = new Concern(this.#filter, this.#places, { exchanges: this.#exchanges, kdc: this.#kdc })
    return findings.filter((finding) => isOfOne(finding.id) || concern.includes(finding))
  }

  /** Contradictions with the logs of Windows are findings as well. */
  sight(joined: EventsJoined): void {
    this.#findings.sight(joined.contradictions.map(contradictionSighting))
  }

  /** `checks`: accounting that does not add up is a blind spot; not in the middle of a run. It changes nothing here. */
  report(around: Surrounding, checks: boolean): { readonly report: Report; readonly broken: string | null } {
    const counters = this.#counters(around)
    const { unread, joined } = around
    const tally = tallyOf(counters)
    const broken = checks ? (packetIdentity(tally) ?? pduIdentity(tally)) : null
    const blindSpots = blindSpotsOf(counters, unread)
    if (broken !== null) blindSpots.push({ kind: 'accounting', code: 'accounting', detail: broken, count: 1 })
    const passThrough = this.#passThrough.servers(
      this.#filter === NO_FILTER ? null : new Set(this.#exchanges.map(({ id }) => id)),
      (server) => this.#mayBeServer(server),
    )
    blindSpots.push(...unseenSpots(passThrough))
    for (const { code, detail, count } of joined?.blindSpots ?? []) blindSpots.push({ kind: code, code, detail, count })
    if (joined !== null && this.#exchangesOmitted > 0) {
      const detail = 'exchanges that are not listed one by one, and were not compared with the logs'
      blindSpots.push({ kind: 'log-overflow', code: 'log-not-joined', detail, count: this.#exchangesOmitted })
    }
    const figures = this.#figures.figures()
    const tls = this.#tlsServers.report()
    const networkAccess = this.#network.rows()
    const report: Report = {
      schema: REPORT_SCHEMA,
      filter: filterWords(this.#filter),
      unfiltered: this.#unfiltered?.result() ?? null,
      coverage: coverageOf(counters),
      captures: around.captures,
      unread,
      pairs: this.#pairs.verdicts(
        (client, server, service) => this.#findings.ofPair(client, server, service),
        this.#uids,
      ),
      exchanges: joined?.exchanges ?? this.exchangesInOrder(),
      kdc: (joined?.kdc ?? this.#kdc).toSorted((a, b) => a.time - b.time),
      passThrough,
      turnedAway: this.#turnedAway.turnedAway(),
      eventCoverage: joined?.coverage ?? null,
      conversations: this.#conversationRows(passThrough, tls.servers),
      findings: this.#concerned(this.#findings.findings()),
      figures,
      ...this.#rollUps.rollUps(Object.values(figures.total.services).reduce((sum, { ntlm }) => sum + ntlm, 0)),
      blindSpots,
      hosts: this.hosts(counters.neighbours),
      tls,
      ...(networkAccess.length > 0 && { networkAccess }),
      keys: around.keys,
      tally,
    }
    return { report, broken }
  }

  #conversationRows(passThrough: Report['passThrough'], servers: Report['tls']['servers']): Report['conversations'] {
    const asked = new Map<string, readonly string[]>()
    for (const { ip, serverNames } of servers) asked.set(ip, asked.get(ip)?.concat(serverNames) ?? serverNames)
    const namesOf = (ip: string) => this.#names.texts(ip).concat(asked.get(ip) ?? [])
    return this.#conversations.conversations(likelyIn(this.#kdc, passThrough, namesOf))
  }

  /** The names of those that the report speaks of. */
  hosts(neighbours: readonly Neighbour[] = []): Host[] {
    const hardware = new Map(neighbours.map((one) => [one.ip, one] as const))
    const spoken = new Set<string>()
    for (const { client, server } of this.#exchanges) spoken.add(client.ip).add(server.ip)
    for (const { client, kdc } of this.#kdc) spoken.add(client.ip).add(kdc.ip)
    const hosts: Host[] = []
    for (const ip of [...spoken].sort()) {
      const names = this.#names.of(ip)
      const neighbour = hardware.get(ip)
      if (names.length === 0 && neighbour === undefined) continue
      if (hosts.length >= LIMITS.reportHostsMax) break
      hosts.push({
        ip,
        ...(neighbour === undefined ? {} : { hardware: this.#hardwareOf(neighbour) }),
        names: names.map(({ frame, ...name }) => ({ ...name, ...this.#place(frame) })),
      })
    }
    return hosts
  }

  #hardwareOf({ hardware, capture, frame }: Neighbour): NonNullable<Host['hardware']> {
    return { address: hardware, capture: this.#captures[capture]?.name ?? '', frame }
  }

  #place(key: number): { capture: string; frame: number } {
    const { capture, frame } = splitFrameKey(key)
    return { capture: this.#captures[capture]?.name ?? '', frame }
  }

  /** May logons at this server be what the filter asks for? */
  #mayBeServer(ip: string): boolean {
    const names = [null, ...this.#names.of(ip).map(({ name }) => name)]
    const { server, host } = this.#filter
    const isMeant = (patterns: Filter['server']) =>
      patterns.some((one) => names.some((name) => one.matches({ ip, name })))
    // the other end of what was not seen may be anybody
    return (server.length === 0 || isMeant(server)) && (host.length === 0 || server.length > 0 || isMeant(host))
  }

  #ended({ names, opaque, rows, turnedAway, tls, unread, unfinished, begunBefore }: EndedConversation): void {
    if (begunBefore) this.#begunBefore++
    if (unfinished) this.#unfinished++
    for (const name of names) this.#carriers[name] = (this.#carriers[name] ?? 0) + 1
    if (opaque !== null) {
      countAt(this.#opaque[opaque.kind], opaque.conversation.server, 1)
      this.#places?.add(opaque.conversation)
      if (matches(this.#filter, opaque.conversation) && this.#only?.opaque(opaque.conversation) !== false) {
        this.#pairs.addOpaque(opaque.conversation)
        this.#figures.addOpaque(opaque.conversation)
      }
    }
    const isAll = this.#filter === NO_FILTER
    for (const { row, missing, start } of rows) {
      if (isAll || this.#isAsked(row, start)) this.#conversations.add(row, missing, start)
    }
    if (turnedAway !== null) this.#turnedAway.ended(turnedAway)
    if (tls !== null) {
      if (isAll || this.#isTlsAsked(tls)) this.#tlsServers.add(tls)
      this.#findings.channel(tls)
    }
    if (unread !== null) countAt(this.#unread, unread.server, unread.count)
  }

  #isTlsAsked({ client, server, service, start }: TlsConversation): boolean {
    const subject = { client: { ip: client.ip, name: null }, server: { ip: server.ip, name: null }, service, start }
    this.#places?.add(subject)
    return matches(this.#filter, subject)
  }

  /** Is a row what the filter asks for? What was left out is counted. */
  #isAsked({ client, server, service }: Ended, start: number): boolean {
    const subject = { client, server, service, start }
    this.#unfiltered?.subject(subject)
    this.#places?.add(subject)
    return matches(this.#filter, subject)
  }

  #exchange(exchange: AuthExchange, marks: Marks): 'listed' | 'counted' | 'no' {
    this.#passThrough.exchange(exchange)
    // a logon before the time that is asked for says nothing of who was turned away since
    if (isInTime(this.#filter, exchange.start)) this.#turnedAway.exchange(exchange)
    this.#unfiltered?.exchange(exchange)
    this.#places?.add(exchange)
    this.#findings.watched(exchange, marks)
    if (!matches(this.#filter, exchange) || this.#only?.exchange(exchange) === false) return 'no'
    const again = isContinuation(exchange)
    if (!again) this.#clients.authenticates(exchange.client.ip)
    if (!again && exchange.smb?.effective === 'encrypted') this.#encryptedSmb++
    if (isWithoutLogon(exchange)) this.#withoutLogon++
    this.#pairs.add(exchange)
    this.#findings.one(exchange)
    this.#figures.add(exchange)
    this.#rollUps.add(exchange)
    this.#network.exchange(exchange)
    if (this.#exchanges.length < LIMITS.reportExchangesMax) {
      this.#exchanges.push(exchange)
      return 'listed'
    }
    this.#exchangesOmitted++
    return 'counted'
  }

  #kdcExchange(kdc: KdcExchange): 'listed' | 'counted' | 'no' {
    this.#clients.asksKdc(kdc.client.ip)
    if (kdc.transport !== 'iakerb' && this.#kdcs.size < LIMITS.kdcsMax) this.#kdcs.add(kdc.kdc.ip)
    const subject = { client: kdc.client, server: kdc.kdc, service: 'kdc', start: kdc.time } as const
    this.#unfiltered?.subject(subject)
    this.#places?.add(subject)
    this.#findings.watchedKdc(kdc)
    if (!matches(this.#filter, subject) || this.#only?.kdc(kdc) === false) return 'no'
    this.#findings.oneKdc(kdc)
    this.#turnedAway.kdc(kdc)
    if (this.#kdc.length < LIMITS.reportKdcMax) {
      this.#kdc.push(kdc)
      return 'listed'
    }
    this.#kdcOmitted++
    return 'counted'
  }

  #counters({ read, foreignConnections, overflow }: Surrounding): RunCounters {
    return {
      ...read,
      carriers: { ...this.#carriers, other: foreignConnections },
      kdcs: [...this.#kdcs].sort(),
      clientsWithKdcTraffic: this.#clients.askingKdcs,
      clientsAuthenticating: this.#clients.authenticating,
      overflow: {
        'exchanges-not-listed': this.#exchangesOmitted,
        'kdc-not-listed': this.#kdcOmitted,
        pairs: this.#pairs.overflow,
        conversations: this.#conversations.overflow,
        findings: this.#findings.overflow,
        figures: this.#figures.overflow,
        'turned-away': this.#turnedAway.overflow,
        'roll-ups': this.#rollUps.overflow,
        ...overflow,
      } as RunCounters['overflow'],
      ...this.#opaque,
      unreadSignatures: this.#unread,
      encryptedSmbSessions: this.#encryptedSmb,
      sessionsWithoutLogon: this.#withoutLogon,
      unfinished: this.#unfinished,
      begunBefore: this.#begunBefore,
    }
  }
}

/** Counts what was seen at a server and port; of so many servers, those that came first. */
function countAt(servers: Map<string, number>, { ip, port }: Endpoint, count: number): void {
  const key = `${ip}:${port}`
  if (servers.size < LIMITS.tlsServersMax || servers.has(key)) servers.set(key, (servers.get(key) ?? 0) + count)
}

function byBeginning(one: AuthExchange, two: AuthExchange): number {
  return one.start - two.start || compareIds(one.id, two.id)
}

/** `1.38` before `1.112`: capture, frame, number. */
function compareIds(one: string, two: string): number {
  const [a, b] = [one.split('.').map(Number), two.split('.').map(Number)]
  for (let at = 0; at < 3; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
