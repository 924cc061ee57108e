/**
 * The carrier `unknown`: NTLMSSP tokens in clear in a conversation that no other carrier claims.
 *
 * It knows no protocol: it looks for the signature of MS-NLMP 2.2.1 with one of its three message types behind it, as
 * bytes or in base64 (whose first eleven digits do not depend on what follows), and for the end of the token. That is
 * the one exception to the rule that carriers never look into tokens: nothing else is known here. It claims no
 * conversation (`probe`); the stream asks `frame` where a signature was seen. In the first segments it looks for tokens
 * of SPNEGO and Kerberos as well (gss-head.ts). Not found: tokens in base64 of which the signature does not begin at a
 * group of three bytes (inside SPNEGO, later than that), and in UTF-16 text. Tokens borrow the PDU or are fresh; the
 * words before one are given only where they look like a command.
 */
import { type Carrier, type CarrierMessage, EMPTY_LEG, type Framing } from '../../carrier.ts'
import { failed, type Outcome, read } from '../../outcome.ts'
import { ascii } from '../../parts/lines.ts'
import { latin1 } from '../../parts/text.ts'
import { GSS_HEAD_BYTES, gssLength, gssPlace, isGss, isGssAnswer } from './gss-head.ts'

export const unclaimedTcp: Carrier = {
  name: 'unknown',
  transport: 'tcp',
  ports: [],
  unclaimed: true,
  probe: () => 'other',
  frame: (head, _side, out) => frame(head, out, true),
  decode: (pdu) => decode(pdu, true),
}
export const unclaimedUdp: Carrier = { ...unclaimedTcp, transport: 'udp' }
/** The same inside the conversations of others: what they step over, and what they cannot read. Datagrams too. */
export const inside: Carrier = {
  ...unclaimedTcp,
  inside: true,
  frame: (head, _side, out) => frame(head, out, false),
  decode: (pdu) => decode(pdu, false),
}

/** `NTLMSSP\0`, then MessageType: 1, 2 or 3 in four bytes, little-endian */
const SIGNATURE = ascii('NTLMSSP\0')
/** The same in base64; the twelfth digit is B, C or D. */
const SIGNATURE_TEXT = ascii('TlRMTVNTUAA')
const TYPE_DIGITS = ascii('BCD')
const HEAD_BYTES = 12
/** Tokens end at 64 KiB, in base64 at 88. */
const TOKEN_BYTES_MAX = 65_535
const TEXT_BYTES_MAX = 90_000
/** Of what stands before a token, this much may say what it is for. */
const HINT_BYTES = 32

/** A signature in `bytes`: where it begins, and in which form. */
interface Place {
  readonly at: number
  readonly text: boolean
  /** a token of SPNEGO or Kerberos */
  readonly gss: boolean
}

/**
 * The first signature at or behind `from`, whole with its message type. Both forms are looked for in the same
 * stretches, each twice as long as the one before it: to the end for one form and again after every hit of the other
 * would be a square.
 */
function place(bytes: Uint8Array, from: number): Place | null {
  for (let at = from, span = STRETCH_BYTES; at < bytes.length; at += span, span *= 2) {
    const end = Math.min(bytes.length, at + span)
    const raw = find(bytes, at, end, SIGNATURE, isRaw)
    const text = find(bytes, at, raw < 0 ? end : raw, SIGNATURE_TEXT, isText)
    if (text >= 0) return { at: text, text: true, gss: false }
    if (raw >= 0) return { at: raw, text: false, gss: false }
  }
  return null
}

const STRETCH_BYTES = 256

/** A token of SPNEGO or Kerberos, as bytes or in base64, that begins in the first bytes from `from` on. */
function gssIn(bytes: Uint8Array, from: number): Place | null {
  const at = gssPlace(bytes, from)
  const text = gssTextPlace(bytes, from)
  if (at < 0 && text < 0) return null
  return text < 0 || (at >= 0 && at < text) ? { at, text: false, gss: true } : { at: text, text: true, gss: true }
}

/** In base64 such tokens begin with Y and one of the first sixteen digits (0x60), or with oY (0xa1 0x8.). */
function gssTextPlace(bytes: Uint8Array, from: number): number {
  const end = Math.min(bytes.length - GSS_TEXT_BYTES, from + GSS_TEXT_SPAN)
  for (let at = from; at <= end; at++) {
    if (bytes[at] !== 0x59 && bytes[at] !== 0x6f) continue
    if (!mayBeGssText(bytes, at)) continue
    const digits = bytes.subarray(at, at + GSS_TEXT_BYTES)
    if (digits.every(isDigit) && isGss(tokenOf(digits), 0)) return at
  }
  return -1
}

/**
 * Of its first six bytes: does an OBJECT IDENTIFIER or a SEQUENCE follow the length? Without it every text in base64
 * would be decoded in many places.
 */
function mayBeGssText(bytes: Uint8Array, at: number): boolean {
  const first = digitsAt(bytes, at)
  const second = digitsAt(bytes, at + 4)
  if (first < 0 || second < 0) return false
  const length = (first >> 8) & 0xff
  const octets = length < 0x80 ? 0 : length - 0x80
  if (octets > 3) return octets === 4
  const tag = octets === 0 ? first & 0xff : (second >> (24 - 8 * octets)) & 0xff
  return tag === 0x06 || tag === 0x30
}

/** Four digits of base64 as 24 bits; -1 where one is none. */
function digitsAt(bytes: Uint8Array, at: number): number {
  let bits = 0
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i]!
    const value = DIGIT_VALUES[byte]!
    if (value > 63) return -1
    bits = (bits << 6) | value
  }
  return bits
}

/** RFC 4648 4 and 5; 64: no digit */
const DIGIT_VALUES = new Uint8Array(256).fill(64)
for (const [value, digit] of [...latin1Digits('+/'), ...latin1Digits('-_')]) DIGIT_VALUES[digit] = value

function latin1Digits(last: string): [value: number, digit: number][] {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  return Array.from(letters + last, (digit, value) => [value, digit.charCodeAt(0)])
}

/** digits of the longest head, and where in a segment they may begin: behind a command or the name of a header */
const GSS_TEXT_BYTES = 24
const GSS_TEXT_SPAN = 64

/** Can a token of SPNEGO or Kerberos begin in these first bytes of a segment? */
export function beginsInGss(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start >= GSS_HEAD_BYTES && gssIn(bytes.subarray(start, end), 0) !== null
}

function firstOf(one: Place | null, other: Place | null): Place | null {
  if (one === null || other === null) return one ?? other
  return one.at < other.at ? one : other
}

/** The first place from `from` on and before `end` where this signature begins; it may end behind it. */
function find(
  bytes: Uint8Array,
  from: number,
  end: number,
  signature: Uint8Array,
  is: (bytes: Uint8Array, at: number) => boolean,
): number {
  const part = bytes.subarray(from, end)
  const first = signature[0]!
  for (let at = part.indexOf(first); at >= 0; at = part.indexOf(first, at + 1))
    if (is(bytes, from + at)) return from + at
  return -1
}

function isRaw(bytes: Uint8Array, at: number): boolean {
  if (at + HEAD_BYTES > bytes.length || matching(bytes, at, SIGNATURE) < SIGNATURE.length) return false
  const type = bytes[at + 8]!
  return type >= 1 && type <= 3 && bytes[at + 9] === 0 && bytes[at + 10] === 0 && bytes[at + 11] === 0
}

function isText(bytes: Uint8Array, at: number): boolean {
  const digit = at + SIGNATURE_TEXT.length
  return (
    digit < bytes.length &&
    matching(bytes, at, SIGNATURE_TEXT) === SIGNATURE_TEXT.length &&
    TYPE_DIGITS.includes(bytes[digit]!)
  )
}

const FORMS = [
  [SIGNATURE, isRaw],
  [SIGNATURE_TEXT, isText],
] as const

/** How many bytes of `signature` stand at `at`. */
function matching(bytes: Uint8Array, at: number, signature: Uint8Array): number {
  for (let i = 0; i < signature.length; i++) if (bytes[at + i] !== signature[i]) return i
  return signature.length
}

/** Signatures in a part of `bytes`. */
export function countSignatures(bytes: Uint8Array, start: number, end: number): number {
  const part = bytes.subarray(start, end)
  let count = 0
  for (const [signature, is] of FORMS) {
    for (
      let at = find(part, 0, part.length, signature, is);
      at >= 0;
      at = find(part, at + 1, part.length, signature, is)
    )
      count++
  }
  return count
}

/**
 * How many bytes at the end of this part may be the beginning of a signature, `least` or more; 0: none. Hot: the last
 * byte tells nearly always.
 */
export function signatureTail(bytes: Uint8Array, start: number, end: number, least: number): number {
  if (end <= start || ENDINGS[bytes[end - 1]!] === 0) return 0
  for (let length = Math.min(HEAD_BYTES - 1, end - start); length >= least; length--) {
    if (begins(bytes, end - length, length)) return length
  }
  return 0
}

/** The first bytes of a signature, in base64 or not. */
export function beginningOf(isText: boolean, length: number): Uint8Array {
  return (isText ? SIGNATURE_TEXT : SIGNATURE).slice(0, length)
}

function begins(bytes: Uint8Array, at: number, length: number): boolean {
  return (
    matches(bytes, at, SIGNATURE, Math.min(length, SIGNATURE.length)) ||
    matches(bytes, at, SIGNATURE_TEXT, Math.min(length, SIGNATURE_TEXT.length))
  )
}

function matches(bytes: Uint8Array, at: number, signature: Uint8Array, length: number): boolean {
  for (let i = 0; i < length; i++) if (bytes[at + i] !== signature[i]) return false
  return true
}

/** bytes with which a part of a signature or of its message type may end */
const ENDINGS = new Uint8Array(256)
for (const byte of [...SIGNATURE, ...SIGNATURE_TEXT, 1, 2, 3]) ENDINGS[byte] = 1

/**
 * A PDU is a token with the few bytes before it, or what stands before those. 'lost': no token begins here, nor may one
 * begin at the end.
 */
function frame(head: Uint8Array, out: Framing, withGss: boolean): 'ready' | 'more' | 'lost' {
  out.more = false
  out.keep = 0
  out.pending = 0
  const found = withGss ? firstOf(place(head, 0), gssIn(head, 0)) : place(head, 0)
  if (found === null) {
    const tail = signatureTail(head, 0, head.length, 1)
    if (tail === 0) return 'lost'
    if (tail === head.length) return 'more'
    out.length = head.length - tail
    return 'ready'
  }
  if (found.at > HINT_BYTES) {
    out.length = found.at - HINT_BYTES
    return 'ready'
  }
  const end = endOf(head, found)
  if (end <= NOT_YET) {
    out.pending = -end
    return 'more'
  }
  out.length = end === NO_TOKEN ? found.at + 1 : end
  out.keep = end === NO_TOKEN ? 0 : end
  return 'ready'
}

/** zero or below: the end is not there yet, and no nearer than so many bytes below zero */
const NOT_YET = 0
const NO_TOKEN = Number.MAX_SAFE_INTEGER

function endOf(bytes: Uint8Array, { at, text, gss }: Place): number {
  if (text) return textEnd(bytes, at)
  if (!gss) return rawEnd(bytes, at)
  const length = gssLength(bytes, at)
  if (length === 0) return NO_TOKEN
  return endThrough(bytes, at + length)
}

/** Where the token at `at` ends, NOT_YET, or NO_TOKEN where its fields contradict each other. */
function rawEnd(bytes: Uint8Array, at: number): number {
  const length = tokenLength(bytes, at)
  return length === NO_TOKEN || length === NOT_YET ? length : endThrough(bytes, at + length)
}

function endThrough(bytes: Uint8Array, end: number): number {
  return end <= bytes.length ? end : -end
}

/** Its digits end where the token in them does, or at the first byte that is none, but for the ends of lines. */
function textEnd(bytes: Uint8Array, at: number): number {
  let headEnd = at
  for (let left = HEAD_DIGITS; left > 0 && headEnd < bytes.length && headEnd - at < TEXT_HEAD_BYTES; headEnd++) {
    if (isDigit(bytes[headEnd]!)) left--
    else if (!isBreak(bytes[headEnd]!)) break
  }
  const head = tokenOf(bytes.subarray(at, headEnd))
  if (head.length < HEAD_BYTES - 1) return NOT_YET
  const isNtlm = head[0] === SIGNATURE[0]
  const length = isNtlm ? tokenLength(head, 0) : gssLength(head, 0)
  if (length === NO_TOKEN || (!isNtlm && length === 0)) return NO_TOKEN
  // a head that is cut tells nothing of the end
  let wanted = length === NOT_YET ? TEXT_BYTES_MAX : Math.ceil((length * 4) / 3)
  let end = at
  for (;;) {
    const start = end
    while (end < bytes.length && end - start < wanted && isDigit(bytes[end]!)) end++
    wanted -= end - start
    if (end - at > TEXT_BYTES_MAX) return NO_TOKEN
    if (wanted === 0) {
      end = lineEnd(bytes, end)
      break
    }
    // more digits may come, in this line or the next one
    const next = nextLine(bytes, end)
    // digits without a known end are looked at anew when there is a sixteenth more of them
    if (next >= bytes.length) return -(bytes.length + (length === NOT_YET ? bytes.length >> 4 : wanted))
    if (next === end || !isDigit(bytes[next]!)) break
    end = next
  }
  while (end < bytes.length && bytes[end] === EQUALS) end++
  return end
}

/** the fixed part of every message (60 bytes), and the ends of lines among its digits */
const HEAD_DIGITS = 80
const TEXT_HEAD_BYTES = 128

function lineEnd(bytes: Uint8Array, at: number): number {
  let end = at
  while (end < bytes.length && isDigit(bytes[end]!)) end++
  return end
}

/**
 * Where the text goes on behind the end of a line (RFC 2045 6.8) and the blanks of a folded one; `at` where the line
 * does not end here.
 */
function nextLine(bytes: Uint8Array, at: number): number {
  let next = at
  while (next < bytes.length && next - at < BREAK_BYTES_MAX && isBreak(bytes[next]!)) next++
  return next
}

function isBreak(byte: number): boolean {
  return byte === 0x0d || byte === 0x0a || byte === 0x20 || byte === 0x09
}

const BREAK_BYTES_MAX = 12

/**
 * ```
 * Len 2, MaxLen 2, BufferOffset 4      of a piece of the payload
 * NEGOTIATE_MESSAGE     DomainName 16, Workstation 24
 * CHALLENGE_MESSAGE     TargetName 12, TargetInfo 40
 * AUTHENTICATE_MESSAGE  LmChallengeResponse 12, NtChallengeResponse 20, DomainName 28, UserName 36, Workstation 44,
 *     EncryptedRandomSessionKey 52
 * ```
 * The length of the token at `at`: to the end of its last piece. A field counts only where it stands before the
 * payload.
 */
function tokenLength(bytes: Uint8Array, at: number): number {
  const type = bytes[at + 8]!
  const fields = FIELDS[type]!
  const least = LEAST[type]!
  if (at + least > bytes.length) return NOT_YET
  let length = least
  let payload = TOKEN_BYTES_MAX
  for (const field of fields) {
    if (field + 8 > payload) break
    if (field === TARGET_INFO && type === 2 && (bytes[at + 22]! & 0x80) === 0) break
    if (at + field + 8 > bytes.length) return NOT_YET
    const size = bytes[at + field]! | (bytes[at + field + 1]! << 8)
    const offset = u32(bytes, at + field + 4)
    if (size === 0) continue
    if (offset < least || offset + size > TOKEN_BYTES_MAX) {
      if (OPTIONAL[type]!.includes(field)) break
      return NO_TOKEN
    }
    payload = Math.min(payload, offset)
    length = Math.max(length, offset + size, field + 8)
  }
  const hasVersion = type === 1 && (bytes[at + 15]! & 0x02) !== 0 && payload >= VERSION_END
  return hasVersion && at + VERSION_END <= bytes.length ? Math.max(length, VERSION_END) : length
}

const FIELDS: readonly (readonly number[])[] = [[], [16, 24], [12, 40], [12, 20, 28, 36, 44, 52]]
const LEAST: readonly number[] = [0, 16, 32, 52]
/** fields that the oldest forms do not have: what stands there is somebody else's, where it makes no sense */
const OPTIONAL: readonly (readonly number[])[] = [[], [16, 24], [40], [52]]
/** of a CHALLENGE_MESSAGE: only with NTLMSSP_NEGOTIATE_TARGET_INFO, 0x00800000 */
const TARGET_INFO = 40

/**
 * Is this nothing but the beginning of a NEGOTIATE_MESSAGE that may end anywhere behind its flags? Some clients send no
 * more than these.
 */
export function isShortNegotiate(bytes: Uint8Array, length: number): boolean {
  const held = bytes.subarray(0, length)
  const found = place(held, 0)
  if (found === null || found.text || held[found.at + 8] !== 1) return false
  return length - found.at >= LEAST[1]! && length - found.at < NEGOTIATE_FIELDS_END
}

const NEGOTIATE_FIELDS_END = 32
/** of a NEGOTIATE_MESSAGE with NTLMSSP_NEGOTIATE_VERSION, 0x02000000 */
const VERSION_END = 40

function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
}

/** `fields`: encoding (raw, base64), hint (the words before it on its line, where they are nothing but words). */
function decode(pdu: Uint8Array, withGss: boolean): Outcome<readonly CarrierMessage[]> {
  const messages: CarrierMessage[] = []
  let from = 0
  while (messages.length < TOKENS_MAX) {
    const found = withGss ? firstOf(place(pdu, from), gssIn(pdu, from)) : place(pdu, from)
    if (found === null) break
    const token = tokenAt(pdu, found)
    messages.push(message(token, found.text ? 'base64' : 'raw', hint(pdu, found.at)))
    from = found.at + (found.gss ? Math.max(token.length, HEAD_BYTES) : HEAD_BYTES)
  }
  return messages.length === 0 ? failed('cut', 'NTLMSSP') : read(messages)
}

function tokenAt(pdu: Uint8Array, { at, text, gss }: Place): Uint8Array {
  if (text) return tokenOf(digits(pdu, at))
  if (gss) return pdu.subarray(at, at + gssLength(pdu, at))
  return pdu.subarray(at, pduEnd(pdu, at))
}

/** A datagram holds one, a PDU of a stream holds one: more is somebody's joke. */
const TOKENS_MAX = 16

function pduEnd(pdu: Uint8Array, at: number): number {
  const length = tokenLength(pdu, at)
  return length > 0 ? Math.min(at + length, pdu.length) : pdu.length
}

function digits(pdu: Uint8Array, at: number): Uint8Array {
  const end = textEnd(pdu, at)
  return pdu.subarray(at, end > 0 ? end : lineEnd(pdu, at))
}

/**
 * The token in base64 or base64url (RFC 4648 4 and 5), in one or several lines; a last digit that is alone holds no
 * byte.
 */
function tokenOf(text: Uint8Array): Uint8Array {
  const bytes = new Uint8Array((text.length * 3) >> 2)
  let [length, bits, held] = [0, 0, 0]
  for (const digit of text) {
    const value = DIGIT_VALUES[digit]!
    if (value > 63) continue
    held = (held << 6) | value
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[length++] = held >> bits
    held &= (1 << bits) - 1
  }
  return bytes.subarray(0, length)
}

function message(token: Uint8Array, encoding: string, words: string | null): CarrierMessage {
  const isAnswer = token[0] === SIGNATURE[0] ? token[8] === 2 : isGssAnswer(token)
  const from = isAnswer ? 'server' : 'client'
  const leg = {
    ...EMPTY_LEG,
    from,
    token,
    outcome: token[8] === 2 && token[0] === SIGNATURE[0] ? 'continue' : null,
  } as const
  const fields = { encoding, hint: words }
  return { protocol: 'unknown', type: 'token', from, service: 'unknown', fields, steps: [leg] }
}

/** `AUTH NTLM`, `Authorization: NTLM`: two or three plain words and nothing else on the line. */
function hint(pdu: Uint8Array, at: number): string | null {
  if (at === 0) return null
  const line = latin1(pdu.subarray(Math.max(0, at - HINT_BYTES), at))
  const words = /(?:^|[\r\n])([A-Za-z][A-Za-z-]*:?(?: [A-Za-z][A-Za-z-]*){0,2}) ?["']?$/.exec(line)
  return words === null ? null : words[1]!
}

function isDigit(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2b ||
    byte === 0x2f ||
    byte === 0x2d ||
    byte === 0x5f
  )
}

const EQUALS = 0x3d
