/**
 * Whether there is what a report is narrowed to. Apart from asked.ts: the tables of causes and rules take long to load,
 * and every command line is read with that one.
 */
import { CAUSES } from '../../causes/catalogue.ts'
import { RULES } from '../../findings/catalogue.ts'
import type { NarrowTo } from './asked.ts'

/** What is wrong, in one line; null: nothing. */
export function unknownCodeIn({ cause, finding }: NarrowTo): string | null {
  const noCause = cause.find((code) => CAUSES[code] === undefined)
  if (noCause !== undefined)
    return `--cause ${noCause}: there is no such cause; the causes are ${Object.keys(CAUSES).join(', ')}`
  const noRule = finding.find((id) => !RULES.some((rule) => rule.id === id))
  return noRule === undefined ? null : `--finding ${noRule}: there is no such finding (ntlmscope explain lists them)`
}
