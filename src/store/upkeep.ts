/**
 * Keeping a folder of facts in order: what killed loads left, many small files into one, and what is older than it may
 * be.
 *
 * All of it goes on while others load and ask: what is changed is a file beside the old ones, and a record that names
 * which ones it replaces.
 */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, mkdirSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { STORE_LIMITS } from './bounds.ts'
import { COLUMNS_NOW, type Contents, dayOfFile, type FolderRecord, namesIn, writeWhole } from './files/contents.ts'
import { lock, unlock } from './files/lock.ts'
import { linesOfMissing, stockOf } from './files/whole.ts'
import { type Folder, openFact } from './folder.ts'
import { FactFile } from './parquet.ts'
import { goneRows } from './scan.ts'
import { COLUMNS, FACT_TABLES, type FactTable, perTable, rowKey } from './tables.ts'

/** What a folder holds, and what is wrong with it. */
export interface Checked {
  readonly loads: number
  readonly files: number
  readonly rows: Readonly<Record<FactTable, number>>
  readonly bytes: number
  /** loads under way, as far as their processes live */
  readonly running: readonly string[]
  /** of loads that never ended, taken away */
  readonly removed: readonly string[]
  /** files of no load that this program knows: left alone */
  readonly foreign: readonly string[]
  /** what cannot be read: one line each */
  readonly damaged: readonly string[]
}

export async function check(folder: Folder): Promise<Checked> {
  const stock = await stockOf(folder.path)
  const { contents, running, dead } = stock
  for (const name of namesIn(folder.path)) {
    const path = join(folder.path, 'loads', name)
    if (name.includes('.tmp-') && isOld(path)) rmSync(path, { force: true })
  }
  const removed: string[] = []
  const foreign: string[] = []
  const remove = (file: string) => {
    rmSync(join(folder.path, ...file.split('/')), { force: true })
    removed.push(file)
  }
  for (const file of stock.replaced) remove(file)
  for (const file of stock.unnamed) {
    const load = file
      .split('/')
      .at(-1)!
      .replace(/^\.tmp-/, '')
      .replace(/(-\d+)?\.parquet$/, '')
    if (running.some((id) => load.startsWith(id))) continue
    // said below
    if (stock.missingRecords.some((id) => load.startsWith(id))) continue
    if (!dead.some((id) => load.startsWith(id))) {
      // a load that has only begun to say so, a merging that was killed; of others nobody knows whose they are
      if (!isOld(join(folder.path, file))) continue
      if (!/(^|\.tmp-)compact-[0-9a-f]{12}\.parquet$/.test(file.split('/').at(-1)!)) {
        foreign.push(file)
        continue
      }
    }
    remove(file)
  }
  for (const id of dead) rmSync(join(folder.path, 'loads', `${id}.running`), { force: true })
  const known = new Set([...FACT_TABLES.flatMap((table) => contents.files[table]), ...contents.gone])
  const damaged = linesOfMissing(folder.path, { missingFiles: [], missingRecords: stock.missingRecords })
  const digests = new Map(contents.records.flatMap((record) => Object.entries(record.digests ?? {})))
  const rows = perTable(() => 0)
  let bytes = 0
  for (const file of known) {
    const table = FACT_TABLES.find((name) => file.startsWith(`${name}/`)) ?? null
    try {
      const reader = await openFact(folder, file, table)
      const path = join(folder.path, ...file.split('/'))
      bytes += statSync(path).size
      const digest = digests.get(file)
      if (digest !== undefined && (await digestOfFile(path)) !== digest)
        damaged.push(`${folder.path}/${file}: is damaged: its bytes are not those that were written`)
      if (table !== null) rows[table] += reader.rows
    } catch (error) {
      damaged.push((error as Error).message)
    }
  }
  const loads = contents.records.filter(({ replaces }) => replaces.length === 0).length
  return { loads, files: known.size, rows, bytes, running, removed, foreign, damaged }
}

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

const isOld = (path: string) => {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat !== undefined && Date.now() - stat.mtimeMs > STORE_LIMITS.orphanMillis
}

/** The files of each day that has several become one; rows that nobody sees any more are left out. */
export async function compact(folder: Folder): Promise<{ readonly before: number; readonly after: number }> {
  await lock(folder.path)
  try {
    const contents = folder.contents()
    const before = FACT_TABLES.reduce((sum, table) => sum + contents.files[table].length, 0)
    const gone = await goneRows(folder, contents)
    const id = `compact-${randomBytes(6).toString('hex')}`
    const files: string[] = []
    const digests: Record<string, string> = {}
    const replaces: string[] = []
    for (const table of FACT_TABLES) {
      for (const [day, old] of byDay(contents.files[table])) {
        if (old.length < 2 && gone.size === 0) continue
        const file = `${table}/${day}/${id}.parquet`
        const made = newFile(folder, file, table)
        for (const one of old) {
          for await (const rows of (await openFact(folder, one, table)).all()) {
            for (const row of rows) {
              const why = gone.get(rowKey(row))
              if (why === 'replaced') continue
              // another sensor's row counts for it: that is said in the row from now on
              if (why === 'twin') row.twin_of ??= 'other'
              made.add(row)
            }
          }
        }
        digests[file] = made.finish()
        files.push(file)
        replaces.push(...old)
      }
    }
    if (files.length === 0) return { before, after: before }
    const all = [...replaces, ...contents.gone]
    commit(folder, { id, files, replaces: all, digests })
    for (const file of all) rmSync(join(folder.path, ...file.split('/')), { force: true })
    return { before, after: before - replaces.length + files.length }
  } finally {
    unlock(folder.path)
  }
}

/** Days that ended before `before` (microseconds since 1970) are taken away. */
export async function forget(
  folder: Folder,
  before: number,
): Promise<{ readonly days: number; readonly files: number }> {
  await lock(folder.path)
  try {
    const contents = folder.contents()
    const last = new Date(before / 1000).toISOString().slice(0, 10)
    const old = FACT_TABLES.flatMap((table) => contents.files[table]).filter((file) => dayOfFile(file) < last)
    if (old.length === 0) return { days: 0, files: 0 }
    commit(folder, { id: `forget-${randomBytes(6).toString('hex')}`, files: [], replaces: old })
    for (const file of old) {
      const path = join(folder.path, ...file.split('/'))
      rmSync(path, { force: true })
      try {
        rmdirSync(join(path, '..'))
      } catch {
        // others are in it
      }
    }
    return { days: new Set(old.map(dayOfFile)).size, files: old.length }
  } finally {
    unlock(folder.path)
  }
}

function byDay(files: Contents['files'][FactTable]): Map<string, string[]> {
  const days = new Map<string, string[]>()
  for (const file of files) {
    const day = file.split('/')[1]!
    const list = days.get(day)
    if (list === undefined) days.set(day, [file])
    else list.push(file)
  }
  return days
}

function newFile(folder: Folder, file: string, table: FactTable): FactFile {
  const path = join(folder.path, ...file.split('/'))
  mkdirSync(join(path, '..'), { recursive: true })
  return new FactFile(path, join(path, '..', `.tmp-${file.split('/').at(-1)}`), COLUMNS[table])
}

function commit(
  folder: Folder,
  { id, files, replaces, digests = {} }: Pick<FolderRecord, 'id' | 'files' | 'replaces' | 'digests'>,
): void {
  const record: FolderRecord = {
    id,
    sensor: '',
    inputs: [],
    counts: perTable(() => 0),
    version: '',
    files,
    gone: null,
    replaces,
    columns: COLUMNS_NOW,
    digests,
    goneOf: [],
  }
  writeWhole(join(folder.path, 'loads', `${id}.json`), `${JSON.stringify(record)}\n`)
}
