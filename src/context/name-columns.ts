/**
 * Names of hosts in columns: each is a number, and the names of one host are a list of them, the one that was learnt
 * first in front.
 *
 * An object for each name, with three numbers that are boxed, and an array for each host were 59 of the 209 MB that are
 * alive after 400,000 authentications of 60,000 hosts.
 */

import { longer } from '../memory/compact/columns.ts'

export const NO_NAME = -1

/** Places that are made at once when none is free: a few hosts. */
const PLACES = 256

export class NameList {
  /** of all texts */
  characters = 0
  /** The numbers of names that left are given to new ones. */
  #free = NO_NAME
  #count = 0
  #texts: (string | null)[] = []
  #ranks = new Uint8Array(PLACES)
  #next = new Int32Array(PLACES)
  #first = new Float64Array(PLACES)
  #last = new Float64Array(PLACES)
  #frames = new Float64Array(PLACES)

  /** A name seen at `time`, in a frame, with a rank of up to 255. It stands alone: `append` puts it into a list. */
  add(text: string, rank: number, time: number, frame: number): number {
    const at = this.#place()
    this.#texts[at] = text
    this.characters += text.length
    this.#ranks[at] = rank
    this.#next[at] = NO_NAME
    this.#first[at] = time
    this.#last[at] = time
    this.#frames[at] = frame
    return at
  }

  append(last: number, at: number): void {
    this.#next[last] = at
  }

  /** The next in the list; NO_NAME at its end. */
  next(at: number): number {
    return this.#next[at]!
  }

  text(at: number): string {
    return this.#texts[at]!
  }

  rank(at: number): number {
    return this.#ranks[at]!
  }

  /** microseconds since 1970 */
  first(at: number): number {
    return this.#first[at]!
  }

  last(at: number): number {
    return this.#last[at]!
  }

  /** frame key of the first time */
  frame(at: number): number {
    return this.#frames[at]!
  }

  /** It was seen once more. */
  seen(at: number, time: number, frame: number): void {
    if (time > this.#last[at]!) this.#last[at] = time
    if (time >= this.#first[at]!) return
    this.#first[at] = time
    this.#frames[at] = frame
  }

  /** Forgets this one; the next in its list. */
  remove(at: number): number {
    const next = this.#next[at]!
    this.characters -= this.text(at).length
    this.#texts[at] = null
    this.#next[at] = this.#free
    this.#free = at
    return next
  }

  #place(): number {
    const at = this.#free
    if (at !== NO_NAME) {
      this.#free = this.#next[at]!
      return at
    }
    if (this.#count === this.#ranks.length) this.#grow()
    return this.#count++
  }

  #grow(): void {
    const length = this.#count * 2
    this.#ranks = longer(this.#ranks, new Uint8Array(length))
    this.#next = longer(this.#next, new Int32Array(length))
    this.#first = longer(this.#first, new Float64Array(length))
    this.#last = longer(this.#last, new Float64Array(length))
    this.#frames = longer(this.#frames, new Float64Array(length))
  }
}
