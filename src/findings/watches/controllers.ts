/**
 * Domain controllers that do not require SMB signing: who they are shows in other exchanges than what they require.
 */
import type { AuthExchange, KdcExchange } from '../../facts/exchange.ts'
import { LIMITS } from '../../memory/limits.ts'
import { hit } from '../rule.ts'
import { PROTECTION_WATCH_RULES } from '../rules/protection.ts'
import { type Proof, remember, type Sighting, type Watch } from './watch.ts'

interface Lax {
  readonly policy: string
  readonly proof: Proof
  readonly start: number
  end: number
  count: number
}

/** Servers that do not require SMB signing, and hosts that issued tickets: the same host is a domain controller. */
export class ControllerWatch implements Watch {
  readonly #lax = new Map<string, Lax>()
  readonly #kdcs = new Map<string, Proof>()

  exchange({ smb, server, start, end, capture, frames }: AuthExchange): void {
    if (smb?.serverPolicy !== 'enabled' && smb?.serverPolicy !== 'disabled') return
    const policy = smb.serverPolicy
    const make = () => ({ policy, proof: { capture, frames }, start, end, count: 0 })
    const lax = remember(this.#lax, server.ip, make, LIMITS.watchedClientsMax)
    lax.count++
    lax.end = Math.max(lax.end, end)
  }

  kdc({ kdc, answered, error, transport, capture, frames }: KdcExchange): void {
    if (answered && error === null && transport !== 'iakerb')
      remember(this.#kdcs, kdc.ip, () => ({ capture, frames }), LIMITS.kdcsMax)
  }

  sightings(): Sighting[] {
    return [...this.#lax].flatMap(([server, { policy, proof, start, end, count }]): Sighting[] => {
      const issued = this.#kdcs.get(server)
      if (issued === undefined) return []
      return [
        {
          rule: PROTECTION_WATCH_RULES.controllers,
          client: null,
          server,
          service: 'smb',
          count,
          start,
          end,
          evidence: [proof, issued],
          hit: hit(`it issues tickets, and its NEGOTIATE response says: signing ${policy}`),
        },
      ]
    })
  }
}
