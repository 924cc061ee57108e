import type { MechanismMessage } from './mechanism.ts'

interface SpnegoCommon extends MechanismMessage {
  readonly protocol: 'spnego'
  /** the mechanism token inside (mechToken, responseToken), borrowed; null where there is none */
  readonly innerToken: Uint8Array | null
  /** what kind of token signed the mechListMIC: told by its first bytes */
  readonly mechListMic: 'ntlm' | 'kerberos' | 'unknown' | null
}

export interface NegTokenInit extends SpnegoCommon {
  readonly type: 'NegTokenInit' | 'NegTokenInit2'
  /** mechanism names in the order of the wire; an unknown OID stays in dotted form */
  readonly mechTypes: readonly string[]
  readonly hintName: string | null
}

export interface NegTokenResp extends SpnegoCommon {
  readonly type: 'NegTokenResp'
  readonly negState: 'accept-completed' | 'accept-incomplete' | 'reject' | 'request-mic' | `unknown (${number})` | null
  readonly supportedMech: string | null
  /** the [4] field of Negotiate Late Fallback; null where absent */
  readonly supportedMechs: readonly string[] | null
}

export type SpnegoMessage = NegTokenInit | NegTokenResp
