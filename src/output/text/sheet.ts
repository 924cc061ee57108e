/**
 * What every section of the text report is written on: the width, the colours, and how headings, entries, evidence and
 * causes look.
 */
import type pc from 'picocolors'
import { CAUSES } from '../../causes/catalogue.ts'
import type { FrameRef } from '../../facts/frames.ts'
import type { Report } from '../../report/report.ts'
import type { PlaceRow } from '../../report/roll-ups.ts'
import { language, say, translated } from '../../texts/say.ts'
import { countBy } from '../page/counting.ts'
import { type Column, hanging, leftOut, pad, type Row, width } from '../page/layout.ts'
import { counted, countText, NO_BREAK, plural } from '../page/numbers.ts'

export type Paint = ReturnType<typeof pc.createColors>
export type Entry = readonly [label: string, ...texts: string[]]

export const INDENT = '  '
const FRAMES_SHOWN = 6
const NAMES_SHOWN = 3
const NAME_LENGTH_MAX = 64
const LABEL_WIDTH_MAX = 24

/** as wide as any table is */
const WIDE = 400

export class Sheet {
  readonly columns: number
  /** of a table, which may be wider than the text */
  readonly room: number
  readonly paint: Paint
  readonly #captureNames: ReadonlyMap<string, string>

  constructor(report: Pick<Report, 'captures'>, columns: number, paint: Paint, isWide = false) {
    this.columns = columns
    this.room = isWide ? Math.max(WIDE, columns) : columns
    this.paint = paint
    this.#captureNames = shortNames(report.captures.map(({ name }) => name))
  }

  heading(english: string, words: string): string {
    const [title, aside] = [translated(english), translated(words)]
    if (width(title) + 2 + width(aside) > this.columns)
      return [this.paint.bold(title), ...hanging(INDENT, aside, this.columns).map(this.paint.dim)].join('\n')
    return `${this.paint.bold(title)}${aside === '' ? '' : this.paint.dim(`  ${aside}`)}`
  }

  /** Which columns of a table have no room, and how to see them. */
  leftOutLines(columns: readonly Column[], rows: readonly Row[]): string[] {
    const titles = leftOut(columns, rows, this.room - INDENT.length).map(translated)
    if (titles.length === 0) return []
    const text = say`not shown for want of room: ${titles.join(', ')}; --wide shows all`
    return ['', ...hanging(INDENT, text, this.columns).map(this.paint.dim)]
  }

  /** Label, text below each other; an entry without text is left out. */
  entries(entries: readonly Entry[]): string[] {
    const filled = entries
      .map(([label, ...texts]) => [translated(label), texts.filter((text) => text !== '')] as const)
      .filter(([, texts]) => texts.length > 0)
    const labelWidth = Math.min(LABEL_WIDTH_MAX, Math.max(0, ...filled.map(([label]) => width(label))))
    return filled.flatMap(([label, texts]) => {
      const beside = width(label) <= labelWidth
      const lines = texts.flatMap((text) => hanging(`${INDENT}${' '.repeat(labelWidth)}  `, text, this.columns))
      if (!beside) return [...hanging(INDENT, label, this.columns).map(this.paint.cyan), ...lines]
      const first = lines[0]!.slice(INDENT.length + labelWidth)
      return [INDENT + this.paint.cyan(pad(label, labelWidth)) + first, ...lines.slice(1)]
    })
  }

  /** `lab.pcap: frames 38, 41`, frames of other captures after those of its own. */
  evidence({ capture, frames }: { readonly capture: string; readonly frames: readonly FrameRef[] }): string {
    const perCapture = new Map<string, string[]>()
    for (const frame of frames.slice(0, FRAMES_SHOWN)) {
      const text = String(frame)
      const colon = text.lastIndexOf(':')
      const name = colon < 0 ? capture : text.slice(0, colon)
      perCapture.set(name, [...(perCapture.get(name) ?? []), text.slice(colon + 1)])
    }
    const parts = [...perCapture].map(
      ([name, numbers]) => `${this.#captureNames.get(name) ?? name}: ${framesText(numbers)}`,
    )
    if (parts.length === 0) return ''
    const more = frames.length > FRAMES_SHOWN ? say` and ${counted(frames.length - FRAMES_SHOWN, 'more')}` : ''
    return parts.join('; ') + more
  }

  captureName(name: string): string {
    return this.#captureNames.get(name) ?? name
  }
}

/** `frames 38, 41` */
function framesText(numbers: readonly string[]): string {
  const list = numbers.join(', ')
  return (numbers.length === 1 ? say`frame ${list}` : say`frames ${list}`).replace(' ', NO_BREAK)
}

export function causeText(code: string): string {
  const title = CAUSES[code]?.title
  return title === undefined ? code : `${translated(title)} (${code})`
}

/** What ends the NTLM of a place. Where that is done on a client, its fix names one, and the others are counted. */
export function placeFix({ client, clients, fix }: PlaceRow): string {
  const name = (client.name ?? client.ip).split('.')[0]!.toLowerCase()
  const isThere = fix.includes(client.ip) || (client.name !== null && fix.toLowerCase().includes(name))
  return clients > 1 && isThere
    ? say`${translated(fix)}; the same for ${plural(clients - 1, 'more client')}`
    : translated(fix)
}

/** The last part of a path where that names one capture only, else the whole. */
function shortNames(names: readonly string[]): ReadonlyMap<string, string> {
  const last = (name: string) => name.split(/[/\\]/).at(-1) || name
  const seen = countBy(names, last)
  return new Map(names.map((name) => [name, seen[last(name)] === 1 ? inputText(last(name)) : name]))
}

export function inputText(name: string): string {
  return name === '-' ? say`standard input` : name
}

/** `kerberos 3, ntlm 1`; the number is left out where the only name stands for all of `of`. */
export function listWithCounts(counts: readonly (readonly [string, number])[], of: number): string {
  if (counts.length === 1 && counts[0]![1] === of) return counts[0]![0]
  return counts.map(([name, count]) => name + NO_BREAK + countText(count)).join(', ')
}

/** `9: 3 ntlm-fallback, 6 kerberos`, in the order of the record. */
export function tallyText(counts: Readonly<Record<string, number>>, all?: number): string {
  const parts = Object.entries(counts).map(([name, count]) => counted(count, name))
  if (parts.length === 0) return say`none`
  return all === undefined ? parts.join(', ') : `${countText(all)}: ${parts.join(', ')}`
}

export function moreText(count: number, format: 'csv' | 'json', rest = ''): string {
  return say`and ${counted(count, 'more')}${rest === '' ? '' : ` (${rest})`}; use --format ${format} for all`
}

export function exampleText(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map(shorten).join(', ')
  return names.length > NAMES_SHOWN ? say`${shown} and ${counted(names.length - NAMES_SHOWN, 'more')}` : shown
}

/** Names may be cut, and show it; addresses never are. */
export function shorten(name: string): string {
  return name.length <= NAME_LENGTH_MAX ? name : `${[...name].slice(0, NAME_LENGTH_MAX - 3).join('')}...`
}

export function sentence(text: string): string {
  return /[.!?。]$/.test(text) ? text : `${text}${language() === 'ja' ? '。' : '.'}`
}
