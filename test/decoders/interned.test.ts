import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { interned } from '../../decoders/parts/interned.ts'

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
