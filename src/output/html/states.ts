/**
 * The state of each of the four questions. Green is for what is proven: silence of a capture that could not see
 * everything is `unseen`, never `ok`.
 */
import type { Report } from '../../report/report.ts'
import type { Requirement, ServerRow } from '../../report/roll-ups.ts'
import { totalsOf } from '../../report/seen/totals.ts'
import type { Verdict } from '../../report/verdict.ts'
import { countText, plural } from '../page/numbers.ts'
import { spotText } from '../terms.ts'

export type AnswerState = 'bad' | 'warn' | 'ok' | 'unseen' | 'note'

/** A state is never a colour alone. */
export const ANSWER_WORDS: Readonly<Record<AnswerState, string>> = {
  bad: 'act',
  warn: 'look',
  ok: 'proven',
  unseen: 'out of sight',
  note: 'not asked',
}

export interface Bars {
  readonly rows: readonly (readonly [label: string, count: number, text: string])[]
  readonly most: number
}

export interface Card {
  readonly state: AnswerState
  readonly big: string
  readonly of: string
  readonly bars: Bars
}

/** The words of verdicts and requirements, and how each is marked. */
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

/** What keeps "no NTLM" from being proven; nothing: it is. */
export function doubts(report: Report): string[] {
  const { blindSpots, captures, coverage, filter, pairs, unread } = report
  const authentications = totalsOf(report).exchanges
  const undetermined = pairs.filter(({ verdict }) => verdict === 'undetermined').length
  const unreadKinds = unread.inputs.filter(({ isCapture }) => isCapture).length + unread.linkTypes.length
  return [
    ...(filter.length > 0 ? ['a filter left a part out'] : []),
    ...(authentications === 0 ? ['no authentication was seen'] : []),
    ...(coverage.kdcs.length === 0 ? ['no KDC was seen'] : []),
    ...(undetermined > 0 ? [`of ${plural(undetermined, 'pair')} nothing can be told`] : []),
    ...(coverage.lostBytes > 0 ? [`${plural(coverage.lostBytes, 'byte')} missing`] : []),
    ...(coverage.dropped === null
      ? ['whether packets were dropped is not known']
      : coverage.dropped > 0
        ? [`${plural(coverage.dropped, 'packet')} dropped`]
        : []),
    ...(captures.some(({ damage }) => damage !== null) ? ['a capture is damaged'] : []),
    ...(unreadKinds > 0 ? ['something was not read'] : []),
    ...blindSpots.map((spot) => `${spotText(spot)} (${countText(spot.count)})`),
  ]
}

export interface States {
  readonly who: AnswerState
  readonly why: AnswerState
  readonly relay: AnswerState
  readonly fixed: AnswerState
}

export function statesOf(report: Report): States {
  const { ntlm, fallback } = totalsOf(report)
  const silent: AnswerState = doubts(report).length > 0 ? 'unseen' : 'ok'
  const answers = report.servers.flatMap(answersOf).filter((answer) => answer !== null)
  const isClosed = answers.length > 0 && answers.every((answer) => answer === 'required')
  return {
    who: ntlm > 0 ? 'bad' : silent,
    why: fallback > 0 ? 'warn' : ntlm > 0 ? 'warn' : silent,
    relay: report.servers.some(isOpen) ? 'bad' : isClosed ? silent : 'unseen',
    fixed: 'note',
  }
}

/** A server that let a session in without protection, or says that it would. */
export function isOpen(row: ServerRow): boolean {
  return answersOf(row).includes('not-required')
}

function answersOf({ smbSigning, ldapSigning, channelBinding }: ServerRow): Requirement[] {
  return [smbSigning, ldapSigning, channelBinding]
}
