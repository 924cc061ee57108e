/**
 * A relay whose challenges are not comparable: a host receives an NTLM logon, and within seconds logs on elsewhere as
 * the same account.
 *
 * Front ends that log on with credentials of their own, and people who hop from host to host, look the same: the
 * confidence is low.
 */
import { interned } from '../../../decoders/parts/interned.ts'
import { accountKey } from '../../facts/account.ts'
import type { AuthExchange } from '../../facts/exchange.ts'
import { mark } from '../../facts/marks.ts'
import { NoteLists } from '../../memory/bounded-notes.ts'
import { hit, userOf } from '../rule.ts'
import { NTLM_WATCH_RULES } from '../rules/ntlm.ts'
import { type Proof, type Sighting, WATCHED, type Watch } from './watch.ts'

interface Logon extends Proof {
  readonly client: string
  readonly server: string
  readonly service: AuthExchange['service']
  /** of the account and the workstation: only whether they are the same is asked */
  readonly who: string
  readonly name: string
  readonly start: number
  readonly end: number
}

const HANDING_MICROS = 5e6
const LOGONS_PER_HOST_MAX = 256

export class HandingWatch implements Watch {
  /** by the host that received them */
  readonly #received = new NoteLists<Logon>(WATCHED, LOGONS_PER_HOST_MAX)
  readonly #sent = new NoteLists<Logon>(WATCHED, LOGONS_PER_HOST_MAX)

  exchange(exchange: AuthExchange): void {
    const { client, server, service, principal, start, end, capture, frames, cause } = exchange
    // a relay that is proven has its own finding; an account that was not seen cannot be compared
    if (exchange.mechanism !== 'ntlm' || !principal.user || cause?.code === 'RC21') return
    // without a workstation it is like no other one
    if (principal.workstation === null) return
    const logon: Logon = {
      client: client.ip,
      server: server.ip,
      service,
      who: interned(mark(Buffer.from(`${accountKey(principal)}\0${principal.workstation}`))),
      name: userOf(exchange),
      start,
      end,
      capture,
      frames,
    }
    this.#received.add(server.ip, logon)
    this.#sent.add(client.ip, logon)
  }

  sightings(): Sighting[] {
    return [...this.#received].flatMap(([middle, received]) => {
      const sent = this.#sent.get(middle) ?? []
      return received.flatMap((leg): Sighting[] => {
        const next = sent.find((other) => isHandedOn(leg, other))
        if (next === undefined) return []
        const seconds = Math.max(0, (next.start - leg.start) / 1e6).toFixed(1)
        return [
          {
            rule: NTLM_WATCH_RULES.handing,
            client: leg.client,
            server: middle,
            service: leg.service,
            count: 1,
            start: leg.start,
            end: next.end,
            evidence: [leg, next],
            hit: hit(`${leg.name} logged on to it, and ${seconds} s later it logged on to ${next.server} as the same`, {
              confidence: 'low',
              missing: ['the same challenge or response in both logons'],
              counterEvidence: ['a front end, or a user who goes on from this host, looks the same'],
            }),
          },
        ]
      })
    })
  }
}

/** The response of a relay names the workstation of the victim, a host's own logon names the host. */
function isHandedOn(leg: Logon, other: Logon): boolean {
  const later = other.start - leg.start
  return (
    other.who === leg.who &&
    later >= 0 &&
    later <= HANDING_MICROS &&
    other.server !== leg.client &&
    other.server !== leg.server
  )
}
