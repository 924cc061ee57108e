/**
 * Numbers and times in words, as every text output says them.
 *
 * A number stays on the line of its word: between them stands a no-break space, which `plainSpaces` takes out again
 * when the lines are made.
 */
import { isoTime } from '../../../decoders/parts/text.ts'
import { language, say, sayKey } from '../../texts/say.ts'

/** With commas. By hand: the first use of Intl takes 10 ms, which a small capture would wait for. */
export function countText(count: number): string {
  return Number.isInteger(count) ? String(count).replace(/\B(?=(\d{3})+$)/g, ',') : count.toLocaleString('en-US')
}

/** `1 pair`, `2 pairs`; irregular plurals are given. */
export function plural(count: number, one: string, many = `${one}s`): string {
  // Japanese has no plural
  return counted(count, count === 1 || language() === 'ja' ? one : many)
}

/** `3 kerberos`: the word as it is. */
export function counted(count: number, word: string): string {
  const known = sayKey(`{0} ${word}`, countText(count))
  return known.replace(' ', NO_BREAK)
}

export function plainSpaces(text: string): string {
  return text.replaceAll(NO_BREAK, ' ')
}

export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return unit === 0 ? plural(bytes, 'byte') : `${value.toFixed(value < 10 ? 1 : 0)}${NO_BREAK}${UNITS[unit]}`
}

/** A share of 1 as percent, at least `0.1 %` where there is any; null: of nothing. */
export function shareText(share: number | null): string {
  if (share === null) return '-'
  const percent = share * 100
  const digits = percent === 0 || percent === 100 || (percent >= 10 && percent <= 99) ? 0 : 1
  const text = (digits === 0 ? percent : Math.min(99.9, Math.max(0.1, percent))).toFixed(digits)
  return `${text.replace(/\.0$/, '')}${NO_BREAK}%`
}

/** Microseconds as the two units that matter: `8 h 30 min`, `12.3 s`, `350 ms`. */
export function durationText(micros: number): string {
  const seconds = micros / 1e6
  if (seconds < 1) return `${Math.round(micros / 1000)} ms`
  if (seconds < 60) return say`${seconds.toFixed(1)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return say`${minutes} min ${Math.floor(seconds % 60)} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return say`${hours} h ${minutes % 60} min`
  return say`${countText(Math.floor(hours / 24))} d ${hours % 24} h`
}

/** ISO 8601 in UTC, to the second: for people. */
export function secondText(micros: number): string {
  return isoTime(micros)?.replace(/\.\d+Z$/, 'Z') ?? say`no date`
}

/** no-break space */
export const NO_BREAK = '\u00a0'
const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB']
