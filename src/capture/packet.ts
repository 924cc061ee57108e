/**
 * A packet as the capture readers give it, and the contract of those readers.
 *
 * Hot. One `Packet` a reader, refilled by every `next`; its bytes are borrowed until the following `next` or `fill`.
 */
export class Packet {
  bytes: Uint8Array = NOTHING
  /** offset of the first captured byte in `bytes` */
  start = 0
  /** bytes captured, and bytes that were on the wire */
  captured = 0
  original = 0
  /** microseconds since 1970 UTC; nanosecond captures keep a fraction */
  time = 0
  /** LINKTYPE_ value */
  linkType = 0
  /** 1-based number in its capture, as Wireshark counts */
  frame = 0
  /** which capture of the run, 0-based */
  capture = 0
  /** which filling of the reader's buffer the bytes belong to, and where its bytes end */
  block = 0
  blockEnd = 0
  /** pcapng interface, 0 in a classic pcap */
  interfaceId = 0
}

/** What stopped a reader before the end of its file. */
export interface Damage {
  /** offset in the (decompressed) stream where the record or block begins that could not be read */
  readonly offset: number
  /** frames read before it */
  readonly frame: number
  /** one line: what was expected, what was found */
  readonly reason: string
}

/** A reader of one capture. `next` is synchronous; only 'starved' may need an await. */
export interface PacketReader {
  /** the same one for every packet of a capture */
  readonly packet: Packet
  readonly format: 'pcap' | 'pcapng'
  /** 'packet': `packet` is filled; 'starved': `fill()`, then ask again; 'end': nothing more, see `damage` */
  next(): 'packet' | 'starved' | 'end'
  /** null: there was nothing to wait for */
  fill(): Promise<unknown> | null
  readonly damage: Damage | null
  /** bytes of the capture file consumed (compressed bytes of a gzip file): for progress */
  readonly bytesRead: number
  close(): Promise<void>
}

const NOTHING = new Uint8Array(0)
