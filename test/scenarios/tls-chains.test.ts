/** The certificates that a server shows behind its own: told as they were shown, and judged where they issued it. */
import { hash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../src/memory/limits.ts'
import { reportJsonText } from '../../src/output/json.ts'
import type { Report } from '../../src/report/report.ts'
import { readSaved } from '../../src/report/saved.ts'
import { type AnalyzeOptions, analyze } from '../../src/run/analyze.ts'
import { COMMON_NAME, certificatesOf, madeCertificate, utf8 } from '../builders/certificate.ts'
import { oid, sequence, tlv } from '../builders/der.ts'
import { joined } from '../builders/http.ts'
import { captureOf, conversationAt, type Timed } from '../builders/logons.ts'
import type { Message } from '../builders/net.ts'
import { temporaryFolder } from '../captures/packets.ts'
import { TLS_SAMPLES } from '../decoders/tls.samples.ts'

const folder = temporaryFolder()
/** both of TLS 1.2 */
const [hello, answer] = [TLS_SAMPLES[2]!.record, TLS_SAMPLES[3]!.record]
const SHA1_RSA = sequence(oid('1.2.840.113549.1.1.5'))
const SHA256_RSA = sequence(oid('1.2.840.113549.1.1.11'))

/** The captures are of 2026. */
function certificate(subject: string, issuer: string, until = '300101000000Z', signature = SHA256_RSA): Uint8Array {
  return madeCertificate({
    subject: [[COMMON_NAME, utf8(subject)]],
    issuer: [[COMMON_NAME, utf8(issuer)]],
    notAfter: tlv(0x17, until),
    signature,
  })
}

const LEAF = certificate('web1', 'Issuing')
const ISSUING = certificate('Issuing', 'Policy')
const POLICY = certificate('Policy', 'Root')
const ROOT = certificate('Root', 'Root')

function shown(at: number, list: readonly Uint8Array[], piece = Number.POSITIVE_INFINITY, recordBytes = 16_000): Timed {
  const data = joined(answer, certificatesOf(list, recordBytes))
  const messages: Message[] = [{ from: 'client', data: hello }]
  for (let from = 0; from < data.length; from += piece)
    messages.push({ from: 'server', data: data.subarray(from, from + piece) })
  return conversationAt(at, 443, messages, 50_000 + at)
}

async function reportOf(parts: readonly Timed[], options: AnalyzeOptions = {}): Promise<Report> {
  const path = join(folder, 'shown.pcap')
  writeFileSync(path, captureOf(...parts))
  return analyze([path], { rethrow: true, ...options })
}

const sha256 = (der: Uint8Array) => hash('sha256', der)
const chainIn = ({ tls }: Report) => tls.certificates.map(({ chain }) => chain?.map((one) => one.sha256))
const findingsIn = ({ findings }: Report) =>
  findings.filter(({ id }) => /^NS-TL-00[12]$/.test(id)).map(({ id, detail, count }) => [id, detail, count])

describe('a chain', () => {
  it('is told as it was shown, however its bytes are cut', async () => {
    const list = [LEAF, ISSUING, POLICY, ROOT]
    for (const [piece, recordBytes] of [
      [Number.POSITIVE_INFINITY, 16_000],
      [1, 16_000],
      [7, 5],
    ] as const) {
      const report = await reportOf([shown(0, list, piece, recordBytes)])
      expect(report.tls.certificates).toHaveLength(1)
      expect(report.tls.certificates[0]!.chain).toEqual(
        [
          { subject: 'CN=Issuing', issuer: 'CN=Policy', der: ISSUING, selfIssued: false },
          { subject: 'CN=Policy', issuer: 'CN=Root', der: POLICY, selfIssued: false },
          { subject: 'CN=Root', issuer: 'CN=Root', der: ROOT, selfIssued: true },
        ].map(({ der, ...names }) => ({
          ...names,
          sha256: sha256(der),
          notBefore: Date.UTC(2020, 0) * 1000,
          notAfter: Date.UTC(2030, 0) * 1000,
          signature: 'sha256WithRSAEncryption',
          key: 'RSA ?',
        })),
      )
      expect(findingsIn(report)).toEqual([])
    }
  })

  it('is the longest that was shown, in whatever order, by whichever engine, in how many threads', async () => {
    const lists = [[LEAF], [LEAF, ISSUING], [LEAF, ISSUING, POLICY], [LEAF, ISSUING], [ROOT], [LEAF]]
    for (const order of [lists, lists.toReversed()]) {
      const parts = order.map((list, at) => shown(at, list))
      const told = new Set<string>()
      for (const engine of ['js', 'wasm'] as const)
        for (const threads of [1, 2, 3, 4])
          told.add(JSON.stringify((await reportOf(parts, { engine, threads, dividedFrom: 0 })).tls))
      expect(told.size).toBe(1)
      const { certificates } = JSON.parse([...told][0]!) as Report['tls']
      const chains = new Map(certificates.map(({ sha256, chain }) => [sha256, chain!.map((one) => one.sha256)]))
      expect(chains.get(sha256(LEAF))).toEqual([sha256(ISSUING), sha256(POLICY)])
      expect(chains.get(sha256(ROOT))).toEqual([])
    }
  })

  it('that is cut has what is whole of it, until more is shown', async () => {
    const whole = shown(1, [LEAF, ISSUING, POLICY])
    const data = joined(answer, certificatesOf([LEAF, ISSUING, POLICY]))
    const cut = conversationAt(0, 443, [
      { from: 'client', data: hello },
      { from: 'server', data: data.subarray(0, data.length - 10) },
    ])
    expect(chainIn(await reportOf([cut]))).toEqual([[sha256(ISSUING)]])
    expect(chainIn(await reportOf([cut, whole]))).toEqual([[sha256(ISSUING), sha256(POLICY)]])
  })

  it('has so many certificates, in so many bytes; what is none is left out', async () => {
    const many = Array.from({ length: 100 }, (_, at) => certificate(`CA ${at}`, 'Root'))
    expect(chainIn(await reportOf([shown(0, [LEAF, ...many])]))).toEqual([many.slice(0, LIMITS.chainMax).map(sha256)])
    const large = joined(LEAF, new Uint8Array(40_000))
    expect(chainIn(await reportOf([shown(0, [LEAF, ISSUING, large, POLICY])]))).toEqual([[sha256(ISSUING)]])
    const none = [new Uint8Array(0), Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff), POLICY.subarray(0, 50)]
    expect(chainIn(await reportOf([shown(0, [LEAF, ...none, ISSUING])]))).toEqual([[sha256(ISSUING)]])
    for (let at = 0; at < ISSUING.length; at++) {
      const changed = Uint8Array.from(ISSUING)
      changed[at]! ^= 0xff
      many[at] = changed
    }
    await expect(reportOf(many.map((one, at) => shown(at, [LEAF, one])))).resolves.toBeDefined()
    const attributes = Array.from({ length: 60 }, () => [COMMON_NAME, utf8('x'.repeat(200))] as const)
    const { tls } = await reportOf([shown(0, [LEAF, madeCertificate({ subject: attributes })])])
    expect(tls.certificates[0]!.chain!.map(({ subject }) => subject.length)).toEqual([512])
  })

  it('stands in JSON with its times; a report without one is read as before', async () => {
    const report = await reportOf([shown(0, [LEAF, ISSUING])])
    const text = [...reportJsonText(report)].join('')
    const path = join(folder, 'saved.json')
    writeFileSync(path, text)
    expect(readSaved(path).tls).toEqual(report.tls)
    const saved = JSON.parse(text)
    expect(saved.tls.certificates[0].chain[0].notAfter).toBe('2030-01-01T00:00:00.000000Z')
    delete saved.tls.certificates[0].chain
    writeFileSync(path, JSON.stringify(saved))
    expect([...reportJsonText(readSaved(path))].join('')).not.toContain('"chain"')
  })
})

describe('who issued the certificate is judged', () => {
  const OLD = certificate('Issuing', 'Policy', '240101000000Z')
  const WEAK = certificate('Policy', 'Root', '300101000000Z', SHA1_RSA)
  const EXPIRED = 'in the chain of CN=web1: CN=Issuing expired on 2024-01-01'
  const SIGNED = 'in the chain of CN=web1: CN=Policy: sha1WithRSAEncryption'

  it('expired, or signed with SHA-1, by its name', async () => {
    const report = await reportOf([0, 1].map((at) => shown(at, [LEAF, OLD, WEAK, ROOT])))
    expect(findingsIn(report)).toEqual([
      ['NS-TL-001', EXPIRED, 2],
      ['NS-TL-002', SIGNED, 2],
    ])
  })

  it('in any order, from when it was shown', async () => {
    const report = await reportOf([shown(0, [LEAF]), shown(1, [LEAF, ROOT, WEAK, OLD]), shown(2, [LEAF])])
    expect(findingsIn(report)).toEqual([
      ['NS-TL-001', EXPIRED, 2],
      ['NS-TL-002', SIGNED, 2],
    ])
  })

  it('a connection counts once: by its own certificate, or by the nearest one that issued it', async () => {
    const old = certificate('web1', 'Issuing', '230101000000Z', SHA1_RSA)
    expect(findingsIn(await reportOf([shown(0, [old, OLD, WEAK])]))).toEqual([
      ['NS-TL-001', 'CN=web1 expired on 2023-01-01', 1],
      ['NS-TL-002', 'CN=web1: sha1WithRSAEncryption', 1],
    ])
    const older = certificate('Policy', 'Root', '230101000000Z', SHA1_RSA)
    expect(findingsIn(await reportOf([shown(0, [LEAF, OLD, older])]))).toEqual([
      ['NS-TL-001', EXPIRED, 1],
      ['NS-TL-002', SIGNED, 1],
    ])
  })

  it.each([
    ['a root', [ISSUING, POLICY, certificate('Root', 'Root', '240101000000Z', SHA1_RSA)]],
    ['one that issued nothing here', [ISSUING, certificate('Another', 'Root', '240101000000Z', SHA1_RSA)]],
    ['one behind a name that is not shown', [WEAK]],
    ['one of two with a name', [OLD, ISSUING, WEAK]],
    ['one that issued it in a circle', [ISSUING, certificate('Policy', 'Issuing')]],
  ])('nothing is said of %s', async (_, chain) => {
    const report = await reportOf([shown(0, [LEAF, ...chain])])
    expect(report.tls.certificates[0]!.chain).toHaveLength(chain.length)
    expect(findingsIn(report)).toEqual([])
  })
})
