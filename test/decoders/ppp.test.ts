/**
 * Logons in PPP: packets built from RFC 1994, 2759, 2433, 3748 and draft-kamath-pppext-eap-mschapv2, in GRE as RFC 2637
 * has it, in L2TP (RFC 2661) and PPPoE (RFC 2516); the response of the first one is that of RFC 2759 9.2.
 */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Framing } from '../../decoders/carrier.ts'
import { pppLogons } from '../../decoders/carriers/ppp.ts'
import { reportJson } from '../../src/output/json.ts'
import { analyze } from '../../src/run/analyze.ts'
import { pcap } from '../builders/capture.ts'
import { concat, ethernet, gre, ppp as inPpp, ipv4, pppoe, udp } from '../builders/net.ts'
import { temporaryFolder } from '../captures/packets.ts'
import { changeBytes, cutEverywhere, fromHex } from '../hostile.ts'

const folder = temporaryFolder()
const text = (value: string) => Uint8Array.from(Buffer.from(value))
const secret = (length: number) => new Uint8Array(length).fill(0xa5)
/** Code, Identifier, Length, and what follows */
const packet = (code: number, ...parts: Uint8Array[]) => {
  const body = concat(...parts)
  return concat(Uint8Array.of(code, 9, 0, body.length + 4), body)
}
const valued = (code: number, value: Uint8Array, name: string) =>
  packet(code, Uint8Array.of(value.length), value, text(name))
const CHAP = 0xc223
const EAP = 0xc227
const SECOND = concat(secret(16), new Uint8Array(8), secret(24), Uint8Array.of(0))
const FIRST = concat(new Uint8Array(24), secret(24), Uint8Array.of(1))
const LM = concat(secret(24), new Uint8Array(24), Uint8Array.of(0))
const RFC_2759 = concat(
  fromHex('21402324255E262A28295F2B3A337C7E'),
  new Uint8Array(8),
  fromHex('82309ECD8D708B5EA08FAA3981CD83544233114A3D85D6DF'),
  Uint8Array.of(0),
)
const challenge = valued(1, secret(16), 'vpn')
const success = packet(3, text(`S=${'A5'.repeat(20)} M=Welcome`))
const failure = packet(4, text(`E=691 R=1 C=${'A5'.repeat(16)} V=3 M=Access denied`))
const inEap = (code: number, ...parts: Uint8Array[]) => {
  const body = concat(Uint8Array.of(26), ...parts)
  return concat(Uint8Array.of(code, 40, 0, body.length + 4), body)
}

interface Talk {
  readonly name: string
  readonly protocol: number
  /** server and client in turns */
  readonly talk: readonly Uint8Array[]
  readonly says: Record<string, unknown> | null
}

const ALICE = { principal: 'CORP\\alice', mechanism: 'ntlm', version: 'NTLMv1', service: 'ppp' }
const TALKS: readonly Talk[] = [
  {
    name: 'MS-CHAPv2',
    protocol: CHAP,
    talk: [challenge, valued(2, SECOND, 'CORP\\alice'), success],
    says: { ...ALICE, method: 'MS-CHAPv2', result: 'success', frames: [1, 2, 3] },
  },
  {
    name: 'MS-CHAPv2 of RFC 2759',
    protocol: CHAP,
    talk: [challenge, valued(2, RFC_2759, 'User'), success],
    says: { ...ALICE, principal: '\\User', method: 'MS-CHAPv2', result: 'success', frames: [1, 2, 3] },
  },
  {
    name: 'MS-CHAPv2 with a wrong password',
    protocol: CHAP,
    talk: [challenge, valued(2, SECOND, 'CORP\\alice'), failure],
    says: { ...ALICE, method: 'MS-CHAPv2', result: 'failure', frames: [1, 2, 3] },
  },
  {
    name: 'MS-CHAP',
    protocol: CHAP,
    talk: [valued(1, secret(8), ''), valued(2, FIRST, 'CORP\\alice'), success],
    says: { ...ALICE, method: 'MS-CHAP', result: 'success', frames: [1, 2, 3] },
  },
  {
    name: 'MS-CHAP, LM alone',
    protocol: CHAP,
    talk: [valued(1, secret(8), ''), valued(2, LM, 'CORP\\alice'), success],
    says: { ...ALICE, method: 'MS-CHAP', version: 'LM', result: 'success', frames: [1, 2, 3] },
  },
  {
    name: 'EAP-MSCHAPv2',
    protocol: EAP,
    talk: [
      inEap(1, challenge),
      inEap(2, valued(2, SECOND, 'CORP\\alice')),
      inEap(1, success),
      inEap(2, Uint8Array.of(3)),
      Uint8Array.of(3, 41, 0, 4),
    ],
    says: { ...ALICE, method: 'EAP-MSCHAPv2', result: 'success', frames: [1, 2, 3] },
  },
  {
    name: 'EAP-MSCHAPv2 with a wrong password',
    protocol: EAP,
    talk: [
      inEap(1, challenge),
      inEap(2, valued(2, SECOND, 'CORP\\alice')),
      inEap(1, failure),
      inEap(2, Uint8Array.of(4)),
      Uint8Array.of(4, 41, 0, 4),
    ],
    says: { ...ALICE, method: 'EAP-MSCHAPv2', result: 'failure', frames: [1, 2, 3] },
  },
  {
    name: 'EAP: an identity alone',
    protocol: EAP,
    talk: [Uint8Array.of(1, 1, 0, 5, 1), concat(Uint8Array.of(2, 1, 0, 10, 1), text('alice'))],
    says: null,
  },
]

const SERVER = '10.0.0.1'
const CLIENT = '10.0.0.9'

function frameOf({ protocol }: Talk, bytes: Uint8Array, index: number): Uint8Array {
  const framed = inPpp(bytes, { protocol, address: index % 2 === 0 })
  // Key: payload length and call
  const inGre = gre(framed, {
    protocolType: 0x880b,
    key: framed.length * 65_536 + 7,
    sequence: index,
    acknowledgment: index,
  })
  const [source, destination] = index % 2 === 0 ? [SERVER, CLIENT] : [CLIENT, SERVER]
  return ethernet(ipv4(inGre, { source, destination, protocol: 47 }))
}

async function run(name: string, frames: readonly Uint8Array[]) {
  const path = join(folder, `${name.replaceAll(/[^A-Za-z0-9]/g, '-')}.pcap`)
  writeFileSync(path, pcap(frames.map((bytes, at) => ({ time: 1e15 + at * 1000, bytes }))))
  return analyze([path], { rethrow: true })
}

const out = (): Framing => ({ length: 0, keep: 0, more: false, state: 0, scanned: 0, pending: 0, peerState: 0 })

describe.each(TALKS)('$name', (one) => {
  const frames = one.talk.map((bytes, index) => frameOf(one, bytes, index))
  const payloads = one.talk.map((bytes) => inPpp(bytes, { protocol: one.protocol }))

  it('is a logon with its challenge and its result', async () => {
    const report = await run(one.name, frames)
    const said = report.exchanges.map(({ principal, mechanism, ntlm, service, method, result, frames: some }) => ({
      principal: `${principal?.domain}\\${principal?.user}`,
      mechanism,
      version: ntlm?.ntlmVersion,
      service,
      method,
      result,
      frames: some,
    }))
    expect(said).toEqual(one.says === null ? [] : [one.says])
    for (const { client, server } of report.exchanges)
      expect([client.ip, server.ip, server.port]).toEqual([CLIENT, SERVER, 1723])
    expect(report.blindSpots.filter(({ kind }) => kind !== 'one-sided')).toEqual([])
    expect(JSON.stringify(reportJson(report)).toLowerCase()).not.toContain('a5a5a5')
  })

  it('does no harm cut or changed', () => {
    for (const payload of payloads) {
      const decoded = (bytes: Uint8Array) => {
        if (pppLogons.probe(bytes, 'client') !== 'mine' || pppLogons.frame(bytes, 'client', out()) !== 'ready') return
        expect(JSON.stringify(pppLogons.decode(bytes, 'client')).toLowerCase()).not.toContain('165,165,165')
      }
      cutEverywhere(payload, decoded)
      changeBytes(payload, 2000, decoded)
    }
  })

  it('says so where the capture holds a part of it', async () => {
    if (one.says === null) return
    const kinds = async (part: readonly Uint8Array[]) =>
      (await run(`${one.name} in part`, part)).blindSpots.map(({ kind }) => kind)
    const response = 2
    // the word of EAP itself is that of any method
    const last = one.protocol === EAP ? frames.length - 1 : frames.length
    for (let until = 1; until < response + 1; until++)
      expect(await kinds(frames.slice(0, until))).toContain('unfinished')
    // behind the response
    for (let from = response; from < last; from++)
      expect(await kinds(frames.slice(from))).toEqual(
        expect.arrayContaining([expect.stringMatching(/midstream|one-sided/)]),
      )
    // an earlier call of the same tunnel
    expect(await kinds([...frames.slice(response), ...frames])).toContain('midstream')
  })

  it('is no logon twice, and none of somebody else, wherever a packet is cut', async () => {
    for (const [index, frame] of frames.entries())
      for (let length = 34; length < frame.length; length += 5) {
        const path = join(folder, 'cut.pcap')
        writeFileSync(
          path,
          pcap(
            frames.map((bytes, at) => ({
              time: 1e15 + at * 1000,
              bytes: at === index ? frame.subarray(0, length) : bytes,
              original: bytes.length,
            })),
          ),
        )
        const { exchanges } = await analyze([path], { rethrow: true })
        expect(exchanges.length).toBeLessThanOrEqual(one.says === null ? 0 : 1)
      }
  })
})

const SERVER_MAC = '02 00 00 00 00 aa'
const CLIENT_MAC = '00 11 22 33 44 55'

/** What else carries PPP: header forms of L2TP, and PPPoE in Ethernet, also behind a mirror. */
const inL2tp = (head: string) => (framed: Uint8Array, isServer: boolean) => {
  const bytes = fromHex(head)
  if ((bytes[0]! & 0x40) !== 0) new DataView(bytes.buffer).setUint16(2, bytes.length + framed.length)
  const [source, destination] = isServer ? [SERVER, CLIENT] : [CLIENT, SERVER]
  const [sourcePort, destinationPort] = isServer ? [1701, 50_001] : [50_001, 1701]
  const payload = udp(concat(bytes, framed), { sourcePort, destinationPort })
  return ethernet(ipv4(payload, { source, destination, protocol: 17 }))
}
const inPppoe = (framed: Uint8Array, isServer: boolean) => {
  const [source, destination] = isServer ? [SERVER_MAC, CLIENT_MAC] : [CLIENT_MAC, SERVER_MAC]
  return concat(fromHex(`${destination} ${source} 8864`), pppoe(framed))
}
const OF_MACS = ['fe80::211:22ff:fe33:4455', 'fe80::ff:fe00:aa', 0]
const WRAPPERS: readonly [string, (framed: Uint8Array, isServer: boolean) => Uint8Array, unknown[]][] = [
  ['L2TP', inL2tp('0002 0007 0001'), [CLIENT, SERVER, 1701]],
  ['L2TP with its length', inL2tp('4002 0000 0007 0001'), [CLIENT, SERVER, 1701]],
  ['L2TP with numbers and an offset', inL2tp('4a02 0000 0007 0001 0001 0002 0002 0000'), [CLIENT, SERVER, 1701]],
  ['PPPoE', inPppoe, OF_MACS],
  [
    'PPPoE in ERSPAN',
    (framed, isServer) => {
      const inner = inPppoe(framed, isServer)
      const mirrored = gre(inner, { protocolType: 0x88be })
      return ethernet(ipv4(mirrored, { source: '10.9.9.1', destination: '10.9.9.2', protocol: 47 }))
    },
    OF_MACS,
  ],
]

describe.each(WRAPPERS)('in %s', (name, wrap, ends) => {
  it.each(TALKS)('$name', async (one) => {
    const frames = one.talk.map((bytes, index) => wrap(inPpp(bytes, { protocol: one.protocol }), index % 2 === 0))
    const report = await run(`${name} ${one.name}`, frames)
    expect(report.exchanges.map(({ method, result, ntlm }) => [method, result, ntlm?.ntlmVersion])).toEqual(
      one.says === null ? [] : [[one.says.method, one.says.result, one.says.version ?? 'NTLMv1']],
    )
    for (const { client, server } of report.exchanges) expect([client.ip, server.ip, server.port]).toEqual(ends)
    expect(report.blindSpots.filter(({ kind }) => kind !== 'midstream' && kind !== 'one-sided')).toEqual([])
  })
})

it('what only stands at the port of L2TP is a datagram', async () => {
  const odd = [
    '0002 0007 0001 1234 5678',
    '0003 0007 0001 c223 0101',
    'c802 000c 0000 0000 0000 0000',
    '4002 0fff 0007 0001 c223',
  ]
  const report = await run(
    'no-l2tp',
    odd.map((bytes) =>
      ethernet(
        ipv4(udp(fromHex(bytes), { sourcePort: 1701, destinationPort: 1701 }), {
          source: CLIENT,
          destination: SERVER,
          protocol: 17,
        }),
      ),
    ),
  )
  expect(report.exchanges).toEqual([])
  expect(report.tally.packets).toMatchObject({ udp: odd.length })
})

it('CHAP with MD5 is no NTLM', async () => {
  const one: Talk = {
    name: 'md5',
    protocol: CHAP,
    talk: [challenge, valued(2, secret(16), 'alice'), packet(3)],
    says: null,
  }
  const { exchanges } = await run(
    'md5',
    one.talk.map((bytes, index) => frameOf(one, bytes, index)),
  )
  expect(exchanges.map(({ mechanism, method }) => [mechanism, method])).not.toContainEqual(['ntlm', 'CHAP'])
})

it('a challenge that nobody answers is no logon', async () => {
  const { exchanges } = await run('challenge', [frameOf(TALKS[0]!, challenge, 0)])
  expect(exchanges).toEqual([])
})
