/** Answers as JSON, JSON lines, CSV, Markdown and text: whatever comes in which batches, other readers get it back. */
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { describe, expect, it } from 'vitest'
import { visible } from '../../../../src/output/page/visible.ts'
import { type RowFormat, type Rows, rowsText, TEXT_ROWS_MAX, wholeText } from '../../../../src/output/stored/rows.ts'
import { batchOf } from '../../../../src/questions/columns.ts'

const COLUMNS = ['name', 'n "quoted"', 'flag']
const ROWS: Rows['rows'] = [
  ['fs01', 1, true],
  ['with "quotes", \\ and \n a line', 0, false],
  ['\u202ereordered \u001b[31m', -2.5, null],
  [null, null, null],
  ['', 9_007_199_254_740_991, true],
  ['=1+1 é 日本', 1e21, false],
]

async function written(format: RowFormat, rows: Rows['rows'], sizes: readonly number[]): Promise<string> {
  async function* batches() {
    let at = 0
    for (const size of sizes) {
      yield batchOf(COLUMNS.length, rows.slice(at, at + size))
      at += size
    }
    if (at < rows.length) yield batchOf(COLUMNS.length, rows.slice(at))
  }
  let text = ''
  for await (const piece of rowsText({ columns: COLUMNS, batches: batches() }, format, 200))
    text += Buffer.from(piece as string).toString()
  return text
}

const objects = (rows: Rows['rows']) =>
  rows.map((row) => Object.fromEntries(COLUMNS.map((name, at) => [name, row[at] ?? null])))

const CUTS = [[], [1], [0, 2, 0, 3], [1, 1, 1, 1, 1, 1], [6, 0]]

describe('an answer', () => {
  it.each(CUTS)('is the same JSON however it comes (%s, %s, %s, %s)', async (...cut) => {
    const sizes = cut.filter((size) => size !== undefined)
    expect(JSON.parse(await written('json', ROWS, sizes))).toEqual(objects(ROWS))
    const lines = (await written('ndjson', ROWS, sizes)).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(objects(ROWS))
    for (const format of ['csv', 'markdown', 'text', 'json', 'ndjson'] as const)
      expect(await written(format, ROWS, sizes), format).toBe(wholeText({ columns: COLUMNS, rows: ROWS }, format, 200))
  })

  it('has nothing in it that a terminal or a spreadsheet obeys', async () => {
    for (const format of ['csv', 'markdown', 'text', 'json', 'ndjson'] as const)
      expect(await written(format, ROWS, []), format).not.toMatch(/[\u001b\u202e]/)
    const [head, ...cells] = parse(await written('csv', ROWS, [])) as string[][]
    expect(head).toEqual(COLUMNS)
    expect(cells.map(([, number]) => number)).toEqual(['1', '0', '-2.5', '', '9007199254740991', '1e+21'])
    expect(cells.at(-1)![0]!.startsWith("'=")).toBe(true)
  })

  it('is the CSV that the library writes, whatever is in a cell', async () => {
    const texts = [
      '',
      ' ',
      'a',
      ' a',
      'a ',
      'a,b',
      'a"b',
      "'a",
      'a\nb',
      'a\rb',
      'a;b',
      '\u00e9',
      'a b',
      '#',
      '-',
      '=',
      'x=',
      '@',
      '+1',
    ]
    const rows = texts.flatMap((one) => texts.map((other) => [one, 7, other] as const))
    const safe = (text: string) => (/^[=+\-@]/.test(visible(text)) ? `'${visible(text)}` : visible(text))
    const library = stringify([
      COLUMNS,
      ...rows.map(([one, number, other]) => [safe(one), String(number), safe(other)]),
    ])
    expect(await written('csv', rows, [5, 100])).toBe(library)
  })

  it('without rows is none, and says its columns where the format has a place for them', async () => {
    for (const sizes of [[], [0]]) {
      expect(JSON.parse(await written('json', [], sizes))).toEqual([])
      expect(await written('ndjson', [], sizes)).toBe('')
      expect(parse(await written('csv', [], sizes))).toEqual([COLUMNS])
    }
  })

  it('with two columns of one name has the last one in JSON', () => {
    const text = wholeText({ columns: ['a', 'a', 'b'], rows: [[1, 2, 3]] }, 'ndjson', 80)
    expect(text).toBe('{"a":2,"b":3}\n')
  })

  it('for people ends where nobody reads on, and says how many more there are; the rest is not even taken', async () => {
    const many = Array.from({ length: 3 * TEXT_ROWS_MAX }, (_, at) => [`fs${at}`, at, null] as const)
    let taken = 0
    async function* batches() {
      for (let at = 0; at < many.length; at += 700) {
        taken++
        yield batchOf(COLUMNS.length, many.slice(at, at + 700))
      }
    }
    const textOf = async (left?: () => Promise<number>) => {
      let text = ''
      const answer = { columns: COLUMNS, batches: batches(), ...(left && { left }) }
      for await (const piece of rowsText(answer, 'text', 200)) text += piece
      return text.trimEnd().split('\n')
    }
    const lines = await textOf()
    expect(lines.length).toBe(1 + TEXT_ROWS_MAX + 1)
    expect(lines.at(-2)).toContain(`fs${TEXT_ROWS_MAX - 1}`)
    expect(lines.at(-1)).toContain(`${2 * TEXT_ROWS_MAX} more rows`)
    expect(taken).toBe(5)
    taken = 0
    expect(await textOf(() => Promise.resolve(many.length - 1400))).toEqual(lines)
    expect(taken).toBe(2)
    // a table that just fits says nothing
    expect(await written('text', many.slice(0, TEXT_ROWS_MAX), [])).not.toContain('more rows')
    expect((await written('csv', many, [])).trimEnd().split('\n').length).toBe(1 + many.length)
  })
})
