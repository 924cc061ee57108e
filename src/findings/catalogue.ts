/**
 * The table of rules: everything that can become a finding, in the order in which it is to be dealt with within one
 * severity.
 */

import { type ExchangeRule, type Rule, SEVERITIES } from './rule.ts'
import { EVENT_RULES } from './rules/events.ts'
import { FALLBACK_RULES } from './rules/fallback.ts'
import { KDC_RULES, KERBEROS_RULES, KERBEROS_WATCH_RULES } from './rules/kerberos.ts'
import { NTLM_RULES, NTLM_WATCH_RULES } from './rules/ntlm.ts'
import { PROTECTION_RULES, PROTECTION_WATCH_RULES } from './rules/protection.ts'
import { TLS_WATCH_RULES } from './rules/tls.ts'

export const EXCHANGE_RULES: readonly ExchangeRule[] = [
  ...NTLM_RULES,
  ...PROTECTION_RULES,
  ...FALLBACK_RULES,
  ...KERBEROS_RULES,
]

/** Those that may fire on Kerberos without NTLM: most of what a domain controller sees. */
export const RULES_WITHOUT_NTLM: readonly ExchangeRule[] = [
  ...NTLM_RULES,
  ...PROTECTION_RULES,
  ...KERBEROS_RULES,
].filter(({ ofNtlm }) => !ofNtlm)

/** All of them: attacks first, then what exposes to them, then why NTLM is still there, then what is ready. */
export const RULES: readonly Rule[] = [
  ...Object.values(NTLM_WATCH_RULES),
  ...Object.values(KERBEROS_WATCH_RULES),
  ...NTLM_RULES,
  ...Object.values(PROTECTION_WATCH_RULES),
  ...Object.values(TLS_WATCH_RULES),
  ...PROTECTION_RULES,
  ...FALLBACK_RULES,
  ...KDC_RULES,
  ...KERBEROS_RULES,
  ...Object.values(EVENT_RULES),
].toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))

const RANKS = new Map(RULES.map(({ id }, rank) => [id, rank]))

/** Where a rule stands in the table: worst first. */
export function rankOf(id: string): number {
  return RANKS.get(id) ?? RULES.length
}

const OF_ONE: ReadonlySet<string> = new Set([...EXCHANGE_RULES, ...KDC_RULES].map(({ id }) => id))

/** Does one exchange tell it, with nothing beside? */
export function isOfOne(id: string): boolean {
  return OF_ONE.has(id)
}
