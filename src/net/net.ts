/**
 * The network layers: from a Packet to a Segment, through links, VLAN tags, tunnels, IP and its fragments, to TCP or
 * UDP.
 *
 * Checksums are not verified, 802.11 and IPsec are not opened, of ICMP only errors are looked at. What is dropped is
 * counted under exactly one reason, so that packets = tcp + udp + the sum of `drops` at any time.
 *
 * Hot: `decode` allocates nothing. The segment's bytes are borrowed until the next packet; when `decode` returns 0, the
 * segment means nothing.
 */
import type { Packet } from '../capture/packet.ts'
import { LIMITS } from '../memory/limits.ts'
import { type Neighbour, Neighbours } from './arp/neighbours.ts'
import { Fragments } from './fragments.ts'
import { authenticationHeader, extensionHeader, fragmentHeader, ipv4, ipv6 } from './ip.ts'
import {
  bsdLoopback,
  ethernet,
  linkStep,
  linuxSll,
  linuxSll2,
  logicalLinkControl,
  mpls,
  ppp,
  pppoe,
  rawIp,
  vlan,
} from './link.ts'
import { linkHeader } from './link-header.ts'
import { readPlainTcp } from './plain.ts'
import { FURTHER } from './protocols.ts'
import type { Segment } from './segment.ts'
import { tag } from './tags.ts'
import { icmp, pppLogon, tcp, udp } from './transport.ts'
import { gre } from './tunnel.ts'
import {
  AUTHENTICATION_HEADER,
  BSD_LOOPBACK,
  DROPPED,
  ETHERNET,
  EXTENSION_HEADER,
  FRAGMENT,
  FRAGMENT_HEADER,
  FRAGMENT_LOST,
  FRAGMENT_REPEATED,
  FRAGMENT_WAITING,
  GRE,
  ICMP,
  IEEE_802_11,
  IPV4,
  IPV6,
  LINK_HEADER,
  LINUX_SLL,
  LINUX_SLL2,
  LLC,
  MALFORMED,
  MPLS,
  NOT_IP,
  OTHER_TRANSPORT,
  PPP,
  PPP_LOGON,
  PPPOE,
  RAW_IP,
  TAG,
  TCP,
  TCP_READ,
  TOO_DEEP,
  TRUNCATED_HEADERS,
  TUNNEL_NAMES,
  UDP,
  UNREACHABLE,
  UNSUPPORTED_LINK_TYPE,
  VLAN,
  Walk,
} from './walk.ts'

/** Why a packet gave no segment. */
export interface Drops {
  /** LINKTYPE_ values that we do not read, and 802.11 in particular */
  readonly unsupportedLinkType: number
  readonly ieee80211: number
  /** ARP, STP, LLDP, and what wraps packets in a way that is not read: `protocols` tells them apart */
  readonly notIp: number
  /** ICMP, ESP, SCTP ... */
  readonly otherTransport: number
  /** the snap length ends before the headers do */
  readonly truncatedHeaders: number
  /** lengths or versions that contradict each other */
  readonly malformed: number
  /** more headers than LIMITS.encapsulationDepthMax */
  readonly tooDeep: number
  /**
   * a fragment that is still held; the bytes of which went up with a later one; that came twice; that was cut or given
   * up
   */
  readonly fragmentWaiting: number
  readonly fragmentJoined: number
  readonly fragmentRepeated: number
  readonly fragmentLost: number
}

const DEPTH_MAX = LIMITS.encapsulationDepthMax
/** EtherType */
const ARP = 0x0806

export class Network {
  packets = 0
  tcp = 0
  udp = 0
  /** packets captured in part */
  cutPackets = 0

  readonly #walk = new Walk()
  /** by step, 0 to DROPPED + 15 */
  readonly #ends = new Float64Array(DROPPED + 16)
  /** segments that readPlainTcp gave; the others by the version of the innermost IP header */
  #plain = 0
  readonly #versions = new Float64Array(8)
  readonly #protocols = new Map<number, number>()
  readonly #linkTypes = new Map<number, number>()
  readonly #neighbours = new Neighbours()
  /** laid out at the first fragment: most captures have none, and it is 9 MB */
  #fragments: Fragments | null = null

  /**
   * 1: `segment` is filled with TCP; 2: with UDP; 0: dropped, or waiting for fragments; 3: dropped, but `segment` has
   * the ends of the packet that an ICMP error says could not be delivered; 4: dropped, but `segment` has a packet of
   * CHAP or EAP in PPP, from its protocol field on.
   */
  decode(packet: Packet, segment: Segment): number {
    this.packets++
    if (packet.captured < packet.original) this.cutPackets++
    if (readPlainTcp(packet, segment)) {
      this.tcp++
      this.#plain++
      return 1
    }

    const walk = this.#walk
    walk.begin(packet)
    let step = linkStep(packet.linkType)
    for (let depth = 0; step < TCP_READ; depth++) {
      // The transport header is no encapsulation: at the bound it may still be read.
      if (depth >= DEPTH_MAX && step !== TCP && step !== UDP) step = TOO_DEEP
      else step = this.#read(step, walk, segment)
    }

    if (step >= DROPPED) {
      this.#ends[step]!++
      if (step === NOT_IP || step === PPP_LOGON) {
        countOf(this.#protocols, walk.protocol)
        if (walk.protocol === ARP) this.#neighbours.learn(walk.bytes, walk.at, walk.end, packet.capture, packet.frame)
      } else if (step === UNSUPPORTED_LINK_TYPE || step === IEEE_802_11) countOf(this.#linkTypes, walk.linkType)
      if (step === PPP_LOGON) {
        pppLogon(walk, segment)
        return 4
      }
      return step === UNREACHABLE ? 3 : 0
    }
    this.#versions[walk.ipVersion]!++
    if (step === TCP_READ) {
      this.tcp++
      return 1
    }
    this.udp++
    return 2
  }

  get drops(): Drops {
    const ends = this.#ends
    const joined = this.#fragments?.packetsJoined ?? 0
    const lost = this.#fragments?.packetsLost ?? 0
    return {
      unsupportedLinkType: ends[UNSUPPORTED_LINK_TYPE]!,
      ieee80211: ends[IEEE_802_11]!,
      notIp: ends[NOT_IP]! + ends[PPP_LOGON]!,
      otherTransport: ends[OTHER_TRANSPORT]! + ends[UNREACHABLE]!,
      truncatedHeaders: ends[TRUNCATED_HEADERS]!,
      malformed: ends[MALFORMED]!,
      tooDeep: ends[TOO_DEEP]!,
      fragmentWaiting: ends[FRAGMENT_WAITING]! - joined - lost,
      fragmentJoined: joined,
      fragmentRepeated: ends[FRAGMENT_REPEATED]!,
      fragmentLost: ends[FRAGMENT_LOST]! + lost,
    }
  }

  /** Segments by the version of the innermost IP header: ipv4 + ipv6 = tcp + udp. */
  get ipv4(): number {
    return this.#versions[4]! + this.#plain
  }

  get ipv6(): number {
    return this.#versions[6]!
  }

  /** Fragmented datagrams that never became complete, of those that are no longer waited for. */
  get datagramsLost(): number {
    return this.#fragments?.datagramsLost ?? 0
  }

  /** Hardware addresses that hosts name themselves. */
  get neighbours(): Neighbour[] {
    return this.#neighbours.list()
  }

  /** What was dropped as no IP, by the number of its protocol (protocols.ts): packets. Their sum is `drops.notIp`. */
  get protocols(): [number, number][] {
    return [...this.#protocols]
  }

  /** Packets of link types that are not read, 802.11 among them, by LINKTYPE_ value. */
  get linkTypes(): [number, number][] {
    return [...this.#linkTypes]
  }

  /** VLAN ids seen, outer and inner, ascending. */
  get vlans(): number[] {
    const ids: number[] = []
    for (let id = 0; id < 4096; id++) if (this.#walk.vlans[id] === 1) ids.push(id)
    return ids
  }

  /** Names of the tunnels seen. */
  get tunnels(): string[] {
    return TUNNEL_NAMES.filter((_, bit) => (this.#walk.tunnels & (1 << bit)) !== 0)
  }

  /** Somebody else has looked into tunnels: bits of them. */
  sawTunnels(bits: number): void {
    this.#walk.tunnels |= bits
  }

  #read(step: number, walk: Walk, segment: Segment): number {
    switch (step) {
      case ETHERNET:
        return ethernet(walk)
      case IPV4:
        return ipv4(walk, segment)
      case TCP:
        return tcp(walk, segment)
      case UDP:
        return udp(walk, segment)
      case ICMP:
        return icmp(walk, segment)
      case IPV6:
        return ipv6(walk, segment)
      case VLAN:
        return vlan(walk)
      case EXTENSION_HEADER:
        return extensionHeader(walk)
      case FRAGMENT_HEADER:
        return fragmentHeader(walk)
      case AUTHENTICATION_HEADER:
        return authenticationHeader(walk)
      case FRAGMENT:
        this.#fragments ??= new Fragments()
        return this.#fragments.add(walk, segment)
      case GRE:
        return gre(walk)
      case MPLS:
        return mpls(walk)
      case PPPOE:
        return pppoe(walk)
      case PPP:
        return ppp(walk)
      case RAW_IP:
        return rawIp(walk)
      case BSD_LOOPBACK:
        return bsdLoopback(walk)
      case LINUX_SLL:
        return linuxSll(walk)
      case LINUX_SLL2:
        return linuxSll2(walk)
      case TAG:
        return tag(walk)
      case LINK_HEADER:
        return linkHeader(walk)
      default:
        return step === LLC ? logicalLinkControl(walk) : MALFORMED
    }
  }
}

/** Numbers of the wire: so many kinds are told apart, and no more. */
function countOf(counts: Map<number, number>, number: number): void {
  const known = counts.get(number)
  const key = known === undefined && counts.size >= LIMITS.protocolKindsMax ? FURTHER : number
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
