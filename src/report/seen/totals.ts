/**
 * All authentications of a report, however many pairs it could tell apart. Pairs are told apart up to a limit, and
 * figures count what is beyond it; of a narrowed report whose exchanges are not all listed the figures may be cut, and
 * pairs are not. Each may count too few and none too many, so the larger one is right.
 */
import type { Report } from '../report.ts'

export interface Totals {
  readonly exchanges: number
  readonly ntlm: number
  /** NTLM logons that are a fallback */
  readonly fallback: number
  /** NTLM logons by the code of their cause */
  readonly causes: Readonly<Record<string, number>>
  /** authentications by mechanism, NTLM among them */
  readonly mechanisms: Readonly<Record<string, number>>
}

export function totalsOf({ pairs, figures: { total } }: Pick<Report, 'pairs' | 'figures'>): Totals {
  let exchanges = 0
  let fallback = 0
  const causes: Record<string, number> = {}
  const mechanisms: Record<string, number> = {}
  for (const pair of pairs) {
    exchanges += pair.counts.exchanges
    fallback += pair.counts.fallback
    add(causes, pair.causes)
    add(mechanisms, pair.counts.mechanism)
  }
  const services = Object.values(total.services)
  const counted = (kind: 'ntlm' | 'kerberos') => services.reduce((sum, counts) => sum + counts[kind], 0)
  for (const [code, count] of Object.entries(total.causes)) causes[code] = Math.max(causes[code] ?? 0, count)
  const { ntlm = 0, kerberos = 0, iakerb = 0 } = mechanisms
  const all = {
    ...mechanisms,
    ntlm: Math.max(ntlm, counted('ntlm')),
    kerberos: Math.max(kerberos, counted('kerberos') - iakerb),
  }
  return {
    exchanges: Math.max(exchanges, total.exchanges),
    ntlm: all.ntlm,
    fallback: Math.max(fallback, total.fallback),
    causes,
    mechanisms: all,
  }
}

function add(sums: Record<string, number>, counts: Readonly<Record<string, number | undefined>>): void {
  for (const [name, count] of Object.entries(counts)) if (count) sums[name] = (sums[name] ?? 0) + count
}
