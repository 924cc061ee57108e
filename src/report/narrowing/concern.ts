/**
 * Is a finding about what a filter asks for? Asked of findings whose evidence is in several exchanges or beside them
 * (an answer to a name, a handshake of TLS): that half of the evidence is of another host makes them no less true.
 *
 * The answer comes of what a report lists alone, so that it is the same of captures and of the report that was saved.
 */
import { type Filter, filterWords, matches, type Subject } from '../../facts/filter.ts'
import { type FrameRef, refIn } from '../../facts/frames.ts'
import type { Finding } from '../../findings/finding.ts'
import { flatKey } from '../../memory/flat-key.ts'
import { LIMITS } from '../../memory/limits.ts'
import type { Report } from '../report.ts'

/** Where those who are asked for spoke, at any time. Bounded: beyond that it may be everywhere. */
export class Places {
  readonly #filter: Filter
  readonly #keys = new Set<string>()
  #isFull = false

  /** `filter`: by all names of a host (`byAllNames`). */
  constructor(filter: Filter) {
    this.#filter = { ...filter, since: null, until: null }
  }

  add(subject: Subject): void {
    if (this.#isFull || !matches(this.#filter, subject)) return
    const { client, server, service } = subject
    if (this.#keys.size >= KEYS_MAX) this.#isFull = true
    for (const of of [service, null]) {
      this.#keys.add(placeKey(null, server.ip, of))
      this.#keys.add(placeKey(client.ip, null, of))
    }
  }

  /** Not all who spoke are known. */
  fill(): void {
    this.#isFull = true
  }

  /** Neither end, or one. */
  has(client: string | null, server: string | null, service: string | null): boolean {
    return this.#isFull || this.#keys.has(placeKey(client, server, service))
  }
}

const KEYS_MAX = 4 * LIMITS.reportPairsMax

export class Concern {
  readonly #filter: Filter
  readonly #places: Places
  readonly #listed: Pick<Report, 'exchanges' | 'kdc'>
  readonly #asksAll: boolean
  #frames: ReadonlySet<string> | null = null

  /** `filter`: by all names of a host (`byAllNames`); `listed`: what it left. */
  constructor(filter: Filter, places: Places, listed: Pick<Report, 'exchanges' | 'kdc'>) {
    this.#filter = filter
    this.#places = places
    this.#listed = listed
    this.#asksAll = filterWords(filter).length === 0
  }

  /** Its own ends are asked for, or somebody who is asked for spoke there, or is part of its evidence. */
  includes({ client, server, service, start, end, capture, frames }: Finding): boolean {
    if (this.#asksAll) return true
    const { since, until } = this.#filter
    if ((since !== null && end < since) || (until !== null && start >= until)) return false
    const isOfIt =
      client === null || server === null
        ? this.#places.has(client, server, service)
        : this.#isMeant(client, server, service, start)
    return isOfIt || frames.some((frame) => this.#hasFrame(capture, frame))
  }

  #isMeant(client: string, server: string, service: Finding['service'], start: number): boolean {
    const ends = { client: { ip: client, name: null }, server: { ip: server, name: null }, start }
    const anyTime = { ...this.#filter, since: null, until: null }
    return service === null
      ? matches({ ...anyTime, service: [] }, { ...ends, service: 'unknown' })
      : matches(anyTime, { ...ends, service })
  }

  #hasFrame(capture: string, frame: FrameRef): boolean {
    this.#frames ??= framesOf(this.#listed)
    return this.#frames.has(frameName(capture, frame))
  }
}

function placeKey(client: string | null, server: string | null, service: string | null): string {
  return flatKey(client ?? '', server ?? '', service ?? '')
}

function framesOf({ exchanges, kdc }: Pick<Report, 'exchanges' | 'kdc'>): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { capture, frames } of [...exchanges, ...kdc])
    for (const frame of frames) names.add(frameName(capture, frame))
  return names
}

/** `capture:number`, also of a frame of its own capture. */
function frameName(capture: string, frame: FrameRef): string {
  return String(refIn('', frame, capture))
}
