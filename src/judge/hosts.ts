/**
 * Which addresses are which host, as far as a report knows names.
 */
import type { HostPattern } from '../facts/filter.ts'
import { isIpLiteral, targetHost } from '../facts/target-name.ts'
import type { Report } from '../report/report.ts'

/** Who is meant by an address, a prefix or a name: a name stands for the addresses that the wire gave it. */
export interface Hosts {
  /** of any of these; no pattern is any host */
  readonly isHost: (patterns: readonly HostPattern[], ip: string) => boolean
  readonly namesOf: (ip: string) => ReadonlySet<string>
}

export function hostsOf(report: Report): Hosts {
  const names = namesIn(report)
  // a policy asks the same of every exchange for each of its entries
  const known = new Map<HostPattern, Map<string, boolean>>()
  const namesOf = (ip: string): ReadonlySet<string> => names.get(ip) ?? NO_NAMES
  const isMeant = (pattern: HostPattern, ip: string): boolean => {
    const answers = known.get(pattern) ?? new Map<string, boolean>()
    known.set(pattern, answers)
    const before = answers.get(ip)
    if (before !== undefined) return before
    const answer = [null, ...namesOf(ip)].some((name) => pattern.matches({ ip, name }))
    answers.set(ip, answer)
    return answer
  }
  return { namesOf, isHost: (patterns, ip) => patterns.length === 0 || patterns.some((one) => isMeant(one, ip)) }
}

const NO_NAMES: ReadonlySet<string> = new Set()

/** By address: what it calls itself, and by what names it was asked for. */
function namesIn({ exchanges, pairs, kdc }: Report): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>()
  const learn = (ip: string, name: string | null) => {
    if (name === null || name === '' || isIpLiteral(name)) return
    const known = names.get(ip)
    if (known === undefined) names.set(ip, new Set([name]))
    else known.add(name)
  }
  for (const { client, server, target } of exchanges) {
    learn(client.ip, client.name)
    learn(server.ip, server.name)
    learn(server.ip, target.name)
    if (target.spn !== null) learn(server.ip, targetHost(target.spn))
  }
  for (const { client, server } of pairs) {
    learn(client.ip, client.name)
    learn(server.ip, server.name)
  }
  for (const { client, kdc: server } of kdc) {
    learn(client.ip, client.name)
    learn(server.ip, server.name)
  }
  return names
}

export function lower(name: string): string {
  return name.toLowerCase()
}
