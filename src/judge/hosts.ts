/**
 * Which addresses are which host, as far as a report knows names, and what it holds about each of them.
 *
 * Made once for a report: a policy of thousands of flows asks it thousands of times, and must not read the whole report
 * for each.
 */
import type { AuthExchange, KdcExchange } from '../facts/exchange.ts'
import { canonicalAddress, comparable, type HostPattern } from '../facts/filter.ts'
import { isIpLiteral, targetHost } from '../facts/target-name.ts'
import type { Report } from '../report/report.ts'
import type { ConversationRow } from '../report/seen/conversations.ts'
import type { PairVerdict } from '../report/verdict.ts'
import { KnownNames } from './known-names.ts'

/**
 * Who is meant by an address, a prefix or a name: a name stands for the addresses that the wire gave it, or that
 * somebody told.
 */
export interface Hosts {
  /** of any of these; no pattern is any host */
  readonly isHost: (patterns: readonly HostPattern[], ip: string) => boolean
  readonly namesOf: (ip: string) => ReadonlySet<string>
  /** the addresses of the report that are meant; null: no pattern, so all */
  readonly addressesOf: (patterns: readonly HostPattern[]) => ReadonlySet<string> | null
  readonly exchanges: Between<AuthExchange>
  readonly pairs: Between<PairVerdict>
  readonly conversations: Between<ConversationRow>
  /** tickets and refusals, by the client that asked */
  readonly kdc: Between<KdcExchange>
  /** the report lists every authentication */
  readonly isListed: boolean
  /** servers that were seen, the busiest first */
  readonly servers: readonly SeenHost[]
}

export interface SeenHost {
  readonly ip: string
  readonly name: string | null
  readonly exchanges: number
}

const known = new WeakMap<Report, Hosts>()

export function hostsOf(report: Report): Hosts {
  const before = known.get(report)
  if (before !== undefined) return before
  const made = new ReportHosts(report)
  known.set(report, made)
  return made
}

/** Values with two ends, found by either. */
export class Between<T> {
  readonly all: readonly T[]
  readonly #clients = new Map<string, number[]>()
  readonly #servers = new Map<string, number[]>()

  constructor(all: readonly T[], endsOf: (one: T) => readonly [client: string, server: string]) {
    this.all = all
    for (const [at, one] of all.entries()) {
      const [client, server] = endsOf(one)
      push(this.#clients, client, at)
      push(this.#servers, server, at)
    }
  }

  /** Those between these addresses, in their order; null: any address. */
  of(clients: ReadonlySet<string> | null, servers: ReadonlySet<string> | null): readonly T[] {
    if (clients === null && servers === null) return this.all
    const places = (index: ReadonlyMap<string, number[]>, ips: ReadonlySet<string>) =>
      [...ips].flatMap((ip) => index.get(ip) ?? [])
    const ofServers = servers === null ? null : places(this.#servers, servers)
    const ofClients = clients === null ? null : places(this.#clients, clients)
    let found = ofServers ?? ofClients!
    if (ofServers !== null && ofClients !== null) {
      const [few, many] = ofServers.length < ofClients.length ? [ofServers, ofClients] : [ofClients, ofServers]
      const isIn = new Set(few)
      found = many.filter((at) => isIn.has(at))
    }
    return found.sort((a, b) => a - b).map((at) => this.all[at]!)
  }
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

class ReportHosts implements Hosts {
  readonly exchanges: Hosts['exchanges']
  readonly pairs: Hosts['pairs']
  readonly conversations: Hosts['conversations']
  readonly kdc: Hosts['kdc']
  readonly servers: Hosts['servers']
  readonly isListed: boolean
  readonly #names: ReadonlyMap<string, ReadonlySet<string>>
  readonly #addresses: ReadonlySet<string>
  /** by canonical address, by name and by its first part */
  readonly #byKey = new Map<string, string[]>()
  readonly #meant = new Map<HostPattern, ReadonlySet<string>>()

  constructor(report: Report) {
    this.exchanges = new Between(report.exchanges, ({ client, server }) => [client.ip, server.ip])
    this.pairs = new Between(report.pairs, ({ client, server }) => [client.ip, server.ip])
    this.conversations = new Between(report.conversations, ({ client, server }) => [client.ip, server.ip])
    this.kdc = new Between(report.kdc, ({ client, kdc }) => [client.ip, kdc.ip])
    this.#names = namesIn(report)
    this.#addresses = addressesIn(report)
    for (const ip of this.#addresses) push(this.#byKey, canonicalAddress(ip), ip)
    for (const ip of this.#addresses) for (const key of keysOf(this.namesOf(ip))) push(this.#byKey, key, ip)
    this.servers = serversIn(report, this.namesOf)
    const counted = report.pairs.reduce((sum, { counts }) => sum + counts.exchanges + sumOf(counts.continued ?? {}), 0)
    this.isListed = counted === report.exchanges.length
  }

  readonly namesOf = (ip: string): ReadonlySet<string> => this.#names.get(ip) ?? NO_NAMES

  readonly isHost = (patterns: readonly HostPattern[], ip: string): boolean =>
    patterns.length === 0 || patterns.some((one) => this.#addressesMeant(one).has(ip))

  readonly addressesOf = (patterns: readonly HostPattern[]): ReadonlySet<string> | null => {
    if (patterns.length === 0) return null
    if (patterns.length === 1) return this.#addressesMeant(patterns[0]!)
    return new Set(patterns.flatMap((one) => [...this.#addressesMeant(one)]))
  }

  #addressesMeant(pattern: HostPattern): ReadonlySet<string> {
    const before = this.#meant.get(pattern)
    if (before !== undefined) return before
    const told = pattern.told?.().map(({ ip }) => canonicalAddress(ip)) ?? []
    const candidates =
      pattern.key === null ? this.#addresses : [pattern.key, ...told].flatMap((key) => this.#byKey.get(key) ?? [])
    const meant = new Set([...candidates].filter((ip) => this.#isMeant(pattern, ip)))
    this.#meant.set(pattern, meant)
    return meant
  }

  #isMeant(pattern: HostPattern, ip: string): boolean {
    return [null, ...this.namesOf(ip)].some((name) => pattern.matches({ ip, name }))
  }
}

const NO_NAMES: ReadonlySet<string> = new Set()

/** Under what a name is asked for: itself, and its first part. */
function keysOf(names: ReadonlySet<string>): ReadonlySet<string> {
  const keys = new Set<string>()
  for (const name of names) {
    const full = comparable(name)
    keys.add(full)
    keys.add(full.split('.', 1)[0]!)
  }
  return keys
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

function addressesIn({ exchanges, pairs, conversations, kdc }: Report): ReadonlySet<string> {
  const addresses = new Set<string>()
  for (const list of [exchanges, pairs, conversations])
    for (const { client, server } of list) addresses.add(client.ip).add(server.ip)
  for (const one of kdc) addresses.add(one.client.ip).add(one.kdc.ip)
  return addresses
}

function serversIn({ pairs, conversations }: Report, namesOf: Hosts['namesOf']): SeenHost[] {
  const servers = new Map<string, SeenHost>()
  const seen = ({ ip, name }: { readonly ip: string; readonly name: string | null }, exchanges: number) => {
    const before = servers.get(ip)
    servers.set(ip, { ip, name: before?.name ?? name, exchanges: (before?.exchanges ?? 0) + exchanges })
  }
  for (const { server, counts } of pairs) seen(server, counts.exchanges)
  for (const { server } of conversations) seen({ ip: server.ip, name: [...namesOf(server.ip)][0] ?? null }, 0)
  return [...servers.values()].sort((a, b) => b.exchanges - a.exchanges)
}

/** By address: what it calls itself, what it was called, and by what names it was asked for. */
function namesIn({ exchanges, pairs, kdc, hosts }: Report): ReadonlyMap<string, ReadonlySet<string>> {
  const names = new Map<string, Set<string>>()
  const learn = (ip: string, name: string | null) => {
    if (name === null || name === '' || isIpLiteral(name)) return
    const known = names.get(ip)
    if (known === undefined) names.set(ip, new Set([name]))
    else known.add(name)
  }
  for (const { client, server, target } of exchanges) {
    learn(client.ip, client.name)
    learn(server.ip, server.name)
    learn(server.ip, target.name)
    if (target.spn !== null) learn(server.ip, targetHost(target.spn))
  }
  for (const { client, server } of pairs) {
    learn(client.ip, client.name)
    learn(server.ip, server.name)
  }
  for (const { client, kdc: server } of kdc) {
    learn(client.ip, client.name)
    learn(server.ip, server.name)
  }
  for (const { ip, names: given } of hosts) for (const { name } of given) learn(ip, name)
  return names
}

/**
 * What an earlier report called its hosts, for a later one. An address that says in both what it is called, and not the
 * same, has changed hands: its earlier names are not carried over.
 */
export function namesLearnt(before: Report, after: Report, into: KnownNames): void {
  const source = before.captures.map(({ name }) => name).join(', ') || 'the report before'
  const own = ownNames(before)
  const ownLater = ownNames(after)
  for (const [ip, names] of namesIn(before)) {
    const [earlier, later] = [own.get(ip), ownLater.get(ip)]
    if (earlier !== undefined && later !== undefined && ![...earlier].some((name) => later.has(name))) continue
    for (const name of names) if (KnownNames.isName(name)) into.add(name, ip, source)
  }
}

/** What a host says of itself in a challenge: the first part of its names. */
function ownNames({ hosts }: Report): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    hosts.flatMap(({ ip, names }) => {
      const own = names.filter(({ source }) => source === 'ntlm').map(({ name }) => comparable(name).split('.', 1)[0]!)
      return own.length === 0 ? [] : [[ip, new Set(own)] as const]
    }),
  )
}

export function lower(name: string): string {
  return name.toLowerCase()
}
