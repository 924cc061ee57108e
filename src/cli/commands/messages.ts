/**
 * `ntlmscope messages`: every decoded authentication message, one JSON object a line.
 */
import type { Command } from 'commander'
import type { Filter } from '../../facts/filter.ts'
import { visible } from '../../output/page/visible.ts'
import {
  CAPTURE_HELP,
  type FilterWords,
  filterOf,
  type ReadWords,
  withFilters,
  withReading,
} from '../options/argument.ts'
import { knownNames, type NameWords, withNames } from '../options/naming.ts'
import type { Session } from '../session.ts'

interface Words extends ReadWords, FilterWords, NameWords {}

export function registerMessages(top: Command, session: Session): void {
  withReading(withNames(withFilters(top.command('messages').argument('<capture...>', CAPTURE_HELP))), session)
    .description('every decoded authentication message, one JSON object a line')
    .action((captures: string[], words: Words, command: Command) => {
      const known = knownNames(session, words)
      if (known === null) return
      const asked = filterOf(words, command)
      const filter = asked === null ? null : known.resolveFilter(asked)
      const patterns = filter === null ? [] : [filter.host, filter.client, filter.server].flat()
      const named = patterns.find(({ byName }) => byName)
      if (named) {
        // a name is learnt while a conversation goes on, a message is printed when it is read
        command.error(
          `error: messages are chosen by address or prefix, not by a name ('${visible(named.text)}'); say what it means: --name ${visible(named.text)}=10.1.0.5`,
        )
      }
      return messages(session, captures, filter, words)
    })
}

async function messages(session: Session, captures: readonly string[], filter: Filter | null, words: Words) {
  await session.read(captures, words.output ?? null, async (inputs, out) => {
    const threads = await session.startThreads(inputs, words.threads ?? null)
    const { jsonText } = await import('../../output/page/json-text.ts')
    await session.analyze(inputs, {
      threads,
      ...(filter === null ? {} : { filter }),
      onMessage: (line) => out.line(jsonText(line)),
    })
  })
}
