/**
 * Bytes to text and back, as the wire formats of this folder need it. Unpaired surrogates and invalid UTF-8 become
 * U+FFFD; nothing throws.
 */

import { internedWide, keptName } from './interned.ts'

const utf16 = new TextDecoder('utf-16le', { ignoreBOM: true })
const utf8 = new TextDecoder('utf-8')

/** UTF-16LE; an odd last byte is dropped. */
export function utf16le(bytes: Uint8Array): string {
  return utf16.decode(bytes.length % 2 === 0 ? bytes : bytes.subarray(0, bytes.length - 1))
}

/** A name in UTF-16LE, kept once (`keptName`): without NULs at its end, which some stacks count in. */
export function nameIn16(bytes: Uint8Array): string {
  let end = bytes.length - (bytes.length % 2)
  while (end > 0 && bytes[end - 1] === 0 && bytes[end - 2] === 0) end -= 2
  return internedWide(bytes, end) ?? keptName(utf16le(bytes.subarray(0, end)))
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictUtf8.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** Text of an unknown code page: UTF-8 where it decodes; else each byte that is not ASCII is U+FFFD. */
export function oemText(bytes: Uint8Array): string {
  return isUtf8(bytes) ? utf8.decode(bytes) : latin1(bytes).replace(/[\x80-\xff]/g, '\ufffd')
}

export function utf8Text(bytes: Uint8Array): string {
  return utf8.decode(bytes)
}

/** One character a byte (ISO 8859-1). */
export function latin1(bytes: Uint8Array): string {
  if (bytes.length <= AT_ONCE) return characters(bytes)
  let text = ''
  for (let at = 0; at < bytes.length; at += AT_ONCE) text += characters(bytes.subarray(at, at + AT_ONCE))
  return text
}

/** Spreading the bytes into the call takes five times as long: it goes through their iterator. */
function characters(bytes: Uint8Array): string {
  return String.fromCharCode.apply(null, bytes as unknown as number[])
}

/** What stands before the first NUL. */
export function untilNul(text: string): string {
  return until(text, '\0')
}

/** What stands before the first `mark`; all of it where there is none. */
export function until(text: string, mark: string): string {
  const at = text.indexOf(mark)
  return at < 0 ? text : text.slice(0, at)
}

/** Without the characters `last` at its end. A pattern for that tries every place where one stands: a square. */
export function withoutEnd(text: string, last: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === last) end--
  return text.slice(0, end)
}

/** Lower-case hexadecimal, two digits a byte, no separators. */
export function hex(bytes: Uint8Array): string {
  const digits = new Uint8Array(bytes.length * 2)
  for (let at = 0; at < bytes.length; at++) writeHex(digits, 2 * at, bytes[at]!)
  return latin1(digits)
}

/** The two digits of an octet, as characters at `at`: for texts of which hexadecimal is a part. */
export function writeHex(text: Uint8Array, at: number, octet: number): void {
  text[at] = HEX_DIGITS.charCodeAt(octet >> 4)
  text[at + 1] = HEX_DIGITS.charCodeAt(octet & 15)
}

/** The bytes of a base64 text (standard alphabet, padding optional), or null where it is not base64. */
export function base64Bytes(text: string): Uint8Array | null {
  const trimmed = withoutEnd(text.trim(), '=')
  if (trimmed.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(trimmed)) return null
  const bytes = new Uint8Array((trimmed.length * 3) >> 2)
  let bits = 0
  let held = 0
  let at = 0
  for (let i = 0; i < trimmed.length; i++) {
    held = (held << 6) | BASE64_VALUES[trimmed.charCodeAt(i)]!
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = (held >> bits) & 0xff
      held &= (1 << bits) - 1
    }
  }
  return bytes
}

/**
 * Windows FILETIME (100 ns since 1601, little-endian, 8 bytes at `at`) as microseconds since 1970; null for 0 and for
 * "never".
 */
export function filetimeMicros(bytes: Uint8Array, at: number): number | null {
  if (at + 8 > bytes.length) return null
  const low = bytes[at]! + bytes[at + 1]! * 0x100 + bytes[at + 2]! * 0x1_0000 + bytes[at + 3]! * 0x100_0000
  const high = bytes[at + 4]! + bytes[at + 5]! * 0x100 + bytes[at + 6]! * 0x1_0000 + bytes[at + 7]! * 0x100_0000
  if ((low === 0 && high === 0) || high >= 0x7fff_ffff) return null
  // split so that every step stays below 2^53: high * 2^32 / 10 in two parts
  return Math.floor((high * 0x1_0000_0000) / 10 + low / 10) - 11_644_473_600_000_000
}

/** ISO 8601 in UTC with microseconds, from microseconds since 1970; null where no calendar holds the time. */
export function isoTime(micros: number): string | null {
  const millis = Math.floor(micros / 1000)
  if (!Number.isFinite(millis) || Math.abs(millis) > 8.64e15) return null
  const rest = Math.floor(micros) - millis * 1000
  return `${new Date(millis).toISOString().slice(0, -1)}${String(rest).padStart(3, '0')}Z`
}

const HEX_DIGITS = '0123456789abcdef'
/**
 * Characters made in one call: a text that grows by one at a time stays a chain of 32 bytes a character (the GUIDs of
 * SMB alone were 1.4 of 135 MB).
 */
const AT_ONCE = 4096
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const BASE64_VALUES = new Uint8Array(128)
for (let value = 0; value < 64; value++) BASE64_VALUES[BASE64.charCodeAt(value)] = value

export function withoutTrailingNuls(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === 0) end--
  return text.slice(0, end)
}
