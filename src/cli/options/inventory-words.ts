/**
 * What the command line says about whose hosts they are: `--inventory hosts.csv`.
 */
import { readFileSync, statSync } from 'node:fs'
import type { Command } from 'commander'
import { FilterError } from '../../facts/filter.ts'
import type { Inventory } from '../../judge/inventory/inventory.ts'
import type { Session } from '../session.ts'

export interface InventoryWords {
  readonly inventory?: string
}

const INVENTORY_BYTES_MAX = 64 * 1024 * 1024

export function withInventory(command: Command): Command {
  return command.option(
    '--inventory <file>',
    'whose hosts they are: CSV with host (address, prefix or name), owner, ou, site, criticality, wave',
  )
}

/** null: none was named; undefined: it cannot be read or has a mistake, and it was said. */
export async function inventoryOf(
  session: Session,
  { inventory: file }: InventoryWords,
): Promise<Inventory | null | undefined> {
  if (file === undefined) return null
  session.inputs.add(file)
  try {
    if (statSync(file).size > INVENTORY_BYTES_MAX) throw new FilterError(`${file}: is too large for a table of hosts`)
    const text = readFileSync(file, 'utf8')
    const { Inventory: Made } = await import('../../judge/inventory/inventory.ts')
    return new Made(text, file)
  } catch (error) {
    const isTold = error instanceof FilterError
    if (!isTold && (error as NodeJS.ErrnoException).code === undefined) throw error
    session.unreadable(isTold ? error.message : `${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`)
    return undefined
  }
}
