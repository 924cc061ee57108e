/**
 * A tiny DER writer (X.690) for test messages: SPNEGO, Kerberos, LDAP.
 *
 * Writes single-byte tags and minimal definite lengths. It checks nothing: a test may build nonsense with it. Every
 * function returns fresh bytes.
 *
 *     tlv(0x30, explicit(0, integer(5)), explicit(1, tlv(0x1b, 'host')))
 */

/** Bytes, or a text that stands for its UTF-8 bytes. */
export type Part = Uint8Array | string

/** Any element: identifier octet, length, the parts one after the other. */
export function tlv(tag: number, ...parts: Part[]): Uint8Array {
  const contents = concat(...parts)
  return concat(Uint8Array.of(tag, ...lengthOctets(contents.length)), contents)
}

/** The same element with its length in `84 xx xx xx xx`, as Windows writes it: legal BER, not DER. */
export function longTlv(tag: number, ...parts: Part[]): Uint8Array {
  const contents = concat(...parts)
  const { length } = contents
  return concat(Uint8Array.of(tag, 0x84, length >>> 24, length >>> 16, length >>> 8, length), contents)
}

/** SEQUENCE (or SEQUENCE OF). */
export function sequence(...parts: Part[]): Uint8Array {
  return tlv(0x30, ...parts)
}

/** [number] EXPLICIT: the context tag around whole elements. */
export function explicit(number: number, ...parts: Part[]): Uint8Array {
  return tlv(0xa0 | number, ...parts)
}

/** [APPLICATION number], constructed. */
export function application(number: number, ...parts: Part[]): Uint8Array {
  return tlv(0x60 | number, ...parts)
}

/** INTEGER in the fewest octets; negative numbers and up to 2^53 too. */
export function integer(value: number): Uint8Array {
  return tlv(0x02, integerOctets(value))
}

export function enumerated(value: number): Uint8Array {
  return tlv(0x0a, integerOctets(value))
}

export function octetString(bytes: Part): Uint8Array {
  return tlv(0x04, bytes)
}

/** BIT STRING of whole octets (no unused bits): flags of Kerberos, ContextFlags. */
export function bitString(bytes: Uint8Array): Uint8Array {
  return tlv(0x03, Uint8Array.of(0), bytes)
}

/** GeneralString, the string type of Kerberos and of SPNEGO's hintName. */
export function text(value: string): Uint8Array {
  return tlv(0x1b, value)
}

/** GeneralizedTime: `20380119031407Z`. */
export function time(value: string): Uint8Array {
  return tlv(0x18, value)
}

/** OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number)
  return tlv(0x06, Uint8Array.from([first * 40 + second, ...others].flatMap(base128)))
}

/** The parts one after the other. */
export function concat(...parts: Part[]): Uint8Array {
  const chunks = parts.map((part) => (typeof part === 'string' ? new TextEncoder().encode(part) : part))
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length]
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return [0x80 | octets.length, ...octets]
}

function integerOctets(value: number): Uint8Array {
  const octets: number[] = []
  let rest = value
  do {
    octets.unshift(((rest % 256) + 256) % 256)
    rest = Math.floor(rest / 256)
  } while (!((rest === 0 && octets[0]! < 0x80) || (rest === -1 && octets[0]! >= 0x80)))
  return Uint8Array.from(octets)
}

function base128(arc: number): number[] {
  const octets = [arc % 128]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) octets.unshift(0x80 | (rest % 128))
  return octets
}
