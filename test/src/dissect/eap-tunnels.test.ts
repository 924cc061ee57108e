/** TLS in EAP in RADIUS: handshakes that OpenSSL made, in parts, between each other, sent twice, cut. */
import { join } from 'node:path'
import { serialize } from 'node:v8'
import { describe, expect, it } from 'vitest'
import type { EapStep } from '../../../decoders/carrier.ts'
import { EapTunnels } from '../../../src/dissect/eap-tunnels.ts'
import { LIMITS } from '../../../src/memory/limits.ts'
import { analyze } from '../../../src/run/analyze.ts'
import { type Conversation, Standalone } from '../../../src/stream/conversation.ts'
import { tlsTalk } from '../../builders/tls.ts'
import { readPcap, temporaryFolder, writePcap } from '../../captures/packets.ts'

const talk = await tlsTalk({ version: 'TLSv1.2' })
/** what each end says until the other one speaks */
const flights: { from: 'client' | 'server'; bytes: Buffer }[] = []
for (const { from, bytes } of talk.pieces.slice(0, talk.handshake)) {
  const end = from === 0 ? 'client' : 'server'
  const last = flights.at(-1)
  if (last?.from === end) last.bytes = Buffer.concat([last.bytes, bytes])
  else flights.push({ from: end, bytes })
}
const PART = 500

function conversation(port: number): Conversation {
  const one = new Standalone(
    { protocol: 17, lowAddress: '10.0.0.1', highAddress: '10.0.0.2', lowPort: port, highPort: 1812 },
    1,
    1,
  )
  one.clientHalf = 0
  return one
}

/** Its rounds: each answer has a State of its own, and each part is acknowledged. */
function rounds(name: string, first: number): EapStep[] {
  const steps: EapStep[] = []
  let identifier = 1
  let message = first
  const say = (from: 'client' | 'server', data: Uint8Array, goesOn: boolean) => {
    const turn = from === 'server' ? identifier + 1 : identifier
    identifier = turn
    const state = Buffer.from(`${name} ${turn}`)
    steps.push({
      kind: 'eap',
      method: 'PEAP',
      from,
      message: String(message),
      state,
      identifier: turn,
      goesOn,
      data,
      ends: false,
      isFollowed: false,
    })
    if (from === 'server') message++
  }
  for (const { from, bytes } of flights)
    for (let at = 0; at < bytes.length; at += PART) {
      const goesOn = at + PART < bytes.length
      say(from, bytes.subarray(at, at + PART), goesOn)
      if (goesOn) say(from === 'client' ? 'server' : 'client', new Uint8Array(0), false)
    }
  return steps
}

/** The first six bytes of a hello have come, and the server has given its State. */
function begun(tunnels: EapTunnels, name: string, port: number): EapStep {
  const hello = rounds(name, 1)[0]!
  tunnels.take(conversation(port), { ...hello, goesOn: true, data: hello.data.subarray(0, 6) })
  tunnels.take(conversation(port), { ...hello, from: 'server', data: new Uint8Array(0) })
  return hello
}

function heard() {
  const methods: string[] = []
  const told = new Map<Conversation, { text: string; isClosed: boolean }>()
  const tunnels = new EapTunnels(
    {
      began: (_outer, method) => methods.push(method),
      records: (inside, from, records) => {
        const one = told.get(inside) ?? { text: '', isClosed: false }
        expect(one.isClosed).toBe(false)
        told.set(inside, { ...one, text: `${one.text}${from} ${Buffer.from(records).toString('hex')}\n` })
      },
      closed: (inside) => told.set(inside, { text: told.get(inside)?.text ?? '', isClosed: true }),
    },
    { time: 1, frame: 1 },
  )
  return { tunnels, methods, all: () => [...told.values()] }
}

/** What is in clear: both hellos, the certificate, the client's key exchange. */
const clear = (() => {
  const { tunnels, all } = heard()
  for (const step of rounds('a', 1)) tunnels.take(conversation(1), step)
  return all()[0]!
})()

describe('a handshake in parts', () => {
  it('is joined, and closed where it is sealed', () => {
    expect(clear.isClosed).toBe(true)
    expect(clear.text).toContain(talk.certificate.toString('hex'))
    expect(clear.text.split('\n').map((line) => line.split(' ')[0])).toEqual(['client', 'server', 'client', ''])
  })

  it('between those of others, from several ports, with packets that are sent twice', () => {
    const { tunnels, all } = heard()
    const one = rounds('a', 1)
    const two = rounds('b', 100)
    for (const [at, step] of one.entries()) {
      // a request and its answer have the same ports
      const port = conversation(1000 + ((Number(step.message) * 7) % 5))
      tunnels.take(port, step)
      tunnels.take(conversation(2000), two[at]!)
      if (step.from === 'client') tunnels.take(port, step)
    }
    expect(all()).toEqual([clear, clear])
  })

  it('of which a part is missing gives no certificate', () => {
    const steps = rounds('a', 1)
    for (let lost = 0; lost < steps.length; lost++) {
      const { tunnels, all } = heard()
      for (const [at, step] of steps.entries()) if (at !== lost) tunnels.take(conversation(1), step)
      for (const { text } of all()) expect(clear.text.startsWith(text) || text === '' || lost > 0).toBe(true)
    }
  })

  it('is told as it is where the server decides, or the conversation ends', () => {
    for (const end of ['decision', 'conversation'] as const) {
      const { tunnels, all } = heard()
      const outer = conversation(1)
      const steps = rounds('a', 1)
      const until = steps.findLastIndex(({ from }) => from === 'server')
      for (const step of steps.slice(0, until)) tunnels.take(outer, step)
      if (end === 'conversation') tunnels.end(outer)
      else tunnels.take(outer, { ...steps[until]!, ends: true })
      expect(all()).toHaveLength(1)
      expect(all()[0]!.isClosed).toBe(true)
    }
  })

  it('so many at a time, and no message without end', () => {
    const { tunnels, all } = heard()
    for (let at = 0; at < LIMITS.eapTunnelsMax + 10; at++) tunnels.take(conversation(at), rounds(`n${at}`, 1)[0]!)
    const closed = () => all().filter(({ isClosed }) => isClosed).length
    expect(closed()).toBe(10)
    const [hello] = rounds('long', 1)
    for (let at = 0; at < 300; at++)
      tunnels.take(conversation(9), { ...hello!, identifier: at % 256, goesOn: true, data: hello!.data })
    tunnels.take(conversation(9), { ...hello!, identifier: 77, goesOn: false, data: new Uint8Array(0) })
    expect(all().filter(({ text }) => text.length > 200_000)).toEqual([])
  })

  it('costs what its bytes are, however small its parts', () => {
    const { tunnels, all } = heard()
    const hello = begun(tunnels, 'crumbs', 9)
    const { data } = hello
    for (let at = 6; at < data.length; at++)
      tunnels.take(conversation(9), { ...hello, identifier: at % 256, goesOn: true, data: data.subarray(at, at + 1) })
    expect(serialize(tunnels.open.asked[0]!.facts).length).toBeLessThan(2 * data.length + 300)
    tunnels.take(conversation(9), { ...hello, identifier: 256, goesOn: false, data: new Uint8Array(0) })
    expect(all()[0]!.text).toBe(`client ${Buffer.from(data).toString('hex')}\n`)
  })

  it('so many bytes of all of them together, the oldest is told as it is', () => {
    const { tunnels, all } = heard()
    const data = new Uint8Array(20_000)
    for (let at = 0; at < LIMITS.eapTunnelsMax; at++) {
      const hello = begun(tunnels, `n${at}`, at)
      for (const identifier of [100, 101, 102])
        tunnels.take(conversation(at), { ...hello, identifier, goesOn: true, data })
    }
    const held = tunnels.open.asked.reduce((sum, { facts }) => sum + serialize(facts).length, 0)
    expect(held).toBeLessThan(1.1 * LIMITS.eapHeldBytesMax)
    expect(held).toBeGreaterThan(LIMITS.eapHeldBytesMax / 2)
    expect(all().every(({ isClosed }) => isClosed)).toBe(true)
    expect(all().length + tunnels.open.asked.length).toBe(LIMITS.eapTunnelsMax)
  })
})

describe('PEAP as FreeRADIUS answers it', () => {
  const recorded = readPcap('captures/radius/peap-mschapv2.pcap')
  const folder = temporaryFolder()

  it('shows the certificate of the server, and nothing of who is inside', async () => {
    const { tls, exchanges, pairs } = await analyze(['captures/radius/peap-mschapv2.pcap'], { rethrow: true })
    expect(exchanges).toEqual([])
    expect(pairs.map(({ verdict }) => verdict)).toEqual(['undetermined'])
    expect(tls.servers).toMatchObject([
      { ip: '192.0.2.70', port: 1812, service: 'radius', connections: 1, versions: { '1.2': 1 }, frame: 5 },
    ])
    expect(tls.certificates).toMatchObject([{ subject: 'CN=vm', key: 'RSA 2048', servers: ['192.0.2.70:1812'] }])
  })

  it('without any one of its packets: what is said is of the same server, or nothing', async () => {
    for (let lost = 0; lost < recorded.records.length; lost++) {
      const path = writePcap(join(folder, 'lost.pcap'), recorded, recorded.records.toSpliced(lost, 1))
      const { tls, exchanges } = await analyze([path], { rethrow: true })
      expect(exchanges).toEqual([])
      for (const { subject } of tls.certificates) expect(subject).toBe('CN=vm')
      for (const { connections } of tls.servers) expect(connections).toBe(1)
    }
  })
})
