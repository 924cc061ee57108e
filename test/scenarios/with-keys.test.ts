/**
 * With keys, whatever leads into TLS: what is inside is a conversation in the place of the old one, with the service,
 * the mechanism, the user, the result and the binding that it would have in clear.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { KeyFiles } from '../../src/reading/opening.ts'
import { analyze } from '../../src/run/analyze.ts'
import { httpRequest, httpResponse } from '../builders/http.ts'
import { extendedRequest, extendedResponse, START_TLS } from '../builders/ldap.ts'
import { CARRIER_LOGONS, captureOf, conversationAt, HOST } from '../builders/logons.ts'
import { concat, type Message } from '../builders/net.ts'
import { type TlsTalk, type TlsTalkOptions, tlsTalk } from '../builders/tls.ts'
import { temporaryFolder } from '../captures/packets.ts'
import { packet, prelogin } from '../decoders/tds.samples.ts'

const folder = temporaryFolder()
let files = 0

const client = (data: Uint8Array): Message => ({ from: 'client', data })
const server = (data: Uint8Array): Message => ({ from: 'server', data })
const ascii = (text: string) => Buffer.from(text, 'latin1')
const lines = (...talk: readonly string[]): Message[] =>
  talk.map((line) => (line.startsWith('C') ? client : server)(ascii(`${line.slice(3)}\r\n`)))
const elements = (...talk: readonly string[]): Message[] =>
  talk.map((line) => (line.startsWith('C') ? client : server)(ascii(line.slice(3))))

interface Way {
  readonly service: string
  readonly port: number
  /** what is said in clear before */
  readonly lead: readonly Message[]
  /** whose logon is inside; its greeting is not said again behind STARTTLS */
  readonly logon: keyof typeof CARRIER_LOGONS
  readonly isGreeted?: boolean
  readonly isWrapped?: boolean
}

const http = 'http origin'
const ldap = 'ldap GSSAPI, then Sicily'
const STREAM =
  "C: <?xml version='1.0'?><stream:stream to='corp.example' xmlns:stream='http://etherx.jabber.org/streams'>"
const TLS = "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
const connect = (target: string) => [
  client(httpRequest({ method: 'CONNECT', target, headers: { Host: target } })),
  server(httpResponse({ reason: 'Connection established' })),
]
const SOCKS = [
  client(Uint8Array.of(5, 1, 0)),
  server(Uint8Array.of(5, 0)),
  client(concat(Uint8Array.of(5, 1, 0, 3, HOST.length), ascii(HOST), Uint8Array.of(1, 187))),
  server(Uint8Array.of(5, 0, 0, 1, 10, 0, 0, 1, 0xc3, 0x50)),
]

const WAYS: Readonly<Record<string, Way>> = {
  HTTPS: { service: 'http', port: 443, lead: [], logon: http },
  'HTTPS on any port': { service: 'http', port: 18_443, lead: [], logon: http },
  LDAPS: { service: 'ldap', port: 636, lead: [], logon: ldap },
  SMTPS: { service: 'smtp', port: 465, lead: [], logon: 'smtp', isGreeted: true },
  IMAPS: { service: 'imap', port: 993, lead: [], logon: 'imap', isGreeted: true },
  POP3S: { service: 'pop3', port: 995, lead: [], logon: 'pop3', isGreeted: true },
  'FTPS, implicit': { service: 'ftp', port: 990, lead: [], logon: 'ftp', isGreeted: true },
  'TDS 8.0, strict': { service: 'mssql', port: 1433, lead: [], logon: 'mssql' },
  'StartTLS of LDAP': {
    service: 'ldap',
    port: 389,
    lead: [client(extendedRequest(START_TLS)), server(extendedResponse(0, START_TLS))],
    logon: ldap,
  },
  'STARTTLS of SMTP': {
    service: 'smtp',
    port: 587,
    lead: lines('S: 220 mx ESMTP', 'C: EHLO ws01', 'S: 250-mx', 'S: 250 STARTTLS', 'C: STARTTLS', 'S: 220 go ahead'),
    logon: 'smtp',
  },
  'STARTTLS of IMAP': {
    service: 'imap',
    port: 143,
    lead: lines('S: * OK IMAP4rev1 ready', 'C: a1 STARTTLS', 'S: a1 OK begin'),
    logon: 'imap',
  },
  'STLS of POP3': {
    service: 'pop3',
    port: 110,
    lead: lines('S: +OK POP3 ready', 'C: STLS', 'S: +OK begin'),
    logon: 'pop3',
  },
  'AUTH TLS of FTP': {
    service: 'ftp',
    port: 21,
    lead: lines('S: 220 FTP server ready', 'C: AUTH TLS', 'S: 234 go on'),
    logon: 'ftp',
  },
  'SSLRequest of PostgreSQL': {
    service: 'postgresql',
    port: 5432,
    lead: [client(Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47)), server(ascii('S'))],
    logon: 'postgresql',
  },
  'starttls of XMPP': {
    service: 'xmpp',
    port: 5222,
    lead: elements(
      STREAM,
      `S: <stream:stream xmlns:stream='http://etherx.jabber.org/streams'><stream:features><starttls ${TLS}/></stream:features>`,
      `C: <starttls ${TLS}/>`,
      `S: <proceed ${TLS}/>`,
    ),
    logon: 'xmpp',
    isGreeted: true,
  },
  'TDS 7, in its packets': {
    service: 'mssql',
    port: 1433,
    lead: [client(packet(0x12, prelogin(1))), server(packet(0x04, prelogin(3)))],
    logon: 'mssql',
    isWrapped: true,
  },
  CONNECT: { service: 'http', port: 3128, lead: connect(`${HOST}:443`), logon: http },
  'CONNECT to LDAPS': { service: 'ldap', port: 3128, lead: connect(`${HOST}:636`), logon: ldap },
  SOCKS: { service: 'http', port: 1080, lead: SOCKS, logon: http },
}

/** The messages of a way, and the talk in it. */
async function messagesOf(way: Way, options: TlsTalkOptions): Promise<{ messages: Message[]; talk: TlsTalk }> {
  const { before, ntlm } = CARRIER_LOGONS[way.logon]!
  const opening = before(false)
  const first = opening.findIndex(({ from }) => from === 'client')
  const greeted = way.isGreeted
    ? opening
    : first < 0
      ? opening.filter(({ from }) => from === 'client')
      : opening.slice(first)
  const talk = await tlsTalk({ said: [...greeted, ...ntlm(null)], ...options })
  const messages = talk.pieces.map(({ from, bytes }, at) => {
    const isWrapped = way.isWrapped && at < talk.handshake
    return (from === 0 ? client : server)(isWrapped ? packet(0x12, bytes) : bytes)
  })
  return { messages: [...way.lead, ...messages], talk }
}

const NO_KEYS: KeyFiles = { keyLogs: [], privateKeys: [], mayGrow: false }

async function read(capture: Uint8Array, keyLog: string | null, privateKeys: readonly string[] = []) {
  const path = join(folder, `${++files}.pcap`)
  writeFileSync(path, capture)
  const keyLogs = keyLog === null ? [] : [`${path}.keys`]
  if (keyLog !== null) writeFileSync(keyLogs[0]!, keyLog)
  return analyze([path], { rethrow: true, keys: { ...NO_KEYS, keyLogs, privateKeys } })
}

function said({ exchanges, blindSpots }: Awaited<ReturnType<typeof read>>) {
  return {
    exchanges: exchanges.map(({ service, mechanism, principal, result, channelBinding }) => [
      service,
      mechanism,
      principal.user,
      result,
      channelBinding,
    ]),
    hidden: blindSpots.filter(({ kind }) => kind === 'tls').length,
  }
}

const logonOf = (service: string) => ({
  exchanges: [[service, 'ntlm', 'alice', 'success', 'absent']],
  hidden: 0,
})

describe('what leads into TLS', () => {
  for (const [name, way] of Object.entries(WAYS)) {
    it(name, async () => {
      for (const version of way.isWrapped ? (['TLSv1.2'] as const) : (['TLSv1.2', 'TLSv1.3'] as const)) {
        const { messages, talk } = await messagesOf(way, { version })
        const capture = captureOf(conversationAt(0, way.port, messages))
        expect(said(await read(capture, talk.keyLog)), version).toEqual(logonOf(way.service))
        const without = await read(capture, null)
        expect(said(without).exchanges, version).toEqual([])
        expect(said(without).hidden, version).toBeGreaterThan(0)
      }
    })
  }
})
