/**
 * Forwarded ticket-granting tickets: a client asks for one and gives it to the next service that it logs on to, which
 * may act as the user everywhere.
 *
 * Domain controllers are trusted for delegation by default, and clients forward tickets to them every day: only another
 * receiver counts.
 */
import type { AuthExchange, KdcExchange } from '../../facts/exchange.ts'
import { NoteLists } from '../../memory/bounded-notes.ts'
import { LIMITS } from '../../memory/limits.ts'
import { hit } from '../rule.ts'
import { KERBEROS_WATCH_RULES } from '../rules/kerberos.ts'
import { type Proof, remember, type Sighting, WATCHED, type Watch } from './watch.ts'

interface Forwarded {
  readonly client: string
  readonly kdc: string
  readonly sname: string
  readonly time: number
  readonly proof: Proof
}

interface Logon {
  readonly server: string
  readonly service: AuthExchange['service']
  readonly time: number
  readonly end: number
  readonly proof: Proof
}

/** the ticket is asked for while the client makes its AP-REQ */
const NEXT_MICROS = 5e6
const LOGONS_PER_CLIENT_MAX = 256

export class DelegationWatch implements Watch {
  readonly #forwarded: Forwarded[] = []
  readonly #logons = new NoteLists<Logon>(WATCHED, LOGONS_PER_CLIENT_MAX)
  readonly #kdcs = new Map<string, true>()

  exchange({ client, server, service, mechanism, start, end, capture, frames }: AuthExchange): void {
    if (mechanism !== 'kerberos') return
    this.#logons.add(client.ip, { server: server.ip, service, time: start, end, proof: { capture, frames } })
  }

  kdc({ request, answered, error, flags, sname, client, kdc, time, transport, capture, frames }: KdcExchange): void {
    if (!answered || error !== null) return
    if (transport !== 'iakerb') remember(this.#kdcs, kdc.ip, () => true, LIMITS.kdcsMax)
    if (request !== 'TGS' || !flags.includes('forwarded') || !sname?.startsWith('krbtgt/')) return
    if (this.#forwarded.length >= LIMITS.findingsMax) return
    this.#forwarded.push({ client: client.ip, kdc: kdc.ip, sname, time, proof: { capture, frames } })
  }

  sightings(): Sighting[] {
    const found = new Map<string, Sighting>()
    for (const { client, kdc, sname, time, proof } of this.#forwarded) {
      const next = (this.#logons.get(client) ?? [])
        .filter((logon) => logon.end >= time && logon.time <= time + NEXT_MICROS)
        .reduce<Logon | null>((first, logon) => (first === null || logon.end < first.end ? logon : first), null)
      const toOther = next !== null && !this.#kdcs.has(next.server)
      const key = `${client} ${toOther ? next.server : ''} ${sname}`
      const before = found.get(key)
      found.set(key, {
        rule: toOther ? KERBEROS_WATCH_RULES.delegation : KERBEROS_WATCH_RULES.forwarded,
        client,
        server: toOther ? next.server : kdc,
        service: toOther ? next.service : 'kdc',
        count: (before?.count ?? 0) + 1,
        start: Math.min(before?.start ?? time, time),
        end: Math.max(before?.end ?? time, time),
        evidence: [...(before?.evidence ?? []), proof, ...(next === null ? [] : [next.proof])].slice(0, EVIDENCE_MAX),
        hit: toOther
          ? hit(`for ${sname}, then it logged on to ${next.server}, which is no domain controller here`, {
              confidence: 'medium',
              missing: ['the ticket inside the authentication (encrypted)'],
            })
          : hit(`for ${sname}${next === null ? '' : `, then it logged on to ${next.server}, a domain controller`}`, {
              confidence: next === null ? 'low' : 'medium',
              missing: next === null ? ['the service that receives the ticket'] : [],
            }),
      })
    }
    return [...found.values()]
  }
}

const EVIDENCE_MAX = 8
