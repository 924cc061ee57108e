#!/usr/bin/env node
/**
 * The command line: words in, exit code out. Results go to standard output (or `--output`), everything else to standard error.
 *
 * Nothing is decided here about authentication. What a command needs is loaded when it runs: `--help` and `--version` start without it.
 */
import { closeSync, existsSync, openSync, readFileSync, realpathSync, statSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { type Filter, FilterError, hostPattern, NO_FILTER, SERVICES, service, time } from './filter.ts'
import { visible } from './report/visible.ts'
import { plainSpaces, plural } from './report/words.ts'
import type { Report } from './report.ts'

export const EXIT = { ok: 0, notFound: 1, unreadable: 2, usage: 64, bug: 70, interrupted: 130 } as const

const FORMATS = ['text', 'json', 'ndjson', 'csv'] as const
type Format = (typeof FORMATS)[number]
/** Without a terminal, and where COLUMNS does not say otherwise. */
const COLUMNS_DEFAULT = 100
/** Lines for a pipe are gathered until the program waits for input, or until there are so many characters. */
const GATHERED_MAX = 65_536

const EXAMPLES = `
Examples:
  ntlmscope analyze office.pcapng             who still uses NTLM, and why
  ntlmscope analyze captures/ --format csv    a folder, one row a pair
  ntlmscope show day.pcap --frame 38          one message as a tree
  ntlmscope analyze day.pcap --server fs01 --since 2026-03-02T08:00Z
  tcpdump -U -w - port 445 | ntlmscope analyze -     Ctrl-C ends the reading
  ntlmscope messages day.pcap --host 10.1.0.0/16 |
    jq 'select(.type == "AUTHENTICATE_MESSAGE")'`

const NOTES = `
A capture is a file, a folder, a glob, or - for standard input; pcap or pcapng,
plain or gzip.

Exit codes:
  ${EXIT.ok}    all of the input was read and reported
  ${EXIT.notFound}    show: no authentication message ends in this frame
  ${EXIT.unreadable}    an input could not be read, or only in part; the rest is reported
  ${EXIT.usage}   the command line makes no sense
  ${EXIT.bug}   a bug in ntlmscope`

/** The world around the program, as far as it touches it. */
export interface Io {
  readonly out: NodeJS.WriteStream
  readonly err: NodeJS.WriteStream
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The parts that commands load. */
export interface Parts {
  analyze(): Promise<Pick<typeof import('./analyze.ts'), 'analyze'>>
  captures(): Promise<Pick<typeof import('./capture/open.ts'), 'CaptureError' | 'expandInputs' | 'openCapture'>>
  show(): Promise<Pick<typeof import('./show.ts'), 'show'>>
}

const PARTS: Parts = {
  analyze: () => import('./analyze.ts'),
  captures: () => import('./capture/open.ts'),
  show: () => import('./show.ts'),
}

/** Runs one command line (without the names of node and the program); never throws and never exits. */
export async function run(words: readonly string[], io: Io, parts: Parts = PARTS): Promise<number> {
  const session = new Session(io, parts)
  try {
    await program(io, session).parseAsync(words as string[], { from: 'user' })
    return session.exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    session.complain(bugText(error, io.env))
    return EXIT.bug
  }
}

interface FilterWords {
  readonly host?: Filter['host']
  readonly client?: Filter['client']
  readonly server?: Filter['server']
  readonly service?: Filter['service']
  readonly since?: number
  readonly until?: number
}

function program(io: Io, session: Session): Command {
  const top = new Command('ntlmscope')
    .description(
      'Tells, from packets alone, who still uses NTLM, why Kerberos was not used, and whether what is left could be relayed.',
    )
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => io.err.write(text),
      getOutHelpWidth: () => columnsOf(io),
      getErrHelpWidth: () => columnsOf(io),
    })
    .exitOverride()
    .version(version(), '-V, --version')
    .showHelpAfterError('(see ntlmscope --help)')
    .addHelpText('after', EXAMPLES)
    .addHelpText('afterAll', NOTES)
  withFilters(top.command('analyze').argument('<capture...>', CAPTURE_HELP))
    .description('the report: host pairs with verdicts, findings and what was not visible')
    .addOption(new Option('-f, --format <format>', 'how to write it').choices(FORMATS).default('text'))
    .option('-o, --output <file>', 'write there instead of to standard output')
    .action((captures: string[], words: FilterWords & { format: Format; output?: string }, command) =>
      session.analyze(captures, filterOf(words, command), words.format, words.output ?? null),
    )
  withFilters(top.command('messages').argument('<capture...>', CAPTURE_HELP))
    .description('every decoded authentication message, one JSON object a line')
    .option('-o, --output <file>', 'write there instead of to standard output')
    .action((captures: string[], words: FilterWords & { output?: string }, command: Command) => {
      const patterns = [words.host, words.client, words.server].flatMap((part) => part ?? [])
      const named = patterns.find(({ byName }) => byName)
      if (named) {
        // a name is learnt while a conversation goes on, a message is printed when it is read
        command.error(`error: messages are chosen by address or prefix, not by a name ('${visible(named.text)}')`)
      }
      return session.messages(captures, filterOf(words, command), words.output ?? null)
    })
  top
    .command('show')
    .argument('<capture>', 'one capture file')
    .description('one message as a tree, for whoever doubts a verdict')
    .requiredOption('-n, --frame <number>', 'the frame in which the message ends, as reports name it', frameNumber)
    .action((capture: string, words: { frame: number }) => session.show(capture, words.frame))
  return top
}

const CAPTURE_HELP = 'files, folders, globs, or - for standard input'

function withFilters(command: Command): Command {
  const host = collect(hostPattern)
  return command
    .option('--host <host>', 'only this client or server: address, prefix (10.1.0.0/16) or name; repeatable', host)
    .option('--client <host>', 'only this client; repeatable', host)
    .option('--server <host>', 'only this server; repeatable', host)
    .option('--service <service>', `only this service; repeatable: ${SERVICES.join(', ')}`, collect(service))
    .option(
      '--since <time>',
      'only what began then or later: ISO 8601 (UTC without a zone) or seconds since 1970',
      asArgument(time),
    )
    .option('--until <time>', 'only what began before that', asArgument(time))
}

/** Repeated options gather; a FilterError becomes the usage error of that option. */
function collect<T>(parse: (text: string) => T): (text: string, before?: readonly T[]) => readonly T[] {
  return (text, before = []) => [...before, asArgument(parse)(text)]
}

function asArgument<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text)
    } catch (error) {
      throw error instanceof FilterError ? new InvalidArgumentError(visible(error.message)) : error
    }
  }
}

function frameNumber(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('A frame is a number from 1 on.')
  return Number(text)
}

function filterOf(words: FilterWords, command: Command): Filter | null {
  const { host = [], client = [], server = [], service = [], since, until } = words
  if (since !== undefined && until !== undefined && since >= until) {
    command.error('error: --since is not before --until')
  }
  const filter: Filter = { ...NO_FILTER, host, client, server, service, since: since ?? null, until: until ?? null }
  const anything = [host, client, server, service].some((part) => part.length > 0)
  return anything || filter.since !== null || filter.until !== null ? filter : null
}

/** One run: what it prints, and how it ends. */
class Session {
  readonly #io: Io
  readonly #parts: Parts
  exitCode: number = EXIT.ok

  constructor(io: Io, parts: Parts) {
    this.#io = io
    this.#parts = parts
  }

  complain(line: string): void {
    this.#io.err.write(`ntlmscope: ${visible(line)}\n`)
  }

  async analyze(captures: readonly string[], filter: Filter | null, format: Format, output: string | null) {
    await this.#read(captures, output, async (inputs, out) => {
      const { closingRecords, exchangeRecord, jsonText, reportJsonText } = await import('./report/json.ts')
      const report = await this.#analyze(inputs, {
        ...(filter === null ? {} : { filter }),
        ...(format === 'ndjson' ? { onExchange: (exchange) => out.line(jsonText(exchangeRecord(exchange))) } : {}),
      })
      if (format === 'ndjson') for (const record of closingRecords(report)) out.line(jsonText(record))
      else if (format === 'json') for (const text of reportJsonText(report)) out.write(text)
      else if (format === 'csv') {
        const { pairsCsv } = await import('./report/csv.ts')
        for (const text of pairsCsv(report)) out.write(text)
      } else {
        const { renderText } = await import('./report/text.ts')
        const onTerminal = output === null
        out.write(renderText(report, { columns: columnsOf(this.#io), color: onTerminal && isColorWanted(this.#io) }))
      }
    })
  }

  async messages(captures: readonly string[], filter: Filter | null, output: string | null) {
    await this.#read(captures, output, async (inputs, out) => {
      const { jsonText } = await import('./report/json.ts')
      await this.#analyze(inputs, {
        ...(filter === null ? {} : { filter }),
        onMessage: (line) => out.line(jsonText(line)),
      })
    })
  }

  async show(capture: string, frame: number) {
    const { CaptureError } = await this.#parts.captures()
    const { show } = await this.#parts.show()
    try {
      if (await show(capture, frame, (line) => this.#io.out.write(`${line}\n`))) return
      this.complain(`${capture}: no authentication message ends in frame ${frame}`)
      this.exitCode = EXIT.notFound
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error
      this.#unreadable(error.message)
    }
  }

  /** Which inputs, where to; an input that cannot be read does not keep the others from being reported. */
  async #read(captures: readonly string[], output: string | null, work: (inputs: string[], out: Out) => Promise<void>) {
    const { CaptureError } = await this.#parts.captures()
    const inputs = await this.#inputs(captures)
    if (inputs.length === 0) return
    if (output !== null && inputs.some((input) => resolve(input) === resolve(output))) {
      this.complain(`${output}: is an input, and is not overwritten`)
      this.exitCode = EXIT.usage
      return
    }
    let out: Out
    try {
      out = new Out(output === null ? this.#io.out : openSync(output, 'w'))
    } catch (error) {
      this.complain(`${output}: cannot be written (${(error as NodeJS.ErrnoException).code})`)
      this.exitCode = EXIT.usage
      return
    }
    try {
      await work(inputs, out)
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error
      this.#unreadable(error.message)
    } finally {
      out.close()
    }
  }

  async #inputs(captures: readonly string[]): Promise<string[]> {
    const { CaptureError, expandInputs, openCapture } = await this.#parts.captures()
    const inputs = new Map<string, string>()
    for (const capture of captures) {
      try {
        let skipped = 0
        for (const path of await expandInputs([capture], () => skipped++))
          if (!inputs.has(resolve(path))) inputs.set(resolve(path), path)
        if (skipped > 0) this.complain(`${capture}: left out, no captures: ${plainSpaces(plural(skipped, 'file'))}`)
      } catch (error) {
        if (!(error instanceof CaptureError)) throw error
        this.#unreadable(error.message)
      }
    }
    const readable: string[] = []
    for (const path of inputs.values()) {
      try {
        // a pipe shows what it is only once
        if (statSync(path, { throwIfNoEntry: false })?.isFile()) await (await openCapture(path, 0, 4096)).reader.close()
        readable.push(path)
      } catch (error) {
        if (!(error instanceof CaptureError)) throw error
        this.#unreadable(error.message)
      }
    }
    return readable
  }

  /** Reads with a progress bar; the first interrupt ends the reading, and the rest goes on. */
  async #analyze(
    inputs: readonly string[],
    options: Parameters<typeof import('./analyze.ts').analyze>[1],
  ): Promise<Report> {
    const { analyze } = await this.#parts.analyze()
    const { progressBar } = await import('./report/progress.ts')
    const { memoryKeeper } = await import('./memory.ts')
    const keepMemory = memoryKeeper()
    const bar = progressBar(this.#io.err)
    const stop = new AbortController()
    const onInterrupt = () => {
      if (stop.signal.aborted) process.exit(EXIT.interrupted)
      bar.stop()
      stop.abort()
      this.complain('interrupted: this is about what was read so far')
    }
    process.on('SIGINT', onInterrupt)
    try {
      const report = await analyze(inputs, {
        ...options,
        signal: stop.signal,
        onProgress: (progress) => {
          bar.update(progress)
          keepMemory()
        },
      })
      bar.stop()
      for (const { name, damage } of report.captures) {
        if (damage !== null) this.#unreadable(damage.startsWith(name) ? damage : `${name}: ${damage}`)
      }
      return report
    } finally {
      bar.stop()
      process.off('SIGINT', onInterrupt)
      // a pipe that says nothing more would keep the program waiting
      if (stop.signal.aborted && inputs.includes('-')) process.stdin.destroy()
    }
  }

  #unreadable(line: string): void {
    this.complain(line)
    this.exitCode = EXIT.unreadable
  }
}

/** Standard output, or a file by its descriptor. */
class Out {
  readonly #to: NodeJS.WriteStream | number
  #gathered = ''
  #flush: NodeJS.Immediate | null = null

  constructor(to: NodeJS.WriteStream | number) {
    this.#to = to
  }

  /** Lines come by the thousand while a capture is read, and must not wait while there is nothing to read. */
  line(text: string): void {
    this.write(`${text}\n`)
  }

  write(text: string): void {
    this.#gathered += text
    if (this.#gathered.length >= GATHERED_MAX) this.#send()
    else this.#flush ??= setImmediate(() => this.#send())
  }

  close(): void {
    this.#send()
    if (typeof this.#to === 'number') closeSync(this.#to)
  }

  #send(): void {
    if (this.#flush !== null) clearImmediate(this.#flush)
    this.#flush = null
    const text = this.#gathered
    this.#gathered = ''
    if (text === '') return
    if (typeof this.#to !== 'number') this.#to.write(text)
    else for (let bytes = Buffer.from(text); bytes.length > 0; ) bytes = bytes.subarray(writeSync(this.#to, bytes))
  }
}

function columnsOf({ out, env }: Io): number {
  const asked = Number(env.COLUMNS)
  return Number.isInteger(asked) && asked > 0 ? asked : out.columns || COLUMNS_DEFAULT
}

/** NO_COLOR (no-color.org) wins over FORCE_COLOR, and both over what the terminal can do. */
function isColorWanted({ out, env }: Io): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return out.isTTY === true && env.TERM !== 'dumb'
}

function version(): string {
  // beside src/ while developing, above dist/src/ when built
  for (const up of ['../package.json', '../../package.json']) {
    const file = fileURLToPath(new URL(up, import.meta.url))
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
  }
  return 'unknown'
}

function bugText(error: unknown, env: Io['env']): string {
  const what =
    error instanceof Error ? (env.NTLMSCOPE_DEBUG ? (error.stack ?? error.message) : error.message) : String(error)
  return `bug in ntlmscope: ${what}; please report it with the command line (NTLMSCOPE_DEBUG=1 shows where)`
}

/** Called as the program, and not imported: npm puts a link to this file on the path. */
function isProgram(): boolean {
  const called = process.argv[1]
  return (
    called !== undefined && existsSync(called) && realpathSync(called) === realpathSync(fileURLToPath(import.meta.url))
  )
}

if (isProgram()) {
  // whoever read our output has seen enough (head, less)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.stderr.write(`ntlmscope: standard output: ${error.message}\n`)
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.unreadable)
  })
  process.on('uncaughtException', (error) => {
    process.stderr.write(`ntlmscope: ${visible(bugText(error, process.env))}\n`)
    process.exit(EXIT.bug)
  })
  process.exitCode = await run(process.argv.slice(2), { out: process.stdout, err: process.stderr, env: process.env })
}
