/**
 * Captures that come one after another, and of which nobody knows how many: what is captured as we read, the files
 * that a rotation leaves in a folder. Each is read to its end before the next one is asked for; their times are not
 * compared.
 */
import { Capture, type CaptureSummary } from './merge.ts'
import { CaptureError, type OpenedSource } from './open.ts'
import { type Damage, type FastPath, Packet, type PacketReader } from './packet.ts'
import type { Secret } from './pcapng.ts'

/** One that has come. */
export interface Coming extends OpenedSource {
  /** what reports call it */
  readonly name: string
}

/** Where they come from. */
export interface Succession {
  /** Waits for the next one; null: there will be none. `before`: of the one that has just been read to its end. */
  next(before: CaptureSummary | null): Promise<Coming | null>
  /** It is open, and its number in the run is this one. */
  opened(name: string, index: number): void
  /** It is no capture; its number was used up. Throws where the run cannot go on without it. */
  refused(name: string, error: CaptureError): void
  /** packets that whoever captures says it dropped, in all of them together; null: it says nothing */
  dropped?(): number | null
}

export class SuccessiveReader implements PacketReader {
  packet = new Packet()
  readonly #succession: Succession
  readonly #fast: FastPath | null
  readonly #onSecret: ((secret: Secret) => void) | null
  #current: Capture | null = null
  /** of those that are over */
  #summaries: CaptureSummary[] = []
  #bytesBefore = 0
  #count = 0
  #isOver = false

  constructor(succession: Succession, fast: FastPath | null, onSecret: ((secret: Secret) => void) | null) {
    this.#succession = succession
    this.#fast = fast
    this.#onSecret = onSecret
  }

  get format(): 'pcap' | 'pcapng' {
    return this.#current?.format ?? 'pcap'
  }

  get damage(): Damage | null {
    return this.#current?.damage ?? null
  }

  get bytesRead(): number {
    return this.#bytesBefore + (this.#current?.bytesRead ?? 0)
  }

  /** nobody knows */
  get bytesTotal(): null {
    return null
  }

  /** Of all since the beginning, or since `forget`, the one being read included. */
  summaries(): CaptureSummary[] {
    return this.#current === null ? [...this.#summaries] : [...this.#summaries, this.#current.summary()]
  }

  /** See `Succession`. */
  get dropped(): number | null {
    return this.#succession.dropped?.() ?? null
  }

  forget(): void {
    this.#summaries = []
  }

  next(): 'packet' | 'starved' | 'end' {
    const current = this.#current
    if (current === null) return this.#isOver ? 'end' : 'starved'
    const reader = current.opened?.reader
    if (reader === undefined) return 'starved'
    if (!current.peeked) {
      if (this.#fast !== null) current.pass(this.#fast, Number.POSITIVE_INFINITY, 0)
      if (reader.next() !== 'packet') return 'starved'
    }
    current.peeked = false
    current.count(reader.packet)
    this.packet = reader.packet
    return 'packet'
  }

  fill(): Promise<unknown> | null {
    const current = this.#current
    if (current === null) return this.#isOver ? null : this.#begin(null)
    if (current.over) return this.#begin(this.#end(current))
    const filling = current.fill()
    return filling ?? (current.over ? this.#begin(this.#end(current)) : null)
  }

  async close(): Promise<void> {
    this.#isOver = true
    await this.#current?.close()
  }

  #end(current: Capture): CaptureSummary {
    const summary = current.summary()
    this.#summaries.push(summary)
    this.#bytesBefore += current.bytesRead
    this.#current = null
    return summary
  }

  async #begin(before: CaptureSummary | null): Promise<void> {
    const coming = await this.#succession.next(before)
    if (coming === null || this.#isOver) {
      this.#isOver = true
      await coming?.source.close()
      return
    }
    const capture = new Capture(coming.name, this.#count++, this.#fast, this.#onSecret, coming)
    // its first packet may be long in coming: what is read of it so far is told, and its number is known
    this.#succession.opened(coming.name, capture.index)
    try {
      await capture.peek(false)
      this.#current = capture
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error
      this.#succession.refused(coming.name, error)
    }
  }
}
