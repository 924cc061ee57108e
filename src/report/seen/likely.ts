/**
 * What the rest of the wire betrays of conversations in TLS whose keys nobody has: tickets that the client got, or was
 * refused, for this very server, and what the server asked a domain controller meanwhile. A hint for people, with its
 * frames: no verdict, no expectation and no count is made of it.
 *
 * Record sizes are not looked at: on HTTPS they say nothing, and Windows' own were not measured.
 */
import type { Service } from '../../../decoders/carrier.ts'
import { factsOf } from '../../../decoders/services.ts'
import type { KdcExchange } from '../../facts/exchange.ts'
import { LIMITS } from '../../memory/limits.ts'
import type { PassThrough } from '../pass-through.ts'
import type { ConversationRow, Likely, LikelyReason } from './conversations.ts'

/** A ticket is used from a cache for as long as it lives: ten hours, as domains have it. */
const TICKET_MICROS = 10 * 3600e6
/** a refusal is remembered by Windows for 15 minutes */
const REFUSED_MICROS = 15 * 60e6
/** a row ends with what was looked at: sealed records that follow are passed over without a clock */
const SEALED_MICROS = 10e6
/** KDC_ERR_S_PRINCIPAL_UNKNOWN, KDC_ERR_ETYPE_NOSUPP */
const REFUSALS: readonly number[] = [7, 14]

/** Rows of TLS with what is likely inside; `namesOf`: what an address is called, SNI among it. */
export function withLikely(
  rows: readonly ConversationRow[],
  kdc: readonly KdcExchange[],
  passThrough: readonly PassThrough[],
  namesOf: (ip: string) => readonly string[],
): ConversationRow[] {
  const byClient = new Map<string, KdcExchange[]>()
  for (const one of kdc) {
    if (one.request !== 'TGS' || one.sname === null) continue
    const list = byClient.get(one.client.ip)
    if (list === undefined) byClient.set(one.client.ip, [one])
    else list.push(one)
  }
  return rows.map((row) =>
    row.carrier === 'tls' && row.authenticated === 0
      ? { ...row, likely: likelyOf(row, byClient.get(row.client.ip) ?? [], passThrough, namesOf) }
      : row,
  )
}

function likelyOf(
  row: ConversationRow,
  asked: readonly KdcExchange[],
  passThrough: readonly PassThrough[],
  namesOf: (ip: string) => readonly string[],
): Likely {
  const hosts = asked.length === 0 ? NOBODY : hostsOf(namesOf(row.server.ip))
  const about = asked.filter(({ sname }) => isFor(sname!, row.service, hosts))
  const within = (micros: number) => (one: KdcExchange) =>
    one.time <= row.end + SEALED_MICROS && one.time >= row.start - micros
  const given = about.filter(({ error, answered }) => answered && error === null).filter(within(TICKET_MICROS))
  const refused = about
    .filter(({ error }) => error !== null && REFUSALS.includes(error.code))
    .filter(within(REFUSED_MICROS))
  const meanwhile = passThrough.filter(
    ({ server, unseen, start, end }) =>
      server === row.server.ip && unseen > 0 && start <= row.end + SEALED_MICROS && end >= row.start,
  )
  const mechanism =
    given.length > 0 && refused.length === 0 ? 'kerberos' : refused.length > 0 && given.length === 0 ? 'ntlm' : 'unsaid'
  const reasons = [
    ...given.map((one) => ofTicket('ticket', one)),
    ...refused.map((one) => ofTicket('ticket-refused', one)),
    ...meanwhile.map(
      ({ capture, frames }): LikelyReason => ({ code: 'asked', sname: null, capture, frame: frames[0]! }),
    ),
  ]
  return { mechanism, reasons: reasons.slice(0, LIMITS.framesPerFindingMax) }
}

function ofTicket(code: LikelyReason['code'], { sname, capture, frames }: KdcExchange): LikelyReason {
  return { code, sname, capture, frame: frames[0]! }
}

const NOBODY: ReadonlySet<string> = new Set()

/** Whole names, and what stands before their first dot: an SPN may have either. */
function hostsOf(names: readonly string[]): ReadonlySet<string> {
  const hosts = new Set<string>()
  for (const name of names) {
    const lower = name.toLowerCase()
    hosts.add(lower)
    hosts.add(lower.split('.', 1)[0]!)
  }
  return hosts
}

/** `class/host`, `class/host:port`, `class/host/name`; the classes of the service, or `host` for all of a machine. */
function isFor(sname: string, service: Service, hosts: ReadonlySet<string>): boolean {
  const [first = '', host = ''] = sname.toLowerCase().split('/')
  const classes: readonly string[] = factsOf(service).ticketClasses
  if (classes.length > 0 && first !== 'host' && !classes.includes(first)) return false
  return hosts.has(host.split(':', 1)[0]!)
}
