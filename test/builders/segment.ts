/**
 * Fills `Segment` structs by hand, as the network layers would: conversations for tests of everything above `net`.
 */
import { Segment, TCP_ACK } from '../../src/net/segment.ts'
import { address } from './net.ts'

export interface End {
  readonly ip: string
  readonly port: number
}

export interface SegmentOptions {
  readonly source: End
  readonly destination: End
  /** 6 TCP, 17 UDP */
  readonly protocol?: number
  readonly seq?: number
  readonly ack?: number
  readonly flags?: number
  readonly payload?: Uint8Array
  /** payload bytes that the snap length cut off */
  readonly missing?: number
}

/** The payload stands between other bytes, as it does in a packet. */
export function segment(options: SegmentOptions): Segment {
  const { source, destination, protocol = 6, seq = 0, ack = 0, flags = TCP_ACK, missing = 0 } = options
  const payload = options.payload ?? new Uint8Array(0)
  const made = new Segment()
  ;[made.source0, made.source1, made.source2, made.source3] = words(source.ip)
  ;[made.destination0, made.destination1, made.destination2, made.destination3] = words(destination.ip)
  made.protocol = protocol
  made.sourcePort = source.port
  made.destinationPort = destination.port
  made.seq = seq >>> 0
  made.ack = ack >>> 0
  made.flags = flags
  made.bytes = new Uint8Array(MARGIN + payload.length + MARGIN).fill(0xee)
  made.bytes.set(payload, MARGIN)
  made.payloadStart = MARGIN
  made.payloadLength = payload.length
  made.payloadMissing = missing
  return made
}

const MARGIN = 5

/** An IPv4 address stands as v4-mapped IPv6. */
export function words(ip: string): [number, number, number, number] {
  const bytes = address(ip)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length === 4) return [0, 0, 0xffff, view.getUint32(0)]
  return [view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12)]
}
