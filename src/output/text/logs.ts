/**
 * Windows logs beside the captures, as text: who asked, why Windows says so, which hosts and times the logs cover, and
 * what is missing on either side.
 */
import type { Asker, EventCoverage, HostLogCoverage } from '../../events/log-coverage.ts'
import { say, translated } from '../../texts/say.ts'
import { counted, countText, durationText, plural, secondText } from '../page/numbers.ts'
import { causeText, type Entry, exampleText, type Sheet, sentence } from './sheet.ts'

const ASKERS_SHOWN = 12
const HOSTS_SHOWN = 12
const FLOWS_SHOWN = 6

/** One line for the first screen: how much is joined. */
export function logsAnswer(coverage: EventCoverage): string {
  const { exchanges, exchangesJoined, exchangesWithUser, exchangesWithProcess, hosts, ambiguous } = coverage
  const doubts = [
    ...(coverage.exchangesContradicted > 0 ? [counted(coverage.exchangesContradicted, 'contradicted')] : []),
    ...(ambiguous > 0 ? [counted(ambiguous, 'ambiguous')] : []),
    ...(coverage.unseen.length > 0 ? [counted(sum(coverage.unseen), 'only in logs')] : []),
    ...(coverage.unlogged.length > 0 ? [counted(sum(coverage.unlogged), 'only on the wire')] : []),
  ]
  const known = say`${counted(exchangesWithUser, 'with user')}, ${counted(exchangesWithProcess, 'with process')}`
  return say`${countText(exchangesJoined)} of ${plural(exchanges, 'exchange')} in the logs of ${plural(hosts.length, 'host')} (${known})${doubts.length === 0 ? '' : `; ${doubts.join(', ')}`}`
}

/** What the wire does not decide and the logs do, by cause; '' where they do not either. */
export function completedText({ askers }: EventCoverage): string {
  const counts = new Map<string, number>()
  for (const { cause, completes, count } of askers)
    if (cause !== null && completes) counts.set(cause, (counts.get(cause) ?? 0) + count)
  const parts = [...counts].map(([cause, count]) => `${countText(count)} x ${causeText(cause)}`)
  return parts.length === 0 ? '' : say`; by the hosts' logs ${parts.join(', ')}`
}

function sum(all: readonly { readonly count: number }[]): number {
  return all.reduce((count, each) => count + each.count, 0)
}

export function logLines(sheet: Sheet, coverage: EventCoverage | null): string[] {
  if (coverage === null) return []
  const { askers, hosts, unseen, unlogged, files } = coverage
  const off = hosts.flatMap((host) => host.off.map((audit) => ({ host, ...audit })))
  const entries: Entry[] = [
    ['Joined', logsAnswer(coverage)],
    ['Who asked', ...shown(askers, ASKERS_SHOWN, askerText)],
    ['Covers', ...shown(hosts, HOSTS_SHOWN, (host) => `${host.name}${spanText(host)}`)],
    [
      'Only in logs',
      ...shown(
        unseen,
        FLOWS_SHOWN,
        ({ client, server, count, users, ids }) =>
          say`${client ?? say`an unnamed client`} -> ${server}: ${plural(count, 'NTLM logon')}${users.length === 0 ? '' : say` of ${exampleText(users)}`} (${ids.join(', ')}); capture there next`,
      ),
    ],
    [
      'Only on wire',
      ...shown(unlogged, FLOWS_SHOWN, ({ host, server, count, fix }) =>
        sentence(
          say`${plural(count, 'NTLM logon')} to ${server}, and the log given of ${host} has none. Set: ${translated(fix)}`,
        ),
      ),
    ],
    [
      'Audits missing',
      ...shown(off, HOSTS_SHOWN, ({ host, detail, fix }) =>
        sentence(say`${host.name}: ${translated(detail)}. Set: ${translated(fix)}`),
      ),
    ],
    ['Not read', ...files.flatMap(({ fault }) => (fault === null ? [] : [fault]))],
  ]
  return [
    sheet.heading('Windows logs', 'the word of the hosts, beside that of the wire'),
    '',
    ...sheet.entries(entries),
  ]
}

function shown<T>(all: readonly T[], most: number, text: (one: T) => string): string[] {
  const lines = all.slice(0, most).map(text)
  return all.length > most
    ? [...lines, say`and ${counted(all.length - most, 'more')}; use --format json for all`]
    : lines
}

function askerText({
  process,
  user,
  client,
  server,
  service,
  mechanism,
  reason,
  cause,
  completes,
  count,
}: Asker): string {
  const who = `${process ?? say`an unknown program`}${user === null ? '' : say` as ${user}`}`
  const why = reason === null ? '' : say`; Windows says: ${translated(reason)}`
  const meant = cause === null || !completes ? '' : say`, which decides what the wire does not: ${causeText(cause)}`
  return `${countText(count)} x ${who}, ${client} -> ${server} ${service} (${mechanism})${why}${meant}`
}

function spanText({ channels, zone, clockOffsetSeconds, lost, cleared }: HostLogCoverage): string {
  if (zone === 'unknown') return say`: local times of an unknown zone, joined to nothing`
  const parts = channels.map(({ channel, first, last, events, silence }) => {
    const gap = silence === null ? '' : say`, silent for ${durationText(silence.end - silence.start)}`
    return say`${channel.replace(/^Microsoft-Windows-/, '')} ${secondText(first)} to ${secondText(last)} (${plural(events, 'event')}${gap})`
  })
  // a clock that is right needs no word
  const isOff = clockOffsetSeconds !== null && Math.abs(clockOffsetSeconds) >= 2
  return [
    `: ${parts.join('; ')}`,
    ...(isOff ? [clockText(clockOffsetSeconds)] : []),
    ...(lost > 0 ? [say`Windows lost events`] : []),
    ...(cleared > 0 ? [say`the log was cleared`] : []),
  ].join('; ')
}

function clockText(seconds: number): string {
  const by = durationText(Math.abs(seconds) * 1e6)
  return seconds > 0 ? say`clock ahead by ${by}` : say`clock behind by ${by}`
}
