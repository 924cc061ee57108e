/**
 * Who, where and why in four lists, each the worst first: places (a cause at a server's service: one change ends that
 * NTLM), servers, clients, accounts. A fold over exchanges; every view of them takes its numbers from here.
 *
 * What only goes on with a session is in none of them, as in pairs. Bounded: what is beyond a list's limit is counted
 * as overflow.
 */

import type { Service } from '../../decoders/carrier.ts'
import { factsOf } from '../../decoders/services.ts'
import { WITHOUT_CHANGE } from '../causes/catalogue.ts'
import { accountOf } from '../facts/account.ts'
import { isContinuation } from '../facts/continuation.ts'
import type { AuthExchange, NameOrigin } from '../facts/exchange.ts'
import type { FrameRef } from '../facts/frames.ts'
import { compareText } from '../facts/words/text-order.ts'
import { isIn, NO_ONE, type SmallSet, sizeOf, withOne } from '../memory/compact/small-set.ts'
import { flatKey } from '../memory/flat-key.ts'
import { LIMITS } from '../memory/limits.ts'
import { type Counts, NO_COUNTS, withCount } from './counting/counts.ts'

/** An exchange that proves a row: the worst or the first of it. */
export interface RowProof {
  readonly exchange: string
  readonly capture: string
  readonly frames: readonly FrameRef[]
}

interface Host {
  readonly ip: string
  readonly name: string | null
}

/** NTLM logons that one change ends. */
export interface PlaceRow {
  readonly cause: string
  readonly title: string
  readonly server: Host
  readonly service: Service
  /** NTLM logons, how many of them fallbacks, of how many clients (at least) */
  readonly count: number
  readonly fallback: number
  readonly clients: number
  /** of all NTLM logons of the report: this place and all before it, 0 to 1; what no change ends stands last */
  readonly runningShare: number
  readonly fix: string
  /** where the name stands that one change replaces; null: not seen; old reports have none */
  readonly nameFrom: Pick<NameOrigin, 'kind' | 'where'> | null
  readonly client: Host
  readonly proof: RowProof
}

/**
 * `required`: the policy says so, or one without it was refused. `not-required`: a session without it was accepted, or
 * the policy says so. `all-seen`: all had it, which proves no requirement. `not-seen`: the service was spoken, and
 * nothing tells. null: the service was not spoken.
 */
export type Requirement = 'required' | 'not-required' | 'all-seen' | 'not-seen' | null

/** What one server required and accepted. */
export interface ServerRow {
  readonly server: Host
  readonly services: readonly Service[]
  readonly ntlm: number
  readonly kerberos: number
  readonly clients: number
  readonly smbSigning: Requirement
  readonly ldapSigning: Requirement
  readonly channelBinding: Requirement
  /** of each answer above, where there is one */
  readonly proofs: Readonly<Partial<Record<'smbSigning' | 'ldapSigning' | 'channelBinding', RowProof>>>
}

/** What one client or account did. */
export interface UserRow {
  readonly ntlm: number
  readonly fallback: number
  readonly kerberos: number
  readonly other: number
  readonly servers: number
  /** NTLM logons by cause */
  readonly causes: Readonly<Record<string, number>>
  readonly proof: RowProof
}

export interface ClientRow extends UserRow {
  readonly client: Host
}

export interface AccountRow extends UserRow {
  readonly account: string
}

export interface RollUps {
  readonly places: readonly PlaceRow[]
  readonly servers: readonly ServerRow[]
  readonly clients: readonly ClientRow[]
  readonly accounts: readonly AccountRow[]
}

export class RollUpFold {
  /** exchanges that a list could not take any more */
  overflow = 0
  readonly #places = new Map<string, PlaceState>()
  readonly #servers = new Map<string, ServerState>()
  readonly #clients = new Map<string, UserState>()
  readonly #accounts = new Map<string, UserState>()
  readonly #ends = new Ends()

  add(exchange: AuthExchange): void {
    if (isContinuation(exchange)) return
    const { client, server, service, principal } = exchange
    const server_ = this.#row(this.#servers, server.ip, () => newServer(exchange))
    if (server_ !== null) addToServer(server_, exchange, this.#ends)
    const client_ = this.#row(this.#clients, client.ip, () => newUser(client, exchange))
    if (client_ !== null) addToUser(client_, exchange, this.#ends)
    const account = accountOf(principal)
    const account_ = account === null ? null : this.#row(this.#accounts, account, () => newUser(null, exchange))
    if (account_ !== null) addToUser(account_, exchange, this.#ends)
    if (kindOf(exchange) !== 'ntlm' || exchange.cause === null) return
    const key = flatKey(exchange.cause.code, server.ip, 0, service, lineOf(exchange.cause.nameFrom))
    const place = this.#row(this.#places, key, () => newPlace(exchange))
    if (place !== null) addToPlace(place, exchange, this.#ends)
  }

  /** `ntlm`: all NTLM logons of the report, of which the shares are. */
  rollUps(ntlm: number): RollUps {
    const places = [...this.#places.values()].map((place) => ({ ...place, clients: sizeOf(place.clients) }))
    return {
      places: inOrder(places, ntlm),
      servers: [...this.#servers.values()].sort((a, b) => b.ntlm - a.ntlm || compareText(a.ip, b.ip)).map(serverRow),
      clients: [...this.#clients]
        .sort(([ipA, a], [ipB, b]) => b.ntlm - a.ntlm || compareText(ipA, ipB))
        .map(([ip, user]) => ({ client: { ip, name: user.name }, ...userRow(user) })),
      accounts: [...this.#accounts]
        .sort(([nameA, a], [nameB, b]) => b.ntlm - a.ntlm || compareText(nameA, nameB))
        .map(([account, user]) => ({ account, ...userRow(user) })),
    }
  }

  #row<T>(rows: Map<string, T>, key: string, make: () => T): T | null {
    const known = rows.get(key)
    if (known !== undefined) return known
    if (rows.size >= LIMITS.rollUpRowsMax) {
      this.overflow++
      return null
    }
    const made = make()
    rows.set(key, made)
    return made
  }
}

/** Addresses that are told apart in all rows together; beyond, a row counts no more of them than it knows. */
class Ends {
  #left: number = LIMITS.rollUpEndsMax

  with(known: SmallSet, ip: string): SmallSet {
    if (this.#left === 0 || isIn(known, ip)) return known
    this.#left--
    return withOne(known, ip)
  }
}

/** What an exchange is counted as. */
function kindOf({ mechanism }: AuthExchange): 'ntlm' | 'kerberos' | 'other' {
  if (mechanism === 'ntlm') return 'ntlm'
  return mechanism === 'kerberos' || mechanism === 'iakerb' ? 'kerberos' : 'other'
}

/**
 * The most NTLM first, and what no change of one place ends behind all that one does: so the running share is what is
 * gone when these changes are made. `ntlm`: all NTLM logons of the report.
 */
export function inOrder(places: readonly Omit<PlaceRow, 'runningShare'>[], ntlm: number): PlaceRow[] {
  let run = 0
  const key = ({ cause, server, service, nameFrom }: Omit<PlaceRow, 'runningShare'>) =>
    `${cause} ${server.ip} ${service} ${lineOf(nameFrom)}`
  return [...places]
    .sort(
      (a, b) =>
        Number(WITHOUT_CHANGE.has(a.cause)) - Number(WITHOUT_CHANGE.has(b.cause)) ||
        b.count - a.count ||
        b.fallback - a.fallback ||
        compareText(key(a), key(b)),
    )
    .map((place) => {
      run += place.count
      return { ...place, runningShare: ntlm === 0 ? 0 : Math.min(1, run / ntlm) }
    })
}

function proofOf({ id, capture, frames }: AuthExchange): RowProof {
  return { exchange: id, capture, frames }
}

// --- places
// ---------------------------------------------------------------------------------------------------------------------

type PlaceState = { -readonly [K in keyof Omit<PlaceRow, 'clients' | 'runningShare'>]: PlaceRow[K] } & {
  clients: SmallSet
}

/** One line in one place: what stands there is changed once for all. */
function lineOf(from: PlaceRow['nameFrom'] | undefined): string {
  return from ? `${from.kind} ${from.where}` : ''
}

const CONFIDENCE = { high: 2, medium: 1, low: 0 } as const

function newPlace(exchange: AuthExchange): PlaceState {
  const { client, server, service } = exchange
  const { code, title, fix, nameFrom } = exchange.cause!
  return {
    cause: code,
    title,
    server: { ip: server.ip, name: server.name },
    service,
    count: 0,
    fallback: 0,
    clients: NO_ONE,
    fix,
    nameFrom: nameFrom ? { kind: nameFrom.kind, where: nameFrom.where } : null,
    client: { ip: client.ip, name: client.name },
    proof: proofOf(exchange),
  }
}

function addToPlace(place: PlaceState, exchange: AuthExchange, ends: Ends): void {
  place.count++
  if (exchange.fallback === true) place.fallback++
  place.clients = ends.with(place.clients, exchange.client.ip)
  // a fix with names beats one without them
  if (place.server.name === null && exchange.server.name !== null && exchange.cause !== null) {
    const { client, server } = exchange
    place.server = { ip: server.ip, name: server.name }
    place.client = { ip: client.ip, name: client.name }
    place.fix = exchange.cause.fix
    place.proof = proofOf(exchange)
  }
}

// --- servers
// ---------------------------------------------------------------------------------------------------------------------

interface ServerState {
  readonly ip: string
  name: string | null
  readonly services: Set<Service>
  ntlm: number
  kerberos: number
  clients: SmallSet
  smbSigning: Answer
  ldapSigning: Answer
  channelBinding: Answer
}

interface Answer {
  readonly is: Requirement
  readonly proof: RowProof | null
}

const NOT_SPOKEN: Answer = { is: null, proof: null }

/** What says more: an accepted session without it outweighs whatever a policy says. */
const RANK = { 'not-required': 4, required: 3, 'all-seen': 2, 'not-seen': 1 } as const

function newServer({ server }: AuthExchange): ServerState {
  return {
    ip: server.ip,
    name: server.name,
    services: new Set(),
    ntlm: 0,
    kerberos: 0,
    clients: NO_ONE,
    smbSigning: NOT_SPOKEN,
    ldapSigning: NOT_SPOKEN,
    channelBinding: NOT_SPOKEN,
  }
}

function addToServer(row: ServerState, exchange: AuthExchange, ends: Ends): void {
  row.name ??= exchange.server.name
  row.services.add(exchange.service)
  row.clients = ends.with(row.clients, exchange.client.ip)
  const kind = kindOf(exchange)
  if (kind === 'ntlm') row.ntlm++
  else if (kind === 'kerberos') row.kerberos++
  row.smbSigning = stronger(row.smbSigning, smbSigning(exchange), exchange)
  row.ldapSigning = stronger(row.ldapSigning, ldapSigning(exchange), exchange)
  row.channelBinding = stronger(row.channelBinding, channelBinding(exchange), exchange)
}

function stronger(old: Answer, is: Requirement, exchange: AuthExchange): Answer {
  if (is === null || (old.is !== null && RANK[old.is] >= RANK[is])) return old
  return { is, proof: proofOf(exchange) }
}

function smbSigning({ smb, result }: AuthExchange): Requirement {
  if (smb === null) return null
  if (smb.serverPolicy === 'enabled' || smb.serverPolicy === 'disabled') return 'not-required'
  if (smb.effective === 'unsigned' && result === 'success') return 'not-required'
  if (smb.serverPolicy === 'required') return 'required'
  return smb.effective === 'signed' || smb.effective === 'encrypted' ? 'all-seen' : 'not-seen'
}

/** strongerAuthRequired (8) to a logon that would go on unsigned: RFC 4511 A.2, MS-ADTS 5.1.2.2 */
const STRONGER_AUTH_REQUIRED = 8

function ldapSigning({ ldap, result }: AuthExchange): Requirement {
  if (ldap === null || ldap.tls) return null
  if (ldap.resultCode === STRONGER_AUTH_REQUIRED) return 'required'
  if (ldap.layer === 'none' && result === 'success') return 'not-required'
  return ldap.layer === 'sign' || ldap.layer === 'seal' ? 'all-seen' : 'not-seen'
}

/**
 * A logon in TLS with an empty binding or none, or that of another channel, that was accepted needed none; a refusal
 * has many reasons.
 */
function channelBinding({ channelBinding: binding, service, result, tls }: AuthExchange): Requirement {
  if (factsOf(service).tls !== 'channel' || binding === 'not-applicable') return null
  const isUnbound = binding === 'absent' || binding === 'zero' || (binding === 'mismatch' && tls !== null)
  if (isUnbound && result === 'success') return 'not-required'
  return binding === 'bound' || binding === 'verified' ? 'all-seen' : 'not-seen'
}

function serverRow(row: ServerState): ServerRow {
  const { ip, name, services, ntlm, kerberos, clients, smbSigning, ldapSigning, channelBinding } = row
  const answers = { smbSigning, ldapSigning, channelBinding }
  const proofs = Object.fromEntries(
    Object.entries(answers).flatMap(([what, { proof }]) => (proof === null ? [] : [[what, proof]])),
  )
  return {
    server: { ip, name },
    services: [...services].sort(),
    ntlm,
    kerberos,
    clients: sizeOf(clients),
    smbSigning: smbSigning.is,
    ldapSigning: ldapSigning.is,
    channelBinding: channelBinding.is,
    proofs,
  }
}

// --- clients and accounts
// ----------------------------------------------------------------------------------------------------------

interface UserState {
  name: string | null
  ntlm: number
  fallback: number
  kerberos: number
  other: number
  servers: SmallSet
  causes: Counts
  worst: number
  proof: RowProof
}

function newUser(host: Host | null, exchange: AuthExchange): UserState {
  return {
    name: host?.name ?? null,
    ntlm: 0,
    fallback: 0,
    kerberos: 0,
    other: 0,
    servers: NO_ONE,
    causes: NO_COUNTS,
    worst: -1,
    proof: proofOf(exchange),
  }
}

function addToUser(user: UserState, exchange: AuthExchange, ends: Ends): void {
  const kind = kindOf(exchange)
  user.name ??= exchange.client.name
  user[kind]++
  if (exchange.fallback === true) user.fallback++
  user.servers = ends.with(user.servers, exchange.server.ip)
  const code = kind === 'ntlm' ? exchange.cause?.code : undefined
  if (code !== undefined) user.causes = withCount(user.causes, code)
  // the proof is the worst: a fallback whose cause is certain, then NTLM, then anything
  const confidence = exchange.cause === null ? 0 : CONFIDENCE[exchange.cause.confidence]
  const rank = (exchange.fallback === true ? 6 : kind === 'ntlm' ? 3 : 0) + confidence
  if (rank <= user.worst) return
  user.worst = rank
  user.proof = proofOf(exchange)
}

function userRow({ ntlm, fallback, kerberos, other, servers, causes, proof }: UserState): UserRow {
  const byCount = Object.entries(causes).sort((a, b) => b[1] - a[1] || compareText(a[0], b[0]))
  return { ntlm, fallback, kerberos, other, servers: sizeOf(servers), causes: Object.fromEntries(byCount), proof }
}
