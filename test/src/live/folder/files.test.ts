/**
 * The files of a watched folder: what is there when a watch is stopped, and was not read, is said; names that files lose
 * and get.
 */
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import type { CaptureSummary } from '../../../../src/capture/merge.ts'
import { CaptureError } from '../../../../src/capture/open.ts'
import { FolderFiles, type FolderWords } from '../../../../src/live/folder/files.ts'

const office = readFileSync('captures/office/office.pcap')
const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-files-'))
afterAll(() => rmSync(folder, { recursive: true }))
for (const name of ['a.pcap', 'b.pcap', 'c.pcap']) copyFileSync('captures/office/office.pcap', join(folder, name))
writeFileSync(join(folder, 'notes.txt'), 'no capture')

function listened(folder: string, words: Partial<FolderWords> = {}) {
  const said = { told: [] as string[], refused: [] as string[], renamed: [] as string[] }
  const files = new FolderFiles(
    {
      ...{ folder, isOnce: false, settleMillis: 2000, leavesFresh: false, goesOn: false },
      ...{ isOther: () => true, done: [], replay: 0, ...words },
    },
    {
      ended: () => {},
      begins: () => {},
      renamed: ({ name }, alias) => said.renamed.push(`${name} ${alias.name}`),
      over: () => {},
      told: (line) => said.told.push(line),
      refused: (_name, line) => said.refused.push(line),
    },
  )
  return { said, files }
}

async function stopped(goesOn: boolean) {
  const { said, files } = listened(folder, { goesOn })
  files.stop()
  expect(await files.next(null)).toBeNull()
  return said
}

it('says which captures were not read, and how to go on', async () => {
  const { told, refused } = await stopped(false)
  expect(told).toEqual([])
  expect(refused).toEqual([
    `${join(folder, 'a.pcap')} and 2 more: stopped before it was read; --state goes on where this watch ends`,
  ])
})

it('leaves them to the next watch, where there is one', async () => {
  const { told, refused } = await stopped(true)
  expect(refused).toEqual([])
  expect(told).toEqual([
    `${join(folder, 'a.pcap')} and 2 more: stopped before it was read; the next watch goes on here`,
  ])
})

describe('who takes a file away between two looks', () => {
  const begin = async (name: string) => {
    const own = join(folder, name)
    mkdirSync(own)
    writeFileSync(join(own, 'a.pcap'), office)
    const { said, files } = listened(own, { isOnce: true })
    const coming = await files.next(null)
    expect(coming!.name).toBe(join(own, 'a.pcap'))
    rmSync(join(own, 'a.pcap'))
    files.refused(coming!.name, new CaptureError('no such file'))
    return { own, said, files }
  }

  it('and leaves it under another name, has only renamed it', async () => {
    const { own, said, files } = await begin('packed')
    writeFileSync(join(own, 'a.pcap.gz'), gzipSync(office))
    expect((await files.next(null))!.name).toBe(join(own, 'a.pcap.gz'))
    expect(await files.next(null)).toBeNull()
    expect(said).toEqual({ told: [], refused: [], renamed: [] })
  })

  it('for good, is told of', async () => {
    const { own, said, files } = await begin('gone')
    expect(await files.next(null)).toBeNull()
    expect(said.refused).toEqual([`${join(own, 'a.pcap')}: was gone before it was read`])
  })
})

describe('one that was read and is called otherwise', () => {
  const read = async (name: string, rename: (own: string) => void) => {
    const own = join(folder, name)
    mkdirSync(own)
    writeFileSync(join(own, 'a.pcap'), office)
    const { said, files } = listened(own, { isOnce: true })
    const coming = await files.next(null)
    for (let bytes = 1; bytes > 0; ) bytes = await coming!.source!.read(new Uint8Array(1 << 16), 0, 1 << 16)
    rename(own)
    const summary = { compressed: false, damage: null, packets: 498 } as CaptureSummary
    expect(await files.next(summary)).toBeNull()
    return { own, said }
  }

  it('is known by its new name, and is not said to be unread', async () => {
    const { own, said } = await read('renamed', (own) => renameSync(join(own, 'a.pcap'), join(own, 'b.pcap')))
    expect(said.renamed).toEqual(['a.pcap b.pcap'])
    expect(said.told).toEqual([`${join(own, 'b.pcap')}: is a.pcap, which was read; left out`])
    const done = { name: 'a.pcap', head: '0', headBytes: 1024, size: office.length, stretch: 0, packets: 498 }
    const alias = { name: 'b.pcap', headBytes: 1024, head: digestOf(office.subarray(0, 1024)) }
    for (const isOnce of [true, false]) {
      const again = listened(own, { isOnce, done: [{ ...done, alias }] })
      if (!isOnce) again.files.stop()
      expect(await again.files.next(null)).toBeNull()
      expect(again.said).toEqual({ told: [], refused: [], renamed: [] })
    }
    // it is found there when it is to be read again
    const replayed = listened(own, { isOnce: true, done: [{ ...done, alias }], replay: 1 })
    expect((await replayed.files.next(null))!.name).toBe(join(own, 'b.pcap'))
  })

  it('has no other name where a copy stands beside it', async () => {
    const { said } = await read('copied', (own) => copyFileSync(join(own, 'a.pcap'), join(own, 'b.pcap')))
    expect(said.renamed).toEqual([])
    expect(said.told).toHaveLength(1)
  })
})

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16)
