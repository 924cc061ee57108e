/**
 * Is a channel binding the right one? The value in a token against everything that a binding to this very channel may
 * be.
 *
 * RFC 5929, RFC 9266, MS-NLMP 3.1.5.1.2. `mismatch` accuses somebody, so it is said only where all that could be right
 * is known: never of a resumed connection without its beginning, of signatures for which the rule is disputed, nor of
 * SQL Server where its own kind (tls-unique) cannot be computed.
 */
import type { Service } from '../../decoders/carrier.ts'
import type { BindingFacts, BindingWitness, ChannelFacts } from '../facts/channel.ts'
import type { AuthExchange, ChannelBindingState } from '../facts/exchange.ts'
import { type BindingIndex, isDisputed } from '../keys/channel-binding.ts'

/** What is asked. */
export interface BindingCase {
  /** in hexadecimal; '': sixteen zeros; null: the token has none */
  readonly value: string | null
  /** the value was in the authenticator of a ticket that a keytab opened */
  readonly isFromTicket: boolean
  readonly service: Service
  readonly isInTls: boolean
  readonly version: string | null
  readonly channel: ChannelFacts | null
}

export interface BindingJudgement {
  readonly state: ChannelBindingState
  readonly binding: BindingFacts | null
}

export function judgeBinding(question: BindingCase, index: BindingIndex): BindingJudgement {
  const { value, isInTls } = question
  if (!value) {
    if (!isInTls) return { state: 'not-applicable', binding: null }
    return { state: value === null ? 'absent' : 'zero', binding: null }
  }
  // SQL Server may have had the login packet alone in TLS: its token is bound to that channel
  const isBehindLogin = !isInTls && question.service === 'mssql' && question.channel !== null
  const channel = isInTls || isBehindLogin ? question.channel : null
  const certificate = channel?.certificate ?? null
  const made = index.find(value)
  const witness = witnesses(question)
  const facts: BindingFacts = {
    kind: null,
    hash: null,
    value,
    expected: certificate?.binding ?? null,
    certificate: certificate?.sha256 ?? null,
    madeFor: made?.certificate ?? null,
    ...(made?.slip != null && { slip: made.slip }),
    by: witness,
  }
  if (!isInTls && !isBehindLogin) return { state: 'mismatch', binding: named(facts, made?.hash ?? null) }
  if (made !== null && made.certificate === certificate?.sha256) {
    // where no rule says which hash, whatever was made of this certificate is bound to it
    const isRight = made.isRight || (certificate.bindingHash === null && made.slip === null)
    return { state: isRight ? 'verified' : 'wrong-hash', binding: named(facts, made.hash) }
  }
  if (channel !== null && value === channel.unique)
    return { state: 'verified', binding: { ...facts, kind: 'tls-unique', by: withKeys(witness) } }
  if (channel?.exporters.includes(value))
    return { state: 'verified', binding: { ...facts, kind: 'tls-exporter', by: withKeys(witness) } }
  // of a certificate that was shown too long ago for its values to be kept, the right one is still known
  if (certificate !== null && value === certificate.binding)
    return { state: 'verified', binding: named(facts, certificate.bindingHash) }
  // what another certificate explains is not of this one, whether its own values are still here or not
  const isCompared = made !== null || (certificate !== null && index.holds(certificate.sha256))
  const isRefutable = isCompared && isRefuted({ ...question, channel }, made !== null)
  return { state: isRefutable ? 'mismatch' : 'bound', binding: named(facts, made?.hash ?? null) }
}

/** A certificate that is shown later may be the one that it was made for. */
export function mayBeExplained({ binding, channelBinding: state }: Pick<AuthExchange, 'binding' | 'channelBinding'>) {
  return binding !== null && binding.madeFor === null && (state === 'mismatch' || state === 'bound')
}

function named(facts: BindingFacts, hash: BindingFacts['hash']): BindingFacts {
  return hash === null ? facts : { ...facts, kind: 'tls-server-end-point', hash }
}

/**
 * Was all compared that could have been right? Of a value that another certificate explains nothing else is right;
 * any other one may be tls-unique, as long as the Finished is missing that it is made of, or in TLS 1.3 tls-exporter,
 * where the key log has no EXPORTER_SECRET.
 */
function isRefuted({ value, service, channel, version }: BindingCase, isOfAnother: boolean): boolean {
  if (channel === null) return false
  const { certificate } = channel
  if (certificate === null || isDisputed(certificate)) return false
  // nobody has said what clients of SQL Server do in TLS 1.3; before that they bind with tls-unique
  if (service === 'mssql' && (version === null || version === '1.3')) return false
  if (isOfAnother) return true
  // it was made in this connection, before it was renegotiated
  if (channel.former?.includes(value!) === true) return false
  return version === null || version === '1.3' ? channel.exporters.length > 0 : channel.unique !== null
}

function withKeys(found: readonly BindingWitness[]): readonly BindingWitness[] {
  return found.includes('keys') ? found : [...found, 'keys']
}

function witnesses({ channel, isFromTicket }: BindingCase): BindingWitness[] {
  const found: BindingWitness[] = []
  if (channel?.certificate) found.push(channel.isCertificateInClear ? 'certificate' : 'keys')
  if (isFromTicket) found.push('keytab')
  return found
}
