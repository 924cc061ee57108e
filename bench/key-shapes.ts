/**
 * Conversations in TLS of different shapes, made by OpenSSL inside this process, and captures of one shape with their
 * key log. Built once.
 */
import { appendFileSync, cpSync, existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pcap, pcapRecord } from '../test/builders/capture.ts'
import { httpRequest, httpResponse, schemeWithToken } from '../test/builders/http.ts'
import {
  bindRequest,
  bindResponse,
  searchRequest,
  searchResultDone,
  searchResultEntry,
  simple,
} from '../test/builders/ldap.ts'
import { tcpConversation } from '../test/builders/net.ts'
import { authenticateMessage, challengeMessage, negotiateMessage } from '../test/builders/ntlmssp.ts'
import { type Said, type TlsTalkOptions, tlsTalk } from '../test/builders/tls.ts'
import { benchFolder, sizeText } from './mix.ts'

interface Shape {
  readonly in: string
  readonly port?: number
  talk(at: number): TlsTalkOptions
}

const HOST = { Host: 'web1.corp.example' }
const ask = (target: string): Said => ({ from: 'client', data: httpRequest({ target, headers: HOST }) })
const text = (length: number) => Buffer.alloc(length, 'what is downloaded. ').toString('latin1')
const answer = (length: number): Said => ({
  from: 'server',
  data: httpResponse({ headers: { 'Content-Length': String(length) }, body: text(length) }),
})
const pieces = ({ from, data }: Said, length: number): Said[] =>
  Array.from({ length: Math.ceil(data.length / length) }, (_, at) => ({
    from,
    data: data.subarray(at * length, (at + 1) * length),
  }))

const GCM = [
  { version: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES256-GCM-SHA384' },
  { version: 'TLSv1.3', ciphers: 'TLS_AES_256_GCM_SHA384' },
] as const
const gcm = (at: number) => GCM[at % 2]!
const DOWNLOADS = [0, 1, 2, 3].flatMap((at) => [ask(`/${at}`), answer(4 << 20)])
const TURNS = Array.from({ length: 500 }, (_, at) => [ask(`/api/items/${at}`), answer(400)]).flat()
const SMALL = [ask('/'), answer(19_000)]
const PIECES = [ask('/'), ...pieces(answer(2 << 20), 1369)]

const SEARCHES: readonly Said[] = [
  { from: 'client', data: bindRequest({ name: 'cn=reader', authentication: simple('x') }) },
  { from: 'server', data: bindResponse({ resultCode: 0 }) },
  ...Array.from({ length: 100 }, (_, at) => [
    { from: 'client' as const, data: searchRequest(`cn=user${at},dc=corp,dc=example`, ['cn', 'mail'], at + 2) },
    {
      from: 'server' as const,
      data: Buffer.concat([
        ...Array.from({ length: 8 }, (__, entry) =>
          searchResultEntry(`cn=user${at}-${entry},dc=corp,dc=example`, { cn: ['user'], mail: ['a@b.c'] }, at + 2),
        ),
        searchResultDone(0, at + 2),
      ]),
    },
  ]).flat(),
]

const refused = (challenge: string) =>
  httpResponse({ status: 401, headers: { 'WWW-Authenticate': challenge, 'Content-Length': '0' } })
const askWith = (token: Uint8Array): Said => ({
  from: 'client',
  data: httpRequest({ headers: { ...HOST, Authorization: schemeWithToken('NTLM', token) } }),
})
const LOGON: readonly Said[] = [
  ask('/'),
  { from: 'server', data: refused('NTLM') },
  askWith(negotiateMessage()),
  { from: 'server', data: refused(schemeWithToken('NTLM', challengeMessage())) },
  askWith(authenticateMessage()),
  answer(4000),
]

export const SHAPES: Readonly<Record<string, Shape>> = {
  downloads: { in: 'records of 16 KiB, AES-GCM', talk: (at) => ({ ...gcm(at), said: DOWNLOADS }) },
  chacha: {
    in: 'records of 16 KiB, ChaCha20',
    talk: () => ({ version: 'TLSv1.3', ciphers: 'TLS_CHACHA20_POLY1305_SHA256', said: DOWNLOADS }),
  },
  cbc: {
    in: 'records of 16 KiB, AES-CBC, TLS 1.2',
    talk: () => ({ version: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES256-SHA', said: DOWNLOADS }),
  },
  pieces: { in: 'records of a segment', talk: (at) => ({ ...gcm(at), said: PIECES }) },
  turns: { in: '500 questions and small answers a connection', talk: (at) => ({ ...gcm(at), said: TURNS }) },
  small: { in: 'connections of 20 kB', talk: (at) => ({ ...gcm(at), said: SMALL }) },
  searches: { in: '100 searches in LDAP', port: 636, talk: (at) => ({ ...gcm(at), said: SEARCHES }) },
  logons: { in: 'logons of NTLM over HTTPS', talk: (at) => ({ ...gcm(at), said: LOGON }) },
}

/** A capture of one shape, at least so long, and its key log. */
export async function cachedShape(name: string, bytes: number, print: (text: string) => void) {
  const shape = SHAPES[name]!
  const path = join(benchFolder(), `keys-${name}-${sizeText(bytes).replace(' ', '')}.pcap`)
  const keyLog = `${path}.keys`
  if (existsSync(path) && existsSync(keyLog)) return { path, keyLog }
  print(`building ${path}`)
  // compiled tests have no certificates beside them
  const certificates = 'test/builders/certificates'
  cpSync(
    fileURLToPath(new URL(`../../${certificates}`, import.meta.url)),
    fileURLToPath(new URL(`../${certificates}`, import.meta.url)),
    { recursive: true },
  )
  const unfinished = `${path}.part`
  writeFileSync(unfinished, pcap([]))
  rmSync(keyLog, { force: true })
  for (let at = 0; statSync(unfinished).size < bytes; at++) {
    const talk = await tlsTalk(shape.talk(at))
    const frames = tcpConversation(
      talk.pieces.map(({ from, bytes: data }) => ({ from: from === 0 ? 'client' : 'server', data })),
      {
        client: { address: `10.1.${at >> 14}.7`, port: 40_000 + (at & 16_383) },
        server: { address: '10.1.1.9', port: shape.port ?? 443 },
      },
    )
    appendFileSync(
      unfinished,
      Buffer.concat(
        frames.map((frame, place) => pcapRecord({ time: BEGIN_MICROS + 1000 * at + 10 * place, bytes: frame })),
      ),
    )
    appendFileSync(keyLog, talk.keyLog)
  }
  renameSync(unfinished, path)
  return { path, keyLog }
}

const BEGIN_MICROS = 1_764_000_000e6
