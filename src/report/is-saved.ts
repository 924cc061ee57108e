/**
 * Whether an input is a saved report. Apart from reading one: every run asks it, and what holds a report against its
 * schema takes long to load.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'

/** A file whose first character is that of a JSON object: no capture begins so. */
export function isSaved(path: string): boolean {
  if (path === '-' || !statSync(path, { throwIfNoEntry: false })?.isFile()) return false
  const head = Buffer.alloc(16)
  const file = openSync(path, 'r')
  try {
    return head.toString('latin1', 0, readSync(file, head)).trimStart().startsWith('{')
  } finally {
    closeSync(file)
  }
}
