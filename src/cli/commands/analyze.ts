/**
 * `ntlmscope analyze`: the report. Ends with 1 where `--fail-on` finds something.
 */
import { mkdirSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { AuthExchange, KdcExchange } from '../../facts/exchange.ts'
import type { Filter } from '../../facts/filter.ts'
import { BELONGINGS, type Belonging, isBelonging } from '../../judge/inventory/belongings.ts'
import type { ExportWords, Piece } from '../../output/export/folder-writer.ts'
import { FOLDER_FORMATS, FORMATS, type FolderFormat, type Format, namesOf, WITHOUT_UIDS } from '../../output/formats.ts'
import { plainSpaces, plural } from '../../output/page/numbers.ts'
import { LISTS, type ListName, TABLES, type Table, type Writer, type WriterWords } from '../../output/writer.ts'
import type { NarrowTo } from '../../report/narrowing/asked.ts'
import type { Report } from '../../report/report.ts'
import type { AnalyzeOptions } from '../../run/analyze.ts'
import { EXIT } from '../exit.ts'
import {
  askedOf,
  CAPTURE_HELP,
  collect,
  type FilterWords,
  filterOf,
  type NarrowWords,
  type ReadWords,
  withEvents,
  withFilters,
  withNarrowing,
  withReading,
} from '../options/argument.ts'
import { type InventoryWords, inventoryOf, withInventory } from '../options/inventory-words.ts'
import { knownNames, type NameWords, withNames } from '../options/naming.ts'
import { asksPage, type PageOptions, pageExtras, withPage } from '../options/page-words.ts'
import { Out } from '../out.ts'
import type { Session } from '../session.ts'
import { pageWords } from '../terminal.ts'
import { version } from '../version.ts'

export interface AnalyzeWords extends NameWords, InventoryWords, ReadWords, FilterWords, NarrowWords, PageOptions {
  readonly format: readonly WantedFormat[]
  readonly table: Table
  readonly by?: ListName | Belonging
  readonly top?: number
  readonly summary?: true
  readonly wide?: true
  readonly bom?: true
  /** seconds; absent: chosen by the capture */
  readonly bucket?: number
  readonly failOn?: readonly string[]
  readonly sensor?: string
  readonly zeekJson?: true
  readonly zeekAll?: true
}

/** One format, and the file that it is written to; null: where `--output` says. */
export interface WantedFormat {
  readonly format: Format | FolderFormat
  readonly file: string | null
}

const ALL_FORMATS: readonly string[] = [...namesOf(FORMATS), ...namesOf(FOLDER_FORMATS)]

export function registerAnalyze(top: Command, session: Session): void {
  const command = withNames(withNarrowing(withFilters(top.command('analyze').argument('<capture...>', CAPTURE_HELP))))
  withInventory(withPage(withEvents(withReading(command, session), session)))
    .description('the report: host pairs with verdicts, findings and what was not visible')
    .option(
      '-f, --format <format>',
      `how to write it: ${ALL_FORMATS.join(', ')}; FORMAT=FILE writes it there: repeatable (default: text)`,
      collectFormat,
    )
    .addOption(new Option('--table <table>', 'what csv prints').choices(TABLES).default('pairs'))
    .addOption(
      new Option('--by <list>', 'text: one list alone, the most NTLM first')
        .choices([...LISTS, ...BELONGINGS])
        .conflicts('summary'),
    )
    .option('--top <count>', 'text, with --by: as many rows (default: 20)', rowCount)
    .option('--summary', 'text: the first screen alone')
    .option('--wide', 'text: tables with all columns, however wide')
    .option('--bom', 'csv: begin with a byte order mark, so that Excel reads names that are not ASCII')
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
    .option('--zeek-all', 'zeek: NEEDED_PREAUTH of MIT and Heimdal KDCs as well, which Zeek leaves out')
    .action((captures: string[], given: AnalyzeWords, command: Command) => {
      const words = { ...given, format: given.format ?? [{ format: 'text', file: null }] }
      const fault = faultOf(words)
      if (fault !== null) command.error(`error: ${fault}`)
      return report(session, captures, filterOf(words, command), words)
    })
}

function collectFormat(word: string, before: readonly WantedFormat[] = []): readonly WantedFormat[] {
  const [, format = '', file] = /^([^=]*)(?:=(.*))?$/s.exec(word) ?? []
  if (!ALL_FORMATS.includes(format))
    throw new InvalidArgumentError(`Allowed choices are ${ALL_FORMATS.join(', ')}; FORMAT=FILE writes it there.`)
  if (file === '') throw new InvalidArgumentError('A file stands after the sign of equality.')
  return [...before, { format: format as WantedFormat['format'], file: file ?? null }]
}

/** What does not go together; null: nothing. */
function faultOf(words: AnalyzeWords): string | null {
  const { format: wanted, output, top, by, summary, bom } = words
  const here = wanted.filter(({ file }) => file === null)
  const folder = here.find(({ format }) => format in FOLDER_FORMATS)
  if (folder !== undefined && output === undefined)
    return `${folder.format} writes several files: name their folder with --output`
  if (here.length > 1)
    return `one format at most goes to ${output ?? 'standard output'}: write --format ${here[1]!.format}=FILE`
  if (output !== undefined && here.length === 0) return 'each --format names its own file: --output has nothing to hold'
  const files = wanted.map(({ file }) => file ?? output ?? null).filter((file) => file !== null)
  const twice = files.find((file, at) => files.findIndex((other) => resolve(other) === resolve(file)) !== at)
  if (twice !== undefined) return `${twice}: two formats cannot have one file`
  if (by !== undefined && isBelonging(by) && words.inventory === undefined)
    return `--by ${by} needs --inventory hosts.csv, which says whose hosts they are`
  if (top !== undefined && by === undefined) return '--top counts the rows of --by'
  if (
    !wanted.some(({ format }) => format === 'text') &&
    (by !== undefined || summary !== undefined || words.wide !== undefined)
  )
    return '--by, --summary and --wide are for text; csv has --table'
  if (bom && !wanted.some(({ format }) => format === 'csv')) return '--bom is for csv'
  if (asksPage(words) && !wanted.some(({ format }) => format === 'html'))
    return '--before, --device, --cover and --tz are for --format html'
  return null
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
  await session.startReading(captures, words.threads ?? null)
  const failOn = words.failOn ?? []
  const gates = failOn.length === 0 ? null : await import('../../judge/fail-on.ts')
  const fault = failOn.map((word) => gates!.gateFault(word)).find((text) => text !== null)
  if (fault !== undefined) {
    session.complain(fault)
    session.exitCode = EXIT.usage
    return
  }
  const known = knownNames(session, words)
  const inventory = await inventoryOf(session, words)
  if (known === null || inventory === undefined) return
  const { isSaved } = await import('../../report/is-saved.ts')
  const asked = askedOf(words)
  const stranger = asked === null ? null : (await import('../../report/narrowing/known.ts')).unknownCodeIn(asked)
  if (stranger !== null) {
    session.complain(stranger)
    session.exitCode = EXIT.usage
    return
  }
  const extras = asksPage(words) ? await pageExtras(session, words, known, asked, filter) : undefined
  if (extras === null) return
  const told = {
    ...(inventory === null ? {} : { inventory }),
    sensor: words.sensor ?? hostname(),
    version: version(),
    ...(extras === undefined ? {} : { extras }),
  }
  const print = async (inputs: readonly string[], listener: Listener) => {
    listener.begin()
    const { exchange: onExchange, kdc: onKdc } = listener
    const options = {
      ...(filter === null ? {} : { filter: known.resolveFilter(filter) }),
      ...(words.bucket === undefined ? {} : { bucketSeconds: words.bucket }),
      uids: words.format.some(({ format }) => !WITHOUT_UIDS.has(format)),
      ...(onExchange ? { onExchange } : {}),
      ...(onKdc ? { onKdc } : {}),
    }
    const report = inputs.some(isSaved)
      ? await reprinted(session, inputs, options, asked)
      : await analyzed(
          session,
          inputs,
          {
            ...options,
            threads: await session.startThreads(inputs, words.threads ?? null),
            isShort: words.format.every(({ format }) => format === 'text'),
          },
          asked,
        )
    listener.end(report)
    if (report.filter.length > 0)
      await sayFilter(
        session,
        report,
        words.format.some(({ format, file }) => format === 'text' && file === null),
      )
    // an input that could not be read weighs more than what is in the others
    const failed = gates?.failing(failOn, report.findings) ?? []
    if (failed.length > 0 && session.exitCode === EXIT.ok) session.exitCode = EXIT.failed
    if (failed.length > 0) {
      const ids = [...new Set(failed.map(({ id }) => id))]
      session.complain(`--fail-on: ${plainSpaces(plural(failed.length, 'finding'))} (${ids.join(', ')})`)
    }
  }
  // what has no file of its own goes where the run writes
  const here = words.format.find(({ file }) => file === null)
  const isFolder = here !== undefined && here.format in FOLDER_FORMATS
  await session.read(
    captures,
    isFolder ? null : (words.output ?? null),
    async (inputs, out) => {
      const files: Out[] = []
      try {
        const listeners: Listener[] = []
        for (const { format, file } of words.format) {
          const place = file ?? words.output ?? null
          if (format in FOLDER_FORMATS) {
            const listener = await toFolder(session, words, format as FolderFormat, place!, told)
            if (listener === null) return
            listeners.push(listener)
            continue
          }
          const to = file === null ? out : Out.file(file, session.inputs)
          if (file !== null) files.push(to)
          listeners.push(toText((await FORMATS[format as Format]())(writerWords(session, words, place, told)), to))
        }
        await print(inputs, together(listeners))
        for (const file of files) file.close()
      } catch (error) {
        for (const file of files) file.discard()
        throw error
      }
    },
    isSaved,
  )
}

function writerWords(session: Session, words: AnalyzeWords, place: string | null, told: Told): WriterWords {
  return {
    ...pageWords(session.io, place),
    table: words.table,
    ...(words.by === undefined ? {} : { by: words.by }),
    ...(words.top === undefined ? {} : { top: words.top }),
    ...(words.summary === undefined ? {} : { summary: words.summary }),
    ...(words.wide === undefined ? {} : { wide: words.wide }),
    ...(words.bom === undefined ? {} : { bom: words.bom }),
    ...told,
  }
}

type Told = ExportWords & Pick<WriterWords, 'extras' | 'inventory'>

type Reading = AnalyzeOptions & { readonly threads: number; readonly isShort: boolean }

/**
 * Verdicts and findings are known when everything was read: what was counted on the way is then counted anew, from the
 * exchanges that the report lists. Where these are not all, files are read once more; what came from a pipe is gone.
 */
async function analyzed(
  session: Session,
  inputs: readonly string[],
  options: Reading,
  asked: NarrowTo | null,
): Promise<Report> {
  if (asked === null) return session.analyze(inputs, options)
  const { Narrowing } = await import('../../report/narrowing/narrow.ts')
  const { onExchange, onKdc, ...first } = options
  const whole = await session.analyze(inputs, first)
  const narrowing = new Narrowing(whole, asked)
  const isReadable = inputs.every((input) => statSync(input, { throwIfNoEntry: false })?.isFile())
  if (!narrowing.isWhole && isReadable && session.exitCode === EXIT.ok)
    return narrowing.report(null, await session.analyze(inputs, { ...options, only: narrowing }, true))
  const report = narrowing.report(options.bucketSeconds ?? null)
  sayCut(session, inputs, report)
  tell(report, options)
  return report
}

/** Each exchange, as if it were read now. */
function tell({ exchanges, kdc }: Report, { onExchange, onKdc }: AnalyzeOptions): void {
  for (const exchange of exchanges) onExchange?.(exchange)
  for (const exchange of kdc) onKdc?.(exchange)
}

function sayCut(session: Session, inputs: readonly string[], { blindSpots }: Report): void {
  for (const { code, count, detail } of blindSpots)
    if (code === 'not-narrowed') session.unreadable(`${inputs.join(' ')}: ${count} ${detail}`)
}

/**
 * A saved report once more, whole or a part of it. A list that was cut when it was saved is said to be, where the
 * format is made of it, or the filter would have to be asked of it.
 */
async function reprinted(
  session: Session,
  inputs: readonly string[],
  options: AnalyzeOptions,
  asked: NarrowTo | null,
): Promise<Report> {
  const saved = await session.reported(inputs)
  const { filter, bucketSeconds = null } = options
  let report = saved
  if (asked !== null || filter !== undefined || bucketSeconds !== null) {
    const { Narrowing } = await import('../../report/narrowing/narrow.ts')
    const { NOTHING_ASKED } = await import('../../report/narrowing/asked.ts')
    // as captures are read: first who is meant, and what is asked about these
    report = new Narrowing(saved, NOTHING_ASKED, filter).report(bucketSeconds)
    if (asked !== null) report = new Narrowing(report, asked).report(bucketSeconds)
    sayCut(session, inputs, report)
  }
  tell(report, options)
  for (const { code, count } of saved.blindSpots) {
    const isCut =
      (code === 'exchanges-not-listed' && options.onExchange) || (code === 'kdc-not-listed' && options.onKdc)
    if (isCut)
      session.unreadable(`${inputs.join(' ')}: ${count} of its exchanges were not saved (${code}): not printed`)
  }
  return report
}

/** Text says it in its first line; who asks about nobody has not been answered. */
async function sayFilter(session: Session, report: Report, isSaid: boolean): Promise<void> {
  const { onlyTexts } = await import('../../output/text/only.ts')
  if (!isSaid) for (const text of onlyTexts(report)) session.complain(plainSpaces(text))
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

function toEach<T>(hearers: readonly ((one: T) => void)[]): ((one: T) => void) | null {
  if (hearers.length === 0) return null
  return (one) => {
    for (const hear of hearers) hear(one)
  }
}

/** Several at once: each hears what it asked for. */
function together(listeners: readonly Listener[]): Listener {
  const [one] = listeners
  if (listeners.length === 1 && one !== undefined) return one
  const exchanges = listeners.flatMap(({ exchange }) => exchange ?? [])
  const kdcs = listeners.flatMap(({ kdc }) => kdc ?? [])
  return {
    begin() {
      for (const listener of listeners) listener.begin()
    },
    exchange: toEach(exchanges),
    kdc: toEach(kdcs),
    end(report) {
      for (const listener of listeners) listener.end(report)
    },
  }
}

/** Each file is made anew. null: the folder cannot be written, and it was said. */
async function toFolder(
  session: Session,
  words: AnalyzeWords,
  format: FolderFormat,
  folder: string,
  told: ExportWords,
): Promise<Listener | null> {
  const files = new Map<string, Out>()
  const make = await FOLDER_FORMATS[format]()
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
