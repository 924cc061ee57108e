/**
 * Floods of logons, each of another user, host or name: what a report remembers by names is what they want to grow.
 *
 * A message is built once, with marks where it differs; the marks are written over for each conversation. So many
 * conversations are open at a time, and their packets come in turn.
 */
import { readFileSync } from 'node:fs'
import { httpRequest, httpResponse } from '../test/builders/http.ts'
import {
  apReq,
  asRep,
  asReq,
  gss,
  krbError,
  methodData,
  name,
  paEncTimestamp,
  paEtypeInfo,
  paTgsReq,
  TOK_AP_REQ,
  tcpRecord,
  tgsRep,
  tgsReq,
} from '../test/builders/kerberos.ts'
import { bindRequest, bindResponse, simple } from '../test/builders/ldap.ts'
import {
  AV,
  type AvPair,
  authenticateMessage,
  challengeMessage,
  negotiateMessage,
  ntlmv2Response,
} from '../test/builders/ntlmssp.ts'
import {
  nbss,
  smb2NegotiateRequest,
  smb2NegotiateResponse,
  smb2SessionSetupRequest,
  smb2SessionSetupResponse,
} from '../test/builders/smb.ts'
import { negTokenInit, negTokenInit2, negTokenResp } from '../test/builders/spnego.ts'
import { ACK, FIN, type FrameWriter, PSH, SYN } from './frames.ts'

export interface LogonFlood {
  readonly name: string
  readonly what: string
  readonly count: number
  readonly write: (writer: FrameWriter, count: number) => void
}

/** What stands for the number of a conversation in a message, one byte a character or two. */
const MARK = 'M@R#M@R#'
const REALM = 'CORP.EXAMPLE'

const CLIENTS = 0x0a010000
const SERVERS = 0x0a800001
const MSS = 1400

/** A message whose marks become the number of a conversation. */
class Pattern {
  readonly #bytes: Buffer
  readonly #narrow: readonly number[]
  readonly #wide: readonly number[]

  constructor(bytes: Uint8Array, mark = MARK) {
    this.#bytes = Buffer.from(bytes)
    this.#narrow = placesOf(this.#bytes, Buffer.from(mark, 'latin1'))
    this.#wide = placesOf(this.#bytes, Buffer.from(mark, 'utf16le'))
    if (this.#narrow.length + this.#wide.length === 0) throw new Error('a message without a mark')
  }

  /** Borrowed until the next call. */
  of(number: number): Buffer {
    const digits = number.toString(36).padStart(MARK.length, '0')
    for (const at of this.#narrow) this.#bytes.write(digits, at, 'latin1')
    for (const at of this.#wide) this.#bytes.write(digits, at, 'utf16le')
    return this.#bytes
  }
}

function placesOf(bytes: Buffer, mark: Buffer): number[] {
  const places: number[] = []
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) places.push(at)
  return places
}

type Said = readonly [side: 0 | 1, bytes: Uint8Array]
type Step = readonly [side: 0 | 1, bytes: Uint8Array | ((number: number) => Uint8Array)]

interface Talk {
  readonly protocol: 6 | 17
  readonly port: number
  /** how many clients and servers there are */
  readonly clients: number
  readonly servers: number
  /** the messages of a conversation, made one at a time; null: it is over */
  readonly message: (number: number, step: number) => Said | null
}

const OPEN = 2000

class Open {
  number = 0
  step = 0
  stage = 0
  seqs: [number, number] = [0, 0]
}

/** `count` conversations, of which OPEN are open at a time. */
function talk({ protocol, port, clients, servers, message }: Talk): LogonFlood['write'] {
  return (writer, count) => {
    let begun = 0
    const open: Open[] = []
    const launch = (flow: Open): boolean => {
      if (begun === count) return false
      flow.number = begun++
      flow.step = 0
      flow.stage = protocol === 6 ? 0 : 3
      flow.seqs = [1000, 5000]
      return true
    }
    while (open.length < OPEN) {
      const flow = new Open()
      if (!launch(flow)) break
      open.push(flow)
    }
    for (let at = 0; open.length > 0; at++) {
      const index = at % open.length
      const flow = open[index]!
      if (packet(writer, flow) || launch(flow)) continue
      open[index] = open.at(-1)!
      open.pop()
    }
  }

  function packet(writer: FrameWriter, flow: Open): boolean {
    const { number, seqs } = flow
    const client = CLIENTS + (number % clients)
    const clientPort = 1024 + (Math.floor(number / clients) % 64_000)
    const server = SERVERS + (number % servers)
    const send = (side: 0 | 1, flags: number, bytes: Uint8Array | null) => {
      const length = bytes?.length ?? 0
      for (let from = 0; from === 0 || from < length; from += MSS) {
        const to = Math.min(length, from + MSS)
        const ends = side === 0 ? [client, server, clientPort, port] : [server, client, port, clientPort]
        const [source, destination, sourcePort, destinationPort] = ends as [number, number, number, number]
        if (protocol === 17) writer.udp(source, destination, sourcePort, destinationPort)
        else writer.tcp(source, destination, sourcePort, destinationPort, seqs[side], seqs[1 - side]!, flags)
        if (bytes !== null) writer.put(bytes, from, to)
        writer.finish()
        writer.advance(20)
        seqs[side] += to - from
      }
      if (flags & (SYN | FIN)) seqs[side]++
    }
    if (flow.stage < 3) {
      send(flow.stage === 1 ? 1 : 0, flow.stage === 0 ? SYN : flow.stage === 1 ? SYN | ACK : ACK, null)
      flow.stage++
      return true
    }
    if (flow.stage === 3) {
      const said = message(number, flow.step++)
      if (said !== null) {
        send(said[0], ACK | PSH, said[1])
        return true
      }
      flow.stage = protocol === 6 ? 4 : 6
    }
    if (flow.stage < 6) {
      send(flow.stage === 4 ? 0 : 1, FIN | ACK, null)
      flow.stage++
      return true
    }
    return false
  }
}

/** The steps of `patterns`, each with the number of its conversation. */
function steps(...said: readonly Step[]) {
  return (number: number, step: number): Said | null => {
    const one = said[step]
    return one === undefined ? null : [one[0], typeof one[1] === 'function' ? one[1](number) : one[1]]
  }
}

const marked = (bytes: Uint8Array, mark?: string) => {
  const pattern = new Pattern(bytes, mark)
  return (number: number) => pattern.of(number)
}

// --- tokens
// ---------------------------------------------------------------------------------------------------------------------

/** Names as long as `pad` makes them. */
function ntlmTokens(pad = '') {
  const host = `h${MARK}${pad}`
  const pairs: AvPair[] = [
    [AV.NbDomainName, 'CORP'],
    [AV.NbComputerName, host],
    [AV.DnsDomainName, 'corp.example'],
    [AV.DnsComputerName, `${host}.corp.example`],
    [AV.DnsTreeName, 'corp.example'],
  ]
  const challenge = challengeMessage({ targetInfo: pairs, serverChallenge: Buffer.from(MARK, 'latin1') })
  const nt = ntlmv2Response({
    pairs: [...pairs, [AV.TargetName, `HTTP/${host}.corp.example`]],
    response: Buffer.from(MARK + MARK, 'latin1'),
  })
  const authenticate = authenticateMessage({ nt, user: `u${MARK}${pad}`, workstation: `w${MARK}${pad}` })
  return { challenge, authenticate }
}

// --- HTTP
// ---------------------------------------------------------------------------------------------------------------------

function httpNtlm(pad = '') {
  const tokens = ntlmTokens(pad)
  const challenge = new Pattern(tokens.challenge)
  const authenticate = new Pattern(tokens.authenticate)
  const get = (authorization?: string) =>
    httpRequest({ target: '/', headers: { Host: 'www', ...(authorization && { Authorization: authorization }) } })
  const refusal = (...offers: string[]) =>
    httpResponse({
      status: 401,
      reason: 'Unauthorized',
      headers: { 'WWW-Authenticate': offers, 'Content-Length': '0' },
    })
  const token = (bytes: Uint8Array) => `NTLM ${Buffer.from(bytes).toString('base64')}`
  return [
    [0, get()],
    [1, refusal('Negotiate', 'NTLM')],
    [0, get(token(negotiateMessage()))],
    [1, (number: number) => refusal(token(challenge.of(number)))],
    [0, (number: number) => get(token(authenticate.of(number)))],
    [1, httpResponse({ headers: { 'Content-Length': '0' } })],
  ] as const
}

function httpBasic(pad = '') {
  const get = (number: number) => {
    const user = `u${number.toString(36)}${pad}:secret`
    return httpRequest({ headers: { Host: 'www', Authorization: `Basic ${Buffer.from(user).toString('base64')}` } })
  }
  return [
    [0, get],
    [1, httpResponse({ headers: { 'Content-Length': '0' } })],
  ] as const
}

// --- LDAP, SMB
// ---------------------------------------------------------------------------------------------------------------------

const ldapSimple = [
  [
    0,
    marked(
      bindRequest({ messageId: 1, name: `CN=u${MARK},OU=People,DC=corp,DC=example`, authentication: simple('x') }),
    ),
  ],
  [1, bindResponse({ messageId: 1, resultCode: 0 })],
] as const

const SMB_OPENING = [
  [0, nbss(smb2NegotiateRequest({ dialects: [0x0300, 0x0302], securityMode: 1 }))],
  [1, nbss(smb2NegotiateResponse({ dialect: 0x0302, token: negTokenInit2({ mechTypes: ['kerberos', 'ntlmssp'] }) }))],
] as const

/** A logon by NTLM in a connection that may have others; its session has the number of the logon. */
function smbLogon(pad = '') {
  const tokens = ntlmTokens(pad)
  const first = negTokenInit({ mechTypes: ['ntlmssp'], mechToken: negotiateMessage() })
  const continued = negTokenResp({
    negState: 'accept-incomplete',
    supportedMech: 'ntlmssp',
    responseToken: tokens.challenge,
  })
  const last = negTokenResp({ negState: 'accept-incomplete', responseToken: tokens.authenticate })
  const accepted = negTokenResp({ negState: 'accept-completed' })
  const withIds = (make: (ids: { messageId: number; sessionId: number }) => Uint8Array, at: number, mark: boolean) => {
    const bytes = nbss(make({ messageId: 1, sessionId: 7 }))
    const pattern = mark ? new Pattern(bytes) : null
    return (number: number) => {
      const out = Buffer.from(pattern?.of(number) ?? bytes)
      out.writeUInt32LE(1 + number * 2 + (at >> 1), 4 + 24)
      out.writeUInt32LE(at === 0 ? 0 : 16 + number, 4 + 40)
      return out
    }
  }
  const more = 0xc0000016
  return [
    [0, withIds((ids) => smb2SessionSetupRequest({ ...ids, token: first }), 0, false)],
    [1, withIds((ids) => smb2SessionSetupResponse({ ...ids, status: more, token: continued }), 1, true)],
    [0, withIds((ids) => smb2SessionSetupRequest({ ...ids, token: last }), 2, true)],
    [1, withIds((ids) => smb2SessionSetupResponse({ ...ids, token: accepted }), 3, false)],
  ] as const
}

// --- Kerberos
// ---------------------------------------------------------------------------------------------------------------------

const ETYPES = [18, 17, 23]
const cipher = new Uint8Array(900).fill(0xc7)
const asked = { kvno: 2, etype: 18, cipher }

function asExchange(pad = '') {
  const cname = name(`u${MARK}${pad}`)
  const sname = name(`krbtgt/${REALM}`, 2)
  const request = { cname, realm: REALM, sname, etypes: ETYPES, netbiosName: `W${MARK}` }
  const errorData = methodData(paEtypeInfo([18, 23], REALM), paEncTimestamp(18))
  return [
    [0, marked(asReq(request))],
    [1, krbError({ stime: '20260302000000Z', errorCode: 25, realm: REALM, sname, errorData })],
    [0, marked(asReq({ ...request, padata: [paEncTimestamp(18)] }))],
    [1, marked(asRep({ crealm: REALM, cname, ticket: { realm: REALM, sname, encPart: asked }, encPart: asked }))],
  ] as const
}

function tgsExchange(pad = '', error = 0) {
  const sname = name(`cifs/s${MARK}${pad}.corp.example`, 2)
  const tgt = { realm: REALM, sname: name(`krbtgt/${REALM}`, 2), encPart: asked }
  const padata = [paTgsReq(tgt, { etype: 18, cipher: cipher.slice(0, 180) })]
  const issued = { realm: REALM, sname, encPart: asked }
  const answer =
    error === 0
      ? tgsRep({ crealm: REALM, cname: name(`u${MARK}`), ticket: issued, encPart: asked })
      : krbError({ stime: '20260302000000Z', errorCode: error, realm: REALM, sname })
  return [
    [0, tgsReq({ padata, realm: REALM, sname, etypes: ETYPES })],
    [1, answer],
  ] as const
}

/** A TGS exchange and the logon for which it was: two conversations would be more like it, one costs the same. */
function smbKerberos() {
  const ticket = { realm: REALM, sname: name(`cifs/s${MARK}.corp.example`, 2), encPart: asked }
  const mechToken = gss(TOK_AP_REQ, apReq(ticket, { etype: 18, cipher: cipher.slice(0, 160) }))
  const token = negTokenInit({ mechTypes: ['ms-kerberos', 'kerberos', 'ntlmssp'], mechToken })
  const accepted = negTokenResp({ negState: 'accept-completed', supportedMech: 'ms-kerberos' })
  return [
    ...SMB_OPENING,
    [0, marked(nbss(smb2SessionSetupRequest({ messageId: 1, token })))],
    [1, nbss(smb2SessionSetupResponse({ messageId: 1, sessionId: 9, signed: true, token: accepted }))],
  ] as const
}

// --- names, RADIUS, TLS
// ---------------------------------------------------------------------------------------------------------------------

const ascii = (text: string) => Buffer.from(text, 'latin1')
const u16 = (value: number) => Uint8Array.of(value >>> 8, value)
const vector = (bytes: Uint8Array) => Buffer.concat([u16(bytes.length), bytes])
const labels = (...names: string[]) =>
  Buffer.concat([...names.map((one) => Buffer.concat([Uint8Array.of(one.length), ascii(one)])), Uint8Array.of(0)])

/** An answer with `count` names of its own and addresses of their own. */
function nameAnswer(query: boolean, count: number): (number: number) => Uint8Array {
  const question = Buffer.concat([labels(`n${MARK}`, 'corp', 'example'), u16(1), u16(1)])
  const answers = Array.from({ length: count }, (_, at) => {
    const named = at === 0 ? u16(0xc00c) : labels(`a${at}${MARK}`, 'corp', 'example')
    return Buffer.concat([named, u16(1), u16(1), u16(0), u16(600), u16(4), Uint8Array.of(10, 0, 0, 0)])
  })
  const head = Buffer.concat([
    u16(query ? 0x1a46 : 0),
    u16(query ? 0x8580 : 0x8400),
    u16(1),
    u16(count),
    u16(0),
    u16(0),
  ])
  const bytes = Buffer.concat([head, question, ...answers])
  const pattern = new Pattern(bytes)
  const places: number[] = []
  let end = head.length + question.length
  for (const answer of answers) {
    end += answer.length
    places.push(end - 4)
  }
  return (number) => {
    const out = pattern.of(number)
    for (const [at, place] of places.entries()) out.writeUInt32BE(0x0b000000 + number * count + at, place)
    return out
  }
}

function radius(): readonly Step[] {
  const attribute = (type: number, value: Uint8Array) => Buffer.concat([Uint8Array.of(type, value.length + 2), value])
  const microsoft = (type: number, value: Uint8Array) =>
    attribute(26, Buffer.concat([Uint8Array.of(0, 0, 1, 0x37), attribute(type, value)]))
  const packet = (code: number, ...attributes: Uint8Array[]) => {
    const all = Buffer.concat(attributes)
    return Buffer.concat([Uint8Array.of(code, 7), u16(20 + all.length), new Uint8Array(16).fill(7), all])
  }
  const response = Buffer.concat([Uint8Array.of(1, 1), new Uint8Array(48).fill(0xa5)])
  return [
    [
      0,
      marked(
        packet(1, attribute(1, ascii(`CORP\\u${MARK}`)), microsoft(11, new Uint8Array(16)), microsoft(25, response)),
      ),
    ],
    [1, packet(2)],
  ]
}

/** Handshakes of TLS 1.2: each server has a certificate of its own. */
function tls(): readonly Step[] {
  const record = (type: number, fragment: Uint8Array) => Buffer.concat([Uint8Array.of(type, 3, 3), vector(fragment)])
  const handshake = (type: number, body: Uint8Array) =>
    Buffer.concat([Uint8Array.of(type, body.length >>> 16, body.length >>> 8, body.length), body])
  const random = new Uint8Array(32).fill(3)
  const extension = (type: number, data: Uint8Array) => Buffer.concat([u16(type), vector(data)])
  const host = ascii(`${MARK}.corp.example`)
  const serverName = extension(0, vector(Buffer.concat([Uint8Array.of(0), vector(host)])))
  const suites = vector(Buffer.concat([u16(0xc02f), u16(0xc030)]))
  const hello = Buffer.concat([u16(0x0303), random, Uint8Array.of(0), suites, Uint8Array.of(1, 0), vector(serverName)])
  const answer = Buffer.concat([u16(0x0303), random, Uint8Array.of(0), u16(0xc02f), Uint8Array.of(0), u16(0)])
  const name = 'rsa-sha256'
  const pem = readFileSync(new URL('../../test/builders/certificates/rsa-sha256.pem', import.meta.url), 'latin1')
  const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
  const size = (length: number) => Uint8Array.of(length >>> 16, length >>> 8, length)
  const list = Buffer.concat([size(der.length), der])
  const certificate = handshake(11, Buffer.concat([size(list.length), list]))
  const flight = Buffer.concat([
    record(22, handshake(2, answer)),
    record(22, certificate),
    record(22, handshake(14, new Uint8Array(0))),
  ])
  return [
    [0, marked(record(22, handshake(1, hello)))],
    [1, marked(flight, name.slice(0, MARK.length))],
    [0, record(22, handshake(16, new Uint8Array(66).fill(65)))],
    [1, record(23, new Uint8Array(400))],
  ]
}

// --- the list
// ---------------------------------------------------------------------------------------------------------------------

const LONG = 'x'.repeat(200)
const HUGE = 'x'.repeat(8000)
const many = { protocol: 6, clients: 60_000, servers: 2000 } as const

/** All logons in one conversation, each with what comes before. */
function inOne(port: number, opening: readonly Step[], logon: readonly Step[]): LogonFlood['write'] {
  return (writer, count) => {
    const say = steps(...logon)
    const open = steps(...opening)
    const message = (_: number, step: number): Said | null => {
      if (step < opening.length) return open(0, step)
      const at = step - opening.length
      const number = Math.floor(at / logon.length)
      return number < count ? say(number, at % logon.length) : null
    }
    talk({ protocol: 6, port, clients: 1, servers: 1, message })(writer, 1)
  }
}

export const LOGON_FLOODS: readonly LogonFlood[] = [
  {
    name: 'http-ntlm',
    what: 'NTLM over HTTP, of 60,000 clients: each another user, host and server name',
    count: 500_000,
    write: talk({ ...many, port: 80, message: steps(...httpNtlm()) }),
  },
  {
    name: 'http-ntlm-one',
    what: 'NTLM over HTTP, of one client to one server: each another user and host',
    count: 60_000,
    write: talk({ ...many, clients: 1, servers: 1, port: 80, message: steps(...httpNtlm()) }),
  },
  {
    name: 'http-ntlm-long',
    what: 'NTLM over HTTP, of 60,000 clients, with names of 200 characters',
    count: 200_000,
    write: talk({ ...many, port: 80, message: steps(...httpNtlm(LONG)) }),
  },
  {
    name: 'http-ntlm-huge',
    what: 'NTLM over HTTP, of 60,000 clients, with names of 8,000 characters',
    count: 10_000,
    write: talk({ ...many, port: 80, message: steps(...httpNtlm(HUGE)) }),
  },
  {
    name: 'smb-ntlm-huge',
    what: 'NTLM over SMB, of 60,000 clients, with names of 8,000 characters',
    count: 10_000,
    write: talk({ ...many, port: 445, message: steps(...SMB_OPENING, ...smbLogon(HUGE)) }),
  },
  {
    name: 'http-ntlm-kept',
    what: 'NTLM over HTTP in one connection: each another user, host and server name',
    count: 100_000,
    write: inOne(80, [], [...httpNtlm()]),
  },
  {
    name: 'basic',
    what: 'HTTP Basic: each another user',
    count: 500_000,
    write: talk({ ...many, port: 80, message: steps(...httpBasic()) }),
  },
  {
    name: 'basic-huge',
    what: 'HTTP Basic: each another user, of 8,000 characters',
    count: 30_000,
    write: talk({ ...many, port: 80, message: steps(...httpBasic(HUGE)) }),
  },
  {
    name: 'basic-kept',
    what: 'HTTP Basic in one connection: each another user',
    count: 100_000,
    write: inOne(80, [], [...httpBasic(LONG)]),
  },
  {
    name: 'ldap-simple',
    what: 'simple binds of LDAP: each another name',
    count: 500_000,
    write: talk({ ...many, port: 389, message: steps(...ldapSimple) }),
  },
  {
    name: 'smb-ntlm',
    what: 'NTLM over SMB, of 60,000 clients: each another user, host and server name',
    count: 300_000,
    write: talk({ ...many, port: 445, message: steps(...SMB_OPENING, ...smbLogon()) }),
  },
  {
    name: 'smb-sessions',
    what: 'sessions of SMB in one connection: each another user',
    count: 100_000,
    write: inOne(445, [...SMB_OPENING], [...smbLogon()]),
  },
  {
    name: 'smb-kerberos',
    what: 'Kerberos over SMB: each another service',
    count: 300_000,
    write: talk({
      ...many,
      port: 445,
      message: steps(...smbKerberos()),
    }),
  },
  {
    name: 'as-udp',
    what: 'AS exchanges over UDP: each another account and workstation',
    count: 300_000,
    write: talk({ ...many, protocol: 17, servers: 4, port: 88, message: steps(...asExchange()) }),
  },
  {
    name: 'tgs-tcp',
    what: 'TGS exchanges over TCP: each another service, unknown to the KDC',
    count: 300_000,
    write: talk({
      ...many,
      servers: 4,
      port: 88,
      message: steps(...tgsExchange('', 7).map(([side, bytes]) => [side, marked(tcpRecord(bytes))] as const)),
    }),
  },
  {
    name: 'tgs-huge',
    what: 'TGS exchanges over TCP, refused, with names of 8,000 characters',
    count: 20_000,
    write: talk({
      ...many,
      servers: 4,
      port: 88,
      message: steps(...tgsExchange(HUGE, 7).map(([side, bytes]) => [side, marked(tcpRecord(bytes))] as const)),
    }),
  },
  {
    name: 'as-huge',
    what: 'AS exchanges over TCP: each another account, with names of 8,000 characters',
    count: 20_000,
    write: talk({
      ...many,
      servers: 4,
      port: 88,
      message: steps(
        ...asExchange(HUGE).map(
          ([side, bytes]) =>
            [
              side,
              typeof bytes === 'function' ? (number: number) => tcpRecord(bytes(number)) : tcpRecord(bytes),
            ] as const,
        ),
      ),
    }),
  },
  {
    name: 'tgs-long',
    what: 'TGS exchanges over TCP, refused, with names of 200 characters',
    count: 200_000,
    write: talk({
      ...many,
      servers: 4,
      port: 88,
      message: steps(...tgsExchange(LONG, 7).map(([side, bytes]) => [side, marked(tcpRecord(bytes))] as const)),
    }),
  },
  {
    name: 'dns',
    what: 'answers of DNS: each ten other names and addresses',
    count: 300_000,
    write: talk({ ...many, protocol: 17, servers: 4, port: 53, message: steps([1, nameAnswer(true, 10)]) }),
  },
  {
    name: 'mdns',
    what: 'answers of mDNS: each three other names and addresses',
    count: 300_000,
    write(writer, count) {
      const answer = nameAnswer(false, 3)
      for (let at = 0; at < count; at++) {
        writer.udp(CLIENTS + (at % 60_000), 0xe00000fb, 5353, 5353)
        const bytes = answer(at)
        writer.put(bytes, 0, bytes.length)
        writer.finish()
        writer.advance(20)
      }
    },
  },
  {
    name: 'radius',
    what: 'MS-CHAPv2 in RADIUS: each another user',
    count: 300_000,
    write: talk({ ...many, protocol: 17, clients: 1000, servers: 4, port: 1812, message: steps(...radius()) }),
  },
  {
    name: 'tls',
    what: 'handshakes of TLS 1.2: each another server name and certificate',
    count: 200_000,
    // the certificate is read where it is wanted
    write: (writer, count) => talk({ ...many, servers: 60_000, port: 443, message: steps(...tls()) })(writer, count),
  },
]
