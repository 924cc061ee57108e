/**
 * Pairs of hosts: a fold over exchanges, one row a client, server and service.
 */

import type { Service } from '../../decoders/carrier.ts'
import { isWeakEtype } from '../../decoders/mechanisms/kerberos-names.ts'
import { accountOf } from '../facts/account.ts'
import type { BindingFacts } from '../facts/channel.ts'
import { continuationKind, isContinuation, isWithoutLogon } from '../facts/continuation.ts'
import type {
  AuthExchange,
  ChannelBindingState,
  Endpoint,
  OpaqueConversation,
  Origin,
  SmbEffective,
} from '../facts/exchange.ts'
import type { FrameRef } from '../facts/frames.ts'
import { pairUid } from '../facts/identity.ts'
import { appended } from '../memory/bounded-map.ts'
import { longer } from '../memory/compact/columns.ts'
import { pairKey } from '../memory/flat-key.ts'
import { LIMITS } from '../memory/limits.ts'
import { SharedLists } from '../memory/shared-lists.ts'
import { type Counts, NO_COUNTS, withCount } from './counting/counts.ts'
import { breaksNtlmOff, breaksRc4, breaksSigning, type PairBinding, type PairVerdict, verdictOf } from './verdict.ts'
import { sortedWorstFirst } from './worst-first.ts'

/** Folds exchanges into pairs. Bounded: beyond `reportPairsMax` new pairs are counted, not told apart. */
export class PairFold {
  /** exchanges of pairs that were not told apart */
  overflow = 0
  readonly #pairs = new Map<string, PairState>()
  /** what each pair counts, in columns: an object with all of it takes twice as much */
  #counts = new Uint32Array(PAIRS_MIN * COUNTS)
  /** likewise, start and end */
  #times = new Float64Array(PAIRS_MIN * 2)
  /** of users, service names and tunnels that are listed */
  #characters = 0
  /** of ports, users, service names: most pairs have one of each, and many the same */
  readonly #lists = new SharedLists()

  add(exchange: AuthExchange): void {
    const pair = this.#pair(exchange.client, exchange.server, exchange.service, exchange)
    if (pair === null) return
    this.#seen(pair, exchange)
    pair.clientName ??= exchange.client.name
    pair.serverName ??= exchange.server.name
    if (isWithoutLogon(exchange))
      pair.blindSpots = remembered(this.#lists, pair.blindSpots, 'the logon of an SMB session that goes on here')
    if (isContinuation(exchange)) {
      this.#goOn(pair, exchange)
      return
    }
    this.#count(pair, EXCHANGES)
    pair.mechanism = withCount(pair.mechanism, exchange.mechanism)
    if (exchange.result === 'success') this.#count(pair, SUCCESS)
    else if (exchange.result === 'failure') this.#count(pair, FAILURE)
    if (exchange.fallback === true) this.#count(pair, FALLBACK)
    if (exchange.origin !== null) pair.origins = withCount(pair.origins, exchange.origin)
    if (exchange.cause !== null) pair.causes = withCount(pair.causes, exchange.cause.code)
    if (exchange.ntlm?.ntlmVersion && exchange.mechanism !== 'anonymous')
      pair.ntlmVersion = withCount(pair.ntlmVersion, exchange.ntlm.ntlmVersion)
    const user = accountOf(exchange.principal)
    if (user !== null) pair.users = this.#listed(pair.users, user)
    if (exchange.target.spn) pair.spns = this.#listed(pair.spns, exchange.target.spn)
    if (exchange.http?.application)
      pair.applications = remembered(this.#lists, pair.applications, exchange.http.application)
    if (exchange.tunnel !== null) pair.tunnels = this.#listed(pair.tunnels, exchange.tunnel)
    pair.channelBinding = withCount(pair.channelBinding, exchange.channelBinding)
    if (exchange.binding !== null) pair.bindings = withBinding(pair.bindings, exchange.channelBinding, exchange.binding)
    this.#mechanisms(pair, exchange)
    if (exchange.smb !== null) smbFacts(pair, exchange, this.#lists)
    if (exchange.ldap !== null) {
      pair.ldap ??= { layers: NO_COUNTS, tls: false }
      pair.ldap.layers = withCount(pair.ldap.layers, exchange.ldap.layer)
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
    this.#show(pair, exchange, badness(exchange))
  }

  /** A conversation in TLS: whatever authenticates inside is not visible. */
  addOpaque(conversation: OpaqueConversation): void {
    const pair = this.#pair(conversation.client, conversation.server, conversation.service, {
      start: conversation.start,
      capture: conversation.capture,
      frames: conversation.frames,
    })
    if (pair === null) return
    if (conversation.tunnel !== null) pair.tunnels = this.#listed(pair.tunnels, conversation.tunnel)
    pair.serverName ??= conversation.server.name
    this.#seen(pair, conversation)
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
    return sortedWorstFirst(Array.from(this.#pairs.values(), (pair) => this.#freeze(pair, findings, uids)))
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
      pair = newPair(this.#newRow(first.start), client.ip, server.ip, service, first)
      this.#pairs.set(key, pair)
    }
    pair.ports = remembered(this.#lists, pair.ports, server.port)
    return pair
  }

  /** `remembered` of a text of somebody else's, as long as there is room for those of all pairs. */
  #listed(list: readonly string[], text: string): readonly string[] {
    const room = LIMITS.pairCharactersMax - this.#characters
    if (text.length > room) return list
    const more = remembered(this.#lists, list, text)
    if (more !== list) this.#characters += text.length
    return more
  }

  #mechanisms(pair: PairState, exchange: AuthExchange): void {
    const usable = exchange.result !== 'failure'
    switch (exchange.mechanism) {
      case 'kerberos':
      case 'iakerb':
        this.#count(pair, usable ? KERBEROS_USABLE : KERBEROS_FAILED)
        if (exchange.result === 'success') this.#count(pair, KERBEROS_SUCCESS)
        break
      case 'ntlm':
        this.#count(pair, NTLM)
        if (exchange.result === 'success') this.#count(pair, NTLM_SUCCESS)
        break
      case 'unknown':
        break
      default:
        this.#count(pair, OTHERS)
        break
    }
    const etype = exchange.kerberos?.ticketEtype ?? null
    if (etype !== null) this.#count(pair, isWeakEtype(etype) ? WEAK_TICKETS : STRONG_TICKETS)
  }

  /** The session and its logon are counted already; what this one shows of policies and protection is as true. */
  #goOn(pair: PairState, exchange: AuthExchange): void {
    pair.continued = withCount(pair.continued, continuationKind(exchange))
    if (exchange.smb !== null) {
      policies(pair, exchange, this.#lists)
      const { effective } = exchange.smb
      if (effective === 'unsigned') pair.open = effective
    }
    this.#show(pair, exchange, 0)
  }

  /** The frames that are shown are those of what has the highest rank, the first of it. */
  #show(pair: PairState, { capture, frames }: AuthExchange, rank: number): void {
    const at = pair.at * COUNTS + WORST
    if (rank + 1 <= this.#counts[at]!) return
    this.#counts[at] = rank + 1
    pair.capture = capture
    pair.frames = frames
  }

  #count({ at }: PairState, what: number): void {
    this.#counts[at * COUNTS + what]!++
  }

  #seen({ at }: PairState, { start, end }: { readonly start: number; readonly end: number }): void {
    const times = this.#times
    times[at * 2] = Math.min(times[at * 2]!, start)
    times[at * 2 + 1] = Math.max(times[at * 2 + 1]!, end)
  }

  #newRow(start: number): number {
    const { size } = this.#pairs
    if (size * 2 === this.#times.length) {
      const rows = Math.min(size * 2, LIMITS.reportPairsMax)
      this.#counts = longer(this.#counts, new Uint32Array(rows * COUNTS))
      this.#times = longer(this.#times, new Float64Array(rows * 2))
    }
    this.#times.fill(start, size * 2, size * 2 + 2)
    return size
  }

  #freeze(
    pair: PairState,
    findings: (client: string, server: string, service: string) => readonly string[],
    uids: boolean,
  ): PairVerdict {
    const { at, client, server, service, smb } = pair
    const count = (which: number) => this.#counts[at * COUNTS + which]!
    const exchanges = count(EXCHANGES)
    const success = count(SUCCESS)
    const failure = count(FAILURE)
    const fallback = count(FALLBACK)
    const judged = {
      exchanges,
      fallback,
      kerberosUsable: count(KERBEROS_USABLE),
      kerberosSuccess: count(KERBEROS_SUCCESS),
      ntlm: count(NTLM),
      ntlmSuccess: count(NTLM_SUCCESS),
      others: count(OTHERS),
      weakTickets: count(WEAK_TICKETS),
      strongTickets: count(STRONG_TICKETS),
      smb,
    }
    const verdict = {
      uid: uids ? pairUid(client, server, service) : '',
      client: { ip: client, name: pair.clientName },
      server: {
        ip: server,
        name: pair.serverName,
        ports: pair.ports.length < 2 ? pair.ports : pair.ports.toSorted((a, b) => a - b),
      },
      service,
      verdict: verdictOf(judged),
      start: this.#times[at * 2]!,
      end: this.#times[at * 2 + 1]!,
      counts: {
        exchanges,
        mechanism: pair.mechanism,
        result: { success, failure, unknown: exchanges - success - failure },
        fallback,
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
      breaks: { ntlmOff: breaksNtlmOff(judged), signingRequired: breaksSigning(judged), rc4Off: breaksRc4(judged) },
      findings: findings(client, server, service),
      blindSpots:
        count(KERBEROS_FAILED) > 0 && judged.kerberosUsable === 0 && judged.ntlm === 0
          ? [...pair.blindSpots, 'Kerberos was tried and refused; no successful authentication was seen']
          : pair.blindSpots,
      capture: pair.capture,
      frames: pair.frames,
    }
    return pair.bindings.length > 0 ? { ...verdict, bindings: pair.bindings } : verdict
  }
}

/** What is counted of a pair, in the order of its columns. */
const EXCHANGES = 0
const SUCCESS = 1
const FAILURE = 2
const FALLBACK = 3
const KERBEROS_USABLE = 4
const KERBEROS_SUCCESS = 5
const KERBEROS_FAILED = 6
const NTLM = 7
const NTLM_SUCCESS = 8
const OTHERS = 9
const WEAK_TICKETS = 10
const STRONG_TICKETS = 11
/** the rank of what is shown, and one */
const WORST = 12
const COUNTS = 13
const PAIRS_MIN = 64

/** users, SPNs, ports and blind spots listed for one pair */
const LISTED_MAX = 16

/**
 * There may be tens of thousands of these, most with one exchange or none: lists and counts begin as shared empty ones
 * and are replaced when they grow, which keeps a pair at a quarter of its size with lists of its own.
 */
interface PairState {
  /** its row in the columns */
  readonly at: number
  readonly client: string
  readonly server: string
  readonly service: Service
  clientName: string | null
  serverName: string | null
  ports: readonly number[]
  mechanism: Counts
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
  bindings: readonly PairBinding[]
  blindSpots: readonly string[]
  capture: string
  frames: readonly FrameRef[]
}

function newPair(
  at: number,
  client: string,
  server: string,
  service: Service,
  first: { readonly start: number; readonly capture: string; readonly frames: readonly FrameRef[] },
): PairState {
  return {
    at,
    client,
    server,
    service,
    clientName: null,
    serverName: null,
    ports: NO_PORTS,
    mechanism: NO_COUNTS,
    ntlmVersion: NO_COUNTS,
    continued: NO_COUNTS,
    open: null,
    origins: NO_COUNTS,
    causes: NO_COUNTS,
    users: NOTHING,
    spns: NOTHING,
    applications: NOTHING,
    tunnels: NOTHING,
    smb: null,
    ldap: null,
    channelBinding: NO_COUNTS,
    bindings: NO_BINDINGS,
    blindSpots: NOTHING,
    capture: first.capture,
    frames: first.frames,
  }
}

/** Those that name no certificate say nothing that the counts do not. */
function withBinding(
  list: readonly PairBinding[],
  state: ChannelBindingState,
  { kind, certificate, madeFor }: BindingFacts,
): readonly PairBinding[] {
  if ((certificate === null && madeFor === null) || list.length >= LISTED_MAX) return list
  const isKnown = list.some(
    (one) => one.state === state && one.kind === kind && one.certificate === certificate && one.madeFor === madeFor,
  )
  return isKnown ? list : appended(list, { state, kind, certificate, madeFor })
}

const NO_BINDINGS: readonly PairBinding[] = []

function smbOf({ smb, open }: PairState): PairVerdict['smb'] {
  if (smb === null || open === null || smb.effective[open]) return smb
  return { ...smb, effective: { ...smb.effective, [open]: 1 } }
}

function smbFacts(pair: PairState, exchange: AuthExchange, lists: SharedLists): void {
  const smb = policies(pair, exchange, lists)
  smb.effective = withCount(smb.effective, exchange.smb!.effective)
}

function policies(pair: PairState, exchange: AuthExchange, lists: SharedLists): NonNullable<PairState['smb']> {
  const smb = exchange.smb!
  pair.smb ??= { dialects: NOTHING, clientPolicy: 'unknown', serverPolicy: 'unknown', effective: NO_COUNTS }
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

const NOTHING: readonly string[] = Object.freeze([])
const NO_PORTS: readonly number[] = Object.freeze([])

/** `list` with `value` once, as long as there is room, and once for all that have the same. */
function remembered<T extends string | number>(lists: SharedLists, list: readonly T[], value: T): readonly T[] {
  return list.length >= LISTED_MAX || list.includes(value) ? list : lists.of(appended(list, value))
}
