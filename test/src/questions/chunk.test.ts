/**
 * Answers of DuckDB as they lie in its memory: what is printed from the octets is what is printed of the values, in
 * every format, of whatever a column may hold.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RowFormat, rowsText, wholeText } from '../../../src/output/stored/rows.ts'
import { type Answer, whole } from '../../../src/questions/answerer.ts'
import { askingSql, askSql } from '../../../src/questions/asking.ts'
import { NO_LIMITS, type Scoped } from '../../../src/questions/catalogue.ts'
import { chosen } from '../../../src/questions/columns.ts'
import { DuckDb } from '../../../src/questions/duckdb.ts'
import { Folder } from '../../../src/store/folder.ts'
import { perTable } from '../../../src/store/tables.ts'
import { temporaryFolder } from '../../captures/packets.ts'

const FORMATS: readonly RowFormat[] = ['json', 'ndjson', 'csv', 'markdown', 'text']
const scope = (zone = 'UTC'): Scoped => ({ zone, limits: NO_LIMITS })

/** More than one chunk of texts of every length, some of them null, some the same as before. */
const TEXTS = `select i as n, case when i % 7 = 0 then null else repeat(chr((97 + i % 26)::int), (i % 40)::int) end as a,
  case when i % 5 < 2 then 'client-with-a-long-name.corp.example' else 'short' end as b,
  repeat('x', (i % 600)::int) as c from range(5000) t(i) order by n`
const ODD = `select * from (values
  (1, 'plain', true, 1.5, date '2026-11-29'), (2, 'with "quotes", \\ and a' || chr(10) || 'line', false, -0.1, null),
  (3, chr(8238) || 'reordered' || chr(27) || '[31m', null, null, date '1969-12-31'), (4, '=1+1', true, 1e21, null),
  (5, ' blank ', true, 0, null), (6, 'é日本', true, 0, null), (7, '', true, 0, null), (8, null, null, null, null),
  (9, '*_[a](b)_*|#~<b>', true, 2, null), (10, '-', true, 2, null), (-11, 'x-', true, 2, null),
  (2147483647, 'tab' || chr(9), true, 2, null)) t(n, a, flag, part, day) order by n`
const TIMES = `select ts, ts::timestamp as plain, n, n * 100003 as large, -n as less from (select
  make_timestamptz(i * 7919000003 + 1) as ts, i as n from range(0, 400000, 37) t(i)
  union all values ('infinity'::timestamptz, 9007199254), ('-infinity'::timestamptz, 0), (null, null),
  ('0044-03-15 (BC) 12:00:00+00'::timestamptz, 1), ('12026-01-01 00:00:00+00'::timestamptz, 2)) order by ts, n`

async function printed(answer: Parameters<typeof rowsText>[0], format: RowFormat): Promise<string> {
  const parts: Buffer[] = []
  for await (const piece of rowsText(answer, format, 200)) parts.push(Buffer.from(piece as string))
  return Buffer.concat(parts).toString()
}

describe('an answer as it lies in memory', () => {
  const folder = temporaryFolder()
  let duck: DuckDb
  beforeAll(async () => {
    const load = await Folder.openOrMake(folder).begin('none', '0'.repeat(12))
    await load.commit({ sensor: 'none', inputs: [], counts: perTable(() => 0), version: 'test' })
    duck = await DuckDb.open(folder)
  })
  afterAll(() => duck.close())

  it.each([
    ['texts', TEXTS, 'UTC'],
    ['odd values', ODD, 'UTC'],
    ['times', TIMES, 'UTC'],
    ['times of a zone', TIMES, 'Australia/Lord_Howe'],
    ['one column', 'select a from (values (null), (1)) t(a)', 'UTC'],
    ['no rows', 'select 1 as a where false', 'UTC'],
  ])('is printed as its values are: %s', async (_, sql, zone) => {
    const answer: Answer = await askSql(duck, sql, scope(zone))
    for (const format of FORMATS) {
      const text = await printed(await askingSql(duck, sql, scope(zone)), format)
      if (format === 'text' && answer.rows.length > 1000) continue
      expect(text, format).toBe(wholeText(answer, format, 200))
    }
  })

  it('has the values that were asked for', async () => {
    const { rows } = await askSql(duck, TEXTS, scope())
    expect(rows.length).toBe(5000)
    for (const [at, [n, a, b, c]] of rows.entries()) {
      expect(n).toBe(at)
      expect(a).toBe(at % 7 === 0 ? null : String.fromCharCode(97 + (at % 26)).repeat(at % 40))
      expect(b).toBe(at % 5 < 2 ? 'client-with-a-long-name.corp.example' : 'short')
      expect(c).toBe('x'.repeat(at % 600))
    }
  })

  it('gives some of its rows, and counts those that nobody took', async () => {
    const answer = await askingSql(duck, TEXTS, scope())
    async function* some() {
      for await (const batch of answer.batches) yield chosen(batch, [3, 1])
    }
    const { rows } = await whole({ columns: answer.columns, batches: some() })
    expect(rows.map(([n]) => n)).toEqual([3, 1, 2051, 2049, 4099, 4097])
    const left = await askingSql(duck, TEXTS, scope())
    for await (const { size } of left.batches) {
      expect(size).toBe(2048)
      break
    }
    expect(await left.left!()).toBe(5000 - 2048)
  })

  it('is left behind for another question, and closed, whatever is under way', async () => {
    const other = await DuckDb.open(folder)
    for (let times = 0; times < 3; times++)
      for await (const { size } of (await askingSql(other, TEXTS, scope())).batches) {
        expect(size).toBe(2048)
        break
      }
    await other.close()
  })
})
