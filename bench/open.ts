/**
 * Conversations that all began before the capture, as in every capture of a span port, with payload that no carrier
 * speaks: what a byte of it is (random, text, base64, zeros, HTML) must not change what it costs. Against tcpdump, in
 * turn; ratios of medians.
 */
import {
  type Command,
  median,
  medianOrNull,
  NODE,
  PROGRAM,
  type Run,
  resultTable,
  run,
  secondsText,
  versionOf,
  warm,
} from './measure.ts'
import { AUTHENTICATION_PORTS, cachedMix, type MixShape, openMix } from './mix.ts'
import { PAYLOADS } from './random.ts'

export interface OpenOptions extends MixShape {
  readonly bytes: number
  readonly rounds: number
}

const FILTER = AUTHENTICATION_PORTS.map((port) => `port ${port}`).join(' or ')

export async function openMixes(options: OpenOptions, print: (text: string) => void): Promise<void> {
  const hasTcpdump = versionOf('tcpdump') !== null
  if (!hasTcpdump) print('tcpdump: not installed, left out')
  const rows: string[][] = []
  const costs: number[] = []
  for (const payload of PAYLOADS) {
    const { path, summary } = cachedMix(openMix(payload, options.bytes, options), print)
    await warm(path)
    const ours: Run[] = []
    const theirs: Run[] = []
    for (let round = 0; round < options.rounds; round++) {
      ours.push(await measured([NODE, PROGRAM, 'analyze', path], print))
      if (hasTcpdump) theirs.push(await measured(['tcpdump', '-r', path, '-w', '/dev/null', FILTER], print))
    }
    const seconds = median(ours.map((each) => each.seconds))
    // without GNU time there is no processor time
    const cpu = medianOrNull(ours.map((each) => each.cpuSeconds)) ?? seconds
    const against = hasTcpdump ? (seconds / median(theirs.map((each) => each.seconds))).toFixed(1) : '-'
    costs.push(cpu)
    rows.push([
      payload,
      secondsText(seconds),
      secondsText(cpu),
      `${Math.round((cpu * 1e9) / summary.packets)} ns`,
      against,
    ])
  }
  const table = resultTable(['payload', 'time', 'processor', 'a packet', 'times tcpdump'], 1)
  table.push(...rows)
  print(table.toString())
  print(
    `the dearest kind of payload costs ${(Math.max(...costs) / Math.min(...costs)).toFixed(2)} times the cheapest one`,
  )
}

async function measured(command: Command, print: (text: string) => void): Promise<Run> {
  const result = await run(command)
  if (result.failed !== null) print(`${command[0]} failed: ${result.failed}`)
  return result
}
