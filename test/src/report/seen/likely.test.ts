import { describe, expect, it } from 'vitest'
import { likelyIn } from '../../../../src/report/seen/likely.ts'
import { conversation, kdc } from '../../../builders/report.ts'

const SEALED = conversation({
  server: { ip: '10.1.2.5', port: 443 },
  service: 'http',
  carrier: 'tls',
  authenticated: 0,
})
const row = SEALED
const names = (ip: string) => (ip === '10.1.2.5' ? ['Web1.corp.example'] : [])
const UNKNOWN = { code: 7, name: 'KDC_ERR_S_PRINCIPAL_UNKNOWN', status: null }
const ticket = (sname: string, part: Parameters<typeof kdc>[0] = {}) => kdc({ sname, time: row.start, ...part })
const likely = (...asked: ReturnType<typeof kdc>[]) => likelyIn(asked, [], names)(row, [])!

describe('what is likely in TLS', () => {
  it('is Kerberos where the client got a ticket for this server and class, by any of its names', () => {
    for (const sname of ['HTTP/web1.corp.example', 'http/WEB1', 'HTTP/web1.corp.example:443'])
      expect([sname, likely(ticket(sname))]).toEqual([
        sname,
        { mechanism: 'kerberos', reasons: [{ code: 'ticket', sname, capture: 'lab.pcapng', frame: 8 }] },
      ])
  })

  it('is NTLM where the KDC knew no such server', () => {
    expect(likely(ticket('HTTP/web1.corp.example', { error: UNKNOWN }))).toEqual({
      mechanism: 'ntlm',
      reasons: [{ code: 'ticket-refused', sname: 'HTTP/web1.corp.example', capture: 'lab.pcapng', frame: 8 }],
    })
  })

  it('is said of no other server, class, client or time, and not where both were seen', () => {
    const hours = 3600e6
    for (const one of [
      ticket('HTTP/web2.corp.example'),
      ticket('cifs/web1.corp.example'),
      ticket('host/web1.corp.example'),
      ticket('HTTP/web1.corp.example:8080'),
      ticket('HTTP/web1.corp.example:8080', { error: UNKNOWN }),
      ticket('HTTP/web1.corp.example', { client: { ip: '10.1.2.34', port: 1, name: null } }),
      ticket('HTTP/web1.corp.example', { time: row.start - 11 * hours }),
      ticket('HTTP/web1.corp.example', { time: row.end + hours }),
      ticket('HTTP/web1.corp.example', { time: row.start - hours, error: UNKNOWN }),
      ticket('HTTP/web1.corp.example', { answered: false }),
    ])
      expect(likely(one)).toEqual({ mechanism: 'unsaid', reasons: [] })
    const both = likely(ticket('HTTP/web1.corp.example'), ticket('HTTP/web1.corp.example', { error: UNKNOWN }))
    expect(both).toMatchObject({ mechanism: 'unsaid', reasons: [{ code: 'ticket' }, { code: 'ticket-refused' }] })
  })

  it('is HTTP alone where nobody knows the service', () => {
    const unknown = conversation({ ...SEALED, service: 'unknown', server: { ip: '10.1.2.5', port: 9443 } })
    const of = (sname: string) => likelyIn([ticket(sname)], [], names)(unknown, [])!.mechanism
    for (const sname of ['cifs/web1.corp.example', 'ldap/web1.corp.example', 'host/web1', 'MSSQLSvc/web1:SALES'])
      expect(of(sname), sname).toBe('unsaid')
    expect(of('HTTP/web1.corp.example')).toBe('kerberos')
    expect(of('HTTP/web1.corp.example:9443')).toBe('kerberos')
  })

  it('is said of sealed rows alone, and a logon that was asked about says nothing by itself', () => {
    const seen = [conversation(), conversation({ ...SEALED, authenticated: 1 })]
    const says = likelyIn([ticket('HTTP/web1.corp.example')], [], names)
    expect(seen.map((one) => says(one, []))).toEqual([null, null])
    const asked = {
      server: '10.1.2.5',
      controllers: ['10.1.0.10'],
      operations: ['NetrLogonSamLogonEx'],
      calls: 1,
      served: 0,
      ambiguous: 0,
      unseen: 1,
      withoutCall: 0,
      logons: [],
      start: row.start,
      end: row.start,
      capture: 'lab.pcapng',
      frames: [12],
    }
    expect(likelyIn([], [asked], names)(row, [])).toEqual({
      mechanism: 'unsaid',
      reasons: [{ code: 'asked', sname: null, capture: 'lab.pcapng', frame: 12 }],
    })
  })

  it('what connections say of themselves counts as much, and what speaks against each other says nothing', () => {
    const sizes = (mechanism: 'kerberos' | 'ntlm' | 'none') =>
      ({ mechanism, code: 'sizes', connections: row.connections, capture: 'lab.pcapng', frame: 20 }) as const
    const from = (said: readonly ReturnType<typeof sizes>[], ...asked: ReturnType<typeof kdc>[]) =>
      likelyIn(asked, [], names)(row, said)
    const reason = { code: 'sizes', sname: null, capture: 'lab.pcapng', frame: 20 }
    expect(from([sizes('none')])).toEqual({ mechanism: 'none', reasons: [reason] })
    expect(from([sizes('kerberos')], ticket('HTTP/web1.corp.example'))).toMatchObject({
      mechanism: 'kerberos',
      reasons: [reason, { code: 'ticket' }],
    })
    expect(from([sizes('ntlm')], ticket('HTTP/web1.corp.example'))!.mechanism).toBe('unsaid')
    expect(from([sizes('ntlm'), sizes('none')])!.mechanism).toBe('unsaid')
    // a connection that says nothing of itself may be a logon
    const more = { ...row, connections: row.connections + 1 }
    expect(likelyIn([], [], names)(more, [sizes('none')])).toEqual({ mechanism: 'unsaid', reasons: [reason] })
    expect(likelyIn([], [], names)(more, [sizes('ntlm')])!.mechanism).toBe('ntlm')
  })
})
