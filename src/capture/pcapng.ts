/**
 * pcapng, draft-ietf-opsawg-pcapng: the packet blocks of a file as packets, over all its sections and interfaces.
 *
 * Reads SHB, IDB, EPB, SPB and the obsolete Packet Block, and what Interface Statistics Blocks and packets say of
 * drops; keeps the bytes of Decryption Secrets Blocks (they are keys: never print them); checks the length of every
 * other block and skips it. Frames are numbered as Wireshark does: EPB, SPB and PB count. Does not read other packet
 * options, or names. The packet's bytes are borrowed from the buffer.
 */
import { latin1, utf8Text } from '../../decoders/parts/text.ts'
import { LIMITS } from '../memory/limits.ts'
import { CaptureDrops, type InterfaceDrops } from './drops.ts'
import {
  type Damage,
  type FastPath,
  type InterfaceForm,
  Packet,
  type PacketReader,
  type RecordForm,
  type Records,
} from './packet.ts'
import type { BlockBuffer } from './source.ts'

/** Block Types. That of the Section Header Block reads the same in both byte orders. */
export const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE_DESCRIPTION = 1
const PACKET = 2
const SIMPLE_PACKET = 3
const INTERFACE_STATISTICS = 5
const ENHANCED_PACKET = 6
const DECRYPTION_SECRETS = 10

/** Byte-Order Magic 1a2b3c4d, read big-endian */
const BIG_ENDIAN = 0x1a2b3c4d
const LITTLE_ENDIAN = 0x4d3c2b1a

const BLOCK_BYTES_MIN = 12
const SECTION_HEADER_BYTES_MIN = 28
const INTERFACE_BYTES_MIN = 20
const SIMPLE_PACKET_BYTES_MIN = 16
const PACKET_BYTES_MIN = 32
const SECRETS_BYTES_MIN = 20
const STATISTICS_BYTES_MIN = 24

const OPT_ENDOFOPT = 0
const OPT_COMMENT = 1
const IF_TSRESOL = 9
const IF_FILTER = 11
const IF_TSOFFSET = 14
const ISB_IFDROP = 5
const ISB_OSDROP = 7
const EPB_DROPCOUNT = 4

/** Interfaces of a section and link types of a capture that are remembered: no machine has that many. */
const INTERFACES_MAX = 65_536
const LINK_TYPES_MAX = 64
/** a comment that a person writes is short; ours in slices are longer */
const COMMENTS_BYTES_MAX = 8 << 20
/** of those that nobody is told of */
const SECRETS_BYTES_MAX = 1 << 20
/**
 * in the year 2255, the last microsecond that a double tells from the next: what prints times need not know broken
 * clocks
 */
const TIME_MAX = Number.MAX_SAFE_INTEGER

/** of the drops count of a Packet Block */
const UNKNOWN_DROPS = 0xffff

/** The content of a Decryption Secrets Block: private, for decryption only. */
export interface Secret {
  readonly type: number
  readonly bytes: Uint8Array
}

export class PcapngReader implements PacketReader, Records {
  readonly packet = new Packet()
  readonly format = 'pcapng'
  damage: Damage | null = null
  /** of the interfaces described so far, without repetition */
  readonly linkTypes: number[] = []
  /** the smallest one of the interfaces described so far; null: none has a limit */
  snapLength: number | null = null
  readonly secrets: Secret[] = []
  /** told of each as it is met, before the packets that need it; its bytes are borrowed, and then none is kept here */
  onSecret: ((secret: Secret) => void) | null = null
  /** of the sections so far */
  readonly comments: string[] = []
  #commentBytes = 0
  /** what the file says of packets that it lacks */
  readonly drops = new CaptureDrops()
  readonly #buffer: BlockBuffer
  #bigEndian = false
  readonly #interfaces: Interface[] = []
  readonly form: RecordForm = {
    format: 'pcapng',
    version: 0,
    bigEndian: false,
    headerBytes: 0,
    unitsPerMicrosecond: 1,
    capturedMax: 0,
    linkType: 0,
    interfaces: this.#interfaces,
  }
  /** what is known of the next packet's signatures */
  #marked: boolean | null = null
  #secretsBytes = 0
  #wanted = 0

  /** `buffer` stands at a Section Header Block. */
  constructor(buffer: BlockBuffer, capture: number) {
    this.#buffer = buffer
    this.packet.capture = capture
  }

  get bytesRead(): number {
    return this.#buffer.source.consumed
  }

  /** 0  Block Type   4  Block Total Length   8  Block Body, padded to 4   Length - 4  Block Total Length */
  next(): 'packet' | 'starved' | 'end' {
    const buffer = this.#buffer
    for (;;) {
      const bytes = buffer.bytes
      const pos = buffer.pos
      const room = buffer.end - pos
      if (room < BLOCK_BYTES_MIN) return this.#short(BLOCK_BYTES_MIN)
      const type = u32(bytes, pos, this.#bigEndian)
      if (type === SECTION_HEADER && !this.#byteOrder(bytes, pos)) return 'end'
      const big = this.#bigEndian
      const length = u32(bytes, pos + 4, big)
      if (length < BLOCK_BYTES_MIN || (length & 3) !== 0 || length > LIMITS.recordBytesMax) {
        const expected = `a multiple of 4 from ${BLOCK_BYTES_MIN} to ${LIMITS.recordBytesMax}`
        return this.#stop(
          `expected a block total length that is ${expected}, found ${length} (block type ${hex(type)})`,
        )
      }
      if (room < length) return this.#short(length)
      const isPacket = type === ENHANCED_PACKET || type === SIMPLE_PACKET || type === PACKET
      const reason = isPacket ? this.#packet(type, bytes, pos, length) : this.#other(type, bytes, pos, length)
      if (reason !== null) return this.#stop(reason)
      const trailing = u32(bytes, pos + length - 4, big)
      if (trailing !== length) {
        // The packet itself is whole, so it is given; where the next block begins is anybody's guess.
        this.#stop(`expected the block total length ${length} again at the end of the block, found ${trailing}`)
        return isPacket ? 'packet' : 'end'
      }
      buffer.pos = pos + length
      if (isPacket) return 'packet'
      // what was said of the packet where the fast path stopped is not said of one behind a block of another kind
      this.#marked = null
    }
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
    if (!fast.holds(buffer.bytes)) return false
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
   * Enhanced Packet Block: 8  Interface ID (4)   12  Timestamp Upper, 16  Lower   20  Captured Packet Length
   *     24  Original Packet Length
   *   28  Packet Data, then options.
   * Packet Block: 8  Interface ID (2)   10  Drops Count (2), then the same.
   */
  #packet(type: number, bytes: Uint8Array, pos: number, length: number): string | null {
    if (type === SIMPLE_PACKET) return this.#simplePacket(bytes, pos, length)
    if (length < PACKET_BYTES_MIN) return tooShort(type, PACKET_BYTES_MIN, length)
    const big = this.#bigEndian
    const id = type === PACKET ? u16(bytes, pos + 8, big) : u32(bytes, pos + 8, big)
    const described = this.#interfaces[id]
    if (described === undefined) return undescribed(id, this.#interfaces.length)
    const captured = u32(bytes, pos + 20, big)
    if (captured > length - PACKET_BYTES_MIN) return doesNotFit(captured, length - PACKET_BYTES_MIN)
    const original = u32(bytes, pos + 24, big)
    const upper = u32(bytes, pos + 12, big)
    const lower = u32(bytes, pos + 16, big)
    const time =
      upper * described.microseconds +
      // of a quarter less than there is: rounded up it would be another microsecond than other programs write
      Math.floor((upper * described.rest + lower) * described.perTick * 4) / 4 +
      described.offset
    const packet = this.packet
    packet.bytes = bytes
    packet.start = pos + 28
    packet.block = this.#buffer.block
    packet.blockEnd = this.#buffer.end
    packet.captured = captured
    if (type === ENHANCED_PACKET) {
      const options = pos + 28 + ((captured + 3) & ~3)
      // the usual packet has none
      if (options + 4 < pos + length - 4)
        described.drops.counted += this.#counter(bytes, options, pos + length - 4, EPB_DROPCOUNT)
    } else {
      const lost = u16(bytes, pos + 10, big)
      if (lost !== UNKNOWN_DROPS) described.drops.counted += lost
    }
    packet.original = Math.max(original, captured)
    packet.time = Math.max(0, Math.min(time, TIME_MAX))
    packet.linkType = described.linkType
    packet.interfaceId = id
    packet.frame++
    packet.marked = this.#marked
    this.#marked = null
    return null
  }

  /**
   * 8  Original Packet Length   12  Packet Data, as far as the snap length of interface 0 lets. It has no time: the
   * last one stays.
   */
  #simplePacket(bytes: Uint8Array, pos: number, length: number): string | null {
    if (length < SIMPLE_PACKET_BYTES_MIN) return tooShort(SIMPLE_PACKET, SIMPLE_PACKET_BYTES_MIN, length)
    const described = this.#interfaces[0]
    if (described === undefined) return undescribed(0, 0)
    const original = u32(bytes, pos + 8, this.#bigEndian)
    const captured = described.snapLength === 0 ? original : Math.min(original, described.snapLength)
    if (captured > length - SIMPLE_PACKET_BYTES_MIN) return doesNotFit(captured, length - SIMPLE_PACKET_BYTES_MIN)
    const packet = this.packet
    packet.bytes = bytes
    packet.start = pos + 12
    packet.block = this.#buffer.block
    packet.blockEnd = this.#buffer.end
    packet.captured = captured
    packet.original = original
    packet.linkType = described.linkType
    packet.interfaceId = 0
    packet.frame++
    packet.marked = null
    this.#marked = null
    return null
  }

  #other(type: number, bytes: Uint8Array, pos: number, length: number): string | null {
    if (type === SECTION_HEADER) return this.#sectionHeader(bytes, pos, length)
    if (type === INTERFACE_DESCRIPTION) return this.#interfaceDescription(bytes, pos, length)
    if (type === DECRYPTION_SECRETS) return this.#decryptionSecrets(bytes, pos, length)
    if (type === INTERFACE_STATISTICS) this.#interfaceStatistics(bytes, pos, length)
    return null
  }

  /** 8  Interface ID (4)   12  Timestamp (8)   20  options. What is odd in it says nothing. */
  #interfaceStatistics(bytes: Uint8Array, pos: number, length: number): void {
    if (length < STATISTICS_BYTES_MIN) return
    const described = this.#interfaces[u32(bytes, pos + 8, this.#bigEndian)]
    if (described === undefined) return
    const end = pos + length - 4
    const says = this.#has(bytes, pos + 20, end, ISB_IFDROP) || this.#has(bytes, pos + 20, end, ISB_OSDROP)
    if (!says) return
    // the last one holds: they count from the beginning
    described.drops.stated =
      this.#counter(bytes, pos + 20, end, ISB_IFDROP) + this.#counter(bytes, pos + 20, end, ISB_OSDROP)
  }

  /** Where the value of an option of 8 bytes stands; -1: it is not there. */
  #optionAt(bytes: Uint8Array, start: number, end: number, wanted: number): number {
    const big = this.#bigEndian
    for (let pos = start; pos + 4 <= end; ) {
      const code = u16(bytes, pos, big)
      const length = u16(bytes, pos + 2, big)
      if (code === OPT_ENDOFOPT || pos + 4 + length > end) return -1
      if (code === wanted && length >= 8) return pos + 4
      pos += 4 + ((length + 3) & ~3)
    }
    return -1
  }

  #has(bytes: Uint8Array, start: number, end: number, option: number): boolean {
    return this.#optionAt(bytes, start, end, option) >= 0
  }

  /**
   * An unsigned number of 64 bits, as far as a double goes; 0 where it is not there, or says that it is not known (all
   * ones).
   */
  #counter(bytes: Uint8Array, start: number, end: number, option: number): number {
    const at = this.#optionAt(bytes, start, end, option)
    if (at < 0) return 0
    const big = this.#bigEndian
    const upper = u32(bytes, big ? at : at + 4, big)
    const lower = u32(bytes, big ? at + 4 : at, big)
    return upper === 0xffffffff ? 0 : Math.min(upper * 2 ** 32 + lower, Number.MAX_SAFE_INTEGER)
  }

  /** Every section has its own byte order, and it must be known before the block's length can be read. */
  #byteOrder(bytes: Uint8Array, pos: number): boolean {
    const magic = u32(bytes, pos + 8, true)
    this.#bigEndian = magic === BIG_ENDIAN
    this.form.bigEndian = this.#bigEndian
    this.form.version++
    if (magic === BIG_ENDIAN || magic === LITTLE_ENDIAN) return true
    this.#stop(`expected the byte-order magic 1a2b3c4d of a section, found ${hex(magic)}`)
    return false
  }

  /**
   * 8  Byte-Order Magic   12  Major Version (2)   14  Minor Version (2)   16  Section Length (8), often -1, not needed
   * 24  options
   */
  #sectionHeader(bytes: Uint8Array, pos: number, length: number): string | null {
    if (length < SECTION_HEADER_BYTES_MIN) return tooShort(SECTION_HEADER, SECTION_HEADER_BYTES_MIN, length)
    const major = u16(bytes, pos + 12, this.#bigEndian)
    if (major !== 1) return `expected a section of version 1, found ${major}.${u16(bytes, pos + 14, this.#bigEndian)}`
    this.#interfaces.length = 0
    this.form.version++
    this.#comments(bytes, pos + 24, pos + length - 4)
    return null
  }

  #comments(bytes: Uint8Array, start: number, end: number): void {
    for (let pos = start; pos + 4 <= end; ) {
      const code = u16(bytes, pos, this.#bigEndian)
      const length = u16(bytes, pos + 2, this.#bigEndian)
      if (code === OPT_ENDOFOPT || pos + 4 + length > end) return
      this.#commentBytes += length
      if (code === OPT_COMMENT && this.#commentBytes <= COMMENTS_BYTES_MAX)
        this.comments.push(utf8Text(bytes.subarray(pos + 4, pos + 4 + length)))
      pos += 4 + ((length + 3) & ~3)
    }
  }

  /** 8  LinkType (2)   10  Reserved (2)   12  SnapLen (4)   16  options */
  #interfaceDescription(bytes: Uint8Array, pos: number, length: number): string | null {
    if (length < INTERFACE_BYTES_MIN) return tooShort(INTERFACE_DESCRIPTION, INTERFACE_BYTES_MIN, length)
    if (this.#interfaces.length >= INTERFACES_MAX) return `expected at most ${INTERFACES_MAX} interfaces, found more`
    const big = this.#bigEndian
    const linkType = u16(bytes, pos + 8, big)
    const snapLength = u32(bytes, pos + 12, big)
    const described = new Interface(linkType, snapLength, this.drops.add())
    this.#interfaceOptions(described, bytes, pos + 16, pos + length - 4)
    this.#interfaces.push(described)
    this.form.version++
    if (this.linkTypes.length < LINK_TYPES_MAX && !this.linkTypes.includes(linkType)) this.linkTypes.push(linkType)
    if (snapLength !== 0) this.snapLength = Math.min(snapLength, this.snapLength ?? snapLength)
    return null
  }

  /** Option Code (2), Option Length (2), value padded to 4; options that do not fit are as good as none. */
  #interfaceOptions(described: Interface, bytes: Uint8Array, start: number, end: number): void {
    const big = this.#bigEndian
    let offsetSeconds = 0
    for (let pos = start; pos + 4 <= end; ) {
      const code = u16(bytes, pos, big)
      const length = u16(bytes, pos + 2, big)
      const value = pos + 4
      if (code === OPT_ENDOFOPT || value + length > end) break
      if (code === IF_TSRESOL && length >= 1) described.setResolution(bytes[value]!)
      // the first byte says that a text follows (0), or the code of a filter
      if (code === IF_FILTER && length > 1 && bytes[value] === 0)
        this.drops.filter(latin1(bytes.subarray(value + 1, value + length)).replaceAll('\0', ''))
      if (code === IF_TSOFFSET && length >= 8) {
        const upper = u32(bytes, big ? value : value + 4, big) | 0
        offsetSeconds = upper * 2 ** 32 + u32(bytes, big ? value + 4 : value, big)
      }
      pos = value + ((length + 3) & ~3)
    }
    described.offset = offsetSeconds * 1e6
  }

  /** 8  Secrets Type   12  Secrets Length   16  Secrets Data */
  #decryptionSecrets(bytes: Uint8Array, pos: number, length: number): string | null {
    if (length < SECRETS_BYTES_MIN) return tooShort(DECRYPTION_SECRETS, SECRETS_BYTES_MIN, length)
    const secretsLength = u32(bytes, pos + 12, this.#bigEndian)
    if (secretsLength > length - SECRETS_BYTES_MIN) return doesNotFit(secretsLength, length - SECRETS_BYTES_MIN)
    const type = u32(bytes, pos + 8, this.#bigEndian)
    const secret = { type, bytes: bytes.subarray(pos + 16, pos + 16 + secretsLength) }
    if (this.onSecret !== null) {
      this.onSecret(secret)
      return null
    }
    // an empty block counts too: their number is bounded as well
    this.#secretsBytes += length
    if (this.#secretsBytes <= SECRETS_BYTES_MAX) this.secrets.push({ type, bytes: secret.bytes.slice() })
    return null
  }

  #short(wanted: number): 'starved' | 'end' {
    const buffer = this.#buffer
    if (!buffer.ended) {
      this.#wanted = wanted
      return 'starved'
    }
    const found = buffer.end - buffer.pos
    const fault = buffer.source.fault
    if (found > 0) {
      const cut = `expected ${wanted} bytes of a block, found ${found}: ${wanted - found} missing`
      return this.#stop(fault === null ? cut : `${cut}; ${fault}`)
    }
    if (fault !== null && this.damage === null) this.#stop(fault)
    return 'end'
  }

  #stop(reason: string): 'end' {
    this.damage = { offset: this.#buffer.offset, frame: this.packet.frame, reason }
    this.#buffer.stop()
    return 'end'
  }
}

/**
 * An Interface Description Block. A timestamp of 64 bits does not fit a double, so its upper half is converted apart:
 * 2^32 ticks are `microseconds` whole ones and `rest` ticks. Exact for microseconds; of nanoseconds whole
 * quarters of a microsecond are kept, as a double has them.
 */
class Interface implements InterfaceForm {
  readonly linkType: number
  readonly snapLength: number
  readonly drops: InterfaceDrops
  microseconds = 2 ** 32
  rest = 0
  perTick = 1
  /** microseconds */
  offset = 0

  constructor(linkType: number, snapLength: number, drops: InterfaceDrops) {
    this.linkType = linkType
    this.snapLength = snapLength
    this.drops = drops
  }

  /** if_tsresol: the negative power of 10, or of 2 if the highest bit is set, that a tick is of a second. */
  setResolution(resolution: number): void {
    const ticksPerSecond = (resolution & 0x80) !== 0 ? 2 ** (resolution & 0x7f) : 10 ** resolution
    this.microseconds = Math.floor((2 ** 32 * 1e6) / ticksPerSecond)
    this.rest = 2 ** 32 - (this.microseconds * ticksPerSecond) / 1e6
    this.perTick = 1e6 / ticksPerSecond
  }
}

function tooShort(type: number, expected: number, found: number): string {
  return `expected at least ${expected} bytes of block type ${hex(type)}, found a total length of ${found}`
}

function undescribed(id: number, described: number): string {
  return `expected the number of a described interface, found ${id} with ${described} described`
}

function doesNotFit(found: number, room: number): string {
  return `expected a length of at most ${room} in this block, found ${found}`
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0')
}

function u16(bytes: Uint8Array, pos: number, big: boolean): number {
  return big ? (bytes[pos]! << 8) | bytes[pos + 1]! : bytes[pos]! | (bytes[pos + 1]! << 8)
}

function u32(bytes: Uint8Array, pos: number, big: boolean): number {
  return big
    ? ((bytes[pos]! << 24) | (bytes[pos + 1]! << 16) | (bytes[pos + 2]! << 8) | bytes[pos + 3]!) >>> 0
    : (bytes[pos]! | (bytes[pos + 1]! << 8) | (bytes[pos + 2]! << 16) | (bytes[pos + 3]! << 24)) >>> 0
}
