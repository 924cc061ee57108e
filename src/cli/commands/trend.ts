/**
 * `ntlmscope trend`: how the migration goes, from stored facts; or what moved since the last run. Ends with 1 where
 * something got worse.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { time } from '../../facts/filter.ts'
import { FORMATS, namesOf, TREND_FORMATS } from '../../output/formats.ts'
import type { Answerer } from '../../questions/answerer.ts'
import { type Bucket, type Standing, TREND_BUCKETS, type Trend } from '../../questions/trend.ts'
import { EXIT } from '../exit.ts'
import { asArgument, formatOption } from '../options/argument.ts'
import { answererAt, withPlace } from '../options/place.ts'
import type { Session } from '../session.ts'
import { version } from '../version.ts'
import { pageWidth, type ScopeWords, scopeOf, withScope } from './query.ts'

interface Words extends ScopeWords {
  readonly bucket: Bucket
  readonly against?: number
  readonly sinceRun?: string
  readonly onlyNew?: true
  readonly format: keyof typeof TREND_FORMATS | 'html'
  readonly output?: string
}

export function registerTrend(top: Command, session: Session): void {
  withScope(top.command('trend'))
    .description('the migration over time: share of hosts with NTLM, Kerberos success, what is new, regressed, gone')
    .addOption(new Option('--bucket <length>', 'a row for each').choices(TREND_BUCKETS).default('week'))
    .option(
      '--against <time>',
      'new and gone since then (default: seven days before the newest fact)',
      asArgument(time),
    )
    .option('--since-run <file>', 'what moved since the run that wrote this file; it is written anew')
    .option('--only-new', 'with --since-run: what stands as before is counted, not listed')
    .addOption(formatOption([...namesOf(TREND_FORMATS), 'html']))
    .option('-o, --output <file>', 'write there instead of to standard output')
    .addHelpText('after', HELP)
    .action(async (words: Words, command: Command) => {
      if (words.format === 'html' && words.sinceRun !== undefined)
        command.error('error: --format html is a page of its own, without --since-run')
      if (words.onlyNew && words.sinceRun === undefined) command.error('error: --only-new goes with --since-run')
      await withPlace(session, () => (words.sinceRun === undefined ? trend(session, words) : moved(session, words)))
    })
}

const HELP = `
trend ends with ${EXIT.failed} where a pair regressed, with --since-run where something is new.

Examples:
  ntlmscope trend --from facts/ --tz Europe/Berlin --format markdown
  ntlmscope trend --from facts/ --only-new --since-run last.json    for a daily mail
  ntlmscope trend --from facts/ --format html -o page.html          the page`

async function trend(session: Session, words: Words): Promise<void> {
  const { trendOf } = await import('../../questions/trend.ts')
  const answerer = await answererAt(words.from, session)
  try {
    const scope = scopeOf(words)
    const all = words.format === 'html' ? { ...scope, limits: { ...scope.limits, since: null } } : scope
    const found = await trendOf(answerer, all, words.bucket, words.against ?? null)
    if (words.format === 'html') {
      const page = await pageOf(answerer, words, found)
      await session.writeTo(words.output ?? null, (out) => out.write(page))
      if (found.regressed.length > 0) session.exitCode = EXIT.failed
      return
    }
    const render = await TREND_FORMATS[words.format]()
    await session.writeTo(words.output ?? null, (out) => {
      for (const text of render(found, { columns: pageWidth(session.io) })) out.write(text)
    })
    if (found.regressed.length > 0) session.exitCode = EXIT.failed
  } finally {
    await answerer.close()
  }
}

/** The page of `analyze --format html`, of what is stored of the asked time; its trend is of everything. */
async function pageOf(answerer: Answerer, words: Words, trend: Trend): Promise<string> {
  const { storedReport } = await import('../../run/stored-report.ts')
  const scope = scopeOf(words)
  const report = await storedReport(answerer, scope)
  const zone = scope.zone === 'UTC' ? {} : { zone: scope.zone }
  const writer = (await FORMATS.html())({ version: version(), extras: () => ({ trend, ...zone }) })
  return [...writer.end(report)].join('')
}

async function moved(session: Session, words: Words): Promise<void> {
  const { movedSince, standing } = await import('../../questions/trend.ts')
  const { movedText } = await import('../../output/stored/trend.ts')
  const file = words.sinceRun!
  const before = readRun(file)
  if (before === null) {
    session.complain(`${file}: was not written by ntlmscope trend --since-run, and is not overwritten`)
    session.exitCode = EXIT.usage
    return
  }
  const answerer = await answererAt(words.from, session)
  try {
    const now = await standing(answerer, scopeOf(words))
    const found = movedSince(before, now)
    await session.writeTo(words.output ?? null, (out) =>
      out.write(words.format === 'json' ? `${JSON.stringify(found)}\n` : movedText(found, words.onlyNew === true)),
    )
    // whole or not at all: the next run relies on it
    writeFileSync(`${file}.tmp`, `${JSON.stringify({ schema: RUN_SCHEMA, standing: now })}\n`)
    renameSync(`${file}.tmp`, file)
    if (found.fresh.length > 0) session.exitCode = EXIT.failed
  } finally {
    await answerer.close()
  }
}

const RUN_SCHEMA = 'ntlmscope-run-1'

/** The first run has nothing before it. null: something else is there. */
function readRun(file: string): readonly Standing[] | null {
  if (!existsSync(file)) return []
  try {
    const { schema, standing } = JSON.parse(readFileSync(file, 'utf8')) as { schema?: string; standing?: Standing[] }
    return schema === RUN_SCHEMA && Array.isArray(standing) ? standing : null
  } catch {
    return null
  }
}
