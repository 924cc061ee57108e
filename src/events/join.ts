/**
 * Joins events to authentications: by address and port where the event has them, then by account, workstation and time.
 * The clock of each host is compared first. What fits several authentications alike is counted as ambiguous and joined
 * to none.
 *
 * Events come one by one and are kept only where they may matter: those that name the client's port of an
 * authentication, and the others around the time of the captures. Nothing of an exchange is changed here.
 */
import type { AuthExchange, KdcExchange } from '../facts/exchange.ts'
import { targetHost } from '../facts/target-name.ts'
import { LIMITS } from '../memory/limits.ts'
import type { WindowsEvent } from './event.ts'
import { accountText, computerKey, type EventFact, type EventSide, factOf } from './fact.ts'
import { HostLog, isUnshown, ownersOf, skewOf } from './logs.ts'
import { type JoinConfidence, type JoinKind, type JoinSubject, NEAR_MICROS, Subjects, userKey } from './subject.ts'

/** What the captures showed. */
export interface JoinInput {
  readonly exchanges: readonly AuthExchange[]
  readonly kdc: readonly KdcExchange[]
  /** of the packets, microseconds since 1970; null: there were none */
  readonly start: number | null
  readonly end: number | null
  /** names of addresses, as far as the wire gives them */
  readonly hosts: readonly { readonly ip: string; readonly names: readonly string[] }[]
}

/** What came of an event. */
export type JoinOutcome = 'joined' | 'ambiguous' | 'alone'

export interface JoinResult {
  readonly subjects: readonly JoinSubject[]
  readonly hosts: readonly HostLog[]
  /** events within the time of the captures that were joined to nothing, with what they say */
  readonly alone: readonly EventFact[]
  readonly joined: number
  readonly ambiguous: number
  /** events that were not compared because too many were held, or of hosts beyond the limit */
  readonly overflow: number
}

/** how far an event may be from its authentication, once the clocks agree */
const ADDRESS_MICROS = 60e6
const NAME_MICROS = NEAR_MICROS
/** a connection, and a session with its shares, may be older than a logon in it */
const CONNECTION_MICROS = 7200e6
/** clocks of a domain are within five minutes, else there is no Kerberos; workgroups may be far off */
const CLOCK_MICROS = 900e6
const ZONE_MICROS = 15 * 3600e6
const DAY_MICROS = 86_400e6
const SHARES_MAX = 8
/** pairs of times that are compared to find the distance of two clocks */
const DISTANCES_MAX = 20_000

export class EventJoin {
  readonly #subjects: Subjects
  readonly #start: number
  readonly #end: number
  readonly #names = new Map<string, string[]>()
  readonly #hosts = new Map<string, HostLog>()
  readonly #held: EventFact[] = []
  readonly #room = { stretches: LIMITS.eventStretchesMax }
  #overflow = 0
  #joined = 0
  #ambiguous = 0

  constructor({ exchanges, kdc, start, end, hosts }: JoinInput) {
    this.#subjects = new Subjects(exchanges, kdc)
    this.#start = start ?? 0
    this.#end = end ?? 0
    for (const { ip, names } of hosts) {
      for (const name of names) {
        const key = computerKey(name)
        const there = this.#names.get(key)
        if (there === undefined) this.#names.set(key, [ip])
        else if (!there.includes(ip)) there.push(ip)
      }
    }
  }

  add(event: WindowsEvent): void {
    const fact = factOf(event)
    if (fact === null || fact.computerKey === '') return
    const host = this.#host(fact)
    if (host === null) {
      this.#overflow++
      return
    }
    host.note(fact)
    if (!this.#mayMatter(fact)) return
    if (this.#held.length >= LIMITS.eventsHeldMax) this.#overflow++
    else this.#held.push(fact)
  }

  #host(fact: EventFact): HostLog | null {
    const known = this.#hosts.get(fact.computerKey)
    if (known !== undefined) return known
    if (this.#hosts.size >= LIMITS.eventHostsMax) return null
    const made = new HostLog(fact.host, fact.computerKey, this.#room)
    for (const ip of this.#names.get(fact.computerKey) ?? []) made.learn(ip)
    this.#hosts.set(fact.computerKey, made)
    return made
  }

  #mayMatter(fact: EventFact): boolean {
    const { kind, from, time, clock } = fact
    if (kind === 'remark' || (kind === 'logon' && !isOverNetwork(fact))) return false
    const slack = clock === 'local' ? ZONE_MICROS : CLOCK_MICROS
    const isNear = time >= this.#start - slack && time <= this.#end + slack
    if (from !== null && from.port !== null) {
      const isOfSubject = this.#subjects.at(from.ip, from.port).length > 0
      if (isOfSubject) return isNear || (time >= this.#start - DAY_MICROS && time <= this.#end + DAY_MICROS)
      // what is not on the wire is told, where it says NTLM
      return isNear && kind === 'logon' && fact.mechanism === 'ntlm' && !isUnshown(from.ip)
    }
    if (kind === 'connection' || kind === 'ticket' || kind === 'share') return false
    return isNear
  }

  /** Nothing may be added afterwards. */
  result(): JoinResult {
    const hosts = [...this.#hosts.values()]
    const owners = ownersOf(hosts)
    for (const host of hosts) host.settle(owners)
    this.#setSkews()
    const alone: EventFact[] = []
    const later: EventFact[] = []
    // by address first: whoever is found so is no candidate for less
    for (const fact of this.#held.toSorted((a, b) => a.time - b.time)) {
      if (fact.from === null || fact.from.port === null) later.push(fact)
      else this.#count(this.#byAddress(fact), fact, alone)
    }
    for (const fact of later) this.#count(this.#byName(fact), fact, alone)
    return {
      subjects: this.#subjects.all,
      hosts,
      alone,
      joined: this.#joined,
      ambiguous: this.#ambiguous,
      overflow: this.#overflow,
    }
  }

  #count(outcome: JoinOutcome, fact: EventFact, alone: EventFact[]): void {
    if (outcome === 'joined') this.#joined++
    else if (outcome === 'ambiguous') this.#ambiguous++
    else if (this.#isWithin(fact)) alone.push(fact)
  }

  #isWithin(fact: EventFact): boolean {
    const time = this.#onWire(fact)
    return time !== null && time >= this.#start && time <= this.#end
  }

  #setSkews(): void {
    const byHost = new Map<string, number[]>()
    for (const { kind, from, time, computerKey } of this.#held) {
      if ((kind !== 'logon' && kind !== 'ticket' && kind !== 'bind') || from === null || from.port === null) continue
      const distances = byHost.get(computerKey) ?? []
      byHost.set(computerKey, distances)
      for (const subject of this.#subjects.at(from.ip, from.port))
        if (distances.length < DISTANCES_MAX) distances.push(time - subject.end)
    }
    for (const [key, distances] of byHost) {
      const host = this.#hosts.get(key)!
      host.skew = skewOf(distances)
      if (host.skew !== null) host.isZoneUnknown = false
    }
  }

  /** When it was by the clock of the capture; null: its zone is not known. */
  #onWire(fact: EventFact): number | null {
    const host = this.#hosts.get(fact.computerKey)
    if (host === undefined || (host.isZoneUnknown && fact.clock === 'local')) return null
    return fact.time - (host.skew ?? 0)
  }

  #byAddress(fact: EventFact): JoinOutcome {
    const time = this.#onWire(fact)
    const { ip, port } = fact.from!
    if (time === null || port === null) return 'alone'
    const subjects = this.#subjects.at(ip, port).filter((subject) => this.#isHere(fact, subject))
    if (subjects.length === 0) return 'alone'
    if (fact.kind === 'connection') return this.#ofConnection(fact, time, subjects)
    if (fact.kind === 'share') return this.#ofSession(fact, time, subjects)
    const isTicket = fact.kind === 'ticket'
    const near = subjects
      .filter((subject) => (subject.kdc !== null) === isTicket)
      .map((subject) => ({ subject, distance: distanceOf(subject, time) }))
      .filter(({ distance }) => distance <= ADDRESS_MICROS)
    if (near.length === 0) return 'alone'
    // one port may carry several logons: the one that agrees, then the nearest that has no such event yet
    const costs = near.map(({ subject, distance }) => ({
      subject,
      cost: costOf(fact, subject) + distance / ADDRESS_MICROS,
    }))
    const { subject } = costs.reduce((best, next) => (next.cost < best.cost ? next : best))
    const side = isTicket ? 'controller' : 'server'
    this.#join(subject, fact, side, 'address', this.#knowsPlace(fact) ? 'high' : 'medium')
    return 'joined'
  }

  /**
   * The host that wrote it is the server (the client, for a connection that it opened), as far as its address is known.
   */
  #isHere(fact: EventFact, subject: JoinSubject): boolean {
    const host = this.#hosts.get(fact.computerKey)!
    if (fact.kind === 'connection') {
      const { to } = fact
      return to === null || (to.ip === subject.serverIp && (to.port === null || to.port === subject.serverPort))
    }
    // the port of a domain controller's KDC leads to the one that was asked
    return !host.knowsAddress || host.has(subject.serverIp) || subject.serverNames.has(fact.computerKey)
  }

  #knowsPlace(fact: EventFact): boolean {
    return this.#hosts.get(fact.computerKey)!.knowsAddress
  }

  /** Every authentication in the connection that a program opened, up to the next one from the same port. */
  #ofConnection(fact: EventFact, time: number, subjects: readonly JoinSubject[]): JoinOutcome {
    const side = fact.isOutbound === false ? 'server' : 'client'
    let found = false
    for (const subject of subjects) {
      const age = subject.start - time
      if (age < -ADDRESS_MICROS || age > CONNECTION_MICROS) continue
      const before = subject.joined.findIndex(
        (each) => each.fact.kind === 'connection' && each.side === side && each.fact.log === fact.log,
      )
      if (before >= 0) {
        // a later opening of the same port is the one, unless it came after the logon
        const known = subject.joined[before]!
        if (age < -NAME_MICROS || Math.abs(age) >= Math.abs(subject.start - (this.#onWire(known.fact) ?? 0))) continue
        subject.joined.splice(before, 1)
      }
      this.#join(subject, fact, side, 'address', Math.abs(age) <= ADDRESS_MICROS ? 'high' : 'medium')
      found = true
    }
    return found ? 'joined' : 'alone'
  }

  /** A share belongs to the last logon before it. */
  #ofSession(fact: EventFact, time: number, subjects: readonly JoinSubject[]): JoinOutcome {
    let best: JoinSubject | null = null
    for (const subject of subjects) {
      if (subject.exchange === null || time < subject.start - NAME_MICROS || time > subject.end + CONNECTION_MICROS)
        continue
      if (best === null || subject.start > best.start) best = subject
    }
    if (best === null) return 'alone'
    this.#join(best, fact, 'server', 'address', this.#knowsPlace(fact) ? 'high' : 'medium')
    return 'joined'
  }

  /** Without a port: only where one authentication fits. */
  #byName(fact: EventFact): JoinOutcome {
    const time = this.#onWire(fact)
    if (time === null || (fact.mechanism === null && fact.kind !== 'explicit')) return 'alone'
    const fits: { readonly subject: JoinSubject; readonly join: JoinKind; readonly isSure: boolean }[] = []
    for (const subject of this.#subjects.near(time)) {
      if (subject.exchange === null || distanceOf(subject, time) > NAME_MICROS) continue
      const fit = this.#fit(fact, subject)
      if (fit !== null) fits.push({ subject, ...fit })
    }
    const [only] = fits
    if (only === undefined) return 'alone'
    if (fits.length > 1) {
      const account = fact.kind === 'logon' ? accountText(fact) : null
      for (const { subject } of fits) {
        subject.ambiguous++
        if (fact.kind !== 'logon') continue
        const before = subject.ambiguousUser
        subject.ambiguousUser = before === undefined || before === account ? account : null
      }
      return 'ambiguous'
    }
    this.#join(only.subject, fact, this.#sideOf(fact, only.subject), only.join, only.isSure ? 'medium' : 'low')
    return 'joined'
  }

  /** How an event without a port fits; null: it does not. */
  #fit(fact: EventFact, subject: JoinSubject): { readonly join: JoinKind; readonly isSure: boolean } | null {
    if (fact.mechanism !== null && subject.mechanism !== fact.mechanism) return null
    const isUserKnown = fact.user !== null && subject.user !== null
    if (isUserKnown && userKey(fact.user!) !== subject.user) return null
    const host = this.#hosts.get(fact.computerKey)!
    const isServer = host.has(subject.serverIp) || subject.serverNames.has(fact.computerKey)
    const isClient = host.has(subject.clientIp) || subject.clientNames.has(fact.computerKey)
    const isFrom = fact.from === null ? null : fact.from.ip === subject.clientIp
    const isNamed = fact.workstation === null ? null : sameHost(fact.workstation, subject)
    switch (fact.kind) {
      case 'logon':
        // a service of HTTP.sys does not tell the port; whoever has the event of its port needs no other one
        if (!isServer || isFrom === false || hasLogon(subject) || subject.exchange?.smb !== null) return null
        if (fact.mechanism === 'kerberos' && !isUserKnown && !isOverHttp(subject)) return null
        return { join: isUserKnown ? 'user' : 'time', isSure: isUserKnown }
      case 'ntlm-server':
        if (!isServer || isFrom === false || isNamed === false || (!isUserKnown && isFrom === null)) return null
        return { join: isUserKnown ? 'user' : 'time', isSure: isUserKnown }
      case 'validation':
        return isUserKnown && isNamed !== false ? { join: 'user', isSure: isNamed === true } : null
      case 'ntlm-domain': {
        const isTarget = fact.to?.ip === subject.serverIp || isServerName(fact.target, subject)
        return isUserKnown && isTarget && isNamed !== false ? { join: 'user', isSure: true } : null
      }
      case 'ntlm-client': {
        if (!isClient) return null
        // the application gave no name: only the account is left
        if (fact.target === null && fact.to === null) return isUserKnown ? { join: 'user', isSure: true } : null
        return isTargetOf(fact, subject) ? { join: 'spn', isSure: isUserKnown } : null
      }
      case 'explicit':
        return isClient && isTargetOf(fact, subject) ? { join: 'spn', isSure: isUserKnown } : null
      default:
        return null
    }
  }

  #sideOf(fact: EventFact, subject: JoinSubject): EventSide {
    if (fact.kind === 'ntlm-client' || fact.kind === 'explicit') return 'client'
    if (fact.kind === 'ntlm-domain') return 'controller'
    if (fact.kind !== 'validation') return 'server'
    const host = this.#hosts.get(fact.computerKey)!
    return host.has(subject.serverIp) || subject.serverNames.has(fact.computerKey) ? 'server' : 'controller'
  }

  #join(subject: JoinSubject, fact: EventFact, side: EventSide, join: JoinKind, confidence: JoinConfidence): void {
    // one session may open thousands of files
    if (fact.kind === 'share' && subject.joined.filter((each) => each.fact.kind === 'share').length >= SHARES_MAX)
      return
    if (subject.joined.length < LIMITS.eventsPerExchangeMax) subject.joined.push({ fact, side, join, confidence })
  }
}

/** Network, network with a password in clear, remote desktop; not who sits there, services and tasks. */
function isOverNetwork({ logonType }: EventFact): boolean {
  return logonType === null || logonType === 3 || logonType === 8 || logonType === 10
}

/** From the beginning to the end of an authentication it is nought. */
function distanceOf({ start, end }: JoinSubject, time: number): number {
  return time < start ? start - time : time > end ? time - end : 0
}

/** Whole numbers weigh more than any distance in time. */
function costOf(fact: EventFact, subject: JoinSubject): number {
  let cost = 0
  if (fact.mechanism !== null && subject.mechanism !== null && fact.mechanism !== subject.mechanism) cost += 8
  if (fact.user !== null && subject.user !== null && userKey(fact.user) !== subject.user) cost += 4
  const result = subject.exchange?.result
  if (result !== undefined && result !== 'unknown' && (result === 'failure') !== fact.isFailure) cost += 2
  if (subject.joined.some((each) => each.fact.id === fact.id)) cost += 1
  return cost
}

function hasLogon({ joined }: JoinSubject): boolean {
  return joined.some(({ fact }) => fact.kind === 'logon')
}

function isOverHttp({ exchange }: JoinSubject): boolean {
  return exchange?.carrier === 'http'
}

function sameHost(workstation: string, { clientNames, exchange }: JoinSubject): boolean | null {
  const told = exchange?.principal.workstation
  if (told) return computerKey(told) === computerKey(workstation)
  return clientNames.size === 0 ? null : clientNames.has(computerKey(workstation))
}

function isServerName(name: string | null, { serverNames }: JoinSubject): boolean {
  return name !== null && serverNames.has(computerKey(name.replace(/\$$/, '')))
}

/** The target that a client asked for is this server: the same SPN, its name or its address. */
function isTargetOf({ target, to }: EventFact, subject: JoinSubject): boolean {
  if (to !== null) return to.ip === subject.serverIp
  if (target === null) return false
  const spn = subject.exchange?.target.spn
  if (spn && spn.toLowerCase() === target.toLowerCase()) return true
  const host = targetHost(target)
  return host === subject.serverIp || subject.serverNames.has(computerKey(host))
}
