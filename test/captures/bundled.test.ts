/**
 * The captures of this repository against what was run when they were recorded: each holds the exchanges of its expected.json, with those
 * fields, and no other. Needs nothing from outside.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/analyze.ts'
import type { AuthExchange } from '../../src/exchange.ts'
import { BUNDLED, capturesBelow } from './folders.ts'

/** What is true of one exchange; a field that is absent is not compared. */
interface Expected {
  readonly client: string
  readonly server: string
  readonly service: string
  readonly mechanism: string
  readonly ntlmVersion?: string
  readonly user?: string
  readonly domain?: string
  readonly workstation?: string
  readonly spn?: string
  readonly result: string
  readonly origin?: string
  readonly fallback?: boolean | null
  /** root causes of which each would be right */
  readonly causes?: readonly string[]
  readonly smb?: Readonly<Record<string, unknown>>
  readonly ldap?: Readonly<Record<string, unknown>>
}

const names = readdirSync(BUNDLED, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .filter((name) => capturesBelow(join(BUNDLED, name)).length > 0)
  .sort()

describe(`the captures of ${BUNDLED}/`, () => {
  it('are there, each with its truth', () => {
    expect(names.length).toBeGreaterThan(0)
    for (const name of names) expect(truthOf(name).exchanges.length, name).toBeGreaterThan(0)
  })

  it.each(names)('%s holds what was run, and nothing else', async (name) => {
    const { exchanges: expected } = truthOf(name)
    const { exchanges } = await analyze(capturesBelow(join(BUNDLED, name)), { rethrow: true })
    const free = new Set(exchanges)
    const missing: Expected[] = []
    // the most precise first: it must not lose its exchange to one that says less
    const byPrecision = expected.toSorted((a, b) => JSON.stringify(b).length - JSON.stringify(a).length)
    for (const wanted of byPrecision) {
      const found = [...free].find((exchange) => agrees(wanted, exchange))
      if (found) free.delete(found)
      else missing.push(wanted)
    }
    // side by side, so that a failure shows what is there instead
    expect({ missing, unexpected: [...free].map(summary) }).toEqual({ missing: [], unexpected: [] })
  })
})

function truthOf(name: string): { readonly exchanges: readonly Expected[] } {
  return JSON.parse(readFileSync(join(BUNDLED, name, 'expected.json'), 'utf8'))
}

function agrees(wanted: Expected, exchange: AuthExchange): boolean {
  const seen: Readonly<Record<string, unknown>> = summary(exchange)
  return Object.entries(wanted).every(([field, value]) => {
    if (field === 'causes') return (value as readonly unknown[]).includes(seen.cause)
    const ours = seen[field]
    if (typeof value !== 'object' || value === null) return ours === value
    // parts of an object
    return Object.entries(value).every(([part, inner]) => (ours as Record<string, unknown> | null)?.[part] === inner)
  })
}

function summary(exchange: AuthExchange) {
  const { client, server, service, mechanism, principal, target, result, origin, fallback, smb, ldap } = exchange
  return {
    client: client.ip,
    server: server.ip,
    service,
    mechanism,
    ntlmVersion: exchange.ntlm?.ntlmVersion ?? null,
    user: principal.user,
    domain: principal.domain,
    workstation: principal.workstation,
    spn: target.spn,
    result,
    origin,
    fallback,
    cause: exchange.cause?.code ?? null,
    smb,
    ldap,
    channelBinding: exchange.channelBinding,
  }
}
