/** Why Kerberos was not used: every cause, its confidence, and the join with what a KDC refused. */
import { describe, expect, it } from 'vitest'
import { CAUSES, type CitedRefusal, causeOf, type KdcRefusal, matchingRefusal } from '../../src/correlate.ts'
import type { AuthExchange } from '../../src/exchange.ts'
import { ntlmByAddress } from '../builders/report.ts'

const START = 1_700_000_000_000_000
const SECOND = 1e6

/** An NTLM exchange in frames 5 and 7 whose origin and cause nothing tells. */
function exchange(part: Partial<AuthExchange> = {}): AuthExchange {
  const target = { spn: 'cifs/files.corp.example', class: 'fqdn', name: null } as const
  return {
    ...ntlmByAddress(),
    ...{ origin: 'client-veto', mechanism: 'ntlm', kerberos: null, target, frames: [5, 7], service: 'smb' },
    visibility: 'both',
    ...part,
  }
}

function refusal(code: number, secondsBefore = 1): CitedRefusal {
  return {
    sname: 'cifs/files.corp.example',
    code,
    name: `error ${code}`,
    time: START - secondsBefore * SECOND,
    frames: [1, 2],
  }
}

const target = (kind: AuthExchange['target']['class'], spn: string | null = 'x', name: string | null = null) => ({
  target: { spn, class: kind, name },
})
const KERBEROS = {
  realm: null,
  sname: null,
  ticketEtype: null,
  authenticatorEtype: null,
  mutual: null,
  apRep: false,
  userToUser: false,
}
const serviceError = (errorCode: number) => ({ kerberos: { ...KERBEROS, errorCode, errorName: 'x' } })

const ROWS: readonly [
  what: string,
  part: Partial<AuthExchange>,
  refused: CitedRefusal | null,
  code: string | null,
  confidence?: string,
][] = [
  ['no NTLM', { ntlm: null, mechanism: 'kerberos', origin: null }, refusal(7), null],
  ['anonymous', { mechanism: 'anonymous', origin: null }, refusal(7), 'RC17', 'high'],
  ['anonymous without NTLM', { mechanism: 'anonymous', ntlm: null }, null, null],
  ['guest', { mechanism: 'guest' }, refusal(7), 'RC18', 'high'],
  ['a server that offers only NTLM', { origin: 'server-only' }, refusal(7), 'RC10', 'high'],
  ['a web server that offers only NTLM', { origin: 'server-only', service: 'http' }, null, 'RC15', 'high'],
  ['a proxy that offers only NTLM', { origin: 'server-only', service: 'http-proxy' }, null, 'RC15', 'high'],
  ['WinRM that offers only NTLM', { origin: 'server-only', service: 'winrm' }, null, 'RC15', 'high'],
  ['by address', target('ip', 'cifs/192.0.2.1'), refusal(7), 'RC04', 'high'],
  ['by address, the offer unseen', { origin: 'unknown', ...target('ip', 'cifs/192.0.2.1') }, null, 'RC04', 'medium'],
  ['unknown name at the KDC', {}, refusal(7), 'RC01', 'high'],
  ['unknown name at the KDC, 5 seconds before', {}, refusal(7, 5), 'RC01', 'high'],
  ['unknown name at the KDC, 6 seconds before', {}, refusal(7, 6), 'RC01', 'medium'],
  ['name not unique', {}, refusal(8), 'RC01', 'high'],
  ['refused by policy', {}, refusal(12), 'RC19', 'high'],
  ['no common encryption', {}, refusal(14), 'RC09', 'high'],
  ['trust', {}, refusal(28), 'RC13', 'high'],
  ['clock, at the KDC', {}, refusal(37), 'RC08', 'high'],
  ['an error that says nothing', {}, refusal(60), 'RC99', 'low'],
  ['stale key, at the service', serviceError(41), null, 'RC03', 'high'],
  ['bad integrity, at the service', serviceError(31), null, 'RC03', 'high'],
  ['clock, at the service', serviceError(37), null, 'RC08', 'high'],
  ['the KDC speaks before the service', serviceError(41), refusal(7), 'RC01', 'high'],
  ['another error of the service', serviceError(60), null, 'RC99', 'low'],
  ['chosen by the carrier', { origin: 'direct' }, null, 'RC14', 'medium'],
  ['no target name, and an address was asked for', target('absent', null, '192.0.2.1'), null, 'RC04', 'medium'],
  ['no target name, and a name was asked for', target('absent', null, 'files'), null, 'RC99', 'low'],
  ['an empty target name', target('empty', ''), null, 'RC06', 'medium'],
  ['a user as target', target('user-principal', 'CORP\\svc'), null, 'RC06', 'medium'],
  ['nothing known', {}, null, 'RC99', 'low'],
]

describe('causeOf', () => {
  it.each(ROWS)('%s', (_, part, refused, code, confidence) => {
    const cause = causeOf(exchange(part), START, refused, null)
    if (code === null) {
      expect(cause).toBeNull()
      return
    }
    expect(cause).toMatchObject({ code, confidence, title: CAUSES[code]!.title, fix: CAUSES[code]!.fix })
    const byKdc = ['RC01', 'RC08', 'RC09', 'RC13', 'RC19'].includes(code) && refused !== null
    expect(cause!.frames).toEqual(byKdc ? [1, 2, 5, 7] : [5, 7])
    expect(cause!.missing.length > 0).toBe(code === 'RC99')
  })

  it('a relay explains everything, whatever else is there', () => {
    for (const part of [
      {},
      { origin: 'server-only' },
      { mechanism: 'anonymous' },
      target('ip', 'cifs/192.0.2.1'),
    ] as const) {
      expect(causeOf(exchange(part), START, refusal(7), [3, 9])).toMatchObject({ code: 'RC21', frames: [3, 9] })
    }
  })

  it('says what is missing', () => {
    const missing = (part: Partial<AuthExchange>) => causeOf(exchange(part), START, null, null)!.missing
    expect(missing({})).toEqual(['a refusal by a KDC for this target in the 15 minutes before'])
    expect(missing({ origin: 'unknown', visibility: 'client', ...target('absent', null) })).toEqual([
      'the offer of the server',
      'the direction of the server',
      'the target name (the client sends none)',
    ])
    expect(missing({ visibility: 'server' })[0]).toBe('the direction of the client')
  })

  it('has words for every code, none of them empty', () => {
    for (const [code, { title, fix }] of Object.entries(CAUSES)) {
      expect(code).toMatch(/^RC\d\d$/)
      expect(Math.min(title.length, fix.length)).toBeGreaterThan(5)
    }
  })
})

describe('matchingRefusal', () => {
  const refused = (sname: string, secondsBefore: number): KdcRefusal => ({
    ...refusal(7, secondsBefore),
    sname,
    frames: [secondsBefore],
  })

  it.each<[string, string, string | null, boolean]>([
    ['the same name', 'cifs/files.corp.example', 'cifs/files.corp.example', true],
    ['in capitals', 'cifs/FILES.corp.example', 'CIFS/files.CORP.example', true],
    ['of another class', 'host/files.corp.example', 'cifs/files.corp.example', true],
    ['with port and realm', 'MSSQLSvc/sql.corp.example:1433', 'MSSQLSvc/sql.corp.example@CORP', true],
    ['another host', 'cifs/files2.corp.example', 'cifs/files.corp.example', false],
    ['the short name', 'cifs/files', 'cifs/files.corp.example', false],
    ['no name', 'cifs/files', null, false],
    ['an empty name', 'cifs/files', '', false],
  ])('%s', (_, sname, spn, matches) => {
    expect(matchingRefusal([refused(sname, 1)], spn, START) !== null).toBe(matches)
  })

  it('is the latest within 15 minutes before', () => {
    const of = (...seconds: number[]) =>
      matchingRefusal(
        seconds.map((before) => refused('cifs/files', before)),
        'cifs/files',
        START,
      )?.frames[0] ?? null
    expect(of()).toBeNull()
    expect(of(900)).toBe(900)
    expect(of(901)).toBeNull()
    expect(of(800, 20, 3)).toBe(3)
    expect(of(0)).toBe(0)
    // after the logon began it explains nothing
    expect(of(20, -1)).toBe(20)
    expect(of(-1)).toBeNull()
  })
})
