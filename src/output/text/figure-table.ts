/**
 * The figures of a migration as text: a row for everything, for each capture and for each stretch of time.
 */
import type { FigureRow, Figures } from '../../report/figures.ts'
import { say } from '../../texts/say.ts'
import { byCount } from '../page/counting.ts'
import { type Column, hanging, type Row, table } from '../page/layout.ts'
import { countText, durationText, secondText, shareText } from '../page/numbers.ts'
import { INDENT, moreText, type Sheet, shorten } from './sheet.ts'

const ROWS_SHOWN = 12
const COLUMNS: readonly Column[] = [
  { title: 'OF', dispensable: 0, narrowest: 20 },
  { title: 'CLIENTS', align: 'right', dispensable: 3 },
  { title: 'WITH NTLM', align: 'right', dispensable: 0 },
  { title: 'NTLM', align: 'right', dispensable: 0 },
  { title: 'FALLBACK', align: 'right', dispensable: 0 },
  { title: 'KERBEROS', align: 'right', dispensable: 0 },
  { title: 'ACCEPTED', align: 'right', dispensable: 2 },
  { title: 'OTHER', align: 'right', dispensable: 4 },
  { title: 'CAUSES', dispensable: 5, narrowest: 12, widest: 40 },
]
const legend = () =>
  say`WITH NTLM: share of the clients that authenticated. ACCEPTED: Kerberos that succeeded, of what succeeded or failed.`

/** No lines where nothing authenticated. One stretch of time is the whole, and one capture too. */
export function figureLines(sheet: Sheet, { total, captures, buckets, bucketSeconds }: Figures): string[] {
  if (total.exchanges === 0) return []
  const rows: Row[] = [rowOf(say`everything`, total)]
  const ofCaptures = captures.length > 1 ? captures : []
  const ofTime = buckets.length > 1 ? buckets : []
  for (const row of ofCaptures.slice(0, ROWS_SHOWN))
    rows.push(rowOf(shorten(sheet.captureName(row.capture ?? '')), row))
  for (const row of ofTime.slice(0, ROWS_SHOWN)) rows.push(rowOf(row.start === null ? '' : secondText(row.start), row))
  const paint = { title: (text: string) => sheet.paint.dim(text), cell: (text: string) => text }
  const body = table(COLUMNS, rows, sheet.room - INDENT.length, paint) ?? []
  const left = Math.max(0, ofCaptures.length - ROWS_SHOWN) + Math.max(0, ofTime.length - ROWS_SHOWN)
  const aside =
    ofTime.length === 0 ? '' : say`in stretches of ${durationText(bucketSeconds * 1e6)}; --bucket chooses others`
  return [
    sheet.heading('Migration figures', aside),
    '',
    ...hanging(INDENT, legend(), sheet.columns).map(sheet.paint.dim),
    '',
    ...body.map((line) => (INDENT + line).trimEnd()),
    ...sheet.leftOutLines(COLUMNS, rows),
    ...(left > 0 ? hanging(INDENT, moreText(left, 'csv'), sheet.columns) : []),
  ]
}

function rowOf(name: string, row: FigureRow): Row {
  const { hosts, services, fallback, kerberos, causes } = row
  const sum = (kind: 'kerberos' | 'ntlm' | 'other') =>
    Object.values(services).reduce((all, service) => all + service[kind], 0)
  const cells = [
    name,
    countText(hosts.authenticating),
    shareText(hosts.ntlmShare),
    countText(sum('ntlm')),
    countText(fallback),
    countText(sum('kerberos')),
    shareText(kerberos.successShare),
    countText(sum('other')),
    byCount(causes)
      .map(([code, count]) => `${code} ${countText(count)}`)
      .join(', '),
  ]
  return { cells, notes: [] }
}
