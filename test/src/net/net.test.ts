import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/memory/limits.ts'
import { Network } from '../../../src/net/net.ts'
import { addressText, Segment, TCP_ACK, TCP_FIN, TCP_SYN } from '../../../src/net/segment.ts'
import {
  authenticated,
  authentication,
  concat,
  destinationOptions,
  erspan1,
  erspan2,
  erspan3,
  ethernet,
  ethernetSnap,
  fragmentHeader6,
  geneve,
  gre,
  gtpU,
  hopByHop,
  ipv4,
  ipv4Fragments,
  ipv6,
  ipv6Fragments,
  loopback,
  mpls,
  packet,
  pattern,
  ppp,
  pppoe,
  routing,
  sll,
  sll2,
  TCP_PSH,
  tcp,
  tcpConversation,
  udp,
  udpFrame,
  vlan,
  vxlan,
  vxlanGpe,
} from '../../builders/net.ts'
import { changeBytes, fromHex, seededRandom } from '../../hostile.ts'
import { accounted, type Read, readAll, readOne } from './read.ts'

const data = pattern(100)
const segmentOptions = { sourcePort: 49152, destinationPort: 445, seq: 0xfedcba98, ack: 0x89abcdef }
const inner4 = ipv4(tcp(data, segmentOptions), { source: '192.168.200.101', destination: '10.77.0.20' })
const inner6 = ipv6(tcp(data, segmentOptions), { source: '2001:db8::101', destination: 'fe80::20' })
const overUdp = (payload: Uint8Array, destinationPort: number) =>
  ipv4(udp(payload, { sourcePort: 61000, destinationPort }), { protocol: 17 })

const expected4: Read = {
  result: 1,
  source: '192.168.200.101',
  destination: '10.77.0.20',
  protocol: 6,
  sourcePort: 49152,
  destinationPort: 445,
  seq: 0xfedcba98,
  ack: 0x89abcdef,
  flags: TCP_ACK | TCP_PSH,
  payload: Buffer.from(data).toString('hex'),
  payloadMissing: 0,
}
const expected6: Read = { ...expected4, source: '2001:db8::101', destination: 'fe80::20' }

interface Wrapping {
  linkType?: number
  tunnels?: string[]
  vlans?: number[]
  bytes: Uint8Array
}

/** Every way to carry an IP packet. */
function wrappings(ip: Uint8Array): Record<string, Wrapping> {
  const frame = ethernet(ip)
  const version = ip[0]! >>> 4
  const inGre = (payload: Uint8Array) => ethernet(ipv4(payload, { protocol: 47, source: '172.16.0.1' }))
  const inIp = (protocol: number) => ({ protocol, source: '172.16.0.1', destination: '172.16.0.2' })
  const ipInIp = version === 4 ? 'IP-in-IP' : 'IPv6-in-IP'
  const ipNumber = version === 4 ? 4 : 41
  return {
    Ethernet: { bytes: frame },
    'Ethernet with padding': { bytes: ethernet(ip, { padTo: ip.length + 60 }) },
    '802.1Q': { bytes: ethernet(vlan(ip, { vid: 77, priority: 5 }), { etherType: 0x8100 }), vlans: [77] },
    '802.1Q priority tag': { bytes: ethernet(vlan(ip, { vid: 0 }), { etherType: 0x8100 }) },
    '802.1ad': {
      bytes: ethernet(vlan(vlan(ip, { vid: 4095 }), { vid: 200, etherType: 0x8100 }), { etherType: 0x88a8 }),
      vlans: [200, 4095],
    },
    'three 0x9100 tags': {
      bytes: ethernet(vlan(vlan(vlan(ip, { vid: 3 }), { vid: 2, etherType: 0x9100 }), { vid: 1, etherType: 0x9100 }), {
        etherType: 0x9100,
      }),
      vlans: [1, 2, 3],
    },
    SNAP: { bytes: ethernetSnap(ip) },
    'SNAP of a bridge': { bytes: ethernetSnap(ip, { oui: 0x0000f8 }) },
    'SNAP in a VLAN': {
      bytes: ethernet(vlan(ethernetSnap(ip).subarray(14), { vid: 9, etherType: ip.length + 8 }), { etherType: 0x8100 }),
      vlans: [9],
    },
    MPLS: { bytes: ethernet(mpls(ip), { etherType: 0x8847 }), tunnels: ['MPLS'] },
    'MPLS, one label': { bytes: ethernet(mpls(ip, { labels: [0] }), { etherType: 0x8848 }), tunnels: ['MPLS'] },
    'MPLS pseudo-wire': {
      bytes: ethernet(mpls(frame, { controlWord: true }), { etherType: 0x8847 }),
      tunnels: ['MPLS'],
    },
    'MPLS pseudo-wire without control word': {
      bytes: ethernet(mpls(frame), { etherType: 0x8847 }),
      tunnels: ['MPLS'],
    },
    PPPoE: { bytes: ethernet(pppoe(ppp(ip)), { etherType: 0x8864 }), tunnels: ['PPPoE'] },
    'PPPoE with padding': { bytes: ethernet(pppoe(ppp(ip)), { etherType: 0x8864, padTo: 300 }), tunnels: ['PPPoE'] },
    PPP: { linkType: 9, bytes: ppp(ip) },
    'PPP with address': { linkType: 9, bytes: ppp(ip, { address: true }) },
    'PPP, short protocol': { linkType: 9, bytes: ppp(ip, { shortProtocol: true }) },
    'NULL big-endian': { linkType: 0, bytes: loopback(ip) },
    'NULL little-endian': { linkType: 0, bytes: loopback(ip, { littleEndian: true }) },
    LOOP: { linkType: 108, bytes: loopback(ip) },
    'RAW 12': { linkType: 12, bytes: ip },
    'RAW 14': { linkType: 14, bytes: ip },
    'RAW 101': { linkType: 101, bytes: ip },
    'IPV4 or IPV6': { linkType: version === 4 ? 228 : 229, bytes: ip },
    SLL: { linkType: 113, bytes: sll(ip) },
    'SLL with a tag': { linkType: 113, bytes: sll(vlan(ip, { vid: 5 }), { protocol: 0x8100 }), vlans: [5] },
    'SLL with LLC': { linkType: 113, bytes: sll(ethernetSnap(ip).subarray(14), { protocol: 4 }) },
    SLL2: { linkType: 276, bytes: sll2(ip) },
    GRE: { bytes: inGre(gre(ip)), tunnels: ['GRE'] },
    'GRE with everything': { bytes: inGre(gre(ip, { checksum: true, key: 1, sequence: 2 })), tunnels: ['GRE'] },
    'GRE with Ethernet': { bytes: inGre(gre(frame, { protocolType: 0x6558, key: 77 })), tunnels: ['GRE'] },
    'GRE with PPP': {
      bytes: inGre(gre(ppp(ip, { address: true }), { protocolType: 0x880b, key: 1, sequence: 2, acknowledgment: 3 })),
      tunnels: ['GRE'],
    },
    'GRE with MPLS': { bytes: inGre(gre(mpls(ip), { protocolType: 0x8847 })), tunnels: ['GRE', 'MPLS'] },
    'GRE in IPv6': { bytes: ethernet(ipv6(gre(ip), { protocol: 47 })), tunnels: ['GRE'] },
    'ERSPAN I': { bytes: inGre(erspan1(frame)), tunnels: ['ERSPAN I'] },
    'ERSPAN II': { bytes: inGre(erspan2(frame)), tunnels: ['ERSPAN II'] },
    'ERSPAN III': { bytes: inGre(erspan3(frame)), tunnels: ['ERSPAN III'] },
    'ERSPAN III, O bit': { bytes: inGre(erspan3(frame, { subheader: true })), tunnels: ['ERSPAN III'] },
    'ERSPAN III with IP': { bytes: inGre(erspan3(ip, { frameType: 2 })), tunnels: ['ERSPAN III'] },
    'ERSPAN II of a VLAN': {
      bytes: inGre(erspan2(ethernet(vlan(ip, { vid: 30 }), { etherType: 0x8100 }))),
      tunnels: ['ERSPAN II'],
      vlans: [30],
    },
    VXLAN: { bytes: ethernet(overUdp(vxlan(frame), 4789)), tunnels: ['VXLAN'] },
    'VXLAN, Linux port': { bytes: ethernet(overUdp(vxlan(frame), 8472)), tunnels: ['VXLAN'] },
    'VXLAN, group policy': { bytes: ethernet(overUdp(vxlan(frame, { flags: 0x88 }), 4789)), tunnels: ['VXLAN'] },
    'VXLAN in VXLAN': {
      bytes: ethernet(overUdp(vxlan(ethernet(overUdp(vxlan(frame), 4789))), 4789)),
      tunnels: ['VXLAN'],
    },
    GENEVE: { bytes: ethernet(overUdp(geneve(frame), 6081)), tunnels: ['GENEVE'] },
    'GENEVE with options': {
      bytes: ethernet(overUdp(geneve(frame, { options: pattern(252) }), 6081)),
      tunnels: ['GENEVE'],
    },
    'GENEVE with IP': {
      bytes: ethernet(overUdp(geneve(ip, { protocolType: version === 4 ? 0x0800 : 0x86dd }), 6081)),
      tunnels: ['GENEVE'],
    },
    'VXLAN-GPE': { bytes: ethernet(overUdp(vxlanGpe(frame), 4790)), tunnels: ['VXLAN-GPE'] },
    'VXLAN-GPE with IP': {
      bytes: ethernet(overUdp(vxlanGpe(ip, { nextProtocol: version === 4 ? 1 : 2, flags: 0x08 }), 4790)),
      tunnels: ['VXLAN-GPE'],
    },
    'VXLAN-GPE with MPLS': {
      bytes: ethernet(overUdp(vxlanGpe(mpls(ip), { nextProtocol: 5 }), 4790)),
      tunnels: ['MPLS', 'VXLAN-GPE'],
    },
    'GTP-U': { bytes: ethernet(overUdp(gtpU(ip), 2152)), tunnels: ['GTP-U'] },
    'GTP-U with a sequence number': { bytes: ethernet(overUdp(gtpU(ip, { sequence: 1 }), 2152)), tunnels: ['GTP-U'] },
    'GTP-U with extensions': { bytes: ethernet(overUdp(gtpU(ip, { extensions: 3 }), 2152)), tunnels: ['GTP-U'] },
    'IP in IPv4': { bytes: ethernet(ipv4(ip, inIp(ipNumber))), tunnels: [ipInIp] },
    'IP in IPv6': { bytes: ethernet(ipv6(ip, { protocol: ipNumber })), tunnels: [ipInIp] },
  }
}

describe.each([
  ['IPv4', inner4, expected4],
  ['IPv6', inner6, expected6],
] as const)('the same %s packet', (_, ip, expected) => {
  it.each(Object.entries(wrappings(ip)))('in %s', (_name, { bytes, linkType = 1, tunnels = [], vlans = [] }) => {
    const network = new Network()
    expect(readOne(network, packet(bytes, { linkType }))).toEqual(expected)
    expect(readOne(network, packet(bytes, { linkType, before: 37, behind: 41 }))).toEqual(expected)
    expect(network.tunnels).toEqual(tunnels)
    expect(network.vlans).toEqual(vlans)
    const [ipv4Count, ipv6Count] = ip === inner4 ? [2, 0] : [0, 2]
    expect([network.packets, network.tcp, network.udp]).toEqual([2, 2, 0])
    expect([network.ipv4, network.ipv6]).toEqual([ipv4Count, ipv6Count])
  })

  it.each(Object.entries(wrappings(ip)))('in %s, cut at every byte', (_name, { bytes, linkType = 1 }) => {
    const network = new Network()
    for (let length = 0; length < bytes.length; length++) {
      const cut = packet(bytes.subarray(0, length), { linkType, original: bytes.length, behind: 64 })
      const read = readOne(network, cut)
      accounted(network)
      if (read === null) continue
      // Either what is inside the tunnel, less its end, or a tunnel port whose datagram is cut before it shows what it
      // is.
      if (read.result === 1) {
        expect({ ...read, payload: '', payloadMissing: 0 }).toEqual({ ...expected, payload: '' })
        expect(expected.payload.startsWith(read.payload)).toBe(true)
        expect(read.payload.length / 2 + read.payloadMissing).toBe(data.length)
      } else {
        expect([4789, 8472, 4790, 6081, 2152]).toContain(read.destinationPort)
        expect(read.payloadMissing).toBeGreaterThan(0)
      }
    }
    expect(network.packets).toBe(bytes.length)
    expect(network.cutPackets).toBe(bytes.length)
    expect(network.drops).toMatchObject({ unsupportedLinkType: 0, ieee80211: 0, otherTransport: 0, tooDeep: 0 })
    expect(network.drops).toMatchObject({ malformed: 0, fragmentLost: 0, fragmentWaiting: 0 })
  })

  it.each(Object.entries(wrappings(ip)))('in %s, with bytes changed', (_name, { bytes, linkType = 1 }) => {
    const network = new Network()
    const segment = new Segment()
    changeBytes(bytes.subarray(0, bytes.length - 60), 300, (changed) => {
      const given = packet(changed, { linkType, behind: 16 })
      const result = network.decode(given, segment)
      accounted(network)
      if (result !== 0) inBounds(segment)
    })
  })
})

it('the straight line for plain packets and the walk agree, whatever the bytes', () => {
  const ip = ipv4(tcp(data, { ...segmentOptions, options: pattern(8) }))
  const compare = (changed: Uint8Array, original: number) => {
    const [straight, walked] = [new Network(), new Network()]
    const read = readOne(straight, packet(ethernet(changed, { etherType: 0x0800 }), { original: original + 14 }))
    // LINKTYPE_IPV4 never takes the straight line
    expect(readOne(walked, packet(changed, { linkType: 228, original }))).toEqual(read)
    expect(walked.drops).toEqual(straight.drops)
  }
  for (let seed = 1; seed <= 3; seed++) {
    changeBytes(ip.subarray(0, 48), 1000, (head) => compare(concat(head, data), ip.length), seed)
  }
  for (let length = 0; length <= ip.length; length++) compare(ip.subarray(0, length), ip.length)
})

function inBounds(segment: Segment): void {
  const { payloadStart, payloadLength, payloadMissing, bytes } = segment
  if (payloadStart < 0 || payloadLength < 0 || payloadMissing < 0 || payloadStart + payloadLength > bytes.length) {
    expect.fail(`payload ${payloadStart} + ${payloadLength} (${payloadMissing}) of ${bytes.length}`)
  }
}

it('reads random bytes under every link type, and changed fragments, without a throw and with the identity', () => {
  const random = seededRandom(7)
  const network = new Network()
  const segment = new Segment()
  const linkTypes = [0, 1, 9, 12, 14, 101, 108, 113, 228, 229, 276, 105, 127, 147]
  for (let round = 0; round < 20_000; round++) {
    const bytes = Uint8Array.from({ length: random() % 90 }, () => random() & 255)
    const linkType = linkTypes[round % linkTypes.length]!
    if (linkType === 1 && bytes.length > 14) bytes.set([0x08, 0x00, 0x45], 12)
    if (network.decode(packet(bytes, { linkType, original: bytes.length + (random() % 3) }), segment) !== 0) {
      inBounds(segment)
    }
  }
  const datagram = udp(pattern(4000))
  const fragments = [
    ...ipv4Fragments(datagram, 496, { protocol: 17 }).map((ip) => ethernet(ip)),
    ...ipv6Fragments(datagram, 496, { protocol: 17 }).map((ip) => ethernet(ip)),
  ]
  for (const fragment of fragments) {
    changeBytes(fragment.subarray(0, 200), 300, (changed) => {
      const whole = concat(changed, fragment.subarray(200))
      if (network.decode(packet(whole), segment) !== 0) inBounds(segment)
      accounted(network)
    })
  }
  expect(network.drops.fragmentWaiting).toBeGreaterThan(0)
  expect(network.drops.malformed).toBeGreaterThan(0)
})

describe('IPv4', () => {
  it('skips options', () => {
    const bytes = ethernet(ipv4(tcp(data), { options: fromHex('94040000 01010101') }))
    expect(readOne(new Network(), packet(bytes))).toMatchObject({ result: 1, payload: expected4.payload })
  })

  it('takes Total Length 0 for "all that was captured"', () => {
    const large = pattern(256 * 1024)
    const read = readOne(new Network(), packet(ethernet(ipv4(tcp(large), { totalLength: 0 }))))
    expect(read).toMatchObject({ result: 1, payloadMissing: 0, payload: Buffer.from(large).toString('hex') })
  })

  it('says what is missing when less was captured than Total Length', () => {
    const bytes = ethernet(ipv4(tcp(data), { totalLength: 20 + 20 + 1000 }))
    expect(readOne(new Network(), packet(bytes))).toMatchObject({ payload: expected4.payload, payloadMissing: 900 })
    const cut = packet(ethernet(inner4).subarray(0, 94), { original: 154 })
    expect(readOne(new Network(), cut)).toMatchObject({ payload: expected4.payload.slice(0, 80), payloadMissing: 60 })
  })

  it('leaves Ethernet padding out of the payload', () => {
    const read = readOne(new Network(), packet(ethernet(ipv4(tcp(new Uint8Array(0))), { padTo: 60 })))
    expect(read).toMatchObject({ result: 1, payload: '', payloadMissing: 0 })
  })

  it.each([
    ['version', 14, 0x55],
    ['IHL', 14, 0x44],
    ['Total Length below the header', 17, 19],
    ['Total Length below the TCP header', 17, 39],
    ['Data Offset below 5', 46, 0x40],
    ['Data Offset beyond the packet', 46, 0xf0],
  ])('refuses a wrong %s', (_name, at, value) => {
    const bytes = ethernet(ipv4(tcp(new Uint8Array(4)), {}))
    expect(readOne(new Network(), packet(bytes))).not.toBeNull()
    bytes[16] = 0
    bytes[at] = value
    const network = new Network()
    expect(readOne(network, packet(bytes))).toBeNull()
    expect(network.drops.malformed).toBe(1)
  })

  it('does not know the IPv6 extension headers', () => {
    const network = new Network()
    for (const protocol of [0, 43, 44, 60]) {
      expect(
        readOne(network, packet(ethernet(ipv4(concat(fromHex('0600000000000000'), tcp(data)), { protocol })))),
      ).toBe(null)
    }
    expect(network.drops.otherTransport).toBe(4)
  })

  it('skips AH', () => {
    const bytes = ethernet(ipv4(authenticated(tcp(data)), { protocol: 51 }))
    expect(readOne(new Network(), packet(bytes))).toMatchObject({ result: 1, payload: expected4.payload })
  })
})

describe('IPv6', () => {
  it('skips extension headers, in any order and length', () => {
    const extensions = [hopByHop(2), destinationOptions(), routing(4), authentication(), destinationOptions(31)]
    const bytes = ethernet(ipv6(tcp(data), { extensions }))
    expect(readOne(new Network(), packet(bytes))).toMatchObject({ result: 1, payload: expected4.payload })
  })

  it('reads an atomic fragment as a datagram', () => {
    const bytes = ethernet(ipv6(tcp(data), { extensions: [fragmentHeader6(9, 0, false)] }))
    expect(readOne(new Network(), packet(bytes))).toMatchObject({ result: 1, payload: expected4.payload })
  })

  it('takes Payload Length 0 for "all that was captured"', () => {
    const bytes = ethernet(ipv6(tcp(data), { extensions: [hopByHop()], payloadLength: 0 }))
    expect(readOne(new Network(), packet(bytes))).toMatchObject({ result: 1, payload: expected4.payload })
  })
})

describe('TCP and UDP', () => {
  it('keeps flags, and skips TCP options', () => {
    const bytes = ethernet(ipv4(tcp(data, { flags: TCP_SYN, options: pattern(40) })))
    expect(readOne(new Network(), packet(bytes))).toMatchObject({ flags: TCP_SYN, payload: expected4.payload })
  })

  it('makes a segment of a header whose options were cut', () => {
    const bytes = ethernet(ipv4(tcp(data, { ...segmentOptions, options: pattern(40) })))
    const read = readOne(new Network(), packet(bytes.subarray(0, 60), { original: bytes.length, behind: 8 }))
    expect(read).toMatchObject({ result: 1, seq: 0xfedcba98, payload: '', payloadMissing: 100 })
  })

  it('reads UDP, and nothing of TCP remains in the segment', () => {
    const network = new Network()
    const segment = new Segment()
    network.decode(packet(ethernet(inner4)), segment)
    const frame = udpFrame(data, { address: '2001:db8::1', port: 50000 }, { address: '2001:db8::2', port: 88 })
    expect(network.decode(packet(frame), segment)).toBe(2)
    expect(segment).toMatchObject({ protocol: 17, sourcePort: 50000, destinationPort: 88, seq: 0, ack: 0, flags: 0 })
    expect(addressText(segment.source0, segment.source1, segment.source2, segment.source3)).toBe('2001:db8::1')
    expect([network.tcp, network.udp, network.ipv4, network.ipv6]).toEqual([1, 1, 1, 1])
  })

  it.each([
    ['the truth', 108, 100, 0],
    ['less than IP carries', 58, 50, 0],
    ['more than IP carries', 208, 100, 100],
    ['0', 0, 100, 0],
  ])('uses the length field of UDP: %s', (_name, length, payloadLength, payloadMissing) => {
    const bytes = ethernet(ipv4(udp(data, { length }), { protocol: 17 }))
    const read = readOne(new Network(), packet(bytes))
    expect(read).toMatchObject({ payload: expected4.payload.slice(0, payloadLength * 2), payloadMissing })
  })

  it('refuses a UDP length below its header', () => {
    const network = new Network()
    readOne(network, packet(ethernet(ipv4(udp(data, { length: 7 }), { protocol: 17 }))))
    expect(network.drops.malformed).toBe(1)
  })
})

describe('near misses of tunnels stay UDP', () => {
  const frame = ethernet(inner4)
  const changed = (bytes: Uint8Array, at: number, value: number) => {
    const copy = bytes.slice()
    copy[at] = value
    return copy
  }
  it.each([
    ['VXLAN without the I flag', vxlan(frame, { flags: 0 }), 4789],
    ['VXLAN with reserved flags', vxlan(frame, { flags: 0x0c }), 4789],
    ['VXLAN with a reserved byte', changed(vxlan(frame), 7, 1), 4789],
    ['VXLAN without a frame', vxlan(frame.subarray(0, 13)), 4789],
    ['VXLAN to another port', vxlan(frame), 4788],
    ['VXLAN-GPE without the I flag', vxlanGpe(frame, { flags: 0x04 }), 4790],
    ['VXLAN-GPE of another version', vxlanGpe(frame, { flags: 0x1c }), 4790],
    ['VXLAN-GPE with the O flag', vxlanGpe(frame, { flags: 0x0d }), 4790],
    ['VXLAN-GPE with a reserved byte', changed(vxlanGpe(frame), 7, 1), 4790],
    ['GTP-U of another version', changed(gtpU(inner4), 0, 0x50), 2152],
    ['GTP-U echo', changed(gtpU(inner4), 1, 1), 2152],
    ['GTP-U longer than its datagram', changed(gtpU(inner4), 2, 9), 2152],
    ['GTP-U with no packet', gtpU(new Uint8Array(0)), 2152],
    ['GTP-U with something else', gtpU(fromHex('00112233')), 2152],
    ['GTP-U with an extension of no length', changed(gtpU(inner4, { extensions: 1 }), 12, 0), 2152],
    ['GTP-U with an endless extension', changed(gtpU(inner4, { extensions: 1 }), 12, 255), 2152],
    ['GENEVE of another version', changed(geneve(frame), 0, 0x40), 6081],
    ['GENEVE with reserved flags', changed(geneve(frame), 1, 0x01), 6081],
    ['GENEVE with a reserved byte', changed(geneve(frame), 7, 1), 6081],
    ['GENEVE with unknown payload', geneve(frame, { protocolType: 0x1234 }), 6081],
    ['GENEVE with more options than bytes', changed(geneve(pattern(20)), 0, 0x3f), 6081],
    ['GENEVE too short', fromHex('00006558'), 6081],
  ])('%s', (_name, payload, port) => {
    const network = new Network()
    const read = readOne(network, packet(ethernet(overUdp(payload, port))))
    expect(read).toMatchObject({ result: 2, destinationPort: port, payload: Buffer.from(payload).toString('hex') })
    expect(network.tunnels).toEqual([])
  })
})

describe('every drop has its reason', () => {
  const bare = (etherType: number, payload = pattern(60)) => ethernet(payload, { etherType })
  const icmp = (protocol: number) => ethernet(ipv4(pattern(40), { protocol }))
  const tags = (count: number): Uint8Array => {
    let bytes = vlan(inner4)
    for (let i = 1; i < count; i++) bytes = vlan(bytes, { vid: i, etherType: 0x8100 })
    return ethernet(bytes, { etherType: 0x8100 })
  }
  const nested = (count: number): Uint8Array => {
    let bytes = inner4
    for (let i = 1; i < count; i++) bytes = ipv4(bytes, { protocol: 4 })
    return bytes
  }
  it.each([
    ['unsupportedLinkType', 'USB', pattern(60), 189],
    ['ieee80211', '802.11', pattern(60), 105],
    ['ieee80211', 'Prism', pattern(60), 119],
    ['ieee80211', 'radiotap', pattern(60), 127],
    ['ieee80211', 'AVS', pattern(60), 163],
    ['notIp', 'ARP', bare(0x0806), 1],
    ['notIp', 'LLDP', bare(0x88cc), 1],
    ['notIp', 'MACsec', bare(0x88e5), 1],
    ['notIp', 'PPPoE discovery', bare(0x8863), 1],
    ['notIp', 'PPPoE with a code', bare(0x8864, fromHex('1109000100040021 45000000')), 1],
    ['notIp', 'STP', bare(38, fromHex('424203 0000 00 00 00')), 1],
    ['notIp', 'SNAP of a vendor', ethernetSnap(inner4, { oui: 0x00000c }), 1],
    ['notIp', 'PPP LCP', ppp(pattern(20), { protocol: 0xc021 }), 9],
    ['notIp', 'MPLS with something else', bare(0x8847, mpls(fromHex('10000000 00000000'))), 1],
    [
      'notIp',
      'ERSPAN III with another frame type',
      ethernet(ipv4(erspan3(inner4, { frameType: 4 }), { protocol: 47 })),
      1,
    ],
    ['notIp', 'loopback of another family', loopback(inner4, { family: 7 }), 0],
    ['notIp', 'raw with another version', pattern(60), 101],
    ['notIp', 'SLL of CAN', sll(pattern(16), { protocol: 0x000c }), 113],
    ['otherTransport', 'ICMP', icmp(1), 1],
    ['otherTransport', 'ESP', icmp(50), 1],
    ['otherTransport', 'SCTP', icmp(132), 1],
    ['otherTransport', 'ICMPv6', ethernet(ipv6(pattern(40), { protocol: 58 })), 1],
    ['otherTransport', 'no next header', ethernet(ipv6(pattern(40), { protocol: 59 })), 1],
    ['otherTransport', 'GRE with source routes', ethernet(ipv4(fromHex('40000800 00000000'), { protocol: 47 })), 1],
    ['malformed', 'GRE version 2', ethernet(ipv4(fromHex('00020800 00000000'), { protocol: 47 })), 1],
    ['malformed', 'too short on the wire', ethernet(inner4.subarray(0, 19)), 1],
    ['malformed', 'AH length', ethernet(ipv4(concat(fromHex('0600'), pattern(30)), { protocol: 51 })), 1],
    ['malformed', 'IPv4 EtherType, IPv6 packet', ethernet(inner6, { etherType: 0x0800 }), 1],
    ['malformed', 'IPv6 EtherType, IPv4 packet', ethernet(concat(inner4, pattern(20)), { etherType: 0x86dd }), 1],
    ['tooDeep', 'VLAN tags', tags(LIMITS.encapsulationDepthMax - 1), 1],
    ['tooDeep', 'many VLAN tags', tags(300), 1],
    ['tooDeep', 'IP in IP', nested(LIMITS.encapsulationDepthMax + 1), 228],
    ['tooDeep', 'extension headers', ethernet(ipv6(tcp(data), { extensions: Array(40).fill(hopByHop()) })), 1],
  ])('%s: %s', (reason, _name, bytes, linkType) => {
    const network = new Network()
    expect(readOne(network, packet(bytes, { linkType }))).toBeNull()
    accounted(network)
    expect(Object.entries(network.drops).filter(([, count]) => count > 0)).toEqual([[reason, 1]])
  })

  it('reads what is just within the depth', () => {
    expect(readOne(new Network(), packet(tags(LIMITS.encapsulationDepthMax - 2)))).toEqual(expected4)
    expect(readOne(new Network(), packet(nested(LIMITS.encapsulationDepthMax), { linkType: 228 }))).toEqual(expected4)
  })
})

describe('tcpConversation', () => {
  it('is a connection: sequence numbers join up, data come out as they went in', () => {
    const request = pattern(5000, 1)
    const response = pattern(3001, 2)
    for (const [client, server] of [
      ['10.0.0.1', '10.0.0.2'],
      ['2001:db8::1', '2001:db8::2'],
    ] as const) {
      const frames = tcpConversation(
        [
          { from: 'client', data: request },
          { from: 'server', data: response },
        ],
        {
          client: { address: client, port: 1 },
          server: { address: server, port: 2 },
          mss: 1000,
          clientSeq: 0xfffff000,
        },
      )
      const reads = readAll(
        new Network(),
        frames.map((bytes) => packet(bytes)),
      )
      expect(reads.map((read) => read?.flags)).toEqual(
        [TCP_SYN, TCP_SYN | TCP_ACK, TCP_ACK]
          .concat([TCP_ACK, TCP_ACK, TCP_ACK, TCP_ACK, TCP_ACK | TCP_PSH, TCP_ACK])
          .concat([TCP_ACK, TCP_ACK, TCP_ACK, TCP_ACK | TCP_PSH, TCP_ACK])
          .concat([TCP_FIN | TCP_ACK, TCP_FIN | TCP_ACK, TCP_ACK]),
      )
      for (const [from, sent] of [
        [client, request],
        [server, response],
      ] as const) {
        const half = reads.filter((read) => read?.source === from)
        expect(half.map((read) => read!.payload).join('')).toBe(Buffer.from(sent).toString('hex'))
        let seq = half[0]!.seq
        for (const read of half) {
          expect(read!.seq).toBe(seq)
          const counted = (read!.flags & (TCP_SYN | TCP_FIN)) !== 0 ? 1 : 0
          seq = (seq + read!.payload.length / 2 + counted) >>> 0
        }
        const last = reads.filter((read) => read?.source !== from).at(-1)
        expect(last!.ack).toBe(seq)
      }
    }
  })
})
