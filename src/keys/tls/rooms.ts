/**
 * Room for records that are not whole, taken in turn: of thousands of connections a few wait for the rest of one at a
 * time, and to make room anew for each record costs a third of opening it. Sealed bytes alone stand in it.
 */

/** half a hello, and the longest record */
const SIZES: readonly number[] = [4096, 5 + 16_384 + 2048]
/** of each size: beyond it room is made, and let go */
const KEPT_MAX = 32

export class Rooms {
  readonly #free: readonly Buffer[][] = SIZES.map(() => [])

  /** At least so many bytes, whatever stands in them. */
  take(bytes: number): Buffer {
    const at = SIZES.findIndex((size) => size >= bytes)
    return at < 0 ? Buffer.allocUnsafeSlow(bytes) : (this.#free[at]!.pop() ?? Buffer.allocUnsafeSlow(SIZES[at]!))
  }

  /** Nobody looks at it any more. */
  give(room: Buffer): void {
    const free = this.#free[SIZES.indexOf(room.length)]
    if (free !== undefined && free.length < KEPT_MAX) free.push(room)
  }
}
