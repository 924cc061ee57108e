/**
 * A policy file as the commands read it: a mistake in it is told with its line.
 */
import type { KnownNames } from '../../judge/known-names.ts'
import type { Policy } from '../../judge/policy.ts'
import { EXIT } from '../exit.ts'
import type { Session } from '../session.ts'

/** null: it has mistakes, or cannot be read, and it was said. */
export async function policyOf(session: Session, file: string, known: KnownNames): Promise<Policy | null> {
  session.inputs.add(file)
  const { PolicyError, readPolicyFile } = await import('../../judge/policy.ts')
  try {
    return readPolicyFile(file, known)
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    for (const line of error.lines) session.complain(line)
    session.exitCode = EXIT.unreadable
    return null
  }
}
