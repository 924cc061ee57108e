/**
 * From exchanges to verdicts per (client address, server address, service).
 */
import type { Service } from '../decoders/carrier.ts'
import type { ChannelBindingState, FrameRef, Origin, SmbEffective } from './exchange.ts'

export type Verdict = 'kerberos' | 'ntlm-fallback' | 'ntlm-only' | 'mixed' | 'other' | 'undetermined'
export type Forecast = 'yes' | 'no' | 'unknown'

export interface PairVerdict {
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
  }
  readonly origins: Readonly<Partial<Record<Origin, number>>>
  readonly causes: Readonly<Record<string, number>>
  readonly users: readonly string[]
  readonly spns: readonly string[]
  readonly smb: {
    readonly dialects: readonly string[]
    readonly clientPolicy: string
    readonly serverPolicy: string
    /** effective protection by session count */
    readonly effective: Readonly<Partial<Record<SmbEffective, number>>>
  } | null
  readonly ldap: { readonly layers: Readonly<Record<string, number>>; readonly tls: boolean } | null
  readonly channelBinding: Readonly<Partial<Record<ChannelBindingState, number>>>
  readonly breaks: { readonly ntlmOff: Forecast; readonly signingRequired: Forecast; readonly rc4Off: Forecast }
  /** rule ids of the findings that name this pair */
  readonly findings: readonly string[]
  readonly blindSpots: readonly string[]
  /** the first frames that prove it, and their capture */
  readonly capture: string
  readonly frames: readonly FrameRef[]
}
