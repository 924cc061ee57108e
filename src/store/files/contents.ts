/**
 * What a folder of facts holds: which loads are complete, and which files they made. Enough for whoever has another way
 * to read the files.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf } from '../../facts/identity.ts'
import { type LoadRecord, StoreError } from '../store.ts'
import { COLUMNS, FACT_TABLES, FACTS_SCHEMA, type FactTable, perTable } from '../tables.ts'

/** What `loads/LOAD.json` holds. Paths are those below the folder, with `/`. */
export interface FolderRecord extends LoadRecord {
  readonly files: readonly string[]
  readonly gone: string | null
  /** compaction: files whose rows are in `files` now */
  readonly replaces: readonly string[]
  /** SHA-256 of each file by its path; absent: an older version wrote it */
  readonly digests?: Readonly<Record<string, string>>
  /** which columns the files have, as `COLUMNS_NOW`; absent: an older version wrote them */
  readonly columns?: string
  /** `TABLE/day=2026-11-23`: of which days rows are in `gone`; absent: an older version wrote it, of any */
  readonly goneOf?: readonly string[]
}

/** The names and types of all columns of this version. */
export const COLUMNS_NOW = digestOf(
  JSON.stringify(FACT_TABLES.map((table) => COLUMNS[table].map(({ name, kind }) => [name, kind]))),
)

/** Everything that readers may read. */
export interface Contents {
  readonly records: readonly FolderRecord[]
  readonly files: Readonly<Record<FactTable, readonly string[]>>
  readonly gone: readonly string[]
  /** files that may lack columns: an older version wrote them */
  readonly older: ReadonlySet<string>
  /** `TABLE/day=2026-11-23`: the days of which rows are in `gone`; null: any */
  readonly goneOf: ReadonlySet<string> | null
}

/** Throws a StoreError where it is none, or one of another version. */
export function checkFolder(path: string): void {
  const file = join(path, 'facts.json')
  if (!existsSync(file))
    throw new StoreError(
      existsSync(join(path, 'loads')) || existsSync(join(path, 'exchanges'))
        ? `${file}: is missing, and facts are there; was the folder copied in part? copy it again`
        : `${path}: no folder of facts; make one with ntlmscope load CAPTURE... --into ${path}`,
    )
  let schema: unknown
  try {
    schema = (JSON.parse(readFileSync(file, 'utf8')) as { schema?: unknown }).schema
  } catch {
    throw new StoreError(`${file}: cannot be read as JSON`)
  }
  if (schema !== FACTS_SCHEMA)
    throw new StoreError(`${path}: facts of version ${String(schema)}, and this program knows ${FACTS_SCHEMA}`)
}

/** As of now. A file that vanishes while it is read was merged into another one: the next reading has that. */
export function contentsOf(path: string): Contents {
  const records: FolderRecord[] = []
  for (const name of recordsIn(path)) {
    const record = readRecord(join(path, 'loads', name))
    if (record !== null) records.push(record)
  }
  const replaced = new Set(records.flatMap(({ replaces }) => replaces))
  const all = records.flatMap(({ files }) => files).filter((file) => !replaced.has(file))
  const files = perTable((table) => all.filter((file) => file.startsWith(`${table}/`)))
  const older = new Set(records.filter(({ columns }) => columns !== COLUMNS_NOW).flatMap((record) => record.files))
  const withGone = records.filter(({ gone }) => gone !== null && !replaced.has(gone))
  const goneOf = withGone.some((record) => record.goneOf === undefined)
    ? null
    : new Set(withGone.flatMap((record) => record.goneOf ?? []))
  return { records, files, gone: withGone.map(({ gone }) => gone as string), older, goneOf }
}

/** Names of the records of complete loads. */
function recordsIn(path: string): string[] {
  return namesIn(path)
    .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
    .sort()
}

/** What stands in `loads/`. Throws a StoreError where it cannot be listed. */
export function namesIn(path: string): string[] {
  try {
    return readdirSync(join(path, 'loads'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new StoreError(`${path}/loads: cannot be read (${code}); was the folder copied in part?`)
  }
}

/** null: it was merged away a moment ago. Throws a StoreError where it is no record: its rows would be missing. */
function readRecord(path: string): FolderRecord | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw new StoreError(`${path}: cannot be read (${code})`)
  }
  try {
    const record = JSON.parse(text) as FolderRecord
    if ([record.files, record.inputs, record.replaces].every(Array.isArray)) return record
  } catch {
    // said below
  }
  throw new StoreError(`${path}: no record of a load: it is damaged, or was copied in part; copy it again`)
}

/** On the disk before it has its name. */
export function writeWhole(path: string, text: string): void {
  const unfinished = `${path}.tmp-${process.pid}-${randomBytes(4).toString('hex')}`
  const descriptor = openSync(unfinished, 'w')
  try {
    writeSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(unfinished, path)
}

export function dayOf(micros: number): string {
  return new Date(micros / 1000).toISOString().slice(0, 10)
}

/** '' where none is in its path */
export const dayOfFile = (file: string) => /day=(\d{4}-\d\d-\d\d)/.exec(file)?.[1] ?? ''
