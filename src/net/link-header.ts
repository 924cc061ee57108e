/**
 * Link types whose frames stand behind a header of the capturing program or device: NFLOG, PKTAP, ERF, PPI, PPP with a
 * direction, Cisco HDLC and HDLC-framed PPP, frame relay, pflog, enc, ipnet, netANALYZER, Junos, the ports of switch
 * chips, and the token rings of old.
 *
 * LINKTYPE_ values and layouts: the tcpdump.org list, the ERF types of Endace, RFC 2427 (frame relay), RFC 2625 (IP
 * over Fibre Channel).
 *
 * Hot on captures of these types. `walk.linkType` says which; each function reads at `walk.at`, moves the walk, and
 * returns the next step (walk.ts).
 */
import { etherTypeStep, linkStep } from './link.ts'
import { DEVICE_RECORD, ERF_OF, NFLOG_EMPTY, NLPID_OF } from './protocols.ts'
import { ETHERNET, IPV4, IPV6, LLC, MALFORMED, PPP, RAW_IP, UNSUPPORTED_LINK_TYPE, type Walk } from './walk.ts'
import { TUNNEL_DSA } from './wrapping/tunnel-bits.ts'

export function linkHeader(walk: Walk): number {
  switch (walk.linkType) {
    case 6: // access and frame control (2), addresses (12), a route where the source says so
      return tokenRing(walk)
    case 8: // direction (1), compressed header of the link (15)
      return skipped(walk, 16, RAW_IP)
    case 10: // frame control (1), addresses (12)
      return skipped(walk, 13, LLC)
    case 50:
    case 104:
      return hdlc(walk)
    case 107:
      return frameRelay(walk)
    case 109: // address family, SPI, flags (12)
      return skipped(walk, 12, RAW_IP)
    case 117:
      return pflog(walk)
    case 122: // network addresses (16)
      return skipped(walk, 16, LLC)
    case 166: // direction (1) in the place of the address, control (1)
      return skipped(walk, 2, PPP)
    case 178:
      return juniper(walk)
    case 192:
      return ppi(walk)
    case 197:
      return erf(walk)
    case 204: // direction (1)
      return skipped(walk, 1, PPP)
    case 205: // direction (1)
      walk.at++
      return hdlc(walk)
    case 206: // direction (1)
      walk.at++
      return frameRelay(walk)
    case 226: // version, family, hook, sizes, zones (24)
      return skipped(walk, 24, RAW_IP)
    case 239:
      return nflog(walk)
    case 240: // port and flags (4)
      return skipped(walk, 4, ETHERNET)
    case 242: // global route (40), EtherType (2), reserved (2)
      return typed(walk, 40, 44)
    case 274: // preamble and start of the frame (8)
      return skipped(walk, 8, ETHERNET)
    case 282: // who it comes from (4)
      return skipped(walk, 4, ETHERNET)
    case 281: // behind the addresses: who it comes from (4)
    case 284:
      return switchTagged(walk)
    case 285: // behind an EtherType of its own
      return ETHERNET
    default:
      return pktap(walk)
  }
}

function skipped(walk: Walk, length: number, next: number): number {
  if (walk.at + length > walk.end) return walk.tooShort(length)
  walk.at += length
  return next
}

/** An EtherType at `at`, and the packet at `length`. */
function typed(walk: Walk, at: number, length: number): number {
  const from = walk.at
  if (from + length > walk.end) return walk.tooShort(length)
  walk.at = from + length
  const etherType = (walk.bytes[from + at]! << 8) | walk.bytes[from + at + 1]!
  return etherType <= 1500 ? LLC : etherTypeStep(walk, etherType)
}

/** Addresses (12), a tag (4), EtherType (2) */
function switchTagged(walk: Walk): number {
  walk.tunnels |= TUNNEL_DSA
  walk.etherAt = walk.at
  return typed(walk, 16, 18)
}

/*
 * Junos
 *   0  magic (3): MGC
 *   3  flags (1): 0x80 extensions follow, 0x02 no link layer
 *   4  length of the extensions (2), extensions
 *      address family (4) in little-endian where there is no link layer
 */
function juniper(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 6 > walk.end) return walk.tooShort(6)
  if (bytes[at] !== 0x4d || bytes[at + 1] !== 0x47 || bytes[at + 2] !== 0x43) return MALFORMED
  const flags = bytes[at + 3]!
  const length = (flags & 0x80) === 0 ? 4 : 6 + ((bytes[at + 4]! << 8) | bytes[at + 5]!)
  return (flags & 2) === 0 ? skipped(walk, length, ETHERNET) : skipped(walk, length + 4, RAW_IP)
}

/*
 * HDLC
 *   0  address (1): 0x0f unicast or 0x8f broadcast is Cisco's, 0xff is PPP's
 *   1  control (1)
 *   2  EtherType (2), behind 0x0f and 0x8f
 */
function hdlc(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 4 > walk.end) return walk.tooShort(4)
  if (bytes[at] !== 0x0f && bytes[at] !== 0x8f) return PPP
  walk.at = at + 4
  return etherTypeStep(walk, (bytes[at + 2]! << 8) | bytes[at + 3]!)
}

/*
 * Q.922 address (2, 3 or 4): the last byte has its lowest bit set; then either
 *   control (1): 3; padding 0 (1) perhaps; NLPID (1): 0xcc IPv4, 0x8e IPv6, 0x80 SNAP, 0xcf PPP, or
 *   EtherType (2), as Cisco does
 */
function frameRelay(walk: Walk): number {
  const bytes = walk.bytes
  let at = walk.at
  do {
    if (at >= walk.end) return walk.tooShort(at + 1 - walk.at)
    if (at - walk.at >= 4) return MALFORMED
    at++
  } while ((bytes[at - 1]! & 1) === 0)
  if (at + 2 > walk.end) return walk.tooShort(at + 2 - walk.at)
  if (bytes[at] !== 3) {
    walk.at = at + 2
    return etherTypeStep(walk, (bytes[at]! << 8) | bytes[at + 1]!)
  }
  at++
  if (bytes[at] === 0) at++
  if (at >= walk.end) return walk.tooShort(at + 1 - walk.at)
  walk.at = at + 1
  switch (bytes[at]) {
    case 0xcc:
      return IPV4
    case 0x8e:
      return IPV6
    case 0xcf:
      return PPP
    case 0x80: {
      if (at + 6 > walk.end) return walk.tooShort(6)
      const oui = (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
      const type = (bytes[at + 4]! << 8) | bytes[at + 5]!
      walk.at = at + 6
      if (oui === 0x0080c2 && type === 7) return ETHERNET
      return oui === 0 ? etherTypeStep(walk, type) : walk.notIp(NLPID_OF | 0x80)
    }
    default:
      return walk.notIp(NLPID_OF | bytes[at]!)
  }
}

/** 0  length of the header (1), which is padded to 4; address family, action, reason, interface ... */
function pflog(walk: Walk): number {
  if (walk.at >= walk.end) return walk.tooShort(1)
  return skipped(walk, (walk.bytes[walk.at]! + 3) & ~3, RAW_IP)
}

/**
 * The route is there when the first bit of the source address is set; its length are the lowest five bits of its first
 * byte.
 */
function tokenRing(walk: Walk): number {
  const at = walk.at
  if (at + 15 > walk.end) return walk.tooShort(15)
  return skipped(walk, 14 + ((walk.bytes[at + 8]! & 0x80) === 0 ? 0 : walk.bytes[at + 14]! & 31), LLC)
}

/** Another header follows, of that link type. */
function inner(walk: Walk, length: number, linkType: number): number {
  if (walk.at + length > walk.end) return walk.tooShort(length)
  walk.at += length
  walk.linkType = linkType
  return linkStep(linkType)
}

/*
 * PPI
 *   0  version (1): 0
 *   1  flags (1)
 *   2  length (2): of the header and its fields, little-endian
 *   4  DLT (4): little-endian
 */
function ppi(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 8 > walk.end) return walk.tooShort(8)
  const length = bytes[at + 2]! | (bytes[at + 3]! << 8)
  if (bytes[at] !== 0 || length < 8) return MALFORMED
  return inner(walk, length, bytes[at + 4]! | (bytes[at + 5]! << 8))
}

/*
 * PKTAP, all in the byte order of the capturing host, which is little-endian
 *   0  length (4): of this header
 *   4  type of what follows (4): 1 is a packet
 *   8  DLT (4)
 *  12  name of the interface (24), flags, protocol family, length of the link header and trailer, process ...
 */
function pktap(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 12 > walk.end) return walk.tooShort(12)
  const length = bytes[at]! | (bytes[at + 1]! << 8)
  const isPktap =
    length >= 52 && bytes[at + 2] === 0 && bytes[at + 3] === 0 && bytes[at + 5] === 0 && bytes[at + 4]! <= 1
  if (!isPktap) return walk.linkType === 149 ? UNSUPPORTED_LINK_TYPE : MALFORMED
  if (bytes[at + 4] !== 1) return walk.notIp(DEVICE_RECORD)
  return inner(walk, length, bytes[at + 8]! | (bytes[at + 9]! << 8))
}

/*
 * NFLOG
 *   0  address family (1)
 *   1  version (1): 0
 *   2  resource id (2)
 *   4  attributes: length with these four bytes (2), type (2), value, padded to 4;
 *       both in the byte order of the capturing host. 9 is the packet
 */
function nflog(walk: Walk): number {
  const bytes = walk.bytes
  let at = walk.at + 4
  if (at > walk.end) return walk.tooShort(4)
  if (bytes[at - 3] !== 0) return MALFORMED
  for (;;) {
    if (at + 4 > walk.end) return at >= walk.wireEnd ? walk.notIp(NFLOG_EMPTY) : walk.tooShort(at + 4 - walk.at)
    // types are small numbers: the byte that is 0 tells the order
    const isLittle = bytes[at + 3] === 0 && bytes[at + 2] !== 0
    const length = isLittle ? bytes[at]! | (bytes[at + 1]! << 8) : (bytes[at]! << 8) | bytes[at + 1]!
    const type = isLittle ? bytes[at + 2]! : (bytes[at + 2]! << 8) | bytes[at + 3]!
    if (length < 4) return MALFORMED
    if (type === 9) {
      walk.limit(Math.min(at + length, walk.wireEnd))
      walk.at = at + 4
      return RAW_IP
    }
    at += (length + 3) & ~3
  }
}

/*
 * ERF
 *   0  timestamp (8)
 *   8  type (1): 0x80 says that extension headers follow
 *   9  flags (1)
 *  10  record length (2)
 *  12  lost packets or colour (2)
 *  14  length on the wire (2)
 *  16  extension headers (8 each): the first bit of each says that another one follows
 *      Ethernet has two bytes of padding in front
 */
function erf(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 16 > walk.end) return walk.tooShort(16)
  const type = bytes[at + 8]! & 0x7f
  const wireLength = (bytes[at + 14]! << 8) | bytes[at + 15]!
  let length = 16
  for (let more = bytes[at + 8]! >= 0x80; more; length += 8) {
    if (at + length + 8 > walk.end) return walk.tooShort(length + 8)
    more = bytes[at + length]! >= 0x80
  }
  switch (type) {
    case 2: // Ethernet, coloured or hashed in one way or other
    case 11:
    case 16:
    case 20:
      walk.at = at + length
      if (walk.at + 2 > walk.end) return walk.tooShort(2)
      walk.at += 2
      if (wireLength !== 0) walk.limit(walk.at + wireLength)
      return ETHERNET
    case 1: // HDLC or PPP over SONET, likewise
    case 10:
    case 15:
    case 19:
      walk.at = at + length
      if (wireLength !== 0) walk.limit(walk.at + wireLength)
      return hdlc(walk)
    case 22:
      return skipped(walk, length, IPV4)
    case 23:
      return skipped(walk, length, IPV6)
    case 13: // counters, statistics, padding
    case 14:
    case 27:
    case 48:
      return walk.notIp(DEVICE_RECORD)
    default:
      return walk.notIp(ERF_OF | type)
  }
}
