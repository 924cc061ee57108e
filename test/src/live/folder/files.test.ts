/**
 * The files of a watched folder: what is there when a watch is stopped, and was not read, is said; names that files
 * lose and get.
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
import { firstPacketOf } from '../../../../src/live/folder/first-packet.ts'

const office = readFileSync('captures/office/office.pcap')
const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-files-'))
afterAll(() => rmSync(folder, { recursive: true }))
for (const name of ['a.pcap', 'b.pcap', 'c.pcap']) copyFileSync('captures/office/office.pcap', join(folder, name))
writeFileSync(join(folder, 'notes.txt'), 'no capture')

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16)

function listened(folder: string, words: Partial<FolderWords> = {}) {
  const said = { told: [] as string[], refused: [] as string[], renamed: [] as string[], gone: [] as string[] }
  const files = new FolderFiles(
    {
      ...{ folder, isOnce: false, settleMillis: 2000, leavesFresh: false, goesOn: false },
      ...{ isOther: () => true, done: [], replay: 0, begun: [], ...words },
    },
    {
      ended: () => {},
      begins: () => {},
      renamed: ({ name }, alias) => said.renamed.push(`${name} ${alias.name}`),
      gone: ({ name }) => said.gone.push(name),
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
    expect(said).toEqual({ told: [], refused: [], renamed: [], gone: [] })
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
      expect(again.said).toEqual({ told: [], refused: [], renamed: [], gone: [] })
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

describe('one of which something was told, and that was not read to its end', () => {
  const small = office.subarray(0, 600)
  const begun = { name: 'a.pcap', head: digestOf(small), headBytes: 600 }

  it.each([
    ['has grown', 'a.pcap', office],
    ['is packed', 'a.pcap.gz', gzipSync(office)],
  ])('%s: it is known by what it was known by', async (_, name, bytes) => {
    const own = join(folder, `begun-${name}`)
    mkdirSync(own)
    writeFileSync(join(own, name), bytes)
    const first = (await firstPacketOf(join(own, name)))!.digest
    const { files } = listened(own, { isOnce: true, begun: [{ ...begun, first }] })
    expect((await files.next(null))!.name).toBe(join(own, name))
    files.opened('', 0)
    expect(files.files[0]).toMatchObject({ ...begun, path: join(own, name) })
    expect(files.files[0]!.alias?.name).toBe(name === 'a.pcap' ? undefined : name)
    expect(await files.next({ compressed: false, damage: null, packets: 498 } as CaptureSummary)).toBeNull()
  })
})

describe('one that was over, and to which more came before it was called otherwise', () => {
  const lines = (own: string, name: string) =>
    `${join(own, name)}: is a.pcap, which was read; what came after it was over is not read; give a longer --settle`
  const done = (own: string) => ({
    ...{
      name: 'a.pcap',
      head: digestOf(office.subarray(0, 1024)),
      headBytes: 1024,
      size: FIRST_HALF,
      until: FIRST_HALF,
    },
    ...{ first: firsts.get(own)!, packets: 249, stretch: 0 },
  })
  const firsts = new Map<string, string>()
  const FIRST_HALF = recordAt(249)
  const withFile = async (name: string, bytes: Uint8Array) => {
    const own = mkdtempSync(join(folder, 'came-'))
    writeFileSync(join(own, name), bytes)
    firsts.set(own, (await firstPacketOf(join(own, name)))!.digest)
    return own
  }

  it.each([
    ['renamed', 'b.pcap', office],
    ['gzip', 'a.pcap.gz', gzipSync(office)],
    [
      'written anew',
      'a.pcap',
      Buffer.concat([office.subarray(0, 16), Buffer.from([255, 255, 0, 0]), office.subarray(20)]),
    ],
  ])('%s: is not read again, and what is not read is said', async (how, name, bytes) => {
    const own = await withFile(name, bytes)
    for (const replay of [0, 1]) {
      const { files, said } = listened(own, { isOnce: true, done: [done(own)], replay })
      // read again from its beginning it is known by what it was
      if (replay > 0) expect((await files.next(null))!.name).toBe(join(own, name))
      expect(await files.next(null)).toBeNull()
      const expected =
        how === 'written anew'
          ? lines(own, name).replace('is a.pcap, which was read', 'was read before')
          : lines(own, name)
      expect(said).toEqual({ told: [], refused: [expected], renamed: [`a.pcap ${name}`], gone: [] })
    }
  })

  it('one that begins alike, beside it or beside what it is called now, is another one', async () => {
    for (const beside of ['a.pcap', 'b.pcap.gz', 'z.pcap']) {
      const half = office.subarray(0, FIRST_HALF)
      const own = await withFile(beside, beside.endsWith('.gz') ? gzipSync(half) : half)
      writeFileSync(join(own, 'whole.pcap'), office)
      const { files, said } = listened(own, { isOnce: true, done: [done(own)] })
      expect((await files.next(null))!.name).toBe(join(own, 'whole.pcap'))
      expect(said.refused).toEqual([])
    }
  })

  it('a copy of it as it is now is a copy', async () => {
    const own = await withFile('a.pcap', office)
    writeFileSync(join(own, 'a.pcap.gz'), gzipSync(office))
    const { files, said } = listened(own, { isOnce: true, done: [done(own)] })
    expect(await files.next(null)).toBeNull()
    expect(said.renamed).toEqual([])
    expect(said.refused[0]).toMatch(/a\.pcap: \d+ bytes came after it was over/)
  })

  it('packed while it is looked at: it is counted again when it is whole', async () => {
    const packed = gzipSync(office)
    const own = await withFile('a.pcap.gz', packed)
    writeFileSync(join(own, 'a.pcap.gz'), packed.subarray(0, packed.length >> 2))
    const { files, said } = listened(own, { isOnce: true, done: [done(own)] })
    expect(await files.next(null)).toBeNull()
    expect([said.told.length, said.refused.length]).toEqual([1, 0])
    writeFileSync(join(own, 'a.pcap.gz'), packed)
    expect(await files.next(null)).toBeNull()
    expect(said.refused).toEqual([
      `${join(own, 'a.pcap.gz')}: what came after it was over is not read; give a longer --settle`,
    ])
  })
})

it('one that is gone when it is looked at for the first time is nobody that was refused', async () => {
  const own = join(folder, 'vanishing')
  mkdirSync(own)
  for (let at = 0; at < 20; at++) writeFileSync(join(own, `${at}.pcap`), office)
  const { files, said } = listened(own, { isOnce: true })
  const coming = files.next(null)
  for (let at = 0; at < 20; at++) rmSync(join(own, `${at}.pcap`))
  expect(await coming).toBeNull()
  expect(said.refused).toEqual([])
})

/** Where the record of this number begins, counted from 0. */
function recordAt(number: number): number {
  let at = 24
  for (let record = 0; record < number; record++) at += 16 + office.readUInt32LE(at + 8)
  return at
}

it('those that a ring took away are told of in one line, once', async () => {
  const own = join(folder, 'ring')
  mkdirSync(own)
  const done = ['a', 'b', 'c'].map((name) => ({
    ...{ name: `${name}.pcap`, head: name, headBytes: 1024, size: 9, stretch: 0, packets: 1 },
  }))
  const { said, files } = listened(own, { isOnce: true, done, replay: 3 })
  expect(await files.next(null)).toBeNull()
  expect(said.told).toEqual([
    `${join(own, 'a.pcap')} and 2 more: are not there any more; what rests on them is told as far as the other files show it`,
  ])
  expect(said.gone).toEqual(['a.pcap', 'b.pcap', 'c.pcap'])
  const again = listened(own, {
    isOnce: true,
    done: done.map((file) => ({ ...file, isGone: true as const })),
    replay: 3,
  })
  expect(await again.files.next(null)).toBeNull()
  expect(again.said.told).toEqual([])
})
