/**
 * A toy carrier, and TCP conversations of it as `Segment` sequences: what the stream layer is tested with.
 *
 * ```
 *   0 'To'          magic; 'Uo' for the second toy, which takes over where the first one is lost
 *   2 flags (1)     WANTED, MORE, HEAD_ONLY, UNTIL_CLOSED
 *   3 length (4)    of the whole PDU, big-endian
 *   7 id (4)        tells one PDU from another
 *  11 body          bytes of 80 and above, so that no magic stands in it
 *   n checksum (4)  over everything before it, each byte with its highest bit set
 * ```
 */
import { type Carrier, type Framing, UNTIL_CLOSE } from '../../decoders/carrier.ts'
import { type Segment, TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../../src/net/segment.ts'
import type { Connection } from '../../src/stream/connection.ts'
import type { Standalone } from '../../src/stream/conversation.ts'
import type { Cut, StreamSink } from '../../src/stream/sink.ts'
import { Stream } from '../../src/stream/stream.ts'
import { type End, type SegmentOptions, segment } from './segment.ts'

export const WANTED = 1
/** the message goes on in the next PDU */
export const MORE = 2
/** only the header and the id are kept */
export const HEAD_ONLY = 4
export const UNTIL_CLOSED = 8

const HEADER_BYTES = 7
const ID_END = 11
export const PDU_BYTES_MIN = 15
const T = 0x54
const U = 0x55
const O = 0x6f

export const toy: Carrier = toyCarrier('toy', T)
export const otherToy: Carrier = toyCarrier('other toy', U)

function toyCarrier(name: string, letter: number): Carrier {
  return {
    name,
    transport: 'tcp',
    ports: [],
    probe: (head) => {
      if (head.length > 0 && head[0] !== letter) return 'other'
      if (head.length > 1 && head[1] !== O) return 'other'
      return head.length < 2 ? 'more' : 'mine'
    },
    frame: (head, _side, out: Framing) => {
      if (head.length > 0 && head[0] !== letter) return 'lost'
      if (head.length > 1 && head[1] !== O) return 'lost'
      if (head.length < HEADER_BYTES) return 'more'
      const flags = head[2]!
      const length = lengthOf(head)
      if (length < PDU_BYTES_MIN) return 'lost'
      out.length = flags & UNTIL_CLOSED ? UNTIL_CLOSE : length
      out.keep = flags & WANTED ? (flags & HEAD_ONLY ? ID_END : length) : 0
      out.more = (flags & MORE) !== 0
      return 'ready'
    },
    decode: () => ({ value: [], fault: null }),
  }
}

function lengthOf(bytes: Uint8Array): number {
  return ((bytes[3]! << 24) | (bytes[4]! << 16) | (bytes[5]! << 8) | bytes[6]!) >>> 0
}

/** One PDU of the toy carrier, `size` bytes in all. */
export function pdu(id: number, size = 40, flags = WANTED, letter = T): Uint8Array {
  const bytes = new Uint8Array(Math.max(size, PDU_BYTES_MIN))
  bytes.set([letter, O, flags, bytes.length >>> 24, bytes.length >>> 16, bytes.length >>> 8, bytes.length])
  bytes.set([id >>> 24, id >>> 16, id >>> 8, id], HEADER_BYTES)
  for (let at = ID_END; at < bytes.length - 4; at++) bytes[at] = 0x80 | ((id * 31 + at * 7 + (at >>> 7)) & 0x7f)
  bytes.set(checksum(bytes.subarray(0, bytes.length - 4)), bytes.length - 4)
  return bytes
}

export function otherPdu(id: number, size = 40, flags = WANTED): Uint8Array {
  return pdu(id, size, flags, U)
}

/** FNV-1a, spread over bytes that are no letters. */
function checksum(bytes: Uint8Array): Uint8Array {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return Uint8Array.of(hash, hash >>> 7, hash >>> 14, hash >>> 21).map((byte) => byte | 0x80)
}

/** Do these bytes hold whole, unharmed PDUs? Their ids, or null. */
export function idsOf(bytes: Uint8Array): number[] | null {
  const ids: number[] = []
  let rest = bytes
  while (rest.length > 0) {
    if (rest.length === ID_END && rest[2]! & HEAD_ONLY) return [...ids, idOf(rest)!]
    if (rest.length < PDU_BYTES_MIN || lengthOf(rest) > rest.length) return null
    const one = rest.subarray(0, lengthOf(rest))
    if (!checksum(one.subarray(0, one.length - 4)).every((byte, at) => byte === one[one.length - 4 + at])) return null
    ids.push(idOf(one)!)
    rest = rest.subarray(one.length)
  }
  return ids
}

/** The id at the start of a PDU that may be cut; null where it is cut before it. */
export function idOf(bytes: Uint8Array): number | null {
  if (bytes.length < ID_END) return null
  return ((bytes[7]! << 24) | (bytes[8]! << 16) | (bytes[9]! << 8) | bytes[10]!) >>> 0
}

// --- conversations
// --------------------------------------------------------------------------------------------------------------

export type Side = 'client' | 'server'

/** One packet of a conversation, not yet sent. */
export type Packet = SegmentOptions & { readonly from: Side }

export interface TalkOptions {
  readonly client?: End
  readonly server?: End
  readonly clientIsn?: number
  readonly serverIsn?: number
}

/** Makes the packets of one TCP connection in the order in which they were sent. */
export class Talk {
  readonly client: End
  readonly server: End
  /** sequence number of the next byte */
  readonly next: { client: number; server: number }

  constructor(options: TalkOptions = {}) {
    this.client = options.client ?? { ip: '10.0.0.9', port: 50_000 }
    this.server = options.server ?? { ip: '10.0.0.1', port: 4000 }
    this.next = { client: options.clientIsn ?? 1000, server: options.serverIsn ?? 900_000 }
  }

  handshake(): Packet[] {
    return [this.syn(), this.synAck(), this.ack('client')]
  }

  syn(): Packet {
    const made = this.#packet('client', TCP_SYN)
    this.next.client = (this.next.client + 1) >>> 0
    return { ...made, ack: 0 }
  }

  synAck(): Packet {
    const made = this.#packet('server', TCP_SYN | TCP_ACK)
    this.next.server = (this.next.server + 1) >>> 0
    return made
  }

  ack(from: Side): Packet {
    return this.#packet(from, TCP_ACK)
  }

  /** The bytes in segments of `size`. */
  send(from: Side, bytes: Uint8Array, size = 1460): Packet[] {
    const packets: Packet[] = []
    for (let at = 0; at < bytes.length; at += size) {
      const payload = bytes.subarray(at, at + size)
      packets.push({ ...this.#packet(from, TCP_ACK), payload })
      this.next[from] = (this.next[from] + payload.length) >>> 0
    }
    return packets
  }

  fin(from: Side): Packet {
    const made = this.#packet(from, TCP_FIN | TCP_ACK)
    this.next[from] = (this.next[from] + 1) >>> 0
    return made
  }

  rst(from: Side): Packet {
    return this.#packet(from, TCP_RST)
  }

  /** FIN from both ends, acknowledged. */
  bye(): Packet[] {
    return [this.fin('client'), this.fin('server'), this.ack('client')]
  }

  #packet(from: Side, flags: number): Packet {
    const [source, destination] = from === 'client' ? [this.client, this.server] : [this.server, this.client]
    const ack = this.next[from === 'client' ? 'server' : 'client']
    return { from, source, destination, flags, seq: this.next[from], ack }
  }
}

/** The same packet as if the snap length had cut its payload after `captured` bytes. */
export function snapped(packet: Packet, captured: number): Packet {
  const payload = packet.payload ?? new Uint8Array(0)
  if (payload.length <= captured) return packet
  return { ...packet, payload: payload.slice(0, captured), missing: payload.length - captured }
}

// --- listening
// ------------------------------------------------------------------------------------------------------------------

/** What the sink was given. */
export interface Heard {
  readonly from: Side
  readonly carrier: string
  readonly bytes: Uint8Array
  readonly cut: Cut
  readonly time: number
  readonly frame: number
  readonly connection: Connection
}

export interface ListenOptions {
  readonly carriers?: readonly Carrier[]
  readonly connectionsMax?: number
}

/** A stream with a sink that writes down; frames are counted from 1, `interval` microseconds apart. */
export class Listener implements StreamSink {
  readonly stream: Stream
  readonly heard: Heard[] = []
  /** datagrams of carriers of context; `port` is the sender's */
  readonly lonely: { carrier: string; port: number; bytes: Uint8Array; cut: Cut; frame: number }[] = []
  /** the outer carriers, each time that a conversation led into another one */
  readonly overs: string[][] = []
  readonly closedConnections: Connection[] = []
  frame = 0
  time = 1_000_000
  interval = 1000

  constructor(options: ListenOptions = {}) {
    this.stream = new Stream(options.carriers ?? [toy, otherToy], this, options.connectionsMax)
  }

  pdu(connection: Connection, from: 0 | 1, carrier: Carrier, bytes: Uint8Array, cut: Cut): void {
    const { time, frame } = this.stream
    const port = from === 0 ? connection.lowPort : connection.highPort
    const side = port >= CLIENT_PORTS ? 'client' : 'server'
    this.heard.push({ from: side, carrier: carrier.name, bytes: bytes.slice(), cut, time, frame, connection })
  }

  standalone({ lowPort }: Standalone, carrier: Carrier, bytes: Uint8Array, cut: Cut): void {
    this.lonely.push({ carrier: carrier.name, port: lowPort, bytes: bytes.slice(), cut, frame: this.stream.frame })
  }

  tunnel(connection: Connection): void {
    this.overs.push(connection.outer.map(({ name }) => name))
  }

  closed(connection: Connection): void {
    this.closedConnections.push(connection)
  }

  /** Each packet in a buffer that is overwritten afterwards, as the reader does with its own. */
  play(packets: readonly Packet[]): this {
    for (const packet of packets) this.feed(segment(packet))
    return this
  }

  feed(made: Segment): void {
    this.frame++
    this.time += this.interval
    if (made.protocol === 17) this.stream.udp(made, this.time, this.frame)
    else this.stream.tcp(made, this.time, this.frame)
    made.bytes.fill(0xdd)
  }

  end(): this {
    this.stream.end()
    return this
  }

  /** Ids of what was heard whole, each message as `from` and its ids joined by '+'. */
  get whole(): string[] {
    return this.heard
      .filter(({ cut }) => cut === 'whole')
      .map(({ from, bytes }) => `${from} ${idsOf(bytes)?.join('+') ?? 'broken'}`)
  }

  /** Ids of what was heard with its end missing. */
  get cut(): string[] {
    return this.heard.filter(({ cut }) => cut !== 'whole').map(({ from, bytes }) => `${from} ${idOf(bytes) ?? 'no id'}`)
  }
}

/** in these tests the client's port is never below */
const CLIENT_PORTS = 10_000
