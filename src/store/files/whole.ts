/**
 * Is a folder of facts all there? What was copied by half would be asked without a part of its rows, and no rows read
 * as if all were clean.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { STORE_LIMITS } from '../bounds.ts'
import { StoreError } from '../store.ts'
import { FACT_TABLES } from '../tables.ts'
import { type Contents, checkFolder, contentsOf, namesIn } from './contents.ts'
import { isStale } from './lock.ts'

/** What is there and what is not. Paths are those below the folder, with `/`. */
export interface Stock {
  readonly contents: Contents
  /** Parquet files that no complete load has and nothing replaces: of loads under way, of killed ones, of others */
  readonly unnamed: readonly string[]
  /** files that are still there, though their rows are in others or forgotten: who did that was killed on the way */
  readonly replaced: readonly string[]
  /** loads under way, as far as their processes live */
  readonly running: readonly string[]
  /** loads that say that they are under way, and whose processes ended */
  readonly dead: readonly string[]
  /** files that a record names and that are not there */
  readonly missingFiles: readonly string[]
  /** loads of which something is there, and the record is not */
  readonly missingRecords: readonly string[]
}

/** Throws a StoreError where it is no folder of facts, not all of it is there, or no load was ever completed. */
export async function checkWhole(path: string): Promise<void> {
  checkFolder(path)
  const { contents, running, dead, missingFiles, missingRecords } = await stockOf(path)
  const [line] = linesOfMissing(path, { missingFiles, missingRecords })
  const more = missingFiles.length + missingRecords.length - 1
  if (line !== undefined) throw new StoreError(more === 0 ? line : `${line} (and ${more} more)`)
  if (contents.records.length > 0) return
  const load = `ntlmscope load CAPTURE... --into ${path}`
  if (running.length > 0)
    throw new StoreError(`${path}: its first load is under way, and nothing is seen before it ends; ask again then`)
  if (dead.length > 0)
    throw new StoreError(`${path}: no load was ever completed, the last one was stopped; load it again with ${load}`)
  throw new StoreError(`${path}: nothing was ever loaded into it; load something with ${load}`)
}

/** A line for each file and each record that is not there. */
export function linesOfMissing(
  path: string,
  { missingFiles, missingRecords }: Pick<Stock, 'missingFiles' | 'missingRecords'>,
): string[] {
  return [
    ...missingRecords.map(
      (id) =>
        `${path}/loads/${id}.json: is missing, files of this load are there; was the folder copied in part? copy it again`,
    ),
    ...missingFiles.map(
      (file) =>
        `${path}/${file}: is missing; see ntlmscope facts --from ${path} --check; was the folder copied in part?`,
    ),
  ]
}

/**
 * Others load and merge meanwhile: what seems to be missing is looked for again, as files are first listed and then
 * their records are.
 */
export async function stockOf(path: string): Promise<Stock> {
  for (let tries = 1; ; tries++) {
    const stock = await stockNow(path)
    if (tries === TRIES || stock.missingFiles.length + stock.missingRecords.length === 0) return stock
  }
}

const TRIES = 3

async function stockNow(path: string): Promise<Stock> {
  const there = new Set(filesBelow(path))
  const [running, dead]: [string[], string[]] = [[], []]
  // a load has its record before it takes its mark away
  for (const name of namesIn(path))
    if (name.endsWith(MARK)) {
      const isDead = isStale(join(path, 'loads', name), STORE_LIMITS.orphanMillis)
      ;(isDead ? dead : running).push(name.slice(0, -MARK.length))
    }
  const contents = contentsOf(path)
  const named = new Set(contents.records.flatMap(({ files, gone }) => (gone === null ? files : [...files, gone])))
  const replaced = new Set(contents.records.flatMap(({ replaces }) => replaces))
  const missingFiles = [...named].filter(
    (file) => !replaced.has(file) && !there.has(file) && !existsSync(join(path, file)),
  )
  const unnamed = [...there].filter((file) => !named.has(file))
  const marked = new Set([...running, ...dead])
  const missing = new Set<string>()
  for (const file of [...unnamed, ...[...replaced].filter((one) => !named.has(one))]) {
    const [, load] = LOAD_FILE.exec(file) ?? []
    if (load !== undefined && !marked.has(load)) missing.add(load)
  }
  const known = new Set(contents.records.map(({ id }) => id))
  for (const file of unnamed) {
    const [, merging] = MERGED_FILE.exec(file) ?? []
    if (merging === undefined || missing.has(merging)) continue
    if (await hasOthers(join(path, file), known)) missing.add(merging)
  }
  const left = [...there].filter((file) => named.has(file) && replaced.has(file))
  return { contents, unnamed, replaced: left, running, dead, missingFiles, missingRecords: [...missing].sort() }
}

/** What a merging left that was killed, or is under way, has rows of known loads alone. */
async function hasOthers(path: string, known: ReadonlySet<string>): Promise<boolean> {
  const { ReadFile } = await import('../parquet.ts')
  try {
    for await (const rows of (await ReadFile.open(path, null)).all(['load_id']))
      if (rows.some(({ load_id }) => !known.has(String(load_id)))) return true
  } catch {
    // nobody has the half of a file
  }
  return false
}

const MARK = '.running'
const LOAD_FILE = /\/([^/.][^/]*-[0-9a-f]{12}-[0-9a-f]{8})(?:-\d+)?\.parquet$/
const MERGED_FILE = /\/(compact-[0-9a-f]{12})\.parquet$/

function* filesBelow(path: string): Generator<string> {
  for (const top of [...FACT_TABLES, 'gone']) {
    const folder = join(path, top)
    if (!existsSync(folder)) continue
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('.parquet')) yield `${top}/${name.replaceAll('\\', '/')}`
  }
}
