/**
 * `ntlmscope diff`: two captures or saved reports side by side. Ends with 1 where a pair fell back or lost its
 * protection.
 */
import type { Command } from 'commander'
import { NO_FILTER, time } from '../../facts/filter.ts'
import type { Diff } from '../../judge/diff.ts'
import { DIFF_FORMATS, namesOf } from '../../output/formats.ts'
import type { PageWords } from '../../output/writer.ts'
import { EXIT } from '../exit.ts'
import { asArgument, formatOption } from '../options/argument.ts'
import type { Session } from '../session.ts'
import { pageWords } from '../terminal.ts'

interface Words {
  readonly format: keyof typeof DIFF_FORMATS
  readonly output?: string
  readonly all?: true
  readonly since?: number
}

export function registerDiff(top: Command, session: Session): void {
  top
    .command('diff')
    .argument('<before>', 'a capture, folder or glob, or a report saved by analyze --format json')
    .argument('[after]', 'the same, after the change')
    .description('what moved from NTLM to Kerberos, broke, fell back, is new or gone, changed its signing')
    .addOption(formatOption(namesOf(DIFF_FORMATS)))
    .option('-o, --output <file>', 'write there instead of to standard output')
    .option(
      '--since <time>',
      'of one capture over the change: what began before that time, and since; ISO 8601 (UTC without a zone)',
      asArgument(time),
    )
    .option('--all', 'text: every pair that is new or gone, not the first ten')
    .addHelpText('after', HELP)
    .action((before: string, after: string | undefined, words: Words, command: Command) => {
      if (words.since !== undefined && after !== undefined)
        command.error('error: --since divides one capture; give that one alone')
      if (words.since === undefined && after === undefined)
        command.error("error: missing required argument 'after', or --since TIME for one capture over the change")
      return compare(session, before, after ?? null, words)
    })
}

const HELP = `
Examples:
  ntlmscope diff monday.pcapng friday.pcapng
  ntlmscope analyze monday.pcapng --format json -o monday.json
  ntlmscope diff monday.json friday.pcapng --format markdown
  ntlmscope diff day.pcapng --since 2026-03-02T12:00Z    the switch was thrown at noon

diff ends with ${EXIT.ok}; with ${EXIT.notMet} where a pair fell back to NTLM, only tries and never
authenticates any more (broken), or its SMB signing or channel binding is gone;
with ${EXIT.unreadable} where an input could not be read, or only in part.
A pair that is new or not seen any more is neither a regression nor a success.`

async function compare(session: Session, before: string, after: string | null, words: Words): Promise<void> {
  const { since = null } = words
  if (since !== null) {
    const { isSaved } = await import('../../report/is-saved.ts')
    if (isSaved(before)) {
      session.complain(`${before}: a saved report is of all of its time; --since divides captures`)
      session.exitCode = EXIT.usage
      return
    }
  }
  const earlier = await session.reportOf(before, since === null ? null : { ...NO_FILTER, until: since })
  const later = await session.reportOf(after ?? before, since === null ? null : { ...NO_FILTER, since })
  if (earlier === null || later === null) return
  const { diff } = await import('../../judge/diff.ts')
  const found = diff(earlier, later, since !== null)
  const render: (value: Diff, page: PageWords & { readonly all?: boolean }) => string =
    await DIFF_FORMATS[words.format]()
  await session.writeTo(words.output ?? null, (out) =>
    out.write(render(found, { ...pageWords(session.io, words.output), all: words.all === true })),
  )
  if (found.regressed) session.exitCode = EXIT.notMet
}
