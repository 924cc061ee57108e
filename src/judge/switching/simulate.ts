/**
 * A switch thrown on the logons that were seen: what fails, what goes on, what cannot be said, by client, server and
 * service, with frames.
 *
 * It judges logons, one by one, and nothing else: what a client would try instead is not known, and what the captures
 * do not show is not simulated. A fallback whose cause somebody can mend counts as failing and, once more, as mended.
 */
import { accountOf } from '../../facts/account.ts'
import { isContinuation } from '../../facts/continuation.ts'
import type { AuthExchange } from '../../facts/exchange.ts'
import type { HostPattern } from '../../facts/filter.ts'
import { type FrameRef, refIn } from '../../facts/frames.ts'
import { compareText } from '../../facts/words/text-order.ts'
import type { Report } from '../../report/report.ts'
import { type Hosts, hostsOf } from '../hosts.ts'
import { type Belongs, NOBODYS } from '../inventory/belongings.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { exceptionName } from './exceptions.ts'
import type { Effect, PolicySwitch, Scope, Why } from './switch.ts'
import { windowsClient, windowsServer } from './windows.ts'

export const SIMULATION_SCHEMA = 'ntlmscope-simulation-1'

/** What one change of a name, a registration or a setting ends: the logon then uses Kerberos. */
export const MENDED: ReadonlySet<string> = new Set([
  'RC01',
  'RC02',
  'RC03',
  'RC04',
  'RC05',
  'RC06',
  'RC07',
  'RC08',
  'RC09',
  'RC13',
  'RC15',
  'RC20',
])
const ROWS_MAX = 500
const FRAMES_MAX = 8
const ACCOUNTS_MAX = 8
const EFFECTS: readonly Effect[] = ['fails', 'cannot-be-said', 'goes-on']

interface Party {
  readonly ip: string
  readonly name: string | null
}

/** Logons of one client at one service of a server that end in the same way. */
export interface SimulatedRow {
  readonly is: Effect
  readonly why: Why
  readonly client: Party
  readonly server: Party
  readonly service: string
  readonly accounts: readonly string[]
  readonly logons: number
  /** of those that fail: by the cause that somebody can mend, and then they do not */
  readonly mended: Readonly<Record<string, number>>
  /** the name that a list of exceptions wants; null: there is none, or no such list */
  readonly exception: string | null
  /** by the inventory: of the server, and of the client; null: none was given */
  readonly serverOf: Belongs | null
  readonly clientOf: Belongs | null
  readonly capture: string
  readonly frames: readonly FrameRef[]
}

export interface Simulated {
  readonly switch: string
  readonly title: string
  readonly setting: string
  readonly scope: string
  readonly semantics: string
  readonly sources: readonly string[]
  readonly notChecked: readonly string[]
  readonly logons: {
    readonly fails: number
    /** of those that fail: fallbacks whose cause somebody can mend first */
    readonly mended: number
    readonly goesOn: number
    readonly cannotBeSaid: number
  }
  /** told apart among what fails */
  readonly clients: number
  readonly accounts: number
  readonly servers: number
  readonly pairs: number
  /** the worst first: what fails, then what cannot be said; what goes on is counted alone */
  readonly rows: readonly SimulatedRow[]
  readonly rowsOmitted: number
  /** of what goes on, by reason */
  readonly goesOn: Readonly<Partial<Record<Why, number>>>
  /** fails, cannot be said, goes on, by wave of the inventory; empty: none was given */
  readonly waves: readonly WaveCount[]
}

export interface WaveCount {
  readonly wave: string
  readonly fails: number
  readonly mended: number
  readonly cannotBeSaid: number
  readonly goesOn: number
}

export interface Simulation {
  readonly schema: typeof SIMULATION_SCHEMA
  readonly captures: readonly string[]
  /** the words that say who is bound; empty: Windows hosts by their version */
  readonly scope: {
    readonly clients: readonly string[]
    readonly servers: readonly string[]
    readonly domain: string | null
  }
  /** logons that were looked at, and those that fail today already and are in no number */
  readonly logons: number
  readonly failToday: number
  /** logons that the report counts and does not list: none of them was looked at */
  readonly notListed: number
  readonly switches: readonly Simulated[]
  /** what the captures did not show, and so no switch was thrown on */
  readonly notSeen: readonly string[]
}

export interface SimulateWords {
  readonly switches: readonly PolicySwitch[]
  /** hosts that are bound, whatever they are; with any of them all others are not */
  readonly clients: readonly HostPattern[]
  readonly servers: readonly HostPattern[]
  readonly domain: string | null
  /** names that are let through, lower case */
  readonly except: ReadonlySet<string>
  readonly inventory: Inventory | null
}

export function simulate(report: Report, words: SimulateWords): Simulation {
  const hosts = hostsOf(report)
  const all = report.exchanges.filter((one) => !isContinuation(one) && one.mechanism !== 'unknown')
  const logons = all.filter(({ result }) => result !== 'failure')
  const scope: Scope = {
    client: (one) => boundBy(words.clients, hosts, one.client.ip) ?? windowsClient(one),
    server: (one) => boundBy(words.servers, hosts, one.server.ip) ?? windowsServer(one),
    domain: words.domain,
  }
  return {
    schema: SIMULATION_SCHEMA,
    captures: report.captures.map(({ name }) => name),
    scope: {
      clients: words.clients.map(({ text }) => text),
      servers: words.servers.map(({ text }) => text),
      domain: words.domain,
    },
    logons: logons.length,
    failToday: all.length - logons.length,
    notListed: notListed(report),
    switches: words.switches.map((one) => thrown(one, logons, scope, words, hosts)),
    notSeen: report.blindSpots.map(({ detail, count }) => `${detail}: ${count}`),
  }
}

/** null: nobody was named. */
function boundBy(patterns: readonly HostPattern[], hosts: Hosts, ip: string): 'bound' | 'free' | null {
  if (patterns.length === 0) return null
  return hosts.isHost(patterns, ip) ? 'bound' : 'free'
}

function notListed({ pairs, exchanges }: Report): number {
  const counted = pairs.reduce((sum, { counts }) => sum + counts.exchanges, 0)
  return Math.max(0, counted - exchanges.filter((one) => !isContinuation(one)).length)
}

interface Group {
  readonly is: Effect
  readonly why: Why
  readonly first: AuthExchange
  readonly exception: string | null
  readonly accounts: Set<string>
  readonly mended: Map<string, number>
  readonly frames: FrameRef[]
  logons: number
}

function thrown(
  one: PolicySwitch,
  logons: readonly AuthExchange[],
  scope: Scope,
  { except, inventory }: SimulateWords,
  hosts: Hosts,
): Simulated {
  const groups = new Map<string, Group>()
  for (const logon of logons) {
    if (one.about !== null && !one.about(logon)) continue
    const name = one.exceptions === null ? null : exceptionName(one.exceptions, logon)
    const said = one.on(logon, scope)
    const isExcepted = said.is === 'fails' && name !== null && except.has(name.toLowerCase())
    const { is, why } = isExcepted ? ({ is: 'goes-on', why: 'excepted' } as const) : said
    const key = JSON.stringify([is, why, logon.client.ip, logon.server.ip, logon.service, name])
    let group = groups.get(key)
    if (group === undefined) {
      group = {
        is,
        why,
        first: logon,
        exception: name,
        accounts: new Set(),
        mended: new Map(),
        frames: [],
        logons: 0,
      }
      groups.set(key, group)
    }
    add(group, logon)
  }
  const all = [...groups.values()]
  const failing = all.filter(({ is }) => is === 'fails')
  const shown = all.filter(({ is }) => is !== 'goes-on').sort(worstFirst)
  const goesOn: Partial<Record<Why, number>> = {}
  for (const { why, logons: count, is } of all) if (is === 'goes-on') goesOn[why] = (goesOn[why] ?? 0) + count
  return {
    switch: one.name,
    title: one.title,
    setting: one.setting,
    scope: one.scope,
    semantics: one.semantics,
    sources: one.sources,
    notChecked: one.notChecked,
    logons: {
      fails: sum(failing),
      mended: sumMended(failing),
      goesOn: sum(all.filter(({ is }) => is === 'goes-on')),
      cannotBeSaid: sum(all.filter(({ is }) => is === 'cannot-be-said')),
    },
    clients: new Set(failing.map(({ first }) => first.client.ip)).size,
    accounts: new Set(failing.flatMap(({ accounts }) => [...accounts])).size,
    servers: new Set(failing.map(({ first }) => first.server.ip)).size,
    pairs: new Set(failing.map(({ first }) => `${first.client.ip} ${first.server.ip} ${first.service}`)).size,
    rows: shown.slice(0, ROWS_MAX).map((group) => rowOf(group, inventory, hosts)),
    rowsOmitted: Math.max(0, shown.length - ROWS_MAX),
    goesOn,
    waves: inventory === null ? [] : wavesOf(all, inventory, hosts),
  }
}

function add(group: Group, logon: AuthExchange): void {
  group.logons++
  const account = accountOf(logon.principal)
  if (account !== null) group.accounts.add(account)
  for (const frame of logon.frames.slice(0, 2))
    if (group.frames.length < FRAMES_MAX) group.frames.push(refIn(group.first.capture, frame, logon.capture))
  const code = logon.cause?.code
  if (group.is === 'fails' && logon.fallback === true && code !== undefined && MENDED.has(code))
    group.mended.set(code, (group.mended.get(code) ?? 0) + 1)
}

function rowOf({ first, accounts, mended, ...group }: Group, inventory: Inventory | null, hosts: Hosts): SimulatedRow {
  const { client, server, service, capture } = first
  return {
    is: group.is,
    why: group.why,
    client: { ip: client.ip, name: client.name },
    server: { ip: server.ip, name: server.name },
    service,
    accounts: [...accounts].sort().slice(0, ACCOUNTS_MAX),
    logons: group.logons,
    mended: Object.fromEntries([...mended].sort(([a], [b]) => compareText(a, b))),
    exception: group.is === 'fails' ? group.exception : null,
    serverOf: inventory?.of(server.ip, hosts.namesOf(server.ip)) ?? null,
    clientOf: inventory?.of(client.ip, hosts.namesOf(client.ip)) ?? null,
    capture,
    frames: group.frames,
  }
}

function worstFirst(a: Group, b: Group): number {
  return (
    EFFECTS.indexOf(a.is) - EFFECTS.indexOf(b.is) ||
    b.logons - a.logons ||
    compareText(a.first.client.ip, b.first.client.ip) ||
    compareText(a.first.server.ip, b.first.server.ip) ||
    compareText(a.first.service, b.first.service) ||
    compareText(a.why, b.why)
  )
}

/** The wave of a logon is that of its server, which must be ready first; else that of its client. */
function wavesOf(groups: readonly Group[], inventory: Inventory, hosts: Hosts): WaveCount[] {
  const waves = new Map<string, { wave: string; fails: number; mended: number; cannotBeSaid: number; goesOn: number }>()
  for (const group of groups) {
    const { client, server } = group.first
    const wave = waveOf(inventory, hosts, client.ip, server.ip)
    const counts = waves.get(wave) ?? { wave, fails: 0, mended: 0, cannotBeSaid: 0, goesOn: 0 }
    waves.set(wave, counts)
    if (group.is === 'fails') counts.fails += group.logons
    else if (group.is === 'goes-on') counts.goesOn += group.logons
    else counts.cannotBeSaid += group.logons
    counts.mended += sumMended([group])
  }
  return [...waves.values()].sort((a, b) => waveOrder(a.wave, b.wave))
}

/** Of the server; where it has none, of the client; else nobody's. */
export function waveOf(inventory: Inventory, hosts: Hosts, client: string, server: string): string {
  return (
    inventory.of(server, hosts.namesOf(server))?.wave || inventory.of(client, hosts.namesOf(client))?.wave || NOBODYS
  )
}

/** Nobody's first, since nobody looks after it; then by number, then by text. */
export function waveOrder(a: string, b: string): number {
  if (a === b) return 0
  if (a === NOBODYS || b === NOBODYS) return a === NOBODYS ? -1 : 1
  const [x, y] = [Number(a), Number(b)]
  return Number.isNaN(x) || Number.isNaN(y) ? compareText(a, b) : x - y
}

function sum(groups: readonly Group[]): number {
  return groups.reduce((all, { logons }) => all + logons, 0)
}

function sumMended(groups: readonly Group[]): number {
  return groups.reduce((all, { mended }) => all + [...mended.values()].reduce((one, count) => one + count, 0), 0)
}
