/**
 * Texts that repeat, each kept once. An organisation has few names, and every authentication says them again: of the
 * texts that lived in a run of many authentications three of four were copies of others, or held the whole head of HTTP
 * from which they were cut (23 of 131 MB of heap).
 *
 * The table has a place for each remainder of a hash, where the text that was seen last stays: it does not grow, and
 * who fills it with other texts only undoes the sharing. What it gives depends on the text alone.
 */

const PLACES = 1 << 14
/** Names are shorter, and so is what a browser calls itself. */
const LENGTH_MAX = 128
/**
 * Names of hosts, accounts and services end here: those of DNS have 255 characters, accounts of Windows 256, and a
 * service has its class in front. Longer ones are nobody's, and would be kept by the thousand: logons with names of
 * 8,000 characters took 574 MiB.
 */
const NAME_CHARACTERS_MAX = 300
/** Of distinguished names, users as they were typed, and paths. */
export const LONG_NAME_CHARACTERS_MAX = 1024
/** Prime of FNV-1a, 32 bits */
const PRIME = 0x0100_0193

const places: string[] = new Array(PLACES).fill('')
const units = new Uint16Array(LENGTH_MAX)

/** A name as it is kept: `interned`, and of one that is too long its beginning. */
export function keptName(text: string, charactersMax = NAME_CHARACTERS_MAX): string {
  return interned(text.length <= charactersMax ? text : text.slice(0, charactersMax))
}

/**
 * The same text: one that was given before where the table has it, else a copy that holds on to nothing else. Much
 * longer ones as they are.
 */
export function interned(text: string): string {
  const { length } = text
  if (length > LENGTH_MAX) return length > LONG_NAME_CHARACTERS_MAX ? text : copied(text)
  let hash = length
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at)
    units[at] = unit
    hash = Math.imul(hash ^ unit, PRIME)
  }
  const place = (hash ^ (hash >>> 15)) & (PLACES - 1)
  const known = places[place]!
  if (known === text) return known
  // a text that was cut out of another one keeps that alive, a joined one both of its parts
  const copy = String.fromCharCode.apply(null, units.subarray(0, length) as unknown as number[])
  places[place] = copy
  return copy
}

function copied(text: string): string {
  const codes = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))
  return String.fromCharCode(...codes)
}

/**
 * `interned` of bytes that are ASCII, one character each, without making a text of them where the table has it; null
 * where one is not, or there are too many.
 */
export function internedAscii(bytes: Uint8Array, start: number, end: number): string | null {
  return internedUnits(bytes, start, end - start, 1)
}

/** The same of UTF-16LE up to `end`, an even number. */
export function internedWide(bytes: Uint8Array, end: number): string | null {
  return internedUnits(bytes, 0, end >> 1, 2)
}

function internedUnits(bytes: Uint8Array, start: number, length: number, width: 1 | 2): string | null {
  if (length > LENGTH_MAX) return null
  let hash = length
  for (let at = 0; at < length; at++) {
    const unit = bytes[start + at * width]!
    if (unit > 0x7f || (width === 2 && bytes[at * 2 + 1] !== 0)) return null
    units[at] = unit
    hash = Math.imul(hash ^ unit, PRIME)
  }
  const place = (hash ^ (hash >>> 15)) & (PLACES - 1)
  const known = places[place]!
  if (known.length === length) {
    let at = 0
    while (at < length && known.charCodeAt(at) === units[at]) at++
    if (at === length) return known
  }
  const text = String.fromCharCode.apply(null, units.subarray(0, length) as unknown as number[])
  places[place] = text
  return text
}
