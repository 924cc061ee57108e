/**
 * TLS that comes in packets of TDS until its handshake is over, and bare from then on.
 *
 * Specification: MS-TDS 2.2.3.1 (packet header) and 3.2.5.1 (encryption). With ENCRYPT_OFF the clear protocol comes
 * back behind the login.
 */
import { JoinedBytes } from '../../memory/joined-bytes.ts'
import { isHeader } from './hello.ts'
import { TlsSession } from './session.ts'
import type { TlsClock, TlsKeys, TlsOutput } from './shared-keys.ts'

/** Type 1, Status 1, Length 2 with this header, SPID 2, PacketID 1, Window 1 */
const HEADER_BYTES = 8
const TYPES: readonly number[] = [0x12, 0x04]
/** what is given back where nobody has keys */
const RAW_BYTES_MAX = 1 << 16

class Side {
  header: number[] = []
  /** bytes of the present packet still to come */
  left = 0
  isBare = false
  isOver = false
}

export class TlsInTds {
  readonly #session: TlsSession
  readonly #sides = [new Side(), new Side()] as const
  /** all bytes of a side until it is decided whether there are keys; null: it is */
  #raw: readonly [JoinedBytes, JoinedBytes] | null = [new JoinedBytes(), new JoinedBytes()]
  #rawBytes = 0
  readonly #out: TlsOutput

  constructor(keys: TlsKeys, out: TlsOutput, clock: TlsClock) {
    this.#out = out
    this.#session = new TlsSession(
      keys,
      {
        ...out,
        handshake: (from, message) => {
          this.#raw = null
          out.handshake(from, message)
        },
        // what is given back are packets, not the records in them
        refused: (from) => {
          this.#sides[from].isOver = true
          out.refused(from, this.#raw?.[from].take() ?? NOTHING)
        },
      },
      clock,
    )
  }

  feed(from: 0 | 1, bytes: Uint8Array, begin: number, end: number): void {
    const side = this.#sides[from]
    this.#keep(from, bytes, begin, end)
    let start = begin
    while (start < end && !side.isOver) {
      if (side.isBare) {
        this.#session.feed(from, bytes, start, end, this.#kept)
        return
      }
      if (side.left > 0) {
        const step = Math.min(side.left, end - start)
        side.left -= step
        this.#session.feed(from, bytes, start, start + step, this.#kept)
        start += step
        continue
      }
      side.header.push(bytes[start]!)
      start++
      if (side.header.length === 1 && !TYPES.includes(side.header[0]!)) {
        this.#bare(from, side)
        continue
      }
      if (side.header.length < HEADER_BYTES) continue
      side.left = Math.max(0, side.header[2]! * 256 + side.header[3]! - HEADER_BYTES)
      side.header = []
    }
  }

  #keep(from: 0 | 1, bytes: Uint8Array, begin: number, end: number): void {
    if (this.#raw === null) return
    this.#rawBytes += end - begin
    if (this.#rawBytes <= RAW_BYTES_MAX) this.#raw[from].add(bytes, begin, end)
  }

  get #kept(): number {
    return this.#raw === null ? 0 : this.#raw[0].room + this.#raw[1].room
  }

  end(): void {
    this.#session.end()
  }

  gap(from: 0 | 1, count: number): void {
    const side = this.#sides[from]
    if (side.isOver) return
    if (!side.isBare) {
      if (side.left >= count) side.left -= count
      else {
        // whatever comes now comes bare, or is not to be read
        side.left = 0
        side.isBare = true
      }
    }
    this.#session.gap(from, count)
  }

  /** The handshake is over: records come bare. */
  #bare(from: 0 | 1, side: Side): void {
    side.isBare = true
    const first = Uint8Array.from(side.header)
    side.header = []
    if (!isHeader(Uint8Array.of(first[0]!, 3, 3, 0, 0), 0)) {
      side.isOver = true
      this.#out.left(from, first)
      return
    }
    this.#session.feed(from, first, 0, first.length)
  }
}

const NOTHING = Buffer.alloc(0)
