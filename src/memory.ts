/**
 * Keeps the garbage of a long run small: V8 lets a heap grow to several times what is alive in it where the machine has memory to spare, and what
 * is alive here is bounded by limits.ts.
 *
 * Used by the program, not by the library: a collection stops everything in its thread. Measured on a domain controller's traffic of 1.1 GB with two
 * threads (75 MB alive at the end): peak resident set 302 MB with bounds of 110 MB and 1.5, 260 MB with these, at a fifth more processor time; a capture
 * with fewer authentications never comes near them. A fixed limit (--max-old-space-size) ends the program where it is too low.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Below this nothing is collected that V8 does not collect itself. */
const HEAP_BYTES_MIN = 75e6
/** The reading thread has connections and tables alone: 20 MB where the limit of followed conversations is reached. */
export const READING_HEAP_BYTES_MIN = 26e6
/** A heap may grow to this many times what the last collection left. */
const GROWTH = 1.3

/** A function to call between reads: it collects when the heap of this thread has grown far beyond what was alive. */
export function memoryKeeper(bytesMin: number = HEAP_BYTES_MIN): () => void {
  let collect: (() => void) | null = null
  let bound = bytesMin
  return () => {
    if (usedBytes() < bound) return
    collect ??= collector()
    collect()
    bound = Math.max(bytesMin, usedBytes() * GROWTH)
  }
}

/** The heap and the buffers outside it: what a pipe delivers is garbage there. */
function usedBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics()
  return used_heap_size + external_memory
}

/** V8's own collector, which a flag makes visible; nothing where it is not. */
function collector(): () => void {
  try {
    setFlagsFromString('--expose-gc')
    const found: unknown = runInNewContext('gc')
    if (typeof found === 'function') return found as () => void
  } catch {
    // another engine: it keeps its own house
  }
  return () => {}
}
