/** Secrets of TLS connections, and whether one of them stands anywhere in what was written. */
import { readFileSync } from 'node:fs'

/** The secrets of a key log, without the randoms, which are public. */
export function secretsIn(keyLog: string): Buffer[] {
  return readFileSync(keyLog, 'latin1')
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => Buffer.from(line.split(' ').at(-1)!, 'hex'))
}

/** Where one of them stands; null: nowhere. */
export function leak(written: Buffer, secrets: readonly Buffer[]): string | null {
  const text = written.toString('latin1').toLowerCase()
  const sensitive = written.toString('latin1')
  for (const secret of secrets) {
    if (secret.length < 16) continue
    if (written.includes(secret)) return 'bytes'
    if (text.includes(secret.toString('hex'))) return 'hexadecimal'
    // base64 of the middle, whatever stands before it
    for (let shift = 0; shift < 3; shift++)
      if (sensitive.includes(secret.subarray(shift).toString('base64').slice(0, 20))) return 'base64'
  }
  return null
}
