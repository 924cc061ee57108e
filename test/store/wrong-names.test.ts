/**
 * Lines that give a wrong name, in stored facts: counted over runs, told by another sensor where one did not see it,
 * and without anybody's name where pseudonyms are asked for.
 */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ask } from '../../src/questions/asking.ts'
import { NO_LIMITS } from '../../src/questions/catalogue.ts'
import { DuckDb } from '../../src/questions/duckdb.ts'
import { Pseudonyms } from '../../src/store/addresses/pseudonyms.ts'
import { loadInto, rowsIn } from '../builders/facts.ts'
import { temporaryFolder } from '../captures/packets.ts'

const folder = temporaryFolder()
const recorded = (name: string) => join(import.meta.dirname, '../../captures/origins', `${name}.pcap`)
const SCRIPT = '\\\\dc1.corp.example\\netlogon\\logon.cmd'
const LINK = '\\\\files1.corp.example\\dfs\\address'

describe('stored lines', () => {
  it('are asked for by one question', async () => {
    const facts = join(folder, 'facts')
    await loadInto(facts, [recorded('logon-script'), recorded('dfs-link-address')])
    const duck = await DuckDb.open(facts)
    const { columns, rows } = await ask(duck, 'wrong-names', { zone: 'UTC', limits: NO_LIMITS }).finally(() =>
      duck.close(),
    )
    expect(rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]])))).toMatchObject([
      { name_from: 'dfs-referral', name_from_where: LINK, named: 1, logons: 1, clients: 1, servers: 1 },
      { name_from: 'file-read', name_from_where: SCRIPT, named: 1, logons: 1, clients: 1, servers: 1 },
    ])
  })

  it('say no name where pseudonyms are asked for, and are the same line in each load', async () => {
    const facts = join(folder, 'hidden')
    const pseudonyms = new Pseudonyms(Buffer.alloc(32, 7))
    for (const name of ['logon-script', 'dfs-link-address']) await loadInto(facts, [recorded(name)], { pseudonyms })
    const places = (await rowsIn(facts, 'exchanges'))
      .map(({ name_from_where: where }) => where)
      .filter((where) => where !== null)
    expect(places.length).toBe(2)
    for (const where of places) expect(where).toMatch(/^p-[0-9a-f]{12}$/)
  })
})
