/**
 * The same questions, the same rows: a folder asked with DuckDB, and two ClickHouse servers with Distributed tables,
 * over facts that were made and over real ones. Loading twice, from two taps, into a server that dies, into tables of
 * an older version.
 *
 * Needs `npm install` in this folder (half a gigabyte), or CHDB_MODULES with such a place; skips without. FACTS_ROWS:
 * how many made exchanges (100,000).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer, Answerer } from '../../src/questions/answerer.ts'
import { ask, askSql } from '../../src/questions/asking.ts'
import { NO_LIMITS, QUESTIONS, type Scoped } from '../../src/questions/catalogue.ts'
import { ClickHouse } from '../../src/questions/clickhouse.ts'
import { DuckDb } from '../../src/questions/duckdb.ts'
import { Nets } from '../../src/store/addresses/nets.ts'
import { Folder } from '../../src/store/folder.ts'
import { load } from '../../src/store/intake.ts'
import { Loader } from '../../src/store/loader.ts'
import { exchangeFact } from '../../src/store/rows.ts'
import type { Store } from '../../src/store/store.ts'
import { readCaptures } from '../builders/facts.ts'
import { madeExchanges } from '../builders/made-facts.ts'
import { temporaryFolder } from '../captures/packets.ts'

const MODULES = process.env.CHDB_MODULES ?? 'test/clickhouse'
const here = existsSync(join(MODULES, 'node_modules', 'chdb'))
if (!here) console.warn('skipped: no ClickHouse; npm install in test/clickhouse brings one')
const ROWS = Number(process.env.FACTS_ROWS ?? 100_000)
const PORTS = [18_123, 18_124] as const
const CAPTURES = ['captures/office/office.pcap', 'captures/http/https-ntlm-bound.pcap', 'captures/rpc/netlogon.pcap']

const place = (port: number, database: string) => `clickhouse://127.0.0.1:${port}/${database}?cluster=two`

class Server {
  #child: ChildProcess | null = null
  readonly #port: number
  readonly #folder: string

  constructor(port: number, folder: string) {
    this.#port = port
    this.#folder = folder
  }

  async start(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true })
    const config = join(this.#folder, 'config.xml')
    const replicas = PORTS.map(
      (port) => `<shard><replica><host>127.0.0.1</host><port>${port + 1000}</port></replica></shard>`,
    )
    writeFileSync(
      config,
      `<clickhouse><remote_servers><two>${replicas.join('')}</two></remote_servers><logger><level>none</level></logger></clickhouse>`,
    )
    const words = [this.#port, this.#port + 1000, join(this.#folder, 'data'), config].join(' ')
    this.#child = spawn('sh', ['-c', `cat | exec node test/clickhouse/server.mjs ${words}`], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { ...process.env, CHDB_MODULES: MODULES },
      detached: true,
    })
    // it is killed in the middle of what it does
    this.#child.stdin?.on('error', () => {})
    for (let tries = 0; tries < 300; tries++) {
      const up = await fetch(`http://127.0.0.1:${this.#port}/?query=select+1`).catch(() => null)
      if (up?.ok) return
      await new Promise((done) => setTimeout(done, 100))
    }
    throw new Error('the server does not come up')
  }

  /** The whole group: the shell and what it started. */
  kill(): void {
    if (this.#child?.pid !== undefined)
      try {
        process.kill(-this.#child.pid, 'SIGKILL')
      } catch {
        // it has ended
      }
    this.#child = null
  }
}

async function loadMade(store: Store, count: number): Promise<void> {
  const maker = { sensor: 'made', netOf: new Nets().netOf.bind(new Nets()) }
  const loader = new Loader(await store.begin('made', '0'.repeat(12)))
  for (const one of madeExchanges({ count, clients: 2000 })) await loader.add('exchanges', exchangeFact(maker, one))
  await loader.commit({ sensor: 'made', inputs: [], version: 'test' })
}

async function loadReal(store: Store, sensor: string, inputs: readonly string[]) {
  const nets = new Nets()
  return load(store, {
    inputs,
    sensor,
    nets,
    pseudonyms: null,
    previous: null,
    final: false,
    version: 'test',
    read: readCaptures,
  })
}

const scope = (part: Partial<Scoped['limits']> = {}): Scoped => ({
  zone: 'Europe/Berlin',
  limits: { ...NO_LIMITS, ...part },
})

describe.skipIf(!here)('two ClickHouse servers', { timeout: 900_000 }, () => {
  const folder = temporaryFolder()
  const servers = PORTS.map((port) => new Server(port, join(folder, String(port))))
  beforeAll(async () => {
    for (const server of servers) await server.start()
  }, 60_000)
  afterAll(() => {
    for (const server of servers) server.kill()
  })

  /** The tables on both, and a connection to the first. */
  async function cluster(database: string): Promise<ClickHouse> {
    for (const port of PORTS) {
      const raw = await ClickHouse.open(place(port, 'default'), {}, { make: true })
      await raw.command(`create database if not exists ${database}`)
      await raw.close()
      await (await ClickHouse.open(place(port, database), {}, { make: true })).close()
    }
    return ClickHouse.open(place(PORTS[0], database), {}, { make: false })
  }

  async function allQuestions(answerer: Answerer, asked: Scoped): Promise<Map<string, Answer>> {
    const answers = new Map<string, Answer>()
    for (const { name, needs } of QUESTIONS) {
      const limits = needs.includes('client') ? { client: ['10.1.5.6'], server: ['10.200.0.0/24'] } : {}
      answers.set(name, await ask(answerer, name, { ...asked, limits: { ...asked.limits, ...limits } }, true))
    }
    return answers
  }

  it(`answer as DuckDB does, over ${ROWS} made exchanges`, async () => {
    const facts = Folder.openOrMake(join(folder, 'made'))
    await loadMade(facts, ROWS)
    const store = await cluster('made')
    await loadMade(store, ROWS)
    const shards = await Promise.all(
      PORTS.map(async (port) => {
        const one = await ClickHouse.open(place(port, 'made'), {}, { make: false })
        const [row] = await one.rows('select count() as n from made.exchanges_local')
        await one.close()
        return Number(row!.n)
      }),
    )
    expect(shards.reduce((sum, count) => sum + count)).toBe(ROWS)
    expect(Math.min(...shards)).toBeGreaterThan(0)
    const duck = await DuckDb.open(facts.path)
    const since = Date.UTC(2026, 8, 1) * 1000
    for (const asked of [scope(), scope({ since }), scope({ client: ['10.3.0.0/16'], server: ['srv7'] })]) {
      const [ours, theirs] = [await allQuestions(duck, asked), await allQuestions(store, asked)]
      for (const [name, answer] of ours) expect({ name, ...theirs.get(name)! }).toEqual({ name, ...answer })
    }
    expect((await ask(duck, 'ntlm-hosts', scope())).rows.length).toBeGreaterThan(25)
    expect((await ask(duck, 'regressed-pairs', scope({ since }))).rows.length).toBeGreaterThan(0)
    await duck.close()
    await store.close()
  })

  it('answer as DuckDB does over captures from two taps, loaded twice and in other cuts', async () => {
    const facts = Folder.openOrMake(join(folder, 'real'))
    const store = await cluster('real')
    for (const each of [facts, store]) {
      await loadReal(each, 'tap1', CAPTURES.slice(0, 1))
      await loadReal(each, 'tap2', CAPTURES)
      const again = await loadReal(each, 'tap1', CAPTURES)
      expect(again.skipped).toEqual(CAPTURES.slice(0, 1))
    }
    const duck = await DuckDb.open(facts.path)
    for (const asked of [scope(), scope({ sensor: ['tap2'] }), scope({ sensor: ['tap1', 'tap2'] })]) {
      const [ours, theirs] = [await allQuestions(duck, asked), await allQuestions(store, asked)]
      for (const [name, answer] of ours) expect({ name, ...theirs.get(name)! }).toEqual({ name, ...answer })
    }
    const sql = 'select uid, count(*) as n, min(local_ts) as seen from sightings group by uid order by uid'
    expect(await askSql(store, sql, scope())).toEqual(await askSql(duck, sql, scope()))
    const own = 'with pair as (select distinct client_ip, server_ip from exchanges) select count(*) as n from pair;'
    expect(await askSql(store, own, scope())).toEqual(await askSql(duck, own, scope()))
    await duck.close()
    await store.close()
  })

  it('show nothing of a load during which a server dies, and all of it when it is loaded again', async () => {
    const store = await cluster('dying')
    const loader = new Loader(await store.begin('made', '0'.repeat(12)))
    const maker = { sensor: 'made', netOf: () => '' }
    let count = 0
    const dies = async () => {
      for (const one of madeExchanges({ count: 20_000 })) {
        if (++count === 12_000) servers[1]!.kill()
        await loader.add('exchanges', exchangeFact(maker, one))
      }
      await loader.commit({ sensor: 'made', inputs: [], version: 'test' })
    }
    await expect(dies()).rejects.toThrow(/clickhouse:/)
    await servers[1]!.start()
    const seen = async () => (await askSql(store, 'select count(*) as n from exchanges', scope())).rows[0]![0]
    expect(await seen()).toBe(0)
    await loadMade(store, 20_000)
    expect(await seen()).toBe(20_000)
    await loadMade(store, 20_000)
    expect(await seen()).toBe(20_000)
    await store.close()
  })

  it('serve tables that are one version older, and get the new columns with the next load', async () => {
    const store = await cluster('older')
    await loadReal(store, 'tap1', CAPTURES.slice(0, 1))
    await store.close()
    for (const port of PORTS) {
      const one = await ClickHouse.open(place(port, 'older'), {}, { make: false })
      for (const table of ['exchanges_raw', 'exchanges_local'])
        await one.command(`alter table older.${table} drop column smb_setup`)
      for (const table of ['turned_away_raw', 'turned_away_local']) await one.command(`drop table older.${table}`)
      await one.close()
    }
    const old = await ClickHouse.open(place(PORTS[0], 'older'), {}, { make: false })
    const sql = 'select count(*) as n, count(smb_setup) as setups from exchanges'
    expect((await askSql(old, sql, scope())).rows).toEqual([[7, 0]])
    const away = 'select count(*) as n, min(local_ts) as seen, sum(times) as times from turned_away'
    expect((await askSql(old, away, scope())).rows).toEqual([[0, null, null]])
    expect((await ask(old, 'turned-away', scope())).rows).toEqual([])
    await old.close()
    const store2 = await cluster('older')
    await loadReal(store2, 'tap2', CAPTURES)
    const [row] = (await askSql(store2, 'select count(smb_setup) as n from sightings', scope())).rows
    expect(Number(row![0])).toBeGreaterThan(0)
    expect((await askSql(store2, away, scope())).rows).toEqual([[0, null, null]])
    await store2.close()
  })
})
