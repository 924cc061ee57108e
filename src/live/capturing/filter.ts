/**
 * A capture filter that does not hide the reasons: who asks for `port 445` means what happens there, and the reason
 * stands in what is said to KDCs and name servers. These are added, and all of it again behind a VLAN tag.
 */

/** KDC, DNS, NetBIOS names, CLDAP, mDNS, LLMNR */
const REASONS = 'port 88 or port 53 or udp port 137 or udp port 389 or udp port 5353 or udp port 5355'

export function widened(filter: string): string {
  const all = `(${filter}) or ${REASONS}`
  // `vlan` moves where everything after it looks, so it comes last
  return `${all} or (vlan and ((${filter}) or ${REASONS}))`
}
