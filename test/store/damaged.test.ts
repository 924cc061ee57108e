/**
 * Folders as they are found: damaged, copied in part, with files of others, of an older version. Nothing is silently
 * missing, and nothing of others is taken away.
 */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { askSql } from '../../src/questions/asking.ts'
import { NO_LIMITS } from '../../src/questions/catalogue.ts'
import { DuckDb } from '../../src/questions/duckdb.ts'
import { Folder } from '../../src/store/folder.ts'
import { check, compact } from '../../src/store/upkeep.ts'
import { loadInto, readCaptures, rowsIn } from '../builders/facts.ts'
import { temporaryFolder } from '../captures/packets.ts'

const OFFICE = 'captures/office/office.pcap'
const place = temporaryFolder()
const whole = join(place, 'whole')
let copies = 0

function copied(): string {
  const path = join(place, `copy${copies++}`)
  cpSync(whole, path, { recursive: true })
  return path
}

const fileIn = (folder: string, table: string) => {
  const [day] = readdirSync(join(folder, table))
  return join(folder, table, day!, readdirSync(join(folder, table, day!))[0]!)
}

const recordsIn = (folder: string) => {
  const names = readdirSync(join(folder, 'loads')).filter((name) => name.endsWith('.json'))
  return names.map((name) => join(folder, 'loads', name))
}

async function asked(folder: string, sql: string, zone = 'UTC') {
  const engine = await DuckDb.open(folder)
  try {
    return (await askSql(engine, sql, { zone, limits: NO_LIMITS })).rows
  } finally {
    await engine.close()
  }
}

describe('a folder of facts', () => {
  beforeAll(async () => {
    // two taps, so that rows of the first count no more
    await loadInto(whole, ['captures/rpc/netlogon.pcap'], { sensor: 'tap2' })
    await loadInto(whole, [OFFICE])
    await loadInto(whole, [OFFICE], { sensor: 'tap2' })
  })

  it('of which one byte is another one is damaged, wherever it stands', async () => {
    const folder = copied()
    expect((await check(Folder.open(folder))).damaged).toEqual([])
    const file = fileIn(folder, 'exchanges')
    const bytes = readFileSync(file)
    bytes[500] = bytes[500]! ^ 1
    writeFileSync(file, bytes)
    expect((await check(Folder.open(folder))).damaged).toEqual([expect.stringMatching(/exchanges.*: is damaged/)])
  })

  it('says which file is cut or missing, to a question too', async () => {
    const folder = copied()
    const file = fileIn(folder, 'exchanges')
    writeFileSync(file, readFileSync(file).subarray(0, 1000))
    await expect(asked(folder, 'select count(*) from exchanges')).rejects.toThrow(/parquet: is damaged; see/)
    rmSync(file)
    await expect(asked(folder, 'select count(*) from exchanges')).rejects.toThrow(/parquet: is missing; see/)
  })

  it('with a record that is no record any more is not asked: its rows would be missing', async () => {
    const folder = copied()
    const [record] = recordsIn(folder)
    writeFileSync(record!, readFileSync(record!).subarray(0, 100))
    await expect(asked(folder, 'select count(*) from exchanges')).rejects.toThrow(/no record of a load/)
    rmSync(join(folder, 'loads'), { recursive: true })
    await expect(asked(folder, 'select count(*) from exchanges')).rejects.toThrow(/copied in part/)
  })

  it('has nothing of a load that failed on the way', async () => {
    const folder = copied()
    const files = () =>
      readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length
    const before = files()
    const failing = loadInto(folder, [OFFICE], {
      sensor: 'tap3',
      read: async (captures, taker) => {
        await readCaptures(captures, taker)
        throw new Error('no space left')
      },
    })
    await expect(failing).rejects.toThrow('no space left')
    expect(files()).toBe(before)
  })

  it('keeps the files of others', async () => {
    const folder = copied()
    const foreign = join(folder, 'exchanges', 'mine.parquet')
    const killed = join(folder, 'exchanges', 'compact-0123456789ab.parquet')
    for (const path of [foreign, killed]) {
      writeFileSync(path, 'of somebody')
      utimesSync(path, new Date(0), new Date(0))
    }
    const found = await check(Folder.open(folder))
    expect(found).toMatchObject({
      foreign: ['exchanges/mine.parquet'],
      removed: ['exchanges/compact-0123456789ab.parquet'],
    })
    expect(existsSync(foreign)).toBe(true)
    expect(await rowsIn(folder, 'exchanges')).toHaveLength(10)
  })

  it('of an older version gives the same answers, and so does one in parts of two', async () => {
    const sql = `select uid, sensor, result, cast(local_ts as date) as day, min(ts) as first, count(*) as n from exchanges
group by uid, sensor, result, day order by uid`
    const expected = await asked(whole, sql, 'Asia/Kathmandu')
    expect(expected).toHaveLength(10)
    const folder = copied()
    for (const record of recordsIn(folder)) {
      const { columns, goneOf, digests, ...older } = JSON.parse(readFileSync(record, 'utf8'))
      expect([typeof columns, typeof digests, Array.isArray(goneOf)]).toEqual(['string', 'object', true])
      writeFileSync(record, JSON.stringify(older))
      expect(await asked(folder, sql, 'Asia/Kathmandu')).toEqual(expected)
    }
    expect((await check(Folder.open(folder))).damaged).toEqual([])
    await compact(Folder.open(folder))
    expect((await check(Folder.open(folder))).damaged).toEqual([])
    expect(await asked(folder, sql, 'Asia/Kathmandu')).toEqual(expected)
  })
})

describe('an answer', () => {
  it('has texts of every length and script, counts, times and what is null as they are', async () => {
    const long = 'x'.repeat(5000)
    const sql = `select * from (values (1, 'a', 'twelve bytes', '${long}', timestamptz '2026-10-25 00:59:59.999999+00', 1::bigint, true),
  (2, null, 'thirteen byte', 'Zürich 日本 ${'é'.repeat(20)}', null, null, null),
  (3, '', 'thirteen byte', 'ü', 'infinity'::timestamptz, -9007199254740991::bigint, false)) as t(n, a, b, c, d, e, f) order by n`
    expect(await asked(whole, sql, 'Europe/Berlin')).toEqual([
      [1, 'a', 'twelve bytes', long, '2026-10-25T02:59:59.999999+02:00', 1, true],
      [2, null, 'thirteen byte', `Zürich 日本 ${'é'.repeat(20)}`, null, null, null],
      [3, '', 'thirteen byte', 'ü', 'infinity', -9007199254740991, false],
    ])
    await expect(asked(whole, ' ; ')).rejects.toThrow(/no question/)
  })
})
