/**
 * Marks: what two authentications may have in common (challenge, response, machine id), so that it can be compared and
 * never read.
 *
 * A mark is a keyed one-way hash with a key that is drawn for each run and never leaves it: no response can be guessed
 * from it, and marks of two runs cannot be compared. Marks go into no output.
 */
import { hash, randomFillSync } from 'node:crypto'

/** Each null where there is none. Challenges that tools send to everybody have no mark: they recur without a relay. */
export interface Marks {
  readonly challenge: string | null
  readonly response: string | null
  /** the machine id that stays across boots, MS-NLMP 2.2.2.2: Windows 11 24H2 of August 2025 and later */
  readonly machine: string | null
}

const KEY_BYTES = 32
/** The key, then room for what is marked: responses have some 300 bytes. */
const KEYED = Buffer.alloc(KEY_BYTES + 1024)
randomFillSync(KEYED, 0, KEY_BYTES)

export function mark(bytes: Uint8Array): string {
  const end = KEY_BYTES + bytes.length
  const isLong = end > KEYED.length
  if (!isLong) KEYED.set(bytes, KEY_BYTES)
  const keyed = isLong ? Buffer.concat([KEYED.subarray(0, KEY_BYTES), bytes]) : KEYED.subarray(0, end)
  // the one-shot call: a third of the time of a Hash object
  return hash('sha256', keyed, 'buffer').toString('latin1', 0, MARK_BYTES)
}

/** all bytes equal, or 1122334455667788: no server draws these */
export function isToolChallenge(challenge: Uint8Array): boolean {
  const first = challenge[0]!
  if (challenge.every((byte) => byte === first)) return true
  return challenge.every((byte, at) => byte === 0x11 * (at + 1))
}

/** two of a million marks are equal by chance once in 10^26 runs */
const MARK_BYTES = 16
