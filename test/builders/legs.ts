/**
 * Steps of carriers made by hand and fed to the fold over exchanges: one `Dialogue` is one connection, each call one
 * message with one step. Tokens are real bytes and go through the real mechanisms; no carrier decodes anything.
 */
import type { AuthStep, Carrier, CarrierMessage, LegStep, Service, Side } from '../../decoders/carrier.ts'
import { http } from '../../decoders/carriers/http/http.ts'
import { kdcTcp } from '../../decoders/carriers/kdc.ts'
import { ldap } from '../../decoders/carriers/ldap/ldap.ts'
import { smb } from '../../decoders/carriers/smb/smb.ts'
import { tds } from '../../decoders/carriers/tds.ts'
import { decodeToken } from '../../decoders/token.ts'
import { HALF_NUMBERS, SLOT_NUMBERS } from '../../src/engine/layout.ts'
import { ExchangeFold } from '../../src/exchange/fold.ts'
import type { AuthExchange, ContextNote, KdcExchange } from '../../src/facts/exchange.ts'
import { FrameNames } from '../../src/facts/frames.ts'
import { Connection, endsOf, FollowedNumbers } from '../../src/stream/connection.ts'
import { segment } from './segment.ts'

const CARRIERS: Partial<Record<Service, Carrier>> = { smb, http, ldap, kdc: kdcTcp, mssql: tds }

/** A fold, what it gave out, and a clock that every message moves on by one frame and a millisecond. */
export class Folded {
  readonly #exchanges: AuthExchange[] = []
  readonly kdc: KdcExchange[] = []
  readonly notes: ContextNote[] = []
  readonly fold: ExchangeFold
  frame = 0
  time = 1_700_000_000_000_000

  constructor() {
    this.fold = new ExchangeFold(
      {
        exchange: (exchange) => this.#exchanges.push(exchange),
        kdc: (kdc) => this.kdc.push(kdc),
        context: (note) => this.notes.push(note),
      },
      new FrameNames([{ name: 'a.pcap' }]),
    )
  }

  /** What was given out, after everything that waited was decided. */
  get exchanges(): readonly AuthExchange[] {
    this.fold.end()
    return this.#exchanges
  }

  wait(seconds: number): this {
    this.time += seconds * 1e6
    return this
  }
}

export interface DialogueOptions {
  readonly client?: string
  readonly server?: string
  readonly clientPort?: number
  /** false: the capture begins in its middle */
  readonly sawStart?: boolean
}

export class Dialogue {
  readonly connection: Connection
  readonly #folded: Folded
  readonly #service: Service

  constructor(folded: Folded, service: Service, options: DialogueOptions = {}) {
    const { client = '10.0.0.9', server = '10.0.0.1', clientPort = 50_000, sawStart = true } = options
    this.#folded = folded
    this.#service = service
    const ends = { source: { ip: client, port: clientPort }, destination: { ip: server, port: 445 } }
    // the client is the high end here, whatever the addresses say
    const numbers = new FollowedNumbers(new Float64Array(2 * HALF_NUMBERS), new Float64Array(SLOT_NUMBERS))
    numbers.clear(0)
    this.connection = new Connection(0, endsOf(segment(ends), false), folded.time, folded.frame, numbers, 0)
    if (sawStart) this.connection.handshake(false)
  }

  client(leg: Partial<LegStep>): this {
    return this.#leg('client', leg)
  }

  server(leg: Partial<LegStep>): this {
    return this.#leg('server', leg)
  }

  offer(offered: readonly string[] | Uint8Array, slot = ''): this {
    const isToken = offered instanceof Uint8Array
    return this.step('server', {
      kind: 'offer',
      methods: isToken ? [] : offered,
      token: isToken ? offered : null,
      slot,
    })
  }

  kdc(from: Side, token: Uint8Array): this {
    return this.step(from, { kind: 'kdc', from, token })
  }

  traffic(from: Side, slot: string, protection: 'signed' | 'sealed' | 'clear', refused = false): this {
    return this.step(from, { kind: 'traffic', from, slot, protection, refused, how: null })
  }

  step(from: Side, step: AuthStep): this {
    const folded = this.#folded
    folded.frame++
    folded.time += 1000
    const message: CarrierMessage = {
      protocol: this.#service,
      type: 'message',
      from,
      service: this.#service,
      fields: null,
      steps: [step],
    }
    const token = 'token' in step ? step.token : null
    const { time, frame } = folded
    const context = {
      conversation: this.connection,
      from: from === 'client' ? 1 : 0,
      carrier: CARRIERS[this.#service]!,
      time,
      frame,
      cut: 'whole',
    } as const
    folded.fold.step(context, message, step, token === null ? [] : decodeToken(token, from))
    // tokens are borrowed: whoever kept a view of one would see this
    token?.fill(0xdd)
    return this
  }

  close(): void {
    this.#folded.fold.closed(this.connection, 0)
  }

  #leg(from: Side, leg: Partial<LegStep>): this {
    return this.step(from, {
      kind: 'leg',
      from,
      slot: '',
      message: null,
      method: null,
      direct: false,
      token: null,
      outcome: null,
      status: null,
      principal: null,
      plainNtlm: null,
      session: null,
      facts: null,
      rpc: null,
      smb: null,
      ...leg,
    })
  }
}
