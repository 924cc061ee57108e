/**
 * A finding: what was seen, where, how often, and the frames that prove it.
 */

import type { Service } from '../../decoders/carrier.ts'
import type { FrameRef } from '../facts/frames.ts'
import type { Confidence, Severity } from './rule.ts'

export interface Finding {
  /** the same from one run to the next, however often it fires */
  readonly uid: string
  /** stable rule id, `NS-SG-002`: `ntlmscope explain` prints its page */
  readonly id: string
  readonly severity: Severity
  readonly title: string
  readonly client: string | null
  readonly server: string | null
  readonly service: Service | null
  /** the target name that it is about, where the rule tells them apart */
  readonly spn: string | null
  /** what was seen, one sentence with the facts */
  readonly detail: string
  readonly confidence: Confidence
  /** what would have to be visible to say more */
  readonly missing: readonly string[]
  /** what speaks against it */
  readonly counterEvidence: readonly string[]
  /** ATT&CK technique ids */
  readonly techniques: readonly string[]
  readonly remediation: string
  readonly count: number
  /** first and last time that it was seen, microseconds since 1970 */
  readonly start: number
  readonly end: number
  readonly capture: string
  readonly frames: readonly FrameRef[]
}
