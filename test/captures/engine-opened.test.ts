/**
 * What keys open passes through the engine too: whoever reads the packets, the same plain text comes at the same time
 * and in the same frame. Over the captures that have their keys beside them, over a download of many records, and over
 * their packets changed, cut short, lost, sent again and out of order.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { KeyFiles } from '../../src/reading/opening.ts'
import { pcap, type TestPacket } from '../builders/capture.ts'
import { httpRequest, httpResponse } from '../builders/http.ts'
import { tcpConversation } from '../builders/net.ts'
import { tlsTalk } from '../builders/tls.ts'
import { seededRandom } from '../hostile.ts'
import { mutated, packetsOf } from './changed-packets.ts'
import { isSame, read } from './engines.ts'
import { BUNDLED, capturesBelow } from './folders.ts'
import { temporaryFolder } from './packets.ts'

const MUTATIONS = Number(process.env.NTLMSCOPE_MUTATIONS ?? 800)
const SEED = Number(process.env.NTLMSCOPE_SEED ?? 1)
const folder = temporaryFolder()
const keysOf = (capture: string) => capture.replace(/\.pcap$/, '.keys')
const KEYED = capturesBelow(BUNDLED).filter((capture) => existsSync(keysOf(capture)))

function file(packets: readonly TestPacket[]): string {
  const path = join(folder, 'opened.pcap')
  writeFileSync(path, pcap(packets))
  return path
}

function keysIn(texts: readonly string[]): KeyFiles {
  const path = join(folder, 'all.keys')
  writeFileSync(path, texts.join('\n'))
  return { keyLogs: [path], privateKeys: [], mayGrow: false }
}

/** Conversations of `rounds` downloads each, of bodies that are not small, in both versions. */
async function downloads(rounds: number): Promise<{ packets: TestPacket[]; keyLog: string }> {
  const body = 'what is downloaded. '.repeat(5000)
  const said = Array.from({ length: rounds }, (_, at) => [
    { from: 'client' as const, data: httpRequest({ target: `/${at}`, headers: { Host: 'web1.corp.example' } }) },
    { from: 'server' as const, data: httpResponse({ headers: { 'Content-Length': String(body.length) }, body }) },
  ]).flat()
  const all = await Promise.all(
    (['TLSv1.3', 'TLSv1.2'] as const).map(async (version, at) => {
      const { pieces, keyLog } = await tlsTalk({ version, said })
      const frames = tcpConversation(
        pieces.map(({ from, bytes: data }) => ({ from: from === 0 ? 'client' : 'server', data })),
        { client: { address: '10.1.1.7', port: 40_000 + at }, server: { address: '10.1.1.9', port: 443 } },
      )
      return { packets: frames.map((bytes, place) => ({ time: 1_764_000_000e6 + 20 * place + at, bytes })), keyLog }
    }),
  )
  const packets = all.flatMap((one) => one.packets).sort((a, b) => a.time - b.time)
  return { packets, keyLog: all.map(({ keyLog }) => keyLog).join('\n') }
}

it('the same is opened whoever reads the packets, and the engine has most of them', async () => {
  expect(KEYED.length).toBeGreaterThan(0)
  for (const capture of KEYED) {
    const keys = { keyLogs: [keysOf(capture)], privateKeys: [], mayGrow: false }
    expect(await isSame([capture], keys), capture).toBe(true)
  }
  const all = keysIn(KEYED.map((capture) => readFileSync(keysOf(capture), 'latin1')))
  expect(await isSame(KEYED, all)).toBe(true)
  const { packets, keyLog } = await downloads(4)
  const [path, keys] = [file(packets), keysIn([keyLog])]
  const { hash, passed, opened } = await read([path], 'wasm', keys)
  expect((await read([path], 'js', keys)).hash).toBe(hash)
  expect(opened).toBeGreaterThan(50)
  expect(passed).toBeGreaterThan(packets.length * 0.8)
})

it(`the same is opened of ${MUTATIONS} changed packets`, { timeout: Math.max(600_000, MUTATIONS * 10) }, async () => {
  const random = seededRandom(SEED)
  const { packets: many, keyLog } = await downloads(2)
  const keys = keysIn([keyLog, ...KEYED.map((capture) => readFileSync(keysOf(capture), 'latin1'))])
  for (let changed = 0, round = 0; changed < MUTATIONS; round++) {
    const isMany = random() % 4 === 0
    const packets = isMany ? many : await packetsOf(KEYED[random() % KEYED.length]!)
    const [changedPackets, count] = mutated(packets, 2 + (random() % (isMany ? 40 : 12)), random)
    changed += count
    const path = file(changedPackets)
    if (await isSame([path], keys)) continue
    writeFileSync(join(folder, `different-${SEED}-${round}.pcap`), pcap(changedPackets))
    expect.fail(`seed ${SEED}, round ${round}: the engines differ`)
  }
})
