/**
 * `ntlmscope live` as people run it: the built program, a capture that comes piece by piece, a capture program that is
 * a script, signals. Real interfaces are in live-interfaces.test.ts.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { run } from '../../src/cli.ts'
import { analyze } from '../../src/run/analyze.ts'
import { temporaryFolder, withForeign } from '../captures/packets.ts'

const PROGRAM = resolve('dist/src/cli.js')
const OFFICE = 'captures/office/office.pcap'
const bytes = readFileSync(OFFICE)
const temporary = temporaryFolder()
// started as root, the program becomes nobody
chmodSync(temporary, 0o777)

interface Running {
  readonly child: ChildProcessWithoutNullStreams
  readonly printed: { out: string; err: string }
  /** resolves when standard output has this; rejects when the program has ended before */
  until(text: string | RegExp, stream?: 'out' | 'err'): Promise<void>
  readonly ended: Promise<number | null>
}

function start(words: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [PROGRAM, 'live', ...words], { env: { ...process.env, ...env } })
  const printed = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => (printed.out += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (printed.err += text))
  child.stdin.on('error', () => {})
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const until = async (text: string | RegExp, stream: 'out' | 'err' = 'out') => {
    const has = () => (typeof text === 'string' ? printed[stream].includes(text) : text.test(printed[stream]))
    let isOver = false
    ended.then(() => (isOver = true))
    while (!has()) {
      if (isOver) throw new Error(`ended without ${text}: ${printed.out}${printed.err}`)
      await new Promise((done) => setTimeout(done, 10))
    }
  }
  return { child, printed, until, ended }
}

/** The file as far as the record of this frame, and the rest. */
function cutAfter(frame: number): [Buffer, Buffer] {
  let at = 24
  for (let number = 0; number < frame; number++) at += 16 + bytes.readUInt32LE(at + 8)
  return [bytes.subarray(0, at), bytes.subarray(at)]
}

const records = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe('a capture on standard input', () => {
  it('is told while it comes, and reported when it ends', async () => {
    const live = start(['-'])
    const [first, rest] = cutAfter(420)
    live.child.stdin.write(first)
    // NTLMv1 of a printer, while the pipe is open and silent
    await live.until(/NTLMv1 PRINTER1\\scan success, unsigned {2}direct RC14 .*\(so far\) {2}frames 407, 408/)
    expect(live.printed.out).not.toContain('3 of 7 pairs')
    live.child.stdin.end(rest)
    expect(await live.ended).toBe(0)
    expect(live.printed.out).toContain('3 of 7 pairs (client, server, service) use NTLM')
    expect(live.printed.out).toContain('NS-NT-001 critical')
  })

  it('as ndjson: provisional and final, then the records of analyze', async () => {
    const live = start(['-', '--format', 'ndjson', '--label', 'printer 7'])
    live.child.stdin.end(bytes)
    expect(await live.ended).toBe(0)
    const all = records(live.printed.out)
    const exchanges = all.filter(({ record }) => record === 'exchange')
    const finals = exchanges.filter(({ state }) => state === 'final')
    const report = await analyze([OFFICE])
    expect(finals.map(({ uid }) => uid).sort()).toEqual(report.exchanges.map(({ uid }) => uid).sort())
    for (const { id, revision } of finals) {
      const before = exchanges.filter((one) => one.id === id && one.state === 'provisional')
      expect(before.map((one) => one.revision)).toEqual(before.map((_, at) => at + 1))
      expect(revision).toBe(before.length + 1)
    }
    expect(all[0]).toMatchObject({ record: 'live', source: '-', label: 'printer 7', packets: 0 })
    expect(all.filter(({ record }) => record === 'pair').length).toBe(report.pairs.length)
    expect(all.at(-1)).toMatchObject({ record: 'end', reason: 'the capture ended' })
  })

  it('ends on TERM with what was read, although the pipe stays open', async () => {
    const live = start(['-', '--report', join(temporary, 'term.json')])
    live.child.stdin.write(cutAfter(300)[0])
    await live.until('RC04')
    live.child.kill('SIGTERM')
    expect(await live.ended).toBe(0)
    const saved = JSON.parse(readFileSync(join(temporary, 'term.json'), 'utf8'))
    expect(saved.coverage.packets).toBe(300)
    expect(live.printed.out).toContain('1 of 3 pairs (client, server, service) uses NTLM')
  })

  it('--output is appended to, and opened again on HUP', async () => {
    const [file, moved] = [join(temporary, 'log.ndjson'), join(temporary, 'log.ndjson.1')]
    const live = start(['-', '--format', 'ndjson', '-o', file])
    live.child.stdin.write(cutAfter(300)[0])
    const has = async (name: string, text: string) => {
      for (let turns = 0; turns < 1000 && !(existsSync(name) && readFileSync(name, 'utf8').includes(text)); turns++)
        await new Promise((done) => setTimeout(done, 10))
    }
    await has(file, '"RC04"')
    renameSync(file, moved)
    live.child.kill('SIGHUP')
    await has(file, '')
    live.child.stdin.end(cutAfter(300)[1])
    expect(await live.ended).toBe(0)
    const [before, after] = [moved, file].map((name) => records(readFileSync(name, 'utf8')))
    expect(before!.some(({ record }) => record === 'exchange')).toBe(true)
    expect(before!.some(({ record }) => record === 'end')).toBe(false)
    expect(after!.at(-1)).toMatchObject({ record: 'end' })
  })

  it('packets that are not read are said, with the exit code of analyze', async () => {
    const live = start(['-'])
    live.child.stdin.end(withForeign(bytes))
    expect(await live.ended).toBe(2)
    expect(live.printed.err).toContain('EtherType 0x88be (unknown EtherType): not read, 1 packet')
  })

  it('that is none is one clear line', async () => {
    const live = start(['-'])
    live.child.stdin.end('no capture at all')
    expect(await live.ended).toBe(2)
    expect(live.printed.err).toMatch(/standard input: offset 0: expected the magic of pcap/)
  })
})

describe('--until-met', () => {
  it.each([
    [['--server', '192.0.2.20', '--client', '192.0.2.101'], 'kerberos,signed', 0],
    [['--server', '192.0.2.30'], 'kerberos', 1],
    [['--server', '192.0.2.99'], 'kerberos', 3],
  ])('%j: %s', async (words, names, code) => {
    const live = start([
      '-',
      ...words.filter((word) => word !== '--expect' && word !== ''),
      '--until-met',
      names,
      '--for',
      '4s',
    ])
    live.child.stdin.write(bytes)
    expect(await live.ended).toBe(code)
  })

  it('of a device, in whichever role it speaks', async () => {
    const live = start(['-', '--device', '192.0.2.30', '--until-met', 'ntlmv2'])
    live.child.stdin.write(bytes)
    expect(await live.ended).toBe(1)
    expect(live.printed.err).toContain('ntlmv2: not met')
    // the device alone
    expect(live.printed.out).not.toContain('192.0.2.102 (CLIENT2) ->')
  })
})

/** A capture program that is a script: gives the capture, waits to be ended, says what it dropped. */
function fakeProgram(name: string, script: string): NodeJS.ProcessEnv {
  const folder = join(temporary, name)
  mkdirSync(folder)
  const path = join(folder, 'dumpcap')
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  chmodSync(folder, 0o755)
  return { PATH: `${folder}:${process.env.PATH}` }
}

const isPosix = process.platform !== 'win32'
if (!isPosix) console.warn('skipped: capture programs that are scripts of a shell')

describe.skipIf(!isPosix)('a capture program as a child', () => {
  const office = resolve(OFFICE)

  it('is ended by Ctrl-C, gives what it has, and its drops are told', async () => {
    const env = fakeProgram(
      'drops',
      `trap 'cat "${office}" | tail -c +${1 + cutAfter(300)[0].length}; echo "7 packets dropped by kernel" >&2; exit 0' TERM
head -c ${cutAfter(300)[0].length} "${office}"; while :; do sleep 0.1; done`,
    )
    const report = join(temporary, 'drops.json')
    const live = start(['-i', 'fake0', '--report', report], env)
    await live.until('RC04')
    live.child.kill('SIGINT')
    expect(await live.ended).toBe(0)
    const saved = JSON.parse(readFileSync(report, 'utf8'))
    expect(saved.coverage).toMatchObject({ packets: 498, dropped: 7 })
    expect(saved.captures[0].name).toBe('fake0')
  })

  it('leaves nothing behind when the reader is killed', async () => {
    const mark = join(temporary, 'child.pid')
    const env = fakeProgram('killed', `echo $$ > "${mark}"; cat "${office}"; while :; do sleep 0.05; done`)
    const live = start(['-i', 'fake0'], env)
    await live.until('NTLMv1')
    const pid = Number(readFileSync(mark, 'utf8'))
    expect(isAlive(pid)).toBe(true)
    live.child.kill('SIGKILL')
    await live.ended
    for (let turns = 0; turns < 100 && isAlive(pid); turns++) await new Promise((done) => setTimeout(done, 50))
    expect(isAlive(pid)).toBe(false)
  })

  it('that may not capture: its word, and what mends it', async () => {
    const env = fakeProgram('denied', `echo "You don't have permission to capture on that device" >&2; exit 1`)
    const live = start(['-i', 'eth0'], env)
    expect(await live.ended).toBe(2)
    expect(live.printed.err).toMatch(/eth0: dumpcap could not capture: You don't have permission/)
    expect(live.printed.err).toMatch(/setcap|ChmodBPF/)
  })

  it.each([false, true])('its filter is a blind spot where the form has no place for it (-w %s)', async (isKept) => {
    const folder = join(temporary, `filtered-${isKept}`)
    mkdirSync(folder)
    chmodSync(folder, 0o777)
    const env = fakeProgram(`filter-${isKept}`, `cat "${office}"`)
    const report = join(folder, 'report.json')
    const kept = isKept ? ['-w', folder] : []
    const live = start(['-i', 'fake0', '--filter', 'host 192.0.2.30', '--report', report, ...kept], env)
    expect(await live.ended).toBe(0)
    const { captures, blindSpots } = JSON.parse(readFileSync(report, 'utf8'))
    expect(captures[0].filters).toEqual([expect.stringMatching(/^\(host 192\.0\.2\.30\) or port 88 or /)])
    expect(blindSpots.map(({ kind }: { kind: string }) => kind)).toContain('capture-filter')
  })

  it('-w keeps what was analysed', async () => {
    const folder = join(temporary, 'evidence')
    mkdirSync(folder)
    chmodSync(folder, 0o777)
    const env = fakeProgram('kept', `cat "${office}"`)
    const report = join(folder, 'report.json')
    const live = start(['-i', 'fake0', '-w', folder, '--file-size', '30k', '--report', report], env)
    expect(await live.ended).toBe(0)
    const files = readdirSync(folder)
      .filter((name) => name.endsWith('.pcap'))
      .sort()
      .map((name) => join(folder, name))
    expect(files.length).toBeGreaterThan(2)
    const saved = JSON.parse(readFileSync(report, 'utf8'))
    expect(saved.exchanges.map(({ uid }: { uid: string }) => uid)).toEqual(
      (await analyze(files)).exchanges.map(({ uid }) => uid),
    )
  })
})

/** Octets that wait in the sockets of a port. */
function waitingAt(port: number): number {
  const own = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return ['udp', 'udp6']
    .flatMap((name) => readFileSync(`/proc/net/${name}`, 'utf8').split('\n'))
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(own))
    .reduce((sum, columns) => sum + Number.parseInt(columns[4]!.split(':')[1]!, 16), 0)
}

async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; turns < 3000 && !holds(); turns++) await new Promise((done) => setTimeout(done, 10))
  expect(holds()).toBe(true)
}

describe('--listen', () => {
  it('takes TZSP', async () => {
    const port = 20_000 + (process.pid % 20_000)
    const live = start(['--listen', `tzsp:${port}`])
    await live.until('live tzsp', 'err')
    const socket = createSocket('udp4')
    for (let at = 24; at < bytes.length; ) {
      const length = bytes.readUInt32LE(at + 8)
      // version 1, a packet that was received, Ethernet; no tag but the last
      const datagram = Buffer.concat([Buffer.from([1, 0, 0, 1, 1]), bytes.subarray(at + 16, at + 16 + length)])
      await new Promise((done) => socket.send(datagram, port, '127.0.0.1', done))
      at += 16 + length
    }
    await live.until('NTLMv1')
    socket.close()
    live.child.kill('SIGINT')
    expect(await live.ended).toBe(0)
    expect(live.printed.out).toContain('3 of 7 pairs')
  })

  it.skipIf(process.platform !== 'linux')('what found no room is dropped, and no report says less', async () => {
    const port = 20_001 + (process.pid % 20_000)
    const report = join(temporary, 'flood.json')
    const live = start(['--listen', `vxlan:${port}`, '--report', report])
    await live.until('live vxlan', 'err')
    live.child.kill('SIGSTOP')
    const socket = createSocket('udp4')
    const datagram = Buffer.concat([Buffer.from('0800000000126700', 'hex'), bytes.subarray(40, 40 + 60)])
    const sent = 40_000
    for (let count = 0; count < sent; count++) {
      const padded = count % 2 === 0 ? datagram : Buffer.concat([datagram, Buffer.alloc(1200)])
      await new Promise((done) => socket.send(padded, port, '127.0.0.1', done))
    }
    socket.close()
    live.child.kill('SIGCONT')
    await until(() => waitingAt(port) === 0)
    live.child.kill('SIGINT')
    expect(await live.ended).toBe(0)
    const { coverage, blindSpots } = JSON.parse(readFileSync(report, 'utf8'))
    expect(coverage.dropped).toBeGreaterThan(0)
    expect(coverage.packets + coverage.dropped).toBe(sent)
    expect(blindSpots.map(({ kind }: { kind: string }) => kind)).toContain('dropped')
  })

  it.each([
    [['--listen', 'udp:9000'], /Expected udp:37008/],
    [['-', '-i', 'eth0'], /only one/],
    [[], /is needed/],
    [['-', '--report', 'x.doc'], /ends in .json/],
    [['-', '--client', '10.0.0.1'], /go with --until-met/],
    [['-', '--filter', 'port 1'], /go with -i/],
  ])('%j makes no sense', async (words, said) => {
    let err = ''
    const stream = (write: (text: string) => unknown) => ({ write }) as unknown as NodeJS.WriteStream
    const io = { out: stream(() => true), err: stream((text) => (err += text)), env: {} }
    expect(await run(['live', ...words], io)).toBe(64)
    expect(err).toMatch(said)
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
