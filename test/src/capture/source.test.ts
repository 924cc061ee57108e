import { mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, describe, expect, it } from 'vitest'
import { BlockBuffer, type ByteSource, Descriptor, FileSource, StreamSource } from '../../../src/capture/source.ts'
import { PieceSource } from '../../builders/read.ts'
import { seededRandom } from '../../hostile.ts'
import { filled } from './samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'source-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Takes `bytes` out of the buffer in runs of random length, as a reader takes records. */
async function takeAll(buffer: BlockBuffer, longest: number, seed: number): Promise<Uint8Array> {
  const random = seededRandom(seed)
  const taken: Uint8Array[] = []
  for (;;) {
    const wanted = 1 + (random() % longest)
    while (buffer.end - buffer.pos < wanted && !buffer.ended) await buffer.fill(wanted)
    const count = Math.min(wanted, buffer.end - buffer.pos)
    if (count === 0) return Buffer.concat(taken)
    taken.push(buffer.bytes.slice(buffer.pos, buffer.pos + count))
    buffer.pos += count
  }
}

describe('BlockBuffer', () => {
  it('gives every byte once, in order, whatever the sizes of reads and records', async () => {
    const bytes = filled(5000, 3)
    for (const piece of [1, 2, 3, 7, 64, 100, 5000]) {
      for (const longest of [1, 16, 100, 3000]) {
        for (const source of [new PieceSource(bytes, piece), PieceSource.atOnce(bytes, piece)]) {
          const buffer = new BlockBuffer(source, 64)
          expect(Buffer.compare(await takeAll(buffer, longest, piece + longest), bytes)).toBe(0)
          expect(buffer.offset).toBe(bytes.length)
        }
      }
    }
  })

  it('grows for a long record only, and only as far as that', async () => {
    const bytes = filled(1_000_000, 3)
    for (const source of [new PieceSource(bytes, 1000), PieceSource.atOnce(bytes, 1000)]) {
      const buffer = new BlockBuffer(source, 4096)
      await takeAll(buffer, 500, 1)
      expect(buffer.bytes.length).toBe(5120)
    }
    const long = new BlockBuffer(new PieceSource(bytes, 1000), 4096)
    expect(await long.fill(500_000)).toBe(true)
    expect(long.bytes.length).toBeLessThan(520_000)
    const atOnce = new BlockBuffer(PieceSource.atOnce(bytes), 4096)
    expect(atOnce.fill(500_000)).toBe(true)
    expect(atOnce.bytes.length).toBeLessThan(1_050_000)
  })

  it('reads ahead: the next read is under way when fill returns', async () => {
    let reads = 0
    const source: ByteSource = {
      fault: null,
      consumed: 0,
      readNow: null,
      read: () => {
        reads++
        return Promise.resolve(10)
      },
      again: () => null,
      close: () => Promise.resolve(),
    }
    const buffer = new BlockBuffer(source, 64)
    await buffer.fill(1)
    expect(reads).toBe(2)
    await buffer.fill(11)
    expect(reads).toBe(3)
  })

  it('says that fewer bytes came than were wanted', async () => {
    const buffer = new BlockBuffer(new PieceSource(filled(10, 1)), 64)
    expect(await buffer.fill(11)).toBe(false)
    expect(buffer.end - buffer.pos).toBe(10)
    expect(buffer.ended).toBe(true)
  })
})

describe('FileSource', () => {
  const path = join(folder, 'file')
  writeFileSync(path, filled(3_000_000, 5))

  it('reads a file, and once more from an offset', async () => {
    const source = new FileSource(new Descriptor(openSync(path, 'r'), true), 0, true)
    const buffer = new BlockBuffer(source)
    expect(Buffer.compare(await takeAll(buffer, 10_000, 1), filled(3_000_000, 5))).toBe(0)
    expect(source.consumed).toBe(3_000_000)
    const again = new BlockBuffer(source.again(2_999_990)!)
    expect(await takeAll(again, 5, 1)).toEqual(Buffer.from(filled(3_000_000, 5).slice(2_999_990)))
    await buffer.close()
  })

  it('closes once its last read is back, and reads no more', async () => {
    const source = new FileSource(new Descriptor(openSync(path, 'r'), true), 0, true)
    const target = new Uint8Array(100)
    const read = source.read(target, 0, 100)
    await Promise.all([source.close(), source.close()])
    expect(await read).toBe(100)
    expect(await source.read(target, 0, 100)).toBe(0)
    expect(source.fault).toBeNull()
  })

  it('turns an error into a fault', async () => {
    const source = new FileSource(new Descriptor(openSync(folder, 'r'), true), 0, true)
    expect(await source.read(new Uint8Array(10), 0, 10)).toBe(0)
    expect(source.fault).toBe('reading failed (EISDIR)')
    await source.close()
  })
})

describe('StreamSource', () => {
  it('gives what has arrived without waiting for more', async () => {
    const stream = new PassThrough()
    const buffer = new BlockBuffer(new StreamSource(stream))
    stream.write(filled(10, 1))
    expect(await buffer.fill(1)).toBe(true)
    expect(buffer.end - buffer.pos).toBe(10)
    setTimeout(() => stream.end(filled(5, 2)), 5)
    expect(await buffer.fill(15)).toBe(true)
    expect(await buffer.fill(16)).toBe(false)
    expect(buffer.source.consumed).toBe(15)
  })

  it('closes while it waits for a silent pipe', async () => {
    const buffer = new BlockBuffer(new StreamSource(new PassThrough()))
    const filling = buffer.fill(1)
    await buffer.close()
    expect(await filling).toBe(false)
    expect(buffer.source.fault).toBeNull()
  })

  it('turns an error into a fault, after the bytes before it', async () => {
    const stream = new PassThrough()
    const buffer = new BlockBuffer(new StreamSource(stream))
    stream.write(filled(10, 1))
    await buffer.fill(1)
    stream.destroy(Object.assign(new Error('broken'), { code: 'EIO' }))
    expect(await buffer.fill(11)).toBe(false)
    expect(buffer.end - buffer.pos).toBe(10)
    expect(buffer.source.fault).toBe('reading failed (EIO)')
  })
})
