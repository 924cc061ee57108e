/**
 * Plain values as numbers and texts, to be handed from one thread to another: numbers stand in one array that changes
 * its owner, texts in a list of which each is there once and known by its place.
 *
 * What is written is read by the same calls in the same order. JSON of whole values cost five times as much: a
 * domain controller's messages repeat the same few names.
 */
import { interned } from '../../../decoders/parts/interned.ts'

/** What was written since it was taken last. */
export interface Packed {
  readonly numbers: ArrayBuffer
  /** JSON: a list of texts */
  readonly texts: string
}

const NUMBERS_MIN = 1 << 12

export class Packer {
  #numbers = new Float64Array(NUMBERS_MIN)
  #count = 0
  #texts: string[] = []
  readonly #places = new Map<string, number>()
  /** by their end */
  readonly #repeated = new Map<number, { readonly place: number; readonly bytes: Uint8Array }>()

  take(): Packed {
    const packed = {
      numbers: this.#numbers.buffer.slice(0, this.#count * Float64Array.BYTES_PER_ELEMENT),
      texts: JSON.stringify(this.#texts),
    }
    this.#count = 0
    this.#texts = []
    this.#places.clear()
    this.#repeated.clear()
    return packed
  }

  number(value: number): void {
    if (this.#count === this.#numbers.length) {
      const longer = new Float64Array(2 * this.#count)
      longer.set(this.#numbers)
      this.#numbers = longer
    }
    this.#numbers[this.#count++] = value
  }

  /** No number that is told is none. */
  numberOrNull(value: number | null): void {
    this.number(value === null ? Number.NaN : value)
  }

  flag(value: boolean): void {
    this.number(value ? 1 : 0)
  }

  text(value: string): void {
    let place = this.#places.get(value)
    if (place === undefined) {
      place = this.#texts.length
      this.#texts.push(value)
      this.#places.set(value, place)
    }
    this.number(place)
  }

  textOrNull(value: string | null): void {
    if (value === null) this.number(NONE)
    else this.text(value)
  }

  /** Bytes, which hardly ever are there twice. */
  bytes(value: Uint8Array | null): void {
    if (value === null) {
      this.number(NONE)
      return
    }
    this.number(this.#texts.length)
    this.#texts.push(Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1'))
  }

  /** Bytes that may be there again soon, such as a certificate: in a round they are handed over once. */
  repeated(value: Uint8Array | null): void {
    if (value === null) {
      this.number(NONE)
      return
    }
    const end = value.length
    const mark = (value[end - 1]! << 24) | (value[end - 2]! << 16) | (value[end - 3]! << 8) | value[end - 4]!
    const known = this.#repeated.get(mark)
    if (known !== undefined && Buffer.compare(known.bytes, value) === 0) {
      this.number(known.place)
      return
    }
    this.#repeated.set(mark, { place: this.#texts.length, bytes: Uint8Array.from(value) })
    this.bytes(value)
  }

  /** A plain object of what JSON can say, or null. */
  object(value: object | null): void {
    this.textOrNull(value === null ? null : JSON.stringify(value))
  }

  numbers(list: readonly number[]): void {
    this.number(list.length)
    for (const value of list) this.number(value)
  }

  texts(list: readonly string[] | null): void {
    this.number(list === null ? NONE : list.length)
    for (const value of list ?? []) this.text(value)
  }
}

/** Reads what was written; one who reads more, or other things, than were written gets nonsense. */
export class Unpacker {
  readonly #numbers: Float64Array
  readonly #texts: readonly string[]
  readonly #objects: (object | undefined)[] = []
  readonly #bytes: (Uint8Array | undefined)[] = []
  #at = 0

  constructor({ numbers, texts }: Packed) {
    this.#numbers = new Float64Array(numbers)
    this.#texts = (JSON.parse(texts) as string[]).map(interned)
  }

  /** The number that comes next, which stays there; Infinity: none. */
  get next(): number {
    return this.#at < this.#numbers.length ? this.#numbers[this.#at]! : Number.POSITIVE_INFINITY
  }

  /** What is small is made an integer: numbers from an array of doubles have a box each where objects keep them. */
  number(): number {
    const value = this.#numbers[this.#at++]!
    const small = value | 0
    return small === value ? small : value
  }

  numberOrNull(): number | null {
    const value = this.number()
    return Number.isNaN(value) ? null : value
  }

  flag(): boolean {
    return this.#numbers[this.#at++] === 1
  }

  text<Text extends string>(): Text {
    return this.#texts[this.#numbers[this.#at++]!] as Text
  }

  textOrNull<Text extends string>(): Text | null {
    const place = this.#numbers[this.#at++]!
    return place === NONE ? null : (this.#texts[place] as Text)
  }

  bytes(): Uint8Array | null {
    const text = this.textOrNull()
    return text === null ? null : Buffer.from(text, 'latin1')
  }

  /** Those that were there before are the same: nobody changes them. */
  repeated(): Uint8Array | null {
    const place = this.number()
    if (place === NONE) return null
    this.#bytes[place] ??= Buffer.from(this.#texts[place]!, 'latin1')
    return this.#bytes[place]!
  }

  /** One that was there before is the same object: nobody changes it. */
  object<Value extends object>(): Value | null {
    const place = this.number()
    if (place === NONE) return null
    this.#objects[place] ??= kept(JSON.parse(this.#texts[place]!) as Record<string, unknown>)
    return this.#objects[place] as Value
  }

  numbers(): number[] {
    const list: number[] = new Array(this.number())
    for (let at = 0; at < list.length; at++) list[at] = this.number()
    return list
  }

  texts(): string[] | null {
    const length = this.number()
    if (length === NONE) return null
    const list: string[] = new Array(length)
    for (let at = 0; at < length; at++) list[at] = this.text()
    return list
  }
}

/** Texts in it that repeat, each kept once. */
function kept(value: Record<string, unknown>): Record<string, unknown> {
  for (const key in value) {
    const part = value[key]
    if (typeof part === 'string') value[key] = interned(part)
    else if (part !== null && typeof part === 'object') kept(part as Record<string, unknown>)
  }
  return value
}

const NONE = -1
