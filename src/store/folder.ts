/**
 * Facts in a folder of Parquet files: any number of loaders add files, readers read, nothing is locked but the moment
 * in which a load is completed.
 *
 * facts/facts.json, TABLE/day=2026-11-23/LOAD.parquet, gone/LOAD.parquet, loads/LOAD.json. A load is complete when its
 * `loads/` file has its name, and that file lists all others: what a killed load leaves is read by nobody. Days are
 * those of the fact's start, in UTC.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join, relative, sep } from 'node:path'
import { STORE_LIMITS } from './bounds.ts'
import { SOUGHT } from './causes/explain.ts'
import {
  COLUMNS_NOW,
  type Contents,
  checkFolder,
  contentsOf,
  dayOf,
  dayOfFile,
  type FolderRecord,
  writeWhole,
} from './files/contents.ts'
import { lock, unlock } from './files/lock.ts'
import { FactFile, type Group, ReadFile } from './parquet.ts'
import {
  type Gone,
  type Load,
  type LoadedInput,
  type LoadRecord,
  type Near,
  type Sought,
  type SoughtWhat,
  type Store,
  type StoredRow,
  StoreError,
} from './store.ts'
import {
  COLUMN_NAMES,
  COLUMNS,
  FACT_TABLES,
  FACTS_SCHEMA,
  type FactColumn,
  type FactRow,
  type FactTable,
  GROUP,
  perTable,
  ROW_KEY,
  rowKey,
  SETTLING,
} from './tables.ts'

/** Rows that are not seen any more; `rank` tells versions of one load apart. */
export const GONE_COLUMNS: readonly FactColumn[] = [
  { name: 'key', kind: 'text', nullable: false, few: false },
  { name: 'load_id', kind: 'text', nullable: false, few: true },
  { name: 'rank', kind: 'int', nullable: false, few: true },
  { name: 'why', kind: 'text', nullable: false, few: true },
  { name: 'ts', kind: 'time', nullable: false, few: false },
]

export class Folder implements Store {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** Throws a StoreError where it is none, or one of another version. */
  static open(path: string): Folder {
    checkFolder(path)
    return new Folder(path)
  }

  /** The same, or a new one in an empty place. */
  static openOrMake(path: string): Folder {
    try {
      if (!existsSync(join(path, 'facts.json'))) {
        const there = existsSync(path) ? readdirSync(path) : []
        const foreign = there.filter(
          (name) => name !== 'loads' && !name.startsWith('.') && !name.startsWith('facts.json'),
        )
        if (foreign.length > 0) throw new StoreError(`${path}: holds other things (${foreign[0]}), and no facts`)
        mkdirSync(join(path, 'loads'), { recursive: true })
        writeWhole(
          join(path, 'facts.json'),
          JSON.stringify({ schema: FACTS_SCHEMA, created: new Date().toISOString() }),
        )
      }
    } catch (error) {
      if (error instanceof StoreError) throw error
      throw new StoreError(`${path}: cannot be written (${(error as NodeJS.ErrnoException).code})`)
    }
    return Folder.open(path)
  }

  contents(): Contents {
    return contentsOf(this.path)
  }

  async inputsOf(sensor: string): Promise<readonly LoadedInput[]> {
    const ofSensor = this.contents().records.filter((record) => record.sensor === sensor)
    return ofSensor.flatMap(({ inputs }) => inputs)
  }

  async begin(sensor: string, inputs: string): Promise<FolderLoad> {
    const name = `${sensor.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 40)}-${inputs.slice(0, 12)}-${randomBytes(4).toString('hex')}`
    return new FolderLoad(this, name)
  }

  async close(): Promise<void> {}
}

/** Rows of some days, counted since 1970. */
interface Days {
  readonly first: number
  readonly last: number
  /** null: not known yet */
  readonly times: readonly { readonly from: number; readonly to: number }[] | null
}

const dayNumber = (micros: number) => Math.floor(micros / 86_400e6)

/** Of the rows around a time, which are sought. */
const IS_SOUGHT: Readonly<Record<SoughtWhat, (row: FactRow) => boolean>> = {
  unexplained: ({ cause }) => cause === 'RC99',
  refusals: ({ error_code }) => error_code !== null,
  asked: () => true,
}

class FolderLoad implements Load {
  readonly id: string
  readonly #folder: Folder
  readonly #known: ReadonlySet<string>
  #contents: Contents
  /** what others completed since; known once this load holds the lock */
  #late: Contents | null = null
  readonly #open = new Map<string, FactFile>()
  readonly #files: string[] = []
  #gone: FactFile | null = null
  readonly #goneOf = new Set<string>()
  readonly #digests: Record<string, string> = {}
  /** rows of all open files that are not written yet */
  #waiting = 0
  /** the file that the last row went to */
  readonly #newest = perTable<{ readonly day: number; readonly file: FactFile } | null>(() => null)
  /** of what times the rows are that complete loads have of the days that were asked about last */
  readonly #days = perTable<Days | null>(() => null)
  /** which files of this load what explains is sought in; null: nobody asked */
  readonly #own = perTable<readonly string[] | null>(() => null)
  #held = false
  #isTurned = false
  readonly #readers = new Map<string, ReadFile>()
  readonly #goneGroups = new Map<string, Map<string, Gone>>()

  constructor(folder: Folder, id: string) {
    this.#folder = folder
    this.id = id
    this.#contents = folder.contents()
    this.#known = new Set(this.#contents.records.map((record) => record.id))
    writeFileSync(this.#marker, JSON.stringify({ host: hostname(), pid: process.pid, began: new Date().toISOString() }))
  }

  /** says that it is under way, so that `facts --check` leaves it alone */
  get #marker(): string {
    return join(this.#folder.path, 'loads', `${this.id}.running`)
  }

  async near(table: FactTable, asked: Near, late = false): Promise<StoredRow[]> {
    try {
      return await this.#near(table, asked, late)
    } catch (error) {
      if (!(error instanceof StoreError) || late) throw error
      this.#refresh()
      return this.#near(table, asked, late)
    }
  }

  async #near(table: FactTable, { from, to, groups }: Near, late: boolean): Promise<StoredRow[]> {
    const contents = late ? this.#late : this.#contents
    if (contents === null) return []
    const [first, last] = [dayOf(from), dayOf(to)]
    const column = GROUP[table]
    const found: StoredRow[] = []
    for (const file of contents.files[table]) {
      const day = dayOfFile(file)
      if (day < first || day > last) continue
      const reader = await this.#reader(file, table)
      for (const group of reader.groups) {
        if (group.to < from || group.from > to) continue
        const hits = (await reader.read([column], group)).some((row) => groups.has(String(row[column])))
        if (!hits) continue
        for (const row of await reader.read(SETTLING[table], group))
          if (groups.has(String(row[column])) && Number(row.ts) <= to && Number(row.ts_end) >= from)
            found.push({ row, counted: row.twin_of === null })
      }
    }
    return this.#withoutGone(found, late)
  }

  async #withoutGone(found: readonly StoredRow[], late: boolean): Promise<StoredRow[]> {
    if (found.length === 0) return []
    const times = found.map(({ row }) => Number(row.ts))
    const [from, to] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))]
    const gone = new Map<string, Gone>()
    for (const file of (late && this.#late !== null ? this.#late : this.#contents).gone) {
      const reader = await this.#reader(file, null)
      for (const group of reader.groups)
        if (group.from <= to && group.to >= from)
          for (const [key, why] of await this.#goneIn(file, reader, group)) gone.set(key, why)
    }
    const left: StoredRow[] = []
    for (const stored of found) {
      const why = gone.get(rowKey(stored.row))
      if (why === 'replaced') continue
      if (why === 'twin') stored.counted = false
      left.push(stored)
    }
    return left
  }

  async #goneIn(file: string, reader: ReadFile, group: Group): Promise<ReadonlyMap<string, Gone>> {
    const name = `${file} ${group.rowStart}`
    const known = this.#goneGroups.get(name)
    if (known !== undefined) return known
    const made = new Map<string, Gone>()
    for (const row of await reader.read(['key', 'load_id', 'rank', 'why'], group))
      made.set(rowKey(row), row.why as Gone)
    keepIn(this.#goneGroups, name, made, GONE_GROUPS_MAX)
    return made
  }

  async #reader(file: string, table: FactTable | null): Promise<ReadFile> {
    const known = this.#readers.get(file)
    if (known !== undefined) return known
    const made = await openFact(this.#folder, file, table)
    keepIn(this.#readers, file, made, READERS_MAX)
    return made
  }

  async *find(what: SoughtWhat, asked: Sought): AsyncGenerator<FactRow[]> {
    try {
      yield* this.#find(what, asked)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      this.#refresh()
      yield* this.#find(what, asked)
    }
  }

  async *#find(what: SoughtWhat, { clients, from, to }: Sought): AsyncGenerator<FactRow[]> {
    const { table, columns } = SOUGHT[what]
    const isMeant = (row: FactRow) =>
      clients.has(String(row.client_ip)) && Number(row.ts) >= from && Number(row.ts) <= to && IS_SOUGHT[what](row)
    const probe = ['client_ip', 'ts', ...(what === 'unexplained' ? ['cause'] : ['error_code'])]
    const own = what === 'asked' ? this.#ownFiles(table) : []
    for (const file of new Set([...this.#contents.files[table], ...own])) {
      const day = dayOfFile(file)
      if (day < dayOf(Math.max(0, from)) || day > dayOf(to)) continue
      const reader = await this.#reader(file, table)
      for (const group of reader.groups) {
        if (group.to < from || group.from > to) continue
        if (!(await reader.read(probe, group)).some(isMeant)) continue
        const found = (await reader.read([...new Set([...columns, ...probe, ...ROW_KEY])], group)).filter(isMeant)
        const left = await this.#withoutGone(
          found.map((row) => ({ row, counted: true })),
          false,
        )
        if (left.length > 0) yield left.map(({ row }) => row)
      }
    }
  }

  async *own(rows: readonly FactRow[]): AsyncGenerator<FactRow[]> {
    const wanted = new Set(rows.map((row) => `${row.key} ${row.rank}`))
    const times = rows.map(({ ts }) => Number(ts)).sort((a, b) => a - b)
    const days = new Set(times.map(dayOf))
    for (const file of this.#ownFiles('exchanges')) {
      if (!days.has(dayOfFile(file))) continue
      const reader = await this.#reader(file, 'exchanges')
      for (const group of reader.groups) {
        if (!times.some((ts) => ts >= group.from && ts <= group.to)) continue
        const isWanted = (row: FactRow) => wanted.has(`${row.key} ${row.rank}`)
        if (!(await reader.read(['key', 'rank'], group)).some(isWanted)) continue
        yield (await reader.read(COLUMN_NAMES.exchanges, group)).filter(isWanted)
      }
    }
  }

  /** Files of this load that are whole; those under way are ended where nobody asked before. */
  #ownFiles(table: FactTable): readonly string[] {
    const known = this.#own[table]
    if (known !== null) return known
    for (const [place, file] of [...this.#open]) if (place.startsWith(`${table}/`)) this.#finish(place, file)
    const files = this.#files.filter((file) => file.startsWith(`${table}/`))
    this.#own[table] = files
    return files
  }

  /** Files were merged into others meanwhile. */
  #refresh(): void {
    this.#contents = this.#folder.contents()
    this.#goneGroups.clear()
    if (this.#isTurned) this.turn()
    this.#forgetDays()
  }

  async whole(table: FactTable, row: FactRow): Promise<FactRow | null> {
    const names = COLUMN_NAMES[table]
    const at = Number(row.ts)
    for (const contents of [this.#contents, this.#late]) {
      for (const file of contents?.files[table] ?? []) {
        if (dayOfFile(file) !== dayOf(at)) continue
        const reader = await this.#reader(file, table)
        for (const group of reader.groups) {
          if (group.to < at || group.from > at) continue
          const keys = await reader.read(['key', 'load_id', 'rank'], group)
          const place = keys.findIndex((one) => rowKey(one) === rowKey(row))
          if (place < 0) continue
          const rowStart = group.rowStart + place
          return (await reader.read(names, { rowStart, rowEnd: rowStart + 1 }))[0] ?? null
        }
      }
    }
    return null
  }

  turn(): void {
    for (const [place, file] of [...this.#open]) this.#finish(place, file)
    const files = perTable((table) => [
      ...new Set([...this.#contents.files[table], ...this.#files.filter((file) => file.startsWith(`${table}/`))]),
    ])
    this.#contents = { ...this.#contents, files }
    this.#isTurned = true
    this.#forgetDays()
  }

  #forgetDays(): void {
    for (const table of FACT_TABLES) this.#days[table] = null
  }

  isFree(table: FactTable, from: number, to: number): boolean {
    const [first, last] = [dayNumber(from), dayNumber(to)]
    let days = this.#days[table]
    if (days === null || days.first !== first || days.last !== last) {
      days = { first, last, times: this.#timesOf(table, from, to) }
      // what is not known yet is known when it was asked for once
      this.#days[table] = days.times === null ? null : days
    }
    return days.times?.some((one) => one.from <= to && one.to >= from) === false
  }

  /** When the rows of these days are of; null: a file of them was not opened yet. */
  #timesOf(
    table: FactTable,
    from: number,
    to: number,
  ): readonly { readonly from: number; readonly to: number }[] | null {
    const [first, last] = [dayOf(from), dayOf(to)]
    const times: Pick<Group, 'from' | 'to'>[] = []
    for (const file of this.#contents.files[table]) {
      const day = dayOfFile(file)
      if (day < first || day > last) continue
      const reader = this.#readers.get(file)
      if (reader === undefined) return null
      times.push(...reader.groups)
    }
    return times
  }

  async write(table: FactTable, rows: readonly FactRow[]): Promise<void> {
    for (const row of rows) this.put(table, row)
  }

  put(table: FactTable, row: FactRow): void {
    row.load_id = this.id
    const file = this.#fileOf(table, Number(row.ts))
    const before = file.waiting
    file.add(row)
    this.#waiting += file.waiting - before
    // facts come in the order of their times: the day that was begun first is over
    while (this.#waiting > STORE_LIMITS.waitingRows) this.#finish(...[...this.#open][0]!)
  }

  #fileOf(table: FactTable, micros: number): FactFile {
    const day = dayNumber(micros)
    const newest = this.#newest[table]
    if (newest !== null && newest.day === day) return newest.file
    const file = this.#fileOfDay(table, dayOf(micros))
    this.#newest[table] = { day, file }
    return file
  }

  #fileOfDay(table: FactTable, day: string): FactFile {
    const place = `${table}/day=${day}`
    const open = this.#open.get(place)
    if (open !== undefined) return open
    if (this.#open.size >= STORE_LIMITS.openFiles) {
      const [oldest] = this.#open
      this.#finish(...oldest!)
    }
    const before = this.#files.filter((file) => file.startsWith(`${place}/`)).length
    const name = before === 0 ? `${this.id}.parquet` : `${this.id}-${before + 1}.parquet`
    const made = this.#make(`${place}/${name}`, COLUMNS[table])
    this.#open.set(place, made)
    return made
  }

  #make(file: string, columns: readonly FactColumn[]): FactFile {
    const path = join(this.#folder.path, ...file.split('/'))
    const folder = join(path, '..')
    mkdirSync(folder, { recursive: true })
    this.#files.push(file)
    return new FactFile(path, unfinishedOf(path), columns)
  }

  #finish(place: string, file: FactFile): void {
    this.#open.delete(place)
    this.#waiting -= file.waiting
    for (const table of FACT_TABLES) if (this.#newest[table]?.file === file) this.#newest[table] = null
    this.#finishFile(file)
  }

  #finishFile(file: FactFile): void {
    this.#digests[relative(this.#folder.path, file.path).split(sep).join('/')] = file.finish()
  }

  drop(table: FactTable, row: FactRow, why: Gone): void {
    this.#goneOf.add(`${table}/day=${dayOf(Number(row.ts))}`)
    this.#gone ??= this.#make(`gone/${this.id}.parquet`, GONE_COLUMNS)
    this.#gone.add({ key: row.key!, load_id: row.load_id!, rank: row.rank!, why, ts: row.ts! })
  }

  async *written(table: FactTable): AsyncGenerator<FactRow[]> {
    for (const [place, file] of [...this.#open]) this.#finish(place, file)
    for (const file of this.#files.filter((one) => one.startsWith(`${table}/`)))
      yield* (await this.#reader(file, table)).all(SETTLING[table])
  }

  async hold(): Promise<boolean> {
    await lock(this.#folder.path)
    this.#held = true
    const contents = this.#folder.contents()
    const records = contents.records.filter(({ id }) => !this.#known.has(id))
    if (records.length === 0) return false
    const news = new Set(records.flatMap(({ files }) => files))
    const files = perTable((table) => contents.files[table].filter((one) => news.has(one)))
    this.#late = { ...contents, records, files }
    return true
  }

  async commit(record: Omit<LoadRecord, 'id'>): Promise<void> {
    try {
      for (const [place, file] of [...this.#open]) this.#finish(place, file)
      if (this.#gone !== null) this.#finishFile(this.#gone)
      const gone = this.#gone === null ? null : `gone/${this.id}.parquet`
      const files = this.#files.filter((file) => file !== gone)
      const goneOf = [...this.#goneOf]
      const whole: FolderRecord = {
        id: this.id,
        ...record,
        files,
        gone,
        replaces: [],
        columns: COLUMNS_NOW,
        digests: this.#digests,
        goneOf,
      }
      writeWhole(join(this.#folder.path, 'loads', `${this.id}.json`), `${JSON.stringify(whole)}\n`)
    } finally {
      this.#end()
    }
  }

  async abandon(): Promise<void> {
    // to write more may be what cannot be done
    for (const file of new Set([...this.#open.values(), ...(this.#gone === null ? [] : [this.#gone])]))
      try {
        file.discard()
      } catch {
        // it was closed by what failed
      }
    for (const file of this.#files) {
      const path = join(this.#folder.path, ...file.split('/'))
      for (const one of [path, unfinishedOf(path)]) rmSync(one, { force: true })
    }
    this.#end()
  }

  #end(): void {
    if (this.#held) unlock(this.#folder.path)
    this.#held = false
    rmSync(this.#marker, { force: true })
  }
}

/** What it is called until it is whole: no reader looks for that. */
const unfinishedOf = (path: string) => join(dirname(path), `.tmp-${basename(path)}`)

/** Opens a file of the folder. Throws a StoreError where it is damaged. */
export async function openFact(folder: Folder, file: string, table: FactTable | null): Promise<ReadFile> {
  try {
    return await ReadFile.open(join(folder.path, ...file.split('/')), table)
  } catch (error) {
    const what = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is missing' : 'is damaged'
    throw new StoreError(`${folder.path}/${file}: ${what}; see ntlmscope facts --from ${folder.path} --check`)
  }
}

function keepIn<T>(map: Map<string, T>, name: string, value: T, most: number): void {
  map.set(name, value)
  const [oldest] = map.keys()
  if (map.size > most && oldest !== undefined) map.delete(oldest)
}

const READERS_MAX = 256
const GONE_GROUPS_MAX = 16
