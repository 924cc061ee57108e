/**
 * Columns of numbers, for what there are tens of thousands of: a boxed number takes 16 bytes, a member 8, these 4 or 8.
 */

/** `to`, which is longer, with all of `from` in front. */
export function longer<T extends Uint8Array | Int32Array | Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from)
  return to
}
