/**
 * SMB on other ports than 445: the NetBIOS session service, ports that nobody expects, SMB1 that becomes SMB2. From
 * captures to reports; what is said must be the same as on port 445.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/run/analyze.ts'
import { pcap } from '../builders/capture.ts'
import { type Message, tcpConversation } from '../builders/net.ts'
import { authenticateMessage, challengeMessage, negotiateMessage } from '../builders/ntlmssp.ts'
import {
  nbss,
  netbiosSessionRequest,
  smb1Message,
  smb1NegotiateRequest,
  smb1NegotiateResponse,
  smb1SessionSetupRequest,
  smb1SessionSetupResponse,
  smb2NegotiateResponse,
} from '../builders/smb.ts'
import { kerberosSetup, negotiate, ntlmSetup, traffic } from '../builders/smb-talk.ts'
import { negTokenInit, negTokenInit2, negTokenResp } from '../builders/spnego.ts'
import { temporaryFolder } from '../captures/packets.ts'
import { fromHex } from '../hostile.ts'

const folder = temporaryFolder()
const SESSION = 0x25
const CLIENT = { address: '10.0.0.9', port: 50_000 }
let files = 0

const client = (data: Uint8Array): Message => ({ from: 'client', data })
const server = (data: Uint8Array): Message => ({ from: 'server', data })
const POSITIVE = server(fromHex('82000000'))
const KEEP_ALIVE = fromHex('85000000')

async function read(port: number, messages: readonly Message[]) {
  const frames = tcpConversation(messages, { client: CLIENT, server: { address: '10.0.0.1', port } })
  const path = join(folder, `${++files}.pcap`)
  writeFileSync(path, pcap(frames.map((bytes, index) => ({ time: 1e15 + index * 1000, bytes }))))
  return analyze([path], { rethrow: true })
}

/** What a report says of its exchanges, but for port, ids and frames. */
function said({ exchanges, pairs, findings }: Awaited<ReturnType<typeof read>>) {
  return {
    exchanges: exchanges.map(
      ({ id: _id, uid: _uid, frames: _frames, communityId: _flow, start: _s, end: _e, server, cause, ...rest }) => ({
        ...rest,
        server: { ...server, port: 0 },
        target: { ...rest.target, name: null },
        cause: cause?.code,
        capture: '',
      }),
    ),
    verdicts: pairs.map(({ verdict, counts, smb }) => ({ verdict, counts, smb })),
    findings: findings.map(({ id, detail, count }) => ({ id, detail, count })),
  }
}

/** SMB1 with extended security, NTLM, and reads in clear. */
function smb1Logon(): Message[] {
  const uid = 100
  const answer = { mechTypes: ['kerberos', 'ntlmssp'] }
  const first = negTokenInit({ mechTypes: ['ntlmssp'], mechToken: negotiateMessage() })
  const challenge = negTokenResp({
    negState: 'accept-incomplete',
    supportedMech: 'ntlmssp',
    responseToken: challengeMessage(),
  })
  const none = new Uint8Array(0)
  const reads = [1, 2, 3].flatMap((mid) => [
    client(nbss(smb1Message(0x2e, { uid, mid: 10 + mid }, new Uint8Array(24), none))),
    server(nbss(smb1Message(0x2e, { uid, mid: 10 + mid, response: true }, new Uint8Array(24), none))),
  ])
  return [
    client(nbss(smb1NegotiateRequest(['NT LM 0.12']))),
    server(nbss(smb1NegotiateResponse({ token: negTokenInit2(answer) }))),
    client(nbss(smb1SessionSetupRequest({ mid: 1, token: first }))),
    server(nbss(smb1SessionSetupResponse({ mid: 1, uid, status: 0xc000_0016, token: challenge }))),
    client(
      nbss(smb1SessionSetupRequest({ mid: 2, uid, token: negTokenResp({ responseToken: authenticateMessage() }) })),
    ),
    server(nbss(smb1SessionSetupResponse({ mid: 2, uid, token: negTokenResp({ negState: 'accept-completed' }) }))),
    ...reads,
  ]
}

/** The SMB1 NEGOTIATE of a client that knows SMB2, and the answer that moves it there. */
const MULTI_PROTOCOL = [
  client(nbss(smb1NegotiateRequest(['NT LM 0.12', 'SMB 2.002', 'SMB 2.???']))),
  server(
    nbss(smb2NegotiateResponse({ dialect: 0x02ff, token: negTokenInit2({ mechTypes: ['kerberos', 'ntlmssp'] }) })),
  ),
]
const KERBEROS = [...negotiate(), ...kerberosSetup({ session: SESSION }), ...traffic(SESSION, true)]
const NTLM = [...negotiate(), ...ntlmSetup({ session: SESSION }), ...traffic(SESSION, false)]
const TALKS: readonly (readonly [string, readonly Message[], string])[] = [
  ['SMB2 with Kerberos', KERBEROS, '3.0.2'],
  ['SMB2 with NTLM', NTLM, '3.0.2'],
  ['SMB1 that becomes SMB2', [...MULTI_PROTOCOL, ...NTLM], '3.0.2'],
  ['SMB1', smb1Logon(), 'NT LM 0.12'],
]

describe.each(TALKS)('%s', (_, talk, dialect) => {
  it('says on port 445 what it is', async () => {
    const report = await read(445, talk)
    expect(report.exchanges).toHaveLength(1)
    expect(report.exchanges[0]).toMatchObject({
      service: 'smb',
      result: 'success',
      visibility: 'both',
      smb: { dialect },
    })
    expect(report.exchanges[0]!.smb!.effective).toBe(talk === KERBEROS ? 'signed' : 'unsigned')
  })

  it.each([
    ['139 without a session request', 139, []],
    ['139 after a session request', 139, [client(netbiosSessionRequest('FILES', 'WS1')), POSITIVE]],
    ['139 after a session request to anybody', 139, [client(netbiosSessionRequest('*SMBSERVER', 'WS1')), POSITIVE]],
    [
      '139 with keep-alives',
      139,
      [client(netbiosSessionRequest('FILES', 'WS1')), POSITIVE, client(KEEP_ALIVE), server(KEEP_ALIVE)],
    ],
    ['4450', 4450, []],
    ['8080', 8080, []],
    ['636', 636, []],
  ])('says the same on port %s', async (__, port, before) => {
    const [there, here] = [await read(445, talk), await read(port, [...before, ...talk])]
    expect(said(here)).toEqual(said(there))
    expect(here.exchanges[0]!.server.port).toBe(port)
    expect(here.pairs[0]!.server.ports).toEqual([port])
    expect(here.coverage.carriers).toEqual(there.coverage.carriers)
    expect(here.blindSpots).toEqual([])
  })
})

describe('the NetBIOS session service', () => {
  const request = client(netbiosSessionRequest('FILES', 'WS1'))

  it('tells by which name the client calls the server, if it is one', async () => {
    const named = await read(139, [request, POSITIVE, ...NTLM])
    expect(named.exchanges[0]!.target.name).toBe('FILES')
    expect(named.hosts.find(({ ip }) => ip === '10.0.0.1')!.names).toContainEqual(
      expect.objectContaining({ name: 'FILES', source: 'smb' }),
    )
    const anybody = await read(139, [client(netbiosSessionRequest('*SMBSERVER', 'WS1')), POSITIVE, ...NTLM])
    expect(anybody.exchanges[0]!.target.name).toBeNull()
  })

  it.each([
    ['refuses the session', '83000001 82'],
    ['sends the client elsewhere', '84000006 0a000002 008b'],
  ])('%s: a conversation of SMB without an authentication, and not a clean one', async (_, answer) => {
    const report = await read(139, [request, server(fromHex(answer))])
    expect(report.exchanges).toEqual([])
    expect(report.coverage.carriers).toEqual({ smb: 1, other: 0 })
    expect(report.conversations).toMatchObject([{ service: 'smb', carrier: 'smb', connections: 1, authenticated: 0 }])
  })

  it('goes on with another address on another connection, which is judged by itself', async () => {
    const elsewhere = { address: '10.0.0.2', port: 139 }
    const frames = [
      ...tcpConversation([request, server(fromHex('84000006 0a000002 008b'))], {
        client: CLIENT,
        server: { address: '10.0.0.1', port: 139 },
      }),
      ...tcpConversation([request, POSITIVE, ...KERBEROS], { client: { ...CLIENT, port: 50_001 }, server: elsewhere }),
    ]
    const path = join(folder, `${++files}.pcap`)
    writeFileSync(path, pcap(frames.map((bytes, index) => ({ time: 1e15 + index * 1000, bytes }))))
    const { pairs } = await analyze([path], { rethrow: true })
    expect(pairs).toMatchObject([{ server: { ip: '10.0.0.2' }, verdict: 'kerberos' }])
  })
})
