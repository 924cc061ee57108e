/**
 * The texts that the sources print, as keys of a catalogue: found in the sources themselves, so that nobody keeps a
 * list. A value in a text is `{0}`, `{1}`... in the order in which it stands there.
 *
 * In the rooms that judge, every literal that reads as a sentence is one; where output is made, what the tag `say`
 * stands before, labels, headings, titles of columns, and words that are counted.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'rolldown/utils'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Files and folders whose sentences go into a report, and are told apart from names by having a space in them. */
const FACTS = [
  'src/facts/words/remedies.ts',
  'src/causes',
  'src/findings',
  'src/report/coverage.ts',
  'src/report/narrowing/narrow.ts',
  'src/report/pairs.ts',
  'src/report/seen/turned-away.ts',
  'src/report/pass-through.ts',
  'src/report/roll-ups.ts',
  'src/report/seen/unread.ts',
  'src/judge/allow-list.ts',
  'src/judge/device.ts',
  'src/judge/devices/clauses.ts',
  'src/judge/devices/maker.ts',
  'src/judge/devices/profile.ts',
  'src/judge/devices/tls-shown.ts',
  'src/judge/diff.ts',
  'src/judge/expectations.ts',
  'src/judge/flow.ts',
  'src/judge/hosts.ts',
  'src/judge/log-notes.ts',
  'src/judge/switching/catalogue.ts',
  'src/judge/switching/completeness.ts',
  'src/judge/switching/gates.ts',
  'src/judge/switching/plan.ts',
  'src/judge/switching/switch.ts',
  'src/judge/thresholds.ts',
  'src/output/switching/plan-words.ts',
  'src/output/terms.ts',
  'src/output/words',
]
/** Tables of the words of a page. */
const TABLES = ['src/output/switching/plan-words.ts', 'src/output/stored/trend.ts']
/** Where pages for people are made. */
const PAGES = ['src/output', 'src/cli/following']

export interface SourceText {
  readonly key: string
  readonly path: string
  /** a sentence of a report, not a text of a page */
  readonly isFact: boolean
}

interface Node {
  readonly type: string
  readonly [name: string]: unknown
}

export function sourceTexts(): SourceText[] {
  const found = new Map<string, SourceText>()
  const add = (key: string, path: string, isFact: boolean) => {
    if (!found.has(key)) found.set(key, { key, path, isFact })
  }
  for (const path of filesOf(FACTS))
    walk(programOf(path), (node, parents) => factTexts(node, parents, (key) => add(key, path, true)))
  for (const path of filesOf(['src/output/html', 'src/output/page/rendered.ts']).filter(
    (one) => !/\/(style|writer)\.ts$/.test(one),
  )) {
    const isScript = path.endsWith('/client.ts')
    walk(programOf(path), (node, parents) => {
      const found = (key: string) => add(key, path, true)
      if (isScript) return scriptTexts(node, found)
      htmlTexts(node, parents, found)
      if (!path.endsWith('/rendered.ts') && !parents.some(isUnseen)) factTexts(node, parents, found)
    })
  }
  for (const path of filesOf(TABLES))
    walk(programOf(path), (node) => {
      const value = node.type === 'Property' ? (node.value as Node) : null
      if (value?.type === 'Literal') add(String(value.value), path, true)
    })
  for (const path of filesOf(PAGES)) walk(programOf(path), (node) => pageTexts(node, (key) => add(key, path, false)))
  return [...found.values()]
}

function filesOf(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const full = join(ROOT, path)
    if (statSync(full).isFile()) return [path]
    return readdirSync(full, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => relative(ROOT, join(full, name)).split(sep).join('/'))
      .sort()
  })
}

function programOf(path: string): Node {
  const { program, errors } = parseSync(path, readFileSync(join(ROOT, path), 'utf8'))
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]!.message}`)
  return program as unknown as Node
}

/** What the node is in: from the nearest on. */
type Parents = readonly Node[]

function walk(node: Node, visit: (node: Node, parents: Parents) => void, parents: Parents = []): void {
  visit(node, parents)
  const inside = [node, ...parents]
  for (const [name, value] of Object.entries(node)) {
    if (SKIPPED.has(name) || SKIPPED_TYPES.has(node.type)) continue
    for (const part of Array.isArray(value) ? value : [value])
      if (part !== null && typeof part === 'object' && typeof (part as Node).type === 'string')
        walk(part as Node, visit, inside)
  }
}

const SKIPPED: ReadonlySet<string> = new Set(['typeAnnotation', 'typeArguments', 'typeParameters', 'returnType'])
const SKIPPED_TYPES: ReadonlySet<string> = new Set([
  'ImportDeclaration',
  'TSTypeAliasDeclaration',
  'TSInterfaceDeclaration',
  'ThrowStatement',
])

/** The key of a literal; null: it is none, or has no words. */
function keyOf(node: Node): string | null {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value
  if (node.type === 'BinaryExpression' && node.operator === '+') {
    const [left, right] = [keyOf(node.left as Node), keyOf(node.right as Node)]
    if (left === null || right === null) return null
    const values = left.match(/\{\d+\}/g)?.length ?? 0
    return left + right.replace(/\{(\d+)\}/g, (_, number) => `{${Number(number) + values}}`)
  }
  if (node.type !== 'TemplateLiteral') return null
  const quasis = node.quasis as { value: { cooked: string } }[]
  return quasis.map(({ value }, at) => (at === 0 ? '' : `{${at - 1}}`) + value.cooked).join('')
}

function isSentence(key: string): boolean {
  const words = key.replace(/\{\d+\}/g, '')
  return /[a-z]{2}/i.test(words) && /\S \S|^ \S|\S $/.test(key) && /[a-z]{3}/.test(words)
}

const isText = (node: Node) =>
  node.type === 'TemplateLiteral' ||
  node.type === 'Literal' ||
  (node.type === 'BinaryExpression' && node.operator === '+')

function factTexts(node: Node, [parent, grandparent]: Parents, add: (key: string) => void): void {
  if (!isText(node) || parent === undefined) return
  if (parent.type === 'BinaryExpression') {
    // a part of a longer text, or what something is compared with
    if (parent.operator !== '+' || keyOf(parent) !== null) return
  }
  if (parent.type === 'Property' && parent.key === node) return
  // a clause has its languages beside each other
  if (parent.type === 'Property' && LANGUAGE_NAMES.has(String((parent.key as Node).name))) return
  if (parent.type === 'ArrayExpression' && isNamed(grandparent, 'references')) return
  // what a maker calls its settings, and where it says so
  if (parent.type === 'Property' && isOfMaker(parent, grandparent)) return
  const key = keyOf(node)
  // a command line is the same in every language
  if (key === null || /^ntlmscope \w+ (NEW|BEFORE|AFTER)\.json/.test(key)) return
  const name = parent.type === 'Property' ? (parent.key as Node).name : null
  const isTrait = parent.type === 'CallExpression' && (parent.arguments as Node[])[0] === node && isTraits(parent)
  const isAsked = name === 'name' && key.includes(' ')
  if (isTrait || isAsked || isSentence(key) || (typeof name === 'string' && WORDS.has(name) && /[a-z]{2}/.test(key)))
    add(key)
}

/** `traits.add('peers', ...)`: a line of a card. */
function isTraits({ callee }: Node): boolean {
  return (callee as { object?: { name?: string } }).object?.name === 'traits'
}

const OF_MAKER: ReadonlySet<string> = new Set(['maker', 'setting', 'source'])

function isOfMaker(property: Node, object: Node | undefined): boolean {
  const keys = ((object?.properties ?? []) as Node[]).map(({ key }) => (key as { name?: string } | undefined)?.name)
  return keys.includes('maker') && OF_MAKER.has((property.key as { name?: string }).name ?? '')
}

function isNamed(node: Node | undefined, name: string): boolean {
  return node?.type === 'Property' && (node.key as { name?: string }).name === name
}

const LANGUAGE_NAMES: ReadonlySet<string> = new Set(['en', 'ja'])
const WORDS: ReadonlySet<string> = new Set(['title', 'words', 'remediation', 'fix', 'means', 'cure'])
const COUNTED: ReadonlySet<string> = new Set(['plural', 'counted'])

function pageTexts(node: Node, add: (key: string) => void): void {
  if (node.type === 'TaggedTemplateExpression' && (node.tag as Node).name === 'say') add(keyOf(node.quasi as Node)!)
  if (node.type === 'CallExpression') {
    const { name, property } = node.callee as { name?: string; property?: { name?: string } }
    const args = node.arguments as Node[]
    if (name !== undefined && COUNTED.has(name)) for (const text of literalsIn(args.slice(1))) add(`{0} ${text}`)
    if (property?.name === 'heading') for (const text of literalsIn(args)) add(text)
  }
  if (node.type === 'Property' && TITLES.has((node.key as { name?: string }).name ?? ''))
    for (const text of literalsIn([node.value as Node])) add(text)
  // what heads a column, and is a constant since it is looked for
  if (node.type === 'VariableDeclarator' && /^[A-Z]+ [A-Z ]+$/.test(String((node.init as Node | null)?.value)))
    add(String((node.init as Node).value))
  // the label of an entry
  if (node.type === 'ArrayExpression') {
    const [first, ...rest] = node.elements as (Node | null)[]
    if (first?.type === 'Literal' && /^(\d )?[A-Z][a-z]+( [a-zA-Z]+)*$/.test(String(first.value)) && rest.length > 0)
      add(String(first.value))
  }
}

const TITLES: ReadonlySet<string> = new Set(['title', 'label'])

/** `ui('Clear')`: what the script of the page says. */
function scriptTexts(node: Node, add: (key: string) => void): void {
  if (node.type !== 'CallExpression' || (node.callee as { name?: string }).name !== 'ui') return
  const [first] = node.arguments as Node[]
  if (first?.type === 'Literal') add(String(first.value))
}

/** Texts and values beside each other in an element are one sentence; labels; words in tables of words. */
function htmlTexts(node: Node, parents: Parents, add: (key: string) => void): void {
  if (node.type === 'JSXElement' || node.type === 'JSXFragment')
    for (const key of runsOf(node.children as Node[])) add(key)
  if (node.type === 'JSXAttribute' && LABELS.has((node.name as { name?: string }).name ?? ''))
    for (const text of literalsIn([node.value as Node])) add(text)
  const table = parents.find(({ type }) => type === 'VariableDeclarator')
  const isTable = /(WORDS|MARKS|LABELS|LAYERS)$/.test(String((table?.id as { name?: string } | undefined)?.name))
  const isMark = /^(bad|warn|ok|note|unseen)$/.test(String(node.value))
  const isKey = parents[0]?.type === 'Property' && parents[0].key === node
  if (isTable && !isKey && !isMark && node.type === 'Literal' && /[a-z]{2}/.test(String(node.value)))
    add(String(node.value))
}

/** An attribute that nobody reads; what a script copies. */
function isUnseen({ type, name }: Node): boolean {
  return type === 'JSXAttribute' && !LABELS.has((name as { name?: string }).name ?? '')
}

const LABELS: ReadonlySet<string> = new Set(['aria-label', 'data-label', 'label', 'title', 'of', 'what'])

function runsOf(children: readonly Node[]): string[] {
  const runs: string[] = []
  let run = ''
  let values = 0
  const end = () => {
    const key = run.trim()
    if (/[a-z]{2}/i.test(key.replace(/\{\d+\}/g, ''))) runs.push(key)
    run = ''
    values = 0
  }
  for (const child of children) {
    const expression = child.type === 'JSXExpressionContainer' ? (child.expression as Node) : null
    if (child.type === 'JSXText') run += jsxText(String(child.value))
    else if (expression?.type === 'Literal') run += String(expression.value)
    else if (expression === null || expression.type === 'JSXEmptyExpression' || hasElement(expression)) end()
    else run += `{${values++}}`
  }
  end()
  return runs
}

/** As JSX reads it: lines are joined by a space, and what is only space at their ends is none. */
function jsxText(text: string): string {
  const lines = text.split('\n')
  return lines
    .map((line, at) => (at > 0 ? line.trimStart() : line))
    .map((line, at) => (at < lines.length - 1 ? line.trimEnd() : line))
    .filter((line) => line !== '')
    .join(' ')
}

function hasElement(node: Node): boolean {
  let has = false
  walk(node, ({ type }) => {
    has ||= type === 'JSXElement' || type === 'JSXFragment'
  })
  return has
}

/** Texts among these expressions, of both sides of a choice. */
function literalsIn(nodes: readonly Node[]): string[] {
  return nodes.flatMap((node) => {
    if (node.type === 'ConditionalExpression') return literalsIn([node.consequent as Node, node.alternate as Node])
    return node.type === 'Literal' && typeof node.value === 'string' && /[A-Za-z]/.test(node.value) ? [node.value] : []
  })
}
