import { describe, expect, it } from 'vitest'
import type { AuthExchange, SmbExchangeFacts } from '../../../src/facts/exchange.ts'
import { LIMITS } from '../../../src/memory/limits.ts'
import { PairFold } from '../../../src/report/pairs.ts'
import { type PairVerdict, VERDICT_ORDER } from '../../../src/report/verdict.ts'
import { endpoint, exchange, httpNtlmOnly, ldapSimple, MORNING, ntlmByAddress } from '../../builders/report.ts'

const client = endpoint('10.0.0.1', 50_000)
const server = endpoint('10.0.0.2', 445)
const kerberos = (part: Partial<AuthExchange> = {}) => exchange({ client, server, ...part })
const ntlm = (part: Partial<AuthExchange> = {}) => ntlmByAddress({ client, server, ...part })

function verdicts(...exchanges: AuthExchange[]): PairVerdict[] {
  const fold = new PairFold()
  for (const one of exchanges) fold.add(one)
  return fold.verdicts(() => [])
}

const verdict = (...exchanges: AuthExchange[]) => verdicts(...exchanges)[0]!

describe('the verdict of a pair', () => {
  it.each<[string, AuthExchange[], string]>([
    ['Kerberos accepted', [kerberos()], 'kerberos'],
    ['Kerberos, result not seen', [kerberos({ result: 'unknown' })], 'kerberos'],
    ['Kerberos refused and nothing else', [kerberos({ result: 'failure' })], 'undetermined'],
    ['NTLM as a fallback', [ntlm()], 'ntlm-fallback'],
    ['NTLM that failed is still NTLM', [ntlm({ result: 'failure' })], 'ntlm-fallback'],
    ['NTLM, the only thing on offer', [ntlm({ origin: 'server-only', fallback: false })], 'ntlm-only'],
    ['NTLM of unknown origin', [ntlm({ origin: 'unknown', fallback: null })], 'ntlm-only'],
    ['one of each', [kerberos(), ntlm()], 'mixed'],
    [
      'NTLM after a refused Kerberos is a fallback, not mixed',
      [kerberos({ result: 'failure' }), ntlm()],
      'ntlm-fallback',
    ],
    ['a null session', [ntlm({ mechanism: 'anonymous', origin: null, fallback: null })], 'other'],
    ['a null session beside Kerberos', [kerberos(), ntlm({ mechanism: 'anonymous', fallback: null })], 'kerberos'],
    [
      'nothing that was understood',
      [exchange({ client, server, mechanism: 'unknown', result: 'unknown' })],
      'undetermined',
    ],
  ])('%s', (_, exchanges, expected) => {
    expect(verdict(...exchanges).verdict).toBe(expected)
  })

  it('says that a refused Kerberos proves nothing', () => {
    expect(verdict(kerberos({ result: 'failure' })).blindSpots.join()).toContain('tried and refused')
  })
})

describe('the forecasts', () => {
  it.each<[string, AuthExchange[], string]>([
    ['NTLM alone', [ntlm()], 'yes'],
    ['Kerberos alone', [kerberos()], 'no'],
    ['both', [kerberos(), ntlm()], 'unknown'],
    ['NTLM that never succeeded', [ntlm({ result: 'failure' })], 'unknown'],
    ['a null session beside Kerberos', [kerberos(), ntlm({ mechanism: 'anonymous' })], 'no'],
  ])('without NTLM: %s', (_, exchanges, expected) => {
    expect(verdict(...exchanges).breaks.ntlmOff).toBe(expected)
  })

  const smb = (part: Partial<SmbExchangeFacts>) => kerberos({ smb: { ...kerberos().smb!, ...part } })
  it.each<[string, Partial<SmbExchangeFacts>, string]>([
    ['signed already', { effective: 'signed' }, 'no'],
    ['unsigned, both can', { effective: 'unsigned', clientPolicy: 'enabled', serverPolicy: 'enabled' }, 'no'],
    ['unsigned, one cannot', { effective: 'unsigned', clientPolicy: 'enabled', serverPolicy: 'disabled' }, 'yes'],
    ['unsigned, one not seen', { effective: 'unsigned', clientPolicy: 'unknown', serverPolicy: 'enabled' }, 'unknown'],
    ['a guest has no key', { effective: 'guest' }, 'yes'],
    ['no ordinary message seen', { effective: 'unknown' }, 'unknown'],
  ])('with signing required: %s', (_, facts, expected) => {
    expect(verdict(smb(facts)).breaks.signingRequired).toBe(expected)
  })

  const ticket = (ticketEtype: number) => kerberos({ kerberos: { ...kerberos().kerberos!, ticketEtype } })
  it.each<[string, AuthExchange[], string]>([
    ['AES tickets', [ticket(18), ticket(17)], 'no'],
    ['RC4 tickets', [ticket(23)], 'yes'],
    ['DES tickets', [ticket(3)], 'yes'],
    ['both', [ticket(23), ticket(18)], 'unknown'],
    ['no ticket seen', [ntlm()], 'unknown'],
  ])('without RC4: %s', (_, exchanges, expected) => {
    expect(verdict(...exchanges).breaks.rc4Off).toBe(expected)
  })
})

describe('the fold', () => {
  it('tells pairs apart by client, server and service, not by port', () => {
    const found = verdicts(
      ntlm(),
      ntlm({ client: endpoint('10.0.0.1', 50_001) }),
      ntlm({ client: endpoint('10.0.0.9', 50_000) }),
      ldapSimple({ client, server: endpoint('10.0.0.2', 389) }),
    )
    expect(found.map((one) => [one.client.ip, one.service, one.counts.exchanges])).toEqual([
      ['10.0.0.1', 'smb', 2],
      ['10.0.0.9', 'smb', 1],
      ['10.0.0.1', 'ldap', 1],
    ])
  })

  it('counts mechanisms, results, versions, origins and causes', () => {
    const { counts, origins, causes } = verdict(ntlm(), ntlm({ result: 'failure' }), kerberos())
    expect(counts).toMatchObject({
      exchanges: 3,
      mechanism: { ntlm: 2, kerberos: 1 },
      result: { success: 2, failure: 1, unknown: 0 },
      fallback: 2,
      ntlmVersion: { NTLMv2: 2 },
    })
    expect(origins).toEqual({ 'client-veto': 2 })
    expect(causes).toEqual({ RC04: 2 })
  })

  it('quotes the frames of the worst exchange', () => {
    expect(verdict(kerberos({ frames: [1] }), ntlm({ frames: [7, 8] }), kerberos({ frames: [9] })).frames).toEqual([
      7, 8,
    ])
  })

  it('takes the weaker of two observed policies', () => {
    const at = (serverPolicy: 'required' | 'enabled' | 'unknown') =>
      kerberos({ smb: { ...kerberos().smb!, serverPolicy } })
    expect(verdict(at('required'), at('enabled'), at('unknown')).smb!.serverPolicy).toBe('enabled')
  })

  it('lists the worst verdict first', () => {
    const found = verdicts(
      kerberos({ client: endpoint('10.0.0.3', 1) }),
      httpNtlmOnly({ client: endpoint('10.0.0.4', 1) }),
      ntlm(),
    )
    const order = found.map((one) => VERDICT_ORDER.indexOf(one.verdict))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(found[0]!.verdict).toBe('ntlm-fallback')
  })

  it('lists a TLS conversation as undetermined, and as a blind spot', () => {
    const fold = new PairFold()
    const conversation = { start: MORNING, end: MORNING + 5, capture: 'a', frames: [3] }
    fold.addOpaque({ client, server: endpoint('10.0.0.2', 443), service: 'http', tunnel: null, ...conversation })
    const [pair] = fold.verdicts(() => [])
    expect(pair).toMatchObject({ verdict: 'undetermined', counts: { exchanges: 0 }, breaks: { ntlmOff: 'unknown' } })
    expect(pair!.blindSpots.join()).toContain('TLS')
  })

  it('adds pairs up to its limit and counts the rest', () => {
    const fold = new PairFold()
    for (let i = 0; i < LIMITS.reportPairsMax + 5; i++) {
      fold.addOpaque({
        client: endpoint(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 1),
        server,
        service: 'http',
        tunnel: null,
        start: 0,
        end: 0,
        capture: '',
        frames: [],
      })
    }
    expect(fold.verdicts(() => [])).toHaveLength(LIMITS.reportPairsMax)
    expect(fold.overflow).toBe(5)
  })

  it('names the findings of a pair', () => {
    const fold = new PairFold()
    fold.add(ntlm())
    const [pair] = fold.verdicts((...key) => [key.join(' ')])
    expect(pair!.findings).toEqual(['10.0.0.1 10.0.0.2 smb'])
  })
})
