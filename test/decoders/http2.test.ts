/**
 * HTTP/2: recognised in clear, behind an upgrade and inside TLS; what a server says that wants HTTP/1.1; a blind spot
 * where it hides anything. Frames are those of RFC 9113 4.1, the settings those of nghttp2 and IIS.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { http } from '../../decoders/carriers/http/http.ts'
import { http2 } from '../../decoders/carriers/http/http2.ts'
import { CARRIERS } from '../../decoders/registry.ts'
import { maskedRest } from '../../decoders/secrets/pdu-secrets.ts'
import { analyze } from '../../src/run/analyze.ts'
import { feed, inPieces, type Piece } from '../builders/feed.ts'
import { httpRequest, httpResponse } from '../builders/http.ts'
import { CARRIER_LOGONS, captureOf, conversationAt, HOST } from '../builders/logons.ts'
import { concat, type Message } from '../builders/net.ts'
import { tlsTalk } from '../builders/tls.ts'
import { temporaryFolder } from '../captures/packets.ts'
import { changeBytes } from '../hostile.ts'

const folder = temporaryFolder()
let files = 0
const ascii = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const frame = (type: number, payload: Uint8Array, stream = 0, flags = 0) =>
  concat(
    Uint8Array.of(payload.length >> 16, payload.length >> 8, payload.length, type, flags, 0, 0, 0, stream),
    payload,
  )
const PREFACE = ascii('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
const SETTINGS = frame(4, Uint8Array.of(0, 3, 0, 0, 0, 100))
const ACK = frame(4, new Uint8Array(0), 0, 1)
/** HEADERS with a literal `authorization: Negotiate YII...`, never indexed */
const SECRET = 'Negotiate YIIGhgYGKwYBBQUC'
const HEADERS = frame(1, concat(Uint8Array.of(0x82, 0x86, 0x84, 0x1f, 0x08, SECRET.length), ascii(SECRET)), 1, 5)
const answer = (code: number) => frame(3, Uint8Array.of(0, 0, 0, code), 1)
const goaway = (code: number) => frame(7, concat(Uint8Array.of(0, 0, 0, 1, 0, 0, 0, code), ascii('use 1.1')))
const DATA = frame(0, new Uint8Array(9000).fill(0x61), 1, 1)

const client = (data: Uint8Array): Message => ({ from: 'client', data })
const server = (data: Uint8Array): Message => ({ from: 'server', data })
const OPENING = [client(concat(PREFACE, SETTINGS)), server(concat(SETTINGS, ACK)), client(concat(ACK, HEADERS))]
const READ = [...OPENING, server(DATA)]
const REFUSED = [...OPENING, server(answer(13))]
const GONE = [...OPENING, server(goaway(13))]
const pieces = (messages: readonly Message[]): Piece[] => messages.map(({ from, data }) => [from, data])

describe('frames', () => {
  const typesOf = (talk: readonly Piece[]) =>
    feed(http2, talk).pdus.flatMap(({ kept, side }) => (http2.decode(kept, side).value ?? []).map(({ type }) => type))

  it.each([
    ['read', READ, ['PREFACE']],
    ['RST_STREAM', REFUSED, ['PREFACE', 'RST_STREAM']],
    ['GOAWAY', GONE, ['PREFACE', 'GOAWAY']],
    ['another error', [...OPENING, server(answer(8)), server(goaway(0))], ['PREFACE']],
  ] as const)('%s, wherever the segments end', (_name, messages, types) => {
    const talk = pieces(messages)
    expect(typesOf(talk)).toEqual(types)
    for (const size of [1, 7, 30]) expect(typesOf(inPieces(talk, size))).toEqual(types)
    const { lostAt, leftBytes } = feed(http2, talk)
    expect({ lostAt, leftBytes }).toEqual({ lostAt: { client: null, server: null }, leftBytes: 0 })
  })

  it('are recognised at once, by nobody else, and nothing else is taken for them', () => {
    for (const [side, bytes] of [
      ['client', PREFACE],
      ['server', SETTINGS],
    ] as const)
      for (const carrier of CARRIERS)
        if (carrier.transport === 'tcp' && !carrier.unclaimed && !carrier.context)
          expect([carrier.name, carrier.probe(bytes, side) === 'mine']).toEqual([carrier.name, carrier === http2])
    for (const [, logon] of Object.entries(CARRIER_LOGONS))
      for (const { from, data } of [...logon.before(false), ...logon.ntlm(null)])
        expect(http2.probe(data, from)).not.toBe('mine')
    expect(http2.probe(httpRequest({}), 'client')).toBe('other')
    expect(http.probe(PREFACE, 'client')).toBe('other')
  })

  it('survive cut and changed bytes', () => {
    for (const [side, bytes] of pieces([...REFUSED, ...GONE])) {
      for (let end = 0; end < bytes.length; end += 1 + (end >> 6)) http2.decode(bytes.subarray(0, end), side)
      changeBytes(bytes, 30, (changed) => {
        http2.probe(changed, side)
        feed(http2, [[side, changed]])
      })
    }
  })

  it('keep no header in a slice', () => {
    const masked = maskedRest('http2', HEADERS, 0, true)!
    expect(masked).toHaveLength(HEADERS.length)
    expect(masked.subarray(0, 9)).toEqual(HEADERS.subarray(0, 9))
    expect(masked.subarray(9).every((byte) => byte === 0)).toBe(true)
  })
})

async function read(messages: readonly Message[], keyLog: string | null = null) {
  const path = join(folder, `${++files}.pcap`)
  writeFileSync(path, captureOf(conversationAt(0, 8080, messages)))
  const keyLogs = keyLog === null ? [] : [`${path}.keys`]
  if (keyLog !== null) writeFileSync(keyLogs[0]!, keyLog)
  return analyze([path], { rethrow: true, keys: { keyLogs, privateKeys: [], mayGrow: false } })
}

function seen({ blindSpots, pairs, conversations, coverage, exchanges }: Awaited<ReturnType<typeof read>>) {
  return {
    spots: blindSpots.filter(({ kind }) => kind === 'tls' || kind === 'http2').map(({ kind, count }) => [kind, count]),
    pairs: pairs.map(({ service, verdict }) => `${service} ${verdict}`),
    rows: conversations.filter(({ carrier }) => carrier === 'http2').map(({ service }) => service),
    carriers: coverage.carriers.http2,
    users: exchanges.map(({ principal }) => principal.user),
  }
}

const HIDDEN = { spots: [['http2', 1]], pairs: ['http undetermined'], rows: ['http'], carriers: 1, users: [] }
const NOTHING = { spots: [], pairs: [], rows: [], carriers: 1, users: [] }

describe('a report', () => {
  it('names what may be hidden, and not what a server wants elsewhere', async () => {
    expect(seen(await read(READ))).toEqual(HIDDEN)
    expect(seen(await read(REFUSED))).toEqual(NOTHING)
    expect(seen(await read(GONE))).toEqual(NOTHING)
  })

  it('behind an upgrade from HTTP/1.1', async () => {
    const upgrade = [
      client(httpRequest({ headers: { Host: HOST, Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c' } })),
      server(httpResponse({ status: 101, reason: '-', headers: { Connection: 'Upgrade', Upgrade: 'h2c' } })),
    ]
    const [, ...rest] = READ
    expect(seen(await read([...upgrade, client(concat(PREFACE, SETTINGS)), ...rest]))).toMatchObject({
      spots: [['http2', 1]],
      rows: ['http'],
    })
  })

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('inside %s, with its keys; without them it is TLS', async (version) => {
    const talk = await tlsTalk({ version, alpn: ['h2', 'http/1.1'], said: READ })
    const messages = talk.pieces.map(({ from, bytes }) => (from === 0 ? client(bytes) : server(bytes)))
    expect(seen(await read(messages, talk.keyLog))).toEqual(HIDDEN)
    expect(seen(await read(messages)).spots).toEqual([['tls', 1]])
  })

  it('says the words of the blind spot', async () => {
    const { blindSpots } = await read(READ)
    expect(blindSpots.find(({ kind }) => kind === 'http2')?.detail).toContain('10.1.1.9:8080 1')
  })
})
