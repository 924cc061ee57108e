/**
 * Gzip, RFC 1952: the decompressed bytes of one or more members as a `ByteSource`.
 *
 * The members are taken apart here and only the deflate data goes to zlib: so it is known where a member ends, zeros
 * behind the last one are padding and anything else is damage (gzip(1) warns of it), and a cut is told from a
 * corruption. A damaged member still gives what was decompressed before.
 */
import { crc32, createInflateRaw, type InflateRaw } from 'node:zlib'
import { LIMITS } from '../../memory/limits.ts'
import { BlockBuffer, type ByteSource } from '../source.ts'

/**
 * 0  ID1 = 1f   1  ID2 = 8b   2  CM = 8 (deflate)   3  FLG   4  MTIME (4)   8  XFL   9  OS
 * then, by FLG: FEXTRA: XLEN (2) and that many bytes; FNAME: text ending in 0; FCOMMENT: the same; FHCRC: CRC16 (2)
 */
const HEADER_BYTES = 10
const FHCRC = 2
const FEXTRA = 4
const FNAME = 8
const FCOMMENT = 16
/** after the deflate data: CRC32 (4), ISIZE (4) */
const TRAILER_BYTES = 8
/** names and comments longer than this are no names */
const TEXT_BYTES_MAX = 65_536

/**
 * Deflate grows data at most 1,032 times: the smallest slice makes 33 MiB at the very worst, the largest, which is for
 * what has hardly grown so far, 97. As a rule a slice makes as much as is read at a time.
 */
const SLICE_BYTES = 32_768
const SLICE_BYTES_MAX = 98_304
const OUTPUT_BYTES = 131_072
/** steps in which what is good before a corruption is looked for, each in what the one before could not give */
const RECOVERY_STEPS = [1024, 1]

export function isGzip(bytes: Uint8Array, pos: number, end: number): boolean {
  return end - pos >= 2 && bytes[pos] === 0x1f && bytes[pos + 1] === 0x8b
}

export class GzipSource implements ByteSource {
  fault: string | null = null
  readonly readNow = null
  readonly #input: BlockBuffer
  readonly #output: Uint8Array[] = []
  #over = false
  #members = 0
  #engine: Inflater | null = null
  /** of the member being read: where it and its deflate data begin, its decompressed size and checksum so far */
  #memberOffset = 0
  #dataOffset = 0
  #size = 0
  #checksum = 0
  /** compressed bytes that are given to zlib at a time */
  #slice = SLICE_BYTES

  constructor(input: BlockBuffer) {
    this.#input = input
  }

  get consumed(): number {
    return this.#input.offset
  }

  async read(target: Uint8Array, offset: number, length: number): Promise<number> {
    while (this.#output.length === 0) {
      if (this.#over) return 0
      if (this.#engine === null) await this.#header()
      else await this.#data(this.#engine)
    }
    let count = 0
    for (let chunk = this.#output[0]; chunk !== undefined && count < length; chunk = this.#output[0]) {
      const part = chunk.subarray(0, length - count)
      target.set(part, offset + count)
      count += part.length
      if (part.length === chunk.length) this.#output.shift()
      else this.#output[0] = chunk.subarray(part.length)
    }
    return count
  }

  again(): null {
    return null
  }

  async close(): Promise<void> {
    this.#over = true
    this.#engine?.close()
    await this.#input.close()
  }

  async #header(): Promise<void> {
    const input = this.#input
    if (this.#members > 0) await this.#skipZeros()
    this.#memberOffset = input.offset
    await input.fill(HEADER_BYTES)
    const { bytes, pos, end } = input
    const deflate = isGzip(bytes, pos, end) && (end - pos < 3 || bytes[pos + 2] === 8)
    if (this.#members > 0 && !deflate) {
      const isOver = pos >= end
      this.#over = true
      this.fault = input.source.fault ?? (isOver ? null : `gzip: something else follows at offset ${input.offset}`)
      return
    }
    if (!deflate) return this.#fail(`compression method ${bytes[pos + 2] ?? 'missing'}, expected 8 (deflate)`)
    if (!(await this.#skipHeader())) return this.#cut('header')
    this.#dataOffset = input.offset
    this.#size = 0
    this.#checksum = 0
    this.#engine = new Inflater()
  }

  async #skipZeros(): Promise<void> {
    const input = this.#input
    do {
      while (input.pos < input.end && input.bytes[input.pos] === 0) input.pos++
    } while (input.pos >= input.end && (await available(input, 1)))
  }

  /** false: cut */
  async #skipHeader(): Promise<boolean> {
    const input = this.#input
    if (!(await input.fill(HEADER_BYTES))) return false
    const flags = input.bytes[input.pos + 3]!
    input.pos += HEADER_BYTES
    if ((flags & FEXTRA) !== 0) {
      if (!(await available(input, 2))) return false
      const length = 2 + (input.bytes[input.pos]! | (input.bytes[input.pos + 1]! << 8))
      if (!(await available(input, length))) return false
      input.pos += length
    }
    if ((flags & FNAME) !== 0 && !(await this.#skipText())) return false
    if ((flags & FCOMMENT) !== 0 && !(await this.#skipText())) return false
    if ((flags & FHCRC) !== 0) {
      if (!(await available(input, 2))) return false
      input.pos += 2
    }
    return true
  }

  async #skipText(): Promise<boolean> {
    const input = this.#input
    for (let length = 0; length < TEXT_BYTES_MAX; length++) {
      if (!(await available(input, 1))) return false
      if (input.bytes[input.pos++] === 0) return true
    }
    return false
  }

  /** One slice of deflate data. */
  async #data(engine: Inflater): Promise<void> {
    const input = this.#input
    const some = await available(input, 1)
    const offset = input.offset
    if (!some) await engine.finish()
    else {
      const slice = input.bytes.subarray(input.pos, Math.min(input.pos + this.#slice, input.end))
      const { length } = slice
      const before = this.#size
      input.pos += await engine.feed(slice)
      this.#take(engine, 0)
      const fits = Math.floor((length * LIMITS.readBytes) / Math.max(this.#size - before, 1))
      this.#slice = Math.min(Math.max(fits, SLICE_BYTES), SLICE_BYTES_MAX)
    }
    this.#take(engine, 0)
    if (engine.state === 'more') return
    if (engine.state === 'done') return this.#trailer()
    if (!some) return this.#cut('data')
    await this.#recover(offset)
    this.#fail(`corrupt near offset ${offset} of the compressed data (${engine.reason})`)
  }

  /** Moves output of `engine` to the queue, all but the first `skip` bytes; gives what is left to skip. */
  #take(engine: Inflater, skip: number): number {
    for (const chunk of engine.output) {
      const fresh = skip > 0 ? chunk.subarray(Math.min(skip, chunk.length)) : chunk
      skip -= chunk.length - fresh.length
      if (fresh.length === 0) continue
      this.#checksum = crc32(fresh, this.#checksum)
      this.#size += fresh.length
      this.#output.push(fresh)
    }
    engine.output.length = 0
    return skip
  }

  /**
   * Node gives nothing of the call in which zlib meets corrupt data, although much of it may be good. Where the file
   * can be read again, the member is decompressed once more, the last slice in small steps and then byte by byte, and
   * what the first run did not give is added.
   */
  async #recover(offset: number): Promise<void> {
    let good = offset - this.#dataOffset
    for (const step of RECOVERY_STEPS) {
      const source = this.#input.source.again(this.#dataOffset)
      if (source === null) return
      const input = new BlockBuffer(source, SLICE_BYTES)
      const engine = new Inflater()
      let skip = this.#size
      let fed = 0
      while (engine.state === 'more' && (await available(input, 1))) {
        const length = Math.min(fed < good ? good - fed : step, input.end - input.pos)
        await engine.feed(input.bytes.subarray(input.pos, input.pos + length))
        input.pos += length
        skip = this.#take(engine, skip)
        if (engine.state === 'more') fed += length
      }
      good = fed
      engine.close()
    }
  }

  async #trailer(): Promise<void> {
    const input = this.#input
    if (!(await available(input, TRAILER_BYTES))) return this.#cut('trailer')
    const checksum = u32(input.bytes, input.pos)
    const size = u32(input.bytes, input.pos + 4)
    if (checksum !== this.#checksum) return this.#fail(`checksum ${hex(this.#checksum)}, expected ${hex(checksum)}`)
    if (size !== this.#size % 2 ** 32) return this.#fail(`${this.#size % 2 ** 32} bytes decompressed, expected ${size}`)
    input.pos += TRAILER_BYTES
    this.#members++
    this.#engine?.close()
    this.#engine = null
  }

  #cut(part: string): void {
    this.#fail(this.#input.source.fault ?? `cut in the ${part}`)
  }

  #fail(reason: string): void {
    this.fault = `gzip member at offset ${this.#memberOffset}: ${reason}`
    this.#over = true
    this.#engine?.close()
    this.#engine = null
  }
}

/** Raw deflate data, a slice at a time. */
class Inflater {
  state: 'more' | 'done' | 'failed' = 'more'
  reason = ''
  /** what has been decompressed and not been taken */
  readonly output: Uint8Array[] = []
  readonly #stream: InflateRaw
  #settle: () => void = () => {}

  constructor() {
    this.#stream = createInflateRaw({ chunkSize: OUTPUT_BYTES })
    // zlib waits until its output is taken, so it is taken at once: the slice bounds it
    this.#stream.on('readable', () => this.#drain())
    this.#stream.on('end', () => {
      this.state = 'done'
      this.#settle()
    })
    this.#stream.on('close', () => this.#settle())
    this.#stream.on('error', (error) => {
      this.state = 'failed'
      this.reason = error.message
      this.#settle()
    })
  }

  /** Gives how many bytes of `slice` belonged to the data: fewer than all at its end. */
  async feed(slice: Uint8Array): Promise<number> {
    const before = this.#stream.bytesWritten
    await new Promise<void>((resolve) => {
      this.#settle = resolve
      this.#stream.write(slice, () => resolve())
    })
    this.#drain()
    const used = this.#stream.bytesWritten - before
    if (this.state === 'more' && used < slice.length) this.state = 'done'
    return this.state === 'failed' ? slice.length : used
  }

  /** No more bytes: 'done' if the data were complete, else 'failed'. */
  async finish(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#settle = resolve
      this.#stream.end()
    })
    this.#drain()
  }

  close(): void {
    this.#stream.destroy()
  }

  #drain(): void {
    for (let chunk = this.#stream.read(); chunk !== null; chunk = this.#stream.read()) this.output.push(chunk)
  }
}

function available(input: BlockBuffer, wanted: number): boolean | Promise<boolean> {
  return input.end - input.pos >= wanted || input.fill(wanted)
}

function u32(bytes: Uint8Array, pos: number): number {
  return (bytes[pos]! | (bytes[pos + 1]! << 8) | (bytes[pos + 2]! << 16) | (bytes[pos + 3]! << 24)) >>> 0
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0')
}
