/**
 * The engine and the code that it is a fast path of: whoever reads the packets, the same PDUs come in the same order,
 * each at the same time and in the same frame, and everything that is counted is the same. Over every capture there is,
 * over mixes as the bench has them, and over packets with bytes changed, cut short, lost, sent again and out of order.
 *
 * NTLMSCOPE_MUTATIONS says how many changed packets (10,000; a million is a matter of a night), NTLMSCOPE_SEED with
 * which they begin.
 */
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type MixOptions, writeMix } from '../../bench/mix.ts'
import { PAYLOADS, type Payload } from '../../bench/random.ts'
import { KDC_PORT } from '../../decoders/carriers/contact.ts'
import { Engine } from '../../src/engine/engine.ts'
import * as layout from '../../src/engine/layout.ts'
import { frameKey } from '../../src/facts/frames.ts'
import { LIMITS } from '../../src/memory/limits.ts'
import type { EngineName } from '../../src/reading/pdu-source.ts'
import { analyze } from '../../src/run/analyze.ts'
import { pcap, pcapng, type TestPacket } from '../builders/capture.ts'
import { ethernet, ipv4, loopback, sll, sll2, tcp } from '../builders/net.ts'
import { seededRandom } from '../hostile.ts'
import { mutated, packetsOf, TUNNELS } from './changed-packets.ts'
import { isSame, read } from './engines.ts'
import { BUNDLED, capturesBelow, SHARED } from './folders.ts'

const MUTATIONS = Number(process.env.NTLMSCOPE_MUTATIONS ?? 10_000)
const SEED = Number(process.env.NTLMSCOPE_SEED ?? 1)
const PATIENCE_MILLIS = Math.max(600_000, MUTATIONS * 10)
const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-engine-'))
afterAll(() => rmSync(folder, { recursive: true }))
const captures = [...capturesBelow(BUNDLED), ...capturesBelow(SHARED)]
if (!existsSync(SHARED)) console.warn(`skipped: engines are not compared over ${SHARED}, which is absent`)

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

function mixFile(mix: 'span' | 'dc', bytes: number, seed: number): string {
  return written(`${mix}-${seed}.pcap`, { mix, bytes, flows: Math.round(bytes / 40_000), open: 40, seed })
}

/** Conversations that all began before the capture. */
function openFile(payload: Payload, bytes: number, seed: number): string {
  const flows = Math.round(bytes / 40_000)
  return written(`open-${payload}-${seed}.pcap`, { mix: 'open', payload, bytes, flows, open: flows, seed })
}

function written(name: string, options: MixOptions): string {
  const path = join(folder, name)
  const descriptor = openSync(path, 'w')
  writeMix(descriptor, options)
  closeSync(descriptor)
  return path
}

const LINKS: readonly (readonly [linkType: number, wrap: (ip: Uint8Array) => Uint8Array])[] = [
  [113, sll],
  [276, sll2],
  [101, (ip) => ip],
  [12, (ip) => ip],
  [0, (ip) => loopback(ip, { littleEndian: true })],
  [108, (ip) => loopback(ip)],
]

describe('the engine', () => {
  it('is built, and shares its places with the stream', () => {
    expect(Engine.load(frameKey), 'run npm run build first').not.toBeNull()
    expect(layout.CONTACT_PORT).toBe(KDC_PORT)
    expect(layout.ENTRIES_MAX).toBe(LIMITS.connectionsMax)
    expect(layout.FOLLOWED_MAX).toBe(LIMITS.followedMax + LIMITS.followedDatagramsMax)
    expect(layout.BLOCK_BYTES).toBe(LIMITS.readBytes + (LIMITS.readBytes >> 2))
    expect(layout.TABLE).toBe(layout.NUMBERS + 2 * layout.FOLLOWED_MAX * layout.HALF_NUMBERS * 8)
    expect(layout.BUCKETS).toBe(layout.TABLE + layout.ENTRIES_MAX * layout.ENTRY_WORDS * 4)
    expect(layout.SLOTS).toBe(layout.BUCKETS + layout.BUCKETS_MAX * 4)
    expect(layout.BLOCKS).toBe(layout.SLOTS + layout.FOLLOWED_MAX * layout.SLOT_NUMBERS * 8)
    expect(layout.SLOT_WORDS).toBe(2 * layout.SLOT_NUMBERS)
    expect(layout.MEMORY_PAGES * 65_536).toBeGreaterThan(layout.BLOCKS + layout.BLOCKS_MAX * layout.BLOCK_BYTES + 64)
  })

  it(
    'gives the same PDUs and counts over every capture',
    async () => {
      const different: string[] = []
      for (const capture of captures) if (!(await isSame([capture]))) different.push(capture)
      expect(captures.length).toBeGreaterThan(0)
      expect(different).toEqual([])
    },
    PATIENCE_MILLIS,
  )

  it(
    'and over all bundled ones as one run, whose packets alternate',
    async () => {
      expect(await isSame(capturesBelow(BUNDLED))).toBe(true)
    },
    PATIENCE_MILLIS,
  )

  it('gives the same report', async () => {
    const said = async (path: string, engine: EngineName) => {
      const lines: string[] = []
      const report = await analyze([path], {
        engine,
        rethrow: true,
        onMessage: (line) => lines.push(JSON.stringify(line)),
      })
      return `${JSON.stringify(report)}\n${lines.join('\n')}`
    }
    for (const capture of capturesBelow(BUNDLED).filter((_, index) => index % 7 === 0))
      expect(await said(capture, 'wasm')).toBe(await said(capture, 'js'))
  })

  it.each(['span', 'dc'] as const)(
    'reads a %s mix as every packet is read, in every form of a capture',
    async (mix) => {
      const path = mixFile(mix, 4e6, 7)
      const { hash, passed } = await read([path], 'wasm')
      expect((await read([path], 'js')).hash).toBe(hash)
      const packets = await packetsOf(path)
      expect(passed).toBeGreaterThan(packets.length / 5)
      for (const [name, bytes] of [
        ['big.pcap', pcap(packets, { order: 'big' })],
        ['nano.pcap', nanoseconds(pcap(packets, { magic: 0xa1b23c4d }))],
        ['modified.pcap', pcap(packets, { magic: 0xa1b2cd34 })],
        ['old.pcap', pcap(packets, { version: [2, 3] })],
        ['little.pcapng', pcapng(packets)],
        ['big.pcapng', pcapng(packets, { order: 'big', resolution: 9 })],
      ] as const)
        expect(await isSame([file(name, bytes)]), name).toBe(true)
    },
  )

  it('looks into tunnels, and behind the headers of other links', async () => {
    const path = mixFile('span', 4e5, 9)
    const packets = await packetsOf(path)
    const ips = packets.map(({ bytes }) => bytes.subarray(14))
    const { passed: plain } = await read([path], 'wasm')
    const seen: [string, number, boolean][] = []
    const compare = async (name: string, wrapped: readonly Uint8Array[], linkType: number) => {
      const capture = pcap(
        wrapped.map((bytes, i) => ({ time: packets[i]!.time, bytes })),
        { linkType },
      )
      const { hash, passed } = await read([file('wrapped.pcap', capture)], 'wasm')
      seen.push([name, passed, hash === (await read([file('wrapped.pcap', capture)], 'js')).hash])
    }
    for (const [at, wrap] of TUNNELS.entries())
      await compare(
        `tunnel ${at}`,
        packets.map(({ bytes }, i) => wrap(bytes, ips[i]!)),
        1,
      )
    for (const [linkType, wrap] of LINKS) await compare(`link ${linkType}`, ips.map(wrap), linkType)
    expect(seen.filter(([, , same]) => !same)).toEqual([])
    // frames of type IP in ERSPAN, pseudo-wires without a control word, PPP with an address, three tags
    const left = [7, 15, 17, 18].map((at) => `tunnel ${at}`)
    expect(seen.filter(([, passed]) => passed < plain * 0.9).map(([name]) => name)).toEqual(left)
  })

  it.each(PAYLOADS)('follows by itself what nobody speaks: %s', async (payload) => {
    const path = openFile(payload, 2e6, 11)
    const { hash, passed } = await read([path], 'wasm')
    expect((await read([path], 'js')).hash).toBe(hash)
    const packets = await packetsOf(path)
    expect(passed).toBeGreaterThan(packets.length * 0.8)
    // one side of each, and no more than the headers of every second packet
    const [first] = packets
    const oneSided = packets.filter(({ bytes }) => bytes[33] === first!.bytes[33])
    expect(await isSame([file('one-sided.pcap', pcap(oneSided))])).toBe(true)
    const cut = packets.map((packet, at) =>
      at % 2 === 0 ? { ...packet, bytes: packet.bytes.subarray(0, 60), original: packet.bytes.length } : packet,
    )
    expect(await isSame([file('cut.pcap', pcap(cut))])).toBe(true)
  })

  it('gives up what the last packet of the opposite side has shown to be nobodys', async () => {
    const said = (seconds: number, from: 'a' | 'b', seq: number, ack: number, length: number): TestPacket => {
      const [source, destination] = from === 'a' ? ['10.9.0.1', '10.9.0.2'] : ['10.9.0.2', '10.9.0.1']
      const [sourcePort, destinationPort] = from === 'a' ? [1024, 50_000] : [50_000, 1024]
      const segment = tcp(new Uint8Array(length).fill(0x99), { sourcePort, destinationPort, seq, ack })
      return { time: seconds * 1e6, bytes: ethernet(ipv4(segment, { source, destination })) }
    }
    const packets = [
      ...[1000, 1100, 1200].map((seq) => said(1, 'a', seq, 9000, 100)),
      // it answers what was not seen, and waits for it
      said(1, 'a', 1300, 9500, 100),
      said(1.2, 'b', 8000, 1300, 10),
      said(1.3, 'a', 1400, 9500, 100),
      said(1.4, 'b', 8000, 1300, 10),
    ]
    expect(await isSame([file('nobodys.pcap', pcap(packets))])).toBe(true)
  })

  it(
    `gives the same over ${MUTATIONS} changed packets`,
    async () => {
      const random = seededRandom(SEED)
      const mixes = await Promise.all(
        [
          mixFile('span', 2e6, SEED),
          mixFile('dc', 2e6, SEED),
          openFile('random', 1e6, SEED),
          openFile('base64', 1e6, SEED),
        ].map((path) => packetsOf(path)),
      )
      const bundled = capturesBelow(BUNDLED)
      let changed = 0
      for (let round = 0; changed < MUTATIONS; round++) {
        const isMix = random() % 3 > 0
        const packets = isMix ? mixes[random() % mixes.length]! : await packetsOf(bundled[random() % bundled.length]!)
        if (packets.length === 0) continue
        const [changedPackets, count] = mutated(packets, 2 + (random() % (isMix ? 40 : 6)), random)
        changed += count
        const path = file('mutated.pcap', pcap(changedPackets))
        if (await isSame([path])) continue
        file(`different-${SEED}-${round}.pcap`, pcap(changedPackets))
        expect.fail(`seed ${SEED}, round ${round}: the engines differ`)
      }
      expect(changed).toBeGreaterThanOrEqual(MUTATIONS)
    },
    PATIENCE_MILLIS,
  )
})

/** Times that are no whole microseconds, as programs write them. */
function nanoseconds(capture: Uint8Array): Uint8Array {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.byteLength)
  for (let at = 24, packet = 0; at < capture.length; at += 16 + view.getUint32(at + 8, true), packet++)
    view.setUint32(at + 4, view.getUint32(at + 4, true) + ((packet * 37) % 1000), true)
  return capture
}
