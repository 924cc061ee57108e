import { describe, expect, it } from 'vitest'
import { base64Bytes, filetimeMicros, hex, isoTime, latin1, utf8Text, utf16le } from '../../decoders/parts/text.ts'
import { fromHex, seededRandom } from '../hostile.ts'

describe('text', () => {
  it('reads UTF-16LE, keeps a byte order mark, drops an odd last byte', () => {
    expect(utf16le(fromHex('5a00fc00 ac20'))).toBe('Zü€')
    expect(utf16le(fromHex('fffe 4100'))).toBe('\ufeffA')
    expect(utf16le(fromHex('4100 42'))).toBe('A')
    expect(utf16le(fromHex('00d8 4100'))).toBe('\ufffdA')
  })

  it('gives one character a byte for OEM text, on every platform the same', () => {
    expect(latin1(fromHex('41 80 9f e4'))).toBe('A\u0080\u009f\u00e4')
  })

  it('replaces what is not UTF-8', () => {
    expect(utf8Text(fromHex('c3a4 ff'))).toBe('ä\ufffd')
  })

  it('writes hexadecimal', () => {
    expect(hex(fromHex('00 0a ff'))).toBe('000aff')
  })

  it.each([0, 1, 2, 3, 4, 57, 1000])('reads base64 of %i bytes as Node does, padded or not', (length) => {
    const random = seededRandom(length + 1)
    const bytes = Uint8Array.from({ length }, () => random() & 255)
    const text = Buffer.from(bytes).toString('base64')
    expect(base64Bytes(text)).toEqual(bytes)
    expect(base64Bytes(` ${text.replaceAll('=', '')} `)).toEqual(bytes)
  })

  it.each(['A', 'AB*C', 'AAAAA', 'é===', 'AA AA'])('refuses %j', (text) => {
    expect(base64Bytes(text)).toBeNull()
  })

  it('turns FILETIME into microseconds since 1970', () => {
    const value = 125_911_584_000_000_000n + 1_234_560n
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigUint64(0, value, true)
    expect(filetimeMicros(bytes, 0)).toBe(946_684_800_000_000 + 123_456)
    expect(filetimeMicros(new Uint8Array(8), 0)).toBeNull()
    expect(filetimeMicros(new Uint8Array(8).fill(0xff), 0)).toBeNull()
    expect(filetimeMicros(new Uint8Array(7), 0)).toBeNull()
  })

  it('writes ISO 8601 in UTC with microseconds', () => {
    expect(isoTime(946_684_800_123_456)).toBe('2000-01-01T00:00:00.123456Z')
    expect(isoTime(-1)).toBe('1969-12-31T23:59:59.999999Z')
    expect(isoTime(Number.POSITIVE_INFINITY)).toBeNull()
    expect(isoTime(9e18)).toBeNull()
  })
})
