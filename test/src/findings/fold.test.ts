import { describe, expect, it } from 'vitest'
import type { AuthExchange, KdcExchange } from '../../../src/facts/exchange.ts'
import { FindingFold } from '../../../src/findings/fold.ts'
import { SEVERITIES } from '../../../src/findings/rule.ts'
import { cause, endpoint, exchange, httpNtlmOnly, kdc, ldapSimple, ntlmByAddress } from '../../builders/report.ts'

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

describe('each rule', () => {
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

  it('tells what was found until now, without an end: more may follow, and is told alone', () => {
    const fold = new FindingFold()
    const told = new Set<string>()
    const more = () => {
      const found = fold.soFar((uid) => !told.has(uid))
      for (const { uid } of found) told.add(uid)
      return found
    }
    fold.exchange(ntlmByAddress())
    expect(more().map(({ id }) => id)).toContain('NS-SG-001')
    expect(more()).toEqual([])
    // one that a watch over several exchanges finds: accounts that fail one after the other
    const failed = { name: 'STATUS_LOGON_FAILURE', code: 0xc000006d, detail: null }
    for (const user of ['a', 'b', 'c', 'd', 'e', 'f'])
      fold.exchange(
        ntlmByAddress({
          result: 'failure',
          status: failed,
          principal: { user, domain: 'X', workstation: null },
        } as Partial<AuthExchange>),
      )
    expect(more().map(({ id }) => id)).toEqual(expect.arrayContaining([expect.stringMatching(/^NS-/)]))
    expect(more()).toEqual([])
    expect(new Set(fold.findings().map(({ uid }) => uid))).toEqual(told)
  })

  it('lists the worst first', () => {
    const fold = new FindingFold()
    fold.kdc(kdc({ ticketEtype: 23 }))
    fold.kdc(kdc({ forUser: 'alice' }))
    for (const one of [exchange({ mechanism: 'iakerb' }), httpNtlmOnly(), ldapSimple(), ntlmByAddress()])
      fold.exchange(one)
    fold.exchange(ntlmByAddress({ cause: cause({ code: 'RC21' }) }))
    const order = fold.findings().map(({ severity }) => SEVERITIES.indexOf(severity))
    expect(order.length).toBeGreaterThan(9)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })
})
