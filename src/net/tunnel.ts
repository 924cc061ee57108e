/**
 * Tunnels that mirrors, overlays and routers put around a packet.
 *
 * GRE (RFC 2784, RFC 2890, version 1 of RFC 2637), ERSPAN I, II and III inside it (draft-foschiano-erspan), VXLAN (RFC
 * 7348, with the group policy flag), VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe), GENEVE (RFC 8926), GTP-U (3GPP TS 29.281),
 * and mirrors in UDP: TZSP, HP ERM, Juniper's; L2TP (RFC 2661); GRE (RFC 8086) and MPLS (RFC 7510) in UDP; WCCP. IP in
 * IP needs no header of its own: see ip.ts. Not read: GRE source routes (RFC 1701), Teredo, IPsec.
 *
 * Hot on a mirror that uses them. Functions read at `walk.at`, move the walk behind the tunnel header and return the
 * next step (walk.ts).
 */
import { etherTypeStep } from './link.ts'
import { GRE_KEEPALIVE, isWithoutIp } from './protocols.ts'
import { framed } from './tags.ts'
import {
  ETHERNET,
  GRE,
  IPV4,
  IPV6,
  MALFORMED,
  MPLS,
  NOT_IP,
  OTHER_TRANSPORT,
  PPP,
  RAW_IP,
  TAG,
  type Walk,
} from './walk.ts'
import {
  TUNNEL_ERSPAN_I,
  TUNNEL_ERSPAN_II,
  TUNNEL_ERSPAN_III,
  TUNNEL_GENEVE,
  TUNNEL_GRE,
  TUNNEL_GRE_IN_UDP,
  TUNNEL_GTP_U,
  TUNNEL_HP_ERM,
  TUNNEL_JMIRROR,
  TUNNEL_L2TP,
  TUNNEL_TZSP,
  TUNNEL_VXLAN,
  TUNNEL_VXLAN_GPE,
  TUNNEL_WCCP,
} from './wrapping/tunnel-bits.ts'

/*
 * GRE
 *   0  C 0x8000, R 0x4000, K 0x2000, S 0x1000 ... A 0x0080 (version 1), version 3 bits
 *   2  protocol type (2)
 *      checksum and reserved (4) if C; key (4) if K; sequence number (4) if S; acknowledgment number (4) if A
 */
export function gre(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 4 > walk.end) return walk.tooShort(4)
  const flags = (bytes[at]! << 8) | bytes[at + 1]!
  const protocolType = (bytes[at + 2]! << 8) | bytes[at + 3]!
  const version = flags & 7
  if (version > 1) return MALFORMED
  if ((flags & 0x4000) !== 0) return OTHER_TRANSPORT
  let length = 4
  if ((flags & 0x8000) !== 0) length += 4
  if ((flags & 0x2000) !== 0) length += 4
  if ((flags & 0x1000) !== 0) length += 4
  if (version === 1 && (flags & 0x0080) !== 0) length += 4
  if (at + length > walk.end) return walk.tooShort(length)
  walk.at = at + length
  switch (protocolType) {
    case 0x88be:
      // Types I and II share a protocol type; only II has GRE sequence numbers, and only II has a header.
      return (flags & 0x1000) === 0 ? framed(walk, TUNNEL_ERSPAN_I, 0) : framed(walk, TUNNEL_ERSPAN_II, 8)
    case 0x22eb:
      return erspan3(walk)
    case 0x6558: // transparent Ethernet bridging, NVGRE
      walk.tunnels |= TUNNEL_GRE
      return ETHERNET
    case 0x880b:
      walk.tunnels |= TUNNEL_GRE
      walk.pppPort = PPTP_PORT
      return PPP
    case 0x883e:
      return wccp(walk)
    case 0:
      return walk.notIp(GRE_KEEPALIVE)
    default:
      walk.tunnels |= TUNNEL_GRE
      return etherTypeStep(walk, protocolType)
  }
}

/** The control connection of PPTP: it stands for the port that PPP does not have. */
const PPTP_PORT = 1723

/*
 * WCCP: the redirect header of version 2, which is told from the IPv4 header of version 1
 *   0  D 1, A 1, U 1, reserved 5   1  service (1)   2  buckets (2)
 */
function wccp(walk: Walk): number {
  const first = walk.bytes[walk.at]!
  if (walk.at + 5 > walk.end) return walk.tooShort(5)
  walk.tunnels |= TUNNEL_WCCP
  if (first >>> 4 !== 4 || (first & 15) < 5) walk.at += 4
  return RAW_IP
}

/*
 * ERSPAN type III
 *   0  Ver 4 bits, VLAN 12
 *   2  COS 3, BSO 2, T 1, Session ID 10
 *   4  Timestamp (4)
 *   8  SGT (2)
 *  10  P 1, FT 5 (0 Ethernet, 2 IP), Hw ID 6, D 1, Gra 2, O 1
 *  12  platform specific (8) if O
 */
function erspan3(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 12 > walk.end) return walk.tooShort(12)
  const frameType = (bytes[at + 10]! >>> 2) & 31
  const step = framed(walk, TUNNEL_ERSPAN_III, (bytes[at + 11]! & 1) === 0 ? 12 : 20)
  if (step !== ETHERNET || frameType === 0) return step
  return frameType === 2 ? RAW_IP : walk.notIp(0x22eb)
}

/**
 * The step into the tunnel that a UDP datagram to `port` carries, or 0 when it is only a datagram. `walk.at` stands at
 * the UDP payload, and is moved only when there is a tunnel. The ports may belong to anybody, so the header has to look
 * right.
 */
export function tunnelInUdp(walk: Walk, port: number): number {
  switch (port) {
    case L2TP_PORT:
      return l2tp(walk)
    case 4789:
    case 8472: // Linux, before there was a number
      return vxlan(walk)
    case 4790:
      return vxlanGpe(walk)
    case 6081:
      return geneve(walk)
    case 2152:
      return gtpU(walk)
    case 4754:
      return greInUdp(walk)
    case 6635:
      return mplsInUdp(walk)
    case 7932:
      return hpErm(walk)
    case 30_030:
      return jmirror(walk)
    case 37_008:
      return tzsp(walk)
    default:
      return 0
  }
}

export const L2TP_PORT = 1701

/*
 * L2TP, a data message of version 2 (RFC 2661 3.1)
 *   0  T 0x8000: 0; L 0x4000, S 0x0800, O 0x0200, P 0x0100; version 4 bits: 2
 *      Length (2) if L; Tunnel ID (2), Session ID (2); Ns (2), Nr (2) if S; Offset Size (2) and padding if O
 *      PPP
 */
function l2tp(walk: Walk): number {
  const bytes = walk.bytes
  let at = walk.at
  if (at + 12 > walk.end) return 0
  const flags = (bytes[at]! << 8) | bytes[at + 1]!
  if ((flags & 0xb4ff) !== 2) return 0
  const length = (bytes[at + 2]! << 8) | bytes[at + 3]!
  const hasLength = (flags & 0x4000) !== 0
  if (hasLength && (length < 12 || at + length > walk.wireEnd)) return 0
  const end = hasLength ? at + length : walk.wireEnd
  at += 6 + (hasLength ? 2 : 0) + ((flags & 0x0800) !== 0 ? 4 : 0)
  if ((flags & 0x0200) !== 0) {
    if (at + 2 > walk.end) return 0
    at += 2 + ((bytes[at]! << 8) | bytes[at + 1]!)
  }
  if (at + 4 > walk.end || at + 4 > end || !isPpp(bytes, at)) return 0
  walk.limit(end)
  walk.pppPort = L2TP_PORT
  return into(walk, TUNNEL_L2TP, at - walk.at, PPP)
}

/** Address and control, or a protocol that is known to be in use: the port may belong to anybody. */
function isPpp(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] === 0xff) return bytes[at + 1] === 3
  const protocol = (bytes[at]! & 1) === 1 ? bytes[at]! : (bytes[at]! << 8) | bytes[at + 1]!
  return protocol === 0x21 || protocol === 0x57 || protocol === 0xfd || (protocol >= 0xc021 && protocol <= 0xc227)
}

/*
 * VXLAN
 *   0  flags (1): I 0x08 must be set; G 0x80 is the group policy extension, which uses the next three bytes
 *   1  reserved (3)
 *   4  VNI (3)
 *   7  reserved (1)
 */
function vxlan(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 8 > walk.end || at + 8 + 14 > walk.wireEnd) return 0
  if ((bytes[at]! & 0x7f) !== 0x08 || bytes[at + 7] !== 0) return 0
  walk.tunnels |= TUNNEL_VXLAN
  walk.at = at + 8
  return ETHERNET
}

/*
 * VXLAN-GPE
 *   0  flags (1): version 0x30 is 0, I 0x08, P 0x04 (often left out), B 0x02, O 0x01 is for the tunnel's own messages
 *   1  reserved (2)
 *   3  Next Protocol (1): 1 IPv4, 2 IPv6, 3 Ethernet, 5 MPLS
 *   4  VNI (3)
 *   7  reserved (1)
 */
function vxlanGpe(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 8 > walk.end || (bytes[at]! & 0xf9) !== 0x08 || bytes[at + 7] !== 0) return 0
  const step = gpeStep(bytes[at + 3]!)
  if (step === 0) return 0
  walk.tunnels |= TUNNEL_VXLAN_GPE
  walk.at = at + 8
  walk.protocol = 0x894f
  return step
}

function gpeStep(nextProtocol: number): number {
  switch (nextProtocol) {
    case 1:
      return IPV4
    case 2:
      return IPV6
    case 3:
      return ETHERNET
    case 4:
      return TAG
    case 5:
      return MPLS
    default:
      return 0
  }
}

/*
 * GENEVE
 *   0  Ver 2 bits: 0; Opt Len 6 bits, in words
 *   1  O 1, C 1, reserved 6
 *   2  Protocol Type (2)
 *   4  VNI (3)
 *   7  reserved (1)
 *   8  options
 */
function geneve(walk: Walk): number {
  const bytes = walk.bytes
  const at = walk.at
  if (at + 8 > walk.end) return 0
  const length = 8 + ((bytes[at]! & 0x3f) << 2)
  if (bytes[at]! >>> 6 !== 0 || (bytes[at + 1]! & 0x3f) !== 0 || bytes[at + 7] !== 0) return 0
  if (at + length > walk.wireEnd) return 0
  const protocolType = (bytes[at + 2]! << 8) | bytes[at + 3]!
  const step = protocolType === 0x6558 ? ETHERNET : etherTypeStep(walk, protocolType)
  if (step === NOT_IP) return 0
  if (at + length > walk.end) return walk.tooShort(length)
  walk.tunnels |= TUNNEL_GENEVE
  walk.at = at + length
  return step
}

/*
 * GTP-U, a T-PDU
 *   0  version 3 bits: 1; PT 1 bit: 1; reserved 1; E 0x04, S 0x02, PN 0x01
 *   1  Message Type (1): 255
 *   2  Length (2): of what follows the first 8 bytes
 *   4  TEID (4)
 *   8  Sequence Number (2), N-PDU Number (1), Next Extension Header Type (1): if any of E, S, PN is set
 *      extension headers if E: length (1) in words, content, Next Extension Header Type (1)
 */
function gtpU(walk: Walk): number {
  const bytes = walk.bytes
  let at = walk.at
  if (at + 8 > walk.end || (bytes[at]! & 0xf8) !== 0x30 || bytes[at + 1] !== 255) return 0
  const flags = bytes[at]!
  const pduEnd = at + 8 + ((bytes[at + 2]! << 8) | bytes[at + 3]!)
  at += 8
  if ((flags & 7) !== 0) {
    if (at + 4 > walk.end) return 0
    at += 4
    while ((flags & 4) !== 0 && bytes[at - 1] !== 0) {
      if (at >= walk.end || bytes[at] === 0) return 0
      at += bytes[at]! << 2
      if (at > walk.end) return 0
    }
  }
  if (at >= walk.end || pduEnd > walk.wireEnd || pduEnd <= at) return 0
  const version = bytes[at]! >>> 4
  if (version !== 4 && version !== 6) return 0
  walk.tunnels |= TUNNEL_GTP_U
  walk.limit(pduEnd)
  walk.at = at
  return version === 4 ? IPV4 : IPV6
}

/*
 * TZSP
 *   0  version (1): 1
 *   1  type (1): 0 received, 1 to be sent; others are of the two ends themselves
 *   2  protocol (2): 1 Ethernet
 *   4  tags: type (1): 0 is padding, 1 is the last one; else length (1) and value
 */
function tzsp(walk: Walk): number {
  const bytes = walk.bytes
  let at = walk.at
  if (at + 5 > walk.end || bytes[at] !== 1 || bytes[at + 1]! > 1 || bytes[at + 2] !== 0 || bytes[at + 3] !== 1) return 0
  at += 4
  for (; bytes[at] !== 1; at += bytes[at] === 0 ? 1 : 2 + bytes[at + 1]!) if (at + 2 > walk.end) return 0
  if (at + 1 + 14 > walk.wireEnd) return 0
  walk.tunnels |= TUNNEL_TZSP
  walk.at = at + 1
  return ETHERNET
}

/**
 * Encapsulated remote mirroring of HP switches: 12 bytes that nobody described but its priority and VLAN, then the
 * frame.
 */
function hpErm(walk: Walk): number {
  return isFrameAt(walk, walk.at + 12) ? into(walk, TUNNEL_HP_ERM, 12, ETHERNET) : 0
}

/** RFC 8086: GRE of version 0. */
function greInUdp(walk: Walk): number {
  const at = walk.at
  if (at + 4 > walk.end || (walk.bytes[at]! & 0x4f) !== 0 || (walk.bytes[at + 1]! & 0xff) !== 0) return 0
  return into(walk, TUNNEL_GRE_IN_UDP, 0, GRE)
}

/** RFC 7510: a label stack, whose last entry leads to IP. */
function mplsInUdp(walk: Walk): number {
  const bytes = walk.bytes
  let at = walk.at
  do {
    if (at + 5 > walk.end || at - walk.at >= 64) return 0
    at += 4
  } while ((bytes[at - 2]! & 1) === 0)
  const nibble = bytes[at]! >>> 4
  return nibble === 4 || nibble === 6 || nibble === 0 ? MPLS : 0
}

/** Packet mirroring of Juniper: intercept identifier (4), session (4), then IP. */
function jmirror(walk: Walk): number {
  const at = walk.at + 8
  if (at + 20 > walk.end) return 0
  const nibble = walk.bytes[at]! >>> 4
  return nibble === 4 || nibble === 6 ? into(walk, TUNNEL_JMIRROR, 8, RAW_IP) : 0
}

function into(walk: Walk, tunnel: number, length: number, next: number): number {
  walk.tunnels |= tunnel
  walk.at += length
  return next
}

/** Is there an Ethernet header that leads on to something we read? */
function isFrameAt(walk: Walk, at: number): boolean {
  if (at + 14 > walk.end) return false
  const etherType = (walk.bytes[at + 12]! << 8) | walk.bytes[at + 13]!
  return etherTypeStep(walk, etherType) !== NOT_IP || isWithoutIp(etherType)
}
