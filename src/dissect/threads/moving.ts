/**
 * What a thread that dissects knows of conversations that are open, given to the thread that understands: from then on
 * that one dissects them itself, as if it had done so from the beginning.
 *
 * As plain data, so many conversations at a time: what is on its way is there twice.
 */
import type { Carrier, CarrierMessage, LegStep } from '../../../decoders/carrier.ts'
import { interned } from '../../../decoders/parts/interned.ts'
import type { DecodedToken } from '../../../decoders/token.ts'
import { type HandoverReader, Mirror } from '../../reading/handover.ts'
import type { Conversation } from '../../stream/conversation.ts'
import type { Cut } from '../../stream/sink.ts'
import type { Dissector, StrayToken } from '../dissector.ts'
import type { EapTunnelFacts } from '../eap-tunnels.ts'
import { Pipes, type PipesState } from '../pipes.ts'
import { QuotedTokens } from '../quoted-tokens.ts'
import type { HappeningsReader, HappeningsWriter } from './happenings.ts'

const AT_A_TIME = 1000

type Ends = Pick<Conversation, 'protocol' | 'lowPort' | 'highPort' | 'lowAddress' | 'highAddress'>

/** What both sides of a capture's conversation and of what stands inside of one have. */
interface MovedPart extends Ends {
  readonly startTime: number
  readonly startFrame: number
  readonly known: Readonly<Known>
}

type Known = Pick<
  Conversation,
  | 'clientHalf'
  | 'clientKnown'
  | 'sawStart'
  | 'endedBy'
  | 'isOpen'
  | 'isTwoSided'
  | 'gaps'
  | 'signatures'
  | 'ntlmMessages'
  | 'contents'
  | 'challenger'
>

interface MovedConversation extends MovedPart {
  readonly index: number
  readonly pipes: PipesState | null
  readonly strays: { readonly held: readonly MovedStray[]; readonly sent: readonly number[] } | null
}

interface MovedStray {
  readonly from: 0 | 1
  /** by its place in the list of carriers */
  readonly carrier: number
  readonly time: number
  readonly frame: number
  readonly cut: Cut
  readonly message: CarrierMessage
  readonly step: LegStep
  readonly tokens: readonly DecodedToken[]
}

interface MovedTunnel {
  readonly outer: number
  /** as happenings know it; null: nothing was told of it */
  readonly id: number | null
  readonly inside: MovedPart
  readonly facts: EapTunnelFacts
  /** in what the thread has by either of its names; -1: it has none of that kind */
  readonly stateAt: number
  readonly askedAt: number
}

/** Some open conversations of a thread, and handshakes in EAP that are in them. */
export interface MovedConversations {
  readonly conversations: readonly MovedConversation[]
  readonly tunnels: readonly MovedTunnel[]
}

/** No round comes any more: what it knows of open conversations, a part at a time. */
export interface Leaving {
  readonly kind: 'leaving'
  readonly moved: MovedConversations
  /** it was all */
  readonly isLast: boolean
}

/** All that a thread knows of what is open. */
export function* leavingOf(
  records: HandoverReader,
  dissector: Dissector,
  happenings: HappeningsWriter,
  carriers: readonly Carrier[],
): Generator<Leaving> {
  let conversations: MovedConversation[] = []
  for (const conversation of records.conversations) {
    conversations.push(movedOf(conversation, carriers))
    if (conversations.length < AT_A_TIME) continue
    yield { kind: 'leaving', moved: { conversations, tunnels: [] }, isLast: false }
    conversations = []
  }
  const { byState, asked } = dissector.tunnels.open
  const tunnels: MovedTunnel[] = []
  for (const tunnel of new Set([...byState, ...asked])) {
    const { outer, inside, facts } = tunnel
    if (!(outer instanceof Mirror)) continue
    const places = { stateAt: byState.indexOf(tunnel), askedAt: asked.indexOf(tunnel) }
    tunnels.push({ outer: outer.index, id: happenings.idOf(inside), inside: partOf(inside), facts, ...places })
  }
  yield { kind: 'leaving', moved: { conversations, tunnels }, isLast: true }
}

/** Goes on with them in this thread: what was told of a conversation stays with it. */
export function adopt(
  { conversations, tunnels }: MovedConversations,
  happenings: HappeningsReader,
  records: HandoverReader,
  dissector: Dissector,
  carriers: readonly Carrier[],
): void {
  for (const moved of conversations) {
    const conversation = mirrorOf(moved.index, moved, happenings)
    conversation.inner = moved.pipes === null ? null : new Pipes(moved.pipes)
    conversation.strays = moved.strays === null ? null : straysOf(moved.strays, conversation, carriers)
    records.adopt(conversation)
  }
  const adopted = tunnels.map(({ outer, id, inside, facts, stateAt, askedAt }) => ({
    outer: records.at(outer)!,
    inside: mirrorOf(id ?? NOWHERE, inside, happenings),
    facts,
    stateAt,
    askedAt,
  }))
  dissector.tunnels.adopt(adopted)
}

function movedOf(conversation: Mirror, carriers: readonly Carrier[]): MovedConversation {
  const { index, inner, strays } = conversation
  return {
    index,
    ...partOf(conversation),
    pipes: inner === null ? null : (inner as Pipes).state,
    strays: strays === null ? null : movedStrays(strays as QuotedTokens<StrayToken>, carriers),
  }
}

function partOf(conversation: Conversation): MovedPart {
  const { protocol, lowPort, highPort, lowAddress, highAddress, startTime, startFrame } = conversation
  const { clientHalf, clientKnown, sawStart, endedBy, isOpen, isTwoSided } = conversation
  const { gaps, signatures, ntlmMessages, contents, challenger } = conversation
  const left = { clientHalf, clientKnown, sawStart, endedBy, isOpen, isTwoSided }
  const known = { ...left, gaps, signatures, ntlmMessages, contents, challenger }
  return { protocol, lowPort, highPort, lowAddress, highAddress, startTime, startFrame, known }
}

function movedStrays({ held, sent }: QuotedTokens<StrayToken>, carriers: readonly Carrier[]) {
  return {
    sent,
    held: held.map(({ context, message, step, tokens }): MovedStray => {
      const { from, carrier, time, frame, cut } = context
      const place = { from, carrier: carriers.indexOf(carrier), time, frame, cut }
      // what they hold of the PDU is gone; the token was copied, and decoded
      return { ...place, message: { ...message, fields: null, steps: [] }, step: { ...step, token: NO_BYTES }, tokens }
    }),
  }
}

function mirrorOf(index: number, moved: MovedPart, happenings: HappeningsReader): Mirror {
  const { protocol, lowPort, highPort, lowAddress, highAddress, startTime, startFrame, known } = moved
  const addresses = { lowAddress: interned(lowAddress), highAddress: interned(highAddress) }
  const ends = { protocol, lowPort, highPort, ...addresses }
  return Object.assign(happenings.taken(index) ?? new Mirror(index, ends, startTime, startFrame), known)
}

function straysOf(
  { held, sent }: NonNullable<MovedConversation['strays']>,
  conversation: Conversation,
  carriers: readonly Carrier[],
): QuotedTokens<StrayToken> {
  const strays = held.map(({ from, carrier, time, frame, cut, message, step, tokens }) => ({
    context: { conversation, from, carrier: carriers[carrier]!, time, frame, cut },
    message,
    step,
    tokens,
  }))
  return new QuotedTokens<StrayToken>(strays, sent)
}

/** no happening has it */
const NOWHERE = Number.NEGATIVE_INFINITY
const NO_BYTES = new Uint8Array(0)
