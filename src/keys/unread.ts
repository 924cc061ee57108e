/**
 * Why a file with keys could not be read, in words. What else the operating system says may name what is in it.
 */

/** For one line of an error, behind the path. */
export function whyUnread(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'cannot be read'
  return WORDS[code] ?? code
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EISDIR: 'is a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
}
