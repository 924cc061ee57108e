/**
 * What is likely in TLS that nobody opens: RDP by what it chose, LDAP by the sizes of its records, also behind loss.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/run/analyze.ts'
import { captureOf, conversationAt } from '../builders/logons.ts'
import { type Message, tcpConversation } from '../builders/net.ts'
import { tlsTalk } from '../builders/tls.ts'
import { temporaryFolder } from '../captures/packets.ts'
import { fromHex } from '../hostile.ts'

const folder = temporaryFolder()
const client = (data: Uint8Array): Message => ({ from: 'client', data })
const server = (data: Uint8Array): Message => ({ from: 'server', data })
const bytes = (length: number) => new Uint8Array(length).fill(7)

/** What is said in TLS, so many bytes by the client and the server in turn. */
async function sealed(version: 'TLSv1.2' | 'TLSv1.3', sizes: readonly number[]): Promise<Message[]> {
  const said = sizes.map((size, at) => ({
    from: at % 2 === 0 ? ('client' as const) : ('server' as const),
    data: bytes(size),
  }))
  const { pieces } = await tlsTalk({ version, said })
  return pieces.map(({ from, bytes: data }) => (from === 0 ? client(data) : server(data)))
}

async function read(capture: Uint8Array) {
  const path = join(folder, 'likely.pcap')
  writeFileSync(path, capture)
  return analyze([path], { rethrow: true })
}

const likelyOf = (report: Awaited<ReturnType<typeof read>>) =>
  report.conversations.flatMap(({ likely }) => (likely === undefined ? [] : [likely]))

const REQUEST = client(fromHex('030000130ee00000000000 01000800 03000000'))
const confirm = (protocol: number) => server(fromHex(`030000130ed00000000000 020008000${protocol}000000`))

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('RDP in %s', (version) => {
  it('without CredSSP: certificate, neither NTLM nor Kerberos, and no verdict', async () => {
    const inside = await sealed(version, [400, 300, 120, 60, 90, 40])
    const report = await read(captureOf(conversationAt(0, 3389, [REQUEST, confirm(1), ...inside])))
    expect(likelyOf(report)).toMatchObject([{ mechanism: 'none', reasons: [{ code: 'no-credssp', frame: 4 }] }])
    expect(report.pairs.map(({ service, verdict }) => [service, verdict])).toEqual([['rdp', 'undetermined']])
    expect(report.tls.servers).toMatchObject([{ port: 3389, service: 'rdp' }])
    expect(report.tls.certificates).toHaveLength(version === 'TLSv1.2' ? 1 : 0)
  })

  it('with CredSSP: by the sizes of its messages', async () => {
    for (const [sizes, mechanism] of [
      [[93, 187, 475, 95, 133, 467], 'ntlm'],
      [[1700, 260, 140, 90, 190, 467], 'kerberos'],
      [[330, 290, 420, 900, 1500, 200], 'unsaid'],
    ] as const) {
      const inside = await sealed(version, sizes)
      const report = await read(captureOf(conversationAt(0, 3389, [REQUEST, confirm(2), ...inside])))
      expect(likelyOf(report).map((one) => one.mechanism)).toEqual([mechanism])
      expect(report.pairs.map(({ verdict }) => verdict)).toEqual(['undetermined'])
    }
  })
})

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('LDAPS in %s', (version) => {
  const NTLM = [102, 208, 484, 45, 70, 300, 80, 200]

  it('is told once; of what is moved later nothing is framed', async () => {
    const inside = await sealed(version, [...NTLM, ...Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? 70 : 900))])
    const report = await read(captureOf(conversationAt(0, 636, inside)))
    expect(likelyOf(report)).toMatchObject([{ mechanism: 'ntlm', reasons: [{ code: 'sizes', sname: null }] }])
    expect(report.coverage.gaps).toBe(0)
    expect(report.pairs.map(({ verdict }) => verdict)).toEqual(['undetermined'])
  })

  it('without any one of its packets says the same or nothing', async () => {
    const frames = tcpConversation(await sealed(version, NTLM), { server: { address: '10.1.1.9', port: 636 } })
    // every night all of them
    const step = process.env.NIGHTLY ? 1 : 5
    for (let lost = version === 'TLSv1.2' ? 0 : 2; lost < frames.length; lost += step) {
      const report = await read(captureOf({ at: 0, frames: frames.toSpliced(lost, 1) }))
      for (const { mechanism } of likelyOf(report)) expect(['ntlm', 'unsaid']).toContain(mechanism)
    }
  })

  it('at another port says nothing', async () => {
    for (const port of [443, 5986, 8443]) {
      const report = await read(captureOf(conversationAt(0, port, await sealed(version, NTLM))))
      expect(likelyOf(report)).toEqual([{ mechanism: 'unsaid', reasons: [] }])
    }
  })
})
