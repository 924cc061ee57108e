/**
 * A verification as JUnit XML, the form that CI servers read: one suite a part, one case an expectation. Not met is a
 * failure; not observed is an error, because silence must not pass.
 */
import { create } from 'xmlbuilder2'
import type { ExpectationOutcome } from '../judge/flow.ts'
import { visible, visibleDeep } from './page/visible.ts'
import { reasonText, remedies, type Verification } from './verification.ts'

type Element = ReturnType<typeof create>

export function verificationJunit({ policy, parts }: Verification): string {
  const all = parts.flatMap(({ expectations }) => expectations)
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele('testsuites', {
    name: policy === null ? 'ntlmscope verify' : visible(`ntlmscope policy ${policy.file}`),
    ...counted(all),
  })
  for (const { name, expectations, notes } of visibleDeep(parts)) {
    const suite = root.ele('testsuite', { name, ...counted(expectations) })
    for (const outcome of expectations) addCase(suite, name, outcome)
    if (notes.length > 0) suite.ele('system-out').txt(notes.join('\n'))
  }
  return `${root.end({ prettyPrint: true })}\n`
}

function addCase(suite: Element, suiteName: string, outcome: ExpectationOutcome): void {
  const { expectation, words, state, evidence, reasons, observe } = outcome
  const one = suite.ele('testcase', { name: `${expectation}: ${words}`, classname: suiteName })
  if (state === 'met') {
    one.ele('system-out').txt(evidence.map(reasonText).join('\n'))
    return
  }
  const lines = reasons.flatMap((reason) => [reasonText(reason), ...remedies(reason).map((text) => `  ${text}`)])
  if (observe !== null) lines.push(`to observe it: ${observe}`)
  const message = reasons[0]?.detail ?? words
  one.ele(state === 'not-met' ? 'failure' : 'error', { message, type: state }).txt(lines.join('\n'))
}

function counted(outcomes: readonly ExpectationOutcome[]): Readonly<Record<string, number>> {
  const count = (state: ExpectationOutcome['state']) => outcomes.filter((one) => one.state === state).length
  return { tests: outcomes.length, failures: count('not-met'), errors: count('not-observed'), skipped: 0 }
}
