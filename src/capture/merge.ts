/**
 * Several captures as one: packets in the order of their times across captures, in file order within one (times may
 * step back there; nothing is sorted), ties by the number of the capture.
 *
 * A capture is open only between its first packet and its end, so that a folder of ring-buffer files needs a few
 * descriptors at a time. Its first time is read beforehand, and the file closed again; what comes only once (standard
 * input) stays open.
 */

import { statSync } from 'node:fs'
import { LIMITS } from '../memory/limits.ts'
import { DROPS_UNKNOWN, type Dropped, withTold } from './drops.ts'
import { linkTypeName } from './linktype.ts'
import { CaptureError, type OpenedCapture, type OpenedSource, openCapture, PEEK_BYTES } from './open.ts'
import { type Damage, type FastPath, Packet, type PacketReader } from './packet.ts'
import type { Secret } from './pcapng.ts'

/** What was read of one capture. */
export interface CaptureSummary extends Dropped {
  readonly name: string
  readonly format: string
  readonly compressed: boolean
  readonly packets: number
  readonly bytes: number
  readonly start: number | null
  readonly end: number | null
  readonly snapLength: number | null
  readonly linkTypes: readonly string[]
  /** one line: where and why reading stopped early; null: read to its end */
  readonly damage: string | null
}

/**
 * When each of several files begins, microseconds since 1970: the time of its first packet; null: it has none, cannot
 * be read, or is no file that may be opened twice. Of one alone nobody asks.
 */
export async function firstTimes(paths: readonly string[]): Promise<(number | null)[]> {
  const times: (number | null)[] = []
  for (const path of paths.length > 1 ? paths : []) {
    const capture = new Capture(path, 0, null, null)
    try {
      if (!statSync(path).isFile()) throw new CaptureError('it is no file')
      await capture.peek(true)
      times.push(capture.over ? null : capture.firstTime)
    } catch {
      // whoever reads it says why
      times.push(null)
    }
    await capture.close()
  }
  return times
}

export class MergedReader implements PacketReader {
  /** that of the capture which gave it */
  packet = new Packet()
  readonly #captures: readonly Capture[]
  /**
   * captures with a packet to come: a heap in the order of `isBefore`, the next one first, as thousands may overlap in
   * time
   */
  readonly #waiting: Capture[] = []
  /** how many of them are open */
  #open = 0
  /** the one that gave the last packet, or is to be opened */
  #current: Capture | null = null
  /** the earliest one of the others: `#current` goes on until here */
  #limitTime = Number.POSITIVE_INFINITY
  #limitIndex = 0
  readonly #fast: FastPath | null

  private constructor(captures: readonly Capture[], fast: FastPath | null) {
    this.#captures = captures
    this.#fast = fast
  }

  /**
   * Opens every path once; throws the `CaptureError` of the first that is no capture. What `fast` passes over is
   * counted and never given; `onSecret` hears of keys before the packets that need them.
   */
  static async open(
    paths: readonly string[],
    fast: FastPath | null = null,
    onSecret: ((secret: Secret) => void) | null = null,
  ): Promise<MergedReader> {
    const captures = paths.map((path, index) => new Capture(path, index, fast, onSecret))
    const merged = new MergedReader(captures, fast)
    try {
      for (const capture of captures) {
        await capture.peek(captures.length > 1)
        if (!capture.over) merged.#wait(capture)
      }
    } catch (error) {
      await merged.close()
      throw error
    }
    return merged
  }

  /** that of the capture which gave the last packet */
  get format(): 'pcap' | 'pcapng' {
    return (this.#current ?? this.#captures[0])?.format ?? 'pcap'
  }

  /** the first one; `summaries` tells all */
  get damage(): Damage | null {
    return this.#captures.find((capture) => capture.damage !== null)?.damage ?? null
  }

  get bytesRead(): number {
    let sum = 0
    for (const capture of this.#captures) sum += capture.bytesRead
    return sum
  }

  /** null where a capture has no size */
  get bytesTotal(): number | null {
    let sum = 0
    for (const { size } of this.#captures) {
      if (size === null) return null
      sum += size
    }
    return sum
  }

  /** keys found in the captures so far: for decryption, never for print */
  get secrets(): readonly Secret[] {
    return this.#captures.flatMap((capture) => capture.secrets)
  }

  /** What has been read so far of every capture, in the order of the paths. */
  summaries(): CaptureSummary[] {
    return this.#captures.map((capture) => capture.summary())
  }

  next(): 'packet' | 'starved' | 'end' {
    for (;;) {
      const current = this.#current
      if (current === null) {
        if (this.#waiting.length === 0) return 'end'
        this.#choose()
        continue
      }
      const reader = current.opened?.reader
      if (reader === undefined) return 'starved'
      if (!current.peeked) {
        if (this.#fast !== null) current.pass(this.#fast, this.#limitTime, this.#limitIndex)
        const state = reader.next()
        // at its end it is closed, in `fill`
        if (state !== 'packet') return 'starved'
      }
      const source = reader.packet
      const time = source.time
      if (time > this.#limitTime || (time === this.#limitTime && current.index > this.#limitIndex)) {
        current.peeked = true
        current.firstTime = time
        this.#wait(current)
        this.#current = null
        continue
      }
      current.peeked = false
      current.count(source)
      this.packet = source
      return 'packet'
    }
  }

  fill(): Promise<unknown> | null {
    const current = this.#current
    if (current === null) return null
    const filling = current.opened === null ? current.reopen(this.#open) : current.fill()
    if (filling === null) return null
    return filling.then(() => {
      if (current.over) this.#current = null
    })
  }

  async close(): Promise<void> {
    for (const capture of this.#captures) await capture.close()
    this.#waiting.length = 0
    this.#open = 0
    this.#current = null
  }

  #choose(): void {
    this.#current = this.#takeFirst()
    const limit = this.#waiting[0]
    this.#limitTime = limit?.firstTime ?? Number.POSITIVE_INFINITY
    this.#limitIndex = limit?.index ?? 0
  }

  #wait(capture: Capture): void {
    const waiting = this.#waiting
    if (capture.opened !== null) this.#open++
    // sift up
    let at = waiting.length
    waiting.push(capture)
    while (at > 0) {
      const above = (at - 1) >> 1
      if (isBefore(waiting[above]!, capture)) break
      waiting[at] = waiting[above]!
      at = above
    }
    waiting[at] = capture
  }

  #takeFirst(): Capture {
    const waiting = this.#waiting
    const first = waiting[0]!
    const last = waiting.pop()!
    if (first.opened !== null) this.#open--
    const { length } = waiting
    if (length === 0) return first
    // sift down
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= length) break
      if (below + 1 < length && isBefore(waiting[below + 1]!, waiting[below]!)) below++
      if (isBefore(last, waiting[below]!)) break
      waiting[at] = waiting[below]!
      at = below
    }
    waiting[at] = last
    return first
  }
}

/** a packet of an Ethernet network, with room */
const READ_BYTES_MIN = 4096

function isBefore(a: Capture, b: Capture): boolean {
  return a.firstTime < b.firstTime || (a.firstTime === b.firstTime && a.index < b.index)
}

/** One capture of several, and what has been read of it. */
export class Capture {
  readonly path: string
  readonly index: number
  opened: OpenedCapture | null = null
  /** its reader holds a packet that has not been given */
  peeked = false
  /** time of the packet that comes next */
  firstTime = 0
  over = false
  format: 'pcap' | 'pcapng' = 'pcap'
  size: number | null = null
  damage: Damage | null = null
  #compressed = false
  #packets = 0
  #bytes = 0
  #start = Number.POSITIVE_INFINITY
  #end = Number.NEGATIVE_INFINITY
  #dropped = DROPS_UNKNOWN
  #snapLength: number | null = null
  #linkTypes: readonly number[] = []
  #bytesRead = 0
  secrets: readonly Secret[] = []
  readonly #fast: FastPath | null
  readonly #onSecret: ((secret: Secret) => void) | null
  #heard = 0
  readonly #given: OpenedSource | null

  /** `given`: its bytes, where `path` is only what it is called */
  constructor(
    path: string,
    index: number,
    fast: FastPath | null,
    onSecret: ((secret: Secret) => void) | null,
    given: OpenedSource | null = null,
  ) {
    this.path = path
    this.index = index
    this.#fast = fast
    this.#onSecret = onSecret
    this.#given = given
  }

  get bytesRead(): number {
    return this.opened === null ? this.#bytesRead : this.opened.reader.bytesRead
  }

  /** Reads up to the first packet; a file that is `oneOfMany` is closed again. */
  async peek(oneOfMany: boolean): Promise<void> {
    // what cannot be opened twice is read with full buffers at once
    const once = !oneOfMany || this.path === '-'
    const opened = once
      ? await openCapture(this.path, this.index, LIMITS.readBytes, this.#fast, this.#given)
      : await openCapture(this.path, this.index, PEEK_BYTES)
    this.opened = opened
    this.#hear()
    this.format = opened.reader.format
    this.size = opened.size
    this.#compressed = opened.compressed
    const { reader } = opened
    let state = reader.next()
    for (; state === 'starved'; state = reader.next()) await reader.fill()
    if (state === 'end') return this.#finish()
    this.firstTime = reader.packet.time
    if (oneOfMany && opened.reopenable) {
      await this.close()
      this.#bytesRead = 0
    } else this.peeked = true
  }

  /** It was there a moment ago; if it is gone now, that is damage and not the end of the run. */
  async reopen(open: number): Promise<void> {
    try {
      this.opened = await openCapture(this.path, this.index, this.#readBytes(open), this.#fast)
      this.#hear()
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error
      this.damage = { offset: 0, frame: 0, reason: error.message }
      this.over = true
    }
  }

  /**
   * What is read at a time while so many others are open: all buffers together are bounded, and no file needs more than
   * itself.
   */
  #readBytes(open: number): number {
    const share = Math.floor(LIMITS.openCapturesBytesMax / (open + 1))
    const wanted = Math.min(
      LIMITS.readBytes,
      share,
      this.#compressed ? LIMITS.readBytes : (this.size ?? LIMITS.readBytes),
    )
    return Math.max(READ_BYTES_MIN, wanted)
  }

  #hear(): void {
    const reader = this.opened?.reader
    const onSecret = this.#onSecret
    if (reader?.format !== 'pcapng' || onSecret === null) return
    // a file that is opened again says again what stands in front of its first packet
    let repeated = this.#heard
    reader.onSecret = (secret) => {
      if (repeated > 0) {
        repeated--
        return
      }
      this.#heard++
      onSecret(secret)
    }
  }

  /** For a reader that gave no packet: more bytes, or its end. */
  fill(): Promise<unknown> | null {
    const filling = this.opened!.reader.fill()
    return filling === null ? this.#filled() : filling.then(() => this.#filled())
  }

  #filled(): Promise<unknown> | null {
    const state = this.opened!.reader.next()
    if (state === 'end') return this.#finish()
    if (state === 'packet') this.peeked = true
    return null
  }

  /** Lets `fast` pass over packets as long as no other capture, whose next one is at `limitTime`, has to come first. */
  pass(fast: FastPath, limitTime: number, limitIndex: number): void {
    if (!this.opened!.reader.pass(fast, limitTime, this.index > limitIndex)) return
    this.#packets += fast.packets
    this.#bytes += fast.captured
    if (fast.start < this.#start) this.#start = fast.start
    if (fast.end > this.#end) this.#end = fast.end
  }

  count(packet: Packet): void {
    this.#packets++
    this.#bytes += packet.captured
    const time = packet.time
    if (time < this.#start) this.#start = time
    if (time > this.#end) this.#end = time
  }

  summary(): CaptureSummary {
    this.#observe()
    const damage = this.damage
    return {
      name: this.path,
      format: this.format,
      compressed: this.#compressed,
      packets: this.#packets,
      bytes: this.#bytes,
      start: this.#packets === 0 ? null : this.#start,
      end: this.#packets === 0 ? null : this.#end,
      snapLength: this.#snapLength,
      linkTypes: [...new Set(this.#linkTypes.map(linkTypeName))],
      ...this.#dropped,
      damage: damage === null ? null : `offset ${damage.offset}, after frame ${damage.frame}: ${damage.reason}`,
    }
  }

  async close(): Promise<void> {
    this.#observe()
    const opened = this.opened
    this.opened = null
    await opened?.reader.close()
  }

  async #finish(): Promise<void> {
    this.damage = this.opened!.reader.damage
    this.over = true
    await this.close()
  }

  /** Takes from the reader what outlives it. */
  #observe(): void {
    if (this.opened === null) return
    const { reader } = this.opened
    this.#bytesRead = reader.bytesRead
    this.#snapLength = reader.snapLength
    this.#linkTypes = reader.linkTypes
    this.secrets = reader.secrets
    if (reader.drops !== null) this.#dropped = reader.drops.summary()
    if (this.#given !== null)
      this.#dropped = withTold(this.#dropped, this.#given.dropped?.() ?? null, this.#given.filter ?? null)
    this.damage = reader.damage
  }
}
