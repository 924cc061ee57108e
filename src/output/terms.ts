/**
 * The words for origins, verdicts, states of channel bindings; for severities, grades and answers.
 */
import type { BindingKind } from '../facts/channel.ts'
import type { ChannelBindingState, Origin } from '../facts/exchange.ts'
import type { Severity } from '../findings/rule.ts'
import type { Grade } from '../judge/device.ts'
import type { State } from '../judge/expectations.ts'
import type { Verdict } from '../report/verdict.ts'
import { say, translated } from '../texts/say.ts'
import { SPOT_WORDS } from './words/blind-spots.ts'

export const ORIGIN_WORDS: Readonly<Record<Origin, string>> = {
  'server-only': 'the server offered no Kerberos',
  'client-veto': 'the server offered Kerberos, the client chose NTLM',
  'server-switched': 'the client offered Kerberos, the server switched to NTLM',
  'client-retry': 'Kerberos was tried and failed, the client came back with NTLM',
  'late-fallback': 'Kerberos was begun, NTLM finished it in the same session',
  direct: 'the application asked for NTLM by name',
  unknown: 'the beginning was not visible',
}

export function severityText(severity: Severity): string {
  return {
    critical: say`critical`,
    high: say`high`,
    medium: say`medium`,
    low: say`low`,
    info: say`info`,
  }[severity]
}

/** How a session is protected, or why it cannot be. */
export function protectionText(effective: string): string {
  const words: Readonly<Record<string, string>> = {
    signed: say`signed`,
    encrypted: say`encrypted`,
    unsigned: say`unsigned`,
    guest: say`guest`,
    anonymous: say`anonymous`,
  }
  return words[effective] ?? effective
}

/** What was not visible, as a person says it; the kind where a saved report has a code that is not known. */
export function spotText({ code, kind }: { readonly code: string; readonly kind: string }): string {
  return translated(SPOT_WORDS[code]?.title ?? kind)
}

export function gradeText(grade: Grade): string {
  return { pass: say`pass`, fail: say`fail`, 'not tested': say`not tested` }[grade]
}

export function stateText(state: State): string {
  return { met: say`met`, 'not-met': say`not met`, 'not-observed': say`not observed` }[state]
}

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  kerberos: 'Kerberos was used and not refused',
  'ntlm-fallback': 'only NTLM, at least once as a fallback from Kerberos',
  'ntlm-only': 'only NTLM, no fallback was seen',
  mixed: 'both Kerberos and NTLM',
  other: 'neither: simple, plain or anonymous',
  undetermined: 'nothing was visible that decides it',
}

/** What a kind of channel binding is made of, and on which connections it is good. */
export const BINDING_KIND_WORDS: Readonly<Record<BindingKind, string>> = {
  'tls-server-end-point':
    'made of the certificate of the server: good on every connection to a server that shows it, and on no other; Windows binds so for HTTP and LDAP',
  'tls-unique':
    'made of the end of the handshake of one TLS connection (up to TLS 1.2): good on this connection alone; clients of SQL Server bind so',
  'tls-exporter':
    'made of the secrets of one TLS connection (RFC 9266): good on this connection alone; no service of Windows is known to ask for it',
}

/** What a state of a channel binding proves, and what it does not. */
export const BINDING_WORDS: Readonly<Record<ChannelBindingState, string>> = {
  verified:
    'the token was made for this TLS channel: by tls-unique and tls-exporter for this connection alone, by the certificate for every server that shows the same one; that the server demands it is not shown',
  bound:
    'the token names a TLS channel; whether it is this one could not be checked, since not all was seen that it may be made of (its certificate, the end of its handshake)',
  'wrong-hash':
    'the token was made for the certificate of this channel, in another way than the rule has (its hash, or what is hashed); a server that demands bindings would refuse it',
  mismatch:
    'the token was made for another TLS channel: a relay, or a load balancer or proxy that ends TLS on the way; which of them is not shown',
  zero: 'the application passed no channel, so the token is good on any; that the server accepts such a token from others is not shown',
  absent:
    'the client named no channel, so the token is good on any; that the server accepts such a token from others is not shown',
  'not-applicable': 'there is no TLS, or nothing that could be bound to it',
  'not-visible': 'the binding is sealed, in TLS or in a ticket: it may be right, wrong or missing',
}
