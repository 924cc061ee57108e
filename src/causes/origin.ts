/**
 * How one authentication came to NTLM: the seven wire shapes and the order in which they are decided. Pure.
 *
 * The evidence is what both sides offered, what the client sent first and what the server answered. What was tried and
 * refused outranks what the carrier calls NTLM. Where the evidence is not in the capture the answer is 'unknown', never
 * a guess.
 */
import type { Origin } from '../facts/exchange.ts'

export interface OriginEvidence {
  /** mechanism and method names of the server's offer; null: not seen, empty: seen and it names nothing */
  readonly serverOffer: readonly string[] | null
  /** mechTypes of the client's NegTokenInit; null: the client sent none (raw token) or it was not seen */
  readonly clientOffer: readonly string[] | null
  /** the first token of the client was seen, and it is a bare NTLMSSP message */
  readonly firstTokenRawNtlm: boolean
  /** the carrier's method says NTLM by itself */
  readonly direct: boolean
  /** first supportedMech of the server's NegTokenResp; null: not seen */
  readonly supportedMech: string | null
  /** both lists hold the Late Fallback marker, or the server sent the [4] list */
  readonly lateFallback: boolean
  /** a Kerberos token of the client was seen in this exchange */
  readonly kerberosTried: boolean
  /** Kerberos was refused in this exchange */
  readonly kerberosRefused: boolean
  /** an exchange a moment before tried Kerberos, for the same client, server and service, and was refused */
  readonly refusedBefore: boolean
  /**
   * the conversation is there from its beginning, both directions, without holes: an offer that was made would have
   * been seen
   */
  readonly offerVisible: boolean
  /** servers of this carrier make no offer: the client's list is all there is to choose from */
  readonly clientDecides: boolean
  /** a KDC refused this client a ticket for this very service and host within the 15 minutes before */
  readonly ticketRefused: boolean
}

export function originOf(evidence: OriginEvidence): Origin {
  const { serverOffer, clientOffer } = evidence
  const serverNames = serverOffer !== null && serverOffer.length > 0
  const serverHasKerberos = serverNames && serverOffer.some(isKerberosLike)
  if (evidence.refusedBefore) return 'client-retry'
  // a ticket that a KDC refused would have been of no use here
  if (serverNames && !serverHasKerberos) return 'server-only'
  // asking for a ticket first shows that the client would have used Kerberos, whatever the carrier or the server says
  if (evidence.ticketRefused && !evidence.kerberosTried) return 'client-veto'
  if (evidence.direct) return serverNames || evidence.offerVisible ? 'direct' : 'unknown'
  if (clientOffer !== null && kerberosFirst(clientOffer)) {
    // with the marker on both sides, Kerberos runs first and NTLM follows inside the same exchange
    if (evidence.lateFallback && evidence.kerberosTried && evidence.supportedMech !== 'ntlmssp') return 'late-fallback'
    if (evidence.supportedMech === 'ntlmssp') return 'server-switched'
    return evidence.kerberosRefused ? 'client-retry' : 'unknown'
  }
  const onlyNtlm = clientOffer !== null ? onlyNtlmIn(clientOffer) : evidence.firstTokenRawNtlm
  if (onlyNtlm) {
    if (evidence.kerberosRefused) return 'client-retry'
    if (serverHasKerberos || evidence.ticketRefused || evidence.clientDecides) return 'client-veto'
  }
  return 'unknown'
}

/** true for the shapes that are a fallback, false for those that are not, null where the shape is unknown. */
export function isFallback(origin: Origin): boolean | null {
  if (origin === 'unknown') return null
  return origin !== 'server-only' && origin !== 'direct'
}

export function isKerberosLike(name: string): boolean {
  return KERBEROS_LIKE.has(name.toLowerCase())
}

/** NTLM and nothing that could have been Kerberos; NEGOEX and the Late Fallback marker are neither. */
function onlyNtlmIn(offer: readonly string[]): boolean {
  return offer.includes('ntlmssp') && !offer.some(isKerberosLike)
}

function kerberosFirst(offer: readonly string[]): boolean {
  for (const name of offer) {
    if (isKerberosLike(name)) return true
    if (name === 'ntlmssp') return false
  }
  return false
}

/** SPNEGO mechanisms, HTTP schemes and SASL mechanisms under which Kerberos can be spoken. */
const KERBEROS_LIKE = new Set([
  'kerberos',
  'ms-kerberos',
  'kerberos-u2u',
  'iakerb',
  'negotiate',
  'gssapi',
  'gss-spnego',
  'nego2',
])
