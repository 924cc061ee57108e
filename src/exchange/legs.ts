/**
 * Which attempt of a connection a leg belongs to, and what facts about the connection add up to. Pure functions over
 * the state of one connection.
 */
import type { CallStep, ConnectionFacts, LegStep, RpcCall } from '../../decoders/carrier.ts'
import { interfaceName, notableCall } from '../../decoders/carriers/rpc/dcerpc-interfaces.ts'
import type { ToldToken } from '../dissect/told.ts'
import type { Attempt } from './attempt/attempt.ts'
import { namesSession } from './attempt/place.ts'
import type { ConversationState } from './conversation-state.ts'

/** In a tunnel through a proxy, TLS names the site behind it, not the proxy. */
export function behindProxy(state: ConversationState, facts: ConnectionFacts): ConnectionFacts {
  if (facts.tls === undefined || state.facts.http?.proxy !== true) return facts
  const { serverName: _siteBehind, ...rest } = facts
  return rest
}

export function merge(old: ConnectionFacts, more: ConnectionFacts): ConnectionFacts {
  const { smb, ldap, http, tls } = old
  return both(old, more, {
    ...(smb && more.smb && { smb: both(smb, more.smb) }),
    ...(ldap && more.ldap && { ldap: both(ldap, more.ldap) }),
    ...(http && more.http && { http: both(http, more.http) }),
    ...(tls && more.tls && { tls: both(tls, more.tls) }),
  })
}

/** Not by spreading: what is added to an object that was spread gives each a hidden class of its own (`EMPTY_LEG`). */
function both<T extends object>(one: T, ...more: readonly T[]): T {
  return Object.assign({}, one, ...more)
}

/** The attempt that a server's leg answers: by message, else the one open in its slot. */
export function serverLeg(state: ConversationState, leg: LegStep): Attempt | null {
  if (leg.message !== null) {
    const asked = state.askedBy(leg.message)
    if (asked !== undefined) return asked
  }
  const present = state.inSlot(leg.slot)
  if (present !== undefined) return present.done ? null : present
  return awaitingResult(state, leg)
}

/**
 * With the challenge and its response missing, the last word of the server names a session that nobody has heard of: it
 * is said to the only attempt that has no answer yet.
 */
function awaitingResult(state: ConversationState, leg: LegStep): Attempt | null {
  if (!namesSession(leg.slot) || leg.rpc !== null || leg.outcome === null || leg.outcome === 'continue') return null
  const waiting = state.attempts.filter((attempt) => isUnnamed(attempt) && attempt.sawClient)
  return waiting.length === 1 ? waiting[0]! : null
}

/** It sets up a session that the server has not named yet. */
function isUnnamed({ slot, sawServer }: Attempt): boolean {
  return slot === '0' && !sawServer
}

/**
 * With the server's direction missing, a session id appears from nowhere: it belongs to the attempt that waits for one.
 */
export function awaitingSessionId(state: ConversationState, leg: LegStep): Attempt | undefined {
  if (!namesSession(leg.slot) || leg.rpc !== null) return undefined
  return state.attempts.find(isUnnamed)
}

/**
 * A request was lost, and with it what names its slot: what answers a challenge goes on with the only attempt that has
 * nothing but one.
 */
export function awaitingAuthenticate(
  state: ConversationState,
  leg: LegStep,
  tokens: readonly ToldToken[],
): Attempt | undefined {
  if (leg.rpc === null || !tokens.some(({ message }) => message.type === 'AUTHENTICATE_MESSAGE')) return undefined
  const waiting = state.attempts.filter(
    ({ sawClient, challenge, authenticate, done }) =>
      !sawClient && challenge !== null && authenticate === null && !done,
  )
  return waiting.length === 1 ? waiting[0] : undefined
}

/** Does this leg begin an authentication rather than go on with `present`? */
export function startsNewAttempt(present: Attempt, leg: LegStep, tokens: readonly ToldToken[]): boolean {
  // an empty token goes on where the server asked for more (the third leg of SASL GSSAPI)
  if (leg.token === null) {
    const goesOn = present.sawServer ? present.outcome === 'continue' : present.firstToken !== null
    return !goesOn || (leg.method !== null && present.method !== leg.method)
  }
  return isFirstToken(tokens)
}

/** The first token of a mechanism: nothing goes before it. */
export function isFirstToken(tokens: readonly ToldToken[]): boolean {
  const outer = tokens[0]?.message
  if (outer === undefined) return false
  if (outer.protocol === 'spnego') return outer.type === 'NegTokenInit'
  if (outer.protocol === 'ntlmssp') return outer.type === 'NEGOTIATE_MESSAGE'
  return outer.type === 'AP-REQ' && outer.protocol === 'kerberos'
}

/**
 * The same credentials once more, as HTTP sends them with every request: Kerberos of the same ticket, Basic and Digest
 * of the same user.
 */
export function repeatsCredentials(
  before: Attempt | undefined,
  leg: LegStep,
  tokens: readonly ToldToken[],
): before is Attempt {
  if (before === undefined || before.http === null || before.ntlmSeen || before.result === 'failure') return false
  if (leg.from !== 'client' || leg.method !== before.method) return false
  const { principal } = leg
  if (leg.token === null)
    return (
      principal !== null && principal.user === before.principal?.user && principal.domain === before.principal.domain
    )
  const ticket = tokens
    .map(({ message }) => (message.type === 'AP-REQ' ? message.ticketMark : null))
    .find((mark) => mark !== null)
  if (ticket !== undefined) return ticket === before.apReq?.ticketMark
  // of neither the ticket is in the capture: what was taken at once, and is sent with each request, is the same one
  return before.outcome === 'success' && before.firstToken !== null && !before.apReq?.ticketMark && isFirstToken(tokens)
}

/**
 * With the client's direction missing, an answer that ends a logon of HTTP anew is one to the next request with the
 * same credentials: NTLM would have had a challenge before it.
 */
export function answersAgain(before: Attempt | undefined, leg: LegStep): before is Attempt {
  if (before === undefined || before.http === null || before.ntlmSeen || before.sawClient) return false
  return before.outcome === 'success' && leg.outcome === 'success' && leg.from === 'server'
}

/** What a call tells; null: nothing, or its interface was bound where the capture does not show it. */
export function rpcCall(state: ConversationState, called: NonNullable<CallStep['called']>): RpcCall | null {
  const uuid = state.interfaceOf(called.association, called.context)
  const telling = uuid === undefined ? null : notableCall(uuid, called.opnum)
  if (uuid === undefined || telling === null) return null
  return { fact: 'rpc-call', interface: uuid, opnum: called.opnum, interfaceName: interfaceName(uuid), ...telling }
}
