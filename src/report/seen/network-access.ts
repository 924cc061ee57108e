/**
 * How clients of RADIUS (and PPP) log on: one row a client, server and method. A fold; bounded.
 *
 * "A client" is the one who asks the server: an access point, a switch, a VPN server. Of methods inside TLS the
 * handshakes are counted, whose beginning is in the capture; of the others each logon. Who leaves MS-CHAPv2 sees PEAP
 * and the like go down and EAP-TLS come up.
 */
import type { Service } from '../../../decoders/carrier.ts'
import type { AuthExchange } from '../../facts/exchange.ts'
import type { FrameRef } from '../../facts/frames.ts'
import { compareText } from '../../facts/words/text-order.ts'
import { flatKey } from '../../memory/flat-key.ts'
import { LIMITS } from '../../memory/limits.ts'

export interface NetworkAccess {
  readonly client: string
  readonly server: string
  readonly service: Service
  /** `PEAP`, `EAP-TLS`, `MS-CHAPv2`, `EAP-MSCHAPv2`, `LEAP`, `PAP` ... */
  readonly method: string
  /**
   * what the method is of NTLM: `ntlm` its response is one; `hidden` another method is inside TLS, probably
   * MS-CHAPv2; `none`
   */
  readonly ntlm: 'ntlm' | 'hidden' | 'none'
  readonly count: number
  /** microseconds since 1970: the first beginning, the last one */
  readonly start: number
  readonly end: number
  readonly capture: string
  /** of the first one */
  readonly frames: readonly FrameRef[]
}

/** One logon. */
export type NetworkLogon = Omit<NetworkAccess, 'ntlm' | 'count' | 'end'>

/** EAP methods that carry another one inside TLS, RFC 5281, 7170, 4851; PEAP. */
const TUNNELS: ReadonlySet<string> = new Set(['PEAP', 'EAP-TTLS', 'EAP-FAST', 'TEAP'])

export class NetworkAccessFold {
  readonly #rows = new Map<string, { -readonly [K in keyof NetworkAccess]: NetworkAccess[K] }>()

  exchange({ client, server, service, method, mechanism, start, capture, frames }: AuthExchange): void {
    if (method === null || (service !== 'radius' && service !== 'ppp')) return
    const logon = { client: client.ip, server: server.ip, service, method, start, capture, frames: frames.slice(0, 1) }
    this.#add(logon, mechanism === 'ntlm')
  }

  tunnel(logon: NetworkLogon): void {
    this.#add(logon, false)
  }

  rows(): NetworkAccess[] {
    return [...this.#rows.values()].toSorted(
      (a, b) => compareText(a.client, b.client) || compareText(a.server, b.server) || compareText(a.method, b.method),
    )
  }

  #add(logon: NetworkLogon, isNtlm: boolean): void {
    const { client, server, service, method, start } = logon
    const key = flatKey(client, server, 0, service, method)
    const row = this.#rows.get(key)
    if (row === undefined) {
      if (this.#rows.size >= LIMITS.networkAccessMax) return
      const ntlm = isNtlm ? 'ntlm' : TUNNELS.has(method) ? 'hidden' : 'none'
      this.#rows.set(key, { ...logon, ntlm, count: 1, end: start })
      return
    }
    row.count++
    if (isNtlm) row.ntlm = 'ntlm'
    row.end = Math.max(row.end, start)
    if (start >= row.start) return
    row.start = start
    row.capture = logon.capture
    row.frames = logon.frames
  }
}
