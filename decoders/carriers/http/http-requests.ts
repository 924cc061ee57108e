/**
 * Which requests of a connection wait for their answers: a response does not say what it answers, and where its body
 * ends depends on it (RFC 9112 6.3).
 *
 * Kept in `Framing.state` of the two halves, above the mode: that of the client holds what was asked since the answer
 * before, that of the server counts its final answers. Neither half writes what the other remembers. Hot: bits alone.
 *
 * ```
 * client   3 how many answers there were at its latest request   6 how many requests wait, as far as it knew then
 *     9 their kinds, the oldest first
 * server   3 final answers, 1 to 7 and then 1 again; 0: none yet
 * ```
 */
import { ANSWERS_AT, ANSWERS_MASK, COUNT_AT, COUNT_MASK, KIND_BITS, KINDS_AT, WAITING_MAX } from './http-bits.ts'

const KIND_MASK = (1 << KIND_BITS) - 1

/** What a response must know of its request. */
export const PLAIN = 0
/** it has no body, whatever its length says */
export const ASKED_HEAD = 1
export const ASKED_TUNNEL = 2
/** credentials were sent: the answer tells how they were taken */
export const ASKED_WITH_CREDENTIALS = 4
/** the channel of RPC over HTTP on which the server speaks */
export const ASKED_CHANNEL = 8
/** nobody knows: the request is not in the capture */
export const NOT_SEEN = -1

/** The client's memory after a request of this kind; the mode is 0. */
export function asked(client: number, server: number, kind: number): number {
  const answers = (server >> ANSWERS_AT) & ANSWERS_MASK
  let count = (client >> COUNT_AT) & COUNT_MASK
  // a server half that counts from its beginning again has lost its place: who waits for what is not known
  const isLost = answers === 0 && ((client >> ANSWERS_AT) & ANSWERS_MASK) !== 0
  const answered = isLost ? count : Math.min(count, answersSince(client, server))
  let kinds = (client >> KINDS_AT) >> (KIND_BITS * answered)
  count -= answered
  if (count === WAITING_MAX) count--
  kinds |= kind << (KIND_BITS * count)
  return (answers << ANSWERS_AT) | ((count + 1) << COUNT_AT) | (kinds << KINDS_AT)
}

/** The server's memory after a final answer; the mode is 0. */
export function answered(server: number): number {
  const answers = (server >> ANSWERS_AT) & ANSWERS_MASK
  return (answers === ANSWERS_MASK ? 1 : answers + 1) << ANSWERS_AT
}

/**
 * Either memory behind a hole. What a client asked in it is not known. Of a server's answers in it at least one is
 * missing: the client's next request finds all before it answered.
 */
export function afterHole(state: number): number {
  if (((state >> COUNT_AT) & COUNT_MASK) > 0) return 0
  const answers = (state >> ANSWERS_AT) & ANSWERS_MASK
  return (answers === 0 ? ANSWERS_MASK - 1 : answers === 1 ? ANSWERS_MASK : answers - 1) << ANSWERS_AT
}

/** The kind of request that the next response answers. */
export function kindAnswered(client: number, server: number): number {
  const count = (client >> COUNT_AT) & COUNT_MASK
  if (count === 0) return NOT_SEEN
  const at = Math.min(count - 1, answersSince(client, server))
  return (client >> (KINDS_AT + KIND_BITS * at)) & KIND_MASK
}

/** The kind of the latest request of this half; NOT_SEEN where it sent none. */
export function latest(client: number): number {
  const count = (client >> COUNT_AT) & COUNT_MASK
  return count === 0 ? NOT_SEEN : (client >> (KINDS_AT + KIND_BITS * (count - 1))) & KIND_MASK
}

/** Has the latest request its final answer? */
export function isAnswered(client: number, server: number): boolean {
  return answersSince(client, server) >= ((client >> COUNT_AT) & COUNT_MASK)
}

function answersSince(client: number, server: number): number {
  const before = (client >> ANSWERS_AT) & ANSWERS_MASK
  const now = (server >> ANSWERS_AT) & ANSWERS_MASK
  if (now === 0 || before === 0) return now
  return (now - before + ANSWERS_MASK) % ANSWERS_MASK
}
