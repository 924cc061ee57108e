/**
 * Keeps the garbage of a long run small: V8 lets a heap grow to several times what is alive in it where the machine has
 * memory to spare, and what is alive here is bounded by limits.ts.
 *
 * Used by the program, not by the library: a collection stops everything in its thread. Measured on a domain
 * controller's traffic of 1.1 GB with two threads: peak resident set 285 MiB where V8 was left alone, 251 with these
 * bounds, 193 since what lives is smaller and lies closer together. A capture with fewer authentications never comes
 * near these bounds. A fixed limit (--max-old-space-size) ends the program where it is too low.
 */
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Below this nothing is collected that V8 does not collect itself. */
const HEAP_BYTES_MIN = 75e6
/**
 * The reading thread has connections and tables alone, one that dissects open conversations: 20 MB where the limit of
 * followed ones is reached. With 14 MB here dissecting costs a quarter more, for collections that find nothing.
 */
export const READING_HEAP_BYTES_MIN = 26e6
/**
 * A heap may grow to this many times what the last collection left, but by no more than so many bytes: with 8 MB a
 * fifth more time.
 */
const GROWTH = 1.25
const GROWTH_BYTES_MAX = 12e6
/**
 * All threads together are to stay within 256 MiB. Where the process holds more than this, those that hold little
 * collect what is dead sooner: each of four holds a share, and a collection of little costs little. Not before: from
 * 220 MiB on, 120,000 authentications took 1.8 times the processor time, for the same peak with two threads.
 */
const TIGHT_BYTES = 242 * 2 ** 20
const TIGHT_GROWTH = 0.1
const TIGHT_GROWTH_BYTES_MIN = 5e6
/** holes between what lives, of which more are closed by a second collection */
const HOLES_BYTES_MAX = 10e6
/** nothing is known of what is alive before the first collection: so much of the least */
const TIGHT_FIRST = 0.6
const TIGHT_OUTSIDE_BYTES = 6e6
/** Buffers stand outside the heap, and what a pipe delivers is garbage there: they come and go by the block. */
const OUTSIDE_GROWTH_BYTES = 24e6

/**
 * The young generation grows no further than to twice this, and shrinks when V8 finds that little of it survives. Its
 * usual end is 32 MiB, which costs a tenth of the time of that traffic: more of what will die later is copied twice.
 * With 16 MiB here 2 % less time, and 10 MiB more. V8 takes its largest size from the command line alone, but asks for
 * the factor of its growth each time; whenever a thread begins it sets the factor to 2 for all of them, so that the
 * young generation of a half that folds had 32 MiB as soon as the fourth thread had begun (`holdYoung`).
 */
const YOUNG_BYTES = 4 << 20
const NO_GROWTH = '--semi-space-growth-factor=1'

/**
 * While this is set V8 moves together what lives on pages of which a fifth is free, not two thirds: what
 * authentications leave behind lies between what lives on, and 40 of 180 MB of pages were holes that nothing fitted in
 * (a million authentications, peak 363 to 318 MB).
 */
const COMPACT = '--optimize-for-size'
const NO_COMPACT = '--no-optimize-for-size'

/**
 * Each function that V8 optimises takes in less code of those that it calls: a third of a run is its optimising
 * compiler, in threads that the two halves need too. Processor time of whole runs, in turn, as a ratio to the usual
 * 920: span-port mix of 300 MB 0.87, domain-controller mix of 300 MB 0.94, conversations that began before 0.90 to
 * 0.97.
 */
const INLINED = '--max-inlined-bytecode-size-cumulative=250'

export function compileLess(): void {
  setFlagsFromString(INLINED)
  setFlagsFromString(OPTIMISED)
}

/**
 * Where all was read, and little is made of the report, what is left runs once: functions that V8 optimises now are
 * ready when it is over. Processor time of whole runs as text, in turn: span-port mix of 300 MB 0.90, domain-controller
 * mix of 300 MB 0.95. Long lists, and what reads again, say `compileLess` first.
 */
export function compileNoMore(): void {
  setFlagsFromString(NOT_OPTIMISED)
}

const OPTIMISED = '--opt'
const NOT_OPTIMISED = '--no-opt'

/** A further thread takes some 30 MiB. */
const ROOM_BYTES = 190 * 2 ** 20
/** Those that dissect take so much that all of them together would be beyond what a process is to have. */
const SHORT_BYTES = 224 * 2 ** 20

/** Is there room for one more thread that dissects? */
export function hasRoom(): boolean {
  return process.memoryUsage.rss() < ROOM_BYTES
}

/** Does this process hold so much that a thread which dissects is too many? */
export function isShort(): boolean {
  return process.memoryUsage.rss() > SHORT_BYTES
}

let isYoungHeld = false

/** To be called when another thread has begun. */
export function holdYoung(): void {
  if (isYoungHeld) setFlagsFromString(NO_GROWTH)
}

/**
 * A function to call between reads: it collects when the heap of this thread has grown far beyond what was alive.
 * `resident`: what the process holds, all of its threads together.
 */
export function memoryKeeper(
  bytesMin: number = HEAP_BYTES_MIN,
  resident: () => number = process.memoryUsage.rss,
): () => void {
  let collect: (() => void) | null = null
  let heapMax = bytesMin
  let tightMax = bytesMin * TIGHT_FIRST
  let tightOutsideMax = 0
  /** the memory of an engine stands outside too, and stays: what is there first is no garbage */
  let outsideMax = 0
  return () => {
    if (!isYoungHeld && youngBytes() >= YOUNG_BYTES) {
      setFlagsFromString(NO_GROWTH)
      isYoungHeld = true
    }
    const used = getHeapStatistics()
    if (outsideMax === 0) {
      outsideMax = used.external_memory + OUTSIDE_GROWTH_BYTES
      tightOutsideMax = used.external_memory + TIGHT_OUTSIDE_BYTES
    }
    const mayBeTight = used.used_heap_size >= tightMax || used.external_memory >= tightOutsideMax
    const isTight = mayBeTight && resident() > TIGHT_BYTES
    if (!isTight && used.used_heap_size < heapMax && used.external_memory < outsideMax) return
    collect ??= collector()
    setFlagsFromString(COMPACT)
    collect()
    // which pages have holes is known when they were swept: the second one moves what lies between them (10 of 280 MiB)
    if (isTight && holes() > HOLES_BYTES_MAX) collect()
    setFlagsFromString(NO_COMPACT)
    const left = getHeapStatistics()
    heapMax = Math.max(bytesMin, left.used_heap_size + Math.min(left.used_heap_size * (GROWTH - 1), GROWTH_BYTES_MAX))
    tightMax = left.used_heap_size + Math.max(left.used_heap_size * TIGHT_GROWTH, TIGHT_GROWTH_BYTES_MIN)
    outsideMax = left.external_memory + OUTSIDE_GROWTH_BYTES
    tightOutsideMax = left.external_memory + TIGHT_OUTSIDE_BYTES
  }
}

function holes(): number {
  const { total_heap_size, used_heap_size } = getHeapStatistics()
  return total_heap_size - used_heap_size
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0
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
