/** QUIC: recognised by its first packets, what it carries by its ClientHello, and never taken for nothing. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { quic } from '../../../decoders/carriers/quic.ts'
import { expectationNamed } from '../../../src/judge/expectations.ts'
import { judgeFlow } from '../../../src/judge/flow.ts'
import { clientHelloOf } from '../../../src/keys/quic-hello.ts'
import { analyze } from '../../../src/run/analyze.ts'
import { pcap } from '../../builders/capture.ts'
import { concat } from '../../builders/der.ts'
import { udpFrame } from '../../builders/net.ts'
import { clientHello, cryptoFrame, initialPacket } from '../../builders/quic.ts'
import { temporaryFolder } from '../../captures/packets.ts'
import { changeBytes, cutEverywhere, fromHex } from '../../hostile.ts'

const folder = temporaryFolder()
const CLIENT = { address: '10.0.0.9', port: 50_000 }
const SERVER = { address: '10.0.0.1', port: 443 }
const SMB_HELLO = clientHello('files.corp.example', ['smb'])
const SMB = initialPacket(cryptoFrame(SMB_HELLO))
/** as a server answers: under its own key, to the connection id that the client chose (none) */
const ANSWER = concat(fromHex('c10000000100 08 f067a5502a4262b5 00 4075'), new Uint8Array(117).fill(0x5a))
let files = 0

async function read(...datagrams: readonly Uint8Array[]) {
  const path = join(folder, `${++files}.pcap`)
  const frames = datagrams.map((data, at) =>
    at % 2 === 0 ? udpFrame(data, CLIENT, SERVER) : udpFrame(data, SERVER, CLIENT),
  )
  writeFileSync(path, pcap(frames.map((bytes, index) => ({ time: 1e15 + index * 1000, bytes }))))
  return analyze([path], { rethrow: true })
}

describe('the ClientHello', () => {
  it('is opened with the keys of RFC 9001 A.1, in one frame or several in any order', () => {
    expect(clientHelloOf(SMB)).toEqual(Buffer.from(SMB_HELLO))
    const [front, back] = [SMB_HELLO.subarray(0, 40), SMB_HELLO.subarray(40)]
    const shuffled = concat(
      Uint8Array.of(1, 0, 0),
      cryptoFrame(back, 40),
      Uint8Array.of(2, 0, 0, 0, 0),
      cryptoFrame(front),
    )
    expect(clientHelloOf(initialPacket(shuffled, { number: 7 }))).toEqual(Buffer.from(SMB_HELLO))
    // what is not there is not made up
    expect(clientHelloOf(initialPacket(cryptoFrame(back, 40)))).toBeNull()
  })

  it('is not made up from a packet that was changed, cut, or is no client’s first', () => {
    expect(clientHelloOf(ANSWER)).toBeNull()
    for (let length = 0; length < SMB.length; length += 7) expect(clientHelloOf(SMB.subarray(0, length))).toBeNull()
    const changed = SMB.slice()
    changed[400]! ^= 1
    expect(clientHelloOf(changed)).toBeNull()
  })
})

describe('a QUIC connection', () => {
  it.each([
    ['of SMB', SMB, 'smb', ['files.corp.example']],
    ['of SMB, version 2', initialPacket(cryptoFrame(SMB_HELLO), { version: 2 }), 'smb', ['files.corp.example']],
    ['of HTTP/3', initialPacket(cryptoFrame(clientHello('www.corp.example', ['h3']))), 'http', ['www.corp.example']],
    [
      'of another protocol',
      initialPacket(cryptoFrame(clientHello('dns.corp.example', ['doq']))),
      'unknown',
      ['dns.corp.example'],
    ],
    ['that cannot be opened', SMB.map((byte, at) => (at === 900 ? byte ^ 1 : byte)), 'unknown', []],
  ] as const)('%s is not visible, and said so', async (_, packet, service, names) => {
    const { pairs, blindSpots, conversations, coverage, hosts } = await read(packet, ANSWER)
    expect(pairs).toMatchObject([
      { service, verdict: 'undetermined', server: { ip: '10.0.0.1', name: names[0] ?? null, ports: [443] } },
    ])
    expect(pairs[0]!.blindSpots).toEqual(['TLS: authentication inside is not visible'])
    expect(blindSpots).toMatchObject([{ kind: 'quic', count: 1 }])
    expect(conversations).toMatchObject([{ carrier: 'quic', service, connections: 1, whole: 1, authenticated: 0 }])
    expect(coverage.carriers).toMatchObject({ quic: 1 })
    expect(hosts).toEqual([])
  })

  it('of SMB keeps what is said of SMB to this server from being a yes', async () => {
    const flow = { client: [], server: [], port: null, service: 'smb' as const }
    const judged = async (packet: Uint8Array) =>
      judgeFlow(await read(packet), flow, [expectationNamed('no-ntlm')!, expectationNamed('encrypted')!], null)
        .expectations
    const [noNtlm, encrypted] = await judged(SMB)
    expect(noNtlm).toMatchObject({ state: 'not-observed' })
    expect(noNtlm!.reasons[0]!.detail).toContain('in QUIC, what authenticates inside is not visible')
    expect(encrypted).toMatchObject({ state: 'met' })
    const [web] = await judged(initialPacket(cryptoFrame(clientHello('www.corp.example', ['h3']))))
    expect(web!.reasons[0]!.detail).toContain('no conversation of this flow is in the capture')
  })

  it.each([
    ['another version', initialPacket(cryptoFrame(SMB_HELLO), { version: 3 })],
    ['a handshake packet', fromHex('e000000001 08 8394c8f03e515708 00 4000')],
    ['a short header', fromHex('43 8394c8f03e515708 0102030405060708')],
    ['a question to DNS', fromHex('c0de 0100 0001 0000 0000 0000 03777777 00 0001 0001')],
    ['a connection id that is too long', fromHex(`c000000001 15 ${'11'.repeat(21)} 00`)],
  ])('is not seen in %s', async (_, packet) => {
    expect(quic.probe(packet, 'client')).toBe('other')
    const { blindSpots, pairs } = await read(packet)
    expect(pairs).toEqual([])
    expect(blindSpots).toEqual([])
  })

  it('with hostile bytes neither throws nor ends badly', () => {
    const open = (bytes: Uint8Array) => {
      quic.decode(bytes, 'client')
      clientHelloOf(bytes)
    }
    cutEverywhere(SMB.subarray(0, 200), open)
    changeBytes(SMB, 500, open)
  })
})
