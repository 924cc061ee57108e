/**
 * Questions over a folder of Parquet files, asked with DuckDB inside this process. It is an optional peer: facts are
 * loaded without it.
 *
 * Nothing but the folder can be read, nothing written, nothing downloaded: whoever gives `--sql` may have got the text
 * from somewhere.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Contents, contentsOf, dayOf, dayOfFile } from '../store/files/contents.ts'
import { checkWhole } from '../store/files/whole.ts'
import { StoreError } from '../store/store.ts'
import { COLUMNS, FACT_TABLES, type FactTable, type Kind } from '../store/tables.ts'
import { type Answer, type Answerer, type Answering, whole, zoneSteps } from './answerer.ts'
import { duckDb, type Handle, type Library } from './bindings.ts'
import { conditionOf, type Scoped, sightOf, timeLiteral } from './catalogue.ts'
import { batchOfChunk, type ChunkReader } from './chunk.ts'
import type { Batch } from './columns.ts'

/** The versions of DuckDB's package are prereleases of which only this one was tried. */
export const DUCKDB = '@duckdb/node-api@1.5.6-r.1'

const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const TYPES: Readonly<Record<Kind, string>> = {
  text: 'VARCHAR',
  time: 'TIMESTAMPTZ',
  int: 'INTEGER',
  long: 'BIGINT',
  flag: 'BOOLEAN',
}

export class DuckDb implements Answerer {
  readonly #library: Library
  readonly #database: Handle
  readonly #connection: Handle
  readonly #folder: string
  readonly #spill: string
  /** who stops the program does not wait for `close` */
  readonly #stopped = (signal: NodeJS.Signals) => {
    rmSync(this.#spill, { recursive: true, force: true })
    process.kill(process.pid, signal)
  }
  /** by name, what each view was made from */
  readonly #made = new Map<string, string>()
  /** a batch is what lies in its memory, which is given back when nobody has the chunk */
  readonly #held = new Set<Handle>()
  /** what is under way: nothing may be closed before */
  #fetching: Promise<Handle | null> | null = null
  /** an answer is read from what was prepared for it */
  #statement: Handle | null = null

  private constructor(library: Library, database: Handle, connection: Handle, folder: string, spill: string) {
    this.#library = library
    this.#database = database
    this.#connection = connection
    this.#folder = folder
    this.#spill = spill
    for (const signal of STOPS) process.once(signal, this.#stopped)
  }

  /** `folder`: of facts. Throws a StoreError where nothing was loaded, not all of it is there, or DuckDB is not. */
  static async open(folder: string): Promise<DuckDb> {
    await checkWhole(folder)
    const library = duckDb()
    if (library === null)
      throw new StoreError(`questions to a folder are asked with DuckDB, which is not installed: npm install ${DUCKDB}`)
    // what does not fit into memory is put down here
    const spill = mkdtempSync(join(tmpdir(), 'ntlmscope-'))
    const { bindings } = library
    const database = await bindings.open(':memory:')
    const connection = await bindings.connect(database)
    const engine = new DuckDb(library, database, connection, folder, spill)
    const allowed = [folder, spill].map((path) => quoted(`${resolve(path)}/`)).join(', ')
    const settings = [
      `set timezone = 'UTC'`,
      `set temp_directory = ${quoted(spill)}`,
      `set memory_limit = '2GB'`,
      'set preserve_insertion_order = false',
      `set allowed_directories = [${allowed}]`,
      'set enable_external_access = false',
      'set autoinstall_known_extensions = false',
      'set lock_configuration = true',
    ]
    await bindings.query(connection, settings.join(';'))
    return engine
  }

  literal(text: string): string {
    return text.replace(/'/g, "''")
  }

  async ask(sql: string, scope: Scoped): Promise<Answer> {
    return whole(await this.answering(sql, scope))
  }

  async answering(sql: string, scope: Scoped): Promise<Answering> {
    await this.#leave()
    // a file that was merged into another one meanwhile is looked for once more
    for (let tries = 0; ; tries++) {
      try {
        for (const [name, view] of this.#views(sql, contentsOf(this.#folder), scope)) await this.#make(name, view)
        const { bindings } = this.#library
        this.#statement = await this.#reading(sql)
        const result = await bindings.execute_prepared_streaming(this.#statement)
        // the first rows are here, or the whole of a sorted answer is
        return this.#answering(result, await bindings.fetch_chunk(result), scope.zone)
      } catch (error) {
        if (tries === 0 && /No files found|Cannot open file|No such file/.test(textOf(error))) continue
        throw error instanceof StoreError ? error : this.#error(error)
      }
    }
  }

  async sensors(): Promise<readonly string[]> {
    // what merged files or forgot them is of no sensor
    const loads = contentsOf(this.#folder).records.filter(({ replaces }) => replaces.length === 0)
    return [...new Set(loads.map(({ sensor }) => sensor))].sort()
  }

  /**
   * What only reads. The folder may be written as far as the engine is concerned (what it puts down when memory is
   * full stands beside it), and COPY would put anything over the facts; EXPLAIN ANALYZE runs what it explains.
   */
  async #reading(sql: string): Promise<Handle> {
    const { bindings } = this.#library
    const refused = () => new StoreError('facts are read, and not changed: one SELECT is asked at a time')
    // EXPORT makes its folder as soon as it is prepared
    if (!READS.test(sql)) throw refused()
    const { extracted_statements: statements, statement_count: count } = await bindings.extract_statements(
      this.#connection,
      sql,
    )
    if (count === 0) throw new Error(`Failed to extract statements: ${bindings.extract_statements_error(statements)}`)
    if (count > 1) throw refused()
    const statement = await bindings.prepare_extracted_statement(this.#connection, statements, 0)
    if (bindings.prepared_statement_type(statement) !== bindings.StatementType.SELECT) throw refused()
    return statement
  }

  /** Of a file of the folder, as the rest of the program says it; else the engine's words. */
  #error(error: unknown): StoreError {
    const text = textOf(error)
    const [, file] = /['"]([^'"\n]*\.parquet)['"]/.exec(text) ?? []
    const isTheirs = file?.startsWith(resolve(this.#folder))
    if (!isTheirs || /Permission Error/.test(text)) return new StoreError(firstLine(text))
    const what = /No files found|Cannot open file|No such file/.test(text) ? 'is missing' : 'is damaged'
    return new StoreError(`${file}: ${what}; see ntlmscope facts --from ${this.#folder} --check`)
  }

  /** To make a view is to read the ends of files: what stands already is not made again. */
  async #make(name: string, view: string): Promise<void> {
    if (this.#made.get(name) === view) return
    this.#made.delete(name)
    await this.#library.bindings.query(this.#connection, `create or replace temp view ${name} as ${view}`)
    this.#made.set(name, view)
  }

  /** Of what the question names. */
  *#views(sql: string, contents: Contents, scope: Scoped): Generator<[name: string, view: string]> {
    const isNamed = (name: string) => new RegExp(`\\b${name}\\b`, 'i').test(sql)
    for (const table of FACT_TABLES) {
      if (isNamed(table)) yield [table, this.#view(table, contents, scope, true)]
      if (table === 'exchanges' && isNamed('sightings')) yield ['sightings', this.#view(table, contents, scope, false)]
    }
  }

  /** `counted`: those rows that count; else what each sensor saw. */
  #view(table: FactTable, contents: Contents, { limits, zone }: Scoped, counted: boolean): string {
    const [since, until] = [limits.since, limits.until].map((micros) => (micros === null ? null : dayOf(micros)))
    const files = contents.files[table].filter((file) => {
      const day = dayOfFile(file)
      return (since == null || day >= since) && (until == null || day <= until)
    })
    const gone = contents.gone.length === 0 ? null : `read_parquet(${this.#list(contents.gone)})`
    const mayBeGone = (file: string) =>
      gone !== null && (contents.goneOf === null || contents.goneOf.has(file.slice(0, file.lastIndexOf('/'))))
    const condition = conditionOf(table, limits, (text) => this.literal(text))
    const local = `${localTime(zone, files)} as local_ts`
    const gonePart = (why: string) =>
      `not exists (select 1 from ${gone} g where g.key = f.key and g.load_id = f.load_id and g.rank = f.rank${why})`
    const { all, countedBy, once } = sightOf(table, limits, counted)
    const selects: string[] = []
    for (const isOlder of [false, true]) {
      for (const asked of [false, true]) {
        const some = files.filter((file) => contents.older.has(file) === isOlder && mayBeGone(file) === asked)
        if (some.length === 0) continue
        const parts = [
          ...(all ? [] : ['twin_of is null']),
          ...(condition === null ? [] : [`(${condition})`]),
          ...(asked ? [gonePart(all ? ` and g.why = 'replaced'` : '')] : []),
        ]
        const where = parts.length === 0 ? '' : ` where ${parts.join(' and ')}`
        const mark =
          counted || countedBy !== null ? '' : `, twin_of is null${asked ? ` and ${gonePart('')}` : ''} as counted`
        selects.push(`select *, ${local}${mark} from ${this.#rows(table, some, isOlder)} f${where}`)
      }
    }
    const none = `select *, ${local}${counted || countedBy !== null ? '' : ', true as counted'} from (${nothing(table)})`
    const rows = selects.length === 0 ? none : selects.join('\nunion all by name ')
    if (once !== null) return `select * from (${rows}) qualify row_number() over (${once}) = 1`
    return counted || countedBy === null ? rows : `select *, ${countedBy} as counted from (${rows})`
  }

  /** A file of an older version lacks columns, which are null; of the others the first one tells the columns of all. */
  #rows(table: FactTable, files: readonly string[], isOlder: boolean): string {
    const list = this.#list(files)
    return isOlder
      ? `(${nothing(table)} union all by name
  select * from read_parquet(${list}, union_by_name = true, hive_partitioning = false))`
      : `read_parquet(${list}, hive_partitioning = false)`
  }

  #list(files: readonly string[]): string {
    return `[${files.map((file) => quoted(join(resolve(this.#folder), ...file.split('/')))).join(', ')}]`
  }

  #answering(result: Handle, first: Handle | null, zone: string): Answering {
    const { bindings } = this.#library
    const reader: ChunkReader = { duck: this.#library, zone }
    const places = Array.from({ length: bindings.column_count(result) }, (_, at) => at)
    const types = places.map((at) => bindings.column_type(result, at))
    return {
      columns: distinct(places.map((at) => bindings.column_name(result, at))),
      batches: this.#batches(result, first, (chunk) => batchOfChunk(chunk, types, reader)),
      left: async () => {
        let count = 0
        for (let chunk = await this.#next(result); chunk !== null; chunk = await this.#next(result))
          count += bindings.data_chunk_get_size(chunk)
        return count
      },
    }
  }

  /** The next chunk is made while this one is read. */
  async *#batches(result: Handle, first: Handle | null, read: (chunk: Handle) => Batch): AsyncGenerator<Batch> {
    for (let chunk = this.#filled(first); chunk !== null; chunk = await this.#next(result)) {
      this.#held.add(chunk)
      this.#fetch(result)
      yield read(chunk)
      this.#held.delete(chunk)
    }
  }

  #fetch(result: Handle): Promise<Handle | null> {
    const fetching = this.#library.bindings.fetch_chunk(result)
    // whoever takes it is told
    fetching.catch(() => {})
    this.#fetching = fetching
    return fetching
  }

  /** null: that was all */
  async #next(result: Handle): Promise<Handle | null> {
    const fetching = this.#fetching ?? this.#fetch(result)
    try {
      return this.#filled(await fetching)
    } catch (error) {
      throw this.#error(error)
    } finally {
      this.#fetching = null
    }
  }

  /** null: it has no rows */
  #filled(chunk: Handle | null): Handle | null {
    return chunk === null || this.#library.bindings.data_chunk_get_size(chunk) === 0 ? null : chunk
  }

  /** What was asked before is not read on. */
  async #leave(): Promise<void> {
    await this.#fetching?.catch(() => null)
    this.#fetching = null
    this.#held.clear()
    if (this.#statement !== null) this.#library.bindings.destroy_prepare_sync(this.#statement)
    this.#statement = null
  }

  async close(): Promise<void> {
    await this.#leave()
    this.#library.bindings.disconnect_sync(this.#connection)
    this.#library.bindings.close_sync(this.#database)
    for (const signal of STOPS) process.off(signal, this.#stopped)
    rmSync(this.#spill, { recursive: true, force: true })
  }
}

/** `a`, `a:1`: the second one of a name has a number. */
function distinct(names: readonly string[]): string[] {
  const seen = new Map<string, number>()
  return names.map((name) => {
    const before = seen.get(name) ?? 0
    seen.set(name, before + 1)
    return before === 0 ? name : `${name}:${before}`
  })
}

/** How a question begins, behind comments. */
const READS =
  /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*\(*\s*(?:select|with|from|values|table|describe|show|summarize|pivot|unpivot)\b/i

/**
 * `ts` by the clocks of a zone. They are changed twice a year: that is cheaper to tell DuckDB than to have it look up
 * each row, which is half the time of a question by weeks.
 */
function localTime(zone: string, files: readonly string[]): string {
  const days = files.map(dayOfFile).sort()
  const [first = '2000-01-01', last = first] = [days[0], days.at(-1)]
  const steps = zoneSteps(zone, Date.parse(first), Date.parse(last) + 86_400_000)
  if (steps === null) return `ts at time zone ${quoted(zone)}`
  const later = steps.slice(1)
  const parts = later.map(({ from }, at) => `when ts < ${timeLiteral(from * 1000)} then ${steps[at]!.before * 1000}`)
  const newest = steps.at(-1)!.before * 1000
  return `make_timestamp(epoch_us(ts) + ${parts.length === 0 ? newest : `case ${parts.join(' ')} else ${newest} end`})`
}

/** No rows, all columns. */
const nothing = (table: FactTable) =>
  `select ${COLUMNS[table].map(({ name, kind }) => `null::${TYPES[kind]} as ${name}`).join(', ')} where false`

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

const quoted = (text: string) => `'${text.replace(/'/g, "''")}'`

function firstLine(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 2)
    .join(' ')
}
