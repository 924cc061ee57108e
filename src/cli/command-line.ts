/**
 * The commands and their options. Results go to standard output (or `--output`), everything else to standard error.
 *
 * Nothing is decided here about authentication. What a command needs is loaded when it runs: `--help` starts without it.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { type Filter, hostPattern, NO_FILTER, SERVICES, service, time } from '../facts/filter.ts'
import { visible } from '../output/page/visible.ts'
import { asArgument, THREADS_HELP, threadCount } from './commands/argument.ts'
import { registerDevice } from './commands/device.ts'
import { registerDiff } from './commands/diff.ts'
import { addExplain } from './commands/explain.ts'
import { registerVerify } from './commands/verify.ts'
import { bugText, EXIT } from './exit.ts'
import { type CsvTable, columnsOf, FORMATS, type Format, type Io, type Parts, Session, TABLES } from './session.ts'
import { version } from './version.ts'

const EXAMPLES = `
Examples:
  ntlmscope analyze office.pcapng             who still uses NTLM, and why
  ntlmscope analyze captures/ --format csv    a folder, one row a pair
  ntlmscope show day.pcap --frame 38          one message as a tree
  ntlmscope explain NS-SG-002                 what a finding means, and what to do
  ntlmscope analyze day.pcap --server fs01 --since 2026-03-02T08:00Z
  tcpdump -U -w - port 445 | ntlmscope analyze -     Ctrl-C ends the reading
  ntlmscope messages day.pcap --host 10.1.0.0/16 |
    jq 'select(.type == "AUTHENTICATE_MESSAGE")'`

const NOTES = `
A capture is a file, a folder, a glob, or - for standard input; pcap or pcapng,
plain or gzip.

Exit codes:
  ${EXIT.ok}    all of the input was read and reported
  ${EXIT.notFound}    analyze --fail-on: there are such findings; verify: not met; diff: worse; show: no
        authentication message ends in this frame; explain: nothing has that name
  ${EXIT.unreadable}    an input could not be read, or only in part; the rest is reported
  ${EXIT.notObserved}    verify: nothing contradicts, but something was not observed
  ${EXIT.usage}   the command line makes no sense
  ${EXIT.bug}   a bug in ntlmscope`

const PARTS: Parts = {
  analyze: () => import('../run/analyze.ts'),
  captures: () => import('../capture/open.ts'),
  show: () => import('../run/show.ts'),
}

/** Runs one command line (without the names of node and the program); never throws and never exits. */
export async function runCommand(words: readonly string[], io: Io, parts: Parts = PARTS): Promise<number> {
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

interface ReadWords extends FilterWords {
  readonly output?: string
  readonly threads?: number
}

interface ReportWords extends ReadWords {
  readonly format: Format
  readonly table: CsvTable
  readonly bucket?: number
  readonly failOn?: readonly string[]
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
    .option('--threads <count>', THREADS_HELP, threadCount)
    .addOption(new Option('--table <table>', 'what csv prints').choices(TABLES).default('pairs'))
    .option(
      '--bucket <length>',
      'figures for stretches of time: 15m, 1h, 1d, 7d (default: chosen by the capture)',
      bucket,
    )
    .option(
      '--fail-on <finding>',
      'exit with 1 where there is such a finding: a severity (and above) or an id; repeatable',
      collect(String),
    )
    .action((captures: string[], words: ReportWords, command) =>
      session.analyze(captures, filterOf(words, command), {
        format: words.format,
        output: words.output ?? null,
        table: words.table,
        bucketSeconds: words.bucket ?? null,
        failOn: words.failOn ?? [],
        threads: words.threads ?? null,
      }),
    )
  withFilters(top.command('messages').argument('<capture...>', CAPTURE_HELP))
    .description('every decoded authentication message, one JSON object a line')
    .option('-o, --output <file>', 'write there instead of to standard output')
    .option('--threads <count>', THREADS_HELP, threadCount)
    .action((captures: string[], words: ReadWords, command: Command) => {
      const patterns = [words.host, words.client, words.server].flatMap((part) => part ?? [])
      const named = patterns.find(({ byName }) => byName)
      if (named) {
        // a name is learnt while a conversation goes on, a message is printed when it is read
        command.error(`error: messages are chosen by address or prefix, not by a name ('${visible(named.text)}')`)
      }
      return session.messages(captures, filterOf(words, command), words.output ?? null, words.threads ?? null)
    })
  top
    .command('show')
    .argument('<capture>', 'one capture file')
    .description('one message as a tree, for whoever doubts a verdict')
    .requiredOption('-n, --frame <number>', 'the frame in which the message ends, as reports name it', frameNumber)
    .action((capture: string, words: { frame: number }) => session.show(capture, words.frame))
  registerVerify(top, session, CAPTURE_HELP)
  registerDevice(top, session, CAPTURE_HELP)
  addExplain(top, session)
  registerDiff(top, session)
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

function frameNumber(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('A frame is a number from 1 on.')
  return Number(text)
}

const BUCKET_UNITS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400, w: 604_800 }

/** `15m`, `1h`, `7d` in seconds. */
function bucket(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([mhdw])$/.exec(text) ?? []
  if (unit === undefined) throw new InvalidArgumentError('A length of time is a number with m, h, d or w.')
  return Number(count) * BUCKET_UNITS[unit]!
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
