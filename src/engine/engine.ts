/**
 * The engine: the loop over packets in WebAssembly (engine/, AssemblyScript), and the memory that it shares with the
 * stream.
 *
 * It takes packets of which nothing is to be said but that they were there: of conversations that are nobody's, and
 * what goes on with what nobody wants. The first one that is more than that stays in the reader, for the code that
 * reads every packet (src/net/, src/stream/). Each engine has its own instance and memory; nothing of one run is left
 * for the next. Where WebAssembly or its file cannot be had, `Engine.load` gives null, and everything is read by that
 * code.
 */
import { readFileSync } from 'node:fs'
import type { Bulk } from '../../decoders/carrier.ts'
import type { Opening } from '../../decoders/parts/byte-class.ts'
import type { FastPath, RecordForm, Records } from '../capture/packet.ts'
import { writeBegins } from './begins.ts'
import { writeBulk } from './bulk.ts'
import {
  BEGIN_BYTES,
  BEGIN_SHOWN,
  BEGIN_STEPS_MAX,
  BEGINS,
  BLOCK_BYTES,
  BLOCKS,
  BLOCKS_MAX,
  BUCKETS,
  BULK,
  BULK_BYTES,
  CONTROL,
  ENTRY_WORDS,
  FIRST_BYTES,
  FOLLOWED_MAX,
  FORM,
  FORM_BIG,
  FORM_CAPTURED_MAX,
  FORM_HEADER,
  FORM_INTERFACES,
  FORM_LINK,
  FORM_PCAP,
  FORM_PCAPNG,
  FORM_UNITS,
  FRAME,
  HALF_NUMBERS,
  HEADS_CARRIER,
  INTERFACE_BYTES,
  INTERFACE_LINK,
  INTERFACE_OFFSET,
  INTERFACE_PER_TICK,
  INTERFACE_REST,
  INTERFACE_WHOLE,
  INTERFACES,
  INTERFACES_MAX,
  LAST_SEGMENT_FRAME,
  LAST_SEGMENT_TIME,
  LIMIT_CLOSED,
  LIMIT_TIME,
  MARKED,
  MEMORY_PAGES,
  NUMBERS,
  PASSED,
  PASSED_CAPTURED,
  PASSED_CONNECTIONS,
  PASSED_CUT,
  PASSED_DATAGRAMS_FOREIGN,
  PASSED_END,
  PASSED_FOREIGN_CONNECTIONS,
  PASSED_FRAMED,
  PASSED_IDLE,
  PASSED_LOST_SKIPPED,
  PASSED_MIDSTREAM,
  PASSED_ONE_SIDED,
  PASSED_ORIGINAL,
  PASSED_REPEATED,
  PASSED_START,
  PASSED_TCP,
  PASSED_UDP,
  PORTS_AT,
  SECRETS,
  SECRETS_COUNT,
  SLOT_NUMBERS,
  SLOTS,
  TABLE,
  TOLD_AT,
  TOLD_BYTES,
  TOLD_BYTES_AT,
  TOLD_MAX,
  TUNNELS_SEEN,
  VLANS,
} from './layout.ts'
import { type FlowMemory, newSecrets } from './memory.ts'

interface Exports {
  run(start: number, end: number): number
  isMarked(start: number, end: number, blockEnd: number): number
  mayBegin(start: number, end: number): number
  candidates(start: number, end: number): number
  mayBeGss(start: number, end: number): number
}

/** What passed through an engine in a whole run. */
export class Passed {
  packets = 0
  cut = 0
  bytes = 0
  tcp = 0
  udp = 0
  connections = 0
  midstream = 0
  oneSided = 0
  foreignConnections = 0
  repeatedSegments = 0
  idleSegments = 0
  framedPdus = 0
  foreignDatagrams = 0
  lostBytesSkipped = 0
  start = Number.POSITIVE_INFINITY
  end = Number.NEGATIVE_INFINITY
}

export class Engine implements FlowMemory, FastPath {
  readonly control: Int32Array
  readonly secrets: Int32Array
  readonly told: Float64Array
  readonly #toldWords: Int32Array
  readonly passed = new Passed()
  /** time and frame key of the last segment that passed since this was cleared; 0: none did */
  lastTime = 0
  lastFrame = 0
  packets = 0
  captured = 0
  start = 0
  end = 0
  marked: boolean | null = null
  readonly #exports: Exports
  readonly #buffer: ArrayBuffer
  readonly #bytes: Uint8Array
  /** numbers of CONTROL */
  readonly #numbers: Float64Array
  readonly #frameKey: (capture: number, frame: number) => number
  readonly #freeBlocks: number[] = Array.from({ length: BLOCKS_MAX }, (_, block) => BLOCKS_MAX - 1 - block)
  #form: RecordForm | null = null
  #formVersion = -1

  /** `frameKey`: how a frame of a capture is named. Null where there is no WebAssembly with SIMD, or no file. */
  static load(frameKey: (capture: number, frame: number) => number): Engine | null {
    try {
      return new Engine(new WebAssembly.Module(readFileSync(new URL(FILE, import.meta.url))), frameKey)
    } catch {
      return null
    }
  }

  private constructor(module: WebAssembly.Module, frameKey: (capture: number, frame: number) => number) {
    const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES })
    this.#exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports
    this.#buffer = memory.buffer as ArrayBuffer
    this.#bytes = new Uint8Array(this.#buffer)
    this.#numbers = new Float64Array(this.#buffer, CONTROL, 128)
    this.control = new Int32Array(this.#buffer, CONTROL, 64)
    this.secrets = new Int32Array(this.#buffer, SECRETS, SECRETS_COUNT)
    this.secrets.set(newSecrets())
    this.told = new Float64Array(this.#buffer, TOLD_AT, (TOLD_MAX * TOLD_BYTES) / 8)
    this.#toldWords = new Int32Array(this.#buffer, TOLD_AT, (TOLD_MAX * TOLD_BYTES) / 4)
    this.#frameKey = frameKey
    this.#clear()
  }

  // --- FlowMemory
  // ---------------------------------------------------------------------------------------------------------------

  numbers(followedMax: number): Float64Array {
    return new Float64Array(this.#buffer, NUMBERS, 2 * Math.min(followedMax, FOLLOWED_MAX) * HALF_NUMBERS)
  }

  slots(followedMax: number): Float64Array {
    return new Float64Array(this.#buffer, SLOTS, Math.min(followedMax, FOLLOWED_MAX) * SLOT_NUMBERS)
  }

  entries(count: number): Int32Array {
    return new Int32Array(this.#buffer, TABLE, count * ENTRY_WORDS)
  }

  buckets(count: number): Int32Array {
    return new Int32Array(this.#buffer, BUCKETS, count).fill(0)
  }

  bulk(carriers: readonly (readonly Bulk[])[], heads: number): boolean {
    this.control[HEADS_CARRIER] = heads
    return writeBulk(new Int32Array(this.#buffer, BULK, BULK_BYTES / 4), carriers)
  }

  begins(carriers: readonly (readonly Opening[])[]): boolean {
    return writeBegins(this.#bytes.subarray(BEGINS, BEGINS + BEGIN_BYTES), carriers)
  }

  candidates(bytes: Uint8Array): number {
    const { length } = bytes
    if (length === 0) return -1
    if (this.holds(bytes)) return this.#exports.candidates(bytes.byteOffset, bytes.byteOffset + length)
    const shown = Math.min(length, BEGIN_STEPS_MAX)
    for (let at = 0; at < shown; at++) this.#bytes[BEGINS + BEGIN_SHOWN + at] = bytes[at]!
    return this.#exports.candidates(BEGINS + BEGIN_SHOWN, BEGINS + BEGIN_SHOWN + shown)
  }

  toldBytes(at: number): Uint8Array {
    const start = this.#toldWords[2 * at + TOLD_BYTES_AT]!
    return this.#bytes.subarray(start, start + this.#toldWords[2 * at + TOLD_BYTES_AT + 1]!)
  }

  known(firstBytes: Uint8Array, ports: Uint8Array): void {
    this.#bytes.set(firstBytes, FIRST_BYTES)
    this.#bytes.set(ports, PORTS_AT)
  }

  // --- FastPath
  // -----------------------------------------------------------------------------------------------------------------

  block(bytes: number): Uint8Array | null {
    if (bytes > BLOCK_BYTES) return null
    const block = this.#freeBlocks.pop()
    return block === undefined ? null : new Uint8Array(this.#buffer, BLOCKS + block * BLOCK_BYTES, bytes)
  }

  freeBlock(bytes: Uint8Array): void {
    if (this.holds(bytes)) this.#freeBlocks.push((bytes.byteOffset - BLOCKS) / BLOCK_BYTES)
  }

  holds(bytes: Uint8Array): boolean {
    return bytes.buffer === this.#buffer
  }

  isMarked(bytes: Uint8Array, start: number, end: number, blockEnd: number): boolean {
    const base = bytes.byteOffset
    return this.#exports.isMarked(base + start, base + end, base + blockEnd) !== 0
  }

  /**
   * May a conversation begin with these bytes, and may a token of SPNEGO or Kerberos in them? They stand in a block.
   */
  mayBegin(bytes: Uint8Array): boolean {
    return this.#exports.mayBegin(bytes.byteOffset, bytes.byteOffset + bytes.length) !== 0
  }

  mayBeGss(bytes: Uint8Array): boolean {
    return this.#exports.mayBeGss(bytes.byteOffset, bytes.byteOffset + bytes.length) !== 0
  }

  pass(records: Records, limit: number, isClosed: boolean): number {
    const { form, bytes, capture, frame } = records
    if (form !== this.#form || form.version !== this.#formVersion) this.#take(form)
    const { control } = this
    const numbers = this.#numbers
    const base = bytes.byteOffset
    numbers[LIMIT_TIME >> 3] = limit
    control[LIMIT_CLOSED] = isClosed ? 1 : 0
    numbers[FRAME >> 3] = this.#frameKey(capture, frame)
    const stopped = this.#exports.run(base + records.pos, base + records.end)
    const marked = control[MARKED]!
    this.marked = marked < 0 ? null : marked === 1
    this.packets = control[PASSED]!
    if (this.packets > 0) this.#count()
    return stopped - base
  }

  /** VLAN ids seen: 1 for each. */
  get vlans(): Uint8Array {
    return this.#bytes.subarray(VLANS, VLANS + 4096)
  }

  /** bits of the tunnels seen */
  get tunnels(): number {
    return this.control[TUNNELS_SEEN]!
  }

  #count(): void {
    const { control, passed } = this
    const numbers = this.#numbers
    this.captured = numbers[PASSED_CAPTURED >> 3]!
    this.start = numbers[PASSED_START >> 3]!
    this.end = numbers[PASSED_END >> 3]!
    passed.packets += this.packets
    passed.cut += control[PASSED_CUT]!
    passed.bytes += numbers[PASSED_ORIGINAL >> 3]!
    passed.tcp += control[PASSED_TCP]!
    passed.udp += control[PASSED_UDP]!
    passed.connections += control[PASSED_CONNECTIONS]!
    passed.midstream += control[PASSED_MIDSTREAM]!
    passed.oneSided += control[PASSED_ONE_SIDED]!
    passed.foreignConnections += control[PASSED_FOREIGN_CONNECTIONS]!
    passed.framedPdus += control[PASSED_FRAMED]!
    passed.repeatedSegments += control[PASSED_REPEATED]!
    passed.idleSegments += control[PASSED_IDLE]!
    passed.foreignDatagrams += control[PASSED_DATAGRAMS_FOREIGN]!
    passed.lostBytesSkipped += numbers[PASSED_LOST_SKIPPED >> 3]!
    if (this.start < passed.start) passed.start = this.start
    if (this.end > passed.end) passed.end = this.end
    if (numbers[LAST_SEGMENT_FRAME >> 3] !== 0) {
      this.lastTime = numbers[LAST_SEGMENT_TIME >> 3]!
      this.lastFrame = numbers[LAST_SEGMENT_FRAME >> 3]!
    }
    this.#clear()
  }

  #clear(): void {
    this.control.fill(0, PASSED, PASSED + COUNTS)
    const numbers = this.#numbers
    numbers[PASSED_CAPTURED >> 3] = 0
    numbers[PASSED_ORIGINAL >> 3] = 0
    numbers[PASSED_LOST_SKIPPED >> 3] = 0
    numbers[LAST_SEGMENT_FRAME >> 3] = 0
    numbers[PASSED_START >> 3] = Number.POSITIVE_INFINITY
    numbers[PASSED_END >> 3] = Number.NEGATIVE_INFINITY
  }

  #take(form: RecordForm): void {
    const { control } = this
    this.#form = form
    this.#formVersion = form.version
    control[FORM] = form.format === 'pcap' ? FORM_PCAP : FORM_PCAPNG
    control[FORM_BIG] = form.bigEndian ? 1 : 0
    control[FORM_HEADER] = form.headerBytes
    control[FORM_CAPTURED_MAX] = form.capturedMax
    control[FORM_LINK] = form.linkType
    this.#numbers[FORM_UNITS >> 3] = form.unitsPerMicrosecond
    const interfaces = form.interfaces.slice(0, INTERFACES_MAX)
    control[FORM_INTERFACES] = interfaces.length
    for (const [id, { linkType, microseconds, rest, perTick, offset }] of interfaces.entries()) {
      const view = new DataView(this.#buffer, INTERFACES + id * INTERFACE_BYTES, INTERFACE_BYTES)
      view.setUint32(INTERFACE_LINK, linkType, true)
      view.setFloat64(INTERFACE_WHOLE, microseconds, true)
      view.setFloat64(INTERFACE_REST, rest, true)
      view.setFloat64(INTERFACE_PER_TICK, perTick, true)
      view.setFloat64(INTERFACE_OFFSET, offset, true)
    }
  }
}

/** words of CONTROL that count */
const COUNTS = 12
/** beside the program; where that is not built yet, where it is built to */
const FILE = import.meta.url.endsWith('.js') ? './engine.wasm' : '../../dist/src/engine.wasm'
