/**
 * An attempt that has ended and waits for its cause.
 */
import type { CauseInput, UnjudgedExchange } from '../causes/subject.ts'
import type { Marks } from '../facts/marks.ts'
import type { RelayLeg } from './attempt/relay.ts'
import type { BindingCase } from './binding.ts'

/** All that is needed of an attempt that has ended; the attempt itself is let go (about half a kilobyte each). */
export interface Pending extends Pick<CauseInput, 'offers' | 'whole' | 'authenticated' | 'since'> {
  readonly draft: UnjudgedExchange
  readonly leg: RelayLeg
  readonly marks: Marks
  /** its channel binding, which no certificate explains that was seen so far; null: one does, or there is none */
  readonly unexplained: BindingCase | null
  /** where its conversation began */
  readonly conversationFrame: number
}
