/**
 * Folders of facts that were copied by half, or that nothing was loaded into yet: an answer of no rows would say that
 * all is clean, so that there is none.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { DuckDb } from '../../src/questions/duckdb.ts'
import { Folder } from '../../src/store/folder.ts'
import { check, compact, forget } from '../../src/store/upkeep.ts'
import { loadInto } from '../builders/facts.ts'
import { printed } from '../builders/printed.ts'
import { temporaryFolder } from '../captures/packets.ts'

const place = temporaryFolder()
const whole = join(place, 'whole')
let copies = 0

function copied(from = whole): string {
  const path = join(place, `copy${copies++}`)
  cpSync(from, path, { recursive: true, preserveTimestamps: true })
  return path
}

const recordsIn = (folder: string) => readdirSync(join(folder, 'loads')).filter((name) => name.endsWith('.json'))

async function opened(folder: string): Promise<'opened'> {
  await (await DuckDb.open(folder)).close()
  return 'opened'
}

const damagedIn = async (folder: string) => (await check(Folder.open(folder))).damaged
const filesIn = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()

beforeAll(async () => {
  await loadInto(whole, ['captures/office/office.pcap'])
  await loadInto(whole, ['captures/rpc/netlogon.pcap'], { sensor: 'tap2' })
  await loadInto(whole, ['captures/office/office.pcap'], { sensor: 'tap2' })
})

describe('a folder that was copied in part', () => {
  it('is opened when it is all there', async () => {
    expect(await opened(copied())).toBe('opened')
    expect(await damagedIn(whole)).toEqual([])
  })

  it('without the record of any of its loads is not asked', async () => {
    for (const record of recordsIn(whole)) {
      const folder = copied()
      rmSync(join(folder, 'loads', record))
      const line = new RegExp(`loads/${record}: is missing, .*copied in part.*copy`)
      await expect(opened(folder), record).rejects.toThrow(line)
      expect(await damagedIn(folder)).toEqual([expect.stringMatching(line)])
    }
  })

  it('without all records is not asked, nor without the folder of them or facts.json', async () => {
    const folder = copied()
    for (const record of recordsIn(folder)) rmSync(join(folder, 'loads', record))
    await expect(opened(folder)).rejects.toThrow(/loads\/.*\.json: is missing, .*and 2 more/)
    expect(await damagedIn(folder)).toHaveLength(3)
    rmSync(join(folder, 'loads'), { recursive: true })
    await expect(opened(folder)).rejects.toThrow(/copied in part/)
    rmSync(join(folder, 'facts.json'))
    await expect(opened(folder)).rejects.toThrow(/facts\.json: is missing.*copied in part/)
  })

  it('without any one of its files is not asked, whatever the question', async () => {
    for (const file of filesIn(whole).filter((name) => name.endsWith('.parquet'))) {
      const folder = copied()
      rmSync(join(folder, file))
      await expect(opened(folder), file).rejects.toThrow(/\.parquet: is missing.*--check/)
      expect(await damagedIn(folder), file).toEqual([expect.stringMatching(/is missing/)])
    }
  })

  it('is known when its files were merged, and keeps what it has', async () => {
    const merged = copied()
    await compact(Folder.open(merged))
    expect(await opened(copied(merged))).toBe('opened')
    for (const record of recordsIn(merged)) {
      const folder = copied(merged)
      rmSync(join(folder, 'loads', record))
      await expect(opened(folder), record).rejects.toThrow(/is missing/)
    }
    const folder = copied(merged)
    for (const record of recordsIn(merged)) rmSync(join(folder, 'loads', record))
    const before = filesIn(folder)
    await expect(opened(folder)).rejects.toThrow(/loads\/compact-.*\.json: is missing/)
    expect(await damagedIn(folder)).not.toEqual([])
    expect(filesIn(folder)).toEqual(before)
  })

  it('is not one of which all days were forgotten', async () => {
    const folder = copied()
    await forget(Folder.open(folder), Date.now() * 1000 + 1e15)
    expect(await opened(folder)).toBe('opened')
  })
})

describe('a folder without a complete load', () => {
  const mark = (folder: string, pid: number) =>
    writeFileSync(
      join(folder, 'loads', 'tap1-0123456789ab-01234567.running'),
      JSON.stringify({ host: hostname(), pid }),
    )

  it('that nobody ever loaded into is told apart from no rows', async () => {
    const folder = join(place, 'never')
    Folder.openOrMake(folder)
    await expect(opened(folder)).rejects.toThrow(/nothing was ever loaded into it.*ntlmscope load/)
  })

  it('is told apart while the first one is under way, and when that was killed', async () => {
    const folder = copied()
    for (const record of recordsIn(folder)) rmSync(join(folder, 'loads', record))
    for (const file of filesIn(folder).filter((name) => /tap|gone/.test(name)))
      rmSync(join(folder, file), { recursive: true })
    const file = join(folder, 'exchanges', 'day=2026-11-23', 'tap1-0123456789ab-01234567.parquet')
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, 'half')
    mark(folder, process.pid)
    await expect(opened(folder)).rejects.toThrow(/first load is under way/)
    mark(folder, 2 ** 22 + 1)
    await expect(opened(folder)).rejects.toThrow(/no load was ever completed.*ntlmscope load/)
    expect(existsSync(file)).toBe(true)
  })

  it('is no matter where another load is complete', async () => {
    const folder = copied()
    mark(folder, process.pid)
    const file = join(folder, 'exchanges', 'day=2026-11-23', 'tap1-0123456789ab-01234567.parquet')
    writeFileSync(file, 'half')
    expect(await opened(folder)).toBe('opened')
    mark(folder, 2 ** 22 + 1)
    expect(await opened(folder)).toBe('opened')
  })
})

describe('whoever asks a folder that is not all there', () => {
  it('is told in one line, ends with 2 and prints nothing', async () => {
    const folder = copied()
    for (const record of recordsIn(folder)) rmSync(join(folder, 'loads', record))
    const never = join(place, 'never-asked')
    Folder.openOrMake(never)
    const policy = join(place, 'policy.yaml')
    writeFileSync(policy, 'policy: 1\nallow: []\n')
    for (const from of [folder, never])
      for (const words of [
        ['query', 'ntlm-hosts'],
        ['query', '--sql', 'select 1'],
        ['query', 'policy-deviations', '--policy', policy],
        ['trend'],
        ['trend', '--format', 'html'],
        ['trend', '--since-run', join(place, 'run.json')],
        ['verify', '--policy', policy],
        ['plan'],
      ]) {
        const { code, out, err } = await printed([...words, '--from', from])
        expect([code, out, err.trim().split('\n').length], `${words.join(' ')}: ${err}`).toEqual([2, '', 1])
        expect(err).toMatch(from === folder ? /copied in part/ : /nothing was ever loaded/)
      }
    expect(existsSync(join(place, 'run.json'))).toBe(false)
    expect((await printed(['facts', '--from', folder, '--check'])).code).toBe(2)
  })
})
