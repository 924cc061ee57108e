/**
 * Which session a SESSION_SETUP is about: a new one, one that the connection has already (re-authentication), or one of
 * another connection to which it binds a further channel. MS-SMB2 3.2.5.3, 3.3.5.5.
 *
 * A session is set up by one logon, whatever is repeated for it later: what only repeats the logon is no authentication
 * of its own for verdicts, figures and most rules. What goes on with NTLM where the session had another mechanism or
 * another user, or where its logon was not seen, is one.
 */
import type { ConnectionFacts, LegStep } from '../../decoders/carrier.ts'
import type { SessionLogon } from '../facts/exchange.ts'
import { deleteOldest } from '../memory/bounded-map.ts'
import { LIMITS } from '../memory/limits.ts'
import type { Attempt } from './attempt/attempt.ts'
import { NEW_SESSION, namesSession, type SessionPlace } from './attempt/place.ts'

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
  /** the id of an attempt's exchange */
  readonly exchangeOf: (attempt: Attempt) => string
}

/** Sessions to which other connections may bind, by server and SessionId; bounded, the oldest is forgotten first. */
export class SmbSessions {
  readonly #known = new Map<string, SessionLogon>()
  /** bindings whose session was not found, after others were forgotten */
  missed = 0
  #evicted = false

  placeOf({ leg, first, before, whole, facts, server, exchangeOf }: Beginning): SessionPlace {
    if (leg.rpc !== null || !namesSession(leg.slot)) return NEW_SESSION
    // whatever is heard of it first: the session has its logon
    if (before !== undefined && before.logon !== null && leg.plainNtlm === null && leg.smb?.binding !== true)
      return { setup: 'reauthentication', of: before.logon }
    if (leg.from === 'server') return NEW_SESSION
    if (leg.smb?.binding) return { setup: 'binding', of: this.#find(leg.slot, facts, server) }
    // without extended security every setup makes a session of its own
    if (!first || leg.plainNtlm !== null) return NEW_SESSION
    if (before === undefined) return whole ? NEW_SESSION : { setup: 'reauthentication', of: null }
    if (before.sessionPlace.setup === 'reauthentication') return before.sessionPlace
    // the server's direction is missing: the client goes on under an id that only an accepted logon gives
    if (!before.sawServer) return { setup: 'reauthentication', of: null }
    // of a refused logon no session is left (MS-SMB2 3.3.5.5.3): the answer that accepted it is missing
    return before.authenticate !== null && before.outcome !== 'failure'
      ? { setup: 'reauthentication', of: before.sessionPlace.of ?? logonOf(before, exchangeOf(before)) }
      : NEW_SESSION
  }

  /** The server has accepted it: it says so, or answers what was asked in its session. */
  accepted(attempt: Attempt, exchange: string, facts: ConnectionFacts, server: string): void {
    const { setup } = attempt.sessionPlace
    attempt.logon = logonOf(attempt, exchange)
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

function logonOf({ sessionPlace, mechanism, authenticate }: Attempt, exchange: string): SessionLogon {
  const { setup, of } = sessionPlace
  const logonSeen = setup === 'new' || of?.logonSeen === true
  // where the message that names the user is missing, nothing says that it is another one
  const known = of?.mechanism === mechanism ? of.user : null
  return { exchange, mechanism, user: authenticate?.userName ?? known, logonSeen }
}

function keyOf(session: string, server: string): string {
  return `${session} ${server}`
}
