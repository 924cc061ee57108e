/** Values that are written and read again; what is there twice is handed over once. */
import { describe, expect, it } from 'vitest'
import { Packer, Unpacker } from '../../../../src/dissect/threads/packing.ts'

describe('bytes that repeat', () => {
  it('are the same again, and stand there once', () => {
    const out = new Packer()
    const borrowed = Uint8Array.of(1, 2, 3, 4, 5, 6)
    const alike = Uint8Array.of(9, 2, 3, 4, 5, 6)
    for (const bytes of [borrowed, null, alike, borrowed, new Uint8Array(0)]) out.repeated(bytes)
    // whose bytes they were writes something else there
    borrowed[0] = 7
    for (const bytes of [borrowed, Uint8Array.of(7, 2, 3, 4, 5, 6)]) out.repeated(bytes)
    const packed = out.take()
    const from = new Unpacker(packed)
    const read = Array.from({ length: 7 }, () => from.repeated())
    const [first, second] = [1, 7].map((number) => [number, 2, 3, 4, 5, 6])
    expect(read.map((bytes) => bytes && [...bytes])).toEqual([
      first,
      null,
      [9, 2, 3, 4, 5, 6],
      first,
      [],
      second,
      second,
    ])
    expect(read[6]).toBe(read[5])
    expect(JSON.parse(packed.texts)).toHaveLength(5)
  })

  it('are written anew when what was written before was taken', () => {
    const out = new Packer()
    for (let round = 0; round < 2; round++) {
      out.repeated(Uint8Array.of(1, 2, 3, 4))
      expect(new Unpacker(out.take()).repeated()).toEqual(Buffer.of(1, 2, 3, 4))
    }
  })
})
