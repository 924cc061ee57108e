/**
 * What was read in a stretch of a run: the counts now without those of before. Of what is listed once and for all
 * (VLANs, tunnels) all that was seen so far is told.
 */
import type { ReadingFacts } from '../reading/pdu-source.ts'

type Pairs = readonly (readonly [number, number])[]

/** `now.captures` are those of the stretch alone. */
export function stretchOf(before: ReadingFacts, now: ReadingFacts): ReadingFacts {
  const starts = now.captures.map(({ start }) => start).filter((time) => time !== null)
  const ends = now.captures.map(({ end }) => end).filter((time) => time !== null)
  return {
    ...now,
    packets: now.packets - before.packets,
    bytes: now.bytes - before.bytes,
    start: starts.length === 0 ? null : Math.min(...starts),
    end: ends.length === 0 ? null : Math.max(...ends),
    tcp: now.tcp - before.tcp,
    udp: now.udp - before.udp,
    cutPackets: now.cutPackets - before.cutPackets,
    drops: lessEach(now.drops, before.drops),
    protocols: lessPairs(now.protocols, before.protocols),
    linkTypes: lessPairs(now.linkTypes, before.linkTypes),
    wrapped: lessPairs(now.wrapped, before.wrapped),
    stream: lessEach(now.stream, before.stream),
    markedPackets: now.markedPackets - before.markedPackets,
    foreignConnections: now.foreignConnections - before.foreignConnections,
  }
}

/** A fragment that waited then and was joined since is less by one where it waited: no count is below zero. */
export function lessEach<T extends object>(now: T, before: T): T {
  const left = Object.entries(now).map(([name, value]) => {
    const earlier = (before as Record<string, unknown>)[name]
    return [name, typeof value === 'number' ? Math.max(0, value - Number(earlier ?? 0)) : value]
  })
  return Object.fromEntries(left) as T
}

function lessPairs(now: Pairs, before: Pairs): Pairs {
  const earlier = new Map(before)
  return now.map(([key, count]) => [key, count - (earlier.get(key) ?? 0)] as const).filter(([, count]) => count > 0)
}
