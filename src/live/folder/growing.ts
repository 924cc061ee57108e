/**
 * A file that may still be written: what is there is given, and what comes when it comes, until somebody knows that
 * nothing comes any more.
 */
import { type FileHandle, open } from 'node:fs/promises'
import type { ByteSource } from '../../capture/source.ts'

const POLL_MILLIS = 200

export class GrowingFile implements ByteSource {
  readonly readNow = null
  fault: string | null = null
  consumed = 0
  readonly #path: string
  /** asked at the end of what is there, with the time since something came: is this the end? */
  readonly #isOver: (quietMillis: number) => boolean
  #file: Promise<FileHandle> | null = null
  #isClosed = false
  #since = performance.now()

  constructor(path: string, isOver: (quietMillis: number) => boolean) {
    this.#path = path
    this.#isOver = isOver
  }

  async read(target: Uint8Array, offset: number, length: number): Promise<number> {
    try {
      this.#file ??= open(this.#path, 'r')
      const file = await this.#file
      while (!this.#isClosed) {
        // asked before reading: what was written until the answer is read all the same
        const isOver = this.#isOver(performance.now() - this.#since)
        const { bytesRead } = await file.read(target, offset, length, this.consumed)
        if (bytesRead > 0) {
          this.consumed += bytesRead
          this.#since = performance.now()
          return bytesRead
        }
        if (isOver) return 0
        // overwritten by a ring: what was in it is gone
        if ((await file.stat()).size < this.consumed) return 0
        await new Promise((done) => setTimeout(done, POLL_MILLIS))
      }
    } catch (error) {
      if (!this.#isClosed) this.fault = `reading failed (${(error as NodeJS.ErrnoException).code ?? String(error)})`
    }
    return 0
  }

  again(): null {
    return null
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#file?.then((file) => file.close()).catch(() => {})
  }
}
