/**
 * Japanese: the catalogue has every text of the sources and no other, with the same values; pages have no English
 * sentence, fit their width and begin no line with a full stop; what machines read is the same in every language.
 */
import { fileURLToPath } from 'node:url'
import stringWidth from 'string-width'
import { afterEach, describe, expect, it } from 'vitest'
import type { DeviceCard } from '../../../src/judge/device.ts'
import { cardText } from '../../../src/output/card.ts'
import { wrap } from '../../../src/output/page/layout.ts'
import { CLIENT_WORDS } from '../../../src/output/page/rendered.ts'
import { JA } from '../../../src/texts/ja/catalogue.ts'
import { languageOf, say, speak, translated, translatedDeep } from '../../../src/texts/say.ts'
import { printed } from '../../builders/printed.ts'
import { sourceTexts } from '../../texts/source-texts.ts'

const HTML = /^src\/output\/html\//
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
    const missing = texts.filter(({ key, path }) => !HTML.test(path) && !Object.hasOwn(all, key))
    expect(missing, 'add it to src/texts/ja/').toEqual([])
  })

  it('has nearly every text of the page, which shows what it has not in English', () => {
    const page = texts.filter(({ path }) => HTML.test(path))
    expect(page.length).toBeGreaterThan(100)
    expect(page.filter(({ key }) => Object.hasOwn(all, key)).length).toBeGreaterThan(0.8 * page.length)
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

describe('the page', () => {
  it('has a word for each that its script says', () => {
    const said = texts.filter(({ path }) => path.endsWith('/html/client.ts')).map(({ key }) => key)
    expect(said.length).toBeGreaterThan(10)
    expect(said.filter((key) => !CLIENT_WORDS.some((word) => word === key))).toEqual([])
  })

  it('is Japanese: language, headings, sentences and what the script says; commands and filters are not', async () => {
    const english = (await printed(['analyze', OFFICE, '--format', 'html'])).out
    const { out } = await printed(['analyze', OFFICE, '--format', 'html', '--lang', 'ja'])
    expect(english).toContain('<html lang="en">')
    expect(english).not.toMatch(/[ぁ-ん]/)
    expect(out).toContain('<html lang="ja">')
    for (const text of ['最初の対処', '接続先としての IP アドレスの使用', '次の 50 組', '検出事項'])
      expect(out).toContain(text)
    const commands = (text: string) =>
      [...text.matchAll(/<code data-copy="(?:command|filter)">[^<]*/g)].map(([code]) => code)
    expect(commands(out)).toEqual(commands(english))
    const shown = out.replace(/<(style|script)[^>]*>.*?<\/\1>/gs, '').replace(/<[^>]+>/g, '\n')
    expect(shown.split('\n').filter((line) => /[a-z]+ [a-z]+ [a-z]+ [a-z]+/.test(line))).toEqual([])
  })
})

describe('a sentence of a report', () => {
  it('is found by its template, with its values', async () => {
    await speak('ja')
    expect(translated('the target name is cifs/192.0.2.20')).toBe('接続先名は cifs/192.0.2.20 です')
    expect(translated('4 of 9 authentications used NTLM')).toBe('9 件の認証のうち 4 件が NTLM を使用しました')
  })

  it('is found inside of another', async () => {
    await speak('ja')
    expect(translated('NTLM (NTLMv2) was used')).toBe('NTLM (NTLMv2) が使用されました')
    expect(translated('fits as well (the target name is x), but RC01 is nearer to the exchange')).toBe(
      'これも当てはまります (接続先名は x です) が、RC01 のほうがこの認証に近いものです',
    )
  })

  it('has values with nothing between them: the later ones are texts that follow another', async () => {
    await speak('ja')
    const said = (several: string, calls: string) =>
      translated(`it answered NBT-NS for FILESRV${several}${calls}, and LAB\\bob logged on to it`)
    const several = ', one of 2 names that it answers for (filesrv, wpad)'
    const calls = ', calls itself nas1.lab.example'
    expect(said('', '')).toBe(
      'FILESRV の問い合わせに NBT-NS で応答しました。その後、LAB\\bob がこのホストにログオンしました',
    )
    expect(said(several, '')).toBe(
      'FILESRV の問い合わせに NBT-NS で応答しました (応答している 2 個の名前の 1 つ: filesrv, wpad)。その後、LAB\\bob がこのホストにログオンしました',
    )
    expect(said(several, calls)).toBe(
      'FILESRV の問い合わせに NBT-NS で応答しました (応答している 2 個の名前の 1 つ: filesrv, wpad)。このホストは nas1.lab.example と名乗っています。その後、LAB\\bob がこのホストにログオンしました',
    )
    expect(said('', calls)).not.toMatch(/itself|names/)
  })

  it('is one of several', async () => {
    await speak('ja')
    expect(
      translated(
        'the target is an IP address (cifs/192.0.2.20), for which no ticket is asked. Cause: clock skew (RC08, high confidence).',
      ),
    ).toBe(
      '接続先が IP アドレス (cifs/192.0.2.20) のため、チケットが要求されません。原因: 時刻のずれ (RC08、確度 高)。',
    )
  })

  it('leaves names of the wire alone, whatever they are', async () => {
    await speak('ja')
    expect(translated('the target name is server')).toBe('接続先名は server です')
    expect(translated('the target name is used')).toBe('接続先名は used です')
  })

  it('stays as it is where nothing makes it', async () => {
    await speak('ja')
    for (const text of ['', '10.1.0.5', 'CORP\\alice', 'no template has these words'])
      expect(translated(text)).toBe(text)
    expect(translatedDeep({ detail: ['clock skew'], name: 'clock skew' })).toEqual({
      detail: ['時刻のずれ'],
      name: 'clock skew',
    })
  })

  it('is not touched in English', async () => {
    expect(translated('clock skew')).toBe('clock skew')
    const value = { detail: 'clock skew' }
    expect(translatedDeep(value)).toBe(value)
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

  it('leaves no English sentence in a page for people', async () => {
    const change = ['before', 'after'].map((when) => OFFICE.replace('office/office', `changes/nas-joined-${when}`))
    const pages = [
      ['analyze', OFFICE, '--wide'],
      ['device', '192.0.2.20', OFFICE, '--profile', 'procurement'],
      ['devices', OFFICE],
      ['diff', ...change],
      ['simulate', OFFICE],
      ['simulate', OFFICE, '--switch', 'smb-block', '--clients', '192.0.2.0/24'],
      ['plan', OFFICE],
      ['explain', '--pair', '192.0.2.102,192.0.2.20,smb', OFFICE],
    ]
    for (const words of pages) {
      const { out } = await printed([...words, '--lang', 'ja'], { COLUMNS: '400' })
      const english = out.split('\n').filter((line) => /[a-z]+ [a-z]+ [a-z]+ [a-z]+/.test(line))
      expect(english, words.join(' ')).toEqual([])
    }
  })

  it('does not say names of people and hosts in another language, whatever words they are', async () => {
    await speak('ja')
    const card = {
      ...(JSON.parse((await printed(['device', '192.0.2.30', OFFICE, '--format', 'json'])).out) as DeviceCard),
    }
    const value = { count: 1, capture: '-', frames: [1] }
    const named = cardText(
      {
        ...card,
        client: [],
        server: [
          {
            name: 'accounts',
            values: [
              { text: 'owner', ...value },
              { text: 'any', ...value },
            ],
          },
        ],
      },
      { columns: 80, color: false },
    )
    expect(named).toContain('owner (')
    expect(named).toContain('any (')
  })

  it.each([80, 160])('fits %i columns by the width of its characters', async (columns) => {
    const pages = [
      ['analyze', OFFICE],
      ['analyze', OFFICE, '--by', 'server'],
      ['device', '192.0.2.20', OFFICE],
      ['verify', OFFICE, '--server', '192.0.2.20', '--expect', 'kerberos,signed,bound,no-smb1'],
      ['simulate', OFFICE, '--switch', 'outgoing', '--clients', '192.0.2.0/24'],
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
