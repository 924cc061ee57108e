/**
 * Facts on a ClickHouse server or cluster: the same tables, the same questions.
 *
 * Rows of a load are inserted as they come and seen when the load has its row in `loads`: a server or a loader that
 * dies on the way leaves rows that nobody sees. What a row replaces is listed in `gone`, as in a folder; so no question
 * needs FINAL, which costs up to seven times the question and cannot tell a complete load from a dead one.
 */
import { randomBytes } from 'node:crypto'
import type { ClickHouseClient } from '@clickhouse/client'
import { SOUGHT } from '../store/causes/explain.ts'
import {
  type Gone,
  type Load,
  type LoadedInput,
  type LoadRecord,
  type Near,
  type Sought,
  type SoughtWhat,
  type Store,
  type StoredRow,
  StoreError,
} from '../store/store.ts'
import {
  COLUMN_NAMES,
  COLUMNS,
  FACT_TABLES,
  type FactColumn,
  type FactRow,
  type FactTable,
  GROUP,
  perTable,
  SETTLING,
  type Value,
} from '../store/tables.ts'
import { type Answer, type Answerer, type Answering, whole, zonedTime } from './answerer.ts'
import { conditionOf, type Scoped, sightOf, timeLiteral } from './catalogue.ts'
import { type Batch, batchOf } from './columns.ts'

type Environment = Readonly<Record<string, string | undefined>>

const PASSWORD = 'NTLMSCOPE_CLICKHOUSE_PASSWORD'
/** rows are kept so long, as long as nobody says otherwise with ALTER TABLE ... MODIFY TTL */
const KEPT_DAYS = 400

export class ClickHouse implements Store, Answerer {
  readonly #client: ClickHouseClient
  readonly #database: string
  readonly #name: string
  /** when a connection was used last, of this process's clock */
  #usedMillis = 0
  /** of each table, what the server has: it may be of an older version */
  #there: Readonly<Record<FactTable, ReadonlySet<string>>> = perTable(() => new Set<string>())

  private constructor(client: ClickHouseClient, database: string, name: string) {
    this.#client = client
    this.#database = database
    this.#name = name
  }

  /**
   * `clickhouse://user@host:8123/database`, `clickhouses://` with TLS; `?cluster=NAME` makes Distributed tables on this
   * server, and with `&ddl=cluster` (which needs Keeper) on all of them. `make`: tables and columns that are missing
   * are made. Throws a StoreError that never has the password in it.
   */
  static async open(place: string, env: Environment, { make }: { readonly make: boolean }): Promise<ClickHouse> {
    let url: URL
    try {
      url = new URL(place)
    } catch {
      throw new StoreError(`${place}: expected clickhouse://user@host:8123/database`)
    }
    const name = `${url.protocol}//${url.host}${url.pathname}`
    if (url.password !== '')
      throw new StoreError(`${name}: the password is taken from ${PASSWORD}, not from the address`)
    const database = decodeURIComponent(url.pathname.slice(1)) || 'default'
    const cluster = url.searchParams.get('cluster')
    for (const word of [database, ...(cluster === null ? [] : [cluster])])
      if (!/^\w+$/.test(word)) throw new StoreError(`${name}: '${word}' is no name of a database or cluster`)
    const { createClient } = await import('@clickhouse/client')
    const client = createClient({
      url: `${url.protocol === 'clickhouses:' ? 'https' : 'http'}://${url.host || 'localhost:8123'}`,
      username: decodeURIComponent(url.username) || 'default',
      password: env[PASSWORD] ?? '',
      application: 'ntlmscope',
      request_timeout: 300_000,
      log: { level: 127 },
      clickhouse_settings: SETTINGS,
    })
    const made = new ClickHouse(client, database, name)
    try {
      if (make) await made.#make(cluster, url.searchParams.get('ddl') === 'cluster')
      await made.#learn()
    } catch (error) {
      await client.close()
      throw error
    }
    return made
  }

  async close(): Promise<void> {
    await this.#client.close()
  }

  // --- tables
  // -------------------------------------------------------------------------------------------------------------------

  async #make(cluster: string | null, everywhere: boolean): Promise<void> {
    const on = everywhere && cluster !== null ? ` on cluster ${cluster}` : ''
    for (const statement of schemaStatements(this.#database, cluster, on)) await this.command(statement)
    await this.#learn()
    for (const table of FACT_TABLES)
      for (const column of COLUMNS[table])
        if (!this.#there[table].has(column.name))
          for (const name of cluster === null ? [`${table}_raw`] : [`${table}_local`, `${table}_raw`])
            await this.command(
              `alter table ${this.#database}.${name}${on}
 add column if not exists ${column.name} ${typeOf(column)}`,
            )
  }

  async #learn(): Promise<void> {
    const rows = await this.rows(
      `select table as t, name as n from system.columns where database = '${this.#database}' and table like '%_raw'`,
    )
    this.#there = perTable(
      (table) => new Set(rows.filter(({ t }) => t === `${table}_raw`).map(({ n }) => String(n))) as ReadonlySet<string>,
    )
    if (rows.length === 0 || this.#there.exchanges.size === 0) {
      if ((await this.rows('select 1 as one')).length === 1 && rows.length === 0)
        throw new StoreError(
          `${this.#name}: holds no facts; load some with ntlmscope load CAPTURE... --into ${this.#name}`,
        )
    }
  }

  // --- asking
  // -------------------------------------------------------------------------------------------------------------------

  literal(text: string): string {
    return text.replace(/\\/g, '\\\\').replace(/'/g, "''")
  }

  async ask(sql: string, scope: Scoped): Promise<Answer> {
    return whole(await this.answering(sql, scope))
  }

  async answering(sql: string, scope: Scoped): Promise<Answering> {
    const named = (name: string) => new RegExp(`\\b${name}\\b`).test(sql)
    const parts: string[] = []
    const hasGone = await this.#hasGone()
    for (const table of FACT_TABLES) {
      if (named(table)) parts.push(`${table} as (${this.#seen(table, scope, true, hasGone)})`)
      if (table === 'exchanges' && named('sightings'))
        parts.push(`sightings as (${this.#seen(table, scope, false, hasGone)})`)
    }
    const own = /^\s*with\s+/i.exec(sql)
    const head = parts.length === 0 ? '' : `with ${parts.join(',\n')}${own ? ',\n' : '\n'}`
    const text = head === '' || own === null ? head + sql : head + sql.slice(own[0].length)
    return this.#told(async () => {
      const question = {
        query: text,
        format: 'JSONCompactEachRowWithNamesAndTypes',
        clickhouse_settings: { readonly: '2' },
      } as const
      const result = await this.#again(() => this.#client.query(question))
      // names and types come first
      const lines = linesOf(result.stream() as AsyncIterable<readonly { json(): unknown }[]>)
      const [columns = [], types = []] = [await next<string>(lines), await next<string>(lines)]
      return { columns, batches: this.#batches(lines, types, scope.zone) }
    })
  }

  async sensors(): Promise<readonly string[]> {
    const rows = await this.rows(`select distinct sensor from ${this.#database}.loads_raw order by sensor`)
    return rows.map(({ sensor }) => String(sensor))
  }

  async *#batches(lines: AsyncIterator<unknown>, types: readonly string[], zone: string): AsyncGenerator<Batch> {
    for (let isOver = false; !isOver; ) {
      const rows: Value[][] = []
      await this.#told(async () => {
        while (rows.length < ROWS_AT_A_TIME && !isOver) {
          const row = await next<Value>(lines)
          if (row === undefined) isOver = true
          else rows.push(row.map((value, at) => plainValue(value, types[at]!, zone)))
        }
      })
      yield batchOf(types.length, rows)
    }
  }

  async #hasGone(): Promise<boolean> {
    return Number((await this.rows(`select count() as n from ${this.#database}.gone_raw`))[0]?.n) > 0
  }

  /** Rows of complete loads; `counted`: those that count. */
  #seen(table: FactTable, { zone, limits }: Scoped, counted: boolean, hasGone: boolean): string {
    const there = this.#there[table]
    if (there.size === 0) {
      // the server is of a version that had no such table
      const none = COLUMNS[table].map((column) => `cast(null as ${nothingOf(column)}) as ${column.name}`)
      return `select ${none.join(', ')}, toTimeZone(cast(null as Nullable(DateTime64(6, 'UTC'))), '${zone}') as local_ts${counted ? '' : ', true as counted'} where 0`
    }
    const missing = COLUMNS[table].filter(({ name }) => !there.has(name)).map(({ name }) => `, null as ${name}`)
    const condition = conditionOf(table, limits, (text) => this.literal(text))
    const { all, countedBy, once } = sightOf(table, limits, counted)
    const parts = [
      `load_id in (select load_id from ${this.#database}.loads_raw)`,
      ...(all ? [] : ['twin_of is null']),
      ...(hasGone ? [this.#notGone(all ? 'replaced' : null)] : []),
      ...(condition === null ? [] : [`(${condition})`]),
    ]
    const own = `twin_of is null${hasGone ? ` and ${this.#notGone(null)}` : ''}`
    const mark = counted ? '' : `, ${countedBy ?? own} as counted`
    const rows = `select *${missing.join('')}, toTimeZone(ts, '${zone}') as local_ts${mark} from ${this.#database}.${table}_raw where ${parts.join(' and ')}`
    return once === null ? rows : `select * from (${rows}) qualify row_number() over (${once}) = 1`
  }

  #notGone(why: Gone | null): string {
    return `(key, load_id, rank) not in (select key, load_id, rank from ${this.#database}.gone_raw
 where by_load in (select load_id from ${this.#database}.loads_raw)${why === null ? '' : ` and why = '${why}'`})`
  }

  // --- loading
  // -------------------------------------------------------------------------------------------------------------------

  async inputsOf(sensor: string): Promise<readonly LoadedInput[]> {
    const rows = await this.rows(
      `select inputs from ${this.#database}.loads_raw where sensor = '${this.literal(sensor)}'`,
    )
    return rows.flatMap((row) => JSON.parse(String(row.inputs)) as LoadedInput[])
  }

  async begin(sensor: string, inputs: string): Promise<Load> {
    const id = `${sensor.slice(0, 40)}-${inputs.slice(0, 12)}-${randomBytes(4).toString('hex')}`
    return new ServerLoad(this, id, await this.loads())
  }

  async loads(): Promise<ReadonlySet<string>> {
    const rows = await this.rows(`select load_id from ${this.#database}.loads_raw`)
    return new Set(rows.map((row) => String(row.load_id)))
  }

  /** From when to when there are rows of complete loads and of `own`, day by day. */
  async days(table: FactTable, own: string | null): Promise<Pick<Near, 'from' | 'to'>[]> {
    const rows = await this.rows(
      `select toUnixTimestamp64Micro(min(f.ts)) as first, toUnixTimestamp64Micro(max(f.ts_end)) as last
from ${this.#database}.${table}_raw f where ${this.#complete(own)} group by toDate(f.ts)`,
    )
    return rows.map(({ first, last }) => ({ from: Number(first), to: Number(last) }))
  }

  #complete(own: string | null): string {
    const or = own === null ? '' : ` or load_id = '${this.literal(own)}'`
    return `(load_id in (select load_id from ${this.#database}.loads_raw)${or})`
  }

  /** `loads` null: of all complete ones, and of `own` */
  async near(
    table: FactTable,
    { from, to, groups }: Near,
    loads: ReadonlySet<string> | null,
    own: string | null,
  ): Promise<StoredRow[]> {
    const found: StoredRow[] = []
    const all = [...groups]
    for (let at = 0; at < all.length; at += GROUPS_AT_A_TIME) {
      const some = all.slice(at, at + GROUPS_AT_A_TIME).map((group) => `'${this.literal(group)}'`)
      const visible =
        loads === null
          ? this.#complete(own)
          : `load_id in (${[...loads].map((id) => `'${this.literal(id)}'`).join(', ')})`
      const rows = await this.rows(
        `select ${this.#columns(table, SETTLING[table])}, (key, load_id, rank) in (select key, load_id, rank from ${this.#database}.gone_raw
 where why = 'twin' and by_load in (select load_id from ${this.#database}.loads_raw)) as is_twin
from ${this.#database}.${table}_raw f where ${visible} and f.ts <= ${timeLiteral(to)} and f.ts_end >= ${timeLiteral(from)}
 and ${GROUP[table]} in (${some.join(', ')}) and ${this.#notGone('replaced')}`,
      )
      for (const { is_twin, ...row } of rows) found.push({ row, counted: row.twin_of === null && !Number(is_twin) })
    }
    return found
  }

  /** `own`: a load whose rows are sought as well; null: of complete ones alone */
  async *find(what: SoughtWhat, { clients, from, to }: Sought, own: string | null): AsyncGenerator<FactRow[]> {
    const { table, columns } = SOUGHT[what]
    const all = [...clients]
    for (let at = 0; at < all.length; at += GROUPS_AT_A_TIME) {
      const some = all.slice(at, at + GROUPS_AT_A_TIME).map((client) => `'${this.literal(client)}'`)
      const rows = this.#batchesOf(
        `select ${this.#columns(table, columns)} from ${this.#database}.${table}_raw f
where ${this.#complete(own)} and f.ts >= ${timeLiteral(Math.max(0, from))} and f.ts <= ${timeLiteral(to)}
 and client_ip in (${some.join(', ')})${IS_SOUGHT[what]} and ${this.#notGone('replaced')}`,
      )
      yield* rows
    }
  }

  async *own(id: string, rows: readonly FactRow[]): AsyncGenerator<FactRow[]> {
    for (let at = 0; at < rows.length; at += GROUPS_AT_A_TIME) {
      const some = rows.slice(at, at + GROUPS_AT_A_TIME)
      const times = some.map(({ ts }) => Number(ts)).sort((a, b) => a - b)
      const wanted = some.map(({ key, rank }) => `('${this.literal(String(key))}', ${rank})`)
      yield* this.#batchesOf(
        `select ${this.#columns('exchanges', COLUMN_NAMES.exchanges)} from ${this.#database}.exchanges_raw f
where load_id = '${this.literal(id)}' and f.ts >= ${timeLiteral(times[0]!)} and f.ts <= ${timeLiteral(times.at(-1)!)}
 and (key, rank) in (${wanted.join(', ')})`,
      )
    }
  }

  /** As they come: an answer may be larger than the memory. */
  async *#batchesOf(query: string): AsyncGenerator<FactRow[]> {
    const result = await this.#told(() => this.#again(() => this.#client.query({ query, format: 'JSONEachRow' })))
    const parts = result.stream<FactRow>()[Symbol.asyncIterator]()
    for (;;) {
      const { value, done } = await this.#told(() => parts.next())
      if (done === true) return
      yield value.map((row: { json(): FactRow }) => row.json())
    }
  }

  async whole(table: FactTable, row: FactRow): Promise<FactRow | null> {
    const names = COLUMN_NAMES[table]
    const [found] = await this.rows(
      `select ${this.#columns(table, names)} from ${this.#database}.${table}_raw f where key = '${row.key}' and load_id = '${this.literal(String(row.load_id))}' and rank = ${row.rank} limit 1`,
    )
    return found ?? null
  }

  async *written(table: FactTable, id: string): AsyncGenerator<FactRow[]> {
    let last = ''
    for (;;) {
      const rows = await this.rows(
        `select ${this.#columns(table, SETTLING[table])} from ${this.#database}.${table}_raw f where load_id = '${this.literal(id)}' and key > '${last}' order by key limit 5000`,
      )
      if (rows.length === 0) return
      yield rows
      last = String(rows.at(-1)!.key)
    }
  }

  /** Times as microseconds: JSON has no other exact form. */
  #columns(table: FactTable, names: readonly string[]): string {
    return COLUMNS[table]
      .filter(({ name }) => names.includes(name))
      .map(({ name, kind }) => {
        if (!this.#there[table].has(name)) return `null as ${name}`
        return kind === 'time' ? `toUnixTimestamp64Micro(f.${name}) as ${name}` : `f.${name} as ${name}`
      })
      .join(', ')
  }

  async insert(table: FactTable, rows: readonly FactRow[]): Promise<void> {
    const columns = COLUMNS[table].filter(({ name }) => this.#there[table].has(name))
    await this.insertInto(
      `${table}_raw`,
      rows.map((row) => Object.fromEntries(columns.map(({ name, kind }) => [name, sent(row[name] ?? null, kind)]))),
    )
  }

  async insertInto(name: string, values: readonly Record<string, Value>[]): Promise<void> {
    if (values.length === 0) return
    // whether a server took what it did not answer is not known: a question finds out whether it is still there
    if (performance.now() - this.#usedMillis > IDLE_MILLIS) await this.rows('select 1 as one')
    await this.#told(() =>
      this.#client.insert({ table: `${this.#database}.${name}`, values: [...values], format: 'JSONEachRow' }),
    )
    this.#usedMillis = performance.now()
  }

  // --- upkeep
  // -------------------------------------------------------------------------------------------------------------------

  /** Counts, and takes away the rows of loads that never ended and began more than a day ago. */
  async check(): Promise<string> {
    const counts: string[] = []
    for (const table of FACT_TABLES) {
      const [row] = await this.rows(
        `select count() as all_rows, countIf(load_id not in (select load_id from ${this.#database}.loads_raw)) as dead from ${this.#database}.${table}_raw`,
      )
      counts.push(
        `${table} ${row!.all_rows}${Number(row!.dead) > 0 ? ` (${row!.dead} of loads that are under way or never ended)` : ''}`,
      )
    }
    return `${(await this.loads()).size} loads; rows: ${counts.join(', ')}`
  }

  /** Rows that nobody sees any more are deleted in the background, on this server: of a cluster each one is asked. */
  async compact(): Promise<string> {
    for (const table of FACT_TABLES) {
      const name = await this.#localName(table)
      await this.command(
        `alter table ${this.#database}.${name} delete where (key, load_id, rank) in (select key, load_id, rank from ${this.#database}.gone_raw
 where why = 'replaced' and by_load in (select load_id from ${this.#database}.loads_raw))`,
      )
    }
    return 'rows that were replaced are being deleted'
  }

  async keep(keptDays: number): Promise<string> {
    for (const table of [...FACT_TABLES, 'gone'])
      await this.command(
        `alter table ${this.#database}.${await this.#localName(table)} modify ttl toDateTime(ts) + interval ${keptDays} day`,
      )
    return `facts of this server are kept for ${keptDays} days`
  }

  async #localName(table: string): Promise<string> {
    const rows = await this.rows(
      `select name as n from system.tables where database = '${this.#database}' and name = '${table}_local'`,
    )
    return rows.length > 0 ? `${table}_local` : `${table}_raw`
  }

  // --- the connection
  // ------------------------------------------------------------------------------------------------------------

  async command(query: string): Promise<void> {
    await this.#told(() => this.#client.command({ query }))
  }

  async rows(query: string): Promise<FactRow[]> {
    return this.#told(async () => {
      const result = await this.#again(() => this.#client.query({ query, format: 'JSONEachRow' }))
      return result.json<FactRow>()
    })
  }

  /**
   * Asks once more where the connection was gone: a server ends one that nobody uses for seconds, and a process that
   * stood still meanwhile writes into it.
   */
  async #again<T>(ask: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        const result = await ask()
        this.#usedMillis = performance.now()
        return result
      } catch (error) {
        if (tries >= TRIES || !GONE.has(String((error as { code?: string }).code))) throw error
      }
    }
  }

  async #told<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const { code, message } = error as { code?: string; message?: string }
      const text = (message ?? String(error)).split('\n')[0]!.slice(0, 400)
      throw new StoreError(
        `${this.#name}: ${code !== undefined && /^E[A-Z]+$/.test(code) ? `${code}; is it running?` : text}`,
      )
    }
  }
}

/** the client keeps some connections at a time */
const TRIES = 3
const GONE: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET'])
/** shorter than any server keeps a connection that nobody uses */
const IDLE_MILLIS = 1_000

/** Both engines are to give the same: NULL where there is nothing, numbers as numbers. */
const SETTINGS = {
  join_use_nulls: 1,
  aggregate_functions_null_for_empty: 1,
  output_format_json_quote_64bit_integers: 0,
  date_time_output_format: 'unix_timestamp',
  distributed_product_mode: 'global',
  distributed_foreground_insert: 1,
  prefer_column_name_to_alias: 1,
  max_query_size: '10000000',
  max_ast_elements: '1000000',
  // what is inserted is there when it returns, and a part of it is not
  async_insert: 0,
} as const

const GROUPS_AT_A_TIME = 2_000

/** Of the rows around a time, which are sought. */
const IS_SOUGHT: Readonly<Record<SoughtWhat, string>> = {
  unexplained: " and cause = 'RC99'",
  refusals: ' and error_code is not null',
  asked: '',
}

class ServerLoad implements Load {
  readonly id: string
  readonly #server: ClickHouse
  readonly #known: ReadonlySet<string>
  #late: ReadonlySet<string> = new Set()
  #gone: Record<string, Value>[] = []
  /** this load, where its rows count as those of complete ones */
  #own: string | null = null
  readonly #days = new Map<FactTable, readonly Pick<Near, 'from' | 'to'>[]>()

  constructor(server: ClickHouse, id: string, known: ReadonlySet<string>) {
    this.#server = server
    this.id = id
    this.#known = known
  }

  async near(table: FactTable, asked: Near, late = false): Promise<StoredRow[]> {
    if (late ? this.#late.size === 0 : !(await this.#isNear(table, asked))) return []
    return this.#server.near(table, asked, late ? this.#late : null, this.#own)
  }

  find(what: SoughtWhat, sought: Sought): AsyncGenerator<FactRow[]> {
    return this.#server.find(what, sought, what === 'asked' ? this.id : this.#own)
  }

  own(rows: readonly FactRow[]): AsyncGenerator<FactRow[]> {
    return this.#server.own(this.id, rows)
  }

  whole(table: FactTable, row: FactRow): Promise<FactRow | null> {
    return this.#server.whole(table, row)
  }

  turn(): void {
    this.#own = this.id
    this.#days.clear()
  }

  /**
   * Does anything of that time stand there? Asked once, by day: most of what comes is new, and a question about
   * thousands of flows takes the server longer than to take them in. What others complete meanwhile is settled late.
   */
  async #isNear(table: FactTable, { from, to }: Near): Promise<boolean> {
    let days = this.#days.get(table)
    if (days === undefined) {
      days = await this.#server.days(table, this.#own)
      this.#days.set(table, days)
    }
    return days.some((day) => day.from <= to && day.to >= from)
  }

  /** A server wants its rows by the thousand. */
  isFree(): boolean {
    return false
  }

  put(): void {
    throw new Error('a server is written to by the thousand')
  }

  async write(table: FactTable, rows: readonly FactRow[]): Promise<void> {
    for (const row of rows) row.load_id = this.id
    await this.#server.insert(table, rows)
    await this.#sendGone(GONE_AT_A_TIME)
  }

  drop(_table: FactTable, row: FactRow, why: Gone): void {
    const { key, load_id, rank, ts } = row
    this.#gone.push({ key: key!, load_id: load_id!, rank: rank!, why, ts: sent(ts!, 'time'), by_load: this.id })
  }

  async #sendGone(least: number): Promise<void> {
    if (this.#gone.length < least) return
    const gone = this.#gone
    this.#gone = []
    await this.#server.insertInto('gone_raw', gone)
  }

  /**
   * There is no lock on a cluster: two loads that end within a moment may both count what both have, until one of them
   * is loaded again.
   */
  async hold(): Promise<boolean> {
    this.#late = new Set([...(await this.#server.loads())].filter((id) => !this.#known.has(id)))
    return this.#late.size > 0
  }

  written(table: FactTable): AsyncGenerator<FactRow[]> {
    return this.#server.written(table, this.id)
  }

  async commit({ sensor, inputs, counts, version }: Omit<LoadRecord, 'id'>): Promise<void> {
    await this.#sendGone(1)
    await this.#server.insertInto('loads_raw', [
      {
        load_id: this.id,
        sensor,
        inputs: JSON.stringify(inputs),
        counts: JSON.stringify(counts),
        version,
        completed: sent(Date.now() * 1000, 'time'),
      },
    ])
  }

  /** Without its row in `loads` nobody sees it; the rows go with the time that facts are kept. */
  async abandon(): Promise<void> {}
}

const GONE_AT_A_TIME = 5_000

const ROWS_AT_A_TIME = 2_000

/** What the server sends, a line at a time, as it comes. */
async function* linesOf(parts: AsyncIterable<readonly { json(): unknown }[]>): AsyncGenerator<unknown> {
  for await (const part of parts) for (const line of part) yield line.json()
}

async function next<T>(lines: AsyncIterator<unknown>): Promise<T[] | undefined> {
  const { value, done } = await lines.next()
  return done === true ? undefined : (value as T[])
}

/** As JSON that the server reads exactly. */
function sent(value: Value, kind: FactColumn['kind']): Value {
  if (value === null || kind !== 'time') return value
  return timeLiteral(Number(value)).slice(1, -1)
}

function plainValue(value: Value, type: string, zone: string): Value {
  if (value === null || typeof value !== 'string') return value
  const time = /DateTime64\(\d+, '([^']+)'\)/.exec(type)
  if (time === null) return /^(Nullable\()?(Decimal|U?Int)/.test(type) ? Number(value) : value
  const [seconds = '0', part = ''] = value.split('.')
  const micros = Number(seconds) * 1e6 + Number(part.padEnd(6, '0').slice(0, 6)) * (seconds.startsWith('-') ? -1 : 1)
  const text = zonedTime(micros, zone)
  return time[1] === 'UTC' ? text : text.replace(/(Z|[+-]\d\d:\d\d)$/, '')
}

// --- the schema
// ------------------------------------------------------------------------------------------------------------------

function typeOf({ kind, nullable, few }: FactColumn): string {
  const types = { text: 'String', time: "DateTime64(6, 'UTC')", int: 'Int32', long: 'Int64', flag: 'Bool' }
  const type = nullable ? `Nullable(${types[kind]})` : types[kind]
  return few && kind === 'text' ? `LowCardinality(${type})` : type
}

const nothingOf = (column: FactColumn) => typeOf({ ...column, nullable: true, few: false })

/** What lies together: one pair's rows. */
const ORDER: Readonly<Record<FactTable, string>> = {
  exchanges: 'client_ip, server_ip, service, ts',
  kdc: 'client_ip, kdc_ip, ts',
  findings: 'finding, ts',
  conversations: 'client_ip, server_ip, ts',
  turned_away: 'client_ip, server_ip, ts',
  captures: 'sensor, ts',
}

const SHARD: Readonly<Record<FactTable, string>> = {
  exchanges: 'cityHash64(client_ip)',
  kdc: 'cityHash64(client_ip)',
  findings: 'cityHash64(uid)',
  conversations: 'cityHash64(client_ip)',
  turned_away: 'cityHash64(client_ip)',
  captures: 'cityHash64(key)',
}

/**
 * Everything that makes an empty place, `on`: on which servers; on a cluster the tables of each server, and one in
 * front of them.
 */
export function schemaStatements(database: string, cluster: string | null, on = ''): string[] {
  const statements = [`create database if not exists ${database}${on}`]
  const make = (name: string, columns: string, order: string, shard: string, more: string) => {
    const local = cluster === null ? `${name}_raw` : `${name}_local`
    statements.push(
      `create table if not exists ${database}.${local}${on} (\n${columns}\n) engine = MergeTree order by (${order})${more}`,
    )
    if (cluster !== null)
      statements.push(
        `create table if not exists ${database}.${name}_raw${on} as ${database}.${local} engine = Distributed(${cluster}, ${database}, ${local}, ${shard})`,
      )
  }
  for (const table of FACT_TABLES)
    make(
      table,
      COLUMNS[table].map((column) => ` ${column.name} ${typeOf(column)}`).join(',\n'),
      ORDER[table],
      SHARD[table],
      ` partition by toYYYYMM(ts) ttl toDateTime(ts) + interval ${KEPT_DAYS} day`,
    )
  make(
    'gone',
    " key String,\n load_id LowCardinality(String),\n rank Int32,\n why LowCardinality(String),\n ts DateTime64(6, 'UTC'),\n by_load LowCardinality(String)",
    'ts, key',
    'cityHash64(key)',
    ` partition by toYYYYMM(ts) ttl toDateTime(ts) + interval ${KEPT_DAYS} day`,
  )
  make(
    'loads',
    " load_id String,\n sensor LowCardinality(String),\n inputs String,\n counts String,\n version LowCardinality(String),\n completed DateTime64(6, 'UTC')",
    'sensor, completed',
    'cityHash64(load_id)',
    '',
  )
  return statements
}
