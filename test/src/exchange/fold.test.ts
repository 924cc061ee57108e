/** The fold from steps to exchanges: which legs belong together, what is learnt from neighbours, what is kept. */
import { describe, expect, it } from 'vitest'
import type { LegStep } from '../../../decoders/carrier.ts'
import { communityId } from '../../../src/facts/community-id.ts'
import { FrameNames, frameKey, splitFrameKey } from '../../../src/facts/frames.ts'
import { LIMITS } from '../../../src/memory/limits.ts'
import {
  apRep,
  apReq,
  asRep,
  asReq,
  gss,
  krbError,
  name,
  TOK_AP_REP,
  TOK_AP_REQ,
  TOK_KRB_ERROR,
  tgsRep,
  tgsReq,
} from '../../builders/kerberos.ts'
import { Dialogue, Folded } from '../../builders/legs.ts'
import {
  AV,
  authenticateMessage,
  challengeMessage,
  negotiateMessage,
  ntlmv2Response,
  TARGET_INFO,
} from '../../builders/ntlmssp.ts'
import { negTokenInit, negTokenInit2, negTokenResp } from '../../builders/spnego.ts'

// --- tokens
// ---------------------------------------------------------------------------------------------------------------------

const REALM = 'CORP.EXAMPLE'
const challengeOf = (number: number) => Uint8Array.of(number, 2, 3, 4, 5, 6, 7, 8)
const both = ['kerberos', 'ntlmssp']

const hint = (mechTypes: readonly string[] = both) =>
  negTokenInit2({ mechTypes, hintName: 'not_defined_in_RFC4178@please_ignore' })
const initNtlm = (mechTypes: readonly string[] = ['ntlmssp']) =>
  negTokenInit({ mechTypes, mechToken: negotiateMessage() })
const answerNtlm = (number = 1) =>
  negTokenResp({
    negState: 'accept-incomplete',
    supportedMech: 'ntlmssp',
    responseToken: challengeMessage({ serverChallenge: challengeOf(number) }),
  })
const authenticate = (user = 'alice', spn = 'cifs/files.corp.example') =>
  authenticateMessage({ user, nt: ntlmv2Response({ pairs: [...TARGET_INFO, [AV.TargetName, spn]] }) })
const lastNtlm = (user?: string, spn?: string) => negTokenResp({ responseToken: authenticate(user, spn) })

const ticketFor = (sname: string) => ({ realm: REALM, sname: name(sname, 2), encPart: { etype: 18 } })
const kerberosToken = (sname = 'cifs/files.corp.example') => gss(TOK_AP_REQ, apReq(ticketFor(sname), { etype: 18 }))
const kerberosAnswer = () => gss(TOK_AP_REP, apRep({ etype: 18 }))
const error = (errorCode: number, sname = 'cifs/files.corp.example') =>
  krbError({ stime: '20240131235959Z', errorCode, realm: REALM, sname: name(sname, 2) })
const initKerberos = () => negTokenInit({ mechTypes: both, mechToken: kerberosToken() })

const SUCCESS: Partial<LegStep> = { outcome: 'success', status: { code: 0, name: 'STATUS_SUCCESS', detail: null } }
const MORE: Partial<LegStep> = { outcome: 'continue' }
const FAILURE: Partial<LegStep> = {
  outcome: 'failure',
  status: { code: 0xc000006d, name: 'STATUS_LOGON_FAILURE', detail: null },
}
const SPNEGO = { method: 'SPNEGO' }

/** The four legs of NTLM in SPNEGO over SMB2, the session being `session`. */
function smbNtlm(talk: Dialogue, session = '51', first = 1): Dialogue {
  const [one, two] = [String(first), String(first + 1)]
  return talk
    .client({ ...SPNEGO, slot: '0', message: one, token: initNtlm() })
    .server({ ...MORE, slot: session, message: one, token: answerNtlm() })
    .client({ ...SPNEGO, slot: session, message: two, token: lastNtlm() })
    .server({ ...SUCCESS, slot: session, message: two, token: negTokenResp({ negState: 'accept-completed' }) })
}

// --- which legs belong together
// -------------------------------------------------------------------------------------------------

describe('SMB', () => {
  it('two legs, and a session id that the answer brings', () => {
    const folded = new Folded()
    const talk = new Dialogue(folded, 'smb').offer(hint())
    smbNtlm(talk).traffic('client', '51', 'signed').traffic('server', '51', 'signed')
    expect(folded.exchanges).toEqual([])
    talk.close()
    expect(folded.exchanges).toHaveLength(1)
    expect(folded.exchanges[0]).toMatchObject({
      id: '1.2',
      capture: 'a.pcap',
      start: 1_700_000_000_002_000,
      end: 1_700_000_000_005_000,
      client: { ip: '10.0.0.9', port: 50_000, name: 'WS1' },
      server: { ip: '10.0.0.1', port: 445, name: 'files.corp.example' },
      service: 'smb',
      carrier: 'smb',
      mechanism: 'ntlm',
      method: 'SPNEGO',
      origin: 'client-veto',
      fallback: true,
      offered: { server: both, client: ['ntlmssp'] },
      result: 'success',
      status: { name: 'STATUS_SUCCESS' },
      visibility: 'both',
      principal: { user: 'alice', domain: 'CORP', workstation: 'WS1' },
      target: { spn: 'cifs/files.corp.example', class: 'fqdn' },
      ntlm: { ntlmVersion: 'NTLMv2', challenge: { nbDomainName: 'CORP', dnsComputerName: 'files.corp.example' } },
      kerberos: null,
      smb: { effective: 'signed', signedMessages: 2, unsignedMessages: 0 },
      ldap: null,
      frames: [1, 2, 3, 4, 5],
    })
    expect(Object.isFrozen(folded.exchanges[0])).toBe(true)
  })

  it('Kerberos in one leg', () => {
    const folded = new Folded()
    const answer = negTokenResp({
      negState: 'accept-completed',
      supportedMech: 'kerberos',
      responseToken: kerberosAnswer(),
    })
    new Dialogue(folded, 'smb')
      .offer(hint())
      .client({ ...SPNEGO, slot: '0', message: '1', token: initKerberos() })
      .server({ ...SUCCESS, slot: '51', message: '1', token: answer })
      .close()
    expect(folded.exchanges).toHaveLength(1)
    expect(folded.exchanges[0]).toMatchObject({
      mechanism: 'kerberos',
      origin: null,
      fallback: false,
      cause: null,
      result: 'success',
      kerberos: { sname: 'cifs/files.corp.example', realm: REALM, ticketEtype: 18, apRep: true, mutual: true },
      target: { spn: 'cifs/files.corp.example', class: 'fqdn' },
    })
  })

  it('session setups that do not wait for each other', () => {
    const folded = new Folded()
    new Dialogue(folded, 'smb')
      .offer(hint())
      .client({ ...SPNEGO, slot: '0', message: '1', token: initNtlm() })
      .client({ ...SPNEGO, slot: '0', message: '2', token: initNtlm() })
      .server({ ...MORE, slot: 'b', message: '2', token: answerNtlm(2) })
      .server({ ...MORE, slot: 'a', message: '1', token: answerNtlm(1) })
      .client({ ...SPNEGO, slot: 'a', message: '3', token: lastNtlm('alice') })
      .client({ ...SPNEGO, slot: 'b', message: '4', token: lastNtlm('bob') })
      .server({ ...FAILURE, slot: 'b', message: '4' })
      .server({ ...SUCCESS, slot: 'a', message: '3' })
      .close()
    const found = folded.exchanges.map(({ principal, result, frames }) => [principal.user, result, frames])
    expect(found).toEqual([
      ['alice', 'success', [1, 2, 5, 6, 9]],
      ['bob', 'failure', [1, 3, 4, 7, 8]],
    ])
  })

  it('a session that authenticates again is one session, and two exchanges', () => {
    const folded = new Folded()
    const talk = smbNtlm(new Dialogue(folded, 'smb').offer(hint()))
    talk
      .client({ ...SPNEGO, slot: '51', message: '9', token: initNtlm() })
      .server({ ...MORE, slot: '51', message: '9', token: answerNtlm(9) })
      .client({ ...SPNEGO, slot: '51', message: '10', token: lastNtlm() })
      .server({ ...SUCCESS, slot: '51', message: '10' })
      .close()
    expect(folded.exchanges).toMatchObject([
      { result: 'success', fallback: true, frames: [1, 2, 3, 4, 5], smb: { session: { id: '51', setup: 'new' } } },
      {
        result: 'success',
        fallback: null,
        frames: [1, 6, 7, 8, 9],
        smb: { session: { id: '51', setup: 'reauthentication', of: { exchange: '1.2', mechanism: 'ntlm' } } },
      },
    ])
  })

  it('one that failed and is tried again is two', () => {
    const folded = new Folded()
    const talk = new Dialogue(folded, 'smb').offer(hint())
    for (const [session, outcome] of [
      ['51', FAILURE],
      ['52', SUCCESS],
    ] as const) {
      talk
        .client({ ...SPNEGO, slot: '0', message: `${session}a`, token: initNtlm() })
        .server({ ...MORE, slot: session, message: `${session}a`, token: answerNtlm() })
        .client({ ...SPNEGO, slot: session, message: `${session}b`, token: lastNtlm() })
        .server({ ...outcome, slot: session, message: `${session}b` })
    }
    talk.close()
    expect(folded.exchanges.map(({ result, id }) => [result, id])).toEqual([
      ['failure', '1.2'],
      ['success', '1.6'],
    ])
  })

  it('the direction of the client only', () => {
    const folded = new Folded()
    new Dialogue(folded, 'smb')
      .client({ ...SPNEGO, slot: '0', message: '1', token: initNtlm() })
      .client({ ...SPNEGO, slot: '51', message: '2', token: lastNtlm() })
      .traffic('client', '51', 'clear')
      .close()
    expect(folded.exchanges).toHaveLength(1)
    expect(folded.exchanges[0]).toMatchObject({
      mechanism: 'ntlm',
      visibility: 'client',
      result: 'unknown',
      status: null,
      origin: 'unknown',
      fallback: null,
      principal: { user: 'alice' },
      smb: { effective: 'unsigned' },
      cause: { code: 'RC99', missing: expect.arrayContaining(['the direction of the server']) },
    })
  })

  it('the direction of the server only', () => {
    const folded = new Folded()
    new Dialogue(folded, 'smb')
      .offer(hint())
      .server({ ...MORE, slot: '51', message: '1', token: answerNtlm() })
      .server({ ...SUCCESS, slot: '51', message: '2', token: negTokenResp({ negState: 'accept-completed' }) })
      .close()
    expect(folded.exchanges).toHaveLength(1)
    expect(folded.exchanges[0]).toMatchObject({
      mechanism: 'ntlm',
      visibility: 'server',
      result: 'success',
      principal: { user: null },
      target: { class: 'not-visible' },
      ntlm: { ntlmVersion: null, challenge: { dnsComputerName: 'files.corp.example' } },
    })
  })

  it('an answer that says nothing and answers nobody begins nothing', () => {
    const folded = new Folded()
    const silent = { ...SUCCESS, slot: '51', token: negTokenResp({ negState: 'accept-completed' }) }
    new Dialogue(folded, 'smb').server(silent).traffic('client', '51', 'signed').close()
    expect(folded.exchanges).toEqual([])
  })
})

describe('LDAP', () => {
  const sasl = { method: 'GSSAPI' }

  it('SASL GSSAPI, whose third leg is empty', () => {
    const folded = new Folded()
    const wrapped = () => Uint8Array.of(5, 4, 5, 255, 0, 12, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 7, 0, 0, 0)
    const bind = (talk: Dialogue, first: number) =>
      talk
        .client({ ...sasl, message: `${first}`, token: kerberosToken('ldap/dc1.corp.example') })
        .server({ ...MORE, message: `${first}`, token: kerberosAnswer() })
        .client({ ...sasl, message: `${first + 1}`, token: null })
        .server({ ...MORE, message: `${first + 1}`, token: wrapped() })
        .client({ ...sasl, message: `${first + 2}`, token: wrapped() })
        .server({ ...SUCCESS, message: `${first + 2}` })
    const talk = bind(new Dialogue(folded, 'ldap'), 1).traffic('client', '', 'sealed')
    bind(talk, 10).traffic('client', '', 'signed').close()
    expect(folded.exchanges).toHaveLength(2)
    expect(folded.exchanges[0]).toMatchObject({
      mechanism: 'kerberos',
      result: 'success',
      service: 'ldap',
      kerberos: { sname: 'ldap/dc1.corp.example', apRep: true },
      ldap: { layer: 'seal', tls: false },
      frames: [1, 2, 3, 4, 5, 6],
    })
    expect(folded.exchanges[1]).toMatchObject({ ldap: { layer: 'sign' }, frames: [8, 9, 10, 11, 12, 13] })
  })

  it('a simple bind, and then another', () => {
    const folded = new Folded()
    const talk = new Dialogue(folded, 'ldap')
    for (const [message, user] of [
      ['1', 'cn=a'],
      ['2', 'cn=b'],
    ] as const) {
      talk
        .client({ method: 'simple', message, principal: { user, domain: '', workstation: '' } })
        .server({ ...SUCCESS, message })
    }
    talk.close()
    expect(folded.exchanges.map(({ mechanism, principal }) => [mechanism, principal.user])).toEqual([
      ['simple', 'cn=a'],
      ['simple', 'cn=b'],
    ])
  })
})

describe('HTTP', () => {
  const negotiate = { method: 'Negotiate' }

  it('type 1, 401, type 3, 200', () => {
    const folded = new Folded()
    new Dialogue(folded, 'http')
      .offer(['Negotiate', 'NTLM'])
      .client({ ...negotiate, token: negotiateMessage() })
      .server({ ...MORE, token: challengeMessage() })
      .client({ ...negotiate, token: authenticate('alice', 'HTTP/www.corp.example') })
      .server(SUCCESS)
      .close()
    expect(folded.exchanges).toHaveLength(1)
    expect(folded.exchanges[0]).toMatchObject({
      mechanism: 'ntlm',
      method: 'Negotiate',
      origin: 'client-veto',
      result: 'success',
      offered: { server: ['Negotiate', 'NTLM'], client: null },
      target: { spn: 'HTTP/www.corp.example' },
      frames: [1, 2, 3, 4, 5],
    })
  })

  it('the scheme NTLM is direct, or all that the server offers', () => {
    for (const [offered, origin, fallback] of [
      [['NTLM'], 'server-only', false],
      [['Negotiate', 'NTLM'], 'direct', false],
    ] as const) {
      const folded = new Folded()
      const ntlm = { method: 'NTLM', direct: true }
      new Dialogue(folded, 'http')
        .offer(offered)
        .client({ ...ntlm, token: negotiateMessage() })
        .server({ ...MORE, token: challengeMessage() })
        .client({ ...ntlm, token: authenticate() })
        .server(FAILURE)
        .close()
      expect(folded.exchanges).toHaveLength(1)
      expect(folded.exchanges[0]).toMatchObject({ mechanism: 'ntlm', origin, fallback, result: 'failure' })
    }
  })

  const kerberosRequest = (sname = 'HTTP/www.corp.example') => ({
    ...negotiate,
    token: negTokenInit({ mechTypes: both, mechToken: kerberosToken(sname) }),
  })
  const accepted = {
    ...SUCCESS,
    token: negTokenResp({ negState: 'accept-completed', responseToken: kerberosAnswer() }),
  }
  const told = ({ exchanges }: Folded) =>
    exchanges.map(({ mechanism, result, http, frames }) => [mechanism, result, http?.requests, frames])

  it('requests with the same ticket on one connection are one exchange', () => {
    const folded = new Folded()
    const talk = new Dialogue(folded, 'http').offer(['Negotiate'])
    for (const _ of [1, 2, 3]) talk.client(kerberosRequest()).server(accepted)
    talk.close()
    expect(told(folded)).toEqual([['kerberos', 'success', 3, [1, 2, 3]]])
  })

  it('a request whose answer was not seen is one of them; a refused one and another ticket are not', () => {
    const folded = new Folded()
    new Dialogue(folded, 'http')
      .offer(['Negotiate'])
      .client(kerberosRequest())
      .client(kerberosRequest())
      .server(accepted)
      .client(kerberosRequest())
      .server(FAILURE)
      .client(kerberosRequest('HTTP/other.corp.example'))
      .server(accepted)
      .close()
    expect(told(folded).map(([mechanism, result, requests]) => [mechanism, result, requests])).toEqual([
      ['kerberos', 'failure', 1],
      ['kerberos', 'success', 2],
      ['kerberos', 'success', 1],
    ])
  })

  it('Basic with every request is one authentication of a user', () => {
    const basic = (user: string) => ({ method: 'Basic', principal: { user, domain: '', workstation: '' } })
    const folded = new Folded()
    const talk = new Dialogue(folded, 'http')
    for (const user of ['ada', 'ada', 'ada', 'bob']) talk.client(basic(user)).server(SUCCESS)
    talk.close()
    expect(
      folded.exchanges.map(({ mechanism, principal, http }) => [mechanism, principal.user, http?.requests]),
    ).toEqual([
      ['plain', 'ada', 3],
      ['plain', 'bob', 1],
    ])
  })

  it('NTLM behind Kerberos on one connection ends the requests of Kerberos', () => {
    const folded = new Folded()
    new Dialogue(folded, 'http')
      .client(kerberosRequest())
      .server(accepted)
      .client(kerberosRequest())
      .server(accepted)
      .client({ ...negotiate, token: initNtlm() })
      .server({ ...MORE, token: answerNtlm() })
      .client({ ...negotiate, token: lastNtlm() })
      .server(SUCCESS)
      .close()
    expect(told(folded).map(([mechanism, , requests]) => [mechanism, requests])).toEqual([
      ['kerberos', 2],
      ['ntlm', 1],
    ])
  })

  it('a proxy and the server behind it stand apart', () => {
    const folded = new Folded()
    new Dialogue(folded, 'http')
      .offer(['NTLM'], 'proxy')
      .offer(['Negotiate', 'NTLM'])
      .client({ method: 'NTLM', direct: true, slot: 'proxy', token: negotiateMessage() })
      .client({ ...negotiate, token: negotiateMessage() })
      .server({ ...MORE, slot: 'proxy', token: challengeMessage({ serverChallenge: challengeOf(1) }) })
      .server({ ...MORE, token: challengeMessage({ serverChallenge: challengeOf(2) }) })
      .client({ method: 'NTLM', direct: true, slot: 'proxy', token: authenticate('bob') })
      .server({ ...SUCCESS, slot: 'proxy' })
      .client({ ...negotiate, token: authenticate('alice') })
      .server(SUCCESS)
      .close()
    expect(folded.exchanges.map(({ principal, origin }) => [principal.user, origin])).toEqual([
      ['bob', 'server-only'],
      ['alice', 'client-veto'],
    ])
  })

  it('a client that did not wait for the offer', () => {
    const folded = new Folded()
    new Dialogue(folded, 'http')
      .client({ ...negotiate, token: negotiateMessage() })
      .offer(['Negotiate'])
      .server({ ...MORE, token: challengeMessage() })
      .client({ ...negotiate, token: authenticate() })
      .server(SUCCESS)
      .close()
    expect(folded.exchanges).toHaveLength(1)
    expect(folded.exchanges[0]).toMatchObject({ origin: 'client-veto', offered: { server: ['Negotiate'] } })
  })
})

// --- what the neighbours tell
// ---------------------------------------------------------------------------------------------------

describe('SSPI without an offer', () => {
  it.each([
    ['no target name: the application chose NTLM', '', 'direct', false],
    ['a target name: Negotiate may have been left with NTLM', 'MSSQLSvc/sql1.corp.example:1433', 'unknown', null],
  ])('bare NTLM, %s', (_name, spn, origin, fallback) => {
    const folded = new Folded()
    new Dialogue(folded, 'mssql')
      .client({ method: 'SSPI', token: negotiateMessage() })
      .server({ ...MORE, token: challengeMessage() })
      .client({ method: 'SSPI', token: authenticate('alice', spn) })
      .server(SUCCESS)
      .close()
    expect(folded.exchanges).toMatchObject([{ mechanism: 'ntlm', origin, fallback }])
  })
})

describe('Kerberos refused, then NTLM', () => {
  /** Kerberos in one connection, refused by `answer`; NTLM in another, some seconds later. */
  function retried(seconds: number, answer: Partial<LegStep>, server = '10.0.0.1'): Folded {
    const folded = new Folded()
    new Dialogue(folded, 'smb')
      .offer(hint())
      .client({ ...SPNEGO, slot: '0', message: '1', token: initKerberos() })
      .server({ slot: '51', message: '1', ...answer })
      .close()
    folded.wait(seconds)
    smbNtlm(new Dialogue(folded, 'smb', { clientPort: 50_001, server }).offer(hint())).close()
    return folded
  }

  it.each<[string, () => Partial<LegStep>]>([
    ['by a status', () => FAILURE],
    [
      'by an error of Kerberos',
      () => ({ ...FAILURE, token: negTokenResp({ responseToken: gss(TOK_KRB_ERROR, error(41)) }) }),
    ],
    ['by SPNEGO', () => ({ token: negTokenResp({ negState: 'reject' }) })],
  ])('%s, in another connection within seconds', (_, answer) => {
    const [kerberos, ntlm] = retried(5, answer()).exchanges
    expect(kerberos).toMatchObject({ mechanism: 'kerberos', result: 'failure', origin: null })
    expect(ntlm).toMatchObject({ mechanism: 'ntlm', origin: 'client-retry', fallback: true, result: 'success' })
  })

  it('too late, or at another server, it is the choice of the client', () => {
    expect(retried(11, FAILURE).exchanges[1]).toMatchObject({ origin: 'client-veto' })
    expect(retried(5, FAILURE, '10.0.0.2').exchanges[1]).toMatchObject({ origin: 'client-veto' })
    expect(retried(5, SUCCESS).exchanges[1]).toMatchObject({ origin: 'client-veto' })
  })

  it('in the same session: the server switches, or refuses', () => {
    const folded = new Folded()
    new Dialogue(folded, 'smb')
      .offer(hint())
      .client({ ...SPNEGO, slot: '0', message: '1', token: initKerberos() })
      .server({
        ...MORE,
        slot: '51',
        message: '1',
        token: negTokenResp({ negState: 'request-mic', supportedMech: 'ntlmssp' }),
      })
      .client({ ...SPNEGO, slot: '51', message: '2', token: negTokenResp({ responseToken: negotiateMessage() }) })
      .server({ ...MORE, slot: '51', message: '2', token: negTokenResp({ responseToken: challengeMessage() }) })
      .client({ ...SPNEGO, slot: '51', message: '3', token: lastNtlm() })
      .server({ ...SUCCESS, slot: '51', message: '3' })
      .close()
    expect(folded.exchanges).toHaveLength(1)
    expect(folded.exchanges[0]).toMatchObject({
      mechanism: 'ntlm',
      origin: 'server-switched',
      fallback: true,
      kerberos: { sname: 'cifs/files.corp.example' },
      frames: [1, 2, 3, 4, 5, 6, 7],
    })
  })
})

describe('a relay', () => {
  const VICTIM = '10.0.0.9'
  const MIDDLE = '10.0.0.66'
  const TARGET = '10.0.0.1'

  /** The response holds the SPN: two of them differ. */
  function ntlmBetween(
    folded: Folded,
    client: string,
    server: string,
    challenge: Uint8Array,
    port = 50_000,
    spn = `HTTP/${port}`,
  ): Dialogue {
    const negotiate = { method: 'Negotiate' }
    return new Dialogue(folded, 'http', { client, server, clientPort: port })
      .offer(['Negotiate', 'NTLM'])
      .client({ ...negotiate, token: negotiateMessage() })
      .server({ ...MORE, token: challengeMessage({ serverChallenge: challenge }) })
      .client({ ...negotiate, token: authenticate('alice', spn) })
      .server(SUCCESS)
  }

  it('hands one challenge on: both ends of it are known', () => {
    const folded = new Folded()
    const toTarget = ntlmBetween(folded, MIDDLE, TARGET, challengeOf(7))
    const fromVictim = ntlmBetween(folded, VICTIM, MIDDLE, challengeOf(7), 50_001)
    fromVictim.close()
    toTarget.close()
    expect(folded.exchanges[0]).toMatchObject({ cause: { code: 'RC21', confidence: 'high', frames: [3, 8] } })
    expect(folded.exchanges[1]).toMatchObject({
      cause: { code: 'RC21', frames: [3, 8] },
      origin: 'direct',
      fallback: false,
    })
  })

  it.each<[string, Uint8Array]>([
    ['the challenges differ', challengeOf(8)],
    ['the challenge is one that tools send to everybody', new Uint8Array(8).fill(0x41)],
  ])('hands one response on, although %s', (_, challenge) => {
    const folded = new Folded()
    const toTarget = ntlmBetween(folded, MIDDLE, TARGET, challenge, 50_000, 'HTTP/victim')
    const fromVictim = ntlmBetween(folded, VICTIM, MIDDLE, challengeOf(7), 50_001, 'HTTP/victim')
    fromVictim.close()
    toTarget.close()
    for (const { cause } of folded.exchanges) expect(cause).toMatchObject({ code: 'RC21', frames: [4, 9] })
  })

  it.each<[string, [string, string], [string, string], Uint8Array, number]>([
    ['the same conversation seen twice', [VICTIM, TARGET], [VICTIM, TARGET], challengeOf(7), 0],
    ['the client behind address translation', [VICTIM, TARGET], [MIDDLE, TARGET], challengeOf(7), 0],
    ['the server behind address translation', [VICTIM, MIDDLE], [VICTIM, TARGET], challengeOf(7), 0],
    ['two strangers', [VICTIM, TARGET], ['10.0.0.7', '10.0.0.8'], challengeOf(7), 0],
    [
      'the challenge of a tool',
      [MIDDLE, TARGET],
      [VICTIM, MIDDLE],
      Uint8Array.of(0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88),
      0,
    ],
    ['a challenge of equal bytes', [MIDDLE, TARGET], [VICTIM, MIDDLE], new Uint8Array(8).fill(0x41), 0],
    ['a challenge of long ago', [MIDDLE, TARGET], [VICTIM, MIDDLE], challengeOf(7), 301],
  ])('is not %s', (_, one, two, challenge, seconds) => {
    const folded = new Folded()
    const first = ntlmBetween(folded, ...one, challenge)
    folded.wait(seconds)
    const second = ntlmBetween(folded, ...two, challenge, 50_001)
    first.close()
    second.close()
    expect(folded.exchanges).toHaveLength(2)
    for (const { cause } of folded.exchanges) expect(cause?.code).not.toBe('RC21')
  })
})

describe('the KDC', () => {
  const TGS = 'cifs/files.corp.example'
  const request = (sname = TGS) => tgsReq({ realm: REALM, sname: name(sname, 2), etypes: [18, 17, 23] })

  function refusedTicket(folded: Folded, client = '10.0.0.9'): void {
    new Dialogue(folded, 'kdc', { client, server: '10.0.0.53', clientPort: 50_088 })
      .kdc('client', request())
      .kdc('server', error(7))
      .close()
  }

  it('one exchange for each request', () => {
    const folded = new Folded()
    const ticket = ticketFor(`krbtgt/${REALM}`)
    const alice = name('alice')
    const asRequest = () => asReq({ cname: alice, realm: REALM, sname: name(`krbtgt/${REALM}`, 2), etypes: [18, 23] })
    new Dialogue(folded, 'kdc', { server: '10.0.0.53' })
      .kdc('client', asRequest())
      .kdc('server', asRep({ crealm: REALM, cname: alice, ticket, encPart: { etype: 18 } }))
      .kdc('client', request())
      .kdc('client', request())
      .kdc('server', error(7))
      .kdc('client', request('host/x'))
      .close()
    expect(
      folded.kdc.map(({ request, sname, error, answered, frames }) => [
        request,
        sname,
        error?.code ?? null,
        answered,
        frames,
      ]),
    ).toEqual([
      ['AS', `krbtgt/${REALM}`, null, true, [1, 2]],
      // a request sent again is one request
      ['TGS', TGS, 7, true, [3, 5]],
      ['TGS', 'host/x', null, false, [6]],
    ])
    expect(folded.kdc[0]).toMatchObject({
      client: { ip: '10.0.0.9' },
      kdc: { ip: '10.0.0.53' },
      transport: 'tcp',
      cname: 'alice',
      requested: [18, 23],
      ticketEtype: 18,
      replyEtype: 18,
    })
    expect(folded.exchanges).toEqual([])
  })

  it('an answer alone', () => {
    const folded = new Folded()
    new Dialogue(folded, 'kdc').kdc('server', error(7)).close()
    expect(folded.kdc).toHaveLength(1)
    expect(folded.kdc[0]).toMatchObject({
      request: 'TGS',
      sname: TGS,
      requested: [],
      answered: true,
      error: { code: 7 },
    })
  })

  it('what it refused is the cause of the NTLM logon behind it', () => {
    const folded = new Folded()
    refusedTicket(folded)
    smbNtlm(new Dialogue(folded, 'smb').offer(hint())).close()
    expect(folded.exchanges[0]).toMatchObject({
      origin: 'client-veto',
      cause: { code: 'RC01', confidence: 'high', frames: [1, 2, 3, 4, 5, 6, 7] },
    })
  })

  it('to another client, or too long ago, it is none', () => {
    const other = new Folded()
    refusedTicket(other, '10.0.0.8')
    smbNtlm(new Dialogue(other, 'smb').offer(hint())).close()
    expect(other.exchanges[0]!.cause!.code).toBe('RC99')
    const late = new Folded()
    refusedTicket(late)
    late.wait(901)
    smbNtlm(new Dialogue(late, 'smb').offer(hint())).close()
    expect(late.exchanges[0]!.cause!.code).toBe('RC99')
  })

  /** What the KDC answers to one more request of the same client for the same target, a second later. */
  function answered(folded: Folded, answer: Uint8Array, sname?: string): void {
    folded.wait(1)
    new Dialogue(folded, 'kdc', { client: '10.0.0.9', server: '10.0.0.53', clientPort: 50_089 })
      .kdc('client', request(sname))
      .kdc('server', answer)
      .close()
  }

  const ticketAnswer = (sname: string) =>
    tgsRep({ crealm: REALM, cname: name('alice'), ticket: ticketFor(sname), encPart: { etype: 18 } })

  it('a ticket for the same host ends its refusal: the SPN was repaired', () => {
    const folded = new Folded()
    refusedTicket(folded)
    answered(folded, ticketAnswer(TGS))
    smbNtlm(new Dialogue(folded, 'smb').offer(hint())).close()
    expect(folded.exchanges[0]!.cause!.code).toBe('RC99')
  })

  it('a ticket for another host, or a referral, ends nothing', () => {
    const folded = new Folded()
    refusedTicket(folded)
    answered(folded, ticketAnswer('cifs/other.corp.example'), 'cifs/other.corp.example')
    answered(folded, ticketAnswer('krbtgt/OTHER.EXAMPLE'))
    smbNtlm(new Dialogue(folded, 'smb').offer(hint())).close()
    expect(folded.exchanges[0]!.cause!.code).toBe('RC01')
  })

  it.each([25, 52])('error %i asks the client to come again, and refuses nothing', (code) => {
    const folded = new Folded()
    answered(folded, error(code))
    smbNtlm(new Dialogue(folded, 'smb')).close()
    expect(folded.exchanges[0]).toMatchObject({ origin: 'unknown', cause: { code: 'RC99' } })
  })
})

// --- what is kept
// ---------------------------------------------------------------------------------------------------------------

describe('limits', () => {
  it('open authentications of one connection', () => {
    const folded = new Folded()
    const talk = new Dialogue(folded, 'smb')
    const count = LIMITS.openExchangesPerConnectionMax + 10
    for (let number = 0; number < count; number++)
      talk.client({ ...SPNEGO, slot: '0', message: `${number}`, token: initNtlm() })
    expect(folded.fold.overflow).toBe(10)
    expect(folded.exchanges).toHaveLength(10)
    talk.close()
    expect(folded.exchanges).toHaveLength(count)
    expect(new Set(folded.exchanges.map(({ id }) => id)).size).toBe(count)
  })

  it('frames of one exchange', () => {
    const folded = new Folded()
    const talk = new Dialogue(folded, 'smb').offer(hint())
    for (let round = 0; round < 20; round++) smbNtlm(talk, '51', 2 * round)
    talk.close()
    for (const { frames } of folded.exchanges) expect(frames.length).toBeLessThanOrEqual(LIMITS.evidenceFramesMax)
  })

  it('a connection that is closed twice, or never began, gives nothing', () => {
    const folded = new Folded()
    const talk = smbNtlm(new Dialogue(folded, 'smb'))
    talk.close()
    talk.close()
    new Dialogue(folded, 'smb').close()
    expect(folded.exchanges).toHaveLength(1)
  })
})

it('no response, ticket or password is in what is given out', () => {
  const folded = new Folded()
  smbNtlm(new Dialogue(folded, 'smb').offer(hint())).close()
  new Dialogue(folded, 'smb')
    .client({ ...SPNEGO, slot: '0', message: '1', token: initKerberos() })
    .server({ ...SUCCESS, slot: '51', message: '1' })
    .close()
  expect(folded.exchanges.map(({ mechanism }) => mechanism).sort()).toEqual(['kerberos', 'ntlm'])
  const bytes = (value: unknown): unknown[] =>
    value instanceof Uint8Array
      ? [value]
      : typeof value === 'object' && value !== null
        ? Object.values(value).flatMap(bytes)
        : []
  expect(bytes(folded.exchanges)).toEqual([])
  // NTProofStr, session key and cipher text of the builders, as hexadecimal text
  expect(JSON.stringify(folded.exchanges)).not.toMatch(/(a5){8}|(5e){8}|(c1){8}/i)
})

// --- names
// ---------------------------------------------------------------------------------------------------------------------

describe('frame keys', () => {
  it.each([
    [0, 1],
    [0, 2 ** 36 - 1],
    [1, 1],
    [1000, 4_000_000_000],
    [131_071, 2 ** 36 - 1],
  ])('capture %i, frame %i', (capture, frame) => {
    const key = frameKey(capture, frame)
    expect(Number.isSafeInteger(key)).toBe(true)
    expect(splitFrameKey(key)).toEqual({ capture, frame })
  })

  it('grow with the capture, then with the frame', () => {
    expect(frameKey(0, 5)).toBeLessThan(frameKey(0, 6))
    expect(frameKey(0, 2 ** 36 - 1)).toBeLessThan(frameKey(1, 0))
  })

  it('are numbers in their own capture, and named in others', () => {
    const names = new FrameNames([{ name: 'a.pcap' }, { name: 'b.pcap' }])
    const keys = [frameKey(0, 3), frameKey(1, 4)]
    expect(keys.map((key) => names.capture(key))).toEqual(['a.pcap', 'b.pcap'])
    expect(names.refs(keys, 'a.pcap')).toEqual([3, 'b.pcap:4'])
    expect(names.refs(keys, 'b.pcap')).toEqual(['a.pcap:3', 4])
    expect(names.capture(frameKey(7, 1))).toBe('')
  })
})

describe('communityId', () => {
  // the vectors of the specification's baseline, seed 0
  it.each([
    [6, '1.2.3.4', 1122, '5.6.7.8', 3344, '1:wCb3OG7yAFWelaUydu0D+125CLM='],
    [17, '1.2.3.4', 1122, '5.6.7.8', 3344, '1:0Mu9InQx6z4ZiCZM/7HXi2WMhOg='],
    [
      6,
      '2001:470:e5bf:dead:4957:2174:e82c:4887',
      63_943,
      '2607:f8b0:400c:c03::1a',
      25,
      '1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=',
    ],
  ] as const)('protocol %i, %s', (protocol, ip, port, otherIp, otherPort, id) => {
    const one = { protocol, lowAddress: ip, lowPort: port, highAddress: otherIp, highPort: otherPort }
    const turned = { protocol, lowAddress: otherIp, lowPort: otherPort, highAddress: ip, highPort: port }
    expect(communityId(one)).toBe(id)
    expect(communityId(turned)).toBe(id)
  })

  it('orders equal addresses by port, and addresses as bytes', () => {
    const flow = (lowAddress: string, lowPort: number, highAddress: string, highPort: number) =>
      communityId({ protocol: 6, lowAddress, lowPort, highAddress, highPort })
    expect(flow('10.0.0.1', 5, '10.0.0.1', 9)).toBe(flow('10.0.0.1', 9, '10.0.0.1', 5))
    expect(flow('9.0.0.1', 5, '10.0.0.1', 9)).toBe(flow('10.0.0.1', 9, '9.0.0.1', 5))
    expect(flow('::1', 5, '2001:db8::', 9)).toBe(flow('2001:db8::', 9, '::1', 5))
    expect(flow('10.0.0.1', 5, '10.0.0.2', 9)).not.toBe(flow('10.0.0.1', 9, '10.0.0.2', 5))
    expect(flow('fe80::1', 5, 'fe80::2', 9)).not.toBe(flow('fe80::1:0', 5, 'fe80::2', 9))
  })
})
