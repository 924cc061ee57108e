/**
 * From steps to facts: every authentication becomes one `AuthExchange`, every request to a KDC one `KdcExchange`.
 *
 * A fold over the steps of the carriers. It knows connections, slots and answers; it does not know protocols. Values that it gives away are
 * owned and frozen; of borrowed bytes it keeps nothing. Memory: a bounded number of open attempts a connection, a bounded memory of refusals.
 */
import type {
  AuthStep,
  CallStep,
  CarrierMessage,
  ContextFact,
  KdcStep,
  LegStep,
  OfferStep,
  Service,
  SigningPolicy,
  TrafficStep,
} from '../decoders/carrier.ts'
import type { KerberosMessage } from '../decoders/kerberos.ts'
import { kdcOptionNames } from '../decoders/kerberos-names.ts'
import type { NtlmVersion } from '../decoders/ntlmssp.ts'
import { Attempt } from './attempt.ts'
import { communityId } from './community.ts'
import { learnContext, learnPrincipal } from './context.ts'
import { ConversationState, markOf, type PendingKdc } from './conversation-state.ts'
import { type Case, type Draft, decide } from './correlate.ts'
import type { DecodedToken, MessageContext } from './dissect.ts'
import { Evidence, WINDOW_MICROS } from './evidence.ts'
import { type FrameNames, type FrameRef, splitFrameKey } from './frames.ts'
import { kdcError, requestKind, sameRequest } from './kdc.ts'
import { beginsAnew, behindProxy, isAwaited, merge, namesSession, orphan, serverLeg } from './legs.ts'
import { LIMITS } from './limits.ts'
import type { Marks } from './marks.ts'
import { HostNames, type NameSource } from './names.ts'
import { RelayWatch } from './relay.ts'
import type { Conversation } from './stream/conversation.ts'
import { isIpLiteral, targetClass, targetHost } from './target.ts'

export interface Endpoint {
  readonly ip: string
  readonly port: number
  /** a name the wire gave it (NTLM target info, SPN, NETNAME, Host), or null */
  readonly name: string | null
}

export type MechanismName =
  | 'kerberos'
  | 'iakerb'
  | 'ntlm'
  | 'anonymous'
  | 'guest'
  | 'simple'
  | 'plain'
  | 'other'
  | 'unknown'

/** How an exchange came to NTLM: the seven shapes W1 to W7. */
export type Origin =
  | 'server-only'
  | 'client-veto'
  | 'server-switched'
  | 'client-retry'
  | 'late-fallback'
  | 'direct'
  | 'unknown'

export type SmbEffective = 'encrypted' | 'signed' | 'unsigned' | 'guest' | 'anonymous' | 'unknown'
export type ChannelBindingState = 'bound' | 'absent' | 'zero' | 'mismatch' | 'not-applicable' | 'not-visible'

/** Why Kerberos was not used; `code` RC01 to RC22, RC99 where the evidence does not say. */
export interface Cause {
  readonly code: string
  readonly title: string
  readonly confidence: 'high' | 'medium' | 'low'
  /** what was seen that decides it; empty where nothing does */
  readonly why: string
  readonly frames: readonly FrameRef[]
  /** what would have to be visible to say more */
  readonly missing: readonly string[]
  /** the other causes that were considered, and why each is not it */
  readonly alternatives: readonly { readonly code: string; readonly why: string }[]
  /** commands or settings, with the names of this exchange */
  readonly fix: string
}

export interface AuthExchange {
  readonly id: string
  readonly capture: string
  readonly communityId: string
  /** microseconds since 1970 */
  readonly start: number
  readonly end: number
  readonly client: Endpoint
  readonly server: Endpoint
  readonly service: Service
  readonly carrier: string
  readonly mechanism: MechanismName
  /** how the carrier named it: `SPNEGO`, `Negotiate`, `GSSAPI`, `simple`... */
  readonly method: string | null
  readonly origin: Origin | null
  readonly fallback: boolean | null
  readonly cause: Cause | null
  readonly offered: { readonly server: readonly string[] | null; readonly client: readonly string[] | null }
  readonly result: 'success' | 'failure' | 'unknown'
  readonly status: { readonly code: number; readonly name: string; readonly detail: string | null } | null
  readonly visibility: 'both' | 'client' | 'server'
  readonly principal: {
    readonly user: string | null
    readonly domain: string | null
    readonly workstation: string | null
  }
  readonly target: {
    readonly spn: string | null
    readonly class: TargetClass
    /** what the client typed or asked for, as far as the carrier shows it */
    readonly name: string | null
  }
  readonly ntlm: NtlmFacts | null
  readonly kerberos: KerberosFacts | null
  readonly smb: SmbExchangeFacts | null
  readonly ldap: LdapExchangeFacts | null
  readonly rpc: RpcExchangeFacts | null
  readonly channelBinding: ChannelBindingState
  readonly frames: readonly FrameRef[]
}

/** The form of the target name, wire-facts 1.5. */
export type TargetClass =
  | 'absent'
  | 'empty'
  | 'fqdn'
  | 'short'
  | 'ip'
  | 'loopback'
  | 'user-principal'
  | 'marshalled'
  | 'not-visible'

export interface NtlmFacts {
  readonly ntlmVersion: NtlmVersion | 'plaintext' | null
  readonly negotiateFlags: readonly string[]
  readonly mic: boolean | null
  readonly avFlags: number | null
  readonly lmResponsePresent: boolean | null
  readonly signingNegotiated: boolean | null
  readonly sealingNegotiated: boolean | null
  readonly clientVersion: string | null
  readonly serverVersion: string | null
  /** what Windows says of the calling process (MS-KILE 2.2.5): integrity level 0x2000 medium, 0x3000 high, 0x4000 system; null: not sent */
  readonly singleHost: { readonly tokenIntegrityLevel: number; readonly restricted: boolean } | null
  readonly challenge: {
    /** MsvAvTimestamp stood in it: a client that sees it owes a MIC, MS-NLMP 3.1.5.1.2 */
    readonly timestamp: boolean
    /** the ServerChallenge is one that tools send to everybody */
    readonly toolChallenge: boolean
    readonly targetName: string | null
    readonly nbComputerName: string | null
    readonly nbDomainName: string | null
    readonly dnsComputerName: string | null
    readonly dnsDomainName: string | null
    readonly dnsTreeName: string | null
  } | null
}

export interface KerberosFacts {
  readonly realm: string | null
  readonly sname: string | null
  readonly ticketEtype: number | null
  readonly authenticatorEtype: number | null
  readonly mutual: boolean | null
  readonly apRep: boolean
  readonly userToUser: boolean
  readonly errorCode: number | null
  readonly errorName: string | null
}

export interface SmbExchangeFacts {
  readonly dialect: string | null
  readonly clientPolicy: SigningPolicy
  readonly serverPolicy: SigningPolicy
  readonly effective: SmbEffective
  readonly cipher: string | null
  readonly signingAlgorithm: string | null
  /** ordinary messages seen, and how many of them were signed: the evidence for `effective` */
  readonly signedMessages: number
  readonly unsignedMessages: number
  readonly encryptedMessages: number
}

export interface LdapExchangeFacts {
  /** what protected the messages after the bind */
  readonly layer: 'none' | 'sign' | 'seal' | 'unknown'
  readonly tls: boolean
  readonly resultCode: number | null
}

/** A security context of RPC. */
export interface RpcExchangeFacts {
  /** UUID of the interface that was bound when it began */
  readonly interface: string | null
  readonly interfaceName: string | null
  readonly authType: number | null
  /** what the client asked for: `none` `connect` `call` `packet` `integrity` `privacy`; another one by its number */
  readonly authLevel: string | null
  /** what protected the calls under it */
  readonly layer: 'none' | 'sign' | 'seal' | 'unknown'
  readonly over: 'tcp' | 'smb'
  /** the name of the pipe inside SMB */
  readonly pipe: string | null
}

/** One AS or TGS exchange with a KDC: facts for causes and findings, not an authentication of a pair. */
export interface KdcExchange {
  readonly capture: string
  readonly time: number
  readonly client: Endpoint
  readonly kdc: Endpoint
  readonly transport: 'tcp' | 'udp' | 'iakerb'
  readonly request: 'AS' | 'TGS'
  readonly realm: string | null
  readonly cname: string | null
  readonly sname: string | null
  /** etypes: the client's list, that of the ticket, that of the reply's enc-part */
  readonly requested: readonly number[]
  readonly ticketEtype: number | null
  readonly replyEtype: number | null
  readonly flags: readonly string[]
  /** padata types of the request */
  readonly padata: readonly number[]
  readonly preauthEtype: number | null
  /** the account's keys as the KDC lists them in ETYPE-INFO2 of an error */
  readonly accountEtypes: readonly number[]
  /** etype of the session key of the ticket that a TGS-REQ presents */
  readonly sessionEtype: number | null
  /** the request or its answer is armored (FAST): the true client and error may stand inside */
  readonly armored: boolean
  /** S4U2Self: the user for whom the service asks */
  readonly forUser: string | null
  /** S4U2Proxy and user-to-user: the service of the first additional ticket */
  readonly additionalTicket: string | null
  /** null: answered with a ticket, or not answered (`answered` tells) */
  readonly error: { readonly code: number; readonly name: string; readonly status: string | null } | null
  readonly answered: boolean
  readonly frames: readonly FrameRef[]
}

/**
 * The ends of a conversation in TLS, with the name that the client asked for, and the service that StartTLS or a proxy began in clear. `hidden`: what
 * was said in clear tells that TLS hid some of it.
 */
export function tlsFactsOf(connection: Conversation): {
  client: Endpoint
  server: Endpoint
  service: Service | null
  hidden: boolean
} {
  const state = connection.context as ConversationState | null
  const [client, server] = endpoints(connection)
  const name = (state?.facts.http?.proxy ? null : state?.facts.tls?.serverName) || state?.facts.serverName || null
  const hidden = state?.facts.hidden ?? null
  const service = hidden ?? (state?.facts.ldap ? 'ldap' : state?.facts.http?.proxy ? 'http-proxy' : null)
  return { client, server: { ...server, name }, service, hidden: hidden !== null }
}

/** What a conversation said that is no authentication: who said it to whom. */
export interface ContextNote {
  readonly capture: string
  readonly time: number
  readonly frame: FrameRef
  readonly sender: Endpoint
  readonly receiver: Endpoint
  readonly fact: ContextFact
}

/** Who receives finished facts. */
export interface ExchangeSink {
  /** `marks` are for comparison within this run alone, and go into no output */
  exchange(exchange: AuthExchange, marks: Marks): void
  kdc(exchange: KdcExchange): void
  context?(note: ContextNote): void
}

/** An exchange that has ended. The attempt may still learn that it was relayed. */
interface Pending {
  readonly attempt: Attempt
  readonly draft: Draft
  readonly whole: boolean
}

export class ExchangeFold {
  readonly #sink: ExchangeSink
  readonly #names: FrameNames
  readonly #evidence = new Evidence()
  readonly names = new HostNames()
  /** exchanges that wait for what may still explain them, in the order in which they ended */
  readonly #pending: Pending[] = []
  #pendingFrom = 0
  readonly #relays = new RelayWatch()
  readonly #ids = new Map<number, number>()
  /** attempts that were not followed because a connection had too many open */
  overflow = 0
  /** causes that were decided before their time, because too many exchanges waited */
  decidedEarly = 0

  /** clients of which the oldest evidence was let go */
  get evidenceEvicted(): number {
    return this.#evidence.evicted
  }

  constructor(sink: ExchangeSink, names: FrameNames) {
    this.#sink = sink
    this.#names = names
  }

  step(context: MessageContext, message: CarrierMessage, step: AuthStep, tokens: readonly DecodedToken[]): void {
    if (step.kind === 'context') {
      this.#context(context, step.fact)
      return
    }
    this.#decideBefore(context.time - WINDOW_MICROS)
    const state = stateOf(context)
    switch (step.kind) {
      case 'facts':
        state.facts = merge(state.facts, behindProxy(state, step.facts))
        break
      case 'offer':
        this.#offer(state, context, step, tokens)
        break
      case 'leg':
        if (step.facts) state.facts = merge(state.facts, step.facts)
        this.#leg(state, context, message, step, tokens)
        break
      case 'traffic':
        this.#traffic(state, step)
        break
      case 'call':
        this.#call(state, context, step)
        break
      case 'kdc':
        this.#kdc(state, context, step, tokens)
        break
    }
  }

  closed(connection: Conversation): void {
    const state = connection.context as ConversationState | null
    if (state === null) return
    const sni = state.facts.http?.proxy ? null : state.facts.tls?.serverName
    if (sni) this.names.learn(endpoints(connection)[1].ip, sni, 'tls', connection.startTime, connection.startFrame)
    connection.context = null
    if (state.kdc !== null) this.#kdcDone(connection, state.kdc, null, 0)
    for (const attempt of state.attempts) this.#finish(connection, state, attempt)
  }

  /** Everything was read: what waited is decided. */
  end(): void {
    this.#decideBefore(Infinity)
  }

  #context({ connection, from, time, frame }: MessageContext, fact: ContextFact): void {
    const low: Endpoint = { ip: connection.lowAddress, port: connection.lowPort, name: null }
    const high: Endpoint = { ip: connection.highAddress, port: connection.highPort, name: null }
    const capture = this.#names.capture(frame)
    const [sender, receiver] = from === 0 ? [low, high] : [high, low]
    const [frameRef] = this.#names.refs([frame], capture)
    learnContext(fact, {
      evidence: this.#evidence,
      names: this.names,
      sender: sender.ip,
      receiver: receiver.ip,
      time,
      frame,
    })
    this.#sink.context?.({ capture, time, frame: frameRef!, sender, receiver, fact })
  }

  #offer(state: ConversationState, context: MessageContext, step: OfferStep, tokens: readonly DecodedToken[]): void {
    const listed = tokens.find(({ message }) => message.type === 'NegTokenInit2')?.message
    const names = listed && 'mechTypes' in listed ? listed.mechTypes : step.methods
    if (step.token === null && step.methods.length === 0) return
    // a token that names nothing is an offer that names nothing: it is remembered as seen
    state.offers.set(step.slot, { names, frame: context.frame })
    // a client that did not wait for the offer: it is seen when the server refuses
    const open = state.bySlot.get(step.slot)
    if (open !== undefined && !open.done && open.serverOffer === null) {
      open.serverOffer = names
      open.addFrame(context.frame)
    }
  }

  #leg(
    state: ConversationState,
    context: MessageContext,
    message: CarrierMessage,
    leg: LegStep,
    tokens: readonly DecodedToken[],
  ): void {
    const attempt =
      leg.from === 'client' ? this.#clientLeg(state, context, message, leg, tokens) : serverLeg(state, leg)
    const known = attempt ?? this.#lateServerLeg(state, context, message, leg, tokens)
    if (known === null) return
    known.addLeg(leg, tokens, context.time, context.frame)
    if (tokens.some(({ message: { type } }) => type === 'CHALLENGE_MESSAGE' || type === 'AUTHENTICATE_MESSAGE'))
      this.#watch(context, known, leg.from)
    if (leg.from === 'client' && leg.message !== null) state.awaitAnswer(leg.message, known)
    if (leg.from === 'server') {
      if (leg.message !== null) state.byMessage.delete(leg.message)
      if (known.slot !== leg.slot) {
        // the answer names the session that the request could not know yet
        if (state.bySlot.get(known.slot) === known) state.bySlot.delete(known.slot)
        known.slot = leg.slot
        state.bySlot.set(leg.slot, known)
      }
      this.#remember(context.connection, known, context.time)
    }
    for (const { message: inner } of tokens) {
      if (inner.protocol === 'kerberos' && inner.wrapping === 'iakerb') this.#iakerb(state, context, inner)
    }
  }

  /** The attempt that a client's leg goes on with, or a new one. */
  #clientLeg(
    state: ConversationState,
    context: MessageContext,
    message: CarrierMessage,
    leg: LegStep,
    tokens: readonly DecodedToken[],
  ): Attempt {
    const present = state.bySlot.get(leg.slot) ?? orphan(state, leg)
    if (present !== undefined) {
      // an empty request for the server's hint has begun nothing yet
      const hinted = present.firstToken === null && present.outcome === 'continue'
      const first = !hinted && beginsAnew(present, leg, tokens)
      if (present.slot !== leg.slot) {
        state.bySlot.delete(present.slot)
        present.slot = leg.slot
        state.bySlot.set(leg.slot, present)
      }
      if (!present.done && !(first && present.sawClient)) return present
      // the session goes on under new keys (expired ticket, second channel): one logical session
      if (present.done && present.outcome === 'success' && namesSession(leg.slot) && leg.rpc === null) {
        present.done = false
        return present
      }
    }
    return this.#begin(state, context, message, leg, present)
  }

  /** A server's leg whose request is not in the capture. */
  #lateServerLeg(
    state: ConversationState,
    context: MessageContext,
    message: CarrierMessage,
    leg: LegStep,
    tokens: readonly DecodedToken[],
  ): Attempt | null {
    if (leg.from === 'client') return null
    const tells = tokens.some(({ message: inner }) => inner.protocol !== 'spnego') || leg.message !== null
    if (!tells) return null
    return this.#begin(state, context, message, leg, state.bySlot.get(leg.slot))
  }

  #begin(
    state: ConversationState,
    context: MessageContext,
    message: CarrierMessage,
    leg: LegStep,
    before: Attempt | undefined,
  ): Attempt {
    // one that still awaits its answer goes on beside the new one; its message finds it
    if (before !== undefined && !isAwaited(state, before)) this.#finish(context.connection, state, before)
    if (state.attempts.size >= LIMITS.openExchangesPerConnectionMax) {
      const [oldest] = state.attempts
      if (oldest) this.#finish(context.connection, state, oldest)
      this.overflow++
    }
    const attempt = new Attempt(leg.slot, message.service, context.carrier.name, context.time, context.frame)
    attempt.overTls = state.facts.tls !== undefined || state.facts.ldap?.startTls === true
    const offer = state.offers.get(leg.slot === 'proxy' ? 'proxy' : '')
    if (offer && leg.rpc === null) {
      attempt.serverOffer = offer.names
      attempt.addFrame(offer.frame)
    }
    state.attempts.add(attempt)
    state.bySlot.set(leg.slot, attempt)
    return attempt
  }

  #traffic(state: ConversationState, step: TrafficStep): void {
    const attempt = state.bySlot.get(step.slot)
    if (attempt === undefined) return
    attempt.addTraffic(step)
  }

  #call(state: ConversationState, context: MessageContext, step: CallStep): void {
    const named = state.bySlot.get(step.slot) ?? state.unprotected(step.slot)
    if (step.from === 'client') {
      if (named === undefined) return
      if (!named.done) state.awaitAnswer(step.message, named)
      named.addCall(step, context.time, context.frame)
      return
    }
    const asked = state.byMessage.get(step.message)
    state.byMessage.delete(step.message)
    const attempt = asked ?? named
    if (attempt === undefined) return
    attempt.addCall(step, context.time, context.frame)
    this.#remember(context.connection, attempt, context.time)
  }

  /** Kerberos that worked or was refused explains an NTLM logon that follows, in this flow or the next. */
  #remember(connection: Conversation, attempt: Attempt, time: number): void {
    if (!attempt.kerberosTried || attempt.ntlmSeen || attempt.remembered) return
    const refused = attempt.outcome === 'failure' || attempt.kerberosError !== null || attempt.negState === 'reject'
    if (!refused && attempt.outcome !== 'success') return
    attempt.remembered = true
    const [client, server] = endpoints(connection)
    const sname = attempt.apReq?.ticketSname ?? null
    this.#evidence.kerberosUsed(client.ip, {
      server: server.ip,
      port: server.port,
      host: sname === null ? null : targetHost(sname).toLowerCase(),
      time,
      accepted: !refused,
      error: attempt.kerberosError?.errorCode ?? null,
      status: attempt.status?.name ?? null,
      frames: attempt.frames.slice(-2),
    })
  }

  #watch({ connection, time, frame }: MessageContext, attempt: Attempt, from: LegStep['from']): void {
    const [client, server] = endpoints(connection)
    const mark = from === 'server' ? attempt.marks.challenge : attempt.marks.response
    if (mark !== null) this.#relays.seen(mark, { attempt, client: client.ip, server: server.ip, time, frame })
  }

  #kdc(state: ConversationState, context: MessageContext, step: KdcStep, tokens: readonly DecodedToken[]): void {
    const message = tokens[0]?.message
    if (message?.protocol !== 'kerberos') return
    const transport = context.carrier.transport
    if (step.from === 'client') {
      if (message.type !== 'AS-REQ' && message.type !== 'TGS-REQ') return
      if (state.kdc !== null) {
        if (sameRequest(state.kdc.request, message)) return
        this.#kdcDone(context.connection, state.kdc, null, 0)
      }
      state.kdc = { request: message, time: context.time, frame: context.frame, transport }
    } else if (state.kdc !== null) {
      this.#kdcDone(context.connection, state.kdc, message, context.frame)
      state.kdc = null
      state.kdcAnswered = { answer: markOf(message), time: context.time }
    } else if (!state.isRepeated(message, context.time)) {
      this.#giveKdc(context.connection, transport, context.time, null, message, [context.frame])
    }
  }

  /** KDC messages that travel inside an authentication: the server is the proxy. */
  #iakerb(state: ConversationState, context: MessageContext, message: KerberosMessage): void {
    if (message.type === 'AS-REQ' || message.type === 'TGS-REQ') {
      state.kdc = { request: message, time: context.time, frame: context.frame, transport: 'iakerb' }
    } else if (
      state.kdc !== null &&
      (message.type === 'AS-REP' || message.type === 'TGS-REP' || message.type === 'KRB-ERROR')
    ) {
      this.#kdcDone(context.connection, state.kdc, message, context.frame)
      state.kdc = null
    }
  }

  #kdcDone(connection: Conversation, pending: PendingKdc, answer: KerberosMessage | null, answerFrame: number): void {
    const { request, transport, time } = pending
    const keys: [number, ...number[]] = answer === null ? [pending.frame] : [pending.frame, answerFrame]
    const { client, kdc, error } = this.#giveKdc(connection, transport, time, request, answer, keys)
    const evidence = this.#evidence
    if (transport !== 'iakerb') evidence.kdcAsked(client.ip, time)
    if (transport !== 'iakerb') learnPrincipal(this.names, client.ip, request, time, keys[0])
    if (answer === null) {
      const what = `${kdc.ip} port ${kdc.port}`
      // without the KDC's direction an answer was not missing, only not captured; over UDP the client asks over TCP next
      if (transport === 'tcp') {
        evidence.kdcHeard(client.ip, time)
        return
      }
      if (transport !== 'iakerb') evidence.kdcSilent(client.ip, { how: 'unanswered', what, time, frames: keys })
      return
    }
    evidence.kdcHeard(client.ip, time)
    const { realm, cname, sname } = request
    if (sname === null) return
    const said = { realm, cname, time, frames: keys }
    if (error !== null) {
      const kind = request.type === 'AS-REQ' ? 'AS' : 'TGS'
      evidence.kdcAnswer(client.ip, { ...said, kind, sname, code: error.code, name: error.name })
      return
    }
    // a referral is a ticket for another realm's krbtgt
    const given = answer.ticketSname ?? sname
    const leads = /^krbtgt\/(.+)$/i.exec(given)?.[1]
    if (request.type === 'TGS-REQ' && leads !== undefined && leads.toUpperCase() !== realm?.toUpperCase())
      evidence.kdcAnswer(client.ip, { ...said, kind: 'referral', sname: leads, code: 0, name: '' })
    else evidence.ticket(client.ip, given, time)
  }

  /** `request` null: half of the conversation is not in the capture, and the answer tells what it can. */
  #giveKdc(
    connection: Conversation,
    transport: KdcExchange['transport'],
    time: number,
    request: KerberosMessage | null,
    answer: KerberosMessage | null,
    keys: readonly [number, ...number[]],
  ): KdcExchange {
    const capture = this.#names.capture(keys[0])
    const [client, kdc] = endpoints(connection)
    const exchange: KdcExchange = Object.freeze({
      capture,
      time,
      client: { ...client, name: this.names.best(client.ip, time) },
      kdc: { ...kdc, name: this.names.best(kdc.ip, time) },
      transport,
      request: requestKind(request, answer),
      realm: request ? request.realm : (answer?.ticketRealm ?? answer?.realm ?? null),
      cname: request?.cname ?? answer?.cname ?? null,
      sname: request ? request.sname : (answer?.ticketSname ?? answer?.sname ?? null),
      requested: request?.etypes ?? [],
      ticketEtype: answer?.ticketEtype ?? null,
      replyEtype: answer?.type === 'KRB-ERROR' ? null : (answer?.encPartEtype ?? null),
      flags: request?.kdcOptions == null ? [] : kdcOptionNames(request.kdcOptions),
      padata: request?.padata ?? [],
      preauthEtype: request?.preauthEtype ?? null,
      accountEtypes: answer?.type === 'KRB-ERROR' ? answer.etypes : [],
      sessionEtype: request?.type === 'TGS-REQ' ? request.encPartEtype : null,
      armored: request?.armored === true || answer?.armored === true,
      forUser: request?.forUser ?? null,
      additionalTicket: request?.additionalTicketSname ?? null,
      error: kdcError(answer),
      answered: answer !== null,
      frames: this.#names.refs(keys, capture),
    })
    this.#sink.kdc(exchange)
    return exchange
  }

  #finish(connection: Conversation, state: ConversationState, attempt: Attempt): void {
    state.attempts.delete(attempt)
    state.finished++
    if (state.bySlot.get(attempt.slot) === attempt) state.bySlot.delete(attempt.slot)
    for (const [message, waiting] of state.byMessage) if (waiting === attempt) state.byMessage.delete(message)
    const draft = this.#draft(connection, state, attempt)
    const pending = { attempt, draft, whole: connection.sawStart && connection.gaps === 0 }
    // nothing that comes later changes an exchange without NTLM
    if (draft.ntlm === null) this.#give(pending)
    else this.#wait(pending)
  }

  #wait(pending: Pending): void {
    this.#pending.push(pending)
    if (this.#pending.length - this.#pendingFrom <= LIMITS.pendingExchangesMax) return
    this.decidedEarly++
    this.#giveOldest()
  }

  #decideBefore(time: number): void {
    while (this.#pendingFrom < this.#pending.length && this.#pending[this.#pendingFrom]!.draft.end < time)
      this.#giveOldest()
  }

  #giveOldest(): void {
    this.#give(this.#pending[this.#pendingFrom++]!)
    if (this.#pendingFrom < LIMITS.pendingExchangesMax && this.#pendingFrom < this.#pending.length) return
    this.#pending.splice(0, this.#pendingFrom)
    this.#pendingFrom = 0
  }

  /** Its origin and cause, from everything that was seen until now. */
  #give({ attempt, draft, whole }: Pending): void {
    const subject: Case = {
      exchange: draft,
      offers: attempt.originEvidence(whole),
      whole,
      authenticated: attempt.authenticate !== null || attempt.plainNtlm !== null,
      relay: attempt.relayed === null ? null : attempt.relayFrames,
      relaying: attempt.relayed === 'to the target',
    }
    const decision = decide(subject, {
      evidence: this.#evidence,
      aliases: (ip, time) => this.names.aliases(ip, time),
      cite: (keys) => this.#names.refs(keys, draft.capture),
    })
    const { client, server, start } = draft
    this.#sink.exchange(
      Object.freeze({
        ...draft,
        client: { ...client, name: client.name ?? this.names.best(client.ip, start) },
        server: { ...server, name: server.name ?? this.names.best(server.ip, start) },
        ...decision,
      }),
      attempt.marks,
    )
  }

  #draft(connection: Conversation, state: ConversationState, attempt: Attempt): Draft {
    const capture = this.#names.capture(attempt.startFrame)
    const mechanism = attempt.mechanism
    const ntlm = attempt.ntlmFacts()
    const kerberos = attempt.kerberosFacts()
    const spn = attempt.authenticate ? attempt.authenticate.targetSpn : (kerberos?.sname ?? null)
    const [client, server] = endpoints(connection)
    const workstation = attempt.authenticate?.workstation || attempt.principal?.workstation || null
    const asked = state.facts.serverName
    const learn = (ip: string, name: string | null | undefined, source: NameSource) =>
      this.names.learn(ip, name, source, attempt.start, attempt.startFrame)
    learn(client.ip, workstation, 'ntlm')
    learn(server.ip, ntlm?.challenge?.dnsComputerName, 'ntlm')
    learn(server.ip, ntlm?.challenge?.nbComputerName, 'ntlm')
    if (attempt.result === 'success' && kerberos?.sname) learn(server.ip, targetHost(kerberos.sname), 'kerberos')
    if (attempt.service !== 'http-proxy') learn(server.ip, asked, ASKED_SOURCES[attempt.service] ?? 'http')
    return {
      id: this.#id(attempt.startFrame),
      capture,
      communityId: communityId(connection),
      start: attempt.start,
      end: attempt.end,
      client: { ...client, name: workstation },
      server: { ...server, name: serverNameOf(ntlm, kerberos, asked ?? null) },
      service: attempt.service,
      carrier: attempt.carrier,
      mechanism,
      method: attempt.method,
      offered: { server: attempt.serverOffer, client: attempt.clientOffer },
      result: attempt.result,
      status: attempt.status,
      visibility: attempt.visibility,
      principal: {
        user: attempt.authenticate?.userName ?? attempt.principal?.user ?? null,
        domain: attempt.authenticate?.domainName ?? attempt.principal?.domain ?? null,
        workstation,
      },
      target: {
        spn,
        class: attempt.authenticate || kerberos?.sname ? targetClass(spn) : 'not-visible',
        name: asked ?? null,
      },
      ntlm,
      kerberos,
      smb: attempt.smbFacts(state.facts),
      ldap: attempt.ldapFacts(),
      rpc: attempt.rpcFacts(),
      channelBinding: attempt.channelBinding(),
      frames: this.#names.refs(
        attempt.frames.toSorted((a, b) => a - b),
        capture,
      ),
    }
  }

  /** `capture.frame`, and a letter where several begin in one frame: the same in every run over the same files. */
  #id(frame: number): string {
    const number = this.#ids.get(frame) ?? 0
    if (this.#ids.size > LIMITS.idsMax) this.#ids.clear()
    this.#ids.set(frame, number + 1)
    const at = splitFrameKey(frame)
    const base = `${at.capture + 1}.${at.frame}`
    return number === 0 ? base : `${base}.${number + 1}`
  }
}

function stateOf(context: MessageContext): ConversationState {
  const known = context.connection.context as ConversationState | null
  if (known !== null) return known
  const made = new ConversationState()
  context.connection.context = made
  return made
}

const ASKED_SOURCES: Partial<Record<Service, NameSource>> = { smb: 'smb', http: 'http', winrm: 'http', ldap: 'ldap' }

function endpoints(connection: Conversation): [Endpoint, Endpoint] {
  const low: Endpoint = { ip: connection.lowAddress, port: connection.lowPort, name: null }
  const high: Endpoint = { ip: connection.highAddress, port: connection.highPort, name: null }
  return connection.side(0) === 'client' ? [low, high] : [high, low]
}

/** The best name that this exchange itself gives the server. */
function serverNameOf(ntlm: NtlmFacts | null, kerberos: KerberosFacts | null, asked: string | null): string | null {
  const challenge = ntlm?.challenge
  const declared = challenge?.dnsComputerName || challenge?.nbComputerName
  if (declared) return declared
  if (kerberos?.sname) {
    const host = targetHost(kerberos.sname)
    if (host !== '' && !isIpLiteral(host)) return host
  }
  return asked !== null && asked !== '' && !isIpLiteral(asked) ? asked : null
}
