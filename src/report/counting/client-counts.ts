/**
 * How many clients there are: of those that authenticate, and of those that were seen to ask a KDC, up to `clientsMax`
 * each. One map for both: most do both, and a set of as many addresses has 1.3 MB beside their texts.
 */
import { LIMITS } from '../../memory/limits.ts'

const AUTHENTICATES = 1
const ASKS_KDC = 2

export class ClientCounts {
  authenticating = 0
  askingKdcs = 0
  readonly #clients = new Map<string, number>()

  authenticates(ip: string): void {
    if (this.authenticating < LIMITS.clientsMax && this.#isNew(ip, AUTHENTICATES)) this.authenticating++
  }

  asksKdc(ip: string): void {
    if (this.askingKdcs < LIMITS.clientsMax && this.#isNew(ip, ASKS_KDC)) this.askingKdcs++
  }

  #isNew(ip: string, kind: number): boolean {
    const before = this.#clients.get(ip) ?? 0
    if ((before & kind) !== 0) return false
    this.#clients.set(ip, before | kind)
    return true
  }
}
