/**
 * The table of services: whole entries, the lists of the schemas, and what a logon in clear is worth on every one of
 * them.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CARRIERS } from '../../decoders/registry.ts'
import { factsOf, SERVICES, serviceOfCarrier, serviceOfTlsPort, servicesWhere } from '../../decoders/services.ts'
import { FindingFold } from '../../src/findings/fold.ts'
import { ntlmByAddress } from '../builders/report.ts'

it('every schema that lists services lists these', () => {
  let lists = 0
  for (const name of readdirSync('schema')) {
    const { $defs } = JSON.parse(readFileSync(`schema/${name}`, 'utf8'))
    if ($defs?.service?.enum === undefined) continue
    lists++
    expect([name, $defs.service.enum]).toEqual([name, SERVICES])
  }
  expect(lists).toBeGreaterThanOrEqual(5)
})

it('every carrier of conversations has a service, but for those that carry another one', () => {
  const without = CARRIERS.filter(({ context, unclaimed }) => !context && !unclaimed)
    .map(({ name }) => name)
    .filter((name) => serviceOfCarrier(name) === null)
  expect(new Set(without)).toEqual(new Set(['tls', 'quic', 'credssp']))
})

it('no port of TLS has two services, and none is of a service that TLS never carries', () => {
  const ports = SERVICES.flatMap((service) => factsOf(service).tlsPorts)
  expect(new Set(ports).size).toBe(ports.length)
  for (const service of servicesWhere(({ tls }) => tls === 'never')) expect(factsOf(service).tlsPorts).toEqual([])
  expect([990, 5061, 636, 3389].map(serviceOfTlsPort)).toEqual(['ftp', 'sip', 'ldap', 'rdp'])
})

describe('an NTLM logon in clear that a relay could have sent', () => {
  const found = (service: (typeof SERVICES)[number], channelBinding: 'not-applicable' | 'not-visible') => {
    const fold = new FindingFold()
    fold.exchange(ntlmByAddress({ service, smb: null, http: null, channelBinding }))
    return fold.findings().map(({ id }) => id)
  }

  it('is the same finding over everything that accepts it as it is', () => {
    const open = servicesWhere(({ clear }) => clear === 'open')
    expect(open).toEqual(['mssql', 'smtp', 'imap', 'pop3', 'nntp', 'socks', 'sip', 'ftp', 'postgresql', 'xmpp'])
    for (const service of open)
      expect([
        service,
        found(service, 'not-applicable')
          .filter((id) => /^NS-(SG-012|NT-018)$/.test(id))
          .sort(),
      ]).toEqual([service, ['NS-NT-018', 'NS-SG-012']])
  })

  it('is none where the protocol decides, and none in TLS', () => {
    for (const service of servicesWhere(({ clear }) => clear === 'protected' || clear === 'none'))
      expect([service, found(service, 'not-applicable')]).not.toEqual([service, expect.arrayContaining(['NS-SG-012'])])
    for (const service of SERVICES) expect(found(service, 'not-visible')).not.toContain('NS-SG-012')
  })
})
