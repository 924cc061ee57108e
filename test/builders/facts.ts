/** Facts for tests: captures loaded into a folder as the program does it, and what questions see of it. */
import { analyze } from '../../src/run/analyze.ts'
import { Nets } from '../../src/store/addresses/nets.ts'
import { Folder } from '../../src/store/folder.ts'
import { type Asked, type Loaded, load, type ReadCaptures } from '../../src/store/intake.ts'
import { rowsOf, type Wanted } from '../../src/store/scan.ts'
import type { FactRow, FactTable } from '../../src/store/tables.ts'

export const readCaptures: ReadCaptures = (captures, taker) =>
  analyze(captures, {
    onExchange: (exchange) => taker.exchange(exchange),
    onKdc: (exchange) => taker.kdc(exchange),
    onPause: () => taker.pause(),
    rethrow: true,
  })

export async function loadInto(folder: string, inputs: readonly string[], asked: Partial<Asked> = {}): Promise<Loaded> {
  return load(Folder.openOrMake(folder), {
    inputs,
    sensor: 'tap1',
    nets: new Nets(),
    pseudonyms: null,
    previous: null,
    final: false,
    version: 'test',
    read: readCaptures,
    ...asked,
  })
}

export async function rowsIn(folder: string, table: FactTable, wanted: Wanted = {}): Promise<FactRow[]> {
  const found: FactRow[] = []
  for await (const rows of rowsOf(Folder.open(folder), table, wanted)) found.push(...rows)
  return found.sort((a, b) => Number(a.ts) - Number(b.ts) || (String(a.key) < String(b.key) ? -1 : 1))
}
