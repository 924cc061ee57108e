/** What is kept of bytes that repeat never stands for other bytes. */
import { expect, test } from 'vitest'
import { kerberos } from '../../decoders/mechanisms/kerberos.ts'
import { derAt, derOid, derText } from '../../decoders/parts/der.ts'
import { SeenBytes } from '../../decoders/parts/seen-bytes.ts'
import { nameIn16, utf16le, withoutTrailingNuls } from '../../decoders/parts/text.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

test('gives what was kept of the same bytes, wherever they stand, or nothing', () => {
  const seen = new SeenBytes<string>()
  const texts = Array.from({ length: 4000 }, (_, at) => `cifs/host${at}.corp.example`)
  let found = 0
  for (const text of [...texts, ...texts.slice(-100), 'x'.repeat(128), 'x'.repeat(129), '']) {
    const bytes = bytesOf(`..${text}.`)
    const known = seen.find(bytes, 2, bytes.length - 1)
    if (known !== undefined) {
      expect(known).toBe(text)
      found++
    }
    seen.keep(bytes, 2, bytes.length - 1, text)
    if (text !== '' && text.length <= 128) expect(seen.find(bytesOf(text), 0, text.length)).toBe(text)
    else expect(seen.find(bytesOf(text), 0, text.length)).toBeUndefined()
  }
  expect(found).toBeGreaterThan(20)
})

test.each(['', 'CORP', 'SRV01\0\0', '\0', 'a\0b', 'Müller', '日本', '\ud800x', '\ufeffBOM', 'é', 'x'.repeat(200)])(
  'a name in UTF-16 is what the decoder of Unicode makes of it: %j',
  (text) => {
    for (const bytes of [Buffer.from(text, 'utf16le'), Buffer.from(`${text}y`, 'utf16le').subarray(0, -1)])
      for (const _ of [1, 2]) expect(nameIn16(bytes)).toBe(withoutTrailingNuls(utf16le(bytes)))
  },
)

test('texts and object identifiers are read the same a second time', () => {
  const oid = derAt(Uint8Array.from([0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02]))!
  expect([derOid(oid), derOid(oid)]).toEqual(['1.3.6.1.5.5.2', '1.3.6.1.5.5.2'])
  const bad = derAt(Uint8Array.from([0x06, 0x02, 0x2b, 0x86]))!
  expect([derOid(bad), derOid(bad)]).toEqual([null, null])
  for (const text of ['CORP.EXAMPLE', 'Müller', '\xe9']) {
    const octets = text === '\xe9' ? Uint8Array.of(0xe9) : bytesOf(text)
    const element = derAt(Uint8Array.from([0x1b, octets.length, ...octets]))!
    expect([derText(element), derText(element)]).toEqual([text, text])
  }
})

test('a name that is cut or broken is never told from a whole one that was read before', () => {
  // KRB-ERROR of a realm and a service, as far as it is asked for here
  const part = (tag: number, ...inside: number[]) => [tag, inside.length, ...inside]
  const text = (value: string) => part(0x1b, ...bytesOf(value))
  const name = part(0x30, ...part(0xa0, 2, 1, 2), ...part(0xa1, ...part(0x30, ...text('krbtgt'), ...text('CORP'))))
  const error = part(
    0x7e,
    ...part(
      0x30,
      ...part(0xa0, 2, 1, 5),
      ...part(0xa1, 2, 1, 30),
      ...part(0xa6, 2, 1, 7),
      ...part(0xa9, ...text('CORP')),
      ...part(0xaa, ...name),
    ),
  )
  const whole = Uint8Array.from(error)
  const before = Array.from(whole, (_, end) => JSON.stringify(kerberos.decode(whole.subarray(0, end))))
  expect(kerberos.decode(whole).value?.sname).toBe('krbtgt/CORP')
  for (let end = 0; end < whole.length; end++)
    expect(JSON.stringify(kerberos.decode(whole.subarray(0, end)))).toBe(before[end])
  for (let at = 4; at < whole.length; at++) {
    const changed = whole.with(at, whole[at]! ^ 1)
    const first = JSON.stringify(kerberos.decode(changed))
    kerberos.decode(whole)
    expect(JSON.stringify(kerberos.decode(changed))).toBe(first)
  }
})
