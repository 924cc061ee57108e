/**
 * The trend of a migration as text, Markdown and CSV, and what moved since the last run, one line each.
 */
import { stringify } from 'csv-stringify/sync'
import type { Moved, Standing, Trend, TrendPair, TrendRow } from '../../questions/trend.ts'
import { say, translated } from '../../texts/say.ts'
import { jsonText } from '../page/json-text.ts'
import { pad } from '../page/layout.ts'
import { markdownText } from '../page/markdown.ts'
import { plainSpaces, plural } from '../page/numbers.ts'
import { visible } from '../page/visible.ts'
import { wholeText } from './rows.ts'

const COLUMNS = {
  from: 'from',
  logons: 'logons',
  clients: 'clients',
  ntlmClients: 'NTLM clients',
  ntlmPercent: 'NTLM %',
  drop: 'drop',
  fallbacks: 'fallbacks',
  kerberosAccepted: 'Kerberos accepted',
  kerberosSuccess: 'success %',
} as const satisfies Partial<Record<keyof TrendRow, string>>
const NAMES = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]
const TITLES = Object.values(COLUMNS)

const cells = (row: TrendRow) => NAMES.map((name) => row[name])

export function trendJson(trend: Trend): string {
  return `${jsonText(trend)}\n`
}

export function trendCsv({ rows }: Trend): string {
  return stringify([TITLES, ...rows.map((row) => cells(row).map((cell) => cell ?? ''))])
}

export function trendText(trend: Trend, { columns }: { readonly columns: number }): string {
  const parts = [wholeText({ columns: TITLES.map(translated), rows: trend.rows.map(cells) }, 'text', columns), '\n']
  for (const [title, pairs] of partsOf(trend)) {
    parts.push(`${title}: ${pairs.length}\n`)
    for (const pair of pairs) parts.push(`  ${visible(pairText(pair))}\n`)
  }
  return parts.join('')
}

export function trendMarkdown(trend: Trend): string {
  const parts = [wholeText({ columns: TITLES.map(translated), rows: trend.rows.map(cells) }, 'markdown', 0)]
  for (const [title, pairs] of partsOf(trend)) {
    parts.push(`\n**${title}: ${pairs.length}**\n\n`)
    for (const pair of pairs) parts.push(`- ${markdownText(pairText(pair))}\n`)
  }
  return parts.join('')
}

function partsOf({ against, fresh, regressed, gone }: Trend): [string, readonly TrendPair[]][] {
  const day = against.slice(0, 10)
  return [
    [say`Regressed since ${day} (Kerberos before, NTLM now)`, regressed],
    [say`New NTLM pairs since ${day}`, fresh],
    [say`No NTLM since ${day} any more`, gone],
  ]
}

const pairText = ({ client, server, service, at }: TrendPair) => `${client} -> ${server} ${service}, ${at}`

/** One line each; `onlyNew`: what stands still is counted and not listed. */
export function movedText({ fresh, still, gone }: Moved, onlyNew: boolean): string {
  const lines = (word: string, list: readonly Standing[]) =>
    list.map(({ what, first, last }) => `${pad(word, 6)}${visible(what)}; ${say`first ${first}, last ${last}`}\n`)
  return [
    ...lines(say`new`, fresh),
    ...(onlyNew ? [] : lines(say`still`, still)),
    ...lines(say`gone`, gone),
    `${plainSpaces(say`${fresh.length} new, ${plural(still.length, 'stands', 'stand')} as before, ${gone.length} gone`)}\n`,
  ].join('')
}
