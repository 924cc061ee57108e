/**
 * What all TLS connections together hold: records that are not whole, or wait for the other direction. A connection
 * that holds little is not counted. Beyond the limit the room of those that hold nothing in it is given back, and then
 * the connection that has held longest is given up.
 */

/** A connection that holds bytes. */
export interface Holder {
  /** gives back room that holds nothing; what it holds then */
  trim(): number
  /** nothing more of it is opened; false: nothing of it ever was, as it had no keys */
  giveUp(): boolean
}

/** less is not counted: half a record of a busy connection, and a hello */
const COUNTED_BYTES_MIN = 4096

export class Held {
  bytes = 0
  readonly #max: number
  readonly #counters: { givenUp: number }
  /** in the order in which they began to hold */
  readonly #holders = new Map<Holder, number>()

  constructor(max: number, counters: { givenUp: number }) {
    this.#max = max
    this.#counters = counters
  }

  /** A connection holds so many bytes now. */
  set(holder: Holder, bytes: number): void {
    const before = this.#holders.get(holder) ?? 0
    const now = bytes < COUNTED_BYTES_MIN ? 0 : bytes
    if (before === now) return
    this.bytes += now - before
    if (now === 0) this.#holders.delete(holder)
    else this.#holders.set(holder, now)
    if (now > before && this.bytes > this.#max) this.#makeRoom()
  }

  #makeRoom(): void {
    for (const holder of [...this.#holders.keys()]) this.set(holder, holder.trim())
    for (const holder of this.#holders.keys()) {
      if (this.bytes <= this.#max / 2) return
      this.set(holder, 0)
      if (holder.giveUp()) this.#counters.givenUp++
    }
  }
}
