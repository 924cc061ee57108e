/**
 * The commands and their options. Results go to standard output (or `--output`), everything else to standard error.
 *
 * Nothing is decided here about authentication. What a command needs is loaded when it runs: `--help` starts without
 * it.
 */
import { existsSync } from 'node:fs'
import { Command, CommanderError, type Help, Option } from 'commander'
import { EXIT_WORDS } from '../output/words/endings.ts'
import { LANGUAGES, type Language, languageOf, speak } from '../texts/say.ts'
import { registerAnalyze } from './commands/analyze.ts'
import { registerDemo } from './commands/demo.ts'
import { registerDevice } from './commands/device.ts'
import { registerDevices } from './commands/devices.ts'
import { registerDiff } from './commands/diff.ts'
import { registerExplain } from './commands/explain.ts'
import { registerExtract } from './commands/extract.ts'
import { registerFacts } from './commands/facts.ts'
import { registerLive } from './commands/live.ts'
import { registerLoad } from './commands/load.ts'
import { registerMessages } from './commands/messages.ts'
import { registerPlan } from './commands/plan.ts'
import { registerQuery } from './commands/query.ts'
import { registerShow } from './commands/show.ts'
import { registerSimulate } from './commands/simulate.ts'
import { registerTrend } from './commands/trend.ts'
import { registerVerify } from './commands/verify.ts'
import { registerWatch } from './commands/watch.ts'
import { bugText, EXIT } from './exit.ts'
import { type Parts, Session } from './session.ts'
import type { SpokenHelp } from './spoken-help.ts'
import { columnsOf, type Io } from './terminal.ts'
import { version } from './version.ts'

const EXAMPLES = `
Examples:
  ntlmscope office.pcapng                     who still uses NTLM, and why
  ntlmscope --summary office.pcapng           the first screen alone
  ntlmscope analyze captures/ --format csv    a folder, one row a pair
  ntlmscope show day.pcap --frame 38          one message as a tree
  ntlmscope explain NS-SG-002                 what a finding means, and what to do
  ntlmscope analyze day.pcap --server fs01 --since 2026-03-02T08:00Z
  ntlmscope live -i eth0 --device printer1    while you press scan-to-folder
  ntlmscope watch spool --state watch.state   files as somebody writes them
  tcpdump -U --immediate-mode -w - | ntlmscope -     Ctrl-C ends the reading
  tcpdump -U --immediate-mode -w - | ntlmscope live -     each logon at once
  ntlmscope messages day.pcap --host 10.1.0.0/16 |
    jq 'select(.type == "AUTHENTICATE_MESSAGE")'`

const NOTES = `
A capture is a file, a folder, a glob, or - for standard input; pcap or pcapng,
plain or in gzip, zstd, xz or lz4. ntlmscope [options] CAPTURE... is short for
ntlmscope analyze [options] CAPTURE..., with options before or after.`

/** Width of the terms, and of the words behind them, as the rest of the help has it. */
const CODE_COLUMNS = 5
const WORDS_COLUMNS = 91

/** The exit codes, as `explain` has them. */
function exitCodes(help: Help): string {
  const rows = Object.entries(EXIT_WORDS).map(([code, words]) => {
    const lines = help.boxWrap(words, WORDS_COLUMNS).split('\n')
    return `  ${code.padEnd(CODE_COLUMNS)}${lines.join(`\n${' '.repeat(2 + CODE_COLUMNS)}`)}`
  })
  return `\nExit codes:\n${rows.join('\n')}`
}

const PARTS: Parts = {
  analyze: () => import('../run/analyze.ts'),
  captures: async () => ({ ...(await import('../capture/open.ts')), ...(await import('../capture/inputs.ts')) }),
  show: () => import('../run/show.ts'),
}

/** Runs one command line (without the names of node and the program); never throws and never exits. */
export async function runCommand(words: readonly string[], io: Io, parts: Parts = PARTS): Promise<number> {
  const session = new Session(io, parts)
  await speak('en')
  try {
    const help = await spokenHelp(words, io)
    if (words.length === 0 && io.out.isTTY) {
      io.out.write(help === null ? WELCOME : help.below(WELCOME))
      return EXIT.ok
    }
    const isMeant = !isCommandWord(words[0]) && (isCaptureWord(words[0]) || isOptionOfAnalyze(words))
    const meant = isMeant ? ['analyze', ...words] : words
    const top = program(io, session, meant[0], help)
    if (isMeant) top.commands[0]!.hook('preAction', (_, analyze) => refuseCommandWord(analyze))
    await top.parseAsync(meant as string[], { from: 'user' })
    return session.exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    session.complain(bugText(error, io.env))
    return EXIT.bug
  }
}

/** Where help is asked for, in the language of whoever asks; null: in English, or no help. */
async function spokenHelp(words: readonly string[], io: Io): Promise<SpokenHelp | null> {
  const isAsked = words.length === 0 || words[0] === 'help' || words.some((word) => word === '--help' || word === '-h')
  if (!isAsked) return null
  const at = words.findIndex((word) => word === '--lang' || word.startsWith('--lang='))
  const named = at < 0 ? undefined : (words[at]!.split('=')[1] ?? words[at + 1])
  const language = LANGUAGES.find((one) => one === named) ?? languageOf(io.env)
  if (language === 'en') return null
  await speak(language)
  const { SpokenHelp } = await import('./spoken-help.ts')
  return new SpokenHelp(columnsOf(io))
}

function isCommandWord(word: string | undefined): boolean {
  return word === 'help' || COMMANDS.some(([name]) => name === word)
}

const OWN_OPTIONS: ReadonlySet<string> = new Set(['-h', '--help', '-v', '--version'])

/** An option and no command before it: it is one of `analyze`, or a mistake that `analyze` tells. */
function isOptionOfAnalyze(words: readonly string[]): boolean {
  return words[0]?.startsWith('-') === true && !words.some((word) => OWN_OPTIONS.has(word))
}

/** `--summary verify x.pcap`: what stands where a capture is meant is the name of a command. */
function refuseCommandWord(analyze: Command): void {
  const [captures] = analyze.processedArgs as [readonly string[]]
  const name = captures.find((word) => isCommandWord(word) && !existsSync(word))
  if (name !== undefined) analyze.error(`error: the command comes first: ntlmscope ${name} [options] ...`)
}

/** A word that is no command and names something to read: to analyse it is what everybody means. */
function isCaptureWord(word: string | undefined): boolean {
  if (word === undefined || (word.startsWith('-') && word !== '-')) return false
  return (
    word === '-' || existsSync(word) || /[/\\*?]|\.(pcap|pcapng|cap|dmp|trc|etl|snoop|erf|gz|zst|json)$/i.test(word)
  )
}

/** For whoever types the name alone, on a terminal: twelve lines. */
const WELCOME = `ntlmscope tells, from packets alone, who still uses NTLM, why Kerberos was not
used, and whether what is left could be relayed.

  ntlmscope demo                       the report of a bundled capture
  ntlmscope day.pcapng                 the report of yours (a file, folder, glob)
  ntlmscope live -i eth0               as it happens; Ctrl-C ends and reports
  ntlmscope verify after.pcap --server files1 --expect kerberos
  ntlmscope diff before.pcap after.pcap
  ntlmscope explain RC04               what a cause or finding means, what to do

ntlmscope --help lists all commands; ntlmscope COMMAND --help all its options.
`

/** Whoever pipes a capture and names none is told how; a run without a terminal must not wait for one (cron, ssh). */
const NO_CAPTURE = "missing required argument 'capture'"
const WHAT_CAPTURE = 'a file, a folder, a glob, or - for standard input'

/** Commands that write pages for people; what machines read is the same in every language. */
const FOR_PEOPLE: ReadonlySet<string> = new Set([
  'analyze',
  'demo',
  'verify',
  'device',
  'devices',
  'explain',
  'diff',
  'simulate',
  'plan',
  'live',
  'watch',
  'query',
  'trend',
])

function withLanguage(top: Command, { env }: Io): void {
  for (const command of top.commands.filter((one) => FOR_PEOPLE.has(one.name()))) {
    command
      .addOption(
        new Option(
          '--lang <language>',
          'of what is written for people (default: by LC_ALL, LC_MESSAGES, LANG)',
        ).choices(LANGUAGES),
      )
      .hook('preAction', () => speak(command.opts<{ lang?: Language }>().lang ?? languageOf(env)))
  }
}

/** In the order of the help. */
const COMMANDS: readonly (readonly [string, (top: Command, session: Session) => void])[] = [
  ['analyze', registerAnalyze],
  ['demo', registerDemo],
  ['messages', registerMessages],
  ['show', registerShow],
  ['verify', registerVerify],
  ['device', registerDevice],
  ['devices', registerDevices],
  ['explain', registerExplain],
  ['extract', registerExtract],
  ['diff', registerDiff],
  ['simulate', registerSimulate],
  ['live', registerLive],
  ['watch', registerWatch],
  ['plan', registerPlan],
  ['load', registerLoad],
  ['query', registerQuery],
  ['trend', registerTrend],
  ['facts', registerFacts],
]

/** With the command that is asked for alone, or with all where it is none of them: all are 3 % of a short run. */
function program(io: Io, session: Session, word: string | undefined, help: SpokenHelp | null): Command {
  const top = new Command('ntlmscope')
    .description(
      'Tells, from packets alone, who still uses NTLM, why Kerberos was not used, and whether what is left could be relayed.',
    )
    .usage('[options] <capture...> | <command> ...')
    .configureOutput({
      writeOut: (text) => io.out.write(help === null ? text : help.below(text)),
      writeErr: (text) => io.err.write(text),
      outputError: (text, write) => write(text.replace(NO_CAPTURE, `${NO_CAPTURE}: ${WHAT_CAPTURE}`)),
      getOutHelpWidth: () => columnsOf(io),
      getErrHelpWidth: () => columnsOf(io),
    })
    .configureHelp(help?.overrides ?? {})
    .exitOverride()
    .version(version(), '-v, --version')
    .showHelpAfterError('(see ntlmscope --help)')
    .addHelpText('after', EXAMPLES)
    .addHelpText('afterAll', ({ command }) => `${NOTES}\n${exitCodes(command.createHelp())}`)
  const asked = COMMANDS.find(([name]) => name === word)
  for (const [, register] of asked === undefined ? COMMANDS : [asked]) register(top, session)
  withLanguage(top, io)
  return top
}
