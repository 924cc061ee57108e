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
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { Contents, Folder } from '../store/folder.ts'
import { StoreError } from '../store/store.ts'
import { COLUMNS, FACT_TABLES, type Kind, type Value } from '../store/tables.ts'
import { type Answer, type Answerer, zonedTime } from './answerer.ts'
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
    // a file that was merged into another one meanwhile is looked for once more
    for (let tries = 0; ; tries++) {
      try {
        for (const view of this.#views(this.#folder.contents(), scope)) await this.#connection.run(view)
        return await this.#rows(sql, scope.zone)
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error)
        if (tries === 0 && /No files found|Cannot open file|No such file/.test(text)) continue
        throw new StoreError(firstLine(text))
      }
    }
  }

  *#views(contents: Contents, { limits, zone }: Scoped): Generator<string> {
    const list = (files: readonly string[]) =>
      `[${files.map((file) => quoted(join(resolve(this.#folder.path), ...file.split('/')))).join(', ')}]`
    const gone = contents.gone.length === 0 ? null : `read_parquet(${list(contents.gone)})`
    for (const table of FACT_TABLES) {
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
      yield `create or replace temp view ${table} as select *, ${local} from (${raw}) f${where('', ['twin_of is null'])}`
      if (table === 'exchanges')
        yield `create or replace temp view sightings as select *, ${local} from (${raw}) f${where(` and g.why = 'replaced'`, [])}`
    }
  }

  async #rows(sql: string, zone: string): Promise<Answer> {
    const reader = await this.#connection.runAndReadAll(sql)
    const columns = reader.deduplicatedColumnNames()
    const { DuckDBTypeId } = this.#library
    const types = reader.columnTypes().map(({ typeId }) => typeId)
    const rows = reader.getRows().map((row) =>
      row.map((value, at): Value => {
        if (value === null || value === undefined) return null
        if (typeof value === 'bigint') return Number(value)
        if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
        if ('micros' in value && typeof value.micros === 'bigint') {
          const micros = Number(value.micros)
          // without a zone it is one of the asked zone already
          return types[at] === DuckDBTypeId.TIMESTAMP_TZ
            ? zonedTime(micros, zone)
            : zonedTime(micros, 'UTC').slice(0, -1)
        }
        if (types[at] === DuckDBTypeId.DECIMAL) return Number(value.toString())
        return value.toString()
      }),
    )
    return { columns, rows }
  }

  async close(): Promise<void> {
    this.#connection.closeSync()
    this.#instance.closeSync()
    rmSync(this.#spill, { recursive: true, force: true })
  }
}

const quoted = (text: string) => `'${text.replace(/'/g, "''")}'`

function firstLine(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 2)
    .join(' ')
}
