/**
 * Takes the facts of runs into a store: each row is settled with what is there, then written. Bounded: rows are held
 * 2,500 at a time.
 *
 * Idempotent by what the rows say, not by what was loaded before: the same packets give the same keys. What a row
 * replaces is not seen any more as soon as the load is complete, and not before.
 */
import { STORE_LIMITS } from './bounds.ts'
import { Explaining } from './causes/explaining.ts'
import { hasFrames, isBetter, joined, relationOf } from './settle.ts'
import type { Load, LoadRecord, StoredRow } from './store.ts'
import { FACT_TABLES, type FactRow, type FactTable, GROUP, perTable, SETTLING } from './tables.ts'

/** How many rows of a table came, and what became of them. */
export interface Counted {
  added: number
  /** a better version, or the other half, of one that was there */
  replaced: number
  /** nothing new */
  present: number
  /** seen by another sensor as well */
  twins: number
}

/** A row of this load, for those that come later. */
interface Recent extends StoredRow {
  readonly run: number
}

const DONE = Promise.resolve()
/** of a row that no run has seen whole */
const NO_RUN = -1

export class Loader {
  readonly counts: Readonly<Record<FactTable, Counted>>
  readonly #load: Load
  readonly #rest: () => void
  readonly #waiting: Record<FactTable, { row: FactRow; run: number }[]>
  /** those of this load by group, the newer and the older half: a half is forgotten at a time */
  readonly #newer: Record<FactTable, Map<string, Recent[]>>
  readonly #older: Record<FactTable, Map<string, Recent[]>>
  #newerRows = 0
  /** rows of this load are in neither */
  #isForgotten = false
  /** rows that were taken at once since the last rest */
  #taken = 0
  /** what one sensor lacks another may have seen */
  readonly #explaining = new Explaining()
  #run = 0

  /** `rest` is called between batches: a time to collect garbage */
  constructor(load: Load, rest: () => void = () => {}) {
    this.#load = load
    this.#rest = rest
    this.counts = perTable(() => ({ added: 0, replaced: 0, present: 0, twins: 0 }))
    this.#waiting = perTable(() => [])
    this.#newer = perTable(() => new Map())
    this.#older = perTable(() => new Map())
  }

  /**
   * What comes now was told apart by another reading than what came before. Where some of that is forgotten already it
   * is asked for like what others loaded: two reports may have everything in common.
   */
  async nextRun(): Promise<void> {
    if (this.#isForgotten) {
      for (const table of FACT_TABLES) {
        await this.#flush(table)
        this.#newer[table] = new Map()
        this.#older[table] = new Map()
      }
      this.#newerRows = 0
      this.#isForgotten = false
      this.#load.turn()
    }
    this.#run++
  }

  /** Resolves when there is room for more. */
  add(table: FactTable, row: FactRow): Promise<void> {
    if (this.addNow(table, row)) return DONE
    const waiting = this.#waiting[table]
    const told = { row, run: this.#run }
    // to wait for others pays where they are all asked for together
    if (waiting.length === 0 && this.#load.isFree(table, ...timesAround(row))) return this.#settleAll(table, [told])
    waiting.push(told)
    return waiting.length >= STORE_LIMITS.batchRows ? this.#flush(table) : DONE
  }

  /**
   * Nothing is there and nothing came that it could be one with: it is written at once, and little of it stays. Most
   * rows of a large load are such, and rows that wait for each other are what its memory goes to. False: `add` it.
   */
  addNow(table: FactTable, row: FactRow): boolean {
    if (this.#waiting[table].length > 0) return false
    const group = String(row[GROUP[table]])
    if (this.#recent(table, group) !== undefined || !this.#load.isFree(table, ...timesAround(row))) return false
    row.twin_of = null
    this.#load.put(table, row)
    this.counts[table].added++
    this.#explaining.note(table, row, this.#run)
    this.#remember(table, group, { row: remembered(table, row), counted: true, run: this.#run })
    this.#restAfter(1)
    return true
  }

  #restAfter(rows: number): void {
    this.#taken += rows
    if (this.#taken < STORE_LIMITS.batchRows) return
    this.#taken = 0
    this.#rest()
  }

  /** All rows are there: they are seen from now on. */
  async commit(record: Omit<LoadRecord, 'id' | 'counts'>): Promise<void> {
    for (const table of FACT_TABLES) await this.#flush(table)
    await this.#explaining.all(this.#load)
    if (await this.#load.hold()) await this.#settleLate()
    const counts = perTable((table) => this.counts[table].added)
    await this.#load.commit({ ...record, counts })
  }

  async #flush(table: FactTable): Promise<void> {
    const batch = this.#waiting[table]
    if (batch.length === 0) return
    this.#waiting[table] = []
    const rows = batch.map(({ row }) => row)
    await this.#settleAll(table, batch, groupBy(table, await this.#load.near(table, around(table, rows))))
  }

  async #settleAll(
    table: FactTable,
    batch: readonly { readonly row: FactRow; readonly run: number }[],
    stored: ReadonlyMap<string, StoredRow[]> = new Map(),
  ): Promise<void> {
    const out = new Map<FactRow, number>()
    for (const { row, run } of batch) await this.#settle(table, row, run, stored, out)
    await this.#load.write(table, [...out.keys()])
    for (const [row, run] of out) this.#explaining.note(table, row, run)
    this.#slim(table, out.keys())
    this.#restAfter(batch.length)
  }

  #slim(table: FactTable, written: Iterable<FactRow>): void {
    for (const row of written) {
      const slim = remembered(table, row)
      if (slim === row) continue
      const recent = this.#recent(table, String(row[GROUP[table]]))?.find((one) => one.row === row)
      if (recent !== undefined) recent.row = slim
    }
  }

  /** `out`: the rows of this batch that are to be written, and which run told each. */
  async #settle(
    table: FactTable,
    given: FactRow,
    run: number,
    stored: ReadonlyMap<string, StoredRow[]>,
    out: Map<FactRow, number>,
  ): Promise<void> {
    const counted = this.counts[table]
    const group = String(given[GROUP[table]])
    const recent = this.#recent(table, group) ?? []
    let row = given
    let told = run
    let replaces = 0
    const gone = new Set<FactRow>()
    for (let again = true; again; ) {
      again = false
      const candidates: (StoredRow & { readonly run?: number })[] = [...(stored.get(group) ?? []), ...recent].filter(
        (one) => !gone.has(one.row),
      )
      if (candidates.some((one) => isSame(table, one.row, row) && !isBetter(row, one.row))) {
        counted.present++
        return
      }
      for (const one of candidates) {
        const relation = relationOf(table, one.row, row)
        if (relation === null || relation === 'twin') continue
        if (relation !== 'same' && one.run === run) continue
        const whole = relation === 'same' ? null : await this.#whole(table, one.row)
        if (relation === 'again') {
          if (whole !== null && hasFrames(whole, row)) {
            counted.present++
            return
          }
          if (whole !== null && hasFrames(row, whole)) {
            gone.add(one.row)
            replaces++
          }
          continue
        }
        if (whole !== null && covers(table, whole, row)) {
          counted.present++
          return
        }
        gone.add(one.row)
        replaces++
        if (whole !== null && !covers(table, row, whole)) {
          row = joined(table, whole, row)
          told = NO_RUN
          again = true
          break
        }
        row = { ...row, rank: Math.max(Number(row.rank), Number(one.row.rank) + 1) }
      }
    }
    for (const one of gone) this.#forget(table, group, one, out, stored)
    this.#findTwin(table, row, [...(stored.get(group) ?? []), ...recent], gone, out)
    if (replaces > 0) counted.replaced++
    else counted.added++
    if (row.twin_of !== null) counted.twins++
    out.set(row, told)
    this.#remember(table, group, { row, counted: row.twin_of === null, run })
  }

  async #whole(table: FactTable, row: FactRow): Promise<FactRow | null> {
    return 'first_frame' in row ? row : await this.#load.whole(table, row)
  }

  /** Another sensor's row of the same event: the better one counts. */
  #findTwin(
    table: FactTable,
    row: FactRow,
    candidates: readonly StoredRow[],
    gone: ReadonlySet<FactRow>,
    out: Map<FactRow, number>,
  ): void {
    row.twin_of = null
    let best: StoredRow | null = null
    for (const one of candidates) {
      if (gone.has(one.row) || !one.counted || relationOf(table, one.row, row) !== 'twin') continue
      if (best === null || apart(one.row, row) < apart(best.row, row)) best = one
    }
    if (best === null) return
    if (Number(row.rank) <= Number(best.row.rank)) {
      row.twin_of = best.row.key!
      return
    }
    best.counted = false
    if (out.has(best.row)) best.row.twin_of = row.key!
    else this.#load.drop(table, best.row, 'twin')
  }

  #forget(
    table: FactTable,
    group: string,
    row: FactRow,
    out: Map<FactRow, number>,
    stored: ReadonlyMap<string, StoredRow[]>,
  ): void {
    // not written yet: it never will be
    if (!out.delete(row)) {
      this.#load.drop(table, row, 'replaced')
      if (table === 'exchanges') this.#explaining.forget(row)
    }
    const recent = this.#recent(table, group)
    const at = recent?.findIndex((one) => one.row === row) ?? -1
    if (at >= 0) recent!.splice(at, 1)
    const there = stored.get(group)
    const place = there?.findIndex((one) => one.row === row) ?? -1
    if (place >= 0) there!.splice(place, 1)
  }

  /** Later rows of this load may be the same: the newest are kept, the texts that nothing is settled by are not. */
  #remember(table: FactTable, group: string, recent: Recent): void {
    const list = this.#recent(table, group)
    if (list === undefined) this.#newer[table].set(group, [recent])
    else list.push(recent)
    if (++this.#newerRows < STORE_LIMITS.recentRows / 2) return
    this.#newerRows = 0
    for (const name of FACT_TABLES) {
      if (this.#older[name].size > 0) this.#isForgotten = true
      this.#older[name] = this.#newer[name]
      this.#newer[name] = new Map()
    }
  }

  #recent(table: FactTable, group: string): Recent[] | undefined {
    return this.#newer[table].get(group) ?? this.#older[table].get(group)
  }

  /** Somebody completed a load while this one was under way: what both have is seen once. */
  async #settleLate(): Promise<void> {
    for (const table of FACT_TABLES) {
      for await (const rows of this.#load.written(table)) {
        if (rows.length === 0) continue
        const others = groupBy(table, await this.#load.near(table, around(table, rows), true))
        for (const row of rows) {
          for (const other of others.get(String(row[GROUP[table]])) ?? []) {
            const relation = relationOf(table, other.row, row)
            if (relation === null || (relation === 'twin' && (!other.counted || row.twin_of !== null))) continue
            const why = relation === 'twin' ? 'twin' : 'replaced'
            this.#load.drop(table, isBetter(row, other.row) ? other.row : row, why)
          }
        }
      }
    }
  }
}

/**
 * Of what is written only that is kept which tells it from others; a part is kept whole, since the rest of it may come.
 */
function remembered(table: FactTable, row: FactRow): FactRow {
  if (table === 'exchanges') return row.result === 'unknown' ? row : slimExchange(row)
  if (table !== 'kdc' || row.result === 'unknown') return row
  const slim: FactRow = {}
  for (const name of SETTLING[table]) slim[name] = row[name] ?? null
  return slim
}

/** The columns of `SETTLING`, written out: a million of them are made, all of one shape. */
function slimExchange(row: FactRow): FactRow {
  return {
    key: row.key ?? null,
    logon: row.logon ?? null,
    rank: row.rank ?? null,
    twin_of: row.twin_of ?? null,
    uid_of: row.uid_of ?? null,
    sensor: row.sensor ?? null,
    load_id: row.load_id ?? null,
    ts: row.ts ?? null,
    ts_end: row.ts_end ?? null,
    community_id: row.community_id ?? null,
    service: row.service ?? null,
    mechanism: row.mechanism ?? null,
    method: row.method ?? null,
    result: row.result ?? null,
    visibility: row.visibility ?? null,
    user_name: row.user_name ?? null,
    challenge_seen: row.challenge_seen ?? null,
    cause: row.cause ?? null,
  }
}

const isSame = (table: FactTable, a: FactRow, b: FactRow) => relationOf(table, a, b) === 'same'

/** Facts that are sums over a run: does `a` hold all of `b`? */
function covers(table: FactTable, a: FactRow, b: FactRow): boolean {
  if (table !== 'findings' && table !== 'conversations' && table !== 'turned_away') return false
  const count = table === 'conversations' ? 'connections' : 'times'
  return Number(a.ts) <= Number(b.ts) && Number(a.ts_end) >= Number(b.ts_end) && Number(a[count]) >= Number(b[count])
}

function timesAround({ ts, ts_end }: FactRow): [from: number, to: number] {
  return [Math.max(0, Number(ts) - STORE_LIMITS.aroundMicros), Number(ts_end) + STORE_LIMITS.aroundMicros]
}

const apart = (a: FactRow, b: FactRow) => Math.abs(Number(a.ts) - Number(b.ts))

function around(table: FactTable, rows: readonly FactRow[]) {
  const column = GROUP[table]
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  const groups = new Set<string>()
  for (const row of rows) {
    from = Math.min(from, Number(row.ts))
    to = Math.max(to, Number(row.ts_end))
    groups.add(String(row[column]))
  }
  return { from: Math.max(0, from - STORE_LIMITS.aroundMicros), to: to + STORE_LIMITS.aroundMicros, groups }
}

function groupBy(table: FactTable, rows: readonly StoredRow[]): Map<string, StoredRow[]> {
  const map = new Map<string, StoredRow[]>()
  for (const one of rows) {
    const group = String(one.row[GROUP[table]])
    const list = map.get(group)
    if (list === undefined) map.set(group, [one])
    else list.push(one)
  }
  return map
}
