/**
 * Looks for secrets in what is to be written: as bytes, and in base64 whatever stands before them.
 */
import { type Image, imagesOf, type SliceFrame } from './images.ts'

/** Frames that still hold one, or a part of one that others go on with. */
export function framesWithSecrets(frames: readonly SliceFrame[], secrets: readonly Uint8Array[]): Set<SliceFrame> {
  const needles = new Needles(secrets)
  const found = new Set<SliceFrame>()
  if (needles.isEmpty) return found
  for (const frame of frames) if (needles.isIn(frame.out)) found.add(frame)
  const written = frames.map((frame) => ({ ...frame, bytes: frame.out, out: frame.out }))
  const { all } = imagesOf(written)
  const originals = new Map(written.map((frame, index) => [frame as SliceFrame, frames[index]!]))
  for (const image of all) for (const frame of inImage(image, needles)) found.add(originals.get(frame) ?? frame)
  return found
}

function inImage(image: Image, needles: Needles): SliceFrame[] {
  return needles.all(image.bytes).flatMap(({ at, length }) => image.framesAt(at, at + length))
}

/** Many needles at once: their first four bytes are looked up at every place. */
class Needles {
  readonly #byHead = new Map<number, Buffer[]>()

  constructor(secrets: readonly Uint8Array[]) {
    for (const secret of secrets) {
      this.#add(Buffer.from(secret))
      for (let shift = 0; shift < 3; shift++) {
        // digits that no byte before or behind it has a part in
        const whole = secret.subarray(shift, shift + 3 * Math.floor((secret.length - shift) / 3))
        if (whole.length >= 6) this.#add(Buffer.from(Buffer.from(whole).toString('base64'), 'latin1'))
      }
    }
  }

  get isEmpty(): boolean {
    return this.#byHead.size === 0
  }

  isIn(bytes: Uint8Array): boolean {
    return this.all(bytes, 1).length > 0
  }

  all(bytes: Uint8Array, most = Number.POSITIVE_INFINITY): { at: number; length: number }[] {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const found: { at: number; length: number }[] = []
    let head = 0
    for (let end = 0; end < buffer.length && found.length < most; end++) {
      head = ((head << 8) | buffer[end]!) >>> 0
      const needles = end >= 3 ? this.#byHead.get(head) : undefined
      if (needles === undefined) continue
      const at = end - 3
      for (const needle of needles)
        if (buffer.subarray(at, at + needle.length).equals(needle)) found.push({ at, length: needle.length })
    }
    return found
  }

  #add(needle: Buffer): void {
    const head = needle.readUInt32BE(0)
    const others = this.#byHead.get(head)
    if (others === undefined) this.#byHead.set(head, [needle])
    else others.push(needle)
  }
}
