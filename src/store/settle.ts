/**
 * Are two stored facts one? Decided from what was on the wire: by the digest of the deciding token, else by flow, time
 * and what each of them lacks. Pure.
 *
 * `same`: two versions of one row of one sensor, of which one stays, or two halves of it in two files, which are
 * joined. `twin`: one event seen by two sensors; both rows stay, one of them counts. Rows of one run are never halves
 * of each other: whoever read the whole file has told them apart.
 */
import { STORE_LIMITS } from './bounds.ts'
import type { FactRow, FactTable } from './tables.ts'

export type Relation =
  | 'same'
  /** parts of one, each with something that the other lacks */
  | 'halves'
  /** one may be a part of the other, read once more without the file before: frames tell (`hasFrames`) */
  | 'again'
  | 'twin'

/** `a` and `b` are of one group (`GROUP`); null: two facts. */
export function relationOf(table: FactTable, a: FactRow, b: FactRow): Relation | null {
  if (a.sensor !== b.sensor) return isTwin(table, a, b) ? 'twin' : null
  if (a.key === b.key) return 'same'
  const [first, second] = Number(a.ts) <= Number(b.ts) ? [a, b] : [b, a]
  switch (table) {
    case 'exchanges':
      return areHalves(first, second) ? 'halves' : null
    case 'kdc':
      if (areKdcHalves(first, second)) return 'halves'
      return isNear(first, second) && (isAnswer(a) || isAnswer(b)) ? 'again' : null
    case 'findings':
    case 'conversations':
    case 'turned_away':
      return Number(second.ts) <= Number(first.ts_end) ? 'halves' : null
    case 'captures':
      return null
  }
}

/** Does `b` tell more than `a`? Both are versions of one row. */
export function isBetter(b: FactRow, a: FactRow): boolean {
  return Number(b.rank) > Number(a.rank) || (b.rank === a.rank && Number(b.ts_end) > Number(a.ts_end))
}

function areHalves(first: FactRow, second: FactRow): boolean {
  if (first.service !== second.service) return false
  const gap = Number(second.ts) - Number(first.ts_end)
  if (gap > STORE_LIMITS.halvesMicros) return false
  if (gap <= 0) return isPart(first) || isPart(second)
  if (bringsAgain(first, second)) return true
  if (first.result !== 'unknown') return false
  const near = gap <= ANSWER_MICROS
  // the answer to what the first one shows
  if (second.visibility === 'server' && second.uid_of === 'start') return near
  if (isClear(first) || isClear(second)) return false
  // the AUTHENTICATE_MESSAGE to a challenge before it, the challenge to a NEGOTIATE_MESSAGE before it
  if (first.uid_of === 'start' && second.uid_of !== 'start')
    return second.challenge_seen === false ? second.mechanism !== 'kerberos' : near && first.visibility === 'client'
  // a third leg, or what else has neither a beginning nor an end
  return near && second.uid_of === 'start' && isPart(second)
}

/** Does `whole` have every frame of `part`, each in its file? */
export function hasFrames(whole: FactRow, part: FactRow): boolean {
  const there = new Set(framesOf(whole))
  const frames = framesOf(part)
  return frames.length > 0 && frames.every((frame) => there.has(frame))
}

const framesOf = ({ frames, capture }: FactRow) =>
  String(frames)
    .split(' ')
    .filter((frame) => frame !== '')
    .map((frame) => (frame.includes(':') ? frame : `${capture}:${frame}`))

const isNear = (first: FactRow, second: FactRow) => Number(second.ts) - Number(first.ts_end) <= ANSWER_MICROS
/** An answer of a KDC without what was asked. */
const isAnswer = ({ requested, answered }: FactRow) => requested === '' && answered === true

/** Nothing in it tells it from another one of its flow, and something of it is missing. */
function isPart(row: FactRow): boolean {
  return row.uid_of === 'start' && (row.result === 'unknown' || row.visibility !== 'both')
}

/** Requests with the same name and password are one authentication, as long as none is refused. */
function bringsAgain(first: FactRow, second: FactRow): boolean {
  return (
    HTTP.has(String(first.service)) &&
    first.uid_of === 'start' &&
    second.uid_of === 'start' &&
    isClear(first) &&
    first.method === second.method &&
    first.result !== 'failure' &&
    second.result !== 'failure' &&
    first.user_name === second.user_name
  )
}

/** Of these each request is one logon. */
const isClear = ({ mechanism }: FactRow) => mechanism === 'simple' || mechanism === 'plain'
const HTTP: ReadonlySet<string> = new Set(['http', 'http-proxy', 'winrm'])
const ANSWER_MICROS = 60e6

function areKdcHalves(first: FactRow, second: FactRow): boolean {
  return (
    first.request === second.request &&
    first.answered === false &&
    second.requested === '' &&
    second.answered === true &&
    Number(second.ts) - Number(first.ts) <= ANSWER_MICROS
  )
}

function isTwin(table: FactTable, a: FactRow, b: FactRow): boolean {
  if (table !== 'exchanges' && table !== 'kdc') return false
  if (a.logon !== null && b.logon !== null) return a.logon === b.logon
  const apart = Math.max(Number(a.ts) - Number(b.ts_end), Number(b.ts) - Number(a.ts_end))
  if (apart > STORE_LIMITS.clocksMicros) return false
  return table === 'kdc' ? a.request === b.request : a.service === b.service && (mayBe(a, b) || mayBe(b, a))
}

/** Half an authentication is of any mechanism. */
function mayBe(part: FactRow, whole: FactRow): boolean {
  return part.mechanism === whole.mechanism || isPart(part)
}

// --- joining
// ---------------------------------------------------------------------------------------------------------------------

/** Two halves as one row: what the better one lacks comes from the other. */
export function joined(table: FactTable, a: FactRow, b: FactRow): FactRow {
  const better = isBetter(b, a) ? b : a
  const other = better === a ? b : a
  const row: FactRow = { ...better }
  for (const [name, value] of Object.entries(row)) if (value === null) row[name] = other[name] ?? null
  row.ts = Math.min(Number(a.ts), Number(b.ts))
  row.ts_end = Math.max(Number(a.ts_end), Number(b.ts_end))
  row.rank = Math.max(Number(a.rank), Number(b.rank)) + 1
  row.twin_of = null
  if (table === 'findings' || table === 'turned_away') row.times = Math.max(Number(a.times), Number(b.times))
  if (table === 'conversations') for (const name of COUNTS) row[name] = Math.max(Number(a[name]), Number(b[name]))
  if (table === 'exchanges' || table === 'kdc') {
    row.frames = framesTogether(better, other)
    if (better.result === 'unknown' && other.result !== 'unknown')
      for (const name of ['result', 'status_code', 'status_name', 'smb_effective']) row[name] = other[name] ?? null
  }
  if (table === 'exchanges') {
    if (new Set([a.visibility, b.visibility]).size > 1) row.visibility = 'both'
    row.challenge_seen = a.challenge_seen === true || b.challenge_seen === true
    // the offers stood in the first half, and with them why NTLM came
    if (better.origin === 'unknown' && other.origin !== null && other.origin !== 'unknown') {
      row.origin = other.origin!
      row.fallback = other.fallback ?? null
    }
    if (better.cause === 'RC99' && other.cause !== null && other.cause !== 'RC99')
      for (const name of ['cause', 'cause_confidence', 'cause_sensor', ...NAME_FROM]) row[name] = other[name] ?? null
    // the line to change may have been told on another segment than that of the logon
    if (row.cause === other.cause && (row.name_from ?? null) === null)
      for (const name of NAME_FROM) row[name] = other[name] ?? null
  }
  if (typeof better.detail === 'string' && better.detail.includes('"id"')) row.detail = detailOf(row, better.detail)
  if (table === 'kdc' && better.answered === false) row.answered = other.answered ?? false
  return row
}

/** The whole fact says what its row says. */
function detailOf(row: FactRow, detail: string): string {
  const fact = JSON.parse(detail)
  const { result, visibility, origin, fallback } = row
  const frames = String(row.frames)
    .split(' ')
    .map((frame) => (/^\d+$/.test(frame) ? Number(frame) : frame))
  return JSON.stringify({ ...fact, start: row.ts, end: row.ts_end, result, visibility, origin, fallback, frames })
}

const NAME_FROM = ['name_from', 'name_from_where', 'name_from_named']
const COUNTS = ['connections', 'authenticated', 'midstream', 'one_sided', 'lossy', 'whole']

/** Frames of another file than the row's own are named with it, as a report does. */
function framesTogether(own: FactRow, other: FactRow): string {
  const there = new Set(String(own.frames).split(' '))
  for (const frame of String(other.frames).split(' ')) {
    if (frame === '') continue
    there.add(own.capture === other.capture || frame.includes(':') ? frame : `${other.capture}:${frame}`)
  }
  return [...there].filter((frame) => frame !== '').join(' ')
}
