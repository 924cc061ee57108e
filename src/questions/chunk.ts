/**
 * One chunk of DuckDB's answer, column by column, from its vectors as they lie in memory: texts, counts and times are
 * nearly all that answers have, and an object for each of a million values is most of what reading them costs.
 *
 * The forms are those of DuckDB's C interface: `duckdb_string_t` is a length and twelve bytes, or a length, four bytes
 * and a pointer; times are microseconds as 64 bits; validity has a bit a row. Everything else is read by the package.
 * Nothing is copied: columns are there as long as the chunk is.
 */
import type { DuckDBValue, DuckDBVector } from '@duckdb/node-api'
import type { Value } from '../store/tables.ts'
import { clockTime, putTime, zonedTime } from './answerer.ts'
import type { Bindings, Handle, Library } from './bindings.ts'
import { type AnswerColumn, type Batch, type OctetPage, type Put, Values } from './columns.ts'

export interface ChunkReader {
  readonly duck: Library
  /** of times that have one; those without are of the asked zone already */
  readonly zone: string
}

/** `types`: of its columns, as DuckDB numbers them. */
export function batchOfChunk(chunk: Handle, types: readonly number[], reader: ChunkReader): Batch {
  const size = reader.duck.bindings.data_chunk_get_size(chunk)
  return { size, columns: types.map((type, at) => columnOf({ chunk, at, size }, type, reader)) }
}

/** One column of a chunk, of so many rows. */
interface Place {
  readonly chunk: Handle
  readonly at: number
  readonly size: number
}

function columnOf(place: Place, type: number, { duck, zone }: ChunkReader): AnswerColumn {
  const { bindings } = duck
  const types = bindings.Type
  if (type === types.VARCHAR) return new Texts(place, bindings)
  if (type === types.BIGINT) return new Wholes(place, bindings, 8)
  if (type === types.INTEGER) return new Wholes(place, bindings, 4)
  if (type === types.TIMESTAMP_TZ) return new Times(place, bindings, zone)
  if (type === types.TIMESTAMP) return new Times(place, bindings, null)
  const isDecimal = type === types.DECIMAL
  let vector: DuckDBVector | null = null
  return new Values((row) => {
    vector ??= duck.vectorOf(place.chunk, place.at)
    return plainValue(vector.getItem(row), isDecimal)
  })
}

function plainValue(value: DuckDBValue, isDecimal: boolean): Value {
  if (typeof value === 'bigint') return Number(value)
  if (value === null || typeof value !== 'object') return value
  return isDecimal ? Number(String(value)) : value.toString()
}

/** Where a column's values lie, and which of them are null. */
class Vector {
  readonly octets: Uint8Array
  /** the same, 32 bits at a time */
  readonly words: Int32Array
  readonly #valid: Uint8Array | null

  /** `bytes`: of one value */
  constructor({ chunk, at, size }: Place, bindings: Bindings, bytes: number) {
    const vector = bindings.data_chunk_get_vector(chunk, at)
    this.octets = bindings.vector_get_data(vector, size * bytes)
    this.words = new Int32Array(this.octets.buffer, this.octets.byteOffset, (size * bytes) / 4)
    this.#valid = bindings.vector_get_validity(vector, Math.ceil(size / 64) * 8)
  }

  isNull(row: number): boolean {
    const valid = this.#valid
    return valid !== null && (valid[row >> 3]! & (1 << (row & 7))) === 0
  }

  /** 64 bits. No BigInt: counts and microseconds are below 2^53, and larger ones lose as many digits either way */
  long(row: number): number {
    return this.words[row * 2 + 1]! * 2 ** 32 + (this.words[row * 2]! >>> 0)
  }
}

/** Whole numbers of 32 or 64 bits. */
class Wholes implements AnswerColumn {
  readonly isText = false
  readonly #vector: Vector
  readonly #isLong: boolean

  constructor(place: Place, bindings: Bindings, bytes: 4 | 8) {
    this.#vector = new Vector(place, bindings, bytes)
    this.#isLong = bytes === 8
  }

  at(row: number): Value {
    return this.#vector.isNull(row) ? null : this.#of(row)
  }

  put(row: number, page: OctetPage): Put {
    if (this.#vector.isNull(row)) return 'nothing'
    page.number(this.#of(row))
    return 'written'
  }

  #of(row: number): number {
    return this.#isLong ? this.#vector.long(row) : this.#vector.words[row]!
  }
}

class Times implements AnswerColumn {
  readonly isText = true
  readonly #vector: Vector
  readonly #zone: string | null

  /** `zone` null: they are of one already, and say so nowhere */
  constructor(place: Place, bindings: Bindings, zone: string | null) {
    this.#vector = new Vector(place, bindings, 8)
    this.#zone = zone
  }

  at(row: number): Value {
    if (this.#vector.isNull(row)) return null
    const micros = this.#vector.long(row)
    return this.#zone === null ? clockTime(micros) : zonedTime(micros, this.#zone)
  }

  put(row: number, page: OctetPage): Put {
    if (this.#vector.isNull(row)) return 'nothing'
    return putTime(this.#vector.long(row), this.#zone, page) ? 'written' : 'not-plain'
  }
}

class Texts implements AnswerColumn {
  readonly isText = true
  readonly #vector: Vector
  readonly #rows: number
  readonly #bindings: Bindings
  #long: Far | null = null
  #near: Buffer | null = null
  /** the row before, and what it says: most answers are in order */
  #before = -1
  #text = ''

  constructor(place: Place, bindings: Bindings) {
    this.#vector = new Vector(place, bindings, TEXT_BYTES)
    this.#rows = place.size
    this.#bindings = bindings
  }

  at(row: number): Value {
    const vector = this.#vector
    if (vector.isNull(row)) return null
    if (this.#before < 0 || !this.#isSame(this.#before, row)) {
      const length = vector.words[row * 4]!
      if (length <= SHORT_BYTES) {
        this.#near ??= Buffer.from(vector.octets.buffer, vector.octets.byteOffset, vector.octets.length)
        this.#text = this.#near.toString('utf8', row * TEXT_BYTES + 4, row * TEXT_BYTES + 4 + length)
      } else {
        const from = this.#far.from(row)
        this.#text = this.#far.octets(row).toString('utf8', from, from + length)
      }
    }
    this.#before = row
    return this.#text
  }

  #isSame(one: number, other: number): boolean {
    const { words } = this.#vector
    const length = words[one * 4]!
    // what is shorter than twelve octets has zeros behind it
    if (length !== words[other * 4] || words[one * 4 + 1] !== words[other * 4 + 1]) return false
    if (words[one * 4 + 2] === words[other * 4 + 2] && words[one * 4 + 3] === words[other * 4 + 3]) return true
    if (length <= SHORT_BYTES || length > COMPARED_MAX) return false
    const a = this.#far.octets(one)
    const b = this.#far.octets(other)
    const from = this.#far.from(one)
    const to = this.#far.from(other)
    // names of hosts begin alike
    for (let each = length - 1; each >= 4; each--) if (a[from + each] !== b[to + each]) return false
    return true
  }

  put(row: number, page: OctetPage): Put {
    const vector = this.#vector
    if (vector.isNull(row)) return 'nothing'
    const length = vector.words[row * 4]!
    const isPlain =
      length <= SHORT_BYTES
        ? page.plain(vector.octets, row * TEXT_BYTES + 4, length)
        : page.plain(this.#far.octets(row), this.#far.from(row), length)
    return isPlain ? 'written' : 'not-plain'
  }

  get #far(): Far {
    this.#long ??= new Far(this.#vector, this.#rows, this.#bindings)
    return this.#long
  }
}

/** `duckdb_string_t` */
const TEXT_BYTES = 16
const SHORT_BYTES = 12
/** longer ones are hardly the same twice */
const COMPARED_MAX = 256

/**
 * The texts that stand elsewhere. Many stand near each other, and are looked into as one stretch of memory: to ask for
 * each of them costs more than all the rest. Between two of a stretch is less than a page of memory, so that what lies
 * between is on a page of one of them.
 */
class Far {
  readonly #stretches: { first: number; end: number }[] = []
  readonly #octets: Buffer[]
  readonly #stretchOf: Uint32Array
  readonly #pointers: Float64Array

  constructor(vector: Vector, rows: number, bindings: Bindings) {
    this.#stretchOf = new Uint32Array(rows)
    this.#pointers = new Float64Array(rows)
    for (let row = 0; row < rows; row++) {
      const length = vector.words[row * 4]!
      if (length <= SHORT_BYTES || vector.isNull(row)) continue
      // what runs on this has pointers of 48 bits
      const pointer = vector.long(row * 2 + 1)
      this.#pointers[row] = pointer
      this.#stretchOf[row] = this.#stretchNear(pointer, pointer + length)
    }
    const place = new BigUint64Array(1)
    this.#octets = this.#stretches.map(({ first, end }) => {
      place[0] = BigInt(first)
      const octets = bindings.get_data_from_pointer(place.buffer, 0, end - first)
      return Buffer.from(octets.buffer, octets.byteOffset, octets.length)
    })
  }

  octets(row: number): Buffer {
    return this.#octets[this.#stretchOf[row]!]!
  }

  /** where in them the text of a row begins */
  from(row: number): number {
    return this.#pointers[row]! - this.#stretches[this.#stretchOf[row]!]!.first
  }

  #stretchNear(first: number, end: number): number {
    const all = this.#stretches
    for (let at = all.length - 1; at >= Math.max(0, all.length - STRETCHES_TRIED); at--) {
      const one = all[at]!
      if (first > one.end + GAP_MAX || end < one.first - GAP_MAX) continue
      if (first < one.first) one.first = first
      if (end > one.end) one.end = end
      return at
    }
    return all.push({ first, end }) - 1
  }
}

/** less than the smallest page of memory there is */
const GAP_MAX = 4000
const STRETCHES_TRIED = 8
