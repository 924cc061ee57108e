/**
 * Answers to questions: columns and rows as a table, JSON, JSON lines, CSV or Markdown. What the wire said is made
 * harmless for each of them.
 */
import { stringify } from 'csv-stringify/sync'
import { say } from '../../texts/say.ts'
import { jsonText } from '../json.ts'
import { table } from '../page/layout.ts'
import { markdownText } from '../page/markdown.ts'
import { visible } from '../page/visible.ts'

export type RowFormat = 'text' | 'json' | 'ndjson' | 'csv' | 'markdown'

type Cell = string | number | boolean | null

export interface Rows {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

/** Piece by piece: an answer may have a million rows. `columns`: the width of the page, for `text`. */
export function* rowsText(answer: Rows, format: RowFormat, columns: number): Generator<string> {
  switch (format) {
    case 'json':
      yield* jsonRows(answer)
      return
    case 'ndjson':
      for (const row of answer.rows) yield `${jsonText(objectOf(answer, row))}\n`
      return
    case 'csv':
      yield stringify([[...answer.columns]])
      for (const row of answer.rows) yield stringify([row.map(csvCell)])
      return
    case 'markdown':
      yield `| ${answer.columns.map(markdownText).join(' | ')} |\n`
      yield `| ${answer.columns.map((_, at) => (isNumeric(answer, at) ? '--:' : '---')).join(' | ')} |\n`
      for (const row of answer.rows) yield `| ${row.map((cell) => markdownText(textOf(cell))).join(' | ')} |\n`
      return
    case 'text':
      yield* textRows(answer, columns)
  }
}

/** One array of objects, a row on each line. */
function* jsonRows(answer: Rows): Generator<string> {
  let before = '[\n'
  for (const row of answer.rows) {
    yield before + jsonText(objectOf(answer, row))
    before = ',\n'
  }
  yield before === '[\n' ? '[]\n' : '\n]\n'
}

function* textRows(answer: Rows, columns: number): Generator<string> {
  if (answer.rows.length === 0) {
    yield `${say`nothing`}\n`
    return
  }
  const shown = answer.columns.map((title, at) => ({
    title: visible(title),
    dispensable: 0,
    ...(isNumeric(answer, at) ? { align: 'right' as const } : {}),
  }))
  const lines = answer.rows.map((row) => ({ cells: row.map((cell) => visible(textOf(cell))), notes: [] }))
  const plain = { title: (text: string) => text, cell: (text: string) => text }
  const page = table(shown, lines, columns, plain)
  if (page !== null) yield `${page.join('\n')}\n`
  // too narrow for a table: a value a line
  else for (const { cells } of lines) yield `${cells.map((cell, at) => `${shown[at]!.title}: ${cell}`).join('\n')}\n\n`
}

function isNumeric({ rows }: Rows, at: number): boolean {
  return rows.length > 0 && rows.every((row) => row[at] === null || typeof row[at] === 'number')
}

const textOf = (cell: Cell) => (cell === null ? '' : String(cell))

function objectOf({ columns }: Rows, row: readonly Cell[]): Record<string, Cell> {
  return Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null]))
}

/** A spreadsheet takes `=`, `+`, `-` and `@` for the beginning of a formula. */
function csvCell(cell: Cell): string {
  if (typeof cell !== 'string') return textOf(cell)
  const text = visible(cell)
  return /^[=+\-@]/.test(text) ? `'${text}` : text
}
