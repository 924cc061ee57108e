/**
 * NTLM by whose hosts they are: a row an owner, OU, site or wave of an inventory.
 *
 * A pair counts for its server, else for its client, else for nobody: the side that has to be mended first.
 */
import type { FrameRef } from '../../facts/frames.ts'
import { compareText } from '../../facts/words/text-order.ts'
import type { Report } from '../../report/report.ts'
import { hostsOf } from '../hosts.ts'
import { type Belonging, NOBODYS } from './belongings.ts'
import type { Inventory } from './inventory.ts'

export interface BelongingRow {
  /** the owner, OU, site or wave; `nobody` where no line tells */
  readonly value: string
  readonly ntlm: number
  readonly fallback: number
  readonly kerberos: number
  readonly pairs: number
  readonly clients: number
  readonly servers: number
  readonly causes: Readonly<Record<string, number>>
  /** of the pair with most NTLM */
  readonly proof: { readonly capture: string; readonly frames: readonly FrameRef[] }
}

/** The most NTLM first; nobody's before all. */
export function byBelonging(report: Report, inventory: Inventory, by: Belonging): BelongingRow[] {
  const hosts = hostsOf(report)
  const groups = new Map<string, Report['pairs'][number][]>()
  for (const pair of report.pairs) {
    if (pair.counts.exchanges === 0) continue
    const of = (ip: string) => inventory.of(ip, hosts.namesOf(ip))?.[by]
    const value = of(pair.server.ip) || of(pair.client.ip) || NOBODYS
    const group = groups.get(value)
    if (group === undefined) groups.set(value, [pair])
    else group.push(pair)
  }
  const ntlmOf = ({ counts }: Report['pairs'][number]) => counts.mechanism.ntlm ?? 0
  return [...groups]
    .map(([value, pairs]): BelongingRow => {
      const most = pairs.reduce((a, b) => (ntlmOf(b) > ntlmOf(a) ? b : a))
      const causes = new Map<string, number>()
      for (const pair of pairs)
        for (const [code, count] of Object.entries(pair.causes)) causes.set(code, (causes.get(code) ?? 0) + count)
      const sum = (count: (pair: Report['pairs'][number]) => number) =>
        pairs.reduce((all, pair) => all + count(pair), 0)
      return {
        value,
        ntlm: sum(ntlmOf),
        fallback: sum(({ counts }) => counts.fallback),
        kerberos: sum(({ counts }) => (counts.mechanism.kerberos ?? 0) + (counts.mechanism.iakerb ?? 0)),
        pairs: pairs.length,
        clients: new Set(pairs.map(({ client }) => client.ip)).size,
        servers: new Set(pairs.map(({ server }) => server.ip)).size,
        causes: Object.fromEntries(causes),
        proof: { capture: most.capture, frames: most.frames },
      }
    })
    .sort(
      (a, b) =>
        Number(b.value === NOBODYS) - Number(a.value === NOBODYS) || b.ntlm - a.ntlm || compareText(a.value, b.value),
    )
}
