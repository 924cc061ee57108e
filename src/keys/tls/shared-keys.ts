/**
 * What the TLS connections of a run share: secrets, counters, and what one of them teaches another. And what a
 * connection gives, and to whom.
 */
import { createHash, type KeyObject } from 'node:crypto'
import { deleteOldest } from '../../memory/bounded-map.ts'
import { LIMITS } from '../../memory/limits.ts'
import type { KeyLog } from '../key-log.ts'
import { Held } from './held.ts'
import type { Hello } from './hello.ts'
import { Rooms } from './rooms.ts'

/** What a channel may be bound to, besides the server's certificate: bindings in hexadecimal, public values. */
export interface ChannelBindings {
  /** null: the Finished that it is made of was not seen, or TLS 1.3, which has none */
  readonly unique: string | null
  /** of TLS 1.2 two, with a context of no length and without one */
  readonly exporters: readonly string[]
}

export interface TlsOutput {
  /** one whole handshake message, in clear or opened: hellos, certificates, tickets; never a Finished */
  handshake(from: 0 | 1, message: Uint8Array): void
  /** the server goes on with a ticket, and no session id says so */
  resumed(from: 0 | 1): void
  bindings(bindings: ChannelBindings): void
  /** one end closes the connection (close_notify) */
  closed(from: 0 | 1): void
  /** what comes next of this direction that nobody wants, as far as it is known: bytes; 0: all is wanted */
  plain(from: 0 | 1, bytes: Uint8Array): number
  /** `count` of those bytes have passed: nobody opened them */
  passed(from: 0 | 1, count: number): void
  /** `count` bytes of plain text are missing; `UNCOUNTED_BYTES`: nobody knows how many */
  gap(from: 0 | 1, count: number): void
  /** no secret fits: these bytes are all that was given of a direction */
  refused(from: 0 | 1, bytes: Uint8Array): void
  /** no TLS begins here: what follows in this direction is in clear again */
  left(from: 0 | 1, bytes: Uint8Array): void
  /** nothing more of this direction can be opened */
  sealed(from: 0 | 1): void
}

/** Time and frame of what is being given; set back for records that had to wait. */
export interface TlsClock {
  time: number
  frame: number
}

export interface TlsCounters {
  /** connections followed, and those that gave plain text */
  sessions: number
  opened: number
  /** records that opened, or held nothing but bytes that nobody wanted */
  records: number
  /** records that did not open, and those lost in holes */
  failed: number
  lost: number
  /** holes behind which the next record was found, and trials that it took */
  recovered: number
  trials: number
  /** suites that cannot be opened, and connections without a secret */
  unsupported: number
  withoutKeys: number
  /** connections given up in the middle, as all of them together held too much */
  givenUp: number
}

export const UNCOUNTED_BYTES = Number.MAX_SAFE_INTEGER

const MASTERS_MAX = 4096
/** connections remembered whose secrets may still come: to say so, nothing else */
const MISSED_MAX = 4096

/** The secrets of a run, and what its connections learn from each other. */
export class TlsKeys {
  readonly log: KeyLog
  readonly rsa: readonly KeyObject[]
  /** lines may still come: connections wait for them as long as they have room */
  readonly mayGrow: boolean
  readonly counters: TlsCounters = {
    sessions: 0,
    opened: 0,
    records: 0,
    failed: 0,
    lost: 0,
    recovered: 0,
    trials: 0,
    unsupported: 0,
    withoutKeys: 0,
    givenUp: 0,
  }
  readonly held: Held
  readonly rooms = new Rooms()
  readonly #missed = new Set<string>()
  readonly #masters = new Map<string, Buffer>()

  constructor(log: KeyLog, rsa: readonly KeyObject[], mayGrow: boolean, heldMax: number = LIMITS.tlsBytesMax) {
    this.log = log
    this.rsa = rsa
    this.mayGrow = mayGrow
    this.held = new Held(heldMax, this.counters)
  }

  /** A session may be resumed by this session id or ticket. */
  keep(name: Uint8Array, master: Buffer): void {
    const key = createHash('sha256').update(name).digest('base64')
    this.#masters.delete(key)
    this.#masters.set(key, master)
    if (this.#masters.size > MASTERS_MAX) deleteOldest(this.#masters)
  }

  /** May a connection that begins with this hello be opened? */
  knows({ random, session, ticket }: Pick<Hello, 'random' | 'session' | 'ticket'>): boolean {
    if (this.mayGrow || this.rsa.length > 0 || this.log.hasSessions) return true
    if (this.log.find(random) !== null || this.log.refresh()) return true
    return this.resumed(session) !== null || this.resumed(ticket) !== null
  }

  /** A connection with this ClientHello.random is passed by: nobody knows its secrets. */
  miss(random: Uint8Array): void {
    if (this.#missed.size < MISSED_MAX) this.#missed.add(Buffer.from(random).toString('latin1'))
  }

  /** Of those that were passed by, how many the log knows by now: their secrets came too late. */
  get late(): number {
    const { found } = this.log.counters
    let late = 0
    for (const random of this.#missed) if (this.log.find(Buffer.from(random, 'latin1')) !== null) late++
    this.log.counters.found = found
    return late
  }

  resumed(name: Uint8Array): Buffer | null {
    return this.#masters.get(createHash('sha256').update(name).digest('base64')) ?? null
  }
}

/** Sums of bytes of which one may not be known. */
export function addCounts(one: number, two: number): number {
  return one >= UNCOUNTED_BYTES || two >= UNCOUNTED_BYTES ? UNCOUNTED_BYTES : one + two
}
