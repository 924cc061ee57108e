/**
 * A bounded map whose keys are numbers: the entry that was set longest ago leaves first.
 *
 * A `Map` in which every entry is deleted and set again keeps the holes, and is built anew whenever it is full of them.
 * Here an entry has its place for good; order and buckets are lists of places. Place 0 is none: where the list of all
 * begins and ends.
 */
import { longer } from './compact/columns.ts'

const FIRST_ROOM = 16

export class RecentNumbers<Value> {
  readonly #max: number
  #size = 0
  #keys = new Float64Array(1 + FIRST_ROOM)
  #values: (Value | undefined)[] = [undefined]
  /** by place: those that were set before it and after it */
  #older = new Int32Array(1 + FIRST_ROOM)
  #newer = new Int32Array(1 + FIRST_ROOM)
  /** by place: the next one of its bucket; the first ones of all buckets stand behind them */
  #following = new Int32Array(1 + 2 * FIRST_ROOM)

  /** `max`: entries */
  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#size
  }

  /** `key`: an integer below 2^53 */
  get(key: number): Value | undefined {
    return this.#values[this.#placeOf(key)]
  }

  /**
   * Sets it as the latest one; gives the value that left for it, another one of the same key or the oldest; undefined
   * where none did.
   */
  set(key: number, value: Value): Value | undefined {
    const place = this.#placeOf(key)
    if (place === 0) return this.#enter(key, value)
    const before = this.#values[place]
    this.#values[place] = value
    this.#leaveOrder(place)
    this.#enterOrder(place)
    return before === value ? undefined : before
  }

  /** Of the buckets, where the one of a key begins: by its lower 32 bits, and of these by the upper ones as well. */
  #bucketOf(key: number): number {
    const room = this.#keys.length - 1
    const low = Math.imul(key | 0, 0x9e37_79b1)
    return 1 + room + ((low ^ (low >>> 15)) & (room - 1))
  }

  #placeOf(key: number): number {
    const following = this.#following
    let place = following[this.#bucketOf(key)]!
    while (place !== 0 && this.#keys[place] !== key) place = following[place]!
    return place
  }

  #enter(key: number, value: Value): Value | undefined {
    if (this.#max === 0) return value
    let place = this.#newer[0]!
    let left: Value | undefined
    if (this.#size < this.#max) {
      if (this.#size === this.#keys.length - 1) this.#grow()
      place = ++this.#size
    } else {
      left = this.#values[place]
      this.#leaveOrder(place)
      let before = this.#bucketOf(this.#keys[place]!)
      while (this.#following[before] !== place) before = this.#following[before]!
      this.#following[before] = this.#following[place]!
    }
    this.#keys[place] = key
    this.#values[place] = value
    this.#enterBucket(place)
    this.#enterOrder(place)
    return left
  }

  #enterBucket(place: number): void {
    const bucket = this.#bucketOf(this.#keys[place]!)
    this.#following[place] = this.#following[bucket]!
    this.#following[bucket] = place
  }

  #enterOrder(place: number): void {
    const latest = this.#older[0]!
    this.#older[place] = latest
    this.#newer[place] = 0
    this.#newer[latest] = place
    this.#older[0] = place
  }

  #leaveOrder(place: number): void {
    const older = this.#older[place]!
    const newer = this.#newer[place]!
    this.#newer[older] = newer
    this.#older[newer] = older
  }

  #grow(): void {
    const room = (this.#keys.length - 1) * 2
    this.#keys = longer(this.#keys, new Float64Array(1 + room))
    this.#older = longer(this.#older, new Int32Array(1 + room))
    this.#newer = longer(this.#newer, new Int32Array(1 + room))
    this.#following = new Int32Array(1 + 2 * room)
    for (let place = 1; place <= this.#size; place++) this.#enterBucket(place)
  }
}
