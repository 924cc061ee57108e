/**
 * A map that mostly has one entry, or a few: no list at all for one, a list of keys and values until it has more.
 *
 * A map of one entry takes 330 bytes, this 50; tens of thousands of conversations have two of them.
 */
import { appended, deleteOldest } from './bounded-map.ts'

const FEW = 4

export class Few<Value> {
  /** the only entry, where `#several` is null; null: there is none */
  #key: string | null = null
  #value: Value | null = null
  #several: Several<Value> | null = null

  get size(): number {
    return this.#several === null ? Number(this.#key !== null) : this.#several.size
  }

  get(key: string): Value | undefined {
    if (this.#several !== null) return this.#several.get(key)
    return this.#key === key ? this.#value! : undefined
  }

  set(key: string, value: Value): void {
    if (this.#several !== null) this.#several.set(key, value)
    else if (this.#key === null || this.#key === key) {
      this.#key = key
      this.#value = value
    } else {
      this.#several = new Several()
      this.#several.set(this.#key, this.#value!)
      this.#several.set(key, value)
      this.#forget()
    }
  }

  delete(key: string): void {
    if (this.#several !== null) this.#several.delete(key)
    else if (this.#key === key) this.#forget()
  }

  /** Those that have this value. */
  deleteAll(value: Value): void {
    if (this.#several !== null) this.#several.deleteAll(value)
    else if (this.#value === value) this.#forget()
  }

  has(value: Value): boolean {
    return this.#several === null ? this.#key !== null && this.#value === value : this.#several.has(value)
  }

  deleteOldest(): void {
    if (this.#several !== null) this.#several.deleteOldest()
    else this.#forget()
  }

  #forget(): void {
    this.#key = null
    this.#value = null
  }
}

/** Two and more. */
class Several<Value> {
  /** in the order in which they were set first */
  #keys: readonly string[] = []
  #values: readonly Value[] = []
  #many: Map<string, Value> | null = null

  get size(): number {
    return this.#many === null ? this.#keys.length : this.#many.size
  }

  get(key: string): Value | undefined {
    if (this.#many !== null) return this.#many.get(key)
    const at = this.#keys.indexOf(key)
    return at < 0 ? undefined : this.#values[at]
  }

  set(key: string, value: Value): void {
    if (this.#many !== null) {
      this.#many.set(key, value)
      return
    }
    const at = this.#keys.indexOf(key)
    if (at >= 0) this.#values = this.#values.with(at, value)
    else if (this.#keys.length < FEW) {
      this.#keys = appended(this.#keys, key)
      this.#values = appended(this.#values, value)
    } else {
      this.#many = new Map(this.#keys.map((one, place) => [one, this.#values[place]!]))
      this.#many.set(key, value)
      this.#keys = []
      this.#values = []
    }
  }

  delete(key: string): void {
    if (this.#many !== null) this.#many.delete(key)
    else {
      const at = this.#keys.indexOf(key)
      if (at < 0) return
      this.#keys = this.#keys.toSpliced(at, 1)
      this.#values = this.#values.toSpliced(at, 1)
    }
  }

  /** Those that have this value. */
  deleteAll(value: Value): void {
    if (this.#many !== null) {
      for (const [key, one] of this.#many) if (one === value) this.#many.delete(key)
    } else
      for (let at = this.#keys.length - 1; at >= 0; at--) if (this.#values[at] === value) this.delete(this.#keys[at]!)
  }

  has(value: Value): boolean {
    if (this.#many === null) return this.#values.includes(value)
    for (const one of this.#many.values()) if (one === value) return true
    return false
  }

  deleteOldest(): void {
    if (this.#many !== null) deleteOldest(this.#many)
    else if (this.#keys.length > 0) this.delete(this.#keys[0]!)
  }
}
