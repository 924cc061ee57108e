/**
 * Who spoke to whom at all, and how much of it the capture shows: one row a client, server, port and carrier. A fold
 * over connections that end.
 *
 * "No NTLM was seen" says something about a flow only where its conversations were seen whole: from the handshake on,
 * in both directions, without a hole. Authentications are none of its business (`exchange.ts`); it only counts the
 * connections that showed one.
 */

import type { Service } from '../../../decoders/carrier.ts'
import { CARRIERS } from '../../../decoders/registry.ts'
import { serviceOfCarrier, serviceOfTlsPort } from '../../../decoders/services.ts'
import type { Endpoint } from '../../facts/exchange.ts'
import type { FrameRef } from '../../facts/frames.ts'
import { compareText } from '../../facts/words/text-order.ts'
import { flatKey } from '../../memory/flat-key.ts'
import { LIMITS } from '../../memory/limits.ts'
import type { Conversation as Conversed } from '../../stream/conversation.ts'
import type { LikelyMechanism } from './sealed-sizes.ts'

export interface ConversationRow {
  readonly client: { readonly ip: string }
  readonly server: { readonly ip: string; readonly port: number }
  readonly service: Service
  /**
   * `tls`: what is inside is not visible; `unrecognised`: the beginning or more is missing, on the port of a known
   * service
   */
  readonly carrier: string
  readonly connections: number
  /** connections that showed an authentication */
  readonly authenticated: number
  /**
   * connections whose beginning is missing, that were seen in one direction only, that have holes; one may be several
   * of these
   */
  readonly midstream: number
  readonly oneSided: number
  readonly lossy: number
  /** connections that had not authenticated when the captures ended, and were about to; absent: none was */
  readonly unfinished?: number
  /** connections that are none of these */
  readonly whole: number
  /** microseconds since 1970: the first payload of the first one, the last of the last one */
  readonly start: number
  readonly end: number
  readonly capture: string
  /** first frame of the first connection that is not whole, else of the first one */
  readonly frame: number
  /** TLS whose inside was not seen: what the rest of the wire says of it, never a verdict; absent elsewhere */
  readonly likely?: Likely
}

/** What connections of a row say of themselves, each kind with the first that says it. */
export type SaidByThemselves = readonly {
  readonly mechanism: LikelyMechanism
  readonly code: 'sizes' | 'no-credssp'
  readonly capture: string
  readonly frame: FrameRef
}[]

/** What authenticates in these conversations is not visible, however whole they are. */
export function isOpaque({ carrier }: { readonly carrier: string }): boolean {
  return carrier in OPAQUE_NAMES
}

/** What hides it, as people write it. */
export function opaqueName({ carrier }: { readonly carrier: string }): string {
  return OPAQUE_NAMES[carrier] ?? carrier
}

const OPAQUE_NAMES: Readonly<Record<string, string>> = { tls: 'TLS', quic: 'QUIC', http2: 'HTTP/2' }

/** `none`: a logon of another kind, or none; `unsaid`: nothing speaks, or several sides do. */
export interface Likely {
  readonly mechanism: LikelyMechanism | 'unsaid'
  readonly reasons: readonly LikelyReason[]
}

export interface LikelyReason {
  /**
   * `ticket`: the client got one for this server; `ticket-refused`: the KDC knows no such server; `asked`: the server
   * asked a domain controller about a logon that nobody saw, while the conversation was open; `sizes`: those of the
   * first records are those of such a logon; `no-credssp`: RDP in TLS alone, where a person logs on to the server
   * itself
   */
  readonly code: 'ticket' | 'ticket-refused' | 'asked' | 'sizes' | 'no-credssp'
  /** of the ticket; null: of none */
  readonly sname: string | null
  readonly capture: string
  readonly frame: FrameRef
}

/** One connection that has ended. */
export interface Ended {
  readonly client: Endpoint
  readonly server: Endpoint
  readonly service: Service
  readonly carrier: string
  readonly authenticated: boolean
  readonly end: number
  readonly capture: string
  readonly frame: number
  /** what of the logon inside the connection itself betrays; null: nothing */
  readonly betrays: { readonly mechanism: LikelyMechanism; readonly code: 'sizes' | 'no-credssp' } | null
}

/** What of a connection is not in the capture. */
export interface Missing {
  readonly midstream: boolean
  readonly oneSided: boolean
  readonly lossy: boolean
  /** the captures end before somebody who was about to has authenticated */
  readonly unfinished: boolean
}

/** A direction in which nobody recognised anything counts as not seen. */
export function missingOf(ended: Conversed, unfinished = false): Missing {
  return {
    midstream: !ended.sawStart,
    // who was about to answer was not captured in one direction only
    oneSided: (ended.carrierOf(0) === null) !== (ended.carrierOf(1) === null) && !(unfinished && ended.isTwoSided),
    lossy: ended.gaps > 0,
    unfinished,
  }
}

export function isWhole({ midstream, oneSided, lossy, unfinished }: Missing): boolean {
  return !midstream && !oneSided && !lossy && !unfinished
}

export class ConversationFold {
  /** connections whose row was not made any more */
  overflow = 0
  readonly #rows = new Map<string, Row>()

  add(ended: Ended, missing: Missing, start: number): void {
    const { client, server, service, carrier } = ended
    const key = flatKey(client.ip, server.ip, server.port, carrier, service)
    let row = this.#rows.get(key)
    const whole = isWhole(missing)
    if (row === undefined) {
      if (this.#rows.size >= LIMITS.conversationsMax) {
        this.overflow++
        return
      }
      row = newRow(ended, start)
      this.#rows.set(key, row)
    }
    row.connections++
    if (ended.authenticated) row.authenticated++
    if (missing.midstream) row.midstream++
    if (missing.oneSided) row.oneSided++
    if (missing.lossy) row.lossy++
    if (missing.unfinished) row.unfinished++
    // connections end in any order: the row shows the earliest of those that matter most
    if (whole) row.whole++
    const better = whole === row.shownWhole ? start < row.shownStart : !whole
    if (better) {
      row.shownWhole = whole
      row.shownStart = start
      row.capture = ended.capture
      row.frame = ended.frame
    }
    const { betrays, capture, frame } = ended
    if (betrays !== null && !row.said.some(({ mechanism }) => mechanism === betrays.mechanism))
      row.said = [...row.said, { ...betrays, capture, frame }]
    row.start = Math.min(row.start, start)
    row.end = Math.max(row.end, ended.end)
  }

  /** `likely`: what is said of a row whose inside was not seen. */
  conversations(likely: (row: ConversationRow, said: SaidByThemselves) => Likely | null = nothing): ConversationRow[] {
    return [...this.#rows.values()]
      .map((row) => rowOf(row, likely))
      .sort(
        (a, b) =>
          compareText(a.client.ip, b.client.ip) ||
          compareText(a.server.ip, b.server.ip) ||
          a.server.port - b.server.port ||
          compareText(a.carrier, b.carrier) ||
          compareText(a.service, b.service),
      )
  }
}

const nothing = () => null

type OpenRow = { -readonly [K in keyof ConversationRow]: ConversationRow[K] }

/** What few rows have is entered behind the others: it takes room of its own, which no row of TLS has to be given. */
function rowOf(one: Row, likely: (row: ConversationRow, said: SaidByThemselves) => Likely | null): ConversationRow {
  const isSealed = one.carrier === 'tls' && one.authenticated === 0 && one.unfinished === 0
  const row = isSealed ? sealedRowOf(one) : plainRowOf(one)
  if (one.unfinished > 0) row.unfinished = one.unfinished
  const said = likely(row, one.said)
  if (said !== null) row.likely = said
  else if (isSealed) return plainRowOf(one)
  return row
}

/** Member by member: a network has hundreds of thousands of them, and a copy of the others costs four times as much. */
function plainRowOf(one: Row): OpenRow {
  return {
    client: { ip: one.clientIp },
    server: { ip: one.serverIp, port: one.serverPort },
    service: one.service,
    carrier: one.carrier,
    connections: one.connections,
    authenticated: one.authenticated,
    midstream: one.midstream,
    oneSided: one.oneSided,
    lossy: one.lossy,
    whole: one.whole,
    start: one.start,
    end: one.end,
    capture: one.capture,
    frame: one.frame,
  }
}

/** The same with what is said of its inside. */
function sealedRowOf(one: Row): OpenRow {
  return {
    client: { ip: one.clientIp },
    server: { ip: one.serverIp, port: one.serverPort },
    service: one.service,
    carrier: one.carrier,
    connections: one.connections,
    authenticated: one.authenticated,
    midstream: one.midstream,
    oneSided: one.oneSided,
    lossy: one.lossy,
    whole: one.whole,
    start: one.start,
    end: one.end,
    capture: one.capture,
    frame: one.frame,
    likely: UNSAID,
  }
}

/** Nothing speaks. */
export const UNSAID: Likely = { mechanism: 'unsaid', reasons: [] }

/** Flat: the two objects of the ends are 70 bytes a row. */
type Row = { -readonly [K in keyof Omit<ConversationRow, 'client' | 'server' | 'unfinished'>]: ConversationRow[K] } & {
  unfinished: number
  readonly clientIp: string
  readonly serverIp: string
  readonly serverPort: number
  shownStart: number
  shownWhole: boolean
  said: SaidByThemselves
}

function newRow({ client, server, service, carrier, end, capture, frame }: Ended, start: number): Row {
  return {
    clientIp: client.ip,
    serverIp: server.ip,
    serverPort: server.port,
    service,
    carrier,
    connections: 0,
    authenticated: 0,
    midstream: 0,
    oneSided: 0,
    lossy: 0,
    unfinished: 0,
    whole: 0,
    start,
    end,
    capture,
    frame,
    shownStart: Number.POSITIVE_INFINITY,
    shownWhole: true,
    said: NOTHING_SAID,
  }
}

const NOTHING_SAID: SaidByThemselves = []

/** What is usually spoken on a port: the only hint where nobody recognised what was said. */
export function serviceOfPort(port: number): Service | null {
  const carrier = CARRIERS.find(({ transport, ports }) => transport === 'tcp' && ports.includes(port))
  return serviceOfTlsPort(port) ?? (carrier === undefined ? null : serviceOfCarrier(carrier.name))
}
