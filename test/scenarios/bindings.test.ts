/**
 * Which channel a token was made for, where the connection is not a plain one: renegotiated, resumed, shown to somebody
 * else, elsewhere, later.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hostPattern } from '../../src/facts/filter.ts'
import { deviceCard } from '../../src/judge/device.ts'
import { expectationNamed } from '../../src/judge/expectations.ts'
import { bindingOf, endPointBinding } from '../../src/keys/channel-binding.ts'
import { pageModel } from '../../src/output/html/model.ts'
import { madeForText } from '../../src/output/text/made-for.ts'
import { renderText } from '../../src/output/text/report.ts'
import { whyText } from '../../src/output/text/why.ts'
import { analyze } from '../../src/run/analyze.ts'
import { boundTo, messagesIn } from '../builders/bound.ts'
import { captureOf, conversationAt, SERVER } from '../builders/logons.ts'
import { type CertificateName, certificateOf, contextOf, type TlsTalk, tlsTalk } from '../builders/tls.ts'
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

describe('a handshake that comes behind the token', () => {
  it('shows a certificate that the token was not made for', async () => {
    const talk = await tlsTalk({
      said: boundTo(to('rsa-sha256')),
      renegotiate: 1,
      nextCertificate: 'ec-sha256',
    })
    const { exchanges } = await read([captureOf(conversationAt(0, 443, messagesIn(talk)))], [talk])
    const sha256 = await sha256Of('rsa-sha256')
    expect(exchanges).toMatchObject([
      { channelBinding: 'verified', binding: { certificate: sha256 }, tls: { certificate: sha256 } },
    ])
  })

  it.each([
    ['behind it: it is the right one', 1, 'verified'],
    ['before it: it is that of a handshake before, and no relay', 2, 'bound'],
  ] as const)('has another tls-unique: %s', async (_name, renegotiate, state) => {
    const talk = await tlsTalk({
      said: (_certificate, finished) => boundTo(bindingOf('tls-unique', finished)),
      renegotiate,
    })
    const report = await read([captureOf(conversationAt(0, 443, messagesIn(talk)))], [talk])
    expect(said(report)).toEqual([[state, null]])
  })
})

describe('TLS 1.3', () => {
  it('has tls-exporter, which nobody can refute without its secret', async () => {
    const talk = await tlsTalk({ version: 'TLSv1.3', said: boundTo('ab'.repeat(16)) })
    const capture = captureOf(conversationAt(0, 443, messagesIn(talk)))
    expect(said(await read([capture], [talk]))).toEqual([['mismatch', null]])
    const keyLog = talk.keyLog.replace(/^EXPORTER_SECRET.*\n/m, '')
    expect(said(await read([capture], [{ ...talk, keyLog }]))).toEqual([['bound', null]])
  })

  it('shows no certificate in clear, nor where the connection goes on with an earlier one', async () => {
    const context = contextOf({ version: 'TLSv1.3' })
    const options = { version: 'TLSv1.3', context, said: boundTo(to('rsa-sha256')) } as const
    const first = await tlsTalk(options)
    const second = await tlsTalk({ ...options, session: first.session })
    const { exchanges } = await read(
      [captureOf(conversationAt(0, 443, messagesIn(first)), conversationAt(1, 443, messagesIn(second), 50_001))],
      [first, second],
    )
    expect(exchanges.map(({ tls, binding }) => [tls?.resumed, binding?.by])).toEqual([
      [false, ['keys']],
      [true, ['keys']],
    ])
  })
})

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

  it.each(VERSIONS)('%s: explains one in TLS, also where nobody could be accused without it', async (version) => {
    const front = await tlsTalk({ version, certificate: 'ec-sha256', said: boundTo(to('ec-sha256')) })
    const back = await tlsTalk({ version, certificate: 'rsa-sha256', said: boundTo(to('ec-sha256')) })
    // without the secret for exporters a binding that nothing explains is only bound
    const keyLog = back.keyLog.replace(/^EXPORTER_SECRET.*\n/m, '')
    const relayed = conversationAt(0, 443, messagesIn(back), 40_000, BACK)
    const later = conversationAt(HOUR, 443, messagesIn(front))
    const report = await read([captureOf(relayed, later)], [front, { ...back, keyLog }])
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

describe('a token for another certificate that is known, where the rule for its own one is disputed', () => {
  it('is no mismatch, and is told all the same', async () => {
    const other = await tlsTalk({ version: 'TLSv1.3', certificate: 'ec-sha256' })
    const talk = await tlsTalk({ version: 'TLSv1.3', certificate: 'rsa-pss', said: boundTo(to('ec-sha256')) })
    const [one, two] = [
      conversationAt(0, 443, messagesIn(other)),
      conversationAt(1, 443, messagesIn(talk), 40_000, BACK),
    ]
    const report = await read([captureOf(one, two)], [other, talk])
    expect(said(report)).toEqual([['bound', await sha256Of('ec-sha256')]])
    expect(report.findings.map(({ id }) => id)).toContain('NS-CB-002')
    expect(expectationNamed('bound')!.exchange(report.exchanges[0]!)).toMatchObject({ is: 'against' })
  })
})

describe('whose certificate it is', () => {
  it('is said by the text, by explain of a pair, and by the card of a device', async () => {
    const front = await tlsTalk({ certificate: 'ec-sha256', said: boundTo(to('ec-sha256')) })
    const back = await tlsTalk({
      certificate: 'rsa-sha256',
      said: [...boundTo(to('ec-sha256')), ...boundTo(to('rsa-sha256'))],
    })
    const frames = [conversationAt(0, 443, messagesIn(front)), conversationAt(1, 443, messagesIn(back), 40_000, BACK)]
    const report = await read([captureOf(...frames)], [front, back])
    const [ec, rsa] = [await sha256Of('ec-sha256'), await sha256Of('rsa-sha256')]
    const words = (text: string) => text.replace(/\s+/g, ' ')
    const text = words(renderText(report, { columns: 200, color: false }))
    expect(text).toMatch(
      new RegExp(
        `${SERVER} -> ${BACK.server}:443 http \\(mismatch\\): made for the certificate \\S+ \\(SHA-256 ${ec.slice(0, 16)}[.]{3}\\)`,
      ),
    )
    expect(text).toMatch(new RegExp(`that of this channel is \\S+ \\(SHA-256 ${rsa.slice(0, 16)}`))
    expect(text).toContain(rsa)
    const pair = report.pairs.find(({ server }) => server.ip === BACK.server)!
    expect(pair.bindings).toEqual([
      { state: 'mismatch', kind: 'tls-server-end-point', certificate: rsa, madeFor: ec },
      { state: 'verified', kind: 'tls-server-end-point', certificate: rsa, madeFor: rsa },
    ])
    const row = pageModel(report, '').pairs.find(({ facts }) => facts.some((fact) => fact.startsWith('mismatch')))
    expect(row!.facts.join('\n')).toMatch(new RegExp(`made for the certificate \\S+ \\(SHA-256 ${ec}\\)`))
    const why = words(whyText(report, report.pairs, report.exchanges, { columns: 200, color: false }))
    for (const part of [`channel binding mismatch`, `channel binding verified`, ec, rsa]) expect(why).toContain(part)
    const card = deviceCard(report, hostPattern(SERVER))
    expect(JSON.stringify(card)).toContain(`"bound to another certificate"`)
    expect(JSON.stringify(card)).toContain(ec)
  })

  it('is told of the service that was found inside, where the port says nothing', async () => {
    const talk = await tlsTalk({ certificate: 'rsa-sha256', said: boundTo(to('rsa-sha256')) })
    const frames = conversationAt(0, 8444, messagesIn(talk))
    const services = ({ tls }: Awaited<ReturnType<typeof read>>) => tls.servers.map(({ service }) => service)
    expect(services(await read([captureOf(frames)], [talk]))).toEqual(['http'])
    expect(services(await read([captureOf(frames)]))).toEqual(['unknown'])
  })

  it('is not said of a report that was saved before bindings stood in it', () => {
    expect(madeForText(undefined as never, [])).toBeNull()
  })
})
