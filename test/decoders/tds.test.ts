import { describe, expect, it } from 'vitest'
import type { LegStep } from '../../decoders/carrier.ts'
import { tds } from '../../decoders/carriers/tds.ts'
import { cutPiece, feed, inPieces, type Piece } from '../builders/feed.ts'
import { changeBytes, cutEverywhere, fromHex } from '../hostile.ts'
import {
  ACK,
  DONE,
  ENVCHANGE,
  errorToken,
  login7,
  NTLM_CHALLENGE,
  packet,
  prelogin,
  TDS_SAMPLES,
  token,
} from './tds.samples.ts'

const decoded = (bytes: Uint8Array) => tds.decode(bytes, 'client')
const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]))

describe('decode', () => {
  for (const sample of TDS_SAMPLES) {
    it(sample.name, () => {
      const { value, fault } = decoded(sample.packet)
      expect(fault).toBe(null)
      expect(value).toHaveLength(1)
      const { protocol, type, from, service, fields, steps } = value![0]!
      expect({ protocol, type, from, service, fields }).toEqual({
        protocol: 'tds',
        type: sample.type,
        from: sample.from,
        service: 'mssql',
        fields: sample.fields,
      })
      if (sample.step === null) expect(steps).toEqual([])
      else expect(steps).toEqual([expect.objectContaining(sample.step)])
    })

    it(`${sample.name}: cut, it says so and claims no result`, () => {
      cutEverywhere(sample.packet, (cut) => {
        const { value, fault } = decoded(cut)
        expect(fault?.reason).toBe('cut')
        const whole = decoded(sample.packet).value![0]!.steps[0] as LegStep | undefined
        for (const message of value ?? []) {
          for (const step of message.steps) {
            if (step.kind === 'leg') expect(step.outcome).toBe(whole?.outcome ?? null)
          }
        }
      })
    })

    it(`${sample.name}: survives changed bytes`, () => {
      changeBytes(sample.packet, 500, (changed) => {
        const outcome = decoded(changed)
        expect(outcome.value !== null || outcome.fault !== null).toBe(true)
      })
    })
  }

  it('never gives a password away', () => {
    const { value } = decoded(packet(0x10, login7({ user: 'sa', password: 'sesame' })))
    expect(JSON.stringify(value)).not.toContain('sesame')
  })

  it('joins the packets of one message', () => {
    const data = login7({ integrated: true, sspi: NTLM_CHALLENGE, serverName: 'sql1' })
    const one = decoded(packet(0x10, data)).value
    for (const at of [1, 50, 100, data.length - 1]) {
      const two = joined(packet(0x10, data.subarray(0, at), false), packet(0x10, data.subarray(at)))
      expect(decoded(two)).toEqual({ value: one, fault: null })
    }
  })

  it('reads the long form of the SSPI length', () => {
    const { value } = decoded(packet(0x10, login7({ integrated: true, sspi: NTLM_CHALLENGE, long: true })))
    expect(value![0]!.steps[0]).toMatchObject({ method: 'SSPI', token: NTLM_CHALLENGE })
  })

  it('tells a federated login from a SQL login by its empty user', () => {
    const { value } = decoded(packet(0x10, login7({})))
    expect(value![0]!.steps[0]).toMatchObject({ method: 'federated', principal: null })
  })

  it('says nothing about an error that is no refusal of a login', () => {
    expect(decoded(packet(4, errorToken(208))).value).toEqual([])
    expect(decoded(packet(4, joined(errorToken(4060), errorToken(18456)))).value).toHaveLength(1)
  })

  it('passes over the features that a server acknowledges', () => {
    const features = fromHex('ae 01 00000000 0a 02000000 aabb ff')
    expect(decoded(packet(4, joined(ENVCHANGE, features, ACK))).value).toHaveLength(1)
  })
})

describe('probe', () => {
  it.each(TDS_SAMPLES)('knows $name, and asks for more before it can tell', ({ packet: bytes }) => {
    expect(tds.probe(bytes, 'client')).toBe('mine')
    for (let length = 0; length < 8; length++) expect(tds.probe(bytes.subarray(0, length), 'client')).toBe('more')
  })

  it('knows a request in the middle of a conversation', () => {
    expect(tds.probe(packet(1, fromHex('16000000 12000000 0200 0000000000000000 01000000 73006500')), 'client')).toBe(
      'mine',
    )
    expect(tds.probe(packet(4, fromHex('81 0100 0000')), 'server')).toBe('mine')
  })

  it.each([
    ['TPKT', '0300002b26e00000000000436f6f6b69653a20'],
    ['SMB', '00000045ff534d4272000000001843c8'],
    ['TLS', '160301010001000001fc0303'],
    ['LDAP', '300c020101600702010304008000'],
    ['HTTP', '474554202f20485454502f312e31'],
    ['DCE/RPC', '05000b0310000000480000000100'],
    ['zeros', '0000000000000000000000000000'],
    ['a window that is not 0', '1201002f0000010101'],
    ['a batch without headers', '0101001800000000730065006c006500'],
  ])('passes %s over', (_name, text) => {
    expect(tds.probe(fromHex(text), 'client')).toBe('other')
  })
})

const BIG_RESULT = packet(4, new Uint8Array(4000).fill(0x81), false)
const BATCH = packet(1, fromHex('16000000 12000000 0200 0000000000000000 01000000 73006500'))
const CONVERSATION: Piece[] = [
  ['client', packet(0x12, prelogin(2))],
  ['server', packet(4, prelogin(2))],
  ['client', packet(0x10, login7({ integrated: true, sspi: NTLM_CHALLENGE }))],
  ['server', packet(4, token(0xed, NTLM_CHALLENGE))],
  ['client', packet(0x11, NTLM_CHALLENGE)],
  ['server', packet(4, joined(ENVCHANGE, ACK, DONE))],
  ['client', BATCH],
  ['server', joined(...Array.from({ length: 20 }, () => BIG_RESULT), packet(4, DONE))],
  ['client', BATCH],
  ['server', packet(4, joined(errorToken(208), DONE))],
]

describe('frame', () => {
  const types = (pieces: readonly Piece[]) =>
    feed(tds, pieces)
      .pdus.filter(({ kept }) => kept.length > 0)
      .flatMap(({ side, kept }) => (tds.decode(kept, side).value ?? []).map(({ type }) => `${side} ${type}`))
  const EXPECTED = [
    'client PRELOGIN',
    'server PRELOGIN',
    'client LOGIN7',
    'server SSPI',
    'client SSPI',
    'server LOGINACK',
  ]

  it('keeps the login, steps over the rest', () => {
    expect(types(CONVERSATION)).toEqual(EXPECTED)
    const { lostAt, leftBytes, heldBytesMax } = feed(tds, inPieces(CONVERSATION, 1400))
    expect({ lostAt, leftBytes }).toEqual({ lostAt: { client: null, server: null }, leftBytes: 0 })
    expect(heldBytesMax).toBeLessThan(1500)
  })

  it('is the same wherever the segments end', () => {
    for (const size of [1, 3, 7, 100]) expect(types(inPieces(CONVERSATION, size))).toEqual(EXPECTED)
    for (let at = 1; at < 9; at++) expect(types(cutPiece(CONVERSATION, 3, at))).toEqual(EXPECTED)
  })

  it('needs no client to find what answers a login', () => {
    const server = CONVERSATION.filter(([side]) => side === 'server')
    expect(types(server)).toEqual(EXPECTED.filter((type) => type.startsWith('server')))
    const client = CONVERSATION.filter(([side]) => side === 'client')
    expect(types(client)).toEqual(EXPECTED.filter((type) => type.startsWith('client')))
  })

  const record = (size: number) => Uint8Array.of(0x17, 3, 3, size >> 8, size & 0xff, ...new Uint8Array(size))
  const handshake = packet(0x12, fromHex('16030100020101'))

  it('with ENCRYPT_OFF the legs behind the hidden LOGIN7 are read', () => {
    const conversation: Piece[] = [
      ['client', packet(0x12, prelogin(0))],
      ['server', packet(4, prelogin(0))],
      ['client', handshake],
      ['server', handshake],
      ['client', record(300)],
      ...CONVERSATION.slice(3, 6),
    ]
    expect(types(conversation)).toEqual(EXPECTED.filter((type) => type !== 'client LOGIN7'))
  })

  it.each([1, 3])('with encryption %i the rest is given back', (encryption) => {
    const { lostAt } = feed(tds, [
      ['client', packet(0x12, prelogin(1))],
      ['server', packet(4, prelogin(encryption))],
      ['client', handshake],
      ['server', handshake],
      ['client', record(300)],
      ['server', record(300)],
    ])
    expect(lostAt.client).not.toBe(null)
    expect(lostAt.server).not.toBe(null)
  })

  it('is lost in what is no packet', () => {
    expect(feed(tds, [['client', fromHex('50')]]).lostAt.client).toBe(0)
    expect(feed(tds, [['client', fromHex('0101000700000100')]]).lostAt.client).toBe(0)
  })

  it('a response to a login never fills memory', () => {
    const endless = Array.from({ length: 50 }, () => packet(4, joined(ENVCHANGE, new Uint8Array(4000)), false))
    const { heldBytesMax } = feed(tds, inPieces([...CONVERSATION.slice(0, 3), ['server', joined(...endless)]], 1400))
    expect(heldBytesMax).toBeLessThan(20_000)
  })
})
