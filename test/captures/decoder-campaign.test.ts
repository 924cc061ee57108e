/**
 * Decoders alone against messages that are changed: every kind of PDU that the bundled captures hold, with bytes
 * changed, cut, doubled, left out, lengths made extreme, parts of another message in it. Whatever the bytes: no throw,
 * a frame that its contract allows, messages that JSON can hold, and mechanisms that read every token.
 *
 * Without reading a capture, a mutation costs some microseconds: nearly all of a million of them are made here, and the
 * program as a whole is run over the others (campaign.test.ts). `npm run hostile` and the night make a million,
 * HOSTILE_MUTATIONS as many; HOSTILE_SEED repeats them, and a failure says its own message.
 */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { Carrier, CarrierMessage, Side } from '../../decoders/carrier.ts'
import { CARRIERS } from '../../decoders/registry.ts'
import { decodeToken } from '../../decoders/token.ts'
import { Reading } from '../../src/reading/reading.ts'
import type { Conversation } from '../../src/stream/conversation.ts'
import { FramingOut } from '../../src/stream/sink.ts'
import { CARRIER_LOGONS } from '../builders/logons.ts'
import { seededRandom } from '../hostile.ts'
import { BUNDLED, capturesBelow } from './folders.ts'

const IS_LONG = process.env.NIGHTLY !== undefined || process.env.npm_lifecycle_event === 'hostile'
const MUTATIONS = Number(process.env.HOSTILE_MUTATIONS ?? (IS_LONG ? 1_000_000 : 20_000))
const SEED = Number(process.env.HOSTILE_SEED ?? 20_261_129)
/** of each carrier and side, with different beginnings */
const KEPT_MAX = 150
const BYTES_MAX = 6000
const CHANGES_MAX = 4

interface Sample {
  readonly carrier: Carrier
  readonly side: Side
  readonly bytes: Uint8Array
}

/** What is framed in the bundled captures: as different as possible, and not all of it. */
async function samples(): Promise<readonly Sample[]> {
  const kept = new Map<string, Map<string, Sample>>()
  const pdu = (conversation: Conversation, from: 0 | 1, carrier: Carrier, bytes: Uint8Array) => {
    const side = conversation.side(from)
    const kind = `${carrier.name} ${carrier.transport} ${side}`
    const known = kept.get(kind) ?? new Map<string, Sample>()
    kept.set(kind, known)
    const like = `${Math.ceil(Math.log2(bytes.length + 1))} ${Buffer.from(bytes.subarray(0, 24)).toString('hex')}`
    if (known.size < KEPT_MAX && bytes.length <= BYTES_MAX) known.set(like, { carrier, side, bytes: bytes.slice() })
  }
  const nothing = () => {}
  for (const path of capturesBelow(BUNDLED)) {
    if (readFileSync(path).length > 2_000_000) continue
    const standalone = (one: Conversation, carrier: Carrier, bytes: Uint8Array) => pdu(one, 0, carrier, bytes)
    await new Reading(CARRIERS, { pdu, standalone, tunnel: nothing, closed: nothing }, 'js').read([path], {})
  }
  return [...kept.values()].flatMap((of) => [...of.values()]).concat(logonMessages())
}

/** Carriers that no bundled capture has. */
function logonMessages(): Sample[] {
  return Object.values(CARRIER_LOGONS).flatMap((logons) => {
    const said = [
      logons.before(true),
      ...Object.values(logons.refusals),
      logons.accepted,
      logons.ntlm(logons.spn),
    ].flat()
    return said.flatMap(({ from, data }) =>
      CARRIERS.filter(({ transport, ports }) => transport === 'tcp' && ports.includes(logons.port)).map((carrier) => ({
        carrier,
        side: from,
        bytes: Uint8Array.from(data),
      })),
    )
  })
}

const EXTREMES = [0, 1, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xfe, 0xff]

/** One to four changes of these bytes. */
function changed({ bytes }: Sample, other: Sample, random: () => number): Uint8Array {
  let now: Uint8Array = bytes.slice()
  for (let left = 1 + (random() % CHANGES_MAX); left > 0 && now.length > 0; left--) {
    const at = random() % now.length
    const length = 1 + (random() % 64)
    switch (random() % 9) {
      case 0:
        now = now.slice(0, at)
        break
      case 1:
        now = joined(now.subarray(0, at), now.subarray(at, at + length), now.subarray(at))
        break
      case 2:
        now = joined(now.subarray(0, at), now.subarray(at + length))
        break
      case 3: {
        const from = random() % Math.max(1, other.bytes.length)
        now = joined(now.subarray(0, at), other.bytes.subarray(from, from + 4 * length), now.subarray(at))
        break
      }
      case 4:
        // a length in one, two or four bytes
        now.fill(EXTREMES[random() % EXTREMES.length]!, at, at + [1, 2, 4][random() % 3]!)
        break
      case 5:
        now[at] = EXTREMES[random() % EXTREMES.length]!
        break
      case 6:
        now[at]! ^= 1 << (random() % 8)
        break
      default:
        now[at] = random() & 255
    }
  }
  return now
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts))
}

const out = new FramingOut()

/** What the contract of carriers says of any bytes. */
function tried({ carrier, side }: Sample, bytes: Uint8Array): string | null {
  // nobody asks about nothing
  if (bytes.length === 0) return null
  for (const of of [side, side === 'client' ? 'server' : 'client'] as const) {
    carrier.probe(bytes, of)
    Object.assign(out, new FramingOut())
    if (carrier.frame(bytes, of, out) === 'ready') {
      const { length, keep, pending, state } = out
      const isWhole = [length, keep, pending, state].every((one) => Number.isSafeInteger(one))
      if (!isWhole || length <= 0 || keep < 0 || keep > length)
        return `a frame of ${length} bytes of which ${keep} are kept, pending ${pending}, state ${state}`
    }
    read(carrier.decode(bytes, of).value ?? [])
  }
  return null
}

/** Their fields are printed, their tokens read. */
function read(messages: readonly CarrierMessage[]): void {
  for (const { from, fields, steps } of messages) {
    JSON.stringify(fields)
    for (const step of steps) if (step.kind === 'leg' && step.token !== null) decodeToken(step.token, from)
  }
}

it(`${MUTATIONS} mutations, seed ${SEED}`, { timeout: 7_200_000 }, async () => {
  const random = seededRandom(SEED)
  const all = await samples()
  const carriers = new Set(all.map(({ carrier }) => carrier.name))
  expect(carriers.size).toBeGreaterThan(20)
  let slowest = { millis: 0, what: '' }
  const began = process.cpuUsage()
  for (let number = 1; number <= MUTATIONS; number++) {
    const drawn = all[random() % all.length]!
    // one in eight is given to a carrier of which it is not
    const sample = random() % 8 > 0 ? drawn : { ...drawn, carrier: CARRIERS[random() % CARRIERS.length]! }
    const other = all[random() % all.length]!
    const bytes = changed(sample, other, random)
    const what = () =>
      `${sample.carrier.name} ${sample.side}, number ${number} of seed ${SEED}: ${Buffer.from(bytes).toString('hex')}`
    const before = performance.now()
    let fault: string | null
    try {
      fault = tried(sample, bytes)
    } catch (error) {
      throw new Error(`${String(error)}, ${what()}`, { cause: error })
    }
    if (fault !== null) expect.fail(`${fault}, ${what()}`)
    if (performance.now() - before > slowest.millis) {
      // once more, in time of the processor: a busy machine had it wait
      const again = process.cpuUsage()
      tried(sample, bytes)
      const spent = process.cpuUsage(again)
      const millis = (spent.user + spent.system) / 1000
      if (millis > slowest.millis) slowest = { millis, what: `${sample.carrier.name}, ${bytes.length} bytes` }
    }
  }
  const { user, system } = process.cpuUsage(began)
  console.info(
    `decoders: ${MUTATIONS} mutations of ${all.length} messages of ${carriers.size} carriers, seed ${SEED}, ` +
      `${Math.round((MUTATIONS * 1e6) / (user + system))} a second of processor time; the slowest ` +
      `${Math.round(slowest.millis)} ms (${slowest.what})`,
  )
})
