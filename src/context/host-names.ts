/**
 * What hosts are called, learnt on the way: from what they say of themselves, what others call them, and what name
 * services answer.
 *
 * Every name says where it comes from, in which frame, and when it was seen first and last: an address may change
 * hands, and then the name that was said last before counts. Bounded: so many addresses, so many names each.
 */

import { isIpLiteral } from '../facts/target-name.ts'
import { deleteOldest } from '../memory/bounded-map.ts'
import { LIMITS } from '../memory/limits.ts'
import { NameList, NO_NAME } from './name-columns.ts'

/**
 * In order of trust: a host's own words, tickets that it took, name services, what clients typed, name services that
 * anybody may answer.
 */
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
  /** the address of who gave it */
  readonly by: string
}

export class HostNames {
  /** names that were not kept */
  overflow = 0
  readonly #names = new NameList()
  /** the list of a host by its address */
  readonly #hosts = new Map<string, number>()
  /** what name services said, of hosts that may never authenticate: the oldest leave */
  readonly #resolved = new Map<string, number>()
  /** by lower-case name; the oldest leave */
  readonly #aliases = new Map<string, Alias>()

  learn(ip: string, name: string | null | undefined, source: NameSource, time: number, frame: number): void {
    if (!name || name.length > NAME_LENGTH_MAX || isIpLiteral(name)) return
    const names = this.#names
    const isResolved = NAME_SERVICES.has(source)
    const head = (isResolved ? this.#resolvedNames(ip) : this.#hosts.get(ip)) ?? NO_NAME
    let text = name
    let last = NO_NAME
    let count = 0
    for (let at = head; at !== NO_NAME; at = names.next(at)) {
      const known = names.text(at)
      if (sourceOf(names.rank(at)) === source && isSame(known, name)) {
        names.seen(at, time, frame)
        return
      }
      // what several sources say is kept once
      if (known === name) text = known
      last = at
      count++
    }
    const isFull = count >= LIMITS.namesPerHostMax
    if (isFull || (!isResolved && head === NO_NAME && this.#hosts.size >= LIMITS.namedHostsMax)) {
      this.overflow++
      if (!isResolved) return
    }
    if (!this.#makeRoom(text.length, isResolved)) {
      this.overflow++
      return
    }
    const made = names.add(text, rankOf(name, source), time, frame)
    if (head === NO_NAME) (isResolved ? this.#resolved : this.#hosts).set(ip, made)
    else names.append(last, made)
    if (isFull) this.#resolved.set(ip, names.remove(head))
  }

  /**
   * Room for so many characters more: what name services said first leaves.
   */
  #makeRoom(characters: number, isResolved: boolean): boolean {
    const most = LIMITS.nameCharactersMax - characters
    while (this.#names.characters > most && this.#resolved.size > (isResolved ? 1 : 0)) this.#forgetResolved()
    return this.#names.characters <= most
  }

  #forgetResolved(): void {
    for (let at = deleteOldest(this.#resolved) ?? NO_NAME; at !== NO_NAME; ) at = this.#names.remove(at)
    this.overflow++
  }

  /** The list of this address, which is the youngest from now on. */
  #resolvedNames(ip: string): number {
    const head = this.#resolved.get(ip) ?? NO_NAME
    this.#resolved.delete(ip)
    if (this.#resolved.size >= LIMITS.resolvedHostsMax) this.#forgetResolved()
    this.#resolved.set(ip, head)
    return head
  }

  /**
   * The name of an address at a time: of the best source, and of those the last one before, else the next; null where
   * nothing names it.
   */
  best(ip: string, time: number): string | null {
    const spoken = this.#best(this.#hosts.get(ip) ?? NO_NAME, NO_NAME, time)
    const found = this.#best(this.#resolved.get(ip) ?? NO_NAME, spoken, time)
    return found === NO_NAME ? null : this.#names.text(found)
  }

  #best(head: number, before: number, time: number): number {
    let found = before
    for (let at = head; at !== NO_NAME; at = this.#names.next(at)) {
      if (found === NO_NAME || this.#compare(at, found, time) < 0) found = at
    }
    return found
  }

  /** Every name of an address that was seen within a day of a time, lower case. */
  aliases(ip: string, time: number): string[] {
    return this.#all(ip)
      .filter((at) => this.#distance(at, time) <= DAY_MICROS)
      .map((at) => this.#names.text(at).toLowerCase())
  }

  #all(ip: string): number[] {
    const all: number[] = []
    for (const lists of [this.#hosts, this.#resolved])
      for (let at = lists.get(ip) ?? NO_NAME; at !== NO_NAME; at = this.#names.next(at)) all.push(at)
    return all
  }

  #compare(one: number, two: number, time: number): number {
    const names = this.#names
    const far = Number(this.#distance(one, time) > DAY_MICROS) - Number(this.#distance(two, time) > DAY_MICROS)
    const rank = names.rank(one) - names.rank(two)
    if (far !== 0 || rank !== 0) return far || rank
    // of one source what was said before counts: an address may have another owner by now
    const later = Number(names.first(one) > time) - Number(names.first(two) > time)
    return later || this.#distance(one, time) - this.#distance(two, time) || names.first(one) - names.first(two)
  }

  #distance(at: number, time: number): number {
    const first = this.#names.first(at)
    const last = this.#names.last(at)
    return time < first ? first - time : time > last ? time - last : 0
  }

  /** DNS says that `name` is another name of `target`. */
  learnAlias(name: string, target: string, time: number, frame: number, by: string): void {
    if (name.length > NAME_LENGTH_MAX || target.length > NAME_LENGTH_MAX || isSame(name, target)) return
    const key = name.toLowerCase()
    this.#aliases.delete(key)
    if (this.#aliases.size >= LIMITS.resolvedHostsMax) {
      deleteOldest(this.#aliases)
      this.overflow++
    }
    this.#aliases.set(key, { target, time, frame, by })
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
    const names = this.#names
    return this.#bestFirst(ip).map((at) => ({
      name: names.text(at),
      source: sourceOf(names.rank(at)),
      first: names.first(at),
      last: names.last(at),
      frame: names.frame(at),
    }))
  }

  /** The names alone, in the same order. */
  texts(ip: string): string[] {
    return this.#bestFirst(ip).map((at) => this.#names.text(at))
  }

  #bestFirst(ip: string): number[] {
    const names = this.#names
    const all = this.#all(ip)
    return all.length < 2 ? all : all.sort((a, b) => names.rank(a) - names.rank(b) || names.first(a) - names.first(b))
  }
}

const NAME_SERVICES: ReadonlySet<NameSource> = new Set(['dns', 'nbns', 'mdns', 'llmnr'])
/** RFC 1035 2.3.4 */
const NAME_LENGTH_MAX = 255
const DAY_MICROS = 86_400e6
/** aliases of aliases; a loop ends here too */
const CHAIN_MAX = 8

function isSame(one: string, two: string): boolean {
  return one === two || (one.length === two.length && one.toLowerCase() === two.toLowerCase())
}

const PLACES = Object.fromEntries(NAME_SOURCES.map((source, at) => [source, at])) as Record<NameSource, number>

/** A full name before a short one of the same source. */
function rankOf(name: string, source: NameSource): number {
  return PLACES[source] * 2 + (name.includes('.') ? 0 : 1)
}

function sourceOf(rank: number): NameSource {
  return NAME_SOURCES[rank >> 1]!
}
