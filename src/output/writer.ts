/**
 * What a format has to be: the contract of everything that writes a report.
 *
 * A run asks for a writer once, and writes what it gives, in this order: `begin` before anything is read, `exchange`
 * and `kdc` for each one when it closes (in the order of closing, not of time), `end` with the whole report. Pieces of
 * text end where the writer likes; nobody adds a line break.
 */
import type { AuthExchange, KdcExchange } from '../facts/exchange.ts'
import type { Report } from '../report/report.ts'

/** How a page for people is laid out. */
export interface PageWords {
  /** characters in a line */
  readonly columns: number
  readonly color: boolean
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
  readonly by?: ListName
  readonly top?: number
  readonly summary?: true
  /** csv: with a byte order mark */
  readonly bom?: true
}

/** What the command line asked of a writer. */
export interface WriterWords extends PageWords, ListWords {
  readonly table: Table
  /** who saw it, for formats that others gather */
  readonly sensor: string
  readonly version: string
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
