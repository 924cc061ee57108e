/**
 * What `verify` prints: each expectation with its state, what proves it, what contradicts it or was not seen, and what
 * to do. Text, JSON, Markdown.
 */
import pc from 'picocolors'
import type { State } from '../judge/expectations.ts'
import type { ExpectationOutcome, Part, Reason } from '../judge/flow.ts'
import { jsonText } from './json.ts'
import { hanging, wrap } from './page/layout.ts'
import { markdownText } from './page/markdown.ts'
import { visibleDeep } from './page/visible.ts'
import type { PageWords } from './writer.ts'

export const VERIFICATION_SCHEMA = 'ntlmscope-verify-1'
export const POLICY_RESULT_SCHEMA = 'ntlmscope-policy-result-1'
const COLUMNS_MIN = 64
export const STATE_WORDS: Readonly<Record<State, string>> = {
  met: 'met',
  'not-met': 'not met',
  'not-observed': 'not observed',
}

/** A run of `verify`, ready to print. */
export interface Verification {
  readonly state: State
  readonly captures: readonly string[]
  /** null: the expectations of one flow from the command line */
  readonly policy: { readonly file: string; readonly today: string } | null
  readonly parts: readonly Part[]
  /**
   * the same of what was before the change: as many parts, in the same order; null or absent: nothing was asked about
   * it
   */
  readonly before?: { readonly captures: readonly string[]; readonly parts: readonly Part[] } | null
}

/** schema/verify.schema.json describes both forms. */
export function verificationJson({ state, captures, policy, parts, before = null }: Verification): string {
  if (policy !== null) return `${jsonText({ schema: POLICY_RESULT_SCHEMA, state, captures, policy, parts, before })}\n`
  const [{ flow, expectations, notes } = { flow: null, expectations: [], notes: [] }] = parts
  const [earlier] = before?.parts ?? []
  return `${jsonText({
    schema: VERIFICATION_SCHEMA,
    state,
    captures,
    flow,
    expectations,
    notes,
    before:
      before === null || earlier === undefined
        ? null
        : { captures: before.captures, state: earlier.state, expectations: earlier.expectations },
  })}\n`
}

export function verificationText({ state, policy, parts, before = null }: Verification, look: PageWords): string {
  const columns = Math.max(COLUMNS_MIN, look.columns)
  const paint = pc.createColors(look.color)
  const title =
    policy === null ? [] : [...wrap(`policy ${policy.file} (${policy.today}): ${STATE_WORDS[state]}`, columns), '']
  const earlier = visibleDeep([...(before?.parts ?? [])])
  const blocks = visibleDeep(parts).map((part, at) =>
    [
      ...wrap(`${part.name}: ${STATE_WORDS[part.state]}${beforeWords(earlier[at])}`, columns).map((line) =>
        paint.bold(line),
      ),
      ...part.expectations.flatMap((outcome, place) => [
        '',
        ...outcomeLines(outcome, earlier[at]?.expectations[place], { columns, color: look.color }),
      ]),
      ...(part.notes.length > 0 ? [''] : []),
      ...part.notes.flatMap((note) => hanging('  note: ', note, columns)),
    ].join('\n'),
  )
  return `${[...visibleDeep(title).map((line) => paint.bold(line)), blocks.join('\n\n')].join('\n')}\n`
}

/** ` (before: not met)` */
function beforeWords(earlier: { readonly state: State } | undefined): string {
  return earlier === undefined ? '' : ` (before: ${STATE_WORDS[earlier.state]})`
}

/** What it was before, with the first thing that says so. */
function earlierText({ state, evidence, reasons }: ExpectationOutcome): string {
  const [first] = state === 'met' ? evidence : reasons
  return `${STATE_WORDS[state]}${first === undefined ? '' : `: ${reasonText(first)}`}`
}

/** One expectation; what is in it is safe to show. */
function outcomeLines(
  { expectation, words, state, evidence, reasons, observe }: ExpectationOutcome,
  earlier: ExpectationOutcome | undefined,
  look: PageWords,
): string[] {
  const { columns } = look
  const paint = pc.createColors(look.color)
  const paints: Readonly<Record<State, (text: string) => string>> = {
    met: paint.green,
    'not-met': paint.red,
    'not-observed': paint.yellow,
  }
  const label = `  ${STATE_WORDS[state].padEnd(12)}  `
  const under = ' '.repeat(label.length)
  const lines = hanging(label, `${expectation}: ${words}`, columns).map((line) => paints[state](line))
  for (const reason of state === 'met' ? evidence : reasons) {
    lines.push(...hanging(`${under}- `, reasonText(reason), columns))
    for (const text of remedies(reason)) lines.push(...hanging(`${under}  `, text, columns))
  }
  if (observe !== null) lines.push(...hanging(`${under}to observe it: `, observe, columns))
  if (earlier !== undefined) lines.push(...hanging(`${under}before: `, earlierText(earlier), columns))
  return lines
}

export function verificationMarkdown({ state, captures, policy, parts, before = null }: Verification): string {
  const lines = [
    `# ${policy === null ? 'verify' : `policy ${markdownText(policy.file)} (${policy.today})`}: ${STATE_WORDS[state]}`,
    '',
    `Of ${captures.map(markdownText).join(', ')}.`,
    ...(before === null ? [] : [`Before: ${before.captures.map(markdownText).join(', ')}.`]),
  ]
  for (const [at, { name, state: ofPart, expectations, notes }] of parts.entries()) {
    const earlier = before?.parts[at]
    lines.push('', `## ${markdownText(name)}: ${STATE_WORDS[ofPart]}${beforeWords(earlier)}`)
    for (const [place, outcome] of expectations.entries())
      lines.push('', ...outcomeMarkdown(outcome, earlier?.expectations[place]))
    if (notes.length > 0) lines.push('', ...notes.map((note) => `- note: ${markdownText(note)}`))
  }
  return `${lines.join('\n')}\n`
}

function outcomeMarkdown(
  { expectation, words, state, evidence, reasons, observe }: ExpectationOutcome,
  earlier: ExpectationOutcome | undefined,
): string[] {
  return [
    `**${STATE_WORDS[state]}**: ${markdownText(`${expectation}: ${words}`)}`,
    '',
    ...(state === 'met' ? evidence : reasons).flatMap((reason) => [
      `- ${markdownText(reasonText(reason))}`,
      ...remedies(reason).map((text) => `  - ${markdownText(text)}`),
    ]),
    ...(observe === null ? [] : [`- to observe it: ${markdownText(observe)}`]),
    ...(earlier === undefined ? [] : [`- before: ${markdownText(earlierText(earlier))}`]),
  ]
}

export function reasonText({ detail, count, capture, frames }: Reason): string {
  const times = count > 1 ? ` (${count} times)` : ''
  const where =
    capture === '' || frames.length === 0
      ? ''
      : `; ${capture.split(/[/\\]/).at(-1)}: ${frames.length === 1 ? 'frame' : 'frames'} ${frames.join(', ')}`
  return `${detail}${times}${where}`
}

/** Why it is so, and what mends it, as far as known. */
export function remedies({ cause, fix }: Reason): string[] {
  return [
    ...(cause === null ? [] : [`cause: ${cause.title} (${cause.code}, ${cause.confidence} confidence)`]),
    ...(fix === null ? [] : [`fix: ${fix}`]),
  ]
}
