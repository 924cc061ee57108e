/**
 * Kerberoasting: a client collects tickets for service accounts and uses none of them.
 *
 * For each client the tickets by service name, and which of them it presented. Hosts and krbtgt do not count: their
 * keys are random.
 */

import { isWeakEtype } from '../../../decoders/mechanisms/kerberos-names.ts'
import { interned } from '../../../decoders/parts/interned.ts'
import type { AuthExchange, KdcExchange } from '../../facts/exchange.ts'
import { serviceClass } from '../../facts/target-name.ts'
import { BoundedNotes } from '../../memory/bounded-notes.ts'
import { isIn, NO_ONE, type SmallSet, sizeOf, withOne } from '../../memory/compact/small-set.ts'
import { LIMITS } from '../../memory/limits.ts'
import { hit } from '../rule.ts'
import { KERBEROS_WATCH_RULES } from '../rules/kerberos.ts'
import { busiestWindow, type Proof, type Sighting, WATCHED, type Watch } from './watch.ts'

interface Ticket {
  readonly sname: string
  readonly time: number
  readonly kdc: string
  /** DES or RC4 was asked for first */
  readonly askedWeak: boolean
  readonly isWeak: boolean
  /**
   * nothing but DES or RC4 was asked for, with a ticket-granting ticket whose session key is AES: the client knows
   * better
   */
  readonly onPurpose: boolean
  readonly proof: Proof
}

interface Collected {
  /** made for the first one: most clients ask for tickets of hosts alone */
  tickets: Map<string, Ticket> | null
  used: SmallSet
}

const WINDOW_MICROS = 60e6
const WEAK_MIN = 3
const AES = new Set([17, 18, 19, 20])
const ANY_MIN = 10
/** services of hosts: MS-KILE 3.1.5.11 maps most of them to the account of the machine */
const OF_HOSTS = new Set([
  'host',
  'cifs',
  'ldap',
  'gc',
  'rpcss',
  'rpc',
  'dns',
  'termsrv',
  'wsman',
  'restrictedkrbhost',
  'krbtgt',
  'kadmin',
])

export class RoastingWatch implements Watch {
  readonly #clients = new BoundedNotes<Collected>(
    WATCHED,
    () => ({ tickets: null, used: NO_ONE }),
    ({ tickets, used }) => (tickets?.size ?? 0) + sizeOf(used),
  )

  exchange({ client, kerberos }: AuthExchange): void {
    if (kerberos?.sname == null) return
    const of = this.#clients.of(client.ip)
    const name = kerberos.sname.toLowerCase()
    if (sizeOf(of.used) >= LIMITS.watchedUsesMax || isIn(of.used, name)) return
    of.used = withOne(of.used, interned(name))
    this.#clients.noted()
  }

  kdc(kdc: KdcExchange): void {
    const { sname, capture, frames, requested, ticketEtype, sessionEtype } = kdc
    if (kdc.request !== 'TGS' || kdc.error !== null || ticketEtype === null || sname === null) return
    if (sname.endsWith('$') || OF_HOSTS.has(serviceClass(sname))) return
    // a service that asks for itself, or for another service in the name of a user
    if (kdc.forUser !== null || kdc.additionalTicket !== null) return
    const of = this.#clients.of(kdc.client.ip)
    of.tickets ??= new Map()
    const { tickets } = of
    const name = sname.toLowerCase()
    if (tickets.size >= LIMITS.watchedNamesMax || tickets.has(name)) return
    tickets.set(name, {
      sname,
      time: kdc.time,
      kdc: kdc.kdc.ip,
      askedWeak: requested.length > 0 && isWeakEtype(requested[0]!),
      isWeak: isWeakEtype(ticketEtype),
      onPurpose: requested.length > 0 && requested.every(isWeakEtype) && AES.has(sessionEtype ?? 0),
      proof: { capture, frames },
    })
    this.#clients.noted()
  }

  sightings(): Sighting[] {
    return [...this.#clients].flatMap(([client, { tickets, used }]) => {
      // some of what it used was not remembered
      if (tickets === null || sizeOf(used) >= LIMITS.watchedUsesMax) return []
      const unused = [...tickets]
        .flatMap(([key, ticket]) => (isIn(used, key) ? [] : [ticket]))
        .sort((a, b) => a.time - b.time)
      const weak = busiest(unused.filter(({ askedWeak }) => askedWeak))
      const any = busiest(unused)
      const purpose = busiest(unused.filter(({ onPurpose, isWeak }) => onPurpose && isWeak))
      const group = weak.length >= WEAK_MIN ? weak : any.length >= ANY_MIN ? any : purpose
      if (group.length === 0) return []
      const crackable = group.filter(({ isWeak }) => isWeak).length
      const names = group.slice(0, NAMES_LISTED).map(({ sname }) => sname)
      const rest = group.length - names.length
      return {
        rule: KERBEROS_WATCH_RULES.roasting,
        client,
        server: group[0]!.kdc,
        service: 'kdc' as const,
        count: group.length,
        start: group[0]!.time,
        end: group.at(-1)!.time,
        evidence: group.map(({ proof }) => proof),
        hit: hit(
          group.length === 1
            ? `1 ticket within a minute, ${crackable} of them with RC4 or DES, none was presented: ${names[0]}`
            : `${group.length} tickets within a minute, ${crackable} of them with RC4 or DES, none was presented: ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`,
          {
            confidence: group === weak ? 'high' : 'medium',
            missing: ['a use of the tickets outside the capture'],
            counterEvidence: group === any ? ['scanners and monitoring ask for many services too'] : [],
          },
        ),
      }
    })
  }
}

const NAMES_LISTED = 5

function busiest(tickets: readonly Ticket[]): readonly Ticket[] {
  return busiestWindow(tickets, WINDOW_MICROS)
}
