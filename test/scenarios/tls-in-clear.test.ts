/** What hellos in clear say of a server: the name that was asked for, and who chose which protocol. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hostPattern } from '../../src/facts/filter.ts'
import { deviceCard } from '../../src/judge/device.ts'
import { cardText } from '../../src/output/card.ts'
import { analyze } from '../../src/run/analyze.ts'
import { joined } from '../builders/http.ts'
import { captureOf, conversationAt } from '../builders/logons.ts'
import type { Message } from '../builders/net.ts'
import { tlsTalk, withExtension } from '../builders/tls.ts'
import { temporaryFolder } from '../captures/packets.ts'
import { TLS_SAMPLES } from '../decoders/tls.samples.ts'
import { fromHex } from '../hostile.ts'

const folder = temporaryFolder()
const [, hello13, offering, choosing, hello10] = TLS_SAMPLES.map(({ record }) => record) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
]

type Pieces = readonly (readonly [from: 'client' | 'server', data: Uint8Array])[]

async function reportOf(pieces: Pieces) {
  const path = join(folder, 'clear.pcap')
  const messages = pieces.map(([from, data]): Message => ({ from, data }))
  writeFileSync(path, captureOf(conversationAt(0, 443, messages)))
  return analyze([path], { rethrow: true })
}

async function serverOf(pieces: Pieces) {
  const { tls, findings } = await reportOf(pieces)
  expect(tls.servers).toHaveLength(1)
  return { ...tls.servers[0]!, findings: findings.map(({ id }) => id) }
}

describe('ALPN', () => {
  it('is what the server chose; what is offered stands beside it', async () => {
    const offered = { alpnOffered: ['h2,http/1.1'] }
    const talk = (answer: Uint8Array) =>
      serverOf([
        ['client', offering],
        ['server', answer],
      ])
    expect(await talk(choosing)).toMatchObject({ ...offered, alpn: ['http/1.1'], versions: { '1.2': 1 } })
    expect(await talk(hello10)).toMatchObject({ ...offered, alpn: [], versions: { '1.0': 1 } })
    expect(await talk(hello13)).toMatchObject({ ...offered, alpn: [], versions: { '1.3': 1 } })
  })
})

describe('Encrypted Client Hello, which browsers offer to everybody', () => {
  it('leaves the name that was asked for in clear', async () => {
    const hello = withExtension(offering, 0xfe0d)
    for (const answer of [choosing, hello13])
      expect(
        await serverOf([
          ['client', hello],
          ['server', answer],
        ]),
      ).toMatchObject({ serverNames: ['dc1.lab.example'] })
  })

  it('and the certificate of TLS 1.2 is compared with it', async () => {
    const { pieces } = await tlsTalk({ serverName: 'web1.corp.example' })
    const [, ...rest] = pieces.map(({ from, bytes }) => [from === 0 ? 'client' : 'server', bytes] as const)
    const { findings } = await serverOf([['client', withExtension(offering, 0xfe0d)], ...rest])
    expect(findings).toContain('NS-TL-003')
  })
})

it('the answer to a client that sends data in its first flight is read', async () => {
  const early = joined(offering, fromHex('140303000101'), fromHex('1703030020'), new Uint8Array(32))
  const talk = [
    ['client', early],
    ['server', hello13],
  ] as const
  expect(await serverOf(talk)).toMatchObject({ versions: { '1.3': 1 }, serverNames: ['dc1.lab.example'] })
})

it('a hello of SSL 2.0 that asks for TLS is answered in TLS', async () => {
  const asked = fromHex(
    '802e 010301 0015 0000 0010 00002f00003500000a0000130000ff 010080 03008007 00c0'.replaceAll(' ', ''),
  )
  const old = joined(asked, new Uint8Array(0x30 - asked.length))
  expect(
    await serverOf([
      ['client', old],
      ['server', hello10],
    ]),
  ).toMatchObject({ versions: { '1.0': 1 }, serverNames: [] })
})

it('the card of a device has the versions and certificates that it shows, whoever logs on inside', async () => {
  const { pieces } = await tlsTalk({ certificate: 'rsa-sha256' })
  const report = await reportOf(pieces.map(({ from, bytes }) => [from === 0 ? 'client' : 'server', bytes] as const))
  const { ip } = report.tls.servers[0]!
  const card = deviceCard(report, hostPattern(ip))
  expect(card.server.map(({ name, values }) => [name, values.map(({ text }) => text)])).toEqual([
    ['TLS versions', ['1.2 (443)']],
    [
      'certificates shown',
      [
        expect.stringMatching(
          /^rsa-sha256\.corp\.example, RSA 2048, sha256WithRSAEncryption, \d{4}-\d\d-\d\d \(443\)$/,
        ),
      ],
    ],
  ])
  const text = cardText(card, { columns: 80, color: false })
  expect(text.match(/no authentication was seen/g)).toHaveLength(2)
  expect(text).toContain('TLS versions')
})
