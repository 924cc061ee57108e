/**
 * README.ja.md is README.md in Japanese: the same headings in order, the same commands, links and words of the command
 * line, and what it shows is what the program prints.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { printed } from '../builders/printed.ts'

const ENGLISH = readFileSync('README.md', 'utf8')
const JAPANESE = readFileSync('README.ja.md', 'utf8')

/** Text outside of blocks of code, and the blocks. */
function partsOf(text: string): { readonly prose: string; readonly blocks: readonly string[] } {
  const pieces = text.split(/^```$/m)
  return {
    prose: pieces.filter((_, at) => at % 2 === 0).join(''),
    blocks: pieces.filter((_, at) => at % 2 === 1).map((block) => block.trim()),
  }
}

const [english, japanese] = [partsOf(ENGLISH), partsOf(JAPANESE)]
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([whole, part]) => part ?? whole).sort()
/** the page about Japanese itself is spoken of in one of them */
const OWN = /^(docs\/japanese\.md|README\.ja\.md|--lang ja|LANG=ja_JP\.UTF-8)$/

describe('README.ja.md', () => {
  it('has the headings, the tasks and the rows of tables of README.md, in order', () => {
    const shape = (prose: string) =>
      prose.split('\n').flatMap((line) => /^(#+ |\*\*\d\. |\| |- |\d\. )/.exec(line)?.[1] ?? [])
    expect(shape(japanese.prose)).toEqual(shape(english.prose))
  })

  it('has its links and its words of the command line', () => {
    const links = /\]\(([^)]+)\)/g
    expect(all(japanese.prose, links).filter((one) => !OWN.test(one))).toEqual(
      all(english.prose, links).filter((one) => !OWN.test(one)),
    )
    const words = /`([^`]+)`/g
    expect(all(japanese.prose, words).filter((one) => !OWN.test(one))).toEqual(
      all(english.prose, words).filter((one) => !OWN.test(one)),
    )
  })

  it('has its commands', () => {
    const commands = (blocks: readonly string[]) =>
      blocks.map((block) => (block.startsWith('$') ? block.split('\n')[0]!.replace(' --lang ja', '') : block))
    expect(commands(japanese.blocks)).toEqual(commands(english.blocks))
  })

  it.each(japanese.blocks.filter((block) => block.startsWith('$ ntlmscope ')))(
    'shows what is printed: %s',
    async (block) => {
      const [command, ...body] = block.split('\n')
      const { out } = await printed(command!.slice('$ ntlmscope '.length).split(' '), { COLUMNS: '96', NO_COLOR: '1' })
      const lines = out.split('\n').map((line) => line.trimEnd())
      let at = 0
      for (const line of body.filter((one) => one !== '...')) {
        const found = lines.indexOf(line.trimEnd(), at)
        expect(found, `not printed, or not in this order: ${line}`).toBeGreaterThanOrEqual(at)
        at = found + 1
      }
    },
  )
})
