/**
 * What an attempt says when it is over: the members of an exchange that come from its messages.
 *
 * Pure functions of what `Attempt` has collected and of what is true of its conversation.
 */
import type { ConnectionFacts, SigningPolicy, SmbFacts } from '../../../decoders/carrier.ts'
import { authLevelName } from '../../../decoders/carriers/rpc/dcerpc.ts'
import { errorName } from '../../../decoders/mechanisms/kerberos-names.ts'
import { negotiateFlagNames } from '../../../decoders/mechanisms/ntlmssp.ts'
import { factsOf } from '../../../decoders/services.ts'
import type { OriginEvidence } from '../../causes/origin.ts'
import type { ChannelFacts } from '../../facts/channel.ts'
import type {
  HttpExchangeFacts,
  KerberosFacts,
  LdapExchangeFacts,
  NtlmFacts,
  RpcExchangeFacts,
  SmbExchangeFacts,
  SmbSessionFacts,
  TlsExchangeFacts,
} from '../../facts/exchange.ts'
import type { SharedLists } from '../../memory/shared-lists.ts'
import type { Attempt } from './attempt.ts'
import { bindingText } from './kept-messages.ts'
import { namesSession } from './place.ts'

const SIGN = 0x10
const SEAL = 0x20
/** mutual-required of ap-options, RFC 4120 5.5.1 */
const MUTUAL_REQUIRED = 0x20000000

/** By what this is known from one run to the next, see `facts/identity.ts`. */
export function decidingOf(attempt: Attempt): { readonly token: string | null; readonly ticket: number | null } {
  if (attempt.authenticate !== null) return { token: tellsNoPassword(attempt) ? attempt.token : null, ticket: null }
  // over HTTP each request brings the ticket anew in another AP-REQ: they are one authentication, unless they are
  // refused
  const again = attempt.http !== null && attempt.result !== 'failure' ? (attempt.apReq?.ticketMark ?? null) : null
  return { token: attempt.token, ticket: again }
}

/** A response without a random part of the client's is the password's and the challenge's alone. */
function tellsNoPassword(attempt: Attempt): boolean {
  const version = attempt.authenticate?.ntlmVersion
  if (version === 'NTLMv2' || version === 'NTLMv1-ESS' || version === 'anonymous') return true
  return attempt.challenge !== null && !attempt.challenge.facts.toolChallenge
}

export function originEvidence(attempt: Attempt, whole: boolean): OriginEvidence {
  return {
    serverOffer: attempt.serverOffer,
    clientOffer: attempt.clientOffer,
    // an AUTHENTICATE_MESSAGE is a first token only where the one before it was lost, and what named it with it
    firstTokenRawNtlm: attempt.firstToken === 'ntlm' && attempt.negotiateFlags !== null && !isUnnamed(attempt),
    direct: attempt.direct || attempt.plainNtlm !== null || namesNtlmItself(attempt),
    supportedMech: attempt.supportedMech,
    lateFallback:
      attempt.lateFallbackList ||
      ((attempt.serverOffer?.includes('late-fallback') ?? false) &&
        (attempt.clientOffer?.includes('late-fallback') ?? false)),
    kerberosTried: attempt.kerberosTried,
    kerberosRefused: attempt.kerberosError !== null,
    refusedBefore: false,
    ticketRefused: false,
    offerVisible: attempt.rpc !== null || (whole && attempt.sawServer),
    clientDecides: attempt.rpc !== null || factsOf(attempt.service).offersNothing,
  }
}

/** The server has NTLM under a name of its own, and the command that names what the client chose was lost. */
function isUnnamed({ method, serverOffer }: Attempt): boolean {
  return method === null && serverOffer !== null && serverOffer.some((name) => name.toUpperCase() === 'NTLM')
}

/**
 * SSPI of SQL Server names no mechanism, and the server makes no offer: bare NTLM without a target name is the choice
 * of an application that had no service name to give. With one, it may as well be what Negotiate was left with.
 */
function namesNtlmItself(attempt: Attempt): boolean {
  return (
    attempt.method === 'SSPI' &&
    attempt.firstToken === 'ntlm' &&
    attempt.authenticate !== null &&
    !attempt.authenticate.targetSpn
  )
}

export function ntlmFacts(attempt: Attempt, lists: SharedLists): NtlmFacts | null {
  if (!attempt.ntlmSeen && attempt.plainNtlm === null) return null
  const { authenticate, challenge } = attempt
  const flags = authenticate?.negotiateFlags ?? challenge?.negotiateFlags ?? attempt.negotiateFlags
  return {
    ntlmVersion: authenticate?.ntlmVersion ?? attempt.plainNtlm,
    negotiateFlags: lists.of(flags === null ? [] : negotiateFlagNames(flags)),
    mic: authenticate?.mic ?? null,
    avFlags: authenticate?.avFlags ?? null,
    nameEncoding: authenticate?.nameEncoding ?? null,
    lmResponsePresent: authenticate?.lmResponsePresent ?? null,
    signingNegotiated: authenticate ? (authenticate.negotiateFlags & SIGN) !== 0 : null,
    sealingNegotiated: authenticate ? (authenticate.negotiateFlags & SEAL) !== 0 : null,
    clientVersion: attempt.clientVersion,
    serverVersion: challenge?.version ?? null,
    singleHost: attempt.singleHost,
    challenge: challenge?.facts ?? null,
  }
}

export function kerberosFacts(attempt: Attempt): KerberosFacts | null {
  if (!attempt.kerberosTried && !attempt.apRep && attempt.kerberosError === null) return null
  const { apReq, kerberosError } = attempt
  return {
    realm: apReq?.ticketRealm ?? apReq?.realm ?? null,
    sname: apReq?.ticketSname ?? apReq?.sname ?? null,
    ticketEtype: apReq?.ticketEtype ?? null,
    authenticatorEtype: apReq?.encPartEtype ?? null,
    mutual: apReq === null || apReq.apOptions === null ? null : (apReq.apOptions & MUTUAL_REQUIRED) !== 0,
    apRep: attempt.apRep,
    userToUser: attempt.userToUser,
    errorCode: kerberosError?.errorCode ?? null,
    errorName: kerberosError?.errorCode == null ? null : errorName(kerberosError.errorCode),
  }
}

/**
 * Effective protection of an SMB session from its ordinary messages: MS-SMB2 3.3.5.2.4, and the exceptions that the
 * carrier leaves out.
 */
export function smbFacts(attempt: Attempt, facts: ConnectionFacts): SmbExchangeFacts | null {
  if (attempt.service !== 'smb') return null
  const smb = facts.smb ?? {}
  return {
    dialect: smb.dialect ?? null,
    clientPolicy: smb.clientPolicy ?? clientPolicyOf(smb),
    serverPolicy: smb.serverPolicy ?? 'unknown',
    effective: attempt.effective,
    cipher: smb.cipher ?? null,
    signingAlgorithm: smb.signingAlgorithm ?? null,
    signedMessages: attempt.signed[0]! + attempt.signed[1]!,
    unsignedMessages: attempt.clear[0]! + attempt.clear[1]!,
    encryptedMessages: attempt.sealed[0]! + attempt.sealed[1]!,
    session: namesSession(attempt.slot) ? sessionFacts(attempt) : null,
  }
}

function sessionFacts(attempt: Attempt): SmbSessionFacts {
  const { setup, of } = attempt.sessionPlace
  return {
    id: attempt.slot,
    setup,
    of,
    bindingSigned: setup === 'binding' ? (attempt.setup?.signed ?? null) : null,
    expired: attempt.expired,
    previousId: attempt.setup?.previousId ?? null,
  }
}

export function ldapFacts(attempt: Attempt): LdapExchangeFacts | null {
  if (attempt.service !== 'ldap') return null
  const signed = attempt.signed[0]! + attempt.signed[1]!
  const clear = attempt.clear[0]! + attempt.clear[1]!
  const sealed = attempt.sealed[0]! + attempt.sealed[1]!
  return {
    layer: sealed > 0 ? 'seal' : signed > 0 ? 'sign' : clear > 0 || hasNoLayer(attempt) ? 'none' : 'unknown',
    tls: attempt.overTls,
    resultCode: attempt.status?.code ?? null,
  }
}

/** A simple bind never has a security layer (RFC 4513 5.1), NTLM has one only by its flags (MS-ADTS 5.1.2.1). */
function hasNoLayer(attempt: Attempt): boolean {
  if (attempt.method === 'simple') return true
  return attempt.authenticate !== null && (attempt.authenticate.negotiateFlags & (SIGN | SEAL)) === 0
}

/** `channelOf`: the id of the exchange that stands for both channels */
export function httpFacts(
  attempt: Attempt,
  facts: ConnectionFacts,
  channelOf: string | null,
): HttpExchangeFacts | null {
  const { http } = attempt
  if (http === null) return null
  return {
    application: http.application ?? null,
    method: http.method ?? null,
    path: http.path ?? null,
    userAgent: http.userAgent ?? null,
    serverSoftware: facts.http?.serverSoftware ?? null,
    persistentAuth: attempt.persistentAuth,
    requests: attempt.requests,
    channelOf,
    layer:
      attempt.sealed[0]! + attempt.sealed[1]! > 0
        ? 'seal'
        : attempt.clear[0]! + attempt.clear[1]! > 0
          ? 'none'
          : 'unknown',
  }
}

export function rpcFacts(attempt: Attempt): RpcExchangeFacts | null {
  const { rpc } = attempt
  if (rpc === null) return null
  const [signed, clear, sealed] = [attempt.signed, attempt.clear, attempt.sealed].map(
    (counts) => counts[0]! + counts[1]!,
  )
  return {
    interface: rpc.interface ?? null,
    interfaceName: rpc.interfaceName ?? null,
    authType: rpc.authType ?? null,
    authLevel: rpc.authLevel === undefined ? null : authLevelName(rpc.authLevel),
    layer: sealed! > 0 ? 'seal' : signed! > 0 ? 'sign' : clear! > 0 ? 'none' : 'unknown',
    over: rpc.pipe === undefined ? 'tcp' : 'smb',
    pipe: rpc.pipe || null,
    session: rpc.pipe === undefined ? null : (attempt.outerSession?.effective ?? 'unknown'),
  }
}

/**
 * The channel binding of the token: hexadecimal, '' where it is sixteen zeros, null where it has none; undefined: not
 * visible, as where it is cut off, or with Kerberos, which keeps it in the sealed authenticator.
 */
export function bindingValueOf(attempt: Attempt): string | null | undefined {
  const { authenticate } = attempt
  if (authenticate !== null) return authenticate.isCut ? (authenticate.binding ?? undefined) : authenticate.binding
  return attempt.ticket === null ? undefined : bindingText(attempt.ticket.channelBindings)
}

/** The channel that it came through; null: no TLS was up when it began. */
export function tlsFacts(
  attempt: Attempt,
  { tls }: ConnectionFacts,
  channel: ChannelFacts | null,
): TlsExchangeFacts | null {
  if (!attempt.overTls) return null
  return {
    version: tls?.version ?? null,
    cipherSuite: tls?.cipherSuite ?? null,
    serverName: tls?.serverName ?? null,
    alpn: tls?.alpn ?? null,
    resumed: channel?.resumed ?? null,
    opened: channel?.opened ?? false,
    certificate: channel?.certificate?.sha256 ?? null,
  }
}

/**
 * Without an SMB2 NEGOTIATE request (an SMB1 one that was answered with 2.0.2) only SESSION_SETUP tells: there
 * 'required' is the client's own policy unless the server demanded it.
 */
function clientPolicyOf(smb: Partial<SmbFacts>): SigningPolicy {
  if (smb.sessionPolicy === undefined) return 'unknown'
  return smb.sessionPolicy === 'required' && smb.serverPolicy !== 'enabled' ? 'unknown' : smb.sessionPolicy
}
