/**
 * The certificates that a run has met, and which bindings may have been made to each: one may have been shown to
 * somebody else, elsewhere, later.
 *
 * A busy link shows the same few again and again: who was met before is told by the bytes alone. What a binding to a
 * certificate may be is computed when a binding is asked about, which few captures have.
 */
import { hash } from 'node:crypto'
import type { CertificateFacts, ChainCertificate, ChannelFacts } from '../../facts/channel.ts'
import { LIMITS } from '../../memory/limits.ts'
import { RecentNumbers } from '../../memory/recent-numbers.ts'
import { readCertificate } from '../certificate.ts'
import { type BindingIndex, endPointCandidates, type KnownBinding } from '../channel-binding.ts'
import { Chains, markOf } from './chains.ts'

/** A certificate, and what is known of channels in clear by it: all connections that are alike share it. */
export interface ShownCertificate {
  readonly facts: CertificateFacts
  /** of a connection that shows it, and of one that goes on with such a one */
  readonly shown: ChannelFacts
  readonly resumed: ChannelFacts
}

/** those of which the bytes are kept, to be compared: a network has few servers that most clients ask */
const COMPARED_MAX = 1024
/** most have 1 to 3 kB; a message may have 128, and a thousand of these would be kept for whoever makes them */
const COMPARED_BYTES_MAX = 8192

class Known {
  readonly sha256: string
  /** the beginning of it */
  readonly number: number
  /** null: these bytes are no certificate */
  readonly shown: ShownCertificate | null
  /** null: not kept */
  der: Uint8Array | null = null
  /** that bindings to it may have; null: not made yet */
  values: readonly string[] | null = null
  /** it is among those that are known */
  isHeld = false
  /** of the facts; and how many bytes were shown of it at most */
  readonly chain: ChainCertificate[] = []
  chainBytes = 0

  constructor(der: Uint8Array, sha256: string) {
    this.sha256 = sha256
    this.number = numberOf(sha256)
    this.shown = shownOf(readCertificate(der, sha256, this.chain))
  }
}

export class Certificates implements BindingIndex {
  /** by the beginning of their hash; the latest ones are kept */
  readonly #known: RecentNumbers<Known>
  /** those whose bytes are kept, by the end of these: to compare takes a twentieth of what a hash does */
  readonly #compared = new RecentNumbers<Known>(COMPARED_MAX)
  /** by the value of a binding */
  readonly #bindings = new Map<string, KnownBinding>()
  /** those whose values are made when a binding is asked about: their bytes are kept until then */
  readonly #unmade = new Set<Known>()
  readonly #chains = new Chains()

  /** `max`: so many are known */
  constructor(max: number) {
    this.#known = new RecentNumbers(max)
  }

  /**
   * null: these bytes, which are borrowed, are no certificate. `chain`: what was shown behind it, borrowed as well; of
   * one that was shown with as much before nothing of it is looked at.
   */
  read(der: Uint8Array, chain: Uint8Array = NO_CHAIN, isSealed = false): ShownCertificate | null {
    const known = this.#read(der)
    if (known.shown === null) return null
    const chainBytes = Math.min(chain.length, LIMITS.chainBytesMax)
    if (chainBytes > known.chainBytes) {
      known.chainBytes = chainBytes
      this.#chains.read(chain.subarray(0, chainBytes), isSealed, known.chain)
    }
    return known.shown
  }

  #read(der: Uint8Array): Known {
    const compared = this.#compared.get(markOf(der))
    if (compared !== undefined && compared.der !== null && Buffer.compare(compared.der, der) === 0) {
      this.#hold(compared)
      return compared
    }
    const sha256 = hash('sha256', der)
    const known = this.#find(sha256) ?? new Known(der, sha256)
    this.#hold(known)
    if (known.shown === null) return known
    if (der.length > COMPARED_BYTES_MAX) this.#make(known, der)
    else {
      known.der = Uint8Array.from(der)
      const left = this.#compared.set(markOf(der), known)
      if (left !== undefined) this.#dropBytes(left)
    }
    return known
  }

  holds(sha256: string): boolean {
    return this.#find(sha256) !== undefined
  }

  find(value: string): KnownBinding | null {
    for (const known of this.#unmade) this.#make(known, known.der!)
    return this.#bindings.get(value) ?? null
  }

  #find(sha256: string): Known | undefined {
    const known = this.#known.get(numberOf(sha256))
    return known?.sha256 === sha256 ? known : undefined
  }

  /** It was shown now. */
  #hold(known: Known): void {
    const left = this.#known.set(known.number, known)
    if (left !== undefined) this.#letGo(left)
    if (known.isHeld || left === known) return
    known.isHeld = true
    if (known.shown !== null) this.#unmade.add(known)
  }

  #letGo(known: Known): void {
    known.isHeld = false
    this.#unmade.delete(known)
    for (const value of known.values ?? []) this.#bindings.delete(value)
    known.values = null
  }

  #dropBytes(known: Known): void {
    if (this.#unmade.has(known)) this.#make(known, known.der!)
    known.der = null
  }

  #make(known: Known, der: Uint8Array): void {
    this.#unmade.delete(known)
    if (known.values !== null) return
    const { sha256, shown } = known
    const candidates = endPointCandidates(der, shown!.facts)
    for (const { value, hash, isRight, slip } of candidates)
      this.#bindings.set(value, { certificate: sha256, hash: hash!, isRight, slip })
    known.values = candidates.map(({ value }) => value)
  }
}

function shownOf(certificate: CertificateFacts | null): ShownCertificate | null {
  if (certificate === null) return null
  return { facts: certificate, shown: channelOf(certificate, false), resumed: channelOf(certificate, true) }
}

function channelOf(certificate: CertificateFacts, resumed: boolean): ChannelFacts {
  const nothing = { opened: false, unique: null, exporters: NO_EXPORTERS }
  return { certificate, isCertificateInClear: true, resumed, ...nothing }
}

const NO_CHAIN = new Uint8Array(0)
const NO_EXPORTERS: readonly string[] = []

/** The first 52 bits: others that begin alike take each other's place. */
function numberOf(sha256: string): number {
  return Number.parseInt(sha256.slice(0, 13), 16)
}
