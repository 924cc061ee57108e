/**
 * The captures of this repository that have their keys beside them: what is inside TLS against what was run, from the
 * key log, and from the same secrets in the capture alone.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { reportJson, reportJsonText } from '../../src/output/json.ts'
import type { KeyFiles } from '../../src/reading/opening.ts'
import { analyze } from '../../src/run/analyze.ts'
import { joined, pcapngBlocks } from '../builders/capture.ts'
import { BUNDLED } from './folders.ts'
import { packetOf, readPcap, temporaryFolder } from './packets.ts'
import { differencesOf, scenariosBelow } from './truth.ts'

const folder = temporaryFolder()
const captureOf = (name: string) => join(BUNDLED, `${name}.pcap`)
const keysOf = (name: string) => join(BUNDLED, `${name}.keys`)
const KEYED = scenariosBelow(BUNDLED).filter(({ name }) => existsSync(keysOf(name)))
const NAMES = KEYED.map((scenario) => [scenario.name, scenario] as const)
const NO_KEYS: KeyFiles = { keyLogs: [], privateKeys: [], mayGrow: false }
const keyed = (name: string): KeyFiles => ({ ...NO_KEYS, keyLogs: [keysOf(name)] })

/** "TLSK", draft-ietf-opsawg-pcapng 4.7 */
const TLS_KEY_LOG = 0x544c534b

/** The same frames, and the secrets in front of them. */
function withSecrets(name: string): string {
  const { section, interface: description, enhanced, secrets } = pcapngBlocks('little')
  const path = join(folder, `${name.replace('/', '-')}.pcapng`)
  const packets = readPcap(captureOf(name)).records.map((record) => {
    const view = new DataView(record.buffer, record.byteOffset)
    const time = view.getUint32(0, true) * 1e6 + view.getUint32(4, true)
    return enhanced({ time, bytes: packetOf(record) })
  })
  writeFileSync(path, joined([section(), secrets(TLS_KEY_LOG, readFileSync(keysOf(name))), description(), ...packets]))
  return path
}

it('there are the eight of HTTPS and LDAPS and those of the group of TLS, each with its truth', () => {
  expect(KEYED.filter(({ sealed }) => sealed === null).map(({ name }) => name)).toEqual([])
  expect(KEYED.filter(({ name }) => !name.startsWith('tls/')).length).toBeGreaterThanOrEqual(8)
  expect(KEYED.filter(({ name }) => name.startsWith('tls/')).length).toBeGreaterThanOrEqual(16)
})

describe('what the keys show is what was run', () => {
  it.each(NAMES)('%s', async (name, scenario) => {
    const report = await analyze([captureOf(name)], { rethrow: true, keys: keyed(name) })
    const truth = { ...scenario, exchanges: scenario.sealed ?? [], kdc: null, findings: [], opaque: [] }
    expect(differencesOf(truth, reportJson(report) as never)).toEqual([])
    expect(report.keys.tls).toMatchObject({ failed: 0, unsupported: 0, withoutKeys: 0 })
    expect(report.blindSpots.filter(({ kind }) => kind === 'tls')).toEqual([])
  })

  it.each(NAMES)('%s: and the same from the secrets in the capture alone', async (name) => {
    const beside = await analyze([captureOf(name)], { rethrow: true, keys: keyed(name) })
    const path = withSecrets(name)
    const inside = await analyze([path], { rethrow: true, keys: NO_KEYS })
    const texts = [beside, inside].map((report) =>
      [...reportJsonText(report)].join('').replaceAll(captureOf(name), '').replaceAll(path, ''),
    )
    const [one, other] = texts.map(
      (text) => JSON.parse(text) as { exchanges: unknown; findings: unknown; pairs: unknown },
    )
    expect(other?.exchanges).toEqual(one?.exchanges)
    expect(other?.findings).toEqual(one?.findings)
  })
})

describe('a proxy that ends TLS', () => {
  it('is named by the certificate that the binding was made for', async () => {
    const report = await analyze([captureOf('tls/inspected')], { rethrow: true, keys: keyed('tls/inspected') })
    const [towards, behind] = ['192.0.2.45', '192.0.2.40'].map(
      (ip) => report.exchanges.find(({ server }) => server.ip === ip)?.binding,
    )
    expect(towards?.madeFor).toBe(towards?.certificate)
    expect(behind?.madeFor).toBe(towards?.certificate)
    expect(behind?.certificate).not.toBe(towards?.certificate)
    const issuer = report.tls.certificates.find(({ sha256 }) => sha256 === behind?.madeFor)?.issuer
    expect(issuer).toBe('CN=lab inspection')
  })
})
