/**
 * RC4, which Node has no longer: old printers speak it in TLS, and old accounts have Kerberos keys of it (RFC 4757).
 *
 * A stream: `apply` goes on where it stopped. `copy` is for trials, so that one that fails leaves no trace.
 */
export class Rc4 {
  readonly #box: Uint8Array
  #i = 0
  #j = 0

  constructor(key: Uint8Array | Rc4) {
    if (key instanceof Rc4) {
      this.#box = key.#box.slice()
      this.#i = key.#i
      this.#j = key.#j
      return
    }
    const box = new Uint8Array(256)
    for (let i = 0; i < 256; i++) box[i] = i
    for (let i = 0, j = 0; i < 256; i++) {
      j = (j + box[i]! + key[i % key.length]!) & 0xff
      const kept = box[i]!
      box[i] = box[j]!
      box[j] = kept
    }
    this.#box = box
  }

  copy(): Rc4 {
    return new Rc4(this)
  }

  apply(bytes: Uint8Array): Buffer {
    const out = Buffer.allocUnsafe(bytes.length)
    this.#run(bytes.length, (at, key) => (out[at] = bytes[at]! ^ key))
    return out
  }

  /** Steps over key stream that was used for bytes which are lost. */
  skip(count: number): void {
    this.#run(count, () => 0)
  }

  #run(count: number, use: (at: number, key: number) => number): void {
    const box = this.#box
    let i = this.#i
    let j = this.#j
    for (let at = 0; at < count; at++) {
      i = (i + 1) & 0xff
      const x = box[i]!
      j = (j + x) & 0xff
      const y = box[j]!
      box[i] = y
      box[j] = x
      use(at, box[(x + y) & 0xff]!)
    }
    this.#i = i
    this.#j = j
  }
}
