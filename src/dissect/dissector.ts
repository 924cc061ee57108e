/**
 * From PDUs to messages: the registry of carriers and mechanisms, and the one place where they meet.
 *
 * A carrier's PDU becomes carrier messages; each token in them becomes mechanism messages, unwrapped layer by layer. A
 * fault is counted and shown, never thrown; an exception here is our own bug, counted as `internal` (and thrown again
 * when `rethrow` is set, as the tests do).
 */
import type {
  AuthStep,
  Carrier,
  CarrierMessage,
  HandshakeStep,
  InitialStep,
  LegStep,
  PipeStep,
  Side,
} from '../../decoders/carrier.ts'
import { radius } from '../../decoders/carriers/radius.ts'
import { dcerpc } from '../../decoders/carriers/rpc/dcerpc.ts'
import { tls } from '../../decoders/carriers/tls.ts'
import { inside } from '../../decoders/carriers/unclaimed/unclaimed.ts'
import type { Fault, FaultReason } from '../../decoders/outcome.ts'
import { serviceOfAlpn } from '../../decoders/services.ts'
import { type DecodedToken, decodeToken } from '../../decoders/token.ts'
import { clientHelloOf } from '../keys/quic-hello.ts'
import type { Conversation, Standalone } from '../stream/conversation.ts'
import type { Clock, Cut, StreamSink } from '../stream/sink.ts'
import type { Accounts, OpenedToken } from './accounts.ts'
import { EapTunnels } from './eap-tunnels.ts'
import { pipesOf } from './pipes.ts'
import { QuotedTokens, STRAY_BYTES_MAX } from './quoted-tokens.ts'
import type { SecretNotes } from './secret-notes.ts'

/** Where a message stood: who sent it, when, in which frame. Endpoints are those of the sender and the receiver. */
export interface MessageContext {
  readonly conversation: Conversation
  readonly from: 0 | 1
  readonly carrier: Carrier
  readonly time: number
  readonly frame: number
  readonly cut: Cut
}

/** What dissection gives to the rest of the program. Tokens borrow the PDU: whoever keeps bytes copies them. */
export interface DissectSink {
  carrierMessage(context: MessageContext, message: CarrierMessage, fault: Fault | null): void
  tokenMessage(context: MessageContext, message: CarrierMessage, token: DecodedToken): void
  step(
    context: MessageContext,
    message: CarrierMessage,
    step: AuthStep,
    tokens: readonly DecodedToken[],
    opened: OpenedToken | null,
  ): void
  /** what a handshake of TLS shows: who knows those of all conversations joins them */
  handshake(conversation: Conversation, step: HandshakeStep): void
  /** an EAP method in TLS has begun in RADIUS: the packet that is read now holds its first part */
  network(conversation: Conversation, method: string): void
  /** what follows is a conversation inside this one; what was sealed before is read now */
  tunnel(conversation: Conversation): void
  closed(conversation: Conversation): void
}

export interface DissectCounters {
  pdus: number
  /** PDUs without any message about authentication */
  empty: number
  /** PDUs that their carrier could not read at all */
  faulty: number
  /** our own bugs */
  internal: number
  tokens: number
  /** tokens that no mechanism claims: wrapped payloads, other mechanisms */
  unclaimedTokens: number
  tokenMessages: number
}

export class Dissector implements StreamSink<Conversation> {
  readonly counters: DissectCounters = {
    pdus: 0,
    empty: 0,
    faulty: 0,
    internal: 0,
    tokens: 0,
    unclaimedTokens: 0,
    tokenMessages: 0,
  }
  readonly faults: Record<FaultReason, number> = { cut: 0, malformed: 0, limit: 0, unsupported: 0 }
  readonly #sink: DissectSink
  readonly #clock: Clock
  readonly #rethrow: boolean
  readonly #tunnels: EapTunnels
  /** keys of accounts; null: none were given */
  readonly #accounts: Accounts | null
  /** what slices say of the secrets that were taken out of them; null: nothing was */
  readonly #notes: SecretNotes | null

  /** `clock` is where the PDUs come from: it knows their time and frame. */
  constructor(
    sink: DissectSink,
    clock: Clock,
    rethrow: boolean,
    accounts: Accounts | null = null,
    notes: SecretNotes | null = null,
  ) {
    this.#notes = notes
    this.#accounts = accounts
    this.#sink = sink
    this.#clock = clock
    this.#rethrow = rethrow
    this.#tunnels = new EapTunnels(
      {
        began: (outer, method) => this.#sink.network(outer, method),
        records: (inside, from, records) => this.#inEap(inside, from, records),
        closed: (inside) => this.#sink.closed(inside),
      },
      clock,
    )
  }

  /** Handshakes in EAP that are not over: they belong to more than one conversation. */
  get tunnels(): EapTunnels {
    return this.#tunnels
  }

  pdu(conversation: Conversation, from: 0 | 1, carrier: Carrier, bytes: Uint8Array, cut: Cut): void {
    this.counters.pdus++
    try {
      this.#pdu(conversation, from, carrier, bytes, cut)
    } catch (error) {
      this.counters.internal++
      if (this.#rethrow) throw error
    }
  }

  standalone(datagram: Standalone, carrier: Carrier, bytes: Uint8Array, cut: Cut): void {
    this.pdu(datagram, 0, carrier, bytes, cut)
  }

  tunnel(conversation: Conversation): void {
    conversation.inner = null
    this.#guarded(() => this.#endStrays(conversation))
    this.#guarded(() => this.#sink.tunnel(conversation))
  }

  closed(conversation: Conversation): void {
    conversation.inner = null
    if (conversation.protocol === UDP) this.#guarded(() => this.#tunnels.end(conversation))
    if (conversation.strays !== null) this.#guarded(() => this.#endStrays(conversation))
    this.#guarded(() => this.#sink.closed(conversation))
  }

  #guarded(tell: () => void): void {
    try {
      tell()
    } catch (error) {
      this.counters.internal++
      if (this.#rethrow) throw error
    }
  }

  #pdu(conversation: Conversation, from: 0 | 1, carrier: Carrier, bytes: Uint8Array, cut: Cut): void {
    const outcome = carrier.decode(bytes, conversation.side(from))
    const fault: Fault | null = outcome.fault ?? (cut !== 'whole' ? { reason: 'cut', where: carrier.name } : null)
    if (fault) this.faults[fault.reason]++
    if (carrier.unclaimed) {
      for (const message of outcome.value ?? []) this.#stray(conversation, from, carrier, message, fault, cut)
      return
    }
    if (outcome.value === null) this.counters.faulty++
    else this.#messages(conversation, from, carrier, outcome.value, fault, cut)
    const { signatures, ntlmMessages, contents } = conversation
    if (Math.min(signatures, SIGNATURES_MAX) > ntlmMessages + contents)
      this.#leftOver(conversation, from, bytes, outcome.value ?? [], cut)
  }

  #messages(
    conversation: Conversation,
    from: 0 | 1,
    carrier: Carrier,
    messages: readonly CarrierMessage[],
    fault: Fault | null,
    cut: Cut,
  ): void {
    if (messages.length === 0) this.counters.empty++
    for (const message of messages) {
      orient(conversation, from, message.from)
      const { time, frame } = this.#clock
      const context: MessageContext = { conversation, from, carrier, time, frame, cut }
      if (message.fields !== null) this.#sink.carrierMessage(context, message, fault)
      this.#steps(context, message)
    }
  }

  /**
   * A signature stands in this conversation that no message has: perhaps in this PDU, in a part that its carrier does
   * not read.
   */
  #leftOver(conversation: Conversation, from: 0 | 1, bytes: Uint8Array, messages: readonly CarrierMessage[], cut: Cut) {
    const known = messages.flatMap(({ steps }) => steps.map(bytesOf))
    for (const message of inside.decode(bytes, conversation.side(from)).value ?? []) {
      const head = Buffer.from(bytesOf(message.steps[0]!).subarray(0, COMPARED_BYTES))
      if (!known.some((part) => Buffer.from(part.buffer, part.byteOffset, part.length).includes(head)))
        this.#stray(conversation, from, inside, message, null, cut)
    }
  }

  /** A token that no carrier reads: told at once, and part of an authentication as far as it can be one. */
  #stray(
    conversation: Conversation,
    from: 0 | 1,
    carrier: Carrier,
    message: CarrierMessage,
    fault: Fault | null,
    cut: Cut,
  ): void {
    const { time, frame } = this.#clock
    const context: MessageContext = { conversation, from, carrier, time, frame, cut }
    const [step] = message.steps
    if (step?.kind !== 'leg' || step.token === null) return
    const waits = step.token[0] === N && step.token[8] !== AUTHENTICATE
    const token = waits ? step.token.slice(0, STRAY_BYTES_MAX) : step.token
    const tokens = this.#tokens(token, message.from)
    const isInside = carrier.inside === true
    const named = isInside
      ? { ...message, fields: { ...message.fields, inside: true, ...identityOf(tokens) } }
      : message
    this.#sink.carrierMessage(context, named, fault)
    if (tokens.length === 0) return
    if (isInside) conversation.contents++
    else this.#told(context, message, tokens)
    for (const stray of straysOf(conversation).take({ context, message, step, tokens }) ?? []) this.#count(stray)
  }

  #told(context: MessageContext, message: CarrierMessage, tokens: readonly DecodedToken[]): void {
    if (tokens.some((token) => token.message.protocol === 'ntlmssp')) context.conversation.ntlmMessages++
    for (const token of tokens) this.#sink.tokenMessage(context, message, token)
  }

  #count({ context, message, step, tokens }: StrayToken): void {
    const { conversation, from, carrier } = context
    if (carrier.inside) {
      conversation.contents--
      this.#told(context, message, tokens)
    }
    orient(conversation, from, message.from)
    this.#sink.step(context, message, step, tokens, null)
  }

  #endStrays(conversation: Conversation): void {
    if (conversation.strays === null) return
    for (const stray of straysOf(conversation).end()) this.#count(stray)
    conversation.strays = null
  }

  #steps(context: MessageContext, message: CarrierMessage): void {
    for (const given of message.steps) {
      const step = this.#noted(given)
      if (step.kind === 'pipe') {
        this.#pipe(context, step)
        continue
      }
      if (step.kind === 'initial') {
        this.#hello(context, step)
        continue
      }
      if (step.kind === 'eap') {
        this.#tunnels.take(context.conversation, step)
        continue
      }
      if (step.kind === 'network') {
        this.#sink.network(context.conversation, step.method)
        continue
      }
      if (step.kind === 'handshake') {
        this.#sink.handshake(context.conversation, step)
        continue
      }
      const token = tokenOf(step)
      const tokens = token === null ? NO_TOKENS : this.#tokens(token, message.from)
      for (const { message: inner } of tokens) {
        if (inner.protocol !== 'ntlmssp') continue
        context.conversation.ntlmMessages++
        if (inner.type === 'CHALLENGE_MESSAGE') context.conversation.challenger = context.from
      }
      for (const decoded of tokens) this.#sink.tokenMessage(context, message, decoded)
      this.#sink.step(context, message, step, tokens, token === null ? null : this.#openToken(context, token, tokens))
    }
  }

  #noted(step: AuthStep): AuthStep {
    const isPlain = this.#notes !== null && step.kind === 'leg' && step.plainNtlm !== null
    return isPlain ? this.#notes.plain(this.#clock.frame, this.#clock.time, step) : step
  }

  /** What a keytab opens of a token; null: nothing, or there is none. */
  #openToken(
    { conversation, time }: MessageContext,
    token: Uint8Array,
    tokens: readonly DecodedToken[],
  ): OpenedToken | null {
    return this.#accounts === null || tokens.length === 0 || this.#notes?.has(this.#clock.frame)
      ? null
      : this.#accounts.take(conversation, token, tokens, time)
  }

  /** What a pipe inside the conversation says is a conversation by itself. */
  #pipe(outer: MessageContext, step: PipeStep): void {
    const context: MessageContext = { ...outer, carrier: dcerpc }
    for (const { value, fault } of pipesOf(outer.conversation).read(step)) {
      if (fault) this.faults[fault.reason]++
      for (const message of value ?? []) {
        if (message.fields !== null) this.#sink.carrierMessage(context, message, fault)
        this.#steps(context, message)
      }
    }
  }

  /** What QUIC says before it hides everything: the ClientHello, with the protocol that is asked for (ALPN). */
  #hello(context: MessageContext, step: InitialStep): void {
    const hello = clientHelloOf(step.packet)
    if (hello === null) return
    const record = Uint8Array.from([0x16, 3, 1, hello.length >> 8, hello.length & 0xff, ...hello])
    for (const message of tls.decode(record, 'client').value ?? []) {
      for (const inner of message.steps) {
        if (inner.kind !== 'facts') continue
        const service = serviceOfAlpn(inner.facts.tls?.alpnOffered?.split(',')[0] ?? '')
        const facts = { ...inner.facts, ...(service === null ? {} : { service }) }
        this.#sink.step(context, message, { kind: 'facts', facts }, NO_TOKENS, null)
      }
    }
  }

  /** What is in clear of TLS in EAP: a conversation of its own, of which nothing else is seen. */
  #inEap(inside: Conversation, from: Side, records: Uint8Array): void {
    const half = inside.side(0) === from ? 0 : 1
    const { time, frame } = this.#clock
    const context: MessageContext = { conversation: inside, from: half, carrier: radius, time, frame, cut: 'whole' }
    this.#sink.step(context, IN_RADIUS, { kind: 'facts', facts: { service: 'radius' } }, NO_TOKENS, null)
    this.#messages(inside, half, tls, tls.decode(records, from).value ?? [], null, 'whole')
  }

  /** One token, unwrapped: SPNEGO, then what it holds. */
  #tokens(token: Uint8Array, from: Side): readonly DecodedToken[] {
    this.counters.tokens++
    this.#notes?.token(token)
    const { frame, time } = this.#clock
    const read = decodeToken(token, from)
    const decoded = this.#notes === null ? read : read.map((one) => this.#notes!.decoded(frame, time, one))
    if (decoded.length === 0) this.counters.unclaimedTokens++
    this.counters.tokenMessages += decoded.length
    for (const { fault } of decoded) if (fault) this.faults[fault.reason]++
    return decoded
  }
}

const UDP = 17

const IN_RADIUS: CarrierMessage = {
  protocol: 'radius',
  type: 'EAP',
  from: 'client',
  service: 'radius',
  fields: null,
  steps: [],
}

/** A message shows who the client is: better evidence than port numbers, but not than the handshake. */
function orient(conversation: Conversation, from: 0 | 1, side: Side): void {
  if (conversation.clientKnown === 'handshake') return
  const client = side === 'client' ? from : from === 0 ? 1 : 0
  if (conversation.clientHalf === client) return
  conversation.clientHalf = client
  conversation.clientKnown = 'content'
}

/** A token that no carrier reads, with its place. */
export interface StrayToken {
  readonly context: MessageContext
  readonly message: CarrierMessage
  readonly step: LegStep
  readonly tokens: readonly DecodedToken[]
}

function straysOf(conversation: Conversation): QuotedTokens<StrayToken> {
  conversation.strays ??= new QuotedTokens<StrayToken>()
  return conversation.strays as QuotedTokens<StrayToken>
}

/** Asked of every step: to look for a member that is not there takes V8 longer than all else here. */
function tokenOf(step: AuthStep): Uint8Array | null {
  return step.kind === 'leg' || step.kind === 'offer' || step.kind === 'kdc' ? step.token : null
}

/** What a step holds of the PDU that a mechanism, or the carrier of pipes, reads. */
function bytesOf(step: AuthStep): Uint8Array {
  if (step.kind === 'pipe') return step.bytes ?? NOTHING
  return tokenOf(step) ?? NOTHING
}

/** What a token inside a conversation says of itself: it has no line of its own. */
function identityOf(tokens: readonly DecodedToken[]): Readonly<Record<string, unknown>> {
  const message = tokens[0]?.message
  if (message?.protocol !== 'ntlmssp') return {}
  if (message.type !== 'AUTHENTICATE_MESSAGE') return { message: message.type }
  const { type, userName, domainName, workstation } = message
  return { message: type, userName, domainName, workstation }
}

/** first letter of NTLMSSP */
const N = 0x4e
/** MessageType of an AUTHENTICATE_MESSAGE, MS-NLMP 2.2.1.3 */
const AUTHENTICATE = 3
/** two tokens that begin alike for so long are one */
const COMPARED_BYTES = 64
/** as many are told with a PDU (handover.ts) */
const SIGNATURES_MAX = 0xffff
const NOTHING = new Uint8Array(0)
const NO_TOKENS: readonly DecodedToken[] = []
