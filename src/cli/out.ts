/**
 * Where a command writes: standard output, or a file that gets its name when it is whole.
 *
 * A file is written beside its place and renamed: whoever stops us, or fills the disk, leaves what stood there. What is
 * read is never written onto, by whatever link. Devices and pipes are written as they are.
 */
import {
  accessSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  write,
  writeSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/** Lines for a pipe are gathered until the program waits for input, or until there are so many characters. */
const GATHERED_MAX = 65_536

/** A result that cannot be written; `message` is one clear line. */
export class OutputError extends Error {
  /** the place makes no sense, before anything was written; else the writing failed */
  readonly isPlace: boolean

  constructor(message: string, isPlace: boolean) {
    super(message)
    this.isPlace = isPlace
  }
}

/** What a place is made of: a file that stands beside it until it is whole, or the place itself. */
interface Target {
  readonly descriptor: number
  readonly name: string
  /** null: written in place */
  readonly beside: { readonly path: string; readonly place: string } | null
}

/** Files that are not whole: they go when the program is stopped. */
const unfinished = new Set<string>()
process.on('exit', () => {
  for (const path of unfinished) rmSync(path, { force: true })
})

export class Out {
  readonly #to: NodeJS.WriteStream | Target
  #gathered = ''
  #flush: NodeJS.Immediate | null = null
  #fault: unknown = null
  #isOpen = true
  /** what is written while the caller goes on */
  #writing: Promise<void> | null = null

  constructor(to: NodeJS.WriteStream | Target) {
    this.#to = to
  }

  /** A result in a file of its own. */
  static whole(name: string, pieces: Iterable<string>): void {
    const out = Out.file(name, [])
    try {
      for (const text of pieces) out.write(text)
      out.close()
    } catch (error) {
      out.discard()
      throw error
    }
  }

  /**
   * A file, which `inputs` are not; `isNew`: nothing stands there, no link either. Throws OutputError.
   */
  static file(name: string, inputs: Iterable<string>, isNew = false): Out {
    return new Out(targetOf(name, inputs, isNew))
  }

  /** Lines come by the thousand while a capture is read, and must not wait while there is nothing to read. */
  line(text: string): void {
    this.write(`${text}\n`)
  }

  /** Throws OutputError where the writing failed, now or before. */
  write(text: string): void {
    this.#gathered += text
    if (this.#gathered.length >= GATHERED_MAX) this.#send()
    else
      this.#flush ??= setImmediate(() => {
        // nobody could catch it here: the next one who writes, or closes, is told
        try {
          this.#send()
        } catch (error) {
          this.#fault ??= error
        }
      })
  }

  /** Octets, behind the lines; they may be used again afterwards. Throws OutputError. */
  octets(bytes: Uint8Array): void {
    this.#send()
    if (isTarget(this.#to)) this.#put(this.#to, bytes)
    // a stream may keep them for later
    else if (bytes.length > 0) this.#to.write(Buffer.from(bytes))
  }

  /**
   * The same, while the caller makes the next ones: they stay as they are until the next call has come back. Then
   * `settled` is asked before anything else. Rejects with an OutputError, of what was handed over before too.
   */
  async handOver(bytes: Uint8Array): Promise<void> {
    await this.settled()
    if (!isTarget(this.#to)) {
      this.octets(bytes)
      return
    }
    this.#send()
    this.#writing = putLater(this.#to, bytes)
    // whoever asks next is told
    this.#writing.catch(() => {})
  }

  /** What was handed over is written. Rejects with an OutputError. */
  async settled(): Promise<void> {
    const writing = this.#writing
    this.#writing = null
    await writing
  }

  /** All of it is written, and the file gets its name. Throws OutputError. */
  close(): void {
    if (!this.#isOpen) return
    try {
      this.#send()
      this.#isOpen = false
      if (!isTarget(this.#to)) return
      closeSync(this.#to.descriptor)
      if (this.#to.beside === null) return
      renameSync(this.#to.beside.path, this.#to.beside.place)
      unfinished.delete(this.#to.beside.path)
    } catch (error) {
      this.discard()
      throw isTarget(this.#to) ? problem(this.#to.name, error) : error
    }
  }

  /** What was written so far is worth nothing: what stood in its place stays. */
  discard(): void {
    if (this.#flush !== null) clearImmediate(this.#flush)
    this.#flush = null
    this.#gathered = ''
    if (!isTarget(this.#to)) return
    if (this.#isOpen) closeSync(this.#to.descriptor)
    this.#isOpen = false
    if (this.#to.beside === null) return
    rmSync(this.#to.beside.path, { force: true })
    unfinished.delete(this.#to.beside.path)
  }

  #put({ descriptor, name }: Target, bytes: Uint8Array): void {
    try {
      for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(descriptor, rest))
    } catch (error) {
      throw problem(name, error)
    }
  }

  #send(): void {
    if (this.#flush !== null) clearImmediate(this.#flush)
    this.#flush = null
    if (this.#fault !== null) throw this.#fault
    const text = this.#gathered
    this.#gathered = ''
    if (text === '') return
    if (!isTarget(this.#to)) {
      this.#to.write(text)
      return
    }
    this.#put(this.#to, Buffer.from(text))
  }
}

const writeLater = (descriptor: number, bytes: Uint8Array) =>
  new Promise<number>((done, failed) => {
    write(descriptor, bytes, (error, written) => (error === null ? done(written) : failed(error)))
  })

async function putLater({ descriptor, name }: Target, bytes: Uint8Array): Promise<void> {
  try {
    for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(await writeLater(descriptor, rest))
  } catch (error) {
    throw problem(name, error)
  }
}

function isTarget(to: NodeJS.WriteStream | Target): to is Target {
  return 'descriptor' in to
}

function targetOf(name: string, inputs: Iterable<string>, isNew: boolean): Target {
  const link = lstatSync(name, { throwIfNoEntry: false })
  const stat = statSync(name, { throwIfNoEntry: false })
  for (const input of inputs)
    if (resolve(input) === resolve(name) || isSameFile(stat, statSync(input, { throwIfNoEntry: false })))
      throw new OutputError(`${name}: is an input, and is not overwritten`, true)
  if (isNew && link !== undefined)
    throw new OutputError(
      `${name}: is there already${stat === undefined ? ', a link to nothing' : ''}, and is not overwritten`,
      true,
    )
  try {
    if (stat?.isDirectory()) throw Object.assign(new Error('a directory'), { code: 'EISDIR' })
    if (stat !== undefined && !stat.isFile()) return { descriptor: openSync(name, 'w'), name, beside: null }
    if (stat !== undefined) accessSync(name, constants.W_OK)
    return besideOf(stat === undefined ? name : realpathSync(name), name, stat)
  } catch (error) {
    throw new OutputError(problem(name, error).message, true)
  }
}

function besideOf(place: string, name: string, stat: Stats | undefined): Target {
  const path = join(dirname(place), `.${basename(place)}.${process.pid}.part`)
  let descriptor: number
  try {
    descriptor = openSync(path, 'wx', stat === undefined ? 0o666 : stat.mode & 0o777)
  } catch (error) {
    // a file that may be written in a folder that may not
    if (stat === undefined || !['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error
    return { descriptor: openSync(place, 'w'), name, beside: null }
  }
  unfinished.add(path)
  return { descriptor, name, beside: { path, place } }
}

/** By whatever link. */
function isSameFile(one: Stats | undefined, two: Stats | undefined): boolean {
  return (
    one !== undefined && two !== undefined && one.ino === two.ino && one.dev === two.dev && !one.isCharacterDevice()
  )
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left; free some, or choose another --output',
  EDQUOT: 'no space left for you (quota); free some, or choose another --output',
  EFBIG: 'the file grows larger than the system allows',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'no such folder',
  ENOTDIR: 'no such folder',
  EISDIR: 'a folder; name a file in it',
  EIO: 'the device reports an error',
}

/** One line for what the operating system answered. */
export function problem(name: string, error: unknown): OutputError {
  if (error instanceof OutputError) return error
  const { code, message } = error as NodeJS.ErrnoException
  const words = PROBLEMS[code ?? '']
  return new OutputError(
    `${name}: cannot be written${words === undefined ? '' : `: ${words}`} (${code ?? message})`,
    false,
  )
}
