/**
 * One run: captures in, a report out. Wires the steps together and owns nothing but counters.
 *
 * capture -> net -> stream -> dissect -> exchange -> verdict, findings -> report. Memory is bounded by limits.ts,
 * whatever the captures hold.
 */
import type { AuthStep, CarrierMessage, Service } from '../../decoders/carrier.ts'
import { CARRIERS } from '../../decoders/registry.ts'
import { serviceOfCarrier, serviceOfTlsPort } from '../../decoders/services.ts'
import type { DecodedToken } from '../../decoders/token.ts'
import type { UnreadInput } from '../capture/inputs.ts'
import { CaptureError } from '../capture/open.ts'
import { Accounts, type OpenedToken } from '../dissect/accounts.ts'
import { Channels } from '../dissect/channels.ts'
import { Dissector, type DissectSink, type MessageContext } from '../dissect/dissector.ts'
import { carrierLine, type MessageLine, tokenLine } from '../dissect/message-line.ts'
import type { EventsJoined } from '../events/joining.ts'
import { hasAuthenticated, offeredIn, tlsFactsOf } from '../exchange/conversation-state.ts'
import { ExchangeFold } from '../exchange/fold.ts'
import type { ChannelFacts, TlsConversation } from '../facts/channel.ts'
import { isContinuation, isWithoutLogon } from '../facts/continuation.ts'
import type { AuthExchange, Endpoint, KdcExchange } from '../facts/exchange.ts'
import { byAllNames, type Filter, filterWords, matches, NO_FILTER } from '../facts/filter.ts'
import { FrameNames, splitFrameKey } from '../facts/frames.ts'
import type { Marks } from '../facts/marks.ts'
import { FindingFold } from '../findings/fold.ts'
import { contradictionSighting } from '../findings/rules/events.ts'
import { KeytabError } from '../keys/keytab.ts'
import { LIMITS } from '../memory/limits.ts'
import type { KeyFiles } from '../reading/opening.ts'
import type { EngineName, PduSource, Progress, ReadingFacts } from '../reading/pdu-source.ts'
import { Reading } from '../reading/reading.ts'
import { canThread, ReadingElsewhere } from '../reading/worker-source.ts'
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
import type { Taking } from '../report/narrowing/narrow.ts'
import { PairFold } from '../report/pairs.ts'
import { PassThroughFold } from '../report/pass-through.ts'
import { type Host, REPORT_SCHEMA, type Report } from '../report/report.ts'
import { RollUpFold } from '../report/roll-ups.ts'
import { ConversationFold, isWhole, missingOf, serviceOfPort } from '../report/seen/conversations.ts'
import { TurnedAwayFold } from '../report/seen/turned-away.ts'
import { UnfilteredFold } from '../report/seen/unfiltered.ts'
import { unreadOf } from '../report/seen/unread.ts'
import { type TicketFacts, TlsFold } from '../report/tls-servers.ts'
import type { NoteReader } from '../slice/notes.ts'
import { notesOf } from '../slice/read-notes.ts'

import type { Conversation } from '../stream/conversation.ts'
import type { StreamSink } from '../stream/sink.ts'

export type { MessageLine } from '../dissect/message-line.ts'
export type { Progress } from '../reading/pdu-source.ts'

export interface AnalyzeOptions {
  /** which exchanges, KDC exchanges and messages are reported; names and context are learnt from all of them */
  readonly filter?: Filter
  /** of these, which are reported; context and watches of other hosts are not asked */
  readonly only?: Taking
  /** every decoded message, JSON-ready */
  readonly onMessage?: (line: MessageLine) => void
  /** every carrier message, then each of its steps with the decoded tokens; bytes are borrowed for the call */
  readonly onDecoded?: (decoded: Decoded) => void
  /** every exchange when it closes; with `events` when these are joined */
  readonly onExchange?: (exchange: AuthExchange) => void
  /** every exchange with a KDC, as it ends */
  readonly onKdc?: (exchange: KdcExchange) => void
  /** length of the stretches of time that get figures of their own; absent: chosen by what is read */
  readonly bucketSeconds?: number
  /** files and folders of Windows logs, read after the captures and joined to what the report lists */
  readonly events?: readonly string[]
  readonly onProgress?: (progress: Progress) => void
  /** asked before every read: a promise holds the reading up until it resolves, null goes on */
  readonly onPause?: () => Promise<void> | null
  /** stops reading; what was read is reported */
  readonly signal?: AbortSignal
  /**
   * 1: all in this thread; more: a second one reads and frames (there is work for two). The report is the same. Absent:
   * 1
   */
  readonly threads?: number
  /** what was to be read besides and cannot be: it stands in the report, and in the way of every expectation */
  readonly unread?: readonly UnreadInput[]
  /** key logs and private keys, by their paths: they are read, and kept, in the thread that reads packets */
  readonly keys?: KeyFiles
  /** keytabs, by their paths */
  readonly keytabs?: readonly string[]
  /** our own bugs are thrown instead of counted: for tests */
  readonly rethrow?: boolean
  /** who reads most packets: see `EngineName` */
  readonly engine?: EngineName
}

/** A carrier message at its frame, alone (`step` null) or with one of its steps. */
export interface Decoded {
  readonly capture: string
  readonly frame: number
  readonly context: MessageContext
  readonly message: CarrierMessage
  readonly step: AuthStep | null
  readonly tokens: readonly DecodedToken[]
}

/**
 * Reads every capture in time order and folds it into one report. Rejects with a `CaptureError` where one is no
 * capture.
 */
export async function analyze(inputs: readonly string[], options: AnalyzeOptions = {}): Promise<Report> {
  return new Run(inputs, options, await notesOf(inputs)).run()
}

class Run implements DissectSink {
  readonly #options: AnalyzeOptions
  readonly #filter: Filter
  /** null: without a filter */
  readonly #unfiltered: UnfilteredFold | null
  readonly #names: FrameNames
  readonly #inputs: readonly string[]
  readonly #source: PduSource
  readonly #channels = new Channels()
  readonly #accounts: Accounts | null
  readonly #dissector: Dissector
  readonly #fold: ExchangeFold
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
  readonly #kdcClients = new Set<string>()
  readonly #clients = new Set<string>()
  readonly #tls = new Map<string, number>()
  readonly #quic = new Map<string, number>()
  readonly #captures: readonly { readonly name: string }[]
  #encryptedSmb = 0
  #withoutLogon = 0
  /** signatures of NTLMSSP that no decoded message has, by server and port */
  readonly #unread = new Map<string, number>()
  #exchangesOmitted = 0
  #kdcOmitted = 0

  /** `notes`: what slices among the inputs say of the secrets that were taken out; null: there are none */
  constructor(inputs: readonly string[], options: AnalyzeOptions, notes: NoteReader | null) {
    this.#inputs = inputs
    this.#options = options
    this.#accounts = accountsOf(options.keytabs ?? [])
    this.#captures = inputs.map((name) => ({ name }))
    this.#filter = byAllNames(options.filter ?? NO_FILTER, (ip) => this.#fold.names.of(ip))
    this.#unfiltered = this.#filter === NO_FILTER ? null : new UnfilteredFold(this.#filter)
    this.#names = new FrameNames(this.#captures)
    this.#figures = new FigureFold(options.bucketSeconds ?? null)
    this.#fold = new ExchangeFold(
      {
        exchange: (exchange, marks) => this.#exchange(exchange, marks),
        kdc: (kdc) => this.#kdcExchange(kdc),
        context: (note) => {
          this.#findings.context(note)
          this.#passThrough.context(note)
        },
      },
      this.#names,
      this.#channels.bindings,
    )
    const sink: StreamSink<Conversation> = {
      pdu: (conversation, from, carrier, bytes, cut) => this.#dissector.pdu(conversation, from, carrier, bytes, cut),
      standalone: (datagram, carrier, bytes, cut) => this.#dissector.standalone(datagram, carrier, bytes, cut),
      tunnel: (conversation) => this.#dissector.tunnel(conversation),
      closed: (conversation) => this.#dissector.closed(conversation),
    }
    const isThreaded = canThread && (options.threads ?? 1) > 1
    this.#source = isThreaded
      ? new ReadingElsewhere(CARRIERS, sink, options.engine, options.keys)
      : new Reading(CARRIERS, sink, options.engine, options.keys)
    this.#dissector = new Dissector(this, this.#source, options.rethrow === true, this.#channels, this.#accounts, notes)
  }

  async run(): Promise<Report> {
    const { onProgress, onPause, signal } = this.#options
    const read = await this.#source.read(this.#inputs, { onProgress, onPause, signal })
    this.#fold.end()
    return this.#report(read, (this.#options.events ?? []).length === 0 ? null : await this.#joinEvents(read))
  }

  async #joinEvents({ start, end, packets }: ReadingFacts): Promise<EventsJoined> {
    const { joinEvents } = await import('../events/joining.ts')
    const { events = [], signal, onExchange, onProgress: tell } = this.#options
    const onProgress = (bytes: number, totalBytes: number, seen: number) =>
      tell?.({ bytes, totalBytes, packets, events: seen })
    const hosts = this.#hosts().map(({ ip, names }) => ({ ip, names: names.map(({ name }) => name) }))
    const isWhole = this.#filter === NO_FILTER && this.#exchangesOmitted === 0
    const exchanges = this.#exchanges.toSorted(byBeginning)
    const joined = await joinEvents({
      files: events,
      exchanges,
      kdc: this.#kdc,
      start,
      end,
      hosts,
      isWhole,
      signal,
      onProgress,
    })
    for (const exchange of joined.exchanges) onExchange?.(exchange)
    this.#findings.sight(joined.contradictions.map(contradictionSighting))
    return joined
  }

  #report(read: ReadingFacts, joined: EventsJoined | null): Report {
    const counters = this.#counters(read)
    const tally = tallyOf(counters)
    const broken = packetIdentity(tally) ?? pduIdentity(tally)
    if (broken !== null && this.#options.rethrow) throw new Error(`the accounting does not add up: ${broken}`)
    const unread = unreadOf(this.#options.unread ?? [], read)
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
    return {
      schema: REPORT_SCHEMA,
      filter: filterWords(this.#filter),
      unfiltered: this.#unfiltered?.result() ?? null,
      coverage: coverageOf(counters),
      captures: read.captures,
      unread,
      pairs: this.#pairs.verdicts((client, server, service) => this.#findings.ofPair(client, server, service)),
      exchanges: joined?.exchanges ?? this.#exchanges.toSorted(byBeginning),
      kdc: (joined?.kdc ?? this.#kdc).toSorted((a, b) => a.time - b.time),
      passThrough,
      turnedAway: this.#turnedAway.turnedAway(),
      eventCoverage: joined?.coverage ?? null,
      conversations: this.#conversations.conversations(),
      findings: this.#findings.findings(),
      figures,
      ...this.#rollUps.rollUps(Object.values(figures.total.services).reduce((sum, { ntlm }) => sum + ntlm, 0)),
      blindSpots,
      hosts: this.#hosts(),
      tls: this.#tlsServers.report(),
      keys: { tls: read.keys, kerberos: this.#accounts === null ? null : ticketFacts(this.#accounts.counters) },
      tally,
    }
  }

  /** May logons at this server be what the filter asks for? */
  #mayBeServer(ip: string): boolean {
    const names = [null, ...this.#fold.names.of(ip).map(({ name }) => name)]
    const { server, host } = this.#filter
    const isMeant = (patterns: Filter['server']) =>
      patterns.some((one) => names.some((name) => one.matches({ ip, name })))
    // the other end of what was not seen may be anybody
    return (server.length === 0 || isMeant(server)) && (host.length === 0 || server.length > 0 || isMeant(host))
  }

  /** The names of those that the report speaks of. */
  #hosts(): Host[] {
    const spoken = new Set<string>()
    for (const { client, server } of this.#exchanges) spoken.add(client.ip).add(server.ip)
    for (const { client, kdc } of this.#kdc) spoken.add(client.ip).add(kdc.ip)
    const hosts: Host[] = []
    for (const ip of [...spoken].sort()) {
      const names = this.#fold.names.of(ip)
      if (names.length === 0) continue
      if (hosts.length >= LIMITS.reportHostsMax) break
      hosts.push({ ip, names: names.map(({ frame, ...name }) => ({ ...name, ...this.#place({ frame }) })) })
    }
    return hosts
  }

  carrierMessage(context: MessageContext, message: CarrierMessage, fault: DecodedToken['fault']): void {
    const { onMessage, onDecoded } = this.#options
    onDecoded?.({ ...this.#place(context), context, message, step: null, tokens: [] })
    if (onMessage && this.#wants(context, message))
      onMessage(carrierLine(this.#place(context), context, message, fault))
  }

  tokenMessage(context: MessageContext, message: CarrierMessage, token: DecodedToken): void {
    const { onMessage } = this.#options
    if (onMessage && this.#wants(context, message)) onMessage(tokenLine(this.#place(context), context, token))
  }

  step(
    context: MessageContext,
    message: CarrierMessage,
    step: AuthStep,
    tokens: readonly DecodedToken[],
    opened: OpenedToken | null,
  ): void {
    const { onDecoded } = this.#options
    if (onDecoded) onDecoded({ ...this.#place(context), context, message, step, tokens })
    this.#fold.step(context, message, step, tokens, opened)
  }

  channel(conversation: Conversation, facts: ChannelFacts): void {
    this.#fold.channel(conversation, facts)
  }

  tunnel(conversation: Conversation): void {
    this.#fold.tunnel(conversation)
  }

  closed(conversation: Conversation): void {
    const names = new Set(conversation.outer.map(({ name }) => name))
    for (const half of [0, 1] as const) {
      const carrier = conversation.carrierOf(half)
      if (carrier !== null) names.add(carrier.name)
    }
    if (names.size === 0 && (conversation.ntlmMessages > 0 || hasAuthenticated(conversation))) names.add('unknown')
    for (const name of names) this.#carriers[name] = (this.#carriers[name] ?? 0) + 1
    const facts = tlsFactsOf(conversation)
    if (names.has('quic')) this.#opaque(conversation, facts, this.#quic, facts.service ?? 'unknown')
    else if ((names.has('tls') && !facts.opened) || facts.hidden) this.#opaque(conversation, facts, this.#tls, null)
    if (conversation.protocol === 6 || names.has('quic'))
      for (const name of names.size > 0 ? names : UNRECOGNISED)
        if (!WITHOUT_LOGONS.has(name) && !(name === 'tls' && facts.opened))
          this.#conversation(conversation, name, facts)
    if (!facts.hidden) this.#withoutLogonAt(conversation, facts)
    if (facts.tls !== null && !names.has('quic')) this.#inTls(conversation, facts)
    const unread = Math.max(conversation.signatures - conversation.ntlmMessages, conversation.contents)
    if (unread > 0) countAt(this.#unread, facts.server, unread)
    this.#fold.closed(conversation)
  }

  /** `servers` counts such conversations; `known` is the service, where its port is no hint. */
  #opaque(
    conversation: Conversation,
    facts: ReturnType<typeof tlsFactsOf>,
    servers: Map<string, number>,
    known: Service | null,
  ): void {
    const { client, server } = facts
    const service = known ?? facts.service ?? facts.led ?? serviceOfTlsPort(facts.port) ?? 'unknown'
    countAt(servers, server, 1)
    const { capture, frame } = splitFrameKey(conversation.startFrame)
    const opaque = {
      client,
      server,
      service,
      tunnel: facts.tunnel,
      start: conversation.startTime,
      end: this.#source.time,
      capture: this.#captures[capture]?.name ?? '',
      frames: [frame],
    }
    if (!matches(this.#filter, opaque) || this.#options.only?.opaque(opaque) === false) return
    this.#pairs.addOpaque(opaque)
    this.#figures.addOpaque(opaque)
  }

  #inTls(ended: Conversation, facts: ReturnType<typeof tlsFactsOf>) {
    const { client, server, port, service, led, tunnel, tls, channel } = facts
    const { capture, frame } = splitFrameKey(ended.startFrame)
    const one: TlsConversation = {
      client: client.ip,
      server: server.ip,
      port: server.port,
      service: service ?? led ?? serviceOfTlsPort(port) ?? 'unknown',
      serverName: tls?.hasEncryptedHello ? null : (tls?.serverName ?? null),
      tunnel,
      version: tls?.version ?? null,
      cipherSuite: tls?.cipherSuite ?? null,
      alpn: tls?.alpn ?? null,
      alert: tls?.alert ?? null,
      alertFrom: tls?.alertFrom ?? null,
      asksForCertificate: tls?.asksForCertificate ?? false,
      channel: channel ?? NO_CHANNEL,
      start: ended.startTime,
      end: this.#source.time,
      capture: this.#captures[capture]?.name ?? '',
      frame,
    }
    if (!matches(this.#filter, { client, server, service: one.service, start: one.start })) return
    this.#tlsServers.add(one)
    this.#findings.channel(one)
  }

  #conversation(ended: Conversation, carrier: string, facts: ReturnType<typeof tlsFactsOf>): void {
    const { client, server } = facts
    const service =
      (carrier === 'tls' ? (facts.led ?? serviceOfTlsPort(facts.port)) : null) ??
      (ended.outer.some(({ name }) => name === carrier) ? facts.outer : facts.service) ??
      serviceOfCarrier(carrier) ??
      (carrier === 'unrecognised' ? serviceOfPort(server.port) : null) ??
      'unknown'
    const { capture, frame } = splitFrameKey(ended.startFrame)
    if (carrier === 'unrecognised' && service === 'kdc') return
    const subject = { client, server, service, start: ended.startTime }
    this.#unfiltered?.subject(subject)
    if (!matches(this.#filter, subject)) return
    this.#conversations.add(
      {
        client,
        server,
        service,
        carrier,
        authenticated: hasAuthenticated(ended),
        end: this.#source.time,
        capture: this.#captures[capture]?.name ?? '',
        frame,
      },
      // datagrams have no beginning that could be missing
      carrier === 'quic' ? NOTHING_MISSING : missingOf(ended),
      ended.startTime,
    )
  }

  /** A connection that was seen whole, and ended after an offer that nobody answered. */
  #withoutLogonAt(ended: Conversation, { client, server }: ReturnType<typeof tlsFactsOf>): void {
    const offer = offeredIn(ended)
    const { endedBy } = ended
    const carrier = ended.carrierOf(0)?.name
    if (offer === null || carrier === undefined || endedBy === -1 || hasAuthenticated(ended)) return
    if (ended.outer.length > 0 || !isWhole(missingOf(ended))) return
    const { service } = offer
    if (!matches(this.#filter, { client, server, service, start: ended.startTime })) return
    this.#turnedAway.ended({
      client: client.ip,
      server: server.ip,
      port: server.port,
      carrier,
      offer,
      endedBy: ended.side(endedBy),
      start: ended.startTime,
      ...this.#place(offer),
    })
  }

  #exchange(exchange: AuthExchange, marks: Marks): void {
    this.#passThrough.exchange(exchange)
    this.#turnedAway.exchange(exchange)
    this.#unfiltered?.exchange(exchange)
    if (!matches(this.#filter, exchange) || this.#options.only?.exchange(exchange) === false) return
    const again = isContinuation(exchange)
    if (!again && this.#clients.size < LIMITS.clientsMax) this.#clients.add(exchange.client.ip)
    if (!again && exchange.smb?.effective === 'encrypted') this.#encryptedSmb++
    if (isWithoutLogon(exchange)) this.#withoutLogon++
    this.#pairs.add(exchange)
    this.#findings.exchange(exchange, marks)
    this.#figures.add(exchange)
    this.#rollUps.add(exchange)
    const isListed = this.#exchanges.length < LIMITS.reportExchangesMax
    // what waits for the events is told when they are joined
    if (!isListed || (this.#options.events ?? []).length === 0) this.#options.onExchange?.(exchange)
    if (isListed) this.#exchanges.push(exchange)
    else this.#exchangesOmitted++
  }

  #kdcExchange(kdc: KdcExchange): void {
    if (this.#kdcClients.size < LIMITS.clientsMax) this.#kdcClients.add(kdc.client.ip)
    if (kdc.transport !== 'iakerb' && this.#kdcs.size < LIMITS.kdcsMax) this.#kdcs.add(kdc.kdc.ip)
    const subject = { client: kdc.client, server: kdc.kdc, service: 'kdc', start: kdc.time } as const
    this.#unfiltered?.subject(subject)
    if (!matches(this.#filter, subject) || this.#options.only?.kdc(kdc) === false) return
    this.#findings.kdc(kdc)
    this.#options.onKdc?.(kdc)
    if (this.#kdc.length < LIMITS.reportKdcMax) this.#kdc.push(kdc)
    else this.#kdcOmitted++
  }

  #place(context: { readonly frame: number }): { capture: string; frame: number } {
    const { capture, frame } = splitFrameKey(context.frame)
    return { capture: this.#captures[capture]?.name ?? '', frame }
  }

  /** A message that no frame completes feeds the facts, and is counted; it is not listed. */
  #wants(context: MessageContext, message: CarrierMessage): boolean {
    if (context.cut === 'lost') return false
    if (this.#filter === NO_FILTER) return true
    const { conversation, time } = context
    const low = { ip: conversation.lowAddress, name: null }
    const high = { ip: conversation.highAddress, name: null }
    const [client, server] = conversation.side(0) === 'client' ? [low, high] : [high, low]
    return matches(this.#filter, { client, server, service: message.service, start: time })
  }

  #counters(read: ReadingFacts): RunCounters {
    const overflow = {
      'exchanges-not-listed': this.#exchangesOmitted,
      'kdc-not-listed': this.#kdcOmitted,
      pairs: this.#pairs.overflow,
      conversations: this.#conversations.overflow,
      findings: this.#findings.overflow,
      figures: this.#figures.overflow,
      'turned-away': this.#turnedAway.overflow,
      'roll-ups': this.#rollUps.overflow,
      authentications: this.#fold.overflow,
      'smb-sessions': this.#fold.sessionsMissed,
      'decided-early': this.#fold.decidedEarly,
      names: this.#fold.names.overflow,
      'kerberos-evidence': this.#fold.evidenceEvicted,
    }
    const { foreignConnections, ...seen } = read
    return {
      ...seen,
      dissect: this.#dissector.counters,
      faults: this.#dissector.faults,
      carriers: { ...this.#carriers, other: foreignConnections },
      kdcs: [...this.#kdcs].sort(),
      clientsWithKdcTraffic: this.#kdcClients.size,
      clientsAuthenticating: this.#clients.size,
      overflow,
      tls: this.#tls,
      quic: this.#quic,
      unreadSignatures: this.#unread,
      encryptedSmbSessions: this.#encryptedSmb,
      sessionsWithoutLogon: this.#withoutLogon,
      interrupted: this.#options.signal?.aborted === true,
    }
  }
}

/** Counts what was seen at a server and port; of so many servers, those that came first. */
function countAt(servers: Map<string, number>, { ip, port }: Endpoint, count: number): void {
  const key = `${ip}:${port}`
  if (servers.size < LIMITS.tlsServersMax || servers.has(key)) servers.set(key, (servers.get(key) ?? 0) + count)
}

/** Throws a `CaptureError` where a keytab cannot be read. */
function accountsOf(keytabs: readonly string[]): Accounts | null {
  try {
    return keytabs.length === 0 ? null : new Accounts(keytabs)
  } catch (error) {
    throw error instanceof KeytabError ? new CaptureError(error.message) : error
  }
}

function ticketFacts({ tickets, opened, noKey }: Accounts['counters']): TicketFacts {
  return { tickets, opened, noKey: [...noKey.values()] }
}

/** a ClientHello, and nothing more */
const NO_CHANNEL: ChannelFacts = {
  certificate: null,
  isCertificateInClear: false,
  resumed: null,
  opened: false,
  unique: null,
  exporters: [],
}
/** the carrier of a conversation that nobody recognised */
const UNRECOGNISED: ReadonlySet<string> = new Set(['unrecognised'])
const NOTHING_MISSING = { midstream: false, oneSided: false, lossy: false } as const
/** carriers whose conversations are none that may hold an authentication of a pair */
const WITHOUT_LOGONS: ReadonlySet<string> = new Set(['kdc'])

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
