/**
 * `ntlmscope live -i` on real interfaces: two network namespaces and a pair of virtual interfaces between them, the
 * capture programs of the system. Needs root, iproute2, python3 (which sends the packets), dumpcap or tcpdump; skipped
 * otherwise.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportJson } from '../../src/output/json.ts'
import { analyze } from '../../src/run/analyze.ts'
import { temporaryFolder } from '../captures/packets.ts'

const PROGRAM = resolve('dist/src/cli.js')
const OFFICE = resolve('captures/office/office.pcap')
const has = (name: string, ...words: string[]) => spawnSync(name, words).error === undefined
const [HERE, THERE] = [`ntlmscope-h${process.pid}`, `ntlmscope-t${process.pid}`]
const programs = (['dumpcap', 'tcpdump'] as const).filter((name) => has(name, '--version'))

function mayUseNamespaces(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  if (!has('ip', '-V') || !has('python3', '--version') || programs.length === 0) return false
  const made = spawnSync('ip', ['netns', 'add', HERE]).status === 0
  if (made) spawnSync('ip', ['netns', 'del', HERE])
  return made
}

const canRun = mayUseNamespaces()
if (!canRun)
  console.warn('skipped: live on real interfaces needs root, network namespaces, python3, and dumpcap or tcpdump')

/** Sends a capture at its own pace, as it was recorded. */
const SENDER = `
import socket, struct, sys, time
data = open(sys.argv[2], 'rb').read()
out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind((sys.argv[1], 0))
at, first, begun = 24, None, time.time()
while at < len(data):
    seconds, micros, length, _ = struct.unpack_from('<IIII', data, at)
    when = seconds + micros / 1e6
    first = when if first is None else first
    time.sleep(max(0, when - first - (time.time() - begun)))
    out.send(data[at + 16:at + 16 + length])
    at += 16 + length
`

/** The processes below one, all of them. */
function below(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  const children = text === '' ? [] : text.split(' ').map(Number)
  return children.flatMap((child) => [child, ...below(child)])
}

const nameOf = (pid: number) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()

const temporary = temporaryFolder()

describe.skipIf(!canRun)('live on a real interface', () => {
  beforeAll(() => {
    chmodSync(temporary, 0o777)
    writeFileSync(join(temporary, 'send.py'), SENDER)
    const ip = (...words: string[]) => execFileSync('ip', words)
    for (const name of [HERE, THERE]) ip('netns', 'add', name)
    ip('link', 'add', 'va', 'netns', HERE, 'mtu', '65535', 'type', 'veth', 'peer', 'name', 'vb', 'netns', THERE)
    ip('-n', THERE, 'link', 'set', 'vb', 'mtu', '65535')
    // nothing but what is sent: no neighbours are looked for
    for (const name of [HERE, THERE]) {
      const off = ['net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1']
      spawnSync('ip', ['netns', 'exec', name, 'sysctl', '-qw', ...off])
    }
    ip('-n', HERE, 'link', 'set', 'va', 'up')
    ip('-n', THERE, 'link', 'set', 'vb', 'up')
  })

  afterAll(() => {
    for (const name of [HERE, THERE]) spawnSync('ip', ['netns', 'del', name])
  })

  const start = (...words: string[]) => {
    const child = spawn('ip', ['netns', 'exec', THERE, process.execPath, PROGRAM, 'live', '-i', 'vb', ...words])
    const printed = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (text) => (printed.out += text))
    child.stderr.setEncoding('utf8').on('data', (text) => (printed.err += text))
    return { child, printed, ended: once(child, 'close').then(([code]) => code as number | null) }
  }

  const send = async () => {
    const child = spawn('ip', ['netns', 'exec', HERE, 'python3', join(temporary, 'send.py'), 'va', OFFICE])
    expect((await once(child, 'close'))[0]).toBe(0)
  }

  const until = async (holds: () => boolean) => {
    for (let turns = 0; turns < 30_000 && !holds(); turns++) await new Promise((done) => setTimeout(done, 10))
    expect(holds()).toBe(true)
  }

  /** The capture program below this process, when it has begun to write. */
  const capturing = async (evidence: string) => {
    await until(() => readdirSync(evidence).length > 0)
  }

  it.each(programs)(
    '%s: every packet before Ctrl-C is in the report, which is that of the evidence',
    async (program) => {
      const evidence = join(temporary, program)
      mkdirSync(evidence)
      chmodSync(evidence, 0o777)
      const report = join(temporary, `${program}.json`)
      const live = start('--program', program, '-w', evidence, '--report', report, '--format', 'ndjson')
      await capturing(evidence)
      // no thread of the reader is root or has a capability
      for (const task of readdirSync(`/proc/${live.child.pid}/task`)) {
        const status = readFileSync(`/proc/${live.child.pid}/task/${task}/status`, 'utf8')
        expect(status).not.toMatch(/^Uid:.*\t0(\t|$)/m)
        expect(status).toMatch(/^CapEff:\t0+$/m)
      }
      await send()
      live.child.kill('SIGINT')
      expect(await live.ended).toBe(0)
      const saved = JSON.parse(readFileSync(report, 'utf8'))
      expect(saved.coverage.packets).toBeGreaterThanOrEqual(498)
      expect(saved.coverage.dropped).toBe(0)
      expect(saved.exchanges.length).toBe(7)
      const files = readdirSync(evidence).map((name) => join(evidence, name))
      const again = JSON.parse(JSON.stringify(reportJson(await analyze(files))))
      // pcap has no place for what tcpdump says at its end
      const { dropped: _, ...coverage } = saved.coverage
      expect({ ...again.coverage, dropped: undefined }).toEqual({ ...coverage, dropped: undefined })
      for (const part of ['exchanges', 'pairs', 'findings', 'kdc', 'tally']) expect(again[part]).toEqual(saved[part])
      const told = live.printed.out.split('\n').filter((line) => line.includes('"state":"provisional"'))
      expect(told.some((line) => line.includes('"NTLMv1"'))).toBe(true)
    },
    600_000,
  )

  it.each(programs)(
    '%s: what it did not get its turn for before Ctrl-C is in the report',
    async (program) => {
      const evidence = join(temporary, `late-${program}`)
      mkdirSync(evidence)
      chmodSync(evidence, 0o777)
      const report = join(temporary, `late-${program}.json`)
      const live = start('--program', program, '-w', evidence, '--report', report, '--format', 'ndjson')
      await capturing(evidence)
      const [capture] = below(live.child.pid!).filter((pid) => nameOf(pid) === program)
      process.kill(capture!, 'SIGSTOP')
      await send()
      live.child.kill('SIGINT')
      await new Promise((done) => setTimeout(done, 1500))
      process.kill(capture!, 'SIGCONT')
      expect(await live.ended).toBe(0)
      const { coverage } = JSON.parse(readFileSync(report, 'utf8'))
      expect([coverage.packets >= 498, coverage.dropped]).toEqual([true, 0])
    },
    600_000,
  )

  it('nothing is left when the reader is killed', async () => {
    const evidence = join(temporary, 'killed')
    mkdirSync(evidence)
    chmodSync(evidence, 0o777)
    const live = start('-w', evidence)
    await capturing(evidence)
    const children = () =>
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .filter((pid) => {
          try {
            return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0-i\0vb\0') && pid !== String(live.child.pid)
          } catch {
            return false
          }
        })
    expect(children().length).toBeGreaterThan(0)
    live.child.kill('SIGKILL')
    await live.ended
    await until(() => children().length === 0)
  }, 600_000)

  it('an interface that is none: one clear line, and 2', async () => {
    const live = spawnSync(process.execPath, [PROGRAM, 'live', '-i', 'nosuch0'], { encoding: 'utf8' })
    expect(live.status).toBe(2)
    expect(live.stderr).toMatch(/nosuch0: (dumpcap|tcpdump) could not capture: /)
  })
})
