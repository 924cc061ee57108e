/**
 * Clones: hosts that share a machine id.
 */
import type { AuthExchange } from '../../facts/exchange.ts'
import type { Marks } from '../../facts/marks.ts'
import { LIMITS } from '../../memory/limits.ts'
import { hit } from '../rule.ts'
import { NTLM_WATCH_RULES } from '../rules/ntlm.ts'
import { type Proof, remember, type Sighting, type Watch } from './watch.ts'

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
