/**
 * The order of pairs: what harms most stands first. The gravest finding decides, then the verdict, how much of it is
 * NTLM, how often, and the addresses as numbers.
 */

import { isIP } from 'node:net'
import { compareText } from '../facts/words/text-order.ts'
import { RULES } from '../findings/catalogue.ts'
import { SEVERITIES } from '../findings/rule.ts'
import { type PairVerdict, VERDICT_ORDER } from './verdict.ts'

const RANKS: ReadonlyMap<string, number> = new Map(RULES.map(({ id, severity }) => [id, SEVERITIES.indexOf(severity)]))

export function sortedWorstFirst(pairs: readonly PairVerdict[]): PairVerdict[] {
  const ranked = pairs.map((pair) => ({
    pair,
    rank: rankOf(pair) * VERDICT_ORDER.length + VERDICT_ORDER.indexOf(pair.verdict),
    share: ntlmShare(pair),
  }))
  ranked.sort(
    (a, b) =>
      a.rank - b.rank ||
      b.share - a.share ||
      b.pair.counts.exchanges - a.pair.counts.exchanges ||
      a.pair.start - b.pair.start ||
      compareAddresses(a.pair.server.ip, b.pair.server.ip) ||
      compareAddresses(a.pair.client.ip, b.pair.client.ip),
  )
  return ranked.map(({ pair }) => pair)
}

/** Of the gravest finding that names the pair. */
function rankOf({ findings }: PairVerdict): number {
  if (findings.length === 0) return SEVERITIES.length
  return Math.min(SEVERITIES.length, ...findings.map((id) => RANKS.get(id) ?? SEVERITIES.length))
}

function ntlmShare({ counts }: PairVerdict): number {
  return counts.exchanges === 0 ? 0 : (counts.mechanism.ntlm ?? 0) / counts.exchanges
}

/** 10.0.1.6 before 100.0.0.5; IPv4 before IPv6. */
export function compareAddresses(a: string, b: string): number {
  const [one, two] = [isIP(a), isIP(b)]
  if (one !== two) return one - two
  if (one === 4) {
    const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
    for (let at = 0; at < 4; at++) if (left[at] !== right[at]) return left[at]! - right[at]!
    return 0
  }
  return compareText(a, b)
}
