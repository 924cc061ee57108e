/**
 * The stream of `live` and `watch` as JSON lines: the records of the `ndjson` format, of which an exchange says whether
 * it is over (`state`, `revision`), and a few that only a stream has. docs/live.md describes them.
 */
import { isoTime } from '../../../decoders/parts/text.ts'
import type { AuthExchange, KdcExchange } from '../../facts/exchange.ts'
import type { Finding } from '../../findings/finding.ts'
import type { Report } from '../../report/report.ts'
import { closingRecords, exchangeRecord, kdcRecord, type NdjsonRecord } from '../json.ts'
import { jsonText } from '../page/json-text.ts'

function line(record: NdjsonRecord): string {
  return `${jsonText(record)}\n`
}

export function exchangeJsonLine(exchange: AuthExchange, state: 'provisional' | 'final', revision: number): string {
  return line({ ...exchangeRecord(exchange), state, revision })
}

export function kdcJsonLine(exchange: KdcExchange): string {
  return line(kdcRecord(exchange))
}

export function findingJsonLine(finding: Finding, state: 'provisional' | 'final'): string {
  const { start, end } = finding
  return line({ record: 'finding', ...finding, start: isoTime(start), end: isoTime(end), state })
}

/** What logs say of an exchange or a request to a KDC that was told before. */
export function windowsJsonLine(one: AuthExchange | KdcExchange): string {
  const { events, windows } = 'kdc' in one ? kdcRecord(one) : exchangeRecord(one)
  return line({ record: 'windows', uid: one.uid, ...('id' in one && { id: one.id }), events, windows })
}

/** How a live capture goes: at its beginning, and every minute. */
export function liveJsonLine(facts: {
  readonly time: number
  readonly source: string
  readonly label: string | null
  readonly packets: number
  readonly bytes: number
  /** of the packets behind the time of day, in milliseconds; null: none has come */
  readonly lagMillis: number | null
  /** the file of evidence that is written now; null: none */
  readonly evidence: string | null
}): string {
  return line({ record: 'live', ...facts, time: isoTime(facts.time) })
}

export function markJsonLine(time: number, step: string, label: string | null): string {
  return line({ record: 'mark', time: isoTime(time), step, label })
}

/** The rest of the report, as `analyze --format ndjson` ends. */
export function* closingJsonLines(report: Report): Generator<string> {
  for (const record of closingRecords(report)) yield line(record)
}

/** What a stretch of time holds: `report` is its file; uids of findings and pairs. */
export interface StretchFacts {
  readonly start: number | null
  readonly end: number | null
  readonly report: string
  /** never seen before; seen in an earlier stretch as well (how many); seen in the one before, and not in this one */
  readonly newPairs: readonly string[]
  readonly pairsAgain: number
  readonly gonePairs: readonly string[]
  readonly newFindings: readonly string[]
  readonly findingsAgain: number
  readonly goneFindings: readonly string[]
}

export function stretchJsonLine(facts: StretchFacts): string {
  const { start, end } = facts
  return line({
    record: 'stretch',
    ...facts,
    start: start === null ? null : isoTime(start),
    end: end === null ? null : isoTime(end),
  })
}

export function endJsonLine(time: number, reason: string): string {
  return line({ record: 'end', time: isoTime(time), reason })
}
