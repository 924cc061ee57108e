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
import { longer } from '../../memory/compact/columns.ts'
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

/** What connections of a row say of themselves, each kind with the first that says it, and how many say so. */
export type SaidByThemselves = readonly {
  readonly connections: number
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

/** Counts of a row, in the order in which they stand beside each other. */
const CONNECTIONS = 0
const AUTHENTICATED = 1
const MIDSTREAM = 2
const ONE_SIDED = 3
const LOSSY = 4
const UNFINISHED = 5
const WHOLE = 6
const COUNTS = 7

/** Times of a row likewise, and a frame: the first and the last of all, the beginning and frame of what it shows. */
const START = 0
const END = 1
const SHOWN_START = 2
const SHOWN_FRAME = 3
const TIMES = 4

const ROWS_MIN = 64

/**
 * Rows are numbers, and what they count stands in columns: objects of 240 bytes each were 5 of the 90 MB that a flood
 * of authentications keeps. Who a row is about is told by its key.
 */
export class ConversationFold {
  /** connections whose row was not made any more */
  overflow = 0
  readonly #rows = new Map<string, number>()
  #counts = new Uint32Array(ROWS_MIN * COUNTS)
  #times = new Float64Array(ROWS_MIN * TIMES)
  readonly #captures: string[] = []
  /** of the few rows whose connections say something themselves */
  readonly #said = new Map<number, SaidByThemselves>()

  add(ended: Ended, missing: Missing, start: number): void {
    const { client, server, service, carrier } = ended
    const key = flatKey(client.ip, server.ip, server.port, carrier, service)
    const row = this.#rows.get(key) ?? this.#newRow(key, ended, start)
    if (row === null) {
      this.overflow++
      return
    }
    const counts = this.#counts
    const times = this.#times
    const count = row * COUNTS
    const time = row * TIMES
    const whole = isWhole(missing)
    const isShownWhole = counts[count + WHOLE] === counts[count + CONNECTIONS]
    counts[count + CONNECTIONS]!++
    if (ended.authenticated) counts[count + AUTHENTICATED]!++
    if (missing.midstream) counts[count + MIDSTREAM]!++
    if (missing.oneSided) counts[count + ONE_SIDED]!++
    if (missing.lossy) counts[count + LOSSY]!++
    if (missing.unfinished) counts[count + UNFINISHED]!++
    // connections end in any order: the row shows the earliest of those that matter most
    if (whole) counts[count + WHOLE]!++
    const better = whole === isShownWhole ? start < times[time + SHOWN_START]! : !whole
    if (better) {
      times[time + SHOWN_START] = start
      times[time + SHOWN_FRAME] = ended.frame
      this.#captures[row] = ended.capture
    }
    const { betrays, capture, frame } = ended
    if (betrays !== null) {
      const said = this.#said.get(row) ?? NOTHING_SAID
      const { mechanism } = betrays
      this.#said.set(
        row,
        said.some((one) => one.mechanism === mechanism)
          ? said.map((one) => (one.mechanism === mechanism ? { ...one, connections: one.connections + 1 } : one))
          : [...said, { ...betrays, connections: 1, capture, frame }],
      )
    }
    times[time + START] = Math.min(times[time + START]!, start)
    times[time + END] = Math.max(times[time + END]!, ended.end)
  }

  /** `likely`: what is said of a row whose inside was not seen. */
  conversations(likely: (row: ConversationRow, said: SaidByThemselves) => Likely | null = nothing): ConversationRow[] {
    return Array.from(this.#rows, ([key, row]) => this.#rowOf(key, row, likely)).sort(
      (a, b) =>
        compareText(a.client.ip, b.client.ip) ||
        compareText(a.server.ip, b.server.ip) ||
        a.server.port - b.server.port ||
        compareText(a.carrier, b.carrier) ||
        compareText(a.service, b.service),
    )
  }

  /** Null: there are too many. */
  #newRow(key: string, { end, capture, frame }: Ended, start: number): number | null {
    const { size } = this.#rows
    if (size >= LIMITS.conversationsMax) return null
    if (size * COUNTS === this.#counts.length) {
      const rows = Math.min(size * 2, LIMITS.conversationsMax)
      this.#counts = longer(this.#counts, new Uint32Array(rows * COUNTS))
      this.#times = longer(this.#times, new Float64Array(rows * TIMES))
    }
    this.#rows.set(key, size)
    this.#captures.push(capture)
    this.#times.set([start, end, Number.POSITIVE_INFINITY, frame], size * TIMES)
    return size
  }

  #rowOf(
    key: string,
    at: number,
    likely: (row: ConversationRow, said: SaidByThemselves) => Likely | null,
  ): ConversationRow {
    const one = this.#shown(key, at)
    const unfinished = this.#counts[at * COUNTS + UNFINISHED]!
    const isSealed = one.carrier === 'tls' && one.authenticated === 0 && unfinished === 0
    const row = isSealed ? sealedRowOf(one) : one
    if (unfinished > 0) row.unfinished = unfinished
    const said = likely(row, this.#said.get(at) ?? NOTHING_SAID)
    if (said !== null) row.likely = said
    else if (isSealed) return one
    return row
  }

  #shown(key: string, at: number): OpenRow {
    const [client = '', server = '', port, carrier = '', service] = key.split(' ')
    const count = at * COUNTS
    const time = at * TIMES
    const counts = this.#counts
    const times = this.#times
    return {
      client: { ip: client },
      server: { ip: server, port: Number(port) },
      service: service as Service,
      carrier,
      connections: counts[count + CONNECTIONS]!,
      authenticated: counts[count + AUTHENTICATED]!,
      midstream: counts[count + MIDSTREAM]!,
      oneSided: counts[count + ONE_SIDED]!,
      lossy: counts[count + LOSSY]!,
      whole: counts[count + WHOLE]!,
      start: times[time + START]!,
      end: times[time + END]!,
      capture: this.#captures[at]!,
      frame: times[time + SHOWN_FRAME]!,
    }
  }
}

const nothing = () => null

type OpenRow = { -readonly [K in keyof ConversationRow]: ConversationRow[K] }

/**
 * A row with what is said of its inside, member by member. What few rows have is entered behind the others: it takes
 * room of its own, which no row of TLS has to be given.
 */
function sealedRowOf(one: OpenRow): OpenRow {
  return {
    client: one.client,
    server: one.server,
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

const NOTHING_SAID: SaidByThemselves = []

/** What is usually spoken on a port: the only hint where nobody recognised what was said. */
export function serviceOfPort(port: number): Service | null {
  const carrier = CARRIERS.find(({ transport, ports }) => transport === 'tcp' && ports.includes(port))
  return serviceOfTlsPort(port) ?? (carrier === undefined ? null : serviceOfCarrier(carrier.name))
}
