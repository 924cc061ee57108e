/**
 * Who answers a question: DuckDB over a folder of files, or a ClickHouse server. Both give the same columns and the
 * same values.
 */

import type { Value } from '../store/tables.ts'
import type { Scoped } from './catalogue.ts'
import { type Batch, type OctetPage, Phrase, rowsOfBatch } from './columns.ts'

export interface Answer {
  readonly columns: readonly string[]
  /** counts are numbers; times are ISO 8601 in the zone that was asked for, with its offset; days `2026-11-23` */
  readonly rows: readonly (readonly Value[])[]
}

/** An answer as it comes: a pair of each host with each server is too much for the memory of this process. */
export interface Answering {
  readonly columns: readonly string[]
  readonly batches: AsyncIterable<Batch>
  /** how many rows were not taken yet: none of them is afterwards. Where it is not there they are taken and counted */
  readonly left?: () => Promise<number>
}

export interface Answerer {
  literal(text: string): string
  /** Rejects with a StoreError that has the engine's first line. */
  ask(sql: string, scope: Scoped): Promise<Answer>
  /** The same, row by row; nothing else is asked before the last one was taken. */
  answering(sql: string, scope: Scoped): Promise<Answering>
  /** Of which sensors complete loads are, without looking at what they brought. */
  sensors(): Promise<readonly string[]>
  close(): Promise<void>
}

export async function whole({ columns, batches }: Answering): Promise<Answer> {
  const rows: (readonly Value[])[] = []
  for await (const batch of batches) for (const row of rowsOfBatch(batch)) rows.push(row)
  return { columns, rows }
}

/** Is there a zone of that name? */
export function isZone(name: string): boolean {
  if (name === 'UTC') return true
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return /^[A-Za-z0-9_+/-]+$/.test(name)
  } catch {
    return false
  }
}

const formats = new Map<string, Intl.DateTimeFormat>()
/** by zone, what it is before UTC in milliseconds: by day (null: a clock is changed in it), by quarter of an hour */
const offsets = new Map<string, { days: Map<number, number | null>; quarters: Map<number, number> }>()
const DAY_MILLIS = 86_400_000
const QUARTER_MILLIS = 900_000
const KEPT_MAX = 10_000

/** `2026-11-23T10:19:19.676949+01:00`; in UTC `Z`. */
export function zonedTime(micros: number, zone: string): string {
  if (isBeyond(micros)) return clockTime(micros)
  if (zone === 'UTC') return `${clockTime(micros)}Z`
  const before = offsetAt(Math.floor(micros / 1000), zone)
  return `${clockTime(micros + before * 1000)}${offsetText(Math.round(before / 60_000))}`
}

/** The same as octets, without the zone where that is null; false, and nothing is written: it is beyond all days. */
export function putTime(micros: number, zone: string | null, page: OctetPage): boolean {
  if (isBeyond(micros)) return false
  const offset = zone === null || zone === 'UTC' ? 0 : offsetAt(Math.floor(micros / 1000), zone)
  const local = micros + offset * 1000
  if (isBeyond(local)) return false
  const day = Math.floor(local / DAY_MICROS)
  const rest = local - day * DAY_MICROS
  const seconds = Math.floor(rest / 1e6)
  const hours = (seconds / 3600) | 0
  const minutes = ((seconds - hours * 3600) / 60) | 0
  page.phrase(dayPhrase(day))
  page.clock(hours, minutes, seconds - hours * 3600 - minutes * 60, rest - seconds * 1e6)
  if (zone !== null) page.phrase(zone === 'UTC' ? ZULU : offsetPhrase(Math.round(offset / 60_000)))
  return true
}

const ZULU = new Phrase('Z')
/** by day since 1970: `2026-11-23T` */
const dayPhrases = new Map<number, Phrase>()

const dayPhrase = (day: number) => knownIn(dayPhrases, day, newDayPhrase)
const newDayPhrase = (day: number) => new Phrase(`${dayText(day)}T`)

const offsetPhrases = new Map<number, Phrase>()

const offsetPhrase = (minutes: number) => knownIn(offsetPhrases, minutes, newOffsetPhrase)
const newOffsetPhrase = (minutes: number) => new Phrase(offsetText(minutes))

/** `2026-11-23T10:19:19.676949`, put together from what is known: a large answer has a million times. */
export function clockTime(micros: number): string {
  if (isBeyond(micros)) return micros < 0 ? '-infinity' : 'infinity'
  const day = Math.floor(micros / DAY_MICROS)
  const rest = micros - day * DAY_MICROS
  const seconds = Math.floor(rest / 1e6)
  const part = rest - seconds * 1e6
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  return `${dayText(day)}T${TWO[hours]}:${TWO[minutes - hours * 60]}:${TWO[seconds - minutes * 60]}.${THREE[Math.floor(part / 1000)]}${THREE[part % 1000]}`
}

const DAY_MICROS = DAY_MILLIS * 1000
/** What SQL calls infinity is where no `Date` gets. */
const isBeyond = (micros: number) => Math.abs(micros) >= 1e8 * DAY_MICROS
const padded = (size: number, digits: number) =>
  Array.from({ length: size }, (_, number) => String(number).padStart(digits, '0'))
const TWO = padded(100, 2)
const THREE = padded(1000, 3)

/** by day since 1970 */
const days = new Map<number, string>()

const dayText = (day: number) => knownIn(days, day, newDayText)
const newDayText = (day: number) => new Date(day * DAY_MILLIS).toISOString().slice(0, -14)

const offsetTexts = new Map<number, string>()

const offsetText = (minutes: number) => knownIn(offsetTexts, minutes, newOffsetText)

function newOffsetText(minutes: number): string {
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${TWO[Math.floor(size / 60)]}:${TWO[size % 60]}`
}

/** What is known for a number, made where it is not. */
function knownIn<T>(known: Map<number, T>, number: number, make: (number: number) => T): T {
  const before = known.get(number)
  if (before !== undefined) return before
  const made = make(number)
  keepIn(known, number, made)
  return made
}

/** A zone is asked once for a day in which no clock is changed; clocks are changed at a quarter of an hour. */
function offsetAt(millis: number, zone: string): number {
  let known = offsets.get(zone)
  if (known === undefined) {
    known = { days: new Map(), quarters: new Map() }
    offsets.set(zone, known)
  }
  const day = Math.floor(millis / DAY_MILLIS)
  let offset = known.days.get(day)
  if (offset === undefined) {
    const [first, last] = [offsetByZone(day * DAY_MILLIS, zone), offsetByZone((day + 1) * DAY_MILLIS, zone)]
    offset = first === last ? first : null
    keepIn(known.days, day, offset)
  }
  if (offset !== null) return offset
  const quarter = Math.floor(millis / QUARTER_MILLIS)
  let exact = known.quarters.get(quarter)
  if (exact === undefined) {
    exact = offsetByZone(quarter * QUARTER_MILLIS, zone)
    keepIn(known.quarters, quarter, exact)
  }
  return exact
}

/** From a point in time on, what a zone is before UTC; both in milliseconds. */
export interface ZoneStep {
  readonly from: number
  readonly before: number
}

/**
 * Where the clocks of a zone are changed between two points in time (milliseconds since 1970), the first step at the
 * beginning; null: the time is too long to look at each of its days.
 */
export function zoneSteps(zone: string, from: number, to: number): ZoneStep[] | null {
  if (zone === 'UTC') return [{ from, before: 0 }]
  if (to - from > STEP_DAYS_MAX * DAY_MILLIS) return null
  const steps = [{ from, before: offsetByZone(from, zone) }]
  for (let day = from; day < to; day += DAY_MILLIS) {
    const { before } = steps.at(-1)!
    const after = offsetByZone(day + DAY_MILLIS, zone)
    if (after === before) continue
    let [early, late] = [day, day + DAY_MILLIS]
    while (late - early > 1000) {
      const middle = early + Math.floor((late - early) / 2000) * 1000
      if (offsetByZone(middle, zone) === before) early = middle
      else late = middle
    }
    steps.push({ from: late, before: after })
  }
  return steps
}

const STEP_DAYS_MAX = 4000

function keepIn<T>(map: Map<number, T>, key: number, value: T): void {
  if (map.size >= KEPT_MAX) map.clear()
  map.set(key, value)
}

function offsetByZone(millis: number, zone: string): number {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formats.set(zone, format)
  }
  const named = Object.fromEntries(format.formatToParts(millis).map(({ type, value }) => [type, value]))
  const { year, month, day, hour, minute, second } = named as Record<string, string>
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)) - millis
}
