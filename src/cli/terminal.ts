/**
 * The world around the program, as far as it touches it: two streams and the environment, how wide a line may be, and
 * whether colour is wanted.
 */

export interface Io {
  readonly out: NodeJS.WriteStream
  readonly err: NodeJS.WriteStream
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Without a terminal, and where COLUMNS does not say otherwise. */
const COLUMNS_DEFAULT = 100

/** How a page for people is laid out: its width in characters, and whether it may be coloured (never in a file). */
export function pageWords(
  io: Io,
  output: string | null | undefined,
): { columns: number; color: boolean; rows?: number } {
  const isHere = (output ?? null) === null
  const rows = isHere && io.out.isTTY ? io.out.rows : 0
  return { columns: columnsOf(io), color: isHere && isColorWanted(io), ...(rows > 0 ? { rows } : {}) }
}

export function columnsOf({ out, env }: Io): number {
  const asked = Number(env.COLUMNS)
  return Number.isInteger(asked) && asked > 0 ? asked : out.columns || COLUMNS_DEFAULT
}

/** NO_COLOR (no-color.org) wins over FORCE_COLOR, and both over what the terminal can do. */
function isColorWanted({ out, env }: Io): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false'
  return out.isTTY === true && env.TERM !== 'dumb'
}
