import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { interned, keptName, LONG_NAME_CHARACTERS_MAX } from '../../decoders/parts/interned.ts'

/** Another text object with the same characters. */
const again = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le')

test.each([
  '',
  'CORP',
  'cifs/srv01.corp.example',
  'Müller',
  '日本',
  '\ud800',
  'a\0b',
  'x'.repeat(128),
  'x'.repeat(129),
  'ä日'.repeat(400),
  'x'.repeat(5000),
])('gives the text that it got: %j', (text) => {
  expect(interned(again(text))).toBe(text)
  expect(interned(again(text))).toBe(text)
})

test('texts in the same place are not taken for one another', () => {
  const texts = Array.from({ length: 100_000 }, (_, at) => `host${at}.corp.example`)
  expect(texts.filter((text) => interned(text) !== text)).toEqual([])
  expect(texts.filter((text) => interned(again(text)) !== text)).toEqual([])
})

test('what was cut out of a long text does not keep that alive', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const heap = () => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const cutOut = (keep: (text: string) => string) =>
    Array.from({ length: 300 }, (_, at) => keep(`${at}${Buffer.alloc(100_000, 'y').toString('latin1')}`.slice(0, 20)))
  const before = heap()
  const kept = cutOut((text) => text)
  expect(heap() - before).toBeGreaterThan(25e6)
  const interns = cutOut(interned)
  expect(interns).toEqual(kept)
  kept.length = 0
  expect(heap() - before).toBeLessThan(5e6)
})

test.each(['x'.repeat(301), '日'.repeat(20_000)])('a name that is none is kept as its beginning', (text) => {
  const kept = keptName(again(text))
  expect(kept).toBe(text.slice(0, 300))
  // once more, in another thread: the same
  expect(keptName(kept)).toBe(kept)
  expect(keptName(again(text), LONG_NAME_CHARACTERS_MAX)).toBe(text.slice(0, 1024))
})

test('names of hosts, accounts and services are kept whole', () => {
  for (const length of [1, 15, 128, 129, 255, 256, 300]) expect(keptName('n'.repeat(length))).toHaveLength(length)
})
