/**
 * Runs whole processes and measures them: wall clock, processor time, peak memory.
 *
 * Processor time and peak memory come from /usr/bin/time where there is one; else the peak is read from /proc while the
 * process runs, and what nobody can tell is null. Output of the measured process is thrown away.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Table from 'cli-table3'

/** The program as it is shipped, and the folder of the compiled benches. */
export const PROGRAM = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url))
/** The same in a file a module, so that a profile names them. */
export const PROGRAM_IN_MODULES = fileURLToPath(new URL('../src/cli.js', import.meta.url))
export const NODE = process.execPath

export function benchFile(name: string): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url))
}

export type Command = readonly string[]

export interface Run {
  readonly seconds: number
  /** user and system together */
  readonly cpuSeconds: number | null
  readonly peakBytes: number | null
  readonly failed: string | null
  /** what the other end of the pipe said on standard error, last line */
  readonly fromSaid: string
}

const TIME = '/usr/bin/time'
const HAS_TIME = existsSync(TIME)

/** Runs `command`; with `from`, what that command writes is its standard input, and only `command` is measured. */
export async function run(command: Command, from: Command | null = null): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'ntlmscope-run-'))
  const figures = join(folder, 'time')
  const said = join(folder, 'said')
  const timed = HAS_TIME ? [TIME, '-f', '%U %S %M', '-o', figures, ...command] : [...command]
  const whole = from === null ? timed : ['sh', '-c', `${quoted(from)} 2>${quoted([said])} | ${quoted(timed)}`]
  try {
    const start = process.hrtime.bigint()
    const child = spawn(whole[0]!, whole.slice(1), { stdio: ['ignore', 'ignore', 'pipe'] })
    let peakBytes: number | null = null
    const poll = HAS_TIME || from !== null ? null : setInterval(() => (peakBytes = peakOf(child.pid) ?? peakBytes), 20)
    let words = ''
    child.stderr.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-400)
    })
    const code = await new Promise<number | string>((done) => {
      child.on('error', (error) => done(error.message))
      child.on('close', (status, signal) => done(status ?? signal ?? 'killed'))
    })
    const seconds = Number(process.hrtime.bigint() - start) / 1e9
    if (poll !== null) clearInterval(poll)
    const failed = code === 0 ? null : `${code}: ${words.trim().split('\n').at(-1)}`
    const [user, system, kilobytes] = HAS_TIME ? lastLine(figures).split(' ').map(Number) : []
    if (user === undefined || system === undefined || kilobytes === undefined) {
      return { seconds, cpuSeconds: null, peakBytes, failed, fromSaid: lastLine(said) }
    }
    return { seconds, cpuSeconds: user + system, peakBytes: kilobytes * 1024, failed, fromSaid: lastLine(said) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function lastLine(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').at(-1)! : ''
}

function peakOf(pid: number | undefined): number | null {
  try {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return found ? Number(found[1]) * 1024 : null
  } catch {
    return null
  }
}

function quoted(words: Command): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
}

/** What a tool says of its version; null: it is not there. */
export function versionOf(tool: string): string | null {
  const { error, stdout, stderr } = spawnSync(tool, ['--version'], { encoding: 'utf8' })
  return error ? null : (/\d+(\.\d+)+/.exec(`${stdout}\n${stderr}`)?.[0] ?? 'of unknown version')
}

/** A program that takes longer than this runs once. */
const SLOW_SECONDS = 45

/** The runs of each, by name. Interleaved, so that a busy minute of the machine meets everybody. */
export async function inTurn(
  contestants: readonly (readonly [name: string, command: Command])[],
  rounds: number,
  print: (text: string) => void,
): Promise<Map<string, Run[]>> {
  const runs = new Map<string, Run[]>(contestants.map(([name]) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of contestants) {
      const done = runs.get(name)!
      if (round > 0 && done[0]!.seconds > SLOW_SECONDS) continue
      const result = await run(command)
      if (result.failed !== null) print(`${name} failed: ${result.failed}`)
      done.push(result)
    }
  }
  return runs
}

/** Reads a file once, so that nobody waits for the disk. */
export async function warm(path: string): Promise<void> {
  await run(['cat', path])
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export function medianOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : median(known)
}

export function machineText(): string {
  const { length } = cpus()
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  const load = loadavg().map((value) => value.toFixed(1))
  return [
    `${new Date().toISOString().slice(0, 16)}Z   ${model}, ${length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}`,
    `node ${process.versions.node}, ntlmscope ${versionOfProgram()}   load before: ${load.join(' ')}`,
  ].join('\n')
}

function versionOfProgram(): string {
  return spawnSync(NODE, [PROGRAM, '--version'], { encoding: 'utf8' }).stdout.trim()
}

// --- figures as text
// --------------------------------------------------------------------------------------------------------------

export function secondsText(seconds: number | null): string {
  return seconds === null ? '-' : seconds.toFixed(seconds < 1 ? 3 : 2)
}

export function megabytesText(bytes: number | null): string {
  return bytes === null ? '-' : `${Math.round(bytes / 2 ** 20)} MiB`
}

export function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

/** Plain, so that it can be quoted: no colours; the first `left` columns hold words, the others figures. */
export function resultTable(head: readonly string[], left: number, widths: readonly (number | null)[] = []) {
  return new Table({
    head: [...head],
    colAligns: head.map((_, at) => (at < left ? 'left' : 'right')),
    colWidths: [...widths],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  })
}
