/**
 * `ntlmscope analyze`: the report. Ends with 1 where `--fail-on` finds something.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Filter } from '../../facts/filter.ts'
import { FORMATS, type Format, namesOf } from '../../output/formats.ts'
import { plainSpaces, plural } from '../../output/page/numbers.ts'
import { TABLES, type Table } from '../../output/writer.ts'
import { EXIT } from '../exit.ts'
import type { Session } from '../session.ts'
import { pageWords } from '../terminal.ts'
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

interface Words extends ReadWords, FilterWords {
  readonly format: Format
  readonly table: Table
  /** seconds; absent: chosen by the capture */
  readonly bucket?: number
  readonly failOn?: readonly string[]
}

export function registerAnalyze(top: Command, session: Session): void {
  withEvents(withReading(withFilters(top.command('analyze').argument('<capture...>', CAPTURE_HELP)), session), session)
    .description('the report: host pairs with verdicts, findings and what was not visible')
    .addOption(formatOption(namesOf(FORMATS)))
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
    .action((captures: string[], words: Words, command: Command) =>
      report(session, captures, filterOf(words, command), words),
    )
}

const BUCKET_UNITS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400, w: 604_800 }

/** `15m`, `1h`, `7d` in seconds. */
function bucket(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([mhdw])$/.exec(text) ?? []
  if (unit === undefined) throw new InvalidArgumentError('A length of time is a number with m, h, d or w.')
  return Number(count) * BUCKET_UNITS[unit]!
}

async function report(session: Session, captures: readonly string[], filter: Filter | null, words: Words) {
  const failOn = words.failOn ?? []
  const { failing, gateFault } = await import('../../judge/fail-on.ts')
  const fault = failOn.map(gateFault).find((text) => text !== null)
  if (fault !== undefined) {
    session.complain(fault)
    session.exitCode = EXIT.usage
    return
  }
  await session.read(captures, words.output ?? null, async (inputs, out) => {
    const threads = await session.startThreads(inputs, words.threads ?? null)
    const make = await FORMATS[words.format]()
    const writer = make({ ...pageWords(session.io, words.output), table: words.table })
    out.write(writer.begin?.() ?? '')
    const report = await session.analyze(inputs, {
      threads,
      ...(filter === null ? {} : { filter }),
      ...(words.bucket === undefined ? {} : { bucketSeconds: words.bucket }),
      ...(writer.exchange ? { onExchange: (exchange) => out.write(writer.exchange!(exchange)) } : {}),
    })
    for (const text of writer.end(report)) out.write(text)
    // an input that could not be read weighs more than what is in the others
    const failed = failing(failOn, report.findings)
    if (failed.length > 0 && session.exitCode === EXIT.ok) session.exitCode = EXIT.failed
    if (failed.length > 0) {
      const ids = [...new Set(failed.map(({ id }) => id))]
      session.complain(`--fail-on: ${plainSpaces(plural(failed.length, 'finding'))} (${ids.join(', ')})`)
    }
  })
}
