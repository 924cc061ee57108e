/**
 * The reading thread before there is a run: it is started by whoever knows first that there is much to read, and loads
 * its code while everything else is loaded. Small, since it is loaded before that.
 */
import { Worker } from 'node:worker_threads'

/** Threads can be had where the program is built: a worker of this Node version does not read TypeScript. */
export const canThread = import.meta.url.endsWith('.js')

/**
 * Of each thread beside the first one. What it makes either lives long or dies at once: the usual young generation is
 * 18 MB more and no faster. With an old generation that may grow beyond 2 GB (none comes near it) V8 maps its built-in
 * code once more for each thread: 1 MiB.
 */
export const WORKER_LIMITS = { maxYoungGenerationSizeMb: 6, maxOldGenerationSizeMb: 1024 } as const

let early: Worker | null = null

/** Starts the thread before there is anything to read, so that its modules are loaded while ours are. */
export function startEarly(): void {
  if (!canThread || early !== null) return
  early = readingThread()
  // nobody waits for one that nobody uses
  early.unref()
}

/** The one that was started early, or a new one: it waits for its order. */
export function takeReadingThread(): Worker {
  const worker = early ?? readingThread()
  early = null
  worker.ref()
  return worker
}

function readingThread(): Worker {
  return new Worker(new URL('./worker.js', import.meta.url), {
    resourceLimits: WORKER_LIMITS,
  })
}
