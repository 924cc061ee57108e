/**
 * Which channel a token was made for, where its certificate is shown to somebody else, elsewhere, later.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { endPointBinding } from '../../src/keys/channel-binding.ts'
import { analyze } from '../../src/run/analyze.ts'
import { boundTo, messagesIn } from '../builders/bound.ts'
import { captureOf, conversationAt, SERVER } from '../builders/logons.ts'
import { type CertificateName, certificateOf, type TlsTalk, tlsTalk } from '../builders/tls.ts'
import { temporaryFolder } from '../captures/packets.ts'

const folder = temporaryFolder()
let files = 0

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const
const BACK = { client: SERVER, server: '10.1.1.30' }
const to = (name: CertificateName) => endPointBinding(certificateOf(name), 'sha256')
const sha256Of = async (name: CertificateName) => (await shownBy(name)).tls.certificates[0]!.sha256

/** The report of these captures, in this order, with the keys of these talks. */
async function read(captures: readonly Uint8Array[], talks: readonly TlsTalk[] = []) {
  const paths = captures.map((bytes) => {
    const path = join(folder, `${++files}.pcap`)
    writeFileSync(path, bytes)
    return path
  })
  const keyLog = join(folder, `${++files}.keys`)
  writeFileSync(keyLog, talks.map((talk) => talk.keyLog).join(''))
  const keyLogs = talks.length === 0 ? [] : [keyLog]
  return analyze(paths, { rethrow: true, keys: { keyLogs, privateKeys: [], mayGrow: false } })
}

const shownBy = async (name: CertificateName) =>
  read([captureOf(conversationAt(0, 443, messagesIn(await tlsTalk({ certificate: name }))))])

const said = ({ exchanges }: Awaited<ReturnType<typeof read>>) =>
  exchanges.map(({ channelBinding, binding }) => [channelBinding, binding?.madeFor ?? null])

describe('a certificate that is shown later', () => {
  const HOUR = 3600
  const clear = (at: number) => conversationAt(at, 80, boundTo(to('ec-sha256')), 40_000, BACK)

  it('explains a token in clear: in one capture, and in two in either order', async () => {
    const shown = conversationAt(HOUR, 443, messagesIn(await tlsTalk({ certificate: 'ec-sha256' })))
    const expected = [['mismatch', await sha256Of('ec-sha256')]]
    const [one, two] = [captureOf(clear(0)), captureOf(shown)]
    expect(said(await read([captureOf(clear(0), shown)]))).toEqual(expected)
    expect(said(await read([one, two]))).toEqual(expected)
    expect(said(await read([two, one]))).toEqual(expected)
    expect(said(await read([one]))).toEqual([['mismatch', null]])
  })

  it.each(VERSIONS)('%s: explains one in TLS', async (version) => {
    const front = await tlsTalk({ version, certificate: 'ec-sha256', said: boundTo(to('ec-sha256')) })
    const back = await tlsTalk({ version, certificate: 'rsa-sha256', said: boundTo(to('ec-sha256')) })
    const relayed = conversationAt(0, 443, messagesIn(back), 40_000, BACK)
    const later = conversationAt(HOUR, 443, messagesIn(front))
    const report = await read([captureOf(relayed, later)], [front, back])
    const ec = await sha256Of('ec-sha256')
    expect(said(report)).toEqual([
      ['mismatch', ec],
      ['verified', ec],
    ])
    const finding = report.findings.find(({ id }) => id === 'NS-CB-002')
    expect(finding?.detail).toContain(`made for the certificate ${ec}`)
    const { channelBinding } = report.pairs.find(({ server }) => server.ip === BACK.server)!
    expect(channelBinding).toEqual({ mismatch: 1 })
  })
})
