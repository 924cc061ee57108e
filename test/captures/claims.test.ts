/**
 * Claims about public captures that were checked by hand against tshark 4.0.17: each names what tshark shows (its
 * filter and fields), and the report must still make it, with those frames as evidence. And no fallback is claimed
 * anywhere without evidence.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AuthExchange } from '../../src/facts/exchange.ts'
import type { Report } from '../../src/report/report.ts'
import { analyze } from '../../src/run/analyze.ts'
import { capturesBelow, PUBLIC } from './folders.ts'

interface Claim {
  readonly capture: string
  readonly client: string
  readonly server: string
  readonly claim:
    | 'fallback'
    | 'origin'
    | 'cause'
    | 'finding'
    | 'mechanism'
    | 'ntlmVersion'
    | 'serverPolicy'
    | 'effective'
    | 'result'
  readonly value: string
  /** frames that prove it; the evidence of the report holds them all */
  readonly frames: readonly number[]
  /** how it was checked, and what was seen */
  readonly tshark: { readonly filter: string; readonly fields: readonly string[]; readonly shows: string }
}

const CLAIMS = JSON.parse(readFileSync(new URL('claims.json', import.meta.url), 'utf8')) as readonly Claim[]
const here = existsSync(PUBLIC)
if (!here) console.warn(`skipped: no claim about a public capture is checked, ${PUBLIC} is absent`)

/** What the report says of one exchange in the words of a claim. */
function saidOf({ origin, fallback, cause, mechanism, ntlm, smb, result }: AuthExchange, claim: Claim['claim']) {
  switch (claim) {
    case 'fallback':
      return fallback === true ? origin : null
    case 'origin':
      return origin
    case 'cause':
      return cause?.code
    case 'mechanism':
      return mechanism
    case 'ntlmVersion':
      return ntlm?.ntlmVersion
    case 'serverPolicy':
      return smb?.serverPolicy
    case 'effective':
      return smb?.effective
    case 'result':
      return result
    default:
      return null
  }
}

/** Evidence of everything in the report that makes the claim. */
function evidenceOf(report: Report, { client, server, claim, value }: Claim): (number | string)[][] {
  if (claim === 'finding') {
    return report.findings
      .filter((one) => one.id === value && one.server === server && (one.client === null || one.client === client))
      .map(({ frames }) => [...frames])
  }
  return report.exchanges
    .filter((one) => one.client.ip === client && one.server.ip === server && saidOf(one, claim) === value)
    .map(({ frames, cause }) => [...frames, ...(cause?.frames ?? [])])
}

describe('claims checked by hand', () => {
  it('are at least thirty, of different captures', () => {
    expect(CLAIMS.length).toBeGreaterThanOrEqual(30)
    expect(new Set(CLAIMS.map(({ capture }) => capture)).size).toBeGreaterThanOrEqual(12)
    for (const { tshark } of CLAIMS) expect([tshark.filter, tshark.shows, ...tshark.fields]).not.toContain('')
  })

  const byCapture = new Map<string, Claim[]>()
  for (const claim of CLAIMS) byCapture.set(claim.capture, [...(byCapture.get(claim.capture) ?? []), claim])

  describe.skipIf(!here)('are still made', () => {
    it.each([...byCapture])('%s', async (capture, claims) => {
      const report = await analyze([join(PUBLIC, capture)])
      const lost = claims.filter((claim) => {
        const evidence = evidenceOf(report, claim)
        return !evidence.some((frames) => claim.frames.every((frame) => frames.includes(frame)))
      })
      expect(lost).toEqual([])
    })
  })
})

describe.skipIf(!here)('a fallback has evidence', () => {
  // every third: each says it by itself
  it.each(capturesBelow(PUBLIC).filter((_, at) => at % 3 === 0))('%s', async (path) => {
    for (const exchange of (await analyze([path])).exchanges) {
      if (exchange.fallback !== true) continue
      expect(exchange.frames.length).toBeGreaterThan(1)
      expect(exchange.cause).not.toBeNull()
      const { cause } = exchange
      expect(cause!.code === 'RC99' ? cause!.missing.length : cause!.frames.length).toBeGreaterThan(0)
    }
  })
})
