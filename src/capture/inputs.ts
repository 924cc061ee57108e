/**
 * From the words of a command line to files: what a directory or a pattern means, and what of it is no capture that can
 * be read.
 *
 * Nothing that was meant to be read is left out in silence: whoever hears that no NTLM was seen in a folder believes
 * that the folder was read.
 */
import * as fs from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { foreignFile, HEAD_BYTES, isCaptureName } from './foreign.ts'
import { CaptureError, openCapture, openProblem, PEEK_BYTES, STANDARD_INPUT, stated } from './open.ts'

/** A file that was not read. */
export interface UnreadInput {
  readonly name: string
  /** one line: what it is, what to do */
  readonly reason: string
  /**
   * it was meant to be read: named, or in a folder with the name or the head of a capture or an archive of one; false:
   * only told
   */
  readonly isCapture: boolean
}

/**
 * The captures that the arguments name, in their order: files as they are, the captures in and below a directory, and
 * what a glob matches (for shells that leave that to us); the latter two sorted by name with numbers as numbers. A file
 * named twice is read once. `leftOut` hears of every file in a directory that is no capture; one named explicitly is
 * the error of `openCapture`.
 */
export async function expandInputs(
  args: readonly string[],
  leftOut: (input: UnreadInput) => void = () => {},
): Promise<string[]> {
  const paths = new Map<string, string>()
  for (const arg of args) {
    if (arg === STANDARD_INPUT) {
      if (paths.has(STANDARD_INPUT)) throw new CaptureError('standard input: can be read only once; name - one time')
      paths.set(STANDARD_INPUT, STANDARD_INPUT)
      continue
    }
    for (const path of await expandGlob(arg)) {
      const files = (await stated(path)).isDirectory() ? await capturesIn(path, leftOut) : [path]
      for (const file of files) {
        const key = resolve(file)
        if (!paths.has(key)) paths.set(key, file)
      }
    }
  }
  return [...paths.values()]
}

/**
 * What a shell would make of it: the names that exist, or the word itself. What reads patterns is loaded for patterns:
 * it takes 10 ms.
 */
async function expandGlob(arg: string): Promise<string[]> {
  if (fs.existsSync(arg)) return [arg]
  const { glob, isDynamicPattern } = await import('tinyglobby')
  if (!isDynamicPattern(arg)) return [arg]
  const pattern = process.platform === 'win32' ? arg.replaceAll('\\', '/') : arg
  const found = await glob(pattern, { absolute: isAbsolute(arg), onlyFiles: false, expandDirectories: false })
  if (found.length === 0) throw new CaptureError(`${arg}: no file matches; check the pattern`)
  return found.map((path) => path.replace(/\/$/, '')).sort(byName)
}

async function capturesIn(directory: string, leftOut: (input: UnreadInput) => void): Promise<string[]> {
  const captures: string[] = []
  const others: UnreadInput[] = []
  for (const { path, fault } of await filesIn(directory)) {
    const unread = fault ?? (await unreadOf(path))
    if (unread === null) captures.push(path)
    else {
      others.push(unread)
      leftOut(unread)
    }
  }
  if (captures.length === 0) {
    throw new CaptureError(
      `${directory}: a directory without captures (other files: ${others.length}); expected pcap or pcapng, plain or in gzip, zstd, xz or lz4`,
    )
  }
  return captures
}

interface Found {
  readonly path: string
  /** what cannot even be opened */
  readonly fault: UnreadInput | null
}

/**
 * Every file in and below a directory, sorted; hidden ones belong to somebody else, and a link that leads back into the
 * tree is followed once.
 */
async function filesIn(directory: string): Promise<Found[]> {
  const found: Found[] = []
  const entered = new Set<string>()
  const enter = async (path: string, below: string) => {
    const real = await fs.promises.realpath(path)
    if (entered.has(real)) return
    entered.add(real)
    for (const name of await fs.promises.readdir(path)) {
      if (name.startsWith('.')) continue
      const at = `${path.replace(/[/\\]+$/, '')}/${name}`
      const relative = below === '' ? name : `${below}/${name}`
      try {
        if ((await fs.promises.stat(at)).isDirectory()) await enter(at, relative)
        else found.push({ path: at, fault: null })
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        const reason =
          code === 'ENOENT'
            ? 'a link to what is not there'
            : openProblem(at, error as NodeJS.ErrnoException).slice(at.length + 2)
        // of a directory that cannot be entered nobody knows what is in it
        const isCapture = isCaptureName(name) || (error as NodeJS.ErrnoException).syscall === 'scandir'
        found.push({ path: at, fault: { name: at, reason, isCapture } })
      }
    }
  }
  await enter(directory, '').catch((error: NodeJS.ErrnoException) => {
    throw new CaptureError(openProblem(directory, error))
  })
  return found.sort((a, b) => byName(a.path, b.path))
}

/** null: a capture */
async function unreadOf(path: string): Promise<UnreadInput | null> {
  // a pipe or device in a directory is nothing that anybody asked to be read
  const stat = await fs.promises.stat(path).catch(() => null)
  if (stat?.isFile() !== true) return { name: path, reason: 'no file, but a pipe, socket or device', isCapture: false }
  try {
    const { reader } = await openCapture(path, 0, PEEK_BYTES)
    await reader.close()
    return null
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error
    const reason = error.message.startsWith(`${path}: `) ? error.message.slice(path.length + 2) : error.message
    const isCapture = error.foreign?.isCapture ?? isCaptureName(path)
    return { name: path, reason, isCapture: isCapture || (await listsCapture(path, stat.size)) }
  }
}

/** A ZIP archive has the list of its files at its end. */
async function listsCapture(path: string, size: number): Promise<boolean> {
  const file = await fs.promises.open(path).catch(() => null)
  if (file === null) return false
  try {
    const head = Buffer.alloc(4)
    await file.read(head, 0, 4, 0)
    const tail = Buffer.alloc(Math.min(size, HEAD_BYTES))
    await file.read(tail, 0, tail.length, size - tail.length)
    return foreignFile(path, head, tail).isCapture
  } catch {
    return false
  } finally {
    await file.close()
  }
}

let collator: Intl.Collator | null = null

/** capture2 before capture10; names that differ only in what the collator ignores keep one order everywhere */
function byName(a: string, b: string): number {
  collator ??= new Intl.Collator('en', { numeric: true })
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0)
}
