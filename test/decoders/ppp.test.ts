/**
 * Logons in PPP: packets built from RFC 1994, 2759, 2433, 3748 and draft-kamath-pppext-eap-mschapv2, in GRE as RFC 2637
 * has it; the response of the first one is that of RFC 2759 9.2.
 */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Framing } from '../../decoders/carrier.ts'
import { pppLogons } from '../../decoders/carriers/ppp.ts'
import { reportJson } from '../../src/output/json.ts'
import { analyze } from '../../src/run/analyze.ts'
import { pcap } from '../builders/capture.ts'
import { concat, ethernet, gre, ppp as inPpp, ipv4 } from '../builders/net.ts'
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
    expect(report.blindSpots.filter(({ kind }) => kind !== 'midstream' && kind !== 'one-sided')).toEqual([])
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
