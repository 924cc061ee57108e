/** docs/mended.md names for each answer that was wrong the test that keeps it right: each of them is there. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const rows = readFileSync('docs/mended.md', 'utf8')
  .split('\n')
  .flatMap((line) => [...line.matchAll(/\| (test\/[\w/.-]+\.ts): ([^|]+) \|$/g)])
  .map(([, file, title]) => [file!, title!] as const)

test('there are rows', () => expect(rows.length).toBeGreaterThan(40))

test.each(rows)('%s: %s', (file, title) => expect(readFileSync(file, 'utf8')).toContain(title))
