/** Seeded numbers (xorshift32) and bytes: the same mix on every machine. */

export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0 || 1
  }

  /** 0 to 2^32 - 1 */
  next(): number {
    let state = this.#state
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state
    return state >>> 0
  }

  below(count: number): number {
    return this.next() % count
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  /** 0 to 1 */
  unit(): number {
    return this.next() / 4_294_967_296
  }

  /** Exponential, mean 1, at most 6: a few long flows and many short ones. */
  exponential(): number {
    return Math.min(6, -Math.log(1 - this.unit()))
  }
}

/** What stands for encrypted, compressed and other content: a megabyte from which every packet takes another piece. */
export function contentPool(seed: number): Uint8Array {
  const random = new Random(seed)
  const words = new Uint32Array(1 << 18)
  for (let at = 0; at < words.length; at++) words[at] = random.next()
  return new Uint8Array(words.buffer)
}

/** What stands in conversations that no carrier speaks. */
export const PAYLOADS = ['random', 'text', 'base64', 'zeros', 'html'] as const
export type Payload = (typeof PAYLOADS)[number]

const WORDS =
  'the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you were all her she there would ' +
  'their we him been has when who will no more if out so up said what its about than into them can only other time new some could these two may first'
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const TAGS = [
  '<p>',
  '</p>\n<p>',
  '<a href="/docs/page.html" class="link">',
  '</a>',
  '<div class="row">\n  ',
  '</div>\n',
  '<td>',
]

/** A pool of one kind of content. */
export function poolOf(payload: Payload, seed: number): Uint8Array {
  const pool = contentPool(seed)
  if (payload === 'random') return pool
  if (payload === 'zeros') return pool.fill(0)
  const random = new Random(seed)
  if (payload === 'base64') return pool.map((byte) => DIGITS.charCodeAt(byte & 63))
  const words = WORDS.split(' ')
  let text = ''
  while (text.length < pool.length) {
    const mark = random.below(12)
    const tag = payload === 'html' && mark < 4 ? TAGS[random.below(TAGS.length)]! : ''
    text += `${tag}${words[random.below(words.length)]!}${mark === 11 ? '.\r\n' : mark === 10 ? ', ' : ' '}`
  }
  return Uint8Array.from(Buffer.from(text.slice(0, pool.length), 'latin1'))
}
