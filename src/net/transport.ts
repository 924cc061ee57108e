/**
 * TCP (RFC 9293) and UDP (RFC 768) headers: the end of the walk, and what is left of the packet as a Segment.
 *
 * TCP options are skipped, checksums are not verified. A header whose options were cut still makes a segment: ports and
 * numbers are known, the payload is missing.
 *
 * Hot. The payload is borrowed from the packet, or from the fragment assembler, until the next packet.
 */
import type { Segment } from './segment.ts'
import { L2TP_PORT, tunnelInUdp } from './tunnel.ts'
import { MALFORMED, OTHER_TRANSPORT, TCP_READ, UDP_READ, UNREACHABLE, type Walk } from './walk.ts'

/*
 * TCP
 *   0  Source Port (2)
 *   2  Destination Port (2)
 *   4  Sequence Number (4)
 *   8  Acknowledgment Number (4)
 *  12  Data Offset 4 bits in words, reserved 4
 *  13  flags (1)
 *  14  Window (2), Checksum (2), Urgent Pointer (2)
 *  20  Options
 */
export function tcp(walk: Walk, segment: Segment): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 20 > walk.end) return walk.tooShort(20)
  const headerLength = (bytes[at + 12]! >>> 4) << 2
  const payloadStart = at + headerLength
  if (headerLength < 20 || payloadStart > walk.wireEnd) return MALFORMED
  segment.protocol = 6
  segment.sourcePort = (bytes[at]! << 8) | bytes[at + 1]!
  segment.destinationPort = (bytes[at + 2]! << 8) | bytes[at + 3]!
  segment.seq = ((bytes[at + 4]! << 24) | (bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!) >>> 0
  segment.ack = ((bytes[at + 8]! << 24) | (bytes[at + 9]! << 16) | (bytes[at + 10]! << 8) | bytes[at + 11]!) >>> 0
  segment.flags = bytes[at + 13]!
  fillPayload(walk, segment, payloadStart)
  return TCP_READ
}

/*
 * UDP
 *   0  source port (2)
 *   2  destination port (2)
 *   4  length (2): header and payload; 0 in a jumbogram
 *   6  checksum (2)
 */
export function udp(walk: Walk, segment: Segment): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 8 > walk.end) return walk.tooShort(8)
  const destinationPort = (bytes[at + 2]! << 8) | bytes[at + 3]!
  const length = (bytes[at + 4]! << 8) | bytes[at + 5]!
  if (length !== 0) {
    if (length < 8) return MALFORMED
    walk.limit(at + length)
  }
  walk.at = at + 8
  const sourcePort = (bytes[at]! << 8) | bytes[at + 1]!
  // of L2TP the answers go to a port that the client chose (RFC 2661 8.1)
  const inner = tunnelInUdp(walk, sourcePort === L2TP_PORT ? L2TP_PORT : destinationPort)
  if (inner !== 0) return inner
  segment.protocol = 17
  segment.sourcePort = sourcePort
  segment.destinationPort = destinationPort
  segment.seq = 0
  segment.ack = 0
  segment.flags = 0
  fillPayload(walk, segment, at + 8)
  return UDP_READ
}

/*
 * ICMP Destination Unreachable: 3 in IPv4 (RFC 792), 1 in IPv6 (RFC 4443 3.1)
 *   0  Type (1), Code (1), Checksum (2), unused (4)
 *   8  the IP header of the packet, and at least 8 octets of what follows it
 */
export function icmp(walk: Walk, segment: Segment): number {
  const { bytes, at, end, ipVersion } = walk
  const inner = at + 8
  const isFour = ipVersion === 4
  if (inner + (isFour ? 20 : 40) > end || bytes[at] !== (isFour ? 3 : 1)) return OTHER_TRANSPORT
  const ports = inner + (isFour ? (bytes[inner]! & 15) << 2 : 40)
  const protocol = bytes[inner + (isFour ? 9 : 6)]!
  if (bytes[inner]! >>> 4 !== ipVersion || ports + 4 > end || (protocol !== 6 && protocol !== 17))
    return OTHER_TRANSPORT
  if (isFour) segment.endsOfIpv4(bytes, inner)
  else segment.endsOfIpv6(bytes, inner)
  segment.protocol = protocol
  segment.sourcePort = (bytes[ports]! << 8) | bytes[ports + 1]!
  segment.destinationPort = (bytes[ports + 2]! << 8) | bytes[ports + 3]!
  segment.bytes = bytes
  segment.payloadStart = at
  segment.payloadLength = 0
  segment.payloadMissing = 0
  return UNREACHABLE
}

const CHAP_RESPONSE = 2

/**
 * `walk.at` stands behind the protocol field of two octets; Code is the first octet of CHAP and of EAP, and in both 2
 * is the client's. The port of the tunnel stands for the one that PPP does not have, at the side that asks for the
 * logon; in PPPoE there are no addresses yet either, and those stand for them that Ethernet's make.
 */
export function pppLogon(walk: Walk, segment: Segment): void {
  const isClient = walk.at < walk.end && walk.bytes[walk.at] === CHAP_RESPONSE
  if (walk.pppPort === 0) segment.endsOfEthernet(walk.bytes, walk.etherAt)
  segment.protocol = 17
  segment.sourcePort = isClient ? 0 : walk.pppPort
  segment.destinationPort = isClient ? walk.pppPort : 0
  segment.seq = 0
  segment.ack = 0
  segment.flags = 0
  fillPayload(walk, segment, walk.at - 2)
}

function fillPayload(walk: Walk, segment: Segment, start: number): void {
  const from = Math.min(start, walk.end)
  segment.bytes = walk.bytes
  segment.payloadStart = from
  segment.payloadLength = walk.end - from
  segment.payloadMissing = walk.wireEnd - Math.max(start, walk.end)
}
