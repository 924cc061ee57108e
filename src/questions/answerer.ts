/**
 * Who answers a question: DuckDB over a folder of files, or a ClickHouse server. Both give the same columns and the
 * same values.
 */

import type { Value } from '../store/tables.ts'
import type { Scoped } from './catalogue.ts'

export interface Answer {
  readonly columns: readonly string[]
  /** counts are numbers; times are ISO 8601 in the zone that was asked for, with its offset; days `2026-11-23` */
  readonly rows: readonly (readonly Value[])[]
}

export interface Answerer {
  literal(text: string): string
  /** Rejects with a StoreError that has the engine's first line. */
  ask(sql: string, scope: Scoped): Promise<Answer>
  close(): Promise<void>
}

/** Is there a zone of that name? */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return /^[A-Za-z0-9_+/-]+$/.test(name)
  } catch {
    return false
  }
}

const formats = new Map<string, Intl.DateTimeFormat>()
/** by zone, what it is before UTC in milliseconds, for each quarter of an hour that was asked about */
const offsets = new Map<string, Map<number, number>>()
const QUARTER_MILLIS = 900_000
const QUARTERS_MAX = 100_000

/** `2026-11-23T10:19:19.676949+01:00`; in UTC `Z`. */
export function zonedTime(micros: number, zone: string): string {
  const millis = Math.floor(micros / 1000)
  const part = String(((micros % 1e6) + 1e6) % 1e6).padStart(6, '0')
  if (zone === 'UTC') return `${new Date(millis).toISOString().slice(0, 19)}.${part}Z`
  const before = offsetAt(millis, zone)
  const offset = Math.round(before / 60_000)
  const size = Math.abs(offset)
  const sign = offset < 0 ? '-' : '+'
  const two = (number: number) => String(number).padStart(2, '0')
  const text = `${new Date(millis + before).toISOString().slice(0, 19)}.${part}`
  return `${text}${sign}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

/** Clocks are changed at a quarter of an hour: asking the zone for each of a million times took most of a question. */
function offsetAt(millis: number, zone: string): number {
  let known = offsets.get(zone)
  if (known === undefined) {
    known = new Map()
    offsets.set(zone, known)
  }
  const quarter = Math.floor(millis / QUARTER_MILLIS)
  let offset = known.get(quarter)
  if (offset === undefined) {
    if (known.size >= QUARTERS_MAX) known.clear()
    offset = offsetByZone(quarter * QUARTER_MILLIS, zone)
    known.set(quarter, offset)
  }
  return offset
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
