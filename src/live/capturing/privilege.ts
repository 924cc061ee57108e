/**
 * The parser is never root: whoever starts us as root has the capture program run as root, and us as the user behind
 * sudo, or as nobody.
 */
import { readFileSync } from 'node:fs'

export interface LesserUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** Who it will be; null: we are not root. Throws where root is all that there is. */
export function unprivilegedUser(env: Readonly<Record<string, string | undefined>>): LesserUser | null {
  if (process.getuid?.() !== 0 && process.geteuid?.() !== 0) return null
  const [uid, gid] = [Number(env.SUDO_UID), Number(env.SUDO_GID)]
  if (env.SUDO_USER && Number.isInteger(uid) && Number.isInteger(gid) && uid > 0)
    return { name: env.SUDO_USER, uid, gid }
  const nobody = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readPasswords())
  if (nobody === null)
    throw new Error('started as root, and there is no user nobody to become: start it as another user')
  return { name: 'nobody', uid: Number(nobody[1]), gid: Number(nobody[2]) }
}

/** For good, in all threads; the process has no capability afterwards. Throws where the system refuses. */
export function dropPrivilegesTo({ name, uid, gid }: LesserUser): void {
  // not in the types of Node
  ;(process as unknown as { initgroups(user: string, group: number): void }).initgroups(name, gid)
  process.setgid!(gid)
  process.setuid!(uid)
  if (process.getuid!() === 0 || process.geteuid!() === 0) throw new Error('still root: refusing to read packets')
}

function readPasswords(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8')
  } catch {
    return ''
  }
}
