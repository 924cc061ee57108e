/**
 * Event log files of Windows (.evtx; libevtx: "Windows XML Event Log (EVTX)"): header of 4096 bytes, then chunks of
 * 65,536. Reads a file chunk by chunk, so memory does not grow with it.
 *
 * The header is not believed: a file that was copied while Windows wrote has a dirty flag and a last chunk that the
 * header does not count. A chunk whose checksum is wrong is read all the same and counted; records that cannot be read
 * are counted and stepped over.
 */
import { crc32 } from 'node:zlib'
import { BinXml, type RawEvent } from './binxml.ts'
import { fileTimeMicros } from './windows-values.ts'

export const EVTX_SIGNATURE = 'ElfFile\0'
const CHUNK_SIGNATURE = 'ElfChnk\0'
const HEADER_BYTES = 4096
const CHUNK_BYTES = 65_536
const RECORDS_FROM = 512
/** signature, size, record id, FILETIME; then binary XML, and the size once more */
const RECORD_HEAD = 24
const RECORD_SIGNATURE = 0x2a2a

/** What was met in a file; nothing is lost without a count. */
export interface EvtxCounters {
  chunks: number
  /** chunks whose checksum is wrong, and chunks without a signature that are not empty */
  damagedChunks: number
  records: number
  damagedRecords: number
  /** records that were there and not wanted */
  skipped: number
}

export function newEvtxCounters(): EvtxCounters {
  return { chunks: 0, damagedChunks: 0, records: 0, damagedRecords: 0, skipped: 0 }
}

/** One file: give it the bytes in order, of any length. */
export class Evtx {
  readonly counters = newEvtxCounters()
  readonly #xml: BinXml
  readonly #event: (event: RawEvent) => void
  readonly #chunk = Buffer.alloc(CHUNK_BYTES)
  #filled = 0
  #toSkip = HEADER_BYTES

  /** Whoever is given an event may keep it. */
  constructor(wanted: (id: number) => boolean, event: (event: RawEvent) => void) {
    this.#xml = new BinXml(wanted)
    this.#event = event
  }

  write(bytes: Buffer): void {
    let at = Math.min(this.#toSkip, bytes.length)
    this.#toSkip -= at
    while (at < bytes.length) {
      if (this.#filled === 0 && bytes.length - at >= CHUNK_BYTES) {
        this.#read(bytes.subarray(at, at + CHUNK_BYTES))
        at += CHUNK_BYTES
        continue
      }
      const copied = bytes.copy(this.#chunk, this.#filled, at, at + CHUNK_BYTES - this.#filled)
      at += copied
      this.#filled += copied
      if (this.#filled < CHUNK_BYTES) continue
      this.#filled = 0
      this.#read(this.#chunk)
    }
  }

  /** The file has ended: a chunk that was cut is read as far as it goes. */
  end(): void {
    if (this.#filled > 0) this.#read(this.#chunk.subarray(0, this.#filled))
    this.#filled = 0
  }

  #read(chunk: Buffer): void {
    const { counters } = this
    if (chunk.length < RECORDS_FROM || chunk.toString('latin1', 0, 8) !== CHUNK_SIGNATURE) {
      // room that Windows has not used yet holds zeros
      if (chunk.some((byte) => byte !== 0)) {
        counters.chunks++
        counters.damagedChunks++
      }
      return
    }
    counters.chunks++
    const free = chunk.readUInt32LE(48)
    const isWhole = free >= RECORDS_FROM && free <= chunk.length
    const isSound = isWhole && chunk.length === CHUNK_BYTES && checksumsHold(chunk, free)
    if (!isSound) counters.damagedChunks++
    this.#xml.chunk(chunk)
    this.#records(chunk, isWhole ? free : chunk.length)
  }

  #records(chunk: Buffer, end: number): void {
    const { counters } = this
    let at = RECORDS_FROM
    while (at + RECORD_HEAD + 4 <= end) {
      const size = chunk.readUInt32LE(at + 4)
      if (chunk.readUInt32LE(at) !== RECORD_SIGNATURE || size < RECORD_HEAD + 4 || at + size > end) {
        const next = nextRecord(chunk, at + 1, end)
        // the rest is what an older, longer content left
        if (next >= 0 || !isEmpty(chunk, at, end)) counters.damagedRecords++
        if (next < 0) return
        at = next
        continue
      }
      const event = this.#xml.read(at + RECORD_HEAD, at + size - 4)
      counters.records++
      if (event === 'damaged') counters.damagedRecords++
      else if (event === 'skipped') counters.skipped++
      else this.#event(event.time === null || event.record === null ? completed(event, chunk, at) : event)
      at += size
    }
  }
}

/** Number and time of the record's own head, where the XML has none. */
function completed(event: RawEvent, chunk: Buffer, at: number): RawEvent {
  const record = event.record ?? Number(chunk.readBigUInt64LE(at + 8))
  return { ...event, record, time: event.time ?? fileTimeMicros(chunk.readBigUInt64LE(at + 16)) }
}

/** CRC-32 of the records, and of the head without the flags and itself. */
function checksumsHold(chunk: Buffer, free: number): boolean {
  if (crc32(chunk.subarray(RECORDS_FROM, free)) !== chunk.readUInt32LE(52)) return false
  return crc32(chunk.subarray(128, RECORDS_FROM), crc32(chunk.subarray(0, 120))) === chunk.readUInt32LE(124)
}

/** Records begin at multiples of 8 as a rule; a damaged one may have shifted them. */
function nextRecord(chunk: Buffer, from: number, end: number): number {
  const at = chunk.indexOf(SIGNATURE_BYTES, from)
  return at >= 0 && at + RECORD_HEAD + 4 <= end ? at : -1
}

function isEmpty(chunk: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (chunk[at] !== 0) return false
  return true
}

const SIGNATURE_BYTES = Buffer.from([0x2a, 0x2a, 0, 0])
