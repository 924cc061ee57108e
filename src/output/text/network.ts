/** How clients of RADIUS and PPP log on, as text: one entry a client and server, a line a method. */
import type { Report } from '../../report/report.ts'
import type { NetworkAccess } from '../../report/seen/network-access.ts'
import { say } from '../../texts/say.ts'
import { countText, plural } from '../page/numbers.ts'
import type { Entry, Sheet } from './sheet.ts'

const PAIRS_SHOWN = 20

/** Empty where nobody asked a RADIUS server. */
export function networkLines(sheet: Sheet, { networkAccess = [] }: Pick<Report, 'networkAccess'>): string[] {
  if (networkAccess.length === 0) return []
  const pairs = new Map<string, NetworkAccess[]>()
  for (const one of networkAccess) {
    const ends = `${one.client} -> ${one.server}`
    pairs.set(ends, [...(pairs.get(ends) ?? []), one])
  }
  const entries = [...pairs]
    .slice(0, PAIRS_SHOWN)
    .map(
      ([ends, rows]): Entry => [
        ends,
        ...rows
          .toSorted((a, b) => ORDER.indexOf(a.ntlm) - ORDER.indexOf(b.ntlm) || b.count - a.count)
          .map((row) => `${row.method}: ${meaningOf(row)}; ${sheet.evidence(row)}`),
      ],
    )
  if (pairs.size > PAIRS_SHOWN) entries.push(['', say`and ${countText(pairs.size - PAIRS_SHOWN)} more (--format json)`])
  return [sheet.heading('Network access', say`RADIUS and PPP, by method`), '', ...sheet.entries(entries)]
}

const ORDER: readonly NetworkAccess['ntlm'][] = ['ntlm', 'hidden', 'none']

function meaningOf({ ntlm, count }: NetworkAccess): string {
  const logons = plural(count, 'logon')
  if (ntlm === 'ntlm') return say`${logons}, the response is that of NTLMv1 or LM`
  if (ntlm === 'hidden')
    return say`${logons}, probably MS-CHAPv2 inside TLS: with the own logon it ends when Windows blocks what is derived from NTLMv1 (October 2026)`
  return logons
}
