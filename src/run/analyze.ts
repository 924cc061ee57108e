/**
 * One run: captures in, a report out. Wires the steps together and owns nothing but counters.
 *
 * capture -> net -> stream -> dissect -> exchange -> verdict, findings -> report. Memory is bounded by limits.ts,
 * whatever the captures hold.
 */
import type { AuthStep, CarrierMessage, HandshakeStep, Service, TlsFacts } from '../../decoders/carrier.ts'
import { CARRIERS } from '../../decoders/registry.ts'
import { serviceOfCarrier, serviceOfTlsPort } from '../../decoders/services.ts'
import type { DecodedToken } from '../../decoders/token.ts'
import type { UnreadInput } from '../capture/inputs.ts'
import { firstTimes } from '../capture/merge.ts'
import { CaptureError } from '../capture/open.ts'
import type { Succession } from '../capture/succession.ts'
import { Accounts, type OpenedToken } from '../dissect/accounts.ts'
import { Channels } from '../dissect/channels.ts'
import { Dissector, type DissectSink, type MessageContext } from '../dissect/dissector.ts'
import { carrierLine, type MessageLine, tokenLine } from '../dissect/message-line.ts'
import { DissectingElsewhere } from '../dissect/threads/dissecting-elsewhere.ts'
import type { ToldSink } from '../dissect/told.ts'
import type { EventsJoined } from '../events/joining.ts'
import {
  endpoints,
  hasAuthenticated,
  hasBegunBefore,
  isUnfinished,
  offeredIn,
  tlsFactsOf,
} from '../exchange/conversation-state.ts'
import { ExchangeFold } from '../exchange/fold.ts'
import type { Look } from '../exchange/previews.ts'
import { type ChannelFacts, NO_CHANNEL } from '../facts/channel.ts'
import type { AuthExchange, Endpoint, KdcExchange, OpaqueConversation, TlsConversation } from '../facts/exchange.ts'
import { byAllNames, type Filter, matches, NO_FILTER } from '../facts/filter.ts'
import { FrameNames, splitFrameKey } from '../facts/frames.ts'
import type { Finding } from '../findings/finding.ts'
import { KeytabError } from '../keys/keytab.ts'
import { appended } from '../memory/bounded-map.ts'
import { type KeyFiles, NO_KEY_FILES } from '../reading/opening.ts'
import type { EngineName, PduSource, Progress, ReadingFacts } from '../reading/pdu-source.ts'
import { Reading } from '../reading/reading.ts'
import { canThread } from '../reading/reading-thread.ts'
import { ReadingElsewhere } from '../reading/worker-source.ts'
import type { Taking } from '../report/narrowing/narrow.ts'
import type { Report } from '../report/report.ts'
import { type Ended, isWhole, type Missing, missingOf, serviceOfPort } from '../report/seen/conversations.ts'
import { mechanismBySizes } from '../report/seen/sealed-sizes.ts'
import { unreadOf } from '../report/seen/unread.ts'
import type { TicketFacts } from '../report/tls-servers.ts'
import type { NoteReader } from '../slice/notes.ts'
import { notesOf } from '../slice/read-notes.ts'
import type { Conversation } from '../stream/conversation.ts'
import type { StreamSink } from '../stream/sink.ts'
import { type BookEntry, type EndedConversation, type OpaqueKind, ReportBuilder } from './book.ts'
import { lessEach, stretchOf } from './stretch.ts'

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
  /** all was read, logs too: what is left is to make the report */
  readonly onRead?: () => void
  /** stops reading; what was read is reported */
  readonly signal?: AbortSignal
  /**
   * 1: all in this thread; 2: a second one reads and frames; 3, 4: one or two more dissect, each the conversations of
   * its clients (with `onMessage`, `onDecoded`, `keytabs` or slices as 2). The report is the same. Those that
   * dissect end where memory is short. Absent: 1
   */
  readonly threads?: number
  /**
   * of four threads: so many conversations are dissected by one before the fourth is started. Absent: as many as pay
   */
  readonly dividedFrom?: number
  /**
   * of three threads and four: so many conversations until this thread dissects all of them, as with two. Absent: until
   * memory is short
   */
  readonly joinedFrom?: number
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
  /** captures that come one after another, instead of `inputs`; in this thread alone */
  readonly succession?: Succession
  /** the bytes that come next are not there yet: who wants to look at what is not over does it now */
  readonly onWait?: () => void
  /**
   * with `events`: exchanges are told as they come, and what the logs say of them when they were read. Absent: they are
   * told then
   */
  readonly onJoined?: (joined: EventsJoined) => void
  /** all that becomes the report, as it comes */
  readonly onEntry?: (entry: BookEntry) => void
  /**
   * false: no exchange and no pair has a `uid` or a Community ID (all are ''): the digests of exchanges are a twentieth
   * of a run, and some formats say none of them. Absent: they have
   */
  readonly uids?: boolean
  /** false: it is told, and is no part of the report */
  readonly takes?: (entry: BookEntry) => boolean
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
  return new AnalysisRun(inputs, options, await notesOf(inputs)).run()
}

/** All that is counted, at one moment. */
interface Counted {
  readonly read: ReadingFacts
  readonly dissect: Dissector['counters']
  readonly faults: Readonly<Record<string, number>>
  readonly overflow: Readonly<Record<string, number>>
}

/** One run, for whoever looks at it while it goes on; `analyze` is enough for all others. */
export class AnalysisRun implements DissectSink, ToldSink {
  readonly #options: AnalyzeOptions
  readonly #filter: Filter
  readonly #names: FrameNames
  readonly #inputs: readonly string[]
  readonly #source: PduSource
  readonly #channels = new Channels()
  readonly #accounts: Accounts | null
  /** here, or what those in other threads count */
  readonly #dissector: Pick<Dissector, 'counters' | 'faults'>
  readonly #fold: ExchangeFold
  readonly #captures: { readonly name: string }[]
  #book: ReportBuilder
  /** when each capture begins, microseconds since 1970; null: nobody knows */
  #begins: readonly (number | null)[] = []
  /** what was read and counted before the present stretch; null: it is the first one */
  #before: Counted | null = null

  /** `notes`: what slices among the inputs say of the secrets that were taken out; null: there are none */
  constructor(inputs: readonly string[], options: AnalyzeOptions, notes: NoteReader | null = null) {
    this.#inputs = inputs
    this.#options = options
    this.#accounts = accountsOf(options.keytabs ?? [])
    this.#captures = inputs.map((name) => ({ name }))
    this.#filter = byAllNames(options.filter ?? NO_FILTER, (ip) => this.#fold.names.of(ip))
    this.#names = new FrameNames(this.#captures)
    this.#fold = new ExchangeFold(
      {
        exchange: (exchange, marks) => this.#enter({ kind: 'exchange', exchange, marks }),
        kdc: (exchange) => this.#enter({ kind: 'kdc', exchange }),
        context: (note) => this.#enter({ kind: 'context', note }),
      },
      this.#names,
      this.#channels.bindings,
      options.uids,
      (capture, other, time) =>
        options.succession === undefined ? (this.#begins[capture] ?? 0) > time : capture > other,
      options.succession !== undefined,
    )
    this.#book = this.#newBook()
    const threads = canThread && options.succession === undefined ? (options.threads ?? 1) : 1
    const { engine, keys, rethrow = false } = options
    if (threads > 2 && notes === null && mayDissectElsewhere(options)) {
      const elsewhere = new DissectingElsewhere(CARRIERS, this, {
        threads: Math.min(threads, THREADS_MAX) - 2,
        engine: engine ?? 'wasm',
        keys: keys ?? NO_KEY_FILES,
        digests: options.uids !== false,
        rethrow,
        dividedFrom: options.dividedFrom ?? null,
        joinedFrom: options.joinedFrom ?? null,
      })
      this.#source = elsewhere
      this.#dissector = elsewhere
      return
    }
    const sink: StreamSink<Conversation> = {
      pdu: (conversation, from, carrier, bytes, cut) => dissector.pdu(conversation, from, carrier, bytes, cut),
      standalone: (datagram, carrier, bytes, cut) => dissector.standalone(datagram, carrier, bytes, cut),
      tunnel: (conversation) => dissector.tunnel(conversation),
      closed: (conversation) => dissector.closed(conversation),
    }
    this.#source =
      threads > 1 ? new ReadingElsewhere(CARRIERS, sink, engine, keys) : new Reading(CARRIERS, sink, engine, keys)
    const dissector = new Dissector(this, this.#source, rethrow, this.#accounts, notes)
    this.#dissector = dissector
  }

  async run(): Promise<Report> {
    const { onProgress, onPause, onWait, signal, succession } = this.#options
    const coming: Succession | undefined = succession && {
      next: (before) => succession.next(before),
      opened: (name, index) => {
        this.#captures[index] = { name }
        succession.opened(name, index)
      },
      refused: (name, error) => succession.refused(name, error),
      dropped: () => succession.dropped?.() ?? null,
    }
    this.#begins = await firstTimes(this.#inputs)
    const read = await this.#source.read(this.#inputs, { onProgress, onPause, onWait, signal, succession: coming })
    const { events = [], onRead } = this.#options
    if (events.length === 0) onRead?.()
    this.#fold.end()
    const joined =
      events.length === 0
        ? null
        : await this.#joinEvents(this.#book, this.#before === null ? read : stretchOf(this.#before.read, read))
    if (joined !== null) onRead?.()
    return this.#report(this.#book, read, joined, this.#before === null)
  }

  /** of what was read last, microseconds since 1970 */
  get time(): number {
    return this.#source.time
  }

  /** From now on `preview` has something to look at. */
  startPreviews(): void {
    this.#fold.startPreviews()
  }

  /**
   * What is not over yet and may have changed since the last time, as it would be given now. It changes nothing of the
   * report.
   */
  preview(how: Look, give: (exchange: AuthExchange) => void): void {
    try {
      this.#fold.preview(how, (exchange) => {
        if (matches(this.#filter, exchange)) give(exchange)
      })
    } catch (error) {
      // a bug in a look at it must not end what is looked at: it comes to light when the exchange is over
      if (this.#options.rethrow === true) throw error
    }
  }

  /** The first frame key that what is not over rests on; Infinity: all is over. */
  get oldestFrame(): number {
    const reading = this.#source instanceof Reading ? this.#source.oldestFrame : 0
    return Math.min(reading, this.#fold.oldestFrame)
  }

  /** Nothing that comes later is older than this: what waited for it is decided. */
  tick(time: number): void {
    this.#fold.tick(time)
  }

  /** A report of these entries and of what was read so far. */
  reportOf(entries: Iterable<BookEntry>): Report {
    const book = this.#newBook()
    for (const entry of entries) book.add(entry)
    return this.#report(book, this.#soFar(false), null, false)
  }

  /** What was found in what is over, of those whose `uid` is asked for. */
  findingsSoFar(asksFor: (uid: string) => boolean): Finding[] {
    return this.#book.findingsSoFar(asksFor)
  }

  /** The report of what was gathered since the last one, and of `others`; what comes now is the next stretch. */
  stretch(others: readonly BookEntry[]): Report {
    const { book, read } = this.#taken(others)
    const report = this.#report(book, read, null, false)
    this.#before = this.#counted(read)
    return report
  }

  /** The same with what the logs say of it. Nothing may be entered before it is there. */
  async joinedStretch(others: readonly BookEntry[]): Promise<Report> {
    if ((this.#options.events ?? []).length === 0) return this.stretch(others)
    const { book, read } = this.#taken(others)
    const seen = this.#before === null ? read : stretchOf(this.#before.read, read)
    const since = seen.start === null ? 0 : seen.start / 1000 - LOGS_MARGIN_MILLIS
    const report = this.#report(book, read, await this.#joinEvents(book, seen, since), false)
    this.#before = this.#counted(read)
    return report
  }

  #taken(others: readonly BookEntry[]): { readonly book: ReportBuilder; readonly read: ReadingFacts } {
    const book = this.#book
    for (const entry of others) book.add(entry)
    this.#book = this.#newBook()
    return { book, read: this.#soFar(true) }
  }

  #soFar(begins: boolean): ReadingFacts {
    if (!(this.#source instanceof Reading)) throw new Error('read in another thread: nothing is known before the end')
    return this.#source.soFar(begins)
  }

  /** A copy of all that is counted, at this moment. */
  #counted(read: ReadingFacts): Counted {
    return structuredClone({
      read,
      dissect: this.#dissector.counters,
      faults: this.#dissector.faults,
      overflow: {
        authentications: this.#fold.overflow,
        'smb-sessions': this.#fold.sessionsMissed,
        'decided-early': this.#fold.decidedEarly,
        names: this.#fold.names.overflow,
        'kerberos-evidence': this.#fold.evidenceEvicted,
      },
    })
  }

  #newBook(): ReportBuilder {
    return new ReportBuilder({
      filter: this.#filter,
      bucketSeconds: this.#options.bucketSeconds ?? null,
      names: this.#fold.names,
      captures: this.#captures,
      only: this.#options.only ?? null,
      uids: this.#options.uids !== false,
    })
  }

  async #joinEvents(
    book: ReportBuilder,
    { start, end, packets }: ReadingFacts,
    writtenSince = 0,
  ): Promise<EventsJoined> {
    const { joinEvents } = await import('../events/joining.ts')
    const { events = [], signal, onExchange, onJoined, onProgress: tell } = this.#options
    const onProgress = (bytes: number, totalBytes: number, seen: number) =>
      tell?.({ bytes, totalBytes, packets, events: seen })
    const hosts = book.hosts().map(({ ip, names }) => ({ ip, names: names.map(({ name }) => name) }))
    const joined = await joinEvents({
      files: events,
      exchanges: book.exchangesInOrder(),
      kdc: book.kdc,
      start,
      end,
      hosts,
      isWhole: book.isWhole,
      writtenSince,
      signal,
      onProgress,
    })
    if (onJoined !== undefined) onJoined(joined)
    else for (const exchange of joined.exchanges) onExchange?.(exchange)
    book.sight(joined)
    return joined
  }

  #report(book: ReportBuilder, read: ReadingFacts, joined: EventsJoined | null, checks: boolean): Report {
    const now = this.#counted(read)
    const before = this.#before
    const counted =
      before === null
        ? now
        : {
            read: stretchOf(before.read, now.read),
            dissect: lessEach(now.dissect, before.dissect),
            faults: lessEach(now.faults, before.faults),
            overflow: lessEach(now.overflow, before.overflow),
          }
    const { foreignConnections, ...seen } = counted.read
    const { dissect, faults, overflow } = counted
    const { report, broken } = book.report(
      {
        read: { ...seen, dissect, faults, interrupted: this.#options.signal?.aborted === true },
        foreignConnections,
        unread: unreadOf(this.#options.unread ?? [], counted.read),
        captures: read.captures,
        keys: { tls: read.keys, kerberos: this.#accounts === null ? null : ticketFacts(this.#accounts) },
        overflow,
        joined,
      },
      checks,
    )
    if (broken !== null && this.#options.rethrow) throw new Error(`the accounting does not add up: ${broken}`)
    return report
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

  /** The same from another thread. */
  readonly told: ToldSink['told'] = (context, message, step, tokens, opened, digest) =>
    this.#fold.step(context, message, step, tokens, opened, digest)

  handshake(conversation: Conversation, step: HandshakeStep): void {
    const facts = this.#channels.take(conversation, step)
    if (facts !== null) this.#fold.channel(conversation, facts, step.message === 'ServerHello')
  }

  network(conversation: Conversation, method: string): void {
    const [client, server] = endpoints(conversation)
    const start = this.#source.time
    const { capture, frame } = this.#place({ frame: this.#source.frame })
    const logon = { client: client.ip, server: server.ip, service: 'radius', method, start, capture } as const
    if (matches(this.#filter, { client, server, service: 'radius', start }))
      this.#enter({ kind: 'network', logon: { ...logon, frames: [frame] } })
  }

  tunnel(conversation: Conversation): void {
    this.#fold.tunnel(conversation)
    const facts = this.#channels.opened(conversation)
    if (facts !== null) this.#fold.channel(conversation, facts)
  }

  closed(conversation: Conversation): void {
    const names = carriersIn(conversation)
    const facts = tlsFactsOf(conversation)
    const isQuic = names.includes('quic')
    const unfinished = !isQuic && isUnfinished(conversation, this.#source.time)
    const begunBefore = conversation.protocol !== TCP && hasBegunBefore(conversation)
    const tls = facts.tls !== null && !isQuic ? this.#inTls(conversation, facts, facts.tls) : null
    const opaque = isQuic ? 'quic' : hiddenIn(names, facts)
    const ended: EndedConversation = {
      names,
      opaque:
        opaque === null
          ? null
          : {
              kind: opaque,
              conversation: tls ?? this.#opaque(conversation, facts, isQuic ? facts.service : serviceIn(facts)),
            },
      rows:
        // a datagram that belongs to no logon says nothing of its pair
        conversation.protocol === TCP || isQuic || unfinished || begunBefore
          ? this.#rows(conversation, names.length > 0 ? names : UNRECOGNISED, facts, unfinished, begunBefore)
          : NO_ROWS,
      turnedAway: facts.hidden || facts.http2 !== null ? null : this.#turnedAway(conversation, facts),
      tls,
      unread: unreadIn(conversation, facts.server),
      unfinished,
      begunBefore,
    }
    this.#enter({ kind: 'ended', ended })
    this.#fold.closed(conversation, this.#source.time)
  }

  #opaque(
    ended: Conversation,
    { client, server, tunnel }: ReturnType<typeof tlsFactsOf>,
    service: Service | null,
  ): OpaqueConversation {
    const { capture, frame } = splitFrameKey(ended.startFrame)
    return {
      client,
      server,
      service: service ?? 'unknown',
      tunnel,
      start: ended.startTime,
      end: this.#source.time,
      capture: this.#captures[capture]?.name ?? '',
      frames: [frame],
    }
  }

  #inTls(ended: Conversation, facts: ReturnType<typeof tlsFactsOf>, tls: Partial<TlsFacts>): TlsConversation {
    const { capture, frame } = splitFrameKey(ended.startFrame)
    return {
      client: facts.client,
      server: facts.server,
      service: serviceIn(facts) ?? (facts.opened ? serviceInside(ended) : null) ?? 'unknown',
      tunnel: facts.tunnel,
      start: ended.startTime,
      end: this.#source.time,
      capture: this.#captures[capture]?.name ?? '',
      frames: [frame],
      // of a hello that was taken encrypted the outer name is not that of the certificate, which only keys open
      serverName: tls.hasEncryptedHello && isOpenedCertificate(facts.channel) ? null : (tls.serverName ?? null),
      version: tls.version ?? null,
      cipherSuite: tls.cipherSuite ?? null,
      alpn: tls.alpn ?? null,
      alpnOffered: tls.alpnOffered ?? null,
      alert: tls.alert ?? null,
      alertFrom: tls.alertFrom ?? null,
      asksForCertificate: tls.asksForCertificate ?? false,
      channel: facts.channel ?? NO_CHANNEL,
    }
  }

  #rows(
    ended: Conversation,
    carriers: readonly string[],
    facts: ReturnType<typeof tlsFactsOf>,
    unfinished: boolean,
    begunBefore: boolean,
  ): EndedConversation['rows'] {
    let rows: EndedConversation['rows'] = NO_ROWS
    for (const name of carriers) {
      if (WITHOUT_LOGONS.has(name) || (name === 'tls' && facts.opened)) continue
      if (name === 'http2' && facts.http2 !== 'hidden') continue
      const row = this.#row(ended, name, facts, unfinished, begunBefore)
      if (row !== null) rows = appended(rows, row)
    }
    return rows
  }

  /** null: it is none that reports speak of */
  #row(
    ended: Conversation,
    carrier: string,
    facts: ReturnType<typeof tlsFactsOf>,
    unfinished: boolean,
    begunBefore: boolean,
  ): EndedConversation['rows'][number] | null {
    const { client, server } = facts
    const service =
      (carrier === 'tls' ? (facts.led ?? serviceOfTlsPort(facts.port)) : null) ??
      (ended.outer.some(({ name }) => name === carrier) ? facts.outer : facts.service) ??
      serviceOfCarrier(carrier) ??
      (carrier === 'unrecognised' ? serviceOfPort(server.port) : null) ??
      'unknown'
    const { capture, frame } = splitFrameKey(ended.startFrame)
    if (carrier === 'unrecognised' && service === 'kdc') return null
    const authenticated = hasAuthenticated(ended)
    return {
      row: {
        client,
        server,
        service,
        carrier,
        authenticated,
        end: this.#source.time,
        capture: this.#captures[capture]?.name ?? '',
        frame,
        betrays: carrier === 'tls' ? betrayedBy(ended, facts, service) : null,
      },
      missing: this.#missing(ended, carrier, unfinished && !authenticated, begunBefore),
      start: ended.startTime,
    }
  }

  #missing(ended: Conversation, carrier: string, unfinished: boolean, begunBefore: boolean): Missing {
    if (ended.protocol === TCP) return missingOf(ended, unfinished)
    // datagrams have no beginning of their own that could be missing
    return carrier === 'quic' ? NOTHING_MISSING : { ...NOTHING_MISSING, unfinished, midstream: begunBefore }
  }

  /** A connection that was seen whole, and ended after an offer that nobody answered; null: it is none. */
  #turnedAway(ended: Conversation, { client, server }: ReturnType<typeof tlsFactsOf>): EndedConversation['turnedAway'] {
    const offer = offeredIn(ended)
    const { endedBy } = ended
    const carrier = ended.carrierOf(0)?.name
    if (offer === null || carrier === undefined || endedBy === -1 || hasAuthenticated(ended)) return null
    if (ended.outer.length > 0 || !isWhole(missingOf(ended))) return null
    const { service } = offer
    if (!matches(this.#filter, { client, server, service, start: ended.startTime })) return null
    return {
      client: client.ip,
      server: server.ip,
      port: server.port,
      carrier,
      offer,
      endedBy: ended.side(endedBy),
      start: ended.startTime,
      ...this.#place(offer),
    }
  }

  #enter(entry: BookEntry): void {
    const is = this.#options.takes?.(entry) === false ? 'counted' : this.#book.add(entry)
    this.#options.onEntry?.(entry)
    if (is === 'no') return
    if (entry.kind === 'kdc') this.#options.onKdc?.(entry.exchange)
    if (entry.kind !== 'exchange') return
    // what waits for the events is told when they are joined
    const { events = [], onJoined, onExchange } = this.#options
    if (is === 'counted' || events.length === 0 || onJoined !== undefined) onExchange?.(entry.exchange)
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
}

/**
 * Whole messages, and what keys of accounts open in tokens, are known where they are dissected, and told in their
 * order.
 */
function mayDissectElsewhere({ onMessage, onDecoded, keytabs = [] }: AnalyzeOptions): boolean {
  return onMessage === undefined && onDecoded === undefined && keytabs.length === 0
}

/** one that reads, one that understands, two that dissect */
const THREADS_MAX = 4

/** What hides the logons of a conversation in TCP, or in EAP; null: nothing. */
function hiddenIn(carriers: readonly string[], facts: ReturnType<typeof tlsFactsOf>): OpaqueKind | null {
  if ((carriers.includes('tls') && !facts.opened) || facts.hidden) return 'tls'
  return facts.http2 === 'hidden' ? 'http2' : null
}

/** What is spoken in TLS, as far as it was said, or its port says it; null: nobody knows. */
function serviceIn({ service, led, port }: ReturnType<typeof tlsFactsOf>): Service | null {
  return service ?? led ?? serviceOfTlsPort(port)
}

/** What was read inside, where nothing else says what it is. */
function serviceInside(conversation: Conversation): Service | null {
  const carrier = conversation.carrierOf(0) ?? conversation.carrierOf(1)
  return carrier === null || carrier.name === 'tls' ? null : serviceOfCarrier(carrier.name)
}

/** The carriers of a conversation, the outer ones first. */
function carriersIn(conversation: Conversation): readonly string[] {
  const names: string[] = []
  for (const { name } of conversation.outer) if (!names.includes(name)) names.push(name)
  for (let half: 0 | 1 = 0; ; half = 1) {
    const carrier = conversation.carrierOf(half)
    if (carrier !== null && !names.includes(carrier.name)) names.push(carrier.name)
    if (half === 1) break
  }
  if (names.length === 0 && (conversation.ntlmMessages > 0 || hasAuthenticated(conversation))) names.push('unknown')
  return names
}

/** Signatures of NTLMSSP that no decoded message has. */
function unreadIn(conversation: Conversation, server: Endpoint): EndedConversation['unread'] {
  const count = Math.max(conversation.signatures - conversation.ntlmMessages, conversation.contents)
  return count > 0 ? { server, count } : null
}

/** Throws a `CaptureError` where a keytab cannot be read. */
function accountsOf(keytabs: readonly string[]): Accounts | null {
  try {
    return keytabs.length === 0 ? null : new Accounts(keytabs)
  } catch (error) {
    throw error instanceof KeytabError ? new CaptureError(error.message) : error
  }
}

function ticketFacts({ counters, proofs }: Accounts): TicketFacts {
  const { tickets, opened, noKey } = counters
  return { tickets, opened, noKey: [...noKey.values()], ntlm: { ...proofs } }
}

function isOpenedCertificate(channel: ChannelFacts | null): boolean {
  return channel !== null && channel.certificate !== null && !channel.isCertificateInClear
}

/** of two clocks, and of who writes late; logs that are older than that are of an earlier stretch */
const LOGS_MARGIN_MILLIS = 24 * 3600e3
/** What a connection in TLS says itself of the logon inside; null: nothing. */
function betrayedBy(
  { sealed }: Conversation,
  { tls, desktop }: ReturnType<typeof tlsFactsOf>,
  service: Service,
): Ended['betrays'] {
  // nobody is asked for who it is, until a person logs on to the desktop that is shown
  if (desktop === 'SSL') return { mechanism: 'none', code: 'no-credssp' }
  const isCredSsp = desktop === 'HYBRID' || desktop === 'HYBRID_EX'
  const mechanism = mechanismBySizes({
    records: sealed,
    version: tls?.version ?? null,
    suite: tls?.cipherSuite ?? null,
    service: isCredSsp ? 'credssp' : service,
  })
  return mechanism === null ? null : { mechanism, code: 'sizes' }
}

/** the carrier of a conversation that nobody recognised */
const UNRECOGNISED: readonly string[] = ['unrecognised']
const NO_ROWS: EndedConversation['rows'] = []
/** protocol number in the IP header */
const TCP = 6
const NOTHING_MISSING = { midstream: false, oneSided: false, lossy: false, unfinished: false } as const
/** carriers whose conversations are none that may hold an authentication of a pair */
const WITHOUT_LOGONS: ReadonlySet<string> = new Set(['kdc'])
