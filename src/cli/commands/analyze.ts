/**
 * `ntlmscope analyze`: the report. Ends with 1 where `--fail-on` finds something.
 */
import { mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { AuthExchange, KdcExchange } from '../../facts/exchange.ts'
import type { Filter } from '../../facts/filter.ts'
import type { ExportWords, Piece } from '../../output/export/folder-writer.ts'
import { FOLDER_FORMATS, FORMATS, type FolderFormat, type Format, namesOf } from '../../output/formats.ts'
import { plainSpaces, plural } from '../../output/page/numbers.ts'
import { LISTS, type ListName, TABLES, type Table, type Writer } from '../../output/writer.ts'
import type { Report } from '../../report/report.ts'
import type { AnalyzeOptions } from '../../run/analyze.ts'
import { EXIT } from '../exit.ts'
import { Out } from '../out.ts'
import type { Session } from '../session.ts'
import { pageWords } from '../terminal.ts'
import { version } from '../version.ts'
import {
  CAPTURE_HELP,
  collect,
  type FilterWords,
  filterOf,
  formatOption,
  type ReadWords,
  withEvents,
  withFilters,
  withReading,
} from './argument.ts'
import { knownNames, type NameWords, withNames } from './naming.ts'

export interface AnalyzeWords extends NameWords, ReadWords, FilterWords {
  readonly format: Format | FolderFormat
  readonly table: Table
  readonly by?: ListName
  readonly top?: number
  readonly summary?: true
  /** seconds; absent: chosen by the capture */
  readonly bucket?: number
  readonly failOn?: readonly string[]
  readonly sensor?: string
  readonly zeekJson?: true
  readonly zeekAll?: true
}

export function registerAnalyze(top: Command, session: Session): void {
  const command = withNames(withFilters(top.command('analyze').argument('<capture...>', CAPTURE_HELP)))
  withEvents(withReading(command, session), session)
    .description('the report: host pairs with verdicts, findings and what was not visible')
    .addOption(formatOption([...namesOf(FORMATS), ...namesOf(FOLDER_FORMATS)]))
    .addOption(new Option('--table <table>', 'what csv prints').choices(TABLES).default('pairs'))
    .addOption(
      new Option('--by <list>', 'text: one list alone, the most NTLM first').choices(LISTS).conflicts('summary'),
    )
    .option('--top <count>', 'text, with --by: as many rows (default: 20)', rowCount)
    .option('--summary', 'text: the first screen alone')
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
    .option('--sensor <name>', 'who saw it, for ecs, ocsf, prometheus and zeek (default: the name of this host)')
    .option('--zeek-json', 'zeek: JSON lines instead of tab-separated values')
    .option('--zeek-all', 'zeek: KDC_ERR_PREAUTH_REQUIRED as well, which Zeek leaves out')
    .action((captures: string[], words: AnalyzeWords, command: Command) => {
      if (words.format in FOLDER_FORMATS && words.output === undefined)
        command.error(`error: ${words.format} writes several files: name their folder with --output`)
      if (words.top !== undefined && words.by === undefined) command.error('error: --top counts the rows of --by')
      if (words.format !== 'text' && (words.by !== undefined || words.summary !== undefined))
        command.error('error: --by and --summary are for text; csv has --table')
      return report(session, captures, filterOf(words, command), words)
    })
}

const BUCKET_UNITS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400, w: 604_800 }

function rowCount(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('A number of rows is a whole number from 1 on.')
  return Number(text)
}

/** `15m`, `1h`, `7d` in seconds. */
function bucket(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([mhdw])$/.exec(text) ?? []
  if (unit === undefined) throw new InvalidArgumentError('A length of time is a number with m, h, d or w.')
  return Number(count) * BUCKET_UNITS[unit]!
}

/** Also the run of `demo`. */
export async function report(
  session: Session,
  captures: readonly string[],
  filter: Filter | null,
  words: AnalyzeWords,
) {
  const failOn = words.failOn ?? []
  const { failing, gateFault } = await import('../../judge/fail-on.ts')
  const fault = failOn.map(gateFault).find((text) => text !== null)
  if (fault !== undefined) {
    session.complain(fault)
    session.exitCode = EXIT.usage
    return
  }
  const known = knownNames(session, words)
  if (known === null) return
  const isFolder = words.format in FOLDER_FORMATS
  const { isSaved } = await import('../../report/is-saved.ts')
  const print = async (inputs: readonly string[], out: Out) => {
    const isReprint = inputs.some(isSaved)
    const threads = isReprint ? 1 : await session.startThreads(inputs, words.threads ?? null)
    const told = { sensor: words.sensor ?? hostname(), version: version() }
    const listener = isFolder
      ? await toFolder(session, words, told)
      : toText(
          (await FORMATS[words.format as Format]())({
            ...pageWords(session.io, words.output),
            table: words.table,
            ...(words.by === undefined ? {} : { by: words.by }),
            ...(words.top === undefined ? {} : { top: words.top }),
            ...(words.summary === undefined ? {} : { summary: words.summary }),
            ...told,
          }),
          out,
        )
    if (listener === null) return
    listener.begin()
    const { exchange: onExchange, kdc: onKdc } = listener
    const options = {
      threads,
      ...(filter === null ? {} : { filter: known.resolveFilter(filter) }),
      ...(words.bucket === undefined ? {} : { bucketSeconds: words.bucket }),
      ...(onExchange ? { onExchange } : {}),
      ...(onKdc ? { onKdc } : {}),
    }
    const report = isReprint ? await reprinted(session, inputs, options) : await session.analyze(inputs, options)
    listener.end(report)
    if (report.filter.length > 0) await sayFilter(session, report, words.format)
    // an input that could not be read weighs more than what is in the others
    const failed = failing(failOn, report.findings)
    if (failed.length > 0 && session.exitCode === EXIT.ok) session.exitCode = EXIT.failed
    if (failed.length > 0) {
      const ids = [...new Set(failed.map(({ id }) => id))]
      session.complain(`--fail-on: ${plainSpaces(plural(failed.length, 'finding'))} (${ids.join(', ')})`)
    }
  }
  await session.read(captures, isFolder ? null : (words.output ?? null), print, isSaved)
}

/**
 * A saved report once more. It is what it was saved as: what would be counted anew needs the captures. A list that was
 * cut when it was saved is said to be, where the format is made of it.
 */
async function reprinted(session: Session, inputs: readonly string[], options: AnalyzeOptions): Promise<Report> {
  const { CaptureError } = await import('../../capture/open.ts')
  if (options.filter !== undefined || options.bucketSeconds !== undefined)
    throw new CaptureError(
      `${inputs.join(' ')}: a saved report is reprinted whole; filters and --bucket need the captures`,
    )
  const report = await session.reported(inputs)
  for (const exchange of report.exchanges) options.onExchange?.(exchange)
  for (const exchange of report.kdc) options.onKdc?.(exchange)
  for (const { code, count } of report.blindSpots) {
    const isCut =
      (code === 'exchanges-not-listed' && options.onExchange) || (code === 'kdc-not-listed' && options.onKdc)
    if (isCut)
      session.unreadable(`${inputs.join(' ')}: ${count} of its exchanges were not saved (${code}): not printed`)
  }
  return report
}

/** Text says it in its first line; who asks about nobody has not been answered. */
async function sayFilter(session: Session, report: Report, format: string): Promise<void> {
  const { onlyTexts } = await import('../../output/text/only.ts')
  if (format !== 'text') for (const text of onlyTexts(report)) session.complain(plainSpaces(text))
  if (session.exitCode === EXIT.ok && (report.unfiltered?.unmatched.length ?? 0) > 0)
    session.exitCode = EXIT.notObserved
}

/** Who is told what a run finds, as it finds it. */
interface Listener {
  begin(): void
  readonly exchange: ((exchange: AuthExchange) => void) | null
  readonly kdc: ((exchange: KdcExchange) => void) | null
  end(report: Report): void
}

function toText(writer: Writer, out: Out): Listener {
  return {
    begin: () => out.write(writer.begin?.() ?? ''),
    exchange: writer.exchange ? (exchange) => out.write(writer.exchange!(exchange)) : null,
    kdc: writer.kdc ? (exchange) => out.write(writer.kdc!(exchange)) : null,
    end(report) {
      for (const text of writer.end(report)) out.write(text)
    },
  }
}

/** Each file is made anew. null: the folder cannot be written, and it was said. */
async function toFolder(session: Session, words: AnalyzeWords, told: ExportWords): Promise<Listener | null> {
  const folder = words.output!
  const files = new Map<string, Out>()
  const make = await FOLDER_FORMATS[words.format as FolderFormat]()
  const writer = make({ ...told, json: words.zeekJson === true, all: words.zeekAll === true, now: Date.now })
  const write = (pieces: Iterable<Piece>) => {
    for (const { file, text } of pieces) {
      let out = files.get(file)
      if (out === undefined) {
        out = Out.file(join(folder, file), session.inputs)
        files.set(file, out)
      }
      out.write(text)
    }
  }
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    session.complain(`${folder}: cannot be written (${(error as NodeJS.ErrnoException).code})`)
    session.exitCode = EXIT.usage
    return null
  }
  return {
    begin() {},
    exchange: (exchange) => write(writer.exchange(exchange)),
    kdc: (exchange) => write(writer.kdc(exchange)),
    end(report) {
      write(writer.end(report))
      for (const out of files.values()) out.close()
    },
  }
}
