/**
 * Which of several threads has a conversation: by a secret hash of its client's address, so that what one client says
 * is decoded in one place, and nobody who writes packets chooses a thread.
 *
 * Whatever the division is, the report is the same: decoding knows one conversation at a time. What it joins over
 * several conversations (TLS in EAP, decoders of EAP's carriers) all goes to the first thread.
 */
import type { Carrier } from '../../decoders/carrier.ts'
import { secretMultipliers } from '../memory/secret-hash.ts'
import type { Conversation } from '../stream/conversation.ts'

/** carriers of EAP: the rounds of one handshake come from several ports */
const JOINED: ReadonlySet<string> = new Set(['radius', 'ppp'])

export class Division {
  readonly parts: number
  readonly #multiplier: number
  #from: number
  readonly #hasRoom: () => boolean
  #conversations = 0
  #untilJoined: number
  #isJoined: boolean

  /**
   * `parts`: threads that dissect; 0: none does but the one that understands.
   * `from`: so many conversations go to the first part before the others begin: each compiles a copy of the code.
   * `hasRoom`: asked then whether there is memory for them; where there is none all goes to the first part.
   * `joinedFrom`: after so many conversations the division is to be joined, as after `shorten`.
   */
  constructor(
    parts: number,
    from = 0,
    hasRoom: () => boolean = () => true,
    joinedFrom: number = Number.POSITIVE_INFINITY,
  ) {
    this.parts = parts
    this.#from = from
    this.#hasRoom = hasRoom
    this.#untilJoined = joinedFrom
    this.#isJoined = parts === 0
    this.#multiplier = secretMultipliers(1)[0]!
  }

  /** How many parts have anything to do so far; one more than there are: those are over (`join`). */
  get begun(): number {
    if (this.#isJoined) return this.parts + 1
    return this.#conversations < this.#from ? 1 : this.parts
  }

  /** Memory is short: all is to go to the thread that understands. */
  shorten(): void {
    this.#untilJoined = 0
  }

  /** Is it time to `join`? Asked when a record begins. */
  get isToJoin(): boolean {
    return this.#untilJoined <= 0 && !this.#isJoined
  }

  /** From now on all conversations, open ones too, are in one part more, behind the others. */
  join(): void {
    this.#isJoined = true
  }

  /** Where a conversation is now that was given to this part when it was opened. */
  placeOf(part: number): number {
    return this.#isJoined ? this.parts : part
  }

  /** Does this conversation come before the others begin? */
  #isWhole(): boolean {
    if (this.#conversations >= this.#from) return false
    this.#conversations++
    if (this.#conversations === this.#from && !this.#hasRoom()) this.#from = Number.POSITIVE_INFINITY
    return true
  }

  /** `carrier`: of its first PDU; null: there was none. */
  partOf(conversation: Pick<Conversation, 'side' | 'lowAddress' | 'highAddress'>, carrier: Carrier | null): number {
    const { parts } = this
    this.#untilJoined--
    if (parts <= 1) return 0
    if (this.#isWhole() || (carrier !== null && JOINED.has(carrier.name))) return 0
    const client = conversation.side(0) === 'client' ? conversation.lowAddress : conversation.highAddress
    let hash = 0
    for (let at = 0; at < client.length; at++)
      hash = Math.imul(hash ^ (hash >>> 15) ^ client.charCodeAt(at), this.#multiplier)
    return ((hash >>> 16) * parts) >>> 16
  }
}
