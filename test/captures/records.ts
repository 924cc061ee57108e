/**
 * Rewrites capture files for tests: which packets, and in which file. Classic little-endian pcap only, which is what
 * tcpdump writes.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const HEADER_BYTES = 24
const RECORD_HEADER_BYTES = 16
const LITTLE_ENDIAN_MICROSECONDS = 0xa1b2c3d4

export interface PcapFile {
  readonly header: Uint8Array
  /** record headers with their packets, as they stand in the file */
  readonly records: readonly Uint8Array[]
}

/** Other forms of capture cannot be rewritten here. */
export function isPlainPcap(path: string): boolean {
  return readFileSync(path).subarray(0, 4).readUInt32LE(0) === LITTLE_ENDIAN_MICROSECONDS
}

export function readPcap(path: string): PcapFile {
  const bytes = readFileSync(path)
  if (bytes.readUInt32LE(0) !== LITTLE_ENDIAN_MICROSECONDS) throw new Error(`${path}: not little-endian pcap`)
  const records: Uint8Array[] = []
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    const end = at + RECORD_HEADER_BYTES + bytes.readUInt32LE(at + 8)
    records.push(bytes.subarray(at, end))
    at = end
  }
  return { header: bytes.subarray(0, HEADER_BYTES), records }
}

export function writePcap(path: string, { header }: PcapFile, records: readonly Uint8Array[]): string {
  writeFileSync(path, Buffer.concat([header, ...records]))
  return path
}

/** The packet of a record, without the time at which it was seen. */
export function packetOf(record: Uint8Array): Uint8Array {
  return record.subarray(RECORD_HEADER_BYTES)
}
