/**
 * The trend of a migration as text, Markdown and CSV, and what moved since the last run, one line each.
 */
import { stringify } from 'csv-stringify/sync'
import type { Moved, Standing, Trend, TrendPair, TrendRow } from '../../questions/trend.ts'
import { jsonText } from '../json.ts'
import { markdownText } from '../page/markdown.ts'
import { plainSpaces, plural } from '../page/numbers.ts'
import { visible } from '../page/visible.ts'
import { rowsText } from './rows.ts'

const COLUMNS = [
  'from',
  'logons',
  'clients',
  'NTLM clients',
  'NTLM %',
  'drop',
  'fallbacks',
  'Kerberos accepted',
  'success %',
]

const cells = (row: TrendRow) => [
  row.from,
  row.logons,
  row.clients,
  row.ntlmClients,
  row.ntlmPercent,
  row.drop,
  row.fallbacks,
  row.kerberosAccepted,
  row.kerberosSuccess,
]

export function trendJson(trend: Trend): string {
  return `${jsonText(trend)}\n`
}

export function trendCsv({ rows }: Trend): string {
  return stringify([COLUMNS, ...rows.map((row) => cells(row).map((cell) => cell ?? ''))])
}

export function trendText(trend: Trend, { columns }: { readonly columns: number }): string {
  const parts = [...rowsText({ columns: COLUMNS, rows: trend.rows.map(cells) }, 'text', columns), '\n']
  for (const [title, pairs] of partsOf(trend)) {
    parts.push(`${title}: ${pairs.length}\n`)
    for (const pair of pairs) parts.push(`  ${visible(pairText(pair))}\n`)
  }
  return parts.join('')
}

export function trendMarkdown(trend: Trend): string {
  const parts = [...rowsText({ columns: COLUMNS, rows: trend.rows.map(cells) }, 'markdown', 0)]
  for (const [title, pairs] of partsOf(trend)) {
    parts.push(`\n**${title}: ${pairs.length}**\n\n`)
    for (const pair of pairs) parts.push(`- ${markdownText(pairText(pair))}\n`)
  }
  return parts.join('')
}

function partsOf({ against, fresh, regressed, gone }: Trend): [string, readonly TrendPair[]][] {
  const day = against.slice(0, 10)
  return [
    [`Regressed since ${day} (Kerberos before, NTLM now)`, regressed],
    [`New NTLM pairs since ${day}`, fresh],
    [`No NTLM since ${day} any more`, gone],
  ]
}

const pairText = ({ client, server, service, at }: TrendPair) => `${client} -> ${server} ${service}, ${at}`

/** One line each; `onlyNew`: what stands still is counted and not listed. */
export function movedText({ fresh, still, gone }: Moved, onlyNew: boolean): string {
  const lines = (word: string, list: readonly Standing[]) =>
    list.map(({ what, first, last }) => `${word} ${visible(what)}; first ${first}, last ${last}\n`)
  return [
    ...lines('new  ', fresh),
    ...(onlyNew ? [] : lines('still', still)),
    ...lines('gone ', gone),
    `${fresh.length} new, ${plainSpaces(plural(still.length, 'stands', 'stand'))} as before, ${gone.length} gone\n`,
  ].join('')
}
