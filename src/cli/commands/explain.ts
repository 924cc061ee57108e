/**
 * `ntlmscope explain [ID]`: the page of whatever is printed as a name; without one, all of them. `explain --pair
 * CLIENT,SERVER CAPTURE`: how the logons of a pair were judged, step by step.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type HostPattern, hostPattern, service } from '../../facts/filter.ts'
import { EXIT } from '../exit.ts'
import { asArgument, type ReadWords, withEvents, withReading } from '../options/argument.ts'
import type { Session } from '../session.ts'
import { columnsOf, pageWords } from '../terminal.ts'

interface Words extends ReadWords {
  readonly format: 'text' | 'markdown'
  readonly pair?: AskedPair
  readonly exchange?: string
}

interface AskedPair {
  readonly text: string
  readonly client: HostPattern
  readonly server: HostPattern
  /** null: any */
  readonly service: string | null
}

export function registerExplain(top: Command, session: Session): void {
  withEvents(withReading(top.command('explain'), session), session)
    .argument(
      '[id or capture...]',
      'a finding (NS-SG-002), cause (RC04), blind spot (tls), expectation, column, exit code...; without one: all; with --pair or --exchange: captures, or a saved report',
    )
    .description('what anything that is printed means, and what to do; why a logon was judged so')
    .addOption(
      new Option('-f, --format <format>', 'markdown: the whole catalogue')
        .choices(['text', 'markdown'])
        .default('text'),
    )
    .option('--pair <client,server[,service]>', 'how the logons of this pair were judged', askedPair)
    .addOption(new Option('--exchange <id>', 'how this one was judged (id of an exchange in JSON)').conflicts('pair'))
    .addHelpText('after', HELP)
    .action(async (given: string[], words: Words, command: Command) => {
      const isWhy = words.pair !== undefined || words.exchange !== undefined
      if (isWhy && given.length === 0) command.error('error: --pair and --exchange need captures, or a saved report')
      if (isWhy && words.format !== 'text') command.error('error: --pair and --exchange are told as text')
      if (!isWhy && given.length > 1) command.error('error: one name at a time; captures go with --pair or --exchange')
      if (isWhy) await why(session, given, words)
      else await page(session, given[0], words.format)
    })
}

const HELP = `
Examples:
  ntlmscope explain RC04
  ntlmscope explain tls
  ntlmscope explain --pair 10.1.2.33,files1,smb day.pcapng
  ntlmscope explain --exchange 1.227 saved.json

explain ends with ${EXIT.ok}, with ${EXIT.notFound} where nothing has that name, with ${EXIT.notObserved} where the
captures hold no such logon, with ${EXIT.unreadable} where an input could not be read, or only in part.`

async function page(session: Session, id: string | undefined, format: Words['format']): Promise<void> {
  const { catalogueMarkdown, listText, nearest, pageText } = await import('../../output/explain.ts')
  const columns = columnsOf(session.io)
  if (id === undefined) {
    session.io.out.write(format === 'markdown' ? catalogueMarkdown() : listText(columns))
    return
  }
  const found = pageText(id, columns)
  if (found !== null) {
    session.io.out.write(found)
    return
  }
  const near = nearest(id)
  session.complain(
    `${id}: nothing has that name${near.length > 0 ? `; near: ${near.join(', ')}` : ''} (ntlmscope explain lists all)`,
  )
  session.exitCode = EXIT.notFound
}

/** Of captures, or of a saved report, which lists as many exchanges as it was saved with. */
async function why(session: Session, captures: readonly string[], words: Words): Promise<void> {
  const { whyText } = await import('../../output/text/why.ts')
  const { hostsOf } = await import('../../judge/hosts.ts')
  await session.prove(captures, words, async (report, out) => {
    const hosts = hostsOf(report)
    const { pair } = words
    const isAsked = (one: { readonly service: string }) => pair?.service == null || one.service === pair.service
    const ends = pair === undefined ? null : ([[pair.client], [pair.server]] as const).map(hosts.addressesOf)
    const pairs = ends === null ? [] : hosts.pairs.of(ends[0]!, ends[1]!).filter(isAsked)
    const exchanges =
      ends === null
        ? report.exchanges.filter(({ id }) => id === words.exchange)
        : hosts.exchanges.of(ends[0]!, ends[1]!).filter(isAsked)
    if (exchanges.length === 0) {
      const cut = hosts.isListed ? '' : '; the report does not list every one of them: give the captures'
      session.complain(`no authentication of ${pair?.text ?? words.exchange} is in ${captures.join(', ')}${cut}`)
      return 'not-observed'
    }
    out.write(whyText(report, pairs, exchanges, pageWords(session.io, words.output)))
    return 'met'
  })
}

function askedPair(text: string): AskedPair {
  const [client, server, asked, ...more] = text.split(',')
  if (!client || !server || more.length > 0)
    throw new InvalidArgumentError('A pair is written as client,server or client,server,service.')
  return {
    text,
    client: asArgument(hostPattern)(client),
    server: asArgument(hostPattern)(server),
    service: asked === undefined ? null : asArgument(service)(asked),
  }
}
