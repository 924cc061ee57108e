/**
 * The memory in which the stream keeps its conversations: that of the engine, which reads and writes it too
 * (engine.ts), or one of its own.
 *
 * Places are those of layout.ts. Arrays that an engine has never move; those of `OwnMemory` grow with what is in them.
 */
import { getRandomValues } from 'node:crypto'
import type { Bulk } from '../../decoders/carrier.ts'
import type { Opening } from '../../decoders/parts/byte-class.ts'
import { ENTRY_WORDS, HALF_NUMBERS, SECRETS_COUNT, SLOT_NUMBERS } from './layout.ts'

export interface FlowMemory {
  /** words of CONTROL */
  readonly control: Int32Array
  /** odd multipliers of the table's hash: words keyed by the wire have a secret */
  readonly secrets: Int32Array
  /** what the engine has to say of conversations: see TOLD_AT */
  readonly told: Float64Array
  /** the bytes of a PDU that stands there; borrowed until the reader goes on */
  toldBytes(at: number): Uint8Array
  /** numbers of the halves of so many followed conversations, and of their slots */
  numbers(followedMax: number): Float64Array
  slots(followedMax: number): Float64Array
  /** words of so many entries of the table, with what `before` holds */
  entries(count: number, before: Int32Array): Int32Array
  /** so many buckets, empty */
  buckets(count: number): Int32Array
  /**
   * shapes of PDUs that nobody wants, of several carriers, and the number, from 1, of the one whose messages are heads
   * of HTTP: false where nobody reads them
   */
  bulk(carriers: readonly (readonly Bulk[])[], heads: number): boolean
  /** how conversations may begin, of each carrier: false where nobody reads it */
  begins(carriers: readonly (readonly Opening[])[]): boolean
  /** of those carriers, a bit for each that may not say 'other' of these bytes; asked where `begins` was true */
  candidates(bytes: Uint8Array): number
  /** bytes with which a datagram of some carrier may begin, and what each port is (PORT_), as the stream knows them */
  known(firstBytes: Uint8Array, ports: Uint8Array): void
}

export class OwnMemory implements FlowMemory {
  readonly control = new Int32Array(64)
  readonly secrets = newSecrets()
  readonly told = new Float64Array(0)

  numbers(followedMax: number): Float64Array {
    return new Float64Array(2 * followedMax * HALF_NUMBERS)
  }

  slots(followedMax: number): Float64Array {
    return new Float64Array(followedMax * SLOT_NUMBERS)
  }

  entries(count: number, before: Int32Array): Int32Array {
    const words = new Int32Array(count * ENTRY_WORDS)
    words.set(before)
    return words
  }

  buckets(count: number): Int32Array {
    return new Int32Array(count)
  }

  bulk(): boolean {
    return false
  }

  begins(): boolean {
    return false
  }

  candidates(): number {
    return -1
  }

  toldBytes(): Uint8Array {
    return NOTHING
  }

  known(): void {}
}

const NOTHING = new Uint8Array(0)

export function newSecrets(): Int32Array {
  const words = getRandomValues(new Int32Array(SECRETS_COUNT))
  for (let i = 0; i < words.length; i++) words[i] = words[i]! | 1
  return words
}
