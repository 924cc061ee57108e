/**
 * Rules over exchanges and pairs. Each rule is one entry of a table: id, title, severity, test, words.
 */
import type { FrameRef } from './exchange.ts'

export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info'

export interface Finding {
  /** stable rule id, `NS-SG-002` */
  readonly id: string
  readonly severity: Severity
  readonly title: string
  readonly client: string | null
  readonly server: string | null
  readonly service: string | null
  /** what was seen, one sentence with the facts */
  readonly detail: string
  readonly remediation: string
  readonly count: number
  readonly capture: string
  readonly frames: readonly FrameRef[]
}
