/**
 * Classic pcap, draft-ietf-opsawg-pcap: the records of a file as packets.
 *
 * Also reads nanosecond files, those of Ixia and of Nokia IPSO, the "modified" form with longer record headers
 * (Kuznetzov, AVM routers) and files of versions before 2.4, whose two lengths stand the other way round. Does not look
 * into packets and keeps none; the packet's bytes are borrowed from the buffer.
 */
import { LIMITS } from '../memory/limits.ts'
import { type Damage, type FastPath, Packet, type PacketReader, type RecordForm, type Records } from './packet.ts'
import type { Secret } from './pcapng.ts'
import type { BlockBuffer } from './source.ts'

/** The Magic as it stands in the file, read big-endian. */
const MICROSECONDS = 0xa1b2c3d4
const NANOSECONDS = 0xa1b23c4d
const MODIFIED = 0xa1b2cd34
const MICROSECONDS_SWAPPED = 0xd4c3b2a1
const NANOSECONDS_SWAPPED = 0x4d3cb2a1
const MODIFIED_SWAPPED = 0x34cdb2a1
/** of Ixia, hardware and software: the file header ends with the bytes of all records (4) */
const IXIA = [0x1c0001ac, 0x1c0001ab]
const IXIA_SWAPPED = [0xac01001c, 0xab01001c]
const IXIA_FILE_HEADER_BYTES = 28

const FILE_HEADER_BYTES = 24
const RECORD_HEADER_BYTES = 16
/** the modified form adds: ifindex (4), protocol (2), pkt_type (1), padding (1) */
const MODIFIED_RECORD_HEADER_BYTES = 24
/** Nokia IPSO adds 4 bytes, and says so nowhere */
const NOKIA_RECORD_HEADER_BYTES = 20
/** records that are looked at to tell that form */
const RECORDS_TRIED = 8
/** of 1990: older than every such capture, and no number of microseconds */
const SECONDS_MIN = 631_152_000
/**
 * Programs write snap lengths that are too small, or 0: a packet up to the largest usual one is read whatever they say.
 */
const USUAL_SNAPLEN_MAX = 262_144

export function isPcap(magic: number): boolean {
  return (
    isSwapped(magic) || magic === MICROSECONDS || magic === NANOSECONDS || magic === MODIFIED || IXIA.includes(magic)
  )
}

export class PcapReader implements PacketReader, Records {
  readonly packet = new Packet()
  readonly format = 'pcap'
  damage: Damage | null = null
  linkTypes: readonly number[] = []
  snapLength: number | null = null
  readonly secrets: readonly Secret[] = []
  /** the format says nothing of drops */
  readonly drops = null
  readonly form: RecordForm = {
    format: 'pcap',
    version: 0,
    bigEndian: false,
    headerBytes: RECORD_HEADER_BYTES,
    unitsPerMicrosecond: 1,
    capturedMax: USUAL_SNAPLEN_MAX,
    linkType: 0,
    interfaces: [],
  }
  readonly #buffer: BlockBuffer
  /** what is known of the next packet's signatures */
  #marked: boolean | null = null
  #bigEndian = false
  #recordHeaderBytes = RECORD_HEADER_BYTES
  /** units of the second timestamp field in a microsecond */
  #unitsPerMicrosecond = 1
  #capturedMax = USUAL_SNAPLEN_MAX
  /** minor version below 4: the lengths stand the other way round, always (2) or where that makes more sense (1) */
  #lengthsSwapped = 0
  #wanted = 0

  private constructor(buffer: BlockBuffer, capture: number) {
    this.#buffer = buffer
    this.packet.capture = capture
  }

  /** `buffer` stands at the beginning of a capture for which `isPcap` is true. */
  static async open(buffer: BlockBuffer, capture: number): Promise<PcapReader> {
    const reader = new PcapReader(buffer, capture)
    const isIxia = IXIA.concat(IXIA_SWAPPED).includes(u32(buffer.bytes, buffer.pos, true))
    if (await buffer.fill(isIxia ? IXIA_FILE_HEADER_BYTES : FILE_HEADER_BYTES)) reader.#fileHeader(isIxia)
    else reader.#cut('file header', FILE_HEADER_BYTES)
    return reader
  }

  get bytesRead(): number {
    return this.#buffer.source.consumed
  }

  /**
   * 0  Timestamp seconds   4  Timestamp micro- or nanoseconds   8  Captured Packet Length   12  Original Packet Length
   * 16  Packet Data
   */
  next(): 'packet' | 'starved' | 'end' {
    const buffer = this.#buffer
    const bytes = buffer.bytes
    const pos = buffer.pos
    const room = buffer.end - pos
    const header = this.#recordHeaderBytes
    if (room < header) return this.#short(header)
    const big = this.#bigEndian
    let captured = u32(bytes, pos + 8, big)
    let original = u32(bytes, pos + 12, big)
    if (this.#lengthsSwapped !== 0 && (this.#lengthsSwapped === 2 || captured > original)) {
      const swap = captured
      captured = original
      original = swap
    }
    if (captured > this.#capturedMax) return this.#tooLong(captured)
    if (captured === 0 && original === 0 && u32(bytes, pos, big) === 0 && u32(bytes, pos + 4, big) === 0) {
      return this.#zeros()
    }
    if (room < header + captured) return this.#short(header + captured)
    const packet = this.packet
    packet.bytes = bytes
    packet.start = pos + header
    packet.block = buffer.block
    packet.blockEnd = buffer.end
    packet.captured = captured
    packet.original = Math.max(original, captured)
    // whole quarters, as in pcapng
    packet.time =
      u32(bytes, pos, big) * 1e6 + Math.floor((u32(bytes, pos + 4, big) * 4) / this.#unitsPerMicrosecond) / 4
    packet.frame++
    packet.marked = this.#marked
    this.#marked = null
    buffer.pos = pos + header + captured
    return 'packet'
  }

  get bytes(): Uint8Array {
    return this.#buffer.bytes
  }

  get pos(): number {
    return this.#buffer.pos
  }

  get end(): number {
    return this.#buffer.end
  }

  get capture(): number {
    return this.packet.capture
  }

  get frame(): number {
    return this.packet.frame
  }

  /** Lets `fast` pass over packets before `next` is asked: see `FastPath`. True if it did. */
  pass(fast: FastPath, limit: number, isClosed: boolean): boolean {
    const buffer = this.#buffer
    if (this.#lengthsSwapped !== 0 || !fast.holds(buffer.bytes)) return false
    buffer.pos = fast.pass(this, limit, isClosed)
    this.packet.frame += fast.packets
    this.#marked = fast.marked
    return fast.packets > 0
  }

  fill(): Promise<unknown> | null {
    const filling = this.#buffer.fill(this.#wanted)
    return typeof filling === 'boolean' ? null : filling
  }

  close(): Promise<void> {
    return this.#buffer.close()
  }

  /**
   * 0  Magic   4  Major Version (2)   6  Minor Version (2)   8  Reserved1   12  Reserved2   16  SnapLen   20  FCS, f,
   * 0, LinkType
   */
  #fileHeader(isIxia: boolean): void {
    const buffer = this.#buffer
    const { bytes, pos } = buffer
    const magic = u32(bytes, pos, true)
    const big = !isSwapped(magic)
    this.#bigEndian = big
    if (magic === NANOSECONDS || magic === NANOSECONDS_SWAPPED) this.#unitsPerMicrosecond = 1000
    if (magic === MODIFIED || magic === MODIFIED_SWAPPED) this.#recordHeaderBytes = MODIFIED_RECORD_HEADER_BYTES
    const version = u32(bytes, pos + 4, big)
    const major = big ? version >>> 16 : version & 0xffff
    const minor = big ? version & 0xffff : version >>> 16
    if (major === 2 && minor < 4) this.#lengthsSwapped = minor < 3 ? 2 : 1
    const snapLength = u32(bytes, pos + 16, big)
    this.snapLength = snapLength === 0 ? null : snapLength
    this.#capturedMax = Math.min(LIMITS.recordBytesMax, Math.max(USUAL_SNAPLEN_MAX, snapLength))
    // the upper half tells the length of the frame check sequence
    const linkType = u32(bytes, pos + 20, big) & 0xffff
    this.linkTypes = [linkType]
    this.packet.linkType = linkType
    buffer.pos += isIxia ? IXIA_FILE_HEADER_BYTES : FILE_HEADER_BYTES
    const isPlain = magic === MICROSECONDS || magic === MICROSECONDS_SWAPPED
    if (isPlain && this.#isNokia()) this.#recordHeaderBytes = NOKIA_RECORD_HEADER_BYTES
    const { form } = this
    form.bigEndian = big
    form.headerBytes = this.#recordHeaderBytes
    form.unitsPerMicrosecond = this.#unitsPerMicrosecond
    form.capturedMax = this.#capturedMax
    form.linkType = linkType
    form.version++
  }

  /** The first records, as far as they are there, make no sense as usual ones and do with longer headers. */
  #isNokia(): boolean {
    return this.#records(RECORD_HEADER_BYTES) === 'no' && this.#records(NOKIA_RECORD_HEADER_BYTES) === 'yes'
  }

  /** Do several records with headers of so many bytes follow each other? 'few': too little is there to say so. */
  #records(headerBytes: number): 'yes' | 'no' | 'few' {
    const { bytes, pos, end, ended } = this.#buffer
    const big = this.#bigEndian
    let at = pos
    for (let records = 0; records < RECORDS_TRIED; records++) {
      if (at + headerBytes > end) return ended && at !== end ? 'no' : records < 2 ? 'few' : 'yes'
      const seconds = u32(bytes, at, big)
      const captured = u32(bytes, at + 8, big)
      const makesSense =
        u32(bytes, at + 4, big) < 1e6 &&
        captured <= this.#capturedMax &&
        captured <= u32(bytes, at + 12, big) &&
        // what is no usual form has to look right in all: lengths alone do by chance
        (headerBytes === RECORD_HEADER_BYTES || (seconds > SECONDS_MIN && captured > 0))
      if (!makesSense) return 'no'
      at += headerBytes + captured
    }
    return 'yes'
  }

  /** The rest of a file that was given its length and not its bytes: a full disk, a machine that was switched off. */
  #zeros(): 'end' {
    this.#stop(`expected a record for frame ${this.packet.frame + 1}, found zeros: the file was not written to its end`)
    return 'end'
  }

  #short(wanted: number): 'starved' | 'end' {
    const buffer = this.#buffer
    if (!buffer.ended) {
      this.#wanted = wanted
      return 'starved'
    }
    const fault = buffer.source.fault
    if (buffer.end > buffer.pos) this.#cut(`record of frame ${this.packet.frame + 1}`, wanted)
    else if (fault !== null && this.damage === null) this.#stop(fault)
    return 'end'
  }

  #cut(what: string, wanted: number): void {
    const buffer = this.#buffer
    const found = buffer.end - buffer.pos
    const fault = buffer.source.fault
    const cut = `expected ${wanted} bytes of the ${what}, found ${found}: ${wanted - found} missing`
    this.#stop(fault === null ? cut : `${cut}; ${fault}`)
  }

  #tooLong(captured: number): 'end' {
    const frame = this.packet.frame + 1
    this.#stop(`expected a captured length of at most ${this.#capturedMax} for frame ${frame}, found ${captured}`)
    return 'end'
  }

  #stop(reason: string): void {
    this.damage = { offset: this.#buffer.offset, frame: this.packet.frame, reason }
    this.#buffer.stop()
  }
}

function isSwapped(magic: number): boolean {
  return (
    magic === MICROSECONDS_SWAPPED ||
    magic === NANOSECONDS_SWAPPED ||
    magic === MODIFIED_SWAPPED ||
    IXIA_SWAPPED.includes(magic)
  )
}

/** Straight from the bytes: a DataView would be one more object for every buffer, and is no faster. */
function u32(bytes: Uint8Array, pos: number, big: boolean): number {
  return big
    ? ((bytes[pos]! << 24) | (bytes[pos + 1]! << 16) | (bytes[pos + 2]! << 8) | bytes[pos + 3]!) >>> 0
    : (bytes[pos]! | (bytes[pos + 1]! << 8) | (bytes[pos + 2]! << 16) | (bytes[pos + 3]! << 24)) >>> 0
}
