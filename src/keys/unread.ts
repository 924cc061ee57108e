/**
 * Files with keys that are read whole: how much of them, and why one could not be read, in words. What else the
 * operating system says may name what is in it.
 */
import { closeSync, openSync, readSync } from 'node:fs'

/** For one line of an error, behind the path. */
export function whyUnread(error: unknown): string {
  if (error instanceof TooLarge) return error.message
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'cannot be read'
  return WORDS[code] ?? code
}

/**
 * All bytes of a file or a pipe. Throws where there are more than `max` of them: a device has no end, and a capture
 * that was named by mistake may be larger than memory.
 */
export function readWhole(path: string, max: number): Buffer {
  const pieces: Buffer[] = []
  const fd = openSync(path, 'r')
  try {
    for (let length = 0; ; ) {
      const piece = Buffer.alloc(PIECE_BYTES)
      const read = readSync(fd, piece, 0, PIECE_BYTES, null)
      if (read === 0) break
      pieces.push(piece.subarray(0, read))
      length += read
      if (length > max) throw new TooLarge(max)
    }
    return Buffer.concat(pieces)
  } finally {
    closeSync(fd)
    for (const piece of pieces) piece.fill(0)
  }
}

class TooLarge extends Error {
  constructor(max: number) {
    super(`more than ${max >> 20} MiB`)
  }
}

const PIECE_BYTES = 1 << 16

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  ENXIO: 'is no file',
  ELOOP: 'a link that leads to itself',
  EISDIR: 'is a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
}
