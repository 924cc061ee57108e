/**
 * Which bytes may stand in a place, as data: what framing and probing look at, for a reader that has no code of the
 * carrier (the engine).
 */

/** One byte, any of a list, or any at all (null). */
export type ByteClass = number | readonly number[] | null

/** Up to `most` bytes of a class, and at least one. */
export interface Run {
  readonly many: readonly number[]
  readonly most: number
}

/** `END`: nothing may follow. */
export type Place = ByteClass | Run | typeof END
export const END = 'end'

/**
 * How bytes may begin, place by place. Where all places are filled, they begin so, whatever follows; bytes that are
 * over before may still go on so.
 */
export type Opening = readonly Place[]

/** So many bytes of any kind. */
export function some(count: number): readonly ByteClass[] {
  return Array.from({ length: count }, () => null)
}

/** Capital letters. */
export const CAPITALS: readonly number[] = Array.from({ length: 26 }, (_, index) => 0x41 + index)
export const LETTERS: readonly number[] = [...CAPITALS, ...CAPITALS.map((letter) => letter + 0x20)]
export const DIGITS: readonly number[] = Array.from({ length: 10 }, (_, index) => 0x30 + index)

/** The bytes from `first` to `last`. */
export function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

/** Every byte but these. */
export function notIn(...bytes: readonly number[]): readonly number[] {
  return range(0, 255).filter((byte) => !bytes.includes(byte))
}

/** The bytes in which none of these bits is set. */
export function without(bits: number): readonly number[] {
  return range(0, 255).filter((byte) => (byte & bits) === 0)
}

/** A text, letter by letter. */
export function letters(text: string): readonly number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0))
}

/** The same, each letter large or small. */
export function anyCase(text: string): readonly ByteClass[] {
  return Array.from(text, (letter) => [letter.toUpperCase().charCodeAt(0), letter.toLowerCase().charCodeAt(0)])
}

/** A bit for each byte of the class, in eight words. */
export function bitsOf(bytes: ByteClass): Int32Array {
  const bits = new Int32Array(8)
  if (bytes === null) bits.fill(-1)
  else for (const byte of typeof bytes === 'number' ? [bytes] : bytes) bits[byte >> 5]! |= 1 << (byte & 31)
  return bits
}
