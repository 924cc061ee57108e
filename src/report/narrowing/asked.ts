/**
 * What a report is narrowed to, beside hosts, services and times: verdicts, findings, causes, users, origins. Made from
 * the words of a command line; pure.
 *
 * Verdicts and findings are facts of a pair: known when everything was read. Causes, users and origins are facts of an
 * authentication.
 */
import type { Origin } from '../../facts/exchange.ts'
import { FilterError } from '../../facts/filter.ts'
import { SEVERITIES, type Severity } from '../../findings/rule.ts'
import { VERDICT_ORDER, type Verdict } from '../verdict.ts'

/** Every part must hold; within one part one of the alternatives is enough, and an empty part holds always. */
export interface NarrowTo {
  readonly verdict: readonly Verdict[]
  /** ids of rules */
  readonly finding: readonly string[]
  /** this one and those above; null: all */
  readonly severity: Severity | null
  /** codes of causes */
  readonly cause: readonly string[]
  readonly user: readonly UserPattern[]
  readonly origin: readonly Origin[]
}

/** One `--user` word, ready to compare. */
export interface UserPattern {
  readonly text: string
  matches(user: string | null, domain: string | null): boolean
}

export const NOTHING_ASKED: NarrowTo = { verdict: [], finding: [], severity: null, cause: [], user: [], origin: [] }

export const ORIGINS: readonly Origin[] = [
  'server-only',
  'client-veto',
  'server-switched',
  'client-retry',
  'late-fallback',
  'direct',
  'unknown',
]

/** Are authentications of one pair told apart? */
export function filtersExchanges({ cause, user, origin }: NarrowTo): boolean {
  return cause.length + user.length + origin.length > 0
}

export function isOfPairs({ verdict, finding, severity }: NarrowTo): boolean {
  return verdict.length + finding.length > 0 || severity !== null
}

export function isNotEmpty(asked: NarrowTo): boolean {
  return filtersExchanges(asked) || isOfPairs(asked)
}

/** As the words of a command line. */
export function askedWords({ verdict, finding, severity, cause, user, origin }: NarrowTo): string[] {
  return [
    ...verdict.map((one) => `--verdict ${one}`),
    ...finding.map((one) => `--finding ${one}`),
    ...(severity === null ? [] : [`--severity ${severity}`]),
    ...cause.map((one) => `--cause ${one}`),
    ...user.map(({ text }) => `--user ${text}`),
    ...origin.map((one) => `--origin ${one}`),
  ]
}

/** `bob` of any domain, `CORP\bob`, `bob@corp.example`, in any case. Throws FilterError. */
export function userPattern(text: string): UserPattern {
  const wanted = text.trim().toLowerCase()
  if (wanted === '' || wanted === '\\') throw new FilterError(`'${text}' is no user; write bob, CORP\\bob or bob@corp`)
  return {
    text: text.trim(),
    matches(user, domain) {
      if (user === null) return false
      const seen = user.toLowerCase()
      if (seen === wanted) return true
      if (wanted.includes('\\')) return `${domain ?? ''}\\${seen}`.toLowerCase() === wanted
      if (wanted.includes('@')) return `${seen}@${domain ?? ''}`.toLowerCase() === wanted
      return seen.split('@', 1)[0] === wanted
    },
  }
}

/** Throws FilterError. */
export function verdictNamed(text: string): Verdict {
  return oneOf(text, VERDICT_ORDER, 'a verdict')
}

/** Throws FilterError. */
export function originNamed(text: string): Origin {
  return oneOf(text, ORIGINS, 'an origin')
}

/** Throws FilterError. */
export function severityNamed(text: string): Severity {
  return oneOf(text, SEVERITIES, 'a severity')
}

/** Whether there is such a one: known.ts. Throws FilterError. */
export function causeNamed(text: string): string {
  const code = text.trim().toUpperCase()
  if (!/^RC\d+$/.test(code)) throw new FilterError(`'${text}' is not the code of a cause, as RC04 is`)
  return code
}

/** Likewise. Throws FilterError. */
export function findingNamed(text: string): string {
  const id = text.trim().toUpperCase()
  if (!/^NS-[A-Z]+-\d+$/.test(id)) throw new FilterError(`'${text}' is not the id of a finding, as NS-FB-002 is`)
  return id
}

function oneOf<T extends string>(text: string, all: readonly T[], what: string): T {
  const word = text.trim().toLowerCase()
  const found = all.find((one) => one === word)
  if (found === undefined) throw new FilterError(`'${text}' is not ${what}; there are ${all.join(', ')}`)
  return found
}
