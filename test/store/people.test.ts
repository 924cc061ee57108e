/** Subnets, and names of people and machines as pseudonyms. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { askSql } from '../../src/questions/asking.ts'
import { NO_LIMITS } from '../../src/questions/catalogue.ts'
import { DuckDb } from '../../src/questions/duckdb.ts'
import { addressOf, Nets, textOfBits } from '../../src/store/addresses/nets.ts'
import { Pseudonyms } from '../../src/store/addresses/pseudonyms.ts'
import { loadInto, rowsIn } from '../builders/facts.ts'
import { readPcap, temporaryFolder, writePcap } from '../captures/packets.ts'

const OFFICE = 'captures/office/office.pcap'

describe('subnets', () => {
  const place = temporaryFolder()
  const read = (text: string) => {
    const file = join(place, 'subnets.txt')
    writeFileSync(file, text)
    return Nets.read(file)
  }

  it('are those of the list, the longest prefix first, else /24 and /64', () => {
    const nets = read('10.0.0.0/8\n10.1.0.0/16 Berlin, first floor  # a comment\n\n2001:db8::/32 lab\n')
    expect(nets.netOf('10.1.2.3')).toBe('Berlin, first floor')
    expect(nets.netOf('10.2.2.3')).toBe('10.0.0.0/8')
    expect(nets.netOf('192.0.2.9')).toBe('192.0.2.0/24')
    expect(nets.netOf('2001:db8:1::5')).toBe('lab')
    expect(nets.netOf('2001:db9:0:1:2::5')).toBe('2001:db9:0:1::/64')
    expect(nets.netOf('nobody')).toBe('')
  })

  it('a line that is no prefix is named', () => {
    for (const line of ['10.0.0.0/33', '10.0.0.0', 'x/8'])
      expect(() => read(`# first\n${line}`)).toThrow(/subnets\.txt:2: .*10\.1\.0\.0\/16/)
  })

  it('addresses of IPv6 are written as RFC 5952 has them', () => {
    for (const text of ['::', '::1', '2001:db8::', '2001:db8:0:1:1:1:1:1', '2001:0:0:1::1', 'fe80::1:0:0:1'])
      expect(textOfBits(addressOf(text)!.bits)).toBe(text)
  })
})

describe('pseudonyms', () => {
  const key = Buffer.from('a key for tests, long enough')

  it('are the same for the same name, and other hosts of the same subnet', () => {
    const [one, two] = [new Pseudonyms(key), new Pseudonyms(Buffer.from('another key, long enough'))]
    expect(one.name('Alice')).toBe(new Pseudonyms(key).name('alice'))
    expect(one.name('alice')).not.toBe(two.name('alice'))
    const hosts = Array.from({ length: 256 }, (_, host) => one.address(`10.1.2.${host}`))
    expect(new Set(hosts).size).toBe(256)
    expect(hosts.every((ip) => ip.startsWith('10.1.2.'))).toBe(true)
    expect(one.serviceName('cifs/fs01.corp.example')).toMatch(/^cifs\/p-[0-9a-f]{12}$/)
    expect(one.address('2001:db8:1:2::5')).toMatch(/^2001:db8:1:2:/)
  })

  it('leave nobody in what is stored, and count as the names do', async () => {
    const place = temporaryFolder()
    const file = join(place, 'key')
    writeFileSync(file, key)
    const facts = join(place, 'facts')
    // a capture that is called after a host, and the rest of its last conversation in another one
    const [first, rest] = [join(place, 'client2 of bob.pcap'), join(place, 'client2 later.pcap')]
    const office = readPcap(OFFICE)
    writePcap(first, office, office.records.slice(0, 228))
    writePcap(rest, office, office.records.slice(228))
    await loadInto(facts, [first, rest], { pseudonyms: Pseudonyms.read(file) })
    await loadInto(facts, [OFFICE], { sensor: 'tap2', pseudonyms: Pseudonyms.read(file) })
    const rows = await rowsIn(facts, 'exchanges')
    expect(rows).toHaveLength(7)
    expect(rows.some(({ frames }) => /^[0-9 ]*p-[0-9a-f]{12}:\d+( |$)/.test(String(frames)))).toBe(true)
    const everything = []
    for (const table of ['exchanges', 'kdc', 'findings', 'conversations', 'captures'] as const)
      everything.push(...(await rowsIn(facts, table, { sightings: true })))
    const leaks = everything.flatMap((row) =>
      Object.entries(row).filter(([, value]) =>
        /alice|bob|files1|web1|\bdc1\b|\bcorp\b|CLIENT2|WORKSTATION/i.test(String(value)),
      ),
    )
    expect(leaks).toEqual([])
    const records = readdirSync(join(facts, 'loads')).map((name) => readFileSync(join(facts, 'loads', name), 'utf8'))
    expect(records.filter((record) => /client2|office/i.test(record))).toEqual([])
    expect(() => Pseudonyms.read(OFFICE.replace('office.pcap', 'absent'))).toThrow(/cannot be read \(ENOENT\)/)
  })
})

describe('SQL over a folder', () => {
  it('reads the facts and nothing else', async () => {
    const facts = join(temporaryFolder(), 'facts')
    await loadInto(facts, [OFFICE])
    const duck = await DuckDb.open(facts)
    const scope = { zone: 'UTC', limits: NO_LIMITS }
    for (const sql of ["select * from read_csv('/etc/passwd')", "with x as (from read_text('/etc/passwd')) from x"])
      await expect(askSql(duck, sql, scope), sql).rejects.toThrow(/Permission|disabled|locked|Cannot/i)
    const record = readFileSync(join(facts, 'facts.json'), 'utf8')
    for (const sql of [
      "copy (select 1) to '/tmp/x.csv'",
      // in the folder the engine itself may write
      `copy (select 1 as a) to '${facts}/facts.json'`,
      `explain analyze copy (select 1 as a) to '${facts}/facts.json'`,
      `select 1; copy (select 1 as a) to '${facts}/facts.json'`,
      `copy (select 1 as a) to '${facts}/loads/x.json'; select 1`,
      `export database '${facts}/x'`,
      `attach '${facts}/x.db'`,
      'create table x as select 1',
      'drop view exchanges',
      'set enable_external_access = true',
      'install httpfs',
    ])
      await expect(askSql(duck, sql, scope), sql).rejects.toThrow(
        /one SELECT is asked|Permission|disabled|locked|Cannot/,
      )
    expect(readFileSync(join(facts, 'facts.json'), 'utf8')).toBe(record)
    expect(readdirSync(join(facts, 'loads')).filter((name) => !name.endsWith('.json'))).toEqual([])
    expect(readdirSync(facts)).not.toContain('x')
    for (const sql of [
      'select count(*) as n from exchanges;',
      '-- how many\n /* of all */ from exchanges select count(*)',
      '(with x as (select 1 from exchanges) select count(*) from x)',
    ])
      expect((await askSql(duck, sql, scope)).rows, sql).toEqual([[7]])
    await expect(askSql(duck, 'select nothing from exchanges', scope)).rejects.toThrow(/nothing/)
    await expect(askSql(duck, 'select 1', { ...scope, zone: "x'; drop" })).rejects.toThrow(/no zone/)
    await duck.close()
  })
})
