/**
 * What can be expected of a flow, in one table: what each expectation demands, how an authentication, a pair or a
 * ticket answers it, what mends it, and what would have to be captured where nothing answers. `verify`, policies and
 * device cards judge by this table and by nothing else.
 *
 * Silence is never success: an expectation is met only where something answered it, nothing contradicts it, and nothing
 * of the flow was out of sight. Contradictions need no such thing: what was seen
 * once was seen.
 */

import type { Service } from '../../decoders/carrier.ts'
import { etypeName, isWeakEtype } from '../../decoders/mechanisms/kerberos-names.ts'
import { factsOf, servicesWhere } from '../../decoders/services.ts'
import { isOfAnother } from '../facts/channel.ts'
import { continuationKind, isContinuation, isWithoutLogon } from '../facts/continuation.ts'
import { type AuthExchange, isKerberos, isNtlm, type KdcExchange } from '../facts/exchange.ts'
import {
  insteadOfNtlmv1,
  NO_CLEAR_PASSWORD,
  NO_GUESTS,
  NO_SMB1,
  NTLMV2_ONLY,
  SIGN_SMB,
} from '../facts/words/remedies.ts'
import type { PairVerdict } from '../report/verdict.ts'

export type State = 'met' | 'not-met' | 'not-observed'

/** What one piece of evidence says: for, against, or that it cannot tell. null: it has nothing to say. */
export interface Statement {
  readonly is: 'for' | 'against' | 'unclear'
  readonly detail: string
  /** what mends it; null: the cause of the exchange says that, or there is nothing to mend */
  readonly fix: string | null
}

export interface Expectation {
  readonly name: string
  /** what it demands, as a sentence about the flow */
  readonly words: string
  readonly exchange: (exchange: AuthExchange) => Statement | null
  /** the same of all exchanges of a pair together, where a report does not list them one by one */
  readonly pair: (pair: PairVerdict) => Statement | null
  /** of a ticket that the flow's client asked for the flow's server */
  readonly ticket?: (kdc: KdcExchange) => Statement | null
  /** that SMB is encrypted is what it asks for: RPC inside such a session is not hidden from it */
  readonly asksEncryption?: true
  /** a conversation in TLS answers it */
  readonly tls?: Statement
  /** it is about what a server said once: conversations out of sight do not weaken it */
  readonly once?: true
  /** it is not met where somebody tried and never authenticated */
  readonly demandsLogon?: true
  /** it says something about these services alone; absent: about all */
  readonly about?: readonly Service[]
  /** why Kerberos was not used is why it is not met */
  readonly ofKerberos?: true
  /** a logon that nobody saw, and of which a domain controller was asked, could contradict it */
  readonly ofLogons?: true
  /** what to capture, and how, where it was not observed */
  readonly observe: string
}

const good = (detail: string): Statement => ({ is: 'for', detail, fix: null })
const bad = (detail: string, fix: string | null = null): Statement => ({ is: 'against', detail, fix })
const unclear = (detail: string): Statement => ({ is: 'unclear', detail, fix: null })

/** A null session carries no credentials: nothing that could be relayed, and no key to sign with. */
const isAnonymous = ({ mechanism }: AuthExchange) => mechanism === 'anonymous'
const noLogon = unclear('NTLM was begun, and answered without a challenge: no logon took place')
const isOneSided = ({ visibility }: AuthExchange) => visibility !== 'both'
const oneSided = ({ visibility }: AuthExchange) =>
  unclear(`of this logon only messages of the ${visibility} are in the capture`)
const notTold = unclear('the capture does not show which mechanism was used')
const untold = ({ ntlm, visibility }: AuthExchange) => (ntlm !== null && visibility === 'both' ? noLogon : notTold)
const count = (counts: Readonly<Record<string, number | undefined>>, ...names: readonly string[]) =>
  names.reduce((sum, name) => sum + (counts[name] ?? 0), 0)

function ntlmText({ ntlm, origin, smb }: AuthExchange): string {
  const version = ntlm?.ntlmVersion ? ` (${ntlm.ntlmVersion})` : ''
  const who = smb?.effective === 'guest' ? `NTLM${version}, mapped to guest,` : `NTLM${version}`
  return `${who} was used${origin === null || origin === 'unknown' ? '' : `: ${origin}`}`
}

function failureText({ status, kerberos }: AuthExchange): string {
  const names = [kerberos?.errorName, status?.name].filter((name) => name)
  return names.length === 0 ? '' : `: ${names.join(', ')}`
}

const SMB_CLIENT_SIGN_FIX = 'Require SMB signing on the client (RequireSecuritySignature, client signing = required)'
const LDAP_SIGN_FIX =
  'Have the client sign or seal (LDAPClientIntegrity, SASL ssf) or use TLS; then require it on the server (LDAPServerIntegrity 2)'
const BIND_FIX =
  'Have the client send channel bindings, and the server demand them (Extended Protection, LdapEnforceChannelBinding 2)'
const AES_FIX =
  'Give the account of the service AES keys (msDS-SupportedEncryptionTypes, then reset the password) and renew keytabs'
const CLIENT_AES_FIX =
  'Let the client use AES: take out its limit (permitted_enctypes, default_tgs_enctypes; on Windows the policy for Kerberos encryption types)'
const SMB3_FIX = 'Set the lowest dialect to SMB 3.0 or later (server min protocol = SMB3_00)'
const NAME_FIX = 'Enter the full name of the server (files1.corp.example) instead of its address'
const RELAY_FIX = 'Find out which TLS connection it was made for: a relay, or a proxy that ends TLS'
const HTTP_FIX = 'Use HTTPS with channel binding: HTTP itself protects nothing'
const RPC_FIX = 'Raise the authentication level to packet integrity or privacy on server and client'
const AT_LOGON =
  'Start the capture before the client connects (end its old sessions first), at a point that sees both directions, and run the action once.'
const AND_TRAFFIC = `${AT_LOGON} Read or write something afterwards: only ordinary messages prove protection.`
const IN_TLS =
  'Inside TLS nothing is visible: capture where TLS has ended (behind the load balancer), or look at the log of the server.'

/** What TLS may carry, with a channel to bind to. */
const OVER_TLS: readonly Service[] = servicesWhere(({ tls }) => tls === 'channel')

/**
 * How an exchange is judged that goes on with an SMB session; undefined: as any other. It repeats a logon: refused, it
 * says nothing about the logon, and accepted, no more than the logon that it rests on.
 */
function ofSession(one: AuthExchange): Statement | null | undefined {
  if (!isContinuation(one)) return undefined
  if (isNtlm(one)) return undefined
  const setup = continuationKind(one)
  if (setup === 'channel') return null
  if (setup === 'binding' && one.result === 'failure') return null
  if (!isWithoutLogon(one)) return undefined
  return unclear(
    setup === 'binding'
      ? 'a channel was bound to an SMB session whose logon is not in the capture'
      : 'an SMB session was renewed whose logon is not in the capture',
  )
}

export const EXPECTATIONS: readonly Expectation[] = [
  {
    name: 'kerberos',
    words: 'every authentication uses Kerberos and is accepted',
    demandsLogon: true,
    ofKerberos: true,
    ofLogons: true,
    observe: AT_LOGON,
    exchange: (one) => {
      const said = ofSession(one)
      if (said !== undefined) return said
      if (isAnonymous(one)) return null
      if (isNtlm(one)) return bad(ntlmText(one))
      if (one.mechanism === 'unknown') return untold(one)
      if (!isKerberos(one))
        return bad(
          `${one.method ?? one.mechanism} was used`,
          'Configure client and server for Kerberos (Negotiate, GSSAPI)',
        )
      if (one.result === 'failure')
        return bad(
          `Kerberos was refused${failureText(one)}`,
          'Look up the error: wrong key, clock skew, missing keytab or SPN on another account',
        )
      if (isOneSided(one)) return oneSided(one)
      if (one.result === 'unknown') return unclear('whether Kerberos was accepted is not in the capture')
      return good(
        `Kerberos was accepted${one.kerberos?.sname ? ` for ${one.kerberos.sname}` : ''}${one.kerberos?.apRep ? ' (AP-REP)' : ''}`,
      )
    },
    pair: ({ counts: { mechanism, result, exchanges } }) => {
      const kerberos = count(mechanism, 'kerberos', 'iakerb')
      if (exchanges === 0) return null
      const other = exchanges - kerberos - count(mechanism, 'anonymous', 'unknown')
      if (other > 0) return bad(`${other} of ${exchanges} authentications used something else than Kerberos`)
      const anonymous = count(mechanism, 'anonymous')
      if (anonymous === exchanges) return null
      if (kerberos + anonymous !== exchanges || result.success !== exchanges)
        return unclear('not every authentication is known to be an accepted Kerberos one')
      return good(`all ${kerberos} authentications used Kerberos and were accepted`)
    },
  },
  {
    name: 'no-ntlm',
    words: 'no NTLM message is sent',
    ofKerberos: true,
    ofLogons: true,
    observe: AT_LOGON,
    exchange: (one) => {
      const said = ofSession(one)
      if (said !== undefined) return said
      if (isAnonymous(one)) return null
      if (isNtlm(one)) return bad(ntlmText(one))
      if (one.mechanism === 'unknown') return untold(one)
      if (isOneSided(one)) return oneSided(one)
      return good(`${one.mechanism === 'other' ? (one.method ?? 'another mechanism') : one.mechanism}, without NTLM`)
    },
    pair: ({ counts: { mechanism, exchanges } }) => {
      if (exchanges === 0) return null
      const ntlm = count(mechanism, 'ntlm')
      if (ntlm > 0) return bad(`${ntlm} of ${exchanges} authentications used NTLM`)
      if (count(mechanism, 'unknown') > 0) return unclear('some authentications are not told apart')
      if (count(mechanism, 'anonymous') === exchanges) return null
      return good(`none of ${exchanges} authentications used NTLM`)
    },
  },
  {
    name: 'no-fallback',
    words: 'no authentication falls back from Kerberos to NTLM',
    ofKerberos: true,
    ofLogons: true,
    observe: AT_LOGON,
    exchange: (one) => {
      const said = isNtlm(one) && isContinuation(one) ? null : ofSession(one)
      if (said !== undefined) return said
      if (one.fallback === true) return bad(`fallback to NTLM: ${one.origin}`)
      if (isAnonymous(one)) return null
      if (one.mechanism === 'unknown') return untold(one)
      if (isNtlm(one) && one.fallback === null) return unclear('NTLM was used; how it came to that was not visible')
      if (isOneSided(one)) return oneSided(one)
      return good(
        isNtlm(one) ? `NTLM, not as a fallback: ${one.origin ?? 'anonymous'}` : `${one.mechanism}, no fallback`,
      )
    },
    pair: ({ counts, origins }) => {
      if (counts.exchanges === 0) return null
      if (counts.fallback > 0) return bad(`${counts.fallback} of ${counts.exchanges} authentications fell back to NTLM`)
      if ((origins.unknown ?? 0) + count(counts.mechanism, 'unknown') > 0)
        return unclear('how some authentications came about is not known')
      return good(`none of ${counts.exchanges} authentications fell back`)
    },
  },
  {
    name: 'ntlmv2',
    words: 'where NTLM is used it is NTLMv2: no LM, no NTLMv1',
    ofLogons: true,
    observe: AT_LOGON,
    exchange: (one) => {
      const said = ofSession(one)
      if (said !== undefined) return said
      const version = one.ntlm?.ntlmVersion ?? null
      if (version === 'LM' || version === 'NTLMv1' || version === 'NTLMv1-ESS' || version === 'plaintext')
        return bad(`the response is ${version}`, insteadOfNtlmv1(one.service))
      if (one.mechanism === 'unknown') return untold(one)
      if (isAnonymous(one)) return null
      if (version === 'NTLMv2') return good('the response is NTLMv2')
      if (isNtlm(one)) return unclear('the AUTHENTICATE_MESSAGE was not seen')
      return isOneSided(one) ? oneSided(one) : good(`${one.mechanism}, no NTLM`)
    },
    pair: ({ counts: { exchanges, mechanism, ntlmVersion } }) => {
      if (exchanges === 0) return null
      const old = count(ntlmVersion, 'LM', 'NTLMv1', 'NTLMv1-ESS', 'plaintext')
      if (old > 0) return bad(`${old} of ${exchanges} authentications used LM or NTLMv1`, NTLMV2_ONLY)
      if (count(mechanism, 'unknown') > 0 || count(mechanism, 'ntlm') > count(ntlmVersion, 'NTLMv2'))
        return unclear('some responses were not seen')
      return good(`no LM and no NTLMv1 in ${exchanges} authentications`)
    },
  },
  {
    name: 'signed',
    words: 'every session is signed or encrypted',
    observe: AND_TRAFFIC,
    exchange: (one) => protectedSay(one, false),
    pair: (pair) => protectedPair(pair, false),
  },
  {
    name: 'signing-required',
    words: 'the server requires signing',
    once: true,
    observe:
      'Capture the start of one session: the NEGOTIATE response tells (for LDAP, an unsigned bind and its answer).',
    exchange: (one) => {
      if (one.smb !== null) {
        const { serverPolicy, effective } = one.smb
        if (serverPolicy === 'unknown') return unclear('the NEGOTIATE response was not seen')
        if (serverPolicy !== 'required') return bad(`its NEGOTIATE response says: signing ${serverPolicy}`, SIGN_SMB)
        if (effective === 'unsigned' && !isAnonymous(one) && one.result === 'success' && !isOneSided(one))
          return bad(
            'the server says required, and accepts unsigned messages',
            'Update the server: it does not enforce what it announces',
          )
        return good('its NEGOTIATE response says: signing required')
      }
      if (one.ldap !== null && !one.ldap.tls) {
        if (one.status?.name === 'strongerAuthRequired')
          return good('an unsigned bind was refused: strongerAuthRequired')
        if (one.ldap.layer === 'none' && one.result === 'success' && !isAnonymous(one))
          return bad('an unsigned bind was accepted', LDAP_SIGN_FIX)
        return unclear('no unsigned bind was tried')
      }
      return null
    },
    pair: ({ smb }) => {
      if (smb === null) return null
      if (smb.serverPolicy === 'unknown') return unclear('the NEGOTIATE response was not seen')
      return smb.serverPolicy === 'required'
        ? good('its NEGOTIATE responses say: signing required')
        : bad(`its NEGOTIATE response says: signing ${smb.serverPolicy}`, SIGN_SMB)
    },
  },
  {
    name: 'client-signing-required',
    words: 'the client requires signing',
    about: ['smb'],
    once: true,
    observe: 'Have it connect to a file server, and capture the start: its NEGOTIATE request tells.',
    exchange: ({ smb }) => (smb === null ? null : clientPolicySay(smb.clientPolicy)),
    pair: ({ smb }) => (smb === null ? null : clientPolicySay(smb.clientPolicy)),
  },
  {
    name: 'encrypted',
    words: 'every session is encrypted',
    asksEncryption: true,
    observe: AND_TRAFFIC,
    tls: good('the conversation is in TLS'),
    exchange: (one) => protectedSay(one, true),
    pair: (pair) => protectedPair(pair, true),
  },
  {
    name: 'bound',
    words: 'every authentication over TLS is bound to its channel',
    about: OVER_TLS,
    observe: IN_TLS,
    exchange: (one) => {
      switch (one.channelBinding) {
        case 'verified':
          return good(`the token is bound to this channel (${one.binding?.kind ?? 'channel binding'})`)
        case 'bound':
          if (isOfAnother(one.binding))
            return bad('the token is bound to the certificate of another channel', RELAY_FIX)
          return good('the token carries a channel binding, and nothing shows that it is another channel')
        case 'wrong-hash':
          return bad(
            'the channel binding was made with the wrong hash',
            'Update the client: a server that demands channel bindings refuses it',
          )
        case 'absent':
        case 'zero':
          return bad(`channel binding ${one.channelBinding}`, BIND_FIX)
        case 'mismatch':
          return bad('the token is bound to another channel', RELAY_FIX)
        case 'not-visible':
          return unclear('the channel binding is encrypted')
        default:
          if (isAnonymous(one)) return null
          return one.service === 'smb' || one.service === 'rpc'
            ? unclear(`${one.service} has no TLS channel to bind to: expect signed instead`)
            : bad('no TLS: there is no channel to bind to', 'Use TLS, and have client and server use channel bindings')
      }
    },
    pair: ({ channelBinding, service, counts }) => {
      if (counts.exchanges === 0) return null
      const missing = count(channelBinding, 'absent', 'zero', 'mismatch', 'wrong-hash')
      if (missing > 0)
        return bad(`${missing} of ${counts.exchanges} authentications without the right channel binding`, BIND_FIX)
      if (count(channelBinding, 'bound', 'verified') === counts.exchanges)
        return good(`all ${counts.exchanges} authentications are bound`)
      return service !== 'smb' && service !== 'rpc' && count(channelBinding, 'not-applicable') > 0
        ? bad('no TLS: there is no channel to bind to', 'Use TLS, and have client and server use channel bindings')
        : unclear('the channel binding was not visible')
    },
  },
  {
    name: 'no-smb1',
    words: 'no SMB1 dialect is spoken',
    about: ['smb'],
    observe: 'Capture the start of an SMB session: the dialect stands in the NEGOTIATE response.',
    exchange: ({ smb }) => {
      if (smb === null) return null
      if (smb.dialect === null) return unclear('the dialect was not seen')
      return isSmb2(smb.dialect) ? good(`dialect ${smb.dialect}`) : bad(`SMB1: dialect ${smb.dialect}`, NO_SMB1)
    },
    pair: ({ smb }) => {
      if (smb === null) return null
      const old = smb.dialects.filter((dialect) => !isSmb2(dialect))
      if (old.length > 0) return bad(`SMB1: dialect ${old.join(', ')}`, NO_SMB1)
      return smb.dialects.length > 0 ? good(`dialect ${smb.dialects.join(', ')}`) : unclear('the dialect was not seen')
    },
  },
  {
    name: 'smb3',
    words: 'every SMB session uses dialect 3.0 or later',
    about: ['smb'],
    observe: 'Capture the start of an SMB session: the dialect stands in the NEGOTIATE response.',
    exchange: ({ smb }) => {
      if (smb === null) return null
      if (smb.dialect === null) return unclear('the dialect was not seen')
      return isSmb3(smb.dialect) ? good(`dialect ${smb.dialect}`) : bad(`dialect ${smb.dialect}`, SMB3_FIX)
    },
    pair: ({ smb }) => {
      if (smb === null) return null
      const old = smb.dialects.filter((dialect) => !isSmb3(dialect))
      if (old.length > 0) return bad(`dialect ${old.join(', ')}`, SMB3_FIX)
      return smb.dialects.length > 0 ? good(`dialect ${smb.dialects.join(', ')}`) : unclear('the dialect was not seen')
    },
  },
  {
    name: 'by-name',
    words: 'servers are asked for by their names, never by an address',
    observe: `${AT_LOGON} The name of the service stands in the ticket request, or in the NTLM token.`,
    exchange: ({ target, kerberos }) => {
      if (target.class === 'ip') return bad(`the target is an address: ${target.spn ?? target.name ?? ''}`, NAME_FIX)
      const name = target.spn ?? kerberos?.sname ?? null
      return name === null ? unclear('the name of the target was not seen') : good(`the target is ${name}`)
    },
    pair: ({ spns, causes }) =>
      (causes.RC04 ?? 0) > 0
        ? bad('an address was used as the target', NAME_FIX)
        : spns.length > 0
          ? unclear('the targets of all authentications are not told apart')
          : null,
  },
  {
    name: 'no-clear-password',
    words: 'no password is sent in clear',
    // RPC knows no password in clear
    about: [...OVER_TLS, 'smb'],
    observe: AT_LOGON,
    exchange: (one) => {
      const clear = one.mechanism === 'simple' || one.mechanism === 'plain' || one.ntlm?.ntlmVersion === 'plaintext'
      if (clear && one.ldap?.tls !== true)
        return bad(
          `${one.method ?? one.mechanism} over ${one.service} without TLS: the password is readable`,
          NO_CLEAR_PASSWORD,
        )
      if (one.mechanism === 'unknown') return untold(one)
      return isOneSided(one) ? oneSided(one) : good(`${one.mechanism} sends no readable password`)
    },
    pair: ({ counts: { exchanges, mechanism, ntlmVersion }, ldap }) => {
      if (exchanges === 0) return null
      const clear = count(mechanism, 'simple', 'plain') + count(ntlmVersion, 'plaintext')
      if (clear > 0)
        return ldap?.tls
          ? unclear('simple binds, some of them in TLS')
          : bad(`${clear} of ${exchanges} authentications sent a readable password`, NO_CLEAR_PASSWORD)
      return count(mechanism, 'unknown') > 0 ? notTold : good(`no readable password in ${exchanges} authentications`)
    },
  },
  {
    name: 'aes',
    words: 'tickets and their session keys use AES: no RC4, no DES',
    observe:
      'Capture a logon by Kerberos with its ticket request: clear the ticket cache of the client (klist purge), then connect; see port 88 too.',
    exchange: ({ kerberos }) => {
      if (kerberos === null) return null
      const { ticketEtype, authenticatorEtype } = kerberos
      const what = kerberos.sname ? `the ticket for ${kerberos.sname}` : 'the ticket'
      if (ticketEtype === null) return unclear('the ticket was not seen')
      if (isWeakEtype(ticketEtype)) return bad(`${what} has ${etypeName(ticketEtype)}`, AES_FIX)
      // the authenticator is encrypted in the session key, RFC 4120 5.5.1
      if (authenticatorEtype !== null && isWeakEtype(authenticatorEtype))
        return bad(
          `${what} has ${etypeName(ticketEtype)}, its session key only ${etypeName(authenticatorEtype)}`,
          CLIENT_AES_FIX,
        )
      return good(`${what} has ${etypeName(ticketEtype)}`)
    },
    // pairs say only that RC4 tickets would be missed
    pair: ({ breaks }) =>
      breaks.rc4Off === 'yes'
        ? bad('tickets with RC4 or DES', AES_FIX)
        : unclear('the etypes of the session keys are not told apart'),
    ticket: ({ ticketEtype, requested, sname }) => {
      if (ticketEtype === null) return null
      const what = `a ticket for ${sname ?? 'an unknown service'}`
      if (isWeakEtype(ticketEtype)) return bad(`the KDC issued ${what} with ${etypeName(ticketEtype)}`, AES_FIX)
      if (requested.length > 0 && requested.every(isWeakEtype))
        return bad(`the client asked for ${what} with ${requested.map(etypeName).join(', ')} alone`, CLIENT_AES_FIX)
      return good(`the KDC issued ${what} with ${etypeName(ticketEtype)}`)
    },
  },
  {
    name: 'ldap-signed',
    words: 'every LDAP bind signs, seals or runs in TLS',
    about: ['ldap'],
    observe: `${AND_TRAFFIC} On port 636 and after StartTLS nothing is visible: there, expect encrypted.`,
    exchange: (one) => (one.ldap === null ? null : protectedSay(one, false)),
    pair: (pair) => (pair.ldap === null ? null : protectedPair(pair, false)),
  },
  {
    name: 'rpc-integrity',
    words: 'every RPC context has packet integrity or privacy',
    about: ['rpc'],
    observe: `${AT_LOGON} RPC inside encrypted SMB sessions is not visible.`,
    exchange: (one) => (one.service === 'rpc' ? protectedSay(one, false) : null),
    pair: ({ service, counts }) =>
      service === 'rpc' && counts.exchanges > 0 ? unclear('the levels of the contexts are not told apart') : null,
  },
  {
    name: 'success',
    words: 'the authentication succeeds',
    demandsLogon: true,
    once: true,
    observe: AT_LOGON,
    exchange: (one) => {
      if (isContinuation(one) && ['binding', 'channel'].includes(continuationKind(one))) return null
      if (one.result === 'success') return good(`${one.mechanism} succeeded`)
      if (one.result === 'failure')
        return bad(`${one.mechanism} failed${failureText(one)}`, 'Look up the status of the server')
      return unclear('the result was not seen')
    },
    pair: ({ counts: { result, exchanges } }) => {
      if (exchanges === 0) return null
      if (result.success === 0 && result.failure > 0)
        return bad(`${result.failure} of ${exchanges} authentications failed`, 'Look up the status of the server')
      return result.success > 0
        ? good(`${result.success} of ${exchanges} authentications succeeded`)
        : unclear('the result was not seen')
    },
  },
]

export const EXPECTATION_NAMES: readonly string[] = EXPECTATIONS.map(({ name }) => name)

export function expectationNamed(name: string): Expectation | null {
  return EXPECTATIONS.find((one) => one.name === name) ?? null
}

/** A failure, or Kerberos that was refused, counts for nothing once the same client came through at the same server. */
export function isSettled(expectation: Expectation, one: AuthExchange, later: readonly AuthExchange[]): boolean {
  if (one.result !== 'failure' || isNtlm(one))
    return expectation.name === 'success' && one.result === 'failure' && later.some((next) => next.result === 'success')
  if (expectation.name !== 'kerberos' && expectation.name !== 'success') return false
  return isKerberos(one) || expectation.name === 'success'
    ? later.some((next) => next.result === 'success' && (expectation.name === 'success' || isKerberos(next)))
    : false
}

/** 3.0, 3.0.2, 3.1.1 */
function isSmb3(dialect: string): boolean {
  return dialect.startsWith('3.')
}

export function isSmb2(dialect: string): boolean {
  return /^[23]\./.test(dialect)
}

function clientPolicySay(policy: string): Statement {
  if (policy === 'unknown') return unclear('the NEGOTIATE request was not seen')
  return policy === 'required'
    ? good('its NEGOTIATE request says: signing required')
    : bad(`its NEGOTIATE request says: signing ${policy}`, SMB_CLIENT_SIGN_FIX)
}

/** What the messages after one authentication were protected by; `sealed`: signed is not enough. */
function protectedSay(one: AuthExchange, sealed: boolean): Statement | null {
  if (isAnonymous(one)) return null
  if (one.smb !== null && one.service === 'smb') {
    const { effective, clientPolicy, serverPolicy } = one.smb
    if (effective === 'encrypted') return good('the SMB session is encrypted')
    if (effective === 'guest') return bad('a guest session: it has no key to sign with', NO_GUESTS)
    if (one.result === 'failure') return null
    if (isOneSided(one)) return oneSided(one)
    if (effective === 'signed')
      return sealed
        ? bad('the SMB session is signed, not encrypted', 'Require encryption on the share or the server (EncryptData)')
        : good('the SMB session is signed')
    if (effective === 'unsigned')
      return bad(
        `the SMB session is not signed: client ${clientPolicy}, server ${serverPolicy}`,
        sealed ? 'Require encryption on the share or the server (EncryptData)' : SIGN_SMB,
      )
    // the session is judged by its logon
    if (isContinuation(one) && !isWithoutLogon(one)) return null
    return unclear('no ordinary SMB message followed the logon')
  }
  if (one.ldap !== null) {
    if (one.ldap.tls) return good('the bind runs in TLS')
    if (one.status?.name === 'strongerAuthRequired')
      return bad('the client bound without integrity, and was refused', LDAP_SIGN_FIX)
    if (one.result === 'failure') return null
    if (one.ldap.layer === 'seal') return good('LDAP is sealed')
    if (one.ldap.layer === 'sign')
      return sealed
        ? bad('LDAP is signed, not sealed', 'Have the client seal (SASL ssf), or use TLS')
        : good('LDAP is signed')
    if (one.ldap.layer === 'none') return bad('LDAP went on in clear, unsigned', LDAP_SIGN_FIX)
    return unclear('no LDAP message followed the bind')
  }
  if (one.service === 'rpc') return rpcSay(one, sealed)
  if (factsOf(one.service).clear === 'http')
    return bad('HTTP without TLS: nothing after the logon is protected', HTTP_FIX)
  return unclear(`how ${one.service} protects what follows is not judged`)
}

function rpcSay(one: AuthExchange, sealed: boolean): Statement {
  const level = one.rpc?.authLevel ?? null
  if (level === null) return unclear('the level of the RPC context was not seen')
  if (level === 'privacy') return good(`RPC level ${level}`)
  if (level === 'integrity')
    return sealed ? bad(`RPC level ${level}, not privacy`, RPC_FIX) : good(`RPC level ${level}`)
  return bad(`RPC level ${level}`, RPC_FIX)
}

function protectedPair({ smb, ldap, service, counts }: PairVerdict, sealed: boolean): Statement | null {
  if (counts.exchanges === 0) return null
  if (smb !== null) {
    const { effective } = smb
    const open = count(effective, 'unsigned', 'guest') + (sealed ? count(effective, 'signed') : 0)
    if (open > 0)
      return bad(`${open} of ${counts.exchanges} SMB sessions are not ${sealed ? 'encrypted' : 'signed'}`, SIGN_SMB)
    return count(effective, 'signed', 'encrypted') === counts.exchanges
      ? good(`all ${counts.exchanges} SMB sessions are protected`)
      : unclear('the protection of some SMB sessions was not seen')
  }
  if (ldap !== null) {
    if (ldap.tls) return unclear('some binds run in TLS')
    const open = count(ldap.layers, 'none') + (sealed ? count(ldap.layers, 'sign') : 0)
    if (open > 0)
      return bad(
        `after ${open} of ${counts.exchanges} binds LDAP is not ${sealed ? 'sealed' : 'signed'}`,
        LDAP_SIGN_FIX,
      )
    return count(ldap.layers, 'sign', 'seal') === counts.exchanges
      ? good(`all ${counts.exchanges} binds sign or seal`)
      : unclear('the layer of some binds was not seen')
  }
  return factsOf(service).clear === 'http'
    ? bad('HTTP without TLS: nothing after the logon is protected', HTTP_FIX)
    : unclear('the protection of these authentications is not told apart')
}
