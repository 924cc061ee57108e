/**
 * What is true of hosts, learnt from several exchanges: domain controllers that do not require signing, and clones that
 * share a machine id.
 */
import type { AuthExchange, KdcExchange } from '../../facts/exchange.ts'
import type { Marks } from '../../facts/marks.ts'
import { LIMITS } from '../../memory/limits.ts'
import { hit } from '../rule.ts'
import { NTLM_WATCH_RULES } from '../rules/ntlm.ts'
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

interface Machine {
  readonly workstation: string
  readonly ip: string
  readonly time: number
  readonly proof: Proof
}

/** The same permanent machine id under two names and two addresses. */
export class CloneWatch implements Watch {
  readonly #machines = new Map<string, Machine>()
  readonly #clones = new Map<string, Sighting>()

  exchange(
    { client, server, service, principal, start, end, capture, frames }: AuthExchange,
    { machine }: Marks,
  ): void {
    const workstation = principal.workstation?.toLowerCase()
    if (machine === null || !workstation) return
    const now: Machine = { workstation, ip: client.ip, time: start, proof: { capture, frames } }
    const first = remember(this.#machines, machine, () => now, LIMITS.watchedClientsMax)
    if (first.workstation === workstation || first.ip === client.ip) return
    const key = `${first.workstation} ${workstation}`
    remember(
      this.#clones,
      key,
      () => ({
        rule: NTLM_WATCH_RULES.clones,
        client: client.ip,
        server: server.ip,
        service,
        count: 1,
        start: first.time,
        end,
        evidence: [first.proof, now.proof],
        hit: hit(`${workstation} (${client.ip}) and ${first.workstation} (${first.ip}) have the same machine id`),
      }),
      LIMITS.watchedNamesMax,
    )
  }

  sightings(): Sighting[] {
    return [...this.#clones.values()]
  }
}
