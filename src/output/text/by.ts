/**
 * `--by`: one list of the report as text, the worst first: what each server, client, account, cause or service has to
 * do with NTLM. `--summary`: the first screen alone. Every number is one of the report.
 */
import { CAUSES, WITHOUT_CHANGE } from '../../causes/catalogue.ts'
import type { BelongingRow } from '../../judge/inventory/belonging.ts'
import type { Belonging } from '../../judge/inventory/belongings.ts'
import type { Report } from '../../report/report.ts'
import type { Requirement, UserRow } from '../../report/roll-ups.ts'
import { say, translated } from '../../texts/say.ts'
import { byCount } from '../page/counting.ts'
import { type Column, hanging, type Row, table } from '../page/layout.ts'
import { countText, plainSpaces, plural, shareText } from '../page/numbers.ts'
import type { ListName } from '../writer.ts'
import { INDENT, placeFix, type Sheet } from './sheet.ts'

const TOP = 20
/** columns that nobody can do without, and those that go first where the width does not hold all */
const KEY = { dispensable: 0, narrowest: 15, firstWhole: true } as const
const NUMBER = { align: 'right', dispensable: 0 } as const
const LESS = { align: 'right', dispensable: 3 } as const
const WORDS = { dispensable: 1, narrowest: 12, widest: 40 } as const

interface List {
  readonly aside: string
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
  /** what `--table` of csv has all of it */
  readonly csv: string | null
}

/** Heading, table, and what was left out. `top` null: as many as a screen holds. */
export function byLines(sheet: Sheet, report: Report, by: ListName, top: number | null): string[] {
  return listLines(sheet, listTitle(by), MAKERS[by](report, sheet), top)
}

/** The same of owners, OUs, sites or waves. */
export function belongingLines(
  sheet: Sheet,
  found: readonly BelongingRow[],
  by: Belonging,
  top: number | null,
): string[] {
  return listLines(sheet, BELONGING_TITLES[by](), belongingList(sheet, found, by), top)
}

function listLines(sheet: Sheet, title: string, list: List, top: number | null): string[] {
  const { aside, columns, rows, csv } = list
  if (rows.length === 0)
    return [
      sheet.heading(title, aside),
      '',
      INDENT + (csv === 'places' ? say`no NTLM was seen` : say`nothing was seen`),
    ]
  const shown = rows.slice(0, top ?? TOP)
  const paint = { title: sheet.paint.dim, cell: (text: string) => text }
  const body = table(columns, shown, sheet.room - INDENT.length, paint) ?? []
  const left = rows.length - shown.length
  const more =
    csv === null
      ? say`and ${countText(left)} more; --top ${rows.length} for all`
      : say`and ${countText(left)} more; --top ${rows.length} or --format csv --table ${csv} for all`
  return [
    sheet.heading(title, aside),
    '',
    ...body.map((line) => (INDENT + line).trimEnd()),
    ...sheet.leftOutLines(columns, shown),
    ...(left > 0 ? ['', ...hanging(INDENT, more, sheet.columns)] : []),
  ].map(plainSpaces)
}

const MAKERS: Readonly<Record<ListName, (report: Report, sheet: Sheet) => List>> = {
  server: ({ servers }, sheet) => ({
    aside: say`${plural(servers.length, 'server')}, the most NTLM first; what each required`,
    csv: 'servers',
    columns: [
      { title: 'SERVER', ...KEY },
      { title: 'NTLM', ...NUMBER },
      { title: 'KERBEROS', ...NUMBER },
      { title: 'CLIENTS', ...LESS },
      { title: 'SMB SIGNING', ...WORDS },
      { title: 'LDAP SIGNING', ...WORDS },
      { title: 'BINDING', ...WORDS },
      { title: 'PROOF', dispensable: 2, narrowest: 16, widest: 40 },
    ],
    rows: servers.map((row) => {
      const proof = row.proofs.smbSigning ?? row.proofs.ldapSigning ?? row.proofs.channelBinding
      return {
        cells: [
          hostText(row.server),
          countText(row.ntlm),
          countText(row.kerberos),
          countText(row.clients),
          requirement(row.smbSigning),
          requirement(row.ldapSigning),
          requirement(row.channelBinding),
          proof === undefined ? '' : sheet.evidence(proof),
        ],
        notes: [],
      }
    }),
  }),
  client: ({ clients }, sheet) => ({
    aside: say`${plural(clients.length, 'client')}, the most NTLM first`,
    csv: 'clients',
    columns: userColumns({ title: 'CLIENT' }),
    rows: clients.map((row) => userRow(hostText(row.client), row, sheet)),
  }),
  account: ({ accounts }, sheet) => ({
    aside: say`${plural(accounts.length, 'account')}, the most NTLM first`,
    csv: 'accounts',
    columns: userColumns({ title: 'ACCOUNT' }),
    rows: accounts.map((row) => userRow(row.account, row, sheet)),
  }),
  cause: ({ places }, sheet) => ({
    aside: say`${plural(places.length, 'place')}, by the NTLM logons that one change ends`,
    csv: 'places',
    columns: [
      { title: 'CAUSE', dispensable: 0 },
      { title: 'SERVER', ...KEY },
      { title: 'SERVICE', dispensable: 0 },
      { title: 'NTLM', ...NUMBER },
      { title: 'CLIENTS', ...LESS },
      { title: 'SUMMED', align: 'right', dispensable: 2 },
    ],
    rows: places.map((place) => ({
      cells: [
        place.cause,
        hostText(place.server),
        place.service,
        countText(place.count),
        countText(place.clients),
        WITHOUT_CHANGE.has(place.cause) ? '-' : shareText(place.runningShare),
      ],
      notes: [
        `${translated(CAUSES[place.cause]?.title ?? place.title)}; ${sheet.evidence(place.proof)}`,
        say`fix: ` + placeFix(place),
      ].flatMap((note) => hanging('  ', note, sheet.columns - INDENT.length)),
    })),
  }),
  service: ({ figures }) => {
    const services = Object.entries(figures.total.services).sort(
      ([a, x], [b, y]) => y.ntlm - x.ntlm || (a < b ? -1 : 1),
    )
    return {
      aside: plural(services.length, 'service'),
      csv: 'figures',
      columns: [
        { title: 'SERVICE', dispensable: 0 },
        { title: 'NTLM', ...NUMBER },
        { title: 'KERBEROS', ...NUMBER },
        { title: 'OTHER', ...NUMBER },
        { title: 'NTLM SHARE', align: 'right', dispensable: 1 },
      ],
      rows: services.map(([name, { ntlm, kerberos, other }]) => {
        const all = ntlm + kerberos + other
        const cells = [name, ...[ntlm, kerberos, other].map(countText), shareText(all === 0 ? null : ntlm / all)]
        return { cells, notes: [] }
      }),
    }
  },
}

function userColumns(first: Pick<Column, 'title'>): Column[] {
  return [
    { ...first, ...KEY },
    { title: 'NTLM', ...NUMBER },
    { title: 'FALLBACK', ...NUMBER },
    { title: 'KERBEROS', ...NUMBER },
    { title: 'OTHER', ...LESS },
    { title: 'SERVERS', ...LESS },
    { title: 'CAUSES', ...WORDS },
    { title: 'PROOF', dispensable: 2, narrowest: 16, widest: 40 },
  ]
}

function userRow(name: string, row: UserRow, sheet: Sheet): Row {
  const { ntlm, fallback, kerberos, other, servers, causes, proof } = row
  const codes = byCount(causes).map(([code, count]) => `${code} ${countText(count)}`)
  const counts = [ntlm, fallback, kerberos, other, servers].map(countText)
  return { cells: [name, ...counts, codes.join('\n'), sheet.evidence(proof)], notes: [] }
}

function listTitle(by: ListName): string {
  return {
    server: say`By server`,
    client: say`By client`,
    account: say`By account`,
    cause: say`By cause`,
    service: say`By service`,
  }[by]
}

const BELONGING_TITLES: Readonly<Record<Belonging, () => string>> = {
  owner: () => say`By owner`,
  ou: () => say`By OU`,
  site: () => say`By site`,
  criticality: () => say`By criticality`,
  wave: () => say`By wave`,
}

function belongingList(sheet: Sheet, found: readonly BelongingRow[], by: Belonging): List {
  return {
    aside: say`of servers, else of clients; the most NTLM first, nobody's before`,
    csv: null,
    columns: [
      { title: by.toUpperCase(), ...KEY },
      { title: 'NTLM', ...NUMBER },
      { title: 'FALLBACK', ...NUMBER },
      { title: 'KERBEROS', ...NUMBER },
      { title: 'CLIENTS', ...LESS },
      { title: 'SERVERS', ...LESS },
      { title: 'CAUSES', ...WORDS },
      { title: 'PROOF', dispensable: 2, narrowest: 16, widest: 40 },
    ],
    rows: found.map((row) => ({
      cells: [
        row.value,
        ...[row.ntlm, row.fallback, row.kerberos, row.clients, row.servers].map(countText),
        byCount(row.causes)
          .map(([code, count]) => `${code} ${countText(count)}`)
          .join('\n'),
        sheet.evidence(row.proof),
      ],
      notes: [],
    })),
  }
}

function hostText({ ip, name }: { readonly ip: string; readonly name: string | null }): string {
  return name === null || name === ip ? ip : `${ip}\n${name}`
}

function requirement(is: Requirement): string {
  if (is === null) return '-'
  return {
    required: say`required`,
    'not-required': say`not required`,
    'all-seen': say`all seen`,
    'not-seen': say`not seen`,
  }[is]
}
