/**
 * What hosts are called, learnt on the way: from what they say of themselves, what others call them, and what name services answer.
 *
 * Every name says where it comes from, in which frame, and when it was seen first and last: an address may change hands, and then the name that
 * was said last before counts. Bounded: so many addresses, so many names each.
 */
import { LIMITS } from './limits.ts'
import { deleteOldest } from './oldest.ts'
import { isIpLiteral } from './target.ts'

/** In order of trust: a host's own words, tickets that it took, name services, what clients typed, name services that anybody may answer. */
export const NAME_SOURCES = [
  'ntlm',
  'kerberos',
  'cldap',
  'dns',
  'smb',
  'http',
  'tls',
  'ldap',
  'nbns',
  'mdns',
  'llmnr',
] as const
export type NameSource = (typeof NAME_SOURCES)[number]

export interface LearntName {
  readonly name: string
  readonly source: NameSource
  /** microseconds since 1970 */
  readonly first: number
  readonly last: number
  /** frame key of the first */
  readonly frame: number
}

/** A name that stands for another one (CNAME, RFC 1035 3.3.1). */
export interface Alias {
  /** what it leads to, at the end of a chain */
  readonly target: string
  readonly time: number
  /** frame key of the latest answer */
  readonly frame: number
}

type Entry = { -readonly [K in keyof LearntName]: LearntName[K] }

export class HostNames {
  /** names that were not kept */
  overflow = 0
  readonly #hosts = new Map<string, Entry[]>()
  /** what name services said, of hosts that may never authenticate: the oldest leave */
  readonly #resolved = new Map<string, Entry[]>()
  /** by lower-case name; the oldest leave */
  readonly #aliases = new Map<string, Alias>()

  learn(ip: string, name: string | null | undefined, source: NameSource, time: number, frame: number): void {
    if (!name || name.length > NAME_LENGTH_MAX || isIpLiteral(name)) return
    const names = NAME_SERVICES.has(source) ? this.#resolvedNames(ip) : this.#spokenNames(ip)
    if (names === null) {
      this.overflow++
      return
    }
    for (const known of names) {
      if (known.source !== source || !isSame(known.name, name)) continue
      known.last = Math.max(known.last, time)
      if (time < known.first) {
        known.first = time
        known.frame = frame
      }
      return
    }
    if (names.length >= LIMITS.namesPerHostMax) {
      this.overflow++
      if (!NAME_SERVICES.has(source)) return
      names.shift()
    }
    names.push({ name, source, first: time, last: time, frame })
  }

  #spokenNames(ip: string): Entry[] | null {
    let names = this.#hosts.get(ip)
    if (names !== undefined) return names
    if (this.#hosts.size >= LIMITS.namedHostsMax) return null
    names = []
    this.#hosts.set(ip, names)
    return names
  }

  #resolvedNames(ip: string): Entry[] {
    const names = this.#resolved.get(ip) ?? []
    this.#resolved.delete(ip)
    if (this.#resolved.size >= LIMITS.resolvedHostsMax) {
      deleteOldest(this.#resolved)
      this.overflow++
    }
    this.#resolved.set(ip, names)
    return names
  }

  #all(ip: string): readonly Entry[] {
    const spoken = this.#hosts.get(ip) ?? NO_NAMES
    const resolved = this.#resolved.get(ip)
    return resolved === undefined ? spoken : [...spoken, ...resolved]
  }

  /** The name of an address at a time: of the best source, and of those the last one before, else the next; null where nothing names it. */
  best(ip: string, time: number): string | null {
    let found: Entry | null = null
    for (const entry of this.#all(ip)) {
      if (found === null || compare(entry, found, time) < 0) found = entry
    }
    return found?.name ?? null
  }

  /** Every name of an address that was seen within a day of a time, lower case. */
  aliases(ip: string, time: number): string[] {
    const names = this.#all(ip)
    return names.filter((entry) => distance(entry, time) <= DAY_MICROS).map(({ name }) => name.toLowerCase())
  }

  /** DNS says that `name` is another name of `target`. */
  learnAlias(name: string, target: string, time: number, frame: number): void {
    if (name.length > NAME_LENGTH_MAX || target.length > NAME_LENGTH_MAX || isSame(name, target)) return
    const key = name.toLowerCase()
    this.#aliases.delete(key)
    if (this.#aliases.size >= LIMITS.resolvedHostsMax) {
      deleteOldest(this.#aliases)
      this.overflow++
    }
    this.#aliases.set(key, { target, time, frame })
  }

  /** What a name is an alias of, as DNS said within a day of `time`; null: it is none, or nobody said so. */
  aliasOf(name: string, time: number): Alias | null {
    const first = this.#aliases.get(name.toLowerCase())
    if (first === undefined || Math.abs(time - first.time) > DAY_MICROS) return null
    let { target } = first
    for (let steps = 0; steps < CHAIN_MAX; steps++) {
      const next = this.#aliases.get(target.toLowerCase())
      if (next === undefined) break
      target = next.target
    }
    return { ...first, target }
  }

  /** All names of an address, the best first. */
  of(ip: string): readonly LearntName[] {
    return this.#all(ip).toSorted((a, b) => rank(a) - rank(b) || a.first - b.first)
  }
}

const NAME_SERVICES: ReadonlySet<NameSource> = new Set(['dns', 'nbns', 'mdns', 'llmnr'])
/** RFC 1035 2.3.4 */
const NAME_LENGTH_MAX = 255
const DAY_MICROS = 86_400e6
/** aliases of aliases; a loop ends here too */
const CHAIN_MAX = 8
const NO_NAMES: readonly Entry[] = []

function isSame(one: string, two: string): boolean {
  return one === two || (one.length === two.length && one.toLowerCase() === two.toLowerCase())
}

function compare(one: Entry, two: Entry, time: number): number {
  const far = Number(distance(one, time) > DAY_MICROS) - Number(distance(two, time) > DAY_MICROS)
  // of one source what was said before counts: an address may have another owner by now
  const later = Number(one.first > time) - Number(two.first > time)
  return far || rank(one) - rank(two) || later || distance(one, time) - distance(two, time) || one.first - two.first
}

const PLACES = Object.fromEntries(NAME_SOURCES.map((source, at) => [source, at])) as Record<NameSource, number>

/** A full name before a short one of the same source. */
function rank({ name, source }: Entry): number {
  return PLACES[source] * 2 + (name.includes('.') ? 0 : 1)
}

function distance({ first, last }: Entry, time: number): number {
  return time < first ? first - time : time > last ? time - last : 0
}
