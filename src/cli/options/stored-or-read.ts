/**
 * Judges a report of captures, or of stored facts.
 */
import type { Session } from '../session.ts'

export type Work = Parameters<Session['prove']>[2]

export interface FromWords {
  readonly output?: string
  readonly threads?: number
  readonly from?: string
  readonly since?: number
  readonly until?: number
}

export async function proveFrom(
  session: Session,
  captures: readonly string[],
  words: FromWords,
  work: Work,
): Promise<void> {
  const { from } = words
  if (from === undefined)
    return session.prove(captures, { output: words.output ?? null, threads: words.threads ?? null }, work)
  const { answererAt, withPlace } = await import('./place.ts')
  const { NO_LIMITS } = await import('../../questions/catalogue.ts')
  const { storedReport } = await import('../../run/stored-report.ts')
  await withPlace(session, async () => {
    const answerer = await answererAt(from, session)
    const limits = { ...NO_LIMITS, since: words.since ?? null, until: words.until ?? null }
    try {
      const report = await storedReport(answerer, { limits, zone: 'UTC' })
      await session.prove([], { output: words.output ?? null, stored: async () => report }, work)
    } finally {
      await answerer.close()
    }
  })
}
