/**
 * The facts that are given away: every authentication is one `AuthExchange`, every request to a KDC one `KdcExchange`.
 * Shapes, and what a mechanism is; `exchange/fold.ts` makes the first, `exchange/kdc-fold.ts` the second. All of them
 * are owned and frozen.
 */
import type { ContextFact, Service, SigningPolicy } from '../../decoders/carrier.ts'
import type { NameEncoding, NtlmVersion } from '../../decoders/mechanisms/ntlmssp.ts'
import type { BindingFacts, ChannelFacts, NtlmProof, OpenedTicket } from './channel.ts'
import type { FrameRef } from './frames.ts'
import type { Identity } from './identity.ts'
import type { Marks } from './marks.ts'
import type { ExchangeEvent, WindowsFacts } from './windows-facts.ts'

export interface Endpoint {
  readonly ip: string
  readonly port: number
  /** a name the wire gave it (NTLM target info, SPN, NETNAME, Host), or null */
  readonly name: string | null
}

/**
 * What logged on. `ntlm` is every NTLM logon, also one that ended as a guest (`smb.effective` tells); `anonymous` a
 * null session, which has no credentials and is no use of NTLM. `unknown`: nothing logged on, or what did was not seen.
 */
export type MechanismName = 'kerberos' | 'iakerb' | 'ntlm' | 'anonymous' | 'simple' | 'plain' | 'other' | 'unknown'

type WithMechanism = { readonly mechanism: MechanismName }

/** An NTLM logon: no null session, and no token that came to no logon. */
export function isNtlm({ mechanism }: WithMechanism): boolean {
  return mechanism === 'ntlm'
}

export function isKerberos({ mechanism }: WithMechanism): boolean {
  return mechanism === 'kerberos' || mechanism === 'iakerb'
}

/** How an exchange came to NTLM: one of seven shapes. */
export type Origin =
  | 'server-only'
  | 'client-veto'
  | 'server-switched'
  | 'client-retry'
  | 'late-fallback'
  | 'direct'
  | 'unknown'

export type SmbEffective = 'encrypted' | 'signed' | 'unsigned' | 'guest' | 'anonymous' | 'unknown'
/**
 * `verified`: made for this very channel. `mismatch`: for another one. `wrong-hash`: for its certificate, with a hash
 * that no server expects. `bound`: there is one, and nothing to check it with. `zero`, `absent`: the token binds to
 * nothing. `not-visible`: sealed. `not-applicable`: no TLS.
 */
export type ChannelBindingState =
  | 'verified'
  | 'bound'
  | 'wrong-hash'
  | 'mismatch'
  | 'zero'
  | 'absent'
  | 'not-applicable'
  | 'not-visible'

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
  /** where the client got the name or address that no ticket can be had for; null: not seen; old reports have none */
  readonly nameFrom: NameOrigin | null
}

/**
 * `dfs-referral`: a DFS link or root. `http-redirect`: a web server sent it there. `dns-cname`: DNS says that the name
 * is another one for a host. `llmnr`, `nbns`, `mdns`: such an answer, not DNS, resolved it. `file-read`: a logon script
 * or a group policy that was opened shortly before.
 */
export const NAME_ORIGINS = [
  'dfs-referral',
  'http-redirect',
  'dns-cname',
  'llmnr',
  'nbns',
  'mdns',
  'file-read',
] as const
export type NameOriginKind = (typeof NAME_ORIGINS)[number]

/** Where a client got the name of a server from: the line to change. */
export interface NameOrigin {
  readonly kind: NameOriginKind
  /** the name or address, as the client used it */
  readonly name: string
  /** the DFS link, the URL without its query, `alias CNAME host`, the name that was asked for, or the file */
  readonly where: string
  /** the address of who said it */
  readonly by: string
  /** how long before the logon */
  readonly secondsBefore: number
  /**
   * the name was seen there; false: a file that was opened, in which it may stand, since not all of it was read on the
   * wire. Old reports have none, and looked into no file
   */
  readonly isNamed: boolean
  /** files that may hold the name: how many others that may hold it were opened in that time */
  readonly others: number
  readonly frames: readonly FrameRef[]
}

export interface AuthExchange extends Identity {
  /** `capture.frame`: of this run alone */
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
  /** `host:port` behind a proxy, as the client asked for it: `server.ip` is the proxy's then */
  readonly tunnel: string | null
  readonly ntlm: NtlmFacts | null
  readonly kerberos: KerberosFacts | null
  readonly smb: SmbExchangeFacts | null
  readonly ldap: LdapExchangeFacts | null
  readonly rpc: RpcExchangeFacts | null
  readonly http: HttpExchangeFacts | null
  readonly channelBinding: ChannelBindingState
  /** what proves it; null: there is no value to check */
  readonly binding: BindingFacts | null
  /** what the channel is; null: no TLS was seen */
  readonly tls: TlsExchangeFacts | null
  /** what a keytab opened of it; null: nothing, or none was given */
  readonly keytab: { readonly ticket: OpenedTicket | null; readonly ntlm: NtlmProof | null } | null
  readonly frames: readonly FrameRef[]
  /** events of Windows logs about it, by time; empty without logs */
  readonly events: readonly ExchangeEvent[]
  /** what these events say; null: there are none */
  readonly windows: WindowsFacts | null
}

/** The form of the target name. */
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
  /**
   * how the names of the AUTHENTICATE_MESSAGE were written: `utf-8` is a guess, of `unknown` nothing but ASCII is read
   */
  readonly nameEncoding: NameEncoding | null
  readonly lmResponsePresent: boolean | null
  readonly signingNegotiated: boolean | null
  readonly sealingNegotiated: boolean | null
  readonly clientVersion: string | null
  readonly serverVersion: string | null
  /**
   * what Windows says of the calling process (MS-KILE 2.2.5): integrity level 0x2000 medium, 0x3000 high, 0x4000
   * system; null: not sent
   */
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
  /** null: its id was not seen */
  readonly session: SmbSessionFacts | null
}

/**
 * What this exchange is to its session, MS-SMB2 3.2.5.3: its logon, a further channel of it
 * (SMB2_SESSION_FLAG_BINDING), or its logon once more.
 */
export type SessionSetup = 'new' | 'binding' | 'reauthentication'

/** The session that an SMB exchange is about. */
export interface SmbSessionFacts {
  /** SessionId in hexadecimal; UID of SMB1 */
  readonly id: string
  readonly setup: SessionSetup
  /** not `new`: the exchange that the session rests on; null: none was seen */
  readonly of: SessionLogon | null
  /** bindings: the client signed its requests, as it must; null: no binding */
  readonly bindingSigned: boolean | null
  /** re-authentications: the server had said that the session has expired */
  readonly expired: boolean
  /** the session of a lost connection that this one takes the place of */
  readonly previousId: string | null
}

/** On what a session rests: the exchange that set it up or last renewed it. */
export interface SessionLogon {
  /** its id */
  readonly exchange: string
  readonly mechanism: MechanismName
  /** whose session it is, as far as the wire says (not with Kerberos) */
  readonly user: string | null
  /** the logon itself was seen, not only a channel or a renewal of the session */
  readonly logonSeen: boolean
}

/** The TLS channel that an exchange came through, as far as it was seen. */
export interface TlsExchangeFacts {
  /** `1.0` ... `1.3` */
  readonly version: string | null
  readonly cipherSuite: string | null
  readonly serverName: string | null
  readonly alpn: string | null
  readonly resumed: boolean | null
  /** what is inside was opened with keys */
  readonly opened: boolean
  /** SHA-256 of the server's certificate; null: not shown */
  readonly certificate: string | null
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
  /** what protects the SMB session around it; null: none */
  readonly session: SmbEffective | null
}

/** What HTTP says around an authentication. */
export interface HttpExchangeFacts {
  /** what the path belongs to: `WSUS`, `AD CS web enrolment`...; null: nothing tells */
  readonly application: string | null
  readonly method: string | null
  /** path of the first request that held its credentials, without query */
  readonly path: string | null
  readonly userAgent: string | null
  readonly serverSoftware: string | null
  /** Persistent-Auth: true where it holds for the connection, false where for each request; null: not said */
  readonly persistentAuth: boolean | null
  /**
   * requests that brought the same credentials anew (Kerberos of one ticket, Basic), the first included: one
   * authentication
   */
  readonly requests: number
  /**
   * the RPC_IN_DATA half of a virtual connection: id of the exchange of the other half, which counts for both; null: it
   * counts
   */
  readonly channelOf: string | null
  /** what protected the messages of WS-Management under it */
  readonly layer: 'none' | 'seal' | 'unknown'
}

/** One AS or TGS exchange with a KDC: facts for causes and findings, not an authentication of a pair. */
export interface KdcExchange extends Identity {
  readonly capture: string
  readonly communityId: string
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
  /** from when and until when the ticket is wanted, microseconds since 1970 */
  readonly from: number | null
  readonly till: number | null
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
  /**
   * null: answered with a ticket, or not answered (`answered` tells); `text`: what the KDC says in words (e-text, MIT
   * and Heimdal), which may be absent
   */
  readonly error: {
    readonly code: number
    readonly name: string
    readonly status: string | null
    readonly text?: string | null
  } | null
  readonly answered: boolean
  /** of a ticket that was given: its service, which need not be the one that was asked for, and the client's realm */
  readonly ticketSname?: string | null
  readonly clientRealm?: string | null
  readonly frames: readonly FrameRef[]
  readonly events: readonly ExchangeEvent[]
  readonly windows: WindowsFacts | null
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

/** A conversation that has ended: what authenticates inside was not seen. */
export interface OpaqueConversation {
  readonly client: Endpoint
  readonly server: Endpoint
  readonly service: Service
  /** `host:port` behind the proxy that the server is, whose certificate it may be; null: it is none */
  readonly tunnel: string | null
  readonly start: number
  readonly end: number
  readonly capture: string
  readonly frames: readonly FrameRef[]
}

/** A TLS connection that has ended, opened or not: where it was not, it is its opaque conversation as well. */
export interface TlsConversation extends OpaqueConversation {
  readonly frames: readonly [number]
  /**
   * the name that the client asked for in clear, also beside an encrypted hello: most of these are empty (GREASE), and
   * none is taken up to TLS 1.2; null: none, or certainly another than that of the certificate
   */
  readonly serverName: string | null
  readonly version: string | null
  readonly cipherSuite: string | null
  /** what was chosen, and by commas what was offered */
  readonly alpn: string | null
  readonly alpnOffered: string | null
  readonly alert: string | null
  readonly alertFrom: 'client' | 'server' | null
  readonly asksForCertificate: boolean
  readonly channel: ChannelFacts
}
