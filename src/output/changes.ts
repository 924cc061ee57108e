/**
 * The difference of two reports as text and Markdown. Its JSON is the value itself, described by
 * schema/diff.schema.json.
 */
import { CHANGES, type Diff, type DiffFigures, type PairChange, type PairSide, WORSE } from '../judge/diff.ts'
import { THRESHOLDS } from '../judge/thresholds.ts'
import { say, translated } from '../texts/say.ts'
import { jsonText } from './page/json-text.ts'
import { hanging, onceMore, pad } from './page/layout.ts'
import { markdownText } from './page/markdown.ts'
import { countText, plainSpaces, shareText } from './page/numbers.ts'
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
    row(say`packets`, ({ packets }) => packets),
    row(say`clients that authenticate`, ({ hosts }) => hosts.authenticating),
    row(say`authentications`, ({ exchanges }) => exchanges),
    row(say`authentications by Kerberos`, ({ kerberos: { success, failure, unknown } }) => success + failure + unknown),
    ...THRESHOLDS.map(({ name, words, value }): Row => {
      const isShare = /Share/.test(name)
      const text = (figures: DiffFigures) => (isShare ? shareText(value(figures)) : numberText(value(figures)))
      return [translated(words), text(before), text(after)]
    }),
    ...either(({ services }) => services).map((name) =>
      row(say`NTLM over ${name}`, ({ services }) => services[name]?.ntlm ?? 0),
    ),
    ...either(({ causes }) => causes).map((code) =>
      row(say`NTLM because of ${code}`, ({ causes }) => causes[code] ?? 0),
    ),
  ].filter(([, was, is]) => was !== '0' || is !== '0')
}

function numberText(value: number | null): string {
  return value === null ? '-' : Number.isInteger(value) ? countText(value) : String(value)
}

/** `1 fixed, 0 worse, 2 new, 0 gone: better.` */
function headline({ changes, regressed }: Diff): string {
  const count = (...kinds: readonly string[]) => changes.filter(({ change }) => kinds.includes(change)).length
  const better = count('fixed', 'stronger')
  const worse = count(...WORSE)
  const all = regressed
    ? better > 0
      ? say`better and worse`
      : say`worse`
    : better > 0
      ? say`better`
      : say`neither better nor worse`
  const stronger = count('stronger')
  if (stronger > 0)
    return say`${countText(count('fixed'))} fixed, ${countText(stronger)} stronger, ${countText(worse)} worse, ${countText(count('new'))} new, ${countText(count('gone'))} gone: ${all}`
  return say`${countText(count('fixed'))} fixed, ${countText(worse)} worse, ${countText(count('new'))} new, ${countText(count('gone'))} gone: ${all}`
}

export function diffText(found: Diff, { columns, rows, all = false }: PageWords & { readonly all?: boolean }): string {
  const { figures, changes, coverage } = found
  const lines = [headline(found), '']
  lines.push(...figureLines(figures))
  if (changes.length === 0) lines.push('', say`no pair changed`)
  for (const kind of CHANGES) {
    const some = changes.filter(({ change }) => change === kind)
    const shown = !all && UNIMPORTANT.has(kind) ? some.slice(0, SHOWN) : some
    if (some.length > 0) lines.push('', `${changeText(kind)} (${countText(some.length)})`)
    for (const one of shown) lines.push(...hanging('  ', `${pairText(one)}: ${moveText(one)}`, columns))
    if (some.length > shown.length)
      lines.push(`  ${say`and ${countText(some.length - shown.length)} more (--all shows them)`}`)
  }
  if (coverage.length > 0) lines.push('', say`what could be seen differs`)
  for (const text of coverage) lines.push(...hanging('  ', visible(translated(text)), columns))
  lines.push(...onceMore(lines, [headline(found)], rows))
  return plainSpaces(`${lines.join('\n')}\n`)
}

const SHOWN = 10
/** what only one of both readings shows is no change by itself */
const UNIMPORTANT: ReadonlySet<string> = new Set(['new', 'gone'])

function figureLines(figures: Diff['figures']): string[] {
  return figureRows(figures).map(
    ([words, before, after]) => `${pad(words, WORDS_COLUMNS)}${before.padStart(10)} -> ${after}`,
  )
}

export function diffJson(found: Diff): string {
  return `${jsonText(found)}\n`
}

export function diffMarkdown({ figures, changes, coverage }: Diff): string {
  const counts = figureRows(figures).map((row) => `| ${row.join(' | ')} |`)
  const rows = changes.map(
    (one) => `| ${changeText(one.change)} | ${markdownText(pairText(one))} | ${markdownText(moveText(one))} |`,
  )
  return [
    `| | ${say`before`} | ${say`after`} |`,
    '| --- | ---: | ---: |',
    ...counts,
    '',
    `| ${say`change`} | ${say`pair`} | ${say`detail`} |`,
    '| --- | --- | --- |',
    ...rows,
    ...(coverage.length > 0 ? ['', ...coverage.map((text) => `- ${markdownText(translated(text))}`)] : []),
    '',
  ].join('\n')
}

function changeText(change: PairChange['change']): string {
  return {
    fixed: say`fixed`,
    stronger: say`stronger`,
    'fell back': say`fell back`,
    weaker: say`weaker`,
    new: say`new`,
    broken: say`broken`,
    intermittent: say`intermittent`,
    changed: say`changed`,
    'still NTLM': say`still NTLM`,
    unproven: say`unproven`,
    gone: say`gone`,
  }[change]
}

function pairText({ client, server, service }: PairChange): string {
  return visible(`${client} -> ${server} ${service}`)
}

function moveText({ before, after, detail }: PairChange): string {
  const move = [before, after].flatMap((state) => (state === null ? [] : [stateText(state)])).join(' -> ')
  return visible(detail === '' ? move : `${translated(detail)}; ${move}`)
}

function stateText({ verdict, smb, capture, frames }: PairSide): string {
  const signing = Object.keys(smb).join(', ')
  const shown = frames.slice(0, 6).join(', ')
  return say`${verdict}${signing === '' ? '' : `, ${signing}`} (${capture} frames ${shown})`
}
