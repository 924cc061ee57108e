/**
 * What `verify` prints: each expectation with its state, what proves it, what contradicts it or was not seen, and what to do. Text, JSON, Markdown.
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
}

/** schema/verify.schema.json describes both forms. */
export function verificationJson({ state, captures, policy, parts }: Verification): string {
  if (policy !== null) return `${jsonText({ schema: POLICY_RESULT_SCHEMA, state, captures, policy, parts })}\n`
  const [{ flow, expectations } = { flow: null, expectations: [] }] = parts
  return `${jsonText({ schema: VERIFICATION_SCHEMA, state, captures, flow, expectations })}\n`
}

export function verificationText({ state, policy, parts }: Verification, look: PageWords): string {
  const columns = Math.max(COLUMNS_MIN, look.columns)
  const paint = pc.createColors(look.color)
  const title =
    policy === null ? [] : [...wrap(`policy ${policy.file} (${policy.today}): ${STATE_WORDS[state]}`, columns), '']
  const blocks = visibleDeep(parts).map((part) =>
    [
      ...wrap(`${part.name}: ${STATE_WORDS[part.state]}`, columns).map((line) => paint.bold(line)),
      ...part.expectations.flatMap((outcome) => ['', ...outcomeLines(outcome, { columns, color: look.color })]),
      ...(part.notes.length > 0 ? [''] : []),
      ...part.notes.flatMap((note) => hanging('  note: ', note, columns)),
    ].join('\n'),
  )
  return `${[...visibleDeep(title).map((line) => paint.bold(line)), blocks.join('\n\n')].join('\n')}\n`
}

/** One expectation; what is in it is safe to show. */
function outcomeLines(
  { expectation, words, state, evidence, reasons, observe }: ExpectationOutcome,
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
  return lines
}

export function verificationMarkdown({ state, captures, policy, parts }: Verification): string {
  const lines = [
    `# ${policy === null ? 'verify' : `policy ${markdownText(policy.file)} (${policy.today})`}: ${STATE_WORDS[state]}`,
    '',
    `Of ${captures.map(markdownText).join(', ')}.`,
  ]
  for (const { name, state: ofPart, expectations, notes } of parts) {
    lines.push('', `## ${markdownText(name)}: ${STATE_WORDS[ofPart]}`)
    for (const outcome of expectations) lines.push('', ...outcomeMarkdown(outcome))
    if (notes.length > 0) lines.push('', ...notes.map((note) => `- note: ${markdownText(note)}`))
  }
  return `${lines.join('\n')}\n`
}

function outcomeMarkdown({ expectation, words, state, evidence, reasons, observe }: ExpectationOutcome): string[] {
  return [
    `**${STATE_WORDS[state]}**: ${markdownText(`${expectation}: ${words}`)}`,
    '',
    ...(state === 'met' ? evidence : reasons).flatMap((reason) => [
      `- ${markdownText(reasonText(reason))}`,
      ...remedies(reason).map((text) => `  - ${markdownText(text)}`),
    ]),
    ...(observe === null ? [] : [`- to observe it: ${markdownText(observe)}`]),
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
