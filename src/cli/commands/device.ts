/**
 * `ntlmscope device`: one page about a printer, NAS or server. Ends as `verify` does, by its scorecard.
 */
import { type Command, Option } from 'commander'
import { type HostPattern, hostPattern } from '../../facts/filter.ts'
import { EXIT } from '../exit.ts'
import { columnsOf, isColorWanted, type Session } from '../session.ts'
import { asArgument, PROOF_FORMATS, type ProofFormat, THREADS_HELP, threadCount } from './argument.ts'

interface Words {
  readonly format: ProofFormat
  readonly output?: string
  readonly threads?: number
}

export function registerDevice(top: Command, session: Session, captureHelp: string): void {
  top
    .command('device')
    .argument('<host>', 'the address or the name of a printer, NAS, server...', asArgument(hostPattern))
    .argument('<capture...>', captureHelp)
    .description('the card of one device: what it can and did, as client and as server, and a scorecard')
    .addOption(new Option('-f, --format <format>', 'how to write it').choices(PROOF_FORMATS).default('text'))
    .option('-o, --output <file>', 'write there instead of to standard output')
    .option('--threads <count>', THREADS_HELP, threadCount)
    .addHelpText('after', HELP)
    .action((host: HostPattern, captures: string[], words: Words) => device(session, host, captures, words))
}

const HELP = `
Examples:
  ntlmscope device 10.1.2.30 week/*.pcapng
  ntlmscope device nas1 day.pcap --format markdown

device ends with ${EXIT.ok} where everything on the scorecard passed, ${EXIT.notMet} where something failed,
${EXIT.notObserved} where nothing failed but something was not tested,
${EXIT.unreadable} where an input could not be read, or only in part.`

async function device(session: Session, host: HostPattern, captures: readonly string[], words: Words): Promise<void> {
  const { deviceCard } = await import('../../judge/device.ts')
  await session.prove(captures, words, async (report, out) => {
    const card = deviceCard(report, host)
    const { cardMarkdown, cardText, cardVerification } = await import('../../output/card.ts')
    if (words.format === 'json') out.write(`${(await import('../../output/json.ts')).jsonText(card)}\n`)
    else if (words.format === 'markdown') out.write(cardMarkdown(card))
    else if (words.format === 'junit')
      out.write((await import('../../output/junit.ts')).verificationJunit(cardVerification(card)))
    else
      out.write(
        cardText(card, {
          columns: columnsOf(session.io),
          color: words.output === undefined && isColorWanted(session.io),
        }),
      )
    return card.state
  })
}
