/** A NAS that sends its request once more: one logon, whichever copy is answered. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { expectationNamed } from '../../src/judge/expectations.ts'
import { judgeFlow } from '../../src/judge/flow.ts'
import { renderText } from '../../src/output/text/report.ts'
import { analyze } from '../../src/run/analyze.ts'
import { readPcap, temporaryFolder, writePcap } from './packets.ts'

const folder = temporaryFolder()
const bundled = (name: string) => fileURLToPath(new URL(`../../captures/radius/${name}.pcap`, import.meta.url))
const kerberos = fileURLToPath(new URL('../../captures/changes/spn-registered-after.pcap', import.meta.url))
const recorded = readPcap(fileURLToPath(new URL('../../captures/radius/mschap.pcap', import.meta.url)))
const [request, answer] = recorded.records

function later(record: Uint8Array, seconds: number): Uint8Array {
  const copy = Buffer.from(record)
  copy.writeUInt32LE(copy.readUInt32LE(0) + seconds, 0)
  return copy
}

async function logonsOf(name: string, records: readonly Uint8Array[]) {
  const { exchanges } = await analyze([writePcap(join(folder, name), recorded, records)], { rethrow: true })
  return exchanges.map(({ result, frames }) => ({ result, frames }))
}

it('a request that is sent again before its answer is no second logon', async () => {
  const records = [request!, later(request!, 5), later(request!, 10), later(answer!, 11)]
  expect(await logonsOf('again.pcap', records)).toEqual([{ result: 'success', frames: [1, 2, 3, 4] }])
})

it('the first step is EAP-TLS, not a setting of NTLM; PEAP says what it may hide', async () => {
  const of = (name: string) => analyze([fileURLToPath(new URL(`../../captures/radius/${name}.pcap`, import.meta.url))])
  const clear = await of('mschapv2')
  const old = clear.findings.find(({ id }) => id === 'NS-NT-001')!
  expect(old.remediation).toContain('EAP-TLS')
  const screen = renderText(clear, { columns: 100, color: false }).split('\n\nOverview')[0]!
  expect(screen).toContain('EAP-TLS')
  expect(screen).not.toContain('LmCompatibilityLevel')
  const { pairs } = await of('peap-mschapv2')
  expect(pairs.map(({ client, blindSpots }) => [client.ip, blindSpots])).toEqual([
    ['192.0.2.101', [expect.stringContaining('PEAP')]],
  ])
})

it('of each client the methods are counted, those in TLS by their handshakes', async () => {
  const of = async (name: string) => {
    const { networkAccess = [] } = await analyze([bundled(name)])
    return networkAccess.map(({ client, method, ntlm, count }) => ({ client, method, ntlm, count }))
  }
  const client = '192.0.2.101'
  expect(await of('peap-mschapv2')).toEqual([{ client, method: 'PEAP', ntlm: 'hidden', count: 1 }])
  expect(await of('eap-mschapv2')).toEqual([{ client, method: 'EAP-MSCHAPv2', ntlm: 'ntlm', count: 1 }])
  const files = ['mschapv2', 'peap-mschapv2', 'mschapv2-wrong-password'].map(bundled)
  const report = await analyze(files)
  const counts = report.networkAccess!.map(({ method, count }) => [method, count])
  expect(counts).toContainEqual(['MS-CHAPv2', 2])
  expect(counts).toContainEqual(['PEAP', 1])
  const text = renderText(report, { columns: 120, color: false })
  expect(text).toContain('Network access')
  expect(text).toMatch(/PEAP: 1 logon, probably MS-CHAPv2 inside TLS/)
  expect(renderText(await analyze([kerberos]), { columns: 120, color: false })).not.toContain('Network access')
})

describe('a capture that holds half of a logon', () => {
  const whole = readPcap(bundled('eap-mschapv2'))
  const others = readPcap(kerberos)
  const count = whole.records.length
  const told = async (records: readonly Uint8Array[]) => {
    const path = writePcap(join(folder, 'half.pcap'), whole, records)
    const report = await analyze([path], { rethrow: true })
    return { kinds: report.blindSpots.map(({ kind }) => kind), exchanges: report.exchanges.length, report }
  }

  // its response stands in the fifth packet
  it.each(Array.from({ length: count - 5 }, (_, at) => at + 5))('begins behind packet %s: it says so', async (from) => {
    const { kinds, exchanges, report } = await told(whole.records.slice(from))
    expect(exchanges).toBe(0)
    expect(kinds.some((kind) => kind === 'midstream' || kind === 'one-sided')).toBe(true)
    if (kinds.includes('midstream')) expect(report.conversations).toMatchObject([{ service: 'radius', midstream: 1 }])
  })

  it.each(Array.from({ length: count - 1 }, (_, at) => at + 1))('ends behind packet %s: it says so', async (until) => {
    const { kinds } = await told(whole.records.slice(0, until))
    expect(kinds).toContain('unfinished')
  })

  it.each([
    ['begins late', whole.records.slice(5)],
    ['ends early', whole.records.slice(0, 4)],
  ])('%s: nothing is met over it', async (_name, half) => {
    const paths = [
      writePcap(join(folder, 'part.pcap'), whole, half),
      writePcap(join(folder, 'k.pcap'), others, others.records),
    ]
    const [noNtlm] = [expectationNamed('no-ntlm')!]
    const anyone = { client: [], server: [], port: null, service: null }
    expect(judgeFlow(await analyze([paths[1]!]), anyone, [noNtlm], null).state).toBe('met')
    expect(judgeFlow(await analyze(paths), anyone, [noNtlm], null).state).toBe('not-observed')
  })

  it('what a mirror shows twice is no second logon', async () => {
    const twice = whole.records.flatMap((record) => [record, record])
    const { kinds, exchanges } = await told(twice)
    expect({ kinds, exchanges }).toEqual({ kinds: [], exchanges: 1 })
    const clear = readPcap(bundled('mschapv2'))
    const path = writePcap(
      join(folder, 'twice.pcap'),
      clear,
      clear.records.flatMap((record) => [record, record]),
    )
    expect((await analyze([path])).blindSpots).toEqual([])
  })

  it('the answer alone says what it answers, beside another logon', async () => {
    const clear = readPcap(bundled('mschapv2'))
    const records = [later(clear.records[1]!, -60), ...clear.records]
    const { kinds, exchanges } = await told(records)
    expect({ kinds, exchanges }).toEqual({ kinds: ['midstream'], exchanges: 1 })
  })
})

it('nor is one that nobody answers', async () => {
  const records = [request!, later(request!, 5)]
  expect(await logonsOf('silent.pcap', records)).toEqual([{ result: 'unknown', frames: [1, 2] }])
})

it('the same identifier after the answer, or much later, is another logon', async () => {
  const answered = [request!, answer!, later(request!, 60), later(answer!, 60)]
  expect(await logonsOf('answered.pcap', answered)).toHaveLength(2)
  expect(await logonsOf('round.pcap', [request!, later(request!, 300)])).toHaveLength(2)
})
