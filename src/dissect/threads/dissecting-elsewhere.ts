/**
 * A run in three threads and more: one reads, others dissect, each the conversations of its clients, and this one
 * understands. What they tell comes in the order of the packets, so that the report is the same, byte for byte.
 *
 * Where memory is short they give what they know to this thread, and end: it dissects what comes then, as in a run of
 * two threads.
 *
 * A round is what the reading thread sends at one time: a chunk for each of those that dissect, or nothing, and of each
 * one text. So many rounds are on their way, and no more, which bounds the memory.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { Carrier } from '../../../decoders/carrier.ts'
import { CaptureError } from '../../capture/open.ts'
import { holdYoung } from '../../memory/heap.ts'
import { CHUNK_BYTES, type Filled, HandoverReader } from '../../reading/handover.ts'
import type { KeyFiles } from '../../reading/opening.ts'
import type { EngineName, PduSource, ReadingFacts, ReadingHooks } from '../../reading/pdu-source.ts'
import { takeReadingThread, WORKER_LIMITS } from '../../reading/reading-thread.ts'
import { type FromReading, type ReadingOrder, TAKEN } from '../../reading/thread-protocol.ts'
import type { Clock } from '../../stream/sink.ts'
import { type DissectCounters, Dissector, type DissectSink } from '../dissector.ts'
import type { ToldSink } from '../told.ts'
import type { DissectingOrder, FromDissecting, ToldRound } from './dissecting-protocol.ts'
import { HappeningsReader } from './happenings.ts'
import { adopt, type Leaving } from './moving.ts'

/**
 * Conversations that are dissected in one thread before a second one is started: it compiles its own copy of the code,
 * a second of processor time, which is a tenth of a domain controller's 0.3 GB and a thirtieth of its gigabyte.
 */
const DIVIDED_FROM = 40_000

export interface DissectingWords {
  /** threads that dissect: 1 or more */
  readonly threads: number
  readonly engine: EngineName
  readonly keys: KeyFiles
  readonly digests: boolean
  readonly rethrow: boolean
  /** conversations that one dissects before the others begin; null: as many as pay */
  readonly dividedFrom: number | null
  /** conversations until this thread dissects all of them; null: until memory is short */
  readonly joinedFrom: number | null
}

type Said =
  | { readonly from: 'reading'; readonly message: FromReading }
  | { readonly from: 'dissecting'; readonly message: FromDissecting }

export class DissectingElsewhere implements PduSource {
  readonly #words: DissectingWords
  readonly #carriers: readonly Carrier[]
  readonly #happenings: HappeningsReader
  /** what each of those that dissect has told of rounds that are not whole */
  readonly #told: ToldRound[][]
  /** by each of them, as of the latest round */
  #counted: readonly Pick<ToldRound, 'counters' | 'faults'>[] = []
  /** of the others, as many rounds as there were: from then on this thread dissects; null: not yet known */
  #joinedAt: number | null = null
  /** what they know of conversations that are open, until they were told of all that comes before */
  #leaving: Leaving[] = []
  #left = 0
  /** what comes then: records and their dissection in this thread, which begins where the others end */
  readonly #records: HandoverReader
  readonly #dissector: Dissector
  #chunks: Filled[] = []
  #internal = 0
  /** those that dissect */
  readonly #dissecting: Worker[] = []
  /** of those that dissect, and have nothing to do yet: where their chunks wait */
  readonly #unstarted: MessagePort[] = []
  readonly #waiting: Said[] = []
  #wake = () => {}
  #failure: Error | null = null
  #isOver = false

  constructor(carriers: readonly Carrier[], sink: ToldSink & DissectSink, words: DissectingWords) {
    this.#words = words
    this.#carriers = carriers
    this.#records = new HandoverReader(carriers, {
      pdu: (conversation, from, carrier, bytes, cut) => this.#dissector.pdu(conversation, from, carrier, bytes, cut),
      standalone: (datagram, carrier, bytes, cut) => this.#dissector.standalone(datagram, carrier, bytes, cut),
      tunnel: (conversation) => this.#dissector.tunnel(conversation),
      closed: (conversation) => this.#dissector.closed(conversation),
    })
    this.#dissector = new Dissector(sink, this.#records, words.rethrow)
    this.#happenings = new HappeningsReader(carriers, words.rethrow ? sink : this.#guarded(sink))
    this.#told = Array.from({ length: words.threads }, () => [])
  }

  get #clock(): Clock {
    return this.#isHere ? this.#records : this.#happenings
  }

  /** of what was told last */
  get time(): number {
    return this.#clock.time
  }

  get frame(): number {
    return this.#clock.frame
  }

  get counters(): DissectCounters {
    const sum = {
      pdus: 0,
      empty: 0,
      faulty: 0,
      internal: this.#internal,
      tokens: 0,
      unclaimedTokens: 0,
      tokenMessages: 0,
    }
    for (const { counters } of [...this.#counted, this.#dissector])
      for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += counters[name]
    return sum
  }

  get faults(): Dissector['faults'] {
    const sum = { cut: 0, malformed: 0, limit: 0, unsupported: 0 }
    for (const { faults } of [...this.#counted, this.#dissector])
      for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += faults[name]
    return sum
  }

  async read(inputs: readonly string[], hooks: ReadingHooks): Promise<ReadingFacts> {
    const shared = new SharedArrayBuffer(8)
    const taken = new Int32Array(shared)
    const reading = takeReadingThread()
    this.#hear(reading, (message: FromReading) => ({ from: 'reading', message }))
    const { engine, keys, threads, dividedFrom: from, joinedFrom } = this.#words
    const channels = Array.from({ length: threads }, () => new MessageChannel())
    const outlets = channels.map(({ port1 }) => port1)
    for (const { port2 } of channels) this.#unstarted.push(port2)
    this.#startNext()
    const { port1: returning, port2: returned } = new MessageChannel()
    const dividedFrom = from ?? DIVIDED_FROM
    const order: ReadingOrder = { inputs, engine, keys, shared, returned, outlets, dividedFrom, joinedFrom }
    reading.postMessage(order, [returned, ...outlets])
    const stop = () => reading.postMessage('stop')
    if (hooks.signal?.aborted) stop()
    else hooks.signal?.addEventListener('abort', stop, { once: true })
    try {
      return await this.#rounds(hooks, taken, returning)
    } finally {
      returning.close()
      hooks.signal?.removeEventListener('abort', stop)
      for (const port of this.#unstarted) port.close()
      await Promise.all([reading, ...this.#dissecting].map((worker) => worker.terminate()))
    }
  }

  async #rounds(hooks: ReadingHooks, taken: Int32Array, returning: MessagePort): Promise<ReadingFacts> {
    let facts: ReadingFacts | null = null
    let rounds = 0
    let done = 0
    const isDone = async () => {
      await hooks.onPause?.()
      done++
      Atomics.add(taken, TAKEN, 1)
      Atomics.notify(taken, TAKEN)
      // a port gives a thousand messages in one turn of the event loop: so long nobody could interrupt
      await turn()
    }
    for (;;) {
      const said = await this.#next()
      if (said.from === 'dissecting') {
        const { message } = said
        if (message.kind === 'leaving') this.#leaving.push(message)
        else this.#told[message.thread]!.push(message)
        for (let round = this.#whole(); round !== null; round = this.#whole()) {
          this.#happenings.round(round.map(({ packed }) => packed))
          this.#counted = round.map(({ counters, faults }) => ({ counters, faults }))
          await isDone()
        }
      } else if (said.message.kind === 'divided') while (this.#unstarted.length > 0) this.#startNext()
      else if (said.message.kind === 'joined') this.#joinedAt = said.message.rounds
      else if (said.message.kind === 'chunk') this.#chunks.push(said.message)
      else if (said.message.kind === 'progress') hooks.onProgress?.(said.message.progress)
      else if (said.message.kind === 'failed') throw new CaptureError(said.message.message)
      else if (said.message.kind === 'done') {
        facts = said.message.facts
        rounds = said.message.rounds
      }
      if (done === this.#joinedAt) this.#adopt()
      if (this.#isHere) {
        for (const { chunk, used } of this.#chunks.splice(0)) {
          this.#records.chunk(chunk, used)
          if (chunk.byteLength === CHUNK_BYTES) returning.postMessage(chunk, [chunk])
          await isDone()
        }
      }
      if (facts !== null && done === rounds) return facts
    }
  }

  /** Have all that have begun given what they know? */
  get #isHere(): boolean {
    return this.#joinedAt !== null && this.#left === this.#words.threads - this.#unstarted.length
  }

  #adopt(): void {
    for (const { moved, isLast } of this.#leaving.splice(0)) {
      adopt(moved, this.#happenings, this.#records, this.#dissector, this.#carriers)
      if (isLast) this.#left++
    }
    if (!this.#isHere) return
    for (const worker of this.#dissecting.splice(0)) {
      worker.removeAllListeners('exit')
      void worker.terminate()
    }
  }

  /** What all told of the oldest round; null: somebody has not told it yet. */
  #whole(): ToldRound[] | null {
    const parts = this.#told[0]![0]?.parts ?? Number.POSITIVE_INFINITY
    if (parts > this.#told.length) return null
    const waiting = this.#told.slice(0, parts)
    return waiting.every((rest) => rest.length > 0) ? waiting.map((rest) => rest.shift()!) : null
  }

  #startNext(): void {
    const { threads, digests, rethrow } = this.#words
    const thread = threads - this.#unstarted.length
    const chunks = this.#unstarted.shift()!
    const workerData: DissectingOrder = { chunks, digests, rethrow, thread, threads }
    const worker = new Worker(new URL('./dissecting.js', import.meta.url), {
      workerData,
      transferList: [chunks],
      resourceLimits: WORKER_LIMITS,
    })
    worker.once('online', holdYoung)
    this.#hear(worker, (message: FromDissecting) => ({ from: 'dissecting', message }))
    worker.on('exit', () => {
      this.#isOver = true
      this.#wake()
    })
    this.#dissecting.push(worker)
  }

  #hear<Message>(worker: Worker, said: (message: Message) => Said): void {
    worker.on('message', (message: Message) => {
      this.#waiting.push(said(message))
      this.#wake()
    })
    worker.on('error', (error) => {
      this.#failure = error instanceof Error ? error : new Error(String(error))
      this.#wake()
    })
  }

  async #next(): Promise<Said> {
    for (;;) {
      const said = this.#waiting.shift()
      if (said !== undefined) return said
      if (this.#failure !== null) throw this.#failure
      if (this.#isOver) throw new Error('a thread ended without a word')
      await new Promise<void>((woken) => (this.#wake = woken))
    }
  }

  /** Our own bugs are counted, as in dissection. */
  #guarded(sink: ToldSink): ToldSink {
    const guarded = (tell: () => void) => {
      try {
        tell()
      } catch {
        this.#internal++
      }
    }
    return {
      told: (context, message, step, tokens, opened, digest) =>
        guarded(() => sink.told(context, message, step, tokens, opened, digest)),
      handshake: (conversation, step) => guarded(() => sink.handshake(conversation, step)),
      network: (conversation, method) => guarded(() => sink.network(conversation, method)),
      tunnel: (conversation) => guarded(() => sink.tunnel(conversation)),
      closed: (conversation) => guarded(() => sink.closed(conversation)),
    }
  }
}
