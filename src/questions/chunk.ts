/**
 * One chunk of DuckDB's answer, column by column, from its vectors as they lie in memory: texts, counts and times are
 * nearly all that answers have, and an object for each of a million values is most of what reading them costs.
 *
 * The forms are those of DuckDB's C interface: `duckdb_string_t` is a length and twelve bytes, or a length, four bytes
 * and a pointer; times are microseconds as 64 bits; validity has a bit a row. Everything else is read by the package.
 */
import type { DuckDBDataChunk, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import type { Value } from '../store/tables.ts'
import { clockTime, zonedTime } from './answerer.ts'

/** What is asked of the package that node-api stands on. */
export interface Bindings {
  data_chunk_get_vector(chunk: unknown, at: number): unknown
  vector_get_data(vector: unknown, bytes: number): Uint8Array
  /** null: all values are there */
  vector_get_validity(vector: unknown, bytes: number): Uint8Array | null
  get_data_from_pointer(buffer: ArrayBufferLike, at: number, bytes: number): Uint8Array
}

export interface ChunkReader {
  readonly bindings: Bindings
  readonly types: typeof import('@duckdb/node-api').DuckDBTypeId
  /** of times that have one; those without are of the asked zone already */
  readonly zone: string
}

/** Rows of values; null stays null. */
export function rowsOfChunk(chunk: DuckDBDataChunk, types: readonly DuckDBType[], reader: ChunkReader): Value[][] {
  const count = chunk.rowCount
  const rows: Value[][] = []
  for (let row = 0; row < count; row++) rows.push(new Array<Value>(types.length))
  for (const [at, { typeId }] of types.entries()) readColumn(rows, at, typeId, chunk, reader)
  return rows
}

function readColumn(rows: Value[][], at: number, type: number, chunk: DuckDBDataChunk, reader: ChunkReader): void {
  const { bindings, types, zone } = reader
  if (type === types.VARCHAR) readTexts(rows, at, chunk, bindings)
  else if (type === types.BIGINT) readLongs(rows, at, chunk, bindings, (value) => value)
  else if (type === types.TIMESTAMP_TZ) readLongs(rows, at, chunk, bindings, (value) => zonedTime(value, zone))
  else if (type === types.TIMESTAMP) readLongs(rows, at, chunk, bindings, clockTime)
  else {
    const vector = chunk.getColumnVector(at)
    const isDecimal = type === types.DECIMAL
    for (const [row, values] of rows.entries()) values[at] = plainValue(vector.getItem(row), isDecimal)
  }
}

/** Where a column's values lie, and which of them are null. */
function vectorOf(chunk: DuckDBDataChunk, at: number, bindings: Bindings, size: number) {
  const vector = bindings.data_chunk_get_vector(chunk.chunk, at)
  const { rowCount } = chunk
  const data = bindings.vector_get_data(vector, rowCount * size)
  const valid = bindings.vector_get_validity(vector, Math.ceil(rowCount / 64) * 8)
  return {
    data,
    words: new DataView(data.buffer, data.byteOffset, data.byteLength),
    isNull: (row: number) => valid !== null && (valid[row >> 3]! & (1 << (row & 7))) === 0,
  }
}

function readTexts(rows: Value[][], at: number, chunk: DuckDBDataChunk, bindings: Bindings): void {
  const { data, words, isNull } = vectorOf(chunk, at, bindings, TEXT_BYTES)
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  let [before, text] = [-1, '']
  for (let row = 0, place = 0; row < rows.length; row++, place += TEXT_BYTES) {
    if (isNull(row)) {
      rows[row]![at] = null
      continue
    }
    // the same bytes, or the same pointer, as in the row before: most answers are in order
    if (before < 0 || !isSame(words, before, place)) {
      const length = words.getUint32(place, true)
      if (length <= SHORT_BYTES) text = bytes.toString('utf8', place + 4, place + 4 + length)
      else {
        const far = bindings.get_data_from_pointer(data.buffer, data.byteOffset + place + 8, length)
        text = Buffer.from(far.buffer, far.byteOffset, length).toString('utf8')
      }
    }
    before = place
    rows[row]![at] = text
  }
}

const isSame = (words: DataView, a: number, b: number) =>
  words.getInt32(a, true) === words.getInt32(b, true) &&
  words.getInt32(a + 4, true) === words.getInt32(b + 4, true) &&
  words.getInt32(a + 8, true) === words.getInt32(b + 8, true) &&
  words.getInt32(a + 12, true) === words.getInt32(b + 12, true)

/** `duckdb_string_t` */
const TEXT_BYTES = 16
const SHORT_BYTES = 12

function readLongs(
  rows: Value[][],
  at: number,
  chunk: DuckDBDataChunk,
  bindings: Bindings,
  shown: (value: number) => Value,
): void {
  const { words, isNull } = vectorOf(chunk, at, bindings, 8)
  for (let row = 0; row < rows.length; row++) {
    // no BigInt: counts and microseconds are below 2^53, and larger ones lose as many digits either way
    const value = words.getInt32(row * 8 + 4, true) * 2 ** 32 + words.getUint32(row * 8, true)
    rows[row]![at] = isNull(row) ? null : shown(value)
  }
}

function plainValue(value: DuckDBValue, isDecimal: boolean): Value {
  if (typeof value === 'bigint') return Number(value)
  if (value === null || typeof value !== 'object') return value
  return isDecimal ? Number(String(value)) : value.toString()
}
