/**
 * `ntlmscope watch`: the files that somebody writes into a folder, as they come. How it goes on stands in
 * watch-session.ts.
 */
import { type Command, Option } from 'commander'
import { EXIT } from '../exit.ts'
import { withEvents, withKeys } from '../options/argument.ts'
import type { WatchWords } from '../options/watch-words.ts'
import type { Session } from '../session.ts'
import { bytes, length } from './live.ts'

export function registerWatch(top: Command, session: Session): void {
  withEvents(
    withKeys(
      top.command('watch').argument('<folder>', 'where tcpdump, dumpcap or an appliance writes its files'),
      session,
    ),
    session,
  )
    .description(
      'files as they appear in a folder: every logon, what goes on over their boundaries, reports by the hour',
    )
    .option('--once', 'what is there, then the end')
    .option('--state <file>', 'go on where the last watch of this folder ended, however it ended')
    .option(
      '--every <length>',
      'a report for each stretch of so long, and what is new, seen again, gone: 1h, 1d',
      length,
    )
    .option('--reports <folder>', 'with --every: where they are written')
    .option(
      '--settle <length>',
      'a file to which nothing came for so long is over, if a later one is there',
      length,
      2000,
    )
    .option(
      '--look-back <size>',
      'with --state: as much is read again at a start, for what it tells of later files',
      bytes,
      1e9,
    )
    .addOption(new Option('-f, --format <format>', 'how to write it').choices(['text', 'ndjson']).default('text'))
    .option('-o, --output <file>', 'append there instead of writing to standard output; SIGHUP opens it again')
    .addHelpText('after', HELP)
    .action(async (folder: string, words: WatchWords, command: Command) => {
      if ((words.every === undefined) !== (words.reports === undefined))
        command.error('error: --every and --reports go together')
      if (session.events.length > 0 && words.state !== undefined && words.every === undefined)
        command.error('error: --events with --state wants --every: logs are read when a stretch of time is over')
      const { watch } = await import('../following/watch-session.ts')
      await watch(session, folder, words)
    })
}

const HELP = `
Examples:
  tcpdump -i eth0 -G 600 -w 'spool/%Y%m%dT%H%M%S.pcap' &
  ntlmscope watch spool --state watch.state --format ndjson -o logons.ndjson
  ntlmscope watch spool --once --state watch.state --every 1h --reports reports
  ntlmscope watch spool --every 1h --reports reports --events logs/

A folder holds the files of one capture: those of several at the same time want a
folder and a state each. With --state and -o, nothing is lost and nothing told
twice, also where the watch was killed; to standard output, what was told since
the last note of the state (5 seconds) may come once more (same uid).

watch ends with ${EXIT.ok} on Ctrl-C or TERM; ${EXIT.unreadable} where a file could not be read, or only a part.`
