/**
 * Causes by what all sensors saw, decided when a load has all its rows: of what it brought, and of what was there and
 * waited for what it brought.
 *
 * Until then two numbers and an address are kept of each exchange that waits and of each refusal: whole rows of 20,000
 * of both were half of what a load held in memory. What explains and what is explained is read again, a part at a time.
 * What one run saw of both it has decided itself: nothing is read for it.
 */
import { STORE_LIMITS } from '../bounds.ts'
import type { Load, Sought } from '../store.ts'
import { type FactRow, type FactTable, rowKey } from '../tables.ts'
import { EXPLAINED_WITHIN_MICROS, explained, isNear, isRefusal, isUnexplained } from './explain.ts'

/** What may explain, or be explained: `run` of this load, null of an earlier one. */
interface Moment {
  readonly client: string
  readonly ts: number
  readonly run: number | null
}

/** An exchange of this load, as far as it takes to find its row again. */
interface Waiting extends Moment {
  readonly row: FactRow
}

export class Explaining {
  readonly #waiting = new Map<string, Waiting>()
  #refusals: Moment[] = []

  /** A row that was written by the run of this load with that number. */
  note(table: FactTable, row: FactRow, run: number): void {
    if (table === 'exchanges') {
      if (!isUnexplained(row) || this.#waiting.size >= STORE_LIMITS.unexplainedRows) return
      const { key, load_id, rank, ts } = row
      const slim: FactRow = { key: key!, load_id: load_id!, rank: rank!, ts: ts! }
      this.#waiting.set(rowKey(row), { client: String(row.client_ip), ts: Number(ts), run, row: slim })
    } else if (table === 'kdc' && isRefusal(row)) {
      this.#refusals.push({ client: String(row.client_ip), ts: Number(row.ts), run })
      // the newest stay
      if (this.#refusals.length > 2 * STORE_LIMITS.refusals) this.#refusals.splice(0, STORE_LIMITS.refusals)
    }
  }

  /** Another row of this load stands in its place. */
  forget(row: FactRow): void {
    this.#waiting.delete(rowKey(row))
  }

  async all(load: Load): Promise<void> {
    await this.#ofThisLoad(load)
    await this.#ofOthers(load)
  }

  async #ofThisLoad(load: Load): Promise<void> {
    const own = byClient(this.#refusals)
    for (const part of partsOf([...this.#waiting.values()])) {
      const stored: Moment[] = []
      for await (const rows of load.find('refusals', around(part)))
        for (const row of rows)
          if (isRefusal(row)) stored.push({ client: String(row.client_ip), ts: Number(row.ts), run: null })
      const others = byClient(stored)
      const may = part.filter(
        ({ client, ts, run }) =>
          others.get(client)?.some((one) => isNear(ts, one.ts)) ||
          own.get(client)?.some((one) => one.run !== run && isNear(ts, one.ts)),
      )
      if (may.length === 0) continue
      const asked = await askedOf(load, may)
      for await (const rows of load.own(may.map(({ row }) => row))) await tell(load, rows, asked)
    }
  }

  async #ofOthers(load: Load): Promise<void> {
    const done = new Set<string>()
    for (const part of partsOf(this.#refusals)) {
      const refusals = byClient(part)
      const { clients, from } = around(part)
      const to = part.at(-1)!.ts + EXPLAINED_WITHIN_MICROS
      for await (const rows of load.find('unexplained', { clients, from, to })) {
        const may = rows.filter((row) => {
          const near = (one: Moment) => isNear(Number(row.ts), one.ts)
          return isUnexplained(row) && !done.has(rowKey(row)) && refusals.get(String(row.client_ip))?.some(near)
        })
        if (may.length === 0) continue
        for (const row of may) done.add(rowKey(row))
        const moments = may.map((row) => ({ client: String(row.client_ip), ts: Number(row.ts), run: null }))
        await tell(load, may, await askedOf(load, moments))
      }
    }
  }
}

/** What was asked of KDCs around these moments, by client and in the order of time. */
async function askedOf(load: Load, moments: readonly Moment[]): Promise<ReadonlyMap<string, readonly FactRow[]>> {
  const all: FactRow[] = []
  for (const part of partsOf(moments))
    for await (const rows of load.find('asked', around(part))) for (const row of rows) all.push(row)
  const asked = grouped(all, ({ client_ip }) => String(client_ip))
  for (const list of asked.values()) list.sort((a, b) => Number(a.ts) - Number(b.ts))
  return asked
}

async function tell(
  load: Load,
  rows: readonly FactRow[],
  asked: ReadonlyMap<string, readonly FactRow[]>,
): Promise<void> {
  const told: FactRow[] = []
  for (const row of rows) {
    const better = explained(row, asked.get(String(row.client_ip)) ?? [])
    if (better === null) continue
    load.drop('exchanges', row, 'replaced')
    told.push(better)
  }
  await load.write('exchanges', told)
}

/** In the order of their times, within a day each, so that one of them is asked about at a time. */
function* partsOf<T extends Moment>(moments: readonly T[]): Generator<T[]> {
  const all = moments.toSorted((a, b) => a.ts - b.ts)
  let part: T[] = []
  for (const one of all) {
    if (part.length >= STORE_LIMITS.batchRows || (part.length > 0 && one.ts - part[0]!.ts > STORE_LIMITS.askedMicros)) {
      yield part
      part = []
    }
    part.push(one)
  }
  if (part.length > 0) yield part
}

/** Which KDC traffic may explain these: they are in the order of their times. */
function around(part: readonly Moment[]): Sought {
  return {
    clients: new Set(part.map(({ client }) => client)),
    from: part[0]!.ts - EXPLAINED_WITHIN_MICROS,
    to: part.at(-1)!.ts + STORE_LIMITS.clocksMicros,
  }
}

const byClient = (moments: readonly Moment[]) => grouped(moments, ({ client }) => client)

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const map = new Map<string, T[]>()
  for (const one of all) {
    const list = map.get(keyOf(one))
    if (list === undefined) map.set(keyOf(one), [one])
    else list.push(one)
  }
  return map
}
