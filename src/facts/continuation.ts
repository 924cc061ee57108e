/**
 * What only goes on with a session, and is no logon of its own.
 */
import { type AuthExchange, isKerberos, type SessionSetup } from './exchange.ts'

/** Does it only go on with a session, without an authentication of its own to be counted? */
export function isContinuation({ smb, ntlm, mechanism, principal, http }: Continuing): boolean {
  if (http?.channelOf != null) return true
  const session = smb?.session
  if (session == null || session.setup === 'new') return false
  // a name that is not in the capture makes it no other user
  return (
    !saysNtlm({ ntlm, mechanism }) ||
    (session.of?.mechanism === mechanism && [session.of.user, null].includes(principal.user))
  )
}

type Continuing = Pick<AuthExchange, 'smb' | 'ntlm' | 'mechanism' | 'principal' | 'http'>

/** What it is to that session; `channel`: the other half of a virtual connection of RPC over HTTP. */
export function continuationKind({ smb, http }: Pick<AuthExchange, 'smb' | 'http'>): SessionSetup | 'channel' {
  return http?.channelOf != null ? 'channel' : (smb?.session?.setup ?? 'new')
}

/** A session that Kerberos set up goes on with NTLM. */
export function isSwitched({ smb, ntlm, mechanism }: Pick<AuthExchange, 'smb' | 'ntlm' | 'mechanism'>): boolean {
  const before = smb?.session?.of
  return saysNtlm({ ntlm, mechanism }) && before != null && isKerberos(before)
}

/** It goes on with a session whose logon is not in the capture, or was forgotten. */
export function isWithoutLogon({ smb }: Pick<AuthExchange, 'smb'>): boolean {
  const session = smb?.session
  return session != null && session.setup !== 'new' && session.of?.logonSeen !== true
}

/** Also where its messages are cut so short that nothing of them can be read. */
function saysNtlm({ ntlm, mechanism }: Pick<AuthExchange, 'ntlm' | 'mechanism'>): boolean {
  return ntlm !== null || mechanism === 'ntlm'
}
