/**
 * Captures in zstd (RFC 8878), LZ4 (frame format 1.6) and xz (file format 1.1): the decompressed bytes as a
 * `ByteSource`, a block at a time.
 *
 * The frames of zstd and LZ4 are taken apart here, so that a cut is told from a corruption, memory is known before it
 * is asked for, and frames that follow each other are all read. fzstd decodes the blocks of zstd, xz-decompress the
 * streams of xz. Checksums of zstd and LZ4 contents are not compared. gzip is in gzip.ts. Loaded when a capture is
 * compressed so.
 */
import { createRequire } from 'node:module'
import { LIMITS } from '../../memory/limits.ts'
import type { BlockBuffer, ByteSource } from '../source.ts'

export type Compression = 'zstd' | 'lz4' | 'xz'

/** Gives decompressed pieces; what it returns is why they ended early, null: they did not. */
type Pieces = AsyncGenerator<Uint8Array, string | null>

const DECOMPRESSORS: Readonly<Record<Compression, (input: BlockBuffer) => Pieces>> = { zstd, lz4, xz }

export class DecompressedSource implements ByteSource {
  fault: string | null = null
  readonly readNow = null
  readonly #input: BlockBuffer
  readonly #name: Compression
  readonly #pieces: Pieces
  #piece: Uint8Array = NOTHING
  #isOver = false

  constructor(input: BlockBuffer, compression: Compression) {
    this.#input = input
    this.#name = compression
    this.#pieces = DECOMPRESSORS[compression](input)
  }

  get consumed(): number {
    return this.#input.offset
  }

  async read(target: Uint8Array, offset: number, length: number): Promise<number> {
    while (this.#piece.length === 0) {
      if (this.#isOver) return 0
      await this.#next()
    }
    const count = Math.min(length, this.#piece.length)
    target.set(this.#piece.subarray(0, count), offset)
    this.#piece = this.#piece.subarray(count)
    return count
  }

  async #next(): Promise<void> {
    const offset = this.#input.offset
    try {
      const { done, value } = await this.#pieces.next()
      if (done !== true) this.#piece = value
      else this.#end(value ?? this.#input.source.fault)
    } catch (error) {
      // the packages throw at what is corrupt
      this.#end(`corrupt near offset ${offset} of the compressed data (${(error as Error).message})`)
    }
  }

  #end(reason: string | null): void {
    this.#isOver = true
    if (reason !== null) this.fault = `${this.#name}: ${reason}`
  }

  again(): null {
    return null
  }

  async close(): Promise<void> {
    this.#isOver = true
    this.#piece = NOTHING
    await this.#pieces.return(null).catch(() => {})
    await this.#input.close()
  }
}

/** 0x184D2A50 to 5F, both in zstd and LZ4: size (4), content of somebody else. */
async function isSkipped(input: BlockBuffer): Promise<boolean> {
  const { bytes, pos } = input
  if ((bytes[pos]! & 0xf0) !== 0x50 || u32(bytes, pos) >>> 8 !== 0x184d2a) return false
  await input.fill(8)
  let left = 8 + u32(input.bytes, input.pos + 4)
  while (left > 0 && (await available(input, 1))) {
    const count = Math.min(left, input.end - input.pos)
    input.pos += count
    left -= count
  }
  return true
}

/*
 * Frame
 *   0  magic 28 b5 2f fd
 *   4  descriptor: content size 2 bits, single segment 0x20, checksum 0x04, dictionary 2 bits
 *   5  window descriptor (1) but in a single segment: exponent 5 bits, mantissa 3;
 *       dictionary (0, 1, 2, 4), content size (0, 1, 2, 4, 8)
 *      blocks: last 1 bit, type 2 (raw, run, compressed), size 21; a run has one byte. Then the checksum (4)
 */
async function* zstd(input: BlockBuffer): Pieces {
  const { Decompress } = await import('fzstd')
  for (let frames = 0; ; frames++) {
    if (!(await available(input, 4))) return input.end === input.pos && frames > 0 ? null : cut(input, 'frame header')
    if (await isSkipped(input)) continue
    if (u32(input.bytes, input.pos) !== 0xfd2fb528) return frames > 0 ? followed(input) : 'no frame'
    if (!(await available(input, 6))) return cut(input, 'frame header')
    const descriptor = input.bytes[input.pos + 4]!
    const isSingle = (descriptor & 0x20) !== 0
    const sizeFlag = descriptor >>> 6
    const dictionary = [0, 1, 2, 4][descriptor & 3]!
    const sizeBytes = sizeFlag === 0 ? (isSingle ? 1 : 0) : 1 << sizeFlag
    const length = 5 + (isSingle ? 0 : 1) + dictionary + sizeBytes
    if (!(await available(input, length))) return cut(input, 'frame header')
    const header = input.bytes.slice(input.pos, input.pos + length)
    const window = isSingle
      ? little(header, length - sizeBytes, sizeBytes) + (sizeFlag === 1 ? 256 : 0)
      : windowOf(header[5]!)
    if (window > LIMITS.zstdWindowMax) {
      return `a window of ${Math.ceil(window / 2 ** 20)} MiB, at most ${LIMITS.zstdWindowMax >> 20} are read; decompress it first (zstd -dc --long=31 FILE | ntlmscope ... -)`
    }
    input.pos += length
    const pieces: Uint8Array[] = []
    const decoder = new Decompress((piece) => pieces.push(piece))
    let moved = 0
    let given = 0
    for (let before = header, isLast = false; !isLast; before = NOTHING) {
      if (!(await available(input, 3))) return cut(input, 'block header')
      const block = little(input.bytes, input.pos, 3)
      isLast = (block & 1) !== 0
      const size = (block & 6) === 2 ? 1 : block >>> 3
      if (size > BLOCK_BYTES_MAX)
        return `corrupt near offset ${input.offset} of the compressed data (block of ${size} bytes)`
      const whole = 3 + size + (isLast && (descriptor & 4) !== 0 ? 4 : 0)
      if (!(await available(input, whole))) return cut(input, 'block')
      const part = new Uint8Array(before.length + whole)
      part.set(before)
      part.set(input.bytes.subarray(input.pos, input.pos + whole), before.length)
      decoder.push(part, isLast)
      input.pos += whole
      // each block moves the whole window in the decoder: blocks of a few bytes in a large one are no capture that
      // anybody wrote
      moved += window
      for (const piece of pieces.splice(0)) {
        given += piece.length
        if (piece.length > 0) yield piece
      }
      if (moved > MOVED_MIN + given * MOVED_PER_BYTE)
        return 'blocks too small for their window; decompress it first (zstd -dc FILE | ntlmscope ... -)'
    }
  }
}

const BLOCK_BYTES_MAX = 131_072
const MOVED_MIN = 2 ** 32
const MOVED_PER_BYTE = 2048

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3))
  return base + (base / 8) * (descriptor & 7)
}

/*
 * Frame
 *   0  magic 04 22 4d 18
 *   4  FLG: version 2 bits (1), independent blocks 0x20, block checksums 0x10, content size 0x08,
 *       content checksum 0x04, dictionary 0x01
 *   5  BD: 0x70 is the size of a block: 4 for 64 KiB, 5 for 256 KiB, 6 for 1 MiB, 7 for 4 MiB
 *      content size (8), dictionary (4), header checksum (1)
 *      blocks: size (4), the highest bit says that it is not compressed; 0 is the end
 */
async function* lz4(input: BlockBuffer): Pieces {
  for (let frames = 0; ; frames++) {
    if (!(await available(input, 4))) return input.end === input.pos && frames > 0 ? null : cut(input, 'frame header')
    if (await isSkipped(input)) continue
    if (u32(input.bytes, input.pos) !== 0x184d2204) return frames > 0 ? followed(input) : 'no frame'
    if (!(await available(input, 7))) return cut(input, 'frame header')
    const flags = input.bytes[input.pos + 4]!
    const sizeCode = (input.bytes[input.pos + 5]! >>> 4) & 7
    if (flags >>> 6 !== 1 || sizeCode < 4) return `a frame of version ${flags >>> 6} with blocks of code ${sizeCode}`
    if ((flags & 1) !== 0) return 'a frame with a dictionary of its own'
    const length = 7 + ((flags & 8) !== 0 ? 8 : 0)
    if (!(await available(input, length))) return cut(input, 'frame header')
    input.pos += length
    const blockMax = 1 << (8 + 2 * sizeCode)
    const output = new Uint8Array(HISTORY_BYTES + blockMax)
    let history = 0
    for (;;) {
      if (!(await available(input, 4))) return cut(input, 'block header')
      const word = u32(input.bytes, input.pos)
      input.pos += 4
      if (word === 0) break
      const size = word & 0x7fffffff
      const offset = input.offset
      const corrupt = `corrupt near offset ${offset} of the compressed data (block of ${size} bytes)`
      if (size > blockMax) return corrupt
      if (!(await available(input, size))) return cut(input, 'block')
      const block = input.bytes.subarray(input.pos, input.pos + size)
      input.pos += size
      let end = history + size
      if (word >>> 31 === 1) output.set(block, history)
      else end = lz4Block(block, output, history, history + blockMax)
      if (end < 0) return corrupt
      if ((flags & 0x10) !== 0) {
        if (!(await available(input, 4))) return cut(input, 'block checksum')
        input.pos += 4
      }
      yield output.slice(history, end)
      // matches reach back 64 KiB, into blocks before where these are not independent
      const kept = (flags & 0x20) !== 0 ? 0 : Math.min(end, HISTORY_BYTES)
      output.copyWithin(0, end - kept, end)
      history = kept
    }
    if ((flags & 4) !== 0) {
      if (!(await available(input, 4))) return cut(input, 'content checksum')
      input.pos += 4
    }
  }
}

const HISTORY_BYTES = 65_536

/*
 * Sequences: token (1): literals 4 bits, match 4 bits; 15 is continued by bytes that are added, up to one that is not
 * 255
 *   literals; offset (2), back from here; a match is 4 bytes longer than it says. The last sequence ends with its
 *       literals.
 * Gives the end of what was written, -1: corrupt.
 */
function lz4Block(block: Uint8Array, output: Uint8Array, start: number, limit: number): number {
  const end = block.length
  let from = 0
  let to = start
  while (from < end) {
    const token = block[from++]!
    let literals = token >>> 4
    if (literals === 15) {
      let more = 255
      while (more === 255) {
        if (from >= end) return -1
        more = block[from++]!
        literals += more
      }
    }
    if (from + literals > end || to + literals > limit) return -1
    output.set(block.subarray(from, from + literals), to)
    from += literals
    to += literals
    if (from === end) return to
    if (from + 2 > end) return -1
    const back = block[from]! | (block[from + 1]! << 8)
    from += 2
    let match = (token & 15) + 4
    if (match === 19) {
      let more = 255
      while (more === 255) {
        if (from >= end) return -1
        more = block[from++]!
        match += more
      }
    }
    if (back === 0 || back > to || to + match > limit) return -1
    if (back >= match) output.copyWithin(to, to - back, to - back + match)
    else for (let at = 0; at < match; at++) output[to + at] = output[to - back + at]!
    to += match
  }
  return to
}

/**
 * A stream after the other. The package says that a stream has ended and not where: in what it was given last, the next
 * one begins with its magic, or nothing does. Its state is one for all streams, so captures that are open at a time
 * have a copy of it each.
 */
async function* xz(input: BlockBuffer): Pieces {
  const xz = freshXz()
  try {
    return yield* xzStreams(input, xz)
  } finally {
    keepXz(xz)
  }
}

async function* xzStreams(input: BlockBuffer, { XzReadableStream }: Xz): Pieces {
  for (let streams = 0; ; streams++) {
    // zeros between streams are padding
    while ((await available(input, 1)) && streams > 0 && input.bytes[input.pos] === 0) input.pos++
    if (!(await available(input, 6))) return input.end === input.pos && streams > 0 ? null : cut(input, 'stream header')
    if (!isXz(input.bytes, input.pos)) return streams > 0 ? followed(input) : 'no stream'
    let last: Uint8Array = NOTHING
    let slices = 0
    let isEnded = false
    const compressed = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          if (!(await available(input, 1))) {
            isEnded = true
            return controller.close()
          }
          last = input.bytes.slice(input.pos, Math.min(input.pos + XZ_SLICE_BYTES, input.end))
          input.pos += last.length
          slices++
          controller.enqueue(last)
        },
      },
      { highWaterMark: 0 },
    )
    const reader = new XzReadableStream(compressed).getReader()
    let isDone = false
    try {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        if (value.length > 0) yield value
      }
      isDone = true
    } catch (error) {
      const code = Number(/\d+$/.exec((error as Error).message)?.[0])
      if (code === XZ_MEMLIMIT || code === XZ_MEM) return `a dictionary that is too large; ${XZ_FIRST}`
      if (code === XZ_OPTIONS) return `a filter or check that is not read; ${XZ_FIRST}`
      if (isEnded) return cut(input, 'stream')
      throw error
    } finally {
      if (!isDone) await reader.cancel().catch(() => {})
    }
    const end = nextXz(last, slices === 1 ? XZ_MAGIC.length : 0)
    input.pos -= last.length - end
  }
}

/** xz.h of XZ Embedded */
const XZ_MEM = 3
const XZ_MEMLIMIT = 4
const XZ_OPTIONS = 6
const XZ_FIRST = 'decompress it first (xz -dc FILE | ntlmscope ... -)'
const XZ_SLICE_BYTES = 16_384

/**
 * Where the next stream begins in the bytes that were given last, its magic perhaps only in part; behind them where
 * none does.
 */
function nextXz(last: Uint8Array, from: number): number {
  for (let at = from; at < last.length; at++) {
    if (XZ_MAGIC.every((byte, index) => at + index >= last.length || last[at + index] === byte)) return at
  }
  return last.length
}

function isXz(bytes: Uint8Array, pos: number): boolean {
  return XZ_MAGIC.every((byte, at) => bytes[pos + at] === byte)
}

/** Which of them begins at `pos`; null: none. Frames that are to be skipped may stand first, as pzstd writes them. */
export function compressionOf(bytes: Uint8Array, pos: number, end: number): Compression | null {
  let at = pos
  while (at + 8 <= end && (bytes[at]! & 0xf0) === 0x50 && u32(bytes, at) >>> 8 === 0x184d2a)
    at += 8 + u32(bytes, at + 4)
  if (at + 4 > end) return null
  const magic = u32(bytes, at)
  if (magic === 0xfd2fb528) return 'zstd'
  if (magic === 0x184d2204) return 'lz4'
  return magic === 0x587a37fd ? 'xz' : null
}

const XZ_MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]

type Xz = typeof import('xz-decompress')

/** Copies of the package that nobody uses now; so many are kept. */
const idleXz: Xz[] = []
const IDLE_XZ_MAX = 4

function freshXz(): Xz {
  const idle = idleXz.pop()
  if (idle !== undefined) return idle
  const require = createRequire(import.meta.url)
  delete require.cache[require.resolve('xz-decompress')]
  return require('xz-decompress') as Xz
}

function keepXz(xz: Xz): void {
  if (idleXz.length < IDLE_XZ_MAX) idleXz.push(xz)
}

function cut(input: BlockBuffer, part: string): string {
  return (
    input.source.fault ?? `cut in a ${part}, at offset ${input.offset + input.end - input.pos} of the compressed data`
  )
}

function followed(input: BlockBuffer): string {
  return `something else follows at offset ${input.offset} of the compressed data`
}

function available(input: BlockBuffer, wanted: number): boolean | Promise<boolean> {
  return input.end - input.pos >= wanted || input.fill(wanted)
}

function u32(bytes: Uint8Array, pos: number): number {
  return little(bytes, pos, 4)
}

/** At most 2^53 is told exactly: sizes beyond are too large anyhow. */
function little(bytes: Uint8Array, pos: number, length: number): number {
  let value = 0
  for (let at = length - 1; at >= 0; at--) value = value * 256 + bytes[pos + at]!
  return value
}

const NOTHING = new Uint8Array(0)
