/**
 * Captures on the page: their base names, since the page is sent to others and folders of the sender's machine are
 * nobody's business. Two that would be called the same get a number. Also proofs: frames as a person reads them, and as
 * a display filter of Wireshark.
 */
import type { FrameRef } from '../../facts/frames.ts'
import type { Report } from '../../report/report.ts'
import { say } from '../../texts/say.ts'
import { visible } from '../page/visible.ts'

const FRAMES_SHOWN = 8

/** Frames that prove something. */
export interface FrameProof {
  readonly text: string
  /** of the frames in the first of the captures */
  readonly filter: string
}

export class CaptureNames {
  readonly #short = new Map<string, string>()

  constructor({ captures, unread }: Pick<Report, 'captures' | 'unread'>) {
    const used = new Map<string, number>()
    for (const { name } of [...captures, ...unread.inputs]) {
      if (this.#short.has(name)) continue
      const base = baseOf(name)
      const times = (used.get(base) ?? 0) + 1
      used.set(base, times)
      this.#short.set(name, times === 1 ? base : `${base} (${times})`)
    }
  }

  of(name: string): string {
    return this.#short.get(name) ?? baseOf(name)
  }

  /** A sentence that may name inputs. */
  inText(text: string): string {
    let short = text
    // the longest first: one may begin another
    for (const name of [...this.#short.keys()].sort((a, b) => b.length - a.length))
      if (name.length > 1) short = short.replaceAll(name, () => this.of(name))
    return visible(short)
  }

  proof({ capture, frames }: { readonly capture: string; readonly frames: readonly FrameRef[] }): FrameProof {
    const perCapture = new Map<string, string[]>()
    for (const frame of frames.slice(0, FRAMES_SHOWN)) {
      const text = String(frame)
      const colon = text.lastIndexOf(':')
      const name = this.of(colon < 0 ? capture : text.slice(0, colon))
      const numbers = perCapture.get(name) ?? []
      numbers.push(text.slice(colon + 1))
      perCapture.set(name, numbers)
    }
    const rest = frames.length - FRAMES_SHOWN
    const parts = [...perCapture].map(
      ([name, numbers]) =>
        `${name}: ${numbers.length === 1 ? say`frame ${numbers.join(', ')}` : say`frames ${numbers.join(', ')}`}`,
    )
    const [first = []] = perCapture.values()
    return {
      text: parts.join('; ') + (rest > 0 ? say` and ${rest} more` : ''),
      filter: first.length === 0 ? '' : `frame.number in {${first.join(', ')}}`,
    }
  }
}

function baseOf(name: string): string {
  if (name === '-') return say`standard input`
  return visible(name.split(/[/\\]/).at(-1) || name)
}
