/**
 * Where an NTLMSSP signature stands in a packet, as bytes or in base64, 32 bytes at a time.
 *
 * It finds what src/capture/signature.ts finds, and `endsInSignature` what `signatureTail` of
 * decoders/carriers/unclaimed/unclaimed.ts does.
 */

import { BEGIN_SHOWN, BEGINS, HELD_TEXT } from '../src/engine/layout'

/** `NTLMSSP`, and `\0` behind it; `TlRMTVNT`, then `UAA`: little-endian */
const RAW: u64 = 0x0050_5353_4d4c_544e
const TEXT: u64 = 0x544e_5654_4d52_6c54
const TEXT_REST: u32 = 0x0041_4155
const SEVEN_BYTES: u64 = 0x00ff_ffff_ffff_ffff
const M: v128 = i8x16.splat(0x4d)
const L: v128 = i8x16.splat(0x4c)
const R: v128 = i8x16.splat(0x52)

/** Does one begin at `start` or behind, before `end`? Its rest is looked at as far as `blockEnd`. */
export function hasSignature(start: usize, end: usize, blockEnd: usize): bool {
  // both forms have an M at their fourth place, and L or R before it
  for (let at = start; at < end; at += 32) {
    const third = v128.load(at, 2)
    const fourth = v128.load(at, 3)
    const thirdNext = v128.load(at, 18)
    const fourthNext = v128.load(at, 19)
    const hits = v128.and(i8x16.eq(fourth, M), v128.or(i8x16.eq(third, L), i8x16.eq(third, R)))
    const hitsNext = v128.and(i8x16.eq(fourthNext, M), v128.or(i8x16.eq(thirdNext, L), i8x16.eq(thirdNext, R)))
    if (!v128.any_true(v128.or(hits, hitsNext))) continue
    let bits = <u32>i8x16.bitmask(hits) | ((<u32>i8x16.bitmask(hitsNext)) << 16)
    for (; bits !== 0; bits &= bits - 1) {
      const place = at + <usize>ctz<u32>(bits)
      if (place < end && place + 7 <= blockEnd && isSignature(place, blockEnd)) return true
    }
  }
  return false
}

function isSignature(at: usize, blockEnd: usize): bool {
  const head = load<u64>(at) & SEVEN_BYTES
  if (head === (RAW & SEVEN_BYTES)) return isRaw(at, blockEnd)
  return head === (TEXT & SEVEN_BYTES) && isText(at, blockEnd)
}

/** `\0` and MessageType 1, 2 or 3 follow, as far as the bytes go. */
function isRaw(at: usize, end: usize): bool {
  const type = at + 8
  if (at + 7 < end && load<u8>(at, 7) !== 0) return false
  if (type < end && (load<u8>(type) < 1 || load<u8>(type) > 3)) return false
  for (let i = type + 1; i < type + 4 && i < end; i++) if (load<u8>(i) !== 0) return false
  return true
}

function isText(at: usize, end: usize): bool {
  for (let i: usize = 7; i < 11 && at + i < end; i++) {
    const expected: u32 = i === 7 ? 0x54 : (TEXT_REST >> ((<u32>i - 8) << 3)) & 0xff
    if (<u32>load<u8>(at + i) !== expected) return false
  }
  return true
}

/** May the last `least` or more bytes be the beginning of a signature? */
export function endsInSignature(start: usize, end: usize, least: usize): bool {
  if (end <= start || !isEnding(load<u8>(end - 1))) return false
  let length = end - start < 11 ? end - start : 11
  for (; length >= least; length--) if (begins(end - length, length)) return true
  return false
}

/**
 * The longest end of these bytes that may be the beginning of a signature, as `#takeHeld` of src/stream/followed.ts
 * makes it again: its length, and HELD_TEXT for the one in base64; 0: there is none; TOO_LONG: it has bytes that its
 * length does not tell.
 */
export function tailOf(start: usize, end: usize): u32 {
  if (end <= start || !isEnding(load<u8>(end - 1))) return 0
  let length = end - start < 11 ? end - start : 11
  for (; length > 0; length--) {
    if (!begins(end - length, length)) continue
    if (<u32>load<u8>(end - length) !== 0x4e) return <u32>length | HELD_TEXT
    return length > 8 ? TOO_LONG : <u32>length
  }
  return 0
}

export const TOO_LONG: u32 = 0xff

/** Is such a beginning the beginning of one, with the 16 bytes at `start`? */
export function goesOn(tail: u32, start: usize): bool {
  const length = <usize>(tail & ~HELD_TEXT)
  const joined: usize = BEGINS + BEGIN_SHOWN
  store<u64>(joined, (tail & HELD_TEXT) !== 0 ? TEXT : RAW)
  store<u32>(joined, TEXT_REST, 8)
  v128.store(joined + length, v128.load(start))
  return hasSignature(joined, joined + length, joined + length + 16)
}

/** bytes with which a part of a signature or of its message type may end: 0 to 3, and letters */
function isEnding(byte: u32): bool {
  if (byte <= 3) return true
  // A L M N P R S T U V
  if (byte >= 0x41 && byte <= 0x56) return ((0x3e_b801 >> (byte - 0x41)) & 1) !== 0
  return byte === 0x6c
}

function begins(at: usize, length: usize): bool {
  const first = load<u8>(at)
  if (first !== 0x4e && first !== 0x54) return false
  const head = load<u64>(at)
  if (length < 8) {
    const mask = ((<u64>1) << ((<u64>length) << 3)) - 1
    return ((head ^ RAW) & mask) === 0 || ((head ^ TEXT) & mask) === 0
  }
  if (head === RAW) return true
  if (head !== TEXT) return false
  const rest = (<u64>length - 8) << 3
  return ((load<u32>(at, 8) ^ TEXT_REST) & <u32>(((<u64>1) << rest) - 1)) === 0
}
