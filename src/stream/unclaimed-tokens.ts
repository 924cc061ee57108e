/**
 * Tokens in clear among bytes that no carrier takes: of a conversation that nobody claims, or inside one (a body, a
 * file, a place that was lost). Each is handed over by itself.
 *
 * Asked for the few segments in which a signature stands or may begin; of the others it reads one byte. What is not
 * complete is held in its half.
 */
import { type Carrier, FRAME_BYTES_MAX } from '../../decoders/carrier.ts'
import {
  beginsInGss,
  countSignatures,
  isShortNegotiate,
  signatureTail,
} from '../../decoders/carriers/unclaimed/unclaimed.ts'
import type { Half } from './connection.ts'
import { type Cut, type FramingClock, type FramingCounters, FramingOut, type StreamSink } from './sink.ts'

export class UnclaimedTokens {
  /** takes tokens of conversations that nobody claims */
  readonly #unclaimed: Carrier | null
  /** takes tokens inside the others */
  readonly #inside: Carrier | null
  readonly #sink: StreamSink
  readonly #counters: FramingCounters
  readonly #clock: FramingClock
  readonly #out = new FramingOut()

  constructor(carriers: readonly Carrier[], sink: StreamSink, counters: FramingCounters, clock: FramingClock) {
    this.#unclaimed = carriers.find(({ unclaimed, inside }) => unclaimed && !inside) ?? null
    this.#inside = carriers.find(({ unclaimed, inside }) => unclaimed && inside) ?? null
    this.#sink = sink
    this.#counters = counters
    this.#clock = clock
  }

  /** Bytes that nobody takes. True when a token was found in them. */
  look(half: Half, input: Uint8Array, start: number, stop: number, isInside: boolean): boolean {
    const carrier = isInside ? this.#inside : this.#unclaimed
    if (carrier === null) return false
    if (!this.#clock.hasSignature && half.strayLength === 0 && signatureTail(input, start, stop, 1) === 0) {
      if (isInside || !beginsInGss(input, start, stop)) return false
    }
    let bytes = input
    let at = start
    let end = stop
    if (half.strayLength > 0) {
      half.appendStray(bytes, at, end)
      // its end is not among these: to look at all of them again for every segment would be a square
      if (half.strayLength < half.strayWanted) return false
      bytes = half.stray
      at = 0
      end = half.strayLength
      half.clearStray()
    }
    const out = this.#out
    let isFound = false
    const most = tokensMax(end - at)
    for (let tokens = 0; at < end && tokens < most; ) {
      const view = bytes.subarray(at, end)
      const answer = carrier.frame(view, half.side, out)
      if (answer === 'more' && view.length < FRAME_BYTES_MAX) {
        half.holdStray(bytes, at, end)
        half.strayWanted = Math.min(out.pending, FRAME_BYTES_MAX)
        return isFound
      }
      if (answer !== 'ready') return isFound
      if (out.keep > 0) {
        isFound = true
        tokens++
        this.#give(half, carrier, view.subarray(0, out.keep), 'whole')
      }
      at += out.length
    }
    return isFound
  }

  /** The opposite half goes on: a token that may end where the bytes do has ended. */
  answered(half: Half): void {
    if (!isShortNegotiate(half.stray, half.strayLength)) return
    const { time, frame } = this.#clock
    this.#clock.time = half.lastTime
    this.#clock.frame = half.lastFrame
    this.#finish(half, 'whole')
    this.#clock.time = time
    this.#clock.frame = frame
  }

  /** Nothing more comes of what is held. */
  flush(half: Half, cut: Cut): void {
    if (half.strayLength === 0) return
    this.#finish(half, isShortNegotiate(half.stray, half.strayLength) ? 'whole' : cut)
  }

  /** A datagram that no carrier takes, with a signature in it. */
  datagram(half: Half, bytes: Uint8Array, missing: number, isInside: boolean): void {
    const carrier = isInside ? this.#inside : this.#unclaimed
    if (carrier !== null) this.#give(half, carrier, bytes, missing > 0 ? 'snap-length' : 'whole')
  }

  #finish(half: Half, cut: Cut): void {
    const { connection, stray, strayLength } = half
    half.clearStray()
    if (countSignatures(stray, 0, strayLength) === 0 && !beginsInGss(stray, 0, strayLength)) return
    const carrier = isClaimed(connection) ? this.#inside : this.#unclaimed
    if (carrier !== null) this.#give(half, carrier, stray.subarray(0, strayLength), cut)
  }

  #give(half: Half, carrier: Carrier, bytes: Uint8Array, cut: Cut): void {
    const { connection } = half
    this.#counters.pdusFramed++
    this.#counters.pdusKept++
    if (cut !== 'whole') this.#counters.pdusCut++
    connection.lastPduTime = this.#clock.time
    connection.hasStrays = true
    this.#sink.pdu(connection, half.from, carrier, bytes, cut)
  }
}

/**
 * No bytes hold as many, unless somebody wants them to cost: each becomes an exchange, and a token has some hundred
 * bytes with what stands around it. Those beyond are signatures without a message.
 */
function tokensMax(bytes: number): number {
  return Math.min(TOKENS_MAX, Math.max(TOKENS_LEAST, Math.floor(bytes / BYTES_PER_TOKEN)))
}

const TOKENS_MAX = 256
/** of a segment of the usual size */
const TOKENS_LEAST = 32
const BYTES_PER_TOKEN = 256

/** A carrier knows one of its halves. */
export function isClaimed({ low, high }: { readonly low: Half; readonly high: Half }): boolean {
  return low.carrier !== null || high.carrier !== null
}
