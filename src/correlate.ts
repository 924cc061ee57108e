/**
 * Why was Kerberos not used? The cause of one NTLM exchange, from the exchange itself and from what the client asked a KDC before.
 *
 * Pure. Every cause is one of a closed list, names its frames and the fix; what the evidence does not decide is RC99 with what is missing. The
 * KDC leg is joined by client address and target name within the 15 minutes of Windows' negative cache (SpnCacheTimeout).
 */
import type { AuthExchange, Cause } from './exchange.ts'
import type { FrameRef } from './frames.ts'
import { isIpLiteral, targetHost } from './target.ts'

/** One refusal of a KDC, as remembered for its client. */
export interface KdcRefusal {
  readonly sname: string
  readonly code: number
  readonly name: string
  readonly time: number
  /** frame keys of request and answer: they get names when they are cited, relative to the capture that cites them */
  readonly frames: readonly number[]
}

/** A refusal as it is cited for an exchange. */
export type CitedRefusal = Omit<KdcRefusal, 'frames'> & { readonly frames: readonly FrameRef[] }

type Facts = Pick<
  AuthExchange,
  'origin' | 'mechanism' | 'target' | 'ntlm' | 'principal' | 'kerberos' | 'frames' | 'service' | 'visibility'
>

/**
 * The cause of an exchange that ended in NTLM; null where no NTLM was used. `refusal`: the one of a KDC that fits its client and
 * target, see `matchingRefusal`. `relay`: the frames that prove that the same challenge was handed on, null where it was not.
 */
export function causeOf(
  exchange: Facts,
  start: number,
  refusal: CitedRefusal | null,
  relay: readonly FrameRef[] | null,
): Cause | null {
  if (relay !== null) return cause('RC21', 'high', relay)
  if (exchange.mechanism === 'anonymous' && exchange.ntlm !== null) return cause('RC17', 'high', exchange.frames)
  if (exchange.ntlm === null) return null
  if (exchange.mechanism === 'guest') return cause('RC18', 'high', exchange.frames)
  const { origin, target } = exchange
  if (origin === 'server-only') {
    const http = exchange.service === 'http' || exchange.service === 'http-proxy' || exchange.service === 'winrm'
    return cause(http ? 'RC15' : 'RC10', 'high', exchange.frames)
  }
  if (target.class === 'ip') return cause('RC04', origin === 'unknown' ? 'medium' : 'high', exchange.frames)
  if (refusal !== null) {
    const code = REFUSAL_CAUSES[refusal.code]
    if (code) {
      const near = start - refusal.time <= NEAR_MICROS
      return cause(code, near ? 'high' : 'medium', [...refusal.frames, ...exchange.frames])
    }
  }
  const serviceError = exchange.kerberos?.errorCode ?? null
  if (serviceError !== null && SERVICE_CAUSES[serviceError])
    return cause(SERVICE_CAUSES[serviceError], 'high', exchange.frames)
  if (origin === 'direct') return cause('RC14', 'medium', exchange.frames)
  // a client that speaks to an address by its number has no name to ask a ticket for, even where its token does not say so
  if (target.class === 'absent' && target.name !== null && isIpLiteral(target.name))
    return cause('RC04', 'medium', exchange.frames)
  if (target.class === 'empty' || target.class === 'user-principal') return cause('RC06', 'medium', exchange.frames)
  return unknown(exchange)
}

/** Titles and fixes by code: the closed list. */
export const CAUSES: Readonly<Record<string, { readonly title: string; readonly fix: string }>> = {
  RC01: {
    title: 'SPN missing: the KDC does not know the service name',
    fix: 'Register the name on the account that runs the service: setspn -S <class>/<host> <account>',
  },
  RC03: {
    title: 'SPN on the wrong account, or a stale service key',
    fix: 'Move the SPN to the account that runs the service (setspn -Q finds it), or renew its password or keytab',
  },
  RC04: {
    title: 'IP address used as the target',
    fix: 'Use the host name; where that is impossible, set TryIPSPN on the client and register host/<address> on the server account',
  },
  RC06: {
    title: 'no usable target name given by the application',
    fix: 'Have the application pass the SPN of the service',
  },
  RC08: { title: 'clock skew', fix: 'Synchronise the clocks of client, server and KDC (w32tm /resync, NTP)' },
  RC09: {
    title: 'no common encryption type',
    fix: 'Give the account AES keys (set msDS-SupportedEncryptionTypes, reset the password) and renew keytabs',
  },
  RC10: {
    title: 'the server offers no Kerberos',
    fix: 'Join the server to the domain or give it a keytab; replace it where it can do neither',
  },
  RC13: {
    title: 'trust or policy does not allow Kerberos',
    fix: 'Check trust type, name-suffix routing and selective authentication',
  },
  RC14: {
    title: 'NTLM chosen by the application or its protocol',
    fix: 'Configure the client to use Negotiate (GSS-SPNEGO, GSSAPI) with an SPN, or ask its vendor',
  },
  RC15: {
    title: 'the server offers NTLM only at the application layer',
    fix: 'Enable Negotiate and list it before NTLM (IIS: provider order of Windows authentication)',
  },
  RC17: { title: 'anonymous (null) session', fix: 'Restrict anonymous access on the server' },
  RC18: { title: 'guest session', fix: 'Disable guest access on the server and insecure guest logons on the client' },
  RC19: { title: 'refused by policy', fix: 'Check authentication policies and silos of the account' },
  RC21: {
    title: 'looks like a relay: the same challenge on two flows',
    fix: 'Find out who the host in the middle is; require SMB signing, LDAP signing and channel binding on the target',
  },
  RC99: { title: 'not decided by what the capture shows', fix: 'Capture what is named as missing and run again' },
}

const NEAR_MICROS = 5e6
const NEGATIVE_CACHE_MICROS = 900e6

/** KDC errors to causes, wire-facts of RFC 4120 7.5.9. */
const REFUSAL_CAUSES: Readonly<Record<number, string>> = {
  7: 'RC01',
  8: 'RC01',
  12: 'RC19',
  14: 'RC09',
  28: 'RC13',
  37: 'RC08',
}
/** Errors of the service about the AP-REQ. */
const SERVICE_CAUSES: Readonly<Record<number, string>> = { 31: 'RC03', 37: 'RC08', 41: 'RC03', 44: 'RC03', 45: 'RC03' }

/** The latest refusal for the host of `spn` within the time of the negative cache; null: none. */
export function matchingRefusal(refusals: readonly KdcRefusal[], spn: string | null, start: number): KdcRefusal | null {
  if (spn === null || spn === '') return null
  const host = targetHost(spn).toLowerCase()
  for (let at = refusals.length - 1; at >= 0; at--) {
    const refusal = refusals[at]!
    if (start - refusal.time > NEGATIVE_CACHE_MICROS) return null
    if (refusal.time <= start && targetHost(refusal.sname).toLowerCase() === host) return refusal
  }
  return null
}

function cause(code: string, confidence: Cause['confidence'], frames: readonly FrameRef[]): Cause {
  const { title, fix } = CAUSES[code]!
  return { code, title, confidence, frames, missing: [], fix }
}

function unknown(exchange: Facts): Cause {
  const missing: string[] = []
  if (exchange.origin === 'unknown') missing.push('the offer of the server')
  if (exchange.visibility !== 'both')
    missing.push(`the direction of the ${exchange.visibility === 'client' ? 'server' : 'client'}`)
  if (exchange.target.class === 'absent') missing.push('the target name (the client sends none)')
  else missing.push('a refusal by a KDC for this target in the 15 minutes before')
  return { ...cause('RC99', 'low', exchange.frames), missing }
}
