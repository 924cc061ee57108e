/**
 * Exchanges that have ended and wait for what may still explain them, in the order in which they ended: an attempt may
 * yet learn that it was relayed, and evidence comes up to a window later. Then origin and cause are decided and the
 * exchange is given away.
 */

import { type Decision, decide, decidedPlainly } from '../causes/decide.ts'
import type { CauseInput, UnjudgedExchange } from '../causes/subject.ts'
import type { Evidence } from '../context/evidence.ts'
import type { HostNames } from '../context/host-names.ts'
import type { NameOrigins } from '../context/name-origins.ts'
import type { AuthExchange, Endpoint, ExchangeSink } from '../facts/exchange.ts'
import type { FrameNames } from '../facts/frames.ts'
import type { BindingIndex } from '../keys/channel-binding.ts'
import { LIMITS } from '../memory/limits.ts'
import { judgeBinding } from './binding.ts'
import type { Pending } from './pending.ts'
import type { PreviewQueue } from './previews.ts'

type OpenExchange = { -readonly [K in keyof AuthExchange]: AuthExchange[K] }

export class Undecided {
  readonly #sink: ExchangeSink
  readonly #frames: FrameNames
  readonly #evidence: Evidence
  readonly #hosts: HostNames
  readonly #origins: NameOrigins
  /** null: given away, and its place not yet cleared */
  readonly #pending: (Pending | null)[] = []
  #pendingFrom = 0
  /** who looks at what waits; null: nobody */
  previews: PreviewQueue | null = null
  /** causes that were decided before their time, because too many exchanges waited */
  decidedEarly = 0
  readonly #bindings: BindingIndex
  readonly #isEndless: boolean
  /** decided, but the certificate that their channel binding was made for may still be shown, to whomever */
  #unexplained: { readonly exchange: OpenExchange; readonly pending: Pending }[] = []

  /** `isEndless`: nobody waits for the end of the run, and whatever is shown after a window is too late */
  constructor(
    sink: ExchangeSink,
    frames: FrameNames,
    evidence: Evidence,
    hosts: HostNames,
    origins: NameOrigins,
    bindings: BindingIndex,
    isEndless: boolean,
  ) {
    this.#bindings = bindings
    this.#isEndless = isEndless
    this.#sink = sink
    this.#frames = frames
    this.#evidence = evidence
    this.#hosts = hosts
    this.#origins = origins
  }

  add(pending: Pending): void {
    // nothing that comes later changes an exchange without NTLM
    if (pending.draft.ntlm === null) this.#give(pending)
    else this.#wait(pending)
  }

  /** What ended before `time` (microseconds since 1970) is decided. */
  decideBefore(time: number): void {
    while (this.#pendingFrom < this.#pending.length && this.#pending[this.#pendingFrom]!.draft.end < time)
      this.#giveOldest()
  }

  /** Nothing more is read. */
  end(): void {
    this.decideBefore(Number.POSITIVE_INFINITY)
    const held = this.#unexplained
    this.#unexplained = []
    for (const { exchange, pending } of held) {
      this.#explain(exchange, pending)
      this.#sink.exchange(Object.freeze(exchange), pending.marks)
    }
  }

  /** Where the first conversation began of which something waits; Infinity: nothing waits. */
  get oldestFrame(): number {
    let oldest = Number.POSITIVE_INFINITY
    for (let at = this.#pendingFrom; at < this.#pending.length; at++)
      oldest = Math.min(oldest, this.#pending[at]!.conversationFrame)
    return oldest
  }

  /** All that waits, the one that ended first before the others. */
  *waiting(): Generator<Pending> {
    for (let at = this.#pendingFrom; at < this.#pending.length; at++) yield this.#pending[at]!
  }

  /** What would be given away now, as a value of its own. */
  peek(pending: Pending): AuthExchange {
    return this.#decided({ ...pending.draft }, pending)
  }

  #wait(pending: Pending): void {
    this.#pending.push(pending)
    this.previews?.waits(pending)
    if (this.#pending.length - this.#pendingFrom <= LIMITS.pendingExchangesMax) return
    this.decidedEarly++
    this.#giveOldest()
  }

  #giveOldest(): void {
    const oldest = this.#pending[this.#pendingFrom]!
    // a report lists some of what was given away: the others are let go now, not when the places are cleared (8 MB)
    this.#pending[this.#pendingFrom++] = null
    this.previews?.given(oldest)
    this.#give(oldest)
    if (this.#pendingFrom < LIMITS.pendingExchangesMax && this.#pendingFrom < this.#pending.length) return
    this.#pending.splice(0, this.#pendingFrom)
    this.#pendingFrom = 0
  }

  /** Its origin and cause, from everything that was seen until now. */
  #give(pending: Pending): void {
    const exchange = this.#decided(pending.draft, pending)
    const isHeld = !this.#explain(exchange, pending) && !this.#isEndless
    if (isHeld && this.#unexplained.length < LIMITS.unexplainedBindingsMax)
      this.#unexplained.push({ exchange, pending })
    else this.#sink.exchange(Object.freeze(exchange), pending.marks)
  }

  /** False: its channel binding was made for a certificate that nobody has shown until now. */
  #explain(exchange: OpenExchange, { unexplained }: Pending): boolean {
    if (unexplained === null) return true
    const { state, binding } = judgeBinding(unexplained, this.#bindings)
    if (binding === null || binding.madeFor === null) return false
    exchange.channelBinding = state
    exchange.binding = binding
    return true
  }

  /** `draft` becomes the exchange. */
  #decided(draft: UnjudgedExchange, { offers, whole, authenticated, since, leg }: Pending): OpenExchange {
    const plain = decidedPlainly(draft)
    if (plain !== null) return this.#withDecision(draft, plain)
    const subject: CauseInput = {
      exchange: draft,
      offers,
      whole,
      authenticated,
      since,
      relay: leg.relayed === null ? null : leg.frames,
      relaying: leg.relayed === 'to the target',
    }
    const decision = decide(subject, {
      evidence: this.#evidence,
      aliases: (ip, time) => this.#hosts.aliases(ip, time),
      aliasOf: (name, time) => this.#hosts.aliasOf(name, time),
      cite: (keys) => this.#frames.refs(keys, draft.capture),
      origins: this.#origins,
    })
    return this.#withDecision(draft, decision)
  }

  #withDecision(draft: UnjudgedExchange, { origin, fallback, cause }: Decision): OpenExchange {
    // the draft is nobody else's, and a copy with properties more would get a hidden class of its own (`EMPTY_LEG`)
    const exchange = draft as OpenExchange
    exchange.client = this.#named(draft.client, draft.start)
    exchange.server = this.#named(draft.server, draft.start)
    exchange.origin = origin
    exchange.fallback = fallback
    exchange.cause = cause
    return exchange
  }

  #named(one: Endpoint, time: number): Endpoint {
    return one.name !== null ? one : { ip: one.ip, port: one.port, name: this.#hosts.best(one.ip, time) }
  }
}
