/**
 * Who is who from one run to the next: `uid` of an authentication, a KDC exchange, a pair, a finding.
 *
 * An authentication is known by what was on the wire and by nothing else: the flow (Community ID) and the bytes of the
 * client's token that decides it. So it is the same at two taps, however the files were cut, and whenever it is read.
 * Ordinals of a run (`id`) are no identity, and neither is the flow with a time: ports come back, and a cut or a
 * one-sided copy moves the time.
 *
 * A digest must not help to guess a password. The responses of NTLMv2 and of NTLM with session security hold a random
 * value of the client, older ones nothing but the password and the server's challenge: those count only where the
 * challenge was seen and is not one that tools send to everybody. Passwords in clear (simple bind, Basic) are never
 * digested.
 */
import { hash } from 'node:crypto'

/** What `uid` of an authentication is a digest of, besides the flow. */
export type UidOf =
  /** the client's AUTHENTICATE_MESSAGE or AP-REQ; of a KDC exchange, the request with its nonce */
  | 'token'
  /** the ticket, where one authentication brings it with every request (HTTP) */
  | 'ticket'
  /** no such token was seen, or there is none: the time of the first message in whole microseconds, as all write it */
  | 'start'

export interface Identity {
  readonly uid: string
  readonly uidOf: UidOf
}

/** Where nobody asks who is who. */
export const NO_IDENTITY: Identity = Object.freeze({ uid: '', uidOf: 'start' })

/** 128 bits of SHA-256 as 32 hexadecimal digits; null stands apart from ''. */
export function digestOf(...parts: readonly (string | number | null)[]): string {
  return hash('sha256', JSON.stringify(parts), 'hex').slice(0, DIGITS)
}

/** The bytes of a token, so that they need not be kept. */
export function tokenDigest(token: Uint8Array): string {
  return hash('sha256', token, 'hex').slice(0, DIGITS)
}

export function exchangeIdentity(
  communityId: string,
  start: number,
  /** tells those apart that begin in one frame; asked where nothing else does */
  ordinal: () => number,
  { token, ticket }: { readonly token: string | null; readonly ticket: number | null },
): Identity {
  if (ticket !== null) return { uid: digestOf('ticket', communityId, ticket), uidOf: 'ticket' }
  if (token !== null) return { uid: digestOf('token', communityId, token), uidOf: 'token' }
  return { uid: digestOf('start', communityId, Math.floor(start), ordinal()), uidOf: 'start' }
}

/**
 * `nonce` of the request is random (RFC 4120 5.4.1); without a request (its direction was not seen) the time has to do.
 */
export function kdcUid(
  communityId: string,
  kind: 'AS' | 'TGS',
  request: {
    readonly nonce: number | null
    readonly cname: string | null
    readonly sname: string | null
    readonly padata: readonly number[]
  } | null,
  time: number,
): Identity {
  if (request === null || request.nonce === null)
    return { uid: digestOf('kdc', communityId, Math.floor(time)), uidOf: 'start' }
  const { nonce, cname, sname, padata } = request
  return { uid: digestOf('kdc', communityId, kind, nonce, cname, sname, padata.join()), uidOf: 'token' }
}

/** A pair of last week is the same pair this week. */
export function pairUid(client: string, server: string, service: string): string {
  return digestOf('pair', client, server, service)
}

/** The same rule about the same ends, however often and whenever it fires. */
export function findingUid(
  id: string,
  client: string | null,
  server: string | null,
  service: string | null,
  /** what tells findings of one rule and pair apart: target name, detail */
  rest: string,
): string {
  return digestOf('finding', id, client, server, service, rest)
}

const DIGITS = 32
