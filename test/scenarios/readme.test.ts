/**
 * The README shows what the program prints, and links to what is there. `...` in a block stands for what was left out.
 */
import { existsSync, readFileSync } from 'node:fs'
import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli.ts'

const COLUMNS = '96'
const README = readFileSync('README.md', 'utf8')

async function printed(words: string): Promise<string[]> {
  let text = ''
  const out = new Writable({
    write(chunk, _encoding, done) {
      text += chunk
      done()
    },
  }) as unknown as NodeJS.WriteStream
  await run(words.split(' '), { out, err: out, env: { COLUMNS, NO_COLOR: '1' } })
  await new Promise((sent) => setImmediate(sent))
  return text.split('\n').map((line) => line.trimEnd())
}

describe('the blocks of the README', () => {
  const blocks = [...README.matchAll(/^```\n\$ ntlmscope (.+)\n([\s\S]*?)^```/gm)].map(([, words, body]) => [
    words!,
    body!,
  ])
  it('are there', () => expect(blocks.length).toBeGreaterThanOrEqual(5))
  it.each(blocks)('%s', async (words, body) => {
    const lines = await printed(words)
    let at = 0
    for (const line of body.trimEnd().split('\n')) {
      if (line === '...') continue
      const found = lines.indexOf(line.trimEnd(), at)
      expect(found, `the program does not print, or not in this order: ${line}`).toBeGreaterThanOrEqual(at)
      at = found + 1
    }
  })
})

it('has 12 kB at most, and names nothing that is not there', () => {
  expect(Buffer.byteLength(README)).toBeLessThanOrEqual(12_288)
  for (const file of ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'])
    for (const [, to] of readFileSync(file, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g))
      expect([file, to, existsSync(to!)]).toEqual([file, to, true])
})
