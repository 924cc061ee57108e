/**
 * The trend of a migration as text, Markdown and CSV, and what moved since the last run, one line each.
 */
import { stringify } from 'csv-stringify/sync'
import { pairUid } from '../../facts/identity.ts'
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

/** Piece by piece, as all of these: millions of pairs may be gone. */
export function* trendJson({ bucket, zone, against, rows, fresh, regressed, gone }: Trend): Generator<string> {
  yield jsonText({ bucket, zone, against, rows }).slice(0, -1)
  for (const [name, pairs] of Object.entries({ fresh, regressed, gone })) {
    yield `,"${name}":[`
    for (const [at, { client, server, service, at: seen }] of pairs.entries()) {
      const uid = pairUid(client, server, service)
      yield `${at === 0 ? '' : ','}${jsonText({ uid, client, server, service, at: seen })}`
    }
    yield ']'
  }
  yield '}\n'
}

export function* trendCsv({ rows }: Trend): Generator<string> {
  yield stringify([TITLES, ...rows.map((row) => cells(row).map((cell) => cell ?? ''))])
}

export function* trendText(trend: Trend, { columns }: { readonly columns: number }): Generator<string> {
  yield wholeText({ columns: TITLES.map(translated), rows: trend.rows.map(cells) }, 'text', columns)
  yield '\n'
  for (const [title, pairs] of partsOf(trend)) {
    yield `${title}: ${pairs.length}\n`
    for (const pair of pairs) yield `  ${visible(pairText(pair))}\n`
  }
}

export function* trendMarkdown(trend: Trend): Generator<string> {
  yield wholeText({ columns: TITLES.map(translated), rows: trend.rows.map(cells) }, 'markdown', 0)
  for (const [title, pairs] of partsOf(trend)) {
    yield `\n**${title}: ${pairs.length}**\n\n`
    for (const pair of pairs) yield `- ${markdownText(pairText(pair))}\n`
  }
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
