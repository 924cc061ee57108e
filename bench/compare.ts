/**
 * Throughput of the whole program against other tools: the same capture, the same machine, in turn, round after round.
 *
 * Every contestant is a process of its own, start-up included, and reads from a warm page cache. Medians; ratios are to
 * ours, and those of processor time are the steadier ones where the machine has other work. A tool that is not
 * installed is named and left out; a slow one runs once.
 */
import { copyFileSync, truncateSync } from 'node:fs'
import {
  benchFile,
  type Command,
  countText,
  inTurn,
  median,
  medianOrNull,
  megabytesText,
  NODE,
  PROGRAM,
  type Run,
  resultTable,
  run,
  secondsText,
  versionOf,
  warm,
} from './measure.ts'
import { AUTHENTICATION_PORTS, cachedMix, type MixShape, type MixSummary, sizeText, usualMix } from './mix.ts'
import { proveParts } from './parts.ts'
import { proveEqual } from './proof.ts'

const PROOF_BYTES = 50e6
const FILTER = AUTHENTICATION_PORTS.map((port) => `port ${port}`).join(' or ')

interface Contestant {
  readonly name: string
  readonly task: string
  readonly command: (path: string) => Command
  /** null: always there */
  readonly tool: string | null
}

const CONTESTANTS: readonly Contestant[] = [
  {
    name: 'ntlmscope',
    task: 'analyze X: the whole report, all ports',
    command: (path) => [NODE, PROGRAM, 'analyze', path],
    tool: null,
  },
  {
    name: 'tcpdump',
    task: `-r X -w /dev/null with a filter on ${AUTHENTICATION_PORTS.length} ports: no decoding`,
    command: (path) => ['tcpdump', '-r', path, '-w', '/dev/null', FILTER],
    tool: 'tcpdump',
  },
  {
    name: 'tshark',
    task: "-r X -Y 'ntlmssp or kerberos': its one-line summary of each message",
    command: (path) => ['tshark', '-r', path, '-Y', 'ntlmssp or kerberos'],
    tool: 'tshark',
  },
  {
    name: 'pcap-parser',
    task: 'reads the packets and counts them',
    command: (path) => [NODE, '--no-deprecation', benchFile('read-packets'), path],
    tool: null,
  },
]

export interface CompareOptions extends MixShape {
  readonly bytes: number
  readonly mixes: readonly ('span' | 'dc')[]
  readonly rounds: number
}

const MIX_NAMES = { span: 'span-port mix', dc: 'domain-controller mix' }

export async function compare(options: CompareOptions, print: (text: string) => void): Promise<void> {
  const present = CONTESTANTS.filter(({ name, tool }) => {
    const version = tool === null ? null : versionOf(tool)
    if (tool !== null) print(version === null ? `${name}: not installed, left out` : `${name} ${version}`)
    return tool === null || version !== null
  })
  for (const mix of options.mixes) {
    const small = cachedMix(usualMix(mix, PROOF_BYTES), print)
    print(
      `\n${MIX_NAMES[mix]}: the same messages? (the same mix at ${sizeText(PROOF_BYTES)}, ${summaryText(small.summary)})`,
    )
    const hasTshark = present.some(({ name }) => name === 'tshark')
    if (!(await proveEqual(small.path, hasTshark, print)))
      print('THE MESSAGES DIFFER: the times below compare different work')
    const { path, summary } = cachedMix(usualMix(mix, options.bytes, options), print)
    print(`\n${MIX_NAMES[mix]}: ${summaryText(summary)}`)
    if (!(await proveParts(path, mix, summary, print))) print('THE REPORT IS NOT WHAT ITS PARTS SAY')
    const commands = present.map(({ name, command }) => [name, command(path)] as const)
    await warm(path)
    const runs = await inTurn(commands, options.rounds, print)
    print(figures(present, runs, summary))
  }
  print(`\nstart-up, ${Math.max(5, options.rounds)} rounds`)
  print(await startUp(Math.max(5, options.rounds), print))
}

function summaryText({ bytes, packets, flows, authentications, authenticationPortShare }: MixSummary): string {
  const share = Math.round(authenticationPortShare * 100)
  const mean = Math.round(bytes / packets - 16)
  return (
    `${sizeText(bytes)}, ${countText(packets)} packets of ${mean} bytes on average, ${countText(flows)} flows, ` +
    `${countText(authentications)} authentications, ${share} % of the packets on authentication ports`
  )
}

function figures(
  contestants: readonly Contestant[],
  runs: ReadonlyMap<string, readonly Run[]>,
  { bytes, packets }: MixSummary,
): string {
  const head = ['', 'asked to', 'rounds', 'seconds', 'cpu s', 'MB/s', 'packets/s', 'peak', 'time / ours', 'cpu / ours']
  const table = resultTable(head, 2, [null, 40])
  const ours = runs.get('ntlmscope')!
  const ourSeconds = median(ours.map((one) => one.seconds))
  const ourCpuSeconds = medianOrNull(ours.map((one) => one.cpuSeconds))
  for (const { name, task } of contestants) {
    const done = runs.get(name)!
    const seconds = median(done.map((one) => one.seconds))
    const cpuSeconds = medianOrNull(done.map((one) => one.cpuSeconds))
    const spread = `${secondsText(Math.min(...done.map((one) => one.seconds)))}-${secondsText(Math.max(...done.map((one) => one.seconds)))}`
    table.push([
      name,
      task,
      String(done.length),
      `${secondsText(seconds)}\n${spread}`,
      secondsText(cpuSeconds),
      countText(bytes / 1e6 / seconds),
      countText(packets / seconds),
      megabytesText(medianOrNull(done.map((one) => one.peakBytes))),
      (seconds / ourSeconds).toFixed(2),
      cpuSeconds === null || ourCpuSeconds === null ? '-' : (cpuSeconds / ourCpuSeconds).toFixed(2),
    ])
  }
  return table.toString()
}

/** `--version`, and the first 100 kB of the proof mix. */
async function startUp(count: number, print: (text: string) => void): Promise<string> {
  const { path } = cachedMix(usualMix('span', PROOF_BYTES), print)
  const head = `${path}.head`
  copyFileSync(path, head)
  truncateSync(head, 100_000)
  const tasks: readonly (readonly [string, Command])[] = [
    ['node -e 0 (the floor)', [NODE, '-e', '0']],
    ['ntlmscope --version', [NODE, PROGRAM, '--version']],
    ['ntlmscope analyze of 100 kB', [NODE, PROGRAM, 'analyze', head]],
  ]
  const times = tasks.map((): number[] => [])
  for (let round = 0; round < count; round++) {
    // exit code 2 is right here: the last packet is cut
    for (const [at, [, command]] of tasks.entries()) times[at]!.push((await run(command)).seconds)
  }
  const table = resultTable(['', 'milliseconds', 'time / floor'], 1)
  const floor = median(times[0]!)
  for (const [at, [name]] of tasks.entries()) {
    const seconds = median(times[at]!)
    table.push([name, (seconds * 1000).toFixed(0), (seconds / floor).toFixed(1)])
  }
  return table.toString()
}
