/**
 * Hardware addresses by ARP: who says so of itself is heard, who answers for others is not.
 */
import { describe, expect, it } from 'vitest'
import type { Packet } from '../../../../src/capture/packet.ts'
import { LIMITS } from '../../../../src/memory/limits.ts'
import { Network } from '../../../../src/net/net.ts'
import { Segment } from '../../../../src/net/segment.ts'

const BROTHER = '001ba9abcdef'
const ROUTER = '525400123456'

/** Ethernet, a tag of 802.1Q where `vlan` says so, and ARP: `says` has this address. */
function arp(says: string, ip: string, { vlan = false, operation = 1, cut = 0 } = {}): Uint8Array {
  const address = ip.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'))
  const tag = vlan ? '81000005' : ''
  const head = `000108000604${operation.toString(16).padStart(4, '0')}`
  const hex = `ffffffffffff${says}${tag}0806${head}${says}${address.join('')}0000000000000a000001`
  const bytes = Uint8Array.from(hex.match(/../g)!, (octet) => Number.parseInt(octet, 16))
  return bytes.subarray(0, bytes.length - cut)
}

function heard(...frames: Uint8Array[]) {
  const network = new Network()
  const segment = new Segment()
  for (const [at, bytes] of frames.entries()) {
    const packet = { bytes, start: 0, captured: bytes.length, original: bytes.length, time: 0, linkType: 1 }
    network.decode({ ...packet, capture: 0, frame: at + 1 } as unknown as Packet, segment)
  }
  return network.neighbours
}

describe('a hardware address', () => {
  it('is what the sender of ARP says of itself, in a request, an answer, in a VLAN', () => {
    const one = { ip: '192.0.2.30', hardware: '00:1b:a9:ab:cd:ef', capture: 0, frame: 1 }
    expect(heard(arp(BROTHER, '192.0.2.30'))).toEqual([one])
    expect(heard(arp(BROTHER, '192.0.2.30', { operation: 2 }), arp(BROTHER, '192.0.2.30'))).toEqual([one])
    expect(heard(arp(BROTHER, '192.0.2.30', { vlan: true }))).toEqual([one])
  })

  it('of whoever answers for several addresses says nothing', () => {
    expect(heard(arp(ROUTER, '192.0.2.1'), arp(ROUTER, '198.51.100.7', { operation: 2 }))).toEqual([])
  })

  it('that is one of two for an address says nothing, whoever was first', () => {
    expect(heard(arp(BROTHER, '192.0.2.30'), arp(ROUTER, '192.0.2.30'), arp(BROTHER, '192.0.2.30'))).toEqual([])
  })

  it('is none in a probe, nor in a packet that is cut', () => {
    expect(heard(arp(BROTHER, '0.0.0.0'))).toEqual([])
    const whole = arp(BROTHER, '192.0.2.30')
    for (let cut = 1; cut < whole.length; cut++) {
      const found = heard(arp(BROTHER, '192.0.2.30', { cut }))
      // the target, which stands last, is not asked
      expect(found.length).toBe(cut <= 10 ? 1 : 0)
    }
  })

  it('is kept for so many hosts', () => {
    const many = Array.from({ length: LIMITS.neighboursMax + 5 }, (_, at) =>
      arp(`0200000${at.toString(16).padStart(5, '0')}`, `10.${at >> 16}.${(at >> 8) & 255}.${at & 255 || 1}`),
    )
    expect(heard(...many).length).toBeLessThanOrEqual(LIMITS.neighboursMax)
  })
})
