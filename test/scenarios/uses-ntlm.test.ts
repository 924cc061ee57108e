/**
 * One meaning of "uses NTLM", from packets: what counts as a logon by NTLM and what does not, and that the headline,
 * the pairs, the figures, the findings, verify, a policy, the card of a device and a comparison of two reports say the
 * same of it.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hostPattern } from '../../src/facts/filter.ts'
import { judgeAllowed } from '../../src/judge/allow-list.ts'
import { deviceCard } from '../../src/judge/device.ts'
import { diff } from '../../src/judge/diff.ts'
import { expectationNamed } from '../../src/judge/expectations.ts'
import { judgeFlow } from '../../src/judge/flow.ts'
import { judgeThresholds, thresholdNamed } from '../../src/judge/thresholds.ts'
import { renderText } from '../../src/output/text/report.ts'
import type { Report } from '../../src/report/report.ts'
import { analyze } from '../../src/run/analyze.ts'
import { httpRequest, httpResponse, schemeWithToken } from '../builders/http.ts'
import {
  CARRIER_LOGONS,
  captureOf,
  conversationAt,
  HOST,
  KDC,
  passThroughAt,
  SERVER,
  type Timed,
  ticketFor,
} from '../builders/logons.ts'
import type { Message } from '../builders/net.ts'
import { authenticateMessage, challengeMessage, negotiateMessage } from '../builders/ntlmssp.ts'
import { nbss, smb2Message, smb2SessionSetupRequest, smb2SessionSetupResponse } from '../builders/smb.ts'
import { negTokenInit, negTokenResp } from '../builders/spnego.ts'
import { temporaryFolder } from '../captures/packets.ts'

const folder = temporaryFolder()
let files = 0

async function reportOf(...parts: readonly Timed[]): Promise<Report> {
  const path = join(folder, `${++files}.pcap`)
  writeFileSync(path, captureOf(...parts))
  return analyze([path], { rethrow: true })
}

const ANY = { client: [], server: [], port: null, service: null }
const MORE = 0xc000_0016

/** What every part of the program says of NTLM in this report. */
function sayings(report: Report) {
  const state = (name: string) => judgeFlow(report, ANY, [expectationNamed(name)!], null).state
  const limit = { threshold: thresholdNamed('ntlmHostsMax')!, limit: 0 }
  const device = deviceCard(report, hostPattern(SERVER))
  return {
    headline: renderText(report, { columns: 300, color: false }).split('\n', 1)[0]!,
    inPairs: report.pairs.reduce((sum, { counts }) => sum + (counts.mechanism.ntlm ?? 0), 0),
    inFigures: Object.values(report.figures.total.services).reduce((sum, { ntlm }) => sum + ntlm, 0),
    hosts: report.figures.total.hosts.ntlm,
    noNtlm: state('no-ntlm'),
    kerberos: state('kerberos'),
    noFallback: state('no-fallback'),
    policy: judgeAllowed(report, [], '2026-11-01', false).state,
    limits: judgeThresholds(report, [limit]).state,
    device: device.scorecard.find(({ name }) => name === 'no NTLM')!,
  }
}

const { smb, 'http origin': web, smtp, rpc } = CARRIER_LOGONS as Required<typeof CARRIER_LOGONS>
const client = (data: Uint8Array): Message => ({ from: 'client', data })
const server = (data: Uint8Array): Message => ({ from: 'server', data })

/** An SMB logon by NTLM that is granted with these flags (MS-SMB2 2.2.6), and a read behind it. */
function granted(authenticate: Uint8Array, flags: number, signed = false): Timed {
  const setup = (messageId: number, sessionId: number, token: Uint8Array) =>
    client(nbss(smb2SessionSetupRequest({ messageId, sessionId, token })))
  const answer = (messageId: number, status: number, token: Uint8Array, sessionFlags = 0) =>
    server(nbss(smb2SessionSetupResponse({ messageId, sessionId: 9, status, token, sessionFlags })))
  const challenge = negTokenResp({
    negState: 'accept-incomplete',
    supportedMech: 'ntlmssp',
    responseToken: challengeMessage(),
  })
  const read = { sessionId: 9, messageId: 4, signed }
  return conversationAt(0, smb!.port, [
    ...smb!.before(true),
    setup(2, 0, negTokenInit({ mechTypes: ['ntlmssp'], mechToken: negotiateMessage() })),
    answer(2, MORE, challenge),
    setup(3, 9, negTokenResp({ responseToken: authenticate })),
    answer(3, 0, negTokenResp({ negState: 'accept-completed' }), flags),
    client(nbss(smb2Message('READ', read))),
    server(nbss(smb2Message('READ', { ...read, response: true }))),
  ])
}
const EMPTY = { nt: new Uint8Array(0), lm: new Uint8Array(0) }
const kerberosLogon = (at = 5) =>
  conversationAt(at, smb!.port, [...smb!.before(true), ...smb!.attempt(ticketFor(smb!.spn)), ...smb!.accepted], 50_100)

describe('a response that ended as a guest is a logon by NTLM', () => {
  it('everywhere', async () => {
    const report = await reportOf(granted(authenticateMessage({ user: 'alice', domain: 'CORP' }), 1))
    expect(report.exchanges).toMatchObject([
      { mechanism: 'ntlm', fallback: true, cause: { code: 'RC18' }, smb: { effective: 'guest' }, result: 'success' },
    ])
    expect(report.findings.map(({ id }) => id)).toContain('NS-NT-013')
    expect(sayings(report)).toMatchObject({
      headline: expect.stringContaining('uses NTLM'),
      ...{ inPairs: 1, inFigures: 1, hosts: 1 },
      ...{ noNtlm: 'not-met', kerberos: 'not-met', noFallback: 'not-met', policy: 'not-met', limits: 'not-met' },
      device: { grade: 'fail', proven: 'used' },
    })
  })
})

describe('a null session is told apart, and is no use of NTLM', () => {
  const session = () => granted(authenticateMessage({ ...EMPTY, user: '', domain: '' }), 2)

  it('alone it proves nothing', async () => {
    const report = await reportOf(session())
    expect(report.exchanges).toMatchObject([
      { mechanism: 'anonymous', fallback: null, cause: { code: 'RC17' }, smb: { effective: 'anonymous' } },
    ])
    expect(report.figures.total.ntlmVersions).toEqual({})
    expect(sayings(report)).toMatchObject({
      headline: expect.stringMatching(/^No NTLM was seen .*1 anonymous session without credentials/),
      ...{ inPairs: 0, inFigures: 0, hosts: 0 },
      ...{ noNtlm: 'not-observed', kerberos: 'not-observed', policy: 'not-observed' },
      device: { grade: 'not tested', proven: 'offered, not used' },
    })
  })

  it('before a logon by Kerberos it changes nothing', async () => {
    const report = await reportOf(session(), kerberosLogon())
    expect(sayings(report)).toMatchObject({
      inPairs: 0,
      noNtlm: 'met',
      kerberos: 'met',
      noFallback: 'met',
      policy: 'met',
    })
  })

  it('a user who is named in it is said, and more than a null session is a finding', async () => {
    const named = authenticateMessage({ ...EMPTY, user: 'guest', domain: '' })
    const marked = await reportOf(granted(named, 2))
    expect(marked.exchanges[0]).toMatchObject({ mechanism: 'anonymous', principal: { user: 'guest' } })
    expect(marked.exchanges[0]!.cause!.why).toBe('the responses are empty, whoever is named (guest)')
    expect(marked.findings.map(({ id }) => id)).not.toContain('NS-NT-021')
    // Samba takes it for a null session, and sets no flag
    const unmarked = await reportOf(granted(named, 0))
    expect(unmarked.exchanges[0]).toMatchObject({ mechanism: 'anonymous', smb: { effective: 'anonymous' } })
    expect(unmarked.findings.map(({ id }) => id)).not.toContain('NS-NT-021')
    const signed = await reportOf(granted(named, 0, true))
    expect(signed.findings.map(({ id }) => id)).toContain('NS-NT-021')
  })
})

describe('what is no logon', () => {
  const ask = (token: Uint8Array, scheme = 'NTLM') =>
    client(httpRequest({ headers: { Host: HOST, Authorization: schemeWithToken(scheme, token) } }))
  const ok = server(httpResponse({ headers: { 'Content-Length': '0' } }))

  it('a token that no challenge answers', async () => {
    const report = await reportOf(conversationAt(0, 80, [ask(negotiateMessage()), ok]))
    expect(report.exchanges).toMatchObject([{ mechanism: 'unknown', result: 'unknown', fallback: null, cause: null }])
    expect(report.findings).toEqual([])
    expect(sayings(report)).toMatchObject({ inPairs: 0, inFigures: 0, hosts: 0, noNtlm: 'not-observed' })
  })

  it('but one that is refused is', async () => {
    const refused = server(
      httpResponse({ status: 401, headers: { 'WWW-Authenticate': 'Negotiate', 'Content-Length': '0' } }),
    )
    const report = await reportOf(conversationAt(0, 80, [ask(negotiateMessage()), refused]))
    expect(report.exchanges).toMatchObject([{ mechanism: 'ntlm', result: 'failure' }])
  })

  it('a ticket that nobody asked for, and 200', async () => {
    const token = negTokenInit({ mechTypes: ['kerberos'], mechToken: ticketFor(web!.spn) })
    const unasked = conversationAt(0, 80, [ask(token, 'Negotiate'), ok])
    const report = await reportOf(unasked)
    expect(report.exchanges).toMatchObject([{ mechanism: 'kerberos', result: 'unknown' }])
    expect(sayings(report)).toMatchObject({ kerberos: 'not-observed' })
    // asked for in a conversation before, or answered with a token, it is taken
    const asked = await reportOf(conversationAt(0, 80, web!.before(true), 50_050), { ...unasked, at: 1 })
    expect(asked.exchanges).toMatchObject([{ mechanism: 'kerberos', result: 'success' }])
    const answered = await reportOf(conversationAt(0, 80, [ask(token, 'Negotiate'), ...web!.accepted]))
    expect(answered.exchanges).toMatchObject([{ mechanism: 'kerberos', result: 'success' }])
  })
})

describe('logons that nobody saw, and a domain controller was asked about', () => {
  it('are evidence: nothing is met over them', async () => {
    const report = await reportOf(kerberosLogon(), passThroughAt(20, 3))
    expect(report.blindSpots).toContainEqual({
      kind: 'pass-through',
      code: 'pass-through',
      detail: `${SERVER} asked ${KDC} to check 3 logons that are not in the captures (NTLM, or a Kerberos PAC)`,
      count: 3,
    })
    expect(sayings(report)).toMatchObject({
      headline: expect.stringMatching(/asked to check 3 logons that are not in the captures/),
      ...{ inPairs: 0, noNtlm: 'not-observed', kerberos: 'not-observed', noFallback: 'not-observed' },
      ...{ policy: 'not-observed', limits: 'not-observed', device: { grade: 'not tested' } },
    })
    const { expectations } = judgeFlow(report, ANY, [expectationNamed('no-ntlm')!], null)
    expect(expectations[0]!.reasons[0]!.detail).toMatch(/asked .* to check 3 logons/)
    expect(expectations[0]!.observe).toMatch(`Capture at ${SERVER}`)
  })

  it('without them the same logon is met', async () => {
    expect(sayings(await reportOf(kerberosLogon()))).toMatchObject({
      noNtlm: 'met',
      kerberos: 'met',
      policy: 'met',
      limits: 'met',
    })
  })

  it('a flow to another server is not about them', async () => {
    const report = await reportOf(kerberosLogon(), passThroughAt(20, 1, '10.1.1.77'))
    const to = (ip: string) =>
      judgeFlow(report, { ...ANY, server: [hostPattern(ip)] }, [expectationNamed('no-ntlm')!], null).state
    expect(to(SERVER)).toBe('met')
    expect(to('10.1.1.77')).toBe('not-observed')
  })

  it('a logon that was seen is no secret', async () => {
    const logon = granted(authenticateMessage({ user: 'alice', domain: 'CORP' }), 0)
    const report = await reportOf(logon, passThroughAt(0.005, 1))
    expect(report.passThrough).toMatchObject([{ server: SERVER, served: 1, unseen: 0 }])
    expect(report.blindSpots.map(({ kind }) => kind)).not.toContain('pass-through')
  })

  it('after NTLM went and was asked about all the same, nothing is fixed', async () => {
    const before = await reportOf(granted(authenticateMessage({ user: 'alice', domain: 'CORP' }), 0))
    const changes = (after: Report) => diff(before, after).changes.map(({ change }) => change)
    expect(changes(await reportOf(kerberosLogon()))).toContain('fixed')
    const hidden = await reportOf(kerberosLogon(), passThroughAt(20, 1))
    expect(changes(hidden)).toContain('unproven')
    expect(changes(hidden)).not.toContain('fixed')
  })

  it('of a hundred servers some are named, and none is forgotten', async () => {
    const parts = Array.from({ length: 40 }, (_, at) => passThroughAt(at * 0.1, 1, `10.1.2.${at + 1}`))
    const spots = (await reportOf(...parts)).blindSpots.filter(({ kind }) => kind === 'pass-through')
    expect(spots.length).toBeLessThan(40)
    expect(spots.reduce((sum, { count }) => sum + count, 0)).toBe(40)
  })
})

describe('Kerberos that nothing binds', () => {
  const relay = (report: Report) => renderText(report, { columns: 300, color: false }).match(/Relay.*/)?.[0] ?? ''

  it.each([
    ['clear HTTP', web!],
    ['mail in clear', smtp!],
  ])('%s is a finding, and in the lines about relaying', async (_, carrier) => {
    const logon = [...carrier.before(true), ...carrier.attempt(ticketFor(carrier.spn)), ...carrier.accepted]
    const report = await reportOf(conversationAt(0, carrier.port, logon))
    expect(report.findings.map(({ id }) => id)).toContain('NS-SG-018')
    expect(relay(report)).toMatch(/Kerberos over HTTP, mail, SQL or RPC that nothing binds: 1 pair/)
  })

  it('RPC that is protected, and SMB, are none', async () => {
    const logon = [...rpc!.before(true), ...rpc!.attempt(ticketFor(rpc!.spn)), ...rpc!.accepted]
    const report = await reportOf(conversationAt(0, rpc!.port, logon), kerberosLogon())
    expect(report.findings.map(({ id }) => id)).not.toContain('NS-SG-018')
    expect(relay(report)).not.toMatch(/Kerberos/)
  })

  it('with NTLM beside it the line names both', async () => {
    const logon = [...web!.before(true), ...web!.attempt(ticketFor(web!.spn)), ...web!.accepted]
    const ntlm = conversationAt(2, 80, [...web!.before(true), ...web!.ntlm(web!.spn)], 50_060)
    expect(relay(await reportOf(conversationAt(0, 80, logon), ntlm))).toMatch(/NTLM or Kerberos over/)
  })
})
