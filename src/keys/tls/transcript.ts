/**
 * The messages of a handshake, kept where an extended master secret may be made of a premaster one (RFC 7627 4), and
 * nowhere else. Bounded.
 */
import { JoinedBytes } from '../../memory/joined-bytes.ts'

const BYTES_MAX = 1 << 17

export class Transcript {
  readonly #messages = new JoinedBytes()
  isKept = false

  /** Bytes of memory that it holds. */
  get room(): number {
    return this.#messages.room
  }

  /** A handshake begins. */
  begin(): void {
    this.#messages.clear()
    this.isKept = true
  }

  /** Nobody will ask. */
  forget(): void {
    this.#messages.clear()
    this.isKept = false
  }

  add(message: Uint8Array): void {
    if (!this.isKept) return
    if (this.#messages.length + message.length > BYTES_MAX) this.forget()
    else this.#messages.add(message)
  }

  /** All of them, which ends it; null: they were not kept, or were too many. */
  take(): Buffer | null {
    const { isKept } = this
    const messages = this.#messages.take()
    this.isKept = false
    return isKept ? messages : null
  }
}
