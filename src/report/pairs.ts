/**
 * Pairs of hosts: a fold over exchanges, one row a client, server and service.
 */

import type { Service } from '../../decoders/carrier.ts'
import { isWeakEtype } from '../../decoders/mechanisms/kerberos-names.ts'
import { accountOf } from '../facts/account.ts'
import { continuationKind, isContinuation, isWithoutLogon } from '../facts/continuation.ts'
import type { AuthExchange, ChannelBindingState, Endpoint, Origin, SmbEffective } from '../facts/exchange.ts'
import type { FrameRef } from '../facts/frames.ts'
import { pairUid } from '../facts/identity.ts'
import { appended } from '../memory/bounded-map.ts'
import { pairKey } from '../memory/flat-key.ts'
import { LIMITS } from '../memory/limits.ts'
import { SharedLists } from '../memory/shared-lists.ts'
import { breaksNtlmOff, breaksRc4, breaksSigning, type PairVerdict, verdictOf } from './verdict.ts'
import { sortedWorstFirst } from './worst-first.ts'

/** Folds exchanges into pairs. Bounded: beyond `reportPairsMax` new pairs are counted, not told apart. */
export class PairFold {
  /** exchanges of pairs that were not told apart */
  overflow = 0
  readonly #pairs = new Map<string, PairState>()
  /** of ports, users, service names: most pairs have one of each, and many the same */
  readonly #lists = new SharedLists()

  add(exchange: AuthExchange): void {
    const pair = this.#pair(exchange.client, exchange.server, exchange.service, exchange)
    if (pair === null) return
    pair.start = Math.min(pair.start, exchange.start)
    pair.end = Math.max(pair.end, exchange.end)
    pair.clientName ??= exchange.client.name
    pair.serverName ??= exchange.server.name
    if (isWithoutLogon(exchange))
      pair.blindSpots = remembered(this.#lists, pair.blindSpots, 'the logon of an SMB session that goes on here')
    if (isContinuation(exchange)) {
      goOn(pair, exchange, this.#lists)
      return
    }
    pair.exchanges++
    pair.mechanism = counted(pair.mechanism, exchange.mechanism)
    if (exchange.result === 'success') pair.success++
    else if (exchange.result === 'failure') pair.failure++
    if (exchange.fallback === true) pair.fallback++
    if (exchange.origin !== null) pair.origins = counted(pair.origins, exchange.origin)
    if (exchange.cause !== null) pair.causes = counted(pair.causes, exchange.cause.code)
    if (exchange.ntlm?.ntlmVersion && exchange.mechanism !== 'anonymous')
      pair.ntlmVersion = counted(pair.ntlmVersion, exchange.ntlm.ntlmVersion)
    const user = accountOf(exchange.principal)
    if (user !== null) pair.users = remembered(this.#lists, pair.users, user)
    if (exchange.target.spn) pair.spns = remembered(this.#lists, pair.spns, exchange.target.spn)
    if (exchange.http?.application)
      pair.applications = remembered(this.#lists, pair.applications, exchange.http.application)
    if (exchange.tunnel !== null) pair.tunnels = remembered(this.#lists, pair.tunnels, exchange.tunnel)
    pair.channelBinding = counted(pair.channelBinding, exchange.channelBinding)
    this.#mechanisms(pair, exchange)
    if (exchange.smb !== null) smbFacts(pair, exchange, this.#lists)
    if (exchange.ldap !== null) {
      pair.ldap ??= { layers: NONE, tls: false }
      pair.ldap.layers = counted(pair.ldap.layers, exchange.ldap.layer)
      pair.ldap.tls ||= exchange.ldap.tls
    }
    if (exchange.visibility !== 'both') {
      pair.blindSpots = remembered(
        this.#lists,
        pair.blindSpots,
        `of a logon, no message of the ${exchange.visibility === 'client' ? 'server' : 'client'} is in the capture`,
      )
    }
    if (exchange.origin === 'unknown')
      pair.blindSpots = remembered(this.#lists, pair.blindSpots, 'how NTLM came about: the offers were not seen')
    if (exchange.smb?.effective === 'encrypted')
      pair.blindSpots = remembered(this.#lists, pair.blindSpots, 'SMB encryption: what runs inside the session')
    // the frames shown first are those of the worst exchange
    const rank = badness(exchange)
    if (rank > pair.worst) {
      pair.worst = rank
      pair.capture = exchange.capture
      pair.frames = exchange.frames
    }
  }

  /** A conversation in TLS: whatever authenticates inside is not visible. */
  addOpaque(conversation: OpaqueConversation): void {
    const pair = this.#pair(conversation.client, conversation.server, conversation.service, {
      start: conversation.start,
      capture: conversation.capture,
      frames: conversation.frames,
    })
    if (pair === null) return
    pair.opaque++
    if (conversation.tunnel !== null) pair.tunnels = remembered(this.#lists, pair.tunnels, conversation.tunnel)
    pair.serverName ??= conversation.server.name
    pair.start = Math.min(pair.start, conversation.start)
    pair.end = Math.max(pair.end, conversation.end)
    const isNetworkAccess = conversation.service === 'radius' || conversation.service === 'ppp'
    pair.blindSpots = remembered(
      this.#lists,
      pair.blindSpots,
      isNetworkAccess
        ? 'EAP in TLS (PEAP, EAP-TTLS): probably MS-CHAPv2 inside, whose response is that of NTLMv1; not visible'
        : 'TLS: authentication inside is not visible',
    )
  }

  /** Worst first. `findings` gives the rule ids that name a pair; without `uids` nobody asks who is who: '' each. */
  verdicts(
    findings: (client: string, server: string, service: string) => readonly string[],
    uids = true,
  ): PairVerdict[] {
    return sortedWorstFirst(Array.from(this.#pairs.values(), (pair) => freeze(pair, findings, uids)))
  }

  #pair(
    client: Endpoint,
    server: Endpoint,
    service: Service,
    first: { readonly start: number; readonly capture: string; readonly frames: readonly FrameRef[] },
  ): PairState | null {
    const key = pairKey(client.ip, server.ip, service)
    let pair = this.#pairs.get(key)
    if (pair === undefined) {
      if (this.#pairs.size >= LIMITS.reportPairsMax) {
        this.overflow++
        return null
      }
      pair = newPair(client.ip, server.ip, service, first)
      this.#pairs.set(key, pair)
    }
    pair.ports = remembered(this.#lists, pair.ports, server.port)
    return pair
  }

  #mechanisms(pair: PairState, exchange: AuthExchange): void {
    const usable = exchange.result !== 'failure'
    switch (exchange.mechanism) {
      case 'kerberos':
      case 'iakerb':
        if (usable) pair.kerberosUsable++
        else pair.kerberosFailed++
        if (exchange.result === 'success') pair.kerberosSuccess++
        break
      case 'ntlm':
        pair.ntlm++
        if (exchange.result === 'success') pair.ntlmSuccess++
        break
      case 'unknown':
        break
      default:
        pair.others++
        break
    }
    const etype = exchange.kerberos?.ticketEtype ?? null
    if (etype !== null) {
      if (isWeakEtype(etype)) pair.weakTickets++
      else pair.strongTickets++
    }
  }
}

export interface OpaqueConversation {
  readonly client: Endpoint
  readonly server: Endpoint
  readonly service: Service
  /** `host:port` behind the proxy that the server is; null: it is none */
  readonly tunnel: string | null
  readonly start: number
  readonly end: number
  readonly capture: string
  readonly frames: readonly FrameRef[]
}

/** users, SPNs, ports and blind spots listed for one pair */
const LISTED_MAX = 16

type Counts<K extends string = string> = Readonly<Record<string, number>> & { readonly [key in K]?: number }

/**
 * There may be tens of thousands of these, most with one exchange or none: lists and counts begin as shared empty ones
 * and are replaced when they grow, which keeps a pair at a quarter of its size with lists of its own.
 */
export interface PairState {
  readonly client: string
  readonly server: string
  readonly service: Service
  clientName: string | null
  serverName: string | null
  ports: readonly number[]
  start: number
  end: number
  exchanges: number
  opaque: number
  mechanism: Counts
  success: number
  failure: number
  fallback: number
  ntlmVersion: Counts
  continued: Counts
  /**
   * a channel, or a session after it was renewed, without protection: not told in `smb.effective` by the logon itself
   */
  open: SmbEffective | null
  origins: Counts<Origin>
  causes: Counts
  users: readonly string[]
  spns: readonly string[]
  applications: readonly string[]
  tunnels: readonly string[]
  smb: {
    dialects: readonly string[]
    clientPolicy: string
    serverPolicy: string
    effective: Counts<SmbEffective>
  } | null
  ldap: { layers: Counts; tls: boolean } | null
  channelBinding: Counts<ChannelBindingState>
  blindSpots: readonly string[]
  worst: number
  capture: string
  frames: readonly FrameRef[]
  kerberosUsable: number
  kerberosSuccess: number
  kerberosFailed: number
  ntlm: number
  ntlmSuccess: number
  others: number
  weakTickets: number
  strongTickets: number
}

function newPair(
  client: string,
  server: string,
  service: Service,
  first: { readonly start: number; readonly capture: string; readonly frames: readonly FrameRef[] },
): PairState {
  return {
    client,
    server,
    service,
    clientName: null,
    serverName: null,
    ports: NO_PORTS,
    start: first.start,
    end: first.start,
    exchanges: 0,
    opaque: 0,
    mechanism: NONE,
    success: 0,
    failure: 0,
    fallback: 0,
    ntlmVersion: NONE,
    continued: NONE,
    open: null,
    origins: NONE,
    causes: NONE,
    users: NOTHING,
    spns: NOTHING,
    applications: NOTHING,
    tunnels: NOTHING,
    smb: null,
    ldap: null,
    channelBinding: NONE,
    blindSpots: NOTHING,
    worst: -1,
    capture: first.capture,
    frames: first.frames,
    kerberosUsable: 0,
    kerberosSuccess: 0,
    kerberosFailed: 0,
    ntlm: 0,
    ntlmSuccess: 0,
    others: 0,
    weakTickets: 0,
    strongTickets: 0,
  }
}

function freeze(
  pair: PairState,
  findings: (client: string, server: string, service: string) => readonly string[],
  uids: boolean,
): PairVerdict {
  return {
    uid: uids ? pairUid(pair.client, pair.server, pair.service) : '',
    client: { ip: pair.client, name: pair.clientName },
    server: {
      ip: pair.server,
      name: pair.serverName,
      ports: pair.ports.length < 2 ? pair.ports : pair.ports.toSorted((a, b) => a - b),
    },
    service: pair.service,
    verdict: verdictOf(pair),
    start: pair.start,
    end: pair.end,
    counts: {
      exchanges: pair.exchanges,
      mechanism: pair.mechanism,
      result: {
        success: pair.success,
        failure: pair.failure,
        unknown: pair.exchanges - pair.success - pair.failure,
      },
      fallback: pair.fallback,
      ntlmVersion: pair.ntlmVersion,
      continued: pair.continued,
    },
    origins: pair.origins,
    causes: pair.causes,
    users: pair.users,
    spns: pair.spns,
    applications: pair.applications,
    tunnels: pair.tunnels,
    smb: smbOf(pair),
    ldap: pair.ldap,
    channelBinding: pair.channelBinding,
    breaks: { ntlmOff: breaksNtlmOff(pair), signingRequired: breaksSigning(pair), rc4Off: breaksRc4(pair) },
    findings: findings(pair.client, pair.server, pair.service),
    blindSpots:
      pair.kerberosFailed > 0 && pair.kerberosUsable === 0 && pair.ntlm === 0
        ? [...pair.blindSpots, 'Kerberos was tried and refused; no successful authentication was seen']
        : pair.blindSpots,
    capture: pair.capture,
    frames: pair.frames,
  }
}

/** The session and its logon are counted already; what this one shows of policies and protection is as true. */
function goOn(pair: PairState, exchange: AuthExchange, lists: SharedLists): void {
  pair.continued = counted(pair.continued, continuationKind(exchange))
  if (exchange.smb !== null) {
    policies(pair, exchange, lists)
    const { effective } = exchange.smb
    if (effective === 'unsigned') pair.open = effective
  }
  if (pair.worst < 0) {
    pair.worst = 0
    pair.capture = exchange.capture
    pair.frames = exchange.frames
  }
}

function smbOf({ smb, open }: PairState): PairVerdict['smb'] {
  if (smb === null || open === null || smb.effective[open]) return smb
  return { ...smb, effective: { ...smb.effective, [open]: 1 } }
}

function smbFacts(pair: PairState, exchange: AuthExchange, lists: SharedLists): void {
  const smb = policies(pair, exchange, lists)
  smb.effective = counted(smb.effective, exchange.smb!.effective)
}

function policies(pair: PairState, exchange: AuthExchange, lists: SharedLists): NonNullable<PairState['smb']> {
  const smb = exchange.smb!
  pair.smb ??= { dialects: NOTHING, clientPolicy: 'unknown', serverPolicy: 'unknown', effective: NONE }
  if (smb.dialect !== null) pair.smb.dialects = remembered(lists, pair.smb.dialects, smb.dialect)
  pair.smb.clientPolicy = weakerPolicy(pair.smb.clientPolicy, smb.clientPolicy)
  pair.smb.serverPolicy = weakerPolicy(pair.smb.serverPolicy, smb.serverPolicy)
  return pair.smb
}

/** Of two observations of a policy the weaker one counts: an attacker may choose it. */
function weakerPolicy(one: string, two: string): string {
  const order = ['unknown', 'required', 'enabled', 'disabled']
  return order.indexOf(two) > order.indexOf(one) ? two : one
}

function badness(exchange: AuthExchange): number {
  if (exchange.fallback === true) return 4
  if (exchange.mechanism === 'ntlm') return 3
  if (exchange.mechanism === 'kerberos' || exchange.mechanism === 'iakerb') return 1
  return exchange.mechanism === 'unknown' ? 0 : 2
}

const NONE: Counts<never> = Object.freeze({})
const NOTHING: readonly string[] = Object.freeze([])
const NO_PORTS: readonly number[] = Object.freeze([])

/**
 * `{ key: 1 }`, once for all: most pairs have one exchange, and six such objects of 56 bytes. The keys are those of
 * closed lists.
 */
const ONCE = new Map<string, Counts>()

/** `counts` with one more of `key`: the same object unless that is a shared one. */
function counted<K extends string>(counts: Counts<K>, key: K): Counts<K> {
  if (counts === NONE) return once(key) as Counts<K>
  const mine = (Object.isFrozen(counts) ? { ...counts } : counts) as Record<string, number>
  mine[key] = (mine[key] ?? 0) + 1
  return mine as Counts<K>
}

function once(key: string): Counts {
  let counts = ONCE.get(key)
  if (counts === undefined) {
    counts = Object.freeze({ [key]: 1 })
    if (ONCE.size < LIMITS.sharedListsMax) ONCE.set(key, counts)
  }
  return counts
}

/** `list` with `value` once, as long as there is room, and once for all that have the same. */
function remembered<T extends string | number>(lists: SharedLists, list: readonly T[], value: T): readonly T[] {
  return list.length >= LISTED_MAX || list.includes(value) ? list : lists.of(appended(list, value))
}
