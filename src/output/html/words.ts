/**
 * The words of verdicts and requirements on the page, and how each is marked.
 */
import type { Requirement } from '../../report/roll-ups.ts'
import type { Verdict } from '../../report/verdict.ts'
import type { AnswerState } from './states.ts'

export const VERDICT_MARKS: Readonly<Record<Verdict, readonly [string, AnswerState]>> = {
  'ntlm-fallback': ['fell back', 'bad'],
  mixed: ['both', 'bad'],
  'ntlm-only': ['NTLM only', 'warn'],
  other: ['neither', 'note'],
  undetermined: ['not visible', 'unseen'],
  kerberos: ['Kerberos', 'ok'],
}

export const REQUIREMENT_WORDS: Readonly<Record<NonNullable<Requirement>, readonly [string, AnswerState]>> = {
  'not-required': ['not required', 'bad'],
  required: ['required', 'ok'],
  'all-seen': ['all seen had it', 'note'],
  'not-seen': ['not seen', 'unseen'],
}
