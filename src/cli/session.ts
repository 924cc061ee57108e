/**
 * One run of the program: where it reads, where it writes, how it ends. What each command does stands in
 * src/cli/commands/.
 *
 * Nothing is decided here about authentication. What a command needs is loaded when it runs.
 */
import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, resolve } from 'node:path'
import type { UnreadInput } from '../capture/inputs.ts'
import type { Filter } from '../facts/filter.ts'
import type { State } from '../judge/expectations.ts'
import { plainSpaces, plural } from '../output/page/numbers.ts'
import { visible } from '../output/page/visible.ts'
import type { EngineName } from '../reading/pdu-source.ts'
import type { Report } from '../report/report.ts'
import { packetLines } from '../report/seen/unread.ts'
import type { AnalyzeOptions } from '../run/analyze.ts'
import { EXIT } from './exit.ts'
import { Out, OutputError } from './out.ts'
import type { ProgressBar } from './progress.ts'
import type { Io } from './terminal.ts'

/** The parts that commands load. */
export interface Parts {
  analyze(): Promise<Pick<typeof import('../run/analyze.ts'), 'analyze'>>
  captures(): Promise<
    Pick<typeof import('../capture/open.ts'), 'CaptureError' | 'openCapture'> &
      Pick<typeof import('../capture/inputs.ts'), 'expandInputs'>
  >
  show(): Promise<Pick<typeof import('../run/show.ts'), 'show'>>
}

/** One run: what it prints, and how it ends. */
export class Session {
  readonly io: Io
  readonly parts: Parts
  /** who reads most packets */
  engine: EngineName = 'wasm'
  /** files and folders of Windows logs */
  readonly events: string[] = []
  /** every file that this run was told to read: none is written onto */
  readonly inputs = new Set<string>()
  /** files with keys */
  readonly keyLogs: string[] = []
  readonly privateKeys: string[] = []
  readonly keytabs: string[] = []
  exitCode: number = EXIT.ok
  /** inputs of this run that cannot be read */
  readonly #unread: UnreadInput[] = []

  constructor(io: Io, parts: Parts) {
    this.io = io
    this.parts = parts
  }

  complain(line: string): void {
    this.io.err.write(`ntlmscope: ${visible(line)}\n`)
  }

  /** What contradicts decides how the run ends, then an input that could not be read, then silence. */
  endsWith(state: State): void {
    if (state === 'not-met') this.exitCode = EXIT.notMet
    else if (state === 'not-observed' && this.exitCode === EXIT.ok) this.exitCode = EXIT.notObserved
  }

  /**
   * Judges a report of the captures: what contradicts decides the exit code, then an input that could not be read, then
   * silence.
   */
  async prove(
    captures: readonly string[],
    {
      output = null,
      threads = null,
      isNew = false,
      stored = null,
    }: {
      readonly output?: string | null
      readonly threads?: number | null
      readonly isNew?: boolean
      /** a report that needs no captures */
      readonly stored?: (() => Promise<Report>) | null
    },
    work: (report: Report, out: Out) => Promise<State>,
  ) {
    const prove = async (inputs: readonly string[], out: Out) => {
      const state = await work(await (stored?.() ?? this.reported(inputs, threads)), out)
      this.endsWith(state)
    }
    if (stored !== null) return this.writeTo(output, (out) => prove([], out))
    await this.read(captures, output, prove, (await import('../report/is-saved.ts')).isSaved, isNew)
  }

  /**
   * The report of one capture word, or the saved report that it names; null: nothing could be read, and it was said.
   */
  async reportOf(capture: string, filter: Filter | null = null): Promise<Report | null> {
    let report: Report | null = null
    const reported = async (inputs: readonly string[]) => {
      report =
        filter === null
          ? await this.reported(inputs)
          : await this.analyze(inputs, { filter, threads: await this.startThreads(inputs, null) })
    }
    await this.read([capture], null, reported, (await import('../report/is-saved.ts')).isSaved)
    return report
  }

  /** Of captures, or the saved report that stands for them. */
  async reported(inputs: readonly string[], threads: number | null = null): Promise<Report> {
    const { isSaved } = await import('../report/is-saved.ts')
    const saved = inputs.find(isSaved)
    if (saved === undefined)
      return this.analyze(inputs, { threads: await this.startThreads(inputs, threads), isShort: true })
    const { CaptureError } = await import('../capture/open.ts')
    if (inputs.length > 1)
      throw new CaptureError(`${saved}: a saved report stands for its captures, and is given alone`)
    if (this.events.length > 0)
      throw new CaptureError(
        `${saved}: logs are joined when captures are read; give --events to the analyze that saves`,
      )
    const { readSaved } = await import('../report/saved.ts')
    const report = readSaved(saved)
    for (const { name, reason, isCapture } of report.unread.inputs) if (isCapture) this.unreadable(`${name}: ${reason}`)
    this.#complainOfDamage(report)
    return report
  }

  /** An input that was named and cannot be read: said, and kept for the report. */
  #leaveOut(name: string, message: string): void {
    this.unreadable(message)
    const reason = message.startsWith(`${name}: `) ? message.slice(name.length + 2) : message
    this.#unread.push({ name, reason, isCapture: true })
  }

  #complainOfDamage({ captures, unread, eventCoverage }: Report): void {
    for (const { fault } of eventCoverage?.files ?? []) if (fault !== null) this.unreadable(fault)
    this.complainOfPackets(unread)
    for (const { name, damage } of captures) {
      if (damage !== null) this.unreadable(damage.startsWith(name) ? damage : `${name}: ${damage}`)
    }
  }

  /** Link types, EtherTypes and wrappers that are not read: the report is not about all of its input. */
  complainOfPackets(unread: Parameters<typeof packetLines>[0]): void {
    for (const line of packetLines(unread)) this.unreadable(line)
  }

  /**
   * Which inputs, where to; `isOther`: what need not be a capture. An input that cannot be read does not keep the
   * others from being reported.
   */
  async read(
    captures: readonly string[],
    output: string | null,
    work: (inputs: string[], out: Out) => Promise<void>,
    isOther: (path: string) => boolean = () => false,
    isNew = false,
  ) {
    const { CaptureError } = await this.parts.captures()
    const inputs = await this.readable(captures, isOther)
    if (inputs.length === 0) return
    await this.writeTo(
      output,
      async (out) => {
        try {
          await work(inputs, out)
        } catch (error) {
          if (!(error instanceof CaptureError)) throw error
          // there is no result: what stood in the place of the output stays
          out.discard()
          this.unreadable(error.message)
        }
      },
      isNew,
    )
  }

  /**
   * To a file, or to standard output where it is null. Nothing that this run reads is written onto; `isNew`: nothing at
   * all.
   */
  async writeTo(output: string | null, work: (out: Out) => void | Promise<void>, isNew = false): Promise<void> {
    let out: Out | null = null
    try {
      out = output === null ? new Out(this.io.out) : Out.file(output, this.inputs, isNew)
      await work(out)
      await out.settled()
      out.close()
    } catch (error) {
      // nothing is closed that is written to
      await out?.settled().catch(() => {})
      out?.discard()
      if (!(error instanceof OutputError)) throw error
      this.complain(error.message)
      this.exitCode = error.isPlace ? EXIT.usage : EXIT.unwritable
    }
  }

  /** Which of these words can be read, by their paths; what cannot is said. `isOther`: what need not be a capture. */
  async readable(captures: readonly string[], isOther: (path: string) => boolean = () => false): Promise<string[]> {
    const { CaptureError, expandInputs, openCapture } = await this.parts.captures()
    const inputs = new Map<string, string>()
    for (const word of [...captures, ...this.events]) this.inputs.add(word)
    for (const capture of captures) {
      try {
        const others: string[] = []
        const leftOut = (input: UnreadInput) => {
          this.#unread.push(input)
          if (input.isCapture) this.unreadable(`${input.name}: ${input.reason}`)
          else others.push(basename(input.name))
        }
        for (const path of await expandInputs([capture], leftOut))
          if (!inputs.has(resolve(path))) inputs.set(resolve(path), path)
        for (const path of inputs.values()) this.inputs.add(path)
        if (others.length > 0) this.complain(`${capture}: left out, no captures: ${leftOutText(others)}`)
      } catch (error) {
        if (!(error instanceof CaptureError)) throw error
        this.#leaveOut(capture, error.message)
      }
    }
    const readable: string[] = []
    for (const path of inputs.values()) {
      try {
        // a pipe shows what it is only once
        if (statSync(path, { throwIfNoEntry: false })?.isFile() && !isOther(path))
          await (await openCapture(path, 0, 4096)).reader.close()
        readable.push(path)
      } catch (error) {
        if (!(error instanceof CaptureError)) throw error
        this.#leaveOut(path, error.message)
      }
    }
    return readable
  }

  /**
   * How many threads read, `asked` or as many as pay; a second one starts at once, while this one loads what it needs.
   */
  async startThreads(inputs: readonly string[], asked: number | null): Promise<number> {
    const threads = asked ?? usualThreads(inputs)
    if (threads > 1) (await import('../reading/reading-thread.ts')).startEarly()
    return threads
  }

  /** The same before the words are looked at: what is a large file will be read. */
  async startReading(words: readonly string[], asked: number | null): Promise<void> {
    const files = words.filter((word) => statSync(word, { throwIfNoEntry: false })?.isFile())
    if (files.length > 0) await this.startThreads(files, asked)
  }

  /**
   * Reads (`isAgain`: once more) with a progress bar; the first interrupt ends the reading, and the rest goes on.
   * `isShort`: little is made of the report.
   */
  async analyze(
    inputs: readonly string[],
    { isShort = false, ...options }: AnalyzeOptions & { readonly isShort?: boolean },
    isAgain = false,
  ): Promise<Report> {
    const { analyze } = await this.parts.analyze()
    const { compileLess, compileNoMore, memoryKeeper } = await import('../memory/heap.ts')
    compileLess()
    const keepMemory = memoryKeeper()
    const bar = await this.#progressBar()
    const stop = new AbortController()
    const onInterrupt = () => {
      if (stop.signal.aborted) process.exit(EXIT.interrupted)
      bar.stop()
      stop.abort()
      this.complain('interrupted: this is about what was read so far')
      // not all of the input was read
      this.exitCode = EXIT.unreadable
    }
    for (const signal of STOPS) process.on(signal, onInterrupt)
    try {
      const report = await analyze(inputs, {
        ...options,
        engine: this.engine,
        events: this.events,
        unread: this.#unread.splice(0),
        keys: { keyLogs: this.keyLogs, privateKeys: this.privateKeys, mayGrow: inputs.includes('-') },
        keytabs: this.keytabs,
        signal: stop.signal,
        ...(isShort ? { onRead: compileNoMore } : {}),
        onProgress: (progress) => bar.update(progress),
        // with each chunk, also of those that come when nothing is read any more: all that is open ends there
        onPause: () => {
          keepMemory()
          return options.onPause?.() ?? null
        },
      })
      bar.stop()
      // what is damaged was said when it was read first
      if (!isAgain) this.#complainOfDamage(report)
      return report
    } finally {
      bar.stop()
      for (const signal of STOPS) process.off(signal, onInterrupt)
      // a pipe that says nothing more would keep the program waiting
      if (stop.signal.aborted && inputs.includes('-')) process.stdin.destroy()
    }
  }

  /** The bar is loaded for terminals only. */
  async #progressBar(): Promise<ProgressBar> {
    if (!this.io.err.isTTY) return { update() {}, stop() {} }
    return (await import('./progress.ts')).progressBar(this.io.err)
  }

  unreadable(line: string): void {
    this.complain(line)
    this.exitCode = EXIT.unreadable
  }
}

/** `2 files (notes.txt, readme.md)` */
function leftOutText(names: readonly string[]): string {
  const rest = names.length - LEFT_OUT_NAMED
  const more = rest > 0 ? ` and ${rest} more` : ''
  return `${plainSpaces(plural(names.length, 'file'))} (${names.slice(0, LEFT_OUT_NAMED).join(', ')}${more})`
}

const LEFT_OUT_NAMED = 5

/** Ctrl-C, `timeout` and systemd, a terminal that closes: each ends the reading, and what was read is reported. */
const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * With less than this to read one thread is sooner done: a second one compiles its own copy of the code. On two cores,
 * with one thread and with two: 50 MB of the mixes 0.96 and 1.11 s (span port), 1.63 and 1.97 (domain controller); 100
 * MB 2.1 and 2.2; 200 MB 2.4 and 2.5, 5.7 and 5.0. What has no size may be large.
 */
const THREADED_BYTES_MIN = 128e6
/** One that reads, one that understands and one that decodes; a fourth costs memory, and is there for who asks. */
const USUAL_THREADS_MAX = 3

/** No more than there are cores: a third one with two takes 4 % more processor time, and nobody waits less. */
function usualThreads(inputs: readonly string[]): number {
  const cores = availableParallelism()
  if (cores < 2) return 1
  let bytes = 0
  for (const input of inputs) {
    const stat = input === '-' ? null : statSync(input, { throwIfNoEntry: false })
    bytes += stat?.isFile() ? stat.size : THREADED_BYTES_MIN
  }
  return bytes < THREADED_BYTES_MIN ? 1 : Math.min(cores, USUAL_THREADS_MAX)
}
