/**
 * From the words of a command line to open captures: which files, and what is in each. Content decides, never a name: pcap, pcapng, or
 * one of them in gzip. What is no capture is one clear line (`CaptureError`); damage further inside is the reader's to tell.
 */
import * as fs from 'node:fs'
import { Socket } from 'node:net'
import { isAbsolute, resolve } from 'node:path'
import { isatty } from 'node:tty'
import { isMainThread } from 'node:worker_threads'
import { LIMITS } from '../memory/limits.ts'
import { GzipSource, isGzip } from './gzip.ts'
import type { FastPath } from './packet.ts'
import { isPcap, PcapReader } from './pcap.ts'
import { PcapngReader, SECTION_HEADER } from './pcapng.ts'
import { BlockBuffer, type ByteSource, Descriptor, FileSource, StreamSource } from './source.ts'

/** What keeps an input from being read at all; the message is complete. */
export class CaptureError extends Error {
  override name = 'CaptureError'
}

export interface OpenedCapture {
  readonly reader: PcapReader | PcapngReader
  /** as given; '-' for standard input */
  readonly name: string
  readonly compressed: boolean
  /** bytes of the file; null where it has no size (a pipe) */
  readonly size: number | null
  /** false: its bytes come only once */
  readonly reopenable: boolean
  /** link types seen so far, without repetition, and the smallest snap length; both may still grow in a pcapng */
  readonly linkTypes: readonly number[]
  readonly snapLength: number | null
}

const STANDARD_INPUT = '-'
/** enough to recognise a file, or to find the time of its first packet */
export const PEEK_BYTES = 65_536

/** Formats that people mistake for captures, or that another tool makes one of. */
const HINTS: readonly (readonly [magic: string, hint: string])[] = [
  ['504b0304', 'a ZIP archive: unpack it first'],
  ['28b52ffd', 'zstd: decompress it first (zstd -dc FILE | ntlmscope ... -)'],
  ['04224d18', 'lz4: decompress it first (lz4 -dc FILE | ntlmscope ... -)'],
  ['fd377a58', 'xz: decompress it first (xz -dc FILE | ntlmscope ... -)'],
  ['425a68', 'bzip2: decompress it first (bzip2 -dc FILE | ntlmscope ... -)'],
  ['377abcaf', 'a 7-Zip archive: unpack it first'],
  ['736e6f6f70', 'snoop: convert it with editcap'],
  ['474d4255', 'Network Monitor: convert it with editcap'],
  ['52545353', 'Network Monitor: convert it with editcap'],
]

/** Opens one capture; throws `CaptureError`. `readBytes`: less than usual to peek only; `fast`: who may pass over its packets. */
export async function openCapture(
  path: string,
  captureIndex: number,
  readBytes: number = LIMITS.readBytes,
  fast: FastPath | null = null,
): Promise<OpenedCapture> {
  const { source, size } = path === STANDARD_INPUT ? standardInput() : await openFile(path)
  let buffer = new BlockBuffer(source, readBytes, fast)
  let compressed = false
  try {
    await buffer.fill(4)
    if (isGzip(buffer.bytes, buffer.pos, buffer.end)) {
      compressed = true
      buffer = new BlockBuffer(new GzipSource(buffer), readBytes, fast)
      await buffer.fill(4)
    }
    const reader = await recognise(buffer, captureIndex)
    if (reader === null) throw new CaptureError(notACapture(called(path), buffer, compressed))
    return {
      reader,
      name: path,
      compressed,
      size,
      reopenable: path !== STANDARD_INPUT && size !== null,
      get linkTypes() {
        return reader.linkTypes
      },
      get snapLength() {
        return reader.snapLength
      },
    }
  } catch (error) {
    await buffer.close()
    throw error
  }
}

/**
 * The captures that the arguments name, in their order: files as they are, the captures in and below a directory, and what a glob
 * matches (for shells that leave that to us); the latter two sorted by name with numbers as numbers. A file named twice is read once.
 * `skipped` hears of every file in a directory that is no capture; one named explicitly is the error of `openCapture`.
 */
export async function expandInputs(
  args: readonly string[],
  skipped: (path: string) => void = () => {},
): Promise<string[]> {
  const paths = new Map<string, string>()
  for (const arg of args) {
    if (arg === STANDARD_INPUT) {
      if (paths.has(STANDARD_INPUT)) throw new CaptureError('standard input: can be read only once; name - one time')
      paths.set(STANDARD_INPUT, STANDARD_INPUT)
      continue
    }
    for (const path of await expandGlob(arg)) {
      const files = (await isDirectory(path)) ? await capturesIn(path, skipped) : [path]
      for (const file of files) {
        const key = resolve(file)
        if (!paths.has(key)) paths.set(key, file)
      }
    }
  }
  return [...paths.values()]
}

/** A reader for what `buffer` holds, of which at least 4 bytes were asked for; null: no capture. */
export async function recognise(buffer: BlockBuffer, capture: number): Promise<PcapReader | PcapngReader | null> {
  if (buffer.end - buffer.pos < 4) return null
  const { bytes, pos } = buffer
  const magic = ((bytes[pos]! << 24) | (bytes[pos + 1]! << 16) | (bytes[pos + 2]! << 8) | bytes[pos + 3]!) >>> 0
  if (isPcap(magic)) return PcapReader.open(buffer, capture)
  return magic === SECTION_HEADER ? new PcapngReader(buffer, capture) : null
}

interface OpenedSource {
  readonly source: ByteSource
  readonly size: number | null
}

function standardInput(): OpenedSource {
  // `ntlmscope ... - < FILE`: read as a file, but from where the shell left it
  const stat = statOf(0)
  if (stat?.isFile() === true) return { source: new FileSource(new Descriptor(0, false), null, true), size: stat.size }
  if (isMainThread ? process.stdin.isTTY === true : isatty(0)) {
    throw new CaptureError('standard input: a terminal, expected a capture; pipe one in, as in tcpdump -U -w - | ...')
  }
  // in another thread process.stdin is nothing but an echo of the main thread's
  const stream = isMainThread ? process.stdin : new Socket({ fd: 0, readable: true, writable: false })
  return { source: new StreamSource(stream), size: null }
}

function statOf(descriptor: number): fs.Stats | null {
  try {
    return fs.fstatSync(descriptor)
  } catch {
    return null
  }
}

async function openFile(path: string): Promise<OpenedSource> {
  const stat = await stated(path)
  if (stat.isDirectory()) throw new CaptureError(`${path}: a directory, expected a file; name the captures in it`)
  const descriptor = await new Promise<number>((done, failed) => {
    fs.open(path, 'r', (error, opened) => {
      if (error === null) done(opened)
      else failed(new CaptureError(openProblem(path, error)))
    })
  })
  const isFile = stat.isFile()
  const source = new FileSource(new Descriptor(descriptor, true), isFile ? 0 : null, isFile)
  return { source, size: isFile ? stat.size : null }
}

async function stated(path: string): Promise<fs.Stats> {
  try {
    return await fs.promises.stat(path)
  } catch (error) {
    throw new CaptureError(openProblem(path, error as NodeJS.ErrnoException))
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stated(path)).isDirectory()
}

/** One line for what the operating system answered. */
export function openProblem(path: string, error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `${path}: no such file or directory; check the name`
    case 'EACCES':
    case 'EPERM':
      return `${path}: permission denied; captures of tcpdump often belong to root`
    case 'EMFILE':
    case 'ENFILE':
      return `${path}: too many open files; raise the limit (ulimit -n)`
    default:
      return `${path}: cannot be opened (${error.code ?? error.message})`
  }
}

/** What a shell would make of it: the names that exist, or the word itself. What reads patterns is loaded for patterns: it takes 10 ms. */
async function expandGlob(arg: string): Promise<string[]> {
  if (fs.existsSync(arg)) return [arg]
  const { glob, isDynamicPattern } = await import('tinyglobby')
  if (!isDynamicPattern(arg)) return [arg]
  const pattern = process.platform === 'win32' ? arg.replaceAll('\\', '/') : arg
  const found = await glob(pattern, { absolute: isAbsolute(arg), onlyFiles: false, expandDirectories: false })
  if (found.length === 0) throw new CaptureError(`${arg}: no file matches; check the pattern`)
  return found.map((path) => path.replace(/\/$/, '')).sort(byName)
}

async function capturesIn(directory: string, skipped: (path: string) => void): Promise<string[]> {
  const { glob } = await import('tinyglobby')
  const files = await glob('**', { cwd: directory, onlyFiles: true, expandDirectories: false })
  const captures: string[] = []
  let others = 0
  for (const file of files.sort(byName)) {
    const path = `${directory.replace(/[/\\]+$/, '')}/${file}`
    if (await isCapture(path)) captures.push(path)
    else {
      others++
      skipped(path)
    }
  }
  if (captures.length === 0) {
    throw new CaptureError(
      `${directory}: a directory without captures (other files: ${others}); expected pcap, pcapng or gzip of them`,
    )
  }
  return captures
}

async function isCapture(path: string): Promise<boolean> {
  // a pipe or device in a directory is nothing that anybody asked to be read
  const stat = await fs.promises.stat(path).catch(() => null)
  if (stat?.isFile() !== true) return false
  try {
    const { reader } = await openCapture(path, 0, PEEK_BYTES)
    await reader.close()
    return true
  } catch (error) {
    if (error instanceof CaptureError) return false
    throw error
  }
}

let collator: Intl.Collator | null = null

/** capture2 before capture10; names that differ only in what the collator ignores keep one order everywhere */
function byName(a: string, b: string): number {
  collator ??= new Intl.Collator('en', { numeric: true })
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0)
}

function called(path: string): string {
  return path === STANDARD_INPUT ? 'standard input' : path
}

function notACapture(name: string, buffer: BlockBuffer, compressed: boolean): string {
  const head = Buffer.from(buffer.bytes.subarray(buffer.pos, Math.min(buffer.pos + 8, buffer.end))).toString('hex')
  const fault = buffer.source.fault
  const where = compressed ? 'offset 0 of the decompressed data' : 'offset 0'
  if (head === '') {
    if (fault !== null) return `${name}: ${where}: nothing can be read: ${fault}`
    return `${name}: ${compressed ? 'gzip of an empty file' : 'empty, 0 bytes'}; the capture was never written or not copied`
  }
  const expected = compressed ? 'pcap or pcapng' : 'pcap, pcapng or gzip'
  const found = head.slice(0, 8).replace(/..\B/g, '$& ')
  const hint =
    HINTS.find(([magic]) => head.startsWith(magic))?.[1] ?? 'no capture, or convert it with editcap -F pcapng'
  return `${name}: ${where}: expected the magic of ${expected}, found ${found}; ${hint}`
}
