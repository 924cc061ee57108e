/**
 * Causes are decided again over what all sensors saw: KDC traffic at one explains the fallback at another.
 *
 * Only what was undetermined (RC99) for want of KDC traffic gets a cause, never another one: the exchange itself has to
 * be whole, and its cause cites the frames of the other sensor's captures as `sensor:capture:frame`. Silence is no
 * evidence here: an answer that one sensor did not see another may have.
 */
import { asksAgain } from '../../../decoders/mechanisms/kerberos-names.ts'
import { decideAgain } from '../../causes/decide.ts'
import { Evidence } from '../../context/evidence.ts'
import type { AuthExchange, KdcExchange } from '../../facts/exchange.ts'
import { FrameNames, frameKey } from '../../facts/frames.ts'
import type { SoughtWhat } from '../store.ts'
import { COLUMN_NAMES, type FactRow, type Value } from '../tables.ts'

/** a ticket that is refused is asked for again after so long (`SpnCacheTimeout`) */
export const EXPLAINED_WITHIN_MICROS = 900e6
/** clocks of two sensors */
const CLOCKS_MICROS = 1e6

/** Could KDC traffic that this sensor did not see explain it? */
export function isUnexplained(row: FactRow): boolean {
  return (
    row.cause === 'RC99' &&
    row.mechanism === 'ntlm' &&
    row.visibility === 'both' &&
    row.uid_of === 'token' &&
    (row.result !== 'unknown' || (row.service !== 'smb' && row.service !== 'http'))
  )
}

/** Does this row of `kdc` say anything about why Kerberos was not used? That more is asked for is no refusal. */
export const isRefusal = ({ error_code }: FactRow) =>
  error_code !== null && error_code !== undefined && !asksAgain(Number(error_code))

/** May what a KDC was asked at `asked` explain what began at `start`? Microseconds since 1970. */
export const isNear = (start: number, asked: number) =>
  asked <= start + CLOCKS_MICROS && start - asked <= EXPLAINED_WITHIN_MICROS

/** What of a row of `kdc` may explain an exchange. */
const ASKED_COLUMNS = [
  ...['community_id', 'sensor', 'capture', 'ts', 'client_ip', 'kdc_ip', 'request', 'realm', 'cname', 'sname'],
  ...['error_code', 'error_name', 'answered', 'frames'],
] as const

/** Where what is sought stands, and what is read of it. */
export const SOUGHT: Readonly<
  Record<SoughtWhat, { readonly table: 'exchanges' | 'kdc'; readonly columns: readonly string[] }>
> = {
  unexplained: { table: 'exchanges', columns: COLUMN_NAMES.exchanges },
  refusals: { table: 'kdc', columns: ['client_ip', 'ts', 'error_code'] },
  asked: { table: 'kdc', columns: ASKED_COLUMNS },
}

/**
 * The row with its cause, by the KDC rows of its client in the time before it (`ASKED_COLUMNS`), of any sensor, in the
 * order of their times; null: they do not tell either.
 */
export function explained(row: FactRow, kdc: readonly FactRow[]): FactRow | null {
  const start = Number(row.ts)
  const near = kdc.filter((one) => one.client_ip === row.client_ip && isNear(start, Number(one.ts)))
  if (!near.some(isRefusal) || near.some(isHidden)) return null
  const exchange = factOf<AuthExchange>(row)
  if (exchange === null) return null
  const places = near.map((one) => ({ name: placeOf(one) }))
  const evidence = new Evidence()
  for (const [at, one] of near.entries()) learn(evidence, one, at)
  const names = new FrameNames(places)
  const cause = decideAgain(exchange, evidence, (keys) => names.refs(keys, ''))
  if (cause === null || cause.code === 'RC99') return null
  const cited = new Set(cause.frames.map(String))
  const sensors = near
    .filter((one) => [...cited].some((frame) => frame.startsWith(`${placeOf(one)}:`)))
    .map((one) => String(one.sensor))
  return {
    ...row,
    rank: Number(row.rank) + 1,
    cause: cause.code,
    cause_confidence: cause.confidence,
    cause_sensor: [...new Set(sensors)].sort().join(' ') || String(row.sensor),
    detail: JSON.stringify({ ...exchange, cause }),
  }
}

const placeOf = ({ sensor, capture }: FactRow) => `${sensor}:${capture}`

/** null: it was stored with pseudonyms, or is damaged. */
function factOf<T extends { readonly client: unknown }>({ detail }: FactRow): T | null {
  try {
    const fact = JSON.parse(String(detail)) as T
    return fact.client === undefined ? null : fact
  } catch {
    return null
  }
}

/** Stored with pseudonyms: its Community ID is a keyed digest. */
const isHidden = ({ community_id }: FactRow) => community_id !== '' && !String(community_id).startsWith('1:')

/** As it is learnt when packets are read; `at`: which of the places its frames are of. */
function learn(evidence: Evidence, row: FactRow, at: number): void {
  const client = String(row.client_ip)
  const time = Number(row.ts)
  evidence.kdcAsked(client, time)
  if (row.answered !== true) return
  evidence.kdcHeard(client, time)
  evidence.spoke(String(row.kdc_ip), client)
  if (row.sname === null) return
  const sname = String(row.sname)
  if (row.error_code === null) {
    evidence.ticket(client, sname, time)
    return
  }
  const frames = String(row.frames)
    .split(' ')
    .filter((frame) => /^\d+$/.test(frame))
  evidence.kdcAnswer(client, {
    realm: textOf(row.realm),
    cname: textOf(row.cname),
    time,
    frames: frames.map((frame) => frameKey(at, Number(frame))),
    kind: row.request as KdcExchange['request'],
    sname,
    code: Number(row.error_code),
    name: String(row.error_name),
  })
}

const textOf = (value: Value | undefined) => (value === null || value === undefined ? null : String(value))
