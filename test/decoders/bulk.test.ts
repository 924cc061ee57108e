/**
 * The shapes of PDUs that nobody wants: whatever has one of them, `frame` says the same of it. Random bytes, but for
 * what the shape asks for.
 */
import { describe, expect, it } from 'vitest'
import type { Bulk, BulkLength, Carrier, Framing } from '../../decoders/carrier.ts'
import { bitsOf } from '../../decoders/parts/byte-class.ts'
import { CARRIERS } from '../../decoders/registry.ts'
import { seededRandom } from '../hostile.ts'

const ROUNDS = 600
const shaped = CARRIERS.filter(({ bulk }) => bulk !== undefined)

function put(
  bytes: Uint8Array,
  { at, octets, little }: Pick<BulkLength, 'at' | 'octets' | 'little'>,
  value: number,
): void {
  for (let i = 0; i < octets; i++) bytes[at + i] = Math.floor(value / 256 ** (little ? i : octets - 1 - i)) & 255
}

function get(bytes: Uint8Array, { at, octets, little }: Pick<BulkLength, 'at' | 'octets' | 'little'>): number {
  let value = 0
  for (let i = 0; i < octets; i++) value += bytes[at + i]! * 256 ** (little ? i : octets - 1 - i)
  return value
}

function allowed(shape: Bulk, bytes: Uint8Array): boolean {
  return shape.bytes.every(([at, wanted]) => (bitsOf(wanted)[bytes[at]! >> 5]! & (1 << (bytes[at]! & 31))) !== 0)
}

/** The first bytes of a PDU of this shape, at least as many as it asks for. */
function headOf(shape: Bulk, random: () => number): Uint8Array {
  const bytes = Uint8Array.from({ length: shape.head + (random() % 3) * (random() % 200) }, () => random() & 255)
  const { length, part } = shape
  const most = random() % 2 === 0 ? length.max : Math.min(length.max, length.min + 3000)
  const whole = length.min + (random() % (most - length.min + 1))
  put(bytes, length, whole - length.add)
  if (part !== undefined)
    put(bytes, part, whole < part.add || random() % 2 === 0 ? 0 : random() % (whole - part.add + 1))
  for (const [at, wanted] of shape.bytes) {
    const choice = wanted === null ? [bytes[at]!] : typeof wanted === 'number' ? [wanted] : wanted
    if (!choice.includes(bytes[at]!)) bytes[at] = choice[random() % choice.length]!
  }
  return bytes
}

describe.each(shaped.map((carrier) => [carrier.name, carrier] as const))('shapes of %s', (_, carrier: Carrier) => {
  it('are what `frame` steps over, but for those that are sampled', () => {
    const random = seededRandom(11)
    let told = 0
    for (const shape of carrier.bulk!) {
      for (let round = 0; round < ROUNDS; round++) {
        const head = headOf(shape, random)
        const length = get(head, shape.length) + shape.length.add
        // a place may have changed the length
        if (!allowed(shape, head) || length < shape.length.min || length > shape.length.max) continue
        const part = shape.part === undefined ? 0 : get(head, shape.part)
        if (part > 0 && part + shape.part!.add > length) continue
        const { sampled } = shape
        let state = ((random() & ~(shape.clear ?? 0)) | (shape.set ?? 0)) & 0x1fff_ffff
        let after = state
        if (sampled !== undefined) {
          const count = sampled.first + (random() % (sampled.interval - 1))
          state = (state & ~sampled.mask) | count
          after = (state & ~sampled.mask) | (count + 1)
        }
        const peerState = ((random() & ~(shape.peerClear ?? 0)) | (shape.peerSet ?? 0)) & 0x1fff_ffff
        const out: Framing = { length: -1, keep: -1, more: true, state, scanned: 0, pending: 7, peerState }
        const side = random() % 2 === 0 ? 'client' : 'server'
        expect(carrier.frame(head, side, out), `${Buffer.from(head).toString('hex')}`).toBe('ready')
        expect({ ...out, scanned: 0 }).toEqual({
          length,
          keep: 0,
          more: false,
          state: after,
          scanned: 0,
          pending: 7,
          peerState,
        })
        told++
      }
    }
    expect(told).toBeGreaterThan((ROUNDS * carrier.bulk!.length) / 2)
  })
})

it('some carriers have shapes', () => {
  expect(shaped.map(({ name }) => name)).toEqual(expect.arrayContaining(['smb', 'ldap', 'dcerpc']))
})
