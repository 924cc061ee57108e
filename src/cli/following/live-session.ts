/**
 * A live capture from its beginning to its report: who is told what, keys and signals, how it ends.
 */
import { writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { CaptureError } from '../../capture/open.ts'
import type { AuthExchange, Endpoint } from '../../facts/exchange.ts'
import type { Finding } from '../../findings/finding.ts'
import { deviceCard } from '../../judge/device.ts'
import type { State } from '../../judge/expectations.ts'
import { judgeFlow, worstState } from '../../judge/flow.ts'
import type { KnownNames } from '../../judge/known-names.ts'
import { Following } from '../../live/following.ts'
import { EvidenceError, EvidenceFiles } from '../../live/kept/evidence.ts'
import { memoryKeeper } from '../../memory/heap.ts'
import { cardText } from '../../output/card.ts'
import { FORMATS } from '../../output/formats.ts'
import { clockText, ExchangeLines, findingLine } from '../../output/live/lines.ts'
import {
  closingJsonLines,
  endJsonLine,
  exchangeJsonLine,
  findingJsonLine,
  kdcJsonLine,
  liveJsonLine,
  markJsonLine,
} from '../../output/live/records.ts'
import { screenLines } from '../../output/live/screen.ts'
import type { Report } from '../../report/report.ts'
import type { BookEntry } from '../../run/book.ts'
import { say } from '../../texts/say.ts'
import { EXIT } from '../exit.ts'
import { LogOut } from '../log-out.ts'
import { type LiveWords, reportFormat } from '../options/live-words.ts'
import { knownNames } from '../options/naming.ts'
import { Out, OutputError } from '../out.ts'
import type { Session } from '../session.ts'
import { columnsOf, pageWords } from '../terminal.ts'
import { version } from '../version.ts'
import { END_MILLIS, lessen, listInterfaces, liveSourceOf, makeFolder, only, type Source } from './live-source.ts'
import { onSignals } from './signals.ts'

/** what is under way when somebody asks to end */
const GRACE_MILLIS = 500
/** nothing that came before is left where nothing came for so long; who is behind has so long at most */
const QUIET_MILLIS = 200
const BEHIND_MILLIS = 10_000
const COVERAGE_MILLIS = 60_000
/** a screen is drawn at most so often, and as often as this where nothing happens */
const DRAW_MILLIS = 250
const IDLE_DRAW_MILLIS = 500
const LAST_LINES = 100

export async function live(session: Session, words: LiveWords): Promise<void> {
  if (words.interfaces) return listInterfaces(session)
  const known = knownNames(session, words)
  if (known === null) return
  // what is loaded later may be out of reach of whoever we become
  const makeText = await FORMATS.text()
  const format = words.report === undefined ? null : reportFormat(words.report)
  const makeReport = format === null ? null : await FORMATS[format]()
  const logUpdate = isScreen(session, words) ? (await import('log-update')).createLogUpdate : null
  let source: Source | null = null
  let out: LogOut | null = null
  try {
    if (words.write !== undefined) makeFolder(words.write, session)
    source = await liveSourceOf(session, words)
    if (source === null) return
    lessen(session)
    out = new LogOut(words.output ?? null, session.io.out)
    await new LiveSession(session, words, known, source, out, logUpdate).run(
      (report) =>
        makeText({ ...pageWords(session.io, words.output), ...told(), table: 'pairs', summary: true }).end(report),
      makeReport === null
        ? null
        : (report) => makeReport({ columns: 100, color: false, ...told(), table: 'pairs' }).end(report),
    )
  } catch (error) {
    if (error instanceof OutputError || error instanceof EvidenceError) {
      session.complain(error.message)
      session.exitCode = error instanceof OutputError && error.isPlace ? EXIT.usage : EXIT.unwritable
    } else if (error instanceof CaptureError) session.unreadable(error.message)
    else throw error
  } finally {
    source?.stop()
    out?.close()
  }
}

function told() {
  return { sensor: hostname(), version: version() }
}

function isScreen({ io }: Session, { format, output }: LiveWords): boolean {
  return format === 'text' && output === undefined && io.out.isTTY === true && io.env.TERM !== 'dumb'
}

/** What is said of one exchange after the other, and of the whole at its end. */
class LiveSession {
  readonly #session: Session
  readonly #words: LiveWords
  readonly #known: KnownNames
  readonly #source: Source
  readonly #out: LogOut
  readonly #following: Following
  readonly #evidence: EvidenceFiles | null
  readonly #began = Date.now()
  readonly #lines = new ExchangeLines()
  readonly #last: string[] = []
  readonly #draw: ((text: string) => void) | null
  readonly #drawn: { clear(): void; done(): void } | null
  #drawnAt = 0
  #drawing: NodeJS.Timeout | null = null
  #report: Report | null = null
  #step: string | null = null
  #steps = 0
  #reason: string | null = null
  /** somebody wants it to end */
  #isAsked = false
  #fault: unknown = null

  constructor(
    session: Session,
    words: LiveWords,
    known: KnownNames,
    source: Source,
    out: LogOut,
    createLogUpdate: typeof import('log-update')['createLogUpdate'] | null,
  ) {
    this.#session = session
    this.#words = words
    this.#known = known
    this.#source = source
    this.#out = out
    const drawing = createLogUpdate?.(session.io.out) ?? null
    this.#draw = drawing
    this.#drawn = drawing
    this.#evidence =
      words.write === undefined
        ? null
        : new EvidenceFiles({
            folder: words.write,
            stem: `ntlmscope-${new Date()
              .toISOString()
              .replace(/\.\d+Z$/, 'Z')
              .replaceAll(/[-:]/g, '')}`,
            fileBytes: words.fileSize,
            filesMax: words.files,
            dropped: () => source.dropped(),
            filter: source.filter,
          })
    const isJson = words.format === 'ndjson'
    const looks = (words.device ?? []).length > 0 || words.untilMet !== undefined || this.#draw !== null
    this.#following = new Following(
      {
        succession: this.#evidence ?? only(source),
        previews: words.previews,
        engine: session.engine,
        keys: { keyLogs: session.keyLogs, privateKeys: session.privateKeys, mayGrow: true },
        keytabs: session.keytabs,
        concerns: (entry) => this.#concerns(entry),
        onPause: () => out.room(),
        // what is told all the time is garbage a moment later
        onProgress: memoryKeeper(),
      },
      {
        exchange: (exchange, state, revision) =>
          this.#guard(() => {
            if (isJson) out.write(exchangeJsonLine(exchange, state, revision))
            else this.#tellExchange(exchange, state === 'final')
          }),
        kdc: (exchange) => this.#guard(() => isJson && out.write(kdcJsonLine(exchange))),
        finding: (finding) =>
          this.#guard(() => {
            if (isJson) out.write(findingJsonLine(finding, 'provisional'))
            else this.#tellFinding(finding)
          }),
        ...(looks && { changed: (report: Report) => this.#look(report) }),
      },
    )
  }

  async run(
    summary: (report: Report) => Iterable<string>,
    full: ((report: Report) => Iterable<string>) | null,
  ): Promise<void> {
    const { format, for: forMillis, report: file } = this.#words
    const undo = this.#listen()
    const timers = [
      ...(forMillis === undefined ? [] : [setTimeout(() => this.#end('time is up'), forMillis)]),
      ...(format === 'ndjson' ? [setInterval(() => this.#guard(() => this.#tellCoverage()), COVERAGE_MILLIS)] : []),
      ...(this.#draw === null ? [] : [setInterval(() => this.#drawSoon(), IDLE_DRAW_MILLIS)]),
    ]
    if (format === 'ndjson') this.#tellCoverage()
    else if (this.#draw === null) this.#session.complain(`live ${this.#source.name}: Ctrl-C ends and reports`)
    try {
      const pumping = this.#evidence === null ? Promise.resolve() : this.#pump(this.#evidence)
      let report: Report | null = null
      try {
        report = await this.#following.follow()
      } catch (error) {
        // a program that could not capture says more than the nothing that it gave
        if (!(error instanceof CaptureError)) throw error
        const lines = await this.#source.failure()
        if (lines.length === 0 && !(this.#reason !== null && this.#following.progress.packets === 0)) throw error
        if (lines.length === 0) this.#session.unreadable(`${this.#source.name}: nothing was captured`)
        for (const text of lines) this.#session.unreadable(text)
      }
      await pumping
      if (report === null) {
        this.#drawn?.done()
        return
      }
      if (this.#reason === null) for (const text of await this.#source.failure()) this.#session.unreadable(text)
      this.#session.complainOfPackets(report.unread)
      for (const { name, damage } of report.captures)
        if (damage !== null) this.#session.unreadable(`${name}: ${damage}`)
      this.#judge(report)
      if (format === 'ndjson') {
        for (const text of closingJsonLines(report)) this.#out.write(text)
        this.#out.write(endJsonLine(Date.now() * 1000, this.#reason ?? 'the capture ended'))
      } else {
        for (const finding of this.#following.untold(report)) this.#tellFinding(finding)
        this.#redraw()
        this.#drawn?.done()
        this.#out.write('\n')
        for (const text of summary(report)) this.#out.write(text)
        for (const card of this.#cards(report)) this.#out.write(`\n${card}`)
      }
      if (file !== undefined && full !== null) Out.whole(file, full(report))
      if (this.#fault !== null) throw this.#fault
    } finally {
      for (const timer of [...timers, this.#drawing ?? undefined]) clearInterval(timer)
      undo()
    }
  }

  /** What a child writes goes into the evidence, and from there to whoever reads. */
  async #pump(evidence: EvidenceFiles): Promise<void> {
    try {
      for await (const chunk of this.#source.stream) await evidence.put(chunk as Buffer)
    } catch (error) {
      if (error instanceof EvidenceError) this.#fail(error)
      // a stream that was destroyed because it did not end by itself
      else if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') this.#fail(error)
    } finally {
      await this.#source.closed
      try {
        evidence.end()
      } catch (error) {
        this.#fail(error)
      }
    }
  }

  /** Asks the source to end; the rest follows from that. */
  #end(reason: string): void {
    if (this.#reason !== null) return
    this.#reason = reason
    void this.#wind()
  }

  /** What came before it was asked to end is read first, as long as any comes: a program that ends lets it go. */
  async #wind(): Promise<void> {
    const asked = Date.now() * 1000
    await sleep(GRACE_MILLIS)
    const isHere = this.#source.name !== '-'
    const patience = performance.now() + BEHIND_MILLIS
    const bytes = () => this.#following.progress.bytes
    const comes = (before: number) => bytes() !== before || this.#source.isBehind()
    for (let before = -1; isHere && this.#following.time < asked && comes(before); ) {
      if (performance.now() > patience) {
        const since = clockText(this.#following.time)
        this.#session.unreadable(
          `${this.#source.name}: ended while it was behind: what came since ${since} was not read`,
        )
        break
      }
      before = bytes()
      await sleep(QUIET_MILLIS)
    }
    this.#source.stop()
    // it did not end by itself
    for (let before = -1; bytes() !== before; ) {
      before = bytes()
      await sleep(END_MILLIS, false)
    }
    this.#source.stream.destroy()
  }

  #fail(error: unknown): void {
    this.#fault ??= error
    this.#end('the output cannot be written')
  }

  /** What cannot be written ends the capture; what was read is still reported where it can be. */
  #guard(work: () => unknown): void {
    try {
      if (this.#fault === null) work()
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Signals and keys; what it gives undoes it. */
  #listen(): () => void {
    const stop = () => {
      // the first one, too, comes when it ends already: the time is up, the disk is full
      if (this.#isAsked) process.exit(EXIT.interrupted)
      this.#isAsked = true
      this.#end('interrupted')
    }
    const reopen = () => this.#guard(() => this.#out.reopen())
    const undo = onSignals({ stop, reopen: this.#out.isFile ? reopen : null })
    const keys = this.#hasKeys ? process.stdin : null
    const onKey = (bytes: Buffer) => {
      for (const key of bytes.toString('latin1')) {
        if (key === '\u0003' || key === 'q') stop()
        else if (key === 'm') this.#guard(() => this.#mark())
        else if (key === 's') this.#guard(() => this.#saveCards())
      }
    }
    keys?.setRawMode(true)
    keys?.on('data', onKey)
    return () => {
      undo()
      keys?.off('data', onKey)
      keys?.setRawMode(false)
      keys?.pause()
    }
  }

  get #hasKeys(): boolean {
    return this.#source.name !== '-' && process.stdin.isTTY === true && this.#session.io.out.isTTY === true
  }

  #mark(): void {
    const time = Date.now() * 1000
    this.#step = String(++this.#steps)
    if (this.#words.format === 'ndjson') this.#out.write(markJsonLine(time, this.#step, this.#words.label ?? null))
    else this.#tell(`${clockText(time)}  ${say`--- step ${this.#step} ---`}`)
  }

  /** Beside the evidence, or where we stand. */
  #saveCards(): void {
    const report = this.#following.report()
    const folder = this.#words.write ?? '.'
    const cards = this.#cards(report)
    if (cards.length === 0) {
      this.#tell(say`s saves the card of a --device; none was named`)
      return
    }
    const name = `card-${new Date().toISOString().slice(11, 19).replaceAll(':', '')}-step${this.#steps}.txt`
    const path = join(folder, name)
    try {
      writeFileSync(path, cards.join('\n'), { flag: 'wx' })
      this.#tell(say`saved ${path}`)
    } catch (error) {
      this.#tell(`${path}: cannot be written (${(error as NodeJS.ErrnoException).code})`)
    }
  }

  #cards(report: Report): string[] {
    return (this.#words.device ?? []).map((device) =>
      cardText(deviceCard(report, this.#known.resolve(device), null), pageWords(this.#session.io, this.#words.output)),
    )
  }

  #isShown(ends: readonly (string | null)[]): boolean {
    const devices = this.#words.device ?? []
    if (devices.length === 0) return true
    return devices.some((device) => {
      const known = this.#known.resolve(device)
      return ends.some((ip) => ip !== null && this.#namesOf(ip).some((name) => known.matches({ ip, name })))
    })
  }

  /** Is it what cards and expectations are about? Without a device or a flow expectations are about everything. */
  #concerns(entry: BookEntry): boolean {
    const { client, server, service, device = [], untilMet } = this.#words
    const asked = [client, server?.host, ...device].filter((word) => word !== undefined)
    if (asked.length === 0) return untilMet !== undefined
    if (service !== undefined && entry.kind === 'exchange' && entry.exchange.service !== service) return false
    const hosts = asked.map((word) => this.#known.resolve(word))
    return endsOf(entry).some((end) =>
      hosts.some((host) => host.matches(end) || this.#namesOf(end.ip).some((name) => host.matches({ ...end, name }))),
    )
  }

  /** by which a device may be asked for */
  #namesOf(ip: string): readonly (string | null)[] {
    return [null, ...(this.#report?.hosts.find((host) => host.ip === ip)?.names ?? []).map(({ name }) => name)]
  }

  #tellExchange(exchange: AuthExchange, isFinal: boolean): void {
    const { client, server } = exchange
    const devices = (this.#words.device ?? []).map((device) => this.#known.resolve(device))
    const isOne = devices.some((device) => device.matches(client) || device.matches(server))
    if (!isOne && !this.#isShown([client.ip, server.ip])) return
    const line = this.#lines.of(exchange, isFinal)
    if (line !== null) this.#tell(line)
  }

  #tellFinding(finding: Finding): void {
    if (finding.severity !== 'info' && this.#isShown([finding.client, finding.server])) this.#tell(findingLine(finding))
  }

  #tell(line: string): void {
    if (this.#draw === null) {
      this.#out.write(`${line}\n`)
      return
    }
    this.#last.push(line)
    if (this.#last.length > LAST_LINES) this.#last.shift()
    this.#drawSoon()
  }

  #tellCoverage(): void {
    const { packets, bytes } = this.#following.progress
    const lag = this.#following.lag
    this.#out.write(
      liveJsonLine({
        time: Date.now() * 1000,
        source: this.#source.name,
        label: this.#words.label ?? null,
        packets,
        bytes,
        lagMillis: lag === null ? null : Math.round(lag / 1000),
        evidence: this.#evidence?.paths.at(-1) ?? null,
      }),
    )
  }

  #look(report: Report): void {
    this.#report = report
    this.#drawSoon()
    const { untilMet } = this.#words
    if (untilMet === undefined || this.#reason !== null) return
    const state = this.#stateOf(report)
    if (state === 'met') this.#end('met')
    else if (state === 'not-met') this.#end('not met')
  }

  #stateOf(report: Report): State {
    const { client, server, service, device = [], untilMet } = this.#words
    const base = {
      client: client === undefined ? [] : [this.#known.resolve(client)],
      server: server === undefined ? [] : [this.#known.resolve(server.host)],
      port: server?.port ?? null,
      service: service ?? null,
    }
    const isFlow = [client, server, service].some((word) => word !== undefined)
    if (isFlow || device.length === 0) return judgeFlow(report, base, untilMet!, null).state
    // a device speaks in one role or in both: what it did not do in the other is no doubt
    const states = device.flatMap((one) => {
      const named = this.#known.resolve(one)
      const roles = [
        { ...base, client: [named] },
        { ...base, server: [named] },
      ].map((flow) => judgeFlow(report, flow, untilMet!, null).state)
      const seen = roles.filter((state) => state !== 'not-observed')
      return [seen.length === 0 ? ('not-observed' as const) : worstState(seen)]
    })
    return worstState(states)
  }

  #judge(report: Report): void {
    if (this.#words.untilMet === undefined) return
    const state = this.#stateOf(report)
    const names = this.#words.untilMet.map(({ name }) => name).join(', ')
    const words = { met: 'met', 'not-met': 'not met', 'not-observed': 'not seen' } as const
    this.#session.complain(`${names}: ${words[state]}`)
    this.#session.endsWith(state)
  }

  #drawSoon(): void {
    if (this.#draw === null || this.#drawing !== null) return
    // never at once: whoever found something to draw measures what the finding took
    const left = Math.max(0, this.#drawnAt + DRAW_MILLIS - performance.now())
    this.#drawing = setTimeout(() => this.#redraw(), left)
  }

  #redraw(): void {
    if (this.#draw === null) return
    clearTimeout(this.#drawing ?? undefined)
    this.#drawing = null
    this.#drawnAt = performance.now()
    const { label } = this.#words
    const { io } = this.#session
    const report = this.#report
    const cards =
      report === null
        ? []
        : (this.#words.device ?? []).map((device) => deviceCard(report, this.#known.resolve(device), null))
    const lines = screenLines(
      {
        source: this.#source.name,
        label: label ?? null,
        step: this.#step,
        running: (Date.now() - this.#began) * 1000,
        packets: this.#following.progress.packets,
        lag: this.#following.lag,
        evidence: this.#evidence === null ? null : { files: this.#evidence.paths.length, bytes: this.#evidence.bytes },
        hasKeys: this.#hasKeys,
      },
      cards,
      this.#last,
      { columns: columnsOf(io), rows: io.out.rows || 24, color: pageWords(io, null).color },
    )
    this.#draw(lines.join('\n'))
  }
}

/** `holds`: the program does not end before it */
function sleep(millis: number, holds = true): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, millis)
    if (!holds) timer.unref()
  })
}

function endsOf(entry: BookEntry): readonly Pick<Endpoint, 'ip' | 'name'>[] {
  switch (entry.kind) {
    case 'exchange':
      return [entry.exchange.client, entry.exchange.server]
    case 'kdc':
      return [entry.exchange.client, entry.exchange.kdc]
    case 'context':
      return [entry.note.sender, entry.note.receiver]
    case 'network':
      return [entry.logon.client, entry.logon.server].map((ip) => ({ ip, name: null }))
    case 'ended':
      return entry.ended.rows.flatMap(({ row }) => [row.client, row.server])
  }
}
