/**
 * A device against the requirements of a buyer, and cards side by side: what was proven meets, what was only not used
 * does not, and every requirement has a recipe and a clause in two languages.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../../src/cli/command-line.ts'
import type { ProfileResult } from '../../src/judge/device.ts'
import { REQUIREMENT_IDS } from '../../src/judge/devices/clauses.ts'
import { comparison } from '../../src/judge/devices/compare.ts'
import { PROFILES } from '../../src/judge/devices/profile.ts'
import { readCard } from '../../src/judge/devices/saved-card.ts'
import { BUNDLED } from '../captures/folders.ts'
import { temporaryFolder } from '../captures/packets.ts'

const at = temporaryFolder()
const change = (name: string) => join(BUNDLED, 'changes', `${name}.pcap`)

async function run(...words: string[]) {
  const said = { out: '', err: '' }
  const to = (where: 'out' | 'err') => ({
    write(text: string) {
      said[where] += text
      return true
    },
  })
  const code = await runCommand(words, { out: to('out'), err: to('err'), env: { COLUMNS: '100' } } as never)
  await new Promise(setImmediate)
  return { code, ...said }
}

async function against(profile: string, host: string, ...captures: string[]): Promise<ProfileResult> {
  return JSON.parse((await run('device', host, ...captures, '--profile', profile, '-f', 'json')).out).profile
}

const resultsOf = ({ requirements }: ProfileResult) =>
  Object.fromEntries(
    requirements.map(({ id, result, proven }) => [id, proven === null ? result : `${result}: ${proven}`]),
  )

describe('requirements', () => {
  it('an old printer: what it does is held against it, what it did not show is not tested', async () => {
    const { code } = await run(
      'device',
      '192.0.2.103',
      join(BUNDLED, 'office', 'office.pcap'),
      '--profile',
      'procurement',
    )
    expect(code).toBe(1)
    const profile = await against('procurement', '192.0.2.103', join(BUNDLED, 'office', 'office.pcap'))
    expect(resultsOf(profile)).toMatchObject({
      'no-ntlmv1': 'does not: used',
      kerberos: 'does not',
      'no-smb1': 'does not: used',
      smb3: 'does not',
      'no-clear-password': 'does not: used',
      aes: 'not tested',
      'by-name': 'not tested',
    })
  })

  it('only not used is never met, and a NAS that joined is better than before', async () => {
    const before = await against('domain-member', '192.0.2.31', change('nas-joined-before'))
    const after = await against('domain-member', '192.0.2.31', change('nas-joined-after'))
    expect(resultsOf(before)).toMatchObject({ 'no-ntlm': 'does not: used', kerberos: 'does not' })
    expect(resultsOf(after)).toMatchObject({ kerberos: 'meets', aes: 'meets' })
    for (const { result, proven } of [...before.requirements, ...after.requirements])
      if (proven !== null && result === 'meets') expect(['refuses', 'not offered']).toContain(proven)
  })

  it('whatever is not tested has a recipe, and every requirement a clause in two languages', async () => {
    for (const { name } of PROFILES) {
      const { requirements, state } = await against(name, '198.51.100.7', change('nas-joined-after'))
      expect(state).toBe('not-observed')
      for (const { result, test, clause, words } of requirements) {
        expect(result).toBe('not tested')
        expect(test!.length).toBeGreaterThan(20)
        expect(clause.en).toMatch(/^[\x20-\x7e]+\.$/)
        expect(clause.ja).toMatch(/[\u3040-\u30ff].*。$/)
        expect(words).toMatch(/^[a-zA-Z]/)
      }
    }
    expect(new Set(PROFILES.flatMap(({ requires }) => requires))).toEqual(new Set(REQUIREMENT_IDS))
  })

  it('from a file; what it does not know, or cannot read, is one line and a usage error', async () => {
    const file = join(at, 'ours.yaml')
    writeFileSync(file, 'name: our rule\nrequires:\n  - no-ntlmv1\n  - smb3\n')
    expect(await against(file, '192.0.2.31', change('nas-joined-after'))).toMatchObject({
      name: 'our rule',
      requirements: [{ id: 'no-ntlmv1' }, { id: 'smb3', result: 'meets' }],
    })
    for (const text of [
      '',
      '[]',
      'requires: kerberos',
      'requires: [no-such]',
      'requires: []',
      'a: 1',
      'x: [',
      'requires: [{}]',
    ]) {
      writeFileSync(file, text)
      const { code, err } = await run('device', '192.0.2.31', change('nas-joined-after'), '--profile', file)
      expect([text, code, err.trimEnd().split('\n').length]).toEqual([text, 64, 1])
    }
    expect((await run('device', '192.0.2.31', change('nas-joined-after'), '--profile', 'no-such')).code).toBe(64)
  })
})

describe('side by side', () => {
  const before = join(at, 'before.json')
  const after = join(at, 'after.json')
  const saved = (async () => {
    const words = ['--profile', 'domain-member', '-f', 'json']
    await run('device', '192.0.2.31', change('nas-joined-before'), ...words, '--label', 'workgroup', '-o', before)
    await run('device', '192.0.2.31', change('nas-joined-after'), ...words, '-o', after)
  })()

  it('what is better and what is worse, in every format', async () => {
    await saved
    const text = await run('device', '--compare', before, after)
    expect(text.out.split('\n')[0]).toContain('192.0.2.31 (workgroup) against 192.0.2.31 (after)')
    expect(text.out).toMatch(/Kerberos +better +fail +pass/)
    expect(text.code).toBe(3)
    const back = await run('device', '--compare', after, before, '--label', 'new', '--label', 'old')
    expect(back.code).toBe(1)
    expect(back.out).toMatch(/Kerberos +WORSE +pass +fail/)
    const json = JSON.parse((await run('device', '--compare', before, after, '-f', 'json')).out)
    const schema = JSON.parse(readFileSync('schema/device-comparison.schema.json', 'utf8'))
    const valid = new Ajv2020({ allowUnionTypes: true }).compile(schema)
    expect(valid(json), JSON.stringify(valid.errors)).toBe(true)
    expect((await run('device', '--compare', before, after, '-f', 'csv')).out).toContain(
      'kind,name,change,workgroup,after\n',
    )
    expect((await run('device', '--compare', before, after, '-f', 'markdown')).out).toContain('| Kerberos | better |')
    for (const line of text.out.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  })

  it('the saved card is what its schema says', async () => {
    await saved
    const valid = new Ajv2020({ allowUnionTypes: true }).compile(
      JSON.parse(readFileSync('schema/device.schema.json', 'utf8')),
    )
    for (const file of [before, after])
      expect(valid(JSON.parse(readFileSync(file, 'utf8'))), JSON.stringify(valid.errors)).toBe(true)
  })

  it('a card of an earlier version is read; the same card is the same; offered again is worse', async () => {
    await saved
    const { profile: _, label: _2, ...old } = JSON.parse(readFileSync(after, 'utf8'))
    const file = join(at, 'old.json')
    writeFileSync(file, JSON.stringify(old))
    const card = readCard(file)
    expect(comparison([card, card], []).rows.filter(({ change }) => change === 'better' || change === 'worse')).toEqual(
      [],
    )
    const proven = (word: 'not offered' | 'offered, not used', grade: 'pass' | 'not tested') => ({
      ...card,
      scorecard: [{ ...card.scorecard[0]!, name: 'no NTLM', grade, proven: word }],
    })
    const changes = [proven('not offered', 'pass'), proven('offered, not used', 'not tested')]
    expect(comparison(changes, []).rows[0]!.change).toBe('worse')
    expect(comparison(changes.toReversed(), []).rows[0]!.change).toBe('better')
  })

  it('what is no card ends with 2, what makes no sense with 64, and no card is written onto', async () => {
    await saved
    const broken = join(at, 'broken.json')
    for (const text of [
      '{',
      '[]',
      'null',
      '{"schema":"ntlmscope-device-1"}',
      '{"schema":"ntlmscope-device-1","device":1}',
    ]) {
      writeFileSync(broken, text)
      expect([text, (await run('device', '--compare', before, broken)).code]).toEqual([text, 2])
    }
    expect((await run('device', '--compare', before, join(at, 'absent.json'))).code).toBe(2)
    for (const words of [
      ['--compare', before],
      ['192.0.2.31', '--compare', before, after],
      ['--compare', before, after, '-f', 'junit'],
      ['192.0.2.31', change('nas-joined-after'), '-f', 'csv'],
      ['192.0.2.31'],
      [],
      ['--compare', before, after, '-o', after],
    ])
      expect([words, (await run('device', ...words)).code]).toEqual([words, 64])
  })
})
