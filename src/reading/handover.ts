/**
 * From the thread that reads to the thread that understands: conversations and PDUs as records in chunks of memory, in
 * their order. Where several threads dissect, the conversations are divided by client, each thread has a chunk of its
 * own, all chunks are sent together (a round), and each record has its number in the round.
 *
 * A chunk is an ArrayBuffer that changes its owner: nothing is copied twice, and bytes that somebody keeps without
 * copying them would be gone. Chunks come back and are used again; so many are on their way that neither thread waits
 * for the other's next turn, and no more, which bounds the memory.
 */
import type { Carrier } from '../../decoders/carrier.ts'
import { interned } from '../../decoders/parts/interned.ts'
import { Paged } from '../memory/paged.ts'
import type { Connection } from '../stream/connection.ts'
import { Conversation, type Ends, Standalone } from '../stream/conversation.ts'
import type { Clock, Cut, StreamSink } from '../stream/sink.ts'
import { Division } from './division.ts'

/** A kept PDU has LIMITS.keptBytesMax bytes at most; one that does not fit gets a chunk of its own size. */
export const CHUNK_BYTES = 1 << 18

/*
 * A record, in the byte order of the machine; `index` is that of the connection in the stream's table
 *   0 kind, from << 8, cut << 16   4 index   8 two small numbers of 16 bits   12 length of the bytes   16 gaps
 *  20 handshake: 0 not seen, 1 the client is low, 2 it is high; (1 + half that ended it) << 2; bits of how it was left
 *  24 time   32 frame   40 number in the round   48 bytes, padded to 8
 */
const HEAD_BYTES = 48
const OPENED = 1
const PDU = 2
const CLOSED = 3
/**
 * a datagram in no conversation; its bytes stand behind its ends, whose length is the second small number
 */
const LONE = 4
const OVER = 5
/** ends: protocol, ports, length of the low address (4 bytes each), then the text of both */
const ENDS_BYTES = 16
const CUTS: readonly Cut[] = ['whole', 'snap-length', 'lost']
const NO_CARRIER = 0xffff
/** of a conversation that the captures leave: bits of its handshake */
const IS_OPEN = 1 << 4
const IS_TWO_SIDED = 1 << 5
/** a PDU's second small number: the signatures seen until then */
const SMALL_MAX = 0xffff
/**
 * Where a conversation ends, its kind holds how many signatures were seen, its bytes the numbers of the outer carriers.
 */
const SIGNATURES_MAX = 0x7fffff

/** A chunk and how many of its bytes are records. */
export interface Filled {
  readonly chunk: ArrayBuffer
  readonly used: number
}

/** Where the chunk of one receiver is filled. */
class Outlet {
  chunk: ArrayBuffer | null = null
  bytes = new Uint8Array(0)
  words = new Int32Array(0)
  numbers = new Float64Array(0)
  used = 0
}

/**
 * The sink of the reading thread. `next` gives an empty chunk for a receiver, `send` takes what was filled: a place for
 * each receiver that has begun, null where there is nothing for it. Once the division is joined there is one receiver
 * more, behind the others, who get nothing any more.
 */
export class HandoverWriter implements StreamSink {
  readonly #carriers: readonly Carrier[]
  readonly #clock: Clock
  readonly #next: (bytes: number, outlet: number) => ArrayBuffer
  readonly #send: (round: readonly (Filled | null)[]) => void
  readonly #outlets: readonly Outlet[]
  /** whose conversations are whose */
  readonly #division: Division
  /** where the present record goes */
  #out: Outlet
  /** records in this round */
  #count = 0

  constructor(
    carriers: readonly Carrier[],
    clock: Clock,
    next: (bytes: number, outlet: number) => ArrayBuffer,
    send: (round: readonly (Filled | null)[]) => void,
    division: Division = new Division(1),
  ) {
    this.#carriers = carriers
    this.#clock = clock
    this.#next = next
    this.#send = send
    this.#division = division
    // the last one: for when the division is joined
    this.#outlets = Array.from({ length: division.parts + 1 }, () => new Outlet())
    this.#out = this.#outlets[0]!
  }

  pdu(connection: Connection, from: 0 | 1, carrier: Carrier, bytes: Uint8Array, cut: Cut): void {
    this.#open(connection, carrier)
    const { time, frame } = this.#clock
    const kind = PDU | (from << 8) | (CUTS.indexOf(cut) << 16)
    const small = this.#carriers.indexOf(carrier) | (Math.min(connection.signatures, SMALL_MAX) << 16)
    const at = this.#record(kind, connection, small, bytes.length, time, frame)
    this.#out.bytes.set(bytes, at)
  }

  standalone(datagram: Standalone, carrier: Carrier, bytes: Uint8Array, cut: Cut): void {
    const { time, frame } = this.#clock
    this.#join()
    this.#out = this.#outletOf(this.#division.partOf(datagram, carrier))
    const length = lengthOf(datagram)
    const small = this.#carriers.indexOf(carrier) | (length << 16)
    const kind = LONE | (CUTS.indexOf(cut) << 16)
    const at = this.#record(kind, NO_CONNECTION, small, length + bytes.length, time, frame)
    this.#write(datagram, at)
    this.#out.bytes.set(bytes, at + length)
  }

  tunnel(connection: Connection): void {
    this.#open(connection, null)
    this.#record(OVER, connection, 0, 0, this.#clock.time, this.#clock.frame)
  }

  closed(connection: Connection): void {
    this.#open(connection, null)
    const low = this.#carrierNumber(connection.low.carrier)
    const high = this.#carrierNumber(connection.high.carrier)
    const kind = CLOSED | (Math.min(connection.signatures, SIGNATURES_MAX) << 8)
    const { outer } = connection
    const at = this.#record(kind, connection, low | (high << 16), outer.length, this.#clock.time, this.#clock.frame)
    const { bytes } = this.#out
    for (let i = 0; i < outer.length; i++) bytes[at + i] = this.#carriers.indexOf(outer[i]!)
  }

  /** Sends what there is; true if there was anything. */
  flush(): boolean {
    if (this.#count === 0) return false
    this.#count = 0
    const round: (Filled | null)[] = []
    const { begun } = this.#division
    for (let part = 0; part < begun; part++) {
      const outlet = this.#outlets[part]!
      const { chunk, used } = outlet
      round.push(chunk === null ? null : { chunk, used })
      outlet.chunk = null
      outlet.used = 0
    }
    this.#send(round)
    return true
  }

  /** What was written before goes to those that it was for. */
  #join(): void {
    if (!this.#division.isToJoin) return
    this.flush()
    this.#division.join()
  }

  #outletOf(part: number): Outlet {
    return this.#outlets[this.#division.placeOf(part)]!
  }

  #open(connection: Connection, carrier: Carrier | null): void {
    this.#join()
    // on this side the context is free: it says that the other side knows the conversation, and who has it
    if (connection.context !== null) {
      this.#out = this.#outletOf(connection.context as number)
      return
    }
    const part = this.#division.partOf(connection, carrier)
    connection.context = part
    this.#out = this.#outletOf(part)
    const { startTime, startFrame } = connection
    const at = this.#record(OPENED, connection, 0, lengthOf(connection), startTime, startFrame)
    this.#write(connection, at)
  }

  #write({ protocol, lowPort, highPort, lowAddress, highAddress }: Ends, at: number): void {
    const { words } = this.#out
    const word = at >> 2
    words[word] = protocol
    words[word + 1] = lowPort
    words[word + 2] = highPort
    words[word + 3] = lowAddress.length
    this.#writeText(lowAddress, at + ENDS_BYTES)
    this.#writeText(highAddress, at + ENDS_BYTES + lowAddress.length)
  }

  #writeText(text: string, at: number): void {
    const { bytes } = this.#out
    for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i)
  }

  #carrierNumber(carrier: Carrier | null): number {
    return carrier === null ? NO_CARRIER : this.#carriers.indexOf(carrier)
  }

  /** Writes the head of a record with room for `length` bytes; where those begin. */
  #record(kind: number, connection: Recorded, small: number, length: number, time: number, frame: number): number {
    const size = HEAD_BYTES + ((length + 7) & ~7)
    const out = this.#out
    if (out.chunk !== null && out.used + size > out.bytes.length) this.flush()
    if (out.chunk === null) {
      const chunk = this.#next(Math.max(size, CHUNK_BYTES), this.#outlets.indexOf(out))
      out.chunk = chunk
      out.bytes = new Uint8Array(chunk)
      out.words = new Int32Array(chunk)
      out.numbers = new Float64Array(chunk)
    }
    const at = out.used
    const { words, numbers } = out
    const word = at >> 2
    words[word] = kind
    words[word + 1] = connection.index
    words[word + 2] = small
    words[word + 3] = length
    words[word + 4] = connection.gaps
    const handshake = !connection.sawStart ? 0 : connection.clientHalf === 0 ? 1 : 2
    const left = (connection.isOpen ? IS_OPEN : 0) | (connection.isTwoSided ? IS_TWO_SIDED : 0)
    words[word + 5] = handshake | ((connection.endedBy + 1) << 2) | left
    numbers[(at >> 3) + 3] = time
    numbers[(at >> 3) + 4] = frame
    words[word + 10] = this.#count++
    out.used += size
    return at + HEAD_BYTES
  }
}

/** Reads chunks, and is to its sink what the stream is in one thread. */
export class HandoverReader implements Clock {
  time = 0
  frame = 0
  /** of the record in its round */
  number = 0
  readonly #carriers: readonly Carrier[]
  readonly #sink: StreamSink<Conversation>
  /** by their places in the table, of which most hold nobody who is followed */
  readonly #conversations = new Paged<Mirror>()

  constructor(carriers: readonly Carrier[], sink: StreamSink<Conversation>) {
    this.#carriers = carriers
    this.#sink = sink
  }

  /** What is open. */
  get conversations(): Iterable<Mirror> {
    return this.#conversations
  }

  /** The open conversation at this place in the table; null: there is none. */
  at(index: number): Mirror | null {
    return this.#conversations.get(index)
  }

  /** An open conversation of which another thread has read what came so far. */
  adopt(conversation: Mirror): void {
    this.#conversations.set(conversation.index, conversation)
  }

  /** Gives every record of a chunk to the sink; the bytes of PDUs are borrowed for the call. */
  chunk(chunk: ArrayBuffer, used: number): void {
    const words = new Int32Array(chunk)
    const numbers = new Float64Array(chunk, 0, chunk.byteLength >> 3)
    const texts = Buffer.from(chunk)
    for (let at = 0; at < used; ) {
      const word = at >> 2
      const kind = words[word]!
      const index = words[word + 1]!
      const small = words[word + 2]!
      const length = words[word + 3]!
      this.time = numbers[(at >> 3) + 3]!
      this.frame = numbers[(at >> 3) + 4]!
      this.number = words[word + 10]!
      const bytes = at + HEAD_BYTES
      at = bytes + ((length + 7) & ~7)
      if ((kind & 0xff) === LONE) {
        this.#lone(words, texts, bytes, length, kind, small)
        continue
      }
      if ((kind & 0xff) === OPENED) {
        this.#conversations.set(index, new Mirror(index, endsOf(words, texts, bytes, length), this.time, this.frame))
        continue
      }
      const conversation = this.#conversations.get(index)!
      conversation.gaps = words[word + 4]!
      const handshake = words[word + 5]! & 3
      conversation.endedBy = (((words[word + 5]! >> 2) & 3) - 1) as Conversation['endedBy']
      conversation.isOpen = (words[word + 5]! & IS_OPEN) !== 0
      conversation.isTwoSided = (words[word + 5]! & IS_TWO_SIDED) !== 0
      if (handshake !== 0) conversation.handshake(handshake === 1)
      if ((kind & 0xff) === PDU) {
        const from = ((kind >> 8) & 1) as 0 | 1
        const carrier = this.#carriers[small & 0xffff]!
        conversation.signatures = small >>> 16
        this.#sink.pdu(conversation, from, carrier, new Uint8Array(chunk, bytes, length), CUTS[kind >> 16]!)
      } else if ((kind & 0xff) === OVER) {
        this.#sink.tunnel(conversation)
      } else {
        this.#conversations.delete(index)
        conversation.signatures = kind >>> 8
        if (length > 0) conversation.outer = Array.from(texts.subarray(bytes, bytes + length), this.#carrierOf)
        conversation.lowCarrier = this.#carriers[small & 0xffff] ?? null
        conversation.highCarrier = this.#carriers[small >>> 16] ?? null
        this.#sink.closed(conversation)
      }
    }
  }

  readonly #carrierOf = (number: number) => this.#carriers[number]!

  #lone(words: Int32Array, texts: Buffer, at: number, length: number, kind: number, small: number): void {
    const endsLength = small >>> 16
    const bytes = new Uint8Array(words.buffer, at + endsLength, length - endsLength)
    this.#sink.standalone(
      new Standalone(endsOf(words, texts, at, endsLength), this.time, this.frame),
      this.#carriers[small & 0xffff]!,
      bytes,
      CUTS[kind >> 16]!,
    )
  }
}

/** What every record tells of its connection. */
type Recorded = Pick<Connection, 'index' | 'gaps' | 'sawStart' | 'clientHalf' | 'endedBy' | 'isOpen' | 'isTwoSided'>

const NO_CONNECTION: Recorded = {
  index: -1,
  gaps: 0,
  sawStart: false,
  clientHalf: -1,
  endedBy: -1,
  isOpen: false,
  isTwoSided: false,
}

/** What this side knows of a connection in the other thread. */
export class Mirror extends Conversation {
  /** its place in the table of connections, which nobody else has until it is closed */
  readonly index: number
  lowCarrier: Carrier | null = null
  highCarrier: Carrier | null = null

  constructor(index: number, ends: Ends, startTime: number, startFrame: number) {
    super(ends, startTime, startFrame)
    this.index = index
  }

  carrierOf(half: 0 | 1): Carrier | null {
    return half === 0 ? this.lowCarrier : this.highCarrier
  }
}

function lengthOf({ lowAddress, highAddress }: Ends): number {
  return ENDS_BYTES + lowAddress.length + highAddress.length
}

function endsOf(words: Int32Array, texts: Buffer, at: number, length: number): Ends {
  const word = at >> 2
  const low = at + ENDS_BYTES
  const high = low + words[word + 3]!
  return {
    protocol: words[word]!,
    lowPort: words[word + 1]!,
    highPort: words[word + 2]!,
    lowAddress: interned(texts.toString('latin1', low, high)),
    highAddress: interned(texts.toString('latin1', high, at + length)),
  }
}
