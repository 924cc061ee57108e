/**
 * JSON that a terminal may print: one value a line, and what it might obey is escaped.
 */

/** JSON escapes the controls below U+0020 only; these are C1 controls and characters that hide or reorder text. */
const UNSAFE = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g

/** One JSON value on one line, safe on a terminal. */
export function jsonText(value: unknown): string {
  return jsonSafe(JSON.stringify(value))
}

/** The same for JSON that is text already. */
export function jsonSafe(json: string): string {
  return json.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
