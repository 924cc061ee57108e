/**
 * Patterns over bytes of the wire take a time that grows with their number, not with its square: a repetition at the
 * end of a text is tried at every place where it may begin (`/=+$/` over a million equals signs takes minutes), unless
 * the pattern is bound to the start as well.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { base64Bytes, until, untilNul, withoutEnd } from '../../decoders/parts/text.ts'

const ROOMS = [
  'decoders',
  'src/capture',
  'src/net',
  'src/stream',
  'src/dissect',
  'src/keys',
  'src/exchange',
  'src/context',
]

/** they read what somebody typed, or the message of a library */
const TYPED = new Set(['src/capture/open.ts', 'src/capture/inputs.ts', 'src/capture/compression/decompress.ts'])

/**
 * Regular expressions in a line of source, without their slashes; comments and strings are left out as far as a line
 * shows them.
 */
function patternsIn(line: string): string[] {
  const code = line.replace(/^\s*(?:\*|\/\/|\/\*).*$/, '')
  return [...code.matchAll(/(?<=[(,=:?&|[!]\s?)\/((?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/[dgimsuvy]*/g)].map(
    ([, pattern]) => pattern!,
  )
}

/** Repeats without a bound up to the end, from wherever it likes. */
function isSquare(pattern: string): boolean {
  return pattern.split('|').some((branch) => {
    const isBound = /^\(?(?:\?:)?\^/.test(branch) || pattern.startsWith('^')
    return !isBound && /(?:[+*]|\{\d+,\})[?)]*\$\)?$/.test(branch)
  })
}

describe('patterns over bytes of the wire', () => {
  it.each([
    ['=+$', true],
    ['\\0.*$', true],
    ['\\s+$', true],
    ['a|b+$', true],
    ['^=+$', false],
    ['^(?:a|b+)$', false],
    ['=$', false],
  ])('%s: a square is %s', (pattern, expected) => expect(isSquare(pattern)).toBe(expected))

  it('none is a square', () => {
    const seen: string[] = []
    const squares = ROOMS.flatMap((room) =>
      readdirSync(room, { recursive: true, encoding: 'utf8' })
        // what somebody typed is not from the wire
        .filter((path) => path.endsWith('.ts') && !TYPED.has(`${room}/${path}`))
        .flatMap((path) =>
          readFileSync(join(room, path), 'utf8')
            .split('\n')
            .flatMap((line, at) =>
              patternsIn(line).map((pattern) => ({ pattern, where: `${room}/${path}:${at + 1}` })),
            ),
        ),
    ).filter(({ pattern }) => {
      seen.push(pattern)
      return isSquare(pattern)
    })
    expect(seen.length).toBeGreaterThan(50)
    expect(squares).toEqual([])
  })
})

describe('what takes their place', () => {
  it('the text before a mark, and without what it ends with', () => {
    expect(untilNul('abc\0def\0')).toBe('abc')
    expect(until('abc', '\0')).toBe('abc')
    expect(withoutEnd('a==b===', '=')).toBe('a==b')
    expect(withoutEnd('===', '=')).toBe('')
    expect(withoutEnd('', '=')).toBe('')
  })

  it('base64 with a million equals signs is none, at once', () => {
    const text = `TlRM${'='.repeat(1_000_000)}A`
    expect(base64Bytes(text)).toBeNull()
    expect(base64Bytes(`TlRM${'='.repeat(1_000_000)}`)).toEqual(Uint8Array.from(Buffer.from('NTL')))
  })
})
