/**
 * What a cause is decided about: the logon, what was offered, and what is known around it.
 */

import type { KdcAnswer, KerberosUse } from '../context/compact-notes.ts'
import type { Evidence, Moment } from '../context/evidence.ts'
import type { Alias } from '../context/host-names.ts'
import type { NameOrigins } from '../context/name-origins.ts'
import type { AuthExchange, Cause, Origin } from '../facts/exchange.ts'
import type { FrameRef } from '../facts/frames.ts'
import type { OriginEvidence } from './origin.ts'

/** An exchange before its origin and cause are decided. */
export type UnjudgedExchange = Omit<AuthExchange, 'cause' | 'origin' | 'fallback'>

export interface CauseInput {
  readonly exchange: UnjudgedExchange
  readonly offers: OriginEvidence
  /** the conversation is there from its beginning, both directions, without holes */
  readonly whole: boolean
  /** the AUTHENTICATE_MESSAGE, or the responses where there is no NTLMSSP */
  readonly authenticated: boolean
  /** frame keys that prove that the same challenge was handed on; null where it was not */
  readonly relay: readonly number[] | null
  /** this exchange is the relay's own logon: it had no choice to make */
  readonly relaying: boolean
  /** the client's first token of NTLM: what explains it was there before */
  readonly since: Moment
}

/** What the rules may ask besides the exchange. */
export interface CauseContext {
  readonly evidence: Evidence
  /** other names of an address at a time, lower case */
  readonly aliases: (ip: string, time: number) => readonly string[]
  /** what a name is an alias of, as DNS said */
  readonly aliasOf: (name: string, time: number) => Alias | null
  /** gives frame keys their names, as seen from the capture of the exchange */
  readonly cite: (keys: readonly number[]) => readonly FrameRef[]
  /** null: of stored facts nobody knows */
  readonly origins: NameOrigins | null
}

export interface Candidate {
  readonly code: string
  readonly applies: boolean
  readonly why: string
  readonly confidence: Cause['confidence']
  readonly frames: readonly FrameRef[]
  readonly kdc: string | null
  /** the target name is an alias of this host */
  readonly aliasOf?: string
}

/** Everything that a rule sees. */
export interface RuleInput extends CauseContext {
  readonly exchange: UnjudgedExchange
  readonly origin: Origin
  readonly subject: CauseInput
  /** the host that the client asked for, lower case; then what else the server is called */
  readonly hosts: readonly string[]
  readonly otherNames: readonly string[]
  /** the KDC refused a ticket for this very service and host */
  readonly refusal: KdcAnswer | null
  /** Kerberos was refused at this server a moment before */
  readonly refusedUse: KerberosUse | null
}

export function holds(
  code: string,
  confidence: Cause['confidence'],
  frames: readonly FrameRef[],
  why: string,
): Candidate {
  return { code, applies: true, confidence, frames, why, kdc: null }
}

export function ruledOut(code: string, why: string): Candidate {
  return { code, applies: false, confidence: 'low', frames: [], why, kdc: null }
}
