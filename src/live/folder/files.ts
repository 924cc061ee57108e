/**
 * The files of a folder as captures that come one after another, by the time of their first packets. A file that may
 * still be written is read as it grows; it is over when a later one is there and nothing has come for a while.
 */
import { createHash } from 'node:crypto'
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import type { CaptureSummary } from '../../capture/merge.ts'
import { CaptureError, openCapture, PEEK_BYTES } from '../../capture/open.ts'
import type { Coming, Succession } from '../../capture/succession.ts'
import { GrowingFile } from './growing.ts'
import type { DoneFile } from './state.ts'

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
  /** is it what stands beside the captures, and is read by somebody else? Asked of what is no capture */
  isOther(path: string): boolean
  /** read before, in this order */
  readonly done: readonly DoneFile[]
  /** as many of the last ones are read again */
  readonly replay: number
}

/** Who hears of them. */
export interface FolderListener {
  /** The file was read, to its end unless it may go on (`isWhole` false). Called before the next one is looked for. */
  ended(file: FolderFile, summary: CaptureSummary | null, isWhole: boolean): void
  /** One that was not read before comes next; its first packet is of this time, microseconds since 1970. */
  begins(firstTime: number): void | Promise<void>
  /** There will be no other one. */
  over(): void
  /** a file that is no capture, is gone, is left for the next time */
  told(line: string): void
  refused(name: string, line: string): void
}

/** One of them. */
export interface FolderFile {
  readonly name: string
  readonly path: string
  readonly head: string
  readonly headBytes: number
  /** it was read before */
  readonly before: DoneFile | null
}

interface Found {
  readonly name: string
  readonly path: string
  readonly size: number
  readonly modified: number
}

export class FolderFiles implements Succession {
  readonly #words: FolderWords
  readonly #listener: FolderListener
  /** by name: what is done of it */
  readonly #done = new Map<string, Pick<DoneFile, 'head' | 'headBytes'>>()
  /** those to be read again */
  readonly #again: DoneFile[]
  /** times of the first packets, by name and size; null: it has none yet, or is no capture */
  readonly #firstTimes = new Map<string, number | null>()
  /** by their numbers in the run */
  readonly #files: FolderFile[] = []
  /** names of what stands beside the captures */
  readonly #others = new Set<string>()
  #current: FolderFile | null = null
  #isStopped = false
  /** the present file is over, whoever asks to end */
  #wasOver = false
  #wake = () => {}
  #leftTold = false

  constructor(words: FolderWords, listener: FolderListener) {
    this.#words = words
    this.#listener = listener
    for (const file of words.done) this.#done.set(file.name, file)
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
      if (isWhole) this.#done.set(name, { head, headBytes })
      this.#listener.ended(file, before, isWhole)
    }
    for (;;) {
      const coming = this.#next() ?? (await this.#fresh())
      if (coming !== null) {
        this.#current = coming
        return {
          name: coming.path,
          source: new GrowingFile(coming.path, (quiet) => this.#isOver(coming, quiet)),
          size: null,
        }
      }
      if (this.#words.isOnce || this.#isStopped) {
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
    this.#listener.refused(name, error.message)
  }

  /** One that was read before, if it is still what it was. */
  #next(): FolderFile | null {
    for (;;) {
      const file = this.#isStopped ? undefined : this.#again.shift()
      if (file === undefined) return null
      const path = join(this.#words.folder, file.name)
      if (headOf(path, file.headBytes)?.head === file.head)
        return { name: file.name, path, head: file.head, headBytes: file.headBytes, before: file }
      this.#listener.told(`${path}: is not there any more; what rests on it is told as far as the other files show it`)
    }
  }

  /** The earliest one that nobody has read; null: there is none. */
  async #fresh(): Promise<FolderFile | null> {
    if (this.#isStopped) return null
    let best: { file: FolderFile; time: number } | null = null
    for (const { name, path, size, modified } of this.#scan()) {
      if (this.#isDone(name, path)) continue
      if (this.#words.leavesFresh && Date.now() - modified < this.#words.settleMillis) {
        if (!this.#leftTold) this.#listener.told(`${path}: was written a moment ago, left for the next time`)
        this.#leftTold = true
        continue
      }
      const time = await this.#firstTime(name, path, size)
      if (time === null || (best !== null && time >= best.time)) continue
      const head = headOf(path, HEAD_BYTES)
      if (head !== null) best = { file: { name, path, ...head, before: null }, time }
    }
    if (best !== null) await this.#listener.begins(best.time)
    return best?.file ?? null
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

  /** null: it has no packet yet, or is no capture, which is said once. */
  async #firstTime(name: string, path: string, size: number): Promise<number | null> {
    const key = `${name} ${size}`
    const known = this.#firstTimes.get(key)
    if (known !== undefined) return known
    if (this.#firstTimes.size > TIMES_MAX) this.#firstTimes.clear()
    let time: number | null = null
    try {
      const { reader } = await openCapture(path, 0, PEEK_BYTES)
      let state = reader.next()
      for (; state === 'starved'; state = reader.next()) await reader.fill()
      if (state === 'packet') time = reader.packet.time
      await reader.close()
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error
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
    this.#firstTimes.set(key, time)
    return time
  }

  #isOver(file: FolderFile, quietMillis: number): boolean {
    this.#wasOver =
      this.#words.isOnce || file.before !== null || (quietMillis >= this.#words.settleMillis && this.#hasLater(file))
    return this.#wasOver || this.#isStopped
  }

  /** Is there another one that was not read yet? */
  #hasLater(file: FolderFile): boolean {
    return this.#scan().some(({ name, path }) => name !== file.name && !this.#isDone(name, path))
  }
}

const TIMES_MAX = 100_000

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
