/**
 * The TLS channels of a run: what a handshake shows becomes facts of the conversation, and a connection that is resumed
 * finds the certificate of the one before it. Sessions are remembered by hashes of what names them; nothing secret is
 * in here. Busy: a span port shows more handshakes than anything else that is read, so that what is alike is shared.
 */
import { randomInt } from 'node:crypto'
import { brotliDecompressSync, inflateSync } from 'node:zlib'
import type { HandshakeStep } from '../../decoders/carrier.ts'
import { certificatesIn } from '../../decoders/carriers/tls.ts'
import { type ChannelFacts, NO_CHANNEL } from '../facts/channel.ts'
import { Certificates, type ShownCertificate } from '../keys/certificates/certificates.ts'
import type { BindingIndex } from '../keys/channel-binding.ts'
import { LIMITS } from '../memory/limits.ts'
import { RecentNumbers } from '../memory/recent-numbers.ts'
import type { Conversation } from '../stream/conversation.ts'

/** What is remembered of the channel of one conversation. */
class Channel {
  facts: ChannelFacts = NO_CHANNEL
  /** the one of the facts; null: none was shown */
  certificate: ShownCertificate | null = null
  /** names by which the client would resume, hashed */
  offeredSession = NO_NAME
  offeredTickets: readonly number[] = NO_TICKETS
  /** by which this one may be resumed */
  session = NO_NAME
  /** whether the ticket was taken is told by what comes next; null: it is known */
  undecided: Undecided | null = null
}

/** A ticket that may have been taken, and those that the server gives in its place meanwhile. */
interface Undecided {
  readonly ticket: number
  renewed: readonly number[]
}

const LOST: readonly number[] = [0]
const NO_NAME = 0
const NO_TICKETS: readonly number[] = []

const BEGUN_ANEW: ChannelFacts = { ...NO_CHANNEL, resumed: false }
const RESUMED: ChannelFacts = { ...NO_CHANNEL, resumed: true }

export class Channels {
  readonly #certificates = new Certificates(LIMITS.certificatesMax)
  /** certificates by the sessions that were agreed upon under them */
  readonly #sessions = new RecentNumbers<ShownCertificate>(LIMITS.tlsSessionsMax)

  /** Which certificate a binding was made for. */
  get bindings(): BindingIndex {
    return this.#certificates
  }

  /** What is known after this message; null: nothing new. */
  take(conversation: Conversation, step: HandshakeStep): ChannelFacts | null {
    conversation.channel ??= new Channel()
    const channel = conversation.channel as Channel
    const before = channel.facts
    switch (step.message) {
      case 'ClientHello':
        channel.offeredSession = nameOf(step.session)
        channel.offeredTickets = step.tickets.length === 0 ? NO_TICKETS : step.tickets.map(nameOf)
        break
      case 'ServerHello':
        this.#serverHello(channel, step)
        break
      case 'Certificate':
        if (step.from === 'server') this.#certificate(channel, step)
        // whoever shows one need not log on inside
        else if (step.certificate !== null) conversation.sealed = LOST
        break
      case 'CompressedCertificate':
        if (step.from === 'server' && step.compressed !== null)
          this.#certificate(channel, { ...certificatesIn(inflated(step.compressed)), isSealed: step.isSealed })
        break
      case 'NewSessionTicket':
        if (channel.undecided !== null) channel.undecided.renewed = step.tickets.map(nameOf)
        else for (const ticket of step.tickets) this.#remember(nameOf(ticket), channel.certificate)
        break
      case 'ChangeCipherSpec':
        if (channel.undecided !== null) this.#taken(channel, channel.undecided)
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

  #serverHello(channel: Channel, { session, selected, mayResumeUnnamed }: HandshakeStep): void {
    const name = nameOf(session)
    const { offeredSession, offeredTickets } = channel
    channel.session = name
    const resumed = selected !== null || (name !== NO_NAME && name === offeredSession)
    const ticket = offeredTickets.at(selected ?? -1)
    const known = resumed ? (this.#sessions.get(ticket ?? name) ?? this.#sessions.get(name) ?? null) : null
    begin(channel)
    const isUndecided = !resumed && mayResumeUnnamed && ticket !== undefined
    channel.undecided = isUndecided ? { ticket, renewed: NO_TICKETS } : null
    // in TLS 1.3, which names what it goes on with by its place, no certificate was ever in clear
    change(channel, known, isUndecided ? null : resumed, known !== null && selected === null)
    // it may be resumed by the same name again
    if (known !== null) this.#remember(name, known)
  }

  /** The server changes its cipher, and has shown nothing before: it goes on with the ticket. */
  #taken(channel: Channel, { ticket, renewed }: Undecided): void {
    const known = this.#sessions.get(ticket) ?? null
    channel.undecided = null
    change(channel, known, true, known !== null)
    for (const name of [ticket, ...renewed]) this.#remember(name, known)
  }

  #certificate(
    channel: Channel,
    { certificate, chain, isSealed }: Pick<HandshakeStep, 'certificate' | 'chain' | 'isSealed'>,
  ): void {
    channel.undecided = null
    const shown = certificate === null ? null : this.#certificates.read(certificate, chain, isSealed)
    if (shown === null) return
    change(channel, shown, false, !isSealed)
    this.#remember(channel.session, shown)
  }

  #remember(name: number, certificate: ShownCertificate | null): void {
    if (name !== NO_NAME && certificate !== null) this.#sessions.set(name, certificate)
  }
}

/** What the handshake before was bound to is no more that of the connection. */
function begin(channel: Channel): void {
  const { unique, exporters, former = [] } = channel.facts
  const made = unique === null ? exporters : [unique, ...exporters]
  if (made.length === 0) return
  channel.facts = { ...channel.facts, unique: null, exporters: [], former: [...former, ...made].slice(-FORMER_MAX) }
}

/** of two renegotiations: who asks for more is not one that logs on */
const FORMER_MAX = 6

/** Its facts with these members: of connections that nobody has the keys of, all that are alike are one object. */
function change(
  channel: Channel,
  certificate: ShownCertificate | null,
  resumed: boolean | null,
  isCertificateInClear: boolean,
): void {
  const before = channel.facts
  channel.certificate = certificate
  const isKnownByKeys =
    before.opened || before.unique !== null || before.exporters.length > 0 || before.former !== undefined
  if (isKnownByKeys || (certificate !== null && !isCertificateInClear))
    channel.facts = { ...before, certificate: certificate?.facts ?? null, resumed, isCertificateInClear }
  else if (certificate === null) channel.facts = resumed === null ? NO_CHANNEL : resumed ? RESUMED : BEGUN_ANEW
  else channel.facts = resumed ? certificate.resumed : certificate.shown
}

/**
 * A session id or a ticket as a number of 53 bits, made with a secret; NO_NAME where it is empty. Both are in clear:
 * who wants to be taken for another one repeats its name, and need not find one that is alike.
 */
function nameOf(bytes: Uint8Array): number {
  const { length } = bytes
  if (length === 0) return NO_NAME
  let one = SECRETS[0] ^ length
  let two = SECRETS[1]
  // four at a time: behind the last ones there is nothing, which counts as zeros
  for (let at = 0; at < length; at += 4) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    one = Math.imul(one ^ word, 0x85eb_ca6b)
    one ^= one >>> 15
    two = Math.imul(two + word, 0xc2b2_ae35)
    two ^= two >>> 13
  }
  return (two >>> 11) * 2 ** 32 + (one >>> 0) || 1
}

const SECRETS = [randomInt(2 ** 32), randomInt(2 ** 32)] as const

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
