/**
 * What a watch is: a detector whose evidence is in several exchanges. Bounded memory; asked once, when everything was
 * read, so that the order in which exchanges close does not matter.
 */
import type { Service } from '../../../decoders/carrier.ts'
import type { AuthExchange, ContextNote, KdcExchange, TlsConversation } from '../../facts/exchange.ts'
import type { FrameRef } from '../../facts/frames.ts'
import type { Marks } from '../../facts/marks.ts'
import { deleteOldest } from '../../memory/bounded-map.ts'
import type { NoteBounds } from '../../memory/bounded-notes.ts'
import { LIMITS } from '../../memory/limits.ts'
import type { Hit, Rule } from '../rule.ts'

/** A rule that fired on several exchanges. Times are microseconds since 1970. */
export interface Sighting {
  readonly rule: Rule
  readonly hit: Hit
  readonly client: string | null
  readonly server: string
  readonly service: Service
  readonly count: number
  readonly start: number
  readonly end: number
  readonly evidence: readonly Proof[]
}

/** Frames in their capture. */
export interface Proof {
  readonly capture: string
  readonly frames: readonly FrameRef[]
}

export interface Watch {
  exchange?(exchange: AuthExchange, marks: Marks): void
  kdc?(kdc: KdcExchange): void
  context?(note: ContextNote): void
  channel?(conversation: TlsConversation): void
  sightings(): readonly Sighting[]
}

/** What a watch remembers of hosts, or of accounts. */
export const WATCHED: NoteBounds = { hosts: LIMITS.watchedClientsMax, notes: LIMITS.watchedNotesMax }

/** A map of at most `most` entries: the one that was made first leaves first. */
export function remember<K, V>(map: Map<K, V>, key: K, make: () => V, most: number): V {
  const known = map.get(key)
  if (known !== undefined) return known
  if (map.size >= most) deleteOldest(map)
  const made = make()
  map.set(key, made)
  return made
}

/** Those of the window that holds most; `sorted` by time. */
export function busiestWindow<T extends { readonly time: number }>(sorted: readonly T[], micros: number): readonly T[] {
  let best: readonly T[] = []
  let from = 0
  sorted.forEach(({ time }, at) => {
    while (time - sorted[from]!.time > micros) from++
    if (at - from + 1 > best.length) best = sorted.slice(from, at + 1)
  })
  return best
}
