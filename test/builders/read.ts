/** Reads a whole capture, for tests: from bytes that arrive in pieces of any size, or from any reader. */

import { recognise } from '../../src/capture/open.ts'
import type { Damage, PacketReader } from '../../src/capture/packet.ts'
import { BlockBuffer, type ByteSource } from '../../src/capture/source.ts'

/** What a test compares: a packet with its bytes copied. */
export interface ReadPacket {
  readonly time: number
  readonly captured: number
  readonly original: number
  readonly linkType: number
  readonly frame: number
  readonly capture: number
  readonly interfaceId: number
  readonly hex: string
}

export interface ReadCapture {
  readonly packets: readonly ReadPacket[]
  readonly damage: Damage | null
}

/** Gives at most `piece` bytes a read, as a slow pipe would, and then `fault`. */
export class PieceSource implements ByteSource {
  fault: string | null = null
  consumed = 0
  closed = false
  readNow: ByteSource['readNow'] = null
  readonly #bytes: Uint8Array
  readonly #piece: number
  readonly #fault: string | null
  readonly #repeatable: boolean

  constructor(bytes: Uint8Array, piece = bytes.length, fault: string | null = null, repeatable = false) {
    this.#bytes = bytes
    this.#piece = piece
    this.#fault = fault
    this.#repeatable = repeatable
  }

  /** The same as a file on a disk, which does not keep anybody waiting. */
  static atOnce(bytes: Uint8Array, piece = bytes.length): PieceSource {
    const source = new PieceSource(bytes, piece)
    source.readNow = (target, offset, length) => source.#take(target, offset, length)
    return source
  }

  async read(target: Uint8Array, offset: number, length: number): Promise<number> {
    return this.#take(target, offset, length)
  }

  #take(target: Uint8Array, offset: number, length: number): number {
    const count = Math.min(length, this.#piece, this.#bytes.length - this.consumed)
    target.set(this.#bytes.subarray(this.consumed, this.consumed + count), offset)
    this.consumed += count
    if (count === 0) this.fault = this.#fault
    return count
  }

  again(offset: number): ByteSource | null {
    return this.#repeatable ? new PieceSource(this.#bytes.subarray(offset), this.#piece) : null
  }

  close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }
}

export async function readAll(reader: PacketReader): Promise<ReadCapture> {
  const packets: ReadPacket[] = []
  for (let waits = 0; ; ) {
    const state = reader.next()
    if (state === 'end') break
    if (state === 'starved') {
      if (++waits > 1_000_000) throw new Error('a reader that waits for ever')
      await reader.fill()
      continue
    }
    const { bytes, start, captured, original, time, linkType, frame, capture, interfaceId } = reader.packet
    if (start < 0 || start + captured > bytes.length) throw new Error('a packet outside its buffer')
    const hex = Buffer.from(bytes.subarray(start, start + captured)).toString('hex')
    packets.push({ time, captured, original, linkType, frame, capture, interfaceId, hex })
  }
  if (reader.next() !== 'end') throw new Error('a reader that goes on after its end')
  const damage = reader.damage
  await reader.close()
  return { packets, damage }
}

/** `null`: not recognised as a capture. */
export async function readBytes(bytes: Uint8Array, piece?: number, blockBytes = 4096): Promise<ReadCapture | null> {
  const buffer = new BlockBuffer(new PieceSource(bytes, piece), blockBytes)
  await buffer.fill(4)
  const reader = await recognise(buffer, 0)
  return reader === null ? null : readAll(reader)
}
