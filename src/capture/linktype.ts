/**
 * Names of link types, as capinfos and tcpdump show them (the LINKTYPE_ registry of tcpdump.org, without the prefix).
 * Names only: what is inside a frame of a link type is the business of src/net.
 */
const NAMES: Readonly<Record<number, string>> = {
  0: 'NULL',
  1: 'EN10MB',
  3: 'AX25',
  6: 'IEEE802_5',
  7: 'ARCNET_BSD',
  8: 'SLIP',
  9: 'PPP',
  10: 'FDDI',
  12: 'RAW',
  14: 'RAW',
  50: 'PPP_HDLC',
  51: 'PPP_ETHER',
  100: 'ATM_RFC1483',
  101: 'RAW',
  104: 'C_HDLC',
  105: 'IEEE802_11',
  107: 'FRELAY',
  108: 'LOOP',
  113: 'LINUX_SLL',
  114: 'LTALK',
  117: 'PFLOG',
  119: 'IEEE802_11_PRISM',
  122: 'IP_OVER_FC',
  127: 'IEEE802_11_RADIOTAP',
  129: 'ARCNET_LINUX',
  143: 'DOCSIS',
  144: 'LINUX_IRDA',
  163: 'IEEE802_11_AVS',
  166: 'PPP_PPPD',
  187: 'BLUETOOTH_HCI_H4',
  189: 'USB_LINUX',
  192: 'PPI',
  195: 'IEEE802_15_4_WITHFCS',
  201: 'BLUETOOTH_HCI_H4_WITH_PHDR',
  204: 'PPP_WITH_DIR',
  220: 'USB_LINUX_MMAPPED',
  227: 'CAN_SOCKETCAN',
  228: 'IPV4',
  229: 'IPV6',
  230: 'IEEE802_15_4_NOFCS',
  231: 'DBUS',
  239: 'NFLOG',
  240: 'NETANALYZER',
  247: 'INFINIBAND',
  249: 'USBPCAP',
  252: 'WIRESHARK_UPPER_PDU',
  253: 'NETLINK',
  258: 'PKTAP',
  271: 'VSOCK',
  276: 'LINUX_SLL2',
  289: 'ETW',
}

/** `USER3` for private types, `LINKTYPE_n` for those without a name here. */
export function linkTypeName(linkType: number): string {
  if (linkType >= 147 && linkType <= 162) return `USER${linkType - 147}`
  return NAMES[linkType] ?? `LINKTYPE_${linkType}`
}
