/**
 * Is a host Windows, by what it sends of its version in NTLM messages and User-Agent headers?
 *
 * MS-NLMP 2.2.2.10: VERSION is for debugging, and others fill it with what they like: Samba and what comes from it says
 * 6.1 with build 0. No release of Windows has a build below 2195 (Windows 2000). A Windows that has the switches (7,
 * Server 2008 R2 and later) sends its version in every NTLMSSP message, also to servers that ask for none: of 137
 * logons with one in public and recorded captures none came from a host that also logged on without, and 237 without
 * came from curl, impacket, Samba and systems older than the switches.
 */
import type { AuthExchange } from '../../facts/exchange.ts'
import type { Bound } from './switch.ts'

const FIRST_BUILD = 2195
/** Windows 11 24H2 and Windows Server 2025 */
export const BUILD_24H2 = 26_100

/** `10.0.26100` as its build; null: none was sent. */
export function buildOf(version: string | null | undefined): number | null {
  const [, build] = /^\d+\.\d+\.(\d+)$/.exec(version ?? '') ?? []
  return build === undefined ? null : Number(build)
}

export function windowsClient({ ntlm, http }: AuthExchange): Bound {
  const build = buildOf(ntlm?.clientVersion)
  if (build !== null) return build >= FIRST_BUILD ? 'bound' : 'free'
  // a level of integrity is the word of a Windows process (MS-NLMP 2.2.2.2); others leave it zero
  if ((ntlm?.singleHost?.tokenIntegrityLevel ?? 0) > 0) return 'bound'
  if (sentNoVersion(ntlm)) return 'free'
  return /Windows NT|Microsoft-|MSIE|WinHTTP/i.test(http?.userAgent ?? '') ? 'bound' : 'unsure'
}

/** Its AUTHENTICATE_MESSAGE was seen, and has none. LM and NTLM in SMB1 without NTLMSSP have no place for it. */
function sentNoVersion(ntlm: AuthExchange['ntlm']): boolean {
  if (ntlm === null || ntlm.ntlmVersion === null || ntlm.ntlmVersion === 'anonymous') return false
  return ntlm.negotiateFlags.length > 0 && ntlm.clientVersion === null
}

export function windowsServer({ ntlm, http }: AuthExchange): Bound {
  const build = buildOf(ntlm?.serverVersion)
  if (build !== null) return build >= FIRST_BUILD ? 'bound' : 'free'
  return /Microsoft-(IIS|HTTPAPI)/i.test(http?.serverSoftware ?? '') ? 'bound' : 'unsure'
}
