/**
 * A run that is looked at while it goes on: exchanges that are not over are told as far as they are known, and told
 * once more when something of them changes; each is told a last time when it is final. What is told on the way changes
 * nothing of the report.
 */
import type { Succession } from '../capture/succession.ts'
import type { AuthExchange, KdcExchange } from '../facts/exchange.ts'
import type { Finding } from '../findings/finding.ts'
import { deleteOldest } from '../memory/bounded-map.ts'
import { LIMITS } from '../memory/limits.ts'
import type { Progress } from '../reading/pdu-source.ts'
import type { Report } from '../report/report.ts'
import { AnalysisRun, type AnalyzeOptions } from '../run/analyze.ts'
import type { BookEntry } from '../run/book.ts'
import { CaptureClock } from './clock.ts'
import { entryOf, Journal } from './journal.ts'
import { Revisions, type Told } from './revisions.ts'
import { TimeShare } from './time-share.ts'

export type ExchangeState = 'provisional' | 'final'

/** Who is told. */
export interface Follower {
  exchange?(exchange: AuthExchange, state: ExchangeState, revision: number): void
  kdc?(exchange: KdcExchange): void
  /** once each, as far as it is known */
  finding?(finding: Finding): void
  /** a report of what is known so far, at most six times a second, where something has changed */
  changed?(report: Report): void
  /** what logs say of an exchange or a request to a KDC that was told before; those alone of which they say anything */
  joined?(exchange: AuthExchange | KdcExchange): void
  /** what had come has been read */
  idle?(): void
}

export interface FollowingOptions
  extends Omit<AnalyzeOptions, 'succession' | 'onWait' | 'onEntry' | 'onExchange' | 'onKdc' | 'onJoined'> {
  readonly succession: Succession
  /** microseconds since 1970 */
  readonly now?: () => number
  /** false: nothing is told before it is final */
  readonly previews?: boolean
  /** what telling before that may take of the time; Infinity: whatever it takes. Absent: `SHARE` */
  readonly previewShare?: number
  /** what a run before this one has told, by `key` */
  readonly told?: Iterable<readonly [string, Told]>
  /** what an exchange is known by from one run to the next */
  readonly key?: (exchange: AuthExchange) => string
  /** it was told to the end before */
  readonly isOver?: (exchange: AuthExchange) => boolean
  /** `provisional` is asked for: what is not over is kept, all of it */
  readonly keepsProvisional?: boolean
  /** is it what the reports on the way are made for? More of these is kept. Absent: all of it */
  readonly concerns?: (entry: BookEntry) => boolean
}

/** an attempt whose answer has not come is told after so long */
const PATIENCE_MICROS = 2e6
const TICK_MILLIS = 100
const TURN_MILLIS = 250
/** of the time; with what is kept in mind for it and the garbage that it leaves a twentieth */
const SHARE = 0.03
/** milliseconds: what comes at once on a link that was quiet is told at once */
const SAVED_MAX = 25
/** a look at everything may take one part in so many of the time; a card is to follow within half a second */
const LOOK_PARTS = 20
const LOOK_MILLIS_MIN = 150
/** what was found in all that is over is asked for less often: it takes in what was left out of the looks */
const FINDINGS_MILLIS = 10_000
/** findings that are remembered as told, 150 bytes each: more than a report tells apart */
const FOUND_MAX = 4 * LIMITS.findingsMax

export class Following {
  readonly #run: AnalysisRun
  readonly #follower: Follower
  readonly #clock: CaptureClock
  readonly #journal: Journal | null
  readonly #revisions: Revisions
  readonly #key: (exchange: AuthExchange) => string
  readonly #isOver: (exchange: AuthExchange) => boolean
  readonly #previews: TimeShare | null
  /** as they were told last, where `provisional` is asked for; bounded by what is open and what waits */
  readonly #provisional: Map<string, AuthExchange> | null
  /** by uid */
  readonly #found = new Map<string, true>()
  #hasChanged = false
  /** logs are read: nothing may be told, ended or entered meanwhile */
  #isJoining = false
  #nextTurn = 0
  #nextLook = 0
  #nextFindings = 0
  progress: Progress = { bytes: 0, totalBytes: null, packets: 0 }

  constructor(options: FollowingOptions, follower: Follower) {
    const {
      now,
      previews = true,
      previewShare = SHARE,
      told,
      key = ({ id }) => id,
      isOver,
      keepsProvisional = false,
      concerns = () => true,
      onProgress,
      ...rest
    } = options
    this.#follower = follower
    this.#clock = new CaptureClock(now)
    this.#revisions = new Revisions(told)
    this.#key = key
    this.#isOver = isOver ?? (() => false)
    this.#previews = previews ? new TimeShare(previewShare, SAVED_MAX) : null
    this.#journal = follower.changed || follower.finding ? new Journal(concerns) : null
    this.#provisional = keepsProvisional ? new Map() : null
    this.#run = new AnalysisRun([], {
      ...rest,
      onWait: () => this.look(),
      onEntry: (entry) => this.#entered(entry),
      onExchange: (exchange) => this.#final(exchange),
      onKdc: (exchange) => follower.kdc?.(exchange),
      onJoined: ({ exchanges, kdc }) => {
        for (const one of [...exchanges, ...kdc]) if (one.events.length > 0) follower.joined?.(one)
      },
      onProgress: (progress) => {
        this.progress = progress
        onProgress?.(progress)
      },
    })
    if (previews) this.#run.startPreviews()
  }

  /** of packets behind the time of day, microseconds; null: nothing was read */
  get lag(): number | null {
    return this.#clock.lag
  }

  get revisions(): Revisions {
    return this.#revisions
  }

  /** The whole report. Rejects with a `CaptureError` where there is no capture. */
  async follow(): Promise<Report> {
    const ticking = setInterval(() => {
      this.look()
      this.#tell(false)
    }, TICK_MILLIS)
    try {
      return await this.#run.run()
    } finally {
      clearInterval(ticking)
    }
  }

  /** What has come is told as far as there is time for it, and what has waited long enough is decided. */
  look(): void {
    if (this.#isJoining) return
    this.#clock.saw(this.#run.time)
    const time = this.#clock.time
    if (time !== null) this.#run.tick(time)
    const now = performance.now()
    // where it is busy, what may only be said better waits for its turn
    const isTurn = this.#previews?.isAmple === true || now >= this.#nextTurn
    if (isTurn) this.#nextTurn = now + TURN_MILLIS
    this.#previews?.spend((mayGoOn) => this.#preview(isTurn, mayGoOn))
    this.#follower.idle?.()
    this.#tell(false)
  }

  /** All that is known is told, whatever time it takes. */
  lookAtAll(): void {
    this.look()
    this.#previews?.spend(() => this.#preview(true, () => true))
  }

  #preview(isTurn: boolean, mayGoOn: () => boolean): void {
    const { time } = this.#clock
    const patience = time === null ? Number.NEGATIVE_INFINITY : time - PATIENCE_MICROS
    this.#run.preview({ patience, isTurn, mayGoOn }, (exchange) => {
      if (this.#isOver(exchange)) return
      this.#provisional?.set(exchange.id, exchange)
      this.#journal?.told(exchange)
      const revision = this.#revisions.provisional(exchange, this.#key(exchange), this.#run.time)
      if (revision === null) return
      this.#hasChanged = true
      this.#follower.exchange?.(exchange, 'provisional', revision)
    })
  }

  /** What is known so far, the last time before the end. */
  report(): Report {
    this.lookAtAll()
    return this.#reportSoFar()
  }

  #reportSoFar(): Report {
    return this.#run.reportOf(this.#journal?.entries() ?? [])
  }

  /** Findings of the whole report that were not told on the way. */
  untold({ findings }: Report): readonly Finding[] {
    return findings.filter(({ uid }) => !this.#found.has(uid))
  }

  /** The first frame key that what is not over rests on; Infinity: all is over. */
  get oldestFrame(): number {
    return this.#run.oldestFrame
  }

  /** of what was read last, microseconds since 1970 */
  get time(): number {
    return this.#run.time
  }

  /**
   * The report of what was gathered since the last one, and of these, which are not over; what comes now is the next
   * stretch.
   */
  stretch(others: readonly AuthExchange[]): Report {
    return this.#run.stretch(others.map(entryOf))
  }

  /** The same with what the logs say. Called where nothing is read until it is there. */
  async joinedStretch(others: readonly AuthExchange[]): Promise<Report> {
    this.#isJoining = true
    try {
      return await this.#run.joinedStretch(others.map(entryOf))
    } finally {
      this.#isJoining = false
    }
  }

  /** What is not over, as far as it is known. */
  provisional(): readonly AuthExchange[] {
    this.lookAtAll()
    return [...(this.#provisional?.values() ?? [])]
  }

  /** What is kept for who looks at it on the way, in pieces. */
  get held(): { readonly entries: number; readonly told: number; readonly found: number } {
    return { entries: this.#journal?.length ?? 0, told: this.#revisions.size, found: this.#found.size }
  }

  #entered(entry: BookEntry): void {
    this.#journal?.add(entry)
    this.#hasChanged = true
  }

  #final(exchange: AuthExchange): void {
    this.#provisional?.delete(exchange.id)
    this.#journal?.over(exchange)
    if (this.#isOver(exchange)) return
    this.#follower.exchange?.(exchange, 'final', this.#revisions.final(this.#key(exchange)))
  }

  #tell(isLast: boolean): void {
    const now = performance.now()
    if (this.#journal === null || !this.#hasChanged || (!isLast && now < this.#nextLook)) return
    this.#hasChanged = false
    const began = process.cpuUsage()
    const report = this.#reportSoFar()
    for (const finding of report.findings) this.#find(finding)
    if (now >= this.#nextFindings) {
      this.#nextFindings = now + FINDINGS_MILLIS
      for (const finding of this.#run.findingsSoFar((uid) => !this.#found.has(uid))) this.#find(finding)
    }
    this.#follower.changed?.(report)
    // of the processor: on a busy machine a look takes long, and costs what it costs
    const { user, system } = process.cpuUsage(began)
    this.#nextLook = now + Math.max(LOOK_MILLIS_MIN, ((user + system) / 1000) * LOOK_PARTS)
  }

  #find(finding: Finding): void {
    if (this.#found.has(finding.uid)) return
    if (this.#found.size >= FOUND_MAX) deleteOldest(this.#found)
    this.#found.set(finding.uid, true)
    this.#follower.finding?.(finding)
  }
}
