/**
 * From segments to the bytes of conversations in their order: which are followed, what comes next, what waits behind a
 * hole, what ends.
 *
 * Hot. For a conversation that is not ours a packet costs one table lookup. Nothing here knows a protocol; PDUs are cut
 * out by framer.ts. What is lost is counted in this folder and nowhere else.
 */
import type { Carrier } from '../../decoders/carrier.ts'
import { KDC_PORT } from '../../decoders/carriers/contact.ts'
import { signatureTail } from '../../decoders/carriers/unclaimed/unclaimed.ts'
import {
  ACK_SENT,
  BYTES_SEEN,
  CLOSED,
  FAST_PATH_UNTIL,
  FOLLOWED,
  FOLLOWED_ROOM,
  FOREIGN,
  HALF_NUMBERS,
  KEEP_LEFT,
  LAST_FRAME,
  LAST_TIME,
  MODE,
  MODE_ALONE,
  MODE_GSS,
  MODE_NONE,
  MODE_OPENED,
  MODE_PATIENT,
  MODE_SEARCHING,
  MODE_UNCLAIMED,
  NEW,
  NEXT_SEQ,
  PDU_LEFT,
  PORT_KNOWN,
  PORT_LOCAL,
  TOLD_BYTES,
  TOLD_COUNT,
  TOLD_END,
  TOLD_FRAME,
  TOLD_HALF,
  TOLD_PDU,
  TOLD_TIME,
  TOUCH_MICROS,
} from '../engine/layout.ts'
import { type FlowMemory, OwnMemory } from '../engine/memory.ts'
import { LIMITS } from '../memory/limits.ts'
import { type Segment, seqDistance, TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../net/segment.ts'
import type { Connection, Half } from './connection.ts'
import { Followed } from './followed.ts'
import { Framer } from './framer.ts'
import type { Opener } from './opener.ts'
import { Sequence } from './sequence.ts'
import type { FramingCounters, StreamSink } from './sink.ts'
import { ConnectionTable } from './table.ts'
import { WrappedPackets } from './wrapped.ts'

/** What the stream counts for coverage and for the accounting identity of segments. */
export interface StreamCounters extends FramingCounters {
  connections: number
  midstream: number
  oneSided: number
  evicted: number
  repeatedSegments: number
  /** segments without payload, of connections that began before the capture and have not said anything in it */
  idleSegments: number
  /** connections that had just begun when the capture ended: nobody has said anything */
  unspoken: number
  datagrams: number
  foreignDatagrams: number
}

export class Stream {
  /** where the segment being processed comes from; the sink reads these for its evidence */
  time = 0
  frame = 0
  /** an NTLMSSP signature stands in the packet of the bytes being delivered */
  hasSignature = false
  readonly counters: StreamCounters = {
    connections: 0,
    midstream: 0,
    oneSided: 0,
    evicted: 0,
    repeatedSegments: 0,
    idleSegments: 0,
    unspoken: 0,
    gaps: 0,
    lostBytes: 0,
    lostBytesSkipped: 0,
    pdusFramed: 0,
    pdusSkipped: 0,
    pdusKept: 0,
    pdusCut: 0,
    pdusTooLong: 0,
    framesLost: 0,
    datagrams: 0,
    foreignDatagrams: 0,
  }
  /** connections whose carrier was never recognised */
  foreignConnections = 0
  /** packets in datagrams that no carrier claims */
  readonly wrapped = new WrappedPackets()
  readonly #sink: StreamSink
  readonly #framer: Framer
  readonly #udp: readonly Carrier[]
  /** takes datagrams with a signature that no other carrier claims */
  readonly #unclaimedUdp: Carrier | null
  /** takes what stands in PPP */
  readonly #ppp: Carrier | null
  /**
   * carriers of certain ports only, and at each the number of its list, from 1: the datagrams of others cost a look at
   * two bytes
   */
  readonly #local: (readonly Carrier[])[] = []
  readonly #localPorts = new Uint8Array(65_536)
  /** is told how connections to a KDC begin */
  readonly #contact: Carrier | null
  readonly #flags = new Uint8Array(1)
  readonly #table: ConnectionTable
  /** carriers of which the engine knows the shapes of unwanted PDUs, and their numbers there; empty: nobody asks */
  readonly #shaped = new Map<Carrier, number>()
  /** the engine knows how conversations may begin */
  readonly #isSearchTold: boolean
  /** first bytes with which a datagram of some carrier may begin: the others cost no view and no probe */
  readonly #firstBytes = new Uint8Array(256)
  readonly #followed: Followed
  readonly #numbers: Float64Array
  readonly #words: Int32Array
  readonly #control: Int32Array
  readonly #memory: FlowMemory
  /** halves with a message in progress, the one begun first first */
  readonly #holding = new Set<Half>()
  readonly #sequence: Sequence
  #heldBytes = 0

  /** conversations with an object */
  get followed(): number {
    return this.#followed.count
  }

  /** Where the first of the conversations that go on has begun; Infinity: none goes on. */
  get oldestFrame(): number {
    return this.#followed.oldestFrame
  }

  /** bytes that came early and wait */
  get waitingBytes(): number {
    return this.#sequence.waitingBytes
  }

  /** bytes held for messages that are not complete */
  get heldBytes(): number {
    return this.#heldBytes
  }

  /** `opener`: who has keys; null: nobody */
  constructor(
    carriers: readonly Carrier[],
    sink: StreamSink,
    connectionsMax: number = LIMITS.connectionsMax,
    memory: FlowMemory = new OwnMemory(),
    opener: Opener | null = null,
  ) {
    this.#followed = new Followed(memory, LIMITS.followedMax + LIMITS.followedDatagramsMax, (index) =>
      this.#table.ends(index),
    )
    this.#numbers = this.#followed.numbers
    this.#words = this.#followed.words
    this.#control = memory.control
    this.#memory = memory
    this.#sink = sink
    const tcp = carriers.filter((carrier) => carrier.transport === 'tcp' && !carrier.context)
    this.#contact = carriers.find((carrier) => carrier.transport === 'tcp' && carrier.context) ?? null
    this.#framer = new Framer(tcp, sink, this.counters, this, opener)
    this.#sequence = new Sequence(this.#framer, this.counters, this, (half) => this.#count(half))
    const udp = carriers.filter((carrier) => carrier.transport === 'udp' && !carrier.link)
    this.#ppp = carriers.find((carrier) => carrier.link) ?? null
    const isLocal = ({ context, local }: Carrier) => context === true || local === true
    this.#udp = udp.filter((carrier) => !carrier.unclaimed && !isLocal(carrier))
    for (const port of new Set(udp.filter(isLocal).flatMap(({ ports }) => ports))) {
      const here = udp.filter((carrier) => isLocal(carrier) && carrier.ports.includes(port))
      this.#localPorts[port] = this.#local.push(here)
    }
    this.#unclaimedUdp = udp.find((carrier) => carrier.unclaimed) ?? null
    this.#table = new ConnectionTable(connectionsMax, (index, forced) => this.#evict(index, forced), memory)
    for (const carrier of this.#udp) for (const byte of carrier.firstBytes ?? ANY_BYTE) this.#firstBytes[byte] = 1
    const shaped = tcp.filter(({ bulk, heads }) => bulk !== undefined || heads !== undefined)
    const heads = shaped.findIndex((carrier) => carrier.heads === 'http') + 1
    const shapes = shaped.map(({ bulk }) => bulk ?? [])
    if (memory.bulk(shapes, heads))
      for (const [index, carrier] of shaped.entries()) this.#shaped.set(carrier, index + 1)
    const probed = tcp.filter(({ unclaimed }) => !unclaimed)
    this.#isSearchTold =
      probed.every(({ begins }) => begins !== undefined) && memory.begins(probed.map(({ begins }) => begins!))
    if (this.#isSearchTold) this.#framer.candidates = (bytes) => memory.candidates(bytes)
    memory.control[FOLLOWED_ROOM] = this.#isSearchTold ? LIMITS.followedMax : 0
    const ports = new Uint8Array(65_536)
    for (const { ports: each } of tcp) for (const port of each) ports[port]! |= PORT_KNOWN
    for (const carrier of udp) if (isLocal(carrier)) for (const port of carrier.ports) ports[port]! |= PORT_LOCAL
    memory.known(this.#firstBytes, ports)
  }

  /** Where the last one stood of the segments and datagrams that somebody else took. */
  passed(time: number, frame: number): void {
    this.time = time
    this.frame = frame
    const count = this.#control[TOLD_COUNT]!
    if (count === 0) return
    this.#control[TOLD_COUNT] = 0
    const { told } = this.#memory
    for (let at = 0; at < TOLD_NUMBERS * count; at += TOLD_NUMBERS) {
      const half = told[at + TOLD_HALF]! | 0
      const connection = this.#followed.known(half >> 1)
      // what was told before has ended it
      if (connection === null) continue
      const from = (half & 1) as 0 | 1
      if (told[at] === TOLD_END) {
        connection.endedBy = from
        continue
      }
      this.time = told[at + TOLD_TIME]!
      this.frame = told[at + TOLD_FRAME]!
      this.hasSignature = false
      const bytes = this.#memory.toldBytes(at)
      if (told[at] === TOLD_PDU) this.#framer.sampled(connection.half(from), bytes)
      else this.#sealed(connection.half(from), bytes)
    }
    this.time = time
    this.frame = frame
  }

  /** The next bytes of a half that somebody opened when they passed: what came before them may have ended that. */
  #sealed(half: Half, bytes: Uint8Array): void {
    const { connection, peer } = half
    if (!half.unclaimed) this.#framer.deliver(half, bytes, 0, bytes.length)
    else if (half.strayLength > 0 || signatureTail(bytes, 0, bytes.length, TAIL_BYTES_MIN) > 0)
      this.#framer.afterGivingUp(half, bytes, 0, bytes.length)
    this.#account(half)
    if (isNobodys(half) || isNobodys(peer)) this.#giveUp(connection)
    else if (!half.isOpened || !peer.isOpened) this.#takeFastPath(connection)
  }

  /** One TCP segment. */
  tcp(segment: Segment, time: number, frame: number): void {
    this.time = time
    this.frame = frame
    const table = this.#table
    const { flags, hasSignature } = segment
    const opens = (flags & TCP_SYN) !== 0
    const length = segment.payloadLength + segment.payloadMissing
    const index = table.find(segment, time, opens || length > 0)
    if (index < 0) {
      // a KDC may refuse a connection before its SYN is seen, where one side of a tap is late
      if (flags & TCP_RST && segment.sourcePort === KDC_PORT) this.#tell(segment, TCP_RST)
      else this.counters.idleSegments++
      return
    }
    let state = table.state(index)
    if (state === FOLLOWED && !hasSignature && (flags & TURNING) === 0) {
      if (this.#passes(table.slot(index), table.fromLow, segment, length, time, frame)) return
    }
    this.hasSignature = hasSignature
    if (opens) {
      this.#handshake(index, state, segment)
      if (length === 0) return
      state = table.state(index)
    }
    if (state === FOREIGN) {
      if (length === 0 || !(hasSignature || (table.isUnclaimed(index) && endsInSignature(segment)))) return
      state = this.#followAgain(index)
    }
    if (state === CLOSED) {
      if (length > 0) this.counters.repeatedSegments++
      return
    }
    const from = table.fromLow ? 0 : 1
    if (state === NEW) {
      if (length === 0) {
        if (flags & (TCP_FIN | TCP_RST)) table.setTurned(index)
        this.#silent(index, segment)
        return
      }
      this.#follow(index, segment, from, time)
    }
    this.#arrived(this.#followed.at(table.slot(index)), from, segment, length)
  }

  /**
   * What two of three packets of a followed conversation are: the next bytes of a PDU that nobody wants, or an
   * acknowledgement. True when the numbers at `at` have taken it; else nothing has changed. Measured over 64
   * conversations, lookup in the table included: 63 ns a packet, 97 without.
   */
  #passes(slot: number, isLow: boolean, segment: Segment, length: number, time: number, frame: number): boolean {
    const numbers = this.#numbers
    const at = (2 * slot + (isLow ? 0 : 1)) * HALF_NUMBERS
    const until = numbers[at + FAST_PATH_UNTIL]!
    if (until < 0) return false
    if (length > 0) {
      if ((this.#words[2 * at + MODE]! & MODE_OPENED) !== 0) return false
      if (segment.seq !== numbers[at + NEXT_SEQ]! || length >= numbers[at + PDU_LEFT]! || numbers[at + KEEP_LEFT]! > 0)
        return false
      // a signature may begin here
      const { payloadStart } = segment
      if (signatureTail(segment.bytes, payloadStart, payloadStart + segment.payloadLength, TAIL_BYTES_MIN) > 0)
        return false
      numbers[at + NEXT_SEQ] = (segment.seq + length) >>> 0
      numbers[at + PDU_LEFT]! -= length
      numbers[at + LAST_TIME] = time
      numbers[at + LAST_FRAME] = frame
      numbers[at + BYTES_SEEN]! += segment.payloadLength
      this.counters.lostBytesSkipped += segment.payloadMissing
      if (time > until) this.#followed.touch(slot, segment.protocol, time)
    }
    if ((segment.flags & TCP_ACK) !== 0) {
      const before = numbers[at + ACK_SENT]!
      if (before < 0 || seqDistance(before, segment.ack) > 0) numbers[at + ACK_SENT] = segment.ack
    }
    return true
  }

  /** A segment of a conversation that is followed. */
  #arrived(connection: Connection, from: 0 | 1, segment: Segment, length: number): void {
    const { flags } = segment
    const half = connection.half(from)
    const { peer } = half
    half.seen = true
    if (flags & TCP_ACK && (half.ackSent < 0 || seqDistance(half.ackSent, segment.ack) > 0)) half.ackSent = segment.ack
    if (length > 0) {
      this.#payload(half, segment)
      this.#account(half)
      if (this.time - this.#followed.touched(connection.slot) > TOUCH_MICROS)
        this.#followed.touch(connection.slot, connection.protocol, this.time)
    }
    if (flags & TCP_FIN) half.endSeq = (segment.seq + length) >>> 0
    if (flags & (TCP_FIN | TCP_RST) && connection.endedBy < 0) connection.endedBy = from
    if (peer.waiting.length > 0 || half.waiting.length > 0) this.#sequence.settle(connection)
    if (flags & TCP_RST || (half.isOver && peer.isOver)) this.#close(connection)
    else if (isNobodys(half) || isNobodys(peer)) this.#giveUp(connection)
    else this.#takeFastPath(connection)
  }

  /**
   * Nothing waits and nothing ends: until the list of ages must know of it again, what passes in each half concerns
   * that half alone.
   */
  #takeFastPath(connection: Connection): void {
    const { low, high } = connection
    const holds = low.waiting.length > 0 || high.waiting.length > 0 || low.strayLength > 0 || high.strayLength > 0
    // of one half that is opened alone the order is seldom asked
    const isHalfOpened = low.isOpened !== high.isOpened
    const mayUseFastPath = !holds && !isHalfOpened && low.endSeq < 0 && high.endSeq < 0
    const until = mayUseFastPath ? this.#followed.touched(connection.slot) + TOUCH_MICROS : Number.NEGATIVE_INFINITY
    low.fastPathUntil = low.seen ? until : Number.NEGATIVE_INFINITY
    high.fastPathUntil = high.seen ? until : Number.NEGATIVE_INFINITY
    low.mode = mayUseFastPath ? this.#modeOf(low) : MODE_NONE
    high.mode = mayUseFastPath ? this.#modeOf(high) : MODE_NONE
  }

  /** At the end of a PDU, with nothing of it held: PDUs that nobody wants may be told by their shapes. */
  #modeOf(half: Half): number {
    const { carrier, peer } = half
    if (half.isOpened) return half.isAlone && !peer.seen ? MODE_OPENED | MODE_ALONE : MODE_OPENED
    if (half.unclaimed) return MODE_UNCLAIMED
    if (half.searching) return this.#searchModeOf(half)
    if (carrier === null || half.more !== false || half.unwanted) return MODE_NONE
    if (half.headLength > 0 || half.keptLength > 0 || half.scanned > 0) return MODE_NONE
    // `peerState` is that of the same carrier, or 0
    if (peer.carrier !== carrier && peer.framingState !== 0) return MODE_NONE
    const shaped = this.#shaped.get(carrier)
    if (shaped === undefined) return MODE_NONE
    return half.isAlone && !peer.seen ? shaped | MODE_ALONE : shaped
  }

  /** Where no carrier is known, and none is asked for more bytes: segments with which none may begin need no probe. */
  #searchModeOf(half: Half): number {
    const { connection, peer } = half
    if (!this.#isSearchTold || half.carrier !== null || peer.carrier !== null) return MODE_NONE
    // what the opposite half holds, an answer may end
    if (half.headLength > 0 || peer.headLength > 0) return MODE_NONE
    const order = half.isAlone && !peer.seen ? MODE_ALONE : 0
    // what was spoken around this may be spoken inside of it again, however late
    const isWrapped = connection.outer.length > 0
    const isPatient = isWrapped || this.#framer.isOnKnownPort(connection)
    const isInside = !isWrapped && isPatient && !connection.sawStart
    return MODE_SEARCHING | order | (isPatient ? MODE_PATIENT : 0) | (isInside ? 0 : MODE_GSS)
  }

  /** One UDP datagram: a PDU by itself. Entries are made only for datagrams that a carrier claims. */
  udp(segment: Segment, time: number, frame: number): void {
    this.time = time
    this.frame = frame
    this.counters.datagrams++
    const { hasSignature } = segment
    const local = this.#localPorts[segment.sourcePort]! || this.#localPorts[segment.destinationPort]!
    this.hasSignature = hasSignature
    if (local > 0 && this.#localDatagram(this.#local[local - 1]!, segment, time)) return
    if (
      segment.payloadLength === 0 ||
      (this.#firstBytes[segment.bytes[segment.payloadStart]!] === 0 && !hasSignature)
    ) {
      this.#foreignDatagram(segment)
      return
    }
    const bytes = segment.bytes.subarray(segment.payloadStart, segment.payloadStart + segment.payloadLength)
    for (const carrier of this.#udp) {
      if (carrier.probe(bytes, 'client') !== 'mine') continue
      if (this.#framer.datagram(this.#datagramHalf(segment, time), carrier, bytes, segment.payloadMissing)) return
      break
    }
    if (hasSignature && this.#unclaimedUdp !== null) {
      this.#framer.strayDatagram(this.#datagramHalf(segment, time), bytes, segment.payloadMissing)
    }
    this.#foreignDatagram(segment)
  }

  /** A packet of CHAP or EAP in PPP. */
  ppp(segment: Segment, time: number, frame: number): void {
    this.time = time
    this.frame = frame
    this.hasSignature = false
    const carrier = this.#ppp
    if (carrier === null) return
    const bytes = segment.bytes.subarray(segment.payloadStart, segment.payloadStart + segment.payloadLength)
    if (carrier.probe(bytes, 'client') !== 'mine') return
    this.#framer.datagram(this.#datagramHalf(segment, time), carrier, bytes, segment.payloadMissing)
  }

  #foreignDatagram(segment: Segment): void {
    this.counters.foreignDatagrams++
    this.wrapped.look(segment)
  }

  /** An ICMP error about a packet with these ends. */
  unreachable(segment: Segment, time: number, frame: number): void {
    this.time = time
    this.frame = frame
    if (segment.destinationPort === KDC_PORT) this.#tell(segment, 0)
  }

  /** Nobody has spoken yet: a KDC resets what was to begin, or the client goes on as if it was answered. */
  #silent(index: number, segment: Segment): void {
    if (segment.sourcePort === KDC_PORT) {
      if (segment.flags & TCP_RST) this.#tell(segment, TCP_RST)
    } else if (segment.destinationPort === KDC_PORT && !(segment.flags & TCP_RST) && !this.#table.sawSynAck(index))
      this.#tell(segment, TCP_ACK)
  }

  #tell(segment: Segment, flags: number): void {
    if (this.#contact === null) return
    this.#flags[0] = flags
    this.#framer.standalone(segment, this.#contact, this.#flags)
  }

  #localDatagram(carriers: readonly Carrier[], segment: Segment, time: number): boolean {
    const bytes = segment.bytes.subarray(segment.payloadStart, segment.payloadStart + segment.payloadLength)
    for (const carrier of carriers) {
      if (carrier.probe(bytes, 'client') !== 'mine') continue
      // a carrier of context reads no tokens
      if (carrier.context) return !this.hasSignature && this.#framer.standalone(segment, carrier, bytes)
      return this.#framer.datagram(this.#datagramHalf(segment, time), carrier, bytes, segment.payloadMissing)
    }
    return false
  }

  /** Followed again, from its middle: something in it deserves a look, although no carrier claims it. */
  #followAgain(index: number): number {
    if (this.#table.isUnclaimed(index)) this.foreignConnections--
    this.#table.forgetHandshake(index)
    this.counters.connections--
    this.counters.midstream--
    return NEW
  }

  /** The same for one half of a conversation that is still followed. */
  #lookAgain(half: Half, seq: number): void {
    half.unclaimed = false
    half.searching = true
    half.probed = 0
    half.nextSeq = seq
  }

  #datagramHalf(segment: Segment, time: number): Half {
    const index = this.#table.find(segment, time, true)
    const from = this.#table.fromLow ? 0 : 1
    if (this.#table.state(index) !== FOLLOWED) {
      this.#endDatagrams(time)
      this.#follow(index, segment, from, time)
    }
    const slot = this.#table.slot(index)
    if (time - this.#followed.touched(slot) > TOUCH_MICROS) this.#followed.touch(slot, segment.protocol, time)
    return this.#followed.at(slot).half(from)
  }

  /**
   * Datagrams do not say which is the last: silence ends their conversation, and where there is no room for another one
   * an answer does.
   */
  #endDatagrams(time: number): void {
    const { datagrams } = this.#followed
    for (let { oldest } = datagrams; oldest >= 0; { oldest } = datagrams) {
      const isSilent = (time - this.#followed.touched(oldest)) / 1e6 > LIVE_SECONDS
      if (!isSilent && datagrams.count < LIMITS.followedDatagramsMax) return
      const first = this.#followed.at(oldest)
      const leaves = isSilent ? first : (this.#firstAnswered(oldest) ?? first)
      if (!isSilent && !isAnswered(leaves)) this.counters.evicted++
      this.#close(leaves)
    }
  }

  /** Of this one and the next younger ones; null: none is. */
  #firstAnswered(oldest: number): Connection | null {
    let slot = oldest
    for (let asked = 0; asked < ASK_MAX && slot >= 0; asked++) {
      const connection = this.#followed.at(slot)
      if (isAnswered(connection)) return connection
      slot = this.#followed.datagrams.newer(slot)
    }
    return null
  }

  /** The capture ends: holes are given up, open messages handed over as far as they go, every connection closed. */
  end(): void {
    const since = Math.floor(this.time / 1e6) - SILENT_SECONDS
    // RPC and web servers are at any port that is not one of another service
    const isAsked = (port: number) => port >= REGISTERED_PORTS_FROM || this.#framer.isKnownPort(port)
    this.counters.unspoken += this.#table.silentSince(since, isAsked)
    for (const connection of this.#followed.all()) {
      connection.isOpen = true
      connection.isTwoSided = connection.low.seen && connection.high.seen
      this.#close(connection)
    }
  }

  /** null: it is not followed */
  #connectionOf(index: number): Connection | null {
    return this.#table.state(index) === FOLLOWED ? this.#followed.at(this.#table.slot(index)) : null
  }

  /** A SYN or SYN-ACK: only remembered, until somebody speaks. The same handshake seen again changes nothing. */
  #handshake(index: number, state: number, segment: Segment): void {
    const table = this.#table
    const isAnswer = (segment.flags & TCP_ACK) !== 0
    const clientIsLow = table.fromLow !== isAnswer
    const clientSeq = isAnswer ? (segment.ack - 1) >>> 0 : segment.seq
    const same = table.sawHandshake(index) && table.clientSeq(index) === clientSeq
    if ((isAnswer ? segment.sourcePort : segment.destinationPort) === KDC_PORT) {
      // a SYN that comes after its answer was only put out of order
      if (isAnswer || !same || (state === NEW && !table.sawSynAck(index)))
        this.#tell(segment, segment.flags & (TCP_SYN | TCP_ACK))
    }
    if (!same) {
      const connection = this.#connectionOf(index)
      if (connection && isLate(connection, clientIsLow, clientSeq)) {
        // the packets changed places: this began what we follow since its first payload
        this.counters.midstream--
        connection.handshake(clientIsLow)
      } else {
        // the same four numbers begin a new conversation, unless nobody has spoken in the old one
        if (connection) this.#close(connection)
        if (state !== NEW || !table.sawHandshake(index)) this.counters.connections++
        table.forgetHandshake(index)
      }
    }
    if (isAnswer) table.setSynAck(index, clientIsLow, clientSeq, segment.seq)
    else table.setSyn(index, clientIsLow, clientSeq)
  }

  /** The first payload of a conversation: from here on it has an object, until it ends or proves foreign. */
  #follow(index: number, segment: Segment, from: 0 | 1, time: number): void {
    const table = this.#table
    if (this.#followed.tcp.count >= LIMITS.followedMax) this.#evictFollowed()
    const connection = this.#followed.open(index, segment.protocol, time, this.frame)
    table.follow(index, connection.slot)
    if (segment.protocol !== 6) {
      this.counters.connections++
      return
    }
    const half = connection.half(from)
    const { peer } = half
    const sawStart = table.sawHandshake(index)
    if (sawStart) {
      connection.handshake(table.clientIsLow(index))
      const client = connection.clientHalf === from ? half : peer
      client.seen = table.sawSyn(index)
      client.nextSeq = (table.clientSeq(index) + 1) >>> 0
      client.peer.seen = table.sawSynAck(index)
      if (client.peer.seen) client.peer.nextSeq = (table.serverSeq(index) + 1) >>> 0
    } else {
      this.counters.connections++
      this.counters.midstream++
      half.nextSeq = segment.seq
    }
    // the opposite half goes on where this segment acknowledges it, if it is the first of its own
    if (segment.flags & TCP_ACK && peer.nextSeq < 0 && half.nextSeq === segment.seq) peer.nextSeq = segment.ack
    half.startSeq = half.nextSeq
    peer.startSeq = peer.nextSeq
  }

  /**
   * Keeps the sum of the bytes held for incomplete messages below its limit: the message begun first is handed over as
   * it is.
   */
  #account(half: Half): void {
    this.#count(half)
    if (this.#heldBytes <= LIMITS.heldBytesMax) return
    const { time, frame } = this
    for (const oldest of this.#holding) {
      this.time = oldest.lastTime
      this.frame = oldest.lastFrame
      this.#framer.abandon(oldest)
      if (!oldest.isOpened) oldest.mode = MODE_NONE
      this.#count(oldest)
      if (this.#heldBytes <= LIMITS.heldBytesMax) break
    }
    this.time = time
    this.frame = frame
  }

  #count(half: Half): void {
    half.giveBack()
    const held = half.head.length + half.kept.length + half.stray.length
    if (held === half.accounted) return
    this.#heldBytes += held - half.accounted
    half.accounted = held
    if (held === 0) this.#holding.delete(half)
    else this.#holding.add(half)
  }

  #payload(half: Half, segment: Segment): void {
    if (half.unclaimed) {
      if (!(segment.hasSignature || half.strayLength > 0 || endsInSignature(segment))) return
      const { bytes, payloadStart: start } = segment
      if (half.carrier !== null) {
        // given up by its carrier (a body until the end of the connection), and it stays so
        this.#framer.afterGivingUp(half, bytes, start, start + segment.payloadLength)
        return
      }
      this.#lookAgain(half, segment.seq)
    }
    this.#sequence.take(half, segment)
  }

  #giveUp(connection: Connection): void {
    this.#finish(connection)
    this.#table.setState(connection.index, FOREIGN)
    if (connection.low.carrier === null && connection.high.carrier === null) this.#table.setUnclaimed(connection.index)
  }

  #close(connection: Connection): void {
    this.#finish(connection)
    this.#table.setState(connection.index, CLOSED)
  }

  /** Hands over what is open, tells the sink, lets the object go. */
  #finish(connection: Connection): void {
    const { time, frame } = this
    this.#sequence.end(connection)
    if (connection.protocol === UDP) this.#framer.endRounds(connection)
    if (connection.hasLayers) for (const { opened } of connection.layers) opened?.end()
    for (const half of [connection.low, connection.high]) {
      this.time = half.lastTime
      this.frame = half.lastFrame
      if (half.carrier !== null) this.#framer.flush(half, 'lost')
      this.#framer.flushStray(half)
    }
    this.time = time
    this.frame = frame
    if (isOneSided(connection)) this.counters.oneSided++
    const known =
      connection.low.carrier !== null ||
      connection.high.carrier !== null ||
      connection.outer.length > 0 ||
      connection.signatures > 0 ||
      connection.hasStrays
    if (!known) this.foreignConnections++
    // of one that goes on the first message may not be whole yet
    const mayGoOn = connection.isOpen && connection.protocol === 6 && this.#framer.isOnKnownPort(connection)
    if (known || mayGoOn || this.#framer.mayHide(connection)) this.#sink.closed(connection)
    for (const half of [connection.low, connection.high]) {
      half.release()
      this.#count(half)
    }
    this.#followed.close(connection)
  }

  #evict(index: number, forced: boolean): boolean {
    if (this.#table.state(index) !== FOLLOWED) return true
    const slot = this.#table.slot(index)
    if (!forced && this.#isAlive(slot)) return false
    this.#close(this.#followed.at(slot))
    this.counters.evicted++
    return true
  }

  /** Lets go of the object, not of the conversation: what it says later is followed anew, from its middle. */
  #evictFollowed(): void {
    const { tcp } = this.#followed
    let slot = tcp.oldest
    for (let asked = 0; asked < ASK_MAX && slot >= 0 && this.#isAlive(slot); asked++) slot = tcp.newer(slot)
    // everything old is alive: the oldest leaves all the same
    if (slot < 0) slot = tcp.oldest
    if (slot < 0) return
    const leaves = this.#followed.at(slot)
    this.#close(leaves)
    this.#table.forgetHandshake(leaves.index)
    this.counters.evicted++
  }

  #isAlive(slot: number): boolean {
    const connection = this.#followed.known(slot)
    return connection !== null && (this.time - connection.lastPduTime) / 1e6 < LIVE_SECONDS
  }
}

/**
 * Only one direction was seen. A question in datagrams may stay without an answer; an answer without its question was
 * not seen whole.
 */
function isOneSided(connection: Connection): boolean {
  const { low, high, protocol } = connection
  if (protocol === 6) return low.seen !== high.seen
  if (low.bytesSeen > 0 === high.bytesSeen > 0) return false
  const said = low.bytesSeen > 0 ? low : high
  return said.carrier !== null && said.side === 'server'
}

/**
 * Nobody wants it, and there is nothing else: what waited for this packet may have been the last that was asked of. A
 * client of TLS that sends data in its first flight (0-RTT) is still to be answered.
 */
function isNobodys({ unclaimed, carrier, connection, peer }: Half): boolean {
  if (!unclaimed) return false
  return peer.unclaimed || (peer.bytesSeen === 0 && !(carrier !== null && connection.sawStart && peer.seen))
}

function isAnswered({ low, high }: Connection): boolean {
  return low.bytesSeen > 0 && high.bytesSeen > 0
}

function endsInSignature(segment: Segment): boolean {
  const { bytes, payloadStart, payloadLength } = segment
  const least = payloadLength <= SMALL_BYTES ? 1 : TAIL_BYTES_MIN
  return signatureTail(bytes, payloadStart, payloadStart + payloadLength, least) > 0
}

/** Does this SYN belong right before the first bytes that were seen of a conversation without one? */
function isLate(connection: Connection, clientIsLow: boolean, clientSeq: number): boolean {
  if (connection.sawStart) return false
  const { startSeq } = clientIsLow ? connection.low : connection.high
  const before = seqDistance(clientSeq + 1, startSeq)
  return startSeq >= 0 && before >= 0 && before < FIRST_FLIGHT_BYTES
}

/** protocol number in the IP header */
const UDP = 17
/** of what the engine says */
const TOLD_NUMBERS = TOLD_BYTES / 8
/** What may begin or end something. */
const TURNING = TCP_SYN | TCP_FIN | TCP_RST
const ANY_BYTE = Array.from({ length: 256 }, (_, byte) => byte)
/** what a client may have sent before its SYN reached the capture */
const FIRST_FLIGHT_BYTES = 1 << 16
/** as much of a signature at the end of a segment is no accident any more: one in 65,000 of random ones */
const TAIL_BYTES_MIN = 2
/**
 * In segments so small that a signature spans several, its first byte is enough: there are few of them in bulk traffic.
 */
const SMALL_BYTES = 16
/** a connection with a PDU younger than this is not evicted while an older one exists */
const LIVE_SECONDS = 60
/** how many of those one eviction steps over */
const ASK_MAX = 64
/** below are those of well-known services (RFC 6335 6) */
const REGISTERED_PORTS_FROM = 1024
/** whoever speaks first in a connection does so within this time */
const SILENT_SECONDS = 3
