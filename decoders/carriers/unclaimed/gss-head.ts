/**
 * How a token of SPNEGO or Kerberos begins, where nothing else tells that there is one: the framing of GSS-API (RFC
 * 2743 3.1), the answer of SPNEGO (RFC 4178 4.2.2), AP-REQ, AP-REP and KRB-ERROR of Kerberos by themselves (RFC 4120
 * 5.5, 5.9).
 *
 * Hot where it is asked, which is for the first segments of conversations that nobody claims: a look at a few dozen
 * bytes.
 */
import { type DerElement, derAt } from '../../parts/der.ts'

/** SPNEGO, Kerberos, Kerberos as Windows 2000 numbered it, user-to-user, IAKERB, NTLMSSP: contents of their OIDs */
const MECHANISMS: readonly (readonly number[])[] = [
  [0x2b, 6, 1, 5, 5, 2],
  [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2],
  [0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 1, 2, 2],
  [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2, 3],
  [0x2b, 6, 1, 5, 2, 5],
  [0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 0x0a],
]
/** [APPLICATION 0] of GSS-API; [APPLICATION 14], 15 and 30 of Kerberos; [1] of SPNEGO */
const GSS = 0x60
const AP_REQ = 0x6e
const AP_REP = 0x6f
const KRB_ERROR = 0x7e
const NEG_TOKEN_RESP = 0xa1
const FIRST = new Uint8Array(256)
for (const tag of [GSS, AP_REQ, AP_REP, KRB_ERROR, NEG_TOKEN_RESP]) FIRST[tag] = 1
/** the longest head: tag, length of three octets, and the OID */
export const GSS_HEAD_BYTES = 18
/** as much of a segment is looked at */
const SPAN = 64
const TOKEN_BYTES_MAX = 65_535

/** Where a token begins in the first bytes of what `bytes` holds from `from` on; -1: nowhere. */
export function gssPlace(bytes: Uint8Array, from: number): number {
  const end = Math.min(bytes.length - 1, from + SPAN)
  for (let at = from; at < end; at++) if (FIRST[bytes[at]!] === 1 && isGss(bytes, at)) return at
  return -1
}

/** Does a token begin here? */
export function isGss(bytes: Uint8Array, at: number): boolean {
  const token = derAt(bytes, at)
  if (token === null || token.end - token.start < 2) return false
  const first = derAt(bytes, token.start)
  if (first === null) return false
  switch (token.tag) {
    case GSS:
      return first.tag === 0x06 && MECHANISMS.some((oid) => contents(first, oid))
    case AP_REQ:
      return isKerberos(bytes, first, 14)
    case AP_REP:
      return isKerberos(bytes, first, 15)
    case KRB_ERROR:
      return isKerberos(bytes, first, 30)
    default:
      // negState [0] ENUMERATED of 0 to 3
      return first.tag === 0x30 && follows(bytes, first.start, [0xa0, 3, 0x0a, 1]) && bytes[first.start + 4]! <= 3
  }
}

/** pvno [0] INTEGER 5, msg-type [1] INTEGER */
function isKerberos(bytes: Uint8Array, sequence: DerElement, type: number): boolean {
  return sequence.tag === 0x30 && follows(bytes, sequence.start, [0xa0, 3, 2, 1, 5, 0xa1, 3, 2, 1, type])
}

function contents(element: DerElement, wanted: readonly number[]): boolean {
  return element.end - element.start === wanted.length && follows(element.bytes, element.start, wanted)
}

function follows(bytes: Uint8Array, at: number, wanted: readonly number[]): boolean {
  return wanted.every((byte, index) => bytes[at + index] === byte)
}

/** Its length in all as it says itself; 0 where it is longer than any token. */
export function gssLength(bytes: Uint8Array, at: number): number {
  // the length octets alone are read: the contents may not be there yet
  const octets = bytes[at + 1]! & 0x80 ? bytes[at + 1]! & 0x7f : 0
  let length = octets === 0 ? bytes[at + 1]! : 0
  for (let i = 0; i < octets; i++) length = length * 256 + bytes[at + 2 + i]!
  return length > TOKEN_BYTES_MAX ? 0 : 2 + octets + length
}

/**
 * Does a server say this? A framed Kerberos token has its TOK_ID behind the OID (RFC 4121 4.1): 02 00 AP-REP, 03 00
 * KRB-ERROR.
 */
export function isGssAnswer(token: Uint8Array): boolean {
  if (token[0] !== GSS) return token[0] === AP_REP || token[0] === KRB_ERROR || token[0] === NEG_TOKEN_RESP
  const framing = derAt(token)
  const mechanism = framing && derAt(token, framing.start)
  return (
    mechanism !== null && token[mechanism.end + 1] === 0 && (token[mechanism.end] === 2 || token[mechanism.end] === 3)
  )
}
