/**
 * How far the reading of one packet has come, and the vocabulary of that reading.
 *
 * A packet is a row of headers. Each header has one function that reads it, moves the walk behind it and names the step
 * to take next: another header, or the reason why the packet ends here. `Network` (net.ts) runs the steps; no header
 * function calls another layer, so a tunnel in a tunnel is one more turn of a loop, and the depth has one bound.
 *
 * Hot: one Walk for a whole run. Its bytes are borrowed from the packet, or from the fragment assembler, until the next
 * packet.
 */
import type { Packet } from '../capture/packet.ts'

export class Walk {
  bytes: Uint8Array = NOTHING
  /** offset in `bytes` of the header to read next */
  at = 0
  /** where the captured bytes of the current layer end; padding of the layers around it is already outside */
  end = 0
  /** where they would end had nothing been cut; never before `end` */
  wireEnd = 0
  /** capture time, microseconds */
  time = 0
  /** 4 or 6: the version of the IP header of this packet that was read last; 0: none yet */
  ipVersion = 0

  /** where the Ethernet header begins that was read last; -1: none was */
  etherAt = -1
  /** whose PPP it is: the port of PPTP or L2TP, 0 of PPPoE, which has the addresses of Ethernet; -1: nobody's */
  pppPort = -1

  /**
   * of the fragment whose payload begins at `at`: valid in step FRAGMENT. `fragmentProtocol` is what follows in the
   * datagram
   */
  fragmentId = 0
  fragmentOffset = 0
  fragmentMore = false
  fragmentProtocol = 0

  /** the EtherType read last (steps TAG and NOT_IP), or another number as protocols.ts tells it (step NOT_IP) */
  protocol = 0
  /** LINKTYPE_ value of the header to read next (steps LINK_HEADER, UNSUPPORTED_LINK_TYPE, IEEE_802_11) */
  linkType = 0

  /** facts of the whole run: bits of TUNNEL_, and one flag for each 802.1Q VID */
  tunnels = 0
  readonly vlans = new Uint8Array(4096)

  begin(packet: Packet): void {
    this.bytes = packet.bytes
    this.at = packet.start
    this.end = packet.start + packet.captured
    this.wireEnd = packet.original > packet.captured ? packet.start + packet.original : this.end
    this.time = packet.time
    this.linkType = packet.linkType
    this.protocol = 0
    this.ipVersion = 0
    this.etherAt = -1
    this.pppPort = -1
  }

  /** Ends the walk at what is no IP: the number says what it was (protocols.ts). */
  notIp(protocol: number): number {
    this.protocol = protocol
    return NOT_IP
  }

  /** The layer says how long it is: what stands behind that is padding, what is missing up to it was cut. */
  limit(wireEnd: number): void {
    this.wireEnd = wireEnd
    if (wireEnd < this.end) this.end = wireEnd
  }

  /** Why the next `needed` bytes are not there: the capture was cut, or the packet itself is too short. */
  tooShort(needed: number): number {
    return this.at + needed > this.wireEnd ? MALFORMED : TRUNCATED_HEADERS
  }
}

/* Steps that read a header. */
export const ETHERNET = 1
export const VLAN = 2
export const IPV4 = 3
export const IPV6 = 4
export const EXTENSION_HEADER = 5
export const FRAGMENT_HEADER = 6
export const AUTHENTICATION_HEADER = 7
export const FRAGMENT = 8
export const TCP = 9
export const UDP = 10
export const GRE = 11
export const MPLS = 12
export const PPPOE = 13
export const PPP = 14
export const RAW_IP = 15
export const BSD_LOOPBACK = 16
export const LINUX_SLL = 17
export const LINUX_SLL2 = 18
export const ICMP = 19
/** what stands behind an EtherType of its own and is followed by another one, or by a frame: tags.ts */
export const TAG = 20
/** what capture programs put in front of a frame: link-header.ts */
export const LINK_HEADER = 21
export const LLC = 22

/* Steps that end the walk: the segment is filled ... */
export const TCP_READ = 30
export const UDP_READ = 31

/* ... or the packet is dropped, for exactly one of these reasons. */
export const DROPPED = 32
export const UNSUPPORTED_LINK_TYPE = 32
export const IEEE_802_11 = 33
export const NOT_IP = 34
export const OTHER_TRANSPORT = 35
export const TRUNCATED_HEADERS = 36
export const MALFORMED = 37
export const TOO_DEEP = 38
export const FRAGMENT_WAITING = 39
export const FRAGMENT_REPEATED = 40
export const FRAGMENT_LOST = 41
/**
 * an ICMP error about a packet of TCP or UDP: dropped as every other transport, but the segment tells the ends of that
 * packet
 */
export const UNREACHABLE = 42
/** CHAP or EAP in PPP between two ends: dropped as what carries no IP, but the segment holds it */
export const PPP_LOGON = 43

/** In the order of the bits in wrapping/tunnel-bits.ts. */
export const TUNNEL_NAMES = [
  'GRE',
  'ERSPAN I',
  'ERSPAN II',
  'ERSPAN III',
  'VXLAN',
  'GENEVE',
  'IP-in-IP',
  'IPv6-in-IP',
  'MPLS',
  'PPPoE',
  'VXLAN-GPE',
  'GTP-U',
  'VN-Tag',
  '802.1BR E-Tag',
  'PBB',
  'MACsec',
  'HSR',
  'NSH',
  'FabricPath',
  'TRILL',
  'Cisco MetaData',
  'TZSP',
  'WCCP',
  'HP ERM',
  'GRE-in-UDP',
  'Juniper mirror',
  'L2TP',
  'Arista timestamp',
  '802.1CB R-TAG',
  'DSA',
] as const

const NOTHING = new Uint8Array(0)
