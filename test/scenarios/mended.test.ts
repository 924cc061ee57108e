/** docs/mended.md names for each answer that was wrong the test that keeps it right: each of them is there. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const [mended = ''] = readFileSync('docs/mended.md', 'utf8').split('\n## Decided otherwise')
const lines = mended.split('\n').filter((line) => /^\| (?!---)/.test(line) && !line.endsWith('| test |'))
const rows = lines
  .flatMap((line) => [...line.matchAll(/\| (test\/[\w/.-]+\.ts): ([^|]+) \|$/g)])
  .map(([, file, title]) => [file!, title!] as const)

test('each row names a test', () => {
  expect(rows.length).toBeGreaterThan(40)
  expect(rows).toHaveLength(lines.length)
})

test.each(rows)('%s: %s', (file, title) => expect(readFileSync(file, 'utf8')).toContain(title))
