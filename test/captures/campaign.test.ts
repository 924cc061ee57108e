/**
 * A campaign against the program for as long as there is time: captures of this repository with bytes changed, packets
 * lost, seen in another order, in other segments. No crash, every packet and PDU accounted for; what is lost invents no
 * exchange, user, mechanism or result, and what is only said otherwise changes nothing.
 *
 * `npm run hostile` goes on for HOSTILE_SECONDS (150), or until HOSTILE_VARIANTS are done; a usual test run for a few.
 * HOSTILE_SEED repeats one; a failure says its own.
 *
 * The rate is what makes a night enough: a run over a small capture is as long as its tables are large, which is half
 * as long without the engine. Three of four variants do without it (engine.test.ts holds the two equal over a million
 * others), large captures and segments of one byte come less often, and what decoders alone can show has a campaign of
 * its own (decoder-campaign.test.ts).
 */
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { CaptureError } from '../../src/capture/open.ts'
import type { EngineName } from '../../src/reading/pdu-source.ts'
import type { Report } from '../../src/report/report.ts'
import { analyze } from '../../src/run/analyze.ts'
import { seededRandom } from '../hostile.ts'
import { claimedBeyond, delayed, losses, resegmented, type Seen, swapped, turns, withoutPlaces } from './disorder.ts'
import { BUNDLED, capturesBelow } from './folders.ts'
import {
  begunLate,
  doubled,
  endedEarly,
  sentAgain,
  severalLost,
  snapped,
  someDoubled,
  withoutHandshakes,
} from './otherwise.ts'
import { isPlainPcap, type PcapFile, readPcap, temporaryFolder, writePcap } from './packets.ts'

const SECONDS = Number(process.env.HOSTILE_SECONDS ?? (process.env.npm_lifecycle_event === 'hostile' ? 150 : 8))
const SEED = Number(process.env.HOSTILE_SEED ?? 20_261_128)
/** a fast machine ends where a slow one does: what is new is looked for with other seeds, at night */
const VARIANTS_MAX = Number(process.env.HOSTILE_VARIANTS ?? Number.POSITIVE_INFINITY)
/** more cost seconds each */
const PACKETS_MAX = 500
/** of those with more, only some */
const PACKETS_MANY = 100
const MANY_EVERY = 6
/** a capture in so many segments costs a second: only some */
const SEGMENTS_MANY = 5000
/** variants of a capture before the next one */
const ROUNDS = 12
const CHANGED_BYTES_MAX = 40

type Change = (file: PcapFile, random: () => number) => Seen | null

const pick = <T>(all: readonly T[], random: () => number): T | undefined => all[random() % Math.max(1, all.length)]

/** Losses and changed bytes are asked for by number: as many turns as the others together. */
const KINDS = ['changed', 'changed', 'lost', 'lost', 'parts', 'late', 'swapped', 'cut', 'twice'] as const

/** null: the capture has nothing to do it to */
const CHANGES: Readonly<Record<(typeof KINDS)[number], Change>> = {
  changed: ({ records }, random) => {
    const changed = records.map((record) => Uint8Array.from(record))
    for (let n = 1 + (random() % CHANGED_BYTES_MAX); n > 0; n--) {
      const record = pick(changed, random)!
      // behind the head of the record, which says how long it is
      if (record.length > 16) record[16 + (random() % (record.length - 16))] = random() & 255
    }
    return { what: 'bytes changed', records: changed, isLoss: true }
  },
  lost: ({ records }, random) => {
    const lost = pick(losses(records), random)
    return lost === undefined
      ? null
      : { what: `without frame ${lost + 1}`, records: records.toSpliced(lost, 1), isLoss: true }
  },
  swapped: ({ records }, random) => {
    const turn = pick(turns(records), random)
    return turn === undefined ? null : swapped(records, turn)
  },
  late: ({ records }, random) => delayed(records, random() % 2 === 0 ? 'low' : 'high', 1 + (random() % 5000)),
  cut: ({ records }, random) => {
    const size = [1, 7, 32, 100][random() % 4]!
    const bytes = records.reduce((sum, record) => sum + record.length, 0)
    return bytes / size > SEGMENTS_MANY && random() % MANY_EVERY > 0 ? null : resegmented(records, size)
  },
  twice: ({ records }, random) =>
    pick(
      [
        () => someDoubled(records, random),
        () => doubled(records, random() % 5000, random() % 2 === 0 ? null : 1 + (random() % 4000)),
        () => sentAgain(records, random),
      ],
      random,
    )!(),
  parts: ({ records }, random) =>
    pick(
      [
        () => begunLate(records, random() % records.length),
        () => endedEarly(records, random() % records.length),
        () => severalLost(records, random),
        () => withoutHandshakes(records),
        () => snapped(records, 64 + (random() % 400)),
      ],
      random,
    )!(),
}

const folder = temporaryFolder()

it(`for ${SECONDS} seconds, seed ${SEED}`, { timeout: (SECONDS + 120) * 1000 }, async () => {
  const random = seededRandom(SEED)
  const until = performance.now() + SECONDS * 1000
  let variants = 0
  const goesOn = () => performance.now() < until && variants < VARIANTS_MAX
  const counts: Record<string, number> = {}
  const wholes = new Map<string, Report>()
  const captures = capturesBelow(BUNDLED).filter((path) => path.endsWith('.pcap') && isPlainPcap(path))
  while (goesOn()) {
    const path = pick(captures, random)!
    const file = readPcap(path)
    const { length } = file.records
    if (length > PACKETS_MAX || (length > PACKETS_MANY && random() % MANY_EVERY > 0)) continue
    const whole = wholes.get(path) ?? (await analyze([path]))
    wholes.set(path, whole)
    for (let round = 0; round < ROUNDS && goesOn(); round++) {
      const kind = pick(KINDS, random)!
      const seen = CHANGES[kind](file, random)
      if (seen === null) continue
      counts[kind] = (counts[kind] ?? 0) + 1
      variants++
      const what = `${path}, ${seen.what}, number ${variants} of seed ${SEED}`
      const engine = random() % 4 === 0 ? 'wasm' : 'js'
      const report = await run(writePcap(join(folder, basename(path)), file, seen.records), what, engine)
      if (report === null || kind === 'changed') continue
      expect({ what, beyond: claimedBeyond(report, whole) }).toEqual({ what, beyond: [] })
      if (!seen.isLoss) expect({ what, ...withoutPlaces(report) }).toEqual({ what, ...withoutPlaces(whole) })
    }
  }
  const { changed = 0, cut: said = 0, twice = 0, swapped: turned = 0, ...others } = counts
  const losses = Object.values(others).reduce((sum, count) => sum + count, 0)
  const rate = Math.round((variants / Math.max(1, performance.now() - (until - SECONDS * 1000))) * 1000)
  console.info(
    `hostile input, seed ${SEED}: ${changed} mutations, ${losses} captures with packets lost, late or cut, ` +
      `${said + twice + turned} that say the same otherwise; ${rate} a second (wanted over the nights: a million ` +
      `mutations, 200000 losses). ${JSON.stringify(counts)}`,
  )
})

async function run(path: string, what: string, engine: EngineName): Promise<Report | null> {
  try {
    const report = await analyze([path], { rethrow: true, onMessage: () => {}, engine })
    const { read = 0, ...parts } = report.tally.packets
    const used = Object.values(parts).reduce((sum, part) => sum + part, 0)
    expect({ what, used }).toEqual({ what, used: read })
    const { framed = 0, skipped = 0, kept = 0, internal = 0 } = report.tally.pdus
    expect({ what, framed, internal }).toEqual({ what, framed: skipped + kept, internal: 0 })
    return report
  } catch (error) {
    if (error instanceof CaptureError) return null
    throw new Error(`${what}: ${String(error)}`, { cause: error })
  }
}
