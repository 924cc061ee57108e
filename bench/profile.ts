/**
 * Where the time of `analyze` goes: what each step of the path of the data adds, and the functions and files with the
 * most time of their own.
 *
 * Steps are whole processes that stop after a step (stage.ts): the difference of two is the cost of one. Functions come
 * from V8's sampling profiler, main thread only; what is inlined counts for its caller.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  benchFile,
  countText,
  median,
  medianOrNull,
  megabytesText,
  NODE,
  PROGRAM,
  PROGRAM_IN_MODULES,
  resultTable,
  run,
  secondsText,
  warm,
} from './measure.ts'
import { cachedMix, type MixShape, usualMix } from './mix.ts'

const ROWS = 15
const STAGES = ['read', 'net', 'stream', 'dissect'] as const

/** What V8 writes, as far as it is read here; times in microseconds. */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export interface ProfileOptions extends MixShape {
  readonly bytes: number
  readonly mixes: readonly ('span' | 'dc')[]
  readonly rounds: number
}

export async function profile(options: ProfileOptions, print: (text: string) => void): Promise<void> {
  for (const mix of options.mixes) {
    const { path, summary } = cachedMix(usualMix(mix, options.bytes, options), print)
    await warm(path)
    print(`\n${mix}: each step with all before it`)
    print(await stages(path, summary.packets, options.rounds))
    print(`\n${mix}: the main thread's own time (lines of the compiled files)`)
    const measured = profileOf(path)
    print(
      selfTimes(measured, 'function', ({ functionName, url, lineNumber }) => {
        const file = fileOf(url)
        return file === '' ? functionName : `${functionName || '(anonymous)'}  ${file}:${lineNumber + 1}`
      }),
    )
    print(selfTimes(measured, 'file', ({ functionName, url }) => fileOf(url) || functionName))
  }
}

async function stages(path: string, packets: number, rounds: number): Promise<string> {
  const table = resultTable(['', 'wall s', 'cpu s', 'cpu ns/packet', 'more than before', 'peak'], 1)
  const steps = [
    ...STAGES.map((stage) => ({ name: stage, command: [NODE, benchFile('stage'), stage, path] })),
    { name: 'analyze', command: [NODE, PROGRAM, 'analyze', path] },
  ]
  let before = 0
  for (const { name, command } of steps) {
    const runs = []
    for (let round = 0; round < rounds; round++) runs.push(await run(command))
    const seconds = median(runs.map((one) => one.seconds))
    const cpuSeconds = medianOrNull(runs.map((one) => one.cpuSeconds))
    const perPacket = ((cpuSeconds ?? seconds) / packets) * 1e9
    const peak = medianOrNull(runs.map((one) => one.peakBytes))
    const more = countText(perPacket - before)
    table.push([name, secondsText(seconds), secondsText(cpuSeconds), countText(perPacket), more, megabytesText(peak)])
    before = perPacket
  }
  return table.toString()
}

function profileOf(path: string): CpuProfile {
  const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-profile-'))
  try {
    const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=400']
    spawnSync(NODE, [...flags, PROGRAM_IN_MODULES, 'analyze', path], { stdio: 'ignore' })
    return JSON.parse(readFileSync(join(folder, readdirSync(folder)[0]!), 'utf8')) as CpuProfile
  } finally {
    rmSync(folder, { recursive: true })
  }
}

type CallFrame = CpuProfile['nodes'][number]['callFrame']

function selfTimes({ nodes, samples, timeDeltas }: CpuProfile, what: string, nameOf: (frame: CallFrame) => string) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const times = new Map<string, number>()
  let sum = 0
  let idle = 0
  for (const [at, id] of samples.entries()) {
    const frame = frames.get(id)!
    const time = timeDeltas[at]!
    if (frame.functionName === '(idle)') idle += time
    else {
      const name = nameOf(frame)
      sum += time
      times.set(name, (times.get(name) ?? 0) + time)
    }
  }
  const table = resultTable([what, 'ms', '%'], 1)
  const sorted = [...times].sort((a, b) => b[1] - a[1])
  for (const [name, time] of sorted.slice(0, ROWS)) {
    table.push([name, (time / 1000).toFixed(0), ((100 * time) / sum).toFixed(1)])
  }
  const collector = ((100 * (times.get('(garbage collector)') ?? 0)) / sum).toFixed(1)
  return `${table}\nbusy ${(sum / 1000).toFixed(0)} ms, idle ${(idle / 1000).toFixed(0)} ms, garbage collector ${collector} %`
}

function fileOf(url: string): string {
  return url.split('/dist-bench/').at(-1)!
}
