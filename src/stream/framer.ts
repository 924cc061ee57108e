/**
 * From in-order bytes to PDUs: which carrier speaks, where a PDU ends, how much of it is wanted.
 *
 * Hot. What nobody wants is stepped over and never buffered; what spans segments is kept in its half. Here is no order
 * and no time limit: bytes come as `deliver`, holes as `gap`, in the order of the conversation. Bytes given to the sink
 * are borrowed for the call.
 */
import {
  type Carrier,
  FRAME_BYTES_MAX,
  type Framed,
  PROBE_BYTES_MAX,
  type Side,
  UNTIL_CLOSE,
} from '../../decoders/carrier.ts'
import {
  isEncrypted,
  LOST_RECORD,
  openedRecord,
  PORTS_TOLD_BY_SIZES,
  SEALED_BYTES,
} from '../../decoders/carriers/tls.ts'
import { countSignatures } from '../../decoders/carriers/unclaimed/unclaimed.ts'
import { LIMITS } from '../memory/limits.ts'
import type { Segment } from '../net/segment.ts'
import { type Connection, endsOf, type Half, type TlsLayer } from './connection.ts'
import { Standalone } from './conversation.ts'
import { type OpenedRounds, type Opener, type OpenerOutput, recordsOf } from './opener.ts'
import { type Cut, type FramingClock, type FramingCounters, FramingOut, type StreamSink } from './sink.ts'
import { isClaimed, UnclaimedTokens } from './unclaimed-tokens.ts'

export class Framer {
  readonly #carriers: readonly Carrier[]
  readonly #sink: StreamSink
  readonly #counters: FramingCounters
  /** where the bytes being delivered stood */
  readonly #clock: FramingClock
  /** tokens in what no carrier takes */
  readonly #strays: UnclaimedTokens
  readonly #out = new FramingOut()
  readonly #patientPorts = new Uint8Array(65_536)
  /** a bit for each carrier that has to be probed with these bytes: the others say 'other' */
  candidates: ((bytes: Uint8Array) => number) | null = null
  /** set by #probe: a carrier asked for more bytes, and is given no more than these; 0: none did */
  #undecidedTo = 0
  /** who opens TLS; null: nobody has keys */
  readonly #opener: Opener | null
  /** who follows TLS in rounds of datagrams; null: there were none while anybody had keys */
  #rounds: OpenedRounds<Connection> | null = null
  readonly #tls: Carrier | null

  constructor(
    carriers: readonly Carrier[],
    sink: StreamSink,
    counters: FramingCounters,
    clock: FramingClock,
    opener: Opener | null = null,
  ) {
    this.#opener = opener
    this.#tls = carriers.find(({ name }) => name === 'tls') ?? null
    this.#carriers = carriers.filter((carrier) => !carrier.unclaimed)
    this.#strays = new UnclaimedTokens(carriers, sink, counters, clock)
    this.#sink = sink
    this.#counters = counters
    this.#clock = clock
    for (const carrier of carriers) for (const port of carrier.ports) this.#patientPorts[port] = 1
  }

  /** In-order bytes. */
  deliver(half: Half, bytes: Uint8Array, start: number, end: number): void {
    half.bytesSeen += end - start
    half.lastTime = this.#clock.time
    half.lastFrame = this.#clock.frame
    if (half.isOpened) {
      half.connection.layers[0].opened!.feed(half.from, bytes, start, end)
      return
    }
    if (this.#clock.hasSignature) half.connection.signatures += countSignatures(bytes, start, end)
    this.#deliver(half, bytes, start, end)
  }

  #deliver(half: Half, bytes: Uint8Array, start: number, end: number): void {
    if (half.peer.strayLength > 0) this.#strays.answered(half.peer)
    let at = start
    if (half.searching) {
      this.#search(half, bytes, at, end)
      return
    }
    if (half.pduLeft > 0) {
      const step = Math.min(half.pduLeft, end - at)
      const keep = Math.min(half.keepLeft, step)
      if (keep > 0) {
        half.appendKept(bytes, at, at + keep)
        half.keepLeft -= keep
      }
      if (keep < step) this.#strays.look(half, bytes, at + keep, at + step, true)
      at += step
      if (!this.#skipped(half, step)) return
    }
    if (at < end) this.#frames(half, bytes, at, end)
  }

  /** `count` bytes of this half are not in the capture. */
  gap(half: Half, count: number, cut: Cut): void {
    if (half.isOpened) {
      this.#counters.gaps++
      half.connection.gaps++
      if (count < UNKNOWN_GAP) this.#counters.lostBytes += count
      half.connection.layers[0].opened!.gap(half.from, count)
      return
    }
    this.#gap(half, count, cut, 1)
  }

  /** `counted`: 0 where the hole was counted before, in what was sealed. */
  #gap(half: Half, count: number, cut: Cut, counted: 0 | 1): void {
    this.#strays.flush(half, cut)
    const within = half.pduLeft > 0 && half.pduLeft >= count
    if (within && half.keepLeft === 0) {
      if (counted) this.#counters.lostBytesSkipped += count
      this.#skipped(half, count)
      return
    }
    if (this.#losesSizes(half)) return
    this.#counters.gaps += counted
    half.connection.gaps += counted
    if (counted && count < UNKNOWN_GAP) this.#counters.lostBytes += count
    if (within) {
      this.#cutOff(half, cut)
      this.#skipped(half, count)
    } else if (half.unclaimed || half.carrier === null) half.headLength = 0
    else {
      this.flush(half, cut)
      half.searching = true
      const { carrier, framingState } = half
      if (carrier.resumed !== undefined) half.framingState = carrier.resumed(framingState)
    }
  }

  /** Hands over what is kept of a message that will not be completed. */
  flush(half: Half, cut: Cut): void {
    if (half.keptLength > 0) {
      this.#complete(half, half.keepLeft > 0 ? cut : 'whole')
    } else if (half.headLength > 0 && half.carrier !== null && !half.searching) {
      this.#counters.pdusFramed++
      this.#counters.pdusKept++
      this.#give(half, half.head.subarray(0, half.headLength), cut)
    }
    half.clearPdu()
    half.clearKept()
  }

  /**
   * Gives up the message in progress for want of room: it is handed over as it is, and the rest of it is stepped over.
   */
  abandon(half: Half): void {
    if (half.strayLength > 0) {
      this.#strays.flush(half, 'lost')
      if (half.keptLength === 0 && half.headLength === 0) return
    }
    if (half.keptLength > 0) this.#cutOff(half, half.keepLeft > 0 ? 'lost' : 'whole')
    else {
      this.flush(half, 'lost')
      this.#searchAgain(half)
    }
  }

  /** The opposite half answers what was not seen to the end: what is kept of it comes before the answer. */
  answered(half: Half): void {
    this.#strays.flush(half, 'lost')
    if (half.keptLength > 0) this.#cutOff(half, half.keepLeft > 0 ? 'lost' : 'whole')
    else if (half.headLength > 0 && half.carrier !== null && !half.searching) {
      this.flush(half, 'lost')
      this.#searchAgain(half)
    }
  }

  /** What was held of a message is given up: of TLS as much may be missing as behind a hole. */
  #searchAgain(half: Half): void {
    half.searching = true
    if (half.carrier !== null && half.carrier === this.#tls)
      half.framingState = half.carrier.resumed!(half.framingState)
  }

  /** Nothing more comes of a token of which the end is missing. */
  flushStray(half: Half): void {
    this.#strays.flush(half, 'lost')
  }

  /** Bytes of a half that its carrier has given up, in whatever order. */
  afterGivingUp(half: Half, bytes: Uint8Array, start: number, end: number): void {
    if (this.#clock.hasSignature) half.connection.signatures += countSignatures(bytes, start, end)
    this.#strays.look(half, bytes, start, end, true)
  }

  /** A PDU by itself, of a carrier that claims it; false when it cannot be framed. */
  datagram(half: Half, carrier: Carrier, bytes: Uint8Array, missing: number): boolean {
    half.carrier = carrier
    half.bytesSeen += bytes.length
    if (this.#clock.hasSignature) half.connection.signatures += countSignatures(bytes, 0, bytes.length)
    const out = this.#out
    out.begin()
    if (carrier.frame(bytes, half.side, out) !== 'ready') return false
    this.#counters.pdusFramed++
    if (out.keep === 0) {
      this.#counters.pdusSkipped++
      if (this.#clock.hasSignature) this.#strays.datagram(half, bytes, missing, true)
      return true
    }
    this.#counters.pdusKept++
    const cut = missing > 0 || bytes.length < out.keep ? 'snap-length' : 'whole'
    const kept = bytes.subarray(0, Math.min(bytes.length, out.keep))
    if (carrier.followed !== undefined && this.#opener?.isActive) this.#follow(half, carrier, kept, cut)
    else this.#give(half, kept, cut)
    return true
  }

  /** The packet, and what somebody who has keys finds in it. */
  #follow(half: Half, carrier: Carrier, packet: Uint8Array, cut: Cut): void {
    this.#give(half, carrier.followed!(packet), cut)
    this.#rounds ??= this.#opener!.rounds<Connection>((home, half, inside, bytes) => {
      this.#counters.pdusFramed++
      this.#counters.pdusKept++
      this.#sink.pdu(home, half, inside, bytes, 'whole')
    }, this.#clock)
    this.#rounds.take(half.connection, half.from, packet)
  }

  /** A conversation of datagrams is over. */
  endRounds(connection: Connection): void {
    this.#rounds?.end(connection)
  }

  /**
   * A datagram that stands for itself, of a carrier that claims it; false when it cannot be framed. No object is made
   * for one that nobody wants.
   */
  standalone(segment: Segment, carrier: Carrier, bytes: Uint8Array): boolean {
    const out = this.#out
    out.begin()
    if (carrier.frame(bytes, 'client', out) !== 'ready') return false
    this.#counters.pdusFramed++
    if (out.keep === 0) {
      this.#counters.pdusSkipped++
      return true
    }
    this.#counters.pdusKept++
    const cut = segment.payloadMissing > 0 ? 'snap-length' : 'whole'
    if (cut !== 'whole') this.#counters.pdusCut++
    const { time, frame } = this.#clock
    this.#sink.standalone(new Standalone(endsOf(segment, true), time, frame), carrier, bytes.subarray(0, out.keep), cut)
    return true
  }

  /** A PDU that the engine has met: whole, and wanted as a sample, with nothing held of this half or of its peer. */
  sampled(half: Half, kept: Uint8Array): void {
    this.#counters.pdusFramed++
    this.#counters.pdusKept++
    this.#give(half, kept, 'whole')
  }

  /** `count` bytes of the present PDU have passed; true when it is over and another may follow. */
  #skipped(half: Half, count: number): boolean {
    half.pduLeft -= count
    if (half.pduLeft > 0) return false
    if (!half.more) {
      if (half.keptLength > 0) this.#complete(half, 'whole')
      half.unwanted = false
    }
    return true
  }

  /** Hands over what is kept of the message in progress; the rest of it is stepped over. */
  #cutOff(half: Half, cut: Cut): void {
    if (half.keptLength > 0) this.#complete(half, cut)
    half.keepLeft = 0
    half.unwanted = true
  }

  #complete(half: Half, cut: Cut): void {
    const bytes = half.kept.subarray(0, half.keptLength)
    half.clearKept()
    this.#give(half, bytes, cut)
  }

  #give(half: Half, bytes: Uint8Array, cut: Cut): void {
    const { peer } = half
    if (peer.keptLength > 0 && peer.keepLeft === 0 && peer.more !== true) this.#completeBeforeAnswer(peer)
    if (cut !== 'whole') this.#counters.pdusCut++
    half.connection.lastPduTime = this.#clock.time
    this.#sink.pdu(half.connection, half.from, half.carrier!, bytes, cut)
  }

  /** A message of its own begins: the one that promised to go on has ended. */
  #endedBefore(half: Half): void {
    if (half.keptLength > 0) this.#complete(half, 'whole')
    half.unwanted = false
  }

  /**
   * All that is wanted of this message is there, and it is being answered before its end: it comes before the answer,
   * and stands where its bytes stood.
   */
  #completeBeforeAnswer(half: Half): void {
    const { time, frame } = this.#clock
    this.#clock.time = half.lastTime
    this.#clock.frame = half.lastFrame
    this.#complete(half, 'whole')
    this.#clock.time = time
    this.#clock.frame = frame
  }

  /** Frames PDU after PDU, at a PDU boundary or behind the bytes in `head`. */
  #frames(half: Half, input: Uint8Array, start: number, stop: number): void {
    const out = this.#out
    let bytes = input
    let at = start
    let end = stop
    if (half.headLength > 0) {
      half.appendHead(bytes, at, end)
      bytes = half.head
      at = 0
      end = half.headLength
      half.headLength = 0
    }
    while (at < end) {
      const carrier = half.carrier!
      const view = bytes.subarray(at, end)
      if (this.#opener?.isActive) {
        if (this.#opens(half, carrier, view)) return
      } else if (carrier === this.#tls && view.length >= RANDOM_END && view[0] === 22 && view[5] === 1)
        this.#opener?.missed(view.subarray(RANDOM_AT, RANDOM_END))
      out.state = half.framingState
      out.scanned = half.scanned
      out.pending = half.pending
      const answer = this.#frame(carrier, half, view)
      if (answer === 'more' && view.length < FRAME_BYTES_MAX) {
        half.scanned = out.scanned
        half.appendHead(bytes, at, end)
        return
      }
      half.scanned = 0
      if (answer !== 'ready' || out.length <= 0) {
        if (answer === 'tunnel') this.#startTunnel(half, carrier)
        else this.#lost(half)
        if (this.#reprobe(half, view)) continue
        return
      }
      if (out.length === UNTIL_CLOSE && carrier === this.#tls) this.#tellSize(half, view)
      half.framingState = out.state
      half.pending = out.pending
      this.#counters.pdusFramed++
      if (half.more === 'unwanted' && out.keep > 0) this.#endedBefore(half)
      let keep = half.unwanted ? 0 : Math.min(out.keep, out.length)
      if (half.keptLength + keep > LIMITS.keptBytesMax) {
        this.#cutOff(half, 'lost')
        keep = 0
        this.#counters.pdusTooLong++
      }
      if (keep === 0) this.#counters.pdusSkipped++
      else this.#counters.pdusKept++
      if (keep > 0 && out.length <= view.length && !out.more && half.keptLength === 0) {
        // the whole PDU lies before us: no copy
        const { length } = out
        this.#give(half, view.subarray(0, keep), 'whole')
        if (keep < length) this.#strays.look(half, view, keep, length, true)
        at += length
        continue
      }
      const step = Math.min(out.length, view.length)
      half.pduLeft = out.length
      half.keepLeft = keep
      half.more = out.more
      const kept = Math.min(keep, step)
      if (kept > 0) half.appendKept(view, 0, kept)
      half.keepLeft -= kept
      if (kept < step) this.#strays.look(half, view, kept, step, true)
      at += step
      if (half.keptLength > 0 && half.keepLeft === 0 && out.more !== true && isLong(out.length - step))
        this.#complete(half, 'whole')
      if (!this.#skipped(half, step)) {
        // nothing of what is left until the end of the connection is wanted
        if (out.length === UNTIL_CLOSE && keep === 0 && half.keptLength === 0) half.unclaimed = true
        return
      }
    }
  }

  /**
   * A sealed record of a service that sizes betray is a PDU of its own, of which the header is wanted: the first of
   * them only, so that nothing is framed of what is moved later.
   */
  #tellSize({ connection }: Half, view: Uint8Array): void {
    if (connection.recordsToTell === 0) return
    connection.layers[0].recordsToTell--
    this.#out.keep = SEALED_BYTES
    this.#out.length = SEALED_BYTES + ((view[3]! << 8) | view[4]!)
  }

  /** Bytes are missing between sealed records whose sizes are told: the rest of the half is stepped over, as ever. */
  #losesSizes(half: Half): boolean {
    const { connection, carrier } = half
    if (carrier === null || carrier !== this.#tls) return false
    if (connection.recordsToTell === 0) return false
    if (half.searching || half.unclaimed || !isEncrypted(half.framingState) || half.keptLength > 0) return false
    connection.layers[0].recordsToTell = 0
    this.#sink.pdu(connection, half.from, carrier, LOST_RECORD, 'whole')
    half.clearPdu()
    half.giveBack()
    half.pduLeft = UNTIL_CLOSE
    half.unclaimed = true
    return true
  }

  /**
   * Does TLS begin here, bare or in packets of another carrier? Then what is opened is framed in its place, from now
   * on.
   */
  #opens(half: Half, carrier: Carrier, view: Uint8Array): boolean {
    const { connection, peer } = half
    if (carrier !== this.#tls && carrier.wrapsTls === undefined) return false
    const isInner = connection.layers[0].isTunnelled
    const layer = connection.layers[isInner ? 1 : 0]
    if (layer.isRefused || layer.isTunnelled || this.#tls === null) return false
    const isBare = carrier === this.#tls
    if (!isBare && (isInner || carrier.wrapsTls?.(view) !== true)) return false
    // a hello: of a conversation that was met later nothing can be opened
    if (layer.opened === null && isBare) {
      if (view[0] !== 22 || (view.length > 5 && view[5] !== 1 && view[5] !== 2)) return false
      if (view.length < 6) {
        half.appendHead(view, 0, view.length)
        return true
      }
    }
    layer.opened ??= this.#opener!.open(this.#outputOf(connection, isInner), this.#clock, isBare ? null : carrier)
    setOpened(half, isInner, true)
    half.fastPathUntil = Number.NEGATIVE_INFINITY
    peer.fastPathUntil = Number.NEGATIVE_INFINITY
    const isBetween = peer.pduLeft === 0 && peer.keptLength === 0
    if (!isOpened(peer, isInner) && isBetween && (peer.searching || peer.carrier === carrier)) {
      setOpened(peer, isInner, true)
      const head = peer.head.slice(0, peer.headLength)
      peer.headLength = 0
      if (head.length > 0) layer.opened.feed(peer.from, head, 0, head.length)
    }
    // a copy: what is opened may be framed where these bytes stand
    const bytes = view.slice()
    if (isOpened(half, isInner)) layer.opened.feed(half.from, bytes, 0, bytes.length)
    else this.#deliver(half, bytes, 0, bytes.length)
    return true
  }

  #outputOf(connection: Connection, isInner: boolean): OpenerOutput {
    const tls = this.#tls!
    const layer = connection.layers[isInner ? 1 : 0]
    const within = connection.layers[1]
    let isClosed = false
    const tell = (from: 0 | 1, bytes: Uint8Array) => {
      this.#counters.pdusFramed++
      this.#counters.pdusKept++
      connection.lastPduTime = this.#clock.time
      this.#sink.pdu(connection, from, tls, bytes, 'whole')
    }
    return {
      handshake: (from, message) => tell(from, recordsOf(message)),
      resumed: (from) => tell(from, CHANGE_CIPHER_SPEC),
      bindings: ({ unique, exporters }) => tell(0, openedRecord(unique, exporters)),
      closed: (from) => {
        // the second one only agrees
        if (!isClosed) tell(from, CLOSE_NOTIFY)
        isClosed = true
      },
      plain: (from, bytes) => {
        if (!layer.isTunnelled) this.#plainBegins(connection, layer)
        const half = connection.half(from)
        if (!isInner && half.isOpenedTwice) {
          within.opened!.feed(from, bytes, 0, bytes.length)
          return 0
        }
        const signatures = countSignatures(bytes, 0, bytes.length)
        connection.signatures += signatures
        // what was looked for in the packet was sealed
        const { hasSignature } = this.#clock
        this.#clock.hasSignature = signatures > 0
        this.#deliver(half, bytes, 0, bytes.length)
        this.#clock.hasSignature = hasSignature
        return idleBytes(half)
      },
      passed: (from, count) => {
        const half = connection.half(from)
        if (half.peer.strayLength > 0) this.#strays.answered(half.peer)
        this.#skipped(half, count)
      },
      gap: (from, count) => {
        const half = connection.half(from)
        if (!isInner && half.isOpenedTwice) within.opened!.gap(from, count)
        else this.#gap(half, count, 'lost', 0)
      },
      refused: (from, bytes) => {
        layer.isRefused = true
        const half = connection.half(from)
        setOpened(half, isInner, false)
        if (bytes.length > 0) this.#deliver(half, bytes, 0, bytes.length)
      },
      left: (from, bytes) => {
        const half = connection.half(from)
        setOpened(half, isInner, false)
        this.flush(half, 'lost')
        beginAgain(half)
        half.carrier = null
        this.#deliver(half, bytes, 0, bytes.length)
      },
      sealed: (from) => {
        const half = connection.half(from)
        // some of what is inside was read, and more is not
        if (layer.isTunnelled) connection.gaps++
        setOpened(half, isInner, false)
        this.flush(half, 'lost')
        half.carrier ??= tls
        half.searching = false
        half.pduLeft = UNTIL_CLOSE
        half.keepLeft = 0
        half.unclaimed = true
      },
    }
  }

  /** The first plain text: a conversation in the place of what sealed it. */
  #plainBegins(connection: Connection, layer: TlsLayer): void {
    layer.isTunnelled = true
    for (const half of [connection.low, connection.high]) {
      const { carrier } = half
      if (carrier !== null && !connection.outer.includes(carrier)) connection.outer = [...connection.outer, carrier]
      beginAgain(half)
      half.carrier = null
    }
    if (!connection.outer.includes(this.#tls!)) connection.outer = [...connection.outer, this.#tls!]
    this.#sink.tunnel(connection)
  }

  #frame(carrier: Carrier, half: Half, view: Uint8Array): Framed {
    const { peer } = half
    this.#out.peerState = peer.carrier === carrier ? peer.framingState : 0
    return carrier.frame(view, half.side, this.#out)
  }

  /** Here begins no PDU of this carrier: somebody else's (StartTLS), or we lost our place. */
  #lost(half: Half): void {
    this.#counters.framesLost++
    if (half.keptLength > 0) this.#complete(half, 'lost')
    beginAgain(half)
    // what begins here begins for both sides, unless the opposite one is inside a message
    const { peer } = half
    if (peer.pduLeft === 0 && peer.headLength === 0 && peer.keptLength === 0) peer.framingState = 0
  }

  /**
   * What begins here is a conversation in the place of the old one, for both sides unless the opposite one is inside a
   * message.
   */
  #startTunnel(half: Half, carrier: Carrier): void {
    const { connection, peer } = half
    // the opposite half may have ended the same conversation before
    const isFirst = peer.carrier === carrier || !connection.outer.includes(carrier)
    if (!connection.outer.includes(carrier)) connection.outer = [...connection.outer, carrier]
    beginAgain(half)
    half.carrier = null
    if (peer.carrier === carrier && peer.pduLeft === 0 && peer.keptLength === 0) {
      const { headLength } = peer
      beginAgain(peer)
      peer.headLength = headLength
      peer.carrier = null
    }
    if (isFirst) this.#sink.tunnel(connection)
  }

  /** True when a carrier recognises what begins here and can frame it, else the search goes on at the next segment. */
  #reprobe(half: Half, view: Uint8Array): boolean {
    if (this.#probe(half, view)) {
      // one that recognises a start and then cannot frame it would lead back here for ever
      const out = this.#out
      out.begin()
      const answer = this.#frame(half.carrier!, half, view)
      half.searching = answer === 'ready' ? out.length <= 0 : answer !== 'more' || view.length >= FRAME_BYTES_MAX
      return !half.searching
    }
    const undecidedTo = this.#undecidedTo
    this.#stray(half, view, 0, view.length)
    if (view.length < undecidedTo) half.appendHead(view, 0, view.length)
    return false
  }

  /** At a place where a PDU may begin. Earlier bytes that were too few to tell by stand in `head`. */
  #search(half: Half, bytes: Uint8Array, at: number, end: number): void {
    if (half.peer.headLength > 0) forgetAnswered(half)
    const held = half.headLength
    if (held > 0) {
      half.appendHead(bytes, at, end)
      const recognised = this.#probe(half, half.head.subarray(0, half.headLength))
      if (!recognised && half.headLength < this.#undecidedTo) {
        // what may still become a carrier's may be nobody's as well
        this.#stray(half, bytes, at, end)
        return
      }
      half.headLength = recognised ? held : 0
      // where they begin nothing, this segment may
      if (recognised) {
        half.searching = false
        half.clearStray()
        this.#frames(half, bytes, at, end)
        return
      }
    }
    const view = bytes.subarray(at, end)
    if (this.#probe(half, view)) {
      half.searching = false
      half.clearStray()
      this.#frames(half, bytes, at, end)
      return
    }
    const undecidedTo = this.#undecidedTo
    this.#stray(half, bytes, at, end)
    if (view.length < undecidedTo) half.appendHead(bytes, at, end)
    else if (half.strayLength === 0) this.#failedProbe(half)
  }

  /**
   * Nobody claims these bytes: a token in clear among them is handed over all the same. It is one inside a conversation
   * where a carrier is known, or may only have lost its place (the middle of a conversation on its port): then it may
   * read the rest of the same authentication.
   */
  #stray(half: Half, bytes: Uint8Array, start: number, end: number): void {
    const { connection } = half
    const isInside = isClaimed(connection) || this.#mayBeKnown(connection)
    if (!this.#strays.look(half, bytes, start, end, isInside) || isInside) return
    half.probed = -PATIENT_SEGMENTS
    half.peer.probed = -PATIENT_SEGMENTS
  }

  /** A datagram that no carrier claims, with a signature in it. */
  strayDatagram(half: Half, bytes: Uint8Array, missing: number): void {
    half.bytesSeen += bytes.length
    half.connection.signatures += countSignatures(bytes, 0, bytes.length)
    this.#strays.datagram(half, bytes, missing, false)
  }

  #mayBeKnown(connection: Connection): boolean {
    return !connection.sawStart && connection.outer.length === 0 && this.isOnKnownPort(connection)
  }

  /**
   * A conversation that no carrier recognised, and may be one of theirs all the same: on their port, and parts of it
   * are missing.
   */
  mayHide(connection: Connection): boolean {
    return connection.protocol === 6 && (!connection.sawStart || connection.gaps > 0) && this.isOnKnownPort(connection)
  }

  /** At the port of a carrier. */
  isOnKnownPort({ lowPort, highPort }: Connection): boolean {
    return this.isKnownPort(lowPort) || this.isKnownPort(highPort)
  }

  isKnownPort(port: number): boolean {
    return this.#patientPorts[port] === 1
  }

  #failedProbe(half: Half): void {
    half.probed++
    const { connection } = half
    const patient =
      this.isOnKnownPort(connection) ||
      connection.low.carrier !== null ||
      connection.high.carrier !== null ||
      connection.outer.length > 0
    if (half.probed >= LIMITS.probeSegmentsMax && !patient) half.unclaimed = true
  }

  #probe(half: Half, view: Uint8Array): boolean {
    this.#undecidedTo = 0
    const { side } = half
    const known = half.carrier ?? half.peer.carrier
    if (known !== null) {
      if (this.#probeOne(known, half, view, side) || this.#framesAs(known, half, view)) return true
      // in few bytes another one may see something of its own: who is known comes first
      if (view.length < this.#undecidedTo) return false
    }
    const carriers = this.#carriers
    const candidates = this.candidates === null ? -1 : this.candidates(view)
    for (let i = 0; candidates !== 0 && i < carriers.length; i++) {
      if (((candidates >>> i) & 1) === 0) continue
      const carrier = carriers[i]!
      if (carrier !== known && this.#probeOne(carrier, half, view, side)) return true
    }
    return false
  }

  /**
   * Where the opposite half is known, a PDU that can be framed is enough: wrapped messages prove nothing by themselves.
   */
  #framesAs(carrier: Carrier, half: Half, view: Uint8Array): boolean {
    const out = this.#out
    out.begin()
    const answer = this.#frame(carrier, half, view)
    // the first PDU of a half, in segments so small that it does not end yet: what comes next would be taken for its
    // beginning
    if (answer === 'more' && half.carrier === null) this.#undecidedTo = FIRST_PDU_BYTES_MAX
    // behind a hole: the opposite half has ended this conversation
    if (answer === 'tunnel' && half.peer.carrier === carrier && !half.connection.outer.includes(carrier))
      this.#startTunnel(half, carrier)
    if (answer !== 'ready' || out.length <= 0) return false
    if (half.carrier !== carrier) half.framingState = 0
    half.carrier = carrier
    return true
  }

  #probeOne(carrier: Carrier, half: Half, view: Uint8Array, side: Side): boolean {
    const answer = carrier.probe(view, side)
    if (answer === 'mine') {
      if (half.carrier !== carrier) {
        half.framingState = 0
        if (carrier === this.#tls) tellSizes(half)
      }
      half.carrier = carrier
      return true
    }
    if (answer === 'more' && this.#undecidedTo === 0) this.#undecidedTo = PROBE_BYTES_MAX
    return false
  }
}

/** TLS begins: do the sizes of its records say what is inside? */
function tellSizes({ carrier, connection }: Half): void {
  const isToldByPort =
    PORTS_TOLD_BY_SIZES.includes(connection.lowPort) || PORTS_TOLD_BY_SIZES.includes(connection.highPort)
  if (carrier?.toldBySizes || (carrier === null && isToldByPort)) connection.layers[0].recordsToTell ||= SIZES_TOLD
}

/** the handshake of TLS 1.3, its tickets, and the turns of a logon */
const SIZES_TOLD = 24

/** ClientHello.random, behind the headers of record and message and the version */
const RANDOM_AT = 11
const RANDOM_END = RANDOM_AT + 32

function isOpened(half: Half, isInner: boolean): boolean {
  return isInner ? half.isOpenedTwice : half.isOpened
}

function setOpened(half: Half, isInner: boolean, value: boolean): void {
  if (isInner) half.isOpenedTwice = value
  else half.isOpened = value
}

/** Bytes of the present PDU that are still to come, where nobody wants any of them and nothing is held. */
function idleBytes(half: Half): number {
  const { searching, keepLeft, headLength, strayLength, pduLeft } = half
  return searching || keepLeft > 0 || headLength > 0 || strayLength > 0 ? 0 : pduLeft
}

/** As the carrier of TLS reads it where a ticket was taken. */
const CHANGE_CIPHER_SPEC = Uint8Array.of(20, 3, 3, 0, 1, 1)

/** An alert in clear, as the carrier of TLS reads it. */
const CLOSE_NOTIFY = Uint8Array.of(21, 3, 3, 0, 2, 1, 0)

/** Too much is still to come of a PDU to wait for it; what ends with the connection has no length. */
function isLong(left: number): boolean {
  return left > LIMITS.restBytesMax && left < UNTIL_CLOSE / 2
}

/**
 * The end of a line of the opposite half that began nothing, and is being answered: what it says next does not go on
 * with it.
 */
function forgetAnswered({ carrier, peer }: Half): void {
  const isHeld = carrier === null && peer.carrier === null && peer.searching
  if (isHeld && peer.head[peer.headLength - 1] === LINE_FEED) peer.headLength = 0
}

const LINE_FEED = 0x0a

/** The half stands where a PDU may begin, of whatever carrier. */
function beginAgain(half: Half): void {
  half.clearPdu()
  half.framingState = 0
  half.searching = true
  half.probed = 0
}

/**
 * of a half whose opposite one is known, so much of its first PDU is waited for: a line of a reply (RFC 5321 4.5.3.1.5)
 */
const FIRST_PDU_BYTES_MAX = 512
/** after a token that nobody claims, this many segments more may bring the rest of its authentication */
const PATIENT_SEGMENTS = 32
/** bytes missing, nobody knows how many */
export const UNKNOWN_GAP = Number.MAX_SAFE_INTEGER
