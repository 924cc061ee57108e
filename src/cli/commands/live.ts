/**
 * `ntlmscope live`: a capture as it is made. The words of the command line; how it goes on stands in live-session.ts.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { SERVICES } from '../../../decoders/services.ts'
import { hostPattern, serverPattern, service } from '../../facts/filter.ts'
import { EXPECTATION_NAMES, type Expectation, expectationNamed } from '../../judge/expectations.ts'
import { listening } from '../../live/capturing/listen.ts'
import { visible } from '../../output/page/visible.ts'
import { EXIT } from '../exit.ts'
import { asArgument, collect, withKeys } from '../options/argument.ts'
import { type LiveWords, reportFormat } from '../options/live-words.ts'
import { withNames } from '../options/naming.ts'
import type { Session } from '../session.ts'

export function registerLive(top: Command, session: Session): void {
  withKeys(withNames(top.command('live').argument('[source]', '- for a capture on standard input')), session)
    .description('a capture as it is made: every logon at once, and why; the report at its end')
    .option('-i, --interface <name>', 'capture there, with dumpcap or tcpdump')
    .option('--listen <udp:port>', 'take what a switch sends: TZSP 37008, VXLAN 4789, GENEVE 6081; vxlan:9000', listen)
    .option('--interfaces', 'list what can be captured, and if nothing, what to do')
    .addOption(
      new Option('--program <name>', 'with -i: who captures (default: dumpcap where there is one)').choices([
        'dumpcap',
        'tcpdump',
      ]),
    )
    .option('--filter <filter>', 'with -i: a capture filter; KDC and name traffic are added, so that reasons stay')
    .option('-w, --write <folder>', 'keep what is captured there, in files of our own writing')
    .option('--file-size <size>', 'with -w: a file has so many bytes: 500k, 100M, 1G', bytes, 100e6)
    .option('--files <count>', 'with -w: of so many files the oldest goes', count, 10)
    .addOption(new Option('-f, --format <format>', 'how to write it').choices(['text', 'ndjson']).default('text'))
    .option('-o, --output <file>', 'append there instead of writing to standard output; SIGHUP opens it again')
    .option('--report <file>', 'the report at the end: .json, .txt, .csv or .html')
    .option('--for <length>', 'end after 90s, 10m or 2h', length)
    .option('--until-met <names>', `end when the flow does this: ${EXPECTATION_NAMES.join(', ')}`, expectations)
    .option('--client <host>', 'with --until-met: of this client', asArgument(hostPattern))
    .option('--server <host[:port]>', 'with --until-met: to this server', asArgument(serverPattern))
    .option('--service <service>', `with --until-met: of this service: ${SERVICES.join(', ')}`, asArgument(service))
    .option('--device <host>', 'show this host alone, with its card; repeatable', collect(hostPattern))
    .option('--label <text>', 'what is tested: stands in the stream and on the screen')
    .addOption(new Option('--no-previews', 'tell exchanges when they are over, not before').hideHelp())
    .addHelpText('after', HELP)
    .action(async (source: string | undefined, words: LiveWords, command: Command) => {
      const fault = wordsFault(source, words)
      if (fault !== null) command.error(`error: ${fault}`)
      const { live } = await import('../following/live-session.ts')
      await live(session, words)
    })
}

const HELP = `
Examples:
  ntlmscope live -i eth0 --device printer1
  ntlmscope live -i eth0 --device 10.1.2.30 --until-met kerberos,signed --for 10m
  ssh host tcpdump -U --immediate-mode -w - 'not port 22' | ntlmscope live -
  ntlmscope live -i eth0 -w evidence --format ndjson -o /var/log/ntlm.ndjson
  ntlmscope live --listen udp:37008

Ctrl-C ends the capture and reports what was read; a second one ends at once.
On a terminal with -i or --listen: m marks a step, s saves the cards, q ends.
Started as root (sudo), only the capture program stays root: the rest becomes
the user behind sudo, or nobody.

live ends with ${EXIT.ok}, and with --until-met as verify: ${EXIT.ok} seen right, ${EXIT.notMet} seen wrong,
${EXIT.notObserved} not seen in time; ${EXIT.unreadable} where nothing could be captured, or only a part.`

function wordsFault(source: string | undefined, words: LiveWords): string | null {
  if (source !== undefined && source !== '-') return 'live reads - (standard input), -i INTERFACE or --listen udp:PORT'
  const sources = [source, words.interface, words.listen].filter((word) => word !== undefined).length
  if (words.interfaces) return sources === 0 ? null : '--interfaces stands alone'
  if (sources !== 1) return 'one of -, -i INTERFACE and --listen udp:PORT is needed, and only one'
  if (words.interface === undefined && (words.filter ?? words.program) !== undefined)
    return '--filter and --program go with -i'
  const isFlow = [words.client, words.server, words.service].some((word) => word !== undefined)
  if (words.untilMet === undefined && isFlow) return '--client, --server and --service go with --until-met'
  if (words.report !== undefined && reportFormat(words.report) === null)
    return `--report ${words.report}: the name ends in .json, .txt, .csv or .html`
  return null
}

function listen(text: string): LiveWords['listen'] {
  const found = listening(text)
  if (found === null)
    throw new InvalidArgumentError('Expected udp:37008 (TZSP), udp:4789 (VXLAN), udp:6081 (GENEVE), or as tzsp:9000.')
  return { ...found, text }
}

const LENGTH_UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `90s`, `10m`, `2h`, `1d` in milliseconds. */
export function length(text: string): number {
  const [, digits, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? []
  if (unit === undefined) throw new InvalidArgumentError('A length of time is a number with s, m, h or d.')
  return Number(digits) * LENGTH_UNITS[unit]!
}

const SIZE_UNITS: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9 }

/** `500k`, `100M`, `1G` */
export function bytes(text: string): number {
  const [, digits, unit] = /^([1-9]\d{0,8})([kMG])?$/.exec(text) ?? []
  if (digits === undefined) throw new InvalidArgumentError('A size is a number of bytes, or one with k, M or G.')
  return Number(digits) * (unit === undefined ? 1 : SIZE_UNITS[unit]!)
}

function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('A number of files is a whole number from 1 on.')
  return Number(text)
}

function expectations(text: string): readonly Expectation[] {
  return text.split(',').map((word) => {
    const found = expectationNamed(word.trim().toLowerCase())
    if (found === null)
      throw new InvalidArgumentError(visible(`'${word}' is no expectation; they are ${EXPECTATION_NAMES.join(', ')}`))
    return found
  })
}
