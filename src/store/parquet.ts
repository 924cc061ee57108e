/**
 * Parquet files of the tables: written row group by row group, read column by column. The only file that knows the two
 * libraries.
 *
 * Times are TIMESTAMP(MICROS, UTC), texts UTF-8. A group has 5,000 rows: the writer takes whole columns, and a million
 * rows at once cost 2.5 GB. A file is written beside its place and has its name only when it is whole and on the disk.
 */
import { closeSync, fsyncSync, openSync, readSync, renameSync, statSync, writeSync } from 'node:fs'
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  type SchemaElement,
} from 'hyparquet'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { STORE_LIMITS } from './bounds.ts'
import { COLUMNS, columnNamed, type FactColumn, type FactRow, type FactTable, type Value } from './tables.ts'

/** One file under construction. */
export class FactFile {
  readonly path: string
  rows = 0
  readonly #unfinished: string
  readonly #table: readonly FactColumn[]
  readonly #descriptor: number
  readonly #bytes: ByteWriter
  readonly #writer: ParquetWriter
  #waiting: FactRow[] = []

  constructor(path: string, unfinished: string, columns: readonly FactColumn[]) {
    this.path = path
    this.#unfinished = unfinished
    this.#table = columns
    this.#descriptor = openSync(unfinished, 'w')
    this.#bytes = new ByteWriter()
    const send = () => this.#send()
    // the library keeps what it wrote until it is told that it has left
    this.#writer = new ParquetWriter({
      writer: Object.assign(this.#bytes, { flush: send, finish: send }),
      schema: schemaOf(columns),
      createdBy: 'ntlmscope',
    })
  }

  /** rows that are not written yet */
  get waiting(): number {
    return this.#waiting.length
  }

  add(row: FactRow): void {
    this.rows++
    this.#waiting.push(row)
    if (this.#waiting.length >= STORE_LIMITS.rowGroupRows) this.#writeGroup()
  }

  /** It gets its name. */
  finish(): void {
    this.#writeGroup()
    this.#writer.finish()
    fsyncSync(this.#descriptor)
    closeSync(this.#descriptor)
    renameSync(this.#unfinished, this.path)
  }

  #writeGroup(): void {
    const rows = this.#waiting
    if (rows.length === 0) return
    this.#waiting = []
    this.#writer.write({
      columnData: this.#table.map((column) => ({
        name: column.name,
        data: valuesOf(rows, column),
        // bounds and indexes of the rest cost an eighth of the time, and nobody skips a group by them
        statistics: BOUNDED.has(column.name),
        offsetIndex: false,
      })),
      rowGroupSize: rows.length,
    })
  }

  #send(): void {
    let bytes = new Uint8Array(this.#bytes.buffer, 0, this.#bytes.index)
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(this.#descriptor, bytes))
    this.#bytes.index = 0
  }
}

/** By these groups are skipped. */
const BOUNDED: ReadonlySet<string> = new Set(['ts', 'ts_end', 'client_ip', 'server_ip'])

function valuesOf(rows: readonly FactRow[], { name, kind }: FactColumn): unknown[] {
  if (kind !== 'time' && kind !== 'long') return rows.map((row) => row[name] ?? null)
  return rows.map((row) => {
    const value = row[name] ?? null
    return value === null ? null : BigInt(Math.trunc(Number(value)))
  })
}

function schemaOf(columns: readonly FactColumn[]): SchemaElement[] {
  return [{ name: 'root', num_children: columns.length }, ...columns.map(elementOf)]
}

function elementOf({ name, kind, nullable }: FactColumn): SchemaElement {
  const repetition_type = nullable ? 'OPTIONAL' : 'REQUIRED'
  switch (kind) {
    case 'text':
      return { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type }
    case 'time':
      return {
        name,
        type: 'INT64',
        converted_type: 'TIMESTAMP_MICROS',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
        repetition_type,
      }
    case 'int':
      return { name, type: 'INT32', repetition_type }
    case 'long':
      return { name, type: 'INT64', repetition_type }
    case 'flag':
      return { name, type: 'BOOLEAN', repetition_type }
  }
}

// --- reading
// ---------------------------------------------------------------------------------------------------------------------

/** A group of rows of one file, and the times of its rows. */
export interface Group {
  readonly rowStart: number
  readonly rowEnd: number
  readonly from: number
  readonly to: number
}

/** One finished file. */
export class ReadFile {
  readonly groups: readonly Group[]
  readonly #file: AsyncBuffer
  readonly #metadata: FileMetaData
  readonly #table: FactTable | null

  private constructor(file: AsyncBuffer, metadata: FileMetaData, table: FactTable | null) {
    this.#file = file
    this.#metadata = metadata
    this.#table = table
    let rowStart = 0
    this.groups = metadata.row_groups.map((group) => {
      const rowEnd = rowStart + Number(group.num_rows)
      const statistics = group.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === 'ts')?.meta_data
        ?.statistics
      const made = {
        rowStart,
        rowEnd,
        from: micros(statistics?.min_value ?? statistics?.min) ?? Number.NEGATIVE_INFINITY,
        to: micros(statistics?.max_value ?? statistics?.max) ?? Number.POSITIVE_INFINITY,
      }
      rowStart = rowEnd
      return made
    })
  }

  /**
   * `table` null: no table of facts, all its columns are texts. Throws where it is no Parquet file, or one that ends
   * early.
   */
  static async open(path: string, table: FactTable | null): Promise<ReadFile> {
    const file = bufferOf(path)
    return new ReadFile(file, await parquetMetadataAsync(file, { parsers: PARSERS }), table)
  }

  get rows(): number {
    return Number(this.#metadata.num_rows)
  }

  /** Columns that the file lacks (an older one) are null. */
  async read(names: readonly string[], { rowStart, rowEnd }: Pick<Group, 'rowStart' | 'rowEnd'>): Promise<FactRow[]> {
    const there = new Set(this.#metadata.schema.slice(1).map(({ name }) => name))
    const columns = names.filter((name) => there.has(name))
    const found = await parquetReadObjects({
      file: this.#file,
      metadata: this.#metadata,
      columns,
      rowStart,
      rowEnd,
      parsers: PARSERS,
    })
    return found.map((values) => {
      const row: FactRow = {}
      for (const name of names) row[name] = plain(values[name], this.#table === null ? null : name, this.#table)
      return row
    })
  }

  /** Whole rows, group by group. */
  async *all(names: readonly string[] = COLUMNS[this.#table!].map(({ name }) => name)): AsyncGenerator<FactRow[]> {
    for (const group of this.groups) yield await this.read(names, group)
  }
}

/** A folder of a year holds thousands of files: none stays open. */
function bufferOf(path: string): AsyncBuffer {
  const { size } = statSync(path)
  return {
    byteLength: size,
    slice(start, end = size) {
      const bytes = new Uint8Array(end - start)
      const descriptor = openSync(path, 'r')
      try {
        for (let at = 0; at < bytes.length; ) {
          const count = readSync(descriptor, bytes, at, bytes.length - at, start + at)
          if (count === 0) throw new Error('ends early')
          at += count
        }
      } finally {
        closeSync(descriptor)
      }
      return bytes.buffer
    },
  }
}

/** Times as they are stored: a `Date` would lose the microseconds. */
const PARSERS = { timestampFromMicroseconds: (value: bigint) => Number(value) }

function plain(value: unknown, name: string | null, table: FactTable | null): Value {
  if (value === undefined || value === null) return null
  if (typeof value === 'bigint') return Number(value)
  if (name !== null && table !== null && columnNamed(table, name)?.kind === 'time') return micros(value)
  return value as Value
}

function micros(value: unknown): number | null {
  if (value === undefined || value === null) return null
  return value instanceof Date ? value.getTime() * 1000 : Number(value)
}
