/**
 * What stood where a slice has zeros, as far as it proves something and helps nobody to guess: written into comments of
 * the section of a slice, and read back from there.
 *
 * Of an AUTHENTICATE_MESSAGE its version, whether an LM response and a MIC were there, and which messages had the same
 * response; of tickets, which are the same; of NTLM without NTLMSSP, its kind. Responses and tickets are told apart by
 * numbers in the order in which they come, never by a digest: that of an NTLMv1 response is as good as the response.
 */
import type { LegStep } from '../../decoders/carrier.ts'
import type { DecodedToken } from '../../decoders/token.ts'
import type { SecretNotes } from '../dissect/secret-notes.ts'
import { frameKey, splitFrameKey } from '../facts/frames.ts'

/** One message, in the order in which dissection meets them in a frame. */
export type Note =
  | {
      readonly ntlm: string
      readonly lm: boolean
      readonly mic: boolean
      /** 0: there is none */
      readonly response: number
    }
  /** 0: too little of it is there to know it again */
  | { readonly ticket: number }
  | { readonly plain: NonNullable<LegStep['plainNtlm']>; readonly method: string | null }

/** What is said of one frame. */
export interface FrameNotes {
  /**
   * microseconds since 1970: a frame with another time is another frame, since somebody has taken frames out or joined
   * files
   */
  readonly time: number
  readonly notes: readonly Note[]
}

/** By the number of the frame in the slice. */
export type NotesByFrame = Map<number, { readonly time: number; readonly notes: Note[] }>

/** Writes notes while frames are dissected that have their secrets still; `before` is what those frames say already. */
export class NoteTaker implements SecretNotes {
  readonly notes: NotesByFrame = new Map()
  readonly #before: SecretNotes | null
  readonly #source: (frame: number) => number
  readonly #onToken: (bytes: Uint8Array) => void
  readonly #responses = new Map<string, number>()
  readonly #tickets = new Map<number, number>()

  /** `source`: the frame key that a frame of the slice had where it comes from. */
  constructor(onToken: (bytes: Uint8Array) => void, before: SecretNotes | null, source: (frame: number) => number) {
    this.#onToken = onToken
    this.#before = before
    this.#source = source
  }

  token(bytes: Uint8Array): void {
    this.#onToken(bytes)
  }

  decoded(frame: number, time: number, given: DecodedToken): DecodedToken {
    const decoded = this.#before?.decoded(this.#source(frame), time, given) ?? given
    const { message } = decoded
    if (message.protocol === 'ntlmssp' && message.type === 'AUTHENTICATE_MESSAGE') {
      const { ntlmVersion: ntlm, lmResponsePresent: lm, mic, ntResponse } = message
      const response =
        ntResponse.length === 0 ? 0 : numberOf(this.#responses, Buffer.from(ntResponse).toString('latin1'))
      this.#add(frame, time, { ntlm, lm, mic, response })
    } else if (message.protocol === 'kerberos' && message.ticketEtype !== null)
      this.#add(frame, time, { ticket: message.ticketMark === null ? 0 : numberOf(this.#tickets, message.ticketMark) })
    return decoded
  }

  plain(frame: number, time: number, given: LegStep): LegStep {
    const leg = this.#before?.plain(this.#source(frame), time, given) ?? given
    this.#add(frame, time, { plain: leg.plainNtlm!, method: leg.method })
    return leg
  }

  has(): boolean {
    return false
  }

  #add(frame: number, time: number, note: Note): void {
    const number = splitFrameKey(frame).frame
    const notes = this.notes.get(number)
    if (notes === undefined) this.notes.set(number, { time: Math.floor(time), notes: [note] })
    else notes.notes.push(note)
  }
}

function numberOf<Key>(numbers: Map<Key, number>, key: Key): number {
  const number = numbers.get(key) ?? numbers.size + 1
  numbers.set(key, number)
  return number
}

/** Says again what was noted, by frame key. */
export class NoteReader implements SecretNotes {
  readonly #notes: ReadonlyMap<number, FrameNotes>
  #frame = -1
  readonly #next = { ntlm: 0, ticket: 0, plain: 0 }

  constructor(notes: ReadonlyMap<number, FrameNotes>) {
    this.#notes = notes
  }

  token(): void {}

  decoded(frame: number, time: number, decoded: DecodedToken): DecodedToken {
    const { message } = decoded
    if (message.protocol === 'ntlmssp' && message.type === 'AUTHENTICATE_MESSAGE') {
      const note = this.#take(frame, time, 'ntlm')
      if (note === null || !('ntlm' in note)) return decoded
      const ntlmVersion = VERSIONS.find((version) => version === note.ntlm) ?? message.ntlmVersion
      const ntResponse = note.response === 0 ? message.ntResponse : standIn(note.response)
      return { ...decoded, message: { ...message, ntlmVersion, lmResponsePresent: note.lm, mic: note.mic, ntResponse } }
    }
    if (message.protocol !== 'kerberos' || message.ticketEtype === null) return decoded
    const note = this.#take(frame, time, 'ticket')
    return note === null || !('ticket' in note) || note.ticket === 0
      ? decoded
      : { ...decoded, message: { ...message, ticketMark: note.ticket } }
  }

  plain(frame: number, time: number, leg: LegStep): LegStep {
    const note = this.#take(frame, time, 'plain')
    return note === null || !('plain' in note) ? leg : { ...leg, plainNtlm: note.plain, method: note.method }
  }

  has(frame: number): boolean {
    return this.#notes.has(frame)
  }

  #take(frame: number, time: number, kind: 'ntlm' | 'ticket' | 'plain'): Note | null {
    if (frame !== this.#frame) {
      this.#frame = frame
      this.#next.ntlm = 0
      this.#next.ticket = 0
      this.#next.plain = 0
    }
    const noted = this.#notes.get(frame)
    if (noted === undefined || Math.abs(noted.time - time) > TIME_MICROS) return null
    return noted.notes.filter((note) => kind in note)[this.#next[kind]++] ?? null
  }
}

/** tools that write a slice anew may round its times */
const TIME_MICROS = 1

const VERSIONS = ['anonymous', 'LM', 'NTLMv1', 'NTLMv1-ESS', 'NTLMv2'] as const

/** Bytes in the place of a response, the same for the same number. */
function standIn(response: number): Uint8Array {
  return Buffer.from(`response ${response}`.padEnd(24), 'latin1')
}

// --- as comments
// ----------------------------------------------------------------------------------------------------

/** What begins a comment of the section that a program reads. */
const HEAD = 'ntlmscope slice notes '
/** an option holds 65,535 */
const COMMENT_CHARACTERS_MAX = 30_000

export function noteComments(notes: NotesByFrame): string[] {
  const comments: string[] = []
  let entries: string[] = []
  let length = 0
  const close = () => {
    if (entries.length > 0) comments.push(`${HEAD}{${entries.join(',')}}`)
    entries = []
    length = 0
  }
  for (const [frame, noted] of notes) {
    const entry = `"${frame}":${JSON.stringify(noted)}`
    if (length + entry.length > COMMENT_CHARACTERS_MAX) close()
    entries.push(entry)
    length += entry.length + 1
  }
  close()
  return comments
}

/** Adds what the comments of capture `capture` say; what is no note says nothing. */
export function readComments(comments: readonly string[], capture: number, into: Map<number, FrameNotes>): void {
  for (const comment of comments) {
    if (!comment.startsWith(HEAD)) continue
    let value: unknown
    try {
      value = JSON.parse(comment.slice(HEAD.length))
    } catch {
      continue
    }
    if (typeof value !== 'object' || value === null) continue
    for (const [frame, noted] of Object.entries(value)) {
      const { time, notes } = (noted ?? {}) as Readonly<Record<string, unknown>>
      if (/^[1-9]\d{0,9}$/.test(frame) && typeof time === 'number' && Array.isArray(notes))
        into.set(frameKey(capture, Number(frame)), { time, notes: notes.filter(isNote) })
    }
  }
}

const PLAIN: ReadonlySet<unknown> = new Set(['LM', 'NTLMv1', 'NTLMv2', 'anonymous', 'plaintext'])

function isNote(value: unknown): value is Note {
  if (typeof value !== 'object' || value === null) return false
  const note = value as Readonly<Record<string, unknown>>
  if ('ntlm' in note) {
    return (
      typeof note.ntlm === 'string' &&
      typeof note.lm === 'boolean' &&
      typeof note.mic === 'boolean' &&
      Number.isSafeInteger(note.response)
    )
  }
  if ('ticket' in note) return Number.isSafeInteger(note.ticket)
  return 'plain' in note && PLAIN.has(note.plain) && (note.method === null || typeof note.method === 'string')
}
