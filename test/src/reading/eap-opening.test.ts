/** TLS in EAP with its keys, as recorded, and with packets that are missing, twice, or in another order. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Report } from '../../../src/report/report.ts'
import { analyze } from '../../../src/run/analyze.ts'
import { readPcap, temporaryFolder, writePcap } from '../../captures/packets.ts'

const folder = temporaryFolder()
const bundled = (name: string) => fileURLToPath(new URL(`../../../captures/radius/${name}`, import.meta.url))

const RECORDED = [
  ['peap-keys', 'PEAP/EAP-MSCHAPv2'],
  ['ttls-keys', 'EAP-TTLS/MS-CHAPv2'],
] as const

async function told(name: string, records: readonly Uint8Array[] | null, hasKeys = true) {
  const whole = readPcap(bundled(`${name}.pcap`))
  const path = records === null ? bundled(`${name}.pcap`) : writePcap(join(folder, 'changed.pcap'), whole, records)
  const keys = { keyLogs: hasKeys ? [bundled(`${name}.keys`)] : [], privateKeys: [], mayGrow: false }
  return brief(await analyze([path], { rethrow: true, keys }))
}

function brief({ exchanges, blindSpots, networkAccess = [] }: Report) {
  return {
    logons: exchanges.map(({ method, principal, result }) => `${method} ${principal.user} ${result}`),
    hidden: blindSpots.map(({ kind }) => kind),
    access: networkAccess.map(({ method, ntlm, count }) => `${method} ${ntlm} ${count}`),
  }
}

describe.each(RECORDED)('%s', (name, method) => {
  const { records } = readPcap(bundled(`${name}.pcap`))
  const opened = { logons: [`${method} alice success`], hidden: [], access: [`${method} ntlm 1`] }
  const outer = method.split('/')[0]

  it('is opened, and hides nothing any more', async () => {
    expect(await told(name, null)).toEqual(opened)
  })

  it('without keys is hidden, and so it is with those of somebody else', async () => {
    const sealed = { logons: [], hidden: ['tls'], access: [`${outer} hidden 1`] }
    expect(await told(name, null, false)).toEqual(sealed)
    const other = RECORDED.find(([one]) => one !== name)![0]
    const keys = { keyLogs: [bundled(`${other}.keys`)], privateKeys: [], mayGrow: false }
    expect(brief(await analyze([bundled(`${name}.pcap`)], { rethrow: true, keys }))).toEqual(sealed)
  })

  it('is the same where packets are there twice, at once or all of them', async () => {
    expect(
      await told(
        name,
        records.flatMap((record) => [record, record]),
      ),
    ).toEqual(opened)
    for (const at of records.keys()) expect(await told(name, records.toSpliced(at, 0, records[at]!))).toEqual(opened)
  })

  it('never hides nothing where the logon is not told: one packet missing, a beginning or an end alone', async () => {
    const parts = [...records.keys()].flatMap((at) => [
      records.toSpliced(at, 1),
      records.slice(at + 1),
      records.slice(0, at),
    ])
    let isTold = 0
    for (const part of parts) {
      const { logons, hidden } = await told(name, part)
      if (logons.includes(opened.logons[0]!)) isTold++
      // neither a hello nor anything behind it
      else if (part.length > 4) expect(hidden).not.toEqual([])
    }
    expect(isTold).toBeGreaterThan(0)
    expect(isTold).toBeLessThan(parts.length)
  })

  it('bytes that were changed do no harm', async () => {
    for (const at of records.keys()) {
      const changed = Uint8Array.from(records[at]!)
      changed[changed.length - 9]! ^= 0x40
      await told(name, records.toSpliced(at, 1, changed))
    }
  })
})
