/**
 * Input that is made to cost: each kind at a size and at four times that size. What is linear takes about four times
 * the processor time then, what is a square sixteen times; nothing depends on how fast the machine is. `HOSTILE_SCALE`
 * makes all of them larger (`npm run hostile`).
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/run/analyze.ts'
import { pcap } from '../builders/capture.ts'
import { COSTLY_KINDS } from './hostile-inputs.ts'
import { temporaryFolder } from './packets.ts'

const SCALE = Number(process.env.HOSTILE_SCALE ?? 1)
const GROWTH = 4
/** of the time for four times as much: a square has 16; start-up and the noise of a busy machine are why it is not 6 */
const GROWTH_MAX = 11
describe('input that is made to cost', () => {
  const folder = temporaryFolder()

  async function cost(packets: readonly Uint8Array[]): Promise<number> {
    const path = join(folder, 'capture.pcap')
    writeFileSync(path, pcap(packets.map((bytes, at) => ({ time: 1_700_000_000_000_000 + at, bytes }))))
    const before = process.cpuUsage()
    const report = await analyze([path], { rethrow: true })
    const { user, system } = process.cpuUsage(before)
    const { read = 0, ...parts } = report.tally.packets
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(read)
    return (user + system) / 1e6
  }

  it.each(COSTLY_KINDS)('$name', async ({ units, packets }) => {
    const small = packets(units * SCALE)
    const large = packets(units * SCALE * GROWTH)
    await cost(small)
    // what is too short to be measured grows as it likes
    const [one, other] = [await cost(small), await cost(large)]
    expect(other / Math.max(one, 0.05)).toBeLessThan(GROWTH_MAX)
  })
})
