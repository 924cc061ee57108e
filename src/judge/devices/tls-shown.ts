/** What the TLS of a device shows in clear, as a server: facts of its connections, whoever logs on inside. */
import type { CertificateFacts } from '../../facts/channel.ts'
import type { FrameRef } from '../../facts/frames.ts'
import type { TlsReport } from '../../report/tls-servers.ts'

/** Traits that no authentication has to be seen for. */
export const TLS_TRAITS: ReadonlySet<string> = new Set(['TLS versions', 'certificates shown'])

/** As `Trait` of the card. */
interface Shown {
  readonly name: string
  readonly values: readonly Value[]
}

interface Value {
  readonly text: string
  readonly count: number
  readonly capture: string
  readonly frames: readonly FrameRef[]
}

/** Versions with their counts of connections, and certificates, each with its port; empty where there is no TLS. */
export function tlsTraits({ servers, certificates }: TlsReport, addresses: readonly string[], most: number): Shown[] {
  const own = servers.filter(({ ip }) => addresses.includes(ip))
  const bySha256 = new Map(certificates.map((one) => [one.sha256, one]))
  const versions = own.flatMap(({ versions, port, capture, frame }): Value[] =>
    Object.entries(versions).map(([version, count]) => ({
      text: `${version} (${port})`,
      count,
      capture,
      frames: [frame],
    })),
  )
  const shown = own.flatMap(({ certificates: shown, port }): Value[] =>
    shown.flatMap((sha256) => {
      const one = bySha256.get(sha256)
      if (one === undefined) return []
      return [{ text: `${certificateText(one)} (${port})`, count: 1, capture: one.capture, frames: [one.frame] }]
    }),
  )
  return [
    { name: 'TLS versions', values: versions.slice(0, most) },
    { name: 'certificates shown', values: shown.slice(0, most) },
  ].filter(({ values }) => values.length > 0)
}

/** `web1.corp.example, RSA 2048, sha256WithRSAEncryption, 2030-01-01` */
function certificateText({ names, subject, sha256, key, signature, notAfter }: CertificateFacts): string {
  const until = notAfter === null ? [] : [new Date(notAfter / 1000).toISOString().slice(0, 10)]
  return [names[0] ?? (subject || sha256), key, signature, ...until].join(', ')
}
