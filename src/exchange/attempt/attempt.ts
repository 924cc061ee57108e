/**
 * One authentication while it is under way: what its legs have shown so far.
 *
 * Cold, owned. Legs are added by `fold.ts`, which knows conversations and slots; what the attempt says when it is over
 * is read by `attempt-facts.ts`. Nothing borrowed is kept: byte fields of tokens are compared or copied.
 */

import type {
  CallStep,
  HttpFacts,
  LegStep,
  Principal,
  RpcFacts,
  Service,
  Side,
  SmbSetup,
  Status,
  TrafficStep,
} from '../../../decoders/carrier.ts'
import type { Moment } from '../../context/evidence.ts'
import type { ToldKerberos, ToldNtlm, ToldSpnego, ToldToken } from '../../dissect/told.ts'
import type { ChannelFacts, NtlmProof, OpenedTicket } from '../../facts/channel.ts'
import type { MechanismName, NtlmFacts, SessionLogon, SmbEffective } from '../../facts/exchange.ts'
import { tokenDigest } from '../../facts/identity.ts'
import { type Marks, mark } from '../../facts/marks.ts'
import { appended } from '../../memory/bounded-map.ts'
import { LIMITS } from '../../memory/limits.ts'
import type { SharedLists } from '../../memory/shared-lists.ts'
import {
  type Authenticated,
  authenticatedBy,
  type Challenged,
  challengedBy,
  isRemoved,
  type TicketUse,
  ticketUsedBy,
  versionText,
} from './kept-messages.ts'
import { NEW_SESSION, type SessionPlace } from './place.ts'
import type { RelayLeg } from './relay.ts'

export class Attempt {
  /** set by the fold: how it is found again */
  slot: string
  /** of its exchange, as soon as something else refers to it */
  id: string | null = null
  readonly service: Service
  readonly carrier: string
  readonly start: number
  end: number
  readonly startFrame: number
  frames: readonly number[] = NO_FRAMES
  method: string | null = null
  direct = false
  sawClient = false
  sawServer = false
  /** the server's offer as it stood when this began */
  serverOffer: readonly string[] | null = null
  clientOffer: readonly string[] | null = null
  firstToken: 'ntlm' | 'kerberos' | 'spnego' | 'other' | null = null
  supportedMech: string | null = null
  negState: string | null = null
  lateFallbackList = false
  kerberosTried = false
  kerberosError: Pick<ToldKerberos, 'errorCode'> | null = null
  iakerb = false
  userToUser = false
  apReq: TicketUse | null = null
  /** the ticket of it, opened with a keytab; and what an account's key proves of NTLM */
  ticket: OpenedTicket | null = null
  proof: NtlmProof | null = null
  apRep = false
  ntlmSeen = false
  /** the client's first token of NTLM, where it came later than the beginning */
  #ntlmSince: Moment | null = null
  #ntlmBegun = false
  negotiateFlags: number | null = null
  clientVersion: string | null = null
  challenge: Challenged | null = null
  authenticate: Authenticated | null = null
  /** what two authentications may have in common, as keyed one-way hashes */
  readonly marks: { -readonly [K in keyof Marks]: Marks[K] } = { challenge: null, response: null, machine: null }
  singleHost: NtlmFacts['singleHost'] = null
  /** digest of the client's token that decides: the AUTHENTICATE_MESSAGE, else the first AP-REQ */
  token: string | null = null
  plainNtlm: LegStep['plainNtlm'] = null
  outcome: LegStep['outcome'] = null
  status: Status | null = null
  session: LegStep['session'] = null
  principal: Principal | null = null
  /** a security context of RPC: there is no offer of the server, and success shows in what follows */
  rpc: Partial<RpcFacts> | null = null
  /** HTTP: the request that began it; null: of another carrier */
  http: Partial<HttpFacts> | null = null
  /** HTTP: the server had asked this client for Kerberos before, in another conversation */
  offeredKerberosBefore = false
  /** the one of which it brings the credentials once more, and how many requests did */
  repeats: Attempt | null = null
  requests = 1
  /** RPC over HTTP: the other channel, which stands for both */
  channelOf: Attempt | null = null
  persistentAuth: boolean | null = null
  /** in a named pipe: the logon of the SMB session around it */
  outerSession: Attempt | null = null
  /** SMB: the session that it sets up or goes on with, and what that one rests on once it is accepted */
  sessionPlace: SessionPlace = NEW_SESSION
  logon: SessionLogon | null = null
  /** the server had said that the session has expired */
  expired = false
  setup: SmbSetup | null = null
  /** the client's last leg waits for the answer to this message */
  #awaitedMessage: string | null = null
  /** ordinary messages after it, as [client, server] counts */
  signed: readonly number[] = NO_MESSAGES
  clear: readonly number[] = NO_MESSAGES
  sealed: readonly number[] = NO_MESSAGES
  /** TLS was up when this began; what TLS covers later does not protect it */
  overTls = false
  /** the channel in which its token came, where another handshake has begun in it since; null: none has */
  channel: ChannelFacts | null = null
  /**
   * `host:port` of the server, '' where it is not known, when the other end of the conversation is only a proxy; null:
   * it is the server
   */
  proxiedTarget: string | null = null
  /** its Kerberos outcome stands in the evidence */
  remembered = false
  /** the same challenge stood in another flow of one of its ends; it may show after this has ended */
  readonly relay: RelayLeg = { relayed: null, frames: NO_FRAMES }
  done = false
  /** what was last told of it on the way; null: nothing */
  shown: 'success' | 'failure' | 'unknown' | null = null

  constructor(slot: string, service: Service, carrier: string, time: number, frame: number) {
    this.slot = slot
    this.service = service
    this.carrier = carrier
    this.start = time
    this.end = time
    this.startFrame = frame
  }

  /** The client's first token of NTLM; before one comes, the beginning. */
  get since(): Moment {
    return this.#ntlmSince ?? { time: this.start, frame: this.startFrame }
  }

  addFrame(frame: number): void {
    if (this.frames.length < LIMITS.evidenceFramesMax && !this.frames.includes(frame))
      this.frames = appended(this.frames, frame)
  }

  /** One leg with its decoded tokens; what they offer is kept in `lists`. */
  addLeg(leg: LegStep, tokens: readonly ToldToken[], time: number, frame: number, lists: SharedLists): void {
    this.end = Math.max(this.end, time)
    this.addFrame(frame)
    if (leg.from === 'client') this.sawClient = true
    else this.sawServer = true
    if (leg.from === 'client' && leg.method !== null) this.method ??= leg.method
    if (leg.from === 'client') this.#awaitedMessage = leg.message
    if (leg.direct) this.direct = true
    if (leg.principal) this.principal = leg.principal
    if (leg.plainNtlm) this.plainNtlm = leg.plainNtlm
    if (leg.rpc) this.rpc = Object.assign({}, leg.rpc, this.rpc)
    if (leg.smb) this.setup = joinSetup(this.setup, leg.smb)
    if (leg.session) this.session = strongerSession(this.session, leg.session)
    if (leg.from === 'server') {
      this.persistentAuth = leg.facts?.http?.persistentAuth ?? this.persistentAuth
      if (leg.outcome !== null) this.outcome = leg.outcome
      if (leg.status !== null) this.status = leg.status
      this.done = this.outcome === 'success' || this.outcome === 'failure'
    }
    if (leg.from === 'client' && !this.#ntlmBegun && bringsNtlm(leg, tokens)) {
      this.#ntlmBegun = true
      if (time !== this.start) this.#ntlmSince = { time, frame }
    }
    for (const token of tokens) this.#addToken(token, leg.from, lists)
    if (leg.from === 'client' && this.firstToken === null && leg.token !== null) {
      const first = tokens[0]?.message.protocol
      this.firstToken =
        first === 'ntlmssp' ? 'ntlm' : first === 'kerberos' ? 'kerberos' : first === 'spnego' ? 'spnego' : 'other'
    }
  }

  addTraffic(step: TrafficStep): void {
    if (step.refused) return
    const at = step.from === 'client' ? 0 : 1
    if (step.protection === 'signed') this.signed = oneMore(this.signed, at)
    else if (step.protection === 'sealed') this.sealed = oneMore(this.sealed, at)
    else this.clear = oneMore(this.clear, at)
  }

  /** A call under it, or the answer to one. */
  addCall(step: CallStep, time: number, frame: number): void {
    const { from, protection, status } = step
    // what a fault says of a call that was carried out, it does not say of the bind that it answers
    const isRefusal = step.outcome === 'success' && status !== null && step.message === this.#awaitedMessage
    const outcome = isRefusal ? 'failure' : step.outcome
    if (protection !== null)
      this.addTraffic({ kind: 'traffic', from, slot: this.slot, protection, refused: outcome === 'failure', how: null })
    if (this.done || outcome === null) return
    this.end = Math.max(this.end, time)
    this.addFrame(frame)
    this.sawServer = true
    this.outcome = outcome
    this.status = status
    this.done = true
  }

  /** Of a token of the client, by what the authentication is known (`facts/identity.ts`); `digest`: made before. */
  keepDigest(token: Uint8Array, tokens: readonly ToldToken[], digest: string | null): void {
    // of half a token nothing is known: the other tap may have all of it
    if (tokens.some(({ fault }) => fault !== null)) return
    for (const { message } of tokens) {
      if (message.type === 'AUTHENTICATE_MESSAGE' || (message.type === 'AP-REQ' && this.token === null))
        this.token = digest ?? tokenDigest(token)
    }
  }

  get mechanism(): MechanismName {
    const version = this.authenticate?.ntlmVersion ?? this.plainNtlm
    if (version === 'anonymous') return 'anonymous'
    // responses that ended as a null session or a guest are NTLM all the same
    if (this.session === 'anonymous' && version === null && this.apReq === null) return 'anonymous'
    if (this.plainNtlm === 'plaintext') return 'plain'
    if (this.ntlmSeen || this.plainNtlm !== null) return 'ntlm'
    if (this.apReq !== null) return this.iakerb ? 'iakerb' : 'kerberos'
    if (this.iakerb) return 'iakerb'
    if (this.kerberosTried || this.apRep || this.kerberosError !== null) return 'kerberos'
    switch (this.method) {
      case 'simple':
        return 'simple'
      case 'anonymous':
        return 'anonymous'
      case 'Basic':
      case 'PLAIN':
      case 'LOGIN':
      case 'USER':
      case 'SQL login':
        return 'plain'
      case 'GSSAPI':
      case 'Kerberos':
        return 'kerberos'
      case 'NTLM':
      case 'Sicily':
        return this.direct ? 'ntlm' : 'other'
      case null:
      case 'SPNEGO':
      case 'Negotiate':
      case 'GSS-SPNEGO':
        return chosen(this.supportedMech) ?? 'unknown'
      default:
        return 'other'
    }
  }

  /** Kerberos was begun, be it only by the name of its mechanism. */
  get triedKerberos(): boolean {
    return this.kerberosTried || this.mechanism === 'kerberos' || this.mechanism === 'iakerb'
  }

  /** The service, or what stands before it, did not take it. */
  get refusedKerberos(): boolean {
    return this.outcome === 'failure' || this.kerberosError !== null || this.negState === 'reject' || this.tooLong
  }

  /** RFC 9110 15.5.1, 15.5.14, RFC 6585 5: what servers and proxies say to a head that holds too long a ticket. */
  get tooLong(): boolean {
    const { http, outcome, status, repeats } = this
    return http !== null && outcome === null && status !== null && repeats === null && TOO_LONG.has(status.code)
  }

  /** RFC 4511 A.2, RFC 4954 4 and RFC 2228 5.3, C706 12.6.3.1: the service knows no such mechanism. */
  get unsupported(): boolean {
    return this.outcome === 'failure' && this.status !== null && UNKNOWN_MECHANISM[this.service] === this.status.code
  }

  /**
   * A token that asked for a challenge, and an answer without one: no logon took place. Where nothing is missing, and
   * nothing was refused.
   */
  get isWithoutChallenge(): boolean {
    const isBegun = this.ntlmSeen && this.challenge === null && this.authenticate === null && this.plainNtlm === null
    const isAnswered = this.sawServer && this.status !== null && (this.outcome === 'success' || this.outcome === null)
    return isBegun && this.sawClient && isAnswered && !this.kerberosTried && this.negState === null
  }

  /**
   * HTTP: a ticket that nobody asked for, or a token too short to tell, and an answer that says nothing about it: the
   * resource may be open to all.
   */
  get #isUnsolicitedTicket(): boolean {
    if (this.http === null || this.ntlmSeen || this.offeredKerberosBefore || this.serverOffer !== null) return false
    if (!this.kerberosTried && this.firstToken === null) return false
    const isTold = this.negState !== null || this.apRep || this.persistentAuth !== null
    return !isTold && this.sealed[0]! + this.sealed[1]! === 0
  }

  get result(): 'success' | 'failure' | 'unknown' {
    if (this.outcome === 'success') return this.#isUnsolicitedTicket ? 'unknown' : 'success'
    if (this.outcome === 'failure' || this.negState === 'reject') return 'failure'
    // a server of RPC that has finished its part has accepted the client's
    if (this.rpc !== null && (this.negState === 'accept-completed' || this.apRep)) return 'success'
    return 'unknown'
  }

  get visibility(): 'both' | 'client' | 'server' {
    if (this.sawClient && this.sawServer) return 'both'
    return this.sawClient ? 'client' : 'server'
  }

  /** What protected the messages of an SMB session. */
  get effective(): SmbEffective {
    const signed = this.signed[0]! + this.signed[1]!
    const clear = this.clear[0]! + this.clear[1]!
    const sealed = this.sealed[0]! + this.sealed[1]!
    if (sealed > 0 && sealed >= clear) return 'encrypted'
    if (this.session === 'guest') return 'guest'
    if (this.session === 'anonymous') return 'anonymous'
    if (this.session === 'encrypted' && clear === 0) return 'encrypted'
    if (signed === 0 && clear === 0) return 'unknown'
    // not every server sets SMB2_SESSION_FLAG_IS_NULL
    if (signed === 0 && this.mechanism === 'anonymous') return 'anonymous'
    if (clear === 0) return 'signed'
    // one side that never signs: whoever is in between may change what it says, and the other side takes it (3.2.5.1.3)
    if (signed === 0 || (this.signed[0] === 0 && this.clear[0]! > 0) || (this.signed[1] === 0 && this.clear[1]! > 0))
      return 'unsigned'
    // some of each: the client's requests decide; an unsigned one that was not refused shows that signing is not in
    // force
    return this.signed[0]! > 0 && this.clear[0] === 0 ? 'signed' : 'unsigned'
  }

  /** A request that brought the same credentials, and was not refused. */
  addRequest({ requests, outcome, status, sawServer, end }: Attempt): void {
    this.requests += requests
    this.end = Math.max(this.end, end)
    this.sawServer ||= sawServer
    if (this.outcome !== null) return
    this.outcome = outcome
    this.status = status
  }

  #addToken({ message, fault }: ToldToken, from: Side, lists: SharedLists): void {
    if (message.protocol === 'ntlmssp') this.#addNtlm(message, fault?.reason === 'cut')
    else if (message.protocol === 'spnego') this.#addSpnego(message, from, lists)
    else if (message.protocol === 'kerberos') this.#addKerberos(message)
  }

  #addNtlm(message: ToldNtlm, isCut: boolean): void {
    this.ntlmSeen = true
    if (message.type === 'NEGOTIATE_MESSAGE') {
      this.negotiateFlags = message.negotiateFlags
      this.clientVersion ??= versionText(message.version)
    } else if (message.type === 'CHALLENGE_MESSAGE') {
      this.challenge = challengedBy(message)
      this.marks.challenge = this.challenge.facts.toolChallenge ? null : mark(message.serverChallenge)
    } else {
      this.clientVersion = versionText(message.version) ?? this.clientVersion
      const host = message.targetInfo?.singleHost ?? null
      this.singleHost = host && {
        tokenIntegrityLevel: host.tokenIntegrityLevel,
        restricted: (host.flags & UAC_RESTRICTED) !== 0,
      }
      this.marks.machine = host?.permanentMachineId ? mark(host.permanentMachineId) : null
      const removed = isRemoved(message)
      this.marks.response = message.ntResponse.length === 0 || removed ? null : mark(message.ntResponse)
      this.authenticate = authenticatedBy(message, isCut, removed)
    }
  }

  #addSpnego(message: ToldSpnego, from: Side, lists: SharedLists): void {
    if (message.type === 'NegTokenResp') {
      if (from === 'server') {
        // only the first answer chooses, MS-SPNG 3.3.5
        this.supportedMech ??= message.supportedMech
        if (message.negState !== null) this.negState = message.negState
      }
      if (message.supportedMechs !== null) this.lateFallbackList = true
    } else if (from === 'client') this.clientOffer ??= lists.of(message.mechTypes)
    else this.serverOffer ??= lists.of(message.mechTypes)
  }

  #addKerberos(message: ToldKerberos): void {
    if (message.wrapping === 'iakerb' || message.type === 'IAKERB') this.iakerb = true
    if (message.wrapping === 'u2u' || message.type === 'TGT-REQ' || message.type === 'TGT-REP') this.userToUser = true
    switch (message.type) {
      case 'AP-REQ':
        this.apReq = ticketUsedBy(message)
        this.kerberosTried = true
        break
      case 'AP-REP':
        this.apRep = true
        break
      case 'KRB-ERROR':
        this.kerberosError = { errorCode: message.errorCode }
        break
      case 'TGT-REQ':
      case 'AS-REQ':
      case 'TGS-REQ':
      case 'IAKERB':
        this.kerberosTried = true
        break
      default:
        break
    }
  }
}

/** Bad Request, Content Too Large, Request Header Fields Too Large */
const TOO_LONG: ReadonlySet<number> = new Set([400, 413, 431])

/**
 * authMethodNotSupported; Unrecognized Authentication Type; Unknown security mechanism;
 * authentication_type_not_recognized
 */
const UNKNOWN_MECHANISM: Readonly<Partial<Record<Service, number>>> = { ldap: 7, smtp: 504, ftp: 504, rpc: 8 }

/** Does the client say anything of NTLM here, in a token or without one? */
function bringsNtlm(leg: LegStep, tokens: readonly ToldToken[]): boolean {
  return leg.plainNtlm !== null || tokens.some(({ message }) => message.protocol === 'ntlmssp')
}

/** Flags of LSAP_TOKEN_INFO_INTEGRITY, MS-KILE 2.2.5 */
const UAC_RESTRICTED = 1
const NO_FRAMES: readonly number[] = Object.freeze([])
const NO_MESSAGES: readonly number[] = Object.freeze([0, 0])

/** The same counts unless those are shared by all that have none. */
function oneMore(counts: readonly number[], at: 0 | 1): readonly number[] {
  const mine = counts === NO_MESSAGES ? [0, 0] : (counts as number[])
  mine[at]!++
  return mine
}

/** Every request of a binding has to be signed. */
function joinSetup(old: SmbSetup | null, next: SmbSetup): SmbSetup {
  if (old === null) return next
  return { ...next, signed: old.signed && next.signed, previousId: old.previousId ?? next.previousId }
}

function strongerSession(old: LegStep['session'], next: LegStep['session']): LegStep['session'] {
  return old === 'guest' || old === 'anonymous' ? old : next
}

function chosen(supportedMech: string | null): MechanismName | null {
  switch (supportedMech) {
    case 'kerberos':
    case 'ms-kerberos':
    case 'kerberos-u2u':
      return 'kerberos'
    case 'iakerb':
      return 'iakerb'
    case 'ntlmssp':
      return 'ntlm'
    case null:
      return null
    default:
      return 'other'
  }
}
