/**
 * What the threads of a run say to each other.
 */
import type { MessagePort } from 'node:worker_threads'
import type { Filled } from './handover.ts'
import type { KeyFiles } from './opening.ts'
import type { EngineName, Progress, ReadingFacts } from './pdu-source.ts'

/** Chunks on their way: 2 MB. */
export const CHUNKS_MAX = 8
/**
 * Rounds on their way, where others dissect: enough that nobody waits for another's next turn. With 8 the peak is 13
 * MiB higher, since what is told of a round is on its way too.
 */
export const ROUNDS_MAX = 3
/** Place of the number of chunks that have been read, in the memory that both threads see. */
export const TAKEN = 0

/** What the reading thread is told first; the next word is `stop`. */
export interface ReadingOrder {
  readonly inputs: readonly string[]
  readonly engine: EngineName
  /** paths alone: keys are read where they are used */
  readonly keys: KeyFiles
  readonly shared: SharedArrayBuffer
  /** where chunks come back */
  readonly returned: MessagePort
  /** those that dissect, where there are any: each gets its part of every round, and gives chunks back; null: none */
  readonly outlets: readonly MessagePort[] | null
  /** so many conversations go to the first of them before they are divided */
  readonly dividedFrom: number
  /** after so many all are given to the thread that understands; null: when memory is short */
  readonly joinedFrom: number | null
}

/** What one that dissects gets of a round, and how many get something; null: no round comes any more. */
export type Handed = { readonly filled: Filled | null; readonly parts: number } | null

/** What it says. */
export type FromReading =
  | { readonly kind: 'chunk'; readonly chunk: ArrayBuffer; readonly used: number }
  /** conversations are divided from now on: all that dissect have something to do */
  | { readonly kind: 'divided' }
  /** so many rounds there were: those that dissect give back what is open, and chunks come here from now on */
  | { readonly kind: 'joined'; readonly rounds: number }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'done'; readonly facts: ReadingFacts; readonly rounds: number }
  | { readonly kind: 'failed'; readonly message: string }
