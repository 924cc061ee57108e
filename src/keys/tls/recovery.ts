/**
 * Behind a hole: where the next record begins, and which number it has.
 *
 * Every place where a header may stand is tried with every number that may be due: up to one for each 22 bytes that are
 * lost. What opens is right, since its tag is the proof. At most so many trials a hole: noise that looks like headers
 * costs no more.
 */
import type { KeyCandidate } from './agreed.ts'
import type { Direction } from './direction.ts'
import { isHeader, RECORD_HEADER_BYTES } from './hello.ts'
import type { OpenedRecord, RecordKeys } from './records.ts'
import { addCounts, type TlsCounters, UNCOUNTED_BYTES } from './shared-keys.ts'

/** A record that was found. */
export interface Found {
  readonly opened: OpenedRecord
  /** bytes of plain text that are missing in front of it */
  readonly plainLost: number
  /** keys other than the present ones that opened it */
  readonly adopted: KeyCandidate | null
  /** what stands behind it: a copy */
  readonly rest: Buffer
}

/** a record has a header, a byte and a tag */
const RECORD_BYTES_MIN = 22
/** of one hole: 12 microseconds each, and the limit is met by noise alone */
const TRIALS_MAX = 4096
const SEARCH_BYTES_MAX = 1 << 16
/** in front of a record, the longest block of a cipher and the longest MAC behind it: its IV in TLS 1.0 */
const BLOCK_BYTES_MAX = 16 + 48
/** less than that is not worth moving the rest */
const KEPT_BYTES_MIN = 1024

/** Looks for a record in the buffer of a direction. `later`: keys that it may have besides the present ones. */
export function searchRecord(
  direction: Direction,
  later: readonly KeyCandidate[],
  counters: TlsCounters,
): Found | 'more' | 'given-up' {
  const { buffer, places } = direction
  direction.places = []
  for (const at of places) {
    const found = recordAt(direction, at, later, counters)
    if (found !== null) return found
  }
  for (let at = direction.scanned; at + RECORD_HEADER_BYTES <= direction.length; at++) {
    direction.scanned = at + 1
    const found = isHeader(buffer, at) ? recordAt(direction, at, later, counters) : null
    if (found !== null) return found
  }
  if (direction.trials > TRIALS_MAX) return 'given-up'
  // what stands before all places is no record
  const first = Math.min(direction.places[0] ?? direction.scanned, direction.scanned)
  const kept = direction.length > SEARCH_BYTES_MAX ? direction.scanned : Math.max(0, first - BLOCK_BYTES_MAX)
  if (kept < KEPT_BYTES_MIN) return 'more'
  direction.shift(kept)
  direction.lost = addCounts(direction.lost, kept)
  direction.scanned -= kept
  direction.places = direction.places.map((place) => place - kept).filter((place) => place >= 0)
  return 'more'
}

/** A record may begin here; null: it does not, or it is not whole yet. */
function recordAt(
  direction: Direction,
  at: number,
  later: readonly KeyCandidate[],
  counters: TlsCounters,
): Found | null {
  const { buffer, length } = direction
  const total = RECORD_HEADER_BYTES + buffer.readUInt16BE(at + 3)
  if (at + total > length) {
    direction.places.push(at)
    return null
  }
  if (direction.trials > TRIALS_MAX) return null
  const lost = addCounts(direction.lost, at)
  const trial: Trial = {
    direction,
    record: buffer.subarray(at, at + total),
    before: buffer.subarray(Math.max(0, at - BLOCK_BYTES_MAX), at),
    lost,
    skippedMax: Math.min(Math.floor(lost / RECORD_BYTES_MIN), TRIALS_MAX),
    counters,
  }
  const present = direction.keys
  let adopted: KeyCandidate | null = null
  let found = present === null ? null : tryNumbers(trial, present, present.sequence)
  let plainLost = UNCOUNTED_BYTES
  if (found !== null && present !== null && present.overhead !== null && lost < UNCOUNTED_BYTES)
    plainLost = lost - found.skipped * present.overhead
  for (const candidate of found === null ? later : []) {
    found ??= tryNumbers(trial, candidate.keys, 0)
    if (found !== null) {
      adopted = candidate
      break
    }
  }
  if (found === null) return null
  counters.recovered++
  counters.lost += found.skipped
  const rest = Buffer.from(buffer.subarray(at + total, length))
  direction.forget()
  direction.trials = 0
  return { opened: found.opened, plainLost: plainLost > 0 ? plainLost : UNCOUNTED_BYTES, adopted, rest }
}

interface Trial {
  readonly direction: Direction
  readonly record: Uint8Array
  readonly before: Uint8Array
  readonly lost: number
  readonly skippedMax: number
  readonly counters: TlsCounters
}

function tryNumbers({ direction, record, before, lost, skippedMax, counters }: Trial, keys: RecordKeys, first: number) {
  if (!keys.isSeekable && lost >= UNCOUNTED_BYTES) return null
  for (let skipped = 0; skipped <= skippedMax && direction.trials <= TRIALS_MAX; skipped++) {
    direction.trials++
    counters.trials++
    const opened = keys.open(record, first + skipped, before, lost - skipped * RECORD_HEADER_BYTES)
    if (opened !== null) return { opened, skipped }
  }
  return null
}
