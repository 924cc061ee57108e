/**
 * Pass-through of NTLM logons: which server asked which domain controller about a logon, and which logon that was
 * (MS-APDS 3.1.5, MS-NRPC 3.5.4.5).
 *
 * The arguments are sealed as a rule: that the call was made, and when, is all that shows. A call belongs to a logon
 * where it falls into that one alone, and no other call does; anything else is counted as ambiguous. A server asks
 * about domain accounts alone: a logon that it accepts without a call was one of a local account, or the call is not in
 * the capture. Bounded: beyond the limits calls and logons are counted, not joined.
 */
import { accountOf } from '../facts/account.ts'
import type { AuthExchange, ContextNote } from '../facts/exchange.ts'
import { type FrameRef, refIn } from '../facts/frames.ts'
import { LIMITS } from '../memory/limits.ts'

/** What one server asked. */
export interface PassThrough {
  readonly server: string
  /** domain controllers that it asked */
  readonly controllers: readonly string[]
  readonly operations: readonly string[]
  readonly calls: number
  /** calls that belong to one logon of the capture: its account is one of a domain */
  readonly served: number
  /** calls that several logons may have led to, or one of several calls in one logon */
  readonly ambiguous: number
  /** calls about logons that the capture does not show (inside TLS, on another network) */
  readonly unseen: number
  /** NTLM logons that the server accepted with no call in them: local accounts, or the call is not in the capture */
  readonly withoutCall: number
  /** the first logons that were served: id of the exchange, account, frame of the call */
  readonly logons: readonly { readonly exchange: string; readonly account: string | null; readonly frame: FrameRef }[]
  readonly start: number
  readonly end: number
  readonly capture: string
  /** of the first calls */
  readonly frames: readonly FrameRef[]
}

/** Which asked about logons that the captures do not show; saved reports of old versions have none. */
export function serversWithUnseenLogons({
  passThrough,
}: {
  readonly passThrough?: readonly PassThrough[]
}): readonly PassThrough[] {
  return (passThrough ?? []).filter(({ unseen }) => unseen > 0)
}

/**
 * That it was asked. Not that NTLM was used: a server has the PAC of a Kerberos ticket checked by the same calls
 * (MS-NRPC 3.2.4.1, MS-APDS 3.1.5), and their arguments are sealed.
 */
export function unseenText({ server, controllers, unseen }: PassThrough): string {
  const which = controllers.length > 2 ? `${controllers.slice(0, 2).join(', ')} and others` : controllers.join(', ')
  const what = unseen === 1 ? '1 logon that is' : `${unseen} logons that are`
  return `${server} asked ${which} to check ${what} not in the captures (NTLM, or a Kerberos PAC)`
}

interface Call {
  readonly time: number
  readonly capture: string
  readonly frame: FrameRef
  readonly logons: Logon[]
}

interface Logon {
  readonly id: string
  readonly account: string | null
  calls: number
}

interface Server {
  readonly controllers: Set<string>
  readonly operations: Set<string>
  readonly calls: Call[]
  /** beyond the limit */
  further: number
  withoutCall: number
}

/** Where no answer of the server ends the logon, the call follows the response of the client within this time. */
const UNANSWERED_MICROS = 1e6
const CALLS_PER_SERVER_MAX = 4096

export class PassThroughFold {
  readonly #servers = new Map<string, Server>()

  /** Comes before the exchanges that end after it. */
  context({ fact, sender, receiver, time, capture, frame }: ContextNote): void {
    if (fact.fact !== 'rpc-call' || fact.tells !== 'pass-through') return
    let server = this.#servers.get(sender.ip)
    if (server === undefined) {
      if (this.#servers.size >= LIMITS.watchedClientsMax) return
      server = { controllers: new Set(), operations: new Set(), calls: [], further: 0, withoutCall: 0 }
      this.#servers.set(sender.ip, server)
    }
    server.operations.add(fact.operation)
    if (server.controllers.size < LIMITS.kdcsMax) server.controllers.add(receiver.ip)
    if (server.calls.length < CALLS_PER_SERVER_MAX) server.calls.push({ time, capture, frame, logons: [] })
    else server.further++
  }

  /** Every exchange, also those that a filter leaves out: they may have led to a call as well. */
  exchange({ id, mechanism, server: { ip }, start, end, result, principal, ntlm }: AuthExchange): void {
    const server = this.#servers.get(ip)
    if (server === undefined || mechanism !== 'ntlm' || !ntlm?.ntlmVersion) return
    const until = end + (result === 'unknown' ? UNANSWERED_MICROS : 0)
    const logon: Logon = { id, account: principal.user && accountOf(principal), calls: 0 }
    for (const call of server.calls) {
      if (call.time < start || call.time > until) continue
      logon.calls++
      call.logons.push(logon)
    }
    if (logon.calls === 0 && result === 'success' && server.further === 0) server.withoutCall++
  }

  /**
   * By address of the server; `reported`: ids of the exchanges that the report is about, null: all. `isWanted`: it is
   * about this server, whose logons may be out of sight.
   */
  servers(reported: ReadonlySet<string> | null, isWanted: (server: string) => boolean = () => true): PassThrough[] {
    return [...this.#servers]
      .map(([ip, server]) => summary(ip, server))
      .filter(
        ({ server, logons, unseen }) =>
          reported === null ||
          (unseen > 0 && isWanted(server)) ||
          logons.some(({ exchange }) => reported.has(exchange)),
      )
      .sort((a, b) => (a.server < b.server ? -1 : 1))
  }
}

function summary(ip: string, { controllers, operations, calls, further, withoutCall }: Server): PassThrough {
  const first = calls[0]!
  const certain = calls.filter(({ logons }) => logons.length === 1 && logons[0]!.calls === 1)
  const unseen = calls.filter(({ logons }) => logons.length === 0).length
  return {
    server: ip,
    controllers: [...controllers].sort(),
    operations: [...operations].sort(),
    calls: calls.length + further,
    served: certain.length,
    ambiguous: calls.length - certain.length - unseen + further,
    unseen,
    withoutCall,
    logons: certain.slice(0, LIMITS.framesPerFindingMax).map(({ frame, capture, logons }) => ({
      exchange: logons[0]!.id,
      account: logons[0]!.account,
      frame: refIn(first.capture, frame, capture),
    })),
    start: first.time,
    end: calls.at(-1)!.time,
    capture: first.capture,
    frames: calls
      .slice(0, LIMITS.framesPerFindingMax)
      .map(({ frame, capture }) => refIn(first.capture, frame, capture)),
  }
}
