/**
 * Where lines go that are followed while they are written: standard output, or a file that is written in place and
 * appended to. On SIGHUP the file is closed and opened again, as whoever rotates logs expects.
 */
import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { OutputError, problem } from './out.ts'

export class LogOut {
  readonly #stream: NodeJS.WriteStream | null
  readonly #name: string
  #descriptor: number | null = null

  /** `name`: of a file, null: standard output. Throws OutputError. */
  constructor(name: string | null, stream: NodeJS.WriteStream) {
    this.#name = name ?? 'standard output'
    this.#stream = name === null ? stream : null
    if (name !== null) this.#open()
  }

  get isFile(): boolean {
    return this.#stream === null
  }

  /** A promise where whoever reads it is behind; null: go on. */
  room(): Promise<void> | null {
    const stream = this.#stream
    if (stream === null || stream.writableNeedDrain !== true) return null
    return new Promise((done) => stream.once('drain', done))
  }

  /** Throws OutputError. */
  write(text: string): void {
    if (this.#stream !== null) {
      this.#stream.write(text)
      return
    }
    try {
      for (let bytes = Buffer.from(text); bytes.length > 0; )
        bytes = bytes.subarray(writeSync(this.#descriptor!, bytes))
    } catch (error) {
      throw problem(this.#name, error)
    }
  }

  /** All of it is on the disk. */
  sync(): void {
    try {
      if (this.#descriptor !== null) fsyncSync(this.#descriptor)
    } catch {
      // a pipe or a device
    }
  }

  /** What was written behind `bytes` is taken back. */
  truncate(bytes: number): void {
    if (this.#descriptor !== null) ftruncateSync(this.#descriptor, bytes)
  }

  /** Throws OutputError. */
  reopen(): void {
    if (this.#stream !== null) return
    this.close()
    this.#open()
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor)
    this.#descriptor = null
  }

  #open(): void {
    try {
      this.#descriptor = openSync(this.#name, 'a')
    } catch (error) {
      throw new OutputError(problem(this.#name, error).message, true)
    }
  }
}
