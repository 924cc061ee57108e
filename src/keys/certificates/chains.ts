/**
 * The chains that servers show behind their certificates: told as they were shown. Nothing is verified. Issuers are the
 * same few for many servers: each is read once, and known by its bytes.
 */
import { chainIn } from '../../../decoders/carriers/tls.ts'
import type { ChainCertificate } from '../../facts/channel.ts'
import { LIMITS } from '../../memory/limits.ts'
import { RecentNumbers } from '../../memory/recent-numbers.ts'
import { readCertificate } from '../certificate.ts'

/** null: these bytes are no certificate */
interface Link {
  readonly der: Uint8Array
  readonly facts: ChainCertificate | null
}

/** larger ones are read, and not remembered */
const COMPARED_BYTES_MAX = 8192
/** of a subject and an issuer: the name of an issuer has some fifty */
const NAME_CHARS_MAX = 512

export class Chains {
  /** by the end of their bytes */
  readonly #links = new RecentNumbers<Link>(LIMITS.chainCertificatesMax)

  /** Puts what a chain has, which is borrowed, in place of what is known of it, where that is less. */
  read(chain: Uint8Array, isSealed: boolean, known: ChainCertificate[]): void {
    const shown: ChainCertificate[] = []
    for (const der of chainIn(chain, isSealed, LIMITS.chainMax)) {
      const facts = this.#link(der)
      if (facts !== null) shown.push(facts)
    }
    if (shown.length > known.length) known.splice(0, known.length, ...shown)
  }

  #link(der: Uint8Array): ChainCertificate | null {
    const mark = markOf(der)
    const link = this.#links.get(mark)
    if (link !== undefined && Buffer.compare(link.der, der) === 0) return link.facts
    const facts = factsOf(der)
    if (der.length <= COMPARED_BYTES_MAX) this.#links.set(mark, { der: Uint8Array.from(der), facts })
    return facts
  }
}

/** What is told of a certificate in a chain: nothing is bound to it, and no host is called by its names. */
function factsOf(der: Uint8Array): ChainCertificate | null {
  const facts = readCertificate(der)
  if (facts === null) return null
  const { sha256, subject, issuer, notBefore, notAfter, signature, key, selfIssued } = facts
  return { sha256, subject: cut(subject), issuer: cut(issuer), notBefore, notAfter, signature, key, selfIssued }
}

/** A copy: what is cut off is not kept. */
function cut(name: string): string {
  return name.length > NAME_CHARS_MAX ? Buffer.from(name.slice(0, NAME_CHARS_MAX)).toString() : name
}

/** The end of its signature, where certificates differ most. */
export function markOf(der: Uint8Array): number {
  const { length } = der
  if (length < MARK_BYTES) return 0
  const low = (der[length - 1]! << 24) | (der[length - 2]! << 16) | (der[length - 3]! << 8) | der[length - 4]!
  return ((der[length - 5]! << 8) | der[length - 6]!) * 2 ** 32 + (low >>> 0)
}

const MARK_BYTES = 6
