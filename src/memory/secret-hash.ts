/**
 * A hash for keys that come from the wire: with multipliers of its own in every run, so that nobody who writes packets
 * finds keys that share a bucket.
 */
import { getRandomValues } from 'node:crypto'

/** Two odd numbers for each word of a key. */
export function secretMultipliers(words: number): Int32Array {
  const secrets = getRandomValues(new Int32Array(2 * words))
  for (let i = 0; i < secrets.length; i++) secrets[i] = secrets[i]! | 1
  return secrets
}

/**
 * Multiply and shift: what a word adds to the hash, of which the upper bits are used. Its multipliers stand at `at`.
 */
export function mixed(secrets: Int32Array, word: number, at: number): number {
  return Math.imul(word & 0xffff, secrets[at]!) + Math.imul(word >>> 16, secrets[at + 1]!)
}
