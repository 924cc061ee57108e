/**
 * Where tokens hide: every way to wrap a packet, to cut and to encode a token, and to put one inside a conversation of
 * somebody else.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { analyze, type MessageLine } from '../../src/run/analyze.ts'
import { NANOSECOND_PCAP, type PcapForm, pcap } from '../builders/capture.ts'
import { httpRequest, httpResponse } from '../builders/http.ts'
import { apRep, apReq, asReq, gss, name, TOK_AP_REP, TOK_AP_REQ, tcpRecord } from '../builders/kerberos.ts'
import {
  type ConversationOptions,
  concat,
  erspan2,
  erspan3,
  ethernet,
  ethernetSnap,
  geneve,
  gre,
  gtpU,
  hopByHop,
  ipv4,
  ipv4Fragments,
  ipv6,
  loopback,
  type Message,
  mpls,
  pattern,
  ppp,
  pppoe,
  routing,
  sll,
  sll2,
  tcpConversation,
  udp,
  udpFrame,
  vlan,
  vxlan,
} from '../builders/net.ts'
import { authenticateMessage, challengeMessage, negotiateMessage } from '../builders/ntlmssp.ts'
import { nbss, smb2Message } from '../builders/smb.ts'
import { negTokenInit } from '../builders/spnego.ts'
import { temporaryFolder } from '../captures/packets.ts'

const folder = temporaryFolder()
const CLIENT = { address: '10.0.0.9', port: 50_000 }
const SERVER = { address: '10.0.0.1', port: 4444 }
const NEGOTIATE = negotiateMessage()
const CHALLENGE = challengeMessage()
const AUTHENTICATE = authenticateMessage()
const TOKENS = [NEGOTIATE, CHALLENGE, AUTHENTICATE]
const TYPES = ['NEGOTIATE_MESSAGE', 'CHALLENGE_MESSAGE', 'AUTHENTICATE_MESSAGE']
let files = 0

async function read(frames: readonly Uint8Array[], form: PcapForm = {}, write = (bytes: Uint8Array) => bytes) {
  const path = join(folder, `${++files}.pcap`)
  writeFileSync(
    path,
    write(
      pcap(
        frames.map((bytes, index) => ({ time: 1e15 + index * 1000, bytes })),
        form,
      ),
    ),
  )
  const lines: MessageLine[] = []
  const report = await analyze([path], { rethrow: true, onMessage: (line) => lines.push(line) })
  const types = lines.filter(({ protocol }) => protocol === 'ntlmssp').map(({ type }) => type)
  const quoted = lines.filter(({ inside }) => inside).map(({ message }) => message)
  return { report, lines, types, quoted }
}

const binary = (token: Uint8Array) =>
  concat(Uint8Array.of(0xfe, 0xdc, 0, token.length >> 8, token.length & 0xff), token)
const talk = (wrap: (token: Uint8Array) => Uint8Array = binary): Message[] => [
  { from: 'client', data: wrap(NEGOTIATE) },
  { from: 'server', data: wrap(CHALLENGE) },
  { from: 'client', data: wrap(AUTHENTICATE) },
]
const conversation = (messages: readonly Message[], options: ConversationOptions = {}) =>
  tcpConversation(messages, { client: CLIENT, server: SERVER, ...options })
const ascii = (text: string) => Buffer.from(text, 'latin1')
const base64 = (token: Uint8Array) => Buffer.from(token).toString('base64')
const lines = (text: string, width: number, end: string) =>
  text.replace(new RegExp(`.{${width}}(?=.)`, 'g'), `$&${end}`)

describe('packets', () => {
  const outer = (protocol: number) => (payload: Uint8Array) => ethernet(ipv4(payload, { protocol }))
  const inUdp = (destinationPort: number) => (payload: Uint8Array) => outer(17)(udp(payload, { destinationPort }))
  const links: readonly [string, (packet: Uint8Array) => Uint8Array, number?][] = [
    ['VLAN', (packet) => ethernet(vlan(packet), { etherType: 0x8100 })],
    ['QinQ', (packet) => ethernet(vlan(vlan(packet), { etherType: 0x8100 }), { etherType: 0x88a8 })],
    ['SNAP', (packet) => ethernetSnap(packet)],
    ['MPLS', (packet) => ethernet(mpls(packet), { etherType: 0x8847 })],
    ['PPPoE', (packet) => ethernet(pppoe(ppp(packet)), { etherType: 0x8864 })],
    ['GRE', (packet) => outer(47)(gre(packet, { key: 7 }))],
    ['ERSPAN II', (packet) => outer(47)(erspan2(ethernet(packet)))],
    ['ERSPAN III', (packet) => outer(47)(erspan3(ethernet(packet), { subheader: true }))],
    ['VXLAN', (packet) => inUdp(4789)(vxlan(ethernet(packet)))],
    ['GENEVE', (packet) => inUdp(6081)(geneve(ethernet(packet), { options: new Uint8Array(8) }))],
    ['GTP-U', (packet) => inUdp(2152)(gtpU(packet, { sequence: 1, extensions: 1 }))],
    ['IP in IP', (packet) => outer(4)(packet)],
    ['IPv4 in IPv6', (packet) => ethernet(ipv6(packet, { protocol: 4, extensions: [hopByHop(), routing(1)] }))],
    ['padding', (packet) => ethernet(packet, { padTo: 1514 })],
    ['raw', (packet) => packet, 101],
    ['loopback', (packet) => loopback(packet), 0],
    ['loopback of another host', (packet) => loopback(packet, { littleEndian: true }), 0],
    ['cooked', (packet) => sll(packet), 113],
    ['cooked, version 2', (packet) => sll2(packet), 276],
    ['PPP', (packet) => ppp(packet, { address: true }), 9],
  ]

  it.each(links)('%s', async (_name, link, linkType = 1) => {
    const { types, report } = await read(conversation(talk(), { link, mss: 100 }), { linkType })
    expect(types).toEqual(TYPES)
    expect(report.exchanges).toMatchObject([{ mechanism: 'ntlm', principal: { user: 'alice' } }])
  })

  it.each([
    ['big-endian', { order: 'big' } as const],
    ['nanoseconds', { magic: NANOSECOND_PCAP }],
    ['gzip', {}, gzipSync],
  ] as const)('%s', async (_name, form, write?: (bytes: Uint8Array) => Uint8Array) => {
    expect((await read(conversation(talk()), form, write)).types).toEqual(TYPES)
  })

  it('fragments', async () => {
    const frames = conversation(talk(), {
      link: (packet) => packet,
    }).flatMap((packet) => {
      const [source, destination] = [12, 16].map((at) => packet.subarray(at, at + 4).join('.'))
      const id = (packet[4]! << 8) | packet[5]!
      return ipv4Fragments(packet.subarray(20), 32, { source: source!, destination: destination!, id }).map((one) =>
        ethernet(one),
      )
    })
    expect((await read(frames)).types).toEqual(TYPES)
  })

  it('a super-segment, and jumbo frames', async () => {
    const messages = talk((token) => concat(pattern(30_000, 9), token, pattern(20_000, 5)))
    expect((await read(conversation(messages, { mss: 60_000 }))).types).toEqual(TYPES)
    expect((await read(conversation(messages, { mss: 8900 }))).types).toEqual(TYPES)
  })
})

describe('order', () => {
  const frames = () => conversation(talk(), { mss: 40, acknowledge: false, close: false })

  it('every pair of neighbours changed', async () => {
    const all = frames()
    for (let at = 3; at + 1 < all.length; at++) {
      const changed = [...all]
      ;[changed[at], changed[at + 1]] = [changed[at + 1]!, changed[at]!]
      expect((await read(changed)).types.toSorted(), `packets ${at}`).toEqual(TYPES.toSorted())
    }
  })

  it('every packet twice, at once and later', async () => {
    const all = frames()
    expect((await read(all.flatMap((frame) => [frame, frame]))).types).toEqual(TYPES)
    expect((await read([...all, ...all.slice(3)])).types).toEqual(TYPES)
  })

  it('from the middle on', async () => {
    const all = conversation([...noise(6), ...talk()], { handshake: false, close: false })
    for (let at = 0; at < 12; at++) expect((await read(all.slice(at))).types, `from packet ${at}`).toEqual(TYPES)
  })

  it('after the start of TLS, and after megabytes', async () => {
    const hello = concat(Uint8Array.of(22, 3, 1, 1, 0), pattern(256, 3))
    expect((await read(conversation([{ from: 'client', data: hello }, ...talk()]))).types).toEqual(TYPES)
    const much: Message = { from: 'server', data: concat(Uint8Array.of(0xff, 0xee), new Uint8Array(3e6).fill(0xaa)) }
    expect((await read(conversation([much, ...talk()]))).types).toEqual(TYPES)
  })
})

const noise = (count: number): Message[] =>
  Array.from({ length: count }, (_, index) => ({
    from: index % 2 ? 'server' : 'client',
    data: pattern(700, index * 3 + 0x80),
  }))

describe('forms of tokens', () => {
  it.each([
    ['the shortest NEGOTIATE_MESSAGE', NEGOTIATE.subarray(0, 16)],
    ['without version', negotiateMessage({ version: null, flags: 0x8207 })],
    ['with names', negotiateMessage({ domain: 'CORP', workstation: 'WS1', flags: 0xb207 })],
  ])('%s', async (_name, token) => {
    for (const wrap of [
      binary,
      (one: Uint8Array) => one,
      (one: Uint8Array) => concat(binary(one), pattern(40, 0x41)),
    ]) {
      const [, ...rest] = talk(wrap)
      const { types, report } = await read(conversation([{ from: 'client', data: wrap(token) }, ...rest]))
      expect(types).toEqual(TYPES)
      expect(report.exchanges).toHaveLength(1)
    }
  })

  it('the shortest CHALLENGE_MESSAGE and AUTHENTICATE_MESSAGE', async () => {
    const challenge = challengeMessage({
      targetInfo: null,
      version: null,
      targetName: '',
      flags: 0x8205,
      headBytes: 32,
    })
    const authenticate = authenticateMessage({
      nt: new Uint8Array(24).fill(7),
      mic: null,
      version: null,
      headBytes: 52,
      sessionKey: new Uint8Array(0),
    })
    expect(challenge).toHaveLength(32)
    for (const tail of [0, 60]) {
      const wrap = (token: Uint8Array) => concat(binary(token), pattern(tail, 0x41))
      const [first] = talk(wrap)
      const { types } = await read(
        conversation([first!, { from: 'server', data: wrap(challenge) }, { from: 'client', data: wrap(authenticate) }]),
      )
      expect(types, `${tail} bytes behind them`).toEqual(TYPES)
    }
  })

  it('64 kB', async () => {
    const long = authenticateMessage({
      nt: concat(new Uint8Array(16).fill(1), Uint8Array.of(1, 1), new Uint8Array(60_000)),
    })
    for (const wrap of [binary, (token: Uint8Array) => ascii(`X ${base64(token)}\r\n`)]) {
      const [one, two] = talk(wrap)
      expect((await read(conversation([one!, two!, { from: 'client', data: wrap(long) }]))).types).toEqual(TYPES)
    }
  })

  it.each([
    ['lines of 76', (token: Uint8Array) => `${lines(base64(token), 76, '\r\n')}\r\n`],
    ['lines of 64, folded', (token: Uint8Array) => `X: ${lines(base64(token), 64, '\r\n ')}\r\n`],
    [
      'base64url',
      (token: Uint8Array) => `?t=${base64(token).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}&x`,
    ],
    ['quoted', (token: Uint8Array) => `{"token":"${base64(token)}"}`],
  ])('base64: %s', async (_name, text) => {
    const { types, lines: said } = await read(conversation(talk((token) => ascii(text(token)))))
    expect(types).toEqual(TYPES)
    expect(said.filter(({ faults }) => faults)).toEqual([])
  })
})

describe('inside the conversation of a carrier', () => {
  const http = (body: Uint8Array) => ({
    asked: httpRequest({ method: 'POST', headers: { Host: 'x', 'Content-Length': `${body.length}` }, body }),
    answered: httpResponse({ headers: { 'Content-Length': `${body.length}` }, body }),
  })

  it.each([
    ['raw', binary],
    ['base64', (token: Uint8Array) => ascii(`<t>${base64(token)}</t>`)],
  ])('an authentication in bodies (%s) counts', async (_name, wrap) => {
    const exchanged = TOKENS.map((token) => http(wrap(token)))
    const { types, report } = await read(
      conversation([
        { from: 'client', data: exchanged[0]!.asked },
        { from: 'server', data: exchanged[1]!.answered },
        { from: 'client', data: exchanged[2]!.asked },
      ]),
    )
    expect(types).toEqual(TYPES)
    expect(report.exchanges).toMatchObject([{ service: 'unknown', mechanism: 'ntlm', principal: { user: 'alice' } }])
    expect(report.blindSpots.map(({ kind }) => kind)).not.toContain('ntlm-unread')
  })

  it.each([1460, 700, 41, 7])('a file with three tokens in segments of %i is told, and is no logon', async (mss) => {
    const file = concat(pattern(3000, 1), ...TOKENS.map((token) => concat(binary(token), pattern(900, 4))))
    const { types, quoted, report } = await read(
      conversation(
        [
          { from: 'client', data: httpRequest({ headers: { Host: 'x' } }) },
          { from: 'server', data: http(file).answered },
        ],
        { mss },
      ),
    )
    expect(types).toEqual([])
    expect(quoted).toEqual(TYPES)
    expect(report.exchanges).toEqual([])
    expect(report.blindSpots).toContainEqual(expect.objectContaining({ kind: 'ntlm-unread' }))
  })

  it('the same in a body that ends with the connection', async () => {
    const file = concat(pattern(3000, 1), ...TOKENS.map((token) => concat(binary(token), pattern(900, 4))))
    const { quoted, report } = await read(
      conversation([
        { from: 'client', data: httpRequest({ headers: { Host: 'x' } }) },
        { from: 'server', data: concat(ascii('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'), file) },
      ]),
    )
    expect(quoted).toEqual(TYPES)
    expect(report.exchanges).toEqual([])
  })

  it('a file that is copied from a share', async () => {
    const file = concat(pattern(3000, 1), ...TOKENS.map((token) => concat(binary(token), pattern(900, 4))))
    const response = concat(
      Uint8Array.of(17, 0, 80, 0),
      Uint8Array.of(file.length & 255, file.length >> 8, 0, 0),
      new Uint8Array(8),
      file,
    )
    const { quoted, types, report } = await read(
      conversation([{ from: 'server', data: nbss(smb2Message('READ', { response: true, messageId: 9 }, response)) }], {
        server: { ...SERVER, port: 445 },
      }),
    )
    expect(types).toEqual([])
    expect(quoted).toEqual(TYPES)
    expect(report.exchanges).toEqual([])
  })

  it('a file that is sent over a conversation that nobody claims', async () => {
    const file = concat(pattern(3000, 1), ...TOKENS.map((token) => concat(binary(token), pattern(900, 4))))
    const { report } = await read(conversation([{ from: 'client', data: file }]))
    expect(report.exchanges).toEqual([])
  })

  it('a header that no carrier knows', async () => {
    const head = (token: Uint8Array) => ({ Host: 'x', 'X-Auth': `NTLM ${base64(token)}`, 'Content-Length': '0' })
    const { types, report } = await read(
      conversation([
        { from: 'client', data: httpRequest({ headers: head(NEGOTIATE) }) },
        { from: 'server', data: httpResponse({ headers: head(CHALLENGE) }) },
        { from: 'client', data: httpRequest({ headers: head(AUTHENTICATE) }) },
      ]),
    )
    expect(types).toEqual(TYPES)
    expect(report.exchanges).toMatchObject([{ carrier: 'unknown', principal: { user: 'alice' } }])
  })

  it('after an upgrade', async () => {
    const upgrade = { Host: 'x', Connection: 'Upgrade', Upgrade: 'websocket' }
    const { types, report } = await read(
      conversation([
        { from: 'client', data: httpRequest({ headers: upgrade }) },
        { from: 'server', data: httpResponse({ status: 101, headers: upgrade }) },
        ...noise(10),
        ...talk(),
      ]),
    )
    expect(types).toEqual(TYPES)
    expect(report.exchanges).toHaveLength(1)
  })
})

describe('Kerberos and SPNEGO', () => {
  const ticketOf = { realm: 'CORP.EXAMPLE', sname: name('odd/files.corp.example', 2), encPart: { etype: 18 } }
  const AP_REQ = apReq(ticketOf, { etype: 18 })
  const AP_REP = apRep({ etype: 18 })
  const framed = (token: Uint8Array) => concat(Uint8Array.of(0, 0, token.length >> 8, token.length & 255), token)
  const text = (token: Uint8Array) => ascii(`LOGIN GSSAPI ${base64(token)}\r\n`)

  it.each([
    ['in the framing of GSS-API', framed, gss(TOK_AP_REQ, AP_REQ), gss(TOK_AP_REP, AP_REP)],
    ['in SPNEGO', framed, negTokenInit({ mechTypes: ['kerberos'], mechToken: gss(TOK_AP_REQ, AP_REQ) }), null],
    ['by themselves', framed, AP_REQ, AP_REP],
    ['in base64', text, gss(TOK_AP_REQ, AP_REQ), gss(TOK_AP_REP, AP_REP)],
    ['in base64, SPNEGO', text, negTokenInit({ mechTypes: ['kerberos'], mechToken: gss(TOK_AP_REQ, AP_REQ) }), null],
  ] as const)('tokens %s', async (_name, wrap, first, answer) => {
    for (const mss of [1460, 100]) {
      const messages: Message[] = [{ from: 'client', data: wrap(first) }]
      if (answer !== null) messages.push({ from: 'server', data: wrap(answer) })
      const { lines: said, report } = await read(conversation(messages, { mss }))
      const kerberos = said.filter(({ protocol }) => protocol === 'kerberos').map(({ type }) => type)
      expect(kerberos).toEqual(answer === null ? ['AP-REQ'] : ['AP-REQ', 'AP-REP'])
      expect(report.exchanges).toMatchObject([
        {
          carrier: 'unknown',
          mechanism: 'kerberos',
          target: { spn: expect.stringContaining('odd/files.corp.example') },
        },
      ])
      expect(report.blindSpots.map(({ kind }) => kind)).not.toContain('ntlm-unread')
      expect(report.coverage.carriers).toMatchObject({ unknown: 1, other: 0 })
    }
  })

  it('NTLM in SPNEGO', async () => {
    for (const wrap of [framed, text]) {
      const { types } = await read(
        conversation([{ from: 'client', data: wrap(negTokenInit({ mechTypes: ['ntlmssp'], mechToken: NEGOTIATE })) }]),
      )
      expect(types).toEqual([TYPES[0]])
    }
  })

  it('an AS-REQ on any port', async () => {
    const request = asReq({
      realm: 'CORP.EXAMPLE',
      cname: name('alice'),
      sname: name('krbtgt/CORP.EXAMPLE', 2),
      etypes: [18],
    })
    for (const frames of [
      conversation([{ from: 'client', data: tcpRecord(request) }]),
      [udpFrame(request, CLIENT, SERVER)],
    ]) {
      const { lines: said } = await read(frames)
      expect(said.map(({ type }) => type)).toContain('AS-REQ')
    }
  })
})
