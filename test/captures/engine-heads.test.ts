/**
 * Heads of HTTP in the engine: conversations of random requests and answers, some of them pipelined, with credentials,
 * challenges, chunks, tunnels and odd white space among them, are read the same by the engine and without it; and most
 * plain heads never leave it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { pcap, type TestPacket, text } from '../builders/capture.ts'
import { concat, ethernet, ipv4, type TcpOptions, tcp } from '../builders/net.ts'
import { seededRandom } from '../hostile.ts'
import { isSame, read } from './engines.ts'

const CONVERSATIONS = Number(process.env.NTLMSCOPE_MUTATIONS ?? 10_000) / 20
const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-heads-'))
afterAll(() => rmSync(folder, { recursive: true }))

const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'OPTIONS', 'PROPFIND', 'M-SEARCH', 'BITS_POST', 'QUERY']
const ODD_METHODS = ['HEAD', 'CONNECT', 'RPC_IN_DATA', 'RPC_OUT_DATA', 'COPY', 'REPORT', 'GE', 'X'.repeat(21), 'get']
const TARGETS = ['/', '/a', `/${'b'.repeat(70)}`, '*', '/c?d=e', '/f/../g', '/h%20i']
const ODD_TARGETS = ['http://j/k', 'l', '/m n', '/\x7f', '', `n://${'o'.repeat(60)}`, 'p:443']
const FIELDS = ['Host: q', 'Accept: */*', 'Cookie: r=s', 'Connection: close', 'Content-Type: text/html', 'W: t', 'P: u']
const ODD_FIELDS = [
  'Authorization: Basic dTp2',
  'authorization : w',
  'AUTHORIZATION:x',
  'Authorize: y',
  'Proxy-Authorization: NTLM eg==',
  'Proxy-Authenticate: Negotiate',
  'Persistent-Auth: true',
  'WWW-Authenticate: NTLM',
  'www-authenticates: no',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity',
  'Expect: 100-continue',
  'Expected: no',
  'Upgrade: websocket',
  'Content-Type: application/soap+xml; charset=utf-8',
  'content-type:multipart/encrypted; protocol="application/HTTP-SPNEGO-session-encrypted"',
  'Content-Type: application/json',
  'Content-Length: 3',
  'Location: http://z/',
  'Content-Length:  +5',
  'Content-Length: 123456789',
  'Content-Length: 7 ',
  'Content-Length:',
  ' folded',
]
const STATUSES = ['200 OK', '200 OK', '206 Partial Content', '404 Not Found', '500 Error']
const ODD_STATUSES = [
  '100 Continue',
  '101 Switching Protocols',
  '204 No Content',
  '304 Not Modified',
  '401 Unauthorized',
]
const ODDER_STATUSES = [
  '407 Proxy',
  '302 Found',
  '307 Temporary',
  '399 x',
  '99 no',
  '2000 no',
  '200',
  '199 Early',
  'abc',
  '103 Early Hints',
]

type Random = () => number
const pick = <T>(random: Random, list: readonly T[]): T => list[random() % list.length]!

/** A head and its body, as whoever writes such heads sends them. */
function message(random: Random, isResponse: boolean, oddness: number): Uint8Array {
  const isOdd = () => random() % 100 < oddness
  const start = isResponse
    ? `HTTP/1.${isOdd() ? pick(random, ['0', '1', '2', 'x']) : '1'} ${pick(random, isOdd() ? (isOdd() ? ODDER_STATUSES : ODD_STATUSES) : STATUSES)}`
    : `${pick(random, isOdd() ? ODD_METHODS : METHODS)} ${pick(random, isOdd() ? ODD_TARGETS : TARGETS)} HTTP/${isOdd() ? pick(random, ['1.0', '2.0', '1.']) : '1.1'}`
  const lines = [start]
  for (let i = random() % 6; i > 0; i--) lines.push(pick(random, isOdd() ? ODD_FIELDS : FIELDS))
  const length = random() % 4 === 0 ? random() % 3000 : random() % 30
  if (isResponse ? !isOdd() : random() % 3 === 0) lines.push(`${pick(random, LENGTHS)} ${length}`)
  const isChunked = lines.some((line) => /^transfer-encoding: chunked/i.test(line))
  const says = lines.some((line) => /^content-length/i.test(line))
  const end = isOdd() ? pick(random, ['\n', '\r\n\n', '\r\n \r\n']) : '\r\n'
  const content = Buffer.alloc(length, isOdd() ? 'HTTP/1.1 200 OK\r\n' : 'body ').toString('latin1')
  const body = isChunked ? `${length.toString(16)}\r\n${content}\r\n0\r\n\r\n` : says ? content : ''
  return text(`${lines.join(isOdd() ? '\n' : '\r\n')}${end}${isOdd() && random() % 4 === 0 ? '' : '\r\n'}${body}`)
}

const LENGTHS = ['Content-Length:', 'content-length:', 'CONTENT-LENGTH: ']

/** One conversation, in segments; `oddness`: parts of a hundred of what may be odd and is. */
function conversation(random: Random, number: number, oddness: number): TestPacket[] {
  const packets: TestPacket[] = []
  const next = [random(), random()]
  const port = pick(random, [80, 8080, 9999])
  const say = (side: 0 | 1, payload: Uint8Array, flags = 0x18) => {
    const to =
      side === 0
        ? { sourcePort: 1024 + number, destinationPort: port }
        : { sourcePort: port, destinationPort: 1024 + number }
    const options: TcpOptions = { ...to, seq: next[side]! >>> 0, ack: flags === 2 ? 0 : next[1 - side]! >>> 0, flags }
    const [source, destination] = side === 0 ? ['10.0.0.1', '10.0.0.2'] : ['10.0.0.2', '10.0.0.1']
    const bytes = ethernet(ipv4(tcp(payload, options), { protocol: 6, source: source!, destination: destination! }))
    packets.push({ time: 1.7e15 + number * 1e6 + packets.length * 1000, bytes })
    next[side] = (next[side]! + payload.length + (flags & 3 ? 1 : 0)) >>> 0
  }
  const none = new Uint8Array(0)
  if (random() % 5 > 0) {
    say(0, none, 2)
    say(1, none, 0x12)
    say(0, none, 0x10)
  }
  const send = (side: 0 | 1, bytes: Uint8Array) => {
    const isCut = random() % 100 < oddness
    for (let at = 0; at < bytes.length; ) {
      const size = isCut ? 1 + (random() % 200) : 1400
      say(side, bytes.subarray(at, at + size))
      at += size
    }
    if (random() % 3 === 0) say(side === 0 ? 1 : 0, none, 0x10)
  }
  for (let turn = 2 + (random() % 12); turn > 0; turn--) {
    const count = random() % 100 < oddness ? 1 + (random() % 7) : 1
    send(0, concat(...Array.from({ length: count }, () => message(random, false, oddness))))
    for (let i = 0; i < count; i++) if (random() % 100 >= oddness / 4) send(1, message(random, true, oddness))
  }
  say(0, none, 0x11)
  say(1, none, 0x11)
  // lost, or out of order
  if (random() % 100 < oddness && packets.length > 8) {
    const at = 4 + (random() % (packets.length - 6))
    if (random() % 2 === 0) packets.splice(at, 1)
    else [packets[at], packets[at + 1]] = [packets[at + 1]!, packets[at]!]
  }
  return packets
}

describe('heads of HTTP in the engine', () => {
  it(`gives the same over ${CONVERSATIONS} conversations`, async () => {
    const random = seededRandom(21)
    for (let number = 0; number < CONVERSATIONS; ) {
      const first = number
      const packets: TestPacket[] = []
      for (; number < first + 50; number++) packets.push(...conversation(random, number, pick(random, [0, 3, 12, 40])))
      const path = join(folder, `heads-${first}.pcap`)
      writeFileSync(path, pcap(packets))
      expect(await isSame([path]), `conversations from ${first}`).toBe(true)
    }
  }, 600_000)

  it('plain ones do not leave it, but for the first of each half', async () => {
    const random = seededRandom(22)
    const packets = Array.from({ length: 20 }, (_, number) => conversation(random, number, 0)).flat()
    const path = join(folder, 'plain.pcap')
    writeFileSync(path, pcap(packets))
    const { hash, passed } = await read([path], 'wasm')
    expect((await read([path], 'js')).hash).toBe(hash)
    // first payloads, and one FIN
    expect(packets.length - passed).toBeLessThanOrEqual(20 * 4)
  })
})
