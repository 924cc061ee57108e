/**
 * Keys of what is remembered per pair or per conversation, as flat strings.
 *
 * A template of five parts is a chain of eight strings in V8 until somebody looks into it, and a map that keeps it
 * keeps the chain: 190 bytes a key instead of 60, for tens of thousands of them.
 */

/** The parts with a blank between them. */
export function flatKey(...parts: readonly (string | number)[]): string {
  return parts.join(' ')
}

const last = { client: '', server: '', service: '', key: '' }

/** The key of a pair. The folds ask for the same one after each other: they keep one string together. */
export function pairKey(client: string, server: string, service: string): string {
  if (client === last.client && server === last.server && service === last.service) return last.key
  last.client = client
  last.server = server
  last.service = service
  last.key = flatKey(client, server, service)
  return last.key
}

/** The client of a pair's key. */
export function clientOfKey(key: string): string {
  return key.slice(0, key.indexOf(' '))
}
