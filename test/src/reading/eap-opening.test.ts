/**
 * TLS in EAP with its keys: as recorded, with packets that are missing or there twice, and of TLS that OpenSSL makes
 * here, in rounds from one port or several, with a State that changes or stays.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Report } from '../../../src/report/report.ts'
import { analyze } from '../../../src/run/analyze.ts'
import { pcap } from '../../builders/capture.ts'
import { udpFrame } from '../../builders/net.ts'
import { type Said, type TlsTalk, tlsTalk } from '../../builders/tls.ts'
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

const text = (value: string) => [...Buffer.from(value)]
const IN_PEAP: readonly (readonly [Said['from'], readonly number[]])[] = [
  ['server', [1]],
  ['client', [1, ...text('bob')]],
  ['server', [26, 1, 9, 0, 26, 16, ...new Array<number>(16).fill(7), ...text('ap')]],
  ['client', [26, 2, 9, 0, 57, 49, ...new Array<number>(49).fill(7), ...text('bob')]],
  ['server', [26, 3, 9, 0, 6, ...text('S=')]],
  ['client', [26, 3]],
]
const SAID: readonly Said[] = IN_PEAP.map(([from, data]) => ({ from, data: Uint8Array.from(data) }))
const PART_BYTES = 700
const SERVER = { address: '10.0.0.2', port: 1812 }

interface Rounds {
  /** each round from a port of its own */
  readonly hasPorts?: boolean
  /** the server gives one State for all */
  readonly hasOneState?: boolean
}

/** What both say, as PEAP in RADIUS: parts that go on are acknowledged, and Access-Accept ends it. */
function packetsOf({ pieces }: TlsTalk, { hasPorts = false, hasOneState = false }: Rounds): Uint8Array[] {
  const flights: { client: boolean; bytes: Buffer }[] = []
  for (const { from, bytes } of pieces) {
    const last = flights.at(-1)
    if (last?.client === (from === 0)) last.bytes = Buffer.concat([last.bytes, bytes])
    else flights.push({ client: from === 0, bytes })
  }
  const parts = flights.flatMap(({ client, bytes }) => {
    const made: { client: boolean; flags: number; data: Uint8Array }[] = []
    for (let at = 0; at < bytes.length; at += PART_BYTES) {
      const goesOn = at + PART_BYTES < bytes.length
      made.push({ client, flags: goesOn ? 0x40 : 0, data: bytes.subarray(at, at + PART_BYTES) })
      if (goesOn) made.push({ client: !client, flags: 0, data: new Uint8Array(0) })
    }
    return made
  })
  // whoever has the last word, the server decides about an answer
  if (!parts.at(-1)!.client) parts.push({ client: true, flags: 0, data: new Uint8Array(0) })
  let round = 0
  const send = (isClient: boolean, code: number, eap: readonly number[]) => {
    const client = { address: '10.0.0.1', port: 40_000 + (hasPorts ? round : 0) }
    const attributes: number[] = []
    for (let at = 0; at < eap.length; at += 253) {
      const part = eap.slice(at, at + 253)
      attributes.push(79, part.length + 2, ...part)
    }
    // a request has the State of the answer before it
    const state = hasOneState ? 1 : isClient ? round : round + 1
    if (code === 1 || code === 11) attributes.push(24, 6, 1, 2, 3, state)
    const length = attributes.length + 20
    const data = Uint8Array.from([
      code,
      round,
      length >> 8,
      length & 255,
      ...new Array<number>(16).fill(7),
      ...attributes,
    ])
    return isClient ? udpFrame(data, client, SERVER) : udpFrame(data, SERVER, client)
  }
  const packets = parts.map(({ client, flags, data }) => {
    const length = data.length + 6
    const eap = [client ? 2 : 1, round + (client ? 1 : 2), length >> 8, length & 255, 25, flags, ...data]
    const packet = send(client, client ? 1 : 11, eap)
    if (!client) round++
    return packet
  })
  return [...packets, send(false, 2, [3, round + 1, 0, 4])]
}

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('PEAP in %s', async (version) => {
  const talk = await tlsTalk({ version, said: SAID })
  const keyLog = join(folder, `${version}.keys`)
  writeFileSync(keyLog, talk.keyLog)
  const toldOf = async (packets: readonly Uint8Array[]) => {
    const path = join(folder, `${version}.pcap`)
    writeFileSync(path, pcap(packets.map((bytes, at) => ({ time: 1_796_000_000_000_000 + at * 1000, bytes }))))
    return brief(await analyze([path], { rethrow: true, keys: { keyLogs: [keyLog], privateKeys: [], mayGrow: false } }))
  }
  const opened = {
    logons: ['PEAP/EAP-MSCHAPv2 bob success'],
    hidden: [],
    access: ['PEAP/EAP-MSCHAPv2 ntlm 1'],
  }
  const WAYS: Rounds[] = [{}, { hasPorts: true }, { hasOneState: true }, { hasPorts: true, hasOneState: true }]

  it.each(WAYS)('%j: is opened, and nothing waits for an answer', async (way) => {
    expect(await toldOf(packetsOf(talk, way))).toEqual(opened)
  })

  it.each(WAYS)('%j: without one packet it is told, or said to be hidden', async (way) => {
    const packets = packetsOf(talk, way)
    for (const at of packets.keys()) {
      const { logons, hidden } = await toldOf(packets.toSpliced(at, 1))
      if (!logons.includes(opened.logons[0]!)) expect([at, hidden]).not.toEqual([at, []])
    }
  })

  it('with two rounds that were lost between others it is not opened as a whole', async () => {
    // a response that says nothing in TLS, and its request: TLS has no hole
    const packets = packetsOf(talk, { hasOneState: true })
    const at = packets.findIndex((bytes, index) => index > 2 && bytes.length < 100)
    expect(at).toBeGreaterThan(0)
    expect((await toldOf(packets.toSpliced(at, 2))).hidden).toContain('tls')
  })
})
