/**
 * What a channel binding must be: the sixteen bytes of NTLM's MsvAvChannelBindings and Kerberos' Bnd, computed from the
 * channel, and compared.
 *
 * Specification: RFC 5929 (tls-unique, tls-server-end-point), RFC 9266 (tls-exporter), RFC 4121 4.1.1.2 (Bnd), MS-NLMP
 * 2.2.2.1 (MsvAvChannelBindings). All values here are public: a binding stands in the token, and nothing can be won
 * back from the one that was expected.
 */
import { hash as digest } from 'node:crypto'
import { derAt, derChildren } from '../../decoders/parts/der.ts'
import type { BindingHash, BindingKind, BindingSlip, CertificateFacts } from '../facts/channel.ts'

/**
 * MD5 over the gss_channel_bindings_struct: two empty addresses (type and length of four bytes each), then length and
 * application data. In hexadecimal.
 */
export function bindingOf(kind: BindingKind, data: Uint8Array): string {
  return structured(Buffer.concat([Buffer.from(`${kind}:`, 'latin1'), data]))
}

function structured(application: Uint8Array): string {
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
  /** null: none, but perhaps for the hash */
  readonly slip: BindingSlip | null
}

/** Hashes that clients use in the place of the right one, the most likely first: most of them always take SHA-256. */
const OTHER_HASHES: readonly BindingHash[] = ['sha256', 'sha384', 'sha512', 'sha1', 'md5']

/** All values that a binding to this certificate may have: first the right one, if there is a rule for it. */
export function endPointCandidates(der: Uint8Array, { bindingHash }: CertificateFacts): BindingCandidate[] {
  const hashes =
    bindingHash === null ? OTHER_HASHES : [bindingHash, ...OTHER_HASHES.filter((hash) => hash !== bindingHash)]
  const kind = 'tls-server-end-point'
  const found: BindingCandidate[] = hashes.map((hash) => ({
    kind,
    hash,
    value: endPointBinding(der, hash),
    isRight: hash === bindingHash,
    slip: null,
  }))
  const hash = bindingHash ?? 'sha256'
  for (const [slip, value] of slips(der, hash)) found.push({ kind, hash, value, isRight: false, slip })
  return found
}

/** What the same comes to where it is made of something else. */
function slips(der: Uint8Array, hash: BindingHash): [BindingSlip, string][] {
  const kind = 'tls-server-end-point'
  const hashed = digest(hash, der, 'buffer')
  const pem = Buffer.from(pemOf(der), 'latin1')
  const found: [BindingSlip, string][] = [
    ['no-prefix', structured(hashed)],
    ['no-structure', digest('md5', Buffer.concat([Buffer.from(`${kind}:`, 'latin1'), hashed]))],
    ['pem', endPointBinding(pem, hash)],
    ['pem', endPointBinding(pem.subarray(0, -1), hash)],
    ['hexadecimal', bindingOf(kind, Buffer.from(hashed.toString('hex'), 'latin1'))],
  ]
  const key = publicKeyOf(der)
  if (key !== null) found.push(['public-key', endPointBinding(key, hash)])
  return found
}

/** RFC 7468 2: lines of 64 characters. */
function pemOf(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

/** SubjectPublicKeyInfo as it stands in the certificate, RFC 5280 4.1; null: there is none. */
function publicKeyOf(der: Uint8Array): Uint8Array | null {
  const whole = derAt(der)
  const tbs = whole === null ? undefined : derChildren(whole)[0]
  if (tbs === undefined) return null
  const parts = derChildren(tbs)
  const key = parts[parts[0]?.tag === 0xa0 ? 6 : 5]
  return key === undefined ? null : key.bytes.subarray(key.from, key.end)
}

/** Where the rule says nothing of a signature, or implementations differ: what does not fit proves nothing then. */
export function isDisputed({ signature, bindingHash }: CertificateFacts): boolean {
  return bindingHash === null || signature.startsWith('RSASSA-PSS')
}

/** What a binding was made for. */
export interface KnownBinding {
  /** SHA-256 of the certificate */
  readonly certificate: string
  readonly hash: BindingHash
  readonly isRight: boolean
  readonly slip: BindingSlip | null
}

/** Which certificate a binding was made for, of all that the captures show. */
export interface BindingIndex {
  /** Are the values of this certificate here? What fits none of them was made for another one then, and only then. */
  holds(sha256: string): boolean
  find(value: string): KnownBinding | null
}

/** No certificate was shown. */
export const NO_BINDINGS: BindingIndex = { holds: () => false, find: () => null }
