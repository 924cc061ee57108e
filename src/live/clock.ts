/**
 * What time it is in the packets: the time of day less the largest lag that packets came with. It is never later than
 * what is still on its way, as far as the lags so far tell, and it goes on where nothing comes.
 */

/** packets of several interfaces, and of one that buffers, come a little out of order */
const MARGIN_MICROS = 2e6

export class CaptureClock {
  readonly #now: () => number
  #last = 0
  #lag = Number.NEGATIVE_INFINITY

  /** `now`: microseconds since 1970 */
  constructor(now: () => number = () => Date.now() * 1000) {
    this.#now = now
  }

  /** A packet of this time was read last. Where it is the one of before, nothing has come. */
  saw(time: number): void {
    if (time === this.#last || time <= 0) return
    this.#last = time
    this.#lag = Math.max(this.#lag, this.#now() - time)
  }

  /** Of what was read last, behind the time of day; null: nothing was read. */
  get lag(): number | null {
    return this.#lag === Number.NEGATIVE_INFINITY ? null : this.#lag
  }

  /** Nothing that comes later is older; null: nothing was read. */
  get time(): number | null {
    return this.lag === null ? null : this.#now() - this.#lag - MARGIN_MICROS
  }
}
