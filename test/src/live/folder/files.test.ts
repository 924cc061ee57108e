/**
 * The files of a watched folder: what is there when a watch is stopped, and was not read, is said.
 */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { FolderFiles } from '../../../../src/live/folder/files.ts'

const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-files-'))
afterAll(() => rmSync(folder, { recursive: true }))
for (const name of ['a.pcap', 'b.pcap', 'c.pcap']) copyFileSync('captures/office/office.pcap', join(folder, name))
writeFileSync(join(folder, 'notes.txt'), 'no capture')

async function stopped(goesOn: boolean) {
  const said = { told: [] as string[], refused: [] as string[] }
  const files = new FolderFiles(
    { folder, isOnce: false, settleMillis: 2000, leavesFresh: false, goesOn, isOther: () => true, done: [], replay: 0 },
    {
      ended: () => {},
      begins: () => {},
      over: () => {},
      told: (line) => said.told.push(line),
      refused: (_name, line) => said.refused.push(line),
    },
  )
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
