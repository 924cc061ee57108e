/**
 * Cards of devices side by side: a column a card, as text, Markdown for a ticket, CSV for whoever buys.
 */
import { stringify } from 'csv-stringify/sync'
import pc from 'picocolors'
import type { ComparedCard, ComparedRow, ComparedTrait, Comparison } from '../../judge/devices/compare.ts'
import { jsonText } from '../json.ts'
import { type Column, hanging, table, wrap } from '../page/layout.ts'
import { markdownText } from '../page/markdown.ts'
import { visible, visibleDeep } from '../page/visible.ts'
import type { PageWords } from '../writer.ts'

const COLUMNS_MIN = 64
const NOTHING = '-'
const CHANGES: Readonly<Record<ComparedRow['change'], string>> = {
  same: 'same',
  better: 'better',
  worse: 'WORSE',
  untold: 'not told',
}

export function comparisonText(made: Comparison, look: PageWords): string {
  const { cards, rows, traits } = visibleDeep(made)
  const columns = Math.max(COLUMNS_MIN, look.columns)
  const paint = pc.createColors(look.color)
  const title = `${cards.map(titleOf).join(' against ')}: ${countsText(rows)}`
  const heads: Column[] = [
    { title: 'ASKED', dispensable: 0, narrowest: 12 },
    { title: 'CHANGE', dispensable: 0 },
    ...cards.map(({ label }): Column => ({ title: label.slice(0, 24), dispensable: 0, narrowest: 8 })),
  ]
  const colors = {
    title: paint.dim,
    cell: (text: string) =>
      text === CHANGES.worse ? paint.red(text) : text === CHANGES.better ? paint.green(text) : text,
  }
  const lines = rows.map((row) => ({ cells: [row.name, CHANGES[row.change], ...row.cells.map(cellText)], notes: [] }))
  const body = table(heads, lines, columns, colors) ?? rows.flatMap((row) => stacked(row, cards, columns))
  const differ = traits.flatMap(({ role, name, cells }) => [
    ...hanging('  ', `as a ${role}: ${name}`, columns),
    ...cells.flatMap((cell, at) =>
      hanging(`    ${cards[at]!.label}: `, cell.length === 0 ? NOTHING : cell.join('; '), columns),
    ),
  ])
  return `${[
    ...wrap(title, columns).map((line) => paint.bold(line)),
    ...cards.flatMap(({ label, captures }) => hanging(`${label}: `, captures.map(baseName).join(', '), columns)),
    '',
    ...body,
    '',
    paint.bold('What differs in what they did'),
    ...(differ.length === 0 ? ['  nothing'] : differ),
  ].join('\n')}\n`
}

/** Where the columns do not fit beside each other. */
function stacked(row: ComparedRow, cards: readonly ComparedCard[], columns: number): string[] {
  return [
    ...hanging('', `${row.name}: ${CHANGES[row.change]}`, columns),
    ...row.cells.flatMap((cell, at) => hanging(`  ${cards[at]!.label}: `, cellText(cell), columns)),
  ]
}

export function comparisonJson(made: Comparison): string {
  return `${jsonText(made)}\n`
}

export function comparisonMarkdown({ cards, rows, traits }: Comparison): string {
  const of = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |`
  const head = ['asked', 'change', ...cards.map(({ label }) => label)]
  return `${[
    `# ${markdownText(cards.map(titleOf).join(' against '))}`,
    '',
    `${countsText(rows)}.`,
    '',
    of(head),
    `|${head.map(() => ' --- |').join('')}`,
    ...rows.map((row) => of([row.name, CHANGES[row.change], ...row.cells.map(cellText)])),
    '',
    '## What differs in what they did',
    '',
    ...(traits.length === 0 ? ['Nothing.'] : [of(['did', ...cards.map(({ label }) => label)])]),
    ...(traits.length === 0 ? [] : [`|${['', ...cards].map(() => ' --- |').join('')}`]),
    ...traits.map((trait) => of([`${trait.role}: ${trait.name}`, ...valueCells(trait)])),
  ].join('\n')}\n`
}

/** A row a line of the scorecards, a column a card. */
export function comparisonCsv({ cards, rows, traits }: Comparison): string {
  const safe = (text: string) => (/^[=@+\-\t\r]/.test(text) && text !== NOTHING ? `'${visible(text)}` : visible(text))
  return stringify([
    ['kind', 'name', 'change', ...cards.map(({ label }) => label)].map(safe),
    ...rows.map((row) => [row.kind, row.name, row.change, ...row.cells.map(cellText)].map(safe)),
    ...traits.map((trait) => ['trait', `${trait.role}: ${trait.name}`, 'differs', ...valueCells(trait)].map(safe)),
  ])
}

function valueCells({ cells }: ComparedTrait): string[] {
  return cells.map((cell) => (cell.length === 0 ? NOTHING : cell.join(' | ')))
}

function cellText(cell: ComparedRow['cells'][number]): string {
  if (cell === null) return NOTHING
  return cell.proven === null || cell.proven === 'used' ? cell.grade : `${cell.grade}: ${cell.proven}`
}

function countsText(rows: readonly ComparedRow[]): string {
  const counts = (['worse', 'better', 'same', 'untold'] as const).map(
    (change) => [rows.filter((row) => row.change === change).length, CHANGES[change].toLowerCase()] as const,
  )
  return counts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ')
}

function titleOf({ label, device }: ComparedCard): string {
  return label === device ? device : `${device} (${label})`
}

function baseName(path: string): string {
  return path.split(/[/\\]/).at(-1)!
}
