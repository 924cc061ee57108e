/**
 * What `verify` prints: each expectation with its state, what proves it, what contradicts it or was not seen, and what
 * to do. Text, JSON, Markdown.
 */
import pc from 'picocolors'
import type { State } from '../judge/expectations.ts'
import { type ExpectationOutcome, flowText, type Part, type Reason } from '../judge/flow.ts'
import { say, translated, translatedDeep } from '../texts/say.ts'
import { jsonText } from './page/json-text.ts'
import { hanging, onceMore, pad, width, wrap } from './page/layout.ts'
import { markdownText } from './page/markdown.ts'
import { visibleDeep } from './page/visible.ts'
import { stateText } from './terms.ts'
import type { PageWords } from './writer.ts'

export const VERIFICATION_SCHEMA = 'ntlmscope-verify-1'
export const POLICY_RESULT_SCHEMA = 'ntlmscope-policy-result-1'
const COLUMNS_MIN = 64

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
    policy === null ? [] : [...wrap(say`policy ${policy.file} (${policy.today}): ${stateText(state)}`, columns), '']
  const earlier = visibleDeep(translatedDeep([...(before?.parts ?? [])]))
  const blocks = visibleDeep(translatedDeep(parts)).map((part, at) =>
    [
      ...wrap(`${partName(part)}: ${stateText(part.state)}${beforeWords(earlier[at])}`, columns).map((line) =>
        paint.bold(line),
      ),
      ...part.expectations.flatMap((outcome, place) => [
        '',
        ...outcomeLines(outcome, earlier[at]?.expectations[place], { columns, color: look.color }),
      ]),
      ...(part.notes.length > 0 ? [''] : []),
      ...part.notes.flatMap((note) => hanging(`  ${say`note: `}`, note, columns)),
    ].join('\n'),
  )
  const lines = [...visibleDeep(title).map((line) => paint.bold(line)), ...blocks.join('\n\n').split('\n')]
  const [only, ...others] = parts
  const first =
    policy === null && only !== undefined && others.length === 0 ? lines.slice(0, 1) : lines.slice(0, title.length - 1)
  return `${[...lines, ...onceMore(lines, first, look.rows)].join('\n')}\n`
}

/** What somebody called it, or its flow in words. */
function partName({ name, flow }: Part): string {
  if (flow === null || name !== flowText(flow)) return translated(name)
  const hosts = (words: readonly string[]) => words.join(', ') || say`any`
  const { client, server, port, service } = flow
  const at = port === null ? '' : say` port ${port}`
  return `${hosts(client)} -> ${hosts(server)}${at} ${service ?? say`any service`}`
}

/** ` (before: not met)` */
function beforeWords(earlier: { readonly state: State } | undefined): string {
  return earlier === undefined ? '' : say` (before: ${stateText(earlier.state)})`
}

/** What it was before, with the first thing that says so. */
function earlierText({ state, evidence, reasons }: ExpectationOutcome): string {
  const [first] = state === 'met' ? evidence : reasons
  return `${stateText(state)}${first === undefined ? '' : `: ${reasonText(first)}`}`
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
  const label = `  ${pad(stateText(state), 12)}  `
  const under = ' '.repeat(width(label))
  const lines = hanging(label, `${expectation}: ${words}`, columns).map((line) => paints[state](line))
  for (const reason of state === 'met' ? evidence : reasons) {
    lines.push(...hanging(`${under}- `, reasonText(reason), columns))
    for (const text of remedies(reason)) lines.push(...hanging(`${under}  `, text, columns))
  }
  if (observe !== null) lines.push(...hanging(under + say`to observe it: `, observe, columns))
  if (earlier !== undefined) lines.push(...hanging(under + say`before: `, earlierText(earlier), columns))
  return lines
}

export function verificationMarkdown(made: Verification): string {
  const { state, captures, policy, parts, before = null } = translatedDeep(made)
  const lines = [
    `# ${policy === null ? 'verify' : say`policy ${markdownText(policy.file)} (${policy.today})`}: ${stateText(state)}`,
    '',
    say`Of ${captures.map(markdownText).join(', ')}.`,
    ...(before === null ? [] : [say`Before: ${before.captures.map(markdownText).join(', ')}.`]),
  ]
  for (const [at, { name, state: ofPart, expectations, notes }] of parts.entries()) {
    const earlier = before?.parts[at]
    lines.push('', `## ${markdownText(translated(name))}: ${stateText(ofPart)}${beforeWords(earlier)}`)
    for (const [place, outcome] of expectations.entries())
      lines.push('', ...outcomeMarkdown(outcome, earlier?.expectations[place]))
    if (notes.length > 0) lines.push('', ...notes.map((note) => `- ${say`note: `}${markdownText(note)}`))
  }
  return `${lines.join('\n')}\n`
}

function outcomeMarkdown(
  { expectation, words, state, evidence, reasons, observe }: ExpectationOutcome,
  earlier: ExpectationOutcome | undefined,
): string[] {
  return [
    `**${stateText(state)}**: ${markdownText(`${expectation}: ${words}`)}`,
    '',
    ...(state === 'met' ? evidence : reasons).flatMap((reason) => [
      `- ${markdownText(reasonText(reason))}`,
      ...remedies(reason).map((text) => `  - ${markdownText(text)}`),
    ]),
    ...(observe === null ? [] : [`- ${say`to observe it: `}${markdownText(observe)}`]),
    ...(earlier === undefined ? [] : [`- ${say`before: `}${markdownText(earlierText(earlier))}`]),
  ]
}

export function reasonText({ detail, count, capture, frames }: Reason): string {
  const times = count > 1 ? say` (${count} times)` : ''
  const list = frames.join(', ')
  const where =
    capture === '' || frames.length === 0
      ? ''
      : `; ${capture.split(/[/\\]/).at(-1)}: ${frames.length === 1 ? say`frame ${list}` : say`frames ${list}`}`
  return `${detail}${times}${where}`
}

/** Why it is so, and what mends it, as far as known. */
export function remedies({ cause, fix }: Reason): string[] {
  return [
    ...(cause === null ? [] : [say`cause: ${cause.title} (${cause.code}, ${translated(cause.confidence)} confidence)`]),
    ...(fix === null ? [] : [say`fix: ` + fix]),
  ]
}
