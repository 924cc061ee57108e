/**
 * An attempt that has ended becomes an exchange but for its origin and cause, and the names that it gave hosts are
 * learnt.
 */

import { factsOf } from '../../decoders/services.ts'
import type { UnjudgedExchange } from '../causes/subject.ts'
import type { HostNames, NameSource } from '../context/host-names.ts'
import { communityId } from '../facts/community-id.ts'
import type { KerberosFacts, MechanismName, NtlmFacts } from '../facts/exchange.ts'
import { type FrameNames, splitFrameKey } from '../facts/frames.ts'
import { exchangeIdentity, NO_IDENTITY } from '../facts/identity.ts'
import { hostOf, isIpLiteral, targetClass, targetHost } from '../facts/target-name.ts'
import { NO_EVENTS } from '../facts/windows-facts.ts'
import type { BindingIndex } from '../keys/channel-binding.ts'
import { LIMITS } from '../memory/limits.ts'
import { SharedLists } from '../memory/shared-lists.ts'
import type { Conversation } from '../stream/conversation.ts'
import type { Attempt } from './attempt/attempt.ts'
import {
  bindingValueOf,
  decidingOf,
  httpFacts,
  kerberosFacts,
  ldapFacts,
  ntlmFacts,
  rpcFacts,
  smbFacts,
  tlsFacts,
} from './attempt/attempt-facts.ts'
import { type BindingCase, type BindingJudgement, judgeBinding } from './binding.ts'
import { type ConversationState, endpoints } from './conversation-state.ts'
import { isOneLogon } from './rpc-channels.ts'

export class ExchangeBuilder {
  readonly #frames: FrameNames
  readonly #hosts: HostNames
  readonly #ids = new Map<number, number>()
  /** of offers and flags */
  readonly lists = new SharedLists()

  readonly #bindings: BindingIndex
  readonly #uids: boolean
  #latest: Conversation | null = null
  #latestFlow = ''

  /** `uids` false: exchanges have neither `uid` nor Community ID */
  constructor(frames: FrameNames, hosts: HostNames, bindings: BindingIndex, uids: boolean) {
    this.#bindings = bindings
    this.#uids = uids
    this.#frames = frames
    this.#hosts = hosts
  }

  /**
   * `whole`: nothing of the conversation is missing; `isPreview`: the attempt goes on, and nothing is learnt of it yet
   */
  build(
    conversation: Conversation,
    state: ConversationState,
    attempt: Attempt,
    whole: boolean,
    isPreview = false,
  ): UnjudgedExchange {
    const capture = this.#frames.capture(attempt.startFrame)
    const isNoLogon = whole && attempt.isWithoutChallenge
    const mechanism = isNoLogon ? 'unknown' : attempt.mechanism
    const result = isNoLogon ? 'unknown' : attempt.result
    const ntlm = ntlmFacts(attempt, this.lists)
    const kerberos = kerberosFacts(attempt)
    const spn = attempt.authenticate ? attempt.authenticate.targetSpn : (kerberos?.sname ?? null)
    const [client, server] = endpoints(conversation)
    const workstation = attempt.authenticate?.workstation || attempt.principal?.workstation || null
    const { proxiedTarget } = attempt
    const asked = state.facts.serverName ?? (proxiedTarget ? hostOf(proxiedTarget) : undefined)
    const learn = (ip: string, name: string | null | undefined, source: NameSource) => {
      if (!isPreview) this.#hosts.learn(ip, name, source, attempt.start, attempt.startFrame)
    }
    learn(client.ip, workstation, 'ntlm')
    // behind a proxy they are names of a server whose address nobody tells
    if (proxiedTarget === null) {
      learn(server.ip, ntlm?.challenge?.dnsComputerName, 'ntlm')
      learn(server.ip, ntlm?.challenge?.nbComputerName, 'ntlm')
      if (result === 'success' && kerberos?.sname) learn(server.ip, targetHost(kerberos.sname), 'kerberos')
      if (attempt.service !== 'http-proxy') learn(server.ip, asked, factsOf(attempt.service).nameSource ?? 'http')
    }
    const id = this.idOf(attempt)
    const flow = this.#uids ? this.#flowOf(conversation) : ''
    const judged = this.#binding(state, attempt)
    // written out: an object that is spread into and then given more has a hidden class of its own
    const { uid, uidOf } = this.#uids
      ? exchangeIdentity(flow, attempt.start, () => ordinalOf(id), decidingOf(attempt))
      : NO_IDENTITY
    return {
      id,
      uid,
      uidOf,
      capture,
      communityId: flow,
      start: attempt.start,
      end: attempt.end,
      client: { ip: client.ip, port: client.port, name: workstation },
      server: {
        ip: server.ip,
        port: server.port,
        name: proxiedTarget === null ? serverNameOf(ntlm, kerberos, asked ?? null) : null,
      },
      service: attempt.service,
      carrier: attempt.carrier,
      mechanism,
      method: attempt.method,
      offered: { server: attempt.serverOffer, client: attempt.clientOffer },
      result,
      status: attempt.status,
      visibility: attempt.visibility,
      principal: {
        user: attempt.authenticate?.userName ?? attempt.principal?.user ?? attempt.ticket?.client.name ?? null,
        domain: attempt.authenticate?.domainName ?? attempt.principal?.domain ?? attempt.ticket?.client.realm ?? null,
        workstation,
      },
      target: {
        spn,
        class: isVisible(attempt.authenticate, spn) || kerberos?.sname ? targetClass(spn) : 'not-visible',
        name: asked ?? null,
      },
      tunnel: proxiedTarget || null,
      ntlm,
      kerberos,
      smb: smbFacts(attempt, state.facts),
      ldap: ldapFacts(attempt),
      rpc: rpcFacts(attempt),
      http: httpFacts(attempt, state.facts, this.#otherChannel(attempt)),
      channelBinding: judged.state,
      binding: judged.binding,
      tls: tlsFacts(attempt, state.facts, attempt.channel ?? state.channel),
      keytab:
        attempt.ticket === null && attempt.proof === null ? null : { ticket: attempt.ticket, ntlm: attempt.proof },
      frames: this.#frames.refs(
        attempt.frames.toSorted((a, b) => a - b),
        capture,
      ),
      events: NO_EVENTS,
      windows: null,
    }
  }

  /** Several attempts of one conversation end one after the other. */
  #flowOf(conversation: Conversation): string {
    if (conversation !== this.#latest) {
      this.#latest = conversation
      this.#latestFlow = communityId(conversation)
    }
    return this.#latestFlow
  }

  #binding(state: ConversationState, attempt: Attempt): BindingJudgement {
    const question = this.bindingCase(state, attempt)
    if (question !== null) return judgeBinding(question, this.#bindings)
    const isHidden = attempt.overTls && MAY_BIND.has(attempt.mechanism)
    return { state: isHidden ? 'not-visible' : 'not-applicable', binding: null }
  }

  /** What is asked about the channel binding of its token; null: that is not visible. */
  bindingCase({ facts, channel }: ConversationState, attempt: Attempt): BindingCase | null {
    const value = bindingValueOf(attempt)
    if (value === undefined) return null
    return {
      value,
      isFromTicket: attempt.authenticate === null,
      service: attempt.service,
      isInTls: attempt.overTls,
      version: facts.tls?.version ?? null,
      channel: attempt.channel ?? channel,
    }
  }

  /** The id that its exchange has or will have. */
  idOf(attempt: Attempt): string {
    attempt.id ??= this.#id(attempt.startFrame)
    return attempt.id
  }

  #otherChannel(attempt: Attempt): string | null {
    const { channelOf } = attempt
    return channelOf !== null && isOneLogon(attempt, channelOf) ? this.idOf(channelOf) : null
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

/** Which of those that begin in one frame: `1.38.2`. */
function ordinalOf(id: string): number {
  const at = id.indexOf('.', id.indexOf('.') + 1)
  return at < 0 ? 1 : Number(id.slice(at + 1))
}

/** Mechanisms that may bind to a channel, and do it where it cannot be seen; names and passwords do not. */
const MAY_BIND: ReadonlySet<MechanismName> = new Set(['kerberos', 'iakerb', 'ntlm', 'other', 'unknown'])

/** Does the AUTHENTICATE_MESSAGE show its target, or that it has none? */
function isVisible(authenticate: Attempt['authenticate'], spn: string | null): boolean {
  return authenticate !== null && (spn !== null || !authenticate.isCut)
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
