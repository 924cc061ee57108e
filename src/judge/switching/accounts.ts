/**
 * Whose account logged on, and to which domain the server belongs: by the names of the challenge and of the logon.
 */
import type { AuthExchange } from '../../facts/exchange.ts'

/** The account is one of the server, of a domain, or nothing tells. */
export function accountKind({ principal, ntlm, cause }: AuthExchange): 'local' | 'domain' | 'unsure' {
  const challenge = ntlm?.challenge ?? null
  const domain = principal.domain?.toLowerCase() ?? ''
  if (cause?.code === 'RC11') return 'local'
  if (principal.user === null) return 'unsure'
  if (principal.user.includes('@')) return 'domain'
  if (challenge === null || domain === '') return 'unsure'
  if (isOf(domain, challenge.nbDomainName, challenge.dnsDomainName) && !isStandalone(challenge)) return 'domain'
  if (isOf(domain, challenge.nbComputerName, challenge.dnsComputerName)) return 'local'
  // the name of the client itself: a server that does not know it takes it for its own
  if (isOf(domain, principal.workstation, null)) return 'unsure'
  return isStandalone(challenge) ? 'unsure' : 'domain'
}

/** What the server says of its domain. */
export function serverKind({ ntlm }: AuthExchange): 'joined' | 'standalone' | 'unsure' {
  const challenge = ntlm?.challenge ?? null
  if (challenge === null || challenge.nbDomainName === null || challenge.nbComputerName === null) return 'unsure'
  return isStandalone(challenge) ? 'standalone' : 'joined'
}

/** The domain of the server is this one; null: nothing tells. */
export function isInDomain({ ntlm }: AuthExchange, domain: string): boolean | null {
  const { nbDomainName = null, dnsDomainName = null } = ntlm?.challenge ?? {}
  return nbDomainName === null && dnsDomainName === null ? null : isOf(domain, nbDomainName, dnsDomainName)
}

type Challenge = NonNullable<NonNullable<AuthExchange['ntlm']>['challenge']>

function isStandalone({ nbComputerName, nbDomainName }: Challenge): boolean {
  return nbComputerName !== null && nbDomainName !== null && nbComputerName.toLowerCase() === nbDomainName.toLowerCase()
}

function isOf(name: string, netbios: string | null, dns: string | null): boolean {
  return name === netbios?.toLowerCase() || name === dns?.toLowerCase()
}
