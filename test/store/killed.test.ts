/**
 * Loads that are killed at any moment, by a process of their own: after the next whole load not a row is lost, none is
 * doubled.
 *
 * A few moments, or as many as KILLS says (100 before a release).
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Folder } from '../../src/store/folder.ts'
import { check } from '../../src/store/upkeep.ts'
import { rowsIn } from '../builders/facts.ts'
import { temporaryFolder } from '../captures/packets.ts'

const PROGRAM = 'dist/src/cli.js'
const KILLS = Number(process.env.KILLS ?? 6)
const CAPTURES = ['captures/office/office.pcap', 'captures/rpc/netlogon.pcap', 'captures/http/browser-ntlm.pcap']
const built = existsSync(PROGRAM)
if (!built) console.warn('skipped: nothing is killed, the program is not built')

/** Ends after so many milliseconds, or by itself; how long it ran. */
function run(words: readonly string[], killAfter: number | null): Promise<{ code: number | null; millis: number }> {
  const began = performance.now()
  const child = spawn(process.execPath, [PROGRAM, ...words], { stdio: ['ignore', 'pipe', 'ignore'] })
  child.stdout.resume()
  const timer = killAfter === null ? null : setTimeout(() => child.kill('SIGKILL'), killAfter)
  return new Promise((done) =>
    child.on('exit', (code) => {
      if (timer !== null) clearTimeout(timer)
      done({ code, millis: performance.now() - began })
    }),
  )
}

describe.skipIf(!built)('a load that is killed', { timeout: 3e6 }, () => {
  it(`at ${KILLS} moments leaves nothing that is seen, and nothing that keeps the next one from loading`, async () => {
    const place = temporaryFolder()
    const whole = join(place, 'whole')
    const { code, millis } = await run(['load', ...CAPTURES, '--into', whole, '--sensor', 'dc1'], null)
    expect(code).toBe(0)
    const wanted = await rowsIn(whole, 'exchanges')
    expect(wanted.length).toBeGreaterThan(7)
    const facts = join(place, 'facts')
    let killed = 0
    for (let at = 0; at < KILLS; at++) {
      // the moments are spread over the time that a load takes, and a little further
      const { code: ended } = await run(
        ['load', ...CAPTURES, '--into', facts, '--sensor', 'dc1'],
        (millis * 1.1 * (at + 0.5)) / KILLS,
      )
      if (ended === null) killed++
      const seen = existsSync(join(facts, 'facts.json')) ? await rowsIn(facts, 'exchanges') : []
      expect([0, wanted.length]).toContain(seen.length)
    }
    expect(killed).toBeGreaterThan(0)
    expect((await run(['load', ...CAPTURES, '--into', facts, '--sensor', 'dc1'], null)).code).toBe(0)
    const seen = await rowsIn(facts, 'exchanges')
    expect(seen.map(({ uid }) => uid)).toEqual(wanted.map(({ uid }) => uid))
    for (const table of ['kdc', 'findings', 'conversations', 'captures'] as const)
      expect((await rowsIn(facts, table)).length, table).toBe((await rowsIn(whole, table)).length)
    const { running, damaged } = await check(Folder.open(facts))
    expect({ running, damaged }).toEqual({ running: [], damaged: [] })
  })
})
