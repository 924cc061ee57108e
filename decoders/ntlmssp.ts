import type { MechanismMessage } from './mechanism.ts'

export type NtlmVersion = 'anonymous' | 'LM' | 'NTLMv1' | 'NTLMv1-ESS' | 'NTLMv2'

export interface NtlmVersionField {
  readonly major: number
  readonly minor: number
  readonly build: number
}

/** AV_PAIRs by their names, MS-NLMP 2.2.2.1; null: the pair is absent. */
export interface TargetInfo {
  readonly nbComputerName: string | null
  readonly nbDomainName: string | null
  readonly dnsComputerName: string | null
  readonly dnsDomainName: string | null
  readonly dnsTreeName: string | null
  /** microseconds since 1970 */
  readonly timestamp: number | null
  readonly avFlags: number | null
  readonly targetName: string | null
  /** 16 bytes, borrowed */
  readonly channelBindings: Uint8Array | null
  readonly singleHost: SingleHost | null
  /** AV ids in the order of the wire, without MsvAvEOL: a fingerprint of the stack */
  readonly order: readonly number[]
}

/** Single_Host_Data, MS-NLMP 2.2.2.2 with the CustomData of MS-KILE 2.2.5. */
export interface SingleHost {
  readonly flags: number
  readonly tokenIntegrityLevel: number
  /** 32 bytes, per boot, borrowed */
  readonly machineId: Uint8Array
  /** 32 bytes, across boots, borrowed; null before Windows 11 24H2 of August 2025 */
  readonly permanentMachineId: Uint8Array | null
}

export interface NegotiateMessage extends MechanismMessage {
  readonly protocol: 'ntlmssp'
  readonly type: 'NEGOTIATE_MESSAGE'
  readonly negotiateFlags: number
  readonly domainName: string | null
  readonly workstation: string | null
  readonly version: NtlmVersionField | null
}

export interface ChallengeMessage extends MechanismMessage {
  readonly protocol: 'ntlmssp'
  readonly type: 'CHALLENGE_MESSAGE'
  readonly negotiateFlags: number
  readonly targetName: string | null
  /** 8 bytes, borrowed: compared, never printed */
  readonly serverChallenge: Uint8Array
  readonly targetInfo: TargetInfo | null
  readonly version: NtlmVersionField | null
}

export interface AuthenticateMessage extends MechanismMessage {
  readonly protocol: 'ntlmssp'
  readonly type: 'AUTHENTICATE_MESSAGE'
  readonly negotiateFlags: number
  readonly userName: string
  readonly domainName: string
  readonly workstation: string
  readonly ntlmVersion: NtlmVersion
  /** an LM or LMv2 response that is not empty and not all zero stands beside the NT response */
  readonly lmResponsePresent: boolean
  /** borrowed: compared (relay detection), never printed */
  readonly ntResponse: Uint8Array
  /** AV_PAIRs of the NTLMv2 client challenge; null where the response is not NTLMv2 */
  readonly targetInfo: TargetInfo | null
  /** MsvAvTargetName; null: absent, '' : the caller gave none */
  readonly targetSpn: string | null
  /** 16 bytes, borrowed; null: the AV pair is absent */
  readonly channelBindings: Uint8Array | null
  /** a MIC stands in the message and is not all zero */
  readonly mic: boolean
  readonly avFlags: number | null
  readonly encryptedRandomSessionKey: boolean
  readonly version: NtlmVersionField | null
}

export type NtlmMessage = NegotiateMessage | ChallengeMessage | AuthenticateMessage
