/**
 * Hardware addresses that hosts name themselves, in ARP (RFC 826): the sender of a request or an answer, with its
 * protocol address. An Ethernet header would name the router in front of a host; ARP is not routed.
 *
 * Two things make a hardware address prove nothing: an address that two of them claim (spoofing, failover), and one
 * that claims several addresses (a router that answers for others, RFC 1027; virtual hosts). Both are left out.
 *
 * Cold: ARP is rare. Nothing is allocated for what is known already.
 */
import { LIMITS } from '../../memory/limits.ts'
import { addressText } from '../segment.ts'

/** Plain data: it may come from another thread. */
export interface Neighbour {
  readonly ip: string
  /** `00:1b:a9:ab:cd:ef` */
  readonly hardware: string
  /** where it was said first: the capture, by its place among those that are read, and the frame in it */
  readonly capture: number
  readonly frame: number
}

interface Claim {
  /** four octets and six, as numbers */
  readonly address: number
  readonly hardware: number
  readonly capture: number
  readonly frame: number
  isDisputed: boolean
}

export class Neighbours {
  readonly #claims = new Map<number, Claim>()

  /*
   * ARP
   *   0  hardware type (2): 1 Ethernet, 6 IEEE 802
   *   2  protocol type (2): 0x0800
   *   4  length of a hardware address (1): 6, of a protocol address (1): 4
   *   6  operation (2)
   *   8  hardware address of the sender (6)
   *  14  protocol address of the sender (4): 0 in a probe (RFC 5227)
   */
  learn(bytes: Uint8Array, at: number, end: number, capture: number, frame: number): void {
    if (at + 18 > end) return
    const type = u16(bytes, at)
    if ((type !== 1 && type !== 6) || u16(bytes, at + 2) !== 0x0800 || u16(bytes, at + 4) !== 0x0604) return
    const address = u16(bytes, at + 14) * 0x1_0000 + u16(bytes, at + 16)
    if (address === 0) return
    const hardware = (u16(bytes, at + 8) * 0x1_0000 + u16(bytes, at + 10)) * 0x1_0000 + u16(bytes, at + 12)
    const known = this.#claims.get(address)
    if (known !== undefined) {
      if (known.hardware !== hardware) known.isDisputed = true
    } else if (this.#claims.size < LIMITS.neighboursMax)
      this.#claims.set(address, { address, hardware, capture, frame, isDisputed: false })
  }

  /** Those that one address and one hardware address agree about. */
  list(): Neighbour[] {
    const claims = [...this.#claims.values()]
    const owned = new Map<number, number>()
    for (const { hardware } of claims) owned.set(hardware, (owned.get(hardware) ?? 0) + 1)
    return claims
      .filter(({ hardware, isDisputed }) => !isDisputed && owned.get(hardware) === 1)
      .map(({ address, hardware, capture, frame }) => ({
        ip: addressText(0, 0, 0xffff, address),
        hardware: hardware
          .toString(16)
          .padStart(12, '0')
          .replace(/..(?!$)/g, '$&:'),
        capture,
        frame,
      }))
  }
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}
