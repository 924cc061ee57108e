/**
 * A watch over a folder: which files, what is told of them, what is noted so that it goes on after a stop.
 *
 * The state is noted when a file is over and every few seconds. What stands in the output behind the last note is taken
 * back at the next start, and told again from the files.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { CaptureSummary } from '../../capture/merge.ts'
import { isEventFile } from '../../events/forms/open.ts'
import type { AuthExchange, KdcExchange } from '../../facts/exchange.ts'
import { splitFrameKey } from '../../facts/frames.ts'
import { diff } from '../../judge/diff.ts'
import { type FileRead, type FolderFile, FolderFiles } from '../../live/folder/files.ts'
import {
  type BegunFile,
  type DoneFile,
  readState,
  StateError,
  WATCH_SCHEMA,
  type WatchState,
  writeState,
} from '../../live/folder/state.ts'
import { Following } from '../../live/following.ts'
import { memoryKeeper } from '../../memory/heap.ts'
import { diffText } from '../../output/changes.ts'
import { reportJsonText } from '../../output/json.ts'
import { ExchangeLines } from '../../output/live/lines.ts'
import {
  closingJsonLines,
  endJsonLine,
  exchangeJsonLine,
  kdcJsonLine,
  type StretchFacts,
  stretchJsonLine,
  windowsJsonLine,
} from '../../output/live/records.ts'
import { countText, plainSpaces, plural } from '../../output/page/numbers.ts'
import { renderText } from '../../output/text/report.ts'
import type { Report, Unread } from '../../report/report.ts'
import { readSaved } from '../../report/saved.ts'
import { NOTHING_UNREAD, packetsSince } from '../../report/seen/unread.ts'
import type { BookEntry } from '../../run/book.ts'
import { say } from '../../texts/say.ts'
import { EXIT } from '../exit.ts'
import { LogOut } from '../log-out.ts'
import type { WatchWords } from '../options/watch-words.ts'
import { Out, OutputError } from '../out.ts'
import type { Session } from '../session.ts'
import { pageWords } from '../terminal.ts'
import { onSignals } from './signals.ts'

const NOTE_MILLIS = 5000
/** files that are read again after a start: what began before them is told as far as they show it */
const REPLAY_MAX = 256
/** authentications that are known to be told, in the files that are only read again for what they tell of others */
const OVER_MAX = 100_000
const SEEN_MAX = 50_000
/** one is read at a time; another may come before it after a stop, and some never come again */
const BEGUN_MAX = 16

export async function watch(session: Session, folder: string, words: WatchWords): Promise<void> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    session.unreadable(`${folder}: no such folder; watch waits for the files in one`)
    return
  }
  let out: LogOut | null = null
  try {
    const state = words.state === undefined ? null : readState(words.state, resolve(folder))
    if (words.reports !== undefined) mkdirSync(words.reports, { recursive: true })
    out = new LogOut(words.output ?? null, session.io.out)
    takeBack(out, words, state)
    await new Watch(session, folder, words, out, state).run()
  } catch (error) {
    if (error instanceof OutputError) {
      session.complain(error.message)
      session.exitCode = error.isPlace ? EXIT.usage : EXIT.unwritable
    } else if (error instanceof StateError) {
      session.complain(error.message)
      session.exitCode = EXIT.unwritable
    } else throw error
  } finally {
    out?.close()
  }
}

/** What was written after the last note is told once more: it is taken back, where it still stands in this file. */
function takeBack(out: LogOut, { output }: WatchWords, state: WatchState | null): void {
  if (output === undefined || !state?.output) return
  const { ino, size } = statSync(output)
  if (ino === state.output.inode && size > state.output.bytes) out.truncate(state.output.bytes)
}

class Watch {
  readonly #session: Session
  readonly #folder: string
  readonly #words: WatchWords
  readonly #out: LogOut
  readonly #files: FolderFiles
  readonly #following: Following
  readonly #lines = new ExchangeLines()
  readonly #done: DoneFile[]
  /** those of which something was told, and that are not read to their end */
  #begun: readonly BegunFile[]
  /** of the files, by their number in the run */
  readonly #keys: string[] = []
  readonly #keyOfPath = new Map<string, string>()
  readonly #over: Map<string, number>
  readonly #counted: Map<string, number>
  readonly #seen: Map<string, number>
  #stretch: { number: number; begin: number | null }
  #lastReport: string | null = null
  /** files that are read again at the beginning */
  readonly #replayBefore: number
  /** what was not read of those; null: nothing else was begun yet */
  #replayed: Unread | null = null
  /** what is not over is told by the next watch */
  #isEnding = false
  #hasTold = false
  #isStopped = false
  #fault: unknown = null

  constructor(session: Session, folder: string, words: WatchWords, out: LogOut, state: WatchState | null) {
    this.#session = session
    this.#folder = folder
    this.#words = words
    this.#out = out
    this.#done = [...(state?.files ?? [])]
    this.#begun = state?.begun ?? []
    this.#replayBefore = state?.replay ?? 0
    this.#over = new Map(state?.over ?? [])
    this.#counted = new Map(state?.counted ?? [])
    this.#seen = new Map(state?.seen ?? [])
    this.#stretch = { ...(state?.stretch ?? { number: 0, begin: null }) }
    this.#files = new FolderFiles(
      {
        folder,
        isOnce: words.once === true,
        settleMillis: words.settle,
        leavesFresh: words.once === true && words.state !== undefined,
        goesOn: words.state !== undefined,
        isOther: (path) => session.events.length > 0 && isEventFile(path),
        done: this.#done,
        replay: state?.replay ?? 0,
        begun: this.#begun,
      },
      {
        ended: (file, summary, read) => this.#guard(() => this.#ended(file, summary, read)),
        begins: async (time) => {
          try {
            this.#replayed ??= this.#replayBefore === 0 ? NOTHING_UNREAD : this.#following.report().unread
            if (this.#fault === null) await this.#begins(time)
          } catch (error) {
            this.#fail(error)
          }
        },
        renamed: (file, alias) => this.#known(file, { alias }),
        gone: (file) => this.#known(file, { isGone: true }),
        over: () => this.#guard(() => this.#allRead()),
        told: (line) => session.complain(line),
        refused: (_name, line) => session.unreadable(line),
      },
    )
    const isJson = words.format === 'ndjson'
    this.#following = new Following(
      {
        succession: {
          next: (before) => this.#files.next(before),
          opened: (name, index) => this.#opened(name, index),
          refused: (name, error) => this.#files.refused(name, error),
        },
        engine: session.engine,
        keys: { keyLogs: session.keyLogs, privateKeys: session.privateKeys, mayGrow: true },
        keytabs: session.keytabs,
        events: session.events,
        onPause: () => out.room(),
        // what is told all the time is garbage a moment later
        onProgress: memoryKeeper(),
        told: state?.told ?? [],
        key: (exchange) => this.#keyOf(exchange),
        isOver: (exchange) => this.#isEnding || this.#over.has(this.#keyOf(exchange)),
        takes: (entry) => this.#takes(entry),
        keepsProvisional: words.every !== undefined,
      },
      {
        exchange: (exchange, kind, revision) =>
          this.#guard(() => {
            this.#hasTold = true
            if (kind === 'final') this.#isOver(this.#keyOf(exchange))
            if (isJson) out.write(exchangeJsonLine(exchange, kind, revision))
            else {
              const line = this.#lines.of(exchange, kind === 'final')
              if (line !== null) out.write(`${line}\n`)
            }
          }),
        kdc: (exchange) => this.#guard(() => this.#kdc(exchange, isJson)),
        joined: (exchange) => this.#guard(() => isJson && out.write(windowsJsonLine(exchange))),
      },
    )
  }

  async run(): Promise<void> {
    const undo = this.#listen()
    const noting = setInterval(() => {
      if (this.#hasTold && !this.#isEnding) this.#guard(() => this.#note())
    }, NOTE_MILLIS)
    // from here on it is known how much of the output was there before
    this.#note()
    if (this.#words.once !== true) this.#session.complain(`watch ${this.#folder}: Ctrl-C ends`)
    try {
      const report = await this.#following.follow()
      if (this.#fault !== null) throw this.#fault
      for (const { name, damage } of report.captures)
        if (damage !== null && !this.#goesOn.has(name)) this.#damaged(name, damage)
      this.#end(report)
    } finally {
      clearInterval(noting)
      undo()
    }
  }

  /** What cannot be written ends the watch, and the last note holds. */
  #guard(work: () => unknown): void {
    if (this.#fault !== null) return
    try {
      work()
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    this.#fault = error
    this.#isEnding = true
    this.#files.stop()
  }

  #listen(): () => void {
    const stop = () => {
      if (this.#isStopped) process.exit(EXIT.interrupted)
      this.#isStopped = true
      this.#files.stop()
    }
    const reopen = () =>
      this.#guard(() => {
        this.#note()
        this.#out.reopen()
        this.#note()
      })
    return onSignals({ stop, reopen: this.#out.isFile ? reopen : null })
  }

  #opened(name: string, index: number): void {
    this.#files.opened(name, index)
    const file = this.#files.files[index]!
    const key = fileKey(file)
    this.#keys[index] = key
    this.#keyOfPath.set(name, key)
    if (file.first === null) return
    const { name: known, head, headBytes, first } = file
    this.#begun = [...this.#otherBegun(file), { name: known, head, headBytes, first }].slice(-BEGUN_MAX)
  }

  #known({ name, head }: DoneFile, more: Partial<DoneFile>): void {
    const at = this.#done.findLastIndex((file) => file.name === name && file.head === head)
    if (at >= 0) this.#done[at] = { ...this.#done[at]!, ...more }
  }

  #otherBegun(file: FolderFile): readonly BegunFile[] {
    return this.#begun.filter(({ first }) => first !== file.first)
  }

  /** The same in every watch over these files. */
  #keyOf({ id }: AuthExchange): string {
    const at = id.indexOf('.')
    return `${this.#keys[Number(id.slice(0, at)) - 1] ?? ''}:${id.slice(at + 1)}`
  }

  #keyOfKdc({ uid, capture, frames }: KdcExchange): string {
    return `${this.#keyOfPath.get(capture) ?? ''}:k${frames[0] ?? ''}:${uid.slice(0, 8)}`
  }

  #kdc(exchange: KdcExchange, isJson: boolean): void {
    const key = this.#keyOfKdc(exchange)
    if (this.#isEnding || this.#over.has(key)) return
    this.#hasTold = true
    this.#isOver(key)
    if (isJson) this.#out.write(kdcJsonLine(exchange))
  }

  /** It was told to the end. Without a state nothing is read again, and nothing of it has to be known. */
  #isOver(key: string): void {
    if (this.#words.state !== undefined) this.#over.set(key, this.#stretch.number)
    else this.#counted.delete(key)
  }

  /** Is it part of the present stretch? Files of earlier ones are read again for what goes on alone. */
  #takes(entry: BookEntry): boolean {
    const file = this.#files.files.at(-1)
    if (file?.before && file.before.stretch < this.#stretch.number) return false
    if (entry.kind !== 'exchange' && entry.kind !== 'kdc') return true
    const key = entry.kind === 'exchange' ? this.#keyOf(entry.exchange) : this.#keyOfKdc(entry.exchange)
    const { number } = this.#stretch
    return (this.#counted.get(key) ?? this.#over.get(key) ?? number) === number
  }

  #ended(file: FolderFile, summary: CaptureSummary | null, read: FileRead | null): void {
    this.#following.lookAtAll()
    if (summary?.damage && read !== null) this.#damaged(summary.name, summary.damage)
    if (summary !== null && read === null && this.#words.state !== undefined) this.#goesOn.add(summary.name)
    if (file.before !== null) {
      if (file.before.stretch < this.#stretch.number) this.#following.stretch([])
    } else if (read !== null) {
      const { name, head, headBytes } = file
      this.#done.push({ name, head, headBytes, ...read, stretch: this.#stretch.number })
      this.#begun = this.#otherBegun(file)
    }
    this.#note()
  }

  #damaged(name: string, damage: string): void {
    if (this.#told.has(name)) return
    this.#told.add(name)
    this.#session.unreadable(damage.startsWith(name) ? damage : `${name}: ${damage}`)
  }

  #complainOfLogs({ eventCoverage }: Report): void {
    for (const { name, fault } of eventCoverage?.files ?? []) if (fault !== null) this.#damaged(name, fault)
  }

  readonly #told = new Set<string>()
  /** names of those that the next watch reads again: that the last record is half written says nothing */
  readonly #goesOn = new Set<string>()

  /** There will be no other file: with a state, what is not over is left to the next watch. */
  #allRead(): void {
    this.#following.lookAtAll()
    this.#note()
    if (this.#words.state !== undefined) this.#isEnding = true
  }

  /** A stretch is over when the first packet of the next file is of a later one. */
  async #begins(time: number): Promise<void> {
    const { every } = this.#words
    if (every === undefined) return
    const length = every * 1000
    const begin = Math.floor(time / length) * length
    if (this.#stretch.begin !== null && begin > this.#stretch.begin) {
      // what is not over stands in this report as far as it is known, and in no later one
      const others = this.#following.provisional().filter((exchange) => !this.#counted.has(this.#keyOf(exchange)))
      const report = await this.#following.joinedStretch(others)
      this.#complainOfLogs(report)
      for (const exchange of others) this.#counted.set(this.#keyOf(exchange), this.#stretch.number)
      this.#writeStretch(report)
      this.#stretch = { number: this.#stretch.number + 1, begin }
    } else this.#stretch.begin ??= begin
    this.#note()
  }

  #writeStretch(report: Report): void {
    const { reports, format } = this.#words
    this.#session.complainOfPackets(report.unread)
    const begin = this.#stretch.begin ?? report.coverage.start ?? 0
    const stem = `ntlmscope-${new Date(begin / 1000)
      .toISOString()
      .replace(/\.\d+Z$/, 'Z')
      .replaceAll(/[-:]/g, '')}`
    const path = join(reports!, `${stem}.json`)
    const before = this.#reportBefore(path)
    Out.whole(path, reportJsonText(report))
    if (before !== null)
      Out.whole(join(reports!, `${stem}-changes.txt`), [diffText(diff(before, report), { columns: 100, color: false })])
    this.#lastReport = path
    const facts = this.#compare(report, path)
    if (format === 'ndjson') this.#out.write(stretchJsonLine(facts))
    else {
      const { newPairs, gonePairs, newFindings, goneFindings } = facts
      const words = [
        `${path}: ${plural(report.exchanges.length, 'authentication')}`,
        say`${countText(newPairs.length)} new, ${countText(facts.pairsAgain)} again, ${countText(gonePairs.length)} gone of pairs`,
        say`${countText(newFindings.length)} new, ${countText(facts.findingsAgain)} again, ${countText(goneFindings.length)} gone of findings`,
      ]
      this.#out.write(`${plainSpaces(words.join('; '))}\n`)
    }
  }

  /** null: it is the first, or somebody has taken it away */
  #reportBefore(path: string): Report | null {
    const before = this.#lastReport ?? this.#latestReport(path)
    if (before === null || !existsSync(before)) return null
    try {
      return readSaved(before)
    } catch {
      return null
    }
  }

  /** Of a watch before this one, by the key under which its name is kept. */
  #latestReport(path: string): string | null {
    for (const key of this.#seen.keys())
      if (key.startsWith(REPORT) && key.slice(REPORT.length) !== path) return key.slice(REPORT.length)
    return null
  }

  #compare(report: Report, path: string): StretchFacts {
    const { number } = this.#stretch
    const compare = (kind: string, uids: readonly string[]) => {
      const present = new Set(uids.map((uid) => `${kind}${uid}`))
      const added = [...present].filter((key) => !this.#seen.has(key))
      const gone = [...this.#seen].filter(
        ([key, last]) => key.startsWith(kind) && last === number - 1 && !present.has(key),
      )
      for (const key of present) {
        this.#seen.delete(key)
        this.#seen.set(key, number)
      }
      return {
        added: added.map((key) => key.slice(kind.length)),
        again: present.size - added.length,
        gone: gone.map(([key]) => key.slice(kind.length)),
      }
    }
    const pairs = compare(
      'pair ',
      report.pairs.map(({ uid }) => uid),
    )
    const findings = compare(
      'finding ',
      report.findings.map(({ uid }) => uid),
    )
    for (const key of this.#seen.keys()) if (key.startsWith(REPORT)) this.#seen.delete(key)
    this.#seen.set(`${REPORT}${path}`, number)
    for (const key of this.#seen.keys()) {
      if (this.#seen.size <= SEEN_MAX) break
      this.#seen.delete(key)
    }
    return {
      start: report.coverage.start,
      end: report.coverage.end,
      report: path,
      newPairs: pairs.added,
      pairsAgain: pairs.again,
      gonePairs: pairs.gone,
      newFindings: findings.added,
      findingsAgain: findings.again,
      goneFindings: findings.gone,
    }
  }

  /**
   * How many of the files that are done are read again after a start: all that what goes on rests on, and as many more
   * as the limits allow, since what is known of hosts and tickets is older than that.
   */
  #replay(): number {
    // what they rest on is known when they are read
    const before = this.#files.isReplaying ? this.#replayBefore : 0
    const oldest = this.#following.oldestFrame
    const first = Number.isFinite(oldest) ? this.#files.files[splitFrameKey(oldest).capture] : undefined
    const needed =
      first === undefined
        ? -1
        : this.#done.findLastIndex(({ name, head }) => name === first.name && head === first.head)
    const over = new Map<string, number>()
    for (const key of this.#over.keys()) {
      const file = key.slice(0, key.indexOf(':'))
      over.set(file, (over.get(file) ?? 0) + 1)
    }
    let [replay, bytes, told] = [before, 0, 0]
    for (let at = this.#done.length - 1 - before; at >= 0 && replay < REPLAY_MAX; at--) {
      const file = this.#done[at]!
      bytes += file.size
      told += over.get(fileKey(file)) ?? 0
      const isNeeded = needed >= 0 && at >= needed
      const isPresent = this.#words.every !== undefined && file.stretch === this.#stretch.number
      if (!isNeeded && !isPresent && (bytes > this.#words.lookBack || told > OVER_MAX)) break
      replay++
    }
    return replay
  }

  #note(): void {
    const { state, output } = this.#words
    this.#hasTold = false
    if (state === undefined) return
    this.#out.sync()
    const replay = this.#replay()
    const kept = new Set(this.#done.slice(this.#done.length - replay).map(fileKey))
    // what was told of a file that is not read to its end stands, until it is read again
    for (const file of this.#begun) kept.add(fileKey(file))
    for (const known of [this.#over, this.#counted])
      for (const key of known.keys()) if (!kept.has(key.slice(0, key.indexOf(':')))) known.delete(key)
    const stat = output === undefined ? null : statSync(output)
    writeState(state, {
      schema: WATCH_SCHEMA,
      folder: resolve(this.#folder),
      files: this.#done,
      replay,
      begun: this.#begun,
      over: [...this.#over],
      counted: [...this.#counted],
      told: [...this.#following.revisions.entries()],
      output: stat === null ? null : { inode: stat.ino, bytes: stat.size },
      stretch: this.#stretch,
      seen: [...this.#seen],
    })
  }

  #end(report: Report): void {
    const { state, format, every } = this.#words
    // a stretch says it, and of what is only read again it was said
    if (every === undefined && this.#replayed !== null)
      this.#session.complainOfPackets(packetsSince(report.unread, this.#replayed))
    if (state !== undefined) return
    this.#complainOfLogs(report)
    if (every !== undefined) this.#writeStretch(report)
    if (format === 'ndjson') {
      for (const text of closingJsonLines(report)) this.#out.write(text)
      this.#out.write(endJsonLine(Date.now() * 1000, this.#isStopped ? 'interrupted' : 'all was read'))
    } else
      this.#out.write(`\n${renderText(report, { ...pageWords(this.#session.io, this.#words.output), summary: true })}`)
  }
}

const REPORT = 'report '

function fileKey({ name, head }: Pick<DoneFile, 'name' | 'head'>): string {
  return createHash('sha256').update(`${name}\n${head}`).digest('hex').slice(0, 16)
}
