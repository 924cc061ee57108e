/**
 * The bytes of a conversation in the order in which they were said: each half by its sequence numbers, the two halves
 * by what each had acknowledged.
 *
 * Hot, but for what waits. A segment waits behind a hole of its own half, and behind bytes of the opposite one that its
 * sender had when he sent it: an answer never overtakes its question, whatever order the packets have in the capture.
 * Nothing waits for ever: what does not come is said to be missing.
 */
import { LIMITS } from '../memory/limits.ts'
import { type Segment, seqDistance, TCP_ACK, TCP_SYN } from '../net/segment.ts'
import { type Connection, type Half, WaitingList, type WaitingSegment } from './connection.ts'
import { type Framer, UNKNOWN_GAP } from './framer.ts'
import type { FramingClock, FramingCounters } from './sink.ts'

/** What is counted here. */
interface SequenceCounters extends FramingCounters {
  repeatedSegments: number
}

/** Where the bytes being delivered stand. */
interface SequenceClock extends FramingClock {
  hasSignature: boolean
}

export class Sequence {
  readonly #framer: Framer
  readonly #counters: SequenceCounters
  readonly #clock: SequenceClock
  /** told of each half of which the bytes held may have changed while another one was looked after */
  readonly #changed: (half: Half) => void
  /** halves with bytes that wait, the one that has waited longest first */
  readonly #waiting = new WaitingList()
  /** bytes that came early and wait */
  waitingBytes = 0

  constructor(framer: Framer, counters: SequenceCounters, clock: SequenceClock, changed: (half: Half) => void) {
    this.#framer = framer
    this.#counters = counters
    this.#clock = clock
    this.#changed = changed
  }

  /**
   * Order: old bytes are dropped, the next ones delivered, early ones wait. `settle` comes next where something waits.
   */
  take(half: Half, segment: Segment): void {
    const { bytes, payloadStart: start, payloadMissing: missing } = segment
    const end = start + segment.payloadLength
    const seq = segment.flags & TCP_SYN ? (segment.seq + 1) >>> 0 : segment.seq
    if (half.nextSeq < 0) half.nextSeq = seq
    let ahead = seqDistance(half.nextSeq, seq)
    if (ahead > FAR || ahead < -FAR) {
      // not the same conversation any more, or so much was lost that nothing can be said: begin anew here
      this.giveUp(half.connection)
      this.#framer.gap(half, UNKNOWN_GAP, 'lost')
      half.nextSeq = seq
      ahead = 0
    } else if (ahead > 0) {
      // of what is opened the numbers are those of what is inside
      if (half.isOpened || half.pduLeft < ahead || half.keepLeft > 0 || half.waiting.length > 0) {
        this.#wait(half, seq, segment)
        return
      }
      // the hole lies in bytes that nobody wants
      half.steppedOver(ahead)
      this.#framer.gap(half, ahead, 'lost')
      half.nextSeq = seq
      ahead = 0
    }
    const length = end - start + missing
    if (length + ahead > 0 && (segment.flags & TCP_ACK) !== 0 && isEarly(half, segment.ack, length + ahead)) {
      this.#wait(half, seq, segment)
      return
    }
    this.#accept(half, bytes, start, end, missing, -ahead)
  }

  /** Delivers what need not wait any longer, and gives up what has been waited for too long. */
  settle(connection: Connection): void {
    this.#drain(connection)
    while (this.#isOverdue(connection.low) || this.#isOverdue(connection.high)) this.#giveUpFirst(connection)
  }

  /** Nothing that is missing will come: says so to the framing, and delivers all that waits. */
  giveUp(connection: Connection): void {
    while (connection.low.waiting.length > 0 || connection.high.waiting.length > 0) this.#giveUpFirst(connection)
  }

  /** The conversation is over: what its halves have acknowledged to each other beyond what was seen is missing. */
  end(connection: Connection): void {
    this.giveUp(connection)
    for (const half of [connection.low, connection.high]) {
      if (!half.seen || half.unclaimed || half.nextSeq < 0) continue
      const missing = unseen(half, half.peer.ackSent)
      if (missing === 0) continue
      this.#at(half.lastTime, half.lastFrame, () => this.#framer.gap(half, missing, 'lost'))
      half.nextSeq = (half.nextSeq + missing) >>> 0
    }
  }

  /**
   * The next bytes, `missing` of which the snap length has cut off; the first `old` of all those have passed already.
   */
  #accept(half: Half, bytes: Uint8Array, start: number, end: number, missing: number, old: number): void {
    const length = end - start + missing
    if (old >= length) {
      this.#counters.lostBytesSkipped -= half.lateBytes(old, length)
      // one byte before the window is a keep-alive, not a repetition
      if (length > 1) this.#counters.repeatedSegments++
      return
    }
    half.nextSeq = (half.nextSeq + length - old) >>> 0
    if (old < end - start) this.#framer.deliver(half, bytes, start + old, end)
    if (missing > 0) this.#framer.gap(half, Math.min(missing, length - old), 'snap-length')
  }

  #wait(half: Half, seq: number, segment: Segment): void {
    // an empty one may be that of all halves
    if (half.waiting.length === 0) half.waiting = []
    const list = half.waiting
    let at = 0
    for (let end = list.length; at < end; ) {
      const middle = (at + end) >> 1
      if (seqDistance(list[middle]!.seq, seq) < 0) end = middle
      else at = middle + 1
    }
    if (at > 0 && list[at - 1]!.seq === seq && list[at - 1]!.bytes.length >= segment.payloadLength) {
      this.#counters.repeatedSegments++
      return
    }
    const { time, frame } = this.#clock
    const start = segment.payloadStart
    const bytes = segment.bytes.slice(start, start + segment.payloadLength)
    if (list.length === 0) half.waitingSince = time
    list.splice(at, 0, {
      seq,
      ack: segment.flags & TCP_ACK ? segment.ack : -1,
      bytes,
      missing: segment.payloadMissing,
      hasSignature: segment.hasSignature,
      time,
      frame,
    })
    half.waitingBytes += bytes.length + WAITING_COST
    this.waitingBytes += bytes.length + WAITING_COST
    this.#waiting.add(half)
    // nobody else looks after a conversation that fell silent behind a hole
    for (let { first: oldest } = this.#waiting; oldest !== null; { first: oldest } = this.#waiting) {
      const waited = (time - oldest.waitingSince) / 1e6
      if (this.waitingBytes <= LIMITS.waitingBytesMax && waited <= LIMITS.holeSecondsMax) break
      this.giveUp(oldest.connection)
    }
  }

  /** Delivers what is no longer early, of both halves. */
  #drain({ low, high }: Connection): void {
    for (;;) {
      const lowIsNext = isReady(low)
      if (!lowIsNext && !isReady(high)) return
      this.#deliverFirst(lowIsNext && !(isReady(high) && isBefore(high, low)) ? low : high)
    }
  }

  /** Each PDU stands where the last of its bytes came: what only waited for the opposite half, where it stood. */
  #deliverFirst(half: Half): void {
    const { seq, bytes, missing, hasSignature, time, frame } = this.#takeFirst(half)
    const clock = this.#clock
    const marked = clock.hasSignature
    clock.hasSignature = hasSignature
    const { lastTime, lastFrame } = half
    const isFilled = half.bytesSeen > 0 && (lastTime > time || (lastTime === time && lastFrame > frame))
    const ahead = seqDistance(half.nextSeq, seq)
    this.#at(isFilled ? lastTime : time, isFilled ? lastFrame : frame, () =>
      this.#accept(half, bytes, 0, bytes.length, missing, -ahead),
    )
    clock.hasSignature = marked
    this.#changed(half)
  }

  #takeFirst(half: Half): WaitingSegment {
    const first = half.waiting.shift()!
    half.waitingBytes -= first.bytes.length + WAITING_COST
    this.waitingBytes -= first.bytes.length + WAITING_COST
    this.#waiting.delete(half)
    if (half.waiting.length > 0) {
      half.waitingSince = half.waiting[0]!.time
      this.#waiting.add(half)
    }
    return first
  }

  /**
   * Is it time to stop hoping for the first missing bytes? Only the span port lost what their receiver has
   * acknowledged.
   */
  #isOverdue(half: Half): boolean {
    if (half.waiting.length === 0) return false
    const first = half.waiting[0]!
    const waited = (this.#clock.time - half.waitingSince) / 1e6
    const { peer } = half
    const hasHole = seqDistance(half.nextSeq, first.seq) > 0
    const acknowledged = !hasHole || (peer.ackSent >= 0 && seqDistance(first.seq, peer.ackSent) >= 0)
    const patience = hasHole || peer.seen ? ACKNOWLEDGED_HOLE_SECONDS : UNSEEN_SECONDS
    return (
      half.waitingBytes > LIMITS.waitingBytesPerHalfMax ||
      waited > LIMITS.holeSecondsMax ||
      (acknowledged && (waited > patience || isMuch(half, waited)))
    )
  }

  /** What stands before the first waiting bytes of the two halves will not come: goes on behind it. */
  #giveUpFirst(connection: Connection): void {
    const { low, high } = connection
    // an answer goes before what its receiver said next
    const half = answersWhatIsMissing(low)
      ? low
      : answersWhatIsMissing(high)
        ? high
        : high.waiting.length > 0 && (low.waiting.length === 0 || isBefore(high, low))
          ? high
          : low
    const { seq, ack, time, frame } = half.waiting[0]!
    const hole = seqDistance(half.nextSeq, seq)
    if (hole > 0) {
      this.#at(time, frame, () => this.#framer.gap(half, hole, 'lost'))
      half.nextSeq = seq
    }
    const { peer } = half
    if (unseen(peer, ack) > 0) {
      if (!peer.seen) half.isAlone = true
      peer.missedTo = ack
      this.#at(peer.lastTime, peer.lastFrame, () => this.#framer.answered(peer))
      this.#changed(peer)
    }
    this.#deliverFirst(half)
    this.#drain(connection)
  }

  /** What `work` delivers stands there. */
  #at(time: number, frame: number, work: () => void): void {
    const clock = this.#clock
    const { time: presentTime, frame: presentFrame } = clock
    clock.time = time
    clock.frame = frame
    work()
    clock.time = presentTime
    clock.frame = presentFrame
  }
}

/**
 * Had the sender of these bytes, with `ack` in their segment, more of the opposite half than was seen of it? Where the
 * bytes or those that are missing lie in what nobody wants, their order does not matter.
 */
function isEarly(half: Half, ack: number, length: number): boolean {
  const { peer } = half
  const missing = unseen(peer, ack)
  if (missing === 0 || (!peer.seen && half.isAlone)) return false
  if (!half.isOpened && half.keepLeft === 0 && half.keptLength === 0 && half.pduLeft >= length) return false
  return peer.isOpened || peer.keepLeft > 0 || peer.keptLength > 0 || peer.pduLeft < missing
}

/** How many bytes of a half lie between what was seen of it and what `ack` acknowledges; one alone is its FIN. */
function unseen(half: Half, ack: number): number {
  const { nextSeq, missedTo } = half
  if (ack < 0 || nextSeq < 0 || half.unclaimed) return 0
  const missing = seqDistance(nextSeq, ack) - (half.endSeq >= 0 && ack === (half.endSeq + 1) >>> 0 ? 1 : 0)
  if (missing <= 1 || missing > FAR) return 0
  return missedTo >= 0 && seqDistance(missedTo, ack) <= 0 ? 0 : missing
}

/** Nothing stands before the first waiting bytes any more. */
function isReady(half: Half): boolean {
  if (half.waiting.length === 0) return false
  const { seq, ack, bytes, missing } = half.waiting[0]!
  const ahead = seqDistance(half.nextSeq, seq)
  if (ahead > 0) return false
  const length = bytes.length + missing + ahead
  return length <= 0 || ack < 0 || !isEarly(half, ack, length)
}

/** Does the first of them wait for nothing but bytes of the opposite half, and for none that were seen already? */
function answersWhatIsMissing(half: Half): boolean {
  if (half.waiting.length === 0) return false
  const { seq, ack } = half.waiting[0]!
  if (seqDistance(half.nextSeq, seq) > 0) return false
  const other = half.peer.waiting
  return other.length === 0 || seqDistance(ack, other[0]!.seq) >= 0
}

/**
 * So much has come behind what is missing that it is not merely late; tiny segments say less, and so do those that come
 * within the time by which one side of a tap may be late.
 */
function isMuch({ waiting, waitingBytes }: Half, waited: number): boolean {
  const { length } = waiting
  const bytes = waitingBytes - length * WAITING_COST
  if (waited <= SKEW_SECONDS) return bytes > SKEW_BYTES
  return length > ACKNOWLEDGED_HOLE_SEGMENTS && bytes > ACKNOWLEDGED_HOLE_BYTES
}

function isBefore(one: Half, other: Half): boolean {
  const { time, frame } = one.waiting[0]!
  const first = other.waiting[0]!
  return time < first.time || (time === first.time && frame < first.frame)
}

/** A jump in the sequence numbers that no window explains. */
const FAR = 1 << 28
/** a waiting segment costs its bytes and its object */
const WAITING_COST = 160
/** the receiver has the bytes, we do not: wait for packets that the capture point put out of order, not longer */
const ACKNOWLEDGED_HOLE_SECONDS = 0.1
const ACKNOWLEDGED_HOLE_SEGMENTS = 16
const ACKNOWLEDGED_HOLE_BYTES = 4096
const SKEW_SECONDS = 0.005
const SKEW_BYTES = 65_536
/**
 * Of a half without any packet so far we wait for no more than what two taps may differ in: perhaps it is not captured.
 */
const UNSEEN_SECONDS = 0.02
