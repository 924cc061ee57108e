/**
 * What a packet holds instead of IP: names, and whether IP may be hidden in it.
 *
 * One number for each: an EtherType as it is (IEEE registry, Linux if_ether.h), other number spaces above 16 bits.
 * `isWithoutIp` is a list of what is known: what stands in no list may wrap packets that nobody read, and is told as
 * such.
 */

export const LLC_OF = 1 << 16
/** protocol id of a vendor behind SNAP: what switches tell each other */
export const SNAP_OF = 2 << 16
/** protocol id of IEEE 802.1 behind SNAP (RFC 2684): whole frames */
export const BRIDGED_OF = 3 << 16
export const PPP_OF = 4 << 16
/** address family of a BSD loopback */
export const FAMILY_OF = 5 << 16
/** first four bits where IP should stand */
export const VERSION_OF = 6 << 16
/** record type of ERF */
export const ERF_OF = 7 << 16
/** NLPID of frame relay */
export const NLPID_OF = 8 << 16
export const GRE_KEEPALIVE = 9 << 16
/** RFC 5586: messages of the path itself */
export const MPLS_CHANNEL = (9 << 16) | 1
/** what was beyond the limit of kinds */
export const FURTHER = (9 << 16) | 2
/** a pseudo-header of NFLOG without a packet */
export const NFLOG_EMPTY = (9 << 16) | 3
/** frames that only a capture device understands */
export const DEVICE_RECORD = (9 << 16) | 4

/** EtherTypes of protocols that carry no IP. */
const WITHOUT_IP: Readonly<Record<number, string>> = {
  1536: 'XNS',
  1989: 'XNS',
  2114: 'Wake-on-LAN',
  2054: 'ARP',
  2056: 'Frame Relay ARP',
  2989: 'VINES',
  2991: 'VINES echo',
  8192: 'CDP',
  8193: 'NHRP',
  8938: 'SRP',
  8944: 'AVTP',
  8948: 'IS-IS over TRILL',
  24576: 'DEC',
  24577: 'DEC MOP dump',
  24578: 'DEC MOP console',
  24579: 'DECnet',
  24580: 'DEC LAT',
  24581: 'DEC diagnostics',
  24582: 'DEC customer use',
  24583: 'DEC LAVC',
  32821: 'RARP',
  32823: 'IPX',
  32923: 'AppleTalk',
  32981: 'SNA',
  33011: 'AARP',
  33079: 'IPX',
  33080: 'IPX',
  33284: 'QNX',
  34824: 'pause',
  34825: 'slow protocols (LACP)',
  34841: 'CobraNet',
  34879: 'Loop detection',
  34906: 'Loop detection',
  34915: 'PPPoE discovery',
  34924: 'Broadcom link layer',
  34939: 'HomePlug',
  34958: 'EAPOL',
  34962: 'PROFINET',
  34969: 'Realtek loop detection',
  34970: 'HyperSCSI',
  34978: 'ATA over Ethernet',
  34980: 'EtherCAT',
  34987: 'POWERLINK',
  35000: 'GOOSE',
  35001: 'GSE management',
  35002: 'Sampled Values',
  35007: 'RoMON',
  35015: 'EAPOL pre-authentication',
  35020: 'LLDP',
  35021: 'SERCOS III',
  35033: 'LLTD',
  35036: 'WSMP',
  35041: 'HomePlug AV',
  35043: 'MRP',
  35054: 'E-LMI',
  35061: 'MVRP',
  35062: 'MMRP',
  35063: 'PTP',
  35064: 'NC-SI',
  35067: 'PRP supervision',
  35074: 'CFM',
  35078: 'FCoE',
  35085: 'fast roaming',
  35090: 'MediaXtream',
  35092: 'FCoE initialization',
  35093: 'RoCE',
  35095: '802.21',
  35101: 'TTEthernet control',
  35113: 'MSRP',
  35130: 'IEEE 1905.1',
  35136: 'ECP',
  35142: 'TRILL RBridge channel',
  35148: 'AM',
  36864: 'loopback test',
  36865: 'Bay Networks loop detection',
  36867: 'VLAN management',
  39422: 'Ruckus',
  6532: 'traffic analyser',
  51966: 'VeriWave',
  65530: 'Sonix Arpeggio',
  // below 0x0600: ETH_P_ of Linux, in a cooked capture
  1: '802.3 without LLC',
  2: 'AX.25',
  9: 'LocalTalk',
  12: 'CAN',
  13: 'CAN FD',
  14: 'CAN XL',
  21: 'MOBITEX',
  23: 'IrDA',
  25: 'Econet',
  245: 'Phonet',
  246: '802.15.4',
  247: 'CAIF',
}

/** EtherTypes that wrap other packets, named so that a person knows what to ask for. */
const WRAPPERS: Readonly<Record<number, string>> = {
  7: 'PPP over a WAN device',
  8: 'multilink PPP',
  249: 'rmnet',
  25944: 'transparent Ethernet bridging',
  34667: 'compressed TCP/IP',
  34887: 'MPLS, neither IP nor Ethernet',
  34888: 'MPLS, neither IP nor Ethernet',
  34916: 'PPPoE',
  34932: 'Broadcom switch tag',
  34951: 'EPON',
  34997: 'local experimental',
  34998: 'local experimental',
  34999: 'vendor extension (OUI)',
  35045: 'MACsec, encrypted',
  35047: 'PBB (802.1ah)',
  35075: 'Cisco FabricPath',
  35081: 'Cisco MetaData',
  35110: 'VN-Tag',
  35119: 'HSR',
  35135: '802.1BR E-Tag',
  35151: 'NSH',
  8947: 'TRILL',
  53899: 'Arista, not a timestamp',
  56026: 'Marvell switch tag',
  61889: '802.1CB R-TAG',
}

/** Protocols of PPP that carry packets in a form that is not read; all others are control. */
const PPP_WRAPPERS: Readonly<Record<number, string>> = {
  45: 'PPP, compressed TCP/IP',
  47: 'PPP, uncompressed TCP/IP of a compressor',
  49: 'PPP, bridged frames',
  61: 'multilink PPP',
  83: 'PPP, encrypted',
  85: 'PPP, encrypted link',
  251: 'PPP, compressed link',
  253: 'PPP, compressed or encrypted (MPPE)',
  97: 'PPP, compressed headers',
  99: 'PPP, compressed headers',
  101: 'PPP, compressed headers',
  103: 'PPP, compressed headers',
}
/** network layers of PPP without IP: OSI, DECnet, AppleTalk, IPX, VINES, NetBIOS, SNA, padding */
const PPP_OTHERS = new Set([
  0x0001, 0x0023, 0x0025, 0x0027, 0x0029, 0x002b, 0x0035, 0x003f, 0x004b, 0x004d, 0x0003, 0x0005,
])

/** AF_UNIX, AF_NS, AF_ISO, AF_APPLETALK, AF_LINK ... of the BSDs */
const OTHER_FAMILIES = new Set([0, 1, 6, 7, 11, 12, 16, 18, 26])

/** Link types of devices that carry no IP. USB is none of them: network adapters hang on it. */
const LINKS_WITHOUT_IP = new Set([
  144, 187, 190, 199, 201, 209, 210, 211, 212, 227, 231, 245, 248, 250, 251, 253, 254, 255, 256, 261, 262, 264, 265,
  271, 272,
])

/** What is in a packet, in words, and whether IP may be in it. */
export interface Protocol {
  /** EtherType or number of its own space, as text: `0x8926` */
  readonly number: string
  readonly name: string
  readonly isWithoutIp: boolean
}

/** Is this EtherType one of a protocol that carries no IP? */
export function isWithoutIp(etherType: number): boolean {
  return WITHOUT_IP[etherType] !== undefined
}

/** Does this link type carry no IP? */
export function isLinkWithoutIp(linkType: number): boolean {
  return LINKS_WITHOUT_IP.has(linkType)
}

/** What stands for `protocol`, the number with which a walk ended at no IP. */
export function protocolOf(protocol: number): Protocol {
  const value = protocol & 0xffff
  const number = `0x${value.toString(16).padStart(4, '0')}`
  const without = (name: string, text = number): Protocol => ({ number: text, name, isWithoutIp: true })
  const unread = (name: string, text = number): Protocol => ({ number: text, name, isWithoutIp: false })
  switch (protocol - value) {
    case 0: {
      const known = WITHOUT_IP[value]
      return known !== undefined ? without(known) : unread(WRAPPERS[value] ?? 'unknown EtherType')
    }
    case LLC_OF:
      return without('LLC')
    case SNAP_OF:
      return without('SNAP of a vendor (CDP, PVST, UDLD ...)')
    case BRIDGED_OF:
      return unread('SNAP, bridged frames (RFC 2684)')
    case PPP_OF:
      if (value >= 0x4000 || PPP_OTHERS.has(value)) return without('PPP control')
      return unread(PPP_WRAPPERS[value] ?? 'unknown PPP protocol')
    case FAMILY_OF:
      return OTHER_FAMILIES.has(value)
        ? without('other address families')
        : unread('unknown address family', String(value))
    case VERSION_OF:
      return without('neither IPv4 nor IPv6')
    case ERF_OF:
      return unread('unknown ERF record type', String(value))
    case NLPID_OF:
      return NLPIDS_WITHOUT_IP.has(value) ? without('frame relay control') : unread('unknown frame relay NLPID')
    default:
      return OTHERS[protocol] ?? unread('unknown')
  }
}

/** LMI, OSI, ES-IS, IS-IS */
const NLPIDS_WITHOUT_IP = new Set([0x08, 0x09, 0x81, 0x82, 0x83])
const OTHERS: Readonly<Record<number, Protocol>> = {
  [GRE_KEEPALIVE]: { number: '0x0000', name: 'GRE keepalive', isWithoutIp: true },
  [MPLS_CHANNEL]: { number: '0x8847', name: 'MPLS associated channel', isWithoutIp: true },
  [FURTHER]: { number: 'further', name: 'further EtherTypes, beyond the limit', isWithoutIp: false },
  [NFLOG_EMPTY]: { number: 'NFLOG', name: 'NFLOG without a packet', isWithoutIp: true },
  [DEVICE_RECORD]: { number: 'record', name: 'records of the capture device', isWithoutIp: true },
}
