/**
 * `ntlmscope facts`: is a place of facts in order, and keeping it so.
 */
import { type Command, InvalidArgumentError } from 'commander'
import { EXIT } from '../exit.ts'
import { isServer, PLACE_HELP, withPlace } from '../options/place.ts'
import type { Session } from '../session.ts'

interface Words {
  readonly from?: string
  readonly check?: true
  readonly compact?: true
  readonly keep?: number
  readonly schema?: string | true
  readonly cluster?: string
}

export function registerFacts(top: Command, session: Session): void {
  top
    .command('facts')
    .description('stored facts: are they in order; merge small files; forget what is old; the schema')
    .option('--from <place>', PLACE_HELP)
    .option('--check', 'count, read every file, take away what killed loads left')
    .option('--compact', 'the files of each day into one')
    .option('--keep <days>', 'forget days that are older: 400d', days)
    .option('--schema [form]', 'print it: columns (default), or clickhouse for its statements')
    .option('--cluster <name>', 'with --schema clickhouse: Distributed tables of this cluster')
    .addHelpText('after', HELP)
    .action(async (words: Words, command: Command) => {
      const asked = [words.check, words.compact, words.keep, words.schema].filter((word) => word !== undefined)
      if (asked.length !== 1) command.error('error: one of --check, --compact, --keep and --schema is needed')
      if (words.schema === undefined && words.from === undefined)
        command.error("error: required option '--from <place>'")
      await withPlace(session, () =>
        words.schema === undefined ? keepUp(session, words) : schema(session, words, command),
      )
    })
}

const HELP = `
All of it may run while others load and ask.

Examples:
  ntlmscope facts --from facts/ --check
  ntlmscope facts --from facts/ --keep 400d
  ntlmscope facts --schema clickhouse --cluster two`

function days(text: string): number {
  const [, count] = /^([1-9]\d{0,4})d$/.exec(text) ?? []
  if (count === undefined) throw new InvalidArgumentError('A number of days is written as 400d.')
  return Number(count)
}

async function schema(session: Session, words: Words, command: Command): Promise<void> {
  if (words.schema === 'clickhouse') {
    const { schemaStatements } = await import('../../questions/clickhouse.ts')
    for (const statement of schemaStatements('ntlm', words.cluster ?? null)) session.io.out.write(`${statement};\n\n`)
    return
  }
  if (words.schema !== true && words.schema !== 'columns') command.error("error: --schema is 'columns' or 'clickhouse'")
  const { COLUMNS, FACT_TABLES, FACTS_SCHEMA } = await import('../../store/tables.ts')
  session.io.out.write(`${FACTS_SCHEMA}\n`)
  for (const table of FACT_TABLES)
    for (const { name, kind, nullable } of COLUMNS[table])
      session.io.out.write(`${table}\t${name}\t${kind}\t${nullable ? 'null' : 'not null'}\n`)
}

async function keepUp(session: Session, words: Words): Promise<void> {
  const place = words.from!
  const say = (text: string) => session.io.out.write(`${text}\n`)
  if (isServer(place)) {
    const { ClickHouse } = await import('../../questions/clickhouse.ts')
    const server = await ClickHouse.open(place, session.io.env, { make: false })
    try {
      if (words.check) say(await server.check())
      else if (words.compact) say(await server.compact())
      else say(await server.keep(words.keep!))
    } finally {
      await server.close()
    }
    return
  }
  const { Folder } = await import('../../store/folder.ts')
  const { check, compact, forget } = await import('../../store/upkeep.ts')
  const folder = Folder.open(place)
  if (words.check) {
    const { loads, files, rows, bytes, running, removed, foreign, damaged } = await check(folder)
    const counts = Object.entries(rows).map(([table, count]) => `${table} ${count}`)
    say(`${loads} loads, ${files} files, ${bytes} bytes; rows: ${counts.join(', ')}`)
    for (const load of running) say(`under way: ${load}`)
    if (removed.length > 0) say(`removed, of loads that never ended: ${removed.length} files`)
    for (const file of foreign) say(`of no load, left alone: ${file}`)
    for (const line of damaged) session.complain(line)
    if (damaged.length > 0) session.exitCode = EXIT.unreadable
  } else if (words.compact) {
    const { before, after } = await compact(folder)
    say(`${before} files before, ${after} after`)
  } else {
    const { days: gone, files } = await forget(folder, (Date.now() - words.keep! * 86_400_000) * 1000)
    say(`${gone} days forgotten, ${files} files`)
  }
}
