/**
 * The TLS channels of a run: what a handshake shows becomes facts of the conversation, and a connection that is resumed
 * finds the certificate of the one before it. Sessions are remembered by hashes of what names them; nothing secret is
 * in here.
 */
import { createHash } from 'node:crypto'
import { brotliDecompressSync, inflateSync } from 'node:zlib'
import type { HandshakeStep } from '../../decoders/carrier.ts'
import { certificatesIn } from '../../decoders/carriers/tls.ts'
import type { CertificateFacts, ChannelFacts } from '../facts/channel.ts'
import { Certificates } from '../keys/certificate.ts'
import type { BindingIndex } from '../keys/channel-binding.ts'
import { deleteOldest } from '../memory/bounded-map.ts'
import { LIMITS } from '../memory/limits.ts'
import type { Conversation } from '../stream/conversation.ts'

/** What is remembered of the channel of one conversation. */
interface Channel {
  facts: ChannelFacts
  /** names by which the client would resume, hashed */
  offeredSession: string
  offeredTickets: readonly string[]
  /** by which this one may be resumed */
  session: string
}

const LOST: readonly number[] = [0]

const NO_FACTS: ChannelFacts = {
  certificate: null,
  isCertificateInClear: false,
  resumed: null,
  opened: false,
  unique: null,
  exporters: [],
}

export class Channels {
  readonly #certificates = new Certificates(LIMITS.certificatesMax)
  /** certificates by the sessions that were agreed upon under them */
  readonly #sessions = new Map<string, CertificateFacts>()

  /** Which certificate a binding was made for. */
  get bindings(): BindingIndex {
    return this.#certificates.bindings
  }

  /** What is known after this message; null: nothing new. */
  take(conversation: Conversation, step: HandshakeStep): ChannelFacts | null {
    conversation.channel ??= { facts: NO_FACTS, offeredSession: '', offeredTickets: [], session: '' } satisfies Channel
    const channel = conversation.channel as Channel
    const before = channel.facts
    switch (step.message) {
      case 'ClientHello':
        channel.offeredSession = nameOf(step.session)
        channel.offeredTickets = step.tickets.map(nameOf)
        break
      case 'ServerHello':
        this.#serverHello(channel, step)
        break
      case 'Certificate':
        if (step.from === 'server') this.#certificate(channel, step.certificates[0], step.isSealed)
        // whoever shows one need not log on inside
        else if (step.certificates.length > 0) conversation.sealed = LOST
        break
      case 'CompressedCertificate':
        if (step.from === 'server' && step.compressed !== null)
          this.#certificate(channel, certificatesIn(inflated(step.compressed))[0], step.isSealed)
        break
      case 'NewSessionTicket':
        for (const ticket of step.tickets) this.#remember(nameOf(ticket), channel.facts.certificate)
        break
      case 'sealed':
        conversation.sealed = [...conversation.sealed, step.from === 'client' ? step.sealedBytes : -step.sealedBytes]
        break
      case 'opened':
        channel.facts = { ...channel.facts, ...step.bindings }
        break
    }
    return channel.facts === before ? null : channel.facts
  }

  /** What was sealed is read now; null: nothing was. */
  opened(conversation: Conversation): ChannelFacts | null {
    const channel = conversation.channel as Channel | null
    if (channel === null || channel.facts.opened) return null
    channel.facts = { ...channel.facts, opened: true }
    return channel.facts
  }

  #serverHello(channel: Channel, { session, selected }: HandshakeStep): void {
    const name = nameOf(session)
    const { offeredSession, offeredTickets } = channel
    channel.session = name
    const resumed = selected !== null || (name !== '' && name === offeredSession)
    const ticket = offeredTickets[selected ?? 0]
    const known = resumed ? (this.#sessions.get(ticket ?? name) ?? this.#sessions.get(name) ?? null) : null
    channel.facts = { ...channel.facts, resumed, certificate: known, isCertificateInClear: known !== null }
    // it may be resumed by the same name again
    if (known !== null && name !== '') this.#remember(name, known)
  }

  #certificate(channel: Channel, der: Uint8Array | undefined, isSealed: boolean): void {
    const certificate = der === undefined ? null : this.#certificates.read(der)
    if (certificate === null) return
    channel.facts = { ...channel.facts, certificate, resumed: false, isCertificateInClear: !isSealed }
    this.#remember(channel.session, certificate)
  }

  #remember(name: string, certificate: CertificateFacts | null): void {
    if (name === '' || certificate === null) return
    this.#sessions.delete(name)
    this.#sessions.set(name, certificate)
    if (this.#sessions.size > LIMITS.tlsSessionsMax) deleteOldest(this.#sessions)
  }
}

/** A session id as it is, or the hash of a ticket, which is longer than any id; '' where it is empty. */
function nameOf(bytes: Uint8Array): string {
  const { buffer, byteOffset, length } = bytes
  if (length <= SESSION_ID_BYTES_MAX) return Buffer.from(buffer, byteOffset, length).toString('latin1')
  return createHash('sha1').update(bytes).digest('hex')
}

const SESSION_ID_BYTES_MAX = 32

/** The message in a CompressedCertificate, RFC 8879 4; empty: a kind that cannot be inflated here, or damaged. */
function inflated({ algorithm, data }: NonNullable<HandshakeStep['compressed']>): Uint8Array {
  const options = { maxOutputLength: LIMITS.inflatedBytesMax }
  try {
    if (algorithm === ZLIB) return inflateSync(data, options)
    if (algorithm === BROTLI) return brotliDecompressSync(data, options)
  } catch {
    // not what it says it is, or too long
  }
  return new Uint8Array(0)
}

const ZLIB = 1
const BROTLI = 2
