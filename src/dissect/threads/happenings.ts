/**
 * From the threads that dissect to the one that understands: what dissection tells the fold, a round at a time.
 *
 * A happening is the number of its record in the round, its kind, and its parts. What is told of messages is what
 * told.ts names. Where several threads dissect, their happenings are put together by those numbers, so that the fold
 * hears them in the order of the packets.
 */
import type { AuthStep, Carrier, CarrierMessage, HandshakeStep, LegStep, Side } from '../../../decoders/carrier.ts'
import type { DecodedToken } from '../../../decoders/token.ts'
import { tokenDigest } from '../../facts/identity.ts'
import { LIMITS } from '../../memory/limits.ts'
import { Paged } from '../../memory/paged.ts'
import { Mirror } from '../../reading/handover.ts'
import type { Conversation } from '../../stream/conversation.ts'
import type { Clock, Cut } from '../../stream/sink.ts'
import type { DissectSink, MessageContext } from '../dissector.ts'
import type { ToldSink, ToldToken } from '../told.ts'
import { messageOf, packMessage } from './messages.ts'
import { type Packed, Packer, Unpacker } from './packing.ts'

const STEP = 0
const OPENED = 1
const HANDSHAKE = 2
const TUNNEL = 3
const CLOSED = 4
const FORGOTTEN = 5
const NETWORK = 6

/** kinds of step that have a form of their own; others are objects as they are */
const LEG = 0
const OFFER = 1
const TRAFFIC = 2
const KDC = 3
const OTHER = 4

const CUTS: readonly Cut[] = ['whole', 'snap-length', 'lost']
const IS_HIGH = 1
const CUT_SHIFT = 1
const CUT_MASK = 3
const CLIENT_SHIFT = 3
const CLIENT_MASK = 3
const SAW_START = 1 << 5

/** The sink of a thread that dissects. `thread` of `threads`: so that the numbers which it makes are its own. */
export class HappeningsWriter implements DissectSink {
  readonly #carriers: ReadonlyMap<Carrier, number>
  readonly #clock: Clock & { readonly number: number }
  readonly #digests: boolean
  readonly #threads: number
  #made: number
  readonly #out = new Packer()
  /** conversations that the other side knows: by their places in the table of connections, and those that have none */
  readonly #mirrored = new Uint8Array(LIMITS.connectionsMax)
  readonly #known = new Map<Conversation, number>()

  /** `digests`: of the tokens of clients, by which exchanges are known */
  constructor(
    carriers: readonly Carrier[],
    clock: Clock & { readonly number: number },
    digests: boolean,
    thread: number,
    threads: number,
  ) {
    this.#carriers = new Map(carriers.map((carrier, index) => [carrier, index]))
    this.#clock = clock
    this.#digests = digests
    this.#threads = threads
    this.#made = -1 - thread
  }

  /** What happened since it was asked last. */
  take(): Packed {
    return this.#out.take()
  }

  /** What a conversation without a place in the table is known by; null: nothing was told of it. */
  idOf(conversation: Conversation): number | null {
    return this.#known.get(conversation) ?? null
  }

  carrierMessage(): void {}

  tokenMessage(): void {}

  step(context: MessageContext, message: CarrierMessage, step: AuthStep, tokens: readonly DecodedToken[]): void {
    const { conversation, from, carrier, time, frame, cut } = context
    this.#begin(STEP, conversation, (from === 1 ? IS_HIGH : 0) | (CUTS.indexOf(cut) << CUT_SHIFT))
    const out = this.#out
    out.number(time)
    out.number(frame)
    out.number(this.#numberOf(carrier))
    out.text(message.protocol)
    out.text(message.service)
    packStep(out, step)
    out.number(tokens.length)
    for (const { message: inner, fault } of tokens) {
      out.textOrNull(fault === null ? null : fault.reason)
      packMessage(out, inner)
    }
    out.textOrNull(this.#digests && step.kind === 'leg' ? digestOf(step, tokens) : null)
  }

  handshake(conversation: Conversation, step: HandshakeStep): void {
    const { certificate, chain, compressed, tickets } = step
    this.#begin(HANDSHAKE, conversation, 0)
    const out = this.#out
    out.flag(step.from === 'server')
    out.text(step.message)
    out.repeated(certificate)
    out.repeated(chain.length === 0 ? null : chain)
    out.number(compressed === null ? -1 : compressed.algorithm)
    out.bytes(compressed === null ? null : compressed.data)
    out.bytes(step.session)
    out.number(tickets.length)
    for (const ticket of tickets) out.bytes(ticket)
    out.numberOrNull(step.selected)
    out.flag(step.mayResumeUnnamed)
    out.flag(step.isSealed)
    out.object(step.bindings)
    out.number(step.sealedBytes)
  }

  network(conversation: Conversation, method: string): void {
    this.#begin(NETWORK, conversation, 0)
    this.#now()
    this.#out.text(method)
  }

  tunnel(conversation: Conversation): void {
    this.#begin(TUNNEL, conversation, 0)
    this.#now()
  }

  closed(conversation: Conversation): void {
    this.#begin(CLOSED, conversation, 0)
    if (conversation instanceof Mirror) this.#mirrored[conversation.index] = 0
    else this.#known.delete(conversation)
    const { outer } = conversation
    this.#now()
    const out = this.#out
    out.number(conversation.signatures)
    out.number(conversation.ntlmMessages)
    out.number(conversation.contents)
    out.number(conversation.endedBy)
    out.flag(conversation.isOpen)
    out.flag(conversation.isTwoSided)
    out.number(this.#numberOf(conversation.carrierOf(0)))
    out.number(this.#numberOf(conversation.carrierOf(1)))
    out.number(outer.length)
    for (const carrier of outer) out.number(this.#numberOf(carrier))
  }

  /** A datagram that stands for itself has no end that is told. */
  forget(conversation: Conversation): void {
    const id = this.#known.get(conversation)
    if (id === undefined) return
    this.#known.delete(conversation)
    const out = this.#out
    out.number(this.#clock.number)
    out.number(FORGOTTEN)
    out.number(id)
  }

  #now(): void {
    this.#out.number(this.#clock.time)
    this.#out.number(this.#clock.frame)
  }

  #numberOf(carrier: Carrier | null): number {
    return carrier === null ? -1 : (this.#carriers.get(carrier) ?? -1)
  }

  /** What all happenings but the first and the last of a conversation begin with. */
  #begin(kind: number, conversation: Conversation, bits: number): void {
    const id = this.#numberFor(conversation)
    const { clientHalf, sawStart, gaps } = conversation
    const out = this.#out
    out.number(this.#clock.number)
    out.number(kind)
    out.number(id)
    out.number(bits | ((clientHalf + 1) << CLIENT_SHIFT) | (sawStart ? SAW_START : 0))
    out.number(gaps)
  }

  /** Places in the table of connections are not negative, other numbers are. */
  #numberFor(conversation: Conversation): number {
    if (conversation instanceof Mirror) {
      const { index } = conversation
      if (this.#mirrored[index] === 0) {
        this.#mirrored[index] = 1
        this.#open(conversation, index)
      }
      return index
    }
    const known = this.#known.get(conversation)
    if (known !== undefined) return known
    const id = this.#made
    this.#made -= this.#threads
    this.#known.set(conversation, id)
    this.#open(conversation, id)
    return id
  }

  #open(conversation: Conversation, id: number): void {
    const out = this.#out
    out.number(this.#clock.number)
    out.number(OPENED)
    out.number(id)
    out.number(conversation.protocol)
    out.number(conversation.lowPort)
    out.number(conversation.highPort)
    out.text(conversation.lowAddress)
    out.text(conversation.highAddress)
    out.number(conversation.startTime)
    out.number(conversation.startFrame)
  }
}

/** Reads happenings, and is to its sink what dissection is in its own thread. */
export class HappeningsReader {
  /** of the happening that is told, but for steps, which have their own */
  time = 0
  frame = 0
  readonly #carriers: readonly Carrier[]
  readonly #sink: ToldSink
  /** by their places in the table of connections, and those that have none by negative numbers */
  readonly #placed = new Paged<Mirror>()
  readonly #unplaced = new Map<number, Mirror>()

  constructor(carriers: readonly Carrier[], sink: ToldSink) {
    this.#carriers = carriers
    this.#sink = sink
  }

  /** The conversation of which this was told, of which no happening comes any more; null: none was. */
  taken(id: number): Mirror | null {
    const conversation = this.#at(id)
    this.#listOf(id).delete(id)
    return conversation
  }

  #listOf(id: number): Paged<Mirror> | Map<number, Mirror> {
    return id < 0 ? this.#unplaced : this.#placed
  }

  #at(id: number): Mirror | null {
    return this.#listOf(id).get(id) ?? null
  }

  /** Of each thread what it told, of one round. */
  round(packed: readonly Packed[]): void {
    const parts = packed.map((one) => new Unpacker(one))
    for (;;) {
      let first = parts[0]!
      for (let at = 1; at < parts.length; at++) if (parts[at]!.next < first.next) first = parts[at]!
      if (first.next === Number.POSITIVE_INFINITY) return
      first.number()
      this.#tell(first)
    }
  }

  #tell(from: Unpacker): void {
    const kind = from.number()
    const id = from.number()
    if (kind === OPENED) {
      this.#open(id, from)
      return
    }
    if (kind === FORGOTTEN) {
      this.#listOf(id).delete(id)
      return
    }
    const conversation = this.#at(id)!
    const bits = from.number()
    conversation.sawStart = (bits & SAW_START) !== 0
    conversation.clientHalf = (((bits >> CLIENT_SHIFT) & CLIENT_MASK) - 1) as Conversation['clientHalf']
    conversation.gaps = from.number()
    switch (kind) {
      case STEP:
        this.#step(conversation, bits, from)
        break
      case HANDSHAKE:
        this.#sink.handshake(conversation, handshakeOf(from))
        break
      case NETWORK:
        this.#now(from)
        this.#sink.network(conversation, from.text())
        break
      case TUNNEL:
        this.#now(from)
        this.#sink.tunnel(conversation)
        break
      case CLOSED:
        this.#now(from)
        this.#closed(conversation, from)
        break
    }
  }

  #now(from: Unpacker): void {
    this.time = from.number()
    this.frame = from.number()
  }

  #open(id: number, from: Unpacker): void {
    const protocol = from.number()
    const lowPort = from.number()
    const highPort = from.number()
    const lowAddress: string = from.text()
    const highAddress: string = from.text()
    const time = from.number()
    const frame = from.number()
    const ends = { protocol, lowPort, highPort, lowAddress, highAddress }
    this.#listOf(id).set(id, new Mirror(id, ends, time, frame))
  }

  #step(conversation: Mirror, bits: number, from: Unpacker): void {
    const time = from.number()
    const frame = from.number()
    const carrier = this.#carriers[from.number()]!
    const cut = CUTS[(bits >> CUT_SHIFT) & CUT_MASK]!
    const context: MessageContext = { conversation, from: (bits & IS_HIGH) as 0 | 1, carrier, time, frame, cut }
    const message = { protocol: from.text(), service: from.text<CarrierMessage['service']>() }
    const step = stepOf(from)
    const count = from.number()
    const tokens: ToldToken[] = count === 0 ? NO_TOKENS : []
    for (let at = 0; at < count; at++) {
      const reason = from.textOrNull<NonNullable<ToldToken['fault']>['reason']>()
      tokens.push({ message: messageOf(from), fault: reason === null ? null : { reason } })
    }
    this.#sink.told(context, message, step, tokens, null, from.textOrNull())
  }

  #closed(conversation: Mirror, from: Unpacker): void {
    conversation.signatures = from.number()
    conversation.ntlmMessages = from.number()
    conversation.contents = from.number()
    conversation.endedBy = from.number() as Conversation['endedBy']
    conversation.isOpen = from.flag()
    conversation.isTwoSided = from.flag()
    conversation.lowCarrier = this.#carriers[from.number()] ?? null
    conversation.highCarrier = this.#carriers[from.number()] ?? null
    const outer = from.numbers()
    if (outer.length > 0) conversation.outer = outer.map((number) => this.#carriers[number]!)
    this.#listOf(conversation.index).delete(conversation.index)
    this.#sink.closed(conversation)
  }
}

/** What `Attempt.keepDigest` would make of it; null: nothing. */
function digestOf({ from, token }: LegStep, tokens: readonly DecodedToken[]): string | null {
  if (from !== 'client' || token === null || tokens.some(({ fault }) => fault !== null)) return null
  const decides = tokens.some(({ message: { type } }) => type === 'AUTHENTICATE_MESSAGE' || type === 'AP-REQ')
  return decides ? tokenDigest(token) : null
}

function packStep(out: Packer, step: AuthStep): void {
  switch (step.kind) {
    case 'leg':
      out.number(LEG)
      out.flag(step.from === 'server')
      out.text(step.slot)
      out.textOrNull(step.message)
      out.textOrNull(step.method)
      out.flag(step.direct)
      out.flag(step.token !== null)
      out.textOrNull(step.outcome)
      out.object(step.status)
      out.object(step.principal)
      out.textOrNull(step.plainNtlm)
      out.textOrNull(step.session)
      out.object(step.facts)
      out.object(step.rpc)
      out.object(step.smb)
      return
    case 'offer':
      out.number(OFFER)
      out.texts(step.methods)
      out.flag(step.token !== null)
      out.text(step.slot)
      return
    case 'traffic':
      out.number(TRAFFIC)
      out.flag(step.from === 'server')
      out.text(step.slot)
      out.text(step.protection)
      out.flag(step.refused)
      out.textOrNull(step.how)
      return
    case 'kdc':
      out.number(KDC)
      out.flag(step.from === 'server')
      return
    default:
      out.number(OTHER)
      out.object(step)
  }
}

function sideOf(from: Unpacker): Side {
  return from.flag() ? 'server' : 'client'
}

function stepOf(from: Unpacker): AuthStep {
  switch (from.number()) {
    case LEG:
      return {
        kind: 'leg',
        from: sideOf(from),
        slot: from.text(),
        message: from.textOrNull(),
        method: from.textOrNull(),
        direct: from.flag(),
        token: from.flag() ? NO_BYTES : null,
        outcome: from.textOrNull(),
        status: from.object(),
        principal: from.object(),
        plainNtlm: from.textOrNull(),
        session: from.textOrNull(),
        facts: from.object(),
        rpc: from.object(),
        smb: from.object(),
      }
    case OFFER:
      return {
        kind: 'offer',
        methods: from.texts() ?? [],
        token: from.flag() ? NO_BYTES : null,
        slot: from.text(),
      }
    case TRAFFIC:
      return {
        kind: 'traffic',
        from: sideOf(from),
        slot: from.text(),
        protection: from.text(),
        refused: from.flag(),
        how: from.textOrNull(),
      }
    case KDC:
      return { kind: 'kdc', from: sideOf(from), token: NO_BYTES }
    default:
      return from.object<AuthStep>()!
  }
}

function handshakeOf(from: Unpacker): HandshakeStep {
  const side = sideOf(from)
  const message: HandshakeStep['message'] = from.text()
  const certificate = from.repeated()
  const chain = from.repeated() ?? NO_BYTES
  const algorithm = from.number()
  const data = from.bytes()
  const session = from.bytes() ?? NO_BYTES
  const tickets = Array.from({ length: from.number() }, () => from.bytes() ?? NO_BYTES)
  return {
    kind: 'handshake',
    from: side,
    message,
    certificate,
    chain,
    compressed: data === null ? null : { algorithm, data },
    session,
    tickets,
    selected: from.numberOrNull(),
    mayResumeUnnamed: from.flag(),
    isSealed: from.flag(),
    bindings: from.object(),
    sealedBytes: from.number(),
  }
}

const NO_BYTES = new Uint8Array(0)
const NO_TOKENS: ToldToken[] = []
