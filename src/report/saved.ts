/**
 * A report that was saved by `analyze --format json`, in the place of its captures. Recognised by content; its times
 * become microseconds again.
 */

import { readFileSync } from 'node:fs'
import { CaptureError } from '../capture/open.ts'
import { time } from '../facts/filter.ts'
import { NO_EVENTS } from '../facts/windows-facts.ts'
import { OVERFLOWS, type Overflow } from './coverage.ts'
import { type BlindSpot, REPORT_SCHEMA, type Report } from './report.ts'
import { inOrder, RollUpFold } from './roll-ups.ts'
import { mistakeIn } from './saved-form.ts'
import { UNTOLD } from './seen/turned-away.ts'
import { NOTHING_UNREAD } from './seen/unread.ts'

/** Throws a CaptureError where it is no report, or one that was changed: every value is what the schema says of it. */
export function readSaved(path: string): Report {
  let written: unknown
  try {
    written = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    throw new CaptureError(`${path}: neither a capture nor a report saved as JSON`)
  }
  if ((written as Partial<Report> | null)?.schema !== REPORT_SCHEMA)
    throw new CaptureError(`${path}: JSON, and no report of this version`)
  const mistake = mistakeIn(written)
  if (mistake !== null) throw new CaptureError(`${path}: a report ${mistake}; save it again with analyze --format json`)
  const value = revived('', written) as Partial<Report>
  return {
    ...(value as Report),
    unfiltered: value.unfiltered ?? null,
    unread: { ...NOTHING_UNREAD, ...value.unread },
    tls: value.tls ?? { servers: [], certificates: [] },
    turnedAway: value.turnedAway ?? [],
    keys: value.keys ?? { tls: null, kerberos: null },
    ...withLogs(value),
    ...withRollUps(value),
  }
}

/**
 * Nor lists of places, servers, clients and accounts: made of the exchanges that they list, and said where these are
 * cut.
 */
function withRollUps(
  value: Partial<Report>,
): Pick<Report, 'blindSpots' | 'places' | 'servers' | 'clients' | 'accounts'> {
  const blindSpots = value.blindSpots!.map(withCode)
  if (value.turnedAway === undefined) blindSpots.push(UNTOLD)
  const { places, servers, clients, accounts } = value
  const ntlm = value.pairs!.reduce((sum, { counts }) => sum + (counts.mechanism.ntlm ?? 0), 0)
  // earlier versions had places that no change ends among the others
  if (places && servers && clients && accounts)
    return { blindSpots, places: inOrder(places, ntlm), servers, clients, accounts }
  const rollUps = new RollUpFold()
  for (const exchange of value.exchanges!) rollUps.add(exchange)
  const cut = blindSpots.reduce((sum, { code, count }) => sum + (code === 'exchanges-not-listed' ? count : 0), 0)
  const code: Overflow = 'roll-ups'
  const missing = cut === 0 ? [] : [{ kind: 'overflow', code, detail: OVERFLOWS[code], count: cut }]
  return { ...rollUps.rollUps(ntlm), blindSpots: [...blindSpots, ...missing] }
}

/** Reports of versions before 0.2 have no codes: an overflow may then be any. */
function withCode(spot: BlindSpot): BlindSpot {
  return { ...spot, code: spot.code ?? spot.kind }
}

/** Nor have they logs beside them. */
function withLogs({ eventCoverage = null, exchanges = [], kdc = [] }: Partial<Report>) {
  // the order of members stays: a report that is saved again is the same bytes
  const whole = <T extends Pick<Report['kdc'][number], 'events' | 'windows'>>(one: T): T => ({
    ...one,
    events: one.events ?? NO_EVENTS,
    windows: one.windows ?? null,
  })
  return { eventCoverage, exchanges: exchanges.map(whole), kdc: kdc.map(whole) }
}

const TIMES: ReadonlySet<string> = new Set([
  'start',
  'end',
  'time',
  'first',
  'last',
  'from',
  'till',
  'notBefore',
  'notAfter',
])
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

/** Its times as numbers. */
function revived(name: string, value: unknown): unknown {
  if (typeof value === 'string') return TIMES.has(name) && ISO.test(value) ? time(value) : value
  if (Array.isArray(value)) return value.map((inner) => revived('', inner))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([inner, part]) => [inner, revived(inner, part)]))
}
