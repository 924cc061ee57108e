/**
 * What the network layers leave of a packet: endpoints, transport header fields, payload. One struct, refilled for
 * every packet; its bytes are borrowed from the packet (or from the fragment assembler) until the next packet.
 *
 * Addresses are four 32-bit words (network order, as numbers). IPv4 stands as the v4-mapped IPv6 address (0, 0, 0xffff,
 * a.b.c.d), so that everything above compares one form.
 */

export class Segment {
  source0 = 0
  source1 = 0
  source2 = 0
  source3 = 0
  destination0 = 0
  destination1 = 0
  destination2 = 0
  destination3 = 0
  /** 6 TCP, 17 UDP */
  protocol = 0
  sourcePort = 0
  destinationPort = 0
  /** TCP only */
  seq = 0
  ack = 0
  flags = 0
  /** payload that was captured */
  bytes: Uint8Array = NOTHING
  payloadStart = 0
  payloadLength = 0
  /** payload bytes that the headers promise and the snap length cut off */
  payloadMissing = 0
  /** an NTLMSSP signature begins in the packet */
  hasSignature = false

  /** Takes the addresses of the IPv4 header at `at`, of which 20 bytes are there. */
  endsOfIpv4(bytes: Uint8Array, at: number): void {
    this.source0 = 0
    this.source1 = 0
    this.source2 = 0xffff
    this.source3 = word(bytes, at + 12)
    this.destination0 = 0
    this.destination1 = 0
    this.destination2 = 0xffff
    this.destination3 = word(bytes, at + 16)
  }

  /** Takes the addresses of the IPv6 header at `at`, of which 40 bytes are there. */
  endsOfIpv6(bytes: Uint8Array, at: number): void {
    this.source0 = word(bytes, at + 8)
    this.source1 = word(bytes, at + 12)
    this.source2 = word(bytes, at + 16)
    this.source3 = word(bytes, at + 20)
    this.destination0 = word(bytes, at + 24)
    this.destination1 = word(bytes, at + 28)
    this.destination2 = word(bytes, at + 32)
    this.destination3 = word(bytes, at + 36)
  }

  /**
   * Takes the link-local addresses that the Ethernet header at `at` makes of its own: fe80::/64 and the modified EUI-64
   * (RFC 4291 2.5.6, appendix A).
   */
  endsOfEthernet(bytes: Uint8Array, at: number): void {
    this.destination0 = LINK_LOCAL
    this.destination1 = 0
    this.destination2 = (((word(bytes, at) & 0xffffff00) ^ LOCAL_BIT) | 0xff) >>> 0
    this.destination3 = ((word(bytes, at + 2) & 0x00ffffff) | 0xfe000000) >>> 0
    this.source0 = LINK_LOCAL
    this.source1 = 0
    this.source2 = (((word(bytes, at + 6) & 0xffffff00) ^ LOCAL_BIT) | 0xff) >>> 0
    this.source3 = ((word(bytes, at + 8) & 0x00ffffff) | 0xfe000000) >>> 0
  }
}

const LINK_LOCAL = 0xfe800000
/** u, the bit of an address that says whether it is the manufacturer's */
const LOCAL_BIT = 0x02000000

/** Four bytes in network order, as a number. */
export function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

export const TCP_FIN = 0x01
export const TCP_SYN = 0x02
export const TCP_RST = 0x04
export const TCP_ACK = 0x10

/** Canonical text (RFC 5952, dotted for IPv4) of an address in four words. Cold. */
export function addressText(word0: number, word1: number, word2: number, word3: number): string {
  if (word0 === 0 && word1 === 0 && word2 === 0xffff) {
    return `${word3 >>> 24}.${(word3 >>> 16) & 255}.${(word3 >>> 8) & 255}.${word3 & 255}`
  }
  const groups: number[] = []
  for (const word of [word0, word1, word2, word3]) groups.push(word >>> 16, word & 0xffff)
  let bestAt = -1
  let bestLength = 1
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (at + length < 8 && groups[at + length] === 0) length++
    if (length > bestLength) {
      bestAt = at
      bestLength = length
    }
  }
  const text = (part: number[]) => part.map((group) => group.toString(16)).join(':')
  if (bestAt < 0) return text(groups)
  return `${text(groups.slice(0, bestAt))}::${text(groups.slice(bestAt + bestLength))}`
}

const NOTHING = new Uint8Array(0)

/** `after - before` on the circle of 2^32: negative when `after` lies behind. */
export function seqDistance(before: number, after: number): number {
  return (after - before) | 0
}
