/**
 * SMB sessions that go on: channels that are bound to them from other connections, and authentications that renew them.
 * From captures to reports.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { expectationNamed } from '../../../src/judge/expectations.ts'
import { judgeFlow } from '../../../src/judge/flow.ts'
import { exchangeRow } from '../../../src/output/csv.ts'
import { renderText } from '../../../src/output/text/report.ts'
import { analyze } from '../../../src/run/analyze.ts'
import { pcap } from '../../builders/capture.ts'
import { type Message, tcpConversation } from '../../builders/net.ts'
import {
  expiry,
  kerberosSetup,
  MORE_PROCESSING_REQUIRED,
  negotiate,
  ntlmSetup,
  traffic,
} from '../../builders/smb-talk.ts'
import { temporaryFolder } from '../../captures/packets.ts'

const folder = temporaryFolder()
const SESSION = 0x5100_0000_0025n
const ID = '510000000025'
const FIRST = { client: { address: '10.0.0.9', port: 50_000 }, server: { address: '10.0.0.1', port: 445 } }
/** the same hosts by their second network cards */
const SECOND = { client: { address: '10.0.1.9', port: 50_001 }, server: { address: '10.0.1.1', port: 445 } }
/** the same network cards, another connection */
const BESIDE = { ...FIRST, client: { address: '10.0.0.9', port: 50_002 } }
let files = 0

/** Conversations one after the other; all but the last stay open until the capture ends. */
async function read(...talks: readonly (readonly [typeof FIRST, readonly Message[]])[]) {
  const frames = talks.flatMap(([ends, messages]) => tcpConversation(messages, { ...ends, close: false }))
  const path = join(folder, `${++files}.pcap`)
  writeFileSync(path, pcap(frames.map((bytes, index) => ({ time: 1e15 + index * 1000, bytes }))))
  const report = await analyze([path], { rethrow: true })
  const [pair, ...pairs] = report.pairs
  const ids = report.findings.map(({ id }) => id)
  const text = renderText(report, { columns: 100, color: false }).replaceAll(/\s+/g, ' ')
  return { report, exchanges: report.exchanges, pair: pair!, pairs, ids, text, total: report.figures.total }
}

type Read = Awaited<ReturnType<typeof read>>

/** How each expectation is met by what went to this server. */
function states({ report }: Read, names: string, server = ''): Record<string, string> {
  const of =
    server === ''
      ? []
      : [{ text: server, byName: false, key: null, matches: ({ ip }: { ip: string }) => ip === server }]
  const flow = { client: [], server: of, port: null, service: 'smb' as const }
  const expectations = names.split(' ').map((one) => expectationNamed(one)!)
  const { expectations: judged } = judgeFlow(report, flow, expectations, null)
  return Object.fromEntries(judged.map(({ expectation, state }) => [expectation, state]))
}

const KERBEROS_LOGON = [...negotiate(), ...kerberosSetup({ session: SESSION }), ...traffic(SESSION, true)]
const NTLM_LOGON = [...negotiate(), ...ntlmSetup({ session: SESSION }), ...traffic(SESSION, true)]
const KERBEROS_CHANNEL = [
  ...negotiate(),
  ...kerberosSetup({ session: SESSION, goesOn: 'binding' }),
  ...traffic(SESSION, true),
]
const NTLM_CHANNEL = [
  ...negotiate(),
  ...ntlmSetup({ session: SESSION, goesOn: 'binding', challenge: 8 }),
  ...traffic(SESSION, true),
]

describe('a channel that is bound to a session', () => {
  it.each([
    ['of Kerberos', KERBEROS_LOGON, KERBEROS_CHANNEL, 'kerberos'],
    ['of NTLM', NTLM_LOGON, NTLM_CHANNEL, 'ntlm'],
  ] as const)('%s is no logon of its own', async (_, logon, channel, mechanism) => {
    const seen = await read([FIRST, logon], [BESIDE, channel])
    expect(seen.exchanges).toMatchObject([
      { mechanism, result: 'success', smb: { effective: 'signed', session: { id: ID, setup: 'new', of: null } } },
      {
        mechanism,
        result: 'success',
        origin: null,
        fallback: mechanism === 'ntlm' ? null : false,
        cause: null,
        smb: {
          effective: 'signed',
          session: {
            id: ID,
            setup: 'binding',
            of: { exchange: seen.exchanges[0]!.id, mechanism, logonSeen: true },
            bindingSigned: true,
          },
        },
      },
    ])
    const alone = await read([FIRST, logon])
    const { continued, ...counts } = seen.pair.counts
    expect(continued).toEqual({ binding: 1 })
    expect(counts).toEqual({ ...alone.pair.counts, continued: undefined })
    expect({ ...seen.total, end: 0 }).toEqual({ ...alone.total, end: 0, continued: 1 })
    expect(seen.pair.verdict).toBe(alone.pair.verdict)
    expect(seen.pair.smb!.effective).toEqual({ signed: 1 })
    expect(seen.report.findings.map(({ id, count }) => [id, count])).toEqual(
      alone.report.findings.map(({ id, count }) => [id, count]),
    )
    expect(seen.report.blindSpots).toEqual(alone.report.blindSpots)
    expect(seen.text).toContain('not counted: 1 further channel of its SMB sessions')
    expect(exchangeRow(seen.exchanges[1]!)).toContain(`,binding,${seen.exchanges[0]!.id},`)
  })

  it('by other network cards: the pair of the channel has no logon, and is judged by that of the session', async () => {
    const seen = await read([FIRST, KERBEROS_LOGON], [SECOND, KERBEROS_CHANNEL])
    expect(seen.exchanges[1]!.smb!.session!.of).toMatchObject({ exchange: seen.exchanges[0]!.id })
    const [other] = seen.report.pairs.filter(({ server }) => server.ip === '10.0.1.1')
    expect(other).toMatchObject({
      verdict: 'undetermined',
      counts: { exchanges: 0, mechanism: {}, continued: { binding: 1 } },
      frames: seen.exchanges[1]!.frames,
    })
    expect(seen.total).toMatchObject({ exchanges: 1, continued: 1, hosts: { authenticating: 1 } })
    expect(seen.report.coverage.clientsAuthenticating).toBe(1)
    expect(states(seen, 'kerberos no-ntlm no-fallback signed', '10.0.1.1')).toEqual({
      kerberos: 'met',
      'no-ntlm': 'met',
      'no-fallback': 'met',
      signed: 'met',
    })
    const ntlm = await read([FIRST, NTLM_LOGON], [SECOND, NTLM_CHANNEL])
    expect(states(ntlm, 'kerberos no-ntlm', '10.0.1.1')).toEqual({ kerberos: 'not-met', 'no-ntlm': 'not-met' })
    expect(ntlm.total).toMatchObject({ services: { smb: { ntlm: 1 } }, fallback: 1, hosts: { ntlm: 1 } })
  })

  it('is of the server that its GUID names, not of another one with the same session id', async () => {
    const elsewhere = negotiate({ serverGuid: new Uint8Array(16).fill(0x77) })
    const channel = [...elsewhere, ...kerberosSetup({ session: SESSION, goesOn: 'binding' })]
    const { exchanges } = await read([FIRST, KERBEROS_LOGON], [SECOND, channel])
    expect(exchanges[1]!.smb!.session).toMatchObject({ setup: 'binding', of: null })
  })

  it('says that the logon of its session is not in the capture', async () => {
    const seen = await read([BESIDE, KERBEROS_CHANNEL])
    expect(seen.exchanges[0]).toMatchObject({ mechanism: 'kerberos', smb: { session: { setup: 'binding', of: null } } })
    expect(seen.pair).toMatchObject({
      verdict: 'undetermined',
      counts: { exchanges: 0, continued: { binding: 1 } },
      blindSpots: ['the logon of an SMB session that goes on here'],
    })
    expect(seen.total).toMatchObject({ exchanges: 0, continued: 1, kerberos: { success: 0 } })
    expect(seen.report.blindSpots).toMatchObject([{ kind: 'smb-session', count: 1 }])
    expect(states(seen, 'kerberos no-ntlm no-fallback ntlmv2 success')).toEqual({
      kerberos: 'not-observed',
      'no-ntlm': 'not-observed',
      'no-fallback': 'not-observed',
      ntlmv2: 'not-observed',
      success: 'not-observed',
    })
  })

  it('with NTLM, of a session that was not seen: NTLM is used once, and why is not known', async () => {
    const third = { ...FIRST, client: { address: '10.0.0.9', port: 50_003 } }
    const seen = await read([BESIDE, NTLM_CHANNEL], [third, NTLM_CHANNEL])
    expect(seen.exchanges).toMatchObject([
      { mechanism: 'ntlm', origin: 'unknown', fallback: null, cause: { code: 'RC99' } },
      { mechanism: 'ntlm', origin: null, smb: { session: { of: { mechanism: 'ntlm', logonSeen: false } } } },
    ])
    expect(seen.exchanges[0]!.cause!.missing[0]).toBe('the logon of the SMB session that it goes on with')
    expect(seen.pair).toMatchObject({
      verdict: 'ntlm-only',
      counts: { exchanges: 1, mechanism: { ntlm: 1 }, fallback: 0, continued: { binding: 1 } },
    })
    expect(states(seen, 'kerberos no-ntlm')).toEqual({ kerberos: 'not-met', 'no-ntlm': 'not-met' })
  })

  it('with NTLM, of a session that Kerberos set up: that is worth saying', async () => {
    const seen = await read([FIRST, KERBEROS_LOGON], [BESIDE, NTLM_CHANNEL])
    expect(seen.exchanges[1]).toMatchObject({ mechanism: 'ntlm', origin: 'client-veto', cause: { code: 'RC14' } })
    expect(seen.exchanges[1]!.cause!.why).toContain(`exchange ${seen.exchanges[0]!.id}`)
    expect(seen.pair).toMatchObject({ verdict: 'mixed', counts: { exchanges: 2, continued: {} } })
    expect(seen.ids).toContain('NS-FB-017')
  })

  it('must be signed: an accepted one without signature is a finding, a refused one says nothing of the logon', async () => {
    const unsigned = { session: SESSION, goesOn: 'binding', signed: false } as const
    const open = await read([FIRST, KERBEROS_LOGON], [BESIDE, [...negotiate(), ...kerberosSetup(unsigned)]])
    expect(open.exchanges[1]!.smb!.session!.bindingSigned).toBe(false)
    expect(open.ids).toContain('NS-SG-013')
    const refused = await read(
      [FIRST, KERBEROS_LOGON],
      [BESIDE, [...negotiate(), ...ntlmSetup({ ...unsigned, status: 0xc000_000d })]],
    )
    expect(refused.ids).not.toContain('NS-SG-013')
    const notAccepted = { session: SESSION, goesOn: 'binding', status: 0xc000_00d0 } as const
    const seen = await read([FIRST, KERBEROS_LOGON], [BESIDE, [...negotiate(), ...kerberosSetup(notAccepted)]])
    expect(seen.exchanges[1]).toMatchObject({ result: 'failure', fallback: false })
    expect(seen.pair).toMatchObject({
      verdict: 'kerberos',
      counts: { exchanges: 1, result: { success: 1, failure: 0 } },
    })
    expect(states(seen, 'kerberos success no-ntlm')).toEqual({ kerberos: 'met', success: 'met', 'no-ntlm': 'met' })
  })

  it('that is not protected shows, whatever the logon was', async () => {
    const channel = [...KERBEROS_CHANNEL.slice(0, 4), ...traffic(SESSION, false)]
    const seen = await read([FIRST, KERBEROS_LOGON], [BESIDE, channel])
    expect(seen.exchanges[1]!.smb!.effective).toBe('unsigned')
    expect(seen.pair.smb!.effective).toEqual({ signed: 1, unsigned: 1 })
    expect(seen.ids).toContain('NS-SG-001')
    expect(states(seen, 'signed')).toEqual({ signed: 'not-met' })
  })

  it('the flag without a session is a logon like any other', async () => {
    const setup = kerberosSetup({ session: SESSION, signed: false })
    const flagged = setup.map(({ from, data }) => ({ from, data: data.slice() }))
    // Flags of the request, behind the NetBIOS and SMB2 headers
    flagged[0]!.data[4 + 66] = 1
    const { exchanges, pair } = await read([FIRST, [...negotiate(), ...flagged]])
    expect(exchanges[0]!.smb!.session).toMatchObject({ setup: 'new', bindingSigned: null })
    expect(pair.verdict).toBe('kerberos')
  })
})

describe('a session that is authenticated again', () => {
  const again = (setup: typeof kerberosSetup, more: { status?: number } = {}) =>
    setup({ session: SESSION, messageId: 70, goesOn: 'reauthentication', signed: true, challenge: 9, ...more })

  it('after its ticket has run out: the same logon once more, and no fallback', async () => {
    const seen = await read([
      FIRST,
      [...KERBEROS_LOGON, ...expiry(SESSION), ...again(kerberosSetup), ...traffic(SESSION, true, 3, 80)],
    ])
    expect(seen.exchanges).toHaveLength(2)
    expect(seen.exchanges[1]).toMatchObject({
      mechanism: 'kerberos',
      result: 'success',
      fallback: false,
      origin: null,
      smb: {
        effective: 'signed',
        session: {
          id: ID,
          setup: 'reauthentication',
          expired: true,
          of: { exchange: seen.exchanges[0]!.id, logonSeen: true },
        },
      },
    })
    // the refusal is part of the evidence
    expect(seen.exchanges[1]!.frames).toEqual([6, 26, 28, 30])
    expect(seen.pair).toMatchObject({
      verdict: 'kerberos',
      counts: { exchanges: 1, mechanism: { kerberos: 1 }, fallback: 0, continued: { reauthentication: 1 } },
    })
    expect(seen.text).toContain('not counted: 1 re-authentication of its SMB sessions')
    expect(states(seen, 'kerberos no-ntlm no-fallback signed success')).toEqual({
      kerberos: 'met',
      'no-ntlm': 'met',
      'no-fallback': 'met',
      signed: 'met',
      success: 'met',
    })
  })

  it('with an expired ticket, then with a new one: no fallback, and nothing that explains one', async () => {
    const seen = await read([
      FIRST,
      [
        ...KERBEROS_LOGON,
        ...expiry(SESSION),
        ...again(kerberosSetup, { status: 0xc000_006d }),
        ...again(kerberosSetup),
      ],
    ])
    expect(seen.exchanges.map(({ result, smb }) => [result, smb!.session!.setup])).toEqual([
      ['success', 'new'],
      ['failure', 'reauthentication'],
      ['success', 'reauthentication'],
    ])
    expect(seen.pair).toMatchObject({ verdict: 'kerberos', counts: { exchanges: 1, result: { failure: 0 } } })
    expect(seen.ids.filter((id) => id.startsWith('NS-FB'))).toEqual([])
    expect(states(seen, 'kerberos no-fallback')).toEqual({ kerberos: 'met', 'no-fallback': 'met' })
  })

  it.each([
    ['', [], { code: 'RC14', why: expect.stringContaining('it was authenticated again') }],
    [
      ', after the expired ticket was refused',
      again(kerberosSetup, { status: MORE_PROCESSING_REQUIRED }),
      // a ticket that has run out is no wrong key
      { code: 'RC99', alternatives: expect.not.arrayContaining([expect.stringContaining('would fit')]) },
    ],
  ])('with NTLM where Kerberos set it up%s', async (_, before, cause) => {
    const seen = await read([
      FIRST,
      [...KERBEROS_LOGON, ...expiry(SESSION), ...before, ...again(ntlmSetup), ...again(ntlmSetup)],
    ])
    const [logon, ...rest] = seen.exchanges
    const [switched, repeated] = rest.slice(-2)
    expect(switched).toMatchObject({
      mechanism: 'ntlm',
      fallback: true,
      smb: { session: { setup: 'reauthentication', of: { exchange: logon!.id, mechanism: 'kerberos' } } },
    })
    expect(switched!.cause).toMatchObject(cause)
    // the second one repeats the first
    expect(repeated).toMatchObject({ mechanism: 'ntlm', fallback: null, cause: null })
    expect(seen.pair).toMatchObject({ verdict: 'mixed', counts: { mechanism: { kerberos: 1, ntlm: 1 }, fallback: 1 } })
    const [finding] = seen.report.findings.filter(({ id }) => id === 'NS-FB-017')
    expect(finding).toMatchObject({ count: 1 })
    expect(finding!.detail).toContain(`Kerberos set up the session (exchange ${logon!.id}), it goes on with NTLM.`)
    expect(seen.ids).not.toContain('NS-FB-011')
    expect(states(seen, 'kerberos no-fallback')).toEqual({ kerberos: 'not-met', 'no-fallback': 'not-met' })
  })

  it('as another user: that is another logon', async () => {
    const other = ntlmSetup({ session: SESSION, messageId: 70, goesOn: 'reauthentication', challenge: 9, user: 'bob' })
    const seen = await read([FIRST, [...NTLM_LOGON, ...other]])
    expect(seen.exchanges[1]).toMatchObject({ fallback: true, smb: { session: { setup: 'reauthentication' } } })
    expect(seen.pair).toMatchObject({
      counts: { mechanism: { ntlm: 2 }, continued: {} },
      users: ['CORP\\alice', 'CORP\\bob'],
    })
    expect(seen.ids).not.toContain('NS-FB-017')
  })

  it('in a capture that begins later: Kerberos proves nothing about the logon', async () => {
    const frames = tcpConversation([...traffic(SESSION, true), ...again(kerberosSetup)], { ...FIRST, handshake: false })
    const path = join(folder, `${++files}.pcap`)
    writeFileSync(path, pcap(frames.map((bytes, index) => ({ time: 1e15 + index * 1000, bytes }))))
    const report = await analyze([path], { rethrow: true })
    expect(report.exchanges[0]!.smb!.session).toMatchObject({ setup: 'reauthentication', of: null })
    expect(report.pairs).toMatchObject([{ verdict: 'undetermined', counts: { exchanges: 0 } }])
    expect(report.blindSpots.map(({ kind }) => kind)).toContain('smb-session')
  })

  it('a session that takes the place of a lost one is a new logon', async () => {
    const reconnect = kerberosSetup({ session: 0x77n, previousSessionId: 0x5100 })
    const { exchanges, pair } = await read([FIRST, [...negotiate(), ...reconnect]])
    expect(exchanges[0]!.smb!.session).toMatchObject({ id: '77', setup: 'new', previousId: '5100' })
    expect(pair.counts).toMatchObject({ exchanges: 1, continued: {} })
  })
})
