/** Captures that tests rewrite: their records, and a folder for them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

export { isPlainPcap, type PcapFile, packetOf, readPcap, writePcap } from './records.ts'

/** A folder for one test file, removed when its tests are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-test-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A pcap with one more packet: of a protocol that is not read, in which there may be IP. */
export function withForeign(capture: Buffer): Buffer {
  const record = Buffer.alloc(16 + 60)
  // the time of the first one
  capture.copy(record, 0, 24, 32)
  record.writeUInt32LE(60, 8)
  record.writeUInt32LE(60, 12)
  record.writeUInt16BE(0x88be, 16 + 12)
  return Buffer.concat([capture, record])
}
