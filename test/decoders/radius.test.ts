import { describe, expect, it } from 'vitest'
import { radius } from '../../decoders/carriers/radius.ts'
import { changeBytes, cutEverywhere, fromHex } from '../hostile.ts'
import { attribute, eap, packet, RADIUS_SAMPLES, SECRET, USER } from './radius.samples.ts'

describe.each(RADIUS_SAMPLES)('$name', ({ packet: bytes, type, fields, step }) => {
  it('is read whole', () => {
    const { value, fault } = radius.decode(bytes, 'client')
    expect(fault).toBe(null)
    const from = type === 'Access-Request' ? 'client' : 'server'
    expect(value).toMatchObject([{ protocol: 'radius', type, from, service: 'radius', fields }])
    const steps = value![0]!.steps.filter(({ kind }) => kind !== 'eap')
    expect(steps).toEqual(step === null ? [] : [expect.objectContaining(step)])
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

describe('parts of TLS in EAP', () => {
  const STATE = attribute(24, Uint8Array.of(5, 6, 7))
  const partsIn = (bytes: Uint8Array) =>
    radius.decode(bytes, 'client').value![0]!.steps.filter(({ kind }) => kind === 'eap')
  const part = { kind: 'eap', message: '7', identifier: 1, goesOn: false, ends: false, isFollowed: false }

  it('are those of methods with TLS, in both directions, without the length in front of them', () => {
    const data = Uint8Array.of(0x16, 3, 1)
    expect(partsIn(packet(1, USER, eap(2, 25, 0x80, 0, 0, 0, 3, ...data), STATE))).toEqual([
      { ...part, method: 'PEAP', from: 'client', state: Uint8Array.of(5, 6, 7), data },
    ])
    expect(partsIn(packet(11, eap(1, 21, 0x40, ...data)))).toEqual([
      { ...part, method: 'EAP-TTLS', from: 'server', state: null, goesOn: true, data },
    ])
    for (const method of [1, 4, 17, 26]) expect(partsIn(packet(1, USER, eap(2, method, ...data)))).toEqual([])
  })

  it('end with the decision of the server', () => {
    const success = attribute(79, Uint8Array.of(3, 1, 0, 4))
    expect(partsIn(packet(2, success))).toMatchObject([{ from: 'server', message: '7', ends: true }])
    expect(partsIn(packet(3, success))).toMatchObject([{ ends: true }])
    expect(partsIn(packet(2))).toEqual([])
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
