/**
 * What dissection tells the fold: of messages and of the messages in tokens as much as the fold asks for, and no more.
 * All of it can be handed from one thread to another (threads/happenings.ts).
 */
import type { AuthStep, CarrierMessage, HandshakeStep } from '../../decoders/carrier.ts'
import type { SingleHost } from '../../decoders/mechanisms/avpairs.ts'
import type { KerberosMessage } from '../../decoders/mechanisms/kerberos.ts'
import type { NegoexMessage } from '../../decoders/mechanisms/negoex.ts'
import type { AuthenticateMessage, ChallengeMessage, NegotiateMessage } from '../../decoders/mechanisms/ntlmssp.ts'
import type { NegTokenInit, NegTokenResp } from '../../decoders/mechanisms/spnego.ts'
import type { Fault } from '../../decoders/outcome.ts'
import type { Conversation } from '../stream/conversation.ts'
import type { OpenedToken } from './accounts.ts'
import type { MessageContext } from './dissector.ts'

export type ToldKerberos = Pick<
  KerberosMessage,
  | 'protocol'
  | 'type'
  | 'wrapping'
  | 'realm'
  | 'cname'
  | 'sname'
  | 'etypes'
  | 'ticketEtype'
  | 'ticketRealm'
  | 'ticketSname'
  | 'ticketMark'
  | 'encPartEtype'
  | 'padata'
  | 'preauthEtype'
  | 'armored'
  | 'kdcOptions'
  | 'from'
  | 'till'
  | 'nonce'
  | 'netbiosName'
  | 'apOptions'
  | 'forUser'
  | 'additionalTicketSname'
  | 'errorCode'
  | 'errorStatus'
  | 'errorText'
  | 'serverTime'
>

type Negotiate = Pick<NegotiateMessage, 'protocol' | 'type' | 'negotiateFlags' | 'version'>

type TargetInfo = NonNullable<ChallengeMessage['targetInfo']>

export interface ToldChallenge
  extends Pick<
    ChallengeMessage,
    'protocol' | 'type' | 'negotiateFlags' | 'targetName' | 'serverChallenge' | 'version'
  > {
  readonly targetInfo: Pick<
    TargetInfo,
    'timestamp' | 'nbComputerName' | 'nbDomainName' | 'dnsComputerName' | 'dnsDomainName' | 'dnsTreeName'
  > | null
}

export interface ToldAuthenticate
  extends Pick<
    AuthenticateMessage,
    | 'protocol'
    | 'type'
    | 'negotiateFlags'
    | 'userName'
    | 'domainName'
    | 'workstation'
    | 'ntlmVersion'
    | 'lmResponsePresent'
    | 'ntResponse'
    | 'targetSpn'
    | 'channelBindings'
    | 'mic'
    | 'avFlags'
    | 'nameEncoding'
    | 'version'
  > {
  readonly targetInfo: {
    readonly singleHost: Pick<SingleHost, 'tokenIntegrityLevel' | 'flags' | 'permanentMachineId'> | null
  } | null
}

export type ToldNtlm = Negotiate | ToldChallenge | ToldAuthenticate

export type ToldSpnego =
  | Pick<NegTokenInit, 'protocol' | 'type' | 'mechTypes'>
  | Pick<NegTokenResp, 'protocol' | 'type' | 'negState' | 'supportedMech' | 'supportedMechs'>

/** A message of a token, and what stopped its decoder. */
export interface ToldToken {
  readonly message: ToldNtlm | ToldSpnego | ToldKerberos | Pick<NegoexMessage, 'protocol' | 'type'>
  readonly fault: Pick<Fault, 'reason'> | null
}

/** Of a carrier's message. */
export type ToldMessage = Pick<CarrierMessage, 'protocol' | 'service'>

/** Who is told. Bytes are borrowed for the call. */
export interface ToldSink {
  /**
   * `opened`: what a keytab made of the token; `digest`: of the token (`tokenDigest`), where its bytes are not here
   */
  told(
    context: MessageContext,
    message: ToldMessage,
    step: AuthStep,
    tokens: readonly ToldToken[],
    opened: OpenedToken | null,
    digest: string | null,
  ): void
  handshake(conversation: Conversation, step: HandshakeStep): void
  network(conversation: Conversation, method: string): void
  tunnel(conversation: Conversation): void
  closed(conversation: Conversation): void
}
