/**
 * The words for origins and verdicts.
 */
import type { Origin } from '../facts/exchange.ts'
import type { Verdict } from '../report/verdict.ts'

export const ORIGIN_WORDS: Readonly<Record<Origin, string>> = {
  'server-only': 'the server offered no Kerberos',
  'client-veto': 'the server offered Kerberos, the client chose NTLM',
  'server-switched': 'the client offered Kerberos, the server switched to NTLM',
  'client-retry': 'Kerberos was tried and failed, the client came back with NTLM',
  'late-fallback': 'Kerberos was begun, NTLM finished it in the same session',
  direct: 'the application asked for NTLM by name',
  unknown: 'the beginning was not visible',
}

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  kerberos: 'Kerberos was used and not refused',
  'ntlm-fallback': 'only NTLM, at least once as a fallback from Kerberos',
  'ntlm-only': 'only NTLM, no fallback was seen',
  mixed: 'both Kerberos and NTLM',
  other: 'neither: simple, plain, anonymous or guest',
  undetermined: 'nothing was visible that decides it',
}
