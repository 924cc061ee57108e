/** Why Kerberos was not used: every rule, in its order, and what is said where the capture does not tell. */
import { describe, expect, it } from 'vitest'
import { CAUSES } from '../../../src/causes/catalogue.ts'
import { decide } from '../../../src/causes/decide.ts'
import type { OriginEvidence } from '../../../src/causes/origin.ts'
import type { CauseInput } from '../../../src/causes/subject.ts'
import type { KdcAnswer, KerberosUse } from '../../../src/context/compact-notes.ts'
import { Evidence } from '../../../src/context/evidence.ts'
import type { AuthExchange, Cause } from '../../../src/facts/exchange.ts'
import { ntlmByAddress } from '../../builders/report.ts'

const START = 1_700_000_000_000_000
const SECOND = 1e6
const CLIENT = '10.1.2.34'
const SERVER = '10.1.2.6'
const SPN = 'cifs/files.corp.example'

/** The server offered both, the client sent NTLM first. */
const VETO: OriginEvidence = {
  serverOffer: ['kerberos', 'ntlmssp'],
  clientOffer: ['ntlmssp'],
  firstTokenRawNtlm: false,
  direct: false,
  supportedMech: 'ntlmssp',
  lateFallback: false,
  kerberosTried: false,
  kerberosRefused: false,
  refusedBefore: false,
  ticketRefused: false,
  offerVisible: true,
  clientDecides: false,
}
const SERVER_ONLY = { ...VETO, serverOffer: ['ntlmssp'] }
const DIRECT = { ...VETO, serverOffer: null, clientOffer: null, direct: true }
const UNSEEN = { ...VETO, serverOffer: null, offerVisible: false }
const SWITCHED = { ...VETO, clientOffer: ['kerberos', 'ntlmssp'], kerberosTried: true }

interface Given {
  readonly part?: Partial<AuthExchange>
  readonly offers?: OriginEvidence
  readonly subject?: Partial<CauseInput>
  readonly evidence?: (evidence: Evidence) => void
  readonly aliases?: readonly string[]
  /** what DNS says that the target is an alias of */
  readonly alias?: string
}

/** An NTLM exchange in frames 5 and 7 that nothing explains, with what is given. */
function decided({ part = {}, offers = VETO, subject = {}, evidence, aliases = [], alias }: Given) {
  const { cause: _cause, origin: _origin, fallback: _fallback, ...whole } = ntlmByAddress()
  const exchange = {
    ...whole,
    ...{ kerberos: null, frames: [5, 7], start: START, end: START + SECOND / 10, visibility: 'both' as const },
    target: { spn: SPN, class: 'fqdn' as const, name: null },
    ...part,
  }
  const notes = new Evidence()
  evidence?.(notes)
  return decide(
    {
      exchange,
      offers,
      whole: true,
      authenticated: true,
      relay: null,
      relaying: false,
      since: { time: START, frame: 5 },
      ...subject,
    },
    {
      evidence: notes,
      aliases: () => aliases,
      aliasOf: () => (alias === undefined ? null : { target: alias, time: START, frame: 3, by: '10.0.0.10' }),
      cite: (keys) => keys,
      origins: null,
    },
  )
}

function causeOf(given: Given): Cause {
  return decided(given).cause!
}

function answer(code: number, secondsBefore = 1, part: Partial<KdcAnswer> = {}): (evidence: Evidence) => void {
  return (evidence) => {
    const time = START - secondsBefore * SECOND
    evidence.kdcHeard(CLIENT, time)
    const said = {
      kind: 'TGS',
      sname: SPN,
      realm: 'CORP.EXAMPLE',
      cname: 'alice',
      code,
      name: `error ${code}`,
    } as const
    evidence.kdcAnswer(CLIENT, { ...said, time, frames: [1, 2], ...part })
  }
}

function used(accepted: boolean, secondsBefore: number, part: Partial<KerberosUse> = {}): (evidence: Evidence) => void {
  return (evidence) =>
    evidence.kerberosUsed(CLIENT, {
      server: SERVER,
      port: 445,
      service: 'smb',
      tunnel: null,
      ticket: true,
      tooLong: false,
      unsupported: false,
      notOffered: false,
      host: 'files.corp.example',
      time: START - secondsBefore * SECOND,
      accepted,
      error: null,
      status: null,
      frames: [3],
      ...part,
    })
}

const all =
  (...notes: ((evidence: Evidence) => void)[]) =>
  (evidence: Evidence) => {
    for (const note of notes) note(evidence)
  }
const silent = (secondsBefore: number) => (evidence: Evidence) =>
  evidence.kdcSilent(CLIENT, {
    at: 'kdc',
    how: 'unanswered',
    what: '10.1.2.1 port 88',
    kdc: '10.1.2.1',
    tries: 2,
    time: START - secondsBefore * SECOND,
    frames: [secondsBefore],
  })
const target = (kind: AuthExchange['target']['class'], spn: string | null = 'x', name: string | null = null) => ({
  part: { target: { spn, class: kind, name } },
})
const service = (errorCode: number | null, userToUser = false) => ({
  part: {
    kerberos: {
      ...{ realm: null, sname: null, ticketEtype: null, authenticatorEtype: null, mutual: null, apRep: false },
      ...{ userToUser, errorCode, errorName: errorCode === null ? null : `error ${errorCode}` },
    },
  },
})
const of = (user: string, domain: string) => ({ part: { principal: { user, domain, workstation: null } } })

const ROWS: readonly [what: string, given: Given, code: string, confidence: string, frames?: readonly number[]][] = [
  ['guest', { part: { smb: { ...ntlmByAddress().smb!, effective: 'guest' } }, evidence: answer(7) }, 'RC18', 'high'],
  ['anonymous', { part: { mechanism: 'anonymous' }, evidence: answer(7) }, 'RC17', 'high'],
  ['a server that offers only NTLM', { offers: SERVER_ONLY, evidence: answer(7) }, 'RC10', 'high'],
  ['a web server that does', { offers: SERVER_ONLY, part: { service: 'http' } }, 'RC15', 'high'],
  ['a proxy that does', { offers: SERVER_ONLY, part: { service: 'http-proxy' } }, 'RC15', 'high'],
  ['a cloud account', of('alice', 'AzureAD'), 'RC12', 'high'],
  ['a stale key', service(41), 'RC03', 'high'],
  ['a damaged ticket', service(31), 'RC03', 'high'],
  ['the clock, at the service', service(37), 'RC08', 'high'],
  ['an IAKERB proxy without a KDC', service(86), 'RC07', 'high'],
  ['user-to-user', service(null, true), 'RC06', 'medium'],
  ['the service speaks before the KDC', { ...service(41), evidence: answer(7) }, 'RC03', 'high'],
  ['a local account', of('scan', 'NAS02'), 'RC11', 'medium'],
  ['a local account, by a dot', of('scan', '.'), 'RC11', 'medium'],
  ['by address', { ...target('ip', 'cifs/192.0.2.1'), evidence: answer(7) }, 'RC04', 'high'],
  ['by address, as typed', target('absent', null, '192.0.2.1'), 'RC04', 'medium'],
  ['an empty target name', target('empty', ''), 'RC06', 'medium'],
  ['a user as target', target('user-principal', 'CORP\\svc'), 'RC06', 'medium'],
  ['chosen by the carrier', { offers: DIRECT }, 'RC14', 'medium'],
  ['a ticket that the server did not want', { offers: SWITCHED, ...service(null) }, 'RC03', 'medium'],
  ['refused in the connection before', { evidence: used(false, 4, { error: 41 }) }, 'RC03', 'high', [3, 5, 7]],
  ['refused before without a reason', { evidence: used(false, 4) }, 'RC03', 'low', [3, 5, 7]],
  [
    'a request too long for the server',
    { evidence: used(false, 4, { status: '400', tooLong: true }) },
    'RC20',
    'medium',
    [3, 5, 7],
  ],
  ['unknown at the KDC', { evidence: answer(7) }, 'RC01', 'high', [1, 2, 5, 7]],
  ['unknown at the KDC, 5 s before', { evidence: answer(7, 5) }, 'RC01', 'high', [1, 2, 5, 7]],
  ['unknown at the KDC, 6 s before', { evidence: answer(7, 6) }, 'RC01', 'medium', [1, 2, 5, 7]],
  ['unknown at the KDC, 900 s before', { evidence: answer(7, 900) }, 'RC01', 'medium', [1, 2, 5, 7]],
  ['unknown, as typed', { ...target('absent', null, 'FILES.corp.example'), evidence: answer(7) }, 'RC01', 'high'],
  [
    'unknown by another name',
    { ...target('absent', null), aliases: ['files.corp.example'], evidence: answer(7) },
    'RC01',
    'low',
  ],
  ['written otherwise', { evidence: answer(7, 1, { sname: 'CIFS/FILES.corp.example@CORP.EXAMPLE' }) }, 'RC01', 'high'],
  ['of another class', { evidence: answer(7, 1, { sname: 'HOST/files.corp.example' }) }, 'RC01', 'low', [1, 2, 5, 7]],
  [
    'a local account of the client',
    { ...of('bob', 'WS01'), part: { principal: { user: 'bob', domain: 'WS01', workstation: 'ws01' } } },
    'RC11',
    'medium',
  ],
  [
    'a short name',
    { ...target('short', 'cifs/files'), evidence: answer(7, 1, { sname: 'cifs/files' }) },
    'RC05',
    'high',
  ],
  ['a name that two accounts have', { evidence: answer(8) }, 'RC02', 'high'],
  ['refused by policy', { evidence: answer(12) }, 'RC19', 'high'],
  ['no common encryption', { evidence: answer(14) }, 'RC09', 'high'],
  ['only user-to-user', { evidence: answer(27) }, 'RC06', 'high'],
  ['the path of trust', { evidence: answer(28) }, 'RC13', 'high'],
  ['the clock, at the KDC', { evidence: answer(37) }, 'RC08', 'high'],
  [
    'unknown where a referral led',
    {
      evidence: all(
        answer(0, 2, { kind: 'referral', sname: 'OTHER.EXAMPLE', frames: [8] }),
        answer(7, 1, { realm: 'OTHER.EXAMPLE' }),
      ),
    },
    'RC13',
    'high',
    [8, 1, 2, 5, 7],
  ],
  [
    'no common encryption for the user',
    { evidence: answer(14, 3, { kind: 'AS', sname: 'krbtgt/CORP.EXAMPLE' }) },
    'RC09',
    'high',
  ],
  [
    'the clock, at the logon',
    { evidence: answer(37, 3, { kind: 'AS', sname: 'krbtgt/CORP.EXAMPLE' }) },
    'RC08',
    'high',
  ],
  ['a KDC that does not answer', { evidence: silent(9) }, 'RC07', 'high', [9, 5, 7]],
  ['a KDC that does not answer twice', { evidence: all(silent(9), silent(6)) }, 'RC07', 'high', [9, 6, 5, 7]],
  ['Kerberos otherwise', { evidence: used(true, 60) }, 'RC14', 'medium', [3, 5, 7]],
  [
    'a client without Kerberos among others with it',
    { ...target('absent', null), evidence: (evidence) => evidence.kdcHeard('10.1.2.99', START - 1000 * SECOND) },
    'RC16',
    'low',
  ],
]

describe('the cause', () => {
  it.each(ROWS)('%s', (_, given, code, confidence, frames) => {
    const cause = causeOf(given)
    expect(cause).toMatchObject({ code, confidence, title: CAUSES[code]!.title, missing: [] })
    if (frames !== undefined) expect(cause.frames).toEqual(frames)
    expect(cause.frames.length).toBeGreaterThan(0)
    expect(cause.why).not.toBe('')
    expect(cause.fix).not.toMatch(/null|undefined/)
    expect(cause.alternatives.map((one) => one.code)).not.toContain(code)
  })

  it('a relay comes first, whatever else is there', () => {
    for (const given of [{}, { offers: SERVER_ONLY }, { offers: UNSEEN }, target('ip', 'cifs/192.0.2.1')]) {
      expect(causeOf({ ...given, evidence: answer(7), subject: { relay: [3, 9] } })).toMatchObject({
        code: 'RC21',
        frames: [3, 9],
      })
    }
  })

  it('none where no NTLM was used', () => {
    expect(decided({ part: { mechanism: 'kerberos', ntlm: null } })).toEqual({
      origin: null,
      fallback: false,
      cause: null,
    })
    expect(decided({ part: { mechanism: 'anonymous', ntlm: null } }).cause).toBeNull()
  })
})

describe('what contradicts a cause', () => {
  it.each<[string, Given]>([
    ['a refusal of another host', { evidence: answer(7, 1, { sname: 'cifs/other.corp.example' }) }],
    ['a refusal for the short name', { evidence: answer(7, 1, { sname: 'cifs/files' }) }],
    ['a refusal after the logon', { evidence: answer(7, -2) }],
    ['a refusal that the negative cache has forgotten', { evidence: answer(7, 901) }],
    [
      'a refusal, then a ticket',
      { evidence: all(answer(7, 9), (evidence) => evidence.ticket(CLIENT, SPN, START - 3 * SECOND)) },
    ],
    ['the request to come again', { evidence: answer(25) }],
    ['the request to come again over TCP', { evidence: answer(52) }],
    ['an error that says nothing', { evidence: answer(60) }],
    ['another error of the service', service(60)],
    ['the logon of another user', { evidence: answer(14, 3, { kind: 'AS', sname: 'krbtgt/X', cname: 'bob' }) }],
    ['a wrong password at the KDC', { evidence: answer(24, 3, { kind: 'AS', sname: 'krbtgt/X' }) }],
    [
      'a KDC that answers after its silence',
      { evidence: all(silent(9), (evidence) => evidence.kdcHeard(CLIENT, START - 5 * SECOND)) },
    ],
    ['silence after the logon', { evidence: silent(-3) }],
    [
      'Kerberos that worked after its refusal',
      {
        evidence: all(used(false, 9, { error: 41 }), used(true, 7), answer(60)),
        part: { server: { ip: SERVER, port: 446, name: null }, target: { spn: 'cifs/x.y', class: 'fqdn', name: null } },
      },
    ],
    ['Kerberos after the logon', { evidence: used(true, -60) }],
    ['the domain of a domain controller', of('alice', 'CORP')],
  ])('%s', (_, given) => {
    expect(causeOf(given)).toMatchObject(given.part?.server ? { code: 'RC14' } : { code: 'RC99' })
  })

  it('a logon that is passed on to a domain controller is of no local account', () => {
    const cause = causeOf({
      ...of('scan', 'NAS02'),
      evidence: (evidence) => evidence.passedThrough(SERVER, START + SECOND, 12),
    })
    expect(cause.code).toBe('RC99')
    expect(cause.alternatives).toContainEqual({ code: 'RC11', why: expect.stringContaining('frame 12') })
  })
})

describe('what is not seen', () => {
  it.each<[string, Given, string]>([
    ['the offer', { offers: UNSEEN, subject: { whole: false } }, 'the offer of the server'],
    ['the server', { part: { visibility: 'client' } }, 'the direction of the server'],
    ['the client', { part: { visibility: 'server' } }, 'the direction of the client'],
    ['the last message of the client', { subject: { authenticated: false } }, 'the AUTHENTICATE_MESSAGE of the client'],
    ['the answer', { part: { result: 'unknown' } }, 'the answer of the server to the logon'],
  ])('%s: no cause is claimed, and what would fit is told', (_, given, missing) => {
    for (const more of [
      {},
      { offers: given.offers ?? SERVER_ONLY },
      target('ip', 'cifs/192.0.2.1'),
      { evidence: answer(7) },
    ] as Given[]) {
      const cause = causeOf({ ...given, ...more, part: { ...given.part, ...more.part } })
      expect(cause.code).toBe('RC99')
      expect(cause.missing).toContain(missing)
    }
    const byAddress = causeOf({ ...given, part: { ...given.part, ...target('ip', 'cifs/192.0.2.1').part } })
    expect(byAddress.alternatives).toContainEqual({ code: 'RC04', why: expect.stringContaining('would fit') })
  })

  it('no KDC traffic is not the same as no question', () => {
    expect(causeOf({}).missing).toEqual([
      'traffic between the client and a KDC (none of this client is in the capture)',
    ])
    expect(causeOf({ evidence: (evidence) => evidence.kdcHeard(CLIENT, START) }).missing).toEqual([
      'a refusal by a KDC for this target in the 15 minutes before',
    ])
  })
})

describe('words', () => {
  it('every code has some, none of them empty', () => {
    for (let code = 1; code <= 22; code++) expect(CAUSES[`RC${String(code).padStart(2, '0')}`]).toBeDefined()
    for (const { title, fix } of Object.values(CAUSES)) expect(Math.min(title.length, fix.length)).toBeGreaterThan(5)
  })

  it('an alias without a service name is a reason for the same cause, with its frame', () => {
    const without = causeOf({ evidence: answer(7) })
    const cause = causeOf({ evidence: answer(7), alias: 'nas02.corp.example' })
    expect(cause).toMatchObject({ code: without.code, confidence: without.confidence, frames: [3, ...without.frames] })
    expect(cause.why).toContain('an alias of nas02.corp.example')
    expect(cause.fix).toMatch(
      /^setspn -Q cifs\/files\.corp\.example \(who has it now\), then setspn -S HOST\/files\.corp\.example NAS02\$, or netdom computername NAS02 \/add:files\.corp\.example;/,
    )
  })

  it('fixes name the hosts of the exchange', () => {
    expect(causeOf({ evidence: answer(7) }).fix).toContain('setspn -S cifs/files.corp.example NAS02$')
    expect(causeOf(target('ip', 'cifs/10.1.2.6')).fix).toContain('Connect to nas02.corp.example instead of 10.1.2.6')
    expect(causeOf({ evidence: silent(9) }).fix).toContain('from WS-045 to 10.1.2.1')
  })
})
