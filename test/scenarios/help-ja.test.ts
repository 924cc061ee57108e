/**
 * The help in Japanese: no English sentence is left but command lines, everything fits, and in English nothing of it
 * is loaded.
 */
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { JA_HELP } from '../../src/texts/ja/help.ts'
import { printed } from '../builders/printed.ts'

const COMMANDS = [
  'analyze',
  'demo',
  'messages',
  'show',
  'verify',
  'device',
  'devices',
  'explain',
  'extract',
  'diff',
  'simulate',
  'live',
  'watch',
  'plan',
  'load',
  'query',
  'trend',
  'facts',
]
/** a command line, or what it is made of */
const IS_COMMAND = /ntlmscope |tcpdump |--|jq /
const SENTENCE = /[a-z]+ [a-z]+ [a-z]+ [a-z]+/

const helpOf = async (command: string | null, words: readonly string[], columns: number) =>
  (await printed([...(command === null ? [] : [command]), '--help', ...words], { COLUMNS: String(columns) })).out

describe('the help in Japanese', () => {
  it.each([null, ...COMMANDS])('is whole: %s', async (command) => {
    const english = await helpOf(command, [], 1000)
    const japanese = await helpOf(command, ['--lang', 'ja'], 1000)
    expect(japanese).not.toBe(english)
    expect(japanese.split('\n').filter((line) => SENTENCE.test(line) && !IS_COMMAND.test(line))).toEqual([])
    // what an option does is said in Japanese, every one of them
    const options = japanese.split('\n').filter((line) => /^ {2}(-\w, )?--\w/.test(line))
    expect(options.length).toBeGreaterThan(0)
    expect(options.filter((line) => !/[ぁ-んァ-ヶ一-龠]/.test(line))).toEqual([])
    // the same options and command lines as in English
    const commands = (text: string) => text.match(/^ {2}(-\w, )?--[\w-]+|^ {2}ntlmscope .+?(?= {2}|$)/gm)
    expect(commands(japanese)).toEqual(commands(english))
    const narrow = await helpOf(command, ['--lang', 'ja'], 80)
    const wide = narrow.split('\n').filter((line) => stringWidth(line) > 80 && !IS_COMMAND.test(line))
    expect(wide).toEqual([])
  })

  it('has no text that no command says any more', async () => {
    const pages = await Promise.all([null, ...COMMANDS].map((command) => helpOf(command, [], 100_000)))
    const welcome = await printed([], {}, { columns: 80, rows: 24 })
    const words = [...pages, welcome.out].join('\n').replace(/\s+/g, ' ')
    const lost = Object.keys(JA_HELP).filter(
      (key) => !key.split(/\{\d\}/).every((part) => words.includes(part.replace(/\s+/g, ' ').trim())),
    )
    expect(lost).toEqual([])
  })

  it('follows the environment, and `help COMMAND`', async () => {
    expect((await printed(['verify', '--help'], { LANG: 'ja_JP.UTF-8' })).out).toContain('使い方:')
    expect((await printed(['help', 'verify'], { LANG: 'ja_JP.UTF-8' })).out).toContain('期待:')
    const welcome = await printed([], { LANG: 'ja_JP.UTF-8' }, { columns: 80, rows: 24 })
    expect(welcome.out.split('\n').filter((line) => SENTENCE.test(line))).toEqual([])
    expect((await printed(['verify', '--help', '--lang', 'en'], { LANG: 'ja_JP.UTF-8' })).out).toContain('Usage:')
  })
})
