/**
 * Text from elsewhere inside Markdown: nothing in it becomes markup, a link or HTML, and it stays on its line.
 */
import { visible } from './visible.ts'

export function markdownText(text: string): string {
  return visible(text).replace(/[\\`*_<>[\]|#&~]/g, '\\$&')
}
