import { crc32, deflateRawSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { GzipSource } from '../../../src/capture/compression/gzip.ts'
import { BlockBuffer } from '../../../src/capture/source.ts'
import { joined, text } from '../../builders/capture.ts'
import { PieceSource } from '../../builders/read.ts'
import { changeBytes, seededRandom } from '../../hostile.ts'
import { filled } from './samples.ts'

interface Unpacked {
  readonly bytes: Uint8Array
  readonly fault: string | null
}

async function unpack(compressed: Uint8Array, piece?: number, repeatable = true): Promise<Unpacked> {
  const input = new BlockBuffer(new PieceSource(compressed, piece, null, repeatable), 1024)
  const source = new GzipSource(input)
  const chunks: Uint8Array[] = []
  const target = new Uint8Array(5000)
  for (;;) {
    const count = await source.read(target, 0, target.length)
    if (count === 0) break
    chunks.push(target.slice(0, count))
  }
  await source.close()
  return { bytes: Buffer.concat(chunks), fault: source.fault }
}

/** Bytes that compress to about half. */
function halfRandom(length: number, seed: number): Uint8Array {
  const random = seededRandom(seed)
  return Uint8Array.from({ length }, () => random() & 15)
}

/** A member with every optional header field. */
function memberWithHeader(bytes: Uint8Array): Uint8Array {
  const trailer = new DataView(new ArrayBuffer(8))
  trailer.setUint32(0, crc32(bytes), true)
  trailer.setUint32(4, bytes.length, true)
  return joined([
    Uint8Array.of(0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 3),
    Uint8Array.of(5, 0, 1, 2, 3, 4, 5),
    text('name.pcap\0a comment\0'),
    Uint8Array.of(0xab, 0xcd),
    deflateRawSync(bytes),
    new Uint8Array(trailer.buffer),
  ])
}

describe('gzip', () => {
  const plain = halfRandom(300_000, 1)
  const packed = gzipSync(plain)

  it('gives the decompressed bytes, in pieces of any size', async () => {
    for (const piece of [1000, 65_536, packed.length]) {
      const { bytes, fault } = await unpack(packed, piece)
      expect(Buffer.compare(bytes, plain)).toBe(0)
      expect(fault).toBeNull()
    }
    const small = gzipSync(plain.slice(0, 500))
    for (const piece of [1, 2, 3, 7]) {
      expect(await unpack(small, piece)).toEqual({ bytes: Buffer.from(plain.slice(0, 500)), fault: null })
    }
  })

  it('reads several members, empty ones and headers with every field among them', async () => {
    const members = [gzipSync(plain), gzipSync(''), memberWithHeader(text('second ')), gzipSync('third')]
    const whole = Buffer.concat([plain, text('second third')])
    for (const piece of [13, 4096, 1_000_000]) {
      const { bytes, fault } = await unpack(joined(members), piece)
      expect(Buffer.compare(bytes, whole)).toBe(0)
      expect(fault).toBeNull()
    }
  })

  it('zeros between members and behind the last one are padding', async () => {
    for (const zeros of [1, 4, 10, 5000]) {
      const padding = new Uint8Array(zeros)
      const found = await unpack(joined([gzipSync('abc'), padding, gzipSync('def'), padding]))
      expect(found).toEqual({ bytes: Buffer.from('abcdef'), fault: null })
    }
  })

  it('what follows the last member else is named: another member may have been damaged', async () => {
    for (const garbage of [[1, 2, 3], [0, 0, 1], [0x1f], [0x1f, 0x8b, 9, 0], [0x50, 0x4b, 3, 4, 1, 2, 3, 4, 5, 6, 7]]) {
      const found = await unpack(joined([gzipSync('abc'), Uint8Array.from(garbage)]))
      expect(found.bytes).toEqual(Buffer.from('abc'))
      expect(found.fault).toMatch(/^gzip: something else follows at offset 2\d$/)
    }
  })

  it('gives everything before a cut at any byte', async () => {
    const bytes = memberWithHeader(halfRandom(400, 3))
    const body = 10 + 7 + 'name.pcap\0a comment\0'.length + 2
    let longest = 0
    for (let length = 2; length < bytes.length; length++) {
      const found = await unpack(bytes.slice(0, length))
      expect(Buffer.compare(found.bytes, halfRandom(400, 3).slice(0, found.bytes.length))).toBe(0)
      expect(found.bytes.length).toBeGreaterThanOrEqual(longest)
      longest = found.bytes.length
      const part = length < body ? 'header' : length < bytes.length - 8 ? 'data' : 'trailer'
      expect(found.fault, `cut at ${length}`).toBe(`gzip member at offset 0: cut in the ${part}`)
    }
    expect(longest).toBe(400)
  })

  it('gives what zlib makes of a cut file, to the byte', async () => {
    // stored blocks: every byte that is there can be decompressed
    const stored = gzipSync(plain, { level: 0 })
    const found = await unpack(stored.subarray(0, 200_000))
    expect(found.bytes.length).toBeGreaterThan(199_900)
    expect(Buffer.compare(found.bytes, plain.slice(0, found.bytes.length))).toBe(0)
  })

  it('gives every byte before a corruption, from a file', async () => {
    const half = deflateRawSync(plain.slice(0, 150_000), { finishFlush: 2 })
    // a full block, then one of the type that does not exist
    const bytes = joined([Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3), half, filled(100, 255).fill(255)])
    const found = await unpack(bytes, undefined, true)
    expect(found.bytes.length).toBe(150_000)
    expect(Buffer.compare(found.bytes, plain.slice(0, 150_000))).toBe(0)
    expect(found.fault).toMatch(
      /^gzip member at offset 0: corrupt near offset \d+ of the compressed data \(invalid block type\)$/,
    )
    // from a pipe at least what came before the slice
    const piped = await unpack(bytes, 1024, false)
    expect(piped.bytes.length).toBeGreaterThan(145_000)
    expect(piped.fault).toBe((await unpack(bytes, 1024, true)).fault)
  })

  it('notices a wrong checksum and a wrong size, and still gives the bytes', async () => {
    const checksum = gzipSync('abcdef')
    checksum[checksum.length - 8]! ^= 1
    expect(await unpack(checksum)).toEqual({
      bytes: Buffer.from('abcdef'),
      fault: 'gzip member at offset 0: checksum 4b8e39ef, expected 4b8e39ee',
    })
    const size = joined([gzipSync('abc'), gzipSync('abcdef')])
    size[size.length - 4] = 7
    expect(await unpack(size)).toEqual({
      bytes: Buffer.from('abcabcdef'),
      fault: 'gzip member at offset 23: 6 bytes decompressed, expected 7',
    })
  })

  it('refuses another compression method', async () => {
    const found = await unpack(Uint8Array.of(0x1f, 0x8b, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    expect(found).toEqual({
      bytes: Buffer.from(''),
      fault: 'gzip member at offset 0: compression method 7, expected 8 (deflate)',
    })
  })

  it('tells a fault of the file from a cut', async () => {
    const source = new GzipSource(
      new BlockBuffer(new PieceSource(packed.subarray(0, 5000), 1000, 'reading failed (EIO)')),
    )
    while ((await source.read(new Uint8Array(1000), 0, 1000)) > 0);
    expect(source.fault).toBe('gzip member at offset 0: reading failed (EIO)')
  })

  it('survives changed bytes', async () => {
    const variants: Uint8Array[] = []
    changeBytes(joined([memberWithHeader(halfRandom(300, 5)), gzipSync('abc')]), 300, (changed) =>
      variants.push(changed),
    )
    for (const variant of variants) expect((await unpack(variant)).bytes.length).toBeLessThan(400_000)
  })

  it('can be closed while it works', async () => {
    const input = new BlockBuffer(new PieceSource(packed))
    const buffer = new BlockBuffer(new GzipSource(input))
    await buffer.fill(1)
    await buffer.close()
    expect(buffer.ended).toBe(true)
  })
})
