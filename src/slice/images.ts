/**
 * What the frames of a slice say one behind the other: each direction of a connection as one row of bytes, each
 * datagram by itself, with the way back to the frames that hold a byte.
 *
 * A byte that was sent twice stands in two frames, one that was fragmented in the frame of its fragment. What is
 * written goes to all of them. Bytes that contradict what was said before at the same place are an image of their
 * own.
 */
import { Packet } from '../capture/packet.ts'
import { Network } from '../net/net.ts'
import { Segment, seqDistance, TCP_SYN } from '../net/segment.ts'
import { directionOf, flowOf, fragmentIn, opensConnection, type SourceFrame } from './frames.ts'

/** A frame while its secrets are taken out: `out` is what will be written. */
export interface SliceFrame extends SourceFrame {
  readonly out: Uint8Array
  /** why it is in the slice, and what was taken out of it */
  readonly why: string[]
}

/** Bytes of an image, and where they stand in a frame. */
interface Piece {
  readonly frame: SliceFrame
  readonly at: number
  readonly start: number
  readonly length: number
}

export class Image {
  readonly flow: string
  /** as captured, and as it will be written */
  readonly bytes: Buffer
  readonly out: Buffer
  readonly #pieces: readonly Piece[]
  /** everything before it belongs to messages that were seen */
  cursor = 0
  /** a carrier has read something of it */
  isRead = false
  /** 1: a carrier has told what message the byte belongs to */
  readonly #framed: Uint8Array

  constructor(flow: string, length: number, pieces: readonly Piece[]) {
    this.flow = flow
    this.bytes = Buffer.alloc(length)
    this.out = Buffer.alloc(length)
    this.#framed = new Uint8Array(length)
    this.#pieces = pieces
    for (const { frame, at, start, length: size } of pieces.toReversed()) {
      this.bytes.set(frame.bytes.subarray(at, at + size), start)
      this.out.set(frame.out.subarray(at, at + size), start)
    }
  }

  /** Does the frame say here what the image has? */
  contradicts({ frame, at, start, length }: Piece): boolean {
    return !this.bytes.subarray(start, start + length).equals(frame.bytes.subarray(at, at + length))
  }

  /** Writes what differs from what was captured; returns the frames that changed. */
  write(position: number, masked: Uint8Array): Set<SliceFrame> {
    const changed = new Set<SliceFrame>()
    for (let index = 0; index < masked.length && position + index < this.bytes.length; index++) {
      const place = position + index
      if (masked[index] === this.bytes[place]) continue
      this.out[place] = masked[index]!
    }
    for (const { frame, at, start, length } of this.#pieces) {
      const from = Math.max(start, position)
      const to = Math.min(start + length, position + masked.length)
      for (let place = from; place < to; place++) {
        if (this.out[place] === this.bytes[place] || frame.out[at + place - start] === this.out[place]) continue
        frame.out[at + place - start] = this.out[place]!
        changed.add(frame)
      }
    }
    return changed
  }

  zero(from: number, to: number): Set<SliceFrame> {
    return this.write(from, new Uint8Array(Math.max(0, to - from)))
  }

  framed(from: number, to: number): void {
    this.isRead = true
    this.#framed.fill(1, from, to)
  }

  /** What stands between the messages: behind a hole nobody knows what it is. */
  zeroUnframed(): Set<SliceFrame> {
    const masked = new Uint8Array(this.out)
    for (const [at, framed] of this.#framed.entries()) if (framed === 0) masked[at] = 0
    return this.write(0, masked)
  }

  /** The frames that hold bytes of it. */
  framesAt(from: number, to: number): SliceFrame[] {
    return this.#pieces.filter(({ start, length }) => start < to && start + length > from).map(({ frame }) => frame)
  }
}

/** What one packet says, and where it stands in its image. */
export interface Said {
  readonly kind: number
  readonly image: Image | null
  readonly position: number
  readonly length: number
}

export interface Images {
  readonly all: readonly Image[]
  readonly byFlow: ReadonlyMap<string, readonly Image[]>
  /** by the frame that completes the packet */
  readonly said: ReadonlyMap<SliceFrame, Said>
}

interface Spoken {
  readonly frame: SliceFrame
  readonly position: number
  readonly length: number
  readonly parts: readonly Piece[]
}

/** One direction of a connection while its segments are gathered. */
interface Direction {
  readonly flow: string
  lastSeq: number
  lastPosition: number
  syn: number
  readonly spoken: Spoken[]
}

/** Fills a packet as a reader of captures would; its bytes are those that are written, or were captured. */
export function packetOf(frame: SliceFrame, number: number, packet: Packet, masked: boolean): void {
  packet.bytes = masked ? frame.out : frame.bytes
  packet.start = 0
  packet.captured = packet.bytes.length
  packet.original = frame.original
  packet.time = frame.time
  packet.linkType = frame.linkType
  packet.frame = number
  packet.capture = 0
  packet.block = number
  packet.blockEnd = packet.bytes.length
  packet.interfaceId = 0
  packet.marked = null
}

export function imagesOf(frames: readonly SliceFrame[]): Images {
  const network = new Network()
  const segment = new Segment()
  const packet = new Packet()
  const directions = new Map<string, Direction>()
  const all: Image[] = []
  const said = new Map<SliceFrame, Said>()
  const waiting: SliceFrame[] = []
  const finish = (direction: Direction) => imagesOfDirection(direction, all, said)
  for (const [index, frame] of frames.entries()) {
    packetOf(frame, index + 1, packet, false)
    const kind = network.decode(packet, segment)
    if (kind === 0) {
      waiting.push(frame)
      continue
    }
    const parts = placesOf(frame, segment, waiting)
    const length = segment.payloadLength
    if (kind !== 1) {
      const image = new Image(flowOf(segment), length, parts)
      if (length > 0) all.push(image)
      said.set(frame, { kind, image: length > 0 ? image : null, position: 0, length })
      continue
    }
    const key = directionOf(segment)
    let direction = directions.get(key)
    const isNew = direction !== undefined && opensConnection(segment) && direction.syn !== segment.seq
    const isFar = direction !== undefined && Math.abs(seqDistance(direction.lastSeq, segment.seq)) > FAR_BYTES
    if (direction !== undefined && ((isNew && direction.spoken.length > 0) || isFar)) {
      finish(direction)
      direction = undefined
    }
    const seq = (segment.flags & TCP_SYN) !== 0 ? (segment.seq + 1) >>> 0 : segment.seq
    if (direction === undefined) {
      direction = { flow: flowOf(segment), lastSeq: seq, lastPosition: 0, syn: -1, spoken: [] }
      directions.set(key, direction)
    }
    if (opensConnection(segment)) direction.syn = segment.seq
    const position = direction.lastPosition + seqDistance(direction.lastSeq, seq)
    direction.lastPosition = position
    direction.lastSeq = seq
    if (length > 0) direction.spoken.push({ frame, position, length, parts })
    else said.set(frame, { kind, image: null, position: 0, length: 0 })
  }
  for (const direction of directions.values()) finish(direction)
  const byFlow = new Map<string, Image[]>()
  for (const image of all) {
    const images = byFlow.get(image.flow)
    if (images === undefined) byFlow.set(image.flow, [image])
    else images.push(image)
  }
  return { all, byFlow, said }
}

/** farther apart than any window: another connection, or noise */
const FAR_BYTES = 1 << 26

function imagesOfDirection({ flow, spoken }: Direction, all: Image[], said: Map<SliceFrame, Said>): void {
  if (spoken.length === 0) return
  const first = Math.min(...spoken.map(({ position }) => position))
  const end = Math.max(...spoken.map(({ position, length }) => position + length))
  const moved = (one: Spoken) => one.parts.map((part) => ({ ...part, start: part.start + one.position - first }))
  // a span with holes of gigabytes is no row of bytes
  if (end - first > FAR_BYTES * 2) {
    for (const one of spoken) alone(flow, one, all, said)
    return
  }
  const image = new Image(flow, end - first, spoken.flatMap(moved))
  all.push(image)
  for (const one of spoken) {
    if (moved(one).some((piece) => image.contradicts(piece))) alone(flow, one, all, said)
    else said.set(one.frame, { kind: 1, image, position: one.position - first, length: one.length })
  }
}

function alone(flow: string, { frame, length, parts }: Spoken, all: Image[], said: Map<SliceFrame, Said>): void {
  const image = new Image(flow, length, parts)
  all.push(image)
  said.set(frame, { kind: 1, image, position: 0, length })
}

/** Where the payload of a segment stands in frames. */
function placesOf(frame: SliceFrame, segment: Segment, waiting: SliceFrame[]): Piece[] {
  if (segment.bytes === frame.bytes)
    return [{ frame, at: segment.payloadStart, start: 0, length: segment.payloadLength }]
  const headerBytes = headerOf(segment)
  return fragmentsOf(frame, segment, waiting).flatMap(({ frame: holder, place }) => {
    const start = place.offset - headerBytes
    const skipped = Math.max(0, -start)
    const from = start + skipped
    const length = Math.min(place.length - skipped, segment.payloadLength - from)
    return length > 0 ? [{ frame: holder, at: place.at + skipped, start: from, length }] : []
  })
}

/** The fragments of a datagram that was joined, with their places; the last one is that of `frame`. */
export function fragmentsOf(frame: SliceFrame, segment: Segment, waiting: readonly SliceFrame[]) {
  const own = fragmentIn(frame.bytes, segment)
  if (own === null) return []
  const found = []
  for (const other of [...waiting, frame]) {
    const place = fragmentIn(other.bytes, segment)
    if (place !== null && place.id === own.id) found.push({ frame: other, place })
  }
  return found
}

/** Octets of the transport header of a datagram that was joined: it stands right before the payload. */
export function headerOf({ bytes, payloadStart, protocol, sourcePort, destinationPort }: Segment): number {
  if (protocol === 17) return 8
  for (let size = 20; size <= 60; size += 4) {
    const at = payloadStart - size
    const isHeader = at >= 0 && bytes[at + 12]! >>> 4 === size / 4
    if (isHeader && ((bytes[at]! << 8) | bytes[at + 1]!) === sourcePort) {
      if (((bytes[at + 2]! << 8) | bytes[at + 3]!) === destinationPort) return size
    }
  }
  return 20
}
