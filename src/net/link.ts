/**
 * Link layers: everything between the first captured byte and an IP header that is not itself IP.
 *
 * LINKTYPE_ values: the tcpdump.org list. Ethernet II and 802.1Q (IEEE 802.3, 802.1Q), LLC and SNAP (IEEE 802.2, RFC
 * 1042), MPLS (RFC 3032, pseudo-wires RFC 4448), PPP (RFC 1661, RFC 1662), PPPoE (RFC 2516), Linux cooked capture 1 and
 * 2, BSD loopback. What capture programs put in front of a frame is in link-header.ts, tags with an EtherType of their
 * own in tags.ts. 802.11 is not read.
 *
 * Hot. Each function reads one header at `walk.at`, moves the walk behind it and returns the next step (walk.ts).
 */
import { BRIDGED_OF, FAMILY_OF, isWithoutIp, LLC_OF, MPLS_CHANNEL, PPP_OF, SNAP_OF, VERSION_OF } from './protocols.ts'
import {
  BSD_LOOPBACK,
  ETHERNET,
  IEEE_802_11,
  IPV4,
  IPV6,
  LINK_HEADER,
  LINUX_SLL,
  LINUX_SLL2,
  LLC,
  MPLS,
  NOT_IP,
  PPP,
  PPP_LOGON,
  PPPOE,
  RAW_IP,
  TAG,
  UNSUPPORTED_LINK_TYPE,
  VLAN,
  type Walk,
} from './walk.ts'
import { TUNNEL_MPLS, TUNNEL_PPPOE } from './wrapping/tunnel-bits.ts'

/** The first step for a LINKTYPE_ value; the walk has it in `linkType` where it needs to be known there. */
export function linkStep(linkType: number): number {
  switch (linkType) {
    case 1: // ETHERNET
      return ETHERNET
    case 0: // NULL
    case 108: // LOOP
      return BSD_LOOPBACK
    case 9: // PPP
      return PPP
    case 12: // RAW, as some BSDs number it
    case 14: // RAW, as OpenBSD numbers it
    case 101: // RAW
      return RAW_IP
    case 113:
      return LINUX_SLL
    case 51: // PPP_ETHER
      return PPPOE
    case 100: // ATM_RFC1483
      return LLC
    case 219:
      return MPLS
    case 6: // IEEE802_5
    case 8: // SLIP
    case 10: // FDDI
    case 50: // PPP_HDLC
    case 104: // C_HDLC
    case 107: // FRELAY
    case 109: // ENC
    case 117: // PFLOG
    case 122: // IP_OVER_FC
    case 149: // USER2, as macOS wrote PKTAP
    case 166: // PPP_PPPD
    case 192: // PPI
    case 197: // ERF
    case 178: // JUNIPER_ETHERNET
    case 204: // PPP_WITH_DIR
    case 205: // C_HDLC_WITH_DIR
    case 206: // FRELAY_WITH_DIR
    case 226: // IPNET
    case 239: // NFLOG
    case 240: // NETANALYZER
    case 242: // IPOIB
    case 258: // PKTAP
    case 274: // ETHERNET_MPACKET
    case 281: // DSA_TAG_BRCM
    case 282: // DSA_TAG_BRCM_PREPEND
    case 284: // DSA_TAG_DSA
    case 285: // DSA_TAG_EDSA
      return LINK_HEADER
    case 228:
      return IPV4
    case 229:
      return IPV6
    case 276:
      return LINUX_SLL2
    case 105: // IEEE802_11
    case 119: // IEEE802_11_PRISM
    case 127: // IEEE802_11_RADIOTAP
    case 163: // IEEE802_11_AVS
      return IEEE_802_11
    default:
      return UNSUPPORTED_LINK_TYPE
  }
}

/*
 * Ethernet II
 *   0  destination (6)
 *   6  source (6)
 *  12  EtherType (2), or up to 1500: the length of an 802.3 frame, LLC follows
 */
export function ethernet(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 14 > walk.end) return walk.tooShort(14)
  const etherType = (bytes[at + 12]! << 8) | bytes[at + 13]!
  walk.etherAt = at
  walk.at = at + 14
  if (etherType === 0x0800) return IPV4
  return etherType <= 1500 ? logicalLinkControl(walk) : etherTypeStep(walk, etherType)
}

/*
 * 802.1Q, 802.1ad tag, behind its EtherType
 *   0  TCI (2): PCP 3 bits, DEI 1 bit, VID 12 bits; VID 0 is a priority without a VLAN
 *   2  EtherType (2)
 */
export function vlan(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 4 > walk.end) return walk.tooShort(4)
  const vid = ((bytes[at]! << 8) | bytes[at + 1]!) & 0x0fff
  const etherType = (bytes[at + 2]! << 8) | bytes[at + 3]!
  if (vid !== 0) walk.vlans[vid] = 1
  walk.at = at + 4
  return etherType <= 1500 ? logicalLinkControl(walk) : etherTypeStep(walk, etherType)
}

export function etherTypeStep(walk: Walk, etherType: number): number {
  walk.protocol = etherType
  switch (etherType) {
    case 0x0800:
      return IPV4
    case 0x86dd:
      return IPV6
    case 0x8100: // 802.1Q
    case 0x88a8: // 802.1ad
    case 0x9100: // QinQ before 802.1ad, and its variants
    case 0x9200:
    case 0x9300:
      return VLAN
    case 0x8847: // unicast
    case 0x8848: // upstream-assigned or multicast
      return MPLS
    case 0x8864: // session stage
      return PPPOE
    case 0x22f3: // TRILL
    case 0x88e5: // MACsec
    case 0x88e7: // 802.1ah
    case 0x8903: // FabricPath
    case 0x8909: // Cisco MetaData
    case 0x8926: // VN-Tag
    case 0x892f: // HSR
    case 0x893f: // 802.1BR
    case 0x894f: // NSH
    case 0xd28b: // Arista, a timestamp
    case 0xdada: // switch chips of Marvell
    case 0xf1c1: // 802.1CB
      return TAG
    case 0x8870: // frames longer than 1500 bytes
      return LLC
    default: // ARP, LLDP ...: see protocols.ts
      return NOT_IP
  }
}

/*
 * LLC                                     SNAP, when DSAP and SSAP are 0xaa
 *   0  DSAP (1)                             3  OUI (3): 0, or 0x0000f8 for bridged frames
 *   1  SSAP (1)                             6  EtherType (2)
 *   2  control (1): 3, unnumbered
 */
export function logicalLinkControl(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 3 > walk.end) return walk.tooShort(3)
  const sap = (bytes[at]! << 8) | bytes[at + 1]!
  if (bytes[at + 2] !== 3) return walk.notIp(LLC_OF | sap)
  if (sap === 0x0606) {
    walk.at = at + 3
    return IPV4
  }
  if (sap !== 0xaaaa) return walk.notIp(LLC_OF | sap)
  if (at + 8 > walk.end) return walk.tooShort(8)
  const oui = (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!
  const type = (bytes[at + 6]! << 8) | bytes[at + 7]!
  if (oui !== 0 && oui !== 0x0000f8) return walk.notIp((oui === 0x0080c2 ? BRIDGED_OF : SNAP_OF) | type)
  walk.at = at + 8
  return etherTypeStep(walk, type)
}

/*
 * MPLS label stack: entries of label 20 bits, TC 3, S 1, TTL 8; S is set in the last one. What follows is not named: it
 * is IP when the first four bits say 4 or 6, and otherwise an Ethernet pseudo-wire, with or without its control word,
 * whose first four bits are 0.
 */
export function mpls(walk: Walk): number {
  const bytes = walk.bytes
  let at = walk.at
  do {
    if (at + 4 > walk.end) return walk.tooShort(at + 4 - walk.at)
    at += 4
  } while ((bytes[at - 2]! & 1) === 0)
  walk.at = at
  if (at >= walk.end) return walk.tooShort(1)
  walk.tunnels |= TUNNEL_MPLS
  const nibble = bytes[at]! >>> 4
  if (nibble === 4) return IPV4
  if (nibble === 6) return IPV6
  if (nibble === 1) return walk.notIp(MPLS_CHANNEL)
  if (nibble === 0 && carriesKnownEtherType(walk, at + 4)) {
    walk.at = at + 4
    return ETHERNET
  }
  return carriesKnownEtherType(walk, at) ? ETHERNET : walk.notIp(0x8847)
}

/** Is there an Ethernet header at `at` that leads on to something that is known? */
function carriesKnownEtherType(walk: Walk, at: number): boolean {
  if (at + 14 > walk.end) return false
  const etherType = (walk.bytes[at + 12]! << 8) | walk.bytes[at + 13]!
  return etherTypeStep(walk, etherType) !== NOT_IP || isWithoutIp(etherType)
}

/*
 * PPPoE session
 *   0  VER 4 bits, TYPE 4 bits: 0x11
 *   1  CODE (1): 0 is session data
 *   2  SESSION_ID (2)
 *   4  LENGTH (2): of the PPP frame that follows
 */
export function pppoe(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 6 > walk.end) return walk.tooShort(6)
  if (bytes[at] !== 0x11 || bytes[at + 1] !== 0) return walk.notIp(0x8863)
  const length = (bytes[at + 4]! << 8) | bytes[at + 5]!
  walk.tunnels |= TUNNEL_PPPOE
  walk.pppPort = walk.etherAt < 0 ? -1 : 0
  walk.at = at + 6
  if (length !== 0) walk.limit(walk.at + length)
  return PPP
}

/*
 * PPP
 *   address and control (2): 0xff03, left out by PPPoE and by ACFC
 *   protocol (2), or (1) under PFC: an odd first byte is the last one
 */
export function ppp(walk: Walk): number {
  const bytes = walk.bytes
  let at = walk.at
  if (at + 2 > walk.end) return walk.tooShort(2)
  if (bytes[at] === 0xff && bytes[at + 1] === 0x03) {
    at += 2
    if (at + 2 > walk.end) return walk.tooShort(4)
  }
  let protocol = bytes[at]!
  at++
  if ((protocol & 1) === 0) {
    protocol = (protocol << 8) | bytes[at]!
    at++
  }
  walk.at = at
  switch (protocol) {
    case 0x0021:
      return IPV4
    case 0x0057:
      return IPV6
    case 0x0281:
    case 0x0283:
      return MPLS
    case 0xc223: // CHAP
    case 0xc227: // EAP
      walk.notIp(PPP_OF | protocol)
      return walk.pppPort < 0 ? NOT_IP : PPP_LOGON
    default: // LCP, IPCP, compressed or encrypted data ...
      return walk.notIp(PPP_OF | protocol)
  }
}

/** LINKTYPE_RAW and ERSPAN III frames of type IP: the version is all there is. */
export function rawIp(walk: Walk): number {
  if (walk.at >= walk.end) return walk.tooShort(1)
  const version = walk.bytes[walk.at]! >>> 4
  if (version === 4) return IPV4
  return version === 6 ? IPV6 : walk.notIp(VERSION_OF | version)
}

/*
 * LINKTYPE_NULL, LINKTYPE_LOOP
 *   0  address family (4): NULL in the byte order of the capturing host, LOOP in network order; the value tells which
 * AF_INET is 2 everywhere; AF_INET6 is 10 (Linux), 23 (Windows), 24 (NetBSD, OpenBSD), 28 (FreeBSD), 30 (macOS).
 */
export function bsdLoopback(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 4 > walk.end) return walk.tooShort(4)
  const high = (bytes[at]! << 8) | bytes[at + 1]!
  const low = (bytes[at + 2]! << 8) | bytes[at + 3]!
  if (high !== 0 && low !== 0) return walk.notIp(FAMILY_OF | 0xffff)
  const family = high === 0 ? low : ((high & 255) << 8) | (high >>> 8)
  walk.at = at + 4
  switch (family) {
    case 2:
      return IPV4
    case 10:
    case 23:
    case 24:
    case 28:
    case 30:
      return IPV6
    default:
      return walk.notIp(FAMILY_OF | family)
  }
}

/*
 * LINKTYPE_LINUX_SLL
 *   0  packet type (2)
 *   2  ARPHRD_ type (2)
 *   4  address length (2)
 *   6  address (8)
 *  14  protocol (2): EtherType; 4 is LLC
 */
export function linuxSll(walk: Walk): number {
  const at = walk.at
  if (at + 16 > walk.end) return walk.tooShort(16)
  walk.at = at + 16
  return cookedStep(walk, (walk.bytes[at + 14]! << 8) | walk.bytes[at + 15]!)
}

/*
 * LINKTYPE_LINUX_SLL2
 *   0  protocol (2): as above
 *   2  reserved (2)
 *   4  interface index (4)
 *   8  ARPHRD_ type (2)
 *  10  packet type (1)
 *  11  address length (1)
 *  12  address (8)
 */
export function linuxSll2(walk: Walk): number {
  const at = walk.at
  if (at + 20 > walk.end) return walk.tooShort(20)
  walk.at = at + 20
  return cookedStep(walk, (walk.bytes[at]! << 8) | walk.bytes[at + 1]!)
}

function cookedStep(walk: Walk, protocol: number): number {
  return protocol === 4 ? logicalLinkControl(walk) : etherTypeStep(walk, protocol)
}
