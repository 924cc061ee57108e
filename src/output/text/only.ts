/**
 * What a filtered report says first: what it is about, how much it leaves out, and words of the filter that mean
 * nobody.
 */
import type { Report } from '../../report/report.ts'
import { totalsOf } from '../../report/seen/totals.ts'
import { say } from '../../texts/say.ts'
import { countText, plural } from '../page/numbers.ts'

const SERVERS_SHOWN = 4

/** What the report is about, and what it leaves out: whoever reads a part must not take it for the whole. */
export function onlyTexts(report: Report): string[] {
  const { filter, unfiltered, pairs } = report
  if (filter.length === 0) return []
  const only = say`Only ${filter.join(' ')}`
  if (unfiltered === null) return [`${only}.`]
  const seen = pairs.filter(({ counts }) => counts.exchanges > 0).length
  const ntlm = unfiltered.ntlmPairs
  const without = ntlm === 1 ? say`${countText(ntlm)} uses NTLM` : say`${countText(ntlm)} use NTLM`
  return [
    say`${only}: ${countText(seen)} of ${plural(unfiltered.pairs, 'pair')} with an authentication. Without the filter ${without}.`,
    ...leftOutTexts(report, unfiltered),
    ...(unfiltered.unmatched.length > 0 ? [unmatchedText(unfiltered)] : []),
  ]
}

/** Authentications that the report is not about. */
function leftOutTexts(report: Report, unfiltered: NonNullable<Report['unfiltered']>): string[] {
  const here = totalsOf(report)
  const left = unfiltered.exchanges - here.exchanges
  const ntlm = unfiltered.ntlm - here.ntlm
  if (left <= 0) return []
  return [say`Left out: ${plural(left, 'authentication')}, ${ntlm <= 0 ? say`none` : countText(ntlm)} of them NTLM.`]
}

/** Words of a filter that mean nobody, and who was seen. */
function unmatchedText({ unmatched, servers }: NonNullable<Report['unfiltered']>): string {
  const seen = servers
    .slice(0, SERVERS_SHOWN)
    .map(({ ip, name }) => (name === null ? ip : `${ip} (${name})`))
    .join(', ')
  return say`Nothing in these captures matches ${unmatched.join(', ')}${seen === '' ? '' : say`; servers seen: ${seen}`}.`
}
