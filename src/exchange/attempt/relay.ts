/**
 * Recognises NTLM that is handed on: the same ServerChallenge, or the same response, in two conversations of which one
 * host is the server of one and the client of the other.
 *
 * Bounded memory of marks, oldest out first. Copies of one conversation, and the views of one through address
 * translation, do not have that shape; challenges that tools send to everybody have no mark.
 */

import { deleteOldest } from '../../memory/bounded-map.ts'
import { LIMITS } from '../../memory/limits.ts'

/**
 * What an authentication is of a relay: which leg, and the frames of both challenges. It stands beside the attempt, so
 * that what waits for it holds nothing else of the attempt.
 */
export interface RelayLeg {
  relayed: 'from the victim' | 'to the target' | null
  frames: readonly number[]
}

interface Seen {
  readonly leg: RelayLeg
  readonly client: string
  readonly server: string
  /** microseconds since 1970 */
  readonly time: number
  /** frame key */
  readonly frame: number
}

/** a relay hands the challenge on within seconds; a slow victim takes minutes */
const RELAY_MICROS = 300e6

export class RelayWatch {
  readonly #marks = new Map<string, Seen>()

  /**
   * An attempt got its challenge, or sent its response; marks it and an earlier one where the two are legs of a relay.
   */
  seen(mark: string, now: Seen): void {
    const { leg, client, server, time, frame } = now
    const before = this.#marks.get(mark)
    if (before !== undefined && before.leg !== leg && Math.abs(time - before.time) <= RELAY_MICROS) {
      const handsOn = before.client === server || before.server === client
      const isSame = before.client === client || before.server === server
      if (handsOn && !isSame) {
        leg.relayed = before.client === server ? 'from the victim' : 'to the target'
        before.leg.relayed = leg.relayed === 'from the victim' ? 'to the target' : 'from the victim'
        for (const one of [leg, before.leg]) {
          for (const proof of [before.frame, frame])
            if (!one.frames.includes(proof)) one.frames = one.frames.concat(proof)
        }
      }
    }
    if (this.#marks.size >= LIMITS.relayMarksMax) deleteOldest(this.#marks)
    this.#marks.set(mark, now)
  }
}
