/**
 * `ntlmscope explain [ID]`: the page of whatever is printed as a name; without one, all of them.
 */
import type { Command } from 'commander'
import { Option } from 'commander'
import { EXIT } from '../exit.ts'
import type { Session } from '../session.ts'
import { columnsOf } from '../terminal.ts'

export function registerExplain(top: Command, session: Session): void {
  top
    .command('explain')
    .argument('[id]', 'a finding (NS-SG-002), cause (RC04), blind spot (tls), expectation, column, exit code...; without one: all')
    .description('what anything that is printed means, and what to do')
    .addOption(
      new Option('-f, --format <format>', 'markdown: the whole catalogue')
        .choices(['text', 'markdown'])
        .default('text'),
    )
    .action(async (id: string | undefined, { format }: { format: string }) => {
      const { catalogueMarkdown, listText, nearest, pageText } = await import('../../output/explain.ts')
      const columns = columnsOf(session.io)
      if (id === undefined) {
        session.io.out.write(format === 'markdown' ? catalogueMarkdown() : listText(columns))
        return
      }
      const page = pageText(id, columns)
      if (page !== null) session.io.out.write(page)
      else {
        const near = nearest(id)
        session.complain(
          `${id}: nothing has that name${near.length > 0 ? `; near: ${near.join(', ')}` : ''} (ntlmscope explain lists all)`,
        )
        session.exitCode = EXIT.notFound
      }
    })
}
