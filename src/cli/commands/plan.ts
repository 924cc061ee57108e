/**
 * `ntlmscope plan`: the road to off, filled from a report.
 */
import { type Command, InvalidArgumentError } from 'commander'
import { isDay } from '../../facts/filter.ts'
import { namesOf, PLAN_FORMATS } from '../../output/formats.ts'
import { EXIT } from '../exit.ts'
import { CAPTURE_HELP, formatOption, type ReadWords, withReading } from '../options/argument.ts'
import { type InventoryWords, inventoryOf, withInventory } from '../options/inventory-words.ts'
import type { Session } from '../session.ts'

interface Words extends ReadWords, InventoryWords {
  readonly start?: string
  readonly from?: string
  readonly format: keyof typeof PLAN_FORMATS
}

export function registerPlan(top: Command, session: Session): void {
  withInventory(withReading(top.command('plan'), session))
    .argument('[capture...]', `${CAPTURE_HELP}; or a saved report`)
    .description(
      'the road to off: stages, places to mend, devices, switches with their numbers, gates, rollback sheets',
    )
    .option('--from <place>', 'instead of captures, stored facts: a folder, or clickhouse://user@host:8123/database')
    .option('--start <date>', 'the day on which it starts: stages get dates', day)
    .addOption(formatOption(namesOf(PLAN_FORMATS)).default('markdown'))
    .addHelpText('after', HELP)
    .action((captures: string[], words: Words, command: Command) => {
      if ((captures.length === 0) === (words.from === undefined)) command.error('error: captures or --from are needed')
      return plan(session, captures, words)
    })
}

const HELP = `
Examples:
  ntlmscope plan week.json --inventory hosts.csv --start 2026-12-01 > plan.md
  ntlmscope plan week/*.pcapng --inventory hosts.csv --format html -o plan.html
  ntlmscope plan --from facts/ --inventory hosts.csv --format csv

Every pair with NTLM stands in one stage (inventory, paths, devices) and one wave of the
inventory, or nobody's. Dates are arithmetic. Gates are commands of this program.
plan ends with ${EXIT.ok}; with ${EXIT.unreadable} where an input could not be read, or only in part.`

async function plan(session: Session, captures: readonly string[], words: Words): Promise<void> {
  const inventory = await inventoryOf(session, words)
  if (inventory === undefined) return
  const { proveFrom } = await import('../options/stored-or-read.ts')
  await proveFrom(session, captures, words, async (report, out) => {
    const { planOf } = await import('../../judge/switching/plan.ts')
    const render = await PLAN_FORMATS[words.format]()
    out.write(render(planOf(report, inventory, words.start ?? null)))
    return 'met'
  })
}

function day(text: string): string {
  if (!isDay(text)) throw new InvalidArgumentError('A day is written as 2026-12-31.')
  return text
}
