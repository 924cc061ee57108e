/**
 * The frames that a slice is made of: chosen from captures by their conversations, and kept as copies.
 *
 * Cold: a packet that nobody wants costs its decapsulation. Fragments that wait for others are kept until the datagram
 * is whole and shows whose it is.
 */
import { MergedReader } from '../capture/merge.ts'
import type { Packet } from '../capture/packet.ts'
import { Network } from '../net/net.ts'
import { addressText, Segment, seqDistance, TCP_ACK, TCP_SYN, word } from '../net/segment.ts'

/** A frame as it was captured; its bytes are owned. */
export interface SourceFrame {
  readonly capture: number
  /** number in its capture, from 1 */
  readonly frame: number
  readonly bytes: Uint8Array
  readonly original: number
  /** microseconds since 1970 */
  readonly time: number
  readonly linkType: number
  readonly interfaceId: number
  /** in the order of reading */
  readonly order: number
}

/** What `Network.decode` said of a packet: 1 TCP, 2 UDP, 3 an ICMP error, 4 a logon in PPP. */
export type PacketKind = 1 | 2 | 3 | 4

/** Who chooses. `keep` hands over the frames of one packet (several where fragments were joined). */
export interface Chooser {
  /** is anything of it wanted? Asked before anything is copied; the segment is borrowed */
  wants(segment: Segment, kind: PacketKind, packet: Packet): boolean
  keep(segment: Segment, kind: PacketKind, frames: readonly SourceFrame[]): void
}

/** Reads all captures once. Rejects with a `CaptureError` where one is no capture. */
export async function choose(inputs: readonly string[], chooser: Chooser): Promise<void> {
  const reader = await MergedReader.open(inputs)
  const network = new Network()
  const segment = new Segment()
  const waiting: SourceFrame[] = []
  let order = 0
  try {
    for (;;) {
      const state = reader.next()
      if (state === 'end') return
      if (state === 'starved') {
        const filling = reader.fill()
        if (filling !== null) await filling
        continue
      }
      const { packet } = reader
      const before = network.drops.fragmentWaiting + network.drops.fragmentRepeated
      const kind = network.decode(packet, segment)
      order++
      if (kind === 0) {
        if (network.drops.fragmentWaiting + network.drops.fragmentRepeated > before) {
          waiting.push(copyOf(packet, order))
          if (waiting.length > WAITING_MAX) waiting.shift()
        }
        continue
      }
      if (!chooser.wants(segment, kind as PacketKind, packet)) continue
      const own = copyOf(packet, order)
      const frames = segment.bytes === packet.bytes ? [own] : [...partsOf(waiting, own, segment), own]
      chooser.keep(segment, kind as PacketKind, frames)
    }
  } finally {
    await reader.close()
  }
}

const WAITING_MAX = 4096

function copyOf(packet: Packet, order: number): SourceFrame {
  const { capture, frame, bytes, start, captured, original, time, linkType, interfaceId } = packet
  return {
    capture,
    frame,
    // of a Buffer `slice` would be a view
    bytes: new Uint8Array(bytes.subarray(start, start + captured)),
    original,
    time,
    linkType,
    interfaceId,
    order,
  }
}

/** The frames that wait with fragments of the same datagram as `last`. */
function partsOf(waiting: readonly SourceFrame[], last: SourceFrame, segment: Segment): SourceFrame[] {
  const own = fragmentIn(last.bytes, segment)
  if (own === null) return []
  return waiting.filter(({ bytes, time }) => {
    const other = fragmentIn(bytes, segment)
    return other !== null && other.id === own.id && Math.abs(time - last.time) <= FRAGMENT_MICROS
  })
}

const FRAGMENT_MICROS = 60e6

/** A fragment in a frame: where its bytes stand there, and in the datagram. */
export interface FragmentPlace {
  readonly id: number
  readonly at: number
  readonly offset: number
  readonly length: number
}

/**
 * The IP header between the ends of `segment` with a fragment behind it: the innermost one, so it is looked for by its
 * addresses. null: there is none.
 */
export function fragmentIn(bytes: Uint8Array, segment: Segment): FragmentPlace | null {
  const isFour = segment.source0 === 0 && segment.source1 === 0 && segment.source2 === 0xffff
  return isFour ? fragmentIn4(bytes, segment) : fragmentIn6(bytes, segment)
}

function fragmentIn4(bytes: Uint8Array, { source3, destination3 }: Segment): FragmentPlace | null {
  for (let at = bytes.length - 20; at >= 0; at--) {
    if (bytes[at]! >>> 4 !== 4 || word(bytes, at + 12) !== source3 || word(bytes, at + 16) !== destination3) continue
    const fragment = ((bytes[at + 6]! << 8) | bytes[at + 7]!) & 0x3fff
    const header = (bytes[at]! & 15) << 2
    if (fragment === 0 || header < 20) continue
    const total = (bytes[at + 2]! << 8) | bytes[at + 3]!
    const end = Math.min(bytes.length, at + (total || bytes.length))
    return {
      id: (bytes[at + 4]! << 8) | bytes[at + 5]!,
      at: at + header,
      offset: (fragment & 0x1fff) << 3,
      length: Math.max(0, end - at - header),
    }
  }
  return null
}

const IPV6_BYTES = 40
const FRAGMENT_HEADER = 44

function fragmentIn6(bytes: Uint8Array, segment: Segment): FragmentPlace | null {
  for (let at = bytes.length - IPV6_BYTES - 8; at >= 0; at--) {
    if (bytes[at]! >>> 4 !== 6 || word(bytes, at + 20) !== segment.source3) continue
    if (word(bytes, at + 8) !== segment.source0 || word(bytes, at + 36) !== segment.destination3) continue
    const end = Math.min(bytes.length, at + IPV6_BYTES + ((bytes[at + 4]! << 8) | bytes[at + 5]!))
    let next = bytes[at + 6]!
    let header = at + IPV6_BYTES
    while ((next === 0 || next === 43 || next === 60) && header + 8 <= end) {
      next = bytes[header]!
      header += (bytes[header + 1]! + 1) << 3
    }
    if (next !== FRAGMENT_HEADER || header + 8 > end) continue
    return {
      id: word(bytes, header + 4),
      at: header + 8,
      offset: ((bytes[header + 2]! << 8) | bytes[header + 3]!) & 0xfff8,
      length: end - header - 8,
    }
  }
  return null
}

// --- whose it is
// ----------------------------------------------------------------------------------------------------

/** Both directions of a conversation have one name. */
export function flowOf(segment: Segment): string {
  const [from, to] = endsOf(segment)
  return from < to ? `${segment.protocol} ${from} ${to}` : `${segment.protocol} ${to} ${from}`
}

/** One direction of it. */
export function directionOf(segment: Segment): string {
  return `${segment.protocol} ${endsOf(segment).join(' ')}`
}

function endsOf(segment: Segment): [from: string, to: string] {
  return [`${sourceOf(segment)} ${segment.sourcePort}`, `${destinationOf(segment)} ${segment.destinationPort}`]
}

export function sourceOf({ source0, source1, source2, source3 }: Segment): string {
  return addressText(source0, source1, source2, source3)
}

export function destinationOf({ destination0, destination1, destination2, destination3 }: Segment): string {
  return addressText(destination0, destination1, destination2, destination3)
}

/** Does a client open a connection here? */
export function opensConnection({ protocol, flags }: Segment): boolean {
  return protocol === 6 && (flags & TCP_SYN) !== 0 && (flags & TCP_ACK) === 0
}

export { seqDistance }
