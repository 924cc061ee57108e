/**
 * Places, servers, clients, accounts: what one change ends, what each server required, and the exchange that proves it.
 */
import { describe, expect, it } from 'vitest'
import { inOrder, RollUpFold } from '../../../src/report/roll-ups.ts'
import { analyze } from '../../../src/run/analyze.ts'
import { cause, endpoint, exchange, httpNtlmOnly, ldapSimple, ntlmByAddress, rollUps } from '../../builders/report.ts'

const SMB = exchange().smb!

describe('places', () => {
  it('count the logons that one change ends, the largest first, with the share of all so far', () => {
    const elsewhere = { client: endpoint('10.9.9.9', 50_000) }
    const { places } = rollUps([
      ntlmByAddress(),
      ntlmByAddress(elsewhere),
      ntlmByAddress(elsewhere),
      httpNtlmOnly(),
      exchange(),
    ])
    expect(places.map(({ count, clients, runningShare }) => [count, clients, runningShare])).toEqual([
      [3, 2, 0.75],
      [1, 1, 1],
    ])
    expect(places[0]).toMatchObject({
      cause: ntlmByAddress().cause!.code,
      fix: ntlmByAddress().cause!.fix,
      service: 'smb',
    })
    expect(places[0]!.proof.frames).toEqual(ntlmByAddress().frames)
  })

  it('of one cause at two servers, or two causes at one server, are two', () => {
    const other = cause({ code: 'RC01' })
    expect(rollUps([ntlmByAddress(), ntlmByAddress({ cause: other })]).places).toHaveLength(2)
    expect(rollUps([ntlmByAddress(), ntlmByAddress({ server: endpoint('10.8.8.8', 445) })]).places).toHaveLength(2)
  })

  it('that no change ends stand behind all others, whatever their number: the share is what changes end', () => {
    const open = (ip: string) => ntlmByAddress({ server: endpoint(ip, 445), cause: cause({ code: 'RC99' }) })
    const { places } = rollUps([open('10.8.8.8'), open('10.8.8.8'), open('10.8.8.9'), ntlmByAddress()])
    expect(places.map(({ cause, count, runningShare }) => [cause, count, runningShare])).toEqual([
      [ntlmByAddress().cause!.code, 1, 0.25],
      ['RC99', 2, 0.75],
      ['RC99', 1, 1],
    ])
    // as reports of earlier versions have them: told anew
    const told = [places[1]!, places[0]!, places[2]!].map((place) => ({ ...place, runningShare: 0.5 }))
    expect(inOrder(told, 4)).toEqual(places)
  })

  it('are none for what only goes on with a session, and none for Kerberos', () => {
    const again = ntlmByAddress({
      smb: {
        ...SMB,
        session: {
          setup: 'reauthentication',
          of: { exchange: '1.1', mechanism: 'ntlm', user: ntlmByAddress().principal.user, logonSeen: true },
        } as never,
      },
    })
    const { places, clients } = rollUps([again, exchange()])
    expect(places).toEqual([])
    expect(clients.map(({ ntlm, kerberos }) => [ntlm, kerberos])).toEqual([[0, 1]])
  })
})

describe('a server', () => {
  const signing = (...sessions: Partial<typeof SMB>[]) =>
    rollUps(sessions.map((part) => exchange({ smb: { ...SMB, ...part } }))).servers[0]!.smbSigning

  it.each([
    ['required', [{ serverPolicy: 'required', effective: 'signed' }]],
    ['not-required', [{ serverPolicy: 'enabled', effective: 'signed' }]],
    [
      'not-required',
      [
        { serverPolicy: 'unknown', effective: 'signed' },
        { serverPolicy: 'unknown', effective: 'unsigned' },
      ],
    ],
    ['all-seen', [{ serverPolicy: 'unknown', effective: 'encrypted' }]],
    ['not-seen', [{ serverPolicy: 'unknown', effective: 'unknown' }]],
  ] as const)('SMB signing %s', (expected, sessions) => {
    expect(signing(...sessions)).toBe(expected)
  })

  it.each([
    ['all-seen', 'verified', 'success'],
    ['all-seen', 'bound', 'success'],
    ['not-required', 'absent', 'success'],
    ['not-required', 'mismatch', 'success'],
    ['not-seen', 'mismatch', 'failure'],
    ['not-seen', 'wrong-hash', 'success'],
  ] as const)('channel binding %s: %s, and %s', (expected, channelBinding, result) => {
    const tls = {
      ...{ version: '1.2', cipherSuite: null, serverName: null, alpn: null, resumed: false, opened: true },
      certificate: null,
    }
    expect(rollUps([httpNtlmOnly({ channelBinding, result, tls })]).servers[0]!.channelBinding).toBe(expected)
  })

  it('that does not speak a service has no answer, and what it proves is told by an exchange', () => {
    const [row] = rollUps([ldapSimple()]).servers
    expect(row).toMatchObject({ smbSigning: null, ldapSigning: 'not-required', services: ['ldap'] })
    expect(row!.proofs.ldapSigning).toMatchObject({ exchange: ldapSimple().id })
    const refused = ldapSimple({ result: 'failure', ldap: { layer: 'unknown', tls: false, resultCode: 8 } })
    expect(rollUps([refused]).servers[0]!.ldapSigning).toBe('required')
  })
})

it('rows are bounded, and what is beyond is counted', () => {
  const fold = new RollUpFold()
  for (let at = 0; at < 5_010; at++)
    fold.add(exchange({ client: endpoint(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`, 50_000) }))
  expect(fold.rollUps(0).clients).toHaveLength(5_000)
  expect(fold.overflow).toBe(10)
})

it('of a capture they add up to its figures', async () => {
  const { places, servers, clients, accounts, figures } = await analyze(['captures/office/office.pcap'])
  const ntlm = Object.values(figures.total.services).reduce((sum, service) => sum + service.ntlm, 0)
  for (const rows of [servers, clients, accounts]) expect(rows.reduce((sum, row) => sum + row.ntlm, 0)).toBe(ntlm)
  expect(places.reduce((sum, { count }) => sum + count, 0)).toBe(ntlm)
  expect(places.at(-1)!.runningShare).toBe(1)
})
