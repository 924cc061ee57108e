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
  /** Zeek leaves KDC_ERR_PREAUTH_REQUIRED out of its log, since every logon begins so */
  readonly all: boolean
  /** when the logs are opened and closed, milliseconds since 1970 */
  readonly now: () => number
}
