/**
 * What a channel binding must be: the sixteen bytes of NTLM's MsvAvChannelBindings and Kerberos' Bnd, computed from the
 * channel, and compared.
 *
 * Specification: RFC 5929 (tls-unique, tls-server-end-point), RFC 9266 (tls-exporter), RFC 4121 4.1.1.2 (Bnd), MS-NLMP
 * 2.2.2.1 (MsvAvChannelBindings). All values here are public: a binding stands in the token, and nothing can be won
 * back from the one that was expected.
 */
import { hash as digest } from 'node:crypto'
import type { BindingHash, BindingKind, CertificateFacts } from '../facts/channel.ts'

/**
 * MD5 over the gss_channel_bindings_struct: two empty addresses (type and length of four bytes each), then length and
 * application data. In hexadecimal.
 */
export function bindingOf(kind: BindingKind, data: Uint8Array): string {
  const application = Buffer.concat([Buffer.from(`${kind}:`, 'latin1'), data])
  const head = Buffer.alloc(20)
  head.writeUInt32LE(application.length, 16)
  return digest('md5', Buffer.concat([head, application]))
}

/** The binding to the certificate of a server, in hexadecimal. */
export function endPointBinding(der: Uint8Array, hash: BindingHash): string {
  return bindingOf('tls-server-end-point', digest(hash, der, 'buffer'))
}

/** One value that a binding to this channel may have. */
export interface BindingCandidate {
  readonly kind: BindingKind
  /** of the certificate; null: not of a certificate */
  readonly hash: BindingHash | null
  readonly value: string
  /** as RFC 5929 and RFC 9266 have it; else a hash that clients are known to use in its place */
  readonly isRight: boolean
}

/** Hashes that clients use in the place of the right one, the most likely first: most of them always take SHA-256. */
const OTHER_HASHES: readonly BindingHash[] = ['sha256', 'sha384', 'sha512', 'sha1', 'md5']

/** All values that a binding to this certificate may have: first the right one, if there is a rule for it. */
export function endPointCandidates(der: Uint8Array, { bindingHash }: CertificateFacts): BindingCandidate[] {
  const hashes =
    bindingHash === null ? OTHER_HASHES : [bindingHash, ...OTHER_HASHES.filter((hash) => hash !== bindingHash)]
  return hashes.map((hash) => ({
    kind: 'tls-server-end-point',
    hash,
    value: endPointBinding(der, hash),
    isRight: hash === bindingHash,
  }))
}

/** Where the rule says nothing of a signature, or implementations differ: what does not fit proves nothing then. */
export function isDisputed({ signature, bindingHash }: CertificateFacts): boolean {
  return bindingHash === null || signature === 'RSASSA-PSS'
}

/** What a binding was made for. */
export interface KnownBinding {
  /** SHA-256 of the certificate */
  readonly certificate: string
  readonly hash: BindingHash
  readonly isRight: boolean
}

/** Which certificate a binding was made for, of all that the captures show. */
export interface BindingIndex {
  /** Are the values of this certificate here? What fits none of them was made for another one then, and only then. */
  holds(sha256: string): boolean
  find(value: string): KnownBinding | null
}

/** No certificate was shown. */
export const NO_BINDINGS: BindingIndex = { holds: () => false, find: () => null }
