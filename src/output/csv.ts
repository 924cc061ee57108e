/**
 * The tables of a report as CSV (RFC 4180, but lines end with LF), for spreadsheets: pairs, findings, exchanges and the
 * roll-ups have a row each, figures a row a number.
 *
 * A cell holds one value, or several joined with ` | `; counts by name are `name=count`. What the wire said may begin
 * with `=` or `@`, which a spreadsheet takes for a formula: such a cell begins with an apostrophe instead. Control
 * characters are shown as `\x1b`.
 */
import { stringify } from 'csv-stringify/sync'
import { isoTime } from '../../decoders/parts/text.ts'
import type { AuthExchange, MechanismName } from '../facts/exchange.ts'
import type { Finding } from '../findings/finding.ts'
import type { FigureRow } from '../report/figures.ts'
import type { Report } from '../report/report.ts'
import type { AccountRow, ClientRow, PlaceRow, RowProof, ServerRow, UserRow } from '../report/roll-ups.ts'
import type { PairVerdict } from '../report/verdict.ts'
import { visible } from './page/visible.ts'
import type { Table, Writer, WriterWords } from './writer.ts'

const MECHANISMS: readonly MechanismName[] = [
  'kerberos',
  'iakerb',
  'ntlm',
  'anonymous',
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
  ['continued', ({ counts }) => tally(counts.continued)],
  ['origins', ({ origins }) => tally(origins)],
  ['causes', ({ causes }) => tally(causes)],
  ['users', ({ users }) => list(users)],
  ['spns', ({ spns }) => list(spns)],
  ['applications', ({ applications }) => list(applications)],
  ['tunnels', ({ tunnels }) => list(tunnels)],
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
  ['uid', ({ uid }) => uid],
]

export const CSV_HEADER: readonly string[] = COLUMNS.map(([name]) => name)

const FINDING_COLUMNS: readonly (readonly [string, (finding: Finding) => string | number])[] = [
  ['id', ({ id }) => id],
  ['severity', ({ severity }) => severity],
  ['confidence', ({ confidence }) => confidence],
  ['title', ({ title }) => title],
  ['client', ({ client }) => client ?? ''],
  ['server', ({ server }) => server ?? ''],
  ['service', ({ service }) => service ?? ''],
  ['spn', ({ spn }) => spn ?? ''],
  ['count', ({ count }) => count],
  ['start', ({ start }) => isoTime(start) ?? ''],
  ['end', ({ end }) => isoTime(end) ?? ''],
  ['detail', ({ detail }) => detail],
  ['missing', ({ missing }) => list(missing)],
  ['counterEvidence', ({ counterEvidence }) => list(counterEvidence)],
  ['techniques', ({ techniques }) => list(techniques)],
  ['remediation', ({ remediation }) => remediation],
  ['capture', ({ capture }) => capture],
  ['frames', ({ frames }) => list(frames)],
  ['uid', ({ uid }) => uid],
]

const EXCHANGE_COLUMNS: readonly (readonly [string, (exchange: AuthExchange) => string | number])[] = [
  ['id', ({ id }) => id],
  ['start', ({ start }) => isoTime(start) ?? ''],
  ['client', ({ client }) => client.ip],
  ['clientName', ({ client }) => client.name ?? ''],
  ['server', ({ server }) => server.ip],
  ['serverName', ({ server }) => server.name ?? ''],
  ['serverPort', ({ server }) => server.port],
  ['service', ({ service }) => service],
  ['mechanism', ({ mechanism }) => mechanism],
  ['ntlmVersion', ({ ntlm }) => ntlm?.ntlmVersion ?? ''],
  ['origin', ({ origin }) => origin ?? ''],
  ['fallback', ({ fallback }) => (fallback === null ? '' : String(fallback))],
  ['cause', ({ cause }) => cause?.code ?? ''],
  ['causeConfidence', ({ cause }) => cause?.confidence ?? ''],
  ['result', ({ result }) => result],
  ['status', ({ status }) => status?.name ?? ''],
  ['user', ({ principal }) => principal.user ?? ''],
  ['domain', ({ principal }) => principal.domain ?? ''],
  ['spn', ({ target }) => target.spn ?? ''],
  ['smbEffective', ({ smb }) => smb?.effective ?? ''],
  ['smbSetup', ({ smb }) => smb?.session?.setup ?? ''],
  ['smbSessionOf', ({ smb }) => smb?.session?.of?.exchange ?? ''],
  ['ldapLayer', ({ ldap }) => ldap?.layer ?? ''],
  ['tunnel', ({ tunnel }) => tunnel ?? ''],
  ['application', ({ http }) => http?.application ?? ''],
  ['requests', ({ http }) => http?.requests ?? ''],
  ['persistentAuth', ({ http }) => (http?.persistentAuth == null ? '' : String(http.persistentAuth))],
  ['channelBinding', ({ channelBinding }) => channelBinding],
  ['capture', ({ capture }) => capture],
  ['frames', ({ frames }) => list(frames)],
  ['process', ({ windows }) => windows?.process ?? ''],
  ['windowsUser', ({ windows }) => windows?.user ?? ''],
  ['windowsReason', ({ windows }) => windows?.reason ?? ''],
  ['windowsAgrees', ({ windows }) => (windows?.agrees == null ? '' : String(windows.agrees))],
  ['events', ({ events }) => list(events.map(({ id, host, record }) => `${id} ${host} ${record ?? ''}`.trim()))],
  ['nameFrom', ({ cause }) => cause?.nameFrom?.kind ?? ''],
  ['nameFromWhere', ({ cause }) => cause?.nameFrom?.where ?? ''],
  ['nameFromFrames', ({ cause }) => list(cause?.nameFrom?.frames ?? [])],
  ['uid', ({ uid }) => uid],
]

/** Of an exchange that proves a row. */
const proofColumns = <T>(prefix: string, proof: (row: T) => RowProof | undefined) =>
  [
    [`${prefix}Capture`, (row: T) => proof(row)?.capture ?? ''],
    [`${prefix}Frames`, (row: T) => list(proof(row)?.frames ?? [])],
  ] as const

const PLACE_COLUMNS: readonly (readonly [string, (place: PlaceRow) => string | number])[] = [
  ['cause', ({ cause }) => cause],
  ['title', ({ title }) => title],
  ['server', ({ server }) => server.ip],
  ['serverName', ({ server }) => server.name ?? ''],
  ['service', ({ service }) => service],
  ['ntlm', ({ count }) => count],
  ['fallback', ({ fallback }) => fallback],
  ['clients', ({ clients }) => clients],
  ['runningShare', ({ runningShare }) => runningShare],
  ['fix', ({ fix }) => fix],
  ['client', ({ client }) => client.ip],
  ['clientName', ({ client }) => client.name ?? ''],
  ...proofColumns<PlaceRow>('proof', ({ proof }) => proof),
  ['nameFrom', ({ nameFrom }) => nameFrom?.kind ?? ''],
  ['nameFromWhere', ({ nameFrom }) => nameFrom?.where ?? ''],
]

const SERVER_COLUMNS: readonly (readonly [string, (row: ServerRow) => string | number])[] = [
  ['server', ({ server }) => server.ip],
  ['serverName', ({ server }) => server.name ?? ''],
  ['services', ({ services }) => list(services)],
  ['ntlm', ({ ntlm }) => ntlm],
  ['kerberos', ({ kerberos }) => kerberos],
  ['clients', ({ clients }) => clients],
  ...(['smbSigning', 'ldapSigning', 'channelBinding'] as const).flatMap((what) => [
    [what, (row: ServerRow) => row[what] ?? ''] as const,
    ...proofColumns<ServerRow>(what, ({ proofs }) => proofs[what]),
  ]),
]

const USER_COLUMNS: readonly (readonly [string, (row: UserRow) => string | number])[] = [
  ['ntlm', ({ ntlm }) => ntlm],
  ['fallback', ({ fallback }) => fallback],
  ['kerberos', ({ kerberos }) => kerberos],
  ['other', ({ other }) => other],
  ['servers', ({ servers }) => servers],
  ['causes', ({ causes }) => tally(causes)],
  ...proofColumns<UserRow>('proof', ({ proof }) => proof),
]

const CLIENT_COLUMNS: readonly (readonly [string, (row: ClientRow) => string | number])[] = [
  ['client', ({ client }) => client.ip],
  ['clientName', ({ client }) => client.name ?? ''],
  ...USER_COLUMNS,
]

const ACCOUNT_COLUMNS: readonly (readonly [string, (row: AccountRow) => string | number])[] = [
  ['account', ({ account }) => account],
  ...USER_COLUMNS,
]

/** One number a line, so that a spreadsheet can pivot them: of the whole run, of a capture, of a stretch of time. */
const FIGURE_HEADER = ['scope', 'capture', 'start', 'end', 'figure', 'name', 'value']

/** The header lines of what `--table` may name. */
export const CSV_TABLES: Readonly<Record<Table, string>> = {
  pairs: rowsText([CSV_HEADER]),
  figures: rowsText([FIGURE_HEADER]),
  findings: rowsText([FINDING_COLUMNS.map(([name]) => name)]),
  exchanges: rowsText([EXCHANGE_COLUMNS.map(([name]) => name)]),
  inputs: rowsText([['kind', 'name', 'read', 'packets', 'start', 'end', 'detail']]),
  places: headerOf(PLACE_COLUMNS),
  servers: headerOf(SERVER_COLUMNS),
  clients: headerOf(CLIENT_COLUMNS),
  accounts: headerOf(ACCOUNT_COLUMNS),
}

function headerOf(columns: readonly (readonly [string, unknown])[]): string {
  return rowsText([columns.map(([name]) => name)])
}

/** By which Excel knows that a file is UTF-8. */
const BOM = '\ufeff'

/** `--format csv`: one table. Exchanges are written when they close. */
export function csvWriter({ table, bom }: Pick<WriterWords, 'table' | 'bom'>): Writer {
  return {
    begin: () => (bom ? BOM : '') + CSV_TABLES[table],
    ...(table === 'exchanges' ? { exchange: exchangeRow } : {}),
    end: (report) => tableCsv(report, table),
  }
}

/** The rows of a table, without its header, in pieces of some hundred; exchanges come one by one when they close. */
export function* tableCsv(report: Report, table: Table): Generator<string> {
  if (table === 'pairs') yield* pieces(report.pairs, COLUMNS)
  else if (table === 'inputs') yield rowsText([...inputRows(report)])
  else if (table === 'findings') yield* pieces(report.findings, FINDING_COLUMNS)
  else if (table === 'places') yield* pieces(report.places, PLACE_COLUMNS)
  else if (table === 'servers') yield* pieces(report.servers, SERVER_COLUMNS)
  else if (table === 'clients') yield* pieces(report.clients, CLIENT_COLUMNS)
  else if (table === 'accounts') yield* pieces(report.accounts, ACCOUNT_COLUMNS)
  else if (table === 'figures') {
    const { total, captures, buckets } = report.figures
    yield figureRows('total', total)
    for (const row of captures) yield figureRows('capture', row)
    for (const row of buckets) yield figureRows('bucket', row)
  }
}

/** What was read, and what was there and was not. */
function* inputRows({ captures, unread }: Report): Generator<(string | number)[]> {
  for (const { name, format, packets, start, end, damage } of captures) {
    const time = (at: number | null) => (at === null ? '' : (isoTime(at) ?? ''))
    const read = damage === null ? 'yes' : 'in part'
    yield [format, cell(name), read, packets, time(start), time(end), cell(damage ?? '')]
  }
  for (const { name, reason, isCapture } of unread.inputs)
    yield [isCapture ? 'capture' : 'other', cell(name), 'no', '', '', '', cell(reason)]
  for (const { number, name, packets } of unread.linkTypes) yield ['link type', number, 'no', packets, '', '', name]
  for (const { number, name, packets } of unread.etherTypes) yield ['EtherType', number, 'no', packets, '', '', name]
  for (const { number, name, packets } of unread.wrapped) yield ['UDP port', number, 'no', packets, '', '', name]
}

export function exchangeRow(exchange: AuthExchange): string {
  return rowsText([EXCHANGE_COLUMNS.map(([, value]) => cell(value(exchange)))])
}

/** Text in pieces of some hundred rows; the header stands alone where there is no pair. */
export function* pairsCsv({ pairs }: Pick<Report, 'pairs'>): Generator<string> {
  yield CSV_TABLES.pairs
  yield* pieces(pairs, COLUMNS)
}

function* pieces<T>(
  rows: readonly T[],
  columns: readonly (readonly [string, (row: T) => string | number])[],
): Generator<string> {
  for (let at = 0; at < rows.length; at += ROWS_PER_PIECE) {
    yield rowsText(rows.slice(at, at + ROWS_PER_PIECE).map((row) => columns.map(([, value]) => cell(value(row)))))
  }
}

function figureRows(scope: string, row: FigureRow): string {
  const { hosts, kerberos } = row
  const values: (readonly [string, string, number | null])[] = [
    ['hosts', 'authenticating', hosts.authenticating],
    ['hosts', 'ntlm', hosts.ntlm],
    ['hosts', 'ntlmShare', hosts.ntlmShare],
    ['exchanges', '', row.exchanges],
    ['continued', '', row.continued],
    ...Object.entries(row.services).flatMap(([service, counts]) =>
      Object.entries(counts).map(([kind, count]) => [`exchanges.${kind}`, service, count] as const),
    ),
    ['fallback', '', row.fallback],
    ...Object.entries(row.causes).map(([code, count]) => ['causes', code, count] as const),
    ...Object.entries(kerberos).map(([name, count]) => ['kerberos', name, count] as const),
    ...Object.entries(row.ntlmVersions).map(([version, count]) => ['ntlmVersions', version, count] as const),
    ...Object.entries(row.pairs).map(([verdict, count]) => ['pairs', verdict, count] as const),
  ]
  const where = [
    scope,
    row.capture ?? '',
    row.start === null ? '' : isoTime(row.start),
    row.end === null ? '' : isoTime(row.end),
  ]
  return rowsText(
    values.map(([figure, name, value]) => [...where.map((text) => cell(text ?? '')), figure, name, value ?? '']),
  )
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
