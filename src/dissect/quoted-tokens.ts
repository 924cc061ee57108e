/**
 * Which tokens that no carrier read are part of an authentication, and which are only quoted: a capture that is copied
 * to a share, a page about NTLM.
 *
 * Whoever authenticates answers somebody: CHALLENGE_MESSAGE comes from one side and AUTHENTICATE_MESSAGE from the other
 * one. A file goes one way. So in a conversation that nobody claims a side that sends both kinds sends a file, and
 * inside a conversation of a carrier only an answered challenge counts. Holds at most one token of each side of a
 * conversation, and of that its first bytes.
 */
import type { Carrier, Side } from '../../decoders/carrier.ts'
import type { Conversation } from '../stream/conversation.ts'

/**
 * What must be known of a token and its place. Whoever gives one away lets it own its bytes, unless it is an
 * AUTHENTICATE_MESSAGE.
 */
export interface Stray {
  readonly context: { readonly conversation: Conversation; readonly from: 0 | 1; readonly carrier: Carrier }
  readonly step: { readonly from: Side }
  readonly tokens: readonly { readonly message: { readonly protocol: string; readonly type: string } }[]
}

/** a NEGOTIATE_MESSAGE or CHALLENGE_MESSAGE with every AV pair that Windows sends is half as long */
export const STRAY_BYTES_MAX = 1024

const CLIENT = 1
const SERVER = 2

export class QuotedTokens<S extends Stray> {
  #held: readonly S[]
  readonly #sent: number[]

  constructor(held: readonly S[] = [], sent: readonly number[] = [0, 0]) {
    this.#held = held
    this.#sent = [...sent]
  }

  /** those that wait for their counterparts */
  get held(): readonly S[] {
    return this.#held
  }

  /** what each half has sent: CLIENT, SERVER or both */
  get sent(): readonly number[] {
    return this.#sent
  }

  /**
   * The tokens that this one proves to be an authentication, it among them, in their order; null: it is only quoted, or
   * must wait.
   */
  take(stray: S): readonly S[] | null {
    const { conversation, from, carrier } = stray.context
    if (!isOfNtlm(stray)) return carrier.inside ? null : [...this.#taken(), stray]
    const isServer = stray.step.from === 'server'
    this.#sent[from]! |= isServer ? SERVER : CLIENT
    if (this.#sent[from] === (CLIENT | SERVER)) {
      this.#held = []
      return null
    }
    if (!stray.tokens.some(({ message }) => message.type === 'AUTHENTICATE_MESSAGE')) {
      const before = this.#held.some(({ step }) => step.from === stray.step.from) ? this.#held : []
      this.#held = before.length > 0 ? [stray] : [...this.#held, stray]
      return carrier.inside || before.length === 0 ? null : before
    }
    const { challenger } = conversation
    const isAnswer = this.#sent[from === 0 ? 1 : 0] === SERVER || (challenger >= 0 && challenger !== from)
    if (carrier.inside && !isAnswer) return null
    return [...this.#taken(), stray]
  }

  #taken(): readonly S[] {
    const held = this.#held
    this.#held = []
    return held
  }

  /** The conversation ends: what waited in one that nobody claims was an authentication that did not go on. */
  end(): readonly S[] {
    const left = this.#taken()
    return left.some(({ context }) => context.carrier.inside) ? [] : left
  }
}

/** Only a token that NTLMSSP begins with may have to wait for its counterpart. */
function isOfNtlm({ tokens }: Stray): boolean {
  return tokens[0]?.message.protocol === 'ntlmssp'
}
