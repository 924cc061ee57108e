/**
 * Ethernet and cooked captures, VLAN tags, IPv4 and IPv6 without fragments and extension headers, the tunnels that
 * mirrors and overlays make (GRE, ERSPAN, VXLAN, GENEVE, MPLS, PPPoE, IP in IP), TCP and UDP: what most packets are.
 *
 * It says nothing that src/net/ would not say of the same packet, and decides nothing: whatever else there is (OTHER)
 * is left to that. The fields are those of src/net/segment.ts.
 */
import { CONTROL, TUNNELS_SEEN, VLANS } from '../src/engine/layout'
import {
  TUNNEL_ERSPAN_I,
  TUNNEL_ERSPAN_II,
  TUNNEL_ERSPAN_III,
  TUNNEL_GENEVE,
  TUNNEL_GRE,
  TUNNEL_IP_IN_IP,
  TUNNEL_IPV6_IN_IP,
  TUNNEL_MPLS,
  TUNNEL_PPPOE,
  TUNNEL_VXLAN,
} from '../src/net/wrapping/tunnel-bits'
import { be16, be32 } from './bytes'

export const OTHER: u32 = 0
export const TCP: u32 = 6
export const UDP: u32 = 17

/** four words of each address, as src/net/segment.ts has them; compared and hashed as they are */
export let source0: u32 = 0
export let source1: u32 = 0
export let source2: u32 = 0
export let source3: u32 = 0
export let destination0: u32 = 0
export let destination1: u32 = 0
export let destination2: u32 = 0
export let destination3: u32 = 0
export let sourcePort: u32 = 0
export let destinationPort: u32 = 0
export let seq: u32 = 0
export let ack: u32 = 0
export let flags: u32 = 0
export let payloadStart: usize = 0
/** payload that was captured, and payload that the snap length cut off */
export let payloadLength: u32 = 0
export let payloadMissing: u32 = 0

/** tags one in another that are read here, and tunnels: with all their headers these are not too deep for src/net/ */
const TAGS_MAX = 2
const TUNNELS_MAX: u32 = 2

/** around the header that is being read */
let tunnels: u32 = 0

/** Reads the frame of `captured` bytes at `start`: TCP, UDP or OTHER, of which nothing is known then. */
export function readFrame(link: u32, start: usize, captured: u32): u32 {
  const end = start + captured
  tunnels = 0
  switch (link) {
    case 1:
      return readEthernet(start, end)
    case 113: // LINUX_SLL
      return start + 16 > end ? OTHER : readTyped(be16(start + 14), start + 16, end)
    case 276: // LINUX_SLL2
      return start + 20 > end ? OTHER : readTyped(be16(start), start + 20, end)
    case 12:
    case 14:
    case 101: // RAW
      return readRaw(start, end)
    case 0:
    case 108: // NULL, LOOP
      return readLoopback(start, end)
    default:
      return OTHER
  }
}

function readEthernet(start: usize, end: usize): u32 {
  return start + 14 > end ? OTHER : readTyped(be16(start + 12), start + 14, end)
}

/** What stands behind an EtherType. */
function readTyped(etherType: u32, start: usize, end: usize): u32 {
  let type = etherType
  let at = start
  for (let tags = 0; type === 0x8100 || type === 0x88a8 || type === 0x9100; tags++) {
    if (tags === TAGS_MAX || at + 4 > end) return OTHER
    const vid = be16(at) & 0x0fff
    if (vid !== 0) store<u8>(VLANS + <usize>vid, 1)
    type = be16(at + 2)
    at += 4
  }
  if (type === 0x0800) return readIpv4(at, end)
  if (type === 0x86dd) return readIpv6(at, end)
  if (type === 0x8847) return readMpls(at, end)
  return type === 0x8864 ? readPppoe(at, end) : OTHER
}

function readRaw(at: usize, end: usize): u32 {
  if (at >= end) return OTHER
  const version = load<u8>(at) >>> 4
  if (version === 4) return readIpv4(at, end)
  return version === 6 ? readIpv6(at, end) : OTHER
}

/** The address family, in either order of bytes: IPv4 alone has the same number everywhere. */
function readLoopback(at: usize, end: usize): u32 {
  if (at + 4 > end) return OTHER
  const family = be32(at)
  return family === 2 || family === 0x0200_0000 ? readIpv4(at + 4, end) : OTHER
}

/** A tunnel begins: false where there are more of them than are read here. */
function enters(tunnel: u32): bool {
  if (++tunnels > TUNNELS_MAX) return false
  store<u32>(CONTROL, load<u32>(CONTROL, TUNNELS_SEEN << 2) | tunnel, TUNNELS_SEEN << 2)
  return true
}

function readMpls(start: usize, end: usize): u32 {
  let at = start
  do {
    if (at + 4 > end) return OTHER
    at += 4
  } while ((load<u8>(at - 2) & 1) === 0)
  if (at >= end || !enters(TUNNEL_MPLS)) return OTHER
  const nibble = load<u8>(at) >>> 4
  if (nibble === 4) return readIpv4(at, end)
  if (nibble === 6) return readIpv6(at, end)
  // a pseudo-wire with its control word; what is less plain is for src/net/
  if (nibble !== 0 || at + 18 > end) return OTHER
  const etherType = be16(at + 16)
  return etherType === 0x0800 || etherType === 0x86dd || etherType === 0x8100 ? readEthernet(at + 4, end) : OTHER
}

function readPppoe(at: usize, end: usize): u32 {
  if (at + 8 > end || be16(at) !== 0x1100) return OTHER
  const length = be16(at + 4)
  const protocol = be16(at + 6)
  if (length < 2 || (protocol !== 0x0021 && protocol !== 0x0057) || !enters(TUNNEL_PPPOE)) return OTHER
  const said = at + 6 + length
  const layerEnd = said < end ? said : end
  return protocol === 0x0021 ? readIpv4(at + 8, layerEnd) : readIpv6(at + 8, layerEnd)
}

function readIpv4(at: usize, end: usize): u32 {
  if (at + 20 > end) return OTHER
  const first = <u32>load<u8>(at)
  const headerLength = (first & 15) << 2
  const totalLength = be16(at + 2)
  if (first >>> 4 !== 4 || headerLength < 20 || totalLength < headerLength) return OTHER
  if ((be16(at + 6) & 0x3fff) !== 0) return OTHER
  const wireEnd = at + totalLength
  const layerEnd = wireEnd < end ? wireEnd : end
  const upper = at + headerLength
  if (upper > layerEnd) return OTHER
  source0 = 0
  source1 = 0
  source2 = 0xffff
  source3 = be32(at + 12)
  destination0 = 0
  destination1 = 0
  destination2 = 0xffff
  destination3 = be32(at + 16)
  return readUpper(<u32>load<u8>(at, 9), upper, layerEnd, wireEnd)
}

function readIpv6(at: usize, end: usize): u32 {
  if (at + 40 > end || load<u8>(at) >>> 4 !== 6) return OTHER
  const payload = be16(at + 4)
  if (payload === 0) return OTHER
  const upper = at + 40
  const wireEnd = upper + payload
  source0 = be32(at + 8)
  source1 = be32(at + 12)
  source2 = be32(at + 16)
  source3 = be32(at + 20)
  destination0 = be32(at + 24)
  destination1 = be32(at + 28)
  destination2 = be32(at + 32)
  destination3 = be32(at + 36)
  return readUpper(<u32>load<u8>(at, 6), upper, wireEnd < end ? wireEnd : end, wireEnd)
}

function readUpper(protocol: u32, at: usize, end: usize, wireEnd: usize): u32 {
  switch (protocol) {
    case 6:
      return readTcp(at, end, wireEnd)
    case 17:
      return readUdp(at, end)
    case 4:
      return enters(TUNNEL_IP_IN_IP) ? readIpv4(at, end) : OTHER
    case 41:
      return enters(TUNNEL_IPV6_IN_IP) ? readIpv6(at, end) : OTHER
    case 47:
      return readGre(at, end)
    default:
      return OTHER
  }
}

/** GRE of version 0 without routes, and the mirrors in it: see src/net/tunnel.ts. */
function readGre(at: usize, end: usize): u32 {
  if (at + 4 > end) return OTHER
  const shape = be16(at)
  const type = be16(at + 2)
  if ((shape & 0x4007) !== 0) return OTHER
  let inner = at + 4
  if ((shape & 0x8000) !== 0) inner += 4
  if ((shape & 0x2000) !== 0) inner += 4
  if ((shape & 0x1000) !== 0) inner += 4
  if (inner > end) return OTHER
  switch (type) {
    case 0x88be: {
      const isSecond = (shape & 0x1000) !== 0
      const frame = isSecond ? inner + 8 : inner
      if (frame > end || !enters(isSecond ? TUNNEL_ERSPAN_II : TUNNEL_ERSPAN_I)) return OTHER
      return readEthernet(frame, end)
    }
    case 0x22eb: {
      if (inner + 12 > end) return OTHER
      const frame = inner + ((load<u8>(inner, 11) & 1) === 0 ? 12 : 20)
      const isEthernet = ((load<u8>(inner, 10) >>> 2) & 31) === 0
      return isEthernet && frame <= end && enters(TUNNEL_ERSPAN_III) ? readEthernet(frame, end) : OTHER
    }
    case 0x6558:
      return enters(TUNNEL_GRE) ? readEthernet(inner, end) : OTHER
    case 0x0800:
      return enters(TUNNEL_GRE) ? readIpv4(inner, end) : OTHER
    case 0x86dd:
      return enters(TUNNEL_GRE) ? readIpv6(inner, end) : OTHER
    default:
      return OTHER
  }
}

function readTcp(at: usize, end: usize, wireEnd: usize): u32 {
  if (at + 20 > end) return OTHER
  const headerLength = (<u32>(load<u8>(at, 12) >>> 4)) << 2
  const payload = at + headerLength
  if (headerLength < 20 || payload > wireEnd) return OTHER
  sourcePort = be16(at)
  destinationPort = be16(at + 2)
  seq = be32(at + 4)
  ack = be32(at + 8)
  flags = <u32>load<u8>(at, 13)
  fillPayload(payload, end, wireEnd)
  return TCP
}

function readUdp(at: usize, end: usize): u32 {
  if (at + 8 > end) return OTHER
  const length = be16(at + 4)
  if (length < 8) return OTHER
  destinationPort = be16(at + 2)
  sourcePort = be16(at)
  const said = at + length
  const layerEnd = said < end ? said : end
  if (sourcePort === L2TP_PORT || destinationPort === L2TP_PORT) return OTHER
  if (mayBeTunnel(destinationPort)) return readTunnel(at + 8, layerEnd, said)
  fillPayload(at + 8, layerEnd, said)
  return UDP
}

const L2TP_PORT: u32 = 1701

/** VXLAN and GENEVE, as src/net/tunnel.ts knows them; what merely has their port is left to that. */
function readTunnel(at: usize, end: usize, wireEnd: usize): u32 {
  if (at + 8 > end) return OTHER
  if (destinationPort === 4789 || destinationPort === 8472) {
    const isVxlan = at + 22 <= wireEnd && (load<u8>(at) & 0x7f) === 8 && load<u8>(at, 7) === 0
    return isVxlan && enters(TUNNEL_VXLAN) ? readEthernet(at + 8, end) : OTHER
  }
  if (destinationPort !== 6081) return OTHER
  const shape = be16(at)
  if ((shape & 0xc03f) !== 0 || load<u8>(at, 7) !== 0) return OTHER
  const inner = at + 8 + <usize>((shape >>> 6) & 0xfc)
  const type = be16(at + 2)
  if (inner > end || (type !== 0x6558 && type !== 0x0800 && type !== 0x86dd)) return OTHER
  if (!enters(TUNNEL_GENEVE)) return OTHER
  return type === 0x6558 ? readEthernet(inner, end) : readTyped(type, inner, end)
}

/** VXLAN on two ports, VXLAN-GPE, GENEVE, GTP-U, GRE, MPLS and mirrors: src/net/tunnel.ts looks into them. */
function mayBeTunnel(port: u32): bool {
  if (port < 2152) return false
  return (
    port === 4789 ||
    port === 8472 ||
    port === 4790 ||
    port === 6081 ||
    port === 2152 ||
    port === 4754 ||
    port === 6635 ||
    port === 7932 ||
    port === 30030 ||
    port === 37008
  )
}

function fillPayload(start: usize, end: usize, wireEnd: usize): void {
  const from = start < end ? start : end
  payloadStart = from
  payloadLength = <u32>(end - from)
  payloadMissing = <u32>(wireEnd - (start > end ? start : end))
}
