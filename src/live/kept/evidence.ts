/**
 * The evidence: what was captured, in files of our own writing, and the same bytes for whoever reads them. What was
 * analysed is what was kept. A ring: of so many files the oldest goes.
 *
 * A file is a capture of its own: it is cut before a record, and begins with the header of the file, or with the
 * section and its interfaces. Frame numbers are those of the file.
 */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { CaptureSummary } from '../../capture/merge.ts'
import type { CaptureError } from '../../capture/open.ts'
import type { Coming, Succession } from '../../capture/succession.ts'
import { QueueSource } from '../sources.ts'
import { RecordCutter } from './cutter.ts'

export interface Ring {
  readonly folder: string
  /** in front of their numbers */
  readonly stem: string
  readonly fileBytes: number
  readonly filesMax: number
  /** packets that whoever captures says it dropped, at its end; null: it says nothing */
  readonly dropped?: () => number | null
  /** its capture filter; null: there is none */
  readonly filter?: string | null
}

/** A file of evidence that cannot be written: `message` is one line. */
export class EvidenceError extends Error {
  override name = 'EvidenceError'
}

export class EvidenceFiles implements Succession {
  readonly #ring: Ring
  readonly #cutter = new RecordCutter()
  readonly #paths: string[] = []
  readonly #coming: Coming[] = []
  #wake = () => {}
  #file: number | null = null
  #queue: QueueSource | null = null
  #bytes = 0
  #made = 0
  #isEnded = false
  /** packets of the present file: a header alone is not left behind for the next one */
  #hasRecords = false

  constructor(ring: Ring) {
    this.#ring = ring
  }

  /** Files that are there, the oldest first. */
  get paths(): readonly string[] {
    return this.#paths
  }

  get bytes(): number {
    return this.#bytes
  }

  /** More of the capture; resolves when there is room for more. Throws EvidenceError. */
  async put(bytes: Buffer): Promise<void> {
    this.#cutter.cut(bytes, (record, isHead) => this.#record(record, isHead))
    if (this.#cutter.form === 'other')
      throw new EvidenceError('-w: what comes is no plain pcap or pcapng: decompress it before, or leave -w out')
    await this.#queue?.room()
  }

  /** The capture is over; what is no whole record stands in the last file, as it came. Throws EvidenceError. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    try {
      if (this.#cutter.rest.length > 0 && this.#cutter.form !== 'other') this.#write(this.#cutter.rest)
    } finally {
      // whoever reads waits for it, whatever the disk says
      this.#close()
      this.#wake()
    }
  }

  async next(_before: CaptureSummary | null): Promise<Coming | null> {
    while (this.#coming.length === 0) {
      if (this.#isEnded) return null
      await new Promise<void>((done) => {
        this.#wake = done
      })
    }
    return this.#coming.shift()!
  }

  opened(): void {}

  dropped(): number | null {
    return this.#ring.dropped?.() ?? null
  }

  refused(_name: string, error: CaptureError): void {
    throw error
  }

  #record(record: Buffer, isHead: boolean): void {
    if (isHead) {
      // another section: its interfaces are others
      if (this.#file === null || !this.#hasRecords) this.#write(record)
      else if (this.#isSection(record)) {
        this.#close()
        this.#write(record)
      } else this.#write(record)
      return
    }
    const isFull = this.#hasRecords && this.#bytes + record.length > this.#ring.fileBytes && this.#cutter.isBetween
    if (isFull) {
      this.#close()
      this.#write(this.#cutter.head)
    }
    this.#write(record)
    this.#hasRecords = true
  }

  #isSection(record: Buffer): boolean {
    return record.readUInt32BE(0) === 0x0a0d0d0a
  }

  #write(bytes: Buffer): void {
    if (this.#file === null) this.#open()
    try {
      for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(this.#file!, rest))
    } catch (error) {
      throw problem(this.#paths.at(-1) ?? this.#ring.folder, error)
    }
    this.#bytes += bytes.length
    // read later, when whoever gave it may have used its memory for something else
    this.#queue!.put(Buffer.from(bytes))
  }

  #open(): void {
    const { folder, stem, filesMax } = this.#ring
    const number = String(++this.#made).padStart(5, '0')
    const path = join(folder, `${stem}-${number}.${this.#cutter.form === 'pcap' ? 'pcap' : 'pcapng'}`)
    try {
      this.#file = openSync(path, 'wx', 0o600)
    } catch (error) {
      throw problem(path, error)
    }
    this.#paths.push(path)
    while (this.#paths.length > filesMax) rmSync(this.#paths.shift()!, { force: true })
    this.#bytes = 0
    this.#hasRecords = false
    this.#queue = new QueueSource()
    // of several files nobody knows in which they are missing
    const dropped = () => (this.#made === 1 ? (this.#ring.dropped?.() ?? null) : null)
    this.#coming.push({ name: path, source: this.#queue, size: null, dropped, filter: this.#ring.filter ?? null })
    this.#wake()
  }

  #close(): void {
    this.#queue?.end()
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }
}

function problem(path: string, error: unknown): EvidenceError {
  const { code, message } = error as NodeJS.ErrnoException
  const words: Readonly<Record<string, string>> = {
    ENOSPC: 'no space left',
    EACCES: 'permission denied',
    ENOENT: 'no such folder',
    EEXIST: 'is there already',
  }
  return new EvidenceError(`${path}: evidence cannot be written: ${words[code ?? ''] ?? message} (${code ?? 'error'})`)
}
