/**
 * Captures in zstd, LZ4 and xz: the same bytes as before they were packed; cut anywhere, damaged anywhere, and built to
 * cost time or memory.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { compressionOf, DecompressedSource } from '../../../src/capture/compression/decompress.ts'
import { MergedReader } from '../../../src/capture/merge.ts'
import { openCapture } from '../../../src/capture/open.ts'
import { BlockBuffer, Descriptor, FileSource } from '../../../src/capture/source.ts'
import { joined } from '../../builders/capture.ts'
import { seededRandom } from '../../hostile.ts'
import { PACKED } from './packed.samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-packed-'))
afterAll(() => rmSync(folder, { recursive: true }))
const OFFICE = new URL('../../../captures/office/office.pcap', import.meta.url)
const plain = readFileSync(OFFICE).subarray(0, 3000)
const samples = Object.entries(PACKED).map(
  ([name, text]) => [name, new Uint8Array(Buffer.from(text, 'base64'))] as const,
)
const hex = (digits: string) => new Uint8Array(Buffer.from(digits.replaceAll(' ', ''), 'hex'))
const number = (value: number, length: number) => Uint8Array.from({ length }, (_, at) => (value / 256 ** at) & 255)

let files = 0
function file(bytes: Uint8Array): string {
  const path = join(folder, `${files++}`)
  writeFileSync(path, bytes)
  return path
}

/** Everything that comes out, up to `most` bytes. */
async function unpacked(bytes: Uint8Array, readBytes = 4096, most = 1 << 24) {
  const { openSync } = await import('node:fs')
  const input = new BlockBuffer(new FileSource(new Descriptor(openSync(file(bytes), 'r'), true), 0, true), readBytes)
  await input.fill(64)
  const compression = compressionOf(input.bytes, input.pos, input.end)
  if (compression === null) {
    await input.close()
    return null
  }
  const source = new DecompressedSource(input, compression)
  const parts: Buffer[] = []
  const target = new Uint8Array(65_536)
  let length = 0
  for (let count = 1; count > 0 && length < most; length += count) {
    count = await source.read(target, 0, target.length)
    parts.push(Buffer.from(target.subarray(0, count)))
  }
  const { fault } = source
  await source.close()
  return { bytes: Buffer.concat(parts), fault, length }
}

describe.each(samples)('%s', (_name, packed) => {
  it('gives the bytes that were packed, whatever a read brings', async () => {
    for (const readBytes of [4096, 300, 65_536]) {
      const { bytes, fault } = (await unpacked(packed, readBytes))!
      expect(fault).toBeNull()
      expect(bytes.equals(plain)).toBe(true)
    }
  })

  it('cut at every byte gives what stands before the cut, and says so', async () => {
    for (let length = 0; length < packed.length; length++) {
      const read = await unpacked(packed.subarray(0, length))
      if (read === null) continue
      expect(plain.subarray(0, read.bytes.length).equals(read.bytes)).toBe(true)
      if (read.bytes.length < plain.length && read.fault === null) {
        // between two frames nothing shows that another one followed
        expect(read.bytes.length).toBe(1000)
      }
    }
  }, 60_000)

  it('with any byte changed neither throws nor hangs', async () => {
    const random = seededRandom(7)
    for (let run = 0; run < 100; run++) {
      const copy = packed.slice()
      copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256)
      const read = await unpacked(copy)
      expect(read === null || read.length <= 1 << 24).toBe(true)
    }
  }, 60_000)

  it('is opened as a capture', async () => {
    const { reader, compressed } = await openCapture(file(packed), 0)
    expect(compressed).toBe(true)
    let packets = 0
    for (let state = reader.next(); state !== 'end'; state = reader.next()) {
      if (state === 'packet') packets++
      else await reader.fill()
    }
    expect(packets).toBeGreaterThan(10)
    expect(reader.damage?.reason).toMatch(/missing$/)
    await reader.close()
  })
})

it('captures that overlap are read side by side, of every kind', async () => {
  const paths = samples.map(([, bytes]) => file(bytes))
  const merged = await MergedReader.open(paths)
  const counts = paths.map(() => 0)
  for (let state = merged.next(); state !== 'end'; state = merged.next()) {
    if (state === 'packet') counts[merged.packet.capture]!++
    else await merged.fill()
  }
  await merged.close()
  expect(new Set(counts).size).toBe(1)
  expect(counts[0]).toBeGreaterThan(10)
})

describe('hostile', () => {
  const zstdHeader = (windowDescriptor: number) => joined([hex('28b52ffd 00'), number(windowDescriptor, 1)])
  const run = (length: number, isLast = false) => joined([number((length << 3) | 2 | (isLast ? 1 : 0), 3), hex('41')])

  it('a zstd bomb comes out piece by piece', async () => {
    const bomb = joined([zstdHeader(7 << 3), ...Array.from({ length: 2000 }, () => run(131_072)), run(1, true)])
    const { length, fault } = (await unpacked(bomb, 4096, 1 << 22))!
    expect(length).toBeGreaterThanOrEqual(1 << 22)
    expect(fault).toBeNull()
  })

  it('a zstd window beyond the limit is refused before it is asked for', async () => {
    expect((await unpacked(joined([zstdHeader(20 << 3), run(5, true)])))!.fault).toMatch(
      /a window of 1024 MiB, at most 64/,
    )
  })

  it('small zstd blocks in a large window end early', async () => {
    const many = joined([zstdHeader(16 << 3), ...Array.from({ length: 20_000 }, () => run(1)), run(1, true)])
    expect((await unpacked(many))!.fault).toMatch(/blocks too small/)
  })

  it('an LZ4 match cannot reach out of what was written', async () => {
    const frame = (block: Uint8Array) => joined([hex('04224d18 6040 82'), number(block.length, 4), block, number(0, 4)])
    expect((await unpacked(frame(hex('10 41 0200'))))!.fault).toMatch(/corrupt/)
    expect((await unpacked(frame(hex('10 41 0000'))))!.fault).toMatch(/corrupt/)
    const long = joined([hex('1f 41 0100'), new Uint8Array(70_000).fill(255), hex('00')])
    expect((await unpacked(frame(long)))!.fault).toMatch(/corrupt/)
  })
})
