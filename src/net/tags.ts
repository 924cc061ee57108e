/**
 * Tags and shells that switches put around a frame, each behind an EtherType of its own.
 *
 * VN-Tag (Cisco, 802.1Qbh draft), 802.1BR E-Tag, provider backbone bridges (802.1ah), MACsec that only protects
 * (802.1AE without confidentiality), HSR (IEC 62439-3), 802.1CB R-TAG, NSH (RFC 8300), Cisco FabricPath and MetaData,
 * TRILL (RFC 6325), the timestamps of Arista, the switch chips of Marvell (Linux tag_dsa.c). MACsec that encrypts is
 * not read: nobody but its ends can.
 *
 * Hot where they are used. `walk.protocol` is the EtherType, `walk.at` stands behind it; the next step is returned
 * (walk.ts).
 */
import { etherTypeStep, logicalLinkControl } from './link.ts'
import { ETHERNET, IPV4, IPV6, MALFORMED, MPLS, type Walk } from './walk.ts'
import {
  TUNNEL_ARISTA,
  TUNNEL_CISCO_METADATA,
  TUNNEL_DSA,
  TUNNEL_E_TAG,
  TUNNEL_FABRIC_PATH,
  TUNNEL_HSR,
  TUNNEL_MACSEC,
  TUNNEL_NSH,
  TUNNEL_PBB,
  TUNNEL_R_TAG,
  TUNNEL_TRILL,
  TUNNEL_VN_TAG,
} from './wrapping/tunnel-bits.ts'

export function tag(walk: Walk): number {
  switch (walk.protocol) {
    case 0x8926: // direction, pointer, destination and source interface (4)
      return typed(walk, TUNNEL_VN_TAG, 4)
    case 0x893f: // PCP, DEI, ingress E-CID base (2), GRP, E-CID base (2), the extensions of both (2)
      return typed(walk, TUNNEL_E_TAG, 6)
    case 0x892f: // path and size (2), sequence number (2)
      return typed(walk, TUNNEL_HSR, 4)
    case 0x8909: // version (1), length (1), option type (2), security group (2)
      return typed(walk, TUNNEL_CISCO_METADATA, 6)
    case 0xf1c1: // reserved (2), sequence number (2)
      return typed(walk, TUNNEL_R_TAG, 4)
    case 0xdada: // reserved (2), then who it comes from or goes to, and its VLAN (4)
      return typed(walk, TUNNEL_DSA, 6)
    case 0xd28b:
      return arista(walk)
    case 0x88e7: // priority, flags, I-SID (4), then the frame of the customer
      return framed(walk, TUNNEL_PBB, 4)
    case 0x8903: // FTAG 10 bits, TTL 6
      return framed(walk, TUNNEL_FABRIC_PATH, 2)
    case 0x22f3:
      return trill(walk)
    case 0x894f:
      return nsh(walk)
    default:
      return macsec(walk)
  }
}

/** An EtherType, or a length, follows the tag. */
function typed(walk: Walk, tunnel: number, length: number): number {
  const at = walk.at + length
  if (at + 2 > walk.end) return walk.tooShort(length + 2)
  const etherType = (walk.bytes[at]! << 8) | walk.bytes[at + 1]!
  walk.tunnels |= tunnel
  walk.at = at + 2
  return etherType <= 1500 ? logicalLinkControl(walk) : etherTypeStep(walk, etherType)
}

/** A whole frame follows. */
export function framed(walk: Walk, tunnel: number, length: number): number {
  if (walk.at + length > walk.end) return walk.tooShort(length)
  walk.tunnels |= tunnel
  walk.at += length
  return ETHERNET
}

/*
 * Arista
 *   0  sub-type (2): 1 is a timestamp
 *   2  version (2): 0x0010 64 bits, 0x0020 48 bits; 0x0100 is set where it is UTC and not TAI
 *   4  timestamp (8 or 6), then the EtherType of the frame
 */
function arista(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 4 > walk.end) return walk.tooShort(4)
  const size = bytes[at + 3] === 0x10 ? 8 : bytes[at + 3] === 0x20 ? 6 : 0
  if (bytes[at] !== 0 || bytes[at + 1] !== 1 || size === 0) return walk.notIp(0xd28b)
  return typed(walk, TUNNEL_ARISTA, 4 + size)
}

/*
 * SecTAG
 *   0  V 0x80: 0; ES 0x40, SC 0x20, SCB 0x10, E 0x08, C 0x04, AN 2 bits
 *   1  SL (1): bytes up to the ICV where they are less than 48
 *   2  packet number (4)
 *   6  SCI (8) if SC
 *      EtherType (2) and payload as they were if neither E nor C, then the ICV (16)
 */
function macsec(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 6 > walk.end) return walk.tooShort(6)
  const control = bytes[at]!
  if ((control & 0x80) !== 0) return MALFORMED
  if ((control & 0x0c) !== 0) return walk.notIp(0x88e5)
  const length = (control & 0x20) === 0 ? 6 : 14
  const short = bytes[at + 1]! & 0x3f
  const wireEnd = short === 0 ? walk.wireEnd - 16 : at + length + short
  if (wireEnd > walk.wireEnd || wireEnd < at + length) return MALFORMED
  walk.limit(wireEnd)
  return typed(walk, TUNNEL_MACSEC, length)
}

/*
 * TRILL
 *   0  V 2 bits, reserved 2, M 1, Op-Length 5 in words, Hop Count 6
 *   2  egress nickname (2), ingress nickname (2)
 *   6  options, then the frame
 */
function trill(walk: Walk): number {
  const at = walk.at
  if (at + 6 > walk.end) return walk.tooShort(6)
  const first = (walk.bytes[at]! << 8) | walk.bytes[at + 1]!
  return framed(walk, TUNNEL_TRILL, 6 + (((first >>> 6) & 31) << 2))
}

/*
 * NSH
 *   0  Ver 2 bits: 0; O 1, unassigned 1, TTL 6, Length 6 in words, the whole header
 *   2  unassigned 4, MD Type 4
 *   3  Next Protocol (1): 1 IPv4, 2 IPv6, 3 Ethernet, 5 MPLS
 */
export function nsh(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 8 > walk.end) return walk.tooShort(8)
  const length = (bytes[at + 1]! & 0x3f) << 2
  if (bytes[at]! >>> 6 !== 0 || length < 8) return MALFORMED
  if (at + length > walk.end) return walk.tooShort(length)
  walk.tunnels |= TUNNEL_NSH
  walk.at = at + length
  switch (bytes[at + 3]) {
    case 1:
      return IPV4
    case 2:
      return IPV6
    case 3:
      return ETHERNET
    case 5:
      return MPLS
    default:
      return walk.notIp(0x894f)
  }
}
