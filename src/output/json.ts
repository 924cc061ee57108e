/**
 * The report as JSON and as JSON lines. schema/report.schema.json describes both; the names and their order are those
 * of src/report/report.ts.
 *
 * The only change on the way is that of times: microseconds since 1970 become ISO 8601 text in UTC with microseconds.
 * What the wire said (names, user names) stands as it was seen; `jsonText` escapes what a terminal might obey.
 */
import { isoTime } from '../../decoders/parts/text.ts'
import type { ChainCertificate } from '../facts/channel.ts'
import type { AuthExchange, KdcExchange } from '../facts/exchange.ts'
import { byBelonging } from '../judge/inventory/belonging.ts'
import { BELONGINGS } from '../judge/inventory/belongings.ts'
import type { Inventory } from '../judge/inventory/inventory.ts'
import type { Figures } from '../report/figures.ts'
import type { Host, Report } from '../report/report.ts'
import type { TlsReport } from '../report/tls-servers.ts'
import { jsonText } from './page/json-text.ts'
import type { Writer, WriterWords } from './writer.ts'

/** One line of the `ndjson` format: what it is, then its fields. */
export type NdjsonRecord = { readonly record: RecordKind } & Readonly<Record<string, unknown>>
export type RecordKind =
  | 'exchange'
  | 'kdc'
  | 'pair'
  | 'conversation'
  | 'place'
  | 'server'
  | 'client'
  | 'account'
  | 'finding'
  | 'figures'
  | 'blindSpot'
  | 'capture'
  | 'unread'
  | 'coverage'
  | 'host'
  | 'passThrough'
  | 'turnedAway'
  | 'belonging'
  | 'eventCoverage'
  | 'filter'
  | 'tlsServer'
  | 'networkAccess'
  | 'certificate'
  | 'keys'
  | 'tally'
  // live and watch alone
  | 'live'
  | 'mark'
  | 'stretch'
  | 'windows'
  | 'end'

/** `--format json` */
export function jsonWriter({ inventory }: Pick<WriterWords, 'inventory'> = {}): Writer {
  return { end: (report) => reportJsonText(report, inventory) }
}

/** `--format ndjson`: exchanges as they close, then the rest of the report. */
export function ndjsonWriter({ inventory }: Pick<WriterWords, 'inventory'> = {}): Writer {
  return {
    exchange: (exchange) => `${jsonText(exchangeRecord(exchange))}\n`,
    kdc: (exchange) => `${jsonText(kdcRecord(exchange))}\n`,
    *end(report) {
      for (const record of closingRecords(report)) yield `${jsonText(record)}\n`
      if (inventory === undefined) return
      for (const by of BELONGINGS)
        for (const row of byBelonging(report, inventory, by))
          yield `${jsonText({ record: 'belonging', by, ...row } satisfies NdjsonRecord)}\n`
    },
  }
}

/** The whole report as one JSON-ready object. */
export function reportJson(report: Report): Record<string, unknown> {
  return {
    schema: report.schema,
    filter: report.filter,
    unfiltered: report.unfiltered,
    coverage: span(report.coverage),
    captures: report.captures.map(span),
    unread: report.unread,
    pairs: report.pairs.map(span),
    places: report.places,
    servers: report.servers,
    clients: report.clients,
    accounts: report.accounts,
    exchanges: report.exchanges.map(exchangeJson),
    kdc: report.kdc.map(kdcJson),
    conversations: report.conversations.map(span),
    findings: report.findings.map(span),
    figures: figuresJson(report.figures),
    blindSpots: report.blindSpots,
    hosts: report.hosts.map(hostJson),
    passThrough: report.passThrough.map(span),
    turnedAway: report.turnedAway.map(firstLast),
    eventCoverage: eventCoverageJson(report.eventCoverage),
    tls: tlsJson(report.tls),
    ...(report.networkAccess !== undefined && { networkAccess: report.networkAccess.map(span) }),
    keys: report.keys,
    tally: report.tally,
  }
}

/**
 * The same as text, piece by piece: each member on a line of its own, and each element of a list. Reports of 100,000
 * exchanges are never one string.
 */
export function* reportJsonText(report: Report, inventory?: Inventory): Generator<string> {
  const members: [string, unknown][] = [
    ['schema', report.schema],
    ['filter', report.filter],
    ['unfiltered', report.unfiltered],
    ['coverage', span(report.coverage)],
    ['captures', lazily(report.captures, span)],
    ['unread', report.unread],
    ['pairs', lazily(report.pairs, span)],
    ['places', lazily(report.places, same)],
    ['servers', lazily(report.servers, same)],
    ['clients', lazily(report.clients, same)],
    ['accounts', lazily(report.accounts, same)],
    ['exchanges', lazily(report.exchanges, exchangeJson)],
    ['kdc', lazily(report.kdc, kdcJson)],
    ['conversations', lazily(report.conversations, span)],
    ['findings', lazily(report.findings, span)],
    ['figures', figuresJson(report.figures)],
    ['blindSpots', report.blindSpots],
    ['hosts', lazily(report.hosts, hostJson)],
    ['passThrough', lazily(report.passThrough, span)],
    ['turnedAway', lazily(report.turnedAway, firstLast)],
    ['eventCoverage', eventCoverageJson(report.eventCoverage)],
    ['tls', tlsJson(report.tls)],
    ...(report.networkAccess === undefined
      ? []
      : [['networkAccess', lazily(report.networkAccess, span)] as [string, unknown]]),
    ['keys', report.keys],
    ['tally', report.tally],
    ...(inventory === undefined ? [] : [['inventory', inventoryJson(report, inventory)] as [string, unknown]]),
  ]
  let before = '{\n'
  for (const [name, value] of members) {
    yield `${before}"${name}": `
    before = ',\n'
    if (isList(value)) yield* listText(value)
    else yield jsonText(value)
  }
  yield '\n}\n'
}

/** An exchange as the `ndjson` format streams it, when it closes. */
export function exchangeRecord(exchange: AuthExchange): NdjsonRecord {
  return { record: 'exchange', ...exchangeJson(exchange) }
}

/** A KDC exchange likewise. */
export function kdcRecord(exchange: KdcExchange): NdjsonRecord {
  return { record: 'kdc', ...kdcJson(exchange) }
}

/** What follows the exchanges at the end of an `ndjson` stream. */
export function* closingRecords(report: Report): Generator<NdjsonRecord> {
  if (report.filter.length > 0) yield { record: 'filter', filter: report.filter, unfiltered: report.unfiltered }
  for (const pair of report.pairs) yield { record: 'pair', ...span(pair) }
  for (const place of report.places) yield { record: 'place', ...place }
  for (const server of report.servers) yield { record: 'server', ...server }
  for (const client of report.clients) yield { record: 'client', ...client }
  for (const account of report.accounts) yield { record: 'account', ...account }
  for (const conversation of report.conversations) yield { record: 'conversation', ...span(conversation) }
  for (const finding of report.findings) yield { record: 'finding', ...span(finding) }
  yield { record: 'figures', ...figuresJson(report.figures) }
  for (const blindSpot of report.blindSpots) yield { record: 'blindSpot', ...blindSpot }
  for (const host of report.hosts) yield { record: 'host', ...hostJson(host) }
  for (const server of report.passThrough) yield { record: 'passThrough', ...span(server) }
  for (const one of report.turnedAway) yield { record: 'turnedAway', ...firstLast(one) }
  const logs = eventCoverageJson(report.eventCoverage)
  if (logs !== null) yield { record: 'eventCoverage', ...logs }
  for (const one of report.networkAccess ?? []) yield { record: 'networkAccess', ...span(one) }
  const { servers, certificates } = tlsJson(report.tls)
  for (const server of servers) yield { record: 'tlsServer', ...server }
  for (const certificate of certificates) yield { record: 'certificate', ...certificate }
  if (report.keys.tls !== null || report.keys.kerberos !== null) yield { record: 'keys', ...report.keys }
  for (const capture of report.captures) yield { record: 'capture', ...span(capture) }
  yield { record: 'unread', ...report.unread }
  yield { record: 'coverage', ...span(report.coverage) }
  yield { record: 'tally', ...report.tally }
}

function same<T>(value: T): T {
  return value
}

function span<T extends { readonly start: number | null; readonly end: number | null }>(value: T) {
  return { ...value, start: timeText(value.start), end: timeText(value.end) }
}

function firstLast<T extends { readonly first: number; readonly last: number }>(value: T) {
  return { ...value, first: timeText(value.first), last: timeText(value.last) }
}

/** NTLM by whose hosts they are, a list for each column of the inventory. */
function inventoryJson(report: Report, inventory: Inventory) {
  const lists = BELONGINGS.map((by) => [by, byBelonging(report, inventory, by)] as const)
  return { file: inventory.file, ...Object.fromEntries(lists) }
}

function figuresJson({ bucketSeconds, total, captures, buckets }: Figures) {
  return { bucketSeconds, total: span(total), captures: captures.map(span), buckets: buckets.map(span) }
}

function exchangeJson(exchange: AuthExchange) {
  return { ...span(exchange), events: eventsJson(exchange.events) }
}

function kdcJson(exchange: KdcExchange) {
  const { time, from, till } = exchange
  const events = eventsJson(exchange.events)
  return { ...exchange, time: timeText(time), from: timeText(from), till: timeText(till), events }
}

function eventsJson(events: AuthExchange['events']) {
  return events.length === 0 ? events : events.map((event) => ({ ...event, time: timeText(event.time) }))
}

function eventCoverageJson(coverage: Report['eventCoverage']) {
  if (coverage === null) return null
  const times = <T extends { readonly first: number; readonly last: number }>(value: T) => ({
    ...value,
    first: timeText(value.first),
    last: timeText(value.last),
  })
  return {
    ...coverage,
    hosts: coverage.hosts.map((host) => ({
      ...host,
      channels: host.channels.map((channel) => ({
        ...times(channel),
        silence: channel.silence === null ? null : span(channel.silence),
      })),
    })),
    unseen: coverage.unseen.map(times),
  }
}

function tlsJson({ servers, certificates }: TlsReport) {
  return {
    servers: servers.map(span),
    // reports of earlier versions have no chains
    certificates: certificates.map((one) => ({ ...valid(one), ...(one.chain && { chain: one.chain.map(valid) }) })),
  }
}

function valid<T extends ChainCertificate>(one: T) {
  return { ...one, notBefore: timeText(one.notBefore), notAfter: timeText(one.notAfter) }
}

function hostJson({ names, ...host }: Host) {
  return { ...host, names: names.map((name) => ({ ...name, first: timeText(name.first), last: timeText(name.last) })) }
}

function timeText(micros: number | null): string | null {
  return micros === null ? null : isoTime(micros)
}

function isList(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}

function* lazily<T>(list: readonly T[], convert: (element: T) => unknown): Generator<unknown> {
  for (const element of list) yield convert(element)
}

function* listText(list: Iterable<unknown>): Generator<string> {
  let before = '[\n'
  for (const element of list) {
    yield before + jsonText(element)
    before = ',\n'
  }
  yield before === '[\n' ? '[]' : '\n]'
}
