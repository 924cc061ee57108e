import { describe, expect, it } from 'vitest'
import { rdp } from '../../decoders/carriers/rdp.ts'
import { feed, inPieces, type Piece } from '../builders/feed.ts'
import { changeBytes, cutEverywhere, fromHex } from '../hostile.ts'
import { RDP_SAMPLES } from './rdp.samples.ts'

/** What the fields say as a fact of the conversation: a client that names nothing knows RDP's own security alone. */
function securityOf(type: string, fields: Readonly<Record<string, unknown>>) {
  const step = (from: string, asked: unknown, chosen: unknown) => ({
    kind: 'context',
    from,
    fact: { fact: 'rdp-security', asked, chosen },
  })
  if (type.endsWith('REQUEST')) return [step('client', fields.requestedProtocols ?? ['RDP'], null)]
  return fields.selectedProtocol === null ? [] : [step('server', null, fields.selectedProtocol)]
}

describe.each(RDP_SAMPLES)('$name', ({ bytes, type, fields, facts }) => {
  it('is read whole', () => {
    expect(rdp.decode(bytes, 'client')).toEqual({
      value: [
        {
          protocol: 'rdp',
          type,
          from: type.endsWith('REQUEST') ? 'client' : 'server',
          service: 'rdp',
          fields,
          steps: [...(facts === null ? [] : [{ kind: 'facts', facts }]), ...securityOf(type, fields)],
        },
      ],
      fault: null,
    })
  })

  it('is known by its first bytes', () => {
    expect(rdp.probe(bytes, 'client')).toBe('mine')
    cutEverywhere(bytes, (cut) => expect(rdp.probe(cut, 'client')).not.toBe('other'))
  })

  it('cut, it says so and claims no choice', () => {
    cutEverywhere(bytes, (cut) => {
      const { value, fault } = rdp.decode(cut, 'client')
      expect(fault?.reason).toBe('cut')
      const claimed = value?.[0]?.fields?.selectedProtocol ?? null
      expect([null, fields.selectedProtocol]).toContain(claimed)
      expect(JSON.stringify(value)).not.toContain('hidden')
    })
  })

  it('survives changed bytes', () => {
    changeBytes(bytes, 500, (changed) => rdp.decode(changed, 'client'))
  })
})

const [REQUEST, , , CONFIRM, , STANDARD] = RDP_SAMPLES.map(({ bytes }) => bytes)

describe('frame', () => {
  const HELLO = fromHex('160301013e0100013a0303')

  it('keeps the two messages and gives TLS back', () => {
    const pieces: Piece[] = [
      ['client', REQUEST!],
      ['server', CONFIRM!],
      ['client', HELLO],
      ['server', HELLO],
    ]
    for (const size of [1, 3, 100]) {
      const { pdus, lostAt } = feed(rdp, inPieces(pieces, size))
      expect(pdus.map(({ side, kept }) => [side, kept.length])).toEqual([
        ['client', REQUEST!.length],
        ['server', CONFIRM!.length],
      ])
      expect(lostAt).toEqual({ client: REQUEST!.length, server: CONFIRM!.length })
    }
  })

  it('steps over standard security: data, fast path with one and two bytes of length', () => {
    const data = fromHex('0300000c02f080640000aabb')
    const pieces: Piece[] = [
      ['client', REQUEST!],
      ['server', STANDARD!],
      ['client', data],
      ['server', fromHex('8005aabbcc 808005 aabb')],
      ['client', fromHex('4403aa')],
    ]
    for (const size of [1, 100]) {
      const { pdus, lostAt, leftBytes } = feed(rdp, inPieces(pieces, size))
      expect(pdus.filter(({ kept }) => kept.length > 0)).toHaveLength(2)
      expect({ lostAt, leftBytes }).toEqual({ lostAt: { client: null, server: null }, leftBytes: 0 })
    }
  })

  it.each(['0301000b06e0', '03000003', '0300000b0601', '8000', '808000', 'ff'])('is lost in %s', (bytes) => {
    const { lostAt } = feed(rdp, [['client', fromHex(`${bytes}0000000000`)]])
    expect(lostAt.client).not.toBe(null)
  })
})

describe('probe', () => {
  it.each([
    ['S7 (ISO-TSAP)', '0300001611e00000000100c0010ac1020100c2020102'],
    ['H.323 (Q.931)', '0300002c0802000105040388'],
    ['a data message', '0300000c02f080640000aabb'],
    ['a long request', '0300ff2d28e00000000000436f6f6b69'],
    ['a request with something else in it', '0300001309e0000000000047455420'],
    ['TDS, RPC', '0301002b0000010016000000'],
    ['SMB', '00000045ff534d42'],
  ])('passes %s over', (_name, text) => {
    expect(rdp.probe(fromHex(text), 'client')).toBe('other')
  })
})
