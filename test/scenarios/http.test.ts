/** HTTP as it is spoken: bodies that are long, refused or left out, and what is said before they have ended. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CARRIERS } from '../../decoders/registry.ts'
import { LIMITS } from '../../src/memory/limits.ts'
import { renderText } from '../../src/output/text/report.ts'
import { analyze } from '../../src/run/analyze.ts'
import { pcap } from '../builders/capture.ts'
import { asBytes, httpRequest, httpResponse, joined, schemeWithToken } from '../builders/http.ts'
import { type Message, tcpConversation } from '../builders/net.ts'
import { authenticateMessage, challengeMessage, negotiateMessage } from '../builders/ntlmssp.ts'
import { Listener, type Packet, type Side, Talk } from '../builders/talk.ts'
import { temporaryFolder } from '../captures/packets.ts'

type Said = readonly [from: Side, bytes: Uint8Array]

/** What was heard, as `client 5`: the side and the frame. */
function play(said: readonly Said[], leaveOut: (frame: number) => boolean = () => false): Listener {
  const talk = new Talk({ server: { ip: '10.0.0.1', port: 8080 } })
  const packets: Packet[] = [...talk.handshake()]
  for (const [from, bytes] of said) packets.push(...talk.send(from, bytes))
  return new Listener({ carriers: CARRIERS }).play(packets.filter((_packet, at) => !leaveOut(at + 1))).end()
}

const heard = ({ heard: all }: Listener) => all.map(({ from, frame, cut }) => `${from} ${frame} ${cut}`)
const authorised = (token: Uint8Array, more: Record<string, string> = {}) =>
  httpRequest({ method: 'PUT', headers: { Host: 'x', Authorization: schemeWithToken('NTLM', token), ...more } })
const refused = (challenge: string) =>
  httpResponse({ status: 401, headers: { 'WWW-Authenticate': challenge, 'Content-Length': '0' } })
const CHALLENGE = refused(schemeWithToken('NTLM', challengeMessage()))
const ONE = negotiateMessage()
const THREE = authenticateMessage()

describe('a request with a body', () => {
  it('is told where the body ends', () => {
    const put = joined(authorised(ONE, { 'Content-Length': '3000' }), new Uint8Array(3000))
    expect(
      heard(
        play([
          ['client', put],
          ['server', CHALLENGE],
        ]),
      ),
    ).toEqual(['client 6 whole', 'server 7 whole'])
  })

  it('is told before its answer, where that does not wait for the body: in the frame of its last bytes', () => {
    const put = authorised(ONE, { 'Content-Length': '3000' })
    const chunked = authorised(ONE, { 'Transfer-Encoding': 'chunked' })
    for (const [head, body] of [
      [put, new Uint8Array(3000)],
      [chunked, joined(asBytes('bb8\r\n'), new Uint8Array(3000), asBytes('\r\n0\r\n\r\n'))],
    ] as const) {
      const listener = play([
        ['client', head],
        ['client', body.subarray(0, 1000)],
        ['server', CHALLENGE],
        ['client', body.subarray(1000)],
        ['client', authorised(THREE)],
      ])
      expect(heard(listener)).toEqual(['client 5 whole', 'server 6 whole', `client 9 whole`])
    }
  })

  it('of gigabytes is known at its head', () => {
    const head = authorised(ONE, { 'Content-Length': String(2 ** 31) })
    const listener = play([
      ['client', head],
      ['client', new Uint8Array(1460 * 20)],
    ])
    expect(heard(listener)).toEqual(['client 4 whole'])
    const chunk = authorised(ONE, { 'Transfer-Encoding': 'chunked' })
    const inChunks = play([
      ['client', chunk],
      ['client', joined(asBytes('80000000\r\n'), new Uint8Array(14_000))],
    ])
    expect(heard(inChunks)[0]).toBe('client 5 whole')
    expect(LIMITS.restBytesMax).toBeLessThan(2 ** 31)
  })

  it('that is left out is not waited for', () => {
    const put = authorised(ONE, { 'Content-Length': '20000', Expect: '100-continue' })
    const listener = play([
      ['client', put],
      ['server', CHALLENGE],
      ['client', authorised(THREE)],
      ['server', httpResponse({ body: 'x' })],
    ])
    expect(heard(listener)).toEqual(['client 4 whole', 'server 5 whole', 'client 6 whole', 'server 7 whole'])
  })
})

describe('an answer that is lost', () => {
  it('does not put the following ones out of step', () => {
    const head = httpRequest({ method: 'HEAD' })
    const length = httpResponse({ headers: { 'Content-Length': '5' } })
    const listener = play(
      [
        ['client', head],
        ['server', length],
        ['client', authorised(ONE)],
        ['server', refused(schemeWithToken('NTLM', challengeMessage()))],
        ['client', authorised(THREE)],
        ['server', httpResponse({ body: 'hello' })],
        ['client', httpRequest()],
      ],
      (frame) => frame === 5,
    )
    const inOrder = listener.heard.toSorted((one, other) => one.bytes.length - other.bytes.length)
    expect(inOrder.map(({ from, cut }) => `${from} ${cut}`)).toEqual([
      'server whole',
      'client whole',
      'server whole',
      'client whole',
    ])
  })
})

describe('what the report says of it', () => {
  const folder = temporaryFolder()
  const ask = (token: Uint8Array, target: string): Message => ({
    from: 'client',
    data: httpRequest({ target, headers: { Host: 'ca1.corp.example', Authorization: schemeWithToken('NTLM', token) } }),
  })
  const answered = (headers: Record<string, string>): Message[] => [
    ask(ONE, '/certsrv/'),
    { from: 'server', data: CHALLENGE },
    ask(THREE, '/certsrv/'),
    { from: 'server', data: httpResponse({ headers: { Server: 'Microsoft-IIS/10.0', ...headers }, body: 'x' }) },
  ]

  async function reported(messages: readonly Message[]) {
    const path = join(folder, 'one.pcap')
    const frames = tcpConversation(messages, { server: { address: '10.0.0.1', port: 80 } })
    writeFileSync(path, pcap(frames.map((bytes, index) => ({ time: 1e15 + index * 1000, bytes }))))
    const report = await analyze([path], { rethrow: true })
    return { report, text: renderText(report, { columns: 100, color: false }) }
  }

  it('the application, and whether the authentication holds for the connection', async () => {
    for (const [headers, persistentAuth] of [
      [{}, null],
      [{ 'Persistent-Auth': 'true' }, true],
      [{ 'Persistent-Auth': 'false' }, false],
    ] as const) {
      const { report, text } = await reported(answered(headers))
      expect(report.exchanges[0]!.http).toEqual({
        application: 'AD CS web enrolment',
        method: 'GET',
        path: '/certsrv/',
        userAgent: null,
        serverSoftware: 'Microsoft-IIS/10.0',
        persistentAuth,
        requests: 1,
        channelOf: null,
        layer: 'unknown',
      })
      expect(report.pairs[0]!.applications).toEqual(['AD CS web enrolment'])
      expect(text).toContain('for AD CS web enrolment')
    }
  })

  it('two channels of RPC over HTTP are one logon', async () => {
    const target = '/rpc/rpcproxy.dll?mail1:6001'
    const LONG = '1073741824'
    const channel = (method: string, port: number, user: string, body: Uint8Array) => {
      const part = (token: Uint8Array, length: string) =>
        httpRequest({
          method,
          target,
          headers: { Authorization: schemeWithToken('NTLM', token), 'Content-Length': length },
        })
      const isOut = method === 'RPC_OUT_DATA'
      const last = part(authenticateMessage({ user }), isOut ? String(body.length) : LONG)
      return tcpConversation(
        [
          { from: 'client', data: part(ONE, '0') },
          { from: 'server', data: CHALLENGE },
          { from: 'client', data: joined(last, body) },
          ...(isOut ? [{ from: 'server', data: httpResponse({ headers: { 'Content-Length': LONG } }) } as const] : []),
        ],
        { client: { address: '10.0.0.9', port }, server: { address: '10.0.0.1', port: 80 } },
      )
    }
    const rts = Uint8Array.of(5, 0, 20, 3, 16, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    const counted = async (frames: readonly Uint8Array[]) => {
      const path = join(folder, 'channels.pcap')
      writeFileSync(path, pcap(frames.map((bytes, index) => ({ time: 1e15 + index * 1000, bytes }))))
      const { pairs, exchanges, figures } = await analyze([path], { rethrow: true })
      return { pairs, exchanges, ntlm: figures.total.exchanges }
    }
    const both = [...channel('RPC_OUT_DATA', 50_001, 'ada', rts), ...channel('RPC_IN_DATA', 50_002, 'Ada', rts)]
    const [out1, in1] = [channel('RPC_OUT_DATA', 50_001, 'ada', rts), channel('RPC_IN_DATA', 50_002, 'Ada', rts)]
    const inFirst = out1.flatMap((frame, at) => (at < in1.length ? [in1[at]!, frame] : [frame]))
    for (const frames of [both, inFirst]) {
      const { pairs, exchanges, ntlm } = await counted(frames)
      expect(exchanges).toHaveLength(2)
      const [out, into] = exchanges.toSorted((one, other) => one.client.port - other.client.port)
      expect(out).toMatchObject({ result: 'success', http: { application: 'RPC over HTTP', channelOf: null } })
      expect(into!.http!.channelOf).toBe(out!.id)
      expect(pairs).toMatchObject([{ counts: { exchanges: 1, continued: { channel: 1 } } }])
      expect(ntlm).toBe(1)
    }
    const twice = await counted([
      ...both,
      ...channel('RPC_OUT_DATA', 50_003, 'ada', rts),
      ...channel('RPC_IN_DATA', 50_004, 'ada', rts),
    ])
    expect(twice.pairs[0]!.counts).toMatchObject({ exchanges: 2, continued: { channel: 2 } })
    const others = await counted([
      ...channel('RPC_OUT_DATA', 50_001, 'ada', rts),
      ...channel('RPC_IN_DATA', 50_002, 'bob', rts),
    ])
    expect(others.pairs[0]!.counts.exchanges).toBe(2)
  })

  it('the end of a tunnel', async () => {
    const connect = httpRequest({ method: 'CONNECT', target: 'ca1.corp.example:80' })
    const { text } = await reported([
      { from: 'client', data: connect },
      { from: 'server', data: httpResponse() },
      ...answered({}),
    ])
    expect(text.replace(/\s+/g, ' ')).toContain('through this proxy to ca1.corp.example:80')
  })
})
