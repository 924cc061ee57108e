/**
 * Ethernet, VLAN tags, IPv4 and IPv6 without fragments and extension headers, TCP and UDP outside of tunnels: what most
 * packets are.
 *
 * It says nothing that src/net/ would not say of the same packet, and decides nothing: whatever else there is (OTHER)
 * is left to that. The fields are those of src/net/segment.ts.
 */
import { FORM_LINK_ETHERNET, VLANS } from '../src/engine/layout'
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

/** tags one in another that are read here */
const TAGS_MAX = 2

/** Reads the frame of `captured` bytes at `start`: TCP, UDP or OTHER, of which nothing is known then. */
export function readFrame(link: u32, start: usize, captured: u32): u32 {
  const end = start + captured
  if (link !== FORM_LINK_ETHERNET || start + 14 > end) return OTHER
  let type = be16(start + 12)
  let at = start + 14
  for (let tags = 0; type === 0x8100 || type === 0x88a8 || type === 0x9100; tags++) {
    if (tags === TAGS_MAX || at + 4 > end) return OTHER
    const vid = be16(at) & 0x0fff
    if (vid !== 0) store<u8>(VLANS + <usize>vid, 1)
    type = be16(at + 2)
    at += 4
  }
  if (type === 0x0800) return readIpv4(at, end)
  return type === 0x86dd ? readIpv6(at, end) : OTHER
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
  return readTransport(<u32>load<u8>(at, 9), upper, layerEnd, wireEnd)
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
  return readTransport(<u32>load<u8>(at, 6), upper, wireEnd < end ? wireEnd : end, wireEnd)
}

function readTransport(protocol: u32, at: usize, end: usize, wireEnd: usize): u32 {
  if (protocol === TCP) return readTcp(at, end, wireEnd)
  return protocol === UDP ? readUdp(at, end) : OTHER
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
  if (sourcePort === L2TP_PORT || destinationPort === L2TP_PORT || mayBeTunnel(destinationPort)) return OTHER
  const said = at + length
  fillPayload(at + 8, said < end ? said : end, said)
  return UDP
}

const L2TP_PORT: u32 = 1701

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
