/**
 * The certificates that a run has met, and which bindings may have been made to each: one may have been shown to
 * somebody else, elsewhere, later.
 *
 * A busy link shows the same few again and again: who was met before is told by the bytes alone. What a binding to a
 * certificate may be is computed when a binding is asked about, which few captures have.
 */
import { hash } from 'node:crypto'
import type { CertificateFacts, ChannelFacts } from '../facts/channel.ts'
import { RecentNumbers } from '../memory/recent-numbers.ts'
import { readCertificate } from './certificate.ts'
import { type BindingIndex, endPointCandidates, type KnownBinding } from './channel-binding.ts'

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

  constructor(sha256: string, shown: ShownCertificate | null) {
    this.sha256 = sha256
    this.number = numberOf(sha256)
    this.shown = shown
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

  /** `max`: so many are known */
  constructor(max: number) {
    this.#known = new RecentNumbers(max)
  }

  /** null: these bytes, which are borrowed, are no certificate */
  read(der: Uint8Array): ShownCertificate | null {
    const compared = this.#compared.get(markOf(der))
    if (compared !== undefined && compared.der !== null && Buffer.compare(compared.der, der) === 0) {
      this.#hold(compared)
      return compared.shown
    }
    const sha256 = hash('sha256', der)
    const known = this.#find(sha256) ?? new Known(sha256, shownOf(readCertificate(der, sha256)))
    this.#hold(known)
    if (known.shown === null) return null
    if (der.length > COMPARED_BYTES_MAX) this.#make(known, der)
    else {
      known.der = Uint8Array.from(der)
      const left = this.#compared.set(markOf(der), known)
      if (left !== undefined) this.#dropBytes(left)
    }
    return known.shown
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

const NO_EXPORTERS: readonly string[] = []

/** The first 52 bits: others that begin alike take each other's place. */
function numberOf(sha256: string): number {
  return Number.parseInt(sha256.slice(0, 13), 16)
}

/** The end of its signature, where certificates differ most. */
function markOf(der: Uint8Array): number {
  const { length } = der
  if (length < MARK_BYTES) return 0
  const low = (der[length - 1]! << 24) | (der[length - 2]! << 16) | (der[length - 3]! << 8) | der[length - 4]!
  return ((der[length - 5]! << 8) | der[length - 6]!) * 2 ** 32 + (low >>> 0)
}

const MARK_BYTES = 6
