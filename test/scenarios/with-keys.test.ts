/**
 * With keys, whatever leads into TLS: what is inside is a conversation in the place of the old one, with the service,
 * the mechanism, the user, the result and the binding that it would have in clear.
 */
import { createPrivateKey, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { BindingHash } from '../../src/facts/channel.ts'
import { endPointBinding } from '../../src/keys/channel-binding.ts'
import { RecordKeys } from '../../src/keys/tls/records.ts'
import { renderText } from '../../src/output/text/report.ts'
import type { KeyFiles } from '../../src/reading/opening.ts'
import { analyze } from '../../src/run/analyze.ts'
import { boundTo } from '../builders/bound.ts'
import { joined, pcapngBlocks } from '../builders/capture.ts'
import { httpRequest, httpResponse } from '../builders/http.ts'
import { extendedRequest, extendedResponse, START_TLS } from '../builders/ldap.ts'
import { BEGIN, CARRIER_LOGONS, captureOf, conversationAt, HOST } from '../builders/logons.ts'
import { concat, type Message, tcpConversation } from '../builders/net.ts'
import { authenticateMessage, challengeMessage, negotiateMessage } from '../builders/ntlmssp.ts'
import {
  type CertificateName,
  certificateOf,
  pem,
  type TlsTalk,
  type TlsTalkOptions,
  tlsTalk,
} from '../builders/tls.ts'
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

/** Every night both; else in turn, as each way is the same twice. */
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const
const versionsOf = (at: number, { isWrapped }: Way) =>
  isWrapped ? (['TLSv1.2'] as const) : process.env.NIGHTLY ? VERSIONS : ([VERSIONS[at % 2]!] as const)

describe('what leads into TLS', () => {
  for (const [at, [name, way]] of Object.entries(WAYS).entries()) {
    it(name, async () => {
      for (const version of versionsOf(at, way)) {
        const { messages, talk } = await messagesOf(way, { version })
        const capture = captureOf(conversationAt(0, way.port, messages))
        expect(said(await read(capture, talk.keyLog)), version).toEqual(logonOf(way.service))
        const without = await read(capture, null)
        expect(said(without).exchanges, version).toEqual([])
        expect(said(without).hidden, version).toBeGreaterThan(0)
        // whoever logs on inside is not visible: that is no connection in which nobody did
        expect(renderText(without, { columns: 200, color: false }), version).not.toMatch(/nobody\s+logged\s+on/)
      }
    })
  }
})

describe('a long body before a logon', () => {
  const body = 'what is downloaded. '.repeat(50_000)
  const download = [
    client(httpRequest({ target: '/large', headers: { Host: HOST } })),
    server(httpResponse({ headers: { 'Content-Length': String(body.length), 'Content-Type': 'text/plain' }, body })),
  ]
  const { before, ntlm } = CARRIER_LOGONS[http]!

  it.each([
    ['TLSv1.2', 'ECDHE-RSA-AES256-GCM-SHA384'],
    ['TLSv1.2', 'ECDHE-RSA-AES128-SHA'],
    ['TLSv1.3', 'TLS_AES_256_GCM_SHA384'],
  ] as const)('%s %s: changes nothing of it, and is not opened to its end', async (version, ciphers) => {
    const talk = await tlsTalk({ version, ciphers, said: [...download, ...before(false), ...ntlm(null)] })
    const open = vi.spyOn(RecordKeys.prototype, 'open')
    const messages = talk.pieces.map(({ from, bytes }) => (from === 0 ? client : server)(bytes))
    const capture = captureOf(conversationAt(0, 443, messages))
    expect(said(await read(capture, talk.keyLog))).toEqual(logonOf('http'))
    const opened = open.mock.calls.length
    open.mockRestore()
    expect(opened < 30).toBe(ciphers !== 'ECDHE-RSA-AES128-SHA')
  })
})

describe('tokens that no carrier reads', () => {
  it('are in TLS what they are in clear', async () => {
    const within = (token: Uint8Array, pad: number) => concat(ascii('x'.repeat(pad)), token, ascii('y'.repeat(pad)))
    for (const pad of [300, 30_000]) {
      const talk: Message[] = [
        client(httpRequest({ method: 'POST', headers: { Host: HOST }, body: within(negotiateMessage(), pad) })),
        server(httpResponse({ body: within(challengeMessage(), pad) })),
        client(httpRequest({ method: 'POST', headers: { Host: HOST }, body: within(authenticateMessage(), pad) })),
        server(httpResponse({ body: 'done' })),
      ]
      const { pieces, keyLog } = await tlsTalk({ said: talk, version: 'TLSv1.3' })
      const sealed = pieces.map(({ from, bytes }) => (from === 0 ? client : server)(bytes))
      const inClear = await read(captureOf(conversationAt(0, 80, talk)), null)
      const opened = await read(captureOf(conversationAt(0, 443, sealed)), keyLog)
      const names = ({ exchanges }: typeof opened) =>
        exchanges.map(({ service, mechanism, principal, visibility }) => [
          service,
          mechanism,
          principal.user,
          visibility,
        ])
      expect(names(opened)).toEqual([['unknown', 'ntlm', 'alice', 'both']])
      expect(names(opened)).toEqual(names(inClear))
    }
  })
})

// --- bindings by certificate
// ---------------------------------------------------------------------------------------------------------------------

const HTTPS = WAYS.HTTPS!
const NOBODYS = 'ab'.repeat(16)
type State = 'verified' | 'wrong-hash' | 'mismatch' | 'bound'
/** what a binding by the rule, always by SHA-256, and to nothing is */
const CERTIFICATES: Readonly<Record<CertificateName, readonly [BindingHash, State, State]>> = {
  'rsa-sha1': ['sha256', 'verified', 'mismatch'],
  'rsa-sha256': ['sha256', 'verified', 'mismatch'],
  'rsa-sha384': ['sha384', 'wrong-hash', 'mismatch'],
  'rsa-sha512': ['sha512', 'wrong-hash', 'mismatch'],
  'rsa-pss': ['sha384', 'wrong-hash', 'bound'],
  'ec-sha256': ['sha256', 'verified', 'mismatch'],
  'ec-sha384': ['sha384', 'wrong-hash', 'mismatch'],
  ed25519: ['sha512', 'verified', 'bound'],
}

describe('a binding to the certificate of this very connection', () => {
  for (const [at, [name, [hash, always256, nobodys]]] of Object.entries(CERTIFICATES).entries()) {
    it(name, async () => {
      const certificate = name as CertificateName
      const der = certificateOf(certificate)
      const version = name === 'rsa-pss' || name === 'ed25519' ? 'TLSv1.3' : VERSIONS[at % 2]!
      for (const [value, state] of [
        [endPointBinding(der, hash), 'verified'],
        [endPointBinding(der, 'sha256'), always256],
        [NOBODYS, nobodys],
      ] as const) {
        const { messages, talk } = await messagesOf(HTTPS, { version, certificate, said: boundTo(value) })
        const report = await read(captureOf(conversationAt(0, 443, messages)), talk.keyLog)
        expect(
          report.exchanges.map(({ channelBinding }) => channelBinding),
          `${version} ${state}`,
        ).toEqual([state])
        expect(report.exchanges[0]?.binding?.value).toBe(value)
      }
    })
  }
})

// --- handshakes that are not the plain one
// ---------------------------------------------------------------------------------------------------------------------

describe('a handshake inside the connection', () => {
  it.each([
    ['a renegotiation in the middle of the logon', { version: 'TLSv1.2', renegotiate: true }],
    ['a renegotiation in TLS 1.0', { version: 'TLSv1', ciphers: 'AES128-SHA', renegotiate: true }],
    ['HelloRetryRequest', { version: 'TLSv1.3', curve: 'P-384' }],
  ] as const)('%s', async (_name, options) => {
    const right = endPointBinding(certificateOf('rsa-sha256'), 'sha256')
    const { messages, talk } = await messagesOf(HTTPS, { ...options, said: boundTo(right) })
    const report = await read(captureOf(conversationAt(0, 443, messages)), talk.keyLog)
    expect(said(report)).toEqual({ exchanges: [['http', 'ntlm', 'alice', 'success', 'verified']], hidden: 0 })
  })
})

// --- TLS inside of TLS
// ---------------------------------------------------------------------------------------------------------------------

describe('a proxy that is spoken to in TLS, and asked for TLS to somebody else', () => {
  const asMessages = (talk: TlsTalk) => talk.pieces.map(({ from, bytes }) => (from === 0 ? client : server)(bytes))

  async function nested(version: 'TLSv1.2' | 'TLSv1.3') {
    const inner = await messagesOf(HTTPS, { version })
    const outer = await tlsTalk({ version: 'TLSv1.3', said: [...connect(`${HOST}:443`), ...asMessages(inner.talk)] })
    const capture = captureOf(conversationAt(0, 3128, asMessages(outer)))
    return { capture, outer: outer.keyLog, inner: inner.talk.keyLog }
  }

  it.each(VERSIONS)('%s inside: with the keys of both it is read', async (version) => {
    const { capture, outer, inner } = await nested(version)
    expect(said(await read(capture, outer + inner))).toEqual(logonOf('http'))
  })

  it.each(VERSIONS)('%s inside: with those of the proxy alone it stays hidden', async (version) => {
    const { capture, outer, inner } = await nested(version)
    const report = await read(capture, outer)
    expect(said(report)).toEqual({ exchanges: [], hidden: 1 })
    expect(report.conversations.map(({ carrier, service }) => `${carrier} ${service}`)).toContain('tls http')
    expect(report.pairs.map(({ verdict }) => verdict)).toEqual(['undetermined'])
    expect(said(await read(capture, inner))).toEqual({ exchanges: [], hidden: 1 })
  })
})

// --- where the keys are
// ---------------------------------------------------------------------------------------------------------------------

/** "TLSK", draft-ietf-opsawg-pcapng 4.7 */
const TLS_KEY_LOG = 0x544c534b
const hexOf = (count: number) => randomBytes(count).toString('hex')
/** of others, as WireGuard's */
const OTHER_SECRETS = 0x57474b4c

describe('secrets in the capture', () => {
  const texts = (keyLog: string) => keyLog.split('\n').map((line) => ascii(`${line}\n`))
  const { section, interface: description, enhanced, secrets } = pcapngBlocks('little')
  const ofOthers = (count: number) => Array.from({ length: count }, () => `CLIENT_RANDOM ${hexOf(32)} ${hexOf(48)}\n`)
  type Block = Uint8Array
  /** `packets` in two halves: what is before the ClientHello, and what is not */
  const WHERE: Readonly<Record<string, (keyLog: string, before: Block[], behind: Block[]) => Block[]>> = {
    'in front': (keyLog, before, behind) => [
      section(),
      secrets(TLS_KEY_LOG, ascii(keyLog)),
      description({}),
      ...before,
      ...behind,
    ],
    'right before they are needed': (keyLog, before, behind) => [
      section(),
      description({}),
      ...before,
      secrets(TLS_KEY_LOG, ascii(keyLog)),
      ...behind,
    ],
    'in a block for each line, with those of others between': (keyLog, before, behind) => [
      section(),
      description({}),
      ...texts(keyLog).flatMap((line) => [secrets(OTHER_SECRETS, ascii('key')), secrets(TLS_KEY_LOG, line)]),
      ...before,
      ...behind,
    ],
    'with carriage returns, comments and lines of others': (keyLog, before, behind) => [
      section(),
      description({}),
      secrets(
        TLS_KEY_LOG,
        ascii(`# by hand\r\n${keyLog.replaceAll('\n', '\r\n')}QUIC_SERVER_HANDSHAKE_TRAFFIC_SECRET x\r\n`),
      ),
      ...before,
      ...behind,
    ],
    'behind megabytes of those of other connections, in one block': (keyLog, before, behind) => [
      section(),
      description({}),
      secrets(TLS_KEY_LOG, ascii(ofOthers(12_000).join('') + keyLog)),
      ...before,
      ...behind,
    ],
    'behind megabytes of those of other connections, in a block each': (keyLog, before, behind) => [
      section(),
      description({}),
      ...[...ofOthers(7_000), keyLog].map((text) => secrets(TLS_KEY_LOG, ascii(text))),
      ...before,
      ...behind,
    ],
    'in a section before': (keyLog, before, behind) => [
      section(),
      secrets(TLS_KEY_LOG, ascii(keyLog)),
      section(),
      description({}),
      ...before,
      ...behind,
    ],
  }

  async function readBlocks(arrange: (keyLog: string, before: Block[], behind: Block[]) => Block[]) {
    const way = WAYS['STARTTLS of IMAP']!
    const { messages, talk } = await messagesOf(way, { version: 'TLSv1.3' })
    const frames = conversationAt(0, way.port, messages).frames
    const blocks = frames.map((bytes, at) => enhanced({ time: BEGIN + at * 1000, bytes }))
    // SYN, SYN-ACK, ACK; then each message and its acknowledgement
    const hello = 3 + way.lead.length * 2
    return read(joined(arrange(talk.keyLog, blocks.slice(0, hello), blocks.slice(hello))), null)
  }

  for (const [name, arrange] of Object.entries(WHERE))
    it(name, async () => expect(said(await readBlocks(arrange))).toEqual(logonOf('imap')))

  it('of captures that are opened twice they are counted once', async () => {
    const { messages, talk } = await messagesOf(HTTPS, { version: 'TLSv1.2' })
    const frames = conversationAt(0, 443, messages).frames
    const blocks = frames.map((bytes, at) => enhanced({ time: BEGIN + at * 1000, bytes }))
    const paths = ['one', 'two'].map((name) => join(folder, `${++files}.${name}.pcapng`))
    const lead = [section(), description({}), secrets(TLS_KEY_LOG, ascii(talk.keyLog))]
    writeFileSync(paths[0]!, joined([...lead, ...blocks]))
    writeFileSync(paths[1]!, joined([section(), description({}), ...blocks.slice(0, 1)]))
    const report = await analyze(paths, { rethrow: true })
    expect(said(report)).toEqual(logonOf('http'))
    expect(report.keys.tls?.lines).toBe(talk.keyLog.trim().split('\n').length)
  })

  it('behind what they would open: it stays hidden, and that is told', async () => {
    const report = await readBlocks((keyLog, before, behind) => [
      section(),
      description({}),
      ...before,
      ...behind,
      secrets(TLS_KEY_LOG, ascii(keyLog)),
    ])
    expect(said(report)).toEqual({ exchanges: [], hidden: 1 })
    expect(report.keys.tls?.late).toBe(1)
  })
})

describe('a hostile key log beside the right one', () => {
  it.each(VERSIONS)('%s: nothing changes but what is counted', async (version) => {
    const { messages, talk } = await messagesOf(HTTPS, { version })
    const capture = captureOf(conversationAt(0, 443, messages))
    const untrue = talk.keyLog.replaceAll(/ [0-9a-f]{64,96}$/gm, (secret) => secret.replaceAll(/[0-9]/g, '7'))
    const noise = [
      '\0\0\u00ff',
      'x'.repeat(200_000),
      'CLIENT_RANDOM',
      `CLIENT_RANDOM ${'a'.repeat(64)} zz`,
      '-'.repeat(900),
    ]
    const hostile = join(folder, `${++files}.hostile`)
    writeFileSync(hostile, `${noise.join('\n')}\n${untrue}`, 'latin1')
    const path = join(folder, `${++files}.pcap`)
    writeFileSync(path, capture)
    writeFileSync(`${path}.keys`, talk.keyLog)
    const [one, ...others] = await Promise.all(
      [[`${path}.keys`], [`${path}.keys`, hostile], [hostile, `${path}.keys`]].map((keyLogs) =>
        analyze([path], { rethrow: true, keys: { ...NO_KEYS, keyLogs } }),
      ),
    )
    expect(said(one!)).toEqual(logonOf('http'))
    for (const other of others) {
      expect({ ...other, keys: null }).toEqual({ ...one, keys: null })
      expect(other.keys.tls).toMatchObject({ opened: 1, unreadable: noise.length, withoutKeys: 0 })
    }
  })
})

describe('a hostile key log with many lines for what the right one has', () => {
  it.each(VERSIONS)('%s: it buries nothing', async (version) => {
    const { messages, talk } = await messagesOf(HTTPS, { version })
    const path = join(folder, `${++files}.pcap`)
    writeFileSync(path, captureOf(conversationAt(0, 443, messages)))
    writeFileSync(`${path}.keys`, talk.keyLog)
    const others = Array.from({ length: 40 }, () =>
      talk.keyLog.replaceAll(/ ([0-9a-f]{16})([0-9a-f]{48}) ([0-9a-f]+)$/gm, (_all, first, rest, secret) => {
        const untrue = hexOf(secret.length / 2)
        return ` ${first}${rest} ${untrue}\nCLIENT_RANDOM ${first}${hexOf(24)} ${hexOf(48)}`
      }),
    )
    const hostile = `${path}.hostile`
    writeFileSync(hostile, others.join(''))
    for (const keyLogs of [
      [`${path}.keys`, hostile],
      [hostile, `${path}.keys`],
    ]) {
      const report = await analyze([path], { rethrow: true, keys: { ...NO_KEYS, keyLogs } })
      expect(said(report)).toEqual(logonOf('http'))
    }
  })
})

describe('the private key of a server', () => {
  const key = createPrivateKey(pem('rsa-sha256', 'key'))
  const file = (text: string | Buffer) => {
    const path = join(folder, `${++files}.key`)
    writeFileSync(path, text)
    return path
  }
  it.each([
    ['PKCS #8', key.export({ type: 'pkcs8', format: 'pem' })],
    ['PKCS #1', key.export({ type: 'pkcs1', format: 'pem' })],
    ['behind its certificate, as web servers have it', pem('rsa-sha256', 'pem') + pem('rsa-sha256', 'key')],
    ['DER', key.export({ type: 'pkcs8', format: 'der' })],
  ])('%s', async (_name, text) => {
    for (const [version, ciphers] of [
      ['TLSv1.2', 'AES256-GCM-SHA384'],
      ['TLSv1.1', 'AES128-SHA'],
    ] as const) {
      const { messages } = await messagesOf(HTTPS, { version, ciphers })
      const capture = captureOf(conversationAt(0, 443, messages))
      expect(said(await read(capture, null, [file(text)])), version).toEqual(logonOf('http'))
    }
  })

  it('with a passphrase: one line says what to do', async () => {
    const text = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'Sesame' })
    const path = file(text)
    await expect(read(captureOf(), null, [path])).rejects.toThrow(`${path}: the key is encrypted`)
  })
})

// --- loss
// ---------------------------------------------------------------------------------------------------------------------

/** The same numbers every time. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

describe('a span port that loses 5 % of the packets', () => {
  const REQUESTS = 60
  const talk = Array.from({ length: REQUESTS }, (_, at) => [
    client(
      httpRequest({
        target: `/page${at}`,
        headers: { Host: HOST, Authorization: `Basic ${Buffer.from(`user${at}:x`).toString('base64')}` },
      }),
    ),
    server(httpResponse({ headers: { 'Content-Length': '9000' }, body: 'body'.repeat(2250) })),
  ]).flat()

  it.each(VERSIONS)('%s: at least 55 of 60 requests are read', async (version) => {
    const { messages, talk: made } = await messagesOf(HTTPS, { version, said: talk })
    const frames = tcpConversation(messages, { server: { address: '10.1.1.9', port: 443 } })
    const next = random(8)
    // the handshake is kept: a logon that begins in a hole is another matter
    const kept = frames.filter((_, at) => at < 16 || next() >= 0.05)
    expect(kept.length).toBeLessThan(frames.length * 0.97)
    const report = await read(captureOf({ at: 0, frames: kept }), made.keyLog)
    const users = new Set(report.exchanges.map(({ principal }) => principal.user))
    expect(users.size).toBeGreaterThanOrEqual(55)
  })
})
