/**
 * Where facts are: the words `--into` and `--from`, and what goes wrong with them.
 */
import type { Answerer } from '../../questions/answerer.ts'
import type { Store } from '../../store/store.ts'
import { EXIT } from '../exit.ts'
import type { Session } from '../session.ts'

export const PLACE_HELP = 'a folder of Parquet files, or clickhouse://user@host:8123/database'

export const isServer = (place: string) => /^clickhouses?:\/\//.test(place)

/** A place to load into; a folder is made. */
export async function storeAt(place: string, session: Session): Promise<Store> {
  if (!isServer(place)) return (await import('../../store/folder.ts')).Folder.openOrMake(place)
  const { ClickHouse } = await import('../../questions/clickhouse.ts')
  return ClickHouse.open(place, session.io.env, { make: true })
}

/** A place to ask. */
export async function answererAt(place: string, session: Session): Promise<Answerer> {
  if (!isServer(place)) return (await import('../../questions/duckdb.ts')).DuckDb.open(place)
  const { ClickHouse } = await import('../../questions/clickhouse.ts')
  return ClickHouse.open(place, session.io.env, { make: false })
}

/** A StoreError is said in one line, and the program ends with 2. */
export async function withPlace(session: Session, work: () => Promise<void>): Promise<void> {
  const { StoreError } = await import('../../store/store.ts')
  try {
    await work()
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    session.complain(error.message)
    session.exitCode = EXIT.unreadable
  }
}
