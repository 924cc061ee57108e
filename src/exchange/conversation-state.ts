/**
 * What the fold over exchanges remembers of one conversation, as long as the conversation goes on.
 *
 * Tens of thousands may be open at a time, and most of them are datagrams to a KDC that need none of the maps: each is
 * made when it is first asked for. Four empty ones are 800 bytes, and were a sixth of all that was alive.
 */
import type { ConnectionFacts, LegStep, Service, TlsFacts } from '../../decoders/carrier.ts'
import { SENT_AGAIN_MICROS } from '../../decoders/carriers/radius.ts'
import type { ToldKerberos } from '../dissect/told.ts'
import type { ChannelFacts } from '../facts/channel.ts'
import type { Endpoint } from '../facts/exchange.ts'
import { portOf } from '../facts/target-name.ts'
import { appended } from '../memory/bounded-map.ts'
import { Few } from '../memory/few.ts'
import { LIMITS } from '../memory/limits.ts'
import type { Conversation } from '../stream/conversation.ts'
import type { Attempt } from './attempt/attempt.ts'

/** RPC_C_AUTHN_LEVEL_CALL: from here on every PDU has a security trailer */
const PROTECTED = 3
const NONE: readonly never[] = Object.freeze([])
const NO_FACTS: ConnectionFacts = Object.freeze({})
/** protocol number in the IP header */
const UDP = 17
/** copies of a mirrored datagram come within this time */
const REPEATED_MICROS = 2e6
/** what is asked again later than this is asked again, and may be answered otherwise */
const COPIED_MICROS = 50_000
/** who has been silent for longer was not interrupted by the end of the capture */
const UNFINISHED_MICROS = 60e6
/** conversations that go on for long without any logon: only what was asked for or offered in them tells */
const OFTEN_WITHOUT: ReadonlySet<string> = new Set(['http', 'http2', 'dcerpc', 'kdc', 'kpasswd', 'tls', 'quic'])

export interface PendingKdc {
  readonly request: ToldKerberos
  readonly time: number
  readonly frame: number
  readonly transport: 'tcp' | 'udp' | 'iakerb'
  /** frames in which it was repeated */
  readonly again: number[]
}

/** What tells an answer of a KDC from another one. */
export type KdcAnswerMark = Pick<ToldKerberos, 'type' | 'errorCode' | 'serverTime' | 'ticketMark'>

/** Request and answer in one object: half of the conversations of a domain controller have one. */
type KdcAnswered = KdcRequestMark &
  Omit<KdcAnswerMark, 'type'> & { readonly answerType: KdcAnswerMark['type']; readonly time: number }

/** What tells a request to a KDC from another one. */
export type KdcRequestMark = Pick<ToldKerberos, 'type' | 'sname' | 'cname' | 'preauthEtype' | 'nonce'>

/**
 * What was spoken before the tunnel: its service, where it has one of its own, and `host:port` as the client asked for
 * it.
 */
export interface Tunnel {
  readonly service: Service | null
  readonly target: string | null
}

/** The mechanisms that a server offers, for what service, and the frame. */
export interface Offered {
  readonly service: Service
  readonly names: readonly string[]
  readonly frame: number
}

export class ConversationState {
  facts: ConnectionFacts = NO_FACTS
  /** its TLS channel; null: none was seen */
  channel: ChannelFacts | null = null
  /** the service that was spoken in clear before TLS began; null: TLS began at once, or nothing was recognised */
  led: Service | null = null
  /** authentications that are over */
  finished = 0
  /** microseconds since 1970: the latest step; -1: there was none */
  lastTime = -1
  kdc: PendingKdc | null = null
  /** set where a proxy connected the client to somebody else: all that is said here, but who it was said to */
  tunnel: Tunnel | null = null
  /** the latest answer, and its request: a span port that shows them twice adds no exchange */
  kdcAnswered: KdcAnswered | null = null
  /** the answer of a KDC in a datagram whose question has not come yet */
  kdcEarly: { readonly answer: ToldKerberos; readonly time: number; readonly frame: number } | null = null
  /** the SMB session of which the server has just said that it has expired, and where */
  expired: { readonly session: string; readonly frame: number } | null = null
  /** an answer in a datagram whose question has not come yet */
  early: { readonly leg: LegStep; readonly time: number; readonly frame: number; readonly isRepeated: boolean } | null =
    null
  /** of RADIUS and PPP: when a message was answered, by its identifier, of which there are 256 */
  #datagramsAnswered: Map<string, number> | null = null
  /** a datagram goes on with a logon, or ends one, whose response is not in the capture */
  beganBefore = false
  #offer: Offered | null = null
  #proxyOffer: Offered | null = null
  #bySlot: Few<Attempt> | null = null
  #byMessage: Few<Attempt> | null = null
  #attempts: readonly Attempt[] = NONE
  /** UUIDs by association and presentation context */
  #interfaces: Map<string, string> | null = null

  /** What the server offered last, at the end of a conversation or as the proxy before it. */
  offerIn(slot: string): Offered | null {
    return slot === 'proxy' ? this.#proxyOffer : this.#offer
  }

  keepOffer(slot: string, offer: Offered): void {
    if (slot === 'proxy') this.#proxyOffer = offer
    else this.#offer = offer
  }

  /** The open attempt in a slot. */
  inSlot(slot: string): Attempt | undefined {
    return this.#bySlot?.get(slot)
  }

  /** The attempt whose message awaits this answer. */
  askedBy(message: string): Attempt | undefined {
    return this.#byMessage?.get(message)
  }

  /** Does a message of this attempt await its answer? */
  isAwaited(attempt: Attempt): boolean {
    return this.#byMessage?.has(attempt) === true
  }

  /** Has it shown an authentication? */
  get hasAuthenticated(): boolean {
    return this.finished > 0 || this.#attempts.length > 0
  }

  /** The open ones, in the order in which they began. */
  get attempts(): readonly Attempt[] {
    return this.#attempts
  }

  /** This one has begun, in its slot. */
  begin(attempt: Attempt): void {
    this.#attempts = appended(this.#attempts, attempt)
    this.#place(attempt)
  }

  /** It goes on in another slot. */
  move(attempt: Attempt, slot: string): void {
    if (this.#bySlot?.get(attempt.slot) === attempt) this.#bySlot.delete(attempt.slot)
    attempt.slot = slot
    this.#place(attempt)
  }

  /** This one is over; false: it was before. */
  end(attempt: Attempt): boolean {
    const open = this.#attempts.filter((other) => other !== attempt)
    if (open.length === this.#attempts.length) return false
    this.finished++
    this.#attempts = open.length === 0 ? NONE : open
    if (this.#bySlot?.get(attempt.slot) === attempt) this.#bySlot.delete(attempt.slot)
    this.#byMessage?.deleteAll(attempt)
    if (this.#bySlot?.size === 0) this.#bySlot = null
    if (this.#byMessage?.size === 0) this.#byMessage = null
    return true
  }

  datagramAnswered(message: string, time: number): void {
    this.#datagramsAnswered ??= new Map()
    this.#datagramsAnswered.set(message, time)
  }

  /**
   * An answer without a question: is it one that was given before, which a mirror shows twice or a server sends again?
   */
  isDatagramAnswered(message: string | null, time: number): boolean {
    const before = message === null ? undefined : this.#datagramsAnswered?.get(message)
    return before !== undefined && time - before <= SENT_AGAIN_MICROS
  }

  /** Is what waits for its question the answer to a logon, and to nothing else? */
  get isEarlyAnswer(): boolean {
    return this.early !== null && this.early.leg.method !== null && !this.early.isRepeated
  }

  /** An answer waits for its question no longer: another one takes its place, or the question was another one. */
  forgetEarly(): void {
    if (this.isEarlyAnswer) this.beganBefore = true
    this.early = null
  }

  /** Is this the latest answer of the KDC once more, as a span port that shows two places gives it? */
  isRepeated(answer: KdcAnswerMark, time: number): boolean {
    const before = this.kdcAnswered
    return (
      before !== null &&
      time - before.time <= REPEATED_MICROS &&
      before.answerType === answer.type &&
      before.errorCode === answer.errorCode &&
      before.serverTime === answer.serverTime &&
      before.ticketMark === answer.ticketMark
    )
  }

  /** Is this the request that was answered last, once more? */
  isAnsweredRequest(request: KdcRequestMark, time: number): boolean {
    const before = this.kdcAnswered
    if (before === null || request.nonce === null || time - before.time > COPIED_MICROS) return false
    return before.nonce === request.nonce && isSameRequest(before, request)
  }

  /** A presentation context of RPC means this interface from now on. */
  bind(association: string, context: number, uuid: string): void {
    this.#interfaces ??= new Map()
    if (this.#interfaces.size >= LIMITS.openExchangesPerConnectionMax) this.#interfaces.clear()
    this.#interfaces.set(`${association}${context}`, uuid)
  }

  interfaceOf(association: string, context: number): string | undefined {
    return this.#interfaces?.get(`${association}${context}`)
  }

  awaitAnswer(message: string, attempt: Attempt): void {
    this.#byMessage ??= new Few()
    this.#byMessage.set(message, attempt)
    if (this.#byMessage.size <= LIMITS.openExchangesPerConnectionMax) return
    // the server's direction is missing: the oldest question will not be answered
    this.#byMessage.deleteOldest()
  }

  answered(message: string): void {
    this.#byMessage?.delete(message)
  }

  /**
   * What is known at the start of a conversation that this one has led into: its server is another one, unless no proxy
   * was asked.
   */
  within(): ConversationState {
    const inner = new ConversationState()
    inner.finished = this.finished
    inner.channel = this.channel
    // what was spoken with a proxy led to the proxy: of what is in its tunnel it tells nothing
    if (this.facts.tls !== undefined) inner.led = this.led
    const { http, serverName, service, tunnel, tls, ldap } = this.facts
    if (http?.proxy || tunnel !== undefined || service === 'socks')
      inner.tunnel = { service: http?.proxy ? 'http-proxy' : (service ?? null), target: tunnel ?? null }
    else {
      inner.tunnel = this.tunnel
      inner.facts = {
        ...(serverName !== undefined && { serverName }),
        ...(tls !== undefined && { tls }),
        ...(ldap !== undefined && { ldap }),
        ...(tls !== undefined && service !== undefined && { service }),
      }
    }
    return inner
  }

  /**
   * `host:port` of the server, where the other end of the conversation is a proxy that has it from the client; '' where
   * that is all we know; else null.
   */
  behind(slot: string): string | null {
    if (this.tunnel !== null) return this.tunnel.target ?? ''
    const { http } = this.facts
    return http?.proxy && slot !== 'proxy' ? (http.host ?? '') : null
  }

  /** The attempt that a call without a security trailer runs under: the latest whose level does without one. */
  unprotected(slot: string): Attempt | undefined {
    let latest: Attempt | undefined
    for (const attempt of this.attempts) {
      if ((attempt.rpc?.authLevel ?? PROTECTED) < PROTECTED && attempt.slot.startsWith(slot)) latest = attempt
    }
    return latest
  }

  #place(attempt: Attempt): void {
    this.#bySlot ??= new Few()
    this.#bySlot.set(attempt.slot, attempt)
  }
}

/** Has the conversation shown an authentication? To be asked before it is closed. */
export function hasAuthenticated(conversation: Conversation): boolean {
  const state = conversation.context as ConversationState | null
  return state?.hasAuthenticated === true
}

/** Did it go on with a logon of which the beginning is not in the capture? Datagrams have no other beginning. */
export function hasBegunBefore({ context }: Conversation): boolean {
  const state = context as ConversationState | null
  return state !== null && (state.beganBefore || state.isEarlyAnswer)
}

/**
 * Did the captures end in the middle of a logon, or where one was to come? To be asked before it is closed. `time`: of
 * the last packet of all.
 */
export function isUnfinished(conversation: Conversation, time: number): boolean {
  const { protocol, isOpen, isTwoSided, sawStart, startTime } = conversation
  const state = conversation.context as ConversationState | null
  if (!isOpen || time - Math.max(startTime, state?.lastTime ?? -1) > UNFINISHED_MICROS) return false
  const isHeard = protocol === UDP || isTwoSided
  if (isHeard && state?.attempts.some((one) => !one.done && one.result === 'unknown' && one.repeats === null))
    return true
  if (state?.hasAuthenticated) return false
  const [low, high] = [conversation.carrierOf(0), conversation.carrierOf(1)]
  // EAP has begun, and its last word is a challenge, or a question that has no answer yet
  if (protocol === UDP) {
    const carrier = (low ?? high)?.name
    const outcome = state?.early?.leg.outcome ?? null
    // methods of EAP that are not read say nothing in PPP: their end is not known there
    if (carrier === 'ppp') return outcome === 'continue'
    return carrier === 'radius' && (outcome ?? 'continue') === 'continue' && !state?.facts.hidden
  }
  // one that began before the capture is told as such
  if (!sawStart) return false
  if (low === null || high === null || offeredIn(conversation) !== null) return true
  return !OFTEN_WITHOUT.has(low.name) && time - startTime <= UNFINISHED_MICROS
}

/** What the server offered last, a proxy before it; null: nothing was seen. To be asked before it is closed. */
export function offeredIn(conversation: Conversation): Offered | null {
  const state = conversation.context as ConversationState | null
  if (state === null) return null
  const offer = state.offerIn('proxy') ?? state.offerIn('')
  // SMB 1 that names no mechanism (a challenge, or an empty blob) asks for a logon all the same
  const isAsked = offer === null && state.facts.smb?.dialect !== undefined
  return isAsked ? { service: 'smb', names: NONE, frame: conversation.startFrame } : offer
}

export function answeredBy(answer: ToldKerberos, request: ToldKerberos, time: number): KdcAnswered {
  const { type, sname, cname, preauthEtype, nonce } = request
  const { type: answerType, errorCode, serverTime, ticketMark } = answer
  return { type, sname, cname, preauthEtype, nonce, answerType, errorCode, serverTime, ticketMark, time }
}

/** Do they ask for the same? Sent again after a while, a request may have another nonce. */
export function isSameRequest(one: KdcRequestMark, two: KdcRequestMark): boolean {
  return (
    one.type === two.type && one.sname === two.sname && one.cname === two.cname && one.preauthEtype === two.preauthEtype
  )
}

/** Client and server, without names. */
export function endpoints(conversation: Conversation): [Endpoint, Endpoint] {
  const low: Endpoint = { ip: conversation.lowAddress, port: conversation.lowPort, name: null }
  const high: Endpoint = { ip: conversation.highAddress, port: conversation.highPort, name: null }
  return conversation.side(0) === 'client' ? [low, high] : [high, low]
}

/** Is TLS the innermost of what was recognised: behind TLS that was opened, another one that a proxy was asked for? */
function isInTls(conversation: Conversation): boolean {
  return conversation.carrierOf(0)?.name === 'tls' || conversation.carrierOf(1)?.name === 'tls'
}

/**
 * The ends of a conversation in TLS, with the name that the client asked for, and the service that StartTLS or a proxy
 * began in clear. `hidden`: what was said in clear tells that TLS hid some of it. `port` is the server's, behind a
 * proxy that of the tunnel; `outer` the service of the proxy.
 */
export function tlsFactsOf(conversation: Conversation): {
  client: Endpoint
  server: Endpoint
  port: number
  service: Service | null
  /**
   * what was spoken in clear until TLS began: StartTLS, AUTH TLS, SSLRequest and their like change how it is spoken,
   * not what
   */
  led: Service | null
  outer: Service | null
  tunnel: string | null
  hidden: boolean
  /** HTTP/2 is spoken, whose headers are not read; 'refused': the server wants HTTP/1.1 */
  http2: 'hidden' | 'refused' | null
  /** its TLS was opened with keys: it hides nothing */
  opened: boolean
  /** what its hellos said, and what is known of its channel; null: it has none */
  tls: Partial<TlsFacts> | null
  channel: ChannelFacts | null
  /** how RDP is protected: `ConnectionFacts.desktop` */
  desktop: string | null
} {
  const state = conversation.context as ConversationState | null
  const [client, server] = endpoints(conversation)
  const tunnel = state?.tunnel ?? null
  const isProxy = tunnel !== null || state?.facts.http?.proxy === true
  const name = isProxy ? null : (state?.facts.tls?.serverName ?? state?.facts.serverName ?? null)
  const hidden = state?.facts.hidden ?? null
  const service =
    hidden ?? state?.facts.service ?? (state?.facts.ldap ? 'ldap' : state?.facts.http?.proxy ? 'http-proxy' : null)
  const port = tunnel?.target ? portOf(tunnel.target) : server.port
  return {
    client,
    server: { ip: server.ip, port: server.port, name },
    port,
    service,
    led: state?.led ?? null,
    outer: tunnel?.service ?? null,
    tunnel: tunnel?.target ?? null,
    hidden: hidden !== null,
    http2: state?.facts.http2 ?? null,
    opened: state?.channel?.opened === true && !isInTls(conversation),
    tls: state?.facts.tls ?? null,
    channel: state?.channel ?? null,
    desktop: state?.facts.desktop ?? null,
  }
}
