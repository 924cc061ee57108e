/**
 * `ntlmscope device`: one page about a printer, NAS or server. Ends as `verify` does, by its scorecard.
 */
import type { Command } from 'commander'
import { type HostPattern, hostPattern } from '../../facts/filter.ts'
import type { DeviceCard } from '../../judge/device.ts'
import type { Comparison } from '../../judge/devices/compare.ts'
import type { Profile } from '../../judge/devices/profile.ts'
import { CARD_FORMATS, COMPARISON_FORMATS, namesOf } from '../../output/formats.ts'
import type { PageWords } from '../../output/writer.ts'
import { EXIT } from '../exit.ts'
import {
  asArgument,
  CAPTURE_HELP,
  collect,
  formatOption,
  type ReadWords,
  withEvents,
  withReading,
} from '../options/argument.ts'
import { knownNames, type NameWords, reportBefore, withBefore, withNames } from '../options/naming.ts'
import type { Session } from '../session.ts'
import { pageWords } from '../terminal.ts'

interface Words extends ReadWords, NameWords {
  readonly before?: string
  readonly profile?: string
  readonly label?: readonly string[]
  readonly compare?: readonly string[]
  readonly format: keyof typeof CARD_FORMATS | keyof typeof COMPARISON_FORMATS
}

const CARDS_MAX = 8

export function registerDevice(top: Command, session: Session): void {
  withEvents(withReading(withBefore(withNames(top.command('device'))), session), session)
    .argument('[host]', 'the address or the name of a printer, NAS, server...', asArgument(hostPattern))
    .argument('[capture...]', CAPTURE_HELP)
    .description('the card of one device: what it can and did, as client and as server, and a scorecard')
    .option(
      '--profile <profile>',
      'how it stands against requirements, with clauses for a tender: procurement, domain-member, workgroup-exception or a file',
    )
    .option('--compare <card...>', 'cards saved by device --format json, side by side: an update, or two models')
    .option('--label <text>', 'what the card is called; with --compare one for each card, repeatable', collect(String))
    .addOption(formatOption([...new Set([...namesOf(CARD_FORMATS), ...namesOf(COMPARISON_FORMATS)])]))
    .addHelpText('after', HELP)
    .action((host: HostPattern | undefined, captures: string[], words: Words, command: Command) => {
      const fault = faultOf(host, captures, words)
      if (fault !== null) command.error(`error: ${fault}`)
      return words.compare === undefined
        ? device(session, host!, captures, words)
        : compare(session, words.compare, words)
    })
}

const HELP = `
Examples:
  ntlmscope device 10.1.2.30 week/*.pcapng
  ntlmscope device nas1 day.pcap --format markdown
  ntlmscope device nas1 joined.pcap --before workgroup.pcap
  ntlmscope device nas1 trial.pcap --profile procurement --format markdown
  ntlmscope device nas1 old.pcap --format json --label 'firmware 6' -o old.json
  ntlmscope device --compare old.json new.json

device ends with ${EXIT.ok} where everything on the scorecard (of --profile: every requirement)
passed, ${EXIT.notMet} where something failed, ${EXIT.notObserved} where nothing failed but something was not tested,
${EXIT.unreadable} where an input could not be read, or only in part.
--compare ends with ${EXIT.notMet} where the last card is worse than the first, ${EXIT.notObserved} where
nothing is worse but something was not tested in one of them.`

/** What does not go together; null: nothing. */
function faultOf(host: HostPattern | undefined, captures: readonly string[], words: Words): string | null {
  const { compare: cards, format, label = [], profile, before } = words
  if (cards === undefined) {
    if (host === undefined) return "missing required argument 'host'"
    if (captures.length === 0) return "missing required argument 'capture'"
    if (!(format in CARD_FORMATS)) return `${format} is a format of --compare`
    return label.length > 1 ? 'a card has one label' : null
  }
  if (host !== undefined || captures.length > 0 || profile !== undefined || before !== undefined)
    return '--compare reads saved cards alone: no host, captures, --profile or --before'
  if (cards.length < 2 || cards.length > CARDS_MAX) return `--compare takes two to ${CARDS_MAX} cards`
  if (!(format in COMPARISON_FORMATS)) return `${format} is no format of --compare`
  return label.length > cards.length ? 'there are more labels than cards' : null
}

async function device(session: Session, host: HostPattern, captures: readonly string[], words: Words): Promise<void> {
  const asked = await profileWord(session, words.profile)
  if (asked === undefined) return
  const known = knownNames(session, words)
  const before = known === null ? undefined : await reportBefore(session, words.before)
  if (known === null || before === undefined) return
  const { deviceCard } = await import('../../judge/device.ts')
  const { profileOf } = await import('../../judge/devices/profile.ts')
  const { namesLearnt } = await import('../../judge/hosts.ts')
  const device = known.resolve(host)
  await session.prove(captures, words, async (report, out) => {
    if (before !== null) {
      namesLearnt(before, report, known)
      namesLearnt(report, before, known)
    }
    const profile = asked === null ? null : profileOf(report, device, asked)
    const card: DeviceCard = { ...deviceCard(report, device, before), profile, label: words.label?.[0] ?? null }
    const render: (value: DeviceCard, page: PageWords) => string =
      await CARD_FORMATS[words.format as keyof typeof CARD_FORMATS]()
    out.write(render(card, pageWords(session.io, words.output)))
    return profile?.state ?? card.state
  })
}

/** null: none was asked for; undefined: it makes no sense, and it was said. */
async function profileWord(session: Session, word: string | undefined): Promise<Profile | null | undefined> {
  if (word === undefined) return null
  const { ProfileError, profileNamed } = await import('../../judge/devices/profile.ts')
  try {
    return profileNamed(word)
  } catch (error) {
    if (!(error instanceof ProfileError)) throw error
    session.complain(error.message)
    session.exitCode = EXIT.usage
    return undefined
  }
}

async function compare(session: Session, files: readonly string[], words: Words): Promise<void> {
  const { CardError, readCard } = await import('../../judge/devices/saved-card.ts')
  const { comparison } = await import('../../judge/devices/compare.ts')
  const { basename } = await import('node:path')
  for (const file of files) session.inputs.add(file)
  try {
    const cards = files.map(readCard)
    const labels = cards.map(({ label }, at) => words.label?.[at] ?? label ?? basename(files[at]!, '.json'))
    const made = comparison(cards, labels)
    await session.writeTo(words.output ?? null, async (out) => {
      const render: (value: Comparison, page: PageWords) => string =
        await COMPARISON_FORMATS[words.format as keyof typeof COMPARISON_FORMATS]()
      out.write(render(made, pageWords(session.io, words.output)))
    })
    if (session.exitCode === EXIT.ok) session.endsWith(made.state)
  } catch (error) {
    if (!(error instanceof CardError)) throw error
    session.unreadable(error.message)
  }
}
