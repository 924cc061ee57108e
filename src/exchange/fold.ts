/**
 * From steps to facts: every authentication becomes one `AuthExchange`, every request to a KDC one `KdcExchange`.
 *
 * A fold over the steps of the carriers. It knows connections, slots and answers, and of protocols only what a carrier
 * cannot see alone: that datagrams are sent again, that a proxy stands in between, that RPC opens several contexts.
 * Values that it gives away are owned and frozen; of borrowed bytes it keeps nothing. Memory: a bounded number of open
 * attempts a connection, a bounded memory of refusals.
 */
import type {
  AuthStep,
  CallStep,
  ContextFact,
  LegStep,
  OfferStep,
  Principal,
  Service,
  TrafficStep,
} from '../../decoders/carrier.ts'
import { SENT_AGAIN_MICROS } from '../../decoders/carriers/radius.ts'
import { isKerberosLike } from '../causes/origin.ts'
import { Evidence, type Follows, hostKey, WINDOW_MICROS } from '../context/evidence.ts'
import { HostNames } from '../context/host-names.ts'
import { learnContext } from '../context/learn.ts'
import { NameOrigins } from '../context/name-origins.ts'
import type { OpenedToken } from '../dissect/accounts.ts'
import type { MessageContext } from '../dissect/dissector.ts'
import type { ToldMessage, ToldToken } from '../dissect/told.ts'
import type { ChannelFacts } from '../facts/channel.ts'
import type { AuthExchange, Endpoint, ExchangeSink } from '../facts/exchange.ts'
import type { FrameNames } from '../facts/frames.ts'
import { type BindingIndex, NO_BINDINGS } from '../keys/channel-binding.ts'
import { deleteOldest } from '../memory/bounded-map.ts'
import { LIMITS } from '../memory/limits.ts'
import type { Conversation } from '../stream/conversation.ts'
import { Attempt } from './attempt/attempt.ts'
import { originEvidence } from './attempt/attempt-facts.ts'
import { namesSession } from './attempt/place.ts'
import { RelayWatch } from './attempt/relay.ts'
import { mayBeExplained } from './binding.ts'
import { ExchangeBuilder } from './closing.ts'
import { ConversationState, endpoints } from './conversation-state.ts'
import { KdcFold } from './kdc-fold.ts'
import {
  answersAgain,
  awaitingAuthenticate,
  awaitingSessionId,
  behindProxy,
  isFirstToken,
  merge,
  repeatsCredentials,
  rpcCall,
  serverLeg,
  startsNewAttempt,
} from './legs.ts'
import type { Pending } from './pending.ts'
import { type Look, PreviewQueue } from './previews.ts'
import { RpcChannels } from './rpc-channels.ts'
import { SmbSessions } from './smb-sessions.ts'
import { Undecided } from './undecided.ts'

const NO_REQUEST = {}
const SILENT: ReadonlySet<ContextFact['fact']> = new Set([
  // every connection to a KDC begins with two of these
  'kdc-contact',
  'sent-elsewhere',
  'share-asked',
  'share-given',
  'file-opened',
  'file-given',
  'piece-asked',
  'file-piece',
])
/** they may change the cause of another authentication of these hosts */
const EXPLAINING: ReadonlySet<AuthStep['kind']> = new Set(['context', 'kdc', 'leg', 'offer', 'call'])
/** protocol number in the IP header */
const UDP = 17

export class ExchangeFold {
  readonly #sink: ExchangeSink
  readonly #names: FrameNames
  readonly #evidence: Evidence
  readonly names = new HostNames()
  readonly #origins = new NameOrigins()
  readonly #uids: boolean
  readonly #kdc: KdcFold
  readonly #drafts: ExchangeBuilder
  readonly #waiting: Undecided
  readonly #relays = new RelayWatch()
  readonly #channels = new RpcChannels()
  readonly #sessions = new SmbSessions()
  /** when a user sent a response in datagrams, by both hosts and the user */
  readonly #responses = new Map<string, number>()
  /** null: nobody looks at what is not over */
  #previews: PreviewQueue | null = null
  /** attempts that were not followed because a connection had too many open */
  overflow = 0

  /** causes that were decided before their time, because too many exchanges waited */
  get decidedEarly(): number {
    return this.#waiting.decidedEarly
  }

  /** SMB channels whose session was not found, and may have been forgotten */
  get sessionsMissed(): number {
    return this.#sessions.missed
  }

  /** clients of which the oldest evidence was let go */
  get evidenceEvicted(): number {
    return this.#evidence.evicted
  }

  /**
   * `bindings`: which certificate a channel binding was made for; `uids` false: nobody asks who is who; `follows`:
   * which captures are one that was cut into files; `isEndless`: nobody waits for the end of the run
   */
  constructor(
    sink: ExchangeSink,
    names: FrameNames,
    bindings: BindingIndex = NO_BINDINGS,
    uids = true,
    follows?: Follows,
    isEndless = false,
  ) {
    this.#evidence = new Evidence(follows)
    this.#sink = sink
    this.#names = names
    this.#uids = uids
    this.#kdc = new KdcFold(sink, names, this.#evidence, this.names, uids)
    this.#drafts = new ExchangeBuilder(names, this.names, bindings, uids)
    this.#waiting = new Undecided(sink, names, this.#evidence, this.names, this.#origins, bindings, isEndless)
  }

  /** `opened`: what a keytab made of the token; `digest`: of the token, where it was made before */
  step(
    context: MessageContext,
    message: ToldMessage,
    step: AuthStep,
    tokens: readonly ToldToken[],
    opened: OpenedToken | null = null,
    digest: string | null = null,
  ): void {
    // what is learnt now is too late for these
    this.tick(context.time)
    const previews = this.#previews
    if (previews !== null && EXPLAINING.has(step.kind)) previews.learnt(context.conversation)
    if (step.kind === 'context') {
      this.#context(context, step.fact)
      return
    }
    if (previews !== null && step.kind !== 'kdc') previews.said(context.conversation)
    const state = stateOf(context.conversation)
    state.lastTime = context.time
    if (message.service !== 'unknown' && state.facts.tls === undefined) state.led = message.service
    switch (step.kind) {
      case 'facts':
        if (step.facts.smb?.expiredSession !== undefined)
          state.expired = { session: step.facts.smb.expiredSession, frame: context.frame }
        if (step.facts.loggedOn !== undefined) this.#loggedOn(state, context, step.facts.loggedOn)
        state.facts = merge(state.facts, behindProxy(state, step.facts))
        break
      case 'offer':
        this.#offer(state, context, message.service, step, tokens)
        break
      case 'leg':
        if (step.facts) state.facts = merge(state.facts, step.facts)
        this.#leg(state, context, message, step, tokens, opened, digest)
        break
      case 'traffic':
        this.#traffic(state, context, step)
        break
      case 'call':
        this.#call(state, context, step)
        break
      case 'interfaces':
        for (const one of step.interfaces) state.bind(step.association, one.context, one.interface)
        break
      case 'kdc':
        this.#kdc.step(state, context, step, tokens)
        break
    }
  }

  /** What is known of the TLS channel of a conversation; `begins`: by the answer to another handshake in it. */
  channel(conversation: Conversation, facts: ChannelFacts, begins = false): void {
    const state = stateOf(conversation)
    // what was said before is bound to the handshake before
    if (begins) for (const attempt of state.attempts) if (hasToken(attempt)) attempt.channel ??= state.channel
    state.channel = facts
  }

  /** What was spoken is over: what follows is a conversation inside this one. */
  tunnel(conversation: Conversation): void {
    const state = conversation.context as ConversationState | null
    if (state === null) return
    this.#kdc.closed(conversation, state)
    this.#finishAll(conversation, state)
    conversation.context = state.within()
  }

  closed(conversation: Conversation, time: number): void {
    this.tick(time)
    this.#previews?.closed(conversation)
    const state = conversation.context as ConversationState | null
    if (state === null) return
    const sni = state.behind('') === null ? state.facts.tls?.serverName : null
    if (sni)
      this.names.learn(endpoints(conversation)[1].ip, sni, 'tls', conversation.startTime, conversation.startFrame)
    conversation.context = null
    this.#kdc.closed(conversation, state)
    this.#finishAll(conversation, state)
  }

  /** Time has come so far: what ended a window before it is decided. */
  tick(time: number): void {
    this.#waiting.decideBefore(time - WINDOW_MICROS)
  }

  /** Where the first conversation began of which something waits to be decided; Infinity: nothing waits. */
  get oldestFrame(): number {
    return this.#waiting.oldestFrame
  }

  /** From now on it is kept in mind what `preview` has to look at. */
  startPreviews(): void {
    this.#previews ??= new PreviewQueue()
    this.#waiting.previews = this.#previews
  }

  /**
   * What is open or waits and may have changed since the last time, as it would be given away now; nothing is ended,
   * learnt or forgotten.
   */
  preview(how: Look, give: (exchange: AuthExchange) => void): void {
    this.#previews?.look(
      how,
      () => this.#waiting.waiting(),
      (conversation) => this.#look(conversation, how, give),
      (pending) => give(this.#waiting.peek(pending)),
    )
  }

  /** true: something of it is to be said at the next turn */
  #look(conversation: Conversation, how: Look, give: (exchange: AuthExchange) => void): boolean {
    const state = conversation.context as ConversationState | null
    if (state === null) return false
    let again = false
    for (const attempt of state.attempts) {
      const { result } = attempt
      if (attempt.repeats !== null && result !== 'failure') continue
      const isPatient = !attempt.done && result === 'unknown' && attempt.end > how.patience
      // what comes after the answer (signatures, calls) is told now and then, not with each message
      if (isPatient || (!how.isTurn && attempt.shown === result)) {
        again = true
        continue
      }
      attempt.shown = result
      give(this.#waiting.peek(this.#pendingOf(conversation, state, attempt, true)))
    }
    return again
  }

  /** Everything was read: what waited is decided. */
  end(): void {
    this.#waiting.end()
  }

  #context({ conversation, from, time, frame }: MessageContext, fact: ContextFact): void {
    const isLow = from === 0
    const { lowAddress, lowPort, highAddress, highPort } = conversation
    learnContext(fact, {
      evidence: this.#evidence,
      names: this.names,
      origins: this.#origins,
      sender: isLow ? lowAddress : highAddress,
      receiver: isLow ? highAddress : lowAddress,
      senderPort: isLow ? lowPort : highPort,
      receiverPort: isLow ? highPort : lowPort,
      time,
      frame,
    })
    // of use to nobody but the causes
    if (SILENT.has(fact.fact)) return
    const low: Endpoint = { ip: lowAddress, port: lowPort, name: null }
    const high: Endpoint = { ip: highAddress, port: highPort, name: null }
    const capture = this.#names.capture(frame)
    const [sender, receiver] = isLow ? [low, high] : [high, low]
    const [frameRef] = this.#names.refs([frame], capture)
    this.#sink.context?.({ capture, time, frame: frameRef!, sender, receiver, fact })
  }

  #offer(
    state: ConversationState,
    context: MessageContext,
    service: Service,
    step: OfferStep,
    tokens: readonly ToldToken[],
  ): void {
    const listed = tokens.find(({ message }) => message.type === 'NegTokenInit2')?.message
    const names = this.#drafts.lists.of(listed && 'mechTypes' in listed ? listed.mechTypes : step.methods)
    if (step.token === null && step.methods.length === 0) return
    // a token that names nothing is an offer that names nothing: it is remembered as seen
    state.keepOffer(step.slot, { service, names, frame: context.frame })
    if (context.carrier.name === 'http' && names.some(isKerberosLike)) {
      const [client, server] = endpoints(context.conversation)
      this.#evidence.kerberosAsked(client.ip, askingKey(server, step.slot, state.behind(step.slot)))
    }
    // a client that did not wait for the offer: it is seen when the server refuses
    const open = state.inSlot(step.slot)
    if (open !== undefined && !open.done && open.serverOffer === null) {
      open.serverOffer = names
      open.addFrame(context.frame)
    }
  }

  #leg(
    state: ConversationState,
    context: MessageContext,
    message: ToldMessage,
    leg: LegStep,
    tokens: readonly ToldToken[],
    opened: OpenedToken | null,
    digest: string | null,
  ): void {
    const asked = resentLogon(state, context, leg)
    if (asked !== null) {
      asked.addFrame(context.frame)
      return
    }
    const attempt =
      leg.from === 'client' ? this.#clientLeg(state, context, message, leg, tokens) : serverLeg(state, leg)
    const known = attempt ?? this.#lateServerLeg(state, context, message, leg, tokens)
    if (known === null) {
      // an identifier names one question (RFC 2865 3); in SIP a call has several
      if (isNumbered(context) && leg.token === null) {
        const { time, frame } = context
        state.forgetEarly()
        state.early = { leg, time, frame, isRepeated: state.isDatagramAnswered(leg.message, time) }
      }
      return
    }
    // its first request was lost, and with it that this binds a channel
    if (leg.smb?.binding && known.sessionPlace.setup === 'new' && known.logon === null)
      this.#place(state, context, known, leg, false, undefined)
    const { time, frame } = context
    known.addLeg(leg, tokens, time, frame, this.#drafts.lists)
    if (this.#uids && leg.from === 'client' && leg.token !== null) known.keepDigest(leg.token, tokens, digest)
    known.ticket = opened?.ticket ?? known.ticket
    known.proof = opened?.ntlm ?? known.proof
    if (tokens.some(({ message: { type } }) => type === 'CHALLENGE_MESSAGE' || type === 'AUTHENTICATE_MESSAGE'))
      this.#watch(context, known, leg.from)
    if (leg.from === 'client' && leg.message !== null) state.awaitAnswer(leg.message, known)
    if (leg.plainNtlm !== null && context.conversation.protocol === UDP) this.#responded(context, leg.principal)
    if (leg.from === 'server') {
      if (leg.message !== null) state.answered(leg.message)
      if (leg.message !== null && isNumbered(context)) state.datagramAnswered(leg.message, time)
      if (known.slot !== leg.slot) {
        // the answer names the session that the request could not know yet
        state.move(known, leg.slot)
      }
      if (known.outcome === 'success' && known.logon === null && context.carrier.name === 'smb')
        this.#sessions.accepted(known, this.#drafts.idOf(known), state.facts, endpoints(context.conversation)[1].ip)
      this.#remember(context.conversation, known, context.time)
    }
    for (const { message: inner } of tokens) {
      if (inner.protocol === 'kerberos' && inner.wrapping === 'iakerb') this.#kdc.iakerb(state, context, inner)
    }
    const { early } = state
    if (early === null || leg.from !== 'client') return
    // datagrams acknowledge nothing: this one was the answer, seen a moment before its question
    const isAnswer = early.leg.message === leg.message && context.time - early.time <= EARLY_MICROS
    if (isAnswer) state.early = null
    else state.forgetEarly()
    if (isAnswer)
      this.#leg(state, { ...context, time: early.time, frame: early.frame }, message, early.leg, [], null, null)
  }

  #responded({ conversation, time }: MessageContext, principal: Principal | null): void {
    if (principal === null) return
    this.#responses.set(responseKey(conversation, principal), time)
    if (this.#responses.size > LIMITS.plainResponsesMax) deleteOldest(this.#responses)
  }

  /** A client takes a logon for done: devices send each round of EAP from a port of its own. */
  #loggedOn(state: ConversationState, { conversation, time }: MessageContext, principal: Principal): void {
    const before = this.#responses.get(responseKey(conversation, principal))
    if (!state.hasAuthenticated && (before === undefined || time - before > SENT_AGAIN_MICROS)) state.beganBefore = true
  }

  /** The attempt that a client's leg goes on with, or a new one. */
  #clientLeg(
    state: ConversationState,
    context: MessageContext,
    message: ToldMessage,
    leg: LegStep,
    tokens: readonly ToldToken[],
  ): Attempt {
    const present = state.inSlot(leg.slot) ?? awaitingSessionId(state, leg) ?? awaitingAuthenticate(state, leg, tokens)
    if (present !== undefined) {
      // an empty request for the server's hint has begun nothing yet; a token that is cut off whole is no empty one
      const hasToken = leg.token !== null || context.cut !== 'whole'
      const isSame = leg.method === null || (leg.method === present.method && hasToken)
      const isUnanswered = present.outcome === null && isSame
      const isGoingOn = present.outcome === 'continue' || isUnanswered
      const hinted = present.firstToken === null && isGoingOn
      const first = !hinted && startsNewAttempt(present, leg, tokens)
      if (present.slot !== leg.slot) state.move(present, leg.slot)
      if (!present.done && !(first && present.sawClient)) return present
      // a last word of the client in what the server took for done
      if (!first && present.done && present.outcome === 'success' && namesSession(leg.slot) && leg.rpc === null) {
        present.done = false
        return present
      }
    }
    const again = repeatsCredentials(present, leg, tokens) ? (present.repeats ?? present) : null
    const attempt = this.#begin(state, context, message, leg, present, again)
    if (context.carrier.name === 'smb') this.#place(state, context, attempt, leg, isFirstToken(tokens), present)
    return attempt
  }

  /** Is it the logon of a session, or does it go on with one? */
  #place(
    state: ConversationState,
    { conversation }: MessageContext,
    attempt: Attempt,
    leg: LegStep,
    first: boolean,
    before: Attempt | undefined,
  ): void {
    const whole = conversation.sawStart && conversation.gaps === 0
    const [, { ip: server }] = endpoints(conversation)
    const exchangeOf = (known: Attempt) => this.#drafts.idOf(known)
    const { facts } = state
    attempt.sessionPlace = this.#sessions.placeOf({ leg, first, before, whole, facts, server, exchangeOf })
    if (attempt.sessionPlace.setup !== 'reauthentication' || state.expired?.session !== leg.slot) return
    attempt.expired = true
    attempt.addFrame(state.expired.frame)
    state.expired = null
  }

  /**
   * A server's leg whose request is not in the capture. A datagram that answers one which was no authentication says
   * nothing.
   */
  #lateServerLeg(
    state: ConversationState,
    context: MessageContext,
    message: ToldMessage,
    leg: LegStep,
    tokens: readonly ToldToken[],
  ): Attempt | null {
    if (leg.from === 'client') return null
    const tells =
      tokens.some(({ message: inner }) => inner.protocol !== 'spnego') ||
      (leg.message !== null && context.carrier.transport === 'tcp')
    if (!tells) return null
    const before = state.inSlot(leg.slot)
    const again = answersAgain(before, leg) ? (before.repeats ?? before) : null
    const attempt = this.#begin(state, context, message, leg, before, again)
    if (context.carrier.name === 'smb') this.#place(state, context, attempt, leg, false, before)
    return attempt
  }

  #begin(
    state: ConversationState,
    context: MessageContext,
    message: ToldMessage,
    leg: LegStep,
    before: Attempt | undefined,
    repeats: Attempt | null = null,
  ): Attempt {
    // one that still awaits its answer goes on beside the new one; its message finds it
    if (before !== undefined && before !== repeats && !state.isAwaited(before)) {
      const root = before.repeats
      this.#finish(context.conversation, state, before)
      if (root !== null && root !== repeats) this.#finish(context.conversation, state, root)
    }
    if (state.attempts.length >= LIMITS.openExchangesPerConnectionMax) {
      const [oldest] = state.attempts
      if (oldest) this.#finish(context.conversation, state, oldest)
      this.overflow++
    }
    const attempt = new Attempt(leg.slot, message.service, context.carrier.name, context.time, context.frame)
    // its place among those that begin in this frame: the same, whether somebody looks at it before its end or not
    this.#drafts.idOf(attempt)
    attempt.proxiedTarget = state.behind(leg.slot)
    attempt.repeats = repeats
    if (message.protocol === 'http') {
      attempt.http = state.facts.http ?? NO_REQUEST
      const [client, server] = endpoints(context.conversation)
      attempt.offeredKerberosBefore = this.#evidence.wasAsked(
        client.ip,
        askingKey(server, leg.slot, attempt.proxiedTarget),
      )
      if (attempt.http.method?.startsWith('RPC_'))
        this.#channels.began(attempt, client.ip, `${server.ip} ${server.port}`)
    }
    // TDS that is read without keys had at most its login packet in TLS
    const isInClear = context.carrier.name === 'tds' && state.channel?.opened !== true
    attempt.overTls = (state.facts.tls !== undefined && !isInClear) || state.facts.ldap?.startTls === true
    const offer = state.offerIn(leg.slot)
    if (offer && leg.rpc === null) {
      attempt.serverOffer = offer.names
      attempt.addFrame(offer.frame)
    }
    if (leg.rpc?.session !== undefined) attempt.outerSession = state.inSlot(leg.rpc.session) ?? null
    state.begin(attempt)
    return attempt
  }

  #traffic(state: ConversationState, { carrier, conversation }: MessageContext, step: TrafficStep): void {
    const attempt = state.inSlot(step.slot)
    if (attempt === undefined) return
    attempt.addTraffic(step)
    if (carrier.name !== 'smb' || step.from === 'client' || step.refused || attempt.logon !== null) return
    // the answer that accepted the logon is missing: this one is given to whoever was accepted
    if (attempt.authenticate !== null || attempt.apReq !== null)
      this.#sessions.accepted(attempt, this.#drafts.idOf(attempt), state.facts, endpoints(conversation)[1].ip)
  }

  #call(state: ConversationState, context: MessageContext, step: CallStep): void {
    const named = state.inSlot(step.slot) ?? state.unprotected(step.slot)
    if (step.from === 'client') {
      const fact = step.called && rpcCall(state, step.called)
      if (fact !== null) this.#context(context, fact)
      if (named === undefined) return
      if (!named.done) state.awaitAnswer(step.message, named)
      named.addCall(step, context.time, context.frame)
      return
    }
    const asked = state.askedBy(step.message)
    state.answered(step.message)
    const attempt = asked ?? named
    if (attempt === undefined) return
    attempt.addCall(step, context.time, context.frame)
    this.#remember(context.conversation, attempt, context.time)
  }

  /** Kerberos that worked or was refused explains an NTLM logon that follows, in this flow or the next. */
  #remember(conversation: Conversation, attempt: Attempt, time: number): void {
    if (attempt.ntlmSeen || attempt.remembered || !attempt.triedKerberos) return
    // a channel that may not be bound says nothing about the ticket
    if (attempt.sessionPlace.setup === 'binding' && attempt.outcome === 'failure' && attempt.kerberosError === null)
      return
    const refused = attempt.refusedKerberos
    if (!refused && attempt.result !== 'success') return
    attempt.remembered = true
    const [client, server] = endpoints(conversation)
    const sname = attempt.apReq?.ticketSname ?? null
    this.#evidence.kerberosUsed(client.ip, {
      server: server.ip,
      port: server.port,
      service: attempt.service,
      tunnel: attempt.proxiedTarget || null,
      ticket: attempt.kerberosTried,
      host: sname === null ? null : hostKey(sname),
      time,
      accepted: !refused,
      error: attempt.kerberosError?.errorCode ?? null,
      status: attempt.status?.name ?? null,
      tooLong: attempt.tooLong,
      unsupported: attempt.unsupported,
      notOffered: !!attempt.serverOffer?.length && !attempt.serverOffer.some(isKerberosLike),
      frames: attempt.frames.slice(-2),
    })
  }

  #watch({ conversation, time, frame }: MessageContext, attempt: Attempt, from: LegStep['from']): void {
    // a proxy hands on what it has no part in
    if (attempt.proxiedTarget !== null) return
    const [client, server] = endpoints(conversation)
    const mark = from === 'server' ? attempt.marks.challenge : attempt.marks.response
    if (mark !== null)
      this.#relays.seen(mark, { leg: attempt.relay, client: client.ip, server: server.ip, time, frame })
  }

  /** Those that repeat another one before it. */
  #finishAll(conversation: Conversation, state: ConversationState): void {
    for (const attempt of state.attempts) if (attempt.repeats !== null) this.#finish(conversation, state, attempt)
    for (const attempt of state.attempts) this.#finish(conversation, state, attempt)
  }

  #finish(conversation: Conversation, state: ConversationState, attempt: Attempt): void {
    if (!state.end(attempt)) return
    // requests with the same credentials are one authentication, as long as none is refused
    if (attempt.repeats !== null && attempt.result !== 'failure') {
      attempt.repeats.addRequest(attempt)
      return
    }
    // CredSSP has no other word for it where its version is an old one (MS-CSSP 3.1.5)
    if (attempt.carrier === 'credssp' && attempt.authenticate !== null && attempt.outcome !== 'success')
      if (state.facts.tls?.closedBy === 'server') attempt.outcome = 'failure'
    this.#waiting.add(this.#pendingOf(conversation, state, attempt, false))
  }

  #pendingOf(conversation: Conversation, state: ConversationState, attempt: Attempt, isPreview: boolean): Pending {
    // datagrams have no beginning that could be missing
    const whole = (conversation.protocol === UDP || conversation.sawStart) && conversation.gaps === 0
    const draft = this.#drafts.build(conversation, state, attempt, whole, isPreview)
    const offers = originEvidence(attempt, whole)
    const authenticated = attempt.authenticate !== null || attempt.plainNtlm !== null
    const { since, relay: leg, marks } = attempt
    const unexplained = mayBeExplained(draft) ? this.#drafts.bindingCase(state, attempt) : null
    const conversationFrame = conversation.startFrame
    return { draft, offers, whole, authenticated, since, leg, marks, conversationFrame, unexplained }
  }
}

/**
 * The attempt of which this datagram is sent once more, because no answer came in time (RFC 2865 2.5: the same
 * identifier). Identifiers come round, so the user must be the same, and not much later.
 */
function resentLogon(state: ConversationState, { conversation, time }: MessageContext, leg: LegStep): Attempt | null {
  if (conversation.protocol !== UDP || leg.from !== 'client' || leg.message === null) return null
  const asked = state.askedBy(leg.message)
  if (asked === undefined || time - asked.end > SENT_AGAIN_MICROS) return null
  return asked.principal?.user === leg.principal?.user && asked.principal?.domain === leg.principal?.domain
    ? asked
    : null
}

/** It has said what it is bound to. */
function hasToken({ authenticate, ticket }: Attempt): boolean {
  return authenticate !== null || ticket !== null
}

function responseKey({ lowAddress, highAddress }: Conversation, { user, domain }: Principal): string {
  return `${lowAddress} ${highAddress} ${domain}\\${user}`
}

/** An answer has the identifier of its question, and there is no other order (RFC 2865 3, RFC 1994 4.1). */
function isNumbered({ carrier }: MessageContext): boolean {
  return carrier.name === 'radius' || carrier.name === 'ppp'
}

/** Who asked: a server, a proxy, or a server behind one. */
function askingKey({ ip, port }: Endpoint, slot: string, behind: string | null): string {
  return `${ip} ${port} ${slot} ${behind ?? ''}`
}

/**
 * a client that asks once more with the same identifier has had no answer: within its patience it is the same question
 */
const EARLY_MICROS = 5e6

function stateOf(conversation: Conversation): ConversationState {
  const known = conversation.context as ConversationState | null
  if (known !== null) return known
  const made = new ConversationState()
  conversation.context = made
  return made
}
