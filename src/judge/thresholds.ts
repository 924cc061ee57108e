/**
 * What the figures of a migration must keep: one table of thresholds, and their judgement. They are about what the
 * captures show, and say so.
 */
import type { FigureRow } from '../report/figures.ts'
import { serversWithUnseenLogons } from '../report/pass-through.ts'
import type { Report } from '../report/report.ts'
import { doubtsOf, type ExpectationOutcome, type Part, type Reason, unseenReason, worstState } from './flow.ts'

export interface Threshold {
  /** ends in `Max` or `Min`: the value may be as much, and not more (less) */
  readonly name: string
  readonly words: string
  /** null: nothing to measure by */
  readonly value: (
    row: Pick<FigureRow, 'hosts' | 'services' | 'fallback' | 'kerberos' | 'ntlmVersions' | 'pairs'>,
  ) => number | null
}

/** A threshold with the number that a policy gives it. */
export interface Limit {
  readonly threshold: Threshold
  readonly limit: number
}

export const THRESHOLDS: readonly Threshold[] = [
  {
    name: 'ntlmMax',
    words: 'authentications by NTLM',
    value: ({ services }) => sum(Object.values(services).map(({ ntlm }) => ntlm)),
  },
  { name: 'ntlmHostsMax', words: 'clients that use NTLM', value: ({ hosts }) => hosts.ntlm },
  { name: 'ntlmHostShareMax', words: 'share of the clients that use NTLM', value: ({ hosts }) => hosts.ntlmShare },
  {
    name: 'ntlmPairsMax',
    words: 'pairs of client, server and service with NTLM',
    value: ({ pairs }) => pairs['ntlm-fallback'] + pairs['ntlm-only'] + pairs.mixed,
  },
  { name: 'fallbackMax', words: 'fallbacks from Kerberos to NTLM', value: ({ fallback }) => fallback },
  {
    name: 'oldNtlmMax',
    words: 'LM and NTLMv1 responses',
    value: ({ ntlmVersions }) => sum(['LM', 'NTLMv1', 'NTLMv1-ESS'].map((version) => ntlmVersions[version] ?? 0)),
  },
  {
    name: 'kerberosSuccessShareMin',
    words: 'share of Kerberos authentications that succeed',
    value: ({ kerberos }) => kerberos.successShare,
  },
]

export const THRESHOLD_NAMES: readonly string[] = THRESHOLDS.map(({ name }) => name)

export function thresholdNamed(name: string): Threshold | null {
  return THRESHOLDS.find((one) => one.name === name) ?? null
}

export function judgeThresholds(report: Report, limits: readonly Limit[]): Part {
  const expectations = limits.map((limit) => judgeThreshold(report, limit))
  return {
    kind: 'thresholds',
    name: 'thresholds, of what the captures show',
    flow: null,
    state: worstState(expectations.map(({ state }) => state)),
    expectations,
    notes: [],
  }
}

function judgeThreshold(report: Report, { threshold: { name, words, value }, limit }: Limit): ExpectationOutcome {
  const { total } = report.figures
  const isMost = name.endsWith('Max')
  const found = value(total)
  const outcome = {
    expectation: name,
    words: `${words}: at ${isMost ? 'most' : 'least'} ${limit}`,
    evidence: [],
    observe: null,
  }
  if (found !== null && (isMost ? found > limit : found < limit))
    return { ...outcome, state: 'not-met', reasons: [told(`there are ${found}`)] }
  const doubts =
    total.exchanges === 0
      ? [told('no authentication is in the captures')]
      : found === null
        ? [told('there is nothing to measure it by')]
        : [...(isMost ? serversWithUnseenLogons(report).map(unseenReason) : []), ...doubtsOf(report)]
  if (doubts.length === 0) return { ...outcome, state: 'met', evidence: [told(`there are ${found}`)], reasons: [] }
  return {
    ...outcome,
    state: 'not-observed',
    reasons: doubts,
    observe: 'Capture a working day of the clients that matter, with nothing lost.',
  }
}

function told(detail: string): Reason {
  return { detail, count: 1, capture: '', frames: [], cause: null, fix: null }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
