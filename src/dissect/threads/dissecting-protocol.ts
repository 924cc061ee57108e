/**
 * What the thread that understands and those that dissect say to each other.
 */
import type { MessagePort } from 'node:worker_threads'
import type { Dissector } from '../dissector.ts'
import type { Leaving } from './moving.ts'
import type { Packed } from './packing.ts'

/** What a thread that dissects is started with. */
export interface DissectingOrder {
  /** from the reading thread: of every round a chunk, or null; read chunks go back on it */
  readonly chunks: MessagePort
  /** tokens of clients are wanted by their digests */
  readonly digests: boolean
  /** our own bugs are thrown instead of counted: for tests */
  readonly rethrow: boolean
  /** which of how many it is */
  readonly thread: number
  readonly threads: number
}

export type FromDissecting = ToldRound | Leaving

/** What it says of every round. */
export interface ToldRound {
  readonly kind: 'round'
  readonly thread: number
  /** how many have a part of it */
  readonly parts: number
  /** what happened (happenings.ts) */
  readonly packed: Packed
  /** of all rounds so far */
  readonly counters: Dissector['counters']
  readonly faults: Dissector['faults']
}
