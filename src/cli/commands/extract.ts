/**
 * `ntlmscope extract`: the frames that prove something, as a capture that can be handed on: without what could be
 * cracked, and saying the same when it is read again.
 */
import { basename } from 'node:path'
import type { Command } from 'commander'
import type { Service } from '../../../decoders/carrier.ts'
import { SERVICES } from '../../../decoders/services.ts'
import { FilterError, type HostPattern, hostPattern, service } from '../../facts/filter.ts'
import { frameKey } from '../../facts/frames.ts'
import { plural } from '../../output/page/numbers.ts'
import { visible } from '../../output/page/visible.ts'
import type { Extract, Wish } from '../../run/extract.ts'
import { EXIT } from '../exit.ts'
import { asArgument, CAPTURE_HELP, collect, withKeys } from '../options/argument.ts'
import type { Session } from '../session.ts'
import { version } from '../version.ts'

interface Words {
  readonly finding?: string
  readonly pair?: PairWord
  readonly frames?: readonly (readonly FrameWord[])[]
  readonly client?: HostPattern
  readonly server?: HostPattern
  readonly service?: Service
  readonly write?: string
  readonly print?: boolean
}

interface PairWord {
  readonly client: HostPattern
  readonly server: HostPattern
  readonly service: Service
}

/** Frames of one capture; null: of the only one. */
interface FrameWord {
  readonly capture: string | null
  readonly from: number
  readonly to: number
}

export function registerExtract(top: Command, session: Session): void {
  const command = withKeys(top.command('extract'), session)
    .argument('<capture...>', CAPTURE_HELP)
    .description('the frames that prove a finding, as a capture without what could be cracked')
    .option('--finding <id>', 'what it is to prove: a rule (NS-SG-002), or the uid of one finding')
    .option('--pair <client,server,service>', 'or the verdict of a pair', asArgument(pairWord))
    .option(
      '--frames <list>',
      'or these frames: 341,344-352; of several captures NAME:341; repeatable',
      collect(frameList),
    )
    .option('--client <host>', 'with --finding: only those of this client', asArgument(hostPattern))
    .option('--server <host>', 'with --finding: only those of this server', asArgument(hostPattern))
    .option(
      '--service <service>',
      `with --finding: only those of this service: ${SERVICES.join(', ')}`,
      asArgument(service),
    )
    .option('-w, --write <file>', 'write the slice there (pcapng)')
    .option('--print', 'print the filter of Wireshark and the lines of tshark and editcap that show the same frames')
    .addHelpText('after', HELP)
  command.action((captures: string[], words: Words) => {
    const wishes = [words.finding, words.pair, words.frames].filter((word) => word !== undefined)
    if (wishes.length !== 1) command.error('error: say what to prove: one of --finding, --pair and --frames')
    if (words.write === undefined && !words.print) command.error('error: say where to: -w FILE, or --print')
    return extractSlice(session, command, captures, words)
  })
}

const HELP = `
Examples:
  ntlmscope extract day.pcapng --finding NS-FB-002 -w evidence.pcapng
  ntlmscope extract week/ --finding NS-NT-001 --server nas1 -w nas1.pcapng
  ntlmscope extract day.pcapng --pair 10.1.2.3,fs01,smb -w evidence.pcapng --print
  ntlmscope extract day.pcapng --frames 341,344-352 --print

The slice holds whole conversations from their first frame, with comments that say why. Read by
ntlmscope it gives the same finding, verdict and cause. Responses, session keys, cipher text of
Kerberos and passwords are zeros in it; names and addresses stay. docs/extract.md says more.

extract ends with ${EXIT.ok} where the slice says the same again, ${EXIT.notObserved} where it was written and does not (for
instance since keys opened what proves it), ${EXIT.notFound} where there is no such finding, pair or frame.`

function pairWord(text: string): PairWord {
  const parts = text.split(',')
  if (parts.length !== 3) throw new FilterError(`'${text}' is no pair; expected CLIENT,SERVER,SERVICE`)
  return { client: hostPattern(parts[0]!), server: hostPattern(parts[1]!), service: service(parts[2]!) }
}

function frameList(text: string): readonly FrameWord[] {
  return text.split(',').map((part) => {
    const colon = part.lastIndexOf(':')
    const [, from, to] = /^([1-9]\d{0,10})(?:-([1-9]\d{0,10}))?$/.exec(part.slice(colon + 1).trim()) ?? []
    if (from === undefined) throw new FilterError(`'${part}' is no frame; expected a number, or a range as 344-352`)
    const word = { capture: colon < 0 ? null : part.slice(0, colon), from: Number(from), to: Number(to ?? from) }
    if (word.to < word.from || word.to - word.from > FRAMES_MAX)
      throw new FilterError(`'${part}' is no range of frames`)
    return word
  })
}

const FRAMES_MAX = 1_000_000

async function extractSlice(session: Session, command: Command, captures: readonly string[], words: Words) {
  const { spooled } = await import('../spool.ts')
  // captures are read more than once, and standard input comes once
  const spool = captures.includes('-') ? await spooled(session) : null
  if (captures.includes('-') && spool === null) return
  try {
    const named = captures.map((path) => (path === '-' ? spool!.path : path))
    await extractOf(session, command, await session.readable(named), words)
  } finally {
    spool?.remove()
  }
}

async function extractOf(session: Session, command: Command, inputs: readonly string[], words: Words) {
  if (inputs.length === 0) return
  const { CaptureError } = await import('../../capture/open.ts')
  const { expectedOf, extract, rangesOf } = await import('../../run/extract.ts')
  const { SliceError } = await import('../../slice/slice.ts')
  try {
    const wish = wishOf(words, inputs, command)
    const report = await session.analyze(inputs, { threads: await session.startThreads(inputs, null) })
    const expected = expectedOf(report, inputs, wish)
    if (expected === null) {
      session.complain(`there is no such ${wish.kind}: ntlmscope analyze lists what there is`)
      session.exitCode = EXIT.notFound
      return
    }
    const found = await extract(inputs, expected, `ntlmscope ${version()}`)
    if (!isWhole(session, wish, found)) return
    if (words.write !== undefined) await session.writeTo(words.write, (out) => out.octets(found.file))
    if (session.exitCode === EXIT.unwritable || session.exitCode === EXIT.usage) return
    tell(session, words.write ?? null, found)
    if (words.print)
      await session.writeTo(null, (out) => out.write(linesOf(found, inputs, words.write ?? null, rangesOf)))
  } catch (error) {
    if (error instanceof CaptureError) session.unreadable(error.message)
    else if (error instanceof SliceError) {
      session.complain(`nothing is written: ${error.message}`)
      session.exitCode = EXIT.failed
    } else throw error
  }
}

function wishOf(words: Words, inputs: readonly string[], command: Command): Wish {
  if (words.pair !== undefined) return { kind: 'pair', ...words.pair }
  if (words.finding !== undefined) {
    const { finding: id, client = null, server = null, service = null } = words
    return { kind: 'finding', id, client, server, service }
  }
  const frames = (words.frames ?? []).flat().flatMap(({ capture, from, to }) => {
    const named = inputs.filter((path) => capture === null || path === capture || basename(path) === capture)
    if (named.length !== 1) {
      const which =
        capture === null ? `of several captures, name the one: NAME:${from}` : `no capture ${visible(capture)}`
      command.error(`error: --frames: ${which}`)
    }
    return Array.from({ length: to - from + 1 }, (_, index) => ({ capture: named[0]!, frame: from + index }))
  })
  return { kind: 'frames', frames }
}

/** Is there anything to write, and are all frames in it that were asked for? */
function isWhole(session: Session, wish: Wish, { frames, evidence }: Extract): boolean {
  const there = new Set(frames.map(({ capture, frame }) => frameKey(capture, frame)))
  const absent = evidence.filter((key) => !there.has(key)).length
  if (frames.length > 0 && (absent === 0 || wish.kind !== 'frames')) return true
  session.complain(
    frames.length === 0
      ? 'none of these frames is there, or carries TCP or UDP'
      : `${plural(absent, 'frame')} of the list ${absent === 1 ? 'is' : 'are'} not there, or carry neither TCP nor UDP`,
  )
  session.exitCode = EXIT.notFound
  return frames.length > 0
}

/** What became of it, on standard error: standard output is for what was asked. */
function tell(session: Session, file: string | null, { frames, masked, emptied, unmet, leftOut }: Extract): void {
  const { err } = session.io
  if (file !== null) {
    err.write(`${visible(file)}: ${plural(frames.length, 'frame')}, secrets taken out of ${masked}\n`)
  }
  if (emptied > 0)
    session.complain(
      `${plural(emptied, 'frame')} ${emptied === 1 ? 'carries' : 'carry'} zeros alone: nobody can say where in it a secret stands`,
    )
  if (leftOut > 0)
    session.complain(`${plural(leftOut, 'frame')} of these conversations left out: more than a slice holds`)
  if (unmet.length === 0) return
  for (const one of unmet.slice(0, UNMET_MAX)) session.complain(`the slice, read again, does not say: ${one}`)
  if (session.keyLogs.length + session.privateKeys.length + session.keytabs.length > 0)
    session.complain('a slice holds no keys: what they opened is not in it')
  if (unmet.length > UNMET_MAX) session.complain(`and ${unmet.length - UNMET_MAX} more`)
  session.exitCode = session.exitCode === EXIT.ok ? EXIT.notObserved : session.exitCode
}

const UNMET_MAX = 5

/** The same frames for whoever has the captures: filters take no secrets out. */
function linesOf(
  { frames, evidence }: Extract,
  inputs: readonly string[],
  file: string | null,
  rangesOf: (keys: readonly number[]) => Map<number, string[]>,
): string {
  const all = rangesOf(frames.map(({ capture, frame }) => frameKey(capture, frame)))
  const proofs = rangesOf(evidence)
  const lines: string[] = []
  for (const [capture, ranges] of all) {
    const path = inputs[capture]!
    const set = (numbers: readonly string[]) => `frame.number in {${numbers.join(', ').replaceAll('-', '..')}}`
    const slice = file ?? 'evidence.pcapng'
    lines.push(
      `# ${visible(path)}: the evidence, and the conversations that it stands in`,
      `# (what Wireshark, tshark and editcap show or cut holds its secrets)`,
      `display filter: ${set(proofs.get(capture) ?? [])}`,
      `display filter: ${set(ranges)}`,
      `tshark -r ${quoted(path)} -Y '${set(ranges)}'`,
      ...editcapLines(path, inputs.length > 1 ? `${capture + 1}-${basename(slice)}` : `raw-${basename(slice)}`, ranges),
    )
  }
  return `${lines.join('\n')}\n`
}

/** More ranges than editcap takes are cut in parts, which mergecap puts behind each other. */
function editcapLines(path: string, file: string, ranges: readonly string[]): string[] {
  const line = (out: string, some: readonly string[]) => `editcap -r ${quoted(path)} ${quoted(out)} ${some.join(' ')}`
  if (ranges.length <= EDITCAP_RANGES_MAX) return [line(file, ranges)]
  const parts = Array.from({ length: Math.ceil(ranges.length / EDITCAP_RANGES_MAX) }, (_, at) => ({
    name: `part${at + 1}-${file}`,
    ranges: ranges.slice(at * EDITCAP_RANGES_MAX, (at + 1) * EDITCAP_RANGES_MAX),
  }))
  return [
    ...parts.map(({ name, ranges }) => line(name, ranges)),
    `mergecap -a -w ${quoted(file)} ${parts.map(({ name }) => quoted(name)).join(' ')}`,
  ]
}

/** MAX_SELECTIONS of editcap.c: what is behind them it leaves out, and ends with 0 */
const EDITCAP_RANGES_MAX = 512

/** For a shell of POSIX. */
function quoted(path: string): string {
  const text = visible(path)
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
