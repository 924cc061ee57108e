/**
 * The program that captures: dumpcap where there is one, else tcpdump. It runs as a child, with the rights that it
 * needs; we read its pipe, and have none.
 *
 * Between it and us stands a guard, a shell that waits for the end of its standard input: we close it to stop the
 * capture, and so does our death, whatever kills us. It runs in a session of its own, so that Ctrl-C on the terminal
 * reaches us alone, and we decide when it ends. Windows has no such shell: there the end of our pipe has to do.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

export interface Program {
  readonly name: 'dumpcap' | 'tcpdump'
  readonly path: string
}

const GUARD = 'exec 3<&0; "$@" </dev/null 3<&- & p=$!; exec >&-; read x <&3; kill -TERM $p 2>/dev/null; wait $p'
/** where distributions and installers put them, beside PATH */
const PLACES = [
  '/usr/bin',
  '/usr/sbin',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/opt/homebrew/bin',
  '/Applications/Wireshark.app/Contents/MacOS',
  'C:\\Program Files\\Wireshark',
]
const BUFFER_MIB = 16
/**
 * Of tcpdump, which gives each packet as it comes: its buffer has a place for the longest packet each, 64 KiB where the
 * interface joins segments. 16 MiB were 256 packets, which come while a report is made.
 */
const IMMEDIATE_BUFFER_MIB = 64
const SNAP_LENGTH = 262_144
const COMPLAINT_CHARS_MAX = 4096
const isWindows = process.platform === 'win32'

/** The first that is there, or the one that is asked for; null: none is. */
export function captureProgram(
  env: Readonly<Record<string, string | undefined>>,
  asked: Program['name'] | null = null,
): Program | null {
  const names = asked === null ? (['dumpcap', 'tcpdump'] as const) : [asked]
  for (const name of names)
    for (const place of [...(env.PATH ?? '').split(delimiter), ...PLACES]) {
      const path = join(place, isWindows ? `${name}.exe` : name)
      try {
        accessSync(path, constants.X_OK)
        return { name, path }
      } catch {
        // not there
      }
    }
  return null
}

/** `filter`: in the language of pcap-filter; null: all packets */
export function captureWords(program: Program['name'], iface: string, filter: string | null): string[] {
  if (program === 'dumpcap') {
    const words = ['-q', '-i', iface, '-s', String(SNAP_LENGTH), '-B', String(BUFFER_MIB), '-w', '-']
    return filter === null ? words : [...words, '-f', filter]
  }
  const words = ['-U', '--immediate-mode', '-n', '-i', iface, '-s', String(SNAP_LENGTH)]
  return [...words, '-B', String(IMMEDIATE_BUFFER_MIB * 1024), '-w', '-', ...(filter === null ? [] : [filter])]
}

export class CaptureChild {
  readonly #program: Program
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>
  /** its last words */
  complaint = ''
  /** it has ended, and all that it said is known; with the code of its exit, null: a signal ended it */
  readonly closed: Promise<number | null>
  /** it was asked to end */
  isStopped = false

  /** Throws nothing: a program that cannot be started ends at once, and `complaint` says why. */
  constructor(program: Program, words: readonly string[]) {
    this.#program = program
    const [command, args] = isWindows
      ? [program.path, words]
      : ['/bin/sh', ['-c', GUARD, 'ntlmscope-capture', program.path, ...words]]
    this.#process = spawn(command, args, { detached: !isWindows, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true })
    this.#process.stdin.on('error', () => {})
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.complaint = (this.complaint + text).slice(-COMPLAINT_CHARS_MAX)
    })
    this.closed = new Promise((done) => {
      this.#process.on('error', ({ message }) => {
        this.complaint += message
        done(null)
      })
      this.#process.on('close', (code) => done(code))
    })
    // a child that ends by itself leaves its guard waiting for us
    this.#process.stdout.on('end', () => this.#process.stdin.end())
  }

  get stdout(): Readable {
    return this.#process.stdout
  }

  get name(): string {
    return this.#program.name
  }

  /** Ends the capture; what it has is still written. */
  stop(): void {
    this.isStopped = true
    this.#process.stdin.end()
    if (isWindows) this.#process.kill()
  }

  /**
   * Has it something to do, and did not get its turn? Then packets lie in its buffer. Linux tells: who waits for
   * packets sleeps, and who has some runs, or would. Elsewhere nobody knows, and it is taken for idle.
   */
  get isBehind(): boolean {
    const guard = this.#process.pid
    if (guard === undefined || this.#process.exitCode !== null) return false
    try {
      const children = readFileSync(`/proc/${guard}/task/${guard}/children`, 'latin1').trim().split(' ')
      return children.some((pid) => pid !== '' && isBusy(readFileSync(`/proc/${pid}/stat`, 'latin1')))
    } catch {
      return false
    }
  }

  /** What it says of packets that it dropped; null: nothing. */
  get dropped(): number | null {
    return droppedIn(this.complaint)
  }
}

/** `stat` of proc(5): the state follows the name in brackets; S sleeps, Z and X are over. */
export function isBusy(stat: string): boolean {
  const state = stat.slice(stat.lastIndexOf(')') + 1).trim()[0] ?? 'X'
  return !'SZX'.includes(state)
}

/**
 * tcpdump: `5 packets dropped by kernel` and `2 packets dropped by interface`. dumpcap: `Packets received/dropped on
 * interface 'eth0': 100/3 (pcap:3/dumpcap:0/flushed:0/ps_ifdrop:0) (97.1%)`.
 */
export function droppedIn(complaint: string): number | null {
  const counts = [
    ...complaint.matchAll(/^(\d+) packets? dropped by (?:kernel|interface)/gm),
    ...complaint.matchAll(/received\/dropped on interface .*?: \d+\/(\d+) /g),
  ].map(([, count]) => Number(count))
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0)
}

/** What a program that could not capture said, and the one line that mends it. */
export function failureLines(program: Program, iface: string, complaint: string): string[] {
  const lines = complaint
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const said = lines.at(0) ?? 'it ended without a word'
  const found = [`${iface}: ${program.name} could not capture: ${said}`]
  if (/permission|not permitted|privileges|Permission denied|access/i.test(complaint)) found.push(permissionAdvice())
  else if (/no such device|There is no device|doesn't exist|No such device/i.test(complaint))
    found.push('ntlmscope live --interfaces lists what can be captured')
  return found
}

/** The most frequent complaint of all such programs. */
export function permissionAdvice(): string {
  if (isWindows) return 'start it as an administrator, or install Npcap without "restrict to administrators"'
  if (process.platform === 'darwin') return 'install ChmodBPF (it comes with Wireshark), or start it with sudo'
  return 'allow it once: sudo setcap cap_net_raw,cap_net_admin=ep "$(command -v dumpcap)", or join the group wireshark; or start it with sudo'
}
