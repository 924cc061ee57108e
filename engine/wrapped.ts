/**
 * Can a packet stand in a datagram that nobody claims? Says yes to everything of which src/stream/wrapped.ts does, and
 * to little else: by the version, and an EtherType before it or a length that fits, 16 bytes at a time.
 */
import { WRAPPED_PADDING, WRAPPED_SPAN } from '../src/engine/layout'
import { be16 } from './bytes'

const HEADER_BYTES: usize = 20
const HEADER6_BYTES: i32 = 40
const VERSIONS: v128 = i8x16.splat(0xf0 as i8)
const FOUR: v128 = i8x16.splat(0x40)
const SIX: v128 = i8x16.splat(0x60)

export function mayHoldPacket(start: usize, length: u32, missing: u32): bool {
  if (<usize>length < HEADER_BYTES) return false
  const end = start + length
  const wireEnd = end + missing
  const last = length - <u32>HEADER_BYTES < <u32>WRAPPED_SPAN ? end - HEADER_BYTES : start + WRAPPED_SPAN
  for (let at = start; at <= last; at += 16) {
    // a total length that fits has one of two high octets, wherever in these 16 bytes the header begins
    const rest = <i32>(wireEnd - at)
    const most = i8x16.splat(<i8>(rest >> 8))
    const least = i8x16.splat(<i8>(positive(rest - 15 - WRAPPED_PADDING) >> 8))
    const most6 = i8x16.splat(<i8>(positive(rest - HEADER6_BYTES) >> 8))
    const least6 = i8x16.splat(<i8>(positive(rest - HEADER6_BYTES - 15) >> 8))
    const versions = v128.and(v128.load(at), VERSIONS)
    const high = v128.load(at, 2)
    const high6 = v128.load(at, 4)
    const typeLow = v128.load(at - 1)
    const typeHigh = v128.load(at - 2)
    const announced = v128.and(i8x16.eq(typeHigh, i8x16.splat(0x08)), i8x16.eq(typeLow, i8x16.splat(0)))
    const announced6 = v128.and(i8x16.eq(typeHigh, i8x16.splat(0x86 as i8)), i8x16.eq(typeLow, i8x16.splat(0xdd as i8)))
    const fits = v128.or(i8x16.eq(high, most), i8x16.eq(high, least))
    const fits6 = v128.or(i8x16.eq(high6, most6), i8x16.eq(high6, least6))
    const hits = v128.and(i8x16.eq(versions, FOUR), v128.or(announced, fits))
    const hits6 = v128.and(i8x16.eq(versions, SIX), v128.or(announced6, fits6))
    let bits = <u32>i8x16.bitmask(v128.or(hits, hits6))
    for (; bits !== 0; bits &= bits - 1) {
      const place = at + <usize>ctz<u32>(bits)
      if (place <= last && mayBegin(place, wireEnd)) return true
    }
  }
  return false
}

function positive(length: i32): i32 {
  return length > 0 ? length : 0
}

function mayBegin(at: usize, wireEnd: usize): bool {
  const type = be16(at - 2)
  const rest = <i32>(wireEnd - at)
  if (load<u8>(at) >>> 4 === 6) return type === 0x86dd || <i32>be16(at + 4) + HEADER6_BYTES === rest
  if (type === 0x0800) return true
  const total = <i32>be16(at + 2)
  return load<u8>(at) === 0x45 && total <= rest && total + WRAPPED_PADDING >= rest
}
