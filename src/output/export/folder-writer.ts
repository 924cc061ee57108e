/**
 * What a format of several files has to be: as `writer.ts`, but every piece of text says which file it belongs to. A
 * file is made when its first piece comes; names have no folder in them.
 */
import type { AuthExchange, KdcExchange } from '../../facts/exchange.ts'
import type { Report } from '../../report/report.ts'

export interface Piece {
  readonly file: string
  readonly text: string
}

export interface FolderWriter {
  exchange(exchange: AuthExchange): Iterable<Piece>
  kdc(exchange: KdcExchange): Iterable<Piece>
  end(report: Report): Iterable<Piece>
}

export interface ExportWords {
  /** who saw it */
  readonly sensor: string
  readonly version: string
}

export interface ZeekWords extends ExportWords {
  readonly json: boolean
  /** Zeek leaves out of its log that pre-authentication is needed, where MIT and Heimdal KDCs say so in words */
  readonly all: boolean
  /** when the logs are opened and closed, milliseconds since 1970 */
  readonly now: () => number
}
