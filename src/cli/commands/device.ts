/**
 * `ntlmscope device`: one page about a printer, NAS or server. Ends as `verify` does, by its scorecard.
 */
import type { Command } from 'commander'
import { type HostPattern, hostPattern } from '../../facts/filter.ts'
import type { DeviceCard } from '../../judge/device.ts'
import { CARD_FORMATS, namesOf } from '../../output/formats.ts'
import type { PageWords } from '../../output/writer.ts'
import { EXIT } from '../exit.ts'
import type { Session } from '../session.ts'
import { pageWords } from '../terminal.ts'
import { asArgument, CAPTURE_HELP, formatOption, type ReadWords, withEvents, withReading } from './argument.ts'
import { knownNames, type NameWords, reportBefore, withBefore, withNames } from './naming.ts'

interface Words extends ReadWords, NameWords {
  readonly before?: string
  readonly format: keyof typeof CARD_FORMATS
}

export function registerDevice(top: Command, session: Session): void {
  withEvents(withReading(withBefore(withNames(top.command('device'))), session), session)
    .argument('<host>', 'the address or the name of a printer, NAS, server...', asArgument(hostPattern))
    .argument('<capture...>', CAPTURE_HELP)
    .description('the card of one device: what it can and did, as client and as server, and a scorecard')
    .addOption(formatOption(namesOf(CARD_FORMATS)))
    .addHelpText('after', HELP)
    .action((host: HostPattern, captures: string[], words: Words) => device(session, host, captures, words))
}

const HELP = `
Examples:
  ntlmscope device 10.1.2.30 week/*.pcapng
  ntlmscope device nas1 day.pcap --format markdown
  ntlmscope device nas1 joined.pcap --before workgroup.pcap

device ends with ${EXIT.ok} where everything on the scorecard passed, ${EXIT.notMet} where something failed,
${EXIT.notObserved} where nothing failed but something was not tested,
${EXIT.unreadable} where an input could not be read, or only in part.`

async function device(session: Session, host: HostPattern, captures: readonly string[], words: Words): Promise<void> {
  const known = knownNames(session, words)
  const before = known === null ? undefined : await reportBefore(session, words.before)
  if (known === null || before === undefined) return
  const { deviceCard } = await import('../../judge/device.ts')
  const { namesLearnt } = await import('../../judge/hosts.ts')
  const device = known.resolve(host)
  await session.prove(captures, words, async (report, out) => {
    if (before !== null) {
      namesLearnt(before, report, known)
      namesLearnt(report, before, known)
    }
    const card = deviceCard(report, device, before)
    const render: (value: DeviceCard, page: PageWords) => string = await CARD_FORMATS[words.format]()
    out.write(render(card, pageWords(session.io, words.output)))
    return card.state
  })
}
