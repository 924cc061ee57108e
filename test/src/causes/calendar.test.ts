import { describe, expect, test } from 'vitest'
import { CALENDAR, switchesOf } from '../../../src/causes/calendar.ts'
import { CAUSES } from '../../../src/causes/catalogue.ts'
import type { KdcExchange } from '../../../src/facts/exchange.ts'
import { RULES } from '../../../src/findings/catalogue.ts'
import { KDC_RULES } from '../../../src/findings/rules/kerberos.ts'
import { pageText } from '../../../src/output/explain.ts'

const MONTHS_MAX = 18

describe('what the vendor switches', () => {
  test.each(CALENDAR.map((row) => [`${row.from} ${row.what}`, row] as const))('%s', (_, row) => {
    expect(row.from).toMatch(/^20\d\d-(0[1-9]|1[0-2])$/)
    expect(row.source).toMatch(/KB\d{7}|\.microsoft\.com$/)
    for (const id of row.concerns) expect([...Object.keys(CAUSES), ...RULES.map((rule) => rule.id)]).toContain(id)
    const months = (Date.now() - Date.parse(row.reviewed)) / (30.5 * 86_400_000)
    expect(months, 'read the source again, and renew `reviewed`').toBeLessThan(MONTHS_MAX)
  })

  test('explain says the dates, the earliest first', () => {
    expect(switchesOf('RC09').map(({ from }) => from)).toEqual(['2026-01', '2026-04', '2026-07'])
    const page = pageText('NS-KR-001', 100)!
    for (const words of ['2026-07', 'KB5073381']) expect(page).toContain(words)
  })

  test('an RC4 ticket after the last phase is told otherwise than before it', () => {
    const rule = KDC_RULES.find(({ id }) => id === 'NS-KR-001')!
    const ticket = { ticketEtype: 23, sname: 'http/web1.corp.example' } as KdcExchange
    const at = (day: string) => rule.test({ ...ticket, time: Date.parse(day) * 1000 })?.remediation
    expect(at('2026-06-30')).toBeNull()
    expect(at('2026-11-23')).toContain('explicitly')
  })

  test('the key of TryIPSPN is that of the vendor, and never the other one', () => {
    const texts = JSON.stringify([CAUSES.RC04!.fixFor!(NAMES), pageText('NS-FB-003', 200)])
    expect(texts).toContain('Policies\\\\System\\\\Kerberos\\\\Parameters')
    expect(texts).not.toContain('Lsa\\\\Kerberos\\\\Parameters')
  })
})

const NAMES = {
  spn: 'cifs/10.0.0.5',
  serverDns: 'fs01.corp.example',
  serverNetbios: 'FS01',
  serverIp: '10.0.0.5',
  clientName: 'PC1',
  clientIp: '10.0.0.9',
  service: 'smb',
  user: null,
  kdc: null,
  alias: null,
} as Parameters<NonNullable<(typeof CAUSES)[string]['fixFor']>>[0]
