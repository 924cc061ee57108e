/**
 * A logon script or a policy that a client opened, and which hosts it names as far as it was read on the wire: names
 * and the frames in which they were read, nothing else of the file.
 *
 * Pieces come in any order. A name over the seam of two is read when the second of them comes: until then each piece
 * leaves its edges, bounded, and as few of them as there may be.
 */
import { EDGE_MAX, type Mentions, mentionsOf } from '../../decoders/parts/host-mentions.ts'
import { interned } from '../../decoders/parts/interned.ts'

/** names of one file */
const NAMES_MAX = 128
const EDGES_MAX = 4

/** Where a piece was read. */
interface ReadAt {
  readonly time: number
  readonly frame: number
}

export class OpenedFile {
  readonly kind = 'file-read'
  readonly where: string
  /** the address of the server */
  readonly by: string
  readonly time: number
  /** frame key */
  readonly frame: number
  /** when it was opened last, as the same opening */
  latest: number
  /** its length; null: not seen */
  #bytes: number | null = null
  /** the first of it up to here was read */
  #readTo = 0
  #isUnsure = false
  readonly #names = new Map<string, ReadAt>()
  /** what pieces end and begin with, by the place of the seam */
  readonly #ends = new Map<number, string>()
  readonly #starts = new Map<number, string>()

  constructor(where: string, by: string, time: number, frame: number) {
    this.where = where
    this.by = by
    this.time = time
    this.frame = frame
    this.latest = time
  }

  /** What it takes of the room for notes. */
  get weight(): number {
    return 1 + this.#names.size
  }

  openedAgain(time: number): void {
    this.latest = time
  }

  /** It has so many bytes; what has another length is another text. */
  given(bytes: number): void {
    if (this.#bytes !== null && bytes !== this.#bytes) {
      this.#readTo = 0
      this.#isUnsure = false
    }
    this.#bytes = bytes
  }

  /** The same file as it was read before, which a client need not read again. */
  inherit(before: OpenedFile): void {
    for (const [name, at] of before.#names) this.#names.set(name, at)
    this.#bytes = before.#bytes
    this.#readTo = before.#readTo
    this.#isUnsure = before.#isUnsure
  }

  read(offset: number, bytes: number, mentions: Mentions, at: ReadAt): void {
    if (offset <= this.#readTo) this.#readTo = Math.max(this.#readTo, offset + bytes)
    this.#isUnsure ||= mentions.isUnsure
    this.#learn(mentions.hosts, at)
    const { start, end } = mentions
    const to = offset + bytes
    const isFirst = offset === 0
    const isLast = to === this.#bytes
    // a piece that is one word has no edges: a name over both of its seams is not read
    const isEdge = start !== end || start === ''
    const before = this.#ends.get(offset)
    if (isFirst || before !== undefined) {
      const text = (before ?? '') + start
      this.#learn(mentionsOf(text, isFirst || isWhole(before!), isLast || (isEdge && isWhole(start))), at)
    }
    const behind = isLast ? '' : this.#starts.get(to)
    if (behind !== undefined)
      this.#learn(mentionsOf(end + behind, isFirst || (isEdge && isWhole(end)), isLast || isWhole(behind)), at)
    if (!isEdge) return
    if (!isFirst) keepEdge(this.#starts, offset, start)
    if (!isLast) keepEdge(this.#ends, to, end)
  }

  /** Where it was read, before `time`, that it names one of these (lower case); null: it was not. */
  namedAt(names: readonly string[], time: number): ReadAt | null {
    for (const name of names) {
      const at = this.#names.get(name)
      if (at !== undefined && at.time <= time) return at
    }
    return null
  }

  /**
   * All of it was read, and it is a preference of a policy, in which names stand as they are: what it does not name it
   * does not name. A script may put a name together.
   */
  get isRead(): boolean {
    const isAll = this.#bytes !== null && this.#readTo >= this.#bytes
    return isAll && !this.#isUnsure && this.#names.size < NAMES_MAX && PLAIN.test(this.where)
  }

  #learn(hosts: readonly string[], at: ReadAt): void {
    for (const host of hosts)
      if (this.#names.size < NAMES_MAX && !this.#names.has(host)) this.#names.set(interned(host), at)
  }
}

/** A run of characters that is bounded by what no name has, and not by the room for it. */
function isWhole(edge: string): boolean {
  return edge.length < EDGE_MAX
}

const PLAIN = /\\(drives|printers|shortcuts|files|folders)\.xml$/i

function keepEdge(edges: Map<number, string>, seam: number, text: string): void {
  edges.delete(seam)
  if (edges.size >= EDGES_MAX) edges.delete(edges.keys().next().value!)
  edges.set(seam, text)
}
