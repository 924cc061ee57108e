/**
 * Recognises NTLM that is handed on: the same ServerChallenge in two conversations of which one host is the server of one and the client of the other.
 *
 * Bounded memory of challenges, oldest out first. Copies of one conversation, and the views of one through address translation, do not have that
 * shape; challenges that tools send to everybody are left out.
 */
import type { Attempt } from './attempt.ts'
import { LIMITS } from './limits.ts'

interface Challenged {
  readonly attempt: Attempt
  readonly client: string
  readonly server: string
  readonly time: number
  readonly frame: number
}

/** a relay hands the challenge on within seconds; a slow victim takes minutes */
const RELAY_MICROS = 300e6

export class RelayWatch {
  readonly #challenges = new Map<string, Challenged>()

  /** An attempt got its challenge; marks it and the earlier one where the two are legs of a relay. `frame` is a frame key. */
  challenged(attempt: Attempt, client: string, server: string, time: number, frame: number): void {
    const challenge = attempt.challenge?.serverChallenge
    if (challenge === undefined || isToolChallenge(challenge)) return
    const key = Buffer.from(challenge).toString('latin1')
    const before = this.#challenges.get(key)
    if (before !== undefined && before.attempt !== attempt && time - before.time <= RELAY_MICROS) {
      const handsOn = before.client === server || before.server === client
      const isSame = before.client === client || before.server === server
      if (handsOn && !isSame) {
        attempt.relayed = before.client === server ? 'from the victim' : 'to the target'
        before.attempt.relayed = attempt.relayed === 'from the victim' ? 'to the target' : 'from the victim'
        attempt.relayFrames.push(before.frame, frame)
        before.attempt.relayFrames.push(before.frame, frame)
      }
    }
    if (this.#challenges.size >= LIMITS.challengesMax) {
      const [oldest] = this.#challenges.keys()
      this.#challenges.delete(oldest!)
    }
    this.#challenges.set(key, { attempt, client, server, time, frame })
  }
}

/** Challenges that tools send to everybody: they recur without a relay. */
function isToolChallenge(challenge: Uint8Array): boolean {
  const first = challenge[0]!
  if (challenge.every((byte) => byte === first)) return true
  return challenge.every((byte, at) => byte === 0x11 * (at + 1))
}
