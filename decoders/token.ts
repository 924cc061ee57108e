/**
 * Every mechanism, one line each; a token is unwrapped layer by layer.
 *
 * A fault is part of the answer, never thrown.
 */

import type { Side } from './carrier.ts'
import { type KerberosMessage, kerberos } from './mechanisms/kerberos.ts'
import { type NegoexMessage, negoex } from './mechanisms/negoex.ts'
import { type NtlmMessage, ntlmssp } from './mechanisms/ntlmssp.ts'
import { type SpnegoMessage, spnego } from './mechanisms/spnego.ts'
import type { Fault, Outcome } from './outcome.ts'

export type TokenMessage = NtlmMessage | SpnegoMessage | KerberosMessage | NegoexMessage

/** NTLMSSP first: its signature is the longest. Kerberos tells by reading: to look for its head is half of that. */
function outcomeOf(bytes: Uint8Array): Outcome<TokenMessage> | null {
  if (ntlmssp.claims(bytes)) return ntlmssp.decode(bytes)
  if (spnego.claims(bytes)) return spnego.decode(bytes)
  const outcome = kerberos.decode(bytes)
  if (outcome.value !== null) return outcome
  return negoex.claims(bytes) ? negoex.decode(bytes) : null
}

/** Tokens inside tokens: SPNEGO in SPNEGO in GSS is already odd. */
const TOKEN_DEPTH_MAX = 6

/** A mechanism message with what stopped its decoder, if anything did. */
export interface DecodedToken {
  readonly message: TokenMessage
  readonly fault: Fault | null
}

/** The messages of one security token, outermost first; empty where no mechanism claims it. */
export function decodeToken(token: Uint8Array, from: Side): readonly DecodedToken[] {
  const found: DecodedToken[] = []
  const rest: Uint8Array[] = [token]
  while (rest.length > 0 && found.length < TOKEN_DEPTH_MAX) {
    const bytes = rest.shift()!
    const outcome = outcomeOf(bytes)
    if (outcome === null || outcome.value === null) continue
    // only the direction tells a server's hint without negHints from a client's list
    const message: TokenMessage =
      outcome.value.type === 'NegTokenInit' && from === 'server'
        ? { ...outcome.value, type: 'NegTokenInit2' }
        : outcome.value
    found.push({ message, fault: outcome.fault })
    if (message.protocol === 'spnego') {
      if (message.innerToken) rest.push(message.innerToken)
      if (message.repeatedToken) rest.push(message.repeatedToken)
    }
  }
  return found
}
