import { expect, test } from 'vitest'
import type { PairVerdict } from '../../../src/report/verdict.ts'
import { compareAddresses, sortedWorstFirst } from '../../../src/report/worst-first.ts'
import { officeReport } from '../../builders/report.ts'

const [first] = officeReport().pairs as [PairVerdict, ...PairVerdict[]]
const made = (ip: string, part: Partial<PairVerdict>): PairVerdict => ({
  ...first,
  findings: [],
  ...part,
  server: { ...first.server, ip },
})
const order = (pairs: readonly PairVerdict[]) => sortedWorstFirst(pairs).map(({ server }) => server.ip)

test('a poisoned, relayed or NTLMv1 pair stands before a fallback of which nothing worse is known', () => {
  const pairs = [
    made('10.0.0.1', { verdict: 'ntlm-fallback', findings: ['NS-FB-003'] }),
    made('10.0.0.2', { verdict: 'kerberos', findings: [] }),
    made('10.0.0.3', { verdict: 'ntlm-only', findings: ['NS-NM-001', 'NS-FB-003'] }),
    made('10.0.0.4', { verdict: 'ntlm-fallback', findings: [] }),
  ]
  expect(order(pairs)).toEqual(['10.0.0.3', '10.0.0.1', '10.0.0.4', '10.0.0.2'])
})

test('of equals by address, as numbers', () => {
  const ips = ['100.0.0.5', '10.0.1.6', '2001:db8::1', '9.255.0.1']
  expect(order(ips.map((ip) => made(ip, {})))).toEqual(['9.255.0.1', '10.0.1.6', '100.0.0.5', '2001:db8::1'])
  expect(compareAddresses('10.0.0.1', '10.0.0.1')).toBe(0)
})
