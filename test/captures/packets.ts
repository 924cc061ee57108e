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
