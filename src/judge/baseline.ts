/**
 * What the draft of a policy holds, from what a report shows: every use of NTLM as an entry that waits for its owner
 * and reason, every pair that Kerberos serves as an expectation, the figures of today as thresholds. Made to be
 * reviewed by a person: as it is, it does not pass.
 */
import { accountOf } from '../facts/account.ts'
import { isContinuation } from '../facts/continuation.ts'
import type { AuthExchange } from '../facts/exchange.ts'
import { hostPattern } from '../facts/filter.ts'
import type { Report } from '../report/report.ts'
import { expectationNamed } from './expectations.ts'
import { evidenceOf, judge } from './flow.ts'
import { hostsOf } from './hosts.ts'
import { TODO } from './policy.ts'
import { THRESHOLDS } from './thresholds.ts'

/** What one NTLM use looks like in a draft, and what its comment says. */
export interface DraftedUse {
  readonly entry: Readonly<Record<string, string>>
  readonly comment: string
}

/** A draft's entries hold for so long: time enough to find out whose they are. */
const DRAFT_DAYS = 90
const FLOWS_MAX = 500
const CANDIDATES = [
  'kerberos',
  'signed',
  'signing-required',
  'encrypted',
  'bound',
  'ldap-signed',
  'rpc-integrity',
  'aes',
  'no-smb1',
]

export interface Baseline {
  readonly allow: readonly DraftedUse[]
  readonly flows: readonly Readonly<Record<string, unknown>>[]
  readonly thresholds: Readonly<Record<string, number>>
}

/** `today`: YYYY-MM-DD. */
export function baseline(report: Report, today: string): Baseline {
  const expires = new Date(Date.parse(`${today}T00:00:00Z`) + DRAFT_DAYS * 86_400_000).toISOString().slice(0, 10)
  return {
    allow: draftedUses(report, expires),
    flows: draftedFlows(report),
    thresholds: Object.fromEntries(
      THRESHOLDS.flatMap(({ name, value }) => {
        const found = value(report.figures.total)
        return found === null ? [] : [[name, found]]
      }),
    ),
  }
}

function draftedUses({ exchanges }: Report, expires: string): DraftedUse[] {
  const groups = new Map<string, AuthExchange[]>()
  for (const one of exchanges) {
    if (isContinuation(one) || expectationNamed('no-ntlm')!.exchange(one)?.is !== 'against') continue
    const key = JSON.stringify([
      one.client.ip,
      one.server.ip,
      one.service,
      accountOf(one.principal),
      one.ntlm?.ntlmVersion,
    ])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [one])
    else group.push(one)
  }
  return [...groups.values()].map((group) => {
    const one = group[0]!
    const account = accountOf(one.principal)
    const version = one.ntlm?.ntlmVersion
    const names = [one.client.name, one.server.name]
      .map((name, at) => name ?? [one.client.ip, one.server.ip][at])
      .join(' -> ')
    const cause = one.cause === null ? '' : `; ${one.cause.title} (${one.cause.code})`
    return {
      entry: {
        client: one.client.ip,
        server: one.server.ip,
        service: one.service,
        ...(account === null ? {} : { account }),
        ...(version == null ? {} : { version }),
        owner: TODO,
        reason: TODO,
        expires,
      },
      comment: `${names}: ${group.length === 1 ? 'seen once' : `seen ${group.length} times`}${cause}`,
    }
  })
}

/** Pairs that Kerberos serves, with what else they meet. */
function draftedFlows(report: Report): Readonly<Record<string, unknown>>[] {
  const flows: Readonly<Record<string, unknown>>[] = []
  const hosts = hostsOf(report)
  for (const { client, server, service, verdict } of report.pairs) {
    if (verdict !== 'kerberos' || flows.length >= FLOWS_MAX) continue
    const flow = { client: [hostPattern(client.ip)], server: [hostPattern(server.ip)], port: null, service }
    const evidence = evidenceOf(report, flow, hosts)
    const expect = CANDIDATES.filter((name) => judge(expectationNamed(name)!, evidence, flow).state === 'met')
    if (expect.includes('kerberos')) flows.push({ client: client.ip, server: server.ip, service, expect })
  }
  return flows
}
