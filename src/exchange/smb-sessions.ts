/**
 * Which session a SESSION_SETUP is about: a new one, one that the connection has already (re-authentication), or one of another connection to which it
 * binds a further channel. MS-SMB2 3.2.5.3, 3.3.5.5.
 *
 * A session is set up by one logon, whatever is repeated for it later: what only repeats the logon is no authentication of its own for verdicts, figures
 * and most rules. What goes on with NTLM where the session had another mechanism or another user, or where its logon was not seen, is one.
 */
import type { ConnectionFacts, LegStep } from '../../decoders/carrier.ts'
import type { AuthExchange, SessionLogon, SessionSetup } from '../facts/exchange.ts'
import { deleteOldest } from '../memory/bounded-map.ts'
import { LIMITS } from '../memory/limits.ts'
import type { Attempt } from './attempt.ts'
import { namesSession } from './legs.ts'

/** What an attempt is to its session. */
export interface SessionPlace {
  readonly setup: SessionSetup
  readonly of: SessionLogon | null
}

export const NEW_SESSION: SessionPlace = { setup: 'new', of: null }

/** Where a leg stands that begins an attempt. */
export interface Beginning {
  readonly leg: LegStep
  /** its token is the first of a mechanism, not one in the middle */
  readonly first: boolean
  /** the attempt that had the slot, if any */
  readonly before: Attempt | undefined
  /** the connection is there from its beginning, without holes */
  readonly whole: boolean
  readonly facts: ConnectionFacts
  readonly server: string
}

/** Sessions to which other connections may bind, by server and SessionId; bounded, the oldest is forgotten first. */
export class SmbSessions {
  readonly #known = new Map<string, SessionLogon>()
  /** bindings whose session was not found, after others were forgotten */
  missed = 0
  #evicted = false

  placeOf({ leg, first, before, whole, facts, server }: Beginning): SessionPlace {
    if (leg.from === 'server' || leg.rpc !== null || !namesSession(leg.slot)) return NEW_SESSION
    if (leg.smb?.binding) return { setup: 'binding', of: this.#find(leg.slot, facts, server) }
    // without extended security every setup makes a session of its own
    if (!first || leg.plainNtlm !== null) return NEW_SESSION
    if (before === undefined) return whole ? NEW_SESSION : { setup: 'reauthentication', of: null }
    if (before.logon !== null) return { setup: 'reauthentication', of: before.logon }
    if (before.place.setup === 'reauthentication') return before.place
    // the server's direction is missing: the client goes on under an id that only an accepted logon gives
    return before.sawServer ? NEW_SESSION : { setup: 'reauthentication', of: null }
  }

  /** The server has accepted it. */
  accepted(attempt: Attempt, exchange: string, facts: ConnectionFacts, server: string): void {
    const { setup, of } = attempt.place
    const logonSeen = setup === 'new' || of?.logonSeen === true
    attempt.logon = { exchange, mechanism: attempt.mechanism, user: attempt.authenticate?.userName ?? null, logonSeen }
    // channels exist since 3.0
    if (facts.smb?.dialect !== undefined && !facts.smb.dialect.startsWith('3')) return
    const key = keyOf(attempt.slot, facts.smb?.serverGuid ?? server)
    if (setup === 'binding' && this.#known.has(key)) return
    this.#known.delete(key)
    this.#known.set(key, attempt.logon)
    if (this.#known.size <= LIMITS.smbSessionsMax) return
    deleteOldest(this.#known)
    this.#evicted = true
  }

  /** A channel may lead to another address of the server: its GUID tells, and where that was not seen, the address. */
  #find(slot: string, facts: ConnectionFacts, server: string): SessionLogon | null {
    const guid = facts.smb?.serverGuid
    const known = guid === undefined ? undefined : this.#known.get(keyOf(slot, guid))
    const found = known ?? this.#known.get(keyOf(slot, server)) ?? null
    if (found === null && this.#evicted) this.missed++
    return found
  }
}

function keyOf(session: string, server: string): string {
  return `${session} ${server}`
}

/** Does it only go on with a session, without an authentication of its own to be counted? */
export function goesOn({ smb, ntlm, mechanism, principal, http }: Going): boolean {
  if (http?.channelOf != null) return true
  const session = smb?.session
  if (session == null || session.setup === 'new') return false
  return ntlm === null || (session.of?.mechanism === mechanism && session.of.user === principal.user)
}

type Going = Pick<AuthExchange, 'smb' | 'ntlm' | 'mechanism' | 'principal' | 'http'>

/** What it is to that session; `channel`: the other half of a virtual connection of RPC over HTTP. */
export function goesOnAs({ smb, http }: Pick<AuthExchange, 'smb' | 'http'>): SessionSetup | 'channel' {
  return http?.channelOf != null ? 'channel' : (smb?.session?.setup ?? 'new')
}

/** A session that Kerberos set up goes on with NTLM. */
export function isSwitched({ smb, ntlm }: Pick<AuthExchange, 'smb' | 'ntlm'>): boolean {
  const before = smb?.session?.of?.mechanism
  return ntlm !== null && (before === 'kerberos' || before === 'iakerb')
}

/** It goes on with a session whose logon is not in the capture, or was forgotten. */
export function isWithoutLogon({ smb }: Pick<AuthExchange, 'smb'>): boolean {
  const session = smb?.session
  return session != null && session.setup !== 'new' && session.of?.logonSeen !== true
}
