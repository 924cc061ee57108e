/**
 * Packets inside of datagrams that nobody claims: mirrors, overlays and samples in a wrapper that is not read (sFlow,
 * CAPWAP, L2TP, VXLAN on a port of its own ...). They are not opened, but what they hold was not seen, and that must be
 * said.
 *
 * An IP header has to prove itself: in IPv4 by its checksum, in IPv6 by its length and by what follows, so that DNS,
 * RTP or what is encrypted is not taken for one: less than one in 10 million datagrams of noise is. An EtherType before
 * the header stands for a fitting length, because a mirror may cut what it sends, and a sample is one of several.
 *
 * Hot for datagrams that nobody claims: a compare for each of the first bytes. engine/wrapped.ts knows which datagrams
 * need no look.
 */
import { WRAPPED_PADDING, WRAPPED_SPAN } from '../engine/layout.ts'
import { LIMITS } from '../memory/limits.ts'
import type { Segment } from '../net/segment.ts'

/** for `WrappedPackets.ports`: what was beyond the limit of ports */
export const FURTHER_PORTS = -1

/** Counts them by the UDP port that stands for the wrapper. */
export class WrappedPackets {
  readonly #ports = new Map<number, number>()

  /** Looks into a datagram that nobody claims. */
  look(segment: Segment): void {
    if (!holdsPacket(segment)) return
    const { sourcePort, destinationPort } = segment
    // answers of a tunnel go to any port
    const port = WRAPPER_PORTS.has(sourcePort) ? sourcePort : destinationPort
    const known = this.#ports.get(port)
    const key = known === undefined && this.#ports.size >= LIMITS.protocolKindsMax ? FURTHER_PORTS : port
    this.#ports.set(key, (this.#ports.get(key) ?? 0) + 1)
  }

  /** Packets by port. */
  get ports(): [number, number][] {
    return [...this.#ports]
  }
}

/**
 * Wrappers at ports of their own, of those that are not read, or not in every form: the registry of IANA, and manuals
 * of vendors.
 */
export const WRAPPER_PORTS: ReadonlyMap<number, string> = new Map([
  [1701, 'L2TP'],
  [2152, 'GTP-U'],
  [3544, 'Teredo'],
  [4754, 'GRE-in-UDP'],
  [4789, 'VXLAN'],
  [4790, 'VXLAN-GPE'],
  [5247, 'CAPWAP data'],
  [6081, 'GENEVE'],
  [6343, 'sFlow'],
  [6635, 'MPLS-in-UDP'],
  [7932, 'HP ERM'],
  [8472, 'VXLAN'],
  [12_222, 'LWAPP data'],
  [37_008, 'TZSP'],
])

/** Does an IP header that proves itself begin in the first bytes of the payload? */
export function holdsPacket({ bytes, payloadStart, payloadLength, payloadMissing }: Segment): boolean {
  const end = payloadStart + payloadLength
  const wireEnd = end + payloadMissing
  const last = Math.min(payloadStart + WRAPPED_SPAN, end - 20)
  for (let at = payloadStart; at <= last; at++) {
    const version = bytes[at]! >>> 4
    if (version !== 4 && version !== 6) continue
    const etherType = at >= payloadStart + 2 ? (bytes[at - 2]! << 8) | bytes[at - 1]! : 0
    if (version === 4 ? isIpv4(bytes, at, end, wireEnd, etherType) : isIpv6(bytes, at, end, wireEnd, etherType)) {
      return true
    }
  }
  return false
}

/* The layouts of the headers: src/net/ip.ts. */

function isIpv4(bytes: Uint8Array, at: number, end: number, wireEnd: number, etherType: number): boolean {
  const headerLength = (bytes[at]! & 15) << 2
  const totalLength = (bytes[at + 2]! << 8) | bytes[at + 3]!
  if (etherType !== 0x0800) {
    const padding = wireEnd - at - totalLength
    if (headerLength !== 20 || padding < 0 || padding > WRAPPED_PADDING || !UPPER_LAYERS.has(bytes[at + 9]!))
      return false
  }
  if (headerLength < 20 || at + headerLength > end || (totalLength !== 0 && totalLength < headerLength)) return false
  let sum = 0
  for (let i = at; i < at + headerLength; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!
  return (sum & 0xffff) + (sum >>> 16) === 0xffff
}

function isIpv6(bytes: Uint8Array, at: number, end: number, wireEnd: number, etherType: number): boolean {
  if (at + 40 > end) return false
  const payloadLength = (bytes[at + 4]! << 8) | bytes[at + 5]!
  if (etherType !== 0x86dd && at + 40 + payloadLength !== wireEnd) return false
  if (!isUnicast(bytes, at + 8) || !(bytes[at + 24] === 0xff || isUnicast(bytes, at + 24))) return false
  return isUpperLayer(bytes, at + 40, end, bytes[at + 6]!, payloadLength)
}

/** 2000::/3, fc00::/7, fe80::/10, and what begins with 96 or more bits that are given: ::, ::1, 64:ff9b:: */
function isUnicast(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at]!
  if ((first & 0xe0) === 0x20 || (first & 0xfe) === 0xfc) return true
  if (first === 0xfe) return (bytes[at + 1]! & 0xc0) === 0x80
  if (first !== 0) return false
  for (let i = at + 4; i < at + 10; i++) if (bytes[i] !== 0) return false
  return bytes[at + 1] === 0 || bytes[at + 1] === 0x64
}

/** Does what follows an IPv6 header look like what the header says? As far as the bytes go. */
function isUpperLayer(bytes: Uint8Array, at: number, end: number, protocol: number, length: number): boolean {
  switch (protocol) {
    case 6: // TCP: reserved bits, and an urgent pointer without URG
      if (length < 20) return false
      if (at + 20 > end) return true
      if (bytes[at + 12]! < 0x50 || (bytes[at + 12]! & 0x0e) !== 0) return false
      return (bytes[at + 13]! & 0x20) !== 0 || (bytes[at + 18] === 0 && bytes[at + 19] === 0)
    case 17:
      return at + 6 > end || ((bytes[at + 4]! << 8) | bytes[at + 5]!) === length
    case 58: // ICMPv6: errors and messages that are in use, codes
      if (at + 2 > end) return true
      return bytes[at + 1]! < 8 && ((bytes[at]! >= 1 && bytes[at]! <= 4) || (bytes[at]! >= 128 && bytes[at]! <= 161))
    case 0: // options: a next header that is known, and a length that fits
    case 43:
    case 60:
      return at + 2 > end || (UPPER_LAYERS.has(bytes[at]!) && (bytes[at + 1]! + 1) << 3 <= length)
    case 44: // fragments: reserved octet and bits
      return at + 4 > end || (UPPER_LAYERS.has(bytes[at]!) && bytes[at + 1] === 0 && (bytes[at + 3]! & 6) === 0)
    case 4:
      return at + 1 > end || bytes[at] === 0x45
    case 41:
      return at + 1 > end || bytes[at]! >>> 4 === 6
    case 47: // GRE: reserved bits, version
      return at + 2 > end || ((bytes[at]! & 0x4f) === 0 && (bytes[at + 1]! & 0x78) === 0 && (bytes[at + 1]! & 7) < 2)
    default:
      return false
  }
}

/**
 * Protocol and Next Header values of what is in use: ICMP, IGMP, IP, TCP, UDP, IPv6 and its headers, GRE, ESP, AH,
 * EIGRP, OSPF, PIM, VRRP, L2TP, SCTP
 */
const UPPER_LAYERS: ReadonlySet<number> = new Set([
  0, 1, 2, 4, 6, 17, 41, 43, 44, 47, 50, 51, 58, 60, 88, 89, 103, 112, 115, 132,
])
