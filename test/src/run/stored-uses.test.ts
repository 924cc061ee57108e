/** Stored uses against a list: what is decided is what reading every entry for every use decides. */
import { describe, expect, it } from 'vitest'
import { type Allowed, isAccount } from '../../../src/judge/allow-list.ts'
import { readPolicy } from '../../../src/judge/policy.ts'
import { AllowedUses, type StoredUse } from '../../../src/run/stored-uses.ts'

const ENTRY = 'owner: a, reason: b'
const POLICY = `policy: 1
names: {old: [10.0.0.7, "2001:db8::7"]}
allow:
  - {server: old, ${ENTRY}, expires: 2026-01-01}
  - {server: fs01, service: smb, ${ENTRY}, expires: 2027-01-01}
  - {server: fs01.corp.example, ${ENTRY}, expires: 2026-02-01}
  - {client: 10.1.0.0/16, server: [10.2.0.0/24, fs02], ${ENTRY}, expires: 2027-01-01}
  - {client: ["::ffff:a01:5", ws1], account: 'CORP\\u1', ${ENTRY}, expires: 2027-01-01}
  - {client: "2001:db8::/32", server: "2001:db8:0:0::1", ${ENTRY}, expires: 2027-01-01}
  - {version: NTLMv1, ${ENTRY}, expires: 2026-03-01}
  - {server: "10.2.1.1:8080", ${ENTRY}, expires: 2027-01-01}
  - {account: svc, ${ENTRY}, expires: 2027-01-01}
  - {client: WS1.corp.example, ${ENTRY}, expires: 2026-05-01}
`

/** The list read from its beginning to its end. */
function read(use: StoredUse, allow: readonly Allowed[], today: string): { expired: number | null } | null {
  const covers = allow.filter(
    (entry) =>
      (entry.service === null || entry.service === use.service) &&
      (entry.port === null || entry.port === use.port) &&
      (entry.client.length === 0 || entry.client.some((pattern) => pattern.matches(use.client))) &&
      (entry.server.length === 0 || entry.server.some((pattern) => pattern.matches(use.server))) &&
      (entry.version === null || entry.version === use.version) &&
      (entry.account === null || isAccount(entry.account, use)),
  )
  if (covers.some(({ expires }) => expires >= today)) return null
  return { expired: covers[0]?.line ?? null }
}

const CLIENTS = ['10.1.0.5', '10.9.0.5', '::ffff:10.1.0.5', '2001:db8::9', 'not an address']
const SERVERS = ['10.0.0.7', '10.2.0.9', '10.2.1.1', '2001:db8::1', '2001:db8::7', '::ffff:10.2.0.1']
const CLIENT_NAMES = [null, 'ws1', 'WS1.corp.example.', 'ws2.corp.example']
const SERVER_NAMES = [null, 'fs01', 'FS01.corp.example', 'fs01.other.example', 'fs02.corp.example', '10.2.0.9']
const ACCOUNTS = [
  { user: null, domain: null },
  { user: 'u1', domain: 'CORP' },
  { user: 'u1', domain: null },
  { user: 'SVC', domain: 'ANY' },
]

function* uses(): Generator<StoredUse> {
  for (const client of CLIENTS)
    for (const clientName of CLIENT_NAMES)
      for (const server of SERVERS)
        for (const serverName of SERVER_NAMES)
          for (const principal of ACCOUNTS)
            for (const [version, service, port] of [
              ['NTLMv2', 'smb', 445],
              ['NTLMv1', 'http', 8080],
            ] as const)
              yield {
                client: { ip: client, name: clientName },
                server: { ip: server, name: serverName },
                port,
                service,
                principal,
                version,
              }
}

describe('a list of allowed uses', () => {
  const allow = readPolicy(POLICY, 'policy.yaml').allow!

  it.each(['2025-12-31', '2026-01-15', '2026-11-29', '2027-01-02'])('decides as it reads, on %s', (today) => {
    const list = new AllowedUses(allow, today)
    const seen = new Set<number | null>()
    let allowed = 0
    for (const use of uses()) {
      const wanted = read(use, allow, today)
      expect(list.deviation(use), JSON.stringify(use)).toEqual(wanted)
      if (wanted === null) allowed++
      else seen.add(wanted.expired)
    }
    expect(allowed + seen.size).toBeGreaterThan(today < '2026-01-01' ? 10 : 3)
  })

  it('that is empty allows nothing', () => {
    const list = new AllowedUses([], '2026-11-29')
    for (const use of uses()) expect(list.deviation(use)).toEqual({ expired: null })
  })
})
