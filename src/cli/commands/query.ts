/**
 * `ntlmscope query`: named questions, or SQL, to stored facts.
 */
import { type Command, Option } from 'commander'
import { isDay, service, time } from '../../facts/filter.ts'
import { ROW_FORMATS } from '../../output/formats.ts'
import type { RowFormat } from '../../output/stored/rows.ts'
import type { Answerer, Answering } from '../../questions/answerer.ts'
import { QUESTIONS, type Scoped } from '../../questions/catalogue.ts'
import { EXIT } from '../exit.ts'
import { asArgument } from '../options/argument.ts'
import { answererAt, PLACE_HELP, withPlace } from '../options/place.ts'
import type { Session } from '../session.ts'
import { columnsOf, type Io } from '../terminal.ts'

export interface ScopeWords {
  readonly from: string
  readonly since?: number
  readonly until?: number
  readonly tz: string
  readonly client?: readonly string[]
  readonly server?: readonly string[]
  readonly service?: readonly string[]
  readonly sensor?: readonly string[]
}

interface Words extends ScopeWords {
  readonly sql?: string
  readonly policy?: string
  readonly today?: string
  readonly format: RowFormat
  readonly output?: string
}

export function withScope(command: Command): Command {
  const gather = (text: string, before: readonly string[] = []) => [...before, text]
  return command
    .requiredOption('--from <place>', PLACE_HELP)
    .option('--since <time>', 'only what began then or later: ISO 8601 (UTC without a zone)', asArgument(time))
    .option('--until <time>', 'only what began before that', asArgument(time))
    .option('--tz <zone>', 'weeks and times are those of this zone, like Europe/Berlin', 'UTC')
    .option('--client <host>', 'only this client: address, prefix, subnet or name; repeatable', gather)
    .option('--server <host>', 'only this server: address or name; repeatable', gather)
    .option('--service <service>', 'only this service; repeatable', (text: string, before: readonly string[] = []) => [
      ...before,
      asArgument(service)(text),
    ])
    .option('--sensor <name>', 'only what this sensor saw; repeatable', gather)
}

export function registerQuery(top: Command, session: Session): void {
  withScope(top.command('query').argument('[question]', 'one of those below'))
    .description('questions to stored facts: named ones, or SQL')
    .option(
      '--sql <text>',
      'instead of a question: SQL over exchanges, sightings, kdc, findings, conversations, captures',
    )
    .option('--policy <file>', 'for policy-deviations: what is allowed')
    .option('--today <date>', 'the day by which entries of the policy expire (default: today, UTC)')
    .addOption(new Option('-f, --format <format>', 'how to write it').choices(ROW_FORMATS).default('text'))
    .option('-o, --output <file>', 'write there instead of to standard output')
    .addHelpText('after', HELP)
    .action(async (name: string | undefined, words: Words, command: Command) => {
      if ((name === undefined) === (words.sql === undefined)) command.error('error: a question or --sql is needed')
      if (words.today !== undefined && !isDay(words.today)) command.error('error: a day is written as 2026-12-31')
      await withPlace(session, async () => {
        // DuckDB starts in threads of its own while the rest is loaded
        const [engine, { rowsText }] = await Promise.all([
          answererAt(words.from, session),
          import('../../output/stored/rows.ts'),
          import('../../questions/asking.ts'),
        ])
        try {
          const answer = await answerTo(name ?? null, words, engine, session)
          if (answer === null) return
          await session.writeTo(words.output ?? null, async (out) => {
            for await (const piece of rowsText(answer, words.format, pageWidth(session.io)))
              if (typeof piece === 'string') out.write(piece)
              else await out.handOver(piece)
          })
        } finally {
          await engine.close()
        }
      })
    })
}

const HELP = `
Questions:
${QUESTIONS.map(({ name, says }) => `  ${name.padEnd(20)}${says}`).join('\n')}

Where a question speaks of --since as a point in time, it divides before from
since (default: seven days before the newest fact).

Examples:
  ntlmscope query ntlm-hosts --from facts/ --tz Europe/Berlin
  ntlmscope query one-pair --from facts/ --client 10.1.2.33 --server fs01
  ntlmscope query --sql "select sensor, count(*) from exchanges group by 1" --from facts/ --format csv`

async function answerTo(
  name: string | null,
  words: Words,
  engine: Answerer,
  session: Session,
): Promise<Answering | null> {
  const { asking, askingSql } = await import('../../questions/asking.ts')
  const scope = scopeOf(words)
  if (name === null) return askingSql(engine, words.sql!, scope)
  const answer = asking(engine, name, scope, words.policy !== undefined)
  if (words.policy === undefined || name !== 'policy-deviations') return answer
  // the policy is read while the engine works; whoever takes the answer is told what went wrong with it
  answer.catch(() => {})
  const { PolicyError, readPolicyFile } = await import('../../judge/policy.ts')
  const { deviationsIn } = await import('../../run/deviations.ts')
  try {
    const today = words.today ?? new Date().toISOString().slice(0, 10)
    const allow = readPolicyFile(words.policy).allow ?? []
    return deviationsIn(await answer, allow, today)
  } catch (error) {
    await answer
    if (!(error instanceof PolicyError)) throw error
    for (const line of error.lines) session.complain(line)
    session.exitCode = EXIT.unreadable
    return null
  }
}

export function scopeOf(words: ScopeWords): Scoped {
  const { since = null, until = null, client = [], server = [], service: services = [], sensor = [], tz } = words
  return { zone: tz, limits: { since, until, client, server, service: services, sensor } }
}

/** A pipe has no width: rows stay rows. */
export function pageWidth(io: Io): number {
  return io.out.isTTY || io.env.COLUMNS ? columnsOf(io) : PIPE_COLUMNS
}

/** wider than any row */
const PIPE_COLUMNS = 10_000
