/**
 * What input that is made to cost may cost, as figures: growth and speed of every kind, the dearest input of a size,
 * memory over thousands of files, a policy of thousands of entries. Printed beside what is wanted, by `npm run hostile`
 * and at night.
 *
 * Shapes and memory fail; times are told and do not, since nobody knows how fast the machine is, or how busy.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { judgeAllowed } from '../../src/judge/allow-list.ts'
import { readPolicy } from '../../src/judge/policy.ts'
import { analyze } from '../../src/run/analyze.ts'
import { pcap } from '../builders/capture.ts'
import { ntlmByAddress, officeReport } from '../builders/report.ts'
import { SHARED } from './folders.ts'
import { COSTLY_KINDS } from './hostile-inputs.ts'
import { readPcap, temporaryFolder, writePcap } from './packets.ts'

const ASKED = process.env.NIGHTLY !== undefined || process.env.npm_lifecycle_event === 'hostile'
/** of each kind twice as many units at a step, until a run takes so many seconds or has so many bytes */
const SECONDS_ENOUGH = 1.5
const BYTES_ENOUGH = 6e6
/** below this, a run is as long as chance has it */
const SECONDS_MIN = 0.05
/** caches, the collector and a busy machine add to what is wanted; a square is 2 */
const EXPONENT_MAX = 1.6
const FILES = 5000
const PEAK_MIB_MAX = 256
const ENTRIES = 5000
const MEGABYTE = 1e6

interface Figure {
  readonly what: string
  readonly wanted: string
  readonly seen: string
  readonly isReached: boolean
}

const figures: Figure[] = []
const folder = temporaryFolder()

async function cost(path: string): Promise<number> {
  const before = process.cpuUsage()
  await analyze([path], { rethrow: true })
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

/** The exponent e of T(N) ~ N^e through these, by least squares on their logarithms. */
function exponentOf(points: readonly (readonly [n: number, seconds: number])[]): number {
  const logs = points.map(([n, seconds]) => [Math.log(n), Math.log(seconds)] as const)
  const mean = (at: 0 | 1) => logs.reduce((sum, one) => sum + one[at], 0) / logs.length
  const [x, y] = [mean(0), mean(1)]
  const covariance = logs.reduce((sum, [n, seconds]) => sum + (n - x) * (seconds - y), 0)
  return covariance / logs.reduce((sum, [n]) => sum + (n - x) ** 2, 0)
}

const told = (value: number, digits = 2) => String(Number(value.toPrecision(digits)))

describe.skipIf(!ASKED)('what hostile input costs', { timeout: 1_800_000 }, () => {
  const dearest = { small: 0, large: 0 }
  const note = (bytes: number, seconds: number) => {
    if (bytes <= MEGABYTE) dearest.small = Math.max(dearest.small, seconds)
    if (bytes <= 50 * MEGABYTE) dearest.large = Math.max(dearest.large, seconds)
  }

  it.each(COSTLY_KINDS)('$name', async ({ name, units, packets }) => {
    const path = join(folder, 'kind.pcap')
    const points: [number, number][] = []
    const written = (n: number) => {
      const bytes = pcap(packets(n).map((packet, at) => ({ time: 1_700_000_000_000_000 + at, bytes: packet })))
      writeFileSync(path, bytes)
      return bytes.length
    }
    written(1)
    const empty = Math.min(await cost(path), await cost(path), await cost(path))
    let [speed, bytes, seconds] = [0, 0, 0]
    for (let n = units, before = -1; seconds < SECONDS_ENOUGH && bytes < BYTES_ENOUGH; n *= 2) {
      bytes = written(n)
      // a kind that ends at a size of its own
      if (bytes === before) break
      before = bytes
      const whole = await cost(path)
      note(bytes, whole)
      // what a run costs whatever it reads grows with nothing
      seconds = Math.max(0.001, whole - empty)
      if (seconds > SECONDS_MIN) points.push([n, seconds])
      speed = bytes / MEGABYTE / seconds
    }
    const exponent = points.length < 3 ? null : exponentOf(points)
    figures.push({
      what: name,
      wanted: 'growth at most 1.3, 2 MB/s',
      seen: `${exponent === null ? 'too short to grow' : `growth ${told(exponent)}`}, ${told(speed)} MB/s`,
      isReached: (exponent ?? 0) <= 1.3 && speed >= 2,
    })
    expect(exponent ?? 0).toBeLessThan(EXPONENT_MAX)
  })

  it('a record of 16 MB', async () => {
    const path = join(folder, 'record.pcap')
    const kind = COSTLY_KINDS.find(({ name }) => name.startsWith('one record'))!
    const [bytes] = kind.packets(Math.floor((16 * 2 ** 20 - 100) / 12))
    writeFileSync(path, pcap([{ time: 1_700_000_000_000_000, bytes: bytes! }], { snapLength: 16 * 2 ** 20 }))
    const seconds = await cost(path)
    note(bytes!.length, seconds)
    const speed = bytes!.length / MEGABYTE / seconds
    const seen = `${told(seconds)} s, ${told(speed)} MB/s`
    figures.push({ what: 'a record of 16 MB of signatures', wanted: '2 MB/s', seen, isReached: speed >= 2 })
  })

  const found = join(SHARED, '..', 'hostile')
  it.skipIf(!existsSync(found))('what was found before', async () => {
    let longest = { name: '', seconds: 0 }
    for (const name of readdirSync(found).filter((one) => /\.pcap(\.gz)?$/.test(one))) {
      const bytes = readFileSync(join(found, name))
      const path = join(folder, 'found.pcap')
      writeFileSync(path, name.endsWith('.gz') ? gunzipSync(bytes) : bytes)
      const seconds = await cost(path)
      note(statSync(path).size, seconds)
      if (seconds > longest.seconds) longest = { name, seconds }
    }
    const seen = `${told(longest.seconds)} s (${longest.name})`
    figures.push({ what: 'each reproducer', wanted: 'below 2 s', seen, isReached: longest.seconds < 2 })
  })

  it('the dearest of all', () => {
    const { small, large } = dearest
    figures.push(
      { what: 'input up to 1 MB', wanted: 'below 2 s', seen: `${told(small)} s at most`, isReached: small < 2 },
      { what: 'input up to 50 MB', wanted: 'below 60 s', seen: `${told(large)} s at most`, isReached: large < 60 },
    )
  })

  it(`${FILES} files that overlap`, () => {
    const many = join(folder, 'many')
    mkdirSync(many)
    const file = readPcap('captures/radius/eap-mschapv2.pcap')
    for (let at = 0; at < FILES; at++) {
      const records = file.records.map((record) => {
        const copy = Buffer.from(record)
        copy.writeUInt32LE((copy.readUInt32LE(4) + at) % 1_000_000, 4)
        return copy
      })
      writePcap(join(many, `${at}.pcap`), file, records)
    }
    const program = `import { analyze } from ${JSON.stringify(pathToFileURL('dist/src/ntlmscope.js').href)}
      const { coverage } = await analyze(${JSON.stringify(many)})
      console.log(JSON.stringify({ packets: coverage.packets, peak: process.resourceUsage().maxRSS / 1024 }))`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
    expect(stderr).toBe('')
    const { packets, peak } = JSON.parse(stdout) as { packets: number; peak: number }
    expect(packets).toBe(FILES * file.records.length)
    const wanted = `at most ${PEAK_MIB_MAX} MiB`
    figures.push({ what: `${FILES} files`, wanted, seen: `${told(peak, 3)} MiB`, isReached: peak <= PEAK_MIB_MAX })
    expect(peak).toBeLessThan(PEAK_MIB_MAX * 1.2)
  })

  it(`a policy of ${ENTRIES} entries against ${ENTRIES} exchanges`, () => {
    const one = ntlmByAddress()
    const ip = (at: number) => `10.${1 + (at >> 16)}.${(at >> 8) & 255}.${at & 255}`
    const exchanges = Array.from({ length: ENTRIES }, (_, at) => ({
      ...one,
      id: `1.${at + 1}`,
      client: { ...one.client, ip: ip(at) },
      server: { ...one.server, ip: ip(at + ENTRIES) },
    }))
    const entries = exchanges.map(
      ({ client, server }) =>
        `  - {client: ${client.ip}, server: ${server.ip}, owner: a, reason: b, expires: 2099-01-01}\n`,
    )
    const before = process.cpuUsage()
    const policy = readPolicy(`policy: 1\nallow:\n${entries.join('')}`, 'policy.yaml')
    const part = judgeAllowed(officeReport({ exchanges, pairs: [] }), policy.allow!, '2026-01-01', false)
    const { user, system } = process.cpuUsage(before)
    const seconds = (user + system) / 1e6
    const seen = `${told(seconds)} s`
    figures.push({ what: `a policy of ${ENTRIES} entries`, wanted: 'below 10 s', seen, isReached: seconds < 10 })
    expect(part.state).toBeTypeOf('string')
  })

  afterAll(() => {
    const width = Math.max(...figures.map(({ what }) => what.length))
    const lines = figures.map(
      ({ what, wanted, seen, isReached }) =>
        `  ${isReached ? 'reached    ' : 'NOT REACHED'}  ${what.padEnd(width)}  ${seen} (wanted: ${wanted})`,
    )
    console.info(`what hostile input costs, in processor time:\n${lines.join('\n')}`)
  })
})
