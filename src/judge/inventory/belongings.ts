/**
 * What an inventory says of a host: names and shapes alone, for whoever starts before any table is read.
 */

export const BELONGINGS = ['owner', 'ou', 'site', 'criticality', 'wave'] as const
export type Belonging = (typeof BELONGINGS)[number]
export function isBelonging(name: string): name is Belonging {
  return (BELONGINGS as readonly string[]).includes(name)
}

/** where no line tells */
export const NOBODYS = 'nobody'

/** One line; what it does not say is empty. */
export type Belongs = Readonly<Record<Belonging, string>> & {
  readonly host: string
  readonly line: number
  /** columns that are not known here */
  readonly more: Readonly<Record<string, string>>
}
