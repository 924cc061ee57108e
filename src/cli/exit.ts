/**
 * How the program ends: its exit codes, and what it says of an error that nobody expected.
 */

export const EXIT = {
  ok: 0,
  notFound: 1,
  notMet: 1,
  failed: 1,
  unreadable: 2,
  notObserved: 3,
  usage: 64,
  bug: 70,
  unwritable: 74,
  interrupted: 130,
} as const

/** What to say of an error that nobody expected. */
export function bugText(error: unknown, env: NodeJS.ProcessEnv | Readonly<Record<string, string | undefined>>): string {
  const what =
    error instanceof Error ? (env.NTLMSCOPE_DEBUG ? (error.stack ?? error.message) : error.message) : String(error)
  return `bug in ntlmscope: ${what}; please report it with the command line (NTLMSCOPE_DEBUG=1 shows where)`
}
