/**
 * Causes are decided again over what all sensors saw: KDC traffic at one explains the fallback at another.
 *
 * Only what was undetermined (RC99) for want of KDC traffic gets a cause, never another one: the exchange itself has to
 * be whole, and its cause cites the frames of the other sensor's captures as `sensor:capture:frame`. Silence is no
 * evidence here: an answer that one sensor did not see another may have.
 */
import { decideAgain } from '../causes/decide.ts'
import { Evidence } from '../context/evidence.ts'
import type { AuthExchange, KdcExchange } from '../facts/exchange.ts'
import { FrameNames, frameKey } from '../facts/frames.ts'
import type { FactRow } from './tables.ts'

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

/** Does this row of `kdc` say anything about why Kerberos was not used? */
export const isRefusal = (row: FactRow) => row.error_code !== null && row.error_code !== undefined

/**
 * The row with its cause, by the KDC rows of its client in the time before it, of any sensor, in the order of their
 * times; null: they do not tell either.
 */
export function explained(row: FactRow, kdc: readonly FactRow[]): FactRow | null {
  const start = Number(row.ts)
  const near = kdc.filter(
    (one) =>
      one.client_ip === row.client_ip &&
      Number(one.ts) <= start + CLOCKS_MICROS &&
      start - Number(one.ts) <= EXPLAINED_WITHIN_MICROS,
  )
  if (!near.some(isRefusal)) return null
  const exchange = factOf<AuthExchange>(row)
  const requests = near.map((one) => ({ row: one, fact: factOf<KdcExchange>(one) }))
  if (exchange === null || requests.some(({ fact }) => fact === null)) return null
  const places = near.map((one) => ({ name: placeOf(one) }))
  const evidence = new Evidence()
  for (const [at, { fact }] of requests.entries()) learn(evidence, fact!, at)
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

/** As it is learnt when packets are read; `at`: which of the places its frames are of. */
function learn(
  evidence: Evidence,
  { client, kdc, time, request, realm, cname, sname, error, answered, frames }: KdcExchange,
  at: number,
) {
  evidence.kdcAsked(client.ip, time)
  if (!answered) return
  evidence.kdcHeard(client.ip, time)
  evidence.spoke(kdc.ip, client.ip)
  if (sname === null) return
  if (error === null) {
    evidence.ticket(client.ip, sname, time)
    return
  }
  const keys = frames.filter((frame) => typeof frame === 'number').map((frame) => frameKey(at, Number(frame)))
  evidence.kdcAnswer(client.ip, {
    realm,
    cname,
    time,
    frames: keys,
    kind: request,
    sname,
    code: error.code,
    name: error.name,
  })
}
