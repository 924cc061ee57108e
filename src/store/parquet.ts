/**
 * Parquet files of the tables: written row group by row group, read column by column. The only file that knows the two
 * libraries.
 *
 * Times are TIMESTAMP(MICROS, UTC), texts UTF-8. A group has 2,500 rows: the writer takes whole columns, and a million
 * rows at once cost 2.5 GB. A file is written beside its place and has its name only when it is whole and on the disk.
 */
import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  type SchemaElement,
} from 'hyparquet'
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer'
import { STORE_LIMITS } from './bounds.ts'
import { COLUMN_NAMES, columnNamed, type FactColumn, type FactRow, type FactTable, type Value } from './tables.ts'

/**
 * One file under construction. Rows are taken apart as they come: what is long or nowhere the same stands as bytes
 * outside of the heap, so that nothing of a row lives until its group is written.
 */
export class FactFile {
  readonly path: string
  rows = 0
  readonly #unfinished: string
  readonly #columns: readonly Column[]
  readonly #descriptor: number
  readonly #bytes: ByteWriter
  readonly #writer: ParquetWriter
  readonly #hash = createHash('sha256')
  #waiting = 0

  constructor(path: string, unfinished: string, columns: readonly FactColumn[]) {
    this.path = path
    this.#unfinished = unfinished
    this.#columns = columns.map((column) => (isLong(column) ? new Texts(column) : new Values(column)))
    this.#descriptor = openSync(unfinished, 'w')
    this.#bytes = new ByteWriter()
    const send = () => this.#send()
    // the library keeps what it wrote until it is told that it has left
    this.#writer = new ParquetWriter({
      writer: Object.assign(this.#bytes, { flush: send, finish: send }),
      schema: schemaOf(columns),
      compressors: { GZIP: compressed },
      createdBy: 'ntlmscope',
    })
  }

  /** rows that are not written yet */
  get waiting(): number {
    return this.#waiting
  }

  add(row: FactRow): void {
    this.rows++
    for (const column of this.#columns) column.add(row[column.name] ?? null)
    if (++this.#waiting >= STORE_LIMITS.rowGroupRows) this.#writeGroup()
  }

  /** It gets its name. SHA-256 of its bytes: what it is damaged by later is found by nothing else. */
  finish(): string {
    this.#writeGroup()
    for (const column of this.#columns) column.end()
    this.#writer.finish()
    fsyncSync(this.#descriptor)
    closeSync(this.#descriptor)
    renameSync(this.#unfinished, this.path)
    return this.#hash.digest('hex')
  }

  /** It never was. */
  discard(): void {
    closeSync(this.#descriptor)
    rmSync(this.#unfinished, { force: true })
  }

  #writeGroup(): void {
    const rows = this.#waiting
    if (rows === 0) return
    this.#waiting = 0
    this.#writer.write({ columnData: this.#columns.map((column) => column.take()), rowGroupSize: rows })
  }

  #send(): void {
    let bytes = new Uint8Array(this.#bytes.buffer, 0, this.#bytes.index)
    this.#hash.update(bytes)
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(this.#descriptor, bytes))
    this.#bytes.index = 0
  }
}

/** What a group has of one column so far. */
interface Column {
  readonly name: string
  add(value: Value): void
  /** for the writer; empty afterwards */
  take(): ColumnSource
  /** No group comes any more. */
  end(): void
}

/** Texts that hardly repeat: identities, frames, whole facts. */
const isLong = ({ kind, few }: FactColumn) => kind === 'text' && !few

/**
 * zlib's fastest level: half the time and two thirds of the bytes of Snappy in JavaScript, and every reader of Parquet
 * knows it. What is small needs no window of 32 kB, which is made anew for each of some 60 pages of a group; the result
 * has room at once, instead of being put together from pieces of 16 kB.
 */
function compressed(bytes: Uint8Array): Uint8Array {
  const windowBits = Math.min(15, Math.max(WINDOW_BITS_MIN, 32 - Math.clz32(bytes.length)))
  return gzipSync(bytes, { level: 1, windowBits, memLevel: windowBits - 7, chunkSize: bytes.length + CHUNK_BYTES_MIN })
}

/** the least that zlib takes is 8, and means 9 by it */
const WINDOW_BITS_MIN = 9
/** more than what cannot be compressed gets longer by */
const CHUNK_BYTES_MIN = 1_024

class Texts implements Column {
  readonly name: string
  #bytes: Buffer
  /** where each ends; a negative one is null */
  #ends: number[] = []
  #at = 0

  constructor({ name }: FactColumn) {
    this.name = name
    this.#bytes = unused.get(name) ?? Buffer.allocUnsafeSlow(TEXT_BYTES_MIN)
    unused.delete(name)
  }

  add(value: Value): void {
    if (value === null) {
      this.#ends.push(-1)
      return
    }
    const text = String(value)
    // no code unit takes more than three bytes
    const most = this.#at + text.length * 3
    if (most > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(most, Math.ceil(this.#bytes.length * TEXT_BYTES_GROWTH)))
      larger.set(this.#bytes.subarray(0, this.#at))
      this.#bytes = larger
    }
    this.#at += this.#bytes.write(text, this.#at, 'utf8')
    this.#ends.push(this.#at)
  }

  take(): ColumnSource {
    const data: (Uint8Array | null)[] = new Array(this.#ends.length)
    let start = 0
    for (const [at, end] of this.#ends.entries()) {
      data[at] = end < 0 ? null : new Uint8Array(this.#bytes.buffer, start, end - start)
      if (end >= 0) start = end
    }
    this.#ends = []
    this.#at = 0
    return { name: this.name, data, encoding: 'PLAIN', codec: 'GZIP', statistics: false, offsetIndex: false }
  }

  end(): void {
    unused.set(this.name, this.#bytes)
    this.#bytes = NO_BYTES
  }
}

const TEXT_BYTES_MIN = 16_384
/** it stays for the next group: what is too much is held for the whole load */
const TEXT_BYTES_GROWTH = 1.25
const NO_BYTES = Buffer.alloc(0)
/**
 * Of the file that was finished last, by column, for the next one: what is not on the heap is given back late. Columns
 * differ a thousandfold in length, so that none takes another one's.
 */
const unused = new Map<string, Buffer>()

class Values implements Column {
  readonly name: string
  readonly #isWide: boolean
  /** texts of which few are different have a dictionary in any case: to try whether it pays is half of making it */
  readonly #encoding: Pick<ColumnSource, 'encoding' | 'codec'>
  #values: unknown[] = []
  #isNothing = true

  constructor({ name, kind }: FactColumn) {
    this.name = name
    this.#isWide = kind === 'time' || kind === 'long'
    this.#encoding = UNLIKE.has(name) ? PLAIN : kind === 'text' ? { encoding: 'RLE_DICTIONARY' } : {}
  }

  add(value: Value): void {
    if (value !== null) this.#isNothing = false
    this.#values.push(value !== null && this.#isWide ? BigInt(Math.trunc(Number(value))) : value)
  }

  take(): ColumnSource {
    const { name } = this
    const data = this.#values
    const encoding = this.#isNothing ? EMPTY : this.#encoding
    this.#values = []
    this.#isNothing = true
    return {
      name,
      data,
      ...encoding,
      // bounds and indexes of the rest cost an eighth of the time, and nobody skips a group by them
      statistics: BOUNDED.has(name),
      offsetIndex: false,
    }
  }

  end(): void {}
}

const PLAIN = { encoding: 'PLAIN' } as const
const EMPTY = { encoding: 'PLAIN', codec: 'UNCOMPRESSED' } as const

/** By these groups are skipped. */
const BOUNDED: ReadonlySet<string> = new Set(['ts', 'ts_end', 'client_ip', 'server_ip'])
/** Numbers that do not repeat: a dictionary is not tried. */
const UNLIKE: ReadonlySet<string> = new Set(['ts', 'ts_end', 'client_port', 'first_frame'])

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
      compressors: { GZIP: (bytes) => gunzipSync(bytes) },
    })
    return found.map((values) => {
      const row: FactRow = {}
      for (const name of names) row[name] = plain(values[name], this.#table === null ? null : name, this.#table)
      return row
    })
  }

  /** Whole rows, group by group. */
  async *all(names: readonly string[] = COLUMN_NAMES[this.#table!]): AsyncGenerator<FactRow[]> {
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
