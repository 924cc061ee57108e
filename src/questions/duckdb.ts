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
import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance, DuckDBResult, DuckDBValue } from '@duckdb/node-api'
import type { Contents, Folder } from '../store/folder.ts'
import { StoreError } from '../store/store.ts'
import { COLUMNS, FACT_TABLES, type Kind, type Value } from '../store/tables.ts'
import { type Answer, type Answerer, type Answering, clockTime, whole, zonedTime } from './answerer.ts'
import { conditionOf, type Scoped } from './catalogue.ts'

type Library = typeof import('@duckdb/node-api')

/** The versions of DuckDB's package are prereleases of which only this one was tried. */
export const DUCKDB = '@duckdb/node-api@1.5.6-r.1'

const TYPES: Readonly<Record<Kind, string>> = {
  text: 'VARCHAR',
  time: 'TIMESTAMPTZ',
  int: 'INTEGER',
  long: 'BIGINT',
  flag: 'BOOLEAN',
}

export class DuckDb implements Answerer {
  readonly #library: Library
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection
  readonly #folder: Folder
  readonly #spill: string
  /** by name, what each view was made from */
  readonly #made = new Map<string, string>()

  private constructor(
    library: Library,
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    folder: Folder,
    spill: string,
  ) {
    this.#library = library
    this.#instance = instance
    this.#connection = connection
    this.#folder = folder
    this.#spill = spill
  }

  /** Throws a StoreError where DuckDB is not installed. */
  static async open(folder: Folder): Promise<DuckDb> {
    let library: Library
    try {
      library = await import('@duckdb/node-api')
    } catch {
      throw new StoreError(`questions to a folder are asked with DuckDB, which is not installed: npm install ${DUCKDB}`)
    }
    // what does not fit into memory is put down here
    const spill = mkdtempSync(join(tmpdir(), 'ntlmscope-'))
    const instance = await library.DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    const engine = new DuckDb(library, instance, connection, folder, spill)
    const allowed = [folder.path, spill].map((path) => quoted(`${resolve(path)}/`)).join(', ')
    for (const setting of [
      `set timezone = 'UTC'`,
      `set temp_directory = ${quoted(spill)}`,
      `set memory_limit = '2GB'`,
      'set preserve_insertion_order = false',
      `set allowed_directories = [${allowed}]`,
      'set enable_external_access = false',
      'set autoinstall_known_extensions = false',
      'set lock_configuration = true',
    ])
      await connection.run(setting)
    return engine
  }

  literal(text: string): string {
    return text.replace(/'/g, "''")
  }

  async ask(sql: string, scope: Scoped): Promise<Answer> {
    return whole(await this.answering(sql, scope))
  }

  async answering(sql: string, scope: Scoped): Promise<Answering> {
    // a file that was merged into another one meanwhile is looked for once more
    for (let tries = 0; ; tries++) {
      try {
        for (const [name, view] of this.#views(sql, this.#folder.contents(), scope)) await this.#make(name, view)
        const result = await this.#connection.stream(sql)
        // the first rows are here, or the whole of a sorted answer is
        return this.#answering(result, await result.fetchChunk(), scope.zone)
      } catch (error) {
        if (tries === 0 && /No files found|Cannot open file|No such file/.test(textOf(error))) continue
        throw new StoreError(firstLine(textOf(error)))
      }
    }
  }

  /** To make a view is to read the end of every file: what stands already is not made again. */
  async #make(name: string, view: string): Promise<void> {
    if (this.#made.get(name) === view) return
    this.#made.delete(name)
    await this.#connection.run(`create or replace temp view ${name} as ${view}`)
    this.#made.set(name, view)
  }

  /** Of what the question names. */
  *#views(sql: string, contents: Contents, { limits, zone }: Scoped): Generator<[name: string, view: string]> {
    const isNamed = (name: string) => new RegExp(`\\b${name}\\b`, 'i').test(sql)
    const list = (files: readonly string[]) =>
      `[${files.map((file) => quoted(join(resolve(this.#folder.path), ...file.split('/')))).join(', ')}]`
    const gone = contents.gone.length === 0 ? null : `read_parquet(${list(contents.gone)})`
    for (const table of FACT_TABLES) {
      const [named, sightings] = [isNamed(table), table === 'exchanges' && isNamed('sightings')]
      if (!named && !sightings) continue
      const empty = COLUMNS[table].map(({ name, kind }) => `null::${TYPES[kind]} as ${name}`).join(', ')
      const files = contents.files[table]
      // a file of an older version lacks columns: they are null
      const raw =
        files.length === 0
          ? `select ${empty} where false`
          : `select ${empty} where false union all by name
  select * from read_parquet(${list(files)}, union_by_name = true, hive_partitioning = false)`
      const condition = conditionOf(table, limits, (text) => this.literal(text))
      const where = (why: string, more: string[]) => {
        const parts = [...more, ...(condition === null ? [] : [`(${condition})`])]
        if (gone !== null)
          parts.push(
            `not exists (select 1 from ${gone} g where g.key = f.key and g.load_id = f.load_id and g.rank = f.rank${why})`,
          )
        return parts.length === 0 ? '' : ` where ${parts.join(' and ')}`
      }
      const local = `ts at time zone ${quoted(zone)} as local_ts`
      if (named) yield [table, `select *, ${local} from (${raw}) f${where('', ['twin_of is null'])}`]
      if (sightings) yield ['sightings', `select *, ${local} from (${raw}) f${where(` and g.why = 'replaced'`, [])}`]
    }
  }

  #answering(result: DuckDBResult, first: DuckDBDataChunk | null, zone: string): Answering {
    const { TIMESTAMP_TZ, DECIMAL } = this.#library.DuckDBTypeId
    const plain = result.columnTypes().map(({ typeId }) => {
      if (typeId === DECIMAL) return (value: DuckDBValue) => Number(String(value))
      return (value: DuckDBValue) => plainValue(value, typeId === TIMESTAMP_TZ ? zone : null)
    })
    return { columns: result.deduplicatedColumnNames(), batches: batchesOf(result, first, plain) }
  }

  async close(): Promise<void> {
    this.#connection.closeSync()
    this.#instance.closeSync()
    rmSync(this.#spill, { recursive: true, force: true })
  }
}

/** Column by column, as they are stored; null stays null. */
async function* batchesOf(
  result: DuckDBResult,
  first: DuckDBDataChunk | null,
  plain: readonly ((value: DuckDBValue) => Value)[],
): AsyncGenerator<Value[][]> {
  for (let chunk = first; chunk !== null && chunk.rowCount > 0; ) {
    const count = chunk.rowCount
    const rows: Value[][] = []
    for (let row = 0; row < count; row++) rows.push(new Array<Value>(plain.length))
    for (const [at, plainOf] of plain.entries()) {
      const vector = chunk.getColumnVector(at)
      for (let row = 0; row < count; row++) {
        const value = vector.getItem(row)
        rows[row]![at] = value === null || typeof value === 'string' ? value : plainOf(value)
      }
    }
    yield rows
    try {
      chunk = await result.fetchChunk()
    } catch (error) {
      throw new StoreError(firstLine(textOf(error)))
    }
  }
}

/** `zone`: of a time that has one; without a zone it is one of the asked zone already */
function plainValue(value: DuckDBValue, zone: string | null): Value {
  if (typeof value === 'bigint') return Number(value)
  if (value === null || typeof value !== 'object') return value
  if ('micros' in value && typeof value.micros === 'bigint') {
    const micros = Number(value.micros)
    return zone === null ? clockTime(micros) : zonedTime(micros, zone)
  }
  return value.toString()
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

const quoted = (text: string) => `'${text.replace(/'/g, "''")}'`

function firstLine(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 2)
    .join(' ')
}
