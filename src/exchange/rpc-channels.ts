/**
 * RPC over HTTP: one virtual connection is two HTTP connections, of which each is authenticated (MS-RPCH 2.1.2):
 * RPC_OUT_DATA, on which the server speaks and says how the logon went, and RPC_IN_DATA, whose request is answered when
 * all is over. For whoever counts logons the second is none of its own.
 *
 * The cookie that joins the two stands in their bodies, which nobody reads: they are joined by client, server and time,
 * each once.
 */

import { LIMITS } from '../memory/limits.ts'
import type { Attempt } from './attempt/attempt.ts'

const IN = 'RPC_IN_DATA'
const OUT = 'RPC_OUT_DATA'
/** a client opens both at once, and authenticates them one after the other at most */
const TOGETHER_MICROS = 30e6

export class RpcChannels {
  /** channels whose other half has not come yet, by client and server; the oldest is forgotten first */
  readonly #single = new Map<string, Attempt[]>()

  began(attempt: Attempt, client: string, server: string): void {
    const method = attempt.http?.method
    if (method !== IN && method !== OUT) return
    const key = `${client} ${server}`
    const waiting = (this.#single.get(key) ?? []).filter(({ start }) => attempt.start - start <= TOGETHER_MICROS)
    this.#single.delete(key)
    const at = waiting.findIndex(({ http }) => http?.method === (method === IN ? OUT : IN))
    if (at < 0) waiting.push(attempt)
    else {
      const [other] = waiting.splice(at, 1)
      const [into, out] = method === IN ? [attempt, other!] : [other!, attempt]
      into.channelOf = out
    }
    if (waiting.length === 0) return
    this.#single.set(key, waiting.slice(-LIMITS.rpcChannelsMax))
    if (this.#single.size <= LIMITS.rpcChannelsMax) return
    const [oldest] = this.#single.keys()
    this.#single.delete(oldest!)
  }
}

/** Both channels were opened as the same, as far as the wire shows who that is. */
export function isOneLogon(into: Attempt, out: Attempt): boolean {
  const [one, other] = [into, out].map(
    ({ authenticate, principal }) => authenticate?.userName ?? principal?.user ?? null,
  )
  return into.mechanism === out.mechanism && one?.toLowerCase() === other?.toLowerCase()
}
