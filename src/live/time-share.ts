/**
 * A share of the time, for work beside the reading that must not hold it up. What was not used is saved, up to a
 * bound; what takes longer than what there was is paid back before there is more.
 */

export class TimeShare {
  readonly #share: number
  readonly #most: number
  readonly #now: () => number
  #saved: number
  #last: number

  /** `share`: of all time, Infinity where nobody has to wait; `most`: milliseconds that may be saved */
  constructor(share: number, most: number, now: () => number = () => performance.now()) {
    this.#share = share
    this.#most = most
    this.#now = now
    this.#saved = share === Number.POSITIVE_INFINITY ? share : SAVED_AT_FIRST
    this.#last = now()
  }

  /** More than half of what may be saved is there. */
  get isAmple(): boolean {
    this.#save()
    return this.#saved > this.#most / 2
  }

  /** Does `work`, which asks each time whether there is time for more. */
  spend(work: (mayGoOn: () => boolean) => void): void {
    this.#save()
    const began = this.#last
    try {
      work(() => this.#now() - began < this.#saved)
    } finally {
      this.#last = this.#now()
      this.#saved -= this.#last - began
    }
  }

  #save(): void {
    const now = this.#now()
    if (this.#saved !== Number.POSITIVE_INFINITY)
      this.#saved = Math.min(this.#most, this.#saved + (now - this.#last) * this.#share)
    this.#last = now
  }
}

/** milliseconds: enough to look once */
const SAVED_AT_FIRST = 1
