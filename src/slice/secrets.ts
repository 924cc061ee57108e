/**
 * Takes out of frames what could be cracked: the decoders that read a secret say where it stood, and there zeros are
 * written. What cannot be found byte for byte in the frames is not guessed at: all that was said there becomes zeros.
 *
 * The frames are read as a run reads them (net, stream, dissection), with carriers that tell what they are given.
 */
import type { Carrier, Framing, Side } from '../../decoders/carrier.ts'
import { CARRIERS } from '../../decoders/registry.ts'
import { maskedPdu, maskedRest } from '../../decoders/secrets/pdu-secrets.ts'
import { soughtIn } from '../../decoders/secrets/sought.ts'
import { type Span, tokenSecrets } from '../../decoders/secrets/token-secrets.ts'
import { Packet } from '../capture/packet.ts'
import { hasSignature, SignatureWatch } from '../capture/signature.ts'
import { Dissector, type DissectSink } from '../dissect/dissector.ts'
import type { SecretNotes } from '../dissect/secret-notes.ts'
import { frameKey, splitFrameKey } from '../facts/frames.ts'
import { LIMITS } from '../memory/limits.ts'
import { Network } from '../net/net.ts'
import { Segment } from '../net/segment.ts'
import type { Conversation } from '../stream/conversation.ts'
import type { StreamSink } from '../stream/sink.ts'
import { Stream } from '../stream/stream.ts'
import { type Image, imagesOf, packetOf, type Said, type SliceFrame } from './images.ts'
import { type NotesByFrame, NoteTaker } from './notes.ts'

/** What was done. */
export interface Removed {
  /** what stood where zeros are now, each once: to look for in what is written */
  readonly secrets: readonly Uint8Array[]
  /** frames of which some bytes are zeros now, and those of which the whole payload is */
  readonly masked: ReadonlySet<SliceFrame>
  readonly emptied: ReadonlySet<SliceFrame>
  readonly notes: NotesByFrame
  /** frames that carry something in a conversation that no decoder has read anything of */
  readonly unread: ReadonlySet<SliceFrame>
}

/** `before`: notes of the captures, where these are slices themselves. Writes into `out` of the frames. */
export function removeSecrets(frames: readonly SliceFrame[], before: SecretNotes | null): Removed {
  return new Removal(frames, before).run()
}

/** Where reading stands. */
interface Place {
  readonly said: Said
  readonly frame: SliceFrame
}

class Removal {
  readonly #frames: readonly SliceFrame[]
  readonly #images: ReturnType<typeof imagesOf>
  readonly #taker: NoteTaker
  readonly #secrets = new Map<string, Uint8Array>()
  readonly #masked = new Set<SliceFrame>()
  readonly #emptied = new Set<SliceFrame>()
  #place: Place | null = null

  constructor(frames: readonly SliceFrame[], before: SecretNotes | null) {
    this.#frames = frames
    this.#images = imagesOf(frames)
    this.#taker = new NoteTaker(
      (token) => this.#token(token),
      before,
      (key) => {
        const frame = frames[splitFrameKey(key).frame - 1]
        return frame === undefined ? key : frameKey(frame.capture, frame.frame)
      },
    )
  }

  run(): Removed {
    const { tellingCarriers, sink } = this.#reader()
    const stream = new Stream(
      tellingCarriers,
      sink.of(() => stream),
    )
    const network = new Network()
    const signatures = new SignatureWatch()
    const segment = new Segment()
    const packet = new Packet()
    for (const [index, frame] of this.#frames.entries()) {
      packetOf(frame, index + 1, packet, false)
      const marked = signatures.isIn(packet)
      const kind = network.decode(packet, segment)
      const said = this.#images.said.get(frame)
      this.#place = said === undefined ? null : { said, frame }
      segment.hasSignature =
        kind === 1 || kind === 2 ? (segment.bytes === packet.bytes ? marked : hasSignature(segment)) : marked
      const key = frameKey(0, index + 1)
      if (kind === 1) stream.tcp(segment, packet.time, key)
      else if (kind === 2) stream.udp(segment, packet.time, key)
      else if (kind === 3) stream.unreachable(segment, packet.time, key)
      else if (kind === 4) stream.ppp(segment, packet.time, key)
    }
    stream.end()
    // another direction, or another copy of the same bytes, is no different from what stands between messages
    const unread = this.#unread()
    const read = this.#readFlows()
    for (const image of this.#images.all) if (read.has(image.flow)) this.#note(image.zeroUnframed())
    return {
      secrets: [...this.#secrets.values()],
      masked: this.#masked,
      emptied: this.#emptied,
      notes: this.#taker.notes,
      unread,
    }
  }

  #readFlows(): Set<string> {
    return new Set(this.#images.all.filter(({ isRead }) => isRead).map(({ flow }) => flow))
  }

  #unread(): Set<SliceFrame> {
    const read = this.#readFlows()
    const unread = new Set<SliceFrame>()
    for (const [frame, { image }] of this.#images.said)
      if (image !== null && !read.has(image.flow)) {
        // a datagram that was fragmented stands in several
        for (const holder of image.framesAt(0, image.bytes.length)) unread.add(holder)
        unread.add(frame)
      }
    return unread
  }

  #reader() {
    const tellingCarriers = CARRIERS.map((carrier) => this.#telling(carrier))
    const of = (clock: () => Stream): StreamSink<Conversation> => {
      const dissector = new Dissector(
        NOBODY,
        {
          get time() {
            return clock().time
          },
          get frame() {
            return clock().frame
          },
        },
        // a secret that is passed over because of our own bug would be written
        true,
        null,
        this.#taker,
      )
      return {
        pdu: (conversation, from, carrier, bytes, cut) => dissector.pdu(conversation, from, carrier, bytes, cut),
        standalone: (datagram, carrier, bytes, cut) => dissector.standalone(datagram, carrier, bytes, cut),
        tunnel: (conversation) => dissector.tunnel(conversation),
        closed: (conversation) => dissector.closed(conversation),
      }
    }
    return { tellingCarriers, sink: { of } }
  }

  /** A carrier that tells what it is asked about. */
  #telling(carrier: Carrier): Carrier {
    return {
      ...carrier,
      frame: (head: Uint8Array, side: Side, out: Framing) => {
        const framed = carrier.frame(head, side, out)
        if (framed === 'ready') this.#framed(carrier, head, out, side)
        return framed
      },
      decode: (pdu: Uint8Array, side: Side) => {
        this.#pdu(carrier.name, pdu)
        return carrier.decode(pdu, side)
      },
    }
  }

  /** A PDU, of which the carrier may leave out what stands behind its first `keep` bytes. */
  #framed(carrier: Carrier, head: Uint8Array, { length, keep }: Framing, side: Side): void {
    const found = this.#find(head)
    if (found === null) return
    const { image, position } = found
    const end = Math.min(image.bytes.length, position + Math.min(length, LIMITS.sliceBytesMax))
    image.framed(position, end)
    if (keep >= length || carrier.unclaimed !== undefined) return
    const whole = image.bytes.subarray(position, end)
    const masked = maskedRest(carrier.name, whole, keep, side === 'client')
    if (masked !== null) {
      this.#write(image, position, masked)
      if (keep > 0) this.#rememberRuns(carrier.name, whole, masked)
    }
    // what is kept tells its own place when it is decoded
    if (keep === 0) image.cursor = Math.max(image.cursor, end)
  }

  #pdu(carrier: string, pdu: Uint8Array): void {
    const masked = maskedPdu(carrier, pdu)
    const found = this.#find(pdu)
    if (found !== null) {
      found.image.framed(found.position, found.position + pdu.length)
      found.image.cursor = Math.max(found.image.cursor, found.position + pdu.length)
    }
    if (masked === null) return
    if (found === null) {
      this.#lost()
      return
    }
    this.#write(found.image, found.position, masked)
    this.#writeAll(this.#images.byFlow.get(found.image.flow) ?? [], pdu, masked)
    this.#rememberRuns(carrier, pdu, masked)
  }

  #token(token: Uint8Array): void {
    const spans = tokenSecrets(token).filter(({ start, end }) => token.subarray(start, end).some((byte) => byte !== 0))
    if (spans.length === 0) return
    const masked = new Uint8Array(token)
    for (const { start, end } of spans) masked.fill(0, start, end)
    for (const { start, end } of spans) this.#remember(token.subarray(start, end))
    const flow = this.#place?.said.image?.flow
    const here = flow === undefined ? [] : (this.#images.byFlow.get(flow) ?? [])
    if (!this.#tokenIn(here, token, masked, spans) && !this.#tokenIn(this.#images.all, token, masked, spans))
      this.#lost()
  }

  #tokenIn(images: readonly Image[], token: Uint8Array, masked: Uint8Array, spans: readonly Span[]): boolean {
    const [text, maskedText] = [base64Of(token), base64Of(masked)]
    const isWhole = [this.#writeAll(images, token, masked), this.#writeAll(images, text, maskedText)].includes(true)
    // else a line that is broken into several, or in pieces: each secret by itself
    if (isWhole || this.#writeFolded(images, text, maskedText)) return true
    return spans.every(({ start, end }) => {
      const part = token.subarray(start, end)
      return part.length >= SEARCHED_BYTES_MIN && this.#writeAll(images, part, new Uint8Array(part.length))
    })
  }

  /** Where these bytes stand: in the packet that is being read, or before it in its direction. */
  #find(bytes: Uint8Array): { image: Image; position: number } | null {
    if (bytes.length === 0) return null
    if (this.#place === null || this.#place.said.image === null) return this.#anywhere(bytes)
    const { image, position, length } = this.#place.said
    const isAt = (at: number) => at >= 0 && image.bytes.subarray(at, at + bytes.length).equals(bytes)
    if (isAt(position + length - bytes.length)) return { image, position: position + length - bytes.length }
    const within = image.bytes.indexOf(bytes, Math.min(image.cursor, position))
    if (within >= 0) return { image, position: within }
    return this.#foundIn(this.#images.byFlow.get(image.flow) ?? [], bytes) ?? this.#anywhere(bytes)
  }

  /** What waited is told later than it came, while another conversation speaks. */
  #anywhere(bytes: Uint8Array): { image: Image; position: number } | null {
    return bytes.length < SEARCHED_BYTES_MIN ? null : this.#foundIn(this.#images.all, bytes)
  }

  #foundIn(images: readonly Image[], bytes: Uint8Array): { image: Image; position: number } | null {
    for (const image of images) {
      const position = image.bytes.indexOf(bytes)
      if (position >= 0) return { image, position }
    }
    return null
  }

  /** Everywhere in the conversation; false: nowhere. */
  #writeAll(images: readonly Image[], from: Uint8Array, to: Uint8Array): boolean {
    let isFound = false
    for (const image of images) {
      const limit = image.bytes.length > EVERYWHERE_BYTES_MAX ? this.#near(image) : [0, image.bytes.length]
      let at = image.bytes.indexOf(from, limit[0])
      for (; at >= 0 && at < limit[1]!; at = image.bytes.indexOf(from, at + from.length)) {
        this.#write(image, at, to)
        isFound = true
      }
    }
    return isFound
  }

  /** Of a long image, what stands around the packet that is being read. */
  #near(image: Image): [number, number] {
    const said = this.#place?.said
    if (said === undefined || said.image !== image)
      return [Math.max(0, image.cursor - NEAR_BYTES), image.cursor + NEAR_BYTES]
    return [Math.max(0, said.position - NEAR_BYTES), said.position + said.length + NEAR_BYTES]
  }

  /** The same text with blanks and line ends in it. */
  #writeFolded(images: readonly Image[], text: Uint8Array, masked: Uint8Array): boolean {
    let isFound = false
    for (const image of images) {
      if (image.bytes.length > EVERYWHERE_BYTES_MAX) continue
      const places: number[] = []
      const digits = Buffer.alloc(image.bytes.length)
      for (const [at, byte] of image.bytes.entries()) if (byte > 0x20) digits[places.push(at) - 1] = byte
      const found = digits.subarray(0, places.length).indexOf(text)
      if (found < 0) continue
      isFound = true
      for (let index = 0; index < text.length; index++) {
        const place = places[found + index]!
        if (masked[index] !== text[index]) this.#note(image.write(place, masked.subarray(index, index + 1)))
      }
    }
    return isFound
  }

  #write(image: Image, position: number, masked: Uint8Array): void {
    this.#note(image.write(position, masked))
  }

  /** What was taken out, run by run, where it is a secret and not merely private. */
  #rememberRuns(carrier: string, from: Uint8Array, to: Uint8Array): void {
    const isSought = soughtIn(carrier, from)
    for (let at = 0; at < from.length; at++) {
      if (from[at] === to[at]) continue
      let end = at + 1
      while (end < from.length && from[end] !== to[end]) end++
      if (end - at <= SECRET_BYTES_MAX && isSought(at)) this.#remember(from.subarray(at, end))
      at = end
    }
  }

  #note(frames: ReadonlySet<SliceFrame>): void {
    for (const frame of frames) this.#masked.add(frame)
  }

  #remember(secret: Uint8Array): void {
    if (secret.length < SEARCHED_BYTES_MIN || new Set(secret).size < DISTINCT_MIN) return
    this.#secrets.set(Buffer.from(secret).toString('latin1'), Uint8Array.from(secret))
  }

  /** A secret was read that stands nowhere as it was read: all that was said since the last message goes. */
  #lost(): void {
    const said = this.#place?.said
    if (said?.image == null) return
    const from = Math.min(said.image.cursor, said.position)
    for (const frame of said.image.framesAt(from, said.position + said.length)) this.#emptied.add(frame)
    this.#note(said.image.zero(from, said.position + said.length))
  }
}

/** Digits without the padding, whose bits are zero in both. */
function base64Of(bytes: Uint8Array): Buffer {
  return Buffer.from(Buffer.from(bytes).toString('base64').replace(/=+$/, ''), 'latin1')
}

/** shorter ones stand in other places by accident */
const SEARCHED_BYTES_MIN = 8
/** a body or a file is no secret to look for */
const SECRET_BYTES_MAX = 2048
/** a run of the same few bytes is none either */
const DISTINCT_MIN = 4
const EVERYWHERE_BYTES_MAX = 4 << 20
const NEAR_BYTES = 1 << 18

const NOBODY: DissectSink = {
  network() {},
  carrierMessage() {},
  tokenMessage() {},
  step() {},
  handshake() {},
  tunnel() {},
  closed() {},
}
