/**
 * The first half of a run: captures are read, decapsulated, put in order and framed; kept PDUs go to a sink. What is in
 * them is not known here.
 *
 * It depends on nothing that happens behind the sink, so that the sink may be in another thread (handover.ts) and finds
 * the same PDUs in the same order.
 */
import type { Carrier } from '../../decoders/carrier.ts'
import { type CaptureSummary, MergedReader } from '../capture/merge.ts'
import type { Packet } from '../capture/packet.ts'
import { hasSignature, SignatureWatch } from '../capture/signature.ts'
import { SuccessiveReader } from '../capture/succession.ts'
import { Engine, Passed } from '../engine/engine.ts'
import { frameKey } from '../facts/frames.ts'
import { LIMITS } from '../memory/limits.ts'
import { Network } from '../net/net.ts'
import { Segment } from '../net/segment.ts'
import type { StreamSink } from '../stream/sink.ts'
import { Stream } from '../stream/stream.ts'
import { type KeyFiles, Keys, NO_KEY_FILES } from './opening.ts'
import type { EngineName, PduSource, ReadingFacts, ReadingHooks } from './pdu-source.ts'

export class Reading implements PduSource {
  readonly #network = new Network()
  readonly #signatures = new SignatureWatch()
  #markedPackets = 0
  readonly #stream: Stream
  /** null: every packet is read here */
  readonly #engine: Engine | null
  readonly #keys: Keys
  #reader: MergedReader | SuccessiveReader | null = null
  #start: number | null = null
  #end: number | null = null
  #bytes = 0

  constructor(
    carriers: readonly Carrier[],
    sink: StreamSink,
    engine: EngineName = 'wasm',
    files: KeyFiles = NO_KEY_FILES,
  ) {
    this.#keys = new Keys(files)
    this.#engine = engine === 'wasm' ? Engine.load(frameKey) : null
    this.#stream = new Stream(carriers, sink, LIMITS.connectionsMax, this.#engine ?? undefined, this.#keys)
  }

  get time(): number {
    return this.#stream.time
  }

  get frame(): number {
    return this.#stream.frame
  }

  /** packets that only the engine has seen */
  get passedPackets(): number {
    return this.#engine?.passed.packets ?? 0
  }

  async read(inputs: readonly string[], hooks: ReadingHooks): Promise<ReadingFacts> {
    this.#keys.load()
    const abortion = new Abortion(hooks.signal)
    const opening: Promise<MergedReader | SuccessiveReader> =
      hooks.succession === undefined
        ? MergedReader.open(inputs, this.#engine, this.#keys.hear)
        : Promise.resolve(new SuccessiveReader(hooks.succession, this.#engine, this.#keys.hear))
    await abortion.orUntil(opening)
    if (abortion.isOver) {
      // a live stream that has not said anything yet; what becomes of it does not matter any more
      opening.then((late) => late.close()).catch(() => {})
      return this.#facts([])
    }
    const reader = await opening
    this.#reader = reader
    try {
      await this.#all(reader, hooks, abortion)
    } finally {
      await reader.close()
      this.#keys.close()
    }
    return this.#facts(reader.summaries())
  }

  /** Where the first of the conversations that go on has begun; Infinity: none goes on. */
  get oldestFrame(): number {
    return this.#stream.oldestFrame
  }

  /** What was read so far; `begins`: of captures that come one after another, those that are over are forgotten. */
  soFar(begins: boolean): ReadingFacts {
    const facts = this.#facts(this.#reader?.summaries() ?? [])
    if (begins && this.#reader instanceof SuccessiveReader) this.#reader.forget()
    return facts
  }

  async #all(reader: MergedReader | SuccessiveReader, hooks: ReadingHooks, abortion: Abortion): Promise<void> {
    let told = 0
    while (!this.#packets(reader) && !abortion.isOver) {
      const filling = reader.fill()
      if (filling === null && reader.bytesRead - told < TURN_BYTES) continue
      told = reader.bytesRead
      if (filling !== null) hooks.onWait?.()
      hooks.onProgress?.({
        bytes: told,
        totalBytes: reader.bytesTotal,
        packets: this.#network.packets + this.passedPackets,
      })
      await hooks.onPause?.()
      // without a turn of the event loop nobody could interrupt, nor be told
      await (filling === null ? turn() : abortion.orUntil(filling))
    }
    this.#stream.end()
  }

  /**
   * Every packet that is in memory; true at the end. No async function: those are optimised late, and this is where the
   * time goes.
   */
  #packets(reader: MergedReader | SuccessiveReader): boolean {
    const network = this.#network
    const stream = this.#stream
    const segment = this.#segment
    const engine = this.#engine
    for (;;) {
      const answer = reader.next()
      if (engine !== null && engine.lastFrame !== 0) {
        stream.passed(engine.lastTime, engine.lastFrame)
        engine.lastFrame = 0
      }
      if (answer !== 'packet') return answer === 'end'
      const { packet } = reader
      const { time } = packet
      this.#bytes += packet.original
      if (this.#start === null || time < this.#start) this.#start = time
      if (this.#end === null || time > this.#end) this.#end = time
      const marked = packet.marked ?? this.#isMarked(packet)
      const fragments = marked ? fragmentsOf(network) : 0
      const kind = network.decode(packet, segment)
      segment.hasSignature = marked
      if (marked && (kind === 0 || kind > 2) && fragmentsOf(network) === fragments) this.#markedPackets++
      // a datagram that was joined stands elsewhere
      if ((kind === 1 || kind === 2) && segment.bytes !== packet.bytes) segment.hasSignature = hasSignature(segment)
      if (kind === 1) stream.tcp(segment, time, frameKey(packet.capture, packet.frame))
      else if (kind === 2) stream.udp(segment, time, frameKey(packet.capture, packet.frame))
      else if (kind === 3) stream.unreachable(segment, time, frameKey(packet.capture, packet.frame))
      else if (kind === 4) stream.ppp(segment, time, frameKey(packet.capture, packet.frame))
    }
  }

  #isMarked(packet: Packet): boolean {
    const { bytes, start, captured, blockEnd } = packet
    return this.#engine?.holds(bytes)
      ? this.#engine.isMarked(bytes, start, start + captured, blockEnd)
      : this.#signatures.isIn(packet)
  }

  readonly #segment = new Segment()

  #facts(captures: readonly CaptureSummary[]): ReadingFacts {
    const network = this.#network
    const passed = this.#engine?.passed ?? NONE_PASSED
    const { counters } = this.#stream
    network.sawTunnels(this.#engine?.tunnels ?? 0)
    return {
      captures,
      droppedInAll: this.#reader instanceof SuccessiveReader ? this.#reader.dropped : null,
      keys: this.#keys.facts,
      packets: network.packets + passed.packets,
      bytes: this.#bytes + passed.bytes,
      start: passed.packets > 0 ? Math.min(passed.start, this.#start ?? passed.start) : this.#start,
      end: passed.packets > 0 ? Math.max(passed.end, this.#end ?? passed.end) : this.#end,
      tcp: network.tcp + passed.tcp,
      udp: network.udp + passed.udp,
      cutPackets: network.cutPackets + passed.cut,
      drops: network.drops,
      vlans: vlansOf(network.vlans, this.#engine?.vlans ?? null),
      tunnels: network.tunnels,
      protocols: network.protocols,
      linkTypes: network.linkTypes,
      neighbours: network.neighbours,
      wrapped: this.#stream.wrapped.ports,
      stream: {
        ...counters,
        connections: counters.connections + passed.connections,
        midstream: counters.midstream + passed.midstream,
        oneSided: counters.oneSided + passed.oneSided,
        pdusFramed: counters.pdusFramed + passed.framedPdus,
        pdusSkipped: counters.pdusSkipped + passed.framedPdus,
        repeatedSegments: counters.repeatedSegments + passed.repeatedSegments,
        idleSegments: counters.idleSegments + passed.idleSegments,
        datagrams: counters.datagrams + passed.udp,
        foreignDatagrams: counters.foreignDatagrams + passed.foreignDatagrams,
        lostBytesSkipped: counters.lostBytesSkipped + passed.lostBytesSkipped,
      },
      foreignConnections: this.#stream.foreignConnections + passed.foreignConnections,
      markedPackets: this.#markedPackets,
    }
  }
}

const NONE_PASSED = new Passed()

/** VLAN ids of both, ascending. */
function vlansOf(seen: readonly number[], passed: Uint8Array | null): readonly number[] {
  if (passed === null) return seen
  return Array.from(passed, (_, id) => id).filter((id) => passed[id] === 1 || seen.includes(id))
}

/** Fragments wait for each other: what one of them holds is seen when they are joined. */
function fragmentsOf({ drops }: Network): number {
  return drops.fragmentWaiting + drops.fragmentJoined + drops.fragmentRepeated + drops.fragmentLost
}

/** A turn of the event loop costs microseconds, a collection that somebody decides upon in it more. */
const TURN_BYTES = 2 << 20

function turn(): Promise<void> {
  return new Promise((done) => setImmediate(done))
}

/**
 * What ends a wait: a race of promises would leave something behind in the signal's one, for every read of a long
 * capture.
 */
class Abortion {
  #wake = () => {}
  readonly #signal: AbortSignal | undefined

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal
    signal?.addEventListener('abort', () => this.#wake(), { once: true })
  }

  get isOver(): boolean {
    return this.#signal?.aborted === true
  }

  /** Resolves with `work` or when the signal fires; rejects with `work`. */
  async orUntil(work: Promise<unknown>): Promise<void> {
    if (this.isOver) return
    await new Promise<unknown>((done, failed) => {
      this.#wake = () => done(null)
      work.then(done, failed)
    })
  }
}
