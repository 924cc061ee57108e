/**
 * A session that goes on by a ticket, up to TLS 1.2, where no session id says so (RFC 5077 3.4): the server changes its
 * cipher, and has shown no certificate.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { type SecureContext, TLSSocket } from 'node:tls'
import { beforeAll, describe, expect, it } from 'vitest'
import { analyze } from '../../src/run/analyze.ts'
import { messagesIn } from '../builders/bound.ts'
import { joined } from '../builders/http.ts'
import { captureOf, conversationAt } from '../builders/logons.ts'
import type { Message } from '../builders/net.ts'
import { contextOf, type TlsTalk, tlsTalk } from '../builders/tls.ts'
import { temporaryFolder } from '../captures/packets.ts'

const folder = temporaryFolder()
const ELSEWHERE = { server: '10.1.1.30' }
let files = 0

interface Kept {
  readonly talk: TlsTalk
  readonly hello: Buffer
  /** the answer of OpenSSL, record by record */
  readonly answer: readonly Buffer[]
}

let kept: Kept

beforeAll(async () => {
  const context = contextOf({ version: 'TLSv1.2' })
  const talk = await tlsTalk({ context })
  const hello = withTicket(first(talk, 0), ticketIn(talk))
  kept = { talk, hello, answer: recordsIn(await answerTo(context, hello)) }
})

const first = (talk: TlsTalk, side: 0 | 1) => talk.pieces.find(({ from }) => from === side)!.bytes

function recordsIn(bytes: Buffer): Buffer[] {
  const found: Buffer[] = []
  for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3))
    found.push(bytes.subarray(at, at + 5 + bytes.readUInt16BE(at + 3)))
  return found
}

function ticketIn({ pieces }: TlsTalk): Buffer {
  const said = Buffer.concat(pieces.filter(({ from }) => from === 1).map(({ bytes }) => bytes))
  const record = recordsIn(said).find((one) => one[0] === 22 && one[5] === 4)!
  return record.subarray(15)
}

/** A ClientHello without a session id, with this ticket in the place of an empty one. */
function withTicket(record: Buffer, ticket: Buffer): Buffer {
  expect(record[43]).toBe(0)
  let list = 44
  list += 2 + record.readUInt16BE(list)
  list += 1 + record[list]!
  let at = list + 2
  while (record.readUInt16BE(at) !== 35) at += 4 + record.readUInt16BE(at + 2)
  expect(record.readUInt16BE(at + 2)).toBe(0)
  const changed = Buffer.concat([record.subarray(0, at + 4), ticket, record.subarray(at + 4)])
  for (const place of [3, 7, list, at + 2]) changed.writeUInt16BE(changed.readUInt16BE(place) + ticket.length, place)
  return changed
}

/** What a server says to a ClientHello. */
async function answerTo(context: SecureContext, hello: Buffer): Promise<Buffer> {
  const said: Buffer[] = []
  const wire = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      said.push(Buffer.from(chunk))
      done()
    },
  })
  const server = new TLSSocket(wire, { isServer: true, secureContext: context })
  server.on('error', () => {})
  wire.push(hello)
  while (said.length === 0) await new Promise((done) => setTimeout(done, 5))
  server.destroy()
  return Buffer.concat(said)
}

const client = (data: Uint8Array): Message => ({ from: 'client', data })
const server = (data: Uint8Array): Message => ({ from: 'server', data })
const DATA = joined(Uint8Array.of(23, 3, 3, 0, 40), new Uint8Array(40))
/** ChangeCipherSpec and Finished of the client, and data of both */
const rest = () => [client(joined(...kept.answer.slice(-2))), client(DATA), server(DATA)]

/** What is said of the server elsewhere, to whom the second conversation goes. */
async function elsewhere(
  messages: readonly Message[],
  before = messagesIn(kept.talk),
  threads = 1,
  keyLogs: readonly string[] = [],
  lost: Uint8Array | null = null,
) {
  const second = conversationAt(5_000_000, 443, messages, 50_001, ELSEWHERE)
  const frames = second.frames.filter((frame) => lost === null || !Buffer.from(frame).includes(Buffer.from(lost)))
  expect(frames.length).toBe(second.frames.length - (lost === null ? 0 : 1))
  const path = join(folder, `${++files}.pcap`)
  writeFileSync(path, captureOf(conversationAt(0, 443, before), { ...second, frames }))
  const keys = { keyLogs, privateKeys: [], mayGrow: false }
  return elsewhereIn(await analyze([path], { rethrow: true, threads, ...(keyLogs.length > 0 && { keys }) }))
}

function elsewhereIn({ tls }: Awaited<ReturnType<typeof analyze>>) {
  const shown = tls.certificates.find(({ servers }) => servers.some((one) => one.includes(ELSEWHERE.server)))
  const found = tls.servers.find(({ ip }) => ip === ELSEWHERE.server)!
  return { resumed: found.resumed, versions: found.versions, names: shown?.names ?? null }
}

const NEW_TICKET = new Uint8Array(48).fill(7)

/** A NewSessionTicket with this ticket. */
function ticketRecord(ticket: Uint8Array): Buffer {
  const { length } = ticket
  const header = [22, 3, 3, 0, length + 10, 4, 0, 0, length + 6, 0, 0, 1, 44, 0, length]
  return Buffer.concat([Uint8Array.from(header), ticket])
}

const NAMES = ['rsa-sha256.corp.example', '*.corp.example', '10.0.0.80']

describe('a ticket without a session id', () => {
  it('is what OpenSSL answers with', () => {
    expect(kept.answer.map(([type]) => type)).toEqual([22, 22, 20, 22].slice(-kept.answer.length))
    expect(kept.answer[0]![43]).toBe(0)
  })

  const found = { resumed: 1, versions: { '1.2': 1 }, names: NAMES }

  it('goes on with the certificate that was shown before', async () => {
    const said = [client(kept.hello), server(joined(...kept.answer)), ...rest()]
    expect(await elsewhere(said)).toEqual(found)
    expect(await elsewhere(said, messagesIn(kept.talk), 2)).toEqual(found)
    const small = said.flatMap(({ from, data }) => Array.from(data!, (byte) => ({ from, data: Uint8Array.of(byte) })))
    expect(await elsewhere(small)).toEqual(found)
  })

  it('with a key log, whether it opens the connection or not', async () => {
    const said = [client(kept.hello), server(joined(...kept.answer)), ...rest()]
    for (const { keyLog } of [await tlsTalk({ version: 'TLSv1.2' }), kept.talk]) {
      const path = join(folder, `${++files}.keys`)
      writeFileSync(path, keyLog)
      expect(await elsewhere(said, messagesIn(kept.talk), 1, [path])).toEqual(found)
    }
  })

  it('of which nobody saw the beginning has no certificate', async () => {
    const said = [client(kept.hello), server(joined(...kept.answer)), ...rest()]
    expect(await elsewhere(said, [])).toEqual({ ...found, names: null })
  })

  it('may be given anew: the next connection goes on with that one', async () => {
    const [hello, ...behind] = kept.answer
    const fresh = behind.at(-3)?.[0] === 22 ? behind.at(-3)! : ticketRecord(NEW_TICKET)
    const ticket = fresh.subarray(15)
    const second = [client(kept.hello), server(joined(hello!, fresh, ...kept.answer.slice(-2))), ...rest()]
    const third = [client(withTicket(first(kept.talk, 0), ticket)), server(joined(hello!, ...kept.answer.slice(-2)))]
    const before = [...messagesIn(kept.talk)]
    const path = join(folder, `${++files}.pcap`)
    writeFileSync(
      path,
      captureOf(
        conversationAt(0, 443, before),
        conversationAt(5_000_000, 443, second, 50_001),
        conversationAt(9_000_000, 443, [...third, ...rest()], 50_002, ELSEWHERE),
      ),
    )
    expect(elsewhereIn(await analyze([path], { rethrow: true }))).toEqual(found)
  })
})

describe('what is no proof of a ticket that was taken', () => {
  const none = { resumed: 0, versions: { '1.2': 1 }, names: null }
  /** the server's first flight of the full handshake */
  const full = () => recordsIn(first(kept.talk, 1))
  const tail = () => kept.answer.slice(-2)

  it('a full handshake that answers it', async () => {
    const said = [client(kept.hello), server(joined(...full())), client(joined(...tail())), server(joined(...tail()))]
    expect(await elsewhere(said)).toEqual({ ...none, names: NAMES })
  })

  it('a certificate that may be missing', async () => {
    const [hello, ...behind] = full()
    for (const lost of [joined(...behind), joined(...behind).subarray(0, 900)])
      for (const rest of [joined(...behind).subarray(lost.length), joined(...tail())]) {
        const said = [
          client(kept.hello),
          server(hello!),
          server(lost),
          ...(rest.length > 0 ? [server(rest)] : []),
          client(joined(...tail())),
          server(joined(...tail())),
        ]
        expect(await elsewhere(said, messagesIn(kept.talk), 1, [], lost)).toEqual(none)
      }
  })

  it('a server that shows none (anonymous key exchange)', async () => {
    const done = Uint8Array.of(22, 3, 3, 0, 4, 14, 0, 0, 0)
    const said = [
      client(kept.hello),
      server(joined(full()[0]!, done)),
      client(joined(...tail())),
      server(joined(...tail())),
    ]
    expect(await elsewhere(said)).toEqual(none)
  })

  it('TLS 1.3, and a client that offers none', async () => {
    const fresh = await tlsTalk({ version: 'TLSv1.3' })
    const { resumed } = await elsewhere(messagesIn(fresh))
    expect(resumed).toBe(0)
    // this ServerHello has a session id only where the client had one
    const [hello13] = recordsIn(first(fresh, 1))
    const unnamed = joined(hello13!.subarray(0, 43), Uint8Array.of(0), hello13!.subarray(44 + hello13![43]!))
    for (const at of [4, 8]) unnamed[at]! -= hello13![43]!
    const in13 = [client(kept.hello), server(joined(unnamed, ...tail())), ...rest()]
    expect(await elsewhere(in13)).toEqual({ ...none, versions: { '1.3': 1 } })
    const without = [client(first(kept.talk, 0)), server(joined(...kept.answer)), ...rest()]
    expect(await elsewhere(without)).toEqual(none)
  })

  it('one direction alone', async () => {
    const answers = [server(joined(...kept.answer)), server(DATA)]
    expect((await elsewhere(answers)).resumed).toBe(0)
  })
})
