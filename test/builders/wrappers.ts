/**
 * What switches, mirrors and capture devices put around a packet: every builder takes what is inside and gives it
 * wrapped, as a frame of the link type it names.
 *
 * Layouts: IEEE 802.1BR, 802.1ah, 802.1AE, RFC 8300 (NSH), RFC 6325 (TRILL), RFC 2427 (frame relay), the tcpdump.org
 * list of link types.
 */
import { concat, ethernet, gre, ipv4, mpls, ppp, udp } from './net.ts'

export interface Wrapped {
  readonly linkType: number
  readonly bytes: Uint8Array
  /** as `Network.tunnels` names it */
  readonly tunnels: readonly string[]
}

const bytesOf = (digits: string) => Uint8Array.from(Buffer.from(digits.replace(/\s+/g, ''), 'hex'))
const big = (value: number, length: number) =>
  Uint8Array.from({ length }, (_, at) => Math.floor(value / 256 ** (length - 1 - at)) & 255)
const little = (value: number, length: number) => big(value, length).reverse()
const typeOf = (ip: Uint8Array) => big(ip[0]! >>> 4 === 6 ? 0x86dd : 0x0800, 2)
const inIp = (payload: Uint8Array, protocol: number) =>
  ipv4(payload, { protocol, source: '172.16.0.1', destination: '172.16.0.2' })
const inUdp = (payload: Uint8Array, destinationPort: number) =>
  ethernet(inIp(udp(payload, { sourcePort: 40_000, destinationPort }), 17))

/**
 * A MAC security tag without encryption; `sci`: with the identifier of its channel, `short`: its length field is used.
 */
export function macsec(ip: Uint8Array, options: { sci?: boolean; short?: boolean; control?: number } = {}): Uint8Array {
  const { sci = false, short = false, control = 0 } = options
  const inner = concat(typeOf(ip), ip)
  const tag = concat(
    big(control | (sci ? 0x20 : 0), 1),
    big(short ? inner.length & 0x3f : 0, 1),
    big(7, 4),
    sci ? bytesOf('0200000000010001') : new Uint8Array(0),
  )
  return ethernet(concat(tag, inner, new Uint8Array(16).fill(0xcc)), { etherType: 0x88e5 })
}

export function nflog(ip: Uint8Array, order: 'little' | 'big' = 'little'): Uint8Array {
  const number = (value: number) => (order === 'little' ? little(value, 2) : big(value, 2))
  const attribute = (type: number, value: Uint8Array) =>
    concat(number(4 + value.length), number(type), value, new Uint8Array(-value.length & 3))
  return concat(
    big(ip[0]! >>> 4 === 6 ? 10 : 2, 1),
    bytesOf('00 0001'),
    attribute(1, concat(typeOf(ip), bytesOf('0100'))),
    attribute(10, bytesOf('707265666978 00')),
    attribute(9, ip),
  )
}

/** `type` with 0x80: an extension header follows. */
export function erf(inner: Uint8Array, type: number, padding: number): Uint8Array {
  const extension = type >= 0x80 ? bytesOf('0300000000000001') : new Uint8Array(0)
  const length = 16 + extension.length + padding + inner.length
  const head = concat(
    bytesOf('0000000000000065'),
    big(type, 1),
    bytesOf('04'),
    big(length, 2),
    big(0, 2),
    big(inner.length, 2),
  )
  return concat(head, extension, new Uint8Array(padding), inner)
}

export function pktap(inner: Uint8Array, linkType: number): Uint8Array {
  const header = concat(little(108, 4), little(1, 4), little(linkType, 4), new Uint8Array(96))
  header.set(bytesOf('656e30'), 12)
  return concat(header, inner)
}

export function ppi(inner: Uint8Array, linkType: number, fields: Uint8Array = new Uint8Array(0)): Uint8Array {
  return concat(bytesOf('00 00'), little(8 + fields.length, 2), little(linkType, 4), fields, inner)
}

export function tzsp(frame: Uint8Array, tags: Uint8Array = new Uint8Array(0)): Uint8Array {
  return concat(bytesOf('01 00 0001'), tags, bytesOf('01'), frame)
}

export function nsh(inner: Uint8Array, nextProtocol: number): Uint8Array {
  return concat(bytesOf('0fc6 01'), big(nextProtocol, 1), bytesOf('00000aff'), new Uint8Array(16), inner)
}

/** The tag of a switch chip behind the addresses. */
const dsa = (frame: Uint8Array) => concat(frame.subarray(0, 12), bytesOf('c0080001'), frame.subarray(12))

/** Every way that `ip` may be wrapped, by name. */
export function wrappers(ip: Uint8Array): Record<string, Wrapped> {
  const frame = ethernet(ip)
  const tagged = (etherType: number, tag: string, after: Uint8Array = concat(typeOf(ip), ip)) =>
    ethernet(concat(bytesOf(tag), after), { etherType })
  const of = (linkType: number, bytes: Uint8Array, ...tunnels: string[]): Wrapped => ({ linkType, bytes, tunnels })
  const snap = concat(bytesOf('aaaa03 000000'), typeOf(ip), ip)
  const isSix = ip[0]! >>> 4 === 6
  return {
    'VN-Tag': of(1, tagged(0x8926, '80010002'), 'VN-Tag'),
    'E-Tag': of(1, tagged(0x893f, '0001 0002 0000'), '802.1BR E-Tag'),
    PBB: of(1, tagged(0x88e7, '00000001', frame), 'PBB'),
    MACsec: of(1, macsec(ip), 'MACsec'),
    'MACsec with its channel': of(1, macsec(ip, { sci: true }), 'MACsec'),
    HSR: of(1, tagged(0x892f, '0050 0007'), 'HSR'),
    NSH: of(1, ethernet(nsh(ip, isSix ? 2 : 1), { etherType: 0x894f }), 'NSH'),
    'NSH of frames': of(1, ethernet(nsh(frame, 3), { etherType: 0x894f }), 'NSH'),
    FabricPath: of(1, tagged(0x8903, '0064', frame), 'FabricPath'),
    'Cisco MetaData': of(1, tagged(0x8909, '01 01 0001 0010'), 'Cisco MetaData'),
    'Arista timestamp': of(1, tagged(0xd28b, '0001 0010 0000000100000002'), 'Arista timestamp'),
    'Arista timestamp of 48 bits, UTC': of(1, tagged(0xd28b, '0001 0120 000100000002'), 'Arista timestamp'),
    'R-TAG': of(1, tagged(0xf1c1, '0000 0007'), '802.1CB R-TAG'),
    EDSA: of(1, tagged(0xdada, '0000 c0080001'), 'DSA'),
    TRILL: of(1, tagged(0x22f3, '0003 0001 0002', frame), 'TRILL'),
    'TRILL with options': of(1, tagged(0x22f3, '0043 0001 0002 00000000', frame), 'TRILL'),
    'jumbo LLC': of(1, ethernet(snap, { etherType: 0x8870 })),
    TZSP: of(1, inUdp(tzsp(frame), 37_008), 'TZSP'),
    'TZSP with tags': of(1, inUdp(tzsp(frame, bytesOf('00 0a01c4 0d0400000001')), 37_008), 'TZSP'),
    WCCP: of(1, ethernet(inIp(gre(concat(bytesOf('80330000'), ip), { protocolType: 0x883e }), 47)), 'WCCP'),
    // version 1 knows no IPv6
    ...(isSix ? {} : { 'WCCP of version 1': of(1, ethernet(inIp(gre(ip, { protocolType: 0x883e }), 47)), 'WCCP') }),
    'HP ERM': of(1, inUdp(concat(bytesOf('00000000 00000000 20010000'), frame), 7932), 'HP ERM'),
    'GRE in UDP': of(1, inUdp(gre(frame, { protocolType: 0x6558 }), 4754), 'GRE', 'GRE-in-UDP'),
    'MPLS in UDP': of(1, inUdp(mpls(ip), 6635), 'MPLS'),
    'Juniper mirror': of(1, inUdp(concat(bytesOf('40000001 00000002'), ip), 30_030), 'Juniper mirror'),
    NFLOG: of(239, nflog(ip)),
    'NFLOG of a big-endian host': of(239, nflog(ip, 'big')),
    'PKTAP of Ethernet': of(258, pktap(frame, 1)),
    'PKTAP of raw IP': of(258, pktap(ip, 12)),
    'PKTAP as macOS numbered it': of(149, pktap(frame, 1)),
    'ERF of Ethernet': of(197, erf(frame, 2, 2)),
    'ERF with an extension header': of(197, erf(frame, 0x82, 2)),
    'ERF of IP': of(197, erf(ip, isSix ? 23 : 22, 0)),
    'ERF of PPP': of(197, erf(ppp(ip, { address: true }), 1, 0)),
    'ERF of Cisco HDLC': of(197, erf(concat(bytesOf('0f00'), typeOf(ip), ip), 1, 0)),
    PPI: of(192, ppi(frame, 1)),
    'PPI with fields': of(192, ppi(frame, 1, bytesOf('3275 0400 00000000'))),
    'PPP with a direction': of(204, concat(bytesOf('01'), ppp(ip, { address: true }))),
    'PPP with a direction, compressed': of(204, concat(bytesOf('00'), ppp(ip))),
    'PPP of pppd': of(166, concat(bytesOf('01 03'), ppp(ip))),
    'PPP in HDLC': of(50, ppp(ip, { address: true })),
    'Cisco HDLC': of(104, concat(bytesOf('0f00'), typeOf(ip), ip)),
    'Cisco HDLC, multicast': of(104, concat(bytesOf('8f00'), typeOf(ip), ip)),
    PPPoE: of(51, concat(bytesOf('1100 0001'), big(ppp(ip).length, 2), ppp(ip)), 'PPPoE'),
    'frame relay': of(107, concat(bytesOf('1841 03'), isSix ? bytesOf('8e') : bytesOf('cc'), ip)),
    'frame relay with SNAP': of(107, concat(bytesOf('1841 0300 80 000000'), typeOf(ip), ip)),
    'frame relay of Cisco': of(107, concat(bytesOf('1841'), typeOf(ip), ip)),
    'LLC over ATM': of(100, snap),
    FDDI: of(10, concat(bytesOf('50 020000000002 020000000001'), snap)),
    'token ring': of(6, concat(bytesOf('1040 020000000002 020000000001'), snap)),
    'token ring with a route': of(6, concat(bytesOf('1040 020000000002 820000000001 0610 0011 0020'), snap)),
    'IP over Fibre Channel': of(122, concat(bytesOf('1000020000000002 1000020000000001'), snap)),
    MPLS: of(219, mpls(ip), 'MPLS'),
    pflog: of(117, concat(bytesOf('3d 02 00 00'), new Uint8Array(60), ip)),
    enc: of(109, concat(bytesOf('02000000 00000001 00000000'), ip)),
    netANALYZER: of(240, concat(bytesOf('00004000'), frame)),
    'Cisco HDLC with a direction': of(205, concat(bytesOf('01 0f00'), typeOf(ip), ip)),
    'frame relay with a direction': of(206, concat(bytesOf('00 1841 03'), isSix ? bytesOf('8e') : bytesOf('cc'), ip)),
    'IP over InfiniBand': of(242, concat(new Uint8Array(40), typeOf(ip), bytesOf('0000'), ip)),
    mPacket: of(274, concat(bytesOf('55555555555555d5'), frame)),
    'DSA of Broadcom': of(281, dsa(frame), 'DSA'),
    'DSA of Broadcom, in front': of(282, concat(bytesOf('20000001'), frame)),
    'DSA of Marvell': of(284, dsa(frame), 'DSA'),
    'EDSA by its link type': of(285, tagged(0xdada, '0000 c0080001'), 'DSA'),
    Junos: of(178, concat(bytesOf('4d4743 01'), frame)),
    'Junos with extensions': of(178, concat(bytesOf('4d4743 81 0006 010101 020102'), frame)),
    'Junos without a link layer': of(178, concat(bytesOf('4d4743 03 02000000'), ip)),
    SLIP: of(8, concat(bytesOf('00'), new Uint8Array(15), ip)),
  }
}
