/**
 * Notes of many hosts (or accounts), bounded in hosts and in all together: 2,048 hosts with 256 notes each would be
 * 90 MB. The host that was noted first leaves first, with all of its notes.
 */
import { deleteOldest } from './bounded-map.ts'

export interface NoteBounds {
  readonly hosts: number
  readonly notes: number
}

export class BoundedNotes<Notes> {
  readonly #hosts = new Map<string, Notes>()
  readonly #bounds: NoteBounds
  readonly #make: () => Notes
  readonly #countOf: (notes: Notes) => number
  #count = 0

  /** `countOf`: how many of the notes that were told with `noted` a host has. */
  constructor(bounds: NoteBounds, make: () => Notes, countOf: (notes: Notes) => number) {
    this.#bounds = bounds
    this.#make = make
    this.#countOf = countOf
  }

  get(host: string): Notes | undefined {
    return this.#hosts.get(host)
  }

  /** The notes of this host, made where it has none. */
  of(host: string): Notes {
    const known = this.#hosts.get(host)
    if (known !== undefined) return known
    if (this.#hosts.size >= this.#bounds.hosts) this.#forgetOldest()
    const made = this.#make()
    this.#hosts.set(host, made)
    return made
  }

  /** A host has one note more. */
  noted(): void {
    this.#count++
    while (this.#count > this.#bounds.notes && this.#forgetOldest());
  }

  [Symbol.iterator](): IterableIterator<[host: string, notes: Notes]> {
    return this.#hosts[Symbol.iterator]()
  }

  #forgetOldest(): boolean {
    const gone = deleteOldest(this.#hosts)
    if (gone === undefined) return false
    this.#count -= this.#countOf(gone)
    return true
  }
}

/** Lists of them: what a host has beyond `most` is not kept. */
export class NoteLists<Note> {
  readonly #lists: BoundedNotes<Note[]>
  readonly #most: number

  constructor(bounds: NoteBounds, most: number) {
    this.#lists = new BoundedNotes<Note[]>(
      bounds,
      () => [],
      (list) => list.length,
    )
    this.#most = most
  }

  add(host: string, note: Note): void {
    const list = this.#lists.of(host)
    if (list.length >= this.#most) return
    list.push(note)
    this.#lists.noted()
  }

  get(host: string): readonly Note[] | undefined {
    return this.#lists.get(host)
  }

  [Symbol.iterator](): IterableIterator<[host: string, notes: readonly Note[]]> {
    return this.#lists[Symbol.iterator]()
  }
}
