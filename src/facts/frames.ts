/**
 * How frames are named: within a run a number that holds capture and frame, in a report the frame's number in its
 * capture.
 */

/** A frame number of the exchange's own capture, or `capture:number` for a frame of another capture of the run. */
export type FrameRef = number | string

/** A frame of the run: capture index and frame number in one safe integer, so that a frame costs no object. */
export function frameKey(capture: number, frame: number): number {
  return capture * FRAMES_PER_CAPTURE + frame
}

export function splitFrameKey(key: number): { capture: number; frame: number } {
  return { capture: Math.floor(key / FRAMES_PER_CAPTURE), frame: key % FRAMES_PER_CAPTURE }
}

/** Gives frame keys their written form. */
export class FrameNames {
  readonly #captures: readonly { readonly name: string }[]

  constructor(captures: readonly { readonly name: string }[]) {
    this.#captures = captures
  }

  capture(key: number): string {
    return this.#captures[Math.floor(key / FRAMES_PER_CAPTURE)]?.name ?? ''
  }

  refs(keys: readonly number[], capture: string): FrameRef[] {
    return keys.map((key) => {
      const name = this.capture(key)
      const frame = key % FRAMES_PER_CAPTURE
      return name === capture ? frame : `${name}:${frame}`
    })
  }
}

/** A frame of `capture` as it is named beside those of `own`: with its capture, where that is another one. */
export function refIn(own: string, frame: FrameRef, capture: string): FrameRef {
  return capture === own || typeof frame === 'string' ? frame : `${capture}:${frame}`
}

const FRAMES_PER_CAPTURE = 2 ** 36
