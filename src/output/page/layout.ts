/**
 * Text on a terminal: how wide it is, where it breaks, and tables that fit a width.
 *
 * Nothing here knows what a report is. Width is counted in columns (East Asian wide characters take two, colour codes
 * none). Text from the wire must have passed `visible` (visible.ts) before.
 */
import Table from 'cli-table3'
import stringWidth from 'string-width'
import { language, translated } from '../../texts/say.ts'

/** A word that is too long breaks after one of these, so that the parts still read as names, paths and addresses. */
const SOFT_BREAK = /(?<=[./:,;@_-])|(?<=\\)(?![xu])/
const PLAIN = /^[\x20-\x7e]*$/
const GAP = 2

/** A grid compares each cell with those of all rows above it: a long table is made of several, of the same widths. */
const GRID_ROWS = 24

/** Columns that the text takes on a terminal. */
export function width(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text)
}

/**
 * Lines of at most `columns`; breaks at spaces, and inside a word only where the word alone is too long. Text may be
 * coloured.
 */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  let used = 0
  const add = (word: string, between: string) => {
    const wordWidth = width(word)
    if (line !== '' && used + between.length + wordWidth <= columns) {
      line += between + word
      used += between.length + wordWidth
      return
    }
    if (line !== '') lines.push(line)
    const pieces = wordWidth <= columns ? [word] : breakWord(word, columns)
    lines.push(...pieces.slice(0, -1))
    line = pieces.at(-1)!
    used = width(line)
  }
  for (const word of text.split(' ')) {
    if (language() === 'ja' && WIDE.test(word))
      for (const [at, unit] of unitsOf(word).entries()) add(unit, at === 0 ? ' ' : '')
    else add(word, ' ')
  }
  lines.push(line)
  return lines
}

/**
 * What of a Japanese text stays on one line: words, with what may not begin a line (JIS X 4051: closing brackets, full
 * stops, small kana, the long vowel) or not end one. Colour codes stay with what is before them.
 */
function unitsOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter('ja', { granularity: 'word' })
  const units: string[] = []
  let isOpen = false
  for (const part of text.split(COLOUR)) {
    const pieces = part.startsWith('\x1b') ? [part] : [...segmenter.segment(part)].map(({ segment }) => segment)
    for (const piece of pieces) {
      const isGlued =
        isOpen ||
        GLUE.test(piece) ||
        GLUE.test(units.at(-1)?.at(-1) ?? '') ||
        piece.startsWith('\x1b') ||
        NOT_FIRST.test(piece) ||
        isNarrowPair(units.at(-1), piece)
      if (isGlued && units.length > 0) units[units.length - 1] += piece
      else units.push(piece)
      isOpen = NOT_LAST.test(piece)
    }
  }
  return units
}

/** `10.1.0.5` and `setspn` are no words of Japanese: they break as in English. */
function isNarrowPair(before: string | undefined, piece: string): boolean {
  return before !== undefined && NARROW_END.test(before) && NARROW_START.test(piece)
}

let segmenter: Intl.Segmenter | undefined
const WIDE = /[\u3000-\u30ff\u3400-\u9fff\uff00-\uff60]/
const COLOUR = /((?:\x1b\[[\d;]*m)+)/
/** no-break space */
const GLUE = /^\u00a0/
const NARROW_START = /^[\x21-\x7e]/
const NARROW_END = /[\x21-\x7e]$/
const NOT_FIRST =
  /^[、。，．・：；？！ー）」』】〕〉》］｝々ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.)\]}:;!?%]/
const NOT_LAST = /[（「『【〔〈《［｛([{]$/

/** Lines that begin with `first`, and go on under the text. */
export function hanging(first: string, text: string, columns: number): string[] {
  const indent = width(first)
  return wrap(text, Math.max(1, columns - indent)).map((line, at) => (at === 0 ? first : ' '.repeat(indent)) + line)
}

/** Right-pads to `columns`. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)))
}

/** As much as fits, with dots where something is missing. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text
  let shown = ''
  let used = 0
  for (const character of text) {
    used += width(character)
    if (used > columns - 3) break
    shown += character
  }
  return `${shown.trimEnd()}...`
}

function breakWord(word: string, columns: number): string[] {
  const pieces: string[] = []
  let line = ''
  for (const part of word.split(SOFT_BREAK)) {
    if (width(line + part) <= columns) {
      line += part
      continue
    }
    if (line !== '') pieces.push(line)
    line = ''
    // by code points: one that is wider than the columns still takes a line of its own
    for (const character of part) {
      if (line !== '' && width(line + character) > columns) {
        pieces.push(line)
        line = ''
      }
      line += character
    }
  }
  pieces.push(line)
  return pieces
}

/**
 * What a page says in its first lines, once more at its end, where it is longer than the terminal of so many rows:
 * these lines have scrolled away. undefined: no terminal.
 */
export function onceMore(page: readonly string[], first: readonly string[], rows: number | undefined): string[] {
  return rows !== undefined && page.length >= rows ? ['', ...first] : []
}

export interface Column {
  readonly title: string
  readonly align?: 'right'
  /** what is left out first where the width does not hold all of them: the higher the earlier; 0 is never left out */
  readonly dispensable: number
  /** the narrowest that still reads; default: the widest part of its cells, so that none is broken */
  readonly narrowest?: number
  /** the first part of each cell (an address) is never broken, whatever `narrowest` says */
  readonly firstWhole?: true
  /** wider than this it never needs to be */
  readonly widest?: number
}

export interface Row {
  /**
   * one text a column, plain; a line break separates parts that may stand beside each other where the column is wide
   * enough
   */
  readonly cells: readonly string[]
  /** lines below the cells, over the whole width; already wrapped; an empty line follows them */
  readonly notes: readonly string[]
}

/**
 * A table without borders, of at most `total` columns: leaves out what it must, wraps what it can. null: even the
 * indispensable columns do not fit. `paint` colours one line of a title or cell.
 */
export function table(
  columns: readonly Column[],
  rows: readonly Row[],
  total: number,
  paint: { title(text: string): string; cell(text: string, column: Column): string },
): string[] | null {
  const fitted = fitColumns(columns, rows, total)
  if (fitted === null) return null
  const used = fitted.reduce((sum, { columns: cellWidth }) => sum + cellWidth + GAP, 0)
  const options = {
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP, compact: true },
    // the last column takes what is left, so that a note has the whole width
    colWidths: fitted.map(({ columns: cellWidth }, position) =>
      position === fitted.length - 1 ? cellWidth + GAP + Math.max(0, total + GAP - used) : cellWidth + GAP,
    ),
  }
  const grids = [new Table(options)]
  // done here and not by the grid, whose last column may be wider than its text
  const aligned = (line: string, column: Column, cellWidth: number) =>
    column.align === 'right' ? ' '.repeat(Math.max(0, cellWidth - width(line))) + line : line
  grids[0]!.push(
    fitted.map(({ at, columns: cellWidth }) =>
      paint.title(aligned(translated(columns[at]!.title), columns[at]!, cellWidth)),
    ),
  )
  for (const row of rows) {
    if (grids.at(-1)!.length >= GRID_ROWS) grids.push(new Table(options))
    const grid = grids.at(-1)!
    grid.push(
      fitted.map(({ at, columns: cellWidth }) =>
        cellLines(row.cells[at]!, cellWidth)
          .map((line) => paint.cell(aligned(line, columns[at]!, cellWidth), columns[at]!))
          .join('\n'),
      ),
    )
    for (const note of row.notes) grid.push([{ colSpan: fitted.length, content: note }])
    if (row.notes.length > 0 && row !== rows.at(-1)) grid.push([{ colSpan: fitted.length, content: '' }])
  }
  return grids.flatMap((grid) => grid.toString().split('\n')).map((line) => line.trimEnd())
}

/** Titles of the columns that a table of this width leaves out, although they have something in them. */
export function leftOut(columns: readonly Column[], rows: readonly Row[], total: number): string[] {
  const fitted = fitColumns(columns, rows, total)
  const isShown = (at: number) =>
    fitted === null ? columns[at]!.dispensable === 0 : fitted.some((one) => one.at === at)
  return columns.flatMap(({ title }, at) => (isShown(at) || rows.every(({ cells }) => cells[at] === '') ? [] : [title]))
}

/** Which columns (positions in the caller's list), and how wide; those that are empty in every row are left out. */
function fitColumns(
  columns: readonly Column[],
  rows: readonly Row[],
  total: number,
): { at: number; columns: number }[] | null {
  const all = columns.map((column, at) => {
    const titleWidth = width(translated(column.title))
    let widest = titleWidth
    let widestPart = titleWidth
    let widestFirst = 0
    for (const row of rows) {
      const parts = row.cells[at]!.split('\n')
      for (const part of parts) widestPart = Math.max(widestPart, width(part))
      widestFirst = Math.max(widestFirst, width(parts[0]!))
      widest = Math.max(widest, width(parts.join(' ')))
    }
    const least = Math.max(
      titleWidth,
      column.firstWhole ? widestFirst : 0,
      Math.min(widestPart, column.narrowest ?? widestPart),
    )
    const most = Math.max(least, column.widest ?? widest)
    const empty = rows.every((row) => row.cells[at] === '')
    return {
      at,
      empty,
      least,
      good: Math.min(most, widestPart),
      best: Math.min(most, widest),
      dispensable: column.dispensable,
    }
  })
  const sizes = all.filter(({ empty }) => !empty)
  const needed = () => sizes.reduce((sum, { least }) => sum + least + GAP, -GAP)
  while (needed() > total) {
    const worst = sizes.reduce((a, b) => (b.dispensable >= a.dispensable ? b : a))
    if (worst.dispensable === 0) return null
    sizes.splice(sizes.indexOf(worst), 1)
  }
  const fitted = sizes.map(({ at, least }) => ({ at, columns: least }))
  // what is left first unbreaks the parts of the cells, then puts the parts beside each other
  let left = total - needed()
  for (const wish of ['good', 'best'] as const) {
    sizes.forEach((size, position) => {
      const more = Math.min(left, Math.max(0, size[wish] - fitted[position]!.columns))
      if (wish === 'best' && fitted[position]!.columns + more < size.best) return
      fitted[position]!.columns += more
      left -= more
    })
  }
  return fitted
}

/** The parts of a cell on one line where they fit, else each on its own, broken where it must be. */
function cellLines(cell: string, columns: number): string[] {
  const oneLine = cell.replaceAll('\n', ' ')
  return width(oneLine) <= columns ? [oneLine] : cell.split('\n').flatMap((part) => wrap(part, columns))
}

const NO_BORDERS = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
    'middle',
  ].map((place) => [place, '']),
)
