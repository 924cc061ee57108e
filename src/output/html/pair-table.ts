/**
 * All pairs of the page as data: texts once in a table, rows of numbers into it. 20,000 pairs are a fifth of what they
 * are as objects. In a script element that runs nothing; what could end it, or hide, is escaped.
 */
import type { Pair } from './model.ts'
import { VERDICT_MARKS } from './states.ts'

/** What stands beside a row when it is opened, in this order. */
export const FACT_LABELS = [
  'How it began',
  'Causes',
  'Mechanisms',
  'NTLM versions',
  'Accounts',
  'Target names',
  'SMB',
  'LDAP',
  'Channel binding',
  'Would break',
  'Findings',
  'Not visible',
  'Seen',
  'Proof',
] as const

export interface PairTable {
  readonly labels: readonly string[]
  /** words and kind of mark of each verdict, in the order of the chips */
  readonly verdicts: readonly (readonly [verdict: string, words: string, state: string])[]
  readonly texts: readonly string[]
  /** client ip, name, server ip, name, service, verdict, logons, NTLM, then a text for each label; 0 is no text */
  readonly rows: readonly (readonly number[])[]
  /** of the script, by their English; absent: English */
  readonly words?: Readonly<Record<string, string>>
}

export function pairTable(pairs: readonly Pair[]): PairTable {
  const numbers = new Map<string, number>([['', 0]])
  const texts = ['']
  const text = (value: string) => {
    let number = numbers.get(value)
    if (number === undefined) {
      number = texts.length
      numbers.set(value, number)
      texts.push(value)
    }
    return number
  }
  const verdicts = Object.entries(VERDICT_MARKS).map(([verdict, [words, state]]) => [verdict, words, state] as const)
  const names = verdicts.map(([verdict]) => verdict)
  const rows = pairs.map(({ client, server, service, verdict, logons, ntlm, facts }) => [
    ...[text(client.ip), text(client.name), text(server.ip), text(server.name), text(service)],
    ...[names.indexOf(verdict), logons, ntlm],
    ...facts.map(text),
  ])
  return { labels: FACT_LABELS, verdicts, texts, rows }
}

/** JSON that may stand in a script element. */
export function embedded(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
