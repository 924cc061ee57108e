/**
 * NTLM tokens in clear where no carrier claims the conversation: found, told, folded; and where they are not decoded,
 * counted.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { analyze, type MessageLine } from '../../src/run/analyze.ts'
import { pcap } from '../builders/capture.ts'
import {
  type ConversationOptions,
  concat,
  ethernet,
  ipv4,
  type Message,
  pattern,
  tcpConversation,
  udpFrame,
} from '../builders/net.ts'
import { authenticateMessage, challengeMessage, negotiateMessage } from '../builders/ntlmssp.ts'
import { temporaryFolder } from '../captures/packets.ts'

const folder = temporaryFolder()
const CLIENT = { address: '10.0.0.9', port: 50_000 }
const SERVER = { address: '10.0.0.1', port: 4444 }
const NEGOTIATE = negotiateMessage()
const CHALLENGE = challengeMessage()
const AUTHENTICATE = authenticateMessage()
const TYPES = ['NEGOTIATE_MESSAGE', 'CHALLENGE_MESSAGE', 'AUTHENTICATE_MESSAGE']
let files = 0

async function read(frames: readonly Uint8Array[]) {
  const path = join(folder, `${++files}.pcap`)
  writeFileSync(path, pcap(frames.map((bytes, index) => ({ time: 1e15 + index * 1000, bytes }))))
  const lines: MessageLine[] = []
  const report = await analyze([path], { rethrow: true, onMessage: (line) => lines.push(line) })
  const types = lines.filter(({ protocol }) => protocol === 'ntlmssp').map(({ type }) => type)
  return { report, lines, types }
}

const conversation = (messages: readonly Message[], options: ConversationOptions = {}) =>
  tcpConversation(messages, { client: CLIENT, server: SERVER, ...options })
const binary = (token: Uint8Array) =>
  concat(Uint8Array.of(0xfe, 0xdc, 0, token.length >> 8, token.length & 0xff), token)
const line = (token: Uint8Array) => Buffer.from(`XAUTH NTLM ${Buffer.from(token).toString('base64')}\r\n`, 'latin1')
const legs = (wrap: (token: Uint8Array) => Uint8Array): Message[] => [
  { from: 'client', data: wrap(NEGOTIATE) },
  { from: 'server', data: wrap(CHALLENGE) },
  { from: 'client', data: wrap(AUTHENTICATE) },
]
const noise = (count: number): Message[] =>
  Array.from({ length: count }, (_, index) => ({
    from: index % 2 ? 'server' : 'client',
    data: pattern(700, index * 3 + 0x80),
  }))

describe('a conversation that no carrier claims', () => {
  it.each([
    ['raw', binary, null],
    ['base64', line, 'XAUTH NTLM'],
  ] as const)('%s tokens are one exchange of the service unknown', async (encoding, wrap, hint) => {
    const { report, lines, types } = await read(conversation(legs(wrap)))
    expect(types).toEqual(TYPES)
    expect(lines.filter(({ protocol }) => protocol === 'unknown')).toMatchObject([
      { carrier: 'unknown', type: 'token', encoding, hint, destination: { port: 4444 } },
      { encoding, hint, source: { port: 4444 } },
      { encoding, hint },
    ])
    expect(report.exchanges).toMatchObject([
      {
        service: 'unknown',
        carrier: 'unknown',
        mechanism: 'ntlm',
        origin: 'unknown',
        result: 'unknown',
        client: { ip: CLIENT.address },
        server: { ip: SERVER.address, port: 4444 },
        principal: { user: 'alice' },
      },
    ])
    expect(report.blindSpots.map(({ kind }) => kind)).not.toContain('ntlm-unread')
    expect(report.coverage.carriers).toMatchObject({ unknown: 1, other: 0 })
  })

  it('is followed again long after it was given up', async () => {
    const { report, types } = await read(conversation([...noise(40), ...legs(binary), ...noise(40)]))
    expect(types).toEqual(TYPES)
    expect(report.exchanges).toHaveLength(1)
    expect(report.coverage.connections).toBe(1)
  })

  // behind noise the conversation was given up before
  it.each([
    ['raw', binary, 0],
    ['raw', binary, 2],
    ['base64', line, 0],
    ['base64', line, 2],
  ] as const)('%s tokens are found wherever segments end', async (_name, wrap, before) => {
    for (const mss of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 40, 64, 100]) {
      const { types } = await read(conversation([...noise(before), ...legs(wrap)], { mss }))
      expect(types, `segments of ${mss}`).toEqual(TYPES)
    }
  })

  it.each([
    ['raw', binary],
    ['base64', line],
  ] as const)('%s tokens are found with one cut anywhere in their signature', async (_name, wrap) => {
    const [first, ...rest] = legs(wrap)
    for (let at = 1; at < 28; at++) {
      const pieces = [first!.data.subarray(0, at), first!.data.subarray(at)].map((data) => ({ ...first!, data }))
      const { types } = await read(conversation([...noise(8), ...pieces, ...rest]))
      expect(types, `cut at ${at}`).toEqual(TYPES)
    }
  })

  it('each direction alone tells its own', async () => {
    const frames = conversation(legs(binary), { handshake: false, acknowledge: false, close: false })
    expect((await read([frames[0]!, frames[2]!])).types).toEqual([TYPES[0], TYPES[2]])
    expect((await read([frames[1]!])).types).toEqual([TYPES[1]])
  })

  it('text about NTLMSSP is no token', async () => {
    const text = Buffer.from('the signature NTLMSSP\0 and TlRMTVNTUAA are here\n', 'latin1')
    const { types, report } = await read(conversation([...noise(1), { from: 'client', data: text }]))
    expect(types).toEqual([])
    expect(report.exchanges).toEqual([])
  })
})

describe('other places', () => {
  it('a datagram', async () => {
    const { report, types } = await read([
      udpFrame(binary(NEGOTIATE), CLIENT, SERVER),
      udpFrame(binary(CHALLENGE), SERVER, CLIENT),
    ])
    expect(types).toEqual(TYPES.slice(0, 2))
    expect(report.exchanges).toHaveLength(1)
  })

  it('a body that a carrier steps over: counted, not decoded', async () => {
    const body = binary(AUTHENTICATE)
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`
    const { report, types } = await read(
      conversation([
        { from: 'client', data: Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n') },
        { from: 'server', data: concat(Buffer.from(head), body) },
      ]),
    )
    expect(types).toEqual([])
    expect(report.blindSpots).toContainEqual(expect.objectContaining({ kind: 'ntlm-unread', count: 1 }))
  })

  it('as many tokens as a segment of that size may hold, and the rest as a count', async () => {
    const log = concat(...Array.from({ length: 60 }, () => line(AUTHENTICATE)))
    const read60 = await read(conversation([{ from: 'client', data: log }], { mss: 60_000 }))
    expect(read60.types).toHaveLength(60)

    const junk = concat(...Array.from({ length: 100 }, () => NEGOTIATE.subarray(0, 12)))
    const { report, types } = await read(conversation([{ from: 'client', data: junk }], { mss: 1460 }))
    expect(types).toHaveLength(32)
    expect(report.blindSpots).toContainEqual(expect.objectContaining({ kind: 'ntlm-unread', count: 68 }))
  })

  it('a packet that is neither TCP nor UDP: counted', async () => {
    const { report } = await read([ethernet(ipv4(binary(NEGOTIATE), { protocol: 132 }))])
    expect(report.blindSpots).toContainEqual(expect.objectContaining({ kind: 'ntlm-elsewhere', count: 1 }))
  })
})
