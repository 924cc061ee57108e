/**
 * Cards of devices side by side: a column a card, as text, Markdown for a ticket, CSV for whoever buys.
 */
import { stringify } from 'csv-stringify/sync'
import pc from 'picocolors'
import type { ComparedCard, ComparedRow, ComparedTrait, Comparison } from '../../judge/devices/compare.ts'
import { say, translated } from '../../texts/say.ts'
import { jsonText } from '../page/json-text.ts'
import { type Column, hanging, table, wrap } from '../page/layout.ts'
import { markdownText } from '../page/markdown.ts'
import { visible, visibleDeep } from '../page/visible.ts'
import type { PageWords } from '../writer.ts'

const COLUMNS_MIN = 64
const NOTHING = '-'

export function comparisonText(made: Comparison, look: PageWords): string {
  const { cards, rows, traits } = visibleDeep(toldComparison(made))
  const columns = Math.max(COLUMNS_MIN, look.columns)
  const paint = pc.createColors(look.color)
  const title = `${cards.map(titleOf).join(say` against `)}: ${countsText(rows)}`
  const heads: Column[] = [
    { title: 'ASKED', dispensable: 0, narrowest: 12 },
    { title: 'CHANGE', dispensable: 0 },
    ...cards.map(({ label }): Column => ({ title: label.slice(0, 24), dispensable: 0, narrowest: 8 })),
  ]
  const colors = {
    title: paint.dim,
    cell: (text: string) =>
      text === changeText('worse') ? paint.red(text) : text === changeText('better') ? paint.green(text) : text,
  }
  const lines = rows.map((row) => ({
    cells: [row.name, changeText(row.change), ...row.cells.map(shownCell)],
    notes: [],
  }))
  const body = table(heads, lines, columns, colors) ?? rows.flatMap((row) => stacked(row, cards, columns))
  const differ = traits.flatMap(({ role, name, cells }) => [
    ...hanging('  ', roleText(role, name), columns),
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
    paint.bold(say`What differs in what they did`),
    ...(differ.length === 0 ? [`  ${say`nothing`}`] : differ),
  ].join('\n')}\n`
}

/** Where the columns do not fit beside each other. */
function stacked(row: ComparedRow, cards: readonly ComparedCard[], columns: number): string[] {
  return [
    ...hanging('', `${row.name}: ${changeText(row.change)}`, columns),
    ...row.cells.flatMap((cell, at) => hanging(`  ${cards[at]!.label}: `, shownCell(cell), columns)),
  ]
}

export function comparisonJson(made: Comparison): string {
  return `${jsonText(made)}\n`
}

export function comparisonMarkdown(made: Comparison): string {
  const { cards, rows, traits } = toldComparison(made)
  const of = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |`
  const head = [say`asked`, say`change`, ...cards.map(({ label }) => label)]
  return `${[
    `# ${markdownText(cards.map(titleOf).join(say` against `))}`,
    '',
    `${countsText(rows)}.`,
    '',
    of(head),
    `|${head.map(() => ' --- |').join('')}`,
    ...rows.map((row) => of([row.name, changeText(row.change), ...row.cells.map(shownCell)])),
    '',
    `## ${say`What differs in what they did`}`,
    '',
    ...(traits.length === 0 ? [say`Nothing.`] : [of([say`did`, ...cards.map(({ label }) => label)])]),
    ...(traits.length === 0 ? [] : [`|${['', ...cards].map(() => ' --- |').join('')}`]),
    ...traits.map((trait) => of([roleText(trait.role, trait.name), ...valueCells(trait)])),
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

/** Names of lines, and what a device did, in the language of the page; hosts and accounts as they are. */
function toldComparison(made: Comparison): Comparison {
  return {
    ...made,
    rows: made.rows.map((row) => ({ ...row, name: row.kind === 'scorecard' ? translated(row.name) : row.name })),
    traits: made.traits.map(({ role, name, cells }) => ({
      role,
      name: translated(name),
      cells: cells.map((cell) => cell.map(translated)),
    })),
  }
}

function changeText(change: ComparedRow['change']): string {
  return { same: say`same`, better: say`better`, worse: say`worse`.toUpperCase(), untold: say`not told` }[change]
}

function roleText(role: ComparedTrait['role'], name: string): string {
  return role === 'client' ? say`as a client: ${name}` : say`as a server: ${name}`
}

function shownCell(cell: ComparedRow['cells'][number]): string {
  if (cell === null) return NOTHING
  const grade = translated(cell.grade)
  return cell.proven === null || cell.proven === 'used' ? grade : `${grade}: ${translated(cell.proven)}`
}

function countsText(rows: readonly ComparedRow[]): string {
  const counts = (['worse', 'better', 'same', 'untold'] as const).map(
    (change) => [rows.filter((row) => row.change === change).length, changeText(change).toLowerCase()] as const,
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
