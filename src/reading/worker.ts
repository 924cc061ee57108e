/**
 * The program of the reading thread: `Reading` with a sink that hands over to the main thread, or to those that
 * dissect. Started by reading-thread.ts, and by nobody else.
 *
 * Lives as long as one run. Hears its order, then perhaps `stop`; says `chunk` and `progress` while it reads, then
 * `done` or `failed`.
 */
import { parentPort, receiveMessageOnPort } from 'node:worker_threads'
import { CARRIERS } from '../../decoders/registry.ts'
import { CaptureError } from '../capture/open.ts'
import { hasRoom, isShort, memoryKeeper, READING_HEAP_BYTES_MIN } from '../memory/heap.ts'
import { Division } from './division.ts'
import { CHUNK_BYTES, type Filled, HandoverWriter } from './handover.ts'
import type { Progress, ReadingHooks } from './pdu-source.ts'
import { Reading } from './reading.ts'
import { CHUNKS_MAX, type FromReading, type Handed, type ReadingOrder, ROUNDS_MAX, TAKEN } from './thread-protocol.ts'

const PROGRESS_BYTES = 4 << 20
const port = parentPort!
const stop = new AbortController()
const order = await new Promise<ReadingOrder>((ordered) => {
  port.on('message', (word: ReadingOrder | 'stop') => (word === 'stop' ? stop.abort() : ordered(word)))
})
const { inputs, engine, keys, shared, returned, dividedFrom, joinedFrom } = order
const outlets = order.outlets ?? []
// a run that is over does not wait for a word
port.unref()
const taken = new Int32Array(shared)
let sent = 0
let isDivided = false
let isJoined = outlets.length === 0

/** where chunks come back, for each receiver */
const backs = [...outlets, returned]
const roundsMax = isJoined ? CHUNKS_MAX : ROUNDS_MAX

/** A chunk that came back, or a new one; waits while too many are on their way. */
function next(bytes: number, outlet: number): ArrayBuffer {
  for (;;) {
    const done = Atomics.load(taken, TAKEN)
    if (sent - done < roundsMax) break
    Atomics.wait(taken, TAKEN, done)
  }
  const back = receiveMessageOnPort(backs[outlet]!)?.message as ArrayBuffer | undefined
  return bytes <= CHUNK_BYTES && back !== undefined ? back : new ArrayBuffer(bytes)
}

function say(message: FromReading, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer)
}

/** To the main thread, or to those that dissect: each that has begun hears of every round, be it that it is empty. */
function send(round: readonly (Filled | null)[]): void {
  const here = round[outlets.length]
  if (here !== undefined && here !== null) {
    if (!isJoined) join()
    sent++
    say({ kind: 'chunk', ...here }, [here.chunk])
    return
  }
  sent++
  if (round.length > 1 && !isDivided) {
    isDivided = true
    say({ kind: 'divided' })
  }
  for (const [outlet, filled] of round.entries()) {
    const transfer = filled === null ? [] : [filled.chunk]
    outlets[outlet]!.postMessage({ filled, parts: round.length } satisfies Handed, transfer)
  }
}

/** What they all have been told is all that they are told. */
function join(): void {
  isJoined = true
  say({ kind: 'joined', rounds: sent })
  for (const outlet of outlets) outlet.postMessage(null satisfies Handed)
}

const division = new Division(outlets.length, dividedFrom, hasRoom, joinedFrom ?? undefined)
const writer = new HandoverWriter(
  CARRIERS,
  {
    get time() {
      return reading.time
    },
    get frame() {
      return reading.frame
    },
  },
  next,
  send,
  division,
)
const reading = new Reading(CARRIERS, writer, engine, keys)
const keepMemory = memoryKeeper(READING_HEAP_BYTES_MIN)
let told = 0
const hooks: ReadingHooks = {
  signal: stop.signal,
  // half a chunk is worth a message only where nobody knows when the rest comes
  onWait: () => writer.flush(),
  onProgress(progress: Progress) {
    keepMemory()
    if (!isJoined && joinedFrom === null && isShort()) division.shorten()
    if (progress.bytes - told < PROGRESS_BYTES) return
    told = progress.bytes
    say({ kind: 'progress', progress })
  },
}

try {
  const facts = await reading.read(inputs, hooks)
  writer.flush()
  say({ kind: 'done', facts, rounds: sent })
} catch (error) {
  if (!(error instanceof CaptureError)) throw error
  say({ kind: 'failed', message: error.message })
}
