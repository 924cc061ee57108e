/**
 * Of which hosts and times there are logs: without this "no event" says nothing. Also the addresses of a host, as its
 * own events show them, and how far its clock is from that of the capture.
 */
import type { EventFact } from './fact.ts'

/** What one host wrote into one channel. */
export interface ChannelSpan {
  readonly channel: string
  /** microseconds since 1970, as the host's clock has them */
  first: number
  last: number
  events: number
  /** by event id */
  readonly ids: Map<number, number>
  /** times with an event of interest every ten minutes: between them the log may have been off, or not given */
  readonly stretches: { from: number; to: number }[]
  /** the longest time without an event of interest */
  silence: { readonly from: number; readonly to: number } | null
}

export class HostLog {
  /** as the events write it */
  readonly name: string
  readonly key: string
  readonly channels = new Map<string, ChannelSpan>()
  readonly #addresses = new Map<string, number>()
  readonly #secondHand = new Map<string, number>()
  readonly #names: Set<string> = new Set()
  readonly #room: { stretches: number }
  #settled: ReadonlySet<string> = new Set()
  /**
   * capture's clock to host's clock: what is added to the time of an exchange gives that of its event; null: nothing
   * tells
   */
  skew: number | null = null
  /** its events are in local time, and nothing tells the zone */
  isZoneUnknown = false
  /** events that Windows says it lost, and times that the log was cleared */
  lost = 0
  cleared = 0

  /** `room` is shared by all hosts */
  constructor(name: string, key: string, room: { stretches: number }) {
    this.#room = room
    this.name = name
    this.key = key
  }

  note(fact: EventFact): void {
    const { channel, time, id } = fact
    const known = this.channels.get(channel)
    if (known === undefined) {
      if (this.channels.size >= CHANNELS_MAX) return
      this.channels.set(channel, {
        channel,
        first: time,
        last: time,
        events: 1,
        ids: new Map([[id, 1]]),
        silence: null,
        stretches: [],
      })
      this.#stretch(time, this.channels.get(channel)!)
    } else {
      // logs may come newest first
      if (time > known.last) known.silence = longer(known.silence, known.last, time)
      if (time < known.first) known.silence = longer(known.silence, time, known.first)
      known.first = Math.min(known.first, time)
      known.last = Math.max(known.last, time)
      this.#stretch(time, known)
      known.events++
      known.ids.set(id, (known.ids.get(id) ?? 0) + 1)
    }
    if (fact.log === 'security' && id === 1101) this.lost++
    if (fact.log === 'security' && id === 1102) this.cleared++
    if (fact.clock === 'local') this.isZoneUnknown = true
    // what a host opens comes from its own address; Sysmon is known to turn the two round
    if (fact.kind !== 'connection' || fact.isOutbound !== true || fact.from === null || isUnshown(fact.from.ip)) return
    const counts = fact.log === 'sysmon' ? this.#secondHand : this.#addresses
    const seen = counts.get(fact.from.ip)
    if (seen !== undefined || counts.size < ADDRESSES_MAX) counts.set(fact.from.ip, (seen ?? 0) + 1)
  }

  /**
   * Of so many hosts, channels and stretches those that came first: where there is no room the log covers nothing more.
   */
  #stretch(time: number, { stretches }: ChannelSpan): void {
    const near = stretches.find(({ from, to }) => time >= from - SILENCE_MICROS && time <= to + SILENCE_MICROS)
    if (near !== undefined) {
      near.from = Math.min(near.from, time)
      near.to = Math.max(near.to, time)
    } else if (stretches.length < STRETCHES_MAX && this.#room.stretches > 0) {
      stretches.push({ from: time, to: time })
      this.#room.stretches--
    }
  }

  /** The network names this address as this host's, or this host by its name. */
  learn(ip: string): void {
    if (this.#names.size < ADDRESSES_MAX) this.#names.add(ip)
  }

  /** What its own events show, with how often. */
  get shown(): ReadonlyMap<string, number> {
    return this.#addresses.size > 0 ? this.#addresses : this.#secondHand
  }

  /** Keeps what no other host shows as often: an address has one owner. */
  settle(owners: ReadonlyMap<string, HostLog | null>): void {
    const own = [...this.shown].filter(([ip]) => owners.get(ip) === this).sort((one, two) => two[1] - one[1])
    this.#settled = new Set([...this.#names, ...own.map(([ip]) => ip)])
  }

  get addresses(): readonly string[] {
    return [...this.#settled]
  }

  has(ip: string): boolean {
    return this.#settled.has(ip)
  }

  get knowsAddress(): boolean {
    return this.#settled.size > 0
  }

  /** A channel of it (one of these logs' names) covers this time of the capture. */
  covers(time: number, isOf: (channel: string) => boolean): boolean {
    const at = time + (this.skew ?? 0)
    for (const span of this.channels.values())
      if (isOf(span.channel) && span.stretches.some(({ from, to }) => at >= from && at <= to)) return true
    return false
  }

  /** How often an id was seen in channels of this kind. */
  count(id: number): number {
    let count = 0
    for (const { ids } of this.channels.values()) count += ids.get(id) ?? 0
    return count
  }
}

/** Of every address the host that shows it most; null: two do alike. */
export function ownersOf(hosts: readonly HostLog[]): ReadonlyMap<string, HostLog | null> {
  const most = new Map<string, number>()
  const owners = new Map<string, HostLog | null>()
  for (const host of hosts) {
    for (const [ip, count] of host.shown) {
      const before = most.get(ip) ?? 0
      if (count > before) owners.set(ip, host)
      else if (count === before) owners.set(ip, null)
      most.set(ip, Math.max(before, count))
    }
  }
  return owners
}

function longer(silence: ChannelSpan['silence'], from: number, to: number): ChannelSpan['silence'] {
  return to - from < SILENCE_MICROS || (silence !== null && silence.to - silence.from >= to - from)
    ? silence
    : { from, to }
}

/** Loopback, link-local, multicast and broadcast: no capture between hosts shows them as the address of one. */
export function isUnshown(ip: string): boolean {
  return /^(127\.|169\.254\.|0\.0\.0\.0$|22[4-9]\.|23\d\.|255\.|fe[89ab]|ff|::1?$)|\.255$/.test(ip)
}

const CHANNELS_MAX = 32
const ADDRESSES_MAX = 64
const STRETCHES_MAX = 64
const SILENCE_MICROS = 600e6

/**
 * The distance of clocks that most of these pairs of times show, in microseconds; null: too few, or they do not agree.
 */
export function skewOf(distances: readonly number[]): number | null {
  if (distances.length === 0) return null
  const sorted = [...distances].sort((a, b) => a - b)
  // the densest stretch of ten seconds
  let [bestFrom, bestCount] = [0, 0]
  for (let from = 0, to = 0; from < sorted.length; from++) {
    while (to < sorted.length && sorted[to]! - sorted[from]! <= CLUSTER_MICROS) to++
    const count = to - from
    const isNearer = count === bestCount && Math.abs(sorted[from]!) < Math.abs(sorted[bestFrom]!)
    if (count > bestCount || isNearer) [bestFrom, bestCount] = [from, count]
  }
  const median = sorted[bestFrom + (bestCount >> 1)]!
  const isNear = Math.abs(median) <= NEAR_MICROS
  // far away, a few equal distances may be chance: a port that is used again
  if (!isNear && (bestCount < 3 || bestCount * 2 < sorted.length)) return null
  return median
}

const CLUSTER_MICROS = 10e6
const NEAR_MICROS = 60e6
