/**
 * Conversations inside others: what CONNECT and Upgrade lead to is read as if a conversation began, and its server is
 * not the proxy.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CARRIERS } from '../../decoders/registry.ts'
import { HandoverReader, HandoverWriter } from '../../src/reading/handover.ts'
import { analyze, type MessageLine } from '../../src/run/analyze.ts'
import { pcap } from '../builders/capture.ts'
import { httpRequest, httpResponse, schemeWithToken } from '../builders/http.ts'
import { type ConversationOptions, concat, type Message, pattern, tcpConversation } from '../builders/net.ts'
import { authenticateMessage, challengeMessage, negotiateMessage } from '../builders/ntlmssp.ts'
import { Listener, type Packet, Talk } from '../builders/talk.ts'
import { temporaryFolder } from '../captures/packets.ts'
import { TLS_SAMPLES } from '../decoders/tls.samples.ts'

const folder = temporaryFolder()
const CLIENT = { address: '10.0.0.9', port: 50_000 }
const PROXY = { address: '10.0.0.1', port: 4128 }
const TARGET = 'web1.corp.example:8080'
let files = 0

async function read(frames: readonly Uint8Array[]) {
  const path = join(folder, `${++files}.pcap`)
  writeFileSync(path, pcap(frames.map((bytes, index) => ({ time: 1e15 + index * 1000, bytes }))))
  const lines: MessageLine[] = []
  const report = await analyze([path], { rethrow: true, onMessage: (line) => lines.push(line) })
  return { report, lines, users: report.exchanges.map(({ principal }) => principal.user) }
}

const conversation = (messages: readonly Message[], options: ConversationOptions = {}) =>
  tcpConversation(messages, { client: CLIENT, server: PROXY, ...options })
const client = (data: Uint8Array): Message => ({ from: 'client', data })
const server = (data: Uint8Array): Message => ({ from: 'server', data })
const text = (line: string) => Buffer.from(`${line}\r\n`, 'latin1')
const base64 = (token: Uint8Array) => Buffer.from(token).toString('base64')
const binary = (token: Uint8Array) => concat(Uint8Array.of(0xfe, 0xdc, 0, token.length >> 8, token.length), token)
const tokens = (user: string) => [negotiateMessage(), challengeMessage(), authenticateMessage({ user })] as const

const connect = (token?: Uint8Array, target = TARGET) =>
  httpRequest({
    method: 'CONNECT',
    target,
    headers: {
      Host: target,
      ...(token === undefined ? {} : { 'Proxy-Authorization': schemeWithToken('NTLM', token) }),
    },
  })
const ESTABLISHED = httpResponse({ reason: 'Connection established' })
const asks = (challenge: string) =>
  httpResponse({ status: 407, headers: { 'Proxy-Authenticate': challenge, 'Content-Length': '0' } })

/** CONNECT without credentials, and with NTLM of bob. */
const OPEN: readonly Message[] = [client(connect()), server(ESTABLISHED)]
const [ONE, TWO, THREE] = tokens('bob')
const AUTHENTICATED: readonly Message[] = [
  client(connect()),
  server(asks('NTLM')),
  client(connect(ONE)),
  server(asks(schemeWithToken('NTLM', TWO))),
  client(connect(THREE)),
  server(ESTABLISHED),
]

const get = (token?: Uint8Array) =>
  httpRequest({
    headers: { Host: TARGET, ...(token === undefined ? {} : { Authorization: schemeWithToken('NTLM', token) }) },
  })
const refused = (challenge: string) =>
  httpResponse({ status: 401, headers: { 'WWW-Authenticate': challenge, 'Content-Length': '0' } })
const page = httpResponse({ body: 'hello' })
const [INNER_1, INNER_2, INNER_3] = tokens('alice')

/** What may be said in a tunnel: NTLM of alice each time. */
const INSIDE: Readonly<Record<string, readonly Message[]>> = {
  http: [
    client(get()),
    server(refused('NTLM')),
    client(get(INNER_1)),
    server(refused(schemeWithToken('NTLM', INNER_2))),
    client(get(INNER_3)),
    server(page),
  ],
  smtp: [
    server(text('220 mail1 ESMTP')),
    client(text('EHLO ws1')),
    server(text('250-mail1\r\n250 AUTH NTLM')),
    client(text(`AUTH NTLM ${base64(INNER_1)}`)),
    server(text(`334 ${base64(INNER_2)}`)),
    client(text(base64(INNER_3))),
    server(text('235 ok')),
  ],
  unknown: [client(binary(INNER_1)), server(binary(INNER_2)), client(binary(INNER_3))],
}

describe('a tunnel through a proxy', () => {
  for (const [service, inside] of Object.entries(INSIDE)) {
    it(`${service} in it is an exchange of its own, beside that with the proxy`, async () => {
      const { report, users } = await read(conversation([...AUTHENTICATED, ...inside]))
      expect(users).toEqual(['bob', 'alice'])
      expect(report.exchanges).toMatchObject([
        { service: 'http-proxy', carrier: 'http', result: 'success', tunnel: null, origin: 'server-only' },
        { service, tunnel: TARGET, target: { name: 'web1.corp.example' }, server: { ip: PROXY.address } },
      ])
      // the proxy is not called what the server behind it is called
      expect(report.hosts.filter(({ ip }) => ip === PROXY.address).flatMap(({ names }) => names)).toEqual([
        expect.objectContaining({ name: 'files.corp.example' }),
        expect.objectContaining({ name: 'FILES' }),
      ])
      expect(report.blindSpots.map(({ kind }) => kind)).not.toContain('ntlm-unread')
      expect(report.coverage.carriers).toMatchObject({ http: 1, other: 0 })
    })
  }

  it('findings name who stands behind the proxy', async () => {
    const other = 'web2.corp.example:80'
    const second = conversation([client(connect(undefined, other)), server(ESTABLISHED), ...INSIDE.http!], {
      client: { ...CLIENT, port: 50_001 },
    })
    const { report } = await read([...conversation([...OPEN, ...INSIDE.http!]), ...second])
    const details = report.findings.filter(({ id }) => id === 'NS-SG-011').map(({ detail }) => detail)
    expect(details).toHaveLength(2)
    for (const target of [TARGET, other]) expect(details.join()).toContain(`behind the proxy: ${target}`)
  })

  it('its server gives the proxy no name', async () => {
    const { report } = await read(conversation([...OPEN, ...INSIDE.http!]))
    expect(report.hosts.filter(({ ip }) => ip === PROXY.address)).toEqual([])
    expect(report.conversations).toMatchObject([{ carrier: 'http', authenticated: 1 }])
  })

  it('TLS in it is not visible, as a service of the port behind the proxy', async () => {
    const hellos = [client(TLS_SAMPLES[0]!.record), server(TLS_SAMPLES[1]!.record)]
    const { report, users } = await read(
      conversation([client(connect(undefined, 'dc1:636')), ...OPEN.slice(1), ...hellos]),
    )
    expect(users).toEqual([])
    expect(report.pairs).toMatchObject([{ service: 'ldap', server: { ip: PROXY.address, name: null } }])
    expect(report.pairs[0]!.blindSpots).not.toEqual([])
    expect(report.conversations.map(({ carrier, service }) => [carrier, service])).toEqual([
      ['http', 'http-proxy'],
      ['tls', 'ldap'],
    ])
    expect(report.coverage.carriers).toMatchObject({ http: 1, tls: 1, other: 0 })
  })

  it.each(Object.entries(INSIDE))('%s is found wherever segments end', async (_service, inside) => {
    for (const mss of [1, 2, 3, 5, 7, 8, 13, 40, 100]) {
      const { users } = await read(conversation([...AUTHENTICATED, ...inside], { mss }))
      expect(users, `segments of ${mss}`).toEqual(['bob', 'alice'])
    }
  })

  it.each(Object.entries(INSIDE))('%s is found where one direction is missing', async (_service, inside) => {
    const all = [...OPEN, ...inside]
    for (const side of ['client', 'server'] as const) {
      const frames = conversation(all, { handshake: false, acknowledge: false, close: false })
      const { lines } = await read(frames.filter((_frame, index) => all[index]!.from === side))
      const types = lines.filter(({ protocol }) => protocol === 'ntlmssp').map(({ type }) => type)
      expect(types, side).toEqual(
        side === 'client' ? ['NEGOTIATE_MESSAGE', 'AUTHENTICATE_MESSAGE'] : ['CHALLENGE_MESSAGE'],
      )
    }
  })

  it('tokens long after the tunnel began, of a protocol that nobody knows', async () => {
    const noise = Array.from({ length: 40 }, (_, index) =>
      (index % 2 ? server : client)(pattern(700, index * 3 + 0x80)),
    )
    const { report, users } = await read(conversation([...OPEN, ...noise, ...INSIDE.unknown!]))
    expect(users).toEqual(['alice'])
    expect(report.exchanges).toMatchObject([{ service: 'unknown', tunnel: TARGET }])
  })

  it('a tunnel in a tunnel: the last one asked for', async () => {
    const again = [client(connect(undefined, 'inner.corp.example:80')), server(ESTABLISHED)]
    const { report } = await read(conversation([...OPEN, ...again, ...INSIDE.http!]))
    expect(report.exchanges).toMatchObject([{ service: 'http', tunnel: 'inner.corp.example:80' }])
  })

  it('a refused CONNECT goes on as HTTP with the proxy', async () => {
    const denied = httpResponse({ status: 403, headers: { 'Content-Length': '0' } })
    const { report } = await read(conversation([client(connect()), server(denied), ...AUTHENTICATED.slice(1)]))
    expect(report.exchanges).toMatchObject([{ service: 'http-proxy', tunnel: null, result: 'success' }])
  })

  it('what the proxy hands on is no relay', async () => {
    const onwards = tcpConversation(INSIDE.http!, {
      client: { address: PROXY.address, port: 40_000 },
      server: { address: '10.0.0.80', port: 8080 },
    })
    const { report } = await read([...conversation([...OPEN, ...INSIDE.http!]), ...onwards])
    expect(report.exchanges).toHaveLength(2)
    expect(report.exchanges.map(({ cause }) => cause?.code)).not.toContain('RC21')
    // the same two flows without a tunnel are one
    const direct = await read([...conversation(INSIDE.http!), ...onwards])
    expect(direct.report.exchanges.map(({ cause }) => cause?.code)).toContain('RC21')
  })
})

describe('an upgrade', () => {
  it('leads to another protocol of the same server', async () => {
    const upgrade = httpRequest({ headers: { Host: 'www', Upgrade: 'x', Connection: 'Upgrade' } })
    const messages = [client(upgrade), server(httpResponse({ status: 101 })), ...INSIDE.unknown!]
    const { report, users } = await read(conversation(messages))
    expect(users).toEqual(['alice'])
    expect(report.exchanges).toMatchObject([{ service: 'unknown', tunnel: null }])
    expect(report.hosts.find(({ ip }) => ip === PROXY.address)?.names).not.toEqual([])
  })
})

describe('the stream', () => {
  const play = (messages: readonly Message[]) => {
    const talk = new Talk({ server: { ip: '10.0.0.1', port: 4128 } })
    const packets: Packet[] = [...talk.handshake()]
    for (const { from, data } of messages) packets.push(...talk.send(from, data))
    return new Listener({ carriers: CARRIERS }).play([...packets, ...talk.bye()]).end()
  }

  it('says once that a conversation is over, whoever speaks first', () => {
    const hello = TLS_SAMPLES[0]!.record
    for (const first of [client, server] as const) {
      const second = first === client ? server : client
      const listener = play([...OPEN, first(hello), second(hello), second(hello)])
      expect(listener.overs).toEqual([['http']])
      expect(listener.closedConnections[0]!.outer.map(({ name }) => name)).toEqual(['http'])
    }
    expect(play(OPEN).overs).toEqual([])
  })

  it('the client that does not wait for the answer has its tunnel', async () => {
    const [asked, established] = OPEN
    const hello = TLS_SAMPLES[0]!.record
    const listener = play([asked!, client(hello), established!, server(TLS_SAMPLES[1]!.record)])
    expect(listener.heard.map(({ from, carrier }) => `${from} ${carrier}`)).toContain('server tls')
  })

  it('endless tunnels in tunnels hold no memory', () => {
    const messages = Array.from({ length: 500 }, () => OPEN).flat()
    const listener = play([...messages, ...INSIDE.http!])
    expect(listener.closedConnections[0]!.outer).toHaveLength(1)
    expect(listener.stream.heldBytes).toBe(0)
  })

  it('the other thread is told the same', () => {
    const direct: string[] = []
    const handed: string[] = []
    const note = (into: string[]) => ({
      pdu: (_: unknown, from: 0 | 1, carrier: { name: string }) => into.push(`${from} ${carrier.name}`),
      standalone: () => {},
      tunnel: () => into.push('tunnel'),
      closed: ({ outer }: { outer: readonly { name: string }[] }) => into.push(outer.map(({ name }) => name).join()),
    })
    const reader = new HandoverReader(CARRIERS, note(handed))
    const listener = new Listener({ carriers: CARRIERS })
    const writer = new HandoverWriter(
      CARRIERS,
      listener.stream,
      (bytes) => new ArrayBuffer(bytes),
      ([filled]) => reader.chunk(filled!.chunk, filled!.used),
    )
    const noted = note(direct)
    listener.pdu = (connection, from, carrier, bytes, cut) => {
      noted.pdu(connection, from, carrier)
      writer.pdu(connection, from, carrier, bytes, cut)
    }
    listener.tunnel = (connection) => {
      noted.tunnel()
      writer.tunnel(connection)
    }
    listener.closed = (connection) => {
      noted.closed(connection)
      writer.closed(connection)
    }
    const talk = new Talk({ server: { ip: '10.0.0.1', port: 4128 } })
    const packets: Packet[] = [...talk.handshake()]
    for (const { from, data } of [...OPEN, ...INSIDE.http!]) packets.push(...talk.send(from, data))
    listener.play([...packets, ...talk.bye()]).end()
    writer.flush()
    expect(direct.slice(0, 2)).toEqual(['1 http', 'tunnel'])
    expect(direct.at(-1)).toBe('http')
    expect(handed).toEqual(direct)
  })
})
