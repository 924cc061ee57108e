/**
 * Attempts that ended without authentication: a server said how it wants to be authenticated to, and the connection was
 * closed before anybody tried. It is what is left of a logon on the wire once its only mechanism is switched off: the
 * client sends nothing more.
 *
 * A fold over connections that end and over exchanges. Told is what cannot be something else: connections that were
 * seen whole, over carriers whose clients ask for an offer to answer it (SMB, HTTP; a rootDSE or the capabilities of a
 * mail server are read by anybody). Not told: one attempt alone; those of a client that authenticated to the same
 * service at about that time (spare connections, a second connection for the logon); those of a client that was turned
 * away by many servers and authenticated nowhere (a scanner). A monitor that negotiates with one server looks the same
 * as a client that may not go on: this is a fact, and what came before or was expected makes a finding of it. Refused
 * connections (RST to a SYN) are not seen here.
 */
import type { Service } from '../../../decoders/carrier.ts'
import { isKerberosLike } from '../../causes/origin.ts'
import type { Offered } from '../../exchange/conversation-state.ts'
import type { AuthExchange } from '../../facts/exchange.ts'
import { type FrameRef, refIn } from '../../facts/frames.ts'
import { compareText } from '../../facts/words/text-order.ts'
import { pairKey } from '../../memory/flat-key.ts'
import { LIMITS } from '../../memory/limits.ts'

/** Who ended it first: the client, which had nothing to answer with; or the server, which waited in vain. */
export const TURNED_AWAY = ['client-gave-up', 'server-closed'] as const
export type TurnedAwayClass = (typeof TURNED_AWAY)[number]

export interface TurnedAway {
  readonly client: string
  readonly server: string
  readonly service: Service
  /** of the server */
  readonly ports: readonly number[]
  /** of most attempts */
  readonly class: TurnedAwayClass
  /** connections */
  readonly count: number
  /** microseconds since 1970: the beginning of the first and of the last of them */
  readonly first: number
  readonly last: number
  readonly capture: string
  /** the offers of the first ones */
  readonly frames: readonly FrameRef[]
}

/** One connection that ended, with what its server had offered. */
export interface EndedOffer {
  readonly client: string
  readonly server: string
  readonly port: number
  readonly carrier: string
  readonly offer: Pick<Offered, 'names' | 'service'>
  readonly endedBy: 'client' | 'server'
  readonly start: number
  readonly capture: string
  /** of the offer */
  readonly frame: FrameRef
}

interface Attempts {
  clientGaveUp: number
  serverClosed: number
  first: number
  last: number
  readonly capture: string
  readonly frames: FrameRef[]
}

interface Pair {
  readonly client: string
  readonly server: string
  readonly service: Service
  readonly ports: Set<number>
  /** by stretch of time */
  readonly attempts: Map<number, Attempts>
}

/** a logon in the same or the next stretch explains an attempt */
const STRETCH_MICROS = 900e6
/** one attempt may be a user who cancelled */
const ATTEMPTS_MIN = 2
/** who is turned away by more servers, and authenticates to none, looks for something */
const SERVERS_MAX = 16
const STRETCHES_MAX = 4096

export class TurnedAwayFold {
  /** attempts that were not counted; or authentications, and then nothing can be told */
  overflow = 0
  #isTold = true
  readonly #pairs = new Map<string, Pair>()
  /** stretches of time with an authentication, by pair */
  readonly #authenticated = new Map<string, Set<number>>()
  readonly #clients = new Set<string>()

  /** A whole connection without any authentication. */
  ended({ client, server, port, carrier, offer, endedBy, start, capture, frame }: EndedOffer): void {
    if (!CARRIERS_ASKED.has(carrier) || !offersLogon(carrier, offer)) return
    const key = pairKey(client, server, offer.service)
    let pair = this.#pairs.get(key)
    if (pair === undefined) {
      if (this.#pairs.size >= LIMITS.conversationsMax) {
        this.overflow++
        return
      }
      pair = { client, server, service: offer.service, ports: new Set(), attempts: new Map() }
      this.#pairs.set(key, pair)
    }
    if (pair.ports.size < LIMITS.framesPerFindingMax) pair.ports.add(port)
    const stretch = stretchOf(start)
    let attempts = pair.attempts.get(stretch)
    if (attempts === undefined) {
      if (pair.attempts.size >= STRETCHES_MAX) {
        this.overflow++
        return
      }
      attempts = { clientGaveUp: 0, serverClosed: 0, first: start, last: start, capture, frames: [] }
      pair.attempts.set(stretch, attempts)
    }
    if (endedBy === 'client') attempts.clientGaveUp++
    else attempts.serverClosed++
    attempts.first = Math.min(attempts.first, start)
    attempts.last = Math.max(attempts.last, start)
    if (attempts.frames.length < LIMITS.framesPerFindingMax)
      attempts.frames.push(refIn(attempts.capture, frame, capture))
  }

  /** Any authentication, however it went: it stands in the report by itself. */
  exchange({ client, server, service, start, end }: AuthExchange): void {
    if (!this.#isTold) return
    const key = pairKey(client.ip, server.ip, service)
    let stretches = this.#authenticated.get(key)
    if (stretches === undefined) {
      if (this.#authenticated.size >= LIMITS.conversationsMax || this.#clients.size >= LIMITS.conversationsMax) {
        this.#isTold = false
        this.overflow++
        return
      }
      stretches = new Set()
      this.#authenticated.set(key, stretches)
      this.#clients.add(client.ip)
    }
    stretches.add(stretchOf(start)).add(stretchOf(end))
  }

  /** By client, server and service. */
  turnedAway(): TurnedAway[] {
    if (!this.#isTold) return []
    const servers = new Map<string, number>()
    for (const { client } of this.#pairs.values()) servers.set(client, (servers.get(client) ?? 0) + 1)
    const isScanner = (client: string) => servers.get(client)! > SERVERS_MAX && !this.#clients.has(client)
    return [...this.#pairs]
      .flatMap(([key, pair]) => (isScanner(pair.client) ? [] : summary(pair, this.#authenticated.get(key) ?? NEVER)))
      .sort(
        (a, b) =>
          compareText(a.client, b.client) || compareText(a.server, b.server) || compareText(a.service, b.service),
      )
  }
}

function summary({ client, server, service, ports, attempts }: Pair, authenticated: ReadonlySet<number>): TurnedAway[] {
  const isExplained = (stretch: number) => [stretch - 1, stretch, stretch + 1].some((one) => authenticated.has(one))
  const left = [...attempts]
    .filter(([stretch]) => !isExplained(stretch))
    .map(([, one]) => one)
    .sort((a, b) => a.first - b.first)
  const gaveUp = left.reduce((sum, { clientGaveUp }) => sum + clientGaveUp, 0)
  const closed = left.reduce((sum, { serverClosed }) => sum + serverClosed, 0)
  if (gaveUp + closed < ATTEMPTS_MIN) return []
  const { first, capture } = left[0]!
  return [
    {
      client,
      server,
      service,
      ports: [...ports].sort((a, b) => a - b),
      class: gaveUp >= closed ? 'client-gave-up' : 'server-closed',
      count: gaveUp + closed,
      first,
      last: Math.max(...left.map(({ last }) => last)),
      capture,
      frames: left[0]!.frames,
    },
  ]
}

/** Turned away, of a report; saved reports of old versions have none. */
export function turnedAwayOf(report: { readonly turnedAway?: readonly TurnedAway[] }): readonly TurnedAway[] {
  return report.turnedAway ?? []
}

/** `tried 7 times, never authenticated: the client gave up after the offer of the server` */
export function turnedAwayText({ count, class: kind }: Pick<TurnedAway, 'count' | 'class'>): string {
  const how =
    kind === 'client-gave-up'
      ? 'the client closed the connection after what the server offered'
      : 'the server closed the connection after its offer had no answer'
  return `tried ${count} times, never authenticated: ${how}`
}

/** A 401 for a password alone (Basic, Digest) is none that a domain account is asked by; SMB has no other way. */
function offersLogon(carrier: string, { names }: EndedOffer['offer']): boolean {
  return carrier === 'smb' || names.some((name) => isKerberosLike(name) || /^ntlm/i.test(name))
}

function stretchOf(time: number): number {
  return Math.floor(time / STRETCH_MICROS)
}

const CARRIERS_ASKED: ReadonlySet<string> = new Set(['smb', 'http'])
const NEVER: ReadonlySet<number> = new Set()
