import { describe, expect, it } from 'vitest'
import type { AuthExchange, KdcExchange } from '../../src/exchange.ts'
import { FindingFold } from '../../src/findings.ts'
import { SEVERITIES } from '../../src/rules/rule.ts'
import { cause, endpoint, exchange, httpNtlmOnly, kdc, ldapSimple, ntlmByAddress } from '../builders/report.ts'

function ids(...exchanges: AuthExchange[]): string[] {
  const fold = new FindingFold()
  for (const one of exchanges) fold.exchange(one)
  return fold.findings().map(({ id }) => id)
}

function kdcIds(...exchanges: KdcExchange[]): string[] {
  const fold = new FindingFold()
  for (const one of exchanges) fold.kdc(one)
  return fold.findings().map(({ id }) => id)
}

const ntlm = (part: Partial<NonNullable<AuthExchange['ntlm']>>) =>
  ntlmByAddress({ ntlm: { ...ntlmByAddress().ntlm!, ...part } })
const smb = (part: Partial<NonNullable<AuthExchange['smb']>>, rest: Partial<AuthExchange> = {}) =>
  exchange({ smb: { ...exchange().smb!, ...part }, ...rest })
const status = (name: string, detail: string | null = null) => ({ code: 1, name, detail })
const ldap = (part: Partial<NonNullable<AuthExchange['ldap']>>) => ({
  layer: 'none' as const,
  tls: false,
  resultCode: 0,
  ...part,
})

/** Rule, an exchange on which it fires, and a near miss on which it must not. */
const CASES: readonly (readonly [string, AuthExchange, AuthExchange])[] = [
  ['NS-FB-001', ntlmByAddress({ cause: null }), ntlmByAddress({ cause: null, origin: 'unknown', fallback: null })],
  ['NS-FB-003', ntlmByAddress(), ntlmByAddress({ cause: cause({ code: 'RC99' }) })],
  ['NS-FB-005', ntlmByAddress({ origin: 'server-switched' }), ntlmByAddress()],
  ['NS-FB-008', ntlmByAddress({ origin: 'client-retry', cause: null }), exchange({ result: 'failure' })],
  ['NS-FB-014', ntlmByAddress({ origin: 'late-fallback' }), ntlmByAddress({ origin: 'direct' })],
  ['NS-FB-010', httpNtlmOnly(), httpNtlmOnly({ offered: { server: null, client: null } })],
  [
    'NS-FB-016',
    ntlmByAddress({ status: status('STATUS_NTLM_BLOCKED') }),
    ntlmByAddress({ status: status('STATUS_LOGON_FAILURE') }),
  ],
  ['NS-NT-001', ntlm({ ntlmVersion: 'NTLMv1-ESS' }), ntlm({ ntlmVersion: 'NTLMv2' })],
  ['NS-NT-002', ldapSimple(), ldapSimple({ ldap: ldap({ tls: true }) })],
  ['NS-NT-005', ntlmByAddress({ cause: cause({ code: 'RC21' }) }), ntlmByAddress()],
  [
    'NS-NT-013',
    smb({ effective: 'guest' }, { mechanism: 'guest' }),
    smb({}, { mechanism: 'guest', result: 'failure' }),
  ],
  ['NS-NT-017', exchange({ mechanism: 'anonymous' }), exchange({ mechanism: 'anonymous', result: 'failure' })],
  ['NS-SG-001', smb({ effective: 'unsigned' }), smb({ effective: 'unknown' })],
  ['NS-SG-002', smb({ serverPolicy: 'enabled' }), smb({ serverPolicy: 'unknown' })],
  [
    'NS-SG-004',
    smb({ effective: 'unsigned', serverPolicy: 'required' }),
    smb({ effective: 'unsigned', serverPolicy: 'enabled' }),
  ],
  ['NS-SG-005', smb({ dialect: 'NT LM 0.12' }), smb({ dialect: '2.0.2' })],
  [
    'NS-SG-009',
    exchange({ service: 'ldap', smb: null, ldap: ldap({}) }),
    exchange({ service: 'ldap', smb: null, ldap: ldap({ layer: 'sign' }) }),
  ],
  [
    'NS-SG-010',
    ldapSimple({ result: 'failure', status: status('strongerAuthRequired') }),
    ldapSimple({ result: 'failure', status: status('invalidCredentials') }),
  ],
  [
    'NS-SG-011',
    httpNtlmOnly({ channelBinding: 'not-applicable' }),
    httpNtlmOnly({ mechanism: 'kerberos', channelBinding: 'not-applicable' }),
  ],
  ['NS-CB-003', ntlmByAddress({ channelBinding: 'mismatch' }), ntlmByAddress({ channelBinding: 'zero' })],
  [
    'NS-CB-004',
    ntlmByAddress({ status: status('invalidCredentials', '80090346 (SEC_E_BAD_BINDINGS)') }),
    ntlmByAddress({ status: status('invalidCredentials', 'data 52e') }),
  ],
]

const KDC_CASES: readonly (readonly [string, KdcExchange, KdcExchange])[] = [
  ['NS-KR-001', kdc({ request: 'TGS', ticketEtype: 23 }), kdc({ request: 'TGS', ticketEtype: 18 })],
  [
    'NS-KR-003',
    kdc({ request: 'AS', padata: [128], error: null, answered: true, frames: [1, 2] }),
    kdc({ request: 'AS', padata: [128, 2], error: null, answered: true, frames: [1, 2] }),
  ],
]

describe('each rule', () => {
  it.each(CASES)('%s fires on its case and not on the near miss', (id, hit, miss) => {
    expect(ids(hit)).toContain(id)
    expect(ids(miss)).not.toContain(id)
  })

  it.each(KDC_CASES)('%s fires on its case and not on the near miss', (id, hit, miss) => {
    expect(kdcIds(hit)).toContain(id)
    expect(kdcIds(miss)).not.toContain(id)
  })

  it('NS-KR-003 says nothing where the request was not seen, or was refused', () => {
    expect(kdcIds(kdc({ request: 'AS', padata: [], error: null, answered: true, frames: [2] }))).toEqual([])
    const refused = { code: 25, name: 'KDC_ERR_PREAUTH_REQUIRED', status: null }
    expect(kdcIds(kdc({ request: 'AS', padata: [], ticketEtype: null, error: refused, frames: [1, 2] }))).toEqual([])
  })

  it('a signed Kerberos session with a server that requires signing is no finding', () => {
    expect(ids(exchange())).toEqual([])
  })
})

describe('the fold', () => {
  it('counts the same finding of one pair, and keeps its first frames', () => {
    const fold = new FindingFold()
    for (let i = 0; i < 40; i++) fold.exchange(ntlmByAddress({ frames: [i * 2 + 1, i * 2 + 2] }))
    const found = fold.findings().find(({ id }) => id === 'NS-SG-001')!
    expect(found.count).toBe(40)
    expect(found.frames).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('tells the causes of a fallback apart', () => {
    const by = (code: string) => ntlmByAddress({ cause: cause({ code, title: code }) })
    expect(ids(by('RC04'), by('RC01'), by('RC04')).filter((id) => id.startsWith('NS-FB-'))).toEqual([
      'NS-FB-002',
      'NS-FB-003',
    ])
  })

  it('does not tell the clients of a server apart where the finding is about the server', () => {
    const fold = new FindingFold()
    fold.exchange(httpNtlmOnly({ client: endpoint('10.0.0.1', 1) }))
    fold.exchange(httpNtlmOnly({ client: endpoint('10.0.0.2', 1) }))
    const found = fold.findings().filter(({ id }) => id === 'NS-FB-010')
    expect(found).toMatchObject([{ client: null, count: 2 }])
    expect(fold.ofPair('10.0.0.2', httpNtlmOnly().server.ip, 'http')).toContain('NS-FB-010')
  })

  it('names the capture of frames that stand in another one', () => {
    const fold = new FindingFold()
    fold.exchange(ntlmByAddress({ capture: 'a.pcap', frames: [1] }))
    fold.exchange(ntlmByAddress({ capture: 'b.pcap', frames: [9] }))
    expect(fold.findings()[0]).toMatchObject({ capture: 'a.pcap', frames: [1, 'b.pcap:9'] })
  })

  it('lists the worst first', () => {
    const fold = new FindingFold()
    for (const [, hit] of CASES) fold.exchange(hit)
    const order = fold.findings().map(({ severity }) => SEVERITIES.indexOf(severity))
    expect(order.length).toBeGreaterThan(15)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })
})
