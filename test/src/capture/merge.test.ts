import { mkdirSync, mkdtempSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { linkTypeName } from '../../../src/capture/linktype.ts'
import { MergedReader } from '../../../src/capture/merge.ts'
import { CaptureError } from '../../../src/capture/open.ts'
import { joined, pcap, pcapng, pcapngBlocks, type TestPacket, text } from '../../builders/capture.ts'
import { readAll } from '../../builders/read.ts'
import { seededRandom } from '../../hostile.ts'
import { expected, filled, PACKETS } from './samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'merge-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

function at(...times: number[]): TestPacket[] {
  return times.map((time) => ({ time, bytes: filled(1 + (time % 7), time) }))
}

describe('MergedReader', () => {
  it('gives one capture as it is, times that step back and all', async () => {
    const path = file('one', pcap(PACKETS))
    const merged = await MergedReader.open([path])
    expect(await readAll(merged)).toEqual({ packets: expected(PACKETS), damage: null })
    expect(merged.format).toBe('pcap')
    expect(merged.bytesRead).toBe(pcap(PACKETS).length)
    expect(merged.bytesTotal).toBe(pcap(PACKETS).length)
  })

  it('orders packets by time across captures, by file within one, ties by capture', async () => {
    const merged = await MergedReader.open([
      file('a', pcap(at(10, 20, 20, 40))),
      file('b', gzipSync(pcapng(at(5, 20, 15, 50)))),
      file('c', pcap(at(20, 60), { order: 'big' })),
      file('d', pcap([])),
    ])
    const { packets } = await readAll(merged)
    expect(packets.map(({ capture, time, frame }) => [capture, time, frame])).toEqual([
      [1, 5, 1],
      [0, 10, 1],
      [0, 20, 2],
      [0, 20, 3],
      [1, 20, 2],
      [1, 15, 3],
      [2, 20, 1],
      [0, 40, 4],
      [1, 50, 4],
      [2, 60, 2],
    ])
    const bytes = new Map(at(5, 10, 15, 20, 40, 50, 60).map((packet) => [packet.time, packet.bytes]))
    for (const { time, hex } of packets) expect(hex).toBe(Buffer.from(bytes.get(time)!).toString('hex'))
  })

  it('is a stable merge of random captures', async () => {
    const random = seededRandom(7)
    const captures = Array.from({ length: 12 }, () => {
      const times = Array.from({ length: 50 + (random() % 100) }, () => random() % 500)
      return at(...times.sort((a, b) => a - b))
    })
    const merged = await MergedReader.open(captures.map((packets, i) => file(`random${i}`, pcap(packets))))
    const { packets } = await readAll(merged)
    const sorted = captures
      .flatMap((list, capture) => list.map((packet, i) => ({ capture, time: packet.time, frame: i + 1 })))
      .sort((a, b) => a.time - b.time || a.capture - b.capture || a.frame - b.frame)
    expect(packets.map(({ capture, time, frame }) => ({ capture, time, frame }))).toEqual(sorted)
  })

  it('tells of every capture what was read', async () => {
    const { section, interface: description, enhanced, secrets } = pcapngBlocks('big')
    const several = joined([
      section(),
      secrets(0x544c534b, text('secret')),
      description({ linkType: 276, snapLength: 96 }),
      description({ linkType: 1, snapLength: 0 }),
      enhanced(PACKETS[1]!),
      enhanced(PACKETS[0]!, { interfaceId: 1 }),
    ])
    const damaged = pcap(PACKETS).subarray(0, pcap(PACKETS).length - 3)
    const paths = [
      file('s1', gzipSync(several)),
      file('s2', damaged),
      file('s3', pcap([], { linkType: 12, snapLength: 0 })),
    ]
    const merged = await MergedReader.open(paths)
    await readAll(merged)
    expect(merged.summaries()).toEqual([
      {
        name: paths[0],
        format: 'pcapng',
        compressed: true,
        packets: 2,
        bytes: 121,
        start: PACKETS[0]!.time,
        end: PACKETS[1]!.time,
        dropped: null,
        droppedAtLeast: 0,
        filters: [],
        snapLength: 96,
        linkTypes: ['LINUX_SLL2', 'EN10MB'],
        damage: null,
      },
      {
        name: paths[1],
        format: 'pcap',
        compressed: false,
        packets: 4,
        bytes: 184,
        start: PACKETS[0]!.time,
        end: PACKETS[2]!.time,
        dropped: null,
        droppedAtLeast: 0,
        filters: [],
        snapLength: 262_144,
        linkTypes: ['EN10MB'],
        damage: 'offset 272, after frame 4: expected 146 bytes of the record of frame 5, found 143: 3 missing',
      },
      {
        name: paths[2],
        format: 'pcap',
        compressed: false,
        packets: 0,
        bytes: 0,
        start: null,
        end: null,
        dropped: null,
        droppedAtLeast: 0,
        filters: [],
        snapLength: null,
        linkTypes: ['RAW'],
        damage: null,
      },
    ])
    expect(merged.damage).toMatchObject({ offset: 272, frame: 4 })
    expect(merged.secrets).toEqual([{ type: 0x544c534b, bytes: text('secret') }])
    expect(JSON.stringify(merged.summaries())).not.toContain('secret')
  })

  it('refuses the first path that is no capture', async () => {
    const good = file('good', pcap(PACKETS))
    await expect(MergedReader.open([good, file('bad', text('nothing'))])).rejects.toBeInstanceOf(CaptureError)
  })

  it('goes on without a capture that has gone in the meantime', async () => {
    const paths = [file('stays', pcap(at(1, 2))), file('goes', pcap(at(3))), file('later', pcap(at(4)))]
    const merged = await MergedReader.open(paths)
    unlinkSync(paths[1]!)
    const { packets } = await readAll(merged)
    expect(packets.map((packet) => packet.time)).toEqual([1, 2, 4])
    expect(merged.summaries()[1]?.damage).toContain('no such file')
  })

  it.skipIf(process.platform !== 'linux')(
    'holds few descriptors for a thousand files, and none at the end',
    async () => {
      const ring = join(folder, 'ring')
      mkdirSync(ring)
      const paths = Array.from({ length: 1000 }, (_, i) => {
        const path = join(ring, `${i}.pcap`)
        writeFileSync(path, pcap(at(10 * i, 10 * i + 12)))
        return path
      })
      const mine = () => readdirSync('/proc/self/fd').length
      const before = mine()
      const merged = await MergedReader.open(paths)
      expect(mine()).toBe(before)
      let packets = 0
      let most = 0
      let last = 0
      for (;;) {
        const state = merged.next()
        if (state === 'end') break
        if (state === 'starved') {
          await merged.fill()
          most = Math.max(most, mine() - before)
          continue
        }
        packets++
        expect(merged.packet.time).toBeGreaterThanOrEqual(last)
        last = merged.packet.time
      }
      expect(packets).toBe(2000)
      expect(most).toBeLessThan(6)
      expect(mine()).toBe(before)
    },
  )

  it('can be closed half-way', async () => {
    const merged = await MergedReader.open([file('h1', pcap(at(1, 5))), file('h2', pcapng(at(2, 6)))])
    while (merged.next() !== 'packet') await merged.fill()
    await merged.close()
    expect(merged.next()).toBe('end')
    expect(merged.summaries().map((summary) => summary.packets)).toEqual([1, 0])
  })
})

describe('linkTypeName', () => {
  it('names what is usual, numbers what is not', () => {
    expect([0, 1, 101, 113, 276, 147, 162, 9999].map(linkTypeName)).toEqual([
      'NULL',
      'EN10MB',
      'RAW',
      'LINUX_SLL',
      'LINUX_SLL2',
      'USER0',
      'USER15',
      'LINKTYPE_9999',
    ])
  })
})
