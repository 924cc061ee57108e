/**
 * Is the inventory of NTLM complete? New pairs by day, days since the last new one, and how many were not seen yet.
 *
 * The estimate is Chao1 in its bias-corrected form on days (Chao 1984): `S + q1(q1-1) / (2(q2+1))` with the pairs seen
 * on exactly one day and on exactly two; what is told as "at least" is the lower end of its confidence interval (Chao
 * 1987, one-sided 95 %). Jobs of the end of the month or year are not in it.
 * Nothing is said of fewer than five days.
 */
import { isContinuation } from '../../facts/continuation.ts'
import { compareText } from '../../facts/words/text-order.ts'
import type { Report } from '../../report/report.ts'

const DAY_MICROS = 86_400e6
export const DAYS_MIN = 5

export interface NewOnDay {
  /** YYYY-MM-DD, UTC */
  readonly day: string
  /** pairs that used NTLM for the first time */
  readonly fresh: number
  /** pairs that used it at all */
  readonly pairs: number
}

export interface Completeness {
  /** days with any authentication, of them Monday to Friday */
  readonly days: number
  readonly workdays: number
  /** NTLM pairs (client, server, service) */
  readonly pairs: number
  /** days with authentications after the last one on which a new pair was seen; null: there was none */
  readonly daysSinceNew: number | null
  readonly lastNew: string | null
  /** pairs in all, at least; null: too few days to say */
  readonly atLeast: number | null
  readonly byDay: readonly NewOnDay[]
  /** logons that the report counts and does not list: their days are not known */
  readonly notListed: number
}

export function completenessOf({ exchanges, pairs }: Pick<Report, 'exchanges' | 'pairs'>): Completeness {
  const days = new Map<number, Set<string>>()
  const seenOn = new Map<string, Set<number>>()
  let listed = 0
  for (const one of exchanges) {
    if (isContinuation(one)) continue
    listed++
    const day = Math.floor(one.start / DAY_MICROS)
    let keys = days.get(day)
    if (keys === undefined) {
      keys = new Set()
      days.set(day, keys)
    }
    if (one.mechanism !== 'ntlm') continue
    const key = `${one.client.ip} ${one.server.ip} ${one.service}`
    keys.add(key)
    const known = seenOn.get(key)
    if (known === undefined) seenOn.set(key, new Set([day]))
    else known.add(day)
  }
  const sorted = [...days.keys()].sort((a, b) => a - b)
  const known = new Set<string>()
  const byDay = sorted.map((day): NewOnDay => {
    const keys = days.get(day)!
    const before = known.size
    for (const key of keys) known.add(key)
    return { day: dayText(day), fresh: known.size - before, pairs: keys.size }
  })
  const lastNew = byDay.findLastIndex(({ fresh }) => fresh > 0)
  return {
    days: sorted.length,
    workdays: sorted.filter((day) => isWorkday(day)).length,
    pairs: seenOn.size,
    daysSinceNew: lastNew < 0 ? null : byDay.length - 1 - lastNew,
    lastNew: byDay[lastNew]?.day ?? null,
    atLeast: sorted.length < DAYS_MIN ? null : leastOf([...seenOn.values()].map((on) => on.size)),
    byDay: byDay.sort((a, b) => compareText(a.day, b.day)),
    notListed: Math.max(0, pairs.reduce((sum, { counts }) => sum + counts.exchanges, 0) - listed),
  }
}

/** How many there are at least, by how often each was seen. */
export function leastOf(times: readonly number[]): number {
  const once = times.filter((count) => count === 1).length
  const twice = times.filter((count) => count === 2).length
  const unseen = (once * (once - 1)) / (2 * (twice + 1))
  if (unseen === 0) return times.length
  const variance =
    unseen +
    (once * (2 * once - 1) ** 2) / (4 * (twice + 1) ** 2) +
    (once ** 2 * twice * (once - 1) ** 2) / (4 * (twice + 1) ** 4)
  const spread = Math.exp(ONE_SIDED * Math.sqrt(Math.log(1 + variance / unseen ** 2)))
  return Math.floor(times.length + unseen / spread)
}

/** of the normal distribution, 95 % on one side */
const ONE_SIDED = 1.645

/** One sentence: what may be said of it. */
export function completenessText({ days, pairs, daysSinceNew, lastNew, atLeast }: Completeness): string {
  if (days === 0) return 'no authentication was seen: nothing can be said'
  if (days === 1) return 'one day: nothing can be said'
  if (atLeast === null) return `${days} days: too few to say how much was not seen (${DAYS_MIN} are needed)`
  const fresh =
    daysSinceNew === null
      ? 'no NTLM was seen'
      : `the last new NTLM pair was seen on ${lastNew}, ${daysSinceNew === 1 ? '1 day' : `${daysSinceNew} days`} with logons ago`
  return `${pairs} NTLM pairs in ${days} days, at least ${atLeast} in all; ${fresh}; month-end and yearly jobs are not in it`
}

function dayText(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10)
}

/** 1970-01-01 was a Thursday. */
function isWorkday(day: number): boolean {
  return (day + 4) % 7 > 0 && (day + 4) % 7 < 6
}
