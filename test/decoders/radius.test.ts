import { describe, expect, it } from 'vitest'
import { radius } from '../../decoders/carriers/radius.ts'
import { changeBytes, cutEverywhere, fromHex } from '../hostile.ts'
import { attribute, packet, RADIUS_SAMPLES, SECRET, USER } from './radius.samples.ts'

describe.each(RADIUS_SAMPLES)('$name', ({ packet: bytes, type, fields, step }) => {
  it('is read whole', () => {
    const { value, fault } = radius.decode(bytes, 'client')
    expect(fault).toBe(null)
    const from = type === 'Access-Request' ? 'client' : 'server'
    expect(value).toMatchObject([{ protocol: 'radius', type, from, service: 'radius', fields }])
    expect(value![0]!.steps).toEqual(step === null ? [] : [expect.objectContaining(step)])
  })

  it('is known, framed as one, and its padding left out', () => {
    expect(radius.probe(bytes, 'client')).toBe('mine')
    const out = { length: 0, keep: 0, more: true, state: 0, scanned: 0, pending: 0, peerState: 0 }
    expect(radius.frame(bytes, 'client', out)).toBe('ready')
    expect(out).toMatchObject({ length: bytes.length, keep: bytes.length, more: false })
  })

  it('gives no response, password or key away', () => {
    expect(JSON.stringify(radius.decode(bytes, 'client'))).not.toContain(Buffer.of(SECRET, SECRET).toString('latin1'))
    expect(JSON.stringify(radius.decode(bytes, 'client'))).not.toContain('a5a5')
  })

  it('cut, it says so', () => {
    cutEverywhere(bytes, (cut) => {
      expect(radius.decode(cut, 'client').fault?.reason).toBe('cut')
      expect(radius.probe(cut, 'client')).toBe('other')
    })
  })

  it('survives changed bytes', () => {
    changeBytes(bytes, 500, (changed) => {
      radius.probe(changed, 'client')
      radius.decode(changed, 'client')
    })
  })
})

describe('probe', () => {
  it.each([
    ['attributes that do not fill the packet', packet(1, USER, Uint8Array.of(1, 9, 65))],
    ['an attribute of no length', packet(1, Uint8Array.of(1, 0))],
    ['another code', packet(4, USER)],
    ['DNS with such an id', fromHex('0100 0100 0001 0000 0000 0000 03777777 076578616d706c65 00 0001 0001')],
    ['STUN', fromHex('0101000c2112a442b7e7a701bc34d686fa87dfae 002000080001a147e112a643')],
    ['zeros', new Uint8Array(40)],
  ])('passes %s over', (_name, bytes) => {
    expect(radius.probe(bytes, 'client')).toBe('other')
  })

  it('a packet of its header alone may not have bytes behind it', () => {
    expect(radius.probe(packet(2), 'server')).toBe('mine')
    expect(radius.probe(Uint8Array.of(...packet(2), 0), 'server')).toBe('other')
    expect(radius.probe(Uint8Array.of(...packet(1, attribute(1, Uint8Array.of(65))), 0), 'client')).toBe('mine')
  })
})
