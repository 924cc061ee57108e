/**
 * The help in the language of the reader: descriptions of commands and options, and the paragraphs below them. Loaded
 * for other languages than English alone, and only where help is printed.
 *
 * Command lines stay as they are; what follows them on their line is told.
 */
import type { Command, Help, Option } from 'commander'
import { hanging, width, wrap } from '../output/page/layout.ts'
import { JA_HELP } from '../texts/ja/help.ts'
import { Speaker, translated } from '../texts/say.ts'

/** Lines of prose are no wider, as in English. */
const PROSE_COLUMNS = 80
/** then it goes on in the paragraph of the line before */
const CONTINUED = /^ {7,}/

export class SpokenHelp {
  readonly #speaker = new Speaker({ pages: {}, facts: JA_HELP })
  readonly #columns: number

  constructor(columns: number) {
    this.#columns = columns
  }

  /** What commander asks for while it makes the page of a command. */
  get overrides(): Partial<Help> {
    return {
      styleTitle: (title) => this.#text(title),
      commandDescription: (command: Command) => this.#text(command.description()),
      subcommandDescription: (command: Command) => this.#text(command.summary() || command.description()),
      argumentDescription: ({ description }) => this.#text(description),
      optionDescription: (option) => this.#option(option),
      displayWidth: (text) => width(text),
      boxWrap: (text, columns) => (columns < 20 ? text : wrap(text, columns).join('\n')),
    }
  }

  /** What is written: the page, or what stands below it (paragraphs, and tables of a word and what it means). */
  below(text: string): string {
    // the page itself comes the same way, and is told already
    if (text.startsWith(this.#text('Usage:'))) return text
    const blocks = text.split('\n\n').map((block) => {
      const lines = block.split('\n')
      const isTable = lines.some((line) => /^ {2}\S/.test(line))
      const prose = lines.join(' ').trim()
      const known = isTable ? prose : this.#text(prose)
      if (known === prose) return this.#table(lines).join('\n')
      const lead = block.startsWith('\n') ? '\n' : ''
      return lead + wrap(known, Math.min(this.#columns, PROSE_COLUMNS)).join('\n') + (block.endsWith('\n') ? '\n' : '')
    })
    return blocks.join('\n\n')
  }

  #table(lines: readonly string[]): string[] {
    const rows: string[] = []
    for (const line of lines) {
      if (CONTINUED.test(line) && rows.length > 0) rows.push(`${rows.pop()!} ${line.trim()}`)
      else rows.push(line)
    }
    return rows.flatMap((row, at) => {
      if (row.endsWith(':') && !row.startsWith(' ')) return [this.#text(row)]
      for (const parts of [/^(\s+\S.*?\s{2,})(\S.*)$/, /^(\s+\S+ )(.*)$/, /^(\s+)(\S.*)$/]) {
        const [, first = '', rest = ''] = parts.exec(row) ?? []
        const known = rest === '' ? rest : this.#text(rest)
        if (known !== rest) return hanging(first, known, this.#columns)
      }
      return rows.length === lines.length ? [lines[at]!] : hanging('', row, this.#columns)
    })
  }

  #option({ description, argChoices, defaultValue, defaultValueDescription, required, optional }: Option): string {
    const extra = [
      ...(argChoices === undefined ? [] : [`選択肢: ${argChoices.join(', ')}`]),
      ...(defaultValue === undefined || !(required || optional)
        ? []
        : [`既定値: ${defaultValueDescription ?? String(defaultValue)}`]),
    ]
    return `${this.#text(description)}${extra.length === 0 ? '' : ` (${extra.join('、')})`}`
  }

  /** Of the help, or what reports say as well (expectations, switches). */
  #text(text: string): string {
    const known = this.#speaker.translated(text, 0)
    return known === text ? translated(text) : known
  }
}
