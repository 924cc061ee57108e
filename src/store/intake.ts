/**
 * From inputs to a store: which of them are new, what each holds (packets, a report as JSON or as JSON lines), and one
 * load for all of them.
 *
 * An input is known by its bytes, never by its name: a file that was written anew is new, a copy is not. Whoever reads
 * captures is given to it, so that this room knows nothing of packets.
 */
import { createHash } from 'node:crypto'
import { closeSync, createReadStream, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { digestOf } from '../facts/identity.ts'
import { LIMITS as REPORT_LIMITS } from '../memory/limits.ts'
import type { Nets } from './addresses/nets.ts'
import type { Pseudonyms } from './addresses/pseudonyms.ts'
import { STORE_LIMITS } from './bounds.ts'
import { type Counted, Loader } from './loader.ts'
import {
  captureFact,
  conversationFact,
  exchangeFact,
  findingFact,
  kdcFact,
  type Maker,
  type RunFacts,
  turnedAwayFact,
} from './rows.ts'
import { type Load, type Store, StoreError } from './store.ts'
import type { FactRow, FactTable } from './tables.ts'

// biome-ignore lint/suspicious/noExplicitAny: facts of a saved report are believed, and read by name
type Fact = any

/** What a run tells when it is over. */
export interface Tail {
  readonly captures: readonly Fact[]
  readonly findings: readonly Fact[]
  readonly conversations: readonly Fact[]
  /** absent: a report of an older version does not tell */
  readonly turnedAway?: readonly Fact[]
  readonly coverage: Fact
  readonly blindSpots: readonly Fact[]
  readonly tally: Fact
}

/** Takes facts as they come; a promise is waited for before more is read. */
export interface Taker {
  exchange(exchange: Fact): void
  kdc(exchange: Fact): void
  /** null: go on */
  pause(): Promise<void> | null
}

/** Reads captures as one run. */
export type ReadCaptures = (captures: readonly string[], taker: Taker) => Promise<Tail>

export interface Asked {
  readonly inputs: readonly string[]
  readonly sensor: string
  readonly nets: Nets
  readonly pseudonyms: Pseudonyms | null
  /** the file before, whose conversations go on in the inputs: what the next run will decide is held back */
  readonly previous: string | null
  /** nothing is held back after all */
  readonly final: boolean
  readonly version: string
  readonly read: ReadCaptures
  /** called between batches of a report: a time to collect garbage; `read` does it itself */
  readonly rest?: () => void
}

export interface Loaded {
  /** null: everything was there */
  readonly load: string | null
  readonly read: readonly string[]
  /** known by their bytes */
  readonly skipped: readonly string[]
  readonly heldBack: number
  readonly counts: Readonly<Record<FactTable, Counted>> | null
}

interface Input {
  readonly name: string
  readonly digest: string
  readonly bytes: number
}

/** Throws a StoreError, or what the reader of captures throws: then nothing was loaded. */
export async function load(store: Store, asked: Asked): Promise<Loaded> {
  const holds = asked.previous !== null && !asked.final
  // what was held back of an input is still to come where this load hands everything on
  const loaded = (await store.inputsOf(asked.sensor)).filter(({ held }) => holds || held !== true)
  const known = new Set(loaded.map(({ digest }) => digest))
  const fresh: Input[] = []
  const skipped: string[] = []
  const seen = new Set<string>()
  for (const name of asked.inputs) {
    const input =
      name === '-' ? { name, digest: digestOf('-', Date.now(), process.pid), bytes: 0 } : await inputOf(name)
    if (known.has(input.digest) || seen.has(input.digest)) skipped.push(name)
    else fresh.push(input)
    seen.add(input.digest)
  }
  if (fresh.length === 0) return { load: null, read: [], skipped, heldBack: 0, counts: null }
  const begun = await store.begin(asked.sensor, digestOf(...fresh.map(({ digest }) => digest)))
  try {
    const intake = new Intake(begun, asked)
    const captures = fresh.filter(({ name }) => formOf(name) === 'capture')
    if (captures.length > 0) await intake.captures(captures)
    for (const { name } of fresh.filter((input) => !captures.includes(input))) await intake.report(name)
    const inputs = fresh.map((input) => ({
      ...input,
      name: asked.pseudonyms?.file(input.name) ?? input.name,
      ...(intake.heldBack > 0 && captures.includes(input) ? { held: true as const } : {}),
    }))
    await intake.loader.commit({ sensor: asked.sensor, inputs, version: asked.version })
    const { counts } = intake.loader
    return { load: begun.id, read: fresh.map(({ name }) => name), skipped, heldBack: intake.heldBack, counts }
  } catch (error) {
    await begun.abandon().catch(() => {})
    throw error
  }
}

async function inputOf(name: string): Promise<Input> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(name)) {
    hash.update(chunk as Buffer)
    bytes += (chunk as Buffer).length
  }
  return { name, digest: hash.digest('hex'), bytes }
}

/** Told by the first characters: no capture begins with a brace. */
export function formOf(path: string): 'capture' | 'json' | 'ndjson' {
  if (path === '-' || !statSync(path, { throwIfNoEntry: false })?.isFile()) return 'capture'
  const head = Buffer.alloc(64)
  const file = openSync(path, 'r')
  try {
    const text = head.toString('latin1', 0, readSync(file, head)).trimStart()
    if (!text.startsWith('{')) return 'capture'
    return text.startsWith('{"record":') ? 'ndjson' : 'json'
  } finally {
    closeSync(file)
  }
}

/** Throws a StoreError that names the line. */
function factOf(line: string, where: string): Fact {
  let fact: unknown
  try {
    fact = JSON.parse(line)
  } catch {
    throw new StoreError(`${where}: no JSON; the file may have been cut`)
  }
  if (typeof fact !== 'object' || fact === null) throw new StoreError(`${where}: no record of a report`)
  return fact
}

/**
 * The line of an exchange as it is stored: without its first member, times as microseconds. null: it is of another
 * record, or somebody else wrote it anew. To read each of a million and to write it again takes three times as long.
 */
function storedForm(line: string): { readonly record: 'exchange' | 'kdc'; readonly detail: string } | null {
  const record = line.startsWith(EXCHANGE_HEAD) ? 'exchange' : line.startsWith(KDC_HEAD) ? 'kdc' : null
  if (record === null) return null
  const rest = line.slice((record === 'kdc' ? KDC_HEAD : EXCHANGE_HEAD).length)
  // within a text a quotation mark has a backslash before it: these are members
  return { record, detail: `{${rest.replace(TIME_MEMBERS, (_, name, time) => `"${name}":${microsOf(time)}`)}` }
}

const EXCHANGE_HEAD = '{"record":"exchange",'
const KDC_HEAD = '{"record":"kdc",'
const TIME_MEMBERS = /"(start|end|time|first|last|from|till)":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)"/g
const microsOf = (time: string) => Date.parse(`${time.slice(0, 23)}Z`) * 1000 + Number(time.slice(23, 26))

/** Lines of a file that may be larger than the memory, without their ends. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest: Buffer[] = []
  for await (const chunk of createReadStream(path, { highWaterMark: LINES_BYTES }) as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const part = chunk.subarray(start, end)
      yield lineText(rest.length === 0 ? part : Buffer.concat([...rest, part]))
      rest = []
      start = end + 1
    }
    if (start === chunk.length) continue
    rest.push(chunk.subarray(start))
    if (rest.length * LINES_BYTES > LINE_BYTES_MAX) throw new StoreError(`${path}: has a line of more than 256 MiB`)
  }
  if (rest.length > 0) yield lineText(Buffer.concat(rest))
}

const lineText = (line: Buffer) => line.toString('utf8', 0, line.at(-1) === 13 ? line.length - 1 : line.length)

const LINES_BYTES = 1 << 18
const LINE_BYTES_MAX = 1 << 28

class Intake {
  readonly loader: Loader
  readonly #asked: Asked
  readonly #maker: Maker
  /** packets: whoever reads them collects garbage */
  #isReading = false
  heldBack = 0

  constructor(load: Load, asked: Asked) {
    this.loader = new Loader(load, () => {
      // two that keep one heap small collect it twice
      if (!this.#isReading) asked.rest?.()
    })
    this.#asked = asked
    this.#maker = { sensor: asked.sensor, netOf: (ip) => asked.nets.netOf(ip) }
  }

  async captures(inputs: readonly Input[]): Promise<void> {
    const { previous, final, read } = this.#asked
    const held: Held[] = []
    const queue: { table: FactTable; row: FactRow }[] = []
    const holds = previous !== null && !final
    let newest = Number.NEGATIVE_INFINITY
    const take = (table: FactTable, row: FactRow, fact: Fact) => {
      newest = Math.max(newest, Number(row.ts_end))
      if (holds) held.push({ table, row, isOfSeveral: isOfSeveral(fact) })
      else if (queue.length > 0 || draining !== null || !this.#addNow(table, row)) queue.push({ table, row })
    }
    /** what no later file can change any more */
    const release = (until: number, again = Number.NEGATIVE_INFINITY) => {
      const kept = held.splice(0)
      for (const one of kept) {
        const isOver = Number(one.row.ts_end) < until || Number(one.row.ts) < again
        if (isOver || (again > 0 && one.isOfSeveral)) queue.push(one)
        else held.push(one)
      }
    }
    let draining: Promise<void> | null = null
    const drain = async () => {
      for (let at = 0; at < queue.length; at++) await this.#add(queue[at]!.table, queue[at]!.row)
      queue.length = 0
      draining = null
    }
    await this.loader.nextRun()
    this.#isReading = true
    const tail = await read([...(previous === null ? [] : [previous]), ...inputs.map(({ name }) => name)], {
      exchange: (exchange) => take('exchanges', exchangeFact(this.#maker, exchange), exchange),
      kdc: (exchange) => take('kdc', kdcFact(this.#maker, exchange), exchange),
      pause: () => {
        if (held.length >= STORE_LIMITS.batchRows) release(newest - STORE_LIMITS.halvesMicros)
        if (queue.length === 0) return null
        draining ??= drain()
        return draining
      },
    })
    this.#isReading = false
    await draining
    const end = Number(tail.coverage?.end ?? newest)
    // the next run reads the newest of these files again and none before it: only what is all in that one may wait
    if (holds) release(end - STORE_LIMITS.halvesMicros, beginOfNewest(tail.captures, inputs))
    await drain()
    this.heldBack += held.length
    await this.#tail(tail, new Map(inputs.map(({ name, digest }) => [name, digest])))
  }

  async report(path: string): Promise<void> {
    await this.loader.nextRun()
    if (formOf(path) === 'ndjson') await this.#lines(path)
    else await this.#whole(path)
  }

  async #whole(path: string): Promise<void> {
    let report: Fact
    try {
      report = revived(JSON.parse(readFileSync(path, 'utf8')))
    } catch {
      throw new StoreError(`${path}: neither a capture nor a report`)
    }
    if (report.schema !== REPORT_SCHEMA) throw new StoreError(`${path}: JSON, and no report of this version`)
    const missing = LISTS.find((name) => !Array.isArray(report[name]))
    if (missing !== undefined) throw new StoreError(`${path}: a report without '${missing}'`)
    refuseFiltered(path, report)
    if (isCut(report))
      throw new StoreError(`${path}: a report whose lists were cut; load the capture, or a report of --format ndjson`)
    for (const exchange of report.exchanges) await this.#add('exchanges', exchangeFact(this.#maker, exchange))
    for (const exchange of report.kdc) await this.#add('kdc', kdcFact(this.#maker, exchange))
    await this.#tail(report, new Map())
  }

  /** A stream of lines is read as it comes: it may be larger than the memory. */
  async #lines(path: string): Promise<void> {
    const captures: Fact[] = []
    const run: RunFacts = { coverage: null, blindSpots: [], tally: null, away: null }
    let number = 0
    let ended = false
    for await (const line of linesOf(path)) {
      number++
      if (line === '') continue
      const where = `${path}:${number}`
      const stored = storedForm(line)
      if (stored !== null) {
        await this.#addRecord(stored.record, factOf(stored.detail, where), where, stored.detail)
        continue
      }
      const { record, ...rest } = revived(factOf(line, where))
      if (record === 'exchange' || record === 'kdc') await this.#addRecord(record, rest, where)
      else if (record === 'conversation') await this.#add('conversations', conversationFact(this.#maker, rest))
      else if (record === 'finding') await this.#add('findings', findingFact(this.#maker, rest))
      else if (record === 'turnedAway') {
        run.away = (run.away ?? 0) + 1
        await this.#add('turned_away', turnedAwayFact(this.#maker, rest))
      } else if (record === 'filter') refuseFiltered(path, rest)
      else if (record === 'blindSpot') run.blindSpots.push(rest)
      else if (record === 'capture') captures.push(rest)
      else if (record === 'coverage') run.coverage = rest
      else if (record === 'tally') {
        run.tally = rest
        ended = true
      }
    }
    if (!ended) throw new StoreError(`${path}: ends before its last record (tally): the run that wrote it did not end`)
    await this.#captures(captures, run, new Map())
  }

  #addRecord(record: 'exchange' | 'kdc', fact: Fact, where: string, detail?: string): Promise<void> {
    let row: FactRow
    try {
      row = record === 'kdc' ? kdcFact(this.#maker, fact, detail) : exchangeFact(this.#maker, fact, detail)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
      throw new StoreError(`${where}: ${record}: members are missing that a report has`)
    }
    return this.#add(record === 'kdc' ? 'kdc' : 'exchanges', row)
  }

  async #tail(tail: Tail, digests: ReadonlyMap<string, string>): Promise<void> {
    const { coverage, blindSpots, tally, turnedAway } = tail
    for (const finding of tail.findings) await this.#add('findings', findingFact(this.#maker, finding))
    for (const one of tail.conversations) await this.#add('conversations', conversationFact(this.#maker, one))
    for (const one of turnedAway ?? []) await this.#add('turned_away', turnedAwayFact(this.#maker, one))
    const run = { coverage, blindSpots: [...blindSpots], tally, away: turnedAway?.length ?? null }
    await this.#captures(tail.captures, run, digests)
  }

  async #captures(captures: readonly Fact[], run: RunFacts, digests: ReadonlyMap<string, string>): Promise<void> {
    const { version } = this.#asked
    for (const capture of captures) {
      // the file before was loaded by the run before
      if (digests.size > 0 && !digests.has(capture.name)) continue
      const digest = digests.get(capture.name) ?? digestOf('capture', capture.name, capture.start, capture.packets)
      await this.#add('captures', captureFact(this.#maker, capture, { digest, run, version }))
    }
  }

  #add(table: FactTable, row: FactRow): Promise<void> {
    return this.loader.add(table, this.#shown(table, row))
  }

  /** False: it has to wait for `#add`. */
  #addNow(table: FactTable, row: FactRow): boolean {
    return this.loader.addNow(table, this.#shown(table, row))
  }

  #shown(table: FactTable, row: FactRow): FactRow {
    const { pseudonyms } = this.#asked
    return pseudonyms === null ? row : pseudonyms.of(table, row)
  }
}

/** A row that may wait for the next run. */
interface Held {
  readonly table: FactTable
  readonly row: FactRow
  /** its frames, or those that prove its cause, are of several files */
  readonly isOfSeveral: boolean
}

const isOfSeveral = ({ frames, cause }: Fact): boolean =>
  [...frames, ...(cause?.frames ?? [])].some((frame) => typeof frame === 'string')

/** The time of the first packet of the input that begins last, microseconds since 1970; infinity: none has any. */
function beginOfNewest(captures: readonly Fact[], inputs: readonly Input[]): number {
  const names = new Set(inputs.map(({ name }) => name))
  const begins = captures.flatMap(({ name, start }) => (names.has(name) && start !== null ? [Number(start)] : []))
  return begins.length === 0 ? Number.POSITIVE_INFINITY : begins.reduce((a, b) => Math.max(a, b))
}

function refuseFiltered(path: string, { filter }: Fact): void {
  if (filter.length > 0)
    throw new StoreError(`${path}: a report of ${filter.join(' ')}: facts would be missing; load one of everything`)
}

/** At their limits the lists may have been cut. */
function isCut({ exchanges, kdc }: Fact): boolean {
  return exchanges.length >= REPORT_LIMITS.reportExchangesMax || kdc.length >= REPORT_LIMITS.reportKdcMax
}

const REPORT_SCHEMA = 'ntlmscope-report-1'
const LISTS = ['filter', 'captures', 'exchanges', 'kdc', 'conversations', 'findings', 'blindSpots'] as const
const TIMES: ReadonlySet<string> = new Set(['start', 'end', 'time', 'first', 'last', 'from', 'till'])
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

/** Times as microseconds again, in place: a function that JSON.parse asks for each value takes four times as long. */
function revived(fact: Fact): Fact {
  for (const name in fact) {
    const value = fact[name]
    if (typeof value === 'string') {
      if (TIMES.has(name) && ISO.test(value)) fact[name] = microsOf(value)
    } else if (typeof value === 'object' && value !== null) revived(value)
  }
  return fact
}
