/**
 * A slice of captures without its secrets, as a file in memory. It proves itself: secrets are taken out until decoders
 * find none, and what is to be written is searched for each of them.
 */
import type { SecretNotes } from '../dissect/secret-notes.ts'
import { rightChecksums } from './checksums.ts'
import type { SourceFrame } from './frames.ts'
import { imagesOf, type SliceFrame } from './images.ts'
import { noteComments } from './notes.ts'
import { pcapngOf } from './pcapng.ts'
import { framesWithSecrets } from './proof.ts'
import { removeSecrets } from './secrets.ts'

/** A secret that cannot be taken out: nothing may be written. */
export class SliceError extends Error {}

export interface Slice {
  readonly file: Buffer
  /** what is in it */
  readonly frames: readonly SourceFrame[]
  /** frames with zeros in the place of secrets; with zeros in the place of all that they carry */
  readonly masked: number
  readonly emptied: number
}

export interface SliceText {
  /** for people: what this is */
  readonly comment: (frames: number, masked: number, emptied: number) => string
  readonly application: string
  /** names of captures, by their number */
  readonly captures: readonly string[]
  /** why a frame is in it, beside where it comes from */
  readonly why: (frame: SourceFrame) => readonly string[]
}

/** Throws a `SliceError`. `before`: what the captures say of secrets that were taken out of them. */
export function sliceOf(chosen: readonly SourceFrame[], text: SliceText, before: SecretNotes | null): Slice {
  const whole = sliceFrames(chosen, text)
  const { unread } = removeSecrets(whole, before)
  // nobody can say what is secret in what no decoder reads: it is left out, or says nothing where it was asked for
  const frames = sliceFrames(
    whole.filter((frame) => !unread.has(frame) || frame.why.length > 1),
    text,
  )
  const first = removeSecrets(frames, before)
  const masked = new Set(first.masked)
  const emptied = new Set([...first.emptied, ...first.unread])
  empty(frames, first.unread)
  // what stood behind the first secret of a message may be another one
  for (let turns = 0; ; turns++) {
    const again = frames.map((frame) => ({ ...frame, bytes: frame.out, out: new Uint8Array(frame.out) }))
    const more = removeSecrets(again, null)
    if (more.masked.size === 0) break
    if (turns === TURNS_MAX) throw new SliceError('a decoder still finds secrets in what would be written')
    for (const [index, frame] of again.entries()) {
      if (more.masked.has(frame)) masked.add(frames[index]!)
      if (more.emptied.has(frame)) emptied.add(frames[index]!)
      frames[index]!.out.set(frame.out)
    }
  }
  for (let turns = 0; ; turns++) {
    const left = framesWithSecrets(frames, first.secrets)
    if (left.size === 0) break
    if (turns === TURNS_MAX) throw new SliceError('a secret stands in what would be written, and cannot be located')
    empty(frames, left)
    for (const frame of left) emptied.add(frame)
  }
  rightChecksums(frames)
  for (const frame of frames) {
    if (emptied.has(frame)) frame.why.push('what it carries is zeros: nobody can say where in it a secret stands')
    else if (masked.has(frame)) frame.why.push('secrets in it are zeros')
  }
  const comments = [text.comment(frames.length, masked.size, emptied.size), ...noteComments(first.notes)]
  const { application, captures } = text
  return {
    file: pcapngOf(frames, { comments, application, captures }),
    frames,
    masked: masked.size,
    emptied: emptied.size,
  }
}

function sliceFrames(chosen: readonly SourceFrame[], text: SliceText): SliceFrame[] {
  return chosen.map((frame) => ({
    ...frame,
    out: new Uint8Array(frame.bytes),
    why: [`frame ${frame.frame} of ${text.captures[frame.capture] ?? ''}`, ...text.why(frame)],
  }))
}

const TURNS_MAX = 4

/** Zeros in all that these frames carry. */
function empty(frames: readonly SliceFrame[], which: ReadonlySet<SliceFrame>): void {
  const { said } = imagesOf(frames)
  for (const frame of which) {
    const place = said.get(frame)
    if (place?.image != null) place.image.zero(place.position, place.position + place.length)
    // fragments show what they carry in the datagram; one that cannot be read at all keeps its head
    else frame.out.fill(0, Math.min(frame.out.length, HEAD_BYTES))
  }
}

const HEAD_BYTES = 64
