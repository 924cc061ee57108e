import { describe, expect, it } from 'vitest'
import { recognise } from '../../../src/capture/open.ts'
import { PcapngReader } from '../../../src/capture/pcapng.ts'
import { BlockBuffer } from '../../../src/capture/source.ts'
import { LIMITS } from '../../../src/memory/limits.ts'
import { type ByteOrder, joined, pcap, pcapng, pcapngBlocks, text } from '../../builders/capture.ts'
import { PieceSource, readAll, readBytes } from '../../builders/read.ts'
import { changeBytes } from '../../hostile.ts'
import { expected, filled, PACKETS } from './samples.ts'

const ORDERS: readonly ByteOrder[] = ['little', 'big']

async function readerOf(bytes: Uint8Array): Promise<PcapngReader> {
  const buffer = new BlockBuffer(new PieceSource(bytes))
  await buffer.fill(4)
  const reader = await recognise(buffer, 0)
  if (!(reader instanceof PcapngReader)) throw new Error('not recognised as pcapng')
  return reader
}

/** One of every block, every form of packet. */
function everyBlock(order: ByteOrder): Uint8Array {
  const blocks = pcapngBlocks(order)
  return joined([
    blocks.section(),
    blocks.secrets(0x544c534b, text('CLIENT_RANDOM 00 11\n')),
    blocks.interface(),
    blocks.names(),
    blocks.enhanced(PACKETS[0]!, { comment: 'four bytes' }),
    blocks.custom(filled(37, 9)),
    blocks.obsolete(PACKETS[1]!),
    blocks.enhanced(PACKETS[2]!),
    blocks.block(0x7fff0001, filled(8, 1)),
    blocks.enhanced(PACKETS[3]!, { comment: 'x' }),
    blocks.obsolete(PACKETS[4]!),
    blocks.statistics(),
  ])
}

describe('pcapng', () => {
  for (const order of ORDERS) {
    it(`reads every block, ${order}-endian, in pieces of any size`, async () => {
      const bytes = everyBlock(order)
      for (const piece of [1, 2, 3, 7, 16, 100, bytes.length]) {
        expect(await readBytes(bytes, piece)).toEqual({ packets: expected(PACKETS), damage: null })
      }
    })

    it(`gives what the same packets in pcap give, ${order}-endian`, async () => {
      expect(await readBytes(pcapng(PACKETS, { order }))).toEqual(await readBytes(pcap(PACKETS, { order })))
    })

    it(`reads Simple Packet Blocks by the snap length of interface 0, ${order}-endian`, async () => {
      const blocks = pcapngBlocks(order)
      for (const [snapLength, captured] of [
        [0, 61],
        [100, 61],
        [61, 61],
        [20, 20],
      ] as const) {
        const packet = { time: 0, bytes: filled(captured, 3), original: 61 }
        const bytes = joined([
          blocks.section(),
          blocks.interface({ snapLength, linkType: 101 }),
          blocks.enhanced(PACKETS[0]!),
          blocks.simple(packet),
        ])
        const read = await readBytes(bytes)
        expect(read?.damage).toBeNull()
        // it has no time of its own: the last one stays
        expect(read?.packets[1]).toEqual(expected([packet], { frame: 2, linkType: 101, time: PACKETS[0]!.time })[0])
      }
    })

    it(`reads time resolutions and offsets, ${order}-endian`, async () => {
      for (const resolution of [6, 3, 9, 0x8a, 0x94, 0xa0, 12, 7]) {
        for (const offset of [0n, 3600n, -3600n, 1_690_000_000n]) {
          // 64 bits of picoseconds end after 213 days: without an offset such a clock cannot show a date
          if (resolution === 12 && offset !== 1_690_000_000n) continue
          const read = await readBytes(pcapng(PACKETS, { order, resolution, offset }))
          expect(read?.damage).toBeNull()
          const tick = resolution === 3 ? 1000 : resolution === 0x8a ? 1e6 / 1024 : resolution === 6 ? 0 : 1
          for (const [i, packet] of PACKETS.entries()) {
            const late = packet.time - read!.packets[i]!.time
            expect(late, `resolution ${resolution}, offset ${offset}`).toBeGreaterThanOrEqual(-0.5)
            expect(late, `resolution ${resolution}, offset ${offset}`).toBeLessThanOrEqual(tick)
          }
        }
      }
    })
  }

  it('keeps the fraction of nanoseconds', async () => {
    const packets = [{ time: 1_700_000_000_000_001.5, bytes: filled(4, 1) }]
    expect((await readBytes(pcapng(packets, { resolution: 9 })))?.packets[0]?.time).toBe(1_700_000_000_000_001.5)
  })

  it('does not round nanoseconds up to the next microsecond', async () => {
    const bytes = Buffer.from(pcapng([{ time: 1_700_000_000_000_001, bytes: filled(4, 1) }], { resolution: 9 }))
    const low = bytes.indexOf(Buffer.from([6, 0, 0, 0])) + 16
    bytes.writeUInt32LE(bytes.readUInt32LE(low) + 999, low)
    expect((await readBytes(bytes))?.packets[0]?.time).toBe(1_700_000_000_000_001 + 0.75)
  })

  it('bounds the times of a broken clock', async () => {
    const { section, interface: description, enhanced } = pcapngBlocks('little')
    const late = enhanced(PACKETS[0]!)
    late.fill(255, 12, 20)
    const future = await readBytes(joined([section(), description({ resolution: 0 }), late]))
    expect(future?.packets[0]?.time).toBe(Number.MAX_SAFE_INTEGER)
    const past = await readBytes(joined([section(), description({ offset: -(2n ** 62n) }), enhanced(PACKETS[0]!)]))
    expect(past?.packets[0]?.time).toBe(0)
  })

  it('reads several interfaces, each with its link type and clock', async () => {
    const { section, interface: description, enhanced, obsolete } = pcapngBlocks('little')
    const bytes = joined([
      section(),
      description({ linkType: 1, snapLength: 0 }),
      description({ linkType: 113, snapLength: 2000, resolution: 9 }),
      enhanced(PACKETS[0]!, { interfaceId: 1, resolution: 9 }),
      enhanced(PACKETS[1]!, { interfaceId: 0 }),
      description({ linkType: 276, snapLength: 96, resolution: 6 }),
      obsolete(PACKETS[3]!, { interfaceId: 2 }),
    ])
    const reader = await readerOf(bytes)
    const { packets, damage } = await readAll(reader)
    expect(damage).toBeNull()
    expect(packets.map((packet) => [packet.interfaceId, packet.linkType, packet.frame])).toEqual([
      [1, 113, 1],
      [0, 1, 2],
      [2, 276, 3],
    ])
    expect(packets.map((packet) => packet.time)).toEqual([PACKETS[0]!.time, PACKETS[1]!.time, PACKETS[3]!.time])
    expect(reader.linkTypes).toEqual([1, 113, 276])
    expect(reader.snapLength).toBe(96)
  })

  it('starts every section anew, in its own byte order', async () => {
    const bytes = joined([
      pcapng(PACKETS, { order: 'little', linkType: 1 }),
      pcapng(PACKETS, { order: 'big', linkType: 113 }),
      pcapng(PACKETS, { order: 'little', linkType: 1 }),
    ])
    for (const piece of [1, 5, bytes.length]) {
      const read = await readBytes(bytes, piece)
      expect(read?.damage).toBeNull()
      expect(read?.packets.map((packet) => packet.frame)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1))
      expect(read?.packets.slice(5, 10)).toEqual(
        expected(PACKETS, { linkType: 113 }).map((packet, i) => ({ ...packet, frame: i + 6 })),
      )
    }
    // an interface of the first section is none of the second
    const orphan = joined([pcapng(PACKETS), pcapngBlocks('big').section(), pcapngBlocks('big').enhanced(PACKETS[0]!)])
    const read = await readBytes(orphan)
    expect(read?.packets).toHaveLength(5)
    expect(read?.damage?.reason).toBe('expected the number of a described interface, found 0 with 0 described')
  })

  it('keeps secrets, bounded', async () => {
    const { section, secrets } = pcapngBlocks('little')
    const reader = await readerOf(joined([section(), secrets(0x544c534b, text('12345')), secrets(7, text(''))]))
    await readAll(reader)
    expect(reader.secrets).toEqual([
      { type: 0x544c534b, bytes: text('12345') },
      { type: 7, bytes: text('') },
    ])
    const many = await readerOf(joined([section(), ...Array.from({ length: 30 }, () => secrets(1, filled(50_000, 1)))]))
    expect((await readAll(many)).damage).toBeNull()
    expect(many.secrets).toHaveLength(20)
  })

  describe('damage', () => {
    const { section, interface: description, enhanced, simple, block, secrets } = pcapngBlocks('little')
    const head = joined([section(), description(), enhanced(PACKETS[0]!)])
    const cases: readonly (readonly [what: string, block: Uint8Array, reason: string])[] = [
      [
        'an unknown byte order',
        changed(section(), 8, 0),
        'expected the byte-order magic 1a2b3c4d of a section, found 003c2b1a',
      ],
      ['an unknown version', changed(section(), 12, 2), 'expected a section of version 1, found 2.0'],
      [
        'a short section header',
        block(0x0a0d0d0a, Uint8Array.of(0x4d, 0x3c, 0x2b, 0x1a)),
        'expected at least 28 bytes of block type 0a0d0d0a, found a total length of 16',
      ],
      [
        'a length that is not a multiple of 4',
        changed(block(99, filled(8, 1)), 4, 21),
        `expected a block total length that is a multiple of 4 from 12 to ${LIMITS.recordBytesMax}, found 21 (block type 00000063)`,
      ],
      [
        'a length below 12',
        changed(block(99, filled(8, 1)), 4, 8),
        `expected a block total length that is a multiple of 4 from 12 to ${LIMITS.recordBytesMax}, found 8 (block type 00000063)`,
      ],
      [
        'a length beyond the limit',
        changed(block(99, filled(8, 1)), 7, 127),
        `expected a block total length that is a multiple of 4 from 12 to ${LIMITS.recordBytesMax}, found 2130706452 (block type 00000063)`,
      ],
      [
        'an interface that was not described',
        enhanced(PACKETS[0]!, { interfaceId: 1 }),
        'expected the number of a described interface, found 1 with 1 described',
      ],
      [
        'a captured length beyond the block',
        changed(enhanced(PACKETS[0]!), 20, 61),
        'expected a length of at most 60 in this block, found 61',
      ],
      [
        'a simple packet beyond its block',
        changed(simple(PACKETS[0]!), 8, 61),
        'expected a length of at most 60 in this block, found 61',
      ],
      [
        'a short packet block',
        block(6, filled(16, 1)),
        'expected at least 32 bytes of block type 00000006, found a total length of 28',
      ],
      [
        'a short simple packet block',
        block(3),
        'expected at least 16 bytes of block type 00000003, found a total length of 12',
      ],
      [
        'a short interface description',
        block(1, filled(4, 1)),
        'expected at least 20 bytes of block type 00000001, found a total length of 16',
      ],
      [
        'a short secrets block',
        block(10, filled(4, 1)),
        'expected at least 20 bytes of block type 0000000a, found a total length of 16',
      ],
      [
        'secrets beyond their block',
        changed(secrets(1, filled(4, 1)), 12, 5),
        'expected a length of at most 4 in this block, found 5',
      ],
    ]
    for (const [what, bad, reason] of cases) {
      it(`is ${what}`, async () => {
        const read = await readBytes(joined([head, bad, enhanced(PACKETS[1]!)]))
        expect(read?.packets).toEqual(expected([PACKETS[0]!]))
        expect(read?.damage).toEqual({ offset: head.length, frame: 1, reason })
      })
    }

    it('is a trailing length unlike the leading one: the packet is given, and is the last', async () => {
      const bad = enhanced(PACKETS[1]!)
      changed(bad, bad.length - 4, 8)
      const read = await readBytes(joined([head, bad, enhanced(PACKETS[2]!)]))
      expect(read?.packets).toEqual(expected(PACKETS.slice(0, 2)))
      const reason = `expected the block total length ${bad.length} again at the end of the block, found 8`
      expect(read?.damage).toEqual({ offset: head.length, frame: 2, reason })
    })

    it('is a simple packet without any interface', async () => {
      const read = await readBytes(joined([section(), simple(PACKETS[0]!)]))
      expect(read?.packets).toEqual([])
      expect(read?.damage?.reason).toBe('expected the number of a described interface, found 0 with 0 described')
    })

    it('is more interfaces than can be real', async () => {
      const one = block(1, new Uint8Array(8))
      const read = await readBytes(joined([section(), ...Array.from({ length: 65_537 }, () => one)]))
      expect(read?.damage?.reason).toBe('expected at most 65536 interfaces, found more')
    })
  })

  it('ignores interface options that do not fit', async () => {
    const { section, block, enhanced } = pcapngBlocks('little')
    const options = Uint8Array.of(9, 0, 200, 0, 9, 9, 9, 9)
    const bytes = joined([section(), block(1, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), options), enhanced(PACKETS[0]!)])
    expect(await readBytes(bytes)).toEqual({ packets: expected([PACKETS[0]!]), damage: null })
  })

  it('gives the packets before a cut at any byte, and says what is missing', async () => {
    for (const order of ORDERS) {
      const bytes = everyBlock(order)
      const ends = blockEnds(bytes, order)
      const frames = await Promise.all(ends.map(async (end) => (await readBytes(bytes.slice(0, end)))?.packets.length))
      expect(frames.at(-1)).toBe(5)
      for (let length = 4; length < bytes.length; length++) {
        const read = await readBytes(bytes.slice(0, length))
        const whole = ends.filter((end) => end <= length).length
        expect(read?.packets).toEqual(expected(PACKETS.slice(0, whole === 0 ? 0 : frames[whole - 1])))
        const start = whole === 0 ? 0 : ends[whole - 1]!
        if (length === start) expect(read?.damage).toBeNull()
        else {
          expect(read?.damage?.offset).toBe(start)
          const need = length - start < 12 ? start + 12 : ends[whole]!
          expect(read?.damage?.reason).toMatch(new RegExp(`: ${need - length} missing$`))
        }
      }
    }
  })

  it('survives changed bytes', async () => {
    const variants: Uint8Array[] = []
    for (const order of ORDERS) changeBytes(everyBlock(order), 1500, (changedBytes) => variants.push(changedBytes))
    for (const variant of variants) {
      const read = await readBytes(variant, 64)
      for (const packet of read?.packets ?? [])
        expect(packet.time >= 0 && packet.time <= Number.MAX_SAFE_INTEGER).toBe(true)
    }
  })
})

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  bytes[at] = value
  return bytes
}

function blockEnds(bytes: Uint8Array, order: ByteOrder): number[] {
  const view = new DataView(bytes.buffer)
  const ends: number[] = []
  for (let at = 0; at < bytes.length; ends.push(at)) at += view.getUint32(at + 4, order === 'little')
  return ends
}
