/** For which certificate the binding of a token was made, and which one its channel has: a sentence for readers. */
import type { BindingFacts } from '../../facts/channel.ts'
import type { TlsCertificate } from '../../report/tls-servers.ts'
import { say } from '../../texts/say.ts'
import { visible } from '../page/visible.ts'

/** null: nothing is known besides the state. `digits`: so many are shown of the SHA-256 of a certificate. */
export function madeForText(
  binding: Pick<BindingFacts, 'kind' | 'certificate' | 'madeFor'> | null,
  certificates: readonly TlsCertificate[],
  digits = SHA256_DIGITS,
): string | null {
  if (binding == null) return null
  const { kind, certificate, madeFor } = binding
  const own = certificate === null ? null : nameOf(certificate, certificates, digits)
  if (madeFor !== null) {
    const other = nameOf(madeFor, certificates, digits)
    if (own === null) return say`made for the certificate ${other}`
    return madeFor === certificate
      ? say`made for the certificate of this channel, ${own}`
      : say`made for the certificate ${other}; that of this channel is ${own}`
  }
  if (kind !== null && kind !== 'tls-server-end-point') return say`made for this connection (${visible(kind)})`
  return own === null ? null : say`made for none of the certificates that were seen; that of this channel is ${own}`
}

const SHA256_DIGITS = 64

function nameOf(sha256: string, certificates: readonly TlsCertificate[], digits: number): string {
  const known = certificates.find((one) => one.sha256 === sha256)
  const name = known === undefined ? '' : (known.names[0] ?? known.subject)
  const hash = `SHA-256 ${visible(sha256.slice(0, digits))}${sha256.length > digits ? '...' : ''}`
  return name === '' ? hash : `${visible(name)} (${hash})`
}
