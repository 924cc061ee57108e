/**
 * What must not grow: time per packet with the size of a capture and with the number of its flows, and memory with
 * anything at all.
 *
 * Every capture is written into our standard input by another process, so that none needs a disk. With two processes on
 * two cores the wall clock tells of both; the figure is our own processor time.
 */
import { FLOODS } from './floods.ts'
import {
  benchFile,
  countText,
  median,
  medianOrNull,
  megabytesText,
  NODE,
  PROGRAM,
  type Run,
  resultTable,
  run,
  secondsText,
} from './measure.ts'
import { type MixOptions, type MixSummary, sizeText, usualMix } from './mix.ts'

const ANALYZE = [NODE, PROGRAM, 'analyze', '-']
const MEMORY_MAX = 256 * 2 ** 20

export interface BoundsOptions {
  /** the unit: 1 GB for the figures, less for a quick look */
  readonly bytes: number
  readonly rounds: number
}

/** Time per packet at 1, 2, 5 and 10 times the size, and at 1,000 to 1,000,000 flows. */
export async function growth({ bytes, rounds }: BoundsOptions, print: (text: string) => void): Promise<void> {
  const sizes = [1, 2, 5, 10].map((times) => usualMix('span', bytes * times))
  print('\ngrowth with the size: span-port mix, flows in proportion')
  print(
    await series(
      sizes,
      (options) => sizeText(options.bytes),
      ({ bytes: size }) => size,
      rounds,
      print,
    ),
  )

  const flowCounts = [1000, 10_000, 100_000, 1_000_000].map((flows) => Math.round((flows * Math.min(bytes, 1e9)) / 1e9))
  const flowMix = (flows: number): MixOptions => ({ mix: 'span', bytes: bytes * 5, flows, open: Math.ceil(flows / 5) })
  print(
    `\ngrowth with the flows: ${sizeText(bytes * 5)} each, a fifth of the flows open at a time, 200 authentications in each`,
  )
  const quiet = flowCounts.map((flows) => ({ ...flowMix(flows), authentications: 200 }))
  print(
    await series(
      quiet,
      (options) => `${countText(options.flows)} flows`,
      ({ flows }) => flows,
      rounds,
      print,
    ),
  )
  print('\ngrowth with the flows, and a fifth of them authenticate')
  const loud = flowCounts.map(flowMix)
  print(
    await series(
      loud,
      (options) => `${countText(options.flows)} flows`,
      ({ flows }) => flows,
      rounds,
      print,
    ),
  )
}

async function series(
  mixes: readonly MixOptions[],
  label: (options: MixOptions) => string,
  measure: (summary: MixSummary) => number,
  rounds: number,
  print: (text: string) => void,
): Promise<string> {
  const table = resultTable(
    ['', 'packets', 'authentications', 'wall s', 'our cpu s', 'cpu ns/packet', 'to the first', 'peak'],
    1,
  )
  const runs = mixes.map((): Run[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [at, mix] of mixes.entries()) {
      const done = await run(ANALYZE, mixCommand(mix))
      if (done.failed !== null) print(`failed: ${done.failed}`)
      runs[at]!.push(done)
    }
  }
  const points: [number, number][] = []
  for (const [at, mix] of mixes.entries()) {
    const summary = JSON.parse(runs[at]![0]!.fromSaid) as MixSummary
    const seconds = median(runs[at]!.map((one) => one.seconds))
    const cpuSeconds = medianOrNull(runs[at]!.map((one) => one.cpuSeconds))
    const perPacket = ((cpuSeconds ?? seconds) / summary.packets) * 1e9
    points.push([measure(summary), perPacket])
    table.push([
      label(mix),
      countText(summary.packets),
      countText(summary.authentications),
      secondsText(seconds),
      secondsText(cpuSeconds),
      countText(perPacket),
      (perPacket / points[0]![1]).toFixed(2),
      megabytesText(medianOrNull(runs[at]!.map((one) => one.peakBytes))),
    ])
  }
  return `${table}\ntime per packet grows with the power ${exponent(points).toFixed(3)} (0 is flat)`
}

/** Least squares in logarithms. */
function exponent(points: readonly (readonly [number, number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const)
  const meanX = logs.reduce((sum, [x]) => sum + x, 0) / logs.length
  const meanY = logs.reduce((sum, [, y]) => sum + y, 0) / logs.length
  const over = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  return over / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
}

function mixCommand(options: MixOptions): string[] {
  return [NODE, benchFile('mix'), JSON.stringify(options)]
}

/** Peak memory for every flood, a million authentications, and ten gigabytes with a million flows. */
export async function floods({ bytes }: BoundsOptions, print: (text: string) => void): Promise<void> {
  const scale = Math.min(1, bytes / 1e9)
  const flows = Math.round(1_000_000 * scale)
  const authentications: MixOptions = { mix: 'authentications', bytes: 0, flows, open: Math.ceil(flows / 50) }
  const large: MixOptions = { mix: 'span', bytes: bytes * 10, flows, open: Math.ceil(flows / 5) }
  const tasks = [
    ...FLOODS.map(({ name, what, count }) => {
      const scaled = Math.round(count * scale)
      return { name, what: `${countText(scaled)} ${what}`, command: [NODE, benchFile('floods'), name, String(scaled)] }
    }),
    {
      name: 'authentications',
      what: `${countText(flows)} conversations with one authentication each`,
      command: mixCommand(authentications),
    },
    {
      name: 'many flows',
      what: `span-port mix of ${sizeText(bytes * 10)} with ${countText(flows)} flows, a fifth of them open at a time`,
      command: mixCommand(large),
    },
  ]
  const table = resultTable(['flood', 'what it is', 'wall s', 'our cpu s', 'peak', 'within 256 MiB'], 2, [null, 50])
  for (const { name, what, command } of tasks) {
    const { seconds, cpuSeconds, peakBytes, failed } = await run(ANALYZE, command)
    if (failed !== null) print(`${name} failed: ${failed}`)
    const within = failed !== null ? 'failed' : peakBytes === null ? '-' : peakBytes <= MEMORY_MAX ? 'yes' : 'NO'
    table.push([name, what, secondsText(seconds), secondsText(cpuSeconds), megabytesText(peakBytes), within])
  }
  print('\nfloods, on standard input')
  print(table.toString())
}
