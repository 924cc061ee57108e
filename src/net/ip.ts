/**
 * IPv4 (RFC 791) and IPv6 (RFC 8200) with its extension headers, and AH (RFC 4302).
 *
 * Writes the addresses of the innermost header into the segment. Checksums are not verified: on the sending host they
 * are often not yet there. Lengths follow what mirrors deliver: 0 stands for "too long to say" (segmentation offload,
 * jumbograms), more than was captured for a cut packet, less for padding. Source routes and options are skipped; ESP is
 * not read.
 *
 * Hot. Each function reads one header at `walk.at`, moves the walk behind it and returns the next step (walk.ts).
 */
import { type Segment, word } from './segment.ts'
import {
  AUTHENTICATION_HEADER,
  EXTENSION_HEADER,
  FRAGMENT,
  FRAGMENT_HEADER,
  GRE,
  ICMP,
  IPV4,
  IPV6,
  MALFORMED,
  OTHER_TRANSPORT,
  TCP,
  UDP,
  type Walk,
} from './walk.ts'
import { TUNNEL_IP_IN_IP, TUNNEL_IPV6_IN_IP } from './wrapping/tunnel-bits.ts'

/*
 * IPv4
 *   0  Version 4 bits, IHL 4 bits in words
 *   1  Type of Service (1)
 *   2  Total Length (2)
 *   4  Identification (2)
 *   6  Flags 3 bits (0x2000 is MF), Fragment Offset 13 bits in units of 8 bytes
 *   8  Time to Live (1)
 *   9  Protocol (1)
 *  10  Header Checksum (2)
 *  12  Source Address (4)
 *  16  Destination Address (4)
 *  20  Options
 */
export function ipv4(walk: Walk, segment: Segment): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 20 > walk.end) return walk.tooShort(20)
  const first = bytes[at]!
  const headerLength = (first & 15) << 2
  if (first >>> 4 !== 4 || headerLength < 20) return MALFORMED
  const totalLength = (bytes[at + 2]! << 8) | bytes[at + 3]!
  if (totalLength !== 0) {
    if (totalLength < headerLength) return MALFORMED
    walk.limit(at + totalLength)
  }
  if (at + headerLength > walk.end) return walk.tooShort(headerLength)
  walk.at = at + headerLength
  walk.ipVersion = 4

  segment.endsOfIpv4(bytes, at)

  const protocol = bytes[at + 9]!
  const fragment = ((bytes[at + 6]! << 8) | bytes[at + 7]!) & 0x3fff
  if (fragment === 0) return upperLayer(walk, protocol)
  walk.fragmentId = (bytes[at + 4]! << 8) | bytes[at + 5]!
  walk.fragmentOffset = (fragment & 0x1fff) << 3
  walk.fragmentMore = (fragment & 0x2000) !== 0
  walk.fragmentProtocol = protocol
  return FRAGMENT
}

/*
 * IPv6
 *   0  Version 4 bits, Traffic Class 8, Flow Label 20
 *   4  Payload Length (2): 0 in a jumbogram
 *   6  Next Header (1)
 *   7  Hop Limit (1)
 *   8  Source Address (16)
 *  24  Destination Address (16)
 */
export function ipv6(walk: Walk, segment: Segment): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 40 > walk.end) return walk.tooShort(40)
  if (bytes[at]! >>> 4 !== 6) return MALFORMED
  const payloadLength = (bytes[at + 4]! << 8) | bytes[at + 5]!
  walk.at = at + 40
  if (payloadLength !== 0) walk.limit(walk.at + payloadLength)
  walk.ipVersion = 6

  segment.endsOfIpv6(bytes, at)

  return upperLayer(walk, bytes[at + 6]!)
}

/** What a Protocol or Next Header value leads to. The extension headers exist in IPv6 only. */
export function upperLayer(walk: Walk, protocol: number): number {
  switch (protocol) {
    case 6:
      return TCP
    case 17:
      return UDP
    case 4:
      walk.tunnels |= TUNNEL_IP_IN_IP
      return IPV4
    case 41:
      walk.tunnels |= TUNNEL_IPV6_IN_IP
      return IPV6
    case 47:
      return GRE
    case 51:
      return AUTHENTICATION_HEADER
    case 0: // hop-by-hop options
    case 43: // routing
    case 60: // destination options
      return walk.ipVersion === 6 ? EXTENSION_HEADER : OTHER_TRANSPORT
    case 44:
      return walk.ipVersion === 6 ? FRAGMENT_HEADER : OTHER_TRANSPORT
    case 1:
      return walk.ipVersion === 4 ? ICMP : OTHER_TRANSPORT
    case 58:
      return walk.ipVersion === 6 ? ICMP : OTHER_TRANSPORT
    default: // ESP, SCTP ...
      return OTHER_TRANSPORT
  }
}

/*
 * Hop-by-hop options, routing, destination options
 *   0  Next Header (1)
 *   1  Hdr Ext Len (1): in units of 8 bytes, not counting the first 8
 */
export function extensionHeader(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 8 > walk.end) return walk.tooShort(8)
  const length = (bytes[at + 1]! + 1) << 3
  if (at + length > walk.end) return walk.tooShort(length)
  walk.at = at + length
  return upperLayer(walk, bytes[at]!)
}

/*
 * AH
 *   0  Next Header (1)
 *   1  Payload Len (1): in words, minus 2
 */
export function authenticationHeader(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 12 > walk.end) return walk.tooShort(12)
  const length = (bytes[at + 1]! + 2) << 2
  if (length < 12) return MALFORMED
  if (at + length > walk.end) return walk.tooShort(length)
  walk.at = at + length
  return upperLayer(walk, bytes[at]!)
}

/*
 * Fragment header
 *   0  Next Header (1): of the datagram; the one of the first fragment counts
 *   1  reserved (1)
 *   2  Fragment Offset 13 bits in units of 8 bytes, reserved 2, M 1
 *   4  Identification (4)
 * Offset 0 without M is a whole datagram (RFC 6946, atomic fragment).
 */
export function fragmentHeader(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 8 > walk.end) return walk.tooShort(8)
  const nextHeader = bytes[at]!
  const offsetAndMore = (bytes[at + 2]! << 8) | bytes[at + 3]!
  walk.at = at + 8
  if ((offsetAndMore & 0xfff9) === 0) return upperLayer(walk, nextHeader)
  walk.fragmentId = word(bytes, at + 4)
  walk.fragmentOffset = offsetAndMore & 0xfff8
  walk.fragmentMore = (offsetAndMore & 1) !== 0
  walk.fragmentProtocol = nextHeader
  return FRAGMENT
}
