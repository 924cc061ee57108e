/**
 * Cuts the bytes of a capture that comes into its records (pcap) or blocks (pcapng), and knows what has to stand at the
 * beginning of a file for the records that follow: the file header, or the section and its interfaces. It looks at
 * lengths alone. Where these make no sense it cuts no more, and gives on what comes.
 */
import { isPcap } from '../../capture/pcap.ts'
import { SECTION_HEADER } from '../../capture/pcapng.ts'
import { LIMITS } from '../../memory/limits.ts'

const INTERFACE_DESCRIPTION = 1
/** keys: packets in later files need them as well */
const DECRYPTION_SECRETS = 10
/** 1a2b3c4d as it stands in a file of the other byte order, read little-endian */
const SWAPPED_SECTION = 0x4d3c2b1a
const PCAP_HEADER_BYTES = 24
const BLOCK_BYTES_MIN = 12
/** a section describes as many interfaces as a machine has */
const HEAD_BYTES_MAX = 4 << 20
/** magics of pcap whose record headers are longer or whose file header is: they are not cut */
const PLAIN_PCAP: ReadonlySet<number> = new Set([0xa1b2c3d4, 0xa1b23c4d, 0xd4c3b2a1, 0x4d3cb2a1])

export type CutForm = 'pcap' | 'pcapng' | 'other'

export class RecordCutter {
  /** null: nothing has come yet */
  form: CutForm | null = null
  #rest: Buffer = Buffer.alloc(0)
  #head: Buffer[] = []
  #isBig = false
  #isLost = false

  /** What a file has to begin with that goes on here. */
  get head(): Buffer {
    return Buffer.concat(this.#head)
  }

  /** Bytes that are no whole record yet. */
  get rest(): Buffer {
    return this.#rest
  }

  /** May a file end before what comes next? */
  get isBetween(): boolean {
    return !this.#isLost && this.form !== 'other' && this.form !== null
  }

  /**
   * Gives every record that is whole. `isHead`: it belongs to the beginning of a file, and is in `head` now; it may
   * begin another section.
   */
  cut(bytes: Buffer, give: (record: Buffer, isHead: boolean) => void): void {
    let all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    for (;;) {
      const length = this.#lengthOf(all)
      if (length === null || length > all.length) break
      const record = all.subarray(0, length)
      all = all.subarray(length)
      give(record, this.#isHead(record))
    }
    // a copy: what it was cut out of may be large
    this.#rest = Buffer.from(all)
  }

  /** null: more bytes are needed to tell */
  #lengthOf(bytes: Buffer): number | null {
    if (this.#isLost) return bytes.length === 0 ? null : bytes.length
    if (this.form === null) return this.#begin(bytes)
    return this.form === 'pcap' ? this.#recordLength(bytes) : this.#blockLength(bytes)
  }

  #begin(bytes: Buffer): number | null {
    if (bytes.length < 4) return null
    const magic = bytes.readUInt32BE(0)
    if (magic === SECTION_HEADER) {
      this.form = 'pcapng'
      return this.#blockLength(bytes)
    }
    if (!isPcap(magic) || !PLAIN_PCAP.has(magic)) {
      this.form = 'other'
      this.#isLost = true
      return bytes.length
    }
    if (bytes.length < PCAP_HEADER_BYTES) return null
    this.form = 'pcap'
    this.#isBig = magic === 0xa1b2c3d4 || magic === 0xa1b23c4d
    return PCAP_HEADER_BYTES
  }

  #recordLength(bytes: Buffer): number | null {
    if (bytes.length < 16) return null
    const captured = this.#isBig ? bytes.readUInt32BE(8) : bytes.readUInt32LE(8)
    return captured > LIMITS.recordBytesMax ? this.#lose(bytes) : 16 + captured
  }

  #blockLength(bytes: Buffer): number | null {
    if (bytes.length < BLOCK_BYTES_MIN) return null
    if (bytes.readUInt32BE(0) === SECTION_HEADER) this.#isBig = bytes.readUInt32LE(8) === SWAPPED_SECTION
    const length = this.#isBig ? bytes.readUInt32BE(4) : bytes.readUInt32LE(4)
    return length < BLOCK_BYTES_MIN || length > LIMITS.recordBytesMax || length % 4 !== 0 ? this.#lose(bytes) : length
  }

  #lose(bytes: Buffer): number {
    this.#isLost = true
    return bytes.length
  }

  #isHead(record: Buffer): boolean {
    if (this.form === 'pcap') {
      if (this.#head.length > 0) return false
    } else if (this.form === 'pcapng' && !this.#isLost) {
      const type = this.#isBig ? record.readUInt32BE(0) : record.readUInt32LE(0)
      if (type === SECTION_HEADER) this.#head = []
      else if (type !== INTERFACE_DESCRIPTION && type !== DECRYPTION_SECRETS) return false
      const held = this.#head.reduce((sum, { length }) => sum + length, 0)
      if (held + record.length > HEAD_BYTES_MAX) {
        this.#isLost = true
        return false
      }
    } else return false
    this.#head.push(Buffer.from(record))
    return true
  }
}
