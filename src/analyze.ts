/**
 * One run: captures in, a report out. Wires the steps together and owns nothing but counters.
 *
 * capture -> net -> stream -> dissect -> exchange -> verdict, findings -> report. Memory is bounded by limits.ts, whatever the captures hold.
 */

import type { AuthStep, CarrierMessage, Service } from '../decoders/carrier.ts'
import { type CaptureSummary, MergedReader } from './capture/merge.ts'
import { blindSpotsOf, coverageOf, packetIdentity, pduIdentity, type RunCounters, tallyOf } from './coverage.ts'
import { CARRIERS, type DecodedToken, Dissector, type DissectSink, type MessageContext } from './dissect.ts'
import { type AuthExchange, ExchangeFold, type KdcExchange, tlsFactsOf } from './exchange.ts'
import { type Filter, matches, NO_FILTER } from './filter.ts'
import { FindingFold } from './findings.ts'
import { FrameNames, frameKey, splitFrameKey } from './frames.ts'
import { LIMITS } from './limits.ts'
import { carrierLine, type MessageLine, tokenLine } from './messages.ts'
import { Network } from './net/net.ts'
import { Segment } from './net/segment.ts'
import { REPORT_SCHEMA, type Report } from './report.ts'
import type { Connection } from './stream/connection.ts'
import { Stream } from './stream/stream.ts'
import { PairFold } from './verdict.ts'

export type { MessageLine } from './messages.ts'

export interface AnalyzeOptions {
  /** which exchanges, KDC exchanges and messages are reported; names and context are learnt from all of them */
  readonly filter?: Filter
  /** every decoded message, JSON-ready */
  readonly onMessage?: (line: MessageLine) => void
  /** every carrier message, then each of its steps with the decoded tokens; bytes are borrowed for the call */
  readonly onDecoded?: (decoded: Decoded) => void
  /** every exchange when it closes */
  readonly onExchange?: (exchange: AuthExchange) => void
  readonly onProgress?: (progress: Progress) => void
  /** asked before every read: a promise holds the reading up until it resolves, null goes on */
  readonly onPause?: () => Promise<void> | null
  /** stops reading; what was read is reported */
  readonly signal?: AbortSignal
  /** our own bugs are thrown instead of counted: for tests */
  readonly rethrow?: boolean
}

export interface Progress {
  readonly bytes: number
  readonly totalBytes: number | null
  readonly packets: number
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

/** Reads every capture in time order and folds it into one report. Rejects with a `CaptureError` where one is no capture. */
export async function analyze(inputs: readonly string[], options: AnalyzeOptions = {}): Promise<Report> {
  const run = new Run(inputs, options)
  const aborted = abortion(options.signal)
  const opening = MergedReader.open(inputs)
  const reader = await Promise.race([opening, aborted])
  if (reader === undefined) {
    // a live stream that has not said anything yet; what becomes of it does not matter any more
    opening.then((late) => late.close()).catch(() => {})
    return run.report([])
  }
  try {
    await run.read(reader, aborted)
  } finally {
    await reader.close()
  }
  return run.report(reader.summaries())
}

/** Resolves when the signal fires, and never without one. */
function abortion(signal: AbortSignal | undefined): Promise<undefined> {
  return new Promise((done) => {
    if (signal?.aborted) done(undefined)
    else signal?.addEventListener('abort', () => done(undefined), { once: true })
  })
}

class Run implements DissectSink {
  readonly #options: AnalyzeOptions
  readonly #filter: Filter
  readonly #names: FrameNames
  readonly #network = new Network()
  readonly #stream: Stream
  readonly #dissector: Dissector
  readonly #fold: ExchangeFold
  readonly #pairs = new PairFold()
  readonly #findings = new FindingFold()
  readonly #exchanges: AuthExchange[] = []
  readonly #kdc: KdcExchange[] = []
  readonly #carriers: Record<string, number> = {}
  readonly #kdcs = new Set<string>()
  readonly #kdcClients = new Set<string>()
  readonly #clients = new Set<string>()
  readonly #tls = new Map<string, number>()
  readonly #captures: readonly { readonly name: string }[]
  #encryptedSmb = 0
  #exchangesOmitted = 0
  #kdcOmitted = 0
  #start: number | null = null
  #end: number | null = null
  #bytes = 0

  constructor(inputs: readonly string[], options: AnalyzeOptions) {
    this.#options = options
    this.#filter = options.filter ?? NO_FILTER
    this.#captures = inputs.map((name) => ({ name }))
    this.#names = new FrameNames(this.#captures)
    this.#fold = new ExchangeFold(
      { exchange: (exchange) => this.#exchange(exchange), kdc: (kdc) => this.#kdcExchange(kdc) },
      this.#names,
    )
    this.#stream = new Stream(CARRIERS, {
      pdu: (connection, from, carrier, bytes, cut) => this.#dissector.pdu(connection, from, carrier, bytes, cut),
      closed: (connection) => this.#dissector.closed(connection),
    })
    this.#dissector = new Dissector(this, this.#stream, options.rethrow === true)
  }

  async read(reader: MergedReader, aborted: Promise<undefined>): Promise<void> {
    const { onProgress, onPause, signal } = this.#options
    const segment = new Segment()
    const { packet } = reader
    const network = this.#network
    const stream = this.#stream
    for (;;) {
      const answer = reader.next()
      if (answer === 'packet') {
        const { time } = packet
        this.#bytes += packet.original
        if (this.#start === null || time < this.#start) this.#start = time
        if (this.#end === null || time > this.#end) this.#end = time
        const kind = network.decode(packet, segment)
        if (kind === 1) stream.tcp(segment, time, frameKey(packet.capture, packet.frame))
        else if (kind === 2) stream.udp(segment, time, frameKey(packet.capture, packet.frame))
        continue
      }
      if (answer === 'end' || signal?.aborted) break
      onProgress?.({ bytes: reader.bytesRead, totalBytes: reader.bytesTotal, packets: network.packets })
      const pause = onPause?.() ?? null
      if (pause !== null) await pause
      await Promise.race([reader.fill(), aborted])
    }
    stream.end()
  }

  report(captures: readonly CaptureSummary[]): Report {
    const counters = this.#counters()
    const tally = tallyOf(counters)
    const broken = packetIdentity(tally) ?? pduIdentity(tally)
    if (broken !== null && this.#options.rethrow) throw new Error(`the accounting does not add up: ${broken}`)
    const blindSpots = blindSpotsOf(counters)
    if (broken !== null) blindSpots.push({ kind: 'accounting', detail: broken, count: 1 })
    return {
      schema: REPORT_SCHEMA,
      coverage: coverageOf(counters),
      captures,
      pairs: this.#pairs.verdicts((client, server, service) => this.#findings.ofPair(client, server, service)),
      exchanges: this.#exchanges.toSorted((a, b) => a.start - b.start || compareIds(a.id, b.id)),
      kdc: this.#kdc.toSorted((a, b) => a.time - b.time),
      findings: this.#findings.findings(),
      blindSpots,
      tally,
    }
  }

  carrierMessage(context: MessageContext, message: CarrierMessage, fault: DecodedToken['fault']): void {
    const { onMessage, onDecoded } = this.#options
    onDecoded?.({ ...this.#source(context), context, message, step: null, tokens: [] })
    if (onMessage && this.#wants(context, message))
      onMessage(carrierLine(this.#source(context), context, message, fault))
  }

  tokenMessage(context: MessageContext, message: CarrierMessage, token: DecodedToken): void {
    const { onMessage } = this.#options
    if (onMessage && this.#wants(context, message)) onMessage(tokenLine(this.#source(context), context, token))
  }

  step(context: MessageContext, message: CarrierMessage, step: AuthStep, tokens: readonly DecodedToken[]): void {
    const { onDecoded } = this.#options
    if (onDecoded) onDecoded({ ...this.#source(context), context, message, step, tokens })
    this.#fold.step(context, message, step, tokens)
  }

  closed(connection: Connection): void {
    const names = new Set<string>()
    for (const half of [connection.low, connection.high]) if (half.carrier) names.add(half.carrier.name)
    for (const name of names) this.#carriers[name] = (this.#carriers[name] ?? 0) + 1
    const facts = tlsFactsOf(connection)
    if (names.has('tls') || facts.hidden) this.#opaque(connection, facts)
    this.#fold.closed(connection)
  }

  #opaque(connection: Connection, facts: ReturnType<typeof tlsFactsOf>): void {
    const { client, server } = facts
    const service = facts.service ?? TLS_SERVICES[server.port] ?? 'unknown'
    const key = `${server.ip}:${server.port}`
    if (this.#tls.size < LIMITS.tlsServersMax || this.#tls.has(key)) this.#tls.set(key, (this.#tls.get(key) ?? 0) + 1)
    const { capture, frame } = splitFrameKey(connection.startFrame)
    const conversation = {
      client,
      server,
      service,
      start: connection.startTime,
      end: this.#stream.time,
      capture: this.#captures[capture]?.name ?? '',
      frames: [frame],
    }
    if (matches(this.#filter, conversation)) this.#pairs.addOpaque(conversation)
  }

  #exchange(exchange: AuthExchange): void {
    if (!matches(this.#filter, exchange)) return
    if (this.#clients.size < LIMITS.clientsMax) this.#clients.add(exchange.client.ip)
    if (exchange.smb?.effective === 'encrypted') this.#encryptedSmb++
    this.#pairs.add(exchange)
    this.#findings.exchange(exchange)
    this.#options.onExchange?.(exchange)
    if (this.#exchanges.length < LIMITS.reportExchangesMax) this.#exchanges.push(exchange)
    else this.#exchangesOmitted++
  }

  #kdcExchange(kdc: KdcExchange): void {
    if (this.#kdcClients.size < LIMITS.clientsMax) this.#kdcClients.add(kdc.client.ip)
    if (kdc.transport !== 'iakerb' && this.#kdcs.size < LIMITS.kdcsMax) this.#kdcs.add(kdc.kdc.ip)
    if (!matches(this.#filter, { client: kdc.client, server: kdc.kdc, service: 'kdc', start: kdc.time })) return
    this.#findings.kdc(kdc)
    if (this.#kdc.length < LIMITS.reportKdcMax) this.#kdc.push(kdc)
    else this.#kdcOmitted++
  }

  #source(context: MessageContext): { capture: string; frame: number } {
    const { capture, frame } = splitFrameKey(context.frame)
    return { capture: this.#captures[capture]?.name ?? '', frame }
  }

  /** A message that no frame completes feeds the facts, and is counted; it is not listed. */
  #wants(context: MessageContext, message: CarrierMessage): boolean {
    if (context.cut === 'lost') return false
    if (this.#filter === NO_FILTER) return true
    const { connection, time } = context
    const low = { ip: connection.lowAddress, name: null }
    const high = { ip: connection.highAddress, name: null }
    const [client, server] = connection.side(0) === 'client' ? [low, high] : [high, low]
    return matches(this.#filter, { client, server, service: message.service, start: time })
  }

  #counters(): RunCounters {
    const overflow: Record<string, number> = {
      'exchanges not listed one by one (pairs and figures count them; ndjson prints them all)': this.#exchangesOmitted,
      'KDC exchanges not listed one by one': this.#kdcOmitted,
      'exchanges of pairs beyond the limit of pairs': this.#pairs.overflow,
      'findings beyond the limit of findings': this.#findings.overflow,
      'authentications beyond the limit of one connection': this.#fold.overflow,
    }
    return {
      packets: this.#network.packets,
      bytes: this.#bytes,
      start: this.#start,
      end: this.#end,
      tcp: this.#network.tcp,
      udp: this.#network.udp,
      cutPackets: this.#network.cutPackets,
      drops: this.#network.drops,
      vlans: this.#network.vlans,
      tunnels: this.#network.tunnels,
      stream: this.#stream.counters,
      dissect: this.#dissector.counters,
      faults: this.#dissector.faults,
      carriers: { ...this.#carriers, other: this.#stream.foreignConnections },
      kdcs: [...this.#kdcs].sort(),
      clientsWithKdcTraffic: this.#kdcClients.size,
      clientsAuthenticating: this.#clients.size,
      overflow,
      tls: this.#tls,
      encryptedSmbSessions: this.#encryptedSmb,
    }
  }
}

/** Where TLS begins at once, the port is the only hint to what is inside. */
const TLS_SERVICES: Readonly<Record<number, Service>> = {
  443: 'http',
  8443: 'http',
  636: 'ldap',
  3269: 'ldap',
  465: 'smtp',
  993: 'imap',
  995: 'pop3',
  1433: 'mssql',
  3389: 'rdp',
  5986: 'winrm',
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
