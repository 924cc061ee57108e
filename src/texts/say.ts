/**
 * The language in which pages are written. English in the code is the key: `` say`${n} of ${all}` `` is that sentence,
 * or what the catalogue of another language has for `{0} of {1}`.
 *
 * Reports hold English sentences, in every language the same bytes: a saved report, stored facts and JSON are for
 * machines and for later. Where a page shows one of them it is `translated`: found again among the templates of the
 * catalogue, each of which is a template of the code, with the values that it was made with. A sentence that none of
 * them makes stays as it is. Nothing decides on what was found; it is only shown.
 */

import type { Catalogue } from './text.ts'

export const LANGUAGES = ['en', 'ja'] as const
export type Language = (typeof LANGUAGES)[number]

/** Of pages, and of the sentences that reports hold. */
interface Catalogues {
  readonly pages: Catalogue
  readonly facts: Catalogue
}

/** A text with values in it, by what stands between them: `literals.length - 1` values. */
interface Template {
  readonly literals: readonly string[]
  readonly text: string
  readonly isWeak: boolean
}

/** What is spoken; null: English. */
let spoken: Speaker | null = null

/** From now on pages are written in this language; its catalogue is loaded for it alone. */
export async function speak(language: Language): Promise<void> {
  spoken = language === 'en' ? null : new Speaker((await import('./ja/catalogue.ts')).JA)
}

export function language(): Language {
  return spoken === null ? 'en' : 'ja'
}

/** A text of a page, with its values. */
export function say(texts: TemplateStringsArray, ...values: readonly unknown[]): string {
  const key = spoken === null ? null : texts.reduce((all, part, at) => `${all}{${at - 1}}${part}`)
  const known = key === null ? undefined : spoken!.known(key)
  if (known !== undefined) return filled(known, values.map(String))
  return texts.reduce((all, part, at) => `${all}${String(values[at - 1])}${part}`)
}

/** A text whose key is put together, with its values; English: the key with the values in it. */
export function sayKey(key: string, ...values: readonly string[]): string {
  return filled(spoken?.known(key) ?? key, values)
}

/** A label, or a sentence of a report, in the language of the page. */
export function translated(text: string): string {
  return spoken === null ? text : spoken.translated(text, 0)
}

/**
 * `translated` for the sentences of a JSON-ready value: members of these names, at any depth. English: the value
 * itself.
 */
export function translatedDeep<T>(value: T, members: ReadonlySet<string> = SENTENCES): T {
  return spoken === null ? value : (deep(value, members, false) as T)
}

const SENTENCES: ReadonlySet<string> = new Set([
  'counterEvidence',
  'damage',
  'detail',
  'evidence',
  'fix',
  'missing',
  'notes',
  'notVisible',
  'observe',
  'reasons',
  'remediation',
  'test',
  'text',
  'title',
  'unknown',
  'why',
  'words',
])

function deep(value: unknown, members: ReadonlySet<string>, isSentence: boolean): unknown {
  if (typeof value === 'string') return isSentence ? translated(value) : value
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((each) => deep(each, members, isSentence))
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, deep(part, members, members.has(name))]))
}

/** Parts of a text, as they are where it is taken apart: without the space before them, without the full stop. */
function trimmed(texts: Catalogue): Catalogue {
  const edges = Object.entries(texts).filter(([key]) => /^ |[. ]$/.test(key))
  return Object.fromEntries(
    edges.map(([key, text]) => [key.trim().replace(/\.$/, ''), text.trim().replace(/[。.]$/, '')]),
  )
}

/** sentences in sentences in sentences */
const DEPTH_MAX = 6

/** Says texts by the templates of a catalogue. */
export class Speaker {
  readonly #texts: Catalogue
  /** the most literal first */
  readonly #templates: readonly Template[]
  /** those that only follow another text: `, calls itself {0}` */
  readonly #tails: readonly Pick<Template, 'literals'>[]

  constructor({ pages, facts }: Catalogues) {
    const sentences = { ...trimmed(facts), ...facts }
    this.#texts = { ...sentences, ...pages }
    const templates = Object.entries(sentences)
      .map(([key, text]) => ({ literals: key.split(VALUE), text, isWeak: lettersIn(key) < WEAK_LETTERS }))
      .filter(({ literals }) => literals.length > 1)
    const weight = ({ literals }: Pick<Template, 'literals'>) =>
      literals.reduce((sum, literal) => sum + literal.length, 0)
    this.#templates = templates.sort((a, b) => weight(b) - weight(a))
    this.#tails = Object.keys(facts)
      .filter((key) => /^[ ,;:(]/.test(key))
      .map((key) => ({ literals: key.split(VALUE) }))
      .sort((a, b) => weight(b) - weight(a))
  }

  known(key: string): string | undefined {
    return Object.hasOwn(this.#texts, key) ? this.#texts[key] : undefined
  }

  translated(text: string, depth: number): string {
    if (depth > DEPTH_MAX || !/[a-z]/i.test(text)) return text
    // a host may be called by any word
    if (depth > 0 && !text.includes(' ') && !WORDS.has(text)) return text
    return this.known(text) ?? this.#found(text, depth) ?? this.#parts(text, depth) ?? text
  }

  #found(text: string, depth: number): string | null {
    for (const { literals, text: template, isWeak } of this.#templates) {
      const found = valuesIn(text, literals)
      const values = found === null ? null : this.#apart(found, literals)
      // a value holds no end of a sentence: that is the text of two
      if (values === null || values.some((value) => /\. [A-Z]/.test(value))) continue
      const each = values.map((value) => this.translated(value, depth + 1))
      // a template of few letters makes much that is no text of ours
      if (isWeak && each.some((value, at) => value === values[at] && /[a-z] [a-z]/i.test(value))) continue
      return filled(template, each)
    }
    return null
  }

  /**
   * Values with nothing between them: `valuesIn` leaves the first ones empty. The later ones are texts that only follow
   * another, or nothing; what is left is the first.
   */
  #apart(values: string[], literals: readonly string[]): string[] {
    for (let last = values.length - 1; last > 0; last--) {
      let first = last
      while (first > 0 && literals[first] === '') first--
      if (first === last) continue
      let left = values[last]!
      for (let at = last; at > first; at--) {
        const begin = this.#tailOf(left)
        values[at] = left.slice(begin)
        left = left.slice(0, begin)
      }
      values[first] = left
      last = first
    }
    return values
  }

  /** Where the text begins that only follows another, by the most literal of them; the length: there is none. */
  #tailOf(text: string): number {
    for (const { literals } of this.#tails)
      for (let at = text.indexOf(literals[0]!, 1); at > 0; at = text.indexOf(literals[0]!, at + 1))
        if (literals.length === 1 ? text.slice(at) === literals[0] : valuesIn(text.slice(at), literals) !== null)
          return at
    return text.length
  }

  /** Several sentences, told one by one; null: it is one. */
  #parts(text: string, depth: number): string | null {
    const [, lead = '', middle = '', end = ''] = /^( ?)(.*?)([.:;,]? ?)$/s.exec(text) ?? []
    if (lead + end !== '' && middle !== '') {
      const inner = this.translated(middle, depth + 1)
      return inner === middle ? null : end.startsWith('.') ? `${lead}${inner.replace(/。$/, '')}。` : lead + inner + end
    }
    for (const [between, joined] of BETWEEN) {
      const parts = text.split(between)
      if (parts.length === 1) continue
      const each = parts.map((part) => this.translated(part, depth + 1))
      if (each.some((part, at) => part !== parts[at])) return each.join(joined)
    }
    return null
  }
}

/** the words alone that are a value in a sentence */
const WORDS: ReadonlySet<string> = new Set(['high', 'medium', 'low'])
const WEAK_LETTERS = 5

function lettersIn(key: string): number {
  return key.replace(/[^a-z]/gi, '').length
}

/** What stands between sentences, and between the words of a list. */
const BETWEEN = [
  ['. ', '。'],
  ['; ', '; '],
  [': ', ': '],
  [', ', ', '],
] as const
const VALUE = /\{\d+\}/

/** The values of a template that made this text, as short as can be from the left; null: it did not. */
function valuesIn(text: string, literals: readonly string[]): string[] | null {
  const first = literals[0]!
  const last = literals.at(-1)!
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return null
  const end = text.length - last.length
  const values: string[] = []
  let at = first.length
  for (const literal of literals.slice(1, -1)) {
    const next = text.indexOf(literal, at)
    if (next < 0 || next + literal.length > end) return null
    values.push(text.slice(at, next))
    at = next + literal.length
  }
  values.push(text.slice(at, end))
  return values
}

function filled(template: string, values: readonly string[]): string {
  return template.replace(/\{(\d+)\}/g, (_, number) => values[Number(number)] ?? '')
}

/** What the environment asks for: LC_ALL, LC_MESSAGES, LANG, the first that is set. */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const asked = env.LC_ALL || env.LC_MESSAGES || env.LANG || ''
  return /^ja(?:[_.@-]|$)/i.test(asked) ? 'ja' : 'en'
}
