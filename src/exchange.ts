/**
 * From steps to facts: every authentication becomes one `AuthExchange`.
 */
import type { Service, SigningPolicy } from '../decoders/carrier.ts'
import type { NtlmVersion } from '../decoders/ntlmssp.ts'

/** A frame number of the exchange's own capture, or `capture:number` for a frame of another capture of the run. */
export type FrameRef = number | string

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
  readonly frames: readonly FrameRef[]
  /** what would have to be visible to say more */
  readonly missing: readonly string[]
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
  readonly challenge: {
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
  /** null: answered with a ticket, or not answered (`answered` tells) */
  readonly error: { readonly code: number; readonly name: string; readonly status: string | null } | null
  readonly answered: boolean
  readonly frames: readonly FrameRef[]
}
