/**
 * `ntlmscope watch` as people run it: the built program over files that come, grow, rotate, and while it is killed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/run/analyze.ts'
import { evtxFile } from '../builders/evtx.ts'
import { BUNDLED, capturesBelow } from '../captures/folders.ts'
import { temporaryFolder, withForeign } from '../captures/packets.ts'
import { seededRandom } from '../hostile.ts'

const PROGRAM = resolve('dist/src/cli.js')
const temporary = temporaryFolder()
const office = readFileSync('captures/office/office.pcap')

interface Line {
  readonly record: string
  readonly uid: string
  readonly state?: 'provisional' | 'final'
  readonly revision?: number
  readonly capture: string
  readonly cause?: { readonly code: string } | null
  readonly [name: string]: unknown
}

const linesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)

function start(words: readonly string[]) {
  const child = spawn(process.execPath, [PROGRAM, 'watch', ...words])
  const printed = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => (printed.out += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (printed.err += text))
  return { child, printed, ended: once(child, 'close').then(([code]) => code as number | null) }
}

async function watched(words: readonly string[]) {
  const { printed, ended } = start(words)
  return { code: await ended, ...printed }
}

async function until(holds: () => boolean): Promise<void> {
  for (let turns = 0; turns < 3000 && !holds(); turns++) await new Promise((done) => setTimeout(done, 10))
  expect(holds()).toBe(true)
}

/** Where the records of a pcap begin. */
function recordsOf(bytes: Buffer): number[] {
  const places: number[] = []
  for (let at = 24; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) places.push(at)
  return [...places, bytes.length]
}

/** A capture in so many files, cut between records, as a rotation leaves it. */
function rotated(name: string, bytes: Buffer, count: number): string {
  const folder = join(temporary, name)
  mkdirSync(folder)
  const places = recordsOf(bytes)
  const each = Math.ceil((places.length - 1) / count)
  for (let file = 0; file < count; file++) {
    const [from, to] = [places[file * each]!, places[Math.min(places.length - 1, (file + 1) * each)]!]
    const path = join(folder, `cap-${String(file).padStart(3, '0')}.pcap`)
    writeFileSync(path, Buffer.concat([bytes.subarray(0, 24), bytes.subarray(from, to)]))
    utimesSync(path, 1e9, 1e9)
  }
  return folder
}

/** What was said last of each authentication. */
function lastOf(lines: readonly Line[]): Map<string, Line> {
  const last = new Map<string, Line>()
  for (const line of lines) if (line.record === 'exchange') last.set(line.uid, line)
  return last
}

describe('a folder as it is (--once)', () => {
  it('a capture in twelve files has the causes of the capture in one', async () => {
    const folder = rotated('once', office, 12)
    const { code, out } = await watched([folder, '--once', '--format', 'ndjson'])
    expect(code).toBe(0)
    const whole = await analyze(['captures/office/office.pcap'])
    const told = lastOf(linesOf(out))
    expect([...told.keys()].sort()).toEqual(whole.exchanges.map(({ uid }) => uid).sort())
    for (const { uid, cause, origin, result } of whole.exchanges) {
      const one = told.get(uid)!
      expect([one.cause?.code, one.origin, one.result, one.state]).toEqual([cause?.code, origin, result, 'final'])
    }
    expect(linesOf(out).at(-1)!.record).toBe('end')
  })

  it('as text: lines, then the first screen; what is no capture is said', async () => {
    const folder = rotated('text', office, 3)
    writeFileSync(join(folder, 'notes.txt'), 'no capture at all')
    const { code, out, err } = await watched([folder, '--once'])
    expect(code).toBe(2)
    expect(err).toMatch(/notes.txt: offset 0: expected the magic/)
    expect(out).toMatch(/NTLMv1 PRINTER1\\scan success/)
    expect(out).toContain('3 of 7 pairs (client, server, service) use NTLM')
  })

  it('packets that are not read are said, once', async () => {
    const folder = rotated('foreign', withForeign(office), 3)
    const said = /EtherType 0x88be \(unknown EtherType\): not read, 1 packet/
    for (const words of [['--once'], ['--once', '--every', '1h', '--reports', join(temporary, 'foreign-reports')]]) {
      const { code, err } = await watched([folder, ...words])
      expect(code).toBe(2)
      expect(err).toMatch(said)
    }
    const words = [folder, '--once', '--state', join(temporary, 'foreign.state')]
    expect(await watched(words)).toMatchObject({ code: 2, err: expect.stringMatching(said) })
    // read again, and nothing new
    expect(await watched(words)).toMatchObject({ code: 0, err: '' })
    copyFileSync('captures/office/office.pcap', join(folder, 'z.pcap'))
    utimesSync(join(folder, 'z.pcap'), 1e9, 1e9)
    expect((await watched(words)).err).not.toMatch(said)
  })

  it('a folder that is none, and a state that is none, are one clear line', async () => {
    expect(await watched([join(temporary, 'nowhere'), '--once'])).toMatchObject({ code: 2 })
    const state = join(temporary, 'other.state')
    writeFileSync(state, '{"schema":"other-9"}')
    const { code, err } = await watched([temporary, '--once', '--state', state])
    expect(code).toBe(74)
    expect(err).toContain('expected a state of the form ntlmscope-watch-1, found other-9')
  })
})

describe('files that come', () => {
  it('one that is still written is waited for; conversations go on in the next one', async () => {
    const folder = join(temporary, 'growing')
    mkdirSync(folder)
    const places = recordsOf(office)
    const output = join(temporary, 'growing.ndjson')
    const { child, ended } = start([folder, '--format', 'ndjson', '-o', output, '--settle', '1s'])
    const told = () =>
      existsSync(output) ? lastOf(linesOf(readFileSync(output, 'utf8').replace(/[^\n]*$/, ''))) : new Map()
    const first = join(folder, 'a.pcap')
    // in the middle of a record of the logon at 227 to 230
    writeFileSync(first, office.subarray(0, places[228]! + 40))
    await until(() => told().size >= 2)
    appendFileSync(first, office.subarray(places[228]! + 40, places[350]))
    await until(() => [...told().values()].some(({ cause }) => cause?.code === 'RC04'))
    // the rotation
    writeFileSync(join(folder, 'b.pcap'), Buffer.concat([office.subarray(0, 24), office.subarray(places[350]!)]))
    await until(() => told().size === 7)
    child.kill('SIGINT')
    expect(await ended).toBe(0)
    const whole = await analyze(['captures/office/office.pcap'])
    const last = lastOf(linesOf(readFileSync(output, 'utf8')))
    for (const { uid, cause } of whole.exchanges) expect(last.get(uid)!.cause?.code).toBe(cause?.code)
  }, 60_000)

  it('those that are old are not waited for', async () => {
    const folder = rotated('old', office, 12)
    const { child, printed, ended } = start([folder, '--format', 'ndjson', '--settle', '1h'])
    await until(() => lastOf(linesOf(printed.out.replace(/[^\n]*$/, ''))).size === 7)
    child.kill('SIGINT')
    expect(await ended).toBe(0)
  }, 60_000)

  it('notes beside one that is still written do not end it; what comes to one that was over is said', async () => {
    const folder = join(temporary, 'beside')
    mkdirSync(folder)
    const places = recordsOf(office)
    const { child, printed, ended } = start([folder, '--format', 'ndjson', '--settle', '1s'])
    const told = () => lastOf(linesOf(printed.out.replace(/[^\n]*$/, '')))
    const first = join(folder, 'a.pcap')
    writeFileSync(first, office.subarray(0, places[250]))
    writeFileSync(join(folder, 'notes.txt'), 'no capture at all, and nobody should wait for it')
    await until(() => told().size === 3)
    // quiet for longer than it takes to be over
    await new Promise((done) => setTimeout(done, 2500))
    appendFileSync(first, office.subarray(places[250]!, places[400]))
    await until(() => told().size === 4)
    writeFileSync(join(folder, 'b.pcap'), Buffer.concat([office.subarray(0, 24), office.subarray(places[400]!)]))
    await until(() => told().size === 7)
    appendFileSync(first, office.subarray(places[400]!, places[401]))
    await until(() => printed.err.includes('came after it was over'))
    expect(printed.err).toMatch(/a\.pcap: \d+ bytes came after it was over, and are not read; give a longer --settle/)
    child.kill('SIGINT')
    expect(await ended).toBe(2)
  }, 60_000)

  it('one that is renamed, then packed, when it was read is not read again', async () => {
    const folder = rotated('packed', office, 2)
    const state = join(temporary, 'packed.state')
    const words = [folder, '--once', '--state', state, '--format', 'ndjson']
    const finals: string[] = []
    const next = async () => {
      const { code, out, err } = await watched(words)
      expect(code).toBe(0)
      for (const { record, uid, state } of linesOf(out))
        if (record === 'kdc' || (record === 'exchange' && state === 'final')) finals.push(`${record} ${uid}`)
      return err
    }
    expect(await next()).toBe('')
    renameSync(join(folder, 'cap-000.pcap'), join(folder, 'old.pcap'))
    expect(await next()).toMatch(/old\.pcap: is cap-000\.pcap, which was read; left out/)
    const old = readFileSync(join(folder, 'old.pcap'))
    rmSync(join(folder, 'old.pcap'))
    writeFileSync(join(folder, 'old.pcap.gz'), gzipSync(old))
    utimesSync(join(folder, 'old.pcap.gz'), 1e9, 1e9)
    expect(await next()).toMatch(/old\.pcap\.gz: is cap-000\.pcap, which was read; left out/)
    expect(finals.length).toBeGreaterThan(3)
    expect(new Set(finals).size).toBe(finals.length)
    // one that only begins alike is another one
    writeFileSync(join(folder, 'whole.pcap'), office)
    utimesSync(join(folder, 'whole.pcap'), 1e9, 1e9)
    expect(await next()).not.toContain('whole.pcap')
  }, 60_000)

  it('HUP: the output is closed and opened again', async () => {
    const folder = rotated('hup', office, 2)
    const output = join(temporary, 'hup.ndjson')
    const { child, ended } = start([folder, '--format', 'ndjson', '-o', output])
    await until(() => existsSync(output) && readFileSync(output, 'utf8').includes('"RC14"'))
    renameSync(output, `${output}.1`)
    child.kill('SIGHUP')
    await until(() => existsSync(output))
    // what was not begun when it is asked to end is said, and the end is another one
    await until(() => [output, `${output}.1`].some((file) => readFileSync(file, 'utf8').includes('cap-001')))
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(linesOf(readFileSync(output, 'utf8')).at(-1)!.record).toBe('end')
  }, 60_000)
})

describe('--state', () => {
  it('goes on where it ended: files that came since, each authentication once', async () => {
    const all = rotated('state-all', office, 4)
    const folder = join(temporary, 'state')
    mkdirSync(folder)
    const [state, output] = [join(temporary, 'a.state'), join(temporary, 'state.ndjson')]
    for (const name of readdirSync(all).sort()) {
      copyFileSync(join(all, name), join(folder, name))
      utimesSync(join(folder, name), 1e9, 1e9)
      const { code, err } = await watched([folder, '--once', '--state', state, '--format', 'ndjson', '-o', output])
      expect([code, err]).toEqual([0, ''])
    }
    const lines = linesOf(readFileSync(output, 'utf8'))
    const whole = await analyze(['captures/office/office.pcap'])
    const last = lastOf(lines)
    expect([...last.keys()].sort()).toEqual(whole.exchanges.map(({ uid }) => uid).sort())
    for (const { uid, cause, result } of whole.exchanges)
      expect([last.get(uid)!.cause?.code, last.get(uid)!.result]).toEqual([cause?.code, result])
    eachOnce(lines)
  }, 120_000)

  it.each(['grows', 'is packed'])(
    'stopped while a file is written, that then %s: each once',
    async (what) => {
      const folder = join(temporary, `stopped-${what}`)
      mkdirSync(folder)
      const [state, output, path] = [`${folder}.state`, `${folder}.ndjson`, join(folder, 'a.pcap')]
      const words = [folder, '--state', state, '--format', 'ndjson', '-o', output]
      const places = recordsOf(office)
      // less than what files are known by
      writeFileSync(path, office.subarray(0, places[3]))
      const { child, ended, printed } = start(words)
      const told = () => (existsSync(output) ? linesOf(readFileSync(output, 'utf8').replace(/[^\n]*$/, '')) : [])
      await until(() => existsSync(state))
      await new Promise((done) => setTimeout(done, 1500))
      // in the middle of a record, as programs that write in blocks leave it
      appendFileSync(path, office.subarray(places[3]!, places[300]! + 40))
      await until(() => told().length >= 6)
      child.kill('SIGINT')
      expect([await ended, printed.err.trim()]).toEqual([0, `ntlmscope: watch ${folder}: Ctrl-C ends`])
      if (what === 'is packed') {
        rmSync(path)
        writeFileSync(`${path}.gz`, gzipSync(office))
      } else appendFileSync(path, office.subarray(places[300]! + 40))
      // once to read it, and once more when it was read
      for (let turn = 0; turn < 2; turn++) {
        for (const name of readdirSync(folder)) utimesSync(join(folder, name), 1e9, 1e9)
        expect(await watched([...words, '--once'])).toMatchObject({ code: 0, err: '' })
      }
      const whole = await analyze(['captures/office/office.pcap'])
      const lines = linesOf(readFileSync(output, 'utf8'))
      eachOnce(lines.map(({ capture, ...line }) => ({ ...line, capture: capture?.replace('.gz', '') })))
      expect([...lastOf(lines).keys()].sort()).toEqual(whole.exchanges.map(({ uid }) => uid).sort())
      expect(lines.filter(({ record }) => record === 'kdc').length).toBe(whole.kdc.length)
    },
    120_000,
  )

  it('a kill at any moment loses nothing and doubles nothing', async () => {
    const folder = join(temporary, 'killed')
    mkdirSync(folder)
    // several captures one after the other: windows pass, and what waited becomes final
    const some = capturesBelow(BUNDLED).filter((path) => /\.pcap$/.test(path))
    for (const [at, path] of some.filter((_, index) => index % 4 === 1).entries()) {
      const target = join(folder, `${String(at).padStart(3, '0')}.pcap`)
      copyFileSync(path, target)
      utimesSync(target, 1e9, 1e9)
    }
    const words = (name: string) => {
      const files = [join(temporary, `${name}.state`), join(temporary, `${name}.ndjson`)] as const
      return { output: files[1], line: [folder, '--once', '--state', files[0], '--format', 'ndjson', '-o', files[1]] }
    }
    const calm = words('calm')
    const began = performance.now()
    expect((await watched(calm.line)).code).toBe(0)
    const millis = performance.now() - began
    const expected = lastOf(linesOf(readFileSync(calm.output, 'utf8')))
    expect([...expected.values()].some(({ state }) => state === 'final')).toBe(true)
    const kills = process.env.NIGHTLY ? 100 : 3
    const seed = Number(process.env.NTLMSCOPE_SEED ?? 0) % 9973
    const killed = words('killed')
    for (let kill = 0; kill < kills; kill++) {
      const { child, ended } = start(killed.line)
      // a start that gets to its end begins anew
      const timer = setTimeout(
        () => child.kill('SIGKILL'),
        millis * (0.3 + 0.7 * Math.abs(Math.sin((seed + kill) * 12.9898))),
      )
      await ended
      clearTimeout(timer)
    }
    expect((await watched(killed.line)).code).toBe(0)
    const lines = linesOf(readFileSync(killed.output, 'utf8'))
    eachOnce(lines)
    const last = lastOf(lines)
    expect([...last.keys()].sort()).toEqual([...expected.keys()].sort())
    for (const [uid, one] of expected) {
      const { revision, id, ...rest } = last.get(uid)!
      const { revision: _, id: __, ...wanted } = one
      expect(rest, `${id} ${revision}`).toEqual(wanted)
    }
    expect(lines.filter(({ record }) => record === 'kdc').length).toBe(
      linesOf(readFileSync(calm.output, 'utf8')).filter(({ record }) => record === 'kdc').length,
    )
  }, 900_000)
})

describe.runIf(process.env.NIGHTLY !== undefined)('killed while files grow, are renamed and packed', () => {
  it('loses nothing and doubles nothing', async () => {
    const seeded = seededRandom(Number(process.env.NTLMSCOPE_SEED ?? 7004))
    const random = () => seeded() / 2 ** 32
    const between = (low: number, high: number) => low + random() * (high - low)
    const pause = (millis: number) => new Promise((done) => setTimeout(done, millis))
    const folder = join(temporary, 'changing')
    mkdirSync(folder)
    const places = recordsOf(office)
    const count = 16
    const changes: Promise<void>[] = []
    /** What becomes of a file that was written. */
    const change = async (path: string, kind: number) => {
      await pause(between(0, 2500))
      if (kind > 2) return
      const named = kind === 0 ? path : path.replace('cap-', 'old-')
      renameSync(path, named)
      if (kind === 1) return
      const packed = gzipSync(readFileSync(named))
      writeFileSync(`${named}.gz`, packed.subarray(0, packed.length >> 1))
      await pause(between(0, 300))
      appendFileSync(`${named}.gz`, packed.subarray(packed.length >> 1))
      rmSync(named)
    }
    let isWritten = false
    const writing = (async () => {
      for (let file = 0; file < count; file++) {
        const cut = (number: number) => places[Math.floor((number * (places.length - 1)) / count)]!
        const bytes = Buffer.concat([office.subarray(0, 24), office.subarray(cut(file), cut(file + 1))])
        const path = join(folder, `cap-${String(file).padStart(3, '0')}.pcap`)
        for (let at = 0; at < bytes.length; ) {
          const end = Math.min(bytes.length, at + Math.ceil(between(1, bytes.length)))
          appendFileSync(path, bytes.subarray(at, end))
          at = end
          await pause(between(0, 700))
        }
        changes.push(change(path, Math.floor(between(0, 4))))
      }
      await Promise.all(changes)
      isWritten = true
    })()
    const [state, output] = [`${folder}.state`, `${folder}.ndjson`]
    const words = [folder, '--state', state, '--format', 'ndjson', '-o', output, '--settle', '1s']
    for (let kill = 0; kill < 100 || !isWritten; kill++) {
      const { child, ended } = start(words)
      await pause(between(300, 2500))
      child.kill(random() < 0.85 ? 'SIGKILL' : 'SIGINT')
      await ended
    }
    await writing
    await pause(1200)
    for (let turn = 0; turn < 2; turn++) expect(await watched([...words, '--once'])).toMatchObject({ code: 0 })
    const lines = linesOf(readFileSync(output, 'utf8'))
    eachOnce(lines.filter(({ record }) => record === 'exchange').map((line) => ({ ...line, capture: '' })))
    const whole = await analyze(['captures/office/office.pcap'])
    const last = lastOf(lines)
    expect([...last.keys()].sort()).toEqual(whole.exchanges.map(({ uid }) => uid).sort())
    for (const { uid, cause, result } of whole.exchanges)
      expect([last.get(uid)!.cause?.code, last.get(uid)!.result]).toEqual([cause?.code, result])
    const told = lines.filter(({ record }) => record === 'kdc').map(({ uid }) => uid)
    expect(told.sort()).toEqual(whole.kdc.map(({ uid }) => uid).sort())
  }, 1_800_000)
})

describe('--every', () => {
  it('writes a report a stretch, and what is new, seen again and gone', async () => {
    const folder = join(temporary, 'every')
    mkdirSync(folder)
    // the same hour four times
    for (let hour = 0; hour < 4; hour++) {
      const bytes = Buffer.from(office)
      const places = recordsOf(bytes)
      for (const at of places.slice(0, -1)) {
        bytes.writeUInt32LE(bytes.readUInt32LE(at) + 3600 * hour, at)
        // from other ports of the clients: the same packets once more would be retransmissions
        const ip = at + 16 + 14
        if (bytes.readUInt16BE(ip - 2) !== 0x0800) continue
        const ports = ip + (bytes[ip]! & 15) * 4
        for (const place of [ports, ports + 2]) {
          const port = bytes.readUInt16BE(place)
          if (port > 20_000) bytes.writeUInt16BE(port - 20 * hour, place)
        }
      }
      // the third hour lacks the printer and what follows it
      const path = join(folder, `h${hour}.pcap`)
      writeFileSync(path, hour === 2 ? bytes.subarray(0, places[400]) : bytes)
      utimesSync(path, 1e9, 1e9)
    }
    const reports = join(temporary, 'reports')
    const { code, out } = await watched([folder, '--once', '--every', '1h', '--reports', reports, '--format', 'ndjson'])
    expect(code).toBe(0)
    const stretches = linesOf(out).filter(({ record }) => record === 'stretch')
    expect(stretches.length).toBeGreaterThanOrEqual(2)
    const files = readdirSync(reports).filter((name) => name.endsWith('.json'))
    expect(files.length).toBe(stretches.length)
    const saved = files.map((name) => JSON.parse(readFileSync(join(reports, name), 'utf8')))
    const uids = saved.flatMap(({ exchanges }) => exchanges.map(({ id }: { id: string }) => id))
    expect(new Set(uids).size).toBe(uids.length)
    const all = await analyze(
      readdirSync(folder)
        .sort()
        .map((name) => join(folder, name)),
    )
    expect(uids.sort()).toEqual(all.exchanges.map(({ id }) => id).sort())
    const packets = saved.reduce((sum, { coverage }) => sum + coverage.packets, 0)
    expect(packets).toBe(all.coverage.packets)
    // what is not over at the end of its hour stands in the report of that hour all the same
    expect(saved.map(({ exchanges }) => exchanges.length)).toEqual([7, 7, all.exchanges.length - 21, 7])
    expect((stretches[0]!.newPairs as string[]).length).toBe(7)
    expect(stretches[0]!.pairsAgain).toBe(0)
    expect(stretches[1]).toMatchObject({ newPairs: [], pairsAgain: 7, gonePairs: [] })
    expect((stretches[2]!.gonePairs as string[]).length).toBeGreaterThan(0)
    expect(readdirSync(reports).some((name) => name.endsWith('-changes.txt'))).toBe(true)
  }, 60_000)
})

/** No line twice; of each authentication the numbers go up, and nothing comes behind its last word. */
function eachOnce(lines: readonly Line[]): void {
  const before = new Map<string, Line>()
  const kdc = new Set<string>()
  for (const line of lines) {
    if (line.record === 'kdc') {
      const key = `${line.capture} ${line.uid} ${JSON.stringify(line.frames)}`
      expect(kdc.has(key), key).toBe(false)
      kdc.add(key)
    }
    if (line.record !== 'exchange') continue
    const key = `${line.capture} ${line.uid} ${String(line.id).replace(/^\d+/, '')}`
    const earlier = before.get(key)
    if (earlier !== undefined) {
      expect(earlier.state, key).toBe('provisional')
      expect(line.revision!, key).toBeGreaterThan(earlier.revision!)
    }
    before.set(key, line)
  }
}

describe('Windows logs beside the files (--events)', () => {
  it('are joined when a stretch is over, in the watched folder and in one that grows', async () => {
    const folder = rotated('logs', office, 4)
    const whole = await analyze(['captures/office/office.pcap'])
    const ntlm = whole.exchanges.filter(({ mechanism }) => mechanism === 'ntlm')
    const events = ntlm.map(({ client, server, end, principal }, at) => ({
      id: 4624,
      channel: 'Security',
      provider: 'Microsoft-Windows-Security-Auditing',
      time: end,
      computer: `SRV-${server.ip.split('.')[3]}.corp.example`,
      record: 100 + at,
      data: [
        ['TargetUserName', principal.user ?? 'someone'],
        ['LogonType', { type: 'uint32', value: 3 }],
        ['AuthenticationPackageName', 'NTLM'],
        ['IpAddress', client.ip],
        ['IpPort', String(client.port)],
      ] as const,
    }))
    writeFileSync(join(folder, 'Security.evtx'), evtxFile(events))
    const reports = join(temporary, 'logs-reports')
    const words = [folder, '--once', '--format', 'ndjson', '--events', folder]
    for (const more of [[], ['--every', '1h', '--reports', reports]]) {
      const { code, out, err } = await watched([...words, ...more])
      expect(err).toBe('')
      expect(code).toBe(0)
      const lines = linesOf(out)
      const said = lines.filter(({ record }) => record === 'windows')
      expect(said.map(({ uid }) => uid).sort()).toEqual(ntlm.map(({ uid }) => uid).sort())
      // what the wire shows is told once, without waiting for the logs
      const finals = lines.filter(({ record, state }) => record === 'exchange' && state === 'final')
      expect(finals.map(({ uid }) => uid).sort()).toEqual(whole.exchanges.map(({ uid }) => uid).sort())
    }
    const [name] = readdirSync(reports).filter((each) => each.endsWith('.json'))
    const report = JSON.parse(readFileSync(join(reports, name!), 'utf8'))
    expect(report.eventCoverage).not.toBeNull()
    const joined = report.exchanges.filter((one: { windows: unknown }) => one.windows !== null)
    expect(joined.length).toBe(ntlm.length)
  })

  it('with a state and without stretches there is no moment to read them: said at once', async () => {
    const { code, err } = await watched([temporary, '--once', '--state', join(temporary, 'x'), '--events', temporary])
    expect(code).toBe(64)
    expect(err).toContain('--events with --state wants --every')
  })
})
