/**
 * A run in two threads: another one reads, decapsulates, orders and frames, this one understands. The same PDUs come in
 * the same order as in one thread, so that the report is the same, byte for byte.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { MessageChannel, type Worker } from 'node:worker_threads'
import type { Carrier } from '../../decoders/carrier.ts'
import { CaptureError } from '../capture/open.ts'
import type { Conversation } from '../stream/conversation.ts'
import type { StreamSink } from '../stream/sink.ts'
import { CHUNK_BYTES, HandoverReader } from './handover.ts'
import { type KeyFiles, NO_KEY_FILES } from './opening.ts'
import type { EngineName, PduSource, ReadingFacts, ReadingHooks } from './pdu-source.ts'
import { takeReadingThread } from './reading-thread.ts'
import { type FromReading, type ReadingOrder, TAKEN } from './thread-protocol.ts'

export class ReadingElsewhere implements PduSource {
  readonly #records: HandoverReader
  readonly #engine: EngineName
  readonly #keys: KeyFiles

  constructor(
    carriers: readonly Carrier[],
    sink: StreamSink<Conversation>,
    engine: EngineName = 'wasm',
    keys: KeyFiles = NO_KEY_FILES,
  ) {
    this.#keys = keys
    this.#engine = engine
    this.#records = new HandoverReader(carriers, sink)
  }

  get time(): number {
    return this.#records.time
  }

  get frame(): number {
    return this.#records.frame
  }

  async read(inputs: readonly string[], hooks: ReadingHooks): Promise<ReadingFacts> {
    const shared = new SharedArrayBuffer(8)
    const taken = new Int32Array(shared)
    const { port1: returning, port2: returned } = new MessageChannel()
    const worker = takeReadingThread()
    const order: ReadingOrder = {
      inputs,
      engine: this.#engine,
      keys: this.#keys,
      shared,
      returned,
      outlets: null,
      dividedFrom: 0,
      joinedFrom: null,
    }
    worker.postMessage(order, [returned])
    const stop = () => worker.postMessage('stop')
    if (hooks.signal?.aborted) stop()
    else hooks.signal?.addEventListener('abort', stop, { once: true })
    try {
      for await (const message of heard(worker)) {
        switch (message.kind) {
          case 'divided':
          case 'joined':
            break
          case 'chunk':
            this.#records.chunk(message.chunk, message.used)
            if (message.chunk.byteLength === CHUNK_BYTES) returning.postMessage(message.chunk, [message.chunk])
            await hooks.onPause?.()
            Atomics.add(taken, TAKEN, 1)
            Atomics.notify(taken, TAKEN)
            // the port gives a thousand messages in one turn of the event loop: so long nobody could interrupt
            await turn()
            break
          case 'progress':
            hooks.onProgress?.(message.progress)
            break
          case 'failed':
            throw new CaptureError(message.message)
          case 'done':
            return message.facts
        }
      }
      throw new Error('the reading thread ended without a word')
    } finally {
      hooks.signal?.removeEventListener('abort', stop)
      returning.close()
      await worker.terminate()
    }
  }
}

/** What a worker says, until it ends. Rejects with what it could not catch. */
async function* heard(worker: Worker): AsyncGenerator<FromReading> {
  const waiting: FromReading[] = []
  let wake = () => {}
  let failure: Error | null = null
  let ended = false
  worker.on('message', (message: FromReading) => {
    waiting.push(message)
    wake()
  })
  worker.on('error', (error) => {
    failure = error instanceof Error ? error : new Error(String(error))
    wake()
  })
  worker.on('exit', () => {
    ended = true
    wake()
  })
  for (;;) {
    while (waiting.length > 0) yield waiting.shift()!
    if (failure !== null) throw failure
    if (ended) return
    await new Promise<void>((woken) => (wake = woken))
  }
}
