/**
 * The figures of a migration: how much NTLM, why, and how far Kerberos is, for the whole run, for each capture and for
 * each stretch of time.
 *
 * A fold over all exchanges in bounded memory. An exchange belongs to the bucket in which it began; buckets are aligned
 * to 1970-01-01 UTC. Without a wish they begin with a minute each and double up until a few dozen hold everything.
 */

import type { Service } from '../../decoders/carrier.ts'
import { isContinuation } from '../facts/continuation.ts'
import { type AuthExchange, isKerberos, type OpaqueConversation } from '../facts/exchange.ts'
import { NumberBits } from '../memory/compact/number-bits.ts'
import { pairKey } from '../memory/flat-key.ts'
import { LIMITS } from '../memory/limits.ts'
import type { Verdict } from './verdict.ts'

export interface Figures {
  /** length of a bucket */
  readonly bucketSeconds: number
  readonly total: FigureRow
  readonly captures: readonly FigureRow[]
  readonly buckets: readonly FigureRow[]
}

export interface FigureRow {
  /** of which capture; null: of all */
  readonly capture: string | null
  /** of a bucket its bounds, else those of what was seen, microseconds since 1970; null: nothing was seen */
  readonly start: number | null
  readonly end: number | null
  /** clients that authenticated, how many of them with NTLM, and the share of these (null: there were none) */
  readonly hosts: { readonly authenticating: number; readonly ntlm: number; readonly ntlmShare: number | null }
  readonly exchanges: number
  /** what only went on with an SMB session (a further channel, a re-authentication): not among the exchanges */
  readonly continued: number
  readonly services: Readonly<Record<string, ServiceFigures>>
  /** NTLM logons that are a fallback, and the causes of all NTLM logons by code */
  readonly fallback: number
  readonly causes: Readonly<Record<string, number>>
  /** Kerberos (IAKERB with it) by result; the share is success of success and failure */
  readonly kerberos: {
    readonly success: number
    readonly failure: number
    readonly unknown: number
    readonly successShare: number | null
  }
  readonly ntlmVersions: Readonly<Record<string, number>>
  /** pairs of client, server and service by what was seen of them in this row */
  readonly pairs: Readonly<Record<Verdict, number>>
}

export interface ServiceFigures {
  readonly kerberos: number
  readonly ntlm: number
  readonly other: number
}

const SECOND = 1e6
/** minute, 5 and 15 minutes, hour, 6 hours, day, week, 30 days, year */
const SIZES = [60, 300, 900, 3600, 21_600, 86_400, 604_800, 2_592_000, 31_536_000]
const AUTOMATIC_BUCKETS_MAX = 48

/** What was seen of a pair, in bits. */
const AUTHENTICATED = 1
const NTLM = 2
const KERBEROS = 4
const FALLBACK = 8
const OTHER = 16

class Cell {
  start = Infinity
  end = -Infinity
  exchanges = 0
  continued = 0
  fallback = 0
  kerberos = { success: 0, failure: 0, unknown: 0 }
  readonly services = new Map<Service, { kerberos: number; ntlm: number; other: number }>()
  readonly causes = new Map<string, number>()
  readonly versions = new Map<string, number>()
  /** bits by number of the pair */
  readonly pairs = new NumberBits()

  merge(other: Cell): void {
    this.start = Math.min(this.start, other.start)
    this.end = Math.max(this.end, other.end)
    this.exchanges += other.exchanges
    this.continued += other.continued
    this.fallback += other.fallback
    for (const result of ['success', 'failure', 'unknown'] as const) this.kerberos[result] += other.kerberos[result]
    for (const [service, counts] of other.services) {
      const mine = this.service(service)
      for (const kind of ['kerberos', 'ntlm', 'other'] as const) mine[kind] += counts[kind]
    }
    for (const [code, count] of other.causes) this.causes.set(code, (this.causes.get(code) ?? 0) + count)
    for (const [version, count] of other.versions) this.versions.set(version, (this.versions.get(version) ?? 0) + count)
    for (const [pair, bits] of other.pairs) this.pairs.add(pair, bits)
  }

  service(service: Service): { kerberos: number; ntlm: number; other: number } {
    const known = this.services.get(service)
    if (known !== undefined) return known
    const made = { kerberos: 0, ntlm: 0, other: 0 }
    this.services.set(service, made)
    return made
  }
}

export class FigureFold {
  /** exchanges that are in the total alone: more buckets, captures or pairs than the limits hold */
  overflow = 0
  readonly #fixed: boolean
  #seconds: number
  readonly #total = new Cell()
  readonly #captures = new Map<string, Cell>()
  #buckets = new Map<number, Cell>()
  /** numbers of pairs, and of which host each is */
  readonly #pairs = new Map<string, number>()
  readonly #hosts: string[] = []
  #entries = 0

  /** `bucketSeconds` null: automatic. */
  constructor(bucketSeconds: number | null) {
    this.#fixed = bucketSeconds !== null
    this.#seconds = bucketSeconds ?? SIZES[0]!
  }

  add(exchange: AuthExchange): void {
    const { client, server, service, capture, start } = exchange
    const bits = isContinuation(exchange) ? 0 : bitsOf(exchange)
    for (const cell of this.#cells(capture, start)) {
      count(cell, exchange)
      this.#see(cell, client.ip, server.ip, service, bits)
    }
  }

  addOpaque({ client, server, service, capture, start }: OpaqueConversation): void {
    for (const cell of this.#cells(capture, start)) this.#see(cell, client.ip, server.ip, service, 0)
  }

  figures(): Figures {
    const length = this.#seconds * SECOND
    return {
      bucketSeconds: this.#seconds,
      total: this.#row(this.#total, null),
      captures: [...this.#captures].map(([capture, cell]) => this.#row(cell, capture)),
      buckets: [...this.#buckets]
        .sort(([a], [b]) => a - b)
        .map(([at, cell]) => ({ ...this.#row(cell, null), start: at * length, end: (at + 1) * length })),
    }
  }

  #cells(capture: string, start: number): Cell[] {
    const cells = [this.#total]
    const ofCapture = bounded(this.#captures, capture, LIMITS.figureRowsMax)
    const ofTime = bounded(this.#buckets, Math.floor(start / (this.#seconds * SECOND)), LIMITS.figureRowsMax)
    if (ofCapture !== null) cells.push(ofCapture)
    if (ofTime !== null) cells.push(ofTime)
    if (cells.length < 3) this.overflow++
    for (const cell of cells) {
      cell.start = Math.min(cell.start, start)
      cell.end = Math.max(cell.end, start)
    }
    if (!this.#fixed && this.#buckets.size > AUTOMATIC_BUCKETS_MAX) this.#coarsen()
    return this.#fixed || ofTime === null
      ? cells
      : [...cells.slice(0, -1), this.#buckets.get(Math.floor(start / (this.#seconds * SECOND)))!]
  }

  #coarsen(): void {
    while (this.#buckets.size > AUTOMATIC_BUCKETS_MAX) {
      const next = SIZES[SIZES.indexOf(this.#seconds) + 1]
      if (next === undefined) return
      const merged = new Map<number, Cell>()
      for (const [at, cell] of this.#buckets) {
        const to = Math.floor((at * this.#seconds) / next)
        const present = merged.get(to)
        if (present === undefined) merged.set(to, cell)
        else present.merge(cell)
      }
      this.#buckets = merged
      this.#seconds = next
    }
  }

  #see(cell: Cell, client: string, server: string, service: Service, bits: number): void {
    const key = pairKey(client, server, service)
    let pair = this.#pairs.get(key)
    if (pair === undefined) {
      if (this.#pairs.size >= LIMITS.reportPairsMax) {
        this.overflow++
        return
      }
      pair = this.#pairs.size
      this.#pairs.set(key, pair)
      this.#hosts.push(client)
    }
    if (cell.pairs.get(pair) === undefined) {
      if (this.#entries >= LIMITS.figureEntriesMax && cell !== this.#total) {
        this.overflow++
        return
      }
      this.#entries++
    }
    cell.pairs.add(pair, bits)
  }

  #row(cell: Cell, capture: string | null): FigureRow {
    const authenticating = new Set<string>()
    const ntlm = new Set<string>()
    const pairs = { kerberos: 0, 'ntlm-fallback': 0, 'ntlm-only': 0, mixed: 0, other: 0, undetermined: 0 }
    for (const [pair, bits] of cell.pairs) {
      pairs[verdictOf(bits)]++
      if ((bits & AUTHENTICATED) !== 0) authenticating.add(this.#hosts[pair]!)
      if ((bits & NTLM) !== 0) ntlm.add(this.#hosts[pair]!)
    }
    const { success, failure, unknown } = cell.kerberos
    return {
      capture,
      start: Number.isFinite(cell.start) ? cell.start : null,
      end: Number.isFinite(cell.end) ? cell.end : null,
      hosts: { authenticating: authenticating.size, ntlm: ntlm.size, ntlmShare: share(ntlm.size, authenticating.size) },
      exchanges: cell.exchanges,
      continued: cell.continued,
      services: sorted(cell.services),
      fallback: cell.fallback,
      causes: sorted(cell.causes),
      kerberos: { success, failure, unknown, successShare: share(success, success + failure) },
      ntlmVersions: sorted(cell.versions),
      pairs,
    }
  }
}

function count(cell: Cell, exchange: AuthExchange): void {
  const { mechanism, service, result, cause, fallback, ntlm } = exchange
  if (isContinuation(exchange)) {
    cell.continued++
    return
  }
  cell.exchanges++
  const kind = mechanism === 'ntlm' ? 'ntlm' : isKerberos(exchange) ? 'kerberos' : 'other'
  cell.service(service)[kind]++
  if (kind === 'kerberos') cell.kerberos[result]++
  if (fallback === true) cell.fallback++
  if (cause !== null) cell.causes.set(cause.code, (cell.causes.get(cause.code) ?? 0) + 1)
  const version = ntlm?.ntlmVersion
  if (version && mechanism !== 'anonymous') cell.versions.set(version, (cell.versions.get(version) ?? 0) + 1)
}

function bitsOf(exchange: AuthExchange): number {
  const { mechanism, fallback, result } = exchange
  if (mechanism === 'ntlm') return AUTHENTICATED | NTLM | (fallback === true ? FALLBACK : 0)
  if (isKerberos(exchange)) return AUTHENTICATED | (result === 'failure' ? 0 : KERBEROS)
  return mechanism === 'unknown' ? AUTHENTICATED : AUTHENTICATED | OTHER
}

/** As verdict.ts judges a pair. */
function verdictOf(bits: number): Verdict {
  if ((bits & NTLM) !== 0) {
    if ((bits & KERBEROS) !== 0) return 'mixed'
    return (bits & FALLBACK) !== 0 ? 'ntlm-fallback' : 'ntlm-only'
  }
  if ((bits & KERBEROS) !== 0) return 'kerberos'
  return (bits & OTHER) !== 0 ? 'other' : 'undetermined'
}

function bounded<K>(cells: Map<K, Cell>, key: K, most: number): Cell | null {
  const known = cells.get(key)
  if (known !== undefined) return known
  if (cells.size >= most) return null
  const made = new Cell()
  cells.set(key, made)
  return made
}

/** To four digits; null of nothing. */
function share(part: number, of: number): number | null {
  return of === 0 ? null : Math.round((part / of) * 10_000) / 10_000
}

function sorted<T>(map: ReadonlyMap<string, T>): Readonly<Record<string, T>> {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)))
}
