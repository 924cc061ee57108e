import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/memory/limits.ts'
import {
  type ByteOrder,
  joined,
  MICROSECOND_PCAP,
  MODIFIED_PCAP,
  NANOSECOND_PCAP,
  pcap,
  pcapRecord,
} from '../../builders/capture.ts'
import { readBytes } from '../../builders/read.ts'
import { changeBytes } from '../../hostile.ts'
import { expected, filled, PACKETS } from './samples.ts'

const ORDERS: readonly ByteOrder[] = ['little', 'big']

describe('pcap', () => {
  for (const order of ORDERS) {
    for (const magic of [MICROSECOND_PCAP, NANOSECOND_PCAP, MODIFIED_PCAP]) {
      it(`reads ${magic.toString(16)}, ${order}-endian, in pieces of any size`, async () => {
        const bytes = pcap(PACKETS, { order, magic })
        for (const piece of [1, 2, 3, 7, 16, 100, bytes.length]) {
          expect(await readBytes(bytes, piece)).toEqual({ packets: expected(PACKETS), damage: null })
        }
      })
    }

    it(`reads ${order}-endian files of versions 2.2 and 2.3, lengths the other way round`, async () => {
      for (const minor of [2, 3]) {
        const bytes = pcap(PACKETS, { order, version: [2, minor] })
        expect((await readBytes(bytes))?.packets).toEqual(expected(PACKETS))
      }
    })
  }

  it('leaves the lengths of a 2.3 file alone where they make sense as they stand', async () => {
    const bytes = joined([pcap([], { version: [2, 3] }), pcapRecord({ time: 0, bytes: filled(10, 1), original: 20 })])
    expect((await readBytes(bytes))?.packets).toMatchObject([{ captured: 10, original: 20 }])
  })

  it('keeps the fraction of nanoseconds', async () => {
    const time = 1_700_000_000_000_001 + 0.25
    const packets = [{ time, bytes: filled(4, 1) }]
    const read = await readBytes(pcap(packets, { magic: NANOSECOND_PCAP }))
    expect(read?.packets[0]?.time).toBe(time)
  })

  it('does not round nanoseconds up to the next microsecond', async () => {
    const bytes = Buffer.from(pcap([{ time: 1_700_000_000_000_001, bytes: filled(4, 1) }], { magic: NANOSECOND_PCAP }))
    bytes.writeUInt32LE(bytes.readUInt32LE(28) + 999, 28)
    expect((await readBytes(bytes))?.packets[0]?.time).toBe(1_700_000_000_000_001 + 0.75)
  })

  it('masks what stands above the link type', async () => {
    const read = await readBytes(pcap(PACKETS, { linkType: 0x24000113 }))
    expect(read?.packets.every((packet) => packet.linkType === 0x113)).toBe(true)
  })

  it('reads packets longer than the snap length, which may be 0 or absurd', async () => {
    const long = [{ time: 5, bytes: filled(70_000, 1) }, ...PACKETS]
    for (const snapLength of [0, 96, 65_535, 0xffffffff]) {
      expect((await readBytes(pcap(long, { snapLength })))?.packets).toEqual(expected(long))
    }
  })

  it('never says that more was captured than was sent', async () => {
    const read = await readBytes(pcap([{ time: 0, bytes: filled(10, 1), original: 4 }]))
    expect(read?.packets).toMatchObject([{ captured: 10, original: 10 }])
  })

  it('reads a record far larger than the buffer, with small ones around it', async () => {
    const packets = [...PACKETS, { time: 9, bytes: filled(2_000_000, 7) }, ...PACKETS]
    const bytes = pcap(packets, { snapLength: 4_000_000 })
    for (const piece of [1000, 65_536, bytes.length]) {
      expect(await readBytes(bytes, piece)).toEqual({ packets: expected(packets), damage: null })
    }
  })

  it('names an implausible captured length, and gives what stands before it', async () => {
    for (const [snapLength, limit] of [
      [65_535, 262_144],
      [0xffffffff, LIMITS.recordBytesMax],
    ] as const) {
      const good = pcap(PACKETS, { snapLength })
      const bad = pcapRecord({ time: 0, bytes: filled(0, 0) })
      new DataView(bad.buffer).setUint32(8, limit + 1, true)
      const read = await readBytes(joined([good, bad, good]))
      expect(read?.packets).toEqual(expected(PACKETS))
      expect(read?.damage).toEqual({
        offset: good.length,
        frame: 5,
        reason: `expected a captured length of at most ${limit} for frame 6, found ${limit + 1}`,
      })
    }
  })

  it('gives the packets before a cut at any byte, and says what is missing', async () => {
    for (const magic of [MICROSECOND_PCAP, MODIFIED_PCAP]) {
      const bytes = pcap(PACKETS, { magic })
      const ends = PACKETS.map((_, i) => pcap(PACKETS.slice(0, i + 1), { magic }).length)
      for (let length = 4; length < bytes.length; length++) {
        const read = await readBytes(bytes.slice(0, length))
        const whole = ends.filter((end) => end <= length).length
        expect(read?.packets).toEqual(expected(PACKETS.slice(0, whole)))
        const start = whole === 0 ? 24 : ends[whole - 1]!
        if (length === start) expect(read?.damage).toBeNull()
        else {
          expect(read?.damage).toMatchObject({ offset: length < 24 ? 0 : start, frame: whole })
          const header = magic === MODIFIED_PCAP ? 24 : 16
          const need = length < 24 ? 24 : length < start + header ? start + header : ends[whole]!
          expect(read?.damage?.reason).toMatch(new RegExp(`: ${need - length} missing$`))
        }
      }
    }
  })

  for (const order of ORDERS) {
    const packets = PACKETS.filter(({ bytes }) => bytes.length > 0)
    const whole = pcap(packets, { order })
    const number = (value: number) => {
      const bytes = Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
      return order === 'big' ? bytes : bytes.reverse()
    }

    it(`reads the ${order}-endian form of Ixia, whose file header is longer`, async () => {
      for (const magic of [0x1c0001ac, 0x1c0001ab]) {
        const ixia = joined([number(magic), whole.subarray(4, 24), number(whole.length - 24), whole.subarray(24)])
        expect(await readBytes(ixia)).toEqual({ packets: expected(packets), damage: null })
      }
    })

    it(`reads the ${order}-endian form of Nokia IPSO, whose record headers are longer`, async () => {
      const records = packets.map((packet) => pcapRecord(packet, { order }))
      const nokia = joined([
        whole.subarray(0, 24),
        ...records.flatMap((record) => [record.subarray(0, 16), number(7), record.subarray(16)]),
      ])
      expect(await readBytes(nokia)).toEqual({ packets: expected(packets), damage: null })
      // zeros in that place are no other form
      for (let count = 2; count <= packets.length; count++) {
        const usual = pcap(packets.slice(0, count), { order })
        expect(await readBytes(usual)).toEqual({ packets: expected(packets.slice(0, count)), damage: null })
      }
    })

    it(`takes zeros at the end of a ${order}-endian file for damage, not for packets of 1970`, async () => {
      for (const zeros of [16, 17, 40, 4096]) {
        const read = await readBytes(joined([whole, new Uint8Array(zeros)]))
        expect(read?.packets).toEqual(expected(packets))
        expect(read?.damage).toMatchObject({ offset: whole.length, frame: packets.length })
        expect(read?.damage?.reason).toMatch(/found zeros/)
      }
    })
  }

  it('survives changed bytes', async () => {
    const variants: Uint8Array[] = []
    for (const order of ORDERS) changeBytes(pcap(PACKETS, { order }), 1000, (changed) => variants.push(changed))
    for (const variant of variants) {
      const read = await readBytes(variant, 64)
      if (read !== null && read.packets.length < 5) expect(read.damage).not.toBeNull()
    }
  })
})
