/**
 * Names of hosts in the text of a script or of a policy: what stands behind `\\` or `//`, addresses, and names with a
 * domain. ASCII, as host names are, in 8 bits or in UTF-16 of either order.
 *
 * A text may come in pieces. What touches the edge of a piece may be a part of a longer name, and is no mention: the
 * edges are given, so that whoever knows which piece follows can read over the seam. Nothing is borrowed.
 */
import { latin1 } from './text.ts'

export interface Mentions {
  /** distinct, in lower case, those behind `\\` and `//` and addresses first */
  readonly hosts: readonly string[]
  /**
   * there may be hosts that are not seen: a name is put together when it runs (`\\%SERVER%\`, `\\$server\`,
   * `"\\" & server`), or is not ASCII, or the piece is no text
   */
  readonly isUnsure: boolean
  /** what the piece begins and ends with, as far as it may be part of a mention */
  readonly start: string
  readonly end: string
}

const HOSTS_MAX = 128
/** characters of an edge that are given */
export const EDGE_MAX = 300
/** Binary files are told by their first bytes. */
const HEAD_BYTES = 512

/*
 * Behind two and more slashes (JSON and patterns double them; `\\?\UNC\` may stand before the name), or an address, or
 * a name with a domain. Every repetition is bounded, or is of what the one before it cannot hold: no text takes a
 * square of its length.
 */
const MENTION =
  /(?<![\\/])([\\/]{2,8}(?:\?\\{1,4}UNC\\{1,4})?(?:\[[0-9a-f:.]{2,45}\]|[a-z0-9_][a-z0-9._-]{0,254}))|(?<![a-z0-9._-])((?:\d{1,3}\.){3}\d{1,3}(?![a-z0-9_-]|\.\d)|[a-z0-9_][a-z0-9_-]*(?:\.[a-z0-9_-]+)*\.[a-z]{2,63}(?![a-z0-9_-]))/gi
const UNSURE = /(?<![\\/])[\\/]{2,4}(?:[%$\x01\x80-\xff]|["'][ \t]{0,8}[&+])/
const LEADING = /^(?:\\{2}\?\\UNC\\|[\\/]{2,8}(?:\?\\{1,4}UNC\\{1,4})?)/i
const STARTS = /^[\\/?[\]:a-z0-9._-]{0,300}/i
const ENDS = /[\\/?[\]:a-z0-9._-]{0,300}$/i

/** In a piece of which it is not known what stands before and behind it. */
export function mentionsIn(bytes: Uint8Array): Mentions {
  const found = textOf(bytes)
  const text = found === null ? '' : found.text
  return {
    hosts: mentionsOf(text, false, false),
    isUnsure: found === null || UNSURE.test(text),
    start: STARTS.exec(text)![0],
    end: ENDS.exec(text.slice(-EDGE_MAX))![0],
  }
}

/** `begins`, `ends`: the text begins or ends here, and what touches that edge is whole. */
export function mentionsOf(text: string, begins: boolean, ends: boolean): readonly string[] {
  const slashed = new Set<string>()
  const bare = new Set<string>()
  for (const { index, 0: all, 1: behind } of text.matchAll(MENTION)) {
    if (!begins && index === 0) continue
    if (!ends && index + all.length === text.length) continue
    const isBare = behind === undefined
    const host = isBare ? all : all.replace(LEADING, '').replace(/^\[|\]$/g, '')
    const kept = isBare && !isIpv4(host) ? bare : slashed
    if (kept.size < HOSTS_MAX) kept.add(host.toLowerCase().replace(/\.$/, ''))
  }
  return [...new Set([...slashed, ...bare])]
}

function isIpv4(host: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(host)
}

/**
 * The same bytes with blanks in the place of everything but hosts behind `\\` and `//`, addresses and the ends of
 * lines: a script may hold a password. null: it is no text.
 */
export function blankedButHosts(bytes: Uint8Array): Uint8Array | null {
  const found = textOf(bytes)
  if (found === null) return null
  const { text, width, at } = found
  const kept = new Uint8Array(text.length)
  for (const { index, 0: all, 1: behind } of text.matchAll(MENTION))
    if (behind !== undefined || isIpv4(all)) kept.fill(1, index, index + all.length)
  const blanked = bytes.slice()
  for (let index = 0; index < text.length; index++) {
    if (kept[index] === 1 || text[index] === '\r' || text[index] === '\n') continue
    const place = at + index * width
    // the byte order mark stays, so that the same is read again
    if (index === 0 && place < 2 && isMark(bytes)) continue
    blanked[place] = BLANK
    if (width === 2) blanked[at === 0 ? place + 1 : place - 1] = 0
  }
  return blanked
}

const BLANK = 0x20

interface Text {
  /** a character for each `width` bytes from `at` on */
  readonly text: string
  readonly width: 1 | 2
  readonly at: number
}

/** null: neither ASCII with whatever code page in its upper half, nor UTF-16 of mostly ASCII. */
function textOf(bytes: Uint8Array): Text | null {
  const head = bytes.subarray(0, HEAD_BYTES)
  const counts = [0, 0]
  let controls = 0
  for (let at = 0; at < head.length; at++) {
    const byte = head[at]!
    if (byte === 0) counts[at & 1]!++
    else if (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 26) controls++
  }
  const half = head.length >> 1
  const zeros = counts[0]! + counts[1]!
  if (zeros === 0) return controls === 0 ? { text: latin1(bytes), width: 1, at: 0 } : null
  // the lower bytes stand where there are no zeros
  const at = counts[0]! > counts[1]! ? 1 : 0
  if (counts[1 - at]! < half / 2 || counts[at]! > half / 16 || controls > half / 8) return null
  return { text: everySecond(bytes, at), width: 2, at }
}

/** Characters beyond ASCII become one that no name has. */
function everySecond(bytes: Uint8Array, at: number): string {
  const low = new Uint8Array((bytes.length - at + 1) >> 1)
  for (let index = 0; index < low.length; index++) {
    const place = at + 2 * index
    const high = bytes[at === 0 ? place + 1 : place - 1] ?? 0
    low[index] = high === 0 ? bytes[place]! : OTHER
  }
  return latin1(low)
}

const OTHER = 0x01

function isMark(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
}
