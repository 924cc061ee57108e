/**
 * TLS inside of EAP inside of RADIUS (EAP-TLS, TTLS, PEAP, EAP-FAST, TEAP): joins the fragments of one handshake, and
 * gives what of it is in clear as records.
 *
 * Specification: RFC 5216 3 (fragments), RFC 3579 2.6.1 (State goes back unchanged), RFC 2865 3 (an answer has the
 * identifier of its request). Devices send the rounds of one handshake from several ports, between those of others: the
 * server's State joins them. Memory: so many handshakes at a time, and so many bytes of each; the oldest is told as it
 * is.
 */
import type { EapStep, Side } from '../../decoders/carrier.ts'
import { roundNames, startsHello } from '../../decoders/carriers/radius.ts'
import { LIMITS } from '../memory/limits.ts'
import { type Conversation, Standalone } from '../stream/conversation.ts'
import type { Clock } from '../stream/sink.ts'

const ALERT = 21
const HANDSHAKE = 22
const RECORD_HEADER_BYTES = 5

/** What is known of a handshake, as plain data. */
export interface EapTunnelFacts {
  /** what has come of a message that goes on, owned, with room behind it; and how many bytes of it have come */
  readonly held: Record<Side, Uint8Array>
  readonly lengths: Record<Side, number>
  /** EAP identifiers of the latest: what is sent again has the same */
  readonly latest: Record<Side, number>
  /** the server has answered the hello */
  isAnswered: boolean
  /** its names: the State that the server has given last, the request that is to be answered */
  state: string
  asked: string
}

/** One that was begun elsewhere. */
export interface AdoptedTunnel {
  readonly outer: Conversation
  readonly inside: Conversation
  readonly facts: EapTunnelFacts
  readonly stateAt: number
  readonly askedAt: number
}

/** One handshake. */
class EapTunnel {
  /** it stands for the TLS of this handshake alone */
  readonly inside: Conversation
  /** the one whose packets carry it */
  readonly outer: Conversation
  readonly facts: EapTunnelFacts

  constructor(outer: Conversation, inside: Conversation, facts: EapTunnelFacts) {
    this.outer = outer
    this.inside = inside
    this.facts = facts
  }

  static begun(outer: Conversation, { time, frame }: Clock): EapTunnel {
    const inside = new Standalone(outer, time, frame)
    inside.clientHalf = outer.side(0) === 'client' ? 0 : 1
    inside.clientKnown = 'content'
    return new EapTunnel(outer, inside, {
      held: { client: NOTHING, server: NOTHING },
      lengths: { client: 0, server: 0 },
      latest: { client: -1, server: -1 },
      isAnswered: false,
      state: '',
      asked: '',
    })
  }

  hasSent({ from, identifier }: EapStep): boolean {
    return this.facts.latest[from] === identifier
  }

  /** A message, once it is whole; empty: it goes on, has nothing in it, or was sent before. */
  take(step: EapStep): Uint8Array {
    if (this.hasSent(step)) return NOTHING
    const { from, identifier, goesOn, data } = step
    const { latest, held, lengths } = this.facts
    latest[from] = identifier
    const before = lengths[from]
    const length = before + data.length
    lengths[from] = length
    if (length > LIMITS.eapMessageBytesMax) held[from] = NOTHING
    else if (data.length > 0) {
      // one buffer: a fragment of one byte would cost 200 by itself
      if (length > held[from].length) held[from] = grown(held[from], before, length)
      held[from].set(data, before)
    }
    if (goesOn) return NOTHING
    const whole = length > LIMITS.eapMessageBytesMax ? NOTHING : held[from].subarray(0, length)
    held[from] = NOTHING
    lengths[from] = 0
    return whole
  }

  get heldBytes(): number {
    const { client, server } = this.facts.held
    return client.length + server.length
  }

  drop(): void {
    this.facts.held.client = NOTHING
    this.facts.held.server = NOTHING
  }
}

const NOTHING = new Uint8Array(0)

/** The first `used` bytes, with room for `needed` and as many again as there were. */
function grown(bytes: Uint8Array, used: number, needed: number): Uint8Array {
  const larger = new Uint8Array(Math.max(needed, Math.min(LIMITS.eapMessageBytesMax, 2 * bytes.length)))
  larger.set(bytes.subarray(0, used))
  return larger
}

/** Who hears of it. */
export interface EapTunnelSink {
  /** a client has begun a handshake of this method */
  began(outer: Conversation, method: string): void
  /** records in clear, one behind the other, of the conversation inside */
  records(inside: Conversation, from: Side, records: Uint8Array): void
  /** nothing more of it is in clear */
  closed(inside: Conversation): void
}

export class EapTunnels {
  readonly #sink: EapTunnelSink
  readonly #clock: Clock
  /** by the State that the server has given last, and by the request that it is to answer */
  readonly #byState = new Map<string, EapTunnel>()
  readonly #asked = new Map<string, EapTunnel>()
  /** of all of them together */
  #heldBytes = 0

  constructor(sink: EapTunnelSink, clock: Clock) {
    this.#sink = sink
    this.#clock = clock
  }

  /** Those that are not over, by either kind of name, the oldest first. */
  get open(): { readonly byState: readonly EapTunnel[]; readonly asked: readonly EapTunnel[] } {
    return { byState: [...this.#byState.values()], asked: [...this.#asked.values()] }
  }

  /** Handshakes that were `open` elsewhere, with their places there; -1: not by this name. */
  adopt(tunnels: readonly AdoptedTunnel[]): void {
    const made = tunnels.map(({ outer, inside, facts, stateAt, askedAt }) => ({
      tunnel: new EapTunnel(outer, inside, facts),
      stateAt,
      askedAt,
    }))
    for (const { tunnel } of made) this.#heldBytes += tunnel.heldBytes
    for (const { tunnel, stateAt } of made.toSorted((one, other) => one.stateAt - other.stateAt))
      if (stateAt >= 0) this.#rename(this.#byState, tunnel, 'state', tunnel.facts.state)
    for (const { tunnel, askedAt } of made.toSorted((one, other) => one.askedAt - other.askedAt))
      if (askedAt >= 0) this.#rename(this.#asked, tunnel, 'asked', tunnel.facts.asked)
  }

  take(conversation: Conversation, step: EapStep): void {
    const { asked, state } = roundNames(conversation, step)
    if (step.from === 'client') this.#request(conversation, step, state, asked)
    else this.#answer(step, state, asked)
  }

  /** A conversation of RADIUS has ended: what it carries is told as it is. */
  end(conversation: Conversation): void {
    if (this.#byState.size === 0 && this.#asked.size === 0) return
    for (const tunnel of new Set([...this.#byState.values(), ...this.#asked.values()]))
      if (tunnel.outer === conversation) this.#close(tunnel)
  }

  #request(conversation: Conversation, step: EapStep, state: string, asked: string): void {
    let tunnel = this.#byState.get(state)
    if (tunnel === undefined) {
      if (!startsHello(step.data)) return
      // the same hello once more, or another one under a number that was never answered
      const sent = this.#asked.get(asked)
      if (sent?.hasSent(step)) tunnel = sent
      else {
        tunnel = EapTunnel.begun(conversation, this.#clock)
        if (!step.isFollowed) this.#sink.began(conversation, step.method)
      }
    }
    this.#rename(this.#asked, tunnel, 'asked', asked)
    this.#tell(tunnel, step)
    // what the client says next may be an alert about the certificate; nothing later is in clear
    if (tunnel.facts.isAnswered && step.data.length > 0 && !step.goesOn) this.#close(tunnel)
  }

  #answer(step: EapStep, state: string, asked: string): void {
    const tunnel = this.#asked.get(asked)
    if (tunnel === undefined) return
    if (step.ends) {
      this.#close(tunnel)
      return
    }
    if (step.state !== null) this.#rename(this.#byState, tunnel, 'state', state)
    this.#tell(tunnel, step)
  }

  #tell(tunnel: EapTunnel, step: EapStep): void {
    const before = tunnel.heldBytes
    const whole = tunnel.take(step)
    this.#heldBytes += tunnel.heldBytes - before
    if (this.#heldBytes > LIMITS.eapHeldBytesMax) this.#closeOldest(tunnel)
    const records = inClear(whole)
    if (records.length === 0) return
    if (step.from === 'server') tunnel.facts.isAnswered = true
    this.#sink.records(tunnel.inside, step.from, records)
  }

  /** A handshake has one name of a kind at a time. */
  #rename(map: Map<string, EapTunnel>, tunnel: EapTunnel, kind: 'asked' | 'state', name: string): void {
    const other = map.get(name)
    if (other !== undefined && other !== tunnel) this.#close(other)
    map.delete(tunnel.facts[kind])
    tunnel.facts[kind] = name
    map.set(name, tunnel)
    if (map.size > LIMITS.eapTunnelsMax) this.#close(map.values().next().value!)
  }

  /** Those that nothing was heard of for longest, until what is held is within its limit; not `but`, that goes on. */
  #closeOldest(but: EapTunnel): void {
    for (const tunnel of [...this.#byState.values(), ...this.#asked.values()]) {
      if (this.#heldBytes <= LIMITS.eapHeldBytesMax) return
      if (tunnel !== but && tunnel.heldBytes > 0) this.#close(tunnel)
    }
  }

  #close(tunnel: EapTunnel): void {
    this.#heldBytes -= tunnel.heldBytes
    tunnel.drop()
    this.#byState.delete(tunnel.facts.state)
    this.#asked.delete(tunnel.facts.asked)
    this.#sink.closed(tunnel.inside)
  }
}

/** The records at its start that nobody has sealed: of a handshake, or one alert. */
function inClear(message: Uint8Array): Uint8Array {
  let end = 0
  while (message.length - end >= RECORD_HEADER_BYTES && message[end] === HANDSHAKE && message[end + 1] === 3)
    end += RECORD_HEADER_BYTES + ((message[end + 3]! << 8) | message[end + 4]!)
  if (end === 0 && message[0] === ALERT && message.length === RECORD_HEADER_BYTES + 2) end = message.length
  return end > message.length ? NOTHING : message.subarray(0, end)
}
