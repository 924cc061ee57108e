/**
 * Notes of evidence as they are kept, a hundred thousand of them: no list for one frame or two, and what is true of one
 * in one number. An object with all members and a list of frames takes 90 bytes more (a use) or 50 (an answer).
 */
import type { Service } from '../../decoders/carrier.ts'

/**
 * What a KDC said to a client: an error, or a ticket for another realm. `frames` are frame keys of request and answer.
 */
export interface KdcAnswer {
  readonly kind: 'AS' | 'TGS' | 'referral'
  /** the name that was asked for; of a referral the realm that it leads to */
  readonly sname: string
  readonly realm: string | null
  readonly cname: string | null
  /** 0 in a referral */
  readonly code: number
  readonly name: string
  readonly time: number
  readonly frames: readonly number[]
}

/** A Kerberos authentication to a server. */
export interface KerberosUse {
  readonly server: string
  readonly port: number
  readonly service: Service
  /** `host:port` behind a proxy, which `server` is then; null: there is none */
  readonly tunnel: string | null
  /** a token of Kerberos was sent, not only the name of the mechanism */
  readonly ticket: boolean
  readonly host: string | null
  readonly time: number
  readonly accepted: boolean
  /** of a refusal: the KRB-ERROR of the service, and what the carrier said */
  readonly error: number | null
  readonly status: string | null
  /** the request with the ticket was too long for the server, or for what stands before it */
  readonly tooLong: boolean
  /** the service does not know the mechanism at all */
  readonly unsupported: boolean
  /** what the server offered there has no Kerberos in it */
  readonly notOffered: boolean
  readonly frames: readonly number[]
}

const NO_FRAME = -1
const TICKET = 1
const ACCEPTED = 2
const TOO_LONG = 4
const UNSUPPORTED = 8
const NOT_OFFERED = 16

/** Two frames at most, without a list. */
class WithFrames {
  readonly #first: number
  readonly #second: number

  constructor([first = NO_FRAME, second = NO_FRAME]: readonly number[]) {
    this.#first = first
    this.#second = second
  }

  get frames(): readonly number[] {
    if (this.#first === NO_FRAME) return []
    return this.#second === NO_FRAME ? [this.#first] : [this.#first, this.#second]
  }
}

/** As it is where it has more frames than fit. */
export function compactUse(use: KerberosUse): KerberosUse {
  return use.frames.length > 2 ? use : new Use(use)
}

export function compactAnswer(answer: KdcAnswer): KdcAnswer {
  return answer.frames.length > 2 ? answer : new Answer(answer)
}

class Use extends WithFrames implements KerberosUse {
  readonly server: string
  readonly port: number
  readonly service: KerberosUse['service']
  readonly tunnel: string | null
  readonly host: string | null
  readonly time: number
  readonly error: number | null
  readonly status: string | null
  readonly #is: number

  constructor(use: KerberosUse) {
    super(use.frames)
    this.server = use.server
    this.port = use.port
    this.service = use.service
    this.tunnel = use.tunnel
    this.host = use.host
    this.time = use.time
    this.error = use.error
    this.status = use.status
    this.#is =
      (use.ticket ? TICKET : 0) |
      (use.accepted ? ACCEPTED : 0) |
      (use.tooLong ? TOO_LONG : 0) |
      (use.unsupported ? UNSUPPORTED : 0) |
      (use.notOffered ? NOT_OFFERED : 0)
  }

  get ticket(): boolean {
    return (this.#is & TICKET) !== 0
  }

  get accepted(): boolean {
    return (this.#is & ACCEPTED) !== 0
  }

  get tooLong(): boolean {
    return (this.#is & TOO_LONG) !== 0
  }

  get unsupported(): boolean {
    return (this.#is & UNSUPPORTED) !== 0
  }

  get notOffered(): boolean {
    return (this.#is & NOT_OFFERED) !== 0
  }
}

class Answer extends WithFrames implements KdcAnswer {
  readonly kind: KdcAnswer['kind']
  readonly sname: string
  readonly realm: string | null
  readonly cname: string | null
  readonly code: number
  readonly name: string
  readonly time: number

  constructor(answer: KdcAnswer) {
    super(answer.frames)
    this.kind = answer.kind
    this.sname = answer.sname
    this.realm = answer.realm
    this.cname = answer.cname
    this.code = answer.code
    this.name = answer.name
    this.time = answer.time
  }
}
