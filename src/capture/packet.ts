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
  /** an NTLMSSP signature begins in it; null: nobody has looked */
  marked: boolean | null = null
}

/** How the records of a capture are written. One object a capture; `version` counts its changes. */
export interface RecordForm {
  readonly format: 'pcap' | 'pcapng'
  version: number
  bigEndian: boolean
  /** pcap: of a record, its units in a microsecond, the longest captured length, the link type of all */
  headerBytes: number
  unitsPerMicrosecond: number
  capturedMax: number
  linkType: number
  /** pcapng: those of the present section, see `Interface` in pcapng.ts */
  readonly interfaces: readonly InterfaceForm[]
}

export interface InterfaceForm {
  readonly linkType: number
  readonly microseconds: number
  readonly rest: number
  readonly perTick: number
  readonly offset: number
}

/** The bytes of a reader that are not used yet, from `pos` to `end`, and the frame before them. */
export interface Records {
  readonly form: RecordForm
  readonly bytes: Uint8Array
  readonly pos: number
  readonly end: number
  readonly capture: number
  readonly frame: number
}

/** Who takes packets that nobody above needs to see, straight from the bytes of a reader (src/engine/). */
export interface FastPath {
  /** memory in which it can read; null: it has no more */
  block(bytes: number): Uint8Array | null
  freeBlock(bytes: Uint8Array): void
  /** are these bytes in its memory? */
  holds(bytes: Uint8Array): boolean
  /** Passes over packets up to `limit` (microseconds; `isClosed`: not at it); where it stopped. Sets what follows. */
  pass(records: Records, limit: number, isClosed: boolean): number
  /**
   * of the last call: packets that passed, their captured bytes, the earliest and the latest time; is the packet where
   * it stopped marked?
   */
  readonly packets: number
  readonly captured: number
  readonly start: number
  readonly end: number
  readonly marked: boolean | null
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
