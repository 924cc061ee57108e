/**
 * Uses of NTLM that stored facts hold, against the allow list of a policy: what is on it and in force is left out.
 */

import type { Allowed } from '../judge/allow-list.ts'
import { isDeviation } from '../judge/allow-list.ts'
import type { Answering } from '../questions/answerer.ts'
import type { Value } from '../store/tables.ts'

/**
 * `uses`: the answer to `policy-deviations`. `today`: YYYY-MM-DD. An entry that has expired allows nothing, and is
 * named.
 */
export function deviationsIn(uses: Answering, allow: readonly Allowed[], today: string): Answering {
  const at = (name: string) => uses.columns.indexOf(name)
  const places = {
    client: at('client_ip'),
    clientName: at('client_name'),
    server: at('server_ip'),
    serverName: at('server_name'),
    port: at('server_port'),
    service: at('service'),
    user: at('user_name'),
    domain: at('user_domain'),
    version: at('ntlm_version'),
  }
  const text = (value: unknown) => (value === null || value === undefined ? null : String(value))
  const deviation = (row: readonly Value[]) => {
    const said = isDeviation(
      {
        client: { ip: String(row[places.client]), name: text(row[places.clientName]) },
        server: { ip: String(row[places.server]), name: text(row[places.serverName]), port: Number(row[places.port]) },
        service: String(row[places.service]),
        principal: { user: text(row[places.user]), domain: text(row[places.domain]) },
        version: text(row[places.version]),
      },
      allow,
      today,
    )
    return said === null ? [] : [[...row, said.expired]]
  }
  return { columns: [...uses.columns, 'expired_entry'], batches: mapped(uses.batches, deviation) }
}

async function* mapped<T>(batches: AsyncIterable<readonly T[]>, map: (row: T) => T[]): AsyncGenerator<readonly T[]> {
  for await (const rows of batches) yield rows.flatMap(map)
}
