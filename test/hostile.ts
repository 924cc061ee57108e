/**
 * What every decoder must survive: its samples cut at every byte, and with bytes changed. The property is one sentence:
 * a decoder returns a value or a fault, and never throws.
 */
import { expect } from 'vitest'

/** Calls `run` with every proper prefix of `bytes`. */
export function cutEverywhere(bytes: Uint8Array, run: (cut: Uint8Array) => void): void {
  for (let length = 0; length < bytes.length; length++) {
    const cut = bytes.slice(0, length)
    try {
      run(cut)
    } catch (error) {
      expect.fail(`cut at ${length} of ${bytes.length}: ${String(error)}`)
    }
  }
}

/**
 * Calls `run` with `rounds` copies of `bytes` in which one to four bytes differ; seeded, so that a failure can be
 * repeated.
 */
export function changeBytes(bytes: Uint8Array, rounds: number, run: (changed: Uint8Array) => void, seed = 1): void {
  const random = seededRandom(seed)
  for (let round = 0; round < rounds; round++) {
    const changed = bytes.slice()
    for (let i = 0; i <= random() % 4; i++) changed[random() % Math.max(1, changed.length)] = random() & 255
    try {
      run(changed)
    } catch (error) {
      expect.fail(`round ${round}, seed ${seed}: ${String(error)}`)
    }
  }
}

/** xorshift32: the same numbers on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
}

/** Bytes from hexadecimal text; spaces and line breaks are for the reader. */
export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/\s+/g, ''), 'hex'))
}
