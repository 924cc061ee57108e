/**
 * `analyze --fail-on`: which findings make the run fail. A word is a severity (and all above it) or the id of a rule.
 */
import { RULES } from '../findings/catalogue.ts'
import type { Finding } from '../findings/finding.ts'
import { SEVERITIES, type Severity } from '../findings/rule.ts'

/** What is wrong with a word of `--fail-on`; null: nothing. */
export function gateFault(word: string): string | null {
  if (isSeverity(word) || RULES.some(({ id }) => id === word.toUpperCase())) return null
  return `--fail-on takes ${SEVERITIES.join(', ')} or the id of a finding (ntlmscope explain lists them), not '${word}'`
}

/** The findings that fail the run. */
export function failing(words: readonly string[], findings: readonly Finding[]): Finding[] {
  return findings.filter(({ id, severity }) =>
    words.some((word) =>
      isSeverity(word) ? SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(word) : id === word.toUpperCase(),
    ),
  )
}

function isSeverity(word: string): word is Severity {
  return (SEVERITIES as readonly string[]).includes(word)
}
