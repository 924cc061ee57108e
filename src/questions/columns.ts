/**
 * An answer column by column, and the octets that are made from it: an answer may have millions of cells, and an object
 * or a string for each of them is most of what printing them costs.
 */
import type { Value } from '../store/tables.ts'

/** Some rows of an answer. It is there until the next batch is taken. */
export interface Batch {
  readonly size: number
  readonly columns: readonly AnswerColumn[]
}

/** What became of a cell that was to be written as octets. */
export type Put = 'written' | 'nothing' | 'not-plain'

export interface AnswerColumn {
  /** times and texts: what JSON has in quotation marks */
  readonly isText: boolean
  at(row: number): Value
  /**
   * Appends the cell to the page; `nothing`: it is null; `not-plain`: octets are in it that the page wants written
   * otherwise, or the column has no octets. Whatever is not `written` leaves the page as it was.
   */
  put(row: number, page: OctetPage): Put
}

/** Columns of rows of values. */
export function batchOf(width: number, rows: readonly (readonly Value[])[]): Batch {
  return { size: rows.length, columns: Array.from({ length: width }, (_, at) => new Values((row) => rows[row]![at]!)) }
}

/** Each row as an array. */
export function rowsOfBatch({ size, columns }: Batch): Value[][] {
  const rows: Value[][] = []
  for (let row = 0; row < size; row++) rows.push(new Array<Value>(columns.length))
  for (const [at, column] of columns.entries()) for (let row = 0; row < size; row++) rows[row]![at] = column.at(row)
  return rows
}

/** Some rows of a batch, in this order. */
export function chosen({ columns }: Batch, rows: readonly number[]): Batch {
  return { size: rows.length, columns: columns.map((column) => new Chosen(column, rows)) }
}

/** A column that has values and no octets. */
export class Values implements AnswerColumn {
  readonly isText = false
  readonly at: (row: number) => Value

  constructor(at: (row: number) => Value) {
    this.at = at
  }

  put(): Put {
    return 'not-plain'
  }
}

class Chosen implements AnswerColumn {
  readonly isText: boolean
  readonly #column: AnswerColumn
  readonly #rows: readonly number[]

  constructor(column: AnswerColumn, rows: readonly number[]) {
    this.isText = column.isText
    this.#column = column
    this.#rows = rows
  }

  at(row: number): Value {
    return this.#column.at(this.#rows[row]!)
  }

  put(row: number, page: OctetPage): Put {
    return this.#column.put(this.#rows[row]!, page)
  }
}

// --- octets
// --------------------------------------------------------------------------------------------------------------------

/** How a page writes an octet of a text. */
export const OCTET = { otherwise: 0, asItIs: 1, behindBackslash: 2 } as const

/** Octets that are written often, four at a time. */
export class Phrase {
  readonly length: number
  /** the last one has zeros behind it */
  readonly words: Int32Array

  constructor(text: string) {
    const octets = encoder.encode(text)
    this.length = octets.length
    const whole = new Uint8Array(Math.ceil(octets.length / 4) * 4)
    whole.set(octets)
    const view = new DataView(whole.buffer)
    this.words = Int32Array.from({ length: whole.length / 4 }, (_, at) => view.getInt32(at * 4, true))
  }
}

/** What is written next, in memory that is used again and again: one half is filled while the other is written. */
export class OctetPage {
  bytes: Uint8Array = new Uint8Array(PAGE_BYTES)
  #view = new DataView(this.bytes.buffer)
  #taken: Uint8Array = new Uint8Array(PAGE_BYTES)
  /** how many of them are written */
  at = 0
  /** by octet, one of `OCTET` */
  readonly #forms: Uint8Array

  constructor(forms: Uint8Array) {
    this.#forms = forms
  }

  /** There is room for so many octets more. */
  room(count: number): void {
    if (this.at + count <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(this.at + count, this.bytes.length * 2))
    larger.set(this.bytes.subarray(0, this.at))
    this.bytes = larger
    this.#view = new DataView(larger.buffer)
  }

  /** What was written so far, until the next page is taken; it begins anew. */
  take(): Uint8Array {
    const taken = this.bytes
    this.bytes = this.#taken
    this.#taken = taken
    this.#view = new DataView(this.bytes.buffer)
    const { at } = this
    this.at = 0
    return taken.subarray(0, at)
  }

  /** Text that has its form already. */
  phrase({ words, length }: Phrase): void {
    this.room(length + 3)
    const view = this.#view
    const { at } = this
    for (let each = 0; each < words.length; each++) view.setInt32(at + each * 4, words[each]!, true)
    this.at = at + length
  }

  /** The same of a text that is written once. */
  text(text: string): void {
    this.room(text.length * 3)
    this.at += encoder.encodeInto(text, this.bytes.subarray(this.at)).written
  }

  /** UTF-8 in the form of this page; false, and nothing is written: some octet of it is written otherwise. */
  plain(octets: Uint8Array, from: number, length: number): boolean {
    this.room(length * 2)
    const { bytes } = this
    const forms = this.#forms
    let to = this.at
    for (let each = from; each < from + length; each++) {
      const octet = octets[each]!
      const form = forms[octet]
      if (form !== OCTET.asItIs) {
        if (form === OCTET.otherwise) return false
        bytes[to++] = BACKSLASH
      }
      bytes[to++] = octet
    }
    this.at = to
    return true
  }

  /** A whole number. */
  number(value: number): void {
    if (value < 0 || value > 999_999_999) {
      this.text(String(value))
      return
    }
    let digits = 1
    for (let least = 10; value >= least; least *= 10) digits++
    this.room(digits)
    this.#digits(value, this.at, digits)
    this.at += digits
  }

  /** `10:19:19.676949` */
  clock(hours: number, minutes: number, seconds: number, micros: number): void {
    this.room(CLOCK_OCTETS)
    const { bytes, at } = this
    this.#digits(hours, at, 2)
    bytes[at + 2] = COLON
    this.#digits(minutes, at + 3, 2)
    bytes[at + 5] = COLON
    this.#digits(seconds, at + 6, 2)
    bytes[at + 8] = DOT
    this.#digits(micros, at + 9, 6)
    this.at = at + CLOCK_OCTETS
  }

  /** So many digits of it, at least 0 and less than 2^31; there is room. */
  #digits(value: number, at: number, digits: number): void {
    const { bytes } = this
    let rest = value | 0
    for (let to = at + digits - 1; to >= at; to--) {
      const tens = (rest / 10) | 0
      bytes[to] = ZERO + rest - tens * 10
      rest = tens
    }
  }
}

/** some two thousand rows; it grows */
const PAGE_BYTES = 65_536
const BACKSLASH = 0x5c
const [ZERO, COLON, DOT] = [0x30, 0x3a, 0x2e]
const CLOCK_OCTETS = 15
const encoder = new TextEncoder()
