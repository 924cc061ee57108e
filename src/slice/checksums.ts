/**
 * Makes the checksums of frames right: IPv4 headers (RFC 791), TCP (RFC 9293 3.1), UDP (RFC 768, RFC 8200 8.1),
 * those of fragmented datagrams, and of UDP around a tunnel.
 *
 * All of them are computed anew: on the host that sent a packet they are often not there yet. Where the snap length cut
 * a packet the sum cannot be computed, and is corrected by what was changed (RFC 1624).
 */
import { Packet } from '../capture/packet.ts'
import { Network } from '../net/net.ts'
import { Segment, word } from '../net/segment.ts'
import type { SliceFrame } from './images.ts'
import { fragmentsOf, headerOf, packetOf } from './images.ts'

export function rightChecksums(frames: readonly SliceFrame[]): void {
  const network = new Network()
  const segment = new Segment()
  const packet = new Packet()
  const waiting: SliceFrame[] = []
  for (const [index, frame] of frames.entries()) {
    packetOf(frame, index + 1, packet, true)
    const kind = network.decode(packet, segment)
    if (kind === 0) waiting.push(frame)
    if (kind !== 1 && kind !== 2) continue
    if (segment.bytes === frame.out) ofSegment(frame, segment)
    else ofFragments(frame, segment, waiting)
    ofOuterUdp(frame, segment)
  }
}

/** offsets of the checksum in its header */
const TCP_SUM_AT = 16
const UDP_SUM_AT = 6
const IP_SUM_AT = 10

function sumAt(protocol: number): number {
  return protocol === 6 ? TCP_SUM_AT : UDP_SUM_AT
}

function ofSegment({ bytes, out }: SliceFrame, segment: Segment): void {
  const header = headerOf(segment)
  const start = segment.payloadStart - header
  const at = start + sumAt(segment.protocol)
  if (start < 0 || at + 2 > out.length) return
  const end = segment.payloadStart + segment.payloadLength
  // RFC 768: none was computed
  if (segment.protocol === 17 && out[at] === 0 && out[at + 1] === 0 && isIpv4(segment)) {
    ofIpv4Header(out, start, segment)
    return
  }
  if (segment.payloadMissing > 0) corrected(bytes, out, start, end, at)
  else computed(out, start, end, at, segment)
  ofIpv4Header(out, start, segment)
}

function computed(out: Uint8Array, start: number, end: number, at: number, segment: Segment): void {
  out[at] = 0
  out[at + 1] = 0
  const sum = folded(pseudoHeader(segment, end - start) + sumOf(out, start, end))
  put(out, at, ~sum & 0xffff, segment.protocol)
}

/** RFC 1624 3: HC' = ~(~HC + ~m + m') for every word that changed. */
function corrected(before: Uint8Array, out: Uint8Array, start: number, end: number, at: number): void {
  const old = (before[at]! << 8) | before[at + 1]!
  const sum = folded((~old & 0xffff) + folded(sumOf(out, start, end)) + (~folded(sumOf(before, start, end)) & 0xffff))
  put(out, at, ~sum & 0xffff, 6)
}

/** UDP writes its zero as ones: zero says that there is none. */
function put(out: Uint8Array, at: number, sum: number, protocol: number): void {
  const written = sum === 0 && protocol === 17 ? 0xffff : sum
  out[at] = written >> 8
  out[at + 1] = written & 0xff
}

function isIpv4({ source0, source1, source2 }: Segment): boolean {
  return source0 === 0 && source1 === 0 && source2 === 0xffff
}

function pseudoHeader(segment: Segment, length: number): number {
  const { source0, source1, source2, source3, protocol } = segment
  const { destination0, destination1, destination2, destination3 } = segment
  const words = isIpv4(segment)
    ? [source3, destination3]
    : [source0, source1, source2, source3, destination0, destination1, destination2, destination3]
  let sum = protocol + (length >>> 16) + (length & 0xffff)
  for (const one of words) sum += (one >>> 16) + (one & 0xffff)
  return sum
}

/** Of 16-bit words; an odd byte stands before a zero. */
function sumOf(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0
  for (let at = start; at + 1 < end; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!
  return (end - start) % 2 === 1 ? sum + (bytes[end - 1]! << 8) : sum
}

function folded(sum: number): number {
  let rest = sum
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x10000)
  return rest
}

/** The IPv4 header that ends right before `transport`. */
function ofIpv4Header(out: Uint8Array, transport: number, segment: Segment): void {
  if (!isIpv4(segment)) return
  for (let size = 20; size <= 60; size += 4) {
    const at = transport - size
    if (at < 0 || out[at] !== (0x40 | (size / 4)) || out[at + 9] !== segment.protocol) continue
    if (word(out, at + 12) !== segment.source3 || word(out, at + 16) !== segment.destination3) continue
    headerSum(out, at, size)
    return
  }
}

function headerSum(out: Uint8Array, at: number, size: number): void {
  out[at + IP_SUM_AT] = 0
  out[at + IP_SUM_AT + 1] = 0
  put(out, at + IP_SUM_AT, ~folded(sumOf(out, at, at + size)) & 0xffff, 0)
}

/** The sum stands in the first fragment and covers them all. */
function ofFragments(frame: SliceFrame, segment: Segment, waiting: readonly SliceFrame[]): void {
  const parts = fragmentsOf({ ...frame, bytes: frame.out }, segment, waiting).map(({ frame: holder, place }) => ({
    out: holder.out,
    place,
  }))
  const header = headerOf(segment)
  const length = header + segment.payloadLength
  const whole = new Uint8Array(length)
  for (const { out, place } of parts.toReversed()) {
    const size = Math.min(place.length, length - place.offset)
    if (size > 0) whole.set(out.subarray(place.at, place.at + size), place.offset)
  }
  const at = sumAt(segment.protocol)
  if (segment.protocol === 17 && whole[at] === 0 && whole[at + 1] === 0 && isIpv4(segment)) return
  computed(whole, 0, length, at, segment)
  for (const { out, place } of parts) {
    for (const offset of [at, at + 1])
      if (offset >= place.offset && offset < place.offset + place.length) {
        out[place.at + offset - place.offset] = whole[offset]!
      }
  }
}

/** VXLAN, GENEVE and their like: UDP around a packet, over Ethernet; most senders leave its sum out. */
function ofOuterUdp({ out, linkType, original }: SliceFrame, segment: Segment): void {
  if (linkType !== ETHERNET || out.length < original) return
  let at = 12
  let type = (out[at]! << 8) | out[at + 1]!
  for (; VLANS.has(type) && at + 6 < out.length; at += 4) type = (out[at + 4]! << 8) | out[at + 5]!
  const ip = at + 2
  if (type !== IPV4_TYPE || out[ip]! >>> 4 !== 4 || out[ip + 9] !== 17) return
  const udp = ip + ((out[ip]! & 15) << 2)
  const sum = udp + UDP_SUM_AT
  const isOwn = segment.bytes === out && udp + 8 === segment.payloadStart
  const isFragment = (((out[ip + 6]! << 8) | out[ip + 7]!) & 0x3fff) !== 0
  if (isOwn || isFragment || udp + 8 > out.length || (out[sum] === 0 && out[sum + 1] === 0)) return
  const end = Math.min(out.length, udp + ((out[udp + 4]! << 8) | out[udp + 5]!))
  out[sum] = 0
  out[sum + 1] = 0
  const total = 17 + (end - udp) + sumOf(out, ip + 12, ip + 20) + sumOf(out, udp, end)
  put(out, sum, ~folded(total) & 0xffff, 17)
}

const ETHERNET = 1
const IPV4_TYPE = 0x0800
const VLANS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100])
