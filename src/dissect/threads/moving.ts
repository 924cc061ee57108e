/**
 * What a thread that dissects knows of conversations that are open, given to the thread that understands: from then on
 * that one dissects them itself, as if it had done so from the beginning.
 *
 * As plain data, so many conversations at a time: what is on its way is there twice. A conversation is a row, since an
 * object would have the names of its members with it, which are three times as long as what they hold.
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

/** What a conversation begins with. */
const ENDS = ['protocol', 'lowPort', 'highPort', 'lowAddress', 'highAddress', 'startTime', 'startFrame'] as const
/** What was learnt of it: by reading, and by dissection. */
const KNOWN = [
  'clientHalf',
  'clientKnown',
  'sawStart',
  'endedBy',
  'isOpen',
  'isTwoSided',
  'gaps',
  'signatures',
  'ntlmMessages',
  'contents',
  'challenger',
] as const

/** Values of ENDS, then those of KNOWN. */
type Row = readonly (number | string | boolean)[]

interface MovedConversation {
  /** its place in the table of connections, then what a row has */
  readonly row: Row
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
  readonly inside: Row
  readonly facts: EapTunnelFacts
  /** in what the thread has by either of its names; -1: it has none of that kind */
  readonly stateAt: number
  readonly askedAt: number
}

/** Some open conversations of a thread, and handshakes in EAP that are in them. */
export interface MovedConversations {
  /** most of them: a row alone, of a conversation of which dissection remembers nothing */
  readonly rows: readonly Row[]
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
  let rows: Row[] = []
  let conversations: MovedConversation[] = []
  for (const conversation of records.conversations) {
    const { index, inner, strays } = conversation
    const row = [index, ...rowOf(conversation)]
    if (inner === null && strays === null) rows.push(row)
    else conversations.push(movedOf(row, conversation, carriers))
    if (rows.length + conversations.length < AT_A_TIME) continue
    yield { kind: 'leaving', moved: { rows, conversations, tunnels: [] }, isLast: false }
    rows = []
    conversations = []
  }
  const { byState, asked } = dissector.tunnels.open
  const tunnels: MovedTunnel[] = []
  for (const tunnel of new Set([...byState, ...asked])) {
    const { outer, inside, facts } = tunnel
    if (!(outer instanceof Mirror)) continue
    const places = { stateAt: byState.indexOf(tunnel), askedAt: asked.indexOf(tunnel) }
    tunnels.push({ outer: outer.index, id: happenings.idOf(inside), inside: rowOf(inside), facts, ...places })
  }
  yield { kind: 'leaving', moved: { rows, conversations, tunnels }, isLast: true }
}

/** Goes on with them in this thread: what was told of a conversation stays with it. */
export function adopt(
  { rows, conversations, tunnels }: MovedConversations,
  happenings: HappeningsReader,
  records: HandoverReader,
  dissector: Dissector,
  carriers: readonly Carrier[],
): void {
  for (const row of rows) records.adopt(placedMirrorOf(row, happenings))
  for (const moved of conversations) {
    const conversation = placedMirrorOf(moved.row, happenings)
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

function movedOf(row: Row, { inner, strays }: Mirror, carriers: readonly Carrier[]): MovedConversation {
  return {
    row,
    pipes: inner === null ? null : (inner as Pipes).state,
    strays: strays === null ? null : movedStrays(strays as QuotedTokens<StrayToken>, carriers),
  }
}

function rowOf(conversation: Conversation): Row {
  return [...ENDS, ...KNOWN].map((name) => conversation[name])
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

function placedMirrorOf([index, ...row]: Row, happenings: HappeningsReader): Mirror {
  return mirrorOf(index as number, row, happenings)
}

function mirrorOf(index: number, row: Row, happenings: HappeningsReader): Mirror {
  return Object.assign(happenings.taken(index) ?? newMirror(index, row), membersOf(KNOWN, row.slice(ENDS.length)))
}

function newMirror(index: number, row: Row): Mirror {
  const { startTime, startFrame, ...ends } = membersOf(ENDS, row)
  const addresses = { lowAddress: interned(ends.lowAddress), highAddress: interned(ends.highAddress) }
  return new Mirror(index, { ...ends, ...addresses }, startTime, startFrame)
}

function membersOf<Name extends keyof Conversation>(names: readonly Name[], values: Row): Pick<Conversation, Name> {
  return Object.fromEntries(names.map((name, at) => [name, values[at]])) as Pick<Conversation, Name>
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
