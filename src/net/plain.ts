/**
 * TCP over IPv4 without options over Ethernet, whole: what most packets are, read in one straight line.
 *
 * It says nothing that the walk (walk.ts) would not say, and decides nothing: whatever is not entirely plain is left to
 * the walk. It is here for its speed alone: 22 ns a packet against 39 ns for the same packet through the walk.
 *
 * Hot. The payload is borrowed from the packet.
 */
import type { Packet } from '../capture/packet.ts'
import type { Segment } from './segment.ts'

/**
 * Fills `segment` and returns true when the packet is plain; else the segment is untouched. Offsets: see link.ts,
 * ip.ts, transport.ts.
 */
export function readPlainTcp(packet: Packet, segment: Segment): boolean {
  const bytes = packet.bytes
  const ip = packet.start + 14
  const end = packet.start + packet.captured
  const tcp = ip + 20
  if (packet.linkType !== 1 || tcp + 20 > end) return false
  // EtherType 0x0800; Version 4 and IHL 5; Protocol 6; neither MF nor Fragment Offset
  if (bytes[ip - 2] !== 0x08 || bytes[ip - 1] !== 0 || bytes[ip] !== 0x45 || bytes[ip + 9] !== 6) return false
  if ((bytes[ip + 6]! & 0x3f) !== 0 || bytes[ip + 7] !== 0) return false
  const wireEnd = ip + ((bytes[ip + 2]! << 8) | bytes[ip + 3]!)
  const headerLength = (bytes[tcp + 12]! >>> 4) << 2
  const payloadStart = tcp + headerLength
  if (wireEnd > end || headerLength < 20 || payloadStart > wireEnd) return false

  segment.source0 = 0
  segment.source1 = 0
  segment.source2 = 0xffff
  segment.source3 = ((bytes[ip + 12]! << 24) | (bytes[ip + 13]! << 16) | (bytes[ip + 14]! << 8) | bytes[ip + 15]!) >>> 0
  segment.destination0 = 0
  segment.destination1 = 0
  segment.destination2 = 0xffff
  segment.destination3 =
    ((bytes[ip + 16]! << 24) | (bytes[ip + 17]! << 16) | (bytes[ip + 18]! << 8) | bytes[ip + 19]!) >>> 0
  segment.protocol = 6
  segment.sourcePort = (bytes[tcp]! << 8) | bytes[tcp + 1]!
  segment.destinationPort = (bytes[tcp + 2]! << 8) | bytes[tcp + 3]!
  segment.seq = ((bytes[tcp + 4]! << 24) | (bytes[tcp + 5]! << 16) | (bytes[tcp + 6]! << 8) | bytes[tcp + 7]!) >>> 0
  segment.ack = ((bytes[tcp + 8]! << 24) | (bytes[tcp + 9]! << 16) | (bytes[tcp + 10]! << 8) | bytes[tcp + 11]!) >>> 0
  segment.flags = bytes[tcp + 13]!
  segment.bytes = bytes
  segment.payloadStart = payloadStart
  segment.payloadLength = wireEnd - payloadStart
  segment.payloadMissing = 0
  return true
}
