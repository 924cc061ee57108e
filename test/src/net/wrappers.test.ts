/**
 * Every wrapper leads to the packet inside, says so, and is cut anywhere without harm; what is not read has a number, a
 * name and a count.
 */
import { describe, expect, it } from 'vitest'
import { Network } from '../../../src/net/net.ts'
import { protocolOf } from '../../../src/net/protocols.ts'
import {
  concat,
  ethernet,
  ethernetSnap,
  gre,
  ipv4,
  ipv6,
  mpls,
  packet,
  pattern,
  ppp,
  sll,
  tcp,
} from '../../builders/net.ts'
import { macsec, nflog, wrappers } from '../../builders/wrappers.ts'
import { accounted, readOne } from './read.ts'

const data = pattern(100)
const ports = { sourcePort: 49_152, destinationPort: 445, seq: 1, ack: 2 }
const four = ipv4(tcp(data, ports), { source: '192.168.200.101', destination: '10.77.0.20' })
const six = ipv6(tcp(data, ports), { source: '2001:db8::101', destination: 'fe80::20' })
const fromHex = (digits: string) => Uint8Array.from(Buffer.from(digits.replace(/\s+/g, ''), 'hex'))

describe.each([
  ['IPv4', four, '192.168.200.101'],
  ['IPv6', six, '2001:db8::101'],
])('%s in', (_version, ip, source) => {
  it.each(Object.entries(wrappers(ip)))('%s', (_name, { bytes, linkType, tunnels }) => {
    const network = new Network()
    const read = readOne(network, packet(bytes, { linkType, before: 5, behind: 9 }))
    expect(read).toMatchObject({ result: 1, source, destinationPort: 445, payload: Buffer.from(data).toString('hex') })
    expect(network.tunnels).toEqual(tunnels)
    expect(network.protocols).toEqual([])
    expect(network.linkTypes).toEqual([])
  })

  it.each(Object.entries(wrappers(ip)))('%s, cut at every byte', (_name, { bytes, linkType }) => {
    const network = new Network()
    let isRead = true
    for (let length = bytes.length - 1; length >= 0; length--) {
      for (const original of [bytes.length, length]) {
        const read = readOne(network, packet(bytes.subarray(0, length), { linkType, original }))
        // what is read of a cut packet begins as the whole one does; and once too little is there, less is not enough
        if (read?.result === 1) expect(Buffer.from(data).toString('hex').startsWith(read.payload)).toBe(true)
        if (original === bytes.length && read?.result === 1) expect(isRead).toBe(true)
        else if (original === bytes.length) isRead = false
      }
    }
    accounted(network)
    // a cut packet is none of an unknown kind
    expect(network.protocols.filter(([key]) => !protocolOf(key).isWithoutIp)).toEqual([])
  })
})

it('MACsec says how long it is where it is short', () => {
  const small = ipv4(tcp(fromHex('0102'), ports))
  const network = new Network()
  expect(readOne(network, packet(macsec(small, { short: true })))).toMatchObject({ result: 1, payload: '0102' })
})

it('NFLOG may hold less than the packet was', () => {
  const read = readOne(new Network(), packet(nflog(four.subarray(0, 60)), { linkType: 239 }))
  expect(read).toMatchObject({
    result: 1,
    payloadMissing: 80,
    payload: Buffer.from(data.subarray(0, 20)).toString('hex'),
  })
})

describe('what is not read', () => {
  const bare = (etherType: number, payload = pattern(60)) => ethernet(payload, { etherType })
  const kinds = (bytes: Uint8Array, linkType = 1) => {
    const network = new Network()
    expect(readOne(network, packet(bytes, { linkType }))).toBeNull()
    accounted(network)
    expect(network.protocols.reduce((sum, [, count]) => sum + count, 0)).toBe(network.drops.notIp)
    return network.protocols.map(([key, count]) => ({ ...protocolOf(key), count }))
  }

  it.each([
    ['ARP', bare(0x0806)],
    ['LLDP', bare(0x88cc)],
    ['EAPOL', bare(0x888e)],
    ['slow protocols (LACP)', bare(0x8809)],
    ['PTP', bare(0x88f7)],
    ['PROFINET', bare(0x8892)],
    ['PPPoE discovery', bare(0x8863)],
    ['LLC', bare(38, fromHex('424203 0000 00 00 00'))],
    ['LLC', bare(38, fromHex('fefe03 0000 00 00 00'))],
    ['SNAP of a vendor (CDP, PVST, UDLD ...)', ethernetSnap(four, { oui: 0x00000c })],
    ['PPP control', ppp(pattern(20), { protocol: 0xc021 }), 9],
    ['GRE keepalive', ethernet(ipv4(gre(new Uint8Array(0), { protocolType: 0 }), { protocol: 47 }))],
    ['MPLS associated channel', bare(0x8847, mpls(fromHex('10000000 00000000')))],
    ['ARP', bare(0x8847, mpls(ethernet(pattern(40), { etherType: 0x0806 })))],
    ['ARP', bare(0x8926, concat(fromHex('80010002 0806'), pattern(28)))],
    ['CAN', sll(pattern(16), { protocol: 0x000c }), 113],
    ['records of the capture device', concat(fromHex('00000000 00000000 1b 00 0020 0000 0000'), pattern(16)), 197],
    ['neither IPv4 nor IPv6', pattern(60), 101],
  ])('%s carries no IP', (name, bytes, linkType = 1) => {
    expect(kinds(bytes, linkType)).toEqual([expect.objectContaining({ name, isWithoutIp: true, count: 1 })])
  })

  it.each([
    ['0x88e5', 'MACsec, encrypted', macsec(four, { control: 0x0c })],
    ['0x1234', 'unknown EtherType', bare(0x1234)],
    ['0x88b5', 'local experimental', bare(0x88b5)],
    ['0x8847', 'MPLS, neither IP nor Ethernet', bare(0x8847, mpls(pattern(40, 3)))],
    ['0x00fd', 'PPP, compressed or encrypted (MPPE)', ppp(pattern(20), { protocol: 0x00fd }), 9],
    ['0x003d', 'multilink PPP', ppp(pattern(20), { protocol: 0x003d }), 9],
    [
      '0x22eb',
      'unknown EtherType',
      ethernet(ipv4(gre(fromHex('2001 0064 00000001 0000 10 00'), { protocolType: 0x22eb }), { protocol: 47 })),
    ],
    ['21', 'unknown ERF record type', concat(fromHex('00000000 00000000 15 00 0020 0000 0010'), pattern(16)), 197],
  ])('%s (%s) may wrap IP', (number, name, bytes, linkType = 1) => {
    expect(kinds(bytes, linkType)).toEqual([{ number, name, isWithoutIp: false, count: 1 }])
  })

  it('is told by its link type, that of an inner one too', () => {
    const network = new Network()
    readOne(network, packet(pattern(60), { linkType: 189 }))
    readOne(network, packet(pattern(60), { linkType: 105 }))
    readOne(network, packet(concat(fromHex('00 00 0800 69000000'), pattern(60)), { linkType: 192 }))
    expect(network.linkTypes).toEqual([
      [189, 1],
      [105, 2],
    ])
    accounted(network)
  })

  it('stays bounded, whatever noise says', () => {
    const network = new Network()
    for (let etherType = 0x1000; etherType < 0x8000; etherType++) readOne(network, packet(bare(etherType)))
    expect(network.protocols.length).toBeLessThanOrEqual(1025)
    accounted(network)
  })
})
