/**
 * Packets for the tests of the readers: every length of padding, an empty one, a cut one, times that step back. Built
 * by hand.
 */
import type { TestPacket } from '../../builders/capture.ts'
import type { ReadPacket } from '../../builders/read.ts'

export const PACKETS: readonly TestPacket[] = [
  { time: 1_700_000_000_000_001, bytes: filled(60, 1) },
  { time: 1_700_000_000_999_999, bytes: filled(61, 2), original: 1514 },
  { time: 1_700_000_001_000_000, bytes: filled(0, 0), original: 60 },
  { time: 1_700_000_000_500_000, bytes: filled(63, 3) },
  { time: 1_700_000_002_000_000, bytes: filled(130, 4), original: 131 },
]

export function filled(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (seed * 37 + i * 11) & 255)
}

/** What a reader gives for `packets`. */
export function expected(packets: readonly TestPacket[], others: Partial<ReadPacket> = {}): ReadPacket[] {
  return packets.map((packet, i) => ({
    time: packet.time,
    captured: packet.bytes.length,
    original: packet.original ?? packet.bytes.length,
    linkType: 1,
    frame: i + 1,
    capture: 0,
    interfaceId: 0,
    hex: Buffer.from(packet.bytes).toString('hex'),
    ...others,
  }))
}
