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

/** A place to ask, with facts: no rows where nothing was loaded would read as if all were clean. */
export async function answererAt(place: string, session: Session): Promise<Answerer> {
  if (!isServer(place)) return (await import('../../questions/duckdb.ts')).DuckDb.open(place)
  const { ClickHouse } = await import('../../questions/clickhouse.ts')
  const server = await ClickHouse.open(place, session.io.env, { make: false })
  try {
    if ((await server.sensors()).length > 0) return server
    const { StoreError } = await import('../../store/store.ts')
    throw new StoreError(`${place}: no load was ever completed; load something with ntlmscope load CAPTURE... --into`)
  } catch (error) {
    await server.close()
    throw error
  }
}

/** What the system refuses: no bug, and nothing that another version would do better. */
const REFUSALS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left',
  EDQUOT: 'the quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'not permitted',
  EPERM: 'not permitted',
  EIO: 'the disk reports an error',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
}

function refusal(error: unknown): string | null {
  const { code, path } = error as NodeJS.ErrnoException
  const what = REFUSALS[code ?? '']
  if (what === undefined) return null
  return `${path === undefined ? '' : `${path}: `}${what} (${code}); nothing was changed`
}

/** A StoreError is said in one line, and the program ends with 2; so is what the system refuses. */
export async function withPlace(session: Session, work: () => Promise<void>): Promise<void> {
  const { StoreError } = await import('../../store/store.ts')
  try {
    await work()
  } catch (error) {
    const text = error instanceof StoreError ? error.message : refusal(error)
    if (text === null) throw error
    session.complain(text)
    session.exitCode = EXIT.unreadable
  }
}
