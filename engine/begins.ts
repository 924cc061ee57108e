/**
 * Probing without code: can a conversation begin, or go on, with these bytes? One automaton of what all carriers say
 * about that (src/engine/begins.ts).
 *
 * Also what may be a token of SPNEGO or Kerberos in the first bytes, roughly: decoders/carriers/unclaimed/ looks
 * closely.
 */
import {
  BEGIN_ACCEPT,
  BEGIN_BYTE_BYTES,
  BEGIN_CARRIERS,
  BEGIN_CARRIERS_MAX,
  BEGIN_FOUND,
  BEGIN_LOOP,
  BEGIN_MASKS,
  BEGIN_START,
  BEGIN_STEPS,
  BEGIN_STEPS_MAX,
  BEGIN_WORDS,
  BEGINS,
} from '../src/engine/layout'

/** False only where every carrier says 'other' of these bytes. */
export function mayBegin(start: usize, end: usize): bool {
  const last = end - start > <usize>BEGIN_STEPS_MAX ? start + BEGIN_STEPS_MAX : end
  const firstMasks = BEGINS + BEGIN_MASKS + <usize>load<u8>(start) * BEGIN_BYTE_BYTES
  for (let word: usize = 0; word < <usize>BEGIN_WORDS * 8; word += 8) {
    const begins = load<u64>(BEGINS + BEGIN_START + word)
    let places = begins & load<u64>(firstMasks + word)
    if (places === 0) continue
    const accepts = load<u64>(BEGINS + BEGIN_ACCEPT + word)
    const loops = load<u64>(BEGINS + BEGIN_LOOP + word)
    let steps: usize = BEGINS + BEGIN_STEPS + BEGIN_BYTE_BYTES + word
    for (let at = start + 1; at < last; at++) {
      if ((places & accepts) !== 0) return true
      const masks = BEGINS + BEGIN_MASKS + <usize>load<u8>(at) * BEGIN_BYTE_BYTES + word
      places = (((places << 1) & ~begins) | (places & loops)) & load<u64>(masks) & load<u64>(steps)
      if (places === 0) break
      steps += BEGIN_BYTE_BYTES
    }
    // what has not ended may go on, and there is no more to see
    if (places !== 0) return true
  }
  return false
}

/** A bit for each carrier, in their order: 0 only where it says 'other' of these bytes. */
export function candidates(start: usize, end: usize): u32 {
  const last = end - start > <usize>BEGIN_STEPS_MAX ? start + BEGIN_STEPS_MAX : end
  const firstMasks = BEGINS + BEGIN_MASKS + <usize>load<u8>(start) * BEGIN_BYTE_BYTES
  let all: u64 = 0
  for (let word: usize = 0; word < <usize>BEGIN_WORDS * 8; word += 8) {
    const begins = load<u64>(BEGINS + BEGIN_START + word)
    let places = begins & load<u64>(firstMasks + word)
    let found: u64 = 0
    const accepts = load<u64>(BEGINS + BEGIN_ACCEPT + word)
    const loops = load<u64>(BEGINS + BEGIN_LOOP + word)
    let steps: usize = BEGINS + BEGIN_STEPS + BEGIN_BYTE_BYTES + word
    for (let at = start + 1; at < last && places !== 0; at++) {
      found |= places & accepts
      const masks = BEGINS + BEGIN_MASKS + <usize>load<u8>(at) * BEGIN_BYTE_BYTES + word
      places = (((places << 1) & ~begins) | (places & loops)) & load<u64>(masks) & load<u64>(steps)
      steps += BEGIN_BYTE_BYTES
    }
    found |= places
    store<u64>(BEGINS + BEGIN_FOUND + word, found)
    all |= found
  }
  if (all === 0) return 0
  let carriers: u32 = 0
  for (let carrier: u32 = 0; carrier < <u32>BEGIN_CARRIERS_MAX; carrier++) {
    const own = BEGINS + BEGIN_CARRIERS + <usize>carrier * BEGIN_BYTE_BYTES
    for (let word: usize = 0; word < <usize>BEGIN_WORDS * 8; word += 8)
      if ((load<u64>(own + word) & load<u64>(BEGINS + BEGIN_FOUND + word)) !== 0) {
        carriers |= (<u32>1) << carrier
        break
      }
  }
  return carriers
}

/** bytes of a segment in which a token is looked for, and the shortest head of one, as bytes and in base64 */
const SPAN: usize = 64
const HEAD_BYTES: usize = 18
const HEAD_DIGITS: usize = 24

/** False only where no token of SPNEGO or Kerberos begins in the first bytes. */
export function mayBeGss(start: usize, end: usize): bool {
  const length = end - start
  if (length < HEAD_BYTES) return false
  const last = start + (length - 1 < SPAN ? length - 1 : SPAN + 1)
  for (let at = start; at < last; at++) {
    const byte = <u32>load<u8>(at)
    if (byte < 0x59) continue
    if (byte === 0x60 || byte === 0x6e || byte === 0x6f || byte === 0x7e || byte === 0xa1) {
      if (holds(<u32>load<u8>(at, 1), at + 2, end)) return true
    }
    if ((byte === 0x59 || byte === 0x6f) && at + HEAD_DIGITS <= end && mayBeText(at)) return true
  }
  return false
}

/** Behind the length of the token an OBJECT IDENTIFIER or a SEQUENCE begins. */
function holds(length: u32, at: usize, end: usize): bool {
  if (length > 0x84) return false
  const first = length < 0x80 ? at : at + <usize>(length & 0x7f)
  if (first >= end) return true
  const tag = <u32>load<u8>(first)
  return tag === 0x06 || tag === 0x30
}

/** The same in base64: eight digits are six bytes. */
function mayBeText(at: usize): bool {
  let high: u32 = 0
  let low: u32 = 0
  for (let i: usize = 0; i < 4; i++) {
    const digit = digitOf(<u32>load<u8>(at + i))
    const next = digitOf(<u32>load<u8>(at + i, 4))
    if (digit > 63 || next > 63) return false
    high = (high << 6) | digit
    low = (low << 6) | next
  }
  const length = (high >>> 8) & 255
  if (length > 0x84) return false
  const tag =
    length < 0x80
      ? high & 255
      : length === 0x81
        ? low >>> 16
        : length === 0x82
          ? (low >>> 8) & 255
          : length === 0x83
            ? low & 255
            : 0x30
  return tag === 0x06 || tag === 0x30
}

/** Of a digit of base64 or base64url (RFC 4648); 64: it is none. */
function digitOf(byte: u32): u32 {
  if (byte >= 0x41 && byte <= 0x5a) return byte - 0x41
  if (byte >= 0x61 && byte <= 0x7a) return byte - 0x61 + 26
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30 + 52
  if (byte === 0x2b || byte === 0x2d) return 62
  return byte === 0x2f || byte === 0x5f ? 63 : 64
}
