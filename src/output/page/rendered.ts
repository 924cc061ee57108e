/**
 * The page in another language than English. Its parts are written in English; what a reader sees of them (text nodes,
 * labels, titles) is told in the language of the page when an element is made, beside no other change. Names of the
 * wire have no space in them and stay; commands and filters do too.
 */
import { options, type VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { language, sayKey, translated } from '../../texts/say.ts'
import type { PairTable } from '../html/pair-table.ts'

/** What the script of the page says, by its English: `client.ts` asks for these. */
export const CLIENT_WORDS = [
  'Not allowed here',
  'Selected: press Ctrl+C',
  'Copied',
  'Copy change',
  'Copy command',
  'Copy filter',
  'Show more',
  'Light or dark',
  'Details',
  '{0} of {1} pairs',
  ', {0} to {1} shown',
  'Previous 50',
  'Next 50',
  'Search ',
  'Service ',
  'all',
  'Clear',
  'Copy these rows as CSV',
] as const

/** Renders it as a text; in English nothing is touched. */
export function rendered<P>(page: VNode<P>): string {
  if (language() === 'en') return renderToString(page as VNode)
  const before = options.vnode
  options.vnode = (vnode) => {
    if (typeof vnode.type === 'string') tell(vnode as VNode<Props>)
    before?.(vnode)
  }
  try {
    return renderToString(page as VNode)
  } finally {
    if (before === undefined) delete options.vnode
    else options.vnode = before
  }
}

interface Props {
  children?: unknown
  'aria-label'?: unknown
  'data-label'?: unknown
  'data-copy'?: unknown
}

/** Texts beside each other are one sentence; what is between elements is told by itself. */
function tell({ type, props }: VNode<Props>): void {
  for (const name of ['aria-label', 'data-label'] as const) {
    const label = props[name]
    if (typeof label === 'string') props[name] = translated(label)
  }
  const { children } = props
  const isCode = type === 'code' && props['data-copy'] !== 'change'
  if (children === undefined || isCode || type === 'script' || type === 'style') return
  const isName = type === 'bdi'
  const shown = (text: string) => {
    const [, lead = '', middle = '', end = ''] = /^(\s*)(.*?)(\s*)$/s.exec(text) ?? []
    return isName && !middle.includes(' ') ? text : lead + translated(middle) + end
  }
  if (!Array.isArray(children)) {
    if (typeof children === 'string') props.children = shown(children)
    return
  }
  const parts: unknown[] = []
  let text: string | null = null
  for (const child of children) {
    if (typeof child === 'string' || typeof child === 'number') text = (text ?? '') + String(child)
    else {
      if (text !== null) parts.push(shown(text))
      text = null
      parts.push(child)
    }
  }
  if (text !== null) parts.push(shown(text))
  props.children = parts
}

/** The same of the data that the script shows; with its own words where they are not English. */
export function toldTable(table: PairTable): PairTable {
  if (language() === 'en') return table
  return {
    ...table,
    verdicts: table.verdicts.map(([verdict, words, state]) => [verdict, translated(words), state] as const),
    texts: table.texts.map((text) => (text.includes(' ') ? translated(text) : text)),
    words: Object.fromEntries([
      ...CLIENT_WORDS.map((key) => [key, sayKey(key, '{0}', '{1}')]),
      ...table.labels.map((label) => [label, translated(label)]),
    ]),
  }
}
