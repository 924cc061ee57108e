/**
 * Answers to questions: columns and rows as a table, JSON, JSON lines, CSV or Markdown. What the wire said is made
 * harmless for each of them.
 */
import { stringify } from 'csv-stringify/sync'
import { say } from '../../texts/say.ts'
import { jsonText } from '../page/json-text.ts'
import { table } from '../page/layout.ts'
import { markdownText } from '../page/markdown.ts'
import { visible } from '../page/visible.ts'

export type RowFormat = 'text' | 'json' | 'ndjson' | 'csv' | 'markdown'

type Cell = string | number | boolean | null

export interface Rows {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

/** Rows as they come, a batch at a time. */
export interface RowBatches {
  readonly columns: readonly string[]
  readonly batches: AsyncIterable<Rows['rows']>
  /** how many rows were not taken yet; none of them is taken afterwards */
  readonly left?: () => Promise<number>
}

/** What somebody reads; columns as wide as the widest cell of a million rows help nobody, and take minutes to fit. */
export const TEXT_ROWS_MAX = 1000

/** Piece by piece: an answer may have a million rows. A table for people has a thousand, and says how many more. */
export async function* rowsText(answer: RowBatches, format: RowFormat, columns: number): AsyncGenerator<string> {
  if (format === 'text') {
    yield* readableText(answer, columns)
    return
  }
  const { head, batch: textOfBatch, end } = FORMS[format]()
  let isFirst = true
  for await (const rows of answer.batches) {
    if (rows.length === 0) continue
    const batch = { columns: answer.columns, rows }
    if (isFirst) yield head(batch)
    yield textOfBatch(batch)
    isFirst = false
  }
  if (isFirst) yield head({ columns: answer.columns, rows: [] })
  yield end()
}

async function* readableText(answer: RowBatches, columns: number): AsyncGenerator<string> {
  const rows: Rows['rows'][number][] = []
  const batches = answer.batches[Symbol.asyncIterator]()
  let more = 0
  for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
    const room = TEXT_ROWS_MAX - rows.length
    rows.push(...next.value.slice(0, room))
    more += Math.max(0, next.value.length - room)
    if (rows.length < TEXT_ROWS_MAX || answer.left === undefined) continue
    more += await answer.left()
    break
  }
  yield wholeText({ columns: answer.columns, rows }, 'text', columns)
  if (more > 0) yield `${say`... and ${more} more rows: --format csv, json or ndjson has them all`}\n`
}

/** The same, of few rows. */
export function wholeText(rows: Rows, format: RowFormat, columns: number): string {
  if (format === 'text') return [...textRows(rows, columns)].join('')
  const { head, batch, end } = FORMS[format]()
  return head(rows) + (rows.rows.length > 0 ? batch(rows) : '') + end()
}

/** What stands before the first row, a batch of rows, what stands behind the last one. */
interface Form {
  readonly head: (first: Rows) => string
  readonly batch: (rows: Rows) => string
  readonly end: () => string
}

const FORMS: Readonly<Record<Exclude<RowFormat, 'text'>, () => Form>> = {
  json: () => {
    let before = ''
    return {
      // one array of objects, a row on each line
      head: () => '[',
      batch: (rows) => {
        const text = `${before}\n${objects(rows, ',\n')}`
        before = ','
        return text
      },
      end: () => (before === '' ? ']\n' : '\n]\n'),
    }
  },
  ndjson: () => ({ head: () => '', batch: (rows) => `${objects(rows, '\n')}\n`, end: () => '' }),
  csv: () => ({
    head: ({ columns }) => stringify([[...columns]]),
    batch: ({ rows }) => rows.map(csvLine).join(''),
    end: () => '',
  }),
  markdown: () => ({
    head: (first) =>
      `| ${first.columns.map(markdownText).join(' | ')} |\n| ${first.columns.map((_, at) => (isNumeric(first, at) ? '--:' : '---')).join(' | ')} |\n`,
    batch: ({ rows }) =>
      `${rows.map((row) => `| ${row.map((cell) => markdownText(textOf(cell))).join(' | ')} |`).join('\n')}\n`,
    end: () => '',
  }),
}

/**
 * Each row as an object of JSON, `between` them; of columns of one name the last one counts. Put together here, since
 * an answer may have a million rows: JSON.stringify takes three times as long to find the names out again.
 */
function objects({ columns, rows }: Rows, between: string): string {
  const places = new Map(columns.map((name, at) => [name, at]))
  // what a column had before it often has again: a client's pairs follow each other
  const names = [...places].map(([name, at], first) => ({
    at,
    name: `${first === 0 ? '{' : ','}${quoted(name)}:`,
    before: '',
    written: '""',
  }))
  let text = ''
  for (const row of rows) {
    if (text !== '') text += between
    for (const one of names) {
      const cell = row[one.at]
      if (typeof cell !== 'string') text += one.name + plainJson(cell)
      else {
        if (cell !== one.before) {
          one.before = cell
          one.written = quoted(cell)
        }
        text += one.name + one.written
      }
    }
    text += names.length === 0 ? '{}' : '}'
  }
  return text
}

/** Neither a quotation mark nor a backslash, nothing outside of ASCII, no control character. */
const PLAIN = /^[ !#-[\]-~]*$/
const quoted = (text: string) => (PLAIN.test(text) ? `"${text}"` : jsonText(text))
const plainJson = (cell: Exclude<Cell, string> | undefined) =>
  cell === null || cell === undefined || (typeof cell === 'number' && !Number.isFinite(cell)) ? 'null' : `${cell}`

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

/** Nearly every row needs no quotation mark: to ask the library about each of its cells takes four times as long. */
function csvLine(row: Rows['rows'][number]): string {
  const isBare = row.every((cell) => typeof cell !== 'string' || BARE.test(cell))
  return isBare && row.length > 1 ? `${row.map(textOf).join(',')}\n` : stringify([row.map(csvCell)])
}

/** Printable ASCII without comma and quotation mark; no beginning of a formula, no blank at an end. */
const BARE = /^(?![=+\-@ ])[ !#-+\--~]*(?<! )$/

/** A spreadsheet takes `=`, `+`, `-` and `@` for the beginning of a formula. */
function csvCell(cell: Cell): string {
  if (typeof cell !== 'string') return textOf(cell)
  const text = visible(cell)
  return /^[=+\-@]/.test(text) ? `'${text}` : text
}
