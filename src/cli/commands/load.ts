/**
 * `ntlmscope load`: captures and saved reports into a place for facts, for months and many sensors.
 */
import { type Command, Option } from 'commander'
import { plural } from '../../output/page/numbers.ts'
import { CAPTURE_HELP, type ReadWords, withReading } from '../options/argument.ts'
import { PLACE_HELP, storeAt, withPlace } from '../options/place.ts'
import type { Session } from '../session.ts'
import { version } from '../version.ts'

interface Words extends ReadWords {
  readonly into: string
  readonly sensor: string
  readonly previous?: string
  readonly final?: true
  readonly subnets?: string
  readonly pseudonyms?: string
  readonly format: 'text' | 'json'
}

export function registerLoad(top: Command, session: Session): void {
  withReading(
    top.command('load').argument('<input...>', `${CAPTURE_HELP}; reports saved as ndjson, or as JSON`),
    session,
  )
    .description('facts for months and many sensors: into a folder of Parquet files, or into ClickHouse')
    .requiredOption('--into <place>', PLACE_HELP)
    .requiredOption('--sensor <name>', 'who saw it: the same name for all files of one tap')
    .option('--previous <file>', 'the file before these: conversations go on in them, and the newest wait for the next')
    .option('--final', 'with --previous: nothing waits, no file follows')
    .option('--subnets <file>', 'prefixes, one a line, each with a name behind it (default: /24 and /64)')
    .option('--pseudonyms <keyfile>', 'no names of people and machines are stored: keyed pseudonyms instead')
    .addOption(
      new Option('-f, --format <format>', 'how to say what was loaded').choices(['text', 'json']).default('text'),
    )
    .addHelpText('after', HELP)
    .action((inputs: string[], words: Words) => withPlace(session, () => loadFacts(session, inputs, words)))
}

const HELP = `
Inputs are known by their bytes: what was loaded is skipped, whatever it is
called. A logon that two taps saw counts once. A load is seen whole or not at all.

Examples:
  ntlmscope load dc1-*.pcap.gz --into facts/ --sensor dc1
  ntlmscope load hour12.pcap --previous hour11.pcap --into facts/ --sensor dc1
  ntlmscope load site-b.ndjson --into clickhouse://loader@ch1:8123/ntlm --sensor b
  (the password of ClickHouse is read from NTLMSCOPE_CLICKHOUSE_PASSWORD)`

async function loadFacts(session: Session, words: readonly string[], asked: Words): Promise<void> {
  const { formOf, load } = await import('../../store/intake.ts')
  const { Nets } = await import('../../store/addresses/nets.ts')
  const { Pseudonyms } = await import('../../store/addresses/pseudonyms.ts')
  const nets = asked.subnets === undefined ? new Nets() : Nets.read(asked.subnets)
  const pseudonyms = asked.pseudonyms === undefined ? null : Pseudonyms.read(asked.pseudonyms)
  const inputs = await session.readable(words, (path) => formOf(path) !== 'capture')
  const previous = asked.previous === undefined ? [] : await session.readable([asked.previous])
  if (inputs.length === 0 || (asked.previous !== undefined && previous.length === 0)) return
  const { memoryKeeper } = await import('../../memory/heap.ts')
  const store = await storeAt(asked.into, session)
  try {
    const loaded = await caught(session, () =>
      load(store, {
        inputs,
        sensor: asked.sensor,
        nets,
        pseudonyms,
        previous: previous[0] ?? null,
        final: asked.final === true,
        version: version(),
        rest: memoryKeeper(),
        read: async (captures, taker) =>
          session.analyze(captures, {
            threads: await session.startThreads(captures, asked.threads ?? null),
            onExchange: (exchange) => taker.exchange(exchange),
            onKdc: (exchange) => taker.kdc(exchange),
            onPause: () => taker.pause(),
          }),
      }),
    )
    if (loaded === null) return
    if (asked.format === 'json') {
      await session.writeTo(asked.output ?? null, (out) =>
        out.line(JSON.stringify({ sensor: asked.sensor, ...loaded })),
      )
      return
    }
    const { read, skipped, heldBack, counts } = loaded
    const parts = [
      `${asked.sensor}: ${plural(read.length, 'input')} read`,
      ...(skipped.length > 0 ? [`${skipped.length} skipped (known by their bytes)`] : []),
      ...(counts === null
        ? []
        : (['exchanges', 'kdc', 'findings', 'conversations', 'turned_away'] as const).flatMap((table) => {
            const { added, replaced, present, twins } = counts[table]
            const more = [
              ...(replaced > 0 ? [`${replaced} replaced`] : []),
              ...(present > 0 ? [`${present} already there`] : []),
              ...(twins > 0 ? [`${twins} also seen by another sensor`] : []),
            ]
            if (table === 'turned_away' && added + replaced + present === 0) return []
            return [`${table} ${added} added${more.map((text) => `, ${text}`).join('')}`]
          })),
      ...(heldBack > 0 ? [`${heldBack} wait for the next file`] : []),
    ]
    await session.writeTo(asked.output ?? null, (out) => out.line(parts.join('; ')))
  } finally {
    await store.close()
  }
}

/** A capture that cannot be read is said, and gives null: nothing was loaded. */
async function caught<T>(session: Session, work: () => Promise<T>): Promise<T | null> {
  const { CaptureError } = await session.parts.captures()
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error
    session.unreadable(error.message)
    return null
  }
}
