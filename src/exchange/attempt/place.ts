/**
 * Where an attempt stands: its slot in the conversation, and the session that it is about.
 */
import type { SessionLogon, SessionSetup } from '../../facts/exchange.ts'

/** What an attempt is to its session. */
export interface SessionPlace {
  readonly setup: SessionSetup
  readonly of: SessionLogon | null
}

export const NEW_SESSION: SessionPlace = { setup: 'new', of: null }

/** Does the slot name a session of several in one connection? Not before the server has given it a name. */
export function namesSession(slot: string): boolean {
  return slot !== '' && slot !== '0' && slot !== 'proxy'
}
