/**
 * The messages of a handshake, kept where an extended master secret may be made of a premaster one (RFC 7627 4), and
 * nowhere else. Bounded.
 */

const BYTES_MAX = 1 << 17

export class Transcript {
  /** bytes that are kept */
  length = 0
  #messages: Buffer[] | null = null

  /** A handshake begins. */
  begin(): void {
    this.#messages = []
    this.length = 0
  }

  /** Nobody will ask. */
  forget(): void {
    this.#messages = null
    this.length = 0
  }

  get isKept(): boolean {
    return this.#messages !== null
  }

  add(message: Uint8Array): void {
    if (this.#messages === null) return
    this.length += message.length
    if (this.length > BYTES_MAX) this.forget()
    else this.#messages.push(Buffer.from(message))
  }

  /** All of them, which ends it; null: they were not kept, or were too many. */
  take(): Buffer | null {
    const messages = this.#messages
    this.forget()
    return messages === null ? null : Buffer.concat(messages)
  }
}
