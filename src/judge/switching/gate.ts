/**
 * What a gate is called on the command line: `inventory=14d`, `turned-away=48h`. Judged in gates.ts.
 */

export interface Gate {
  readonly name: 'inventory' | 'turned-away'
  readonly text: string
  readonly hours: number
}

/** null: it is no gate. */
export function gateNamed(text: string): Gate | null {
  const [, name, count, unit] = /^(inventory|turned-away)=([1-9]\d{0,3})([hd])$/.exec(text.trim()) ?? []
  if (name === undefined) return null
  return { name: name as Gate['name'], text: text.trim(), hours: Number(count) * (unit === 'd' ? 24 : 1) }
}
