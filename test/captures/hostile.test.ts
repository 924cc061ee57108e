/**
 * Every capture there is, cut and changed: whatever stands in a file, a run ends, throws nothing but "this is no
 * capture", accounts for every packet and PDU, and reports in the form of the schema. `rethrow` makes an error of our
 * own, and an account that does not add up, throw.
 *
 * Random places come from a seed per file, so that a failure can be repeated: its message says the file and the
 * variant. A usual run makes a few variants of each capture; with NIGHTLY all of them, of large captures fewer
 * (`shareOf`): small ones hold the same protocols, and are cut and changed in full.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import { CaptureError } from '../../src/capture/open.ts'
import { reportJson } from '../../src/output/json.ts'
import type { Report } from '../../src/report/report.ts'
import { analyze } from '../../src/run/analyze.ts'
import { seededRandom } from '../hostile.ts'
import { BUNDLED, capturesBelow, SHARED } from './folders.ts'
import { temporaryFolder } from './packets.ts'

const NIGHTLY = process.env.NIGHTLY !== undefined
const CUTS = NIGHTLY ? 50 : 4
const CHANGES = NIGHTLY ? 30 : 4
const CHANGED_BYTES_MAX = 50
/** file headers: of pcap, and the fixed part of a pcapng section or gzip header */
const HEADER_BYTES = 24
/** beyond these sizes only a tenth, and a fiftieth, of the variants, but always one */
const LARGE_BYTES = 150_000
const HUGE_BYTES = 600_000
/** one run over the largest of these captures takes a fraction of a second */
const RUN_SECONDS_MAX = 20
/** every so many variants, the report is held against the schema */
const VALIDATED_EVERY = NIGHTLY ? 8 : 4

const SCHEMA = 'schema/report.schema.json'
const isValid = existsSync(SCHEMA) ? schemaCheck() : null

const shared = capturesBelow(SHARED)
if (shared.length === 0) console.warn(`skipped: only bundled captures are cut and changed, ${SHARED} is absent`)

describe.skipIf(shared.length === 0)(`the captures of ${SHARED}, cut and changed`, () => {
  attack(shared)
})

describe(`the captures of ${BUNDLED}/, cut and changed`, () => {
  attack(capturesBelow(BUNDLED))
})

function attack(paths: readonly string[]): void {
  const folder = temporaryFolder()

  it.each(paths)('%s', async (path) => {
    const bytes = readFileSync(path)
    const random = seededRandom(seedOf(path))
    const share = shareOf(bytes.length)
    const variant = join(folder, 'variant')
    const whole = await run(path, path, 0)
    expect(whole).not.toBeNull()
    const byConnection = counted(whole!)

    for (let i = 0; i < Math.max(1, CUTS * share); i++) {
      const length = random() % bytes.length
      writeFileSync(variant, bytes.subarray(0, length))
      const report = await run(variant, `${path} cut at ${length} of ${bytes.length}`, i)
      // less was read, and nothing was made up
      if (report === null) continue
      expect(report.tally.packets.read).toBeLessThanOrEqual(whole!.tally.packets.read!)
      for (const [connection, count] of counted(report)) {
        expect(count, `${path} cut at ${length}: ${connection}`).toBeLessThanOrEqual(byConnection.get(connection) ?? 0)
      }
    }
    for (let i = 0; i < Math.max(1, CHANGES * share); i++) {
      const changed = Buffer.from(bytes)
      // one in six meets the header, where there is little to change
      const inHeader = random() % 6 === 0
      const from = inHeader ? 0 : Math.min(HEADER_BYTES, bytes.length - 1)
      const until = inHeader ? HEADER_BYTES : bytes.length
      const count = 1 + (random() % CHANGED_BYTES_MAX)
      for (let n = 0; n < count; n++) changed[from + (random() % (until - from))] = random() & 255
      writeFileSync(variant, changed)
      await run(variant, `${path} changed, variant ${i}`, i)
    }
  })
}

/** null: no capture any more, and said so in one line. */
async function run(path: string, what: string, round: number): Promise<Report | null> {
  const start = performance.now()
  let report: Report
  try {
    report = await analyze([path], { rethrow: true, onMessage: () => {} })
  } catch (error) {
    if (!(error instanceof CaptureError)) throw new Error(`${what}: ${String(error)}`, { cause: error })
    expect(error.message, what).toMatch(/^[^\n]{1,300}$/)
    return null
  }
  expect(performance.now() - start, what).toBeLessThan(RUN_SECONDS_MAX * 1000)
  const { read = 0, ...parts } = report.tally.packets
  const used = Object.values(parts).reduce((sum, part) => sum + part, 0)
  expect(used, `${what}: packets accounted for`).toBe(read)
  const { framed = 0, skipped = 0, kept = 0, internal = 0 } = report.tally.pdus
  expect(skipped + kept, `${what}: PDUs accounted for`).toBe(framed)
  expect(internal, `${what}: our own errors`).toBe(0)
  if (isValid !== null && round % VALIDATED_EVERY === 0) {
    expect(isValid(reportJson(report)), `${what}: ${JSON.stringify(isValid.errors?.slice(0, 3))}`).toBe(true)
  }
  return report
}

/**
 * Exchanges by connection, whichever end is the client. Their ids will not do: one whose first message is cut begins in
 * the last frame that there is of it.
 */
function counted({ exchanges }: Report): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { client, server } of exchanges) {
    const connection = [`${client.ip} ${client.port}`, `${server.ip} ${server.port}`].sort().join(', ')
    counts.set(connection, (counts.get(connection) ?? 0) + 1)
  }
  return counts
}

function shareOf(size: number): number {
  return size > HUGE_BYTES ? 1 / 50 : size > LARGE_BYTES ? 1 / 10 : 1
}

function seedOf(path: string): number {
  let seed = 1
  for (const character of path.replaceAll('\\', '/')) seed = (Math.imul(seed, 31) + character.charCodeAt(0)) >>> 0
  return seed
}

function schemaCheck() {
  const ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv)
  return ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8')))
}
