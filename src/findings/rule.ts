/**
 * What a rule is: the page that `explain` prints, and the test that fires it.
 *
 * Rules are pure. A rule fires on evidence that is in the capture, never on absence; what it cannot know goes into
 * `missing`, what speaks against it into `counterEvidence`. Ids are stable: one is never given to another rule.
 */

import type { Service } from '../../decoders/carrier.ts'
import { factsOf } from '../../decoders/services.ts'
import { accountOf } from '../facts/account.ts'
import type { AuthExchange, KdcExchange } from '../facts/exchange.ts'
import type { FrameRef } from '../facts/frames.ts'

export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info'
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info']
export type Confidence = 'high' | 'medium' | 'low'

export interface Rule {
  /** `NS-`, two letters of the subject, three digits */
  readonly id: string
  readonly severity: Severity
  readonly title: string
  /** what on the wire makes it fire */
  readonly fires: string
  /** what the evidence frames show */
  readonly evidence: string
  /** what looks the same and is something else, and how that is kept out */
  readonly notWhen: string
  /** ATT&CK technique ids that it shows or exposes to */
  readonly techniques: readonly string[]
  /** what to do, one line */
  readonly remediation: string
  /** commands and settings that do it */
  readonly steps: readonly string[]
  readonly references: readonly string[]
  /** a rule that says less about the same server: its finding is left out where this one fires */
  readonly supersedes?: string
}

/** Why a rule fired. */
export interface Hit {
  /** what was seen, one sentence with the facts */
  readonly detail: string
  readonly confidence: Confidence
  readonly missing: readonly string[]
  readonly counterEvidence: readonly string[]
  /** the target name that the finding is about, where different ones are different findings */
  readonly spn: string | null
  /** evidence other than the frames of the exchange */
  readonly frames: readonly FrameRef[] | null
  /** what to do here, where it is not what the rule says; null: it is */
  readonly remediation: string | null
}

export function hit(detail: string, part: Partial<Omit<Hit, 'detail'>> = {}): Hit {
  return {
    detail,
    confidence: 'high',
    missing: [],
    counterEvidence: [],
    spn: null,
    frames: null,
    remediation: null,
    ...part,
  }
}

/** A rule over single exchanges. */
export interface ExchangeRule extends Rule {
  /** the finding is about the server alone: its clients are not told apart */
  readonly ofServer?: true
  /** different details are different findings, not one with a count */
  readonly byDetail?: true
  /**
   * it is about the session or its connection, and asked too where an SMB session gets another channel or is renewed
   */
  readonly ofSession?: true
  /** it never fires on Kerberos without NTLM, and is not asked there */
  readonly ofNtlm?: true
  readonly test: (exchange: AuthExchange) => Hit | null
}

/** A rule over single exchanges with a KDC. */
export interface KdcRule extends Rule {
  readonly ofServer?: true
  readonly byDetail?: true
  readonly test: (kdc: KdcExchange) => Hit | null
}

/** None of them is said of a conversation in clear. */
const IN_TLS: ReadonlySet<string> = new Set(['verified', 'wrong-hash', 'bound', 'absent', 'zero', 'not-visible'])

/** TLS was up when the exchange began, as far as its facts tell. */
export function isInTls({ tls, ldap, channelBinding }: AuthExchange): boolean {
  return tls !== null || ldap?.tls === true || IN_TLS.has(channelBinding)
}

/**
 * Outside of TLS, a logon to this service is accepted as it is, from whoever sends it; HTTP has findings of its own.
 */
export function isOpenInClear(service: Service): boolean {
  return factsOf(service).clear === 'open'
}

/**
 * The leg of a relay between the victim and the host in the middle: what that host says of itself is no policy of a
 * server.
 */
export function isVictimLeg({ cause, origin }: AuthExchange): boolean {
  return cause?.code === 'RC21' && origin !== 'direct'
}

export function userOf({ principal }: AuthExchange): string {
  return accountOf(principal) ?? 'an account that was not seen'
}
