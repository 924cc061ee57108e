/**
 * The difference of two reports as text and Markdown. Its JSON is the value itself, described by schema/diff.schema.json.
 */
import { CHANGES, type Diff, type PairChange, type PairState } from '../diff.ts'
import { hanging } from './layout.ts'
import { markdownText } from './markdown.ts'
import { visible } from './visible.ts'
import { countText } from './words.ts'

const FIGURES = [
  ['packets', 'packets'],
  ['pairs', 'pairs that authenticated'],
  ['pairsWithNtlm', 'pairs with NTLM'],
  ['exchanges', 'authentications'],
  ['ntlm', 'NTLM'],
  ['kerberos', 'Kerberos'],
] as const

export function diffText({ figures, changes, coverage }: Diff, columns: number): string {
  const lines = FIGURES.map(([key, words]) => {
    const [before, after] = [figures.before[key], figures.after[key]].map((count) => countText(count).padStart(12))
    return `${words.padEnd(26)}${before} -> ${after!.trimStart()}`
  })
  if (changes.length === 0) lines.push('', 'no pair changed')
  for (const kind of CHANGES) {
    const some = changes.filter(({ change }) => change === kind)
    if (some.length > 0) lines.push('', `${kind} (${countText(some.length)})`)
    for (const one of some) lines.push(...hanging('  ', `${pairText(one)}: ${moveText(one)}`, columns))
  }
  if (coverage.length > 0) lines.push('', 'what could be seen differs')
  for (const text of coverage) lines.push(...hanging('  ', visible(text), columns))
  return `${lines.join('\n')}\n`
}

export function diffMarkdown({ figures, changes, coverage }: Diff): string {
  const counts = FIGURES.map(([key, words]) => `| ${words} | ${figures.before[key]} | ${figures.after[key]} |`)
  const rows = changes.map(
    (one) => `| ${one.change} | ${markdownText(pairText(one))} | ${markdownText(moveText(one))} |`,
  )
  return [
    '| | before | after |',
    '| --- | ---: | ---: |',
    ...counts,
    '',
    '| change | pair | detail |',
    '| --- | --- | --- |',
    ...rows,
    ...(coverage.length > 0 ? ['', ...coverage.map((text) => `- ${markdownText(text)}`)] : []),
    '',
  ].join('\n')
}

function pairText({ client, server, service }: PairChange): string {
  return visible(`${client} -> ${server} ${service}`)
}

function moveText({ before, after, detail }: PairChange): string {
  const move = [before, after].flatMap((state) => (state === null ? [] : [stateText(state)])).join(' -> ')
  return visible(detail === '' ? move : `${detail}; ${move}`)
}

function stateText({ verdict, smb, capture, frames }: PairState): string {
  const signing = Object.keys(smb).join(', ')
  const shown = frames.slice(0, 6).join(', ')
  return `${verdict}${signing === '' ? '' : `, ${signing}`} (${capture} frames ${shown})`
}
