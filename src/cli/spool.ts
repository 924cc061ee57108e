/**
 * Standard input as a file, for what is read more than once: in a folder that nobody else may look into, and that goes
 * when the run ends, however it ends.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CaptureError, standardInputStream } from '../capture/open.ts'
import { problem } from './out.ts'
import type { Session } from './session.ts'

export interface Spool {
  readonly path: string
  remove(): void
}

/** As reports and comments of slices call it. */
const NAME = 'standard-input'

/** null: it could not be read, or not be kept, and that was said. */
export async function spooled(session: Session): Promise<Spool | null> {
  let folder: string | null = null
  const remove = () => {
    if (folder !== null) rmSync(folder, { recursive: true, force: true })
    process.off('exit', remove)
  }
  process.on('exit', remove)
  const stop = () => process.exit(1)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, stop)
  try {
    const input = standardInputStream()
    // for this user alone
    folder = mkdtempSync(join(tmpdir(), 'ntlmscope-'))
    const path = join(folder, NAME)
    const file = openSync(path, 'wx', 0o600)
    try {
      for await (const chunk of input)
        for (let rest = chunk as Buffer; rest.length > 0; ) rest = rest.subarray(writeSync(file, rest))
    } finally {
      closeSync(file)
    }
    return { path, remove }
  } catch (error) {
    remove()
    if (error instanceof CaptureError) session.unreadable(error.message)
    else session.unreadable(problem('standard input, kept for a moment', error).message)
    return null
  } finally {
    for (const signal of signals) process.off(signal, stop)
  }
}
