/**
 * What has to be looked at by whoever wants to know of authentications before they are over: conversations that have
 * said something, and those that have ended and wait for their cause. What nobody has heard of comes first; what may
 * only be said better waits for the next turn of the clock. Nothing is lost where a look ends early: it goes on at the
 * next one. Bounded by what is open and what waits.
 */
import type { Conversation } from '../stream/conversation.ts'
import type { Pending } from './pending.ts'

export interface Look {
  /** an attempt that awaits its answer is given when it has waited until then, microseconds since 1970 */
  readonly patience: number
  /** a turn of the clock: what may only be said better is looked at as well */
  readonly isTurn: boolean
  /** asked before each; false: the rest is for the next look */
  mayGoOn(): boolean
}

export class PreviewQueue {
  /** they have said something since they were looked at */
  readonly #open = new Set<Conversation>()
  /** nothing new is to be said of them yet */
  readonly #later = new Set<Conversation>()
  /** they have ended since the last look */
  readonly #ended = new Set<Pending>()
  /** they may have another cause by now */
  readonly #doubtful = new Set<Pending>()
  /** of whom something was learnt since the last turn */
  readonly #hosts = new Set<string>()
  #learntLast: Conversation | null = null

  said(conversation: Conversation): void {
    this.#open.add(conversation)
  }

  /** What was said may explain what their logons do. */
  learnt(conversation: Conversation): void {
    if (conversation === this.#learntLast) return
    this.#learntLast = conversation
    this.#hosts.add(conversation.lowAddress).add(conversation.highAddress)
  }

  closed(conversation: Conversation): void {
    this.#open.delete(conversation)
    this.#later.delete(conversation)
  }

  waits(pending: Pending): void {
    this.#ended.add(pending)
  }

  /** It was given away for good. */
  given(pending: Pending): void {
    this.#ended.delete(pending)
    this.#doubtful.delete(pending)
  }

  /**
   * `look` gives what is to be said of a conversation, and true where it must be looked at again at the next turn.
   * `waiting`: all that waits for its cause.
   */
  look(
    { isTurn, mayGoOn }: Look,
    waiting: () => Iterable<Pending>,
    look: (conversation: Conversation) => boolean,
    peek: (pending: Pending) => void,
  ): void {
    if (isTurn) this.#turn(waiting)
    for (const conversation of this.#open) {
      if (!mayGoOn()) return
      this.#open.delete(conversation)
      if (look(conversation)) this.#later.add(conversation)
    }
    for (const some of [this.#ended, this.#doubtful]) {
      for (const pending of some) {
        if (!mayGoOn()) return
        some.delete(pending)
        peek(pending)
      }
    }
  }

  #turn(waiting: () => Iterable<Pending>): void {
    for (const conversation of this.#later) this.#open.add(conversation)
    this.#later.clear()
    if (this.#hosts.size === 0) return
    for (const pending of waiting()) if (this.#hosts.has(pending.draft.client.ip)) this.#doubtful.add(pending)
    this.#hosts.clear()
    this.#learntLast = null
  }
}
