/**
 * The pairs of a report as CSV (RFC 4180, but lines end with LF), one row and one line a pair, for spreadsheets.
 *
 * A cell holds one value, or several joined with ` | `; counts by name are `name=count`. What the wire said may begin with `=` or `@`,
 * which a spreadsheet takes for a formula: such a cell begins with an apostrophe instead. Control characters are shown as `\x1b`.
 */
import { stringify } from 'csv-stringify/sync'
import { isoTime } from '../../decoders/text.ts'
import type { MechanismName } from '../exchange.ts'
import type { Report } from '../report.ts'
import type { PairVerdict } from '../verdict.ts'
import { visible } from './visible.ts'

const MECHANISMS: readonly MechanismName[] = [
  'kerberos',
  'iakerb',
  'ntlm',
  'anonymous',
  'guest',
  'simple',
  'plain',
  'other',
  'unknown',
]

/** Header and value of every column, in order. */
const COLUMNS: readonly (readonly [string, (pair: PairVerdict) => string | number])[] = [
  ['client', ({ client }) => client.ip],
  ['clientName', ({ client }) => client.name ?? ''],
  ['server', ({ server }) => server.ip],
  ['serverName', ({ server }) => server.name ?? ''],
  ['serverPorts', ({ server }) => list(server.ports)],
  ['service', ({ service }) => service],
  ['verdict', ({ verdict }) => verdict],
  ['start', ({ start }) => isoTime(start) ?? ''],
  ['end', ({ end }) => isoTime(end) ?? ''],
  ['exchanges', ({ counts }) => counts.exchanges],
  ...MECHANISMS.map((name) => [name, ({ counts }: PairVerdict) => counts.mechanism[name] ?? 0] as const),
  ['success', ({ counts }) => counts.result.success],
  ['failure', ({ counts }) => counts.result.failure],
  ['resultUnknown', ({ counts }) => counts.result.unknown],
  ['fallback', ({ counts }) => counts.fallback],
  ['ntlmVersions', ({ counts }) => tally(counts.ntlmVersion)],
  ['origins', ({ origins }) => tally(origins)],
  ['causes', ({ causes }) => tally(causes)],
  ['users', ({ users }) => list(users)],
  ['spns', ({ spns }) => list(spns)],
  ['smbDialects', ({ smb }) => list(smb?.dialects ?? [])],
  ['smbClientPolicy', ({ smb }) => smb?.clientPolicy ?? ''],
  ['smbServerPolicy', ({ smb }) => smb?.serverPolicy ?? ''],
  ['smbEffective', ({ smb }) => tally(smb?.effective ?? {})],
  ['ldapLayers', ({ ldap }) => tally(ldap?.layers ?? {})],
  ['ldapTls', ({ ldap }) => (ldap === null ? '' : String(ldap.tls))],
  ['channelBinding', ({ channelBinding }) => tally(channelBinding)],
  ['breaksNtlmOff', ({ breaks }) => breaks.ntlmOff],
  ['breaksSigningRequired', ({ breaks }) => breaks.signingRequired],
  ['breaksRc4Off', ({ breaks }) => breaks.rc4Off],
  ['findings', ({ findings }) => list(findings)],
  ['blindSpots', ({ blindSpots }) => list(blindSpots)],
  ['capture', ({ capture }) => capture],
  ['frames', ({ frames }) => list(frames)],
]

export const CSV_HEADER: readonly string[] = COLUMNS.map(([name]) => name)

/** Text in pieces of some hundred rows; the header stands alone where there is no pair. */
export function* pairsCsv(report: Pick<Report, 'pairs'>): Generator<string> {
  yield rowsText([CSV_HEADER])
  for (let at = 0; at < report.pairs.length; at += ROWS_PER_PIECE) {
    yield rowsText(
      report.pairs.slice(at, at + ROWS_PER_PIECE).map((pair) => COLUMNS.map(([, value]) => cell(value(pair)))),
    )
  }
}

function rowsText(rows: readonly (readonly (string | number)[])[]): string {
  return stringify(rows as (string | number)[][], { escape_formulas: true })
}

function cell(value: string | number): string | number {
  return typeof value === 'string' ? visible(value) : value
}

function list(values: readonly (string | number)[]): string {
  return values.join(' | ')
}

function tally(counts: Readonly<Record<string, number | undefined>>): string {
  return list(Object.entries(counts).flatMap(([name, count]) => (count ? [`${name}=${count}`] : [])))
}

const ROWS_PER_PIECE = 500
