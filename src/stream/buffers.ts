/**
 * Buffers of halves: taken from pools by size, given back when a half has no more use for them.
 */

export function roomFor(buffer: Uint8Array, used: number, more: number): Uint8Array {
  if (used + more <= buffer.length) return buffer
  const larger = takeBuffer(used + more)
  larger.set(buffer.subarray(0, used))
  if (buffer !== NOTHING && used > 0) pool(buffer)
  return larger
}

/**
 * Buffers are lent, not made: a new one for every message that spans segments was a tenth of the time on a domain
 * controller's traffic. Sizes are powers of two; a few of each wait here.
 */
const POOL_BITS_MIN = 9
const POOL_BITS_MAX = 18
const POOLED_EACH_MAX = 32
const pooled: Uint8Array[][] = Array.from({ length: POOL_BITS_MAX + 1 }, () => [])

function takeBuffer(bytes: number): Uint8Array {
  const bits = Math.max(POOL_BITS_MIN, 32 - Math.clz32(bytes - 1))
  return pooled[bits]?.pop() ?? new Uint8Array(2 ** bits)
}

export function pool(buffer: Uint8Array): void {
  const list = pooled[31 - Math.clz32(buffer.length)]
  if (list !== undefined && list.length < POOLED_EACH_MAX) list.push(buffer)
}

export const NOTHING = new Uint8Array(0)
