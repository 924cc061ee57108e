/**
 * Text from the wire on a terminal: user names, host names and file names are the sender's, who may be nobody's friend.
 * Everything that is printed for people passes here once; JSON has its own escapes (json.ts).
 */

/**
 * Control, format (bidirectional overrides, zero-width), unassigned and private characters, line and paragraph
 * separators.
 */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu
const PLAIN = /^[\x20-\x7e]*$/

/**
 * Text from the wire, safe to show: escape sequences, controls and characters that reorder or hide text become `\x1b`,
 * `\u{202e}`.
 */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(INVISIBLE, (character) => {
    const code = character.codePointAt(0)!
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
  })
}

/**
 * `visible` for every string of a JSON-ready value, names of properties included. What is plain is given back as it is:
 * nearly everything.
 */
export function visibleDeep<T>(value: T): T {
  if (typeof value === 'string') return visible(value) as T
  if (value === null || typeof value !== 'object') return value
  if (isVisible(value)) return value
  if (Array.isArray(value)) return value.map(visibleDeep) as T
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [visible(name), visibleDeep(part)])) as T
}

function isVisible(value: unknown): boolean {
  if (typeof value === 'string') return PLAIN.test(value)
  if (value === null || typeof value !== 'object') return true
  if (Array.isArray(value)) {
    for (const one of value) if (!isVisible(one)) return false
    return true
  }
  for (const name in value) if (!isPlain(name) || !isVisible((value as Record<string, unknown>)[name])) return false
  return true
}

/** Names are nearly always those of our own members, in tens of thousands of rows. */
function isPlain(name: string): boolean {
  if (plainNames.has(name)) return true
  if (!PLAIN.test(name)) return false
  if (plainNames.size < PLAIN_NAMES_MAX) plainNames.add(name)
  return true
}

const plainNames = new Set<string>()
const PLAIN_NAMES_MAX = 1024
