/**
 * Lines of text protocols as bytes: where a head ends, what a line begins with, how long a body is. Hot: called from
 * `frame`, allocates nothing.
 *
 * Field names are compared without case; names and texts are given as bytes, made once by `ascii`.
 */
import type { Framing } from '../carrier.ts'

/**
 * Where the bytes behind the first empty line begin; -1 where there is none yet. Lines end with LF, CR before it or
 * not. Goes on where the search for this PDU stopped.
 */
export function throughBlankLine(head: Uint8Array, out: Framing): number {
  let at = head.indexOf(LF, out.scanned)
  for (; at >= 0; at = head.indexOf(LF, at + 1)) {
    const before = head[at - 1]
    if (before === LF || (before === CR && head[at - 2] === LF)) return at + 1
  }
  out.scanned = head.length
  return -1
}

/** The value of Content-Length, `start` to the end of its line; -1 where it is no number that a body can have. */
export function decimal(head: Uint8Array, start: number): number {
  let at = start
  while (head[at] === SP || head[at] === TAB) at++
  const digits = at
  let value = 0
  for (; isDigit(head[at]!); at++) value = value * 10 + head[at]! - ZERO
  if (at === digits || at - digits > DECIMAL_DIGITS_MAX) return -1
  while (head[at] === SP || head[at] === TAB || head[at] === CR) at++
  return head[at] === LF ? value : -1
}

/** How many bytes of `text` stand at `at`, as far as `head` goes. */
export function matching(head: Uint8Array, at: number, text: Uint8Array): number {
  const count = Math.min(text.length, head.length - at)
  for (let i = 0; i < count; i++) if (head[at + i] !== text[i]) return i
  return Math.max(0, count)
}

export function startsWith(head: Uint8Array, text: Uint8Array): boolean {
  return matching(head, 0, text) === text.length
}

/** Does the line at `at` begin with this name (lower case, its colon included)? Field names compare without case. */
export function isField(head: Uint8Array, at: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if ((head[at + i]! | 0x20) !== name[i]) return false
  return true
}

/** Does this word (capitals) stand at `at`, in any case, and end there? */
export function isWord(line: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if ((line[at + i]! & ~0x20) !== word[i]) return false
  const after = line[at + word.length]
  return after === undefined || after <= SP
}

export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0))
}

/** Lengths stay exact in a double. */
const DECIMAL_DIGITS_MAX = 15

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SP = 0x20
const ZERO = 0x30
