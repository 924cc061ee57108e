/**
 * Who writes a folder of facts at this moment: one completes a load or merges files, any number are under way. What
 * says so is a file with the host and the process.
 */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '../../facts/identity.ts'
import { STORE_LIMITS } from '../bounds.ts'

/** Waits for whoever is completing a load; takes it away from one that is dead. */
export async function lock(path: string): Promise<void> {
  const file = join(path, '.lock')
  const mine = JSON.stringify({ host: hostname(), pid: process.pid })
  for (;;) {
    try {
      writeFileSync(file, mine, { flag: 'wx' })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (isStale(file, STORE_LIMITS.lockMillis)) {
      // of several that wait one moves it away, and the name is free for any of them
      const aside = `${file}-${digestOf(mine, Math.random())}`
      try {
        renameSync(file, aside)
        rmSync(aside, { force: true })
      } catch {
        // somebody else did
      }
    } else await new Promise((done) => setTimeout(done, 50))
  }
}

export function unlock(path: string): void {
  rmSync(join(path, '.lock'), { force: true })
}

/** Does its process live? Where that cannot be asked (another host), its age tells. */
export function isStale(file: string, oldMillis: number): boolean {
  try {
    const { host, pid } = JSON.parse(readFileSync(file, 'utf8')) as { host?: string; pid?: number }
    if (host === hostname() && typeof pid === 'number') {
      try {
        process.kill(pid, 0)
        return false
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'ESRCH'
      }
    }
  } catch {
    // half written, or gone: its age tells, if it has one
  }
  const age = statSync(file, { throwIfNoEntry: false })
  return age !== undefined && Date.now() - age.mtimeMs > oldMillis
}
