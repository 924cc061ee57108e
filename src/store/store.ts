/**
 * What a place for facts can do: take a load, whole or not at all, and say which rows may be the same as those that
 * come. A folder of Parquet files and a ClickHouse cluster are the two of them.
 */
import type { FactRow, FactTable } from './tables.ts'

/** A place that cannot be used: one clear line, with what to do. */
export class StoreError extends Error {}

/** Which stored rows are asked for: those of these groups (`GROUP`) in that time, microseconds since 1970. */
export interface Near {
  readonly from: number
  readonly to: number
  readonly groups: ReadonlySet<string>
}

/** Rows of clients in a time, microseconds since 1970. */
export interface Sought {
  readonly clients: ReadonlySet<string>
  readonly from: number
  readonly to: number
}

/**
 * What is sought to explain causes over sensors. `unexplained`: whole rows of exchanges that complete loads have
 * without a cause. `refusals`: of their KDC rows with an error, whose and when. `asked`: all KDC rows, also of this
 * load, as far as they explain (`SOUGHT`).
 */
export type SoughtWhat = 'unexplained' | 'refusals' | 'asked'

/** A stored row as far as it takes to settle (`SETTLING`), and whether it counts. */
export interface StoredRow {
  row: FactRow
  /** false: another sensor's row counts for it */
  counted: boolean
}

/** Why a row of an earlier load is not what questions see any more. */
export type Gone = 'replaced' | 'twin'

/** What is known of a load when it is complete. */
/** What was read, by its SHA-256. */
export interface LoadedInput {
  readonly name: string
  readonly digest: string
  readonly bytes: number
  /** some of it waits for a later file, or for a load that hands everything on */
  readonly held?: true
}

export interface LoadRecord {
  readonly id: string
  readonly sensor: string
  readonly inputs: readonly LoadedInput[]
  readonly counts: Readonly<Record<FactTable, number>>
  readonly version: string
}

export interface Load {
  readonly id: string
  /**
   * rows of complete loads that may be the same as some that come; `late`: only of loads that were completed since this
   * one began
   */
  near(table: FactTable, asked: Near, late?: boolean): Promise<StoredRow[]>
  /** group by group, in any order; a row may come twice where files are merged meanwhile */
  find(what: SoughtWhat, asked: Sought): AsyncGenerator<FactRow[]>
  /** of exchanges that this load has written, known by `key`, `rank` and `ts`, the whole rows, in any order */
  own(rows: readonly FactRow[]): AsyncGenerator<FactRow[]>
  /** a stored row with all its columns; null: it is not readable yet, or any more */
  whole(table: FactTable, row: FactRow): Promise<FactRow | null>
  /**
   * Is it known already that no complete load has a row of that time, microseconds since 1970? False: that has to be
   * asked with `near`.
   */
  isFree(table: FactTable, from: number, to: number): boolean
  /** Writes a row at once, where `isFree` is true. */
  put(table: FactTable, row: FactRow): void
  /** From now on what this load has written is found as if it were complete. */
  turn(): void
  /** of one table, in any order */
  write(table: FactTable, rows: readonly FactRow[]): Promise<void>
  /** a stored row, or one of this load, is not seen any more once this load is complete */
  drop(table: FactTable, row: FactRow, why: Gone): void
  /** nobody else completes a load until `commit` or `abandon`; true: somebody did since this one began */
  hold(): Promise<boolean>
  /** what this load has written, as far as it takes to settle */
  written(table: FactTable): AsyncGenerator<FactRow[]>
  /** everything is seen at once */
  commit(record: Omit<LoadRecord, 'id'>): Promise<void>
  /** nothing was loaded */
  abandon(): Promise<void>
}

export interface Store {
  /** digests of the inputs that complete loads of this sensor have read */
  inputsOf(sensor: string): Promise<readonly Pick<LoadedInput, 'digest' | 'held'>[]>
  begin(sensor: string, inputs: string): Promise<Load>
  close(): Promise<void>
}
