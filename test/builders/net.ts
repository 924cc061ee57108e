/**
 * Builders of packets, from the payload outwards: every function puts one header in front of the bytes it is given,
 * with correct lengths and without checksums. Nest them:
 *
 *   ethernet(ipv4(tcp(data, { sourcePort: 49152, destinationPort: 445 }), { source: '10.0.0.1',
 *       destination: '10.0.0.2' }))
 *
 * `tcpConversation` makes the frames of a whole connection, `packet` makes the Packet that a capture reader would give.
 */
import { Packet } from '../../src/capture/packet.ts'
import { TCP_ACK, TCP_FIN, TCP_SYN } from '../../src/net/segment.ts'

export const TCP_PSH = 0x08

/* ---- packets as the capture readers give them ---- */

export interface PacketOptions {
  linkType?: number
  frame?: number
  /** microseconds */
  time?: number
  /** bytes on the wire; default: all were captured */
  original?: number
  /** bytes that stand before and behind the packet in the reader's buffer */
  before?: number
  behind?: number
}

export function packet(bytes: Uint8Array, options: PacketOptions = {}): Packet {
  const {
    linkType = 1,
    frame = 1,
    time = 1_700_000_000_000_000,
    original = bytes.length,
    before = 0,
    behind = 0,
  } = options
  const made = new Packet()
  made.bytes = concat(new Uint8Array(before).fill(0xa5), bytes, new Uint8Array(behind).fill(0x5a))
  made.start = before
  made.captured = bytes.length
  made.original = original
  made.time = time
  made.linkType = linkType
  made.frame = frame
  return made
}

/* ---- link layers ---- */

/** Default EtherType: by the first four bits of the payload, IPv4 or IPv6. */
export function ethernet(payload: Uint8Array, options: { etherType?: number; padTo?: number } = {}): Uint8Array {
  const { etherType = ipEtherType(payload), padTo = 0 } = options
  const frame = concat(hex('020000000002 020000000001'), u16(etherType), payload)
  return concat(frame, new Uint8Array(Math.max(0, padTo - frame.length)).fill(0xee))
}

/** An 802.1Q tag, to stand in `ethernet(..., { etherType: 0x8100 })` or in another tag. */
export function vlan(
  payload: Uint8Array,
  options: { vid?: number; priority?: number; etherType?: number } = {},
): Uint8Array {
  const { vid = 77, priority = 0, etherType = ipEtherType(payload) } = options
  return concat(u16((priority << 13) | vid), u16(etherType), payload)
}

/** An 802.3 frame: length, LLC, SNAP. */
export function ethernetSnap(payload: Uint8Array, options: { etherType?: number; oui?: number } = {}): Uint8Array {
  const { etherType = ipEtherType(payload), oui = 0 } = options
  const body = concat(hex('aaaa03'), u24(oui), u16(etherType), payload)
  return ethernet(body, { etherType: body.length })
}

export function mpls(payload: Uint8Array, options: { labels?: number[]; controlWord?: boolean } = {}): Uint8Array {
  const { labels = [16001, 16002], controlWord = false } = options
  const stack = labels.map((label, at) => u32(label * 4096 + (at === labels.length - 1 ? 256 : 0) + 64))
  return concat(...stack, controlWord ? u32(7) : NOTHING, payload)
}

/** PPP, to stand in `pppoe`, in GRE or at the head of LINKTYPE_PPP. */
export function ppp(
  payload: Uint8Array,
  options: { protocol?: number; address?: boolean; shortProtocol?: boolean } = {},
): Uint8Array {
  const { protocol = payload[0]! >>> 4 === 6 ? 0x57 : 0x21, address = false, shortProtocol = false } = options
  return concat(address ? hex('ff03') : NOTHING, shortProtocol ? u8(protocol) : u16(protocol), payload)
}

export function pppoe(frame: Uint8Array, options: { sessionId?: number } = {}): Uint8Array {
  return concat(hex('1100'), u16(options.sessionId ?? 1), u16(frame.length), frame)
}

export function sll(payload: Uint8Array, options: { protocol?: number } = {}): Uint8Array {
  return concat(hex('0000 0001 0006 0200000000010000'), u16(options.protocol ?? ipEtherType(payload)), payload)
}

export function sll2(payload: Uint8Array, options: { protocol?: number } = {}): Uint8Array {
  const protocol = options.protocol ?? ipEtherType(payload)
  return concat(u16(protocol), hex('0000 00000002 0001 00 06 0200000000010000'), payload)
}

/** LINKTYPE_NULL and LINKTYPE_LOOP; NULL is in the byte order of the host. */
export function loopback(payload: Uint8Array, options: { family?: number; littleEndian?: boolean } = {}): Uint8Array {
  const { family = payload[0]! >>> 4 === 6 ? 30 : 2, littleEndian = false } = options
  return concat(littleEndian ? u32(family).reverse() : u32(family), payload)
}

/* ---- IP ---- */

export interface IpOptions {
  source?: string
  destination?: string
  /** default: TCP */
  protocol?: number
  id?: number
}

export interface Ipv4Options extends IpOptions {
  /** header options, a multiple of 4 bytes */
  options?: Uint8Array
  /** bytes, a multiple of 8 */
  fragmentOffset?: number
  moreFragments?: boolean
  /** default: the truth; 0 is what segmentation offload leaves */
  totalLength?: number
}

export function ipv4(payload: Uint8Array, options: Ipv4Options = {}): Uint8Array {
  const { source = '10.77.0.101', destination = '10.77.0.20', protocol = 6, id = 1 } = options
  const { options: header = NOTHING, fragmentOffset = 0, moreFragments = false } = options
  const headerLength = 20 + header.length
  return concat(
    u8(0x40 | (headerLength >>> 2)),
    u8(0),
    u16(options.totalLength ?? headerLength + payload.length),
    u16(id),
    u16((moreFragments ? 0x2000 : 0) | (fragmentOffset >>> 3)),
    u8(64),
    u8(protocol),
    u16(0),
    address(source),
    address(destination),
    header,
    payload,
  )
}

/** The fragments of one datagram in order, each with at most `size` payload bytes (a multiple of 8). */
export function ipv4Fragments(payload: Uint8Array, size: number, options: IpOptions = {}): Uint8Array[] {
  return pieces(payload, size).map(({ offset, piece, more }) =>
    ipv4(piece, { ...options, fragmentOffset: offset, moreFragments: more }),
  )
}

export interface Ipv6Options extends IpOptions {
  /** extension headers in order, each without its Next Header byte: see `hopByHop`, `fragmentHeader6` ... */
  extensions?: readonly Extension[]
  /** default: the truth; 0 is a jumbogram, or segmentation offload */
  payloadLength?: number
}

export interface Extension {
  /** the Next Header value that announces it */
  readonly number: number
  /** everything behind its own Next Header byte */
  readonly body: Uint8Array
}

export function ipv6(payload: Uint8Array, options: Ipv6Options = {}): Uint8Array {
  const { source = '2001:db8::101', destination = '2001:db8::20', protocol = 6, extensions = [] } = options
  const next = (at: number) => u8(extensions[at]?.number ?? protocol)
  const body = concat(...extensions.map((extension, at) => concat(next(at + 1), extension.body)), payload)
  const payloadLength = options.payloadLength ?? body.length
  return concat(hex('60000000'), u16(payloadLength), next(0), u8(64), address(source), address(destination), body)
}

/** `units`: length beyond the first 8 bytes, in units of 8. */
export const hopByHop = (units = 0): Extension => ({ number: 0, body: optionsBody(units) })
export const routing = (units = 0): Extension => ({ number: 43, body: optionsBody(units) })
export const destinationOptions = (units = 0): Extension => ({ number: 60, body: optionsBody(units) })
/** AH with a 12 byte integrity check value: also for IPv4, see `authenticated`. */
export const authentication = (): Extension => ({ number: 51, body: concat(u8(4), new Uint8Array(22)) })
export const fragmentHeader6 = (id: number, offset: number, more: boolean): Extension => ({
  number: 44,
  body: concat(u8(0), u16(offset | (more ? 1 : 0)), u32(id)),
})

/** AH in front of `payload`, to stand in `ipv4(..., { protocol: 51 })`. */
export function authenticated(payload: Uint8Array, protocol = 6): Uint8Array {
  return concat(u8(protocol), authentication().body, payload)
}

export function ipv6Fragments(payload: Uint8Array, size: number, options: Ipv6Options = {}): Uint8Array[] {
  const { extensions = [], id = 1 } = options
  return pieces(payload, size).map(({ offset, piece, more }) =>
    ipv6(piece, { ...options, extensions: [...extensions, fragmentHeader6(id, offset, more)] }),
  )
}

function pieces(payload: Uint8Array, size: number): { offset: number; piece: Uint8Array; more: boolean }[] {
  const made = []
  for (let offset = 0; offset < payload.length; offset += size) {
    made.push({ offset, piece: payload.subarray(offset, offset + size), more: offset + size < payload.length })
  }
  return made
}

/* ---- tunnels ---- */

export interface GreOptions {
  protocolType?: number
  checksum?: boolean
  key?: number
  sequence?: number
  /** version 1, RFC 2637 */
  acknowledgment?: number
}

/** To stand in `ipv4(..., { protocol: 47 })`. */
export function gre(payload: Uint8Array, options: GreOptions = {}): Uint8Array {
  const { protocolType = ipEtherType(payload), checksum = false, key, sequence, acknowledgment } = options
  const flags =
    (checksum ? 0x8000 : 0) |
    (key !== undefined ? 0x2000 : 0) |
    (sequence !== undefined ? 0x1000 : 0) |
    (acknowledgment !== undefined ? 0x0081 : 0)
  return concat(
    u16(flags),
    u16(protocolType),
    checksum ? u32(0) : NOTHING,
    key !== undefined ? u32(key) : NOTHING,
    sequence !== undefined ? u32(sequence) : NOTHING,
    acknowledgment !== undefined ? u32(acknowledgment) : NOTHING,
    payload,
  )
}

/** ERSPAN of types I, II, III around an Ethernet frame, GRE included: to stand in `ipv4(..., { protocol: 47 })`. */
export function erspan1(frame: Uint8Array): Uint8Array {
  return gre(frame, { protocolType: 0x88be })
}

export function erspan2(frame: Uint8Array, options: { sequence?: number } = {}): Uint8Array {
  return gre(concat(hex('1001 0064 00000000'), frame), { protocolType: 0x88be, sequence: options.sequence ?? 1 })
}

/** `frameType` 0: Ethernet, 2: IP; `subheader`: the platform specific 8 bytes that the O bit announces. */
export function erspan3(
  inner: Uint8Array,
  options: { subheader?: boolean; frameType?: number; sequence?: number } = {},
): Uint8Array {
  const { subheader = false, frameType = 0, sequence = 1 } = options
  const header = concat(hex('2001 0064 00000001 0000'), u8(frameType << 2), u8(subheader ? 1 : 0))
  return gre(concat(header, subheader ? new Uint8Array(8) : NOTHING, inner), { protocolType: 0x22eb, sequence })
}

/** To stand in `udp(..., { destinationPort: 4789 })`. */
export function vxlan(frame: Uint8Array, options: { vni?: number; flags?: number } = {}): Uint8Array {
  return concat(u8(options.flags ?? 0x08), u24(0), u24(options.vni ?? 4242), u8(0), frame)
}

/** To stand in `udp(..., { destinationPort: 6081 })`; `options` a multiple of 4 bytes. */
export function geneve(
  inner: Uint8Array,
  options: { protocolType?: number; options?: Uint8Array; vni?: number } = {},
): Uint8Array {
  const { protocolType = 0x6558, options: tlvs = NOTHING, vni = 4242 } = options
  return concat(u8(tlvs.length >>> 2), u8(0), u16(protocolType), u24(vni), u8(0), tlvs, inner)
}

/** To stand in `udp(..., { destinationPort: 4790 })`. */
export function vxlanGpe(
  inner: Uint8Array,
  options: { nextProtocol?: number; flags?: number; vni?: number } = {},
): Uint8Array {
  const { nextProtocol = 3, flags = 0x0c, vni = 4242 } = options
  return concat(u8(flags), u16(0), u8(nextProtocol), u24(vni), u8(0), inner)
}

/** To stand in `udp(..., { destinationPort: 2152 })`; each extension is 2 bytes of content, type 0xc0. */
export function gtpU(ipPacket: Uint8Array, options: { sequence?: number; extensions?: number } = {}): Uint8Array {
  const { sequence, extensions = 0 } = options
  const optional = sequence !== undefined || extensions > 0
  const next = (left: number) => u8(left > 0 ? 0xc0 : 0)
  const body = concat(
    optional ? concat(u16(sequence ?? 0), u8(0), next(extensions)) : NOTHING,
    ...Array.from({ length: extensions }, (_, at) => concat(hex('01aabb'), next(extensions - 1 - at))),
    ipPacket,
  )
  const flags = 0x30 | (sequence !== undefined ? 2 : 0) | (extensions > 0 ? 4 : 0)
  return concat(u8(flags), u8(255), u16(body.length), u32(0x12345678), body)
}

/* ---- transport ---- */

export interface UdpOptions {
  sourcePort?: number
  destinationPort?: number
  length?: number
}

export function udp(payload: Uint8Array, options: UdpOptions = {}): Uint8Array {
  const { sourcePort = 50000, destinationPort = 88, length = 8 + payload.length } = options
  return concat(u16(sourcePort), u16(destinationPort), u16(length), u16(0), payload)
}

export interface TcpOptions {
  sourcePort?: number
  destinationPort?: number
  seq?: number
  ack?: number
  flags?: number
  /** header options, a multiple of 4 bytes */
  options?: Uint8Array
}

export function tcp(payload: Uint8Array, options: TcpOptions = {}): Uint8Array {
  const { sourcePort = 49152, destinationPort = 445, seq = 1, ack = 1 } = options
  const { flags = TCP_ACK | TCP_PSH, options: header = NOTHING } = options
  return concat(
    u16(sourcePort),
    u16(destinationPort),
    u32(seq),
    u32(ack),
    u8(((20 + header.length) >>> 2) << 4),
    u8(flags),
    u16(64240),
    u32(0),
    header,
    payload,
  )
}

/* ---- conversations ---- */

export interface Endpoint {
  readonly address: string
  readonly port: number
}

export interface Message {
  readonly from: 'client' | 'server'
  readonly data: Uint8Array
}

export interface ConversationOptions {
  client?: Endpoint
  server?: Endpoint
  /** largest payload of a segment */
  mss?: number
  clientSeq?: number
  serverSeq?: number
  /** leave out the handshake (a capture that begins in the middle), or the closing */
  handshake?: boolean
  close?: boolean
  /** leave out the pure ACK after each message */
  acknowledge?: boolean
  /** what stands around an IP packet: default Ethernet */
  link?: (ipPacket: Uint8Array) => Uint8Array
}

/** The frames of one TCP connection: handshake, the messages cut at `mss` and acknowledged, FIN from both sides. */
export function tcpConversation(messages: readonly Message[], options: ConversationOptions = {}): Uint8Array[] {
  const { client = { address: '10.77.0.101', port: 49152 }, server = { address: '10.77.0.20', port: 445 } } = options
  const { mss = 1460, handshake = true, close = true, acknowledge = true, link = ethernet } = options
  const seq = { client: options.clientSeq ?? 1000, server: options.serverSeq ?? 5000 }
  const frames: Uint8Array[] = []
  let ipId = 1

  const send = (from: 'client' | 'server', flags: number, data: Uint8Array = NOTHING): void => {
    const to = from === 'client' ? 'server' : 'client'
    const [source, destination] = from === 'client' ? [client, server] : [server, client]
    const ports = { sourcePort: source.port, destinationPort: destination.port }
    const ack = (flags & TCP_ACK) !== 0 ? seq[to] : 0
    const segment = tcp(data, { ...ports, seq: seq[from], ack, flags })
    const addresses = { source: source.address, destination: destination.address, id: ipId++ & 0xffff }
    frames.push(link(source.address.includes(':') ? ipv6(segment, addresses) : ipv4(segment, addresses)))
    seq[from] = (seq[from] + data.length + ((flags & (TCP_SYN | TCP_FIN)) !== 0 ? 1 : 0)) >>> 0
  }

  if (handshake) {
    send('client', TCP_SYN)
    send('server', TCP_SYN | TCP_ACK)
    send('client', TCP_ACK)
  } else {
    seq.client = (seq.client + 1) >>> 0
    seq.server = (seq.server + 1) >>> 0
  }
  for (const { from, data } of messages) {
    for (let at = 0; at < data.length; at += mss) {
      const last = at + mss >= data.length
      send(from, last ? TCP_ACK | TCP_PSH : TCP_ACK, data.subarray(at, at + mss))
    }
    if (acknowledge) send(from === 'client' ? 'server' : 'client', TCP_ACK)
  }
  if (close) {
    send('client', TCP_FIN | TCP_ACK)
    send('server', TCP_FIN | TCP_ACK)
    send('client', TCP_ACK)
  }
  return frames
}

/** One UDP datagram from client to server or back, as a frame. */
export function udpFrame(data: Uint8Array, source: Endpoint, destination: Endpoint, link = ethernet): Uint8Array {
  const datagram = udp(data, { sourcePort: source.port, destinationPort: destination.port })
  const addresses = { source: source.address, destination: destination.address, protocol: 17 }
  return link(source.address.includes(':') ? ipv6(datagram, addresses) : ipv4(datagram, addresses))
}

/* ---- bytes ---- */

/** Payload that shows where it came from: no two positions near each other are alike. */
export function pattern(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 7 + (at >>> 8) * 13 + seed * 31) & 255)
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const made = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    made.set(part, at)
    at += part.length
  }
  return made
}

/** Bytes of an IPv4 address, or of an IPv6 address with at most one `::`. */
export function address(text: string): Uint8Array {
  if (!text.includes(':')) return Uint8Array.from(text.split('.'), Number)
  const [head = '', tail] = text.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const zeros = new Array<number>(8 - left.length - right.length).fill(0)
  return concat(...[...left, ...zeros, ...right].map(u16))
}

function ipEtherType(payload: Uint8Array): number {
  return payload[0]! >>> 4 === 6 ? 0x86dd : 0x0800
}

/** Next-header-less options: length, then padding. */
function optionsBody(units: number): Uint8Array {
  return concat(u8(units), new Uint8Array(6 + units * 8))
}

const u8 = (value: number) => Uint8Array.of(value)
const u16 = (value: number) => Uint8Array.of(value >>> 8, value)
const u24 = (value: number) => Uint8Array.of(value >>> 16, value >>> 8, value)
const u32 = (value: number) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
const hex = (text: string) => Uint8Array.from(Buffer.from(text.replace(/\s+/g, ''), 'hex'))
const NOTHING = new Uint8Array(0)
