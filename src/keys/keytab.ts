/**
 * Keytabs: the long-term keys of accounts, as MIT Kerberos writes them to a file.
 *
 * Format: `05 02`, then entries; all numbers are big-endian. Names are those of accounts (`web1$`), tickets have those
 * of services (`HTTP/web1.corp.example`): a key is found by its etype and version, never by its name. No key leaves
 * this folder.
 */
import { Cursor } from '../../decoders/parts/cursor.ts'
import { utf8Text } from '../../decoders/parts/text.ts'
import { readWhole, whyUnread } from './unread.ts'

export interface KeytabKey {
  /** `web1$@CORP.EXAMPLE` */
  readonly principal: string
  readonly etype: number
  readonly kvno: number
  /** the version has its low eight bits alone */
  readonly isShortVersion: boolean
  readonly key: Buffer
}

export class KeytabError extends Error {}

/** a keytab of every account of a large domain */
const KEYTAB_BYTES_MAX = 64 << 20
const KEYS_MAX = 100_000
const KEY_BYTES: Readonly<Record<number, number>> = { 17: 16, 18: 32, 19: 16, 20: 32, 23: 16 }

/** Reads a keytab. Throws a `KeytabError` where it is none. */
export function readKeytab(path: string): KeytabKey[] {
  let bytes: Buffer
  try {
    bytes = readWhole(path, KEYTAB_BYTES_MAX)
  } catch (error) {
    throw new KeytabError(`${path}: ${whyUnread(error)}; expected a keytab`)
  }
  try {
    return keysIn(bytes, path)
  } finally {
    bytes.fill(0)
  }
}

/**
 * ```
 * entry    size 4 (negative: a hole)   components 2   realm<2>   component<2> ...   name type 4   time 4   version 1
 *     etype 2   key<2>   version 4, perhaps
 * ```
 */
export function keysIn(bytes: Uint8Array, path: string): KeytabKey[] {
  if (bytes.length < 2 || bytes[0] !== 5 || bytes[1] !== 2)
    throw new KeytabError(`${path}: expected a keytab of version 5.2 (its first bytes are 05 02)`)
  const keys: KeytabKey[] = []
  const whole = new Cursor(bytes, 2)
  while (whole.remaining >= 4 && keys.length < KEYS_MAX) {
    const at = whole.pos
    const size = whole.u32be() | 0
    if (size === 0) break
    const entry = whole.sub(Math.abs(size))
    if (entry.failed)
      throw new KeytabError(`${path}: the entry at byte ${at} has ${Math.abs(size)} bytes, which are not there`)
    if (size < 0) continue
    const key = readEntry(entry)
    if (key === null) throw new KeytabError(`${path}: the entry at byte ${at} cannot be read`)
    if (KEY_BYTES[key.etype] === key.key.length) keys.push(key)
  }
  return keys
}

function readEntry(entry: Cursor): KeytabKey | null {
  const count = entry.u16be()
  if (count > 64) return null
  const counted = () => utf8Text(entry.take(entry.u16be()))
  const realm = counted()
  const components = Array.from({ length: count }, counted)
  entry.skip(8)
  const short = entry.u8()
  const etype = entry.u16be()
  const key = Buffer.from(entry.take(entry.u16be()))
  if (entry.failed) return null
  const long = entry.remaining >= 4 ? entry.u32be() : 0
  return { principal: `${components.join('/')}@${realm}`, etype, kvno: long || short, isShortVersion: long === 0, key }
}
