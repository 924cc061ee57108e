/**
 * The files of a folder as captures that come one after another, by the time of their first packets. A file that may
 * still be written is read as it grows; it is over when a later one is there and nothing has come for a while.
 */
import { createHash } from 'node:crypto'
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { CaptureSummary } from '../../capture/merge.ts'
import { CaptureError } from '../../capture/open.ts'
import type { Coming, Succession } from '../../capture/succession.ts'
import { type FirstPacket, firstPacketOf, packetsIn } from './first-packet.ts'
import { GrowingFile } from './growing.ts'
import type { BegunFile, DoneFile, FileAlias } from './state.ts'

const HEAD_BYTES = 1024
const SCAN_MILLIS = 500
/** names of those who write beside and rename */
const UNFINISHED = /\.(part|tmp|partial|swp|filepart|crdownload)$|~$/i

export interface FolderWords {
  readonly folder: string
  /** what is there, then the end */
  readonly isOnce: boolean
  /** nothing has come for so long: it is over, where a later file is there */
  readonly settleMillis: number
  /** with `isOnce`: what was written a moment ago is left for the next time */
  readonly leavesFresh: boolean
  /** the next watch goes on where this one ends */
  readonly goesOn: boolean
  /** is it what stands beside the captures, and is read by somebody else? Asked of what is no capture */
  isOther(path: string): boolean
  /** read before, in this order */
  readonly done: readonly DoneFile[]
  /** as many of the last ones are read again */
  readonly replay: number
  /** of which something was told */
  readonly begun: readonly BegunFile[]
}

/** Who hears of them. */
export interface FolderListener {
  /** The file was read, to its end unless it may go on (`read` null). Called before the next one is looked for. */
  ended(file: FolderFile, summary: CaptureSummary | null, read: FileRead | null): void
  /** One that was not read before comes next; its first packet is of this time, microseconds since 1970. */
  begins(firstTime: number): void | Promise<void>
  /** One that was read before is called otherwise now, or packed. */
  renamed(file: DoneFile, alias: FileAlias): void
  /** One that was read before is not there any more. */
  gone(file: DoneFile): void
  /** There will be no other one. */
  over(): void
  /** a file that is no capture, is gone, is left for the next time */
  told(line: string): void
  refused(name: string, line: string): void
}

/** What was read of one that is over. */
export type FileRead = Pick<DoneFile, 'size' | 'until' | 'first' | 'packets' | 'alias'>

/** One of them. */
export interface FolderFile {
  readonly name: string
  readonly path: string
  readonly head: string
  readonly headBytes: number
  /** of its first packet; null: it was read before, see there */
  readonly first: string | null
  /** it was read before */
  readonly before: DoneFile | null
  /** what it is called now, where it was begun under another name */
  readonly alias?: FileAlias
}

interface Found {
  readonly name: string
  readonly path: string
  readonly size: number
  readonly modified: number
}

type ReadOf = Pick<DoneFile, 'head' | 'headBytes' | 'until' | 'packets'> & Pick<FileAlias, 'size'>

export class FolderFiles implements Succession {
  readonly #words: FolderWords
  readonly #listener: FolderListener
  /** by name: what is done of it; of what is no capture there are no packets */
  readonly #done = new Map<string, ReadOf>()
  /** those of them that had packets, by the first one */
  readonly #doneByFirst = new Map<string, DoneFile>()
  /** by their first packets: paths of those that were not there any more when they were to be read */
  readonly #gone = new Map<string, string>()
  /** of which it was said that they grew */
  readonly #grown = new Set<string>()
  /** those to be read again */
  readonly #again: DoneFile[]
  /** those that were begun, and did not come again yet */
  readonly #begun: BegunFile[]
  /** by name and size; null: it has no packet yet, or is no capture */
  readonly #beginnings = new Map<string, FirstPacket | null>()
  /** by their numbers in the run */
  readonly #files: FolderFile[] = []
  /** names of what stands beside the captures */
  readonly #others = new Set<string>()
  #current: FolderFile | null = null
  #source: GrowingFile | null = null
  #isProbing = false
  #isStopped = false
  /** the present file is over, whoever asks to end */
  #wasOver = false
  #wake = () => {}
  #leftTold = false

  constructor(words: FolderWords, listener: FolderListener) {
    this.#words = words
    this.#listener = listener
    for (const file of words.done) this.#isRead(file)
    this.#begun = [...words.begun]
    this.#again = words.replay === 0 ? [] : words.done.slice(-words.replay)
  }

  /** Those that were opened, by their numbers in the run. */
  get files(): readonly FolderFile[] {
    return this.#files
  }

  /** Are there files that were read before, and are not read again yet? */
  get isReplaying(): boolean {
    return this.#again.length > 0 || (this.#current !== null && this.#current.before !== null)
  }

  /** Ends with what is there. */
  stop(): void {
    this.#isStopped = true
    this.#wake()
  }

  async next(before: CaptureSummary | null): Promise<Coming | null> {
    const file = this.#current
    this.#current = null
    if (file !== null) {
      const { name, head, headBytes } = file
      // stopped in its middle, it may go on
      const isWhole = !this.#isStopped || file.before !== null || this.#wasOver
      // what is packed, or damaged, is not read to its last byte
      const isToItsEnd = before !== null && !before.compressed && before.damage === null
      const until = isToItsEnd ? this.#source?.consumed : undefined
      const size = until ?? statSync(file.path, { throwIfNoEntry: false })?.size ?? 0
      const { first, alias } = file
      const read = {
        size,
        ...(until !== undefined && { until }),
        // one that could not be opened was not read, whatever it is called later
        ...(first !== null && before !== null && { first }),
        ...(alias !== undefined && { alias }),
      }
      const packets = before?.packets ?? 0
      if (isWhole) this.#isRead(file.before ?? { name, head, headBytes, ...read, packets, stretch: 0 })
      this.#listener.ended(file, before, isWhole ? { ...read, packets } : null)
    }
    for (;;) {
      const coming = (await this.#next()) ?? (await this.#fresh())
      if (coming !== null) {
        this.#tellGone(coming)
        this.#current = coming
        this.#wasOver = false
        this.#source = new GrowingFile(coming.path, (quiet) => this.#isOver(coming, quiet))
        return { name: coming.path, source: this.#source, size: null }
      }
      if (this.#words.isOnce || this.#isStopped) {
        this.#tellGone(null)
        if (this.#isStopped) await this.#tellUnread()
        this.#listener.over()
        return null
      }
      await new Promise<void>((done) => {
        const timer = setTimeout(done, SCAN_MILLIS)
        this.#wake = () => {
          clearTimeout(timer)
          done()
        }
      })
    }
  }

  opened(_name: string, index: number): void {
    this.#files[index] = this.#current!
  }

  refused(name: string, error: CaptureError): void {
    const file = this.#current
    const isGone = file !== null && statSync(file.path, { throwIfNoEntry: false }) === undefined
    if (isGone && file.first !== null) this.#gone.set(file.first, file.path)
    else this.#listener.refused(name, error.message)
  }

  /** Whoever renames or packs a file takes it away between two looks; what comes next tells whether that was all. */
  #tellGone(coming: FolderFile | null): void {
    if (coming?.before) return
    if (coming?.first) this.#gone.delete(coming.first)
    for (const path of this.#gone.values()) this.#listener.refused(path, `${path}: was gone before it was read`)
    this.#gone.clear()
  }

  #isRead(file: DoneFile): void {
    this.#done.set(file.name, file)
    if (file.alias !== undefined) this.#done.set(file.alias.name, { ...file.alias, packets: file.packets ?? 0 })
    if (file.first !== undefined) this.#doneByFirst.set(file.first, file)
  }

  /** One that was read before, if it is still what it was, whatever it is called now. */
  async #next(): Promise<FolderFile | null> {
    const missing: DoneFile[] = []
    let next: FolderFile | null = null
    while (next === null && !this.#isStopped && this.#again.length > 0) {
      const file = this.#again.shift()!
      const path = this.#pathOf(file) ?? (file.alias && this.#pathOf(file.alias)) ?? (await this.#elsewhere(file))
      const { name, head, headBytes } = file
      if (path !== null) next = { name, path, head, headBytes, first: null, before: file }
      else if (!file.isGone) missing.push(file)
    }
    this.#tellMissing(missing)
    return next
  }

  /** A ring takes its oldest away, which is said once. */
  #tellMissing(missing: readonly DoneFile[]): void {
    const [first] = missing
    if (first === undefined) return
    const path = join(this.#words.folder, first.name)
    const [many, them] = missing.length > 1 ? [` and ${missing.length - 1} more: are`, 'them'] : [': is', 'it']
    this.#listener.told(
      `${path}${many} not there any more; what rests on ${them} is told as far as the other files show it`,
    )
    for (const file of missing) this.#listener.gone(file)
  }

  /** null: there is none, or another one, under this name */
  #pathOf({ name, head, headBytes }: FileAlias): string | null {
    const path = join(this.#words.folder, name)
    return headOf(path, headBytes)?.head === head ? path : null
  }

  /**
   * A file that was renamed or packed since it was read, `but` this path; null: there is none. It may have grown before
   * that: where none has as many packets as were read, it is one that begins alike.
   */
  async #elsewhere({ first, packets = 0 }: DoneFile, but: string | null = null): Promise<string | null> {
    if (first === undefined) return null
    let grown: string | null = null
    for (const { name, path, size } of this.#scan()) {
      if (path === but || this.#isDone(name, path)) continue
      const beginning = await this.#beginning(name, path, size)
      if (beginning?.digest !== first) continue
      const count = await packetsIn(path, packets + 1)
      if (count !== null && count <= packets) return path
      if (count !== null) grown ??= path
    }
    return grown
  }

  /** Is it one that was read under another name? Then it is left out, which is said. */
  async #isReadElsewhere({ name, path, size }: Found, { digest }: FirstPacket): Promise<boolean> {
    const done = this.#doneByFirst.get(digest)
    if (done === undefined) return false
    const { packets = 0 } = done
    const count = await packetsIn(path, packets + 1)
    if (count === null) return true
    const present = this.#pathOf(done)
    const known = name === done.name ? 'was read before' : `is ${done.name}, which was read`
    // one that is still packed has fewer
    if (count <= packets) this.#listener.told(`${path}: ${known}; left out`)
    else {
      const other = present ?? (done.alias && this.#pathOf(done.alias)) ?? (await this.#elsewhere(done, path))
      if (other !== null && other !== path && !(await isPartOf(path, other))) return false
      this.#tellCame(name, path, `${known}; what came after it was over is not read`)
    }
    const alias = { name, ...(headOf(path, HEAD_BYTES) ?? { head: '', headBytes: 0 }), size }
    this.#done.set(name, { ...alias, packets })
    // beside its old name it is a copy, which is nobody's name
    if (present !== null) return true
    this.#doneByFirst.set(digest, { ...done, alias })
    this.#listener.renamed(done, alias)
    return true
  }

  /** The earliest one that nobody has read; null: there is none. */
  async #fresh(): Promise<FolderFile | null> {
    if (this.#isStopped) return null
    let best: { file: FolderFile; time: number } | null = null
    for (const found of this.#scan()) {
      const { name, path, size, modified } = found
      if (this.#isDone(name, path)) {
        this.#tellGrown(name, path, size)
        await this.#tellMore(found)
        continue
      }
      if (this.#words.leavesFresh && Date.now() - modified < this.#words.settleMillis) {
        if (!this.#leftTold) this.#listener.told(`${path}: was written a moment ago, left for the next time`)
        this.#leftTold = true
        continue
      }
      const beginning = await this.#beginning(name, path, size)
      if (beginning === null || (best !== null && beginning.time >= best.time)) continue
      if (await this.#isReadElsewhere(found, beginning)) continue
      const head = headOf(path, HEAD_BYTES)
      const { time, digest: first } = beginning
      if (head !== null) best = { file: { name, path, ...head, first, before: null }, time }
    }
    if (best === null) return null
    await this.#listener.begins(best.time)
    return this.#asBegun(best.file)
  }

  /** One that was begun keeps what it is known by: meanwhile it was renamed, or packed, or has grown. */
  #asBegun(file: FolderFile): FolderFile {
    const at = this.#begun.findIndex(({ first }) => first === file.first)
    if (at < 0) return file
    const begun = this.#begun.splice(at, 1)[0]!
    const { name, head, headBytes } = file
    const alias = begun.name === name ? {} : { alias: { name, head, headBytes } }
    return { ...file, name: begun.name, head: begun.head, headBytes: begun.headBytes, ...alias }
  }

  /** Stopped while it was behind: what is there and was not read is no part of what was said. */
  async #tellUnread(): Promise<void> {
    const unread: string[] = []
    for (const found of this.#scan()) {
      const { name, path, size } = found
      if (this.#isDone(name, path) || this.#files.some((file) => file.path === path)) continue
      const beginning = await this.#beginning(name, path, size)
      if (beginning !== null && !(await this.#isReadElsewhere(found, beginning))) unread.push(path)
    }
    const [first] = unread
    if (first === undefined) return
    const others = unread.length > 1 ? ` and ${unread.length - 1} more` : ''
    if (this.#words.goesOn)
      this.#listener.told(`${first}${others}: stopped before it was read; the next watch goes on here`)
    else
      this.#listener.refused(
        first,
        `${first}${others}: stopped before it was read; --state goes on where this watch ends`,
      )
  }

  #scan(): Found[] {
    const found: Found[] = []
    for (const entry of readdirSync(this.#words.folder, { recursive: true, encoding: 'utf8' })) {
      const name = entry.split(sep).join('/')
      if (name.split('/').some((part) => part.startsWith('.')) || UNFINISHED.test(name)) continue
      if (this.#others.has(name)) continue
      const path = join(this.#words.folder, entry)
      const stat = statSync(path, { throwIfNoEntry: false })
      if (stat?.isFile() && stat.size > 0) found.push({ name, path, size: stat.size, modified: stat.mtimeMs })
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  #isDone(name: string, path: string): boolean {
    const done = this.#done.get(name)
    return done !== undefined && headOf(path, done.headBytes)?.head === done.head
  }

  /** What came to a file that was over is not read, and nobody may think that it was. */
  #tellGrown(name: string, path: string, size: number): void {
    const { until = size } = this.#done.get(name)!
    if (size > until) this.#tellCame(name, path, `${size - until} bytes came after it was over, and are not read`)
  }

  /** The same of one that is packed: its packets tell, and are counted where its size is not what it was. */
  async #tellMore({ name, path, size }: Found): Promise<void> {
    const done = this.#done.get(name)!
    const { until, packets, size: before = size } = done
    if (until !== undefined || packets === undefined || before === size) return
    this.#done.set(name, { ...done, size })
    const count = await packetsIn(path, packets + 1)
    if (count !== null && count > packets) this.#tellCame(name, path, 'what came after it was over is not read')
  }

  #tellCame(name: string, path: string, what: string): void {
    if (this.#grown.has(name)) return
    this.#grown.add(name)
    this.#listener.refused(path, `${path}: ${what}; give a longer --settle`)
  }

  /** null: it has no packet yet, or is no capture, which is said once. */
  async #beginning(name: string, path: string, size: number): Promise<FirstPacket | null> {
    const key = `${name} ${size}`
    const known = this.#beginnings.get(key)
    if (known !== undefined) return known
    if (this.#beginnings.size > BEGINNINGS_MAX) this.#beginnings.clear()
    let beginning: FirstPacket | null = null
    try {
      beginning = await firstPacketOf(path)
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error
      // renamed or packed since the folder was looked at
      if (statSync(path, { throwIfNoEntry: false }) === undefined) return null
      if (this.#words.isOther(path)) {
        this.#others.add(name)
        return null
      }
      // it may only have begun: said when it does not grow any more
      if (this.#words.isOnce || size > HEAD_BYTES) {
        this.#listener.refused(path, error.message)
        this.#done.set(name, headOf(path, HEAD_BYTES) ?? { head: '', headBytes: 0 })
      }
    }
    this.#beginnings.set(key, beginning)
    return beginning
  }

  #isOver(file: FolderFile, quietMillis: number): boolean {
    this.#wasOver ||=
      this.#words.isOnce || file.before !== null || (this.#isQuiet(file, quietMillis) && this.#hasLater(file))
    return this.#wasOver || this.#isStopped
  }

  /** Nothing has come since we look, or since long before: of a hundred old files none is waited for. */
  #isQuiet({ path }: FolderFile, quietMillis: number): boolean {
    const { settleMillis } = this.#words
    if (quietMillis >= settleMillis) return true
    const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    return modified !== undefined && Date.now() - modified >= settleMillis
  }

  /** Is there another capture with packets, that was not read yet? What else is put there says nothing. */
  #hasLater(file: FolderFile): boolean {
    const others: Found[] = []
    for (const found of this.#scan()) {
      if (found.path === file.path) continue
      if (this.#isDone(found.name, found.path)) this.#tellGrown(found.name, found.path, found.size)
      else others.push(found)
    }
    const unknown = others.filter(({ name, size }) => !this.#beginnings.has(`${name} ${size}`))
    if (unknown.length > 0) void this.#probe(unknown)
    return others.some(({ name, size }) => (this.#beginnings.get(`${name} ${size}`) ?? null) !== null)
  }

  /** Known when it is asked for the next time. */
  async #probe(files: readonly Found[]): Promise<void> {
    if (this.#isProbing) return
    this.#isProbing = true
    try {
      for (const { name, path, size } of files) await this.#beginning(name, path, size)
    } catch {
      // gone meanwhile; whoever reads it says what is the matter
    } finally {
      this.#isProbing = false
    }
  }
}

const BEGINNINGS_MAX = 100_000

/** Has it no more packets than the other one, with which it begins? One that begins alike and goes on is another. */
async function isPartOf(path: string, other: string): Promise<boolean> {
  const count = await packetsIn(other)
  return count !== null && ((await packetsIn(path, count + 1)) ?? 0) <= count
}

/** null: it cannot be read, or is shorter than that */
function headOf(path: string, bytes: number): Pick<DoneFile, 'head' | 'headBytes'> | null {
  const buffer = Buffer.alloc(bytes)
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return null
  }
  try {
    const headBytes = readSync(file, buffer, 0, bytes, 0)
    return { head: createHash('sha256').update(buffer.subarray(0, headBytes)).digest('hex').slice(0, 16), headBytes }
  } catch {
    return null
  } finally {
    closeSync(file)
  }
}
