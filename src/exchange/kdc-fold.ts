/**
 * Requests to a KDC and their answers become `KdcExchange` values; what they tell of tickets, refusals and silence
 * becomes evidence.
 */
import type { KdcStep } from '../../decoders/carrier.ts'
import { errorName, kdcOptionNames, kerberosStatusName } from '../../decoders/mechanisms/kerberos-names.ts'
import type { Evidence } from '../context/evidence.ts'
import type { HostNames } from '../context/host-names.ts'
import { learnPrincipal } from '../context/learn.ts'
import type { MessageContext } from '../dissect/dissector.ts'
import type { ToldKerberos, ToldToken } from '../dissect/told.ts'
import { communityId } from '../facts/community-id.ts'
import type { ExchangeSink, KdcExchange } from '../facts/exchange.ts'
import type { FrameNames } from '../facts/frames.ts'
import { kdcUid, NO_IDENTITY } from '../facts/identity.ts'
import { NO_EVENTS } from '../facts/windows-facts.ts'
import { SharedLists } from '../memory/shared-lists.ts'
import type { Conversation } from '../stream/conversation.ts'
import { answeredBy, type ConversationState, endpoints, isSameRequest, type PendingKdc } from './conversation-state.ts'

export class KdcFold {
  readonly #sink: ExchangeSink
  readonly #frames: FrameNames
  readonly #evidence: Evidence
  readonly #hosts: HostNames
  readonly #lists = new SharedLists()
  readonly #uids: boolean
  /** names of options by their number */
  readonly #options = new Map<number, readonly string[]>()

  /** `uids` false: exchanges have neither `uid` nor Community ID */
  constructor(sink: ExchangeSink, frames: FrameNames, evidence: Evidence, hosts: HostNames, uids: boolean) {
    this.#uids = uids
    this.#sink = sink
    this.#frames = frames
    this.#evidence = evidence
    this.#hosts = hosts
  }

  step(state: ConversationState, context: MessageContext, step: KdcStep, tokens: readonly ToldToken[]): void {
    const message = tokens[0]?.message
    if (message?.protocol !== 'kerberos') return
    const transport = context.carrier.transport
    if (step.from === 'client') {
      if (message.type !== 'AS-REQ' && message.type !== 'TGS-REQ') return
      // a copy that a mirror shows after the answer
      if (state.kdc === null && state.isAnsweredRequest(message, context.time)) return
      if (state.kdc !== null) {
        if (isSameRequest(state.kdc.request, message)) {
          askedAgain(state.kdc, context)
          return
        }
        this.#done(context.conversation, state.kdc, null, 0)
      }
      state.kdc = { request: message, time: context.time, frame: context.frame, transport, again: [] }
      const early = state.kdcEarly
      if (early === null) return
      if (context.time - early.time > SKEW_MICROS || !mayAnswer(message, early.answer)) {
        this.#giveEarly(context.conversation, state)
        return
      }
      state.kdcEarly = null
      this.#answered(context.conversation, state, state.kdc, early.answer, early)
    } else if (state.kdc !== null) {
      if (!state.isRepeated(message, context.time) || mayAnswer(state.kdc.request, message))
        this.#answered(context.conversation, state, state.kdc, message, context)
    } else if (!state.isRepeated(message, context.time)) {
      this.#giveEarly(context.conversation, state)
      // datagrams acknowledge nothing: its request may come a moment later
      if (transport === 'udp') state.kdcEarly = { answer: message, time: context.time, frame: context.frame }
      else this.#give(context.conversation, transport, context.time, null, message, [context.frame])
    }
  }

  /** The conversation ends: what was asked is not answered. */
  closed(conversation: Conversation, state: ConversationState): void {
    this.#giveEarly(conversation, state)
    if (state.kdc !== null) this.#done(conversation, state.kdc, null, 0)
  }

  #answered(
    conversation: Conversation,
    state: ConversationState,
    pending: PendingKdc,
    answer: ToldKerberos,
    { time, frame }: { readonly time: number; readonly frame: number },
  ): void {
    this.#done(conversation, pending, answer, frame)
    state.kdc = null
    state.kdcAnswered = answeredBy(answer, pending.request, time)
  }

  /** An answer whose request did not come. */
  #giveEarly(conversation: Conversation, state: ConversationState): void {
    const early = state.kdcEarly
    if (early === null) return
    state.kdcEarly = null
    this.#give(conversation, 'udp', early.time, null, early.answer, [early.frame])
  }

  /** KDC messages that travel inside an authentication: the server is the proxy. */
  iakerb(state: ConversationState, context: MessageContext, message: ToldKerberos): void {
    if (message.type === 'AS-REQ' || message.type === 'TGS-REQ') {
      state.kdc = { request: message, time: context.time, frame: context.frame, transport: 'iakerb', again: [] }
    } else if (
      state.kdc !== null &&
      (message.type === 'AS-REP' || message.type === 'TGS-REP' || message.type === 'KRB-ERROR')
    ) {
      this.#done(context.conversation, state.kdc, message, context.frame)
      state.kdc = null
    }
  }

  #done(conversation: Conversation, pending: PendingKdc, answer: ToldKerberos | null, answerFrame: number): void {
    const { request, transport, time } = pending
    const keys: [number, ...number[]] = answer === null ? [pending.frame] : [pending.frame, answerFrame]
    const { client, kdc, error } = this.#give(conversation, transport, time, request, answer, keys)
    const evidence = this.#evidence
    if (transport !== 'iakerb') evidence.kdcAsked(client.ip, time)
    if (transport !== 'iakerb') learnPrincipal(this.#hosts, client.ip, request, time, keys[0])
    if (answer === null) {
      const what = `${kdc.ip} port ${kdc.port}`
      // without the KDC's direction an answer was not missing, only not captured; over UDP the client asks over TCP
      // next
      if (transport === 'tcp') {
        evidence.kdcHeard(client.ip, time)
        return
      }
      if (transport !== 'iakerb')
        evidence.kdcSilent(client.ip, {
          at: 'kdc',
          how: 'unanswered',
          what,
          kdc: kdc.ip,
          question: [request.type, request.realm, request.sname, request.cname, request.preauthEtype].join(' '),
          time,
          frames: [...keys, ...pending.again.slice(0, 3)],
          tries: 1 + pending.again.length,
        })
      return
    }
    evidence.kdcHeard(client.ip, time)
    evidence.spoke(kdc.ip, client.ip)
    const { realm, cname, sname } = request
    if (sname === null) return
    if (error !== null) {
      const kind = request.type === 'AS-REQ' ? 'AS' : 'TGS'
      const { code, name } = error
      evidence.kdcAnswer(client.ip, { realm, cname, time, frames: keys, kind, sname, code, name })
      return
    }
    // a referral is a ticket for another realm's krbtgt
    const given = answer.ticketSname ?? sname
    const leads = /^krbtgt\/(.+)$/i.exec(given)?.[1]
    if (request.type === 'TGS-REQ' && leads !== undefined && leads.toUpperCase() !== realm?.toUpperCase()) {
      const [kind, sname, code, name] = ['referral', leads, 0, ''] as const
      evidence.kdcAnswer(client.ip, { realm, cname, time, frames: keys, kind, sname, code, name })
    } else evidence.ticket(client.ip, given, time)
  }

  /** Clients ask with the same few options again and again. */
  #optionNames(options: number): readonly string[] {
    const known = this.#options.get(options)
    if (known !== undefined) return known
    if (this.#options.size >= OPTIONS_MAX) this.#options.clear()
    const names = this.#lists.of(kdcOptionNames(options))
    this.#options.set(options, names)
    return names
  }

  /** `request` null: half of the conversation is not in the capture, and the answer tells what it can. */
  #give(
    conversation: Conversation,
    transport: KdcExchange['transport'],
    time: number,
    request: ToldKerberos | null,
    answer: ToldKerberos | null,
    keys: readonly [number, ...number[]],
  ): KdcExchange {
    const capture = this.#frames.capture(keys[0])
    const [client, kdc] = endpoints(conversation)
    const kind = requestKind(request, answer)
    const flow = this.#uids ? communityId(conversation) : ''
    // written out: an object that is spread into and then given more has a hidden class of its own
    const { uid, uidOf } = this.#uids ? kdcUid(flow, kind, request, time) : NO_IDENTITY
    const exchange: KdcExchange = Object.freeze({
      uid,
      uidOf,
      capture,
      communityId: flow,
      time,
      client: { ip: client.ip, port: client.port, name: this.#hosts.best(client.ip, time) },
      kdc: { ip: kdc.ip, port: kdc.port, name: this.#hosts.best(kdc.ip, time) },
      transport,
      request: kind,
      realm: request ? request.realm : (answer?.ticketRealm ?? answer?.realm ?? null),
      cname: request?.cname ?? answer?.cname ?? null,
      sname: request ? request.sname : (answer?.ticketSname ?? answer?.sname ?? null),
      // as copies: a list that was filled one by one keeps 17 places
      requested: request?.etypes.slice() ?? [],
      ticketEtype: answer?.ticketEtype ?? null,
      replyEtype: answer?.type === 'KRB-ERROR' ? null : (answer?.encPartEtype ?? null),
      flags: request?.kdcOptions == null ? [] : this.#optionNames(request.kdcOptions),
      from: request?.from ?? null,
      till: request?.till ?? null,
      padata: request?.padata.slice() ?? [],
      preauthEtype: request?.preauthEtype ?? null,
      accountEtypes: answer?.type === 'KRB-ERROR' ? answer.etypes.slice() : [],
      sessionEtype: request?.type === 'TGS-REQ' ? request.encPartEtype : null,
      armored: request?.armored === true || answer?.armored === true,
      forUser: request?.forUser ?? null,
      additionalTicket: request?.additionalTicketSname ?? null,
      error: kdcError(answer),
      answered: answer !== null,
      ticketSname: isReply(answer) ? answer.ticketSname : null,
      clientRealm: isReply(answer) ? answer.realm : null,
      frames: this.#frames.refs(keys, capture),
      events: NO_EVENTS,
      windows: null,
    })
    this.#sink.kdc(exchange)
    return exchange
  }
}

/** An error alone does not tell which request it answers, but its sname does for a ticket-granting ticket. */
function requestKind(request: ToldKerberos | null, answer: ToldKerberos | null): 'AS' | 'TGS' {
  if (request !== null) return request.type === 'AS-REQ' ? 'AS' : 'TGS'
  if (answer?.type === 'AS-REP') return 'AS'
  return answer?.type !== 'TGS-REP' && answer?.sname?.startsWith('krbtgt/') ? 'AS' : 'TGS'
}

const isReply = (answer: ToldKerberos | null): answer is ToldKerberos =>
  answer !== null && (answer.type === 'AS-REP' || answer.type === 'TGS-REP')

/** May it be the answer to this request? What both name must be the same. */
function mayAnswer(request: ToldKerberos, answer: ToldKerberos): boolean {
  if (answer.type === 'AS-REP' || answer.type === 'TGS-REP') return request.type.slice(0, 3) === answer.type.slice(0, 3)
  return answer.sname === null || request.sname === null || answer.sname === request.sname
}

function kdcError(answer: ToldKerberos | null): KdcExchange['error'] {
  if (answer === null || answer.type !== 'KRB-ERROR' || answer.errorCode === null) return null
  return {
    code: answer.errorCode,
    name: errorName(answer.errorCode),
    status: answer.errorStatus === null ? null : kerberosStatusName(answer.errorStatus),
    text: answer.errorText || null,
  }
}

/** The same request again, and no copy of it in the capture: no answer came to it. */
function askedAgain(pending: PendingKdc, { time, frame }: MessageContext): void {
  if (time - pending.time > REPEATED_MICROS && pending.again.length < AGAIN_MAX) pending.again.push(frame)
}

/** the two sides of one tap may differ by so much */
const SKEW_MICROS = 5000
const REPEATED_MICROS = 300_000
const AGAIN_MAX = 8
const OPTIONS_MAX = 64
