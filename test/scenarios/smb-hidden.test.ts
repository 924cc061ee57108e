/**
 * What SMB does not show, and what it only seems not to show: encrypted sessions, compressed messages, compounds. From
 * captures to reports.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { expectationNamed } from '../../src/judge/expectations.ts'
import { judgeFlow } from '../../src/judge/flow.ts'
import { analyze } from '../../src/run/analyze.ts'
import { pcap } from '../builders/capture.ts'
import { concat } from '../builders/der.ts'
import { type Message, tcpConversation } from '../builders/net.ts'
import {
  compound,
  nbss,
  smb2Message,
  smb2Transform,
  smb2TreeConnectRequest,
  smb2TreeConnectResponse,
  u16,
  u32,
} from '../builders/smb.ts'
import { kerberosSetup, negotiate, ntlmSetup, traffic } from '../builders/smb-talk.ts'
import { temporaryFolder } from '../captures/packets.ts'

const folder = temporaryFolder()
const SESSION = 0x25
let files = 0

async function read(messages: readonly Message[]) {
  const path = join(folder, `${++files}.pcap`)
  const frames = tcpConversation(messages)
  writeFileSync(path, pcap(frames.map((bytes, index) => ({ time: 1e15 + index * 1000, bytes }))))
  return analyze([path], { rethrow: true })
}

const client = (message: Uint8Array): Message => ({ from: 'client', data: nbss(message) })
const server = (message: Uint8Array): Message => ({ from: 'server', data: nbss(message) })
const bare = ({ data }: Message): Uint8Array => data.slice(4)

/** COMPRESSION_TRANSFORM_HEADER, MS-SMB2 2.2.42.1: the first `clear` bytes stand behind it as they are. */
function unchained(message: Uint8Array, clear: number): Uint8Array {
  return concat(
    Uint8Array.of(0xfc, 0x53, 0x4d, 0x42),
    u32(message.length - clear),
    u16(2),
    u16(0),
    u32(clear),
    message.subarray(0, clear),
    new Uint8Array(20).fill(0xcc),
  )
}

/**
 * Chained, 2.2.42.2: payloads of algorithm, flags, length; `first` as it is, then one of LZ77 with its
 * OriginalPayloadSize.
 */
function chained(first: Uint8Array | null, rest: Uint8Array): Uint8Array {
  const payloads = [
    ...(first === null ? [] : [concat(u16(0), u16(1), u32(first.length), first)]),
    concat(u16(2), u16(first === null ? 1 : 0), u32(rest.length + 4), u32(4096), rest),
  ]
  return concat(Uint8Array.of(0xfc, 0x53, 0x4d, 0x42), u32(8192), ...payloads)
}

const LOGON = [...negotiate(), ...kerberosSetup({ session: SESSION })]

describe('an encrypted session', () => {
  const encrypted = [
    ...LOGON,
    ...[1, 2, 3].flatMap(() => [client(smb2Transform(SESSION)), server(smb2Transform(SESSION))]),
  ]

  it('says that what runs inside is not visible, wherever somebody looks', async () => {
    const report = await read(encrypted)
    expect(report.exchanges).toMatchObject([
      { mechanism: 'kerberos', smb: { effective: 'encrypted', encryptedMessages: 6 } },
    ])
    expect(report.pairs).toMatchObject([
      { verdict: 'kerberos', blindSpots: ['SMB encryption: what runs inside the session'] },
    ])
    expect(report.blindSpots).toMatchObject([{ kind: 'smb-encryption', count: 1 }])
    const flow = { client: [], server: [], port: null, service: null }
    const names = ['no-ntlm', 'rpc-integrity', 'encrypted']
    const { expectations } = judgeFlow(
      report,
      flow,
      names.map((name) => expectationNamed(name)!),
      null,
    )
    expect(expectations.map(({ state }) => state)).toEqual(['not-observed', 'not-observed', 'met'])
    expect(expectations[0]!.reasons[0]!.detail).toBe('an encrypted SMB session: RPC inside it is not visible')
  })

  it('with another channel is one encrypted session', async () => {
    const path = join(folder, `${++files}.pcap`)
    const channel = [
      ...negotiate(),
      ...kerberosSetup({ session: SESSION, goesOn: 'binding' }),
      client(smb2Transform(SESSION)),
    ]
    const frames = [
      ...tcpConversation(encrypted, { close: false }),
      ...tcpConversation(channel, { client: { address: '10.77.0.101', port: 49_153 } }),
    ]
    writeFileSync(path, pcap(frames.map((bytes, index) => ({ time: 1e15 + index * 1000, bytes }))))
    const { exchanges, blindSpots, pairs } = await analyze([path], { rethrow: true })
    expect(exchanges.map(({ smb }) => smb!.effective)).toEqual(['encrypted', 'encrypted'])
    expect(blindSpots).toMatchObject([{ kind: 'smb-encryption', count: 1 }])
    expect(pairs[0]!.smb!.effective).toEqual({ encrypted: 1 })
  })
})

describe('compressed messages', () => {
  const write = (messageId: number, signed: boolean) =>
    smb2Message('WRITE', { sessionId: SESSION, messageId, signed }, new Uint8Array(4096).fill(0x41))

  it.each([
    ['unchained, from behind the header on', (message: Uint8Array) => unchained(message, 64)],
    [
      'chained, behind a header as it is',
      (message: Uint8Array) => chained(message.subarray(0, 64), new Uint8Array(40)),
    ],
  ])('%s, prove signing by the header', async (_, compress) => {
    const talk = [20, 21, 22].map((id) => client(compress(write(id, true))))
    const { exchanges } = await read([...LOGON, ...talk])
    expect(exchanges[0]!.smb).toMatchObject({ effective: 'signed', signedMessages: 3 })
  })

  it.each([
    ['unchained', (message: Uint8Array) => unchained(message, 0)],
    ['chained', () => chained(null, new Uint8Array(60))],
  ])('%s with its header are counted, prove nothing, and what follows is read', async (_, compress) => {
    const hidden = [20, 21].map((id) => client(compress(write(id, true))))
    const { exchanges, tally } = await read([...LOGON, ...hidden])
    expect(exchanges[0]!.smb).toMatchObject({ effective: 'unknown', signedMessages: 0, unsignedMessages: 0 })
    expect(tally.faults.unsupported).toBe(2)
    const more = await read([...LOGON, ...hidden, ...traffic(SESSION, false)])
    expect(more.exchanges[0]!.smb!.effective).toBe('unsigned')
  })

  it('of a logon show as much of it as is not compressed', async () => {
    const [request, challenge, authenticate, answer] = ntlmSetup({ session: SESSION })
    const whole = bare(authenticate!)
    const talk = [...negotiate(), request!, challenge!, client(unchained(whole, whole.length - 8)), answer!]
    const { exchanges } = await read(talk)
    expect(exchanges).toMatchObject([{ mechanism: 'ntlm', result: 'success', principal: { user: 'alice' } }])
  })
})

describe('compounds', () => {
  it('of a session setup and what is related to it', async () => {
    const [request, answer] = kerberosSetup({ session: SESSION })
    const tree = { related: true, sessionId: 0xffff_ffff_ffff_ffffn, messageId: 2, signed: true }
    const talk = [
      ...negotiate(),
      client(compound(bare(request!), smb2TreeConnectRequest('\\\\files\\share', tree))),
      server(
        compound(bare(answer!), smb2TreeConnectResponse(tree), smb2Message('CREATE', { ...tree, response: true })),
      ),
    ]
    const { exchanges } = await read(talk)
    expect(exchanges).toMatchObject([
      {
        mechanism: 'kerberos',
        result: 'success',
        target: { name: 'files' },
        smb: { session: { id: '25', setup: 'new' }, signedMessages: 1 },
      },
    ])
  })

  it('that begin with something else do not hide a session setup', async () => {
    const [request, challenge, authenticate, answer] = ntlmSetup({ session: SESSION })
    for (const first of ['ECHO', 'READ'] as const) {
      const before = smb2Message(first, { messageId: 0 })
      const talk = [
        ...negotiate(),
        // the sample of ordinary messages is full
        ...traffic(0x99, true, 20),
        client(compound(before, bare(request!))),
        challenge!,
        client(compound(before, bare(authenticate!))),
        answer!,
      ]
      const { exchanges } = await read(talk)
      expect(exchanges).toMatchObject([{ mechanism: 'ntlm', result: 'success', principal: { user: 'alice' } }])
    }
  })
})
