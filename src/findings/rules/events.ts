/** Rules about what Windows logs say of an authentication that the captures show. */
import type { Contradiction } from '../../facts/contradiction.ts'
import { hit, type Rule } from '../rule.ts'
import type { Sighting } from '../watches/watch.ts'

export const EVENT_RULES = {
  contradiction: {
    id: 'NS-EV-001',
    severity: 'medium',
    title: 'log and wire name different mechanisms',
    fires:
      'The logon event of the server (4624, 4625) with the address and port of this client, at this time, names Kerberos where the wire shows NTLM, or the other way round',
    evidence: 'The frames of the authentication; host, event and record number stand in the detail',
    notWhen:
      'Events without a port, and events of a host whose address is not known, are not compared; Negotiate is read by the package that it chose; of several logons of one port the one that agrees is taken',
    techniques: [],
    remediation:
      'Look at both: a proxy or load balancer that logs on anew, a clock that is off, or a log that was changed',
    steps: [
      'compare the time of the record with that of the frames, and the clock offset of the host in the report',
      'see whether a device between the two ends the connection and opens another one',
      'Get-WinEvent -ComputerName <host> -FilterHashtable @{LogName="Security"; Id=4624; StartTime=<time>}',
    ],
    references: ['Microsoft: 4624(S): An account was successfully logged on'],
  },
} as const satisfies Readonly<Record<string, Rule>>

export function contradictionSighting({ exchange, event, says }: Contradiction): Sighting {
  const { client, server, service, mechanism, start, end, capture, frames } = exchange
  const record = event.record === null ? '' : `, record ${event.record},`
  return {
    rule: EVENT_RULES.contradiction,
    client: client.ip,
    server: server.ip,
    service,
    count: 1,
    start,
    end,
    evidence: [{ capture, frames }],
    hit: hit(`the wire shows ${mechanism}; event ${event.id} of ${event.host}${record} says ${says}`),
  }
}
