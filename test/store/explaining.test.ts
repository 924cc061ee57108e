/** Which exchanges of a load are read again to be explained: the store is one that only notes what it is asked. */
import { describe, expect, it } from 'vitest'
import { Explaining } from '../../src/store/causes/explaining.ts'
import type { Load } from '../../src/store/store.ts'
import type { FactRow } from '../../src/store/tables.ts'

const AT = Date.UTC(2026, 10, 23) * 1000
const PRINCIPAL_UNKNOWN = 7
const PREAUTH_REQUIRED = 25

const exchange = (rank: number): FactRow => ({
  ...{ key: 'a', load_id: 'l', rank, ts: AT, client_ip: '10.1.1.1', cause: 'RC99', mechanism: 'ntlm' },
  ...{ visibility: 'both', uid_of: 'token', result: 'success', service: 'smb' },
})
const kdc = (error_code: number, at = AT - 1e6): FactRow => ({ client_ip: '10.1.1.1', ts: at, error_code })

/** The ranks of the rows that are read again where these refusals are stored. */
async function readAgain(explaining: Explaining, stored: readonly FactRow[]): Promise<unknown[]> {
  const read: unknown[] = []
  const load = {
    async *find(what: string) {
      if (what === 'refusals') yield stored
    },
    async *own(rows: readonly FactRow[]) {
      read.push(...rows.map(({ rank }) => rank))
    },
    async write() {},
  }
  await explaining.all(load as unknown as Load)
  return read
}

describe('what may be explained by other sensors', () => {
  it('is the version of a row that stays, once', async () => {
    const explaining = new Explaining()
    const first = exchange(7)
    explaining.note('exchanges', first, 0)
    explaining.forget(first)
    explaining.note('exchanges', exchange(8), 1)
    expect(await readAgain(explaining, [kdc(PRINCIPAL_UNKNOWN)])).toEqual([8])
  })

  it('is nothing where no KDC refused anything, or long before, or only asked for more', async () => {
    for (const stored of [[], [kdc(PRINCIPAL_UNKNOWN, AT - 3600e6)], [kdc(PREAUTH_REQUIRED)]]) {
      const explaining = new Explaining()
      explaining.note('exchanges', exchange(7), 0)
      expect(await readAgain(explaining, stored)).toEqual([])
    }
  })

  it('is what another run of the load saw refused, not its own', async () => {
    for (const [run, read] of [
      [0, []],
      [1, [7]],
    ] as const) {
      const explaining = new Explaining()
      explaining.note('kdc', kdc(PRINCIPAL_UNKNOWN), 0)
      explaining.note('exchanges', exchange(7), run)
      expect(await readAgain(explaining, [])).toEqual(read)
    }
  })
})
