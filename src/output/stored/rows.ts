/**
 * Answers to questions: columns and rows as a table, JSON, JSON lines, CSV or Markdown. What the wire said is made
 * harmless for each of them.
 */
import { stringify } from 'csv-stringify/sync'
import { type Batch, batchOf, OCTET, OctetPage, Phrase, rowsOfBatch } from '../../questions/columns.ts'
import { say } from '../../texts/say.ts'
import { jsonText } from '../page/json-text.ts'
import { table } from '../page/layout.ts'
import { MARKUP, markdownText } from '../page/markdown.ts'
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
  readonly batches: AsyncIterable<Batch>
  /** how many rows were not taken yet; none of them is taken afterwards */
  readonly left?: () => Promise<number>
}

/** What somebody reads; columns as wide as the widest cell of a million rows help nobody, and take minutes to fit. */
export const TEXT_ROWS_MAX = 1000

/**
 * Piece by piece: an answer may have a million rows. A table for people has a thousand, and says how many more. Octets
 * are there until the next but one is asked for.
 */
export async function* rowsText(
  answer: RowBatches,
  format: RowFormat,
  columns: number,
): AsyncGenerator<string | Uint8Array> {
  if (format === 'text') {
    yield* readableText(answer, columns)
    return
  }
  const form = FORMS[format](answer.columns)
  let isFirst = true
  for await (const batch of answer.batches) {
    if (batch.size === 0) continue
    if (isFirst) form.head(batch)
    form.rows(batch, isFirst)
    yield form.page.take()
    isFirst = false
  }
  if (isFirst) form.head(batchOf(answer.columns.length, []))
  form.end(isFirst)
  yield form.page.take()
}

async function* readableText(answer: RowBatches, columns: number): AsyncGenerator<string> {
  const rows: Rows['rows'][number][] = []
  const batches = answer.batches[Symbol.asyncIterator]()
  let more = 0
  for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
    const room = TEXT_ROWS_MAX - rows.length
    if (room > 0) rows.push(...rowsOfBatch(next.value).slice(0, room))
    more += Math.max(0, next.value.size - room)
    if (rows.length < TEXT_ROWS_MAX || answer.left === undefined) continue
    more += await answer.left()
    break
  }
  yield wholeText({ columns: answer.columns, rows }, 'text', columns)
  if (more > 0) yield `${say`... and ${more} more rows: --format csv, json or ndjson has them all`}\n`
}

/** The same, of few rows. */
export function wholeText({ columns: names, rows }: Rows, format: RowFormat, columns: number): string {
  if (format === 'text') return [...textRows({ columns: names, rows }, columns)].join('')
  const form = FORMS[format](names)
  const batch = batchOf(names.length, rows)
  form.head(batch)
  if (rows.length > 0) form.rows(batch, true)
  form.end(rows.length === 0)
  return Buffer.from(form.page.take()).toString()
}

/** What stands before the first row, rows, what stands behind the last one. */
interface Form {
  readonly page: OctetPage
  readonly head: (first: Batch) => void
  readonly rows: (batch: Batch, isFirst: boolean) => void
  readonly end: (isNothing: boolean) => void
}

/** How octets of texts are written: those that are `plain` (ASCII), some of them behind a backslash. */
function formsOf(plain: RegExp, escaped: RegExp | null): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, octet) => {
    const character = String.fromCharCode(octet)
    if (octet > 0x7e || !plain.test(character)) return OCTET.otherwise
    return escaped?.test(character) ? OCTET.behindBackslash : OCTET.asItIs
  })
}

/** One array of objects, a row on each line. */
const FORMS: Readonly<Record<Exclude<RowFormat, 'text'>, (columns: readonly string[]) => Form>> = {
  json: (columns) => {
    const { page, rows } = objects(columns, ',\n')
    return {
      page,
      head: () => page.text('['),
      rows: (batch, isFirst) => {
        page.text(isFirst ? '\n' : ',\n')
        rows(batch)
      },
      end: (isNothing) => page.text(isNothing ? ']\n' : '\n]\n'),
    }
  },
  ndjson: (columns) => {
    const { page, rows } = objects(columns, '\n')
    return {
      page,
      head: () => {},
      rows: (batch) => {
        rows(batch)
        page.text('\n')
      },
      end: () => {},
    }
  },
  csv: (columns) => {
    const page = new OctetPage(CSV_OCTETS)
    return {
      page,
      head: () => page.text(stringify([[...columns]])),
      rows: (batch) => {
        for (let row = 0; row < batch.size; row++) csvLine(batch, row, page)
      },
      end: () => {},
    }
  },
  markdown: (columns) => {
    const page = new OctetPage(MARKDOWN_OCTETS)
    return {
      page,
      head: (first) =>
        page.text(
          `| ${columns.map(markdownText).join(' | ')} |\n| ${columns.map((_, at) => (isNumeric(rowsOfBatch(first), at) ? '--:' : '---')).join(' | ')} |\n`,
        ),
      rows: ({ size, columns: cells }) => {
        for (let row = 0; row < size; row++) {
          for (const [at, column] of cells.entries()) {
            page.phrase(at === 0 ? LINE_BEGINS : CELL_BEGINS)
            if (column.put(row, page) === 'not-plain') page.text(markdownText(textOf(column.at(row))))
          }
          page.phrase(LINE_ENDS)
        }
      },
      end: () => {},
    }
  },
}

const [LINE_BEGINS, CELL_BEGINS, LINE_ENDS] = [new Phrase('| '), new Phrase(' | '), new Phrase(' |\n')]
const MARKDOWN_OCTETS = formsOf(/[ -~]/, MARKUP)

/**
 * Each row as an object of JSON, `between` them; of columns of one name the last one counts. Put together here, since
 * an answer may have a million rows: JSON.stringify takes many times as long to find the names out again.
 */
function objects(columns: readonly string[], between: string): { page: OctetPage; rows: (batch: Batch) => void } {
  const page = new OctetPage(JSON_OCTETS)
  const places = new Map(columns.map((name, at) => [name, at]))
  // what stands before a cell, with the quotation mark that ends the text before it and the one that begins a text
  const names = [...places].map(([name, at], first) => {
    const before = `${first === 0 ? '{' : ','}${quoted(name)}:`
    return { at, leads: [before, `"${before}`, `${before}"`, `"${before}"`].map((text) => new Phrase(text)) }
  })
  const separator = new Phrase(between)
  const ends = [names.length === 0 ? '{}' : '}', '"}'].map((text) => new Phrase(text))
  const rows = ({ size, columns: cells }: Batch) => {
    for (let row = 0; row < size; row++) {
      if (row > 0) page.phrase(separator)
      let open = 0
      for (const { at, leads } of names) {
        const column = cells[at]!
        const start = page.at
        page.phrase(leads[column.isText ? open + 2 : open]!)
        if (column.put(row, page) === 'written') {
          open = column.isText ? 1 : 0
          continue
        }
        page.at = start
        page.phrase(leads[open]!)
        const cell = column.at(row)
        page.text(typeof cell === 'string' ? quoted(cell) : plainJson(cell))
        open = 0
      }
      page.phrase(ends[open]!)
    }
  }
  return { page, rows }
}

/** Printable ASCII; what is behind a backslash is there in JSON.stringify as well. */
const JSON_OCTETS = formsOf(/[ -~]/, /["\\]/)
const quoted = (text: string) => jsonText(text)
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
    ...(isNumeric(answer.rows, at) ? { align: 'right' as const } : {}),
  }))
  const lines = answer.rows.map((row) => ({ cells: row.map((cell) => visible(textOf(cell))), notes: [] }))
  const plain = { title: (text: string) => text, cell: (text: string) => text }
  const page = table(shown, lines, columns, plain)
  if (page !== null) yield `${page.join('\n')}\n`
  // too narrow for a table: a value a line
  else for (const { cells } of lines) yield `${cells.map((cell, at) => `${shown[at]!.title}: ${cell}`).join('\n')}\n\n`
}

function isNumeric(rows: Rows['rows'], at: number): boolean {
  return rows.length > 0 && rows.every((row) => row[at] === null || typeof row[at] === 'number')
}

const textOf = (cell: Cell) => (cell === null ? '' : String(cell))

/** Nearly every row needs no quotation mark: to ask the library about each of its cells takes four times as long. */
function csvLine({ columns }: Batch, row: number, page: OctetPage): void {
  const start = page.at
  // the library tells a single empty cell from no line at all
  let isBare = columns.length > 1
  for (let at = 0; isBare && at < columns.length; at++) {
    if (at > 0) page.phrase(COMMA)
    isBare = putBare(columns[at]!, row, page)
  }
  if (isBare) {
    page.phrase(NEW_LINE)
    return
  }
  page.at = start
  page.text(stringify([columns.map((column) => csvCell(column.at(row)))]))
}

const [COMMA, NEW_LINE] = [new Phrase(','), new Phrase('\n')]
/** Printable ASCII without comma and quotation mark. */
const CSV_OCTETS = formsOf(/[ !#-+\--~]/, null)

/** false: the cell takes the library. */
function putBare(column: Batch['columns'][number], row: number, page: OctetPage): boolean {
  const start = page.at
  const put = column.put(row, page)
  if (put === 'nothing') return true
  if (put === 'not-plain') {
    const cell = column.at(row)
    if (typeof cell === 'string' && !BARE.test(cell)) return false
    page.text(textOf(cell))
    return true
  }
  return !column.isText || page.at === start || (BEGINS[page.bytes[start]!] === 1 && page.bytes[page.at - 1] !== BLANK)
}

const BLANK = 0x20
/** neither the beginning of a formula nor a blank */
const BEGINS = Uint8Array.from({ length: 256 }, (_, octet) => ('=+-@ '.includes(String.fromCharCode(octet)) ? 0 : 1))
/** Printable ASCII without comma and quotation mark; no beginning of a formula, no blank at an end. */
const BARE = /^(?![=+\-@ ])[ !#-+\--~]*(?<! )$/

/** A spreadsheet takes `=`, `+`, `-` and `@` for the beginning of a formula. */
function csvCell(cell: Cell): string {
  if (typeof cell !== 'string') return textOf(cell)
  const text = visible(cell)
  return /^[=+\-@]/.test(text) ? `'${text}` : text
}
