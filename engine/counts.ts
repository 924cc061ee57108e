/**
 * What is counted in CONTROL.
 */
import { CONTROL } from '../src/engine/layout'

/** One more of what the word of CONTROL counts. */
export function add(word: usize): void {
  const at = CONTROL + (word << 2)
  store<u32>(at, load<u32>(at) + 1)
}
