/**
 * Evidence before names: whatever a carrier calls NTLM, Kerberos that was tried and refused, or a ticket that a KDC
 * refused before, makes it a fallback. Every carrier that can refuse against every way to refuse, from packets; and
 * what comes close to it and is none.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/run/analyze.ts'
import {
  CARRIER_LOGONS,
  type CarrierLogons,
  captureOf,
  conversationAt,
  HOST,
  REALM,
  type Timed,
  ticketAskedAt,
  ticketFor,
} from '../builders/logons.ts'
import type { Message } from '../builders/net.ts'
import { temporaryFolder } from '../captures/packets.ts'

const folder = temporaryFolder()
let files = 0

async function ntlmIn(...parts: readonly Timed[]) {
  const path = join(folder, `${++files}.pcap`)
  writeFileSync(path, captureOf(...parts))
  const { exchanges } = await analyze([path], { rethrow: true })
  const ntlm = exchanges.filter(({ mechanism }) => mechanism === 'ntlm')
  expect(ntlm).toHaveLength(1)
  return ntlm[0]!
}

const CARRIERS = Object.entries(CARRIER_LOGONS)
const EACH_WAY = CARRIERS.flatMap(([what, carrier]) =>
  Object.entries(carrier.refusals).map(([way, refusal]) => [what, way, carrier, refusal] as const),
)

const attempted = (carrier: CarrierLogons, answer: readonly Message[], spn = carrier.spn) => [
  ...carrier.before(true),
  ...carrier.attempt(ticketFor(spn)),
  ...answer,
]
const logonAt = (at: number, carrier: CarrierLogons, spn: string | null = carrier.spn, kerberos = true) =>
  conversationAt(at, carrier.port, [...carrier.before(kerberos), ...carrier.ntlm(spn)], 50_001)
/** What a logon is where nothing was refused. */
const otherwise = (carrier: CarrierLogons) => (carrier.direct ? 'direct' : expect.not.stringMatching('client-retry'))

describe('a refused Kerberos attempt makes NTLM a fallback', () => {
  it.each(EACH_WAY)('%s: %s, then another connection', async (_, _way, carrier, refusal) => {
    const before = conversationAt(0, carrier.port, attempted(carrier, refusal))
    expect(await ntlmIn(before, logonAt(2, carrier))).toMatchObject({
      service: carrier.service,
      origin: 'client-retry',
      fallback: true,
      cause: { code: expect.stringMatching(/RC(03|10|20)/) },
    })
  })

  it.each(EACH_WAY.filter(([, , { goesOn }]) => goesOn))(
    '%s: %s, in one connection',
    async (_, _way, carrier, refusal) => {
      const messages = [...attempted(carrier, refusal), ...carrier.ntlm(carrier.spn)]
      expect(await ntlmIn(conversationAt(0, carrier.port, messages))).toMatchObject({
        origin: 'client-retry',
        fallback: true,
        cause: { code: expect.stringMatching(/RC(03|10|20)/) },
      })
    },
  )

  it('the cause is as sure as what was said: KRB-ERROR high, a bare refusal low, a head that was too long RC20', async () => {
    const web = CARRIER_LOGONS['http origin']!
    const refusedBy = (way: string) =>
      ntlmIn(conversationAt(0, 80, attempted(web, web.refusals[way]!)), logonAt(2, web))
    expect((await refusedBy('KRB-ERROR in a token')).cause).toMatchObject({ code: 'RC03', confidence: 'high' })
    expect((await refusedBy('the offer again')).cause).toMatchObject({ code: 'RC03', confidence: 'low' })
    expect((await refusedBy('too long, 400')).cause).toMatchObject({ code: 'RC20', confidence: 'medium' })
  })

  it.each(['bind_nak, type not recognized'])('%s: the server has no Kerberos there', async (way) => {
    const rpc = CARRIER_LOGONS.rpc!
    const one = await ntlmIn(conversationAt(0, rpc.port, attempted(rpc, rpc.refusals[way]!)), logonAt(2, rpc))
    expect(one.cause).toMatchObject({ code: 'RC10', confidence: 'medium' })
  })
})

describe('a ticket that nobody asked for, refused by a server that offers no Kerberos', () => {
  it.each(CARRIERS.filter(([, { offers }]) => offers))('%s: an SPN or a key mends nothing', async (_, carrier) => {
    const [refusal] = Object.values(carrier.refusals)
    const asked = [...carrier.before(false), ...carrier.attempt(ticketFor(carrier.spn)), ...refusal!]
    const one = await ntlmIn(conversationAt(0, carrier.port, asked), logonAt(2, carrier, carrier.spn, false))
    const code = carrier.service.startsWith('http') ? 'RC15' : 'RC10'
    expect(one).toMatchObject({ origin: 'client-retry', fallback: true, cause: { code, confidence: 'medium' } })
  })
})

describe('a refusal that says nothing about this logon', () => {
  it.each(CARRIERS)('%s: eleven seconds before', async (_, carrier) => {
    const [refusal] = Object.values(carrier.refusals)
    const one = await ntlmIn(conversationAt(0, carrier.port, attempted(carrier, refusal!)), logonAt(12, carrier))
    expect(one).toMatchObject({ origin: otherwise(carrier) })
  })

  it.each(CARRIERS)('%s: after it, Kerberos worked', async (_, carrier) => {
    const [refusal] = Object.values(carrier.refusals)
    const one = await ntlmIn(
      conversationAt(0, carrier.port, attempted(carrier, refusal!)),
      conversationAt(1, carrier.port, attempted(carrier, carrier.accepted), 50_002),
      logonAt(2, carrier),
    )
    expect(one).toMatchObject({ origin: otherwise(carrier) })
  })

  it.each(CARRIERS)('%s: it comes after the logon', async (_, carrier) => {
    const [refusal] = Object.values(carrier.refusals)
    const one = await ntlmIn(logonAt(0, carrier), conversationAt(1, carrier.port, attempted(carrier, refusal!)))
    expect(one).toMatchObject({ origin: otherwise(carrier) })
  })

  it.each(CARRIERS)('%s: it is of another client, or of another server', async (_, carrier) => {
    const [refusal] = Object.values(carrier.refusals)
    const refused = attempted(carrier, refusal!)
    const [other, also] = ['10.1.1.6', '10.1.1.10']
    const one = await ntlmIn(
      conversationAt(0, carrier.port, refused, 50_000, { client: other }),
      conversationAt(0.5, carrier.port, refused, 50_002, { server: also }),
      logonAt(2, carrier),
    )
    expect(one).toMatchObject({ origin: otherwise(carrier) })
  })

  it('it is of another service at the same host', async () => {
    const [smtp, smb] = [CARRIER_LOGONS.smtp!, CARRIER_LOGONS.smb!]
    const refused = attempted(smb, smb.refusals['LOGON_FAILURE and reject']!)
    expect(await ntlmIn(conversationAt(0, smb.port, refused), logonAt(1, smtp))).toMatchObject({
      origin: 'direct',
      fallback: false,
    })
  })

  it('a bad request is no ticket that was too long, where the same client’s ticket was taken before', async () => {
    const web = CARRIER_LOGONS['http origin']!
    const one = await ntlmIn(
      conversationAt(0, 80, attempted(web, web.accepted), 50_002),
      conversationAt(1, 80, attempted(web, web.refusals['too long, 400']!)),
      logonAt(2, web),
    )
    expect(one).toMatchObject({ origin: 'direct', fallback: false })
  })

  it('a mechanism that was only named, at a server that offers NTLM alone', async () => {
    const smtp = CARRIER_LOGONS.smtp!
    const named = [
      { from: 'client', data: Buffer.from('AUTH GSSAPI\r\n') },
      { from: 'server', data: Buffer.from('504 5.7.4 Unrecognized authentication type\r\n') },
    ] as const
    const messages = (kerberos: boolean) => [...smtp.before(kerberos), ...named, ...smtp.ntlm(smtp.spn)]
    expect(await ntlmIn(conversationAt(0, smtp.port, messages(false)))).toMatchObject({
      origin: 'server-only',
      fallback: false,
      cause: { code: 'RC10' },
    })
    expect(await ntlmIn(conversationAt(0, smtp.port, messages(true)))).toMatchObject({
      origin: 'client-retry',
      fallback: true,
    })
  })
})

describe('a ticket that the KDC refused before makes NTLM a fallback', () => {
  it.each(CARRIERS)('%s: for the SPN in the token', async (_, carrier) => {
    expect(await ntlmIn(ticketAskedAt(0, carrier.spn, 7), logonAt(1, carrier))).toMatchObject({
      origin: 'client-veto',
      fallback: true,
      cause: { code: 'RC01', confidence: 'high' },
    })
  })

  it.each([
    [7, 'RC01'],
    [8, 'RC02'],
    [12, 'RC19'],
    [14, 'RC09'],
    [29, 'RC07'],
  ])('KDC error %i: %s', async (error, code) => {
    const web = CARRIER_LOGONS['http origin']!
    expect(await ntlmIn(ticketAskedAt(0, web.spn, error), logonAt(1, web))).toMatchObject({
      origin: 'client-veto',
      fallback: true,
      cause: { code, confidence: 'high' },
    })
  })

  it.each(CARRIERS.filter(([, { offers }]) => offers))(
    '%s: not at a server that offers NTLM alone, where it is an alternative',
    async (_, carrier) => {
      const one = await ntlmIn(ticketAskedAt(0, carrier.spn, 7), logonAt(1, carrier, carrier.spn, false))
      expect(one).toMatchObject({
        origin: 'server-only',
        fallback: false,
        cause: { code: expect.stringMatching(/RC1[05]/) },
      })
      expect(one.cause!.alternatives.find(({ code }) => code === 'RC01')?.why).toMatch(/the KDC answered/)
    },
  )

  it.each<[string, (carrier: CarrierLogons) => readonly Timed[]]>([
    ['after the logon', ({ spn }) => [ticketAskedAt(2, spn, 7)]],
    ['half a second after the logon began', ({ spn }) => [ticketAskedAt(1.5, spn, 7)]],
    ['for another class of service', () => [ticketAskedAt(0, `cifs/${HOST}`, 7)]],
    ['for another host', () => [ticketAskedAt(0, 'HTTP/other.corp.example', 7)]],
    ['longer ago than clients remember it', ({ spn }) => [ticketAskedAt(-900, spn, 7)]],
    ['about the password', ({ spn }) => [ticketAskedAt(0, spn, 24)]],
    ['and then a ticket', ({ spn }) => [ticketAskedAt(0, spn, 7), ticketAskedAt(0.5, spn, null)]],
    ['asking to come again', ({ spn }) => [ticketAskedAt(0, spn, 52)]],
  ])('not: %s', async (_, asked) => {
    const web = CARRIER_LOGONS['http origin']!
    const one = await ntlmIn(...asked(web), logonAt(1, web))
    expect(one).toMatchObject({ origin: 'direct', fallback: false, cause: { code: 'RC14' } })
  })

  it('without a target name: this host as it was asked for, and the class of the service', async () => {
    const web = CARRIER_LOGONS['http origin']!
    expect(await ntlmIn(ticketAskedAt(0, web.spn, 7), logonAt(1, web, null))).toMatchObject({
      origin: 'client-veto',
      cause: { code: 'RC01' },
    })
    expect(await ntlmIn(ticketAskedAt(0, `cifs/${HOST}`, 7), logonAt(1, web, null))).toMatchObject({ origin: 'direct' })
  })

  it.each(CARRIERS)('%s: whatever ticket comes for another service of the host', async (_, carrier) => {
    const other = ticketAskedAt(0.5, `TERMSRV/${HOST}`, null)
    expect(await ntlmIn(ticketAskedAt(0, carrier.spn, 7), other, logonAt(1, carrier))).toMatchObject({
      origin: 'client-veto',
      fallback: true,
      cause: { code: 'RC01', confidence: 'high' },
    })
  })

  it('the latest answer counts, and a realm behind the name is no part of it', async () => {
    const web = CARRIER_LOGONS['http origin']!
    const refused = { origin: 'client-veto', fallback: true, cause: { code: 'RC01', confidence: 'high' } }
    const again = [ticketAskedAt(0, web.spn, null), ticketAskedAt(0.5, web.spn, 7)]
    expect(await ntlmIn(...again, logonAt(1, web))).toMatchObject(refused)
    expect(await ntlmIn(ticketAskedAt(0, web.spn, 7), logonAt(1, web, `${web.spn}@${REALM}`))).toMatchObject(refused)
  })

  it.each<[refused: string, given: string, wanted: string | null, isFallback: boolean]>([
    // what the KDC refused, what it gave then, and the target name of the logon
    ['', ':8080', '', true],
    ['', ':8080', ':9090', true],
    ['', ':8080', ':8080', false],
    ['', '', ':8080', false],
    [':8080', '', '', false],
    [':8080', '', ':8080', true],
    [':8080', ':9090', '', true],
    [':8080', ':9090', ':8080', true],
    [':8080', ':8080', '', false],
    [':8080', ':8080', ':8080', false],
    [':8080', ':80', ':80', false],
    [':sales', ':stock', ':sales', true],
    [':sales', ':SALES', ':sales', false],
    // without a target name, the port of the connection (80) stands for it
    ['', ':8080', null, true],
    ['', ':80', null, false],
    ['', '', null, false],
  ])('refused HTTP/host%s, given HTTP/host%s, logon for %j: %s', async (refused, given, wanted, isFallback) => {
    const web = CARRIER_LOGONS['http origin']!
    const asked = [ticketAskedAt(0, web.spn + refused, 7), ticketAskedAt(0.5, web.spn + given, null)]
    const one = await ntlmIn(...asked, logonAt(1, web, wanted === null ? null : web.spn + wanted))
    if (isFallback) expect(one).toMatchObject({ origin: 'client-veto', fallback: true, cause: { code: 'RC01' } })
    else expect(one).toMatchObject({ origin: 'direct', fallback: false })
  })

  it.each([
    ['.', ''],
    ['', '.'],
  ])(
    'a dot that makes the name absolute is no other host: refused HTTP/host%s, logon for HTTP/host%s',
    async (refused, wanted) => {
      const web = CARRIER_LOGONS['http origin']!
      const one = await ntlmIn(ticketAskedAt(0, web.spn + refused, 7), logonAt(1, web, web.spn + wanted))
      expect(one).toMatchObject({ origin: 'client-veto', fallback: true, cause: { code: 'RC01' } })
    },
  )

  it('another instance of SQL Server is another service; its port may be that of a name', async () => {
    const sql = CARRIER_LOGONS.mssql!
    const logon = (refused: string, wanted: string) =>
      ntlmIn(ticketAskedAt(0, `MSSQLSvc/${HOST}:${refused}`, 7), logonAt(1, sql, `MSSQLSvc/${HOST}:${wanted}@${REALM}`))
    expect((await logon('SALES', 'sales')).cause).toMatchObject({ code: 'RC01', confidence: 'high' })
    expect((await logon('SALES', '50301')).cause).toMatchObject({ code: 'RC01', confidence: 'high' })
    expect((await logon('SALES', 'stock')).cause).toMatchObject({ code: 'RC01', confidence: 'low' })
    expect((await logon('50301', '1433')).cause).toMatchObject({ code: 'RC01', confidence: 'low' })
  })

  it('another port is another service, and a name without a port is any', async () => {
    const sql = CARRIER_LOGONS.mssql!
    const asked = (port: string) => ntlmIn(ticketAskedAt(0, `MSSQLSvc/${HOST}${port}`, 7), logonAt(1, sql))
    expect((await asked('')).cause).toMatchObject({ code: 'RC01', confidence: 'high' })
    const other = await asked(':50301')
    expect(other).toMatchObject({ origin: 'unknown', cause: { code: 'RC01', confidence: 'low' } })
    expect(other.cause!.why).toMatch('that is about another service')
  })

  it('a NUL behind the name is no part of it', async () => {
    const web = CARRIER_LOGONS['http origin']!
    const one = await ntlmIn(ticketAskedAt(0, web.spn, 7), logonAt(1, web, `${web.spn}\0`))
    expect(one.target.spn).toBe(web.spn)
    expect(one.cause).toMatchObject({ code: 'RC01', confidence: 'high' })
  })

  it('another class of service of the host: low, and said for what it is', async () => {
    const smb = CARRIER_LOGONS.smb!
    const one = await ntlmIn(ticketAskedAt(0, `HTTP/${HOST}`, 7), logonAt(1, smb))
    expect(one.cause).toMatchObject({ code: 'RC01', confidence: 'low' })
    expect(one.cause!.why).toMatch(`for HTTP/${HOST} 1 s before: that is about another service`)
  })
})

describe('a KDC that does not answer', () => {
  it('asked again from new ports, it was not answered', async () => {
    const smb = CARRIER_LOGONS.smb!
    const tries = [0, 1, 2].map((at) => ticketAskedAt(at, smb.spn, undefined, 40_000 + at))
    expect((await ntlmIn(...tries, logonAt(4, smb))).cause).toMatchObject({ code: 'RC07', confidence: 'high' })
  })

  it('three questions are not one that is asked again', async () => {
    const smb = CARRIER_LOGONS.smb!
    const tries = [0, 1, 2].map((at) => ticketAskedAt(at, `cifs/host${at}.corp.example`, undefined, 40_000 + at))
    expect((await ntlmIn(...tries, logonAt(4, smb))).cause!.code).not.toBe('RC07')
  })
})
