/**
 * The difference of two reports as text and Markdown. Its JSON is the value itself, described by schema/diff.schema.json.
 */
import { CHANGES, type Diff, type DiffFigures, type PairChange, type PairSide } from '../judge/diff.ts'
import { THRESHOLDS } from '../judge/thresholds.ts'
import { jsonText } from './json.ts'
import { hanging } from './page/layout.ts'
import { markdownText } from './page/markdown.ts'
import { countText } from './page/numbers.ts'
import { visible } from './page/visible.ts'
import type { PageWords } from './writer.ts'

const WORDS_COLUMNS = 46

/** One figure of both readings, in words. */
type Row = readonly [words: string, before: string, after: string]

function figureRows({ before, after }: Diff['figures']): Row[] {
  const row = (words: string, value: (figures: DiffFigures) => number | null): Row => [
    words,
    numberText(value(before)),
    numberText(value(after)),
  ]
  const either = (names: (figures: DiffFigures) => object) =>
    [...new Set([before, after].flatMap((figures) => Object.keys(names(figures))))].sort()
  return [
    row('packets', ({ packets }) => packets),
    row('clients that authenticate', ({ hosts }) => hosts.authenticating),
    row('authentications', ({ exchanges }) => exchanges),
    row('authentications by Kerberos', ({ kerberos: { success, failure, unknown } }) => success + failure + unknown),
    ...THRESHOLDS.map(({ words, value }) => row(words, value)),
    ...either(({ services }) => services).map((name) =>
      row(`NTLM over ${name}`, ({ services }) => services[name]?.ntlm ?? 0),
    ),
    ...either(({ causes }) => causes).map((code) => row(`NTLM because of ${code}`, ({ causes }) => causes[code] ?? 0)),
  ].filter(([, was, is]) => was !== '0' || is !== '0')
}

function numberText(value: number | null): string {
  return value === null ? '-' : Number.isInteger(value) ? countText(value) : String(value)
}

export function diffText({ figures, changes, coverage }: Diff, { columns }: PageWords): string {
  const lines = figureRows(figures).map(
    ([words, before, after]) => `${words.padEnd(WORDS_COLUMNS)}${before.padStart(10)} -> ${after}`,
  )
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

export function diffJson(found: Diff): string {
  return `${jsonText(found)}\n`
}

export function diffMarkdown({ figures, changes, coverage }: Diff): string {
  const counts = figureRows(figures).map((row) => `| ${row.join(' | ')} |`)
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

function stateText({ verdict, smb, capture, frames }: PairSide): string {
  const signing = Object.keys(smb).join(', ')
  const shown = frames.slice(0, 6).join(', ')
  return `${verdict}${signing === '' ? '' : `, ${signing}`} (${capture} frames ${shown})`
}
