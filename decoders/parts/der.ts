/**
 * A walk over BER/DER elements (X.690) for decoders that know their grammar: SPNEGO, Kerberos, LDAP.
 *
 * Reads single-byte tags and definite lengths, short or long form, minimal or not (Windows writes `84 00 00 xx xx`). It
 * does not check value encodings, read indefinite lengths or multi-byte tags: no message of these protocols has them.
 * Elements are views: they borrow the input. An element whose length runs past the input is given as far as it goes,
 * with `cut` set.
 */
import { interned, internedAscii } from './interned.ts'
import { SeenBytes } from './seen-bytes.ts'
import { latin1, utf8Text } from './text.ts'

export interface DerElement {
  /** identifier octet: class, constructed bit and number together, 0x30 for a SEQUENCE */
  readonly tag: number
  readonly bytes: Uint8Array
  /** where the identifier octet stands, and the contents begin and end, as offsets in `bytes` */
  readonly from: number
  readonly start: number
  readonly end: number
  readonly cut: boolean
}

/** Identifier octets of universal types (X.690 8.1.2). */
export const INTEGER = 0x02
export const OCTET_STRING = 0x04
export const SEQUENCE = 0x30

/**
 * No sane message of these protocols has more siblings; a hostile one does. LDAP filters and SPNs lists stay far below.
 */
const CHILDREN_MAX = 4096

/**
 * Octets of the whole element at `at`, identifier and length included. Its length is there in definite form: the caller
 * has looked.
 */
export function elementLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at + 1]!
  if (first < 0x80) return 2 + first
  const octets = first & 0x7f
  let length = 0
  for (let i = 0; i < octets; i++) length = length * 256 + bytes[at + 2 + i]!
  return 2 + octets + length
}

/** The element at `at`, or null where no identifier and length can be read there. */
export function derAt(bytes: Uint8Array, at = 0, limit = bytes.length): DerElement | null {
  if (at + 2 > limit) return null
  const tag = bytes[at]!
  if ((tag & 0x1f) === 0x1f) return null
  let start = at + 2
  let length = bytes[at + 1]!
  if (length & 0x80) {
    const octets = length & 0x7f
    if (octets === 0 || octets > 4 || start + octets > limit) return null
    length = 0
    for (let i = 0; i < octets; i++) length = length * 256 + bytes[start + i]!
    start += octets
  }
  const end = start + length
  return { tag, bytes, from: at, start, end: Math.min(end, limit), cut: end > limit }
}

/** The elements inside a constructed one, as far as they can be read. */
export function derChildren(parent: DerElement): DerElement[] {
  const children: DerElement[] = []
  let at = parent.start
  while (at < parent.end && children.length < CHILDREN_MAX) {
    const child = derAt(parent.bytes, at, parent.end)
    if (child === null) break
    children.push(child)
    at = child.end
  }
  return children
}

/** The first element inside, whatever its tag: what an EXPLICIT tag wraps. */
export function derInner(parent: DerElement): DerElement | null {
  return derAt(parent.bytes, parent.start, parent.end)
}

/** What the context tag [number] EXPLICIT wraps inside a SEQUENCE; null where it is absent or unreadable. */
export function derField(parent: DerElement, number: number): DerElement | null {
  const tag = 0xa0 | number
  let at = parent.start
  for (let i = 0; at < parent.end && i < CHILDREN_MAX; i++) {
    const child = derAt(parent.bytes, at, parent.end)
    if (child === null) return null
    if (child.tag === tag) return derInner(child)
    at = child.end
  }
  return null
}

/** Contents octets, borrowed. */
export function derOctets(element: DerElement): Uint8Array {
  return element.bytes.subarray(element.start, element.end)
}

/** INTEGER or ENUMERATED of up to six octets as a number; null where it is longer, empty or cut. */
export function derInteger(element: DerElement): number | null {
  const octets = element.end - element.start
  if (octets < 1 || octets > 6 || element.cut) return null
  let value = (element.bytes[element.start]! << 24) >> 24
  for (let at = element.start + 1; at < element.end; at++) value = value * 256 + element.bytes[at]!
  return value
}

/** OBJECT IDENTIFIER in dotted form; null where it is empty, cut or ends inside an arc. */
export function derOid(element: DerElement): string | null {
  if (element.tag !== 0x06 || element.cut || element.end === element.start) return null
  const { bytes, start, end } = element
  const known = OIDS.find(bytes, start, end)
  if (known !== undefined) return known
  const text = oidText(element)
  if (text !== null) OIDS.keep(bytes, start, end, text)
  return text
}

/** Mechanisms and types are the same few. */
const OIDS = new SeenBytes<string>()

function oidText(element: DerElement): string | null {
  const arcs: number[] = []
  let arc = 0
  for (let at = element.start; at < element.end; at++) {
    const octet = element.bytes[at]!
    arc = arc * 128 + (octet & 0x7f)
    if (arc > Number.MAX_SAFE_INTEGER / 128 || arcs.length > 64) return null
    if (octet & 0x80) {
      if (at + 1 === element.end) return null
      continue
    }
    if (arcs.length === 0) {
      const root = Math.min(2, Math.floor(arc / 40))
      arcs.push(root, arc - root * 40)
    } else arcs.push(arc)
    arc = 0
  }
  return arcs.join('.')
}

/** A character string: UTF8String and GeneralString as UTF-8 where that is valid, else one character a byte. */
export function derText(element: DerElement): string {
  const ascii = internedAscii(element.bytes, element.start, element.end)
  if (ascii !== null) return ascii
  const octets = derOctets(element)
  const text = utf8Text(octets)
  return interned(text.includes('\ufffd') ? latin1(octets) : text)
}

/** The first 32 bits of a BIT STRING: bit 0 is 0x80000000, as the field writes kdc-options and ap-options. */
export function derFlags(element: DerElement): number | null {
  if (element.tag !== 0x03 || element.cut || element.end - element.start < 1) return null
  let flags = 0
  for (let i = 0; i < 4; i++) {
    const at = element.start + 1 + i
    flags = flags * 256 + (at < element.end ? element.bytes[at]! : 0)
  }
  return flags
}
