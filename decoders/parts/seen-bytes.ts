/**
 * What was read of bytes that repeat: names and identifiers stand in every message of an organisation, and are read
 * anew in ten steps each. Like `interned`, a place for each remainder of a hash, where what was seen last stays; what
 * it gives depends on the bytes alone, as long as only that is kept which does.
 */
const PLACES = 512
/** Of bytes: names of services have 60. */
const LENGTH_MAX = 128
/** Prime of FNV-1a, 32 bits */
const PRIME = 0x0100_0193

export class SeenBytes<T> {
  /** the bytes of each place beside each other, so that what leaves is no garbage */
  readonly #bytes = new Uint8Array(PLACES * LENGTH_MAX)
  readonly #lengths = new Uint8Array(PLACES)
  readonly #values: (T | undefined)[] = new Array(PLACES).fill(undefined)

  /** What was kept of the same bytes; undefined: nothing, or it has left. */
  find(bytes: Uint8Array, start: number, end: number): T | undefined {
    const place = placeOf(bytes, start, end)
    if (place < 0 || this.#lengths[place] !== end - start) return undefined
    const kept = this.#bytes
    for (let at = start, from = place * LENGTH_MAX; at < end; at++, from++) {
      if (kept[from] !== bytes[at]) return undefined
    }
    return this.#values[place]
  }

  keep(bytes: Uint8Array, start: number, end: number, value: T): void {
    const place = placeOf(bytes, start, end)
    if (place < 0) return
    this.#lengths[place] = end - start
    for (let at = start, to = place * LENGTH_MAX; at < end; at++, to++) this.#bytes[to] = bytes[at]!
    this.#values[place] = value
  }
}

/** -1: there are none, or too many */
function placeOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  if (length <= 0 || length > LENGTH_MAX) return -1
  let hash = length
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, PRIME)
  return (hash ^ (hash >>> 15)) & (PLACES - 1)
}
