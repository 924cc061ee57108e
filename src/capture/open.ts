/**
 * From a path to an open capture. Content decides, never a name: pcap, pcapng, or one of them in gzip, zstd, xz or LZ4.
 * What is no capture is one clear line (`CaptureError`); damage further inside is the reader's to tell. Which files the
 * words of a command line mean is told in inputs.ts.
 */
import * as fs from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { isatty } from 'node:tty'
import { isMainThread } from 'node:worker_threads'
import { LIMITS } from '../memory/limits.ts'
import { GzipSource, isGzip } from './compression/gzip.ts'
import { type ForeignFile, foreignFile, HEAD_BYTES } from './foreign.ts'
import type { FastPath } from './packet.ts'
import { isPcap, PcapReader } from './pcap.ts'
import { PcapngReader, SECTION_HEADER } from './pcapng.ts'
import { BlockBuffer, type ByteSource, Descriptor, FileSource, StreamSource } from './source.ts'

/** What keeps an input from being read at all; the message is complete. */
export class CaptureError extends Error {
  override name = 'CaptureError'
  /** what can be told of a file that was opened and is no capture that we read; null: it was not opened */
  readonly foreign: ForeignFile | null

  constructor(message: string, foreign: ForeignFile | null = null) {
    super(message)
    this.foreign = foreign
  }
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

export const STANDARD_INPUT = '-'
/** what is read, for messages */
const EXPECTED = 'pcap, pcapng, gzip, zstd, xz or lz4'
/** enough to recognise a file, or to find the time of its first packet */
export const PEEK_BYTES = 65_536

/**
 * Opens one capture; throws `CaptureError`. `readBytes`: less than usual to peek only; `fast`: who may pass over its
 * packets; `given`: its bytes, where `path` is only what it is called.
 */
export async function openCapture(
  path: string,
  captureIndex: number,
  readBytes: number = LIMITS.readBytes,
  fast: FastPath | null = null,
  given: OpenedSource | null = null,
): Promise<OpenedCapture> {
  const { source, size } = given ?? (path === STANDARD_INPUT ? standardInput() : await openFile(path))
  let buffer = new BlockBuffer(source, readBytes, fast)
  let compression: string | null = null
  try {
    await buffer.fill(4)
    if (isGzip(buffer.bytes, buffer.pos, buffer.end)) {
      compression = 'gzip'
      buffer = new BlockBuffer(new GzipSource(buffer), readBytes, fast)
      await buffer.fill(4)
    } else if (mayBePacked(buffer)) {
      const { compressionOf, DecompressedSource } = await import('./compression/decompress.ts')
      // what stands before the first frame, and the head of that
      await buffer.fill(64)
      const other = compressionOf(buffer.bytes, buffer.pos, buffer.end)
      if (other !== null) {
        compression = other
        buffer = new BlockBuffer(new DecompressedSource(buffer, other), readBytes, fast)
        await buffer.fill(4)
      }
    }
    const reader = await recognise(buffer, captureIndex)
    if (reader === null) throw notACapture(called(path), buffer, compression)
    return {
      reader,
      name: path,
      compressed: compression !== null,
      size,
      reopenable: given === null && path !== STANDARD_INPUT && size !== null,
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

/** A reader for what `buffer` holds, of which at least 4 bytes were asked for; null: no capture. */
export async function recognise(buffer: BlockBuffer, capture: number): Promise<PcapReader | PcapngReader | null> {
  if (buffer.end - buffer.pos < 4) return null
  const { bytes, pos } = buffer
  const magic = ((bytes[pos]! << 24) | (bytes[pos + 1]! << 16) | (bytes[pos + 2]! << 8) | bytes[pos + 3]!) >>> 0
  if (isPcap(magic)) return PcapReader.open(buffer, capture)
  return magic === SECTION_HEADER ? new PcapngReader(buffer, capture) : null
}

/** Bytes that are there or come, and how many they are; null: nobody knows. */
export interface OpenedSource {
  readonly source: ByteSource
  readonly size: number | null
  /** packets that whoever captured says it dropped, where the capture itself does not say; null: nobody knows */
  readonly dropped?: () => number | null
  /** capture filter of whoever captured, where the form has no place for it; null: there was none */
  readonly filter?: string | null
}

/** Standard input as a stream, whatever it is. Throws a `CaptureError` where it is a terminal. */
export function standardInputStream(): Readable {
  if (process.stdin.isTTY) throw terminalError()
  return process.stdin
}

function terminalError(): CaptureError {
  return new CaptureError(
    'standard input: a terminal, expected a capture; pipe one in, as in tcpdump -U --immediate-mode -w - | ...',
  )
}

function standardInput(): OpenedSource {
  // `ntlmscope ... - < FILE`: read as a file, but from where the shell left it
  const stat = statOf(0)
  if (stat?.isFile() === true) return { source: new FileSource(new Descriptor(0, false), null, true), size: stat.size }
  if (isMainThread ? process.stdin.isTTY === true : isatty(0)) throw terminalError()
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

/** What stands at this path; throws a `CaptureError` where nothing can be seen. */
export async function stated(path: string): Promise<fs.Stats> {
  try {
    return await fs.promises.stat(path)
  } catch (error) {
    throw new CaptureError(openProblem(path, error as NodeJS.ErrnoException))
  }
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

function called(path: string): string {
  return path === STANDARD_INPUT ? 'standard input' : path
}

/** First bytes of zstd, LZ4, xz, and of a frame that is skipped in the former two. */
const PACKED = /^(?:28b52ffd|04224d18|fd377a58|5.2a4d18)/

function mayBePacked({ bytes, pos, end }: BlockBuffer): boolean {
  return PACKED.test(Buffer.from(bytes.subarray(pos, Math.min(pos + 4, end))).toString('hex'))
}

function notACapture(name: string, buffer: BlockBuffer, compression: string | null): CaptureError {
  const bytes = buffer.bytes.subarray(buffer.pos, Math.min(buffer.pos + HEAD_BYTES, buffer.end))
  const head = Buffer.from(bytes.subarray(0, 4)).toString('hex')
  const fault = buffer.source.fault
  const where = compression !== null ? 'offset 0 of the decompressed data' : 'offset 0'
  const foreign = foreignFile(name, bytes)
  if (head === '') {
    if (fault !== null) return new CaptureError(`${name}: ${where}: nothing can be read: ${fault}`, foreign)
    const what = compression !== null ? `${compression} of an empty file` : 'empty, 0 bytes'
    return new CaptureError(`${name}: ${what}; the capture was never written or not copied`, foreign)
  }
  const expected = compression !== null ? 'pcap or pcapng' : EXPECTED
  const found = head.replace(/..\B/g, '$& ')
  const hint = foreign.hint ?? 'no capture, or convert it with editcap -F pcapng'
  return new CaptureError(`${name}: ${where}: expected the magic of ${expected}, found ${found}; ${hint}`, foreign)
}
