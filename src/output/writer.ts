/**
 * What a format has to be: the contract of everything that writes a report.
 *
 * A run asks for a writer once, and writes what it gives, in this order: `begin` before anything is read, `exchange`
 * and `kdc` for each one when it closes (in the order of closing, not of time), `end` with the whole report. Pieces of
 * text end where the writer likes; nobody adds a line break.
 */
import type { AuthExchange, KdcExchange } from '../facts/exchange.ts'
import type { DeviceCard } from '../judge/device.ts'
import type { Diff } from '../judge/diff.ts'
import type { Belonging } from '../judge/inventory/belongings.ts'
import type { Inventory } from '../judge/inventory/inventory.ts'
import type { Trend } from '../questions/trend.ts'
import type { Report } from '../report/report.ts'

/** How a page for people is laid out. */
export interface PageWords {
  /** characters in a line */
  readonly columns: number
  readonly color: boolean
  /** lines of the terminal; absent: it is none */
  readonly rows?: number
}

/** What a format of tables prints: one of them. */
export const TABLES = [
  'pairs',
  'figures',
  'findings',
  'exchanges',
  'inputs',
  'places',
  'servers',
  'clients',
  'accounts',
] as const
export type Table = (typeof TABLES)[number]

/** One list of the report as text, and how many of its rows; or the first screen alone. */
export const LISTS = ['server', 'client', 'account', 'cause', 'service'] as const
export type ListName = (typeof LISTS)[number]

export interface ListWords {
  readonly by?: ListName | Belonging
  /** whose hosts they are: what lists of owners are made of */
  readonly inventory?: Inventory
  readonly top?: number
  readonly summary?: true
  /** tables with all of their columns */
  readonly wide?: true
  /** csv: with a byte order mark */
  readonly bom?: true
}

/** What a page has beside its report. */
export interface PageExtras {
  /** an earlier report, and what changed since it */
  readonly before?: { readonly report: Report; readonly diff: Diff }
  readonly devices?: readonly DeviceCard[]
  readonly cover?: Cover
  /** whose hosts they are */
  readonly inventory?: Inventory
  /** of a report of stored facts: how the migration goes */
  readonly trend?: Trend
  /** IANA name, as `Asia/Tokyo`; absent: UTC */
  readonly zone?: string
}

/** A head: who made it, for whom, and where and why it was captured. */
export type Cover = Readonly<Partial<Record<(typeof COVER_MEMBERS)[number], string>>>
export const COVER_MEMBERS = ['title', 'for', 'where', 'why', 'author'] as const

/** What the command line asked of a writer. */
export interface WriterWords extends PageWords, ListWords {
  readonly table: Table
  /** who saw it, for formats that others gather */
  readonly sensor: string
  readonly version: string
  /** html: what the page has beside the report */
  readonly extras?: (report: Report) => PageExtras
}

export interface Writer {
  begin?(): string
  /** absent: exchanges are in the report alone */
  exchange?(exchange: AuthExchange): string
  /** absent: what was asked of KDCs is in the report alone, which does not list all of many */
  kdc?(exchange: KdcExchange): string
  end(report: Report): Iterable<string>
}

export type MakeWriter = (words: WriterWords) => Writer
