/**
 * The library: read captures, iterate messages and exchanges, build a report, and ask it what the command line asks.
 * Everything that `exports` of package.json promises is here.
 *
 * Inputs are what they are on the command line: a path or a list of paths, each a file, a folder, a glob, or `-` for
 * standard input. An argument that makes no sense is an `ArgumentError` that names it; an input that cannot be read is
 * a `CaptureError` that names the file and the place in it.
 */
import { expandInputs } from './capture/inputs.ts'
import type { AuthExchange } from './facts/exchange.ts'
import {
  type Filter,
  FilterError,
  type HostPattern,
  hostPattern,
  NO_FILTER,
  serverPattern,
  service as serviceNamed,
  time,
} from './facts/filter.ts'
import { type DeviceCard, deviceCard } from './judge/device.ts'
import { type Diff, diff as diffOf } from './judge/diff.ts'
import { EXPECTATION_NAMES, type Expectation, expectationNamed } from './judge/expectations.ts'
import { judgeFlow, type Part } from './judge/flow.ts'
import { namesLearnt } from './judge/hosts.ts'
import { KnownNames } from './judge/known-names.ts'
import { nearest, TOPICS, type Topic } from './output/explain.ts'
import { renderText as textOf } from './output/text/report.ts'
import { type KeyFiles, NO_KEY_FILES } from './reading/opening.ts'
import type { EngineName } from './reading/pdu-source.ts'
import type { Report } from './report/report.ts'
import { readSaved } from './report/saved.ts'
import { type MessageLine, type AnalyzeOptions as RunOptions, analyze as run } from './run/analyze.ts'

export { expandInputs, type UnreadInput } from './capture/inputs.ts'
export type { CaptureSummary } from './capture/merge.ts'
export { CaptureError } from './capture/open.ts'
export type {
  AuthExchange,
  Cause,
  ChannelBindingState,
  Endpoint,
  KdcExchange,
  MechanismName,
  Origin,
  SmbEffective,
  TargetClass,
} from './facts/exchange.ts'
export type { Filter, HostPattern } from './facts/filter.ts'
export { FilterError, hostPattern, NO_FILTER } from './facts/filter.ts'
export type { FrameRef } from './facts/frames.ts'
export type { Finding } from './findings/finding.ts'
export type { Confidence, Severity } from './findings/rule.ts'
export type { DeviceCard } from './judge/device.ts'
export type { Diff, PairChange } from './judge/diff.ts'
export type { ExpectationOutcome, Part, Reason } from './judge/flow.ts'
export type { Topic } from './output/explain.ts'
export { reportJson } from './output/json.ts'
export type { FigureRow, Figures } from './report/figures.ts'
export type { BlindSpot, Coverage, Report, Tally, Unread, UnreadPackets } from './report/report.ts'
export type { Forecast, PairVerdict, Verdict } from './report/verdict.ts'
export type { MessageLine, Progress } from './run/analyze.ts'

/** A path, or a list of paths: files, folders, globs, `-` for standard input. */
export type Inputs = string | readonly string[]

/** An argument that makes no sense; `message` names the function and the argument, and says what was expected. */
export class ArgumentError extends TypeError {
  override name = 'ArgumentError'
}

/** One host, or several: addresses, prefixes (`10.1.0.0/16`), names, or patterns made by `hostPattern`. */
export type HostWords = string | HostPattern | readonly (string | HostPattern)[]

/** A time: ISO 8601 text (UTC without a zone), a Date, or microseconds since 1970. */
export type TimeWords = string | Date | number

/** Which authentications are meant, in the words of the command line. A part that is absent holds always. */
export interface FilterOptions {
  /** client or server */
  readonly host?: HostWords
  readonly client?: HostWords
  readonly server?: HostWords
  /** one of the services of the table, `smb`, `http`, `ldap`..., or a list of them */
  readonly service?: string | readonly string[]
  /** what began then or later */
  readonly since?: TimeWords | null
  /** what began before that */
  readonly until?: TimeWords | null
  /** what names mean, beside what the captures say: `{ files1: '10.1.0.5' }` */
  readonly names?: Names
}

/** Addresses by name. */
export type Names = Readonly<Record<string, string | readonly string[]>>

/** How captures are read. All of it may be left out. */
interface ReadOptions
  extends Pick<
    RunOptions,
    | 'onMessage'
    | 'onExchange'
    | 'onKdc'
    | 'bucketSeconds'
    | 'events'
    | 'onProgress'
    | 'signal'
    | 'threads'
    | 'keytabs'
    | 'engine'
  > {
  /** which exchanges, KDC exchanges and messages are reported; names and context are learnt from all of them */
  readonly filter?: FilterOptions | Filter
  /** key logs (SSLKEYLOGFILE) and private keys (PEM) of servers, by their paths */
  readonly keys?: Partial<KeyFiles>
}

/** How messages and exchanges are iterated. */
export interface IterateOptions {
  /** which of them; messages by address or prefix, a name is learnt too late for them */
  readonly filter?: FilterOptions | Filter
  /** ends the reading; what was found so far has been given */
  readonly signal?: AbortSignal
}

/**
 * Reads every capture in time order and folds it into one report. Times in it are microseconds since 1970; `reportJson`
 * gives them as ISO 8601 text. A capture that is damaged is read as far as it goes, and says so in `captures[].damage`.
 * In a folder, a file that cannot be read stands in `unread`.
 *
 * Rejects with a `CaptureError` where an input is no capture, with an `ArgumentError` where an argument makes no sense.
 */
async function analyzeInputs(inputs: Inputs, options: ReadOptions = {}): Promise<Report> {
  const { filter, keys, ...rest } = checked('analyze', options, 'options', READ_OPTIONS)
  checkReading('analyze', options)
  const made = {
    ...(filter !== undefined && { filter: filterOf('analyze', filter) }),
    ...(keys !== undefined && { keys: { ...NO_KEY_FILES, ...keys } }),
  }
  const unread: UnreadList = []
  const paths = await pathsOf('analyze', inputs, unread)
  return run(paths, { ...rest, ...made, unread })
}

/**
 * A report that was saved as JSON, with its times in microseconds again. Throws a `CaptureError` where it is none, or
 * not whole.
 */
export function readReport(path: string): Report {
  if (typeof path !== 'string') throw wrong('readReport', 'path', 'a path', path)
  return readSaved(path)
}

/** What a flow is asked. */
export interface VerifyOptions {
  readonly client?: HostWords
  /** `host` or `host:port`, or a list of hosts */
  readonly server?: HostWords
  readonly service?: string
  /** names of expectations: `kerberos`, `signed`, `bound`...; `ntlmscope verify --help` lists them */
  readonly expect: string | readonly string[]
  readonly names?: Names
  /** what was before the change: its names are known */
  readonly before?: Report
}

/**
 * Does this flow do what is expected of it? `state` is `met`, `not-met` or `not-observed`; each expectation has its
 * evidence with frames. Throws an `ArgumentError` where an expectation, a service or a host is none.
 */
export function verify(report: Report, options: VerifyOptions): Part {
  checkReport('verify', 'report', report)
  const { client, server, service, expect, names, before } = checked('verify', options, 'options', VERIFY_OPTIONS)
  const expectations = listOf(expect).map((name): Expectation => {
    const found = typeof name === 'string' ? expectationNamed(name.trim().toLowerCase()) : null
    if (found === null) throw wrong('verify', 'options.expect', `names of ${EXPECTATION_NAMES.join(', ')}`, name)
    return found
  })
  if (expectations.length === 0) throw wrong('verify', 'options.expect', 'at least one name of an expectation', expect)
  const known = knownOf('verify', names)
  if (before !== undefined) {
    checkReport('verify', 'options.before', before)
    namesLearnt(before, report, known)
  }
  const [single] = listOf(server)
  const parsed =
    typeof single === 'string' && listOf(server).length === 1
      ? inWords('verify', 'options.server', () => serverPattern(single))
      : { host: null, port: null }
  const flow = {
    client: patternsOf('verify', 'options.client', client).map((one) => known.resolve(one)),
    server: (parsed.host === null ? patternsOf('verify', 'options.server', server) : [parsed.host]).map((one) =>
      known.resolve(one),
    ),
    port: parsed.port,
    service: service === undefined ? null : inWords('verify', 'options.service', () => serviceNamed(service)),
  }
  return judgeFlow(report, flow, expectations, null)
}

/**
 * Two reports side by side: what moved to Kerberos, fell back, is new or gone, got weaker or stronger. `regressed` says
 * whether anything got worse.
 */
function diffReports(before: Report, after: Report): Diff {
  checkReport('diff', 'before', before)
  checkReport('diff', 'after', after)
  return diffOf(before, after)
}

/**
 * The card of one device: what it did as client and as server, and a scorecard. `host`: its address, a prefix or its
 * name.
 */
export function device(
  report: Report,
  host: string | HostPattern,
  options: { readonly before?: Report; readonly names?: Names } = {},
): DeviceCard {
  checkReport('device', 'report', report)
  const { before, names } = checked('device', options, 'options', DEVICE_OPTIONS)
  const [pattern] = patternsOf('device', 'host', host)
  if (pattern === undefined) throw wrong('device', 'host', 'an address, a prefix or a name', host)
  const known = knownOf('device', names)
  if (before !== undefined) {
    checkReport('device', 'options.before', before)
    namesLearnt(before, report, known)
  }
  return deviceCard(report, known.resolve(pattern), before ?? null)
}

/**
 * The page of a finding (`NS-SG-002`), cause (`RC04`), origin or verdict; null where nothing has that name. Case does
 * not matter.
 */
export function explain(id: string): Topic | null {
  if (typeof id !== 'string') throw wrong('explain', 'id', 'the id of a finding, cause, origin or verdict', id)
  return TOPICS.find((topic) => topic.id.toLowerCase() === id.trim().toLowerCase()) ?? null
}

/** Ids that are spelt nearly as `id`, for whoever asked `explain` in vain. */
export function explainNearest(id: string): string[] {
  return nearest(id)
}

/** How a report is laid out as text. */
interface PageOptions {
  /** characters in a line, from 64 on (default: 100) */
  readonly columns?: number
  /** with the colours of a terminal (default: no) */
  readonly color?: boolean
}

/** The report as a person reads it: what `ntlmscope analyze` prints. */
function reportText(report: Report, options: PageOptions = {}): string {
  checkReport('renderText', 'report', report)
  const { columns = 100, color = false } = checked('renderText', options, 'options', TEXT_OPTIONS)
  if (!Number.isInteger(columns) || columns < 1)
    throw wrong('renderText', 'options.columns', 'a whole number of characters', columns)
  return textOf(report, { columns, color })
}

/**
 * Every decoded message of the captures, in time order, JSON-ready; read as fast as it is consumed. Rejects as
 * `analyze` does.
 */
export function messagesOf(inputs: Inputs, options: IterateOptions = {}): AsyncGenerator<MessageLine> {
  return iterate('messagesOf', inputs, options, (give) => ({ onMessage: give }))
}

/** Every authentication, when it closes; read as fast as it is consumed. Rejects as `analyze` does. */
export function exchangesOf(inputs: Inputs, options: IterateOptions = {}): AsyncGenerator<AuthExchange> {
  return iterate('exchangesOf', inputs, options, (give) => ({ onExchange: give }))
}

export type { PageOptions as TextOptions, ReadOptions as AnalyzeOptions }
export { analyzeInputs as analyze, diffReports as diff, reportText as renderText }

type UnreadList = NonNullable<RunOptions['unread']>[number][]

async function pathsOf(name: string, inputs: Inputs, unread: UnreadList): Promise<string[]> {
  const words: readonly unknown[] = typeof inputs === 'string' ? [inputs] : Array.isArray(inputs) ? inputs : [null]
  if (words.length === 0 || words.some((word) => typeof word !== 'string' || word === ''))
    throw wrong(name, 'inputs', 'a path or a list of paths', inputs)
  return expandInputs(words as string[], (input) => {
    if (input.isCapture) unread.push(input)
  })
}

function filterOf(name: string, filter: FilterOptions | Filter): Filter {
  const { names, ...words } = checked(name, filter as FilterOptions, 'options.filter', FILTER_OPTIONS)
  const known = knownOf(name, names)
  const made: Filter = {
    host: patternsOf(name, 'options.filter.host', words.host),
    client: patternsOf(name, 'options.filter.client', words.client),
    server: patternsOf(name, 'options.filter.server', words.server),
    service: listOf(words.service).map((one) => inWords(name, 'options.filter.service', () => serviceNamed(one))),
    since: timeOf(name, 'options.filter.since', words.since),
    until: timeOf(name, 'options.filter.until', words.until),
  }
  const isEmpty =
    [made.host, made.client, made.server, made.service].every((part) => part.length === 0) &&
    made.since === null &&
    made.until === null
  return isEmpty ? NO_FILTER : known.resolveFilter(made)
}

function knownOf(name: string, names: Names = {}): KnownNames {
  const known = new KnownNames()
  for (const [word, addresses] of Object.entries(names))
    for (const address of listOf(addresses)) inWords(name, `names.${word}`, () => known.add(word, address, 'names'))
  return known
}

function patternsOf(name: string, argument: string, words: HostWords | undefined): HostPattern[] {
  return listOf<string | HostPattern>(words).map((word) => {
    if (typeof word === 'string') return inWords(name, argument, () => hostPattern(word))
    if (typeof (word as HostPattern | null)?.matches !== 'function')
      throw wrong(name, argument, 'an address, a prefix or a name', word)
    return word
  })
}

function timeOf(name: string, argument: string, words: TimeWords | null | undefined): number | null {
  if (words === undefined || words === null) return null
  if (typeof words === 'number' && Number.isFinite(words)) return words
  if (words instanceof Date && !Number.isNaN(words.getTime())) return words.getTime() * 1000
  if (typeof words === 'string') return inWords(name, argument, () => time(words))
  throw wrong(name, argument, 'ISO 8601 text, a Date or microseconds since 1970', words)
}

function listOf<T>(words: T | readonly T[] | undefined): readonly T[] {
  return words === undefined ? [] : Array.isArray(words) ? words : [words as T]
}

/** What is wrong with a word becomes an error that names the argument. */
function inWords<T>(name: string, argument: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof FilterError) throw new ArgumentError(`${name}: ${argument}: ${error.message}`)
    if (error instanceof TypeError) throw new ArgumentError(`${name}: ${argument}: expected text`)
    throw error
  }
}

/** A word that is misspelt would be an option that is not followed: a filter that lets everything through. */
function checked<T extends object>(
  name: string,
  options: T,
  argument: string,
  known: Readonly<Record<keyof T & string, true>>,
): T {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw wrong(name, argument, 'an object', options)
  const other = Object.keys(options).find((key) => !Object.hasOwn(known, key))
  if (other !== undefined)
    throw new ArgumentError(
      `${name}: ${argument}.${other.slice(0, 40)}: not known here; expected ${Object.keys(known).join(', ')}`,
    )
  return options
}

function checkReading(name: string, { threads, bucketSeconds, events, keytabs, keys, engine }: ReadOptions): void {
  const number = (argument: string, value: unknown, what: string, holds: (one: number) => boolean) => {
    if (value !== undefined && !(typeof value === 'number' && holds(value)))
      throw wrong(name, `options.${argument}`, what, value)
  }
  const list = (argument: string, value: unknown) => {
    if (value !== undefined && !(Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '')))
      throw wrong(name, `options.${argument}`, 'a list of paths', value)
  }
  number('threads', threads, 'a whole number from 1 on', (one) => Number.isInteger(one) && one >= 1)
  number('bucketSeconds', bucketSeconds, 'a number of seconds above 0', (one) => one > 0 && Number.isFinite(one))
  list('events', events)
  list('keytabs', keytabs)
  if (engine !== undefined && !Object.hasOwn(ENGINES, engine))
    throw wrong(name, 'options.engine', Object.keys(ENGINES).join(' or '), engine)
  if (keys === undefined) return
  const { keyLogs, privateKeys } = checked(name, keys, 'options.keys', KEY_FILES)
  list('keys.keyLogs', keyLogs)
  list('keys.privateKeys', privateKeys)
}

const ENGINES: Readonly<Record<EngineName, true>> = { wasm: true, js: true }
const KEY_FILES: Readonly<Record<keyof KeyFiles, true>> = { keyLogs: true, privateKeys: true, mayGrow: true }
const FILTER_OPTIONS: Readonly<Record<keyof FilterOptions, true>> = {
  host: true,
  client: true,
  server: true,
  service: true,
  since: true,
  until: true,
  names: true,
}
const ITERATE_OPTIONS: Readonly<Record<keyof IterateOptions, true>> = { filter: true, signal: true }
const READ_OPTIONS: Readonly<Record<keyof ReadOptions, true>> = {
  filter: true,
  keys: true,
  keytabs: true,
  events: true,
  threads: true,
  bucketSeconds: true,
  engine: true,
  signal: true,
  onMessage: true,
  onExchange: true,
  onKdc: true,
  onProgress: true,
}
const VERIFY_OPTIONS: Readonly<Record<keyof VerifyOptions, true>> = {
  client: true,
  server: true,
  service: true,
  expect: true,
  names: true,
  before: true,
}
const DEVICE_OPTIONS = { before: true, names: true } as const
const TEXT_OPTIONS = { columns: true, color: true } as const

function checkReport(name: string, argument: string, report: Report): void {
  if (!Array.isArray((report as Report | null)?.pairs) || !Array.isArray(report.exchanges))
    throw wrong(name, argument, 'a report, as `analyze` or `readReport` gives it', report)
}

function wrong(name: string, argument: string, expected: string, found: unknown): ArgumentError {
  const text =
    typeof found === 'object' && found !== null ? (Array.isArray(found) ? 'a list' : 'an object') : String(found)
  return new ArgumentError(`${name}: ${argument}: expected ${expected}, not ${text.slice(0, 80)}`)
}

async function* iterate<T>(
  name: string,
  inputs: Inputs,
  options: IterateOptions,
  listen: (give: (value: T) => void) => RunOptions,
): AsyncGenerator<T> {
  const { filter } = checked(name, options, 'options', ITERATE_OPTIONS)
  const made = filter === undefined ? {} : { filter: filterOf(name, filter) }
  const unread: UnreadList = []
  const paths = await pathsOf(name, inputs, unread)
  const waiting: T[] = []
  const drained: (() => void)[] = []
  let wake = () => {}
  let ended = false
  let failure: unknown = null
  const stop = new AbortController()
  const end = () => stop.abort()
  if (options.signal?.aborted) end()
  else options.signal?.addEventListener('abort', end, { once: true })
  const reading = run(paths, {
    ...made,
    unread,
    ...listen((value) => {
      waiting.push(value)
      wake()
    }),
    signal: stop.signal,
    // the reader goes on only when what it found so far has been taken
    onPause: () => (waiting.length === 0 ? null : new Promise<void>((taken) => drained.push(taken))),
  })
  reading.then(
    () => {
      ended = true
      wake()
    },
    (error) => {
      failure = error
      ended = true
      wake()
    },
  )
  try {
    for (;;) {
      while (waiting.length > 0) yield waiting.shift()!
      for (const taken of drained.splice(0)) taken()
      if (ended && waiting.length === 0) break
      if (waiting.length === 0) await new Promise<void>((done) => (wake = done))
    }
    if (failure !== null) throw failure
  } finally {
    options.signal?.removeEventListener('abort', end)
    stop.abort()
    for (const taken of drained.splice(0)) taken()
    await reading.catch(() => {})
  }
}
