/**
 * Places in the memory of a half of an HTTP conversation (`Framing.state`). Constants alone: the engine has the same.
 */

/** the mode of this half (0: a message begins next), and above it what http-requests.ts keeps */
export const HTTP_MODE = 0x07
export const CHUNKS = 0x01
/** an answered CONNECT, an upgrade: the conversation is over */
export const TUNNEL = 0x02
/** RPC over HTTP: from here on this half is RPC */
export const CHANNEL = 0x03
/**
 * A body of `Framing.pending` bytes may not be there at all: the response may answer a HEAD that was not seen, or the
 * client may leave the body out because it was answered at once (Expect: 100-continue)
 */
export const UNSURE = 0x04

/* Which requests wait for their answers, see http-requests.ts. */
export const ANSWERS_AT = 3
export const ANSWERS_MASK = 7
export const COUNT_AT = 6
export const COUNT_MASK = 7
export const KINDS_AT = 9
export const KIND_BITS = 4
/** A client that pipelines more than this has its last requests taken for one. */
export const WAITING_MAX = 5

/**
 * so many messages of this half were kept because their bodies say how they are protected: the first may come before
 * the authentication
 */
export const SAMPLE = 1 << 29
export const SAMPLES = 3 << 29
