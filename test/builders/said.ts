/** What a carrier says about a conversation, in words that a test can list: one text a step, in order. */
import type { AuthStep, Carrier, CarrierMessage } from '../../decoders/carrier.ts'
import type { Outcome } from '../../decoders/outcome.ts'
import { feed, type Piece } from './feed.ts'

/** The messages of a conversation as the stream hands them over: what goes on in the next PDU is one message. */
export function messagesIn(carrier: Carrier, pieces: readonly Piece[]): Outcome<readonly CarrierMessage[]>[] {
  const open = { client: new Uint8Array(0), server: new Uint8Array(0) }
  const outcomes: Outcome<readonly CarrierMessage[]>[] = []
  for (const { side, kept, more } of feed(carrier, pieces).pdus) {
    const joined = Uint8Array.of(...open[side], ...kept)
    open[side] = more ? joined : new Uint8Array(0)
    if (!more && joined.length > 0) outcomes.push(carrier.decode(joined, side))
  }
  return outcomes
}

export function saidIn(carrier: Carrier, pieces: readonly Piece[]): string[] {
  return messagesIn(carrier, pieces).flatMap(({ value }) => (value ?? []).flatMap(({ steps }) => steps.map(wordsOf)))
}

/** A token is told by its message type where it is NTLMSSP, else by its first byte. */
export function wordsOf(step: AuthStep): string {
  if (step.kind === 'offer') return `offer ${step.methods.join(' ')}`
  if (step.kind === 'facts') return Object.entries(step.facts).flat().join(' ')
  if (step.kind !== 'leg') return step.kind
  const { from, method, direct, token, principal, outcome, status, facts } = step
  const words = [from, method, direct ? 'direct' : null, outcome, status?.name, status?.detail]
  if (facts !== null) words.push(...Object.entries(facts).flat().map(String))
  if (token !== null) words.push('token', String(token[8] !== undefined && token[0] === 0x4e ? token[8] : token[0]))
  if (principal !== null) words.push('user', principal.domain, principal.user)
  return words.filter((word) => word).join(' ')
}
