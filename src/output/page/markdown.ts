/**
 * Text from elsewhere inside Markdown: nothing in it becomes markup, a link or HTML, and it stays on its line.
 */
import { visible } from './visible.ts'

/** A character that may be markup, and stands behind a backslash. */
export const MARKUP = /[\\`*_<>[\]|#&~]/

export function markdownText(text: string): string {
  return visible(text).replace(EACH_MARKUP, '\\$&')
}

const EACH_MARKUP = new RegExp(MARKUP, 'g')
