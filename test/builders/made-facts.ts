/**
 * Facts that nobody captured: exchanges of months, sensors, clients and servers, with a share of NTLM that falls. The
 * same for the same numbers.
 */
import type { AuthExchange } from '../../src/facts/exchange.ts'
import { digestOf } from '../../src/facts/identity.ts'
import { exchange, ntlmByAddress } from './report.ts'

/** 2026-05-25, a Monday: microseconds since 1970 */
const FIRST = Date.UTC(2026, 4, 25) * 1000
const WEEKS = 26

export interface Made {
  readonly count: number
  readonly clients?: number
  readonly servers?: number
}

/** In the order of their times. */
export function* madeExchanges({ count, clients = 5000, servers = 400 }: Made): Generator<AuthExchange> {
  let state = 42
  const random = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const step = (WEEKS * 7 * 86_400e6) / count
  for (let at = 0; at < count; at++) {
    const start = Math.floor(FIRST + at * step)
    const client = Math.floor(random() * clients)
    const server = Math.floor(random() * servers)
    const week = Math.floor((start - FIRST) / (7 * 86_400e6))
    const isNtlm = random() < 0.4 - week / 80
    const base = isNtlm ? ntlmByAddress() : exchange()
    const communityId = `1:${digestOf(at).slice(0, 27)}=`
    const result = random() < 0.03 ? 'failure' : 'success'
    yield {
      ...base,
      id: `1.${at + 1}`,
      uid: digestOf('made', at),
      uidOf: 'token',
      communityId,
      start,
      end: start + 20_000,
      client: {
        ip: `10.${1 + (client >> 8)}.${client & 255}.${1 + (client % 200)}`,
        port: 49_152 + (at % 16_000),
        name: `ws${client}.corp.example`,
      },
      server: { ip: `10.200.${server >> 8}.${server & 255}`, port: 445, name: `srv${server}.corp.example` },
      principal: isNtlm ? { user: `user${client}`, domain: 'CORP', workstation: `WS${client}` } : base.principal,
      kerberos: base.kerberos && { ...base.kerberos, ticketEtype: random() < 0.1 ? 23 : 18 },
      result,
      frames: [at + 1, at + 3],
    }
  }
}
