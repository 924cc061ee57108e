/** A NAS that sends its request once more: one logon, whichever copy is answered. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { renderText } from '../../src/output/text/report.ts'
import { analyze } from '../../src/run/analyze.ts'
import { readPcap, temporaryFolder, writePcap } from './packets.ts'

const folder = temporaryFolder()
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

it('nor is one that nobody answers', async () => {
  const records = [request!, later(request!, 5)]
  expect(await logonsOf('silent.pcap', records)).toEqual([{ result: 'unknown', frames: [1, 2] }])
})

it('the same identifier after the answer, or much later, is another logon', async () => {
  const answered = [request!, answer!, later(request!, 60), later(answer!, 60)]
  expect(await logonsOf('answered.pcap', answered)).toHaveLength(2)
  expect(await logonsOf('round.pcap', [request!, later(request!, 300)])).toHaveLength(2)
})
