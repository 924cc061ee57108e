/**
 * Devices side by side, a row a host and the scorecard as columns: as text, Markdown for a ticket, CSV for whoever
 * buys. Only what was proven passes.
 */
import { stringify } from 'csv-stringify/sync'
import pc from 'picocolors'
import type { DeviceMatrix, DeviceRow, Score } from '../judge/device.ts'
import { say, translated } from '../texts/say.ts'
import { jsonText } from './page/json-text.ts'
import { type Column, hanging, pad, table } from './page/layout.ts'
import { markdownText } from './page/markdown.ts'
import { countText, plainSpaces, plural } from './page/numbers.ts'
import { visible, visibleDeep } from './page/visible.ts'
import { gradeText } from './terms.ts'
import type { PageWords } from './writer.ts'

const COLUMNS_MIN = 64
/** what heads a column, where the question is too long for one */
const HEADS: Readonly<Record<string, string>> = {
  'SMB signing required': 'SIGNING',
  'channel binding': 'BINDING',
  'no clear passwords': 'NO CLEAR',
}
const GRADES = ['fail', 'not tested', 'pass'] as const

export function matrixText(made: DeviceMatrix, look: PageWords): string {
  const matrix = visibleDeep(made)
  const columns = Math.max(COLUMNS_MIN, look.columns)
  const paint = pc.createColors(look.color)
  const { devices, omitted } = matrix
  const title = paint.bold(plainSpaces(plural(devices.length, 'device')))
  if (devices.length === 0) return `${title}\n\n${say`Nobody was seen to log on. That is no proof that nobody did.`}\n`
  const rows = devices.map((row) => ({
    cells: [[row.device, ...row.names.slice(0, 1)].join('\n'), ...row.scorecard.map((score) => shownCell(score, '\n'))],
    notes: row.unknown === null ? [] : hanging('  ', translated(row.unknown), columns),
  }))
  const heads: Column[] = [
    { title: 'DEVICE', dispensable: 0, firstWhole: true, narrowest: 15 },
    ...devices[0]!.scorecard.map(({ name }) => ({
      title: translated(name) === name ? (HEADS[name] ?? name.toUpperCase()) : translated(name),
      dispensable: 0,
      narrowest: 8,
    })),
  ]
  const colors = {
    title: paint.dim,
    cell: (text: string) =>
      text.startsWith(gradeText('fail'))
        ? paint.red(text)
        : text.startsWith(gradeText('pass'))
          ? paint.green(text)
          : text,
  }
  const body = table(heads, rows, columns, colors) ?? devices.flatMap((row) => stacked(row, columns))
  const left = omitted === 0 ? [] : ['', say`${countText(omitted)} more: name the hosts with --host`]
  return `${[title, '', ...body, ...left].join('\n')}\n`
}

/** Where the columns do not fit beside each other. */
function stacked(row: DeviceRow, columns: number): string[] {
  const graded = GRADES.flatMap((grade) => {
    const names = row.scorecard.filter((score) => score.grade === grade).map(({ name }) => translated(name))
    return names.length === 0 ? [] : hanging(`  ${pad(gradeText(grade), 10)}  `, names.join(', '), columns)
  })
  return [...hanging('', [row.device, ...row.names.slice(0, 1)].join(' '), columns), ...graded]
}

/** The grade, and what was proven of what a device may refuse. */
function cellOf({ grade, proven }: Score, between: string): string {
  return proven === null || proven === 'not seen' ? grade : `${grade}${between}${proven}`
}

function shownCell({ grade, proven }: Score, between: string): string {
  const shown = gradeText(grade)
  return proven === null || proven === 'not seen' ? shown : `${shown}${between}${translated(proven)}`
}

export function matrixJson(matrix: DeviceMatrix): string {
  return `${jsonText(matrix)}\n`
}

export function matrixCsv({ devices }: DeviceMatrix): string {
  const names = devices[0]?.scorecard.map(({ name }) => name) ?? []
  const head = ['device', 'names', 'state', ...names, 'proofs', 'tests']
  const rows = devices.map(({ device, names: known, state, scorecard }) => [
    device,
    known.join(' | '),
    state,
    ...scorecard.map((score) => cellOf(score, ': ')),
    scorecard.map(proofText).filter(Boolean).join(' | '),
    scorecard.flatMap(({ name, test }) => (test === null ? [] : [`${name}: ${test}`])).join(' | '),
  ])
  return stringify([head, ...rows.map((row) => row.map(visible))], { escape_formulas: true })
}

export function matrixMarkdown(made: DeviceMatrix): string {
  const { devices } = visibleDeep(made)
  const names = devices[0]?.scorecard.map(({ name }) => name) ?? []
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rows = devices.map((row) =>
    line([
      markdownText([row.device, ...row.names.slice(0, 1)].join(' ')),
      ...row.scorecard.map((score) =>
        [shownCell(score, ': '), markdownText(proofText(score))].filter(Boolean).join(', '),
      ),
    ]),
  )
  return `${[line([say`device`, ...names.map(translated)]), line(['device', ...names].map(() => '---')), ...rows].join('\n')}\n`
}

/** `lab.pcap: frames 1, 2` of the first reason. */
function proofText({ reasons }: Score): string {
  const [first] = reasons
  if (first === undefined || first.frames.length === 0) return ''
  return `${first.capture.split(/[/\\]/).at(-1)}: frames ${first.frames.slice(0, 4).join(', ')}`
}
