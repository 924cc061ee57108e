/**
 * The rows of a folder as questions see them, without an SQL engine: for judging a policy, for merging files, for
 * whoever has no DuckDB.
 */
import type { Contents } from './files/contents.ts'
import { type Folder, openFact } from './folder.ts'
import type { ReadFile } from './parquet.ts'
import { COLUMN_NAMES, type FactRow, type FactTable, ROW_KEY, rowKey } from './tables.ts'

/** What became of rows: by key, load and rank. */
export type GoneRows = ReadonlyMap<string, string>

export async function goneRows(folder: Folder, contents: Contents): Promise<GoneRows> {
  const gone = new Map<string, string>()
  for (const file of contents.gone) {
    const reader = await openFact(folder, file, null)
    for await (const rows of reader.all([...ROW_KEY, 'why']))
      for (const row of rows) if (gone.get(rowKey(row)) !== 'replaced') gone.set(rowKey(row), String(row.why))
  }
  return gone
}

export interface Wanted {
  readonly columns?: readonly string[]
  /** what each sensor saw, instead of each event once */
  readonly sightings?: boolean
  /** microseconds since 1970 */
  readonly since?: number | null
  readonly until?: number | null
}

/** Group by group, in no order. */
export async function* rowsOf(folder: Folder, table: FactTable, wanted: Wanted = {}): AsyncGenerator<FactRow[]> {
  const contents = folder.contents()
  const gone = await goneRows(folder, contents)
  const names = wanted.columns ?? COLUMN_NAMES[table]
  const needed = [...new Set([...names, ...ROW_KEY, 'twin_of', 'ts'])]
  const since = wanted.since ?? Number.NEGATIVE_INFINITY
  const until = wanted.until ?? Number.POSITIVE_INFINITY
  for (const file of contents.files[table]) {
    const reader: ReadFile = await openFact(folder, file, table)
    for (const group of reader.groups) {
      if (group.to < since || group.from >= until) continue
      const rows = (await reader.read(needed, group)).filter((row) => {
        const why = gone.get(rowKey(row))
        if (why === 'replaced' || Number(row.ts) < since || Number(row.ts) >= until) return false
        return wanted.sightings === true || (why === undefined && row.twin_of === null)
      })
      if (rows.length > 0) yield rows
    }
  }
}
