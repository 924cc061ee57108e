/**
 * Japanese: the catalogue has every text of the sources and no other, with the same values; pages have no English
 * sentence, fit their width and begin no line with a full stop; what machines read is the same in every language.
 */
import { fileURLToPath } from 'node:url'
import stringWidth from 'string-width'
import { afterEach, describe, expect, it } from 'vitest'
import { wrap } from '../../../src/output/page/layout.ts'
import { JA } from '../../../src/texts/ja/catalogue.ts'
import { languageOf, say, speak, told, toldDeep } from '../../../src/texts/say.ts'
import { printed } from '../../builders/printed.ts'
import { sourceTexts } from '../../texts/source-texts.ts'

const OFFICE = fileURLToPath(new URL('../../../captures/office/office.pcap', import.meta.url))
const texts = sourceTexts()
const NOT_FIRST = /^[、。，．）」』】ー]/

afterEach(() => speak('en'))

function valuesOf(text: string): string[] {
  return (text.match(/\{\d+\}/g) ?? []).sort()
}

describe('the Japanese catalogue', () => {
  const all = { ...JA.facts, ...JA.pages }

  it('has every text of the sources', () => {
    const missing = texts.filter(({ key }) => !Object.hasOwn(all, key))
    expect(missing, 'add it to src/texts/ja/').toEqual([])
  })

  it('has no text that the sources do not have', () => {
    const known = new Set(texts.map(({ key }) => key))
    expect(
      Object.keys(all).filter((key) => !known.has(key)),
      'take it out of src/texts/ja/',
    ).toEqual([])
  })

  it('says each text with the same values', () => {
    const changed = Object.entries(all).filter(([key, text]) => valuesOf(key).join() !== valuesOf(text).join())
    expect(changed).toEqual([])
  })

  it('has no character whose width a terminal and a table count differently', () => {
    expect(Object.values(all).filter((text) => /[→…±①-⑳“”‘’]/.test(text))).toEqual([])
  })

  it('is found by a reader of the sources that sees what it should', () => {
    const keys = new Set(texts.map(({ key }) => key))
    expect(texts.length).toBeGreaterThan(1000)
    for (const key of [
      'Findings',
      '{0} pair',
      'BREAKS WITHOUT',
      'peers',
      'clock skew',
      'the etypes of the session keys are not told apart',
    ])
      expect(keys).toContain(key)
  })
})

describe('a sentence of a report', () => {
  it('is found by its template, with its values', async () => {
    await speak('ja')
    expect(told('the target name is cifs/192.0.2.20')).toBe('接続先名は cifs/192.0.2.20 です')
    expect(told('4 of 9 authentications used NTLM')).toBe('9 件の認証のうち 4 件が NTLM を使用しました')
  })

  it('is found inside of another', async () => {
    await speak('ja')
    expect(told('NTLM (NTLMv2) was used')).toBe('NTLM (NTLMv2) が使用されました')
    expect(told('fits as well (the target name is x), but RC01 is nearer to the exchange')).toBe(
      'これも当てはまります (接続先名は x です) が、RC01 のほうがこの認証に近いものです',
    )
  })

  it('stays as it is where nothing makes it', async () => {
    await speak('ja')
    for (const text of ['', '10.1.0.5', 'CORP\\alice', 'no template has these words']) expect(told(text)).toBe(text)
    expect(toldDeep({ detail: ['clock skew'], name: 'clock skew' })).toEqual({
      detail: ['時刻のずれ'],
      name: 'clock skew',
    })
  })

  it('is not touched in English', async () => {
    expect(told('clock skew')).toBe('clock skew')
    const value = { detail: 'clock skew' }
    expect(toldDeep(value)).toBe(value)
    expect(say`${1} of ${'{0}'}`).toBe('1 of {0}')
  })
})

describe('lines of Japanese', () => {
  it('break between words, never before a full stop or after an opening bracket', async () => {
    await speak('ja')
    const text =
      'サーバーは「Kerberos」を提示しましたが、クライアントが NTLM を選びました (フレーム 38)。192.0.2.10、確認してください。'
    for (let columns = 12; columns < 60; columns++) {
      const lines = wrap(text, columns)
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
      for (const line of lines) {
        expect(stringWidth(line)).toBeLessThanOrEqual(columns)
        expect(line).not.toMatch(NOT_FIRST)
        expect(line).not.toMatch(/[（「(]$/)
      }
    }
  })
})

describe('the language', () => {
  it('is that of the environment where none is asked for', () => {
    expect(languageOf({ LANG: 'ja_JP.UTF-8' })).toBe('ja')
    expect(languageOf({ LC_ALL: 'C', LANG: 'ja_JP.UTF-8' })).toBe('en')
    expect(languageOf({ LC_MESSAGES: 'ja', LANG: 'en_GB' })).toBe('ja')
    expect(languageOf({ LANG: 'java' })).toBe('en')
    expect(languageOf({})).toBe('en')
  })

  it('changes pages for people, and no byte for machines', async () => {
    const english = await printed(['analyze', OFFICE, '--format', 'json'])
    expect(await printed(['analyze', OFFICE, '--format', 'json', '--lang', 'ja'])).toEqual(english)
    const csv = await printed(['analyze', OFFICE, '--format', 'csv'])
    expect(await printed(['analyze', OFFICE, '--format', 'csv'], { LANG: 'ja_JP.UTF-8' })).toEqual(csv)
    expect((await printed(['analyze', OFFICE, '--summary'], { LANG: 'ja_JP.UTF-8' })).out).toContain('観測')
    expect((await printed(['analyze', OFFICE, '--summary', '--lang', 'en'], { LANG: 'ja' })).out).toContain('Not seen')
    expect((await printed(['analyze', OFFICE, '--lang', 'de'])).code).toBe(64)
  })

  it.each([80, 160])('fits %i columns by the width of its characters', async (columns) => {
    const pages = [
      ['analyze', OFFICE],
      ['analyze', OFFICE, '--by', 'server'],
      ['device', '192.0.2.20', OFFICE],
      ['verify', OFFICE, '--server', '192.0.2.20', '--expect', 'kerberos,signed,bound,no-smb1'],
    ]
    for (const words of pages) {
      const { out } = await printed([...words, '--lang', 'ja'], { COLUMNS: String(columns) })
      for (const line of out.split('\n')) {
        expect(stringWidth(line), line).toBeLessThanOrEqual(columns)
        expect(line.trimStart()).not.toMatch(NOT_FIRST)
      }
    }
  })
})
