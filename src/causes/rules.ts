/**
 * Which cause a logon has: one function a cause, in the order in which they are asked.
 */

import { factsOf } from '../../decoders/services.ts'
import { hostKey } from '../context/evidence.ts'
import { isSwitched } from '../facts/continuation.ts'
import { isIpLiteral } from '../facts/target-name.ts'
import { type Candidate, type CauseContext, type CauseInput, holds, type RuleInput, ruledOut } from './subject.ts'

export function relayed({ relay }: CauseInput, { cite }: CauseContext): Candidate {
  return holds(
    'RC21',
    'high',
    cite(relay ?? []),
    'the same challenge stands in two conversations with one host in the middle',
  )
}

/** In order: what the exchange shows, then what its neighbours show, then what only fits. */
export const CAUSE_RULES: readonly ((view: RuleInput) => Candidate | null)[] = [
  ({ subject, cite }) => (subject.relay === null ? null : relayed(subject, { cite } as CauseContext)),
  ({ exchange }) =>
    exchange.smb?.effective === 'guest'
      ? holds('RC18', 'high', exchange.frames, 'the server made the session a guest')
      : null,
  serverOnly,
  cloudAccount,
  serviceSaid,
  localAccount,
  localAccountOfClient,
  byAddress,
  neighbourSaid,
  noTargetName,
  direct,
  serverSwitched,
  ticketRefused,
  logonRefused,
  kdcSilent,
  sessionSwitched,
  kerberosOtherwise,
  cannotKerberos,
]

function serverOnly({ exchange, origin }: RuleInput): Candidate | null {
  if (origin !== 'server-only') return null
  const web = factsOf(exchange.service).overHttp
  const offer = exchange.offered.server?.join(', ') ?? ''
  return holds(web ? 'RC15' : 'RC10', 'high', exchange.frames, `the server offers ${offer || 'NTLM'} and no Kerberos`)
}

function cloudAccount({ exchange }: RuleInput): Candidate | null {
  const domain = exchange.principal.domain?.toLowerCase()
  if (domain !== 'microsoftaccount' && domain !== 'azuread') return null
  return holds('RC12', 'high', exchange.frames, `the account is of ${exchange.principal.domain}`)
}

/** RFC 4120 7.5.9 as a service says it about an AP-REQ; as an IAKERB proxy says it about a KDC. */
function serviceSaid({ exchange }: RuleInput): Candidate | null {
  const { kerberos } = exchange
  if (kerberos?.errorCode == null) {
    if (kerberos?.userToUser)
      return holds('RC06', 'medium', exchange.frames, 'user-to-user was tried: the target has no SPN')
    return null
  }
  const code = SERVICE_CAUSES[kerberos.errorCode]
  const why = `${kerberos.errorName} in this exchange`
  return code === undefined ? ruledOut('RC03', `${why} does not tell`) : holds(code, 'high', exchange.frames, why)
}

/**
 * MS-NLMP 3.1.5.1.2: the domain of a local account is the name of the server. A logon that is passed on to a domain
 * controller is none.
 */
function localAccount({ exchange, evidence, cite }: RuleInput): Candidate | null {
  const domain = exchange.principal.domain?.toLowerCase()
  const challenge = exchange.ntlm?.challenge
  const machine = challenge?.nbComputerName?.toLowerCase()
  if (!domain || !machine || machine === challenge?.nbDomainName?.toLowerCase()) return null
  if (domain !== machine && domain !== '.') return null
  const passed = evidence.passThrough(exchange.server.ip, exchange.end)
  if (passed !== null)
    return ruledOut('RC11', `the server passed the logon on to a domain controller (frame ${cite([passed])[0]})`)
  return holds(
    'RC11',
    'medium',
    exchange.frames,
    `the account's domain (${exchange.principal.domain}) is the server itself`,
  )
}

/**
 * A user whom only the client's own list of accounts knows, and who has the same name and password here: no server name
 * makes that Kerberos.
 */
function localAccountOfClient({ exchange, evidence, cite }: RuleInput): Candidate | null {
  const { domain, workstation } = exchange.principal
  if (!domain || domain.toLowerCase() !== workstation?.toLowerCase()) return null
  const challenge = exchange.ntlm?.challenge
  if (domain.toLowerCase() === challenge?.nbDomainName?.toLowerCase()) return null
  const passed = evidence.passThrough(exchange.server.ip, exchange.end)
  if (passed !== null)
    return ruledOut('RC11', `the server passed the logon on to a domain controller (frame ${cite([passed])[0]})`)
  return holds('RC11', 'medium', exchange.frames, `the account's domain (${domain}) is the client itself`)
}

function byAddress({ exchange, origin, refusedUse }: RuleInput): Candidate | null {
  const { target } = exchange
  if (target.class === 'ip' && refusedUse?.host === hostKey(target.spn ?? ''))
    return ruledOut('RC04', `Kerberos was tried with that very address (${target.spn})`)
  if (target.class === 'ip')
    return holds('RC04', origin === 'unknown' ? 'medium' : 'high', exchange.frames, `the target name is ${target.spn}`)
  // a client that speaks to an address by its number has no name to ask a ticket for, even where its token does not say
  // so
  if (origin !== 'direct' && target.class === 'absent' && target.name !== null && isIpLiteral(target.name))
    return holds('RC04', 'medium', exchange.frames, `the client named the server ${target.name}`)
  if (target.class === 'absent' || target.class === 'not-visible') return null
  return ruledOut('RC04', `the target is a name (${target.spn})`)
}

function noTargetName({ exchange }: RuleInput): Candidate | null {
  const { target } = exchange
  if (target.class === 'empty') return holds('RC06', 'medium', exchange.frames, 'the application gave no target name')
  if (target.class === 'user-principal')
    return holds('RC06', 'medium', exchange.frames, `the target name is no service: ${target.spn}`)
  return null
}

function direct({ exchange, origin }: RuleInput): Candidate | null {
  if (origin !== 'direct') return null
  return holds('RC14', 'medium', exchange.frames, `${exchange.method ?? exchange.carrier} names NTLM itself`)
}

/** The client began with Kerberos and the server chose NTLM without a word of Kerberos. */
function serverSwitched({ exchange, origin, refusal }: RuleInput): Candidate | null {
  if (origin !== 'server-switched' || exchange.kerberos === null || refusal !== null) return null
  return holds(
    'RC03',
    'medium',
    exchange.frames,
    'the client sent a ticket and the server chose NTLM: no usable key for it',
  )
}

/** The same client and server seconds before, in another exchange. */
function neighbourSaid({ exchange, origin, refusedUse: use, cite }: RuleInput): Candidate | null {
  if (use === null) return null
  const told = use.status ? ` (${use.status})` : ''
  // whatever a server without Kerberos says to it, an SPN or a key mends nothing
  if (origin !== 'client-retry' && !use.ticket)
    return ruledOut('RC03', `the client asked for Kerberos a moment before, and was refused${told}`)
  const frames = [...cite(use.frames), ...exchange.frames]
  if (use.error !== null && SERVICE_CAUSES[use.error] !== undefined)
    return holds(
      SERVICE_CAUSES[use.error]!,
      'high',
      frames,
      `the service refused the ticket with Kerberos error ${use.error}`,
    )
  // a ticket that has run out is no reason for NTLM, but for another ticket
  if (use.error === TKT_EXPIRED) return ruledOut('RC03', 'the ticket that the service refused had expired')
  if (use.unsupported)
    return holds(
      'RC10',
      'medium',
      frames,
      `the service knows no such mechanism${told}, when the client began with Kerberos`,
    )
  if (use.tooLong) return holds('RC20', 'medium', frames, `the request with the ticket was refused${told}`)
  // a server that offers none would take no ticket, whatever its key
  if (use.notOffered && use.error === null) {
    const code = factsOf(exchange.service).overHttp ? 'RC15' : 'RC10'
    return holds(code, 'medium', frames, `the service refused the ticket${told}, and offers no Kerberos`)
  }
  const what = use.ticket ? 'the service refused the ticket' : 'the service refused to begin with Kerberos'
  return holds('RC03', 'low', frames, `${what}${told} and gave no Kerberos error`)
}

function ticketRefused(view: RuleInput): Candidate | null {
  const { exchange, evidence, refusal, cite } = view
  const { client, server } = exchange
  const { since } = view.subject
  const sameHost = refusal ?? evidence.ticketRefusal(client.ip, view.hosts, since)
  const other = sameHost ?? evidence.ticketRefusal(client.ip, view.otherNames, since)
  if (other === null) return noRefusal(view)
  const entry = REFUSAL_CAUSES[other.code]
  if (entry === undefined)
    return ruledOut('RC01', `the KDC answered ${other.name} for ${other.sname}, which does not tell`)
  const near = since.time - other.time <= NEAR_MICROS
  const confidence = refusal === null ? 'low' : near ? 'high' : 'medium'
  const frames = [...cite(other.frames), ...exchange.frames]
  const seconds = Math.max(0, Math.round((since.time - other.time) / 1e6))
  const proves =
    refusal !== null
      ? ''
      : sameHost !== null
        ? `: that is about another service of this host, and no ticket for ${exchange.target.spn || exchange.service} was refused`
        : `, another name of ${server.ip}`
  const why = `the KDC answered ${other.name} for ${other.sname} ${seconds} s before${proves}`
  const referral = evidence.referral(client.ip, other.realm, other.time)
  const foreign = UNKNOWN_NAME.has(other.code) && (referral !== null || other.sname.toLowerCase().startsWith('krbtgt/'))
  if (foreign) {
    const led = referral === null ? [] : cite(referral.frames)
    return holds('RC13', confidence, [...led, ...frames], `${why}, in the realm ${other.realm} that a referral led to`)
  }
  if (!UNKNOWN_NAME.has(other.code)) return holds(entry, confidence, frames, why)
  const code = exchange.target.class === 'short' ? 'RC05' : entry
  const alias = view.aliasOf(hostKey(other.sname), exchange.start)
  if (alias === null) return holds(code, confidence, frames, why)
  // less of a capture must not give another cause: an alias is a reason for the same one
  return {
    ...holds(
      code,
      confidence,
      [...cite([alias.frame]), ...frames],
      `${why}; DNS says that it is an alias of ${alias.target}`,
    ),
    aliasOf: alias.target,
  }
}

function noRefusal({ exchange, evidence }: RuleInput): Candidate {
  const why = evidence.hasKdcTraffic(exchange.client.ip)
    ? 'no KDC refused a ticket for this server in the 15 minutes before'
    : 'no KDC traffic of this client is in the capture'
  return ruledOut('RC01', why)
}

/** The user got no ticket-granting ticket: no server could be reached by Kerberos. */
function logonRefused({ exchange, subject: { since }, evidence, cite }: RuleInput): Candidate | null {
  const { client, principal } = exchange
  const refusal = evidence.logonRefusal(client.ip, principal.user, since)
  if (refusal === null) return null
  const code = LOGON_CAUSES[refusal.code]
  const why = `the KDC answered ${refusal.name} to the logon of ${refusal.cname ?? 'a user'}`
  if (code === undefined) return ruledOut('RC19', `${why}, which does not tell`)
  const near = since.time - refusal.time <= NEAR_MICROS
  return holds(code, near ? 'high' : 'medium', [...cite(refusal.frames), ...exchange.frames], why)
}

function kdcSilent({ exchange, evidence, cite }: RuleInput): Candidate | null {
  const { proven: silences, open } = evidence.silences(exchange.client.ip, exchange.server.ip, exchange.start)
  if (silences.length === 0) {
    if (open)
      return ruledOut('RC07', 'a KDC was tried, but the direction from it to this client is not seen in the capture')
    return evidence.hasKdcTraffic(exchange.client.ip) ? ruledOut('RC07', 'a KDC answered this client') : null
  }
  // answers that are not in the capture are not silence
  if (exchange.visibility !== 'both') return ruledOut('RC07', 'only one direction is in the capture')
  const kinds = [...new Set(silences.map(({ how, what }) => `${what} ${SILENCE_WORDS[how]}`))]
  const asked = silences.some(({ at }) => at === 'kdc')
  const tries = silences.reduce((sum, silence) => sum + (silence.tries ?? 1), 0)
  const frames = [...cite(silences.flatMap((silence) => silence.frames).slice(0, 16)), ...exchange.frames]
  const kdc = silences.find((silence) => silence.kdc !== undefined)?.kdc ?? null
  return {
    ...holds('RC07', asked && tries > 1 ? 'high' : 'medium', frames, kinds.slice(0, 3).join('; ')),
    kdc,
  }
}

/** The client had Kerberos for this session, and authenticates again, or for another channel, without. */
function sessionSwitched({ exchange, origin }: RuleInput): Candidate | null {
  const session = exchange.smb?.session
  if (!session?.of || !isSwitched(exchange) || origin !== 'client-veto') return null
  const what = session.setup === 'binding' ? 'a further channel of it was bound' : 'it was authenticated again'
  const why = `Kerberos set up the SMB session (exchange ${session.of.exchange}), ${what} with NTLM, and no KDC or service refused a ticket`
  return holds('RC14', 'medium', exchange.frames, why)
}

function kerberosOtherwise({ exchange, origin, evidence, hosts, cite }: RuleInput): Candidate | null {
  if (origin !== 'client-veto') return null
  const use = evidence.kerberosBefore(exchange.client.ip, exchange.server.ip, hosts, exchange.start)
  if (use === null) return ruledOut('RC14', 'this client is not seen to use Kerberos with this server before')
  // an address instead of a name would be the reason
  if (exchange.ntlm?.challenge != null && exchange.target.class === 'not-visible')
    return ruledOut('RC14', 'the part of the logon that names its target is not in the capture')
  const frames = [...cite(use.frames), ...exchange.frames]
  return holds(
    'RC14',
    'medium',
    frames,
    'the same client uses Kerberos with this server, and no KDC or service refused it',
  )
}

/**
 * Nothing of Kerberos from this client, while the capture shows the KDC traffic of others long enough: still only a
 * hint.
 */
function cannotKerberos({ exchange, origin, evidence }: RuleInput): Candidate | null {
  if (origin !== 'client-veto') return null
  if (evidence.hasKdcTraffic(exchange.client.ip)) return ruledOut('RC16', 'the client speaks to a KDC')
  if (exchange.start - evidence.firstKdcTime < LONG_MICROS)
    return ruledOut('RC16', 'the KDC traffic of other clients is not in the capture for the 15 minutes before')
  if (exchange.target.class !== 'absent') return ruledOut('RC16', 'the client names its target as current systems do')
  return holds(
    'RC16',
    'low',
    exchange.frames,
    'KDC traffic of others is visible, of this client none, and it sends no target name',
  )
}

// --- causes
// ---------------------------------------------------------------------------------------------------------------------

/** KRB_AP_ERR_TKT_EXPIRED, RFC 4120 7.5.9 */
const TKT_EXPIRED = 32
const NEAR_MICROS = 5e6
const LONG_MICROS = 900e6
const UNKNOWN_NAME = new Set([7, 12])
const SILENCE_WORDS = {
  unanswered: 'does not answer',
  reset: 'refuses the connection',
  unreachable: 'is unreachable (ICMP)',
  name: '',
} as const

/** KDC errors about a service ticket, RFC 4120 7.5.9. */
const REFUSAL_CAUSES: Readonly<Record<number, string>> = {
  7: 'RC01',
  8: 'RC02',
  9: 'RC09',
  12: 'RC19',
  14: 'RC09',
  26: 'RC01',
  27: 'RC06',
  28: 'RC13',
  29: 'RC07',
  37: 'RC08',
}
/** Errors about a ticket-granting ticket: they concern every server alike. */
const LOGON_CAUSES: Readonly<Record<number, string>> = {
  12: 'RC19',
  14: 'RC09',
  18: 'RC19',
  29: 'RC07',
  37: 'RC08',
}
/** Errors of the service about the AP-REQ; 85 and 86 are those of an IAKERB proxy without a KDC. */
const SERVICE_CAUSES: Readonly<Record<number, string>> = {
  7: 'RC01',
  14: 'RC09',
  31: 'RC03',
  35: 'RC05',
  37: 'RC08',
  41: 'RC03',
  44: 'RC03',
  45: 'RC03',
  85: 'RC07',
  86: 'RC07',
}
