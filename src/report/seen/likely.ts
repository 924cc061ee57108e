/**
 * What the wire betrays of conversations in TLS whose keys nobody has: tickets that the client got, or was refused, for
 * this very server, what the server asked a domain controller meanwhile, and what the connections say of themselves
 * (sizes of records, RDP without CredSSP). A hint for people, with its frames: no verdict, no expectation and no count
 * is made of it. What speaks against each other says nothing.
 */
import { factsOf } from '../../../decoders/services.ts'
import type { KdcExchange } from '../../facts/exchange.ts'
import { LIMITS } from '../../memory/limits.ts'
import type { PassThrough } from '../pass-through.ts'
import { type ConversationRow, type Likely, type LikelyReason, type SaidByThemselves, UNSAID } from './conversations.ts'

/** A ticket is used from a cache for as long as it lives: ten hours, as domains have it. */
const TICKET_MICROS = 10 * 3600e6
/** a refusal is remembered by Windows for 15 minutes */
const REFUSED_MICROS = 15 * 60e6
/** a row ends with what was looked at: sealed records that follow are passed over without a clock */
const SEALED_MICROS = 10e6
/** KDC_ERR_S_PRINCIPAL_UNKNOWN, KDC_ERR_ETYPE_NOSUPP */
const REFUSALS: readonly number[] = [7, 14]

/** A ticket that a client asked for, by the host in its name. */
interface Asked {
  readonly service: string
  /** `host:port`; '': of none */
  readonly port: string
  readonly isGiven: boolean
  readonly kdc: KdcExchange
}

type AskedByHost = ReadonlyMap<string, readonly Asked[]>

/**
 * Says of each row of TLS what is likely inside; null: it is of something else. `namesOf`: what an address is called,
 * SNI among it.
 */
export function likelyIn(
  kdc: readonly KdcExchange[],
  passThrough: readonly PassThrough[],
  namesOf: (ip: string) => readonly string[],
): (row: ConversationRow, said: SaidByThemselves) => Likely | null {
  const clients = askedByClient(kdc)
  const tickets = new Set<string>()
  for (const byHost of clients.values()) for (const host of byHost.keys()) tickets.add(host)
  const unseen = new Map(passThrough.filter((one) => one.unseen > 0).map((one) => [one.server, one]))
  const hosts = new Map<string, readonly string[]>()
  const hostsAt = (ip: string) => {
    let known = hosts.get(ip)
    if (known === undefined) {
      known = hostsOf(namesOf(ip), tickets)
      hosts.set(ip, known)
    }
    return known
  }
  return (row, said) => {
    if (row.carrier !== 'tls' || row.authenticated > 0) return null
    const asked = clients.get(row.client.ip)
    let about = NOTHING
    if (asked !== undefined) for (const host of hostsAt(row.server.ip)) about = about.concat(asked.get(host) ?? NOTHING)
    const one = unseen.get(row.server.ip)
    return about.length === 0 && said.length === 0 && one === undefined ? UNSAID : likelyOf(row, said, about, one)
  }
}

/** TGS exchanges that tell: those that were answered with a ticket, or with a refusal of the server. */
function askedByClient(kdc: readonly KdcExchange[]): ReadonlyMap<string, AskedByHost> {
  const clients = new Map<string, Map<string, Asked[]>>()
  for (const one of kdc) {
    const { request, sname, error, answered } = one
    const isGiven = error === null
    if (request !== 'TGS' || sname === null || !answered || !(isGiven || REFUSALS.includes(error.code))) continue
    // `class/host`, `class/host:port`, `class/host/name`
    const [service = '', place = ''] = sname.toLowerCase().split('/')
    const [host = '', port = ''] = place.split(':')
    let byHost = clients.get(one.client.ip)
    if (byHost === undefined) {
      byHost = new Map()
      clients.set(one.client.ip, byHost)
    }
    const list = byHost.get(host)
    const asked = { service, port, isGiven, kdc: one }
    if (list === undefined) byHost.set(host, [asked])
    else list.push(asked)
  }
  return clients
}

function likelyOf(
  row: ConversationRow,
  said: SaidByThemselves,
  asked: readonly Asked[],
  unseen: PassThrough | undefined,
): Likely {
  const from = (micros: number) => row.start - micros
  const until = row.end + SEALED_MICROS
  const about = asked.filter(
    (one) =>
      one.kdc.time <= until && one.kdc.time >= from(one.isGiven ? TICKET_MICROS : REFUSED_MICROS) && isOf(one, row),
  )
  const spoken = new Set(said.map(({ mechanism }) => mechanism))
  for (const { isGiven } of about) spoken.add(isGiven ? 'kerberos' : 'ntlm')
  const [mechanism] = spoken
  // one connection without a logon says nothing of the others
  const isOfSome = mechanism === 'none' && said.every(({ connections }) => connections < row.connections)
  const reasons: LikelyReason[] = [
    ...said.map(({ code, capture, frame }) => ({ code, sname: null, capture, frame })),
    ...[...about.filter((one) => one.isGiven), ...about.filter((one) => !one.isGiven)].map(reasonOf),
  ]
  if (unseen !== undefined && unseen.start <= until && unseen.end >= row.start)
    reasons.push({ code: 'asked', sname: null, capture: unseen.capture, frame: unseen.frames[0]! })
  return {
    mechanism: mechanism === undefined || spoken.size > 1 || isOfSome ? 'unsaid' : mechanism,
    reasons: reasons.slice(0, LIMITS.framesPerFindingMax),
  }
}

function reasonOf({ isGiven, kdc: { sname, capture, frames } }: Asked): LikelyReason {
  return { code: isGiven ? 'ticket' : 'ticket-refused', sname, capture, frame: frames[0]! }
}

const NOTHING: readonly Asked[] = []

/**
 * Whole names, and what stands before their first dot: an SPN may have either. Of these such that somebody asked a
 * ticket for: few servers have one.
 */
function hostsOf(names: readonly string[], tickets: ReadonlySet<string>): readonly string[] {
  let whole = NO_HOSTS
  let short = NO_HOSTS
  for (const name of names) {
    const lower = name.toLowerCase()
    const label = lower.split('.', 1)[0]!
    if (tickets.has(lower)) whole = whole.concat(lower)
    if (tickets.has(label)) short = short.concat(label)
  }
  return whole.length + short.length === 0 ? NO_HOSTS : [...new Set([...whole, ...short])]
}

const NO_HOSTS: readonly string[] = []

/**
 * A ticket of a class of the service, at this port if it names one (an instance of SQL Server, `host:SALES`, is none).
 * What nobody knows the service of is HTTP, if anything that has tickets. `host` stands for a machine, and tells
 * nothing of what else it is asked for.
 */
function isOf({ service, port }: Asked, row: ConversationRow): boolean {
  if (/^\d+$/.test(port) && Number(port) !== row.server.port) return false
  const classes: readonly string[] = factsOf(row.service).ticketClasses
  return classes.length === 0 ? service === 'http' : classes.includes(service)
}
