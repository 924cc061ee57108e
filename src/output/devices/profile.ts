/**
 * A device against the requirements of a buyer, below its card: each requirement with its result, what says so or how
 * to test it, and the clauses to paste into a tender.
 */
import type { ProfileResult, RequirementResult, RequirementRow } from '../../judge/device.ts'
import { translated as inLanguage, language, say } from '../../texts/say.ts'
import { hanging, pad } from '../page/layout.ts'
import { markdownText } from '../page/markdown.ts'
import { reasonText } from '../verification.ts'

const REASONS_SHOWN = 2
/** the open ones first: they are what a vendor is asked about */
const ORDER: readonly RequirementResult[] = ['does not', 'not tested', 'meets']

export interface ProfilePaint {
  readonly bold: (text: string) => string
  readonly result: (result: RequirementResult) => (text: string) => string
}

export function profileLines(profile: ProfileResult, columns: number, paint: ProfilePaint): string[] {
  const lines = ['', paint.bold(titleOf(profile))]
  for (const one of inOrder(profile)) {
    lines.push(paint.result(one.result)(`  ${pad(resultText(one.result), 10)}  ${headOf(one)}`))
    for (const text of textsOf(one)) lines.push(...hanging('              - ', text, columns))
    if (one.result !== 'meets')
      lines.push(...hanging(`              ${say`clause: `}`, one.clause[language()], columns))
  }
  return lines
}

export function profileMarkdown(profile: ProfileResult): string[] {
  const open = inOrder(profile)
  return [
    '',
    `## ${markdownText(titleOf(profile))}`,
    '',
    `| ${say`required`} | ${say`result`} | ${say`why`} |`,
    '| --- | --- | --- |',
    ...open.map((one) => `| ${headOf(one)} | ${resultText(one.result)} | ${markdownText(textsOf(one).join('; '))} |`),
    '',
    `### ${say`Clauses`}`,
    '',
    ...open.flatMap(({ id, clause }) => [`- **${id}**: ${clause.en}`, `  - ${clause.ja}`]),
  ]
}

function titleOf({ name, requirements }: ProfileResult): string {
  const countOf = (result: RequirementResult) => requirements.filter((one) => one.result === result).length
  const [met, open, untested] = [countOf('meets'), countOf('does not'), countOf('not tested')]
  return say`Against ${name}: of ${requirements.length} required, ${met} met, ${open} not met, ${untested} not tested`
}

function resultText(result: RequirementResult): string {
  return { meets: say`meets`, 'does not': say`does not`, 'not tested': say`not tested` }[result]
}

function inOrder({ requirements }: ProfileResult): RequirementRow[] {
  return ORDER.flatMap((result) => requirements.filter((one) => one.result === result))
}

function headOf({ words, id, proven }: RequirementRow): string {
  return `${inLanguage(words)} [${id}]${proven === null || proven === 'used' ? '' : `: ${inLanguage(proven)}`}`
}

function textsOf({ reasons, test }: RequirementRow): string[] {
  const more = reasons.length - REASONS_SHOWN
  return [
    ...reasons
      .slice(0, REASONS_SHOWN)
      .map((reason) => `${reason.role === 'client' ? say`client` : say`server`}: ${reasonText(reason)}`),
    ...(more > 0 ? [say`and ${more} more`] : []),
    ...(test === null ? [] : [say`to test it: ${test}`]),
  ]
}
