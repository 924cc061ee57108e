/**
 * From exchanges to verdicts per (client address, server address, service): a fold that never guesses.
 *
 * What was not seen is `undetermined` or a blind spot. The forecasts follow from what was observed in this capture, for
 * this pair, and from nothing else.
 */
import type { Service } from '../../decoders/carrier.ts'
import type { BindingFacts } from '../facts/channel.ts'
import type { ChannelBindingState, Origin, SmbEffective } from '../facts/exchange.ts'
import type { FrameRef } from '../facts/frames.ts'

export type Verdict = 'kerberos' | 'ntlm-fallback' | 'ntlm-only' | 'mixed' | 'other' | 'undetermined'
export type Forecast = 'yes' | 'no' | 'unknown'

export interface PairVerdict {
  /** the same from one run to the next */
  readonly uid: string
  readonly client: { readonly ip: string; readonly name: string | null }
  readonly server: { readonly ip: string; readonly name: string | null; readonly ports: readonly number[] }
  readonly service: Service
  readonly verdict: Verdict
  readonly start: number
  readonly end: number
  /** exchanges by mechanism and by result */
  readonly counts: {
    readonly exchanges: number
    readonly mechanism: Readonly<Record<string, number>>
    readonly result: { readonly success: number; readonly failure: number; readonly unknown: number }
    readonly fallback: number
    readonly ntlmVersion: Readonly<Record<string, number>>
    /**
     * what only went on with an SMB session and is in no other count: `binding` (a further channel), `reauthentication`
     */
    readonly continued: Readonly<Record<string, number>>
  }
  readonly origins: Readonly<Partial<Record<Origin, number>>>
  readonly causes: Readonly<Record<string, number>>
  readonly users: readonly string[]
  readonly spns: readonly string[]
  /** over HTTP: what it was for, where the path tells */
  readonly applications: readonly string[]
  /** the server is a proxy: `host:port` to which it connected the client */
  readonly tunnels: readonly string[]
  readonly smb: {
    readonly dialects: readonly string[]
    readonly clientPolicy: string
    readonly serverPolicy: string
    /** effective protection by session count */
    readonly effective: Readonly<Partial<Record<SmbEffective, number>>>
  } | null
  readonly ldap: { readonly layers: Readonly<Record<string, number>>; readonly tls: boolean } | null
  readonly channelBinding: Readonly<Partial<Record<ChannelBindingState, number>>>
  /** the certificates that its bindings were compared with, or made for; absent: of none was one seen */
  readonly bindings?: readonly PairBinding[]
  readonly breaks: { readonly ntlmOff: Forecast; readonly signingRequired: Forecast; readonly rc4Off: Forecast }
  /** rule ids of the findings that name this pair */
  readonly findings: readonly string[]
  readonly blindSpots: readonly string[]
  /** the first frames that prove it, and their capture */
  readonly capture: string
  readonly frames: readonly FrameRef[]
}

/** Bindings of a pair that are alike. */
export interface PairBinding extends Pick<BindingFacts, 'kind' | 'certificate' | 'madeFor'> {
  readonly state: ChannelBindingState
}

/** Worst first: the order of every list of pairs. */
export const VERDICT_ORDER: readonly Verdict[] = [
  'ntlm-fallback',
  'mixed',
  'ntlm-only',
  'other',
  'undetermined',
  'kerberos',
]

/** What is judged of a pair: what was counted, and what was seen of SMB. */
export interface Judged {
  readonly exchanges: number
  readonly ntlm: number
  readonly ntlmSuccess: number
  readonly fallback: number
  readonly kerberosUsable: number
  readonly kerberosSuccess: number
  readonly others: number
  readonly weakTickets: number
  readonly strongTickets: number
  readonly smb: Pick<NonNullable<PairVerdict['smb']>, 'clientPolicy' | 'serverPolicy' | 'effective'> | null
}

export function verdictOf(pair: Judged): Verdict {
  if (pair.ntlm > 0) {
    if (pair.kerberosUsable > 0) return 'mixed'
    return pair.fallback > 0 ? 'ntlm-fallback' : 'ntlm-only'
  }
  if (pair.kerberosUsable > 0) return 'kerberos'
  return pair.others > 0 ? 'other' : 'undetermined'
}

export function breaksNtlmOff(pair: Judged): Forecast {
  if (pair.ntlmSuccess > 0) return pair.kerberosSuccess > 0 ? 'unknown' : 'yes'
  if (pair.ntlm > 0) return 'unknown'
  return pair.kerberosSuccess > 0 ? 'no' : 'unknown'
}

/** Guests and null sessions have no key to sign with; a side without the bit cannot sign at all. */
export function breaksSigning(pair: Judged): Forecast {
  if (pair.smb === null) return pair.exchanges > 0 ? 'no' : 'unknown'
  const { effective, clientPolicy, serverPolicy } = pair.smb
  if (effective.guest || effective.anonymous) return 'yes'
  if (clientPolicy === 'disabled' || serverPolicy === 'disabled') return 'yes'
  if (effective.unsigned) return clientPolicy === 'unknown' || serverPolicy === 'unknown' ? 'unknown' : 'no'
  return effective.signed || effective.encrypted ? 'no' : 'unknown'
}

export function breaksRc4(pair: Judged): Forecast {
  if (pair.weakTickets > 0) return pair.strongTickets > 0 ? 'unknown' : 'yes'
  return pair.strongTickets > 0 ? 'no' : 'unknown'
}
